"""Templates: pins measured on rendered pages, numbers that touch nothing, files that independent readers take."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from sample_plans import random_plan, ring
from scipy import ndimage
from shapely.geometry import Point, Polygon

from stringart.errors import MissingExtraError, OutputError
from stringart.export import ExportOptions, exporter_for
from stringart.export._paper import paper_size_mm
from stringart.export._rim_strip import strips_of
from stringart.export._template import template_of
from stringart.export.template_pdf import MARGIN_MM, OVERLAP_MM, export, name_of, pages_of, tiling_of
from stringart.plan.model import Board, Pins, Plan, Thread

OPTIONS = ExportOptions()
PX_PER_MM = 20


def _plan(xy_mm, board):
    thread = Thread(name="black", color="#000000")
    return Plan(board=board, pins=Pins(diameter_mm=2.0, xy_mm=xy_mm), threads=(thread,), layers=())


def _rectangle(wide=300.0, high=200.0, pitch=5.0):
    along = np.arange(0, 2 * (wide + high), pitch) + wide / 2
    along %= 2 * (wide + high)
    x = np.interp(along, [0, wide, wide + high, 2 * wide + high, 2 * (wide + high)], np.array([0, 1, 1, 0, 0]) * wide)
    y = np.interp(along, [0, wide, wide + high, 2 * wide + high, 2 * (wide + high)], np.array([1, 1, 0, 0, 1]) * high)
    xy = np.column_stack([x - wide / 2, y - high / 2])
    return _plan(xy, Board(shape="rectangle", width_mm=wide, height_mm=high))


def _heart(pins=150):
    t = 2 * np.pi * np.arange(2001) / 2000
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    fine = np.column_stack([x, y]) * 12
    fine -= (fine.min(0) + fine.max(0)) / 2
    along = np.r_[0, np.hypot(*np.diff(fine, axis=0).T).cumsum()]
    even = along[-1] * np.arange(pins) / pins
    xy = np.column_stack([np.interp(even, along, fine[:, k]) for k in (0, 1)])
    return _plan(xy, Board(shape="outline", width_mm=384, height_mm=350, outline_mm=xy))


PLANS = {
    "500 pins on 600 mm": lambda: random_plan((), pins=500),
    "288 pins": lambda: random_plan((), pins=288),
    "12 pins": lambda: random_plan((), pins=12, board=Board(width_mm=150, height_mm=150)),
    "too dense": lambda: random_plan((), pins=400, board=Board(width_mm=300, height_mm=300)),
    "rectangle": _rectangle,
    "heart": _heart,
}


@cache
def laid_out(plan):
    """The template that several tests look at."""
    return template_of(plan, OPTIONS)


@pytest.fixture(params=PLANS, scope="module")
def plan(request):
    return PLANS[request.param]()


def test_numbers_are_over_no_pin_and_over_no_other_number(plan):
    template = laid_out(plan)
    rooms = [label.room for label in template.labels]
    pins = [Point(p).buffer(1.0) for p in plan.pins.xy_mm]
    for number, room in enumerate(rooms):
        assert not any(room.intersects(pin) for pin in pins)
        assert not any(room.intersects(other) for other in rooms[number + 1 :])


def test_every_tenth_number_is_there_and_bold_and_what_is_left_out_is_counted(plan):
    template = laid_out(plan)
    shown = {label.pin for label in template.labels}
    assert set(range(0, len(plan.pins), 10)) <= shown
    assert all(label.bold == (label.pin % 10 == 0) for label in template.labels)
    assert template.left_out == len(plan.pins) - len(shown)
    assert template.left_out == 0 or len(plan.pins) == 400 or (len(plan.pins) == 150 and template.left_out <= 6)


def test_numbers_stand_outside_the_ring_nearest_to_their_own_pin(plan):
    ring_shape = Polygon(plan.pins.xy_mm)
    for label in laid_out(plan).labels:
        away = np.hypot(*(plan.pins.xy_mm - [label.x_mm, label.y_mm]).T)
        nearest = int(away.argmin())
        assert min(abs(nearest - label.pin), len(away) - abs(nearest - label.pin)) <= 2
        in_the_notch = label.pin == 0 and len(plan.pins) == 150
        assert in_the_notch or not ring_shape.contains(Point(label.x_mm, label.y_mm))


def in_order(tiling):
    return sorted(tiling.printed, key=lambda tile: (tile[1], tile[0]))


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_pins_lie_on_the_rendered_tiles_within_a_fifth_of_a_millimetre(paper):
    plan = random_plan((), pins=120, board=Board(width_mm=420, height_mm=420))
    tiling = tiling_of(template_of(plan, ExportOptions(paper=paper)), paper_size_mm(paper))
    document = pypdfium2.PdfDocument(export(plan, ExportOptions(paper=paper)))
    found: dict[int, int] = {}
    for page, tile in zip(list(document)[1 : 1 + len(tiling.printed)], in_order(tiling), strict=True):
        dark = np.asarray(page.render(scale=PX_PER_MM * 25.4 / 72, grayscale=True).to_pil()) < 140
        corner = np.array(tiling.tile_corner_mm(*tile))
        for number, xy in enumerate(plan.pins.xy_mm):
            x, y = (xy - corner) * [1, -1] + tiling.window_mm[:2]
            inner = (MARGIN_MM + 2 < x < MARGIN_MM + tiling.window_mm[2] - 2) and (
                MARGIN_MM + 2 < y < MARGIN_MM + tiling.window_mm[3] - 2
            )
            if inner:
                found[number] = found.get(number, 0) + 1
                assert np.hypot(*(_ring_centre(dark, x, y) - [x, y])) < 0.2
    assert sorted(found) == list(range(120))


def _ring_centre(dark, x, y):
    """Middle of the circle drawn nearest to a place, in mm: from the white quarters between it and its cross."""
    reach = round(0.95 * PX_PER_MM)
    row, col = round(y * PX_PER_MM), round(x * PX_PER_MM)
    window = dark[row - 2 * reach : row + 2 * reach, col - 2 * reach : col + 2 * reach]
    quarters, count = ndimage.label(~window)
    sizes = ndimage.sum_labels(~window, quarters, range(1, count + 1))
    inside = [k + 1 for k, size in enumerate(sizes) if 0.15 < size / PX_PER_MM**2 < 0.8]
    assert len(inside) == 4
    middles = np.array(ndimage.center_of_mass(~window, quarters, inside)).mean(0)
    return (middles[::-1] + 0.5 + [col - 2 * reach, row - 2 * reach]) / PX_PER_MM


def test_neighbouring_tiles_overlap_and_cover_the_whole_template(plan):
    template = laid_out(plan)
    tiling = tiling_of(template, paper_size_mm("A4"))
    left, bottom, right, top = template.box_mm
    assert tiling.corner_mm[0] <= left + 1e-9
    assert tiling.corner_mm[1] >= top - 1e-9
    last = tiling.tile_corner_mm(tiling.columns - 1, tiling.rows - 1)
    assert last[0] + tiling.window_mm[2] >= right - 1e-9
    assert last[1] - tiling.window_mm[3] <= bottom + 1e-9
    assert tiling.step_mm[0] == pytest.approx(tiling.window_mm[2] - OVERLAP_MM)


def test_every_tile_names_itself_and_carries_a_bar_and_the_diagram(plan):
    document = pypdfium2.PdfDocument(export(plan, OPTIONS))
    template = laid_out(plan)
    tiling = tiling_of(template, paper_size_mm("A4"))
    assert len(document) == pages_of(template, tiling) > 1 + len(tiling.printed)
    names = []
    for page in list(document)[1 : 1 + len(tiling.printed)]:
        text = page.get_textpage().get_text_range()
        assert "50 mm" in text
        assert "pin 0 at 12 o'clock, clockwise, front view" in text
        names.append(re.search(r"^([A-Z]+\d+)\b", text.split("216")[-1], re.MULTILINE))
    first = document[0].get_textpage().get_text_range()
    assert f"{len(tiling.printed)} tiles on A4" in first
    assert "100 mm" in first
    assert all(name_of(tile) in first for tile in tiling.printed)


def test_the_bar_on_the_map_measures_100_mm():
    page = pypdfium2.PdfDocument(export(PLANS["288 pins"](), OPTIONS))[0]
    dark = np.asarray(page.render(scale=PX_PER_MM * 25.4 / 72, grayscale=True).to_pil()) < 140
    runs = [np.flatnonzero(np.diff(np.r_[0, row, 0])).reshape(-1, 2) for row in dark[230 * PX_PER_MM :].astype(int)]
    longest = max((int(end - begin) for row in runs for begin, end in row), default=0)
    assert longest / PX_PER_MM == pytest.approx(103.0, abs=0.3)  # the bar and the first tick of the upright one


def test_the_large_sheet_is_as_large_as_the_template_and_true_to_scale():
    plan = random_plan((), pins=60, board=Board(width_mm=300, height_mm=300))
    document = pypdfium2.PdfDocument(exporter_for("x.sheet.pdf")(plan, OPTIONS))
    assert len(document) == 1
    wide, high = (size * 25.4 / 72 for size in document[0].get_size())
    assert wide == pytest.approx(350, abs=0.1)
    dark = np.asarray(document[0].render(scale=PX_PER_MM * 25.4 / 72, grayscale=True).to_pil()) < 140
    for x, y in plan.pins.xy_mm:
        place = np.array([wide / 2 + x, 10 + 165 - y])
        assert np.hypot(*(_ring_centre(dark, *place) - place)) < 0.2
    assert high > wide


def test_the_svg_is_in_millimetres_with_every_pin_and_number():
    plan = random_plan((), pins=60, board=Board(width_mm=300, height_mm=300))
    root = ElementTree.fromstring(exporter_for("x.template.svg")(plan, OPTIONS))
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.get("width") == "350.000mm"
    assert root.get("viewBox").split()[2] == "350.000"
    circles = root.findall(".//s:g[@id='pins']/s:circle", space)
    places = np.array([[float(c.get("cx")) - 175, 175 - float(c.get("cy"))] for c in circles])
    np.testing.assert_allclose(places, plan.pins.xy_mm, atol=0.001)
    assert [t.text for t in root.findall(".//s:g[@id='numbers']/s:text", space)] == [str(k) for k in range(60)]
    assert plan.sha256 in root.find("s:desc", space).text


def test_the_dxf_holds_pins_outline_edge_and_numbers_in_layers():
    import ezdxf

    plan = random_plan((), pins=60)
    data = exporter_for("x.dxf")(plan, OPTIONS)
    document = ezdxf.read(io.StringIO(data.decode()))
    assert not document.audit().errors
    assert document.units == ezdxf.units.MM
    space = document.modelspace()
    pins = space.query('CIRCLE[layer=="PINS"]')
    np.testing.assert_allclose([(c.dxf.center.x, c.dxf.center.y) for c in pins], plan.pins.xy_mm, atol=1e-9)
    assert {c.dxf.radius for c in pins} == {1.0}
    (outline,) = space.query('CIRCLE[layer=="OUTLINE"]')
    assert outline.dxf.radius == 300
    assert {text.dxf.text for text in space.query('TEXT[layer=="NUMBERS"]')} == {str(k) for k in range(60)}
    (edge,) = space.query('LWPOLYLINE[layer=="EDGE"]')
    assert max(np.hypot(x, y) for x, y, *_ in edge.get_points()) == pytest.approx(315, abs=0.01)
    assert document.header.custom_vars.get("Plan") == plan.sha256
    assert data.startswith(b"999\nProgram: stringart")


def test_the_order_of_python_sets_does_not_reach_the_dxf(tmp_path):
    PLANS["12 pins"]().save(tmp_path / "plan.json")
    code = (
        "import hashlib, sys; from stringart.plan.model import Plan; from stringart.export import ExportOptions\n"
        "from stringart.export.dxf import export\n"
        "print(hashlib.sha256(export(Plan.load(sys.argv[1]), ExportOptions())).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code, tmp_path / "plan.json"],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4")
    }
    assert len(made) == 1


def test_without_the_extra_a_dxf_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "ezdxf"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ezdxf", None)
    with pytest.raises(MissingExtraError, match="'dxf'") as caught:
        exporter_for("x.dxf")(PLANS["12 pins"](), OPTIONS)
    assert "stringart-studio[dxf]" in caught.value.hint


def test_the_drill_program_drills_every_pin_from_a_safe_height(plan):
    data = exporter_for("x.drill.gcode")(plan, OPTIONS)
    assert not set(data) & set(b"!?~%")
    assert max(data) < 128
    x = y = None
    z, holes = 0.0, []
    for line in data.decode().splitlines():
        words = dict(re.findall(r"([A-Z])(-?[\d.]+)", re.sub(r"\(.*?\)", "", line)))
        assert len(line) <= 70
        if "X" in words:
            assert z == 5.0
            x, y = float(words["X"]), float(words["Y"])
        if "Z" in words:
            z = float(words["Z"])
            if z == -10.0:
                holes.append((x, y))
            assert z > -10.001
    np.testing.assert_allclose(holes, plan.pins.xy_mm, atol=0.0006)
    assert data.decode().split("\n")[-5:] == ["G0 Z5.000", "M5", "G0 X0.000 Y0.000", "M2", ""]
    assert re.search(r"^G21\nG90\n", data.decode(), re.MULTILINE)
    assert plan.sha256 in data.decode()
    assert "\nG4 P2\n" in data.decode()
    told = " ".join(re.findall(r"\((.*?)\)", data.decode()))
    assert "written for grbl: G4 P2 rests 2 s on fluidnc, grbl, grblhal, linuxcnc" in told


def test_the_drill_program_rests_as_the_named_controller_counts():
    text = exporter_for("x.drill.gcode")(random_plan((), pins=12), ExportOptions(machine="marlin")).decode()
    lines = text.splitlines()
    assert "G4 P2000" in lines
    assert not [line for line in lines if line.startswith("(") or line in ("M2", "G94")]
    assert "; " not in [line[:2] for line in lines if not line.startswith(";")]


def test_the_strip_of_numbers_is_as_long_as_the_edge_and_holds_every_pin_once(plan):
    template = laid_out(plan)
    strips = strips_of(template, 190.0)
    assert [strip.begin_mm for strip in strips[1:]] == [strip.end_mm for strip in strips[:-1]]
    assert max(strip.end_mm - strip.begin_mm for strip in strips) <= 190.0
    assert strips[-1].end_mm == pytest.approx(Polygon(template.edge_mm).exterior.length)
    assert sorted(pin for strip in strips for pin, _ in strip.pins) == list(range(len(plan.pins)))
    assert strips[0].pins[0] == (0, 0.0)
    assert all(strip.begin_mm <= place < strip.end_mm for strip in strips for _, place in strip.pins)


def test_the_strip_runs_clockwise_and_a_round_board_has_its_pins_evenly():
    strips = strips_of(laid_out(random_plan((), pins=36)), 1e6)
    places = [place for _, place in strips[0].pins]
    assert np.allclose(np.diff(places), places[1], atol=0.05)
    assert places[1] == pytest.approx(2 * np.pi * 315 / 36, abs=0.05)


def test_a_measure_across_the_ring_is_told_on_sheet_tiles_and_svg():
    plan = random_plan((), pins=288)
    text = "measure across: pin 0 to pin 144: 600.0 mm; pin 72 to pin 216: 600.0 mm"
    for ending in (".template.pdf", ".sheet.pdf"):
        document = pypdfium2.PdfDocument(exporter_for(f"x{ending}")(plan, OPTIONS))
        assert text in document[0].get_textpage().get_text_range()
    svg = exporter_for("x.template.svg")(plan, OPTIONS).decode()
    assert text in svg
    assert 'id="centre"' in svg


@pytest.mark.skipif(shutil.which("rs274") is None, reason="LinuxCNC's rs274 (linuxcnc-uspace) is not installed")
def test_an_independent_interpreter_runs_the_drill_program(tmp_path):
    plan = random_plan((), pins=60)
    (tmp_path / "x.ngc").write_bytes(exporter_for("x.drill.nc")(plan, OPTIONS))
    ran = subprocess.run(["rs274", "-g", tmp_path / "x.ngc"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    feeds = re.findall(r"STRAIGHT_FEED\((-?[\d.]+), (-?[\d.]+), -10\.0000", ran.stdout)
    np.testing.assert_allclose(np.array(feeds, float), plan.pins.xy_mm, atol=0.0006)
    assert "PROGRAM_END" in ran.stdout


def test_the_pin_table_gives_every_pin():
    plan = random_plan((), pins=60)
    rows = list(csv.DictReader(io.StringIO(exporter_for("x.pins.csv")(plan, OPTIONS).decode(), newline="")))
    assert [int(row["pin"]) for row in rows] == list(range(60))
    np.testing.assert_allclose([[float(r["x_mm"]), float(r["y_mm"])] for r in rows], plan.pins.xy_mm, atol=1e-4)
    assert "-0.0000" not in str(rows)


@pytest.mark.parametrize("ending", [".template.pdf", ".sheet.pdf", ".template.svg", ".dxf", ".drill.nc", ".pins.csv"])
def test_the_same_plan_gives_the_same_bytes(ending):
    plan = _heart(40)
    assert exporter_for("x" + ending)(plan, OPTIONS) == exporter_for("x" + ending)(plan, OPTIONS)


@pytest.mark.parametrize("paper", ["50x50mm", "100x600mm"])
def test_paper_too_small_for_one_tile_is_refused_with_both_sizes(paper):
    with pytest.raises(OutputError, match=r"too small.*140 x 200 mm"):
        export(PLANS["12 pins"](), ExportOptions(paper=paper))


def test_a_board_that_no_printer_takes_and_a_negative_edge_are_refused():
    with pytest.raises(OutputError, match="5000 mm"):
        export(random_plan((), board=Board(width_mm=9000, height_mm=9000)), OPTIONS)
    with pytest.raises(OutputError, match="edge"):
        export(PLANS["12 pins"](), ExportOptions(edge_mm=-1))


def test_no_edge_is_drawn_if_none_is_wanted():
    plan = _plan(ring(60).xy_mm, Board())
    assert template_of(plan, ExportOptions(edge_mm=0)).edge_mm is None
