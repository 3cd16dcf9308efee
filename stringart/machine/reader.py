"""G-code text read back: what moves from where to where. Knows the few words of our jobs, nothing of who wrote them.

It is the eye of `proof` and of `estimate`, and shares nothing with the writer.
"""

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stringart.errors import MachineError

_STOP = re.compile(r"(?:M0|M600|PAUSE)(?:\s|$)|M291\s")  # grbl's and Marlin's, Smoothie's, Klipper's, RepRap's
_SERVO = re.compile(r"SET_SERVO SERVO=\w+ ANGLE=(\d+(?:\.\d+)?)$")
_WORD = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))")
_MOVE = re.compile(r"G[0-3](?: [A-FH-LN-Z]-?\d{1,8}(?:\.\d+)?)+", re.ASCII)  # as our jobs have it
_MOST, _FARTHEST = 1e8, 1e5
"""Of any number, and of the way of an axis in one line, in mm or degrees: what is more is a damaged file, not a job."""
_DAMAGED = "the file is damaged", "export it anew from its plan"
_HEADER_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?", re.ASCII)
_COMMENT = re.compile(r"\(([^()]*)\)|;(.*)$")
_IGNORED = {
    *(("G", v) for v in (17.0, 40.0, 49.0, 54.0, 61.0, 64.0, 80.0, 94.0)),
    *(("M", v) for v in (8.0, 9.0, 17.0, 18.0, 84.0, 106.0, 107.0, 204.0, 205.0, 220.0, 300.0, 7.0)),
}
_REAL_TIME = re.compile(r"[!?~]")


class Line(NamedTuple):
    """One line of a file: its number from 1, what is executed, and its comment."""

    number: int
    code: str
    comment: str


class Motion(NamedTuple):
    """One motion, axis values in millimetres (degrees), NaN where they are not known yet.

    ``turn``: 0 straight, +1 clockwise, -1 counter-clockwise.
    """

    line: int
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    feed_mm_min: float
    rapid: bool
    turn: int
    center: tuple[float, float]


class Rest(NamedTuple):
    """Standing still: a dwell, or the end of all motion (seconds 0)."""

    line: int
    seconds: float


class Stop(NamedTuple):
    """The job waits for the operator."""

    line: int


class Lift(NamedTuple):
    """A servo's value."""

    line: int
    value: float


class Note(NamedTuple):
    """A comment that stands alone on its line."""

    line: int
    text: str


Action = Motion | Rest | Stop | Lift | Note


def header_numbers(texts: Sequence[str], what: str) -> list[float]:
    """Numbers of a job's header.

    Raises
    ------
    MachineError
        With the first that is none, or more than any machine takes: the header was changed by hand, or by a program of
        another country.
    """
    for text in texts:
        if not _HEADER_NUMBER.fullmatch(text) or abs(float(text)) >= _MOST:
            raise MachineError(
                f"the job's header is damaged: {what} {text[:40]!a} is not a number that a machine takes",
                "make the job again: stringart export PLAN -o job.gcode --machine PROFILE",
            )
    return [float(text) for text in texts]


def lines_of(text: str) -> Iterator[Line]:
    """Lines with the comment apart."""
    for number, raw in enumerate(text.splitlines(), 1):
        if "(" not in raw and ";" not in raw:  # most lines
            yield Line(number, raw.strip(), "")
            continue
        comments = [a or b for a, b in _COMMENT.findall(raw)]
        yield Line(number, _COMMENT.sub("", raw).strip(), " ".join(comments).strip())


def fingerprint(text: str) -> tuple[int, str]:
    """How many lines of a job are executed, and a check sum over them."""
    codes = [line.code for line in lines_of(text) if line.code]
    return len(codes), f"{zlib.crc32(chr(10).join(codes).encode()):08x}"


@dataclass(slots=True)
class _State:
    position: list[float] = field(default_factory=lambda: [math.nan] * 3)  # until an axis is said
    motion: int = -1
    scale: float = 0.0  # unknown until G20 or G21
    absolute: bool | None = None
    feed: float = 0.0


