"""The values that a sweep tries: lists and ranges, as they are written.

Alternatives are separated by ``;`` or by giving the option again, and by commas where a value has none of its own::

    200,288,360              2000..6000:1000         400mm..800mm:200mm
    auto:3,auto:5            black,white;cmy         circle,ellipse

Commas in a palette join its threads, unless every item is an ``auto``: a palette has only one.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stringart.errors import UnitError
from stringart.order.order import TABLE

FIXED = ("seed", "limits_mm", "only", "separation", "stand_in", "importance_for")
"""Fields that a sweep takes as they are: they name threads, or change nothing."""
SWEPT = tuple(name for name in TABLE if name not in FIXED)
MOST_PIECES = 10_000
_MOST_STEPS = 1000
_RANGE = re.compile(r"\s*(.+?)\s*\.\.\s*(.+?)\s*(?::\s*(.+?)\s*)?")
_COUNTED = ("pins", "lines", "cycles", "change_minutes", "pin_diameter_mm", "thread_length_mm", "size_mm")
_COMMA = re.compile(r",(?![^()]*\))")  # the commas of rgb(200, 80, 30) are its own
_AUTO = re.compile(r"\s*(?:[^,\s]+:)?auto(?::\d+)?(?:@[^,]+)?\s*", re.IGNORECASE)


def parse_values(name: str, text: str) -> tuple[object, ...]:
    """Return the values of a field of `Order` that a text lists.

    Raises
    ------
    UnitError
        If one of them cannot be read, or a range does not count up.

    Examples
    --------
    >>> parse_values("lines", "2000..6000:2000,10000")
    (2000, 4000, 6000, 10000)
    >>> parse_values("palette", "auto:3,auto:5")
    ('auto:3', 'auto:5')
    >>> parse_values("palette", "black,white;auto:5")
    ('black,white', 'auto:5')
    """
    values = [value for part in _parts(name, text) for value in _values_of(name, part)]
    return tuple(dict.fromkeys(values))


def _parts(name: str, text: str) -> list[str]:
    if name == "layers":  # its ; and , are its own: the option is repeated
        return [text]
    parts = [part for part in text.split(";") if part.strip()] or [text]
    if name in ("crop", "move_percent"):
        return parts
    if name == "palette":
        return [one for part in parts for one in _palettes(part)]
    return [one for part in parts for one in _COMMA.split(part)]


def _palettes(text: str) -> list[str]:
    items = text.split(",")
    autos = sum(bool(_AUTO.fullmatch(item)) for item in items)
    if autos > 1 and autos < len(items):
        raise UnitError(
            f"'{text}': is it one palette or several?", "separate palettes by ; as in 'black,auto:3;black,auto:5'"
        )
    return items if autos > 1 else [text]


def _values_of(name: str, text: str) -> list[object]:
    match = _RANGE.fullmatch(text) if name in _COUNTED else None
    if match is None:
        return [TABLE[name].read(text.strip())]
    return _counted(name, text, match[1], match[2], match[3])


def _counted(name: str, text: str, first: str, last: str, step: str | None) -> list[object]:
    """Return the values from the first to the last, which is among them if the steps meet it."""
    whole = TABLE[name].kind == "whole"
    if step is None and not whole:
        raise UnitError(f"'{text}': in which steps?", f"write {text}:STEP")
    begin, end = _number(name, first), _number(name, last)
    by = _whole_step(step or "1") if whole else _number(name, step or "")
    if by <= 0 or end < begin:
        raise UnitError(f"'{text}' does not count up", "write FROM..TO:STEP, as in 2000..6000:1000")
    if end - begin >= (_MOST_STEPS - 1e-9) * by:  # before it is divided: the quotient may be beyond all numbers
        raise UnitError(f"'{text}' has more than {_MOST_STEPS:,} values", "take larger steps")
    steps = int((end - begin) / by + 1e-9) + 1
    values = [round(begin + k * by, 9) for k in range(steps)]
    return [int(v) if whole else (v, v) if name == "size_mm" else v for v in values]


def _whole_step(text: str) -> int:
    """Return a step, which has no range of its own: no ring has 4 pins, but 4 more are a step."""
    try:
        step = int(text)
    except ValueError:
        raise UnitError(f"'{text}' is not a whole number", "write FROM..TO:STEP, as in 2000..6000:1000") from None
    if step < 1:
        raise UnitError(f"{step} is out of range", "a step is 1 at least")
    return step


def _number(name: str, text: str) -> float:
    value = TABLE[name].read(text)
    return float(value[0] if isinstance(value, tuple) else value)


def combinations(choices: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return every combination of the values, the last field changing fastest.

    Raises
    ------
    UnitError
        If they are too many.
    """
    count = 1
    for values in choices.values():
        count *= len(values)
    if count > MOST_PIECES:
        raise UnitError(f"that is {count:,} pieces", f"try {MOST_PIECES:,} at most: fewer values, or larger steps")
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def label_of(combination: Mapping[str, object]) -> str:
    """Return what tells a combination from the others, for people: "pins 200, palette auto:3"."""
    return ", ".join(f"{TABLE[name].key} {TABLE[name].write(value)}" for name, value in combination.items())


def slug_of(combination: Mapping[str, object]) -> str:
    """Return the same for a file's name: "pins-200_palette-auto-3"."""
    said = [f"{TABLE[name].key}-{TABLE[name].write(value)}" for name, value in combination.items()]
    return "_".join(re.sub(r"[^\w.]+", "-", one).strip("-.")[:40] for one in said)[:120]
