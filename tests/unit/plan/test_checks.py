"""What can be made of a plan's parts can be saved, loaded and wound: everything else is one line that names it."""

import copy
import dataclasses
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import stringart
from stringart import Board, BoardError, Layer, PhotoRef, Pins, Plan, PlanError, Provenance, Thread

SQUARE = [[0, 100], [100, 0], [0, -100], [-100, 0]]
PINS = Pins(diameter_mm=2, xy_mm=SQUARE)
BLACK = Thread(name="black", color="#000000")


def plan(**changed: Any) -> Plan:
    parts = {"board": Board(), "pins": PINS, "threads": (BLACK,), "layers": (Layer(thread=0, pins=[0, 2]),)}
    return Plan(**(parts | changed))


MISUSE: list[tuple[Callable[[], object], str]] = [
    (lambda: Thread(name="a", color="no colour"), "the color of the thread 'a': the colour 'no colour' is not known"),
    (lambda: Thread(name="a", color=0), "should be a text, not 0"),
    (lambda: Thread(name=None, color="red"), "a thread's name should be a text"),
    (lambda: Thread(name="two\nlines", color="red"), "line break"),
    (lambda: Thread(name="a", color="red", diameter_mm=-1), "is -1 mm"),
    (lambda: Thread(name="a", color="red", diameter_mm=math.nan), "should be a number, not nan"),
    (lambda: Thread(name="a", color="red", diameter_mm="0.3mm"), "should be a number, not '0.3mm'"),
    (lambda: Thread(name="a", color="red", diameter_mm=True), "should be a number, not True"),
    (lambda: Layer(thread=0, pins=[0, 1.7]), "whole numbers of pins"),
    (lambda: Layer(thread=0, pins=["0", "1"]), "whole numbers of pins"),
    (lambda: Layer(thread=0, pins=[[0, 1]]), r"shape \(1, 2\)"),
    (lambda: Layer(thread=0, pins=[0, -1]), "names pins -1 to 0"),
    (lambda: Layer(thread=0, pins=[0, 2**40]), "names pins"),
    (lambda: Layer(thread=0.5, pins=[0, 1]), "a layer's thread should be a whole number of at least 0, not 0.5"),
    (lambda: Layer(thread=-1, pins=[0, 1]), "of at least 0, not -1"),
    (lambda: Pins(diameter_mm=0, xy_mm=SQUARE), "diameter_mm is 0 mm"),
    (lambda: Pins(diameter_mm=2, xy_mm=[0, 1, 2, 3]), r"the shape \(4,\)"),
    (lambda: Pins(diameter_mm=2, xy_mm=SQUARE[:2]), "needs at least 3"),
    (lambda: Pins(diameter_mm=2, xy_mm=[*SQUARE, [math.inf, 0]]), r"xy_mm\[4\].*not finite"),
    (lambda: Pins(diameter_mm=2, xy_mm="ring"), "should be numbers"),
    (lambda: Board(width_mm=0), "width_mm is 0 mm"),
    (lambda: Board(height_mm="600mm"), "should be a number, not '600mm'"),
    (lambda: Board(color="#12345"), "the board's color"),
    (lambda: Board(shape=3), "the board's shape should be a text"),
    (lambda: Board(shape="outline", outline_mm=SQUARE[:2]), "at least 3"),
    (lambda: Board(shape="outline", width_mm=150, outline_mm=SQUARE), "needs 200.0 x 200.0 mm"),
    (lambda: PhotoRef(name="a", sha256="", crop_px=(0, 0, 0, 5)), "has no area"),
    (lambda: PhotoRef(name="a", sha256="", crop_px=(0, 0, 5)), "left, top, right and bottom"),
    (lambda: PhotoRef(name="a", sha256="", crop_px=(0, 0, 5.5, 5)), "whole number, not 5.5"),
    (lambda: Provenance(version="1", command="", seed="0"), "the seed should be a whole number"),
    (lambda: plan(board="circle"), "board should be a Board, not 'circle'"),
    (lambda: plan(pins=SQUARE), "pins should be a Pins"),
    (lambda: plan(threads=("black",)), "thread 1 should be a Thread, not 'black'"),
    (lambda: plan(layers=([0, 1],)), "layer 1 should be a Layer"),
    (lambda: plan(layers=(Layer(thread=1, pins=[0, 1]),)), "layer 1 names thread 1"),
    (lambda: plan(layers=(Layer(thread=0, pins=[0, 4]),)), "layer 1 names pins 0 to 4"),
]


@pytest.mark.parametrize(("make", "told"), MISUSE, ids=[told[:30] for _, told in MISUSE])
def test_what_is_no_plan_is_one_line(make: Callable[[], object], told: str) -> None:
    with pytest.raises(PlanError, match=told) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_what_can_be_made_can_be_saved_and_loaded() -> None:
    odd = plan(
        board=Board(width_mm=np.float32(600), height_mm=np.int64(600), color="RED"),
        threads=[Thread(name="é 漢", color="Teal", diameter_mm=np.float64(0.3))],
        layers=[Layer(thread=np.int8(0), pins=(pin for pin in (0, 2, 1)))],
    )
    assert Plan.from_bytes(odd.to_bytes()) == odd
    assert (odd.board.color, odd.threads[0].color, odd.layers[0].pins.tolist()) == ("#ff0000", "#008080", [0, 2, 1])


def test_a_box_that_does_not_hold_the_board_is_refused_before_a_kernel_sees_it() -> None:
    with pytest.raises(PlanError, match=r"600\.0 x 537\.5 mm"):
        dataclasses.replace(stringart.make_board("heart"), width_mm=300, height_mm=300)
    given = Board(shape="pins", outline_mm=stringart.place_pins(Board(), 40).xy_mm)
    with pytest.raises(PlanError, match="needs"):
        dataclasses.replace(given, outline_mm=given.outline_mm + np.array([20, 0]))
    grey = np.linspace(0, 1, 400).reshape(20, 20)
    beyond = dataclasses.replace(stringart.place_pins(Board(), 40), xy_mm=given.outline_mm * 1.2)
    from stringart.board.boards import allowed_chords

    with pytest.raises(BoardError, match=r"pin \d+ stands at .* outside the board's box of 600 x 600 mm"):
        allowed_chords(Board(), beyond)
    assert stringart.design(grey, board=given, lines=30, quality="draft").chords > 0


VALUES = [Board(), stringart.make_board("heart"), PINS, BLACK, Layer(thread=0, pins=[0, 2]), plan()]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_equal_values_are_equal_and_told_shortly(value: Any) -> None:
    again = pickle.loads(pickle.dumps(value))
    assert again == value == copy.deepcopy(value)
    assert hash(again) == hash(value)
    assert value != 1
    assert len(repr(value)) < 120


def test_copies_are_as_read_only_as_what_was_made() -> None:
    made = plan()
    assert made.steps.tolist() == [[0, 0, 2]]
    for kept in (made, pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        for array in (kept.pins.xy_mm, kept.layers[0].pins, kept.steps):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
