"""The path of a job, followed from its text: where the tool is, how high, and when it rests."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

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

_ARC_TOLERANCE_MM, _TURN_STEP_DEG = 0.01, 0.5


@dataclass(slots=True)
class TracedPath:
    """The tool's path in the machine's plane.

    Parameters
    ----------
    points : list of (x, y)
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

    points: list[tuple[float, float]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    low: list[bool] = field(default_factory=list)  # on the way there
    high: list[bool] = field(default_factory=list)  # there
    runs: list[int] = field(default_factory=list)
    rests: list[tuple[int, int]] = field(default_factory=list)  # (index of the point, line)
    box: list[list[float]] = field(default_factory=lambda: [[np.inf, -np.inf] for _ in range(3)])
    box_lines: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(3)])


def trace(actions: Iterable[Action], profile: Profile) -> TracedPath:
    """Follow the tool through all actions, in the machine's plane."""
    path, run, servo_mm, raised = TracedPath(), 0, None, 0.0
    for action in actions:
        if isinstance(action, Stop):
            run += 1
        elif isinstance(action, Note) and action.text.startswith("raise "):
            raised += profile.height.raise_mm
            run -= 1  # the thread goes on
        elif isinstance(action, Lift):
            servo_mm = _servo_height(action.value, profile)
        elif isinstance(action, Rest) and path.points:
            path.rests.append((len(path.points) - 1, action.line))
        elif isinstance(action, Motion) and not np.isnan(action.end[:2]).any():  # a place was said
            _follow(action, path, profile, (run, servo_mm, raised))
    if not path.points:
        raise MachineError("nothing moves in this job", "is it a job that stringart wrote?")
    path.low[0] = False  # where the tool is before the job is not known
    return path


def _follow(motion: Motion, path: TracedPath, profile: Profile, state: tuple[int, float | None, float]) -> None:
    """Add the points of one motion; ``state`` is the run, the servo's height and by how much the gantry is raised."""
    run, servo_mm, raised = state
    tops = profile.height.pin_mm + (0.0 if profile.servo_lift else profile.board.surface_z_mm)
    before = motion.start[2]
    for point in _fine_points(motion, rotary=profile.rotary):
        lowest = servo_mm if profile.servo_lift else min(before, point[2]) + raised
        before = point[2]
        path.points.append(_plane(point, rotary=profile.rotary))
        path.lines.append(motion.line)
        path.low.append(lowest is None or not lowest >= tops)
        path.high.append(not path.low[-1] or (not profile.servo_lift and point[2] + raised >= tops))
        path.runs.append(run)
        for axis in range(3):
            _widen(path, axis, point[axis], motion.line)


def _servo_height(value: float, profile: Profile) -> float:
    servo = profile.servo
    share = (value - servo.low_s) / (servo.high_s - servo.low_s)
    return servo.low_mm + share * (servo.high_mm - servo.low_mm)


def _fine_points(motion: Motion, *, rotary: bool) -> list[tuple[float, float, float]]:
    if motion.turn or not rotary or np.isnan(motion.start[:2]).any():
        return points_along(motion, _ARC_TOLERANCE_MM)
    count = max(int(abs(motion.end[1] - motion.start[1]) / _TURN_STEP_DEG), 1)
    a, b = np.array(motion.start), np.array(motion.end)
    return [(float(p[0]), float(p[1]), float(p[2])) for p in (a + (b - a) * k / count for k in range(1, count + 1))]


def _plane(point: tuple[float, float, float], *, rotary: bool) -> tuple[float, float]:
    if not rotary:
        return point[0], point[1]
    angle = np.radians(point[1])
    return float(point[0] * np.sin(angle)), float(point[0] * np.cos(angle))


def _widen(path: TracedPath, axis: int, value: float, line: int) -> None:
    low, high = path.box[axis]
    if value < low:
        path.box[axis][0], path.box_lines[axis][0] = value, line
    if value > high:
        path.box[axis][1], path.box_lines[axis][1] = value, line
