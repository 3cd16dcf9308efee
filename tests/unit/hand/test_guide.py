"""The guide's state machine: what each command does, what is counted, what is shown."""

import numpy as np
import pytest
from sample_plans import THREADS, random_plan

from stringart.errors import PlanError
from stringart.hand.guide import Guide, Phase, Place
from stringart.plan.materials import DEFAULTS, materials_of
from stringart.plan.wraps import wrap_directions


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
    asked = [(v.step.layer, v.step.from_pin, v.step.to_pin) for v in shown if v.phase is Phase.WIND]
    assert asked == [tuple(row) for row in plan.steps.tolist()]
    directions = np.concatenate([turn[1:] for turn in wrap_directions(plan)]).tolist()
    assert [v.step.direction for v in shown if v.phase is Phase.WIND] == directions
    assert [v.step.is_rim for v in shown if v.phase is Phase.WIND] == plan.is_rim.tolist()


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
    assert guide.place == Place()


def test_the_next_press_while_paused_goes_on_but_winds_nothing(plan):
    guide = Guide(plan, Place(done=1, tied=True))
    assert guide.pause()
    assert guide.view().paused
    assert guide.next(0.0)
    assert (guide.place.done, guide.place.paused) == (1, False)


def test_the_pace_is_the_persons_own_without_rests_and_bounced_keys():
    guide = Guide(random_plan((100,)))
    now_s = 0.0
    guide.next(now_s)
    for number in range(40):
        now_s += 0.05 if number % 10 == 3 else 900.0 if number % 10 == 7 else 9.0
        guide.next(now_s)
    view = guide.view()
    assert view.pace_measured
    assert view.pace_s == pytest.approx(9.0)
    assert view.left_s == pytest.approx(60 * 9.0)


def test_time_spent_paused_is_not_counted():
    guide = Guide(random_plan((20,)))
    guide.next(0.0)
    for number in range(10):
        guide.pause()
        guide.resume(100.0 * number)
        guide.next(100.0 * number + 6.0)
    assert guide.recent_s == pytest.approx((6.0,) * 10)


def test_before_the_pace_is_known_a_guess_is_shown_as_one():
    view = Guide(random_plan((100,))).view()
    assert not view.pace_measured
    assert view.pace_s == DEFAULTS.hand_step_s


def test_percent_is_100_only_when_all_is_wound():
    plan = random_plan((3000,))
    assert Guide(plan, Place(done=2999, tied=True)).view().percent == 99.9
    assert Guide(plan, Place(done=3000)).view().percent == 100.0


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


def test_each_thread_has_a_spool_of_its_own(plan):
    guide = Guide(plan, spool_mm=50_000.0)
    for _ in range(5):
        guide.next(0.0)
    assert guide.view().thread.name == "rust"
    assert guide.view().spool_left_mm == 50_000.0


def test_a_spool_that_will_not_last_is_announced():
    guide = Guide(random_plan((30,)), Place(done=10, tied=True), spool_mm=5_100.0)
    assert guide.view().spool_low


def test_a_plan_without_chords_is_refused():
    with pytest.raises(PlanError, match="no chords"):
        Guide(random_plan(()))


def test_layers_without_steps_are_passed_over():
    guide = Guide(random_plan((2, 0, 2)))
    phases = [view.phase for view in _wind_all(guide)]
    assert phases.count(Phase.TIE) == 2
    assert guide.view().layers == 2
