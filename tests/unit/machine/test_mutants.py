"""Every line of a job swapped with the next, doubled or left out: found from the path alone.

All that the writer says of itself (check sums, names of wraps) is taken away; what is left is the code, the places of
the pins and the plan. What is not found must be the same job: the simulated gantry's own record then shows the same
path within 0.1 mm, with the same stops. That is a mode that is said twice, one rest of two (Marlin, a servo), a place
on a straight line between its ends and, at the very end, what the program's end does as well.
"""

import os
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from machine_boards import plan_on

from firmware_io import Job, JobState, MachineState, Step
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine
from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.profile import Profile
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.model import Plan

SAME_MM = 0.1
KINDS = ("swapped", "doubled", "missing")


def bare_lines(plan: Plan, profile: Profile) -> list[str]:
    """The job's lines of code after the places of the pins."""
    lines = program_text(make_job(plan, profile)).splitlines()
    return [line for line in lines if line[0] not in "(;" or re.match(r"[(;]pins? \d", line)]


def mutants(lines: list[str], of: int):
    """(what was done, at which line, the lines)."""
    code = [k for k, line in enumerate(lines) if line[0] not in "(;"]
    for k in code[::of]:
        line = lines[k]
        if k + 1 < len(lines) and lines[k + 1] != line:
            yield "swapped", k, [*lines[:k], lines[k + 1], line, *lines[k + 2 :]]
        yield "doubled", k, [*lines[: k + 1], *lines[k:]]
        yield "missing", k, [*lines[:k], *lines[k + 1 :]]


def problems_of(lines: list[str], profile: Profile, plan: Plan) -> tuple[str, ...]:
    try:
        return prove("\n".join(lines) + "\n", profile, plan).problems
    except MachineError as error:
        return (str(error),)


def record(lines: list[str], profile: Profile) -> tuple[np.ndarray, list[tuple[float, ...]]]:
    """What the simulated gantry did: its corners (with the servo's value), and where it waited for the operator."""
    code = [line for line in lines if line[0] not in "(;" and not line.startswith("G64")]
    code = [line.removesuffix(" G40 G49 G80") for line in code]  # LinuxCNC's own words
    machine = SimulatedMachine("marlin" if profile.machine.dialect == "marlin" else "grbl", resets_on_open=False)
    bench = Bench(machine, path_tolerance_mm=0.0, verify_steps=False)
    bench.connect()
    stops = []
    bench.start(Job.from_steps("mutant", [Step(lines=tuple(code))]))
    waiting = (MachineState.HELD, MachineState.WAITING)
    while bench.run(lambda: bench._rests() or bench.engine.core.machine_state in waiting) is not JobState.FINISHED:
        assert bench.engine.runner.active
        stops.append(machine.position[:3])
        bench.engine.release()
        bench.run(lambda: bench._rests() or bench.engine.core.machine_state not in waiting)
    corners = np.array([(*v.position[:3], v.spindle) for v in machine.path])
    return on_board(corners) if profile.rotary else corners, stops


def on_board(corners: np.ndarray) -> np.ndarray:
    """Radius and angle as places, the spirals between them too."""
    fine = []
    for a, b in pairwise(corners):
        parts = max(int(abs(b[1] - a[1])), 1)
        fine += [a + (b - a) * k / parts for k in range(parts)]
    r, t, *rest = np.array([*fine, corners[-1]]).T
    return np.column_stack([r * np.sin(np.radians(t)), r * np.cos(np.radians(t)), *rest])


def is_same(a: np.ndarray, b: np.ndarray, same_mm: float) -> bool:
    """Whether two ways are one within the tolerance: seen from three sides, and of one length."""
    if np.array_equal(a, b):  # most are
        return True
    for sides in ([0, 1], [0, 2], [1, 2]):
        one, other = shapely.LineString(a[:, sides]), shapely.LineString(b[:, sides])
        if shapely.hausdorff_distance(one, other) > same_mm:
            return False
    lengths = [np.sqrt((np.diff(way[:, :3], axis=0) ** 2).sum(1)).sum() for way in (a, b)]
    return abs(lengths[0] - lengths[1]) < 2 * same_mm and sorted(set(a[:, 3])) == sorted(set(b[:, 3]))


#: Profile, board, chords, how far the path of the same job may be from its own, and of how many lines one is tried. A
#: rotary machine's ways are cut into many short lines; without one of them a corner is cut, by less than that and still
#: clear of all pins. Every day of the wraps in the middle, which are alike, there are fewer.
FULL = bool(os.environ.get("STRINGART_FULL"))
JOBS = [
    ("grbl", "circle", (6, 3) if FULL else (3, 2), SAME_MM, 1 if FULL else 2),
    ("linuxcnc", "star", (4,) if FULL else (3,), SAME_MM, 1),
    ("marlin", "ell", (4,) if FULL else (3,), SAME_MM, 1),
    ("grbl-servo", "circle", (4,) if FULL else (3,), SAME_MM, 1 if FULL else 2),
    ("grbl-rotary", "circle", (2,), 3.0, 1 if FULL else 13),
    ("grbl-turntable", "circle", (2,), 3.0, 1 if FULL else 26),
]


@pytest.mark.parametrize(("name", "shape", "steps", "same_mm", "of"), JOBS)
def test_every_line_swapped_doubled_or_missing_is_found_from_the_path_alone(name, shape, steps, same_mm, of):
    profile, plan = load_profile(name), plan_on(shape, steps)
    lines = bare_lines(plan, profile)
    assert problems_of(lines, profile, plan) == ()
    reference = cache(lambda: record(lines, profile))
    found, same = Counter(), Counter()
    for kind, k, mutant in mutants(lines, of):
        if problems_of(mutant, profile, plan):
            found[kind] += 1
            continue
        path, stops = record(mutant, profile)
        assert is_same(path, reference()[0], same_mm), (kind, k, lines[k - 1 : k + 2])
        assert stops == reference()[1], (kind, k, lines[k - 1 : k + 2])
        same[kind] += 1
    total = found.total() / len(KINDS)
    for kind in ("swapped", "doubled") if profile.rotary else KINDS:
        assert same[kind] <= 4 + 0.2 * total, (found, same)
