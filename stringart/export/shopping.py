"""What to buy and to print before starting: threads by length and spools, pins, board, sheets of the template."""

import csv
import io
import math
from dataclasses import dataclass

from stringart.export import ExportOptions
from stringart.materials import Materials, ThreadUse, materials_of
from stringart.model import Plan
from stringart.paint import notes_of
from stringart.units import format_duration, format_length

_SPARE_PINS = 0.02
_RIM_MM = 20.0  # board beyond the pins
_PAPERS_MM = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
_PAPER_EDGE_MM, _OVERLAP_MM = 10.0, 10.0


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


def shopping_list(plan: Plan, spool_mm: float) -> list[Item]:
    """Everything that the piece needs.

    Parameters
    ----------
    plan : Plan
    spool_mm : float
        Thread on one spool.

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
    threads = [_thread_item(plan, use, spool_mm) for use in found.threads if use.wraps]
    return [*threads, _pins(plan), _board(plan), *_paper(plan)]


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


def _board(plan: Plan) -> Item:
    board = plan.board
    size = f"{board.width_mm + 2 * _RIM_MM:g} x {board.height_mm + 2 * _RIM_MM:g} mm"
    note = f"{board.shape}, {board.width_mm:g} x {board.height_mm:g} mm across the pins and {_RIM_MM:g} mm around them"
    return Item(what=f"board, {size}", color=board.color, amount=1, unit="piece", note=note)


def _paper(plan: Plan) -> list[Item]:
    return [
        Item(what=f"paper {name} for the template at 1:1", amount=tiles(plan, *size), unit="sheet", note="or the other")
        for name, size in _PAPERS_MM.items()
    ]


def tiles(plan: Plan, paper_width_mm: float, paper_height_mm: float) -> int:
    """Sheets that a template of the pins at 1:1 takes, upright or across, whichever is fewer."""
    across_mm, down_mm = (extent_mm + plan.pins.diameter_mm for extent_mm in _extent_mm(plan))

    def sheets(paper_mm: float, length_mm: float) -> int:
        return max(math.ceil((length_mm - _OVERLAP_MM) / (paper_mm - 2 * _PAPER_EDGE_MM - _OVERLAP_MM)), 1)

    upright = sheets(paper_width_mm, across_mm) * sheets(paper_height_mm, down_mm)
    return min(upright, sheets(paper_height_mm, across_mm) * sheets(paper_width_mm, down_mm))


def _extent_mm(plan: Plan) -> tuple[float, float]:
    width_mm, height_mm = (plan.pins.xy_mm.max(0) - plan.pins.xy_mm.min(0)).tolist()
    return width_mm, height_mm


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as text, UTF-8."""
    found = materials_of(plan)
    title = f"Shopping list: {plan.photo.name if plan.photo else 'string art'}"
    lines = [title, *(f"{key}: {text}" for key, text in notes_of(plan).items()), ""]
    lines += [_line(item) for item in shopping_list(plan, options.spool_mm)]
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
        f"Paper: {_PAPER_EDGE_MM:g} mm of edge, {_OVERLAP_MM:g} mm of overlap.",
    ]


def table(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as CSV, UTF-8, with one line of column names."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("amount", "unit", "what", "color", "note"))
    for item in shopping_list(plan, options.spool_mm):
        writer.writerow((f"{item.amount:g}", item.unit, item.what, item.color, item.note))
    return file.getvalue().encode()
