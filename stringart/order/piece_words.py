"""How each option of a design is said: its name, its help, how its text is read and written, told once.

The command line's options, the keys of a project file and the command that a plan remembers are all made from `WORDS`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stringart import units
from stringart.board.boards import shape_words
from stringart.errors import UnitError
from stringart.picture.photo import Crop
from stringart.plan.model import Thread
from stringart.search.options import BLACK, QUALITIES

Pair = tuple[str, str]
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
    width_mm = units.parse_length_mm(match[2]) if match[2] else BLACK.diameter_mm
    if width_mm <= 0:
        raise UnitError(f"'{text}': a thread {width_mm:g} mm wide covers nothing", "write its width, as in 0.25mm")
    return Thread(name=match[1], color=units.parse_color(match[1]), diameter_mm=width_mm)


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


def parse_crop(text: str) -> Crop:
    """Return left, top, right and bottom in pixels of "10,20,410,420".

    Raises
    ------
    UnitError
        If they are not four whole numbers, or the crop has no area.
    """
    match = re.fullmatch(r"\s*" + r"\s*,\s*".join([r"(-?\d{1,6})"] * 4) + r"\s*(?:px)?\s*", text)
    if match is None:
        raise UnitError(f"'{text}' is not a crop", "write LEFT,TOP,RIGHT,BOTTOM in pixels, as in 10,20,410,420")
    left, top, right, bottom = (int(part) for part in match.groups())
    if right <= left or bottom <= top:
        raise UnitError(f"the crop '{text}' has no area", "right must be more than left, bottom more than top")
    return left, top, right, bottom


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


def _quality(text: str) -> str:
    if text not in QUALITIES:
        raise UnitError(f"the quality '{text}' is not known", f"choose of {', '.join(QUALITIES)}")
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise UnitError("it is empty", "write a value, or leave it out")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise UnitError(f"{text!a} holds a control character", "write it in one line")
    return text


def _write_number(value: float) -> str:
    """Return the shortest text that is read as the same number."""
    return repr(value).removesuffix(".0")


def write_mm(value_mm: float) -> str:
    """Return the shortest text that is read as the same length."""
    return f"{_write_number(value_mm)}mm"


def _write_size(size_mm: tuple[float, float]) -> str:
    width, height = (_write_number(side) for side in size_mm)
    return f"{width}mm" if width == height else f"{width}x{height}mm"


def _write_thread(thread: Thread) -> str:
    return f"{thread.name}@{write_mm(thread.diameter_mm)}"


def _write_limit(limit: tuple[str, float]) -> str:
    return f"{limit[0]}={write_mm(limit[1])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How one option is said.

    Parameters
    ----------
    key : str
        Its name: ``--key`` on the command line, ``key`` in a project file.
    help : str
        One line, with its unit and its default.
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
        What a project file holds: ``text``, ``whole``, ``number`` or ``wholes``.
    choices : tuple of str
        All values there are, where they are few.
    """

    key: str
    help: str
    group: str
    metavar: str
    example: str
    read: Callable[[str], Any] = _text
    write: Callable[[Any], str] = str
    many: bool = False
    kind: str = "text"
    choices: tuple[str, ...] = ()


_SEARCH, _BOARD, _THREADS, _COLOR, _LOOK = "Options", "Board", "Threads", "Layers and colours", "What matters"
_INT: dict[str, Any] = {"kind": "whole", "metavar": "N"}
_PAIRS: dict[str, Any] = {"read": parse_pair, "write": "=".join, "many": True, "metavar": "NAME=VALUE"}

