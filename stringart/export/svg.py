"""The finished piece as an SVG in millimetres: one path a layer, strokes as wide as the thread."""

from html import escape

import numpy as np

from stringart.export import ExportOptions
from stringart.look.paint import notes_of
from stringart.plan.model import Layer, Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an SVG whose user unit is the millimetre; y points down, as SVG has it."""
    return svg_text(plan).encode()


def svg_text(plan: Plan) -> str:
    """Return the SVG as text."""
    board = plan.board
    width, height = f"{board.width_mm:g}", f"{board.height_mm:g}"
    size = f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<title>{escape(plan.photo.name if plan.photo else 'String art')}</title>",
        f"<desc>{escape('; '.join(f'{key}: {value}' for key, value in notes_of(plan).items()))}</desc>",
        f'<rect width="{width}" height="{height}" fill="{board.color}"/>',
        '<g fill="none" stroke-linecap="butt" stroke-linejoin="bevel">',
        *(_path(plan, number, layer) for number, layer in enumerate(plan.layers, 1) if layer.steps),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _path(plan: Plan, number: int, layer: Layer) -> str:
    thread = plan.threads[layer.thread]
    xy = plan.pins.xy_mm[layer.pins]
    points = np.column_stack([xy[:, 0] + plan.board.width_mm / 2, plan.board.height_mm / 2 - xy[:, 1]])
    data = "M" + " ".join(f"{x:.3f},{y:.3f}" for x, y in points)
    return (
        f'<path id="layer-{number}" data-thread="{escape(thread.name)}" stroke="{thread.color}" '
        f'stroke-width="{thread.diameter_mm:g}" d="{data}"/>'
    )
