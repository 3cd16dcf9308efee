"""The path of a job, followed from its text: where the tool is, how high, and when it rests."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stringart.errors import MachineError
from stringart.machine.profile import Profile
from stringart.machine.reader import (
    Action,
    Lift,
    Motion,
    Note,
    Rest,
    Stop,
    points_along,
)
from stringart.plan.model import Array

_ARC_TOLERANCE_MM, _TURN_STEP_DEG = 0.01, 0.5


@dataclass(slots=True)
class TracedPath:
    """The tool's path in the machine's plane.

    Parameters
    ----------
    points : (M, 2) float array
        mm.
    lines : list of int
        Line of the file that ends at each point.
    low, high : list of bool
        Whether the tool comes there below the pins' tops, and whether it is above them there.
    runs : list of int
        How often the job waited for the operator before it.
    rests : list of (int, int)
        Number of the point and line at which the tool rests.
    box, box_lines : three pairs
        Least and largest value of each axis, and the lines that reach them.
    """

    points: Array = field(default_factory=lambda: np.zeros((0, 2)))
    lines: list[int] = field(default_factory=list)
    low: list[bool] = field(default_factory=list)  # on the way there
    high: list[bool] = field(default_factory=list)  # there
    runs: list[int] = field(default_factory=list)
    rests: list[tuple[int, int]] = field(default_factory=list)  # (index of the point, line)
    box: list[list[float]] = field(default_factory=lambda: [[np.inf, -np.inf] for _ in range(3)])
    box_lines: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(3)])


class _Walked(NamedTuple):
    """The motions to a place that was said, what holds during each, and the rests after so many of them."""

    motions: list[Motion]
    runs: list[int]
    servo_mm: list[float]  # NaN before it was told
    raised_mm: list[float]  # of the gantry
    rests: list[tuple[int, int]]


def trace(actions: Iterable[Action], profile: Profile) -> TracedPath:
    """Follow the tool through all actions, in the machine's plane."""
    walked = _walk(actions, profile)
    if not walked.motions:
        raise MachineError("nothing moves in this job", "is it a job that stringart wrote?")
    points, motion_of, first = _fine_points(walked.motions, rotary=profile.rotary)
    low, high = _low_and_high(points[:, 2], motion_of, first, walked, profile)
    low[0] = False  # where the tool is before the job is not known
    lines = np.array([motion.line for motion in walked.motions])[motion_of]
    last = [*(first[1:] - 1).tolist(), len(points) - 1]
    path = TracedPath(
        points=_plane(points, rotary=profile.rotary), lines=lines.tolist(), low=low.tolist(), high=high.tolist(),
        runs=np.array(walked.runs)[motion_of].tolist(), rests=[(last[k - 1], line) for k, line in walked.rests],
    )  # fmt: skip
    for axis in range(3):
        _bound(path, axis, points[:, axis])
    return path


def _walk(actions: Iterable[Action], profile: Profile) -> _Walked:
    walked, run, servo_mm, raised = _Walked([], [], [], [], []), 0, math.nan, 0.0
    for action in actions:
        if isinstance(action, Motion):
            if not (math.isnan(action.end[0]) or math.isnan(action.end[1])):  # a place was said
                walked.motions.append(action)
                walked.runs.append(run)
                walked.servo_mm.append(servo_mm)
                walked.raised_mm.append(raised)
        elif isinstance(action, Stop):
            run += 1
        elif isinstance(action, Note) and action.text.startswith("raise "):
            raised += profile.height.raise_mm
            run -= 1  # the thread goes on
        elif isinstance(action, Lift):
            servo_mm = _servo_height(action.value, profile)
        elif isinstance(action, Rest) and walked.motions:
            walked.rests.append((len(walked.motions), action.line))
    return walked


def _servo_height(value: float, profile: Profile) -> float:
    servo = profile.servo
    share = (value - servo.low_s) / (servo.high_s - servo.low_s)
    return servo.low_mm + share * (servo.high_mm - servo.low_mm)


def _fine_points(motions: Sequence[Motion], *, rotary: bool) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """(M, 3) points in axis values, the motion of each, and the first point of each motion."""
    starts, ends = (np.array(list(places)) for places in ((m.start for m in motions), (m.end for m in motions)))
    arcs = {k: points_along(motion, _ARC_TOLERANCE_MM) for k, motion in enumerate(motions) if motion.turn}
    counts = np.ones(len(motions), np.intp)
    if rotary:  # a straight line of the axes is a spiral
        known = ~np.isnan(starts[:, :2]).any(1)
        counts[known] = np.maximum(np.abs(ends[known, 1] - starts[known, 1]) / _TURN_STEP_DEG, 1).astype(np.intp)
    counts[list(arcs)] = [len(points) for points in arcs.values()]
    motion_of = np.repeat(np.arange(len(motions)), counts)
    first = np.cumsum(counts) - counts
    points = ends[motion_of]
    if rotary:
        number = (np.arange(len(points)) - first[motion_of] + 1)[:, None]
        spiral = starts[motion_of] + (ends - starts)[motion_of] * number / counts[motion_of, None]
        points = np.where(known[motion_of, None], spiral, points)
    for k, arc in arcs.items():
        points[first[k] : first[k] + counts[k]] = arc
    return points, motion_of, first


def _low_and_high(
    z: Array, motion_of: NDArray[np.intp], first: NDArray[np.intp], walked: _Walked, profile: Profile
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the tool comes to every point below the pins' tops, and whether it is above them there."""
    if profile.servo_lift:
        low = ~(np.array(walked.servo_mm)[motion_of] >= profile.height.pin_mm)
        return low, ~low
    tops = profile.height.pin_mm + profile.board.surface_z_mm
    raised = np.array(walked.raised_mm)[motion_of]
    before = np.concatenate([z[:1], z[:-1]])
    before[first] = [motion.start[2] for motion in walked.motions]
    low = ~(np.minimum(before, z) + raised >= tops)  # so is what is not known
    return low, ~low | (z + raised >= tops)


def _plane(points: Array, *, rotary: bool) -> Array:
    if not rotary:
        return points[:, :2]
    angle = np.radians(points[:, 1])
    return np.asarray(points[:, :1] * np.column_stack([np.sin(angle), np.cos(angle)]))


def _bound(path: TracedPath, axis: int, values: Array) -> None:
    """Put the least and the largest value of an axis into the box, where it was ever said."""
    if np.isnan(values).all():
        return
    for end, at in enumerate((int(np.nanargmin(values)), int(np.nanargmax(values)))):
        path.box[axis][end], path.box_lines[axis][end] = float(values[at]), path.lines[at]
