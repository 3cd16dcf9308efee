"""Lengths, sizes, counts and colours as people write them, read once at the edge: "60cm" -> 600.0 (mm)."""

import math
import re

from PIL import ImageColor

from stringart.errors import UnitError

_MM_PER_IN = 25.4
MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1e3, "km": 1e6} | dict.fromkeys(("in", "inch", "inches", '"'), _MM_PER_IN)
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Z\"µ]*)\s*")
_SIZE = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Z\"]*)\s*[x×]\s*({_NUMBER})\s*([a-zA-Z\"]*)\s*")


def parse_length_mm(text: str) -> float:
    """Length in millimetres of a text with a unit: mm, cm, m, km or in.

    Raises
    ------
    UnitError
        If there is no unit, an unknown one, or the number is not finite.

    Examples
    --------
    >>> parse_length_mm("60cm")
    600.0
    >>> parse_length_mm("2.5 km")
    2500000.0
    """
    match = _LENGTH.fullmatch(text)
    if match is None:
        raise UnitError(f"'{text}' is not a length", "write a number and a unit, as in 600mm, 60cm, 2.5km, 24in")
    return _scaled(match[1], match[2], text)


def _scaled(number: str, unit: str, text: str) -> float:
    if not unit:
        raise UnitError(f"'{text}': which unit?", f"write {text.strip()}mm, {text.strip()}cm, {text.strip()}m or in")
    factor = MM_PER_UNIT.get(unit.lower())
    if factor is None:
        raise UnitError(f"'{text}': the unit '{unit}' is not known", "known units are mm, cm, m, km and in")
    value = float(number) * factor
    if not math.isfinite(value):
        raise UnitError(f"'{text}' is not a finite length", "write it as in 0.5mm")
    return value


def parse_size_mm(text: str) -> tuple[float, float]:
    """Width and height in millimetres of "600mm" (a square), "800x600mm" or "80cm x 24in".

    Raises
    ------
    UnitError
        As for `parse_length_mm`, and where a side is not positive.

    Examples
    --------
    >>> parse_size_mm("800x600mm")
    (800.0, 600.0)
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        width = height = parse_length_mm(text)
    else:
        width = _scaled(match[1], match[2] or match[4], text)
        height = _scaled(match[3], match[4], text)
    if width <= 0 or height <= 0:
        raise UnitError(f"'{text}': a board of {width:g} x {height:g} mm has no area", "both sides must be positive")
    return width, height


def parse_duration_s(text: str) -> float:
    """Seconds of a text with a unit: s, min or h.

    Raises
    ------
    UnitError
        If there is no unit, an unknown one, or the duration is not positive and finite.

    Examples
    --------
    >>> parse_duration_s("1.5min")
    90.0
    """
    match = _LENGTH.fullmatch(text)
    factor = {"s": 1.0, "min": 60.0, "h": 3600.0}.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise UnitError(f"'{text}' is not a duration", "write a number and s, min or h, as in 8s")
    value = float(match[1]) * factor
    if not (math.isfinite(value) and value > 0):
        raise UnitError(f"'{text}' is not a duration above 0", "write it as in 10s")
    return value


def parse_share(text: str) -> float:
    """A share of a whole, 0 to 1, of "1%" or "0.01".

    Raises
    ------
    UnitError
        If it is not a number, or outside 0 to 100 %.

    Examples
    --------
    >>> parse_share("1%")
    0.01
    """
    match = re.fullmatch(rf"\s*({_NUMBER})\s*(%?)\s*", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= share <= 1:
        raise UnitError(f"'{text}' is not a share of 0 to 100 %", "write it as in 1%")
    return share


def parse_bytes(text: str) -> int:
    """Bytes of "2GB" or "500MB"; 1 GB is 10^9.

    Raises
    ------
    UnitError
        If it is not a number with MB, GB, MiB or GiB, or not positive.

    Examples
    --------
    >>> parse_bytes("1.5 GB")
    1500000000
    """
    match = re.fullmatch(rf"\s*({_NUMBER})\s*([mg]i?b)\s*", text, re.IGNORECASE)
    factor = {"mb": 10**6, "gb": 10**9, "mib": 2**20, "gib": 2**30}[match[2].lower()] if match else 0
    if match is None or not 0 < float(match[1]) * factor < 2**60:
        raise UnitError(f"'{text}' is not an amount of memory", "write a number and MB or GB, as in 2GB")
    return round(float(match[1]) * factor)


def parse_pixels(text: str) -> int:
    """Whole pixels of "2000px" or "2000".

    Raises
    ------
    UnitError
        If it is not a positive whole number.
    """
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:px)?\s*", text)
    if match is None or int(match[1]) == 0:
        raise UnitError(f"'{text}' is not a number of pixels", "write a positive whole number, as in 2000px")
    return int(match[1])


def parse_color(text: str) -> str:
    """sRGB ``#rrggbb`` of a colour's CSS name or code; case and the short form ``#rgb`` do not matter.

    Raises
    ------
    UnitError
        If the colour is not known.

    Examples
    --------
    >>> parse_color("white")
    '#ffffff'
    """
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text.strip())
    except ValueError:
        raise UnitError(f"the colour '{text}' is not known", "write a CSS name or #rrggbb, as in #c8501e") from None
    if not all(0 <= part <= 255 for part in (red, green, blue)) or alpha not in ([], [255]):
        raise UnitError(f"'{text}' is not an opaque colour of sRGB", "write a CSS name or #rrggbb, as in #c8501e")
    return f"#{red:02x}{green:02x}{blue:02x}"


def format_length(length_mm: float) -> str:
    """A length for people: the unit follows the size.

    Examples
    --------
    >>> format_length(2_512_345.0)
    '2.51 km'
    """
    for unit in ("km", "m", "cm"):
        if abs(length_mm) >= MM_PER_UNIT[unit]:
            return f"{length_mm / MM_PER_UNIT[unit]:.3g} {unit}"
    return f"{length_mm:.3g} mm"


def format_size(width_mm: float, height_mm: float, times: str = "x") -> str:
    """Write a size for people, to a tenth of a millimetre: a drawn board's height is what its drawing makes it.

    Examples
    --------
    >>> format_size(600, 537.498)
    '600 x 537.5 mm'
    """
    return f"{round(width_mm, 1):g} {times} {round(height_mm, 1):g} mm"


def format_duration(seconds: float) -> str:
    """A duration for people, rounded to what matters.

    Examples
    --------
    >>> format_duration(13_500)
    '3 h 45 min'
    """
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
