"""The pin template 1:1, tiled over sheets of paper to glue together.

The first page is the map of the tiles. Every tile has crop marks, the line up to which its right and lower neighbours
are glued, a bar to measure and the small diagram of the pins. Tiles with nothing on them are not printed.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry import LinearRing, Polygon, box

from stringart.export import EDGE, PAPER, ExportOptions
from stringart.export._paper import check_at_least, paper_size_mm
from stringart.export._rim_strip import RimStrip, draw_strips, strip_pages, strips_of
from stringart.export._sheet import ACCENT, GREY, INK, PALE, Sheet, made_of, title_of
from stringart.export._template import PinTemplate, template_of
from stringart.export._template_draw import STRIP_MM, about, draw_template
from stringart.plan.model import Plan

MARGIN_MM, OVERLAP_MM, _LEAST_MM = 10.0, 10.0, (140.0, 200.0)
Window = tuple[float, float, float, float]

OPTIONS = (PAPER, EDGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiling:
    """How a template is cut into sheets of one size.

    Parameters
    ----------
    paper_mm : (width, height)
    window_mm : (x, y, width, height)
        The part of every sheet that is printed.
    columns, rows : int
    corner_mm : (x, y)
        Of the tiles' left upper corner in the board's frame.
    printed : frozenset of (column, row)
        Tiles with something on them.
    """

    paper_mm: tuple[float, float]
    window_mm: Window
    columns: int
    rows: int
    corner_mm: tuple[float, float]
    printed: frozenset[tuple[int, int]]

    @property
    def step_mm(self) -> tuple[float, float]:
        """From one tile to the next."""
        return self.window_mm[2] - OVERLAP_MM, self.window_mm[3] - OVERLAP_MM

    def tile_corner_mm(self, column: int, row: int) -> tuple[float, float]:
        """Left upper corner of a tile in the board's frame."""
        return self.corner_mm[0] + column * self.step_mm[0], self.corner_mm[1] - row * self.step_mm[1]


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the tiled template.

    Raises
    ------
    OutputError
        If the paper is not known or too small, or the board too large.
    """
    size_mm = paper_size_mm(options[PAPER])
    check_at_least(options[PAPER], size_mm, _LEAST_MM, "one tile of the template")
    template = template_of(plan, options)
    tiling = tiling_of(template, size_mm)
    pdf = Sheet(tiling.paper_mm, plan, f"{title_of(plan)}: pin template, {len(tiling.printed)} tiles")
    _Map(plan, template, tiling, pdf, options[PAPER]).draw()
    for column, row in sorted(tiling.printed, key=lambda tile: (tile[1], tile[0])):
        _tile(plan, template, tiling, pdf, (column, row))
    draw_strips(pdf, strips_for(template, tiling), tiling.paper_mm, MARGIN_MM)
    return pdf.finish()


def strips_for(template: PinTemplate, tiling: Tiling) -> tuple[RimStrip, ...]:
    """Return the strip of numbers, cut to the width of the sheets."""
    return strips_of(template, tiling.paper_mm[0] - 2 * MARGIN_MM)


def pages_of(template: PinTemplate, tiling: Tiling) -> int:
    """Sheets to print: the map, the tiles and the strip of numbers."""
    return 1 + len(tiling.printed) + strip_pages(len(strips_for(template, tiling)), tiling.paper_mm[1] - 2 * MARGIN_MM)


def tiling_of(template: PinTemplate, paper_mm: tuple[float, float]) -> Tiling:
    """Cut a template, with the paper upright or across, whichever takes fewer sheets."""
    upright, across = _cut(template, paper_mm), _cut(template, (paper_mm[1], paper_mm[0]))
    return upright if len(upright.printed) <= len(across.printed) else across


def _cut(template: PinTemplate, paper_mm: tuple[float, float]) -> Tiling:
    left, bottom, right, top = template.box_mm
    inner = (paper_mm[0] - 2 * MARGIN_MM, paper_mm[1] - 2 * MARGIN_MM - STRIP_MM)
    counts = [
        max(math.ceil((size - OVERLAP_MM) / (room - OVERLAP_MM)), 1)
        for size, room in zip((right - left, top - bottom), inner, strict=True)
    ]
    covered = [n * (room - OVERLAP_MM) + OVERLAP_MM for n, room in zip(counts, inner, strict=True)]
    corner = ((left + right - covered[0]) / 2, (bottom + top + covered[1]) / 2)
    tiling = Tiling(
        paper_mm=paper_mm,
        window_mm=(MARGIN_MM, MARGIN_MM, *inner),
        columns=counts[0],
        rows=counts[1],
        corner_mm=corner,
        printed=frozenset(),
    )
    tiles = [(column, row) for row in range(counts[1]) for column in range(counts[0])]
    drawn = _drawn(template)
    printed = frozenset(tile for tile in tiles if any(shape.intersects(_area(tiling, tile)) for shape in drawn))
    return replace(tiling, printed=printed)


def _drawn(template: PinTemplate) -> list[Polygon]:
    """What must be on some tile: a band along the pins, the numbers, the edge."""
    pins = LinearRing(template.xy_mm).buffer(template.pin_mm / 2 + 1)
    edge = [] if template.edge_mm is None else [LinearRing(template.edge_mm).buffer(0.3)]
    return [pins, *edge, *(label.room for label in template.labels)]


def _area(tiling: Tiling, tile: tuple[int, int]) -> Polygon:
    x, y = tiling.tile_corner_mm(*tile)
    return box(x, y - tiling.window_mm[3], x + tiling.window_mm[2], y)


def name_of(tile: tuple[int, int]) -> str:
    """A1 is the left upper tile; letters count rows, numbers columns."""
    column, row = tile
    letters = ""
    row += 1
    while row:
        row, rest = divmod(row - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{column + 1}"


def _tile(plan: Plan, template: PinTemplate, tiling: Tiling, pdf: Sheet, tile: tuple[int, int]) -> None:
    pdf.add_page()
    pdf.start_section(f"Tile {name_of(tile)}")
    x, y, wide, high = tiling.window_mm
    corner = tiling.tile_corner_mm(*tile)
    _glue_lines(pdf, tiling, tile)
    draw_template(pdf, template, (x - corner[0], y + corner[1]), tiling.window_mm)
    _crop_marks(pdf, tiling.window_mm)
    foot = y + high + 3.5
    pdf.pin_diagram(plan, (x, foot, STRIP_MM - 4))
    pdf.put(x + STRIP_MM, foot + 7, name_of(tile), 20, bold=True)
    pdf.put(
        x + STRIP_MM + 18, foot + 3, f"row {tile[1] + 1} of {tiling.rows}, column {tile[0] + 1} of {tiling.columns}", 7
    )
    pdf.put(x + STRIP_MM + 18, foot + 6.6, _neighbours(tiling, tile), 7, color=GREY)
    pdf.scale_bar(x + STRIP_MM, foot + 15.5, 50)
    pdf.put(x + STRIP_MM, foot + 22.5, "pin 0 at 12 o'clock, clockwise, front view", 6.5, color=GREY)
    _small_map(pdf, tiling, tile, (x + wide - 32, foot, 32, STRIP_MM - 8))
    text = f"{title_of(plan)} · {made_of(plan)}"
    pdf.put(x + wide, foot + 22.5, text, 6.5, color=GREY, align="R", room_mm=wide - STRIP_MM - 55)


def _neighbours(tiling: Tiling, tile: tuple[int, int]) -> str:
    column, row = tile
    around = {
        "left": (column - 1, row),
        "right": (column + 1, row),
        "above": (column, row - 1),
        "below": (column, row + 1),
    }
    texts = [f"{where} {name_of(other)}" for where, other in around.items() if other in tiling.printed]
    return "; ".join(texts)


def _glue_lines(pdf: Sheet, tiling: Tiling, tile: tuple[int, int]) -> None:
    """Lines on which the cut edges of the right and the lower neighbour are laid, where there is one."""
    x, y, wide, high = tiling.window_mm
    column, row = tile
    pdf.ink((90, 140, 200), 0.2)
    pdf.set_dash_pattern(1.5, 1.5)
    for there, start, end in (
        ((column + 1, row), (x + wide - OVERLAP_MM, y), (x + wide - OVERLAP_MM, y + high)),
        ((column, row + 1), (x, y + high - OVERLAP_MM), (x + wide, y + high - OVERLAP_MM)),
    ):
        if there in tiling.printed:
            pdf.line(*start, *end)
    pdf.set_dash_pattern()


def _crop_marks(pdf: Sheet, window: Window) -> None:
    x, y, wide, high = window
    pdf.ink(INK, 0.2)
    for at_x, out_x in ((x, -1), (x + wide, 1)):
        for at_y, out_y in ((y, -1), (y + high, 1)):
            reach = 3.0 if out_y > 0 else 6.0
            pdf.line(at_x + out_x * 1, at_y, at_x + out_x * 6, at_y)
            pdf.line(at_x, at_y + out_y * 1, at_x, at_y + out_y * reach)


def _small_map(pdf: Sheet, tiling: Tiling, here: tuple[int, int], area: Window) -> None:
    x, y, wide, high = area
    scale = min(wide / (tiling.columns * tiling.paper_mm[0]), high / (tiling.rows * tiling.paper_mm[1]))
    cell = (tiling.paper_mm[0] * scale, tiling.paper_mm[1] * scale)
    x += wide - cell[0] * tiling.columns
    for row in range(tiling.rows):
        for column in range(tiling.columns):
            printed = (column, row) in tiling.printed
            pdf.ink(GREY if printed else PALE, 0.2, ACCENT if (column, row) == here else (255, 255, 255))
            pdf.rect(x + column * cell[0], y + row * cell[1], *cell, style="DF")


class _Map:
    """The first page: how the tiles lie, what to do, and bars to measure."""

    def __init__(self, plan: Plan, template: PinTemplate, tiling: Tiling, pdf: Sheet, paper: str) -> None:
        self.plan, self.template, self.tiling, self.pdf, self.paper = plan, template, tiling, pdf, paper

    def draw(self) -> None:
        """Draw the page."""
        pdf, (wide, high) = self.pdf, self.tiling.paper_mm
        pdf.add_page()
        pdf.start_section("Map of the tiles")
        inner = wide - 2 * MARGIN_MM
        pdf.put(MARGIN_MM, MARGIN_MM + 6, "Pin template", 18, bold=True)
        y = MARGIN_MM + 12
        for line in about(self.plan, self.template):
            pdf.put(MARGIN_MM, y, line, 8.5, room_mm=inner)
            y += 4.2
        for text in self._advice():
            y = pdf.paragraph(MARGIN_MM, y + 1.2, inner, text, 8.5)
        if wide > high:  # across: the bars and the diagram stand beside the map
            self._tiles((MARGIN_MM, y, inner - 120, high - y - MARGIN_MM - 6))
            bar_mm = min(100, math.floor((inner - 60) / 10) * 10)
            pdf.scale_bar(wide - MARGIN_MM - bar_mm, high - MARGIN_MM - 6, bar_mm)
            pdf.scale_bar(wide - MARGIN_MM - bar_mm, high - MARGIN_MM - 56, 50, vertical=True)
            side = min(high - y - MARGIN_MM - 12, 50)
            pdf.pin_diagram(self.plan, (wide - MARGIN_MM - side, high - MARGIN_MM - 16 - side, side))
        else:
            self._tiles((MARGIN_MM, y, inner, high - y - MARGIN_MM - 64))
            foot, bar_mm = high - MARGIN_MM - 58, min(100, math.floor((inner - 60) / 10) * 10)
            pdf.pin_diagram(self.plan, (wide - MARGIN_MM - 50, foot, 50))
            pdf.scale_bar(MARGIN_MM, foot + 50, bar_mm)
            pdf.scale_bar(MARGIN_MM + bar_mm, foot, 50, vertical=True)
        pdf.put(MARGIN_MM, high - MARGIN_MM + 2, made_of(self.plan), 6.5, color=GREY)

    def _advice(self) -> list[str]:
        tiling, step = self.tiling, self.tiling.step_mm
        return [
            f"{len(tiling.printed)} tiles on {self.paper}, {tiling.columns} across and {tiling.rows} down; tiles shown "
            "empty have nothing on them and are not printed.",
            "Print at 100 % (“actual size”, no fit to page). Measure the bars on this page in both directions: if they "
            "are not right to half a millimetre, the ring will not be either.",
            "Cut each sheet at the crop marks on its left and upper side. Lay its left edge on the blue line of the "
            f"sheet to its left, its upper edge on that of the sheet above: they overlap by {OVERLAP_MM:g} mm. From "
            f"one tile to the next it is {step[0]:.1f} mm across and {step[1]:.1f} mm down.",
            "The last pages are strips of numbers for the board's edge: they stay when the template is torn off.",
        ]

    def _tiles(self, area: Window) -> None:
        pdf, tiling = self.pdf, self.tiling
        x, y, wide, high = area
        step, window = tiling.step_mm, tiling.window_mm
        total = (step[0] * tiling.columns + OVERLAP_MM, step[1] * tiling.rows + OVERLAP_MM)
        scale = min(wide / total[0], high / total[1])
        left, top = x + (wide - total[0] * scale) / 2, y + (high - total[1] * scale) / 2

        def on_page(points: np.ndarray) -> list[tuple[float, float]]:
            placed = (points - tiling.corner_mm) * [scale, -scale] + [left, top]
            return [(float(px), float(py)) for px, py in placed]

        for row in range(tiling.rows):
            for column in range(tiling.columns):
                printed = (column, row) in tiling.printed
                pdf.ink(GREY if printed else PALE, 0.25, (238, 243, 250) if printed else (255, 255, 255))
                at = (left + column * step[0] * scale, top + row * step[1] * scale)
                pdf.rect(*at, window[2] * scale, window[3] * scale, style="DF")
        if self.template.edge_mm is not None:
            pdf.ink(GREY, 0.2)
            pdf.polygon(on_page(self.template.edge_mm), style="D")
        pdf.ink(INK, 0.4)
        pdf.polygon(on_page(self.template.xy_mm), style="D")
        pdf.set_fill_color(*ACCENT)
        zero = on_page(self.template.xy_mm[:1])[0]
        pdf.circle(zero[0], zero[1], 1.2, style="F")
        for column, row in tiling.printed:
            middle = (left + (column + 0.5) * step[0] * scale, top + (row + 0.5) * step[1] * scale)
            pdf.put(middle[0], middle[1] + 2, name_of((column, row)), 14, bold=True, align="C")
