"""What all protocol cores have in common: the shape, the link's states and the one table of transitions."""

from __future__ import annotations

from enum import Enum
from typing import Protocol as TypingProtocol

from firmware_io.errors import ProtocolFaultError
from firmware_io.events import Event, MachineState, Position, SentLine


class Link(Enum):
    """Whether lines may be sent, and why not."""

    LISTENING = "listening"  # the port is open; nothing is known of the other end
    FENCING = "fencing"  # asked something whose answer proves that no older line is left
    READY = "ready"
    HALTED = "halted"  # a line was refused; the rest is held back
    SILENT = "silent"  # an acknowledgement is overdue
    RESETTING = "resetting"  # a reset was sent, its banner has not come
    LOCKED = "locked"  # alarm: $-commands only
    CRITICAL = "critical"  # alarm: nothing but a reset
    DEAD = "dead"  # killed: nothing but a power cycle


class Signal(Enum):
    """What moves the link from state to state."""

    BANNER = "banner"
    FENCE_SENT = "fence sent"
    FENCE_PASSED = "fence passed"
    FENCE_FAILED = "fence failed"
    REFUSED = "refused"
    OVERDUE = "overdue"
    RESET_SENT = "reset sent"
    ALARM = "alarm"
    CRITICAL_ALARM = "critical alarm"
    LOCK_SEEN = "lock seen"
    UNLOCKED = "unlocked"
    FORGIVEN = "forgiven"  # the caller has dealt with the refusal
    KILLED = "killed"


def _row(signal: Signal, to: Link, *states: Link) -> dict[tuple[Link, Signal], Link]:
    return {(state, signal): to for state in states}


_ALIVE = tuple(state for state in Link if state is not Link.DEAD)
_OPEN = (Link.LISTENING, Link.FENCING, Link.READY, Link.HALTED, Link.SILENT, Link.LOCKED)


def _stays(signal: Signal, *states: Link) -> dict[tuple[Link, Signal], Link]:
    return {(state, signal): state for state in states}


_NO_LINES = (Link.LISTENING, Link.FENCING, Link.SILENT, Link.RESETTING, Link.CRITICAL, Link.DEAD)

#: Every transition there is. What a controller may say at any time has a place in every state; a pair that is not here
#: can only come from ourselves, and :func:`follow` refuses it.
TRANSITIONS: dict[tuple[Link, Signal], Link] = {
    **_row(Signal.BANNER, Link.LISTENING, *Link),
    **_row(Signal.FENCE_SENT, Link.FENCING, Link.LISTENING, Link.FENCING, Link.SILENT, Link.HALTED, Link.READY),
    **_row(Signal.FENCE_PASSED, Link.READY, Link.FENCING),
    **_row(Signal.FENCE_FAILED, Link.LISTENING, Link.FENCING),
    **_row(Signal.REFUSED, Link.HALTED, Link.READY),
    **_row(Signal.OVERDUE, Link.SILENT, Link.READY, Link.LOCKED),
    **_row(Signal.RESET_SENT, Link.RESETTING, *_ALIVE),
    **_row(Signal.ALARM, Link.LOCKED, *_OPEN),
    **_row(Signal.CRITICAL_ALARM, Link.CRITICAL, *_OPEN),
    **_row(Signal.LOCK_SEEN, Link.LOCKED, Link.READY, Link.HALTED),
    **_row(Signal.UNLOCKED, Link.READY, Link.LOCKED),
    **_row(Signal.FORGIVEN, Link.READY, Link.HALTED),
    **_row(Signal.KILLED, Link.DEAD, *Link),
    **_stays(Signal.REFUSED, Link.HALTED, Link.LOCKED),
    **_stays(Signal.RESET_SENT, Link.DEAD),  # whoever wants to stop it may always try
    **_stays(Signal.ALARM, Link.RESETTING, Link.CRITICAL, Link.DEAD),
    **_stays(Signal.CRITICAL_ALARM, Link.RESETTING, Link.CRITICAL, Link.DEAD),
    **_stays(Signal.LOCK_SEEN, Link.LOCKED, *_NO_LINES),
    **_stays(Signal.UNLOCKED, Link.READY, Link.HALTED, *_NO_LINES),
    **_stays(Signal.FORGIVEN, Link.READY, Link.LOCKED, *_NO_LINES),  # what came with the refusal went on
}


def follow(link: Link, signal: Signal) -> Link:
    """Return the state after a signal.

    Raises
    ------
    ProtocolFaultError
        For a pair that the table does not hold: a fault of this program.
    """
    try:
        return TRANSITIONS[link, signal]
    except KeyError:
        raise ProtocolFaultError(f"'{signal.value}' cannot come while the link is {link.value}") from None


