"""The finished piece as an SVG in millimetres: one unbroken path a layer, round its pins, as wide as the thread."""

from html import escape

from stringart.export import ExportOptions
from stringart.look.paint import notes_of
from stringart.plan.model import Layer, Plan
from stringart.plan.taut import pin_reach_mm
from stringart.plan.wraps import directions


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
    ends = plan.step_ends_mm[plan.steps[:, 0] == number - 1]
    points = ends * [1, -1] + [plan.board.width_mm / 2, plan.board.height_mm / 2]
    reach = f"{pin_reach_mm(plan.pins.diameter_mm, thread.diameter_mm):.4g}"
    ways = directions(plan.pins.xy_mm, layer.pins).tolist()
    data = "M"
    for k, ((ax, ay), (bx, by)) in enumerate(points.tolist()):
        bend = f"A{reach},{reach} 0 0 {int(ways[k] > 0)} " if k else ""
        data += f"{bend}{ax:.3f},{ay:.3f}L{bx:.3f},{by:.3f}"
    return (
        f'<path id="layer-{number}" data-thread="{escape(thread.name)}" stroke="{thread.color}" '
        f'stroke-width="{thread.diameter_mm:g}" d="{data}"/>'
    )
