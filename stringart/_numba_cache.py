"""Compiled kernels and where they are kept: a folder that can be written, and nothing of numba's set for others.

Beside a read-only install and without a home directory, numba's own choice fails at import. ``NUMBA_CACHE_DIR`` wins.
Code that checks its indices (``NUMBA_BOUNDSCHECK=1``) is kept apart: numba takes one for the other.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config as numba_config

from stringart._version import __version__
from stringart.folders import cache_folder

config: Any = numba_config  # its fields are made from the environment


def _candidates() -> list[Path]:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    beside = Path(tempfile.gettempdir()) / f"stringart-kernels-{__version__}-{user}"
    usual = cache_folder()
    return [usual / f"kernels-{__version__}", beside] if usual.is_absolute() else [beside]  # there may be no home


def _usable(folder: Path) -> bool:
    """True if the folder is ours to write: nobody else may put compiled code there for us to run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner_ok = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
        return owner_ok and os.access(folder, os.W_OK)
    except OSError:
        return False


@cache
def kernel_folder() -> Path:
    """Return where compiled kernels are kept."""
    folder = Path(config.CACHE_DIR) if config.CACHE_DIR else None
    folder = folder or next((place for place in _candidates() if _usable(place)), None)
    folder = folder or Path(tempfile.mkdtemp(prefix="stringart-kernels-"))
    return folder / "checked" if config.BOUNDSCHECK else folder


def njit(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return numba's decorator with its cache in our folder: numba chooses it when a function is decorated.

    What no one calls is not compiled: functions for C, and for Python where the name says that kernels alone call it.
    """

    def decorated(function: Callable[..., object]) -> Callable[..., object]:
        before, config.CACHE_DIR = config.CACHE_DIR, str(kernel_folder())
        try:
            inner = function.__name__.startswith("_")
            every: dict[str, Any] = options | {"no_cfunc_wrapper": True, "no_cpython_wrapper": inner}
            made: Callable[..., object] = numba.njit(**every)(function)
        finally:
            config.CACHE_DIR = before
        return made

    return decorated


def is_kept(kernel: Any) -> bool:
    """True if a kernel was compiled for its source as it is now; else it will be compiled, once.

    Numba is asked, which has no public way for it: whether a source is the same, each of its versions sees by itself.
    """
    kept = getattr(kernel, "_cache", None)  # there is none where nothing is compiled (NUMBA_DISABLE_JIT)
    return kept is None or bool(kept._cache_file._load_index())
