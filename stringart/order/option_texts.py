"""How the value of an option is written as text, and read from it."""

import re
from collections.abc import Callable

from stringart import arguments, units
from stringart.errors import UnitError
from stringart.picture.photo import Crop
from stringart.picture.placing import PLACES
from stringart.search.quality import QUALITIES, QualityName
from stringart.threads.thread_text import write_mm, write_number
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


def parse_limit(text: str) -> tuple[str, float]:
    """Return name and length in mm of "red=400m".

    Raises
    ------
    UnitError
        If it is not that.
    """
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


def write_crop(crop: str | Crop) -> str:
    """Return the text of a crop, in pixels, or its word."""
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


def write_percent(*values: float) -> str:
    """Return the text of per cents."""
    return ",".join(f"{write_number(value)}%" for value in values)


def whole(least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number in a range, its ends included; it raises UnitError for all else."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
            raise UnitError(f"'{text}' is not a whole number", "write it in digits, without a unit")
        _check_range(value := int(text), least, most)
        return value

    return read


def parse_minutes(text: str) -> float:
    """Return minutes of "10".

    Raises
    ------
    UnitError
        If it is not a number of 0 to 1,000,000.
    """
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


def parse_length(text: str) -> float:
    """Return a length in mm that is above 0.

    Raises
    ------
    UnitError
        If it is not that.
    """
    value = units.parse_length_mm(text)
    if value <= 0:
        raise UnitError(f"'{text}' is not above 0", "a length must be positive")
    return value


def parse_quality(text: str) -> QualityName:
    """Return the name of a quality.

    Raises
    ------
    UnitError
        If it is not known.
    """
    return arguments.choice(text, "quality", QUALITIES)


def parse_unmix(text: str) -> str:
    """Return the name of an unmixing.

    Raises
    ------
    UnitError
        If it is not known.
    """
    return arguments.choice(text, "unmixing", UNMIXINGS)


def plain_text(text: str) -> str:
    """Return a text of one line as it is.

    Raises
    ------
    UnitError
        If it is empty or holds a control character.
    """
    if not text.strip():
        raise UnitError("it is empty", "write a value, or leave it out")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise UnitError(f"{text!a} holds a control character", "write it in one line")
    return text


def write_size(size_mm: tuple[float, float]) -> str:
    """Return the text of width and height in mm."""
    width, height = (write_number(side) for side in size_mm)
    return f"{width}mm" if width == height else f"{width}x{height}mm"


def write_limit(limit: tuple[str, float]) -> str:
    """Return the text of a thread's name and its length in mm."""
    return f"{limit[0]}={write_mm(limit[1])}"
