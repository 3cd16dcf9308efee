"""A cache directory for compiled kernels that can be written, chosen before numba is imported.

Beside a read-only install and without a home directory, numba's own choice fails at import. ``NUMBA_CACHE_DIR`` wins.
"""

import os
import tempfile
from pathlib import Path

from stringart._version import __version__
from stringart.folders import cache_folder


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


def set_cache_dir() -> None:
    """Set ``NUMBA_CACHE_DIR`` unless the user has."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        folder = next((place for place in _candidates() if _usable(place)), None)
        os.environ["NUMBA_CACHE_DIR"] = str(folder or tempfile.mkdtemp(prefix="stringart-kernels-"))


set_cache_dir()
