"""A path against the pins: how near it comes, where it passes the ring, and which pins it goes round."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from stringart.machine.passages import Crossing, Passages
from stringart.machine.profile import Profile
from stringart.machine.traced_path import TracedPath
from stringart.plan.model import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapSeen:
    """One wrap that the path makes.

    Parameters
    ----------
    pin : int
    direction : int
        +1 clockwise, -1 counter-clockwise, seen from the front.
    line : int
        Of the file, at which it goes out of the ring.
    run : int
        How many times the job waited for the operator before it.
    """

    pin: int
    direction: int
    line: int
    run: int


class Contact:
    """A path against the pins.

    Parameters
    ----------
    pins_mm : (N, 2) float array
    pin_mm, tool_mm : float
        Diameters.
    points : (M, 2) float array
        The path.
    low : (M,) bool array
        Whether the tool comes to each point below the pins' tops.
    """

    def __init__(self, pins_mm: Array, pin_mm: float, tool_mm: float, points: Array, low: NDArray[np.bool_]) -> None:
        self.pins, self.tool, self.touch = pins_mm, tool_mm, (pin_mm + tool_mm) / 2
        self.points, self.low = points, low
        self._ends = np.flatnonzero(low[1:]) + 1  # points that low segments end at
        self._segments = np.asarray(shapely.linestrings(np.stack([points[self._ends - 1], points[self._ends]], axis=1)))
        after = np.roll(pins_mm, -1, axis=0)
        along = after - pins_mm
        self._lengths = np.hypot(*along.T)
        self._along = along / self._lengths[:, None]
        self._inward = np.column_stack([self._along[:, 1], -self._along[:, 0]])
        self._edges = shapely.STRtree(shapely.linestrings(np.stack([pins_mm, after], axis=1)))
        self._ring = shapely.Polygon(pins_mm)
        outward = -(np.roll(self._inward, 1, axis=0) + self._inward)
        outward /= np.maximum(np.hypot(*outward.T), 1e-9)[:, None]
        self._probes = pins_mm + outward * 0.02  # a hair outside the centre, where the closing line does not pass

    def least(self) -> tuple[float, int, int]:
        """Least room between surfaces, the pin and the point of the path."""
        ends, segments = self._ends, self._segments
        if not len(ends):
            return np.inf, 0, 0
        tree = shapely.STRtree(shapely.points(self.pins))
        near = self.touch + 6.0
        which, pin = tree.query(segments, predicate="dwithin", distance=near)
        if not len(which):
            return near - self.touch, 0, 0
        distance = shapely.distance(segments[which], shapely.points(self.pins[pin]))
        best = int(np.argmin(distance))
        return float(distance[best]) - self.touch, int(pin[best]), int(ends[which[best]])

    @cached_property
    def _crossings(self) -> list[tuple[int, float, int, bool]]:
        """(point of the path, share of its segment, gap, whether it goes out) of every crossing, in order."""
        points, ends = self.points, self._ends
        if not len(ends):
            return []
        which, edge = self._edges.query(self._segments, predicate="dwithin", distance=0.01)
        a, b = points[ends[which] - 1] - self.pins[edge], points[ends[which]] - self.pins[edge]
        side_a, side_b = (a * self._inward[edge]).sum(1), (b * self._inward[edge]).sum(1)
        crosses = (side_a >= 0) != (side_b >= 0)
        which, edge, a, b, side_a, side_b = (v[crosses] for v in (which, edge, a, b, side_a, side_b))
        share = side_a / (side_a - side_b)
        place = ((a + (b - a) * share[:, None]) * self._along[edge]).sum(1)
        on = (place >= 0) & (place < self._lengths[edge])
        found = zip(ends[which][on], share[on], edge[on], side_a[on] >= 0, strict=True)
        return sorted((int(p), float(s), int(e), bool(out)) for p, s, e, out in found)

    def passage_problems(self, path: TracedPath, profile: Profile) -> list[str]:
        """Where the tool does not pass the gaps as it should."""
        crossings, points = [], self.points
        for point, share, gap, outward in self._crossings:
            x, y = points[point - 1] + (points[point] - points[point - 1]) * share
            crossings.append(Crossing(point=point, xy_mm=(float(x), float(y)), gap=gap, outward=outward))
        rests = [point for point, _ in path.rests if not path.high[point]]
        passages = Passages(
            points=points, lines=path.lines, low=self.low, rests=rests, crossings=crossings, pins_mm=self.pins,
            touch_mm=self.touch, profile=profile,
        )  # fmt: skip
        return list(passages.problems())

    def wraps(self, path: TracedPath) -> tuple[list[WrapSeen], list[str]]:
        """Every wrap in order, and what is no wrap."""
        wraps: list[WrapSeen] = []
        problems: list[str] = []
        left: tuple[int, float, int] | None = None
        for point, share, gap, outward in self._crossings:
            line = path.lines[point]
            if outward:
                if left is not None:
                    problems.append(f"line {line}: the tool goes out of the ring where it is outside already")
                left = (point, share, gap)
            elif left is None:
                problems.append(f"line {line}: the tool comes into the ring at pin {gap} without having gone out")
            else:
                if not self.low[left[0] : point + 1].all():
                    problems.append(f"line {line}: the tool was lifted over the pins while it was outside")
                pins, direction, problem = self._enclosed(left, (point, share, gap))
                out_line, run = path.lines[left[0]], path.runs[left[0]]
                wraps += [WrapSeen(pin=p, direction=direction, line=out_line, run=run) for p in pins]
                problems += [f"line {out_line}: {problem}"] if problem else []
                left = None
        if left is not None:
            problems.append(f"line {path.lines[left[0]]}: the tool goes out of the ring and does not come back")
        return wraps, problems

    def _enclosed(self, out: tuple[int, float, int], back: tuple[int, float, int]) -> tuple[list[int], int, str]:
        """Pins that a part outside goes round, in its order, and its direction."""
        points = self.points
        begin = points[out[0] - 1] + (points[out[0]] - points[out[0] - 1]) * out[1]
        end = points[back[0] - 1] + (points[back[0]] - points[back[0] - 1]) * back[1]
        closing = self._along_ring(back[2], out[2])
        loop = np.vstack([begin, points[out[0] : back[0]], end, closing])
        low, high = loop.min(0) - 1, loop.max(0) + 1
        near = np.flatnonzero(((self._probes > low) & (self._probes < high)).all(1))
        turns = _winding_numbers(loop, self._probes[near])
        pins, around = near[turns != 0], turns[turns != 0]
        gap_out, gap_back = _gap_name(out[2], len(self.pins)), _gap_name(back[2], len(self.pins))
        if not len(pins):
            return [], 0, f"the tool goes out at {gap_out} and in at {gap_back}: it wraps no pin"
        if len(set(around.tolist())) > 1 or abs(around[0]) != 1:
            names = ", ".join(f"{p} ({-t:+d})" for p, t in zip(pins, around, strict=True))
            return [], 0, f"the tool goes out at {gap_out} and in at {gap_back}: turns round pins {names}"
        direction = -int(around[0])
        first = (out[2] + 1) % len(self.pins) if direction > 0 else out[2]
        order = [(first + direction * k) % len(self.pins) for k in range(len(pins))]
        if sorted(order) != sorted(pins.tolist()):
            return [], 0, f"the tool goes round pins {pins.tolist()}, which do not stand side by side"
        return order, direction, ""

    def _along_ring(self, from_gap: int, to_gap: int) -> Array:
        """Pins on the way along the ring from one gap to another, the shorter way."""
        count = len(self.pins)
        ahead = (to_gap - from_gap) % count
        if ahead <= count // 2:
            order = [(from_gap + 1 + k) % count for k in range(ahead)]
        else:
            order = [(from_gap - k) % count for k in range(count - ahead)]
        return self.pins[order].reshape(-1, 2)

    def rest_problems(self, path: TracedPath) -> list[str]:
        """Rests at which the tool is not inside."""
        points, low = self.points, self.low
        indices = np.array([k for k, _ in path.rests if low[k]], np.intp)
        if not len(indices):
            return []
        shapely.prepare(self._ring)
        inside = shapely.contains(self._ring, shapely.points(points[indices]))
        _, beside = self._edges.query_nearest(shapely.points(points[indices]), return_distance=True, all_matches=False)
        inside &= beside > self.tool / 2 + 0.2
        lines = [line for k, line in path.rests if low[k]]
        bad = [line for line, ok in zip(lines, inside, strict=True) if not ok]
        return [
            f"line {line}: the tool does not rest inside the ring, but in a gap or outside, where it cannot be resumed"
            for line in bad[:3]
        ]


def _winding_numbers(loop: Array, probes: Array) -> NDArray[np.int64]:
    """How many times a closed polyline goes round each point, counter-clockwise positive."""
    a, b = loop, np.roll(loop, -1, axis=0)
    px, py = probes[:, 0][:, None], probes[:, 1][:, None]
    cross = (b[:, 0] - a[:, 0]) * (py - a[:, 1]) - (px - a[:, 0]) * (b[:, 1] - a[:, 1])
    up = (a[:, 1] <= py) & (b[:, 1] > py) & (cross > 0)
    down = (a[:, 1] > py) & (b[:, 1] <= py) & (cross < 0)
    return np.asarray(up.sum(1) - down.sum(1), np.int64)


def _gap_name(gap: int, count: int) -> str:
    return f"the gap of pins {gap} and {(gap + 1) % count}"
