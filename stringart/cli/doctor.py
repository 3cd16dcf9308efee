"""``stringart doctor``: whether this installation is whole, and which optional parts are there."""

import importlib.metadata
import os
import platform
import sys
import time

import click

from stringart import __version__
from stringart.errors import StringartError

_CORE = ("numpy", "scipy", "scikit-image", "numba", "pillow", "imageio", "pyserial", "click", "rich", "shapely")


@click.command()
def doctor() -> None:
    """Check this installation: versions, the kernels and their cache, the optional parts."""
    click.echo(f"stringart {__version__}, Python {platform.python_version()}, {sys.platform}, {os.cpu_count()} cores")
    missing = [name for name in _CORE if not _report(name)]
    click.echo(f"kernels: {_try_kernels()}")
    if missing:
        raise StringartError(f"missing: {', '.join(missing)}", "install stringart-studio again")


def _report(name: str) -> bool:
    try:
        click.echo(f"{name} {importlib.metadata.version(name)}")
        return True
    except importlib.metadata.PackageNotFoundError:
        click.echo(f"{name} is NOT installed")
        return False


def _try_kernels() -> str:
    import numpy as np

    begin = time.perf_counter()
    from stringart import _kernels

    canvas = np.zeros((2, 2, 1), np.float32)
    _kernels.lay_threads(canvas, np.array([[0.0, 1.0, 2.0, 1.0]]), np.array([0.5]), np.ones((1, 1), np.float32), 0)
    cache = os.environ["NUMBA_CACHE_DIR"]
    return f"work, ready in {time.perf_counter() - begin:.1f} s, compiled code is kept in {cache}"