WORDS: dict[str, Word] = {
    "quality": Word(
        key="quality", group=_SEARCH, metavar="|".join(QUALITIES), example="normal", read=_quality, choices=QUALITIES,
        help="How long the search refines; draft is a quick look.  [default: normal]",
    ),
    "seed": Word(key="seed", group=_SEARCH, example="0", read=_whole(), help="Kept in the plan.  [default: 0]", **_INT),
    "crop_px": Word(
        key="crop", group=_SEARCH, metavar="LEFT,TOP,RIGHT,BOTTOM", example="10,20,410,420", read=parse_crop,
        write=lambda crop: ",".join(map(str, crop)), kind="wholes",
        help="Part of the photo, in pixels, with the board's aspect.  [default: the largest centred part]",
    ),
    "board": Word(
        key="board", group=_BOARD, metavar="|".join((*shape_words(), "FILE")), example="circle",
        help="Shape of the board; FILE is an SVG with one closed outline or a CSV of pin positions in mm.  "
        "[default: circle]",
    ),
    "size_mm": Word(
        key="size", group=_BOARD, metavar="SIZE", example="600mm", read=units.parse_size_mm, write=_write_size,
        help="600mm, 800x600mm; the box round the pins.  [default: 600mm]",
    ),
    "pins": Word(
        key="pins", group=_BOARD, example="288", read=_whole(1), help="Number of pins.  [default: 288]", **_INT
    ),
    "pin_diameter_mm": Word(
        key="pin-diameter", group=_BOARD, metavar="LENGTH", example="2mm", read=_length, write=write_mm,
        help="Of a pin.  [default: 2mm]",
    ),
    "background": Word(
        key="background", group=_BOARD, metavar="COLOUR|auto", example="white", read=parse_background,
        help="Colour of the board; auto chooses it with the palette.  [default: white, or the preset's]",
    ),
    "thread": Word(
        key="thread", group=_THREADS, metavar="THREAD", example="black@0.25mm", read=parse_thread, write=_write_thread,
        help="One thread: colour and laid width.  [default: black@0.25mm]",
    ),
    "palette": Word(
        key="palette", group=_THREADS, metavar="PALETTE", example="auto:5",
        help='Several threads: auto:5, black,white,"#c8501e@0.3mm", threads.toml, dmc:auto:6, a preset such as cmy.',
    ),
    "lines": Word(
        key="lines", group=_THREADS, example="4000", read=_whole(1),
        help="Chords across the board at most.  [default: 4000; colour 10000]", **_INT,
    ),
    "thread_length_mm": Word(
        key="thread-length", group=_THREADS, metavar="LENGTH", example="2.5km", read=_length, write=write_mm,
        help="Thread at most, as in 2.5km, in place of --lines.",
    ),
    "limits_mm": Word(
        key="limit", group=_THREADS, metavar="NAME=LENGTH", example="red=400m", read=_parse_limit,
        write=_write_limit, many=True, help="Of one thread at most, as in red=400m; may be repeated.",
    ),
    "cycles": Word(
        key="cycles", group=_COLOR, example="4", read=_whole(1, 100),
        help="How often the threads take turns.  [default: 4]", **_INT,
    ),
    "layers": Word(
        key="layers", group=_COLOR, metavar="LAYERS", example="white; white,blue,black:10% x3",
        help='From the lowest: "white; white,blue,black:10% x3". A share is of all chords.',
    ),
    "change_minutes": Word(
        key="change-minutes", group=_COLOR, metavar="MINUTES", example="10", read=_minutes, write=_write_number,
        kind="number",
        help="What a change of thread costs: layers that are not worth it are dropped, and the trade is reported.",
    ),
    "only": Word(
        key="only", group=_COLOR, example="red,blue=mask.png",
        help="a,b=MASK: where MASK is white, only these threads.", **_PAIRS,
    ),
    "separation": Word(
        key="separation", group=_COLOR, example="red=amounts.png",
        help="a=PICTURE: white where all is this thread.", **_PAIRS,
    ),
    "stand_in": Word(
        key="stand-in", group=_COLOR, metavar="CSV", example="matrix.csv",
        help="K x K: how much each thread may stand in for each other.",
    ),
    "importance": Word(
        key="importance", group=_LOOK, metavar="FILE|faces|none", example="faces",
        help="What matters in the photo: faces, nothing more than the rest, or a grey picture, white where it matters."
        "  [default: faces]",
    ),
    "importance_for": Word(
        key="importance-for", group=_LOOK, example="red=picture.png", help="a=PICTURE: for one thread.", **_PAIRS
    ),
}  # fmt: skip
"""Every option of a design, by its field in `Piece`."""
