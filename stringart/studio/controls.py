"""The controls of the design page, with units, ranges and defaults; most of them are options of a design.

The page draws its controls from this table, and `settings` checks every change against it.
"""

from typing import Any, NamedTuple

from stringart.board.boards import shape_words
from stringart.order.order import TABLE
from stringart.picture.backdrop import BACKDROPS, KEEP
from stringart.picture.placing import AUTO, PLACES
from stringart.plan.model import DEFAULT_WIDTH_MM
from stringart.threads.request import PRESETS, preset_title
from stringart.threads.unmixings import UNMIXINGS

MAX_THREADS = 12
NO_UNMIXING = "none"
"""The photo itself is aimed at."""


class Number(NamedTuple):
    """A number within a range; a slider offers the usual part of it."""

    default: float
    low: float
    high: float
    step: float
    unit: str = ""
    whole: bool = False
    usual: tuple[float, float] | None = None


class Words(NamedTuple):
    """One of some words."""

    default: str
    words: tuple[str, ...]


class Color(NamedTuple):
    """sRGB ``#rrggbb``."""

    default: str


Control = Number | Words | Color


def _number_of(name: str, scale: float = 1, **other: object) -> Number:
    """Return the control of an option of a design: its default, its range and its steps."""
    word = TABLE[name]
    assert word.usual is not None
    least, most = word.usual
    values: dict[str, Any] = {
        "default": word.read(word.example) / scale,
        "low": (least if word.low is None else word.low) / scale,
        "high": (most if word.high is None else word.high) / scale,
        "step": word.step / scale,
        "unit": word.unit,
        "whole": word.kind == "whole",
        "usual": (least / scale, most / scale),
    }
    return Number(**values | other)


def _side() -> Number:
    size, usual = TABLE["size_mm"], TABLE["size_mm"].usual
    assert usual is not None
    return Number(size.read(size.example)[0], *usual, size.step, size.unit)


CONTROLS: dict[str, Control] = {
    "shape": Words("circle", (*shape_words(), "file")),
    "width_mm": _side(),
    "height_mm": _side(),
    "pins": _number_of("pins"),
    "pin_diameter_mm": _number_of("pin_diameter_mm"),
    "board_color": Color("#ffffff"),
    "budget": Words("chords", ("chords", "length")),
    "lines": _number_of("lines"),
    "thread_m": _number_of("thread_length_mm", 1000, default=2000, unit="m"),
    "cycles": _number_of("cycles", default=0, low=0, usual=(0, 20)),
    "auto_threads": Number(5, 1, 8, 1, whole=True),
    "auto_source": Words("any", ("any", "dmc", "mine")),
    "placed": Words(AUTO, PLACES),
    "exposure_ev": Number(0, -2, 2, 0.1, "EV"),
    "contrast": Number(0, -50, 50, 1, "%", whole=True),
    "turn_deg": Number(0, -180, 180, 1, "°"),
    "importance": Words("faces", ("faces", "none", "painted")),
    "backdrop": Words(KEEP, BACKDROPS),
    "unmix": Words(NO_UNMIXING, (NO_UNMIXING, *UNMIXINGS)),
    "quality": Words(TABLE["quality"].default, TABLE["quality"].choices),
    "seed": _number_of("seed"),
    "spool_m": Number(500, 10, 10000, 10, "m"),
    "spool_price": Number(0, 0, 500, 0.1),
    "units": Words("mm", ("mm", "in")),
}
"""Every plain control."""

THREAD_WIDTH = Number(DEFAULT_WIDTH_MM, 0.05, 2, 0.01, "mm")


def controls_for_page() -> dict[str, dict[str, Any]]:
    """Return the table as JSON for the page: what can be chosen, in which range, what it is called and what it is for.

    Texts of what stands on the page alone are those of the page.
    """
    return {name: {"kind": _KINDS[type(control)], **control._asdict(), **_said(name)}
            for name, control in CONTROLS.items()} | {"layers": {"kind": "text", **_said("layers")}}  # fmt: skip


_KINDS: dict[type[Control], str] = {Number: "number", Words: "choice", Color: "color"}
_OPTION_OF = {"placed": "crop", "shape": "board", "board_color": "background", "thread_m": "thread_length_mm"}
"""Controls that have another name than the option of a design that they fill in."""


def _said(name: str) -> dict[str, str]:
    word = TABLE.get(_OPTION_OF.get(name, name))
    return {} if word is None else {"title": word.title, "help": word.about}


def presets_for_page() -> list[dict[str, object]]:
    """Return the presets of ``--palette`` as JSON for the page."""
    return [
        {"name": name, "title": preset_title(name), "board_color": board_color,
         "threads": [{"name": ink, "color": color} for ink, color in inks]}
        for name, (board_color, inks) in PRESETS.items()
    ]  # fmt: skip
