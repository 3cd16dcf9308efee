"""Where lines of G-code lead: the host's own idea of the tool's path, to compare with what the controller says.

Work coordinates in millimetres (degrees for rotary axes). A line that changes the coordinates themselves (G28,
G92, G54 ...) makes the position unknown until the controller has been asked again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from firmware_io.events import Position
from firmware_io.gcode import words
from firmware_io.recovery import Location

AXES = "XYZABC"
_PLANES = {17.0: (0, 1, "I", "J"), 18.0: (2, 0, "K", "I"), 19.0: (1, 2, "J", "K")}
_MOVES_THE_ORIGIN = {10.0, 28.0, 30.0, 38.2, 38.3, 38.4, 38.5, 43.1, 53.0, 92.0, 92.1, *map(float, range(54, 60))}
_ARC_STEP_RAD = math.radians(4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The motion of one line: its corners (an arc is cut into short chords), and the arc's centre if it is one."""

    line: int
    points: tuple[Position, ...]
    centre: tuple[float, float] | None = None


@dataclass(slots=True)
class PathModel:
    """Modal state and position, line by line."""

    position: Position | None = None
    motion: float = 0.0
    relative: bool = False
    scale: float = 1.0
    plane: float = 17.0
    feed_mm_min: float = 0.0
    spindle: float = 0.0
    spindle_mode: int = 5
    letters: str = field(default=AXES)

    def copy(self) -> PathModel:
        """An independent copy."""
        return PathModel(
            self.position, self.motion, self.relative, self.scale, self.plane, self.feed_mm_min, self.spindle,
            self.spindle_mode, self.letters,
        )  # fmt: skip

    def take(self, line: str, index: int = 0) -> Leg | None:
        """Follow one line; returns its motion, None where nothing moves or the way is not known."""
        found = words(line)
        values = dict(found)
        g_codes = [v for letter, v in found if letter == "G"]
        self._modes(g_codes, [v for letter, v in found if letter == "M"], values)
        if any(g in _MOVES_THE_ORIGIN for g in g_codes):
            self.position = None
            return None
        axis_words = {i: values[a] for i, a in enumerate(self.letters) if a in values}
        if not axis_words or 4.0 in g_codes or self.position is None:
            return None
        start = self.position
        target = self._target(start, axis_words)
        self.position = target
        if self.motion in (2.0, 3.0):
            return self._arc(index, start, target, values)
        return Leg(line=index, points=(start, target))

    def _modes(self, g_codes: list[float], m_codes: list[float], values: dict[str, float]) -> None:
        for g in g_codes:
            if g in (0.0, 1.0, 2.0, 3.0):
                self.motion = g
            elif g in (90.0, 91.0):
                self.relative = g == 91.0
            elif g in (20.0, 21.0):
                self.scale = 25.4 if g == 20.0 else 1.0
            elif g in _PLANES:
                self.plane = g
        self.feed_mm_min = values["F"] * self.scale if "F" in values else self.feed_mm_min
        self.spindle = values.get("S", self.spindle)
        for m in m_codes:
            if m in (3.0, 4.0, 5.0):
                self.spindle_mode = int(m)
            elif m in (2.0, 30.0):
                self.motion, self.relative, self.plane, self.spindle_mode = 1.0, False, 17.0, 5

    def _target(self, start: Position, axis_words: dict[int, float]) -> Position:
        target = list(start) + [0.0] * (max(axis_words) + 1 - len(start))
        for axis, value in axis_words.items():
            length = value * self.scale if axis < 3 else value
            target[axis] = target[axis] + length if self.relative else length
        return tuple(target)

    def _arc(self, index: int, start: Position, target: Position, values: dict[str, float]) -> Leg:
        a, b, first, second = _PLANES[self.plane]
        clockwise = self.motion == 2.0
        if "R" in values:
            off = _offset_of_radius(target[a] - start[a], target[b] - start[b], values["R"] * self.scale, clockwise)
        else:
            off = values.get(first, 0.0) * self.scale, values.get(second, 0.0) * self.scale
        ca, cb = start[a] + off[0], start[b] + off[1]
        a0 = math.atan2(start[b] - cb, start[a] - ca)
        sweep = math.atan2(target[b] - cb, target[a] - ca) - a0
        if clockwise and sweep >= -1e-7:
            sweep -= 2 * math.pi
        elif not clockwise and sweep <= 1e-7:
            sweep += 2 * math.pi
        radius, count = math.hypot(*off), max(2, math.ceil(abs(sweep) / _ARC_STEP_RAD))
        points = []
        wide = start + (0.0,) * (len(target) - len(start))
        for i in range(count):
            share = i / count
            point = [s + (t - s) * share for s, t in zip(wide, target, strict=True)]
            point[a], point[b] = ca + radius * math.cos(a0 + sweep * share), cb + radius * math.sin(a0 + sweep * share)
            points.append(tuple(point))
        return Leg(line=index, points=(*points, target), centre=(ca, cb))

    def restoring_lines(self, marlin: bool = False) -> tuple[str, ...]:
        """Lines that bring a controller into this modal state (after a reset), without moving an axis."""
        lines = ["G20" if self.scale != 1.0 else "G21", "G91" if self.relative else "G90"]
        if not marlin:
            lines = [" ".join([*lines, f"G{self.plane:.0f}", "G94"])]
        if self.spindle_mode != 5:
            lines.append(f"M{self.spindle_mode} S{self.spindle:g}")
        if self.feed_mm_min:
            lines.append(f"G1 F{self.feed_mm_min / self.scale:g}")
        return tuple(lines)


