"""A piece that is saved and read again is the same piece, says the same command, and gives the same plan."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stringart.order.command import command_of
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.order.project_file import project_file_text, read_project_file
from stringart.picture.photo import load_photo
from stringart.plan.model import Thread
from stringart.search.pipeline import design

LENGTHS = st.floats(1e-3, 1e7)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda text: text.strip())
NAMES = st.from_regex(r"[A-Za-z0-9 ,#'\"\\é@:-]{1,12}", fullmatch=True).map(str.strip).filter(bool)
FILES = st.lists(st.from_regex(r"[A-Za-z0-9é' -]{1,8}", fullmatch=True), min_size=1, max_size=3).map(
    lambda parts: os.path.join(*parts) + ".png"  # noqa: PTH118
)
PALETTES = TEXTS.filter(lambda text: ".toml" not in text.lower())
PAIRS = st.lists(st.tuples(NAMES, FILES), max_size=3).map(tuple)
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
EDGES = st.integers(-1000, 1000)
CROPS = st.tuples(EDGES, EDGES, st.integers(1, 999), st.integers(1, 999)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


def threads(color: str, width_mm: float, name: str | None) -> Thread:
    return Thread(name=name or color, color=color, diameter_mm=width_mm)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Pieces of all kinds; not all of them can be wound."""
    free: dict[str, Any] = {
        "quality": st.sampled_from(("draft", "normal", "best")),
        "seed": st.integers(0, 10**17),
        "crop": CROPS | st.sampled_from(("auto", "centre", "whole")), "zoom_percent": st.floats(10, 1000),
        "move_percent": st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
        "board": st.sampled_from(("circle", "ellipse", "rectangle")) | FILES,
        "size_mm": st.tuples(LENGTHS, LENGTHS),
        "pins": st.integers(8, 5000),
        "pin_diameter_mm": LENGTHS,
        "background": COLORS | st.just("auto"),
        "limits_mm": st.lists(st.tuples(NAMES, LENGTHS), max_size=3).map(tuple),
        "change_minutes": st.floats(0, 1e6),
        "only": PAIRS, "separation": PAIRS, "importance_for": PAIRS, "stand_in": FILES,
        "importance": st.sampled_from(("faces", "none")) | FILES,
        "backdrop": st.sampled_from(("keep", "fade")) | FILES,
        "unmix": st.sampled_from(("shares", "dither", "blurred")),
    }  # fmt: skip
    either: dict[str, Any] = {
        "lines": st.integers(1, 10**9), "thread_length_mm": LENGTHS, "cycles": st.integers(1, 100), "layers": TEXTS,
        "thread": st.builds(threads, COLORS, LENGTHS, st.none() | NAMES), "palette": PALETTES,
    }  # fmt: skip
    chosen = dict(free)
    for pair in (("lines", "thread_length_mm"), ("cycles", "layers"), ("thread", "palette")):
        name = draw(st.sampled_from(pair))
        chosen[name] = either[name]
    return Order(**{name: draw(values) for name, values in chosen.items() if draw(st.booleans())})


def read_again(order: Order) -> Order:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece.toml"
        path.write_bytes(project_file_text(order, folder))
        return Order(**read_project_file(path).said)


@given(orders())
def test_a_saved_piece_comes_back(order: Order) -> None:
    again = read_again(order)
    assert command_of(again, "photo.jpg") == command_of(order, "photo.jpg")
    plain = [name for name in Order.__slots__ if name not in ("board", "importance", "backdrop", "stand_in")]
    pictures = ("only", "separation", "importance_for")
    assert {name: getattr(again, name) for name in plain if name not in pictures} == {
        name: getattr(order, name) for name in plain if name not in pictures
    }
    for name in pictures:
        pairs = list(zip(getattr(again, name), getattr(order, name), strict=True))
        assert all(a[0] == b[0] and Path(a[1]).resolve() == Path(b[1]).resolve() for a, b in pairs)


@settings(max_examples=4)
@given(
    st.builds(
        Order,
        pins=st.integers(20, 50), lines=st.integers(20, 60), quality=st.just("draft"), importance=st.just("none"),
        size_mm=st.tuples(st.floats(300, 900), st.floats(300, 900)), board=st.sampled_from(("ellipse", "rectangle")),
        thread=st.builds(threads, COLORS, st.floats(0.05, 0.6), st.none()), background=st.just("auto"),
        seed=st.integers(0, 99), crop=st.just("centre"),  # no look for faces, which costs more than the rest
    )
)  # fmt: skip
def test_a_saved_piece_gives_the_same_plan(order: Order) -> None:
    rows, cols = np.indices((40, 40)) / 39
    photo = load_photo(np.stack([rows, cols, 1 - rows], axis=-1), load_order(order).photo_background, "ramp.png")
    first, second = (design(photo, options_for(photo, load_order(one))[0]) for one in (order, read_again(order)))
    assert first.to_bytes() == second.to_bytes()
