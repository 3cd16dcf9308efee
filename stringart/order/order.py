"""An order: what is asked for, in the words of the command line, a project file and Python.

Every option of a design is declared here, once: its field, its default, its name, its help, how its text is read and
written. The command line's options, the keys of a project file, the page's controls and the command that a plan
remembers are all made from `TABLE`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stringart import units
from stringart.board.boards import DEFAULT_PIN_DIAMETER_MM, DEFAULT_PINS, MAX_PINS, MIN_PINS, shape_words
from stringart.errors import UnitError
from stringart.order.file_names import file_itself, file_unless, files_of_pairs, lists_of_palette
from stringart.order.option import OrderOption, is_given, option, options_of
from stringart.order.option_texts import (
    Pair,
    parse_background,
    parse_crop,
    parse_length,
    parse_limit,
    parse_minutes,
    parse_move,
    parse_pair,
    parse_quality,
    parse_unmix,
    parse_zoom,
    whole,
    write_crop,
    write_limit,
    write_percent,
    write_size,
)
from stringart.picture.backdrop import BACKDROPS, KEEP
from stringart.picture.photo import Crop
from stringart.picture.placing import AUTO
from stringart.plan.model import DEFAULT_WIDTH_MM, Thread
from stringart.search.quality import QUALITIES, QualityName
from stringart.threads.thread_text import parse_thread, write_mm, write_number, write_thread
from stringart.threads.unmixings import UNMIXINGS

IMPORTANCE_WORDS = ("faces", "none")
EXCLUSIVE = (("lines", "thread_length_mm"), ("thread", "palette"), ("cycles", "layers"))
"""Fields that say the same thing in two ways: at most one of each pair is given."""
_SEARCH, _PHOTO, _BOARD, _THREADS = "Options", "Photo", "Board", "Threads"
_COLOR, _LOOK = "Layers and colours", "What matters"
_INT: dict[str, Any] = {"kind": "whole", "metavar": "N"}


def _counted(low: int, high: int | None) -> dict[str, Any]:
    return _INT | {"read": whole(low, high), "low": low, "high": high}


_BLACK = f"black@{DEFAULT_WIDTH_MM:g}mm"
_FILES: dict[str, Any] = {
    "read": parse_pair, "write": "=".join, "many": True, "metavar": "NAME=VALUE", "renamed": files_of_pairs,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a user asks for; `TABLE` says what each field is.

    A field that is None, or an empty tuple, is not given. Files are named, not read.
    """

    # fmt: off
    quality: QualityName = option("normal", OrderOption(
        key="quality", group=_SEARCH, metavar="|".join(QUALITIES), read=parse_quality, choices=QUALITIES,
        title="Quality", about="How long the search refines; draft is a quick look.",
    ))
    seed: int = option(0, OrderOption(
        key="seed", group=_SEARCH, read=whole(0), usual=(0, 9999), title="Seed",
        about="A number of yours, kept in the plan; the search itself is not random.", **_INT,
    ))
    crop: str | Crop = option(AUTO, OrderOption(
        key="crop", group=_PHOTO, metavar="auto|centre|whole|LEFT,TOP,RIGHT,BOTTOM", read=parse_crop,
        write=write_crop, kind="place", title="Placed",
        about="Which part of the photo: auto has faces, or what stands out, well inside; the centre; all of it; or "
        "pixels, with the board's aspect.",
    ))
    zoom_percent: float = option(100.0, OrderOption(
        key="zoom", group=_PHOTO, metavar="PERCENT", read=parse_zoom, write=write_percent,
        title="Zoom",
        about="How large the photo is shown, of that.", usual=(50, 200), unit="%",
    ))
    move_percent: tuple[float, float] = option((0.0, 0.0), OrderOption(
        key="move", group=_PHOTO, metavar="RIGHT,DOWN", read=parse_move, title="Move",
        write=lambda move: write_percent(*move),
        about="How far the photo is moved, in per cent of the board.",
    ))
    board: str = option("circle", OrderOption(
        key="board", group=_BOARD, metavar="|".join((*shape_words(), "FILE")),
        title="Shape",
        about="Shape of the board; a file is an SVG with one closed outline or a CSV of pin positions in mm.",
        renamed=file_unless(shape_words()),
    ))
    size_mm: tuple[float, float] | None = option(None, OrderOption(
        key="size", group=_BOARD, metavar="SIZE", read=units.parse_size_mm, write=write_size,
        title="Size", about="600mm, 800x600mm; the box round the pins.", default="600mm", usual=(100, 3000), step=5,
        unit="mm",
    ))
    pins: int | None = option(None, OrderOption(
        key="pins", group=_BOARD, title="Pins", default=str(DEFAULT_PINS),
        about="Number of pins: more show finer detail and take longer to make.",
        **_counted(MIN_PINS, MAX_PINS), usual=(24, 1000), step=4,
    ))
    pin_diameter_mm: float = option(DEFAULT_PIN_DIAMETER_MM, OrderOption(
        key="pin-diameter", group=_BOARD, metavar="LENGTH", read=parse_length, write=write_mm,
        title="Pin diameter", about="Of a pin: the nail's shank, where the thread lies.",
        usual=(0.5, 8), step=0.1, unit="mm",
    ))
    background: str | None = option(None, OrderOption(
        key="background", group=_BOARD, metavar="COLOUR|auto", example="white", read=parse_background,
        title="Board colour", about="Colour of the board, seen where no thread lies; auto chooses it with the palette.",
        default="white, or the preset's",
    ))
    thread: Thread | None = option(None, OrderOption(
        key="thread", group=_THREADS, metavar="THREAD", read=parse_thread, write=write_thread,
        title="Thread",
        about='One thread: colour and laid width; "rust=#a03010@0.3mm" gives it a name.', default=_BLACK,
    ))
    palette: str | None = option(None, OrderOption(
        key="palette", group=_THREADS, metavar="PALETTE", example="auto:5",
        title="Palette",
        about="Several threads: auto:5, or auto, which finds their number, too; "
        'black,white,"#c8501e@0.3mm", threads.toml, dmc:auto:6, a preset such as cmy.',
        renamed=lists_of_palette,
    ))
    lines: int | None = option(None, OrderOption(
        key="lines", group=_THREADS, example="4000", title="Chords", default="4000; colour 10000",
        about="Chords across the board at most; each is one step by hand.",
        **_counted(1, None), usual=(200, 20_000), step=100,
    ))
    thread_length_mm: float | None = option(None, OrderOption(
        key="thread-length", group=_THREADS, metavar="LENGTH", example="2.5km", read=parse_length, write=write_mm,
        title="Thread length", about="All thread at most, as in 2.5km, in place of a number of chords.",
        usual=(50_000, 20_000_000), step=50_000, unit="mm",
    ))
    limits_mm: tuple[tuple[str, float], ...] = option((), OrderOption(
        key="limit", group=_THREADS, metavar="NAME=LENGTH", example="red=400m", read=parse_limit,
        write=write_limit, many=True, title="Limit",
        about="Of one thread at most, as in red=400m; may be repeated.",
    ))
    cycles: int | None = option(None, OrderOption(
        key="cycles", group=_COLOR, title="Cycles", about="How often the threads take turns.",
        default="4", **_counted(1, 100), usual=(1, 20),
    ))
    layers: str | None = option(None, OrderOption(
        key="layers", group=_COLOR, metavar="LAYERS", example="white; white,blue,black:10% x3",
        title="Order of the layers",
        about='From the lowest: "white; white,blue,black:10% x3"; a share is of all chords. reverse: dark ones lowest.',
    ))
    change_minutes: float | None = option(None, OrderOption(
        key="change-minutes", group=_COLOR, metavar="MINUTES", example="10", read=parse_minutes, write=write_number,
        kind="number", usual=(0, 60),
        title="Minutes a change",
        about="What a change of thread costs: layers not worth it are dropped. By default what a person takes.",
    ))
    only: tuple[Pair, ...] = option((), OrderOption(
        key="only", group=_COLOR, example="red,blue=mask.png",
        title="Only", about="a,b=MASK: where MASK is white, only these threads.", **_FILES,
    ))
    separation: tuple[Pair, ...] = option((), OrderOption(
        key="separation", group=_COLOR, example="red=amounts.png",
        title="Separation", about="a=PICTURE: white where all is this thread.", **_FILES,
    ))
    stand_in: str | None = option(None, OrderOption(
        key="stand-in", group=_COLOR, metavar="CSV", example="matrix.csv",
        title="Stand-in", about="K x K: how much each thread may stand in for each other.",
        renamed=file_itself,
    ))
    unmix: str | None = option(None, OrderOption(
        key="unmix", group=_COLOR, metavar="|".join(UNMIXINGS), example="shares", read=parse_unmix, choices=UNMIXINGS,
        title="Unmixing",
        about="Share the photo out to the threads first: as the nearest mixture, dithered, or dithered and blurred. By "
        "default the photo itself is aimed at.",
    ))
    importance: str = option("faces", OrderOption(
        key="importance", group=_LOOK, metavar="FILE|faces|none",
        title="Importance",
        about="What matters in the photo: faces, nothing more than the rest, or a grey picture, white where it "
        "matters.",
        renamed=file_unless(IMPORTANCE_WORDS),
    ))
    importance_for: tuple[Pair, ...] = option((), OrderOption(
        key="importance-for", group=_LOOK, example="red=picture.png", title="Importance for one thread",
        about="a=PICTURE: for one thread.", **_FILES,
    ))
    backdrop: str = option(KEEP, OrderOption(
        key="backdrop", group=_LOOK, metavar="FILE|keep|fade", title="Backdrop",
        about="What lies behind: kept; faded towards the board behind a face or what stands out; or faded where a grey "
        "picture is black.",
        renamed=file_unless(BACKDROPS),
    ))
    # fmt: on

    def __post_init__(self) -> None:
        for pair in EXCLUSIVE:
            if all(getattr(self, name) is not None for name in pair):
                raise UnitError(f"{exclusive_names(pair)} exclude each other", "choose one")


