"""What the controller told last of its state and place, and when it is asked again."""

from __future__ import annotations

import math

from firmware_io.clock import RateLimit
from firmware_io.events import HELD_STATES, MachineState, Position, StatusReported
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.runner import Runner

_QUERIES_PER_SECOND = 5
_LATE_OFFSET_POLL_S = 0.05
MOVING = frozenset({MachineState.RUN, MachineState.JOG, MachineState.HOLDING, MachineState.UNKNOWN})
STANDING = HELD_STATES - {MachineState.WAITING}  # of a hold, which a real-time byte ends
FENCEABLE = frozenset({MachineState.IDLE, MachineState.ALARM, MachineState.CHECK})


class StatusPoll:
    """Status queries and their answers.

    Parameters
    ----------
    core : ProtocolCore
    every_s : float
        Seconds between queries while something moves.
    """

    def __init__(self, core: ProtocolCore, every_s: float) -> None:
        self._core = core
        self._every_s = max(every_s, 1.0 / _QUERIES_PER_SECOND)
        self._rate = RateLimit(_QUERIES_PER_SECOND, 1.0)
        self._next_s = 0.0
        self._asked_s = -math.inf  # the oldest query without an answer
        self._heard_s: float | None = None
        self.status: StatusReported | None = None
        self.status_s = -math.inf
        self.idle_reports = 0

    @property
    def machine_position(self) -> Position | None:
        """What was told last."""
        return self.status.machine_position if self.status is not None else None

    @property
    def work_position(self) -> Position | None:
        """What was told last."""
        return self.status.work_position if self.status is not None else None

    def heard(self, anything: bool, now_s: float) -> None:
        """Bytes came, or the line was listened to for the first time."""
        if anything or self._heard_s is None:
            self._heard_s = now_s

    def told(self, status: StatusReported, now_s: float) -> None:
        """A status has come."""
        self.status, self.status_s = status, now_s
        self._asked_s = -math.inf
        self.idle_reports = self.idle_reports + 1 if status.state in FENCEABLE else 0

    def restarted(self) -> None:
        """What was told before a restart tells nothing any more."""
        self.status, self.idle_reports = None, 0

    def age_now(self) -> None:
        """What was told so far is too old to decide anything by."""
        self.status_s = -math.inf

    def soon(self) -> None:
        """Ask at the next pump, as far as the rate allows."""
        self._next_s = -math.inf

    def at(self, when_s: float) -> None:
        """Ask at that time."""
        self._next_s = when_s

    def by(self, when_s: float) -> None:
        """Ask at that time at the latest."""
        self._next_s = min(self._next_s, when_s)

    def again_s(self, now_s: float, at_most_s: float) -> float:
        """When to come again."""
        return min(max(self._next_s, now_s), now_s + at_most_s)

    def fence_due(self, now_s: float) -> bool:
        """Whether a firmware that is asked in turn may be asked for its name once more."""
        due = now_s - self._asked_s > 2.0
        if due:
            self._asked_s = now_s
        return due

    def silent_s(self, now_s: float) -> float:
        """How long a query has been without any answer."""
        if self._asked_s == -math.inf or self._heard_s is None:
            return 0.0
        return now_s - max(self._heard_s, self._asked_s)

    def pump(self, now_s: float, busy: bool) -> None:
        """Ask, if it is time to: often while something is under way."""
        if now_s < self._next_s or self._core.link is Link.CRITICAL or self._core.link is Link.DEAD:
            return
        if self._core.asks_in_turn:
            if self._next_s == -math.inf and self._core.fits("M114"):
                self._core.ask_status(now_s)
            self._next_s = now_s + self._every_s
            return
        again_s = self._every_s if busy else max(1.0, self._every_s)
        if self._offset_is_late():
            again_s = _LATE_OFFSET_POLL_S
        self._next_s = now_s + (again_s if self._ask(now_s) else 0.05)

    def _offset_is_late(self) -> bool:
        """Whether a machine that stands has not told its work offset yet: in a hold only each thirtieth report does."""
        status = self.status
        return status is not None and status.state in STANDING and status.work_position is None

    def _ask(self, now_s: float) -> bool:
        if not self._rate.allows(now_s) and not self._offset_is_late():
            return False
        self._rate.note(now_s)
        if self._asked_s == -math.inf or self._core.asks_in_turn:
            self._asked_s = now_s
        self._core.ask_status(now_s)
        return True

    def ask_for(self, runner: Runner, now_s: float) -> None:
        """The runner wants the position at the end of a step: now, or not at all."""
        runner.ask_again(now_s)
        if not runner.wants_status:
            return
        if self._core.asks_in_turn:
            if self._core.fits("M114"):
                runner.wants_status = False
                self._core.ask_status(now_s)
        elif self._ask(now_s):
            runner.wants_status = False
            self._next_s = now_s + self._every_s
        elif runner.unit is not None and not runner.unit.off_path:
            runner.status_refused()
