"""Lines on their way whose acknowledgements carry no name: the oldest is acknowledged first."""

from __future__ import annotations

from collections import deque

from firmware_io.events import SentLine


class Ledger:
    """Lines that wait for their acknowledgement, and how many bytes of the receive buffer they may fill."""

    def __init__(self) -> None:
        self._lines: deque[SentLine] = deque()
        self.bytes = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def lines(self) -> tuple[SentLine, ...]:
        """The lines, oldest first."""
        return tuple(self._lines)

    @property
    def oldest(self) -> SentLine:
        """The line whose acknowledgement comes next."""
        return self._lines[0]

    def add(self, line: SentLine) -> None:
        """Note a line that was sent."""
        self._lines.append(line)
        self.bytes += len(line.text) + 1

    def take(self) -> SentLine:
        """The oldest line is acknowledged."""
        line = self._lines.popleft()
        self.bytes -= len(line.text) + 1
        return line

    def empty(self) -> tuple[SentLine, ...]:
        """Forget all lines, whose acknowledgements can no longer be told apart; which they were."""
        lost = self.lines
        self._lines.clear()
        self.bytes = 0
        return lost
