"""The guide's ring in pixels, read by decoders of their own."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image
from sample_plans import rim_plan

from stringart.cli import _wind_graphics as graphics
from stringart.cli._wind_screen import Screen
from stringart.cli._wind_window import Window
from stringart.hand.guide import Guide, Standing
from stringart.plan.steps import steps_of

PLAN = rim_plan()
XY = PLAN.pins.xy_mm
CHORD, WALK = steps_of(PLAN)[1], steps_of(PLAN)[0]


def sixels(text: str) -> np.ndarray:
    """Entries of a sixel picture, 0 where nothing is: by the rules of DEC's VT340, char by char."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)((?:#\d;2;\d+;\d+;\d+)+)(.*)\x1b\\', text, re.DOTALL)
    assert body
    cols, rows = int(body[1]), int(body[2])
    seen, row, col, entry = np.zeros((rows + 6, cols), int), 0, 0, 0
    for count, char, color in re.findall(r"(?:!(\d+))?([?-~$-])|#(\d+)", body[4]):
        if color:
            entry = int(color)
        elif char == "$":
            col = 0
        elif char == "-":
            row, col = row + 6, 0
        else:
            bits, stop = ord(char) - 63, col + int(count or 1)
            for k in range(6):
                if bits >> k & 1:
                    seen[row + k, col:stop] = entry
            col = stop
    assert not seen[rows:].any()
    return seen[:rows]


def kitty(text: str) -> tuple[dict[str, str], Image.Image]:
    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert "".join(f"\x1b_G{head};{body}\x1b\\" for head, body in parts) == text
    assert [re.search(r"m=(\d)", head)[1] for head, _ in parts] == ["1"] * (len(parts) - 1) + ["0"]
    keys = dict(pair.split("=") for pair in parts[0][0].split(","))
    return keys, Image.open(io.BytesIO(b64decode("".join(body for _, body in parts))))


@pytest.mark.parametrize("step", [CHORD, WALK, None])
def test_both_ways_show_the_same_ring_and_step(step, monkeypatch):
    monkeypatch.setattr(graphics, "cell_px", lambda: (16, 32))
    seen = sixels(graphics.ring_graphics("sixel", XY, step, (20, 10)))
    assert seen.shape == (320, 320)
    keys, image = kitty(graphics.ring_graphics("kitty", XY, step, (20, 10)))
    assert (keys["a"], keys["c"], keys["r"], keys["q"], keys["C"]) == ("T", "20", "10", "2", "1")
    assert np.array_equal(np.asarray(image), seen)
    half = 160 + XY / 600 * 0.94 * 320 * [1, -1]
    for pin, (x, y) in enumerate(half):
        assert seen[int(y), int(x)] == (2 if step and pin in graphics.pins_of(step, 60) else 1) or step
    if step is CHORD:
        x, y = half[[step.from_pin, step.to_pin]].mean(0)
        assert seen[int(y), int(x)] == 2


def test_a_terminal_that_does_not_know_the_size_of_its_characters_gets_no_sixels(monkeypatch):
    monkeypatch.setattr(graphics, "cell_px", lambda: None)
    assert graphics.ring_graphics("sixel", XY, CHORD, (20, 10)) == ""


@pytest.mark.parametrize(("kind", "shown"), [("kitty", True), ("none", False)])
def test_the_guide_draws_it_in_the_place_of_the_half_blocks(kind, shown, monkeypatch, capsys):
    monkeypatch.setenv("STRINGART_GRAPHICS", kind)
    guide = Guide(PLAN, Standing(done=1, tied=True))
    window = Window(guide, None, Screen(title="piece", xy_mm=XY), None)
    window._draw(guide.view())
    out = capsys.readouterr().out
    assert ("\x1b_Ga=T" in out, "▀" in out) == (shown, not shown)
    window._menu()
    window._draw(guide.view())
    assert ("\x1b_Ga=d,d=i,i=7,q=2" in capsys.readouterr().out) == shown  # the list of accidents has the whole window
