"""Whatever the chords, the winding holds each of them once, and nothing else but steps along the rim."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stringart.search.winding import wind


def ring(count):
    angle = 2 * np.pi * np.arange(count) / count
    return 300 * np.column_stack([np.sin(angle), np.cos(angle)])


@st.composite
def chords(draw):
    count = draw(st.integers(8, 60))
    pin = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(pin, pin), min_size=1, max_size=120))
    pairs = [(min(p), max(p)) for p in pairs if min(abs(p[0] - p[1]), count - abs(p[0] - p[1])) > 1]
    return count, pairs or [(0, count // 2)]


def steps_of(winding, count):
    across, rim = Counter(), 0
    for a, b in zip(winding[:-1].tolist(), winding[1:].tolist(), strict=True):
        if min(abs(a - b), count - abs(a - b)) == 1:
            rim += 1
        else:
            across[min(a, b), max(a, b)] += 1
    return across, rim


@given(chords())
def test_every_chord_once_and_only_rim_steps_besides(case):
    count, pairs = case
    across, _ = steps_of(wind(ring(count), np.array(pairs)), count)
    assert across == Counter(pairs)


@given(chords())
def test_the_same_chords_give_the_same_winding(case):
    count, pairs = case
    first, second = (wind(ring(count), np.array(pairs)) for _ in range(2))
    assert first.tolist() == second.tolist()


@given(chords())
def test_no_pin_follows_itself(case):
    count, pairs = case
    winding = wind(ring(count), np.array(pairs))
    assert (np.diff(winding) != 0).all()


@given(st.integers(100, 400), st.integers(0, 10**6))
def test_travel_along_the_rim_is_short(chords_wanted, seed):
    count = 100
    pairs = np.sort(np.random.default_rng(seed).integers(0, count, (chords_wanted, 2)), axis=1)
    gap = pairs[:, 1] - pairs[:, 0]
    pairs = pairs[(gap > 1) & (gap < count - 1)]
    _, rim = steps_of(wind(ring(count), pairs), count)
    assert rim <= count  # one of the two ways round is never longer than half the rim; joins come on top


@given(st.integers(500, 900), st.integers(0, 10**6))
def test_the_thread_hardly_ever_doubles_straight_back(chords_wanted, seed):
    count = 60
    pairs = np.sort(np.random.default_rng(seed).integers(0, count, (chords_wanted, 2)), axis=1)
    gap = pairs[:, 1] - pairs[:, 0]
    winding = wind(ring(count), pairs[(gap > 1) & (gap < count - 1)])
    back = (winding[:-2] == winding[2:]).mean()
    assert back < 0.01


def test_a_gap_is_not_crossed_there_back_and_there_again() -> None:
    square = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]], float)
    assert len(wind(square, np.array([[0, 2], [1, 3]]))) == 4
