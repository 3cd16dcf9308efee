"""How each option of a design is said: its name, its help, how its text is read and written, told once.

The command line's options, the keys of a project file and the command that a plan remembers are all made from `TABLE`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stringart import arguments, units
from stringart.board.boards import DEFAULT_PINS, MAX_PINS, MIN_PINS, shape_words
from stringart.errors import UnitError
from stringart.picture.photo import Crop
from stringart.picture.placing import PLACES
from stringart.plan.model import DEFAULT_WIDTH_MM
from stringart.search.quality import QUALITIES, QualityName
from stringart.threads.thread_text import parse_thread, write_mm, write_number, write_thread
from stringart.threads.unmixings import UNMIXINGS

Pair = tuple[str, str]


def parse_pair(text: str) -> Pair:
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


def _parse_limit(text: str) -> tuple[str, float]:
    name, length = parse_pair(text)
    return name, units.parse_length_mm(length)


def parse_background(text: str) -> str:
    """Return ``auto`` or ``#rrggbb``.

    Raises
    ------
    UnitError
        If the colour is not known.
    """
    return "auto" if text.strip().lower() == "auto" else units.parse_color(text)


def parse_crop(text: str) -> str | Crop:
    """Return ``auto``, ``centre`` or ``whole``, or left, top, right and bottom in pixels of "10,20,410,420".

    Raises
    ------
    UnitError
        If it is none of the words nor four whole numbers, or the crop has no area.
    """
    if (word := text.strip().lower()) in PLACES:
        return word
    match = re.fullmatch(r"\s*" + r"\s*,\s*".join([r"(-?\d{1,6})"] * 4) + r"\s*(?:px)?\s*", text)
    if match is None:
        raise UnitError(f"'{text}' is not a crop", "write auto, centre, whole, or pixels as in 10,20,410,420")
    left, top, right, bottom = (int(part) for part in match.groups())
    if right <= left or bottom <= top:
        raise UnitError(f"the crop '{text}' has no area", "right must be more than left, bottom more than top")
    return left, top, right, bottom


def _write_crop(crop: str | Crop) -> str:
    return crop if isinstance(crop, str) else ",".join(map(str, crop))


def parse_zoom(text: str) -> float:
    """Return the per cent of "130%" or "130".

    Raises
    ------
    UnitError
        If it is not a number of 10 to 1000.
    """
    return _percent(text, 10, 1000)


def parse_move(text: str) -> tuple[float, float]:
    """Return the per cent, to the right and down, of "10%,-5%".

    Raises
    ------
    UnitError
        If they are not two numbers of -100 to 100.
    """
    parts = text.split(",")
    if len(parts) != 2:
        raise UnitError(f"'{text}' is not a move", "write how far to the right and down, as in 10%,-5%")
    return _percent(parts[0], -100, 100), _percent(parts[1], -100, 100)


def _percent(text: str, least: float, most: float) -> float:
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        raise UnitError(f"'{text}' is not a number of per cent", "write it as in 130%") from None
    _check_range(value, least, most)
    return value


def _write_percent(*values: float) -> str:
    return ",".join(f"{write_number(value)}%" for value in values)


def _whole(least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
            raise UnitError(f"'{text}' is not a whole number", "write it in digits, without a unit")
        _check_range(value := int(text), least, most)
        return value

    return read


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UnitError(f"'{text}' is not a number of minutes", "write it without a unit, as in 10") from None
    _check_range(value, 0, 1e6)
    return value


def _check_range(value: float, least: float | None, most: float | None) -> None:
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        between = f"at least {least:g}" if most is None else f"{least:g} to {most:g}"
        raise UnitError(f"{value:g} is out of range", f"choose {between}")


def _length(text: str) -> float:
    value = units.parse_length_mm(text)
    if value <= 0:
        raise UnitError(f"'{text}' is not above 0", "a length must be positive")
    return value


def _quality(text: str) -> QualityName:
    return arguments.choice(text, "quality", QUALITIES)


def _unmix(text: str) -> str:
    if text not in UNMIXINGS:
        raise UnitError(f"the unmixing '{text}' is not known", f"choose of {', '.join(UNMIXINGS)}")
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise UnitError("it is empty", "write a value, or leave it out")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise UnitError(f"{text!a} holds a control character", "write it in one line")
    return text


def _write_size(size_mm: tuple[float, float]) -> str:
    width, height = (write_number(side) for side in size_mm)
    return f"{width}mm" if width == height else f"{width}x{height}mm"


def _write_limit(limit: tuple[str, float]) -> str:
    return f"{limit[0]}={write_mm(limit[1])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOption:
    """How one option is said.

    Parameters
    ----------
    key : str
        Its name: ``--key`` on the command line, ``key`` in a project file.
    title : str
        Its name on the page.
    about : str
        One line, without its default.
    default : str
        What is meant where it is not given, for people; "" where there is nothing to say.
    group : str
        The heading it stands under.
    metavar : str
        What its value looks like.
    example : str
        A value that may be written; the default where there is one.
    read : callable
        Text to value; raises UnitError.
    write : callable
        Value to text that is read as the same value.
    many : bool
        It may be repeated; the value is a tuple.
    kind : str
        What a project file holds: ``text``, ``whole``, ``number`` or ``place``.
    choices : tuple of str
        All values there are, where they are few.
    low, high : float, optional
        The whole range of a number, ends included.
    usual : (low, high), optional
        What a slider offers; the range by default.
    step : float
        Of a slider.
    unit : str
        Of a number.
    """

    key: str
    title: str
    about: str
    group: str
    metavar: str
    example: str
    read: Callable[[str], Any] = _text
    write: Callable[[Any], str] = str
    many: bool = False
    kind: str = "text"
    choices: tuple[str, ...] = ()
    default: str = ""
    low: float | None = None
    high: float | None = None
    usual: tuple[float, float] | None = None
    step: float = 1
    unit: str = ""

    @property
    def help(self) -> str:
        """One line, with its default."""
        return f"{self.about}  [default: {self.default}]" if self.default else self.about


_SEARCH, _PHOTO, _BOARD, _THREADS = "Options", "Photo", "Board", "Threads"
_COLOR, _LOOK = "Layers and colours", "What matters"
_INT: dict[str, Any] = {"kind": "whole", "metavar": "N"}


def _counted(low: int, high: int | None) -> dict[str, Any]:
    return _INT | {"read": _whole(low, high), "low": low, "high": high}


_BLACK = f"black@{DEFAULT_WIDTH_MM:g}mm"
_PAIRS: dict[str, Any] = {"read": parse_pair, "write": "=".join, "many": True, "metavar": "NAME=VALUE"}

TABLE: dict[str, OrderOption] = {
    "quality": OrderOption(
        key="quality", group=_SEARCH, metavar="|".join(QUALITIES), example="normal", read=_quality, choices=QUALITIES,
        title="Quality", about="How long the search refines; draft is a quick look.", default="normal",
    ),
    "seed": OrderOption(
        key="seed", group=_SEARCH, example="0", read=_whole(0), usual=(0, 9999), default="0", title="Seed",
        about="A number of yours, kept in the plan; the search itself is not random.", **_INT,
    ),
    "crop": OrderOption(
        key="crop", group=_PHOTO, metavar="auto|centre|whole|LEFT,TOP,RIGHT,BOTTOM", example="auto", read=parse_crop,
        write=_write_crop, kind="place", title="Placed", default="auto",
        about="Which part of the photo: auto has faces, or what stands out, well inside; the centre; all of it; or "
        "pixels, with the board's aspect.",
    ),
    "zoom_percent": OrderOption(
        key="zoom", group=_PHOTO, metavar="PERCENT", example="100%", read=parse_zoom, write=_write_percent,
        title="Zoom",
        about="How large the photo is shown, of that.", default="100%", usual=(50, 200), unit="%",
    ),
    "move_percent": OrderOption(
        key="move", group=_PHOTO, metavar="RIGHT,DOWN", example="0%,0%", read=parse_move, title="Move",
        write=lambda move: _write_percent(*move), default="0%,0%",
        about="How far the photo is moved, in per cent of the board.",
    ),
    "board": OrderOption(
        key="board", group=_BOARD, metavar="|".join((*shape_words(), "FILE")), example="circle",
        title="Shape", default="circle",
        about="Shape of the board; a file is an SVG with one closed outline or a CSV of pin positions in mm.",
    ),
    "size_mm": OrderOption(
        key="size", group=_BOARD, metavar="SIZE", example="600mm", read=units.parse_size_mm, write=_write_size,
        title="Size", about="600mm, 800x600mm; the box round the pins.", default="600mm", usual=(100, 3000), step=5,
        unit="mm",
    ),
    "pins": OrderOption(
        key="pins", group=_BOARD, example=str(DEFAULT_PINS), title="Pins", default=str(DEFAULT_PINS),
        about="Number of pins: more show finer detail and take longer to make.",
        **_counted(MIN_PINS, MAX_PINS), usual=(24, 1000), step=4,
    ),
    "pin_diameter_mm": OrderOption(
        key="pin-diameter", group=_BOARD, metavar="LENGTH", example="2mm", read=_length, write=write_mm,
        title="Pin diameter", about="Of a pin: the nail's shank, where the thread lies.", default="2mm",
        usual=(0.5, 8), step=0.1, unit="mm",
    ),
    "background": OrderOption(
        key="background", group=_BOARD, metavar="COLOUR|auto", example="white", read=parse_background,
        title="Board colour", about="Colour of the board, seen where no thread lies; auto chooses it with the palette.",
        default="white, or the preset's",
    ),
    "thread": OrderOption(
        key="thread", group=_THREADS, metavar="THREAD", example=_BLACK, read=parse_thread, write=write_thread,
        title="Thread",
        about='One thread: colour and laid width; "rust=#a03010@0.3mm" gives it a name.', default=_BLACK,
    ),
    "palette": OrderOption(
        key="palette", group=_THREADS, metavar="PALETTE", example="auto:5",
        title="Palette",
        about="Several threads: auto:5, or auto, which finds their number, too; "
        'black,white,"#c8501e@0.3mm", threads.toml, dmc:auto:6, a preset such as cmy.',
    ),
    "lines": OrderOption(
        key="lines", group=_THREADS, example="4000", title="Chords", default="4000; colour 10000",
        about="Chords across the board at most; each is one step by hand.",
        **_counted(1, None), usual=(200, 20_000), step=100,
    ),
    "thread_length_mm": OrderOption(
        key="thread-length", group=_THREADS, metavar="LENGTH", example="2.5km", read=_length, write=write_mm,
        title="Thread length", about="All thread at most, as in 2.5km, in place of a number of chords.",
        usual=(50_000, 20_000_000), step=50_000, unit="mm",
    ),
    "limits_mm": OrderOption(
        key="limit", group=_THREADS, metavar="NAME=LENGTH", example="red=400m", read=_parse_limit,
        write=_write_limit, many=True, title="Limit",
        about="Of one thread at most, as in red=400m; may be repeated.",
    ),
    "cycles": OrderOption(
        key="cycles", group=_COLOR, example="4", title="Cycles", about="How often the threads take turns.",
        default="4", **_counted(1, 100), usual=(1, 20),
    ),
    "layers": OrderOption(
        key="layers", group=_COLOR, metavar="LAYERS", example="white; white,blue,black:10% x3",
        title="Order of the layers",
        about='From the lowest: "white; white,blue,black:10% x3"; a share is of all chords. reverse: dark ones lowest.',
    ),
    "change_minutes": OrderOption(
        key="change-minutes", group=_COLOR, metavar="MINUTES", example="10", read=_minutes, write=write_number,
        kind="number", usual=(0, 60),
        title="Minutes a change",
        about="What a change of thread costs: layers not worth it are dropped. By default what a person takes.",
    ),
    "only": OrderOption(
        key="only", group=_COLOR, example="red,blue=mask.png",
        title="Only", about="a,b=MASK: where MASK is white, only these threads.", **_PAIRS,
    ),
    "separation": OrderOption(
        key="separation", group=_COLOR, example="red=amounts.png",
        title="Separation", about="a=PICTURE: white where all is this thread.", **_PAIRS,
    ),
    "stand_in": OrderOption(
        key="stand-in", group=_COLOR, metavar="CSV", example="matrix.csv",
        title="Stand-in", about="K x K: how much each thread may stand in for each other.",
    ),
    "unmix": OrderOption(
        key="unmix", group=_COLOR, metavar="|".join(UNMIXINGS), example="shares", read=_unmix, choices=UNMIXINGS,
        title="Unmixing",
        about="Share the photo out to the threads first: as the nearest mixture, dithered, or dithered and blurred. By "
        "default the photo itself is aimed at.",
    ),
    "importance": OrderOption(
        key="importance", group=_LOOK, metavar="FILE|faces|none", example="faces",
        title="Importance", default="faces",
        about="What matters in the photo: faces, nothing more than the rest, or a grey picture, white where it "
        "matters.",
    ),
    "importance_for": OrderOption(
        key="importance-for", group=_LOOK, example="red=picture.png", title="Importance for one thread",
        about="a=PICTURE: for one thread.", **_PAIRS,
    ),
    "backdrop": OrderOption(
        key="backdrop", group=_LOOK, metavar="FILE|keep|fade", example="keep", title="Backdrop", default="keep",
        about="What lies behind: kept; faded towards the board behind a face or what stands out; or faded where a grey "
        "picture is black.",
    ),
}  # fmt: skip
"""Every option of a design, by its field in `Order`."""
