"""Kernels that are compiled already, for a copy of the same sources: what numba compiles does not depend on the folder.

    python tests/compiled_kernels.py FROM TO [KERNELS]

FROM and TO are folders of the package ``stringart``. Files of TO that equal those of FROM get their time, by which
numba knows a source again; and TO finds what was compiled for FROM until now, if it is run by the same numba, in the
usual place or, with NUMBA_CACHE_DIR, in KERNELS.
"""

import os
import shutil
import sys
from pathlib import Path

from filelock import FileLock

from stringart import _kernels
from stringart._numba_cache import is_kept, kernel_folder


def share_kernels(source: Path, target: Path, kernels: Path | None = None) -> None:
    """Let the package in ``target`` find what was compiled for the one in ``source``; it looks in ``kernels``."""
    for file in source.glob("*.py"):
        copy = target / file.name
        if copy.is_file() and copy.read_bytes() == file.read_bytes():
            seen = file.stat()
            os.utime(copy, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    compiled = _kept_for(source, kernel_folder())
    if compiled.is_dir():
        shutil.copytree(compiled, _kept_for(target, kernels or kernel_folder()), dirs_exist_ok=True)


def _kept_for(package: Path, kernels: Path) -> Path:
    """Where numba keeps what it compiled for the files of a folder."""
    from numba.core.caching import UserProvidedCacheLocator

    return kernels / UserProvidedCacheLocator.get_suitable_cache_subpath(str(package / "_kernels.py"))


def compile_once() -> None:
    """Have compiled what most tests call, by one process: the others wait, else each worker compiles it, too."""
    with FileLock(kernel_folder() / "tests.lock"):
        if is_kept(_kernels.lay_best) and is_kept(_kernels.try_colors):
            return
        import numpy as np

        import stringart

        ramp = np.dstack([np.linspace(0, 1, 4096).reshape(64, 64)] * 3) * [1, 0.8, 0.5]
        for palette in ("black", "auto:2"):
            plan = stringart.design(ramp, pins=36, lines=60, quality="draft", importance="none", palette=palette)
            stringart.paint_png(plan, 64)


if __name__ == "__main__":
    share_kernels(*map(Path, sys.argv[1:]))
