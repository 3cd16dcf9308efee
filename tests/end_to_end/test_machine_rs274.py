"""Every dialect's job, on every board and kinematics, as LinuxCNC's own interpreter hears it.

The interpreter prints the motion; a judge that shares nothing with the writer (`machine_judge`) says what it wraps.
Jobs of several dialects often come to the very same motion: then the judge is asked once.
"""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from machine_boards import SHAPES, plan_on, plan_on_file
from machine_judge import RS274, Heard, as_rs274, interpret, least_distance, polar_to_plane, wraps_of

from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.job_steps import MachineJob
from stringart.machine.profile import Profile
from stringart.machine.profile_files import bundled_names, load_profile
from stringart.machine.program import program_text
from stringart.plan.model import Plan

pytestmark = pytest.mark.skipif(
    RS274 is None and not os.environ.get("STRINGART_ALL_TESTS"), reason="LinuxCNC's rs274 is not installed"
)
TURNS = 3
PIN_MM, TOOL_MM, CLEARANCE_MM, ROUNDING_MM = 2.0, 2.0, 0.5, 0.05
FILES = ("ell.svg", "bean.csv")
PATHS = [name for name in bundled_names() if name not in ("reprap", "smoothie")]  # Marlin's path in other words
LONG = ("circle", "ellipse", "rectangle", *FILES)
SHORT = tuple(shape for shape in SHAPES if shape not in LONG)
MANY, SOME, FEW = 4000, 1500, 300
FULL = bool(os.environ.get("STRINGART_FULL"))
TOO_DEEP = ("ell.svg", "bean.csv", "cee", "ell")
"""Boards whose axis lies outside them, or nearer to the rim than the needle reaches: no turntable winds these."""


@pytest.fixture(scope="session")
def boards(tmp_path_factory):
    """Plans by board and number of chords, each made once."""
    folder = tmp_path_factory.mktemp("boards")

    @cache
    def plan(shape: str, steps: tuple[int, ...]) -> Plan:
        return plan_on_file(folder, shape, steps) if shape in FILES else plan_on(shape, steps)

    return plan


@pytest.fixture(scope="session")
def judged():
    """Paths that were judged already: (plan, motion)."""
    return set()


def wanted(plan: Plan) -> list[int]:
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


def check_board(shape: str, plan: Plan, name: str, folder: Path, judged: set) -> None:
    """A job that winds the plan, or a refusal before there is a line."""
    if name == "grbl-turntable" and shape in TOO_DEEP:
        with pytest.raises(MachineError, match=r"the axis of rotation lies outside the board|its travel is 180 to 420"):
            make_job(plan, load_profile(name))
    else:
        check_job(plan, name, folder, judged)


def check_job(plan: Plan, name: str, folder: Path, judged: set) -> None:
    """The whole way from the plan to wraps."""
    profile = load_profile(name)
    job = make_job(plan, profile)
    heard = interpret(as_rs274(program_text(job), profile.machine.dialect), folder)
    check_manners(heard, job, profile)
    key = plan.sha256, hash(heard.points.tobytes()), profile.servo_lift
    if key not in judged:
        check_path(heard, plan, profile)
    judged.add(key)


def check_manners(heard: Heard, job: MachineJob, profile: Profile) -> None:
    """Stops where the operator is needed, rests after every step, inside the travel, at feeds that were allowed."""
    assert heard.stops == sum(bool(step.prompt) for step in job.steps) == len(job.plan.layers)
    assert heard.rests >= len(job.steps) - 1
    limits = [profile.limits.x_mm, profile.limits.y_mm, profile.limits.z_mm]
    free = {1} if profile.rotary else {2} if profile.servo_lift else set()
    for axis in {0, 1, 2} - free:
        way = heard.points[:, axis]
        way = way[np.argmax(way != way[0]) :]  # the interpreter begins at 0, where the machine need not reach
        assert limits[axis][0] - 1e-3 <= way.min() <= way.max() <= limits[axis][1] + 1e-3
    if not profile.rotary:  # there the controller's feed is over both axes
        motion = profile.motion
        assert heard.feeds <= {motion.travel_feed_mm_min, motion.wrap_feed_mm_min, motion.max_rate_mm_min[2]}


