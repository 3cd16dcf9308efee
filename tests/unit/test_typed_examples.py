"""What the docstrings of the face show, and the recipes, is accepted by ``mypy --strict`` as it stands.

The checker keeps what it knows in the project's cache: the check of the whole project, later in CI, then takes seconds.
"""

import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import stringart

FUNCTIONS = [name for name in stringart.__all__ if inspect.isfunction(getattr(stringart, name))]
ROOT = Path(__file__).parents[2]


def examples() -> dict[str, str]:
    """The code of every docstring of the face that has an example, by name, and of the recipes."""
    finder, found = doctest.DocTestFinder(recurse=True), {}
    things = [(name, getattr(stringart, name)) for name in stringart.__all__]
    things += [("Plan", base) for base in stringart.Plan.__mro__[1:-1]]
    for name, thing in things:
        if isinstance(thing, str):
            continue
        for test in finder.find(thing, name, module=False):
            if test.examples:
                found[test.name] = "".join(example.source for example in test.examples)
    recipes = re.findall(r"```python\n(.*?)```", (ROOT / "examples" / "recipes.md").read_text("utf-8"), re.S)
    return found | {"recipes": "".join(recipes)}


def as_module(source: str) -> str:
    """An example may use what its module has: numpy as np, and the functions of the face."""
    head = "import numpy as np\n" if "np." in source and "import numpy" not in source else ""
    bare = [name for name in FUNCTIONS if re.search(rf"(?<![.\w]){name}\(", source)]
    return head + "".join(f"from stringart import {name}\n" for name in bare) + source


@pytest.mark.slow
def test_strict_types_accept_the_examples(tmp_path: Path) -> None:
    code = examples()
    assert {"design", "design_events", "Plan", "make_board", "score", "Plan.instructions"} <= set(code)
    for name, source in code.items():
        (tmp_path / f"{name.replace('.', '_').lower()}_example.py").write_text(as_module(source), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
