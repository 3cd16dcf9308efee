"""The pin template as one SVG in millimetres, for a laser, a plotter or a drawing program."""

from html import escape

import numpy as np

from stringart._version import __version__
from stringart.export import EDGE, ExportOptions
from stringart.export._sheet import title_of
from stringart.export._template import DIGIT_WIDTH, Label, template_of
from stringart.export._template_draw import about
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

_MARGIN_MM, _STRIP_MM = 10.0, 34.0

OPTIONS = (EDGE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an SVG in millimetres, in groups ``outline``, ``edge``, ``centre``, ``pins`` and ``numbers``.

    Raises
    ------
    OutputError
        If the board is too large to draw.
    """
    template = template_of(plan, options)
    left, bottom, right, top = template.box_mm
    wide, high = max(right - left, 130.0) + 2 * _MARGIN_MM, top - bottom + 2 * _MARGIN_MM + _STRIP_MM
    x0, y0 = wide / 2 - (left + right) / 2, _MARGIN_MM + top
    flip = np.array([1.0, -1.0])

    def place(points: np.ndarray) -> np.ndarray:
        return np.asarray(points * flip + [x0, y0])

    pins = place(template.xy_mm)
    groups = [
        _group("outline", 'fill="none" stroke="#bbbbbb" stroke-width="0.2"', [_loop(place(template.outline_mm))]),
        _group("pins", 'fill="none" stroke="#000000" stroke-width="0.15"', _pins(pins, template.pin_mm / 2)),
        _group(
            "numbers", 'fill="#000000" font-family="sans-serif" text-anchor="middle"', _numbers(template.labels, x0, y0)
        ),
        _group("notes", 'fill="#000000" font-family="sans-serif"', _notes(plan, about(plan, template), high)),
    ]
    centre = f"M{x0 - 6:.3f},{y0:.3f}h12M{x0:.3f},{y0 - 6:.3f}v12"
    groups.insert(1, _group("centre", 'fill="none" stroke="#777777" stroke-width="0.2"', [f'<path d="{centre}"/>']))
    if template.edge_mm is not None:
        style = 'fill="none" stroke="#777777" stroke-width="0.3" stroke-dasharray="4 2"'
        groups.insert(1, _group("edge", style, [_loop(place(template.edge_mm))]))
    return _document(plan, (wide, high), groups).encode()


def _document(plan: Plan, size_mm: tuple[float, float], groups: list[str]) -> str:
    wide, high = (f"{value:.3f}" for value in size_mm)
    notes = "; ".join(f"{key}: {value}" for key, value in notes_of(plan).items())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}">',
        f"<title>{escape(title_of(plan))}: pin template</title>",
        f"<desc>{escape(f'stringart {__version__}; {notes}')}</desc>",
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        *groups,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _group(name: str, style: str, items: list[str]) -> str:
    return "\n".join([f'<g id="{name}" {style}>', *items, "</g>"])


def _loop(points: np.ndarray) -> str:
    return '<path d="M' + " ".join(f"{x:.3f},{y:.3f}" for x, y in points) + 'Z"/>'


def _pins(points: np.ndarray, radius: float) -> list[str]:
    items = []
    for number, (x, y) in enumerate(points):
        bold = ' stroke-width="0.35"' if number % 10 == 0 else ""
        items.append(f'<circle id="pin-{number}" cx="{x:.3f}" cy="{y:.3f}" r="{radius:g}"{bold}/>')
        cross = f"M{x - radius:.3f},{y:.3f}h{2 * radius:g}M{x:.3f},{y - radius:.3f}v{2 * radius:g}"
        items.append(f'<path stroke-width="0.1" d="{cross}"/>')
    return items


def _numbers(labels: tuple[Label, ...], x0: float, y0: float) -> list[str]:
    """Texts with their width fixed, so that another font cannot make them collide."""
    items = []
    for label in labels:
        x, y = x0 + label.x_mm, y0 - label.y_mm
        wide = len(label.text) * DIGIT_WIDTH * 0.92 * label.em_mm
        weight = ' font-weight="bold"' if label.bold else ""
        items.append(
            f'<text transform="translate({x:.3f} {y:.3f}) rotate({-label.angle_deg:.3f})" y="{label.em_mm * 0.36:.3f}" '
            f'font-size="{label.em_mm:.3f}" textLength="{wide:.3f}" lengthAdjust="spacingAndGlyphs"{weight}>'
            f"{label.text}</text>"
        )
    return items


def _notes(plan: Plan, lines: list[str], high: float) -> list[str]:
    """A bar to measure, the diagram of the pins and what this is."""
    y = high - _MARGIN_MM - _STRIP_MM + 8
    ticks = "".join(f"M{_MARGIN_MM + 30 + 10 * k},{y + 22:.3f}v-{3 if k in (0, 10) else 1.6}" for k in range(11))
    bar = f'<path fill="none" stroke="#000000" stroke-width="0.25" d="M{_MARGIN_MM + 30},{y + 22:.3f}h100{ticks}"/>'
    texts = [*lines, f"stringart {__version__}, plan {plan.sha256[:12]}"]
    return [
        *(
            f'<text x="{_MARGIN_MM + 30}" y="{y + 3.6 * k:.3f}" font-size="3">{escape(text)}</text>'
            for k, text in enumerate(texts)
        ),
        bar,
        f'<text x="{_MARGIN_MM + 80}" y="{y + 26:.3f}" font-size="3" text-anchor="middle">100 mm</text>',
        *_diagram(plan, _MARGIN_MM + 13, y + 11),
    ]


def _diagram(plan: Plan, x: float, y: float) -> list[str]:
    xy = plan.pins.xy_mm
    low, high = xy.min(0), xy.max(0)
    points = (xy - (low + high) / 2) * np.array([1, -1]) * 18 / max(high - low) + [x, y]
    ring = _loop(points).replace("<path", '<path fill="none" stroke="#777777" stroke-width="0.2"')
    top = points[0]
    share = (np.linspace(0.03, 0.2, 14) * len(points)).astype(int)
    inner = np.array([x, y]) + (points[share] - [x, y]) * 0.7
    line = " ".join(f"{px:.3f},{py:.3f}" for px, py in inner)
    arrow = (
        '<marker id="head" orient="auto" markerWidth="6" markerHeight="6" refX="2" refY="2">'
        '<path fill="#c83c1e" d="M0,0L4,2L0,4Z"/></marker>'
        f'<polyline fill="none" stroke="#c83c1e" stroke-width="0.4" marker-end="url(#head)" points="{line}"/>'
    )
    return [
        ring,
        f'<circle cx="{top[0]:.3f}" cy="{top[1]:.3f}" r="0.9" fill="#c83c1e"/>',
        f'<text x="{top[0]:.3f}" y="{top[1] - 1.6:.3f}" font-size="2.6" fill="#c83c1e" text-anchor="middle">0</text>',
        arrow,
        f'<text x="{x:.3f}" y="{y + 1:.3f}" font-size="2.2" fill="#777777" text-anchor="middle">front view</text>',
    ]