def check_path(heard: Heard, plan: Plan, profile: Profile) -> None:
    """All pins, in order and direction, and none touched."""
    path = polar_to_plane(heard.points) if profile.rotary else heard.points
    pins = plan.pins.xy_mm + np.array(profile.board.center_mm)
    found = wraps_of(path, pins)
    assert [pin for pin, _ in found] == wanted(plan)
    check_directions(plan, found)
    below = 1e9 if profile.servo_lift else profile.height.pin_mm
    assert least_distance(path, pins, below) > PIN_MM / 2 + TOOL_MM / 2 + CLEARANCE_MM - ROUNDING_MM


def check_directions(plan: Plan, found: list[tuple[int, int]]) -> None:
    """The pin lies on the inner side of the thread's turn; along the rim the turn goes as the pins do.

    Of the first and the last wrap of a layer, whose turns hold the thread, only that they go one way is asked.
    """
    at, count, checked, total = 0, len(plan.pins), 0, 0
    for layer in plan.layers:
        pins = layer.pins.tolist()
        ways = [way for _, way in found[at : at + len(pins) + 2 * TURNS]]
        assert len(set(ways[: TURNS + 1])) == len(set(ways[-TURNS - 1 :])) == 1
        for k in range(1, len(pins) - 1):
            expected = direction_at(plan, pins[k - 1 : k + 2], count)
            if expected:
                assert ways[TURNS + k] == expected, (k, pins[k - 1 : k + 2])
                checked += 1
        at, total = at + len(ways), total + len(pins) - 2
    assert at == len(found)
    assert checked > 0.8 * total


def direction_at(plan: Plan, three: list[int], count: int) -> int:
    """Direction of the middle one of three pins in a row; 0 where a move along the rim begins or ends."""
    a, b, c = three
    steps = {(b - a) % count, (c - b) % count}
    if len(steps) == 1 and steps <= {1, count - 1}:
        return 1 if steps == {1} else -1
    return 0 if steps & {0, 1, count - 1} else turn_of(*(plan.pins.xy_mm[p] for p in three))


@pytest.mark.parametrize("name", [name for name in PATHS if name != "klipper"])  # its arcs are cut: the short ones do
@pytest.mark.parametrize("shape", LONG)
def test_every_machine_winds_a_large_piece_on_every_board(shape, name, boards, judged, tmp_path):
    """4,000 chords on the circle by a gantry, 1,500 by every other kinematics; elsewhere 300, each pin twice, if not
    all is asked for: what a long job adds is the same on every board and in every dialect."""
    by_kinematics = MANY if name == "grbl" else SOME if name.startswith("grbl-") else FEW
    chords = MANY if FULL else by_kinematics if shape == "circle" else FEW
    check_board(shape, boards(shape, (chords,)), name, tmp_path, judged)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("shape", SHORT)
def test_every_machine_winds_two_colours_on_boards_with_deep_bays(shape, name, boards, judged, tmp_path):
    check_board(shape, boards(shape, (MANY, 200) if FULL else (60, 40)), name, tmp_path, judged)


@pytest.mark.parametrize("mutation", ["left out", "doubled", "the other way round"])
def test_the_judge_sees_what_is_wrong(mutation, tmp_path):
    """So that a green matrix means something."""
    plan, profile = plan_on("circle", (12,)), load_profile("linuxcnc")
    job = make_job(plan, profile)
    steps = list(job.steps)
    wrap = next(k for k, step in enumerate(steps) if step.first_wrap == 5 and step.kind == "wrap")
    if mutation == "left out":
        del steps[wrap]
    elif mutation == "doubled":
        steps.insert(wrap, steps[wrap])
    else:
        other = "G3" if "G2" in "".join(steps[wrap].lines) else "G2"
        lines = tuple(f"{other}{line[2:]}" if line[:2] in ("G2", "G3") else line for line in steps[wrap].lines)
        steps[wrap] = replace(steps[wrap], lines=lines)
    heard = interpret(program_text(replace(job, steps=tuple(steps))), tmp_path)
    with pytest.raises(AssertionError):
        check_path(heard, plan, profile)
