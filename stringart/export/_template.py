"""The pin template as shapes in the board's frame: pins, their numbers, the outline; drawn by several exporters.

Numbers stand outside the ring, along the outward direction, and are never over a pin or over each other: every tenth
pin is placed first (and bold), then every fifth, then the rest; a number that finds no room is left out and counted.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import STRtree, affinity
from shapely.geometry import Point, Polygon, box
from shapely.prepared import prep

from stringart.errors import OutputError
from stringart.export import EDGE, ExportOptions
from stringart.plan.model import Plan
from stringart.units import format_size

DIGIT_WIDTH = 0.62  # of the digits' em, a little wider than the fonts in use
DIGIT_HEIGHT = 0.74
_LARGEST_EM_MM, _SMALLEST_EM_MM = 3.2, 1.4
_GAP_MM = 0.9
_LARGEST_MM = 5000.0
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A pin's number.

    Parameters
    ----------
    pin : int
    x_mm, y_mm : float
        Middle of the text.
    angle_deg : float
        Of the line of writing, counter-clockwise from x; never upside down.
    em_mm, width_mm : float
        Size of the letters, and the room that the text takes along its line.
    bold : bool
    """

    pin: int
    x_mm: float
    y_mm: float
    angle_deg: float
    em_mm: float
    width_mm: float
    bold: bool

    @property
    def text(self) -> str:
        """The digits."""
        return str(self.pin)

    @property
    def room(self) -> Polygon:
        """The rectangle that the text fills."""
        wide, high = self.width_mm / 2, self.em_mm * DIGIT_HEIGHT / 2
        flat = box(self.x_mm - wide, self.y_mm - high, self.x_mm + wide, self.y_mm + high)
        turned: Polygon = affinity.rotate(flat, self.angle_deg, origin=(self.x_mm, self.y_mm))
        return turned


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTemplate:
    """What is drawn.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        Pins.
    pin_mm : float
        Their diameter.
    outline_mm : (V, 2) float array
        Closed line through the pins: the board of the plan.
    edge_mm : (V, 2) float array, optional
        Closed line of the board's edge, outside the pins.
    labels : tuple of Label
    left_out : int
        Numbers without room.
    box_mm : (left, bottom, right, top)
        Around all of it.
    """

    xy_mm: Points
    pin_mm: float
    outline_mm: Points
    edge_mm: Points | None
    labels: tuple[Label, ...]
    left_out: int
    box_mm: tuple[float, float, float, float]


def template_of(plan: Plan, options: ExportOptions) -> PinTemplate:
    """Lay out the template of a plan.

    Raises
    ------
    OutputError
        If the board is larger than 5 m or the edge is negative.
    """
    if max(plan.board.width_mm, plan.board.height_mm) > _LARGEST_MM:
        size = format_size(plan.board.width_mm, plan.board.height_mm)
        raise OutputError(
            f"a template of {size} is larger than the {_LARGEST_MM:g} mm that are drawn", "choose a smaller board"
        )
    if options[EDGE] < 0:
        raise OutputError(f"the board's edge cannot be {options[EDGE]:g} mm outside the pins", "use --edge 0mm or more")
    outline = outline_of(plan)
    edge = _ring_points(Polygon(outline).buffer(options[EDGE])) if options[EDGE] else None
    labels = _labels(plan)
    rooms = [np.array(label.room.exterior.coords) for label in labels]
    radius = plan.pins.diameter_mm / 2
    shapes = [plan.pins.xy_mm - radius, plan.pins.xy_mm + radius, outline, *rooms, *([] if edge is None else [edge])]
    points = np.concatenate(shapes)
    return PinTemplate(
        xy_mm=plan.pins.xy_mm,
        pin_mm=plan.pins.diameter_mm,
        outline_mm=outline,
        edge_mm=edge,
        labels=tuple(labels),
        left_out=len(plan.pins) - len(labels),
        box_mm=(*points.min(0).tolist(), *points.max(0).tolist()),
    )


def outline_of(plan: Plan) -> Points:
    """Corners of the closed line through the pins, clockwise."""
    board = plan.board
    if board.shape in ("circle", "ellipse"):
        angle = 2 * np.pi * np.arange(720) / 720
        return np.column_stack([np.sin(angle) * board.width_mm / 2, np.cos(angle) * board.height_mm / 2])
    if board.shape == "rectangle":
        x, y = board.width_mm / 2, board.height_mm / 2
        return np.array([[-x, y], [x, y], [x, -y], [-x, -y]])
    return plan.pins.xy_mm if board.outline_mm is None else board.outline_mm


