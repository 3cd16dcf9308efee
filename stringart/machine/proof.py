"""What a job's path winds, proved from the path alone: which pins, in which order and direction, how near to them.

The proof. The pins' centres form a simple polygon; inside it there is nothing to wind round. So a path is known up to
bending by where it crosses the polygon's edges, and by the winding numbers of each of its parts outside, closed along
the inside. A part outside that goes once round pins k to m, all in one direction, and round no other, wraps exactly
these. Whoever wrote the job, from which plan, is not asked: nothing here knows the writer.

Above the pins' tops nothing is wound and nothing is hit; there the path is free.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.errors import MachineError
from stringart.machine.contact import Contact, WrapSeen
from stringart.machine.estimate import Timing, reader_for, time_actions, time_of
from stringart.machine.expected_wraps import WantedWrap, compare, expected_wraps
from stringart.machine.grammar import grammar_problems
from stringart.machine.job_claims import JobClaims, claim_problems, sum_problems
from stringart.machine.placement import to_machine
from stringart.machine.profile import Profile
from stringart.machine.template_files import load_template
from stringart.machine.template_proof import turntable_path, wraps_in
from stringart.machine.traced_path import TracedPath, trace
from stringart.plan.model import Array, Plan

_ROUNDING_MM = 0.05
_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found.

    Parameters
    ----------
    wraps : tuple of WrapSeen
        Every wrap of the path, anchors' turns included, in order.
    wound : tuple of WrapSeen
        The same without the turns of anchors.
    problems : tuple of str
        What is wrong, one line each; empty for a job that is as it should be.
    clearance_mm : float
        Least room between the tool's and a pin's surface.
    clearance_pin, clearance_line : int
        Where that is.
    box : ((x, x), (y, y), (z, z))
        Of the axes.
    timing : Timing
    path : (M, 2) float array
        In the machine's plane.
    lines : (M,) int array
        Line of the file that ends at each point of the path.
    low : (M,) bool array
        Whether the tool comes there below the pins' tops.
    pins_mm : (N, 2) float array
        In the machine's plane.
    source : str
        What the wraps were compared with.
    """

    wraps: tuple[WrapSeen, ...]
    wound: tuple[WrapSeen, ...]
    problems: tuple[str, ...]
    clearance_mm: float
    clearance_pin: int
    clearance_line: int
    box: tuple[tuple[float, float], ...]
    timing: Timing
    path: Array
    lines: NDArray[np.int64]
    low: NDArray[np.bool_]
    pins_mm: Array
    source: str


def prove(text: str, profile: Profile, plan: Plan | None = None) -> Proof:
    """Read a job back and prove what its path winds.

    Parameters
    ----------
    text : str
        The file.
    profile : Profile
        The machine that it is for.
    plan : Plan, optional
        What should be wound; without it the comments of the file say it.

    Raises
    ------
    MachineError
        If the text cannot be read as G-code of ours, or nothing tells where the pins are.
    """
    header = JobClaims.of(text)
    pins = header.pins if plan is None else (plan.pins.xy_mm, plan.pins.diameter_mm)
    if pins is None:
        raise MachineError("the job does not say where the pins are", "give its plan with --plan")
    pins_mm = to_machine(profile.board, pins[0])
    if profile.machine.template:
        return _prove_template(text, profile, plan, pins_mm, pins[1])
    actions = list(reader_for(profile).read(text))
    path = trace(actions, profile)
    points = path.points
    low = np.array(path.low, bool)
    contact = Contact(pins_mm, pins[1], profile.tool.diameter_mm, points, low)
    clearance = contact.least()
    wraps, problems = contact.wraps(path)
    line_of = np.array(path.lines, np.int64)
    problems = [
        *claim_problems(header, profile, plan),
        *_limit_problems(path, profile),
        *_clearance_problems(clearance, line_of, profile),
        *contact.rest_problems(path),
        *problems,
        *contact.passage_problems(path, profile),
        *grammar_problems(text, actions, profile),
    ]
    if wraps and not wraps[0].run:
        problems.append(f"line {wraps[0].line}: the job does not wait for the thread before its first wrap")
    expected, source = expected_wraps(text, plan)
    wound, more = compare(wraps, expected, profile.thread.anchor_turns, len(pins_mm))
    problems += more + sum_problems(text, header)
    return Proof(
        wraps=tuple(wraps), wound=tuple(wound), problems=tuple(problems[:_MOST_FINDINGS]), clearance_mm=clearance[0],
        clearance_pin=clearance[1], clearance_line=int(line_of[clearance[2]]) if len(line_of) else 0,
        box=tuple((b[0], b[1]) for b in path.box), timing=time_actions(actions, profile), path=points, lines=line_of,
        low=low, pins_mm=pins_mm, source=source,
    )  # fmt: skip


