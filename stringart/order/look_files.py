"""Looks: project files with a title, those that come along and the user's own, found by their names."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from stringart.errors import ConfigError
from stringart.folders import config_folder
from stringart.order.project_file import ProjectFile, read_project_file
from stringart.threads.catalogues import nearest

_OFFERED = ("black-on-white", "white-on-black", "two-tone", "three-threads", "five-threads", "dmc", "weekend")
"""Those that ``stringart looks`` shows, in this order; the user's own follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A way to make a piece of a photo.

    Parameters
    ----------
    name : str
        Of its file, without the ending.
    path : Path
    file : ProjectFile
        What it says.
    """

    name: str
    path: Path
    file: ProjectFile

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.file.title or self.name.replace("-", " ").capitalize()


def looks_folder() -> Path:
    """The folder with the user's own looks, beside the list of threads."""
    return config_folder() / "looks"


def look_paths() -> dict[str, Path]:
    """Return the files of all looks by their names; one of the user's own takes the place of a bundled one."""
    bundled = Path(str(resources.files("stringart.order") / "looks"))
    found = [*sorted(bundled.glob("*.toml")), *sorted(looks_folder().glob("*.toml"))]
    return {path.stem: path for path in found}


def find_look(name: str) -> Look:
    """Return a look by its name, or by the file that it names.

    Raises
    ------
    ConfigError
        If there is none, or its file is wrong.
    """
    paths = look_paths()
    if name not in paths and not Path(name).is_file():
        near = ", ".join(nearest(name, paths))
        raise ConfigError(f"there is no look '{name}'", f"nearest: {near}; your own lie in {looks_folder()}")
    path = paths.get(name, Path(name))
    return Look(name=name, path=path, file=read_project_file(path))


def offered_looks() -> list[Look]:
    """Return the looks that are shown beside each other: the bundled ones, then the user's own.

    Raises
    ------
    ConfigError
        If a file of the user's is wrong.
    """
    own = sorted(path.stem for path in looks_folder().glob("*.toml"))
    return [find_look(name) for name in dict.fromkeys((*_OFFERED, *own))]
