"""grbl 1.1's reading of a line of G-code: modal groups, and the same refusals for the same reasons.

Pure: a line and the modal state in, a block or a status code out; nothing is executed here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

OK = 0
EXPECTED_LETTER, BAD_NUMBER = 1, 2
UNSUPPORTED, MODAL_VIOLATION, UNDEFINED_FEED = 20, 21, 22
NOT_INTEGER, AXIS_CONFLICT, WORD_REPEATED, NO_AXIS_WORDS = 23, 24, 25, 26
VALUE_MISSING, BAD_COORDINATE_SYSTEM, G53_NEEDS_G0_G1 = 28, 29, 30
NO_AXIS_WORDS_IN_PLANE, INVALID_TARGET, ARC_RADIUS, NO_OFFSETS_IN_PLANE, UNUSED_WORDS = 32, 33, 34, 35, 36
NEGATIVE, LINE_NUMBER, AXIS_WORDS_UNUSED, LENGTH_AXIS, MAX_TOOL = 4, 27, 31, 37, 38

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")

_G_GROUPS: dict[int, int] = {
    **dict.fromkeys((4, 10, 28, 30, 53, 92), 0),
    **dict.fromkeys((0, 1, 2, 3, 80), 1),
    **dict.fromkeys((17, 18, 19), 2),
    **dict.fromkeys((90, 91), 3),
    **dict.fromkeys((93, 94), 5),
    **dict.fromkeys((20, 21), 6),
    40: 7,
    **dict.fromkeys((43, 49), 8),
    **dict.fromkeys((54, 55, 56, 57, 58, 59), 12),
    61: 13,
}
#: Hundredths behind the point that are a command; of others only whole numbers are. Behind 49 they are not looked at.
_HUNDREDTHS = {28: (0, 10), 30: (0, 10), 92: (0, 10), 90: (0,), 91: (0, 10), 43: (10,), 61: (0,), 49: range(100)}
_M_GROUPS = {**dict.fromkeys((0, 1, 2, 30), 104), **dict.fromkeys((3, 4, 5), 107), **dict.fromkeys((8, 9), 108)}
_PLANES = {17: (0, 1, 2), 18: (2, 0, 1), 19: (1, 2, 0)}


@dataclass(slots=True)
class Modal:
    """State that outlives a line."""

    motion: float = 0.0
    plane: int = 17
    inches: bool = False
    incremental: bool = False
    inverse_time: bool = False  # G93
    coordinate_system: int = 54
    feed: float = 0.0  # mm/min
    spindle: float = 0.0
    spindle_mode: int = 5
    coolant: int = 9
    tool: int = 0


@dataclass(slots=True)
class Block:
    """A line that was understood."""

    g: dict[int, float] = field(default_factory=dict)  # modal group to number
    m: dict[int, int] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    axis_words: dict[int, float] = field(default_factory=dict)  # axis to millimetres
    axis_command: str = ""  # whose the axis words are: "motion", "place" (G10, G28, G92), "length" (G43.1)
    motion: float | None = None
    feed: float = 0.0  # mm/min, or with G93 moves in a minute
    tool_change: bool = False


class RefusedError(Exception):
    """A status code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def parse(line: str, modal: Modal, axis_letters: str, tool_change: bool = False) -> Block:
    """Read a line (upper case, no spaces, no comments) and check it as grbl does; raises RefusedError."""
    block = Block()
    repeated: set[str] = set()
    for letter, value in _letters(line):
        if letter == "G":
            _add_g(block, value)
        elif letter == "M":
            _add_m(block, value, tool_change)
        else:
            if letter not in "FIJKLNPRST" + axis_letters:
                raise RefusedError(UNSUPPORTED)
            if letter == "T" and value > 255:
                raise RefusedError(MAX_TOOL)
            if letter in repeated:
                raise RefusedError(WORD_REPEATED)
            if letter in "FNPTS" and value < 0:
                raise RefusedError(NEGATIVE)
            repeated.add(letter)
            block.values[letter] = value
    _check(block, modal, axis_letters)
    return block


def _letters(line: str) -> list[tuple[str, float]]:
    found, at = [], 0
    while at < len(line):
        letter = line[at]
        if not "A" <= letter <= "Z":
            raise RefusedError(EXPECTED_LETTER)
        match = _NUMBER.match(line, at + 1)
        if match is None:
            raise RefusedError(BAD_NUMBER)
        found.append((letter, float(match.group())))
        at = match.end()
    return found


