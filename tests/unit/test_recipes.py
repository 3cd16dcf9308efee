"""The recipes, and the lines of ``stringart help python``, run as they stand."""

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
RECIPES = (ROOT / "examples" / "recipes.md").read_text("utf-8")
TOPIC = (ROOT / "stringart" / "cli" / "topics" / "python.txt").read_text("utf-8")


@pytest.fixture
def beside_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with Image.open(ROOT / "examples" / "chelsea.jpg") as photo:
        photo.resize((150, 100)).save("photo.jpg")
    return tmp_path


@pytest.mark.slow
def test_the_ten_recipes_run(beside_a_photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", RECIPES, re.S)
    assert len(blocks) == len(re.findall(r"^\*\*\d+\. ", RECIPES, re.M)) == 10
    scope: dict[str, object] = {}
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"recipe {number}", "exec"), scope)
    said = capsys.readouterr().out
    assert "my rust" in said
    assert "SSIM 0." in said
    assert "by hand; " in said
    assert len(RECIPES.splitlines()) <= 110  # a page


@pytest.mark.slow
def test_the_lines_of_the_topic_run(beside_a_photo: Path) -> None:
    code = "\n".join(line[10:] for line in TOPIC.splitlines()[2:] if line[8:10] == "  ")
    assert code.count("\n") > 12
    exec(compile(code, "stringart help python", "exec"), {})
    assert (beside_a_photo / "plan.json").exists()


def test_lines_are_no_longer_than_the_projects() -> None:
    assert [line for line in RECIPES.splitlines() if len(line) > 120] == []
