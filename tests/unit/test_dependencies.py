"""What is declared as a dependency is what is imported: no less, no more."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = {"dask": "distributed", "pydantic-core": "pydantic"}  # of one release with what brings them
WITHOUT_IMPORT = {"websockets"}  # uvicorn asks for it


def imported(folder: Path) -> set[str]:
    """The packages that the modules of a folder import, at the top or in a function."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"stringart", "firmware_io"}


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", one)[0].lower().replace("_", "-") for one in requirements}


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: ones for name, ones in project["optional-dependencies"].items() if name != "test"}
    declared = names_of([*project["dependencies"], *(one for ones in extras.values() for one in ones)])
    of_package = packages_distributions()
    used = {
        of_package.get(name, [name])[0].lower().replace("_", "-")
        for folder in ("stringart", "firmware_io")
        for name in imported(ROOT / folder)
    }
    used = {PARTS.get(name, name) for name in used}
    assert used - declared == set()
    assert declared - used <= WITHOUT_IMPORT


def test_what_is_declared_is_constrained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = [*project["dependencies"], *(one for ones in project["optional-dependencies"].values() for one in ones)]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert names_of(every) - names_of([line for line in lines if not line.startswith("#")]) == set()
