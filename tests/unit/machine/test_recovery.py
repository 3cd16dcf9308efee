import math
from itertools import pairwise

import pytest
from machine_boards import plan_on
from machine_judge import wraps_of

from stringart.errors import MachineError
from stringart.machine.estimate import reader_for
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.kinematics import to_plane
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.reader import Motion, points_along
from stringart.machine.recovery import ResumeGuide

PLAN = plan_on("circle", (25, 10))
GRBL = load_profile("grbl")
JOB = read_job(program_text(make_job(PLAN, GRBL)))
GUIDE = ResumeGuide(JOB, GRBL)
WRAP = next(k for k, s in enumerate(JOB.steps) if s.kind == "wrap" and len(s.pins) == 1)


def path_of(lines, begin):
    """Points of lines that start at a place."""
    x, y, z = begin
    head = f"G21 G90\nG1 X{x:.3f} Y{y:.3f} Z{z:.3f} F1000\n"
    out = []
    for action in reader_for(GRBL).read(head + "\n".join(lines)):
        if isinstance(action, Motion) and not math.isnan(action.start[2]):
            out += points_along(action, 0.01)
    return out


def test_it_says_where_the_tool_is():
    x, y = GUIDE.ring.xy_mm[40]
    nx, ny = GUIDE.ring.xy_mm[41]
    assert GUIDE.whereabouts((500.0, 500.0, 6.0)).side == "inside"
    gap = GUIDE.whereabouts(((x + nx) / 2, (y + ny) / 2, 6.0))
    assert (gap.side, gap.pin) == ("gap", 40)
    outside = GUIDE.whereabouts((500 + (x - 500) * 1.03, 500 + (y - 500) * 1.03, 6.0))
    assert (outside.side, outside.pin) == ("outside", 40)
    assert GUIDE.whereabouts((x, y, 30.0)).side == "above"


@pytest.mark.parametrize("place", [(500.0, 500.0, 6.0), (20.0, 30.0, 0.0), (500.0, 810.0, 6.0)])
def test_the_way_to_a_step_goes_over_the_pins_tops_and_ends_where_the_step_begins(place):
    way = GUIDE.to_step(WRAP, place)
    path = path_of(way.lines, place)
    assert path[-1] == pytest.approx(GUIDE.end_of(WRAP - 1), abs=1e-3)
    across = [p for p, q in pairwise(path) if math.dist(p[:2], q[:2]) > 1e-6]
    assert all(p[2] >= GRBL.height.pin_mm for p in across)


@pytest.mark.parametrize("state", ["before", "between", "after"])
def test_the_thread_before_between_or_after_its_pin_leads_to_the_same_end(state):
    way = GUIDE.by_thread(WRAP, state, (500.0, 500.0, 6.0))
    lines = list(way.lines) + (list(JOB.steps[WRAP].lines) if state == "before" else [])
    path = path_of(lines, (500.0, 500.0, 6.0))
    assert path[-1] == pytest.approx(GUIDE.end_of(WRAP), abs=1e-3)
    assert way.next_step == (WRAP if state == "before" else WRAP + 1)
    low = [p for p in path if p[2] < GRBL.height.pin_mm]
    pin, direction = JOB.steps[WRAP].pins[0], JOB.steps[WRAP].direction
    if state == "before":
        assert wraps_of(low, GUIDE.ring.xy_mm) == [(pin, direction)]
    elif state == "after":
        assert wraps_of(low, GUIDE.ring.xy_mm) == []
    else:  # from the gap on, round the pin and in
        assert wraps_of([(500.0, 500.0, 6.0), *low], GUIDE.ring.xy_mm) == [(pin, direction)]


def test_stepping_back_ties_the_thread_to_the_pin_before():
    wrap = JOB.steps[WRAP + 5].first_wrap
    before = JOB.steps[WRAP + 4]
    way = GUIDE.re_anchor(wrap, (500.0, 500.0, 6.0))
    assert way.next_step == WRAP + 5
    low = [p for p in path_of(way.lines, (500.0, 500.0, 6.0)) if p[2] < GRBL.height.pin_mm]
    found = [pin for pin, _ in wraps_of(low, GUIDE.ring.xy_mm)]
    assert found == [before.pins[-1]] * (GRBL.thread.anchor_turns + 1)
    with pytest.raises(MachineError, match="no wrap 999"):
        GUIDE.re_anchor(999, None)


def test_a_dry_tour_stays_above_the_pins():
    path = path_of(GUIDE.tour([0, 72, 144], (500.0, 500.0, 6.0)), (500.0, 500.0, 6.0))
    assert all(p[2] >= GRBL.height.pin_mm for p in path)
    assert any(math.dist(p[:2], GUIDE.ring.xy_mm[72]) < 1e-3 for p in path)
    with pytest.raises(MachineError, match="no pin 288"):
        GUIDE.tour([288], None)


def test_one_wrap_is_tried_round_its_pin():
    for direction in (1, -1):
        lines = GUIDE.try_wrap(17, direction, (500.0, 500.0, 30.0))
        low = [p for p in path_of(lines, (500.0, 500.0, 30.0)) if p[2] < GRBL.height.pin_mm]
        assert wraps_of(low, GUIDE.ring.xy_mm) == [(17, direction)]


def test_the_angle_of_a_rotary_board_goes_on_from_where_it_stands():
    rotary = load_profile("grbl-rotary")
    job = read_job(program_text(make_job(PLAN, rotary)))
    guide = ResumeGuide(job, rotary)
    begin = guide.end_of(WRAP - 1)
    turned = (begin[0], begin[1] + 720.0, 30.0)
    assert guide.axes_over(40, turned)[1] == pytest.approx(guide.axes_over(40, begin)[1] + 720.0)
    assert to_plane(rotary, guide.axes_over(40, turned)) == pytest.approx(tuple(guide.ring.xy_mm[40]))
