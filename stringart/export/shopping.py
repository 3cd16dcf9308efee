"""The shopping list as text: threads by length and spools, pins, board, sheets of the template."""

import csv
import io
import math
from dataclasses import dataclass

from stringart.export import ExportOptions
from stringart.export._paper import paper_size_mm
from stringart.export._template import template_of
from stringart.export.template_pdf import tiling_of
from stringart.look.paint import notes_of
from stringart.plan.materials import Materials, ThreadUse, materials_of
from stringart.plan.model import Plan
from stringart.units import format_duration, format_length, format_size

_SPARE_PINS = 0.02
_PAPERS = ("A4", "Letter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the list.

    Parameters
    ----------
    what, color : str
        Name, and sRGB ``#rrggbb`` or nothing.
    amount : float
    unit : str
    note : str
    """

    what: str
    color: str = ""
    amount: float
    unit: str
    note: str = ""


def shopping_list(plan: Plan, options: ExportOptions) -> list[Item]:
    """Everything that the piece needs.

    Parameters
    ----------
    plan : Plan
    options : ExportOptions
        Its ``spool_mm`` and ``edge_mm`` count.

    Returns
    -------
    list of Item
        Threads that the plan uses, pins, board, then sheets of paper for a template at 1:1.

    Raises
    ------
    UnitError
        If the spool's length is not positive.
    """
    found = materials_of(plan)
    threads = [_thread_item(plan, use, options.spool_mm) for use in found.threads if use.wraps]
    paper = [_paper(plan, options, name) for name in _PAPERS]
    return [*threads, _pins(plan), _board(plan, options.edge_mm), *paper]


def _thread_item(plan: Plan, use: ThreadUse, spool_mm: float) -> Item:
    thread = plan.threads[use.thread]
    layers = f"{len(use.layers)} layer{'s' if len(use.layers) > 1 else ''}"
    return Item(
        what=f"thread {thread.name}, {thread.diameter_mm:g} mm",
        color=thread.color,
        amount=use.spools(spool_mm),
        unit=f"spool of {format_length(spool_mm)}",
        note=f"{use.total_mm / 1000:,.0f} m for {use.chords:,} chords in {layers}",
    )


def _pins(plan: Plan) -> Item:
    spare = math.ceil(len(plan.pins) * _SPARE_PINS)
    return Item(
        what=f"pins of {plan.pins.diameter_mm:g} mm",
        amount=len(plan.pins) + spare,
        unit="piece",
        note=f"{len(plan.pins)} and {spare} to spare",
    )


def _board(plan: Plan, edge_mm: float) -> Item:
    board = plan.board
    size = format_size(board.width_mm + 2 * edge_mm, board.height_mm + 2 * edge_mm)
    pins_size = format_size(board.width_mm, board.height_mm)
    note = f"{board.shape}, {pins_size} across the pins and {edge_mm:g} mm around them"
    return Item(what=f"board, {size}", color=board.color, amount=1, unit="piece", note=note)


def _paper(plan: Plan, options: ExportOptions, name: str) -> Item:
    """Sheets of the template exactly as it is printed: its tiles and the map of them."""
    tiles = len(tiling_of(template_of(plan, options), paper_size_mm(name)).printed)
    what = f"paper {name}, for the pin template at 1:1"
    return Item(what=what, amount=tiles + 1, unit="sheet", note=f"{tiles} tiles and their map")


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as text, UTF-8."""
    found = materials_of(plan)
    title = f"Shopping list: {plan.photo.name if plan.photo else 'string art'}"
    lines = [title, *(f"{key}: {text}" for key, text in notes_of(plan).items()), ""]
    lines += [_line(item) for item in shopping_list(plan, options)]
    return ("\n".join([*lines, "", *_assumed(found)]) + "\n").encode()


def _line(item: Item) -> str:
    amount = f"{item.amount:g} {item.unit if item.amount == 1 else _plural(item.unit)}"
    color = f" ({item.color})" if item.color else ""
    return f"[ ] {amount:<22} {item.what}{color}: {item.note}"


def _plural(unit: str) -> str:
    first, *rest = unit.split(" ", 1)
    return " ".join([first + "s", *rest])


def _assumed(found: Materials) -> list[str]:
    a = found.assumptions
    return [
        f"Thread: {format_length(found.total_mm)} in all, {a.about_thread}.",
        f"Time by hand: {format_duration(found.hand_s)}, {a.about_hand}.",
        f"Time by machine: {format_duration(found.machine_s)}, {a.about_machine}.",
        f"Paper: {' or '.join(_PAPERS)}, whichever your printer takes.",
    ]


def table(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as CSV, UTF-8, with one line of column names."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("amount", "unit", "what", "color", "note"))
    for item in shopping_list(plan, options):
        writer.writerow((f"{item.amount:g}", item.unit, item.what, item.color, item.note))
    return file.getvalue().encode()
