"""One connection in one thread: bytes in, core, runner, bytes out. It sleeps never and waits for nothing.

:meth:`Engine.pump` does whatever can be done now and says when it wants to be called again. The session calls it
from its thread with a real clock; tests call it with a simulated machine in lockstep.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from firmware_io.clock import RateLimit
from firmware_io.errors import AlarmError, FirmwareError, JobError, PortError, ProtocolError, RejectedError
from firmware_io.events import (
    Acknowledged,
    AcknowledgementOverdue,
    AlarmRaised,
    Booted,
    Capabilities,
    Connected,
    Disconnected,
    Event,
    MachineState,
    Noticed,
    Position,
    Prompted,
    Rejected,
    Said,
    SentLine,
    StateChanged,
    StatusReported,
)
from firmware_io.gcode import words
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.offsets import OffsetKeeper
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.protocol.codes import POSITION_KEPT_ALARMS, error_hint
from firmware_io.recovery import RecoveryPlan
from firmware_io.runner import JobState, Runner
from firmware_io.transport import MEND_CABLE, MEND_NETWORK, Transport

_PUMP_S = 0.2  # resends, timeouts and the like need no finer clock
_GREETING_BYTES = 2000
_QUERIES_PER_SECOND = 5
_HOLD_PATIENCE_S = 15.0
_SILENCE_S = 6.0
_HOLD_SEEN_S = 1.0  # by then a status tells of a hold
_FENCE_TRIES = 5
_LATE_OFFSET_POLL_S = 0.05
_MOVING = frozenset({MachineState.RUN, MachineState.JOG, MachineState.HOLDING, MachineState.UNKNOWN})
_STANDING = frozenset({MachineState.HELD, MachineState.DOOR, MachineState.TOOL})
_FENCEABLE = frozenset({MachineState.IDLE, MachineState.ALARM, MachineState.CHECK})


_GARBLED_HINT = "look for a loose cable or interference; nothing after this line was executed beyond what was queued"
_REJECTED_HINT = (
    "if the line is as it should be it was garbled on its way (cable, interference), else mend the job; nothing after "
    "it was executed beyond what was queued"
)


class Braking(Enum):
    """Stages of an orderly stop."""

    NO = "no"
    HOLDING = "holding"  # a feed hold was sent
    RESETTING = "resetting"  # the queue is thrown away
    DRAINING = "draining"  # Marlin: the planner runs empty


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


class Engine:
    """One connection.

    Parameters
    ----------
    transport : Transport
    core : ProtocolCore
    port : str
        For messages.
    emit : callable
        Takes events.
    poll_s : float
        Seconds between status queries while something moves.
    path_tolerance_mm : float
    verify_steps : bool
    greets : bool
        The other end says its banner to everybody who connects, without a restart: a controller on a network.
    """

    def __init__(
        self,
        transport: Transport,
        core: ProtocolCore,
        port: str,
        emit: Callable[[Event], None],
        *,
        poll_s: float = 0.25,
        path_tolerance_mm: float = 0.5,
        verify_steps: bool = True,
        greets: bool = False,
    ) -> None:
        self.transport, self.core, self.port = transport, core, port
        self._emit = emit
        self.poll_s = max(poll_s, 1.0 / _QUERIES_PER_SECOND)
        self.runner = Runner(emit, path_tolerance_mm, verify_steps)
        self.runner.follows_gcode = core.follows_gcode
        self.errand: Errand | None = None
        self.status: StatusReported | None = None
        self.connected = False
        self.greeting = b""  # the first that was heard
        self.greets = greets
        self.mend = MEND_NETWORK if greets else MEND_CABLE
        self.gone, self.gone_hint = "", f"{self.mend} and reconnect"
        self.position_kept = True  # the controller's idea of its position has not been in doubt
        self.position_known = True  # ... or was established again
        self.position_set = False  # ... in this session: homed, or told
        self.position_doubt = ""  # why it is not known
        self.taken_in_check: frozenset[str] = frozenset()  # lines that a dry run has proved to be readable
        self.offsets = OffsetKeeper(core, emit)
        self.braking = Braking.NO
        self.held_by_us = self.hold_asked = False
        self._release_wanted = self._hold_fresh = False
        self._hold_s = -math.inf
        self._rate = RateLimit(_QUERIES_PER_SECOND, 1.0)
        self._next_poll_s = 0.0
        self._query_sent_s = -math.inf
        self._status_s = -math.inf
        self._heard_s: float | None = None
        self._brake_sent_s = -math.inf
        self._brake_for = ("stopped", "", "")
        self._overdue = False
        self._fence_tries = 0
        self._last_release_s = -math.inf
        self._idle_reports = 0

    def hear(self, data: bytes, now_s: float) -> None:
        """Take bytes that were said; by others only those that came before the engine was there."""
        if len(self.greeting) < _GREETING_BYTES:
            self.greeting += data
        for event in self.core.receive(data, now_s):
            self._handle(event, now_s)

    def set_position(self) -> None:
        """Note that the controller was homed, or told where the tool is."""
        self.position_known = self.position_set = True
        self.position_doubt = ""

    def doubt_position(self, why: str) -> None:
        """Note that what the controller says of its position cannot be believed."""
        self.position_kept = self.position_known = self.position_set = False
        self.position_doubt = why
        self.offsets.forget()

    def believed_position(self, *, lost_before: bool) -> Position | None:
        """Work position, if it can be believed; `lost_before`: an earlier session put it in doubt."""
        believed = self.position_known and (self.position_set or not lost_before)
        return self.status.work_position if self.status is not None and believed else None

    def ask_soon(self) -> None:
        """Ask for the status at the next pump, as far as the rate allows."""
        self._next_poll_s = -math.inf

    # --- the pump ---
    def pump(self, now_s: float) -> float:
        """Do what can be done now; returns when to come again at the latest (absolute seconds)."""
        if self.gone:
            return now_s + 1.0
        try:
            self._pump(now_s)
        except PortError as error:
            self._lost(str(error))
        if self._between_units():
            return now_s
        return min(max(self._next_poll_s, now_s), now_s + _PUMP_S)

    def _between_units(self) -> bool:
        """Whether a step has just been proved and the next one is to begin at once."""
        going = self.connected and self.braking is Braking.NO and not self.gone
        return going and self.runner.unit is None and self.runner.state in (JobState.RUNNING, JobState.PAUSING)

    def _pump(self, now_s: float) -> None:
        data = self.transport.take()
        if data or self._heard_s is None:
            self._heard_s = now_s
        self.hear(data, now_s)
        for event in self.core.tick(now_s):
            self._handle(event, now_s)
        self._link_up(now_s)
        putting_back = self._put_offset_back(now_s)
        self._brake(now_s)
        self._release(now_s)
        self._poll(now_s)
        if self.connected and self.braking is Braking.NO and not putting_back:
            feed = not self.held_by_us and self.core.link is Link.READY
            self.runner.pump(self.core, now_s, feed)
            self._run_errand(now_s)
            self._ask_for_runner(now_s)
        self._flush()
        self._watch_silence(now_s)

    def _flush(self) -> None:
        data = self.core.data_to_send()
        if data:
            self.transport.write(data)

    def _lost(self, reason: str) -> None:
        self.gone = reason
        self.connected = False
        self._emit(Disconnected(port=self.port, reason=reason))
        self._fail_errand(PortError(reason, f"{self.mend} and resume"))
        self.runner.end("disconnected", reason, f"the controller finishes the lines it has; {self.mend} and resume")

    # --- events of the core ---
    def _handle(self, event: Event, now_s: float) -> None:
        self._emit(event)
        if isinstance(event, Acknowledged):
            self.runner.acknowledged(event.line, now_s)
            self._errand_acknowledged(event.line)
        elif isinstance(event, StatusReported):
            self._status(event, now_s)
        elif isinstance(event, Rejected):
            self._rejected(event, now_s)
        elif isinstance(event, AlarmRaised):
            self._alarm(event)
        elif isinstance(event, Booted):
            self._booted(event)
        elif isinstance(event, Capabilities):
            self._fence_passed(event, now_s)
        elif isinstance(event, AcknowledgementOverdue):
            self._overdue = True
        elif isinstance(event, StateChanged):
            self._state_changed(event)
        elif isinstance(event, Said) and self.errand is not None:
            self.errand.said.append(event.text)

    def _state_changed(self, event: StateChanged) -> None:
        """A machine that stands in the middle of a job waits for somebody: say so."""
        running = self.runner.state in (JobState.RUNNING, JobState.PAUSING) and self.braking is Braking.NO
        if not running or event.after not in _STANDING or self.hold_asked:
            return
        oldest = next(iter(self.core.in_flight), None)
        why = f"at '{oldest.text}'" if oldest is not None and _stands_at(oldest.text) else "and was not asked to"
        self._emit(Prompted(text=f"the machine holds ({event.after.value}) {why}; it goes on when it is resumed"))

    def _status(self, status: StatusReported, now_s: float) -> None:
        self.status, self._status_s = status, now_s
        if self.core.vouches:
            self._believe(status.work_position)
        self._query_sent_s = -math.inf
        self._idle_reports = self._idle_reports + 1 if status.state in _FENCEABLE else 0
        alarmed = status.state is MachineState.ALARM and self.core.link is Link.LOCKED
        if alarmed and self.runner.active and self.braking is Braking.NO:
            self.position_kept = False
            self.runner.end("alarm", "the controller is in alarm", "look at the machine, then reset and home")
        if status.state is MachineState.ALARM and not self.connected and not self.core.restarted:
            self.doubt_position("the controller is locked (Alarm), and nobody knows why")
        if status.state is MachineState.SLEEP and self.position_known:
            self.doubt_position("the motors were switched off (Sleep)")
        self.runner.status_seen(status)
        if self.runner.in_doubt:
            self.ask_soon()  # the next report tells whether this one was garbled, or the tool is on a wrong way
        if self.runner.halt_wanted and self.braking is Braking.NO:
            self.stop(self.runner.halt_wanted, self.runner.problem, self.runner.hint)

    def _believe(self, place: Position | None) -> None:
        """Take the word of a controller that keeps its place through restarts."""
        if place is None:
            self.doubt_position("the board itself does not know where it stands")
        else:
            self.set_position()
            self.position_kept = True

    def _rejected(self, event: Rejected, now_s: float) -> None:
        text = f"{self.runner.line_name(event.line)} was refused: {event.code}, {event.meaning}"
        errand = self.errand
        if errand is not None and not errand.done:
            if errand.tolerant and event.line is not None:
                errand.refused.append((errand.acknowledged, f"{event.code}, {event.meaning}"))
                errand.acknowledged += 1
                self._finish_errand_if_done()
            else:
                self._fail_errand(RejectedError(text, error_hint(event.code)))
            if self.core.goes_on_after_errors:
                self.core.forgive()
        elif self.runner.active:
            taken_before = event.line is not None and event.line.text in self.taken_in_check
            if taken_before:
                text = f"{text}; in the dry run it was taken: it was garbled on its way"
            self.stop("rejected", text, _GARBLED_HINT if taken_before else _REJECTED_HINT)

    def _alarm(self, event: AlarmRaised) -> None:
        number = event.code.partition(":")[2]
        keeps = number.isdigit() and int(number) in POSITION_KEPT_ALARMS
        if not keeps:
            self.doubt_position(f"{event.code} stopped the machine")
        text = f"{event.code}: {event.meaning}"
        if event.lost_lines:
            line = self.runner.line_name(event.lost_lines[0])
            text += f"; {'it was' if keeps else 'on its way was'} {line}"
        index = self.errand.acknowledged if self.errand is not None else -1
        self._fail_errand(AlarmError(text, code=event.code, index=index))
        self.runner.end("alarm", text, "look at the machine, then reset and home")
        if self.braking is not Braking.RESETTING:
            self.braking = Braking.NO

    def _booted(self, event: Booted) -> None:
        self._fence_tries, self._idle_reports, self.status = 0, 0, None
        self.held_by_us = False
        if event.asked_for:
            self._fail_errand(ProtocolError("the controller was reset"))
            return
        was_connected = self.connected
        if self.greets and not was_connected:
            return
        self.doubt_position(
            "the controller restarted by itself" if was_connected else "the controller restarted as the port was opened"
        )
        if was_connected:
            reason = "the controller restarted by itself: its position is lost"
            self._fail_errand(ProtocolError(reason))
            self.runner.end("rebooted", reason, "look for a weak supply or interference; home or zero, then resume")
            self.braking = Braking.NO

    # --- getting into touch ---
    def _link_up(self, now_s: float) -> None:
        core = self.core
        if core.link is Link.SILENT or self._overdue:
            self._settle_overdue(now_s)
            return
        if core.link is not Link.LISTENING:
            return
        if core.asks_in_turn:
            if now_s - self._query_sent_s > 2.0:
                self._query_sent_s = now_s
                core.fence(now_s)
            return
        ready = self.status is not None and self.status.state in _FENCEABLE
        if ready and (core.restarted or self._idle_reports >= 2):
            self._idle_reports = 0
            core.fence(now_s)

    def _fence_passed(self, event: Capabilities, now_s: float) -> None:
        if self._overdue:
            self._next_poll_s = now_s
            return
        if self.braking is Braking.RESETTING:
            self._next_poll_s = now_s
        if not self.connected:
            self.connected = True
            self._emit(
                Connected(
                    port=self.port,
                    firmware=event.firmware,
                    version=event.version,
                    position_kept=self.position_kept,
                )
            )
        if self.core.asks_in_turn:
            self.core.ask_status(now_s)

    def _settle_overdue(self, now_s: float) -> None:
        """An acknowledgement was lost, or a line: fence, ask where the tool is, and decide."""
        core = self.core
        self._overdue = True
        if core.link in (Link.SILENT, Link.LISTENING):
            self._fence_tries += 1
            if self._fence_tries > _FENCE_TRIES:
                self._overdue = False
                return self._give_up("the controller does not answer any more")
            self._status_s = -math.inf
            core.fence(now_s)
            return None
        if core.link is not Link.READY:
            return None
        status = self.status
        if core.sends_again:
            self._overdue = False
            return self._give_up("the controller does not answer any more")
        if status is None or now_s - self._status_s > 1.0 or status.state is not MachineState.IDLE:
            self._next_poll_s = min(self._next_poll_s, now_s)
            return None
        self._overdue, self._fence_tries = False, 0
        self._fail_errand(ProtocolError("an acknowledgement was lost"))
        if self.runner.lines_stand(status.work_position):
            self._emit(Noticed(text="an acknowledgement was lost; the tool stands where the lines end: going on"))
            self.runner.believe_sent()
            return None
        return self._give_up("lines or acknowledgements were lost: the tool is not where the lines sent to it end")

    def _give_up(self, reason: str) -> None:
        self._fail_errand(ProtocolError(reason))
        self.runner.end("silent", reason, "check cable and power, look where the tool is, then resume")

    def _watch_silence(self, now_s: float) -> None:
        """Queries without any answer: the other end is gone though the port is there."""
        if not self.connected or self._query_sent_s == -math.inf or self._heard_s is None:
            return
        if self.core.sends_again or self.core.machine_state is MachineState.HOME:
            return
        homing = self.errand is not None and not self.errand.done and "$H" in self.errand.lines
        silent_s = now_s - max(self._heard_s, self._query_sent_s)
        if silent_s > _SILENCE_S and not homing and self.runner.active:
            self._give_up(f"the controller has been silent for {silent_s:.0f} s")

    # --- status queries ---
    def _poll(self, now_s: float) -> None:
        if now_s < self._next_poll_s or self.core.link is Link.CRITICAL or self.core.link is Link.DEAD:
            return
        busy = self.runner.state in (JobState.RUNNING, JobState.PAUSING) or self.errand is not None
        busy = busy or self.core.machine_state in _MOVING or self.braking is not Braking.NO or self._overdue
        # the work offset comes with every tenth to thirtieth report only
        busy = busy or not self.connected or (self.status is not None and self.status.work_position is None)
        if self.core.asks_in_turn:
            if self._next_poll_s == -math.inf and self.core.fits("M114"):
                self.core.ask_status(now_s)
            self._next_poll_s = now_s + self.poll_s
            return
        again_s = self.poll_s if busy else max(1.0, self.poll_s)
        if self._offset_is_late():
            again_s = _LATE_OFFSET_POLL_S
        self._next_poll_s = now_s + (again_s if self._ask(now_s) else 0.05)

    def _offset_is_late(self) -> bool:
        """Whether a machine that stands has not told its work offset yet: in a hold only each thirtieth report does."""
        status = self.status
        return status is not None and status.state in _STANDING and status.work_position is None

    def _ask(self, now_s: float) -> bool:
        if not self._rate.allows(now_s) and not self._offset_is_late():
            return False
        self._rate.note(now_s)
        if self._query_sent_s == -math.inf or self.core.asks_in_turn:
            self._query_sent_s = now_s
        self.core.ask_status(now_s)
        return True

    def _ask_for_runner(self, now_s: float) -> None:
        """The runner wants the position at the end of a step: now, or not at all."""
        runner = self.runner
        runner.ask_again(now_s)
        if not runner.wants_status:
            return
        if self.core.asks_in_turn:
            if self.core.fits("M114"):
                runner.wants_status = False
                self.core.ask_status(now_s)
        elif self._ask(now_s):
            runner.wants_status = False
            self._next_poll_s = now_s + self.poll_s
        elif runner.unit is not None and not runner.unit.off_path:
            runner.status_refused()

    # --- jobs ---
    def begin(self, job: Job, journal: Journal | None, plan: RecoveryPlan | None, now_s: float) -> None:
        """Start a job where the tool is; from here on its position counts as known, and as kept."""
        position = self.status.work_position if self.status is not None else None
        self.runner.start(job, journal, plan, position, now_s, marlin=self.core.firmware == "marlin")
        self.position_kept = self.position_known = True
        self.position_doubt = ""

    # --- errands ---
    def run(self, lines: Sequence[str], tolerant: bool = False) -> Errand:
        """Stream lines outside a job; the result tells when they are done."""
        errand = Errand(lines=tuple(lines), tolerant=tolerant)
        self.errand = errand
        return errand

    def _run_errand(self, now_s: float) -> None:
        errand = self.errand
        if errand is None or errand.done:
            return
        while errand.sent < len(errand.lines) and self.core.fits(errand.lines[errand.sent]):
            self.core.send(errand.lines[errand.sent], now_s, errand)
            errand.sent += 1

    def _errand_acknowledged(self, line: SentLine) -> None:
        errand = self.errand
        if errand is not None and line.token is errand:
            errand.acknowledged += 1
            self._finish_errand_if_done()

    def _finish_errand_if_done(self) -> None:
        errand = self.errand
        if errand is not None and errand.acknowledged >= len(errand.lines):
            errand.done, self.errand = True, None

    def give_errand_up(self, reason: str) -> None:
        """Send no more of an errand's lines; what is on its way is acknowledged to nobody."""
        self._fail_errand(JobError(reason))

    def _fail_errand(self, error: FirmwareError) -> None:
        if self.errand is not None:
            self.errand.error, self.errand.done = error, True
            self.errand = None

    # --- hold, release, stop ---
    def hold(self) -> None:
        """Feed hold now; on Marlin, no more lines."""
        self._release_wanted, self._hold_fresh, self.hold_asked = False, True, True
        self.held_by_us = not self.core.can_hold
        self.core.hold()
        self._flush_quietly()
        self.ask_soon()

    def release(self) -> None:
        """End a hold, once the machine stands."""
        self._release_wanted = True
        self.held_by_us = self.hold_asked = False

    def _release(self, now_s: float) -> None:
        if self._hold_fresh:
            self._hold_fresh, self._hold_s = False, now_s
        if not self._release_wanted:
            return
        state = self.core.machine_state
        if state in _STANDING or state is MachineState.WAITING:
            if now_s - self._last_release_s > 0.5:
                self._last_release_s = now_s
                self.core.release()
                self._next_poll_s = min(self._next_poll_s, now_s + 0.2)
        elif state is not MachineState.HOLDING and now_s - self._hold_s > _HOLD_SEEN_S:
            self._release_wanted = False

    def stop(self, kind: str = "stopped", reason: str = "stopped by the operator", hint: str = "") -> None:
        """Brake, throw the controller's queue away, end the job."""
        if self.braking is not Braking.NO or not self.runner.active:
            return
        if self.runner.unit is None and self.core.machine_state is MachineState.IDLE and not self.core.in_flight:
            self.runner.end(kind, reason, hint)
            return
        self._brake_for = (kind, reason, hint)
        self.runner.state = JobState.STOPPING
        self.braking = Braking.HOLDING if self.core.can_hold else Braking.DRAINING
        self._brake_sent_s = -math.inf
        self._release_wanted = False

    def _brake(self, now_s: float) -> None:
        if self.braking is Braking.HOLDING:
            self._brake_by_hold(now_s)
        elif self.braking is Braking.RESETTING:
            fresh = self.status is not None and self._status_s > self._brake_sent_s
            again = self.core.link is Link.LOCKED or (self.core.link is Link.READY and not self.offsets.pending)
            if (again and fresh) or now_s - self._brake_sent_s > _HOLD_PATIENCE_S:
                self._braked()
        elif self.braking is Braking.DRAINING:
            self._drain(now_s)

    def _brake_by_hold(self, now_s: float) -> None:
        if self._brake_sent_s == -math.inf:
            self._brake_sent_s = now_s
            self.core.hold()
            self._next_poll_s = now_s
            return
        standing = self.core.machine_state in _STANDING and self._status_s > self._brake_sent_s
        if standing or now_s - self._brake_sent_s > _HOLD_PATIENCE_S:
            self.braking = Braking.RESETTING
            self._brake_sent_s = now_s
            if standing:
                self.offsets.keep()
            self.status = None
            self.core.reset(now_s)

    def _drain(self, now_s: float) -> None:
        if self._brake_sent_s == -math.inf:
            self._brake_sent_s = now_s
            self.core.brake()
            return
        if not self.core.bytes_in_flight or now_s - self._brake_sent_s > _HOLD_PATIENCE_S:
            if self._status_s < self._brake_sent_s and now_s - self._brake_sent_s < 2 * _HOLD_PATIENCE_S:
                self.core.forgive()
                self.core.ask_status(now_s)
                return
            self._braked()

    def _braked(self) -> None:
        self.braking = Braking.NO
        kind, reason, hint = self._brake_for
        self.runner.end(kind, reason, hint)

    # --- resets of ours ---
    def _put_offset_back(self, now_s: float) -> bool:
        """Bring the work offset back that a reset of ours cleared; whether that is under way."""
        machine = self.status.machine_position if self.status is not None else None
        how = self.offsets.put_back(machine, now_s)
        if how == "waits":
            self._next_poll_s = min(self._next_poll_s, now_s)
        elif how == "failed":
            self.doubt_position("a reset cleared the work offset, and it could not be put back")
        return how in ("waits", "sent")

    def emergency(self, now_s: float) -> None:
        """The soft reset has been sent already, past this thread: draw the consequences."""
        moving = self.core.machine_state in (*_MOVING, MachineState.HOME) or self.core.loses_position_by_reset
        self.core.data_to_send()  # nothing of what was prepared may follow the reset
        self.core.reset_was_sent(now_s)
        if moving:
            self.doubt_position("a reset stopped the machine while it moved")
        else:
            self.offsets.keep()
        self.braking = Braking.NO
        self._fail_errand(ProtocolError("emergency stop"))
        self.runner.end("emergency", "emergency stop: the position may be lost", "unlock, home or zero, then resume")

    # --- when the program itself fails ---
    def fail(self, reason: str, hint: str) -> None:
        """Stop in good order, although this program made a mistake; whoever waits is told."""
        moving = self.errand is not None and self.core.machine_state in (*_MOVING, MachineState.HOME)
        self._fail_errand(ProtocolError(reason, hint))
        if self.runner.active:
            self.stop("failed", reason, hint)
        elif moving:
            self.hold()

    def abandon(self, reason: str, hint: str) -> None:
        """Send the hold past everything else and let go: what this engine knows cannot be relied upon any more."""
        self.gone, self.gone_hint, self.connected = reason, hint, False
        with contextlib.suppress(PortError):
            self.transport.write(self.core.halting_bytes)
        self._emit(Disconnected(port=self.port, reason=reason))
        self._fail_errand(ProtocolError(reason, hint))
        self.runner.end("failed", reason, hint)

    def _flush_quietly(self) -> None:
        try:
            self._flush()
        except PortError as error:
            self._lost(str(error))


def _stands_at(line: str) -> bool:
    """Whether a line makes the controller wait for the operator."""
    return any(letter == "M" and value in (0.0, 1.0, 6.0) for letter, value in words(line))
