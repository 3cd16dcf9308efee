"""The pins' numbers as strips of paper for the board's edge: they stay when the template is torn off.

The strip is as long as the edge; a pin stands where it is nearest to the edge. It is cut to the width of a sheet.
"""

from dataclasses import dataclass

from shapely.geometry import LinearRing, Point

from stringart.export._sheet import ACCENT, GREY, INK, PALE, Sheet
from stringart.export._template import PinTemplate

HIGH_MM, GAP_MM = 9.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RimStrip:
    """One piece of the strip.

    Parameters
    ----------
    begin_mm, end_mm : float
        Along the board's edge, from where pin 0 is, clockwise.
    pins : tuple of (pin, float)
        Pins on it and their place along the edge.
    """

    begin_mm: float
    end_mm: float
    pins: tuple[tuple[int, float], ...]


def strips_of(template: PinTemplate, longest_mm: float) -> tuple[RimStrip, ...]:
    """Cut the strip of a template into pieces of at most ``longest_mm``; the line through the pins where no edge is."""
    ring = LinearRing(template.outline_mm if template.edge_mm is None else template.edge_mm)
    if ring.is_ccw:
        ring = LinearRing(list(ring.coords)[::-1])
    length = float(ring.length)
    zero = ring.project(Point(template.xy_mm[0]))
    places = [(pin, (ring.project(Point(xy)) - zero) % length) for pin, xy in enumerate(template.xy_mm)]
    found = []
    begin = 0.0
    while begin < length - 1e-9:
        end = min(begin + longest_mm, length)
        found.append(RimStrip(begin_mm=begin, end_mm=end, pins=tuple(p for p in places if begin <= p[1] < end)))
        begin = end
    return tuple(found)


def strip_pages(strips: int, high_mm: float) -> int:
    """Sheets that so many strips take."""
    return -(-strips // _on_page(high_mm))


def _on_page(high_mm: float) -> int:
    return max(int((high_mm - 20) / (HIGH_MM + GAP_MM)), 1)


def draw_strips(pdf: Sheet, strips: tuple[RimStrip, ...], size_mm: tuple[float, float], margin_mm: float) -> None:
    """Draw all strips on pages of their own."""
    per_page = _on_page(size_mm[1] - 2 * margin_mm)
    for number, strip in enumerate(strips):
        if number % per_page == 0:
            pdf.add_page()
            if number == 0:
                pdf.start_section("Strip of numbers for the board's edge")
            words = "Strip of numbers: cut out, glue round the board's edge, pin 0 at 12 o'clock, clockwise, front view"
            pdf.put(margin_mm, margin_mm + 5, words, 9, bold=True, room_mm=size_mm[0] - 2 * margin_mm)
            text = f"in the order {1 + number} to {min(number + per_page, len(strips))} of {len(strips)}, end to end"
            pdf.put(margin_mm, margin_mm + 10, text, 8, color=GREY)
        y = margin_mm + 16 + (number % per_page) * (HIGH_MM + GAP_MM)
        _draw(pdf, strip, margin_mm, y)


def _draw(pdf: Sheet, strip: RimStrip, x: float, y: float) -> None:
    pdf.ink(PALE, 0.2)
    pdf.rect(x, y, strip.end_mm - strip.begin_mm, HIGH_MM)
    for pin, place in strip.pins:
        at = x + place - strip.begin_mm
        tens = pin % 10 == 0
        pdf.ink(INK, 0.35 if tens else 0.15)
        pdf.line(at, y, at, y + (3.0 if tens else 2.0 if pin % 5 == 0 else 1.2))
        if tens:
            whole = min(max(at, x + 3.5), x + strip.end_mm - strip.begin_mm - 3.5)  # not cut with the strip
            pdf.put(whole, y + 7.4, f"{pin}", 10, bold=True, color=ACCENT if pin == 0 else INK, align="C")
