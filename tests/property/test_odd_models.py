"""Odd boards, pins, threads and choices: an error of ours, or a plan that is saved, loaded and painted. Never a crash.

With ``NUMBA_BOUNDSCHECK=1`` every index of the kernels is checked as well.
"""

import contextlib
import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import stringart
from stringart import Board, DesignOptions, Layer, Pins, Plan, StringartError, Thread

NUMBERS = st.one_of(
    st.floats(1, 1000), st.sampled_from([0, -1, 1e-9, 1e12, math.nan, math.inf, 0.5, "600mm", None, True])
)
SIZES = st.one_of(st.none(), NUMBERS, st.tuples(NUMBERS, NUMBERS))
TURNED = st.tuples(st.integers(3, 40), st.floats(0, 7), st.floats(0.01, 400), st.floats(-500, 500), st.integers(1, 7))
COLORS = st.sampled_from(["black", "#fff", "white", "#7f7f7f", "red", "no colour", "", 5])
CROPS = ["auto", "whole", (0, 0, 9, 9), (-40, 2, 90, 9)]
GREY: Any = np.add.outer(np.linspace(0, 0.5, 24), np.linspace(0, 0.5, 30))


def places(of: tuple[int, float, float, float, int]) -> Any:
    """A ring, turned, squeezed and moved; every so many-th pin in the place of another."""
    count, turn, width, beyond, step = of
    angle = turn + 2 * np.pi * np.arange(count) * step / count
    return np.column_stack([np.cos(angle) * 200 + beyond, np.sin(angle) * width])


BOARDS = st.one_of(
    st.sampled_from(["circle", "ellipse", "rectangle", "heart", "star", "x"]),
    TURNED.map(places),
    st.builds(lambda of, w, h: ("outline", places(of), w, h), TURNED, NUMBERS, NUMBERS),
)


def board_of(kind: Any) -> Any:
    if isinstance(kind, tuple):
        return Board(shape="outline", outline_mm=kind[1], width_mm=kind[2], height_mm=kind[3])
    return kind


@settings(max_examples=60)
@given(
    BOARDS, SIZES, st.one_of(st.none(), st.integers(-1, 90)), NUMBERS, st.lists(st.tuples(COLORS, NUMBERS), max_size=3),
    st.one_of(st.none(), NUMBERS), st.integers(-3, 60), st.sampled_from(CROPS),
)  # fmt: skip
def test_a_design_of_odd_parts_is_a_good_plan_or_an_error_of_ours(
    kind: Any, size: Any, pins: Any, diameter: Any, palette: Any, length: Any, lines: int, crop: Any
) -> None:
    with contextlib.suppress(StringartError):
        threads = [Thread(name=f"{number}", color=color, diameter_mm=mm) for number, (color, mm) in enumerate(palette)]
        plan = stringart.design(
            GREY, board=board_of(kind), size_mm=size, pins=pins, pin_diameter_mm=diameter, palette=threads or "black",
            lines=None if length else lines, thread_length_mm=length or None, crop=crop, importance="none",
            quality="draft",
        )  # fmt: skip
        assert Plan.from_bytes(plan.to_bytes()) == plan
        assert plan.chords <= (10_000 if length else lines)
        assert np.isfinite(stringart.paint(plan, 40)).all()


@settings(max_examples=60)
@given(TURNED, NUMBERS, NUMBERS, st.lists(st.lists(st.integers(-1, 41), max_size=9), max_size=3), NUMBERS, NUMBERS)
def test_a_model_of_odd_parts_can_be_used_or_not_made(
    of: Any, diameter: Any, thread: Any, wound: list[list[int]], width: Any, height: Any
) -> None:
    with contextlib.suppress(StringartError):
        plan = Plan(
            board=Board(width_mm=width, height_mm=height),
            pins=Pins(diameter_mm=diameter, xy_mm=places(of)),
            threads=(Thread(name="a", color="black", diameter_mm=thread),),
            layers=tuple(Layer(thread=0, pins=pins) for pins in wound),
        )
        assert Plan.from_bytes(plan.to_bytes()) == plan
        assert stringart.materials_of(plan).steps >= 0
        for use in (
            lambda: stringart.paint(plan, 30),
            lambda: stringart.score(plan, GREY),
            lambda: plan.export(".svg"),
        ):
            with contextlib.suppress(StringartError):
                use()
        with contextlib.suppress(StringartError):
            stringart.design(GREY, DesignOptions(board=plan.board, pin_count=len(plan.pins), lines=9, quality="draft"))
