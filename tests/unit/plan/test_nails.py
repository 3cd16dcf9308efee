"""Nails: a light piece and a heavy one are told differently, and pins that are tight for fingers are named."""

from dataclasses import replace

import numpy as np
import pytest
from sample_plans import THREADS, random_plan, ring

from stringart.machine.height import WrapPile
from stringart.machine.profile_files import load_profile
from stringart.plan.model import Layer
from stringart.plan.nails import nails_of


def heavy(wraps, pins=60):
    """A plan in which pin 7 is wrapped so often, by threads of 0.25 mm."""
    order = [pin for k in range(wraps) for pin in (7, 20 + k % 30)]
    return replace(random_plan((2,), pins=pins), layers=(Layer(thread=0, pins=np.array(order)),))


def test_the_densest_pin_is_named_with_what_it_carries():
    nails = nails_of(heavy(64))
    assert (nails.densest_pin, nails.most_wraps) == (7, 64)
    assert nails.stack_mm == pytest.approx((17.8, 22.9), abs=0.05)
    assert nails.load == "pin 7 carries most: 64 wraps, 18 to 23 mm of thread"
    assert nails_of(heavy(2)).load == "pin 7 carries most: 2 wraps, 1 mm of thread"


def test_a_light_piece_and_a_heavy_one_are_told_differently():
    light, heavy_one = nails_of(heavy(14)), nails_of(heavy(64))
    assert (light.length_mm, light.above_mm, light.glued) == (20.0, 10.0, False)
    assert (heavy_one.length_mm, heavy_one.above_mm, heavy_one.glued) == (45.0, 28.0, True)
    assert light.setting == "drill 1.7 mm, 10 mm deep, and hammer them in"
    assert heavy_one.setting == "drill 2 mm, 17 mm deep, and glue them in"
    for nails in (light, heavy_one):
        assert nails.above_mm + nails.in_mm == nails.length_mm
        assert nails.stack_mm[1] + 5 <= nails.above_mm
        assert nails.board_mm >= nails.in_mm + 3


def test_the_machine_reckons_the_same_height():
    plan, profile = heavy(30), load_profile("grbl")
    pile = WrapPile(plan.pins.xy_mm, profile)
    for _ in range(30):
        pile.wrap(7, 0.25)
    risen = pile.stacks_mm[7] - profile.height.first_wrap_mm
    low, high = nails_of(plan).stack_mm
    assert low - 1e-9 <= risen <= high


def test_pins_that_are_tight_for_fingers_are_said_with_the_number_that_would_do():
    tight = nails_of(replace(random_plan((20,)), pins=ring(288)))
    assert tight.tight == (
        "6.5 mm from pin to pin is tight for fingers (8 to 12 mm are comfortable): 235 pins would be 8 mm apart"
    )
    assert nails_of(replace(random_plan((20,)), pins=ring(235))).tight == ""


def test_threads_of_several_widths_add_up():
    plan = random_plan((30, 30), (THREADS[1], replace(THREADS[2], diameter_mm=0.5)))
    nails = nails_of(plan)
    widths = np.concatenate([np.full(len(layer.pins), plan.threads[layer.thread].diameter_mm) for layer in plan.layers])
    at = np.bincount(np.concatenate([layer.pins for layer in plan.layers]), widths, minlength=60)
    assert nails.densest_pin == int(at.argmax())
    assert nails.stack_mm[0] == pytest.approx(at.max() / 0.9)
