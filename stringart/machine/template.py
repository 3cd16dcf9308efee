"""Job templates: how a line for a pin looks to a machine that a maker has built, and how it is acknowledged.

A template is a TOML file in ``templates``, or in the user's folder of settings, with the fields of `Template` (found
and read by ``template_files``); a machine profile names it (``template = "m700"``). Lines hold ``{fields}``: see
`FIELDS`. The same file is read backwards by the proof, so that a job of such lines is judged from its text like every
other.
"""

import math
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from annotated_types import Ge, Gt, Le

from stringart.errors import MachineError
from stringart.machine.dialect import ascii_text, number

if TYPE_CHECKING:  # names are completed at once: numpy takes longer than that
    from stringart.plan.model import Array

_NUMBER = r"-?\d+(?:\.\d+)?"
FIELDS = {
    "pin": _NUMBER, "pins": _NUMBER, "side": r"-?1", "way": r"cw|ccw", "before": _NUMBER, "after": _NUMBER,
    "gap_before": _NUMBER, "gap_after": _NUMBER, "angle": _NUMBER, "angle_before": _NUMBER, "angle_after": _NUMBER,
    "turn_before": _NUMBER, "turn_after": _NUMBER, "count_before": _NUMBER, "count_after": _NUMBER,
    "wrap": _NUMBER, "wraps": _NUMBER, "layer": _NUMBER, "layers": _NUMBER, "thread": r".*?", "color": r"[0-9a-f]{6}",
}  # fmt: skip
"""Every field, and what stands in its place.

``pin`` of ``pins``; ``side`` 1 clockwise or -1, ``way`` cw or ccw; ``before`` and ``after`` the gaps on both sides of
the pin as numbers of pins (56.5 and 57.5), ``gap_before`` and ``gap_after`` the same as the pin that comes first; the
angles are degrees clockwise from 12 o'clock; ``turn_..`` and ``count_..`` are the same angles and numbers of pins, but
go on from wrap to wrap by the shorter way, for axes that do not begin anew after a whole turn; ``wrap`` of ``wraps``,
``layer`` of ``layers``, ``thread`` and ``color``.
"""
_SAME = 0.01  # degrees, or pins
FORBIDDEN = re.compile(r"[^ -~]|[?!~;()%]")
"""What a controller may act upon or take for a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the firmware says and understands beside the job; as ``firmware_io.Manners`` has it."""

    taken: str = "ok"
    refused: str = "error"
    busy: str = "busy"
    greeting: str = ""
    ask: str = ""
    place: str = ""
    remembers: bool = False
    set_place: str = ""
    home: str = ""
    stop: str = ""
    patience_s: Annotated[float, Gt(0)] = 60.0
    line_bytes: Annotated[int, Gt(0)] = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCard:
    """A list in binary, for a memory card: how many bytes the count before it and each pin take."""

    count_bytes: Annotated[int, Ge(0), Le(8)] = 2
    pin_bytes: Annotated[int, Ge(1), Le(8)] = 2
    order: Literal["little", "big"] = "little"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How a job is written.

    Parameters
    ----------
    name, about : str
    protocol : str
        ``lines`` (a line, then an answer, as ``answers`` says), ``grbl`` or ``marlin``.
    even : bool
        Whether the firmware divides the circle by itself: pins must stand evenly then.
    wrap : tuple of str
        Lines of one wrap.
    start, layer, end : tuple of str
        Lines at the beginning, before each layer, at the end.
    stands : str
        What the firmware tells as its place after a wrap, a whole number.
    answers : Answers
    card : MemoryCard
    """

    name: str
    about: str = ""
    protocol: Literal["lines", "grbl", "marlin"] = "lines"
    even: bool = True
    wrap: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    stands: str = "{pin}"
    answers: Answers = field(default_factory=Answers)
    card: MemoryCard = field(default_factory=MemoryCard)

    @property
    def tells_side(self) -> bool:
        """Whether the lines say which way round a pin the thread goes; else the firmware chooses."""
        return bool(_SIDES & {name for line in self.wrap for name in names_in(line)})


PLACES = {f"{name}_{end}" for name in ("gap", "angle", "turn", "count") for end in ("before", "after")}
"""Fields that say a gap beside a pin, and so the pin."""
_SIDES = PLACES | {"side", "way", "before", "after"}


class WrapRead(NamedTuple):
    """A wrap in a text: its first and its last line, the pin, and the side (0 where the text does not say it)."""

    first_line: int
    last_line: int
    pin: int
    side: int


# --- its fields ---


def names_in(line: str, where: str = "") -> list[str]:
    """Return the names of the fields in a template's line.

    Parameters
    ----------
    line : str
    where : str
        Said in errors.

    Raises
    ------
    MachineError
        If its braces do not close.
    """
    try:
        return [name for _, name, _, _ in string.Formatter().parse(line) if name is not None]
    except ValueError as error:
        raise MachineError(f"{where}: '{line}' cannot be read ({error})") from None


# --- writing ---


def wrap_values(pins_mm: "Array", pin: int, side: int) -> dict[str, str]:
    """What stands in the place of the fields that a pin and a side make; pins (N, 2) in mm, the machine's plane.

    Examples
    --------
    >>> import numpy as np
    >>> values = wrap_values(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]), 3, 1)
    >>> values["pin"], values["before"], values["after"], values["gap_after"], values["angle"], values["angle_after"]
    ('3', '2.5', '3.5', '3', '270', '315')
    >>> wrap_values(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]), 0, 1)["before"]
    '-0.5'
    """
    count = len(pins_mm)
    first, last = (pin - 1, pin) if side > 0 else (pin, pin - 1)
    gaps = {"before": first, "after": last}
    here = _angle(pins_mm[pin])
    values = {
        "pin": str(pin), "pins": str(count), "side": str(side), "way": "cw" if side > 0 else "ccw",
        "angle": number(here),
    }  # fmt: skip
    for name, gap in gaps.items():
        ends = [tuple(map(float, pins_mm[k % count])) for k in (gap, gap + 1)]
        middle = tuple(sum(p[axis] / math.hypot(*p) for p in ends) for axis in (0, 1))
        values |= {  # an axis that counts on must not go round the whole board past pin 0
            name: number(gap + 0.5),
            f"gap_{name}": str(gap % count),
            f"angle_{name}": number(here + (_angle(middle) - here + 180) % 360 - 180),
        }
    return values


class Turned:
    """How far a board has turned: whole turns are counted, and every way to a place is the shorter one."""

    def __init__(self) -> None:
        self._turn = self._count = 0.0

    def to(self, values: Mapping[str, str]) -> dict[str, str]:
        """Values of the fields that go on from wrap to wrap, for the others of a wrap."""
        count = int(values["pins"])
        turn = _nearest(float(values["angle_before"]), self._turn, 360.0)
        pins = _nearest(float(values["before"]), self._count, count)
        self._turn = turn + float(values["angle_after"]) - float(values["angle_before"])
        self._count = pins + float(values["after"]) - float(values["before"])
        told = {"turn_before": turn, "turn_after": self._turn, "count_before": pins, "count_after": self._count}
        return {key: number(value) for key, value in told.items()}


def _nearest(value: float, to: float, whole: float) -> float:
    return to + (value - to + whole / 2) % whole - whole / 2


def _angle(point: Sequence[float]) -> float:
    return round(math.degrees(math.atan2(point[0], point[1])) % 360, 3) % 360


def rendered(lines: Sequence[str], values: Mapping[str, object]) -> list[str]:
    """Lines with their fields put in."""
    texts = {key: ascii_text(str(value)) for key, value in values.items()}
    return [line.format_map({**dict.fromkeys(FIELDS, ""), **texts}).strip() for line in lines]


# --- reading back ---


def read_wraps(
    template: Template, lines: Sequence[tuple[int, str]], pins_mm: "Array"
) -> tuple[list[WrapRead], list[str]]:
    """Every wrap in numbered lines, and lines that are none of the template's; pins (N, 2) in mm.

    Raises
    ------
    MachineError
        If a wrap begins and does not go on.
    """
    patterns = [_pattern(line) for line in template.wrap]
    others = [_pattern(line) for line in (*template.start, *template.layer, *template.end)]
    wraps: list[WrapRead] = []
    strange: list[str] = []
    at = 0
    while at < len(lines):
        found = _matches(patterns, lines[at : at + len(patterns)])
        if found is not None:
            pin, side = _pin_of(found, pins_mm, lines[at])
            wraps.append(WrapRead(lines[at][0], lines[at + len(patterns) - 1][0], pin, side))
            at += len(patterns)
            continue
        if not any(other.fullmatch(lines[at][1]) for other in others):
            strange.append(f"line {lines[at][0]}: '{lines[at][1]}' is no line of the template {template.name}")
        at += 1
    return wraps, strange


def _pattern(line: str) -> re.Pattern[str]:
    """The regular expression of a template's line; a field that stands twice has one value."""
    out, seen = [], set()
    for literal, name, _, _ in string.Formatter().parse(line.strip()):
        out.append(re.escape(literal))
        if name is not None:
            out.append(f"(?P={name})" if name in seen else f"(?P<{name}>{FIELDS[name]})")
            seen.add(name)
    return re.compile("".join(out), re.ASCII)


