"""The finished piece as an SVG in millimetres: a named layer and one unbroken path for each, wide as the thread.

Layers are those of Inkscape (``inkscape:groupmode``), which vpype and AxiDraw's software read, too: ``1 black``,
``2 red`` in the order of winding, each one continuous path from tie to tie; and ``%3 board``, which AxiDraw leaves out.
For a plotter there is ``.plot.svg``, of threads alone.
"""

import math
from html import escape

from stringart.export import ExportOptions
from stringart.look.paint import notes_of
from stringart.plan.model import Layer, Plan
from stringart.plan.taut import pin_reach_mm
from stringart.plan.wraps import directions

_INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an SVG whose user unit is the millimetre; y points down, as SVG has it."""
    return svg_text(plan).encode()


def svg_text(plan: Plan, *, has_board: bool = True) -> str:
    """Return the SVG as text: cut at the board as it is seen, or all of the threads alone, round the outer pins too."""
    board, edge = plan.board, 0
    if not has_board:
        edge = math.ceil(plan.pins.diameter_mm / 2 + max(thread.diameter_mm for thread in plan.threads))
    width, height = f"{board.width_mm:g}", f"{board.height_mm:g}"
    sides = f'width="{width}" height="{height}"'
    page = f"{board.width_mm + 2 * edge:g}", f"{board.height_mm + 2 * edge:g}"
    size = f'width="{page[0]}mm" height="{page[1]}mm" viewBox="{-edge} {-edge} {page[0]} {page[1]}"'
    under = _layer("board", f"%{len(plan.layers) + 1} board")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="{_INKSCAPE}" {size}>',
        f"<title>{escape(plan.photo.name if plan.photo else 'String art')}</title>",
        f"<desc>{escape('; '.join(f'{key}: {value}' for key, value in notes_of(plan).items()))}</desc>",
        *([f'{under}<rect {sides} fill="{board.color}"/></g>'] if has_board else []),
        *(_path(plan, number, layer) for number, layer in enumerate(plan.layers, 1) if layer.steps),
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
        f'{_layer(f"layer-{number}", f"{number} {thread.name}")}<path data-thread="{escape(thread.name)}" '
        f'fill="none" stroke="{thread.color}" stroke-width="{thread.diameter_mm:g}" stroke-linecap="butt" '
        f'stroke-linejoin="bevel" d="{data}"/></g>'
    )


def _layer(name: str, label: str) -> str:
    """Begin a layer as Inkscape has them."""
    return f'<g id="{name}" inkscape:groupmode="layer" inkscape:label="{escape(label)}">'
