"""The SVG, drawn by a renderer that shares nothing with us, and compared with paint."""

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import resvg_py
from PIL import Image
from sample_plans import THREADS, random_plan

from stringart.export import ExportOptions, exporter_for
from stringart.look.paint import paint
from stringart.picture.light import to_linear, to_srgb
from stringart.plan.model import Board

FINE = 8


def rendered(svg: str, width_px: int) -> np.ndarray:
    """Linear light, drawn finely without softened edges (they would mix in sRGB) and averaged as light."""
    crisp = "path { shape-rendering: crispEdges }"
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width_px * FINE, dpi=96, style_sheet=crisp)
    with Image.open(io.BytesIO(bytes(png))) as image:
        fine = to_linear(np.asarray(image.convert("RGB")) / 255)
    rows, cols = fine.shape[0] // FINE, fine.shape[1] // FINE
    return fine.reshape(rows, FINE, cols, FINE, 3).mean((1, 3))


@pytest.mark.parametrize(("width_mm", "height_mm"), [(600, 600), (600, 400)])
def test_another_renderer_draws_what_paint_shows(width_mm, height_mm):
    board = Board(width_mm=width_mm, height_mm=height_mm, color="#f4f0e8")
    threads = tuple(replace(thread, diameter_mm=1.0) for thread in THREADS[2:])
    plan = random_plan(steps=(60, 60, 60), threads=threads, board=board)
    drawn = rendered(exporter_for("x.svg")(plan, ExportOptions()).decode(), 180)
    painted = paint(plan, 180)
    assert drawn.shape == painted.shape
    difference = to_srgb(drawn) - to_srgb(painted)
    assert np.sqrt((difference**2).mean()) < 0.02
    assert abs(difference.mean()) < 0.006


def test_layers_are_named_from_1_as_everywhere():
    svg = exporter_for("x.svg")(random_plan(steps=(5, 6, 7)), ExportOptions()).decode()
    assert re.findall(r'id="(.*?)"', svg) == ["board", "layer-1", "layer-2", "layer-3"]


INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
SVG = "{http://www.w3.org/2000/svg}"


def test_every_layer_is_one_of_inkscapes_named_and_one_path_in_the_order_of_winding():
    plan = random_plan(steps=(5, 6, 7))
    for name, board, page in (("x.svg", ["%4 board"], "0 0 600 600"), ("x.plot.svg", [], "-2 -2 604 604")):
        root = ElementTree.fromstring(exporter_for(name)(plan, ExportOptions()))
        layers = [group for group in root.iter(f"{SVG}g") if group.get(f"{INKSCAPE}groupmode") == "layer"]
        names = [f"{k} {plan.threads[layer.thread].name}" for k, layer in enumerate(plan.layers, 1)]
        assert [group.get(f"{INKSCAPE}label") for group in layers] == [*board, *names]
        assert (root.get("width"), root.get("viewBox")) == (f"{page.split()[2]}mm", page)
        for group, layer in zip(layers[len(board) :], plan.layers, strict=True):
            (path,) = group
            points = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d")), float)
            assert path.get("d").count("M") == 1
            centres = (plan.pins.xy_mm[layer.pins] - [-300, 300]) * [1, -1]
            assert abs(points[[0, -1]] - centres[[0, -1]]).max() < 0.01  # tied at its pins
        assert len(root.findall(f".//{SVG}rect")) == len(board)


def test_names_of_threads_are_escaped_in_labels():
    plan = random_plan(steps=(5,), threads=(replace(THREADS[2], name='R&D "red" <1>'),))
    root = ElementTree.fromstring(exporter_for("x.plot.svg")(plan, ExportOptions()))
    (group,) = root.iter(f"{SVG}g")
    assert group.get(f"{INKSCAPE}label") == '1 R&D "red" <1>'
