"""The whole way in one call from Python."""

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from command import stringart as command
from PIL import Image

import stringart
from stringart import BoardError, PaletteError, Plan, Thread, UnitError

ROWS, COLS = np.indices((80, 80)) / 79
RAMP = (ROWS + COLS) / 2
SMALL = {"pins": 40, "lines": 60, "quality": "draft", "importance": "none"}


def small(photo: object = RAMP, **choices: object) -> Plan:
    return stringart.design(photo, **(SMALL | choices))  # type: ignore[arg-type]


def test_words_and_numbers_become_a_plan() -> None:
    plan = small(board="ellipse", size_mm=(800, 600), palette="#102030", background="ivory", seed=7)
    assert (plan.board.shape, plan.board.width_mm, plan.board.height_mm) == ("ellipse", 800, 600)
    assert plan.board.color == "#fffff0"
    assert plan.threads == (Thread(name="#102030", color="#102030", diameter_mm=0.25),)
    assert len(plan.pins) == 40
    assert 0 < plan.chords <= 60
    assert plan.provenance is not None
    assert plan.provenance.seed == 7


def test_one_number_is_a_square_board() -> None:
    assert small(size_mm=500).board.width_mm == 500 == small(size_mm=500.0).board.height_mm


def test_it_is_the_same_as_the_steps_it_takes(tmp_path: Path) -> None:
    Image.fromarray((RAMP * 255).astype(np.uint8)).save(tmp_path / "ramp.png")
    photo = stringart.load_photo(tmp_path / "ramp.png")
    options = stringart.DesignOptions(
        board=stringart.make_board(), pin_count=40, lines=60, quality="draft", importance="none",
        command="stringart.design()",
    )  # fmt: skip
    *_, last = stringart.design_events(photo, options)
    assert isinstance(last, stringart.Finished)
    assert stringart.design(photo, **SMALL) == last.plan  # type: ignore[arg-type]
    said = "stringart design ramp.png -o ramp.json --no-defaults --quality draft --pins 40 --lines 60 --importance none"
    *_, last = stringart.design_events(photo, replace(options, command=said))
    for source in (tmp_path / "ramp.png", str(tmp_path / "ramp.png")):
        assert stringart.design(source, **SMALL) == last.plan  # type: ignore[arg-type]


def test_python_gives_the_plan_of_the_command_line(tmp_path: Path) -> None:
    Image.fromarray((RAMP * 255).astype(np.uint8)).save(tmp_path / "ramp.png")
    words = (
        "--board",
        "ellipse",
        "--size",
        "80x60cm",
        "--palette",
        "auto:2",
        "--background",
        "#303030",
        "--pins",
        "40",
    )
    more = ("--lines", "60", "--quality", "draft", "--importance", "none", "--crop", "0,0,80,60")
    assert command("design", "ramp.png", "-o", "plan.json", *words, *more, cwd=tmp_path).status == 0
    plan = small(
        photo=tmp_path / "ramp.png", board="ellipse", size_mm=(800, 600), palette="auto:2", background="#303030",
        crop=(0, 0, 80, 60),
    )  # fmt: skip
    assert plan.to_bytes() == (tmp_path / "plan.json").read_bytes()


def test_a_board_of_ones_own() -> None:
    board = stringart.make_board("rectangle", (300, 200), "#000000")
    made = small(board=board, palette=[Thread(name="w", color="#ffffff")]).board
    assert (made.shape, made.width_mm, made.height_mm, made.color) == ("rectangle", 300, 200, "#000000")
    with pytest.raises(BoardError, match="its size and colour already"):
        small(board=board, size_mm=400)


def test_thread_length_takes_the_place_of_lines() -> None:
    plan = small(lines=None, thread_length_mm=30_000)
    assert stringart.materials_of(plan).total_mm <= 30_000
    assert plan.chords > 20
    with pytest.raises(UnitError, match="exclude each other"):
        small(thread_length_mm=30_000)


@pytest.mark.parametrize(
    ("choices", "error", "words"),
    [
        ({"palette": ()}, PaletteError, "no thread"),
        ({"palette": "blakc"}, PaletteError, "'blakc' is not a colour"),
        ({"palette": "white"}, PaletteError, "nothing would be seen"),
        ({"pins": 7}, BoardError, "7"),
        ({"board": "triangle"}, BoardError, "'triangle' is not known"),
        ({"size_mm": -1}, BoardError, "-1"),
        ({"quality": "superb"}, UnitError, "'superb' is not known"),
        ({"lines": 0}, UnitError, "0 lines"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(choices: dict[str, object], error: type, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        small(**choices)
    assert isinstance(caught.value, stringart.StringartError)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_notebook_shows_the_plan() -> None:
    plan = small()
    with Image.open(io.BytesIO(plan._repr_png_())) as png:
        assert png.size == (600, 600)
        assert png.convert("L").getextrema()[0] < 128
    root = ElementTree.fromstring(plan._repr_svg_())
    assert root.get("viewBox") == "0 0 600 600"
    assert stringart.paint_png(plan, 600) == plan._repr_png_()


def test_save_and_load_bring_the_same_plan_back(tmp_path: Path) -> None:
    plan = small()
    plan.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == plan


def test_score_and_paint_take_what_design_gives() -> None:
    plan = small()
    near, far = stringart.score(plan, stringart.load_photo(RAMP))
    assert 0 < near.ssim_fit <= 1
    assert 0 < far.ssim_fit <= 1
    assert stringart.paint(plan, 50).shape == (50, 50, 3)
