"""A job that an operator follows, whoever runs it: its events in words, and the way back after an accident."""

import contextlib
import math
import queue
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import FrameType

from firmware_io import Event, JobFinished, JobHalted, JobPaused, Journal, Noticed
from stringart.cli._machine_common import AlarmRaisedError
from stringart.cli._machine_paused import wraps_done
from stringart.cli._machine_terminal import Terminal
from stringart.errors import MachineError
from stringart.runs.journals import journal_folder
from stringart.runs.prepared import PreparedJob

_SHOWN_EVERY_S, _PLAIN_EVERY_S = 0.25, 20.0  # the line of state, where there is a terminal and where there is none


class FollowedJob(ABC):
    """The operator's side of a job.

    Parameters
    ----------
    source : PreparedJob
    journal : Journal
    yes : bool
        Go on at prompts without asking.
    """

    def __init__(self, source: PreparedJob, journal: Journal, *, yes: bool) -> None:
        self.source, self.journal, self.yes = source, journal, yes
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._terminal = Terminal()
        self._interrupts = 0
        self._finished = False
        self._shown_s = -math.inf

    @contextlib.contextmanager
    def _taking_interrupts(self) -> Iterator[None]:
        """Let every Ctrl-C of the block be ours; in other threads, which get none, nothing is changed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupts += 1

    def _take_events(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._hear(self._events.get_nowait())

    def _hear(self, event: Event) -> None:
        if isinstance(event, JobFinished):
            self._finished = True
            self._tell(f"finished: {self.source.job.wraps} wraps are on the board")
        elif isinstance(event, JobHalted):
            self._finished = True
            self._terminal.end_line()
            raise self._halted(event)
        elif isinstance(event, JobPaused):
            self._tell(f"paused: {event.prompt or event.reason}")
        elif isinstance(event, Noticed):
            self._tell(event.text)

    @abstractmethod
    def _state_text(self) -> str:
        """Where the job is, in one line."""

    def _show(self, *, force: bool = False) -> None:
        now_s = time.monotonic()
        every_s = _SHOWN_EVERY_S if self._terminal.is_there else _PLAIN_EVERY_S
        if force or now_s - self._shown_s >= every_s:
            self._shown_s = now_s
            self._terminal.show(self._state_text())

    def _halted(self, event: JobHalted) -> MachineError:
        done = wraps_done(self.source, event.steps_done)
        kind = AlarmRaisedError if event.kind in ("alarm", "emergency") else MachineError
        return kind(
            f"{event.reason}; {done} of {self.source.job.wraps} wraps are on the board",
            f"{event.hint}; then: {self._resume_command()}" if event.hint else f"go on with: {self._resume_command()}",
        )

    def _resume_command(self) -> str:
        """What the operator writes to go on."""
        path = self.journal.path
        return "stringart machine resume" + ("" if path.parent == journal_folder() else f" --journal '{path}'")

    def _tell(self, text: str) -> None:
        """Say something on a line of its own."""
        self._terminal.tell(text)
