import os

import numpy as np
import pytest
from machine_boards import SHAPES, plan_on
from machine_judge import RS274, as_rs274, interpret, least_distance, polar_to_plane, wraps_of

from stringart.machine.job import make_job
from stringart.machine.profile import bundled_names, load_profile
from stringart.machine.program import program_text

needs_interpreter = pytest.mark.skipif(
    RS274 is None and not os.environ.get("STRINGART_ALL_TESTS"), reason="LinuxCNC's rs274 is not installed"
)
TURNS = 3
# chords for every machine on every board: all 42 at 4,000 take a quarter of an hour
STEPS = (4000,) if os.environ.get("STRINGART_FULL") else (60, 40)


def wanted(plan) -> list[int]:
    """Pins in order, with the anchors' turns at both ends of every layer."""
    out: list[int] = []
    for layer in plan.layers:
        pins = layer.pins.tolist()
        out += [pins[0]] * TURNS + pins + [pins[-1]] * TURNS
    return out


def turn_of(a, b, c) -> int:
    """+1 for a right turn at b, -1 for a left one, 0 for none."""
    cross = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
    return 0 if abs(cross) < 1e-6 else (-1 if cross > 0 else 1)


def judge(plan, name: str, folder) -> None:
    profile = load_profile(name)
    text = program_text(make_job(plan, profile))
    path = interpret(as_rs274(text, profile.machine.dialect), folder)
    if profile.rotary:
        path = polar_to_plane(path)
    pins = plan.pins.xy_mm + np.array(profile.board.center_mm)
    found = wraps_of(path, pins)
    assert [pin for pin, _ in found] == wanted(plan)
    check_directions(plan, found)
    below = 1e9 if profile.servo_lift else 25.0
    assert least_distance(path, pins, below) > 1.0 + 1.0 + 0.45


def check_directions(plan, found) -> None:
    """Where neither step is along the rim, the pin lies on the inner side of the thread's turn."""
    at, count, checked = 0, len(plan.pins), 0
    for layer in plan.layers:
        pins = layer.pins.tolist()
        for k in range(1, len(pins) - 1):
            a, b, c = pins[k - 1 : k + 2]
            turn = turn_of(*(plan.pins.xy_mm[p] for p in (a, b, c)))
            rim = {(a - b) % count, (c - b) % count} & {0, 1, count - 1}
            if turn and not rim:
                assert found[at + TURNS + k][1] == turn, (k, a, b, c)
                checked += 1
        at += len(pins) + 2 * TURNS
    assert checked > 10


@needs_interpreter
@pytest.mark.parametrize("name", bundled_names())
@pytest.mark.parametrize("shape", SHAPES)
def test_every_machine_winds_every_board_as_an_independent_interpreter_sees_it(shape, name, tmp_path):
    judge(plan_on(shape, STEPS), name, tmp_path)


@needs_interpreter
@pytest.mark.parametrize(("shape", "name"), [("circle", "grbl"), ("star", "grbl-rotary")])
def test_a_plan_of_4000_chords(shape, name, tmp_path):
    judge(plan_on(shape, (4000,)), name, tmp_path)