class ProtocolCore(TypingProtocol):
    """A conversation with one controller, without input or output.

    Bytes from the controller go into :meth:`receive`, bytes for it come out of :meth:`data_to_send`; time is
    what the caller says it is.
    """

    firmware: str
    version: str
    buffer_bytes: int
    link: Link
    machine_state: MachineState
    #: Milliseconds (Marlin) or seconds (grbl) in ``G4 P``, as seconds.
    dwell_p_s: float
    can_hold: bool
    can_check: bool
    #: Whether a status tells where the tool is while it moves (Marlin's M114 tells where its queue ends).
    tells_place: bool
    #: Whether a question for the status is a line that waits for its turn (M114), or a byte that does not (``?``).
    asks_in_turn: bool
    #: Whether lines are sent again until they are taken: silence in the end means that the other end is gone.
    sends_again: bool
    #: Whether a reset costs the position even where nothing moves.
    loses_position_by_reset: bool
    #: What stops everything at once, past all queues.
    kill_bytes: bytes
    #: Whether lines are G-code whose path can be followed; else a place is whatever the firmware counts in.
    follows_gcode: bool
    #: Whether the controller itself knows, through restarts, where it stands, and tells when it does not.
    vouches: bool
    #: What is acknowledged only when all motion has ended; empty where that is true of every line.
    sync_line: str
    home_line: str
    #: Lines whose answers tell the offsets that are active.
    offset_questions: tuple[str, ...]
    restarted: bool
    settings: dict[int, float]
    overrides: tuple[int, int, int]

    @property
    def goes_on_after_errors(self) -> bool:
        """Whether the controller takes the next line after one that it has refused."""
        ...

    @property
    def work_offset(self) -> Position | None:
        """Machine position less work position, as far as it is known."""
        ...

    @property
    def coordinate_system(self) -> str:
        """The one that is active (``G54``); empty where it is not known, or there are none."""
        ...

    @property
    def shift(self) -> Position | None:
        """The part of the work offset that the next reset clears (G92); None where it is not known."""
        ...

    @property
    def halting_bytes(self) -> bytes:
        """What stops the machine although nothing else is known."""
        ...

    def receive(self, data: bytes, now_s: float) -> list[Event]:
        """Bytes from the controller."""
        ...

    def tick(self, now_s: float) -> list[Event]:
        """Time has passed."""
        ...

    def data_to_send(self) -> bytes:
        """Bytes for the controller; asking takes them."""
        ...

    def fits(self, text: str) -> bool:
        """Whether a line can be sent now without any risk of an overflow."""
        ...

    def send(self, text: str, now_s: float, token: object = None) -> SentLine:
        """Put a line on the wire; only when it `fits`."""
        ...

    @property
    def in_flight(self) -> tuple[SentLine, ...]:
        """Lines that wait for their acknowledgement, oldest first."""
        ...

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of these lines."""
        ...

    def fence(self, now_s: float) -> None:
        """Find out where the two ends stand: an answer proves that all older lines were dealt with."""
        ...

    def ask_status(self, now_s: float) -> None:
        """Ask for state and position."""
        ...

    def hold(self) -> None:
        """Feed hold."""
        ...

    def release(self) -> None:
        """Resume (cycle start), or the answer to a prompt."""
        ...

    def door(self) -> None:
        """Safety door."""
        ...

    def reset(self, now_s: float) -> None:
        """Soft reset; on Marlin the nearest thing."""
        ...

    def reset_was_sent(self, now_s: float) -> None:
        """Note that a reset went out on another way (an emergency stop waits for nobody)."""
        ...

    def brake(self) -> bool:
        """Stop what moves, as orderly as the firmware can; whether anything was sent."""
        ...

    def cancel_jog(self) -> None:
        """End a jog where it is, where the firmware knows jogs."""
        ...

    def override(self, what: str, percent: int) -> None:
        """Bring an override to `percent`; raises JobError where there is none."""
        ...

    def forgive(self) -> None:
        """Send again after a refusal that the caller has dealt with."""
        ...

    # --- words of the dialect ---
    def check_line(self, text: str) -> None:
        """Refuse a line that the controller can never take; raises JobError."""
        ...

    def jog_lines(self, where: str, feed_mm_min: float, absolute: bool) -> tuple[str, ...]:
        """Lines that move by, or to, `where` (`` X1.000 Y2.000``)."""
        ...
