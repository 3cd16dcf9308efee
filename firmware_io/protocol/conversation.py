"""What every core keeps of a conversation: the link, text that comes in pieces, bytes that wait to be sent."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_io.events import MachineState
from firmware_io.protocol.base import Link, Signal, follow

_MAX_TEXT = 4096


class Conversation:
    """One end of a conversation in lines; the cores of the firmwares say what they mean."""

    #: What does not count round a line.
    blanks = b"\r\x00 \t"

    def __init__(self, firmware: str) -> None:
        self.firmware, self.version = firmware, ""
        self.link = Link.LISTENING
        self.machine_state = MachineState.UNKNOWN
        self.overrides = (100, 100, 100)
        self.settings: dict[int, float] = {}
        self.restarted = False  # a banner was seen since this object was made
        self._text, self._out = bytearray(), bytearray()
        self._now = self._heard_s = 0.0

    def data_to_send(self) -> bytes:
        """Bytes for the firmware; asking takes them."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def forgive(self) -> None:
        """Send again after a refusal that the caller has dealt with."""
        self._signal(Signal.FORGIVEN)

    def hold(self) -> None:
        """Do nothing where the firmware has no feed hold: the session stops feeding lines."""

    def door(self) -> None:
        """Do nothing where the firmware has no door."""

    def cancel_jog(self) -> None:
        """Do nothing where a jog is a line like others."""

    def _signal(self, signal: Signal) -> None:
        self.link = follow(self.link, signal)

    def _whole_lines(self, data: bytes, now_s: float) -> Iterator[bytes]:
        """Lines that these bytes complete, without their ends; what follows them waits for more."""
        self._now = now_s
        self._text += data
        while (end := self._text.find(b"\n")) >= 0:
            line = bytes(self._text[:end])
            del self._text[: end + 1]
            yield line.strip(self.blanks)

    def _take_endless(self) -> bytes:
        """Text that has become longer than any line, which is thrown away; empty where it may become a line yet."""
        endless = bytes(self._text) if len(self._text) > _MAX_TEXT else b""
        if endless:
            self._text.clear()
        return endless
