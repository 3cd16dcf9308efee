"""What a batch tells its owner: every piece in a table and as JSON, the contact sheet, the totals by thread."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stringart._version import __version__
from stringart.export import SPOOL, ExportOptions
from stringart.export.shopping import PRICE, SPARE, spools_told
from stringart.many.batch import Outcome, file_of
from stringart.many.contact_sheet import ShownPiece, overview_png, sheet_html
from stringart.many.folder import PIECES, SHEET, BatchFolder, File
from stringart.many.work import SHOWN, About, Used
from stringart.plan.materials import spools_for
from stringart.units import format_duration

_MOST_TOLD = 8
_COLUMNS = (
    "piece", "photo", "setting", "status", "score", "near", "far", "colour_de", "pins", "chords", "threads", "changes",
    "thread_m", "spools", "cost", "hand_h", "machine_h", "by_thread", "remarks",
)  # fmt: skip


def totals_by_thread(outcomes: Sequence[Outcome]) -> list[Used]:
    """Return what all pieces take of each thread, by name and colour, the longest first."""
    found: dict[tuple[str, str], Used] = {}
    for used in (used for one in outcomes if one.about for used in one.about.used):
        before = found.get((used.name, used.color))
        found[used.name, used.color] = Used(
            name=used.name,
            color=used.color,
            chords=used.chords + (before.chords if before else 0),
            thread_mm=used.thread_mm + (before.thread_mm if before else 0),
            hand_s=used.hand_s + (before.hand_s if before else 0),
        )
    return sorted(found.values(), key=lambda used: (-used.thread_mm, used.name, used.color))


def spools_of(used: Sequence[Used], bought: ExportOptions) -> int:
    """Return the spools to buy for these threads, each of which has spools of its own."""
    return sum(spools_for(one.thread_mm, bought[SPOOL], bought[SPARE]) for one in used)


def totals_text(outcomes: Sequence[Outcome], bought: ExportOptions) -> list[str]:
    """Return the totals in three lines; none if there is no piece.

    Parameters
    ----------
    outcomes : sequence of Outcome
    bought : ExportOptions
        Its ``spool_mm``, ``spare`` and ``spool_price`` count.
    """
    abouts, threads = [one.about for one in outcomes if one.about], totals_by_thread(outcomes)
    if not abouts:
        return []
    scores = [about.closeness for about in abouts if about.closeness is not None]
    mean = f", score {sum(scores) / len(scores):.3f} in the mean" if scores else ""
    first = (
        f"all {len(abouts):,}: {sum(about.chords for about in abouts):,} chords, "
        f"{sum(about.thread_mm for about in abouts) / 1000:,.0f} m of thread, "
        f"{format_duration(sum(about.hand_s for about in abouts))} by hand or "
        f"{format_duration(sum(about.machine_s for about in abouts))} by machine{mean}"
    )
    more = f"; and {len(threads) - _MOST_TOLD} more threads" if len(threads) > _MOST_TOLD else ""
    by_thread = f"by thread: {'; '.join(map(_used, threads[:_MOST_TOLD]))}{more}"
    to_buy = spools_told(spools_of(threads, bought), bought[SPOOL], bought[PRICE] or None)
    return [first, by_thread, f"to buy, {bought[SPARE]:.0%} to spare: {to_buy}"]


def _used(used: Used) -> str:
    return f"{used.name} {used.color} {used.thread_mm / 1000:,.0f} m, {format_duration(used.hand_s)}"


def pieces_csv(outcomes: Sequence[Outcome], bought: ExportOptions) -> bytes:
    """Return a row a piece and one of totals: lengths in metres, times in hours, whole spools and what they cost.

    Each piece's spools are those that it takes alone; all pieces together share what a spool has left.
    """
    text = io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(_row(one, bought) for one in outcomes)
    abouts, used = [one.about for one in outcomes if one.about], totals_by_thread(outcomes)
    total = {
        "piece": "total",
        "chords": sum(about.chords for about in abouts),
        "by_thread": _by_thread(used),
        **_lengths(sum(about.thread_mm for about in abouts), abouts),
        **_cost(used, bought),
    }
    rows.writerow(total)
    return text.getvalue().encode("utf-8", "replace")


def _row(one: Outcome, bought: ExportOptions) -> dict[str, Any]:
    about, wanted = one.about, one.wanted
    row = {
        "piece": wanted.name, "photo": wanted.photo_file, "setting": wanted.label, "status": one.status,
        "remarks": "; ".join(one.reasons),
    }  # fmt: skip
    if about is None:
        return row
    score = about.closeness
    return row | {
        "score": "" if score is None else f"{score:.4f}",
        "near": "" if about.near is None else f"{about.near:.4f}",
        "far": "" if about.far is None else f"{about.far:.4f}",
        "colour_de": "" if about.delta_e is None else f"{about.delta_e:.2f}",
        "pins": about.pins,
        "chords": about.chords,
        "threads": len(about.used),
        "changes": about.changes,
        "by_thread": _by_thread(about.used),
        **_lengths(about.thread_mm, [about]),
        **_cost(about.used, bought),
    }


def _cost(used: Sequence[Used], bought: ExportOptions) -> dict[str, object]:
    found = _cost_in_numbers(used, bought)
    return found | {"cost": "" if found["cost"] is None else f"{found['cost']:.2f}"}


def _lengths(thread_mm: float, abouts: Sequence[About]) -> dict[str, str]:
    return {
        "thread_m": f"{thread_mm / 1000:.1f}",
        "hand_h": f"{sum(about.hand_s for about in abouts) / 3600:.2f}",
        "machine_h": f"{sum(about.machine_s for about in abouts) / 3600:.2f}",
    }


def _by_thread(used: Sequence[Used]) -> str:
    return "; ".join(
        f"{one.name} {one.color}: {one.chords} chords, {one.thread_mm / 1000:.1f} m, {one.hand_s / 3600:.2f} h"
        for one in used
    )


def pieces_json(outcomes: Sequence[Outcome], left: Mapping[str, str], bought: ExportOptions) -> bytes:
    """Return the same for programs, with what is left of photos that went; lengths in mm, times in seconds."""
    totals = totals_by_thread(outcomes)
    whole = {
        "format": "stringart-pieces",
        "version": 1,
        "made_by": f"stringart {__version__}",
        "bought": {"spool_mm": bought[SPOOL], "spare": bought[SPARE], "spool_price": bought[PRICE] or None},
        "pieces": [_entry(one, bought) for one in outcomes],
        "totals": {"threads": [_of_thread(used) for used in totals]} | _cost_in_numbers(totals, bought),
        "left_over": dict(left),
    }
    return (json.dumps(whole, indent=1, ensure_ascii=True) + "\n").encode()


def _cost_in_numbers(used: Sequence[Used], bought: ExportOptions) -> dict[str, object]:
    spools = spools_of(used, bought)
    return {"spools": spools, "cost": round(spools * bought[PRICE], 2) if bought[PRICE] else None}


def _entry(one: Outcome, bought: ExportOptions) -> dict[str, object]:
    entry: dict[str, object] = {"piece": one.wanted.name, "photo": one.wanted.photo_file, "setting": one.wanted.label,
                             "status": one.status, "reasons": list(one.reasons)}  # fmt: skip
    if one.about is None:
        return entry
    names = ("chords", "pins", "changes", "thread_mm", "hand_s", "machine_s", "near", "far", "delta_e")
    numbers = {name: getattr(one.about, name) for name in names}
    threads = [_of_thread(used) for used in one.about.used]
    cost = _cost_in_numbers(one.about.used, bought)
    return entry | {"score": one.about.closeness} | numbers | {"threads": threads} | cost


def _of_thread(used: Used) -> dict[str, object]:
    return {name: getattr(used, name) for name in ("name", "color", "chords", "thread_mm", "hand_s")}


def sheets(folder: Path, title: str, outcomes: Sequence[Outcome], bought: ExportOptions) -> dict[str, bytes]:
    """Return the contact sheet as a page and as a picture, by file; nothing if there is no piece."""
    shown = [
        ShownPiece(
            label=one.wanted.name,
            file=f"{one.wanted.name}.json",
            about=one.about,
            picture=(folder / file_of(one.wanted.name, SHOWN)).read_bytes(),
            picture_file=file_of(one.wanted.name, SHOWN),
        )
        for one in outcomes
        if one.about is not None and (folder / file_of(one.wanted.name, SHOWN)).is_file()
    ]
    if not shown:
        return {}
    failed = [Path(one.wanted.photo_file).name for one in outcomes if one.status == "failed"]
    lines = totals_text(outcomes, bought) + ([f"failed: {', '.join(failed)}"] if failed else [])
    return {f"{SHEET}.html": sheet_html(title, None, shown, lines), f"{SHEET}.png": overview_png(title, lines, shown)}


def tell_owner(
    opened: BatchFolder, outcomes: Sequence[Outcome], left: Mapping[str, str], bought: ExportOptions, *,
    with_sheet: bool = True,
) -> list[str]:  # fmt: skip
    """Write tables and, if wanted, the contact sheet beside the pieces.

    Parameters
    ----------
    opened : BatchFolder
    outcomes : sequence of Outcome
    left : mapping of str to str
        What is there of photos that went.
    bought : ExportOptions
        Its ``spool_mm``, ``spare`` and ``spool_price`` count: spools and their cost.
    with_sheet : bool

    Returns
    -------
    list of str
        Sentences about files that are kept under another name.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    name = os.path.basename(os.path.abspath(opened.path))  # noqa: PTH100, PTH119 (links are not followed)
    files = {f"{PIECES}.csv": pieces_csv(outcomes, bought), f"{PIECES}.json": pieces_json(outcomes, left, bought)}
    if with_sheet:
        files |= sheets(opened.path, f"{name}: {len(outcomes):,} pieces", outcomes, bought)
    return opened.keep([File(name=file, key="all pieces", data=data) for file, data in files.items()])
