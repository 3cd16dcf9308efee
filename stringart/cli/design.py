"""``stringart design``: a photo becomes a plan."""

import sys
from pathlib import Path

import click

from stringart import units
from stringart.cli._design_options import design_options
from stringart.cli._groups import GroupedCommand
from stringart.cli._params import check_folders, read_photo, write_output
from stringart.cli._progress import shown
from stringart.errors import OutputError
from stringart.export import ExportOptions, exporter_for
from stringart.look.paint import Painting
from stringart.look.score import Score, score_of
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.order.rivals import better_look
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of
from stringart.search.pipeline import design_events
from stringart.threads.catalogues import like
from stringart.threads.color_names import describe


@click.command(cls=GroupedCommand)
@click.argument("photo_file", metavar="PHOTO")
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FILE",
    help="plan.json, preview.png, preview.svg ...; may be given again. - is the plan on stdout.  [default: "
    "PHOTO.plan.json and PHOTO.png beside the photo]",
)  # fmt: skip
@design_options
def design(photo_file: str, outputs: tuple[str, ...], order: Order) -> None:
    """Turn PHOTO into a plan of chords, one continuous thread a layer, and paint it as it will look."""
    outputs = outputs or _beside(photo_file)
    exporters = {name: exporter_for("-.json" if name == "-" else name) for name in outputs}
    check_folders(outputs)
    loaded = load_order(order)
    photo = read_photo(photo_file, loaded.photo_background)
    options, notes = options_for(photo, loaded)
    for note in notes:
        _say(note)
    end = shown(design_events(photo, options))
    painting = Painting(end.plan)
    for name, exporter in exporters.items():
        write_output(name, exporter(end.plan, ExportOptions(painting=painting)))
    scores = score_of(painting, photo)
    _summarise(end.plan, scores, end.notes, outputs)
    # last, since it takes small drafts of other looks: the piece is written and told already
    other = better_look(photo, painting, options, scores if len(end.plan.threads) == 1 else ())
    if other:
        _say(other)


def _beside(photo_file: str) -> tuple[str, ...]:
    """Return a plan and a picture beside the photo, which are not there yet or may be replaced.

    Raises
    ------
    click.UsageError
        If the photo comes from stdin.
    OutputError
        If one is there and nobody can be asked.
    """
    if photo_file == "-":
        raise click.UsageError("a photo from stdin has no name: say where the plan goes, as in -o plan.json")
    photo = Path(photo_file)
    picture = photo.with_suffix(".png" if photo.suffix.lower() != ".png" else ".thread.png")
    names = (photo.with_suffix(".plan.json"), picture)
    for name in names:
        if name.exists() and not _may_replace(name):
            raise OutputError(f"'{name}' is there already; it is kept", "move it, or name other files with -o")
    return tuple(str(name) for name in names)


def _may_replace(name: Path) -> bool:
    return sys.stdin.isatty() and click.confirm(f"'{name}' is there already: replace it?", default=False, err=True)


def _summarise(plan: Plan, scores: tuple[Score, ...], notes: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Say on stderr what was made and what it takes."""
    use = materials_of(plan)
    assumed = use.assumptions
    near, far = scores
    for note in notes:
        _say(note)
    walks = use.steps - plan.chords
    _say(f"chords: {plan.chords}, and {walks} walks along the rim: {use.steps} steps, {len(plan.pins)} pins")
    nails = nails_of(plan)
    _say(f"pins: {nails.text}; {nails.setting}; {nails.load}")
    if nails.tight:
        _say(f"by hand, {nails.tight}")
    _say(f"thread: {use.total_mm / 1000:.0f} m ({assumed.about_thread})")
    for thread, own in zip(plan.threads, use.threads, strict=True):
        if own.chords:
            called = dict.fromkeys((thread.name, thread.color, like(thread.name, thread.color)))
            named = " ".join(filter(None, called))
            _say(f"  {named}: {own.chords} chords, {own.total_mm / 1000:.0f} m")
    _say(f"board: {describe(plan.board.color)} {plan.board.color}")
    if len(plan.threads) > 1:
        _say(f"layers: {len(plan.layers)}, {max(len(plan.layers) - 1, 0)} changes of thread")
    _say(f"by hand: {use.hand_text} ({assumed.about_hand})")
    _say(f"by machine: {units.format_duration(use.machine_s)} ({assumed.about_machine})")
    _say(f"score: SSIM {near.ssim_fit:.3f} from near, {far.ssim_fit:.3f} from afar (1 is the photo)")
    if len(plan.threads) > 1:
        _say(f"colour: mean difference dE00 {far.delta_e:.1f}")
    _say(f"wrote {', '.join(Path(name).name if name != '-' else 'stdout' for name in outputs)}")


def _say(line: str) -> None:
    click.echo(line, err=True)
