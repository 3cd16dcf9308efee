"""From the machine's plane to its axes: a gantry moves there directly, a board that turns does so under an arm.

On a rotary machine a point at radius r and clockwise angle t from 12 o'clock is reached by ``X r`` and ``Y t``. The
angle never jumps: it goes on from where it is, by less than half a turn. A straight line of the axes is a spiral on
the board, so ways are cut until spiral and straight line agree within a tolerance; and the feed word, which the
controller takes for the length over both axes, is made such that the tip has the feed that was asked for.

A turntable is the same with a short arm: its needle stays at one side, and the way across is a turn (`turning`).
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stringart.machine.profile import Profile
from stringart.machine.ring import Point
from stringart.machine.toolpath import PathPiece, arc_points, sweep

POLYLINE_TOLERANCE_MM = 0.02
TRAVEL_TOLERANCE_MM = 0.3
_CENTER_MM = 1e-6
_TURN_FIRST_MM = 0.01
_FASTEST = 99999.0  # the controller's own limit is lower


class Target(NamedTuple):
    """One line of motion: axis values, the offsets of a round move's centre, and its feed in the axes' own measure."""

    a: float
    b: float
    feed: float
    turn: int = 0
    i: float = 0.0
    j: float = 0.0


class GantryKinematics:
    """X and Y are the plane's. Round moves stay round where the dialect has arcs."""

    def __init__(self, *, arcs: bool) -> None:
        self._arcs = arcs

    def stand_at(self, axes: Sequence[float]) -> None:
        """The axes are at these values."""

    def axes_of(self, point: Point) -> tuple[float, float]:
        """Axis values of a place."""
        return point

    def targets(self, start: Point, piece: PathPiece, feed: float, *, fine: bool) -> Iterator[Target]:
        """Lines of motion along a piece."""
        if not piece.turn:
            yield Target(piece.x, piece.y, feed)
        elif self._arcs:
            x0, y0 = round(start[0], 3), round(start[1], 3)  # the centre is given from where the tool really is
            yield Target(piece.x, piece.y, feed, piece.turn, piece.cx - x0, piece.cy - y0)
        else:
            for x, y in arc_points(start, piece, POLYLINE_TOLERANCE_MM):
                yield Target(x, y, feed)


class Rotary:
    """The first axis is the radius, the second the board's angle in degrees, clockwise from 12 o'clock."""

    def __init__(self) -> None:
        self._angle_deg = 0.0

    def stand_at(self, axes: Sequence[float]) -> None:
        """The axes are at these values."""
        self._angle_deg = axes[1]

    def axes_of(self, point: Point) -> tuple[float, float]:
        """Axis values of a place; the angle is the one nearest to where the board stands."""
        radius = math.hypot(*point)
        if radius > _CENTER_MM:
            angle = math.degrees(math.atan2(point[0], point[1]))
            self._angle_deg += (angle - self._angle_deg + 180) % 360 - 180
        return radius, self._angle_deg

    def targets(self, start: Point, piece: PathPiece, feed: float, *, fine: bool) -> Iterator[Target]:
        """Lines of motion along a piece."""
        if piece.turn and math.hypot(piece.cx, piece.cy) < _CENTER_MM:
            yield self._turn(start, piece, feed)
            return
        if piece.turn:
            corners = arc_points(start, piece, POLYLINE_TOLERANCE_MM)
        else:
            tolerance = POLYLINE_TOLERANCE_MM if fine else TRAVEL_TOLERANCE_MM
            corners = _cut(start, (piece.x, piece.y), tolerance)
        here = start
        a, b = self.axes_of(here)
        for corner in corners:
            a1, b1 = self.axes_of(corner)
            if a < _TURN_FIRST_MM and abs(b1 - b) > 1.0:  # in the very middle the board turns under the tool
                yield Target(a, b1, _FASTEST)
                b = b1
            length, turned = math.dist(here, corner), math.hypot(a1 - a, b1 - b)
            scaled = feed * turned / length if length > 1e-9 and turned > 1e-9 else feed
            yield Target(a1, b1, min(max(scaled, 1.0), _FASTEST))
            here, a, b = corner, a1, b1

    def _turn(self, start: Point, piece: PathPiece, feed: float) -> Target:
        """Round the axis itself: the board alone turns."""
        radius, before = self.axes_of(start)
        turned = math.degrees(sweep(start, piece))
        self._angle_deg = before + piece.turn * turned
        return Target(radius, self._angle_deg, min(max(feed * turned / (math.radians(turned) * radius), 1.0), _FASTEST))


def _cut(start: Point, end: Point, tolerance_mm: float, depth: int = 0) -> list[Point]:
    """Corners on a straight line between which the axes' spiral stays near it."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    r0, r1, rm = math.hypot(*start), math.hypot(*end), math.hypot(*middle)
    turn = math.atan2(start[0] * end[1] - start[1] * end[0], start[0] * end[0] + start[1] * end[1])
    half = math.atan2(start[0] * middle[1] - start[1] * middle[0], start[0] * middle[0] + start[1] * middle[1])
    across = abs((r0 + r1) / 2 - rm) + abs(half - turn / 2) * rm
    if depth >= 9 or (across <= tolerance_mm and abs(turn) < 1.0):
        return [end]
    return [*_cut(start, middle, tolerance_mm, depth + 1), *_cut(middle, end, tolerance_mm, depth + 1)]


Kinematics = GantryKinematics | Rotary


def kinematics_of(profile: Profile, *, dialect_has_arcs: bool) -> Kinematics:
    """The kinematics of a profile."""
    return Rotary() if profile.rotary else GantryKinematics(arcs=profile.machine.arcs and dialect_has_arcs)


def to_plane(profile: Profile, axes: Sequence[float]) -> Point:
    """Place in the machine's plane for values of its first two axes."""
    if not profile.rotary:
        return axes[0], axes[1]
    angle = math.radians(axes[1])
    return axes[0] * math.sin(angle), axes[0] * math.cos(angle)
