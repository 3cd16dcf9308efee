"""The shopping list as text: threads by length and spools, pins, drill, board, glue, sheets of the template."""

import csv
import io
import math
from dataclasses import dataclass

from stringart.errors import UnitError
from stringart.export import EDGE, PAPER, SPOOL, ExportOption, ExportOptions
from stringart.export._options import read_number
from stringart.export._paper import paper_size_mm
from stringart.export._template import template_of
from stringart.export.template_pdf import pages_of, tiling_of
from stringart.look.paint import notes_of
from stringart.plan.materials import Materials, ThreadUse, materials_of
from stringart.plan.model import Plan
from stringart.plan.nails import Nails, nails_of
from stringart.threads.catalogues import like
from stringart.threads.color_names import describe
from stringart.units import format_duration, format_length, format_size, parse_share

_SPARE_PINS = 0.02
_MOST_COSTLY = 1e6

SPARE = ExportOption(
    name="spare", key="spare", default=0.1, title="Thread to spare", about="Thread to buy more.", read=parse_share,
    write="{:.10g}".format, metavar="PERCENT", said="10%", heading=SPOOL.heading, low=0, high=1,
)  # fmt: skip


def read_price(text: str) -> float:
    """Return what a spool costs.

    Raises
    ------
    UnitError
        If it is not a number from 0 on.
    """
    price = read_number(text)
    if not 0 <= price <= _MOST_COSTLY:
        raise UnitError(f"a spool for {price:g} cannot be", f"write 0 to {_MOST_COSTLY:g}, without a currency")
    return price


PRICE = ExportOption(
    name="spool_price", key="price", default=0.0, title="Price of a spool", read=read_price, write="{:.10g}".format,
    about="Of a spool, in your own currency: what the thread costs is told with it.", heading=SPOOL.heading,
    metavar="N", said="not told", low=0, high=_MOST_COSTLY,
)  # fmt: skip
OPTIONS = (SPOOL, SPARE, PRICE, EDGE, PAPER)


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
        Its ``spool_mm``, ``spare``, ``spool_price``, ``edge_mm`` and ``paper`` count.

    Returns
    -------
    list of Item
        Threads that the plan uses, pins, drill, board, glue, a holder, sheets of paper for a template at 1:1.

    Raises
    ------
    UnitError
        If the spool's length is not positive.
    """
    found = materials_of(plan)
    threads = [_thread_item(plan, use, options) for use in found.threads if use.wraps]
    if options[PRICE]:
        threads.append(_thread_cost(int(sum(item.amount for item in threads)), options[PRICE]))
    nails = nails_of(plan)
    board = [_pins(nails), _drill(nails), _board(plan, nails, options[EDGE])]
    return [*threads, *board, *_small_things(nails), _paper(plan, options, options[PAPER])]


def _thread_item(plan: Plan, use: ThreadUse, options: ExportOptions) -> Item:
    thread = plan.threads[use.thread]
    alike = like(thread.name, thread.color)
    layers = f"{len(use.layers)} layer{'s' if len(use.layers) > 1 else ''}"
    joins = use.joins(options[SPOOL])
    told = f"{options[SPARE]:.0%} to spare" + (
        f"; {joins} join{'s' if joins > 1 else ''} of two knots" if joins else ""
    )
    return Item(
        what=", ".join(filter(None, (f"thread {thread.name}", alike, f"{thread.diameter_mm:g} mm"))),
        color=thread.color,
        amount=use.spools(options[SPOOL], options[SPARE]),
        unit=f"spool of {format_length(options[SPOOL])}",
        note=f"{use.total_mm / 1000:,.0f} m for {use.chords:,} chords in {layers}, {told}",
    )


def spools_told(spools: int, spool_mm: float, price: float | None = None) -> str:
    """Return a number of spools in words, with what they cost together where a spool's price is known."""
    cost = "" if price is None else f", {spools * price:,.2f} together"
    return f"{spools:,} spool{'s' if spools != 1 else ''} of {format_length(spool_mm)}{cost}"


