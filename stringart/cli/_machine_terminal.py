"""The operator's terminal while a job runs: a line of state, single keys, and questions that an accident ends."""

import contextlib
import os
import select
import shlex
import sys
import time
from collections.abc import Callable, Iterator

from stringart.cli._machine_common import talk

POLL_S = 0.1


def _never() -> bool:
    return False


class Terminal:
    """What the operator reads and writes; without a terminal, plain lines of both."""

    def __init__(self) -> None:
        self.is_there = sys.stdin.isatty() and sys.stderr.isatty()
        self._line_open = False
        self._unread = bytearray()

    # --- saying ---

    def show(self, text: str) -> None:
        """Write a state over the one before; without a terminal on a line of its own."""
        if not self.is_there:
            return talk(text)
        self._line_open = True
        width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        sys.stderr.write("\r" + text[: width - 1].ljust(width - 1))
        sys.stderr.flush()
        return None

    def tell(self, text: str) -> None:
        """Say something on a line of its own."""
        if self._line_open:
            self._line_open = False
            text = "\n" + text
        talk(text)

    def end_line(self) -> None:
        """Leave the line of state."""
        if self._line_open:
            self.tell("")

    # --- asking ---

    def ask(self, question: str, abort: Callable[[], bool] = _never) -> list[str] | None:
        """Words of a line that the operator writes; None at the end of input, or as soon as ``abort`` says so."""
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline() if os.name == "nt" else self._read_line(abort)
        if not line:
            return None
        try:
            return shlex.split(line)
        except ValueError:
            return [line.strip()]

    def _read_line(self, abort: Callable[[], bool]) -> str:
        """A line of the input, read past Python's own buffer so that waiting for it can be ended."""
        descriptor = sys.stdin.fileno()
        while b"\n" not in self._unread:
            if abort():
                return ""
            if select.select([descriptor], [], [], POLL_S)[0]:
                data = os.read(descriptor, 4096)
                if not data:
                    break
                self._unread.extend(data)
        line, newline, rest = bytes(self._unread).partition(b"\n")
        self._unread[:] = rest
        return (line + newline).decode("utf-8", "replace")

    @contextlib.contextmanager
    def keys(self) -> Iterator[Callable[[], str]]:
        """Single keys without waiting, where there is a terminal; the call itself is the pause between two looks."""
        if not self.is_there or os.name == "nt":
            yield _no_key
            return
        import termios  # blessed takes all that was typed, also an answer that was typed ahead of its question
        import tty

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)

        def key() -> str:
            ready = select.select([descriptor], [], [], POLL_S)[0]
            return os.read(descriptor, 1).decode("ascii", "ignore").lower() if ready else ""

        try:
            tty.setcbreak(descriptor)
            yield key
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _no_key() -> str:
    time.sleep(POLL_S / 5)
    return ""
