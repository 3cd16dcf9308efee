"""``stringart design``: a photo becomes a plan."""

import re
import shlex
import sys
from pathlib import Path

import click

from stringart import units
from stringart.boards import make_board
from stringart.cli._params import COLOR, LENGTH, SIZE, Parsed, check_folders, read_photo, write_output
from stringart.cli._progress import shown
from stringart.errors import UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.materials import materials_of
from stringart.model import Plan, Thread
from stringart.options import QUALITIES, DesignOptions
from stringart.photo import Photo
from stringart.pipeline import design_events
from stringart.score import score

_THREAD = re.compile(r"\s*([^@]+?)\s*(?:@\s*(.+))?")


def parse_thread(text: str) -> Thread:
    """Return the thread of "black@0.25mm", "#c8501e@0.3mm" or "black".

    Raises
    ------
    UnitError
        If the colour or the width cannot be read.
    """
    match = _THREAD.fullmatch(text)
    if match is None:
        raise UnitError(f"'{text}' is not a thread", "write a colour and a width, as in black@0.25mm")
    width_mm = units.parse_length_mm(match[2]) if match[2] else 0.25
    if width_mm <= 0:
        raise UnitError(f"'{text}': a thread {width_mm:g} mm wide covers nothing", "write its width, as in 0.25mm")
    return Thread(name=match[1], color=units.parse_color(match[1]), diameter_mm=width_mm)


THREAD = Parsed(parse_thread, "thread")


@click.command()
@click.argument("photo_file", metavar="PHOTO")
@click.option(
    "-o", "--output", "outputs", multiple=True, required=True, metavar="FILE",
    help="plan.json, preview.png, preview.svg ...; may be given again. - is the plan on stdout.",
)  # fmt: skip
@click.option(
    "--board", "shape", default="circle", show_default=True, metavar="circle|ellipse|rectangle|FILE",
    help="Shape of the board; FILE is an SVG with one closed outline or a CSV of pin positions in mm.",
)  # fmt: skip
@click.option("--size", "size_mm", type=SIZE, help="600mm, 800x600mm; the box round the pins.  [default: 600mm]")
@click.option("--pins", "pin_count", type=click.IntRange(min=1), help="Number of pins.  [default: 288]")
@click.option("--pin-diameter", "pin_mm", type=LENGTH, default="2mm", show_default=True)
@click.option("--lines", type=click.IntRange(min=1), help="Chords across the board at most.  [default: 4000]")
@click.option("--thread-length", "length_mm", type=LENGTH, help="Thread at most, as in 2.5km, in place of --lines.")
@click.option("--thread", type=THREAD, default="black@0.25mm", show_default=True, help="Colour and laid width.")
@click.option("--background", type=COLOR, default="white", show_default=True, help="Colour of the board.")
@click.option(
    "--importance", default="faces", show_default=True, metavar="FILE|faces|none",
    help="What matters in the photo: faces, nothing more than the rest, or a grey picture, white where it matters.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Kept in the plan.")
@click.option("--quality", type=click.Choice(QUALITIES), default="normal", show_default=True)
def design(
    photo_file: str,
    outputs: tuple[str, ...],
    shape: str,
    size_mm: tuple[float, float] | None,
    pin_count: int | None,
    pin_mm: float,
    lines: int | None,
    length_mm: float | None,
    thread: Thread,
    background: str,
    importance: str,
    seed: int,
    quality: str,
) -> None:
    """Turn PHOTO into a plan of chords, one continuous thread, and paint it as it will look."""
    if lines is not None and length_mm is not None:
        raise click.UsageError("--lines and --thread-length exclude each other: choose one")
    exporters = {name: exporter_for("-.json" if name == "-" else name) for name in outputs}
    check_folders(outputs)
    photo = read_photo(photo_file, background)
    options = DesignOptions(
        board=make_board(shape, size_mm, background),
        pin_count=pin_count,
        pin_diameter_mm=pin_mm,
        threads=(thread,),
        lines=lines or 4000,
        thread_length_mm=length_mm,
        importance=importance,
        seed=seed,
        quality=quality,
        command=shlex.join(["stringart", *sys.argv[1:]]),
    )
    end = shown(design_events(photo, options))
    for name, exporter in exporters.items():
        write_output(name, exporter(end.plan, ExportOptions()))
    _summarise(end.plan, photo, end.notes, outputs)


def _summarise(plan: Plan, photo: Photo, notes: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Say on stderr what was made and what it takes."""
    use = materials_of(plan)
    assumed = use.assumptions
    near, far = score(plan, photo)
    for note in notes:
        _say(note)
    _say(f"chords: {plan.chords}, and {len(plan.steps) - plan.chords} moves along the rim, {len(plan.pins)} pins")
    _say(f"thread: {use.total_mm / 1000:.0f} m ({assumed.about_thread})")
    _say(f"by hand: {units.format_duration(use.hand_s)} ({assumed.about_hand})")
    _say(f"by machine: {units.format_duration(use.machine_s)} ({assumed.about_machine})")
    _say(f"score: SSIM {near.ssim_fit:.3f} from near, {far.ssim_fit:.3f} from afar (1 is the photo)")
    _say(f"wrote {', '.join(Path(name).name if name != '-' else 'stdout' for name in outputs)}")


def _say(line: str) -> None:
    click.echo(line, err=True)
