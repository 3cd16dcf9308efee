"""How long a job takes: acceleration-limited motion, as the controllers plan it.

The physics, from grbl's description of its planner. A straight piece has a nominal speed, its feed lowered until no
axis exceeds its rate, and the largest acceleration that exceeds no axis' own. A corner may be taken as fast as a
circle would allow that stays within the junction deviation of it. From the last piece backwards nothing may be
entered faster than it can be left; then every piece is a trapezoid: up, along, down. At a rest the tool stands.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.reader import Action, Lift, Motion, Reader, Rest, Stop, points_along
from stringart.machine.template_proof import template_seconds
from stringart.plan.model import Array

_GRBL_TICK_S = 0.05  # grbl's dwell comes in whole ticks
_EPSILON = 1e-9
_SHORTEST_MM = 1e-7


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


def time_of(text: str, profile: Profile, pins: int | None = None) -> Timing:
    """Estimate a job's time from its text; ``pins`` on the board where the text is a template's without its header.

    Raises
    ------
    MachineError
        If it cannot be read.
    """
    if profile.machine.template:
        total_s, at_line_s, stops = template_seconds(text, profile, pins)
        return Timing(total_s=total_s, at_line_s=at_line_s, stops=stops)
    return time_actions(reader_for(profile).read(text), profile)


def time_actions(actions: Iterable[Action], profile: Profile) -> Timing:
    """Estimate the time of actions."""
    motions: list[Motion] = []
    pauses: list[Rest | Stop | Lift] = []
    ends: list[int] = []  # motions before each of them
    for action in actions:
        if isinstance(action, Motion):
            motions.append(action)
        elif isinstance(action, Rest | Stop | Lift):
            pauses.append(action)
            ends.append(len(motions))
    durations = _Planner(profile).durations(motions, ends).tolist()
    now, stops, at_line = 0.0, 0, {}
    ticks = DIALECTS[profile.machine.dialect].ticks
    for action, begin, end, moving in zip(pauses, [0, *ends], ends, durations, strict=False):
        now += moving
        if isinstance(action, Rest):  # after motion the host waits for it, then sends the next
            now += _rest(action.seconds, ticks=ticks) + profile.dwell.host_s * (end > begin)
            at_line[action.line] = now
        stops += isinstance(action, Stop)
    return Timing(total_s=now + durations[-1], at_line_s=at_line, stops=stops)


def _rest(seconds: float, *, ticks: bool) -> float:
    return math.ceil(seconds / _GRBL_TICK_S - 1e-9) * _GRBL_TICK_S if ticks else seconds


class _Blocks(NamedTuple):
    """Straight pieces, one row each: the run of motion that it is in, and how the controller would take it alone."""

    run: NDArray[np.intp]
    unit: Array
    length_mm: Array
    nominal_mm_s: Array
    acceleration_mm_s2: Array


class _Planner:
    """Times runs of motion that begin and end standing."""

    def __init__(self, profile: Profile) -> None:
        motion = profile.motion
        self._rates = np.array(motion.max_rate_mm_min) / 60
        self._accelerations = np.array(motion.acceleration_mm_s2)
        self._deviation, self._tolerance = motion.junction_deviation_mm, motion.arc_tolerance_mm
        self._segment = motion.arc_segment_mm

    def durations(self, motions: Sequence[Motion], ends: Sequence[int]) -> Array:
        """Seconds from standing to standing: of the motions up to each of ``ends``, and of those after the last."""
        if not motions:
            return np.zeros(len(ends) + 1)
        blocks = self._blocks(motions, ends)
        squares = self._entries2(blocks)
        seconds = _trapezoids(squares[:-1], squares[1:], blocks)
        return np.asarray(np.bincount(blocks.run, weights=seconds, minlength=len(ends) + 1), float)

    def _entries2(self, blocks: _Blocks) -> Array:
        """Square of the speed at which every piece is entered; at the last place, of standing.

        From a piece to the next the square grows by no more than ``gains``, in either direction. With their sum taken
        off, both passes over the pieces are a running minimum; runs do not touch each other, since all begin standing.
        """
        gains = 2 * blocks.acceleration_mm_s2 * blocks.length_mm
        summed = np.concatenate([[0.0], np.cumsum(gains)])
        entry2 = np.zeros(len(gains) + 1)
        inner = np.flatnonzero(np.diff(blocks.run) == 0) + 1
        slower = np.minimum(blocks.nominal_mm_s[inner - 1], blocks.nominal_mm_s[inner])
        entry2[inner] = np.minimum(self._corners2(blocks.unit[inner - 1], blocks.unit[inner]), slower**2)
        leaving = np.minimum.accumulate((entry2 + summed)[::-1])[::-1] - summed
        reached = np.minimum.accumulate(np.minimum(entry2, leaving) - summed) + summed
        return np.asarray(np.clip(reached, 0.0, entry2))

    def _blocks(self, motions: Sequence[Motion], ends: Sequence[int]) -> _Blocks:
        """All straight pieces; what is not known yet is taken for the origin, where machines wait."""
        corners = [points_along(m, self._tolerance, self._segment) if m.turn else (m.end,) for m in motions]
        counts = np.fromiter(map(len, corners), np.intp, len(corners))
        points = np.nan_to_num(np.array([point for part in corners for point in part]), nan=0.0)
        before = np.vstack([points[:1], points[:-1]])
        first = np.cumsum(counts) - counts
        before[first] = np.nan_to_num(np.array([motion.start for motion in motions]), nan=0.0)
        away = points - before
        length = np.sqrt((away * away).sum(1))
        kept = np.flatnonzero(length >= _SHORTEST_MM)
        motion_of = np.repeat(np.arange(len(motions)), counts)[kept]
        unit = away[kept] / length[kept, None]
        feed = np.array([math.inf if motion.rapid else motion.feed_mm_min / 60 for motion in motions])
        return _Blocks(
            run=np.searchsorted(np.asarray(ends, np.intp), motion_of, side="right"), unit=unit, length_mm=length[kept],
            nominal_mm_s=np.minimum(feed[motion_of], _limits(self._rates, unit)),
            acceleration_mm_s2=_limits(self._accelerations, unit),
        )  # fmt: skip

    def _corners2(self, before: Array, after: Array) -> Array:
        """Square of the speed at every corner."""
        cosine = -(before * after).sum(1)
        change = after - before
        bent = cosine >= -0.999999  # the others go straight on
        norm = np.sqrt((change * change).sum(1), where=bent, out=np.ones(len(cosine)))
        sine = np.sqrt(0.5 * (1 - np.clip(cosine, -1.0, 1.0)))
        acceleration = _limits(self._accelerations, change / norm[:, None])
        squares = np.full(len(cosine), math.inf)
        np.divide(acceleration * self._deviation * sine, 1 - sine, where=bent & (sine < 1), out=squares)
        return np.where(cosine > 0.999999, 0.0, squares)


def _limits(per_axis: Array, unit: Array) -> Array:
    """Largest value along every unit vector that exceeds no axis' own."""
    share = np.abs(unit)
    values = np.full(unit.shape, math.inf)
    np.divide(per_axis, share, where=share > _EPSILON, out=values)
    return np.asarray(values.min(1))


def _trapezoids(entry2: Array, exit2: Array, blocks: _Blocks) -> Array:
    """Seconds for every piece: up to the nominal speed if there is room, and down again."""
    acceleration, length = blocks.acceleration_mm_s2, blocks.length_mm
    peak2 = np.minimum(blocks.nominal_mm_s**2, (2 * acceleration * length + entry2 + exit2) / 2)
    peak2 = np.maximum(np.maximum(peak2, entry2), exit2)
    peak = np.sqrt(peak2)
    ramps = (2 * peak2 - entry2 - exit2) / (2 * acceleration)
    cruise = np.maximum(length - ramps, 0.0)
    return np.asarray((2 * peak - np.sqrt(entry2) - np.sqrt(exit2)) / acceleration + cruise / peak)