def _thread_cost(spools: int, price: float) -> Item:
    note = f"{spools} spool{'s' if spools != 1 else ''} of {price:,.2f} each, in your own currency"
    return Item(what="all of the thread", amount=round(spools * price, 2), unit="to pay", note=note)


def _pins(nails: Nails) -> Item:
    spare = math.ceil(nails.count * _SPARE_PINS)
    return Item(
        what=f"pins (nails, brads) of {nails.diameter_mm:g} x {nails.length_mm:g} mm",
        amount=nails.count + spare,
        unit="piece",
        note=f"{nails.count} and {spare} to spare; {nails.above_mm:g} mm above the board, {nails.in_mm:g} mm in it",
    )


def _drill(nails: Nails) -> Item:
    return Item(what=f"drill bit of {nails.drill_mm:g} mm", amount=1, unit="piece", note=nails.setting)


def _board(plan: Plan, nails: Nails, edge_mm: float) -> Item:
    board = plan.board
    size = format_size(board.width_mm + 2 * edge_mm, board.height_mm + 2 * edge_mm)
    pins_size = format_size(board.width_mm, board.height_mm)
    note = (
        f"{board.shape}, {pins_size} across the pins and {edge_mm:g} mm around them, "
        f"{nails.board_mm:g} mm thick or thicker"
    )
    return Item(what=f"board, {size}, {describe(board.color)}", color=board.color, amount=1, unit="piece", note=note)


def _small_things(nails: Nails) -> list[Item]:
    what = "wood glue or epoxy" if nails.glued else "wood glue or clear nail varnish"
    why = "for the pins and for a drop on every knot" if nails.glued else "a drop on every knot"
    return [
        Item(what=what, amount=1, unit="piece", note=why),
        Item(
            what="holder for the thread",
            amount=1,
            unit="piece",
            note="an empty pen or a bent tube, to lead it",
        ),
    ]


def _paper(plan: Plan, options: ExportOptions, name: str) -> Item:
    """Sheets of the template exactly as it is printed: its tiles and the map of them."""
    template = template_of(plan, options)
    tiling = tiling_of(template, paper_size_mm(name))
    tiles = len(tiling.printed)
    what = f"paper {name}, for the pin template at 1:1"
    note = f"{tiles} {'tile' if tiles == 1 else 'tiles'}, their map and the strip of numbers"
    return Item(what=what, amount=pages_of(template, tiling), unit="sheet", note=note)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as text, UTF-8."""
    found = materials_of(plan)
    title = f"Shopping list: {plan.photo.name if plan.photo else 'string art'}"
    lines = [title, *(f"{key}: {text}" for key, text in notes_of(plan).items()), ""]
    lines += [_line(item) for item in shopping_list(plan, options)]
    return ("\n".join([*lines, "", *_assumed(found, nails_of(plan))]) + "\n").encode()


def _line(item: Item) -> str:
    amount = f"{item.amount:g} {item.unit if item.amount == 1 else _plural(item.unit)}"
    color = f" ({item.color})" if item.color else ""
    return f"[ ] {amount:<22} {item.what}{color}: {item.note}"


def _plural(unit: str) -> str:
    if unit == "to pay":
        return unit
    first, *rest = unit.split(" ", 1)
    return " ".join([first + "s", *rest])


def _assumed(found: Materials, nails: Nails) -> list[str]:
    a = found.assumptions
    return [
        f"Thread: {format_length(found.total_mm)} in all, {a.about_thread}.",
        f"Time by hand: {found.hand_text}: {a.about_hand}.",
        f"Time by machine: {format_duration(found.machine_s)}, {a.about_machine}.",
        f"Pins: {nails.text}; {nails.load}.",
        *([f"By hand: {nails.tight}."] if nails.tight else []),
    ]


def table(plan: Plan, options: ExportOptions) -> bytes:
    """Return the list as CSV, UTF-8, with one line of column names."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("amount", "unit", "what", "color", "note"))
    for item in shopping_list(plan, options):
        writer.writerow((f"{item.amount:g}", item.unit, item.what, item.color, item.note))
    return file.getvalue().encode()
