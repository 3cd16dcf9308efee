"""The pin template drawn on a PDF page, and the notes that stand on every such page."""

import numpy as np

from stringart.export._sheet import ACCENT, GREY, INK, Sheet, title_of
from stringart.export._template import Label, PinTemplate
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of
from stringart.units import format_size

STRIP_MM = 27.0  # at the foot of every page


def draw_template(
    pdf: Sheet,
    template: PinTemplate,
    origin_mm: tuple[float, float],
    window_mm: tuple[float, float, float, float],
    *,
    inside_too: bool = True,
) -> None:
    """Draw what is seen of the template in a window.

    Parameters
    ----------
    pdf : Sheet
    template : PinTemplate
    origin_mm : (x, y)
        Place of the board's centre on the page, y downwards.
    window_mm : (x, y, width, height)
        On the page; nothing is drawn outside it.
    inside_too : bool
        False leaves out the line through the pins and the mark at the centre.
    """
    x0, y0 = origin_mm
    with pdf.rect_clip(*window_mm):
        if template.edge_mm is not None:
            pdf.ink(GREY, 0.3)
            pdf.set_dash_pattern(4, 2)
            pdf.polygon(_on_page(template.edge_mm, origin_mm), style="D")
        pdf.set_dash_pattern()
        if inside_too:
            pdf.ink((170, 170, 170), 0.2)
            pdf.polygon(_on_page(template.outline_mm, origin_mm), style="D")
            _centre(pdf, x0, y0)
        for number, (x, y) in enumerate(template.xy_mm):
            if inside((x0 + x, y0 - y), window_mm, template.pin_mm):
                _pin(pdf, x0 + x, y0 - y, template.pin_mm / 2, bold=number % 10 == 0)
        for label in template.labels:
            if inside((x0 + label.x_mm, y0 - label.y_mm), window_mm, label.width_mm):
                _label(pdf, label, x0 + label.x_mm, y0 - label.y_mm)


def inside(point: tuple[float, float], window: tuple[float, float, float, float], margin: float) -> bool:
    """True if the point is in the window or nearer to it than ``margin``."""
    x, y, wide, high = window
    return x - margin <= point[0] <= x + wide + margin and y - margin <= point[1] <= y + high + margin


def _on_page(points: np.ndarray, origin_mm: tuple[float, float]) -> list[tuple[float, float]]:
    return [(origin_mm[0] + float(x), origin_mm[1] - float(y)) for x, y in points]


def _pin(pdf: Sheet, x: float, y: float, radius: float, *, bold: bool) -> None:
    """A circle of the pin's size with a cross to aim at; every tenth has a thick line."""
    pdf.ink(INK, 0.35 if bold else 0.15)
    pdf.circle(x, y, radius, style="D")
    pdf.set_line_width(0.12)
    arm = radius + (0.6 if bold else 0.0)
    pdf.line(x - arm, y, x + arm, y)
    pdf.line(x, y - arm, x, y + arm)


def _label(pdf: Sheet, label: Label, x: float, y: float) -> None:
    size_pt = label.em_mm / 0.352778
    with pdf.rotation(label.angle_deg, x, y):
        color = ACCENT if label.pin == 0 else INK
        pdf.put(x, y + label.em_mm * 0.365, label.text, size_pt, bold=label.bold, color=color, align="C")


def _centre(pdf: Sheet, x: float, y: float) -> None:
    pdf.ink(GREY, 0.2)
    pdf.line(x - 6, y, x + 6, y)
    pdf.line(x, y - 6, x, y + 6)
    pdf.circle(x, y, 2, style="D")


def about(plan: Plan, template: PinTemplate) -> list[str]:
    """Lines that say what the template is."""
    board = plan.board
    edge = "" if template.edge_mm is None else "; dashed: edge of the board, outside the pins"
    lines = [
        title_of(plan),
        f"{board.shape} {format_size(board.width_mm, board.height_mm, '×')} over the pins, {len(plan.pins)} pins of "
        f"{plan.pins.diameter_mm:g} mm",
        f"pin 0 at 12 o'clock, clockwise, front view; every tenth bold{edge}",
    ]
    lines.append(_check(template))
    nails = nails_of(plan)
    lines.append(f"pins {nails.text}; {nails.setting}")
    if template.left_out:
        numbers = "1 number is" if template.left_out == 1 else f"{template.left_out} numbers are"
        lines.append(f"{numbers} left out where there is no room")
    return lines


def _check(template: PinTemplate) -> str:
    """Distances to measure across the ring when all is glued together."""
    count, xy = len(template.xy_mm), template.xy_mm
    pairs = [(0, count // 2), (count // 4, (3 * count) // 4)] if count >= 4 else [(0, count - 1)]
    measures = [f"pin {a} to pin {b}: {np.hypot(*(xy[a] - xy[b])):.1f} mm" for a, b in pairs]
    return f"measure across: {'; '.join(measures)}"
