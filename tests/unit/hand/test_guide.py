"""The guide's state machine: what each command does, what is counted, what is shown."""

from dataclasses import replace

import numpy as np
import pytest
from sample_plans import THREADS, random_plan, rim_plan, ring

from stringart.errors import PlanError
from stringart.hand.guide import Guide, Phase, Standing
from stringart.plan.materials import BEGINNER, materials_of
from stringart.plan.model import Layer
from stringart.plan.steps import Kind, steps_of


def chords_plan(count):
    """One layer of chords only."""
    pins = np.cumsum(np.r_[0, 7 + np.arange(count) % 11]) % 60
    return replace(random_plan((2,)), layers=(Layer(thread=0, pins=pins),), pins=ring(60))


@pytest.fixture
def plan():
    return random_plan((4, 3), THREADS[1:3])


def _wind_all(guide, pace_s=7.0):
    """Press next until nothing changes; return what was shown before each press."""
    shown, now_s = [], 0.0
    while True:
        shown.append(guide.view())
        if not guide.next(now_s):
            return shown
        now_s += pace_s


def test_from_the_first_knot_to_the_last_step_every_step_is_asked_once_in_order(plan):
    shown = _wind_all(Guide(plan))
    phases = [view.phase for view in shown]
    assert phases == [Phase.TIE, *[Phase.WIND] * 4, Phase.TIE, *[Phase.WIND] * 3, Phase.DONE]
    assert tuple(view.step for view in shown if view.phase is Phase.WIND) == steps_of(plan)


def test_a_walk_along_the_rim_is_one_press():
    plan = rim_plan()
    shown = [view for view in _wind_all(Guide(plan)) if view.phase is Phase.WIND]
    assert len(shown) == shown[0].total == len(steps_of(plan)) < len(plan.steps) - 100
    assert [view.step.walk for view in shown if view.layer == 0 and view.step.is_rim] == [18, -7, 1, -1, -12, 3]


def test_at_the_start_the_hours_are_those_of_the_report():
    for plan in (rim_plan(), random_plan()):
        assert Guide(plan).view().left_s == materials_of(plan).hand_s


def test_each_kind_of_step_has_a_pace_of_its_own():
    guide, now_s = Guide(rim_plan()), 0.0
    guide.next(now_s)
    slow = {Kind.CHORD: 10.0, Kind.RIM_WALK: 40.0, Kind.TIE_ON: 200.0}
    while guide.place.done < 40:
        kind = Kind.TIE_ON if guide.phase is Phase.TIE else guide.view().step.kind
        now_s += slow[kind]
        guide.next(now_s)
        assert guide.took == (kind, pytest.approx(slow[kind]))
    view = guide.view()
    assert (view.pace.chord_s, view.pace.rim_walk_s) == pytest.approx((10.0, 40.0))
    assert view.pace.change_s == BEGINNER.change_s  # one change was timed: too few to go by
    left = steps_of(guide.plan)[40:]
    walks = sum(step.is_rim for step in left)
    assert view.left_s == pytest.approx((len(left) - walks) * 10 + walks * 40 + BEGINNER.change_s)


def test_the_thread_that_is_asked_for_is_the_layers(plan):
    shown = [view for view in _wind_all(Guide(plan)) if view.phase is Phase.TIE]
    assert [view.thread.name for view in shown] == ["sand", "rust"]
    assert [view.layer for view in shown] == [0, 1]


def test_back_undoes_next_across_a_change_of_thread(plan):
    guide = Guide(plan)
    places = [guide.place]
    while guide.next(0.0):
        places.append(guide.place)
    for place in reversed(places[:-1]):
        assert guide.back(0.0)
        assert (guide.place.done, guide.place.tied) == (place.done, place.tied)
    assert not guide.back(0.0)


def test_jump_makes_a_step_the_next_one_and_asks_for_the_thread_at_a_layers_start(plan):
    guide = Guide(plan)
    guide.jump(3, 0.0)
    assert (guide.phase, guide.view().step.number) == (Phase.WIND, 3)
    guide.jump(5, 0.0)
    assert (guide.phase, guide.view().step.number) == (Phase.TIE, 5)


@pytest.mark.parametrize("number", [0, -1, 8, 10**9])
def test_a_jump_out_of_the_plan_is_refused_and_changes_nothing(plan, number):
    guide = Guide(plan)
    with pytest.raises(PlanError, match="steps 1 to 7"):
        guide.jump(number, 0.0)
    assert guide.place == Standing()


def test_the_next_press_while_paused_goes_on_but_winds_nothing(plan):
    guide = Guide(plan, Standing(done=1, tied=True))
    assert guide.pause()
    assert guide.view().paused
    assert guide.next(0.0)
    assert (guide.place.done, guide.place.paused) == (1, False)


def test_the_pace_is_the_persons_own_without_rests_and_bounced_keys():
    guide = Guide(chords_plan(100))
    now_s = 0.0
    guide.next(now_s)
    for number in range(40):
        now_s += 0.05 if number % 10 == 3 else 900.0 if number % 10 == 7 else 9.0
        guide.next(now_s)
    view = guide.view()
    assert view.pace_measured
    assert view.pace.chord_s == pytest.approx(9.0)
    assert view.left_s == pytest.approx(60 * 9.0)


def test_time_spent_paused_is_not_counted():
    guide = Guide(chords_plan(20))
    guide.next(0.0)
    for number in range(10):
        guide.pause()
        guide.resume(100.0 * number)
        guide.next(100.0 * number + 6.0)
    assert guide.recent_s[Kind.CHORD] == pytest.approx((6.0,) * 10)


