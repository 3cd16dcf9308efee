"""The threads alone as an SVG in millimetres for a plotter: a named layer and one continuous path for each layer.

Without board, pins and frame; the page has room for the thread round the outer pins. vpype, Inkscape and AxiDraw's
software read it.
"""

from stringart.errors import PlanError
from stringart.export import ExportOptions
from stringart.export.svg import svg_text
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an SVG whose user unit is the millimetre; y points down, as SVG has it."""
    if not len(plan.steps):
        raise PlanError("the plan has no chords: there are no lines to draw", "make a plan with stringart design")
    return svg_text(plan, has_board=False).encode()
