"""The search keeps its books right: what it updates chord by chord equals what is computed from nothing."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from stringart import _kernels
from stringart.board.boards import allowed_chords, make_board, place_pins
from stringart.plan.wraps import directions
from stringart.search import chord_search
from stringart.search.chord_search import Search
from stringart.search.objective import Objective
from stringart.search.raster import make_grid, trace
from stringart.search.settling import settle
from stringart.search.tone import Tone
from stringart.search.winding import wind


def make_search(pins=40, seed=0, side_mm=60.0, **known):
    board = make_board("circle", (side_mm, side_mm))
    ring = place_pins(board, pins, 1.0)
    grid = make_grid(board, ring, 0.5)
    chords = replace(trace(board, ring, allowed_chords(board, ring, 0.5), grid, 0.5), **known)
    rng = np.random.default_rng(seed)
    rough = rng.random((5, 5)) * 80 + 20
    target = np.kron(rough, np.ones((grid.size // 5 + 1,) * 2))[: grid.size, : grid.size].astype(np.float32)
    cost = Objective(grid, Tone(target=target, contrast=1.0), np.ones_like(target), 1.0, 0.0, alpha=0.8)
    return Search(chords, cost, grid.size, chords.lengths_mm)


def covered(search, chord):
    """Coverage of every pixel by one chord, walked in floating point."""
    size = search.transmittance.shape[0]
    out = np.zeros((size, size))
    base, steps, start, slope = (int(v) for v in search.chords.walks[chord])
    steep, major = divmod(base // (2 * size), size)
    for step in range(steps):
        at = (start + step * slope) / 65536
        low = int(np.floor(at))
        for minor, share in ((low, 1 - (at - low)), (low + 1, at - low)):
            pixel = (major + step, minor) if steep else (minor, major + step)
            out[pixel] += share * search.chords.cover[chord]
    return out


def exhaust(search, count, **limits):
    return list(search.fill(count, **limits))


def test_the_transmittance_is_the_product_of_what_each_chord_lets_through():
    search = make_search()
    exhaust(search, 150)
    expected = np.ones_like(search.transmittance, dtype=float)
    for chord in search.laid:
        expected *= 1 - covered(search, chord)
    np.testing.assert_allclose(search.transmittance, expected, rtol=2e-5)


def test_the_first_chord_is_the_best_of_all():
    search = make_search()
    search.renew()
    gains = search.gains_of(np.arange(len(search.chords), dtype=np.int32)).reshape(-1, 4)
    exhaust(search, 1)
    chord, way = divmod(search.laid[0], 4)
    # two lines of every chord are looked at at first, all four of the best; of equals the lowest index, as in argmax
    assert chord == int(np.argmax(gains[:, [0, 3]].max(1)))
    assert way == int(np.argmax(gains[chord]))


def test_equal_gains_go_to_the_lowest_number():
    heap, gains = np.zeros(9, np.int32), np.full(9, 3.0, np.float32)
    gains[[2, 7]] = 5.0
    assert _kernels.build_heap(heap, gains, -np.inf) == len(gains)
    assert heap[0] == 2


def test_the_cost_falls_by_the_gain_that_was_foretold():
    search = make_search()
    exhaust(search, 60)
    search.renew()
    state = search._state
    gains = search.gains_of(np.arange(len(search.chords), dtype=np.int32))
    chord = int(np.argmax(gains))
    a = covered(search, chord)
    slope = 2 * state[..., _kernels.SLOPE] * state[..., _kernels.TRANSMITTANCE]
    curve = state[..., _kernels.CURVATURE] * state[..., _kernels.TRANSMITTANCE] ** 2
    assert gains[chord] == pytest.approx((a * slope - a * a * curve).sum(), rel=1e-3)


def test_the_slope_kept_up_to_date_is_near_the_slope_computed_anew():
    search = make_search(pins=100, side_mm=600.0)
    exhaust(search, 200)
    search.renew()
    before = search._state[..., _kernels.SLOPE].copy()
    search._lay(40, np.inf, 0.0)
    kept = search._state[..., _kernels.SLOPE].copy()
    search.renew()
    anew = search._state[..., _kernels.SLOPE]

    assert np.abs(kept - anew).mean() < 0.5 * np.abs(before - anew).mean()


def test_taking_chords_out_again_brings_the_board_back():
    search = make_search()
    exhaust(search, 40)
    before = search.transmittance.copy()
    exhaust(search, 60)
    search.take_out(np.arange(40, 60))
    np.testing.assert_allclose(search.transmittance, before, rtol=1e-5)
    assert len(search.laid) == 40


def test_thinning_takes_the_least_worthy():
    search = make_search()
    exhaust(search, 80)
    worth = search.worth()
    kept = sorted(np.array(search.laid)[np.argsort(worth, kind="stable")[24:]])
    removed = search.thin(0.3).removed
    assert len(removed) == 24
    assert sorted(search.laid) == kept


def test_it_stops_when_the_thread_is_used_up():
    search = make_search()
    exhaust(search, 10_000, length_mm=2_000.0)
    assert 1_900 < search.length_mm <= 2_000


def test_no_chord_is_laid_twice():
    search, beside = make_search(), make_search()
    beside._taken = search._taken  # a second layer of the same piece
    exhaust(search, 200)
    search.thin(0.3)
    exhaust(search, 250)
    exhaust(beside, 150)
    both = search.laid + beside.laid
    pairs = {tuple(pair) for pair in search.chords.pairs[both].tolist()}
    assert len(both) == len(pairs) > 250


def test_it_stops_when_nothing_helps():
    search = make_search()
    exhaust(search, 100_000)
    assert len(search.laid) < 20_000
    assert max(search.worth()) > 0


def test_a_chord_must_gain_more_than_the_least_asked_for():
    few, many = make_search(), make_search()
    exhaust(many, 3000)
    exhaust(few, 3000, least=float(np.median(many.worth())) * 2 + 1)
    assert 0 < len(few.laid) < len(many.laid)


def test_two_runs_lay_the_same_chords():
    runs = [make_search() for _ in range(2)]
    for search in runs:
        exhaust(search, 120)
    assert runs[0].laid == runs[1].laid


def odd_pins(search):
    return np.flatnonzero(np.bincount(search.chosen[:, :2].ravel(), minlength=search.pins) % 2)


@pytest.mark.parametrize("room", [0, 5, 100])
def test_settling_leaves_two_odd_pins_and_lays_no_more_than_there_is_room_for(room):
    search = make_search()
    exhaust(search, 150)
    assert len(odd_pins(search)) > 10
    list(settle(search, room))
    assert len(odd_pins(search)) <= 2
    assert len(search.laid) <= 150 + room


@pytest.mark.parametrize("count", [8, 15, 25, 60])
def test_settling_few_chords_lays_no_more_than_there_were(count):
    search = make_search(pins=60, side_mm=300.0)
    exhaust(search, count)
    list(settle(search, 0))
    assert len(search.laid) <= count


def test_settling_may_change_a_few_chords_only_and_takes_the_cheapest():
    search = make_search()
    exhaust(search, 150)
    before, odd = search.pairs_laid, len(odd_pins(search))
    list(settle(search, most=3))
    assert 0 < max(len(before - search.pairs_laid), len(search.pairs_laid - before)) <= 3
    assert len(odd_pins(search)) <= odd - 6  # one that is laid and one that goes make one change


@pytest.mark.parametrize("seed", range(4))
def test_pairs_are_matched_nearly_as_cheaply_as_can_be(seed):
    cost = np.random.default_rng(seed).random((8, 8)).astype(np.float32)
    cost += cost.T

    def least(left):
        if not left:
            return 0.0
        first, rest = left[0], left[1:]
        return min(cost[first, other] + least([k for k in rest if k != other]) for other in rest)

    partner = np.full(len(cost), -1, np.int32)
    _kernels.matched(cost, np.argsort(cost, axis=None, kind="stable"), partner)
    assert [int(partner[partner[k]]) for k in range(8)] == list(range(8))
    assert sum(cost[k, partner[k]] for k in range(8)) / 2 <= 1.3 * least(list(range(8)))


@pytest.mark.parametrize("is_convex", [True, False])
def test_of_very_many_chords_few_are_looked_at_and_the_picture_is_as_good(monkeypatch, is_convex):
    def searched():
        search = make_search(pins=80, is_convex=is_convex)
        exhaust(search, 400)
        return search.cost.cost(search.transmittance)

    monkeypatch.setattr(chord_search, "RENEW_EVERY", 20)
    whole = searched()
    monkeypatch.setattr(chord_search, "_FEW", 400)
    monkeypatch.setattr(chord_search, "_LEAST_QUEUED", 100)
    assert searched() < 1.03 * whole


@pytest.mark.parametrize("is_convex", [True, False])
def test_of_very_many_chords_no_more_are_laid_than_there_is_thread_for(monkeypatch, is_convex):
    monkeypatch.setattr(chord_search, "_FEW", 400)
    monkeypatch.setattr(chord_search, "_LEAST_QUEUED", 100)
    monkeypatch.setattr(chord_search, "RENEW_EVERY", 2)
    search = make_search(pins=60, is_convex=is_convex)
    exhaust(search, 400, length_mm=1000.0)
    assert 900 < search.length_mm <= 1000


def test_the_gains_of_all_lines_across_the_board_foretell_what_every_chord_gains(monkeypatch):
    monkeypatch.setattr(chord_search, "_FEW", 400)
    search = make_search(pins=60)
    exhaust(search, 60)
    search._likely_gains()
    free = ~search._taken.flags
    first = 4 * np.flatnonzero(free).astype(np.int32)
    promised, own, best = search._gains[free], search.gains_of(first), search.gains_of(first + search._way[free])
    assert (search._gains[~free] == -np.inf).all()
    assert np.corrcoef(promised, own)[0, 1] > 0.985
    assert np.corrcoef(promised, best)[0, 1] > 0.96  # pins are half a pixel wide here, a tenth of that on a large board
    assert np.abs(promised - own).mean() < 0.03 * np.ptp(own)


def test_of_very_many_chords_those_that_promise_little_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(chord_search, "_FEW", 400)
    monkeypatch.setattr(chord_search, "_LEAST_QUEUED", 100)
    search, looked_at = make_search(pins=60), []
    search.renew()
    promised = search._likely_gains
    monkeypatch.setattr(search, "_likely_gains", lambda: (promised(), looked_at.append(search._gains.copy())))
    search._looks = 777  # whatever was looked at before
    search._regain(1, sure=False)
    (likely,) = looked_at
    least = search._gains > -np.inf
    assert 100 < least.sum() < 400
    assert likely[least].min() >= likely[~least].max()


def test_what_is_kept_comes_back():
    search = make_search()
    exhaust(search, 50)
    kept, before = search.keep(), search.transmittance
    search.thin(0.5)
    exhaust(search, 80)
    search.restore(kept)
    np.testing.assert_array_equal(search.transmittance, before)
    assert len(search.laid) == 50
    assert search.pairs_laid == frozenset(line // 4 for line in kept.laid)


def test_what_is_wound_is_what_was_searched():
    search = make_search(pins=60, side_mm=600.0)
    exhaust(search, 400)
    assert search.loose().sum() > 0
    for _ in settle(search):
        pass
    ring = place_pins(make_board("circle", (600.0, 600.0)), 60, 1.0)
    winding = wind(ring.xy_mm, search.chosen)
    assert len(winding) == len(search.laid) + 1  # no step along the rim
    searched = Counter(map(tuple, search.chosen.tolist()))
    wound = Counter(lines_of(winding, directions(ring.xy_mm, winding)))
    # the thread is tied, through the middle, where it begins and ends; two ends change sides where circuits meet
    assert (wound - searched).total() <= 4


def lines_of(winding, turns):
    """Pins and sides (1 left, -1 right, seen from the pin) of every step."""
    for k, (a, b) in enumerate(zip(winding[:-1].tolist(), winding[1:].tolist(), strict=True)):
        ends = ((a, int(turns[k])), (b, -int(turns[k + 1])))  # round a pin clockwise: it is left on its left
        (i, side_i), (j, side_j) = sorted(ends)
        yield i, j, side_i, side_j
