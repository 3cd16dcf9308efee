"""``stringart sweep``: one photo, many settings, one sheet to compare them on."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from PIL import Image

from stringart.cli._design_options import sweep_options
from stringart.cli._export_options import export_options
from stringart.cli._groups import GroupedCommand
from stringart.cli._many import CrewAsked, crew_of, crew_options, report, run_shown, say
from stringart.files import write_atomically
from stringart.many.batch import Batch, Outcome, Wanted, in_order, left_over
from stringart.many.contact_sheet import ShownPiece, are_in_color, ordered, score_of, sheet_html, sheet_png
from stringart.many.folder import BatchFolder, numbered
from stringart.many.owner import tell_owner
from stringart.many.values import combinations, label_of, slug_of
from stringart.order.loaded import load_orders
from stringart.order.order import TABLE, Order
from stringart.picture.light import to_bytes
from stringart.picture.photo import crop_to_board, load_photo, resample
from stringart.plan.model import Plan


@click.command(cls=GroupedCommand)
@click.argument("photo_file", metavar="PHOTO")
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="Where all goes; made if missing.")
@crew_options
@sweep_options
@export_options
def sweep(photo_file: str, folder: str, order: Order, choices: Mapping[str, Sequence[Any]], **crew_words: Any) -> None:
    """Make PHOTO with every combination of the values given, and a contact sheet of all, the closest first.

    Options take several values: 200,288,360 or 2000..6000:1000 (FROM..TO:STEP), or the option again. Palettes are
    separated by ; as in 'black,white;cmy'; of auto:3,auto:5 each is one. --layers and --crop are given again.
    What is done and unchanged is not done again.
    """
    crew = crew_of(CrewAsked(**crew_words), more_endings=(".png",))
    combos = combinations(choices)
    load_photo(photo_file)  # a photo that cannot be read is told once, not with every piece
    names = numbered(["_".join(filter(None, (Path(photo_file).stem, slug_of(combo)))) for combo in combos])
    loaded_orders = load_orders(replace(order, **combo) for combo in combos)
    wanted = [
        Wanted(name=name, photo_file=photo_file, loaded=loaded, label=label_of(combo))
        for name, combo, loaded in zip(names, combos, loaded_orders, strict=True)
    ]
    say(f"{len(wanted)} pieces: {_product(choices) or 'one of everything'}")
    with BatchFolder(Path(folder)) as opened:
        work = Batch(opened, wanted, crew.endings, crew.export_options, is_judged=True)
        outcomes = in_order(run_shown(work, crew, len(wanted), with_notes=False), wanted)
        try:
            for sentence in tell_owner(
                opened, outcomes, left_over(opened, wanted), crew.export_options, with_sheet=False
            ):
                say(sentence)
            report(outcomes, folder, crew)
        finally:  # of those that are made, also where some failed
            _write_sheets(Path(folder), photo_file, outcomes)


def _product(choices: Mapping[str, Sequence[object]]) -> str:

    return " x ".join(f"{len(values)} {TABLE[name].key}" for name, values in choices.items())


def _write_sheets(folder: Path, photo_file: str, outcomes: Sequence[Outcome]) -> None:
    photo_name = Path(photo_file).name
    shown = _shown(folder, photo_name, outcomes)
    if not shown:
        return
    photo = _photo_png(photo_file, folder / shown[0].file)
    title = f"{photo_name}: {len(shown)} pieces, the closest first"
    for ending, sheet in ((".png", sheet_png), (".html", sheet_html)):
        write_atomically(folder / f"contact-sheet{ending}", sheet(title, photo, shown))
    best = ordered(shown)[0]
    closest, page = score_of(best, are_in_color(shown)), folder / "contact-sheet.html"
    say(f"closest: {best.file}, score {closest:.3f}; all are compared on {page} and .png, and in pieces.csv")


def _shown(folder: Path, photo_name: str, outcomes: Sequence[Outcome]) -> list[ShownPiece]:
    """Return the pieces that have a picture of their own: one whose export failed may stand beside an older one."""
    return [
        ShownPiece(
            label=one.wanted.label or photo_name,
            file=f"{one.wanted.name}.json",
            about=one.about,
            picture=(folder / f"{one.wanted.name}.png").read_bytes(),
        )
        for one in outcomes
        if one.about is not None and ".png" not in one.not_written and (folder / f"{one.wanted.name}.png").is_file()
    ]


def _photo_png(photo_file: str, plan_file: Path) -> bytes:
    """Return the part of the photo that a plan shows."""
    plan = Plan.load(plan_file)
    photo = load_photo(photo_file, plan.board.color)
    crop = plan.photo.crop_px if plan.photo else crop_to_board(photo, plan.board)
    scale = 600 / max(crop[2] - crop[0], crop[3] - crop[1])
    rows, cols = (max(round(side * scale), 1) for side in (crop[3] - crop[1], crop[2] - crop[0]))
    file = io.BytesIO()
    Image.fromarray(to_bytes(resample(photo, crop, (rows, cols)))).save(file, "PNG")
    return file.getvalue()