def _offset_of_radius(dx: float, dy: float, radius: float, clockwise: bool) -> tuple[float, float]:
    length = math.hypot(dx, dy)
    if length == 0.0:
        return 0.0, 0.0
    h = math.sqrt(max(4 * radius * radius - length * length, 0.0)) / length
    sign = (-1.0 if clockwise else 1.0) * (1.0 if radius > 0 else -1.0)
    return 0.5 * (dx - dy * h * sign), 0.5 * (dy + dx * h * sign)


def finishing_line(line: str, model: PathModel, position: Position | None) -> tuple[str, ...]:
    """`line` for a controller that has forgotten the motion mode, and (with `position`) stands in its middle.

    `model` is the state before the line. Lines that go to an end are simply sent again; an arc gets its centre
    seen from `position`, a relative line what is left of it.
    """
    before = model.copy()
    leg = model.copy().take(line)
    found = words(line)
    axis_words = any(letter in AXES for letter, _ in found)
    if leg is None or not axis_words:
        return (line,)
    has_motion = any(letter == "G" and value in (0.0, 1.0, 2.0, 3.0) for letter, value in found)
    if position is None or not (leg.centre or before.relative):
        return (line if has_motion else f"G{before.motion:.0f} {line}",)
    model = before.copy()
    model.take(line)
    return _cut_line(leg, model, position)


def _cut_line(leg: Leg, model: PathModel, position: Position) -> tuple[str, ...]:
    target, scale = leg.points[-1], model.scale
    base = position if model.relative else (0.0,) * len(target)
    parts = [f"G{model.motion:.0f}"]
    for axis, value in enumerate(target[: len(position)]):
        if abs(value - position[axis]) > 5e-4 or (leg.centre and axis in _PLANES[model.plane][:2]):
            parts.append(f"{AXES[axis]}{(value - base[axis]) / (scale if axis < 3 else 1.0):.4f}")
    if leg.centre is not None:
        a, b, first, second = _PLANES[model.plane]
        parts.append(f"{first}{(leg.centre[0] - position[a]) / scale:.4f}")
        parts.append(f"{second}{(leg.centre[1] - position[b]) / scale:.4f}")
    if model.feed_mm_min and model.motion:
        parts.append(f"F{model.feed_mm_min / scale:g}")
    return (" ".join(parts),) if len(parts) > 1 else ()


def legs_of(lines: Iterable[str], model: PathModel) -> list[Leg]:
    """Motion of `lines`; `model` is moved on to their end."""
    legs = []
    for index, line in enumerate(lines):
        leg = model.take(line, index)
        if leg is not None:
            legs.append(leg)
    return legs


def distance_to(legs: Sequence[Leg], position: Position) -> float:
    """Millimetres from `position` to the nearest place on `legs`; infinite when there are none."""
    return min((_nearest(leg, position)[0] for leg in legs), default=math.inf)


def locate(
    legs: Sequence[Leg], position: Position, tolerance_mm: float, first: int = 0, last: int | None = None
) -> tuple[Location, ...]:
    """Every place on `legs` within `tolerance_mm` of `position`, one for each time that the path passes.

    Lines before `first` are known to be done with, lines after `last` never left the host. Of places that are the
    same for the tool (the end of one line is the begin of the next) the earlier line with fraction 1 is given.
    """
    found: list[Location] = []
    for leg in legs:
        if leg.line < first or (last is not None and leg.line > last):
            continue
        distance, fraction = _nearest(leg, position)
        if distance > tolerance_mm:
            continue
        if fraction * _length(leg) < tolerance_mm and _continues(found, legs, leg, position, tolerance_mm):
            continue
        if fraction * _length(leg) < 1e-3:
            found.append(Location(line=leg.line - 1, fraction=1.0, distance_mm=distance))
        else:
            found.append(Location(line=leg.line, fraction=fraction, distance_mm=distance))
    return tuple(found)


def _continues(
    found: list[Location], legs: Sequence[Leg], leg: Leg, position: Position, tolerance_mm: float
) -> bool:
    """Whether this place is the end of the leg before, which was found already."""
    before = next((other for other in reversed(legs) if other.line < leg.line), None)
    if before is None or not found or found[-1].line != before.line:
        return False
    if _nearest(leg, position)[0] < _nearest(before, position)[0] - 1e-3:
        found.pop()  # a little past the corner: the later line says it better
        return False
    return True


def _length(leg: Leg) -> float:
    return sum(math.dist(a, b[: len(a)]) for a, b in zip(leg.points, leg.points[1:], strict=False))


def _nearest(leg: Leg, position: Position) -> tuple[float, float]:
    """Distance to a leg and the share of its length at which it is nearest."""
    best, at, travelled = math.inf, 0.0, 0.0
    axes = min(len(position), len(leg.points[0]))
    p = position[:axes]
    for a, b in zip(leg.points, leg.points[1:], strict=False):
        a, b = a[:axes], b[:axes]
        d = [q - s for s, q in zip(a, b, strict=True)]
        length2 = sum(v * v for v in d)
        t = 0.0 if length2 == 0 else sum((q - s) * v for s, q, v in zip(a, p, d, strict=True)) / length2
        t = min(1.0, max(0.0, t))
        distance = math.dist(p, [s + v * t for s, v in zip(a, d, strict=True)])
        length = math.sqrt(length2)
        if distance < best - 1e-9:
            best, at = distance, travelled + t * length
        travelled += length
    return best, (at / travelled if travelled else 1.0)
