"""The winding book: a PDF to wind by, step by step, with a box to tick for each.

A cover, what is needed and how to read it, then every layer from a new page: columns of steps, the piece as it looks
when the page is done, and a QR code that names the step at which the page begins.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import segno

from stringart._version import __version__
from stringart.errors import PlanError
from stringart.export import ExportOptions
from stringart.export._paper import check_at_least, paper_size_mm
from stringart.export._sheet import ACCENT, GREY, INK, PALE, Sheet, rgb, title_of
from stringart.look.paint import Canvas, paint
from stringart.plan.materials import Materials, materials_of
from stringart.plan.model import Plan
from stringart.plan.wraps import wrap_directions
from stringart.units import format_duration, format_length, format_size

_LEAST_MM = (140.0, 200.0)
_MARGIN_MM, _HEAD_MM, _FOOT_MM, _COLUMN_MM, _ROWS = 12.0, 44.0, 9.0, 36.0, 40
_PICTURE_PX, _COVER_PX = 300, 1100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Steps ``first`` to ``stop`` (exclusive, from 0) of one layer, on one page."""

    layer: int
    first: int
    stop: int
    part: int
    parts: int


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the winding book.

    Raises
    ------
    PlanError
        If the plan has no chords.
    OutputError
        If the paper is not known or too small.
    """
    if not len(plan.steps):
        raise PlanError("the plan has no chords: a winding book of it would be empty", "make the plan again")
    size_mm = paper_size_mm(options.paper)
    check_at_least(options.paper, size_mm, _LEAST_MM, "a page of the winding book")
    return _Book(plan, size_mm).bytes()


class _Book:
    """One book while it is made."""

    def __init__(self, plan: Plan, size_mm: tuple[float, float]) -> None:
        self.plan, (self.wide, self.high) = plan, size_mm
        self.pdf = Sheet(size_mm, plan, f"{title_of(plan)}: winding book")
        self.columns = max(int((self.wide - 2 * _MARGIN_MM) / _COLUMN_MM), 1)
        self.directions = [turn[1:] for turn in wrap_directions(plan)]
        self.pages = list(_paginated(plan, self.columns * _ROWS))
        self.materials = materials_of(plan)

    def bytes(self) -> bytes:
        """Return the file."""
        opening = _Opening(self.plan, self.pdf, self.materials, (self.wide, self.high))
        front = 1 + opening.pages_needed()
        self.total_pages = front + len(self.pages)
        first_page = {page.layer: front + number + 1 for number, page in reversed(list(enumerate(self.pages)))}
        opening.draw(first_page, self.footer)
        canvas = Canvas(self.plan, min(_PICTURE_PX, self._picture_px()), fineness=3)
        done = 0
        for page in self.pages:
            canvas.lay(done, page.stop)
            done = page.stop
            self._page(page, canvas)
        return self.pdf.finish()

    def _picture_px(self) -> int:
        board = self.plan.board
        return max(int(_PICTURE_PX * min(board.width_mm / board.height_mm, 1)), 20)

    def footer(self) -> None:
        """Write the foot of a page."""
        pdf, y = self.pdf, self.high - _MARGIN_MM + 4
        text = f"{title_of(self.plan)}  ·  stringart {__version__}  ·  plan {self.plan.sha256[:12]}"
        pdf.put(_MARGIN_MM, y, text, 7, color=GREY, room_mm=self.wide - 2 * _MARGIN_MM - 25)
        pdf.put(self.wide - _MARGIN_MM, y, f"page {pdf.page_no()} of {self.total_pages}", 7, color=GREY, align="R")

    def _page(self, page: _Page, canvas: Canvas) -> None:
        pdf, layer = self.pdf, self.plan.layers[page.layer]
        thread = self.plan.threads[layer.thread]
        pdf.add_page()
        name = f"Layer {page.layer + 1} of {len(self.plan.layers)}: {pdf.printable(thread.name)}"
        if page.part == 0:
            pdf.start_section(name)
        pdf.start_section(f"Steps {page.first + 1:,} to {page.stop:,}", level=1)
        self._head(page)
        self._aids(page, canvas)
        self._steps(page)
        self.footer()

    def _head(self, page: _Page) -> None:
        pdf, plan, x, y = self.pdf, self.plan, _MARGIN_MM, _MARGIN_MM
        layer = plan.layers[page.layer]
        thread, use = plan.threads[layer.thread], self.materials.layers[page.layer]
        room = self.wide - 2 * _MARGIN_MM - self._aids_mm() - 15
        pdf.swatch(x, y, 11, thread.color)
        pdf.put(x + 14, y + 5, thread.name, 15, bold=True, room_mm=room)
        of_layer = f"layer {page.layer + 1} of {len(plan.layers)}, page {page.part + 1} of {page.parts} of the layer"
        pdf.put(x + 14, y + 10.3, of_layer, 8.5, color=GREY, room_mm=room)
        count = page.stop - page.first
        pdf.put(x, y + 18.5, f"Steps {page.first + 1:,} to {page.stop:,}", 12, bold=True)
        pdf.put(x, y + 24, f"This page: {_count(count, 'pin')}", 9)
        total = f"{page.stop:,} of {len(plan.steps):,} pins, {self._percent(page.stop)}"
        pdf.put(x, y + 28.8, f"Wound when it is done: {total}", 9)
        first, last = int(plan.steps[page.first, 1]), int(plan.steps[page.stop - 1, 2])
        begin = f"Tie on at pin {first}" if page.part == 0 else f"The thread is at pin {first}"
        end = f"tie off at pin {last}" if page.part + 1 == page.parts else f"it ends at pin {last}"
        pdf.put(x, y + 34.5, f"{begin}; {end}.", 9, bold=True, room_mm=room + 14)
        needs = f"This layer takes {format_length(use.total_mm)} of thread." if page.part == 0 else ""
        pdf.put(x, y + 39.3, needs, 8.5, color=GREY)

    def _percent(self, done: int) -> str:
        return f"{math.floor(done / len(self.plan.steps) * 1000) / 10:g} %"

    def _aids_mm(self) -> float:
        return 108.0 if self.wide >= 200 else 62.0

    def _aids(self, page: _Page, canvas: Canvas) -> None:
        """Draw the progress picture, the pin diagram and the QR code at the upper right."""
        pdf, y, side = self.pdf, _MARGIN_MM - 2, 38.0 if self.wide >= 200 else 30.0
        x = self.wide - _MARGIN_MM - self._aids_mm()
        pdf.picture(canvas.picture(), (x, y, side, side))
        pdf.put(x + side / 2, y + side + 3, "when this page is done", 6.5, color=GREY, align="C")
        pdf.pin_diagram(self.plan, (x + side + 3.5, y - 1, side + 1) if side > 30 else (x + side + 1, y, side))
        if self.wide < 200:  # the code below them, beside the steps' range
            self._code(page, self.wide - _MARGIN_MM - 11, self.high - _MARGIN_MM - 13, 11)
            return
        self._code(page, self.wide - _MARGIN_MM - 25, y, 25)

    def _code(self, page: _Page, x: float, y: float, side: float) -> None:
        text = f"stringart plan {self.plan.sha256[:12]} step {page.first + 1}"
        draw_code(self.pdf, text, (x, y, side))
        self.pdf.put(x + side / 2, y + side + 3, f"step {page.first + 1:,}", 6.5, color=GREY, align="C")

    def _steps(self, page: _Page) -> None:
        pdf, top = self.pdf, _MARGIN_MM + _HEAD_MM
        row_mm = (self.high - top - _MARGIN_MM - _FOOT_MM + 4) / (_ROWS + 1)
        wide = (self.wide - 2 * _MARGIN_MM) / self.columns
        offset = sum(self.plan.layers[k].steps for k in range(page.layer))
        for column in range(self.columns):
            first = page.first + column * _ROWS
            stop = min(first + _ROWS, page.stop)
            if first >= stop:
                break
            x = _MARGIN_MM + column * wide
            self._bands(x, top + row_mm, wide - 2, row_mm, stop - first)
            pdf.put(x + 14.6, top + row_mm * 0.7, f"from {self.plan.steps[first, 1]}", 7.5, color=GREY)
            for number in range(first, stop):
                turn = int(self.directions[page.layer][number - offset])
                self._row(x, top + row_mm * (number - first + 1), row_mm, number, turn)

    def _bands(self, x: float, y: float, wide: float, row_mm: float, rows: int) -> None:
        """Shade every other group of five, so that the eye keeps the row."""
        self.pdf.set_fill_color(242, 242, 240)
        for group in range(0, rows, 10):
            self.pdf.rect(x, y + group * row_mm, wide, min(5, rows - group) * row_mm, style="F")

    def _row(self, x: float, y: float, row_mm: float, number: int, turn: int) -> None:
        pdf, base = self.pdf, y + row_mm * 0.72
        box = min(row_mm * 0.62, 3.2)
        pdf.ink(GREY, 0.2)
        pdf.rect(x + 0.8, y + (row_mm - box) / 2, box, box)
        size_pt = min(row_mm / 0.3528 * 0.8, 11.5)
        pdf.put(x + 13, base, f"{number + 1}", size_pt * 0.6, color=GREY, align="R")
        pin = str(self.plan.steps[number, 2])
        rim = bool(self.plan.is_rim[number])
        pdf.put(x + 14.6, base, pin, size_pt, bold=True, color=GREY if rim else INK)
        mark = {1: "↻", -1: "↺"}.get(turn, "end")
        pdf.put(x + 26, base, mark, size_pt * (0.85 if turn else 0.6), color=ACCENT if turn < 0 else INK)
        if rim:
            pdf.put(x + 31, base, "rim", size_pt * 0.55, color=GREY)


class _Opening:
    """The cover, what is needed, how to read it, and the list of layers."""

    _LAYER_ROW_MM = 5.2

    def __init__(self, plan: Plan, pdf: Sheet, materials: Materials, size_mm: tuple[float, float]) -> None:
        self.plan, self.pdf, self.materials, (self.wide, self.high) = plan, pdf, materials, size_mm
        self.inner = self.wide - 2 * _MARGIN_MM

    def pages_needed(self) -> int:
        """Pages after the cover."""
        return len(list(self._tables()))

    def _tables(self) -> Iterator[list[tuple[str, int]]]:
        """The rows of the tables, page by page: each a kind and an index."""
        rows = [("threads", 0), *[("thread", k) for k in range(len(self.plan.threads))], ("total", 0), ("notes", 0)]
        rows += [("reading", 0), ("layers", 0)]
        rows += [("layer", k) for k, layer in enumerate(self.plan.layers) if layer.steps]
        page: list[tuple[str, int]] = []
        left = self.high - 2 * _MARGIN_MM - _FOOT_MM
        for row in rows:
            if self._height(row[0]) > left and page:
                yield page
                page, left = [], self.high - 2 * _MARGIN_MM - _FOOT_MM
            page.append(row)
            left -= self._height(row[0])
        yield page

    def _height(self, kind: str) -> float:
        fixed = {"threads": 16.0, "thread": 7.5, "total": 9.0, "notes": 24.0, "reading": 66.0, "layers": 16.0}
        return fixed.get(kind, self._LAYER_ROW_MM) * (1.35 if self.wide < 200 and kind in ("notes", "reading") else 1)

    def draw(self, first_page: dict[int, int], footer: Callable[[], None]) -> None:
        """Draw all of it; ``first_page`` is the page on which each layer begins, ``footer`` draws a page's foot."""
        self._cover()
        footer()
        for number, rows in enumerate(self._tables()):
            self.pdf.add_page()
            if number == 0:
                self.pdf.start_section("What you need, and how to read the pages")
            y = _MARGIN_MM
            for kind, index in rows:
                self._draw_row(kind, index, y, first_page)
                y += self._height(kind)
            footer()

    def _draw_row(self, kind: str, index: int, y: float, first_page: dict[int, int]) -> None:
        if kind in ("threads", "layers"):
            self._heading(kind, y)
        elif kind == "thread":
            self._thread(index, y)
        elif kind == "total":
            self._total(y)
        elif kind == "notes":
            self._notes(y)
        elif kind == "reading":
            self._reading(y)
        else:
            self._layer(index, y, first_page[index])

    # --- the cover ---

    def _cover(self) -> None:
        pdf, plan = self.pdf, self.plan
        pdf.add_page()
        pdf.start_section("Cover")
        pdf.put(_MARGIN_MM, _MARGIN_MM + 10, title_of(plan), 26, bold=True, room_mm=self.inner)
        pdf.put(_MARGIN_MM, _MARGIN_MM + 17, "Winding book", 13, color=GREY)
        high = self.high - 2 * _MARGIN_MM - 22 - 62
        width_px = int(_COVER_PX * min(plan.board.width_mm / plan.board.height_mm, 1))
        pdf.picture(paint(plan, max(width_px, 20), fineness=2), (_MARGIN_MM, _MARGIN_MM + 22, self.inner, high), 90)
        y = _MARGIN_MM + 22 + high + 9
        side = min(44.0, self.inner * 0.25)
        pdf.pin_diagram(plan, (self.wide - _MARGIN_MM - side, y - 5, side))
        label = "pin 0 at 12 o'clock, clockwise, front view"
        pdf.put(self.wide - _MARGIN_MM - side / 2, y + side - 2, label, 6.5, color=GREY, align="C")
        for name, value in self._facts():
            pdf.put(_MARGIN_MM, y, name, 9, color=GREY)
            pdf.put(_MARGIN_MM + 22, y, value, 9.5, room_mm=self.inner - 22 - side - 4)
            y += 5.6

    def _facts(self) -> list[tuple[str, str]]:
        plan, use = self.plan, self.materials
        board, xy = plan.board, plan.pins.xy_mm
        size = format_size(board.width_mm, board.height_mm, "×")
        gaps = np.hypot(*(xy - np.roll(xy, 1, axis=0)).T)
        spread = f"{gaps.min():.1f} mm" if gaps.max() - gaps.min() < 0.1 else f"{gaps.min():.1f} to {gaps.max():.1f} mm"
        rim = int(plan.is_rim.sum())
        moves = f", {rim:,} moves along the rim" if rim else ""
        return [
            ("Board", f"{board.shape}, {size} over the pins, {board.color}"),
            ("Pins", f"{len(xy)} of {plan.pins.diameter_mm:g} mm, {spread} apart"),
            ("Steps", f"{len(plan.steps):,} ({plan.chords:,} chords{moves}) in {_count(len(plan.layers), 'layer')}"),
            ("Thread", f"{format_length(use.total_mm)} in {_count(len(plan.threads), 'colour')}, with knots and waste"),
            ("Time", f"about {format_duration(use.hand_s)} by hand"),
            ("Photo", plan.photo.name if plan.photo else "not known"),
            ("Plan", plan.sha256[:32]),
            ("Command", plan.provenance.command if plan.provenance else "not known"),
        ]

    # --- threads ---

    def _columns(self) -> list[tuple[str, float]]:
        """Headings of the thread table with the right edges of their columns, in mm."""
        names = ("width", "layers", "steps", "wound", "knots", "waste", "to have")
        step = min(19.0, (self.inner - 46) / len(names))
        right = self.wide - _MARGIN_MM
        return [(name, right - step * (len(names) - 1 - k)) for k, name in enumerate(names)]

    def _heading(self, kind: str, y: float) -> None:
        pdf = self.pdf
        pdf.put(_MARGIN_MM, y + 6, "Threads" if kind == "threads" else "Layers, in the order of winding", 14, bold=True)
        if kind == "threads":
            for name, right in self._columns():
                pdf.put(right, y + 13.5, name, 7.5, color=GREY, align="R")
        else:
            for name, x, align in self._layer_columns():
                pdf.put(x, y + 13.5, name, 7.5, color=GREY, align=align)
        pdf.ink(PALE, 0.25)
        pdf.line(_MARGIN_MM, y + 15, self.wide - _MARGIN_MM, y + 15)

    def _thread(self, index: int, y: float) -> None:
        pdf, thread, use = self.pdf, self.plan.threads[index], self.materials.threads[index]
        pdf.swatch(_MARGIN_MM, y + 1.5, 5, thread.color)
        room = self._columns()[0][1] - _MARGIN_MM - 7 - 13
        pdf.put(_MARGIN_MM + 7, y + 4, thread.name, 9.5, bold=True, room_mm=room)
        pdf.put(_MARGIN_MM + 7, y + 7, thread.color, 6, color=GREY)
        steps = use.chords + use.rim_moves
        lengths = [format_length(v) for v in (use.wound_mm, use.knots_mm, use.waste_mm, use.total_mm)]
        values = [f"{thread.diameter_mm:g} mm", f"{len(use.layers)}", f"{steps:,}", *lengths]
        for (name, right), value in zip(self._columns(), values, strict=True):
            pdf.put(right, y + 4.8, value, 8.5, bold=name == "to have", align="R")

    def _total(self, y: float) -> None:
        self.pdf.ink(PALE, 0.25)
        self.pdf.line(_MARGIN_MM, y + 1, self.wide - _MARGIN_MM, y + 1)
        total = format_length(self.materials.total_mm)
        self.pdf.put(self.wide - _MARGIN_MM, y + 6, f"all threads: {total}", 9.5, bold=True, align="R")

    def _notes(self, y: float) -> None:
        about = self.materials.assumptions
        text = (
            f"Lengths are counted {about.about_thread}. Buy a little more of every colour: dye lots differ. "
            f"Time is counted {about.about_hand}."
        )
        self.pdf.paragraph(_MARGIN_MM, y + 5, self.inner, text, 8.5)

    # --- how to read ---

    def _reading(self, y: float) -> None:
        pdf, side = self.pdf, 48.0
        pdf.put(_MARGIN_MM, y + 6, "How to read the pages", 14, bold=True)
        pdf.pin_diagram(self.plan, (self.wide - _MARGIN_MM - side, y + 4, side))
        lines = (
            "Pins are numbered from 0 at 12 o'clock, clockwise, seen from the front.",
            "Read down a column, then the next one. Each row is one step: tick the box, the small grey number counts "
            "the steps, the large one is the pin to go to. The pin you come from is the row above.",
            "↻: go round that pin clockwise, it stays on the thread's right. ↺: counter-clockwise, it stays on the "
            "thread's left. That is the side to which the thread turns anyway.",
            "“rim” moves the thread to a neighbouring pin, outside the pins, where it is not seen.",
            "“end”: knot the thread and cut it. Every layer begins on a page of its own with the thread named on it.",
            "Keep the thread taut, not tight: pins that lean change the picture more than a missed step does.",
        )
        line_y = y + 12.5
        for text in lines:
            line_y = pdf.paragraph(_MARGIN_MM, line_y, self.inner - side - 6, text, 8.5) + 1.3

    # --- layers ---

    def _layer_columns(self) -> list[tuple[str, float, str]]:
        x, right = _MARGIN_MM, self.wide - _MARGIN_MM
        return [
            ("layer", x + 8, "R"),
            ("thread", x + 17, "L"),
            ("steps", right - 62, "R"),
            ("from step", right - 40, "R"),
            ("thread", right - 18, "R"),
            ("page", right, "R"),
        ]

    def _layer(self, index: int, y: float, page: int) -> None:
        pdf, plan = self.pdf, self.plan
        layer, use = plan.layers[index], self.materials.layers[index]
        first = sum(plan.layers[k].steps for k in range(index)) + 1
        base = y + 3.8
        values = [
            f"{index + 1}",
            plan.threads[layer.thread].name,
            f"{layer.steps:,}",
            f"{first:,}",
            format_length(use.total_mm),
            f"{page}",
        ]
        pdf.swatch(_MARGIN_MM + 11, y + 0.7, 3.8, plan.threads[layer.thread].color)
        for (_, x, align), value in zip(self._layer_columns(), values, strict=True):
            pdf.put(x, base, value, 8.5, align=align, room_mm=self.inner - 90 if align == "L" else None)
        link = pdf.add_link(page=page)
        pdf.link(_MARGIN_MM, y, self.inner, self._LAYER_ROW_MM, link)


def _paginated(plan: Plan, per_page: int) -> Iterator[_Page]:
    """Every layer from a new page."""
    first = 0
    for number, layer in enumerate(plan.layers):
        parts = math.ceil(layer.steps / per_page)
        for part in range(parts):
            begin = first + part * per_page
            stop = min(begin + per_page, first + layer.steps)
            yield _Page(layer=number, first=begin, stop=stop, part=part, parts=parts)
        first += layer.steps


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def draw_code(pdf: Sheet, text: str, box_mm: tuple[float, float, float]) -> None:
    """Draw a QR code of ``text`` in a square of x, y, side; rows of dark modules as one rectangle each."""
    x, y, side = box_mm
    matrix = np.array(segno.make(text, error="m", micro=False).matrix, bool)
    module = side / (len(matrix) + 4)  # two modules of quiet zone, and the paper around it
    pdf.set_fill_color(*rgb("#000000"))
    for row, dark in enumerate(matrix):
        edges = np.flatnonzero(np.diff(np.r_[False, dark, False]))
        for begin, end in edges.reshape(-1, 2):
            pdf.rect(x + (begin + 2) * module, y + (row + 2) * module, (end - begin) * module, module, style="F")
