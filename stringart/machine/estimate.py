"""How long a job takes: acceleration-limited motion, as the controllers plan it.

The physics, from grbl's description of its planner. A straight piece has a nominal speed, its feed lowered until no
axis exceeds its rate, and the largest acceleration that exceeds no axis' own. A corner may be taken as fast as a
circle would allow that stays within the junction deviation of it. From the last piece backwards nothing may be
entered faster than it can be left; then every piece is a trapezoid: up, along, down. At a rest the tool stands.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.reader import Action, Lift, Motion, Reader, Rest, Stop, points_along

_GRBL_TICK_S = 0.05  # grbl's dwell comes in whole ticks
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds of motion after every line, and altogether; the operator's time is not in it.

    Parameters
    ----------
    total_s : float
    at_line_s : dict of int to float
        For every rest, the number of its line and the time at which it is over.
    stops : int
        How often the job waits for the operator.
    """

    total_s: float
    at_line_s: dict[int, float]
    stops: int


def reader_for(profile: Profile) -> Reader:
    """Return the reader of the profile's dialect and axes."""
    axes = (profile.axes.x, profile.axes.y, profile.axes.z)
    return Reader(axes, milliseconds=DIALECTS[profile.machine.dialect].milliseconds, rotary=profile.rotary)


def time_of(text: str, profile: Profile) -> Timing:
    """Estimate a job's time from its text.

    Raises
    ------
    MachineError
        If it cannot be read.
    """
    return time_actions(reader_for(profile).read(text), profile)


def time_actions(actions: Iterable[Action], profile: Profile) -> Timing:
    """Estimate the time of actions."""
    planner = _Planner(profile)
    now, stops, at_line, pending = 0.0, 0, {}, []
    ticks = DIALECTS[profile.machine.dialect].ticks
    for action in actions:
        if isinstance(action, Motion):
            pending.append(action)
        elif isinstance(action, Rest | Stop | Lift):
            moved = bool(pending)
            now += planner.duration(pending)
            pending.clear()
            if isinstance(action, Rest):  # after motion the host waits for it, then sends the next
                now += _rest(action.seconds, ticks=ticks) + profile.dwell.host_s * moved
                at_line[action.line] = now
            stops += isinstance(action, Stop)
    return Timing(total_s=now + planner.duration(pending), at_line_s=at_line, stops=stops)


def _rest(seconds: float, *, ticks: bool) -> float:
    return math.ceil(seconds / _GRBL_TICK_S - 1e-9) * _GRBL_TICK_S if ticks else seconds


class _Planner:
    """Times runs of motion that begin and end standing."""

    def __init__(self, profile: Profile) -> None:
        motion = profile.motion
        self._rates = [rate / 60 for rate in motion.max_rate_mm_min]
        self._accelerations = list(motion.acceleration_mm_s2)
        self._deviation, self._tolerance = motion.junction_deviation_mm, motion.arc_tolerance_mm
        self._segment = motion.arc_segment_mm

    def duration(self, motions: Sequence[Motion]) -> float:
        """Seconds from standing to standing."""
        blocks = self._blocks(motions)
        if not blocks:
            return 0.0
        entry2 = [0.0]
        for (u0, _, v0, _), (u1, _, v1, _) in pairwise(blocks):
            entry2.append(min(self._corner2(u0, u1), min(v0, v1) ** 2))
        limit2 = 0.0
        for k in range(len(blocks) - 1, 0, -1):
            _, length, _, acceleration = blocks[k]
            limit2 = entry2[k] = min(entry2[k], limit2 + 2 * acceleration * length)
        entry2.append(0.0)
        total, speed2 = 0.0, 0.0
        for k, (_, length, nominal, acceleration) in enumerate(blocks):
            exit2 = min(entry2[k + 1], speed2 + 2 * acceleration * length)
            total += _trapezoid(speed2, exit2, nominal, acceleration, length)
            speed2 = exit2
        return total

    def _blocks(self, motions: Sequence[Motion]) -> list[tuple[tuple[float, float, float], float, float, float]]:
        """(unit vector, length, nominal speed, acceleration) of every straight piece."""
        out = []
        for motion in motions:
            here = _known(motion.start)
            for point in map(_known, points_along(motion, self._tolerance, self._segment)):
                d = (point[0] - here[0], point[1] - here[1], point[2] - here[2])
                length = math.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
                here = point
                if length < 1e-7:
                    continue
                unit = (d[0] / length, d[1] / length, d[2] / length)
                top = _limit(self._rates, unit)
                nominal = top if motion.rapid else min(motion.feed_mm_min / 60, top)
                out.append((unit, length, nominal, _limit(self._accelerations, unit)))
        return out

    def _corner2(self, before: tuple[float, float, float], after: tuple[float, float, float]) -> float:
        """Square of the speed at a corner."""
        cosine = -(before[0] * after[0] + before[1] * after[1] + before[2] * after[2])
        if cosine > 0.999999:
            return 0.0
        if cosine < -0.999999:
            return math.inf
        change = (after[0] - before[0], after[1] - before[1], after[2] - before[2])
        norm = math.sqrt(change[0] ** 2 + change[1] ** 2 + change[2] ** 2)
        acceleration = _limit(self._accelerations, (change[0] / norm, change[1] / norm, change[2] / norm))
        sine = math.sqrt(0.5 * (1 - cosine))
        return acceleration * self._deviation * sine / (1 - sine)


def _known(point: tuple[float, float, float]) -> tuple[float, float, float]:
    """What is not known yet is taken for the origin, where machines wait."""
    if point[0] == point[0] and point[1] == point[1] and point[2] == point[2]:
        return point
    return (
        0.0 if math.isnan(point[0]) else point[0],
        0.0 if math.isnan(point[1]) else point[1],
        0.0 if math.isnan(point[2]) else point[2],
    )


def _limit(per_axis: Sequence[float], unit: tuple[float, float, float]) -> float:
    """Largest value along ``unit`` that exceeds no axis' own."""
    return min(
        per_axis[0] / abs(unit[0]) if abs(unit[0]) > _EPSILON else math.inf,
        per_axis[1] / abs(unit[1]) if abs(unit[1]) > _EPSILON else math.inf,
        per_axis[2] / abs(unit[2]) if abs(unit[2]) > _EPSILON else math.inf,
    )


def _trapezoid(entry2: float, exit2: float, nominal: float, acceleration: float, length: float) -> float:
    """Seconds for a piece: up to the nominal speed if there is room, and down again."""
    v0, v1 = math.sqrt(entry2), math.sqrt(exit2)
    peak2 = min(nominal * nominal, (2 * acceleration * length + entry2 + exit2) / 2)
    peak = math.sqrt(max(peak2, entry2, exit2))
    ramps = (2 * peak * peak - entry2 - exit2) / (2 * acceleration)
    cruise = max(length - ramps, 0.0)
    return (2 * peak - v0 - v1) / acceleration + cruise / peak
