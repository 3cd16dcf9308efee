"""Steps of a person: read back pin by pin they are the plan's layers, and walks along the rim are whole."""

from itertools import pairwise

import pytest
from sample_plans import random_plan, rim_plan
from steps_reader import pins_of

from stringart.errors import PlanError
from stringart.plan.materials import materials_of
from stringart.plan.steps import Kind, steps_of, steps_or_refuse, with_ties
from stringart.plan.wraps import wrap_directions


@pytest.mark.parametrize(
    "plan", [rim_plan(), rim_plan(pins=37), random_plan((40, 0, 60, 1)), random_plan((300,), pins=5)]
)
def test_read_back_pin_by_pin_the_steps_are_the_plan(plan):
    steps = steps_of(plan)
    rows = [(s.kind.value, s.layer, s.from_pin, s.to_pin, s.walk) for s in with_ties(steps)]
    found = pins_of(rows, len(plan.pins))
    assert found == [(k, layer.pins.tolist()) for k, layer in enumerate(plan.layers) if layer.steps]
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert [piece for step in steps for piece in range(step.first, step.stop)] == list(range(len(plan.steps)))
    assert sum(step.length_mm for step in steps) == pytest.approx(plan.step_lengths_mm.sum())


def test_a_walk_is_one_step_however_far_it_goes_and_there_and_back_are_two():
    first = [step for step in steps_of(rim_plan()) if step.layer == 0]
    assert [step.walk for step in first if step.is_rim] == [18, -7, 1, -1, -12, 3]
    assert first[0].text == "along the rim ↻ to 14 (18 pins)"
    assert first[0].sentence == "Along the rim, clockwise, 18 pins, to pin 14."
    for one, two in pairwise(steps_of(rim_plan())):
        same_way = one.layer == two.layer and one.walk * two.walk > 0
        assert not same_way, f"{one.text}, then {two.text}: that is one walk"


def test_every_step_says_the_way_round_the_pin_where_it_ends():
    plan = rim_plan()
    turns = wrap_directions(plan)
    for step in steps_of(plan):
        at = step.stop - sum(layer.steps for layer in plan.layers[: step.layer])
        assert step.direction == turns[step.layer][at]


def test_every_layer_is_tied_on_and_off():
    ties = [(s.kind, s.layer, s.to_pin, s.number) for s in with_ties(steps_of(rim_plan())) if s.is_tie]
    assert [kind for kind, *_ in ties] == [Kind.TIE_ON, Kind.TIE_OFF] * 3
    plan = rim_plan()
    assert [pin for _, _, pin, _ in ties] == [int(layer.pins[k]) for layer in plan.layers for k in (0, -1)]


def test_materials_count_the_same_steps():
    for plan in (rim_plan(), random_plan()):
        use, steps = materials_of(plan), steps_of(plan)
        assert use.steps == len(steps)
        assert [one.rim_walks for one in use.layers] == [
            sum(step.is_rim for step in steps if step.layer == k) for k in range(len(plan.layers))
        ]


def test_a_plan_without_chords_has_no_steps():
    assert steps_of(random_plan(())) == ()
    with pytest.raises(PlanError, match="a book would be empty"):
        steps_or_refuse(random_plan(()), "a book")
