"""The tool's way round pins: out through a gap, round, in through the other gap. The machine's plane, millimetres.

An *excursion* is what happens outside the ring between two ways across the board: one pin, or the adjacent pins of a
rim move, which runs outside. It begins and ends at a place inside. A clockwise excursion goes out before its first pin
and comes in after its last, so that exactly these pins lie between it and the board.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from stringart.errors import MachineError
from stringart.machine.ring import Point, Ring
from stringart.plan.model import Array, Plan
from stringart.plan.wraps import CLOCKWISE, COUNTERCLOCKWISE, directions

_SHORTEST_ARC_MM = 0.2


class PathPiece(NamedTuple):
    """A straight or round piece of way that ends at (x, y); ``turn`` is 0 for straight, +1 clockwise, -1 counter."""

    x: float
    y: float
    turn: int = 0
    cx: float = 0.0
    cy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The way round one pin, or round the adjacent pins of a rim move.

    Parameters
    ----------
    inner_out, crossing_out : (x, y)
        Inside before the gap, and on the line between the gap's pins.
    pieces : tuple of PathPiece
        Outside, from ``crossing_out`` to the crossing back.
    inner_back : (x, y)
        Inside after the other gap.
    turns : tuple of PathPiece
        One full turn round the first pin, from ``crossing_out`` back to it.
    """

    inner_out: Point
    crossing_out: Point
    pieces: tuple[PathPiece, ...]
    inner_back: Point
    turns: tuple[PathPiece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excursion:
    """Which pins are wound in one go, and how.

    Parameters
    ----------
    layer : int
    first_wrap : int
        Number of its first wrap, from 1, over all layers.
    pins : tuple of int
    direction : int
        +1 clockwise, -1 counter-clockwise, seen from the front.
    """

    layer: int
    first_wrap: int
    pins: tuple[int, ...]
    direction: int

    @property
    def name(self) -> str:
        """For people: ``wrap 12 (pin 143)``."""
        last = self.first_wrap + len(self.pins) - 1
        if len(self.pins) == 1:
            return f"wrap {self.first_wrap} (pin {self.pins[0]})"
        return f"wraps {self.first_wrap} to {last} (pins {self.pins[0]} to {self.pins[-1]})"

    @property
    def last(self) -> "Excursion":
        """Its last wrap alone."""
        return replace(self, first_wrap=self.first_wrap + len(self.pins) - 1, pins=self.pins[-1:])


def excursions_of(plan: Plan) -> Iterator[Excursion]:
    """Cut every layer of a plan into excursions, in order; directions are the plan's, wherever the board is."""
    wrap = 1
    for number, layer in enumerate(plan.layers):
        for pins, direction in _runs(layer.pins.tolist(), plan.pins.xy_mm):
            yield Excursion(layer=number, first_wrap=wrap, pins=tuple(pins), direction=direction)
            wrap += len(pins)


def _runs(pins: list[int], xy_mm: Array) -> Iterator[tuple[list[int], int]]:
    """Runs of adjacent pins in one direction; the others alone."""
    ways, count, at = _directions(pins, xy_mm), len(xy_mm), 0
    while at < len(pins):
        end, way = at, 0
        while end + 1 < len(pins) and end - at + 2 < count:
            step = (pins[end + 1] - pins[end]) % count
            sign = CLOCKWISE if step == 1 else COUNTERCLOCKWISE if step == count - 1 else 0
            if not sign or (way and sign != way):
                break
            way, end = sign, end + 1
        yield pins[at : end + 1], way or ways[at]
        at = end + 1


def _directions(pins: list[int], xy_mm: Array) -> list[int]:
    """Direction for every pin; a pin that is repeated keeps its own, a tied end turns as if it came from the middle."""
    kept = [k for k, pin in enumerate(pins) if k == 0 or pins[k - 1] != pin]
    order = [pins[k] for k in kept]
    ways = [int(w) for w in directions(xy_mm, order)]
    if order:
        ways[0] = _end_direction(order[0], order[min(1, len(order) - 1)], xy_mm, going=True)
    if len(order) > 1:
        ways[-1] = _end_direction(order[-1], order[-2], xy_mm, going=False)
    out, current = [], 0
    for k in range(len(pins)):
        if current + 1 < len(kept) and kept[current + 1] == k:
            current += 1
        out.append(ways[current])
    return out


def _end_direction(pin: int, other: int, xy_mm: Array, *, going: bool) -> int:
    """Direction at an end of a layer, as if the thread came straight out of the board, or went straight into it."""
    along = xy_mm[(pin + 1) % len(xy_mm)] - xy_mm[pin - 1]
    way = (xy_mm[other] - xy_mm[pin]) @ along
    clockwise = way >= 0 if going else way <= 0
    return CLOCKWISE if clockwise else COUNTERCLOCKWISE


# --- geometry ---


class Loops:
    """Ways round pins of one ring, made once each and checked.

    Parameters
    ----------
    ring : Ring
    """

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self._made: dict[tuple[tuple[int, ...], int], Loop] = {}

    def around(self, excursion: Excursion) -> Loop:
        """The way of an excursion.

        Raises
        ------
        MachineError
            If a gap is too narrow or a way touches a pin: with the pins' numbers and the millimetres.
        """
        key = (excursion.pins, excursion.direction)
        if key not in self._made:
            for pin in excursion.pins:
                self.ring.check_gap(pin, excursion.name)
            self._made[key] = self._make(excursion)
        return self._made[key]

    def _make(self, excursion: Excursion) -> Loop:
        ring, pins, way = self.ring, excursion.pins, excursion.direction
        count = len(ring)
        before, after = (pins[0] - way) % count, (pins[-1] + way) % count
        radius = float(ring.radius_mm[list(pins)].min())
        corners = ring.xy_mm[[before, *pins, after]]
        pieces, crossing = _outside(corners, radius, way)
        gap_out = before if way == CLOCKWISE else pins[0]
        gap_back = pins[-1] if way == CLOCKWISE else after
        back = (pieces[-1].x, pieces[-1].y)
        inner_out, inner_back = ring.inner_point(gap_out, crossing), ring.inner_point(gap_back, back)
        for gap, inner in ((gap_out, inner_out), (gap_back, inner_back)):
            if inner is None:
                raise MachineError(
                    f"{excursion.name}: inside the gap of pins {gap} and {(gap + 1) % count} there is no way for "
                    f"the tool that keeps {ring.clearance_mm:.2f} mm from all pins",
                    "the outline is too sharp there: take a thinner tool, fewer pins or less clearance.inside_mm",
                )
        self._check(excursion, crossing, pieces)
        assert inner_out is not None
        assert inner_back is not None
        turns = _full_turn(ring.xy_mm[pins[0]], crossing, way)
        return Loop(
            inner_out=inner_out, crossing_out=crossing, pieces=tuple(pieces), inner_back=inner_back, turns=turns
        )

    def _check(self, excursion: Excursion, start: Point, pieces: Sequence[PathPiece]) -> None:
        line = flatten(start, pieces, 0.05)
        if not self.ring.is_clear_outside(line[1:-1]):
            pin, room = self.ring.clearance_of(line)
            raise MachineError(
                f"{excursion.name}: outside the ring the tool comes within {max(room, 0):.2f} mm of pin {pin}, "
                f"but {self.ring.clearance_mm:.2f} mm are needed",
                "the outline is too tight there: take a thinner tool, fewer pins or less clearance",
            )


def _outside(corners: Array, radius: float, way: int) -> tuple[list[PathPiece], Point]:
    """Pieces outside round the middle ones of ``corners``, and where they begin."""
    along = np.diff(corners, axis=0)
    along /= np.hypot(*along.T)[:, None]
    out = way * np.column_stack([-along[:, 1], along[:, 0]])
    start = corners[1] - radius * along[0]
    pieces: list[PathPiece] = []
    for k in range(1, len(corners) - 1):
        cx, cy = float(corners[k, 0]), float(corners[k, 1])
        last = k == len(corners) - 2
        leave = along[k] if last else out[k]
        turn_in, turn_out = out[k - 1], out[k]
        bends_in = way * (turn_in[0] * turn_out[1] - turn_in[1] * turn_out[0]) > 1e-9  # a corner into the board
        if k > 1 and not last and bends_in:
            corner = corners[k] + radius * (turn_in + turn_out) / (1 + turn_in @ turn_out)
            pieces.append(PathPiece(float(corner[0]), float(corner[1])))
            continue
        if k > 1 and not last and turn_in @ turn_out > 1 - 1e-9:  # straight on
            continue
        if k > 1:
            arrive = corners[k] + radius * turn_in
            pieces.append(PathPiece(float(arrive[0]), float(arrive[1])))
        end = corners[k] + radius * leave
        round_piece = PathPiece(float(end[0]), float(end[1]), way, cx, cy)
        here = (pieces[-1].x, pieces[-1].y) if pieces else (float(start[0]), float(start[1]))
        if math.dist(here, end) < _SHORTEST_ARC_MM:  # so short that rounding could make it a full circle
            round_piece = PathPiece(float(end[0]), float(end[1]))
        pieces.append(round_piece)
    return pieces, (float(start[0]), float(start[1]))


def _full_turn(center: Array, start: Point, way: int) -> tuple[PathPiece, ...]:
    """Two half turns, so that no controller takes a full circle for none."""
    cx, cy = float(center[0]), float(center[1])
    return PathPiece(2 * cx - start[0], 2 * cy - start[1], way, cx, cy), PathPiece(*start, way, cx, cy)


def sweep(start: Point, piece: PathPiece) -> float:
    """Angle of a round piece in radians, in its own direction, above 0."""
    a = math.atan2(start[1] - piece.cy, start[0] - piece.cx)
    b = math.atan2(piece.y - piece.cy, piece.x - piece.cx)
    return ((a - b) if piece.turn > 0 else (b - a)) % math.tau or math.tau


def flatten(start: Point, pieces: Sequence[PathPiece], tolerance_mm: float) -> Array:
    """Corners of a polyline along pieces, the start included; it cuts no corner by more than the tolerance."""
    points = [start]
    for piece in pieces:
        points += arc_points(points[-1], piece, tolerance_mm) if piece.turn else [(piece.x, piece.y)]
    return np.array(points)


def arc_points(start: Point, piece: PathPiece, tolerance_mm: float) -> list[Point]:
    """Points along a round piece, without its start."""
    radius = math.hypot(start[0] - piece.cx, start[1] - piece.cy)
    angle = sweep(start, piece)
    count = max(math.ceil(angle / (2 * math.acos(max(1 - tolerance_mm / radius, -1.0)))), 1)
    begin = math.atan2(start[1] - piece.cy, start[0] - piece.cx)
    steps = [begin - piece.turn * angle * k / count for k in range(1, count)]
    middle = [(piece.cx + radius * math.cos(t), piece.cy + radius * math.sin(t)) for t in steps]
    return [*middle, (piece.x, piece.y)]
