import math
from dataclasses import replace

import numpy as np
import pytest
from sample_plans import random_plan, ring

from stringart.errors import UnitError
from stringart.plan.materials import Assumptions, Pace, materials_of, wrap_mm
from stringart.plan.model import Board, Layer, Plan, Thread


def square_plan(pins=(0, 2, 1, 3, 0)) -> Plan:
    """Four pins on a circle of 100 mm radius, as a compass card."""
    thread = Thread(name="red", color="#ff0000", diameter_mm=0.5)
    board = Board(width_mm=200, height_mm=200)
    return Plan(board=board, pins=ring(4, 200), threads=(thread,), layers=(Layer(thread=0, pins=np.array(pins)),))


def test_length_is_chords_half_circles_knots_and_waste():
    (use,) = materials_of(square_plan()).layers
    # 0-2 and 1-3 are diameters, 2-1 and 3-0 are sides of the square between neighbouring pins
    assert (use.chords, use.rim_walks, use.wraps) == (2, 2, 5)
    # at its ends the thread is tied through the centre; it turns left round 2 and 1, right round 3
    squares = (200**2 - 1.25**2, 2 * 100**2, 200**2 - 2.5**2, 2 * 100**2 - 1.25**2)
    assert use.straight_mm == pytest.approx(sum(map(math.sqrt, squares)), rel=1e-12)
    assert use.wraps_mm == pytest.approx(5 * math.pi * (2.0 + 0.5) / 2)
    assert use.knots_mm == 300
    assert use.waste_mm == pytest.approx(0.03 * (use.straight_mm + use.wraps_mm))
    assert use.total_mm == pytest.approx(use.straight_mm + use.wraps_mm + use.knots_mm + use.waste_mm)


def test_a_wrap_follows_the_share_of_a_turn_that_is_assumed():
    assert wrap_mm(square_plan(), 0, Assumptions(wrap_turn=1.5)) == pytest.approx(1.5 * math.pi * 2.5)


def test_layers_of_one_thread_add_up_and_agree_with_the_plan():
    plan = random_plan(steps=(50, 70, 90, 20), pins=48)
    found = materials_of(plan)
    assert [use.layers for use in found.threads] == [(0, 3), (1,), (2,)]
    assert sum(use.chords for use in found.layers) == plan.chords
    assert sum(use.straight_mm for use in found.threads) == pytest.approx(plan.step_lengths_mm.sum())
    assert found.total_mm == pytest.approx(sum(use.total_mm for use in found.layers))
    assert found.threads[0].knots_mm == 2 * 300


def test_nothing_wound_uses_nothing():
    found = materials_of(replace(square_plan(), layers=()))
    assert (found.total_mm, found.hand_s, found.machine_s) == (0, 0, 0)
    assert found.threads[0].spools(1000) == 0
    lone_pin = materials_of(square_plan(pins=(2,)))
    assert lone_pin.total_mm == 0


def test_times_are_those_of_the_assumptions():
    found = materials_of(square_plan())
    assert found.hand_s == pytest.approx(2 * 15 + 2 * 12 + 300)
    assert found.practised_s == pytest.approx(2 * 8 + 2 * 6 + 120)
    assert found.machine_s == pytest.approx(found.layers[0].straight_mm / (10_000 / 60) + 5 * 1.2 + 180)
    slow = materials_of(square_plan(), Assumptions(beginner=Pace(chord_s=50, rim_walk_s=4, change_s=60)))
    assert slow.hand_s == pytest.approx(2 * 50 + 2 * 4 + 60)


def test_spools_are_whole_and_never_too_few():
    (use,) = materials_of(square_plan()).threads
    assert use.spools(use.total_mm) == 1
    assert use.spools(use.total_mm - 0.01) == 2
    with pytest.raises(UnitError, match="holds no thread"):
        use.spools(0)


def test_assumptions_are_said_in_words():
    words = Assumptions()
    assert words.about_thread == (
        "pin to pin, plus half a turn round each pin, 150 mm for each of the two knots of a layer "
        "and 3% for slack and waste"
    )
    assert "15 s a chord" in words.about_hand
    assert "10 m/min across the board, 1.2 s a wrap" in words.about_machine


def test_joins_are_counted_in_knots_and_length():
    (use,) = materials_of(square_plan()).threads
    long = replace(use, straight_mm=1_560_000.0, wraps_mm=0, knots_mm=0, waste_mm=0)
    assert (long.joins(500_000), long.spools(500_000)) == (3, 4)
    # each join takes two knots of 150 mm: three spools of 520,000 mm hold 1,560,000 mm, but not the two joins
    assert long.spools(520_000) == 4
    assert long.spools(520_200) == 3
    assert long.spools(500_000, spare=0.3) == 5
    assert replace(long, wraps=0, straight_mm=0.0).joins(500_000) == 0
