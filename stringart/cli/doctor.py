"""``stringart doctor``: whether this installation is whole, and which optional parts are there."""

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from stringart._version import __version__
from stringart.cli._doctor_folders import clean, say_folders
from stringart.cli._doctor_licences import say_licences
from stringart.errors import StringartError

_PACKAGE = "stringart-studio"
_FOR_DEVELOPERS = "test"
_PROGRAMS = {"espeak-ng": "speaks while you wind by hand"}


@click.command()
@click.option("--licences", is_flag=True, help="Say the licence of each package instead, and what to mind in a bundle.")
@click.option("--clean", "is_to_clean", is_flag=True,
              help="Remove what an uninstall leaves instead: each is asked for.")  # fmt: skip
def doctor(licences: bool, is_to_clean: bool) -> None:
    """Check this installation: packages, kernels, files, the optional parts; say where your own things are kept."""
    if licences and is_to_clean:
        raise click.UsageError("--licences and --clean exclude each other")
    if licences or is_to_clean:
        say_licences(_PACKAGE) if licences else clean()
        return
    click.echo(f"stringart {__version__}, Python {platform.python_version()}, {sys.platform}, {os.cpu_count()} cores")
    needed = _requirements()
    missing = [name for name in needed.pop("", []) if not _report(name)]
    click.echo(f"kernels: {_try_kernels()}")
    missing += [name for name, found in _files().items() if not found]
    for extra, names in sorted(needed.items()):
        click.echo(f"extra {extra}: {_about_extra(extra, names)}")
    for program, use in _PROGRAMS.items():
        click.echo(f"program {program}: {shutil.which(program) or f'not found; it {use}'}")
    say_folders()
    if missing:
        raise StringartError(f"missing: {', '.join(missing)}", f"install {_PACKAGE} again")


def _requirements() -> dict[str, list[str]]:
    """Packages that this one names, by extra; those always needed under ''."""
    try:
        lines = importlib.metadata.requires(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise StringartError(f"{_PACKAGE} itself is not installed here", "pip install . in a clone of it") from None
    found: dict[str, list[str]] = {}
    for line in lines:
        name, extra = re.match(r"[\w.-]+", line), re.search(r"extra == ['\"]([\w-]+)", line)
        if name and not (extra and extra[1] == _FOR_DEVELOPERS):
            found.setdefault(extra[1] if extra else "", []).append(name[0])
    return found


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _report(name: str) -> bool:
    version = _version(name)
    click.echo(f"{name} {version or 'is NOT installed'}")
    return version is not None


def _about_extra(extra: str, names: list[str]) -> str:
    lacking = [name for name in names if _version(name) is None]
    if lacking:
        return f'not installed ({", ".join(lacking)}); pip install "{_PACKAGE}[{extra}]"'
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _try_kernels() -> str:
    import numpy as np

    begin = time.perf_counter()
    from stringart import _kernels
    from stringart._numba_cache import kernel_folder

    canvas = np.zeros((2, 2, 1), np.float32)
    ends, color = np.array([[0.0, 1.0, 2.0, 1.0]]), np.ones((1, 1), np.float32)
    _kernels.lay_threads(canvas, ends, np.array([0.5]), color, 0, (0,))
    return f"work, ready in {time.perf_counter() - begin:.1f} s, {_about_cache(str(kernel_folder()))}"


def _about_cache(folder: str) -> str:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return f"compiled code is kept in {folder}"
    except OSError as error:
        return f"compiled anew at every start: {folder} cannot be written ({error.strerror})"


def _files() -> dict[str, bool]:
    """Files that the program reads: name -> whether it is there; told."""
    import skimage

    import stringart

    ours = Path(stringart.__file__).parent
    wanted = {
        "face classifier": Path(skimage.__file__).parent / "data" / "lbpcascade_frontalface_opencv.xml",
        "fonts of the sheets": ours / "look" / "fonts" / "DejaVuSansCondensed.ttf",
        "player": ours / "export" / "player" / "player.js",
    }
    found = {name: path.is_file() for name, path in wanted.items()}
    for name, there in found.items():
        click.echo(f"{name}: {'there' if there else f'MISSING, {wanted[name]}'}")
    return found
