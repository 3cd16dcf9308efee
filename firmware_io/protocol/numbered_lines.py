"""Lines with numbers and checksums, as Marlin counts them, and the last of them, to be sent again."""

from __future__ import annotations

from collections import deque

from firmware_io.errors import JobError

_KEPT = 64
_MAX_LINE = 90
_MAX_TEXT = _MAX_LINE - 12


def numbered(number: int, text: str) -> bytes:
    """A line with number, checksum and line end, as Marlin wants it."""
    body = f"N{number} {text}".encode("ascii")
    checksum = 0
    for byte in body:
        checksum ^= byte
    return body + f"*{checksum}\n".encode("ascii")


def check_marlin_line(text: str) -> None:
    """Refuse a line that Marlin cannot take; raises JobError."""
    if not text.isascii() or any(not " " <= c <= "~" for c in text) or "*" in text:
        raise JobError(f"line {text!r} holds a character that must not go over the wire")
    if len(text) > _MAX_TEXT:
        raise JobError(
            f"line '{text[:30]}...' has {len(text)} characters; with its number Marlin keeps {_MAX_TEXT}",
            "shorten its numbers",
        )


class NumberedLines:
    """The window of lines that can be sent again.

    Attributes
    ----------
    on_wire : int
        Number of the line that is on the wire; below the last one after an old resend.
    """

    def __init__(self) -> None:
        self.on_wire = 0
        self._next = 1
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)

    def add(self, text: str) -> tuple[int, bytes]:
        """Give the next line its number; its bytes are kept."""
        number, self._next = self._next, self._next + 1
        wire = numbered(number, text)
        self._kept.append((number, wire))
        self.on_wire = number
        return number, wire

    def again(self) -> bytes:
        """The line that should be on the wire; nothing where it is long gone."""
        return next((wire for number, wire in self._kept if number == self.on_wire), b"")

    def keeps(self, number: int) -> bool:
        """Whether a line can be sent again."""
        return any(kept == number for kept, _ in self._kept)

    def count_anew(self) -> bytes:
        """Count from 1 again; the line that says so to Marlin."""
        self._next = 1
        return numbered(0, "M110 N0")

    def clear(self) -> None:
        """Keep no line; counting goes on."""
        self._kept.clear()
