"""Third pins in a thread's way, counted anew from the plan file alone."""

import json

import numpy as np
import pytest
from other_painter import lines_of
from sample_plans import random_plan, ring

from stringart.plan.model import Board, Layer, Pins, Plan, Thread
from stringart.plan.touches import contacts_of, touched_pins

BLACK = Thread(name="black", color="#000000", diameter_mm=0.5)


def counted_anew(plan_bytes: bytes) -> tuple[int, int, int]:
    """Chords that touch a third pin, rim moves, the longest walk."""
    plan = json.loads(plan_bytes)
    pins = [complex(*xy) for xy in plan["pins"]["xy_mm"]]
    touching = rim = longest = 0
    for layer in plan["layers"]:
        reach, walk = (plan["pins"]["diameter_mm"] + plan["threads"][layer["thread"]]["diameter_mm"]) / 2, 0
        order = layer["pins"]
        for (a, b), p, q in zip(lines_of(plan["pins"]["xy_mm"], order, reach), order[:-1], order[1:], strict=True):
            if (p - q) % len(pins) in (1, len(pins) - 1):
                rim, walk = rim + 1, walk + 1
                longest = max(longest, walk)
                continue
            walk = 0
            for number, pin in enumerate(pins):
                along = min(max(((pin - a) * (b - a).conjugate()).real / abs(b - a) ** 2, 0), 1)
                if number not in (p, q) and abs(a + along * (b - a) - pin) < reach - 1e-6:
                    touching += 1
                    break
    return touching, rim, longest


@pytest.mark.parametrize("diameter_mm", [0.5, 9.0])
def test_they_are_counted_as_a_walk_over_all_pins_counts_them(diameter_mm: float) -> None:
    plan = random_plan(steps=(150, 150), pins=90)
    pins = ring(90, diameter_mm=diameter_mm)
    plan = Plan(board=plan.board, pins=pins, threads=plan.threads, layers=plan.layers)
    found = contacts_of(plan)
    assert (found.touching, found.rim_moves, found.longest_rim) == counted_anew(plan.to_bytes())
    assert found.touching > 0


def test_the_pin_in_the_way_is_named_and_a_rim_move_has_none() -> None:
    pins = Pins(diameter_mm=2, xy_mm=[[0, 50], [50, 50], [50, 0.2], [50, -50], [0, -50], [-50, 0]])
    layer, board = Layer(thread=0, pins=[1, 3, 4]), Board(width_mm=100, height_mm=100)
    plan = Plan(board=board, pins=pins, threads=(BLACK,), layers=(layer,))
    assert touched_pins(plan).tolist() == [2, -1]


def test_a_thread_that_just_clears_a_pin_is_not_counted() -> None:
    clear = np.array([[0, 50], [50, 50], [51.26, 0], [50, -50], [0, -50], [-50, 0]])
    plan = Plan(
        board=Board(width_mm=103, height_mm=100),
        pins=Pins(diameter_mm=2, xy_mm=clear),
        threads=(BLACK,),
        layers=(Layer(thread=0, pins=[1, 3]),),  # tied at both: along x = 50, half a pin and half a thread are 1.25
    )
    assert contacts_of(plan).touching == 0


def test_nothing_wound_touches_nothing() -> None:
    found = contacts_of(Plan(board=Board(), pins=ring(6), threads=(BLACK,), layers=()))
    assert (found.chords, found.touching, found.rim_moves, found.longest_rim) == (0, 0, 0, 0)
    assert "0 of 0 chords (0.0%)" in str(found)
