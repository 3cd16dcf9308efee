"""The ring to print or cut, measured by readers that share nothing with us: trimesh, ezdxf, ElementTree and shapely."""

import dataclasses
import io
import itertools
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from sample_plans import random_plan, ring
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from stringart.board.boards import make_board, place_pins
from stringart.errors import MissingExtraError, OutputError
from stringart.export import ExportOptions, exporter_for, notes_for
from stringart.export._ring import ring_of, tip_diameter_mm
from stringart.export._ring_solid import pin_height_mm
from stringart.plan.model import Layer, Pins, Plan, Thread

BED = (220.0, 220.0)
SVG = "{http://www.w3.org/2000/svg}"


@cache
def small_plan(shape: str = "circle", count: int = 48, size_mm: tuple[float, float] = (300.0, 300.0)) -> Plan:
    board = make_board(shape, size_mm)
    pins = place_pins(board, count, 2.0)
    winding = [(7 * k) % count for k in range(3 * count)]
    thread = Thread(name="black", color="#000000", diameter_mm=0.5)
    return Plan(board=board, pins=pins, threads=(thread,), layers=(Layer(thread=0, pins=winding),))


@cache  # whoever asks for the same arcs again has them: the solids are dear
def solids(plan: Plan, **options: Any) -> list[Any]:
    trimesh = pytest.importorskip("trimesh")
    pytest.importorskip("manifold3d")
    data = exporter_for("x.ring.stl")(plan, ExportOptions(**options))
    return sorted(trimesh.load(io.BytesIO(data), file_type="stl").split(), key=lambda part: part.bounds[0, 0])


def circles_at(part: Any, z_mm: float) -> list[Polygon]:
    """Shapes of a cut at a height, by trimesh; in the file's frame."""
    section = part.section(plane_origin=[0, 0, z_mm], plane_normal=[0, 0, 1])
    assert section is not None
    return [Polygon(np.asarray(curve)[:, :2]) for curve in section.discrete]


@pytest.mark.parametrize(("shape", "style"), [("circle", "straight"), ("circle", "hooked"), ("heart", "flared")])
def test_arcs_are_closed_fit_the_bed_and_carry_every_pin_in_its_place(shape: str, style: str) -> None:
    plan = small_plan(shape)
    parts, cut = solids(plan, ring_pins=style), ring_of(plan, ExportOptions())
    assert len(parts) == len(cut.arcs) >= 3
    above = 5 + pin_height_mm(plan)
    for part, arc in zip(parts, cut.arcs, strict=True):
        assert part.is_watertight
        assert part.is_winding_consistent
        assert part.volume > 1000
        assert (part.extents[:2] <= np.array(BED)).all()
        assert part.extents[2] == pytest.approx(above, abs=0.01)
        found = circles_at(part, 5 + 0.4 * pin_height_mm(plan))
        wanted = [arc.laid(Point(plan.pins.xy_mm[pin])) for pin in arc.pins]
        assert len(found) == len(wanted)
        for center in wanted:
            near = min(found, key=lambda shape: shape.centroid.distance(center))
            assert near.centroid.distance(center) < 0.05
            assert 2 * np.sqrt(near.area / np.pi) == pytest.approx(2.0, abs=0.05)
    assert sorted(itertools.chain.from_iterable(arc.pins for arc in cut.arcs)) == list(range(len(plan.pins)))


