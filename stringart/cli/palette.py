"""``stringart palette``: which threads to buy for a photo."""

import json
import shlex
from dataclasses import dataclass

import click
import numpy as np
from numpy.typing import NDArray

from stringart.board.boards import make_board, shape_words
from stringart.cli._params import SIZE, Parsed, check_folders, read_photo, write_output
from stringart.errors import OutputError
from stringart.look.swatches import Card, Swatch, SwatchStrip, draw
from stringart.order.order import TABLE
from stringart.picture import light
from stringart.picture.photo import Crop, Photo, resample
from stringart.picture.placing import place
from stringart.plan.model import Board
from stringart.threads import catalogues, unmixing
from stringart.threads import palette as palettes
from stringart.threads.color_names import describe, differences
from stringart.threads.palette import AUTO, PaletteChoice, PaletteRequest
from stringart.threads.request import PRESETS, write_palette
from stringart.units import parse_color

_COUNTS = range(2, 9)
_PREVIEW_PX = 256
_HELP = (
    "auto:5, colours as in black,white,#c8501e@0.3mm, dmc:310, dmc:auto:6, threads.toml, mine:auto:4, or a preset: "
    + ", ".join(PRESETS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The part of a photo that a board shows."""

    photo: Photo
    board: Board
    crop: Crop


@click.command()
@click.argument("photo_file", metavar="PHOTO")
@click.option("--palette", "text", metavar="PALETTE", help=f"{_HELP}.  [default: auto, which finds the number]")
@click.option("--n", "count", type=int, metavar="N", help="Threads to choose; auto:N for short.")
@click.option("--from", "source", metavar="LIST", help="Choose from a catalogue (dmc), threads.toml or mine.")
@click.option("--background", metavar="COLOUR|auto", help="Of the board.  [default: auto, or the preset's]")
@click.option("--board", "shape", default="circle", show_default=True, metavar="|".join((*shape_words(), "FILE")))
@click.option("--size", "size_mm", type=SIZE, help="600mm, 800x600mm; the box round the pins.  [default: 600mm]")
@click.option(
    "--crop",
    type=Parsed(TABLE["crop"].read, TABLE["crop"].metavar),
    metavar="auto|centre|whole|PIXELS",
    default="auto",
    show_default=True,
    help="Which part of the photo, as stringart design takes it.",
)
@click.option("-o", "--output", metavar="FILE", help="The swatches as a PNG, with what they can show at best.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def palette(
    photo_file: str,
    text: str | None,
    count: int | None,
    source: str | None,
    background: str | None,
    shape: str,
    size_mm: tuple[float, float] | None,
    crop: str | Crop,
    output: str | None,
    as_json: bool,
) -> None:
    """Propose threads and a board for PHOTO: the share of each, and the error to expect with 2 to 8 threads."""
    request = palettes.parse_palette(_text(text, count, source))
    if output is not None:
        if not output.lower().endswith(".png"):
            raise OutputError(f"cannot write '{output}': swatches are a PNG", "name it as in swatches.png")
        check_folders((output,))
    if background is not None and background != AUTO:
        background = parse_color(background)
    board = make_board(shape, size_mm)
    photo = read_photo(photo_file, "#ffffff")
    placed = place(photo, board, crop)
    seen = _Seen(photo=photo, board=board, crop=placed.crop_px)
    choice = palettes.choose(request, photo, board, background or request.board_color or AUTO, seen.crop)
    table = _table(request, seen, choice)
    if as_json:
        click.echo(json.dumps(_document(choice, table)))
    else:
        _show(request, choice, table)
    _tell(photo_file, request, choice, (placed.note,) if placed.note else ())
    if output is not None:
        write_output(output, draw(_card(request, seen, choice, table)))
        click.echo(f"wrote {output}", err=True)


def _text(text: str | None, count: int | None, source: str | None) -> str:
    if text is not None:
        if count is not None or source is not None:
            raise click.UsageError("--palette says all: leave --n and --from out")
        return text
    auto = AUTO if count is None else f"{AUTO}:{count}"
    return auto if source is None else f"{source}:{auto}"


def _table(request: PaletteRequest, seen: _Seen, choice: PaletteChoice) -> list[PaletteChoice]:
    """Return the best palettes of 2 to 8 threads, those named by the user among them; none if nothing is chosen."""
    if not request.count:
        return []
    fixed, limit = len(request.threads), len(request.candidates) or max(_COUNTS)
    counts = [count - fixed for count in _COUNTS if 1 <= count - fixed <= limit]
    found = palettes.proposals(request, seen.photo, seen.board, choice.board_color, counts, seen.crop)
    return [choice if len(other.threads) == len(choice.threads) else other for other in found]


def _document(choice: PaletteChoice, table: list[PaletteChoice]) -> dict[str, object]:
    def palette_of(one: PaletteChoice) -> dict[str, object]:
        shares = zip(one.threads, one.shares[1:], strict=True)
        return {
            "board": {"color": one.board_color, "share": one.shares[0]},
            "threads": [
                {"name": t.name, "color": t.color, "diameter_mm": t.diameter_mm, "share": s} for t, s in shares
            ],
            "error": one.error,
        }

    return {**palette_of(choice), "by_count": {str(len(one.threads)): palette_of(one) for one in table}}


def _show(request: PaletteRequest, choice: PaletteChoice, table: list[PaletteChoice]) -> None:
    """Print the proposal: blocks of true colour on a terminal, plain text elsewhere."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    blocks = console.is_terminal

    def block(color: str, width: int) -> Text:
        return Text(" " * width, style=f"on {color}") if blocks else Text()

    rows = _rows(request, choice)
    widths = [max(len(row[k]) for _, row in rows) for k in range(4)]
    for color, row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        gap = "  " if blocks else ""
        console.print(Text.assemble(block(color, 8), gap, "  ".join(cells).rstrip()))
    console.print(f"expected error: dE {choice.error:.1f} from the colours; drawing them in thread adds to it")
    if table:
        console.print("\nthreads  error")
    for one in table:
        mark = "*" if len(one.threads) == len(choice.threads) else " "
        colors = Text("").join(block(thread.color, 6) for thread in one.threads)
        codes = Text("" if blocks else "  ".join(thread.color for thread in one.threads))
        console.print(Text.assemble(f"{len(one.threads):>6}{mark} {one.error:>6.1f}   ", colors, codes))


def _rows(request: PaletteRequest, choice: PaletteChoice) -> list[tuple[str, tuple[str, str, str, str]]]:
    """Colour, then name, code, share and what is like it in a catalogue, board first."""
    board = (
        choice.board_color,
        (f"board, {describe(choice.board_color)}", choice.board_color, f"{choice.shares[0]:.0%}", ""),
    )
    threads = [
        (thread.color, (thread.name, thread.color, f"{share:.0%}", _alike(request, thread.color)))
        for thread, share in zip(choice.threads, choice.shares[1:], strict=True)
    ]
    return [board, *threads]


def _alike(request: PaletteRequest, color: str) -> str:
    """Say which thread of a catalogue is like a colour that was chosen freely."""
    if request.source or not request.count:
        return ""
    catalogue = catalogues.load_catalogue(catalogues.BOUGHT_FROM)
    entry = catalogue.near(color)
    apart = float(differences(color, light.to_lab([light.linear_color(entry.color)]))[0])
    return f"like {catalogue.thread(entry, 1.0).name} (dE00 {apart:.0f})"


def _tell(photo_file: str, request: PaletteRequest, choice: PaletteChoice, notes: tuple[str, ...]) -> None:
    for note in (*notes, *choice.notes[1:]):
        click.echo(note, err=True)
    written = write_palette(choice.threads, request.source)
    words = ["stringart", "design", photo_file, "--palette", written, "--background", choice.board_color]
    click.echo(f"to use it: {shlex.join(words)} -o plan.json", err=True)


def _card(request: PaletteRequest, seen: _Seen, choice: PaletteChoice, table: list[PaletteChoice]) -> Card:
    swatches = tuple(
        Swatch(color=color, title=row[0], lines=tuple(filter(None, (f"{row[1]}, {row[2]} of the picture", row[3]))))
        for color, row in _rows(request, choice)
    )
    strips = tuple(
        SwatchStrip(
            label=f"{len(one.threads)} threads: dE {one.error:.1f}",
            colors=(one.board_color, *(thread.color for thread in one.threads)),
            shares=one.shares,
        )
        for one in table
    )
    return Card(
        title=f"Palette for {seen.photo.name}",
        about=(
            f"{len(choice.threads)} threads on a board {describe(choice.board_color)} {choice.board_color}",
            f"expected error: dE {choice.error:.1f} from the colours; drawing them in thread adds to it",
        ),
        pictures=_pictures(seen, choice),
        swatches=swatches,
        strips_title="Error to expect by the number of threads; widths are shares, the board's first",
        strips=strips,
    )


def _pictures(seen: _Seen, choice: PaletteChoice) -> tuple[tuple[str, NDArray[np.uint8]], ...]:
    board = seen.board
    larger = max(board.width_mm, board.height_mm)
    shape = tuple(max(round(_PREVIEW_PX * side / larger), 1) for side in (board.height_mm, board.width_mm))
    picture = resample(seen.photo, seen.crop, (shape[0], shape[1]))
    colors = np.stack([light.linear_color(code) for code in (choice.board_color, *(t.color for t in choice.threads))])
    mixed = np.tensordot(unmixing.unmix(picture, colors, palettes.SPREAD), colors, (0, 0))
    return (("the photo", light.to_bytes(picture)), ("what these threads can show from afar", light.to_bytes(mixed)))
