"""Project files and the user's defaults, as a user meets them on the command line."""

import json
from pathlib import Path

import pytest
from command import QUICK, stringart

PHOTO = Path(__file__).parents[2] / "examples" / "camera.png"


def command_in(plan: Path) -> str:
    return str(json.loads(plan.read_bytes())["provenance"]["command"])


def test_a_saved_piece_read_from_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("pieces", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "map.png").write_bytes(PHOTO.read_bytes())
    words = (*QUICK[:-2], "--importance", "map.png", "--thread", "navy@0.3mm", "--crop", "0,0,300,300")
    ended = stringart("design", PHOTO, "-o", "a.json", *words, "--save-config", "pieces/p.toml", cwd=tmp_path)
    assert (ended.status, ended.lines()[0]) == (0, "wrote pieces/p.toml")
    again = stringart("design", PHOTO, "-o", "b.json", "--config", "../pieces/p.toml", cwd=tmp_path / "elsewhere")
    assert again.status == 0, again.err
    assert (tmp_path / "elsewhere" / "b.json").read_bytes() == (tmp_path / "a.json").read_bytes()
    third = stringart(
        "design", PHOTO, "-o", "c.json", "--config", "p.toml", "--save-config", "p.toml", cwd=tmp_path / "pieces"
    )
    assert third.status == 0, third.err
    assert (tmp_path / "pieces" / "c.json").read_bytes() == (tmp_path / "a.json").read_bytes()


def test_flags_win_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    own = {"STRINGART_CONFIG_DIR": str(tmp_path), "STRINGART_NO_DEFAULTS": ""}
    (tmp_path / "defaults.toml").write_text('pins = 50\nseed = 5\nthread-length = "20m"\nquality = "draft"\n')
    (tmp_path / "piece.toml").write_text('pins = 60\nseed = 6\nimportance = "none"\n')
    words = ("design", PHOTO, "-o", "plan.json", "--config", "piece.toml", "--lines", "150")
    ended = stringart(*words, "--pins", "70", cwd=tmp_path, env=own)
    assert ended.status == 0, ended.err
    assert ended.lines()[0] == f"your defaults from {tmp_path / 'defaults.toml'}: quality"
    said = "--quality draft --seed 6 --pins 70 --lines 150 --importance none"
    assert command_in(tmp_path / "plan.json").endswith(said)
    for words_more, env in ((("--no-defaults",), own), ((), own | {"STRINGART_NO_DEFAULTS": "1"})):
        ended = stringart(*words, *words_more, "--quality", "normal", cwd=tmp_path, env=env)
        assert "your defaults" not in ended.err
        assert command_in(tmp_path / "plan.json").endswith("--seed 6 --pins 60 --lines 150 --importance none")


def test_a_wrong_file_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "piece.toml").write_text("seed = 1\npinz = 60\n")
    ended = stringart("design", PHOTO, "-o", "plan.json", "--config", "piece.toml", cwd=tmp_path)
    assert ended.status == 1
    assert ended.lines() == ["error: 'piece.toml', line 2: 'pinz' is not known", "hint: did you mean pins, size?"]
    assert [file.name for file in tmp_path.iterdir()] == ["piece.toml"]


@pytest.mark.parametrize("words", [("--config", "nowhere.toml"), ("--save-config", "nowhere/p.toml")])
def test_files_that_are_not_there_are_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = stringart("design", PHOTO, "-o", "plan.json", *words, cwd=tmp_path)
    assert ended.status == 1
    assert "nowhere" in ended.lines()[0]
    assert list(tmp_path.iterdir()) == []


def test_the_help_says_who_wins(tmp_path: Path) -> None:
    told = " ".join(stringart("design", "--help", cwd=tmp_path).out.decode().split())
    assert "A flag wins over the file, the file over your own defaults.toml, and that over what is built in." in told