TABLE = options_of(Order)
"""Every option of a design, by its field in `Order`."""


def exclusive_names(pair: tuple[str, str]) -> str:
    """Return "--lines and --thread-length" for a pair of fields."""
    return " and ".join(f"--{TABLE[name].key}" for name in pair)


def merged(*layers: Mapping[str, Any]) -> Order:
    """Return the order of several layers of fields, the weightiest first.

    A layer that says one of a pair that excludes each other silences the other one in the layers below.
    """
    said: dict[str, Any] = {}
    for layer in layers:
        silent = {other for pair in EXCLUSIVE for one, other in (pair, pair[::-1]) if one in said}
        for name, value in layer.items():
            if is_given(value) and name not in said and name not in silent:
                said[name] = value
    return Order(**said)


# --- its files ---


def files_of(order: Order) -> tuple[str, ...]:
    """Return the names of all files that an order names, each once."""
    found: dict[str, None] = {}

    def note(name: str) -> str:
        found[name] = None
        return name

    with_files(order, note)
    return tuple(found)


def with_files(order: Order, renamed: Callable[[str], str]) -> Order:
    """Return the order with the name of every file in it exchanged for what ``renamed`` makes of it."""
    exchanged = {
        name: word.renamed(getattr(order, name), renamed)
        for name, word in TABLE.items()
        if word.renamed is not None and is_given(getattr(order, name))
    }
    return replace(order, **exchanged)
