"""The ring's arcs as sheets for a laser: cut lines moved out by half the kerf, holes for nails, numbers to engrave."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon
from shapely.geometry.polygon import orient

from stringart.export import ExportOptions
from stringart.export._ring import KERF, Arc, ring_of
from stringart.plan.model import Plan

Points = NDArray[np.float64]
_ROUND = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSheet:
    """One arc on its sheet.

    Parameters
    ----------
    outlines : tuple of (V, 2) float arrays
        Closed cut lines, the outermost first; x right, y up, mm.
    holes_mm : (H, 3) float array
        x, y and diameter of the cut circles.
    strokes : tuple of (2, 2) float arrays
        Of the numbers.
    """

    outlines: tuple[Points, ...]
    holes_mm: Points
    strokes: tuple[Points, ...]


def sheets_of(plan: Plan, options: ExportOptions) -> tuple[tuple[CutSheet, ...], tuple[float, float]]:
    """Return a sheet for each arc, and the size of one; sheets stand in a row.

    Raises
    ------
    OutputError
        If the ring cannot be cut so.
    """
    ring = ring_of(plan, options)
    return tuple(_sheet(arc, plan, options[KERF]) for arc in ring.arcs), ring.bed_mm


def _sheet(arc: Arc, plan: Plan, kerf_mm: float) -> CutSheet:
    laid = orient(arc.laid(arc.outline.buffer(kerf_mm / 2, _ROUND)))
    assert isinstance(laid, Polygon)
    centers = [arc.laid(Point(plan.pins.xy_mm[pin])) for pin in arc.pins]
    drilled = max(plan.pins.diameter_mm - kerf_mm, 0.01)
    return CutSheet(
        outlines=tuple(np.asarray(ring.coords) for ring in (laid.exterior, *laid.interiors)),
        holes_mm=np.array([(center.x, center.y, drilled) for center in centers]),
        strokes=tuple(np.asarray(arc.laid(stroke).coords) for stroke in arc.numbers),
    )
