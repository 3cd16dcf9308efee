"""Where stringart keeps things: whether it may write there, what an uninstall leaves, and taking it away."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from stringart import folders
from stringart.errors import StringartError

_TEMPORARY = ("stringart-batch-*", "stringart-kernels-*")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFolder:
    """A folder, or files of one kind in the temporary folder.

    Parameters
    ----------
    what : str
    path : Path
    variable : str
        That names another folder; "" if none does.
    is_yours : bool
        Whether it holds what cannot be made again.
    """

    what: str
    path: Path
    variable: str = ""
    is_yours: bool = True

    @property
    def found(self) -> list[Path]:
        """What is there to be removed."""
        if self.path == Path(tempfile.gettempdir()):
            return sorted(path for pattern in _TEMPORARY for path in self.path.glob(pattern) if _is_ours(path))
        return [self.path] if self.path.exists() else []

    @property
    def size(self) -> tuple[int, int]:
        """Files and bytes that are there."""
        sizes = [size for top in self.found for size in _sizes(top)]
        return len(sizes), sum(sizes)


def kept() -> list[OwnFolder]:
    """Return all places outside of the installation that stringart writes to by itself."""
    return [
        OwnFolder(what="defaults, threads, machine profiles, the certificate of a cluster",
                  path=folders.config_folder(), variable="STRINGART_CONFIG_DIR"),
        OwnFolder(what="progress of pieces wound by hand, journals of machine jobs", path=folders.state_folder(),
                  variable="STRINGART_STATE_DIR"),
        OwnFolder(what="the studio's pieces", path=folders.studio_folder(), variable="STRINGART_STUDIO_DIR"),
        OwnFolder(what="compiled kernels", path=folders.cache_folder(), variable="NUMBA_CACHE_DIR", is_yours=False),
        OwnFolder(what="what batches that were killed left, kernels of a user without a home",
                  path=Path(tempfile.gettempdir()), variable="TMPDIR", is_yours=False),
    ]  # fmt: skip


def _is_ours(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()
    return False


def _sizes(top: Path) -> Iterator[int]:
    for folder, _, names in os.walk(top):
        for name in names:
            with contextlib.suppress(OSError):
                yield (Path(folder) / name).lstat().st_size


def why_not_writable(path: Path) -> str:
    """Return why nothing can be written to a folder, or made where it will be; "" if it can."""
    place = next((place for place in (path, *path.parents) if place.exists()), path)
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def say_folders() -> None:
    """Say where things are, whether they can be written, and what an uninstall leaves."""
    left = 0
    for one in kept():
        reason = why_not_writable(one.path)
        remedy = f"; set {one.variable} to another folder"
        click.echo(f"{one.what}: {one.path}{f', which CANNOT be written ({reason}){remedy}' if reason else ''}")
        left += one.size[1]
    click.echo(f"an uninstall leaves these, {_megabytes(left)} now; stringart doctor --clean asks, and removes them")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def clean() -> None:
    """Ask for each place whether it is to be removed, and remove it.

    Raises
    ------
    StringartError
        If something cannot be removed.
    """
    there = [one for one in kept() if one.found]
    if not there:
        click.echo("nothing is left of stringart outside of its installation")
    for one in there:
        count, size = one.size
        warned = " It CANNOT be made again." if one.is_yours and count else ""
        names = ", ".join(map(str, one.found))
        question = f"{one.what}: {names}, {count} files, {_megabytes(size)}.{warned} Remove?"
        if click.confirm(question, default=False):
            for path in one.found:
                _remove(path)
            click.echo("removed")


def _remove(path: Path) -> None:
    try:
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise StringartError(
            f"'{error.filename or path}' cannot be removed: {error.strerror}", "close what uses it"
        ) from error
