"""What several of these tests need: a folder of their own, the packages as they are published."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel, an sdist, and a wheel made from that sdist: once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            making = folder.with_name("being-built")
            build(making)
            making.rename(folder)
    return folder


def build(folder: Path) -> None:
    """Build what git holds."""
    source = folder / "source"
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    made = subprocess.run([sys.executable, "-m", "build", "--outdir", str(folder), str(source)], capture_output=True)
    assert made.returncode == 0, made.stderr.decode() + made.stdout.decode()
