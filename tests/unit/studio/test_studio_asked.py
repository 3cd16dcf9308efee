"""The command that the page shows says what was chosen, to the last digit."""

import shlex

import pytest

from stringart.order.piece import Piece
from stringart.order.piece_words import WORDS
from stringart.studio.asked import board_of, command_line, schedule_of
from stringart.studio.settings import Values, changed, default_settings

CROP = (10, 20, 410, 420)
BLACK = {"name": "black", "color": "#000000", "diameter_mm": 0.25}
SNOW = {"name": "snow", "color": "#fdfdfd", "diameter_mm": 0.1234567}


def words_for(settings: Values, outline: str = "", map_path: str | None = None) -> dict[str, str]:
    words = shlex.split(command_line("a photo.jpg", CROP, settings, outline, map_path))
    assert words[:6] == ["stringart", "design", "a photo.jpg", "-o", "plan.json", "--no-defaults"]
    return dict(zip(words[6::2], words[7::2], strict=True))


def read(words: dict[str, str], option: str) -> object:
    return next(word for word in WORDS.values() if f"--{word.key}" == option).read(words[option])


def test_no_length_loses_a_digit() -> None:
    chosen = {"shape": "rectangle", "width_mm": 1234.567, "height_mm": 800.125, "pin_diameter_mm": 1.2345678,
              "budget": "length", "thread_m": 1234.5678, "threads": [BLACK | {"diameter_mm": 0.1234567}]}  # fmt: skip
    settings = changed(default_settings(), chosen)
    words = words_for(settings)
    assert read(words, "--size") == (1234.567, 800.125)
    assert read(words, "--pin-diameter") == 1.2345678
    assert read(words, "--thread-length") == settings["thread_m"] * 1000
    assert read(words, "--thread").diameter_mm == 0.1234567


def test_a_palette_is_said_by_names_that_are_read_as_the_same_colours() -> None:
    odd = {"name": "rgb(253,0,0)", "color": "#fd0000", "diameter_mm": 0.3}
    settings = changed(default_settings(), {"threads": [SNOW, BLACK, odd], "layers": "snow:0.00002%; black x2"})
    words = words_for(settings)
    assert words["--palette"] == "#fdfdfd@0.1234567mm,black@0.25mm,#fd0000@0.3mm"
    assert words["--layers"] == "#fdfdfd:0.00002%,black,black"
    assert "--cycles" not in words
    assert "--thread" not in words
    again = schedule_of(settings | {"threads": [SNOW | {"name": "#fdfdfd"}, BLACK, odd], "layers": words["--layers"]})
    assert again == schedule_of(settings)


@pytest.mark.parametrize("threads", [[BLACK], [SNOW, BLACK]])
def test_cycles_are_said_where_there_are_threads_to_take_turns(threads: list[dict[str, object]]) -> None:
    words = words_for(changed(default_settings(), {"threads": threads, "cycles": 3}))
    assert words.get("--cycles") == (None if len(threads) == 1 else "3")


def test_what_is_not_said_is_the_default_of_the_command_line() -> None:
    words = words_for(default_settings(), map_path="map.png")
    assert words == {"--crop": "10,20,410,420", "--size": "600mm", "--pins": "288", "--background": "#ffffff",
                     "--thread": "black@0.25mm", "--lines": "4000", "--importance": "map.png"}  # fmt: skip
    assert (Piece().quality, Piece().seed, Piece().board) == ("normal", 0, board_of(default_settings(), "").shape)
