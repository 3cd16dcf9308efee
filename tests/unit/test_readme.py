"""What the README promises can be typed as it stands."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from stringart.cli._table import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = README.partition("\n## Map of the code\n")[2].split("```")[1]
OFF_THE_MAP = {"__init__", "__main__", "_numba_cache"}  # the public names, and how kernels are kept


def commands(section: str) -> list[str]:
    """Return the lines of the code blocks of a section, down to the next heading."""
    text = re.split(r"^## ", README.partition(f"\n## {section}\n")[2], maxsplit=1, flags=re.M)[0]
    return [line for block in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.S) for line in block.splitlines()]


def test_setting_up_takes_two_commands_and_ci_runs_these() -> None:
    lines = commands("Set-up")
    assert len(lines) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.replace("pip install ", "pip install -q ") not in ci] == []


def test_every_command_is_told_in_the_readme_or_in_a_topic() -> None:
    topics = (ROOT / "stringart" / "cli" / "topics").glob("*.txt")
    told = README + "".join(path.read_text("utf-8") for path in topics)
    assert [name for name in COMMANDS if not re.search(rf"stringart {name}\b", told)] == []


def test_every_link_to_a_file_leads_to_one() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)", README) if "://" not in t]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_map_is_the_import_contract() -> None:
    """What the README draws is what `lint-imports` holds, line by line."""
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    held = next(contract["layers"] for contract in layers if contract["name"] == "data flows one way")
    drawn = [line[: line.index("  ")] for line in MAP.strip().splitlines() if line.split()[0] != "firmware_io"]
    assert [line.replace("stringart.", "") for line in held] == drawn


def test_every_room_and_every_file_at_the_top_is_on_the_map() -> None:
    package = ROOT / "stringart"
    there = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - set(re.findall(r"\w+", MAP)) == OFF_THE_MAP


def modules_asked_for() -> dict[str, set[str]]:
    """Return for each room the files that other rooms import from it."""
    asked: dict[str, set[str]] = {}
    for file in (ROOT / "stringart").rglob("*.py"):
        inside = file.relative_to(ROOT / "stringart").parts
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("stringart."):
                continue
            _, room, *module = str(node.module).split(".")
            files = module or [
                name.name for name in node.names if (ROOT / "stringart" / room / f"{name.name}.py").exists()
            ]
            if (ROOT / "stringart" / room).is_dir() and room != inside[0]:
                asked.setdefault(room, set()).update(files[:1])
    return asked


def test_every_room_names_what_others_may_use() -> None:
    asked = modules_asked_for()
    assert {"plan", "search", "machine"} <= set(asked)
    hidden = {
        f"{room}.{module}"
        for room, modules in asked.items()
        for module in modules
        if f"`{module}`" not in (ROOT / "stringart" / room / "__init__.py").read_text("utf-8")
    }
    assert hidden == set()


ARRAY = re.compile(r"\b(NDArray|Array(?:Like)?|Indices|Points|Map|Light|Picture|Floats|Shares)\b")
SHAPE = re.compile(r"\((?:\.\.\.(?:, \d)?|\w+(?: [-+] 1)?,[^()]*)\)|any shape|[Aa]s `")


UNIT = re.compile(
    r"(?i)\b(mm|px|pixels?|degrees?|radians|seconds|0\.\.1|0\.\.100|L\*|CIELAB|linear light|lightness|sRGB|X, Y and Z|"
    r"counts?|indices|index|numbers?|bool|shares?|without unit)(?!\w)|\bas `"
)


def public_functions() -> dict[str, ast.FunctionDef]:
    """Return the public functions and methods of the files that the rooms name as public, and of those at the top."""
    found: dict[str, ast.FunctionDef] = {}
    for file in (ROOT / "stringart").rglob("*.py"):
        room = file.parent / "__init__.py"
        if file.stem.startswith("_") or (
            f"`{file.stem}`" not in room.read_text("utf-8") and file.parent.name != "stringart"
        ):
            continue
        top = ast.parse(file.read_text("utf-8")).body
        classes = [one for one in top if isinstance(one, ast.ClassDef) and not one.name.startswith("_")]
        for one in (*top, *(inner for kind in classes for inner in kind.body)):
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                found[f"{file.relative_to(ROOT)}:{one.lineno} {one.name}"] = one
    return found


def test_every_public_function_of_a_room_tells_the_shape_of_its_arrays() -> None:
    silent, arrays = [], 0
    for name, function in public_functions().items():
        kinds = [a.annotation for a in (*function.args.args, *function.args.kwonlyargs)] + [function.returns]
        if any(kind is not None and ARRAY.search(ast.unparse(kind)) for kind in kinds):
            arrays += 1
            if not SHAPE.search(ast.get_docstring(function) or ""):
                silent.append(name)
    assert silent == []
    assert arrays > 50


@pytest.mark.parametrize("package", ["stringart", "firmware_io"])
def test_one_noun_is_one_class(package: str) -> None:
    named: dict[str, list[str]] = {}
    for file in sorted((ROOT / package).rglob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named.setdefault(node.name, []).append(str(file.relative_to(ROOT)))
    assert len(named) > 50
    assert {name: files for name, files in named.items() if len(files) > 1} == {}


def said_of_values(doc: str) -> tuple[dict[str, str], str]:
    """Return what a docstring in numpy's style says of each parameter, and of what is returned."""
    said, section, heads, lines = {"": ""}, "", [""], doc.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below.startswith("---"):
            section = line
        elif line[:1] not in ("", " ", "-"):
            heads = line.split(" : ")[0].split(", ") if section == "Parameters" else [section]
        for head in heads:
            said[head] = f"{said.get(head, '')} {line}"
    return said, said.get("Returns", "") + said.get("Yields", "")


def test_every_public_function_of_a_room_tells_the_unit_of_its_arrays() -> None:
    """mm, px, linear light, CIE L*, counts, numbers of pins ...; or "without unit"."""
    silent = []
    for name, function in public_functions().items():
        doc = ast.get_docstring(function) or ""
        said, returned = said_of_values(doc)
        kinds = {one.arg: one.annotation for one in (*function.args.args, *function.args.kwonlyargs)}
        whole = doc.split("\nParameters\n")[0].split("\nReturns\n")[0]
        told = {arg: arg.replace("_", " ") if arg.endswith(("_mm", "_px")) else said.get(arg, whole) for arg in kinds}
        told["what it returns"] = returned or whole
        for arg, kind in (kinds | {"what it returns": function.returns}).items():
            if kind is not None and ARRAY.search(ast.unparse(kind)) and not UNIT.search(told[arg]):
                silent.append(f"{name}: {arg}")
    assert silent == []


def test_what_is_left_out_of_the_quick_tests_is_there(pytestconfig: pytest.Config) -> None:
    conftest = next(p for p in pytestconfig.pluginmanager.get_plugins() if hasattr(p, "SLOW"))
    assert [path for path in conftest.SLOW if not (ROOT / "tests" / path).exists()] == []


def test_constraints_name_no_hosts_and_no_hashes() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
