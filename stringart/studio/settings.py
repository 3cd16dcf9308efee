"""What can be chosen on the design page: controls with units, ranges and defaults, most of them options of a design.

The page draws its controls from this table, the server checks every change against it, and a job is made from it.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from stringart.board.boards import shape_words
from stringart.errors import BoardError, StringartError
from stringart.order.table import TABLE
from stringart.picture.placing import AUTO, PLACES
from stringart.threads.request import PRESETS, preset_title
from stringart.threads.thread_text import DEFAULT_WIDTH_MM

MAX_THREADS = 12
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
HASH = re.compile(r"[0-9a-f]{64}")
"""Name of a photo or a map in a project."""
OUTLINE_FILE = re.compile(rf"{HASH.pattern}\.(svg|csv)")
"""Name of a board's outline in a project."""

Values = dict[str, Any]


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


def _number_of(name: str, scale: float = 1, **other: Any) -> Number:
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
    "quality": Words(TABLE["quality"].default, TABLE["quality"].choices),
    "seed": _number_of("seed"),
    "spool_m": Number(500, 10, 10000, 10, "m"),
    "spool_price": Number(4, 0, 500, 0.1),
    "units": Words("mm", ("mm", "in")),
}
"""Every plain control; the threads, the crop, the painted map, the outline and the layers are checked apart."""

_DEFAULT_THREAD = {"name": "black", "color": "#000000", "diameter_mm": DEFAULT_WIDTH_MM}


class SettingError(StringartError):
    """A value that a control cannot take."""


def default_settings() -> Values:
    """Return the settings of a new project."""
    plain = {name: control.default for name, control in CONTROLS.items()}
    return plain | {"threads": [dict(_DEFAULT_THREAD)], "crop": None, "map": None, "outline": None, "layers": ""}


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


def presets_for_page() -> list[dict[str, Any]]:
    """Return the presets of ``--palette`` as JSON for the page."""
    return [
        {"name": name, "title": preset_title(name), "board_color": board_color,
         "threads": [{"name": ink, "color": color} for ink, color in inks]}
        for name, (board_color, inks) in PRESETS.items()
    ]  # fmt: skip


def sides_of_file(name: str, width_mm: float, height_mm: float) -> Values:
    """Return the sides of the board of a file, as settings.

    Raises
    ------
    BoardError
        If a side is outside its control's range: pins that are drilled already must not move.
    """
    sides = {"width_mm": round(width_mm, 3), "height_mm": round(height_mm, 3)}
    for side, value_mm in sides.items():
        control = CONTROLS[side]
        assert isinstance(control, Number)
        if not control.low <= value_mm <= control.high:
            raise BoardError(
                f"the board in '{name}' is {_exact(sides['width_mm'])} x {_exact(sides['height_mm'])} mm; "
                f"a side in the studio is {control.low:,.0f} to {control.high:,.0f} mm long",
                "give the file another size, or use `stringart design --board` with it",
            )
    return sides


def _exact(value_mm: float) -> str:
    return f"{value_mm:,.3f}".rstrip("0").rstrip(".")


def has_size_of_file(settings: Mapping[str, Any]) -> bool:
    """Whether the board is as large as its file says: then it is not scaled, not even by what rounding takes."""
    own = settings["outline"]["size_mm"] if settings["shape"] == "file" and settings["outline"] else None
    return own is not None and own == [settings["width_mm"], settings["height_mm"]]


def changed(settings: Mapping[str, Any], patch: Mapping[str, Any]) -> Values:
    """Return the settings with some values changed.

    Raises
    ------
    SettingError
        If a name is not known or a value is outside its range.
    """
    return {**settings, **{name: _checked(name, value) for name, value in patch.items()}}


def restored(stored: Any) -> Values:
    """Return settings read from a file; what cannot be used falls back to its default."""
    settings = default_settings()
    for name, value in (stored if isinstance(stored, dict) else {}).items():
        try:
            settings[name] = _checked(name, value)
        except SettingError:
            continue  # written by another version: its default is kept
    return settings


def _checked(name: str, value: Any) -> Any:
    special = {"threads": _threads, "crop": _crop, "map": _map, "outline": _outline, "layers": _layers}
    if name in special:
        return special[name](value)
    control = CONTROLS.get(name)
    if control is None:
        raise SettingError(f"there is no control '{name[:40]}'")
    if isinstance(control, Number):
        return _number(name, control, value)
    if isinstance(control, Words):
        if value not in control.words:
            raise SettingError(f"{name}: '{str(value)[:40]}' is not one of {', '.join(control.words)}")
        return value
    return _color(name, value)


def _number(name: str, control: Number, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingError(f"{name}: '{str(value)[:40]}' is not a number")
    if not control.low <= value <= control.high:
        unit = f" {control.unit}" if control.unit else ""
        raise SettingError(
            f"{name.removesuffix('_mm').replace('_', ' ')}: {value:g}{unit} is outside "
            f"{control.low:g} to {control.high:g}{unit}"
        )
    return round(value) if control.whole else float(value)


def _color(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise SettingError(f"{name}: '{str(value)[:40]}' is not a colour such as #c8501e")
    return value.lower()


def _threads(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_THREADS:
        raise SettingError(f"a palette has 1 to {MAX_THREADS} threads")
    return [_thread(entry) for entry in value]


def _thread(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise SettingError("a thread has a name, a colour and a width")
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 60 or not name.isprintable():
        raise SettingError("a thread needs a name of 1 to 60 characters")
    width = _number("thread width", Number(DEFAULT_WIDTH_MM, 0.05, 2, 0.01, "mm"), entry.get("diameter_mm"))
    return {"name": name.strip(), "color": _color(f"thread '{name}'", entry.get("color")), "diameter_mm": width}


def _crop(value: Any) -> list[float] | None:
    """Middle (x, y) and width of the part that the board shows, as shares of the upright photo's width."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 3:
        raise SettingError("the crop is the middle (x, y) and the width")
    x, y, width = (_number("crop", Number(0, -10, 10, 0), part) for part in value)
    if not 0.02 <= width <= 8:
        raise SettingError(f"the crop is {width:g} times as wide as the photo; 0.02 to 8 can be used")
    return [x, y, width]


def _map(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise SettingError("the painted map is not known")
    return value


def _outline(value: Any) -> dict[str, Any] | None:
    """The file of a board's outline: how it is kept, its own name, how many pins it gives (0: none), its own size."""
    if value is None:
        return None
    if not isinstance(value, dict) or not OUTLINE_FILE.fullmatch(str(value.get("file"))):
        raise SettingError("the board's outline is not known")
    name, pins, size_mm = str(value.get("name", ""))[:100], value.get("pins", 0), value.get("size_mm")
    if not name.isprintable() or type(pins) is not int:
        raise SettingError("the board's outline is not known")
    if size_mm is not None:  # a project of an older version does not have it
        if not isinstance(size_mm, list) or len(size_mm) != 2:
            raise SettingError("the size of the board's outline is its width and its height")
        size_mm = [_checked("width_mm", size_mm[0]), _checked("height_mm", size_mm[1])]
    return {"file": value["file"], "name": name, "pins": pins, "size_mm": size_mm}


def _layers(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 300 or not value.isprintable():
        raise SettingError("the order of the layers has at most 300 characters")
    return value.strip()
