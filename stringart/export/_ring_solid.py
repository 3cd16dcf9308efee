"""The ring's arcs as closed solids, by manifold3d: the plate, its joints, pins or holes, and raised numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient
from shapely.ops import unary_union

from stringart.errors import MissingExtraError, OutputError
from stringart.export import ExportOptions
from stringart.export._ring import (
    FLARED,
    HOLES,
    HOOKED,
    JOINT,
    PINS,
    PLAY,
    SCREW_MM,
    STROKE_MM,
    THICKNESS,
    Arc,
    CutRing,
    flare_mm,
    ring_of,
)
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of

_NUMBER_HIGH_MM, _SUNK_MM, _ROUND = 0.6, 0.5, 48
Mesh = tuple[NDArray[np.float32], NDArray[np.uint32]]
"""Corners (V, 3) and triangles (T, 3)."""


def solids_of(plan: Plan, options: ExportOptions) -> list[Mesh]:
    """Return a closed solid for each arc, as they lie on their beds, the plate's underside at z = 0.

    Raises
    ------
    MissingExtraError
        Without the extra ``ring``.
    OutputError
        If the ring cannot be cut so.
    """
    try:
        import manifold3d
    except ImportError:
        raise MissingExtraError("a ring to print", "ring") from None
    ring = ring_of(plan, options, options[JOINT])
    maker = _Maker(manifold3d, plan, options, ring)
    return [maker.solid(arc) for arc in ring.arcs]


def pin_height_mm(plan: Plan) -> float:
    """How high pins stand above the rim: as nails do, by the thread that they carry."""
    return nails_of(plan).above_mm


class _Maker:
    """Makes arcs."""

    def __init__(self, manifold3d: Any, plan: Plan, options: ExportOptions, ring: CutRing) -> None:
        self._m, self._plan, self._options, self._ring = manifold3d, plan, options, ring
        self._thick = options[THICKNESS]
        self._above = pin_height_mm(plan)

    def solid(self, arc: Arc) -> Mesh:
        """Return one arc's mesh."""
        thick, play = self._thick, self._options[PLAY]
        add = [self._plate(arc.outline, 0.0, thick)]
        take = [self._cylinder(x, y, SCREW_MM / 2, -1.0, thick + 1) for x, y in arc.screws]
        if arc.tongue is not None:
            add.append(self._plate(arc.tongue, 0.0, (thick - play) / 2))
        if arc.slot is not None:
            take.append(self._plate(arc.slot, -1.0, (thick + play) / 2))
        if arc.numbers:
            digits = unary_union([stroke.buffer(STROKE_MM / 2) for stroke in arc.numbers]).intersection(arc.outline)
            add.append(self._plate(digits, thick - _SUNK_MM, thick + _NUMBER_HIGH_MM))
        for pin in arc.pins:
            (take if self._options[PINS] == HOLES else add).append(self._pin(pin))
        joined = self._m.Manifold.batch_boolean(add, self._m.OpType.Add)
        whole = self._m.Manifold.batch_boolean([joined, *take], self._m.OpType.Subtract) if take else joined
        if str(whole.status()).rpartition(".")[2] != "NoError" or whole.is_empty():
            raise OutputError(f"an arc of the ring cannot be made: {whole.status()}", "try other pins or joints")
        laid = whole.rotate((0.0, 0.0, arc.turn_deg)).translate((*arc.shift_mm, 0.0))
        mesh = laid.to_mesh()
        return np.asarray(mesh.vert_properties)[:, :3].astype(np.float32), np.asarray(mesh.tri_verts, np.uint32)

    def _plate(self, shape: object, low: float, high: float) -> object:
        parts = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
        rings = [
            np.asarray(ring.coords)[:-1]
            for part in parts
            if isinstance(part, Polygon)
            for ring in (orient(part).exterior, *orient(part).interiors)
        ]
        return self._m.Manifold.extrude(self._m.CrossSection(rings), high - low).translate((0.0, 0.0, low))

    def _cylinder(self, x: float, y: float, radius: float, low: float, high: float, top: float | None = None) -> Any:
        body = self._m.Manifold.cylinder(high - low, radius, radius if top is None else top, _ROUND)
        return body.translate((float(x), float(y), low))

    def _pin(self, pin: int) -> object:
        (x, y), radius = self._plan.pins.xy_mm[pin], self._plan.pins.diameter_mm / 2
        base, top = self._thick, self._thick + self._above
        style = self._options[PINS]
        if style == HOLES:
            return self._cylinder(x, y, radius, -1.0, base + 1)
        body = self._cylinder(x, y, radius, base - _SUNK_MM, top)
        flare = flare_mm(2 * radius)
        if style == FLARED:
            cone = self._cylinder(x, y, radius, top - 2 * flare, top - flare, radius + flare)
            return body + cone + self._cylinder(x, y, radius + flare, top - flare, top)
        if style == HOOKED:
            out = self._ring.outward[pin] * radius
            low = self._cylinder(x, y, radius, top - 2.5 * radius, top - 2.4 * radius)
            tip = self._cylinder(x + out[0], y + out[1], radius, top - radius * 0.5, top)
            return body + self._m.Manifold.batch_hull([low, tip])
        return body