def _ring_points(shape: Polygon) -> Points:
    return np.array(shape.exterior.coords)[:-1]


def _labels(plan: Plan) -> list[Label]:
    xy, radius = plan.pins.xy_mm, plan.pins.diameter_mm / 2
    gaps = np.hypot(*(xy - np.roll(xy, 1, axis=0)).T)
    em_mm = float(np.clip(np.median(gaps) * 0.85 / DIGIT_HEIGHT, _SMALLEST_EM_MM, _LARGEST_EM_MM))
    outward = _outward(xy)
    room = _Room(xy, radius)
    found = [label for pin in _by_importance(len(xy)) if (label := room.place(pin, outward[pin], em_mm))]
    return sorted(found, key=lambda label: label.pin)


def _by_importance(pins: int) -> list[int]:
    return sorted(range(pins), key=lambda pin: (pin % 10 != 0, pin % 5 != 0, pin))


def _outward(xy: Points) -> Points:
    """Unit vectors away from the ring's inside: to the left of a clockwise walk along the pins."""
    along = np.roll(xy, -1, axis=0) - np.roll(xy, 1, axis=0)
    out = np.column_stack([-along[:, 1], along[:, 0]])
    return np.asarray(out / np.maximum(np.hypot(*out.T), 1e-9)[:, None])


def _upright_deg(along: Points) -> float:
    """Angle of a line of writing along a direction, turned about where it would stand on its head."""
    angle = math.degrees(math.atan2(along[1], along[0]))
    return angle - 180 if angle > 90 + 1e-6 else angle + 180 if angle < -90 - 1e-6 else angle


class _Room:
    """What is taken already."""

    def __init__(self, xy: Points, radius: float) -> None:
        self._xy, self._radius = xy, radius
        self._pins = [Point(p).buffer(radius + 0.25) for p in xy]
        self._tree = STRtree(self._pins)
        self._inside = prep(Polygon(xy).buffer(-0.05))
        self._taken: list[Polygon] = []
        self._centres: list[tuple[float, float]] = []

    def place(self, pin: int, outward: Points, em_mm: float) -> Label | None:
        """Find room for a number, nearest to its pin first."""
        for label in self._candidates(pin, outward, em_mm):
            if not self._inside.intersects(label.room) and self._take(label):
                return label
        if pin % 10 == 0:  # these must not be missing: in a notch, within the ring
            return next((label for label in self._candidates(pin, -outward, em_mm) if self._take(label)), None)
        return None

    def _take(self, label: Label) -> bool:
        """Keep the room of a label if it is free."""
        room = label.room
        if not self._free(room, label):
            return False
        self._taken.append(room)
        self._centres.append((label.x_mm, label.y_mm))
        return True

    def _candidates(self, pin: int, outward: Points, em_mm: float) -> Iterator[Label]:
        text, bold = str(pin), pin % 10 == 0
        for em in (em_mm, em_mm * 0.8):
            if em < _SMALLEST_EM_MM * 0.99 and em != em_mm:
                return
            wide = len(text) * DIGIT_WIDTH * em
            for further in (0.0, 1.15, *((2.3, 3.45, 4.6, 5.75) if bold else ())):
                reach = self._radius + _GAP_MM + wide / 2 + further * (3 * DIGIT_WIDTH * em + 0.4)
                x, y = self._xy[pin] + outward * reach
                yield Label(
                    pin=pin,
                    x_mm=float(x),
                    y_mm=float(y),
                    angle_deg=_upright_deg(outward),
                    em_mm=em,
                    width_mm=wide,
                    bold=bold,
                )

    def _belongs(self, label: Label) -> bool:
        """False if another pin, not one of its neighbours, is nearer: across a notch of the board, say."""
        away = np.hypot(*(self._xy - [label.x_mm, label.y_mm]).T)
        steps = np.abs(np.arange(len(away)) - label.pin)
        far = np.minimum(steps, len(away) - steps) > 2
        return not (away[far] < away[label.pin]).any()

    def _free(self, room: Polygon, label: Label) -> bool:
        if len(self._tree.query(room, predicate="intersects")) or not self._belongs(label):
            return False
        if not self._centres:
            return True
        near = np.hypot(*(np.array(self._centres) - [label.x_mm, label.y_mm]).T) < 2 * label.width_mm + 6
        return not any(room.intersects(self._taken[k]) for k in np.flatnonzero(near))
