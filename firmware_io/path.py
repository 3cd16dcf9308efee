"""Where lines of G-code lead: the host's own idea of the tool's path, to compare with what the controller says.

Work coordinates in millimetres (degrees for rotary axes). A line that changes the coordinates themselves (G28,
G92, G55 ...) makes the position unknown until the controller has been asked again. A job begins in G54.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from firmware_io.events import Position
from firmware_io.gcode import words

AXES = "XYZABC"
_PLANES = {17.0: (0, 1, "I", "J"), 18.0: (2, 0, "K", "I"), 19.0: (1, 2, "J", "K")}
_MOVES_THE_ORIGIN = {10.0, 28.0, 30.0, 38.2, 38.3, 38.4, 38.5, 43.1, 53.0, 92.0, 92.1}
_SYSTEMS = frozenset(map(float, range(54, 60)))
_ARC_ERROR_MM = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The motion of one line: its corners (an arc is cut into short chords), and the arc's centre if it is one."""

    line: int
    points: tuple[Position, ...]
    centre: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place on the lines in flight where the tool may be.

    Attributes
    ----------
    line : int
        Index into these lines; -1 when the tool is where these lines begin.
    fraction : float
        Share of that line's motion that is done, 0 to 1; 1 also means that its end is reached.
    distance_mm : float
        How far the tool is from the path there.
    """

    line: int
    fraction: float
    distance_mm: float


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
    system: float = 54.0

    def copy(self) -> PathModel:
        """An independent copy."""
        return PathModel(
            self.position, self.motion, self.relative, self.scale, self.plane, self.feed_mm_min, self.spindle,
            self.spindle_mode, self.letters, self.system,
        )  # fmt: skip

    def take(self, line: str, index: int = 0) -> Leg | None:
        """Follow one line; returns its motion, None where nothing moves or the way is not known."""
        found = words(line)
        values = dict(found)
        g_codes = [v for letter, v in found if letter == "G"]
        self._modes(g_codes, [v for letter, v in found if letter == "M"], values)
        system = next((g for g in g_codes if g in _SYSTEMS), self.system)
        moves_origin, self.system = system != self.system, system
        if moves_origin or any(g in _MOVES_THE_ORIGIN for g in g_codes):
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
        radius = math.hypot(*off)
        step = 2.0 * math.acos(max(0.5, 1.0 - _ARC_ERROR_MM / max(radius, _ARC_ERROR_MM)))
        count = max(2, math.ceil(abs(sweep) / step))
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
        if self.motion == 0.0:
            lines.append("G0")
        return tuple(lines)


def _offset_of_radius(dx: float, dy: float, radius: float, clockwise: bool) -> tuple[float, float]:
    length = math.hypot(dx, dy)
    if length == 0.0:
        return 0.0, 0.0
    h = math.sqrt(max(4 * radius * radius - length * length, 0.0)) / length
    sign = (-1.0 if clockwise else 1.0) * (1.0 if radius > 0 else -1.0)
    return 0.5 * (dx - dy * h * sign), 0.5 * (dy + dx * h * sign)


def model_before(steps: Iterable[Sequence[str]], position: Position | None = None) -> PathModel:
    """Modal state and position after the lines of `steps`, begun at `position`."""
    model = PathModel(position=position)
    for lines in steps:
        for line in lines:
            model.take(line)
    return model


def finishing_line(line: str, model: PathModel, position: Position, whole: bool) -> tuple[str, ...]:
    """`line` for a controller that has forgotten the motion mode and stands at `position` in its middle.

    `model` is the state before the line; `whole`: the tool stands at the line's begin instead, near enough. Lines
    that go to an end are simply sent again; an arc gets its centre seen from where the tool is, a relative line what
    is left of it.
    """
    before, after = model.copy(), model.copy()
    leg = after.take(line)
    found = words(line)
    if leg is None:
        return (line,)
    if leg.centre is None and (whole or not before.relative):
        has_motion = any(letter == "G" and value in (0.0, 1.0, 2.0, 3.0) for letter, value in found)
        return (line if has_motion else f"G{before.motion:.0f} {line}",)
    if leg.centre is not None and whole and math.dist(leg.points[0][: len(position)], position) < 1e-4:
        return (line,)
    return _cut_line(leg, after, position)


def _cut_line(leg: Leg, model: PathModel, position: Position) -> tuple[str, ...]:
    """What is left of a line, in absolute coordinates where it is an arc (a reading is rounded to motor steps)."""
    target, scale = leg.points[-1], model.scale
    feed = f" F{model.feed_mm_min / scale:g}" if model.feed_mm_min and model.motion else ""
    if leg.centre is None:
        left = [t - p for t, p in zip(target, position, strict=False)]
        moves = _axis_words(left, scale, [i for i, v in enumerate(left) if abs(v) > 5e-4])
        return (f"G{model.motion:.0f}{moves}{feed}",) if moves else ()
    a, b, first, second = _PLANES[model.plane]
    start = list(position)
    reach = math.hypot(position[a] - leg.centre[0], position[b] - leg.centre[1]) or 1.0
    radius = math.hypot(target[a] - leg.centre[0], target[b] - leg.centre[1])
    start[a] = leg.centre[0] + (position[a] - leg.centre[0]) * radius / reach
    start[b] = leg.centre[1] + (position[b] - leg.centre[1]) * radius / reach
    onto_the_arc = f"G90 G1{_axis_words(start, scale, [a, b])}{feed}"
    if math.dist(start, target[: len(start)]) < 0.01:
        return (f"G90 G1{_axis_words(target, scale, range(len(start)))}{feed}", *_back_to(model))
    others = [i for i in range(len(start)) if i in (a, b) or abs(target[i] - start[i]) > 5e-4]
    centre = f" {first}{(leg.centre[0] - start[a]) / scale:.4f} {second}{(leg.centre[1] - start[b]) / scale:.4f}"
    arc = f"G{model.motion:.0f}{_axis_words(target, scale, others)}{centre}"
    return (onto_the_arc, arc, *_back_to(model))


def _axis_words(values: Sequence[float], scale: float, axes: Iterable[int]) -> str:
    return "".join(f" {AXES[i]}{values[i] / (scale if i < 3 else 1.0):.4f}" for i in axes)


def _back_to(model: PathModel) -> tuple[str, ...]:
    return ("G91",) if model.relative else ()


def legs_of(lines: Iterable[str], model: PathModel) -> list[Leg]:
    """Motion of `lines`; `model` is moved on to their end."""
    legs = []
    for index, line in enumerate(lines):
        leg = model.take(line, index)
        if leg is not None:
            legs.append(leg)
    return legs


def distance_to(legs: Sequence[Leg], position: Position, enough_mm: float = 0.0) -> float:
    """Millimetres from `position` to the nearest place on `legs`; infinite when there are none.

    The search ends at the first place that is within `enough_mm`.
    """
    best = math.inf
    for leg in legs:
        best = min(best, _nearest(leg, position)[0])
        if best <= enough_mm:
            break
    return best


def locate(
    legs: Sequence[Leg], position: Position, tolerance_mm: float, first: int = 0, last: int | None = None
) -> tuple[Location, ...]:
    """Every place on `legs` within `tolerance_mm` of `position`, one for each time that the path passes.

    Lines before `first` are known to be done with, lines after `last` never left the host. Of places that are the
    same for the tool (the end of one line is the begin of the next) the earlier line with fraction 1 is given.
    """
    found: list[tuple[Leg, Location]] = []
    for leg in legs:
        if leg.line < first or (last is not None and leg.line > last):
            continue
        distance, fraction = _nearest(leg, position)
        if distance > tolerance_mm:
            continue
        place = Location(line=leg.line, fraction=fraction, distance_mm=distance)
        if found and _same_corner(found[-1][0], leg, legs, position, tolerance_mm):
            if distance < found[-1][1].distance_mm - 1e-3:
                found[-1] = leg, place
        elif fraction * _length(leg) < 1e-3:
            found.append((leg, Location(line=leg.line - 1, fraction=1.0, distance_mm=distance)))
        else:
            found.append((leg, place))
    return tuple(place for _, place in found)


def _same_corner(before: Leg, leg: Leg, legs: Sequence[Leg], position: Position, tolerance_mm: float) -> bool:
    """Whether two places are one: on legs that follow each other, both near the corner between them."""
    if any(before.line < other.line < leg.line for other in legs):
        return False
    corner = leg.points[0]
    axes = min(len(corner), len(position))
    return math.dist(corner[:axes], position[:axes]) <= 2.0 * tolerance_mm


def standing_places(
    lines: Sequence[str], model: PathModel, position: Position, tolerance_mm: float, at_least: int
) -> tuple[Location, ...]:
    """Where a tool stands that finished every line it got: after at least `at_least` of `lines`, perhaps all.

    Lines without motion do not change the place; of equal places in a row the first is given, so that what
    follows is rather sent twice than not at all.
    """
    places: list[Location] = []
    before: Position | None = None
    for count in range(len(lines) + 1):
        if count:
            model.take(lines[count - 1], count - 1)
        here = model.position
        if count < at_least or here is None:
            continue
        axes = min(len(here), len(position))
        off = math.dist(here[:axes], position[:axes])
        if off <= tolerance_mm and here != before:
            places.append(Location(line=count - 1, fraction=1.0, distance_mm=off))
        before = here
    return tuple(places)


def _length(leg: Leg) -> float:
    return sum(math.dist(a, b[: len(a)]) for a, b in zip(leg.points, leg.points[1:], strict=False))


def _nearest(leg: Leg, position: Position) -> tuple[float, float]:
    """Distance to a leg and the share of its length at which it is nearest."""
    best2, at, travelled = math.inf, 0.0, 0.0
    axes = range(min(len(position), len(leg.points[0])))
    a = leg.points[0]
    for b in leg.points[1:]:
        length2 = along = 0.0
        for i in axes:
            step = b[i] - a[i]
            length2 += step * step
            along += (position[i] - a[i]) * step
        t = 0.0 if length2 == 0.0 or along <= 0.0 else min(1.0, along / length2)
        off2 = 0.0
        for i in axes:
            off = position[i] - a[i] - (b[i] - a[i]) * t
            off2 += off * off
        length = math.sqrt(length2)
        if off2 < best2 - 1e-12:
            best2, at = off2, travelled + t * length
        travelled += length
        a = b
    return math.sqrt(best2), (at / travelled if travelled else 1.0)