def _add_g(block: Block, value: float) -> None:
    whole, hundredths = _parts(value)
    group = _G_GROUPS.get(whole)
    if group is None:
        raise RefusedError(UNSUPPORTED)
    if claim := _claim(whole, hundredths):
        if block.axis_command:
            raise RefusedError(AXIS_CONFLICT)
        block.axis_command = claim
    if hundredths not in _HUNDREDTHS.get(whole, (0,)):
        raise RefusedError(UNSUPPORTED if whole in _HUNDREDTHS else NOT_INTEGER)
    group = 4 if whole == 91 and hundredths else group
    if group in block.g:
        raise RefusedError(MODAL_VIOLATION)
    block.g[group] = float(whole) if whole == 49 else whole + hundredths / 100


def _parts(value: float) -> tuple[int, int]:
    """A command's number in a byte, as the controller keeps it, and the hundredths that are left."""
    whole = int(value) & 0xFF
    return whole, round(100 * (value - whole))


def _claim(whole: int, hundredths: int) -> str:
    """What a command takes the line's axis words for, if it does."""
    if whole in (0, 1, 2, 3):
        return "motion"
    if whole in (43, 49):
        return "length"
    return "place" if whole in (10, 28, 30, 92) and not hundredths else ""


def _add_m(block: Block, value: float, tool_change: bool) -> None:
    whole, hundredths = _parts(value)
    if hundredths:
        raise RefusedError(NOT_INTEGER)
    if whole == 6 and tool_change:
        block.tool_change = True
        return
    group = _M_GROUPS.get(whole)
    if group is None:
        raise RefusedError(UNSUPPORTED)
    if group in block.m:
        raise RefusedError(MODAL_VIOLATION)
    block.m[group] = whole


def _check(block: Block, modal: Modal, axis_letters: str) -> None:
    values = block.values
    _scale(block, modal, axis_letters)
    if block.axis_words and not block.axis_command:
        block.axis_command = "motion"
    if values.pop("N", 0.0) > 10_000_000:
        raise RefusedError(LINE_NUMBER)
    _check_feed(block, modal)
    _check_special(block, modal)
    _check_motion(block, modal)
    if set(values) & set("IJKLPR"):
        raise RefusedError(UNUSED_WORDS)


def _check_feed(block: Block, modal: Modal) -> None:
    """G93 wants a feed with every move; G94 keeps the last, unless it was G93's."""
    inverse = inverse_time(block, modal)
    kept = 0.0 if inverse or modal.inverse_time else modal.feed
    block.feed = block.values.get("F", kept)
    moves = block.axis_command == "motion" and block.g.get(1, modal.motion) not in (0.0, 80.0)
    if inverse and moves and "F" not in block.values:
        raise RefusedError(UNDEFINED_FEED)


def _scale(block: Block, modal: Modal, axis_letters: str) -> None:
    """Take the axis words out, in millimetres; F is a length in a minute, but with G93 it is moves in a minute."""
    values, g = block.values, block.g
    inches = g.get(6, 20.0 if modal.inches else 21.0) == 20.0
    scale = 25.4 if inches else 1.0
    block.axis_words = {i: values.pop(a) * scale for i, a in enumerate(axis_letters) if a in values}
    for letter in "IJKR":
        if letter in values:
            values[letter] *= scale
    if "F" in values and not inverse_time(block, modal):
        values["F"] *= scale


def inverse_time(block: Block, modal: Modal) -> bool:
    """Whether F says how many such moves there are in a minute (G93)."""
    return block.g.get(5, 93.0 if modal.inverse_time else 94.0) == 93.0


def _check_special(block: Block, modal: Modal) -> None:
    values, g = block.values, block.g
    special = g.get(0)
    if special == 4.0:
        if "P" not in values:
            raise RefusedError(VALUE_MISSING)
        block.values["dwell"] = values.pop("P")
    if g.get(8) == 43.1 and set(block.axis_words) != {2}:
        raise RefusedError(LENGTH_AXIS)
    if special == 10.0:
        _check_g10(block)
    elif special == 92.0 and not block.axis_words:
        raise RefusedError(NO_AXIS_WORDS)
    elif special == 53.0 and g.get(1, modal.motion) not in (0.0, 1.0):
        raise RefusedError(G53_NEEDS_G0_G1)


