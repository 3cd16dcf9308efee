"""A turntable: nothing crosses the board, the thread is laid by turning. Judged by a reader that knows no writer."""

from dataclasses import replace

import numpy as np
import pytest
from machine_boards import plan_on
from machine_judge import least_distance, polar_to_plane, wraps_of

from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile import Profile
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.machine.recovery import ResumeGuide
from stringart.plan.model import Layer, Plan

TURNTABLE = load_profile("grbl-turntable")
#: Chords, a run along the rim and back, the longest chord there is, and one that goes on over a whole turn.
PINS = [0, 60, 20, 21, 22, 23, 22, 82, 142, 58, 118, 34, 94]


def plan_of(pins: list[int] = PINS, count: int = 120) -> Plan:
    plan = plan_on("circle", (1,), count)
    return replace(plan, layers=(Layer(thread=0, pins=np.array(pins) % count),))


def corners(text: str) -> np.ndarray:
    """Radius, angle and height at the end of every line, read by splitting words: nothing of ours."""
    here, found = {"X": np.nan, "Y": np.nan, "Z": np.nan}, []
    for line in text.splitlines():
        words = {w[0]: float(w[1:]) for w in line.split() if line.startswith("G1") and w[0] in here}
        here |= words
        if words:
            found.append((here["X"], here["Y"], here["Z"]))
    table = np.array(found)
    return table[~np.isnan(table).any(1)]


def test_the_path_winds_the_plan_and_the_needle_never_leaves_its_side():
    plan = plan_of()
    text = program_text(make_job(plan, TURNTABLE))
    path = corners(text)
    radius = path[:, 0]
    assert radius.max() - radius.min() < 20.0, "the needle stays at the pins, the board turns"
    assert np.ptp(path[:, 1]) > 360.0, "and it turns on beyond a whole turn"
    low = np.concatenate([[False], np.minimum(path[1:, 2], path[:-1, 2]) < 25.0])
    plane = np.vstack([polar_to_plane(path[k - 1 : k + 1]) for k in np.flatnonzero(low)])
    wound = plan.layers[0].pins.tolist()
    turns = TURNTABLE.thread.anchor_turns
    assert [pin for pin, _ in wraps_of(plane, plan.pins.xy_mm)] == [wound[0]] * turns + wound + [wound[-1]] * turns
    reach = (plan.pins.diameter_mm + TURNTABLE.tool.diameter_mm) / 2 + TURNTABLE.clearance.pin_mm
    assert least_distance(plane, plan.pins.xy_mm, 25.0) > reach - 0.05
    proof = prove(text, TURNTABLE, plan)
    assert proof.problems == ()
    assert [w.pin for w in proof.wound] == wound


def test_turning_winds_the_same_way_round_every_pin_as_crossing_does():
    plan = plan_of()
    by_name = {}
    for name in ("grbl-turntable", "grbl-rotary"):
        profile = load_profile(name)
        by_name[name] = [(w.pin, w.direction) for w in prove(program_text(make_job(plan, profile)), profile).wound]
    assert by_name["grbl-turntable"] == by_name["grbl-rotary"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits": {"x_mm": (299.0, 340.0)}}, r"X would go to 29\d\.\d mm, but its travel is 299 to 340 mm"),
        ({"board": {"center_mm": (400.0, 0.0)}}, "the axis of rotation lies outside the board"),
        ({"tool": {"diameter_mm": 15.0}}, "the tool of 15.00 mm and 2 x 0.50 mm clearance need 16.00 mm"),
        ({"board": {"center_mm": (130.0, 0.0)}}, "its travel is 180 to 420 mm"),
        ({"height": {"pin_mm": 5.0}}, "the pins end at 5.0 mm"),
    ],
)
def test_what_a_turntable_cannot_wind_is_refused_with_the_numbers(change, said):
    with pytest.raises(MachineError, match=said):
        make_job(plan_of(), changed(change))


def changed(change: dict[str, dict[str, object]]) -> Profile:
    parts = {section: replace(getattr(TURNTABLE, section), **values) for section, values in change.items()}
    return replace(TURNTABLE, **parts)


def test_ways_back_and_tours_turn_the_board_and_keep_the_needle_where_it_reaches():
    plan = plan_of()
    guide = ResumeGuide(read_job(program_text(make_job(plan, TURNTABLE))), TURNTABLE)
    stood = guide.end_of(5)
    far = (stood[0], stood[1] + 170.0, 12.0)
    for lines in (
        guide.to_step(6, far).lines, guide.by_thread(6, "between", far).lines, guide.tour([0, 60, 30], far),
        guide.try_wrap(61, 1, far), guide.re_anchor(5, far).lines,
    ):  # fmt: skip
        radius = corners("\n".join(lines))[:, 0]
        assert (radius > 285).all()
        assert (radius < 315).all()
    angle = corners("\n".join(guide.to_step(6, far).lines))[-1]
    assert abs(angle[1] - stood[1]) < 1.0, "turned back to where it stood, not on by a whole turn"
