"""Work coordinates of the grbl family: which system is active, and by how much they are off the machine's.

What is known comes from the answers to ``$#`` and ``$G``, and from some of the status reports; a line that changes them
makes it unknown until the next such report.
"""

from __future__ import annotations

import re

from firmware_io.events import Position

_SYSTEM = re.compile(r"^G5[4-9]$")
_NUMBER = re.compile(r"^[-+]?\d+(?:\.\d*)?$")
_SYSTEM_WORD = re.compile(r"G5[4-9](?![\d.])")
_SHIFTS = re.compile(r"G92|G10(?!\d)")


class WorkOffsets:
    """What is known of the offsets; millimetres."""

    def __init__(self) -> None:
        self.offset: Position | None = None  # machine position less work position
        self.parameters: dict[str, Position] = {}
        self.system = ""
        self.scale = 1.0  # millimetres of what is reported: inches where $13 is set

    def restart(self) -> None:
        """As after a banner."""
        self.offset, self.system = None, "G54"

    def ask_anew(self) -> None:
        """What was told is about to be told again."""
        self.parameters.clear()

    def take(self, name: str, text: str) -> None:
        """Take a line of ``$#``."""
        values = floats(text)
        if values is not None:
            self.parameters[name] = tuple(v * self.scale for v in values)

    def take_modes(self, text: str) -> None:
        """With the active coordinate system the offset is known; later it comes with some status reports."""
        active = next((word for word in text[4:-1].split() if _SYSTEM.match(word)), None)
        self.system = active or ""
        if active not in self.parameters or "G92" not in self.parameters:
            return
        base, extra = self.parameters[active], self.parameters["G92"]
        if len(extra) != len(base):
            return
        self.offset = self._with_tool([a + b for a, b in zip(base, extra, strict=True)])

    def _with_tool(self, offset: list[float]) -> Position:
        """An offset with the tool's length: of every axis, or of Z alone."""
        tool = self.parameters.get("TLO", (0.0,))
        if len(offset) <= 2:
            return tuple(offset)
        if len(tool) == len(offset):
            return tuple(o + t for o, t in zip(offset, tool, strict=True))
        return (*offset[:2], offset[2] + tool[0], *offset[3:])

    def positions(self, fields: dict[str, str]) -> tuple[Position | None, Position | None]:
        """Machine and work position of a status report, as far as they are known."""
        if "WCO" in fields and (told := floats(fields["WCO"])) is not None:
            self.offset = tuple(v * self.scale for v in told)
        shown = floats(fields.get("MPos") or fields.get("WPos") or "")
        if not shown:
            return None, None
        position = tuple(v * self.scale for v in shown)
        offset = self.offset
        if offset is not None and len(offset) != len(position):
            offset = None
        if "MPos" in fields:
            return position, None if offset is None else tuple(p - o for p, o in zip(position, offset, strict=True))
        return None if offset is None else tuple(p + o for p, o in zip(position, offset, strict=True)), position

    def note(self, line: str) -> None:
        """A line was taken: if it changes the work coordinates, the next status report tells the offset."""
        systems = _SYSTEM_WORD.findall(line)
        if _SHIFTS.search(line) or (systems and systems[-1] != self.system):
            self.offset = None
        if systems:
            self.system = systems[-1]


def floats(text: str) -> tuple[float, ...] | None:
    """Return numbers with commas between them; None where one is none."""
    values = [number(part) for part in text.split(",")] if text else []
    if not values or any(v is None for v in values):
        return None
    return tuple(v for v in values if v is not None)


def number(text: str) -> float | None:
    """Return a number as a controller writes it; None where it is none."""
    return float(text) if _NUMBER.match(text) and len(text) < 20 else None
