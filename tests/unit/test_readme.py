"""What the README promises can be typed as it stands."""

import re
from pathlib import Path

from stringart.cli._table import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    map_block = README.partition("\n## Map of the code\n")[2].split("```")[1]
    names = re.findall(r"[\w/]+\.py\b|[\w]+/", map_block)
    assert names
    folders = [ROOT / "stringart", ROOT, ROOT / "stringart" / "export"]
    assert [n for n in names if not any((f / n).exists() for f in folders)] == []


def test_constraints_name_no_hosts_and_no_hashes() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
