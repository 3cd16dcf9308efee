"""Drawings of the winding book: how a thread goes round a pin, along the rim, how it is knotted and joined."""

import math
from collections.abc import Callable

from stringart.export._sheet import ACCENT, GREY, INK, PALE, Sheet

WIDE_MM, HIGH_MM = 46.0, 27.0
Drawing = Callable[[Sheet, float, float], None]
Points = list[tuple[float, float]]


def _arc(x: float, y: float, radius: float, begin_deg: float, end_deg: float) -> Points:
    """Points of an arc; degrees from 12 o'clock, clockwise."""
    count = max(int(abs(end_deg - begin_deg) / 10), 2)
    turns = [math.radians(begin_deg + (end_deg - begin_deg) * k / count) for k in range(count + 1)]
    return [(x + radius * math.sin(t), y - radius * math.cos(t)) for t in turns]


def _thread(pdf: Sheet, points: Points, *, arrow: bool = False) -> None:
    pdf.ink(ACCENT, 0.5, ACCENT)
    pdf.polyline(points)
    if arrow:
        (x0, y0), (x1, y1) = points[-2], points[-1]
        long = math.hypot(x1 - x0, y1 - y0) or 1.0
        u, v = (x1 - x0) / long, (y1 - y0) / long
        pdf.polygon([(x1 + u * 2, y1 + v * 2), (x1 - v * 1.1, y1 + u * 1.1), (x1 + v * 1.1, y1 - u * 1.1)], style="F")


def _pin(pdf: Sheet, x: float, y: float, radius: float = 1.8) -> None:
    pdf.ink(INK, 0.25, PALE)
    pdf.circle(x, y, radius, style="DF")


def _knot(pdf: Sheet, x: float, y: float) -> None:
    pdf.ink(ACCENT, 0.3, ACCENT)
    pdf.circle(x, y, 0.9, style="F")


def draw_sides(pdf: Sheet, x: float, y: float) -> None:
    """Draw a clockwise and a counter-clockwise wrap."""
    for middle, way, sign, side in ((x + 11, 1, "↻", "pin on the right"), (x + 35, -1, "↺", "pin on the left")):
        top = y + 7
        arc = _arc(middle, top, 2.6, -105 * way, 75 * way)
        out = (middle + 7 * way, y + 20)
        _thread(pdf, [(middle - 5.5 * way, y + 20), *arc, out], arrow=True)
        _pin(pdf, middle, top)
        pdf.put(middle, y + 3.2, sign, 11, bold=True, color=ACCENT, align="C")
        pdf.put(middle, y + 25.5, side, 7, color=GREY, align="C")


def draw_rim(pdf: Sheet, x: float, y: float) -> None:
    """Draw a walk along the rim, outside the pins."""
    places = [(x + 7 + 8 * k, y + 12 + 0.35 * (k - 2) ** 2) for k in range(5)]
    over = [(px, py - 2.7) for px, py in places]
    come = [(places[0][0] + 3, y + 23), (places[0][0] - 2.2, places[0][1] + 0.5)]
    leave = [(places[-1][0] + 2.2, places[-1][1] + 0.5), (places[-1][0] - 3, y + 23)]
    _thread(pdf, [*come, *over, *leave], arrow=True)
    for px, py in places:
        _pin(pdf, px, py)
    pdf.put(x + WIDE_MM / 2, y + 5.5, "rim 4 ↻: outside the pins", 7, color=GREY, align="C")


def draw_knot(pdf: Sheet, x: float, y: float) -> None:
    """Draw two half hitches round a pin."""
    pin = (x + 10, y + 12)
    _thread(pdf, [(x + 44, y + 15.2), (pin[0] + 0.5, pin[1] + 3), *_arc(*pin, 3.0, 170, 390), (x + 20, y + 10.5)])
    for k in range(2):
        left = x + 20 + 5.5 * k
        _thread(pdf, [(left, y + 10.5), *_arc(left + 2.2, y + 14.2, 3.4, -20, 330), (left + 5.5, y + 10.5)])
    _thread(pdf, [(x + 31, y + 10.5), (x + 38, y + 7)])
    _pin(pdf, *pin)
    pdf.put(x + 38.5, y + 6, "tail", 7, color=GREY)
    pdf.put(x + WIDE_MM / 2, y + 25.5, "two half hitches, a drop of glue", 7, color=GREY, align="C")


def draw_join(pdf: Sheet, x: float, y: float) -> None:
    """Draw where the old thread ends and the new one begins: at one pin."""
    pin = (x + 23, y + 9)
    _thread(pdf, [(x + 5, y + 21), (pin[0] - 2.2, pin[1] + 1.6)])
    _thread(pdf, [(pin[0] + 2.2, pin[1] + 1.6), (x + 40, y + 20)], arrow=True)
    _knot(pdf, pin[0] - 2.2, pin[1] + 1.6)
    _knot(pdf, pin[0] + 2.2, pin[1] + 1.6)
    _pin(pdf, *pin)
    pdf.put(x + 9, y + 14, "old", 7, color=GREY, align="C")
    pdf.put(x + 37, y + 14, "new", 7, color=GREY, align="C")
    pdf.put(x + WIDE_MM / 2, y + 25.5, "both ends at the same pin", 7, color=GREY, align="C")


def draw_holder(pdf: Sheet, x: float, y: float) -> None:
    """Draw a pen tube that leads the thread through a gap between two pins."""
    pdf.ink(INK, 0.25, PALE)
    tube: Points = [(x + 8, y + 20), (x + 6.8, y + 17.6), (x + 27, y + 7.8), (x + 29.5, y + 7.8), (x + 28.6, y + 10.2)]
    pdf.polygon(tube, style="DF")
    _thread(pdf, [(x + 3, y + 21.5), (x + 7.4, y + 18.8)])
    _thread(pdf, [(x + 29.2, y + 8.8), (x + 42, y + 3.6)], arrow=True)
    for py in (2.2, 11.4):
        _pin(pdf, x + 35.5, y + py, 1.5)
    pdf.put(x + WIDE_MM / 2, y + 25.5, "an empty pen leads the thread", 7, color=GREY, align="C")


def draw_numbers(pdf: Sheet, x: float, y: float) -> None:
    """Draw numbers by tens on the board's edge."""
    middle, radius = (x + WIDE_MM / 2, y + 62), 50.0
    for degrees in range(-24, 25, 4):
        (px, py) = _arc(*middle, radius, degrees, degrees)[0]
        _pin(pdf, px, py, 0.8)
        if degrees % 20 == 0:
            tens = {-20: "340", 0: "350", 20: "0"}[degrees]
            (tx, ty) = _arc(*middle, radius + 5, degrees, degrees)[0]
            pdf.put(tx, ty + 1, tens, 8, bold=True, align="C")
    pdf.ink(GREY, 0.3)
    pdf.polyline(_arc(*middle, radius + 8.5, -26, 26))
    pdf.put(x + WIDE_MM / 2, y + 25.5, "tens on the board's edge", 7, color=GREY, align="C")


DRAWINGS: dict[str, Drawing] = {
    "side": draw_sides,
    "rim": draw_rim,
    "knot": draw_knot,
    "join": draw_join,
    "holder": draw_holder,
    "numbers": draw_numbers,
}
"""Every drawing by its name; each fills `WIDE_MM` by `HIGH_MM` from its left upper corner."""
