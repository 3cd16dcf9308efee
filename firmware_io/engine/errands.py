"""Lines outside a job: what is streamed, and what was said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firmware_io.errors import FirmwareError, RejectedError
from firmware_io.events import Rejected, SentLine
from firmware_io.protocol.base import ProtocolCore
from firmware_io.protocol.codes import error_hint


@dataclass(slots=True)
class Errand:
    """Lines outside a job, and what was said to them."""

    lines: tuple[str, ...]
    sent: int = 0
    acknowledged: int = 0
    said: list[str] = field(default_factory=list)
    done: bool = False
    error: FirmwareError | None = None
    tolerant: bool = False  # go on after a refusal (check mode)
    refused: list[tuple[int, str]] = field(default_factory=list)


class Errands:
    """The errand that is under way, if any.

    Parameters
    ----------
    core : ProtocolCore
    """

    def __init__(self, core: ProtocolCore) -> None:
        self._core = core
        self.current: Errand | None = None

    @property
    def is_homing(self) -> bool:
        """Whether a line of it homes: grbl says nothing meanwhile."""
        return self.current is not None and "$H" in self.current.lines

    @property
    def progress(self) -> int:
        """How many lines were acknowledged; -1 where none is under way."""
        return self.current.acknowledged if self.current is not None else -1

    def run(self, lines: Sequence[str], tolerant: bool = False) -> Errand:
        """Stream lines; the result tells when they are done."""
        self.current = Errand(lines=tuple(lines), tolerant=tolerant)
        return self.current

    def pump(self, now_s: float) -> None:
        """Send what fits."""
        errand = self.current
        if errand is None:
            return
        while errand.sent < len(errand.lines) and self._core.fits(errand.lines[errand.sent]):
            self._core.send(errand.lines[errand.sent], now_s, errand)
            errand.sent += 1

    def acknowledged(self, line: SentLine) -> None:
        """A line was taken, of an errand or of something else."""
        errand = self.current
        if errand is not None and line.token is errand:
            errand.acknowledged += 1
            self._finish_if_done(errand)

    def said(self, text: str) -> None:
        """The controller said something that is no answer to a line."""
        if self.current is not None:
            self.current.said.append(text)

    def refused(self, event: Rejected, text: str) -> bool:
        """A line was refused; returns whether an errand was under way, whose line it was then."""
        errand = self.current
        if errand is None:
            return False
        if errand.tolerant and event.line is not None:
            errand.refused.append((errand.acknowledged, f"{event.code}, {event.meaning}"))
            errand.acknowledged += 1
            self._finish_if_done(errand)
        else:
            self.fail(RejectedError(text, error_hint(event.code)))
        return True

    def _finish_if_done(self, errand: Errand) -> None:
        if errand.acknowledged >= len(errand.lines):
            errand.done, self.current = True, None

    def fail(self, error: FirmwareError) -> None:
        """Send no more of its lines; what is on its way is acknowledged to nobody."""
        if self.current is not None:
            self.current.error, self.current.done = error, True
            self.current = None

    def drop(self) -> None:
        """Nobody waits for it any more."""
        self.current = None
