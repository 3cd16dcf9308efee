"""The winding book: a PDF to wind by, step by step, with a box to tick for each.

A cover, what is needed, how to read it and what to do when it goes wrong, then every layer from a new page: columns of
steps, and the piece as it looks when the page is done.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stringart import __version__
from stringart.errors import OutputError
from stringart.export import PAPER, ExportOption, ExportOptions
from stringart.export._book_drawings import DRAWINGS, HIGH_MM, WIDE_MM
from stringart.export._paper import check_at_least, paper_size_mm
from stringart.export._sheet import ACCENT, GREY, INK, PALE, Sheet, line_mm, title_of
from stringart.hand.trouble import HABITS, TROUBLES
from stringart.look.paint import Canvas, paint
from stringart.plan.materials import Materials, materials_of
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of
from stringart.plan.steps import Instruction, steps_or_refuse
from stringart.threads.catalogues import like
from stringart.threads.color_names import describe
from stringart.units import format_length, format_size

_LEAST_MM = (140.0, 200.0)
_MARGIN_MM, _FOOT_MM = 12.0, 9.0
_SPARE = 0.1  # more thread than is needed, on the cover
_PICTURE_PX, _COVER_PX = 300, 1100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """How the steps stand on a page; with little room in the head there are no pictures."""

    column_mm: float
    rows: int
    head_mm: float = 44.0
    note_pt: float = 6.3

    @property
    def scale(self) -> float:
        """Of the places in a row."""
        return self.column_mm / 36.0


_SETTINGS = {
    "compact": _Setting(column_mm=23.2, rows=78, head_mm=18.0, note_pt=4.6),
    "normal": _Setting(column_mm=36.0, rows=40),
    "large": _Setting(column_mm=60.0, rows=24, note_pt=10.0),
}
BOOK = ExportOption(
    name="book", key="book", default="normal", title="Winding book", heading=PAPER.heading, read=str,
    about="How the book is set: few pages, or large figures.", choices=tuple(_SETTINGS),
)  # fmt: skip
OPTIONS = (PAPER, BOOK)


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
    steps_or_refuse(plan, "a winding book of it")
    size_mm = paper_size_mm(options[PAPER])
    check_at_least(options[PAPER], size_mm, _LEAST_MM, "a page of the winding book")
    if options[BOOK] not in _SETTINGS:
        raise OutputError(f"the book is not set '{options[BOOK]}'", f"it is set {', '.join(_SETTINGS)}")
    return _Book(plan, size_mm, _SETTINGS[options[BOOK]]).bytes()


class _Book:
    """One book while it is made."""

    def __init__(self, plan: Plan, size_mm: tuple[float, float], setting: _Setting) -> None:
        self.plan, (self.wide, self.high), self.setting = plan, size_mm, setting
        self.pdf = Sheet(size_mm, plan, f"{title_of(plan)}: winding book")
        self.columns = max(int((self.wide - 2 * _MARGIN_MM) / setting.column_mm + 1e-9), 1)
        self.steps = steps_or_refuse(plan, "a winding book of it")
        self.pages = list(_paginated(self.steps, self.columns * setting.rows))
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
            stop = self.steps[page.stop - 1].stop
            canvas.lay(done, stop)
            done = stop
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
        if self.setting.head_mm > 40:
            self._head(page)
            self._aids(page, canvas)
        else:
            self._short_head(page)
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
        pdf.put(x, y + 24, f"This page: {_count(count, 'step')}", 9)
        total = f"{page.stop:,} of {len(self.steps):,} steps, {self._percent(page.stop)}"
        pdf.put(x, y + 28.8, f"Wound when it is done: {total}", 9)
        pdf.put(x, y + 34.5, self._ends(page), 9, bold=True, room_mm=room + 14)
        needs = f"This layer takes {format_length(use.total_mm)} of thread." if page.part == 0 else ""
        pdf.put(x, y + 39.3, needs, 8.5, color=GREY)

    def _short_head(self, page: _Page) -> None:
        """Two lines and the diagram of the pins."""
        pdf, plan, x, y = self.pdf, self.plan, _MARGIN_MM, _MARGIN_MM - 3
        layer = plan.layers[page.layer]
        room = self.wide - 2 * _MARGIN_MM - 34
        pdf.swatch(x, y, 8, plan.threads[layer.thread].color)
        of_layer = f"layer {page.layer + 1} of {len(plan.layers)}, page {page.part + 1} of {page.parts} of the layer"
        pdf.put(x + 10, y + 3.6, plan.threads[layer.thread].name, 11, bold=True, room_mm=room * 0.5)
        pdf.put(x + 10 + room * 0.52, y + 3.6, of_layer, 8, color=GREY, room_mm=room * 0.48)
        text = f"Steps {page.first + 1:,} to {page.stop:,} of {len(self.steps):,}. {self._ends(page)}"
        pdf.put(x + 10, y + 8.4, text, 8.5, room_mm=room)
        pdf.pin_diagram(plan, (self.wide - _MARGIN_MM - 20, y - 4, 20))

    def _ends(self, page: _Page) -> str:
        """Where the thread is at the beginning and at the end of a page."""
        first, last = self.steps[page.first].from_pin, self.steps[page.stop - 1].to_pin
        begin = f"Tie on at pin {first}" if page.part == 0 else f"The thread is at pin {first}"
        end = f"tie off at pin {last}" if page.part + 1 == page.parts else f"it ends at pin {last}"
        return f"{begin}; {end}."

    def _percent(self, done: int) -> str:
        return f"{math.floor(done / len(self.steps) * 1000) / 10:g} %"

    def _aids_mm(self) -> float:
        return 82.0 if self.wide >= 200 else 62.0

    def _aids(self, page: _Page, canvas: Canvas) -> None:
        """Draw the progress picture and the pin diagram at the upper right."""
        pdf, y, side = self.pdf, _MARGIN_MM - 2, 38.0 if self.wide >= 200 else 30.0
        x = self.wide - _MARGIN_MM - self._aids_mm()
        pdf.picture(canvas.picture(), (x, y, side, side))
        pdf.put(x + side / 2, y + side + 3, "when this page is done", 6.5, color=GREY, align="C")
        pdf.pin_diagram(self.plan, (x + side + 3.5, y - 1, side + 1) if side > 30 else (x + side + 1, y, side))

    def _steps(self, page: _Page) -> None:
        pdf, rows, scale = self.pdf, self.setting.rows, self.setting.scale
        top = _MARGIN_MM + self.setting.head_mm
        row_mm = (self.high - top - _MARGIN_MM - _FOOT_MM + 4) / (rows + 1)
        wide = (self.wide - 2 * _MARGIN_MM) / self.columns
        for column in range(self.columns):
            first = page.first + column * rows
            stop = min(first + rows, page.stop)
            if first >= stop:
                break
            x = _MARGIN_MM + column * wide
            self._bands(x, top + row_mm, wide - 2 * scale, row_mm, stop - first)
            size_pt = max(7.5 * scale, self.setting.note_pt)
            pdf.put(x + 14.6 * scale, top + row_mm * 0.7, f"from {self.steps[first].from_pin}", size_pt, color=GREY)
            for number in range(first, stop):
                self._row(x, top + row_mm * (number - first + 1), row_mm, self.steps[number])

    def _bands(self, x: float, y: float, wide: float, row_mm: float, rows: int) -> None:
        """Shade every other group of five, so that the eye keeps the row."""
        self.pdf.set_fill_color(242, 242, 240)
        for group in range(0, rows, 10):
            self.pdf.rect(x, y + group * row_mm, wide, min(5, rows - group) * row_mm, style="F")

    def _row(self, x: float, y: float, row_mm: float, step: Instruction) -> None:
        pdf, base, scale = self.pdf, y + row_mm * 0.72, self.setting.scale
        box = min(row_mm * 0.62, 3.2 * scale)
        pdf.ink(GREY, 0.2)
        pdf.rect(x + 0.8 * scale, y + (row_mm - box) / 2, box, box)
        size_pt = min(row_mm / 0.3528 * 0.8, 11.5 * scale)
        pdf.put(x + 13 * scale, base, f"{step.number}", size_pt * 0.6, color=GREY, align="R")
        pdf.put(x + 14.6 * scale, base, f"{step.to_pin}", size_pt, bold=True)
        last = step.number == len(self.steps) or self.steps[step.number].layer != step.layer
        size = 1.0 if step.sign else 0.6
        beside = 22.6 if len(self.plan.pins) <= 1000 else 24.6
        pdf.put(x + beside * scale, base, step.sign or "end", size_pt * size, color=ACCENT if step.way < 0 else INK)
        notes = [f"rim {abs(step.walk)}"] if step.is_rim else []
        notes += ["end"] if last and step.sign else []
        pdf.put(x + (beside + 3.4) * scale, base, ", ".join(notes), self.setting.note_pt)


class _Opening:
    """The cover, what is needed, how to read it, and the list of layers."""

    _LAYER_ROW_MM = 5.2

    def __init__(self, plan: Plan, pdf: Sheet, materials: Materials, size_mm: tuple[float, float]) -> None:
        self.plan, self.pdf, self.materials, (self.wide, self.high) = plan, pdf, materials, size_mm
        self.used = [use for use in materials.threads if use.wraps]
        self.inner = self.wide - 2 * _MARGIN_MM

    def pages_needed(self) -> int:
        """Pages after the cover."""
        return len(list(self._tables()))

    def _tables(self) -> Iterator[list[tuple[str, int]]]:
        """The rows of the tables, page by page: each a kind and an index."""
        rows = [("threads", 0), *[("thread", use.thread) for use in self.used], ("total", 0), ("notes", 0)]
        rows += [("reading", 0), ("layers", 0)]
        rows += [("layer", k) for k, layer in enumerate(self.plan.layers) if layer.steps]
        rows += [("troubles", 0), *[("trouble", k) for k in range(len(TROUBLES))]]
        rows += [("habits", 0), *[("habit", k) for k in range(len(HABITS))], ("pictures", 0)]
        page: list[tuple[str, int]] = []
        left = self.high - 2 * _MARGIN_MM - _FOOT_MM
        for row in rows:
            needed = self._height(*row)
            if page and (needed > left or row[0] == "troubles"):  # these begin a page of their own
                yield page
                page, left = [], self.high - 2 * _MARGIN_MM - _FOOT_MM
            page.append(row)
            left -= needed
        yield page

    def _height(self, kind: str, index: int) -> float:
        if kind == "trouble":
            return self._trouble_mm(index)
        if kind == "habit":
            return len(self._habit(index)) * line_mm(8.5) + 0.8
        fixed = {"threads": 16.0, "thread": 7.5, "total": 9.0, "notes": 28.0, "reading": 70.0, "layers": 16.0}
        fixed |= {"troubles": 12.0, "habits": 8.0, "pictures": HIGH_MM + 2}
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
                y += self._height(kind, index)
            footer()

    def _draw_row(self, kind: str, index: int, y: float, first_page: dict[int, int]) -> None:
        if kind == "layer":
            self._layer(index, y, first_page[index])
            return
        drawn: dict[str, Callable[[int, float], None]] = {
            "threads": lambda _, y: self._heading("threads", y),
            "layers": lambda _, y: self._heading("layers", y),
            "thread": self._thread,
            "total": lambda _, y: self._total(y),
            "notes": lambda _, y: self._notes(y),
            "reading": lambda _, y: self._reading(y),
            "troubles": lambda _, y: self._troubles(y),
            "trouble": self._trouble,
            "habits": lambda _, y: self.pdf.put(_MARGIN_MM, y + 6, "What makes it easier", 11, bold=True),
            "habit": self._draw_habit,
            "pictures": lambda _, y: self._pictures(y),
        }
        drawn[kind](index, y)

    # --- the cover ---

    def _cover(self) -> None:
        pdf, plan = self.pdf, self.plan
        pdf.add_page()
        pdf.start_section("Cover")
        pdf.put(_MARGIN_MM, _MARGIN_MM + 10, title_of(plan), 26, bold=True, room_mm=self.inner)
        pdf.put(_MARGIN_MM, _MARGIN_MM + 17, "Winding book", 13, color=GREY)
        facts = self._wrapped_facts(min(44.0, self.inner * 0.25))
        rows = sum(len(lines) for _, lines in facts)
        high = self.high - 2 * _MARGIN_MM - 22 - max(rows * 5.0 + 10, 50)
        width_px = int(_COVER_PX * min(plan.board.width_mm / plan.board.height_mm, 1))
        pdf.picture(paint(plan, max(width_px, 20), fineness=2), (_MARGIN_MM, _MARGIN_MM + 22, self.inner, high), 90)
        y = _MARGIN_MM + 22 + high + 9
        side = min(44.0, self.inner * 0.25)
        pdf.pin_diagram(plan, (self.wide - _MARGIN_MM - side, y - 5, side))
        label = "pin 0 at 12 o'clock, clockwise, front view"
        pdf.put(self.wide - _MARGIN_MM - side / 2, y + side - 2, label, 6.5, color=GREY, align="C")
        for name, lines in facts:
            pdf.put(_MARGIN_MM, y, name, 9, color=GREY)
            for line in lines:
                pdf.put(_MARGIN_MM + 22, y, line, 9)
                y += 5.0

    def _wrapped_facts(self, side: float) -> list[tuple[str, list[str]]]:
        """What the cover says, in lines; nothing is cut."""
        room = self.inner - 22 - side - 4
        return [(name, self.pdf.wrapped(value, room, 9)) for name, value in self._facts()]

    def _facts(self) -> list[tuple[str, str]]:
        plan, use = self.plan, self.materials
        board = plan.board
        size = format_size(board.width_mm, board.height_mm, "×")
        bought = "; ".join(self._bought(one.thread) for one in self.used)
        nails = nails_of(plan)
        least, most = nails.pitch_mm
        spread = f"{least:.1f} mm" if most - least < 0.1 else f"{least:.1f} to {most:.1f} mm"
        walks = use.steps - plan.chords
        moves = f", {_count(walks, 'walk')} along the rim" if walks else ""
        return [
            ("Board", f"{board.shape}, {size} over the pins, {describe(board.color)} {board.color}"),
            ("Pins", f"{nails.count} of {plan.pins.diameter_mm:g} mm, {spread} apart; {nails.load}"),
            ("Nails", nails.text),
            ("Setting", nails.setting),
            ("Steps", f"{use.steps:,} ({plan.chords:,} chords{moves}) in {_count(len(plan.layers), 'layer')}"),
            ("Thread", f"{format_length(use.total_mm)} in {_count(len(self.used), 'colour')}, with knots and waste"),
            ("To buy", f"with {_SPARE:.0%} to spare: {bought}"),
            ("Time", f"by hand {use.hand_text}"),
            ("Photo", plan.photo.name if plan.photo else "not known"),
            ("Plan", plan.sha256[:32]),
            ("Command", plan.provenance.command if plan.provenance else "not known"),
        ]

    def _bought(self, index: int) -> str:
        """One thread by a name that shops know: ``sand (like DMC 437): 410 m``."""
        thread, use = self.plan.threads[index], self.materials.threads[index]
        alike = like(thread.name, thread.color)
        named = f"{thread.name} ({alike})" if alike else thread.name
        return f"{named} {format_length(use.total_mm * (1 + _SPARE))}"

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
        lengths = [format_length(v) for v in (use.wound_mm, use.knots_mm, use.waste_mm, use.total_mm)]
        values = [f"{thread.diameter_mm:g} mm", f"{len(use.layers)}", f"{use.steps:,}", *lengths]
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
            "“rim 18”: walk the thread 18 pins on along the rim, outside the pins, as the arrow points, to the pin "
            "named. However far it goes, it is one step and one box.",
            "“end”: knot the thread and cut it. Every layer begins on a page of its own with the thread named on it.",
            "Keep the thread taut, not tight: pins that lean change the picture more than a missed step does.",
        )
        line_y = y + 12.5
        for text in lines:
            line_y = pdf.paragraph(_MARGIN_MM, line_y, self.inner - side - 6, text, 8.5) + 1.3

    # --- when it goes wrong ---

    def _trouble_room_mm(self, index: int) -> float:
        return self.inner - (WIDE_MM + 4 if TROUBLES[index].drawing else 0)

    def _trouble_title(self, index: int) -> list[str]:
        return self.pdf.wrapped(TROUBLES[index].title, self._trouble_room_mm(index) * 0.86, 10)  # bold is wider

    def _trouble_mm(self, index: int) -> float:
        pdf, room = self.pdf, self._trouble_room_mm(index)
        lines = sum(len(pdf.wrapped(text, room, 8.5)) for text in TROUBLES[index].advice)
        lines += len(self._trouble_title(index)) - 1
        return max(8.5 + lines * line_mm(8.5), HIGH_MM + 1.5 if TROUBLES[index].drawing else 0.0)

    def _troubles(self, y: float) -> None:
        self.pdf.put(_MARGIN_MM, y + 6, "When it goes wrong", 14, bold=True)
        self.pdf.pin_diagram(self.plan, (self.wide - _MARGIN_MM - 18, y - 8, 18))

    def _trouble(self, index: int, y: float) -> None:
        pdf, trouble, room = self.pdf, TROUBLES[index], self._trouble_room_mm(index)
        line_y = y + 4.5
        for text in self._trouble_title(index):
            pdf.put(_MARGIN_MM, line_y, text, 10, bold=True)
            line_y += 5.0
        for text in trouble.advice:
            line_y = pdf.paragraph(_MARGIN_MM, line_y, room, text, 8.5)
        if trouble.drawing:
            DRAWINGS[trouble.drawing](pdf, self.wide - _MARGIN_MM - WIDE_MM, y)

    def _habit(self, index: int) -> list[str]:
        name, text = HABITS[index]
        return self.pdf.wrapped(f"{name}: {text}", self.inner, 8.5)

    def _draw_habit(self, index: int, y: float) -> None:
        for number, line in enumerate(self._habit(index)):
            self.pdf.put(_MARGIN_MM, y + 4 + number * line_mm(8.5), line, 8.5)

    def _pictures(self, y: float) -> None:
        """Draw a walk along the rim, the thread holder and the numbers on the edge, as many as there is room for."""
        for number, name in enumerate(("rim", "holder", "numbers")[: int(self.inner / (WIDE_MM + 4))]):
            DRAWINGS[name](self.pdf, _MARGIN_MM + number * (WIDE_MM + 8), y)

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
        first = sum(earlier.steps for earlier in self.materials.layers[:index]) + 1
        base = y + 3.8
        values = [
            f"{index + 1}",
            plan.threads[layer.thread].name,
            f"{use.steps:,}",
            f"{first:,}",
            format_length(use.total_mm),
            f"{page}",
        ]
        pdf.swatch(_MARGIN_MM + 11, y + 0.7, 3.8, plan.threads[layer.thread].color)
        for (_, x, align), value in zip(self._layer_columns(), values, strict=True):
            pdf.put(x, base, value, 8.5, align=align, room_mm=self.inner - 90 if align == "L" else None)
        link = pdf.add_link(page=page)
        pdf.link(_MARGIN_MM, y, self.inner, self._LAYER_ROW_MM, link)


def _paginated(steps: tuple[Instruction, ...], per_page: int) -> Iterator[_Page]:
    """Every layer from a new page."""
    layers = [step.layer for step in steps]
    for number in sorted(set(layers)):
        first, count = layers.index(number), layers.count(number)
        parts = math.ceil(count / per_page)
        for part in range(parts):
            begin = first + part * per_page
            stop = min(begin + per_page, first + count)
            yield _Page(layer=number, first=begin, stop=stop, part=part, parts=parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