class Reader:
    """Reads the G-code of one dialect.

    Parameters
    ----------
    axes : 3 letters
        The first two are the plane's axes (radius and angle on a rotary machine), the third the height.
    milliseconds : bool
        Whether ``P`` of a dwell is in milliseconds (Marlin).
    rotary : bool
        Whether the second axis is in degrees, which inches do not scale.
    """

    def __init__(self, axes: tuple[str, str, str], *, milliseconds: bool = False, rotary: bool = False) -> None:
        self._axes, self._dwell_unit, self._rotary = axes, 0.001 if milliseconds else 1.0, rotary
        self._axes_said = frozenset(axes)

    def read(self, text: str) -> Iterator[Action]:
        """All actions in order.

        Raises
        ------
        MachineError
            For a word that our jobs do not hold, a number that no machine takes, or motion before units, distance mode
            or feed are said.
        """
        state = _State()
        harmless = text.isascii() and not _REAL_TIME.search(text)  # then so is every line
        for line in lines_of(text):
            code = line.code
            if not harmless and (_REAL_TIME.search(code) or not (code.isascii() and line.comment.isascii())):
                raise MachineError(f"line {line.number}: it holds a character that a controller acts upon at once")
            if _MOVE.fullmatch(code):  # most lines
                state.motion = int(code[1])
                values = {word[0]: float(word[1:]) for word in code[3:].split(" ")}
                yield from self._moved(values, line, state)
            elif code not in ("", "%"):
                yield from self._line(line, state)
            elif line.comment:
                yield Note(line.number, line.comment)

    def _line(self, line: Line, state: _State) -> Iterator[Action]:
        code = line.code.upper()
        if _STOP.match(code):
            yield Stop(line.number)
            return
        if code.startswith(("M117", "M118")):
            return
        if servo := _SERVO.match(code):
            yield Lift(line.number, float(servo[1]))
            return
        words = [(a, float(b)) for a, b in _WORD.findall(code)]
        if _WORD.sub("", code).strip():
            raise MachineError(f"line {line.number}: '{line.code}' cannot be read")
        if huge := next((a for a, b in words if abs(b) >= _MOST), ""):
            raise MachineError(f"line {line.number}: {huge} is more than any machine takes: {_DAMAGED[0]}", _DAMAGED[1])
        values = {a: b for a, b in words if a not in "GM"}
        for letter, value in words:
            if letter in "GM":
                yield from self._word(letter, value, values, line, state)
        yield from self._moved(values, line, state)

    def _word(self, letter: str, value: float, values: dict[str, float], line: Line, state: _State) -> Iterator[Action]:
        key = (letter, value)
        if letter == "G" and value in (0, 1, 2, 3):
            state.motion = int(value)
        elif key == ("G", 4):
            yield Rest(line.number, values.pop("P", 0.0) * self._dwell_unit + values.pop("S", 0.0))
        elif key in (("G", 20), ("G", 21)):
            state.scale = 25.4 if value == 20 else 1.0
        elif key in (("G", 90), ("G", 91)):
            state.absolute = value == 90
        elif key == ("M", 400):
            yield Rest(line.number, 0.0)
        elif key in (("M", 3), ("M", 4), ("M", 280)):
            yield Lift(line.number, values.pop("S", 0.0))
        elif key in (("M", 5), ("M", 2), ("M", 30)):
            yield Rest(line.number, 0.0)
        elif key not in _IGNORED:
            raise MachineError(f"line {line.number}: {letter}{value:g} is no word of our jobs")

    def _moved(self, values: dict[str, float], line: Line, state: _State) -> tuple[Motion, ...]:
        """The motion of a line, if it says a place."""
        if "F" in values:
            state.feed = values["F"] * (state.scale or 1.0)
        if not self._axes_said.isdisjoint(values) or (state.motion > 1 and ("I" in values or "J" in values)):
            return (self._move(values, line, state),)
        return ()

    def _move(self, values: dict[str, float], line: Line, state: _State) -> Motion:
        if state.motion < 0 or not state.scale or state.absolute is None:
            raise MachineError(f"line {line.number}: motion before G0 or G1, units and distance mode are said")
        if state.motion > 0 and state.feed <= 0:
            raise MachineError(f"line {line.number}: motion before a feed is said")
        start, end = tuple(state.position), list(state.position)
        for k, axis in enumerate(self._axes):
            if axis in values:
                value = values[axis] * (1.0 if self._rotary and k == 1 else state.scale)
                end[k] = value if state.absolute else end[k] + value
                if abs(end[k] - start[k]) > _FARTHEST:
                    way = f"{axis} goes from {start[k]:,.0f} to {end[k]:,.0f}, more than {_FARTHEST:,.0f} in one line"
                    raise MachineError(f"line {line.number}: {way}: {_DAMAGED[0]}", _DAMAGED[1])
        turn, center = {2: 1, 3: -1}.get(state.motion, 0), (0.0, 0.0)
        if turn:
            center = start[0] + values.get("I", 0.0) * state.scale, start[1] + values.get("J", 0.0) * state.scale
            self._check_arc(start, end, center, line)
        state.position = end
        return Motion(
            line.number, (start[0], start[1], start[2]), (end[0], end[1], end[2]), state.feed, state.motion == 0,
            turn, center,
        )  # fmt: skip

    @staticmethod
    def _check_arc(start: tuple[float, ...], end: list[float], center: tuple[float, float], line: Line) -> None:
        if any(map(math.isnan, (*start[:2], *end[:2]))):
            raise MachineError(f"line {line.number}: the arc '{line.code}' begins where the tool is not known to be")
        r0, r1 = math.dist(start[:2], center), math.dist(end[:2], center)
        if r0 < 1e-6 or abs(r0 - r1) > 0.005:
            raise MachineError(
                f"line {line.number}: the arc '{line.code}' begins {r0:.3f} mm and ends {r1:.3f} mm from its centre"
            )


def points_along(motion: Motion, tolerance_mm: float, segment_mm: float = 0.0) -> list[tuple[float, float, float]]:
    """Points of a motion in axis values, without its start.

    Round ones are cut as grbl does, within a tolerance, or with ``segment_mm`` as Marlin does, by length.
    """
    if not motion.turn:
        return [motion.end]
    (x0, y0, z0), (x1, y1, z1), (cx, cy) = motion.start, motion.end, motion.center
    radius = math.hypot(x0 - cx, y0 - cy)
    begin = math.atan2(y0 - cy, x0 - cx)
    angle = motion.turn * (begin - math.atan2(y1 - cy, x1 - cx)) % math.tau
    if angle < 1e-6:
        angle += math.tau
    count = max(int(0.5 * angle * radius / math.sqrt(tolerance_mm * max(2 * radius - tolerance_mm, 1e-9))), 1)
    if segment_mm:
        count = max(math.ceil(angle * radius / segment_mm - 1e-9), 1)
    points = []
    for k in range(1, count):
        t = begin - motion.turn * angle * k / count
        points.append((cx + radius * math.cos(t), cy + radius * math.sin(t), z0 + (z1 - z0) * k / count))
    return [*points, motion.end]