def test_tips_are_flared_hooked_outwards_or_holes() -> None:
    plan = small_plan()
    height = pin_height_mm(plan)
    (arc, *_), origin = ring_of(plan, ExportOptions()).arcs, Point(0, 0)
    for style, width in (("straight", 2.0), ("flared", 3.2), ("hooked", 2.0)):
        part = solids(plan, ring_pins=style)[0]
        tips = circles_at(part, 5 + height - 0.2)
        assert len(tips) == len(arc.pins)
        for tip in tips:
            pin = min(arc.pins, key=lambda k: arc.laid(Point(plan.pins.xy_mm[k])).distance(tip.centroid))
            off = arc.laid(origin).distance(tip.centroid) - 150
            assert off == pytest.approx(0.5 if style == "hooked" else 0, abs=0.5 if style == "hooked" else 0.03), pin
            if style != "hooked":
                assert 2 * np.sqrt(tip.area / np.pi) == pytest.approx(width, abs=0.05)
    holed = solids(plan, ring_pins="holes")[0]
    assert holed.extents[2] == pytest.approx(5.6, abs=0.01)  # the plate and the raised numbers
    assert sum(1 for shape in circles_at(holed, 2.5) if shape.area < 4) == len(arc.pins)


@pytest.mark.parametrize("play_mm", [0.1, 0.3])
def test_puzzle_joints_have_the_play_that_is_asked_for(play_mm: float) -> None:
    plan = small_plan()
    arcs = ring_of(plan, ExportOptions(joint_play_mm=play_mm)).arcs
    for first, second in zip(arcs, arcs[1:] + arcs[:1], strict=True):
        assert first.outline.intersection(second.outline).area < 1e-9
        assert first.outline.distance(second.outline) == pytest.approx(play_mm, abs=0.02)
        moved = shapely.affinity.translate(first.outline, *(1.0 * np.array([0.6, 0.8])))
        assert moved.intersection(second.outline).area > 0.1  # it cannot be pulled out in the plane
    whole = unary_union([arc.outline.buffer(play_mm) for arc in arcs])
    assert len(whole.interiors) == 1  # one ring


def test_screwed_arcs_lap_by_half_their_thickness_with_a_hole_through_both() -> None:
    plan = small_plan()
    parts, cut = solids(plan, joint="screw", joint_play_mm=0.2), ring_of(plan, ExportOptions(), "screw")
    for part, arc in zip(parts, cut.arcs, strict=True):
        assert part.is_watertight
        low, high = (max(circles_at(part, z_mm), key=lambda shape: shape.area) for z_mm in (1.0, 4.0))
        assert low.difference(high).area > 50  # the tongue
        assert high.difference(low).area > 50  # above the next one's
        assert sum(1 for shape in circles_at(part, 4.0) if abs(shape.area - np.pi * 1.7**2) < 0.3) >= 1
        assert sum(1 for shape in circles_at(part, 1.0) if abs(shape.area - np.pi * 1.7**2) < 0.3) >= 1
        assert arc.tongue is not None
    for first, second in zip(cut.arcs, cut.arcs[1:] + cut.arcs[:1], strict=True):
        assert first.tongue.difference(first.outline).difference(second.slot).area < 0.1


def test_one_arc_is_enough_for_a_board_that_fits_and_small_beds_get_many() -> None:
    plan = small_plan(size_mm=(150.0, 150.0))
    assert len(ring_of(plan, ExportOptions()).arcs) == 1
    assert len(solids(plan)) == 1
    assert len(ring_of(small_plan(), ExportOptions(bed_mm=(120.0, 120.0))).arcs) > 6
    with pytest.raises(OutputError, match="no arcs of this rim, 23 mm wide, fit a bed of 20 x 20 mm"):
        ring_of(plan, ExportOptions(bed_mm=(20.0, 20.0)))
    with pytest.raises(OutputError, match="an edge of 5 mm has no room for joints"):
        ring_of(plan, ExportOptions(edge_mm=5.0))


def test_numbers_are_raised_at_every_tenth_pin() -> None:
    plan = small_plan(size_mm=(150.0, 150.0))
    shapes = circles_at(solids(plan, ring_pins="holes")[0], 5.3)
    numbers = unary_union(shapes)
    for pin in (0, 10, 20, 30, 40):
        assert numbers.distance(Point(plan.pins.xy_mm[pin] * (75 + 8) / 75 + [110, 110])) < 4