def test_before_the_pace_is_known_a_guess_is_shown_as_one():
    view = Guide(random_plan((100,))).view()
    assert not view.pace_measured
    assert view.pace == BEGINNER


def test_percent_is_100_only_when_all_is_wound():
    plan = chords_plan(3000)
    assert Guide(plan, Standing(done=2999, tied=True)).view().percent == 99.9
    assert Guide(plan, Standing(done=3000)).view().percent == 100.0


def test_the_spool_counts_down_by_what_the_layer_uses_and_a_new_one_is_full():
    plan = random_plan((30,), THREADS[:1])
    total_mm = materials_of(plan).layers[0].total_mm
    guide = Guide(plan, spool_mm=100_000.0)
    assert guide.view().spool_left_mm == 100_000.0
    assert guide.view().layer_left_mm == pytest.approx(total_mm, rel=0.01)
    for _ in range(31):
        guide.next(0.0)
    assert guide.phase is Phase.DONE
    assert guide.view().spool_left_mm == pytest.approx(100_000.0 - total_mm, rel=0.001)
    guide.new_spool()
    assert guide.view().spool_left_mm == 100_000.0
    assert Guide(plan, guide.place).view().spool_left_mm == 100_000.0  # the place remembers the spool


def test_each_thread_has_a_spool_of_its_own(plan):
    guide = Guide(plan, spool_mm=50_000.0)
    for _ in range(5):
        guide.next(0.0)
    assert guide.view().thread.name == "rust"
    assert guide.view().spool_left_mm == 50_000.0


def test_a_spool_that_will_not_last_is_announced():
    guide = Guide(random_plan((30,)), Standing(done=10, tied=True), spool_mm=5_100.0)
    assert guide.view().spool_low


def test_a_plan_without_chords_is_refused():
    with pytest.raises(PlanError, match="no chords"):
        Guide(random_plan(()))


def test_layers_without_steps_are_passed_over():
    guide = Guide(random_plan((2, 0, 2)))
    phases = [view.phase for view in _wind_all(guide)]
    assert phases.count(Phase.TIE) == 2
    assert guide.view().layers == 2


def test_a_jump_is_undone_and_so_is_the_one_before(plan):
    guide = Guide(plan, Standing(done=1, tied=True))
    assert not guide.undo(0.0)
    guide.jump(3, 0.0)
    guide.jump(6, 0.0)
    assert guide.undo(0.0)
    assert guide.place == Standing(done=2, tied=True, jumps=((1, True),))
    assert guide.undo(0.0)
    assert guide.place == Standing(done=1, tied=True)
    assert not guide.undo(0.0)


def test_unwinding_to_a_step_names_what_to_take_off_the_last_one_first():
    plan = rim_plan()
    guide, steps = Guide(plan, Standing(done=7, tied=True)), steps_of(plan)
    assert guide.to_unwind(4) == (steps[6], steps[5], steps[4], steps[3])
    guide.unwind(4, 0.0)
    assert (guide.place.done, guide.phase) == (3, Phase.WIND)
    guide.unwind(1, 0.0)  # the thread is still tied on
    assert guide.phase is Phase.WIND
    for number in (0, 1, 99):
        with pytest.raises(PlanError, match="cannot be unwound: nothing is wound yet"):
            guide.to_unwind(number)
    with pytest.raises(PlanError, match="steps 1 to 7 are on the board"):
        Guide(plan, Standing(done=7, tied=True)).to_unwind(8)


def test_a_lost_place_is_found_by_the_pin_and_where_the_thread_comes_from():
    plan = rim_plan()
    guide, steps = Guide(plan, Standing(done=20, tied=True)), steps_of(plan)
    for step in steps:
        found = guide.fitting(step.to_pin, step.from_pin)
        assert step in found
        assert all((other.to_pin, other.from_pin) == (step.to_pin, step.from_pin) for other in found if not other.walk)
    away = [abs(step.number - 20) for step in guide.fitting(steps[4].to_pin)]
    assert away == sorted(away)
    first = steps[0]  # a walk over 18 pins: every pin that it passes fits
    assert all(first in guide.fitting((first.from_pin + k) % 60, first.from_pin) for k in range(1, 19))
    assert first not in guide.fitting((first.from_pin + 19) % 60, first.from_pin)
    with pytest.raises(PlanError, match="there is no pin 60: the board has pins 0 to 59"):
        guide.fitting(60)


def test_the_steps_at_which_the_spools_end_are_known_beforehand():
    plan = chords_plan(400)
    total_mm = materials_of(plan).total_mm
    guide = Guide(plan, spool_mm=50_000.0)
    ends = guide.spool_ends()
    knots_mm = 2 * 150
    assert len(ends) == int(np.ceil((total_mm - 50_000) / (50_000 - knots_mm)))
    for _ in range(401):
        view = guide.view()
        if guide.phase is Phase.WIND and view.step == ends[0]:
            break
        guide.next(0.0)
    step_mm = max(step.length_mm for step in guide.steps) * 1.05
    assert view.spool_left_mm < step_mm
    assert Guide(plan).spool_ends() == ()
    assert Guide(plan, spool_mm=total_mm + 1000).spool_ends() == ()
    Guide(plan, spool_mm=200.0).spool_ends()  # shorter than its knots: no endless loop
