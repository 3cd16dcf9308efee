"""Schedules: what is asked for is what is wound."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stringart.errors import ScheduleError
from stringart.plan.model import Thread
from stringart.threads.schedule import MOST_LAYERS, default_schedule, parse_schedule

NAMES = ("white", "sand", "rust", "navy", "black")
COLORS = ("#ffffff", "#e0ac8c", "#c8501e", "#283c78", "#000000")
THREADS = tuple(Thread(name=n, color=c) for n, c in zip(NAMES, COLORS, strict=True))
lists_of_threads = st.lists(st.integers(0, 4), min_size=1, max_size=8)


@given(st.permutations(THREADS), st.integers(1, 6))
def test_by_default_every_thread_once_a_cycle_from_light_to_dark(threads, cycles):
    slots = default_schedule(threads, cycles)
    assert len(slots) == cycles * len(threads)
    for first in range(0, len(slots), len(threads)):
        assert [threads[slot.thread].name for slot in slots[first : first + len(threads)]] == list(NAMES)


@given(st.integers(1, 30))
def test_by_default_there_are_not_too_many_layers(count):
    threads = [Thread(name=str(k), color=f"#{k:02x}{k:02x}{k:02x}") for k in range(count)]
    slots = default_schedule(threads)
    assert {slot.thread for slot in slots} == set(range(count))
    assert len(slots) <= max(MOST_LAYERS, count)


@given(st.lists(st.tuples(lists_of_threads, st.integers(1, 5)), min_size=1, max_size=4))
def test_a_text_is_read_in_its_order(parts):
    text = "; ".join(f"{', '.join(NAMES[k] for k in cycle)} x{rounds}" for cycle, rounds in parts)
    expected = [k for cycle, rounds in parts for _ in range(rounds) for k in cycle]
    assert [slot.thread for slot in parse_schedule(text, THREADS)] == expected


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_shares_are_kept_and_their_sum_is_checked(percents):
    text = ",".join(f"{NAMES[k]}:{percent}%" for k, percent in enumerate(percents))
    if sum(percents) > 100:
        with pytest.raises(ScheduleError, match=f"{sum(percents)} %"):
            parse_schedule(text, THREADS)
    else:
        shares = [slot.share for slot in parse_schedule(text, THREADS)]
        assert shares == pytest.approx([percent / 100 for percent in percents])


@given(st.text(max_size=40))
def test_any_text_is_a_schedule_or_one_error_of_ours(text):
    slots = ()
    with contextlib.suppress(ScheduleError):
        slots = parse_schedule(text, THREADS)
    assert all(0 <= slot.thread < len(THREADS) for slot in slots)


def test_an_absent_thread_is_named_with_the_nearest():
    with pytest.raises(ScheduleError, match="whitee") as caught:
        parse_schedule("whitee,black", THREADS)
    assert "white" in caught.value.hint
