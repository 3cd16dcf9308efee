"""The receive buffer, and lines as the firmware reads them."""

from __future__ import annotations

import re
from collections.abc import Generator

from firmware_io.sim.grbl.board import Condition
from firmware_io.sim.traits import Traits

_PLAIN_LINE = re.compile(rb"[A-Za-z0-9 .-]*")


class ReceiveBuffer:
    """Bytes that have come and were not executed yet.

    Parameters
    ----------
    traits : Traits
    """

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self.clear()

    def clear(self) -> None:
        """As after a reset."""
        self._ring, self._partial = bytearray(), bytearray()
        self._skip_lf = False

    @property
    def waiting(self) -> int:
        """Bytes that are there."""
        return len(self._ring) + len(self._partial)

    @property
    def free(self) -> int:
        """Bytes that fit."""
        return self._traits.rx_bytes - len(self._ring)

    def put(self, byte: int) -> None:
        """Take a byte, where one fits."""
        self._ring.append(byte)

    def next_line(self) -> Generator[Condition, None, bytes]:
        """Wait for a whole line."""
        while True:
            end = min((i for i in (self._ring.find(b"\n"), self._ring.find(b"\r")) if i >= 0), default=-1)
            if end >= 0:
                ending = self._ring[end]
                line = bytes(self._partial + self._ring[:end])
                del self._ring[: end + 1]
                self._partial.clear()
                if self._traits.crlf_is_one_line and ending == 10 and self._skip_lf and not line:
                    self._skip_lf = False
                    continue
                self._skip_lf = ending == 13
                return line
            self._partial += self._ring[: 4096 - len(self._partial)]
            self._ring.clear()
            yield lambda: bool(self._ring)


def strip(raw: bytes) -> str:
    """What grbl keeps of a line: no spaces, comments, control characters or block delete; upper case."""
    if _PLAIN_LINE.fullmatch(raw):  # most lines
        return raw.replace(b" ", b"").decode().upper()
    kept, depth = [], 0
    for c in raw.decode("latin-1"):
        if c == ";" and depth != 1:
            break
        if c == "(":
            depth = 1
        elif c == ")" and depth:
            depth = 0
        elif not depth and c > " " and c != "/":
            kept.append(c.upper())
    text = "".join(kept)
    return text if not text.startswith("$REPORT") else raw.decode("latin-1").strip()