def _matches(patterns: Sequence[re.Pattern[str]], lines: Sequence[tuple[int, str]]) -> dict[str, str] | None:
    """Values of all fields of a wrap's lines, if they are one and agree with each other."""
    if len(lines) < len(patterns):
        return None
    found: dict[str, str] = {}
    for pattern, (_, line) in zip(patterns, lines, strict=True):
        match = pattern.fullmatch(line)
        if match is None or any(found.get(key, value) != value for key, value in match.groupdict().items()):
            return None
        found |= match.groupdict()
    return found


def _pin_of(found: Mapping[str, str], pins_mm: "Array", line: tuple[int, str]) -> tuple[int, int]:
    """The pin and the side that a wrap's fields say."""
    count = len(pins_mm)
    count_on = {f"{name}_{end}": (like, end) for name, like in _LIKE.items() for end in ("before", "after")}
    for key, (like, end) in count_on.items():
        if key in found:  # as on the first turn
            whole = 360.0 if like else float(count)
            found = {**found, f"{like}{end}": number(float(found[key]) % whole)}
    found = {key: value for key, value in found.items() if key not in count_on}
    fits = [
        (pin, side)
        for pin in _candidates(found, pins_mm)
        for side in (1, -1)
        if _agrees(wrap_values(pins_mm, pin, side), found)
    ]
    if not fits:
        raise MachineError(f"line {line[0]}: '{line[1]}' names no pin of 0 to {count - 1}, or contradicts itself")
    return fits[0][0], fits[0][1] if len({side for _, side in fits}) == 1 else 0


