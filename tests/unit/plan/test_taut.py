"""Where a thread lies: against tangents worked out by hand, and against a thread pulled tight round discs."""

import numpy as np
import pytest
import shapely

from stringart.plan.taut import pin_reach_mm, step_ends, tangents
from stringart.plan.wraps import directions


def _ring(count, radius_mm=100.0):
    angle = 2 * np.pi * np.arange(count) / count
    return np.column_stack([radius_mm * np.sin(angle), radius_mm * np.cos(angle)])


def test_the_middle_of_the_thread_is_half_a_thread_beside_the_pin():
    assert pin_reach_mm(2.0, 0.25) == 1.125


def test_a_thread_between_two_knots_runs_from_centre_to_centre():
    xy = _ring(12)
    assert step_ends(xy, [0, 5], 1.0).tolist() == [xy[[0, 5]].tolist()]


def test_no_step_has_no_place():
    assert step_ends(_ring(12), [3], 1.0).shape == step_ends(_ring(12), [], 1.0).shape == (0, 2, 2)


def test_inner_and_outer_tangents_worked_out_by_hand():
    a, b = [[0.0, 0.0]], [[10.0, 0.0]]
    outer = tangents(a, b, [3.0], [3.0])[0]
    np.testing.assert_allclose(outer, [[0, 3], [10, 3]], atol=1e-12)
    inner = tangents(a, b, [3.0], [-3.0])[0]  # the sine of its slope is 6 / 10
    np.testing.assert_allclose(inner, [[1.8, 2.4], [8.2, -2.4]], atol=1e-12)
    tied = tangents(a, b, [0.0], [-6.0])[0]
    np.testing.assert_allclose(tied, [[0, 0], [6.4, -4.8]], atol=1e-12)


def test_circles_that_overlap_have_a_line_across_and_no_nan():
    assert np.isfinite(tangents([[0.0, 0]], [[1.0, 0]], [2.0], [-2.0])).all()
    assert np.isfinite(tangents([[1.0, 1]], [[1.0, 1]], [2.0], [-2.0])).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_thread_touches_every_pin_it_bends_round_and_bears_on_it(seed):
    rng = np.random.default_rng(seed)
    xy, reach = _ring(60), 1.3
    order = rng.permutation(60)[:20]
    ends = step_ends(xy, order, reach)
    lines = shapely.linestrings(ends)
    away = shapely.distance(lines[:-1], shapely.points(xy[order[1:-1]]))
    np.testing.assert_allclose(away, reach, atol=1e-9)
    np.testing.assert_allclose(shapely.distance(lines[1:], shapely.points(xy[order[1:-1]])), reach, atol=1e-9)
    # drawn tight, the thread leaves the pin where it came to it or further round, and never through it
    come, go = ends[:-1, 1] - xy[order[1:-1]], ends[1:, 0] - xy[order[1:-1]]
    round_it = -np.arctan2(come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0], (come * go).sum(1))
    assert (round_it * directions(xy, order)[1:-1] > 0).all()


def test_straight_on_and_straight_back_it_passes_outside():
    edge = np.array([[0, 10], [10, 10], [20, 10], [20, 0], [20, -10], [0, -10], [-20, -10], [-20, 10.0]])
    np.testing.assert_allclose(step_ends(edge, [0, 1, 2], 1.0)[:, :, 1].ravel(), [10, 11, 11, 10], atol=0.01)
    np.testing.assert_allclose(step_ends(edge, [2, 1, 0], 1.0)[:, :, 1].ravel(), [10, 11, 11, 10], atol=0.01)
    back = step_ends(_ring(12), [9, 11, 9], 1.0)
    assert np.hypot(*back[0, 1]) > 100


def test_a_given_side_is_taken():
    xy = _ring(12)
    over = step_ends(xy, [7, 0, 5], 1.0, [0, 1, 0])
    under = step_ends(xy, [7, 0, 5], 1.0, [0, -1, 0])
    np.testing.assert_allclose(over[0, 1] - xy[0], -(under[0, 1] - xy[0]), atol=0.02)
    np.testing.assert_allclose(over, step_ends(xy, [7, 0, 5], 1.0))
