"""The rim of a board with its pins, in arcs that fit a print bed or a laser's sheet: shapes in the plane.

The rim is a band along the ring of pins, cut halfway between pins. A puzzle joint is a knob on a neck at the end of an
arc and its socket, wider by the play, in the next one; a screw joint is a tongue of half the thickness under the next
arc, with a hole through both. Both lie outside of the pins.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.ops import polygonize, unary_union

from stringart.errors import OutputError
from stringart.export import EDGE, MACHINE, ExportOption, ExportOptions
from stringart.export._options import write_mm
from stringart.machine.profile_files import profile_of
from stringart.plan.model import Plan
from stringart.units import format_size, parse_length_mm, parse_size_mm

_HEADING = "Ring to print or cut (.ring.stl .ring.3mf .ring.svg .ring.dxf)"
PUZZLE, SCREW = "puzzle", "screw"
STRAIGHT, FLARED, HOOKED, HOLES = "straight", "flared", "hooked", "holes"
_JOINTS, _PINS = (PUZZLE, SCREW), (STRAIGHT, FLARED, HOOKED, HOLES)


def _write_size(size_mm: tuple[float, float]) -> str:
    return f"{size_mm[0]:g}x{size_mm[1]:g}mm"


BED = ExportOption(
    name="bed_mm", key="bed", default=(220.0, 220.0), title="Print bed or sheet (mm)", about="Arcs fit on it.",
    read=parse_size_mm, write=_write_size, metavar="SIZE", heading=_HEADING,
)  # fmt: skip
JOINT = ExportOption(
    name="joint", key="joint", default=PUZZLE, title="Joints of the arcs", about="How arcs are joined.",
    read=str, metavar="|".join(_JOINTS), heading=_HEADING, choices=_JOINTS,
)  # fmt: skip
PLAY = ExportOption(
    name="joint_play_mm", key="joint-play", default=0.2, title="Play of joints (mm)", about="Between joined arcs.",
    read=parse_length_mm, write=write_mm, metavar="LENGTH", heading=_HEADING, low=0, high=2,
)  # fmt: skip
PINS = ExportOption(
    name="ring_pins", key="ring-pins", default=FLARED, title="Pins of the ring", about="Or holes for nails.",
    read=str, metavar="|".join(_PINS), heading=_HEADING, choices=_PINS,
)  # fmt: skip
THICKNESS = ExportOption(
    name="ring_thickness_mm", key="ring-thickness", default=5.0, title="Thickness of the ring (mm)",
    about="Of the rim.", read=parse_length_mm, write=write_mm, metavar="LENGTH", heading=_HEADING, low=1, high=50,
)  # fmt: skip
KERF = ExportOption(
    name="kerf_mm", key="kerf", default=0.15, title="Kerf of the laser (mm)", about="What the beam takes.",
    read=parse_length_mm, write=write_mm, metavar="LENGTH", heading=_HEADING, low=0, high=2,
)  # fmt: skip
PLANE_OPTIONS = (BED, PLAY, KERF, EDGE)
SOLID_OPTIONS = (BED, JOINT, PLAY, PINS, THICKNESS, EDGE)

INSIDE_MM, SCREW_MM, NUMBER_MM, STROKE_MM = 8.0, 3.4, 5.0, 0.9
_BED_MARGIN_MM, _CELL_GAP_MM, _WALL_MM = 2.0, 10.0, 1.5
_LEAST_KNOB_MM, _MOST_KNOB_MM, _LAP_MM = 2.0, 5.0, 14.0
_MOST_PARTS, _TURN_DEG, _ARC = 400, 3, 24
_LONGEST_ARC = 1.6  # of the bed's diagonal: a half circle is longer than its bed
_NUMBER_EVERY = 10
_SEGMENTS = (
    (0, 1, 1, 1),
    (1, 1, 1, 0.5),
    (1, 0.5, 1, 0),
    (0, 0, 1, 0),
    (0, 0.5, 0, 0),
    (0, 1, 0, 0.5),
    (0, 0.5, 1, 0.5),
)
_DIGITS = ("012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356")
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """One part of the ring.

    Parameters
    ----------
    outline : Polygon
        In the board's frame, mm: with its knob and without its socket; of a screw joint, between the cuts.
    tongue, slot : Polygon or None
        Of a screw joint: what lies beneath the next arc, and what is taken from beneath this one.
    screws : tuple of (x, y)
        Holes through the arc and its tongue.
    pins : tuple of int
    numbers : tuple of LineString
        Strokes of the pins' numbers.
    turn_deg : float
    shift_mm : (x, y)
        How it is laid on its bed: turned round the origin, then moved. Beds stand in a row.
    """

    outline: Polygon
    tongue: Polygon | None
    slot: Polygon | None
    screws: tuple[tuple[float, float], ...]
    pins: tuple[int, ...]
    numbers: tuple[LineString, ...]
    turn_deg: float = 0.0
    shift_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def whole(self) -> Polygon:
        """Everything that needs room on the bed."""
        return self.outline if self.tongue is None else unary_union([self.outline, self.tongue])

    def laid(self, shape: "shapely.Geometry") -> "shapely.Geometry":
        """Return a shape of the board's frame as it lies on the bed."""
        return affinity.translate(affinity.rotate(shape, self.turn_deg, origin=(0, 0)), *self.shift_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRing:
    """All arcs.

    Parameters
    ----------
    arcs : tuple of Arc
    outward : (N, 2) float array
        From each pin away from the board.
    bed_mm : (width, height)
    """

    arcs: tuple[Arc, ...]
    outward: Points
    bed_mm: tuple[float, float]


def ring_of(plan: Plan, options: ExportOptions, joint: str = PUZZLE) -> CutRing:
    """Cut a plan's rim into arcs.

    Raises
    ------
    OutputError
        If the edge is too narrow for joints, the board too small for a rim, or the bed for any arc.
    """
    xy, edge_mm = plan.pins.xy_mm, options[EDGE]
    free_mm = edge_mm - plan.pins.diameter_mm / 2 - 2 * _WALL_MM
    if free_mm < 2 * _LEAST_KNOB_MM:
        least = plan.pins.diameter_mm / 2 + 2 * _WALL_MM + 2 * _LEAST_KNOB_MM
        raise OutputError(
            f"an edge of {edge_mm:g} mm has no room for joints outside of the pins", f"--edge {least:g}mm"
        )
    center = Polygon(xy)
    outer, inner = center.buffer(edge_mm, _ARC), center.buffer(-INSIDE_MM, _ARC)
    if not isinstance(inner, Polygon) or inner.is_empty:
        raise OutputError(
            f"the board is too narrow for a rim of {INSIDE_MM:g} mm inside of its pins",
            "choose a larger board, or export a template for a panel",
        )
    band = outer.difference(inner)
    outward, sound = _outward(xy), band.buffer(-_WALL_MM / 2)
    shapely.prepare(sound)
    for count in range(1, min(_MOST_PARTS, len(xy) // 2) + 1):
        if count > 1 and center.length / count > _LONGEST_ARC * math.hypot(*options[BED]):
            continue
        arcs = _arcs(plan, (band, sound), outward, count, joint, options)
        laid = None if arcs is None else [_laid(arc, k, options[BED]) for k, arc in enumerate(arcs)]
        if laid is not None and all(arc is not None for arc in laid):
            return CutRing(arcs=tuple(arc for arc in laid if arc), outward=outward, bed_mm=options[BED])
    bed = format_size(*options[BED])
    raise OutputError(
        f"no arcs of this rim, {edge_mm + INSIDE_MM:g} mm wide, fit a bed of {bed}", "give a larger --bed"
    )


def _outward(xy: Points) -> Points:
    """Unit vectors across the ring at each pin; pins run clockwise, so that left of the way is outside."""
    along = np.roll(xy, -1, axis=0) - np.roll(xy, 1, axis=0)
    return np.asarray(np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None])


# --- cutting ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Between the pin before ``pin`` and ``pin``."""

    pin: int
    middle: Points
    along: Points
    out: Points

    def line(self, inside_mm: float, outside_mm: float) -> LineString:
        return LineString([self.middle - self.out * inside_mm, self.middle + self.out * outside_mm])


def _cut(xy: Points, pin: int) -> _Cut:
    a, b = xy[pin - 1], xy[pin]
    along = (b - a) / np.hypot(*(b - a))
    return _Cut(pin=pin, middle=(a + b) / 2, along=along, out=np.array([-along[1], along[0]]))


def _arcs(
    plan: Plan, bands: tuple[Polygon, Polygon], outward: Points, count: int, joint: str, options: ExportOptions
) -> list[Arc] | None:
    """Arcs of about as many pins each; None where a cut does not part the band cleanly."""
    xy, total, band = plan.pins.xy_mm, len(plan.pins), bands[0]
    if count == 1:
        strokes = tuple(stroke for one in _numbers(plan, outward, [], options).values() for stroke in one)
        return [Arc(outline=band, tongue=None, slot=None, screws=(), pins=tuple(range(total)),
                    numbers=strokes)]  # fmt: skip
    cuts = [_clean_cut(xy, round(k * total / count), bands, options) for k in range(count)]
    if any(cut is None for cut in cuts) or len({cut.pin for cut in cuts if cut}) < count:
        return None
    sound = sorted((cut for cut in cuts if cut is not None), key=lambda cut: cut.pin)
    lines = [cut.line(INSIDE_MM * 1.2, options[EDGE] * 1.2) for cut in sound]
    faces = list(polygonize(unary_union([band.boundary, MultiLineString(lines)])))
    faces = [face for face in faces if band.contains(face.representative_point())]
    if len(faces) != count:
        return None
    numbers = _numbers(plan, outward, sound, options)
    arcs = []
    for cut, after in pairwise([*sound, sound[0]]):
        pins = _between(cut.pin, after.pin, total)
        face = next((face for face in faces if all(face.contains(Point(xy[pin])) for pin in pins)), None)
        if face is None:
            return None
        strokes = tuple(stroke for pin in pins for stroke in numbers.get(pin, ()))
        arcs.append(_arc(face, band, (cut, after), pins, strokes, joint, options))
    return arcs


def _between(first: int, stop: int, total: int) -> tuple[int, ...]:
    return tuple((first + k) % total for k in range((stop - first) % total or total))


def _clean_cut(xy: Points, wanted: int, bands: tuple[Polygon, Polygon], options: ExportOptions) -> _Cut | None:
    """Return the cut next to a pin that parts the band once, at a place that is straight enough for a joint."""
    band, sound = bands
    for off in (0, 1, -1, 2, -2, 3, -3):
        cut = _cut(xy, (wanted + off) % len(xy))
        line = cut.line(INSIDE_MM * 1.2, options[EDGE] * 1.2)
        inside = line.intersection(band)
        ends = [Point(end) for end in line.coords]
        is_clean = isinstance(inside, LineString) and not any(band.contains(end) for end in ends)
        if is_clean and sound.contains(_knob(cut, options, 0.0)):
            return cut
    return None


def _joint_place(cut: _Cut, options: ExportOptions) -> tuple[Points, float]:
    """Where the joint lies on a cut, and the radius of its knob."""
    near = _WALL_MM + 1.0
    radius = min((options[EDGE] - near - _WALL_MM) / 2 * 0.75, _MOST_KNOB_MM)
    return cut.middle + cut.out * ((near + options[EDGE] - _WALL_MM) / 2), radius


def _knob(cut: _Cut, options: ExportOptions, play_mm: float) -> Polygon:
    """The knob of a puzzle joint, on its neck, beyond the cut."""
    at, radius = _joint_place(cut, options)
    neck = LineString([at - cut.along, at + cut.along * 1.5 * radius]).buffer(0.55 * radius, cap_style="flat")
    return unary_union([neck, Point(at + cut.along * 1.5 * radius).buffer(radius, _ARC)]).buffer(play_mm, _ARC)


def _arc(
    face: Polygon, band: Polygon, cuts: tuple[_Cut, _Cut], pins: tuple[int, ...], strokes: tuple[LineString, ...],
    joint: str, options: ExportOptions,
) -> Arc:  # fmt: skip
    """One arc, clockwise from a cut to the next: a socket at its beginning, a knob at its end."""
    cut, after = cuts
    half = options[PLAY] / 2
    reach = INSIDE_MM * 1.2, options[EDGE] * 1.2
    slits = [one.line(*reach).buffer(half, cap_style="flat") for one in cuts if half]
    outline = face.difference(unary_union(slits))
    if joint == SCREW:
        tongue, slot = _lap(after, band, options, 0.0), _lap(cut, band, options, options[PLAY])
        screws = tuple(_screw(one, options) for one in cuts)
        outline = _largest(outline)
        return Arc(outline=outline, tongue=tongue, slot=slot, screws=screws, pins=pins, numbers=strokes)
    outline = _largest(outline.difference(_knob(cut, options, options[PLAY])).union(_knob(after, options, 0.0)))
    return Arc(outline=outline, tongue=None, slot=None, screws=(), pins=pins, numbers=strokes)


def _largest(shape: "shapely.Geometry") -> Polygon:
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area)


def _lap(cut: _Cut, band: Polygon, options: ExportOptions, play_mm: float) -> Polygon:
    """The tongue of a screw joint beyond the cut, outside of the pins; wider by the play for its slot."""
    low, high = _WALL_MM + 1.0 - play_mm, options[EDGE] + 1
    corners = [(-1.0, low), (-1.0, high), (_LAP_MM + play_mm, high), (_LAP_MM + play_mm, low)]
    lap = Polygon([cut.middle + cut.along * x + cut.out * y for x, y in corners])
    return _largest(lap.intersection(band.buffer(1.0) if play_mm else band))


def _screw(cut: _Cut, options: ExportOptions) -> tuple[float, float]:
    at, _ = _joint_place(cut, options)
    x, y = at + cut.along * _LAP_MM / 2
    return float(x), float(y)


# --- numbers ---


def _numbers(
    plan: Plan, outward: Points, cuts: Sequence[_Cut], options: ExportOptions
) -> dict[int, tuple[LineString, ...]]:
    """Strokes of the number of every tenth pin, outside of the pins and off the joints."""
    found: dict[int, tuple[LineString, ...]] = {}
    offset = (plan.pins.diameter_mm / 2 + options[EDGE]) / 2
    height = min(NUMBER_MM, options[EDGE] - plan.pins.diameter_mm / 2 - 2 * _WALL_MM)
    for pin in range(0, len(plan.pins), _NUMBER_EVERY):
        out = outward[pin]
        strokes = tuple(_strokes(str(pin), plan.pins.xy_mm[pin] + out * offset, out, height))
        reach = max(Point(plan.pins.xy_mm[pin]).distance(Point(p)) for stroke in strokes for p in stroke.coords)
        if all(math.dist(plan.pins.xy_mm[pin], cut.middle) > reach + 2 * _MOST_KNOB_MM + _LAP_MM / 2 for cut in cuts):
            found[pin] = strokes
    return found


def _strokes(text: str, at: Points, up: Points, height: float) -> Iterator[LineString]:
    """Digits of seven straight strokes, that a nozzle can lay."""
    right, width, step = np.array([up[1], -up[0]]), height * 0.5, height * 0.8
    for k, digit in enumerate(text):
        left = (k - (len(text) - 1) / 2) * step - width / 2
        for segment in _DIGITS[int(digit)]:
            x0, y0, x1, y1 = _SEGMENTS[int(segment)]
            ends = [at + right * (left + x * width) + up * ((y - 0.5) * height) for x, y in ((x0, y0), (x1, y1))]
            yield LineString(ends)


# --- laying ---


def _laid(arc: Arc, number: int, bed_mm: tuple[float, float]) -> Arc | None:
    """Return the arc on the bed of its number, turned so that it fits; None where it cannot."""
    hull = arc.whole.convex_hull
    for turn in range(0, 180, _TURN_DEG):
        left, low, right, high = affinity.rotate(hull, turn, origin=(0, 0)).bounds
        if right - left <= bed_mm[0] - 2 * _BED_MARGIN_MM and high - low <= bed_mm[1] - 2 * _BED_MARGIN_MM:
            x = number * (bed_mm[0] + _CELL_GAP_MM) + bed_mm[0] / 2 - (left + right) / 2
            return Arc(
                outline=arc.outline, tongue=arc.tongue, slot=arc.slot, screws=arc.screws, pins=arc.pins,
                numbers=arc.numbers, turn_deg=float(turn), shift_mm=(x, bed_mm[1] / 2 - (low + high) / 2),
            )  # fmt: skip
    return None


# --- what is told ---


def gap_notes(plan: Plan, options: ExportOptions) -> tuple[str, ...]:
    """Say where the pins' tips close the gap that thread or tool needs."""
    tip_mm = tip_diameter_mm(plan.pins.diameter_mm, options[PINS])
    gaps = np.hypot(*(plan.pins.xy_mm - np.roll(plan.pins.xy_mm, 1, axis=0)).T) - tip_mm
    least, pin = float(gaps.min()), int(gaps.argmin())
    where = f"between pins {(pin - 1) % len(plan.pins)} and {pin}, tips of {tip_mm:g} mm leave {max(least, 0):.2g} mm"
    thread_mm = max(thread.diameter_mm for thread in plan.threads)
    if least < 2 * thread_mm:
        return (f"{where}, where a thread of {thread_mm:g} mm needs {2 * thread_mm:g}: take straight pins, or fewer",)
    if MACHINE in options:
        tool_mm = profile_of(options[MACHINE]).tool.diameter_mm
        if least < tool_mm:
            return (f"{where}, and the machine's tool of {tool_mm:g} mm does not pass there",)
    return ()


def flare_mm(pin_mm: float) -> float:
    """How far a flared tip reaches beyond its pin."""
    return 0.3 * pin_mm


def tip_diameter_mm(pin_mm: float, style: str) -> float:
    """Width of a pin's tip along the ring."""
    return pin_mm + 2 * flare_mm(pin_mm) if style == FLARED else pin_mm
