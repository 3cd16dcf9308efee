"""Which way round: against a taut thread worked out by hand and by an independent walk round the pin."""

import numpy as np
import pytest

from stringart.plan.model import Board, Layer, Pins, Plan, Thread
from stringart.plan.wraps import CLOCKWISE, COUNTERCLOCKWISE, TIED, directions, wrap_directions


def _ring(count, radius_mm=100.0):
    angle = 2 * np.pi * np.arange(count) / count
    return np.column_stack([radius_mm * np.sin(angle), radius_mm * np.cos(angle)])


def test_a_v_at_the_top_pin_goes_over_it_from_left_to_right():
    assert directions(_ring(12), [7, 0, 5]).tolist() == [TIED, CLOCKWISE, TIED]
    assert directions(_ring(12), [5, 0, 7]).tolist() == [TIED, COUNTERCLOCKWISE, TIED]


def test_rim_moves_run_outside_the_ring_on_a_circle_and_along_a_straight_edge():
    assert directions(_ring(12), [2, 3, 4, 5]).tolist() == [0, 1, 1, 0]
    assert directions(_ring(12), [5, 4, 3, 2]).tolist() == [0, -1, -1, 0]
    edge = np.array([[0, 10], [10, 10], [20, 10], [20, 0], [20, -10], [0, -10], [-20, -10], [-20, 10.0]])
    assert directions(edge, [0, 1, 2]).tolist() == [0, 1, 0]
    assert directions(edge, [2, 1, 0]).tolist() == [0, -1, 0]


@pytest.mark.parametrize("seed", range(5))
def test_a_taut_thread_of_that_direction_is_the_shorter_way_round_the_pin_and_bears_on_it(seed):
    rng = np.random.default_rng(seed)
    xy = _ring(40)
    before, here, after = rng.choice(40, 3, replace=False)
    turn = directions(xy, [before, here, after])[1]
    come, go = xy[here] - xy[before], xy[after] - xy[here]
    # walk from the arriving heading to the leaving one, turning only that way: the shorter way is below half a turn
    heading = np.arctan2(come[1], come[0]) - np.arctan2(go[1], go[0])
    assert 0 < (heading * turn) % (2 * np.pi) < np.pi


def test_every_layer_is_tied_at_both_ends_and_wrapped_between():
    pins = Pins(diameter_mm=2, xy_mm=_ring(30))
    layers = (Layer(thread=0, pins=[0, 14, 3, 20]), Layer(thread=0, pins=[4]), Layer(thread=0, pins=[]))
    plan = Plan(board=Board(), pins=pins, threads=(Thread(name="black", color="#000000"),), layers=layers)
    first, single, empty = wrap_directions(plan)
    assert first[[0, -1]].tolist() == [TIED, TIED]
    assert set(np.abs(first[1:-1]).tolist()) == {1}
    assert single.tolist() == [TIED]
    assert empty.tolist() == []


def test_straight_back_has_a_direction_too():
    assert abs(directions(_ring(12), [0, 6, 0])[1]) == 1
