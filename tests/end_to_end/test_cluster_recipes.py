"""The recipes for ssh and for Slurm, as far as they can be tried on one computer."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="shells"),
    pytest.mark.skipif(
        not os.environ.get("STRINGART_FULL"), reason="Dask's own patience with an ssh server and a queue is in seconds"
    ),
]
SCRIPT = Path(__file__).parents[1] / "cluster_recipes.py"


@pytest.mark.parametrize(("recipe", "needs"), [("ssh", "asyncssh"), ("slurm", "dask_jobqueue")])
def test_workers_begin_with_the_certificate_and_work(tmp_path: Path, recipe: str, needs: str) -> None:
    if importlib.util.find_spec("distributed") is None or importlib.util.find_spec(needs) is None:
        pytest.skip(f"the recipe needs {needs}")
    command = [sys.executable, str(SCRIPT), recipe, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "works\n"), done.stderr
