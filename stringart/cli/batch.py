"""``stringart batch``: many photos, one plan each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from stringart.cli._design_options import design_options
from stringart.cli._export_options import export_options
from stringart.cli._groups import GroupedCommand
from stringart.cli._many import CrewAsked, CrewOptions, crew_of, crew_options, report, run_shown, say, tell_of_left_over
from stringart.many.batch import Batch, Outcome, Wanted, in_order, left_over
from stringart.many.folder import PIECES, SHEET, BatchFolder, plan_names
from stringart.many.owner import tell_owner, totals_text
from stringart.order.loaded import load_order
from stringart.order.order import Order


@click.command(cls=GroupedCommand)
@click.argument("photo_files", metavar="PHOTOS...", nargs=-1, required=True)
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="Where the plans go; made if missing.")
@crew_options
@design_options
@export_options
def batch(photo_files: tuple[str, ...], folder: str, order: Order, **crew_words: Any) -> None:
    """Turn many PHOTOS into plans, DIR/PHOTO-NAME.json each, the same bytes as stringart design makes.

    What is done and unchanged is not done again: run the same command after Ctrl-C, or with more photos. A photo that
    cannot be used is reported at the end and stops nothing. Photos of one name get their whole name, and then their
    folder, into the plan's name. A file that was there before is kept as FILE.old. DIR/contact-sheet.html shows all
    pieces, DIR/pieces.csv and .json tell score, chords, thread, hours, spools and their cost (--price) of each,
    and the totals.
    """
    photos = list(dict.fromkeys(photo_files))
    crew = crew_of(CrewAsked(**crew_words))
    loaded = load_order(order)
    wanted = [
        Wanted(name=name, photo_file=photo, loaded=loaded)
        for name, photo in zip(plan_names(photos), photos, strict=True)
    ]
    with BatchFolder(Path(folder)) as opened:
        work = Batch(opened, wanted, crew.endings, crew.export_options, is_judged=True, is_shown=True)
        if len(photos) < len(photo_files):
            say(f"{len(photo_files) - len(photos)} photos are named twice; each is made once")
        outcomes = in_order(run_shown(work, crew, len(wanted)), wanted)
        _tell_owner(opened, outcomes, left_over(opened, wanted), crew)
        report(outcomes, folder, crew)


def _tell_owner(opened: BatchFolder, outcomes: list[Outcome], left: Mapping[str, str], crew: CrewOptions) -> None:
    for sentence in tell_owner(opened, outcomes, left, crew.export_options):
        say(sentence)
    tell_of_left_over(left)
    if not crew.quiet:
        for line in totals_text(outcomes, crew.export_options):
            say(line)
        say(f"all pieces: {opened.path / PIECES}.csv and .json, {opened.path / SHEET}.html and .png")
