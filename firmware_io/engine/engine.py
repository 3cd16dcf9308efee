"""The engine of a connection: it hands what comes in to the parts, lets each do its work, and sends what they say.

:meth:`Engine.pump` does whatever can be done now and says when it wants to be called again. The session calls it
from its thread with a real clock; tests call it with a simulated machine in lockstep.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from firmware_io.engine.brakes import Brakes, Braking
from firmware_io.engine.contact import Contact
from firmware_io.engine.errands import Errands
from firmware_io.engine.polling import MOVING, STANDING, StatusPoll
from firmware_io.engine.position import PositionTrust
from firmware_io.errors import AlarmError, PortError, ProtocolError
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
    Position,
    Prompted,
    Rejected,
    Said,
    StateChanged,
    StatusReported,
)
from firmware_io.gcode import words
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.offsets import OffsetKeeper
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.protocol.codes import POSITION_KEPT_ALARMS
from firmware_io.recovery import RecoveryPlan
from firmware_io.runner import Runner
from firmware_io.transport import MEND_CABLE, MEND_NETWORK, Transport

_PUMP_S = 0.2  # resends, timeouts and the like need no finer clock
_GREETING_BYTES = 2000

_GARBLED_HINT = "look for a loose cable or interference; nothing after this line was executed beyond what was queued"
_REJECTED_HINT = (
    "if the line is as it should be it was garbled on its way (cable, interference), else mend the job; nothing after "
    "it was executed beyond what was queued"
)


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
        self.runner = Runner(emit, path_tolerance_mm, verify_steps)
        self.runner.follows_gcode = core.follows_gcode
        self.offsets = OffsetKeeper(core, emit)
        self.position = PositionTrust(self.offsets)
        self.poll = StatusPoll(core, poll_s)
        self.errands = Errands(core)
        self.brakes = Brakes(core, self.runner, self.poll, self.offsets)
        self.contact = Contact(core, self.runner, self.poll, self.errands, emit)
        self.greeting = b""  # the first that was heard
        self.greets = greets
        self.mend = MEND_NETWORK if greets else MEND_CABLE
        self.gone, self.gone_hint = "", f"{self.mend} and reconnect"
        self.taken_in_check: frozenset[str] = frozenset()  # lines that a dry run has proved to be readable
        self.reset_goes_out = False  # past this thread; set before it goes, as its answer may be read at once

    @property
    def connected(self) -> bool:
        """Whether the controller has answered, and the port is there."""
        return self.contact.connected

    @property
    def status(self) -> StatusReported | None:
        """What the controller told last."""
        return self.poll.status

    def hear(self, data: bytes, now_s: float) -> None:
        """Take bytes that were said; by others only those that came before the engine was there."""
        if len(self.greeting) < _GREETING_BYTES:
            self.greeting += data
        for event in self.core.receive(data, now_s):
            self._handle(event, now_s)

    def believed_position(self, *, lost_before: bool) -> Position | None:
        """Work position, if it can be believed; `lost_before`: an earlier session put it in doubt."""
        believed = self.position.known and (self.position.was_set or not lost_before)
        return self.poll.work_position if believed else None

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
        return self.poll.again_s(now_s, _PUMP_S)

    def _between_units(self) -> bool:
        """Whether a step has just been proved and the next one is to begin at once."""
        going = self.connected and self.brakes.free and not self.gone
        return going and self.runner.unit is None and self.runner.state.goes_on

    def _pump(self, now_s: float) -> None:
        data = self.transport.take()
        if self.reset_goes_out:
            self.emergency(now_s)
        self.poll.heard(bool(data), now_s)
        self.hear(data, now_s)
        for event in self.core.tick(now_s):
            self._handle(event, now_s)
        self.contact.pump(now_s)
        putting_back = self._put_offset_back(now_s)
        self.brakes.pump(now_s)
        self.poll.pump(now_s, self._is_busy())
        if self.connected and self.brakes.free and not putting_back:
            feed = not self.brakes.held_by_us and self.core.link is Link.READY
            self.runner.pump(self.core, now_s, feed)
            self.errands.pump(now_s)
            self.poll.ask_for(self.runner, now_s)
        self._flush()
        self.contact.watch_silence(now_s)

    def _is_busy(self) -> bool:
        """Whether the state is wanted often."""
        running = self.runner.state.goes_on or self.errands.current is not None
        unsettled = not self.brakes.free or self.contact.overdue or not self.connected
        # the work offset comes with every tenth to thirtieth report only
        untold = self.status is not None and self.status.work_position is None
        return running or self.core.machine_state in MOVING or unsettled or untold

    def _flush(self) -> None:
        data = self.core.data_to_send()
        if data:
            self.transport.write(data)

    def _lost(self, reason: str) -> None:
        self.gone = reason
        self.contact.connected = False
        self._emit(Disconnected(port=self.port, reason=reason))
        self.errands.fail(PortError(reason, f"{self.mend} and resume"))
        self.runner.end("disconnected", reason, f"the controller finishes the lines it has; {self.mend} and resume")

    # --- events of the core ---
    def _handle(self, event: Event, now_s: float) -> None:
        self._emit(event)
        if isinstance(event, Acknowledged):
            self.runner.acknowledged(event.line, now_s)
            self.errands.acknowledged(event.line)
        elif isinstance(event, StatusReported):
            self._status(event, now_s)
        elif isinstance(event, Rejected):
            self._rejected(event)
        elif isinstance(event, AlarmRaised):
            self._alarm(event)
        elif isinstance(event, Booted):
            self._booted(event)
        elif isinstance(event, Capabilities):
            self._fence_passed(event, now_s)
        elif isinstance(event, AcknowledgementOverdue):
            self.contact.overdue = True
        elif isinstance(event, StateChanged):
            self._state_changed(event)
        elif isinstance(event, Said):
            self.errands.said(event.text)

    def _state_changed(self, event: StateChanged) -> None:
        """A machine that stands in the middle of a job waits for somebody: say so."""
        running = self.runner.state.goes_on and self.brakes.free
        if not running or event.after not in STANDING or self.brakes.hold_asked:
            return
        oldest = next(iter(self.core.in_flight), None)
        why = f"at '{oldest.text}'" if oldest is not None and _stands_at(oldest.text) else "and was not asked to"
        self._emit(Prompted(text=f"the machine holds ({event.after.value}) {why}; it goes on when it is resumed"))

    def _status(self, status: StatusReported, now_s: float) -> None:
        self.poll.told(status, now_s)
        if self.core.vouches:
            self.position.believe(status.work_position)
        alarmed = status.state is MachineState.ALARM and self.core.link is Link.LOCKED
        if alarmed and self.runner.active and self.brakes.free:
            self.position.kept = False
            self.runner.end("alarm", "the controller is in alarm", "look at the machine, then reset and home")
        if status.state is MachineState.ALARM and not self.connected and not self.core.restarted:
            self.position.doubt("the controller is locked (Alarm), and nobody knows why")
        if status.state is MachineState.SLEEP and self.position.known:
            self.position.doubt("the motors were switched off (Sleep)")
        self.runner.status_seen(status)
        if self.runner.in_doubt:
            self.poll.soon()  # the next report tells whether this one was garbled, or the tool is on a wrong way
        if self.runner.halt_wanted and self.brakes.free:
            self.stop(self.runner.halt_wanted, self.runner.problem, self.runner.hint)

    def _rejected(self, event: Rejected) -> None:
        text = f"{self.runner.line_name(event.line)} was refused: {event.code}, {event.meaning}"
        if self.errands.refused(event, text):
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
            self.position.doubt(f"{event.code} stopped the machine")
        text = f"{event.code}: {event.meaning}"
        if event.lost_lines:
            line = self.runner.line_name(event.lost_lines[0])
            text += f"; {'it was' if keeps else 'on its way was'} {line}"
        self.errands.fail(AlarmError(text, code=event.code, index=self.errands.progress))
        self.runner.end("alarm", text, "look at the machine, then reset and home")
        if self.brakes.stage is not Braking.RESETTING:
            self.brakes.let_go()

    def _booted(self, event: Booted) -> None:
        self.contact.restarted()
        self.poll.restarted()
        self.brakes.held_by_us = False
        if event.asked_for:
            self.errands.fail(ProtocolError("the controller was reset"))
            return
        was_connected = self.connected
        if self.greets and not was_connected:
            return
        self.position.doubt(
            "the controller restarted by itself" if was_connected else "the controller restarted as the port was opened"
        )
        if was_connected:
            reason = "the controller restarted by itself: its position is lost"
            self.errands.fail(ProtocolError(reason))
            self.runner.end("rebooted", reason, "look for a weak supply or interference; home or zero, then resume")
            self.brakes.let_go()

    def _fence_passed(self, event: Capabilities, now_s: float) -> None:
        if self.contact.overdue:
            self.poll.at(now_s)
            return
        if self.brakes.stage is Braking.RESETTING:
            self.poll.at(now_s)
        if not self.connected:
            self.contact.connected = True
            kept = self.position.kept
            told = Connected(port=self.port, firmware=event.firmware, version=event.version, position_kept=kept)
            self._emit(told)
        if self.core.asks_in_turn:
            self.core.ask_status(now_s)

    # --- jobs ---
    def begin(self, job: Job, journal: Journal | None, plan: RecoveryPlan | None, now_s: float) -> None:
        """Start a job where the tool is; from here on its position counts as known, and as kept."""
        marlin = self.core.firmware == "marlin"
        self.runner.start(job, journal, plan, self.poll.work_position, now_s, marlin=marlin)
        self.position.take_for_granted()

    # --- hold, release, stop ---
    def hold(self) -> None:
        """Feed hold now; on Marlin, no more lines."""
        self.brakes.hold()
        self._flush_quietly()
        self.poll.soon()

    def release(self) -> None:
        """End a hold, once the machine stands."""
        self.brakes.release()

    def stop(self, kind: str = "stopped", reason: str = "stopped by the operator", hint: str = "") -> None:
        """Brake, throw the controller's queue away, end the job."""
        self.brakes.stop(kind, reason, hint)

    # --- resets of ours ---
    def _put_offset_back(self, now_s: float) -> bool:
        """Bring the work offset back that a reset of ours cleared; whether that is under way."""
        how = self.offsets.put_back(self.poll.machine_position, now_s)
        if how == "waits":
            self.poll.by(now_s)
        elif how == "failed":
            self.position.doubt("a reset cleared the work offset, and it could not be put back")
        return how in ("waits", "sent")

    def emergency(self, now_s: float) -> None:
        """The soft reset goes out past this thread: draw the consequences, before its answer is taken."""
        self.reset_goes_out = False
        moving = self.core.machine_state in (*MOVING, MachineState.HOME) or self.core.loses_position_by_reset
        self.core.data_to_send()  # nothing of what was prepared may follow the reset
        self.core.reset_was_sent(now_s)
        if moving:
            self.position.doubt("a reset stopped the machine while it moved")
        else:
            self.offsets.keep()
        self.brakes.let_go()
        self.errands.fail(ProtocolError("emergency stop"))
        self.runner.end("emergency", "emergency stop: the position may be lost", "unlock, home or zero, then resume")

    # --- when the program itself fails ---
    def fail(self, reason: str, hint: str) -> None:
        """Stop in good order, although this program made a mistake; whoever waits is told."""
        moving = self.errands.current is not None and self.core.machine_state in (*MOVING, MachineState.HOME)
        self.errands.fail(ProtocolError(reason, hint))
        if self.runner.active:
            self.stop("failed", reason, hint)
        elif moving:
            self.hold()

    def abandon(self, reason: str, hint: str) -> None:
        """Send the hold past everything else and let go: what this engine knows cannot be relied upon any more."""
        self.gone, self.gone_hint, self.contact.connected = reason, hint, False
        with contextlib.suppress(PortError):
            self.transport.write(self.core.halting_bytes)
        self._emit(Disconnected(port=self.port, reason=reason))
        self.errands.fail(ProtocolError(reason, hint))
        self.runner.end("failed", reason, hint)

    def _flush_quietly(self) -> None:
        try:
            self._flush()
        except PortError as error:
            self._lost(str(error))


def _stands_at(line: str) -> bool:
    """Whether a line makes the controller wait for the operator."""
    return any(letter == "M" and value in (0.0, 1.0, 6.0) for letter, value in words(line))
