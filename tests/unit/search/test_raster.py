"""The board as the search sees it: chords that its grid cannot tell apart are left to a neighbour."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stringart.board.boards import allowed_chords, make_board, place_pins
from stringart.search.raster import make_grid, told_apart


def kept(pins: int, across_px: int):
    board = make_board("circle", (3000.0, 3000.0))
    ring = place_pins(board, pins, 2.0)
    pairs = allowed_chords(board, ring, 0.25)
    return pairs, told_apart(pairs, ring, make_grid(board, ring, 0.25, across_px))


def test_all_chords_are_kept_where_pins_lie_a_pixel_apart():
    pairs, some = kept(900, 320)
    assert len(some) == len(pairs)


@pytest.mark.parametrize(("pins", "one_in"), [(1400, 2), (2000, 3)])
def test_of_chords_that_look_the_same_one_is_kept_at_every_pin_and_in_every_direction(pins, one_in):
    pairs, some = kept(pins, 320)
    assert len(some) == pytest.approx(len(pairs) / one_in, rel=0.01)
    ends = np.bincount(some.ravel(), minlength=pins)
    assert ends.min() > 0.98 * ends.mean()
    first = some[some[:, 0] == 100, 1]
    assert np.diff(first).max() <= one_in  # no gap in the fan of a pin
    directions = np.bincount(some.sum(1) % pins, minlength=pins)
    assert np.diff(np.flatnonzero(directions)).max() <= 2
    assert connected_components(coo_array((np.ones(len(some)), some.T), shape=(pins, pins)))[0] == 1