def _candidates(found: Mapping[str, str], pins_mm: "Array") -> Iterator[int]:
    count = len(pins_mm)
    if "pin" in found:
        yield from [int(found["pin"])] if found["pin"].isdigit() and int(found["pin"]) < count else []
        return
    gap = found.get("gap_after", found.get("gap_before", found.get("after", found.get("before"))))
    if gap is not None:
        yield from {math.floor(float(gap)) % count, math.ceil(float(gap) + 0.25) % count, (int(float(gap)) + 1) % count}
        return
    angle = float(found.get("angle", found.get("angle_after", found.get("angle_before", "0"))))
    off = [abs((_angle(point) - angle + 180) % 360 - 180) for point in pins_mm.tolist()]
    yield from sorted(range(count), key=off.__getitem__)[:3]


_LIKE = {"turn": "angle_", "count": ""}


def _agrees(values: Mapping[str, str], found: Mapping[str, str]) -> bool:
    wholes = {"angle": 360.0, "before": float(values["pins"]), "after": float(values["pins"])}
    for key, said in found.items():
        whole = wholes.get(key.partition("_")[0])
        if whole is not None:
            if abs((float(values[key]) - float(said) + whole / 2) % whole - whole / 2) > _SAME:
                return False
        elif key in values and values[key] != said:
            return False
    return True
