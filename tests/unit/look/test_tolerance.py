from dataclasses import replace

import numpy as np
import pytest
from sample_plans import random_plan

from stringart.errors import UnitError
from stringart.look.tolerance import Errors, seen_difference, with_errors
from stringart.plan.model import Board, Layer

PLAN = random_plan(steps=(3000, 2000), pins=120)
SMALL = random_plan(steps=(120, 80), pins=120, board=Board(width_mm=600, height_mm=120))


def made(seed: int = 3, plan=PLAN, **errors: float):
    return with_errors(plan, Errors(**errors), np.random.default_rng(seed))


def test_without_errors_the_plan_stays_as_it_is():
    found = made()
    assert found.plan == PLAN
    assert (found.missed, found.mean_pin_error_mm) == (0, 0)
    assert seen_difference(SMALL, made(plan=SMALL).plan) == 0


def test_pins_move_by_the_error_that_is_given():
    off = made(pin_error_mm=0.5).plan.pins.xy_mm - PLAN.pins.xy_mm
    assert off.std() == pytest.approx(0.5, rel=0.15)
    assert abs(off.mean()) < 0.1
    assert made(pin_error_mm=0.5).mean_pin_error_mm == pytest.approx(np.hypot(*off.T).mean())


def test_a_missed_pin_lets_the_thread_go_on_from_the_pin_before():
    found = made(missed=0.01)
    assert 25 <= found.missed <= 75  # 1 % of 4,998
    for wound, planned in zip(found.plan.layers, PLAN.layers, strict=True):
        rest = iter(planned.pins.tolist())
        assert all(pin in rest for pin in wound.pins.tolist())  # in the planned order, none of them new
        assert (wound.pins[0], wound.pins[-1]) == (planned.pins[0], planned.pins[-1])
    assert len(PLAN.steps) - found.missed - 5 <= len(found.plan.steps) <= len(PLAN.steps) - found.missed


def test_no_step_goes_from_a_pin_to_itself():
    there_and_back = Layer(thread=0, pins=np.array([0, 5] * 500 + [0]))
    found = made(plan=replace(PLAN, layers=(there_and_back,)), missed=0.5)
    assert found.missed > 400
    assert (np.diff(found.plan.layers[0].pins) != 0).all()


def test_the_seed_decides_the_mistakes():
    errors = {"pin_error_mm": 0.5, "missed": 0.01}
    assert made(3, **errors).plan == made(3, **errors).plan
    assert made(3, **errors).plan != made(4, **errors).plan


def test_larger_errors_are_seen_more():
    few, many = (seen_difference(SMALL, made(plan=SMALL, missed=share).plan) for share in (0.01, 0.1))
    near, far = (seen_difference(SMALL, made(plan=SMALL, pin_error_mm=mm).plan) for mm in (0.3, 3.0))
    assert 0 < few < many
    assert 0 < near < far


def test_impossible_errors_are_refused():
    for wrong in ({"missed": 1.0}, {"missed": -0.1}, {"pin_error_mm": -1.0}, {"pin_error_mm": float("nan")}):
        with pytest.raises(UnitError):
            Errors(**wrong)


def test_a_plan_without_chords_has_nothing_to_miss():
    assert made(plan=PLAN.upto(0), missed=0.5, pin_error_mm=1).missed == 0
