"""``stringart design``: a photo becomes a plan."""

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stringart import units
from stringart.boards import make_board
from stringart.cli._groups import GroupedCommand, in_group
from stringart.cli._params import LENGTH, SIZE, Parsed, check_folders, read_photo, write_output
from stringart.cli._progress import shown
from stringart.errors import PaletteError, UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.materials import materials_of
from stringart.model import Board, Plan, Thread
from stringart.options import QUALITIES, Controls, DesignOptions
from stringart.photo import Photo
from stringart.pipeline import design_events
from stringart.schedule import Schedule, default_schedule, find_thread, parse_schedule
from stringart.score import score

if TYPE_CHECKING:
    from stringart.palette_request import PaletteRequest

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


def parse_pair(text: str) -> tuple[str, str]:
    """Return name and value of "name=value".

    Raises
    ------
    UnitError
        If there is no =.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name or not value:
        raise UnitError(f"'{text}' is not NAME=VALUE", "write a thread's name, =, and what it gets")
    return name, value


def parse_background(text: str) -> str:
    """Return ``auto`` or ``#rrggbb``.

    Raises
    ------
    UnitError
        If the colour is not known.
    """
    return "auto" if text.strip().lower() == "auto" else units.parse_color(text)


THREAD = Parsed(parse_thread, "thread")
PAIR = Parsed(parse_pair, "name=value")
BACKGROUND = Parsed(parse_background, "colour|auto")
_board, _threads, _color, _look = (in_group(n) for n in ("Board", "Threads", "Layers and colours", "What matters"))


@click.command(cls=GroupedCommand)
@click.argument("photo_file", metavar="PHOTO")
@click.option(
    "-o", "--output", "outputs", multiple=True, required=True, metavar="FILE",
    help="plan.json, preview.png, preview.svg ...; may be given again. - is the plan on stdout.",
)  # fmt: skip
@click.option("--quality", type=click.Choice(QUALITIES), default="normal", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Kept in the plan.")
@_board(
    "--board", "shape", default="circle", show_default=True, metavar="circle|ellipse|rectangle|FILE",
    help="Shape of the board; FILE is an SVG with one closed outline or a CSV of pin positions in mm.",
)  # fmt: skip
@_board("--size", "size_mm", type=SIZE, help="600mm, 800x600mm; the box round the pins.  [default: 600mm]")
@_board("--pins", "pin_count", type=click.IntRange(min=1), help="Number of pins.  [default: 288]")
@_board("--pin-diameter", "pin_mm", type=LENGTH, default="2mm", show_default=True)
@_board("--background", type=BACKGROUND, help="Colour of the board; auto chooses it with the palette. [default: white]")
@_threads("--thread", type=THREAD, help="One thread: colour and laid width.  [default: black@0.25mm]")
@_threads(
    "--palette", "palette_text", metavar="PALETTE",
    help='Several threads: auto:5, black,white,"#c8501e@0.3mm", threads.toml, dmc:auto:6, a preset such as cmy.',
)  # fmt: skip
@_threads("--lines", type=click.IntRange(min=1), help="Chords across the board at most. [default: 4000; colour 10000]")
@_threads("--thread-length", "length_mm", type=LENGTH, help="Thread at most, as in 2.5km, in place of --lines.")
@_threads("--limit", "limits", type=PAIR, multiple=True, help="Of one thread at most, as in red=400m; may be repeated.")
@_color("--cycles", type=click.IntRange(1, 100), help="How often the threads take turns.  [default: 4]")
@_color(
    "--layers", "layers_text", metavar="LAYERS",
    help='From the lowest: "white; white,blue,black:10% x3". A share is of all chords.',
)  # fmt: skip
@_color(
    "--change-minutes", type=click.FloatRange(min=0),
    help="What a change of thread costs: layers that are not worth it are dropped, and the trade is reported.",
)  # fmt: skip
@_color("--only", "regions", type=PAIR, multiple=True, help="a,b=MASK: where MASK is white, only these threads.")
@_color("--separation", "separations", type=PAIR, multiple=True, help="a=PICTURE: white where all is this thread.")
@_color("--stand-in", "matrix_file", metavar="CSV", help="K x K: how much each thread may stand in for each other.")
@_look(
    "--importance", default="faces", show_default=True, metavar="FILE|faces|none",
    help="What matters in the photo: faces, nothing more than the rest, or a grey picture, white where it matters.",
)  # fmt: skip
@_look("--importance-for", "own_importance", type=PAIR, multiple=True, help="a=PICTURE: for one thread.")
def design(photo_file: str, outputs: tuple[str, ...], **given: Any) -> None:
    """Turn PHOTO into a plan of chords, one continuous thread a layer, and paint it as it will look."""
    _exclude(given, "lines", "length_mm", "--lines and --thread-length")
    _exclude(given, "thread", "palette_text", "--thread and --palette")
    _exclude(given, "cycles", "layers_text", "--cycles and --layers")
    exporters = {name: exporter_for("-.json" if name == "-" else name) for name in outputs}
    check_folders(outputs)
    background = given["background"]
    photo = read_photo(photo_file, background if background and background != "auto" else "#ffffff")
    board, threads = _choose_threads(photo, given)
    end = shown(design_events(photo, _options(board, threads, given)))
    for name, exporter in exporters.items():
        write_output(name, exporter(end.plan, ExportOptions()))
    _summarise(end.plan, photo, end.notes, outputs)


def _exclude(given: dict[str, Any], first: str, second: str, names: str) -> None:
    if given[first] is not None and given[second] is not None:
        raise click.UsageError(f"{names} exclude each other: choose one")


def _choose_threads(photo: Photo, given: dict[str, Any]) -> tuple[Board, tuple[Thread, ...]]:
    background = given["background"]
    board = make_board(given["shape"], given["size_mm"], "#ffffff")
    request = _palette_request(given["palette_text"])
    if request is None and background != "auto":
        thread = given["thread"] or parse_thread("black@0.25mm")
        return replace(board, color=background or "#ffffff"), (thread,)
    if request is not None and not request.count and background != "auto":
        return replace(board, color=background or request.board_color or "#ffffff"), request.threads
    from stringart.palette import choose, parse_palette

    choice = choose(
        request or parse_palette((given["thread"] or parse_thread("black")).color), photo, board, background
    )
    for note in choice.notes:
        _say(note)
    _say("threads: " + ", ".join(f"{thread.name} {thread.color}" for thread in choice.threads))
    return replace(board, color=choice.board_color), choice.threads


def _palette_request(text: str | None) -> "PaletteRequest | None":
    if text is None:
        return None
    from stringart.palette_request import parse_palette

    return parse_palette(text)


def _options(board: Board, threads: tuple[Thread, ...], given: dict[str, Any]) -> DesignOptions:
    return DesignOptions(
        board=board,
        pin_count=given["pin_count"],
        pin_diameter_mm=given["pin_mm"],
        threads=threads,
        lines=given["lines"] or (4000 if len(threads) == 1 else 10_000),
        thread_length_mm=given["length_mm"],
        thread_limits_mm=_limits(given["limits"], threads),
        schedule=_schedule(given, threads),
        change_minutes=given["change_minutes"],
        controls=_controls(given, threads),
        importance=given["importance"],
        seed=given["seed"],
        quality=given["quality"],
        command=shlex.join(["stringart", *sys.argv[1:]]),
    )


def _limits(limits: Sequence[tuple[str, str]], threads: tuple[Thread, ...]) -> tuple[float | None, ...] | None:
    by_thread = {find_thread(name, threads): units.parse_length_mm(text) for name, text in limits}
    return tuple(by_thread.get(k) for k in range(len(threads))) if by_thread else None


def _schedule(given: dict[str, Any], threads: tuple[Thread, ...]) -> Schedule | None:
    if given["layers_text"] is not None:
        return parse_schedule(given["layers_text"], threads)
    return default_schedule(threads, given["cycles"]) if given["cycles"] else None


def _controls(given: dict[str, Any], threads: tuple[Thread, ...]) -> Controls:
    matrix = None
    if given["matrix_file"] is not None:
        from stringart.steering import read_matrix

        matrix = read_matrix(given["matrix_file"])
    controls = Controls(
        importance={find_thread(name, threads): file for name, file in given["own_importance"]},
        regions=tuple(
            (frozenset(find_thread(name.strip(), threads) for name in names.split(",")), file)
            for names, file in given["regions"]
        ),
        separations={find_thread(name, threads): file for name, file in given["separations"]},
        stand_in=matrix,
    )
    if len(threads) == 1 and (controls.regions or controls.separations or matrix is not None):
        raise PaletteError("regions, separations and a matrix need several threads", "choose them with --palette")
    return controls


def _summarise(plan: Plan, photo: Photo, notes: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Say on stderr what was made and what it takes."""
    use = materials_of(plan)
    assumed = use.assumptions
    near, far = score(plan, photo)
    for note in notes:
        _say(note)
    _say(f"chords: {plan.chords}, and {len(plan.steps) - plan.chords} moves along the rim, {len(plan.pins)} pins")
    _say(f"thread: {use.total_mm / 1000:.0f} m ({assumed.about_thread})")
    if len(plan.threads) > 1:
        _say(f"layers: {len(plan.layers)}, {max(len(plan.layers) - 1, 0)} changes of thread")
        for thread, own in zip(plan.threads, use.threads, strict=True):
            _say(f"  {thread.name} {thread.color}: {own.chords} chords, {own.total_mm / 1000:.0f} m")
    _say(f"by hand: {units.format_duration(use.hand_s)} ({assumed.about_hand})")
    _say(f"by machine: {units.format_duration(use.machine_s)} ({assumed.about_machine})")
    _say(f"score: SSIM {near.ssim_fit:.3f} from near, {far.ssim_fit:.3f} from afar (1 is the photo)")
    if len(plan.threads) > 1:
        _say(f"colour: mean difference dE00 {far.delta_e:.1f}")
    _say(f"wrote {', '.join(Path(name).name if name != '-' else 'stdout' for name in outputs)}")


def _say(line: str) -> None:
    click.echo(line, err=True)
