"""The board's rim as SVG for a laser: arcs that fit the sheet, with puzzle joints, holes for nails and kerf, in mm.

Red is cut, blue is engraved; a layer of Inkscape a sheet, and sheets stand side by side.
"""

from stringart.export import ExportOptions
from stringart.export._ring import PLANE_OPTIONS
from stringart.export._ring_sheets import CutSheet, Points, sheets_of
from stringart.plan.model import Plan

OPTIONS = PLANE_OPTIONS
_GAP_MM = 10.0
_INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an SVG whose user unit is the millimetre.

    Raises
    ------
    OutputError
        If the ring cannot be cut so.
    """
    sheets, (wide, high) = sheets_of(plan, options)
    whole = len(sheets) * (wide + _GAP_MM) - _GAP_MM
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="{_INKSCAPE}" width="{whole:g}mm" '
        f'height="{high:g}mm" viewBox="0 0 {whole:g} {high:g}">',
        *(_layer(number, sheet, high) for number, sheet in enumerate(sheets, 1)),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _layer(number: int, sheet: CutSheet, high: float) -> str:
    cut = [f'<path d="{_data(line, high)}Z"/>' for line in sheet.outlines]
    cut += [f'<circle cx="{x:.3f}" cy="{high - y:.3f}" r="{d / 2:.3f}"/>' for x, y, d in sheet.holes_mm.tolist()]
    engraved = "".join(_data(stroke, high) for stroke in sheet.strokes)
    return (
        f'<g id="sheet-{number}" inkscape:groupmode="layer" inkscape:label="{number} sheet" fill="none" '
        f'stroke-width="0.1">\n<g stroke="#ff0000">{"".join(cut)}</g>\n'
        + (f'<path stroke="#0000ff" d="{engraved}"/>\n' if engraved else "")
        + "</g>"
    )


def _data(points: Points, high: float) -> str:
    return "M" + " ".join(f"{x:.3f},{high - y:.3f}" for x, y in points.tolist())