def _check_g10(block: Block) -> None:
    """Without P it is the active system's; what is not L2 or L20 is unknown, also where L is not there."""
    values = block.values
    if not block.axis_words:
        raise RefusedError(NO_AXIS_WORDS)
    if "P" not in values and "L" not in values:
        raise RefusedError(VALUE_MISSING)
    system, kind = int(values.pop("P", 0.0)), int(values.pop("L", 0.0))
    if system > 6:
        raise RefusedError(BAD_COORDINATE_SYSTEM)
    if kind not in (2, 20) or (kind == 2 and "R" in values):
        raise RefusedError(UNSUPPORTED)
    values["G10L"], values["G10P"] = float(kind), float(system)


def _check_motion(block: Block, modal: Modal) -> None:
    motion = block.g.get(1, modal.motion)
    if motion == 80.0:
        if block.axis_words:  # whosever they are
            raise RefusedError(AXIS_WORDS_UNUSED)
        return
    if block.axis_command != "motion":
        return
    if motion != 0.0 and block.feed == 0.0:
        raise RefusedError(UNDEFINED_FEED)
    if motion in (2.0, 3.0):
        _check_arc(block, modal)
    elif not block.axis_words:
        return
    block.motion = motion


def _check_arc(block: Block, modal: Modal) -> None:
    first, second, _ = _PLANES[int(block.g.get(2, modal.plane))]
    if not block.axis_words:
        raise RefusedError(NO_AXIS_WORDS)
    if first not in block.axis_words and second not in block.axis_words:
        raise RefusedError(NO_AXIS_WORDS_IN_PLANE)
    offsets = "IJK"[first], "IJK"[second]
    if "R" in block.values:
        block.values["arcR"] = block.values.pop("R")
        return
    if not any(o in block.values for o in offsets):
        raise RefusedError(NO_OFFSETS_IN_PLANE)
    block.values["arc1"] = block.values.pop(offsets[0], 0.0)
    block.values["arc2"] = block.values.pop(offsets[1], 0.0)
    for letter in "IJK":  # of the third axis: taken and not used
        block.values.pop(letter, None)


def arc_points(
    start: tuple[float, ...], target: tuple[float, ...], block: Block, plane: int, clockwise: bool
) -> list[tuple[float, ...]]:
    """Points of an arc as grbl cuts it into chords (tolerance 0.002 mm), without the start; raises RefusedError."""
    a, b, _ = _PLANES[plane]
    off_a, off_b, radius = _centre(start, target, block.values, a, b, clockwise)
    centre_a, centre_b = start[a] + off_a, start[b] + off_b
    r_a, r_b = -off_a, -off_b
    t_a, t_b = target[a] - centre_a, target[b] - centre_b
    angle = math.atan2(r_a * t_b - r_b * t_a, r_a * t_a + r_b * t_b)
    if clockwise:
        if angle >= -5e-7:
            angle -= 2 * math.pi
    elif angle <= 5e-7:
        angle += 2 * math.pi
    tolerance = 0.002
    count = int(abs(0.5 * angle * radius) / math.sqrt(tolerance * max(2 * radius - tolerance, 1e-9)))
    points = []
    for i in range(1, count):
        share = i / count
        c, s = math.cos(angle * share), math.sin(angle * share)
        point = [p + (t - p) * share for p, t in zip(start, target, strict=True)]
        point[a] = centre_a + r_a * c - r_b * s
        point[b] = centre_b + r_a * s + r_b * c
        points.append(tuple(point))
    return [*points, target]


def _centre(
    start: tuple[float, ...], target: tuple[float, ...], values: dict[str, float], a: int, b: int, clockwise: bool
) -> tuple[float, float, float]:
    dx, dy = target[a] - start[a], target[b] - start[b]
    if "arcR" in values:
        radius = values["arcR"]
        if start == target:
            raise RefusedError(INVALID_TARGET)
        under = 4 * radius * radius - dx * dx - dy * dy
        if under < 0:
            raise RefusedError(ARC_RADIUS)
        h = -math.sqrt(under) / math.hypot(dx, dy)
        if not clockwise:
            h = -h
        if radius < 0:
            h, radius = -h, -radius
        return 0.5 * (dx - dy * h), 0.5 * (dy + dx * h), radius
    off_a, off_b = values["arc1"], values["arc2"]
    radius = math.hypot(off_a, off_b)
    error = abs(math.hypot(dx - off_a, dy - off_b) - radius)
    if error > 0.005 and (error > 0.5 or error > 0.001 * radius):
        raise RefusedError(INVALID_TARGET)
    return off_a, off_b, radius
