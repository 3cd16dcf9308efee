"""In touch with the controller: the first answer, and what to do when an acknowledgement does not come."""

from __future__ import annotations

from collections.abc import Callable

from firmware_io.engine.errands import Errands
from firmware_io.engine.polling import FENCEABLE, StatusPoll
from firmware_io.errors import ProtocolError
from firmware_io.events import Event, MachineState, Noticed
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.runner import Runner

_SILENCE_S = 6.0
_FENCE_TRIES = 5
_NO_ANSWER = "the controller does not answer any more"


class Contact:
    """Whether the two ends know where they stand with each other.

    Parameters
    ----------
    core : ProtocolCore
    runner : Runner
    poll : StatusPoll
    errands : Errands
    emit : callable
        Takes events.
    """

    def __init__(
        self, core: ProtocolCore, runner: Runner, poll: StatusPoll, errands: Errands, emit: Callable[[Event], None]
    ) -> None:
        self._core, self._runner, self._poll, self._errands, self._emit = core, runner, poll, errands, emit
        self.connected = False
        self.overdue = False  # an acknowledgement was lost, or a line
        self._tries = 0

    def restarted(self) -> None:
        """The controller has begun anew."""
        self._tries = 0

    def pump(self, now_s: float) -> None:
        """Ask whoever listens for its name; settle what is overdue."""
        core = self._core
        if core.link is Link.SILENT or self.overdue:
            self._settle(now_s)
        elif core.link is Link.LISTENING:
            self._ask_for_name(now_s)

    def _ask_for_name(self, now_s: float) -> None:
        core, poll = self._core, self._poll
        if core.asks_in_turn:
            if poll.fence_due(now_s):
                core.fence(now_s)
            return
        ready = poll.status is not None and poll.status.state in FENCEABLE
        if ready and (core.restarted or poll.idle_reports >= 2):
            poll.idle_reports = 0
            core.fence(now_s)

    def _settle(self, now_s: float) -> None:
        """An acknowledgement was lost, or a line: fence, ask where the tool is, and decide."""
        core, poll = self._core, self._poll
        self.overdue = True
        if core.link in (Link.SILENT, Link.LISTENING):
            self._fence_again(now_s)
        elif core.link is not Link.READY:
            return
        elif core.sends_again:
            self.overdue = False
            self._give_up(_NO_ANSWER)
        elif poll.status is None or now_s - poll.status_s > 1.0 or poll.status.state is not MachineState.IDLE:
            poll.by(now_s)
        else:
            self._decide()

    def _fence_again(self, now_s: float) -> None:
        self._tries += 1
        if self._tries > _FENCE_TRIES:
            self.overdue = False
            self._give_up(_NO_ANSWER)
            return
        self._poll.age_now()
        self._core.fence(now_s)

    def _decide(self) -> None:
        self.overdue, self._tries = False, 0
        self._errands.fail(ProtocolError("an acknowledgement was lost"))
        if self._runner.lines_stand(self._poll.work_position):
            self._emit(Noticed(text="an acknowledgement was lost; the tool stands where the lines end: going on"))
            self._runner.believe_sent()
        else:
            self._give_up("lines or acknowledgements were lost: the tool is not where the lines sent to it end")

    def _give_up(self, reason: str) -> None:
        self._errands.fail(ProtocolError(reason))
        self._runner.end("silent", reason, "check cable and power, look where the tool is, then resume")

    def watch_silence(self, now_s: float) -> None:
        """Queries without any answer: the other end is gone though the port is there."""
        core, runner = self._core, self._runner
        if not self.connected or core.sends_again or core.machine_state is MachineState.HOME:
            return
        silent_s = self._poll.silent_s(now_s)
        if silent_s > _SILENCE_S and not self._errands.is_homing and runner.active:
            self._give_up(f"the controller has been silent for {silent_s:.0f} s")
