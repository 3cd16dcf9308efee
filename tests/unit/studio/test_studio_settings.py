"""What a page may set, and what a project keeps."""

import json
import re

import pytest

from stringart.board.boards import DEFAULT_PINS, MAX_PINS, MIN_PINS
from stringart.errors import BoardError
from stringart.order.order import TABLE
from stringart.studio.controls import CONTROLS, Number, controls_for_page, presets_for_page
from stringart.studio.settings import (
    SettingError,
    changed,
    default_settings,
    has_size_of_file,
    restored,
    sides_of_file,
)
from stringart.threads.request import parse_palette

OUTLINE = {"file": f"{'a' * 64}.csv", "name": "pins.csv", "pins": 10}


def test_a_change_is_a_new_value_within_its_range() -> None:
    before = default_settings()
    after = changed(before, {"pins": 200.4, "board_color": "#ABCDEF"})
    assert (after["pins"], after["board_color"]) == (200, "#abcdef")
    assert before["pins"] == 288


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if isinstance(control, Number)])
def test_a_number_outside_its_range_is_refused_with_both_ends(name: str) -> None:
    control = CONTROLS[name]
    assert isinstance(control, Number)
    assert control.low <= control.default <= control.high
    with pytest.raises(SettingError, match=f"outside {control.low:g} to {control.high:g}"):
        changed(default_settings(), {name: control.high * 1.1 + 1})


@pytest.mark.parametrize(
    "patch",
    [{"pins": True}, {"pins": "288"}, {"pins": float("nan")}, {"nothing": 1}, {"shape": "star"}, {"board_color": "red"},
     {"threads": []}, {"threads": [{"name": "", "color": "#000000", "diameter_mm": 0.2}]}, {"crop": [0, 0]},
     {"crop": [0, 0, 0]}, {"outline": OUTLINE | {"size_mm": [600]}}, {"outline": OUTLINE | {"size_mm": "mm"}},
     {"map": "../x"}, {"threads": [{"name": "a\nb", "color": "#000000", "diameter_mm": 0.2}]}],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused(patch: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        changed(default_settings(), patch)


def test_settings_of_another_version_keep_what_is_known() -> None:
    found = restored({"pins": 100, "shape": "star", "gone": 3})
    assert found == default_settings() | {"pins": 100}
    assert restored("not even a table") == default_settings()


def test_the_outline_of_an_older_project_is_kept() -> None:
    assert restored({"outline": OUTLINE})["outline"] == OUTLINE | {"size_mm": None}


def test_a_board_keeps_the_size_of_its_file_until_another_is_chosen() -> None:
    sides = sides_of_file("pins.csv", 500.00049, 300.0)
    settings = changed(default_settings(), sides | {"shape": "file", "outline": OUTLINE | {"size_mm": [500.0, 300]}})
    assert has_size_of_file(settings)
    assert not has_size_of_file(changed(settings, {"width_mm": 505}))
    assert not has_size_of_file(changed(settings, {"shape": "rectangle"}))
    assert has_size_of_file(changed(changed(settings, {"width_mm": 505}), {"width_mm": 500}))


@pytest.mark.parametrize(
    ("size_mm", "said"), [((3000.001, 500.0), "3,000.001 x 500 mm"), ((500.0, 99.9), "500 x 99.9 mm")]
)
def test_a_board_of_a_file_is_never_put_into_the_range(size_mm: tuple[float, float], said: str) -> None:
    with pytest.raises(BoardError, match=re.escape(said)):
        sides_of_file("pins.csv", *size_mm)


def test_the_page_offers_what_the_command_line_takes() -> None:
    for name in ("pins", "lines", "cycles", "seed", "pin_diameter_mm"):
        control, word = CONTROLS[name], TABLE[name]
        assert isinstance(control, Number)
        assert control.low in (0, word.low, word.usual and word.usual[0])
        assert control.high in (word.high, word.usual and word.usual[1])
    for pins in (MIN_PINS, MAX_PINS):
        assert changed(default_settings(), {"pins": pins})["pins"] == TABLE["pins"].read(str(pins)) == pins
    assert default_settings()["pins"] == DEFAULT_PINS == int(TABLE["pins"].default)


def test_the_page_has_the_texts_and_the_presets_of_the_command_line() -> None:
    told = controls_for_page()
    assert told["pins"]["help"] == TABLE["pins"].about
    assert told["board_color"]["title"] == TABLE["background"].title
    assert json.dumps(told)
    for preset in presets_for_page():
        request = parse_palette(preset["name"])
        assert request.board_color == preset["board_color"]
        assert [(thread.name, thread.color) for thread in request.threads] == [
            (thread["name"], thread["color"]) for thread in preset["threads"]
        ]