def test_3mf_holds_the_same_solids() -> None:
    pytest.importorskip("manifold3d")
    import zipfile

    plan = small_plan()
    data = exporter_for("x.ring.3mf")(plan, ExportOptions())
    assert data == exporter_for("x.ring.3mf")(plan, ExportOptions())
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        root = ElementTree.fromstring(package.read("3D/3dmodel.model"))
    space = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
    assert root.get("unit") == "millimeter"
    volumes = []
    for mesh in root.iter(f"{space}mesh"):
        points = np.array([[float(v.get(axis)) for axis in "xyz"] for v in mesh.iter(f"{space}vertex")])
        faces = np.array([[int(t.get(f"v{k}")) for k in (1, 2, 3)] for t in mesh.iter(f"{space}triangle")])
        edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()  # closed
        a, b, c = (points[faces[:, k]] for k in range(3))
        volumes.append(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
    assert volumes == pytest.approx([part.volume for part in solids(plan, ring_pins="flared")], rel=1e-3)


def test_sheets_for_a_laser_have_kerf_joints_and_holes() -> None:
    ezdxf = pytest.importorskip("ezdxf")
    plan = small_plan()
    arcs = ring_of(plan, ExportOptions()).arcs
    for kerf in (0.0, 0.2):
        root = ElementTree.fromstring(exporter_for("x.ring.svg")(plan, ExportOptions(kerf_mm=kerf)))
        width, height = (float(root.get(side).removesuffix("mm")) for side in ("width", "height"))
        assert (width, height) == (len(arcs) * 230 - 10, 220)
        layers = [g for g in root.iter(f"{SVG}g") if g.get("id", "").startswith("sheet-")]
        for layer, arc in zip(layers, arcs, strict=True):
            path = next(layer.iter(f"{SVG}path"))
            points = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d")), float)
            cut = Polygon(points)
            assert (
                cut.buffer(-kerf / 2)
                .symmetric_difference(Polygon(np.asarray(arc.laid(arc.outline).exterior.coords) * [1, -1] + [0, 220]))
                .area
                < 2.0
            )
            holes = list(layer.iter(f"{SVG}circle"))
            assert len(holes) == len(arc.pins)
            assert {round(2 * float(hole.get("r")), 3) for hole in holes} == {round(2.0 - kerf, 3)}
        document = ezdxf.read(io.StringIO(exporter_for("x.ring.dxf")(plan, ExportOptions(kerf_mm=kerf)).decode()))
        space = document.modelspace()
        assert len(space.query("LWPOLYLINE")) == len(arcs)
        circles = space.query("CIRCLE")
        assert len(circles) == len(plan.pins)
        assert {round(2 * circle.dxf.radius, 3) for circle in circles} == {round(2.0 - kerf, 3)}


def test_tips_that_close_the_gap_are_told() -> None:
    plan = random_plan((60,), pins=60)
    assert notes_for("x.ring.stl", plan, ExportOptions()) == ()
    tight = dataclasses.replace(plan, pins=Pins(diameter_mm=2.0, xy_mm=ring(60, 66.0).xy_mm))
    (note,) = notes_for("x.ring.stl", tight, ExportOptions())
    assert re.match(r"between pins \d+ and \d+, tips of 3.2 mm leave 0.25 mm, where a thread of .* needs", note)
    assert notes_for("x.ring.stl", tight, ExportOptions(ring_pins="straight")) == ()
    near = dataclasses.replace(plan, pins=Pins(diameter_mm=2.0, xy_mm=ring(60, 90.0).xy_mm))
    assert (
        "the machine's tool of 2 mm does not pass there"
        in notes_for("x.ring.stl", near, ExportOptions(machine="grbl"))[0]
    )
    assert notes_for("x.svg", tight, ExportOptions()) == ()
    assert tip_diameter_mm(2.0, "hooked") == 2.0


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "manifold3d", None)
    with pytest.raises(MissingExtraError) as caught:
        exporter_for("x.ring.stl")(small_plan(), ExportOptions())
    assert "stringart-studio[ring]" in caught.value.hint
