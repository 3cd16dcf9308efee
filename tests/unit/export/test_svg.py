"""The SVG, drawn by a renderer that shares nothing with us, and compared with paint."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
import resvg_py
from PIL import Image
from sample_plans import THREADS, random_plan

from stringart.export import ExportOptions, exporter_for
from stringart.light import to_linear, to_srgb
from stringart.look.paint import paint
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
    drawn = rendered(exporter_for("x.svg")(plan, ExportOptions()).decode(), 240)
    painted = paint(plan, 240)
    assert drawn.shape == painted.shape
    difference = to_srgb(drawn) - to_srgb(painted)
    assert np.sqrt((difference**2).mean()) < 0.02
    assert abs(difference.mean()) < 0.006


def test_layers_are_named_from_1_as_everywhere():
    svg = exporter_for("x.svg")(random_plan(steps=(5, 6, 7)), ExportOptions()).decode()
    assert re.findall(r'id="(.*?)"', svg) == ["layer-1", "layer-2", "layer-3"]