def _prove_template(text: str, profile: Profile, plan: Plan | None, pins_mm: Array, pin_mm: float) -> Proof:
    """The same of a template's lines, over the path that a turntable makes of them."""
    template = load_template(profile.machine.template)
    read, asked, strange = wraps_in(text, template, pins_mm)
    if not read:
        raise MachineError("nothing is wound in this job", "is it of this template? " + profile.machine.template)
    path = turntable_path(read, asked, pins_mm, profile)
    low = np.ones(len(path.points), bool)
    low[0] = False
    contact = Contact(pins_mm, pin_mm, profile.tool.diameter_mm, path.points, low)
    clearance = contact.least()
    traced = TracedPath(lines=path.lines.tolist(), runs=path.runs)
    wraps, problems = contact.wraps(traced)
    header = JobClaims.of(text)
    expected, source = expected_wraps(text, plan)
    if not template.tells_side:
        expected = [[WantedWrap(wrap.pin, 0) for wrap in layer] for layer in expected]
    wound, more = compare(wraps, expected, profile.thread.anchor_turns, len(pins_mm))
    problems = [
        *claim_problems(header, profile, plan), *strange, *_clearance_problems(clearance, path.lines, profile),
        *problems, *more, *sum_problems(text, header),
    ]  # fmt: skip
    return Proof(
        wraps=tuple(wraps), wound=tuple(wound), problems=tuple(problems[:_MOST_FINDINGS]), clearance_mm=clearance[0],
        clearance_pin=clearance[1], clearance_line=int(path.lines[clearance[2]]), box=(),
        timing=time_of(text, profile, len(pins_mm)), path=path.points, lines=path.lines, low=low, pins_mm=pins_mm,
        source=source,
    )  # fmt: skip


def _limit_problems(path: TracedPath, profile: Profile) -> list[str]:
    problems = []
    limits = (profile.limits.x_mm, profile.limits.y_mm, profile.limits.z_mm)
    names = (profile.axes.x, profile.axes.y, profile.axes.z)
    for axis, (low, high) in enumerate(limits):
        if (profile.rotary and axis == 1) or (profile.servo_lift and axis == 2):
            continue
        for end, bad in ((0, path.box[axis][0] < low - 1e-3), (1, path.box[axis][1] > high + 1e-3)):
            if bad:
                problems.append(
                    f"line {path.box_lines[axis][end]}: {names[axis]} goes to {path.box[axis][end]:.2f} mm, "
                    f"its travel is {low:g} to {high:g} mm"
                )
    return problems


def _clearance_problems(clearance: tuple[float, int, int], lines: NDArray[np.int64], profile: Profile) -> list[str]:
    room, pin, point = clearance
    if room >= profile.clearance.pin_mm - _ROUNDING_MM:
        return []
    what = "hits" if room < 0 else "comes too near to"
    return [
        f"line {lines[point]}: the tool {what} pin {pin}: {room:.2f} mm of room, "
        f"{profile.clearance.pin_mm:.2f} mm needed"
    ]
