"""How a job passes the gaps between pins: straight from inside, back to inside, and a rest after every wrap.

Before the tool goes out through a gap it turns a little inside it, and again after it came back; there it rests, and
the journal has the wrap. Only full turns round one pin pass the gaps without. So a way across the board that ends in
the gap itself, a rest in a gap and a wrap without its own rest show, although the right pins are wrapped.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.machine.profile import Profile
from stringart.plan.model import Array

_REACH_MM = 10.0  # round a pin
_FEWEST_MM = 0.2  # beyond the tool's radius: nearer to the line between two pins it is still in the gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where the path crosses the line between two pins.

    Parameters
    ----------
    point : int
        Index of the path's point that the crossing segment ends at.
    xy_mm : (x, y)
    gap : int
        Between this pin and the next.
    outward : bool
    """

    point: int
    xy_mm: tuple[float, float]
    gap: int
    outward: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passages:
    """A path and its crossings.

    Parameters
    ----------
    points : (M, 2) float array
    lines : sequence of int
        Line of the file that ends at each point.
    low : (M,) bool array
        Whether the tool comes to each point below the pins' tops.
    rests : sequence of int
        Indices of the points at which the tool rests below the pins' tops, in order.
    crossings : sequence of Crossing
    pins_mm : (N, 2) float array
    touch_mm : float
        Distance of centres at which tool and pin touch.
    profile : Profile
    """

    points: Array
    lines: Sequence[int]
    low: NDArray[np.bool_]
    rests: Sequence[int]
    crossings: Sequence[Crossing]
    pins_mm: Array
    touch_mm: float
    profile: Profile

    def problems(self) -> Iterator[str]:
        """What is wrong with them, one text each."""
        for k, crossing in enumerate(self.crossings):
            between = self.crossings[k - 1 : k + 1] if crossing.outward else self.crossings[k : k + 2]
            if len(between) == 2 and self._is_turn(*between):
                continue
            if not self._is_short(crossing):
                what = "to the gap" if crossing.outward else "back from the gap"
                yield (
                    f"line {self.lines[crossing.point]}: the tool goes straight {what} of pins {crossing.gap} and "
                    f"{(crossing.gap + 1) % len(self.pins_mm)} from afar: a move is swapped or missing"
                )
        yield from self._rest_problems()
        if not self.profile.height.raise_mm:  # there the axis may not reach over the pins
            yield from self._low_problems()

    @property
    def _far_mm(self) -> float:
        """More than the way between a gap and the place inside it ever is."""
        return 1.5 * self.profile.clearance.inside_mm

    def _is_turn(self, back: Crossing, out: Crossing) -> bool:
        """Whether the tool only goes on round the pin between coming in and going out again."""
        rules = self.profile.clearance
        reach = self.touch_mm + rules.pin_mm + rules.loop_mm + _FEWEST_MM
        ends = back.xy_mm, out.xy_mm
        near = {pin % len(self.pins_mm) for c in (back, out) for pin in (c.gap, c.gap + 1)}
        near = {pin for pin in near if all(math.dist(end, self.pins_mm[pin]) < reach for end in ends)}
        if not near:  # most are ways across the board
            return False
        here = np.array([back.xy_mm, *self.points[back.point : out.point], out.xy_mm])
        return any(bool((np.hypot(*(here - self.pins_mm[pin]).T) < reach).all()) for pin in near)

    def _is_short(self, crossing: Crossing) -> bool:
        """Whether the way on the inner side of a crossing begins (or ends) near it, and not in the gap."""
        nearest = self.profile.tool.diameter_mm / 2 + _FEWEST_MM
        step, at = (-1, crossing.point - 1) if crossing.outward else (1, crossing.point)
        while 0 <= at < len(self.points):
            x, y = self.points[at].tolist()
            away = math.hypot(x - crossing.xy_mm[0], y - crossing.xy_mm[1])
            if away > nearest:
                return away <= self._far_mm
            at += step
        return False

    def _rest_problems(self) -> Iterator[str]:
        """After every wrap one rest, at the place to which it came back."""
        starts = [c for c in self.crossings if not c.outward]
        follow = [c for c in self.crossings if c.outward][1:]
        ends = [c.point for c in follow] + [len(self.points)] * (len(starts) - len(follow))
        for back, out, end in zip(starts, [*follow, None], ends, strict=False):
            if out is not None and self._is_turn(back, out):
                continue
            at = bisect_left(self.rests, back.point)
            first = self.rests[at] if at < len(self.rests) and self.rests[at] < end else None
            if first is None:
                yield f"line {self.lines[back.point]}: there is no rest after this wrap: a line is missing"
            elif self._length(back, first) > self._far_mm:
                yield f"line {self.lines[first]}: the tool rests too late after a wrap: a line is swapped or missing"

    def _low_problems(self) -> Iterator[str]:
        """Below the pins' tops the tool comes down at a gap, winds, and goes up at a gap."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.low.astype(np.int8), [0]])))
        for begin, end in edges.reshape(-1, 2).tolist():
            points = [c.point for c in self.crossings if begin <= c.point < end]
            first, last = (points[0], points[-1]) if points else (end, end)
            for a, b in ((begin, first), (last, end)):
                way = self.points[max(a - 1, 0) : b]
                if len(way) > 1 and float(np.hypot(*np.diff(way, axis=0).T).sum()) > self._far_mm + _REACH_MM:
                    yield (
                        f"line {self.lines[b - 1]}: the tool travels below the pins' tops where it winds nothing: "
                        "a move up or down is swapped or missing"
                    )

    def _length(self, back: Crossing, rest: int) -> float:
        """Of the way from where the tool came in to where it rests."""
        way = np.vstack([back.xy_mm, self.points[back.point : rest + 1]])
        return float(np.hypot(*np.diff(way, axis=0).T).sum())
