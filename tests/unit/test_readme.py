"""What the README promises can be typed as it stands."""

import ast
import re
from pathlib import Path

from stringart.cli._table import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = README.partition("\n## Map of the code\n")[2].split("```")[1]
OFF_THE_MAP = {"__init__", "__main__", "_numba_cache"}  # the public names, and what is set before numba is there


def commands(section: str) -> list[str]:
    """Return the lines of the code blocks of a section, down to the next heading."""
    text = re.split(r"^## ", README.partition(f"\n## {section}\n")[2], maxsplit=1, flags=re.M)[0]
    return [line for block in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.S) for line in block.splitlines()]


def test_setting_up_takes_two_commands_and_ci_runs_these() -> None:
    lines = commands("Set-up")
    assert len(lines) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.replace("pip install ", "pip install -q ") not in ci] == []


def test_every_command_is_in_the_table() -> None:
    listed = re.findall(r"^\| `stringart (\w+)", README, re.M)
    assert sorted(set(listed)) == sorted(COMMANDS)


def test_every_link_to_a_file_leads_to_one() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)", README) if "://" not in t]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_module_on_the_map_exists() -> None:
    names = re.findall(r"[\w/]+\.py\b|[\w]+/", MAP)
    assert names
    folders = [ROOT, *(ROOT / "stringart" / part for part in ("", "export", "machine", "studio"))]
    assert [n for n in names if not any((f / n).exists() for f in folders)] == []


def imported(file: Path) -> set[str]:
    """Return the modules and folders of the package that a file imports."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    froms = [(node.module or "", [name.name for name in node.names]) for node in nodes if type(node) is ast.ImportFrom]
    below = {module.split(".")[1] for module, _ in froms if module.startswith("stringart.")}
    return below | {name for module, names in froms if module == "stringart" for name in names}


def test_data_flows_up_the_map() -> None:
    """Nothing imports what stands on a line above its own; every module is on it."""
    lines = [re.findall(r"(\w+)(?:\.py\b|/)", line[:44]) for line in MAP.splitlines()]
    line_of = {name: number for number, names in enumerate(lines) for name in names}
    package = ROOT / "stringart"
    place_of = {file: file.relative_to(package).parts[0].removesuffix(".py") for file in package.rglob("*.py")}
    assert set(place_of.values()) - line_of.keys() == OFF_THE_MAP
    upward = [
        (place, other)
        for file, place in place_of.items()
        if place not in OFF_THE_MAP
        for other in imported(file) & line_of.keys()
        if line_of[other] < line_of[place]
    ]
    assert upward == [("model", "api")]  # a notebook shows a plan; imported where it does


def test_constraints_name_no_hosts_and_no_hashes() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
