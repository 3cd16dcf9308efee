"""Where machine profiles are found and how they are read: TOML, the bundled ones and the user's over them by name.

A user's profile is read with suspicion. ``inherits = "grbl"`` takes everything that a profile does not say from
another one.
"""

import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from stringart import arguments
from stringart.errors import MachineError
from stringart.files import read_text
from stringart.folders import config_folder
from stringart.machine.profile import Profile
from stringart.machine.profile_check import check_whole
from stringart.machine.template_files import load_template, template_names
from stringart.machine.toml_records import check_table, record_of

MAX_BYTES = 2**20
"""Of a profile's file."""


def user_folder() -> Path:
    """Where the user's own profiles are: ``machines`` in the user's folder of settings."""
    return config_folder() / "machines"


def bundled_names() -> list[str]:
    """Names of the profiles that come with the program."""
    folder = resources.files("stringart.machine") / "profiles"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def profile_names() -> list[str]:
    """Names of all profiles, the user's and the bundled ones; a job template is one of a turntable's, by its name."""
    own = [path.stem for path in user_folder().glob("*.toml")] if user_folder().is_dir() else []
    return sorted({*own, *bundled_names(), *template_names()})


def own_values(profile: Profile) -> str:
    """Where the user writes values of his own, for hints."""
    name = profile.name
    return f"the profile is {name}" if _is_path(name) else f"your own values go into {own_path(name)}"


def load_profile(name: str | os.PathLike[str]) -> Profile:
    """Read a profile by its name, or by the name of a TOML file.

    Parameters
    ----------
    name : str or path
        ``grbl``, a profile of the user's, or a path that ends in ``.toml``.

    Raises
    ------
    MachineError
        If it is not known, or a key, a type or a number in it is wrong.
    UnitError
        If it is neither a name nor a path.
    """
    name = arguments.path(name, "machine", "a profile's name, as in 'grbl', or its TOML file")
    table, source = _resolved(name, ())
    profile = record_of(Profile, table, name)
    check_whole(profile, source)
    return profile


def profile_of(machine: str | os.PathLike[str] | Profile) -> Profile:
    """Return a profile that is given as itself or as what `load_profile` reads; raises as that does."""
    return machine if isinstance(machine, Profile) else load_profile(machine)


class _Found(NamedTuple):
    """The text of a profile, the file to blame, and whether it is the user's: ours are checked by the tests."""

    text: str
    source: str
    of_user: bool


def own_path(name: str) -> Path:
    """The user's own file of a profile, which is named by its name or by its path."""
    return Path(name) if _is_path(name) else user_folder() / f"{name}.toml"


def lasting_name(name: str) -> str:
    """What names the same profile from every folder."""
    return os.path.abspath(name) if _is_path(name) else name  # noqa: PTH100


def _is_path(name: str) -> bool:
    return name.endswith(".toml")


def _found(name: str, bundled_only: bool) -> _Found:
    own = own_path(name)
    if not bundled_only and own.is_file():
        return _Found(read_text(own, MachineError, MAX_BYTES), os.fspath(own), of_user=True)
    if name in template_names() and name not in bundled_names():
        return _Found(_of_template(name), f"{name}.toml", of_user=False)
    if _is_path(name) or name not in bundled_names():
        raise MachineError(
            f"the machine profile '{name}' is not known",
            f"known: {', '.join(profile_names())}; your own go into {user_folder()}",
        )
    text = (resources.files("stringart.machine") / "profiles" / f"{name}.toml").read_text("utf-8")
    return _Found(text, f"{name}.toml", of_user=False)


def _of_template(name: str) -> str:
    """The profile of a turntable whose firmware understands a job template: only its jobs are told apart by it."""
    about = load_template(name).about.replace("\\", "/").replace('"', "'")
    return f'inherits = "grbl-turntable"\n[machine]\ntemplate = "{name}"\nabout = "{about}"\n'


def _resolved(name: str, seen: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """The tables of a profile over those that it inherits from."""
    if len(seen) > 8:
        raise MachineError(f"profiles inherit in a circle: {' -> '.join((*seen, name))}")
    bundled_only = bool(seen) and seen[-1] == name  # the user's "grbl" may inherit from the bundled "grbl"
    found = _found(name, bundled_only)
    source = found.source
    try:
        table = tomllib.loads(found.text)
    except tomllib.TOMLDecodeError as error:
        raise MachineError(f"{source}: not TOML: {error}") from None
    parent = table.pop("inherits", None)
    if found.of_user:
        check_table(Profile, table, source, besides=("inherits",))
    if parent is None:
        return table, source
    if not isinstance(parent, str):
        raise MachineError(f"{source}: inherits should be a profile's name, found {parent!r}")
    base, _ = _resolved(parent, (*seen, name))
    return {key: {**base.get(key, {}), **table.get(key, {})} for key in {**base, **table}}, source
