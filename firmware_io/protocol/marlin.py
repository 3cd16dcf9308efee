"""The protocol of Marlin, without input or output.

One numbered line with a checksum is on its way at a time; Marlin's own planner (16 blocks) keeps the motion
smooth meanwhile. Numbers make everything idempotent: a line whose acknowledgement does not come is simply sent
again, and ``Resend: n`` says for certain that all lines before n were taken and none from n on. Each ``Resend``
is followed by an ``ok`` that acknowledges nothing; it is not counted. A resend waits a moment for what is still
on its way, else every answer would breed another resend.

A line that was sent twice because nobody answered may be answered twice, and "taken" then does not mean "done":
before such a line counts, a *barrier* (M115, whose answer is unmistakable) ends everything that is still on its way.
"""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass

from firmware_io.errors import JobError
from firmware_io.events import (
    Acknowledged,
    AcknowledgementOverdue,
    AlarmRaised,
    Booted,
    Capabilities,
    Event,
    MachineState,
    Rejected,
    ResendAsked,
    Said,
    SentLine,
    StateChanged,
    StatusReported,
    StrayAcknowledgement,
)
from firmware_io.gcode import dwell_s, is_sync
from firmware_io.protocol.base import Link, Signal
from firmware_io.protocol.conversation import Conversation
from firmware_io.protocol.numbered_lines import NumberedLines, check_marlin_line
from firmware_io.protocol.prompt import Prompt

KILL = b"\nM112\n"  # an emergency parser looks at the beginnings of lines, and half a line may be on the wire already
_OK = re.compile(r"^ok(?:\s+(?:N(\d{1,9}))?.*)?$")
_RESEND = re.compile(r"^(?:Resend|rs)\s*:?\s*N?(\d{1,9})\s*$", re.IGNORECASE)
_POSITION = re.compile(r"^(?:ok )?(?:C: )?X:\s*(-?\d{1,9}\.?\d*) ?Y:\s*(-?\d{1,9}\.?\d*) ?Z:\s*(-?\d{1,9}\.?\d*)")
_FIRMWARE = re.compile(r"FIRMWARE_NAME:\s*(\S+)\s*(\S*)")
_CAPABILITY = re.compile(r"^Cap:([A-Z_0-9]+):([01])$")
_BUSY = re.compile(r"^(?:echo:)?\s*busy\b")
_LINE_FAULTS = ("line number", "checksum", "expected line")
_RESEND_PAUSE_S = 0.15
_FENCE_PATIENCE_S = 3.0
_PATIENCE_S = 5.0
_TRIES = 6


class _Own:
    """Token of lines that the core sends for itself."""


_OWN = _Own()


@dataclass(slots=True)
class _Flight:
    line: SentLine
    number: int | None  # None: sent without a number, out of turn
    wire: bytes
    refused: str = ""
    garbled: bool = False


class MarlinProtocol(Conversation):
    """One end of a conversation with Marlin.

    Parameters
    ----------
    acknowledgement_timeout_s : float
        Silence after which a line is sent again (``busy`` messages count as speech).
    """

    dwell_p_s = 0.001
    can_hold = False
    can_check = False
    tells_place = False
    follows_gcode = True
    vouches = False
    asks_in_turn = True
    sends_again = True
    loses_position_by_reset = True
    goes_on_after_errors = True
    work_offset = None
    shift = None
    coordinate_system = ""
    kill_bytes = KILL
    sync_line = "M400"
    home_line = "G28"
    offset_questions: tuple[str, ...] = ()

    def __init__(self, *, acknowledgement_timeout_s: float = _PATIENCE_S) -> None:
        super().__init__("marlin")
        self.buffer_bytes = 128
        self.acknowledgement_timeout_s = acknowledgement_timeout_s
        self.emergency_parser = False
        self._flights: deque[_Flight] = deque()
        self._lines = NumberedLines()
        self._stray_oks = 0
        self._resend_due_s: float | None = None
        self._dubious = False  # the line on the wire was sent again without being asked for
        self._barrier = self._barrier_named = self._owed = False
        self._tries = 0
        self._named = self._numbering = False
        self._fence_sent_s = -math.inf
        self._prompt = Prompt()

    # --- sending ---
    @property
    def in_flight(self) -> tuple[SentLine, ...]:
        """Lines that wait for their acknowledgement, oldest first."""
        return tuple(f.line for f in self._flights if f.line.token is not _OWN)

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of these lines, with number and checksum."""
        return sum(len(f.wire) for f in self._flights)

    def fits(self, text: str) -> bool:
        """Whether nothing is on its way."""
        return self.link is Link.READY and not self._flights and self._resend_due_s is None

    def send(self, text: str, now_s: float, token: object = None) -> SentLine:
        """Put a line on the wire, with number and checksum; raises JobError when it does not fit."""
        check_marlin_line(text)
        if not self.fits(text):
            raise JobError(f"line '{text}' does not fit: the link is {self.link.value}, one line is on its way")
        line = SentLine(text=text, token=token, sent_s=now_s)
        self._send_numbered(line, now_s)
        if not is_sync(text):
            self._set_state(MachineState.RUN)
        return line

    def _send_numbered(self, line: SentLine, now_s: float) -> None:
        number, wire = self._lines.add(line.text)
        self._flights.append(_Flight(line, number, wire))
        self._tries, self._heard_s = 0, now_s
        self._out += wire

    def _send_out_of_turn(self, text: str, now_s: float) -> None:
        wire = text.encode("ascii") + b"\n"
        self._flights.append(_Flight(SentLine(text=text, token=_OWN, sent_s=now_s), None, wire))
        self._heard_s = now_s
        self._out += wire

    def fence(self, now_s: float) -> None:
        """Ask for the firmware's name: the answer ends everything older; then set the line number back.

        One after the other: Marlin sets the number back when it executes M110, which would undo the counting of
        numbered lines that it has read meanwhile.
        """
        self._signal(Signal.FENCE_SENT)
        self._empty()
        self._named = False
        self._fence_sent_s = now_s
        self._numbering = False
        self._out += b"\nM113 S2\nM115\n"

    def ask_status(self, now_s: float) -> None:
        """Send M114 where nothing is on its way; else do nothing: Marlin answers in turn only."""
        if self.fits("M114"):
            self._send_numbered(SentLine(text="M114", token=_OWN, sent_s=now_s), now_s)

    def release(self) -> None:
        """Answer a prompt: go on."""
        if self.machine_state is MachineState.WAITING:
            self._send_out_of_turn(self._prompt.answered(), self._now)

    @property
    def halting_bytes(self) -> bytes:
        """What stops the machine although nothing else is known; without an emergency parser nothing does."""
        return b"\nM410\n" if self.emergency_parser else b""

    def brake(self) -> bool:
        """Send M410, where an emergency parser hears it: stop dead, forget the planner; steps may be lost at speed."""
        if self.emergency_parser:
            self._send_out_of_turn("M410", self._now)
        return self.emergency_parser

    def check_line(self, text: str) -> None:
        """Refuse a line that Marlin can never take; raises JobError."""
        check_marlin_line(text)

    def jog_lines(self, where: str, feed_mm_min: float, absolute: bool) -> tuple[str, ...]:
        """A motion in its own mode of distances, and the usual mode again."""
        return ("G21", "G90" if absolute else "G91", f"G1{where} F{feed_mm_min:g}", "G90")

    def reset(self, now_s: float) -> None:
        """Send M112: the firmware kills itself and needs a power cycle or a reset button."""
        self._out += KILL
        self.reset_was_sent(now_s)

    def reset_was_sent(self, now_s: float) -> None:
        """Note that M112 went out on another way."""
        self._signal(Signal.RESET_SENT)

    def override(self, what: str, percent: int) -> None:
        """Set the feed override (M220), out of turn."""
        if what != "feed" or not 10 <= percent <= 200:
            raise JobError(f"Marlin has no override of {what} to {percent} %: only feed, from 10 to 200 %")
        self._send_out_of_turn(f"M220 S{percent}", self._now)
        self.overrides = (percent, 100, 100)

    # --- receiving ---
    def receive(self, data: bytes, now_s: float) -> list[Event]:
        """Bytes from the controller, in pieces of any size; nothing that arrives raises."""
        events: list[Event] = []
        for raw in self._whole_lines(data, now_s):
            line = raw.decode("latin-1")
            if line:
                if line != "wait":  # said by an idle firmware: no sign that it works on what was sent
                    self._heard_s = now_s
                events += self._line(line)
        self._take_endless()
        return events

    def tick(self, now_s: float) -> list[Event]:
        """Time has passed: send again what was asked for, or what nobody answered."""
        self._now = now_s
        if self.link is Link.FENCING and now_s - max(self._fence_sent_s, self._heard_s) > _FENCE_PATIENCE_S:
            self._signal(Signal.FENCE_FAILED)
        if self.link is not Link.READY or not self._flights:
            return []
        if self._resend_due_s is not None:
            if now_s >= self._resend_due_s:
                self._send_again(now_s)
            return []
        return self._silence(now_s)

    def _silence(self, now_s: float) -> list[Event]:
        first = self._flights[0]
        if self.machine_state is MachineState.WAITING:
            return []  # the operator takes his time
        waited = now_s - self._heard_s
        if waited < self.acknowledgement_timeout_s + dwell_s(first.line.text, self.dwell_p_s):
            return []
        if first.number is None:
            self._flights.popleft()  # an out-of-turn line that this firmware does not acknowledge
            self._heard_s = now_s
            return []
        self._tries += 1
        if self._tries > _TRIES:
            self._signal(Signal.OVERDUE)
            return [AcknowledgementOverdue(line=first.line, waited_s=now_s - first.line.sent_s)]
        if self._barrier:
            self._send_barrier(now_s)
        else:
            self._dubious = True
            self._send_again(now_s)
        return []

    def _send_barrier(self, now_s: float) -> None:
        self._barrier, self._barrier_named = True, False
        self._heard_s = now_s
        self._out += b"\nM115\n"

    def _send_again(self, now_s: float) -> None:
        """Send the line again that Marlin waits for."""
        self._resend_due_s = None
        self._heard_s = now_s
        self._out += self._lines.again()

    def _line(self, text: str) -> list[Event]:
        if match := _OK.match(text):
            position = _POSITION.match(text)
            if name := _FIRMWARE.search(text):  # Klipper tells it in the answer itself
                self._take_name(name)
            return [*(self._position(position) if position else []), *self._ok(match.group(1))]
        if match := _RESEND.match(text):
            return self._resend(int(match.group(1)))
        if text.startswith("Error:") or text.startswith("!!"):
            return self._error(text)
        if text == "start" or text.startswith("Marlin "):
            return self._started(text)
        if match := _POSITION.match(text):
            return self._position(match)
        if _BUSY.match(text):
            return self._busy(text)
        if text == "wait":
            return self._set_state(MachineState.IDLE) if not self._flights else []
        if told := self._prompt.take(text):
            return self._prompted(told)
        return self._other(text)

    def _other(self, text: str) -> list[Event]:
        if match := _FIRMWARE.search(text):
            self._take_name(match)
        elif match := _CAPABILITY.match(text):
            if match.group(1) == "EMERGENCY_PARSER":
                self.emergency_parser = match.group(2) == "1"
        elif text.startswith("echo:Unknown command") and self._flights:
            self._unknown(text, self._flights[0])
        return [Said(text=text)]

    def _take_name(self, match: re.Match[str]) -> None:
        self._named = self._barrier_named = True
        self.version = f"{match.group(1)} {match.group(2)}".strip()

    def _unknown(self, text: str, flight: _Flight) -> None:
        """Refused for good when it is what we sent; else it was garbled past its number, and is sent again."""
        quoted = text.partition('"')[2].rpartition('"')[0].replace(" ", "")
        if flight.line.text.replace(" ", "") == quoted or flight.number is None:
            flight.refused = "the command is not known to this firmware"
        else:
            flight.garbled = True

    def _ok(self, number: str | None) -> list[Event]:
        if self.link is Link.FENCING:
            return self._fence_ok()
        if self._barrier:
            return self._barrier_ok() if self._barrier_named else []
        if self._stray_oks:
            self._stray_oks -= 1
            return []
        if not self._flights or self.link not in (Link.READY, Link.HALTED):
            return [StrayAcknowledgement(text="ok")]
        first = self._flights[0]
        if number is not None and first.number is not None and int(number) < self._lines.on_wire:
            return [StrayAcknowledgement(text=f"ok N{number}")]
        return self._taken()

    def _barrier_ok(self) -> list[Event]:
        """Everything older is answered: the line is done, or was asked for again meanwhile."""
        owed, self._owed = self._owed, False
        self._barrier = self._dubious = False
        self._stray_oks = 0
        if owed:
            self._send_again(self._now)
            return []
        return self._taken() if self._flights else []

    def _taken(self) -> list[Event]:
        """The line on the wire was taken; go on with the next that is owed, or report the last."""
        first = self._flights[0]
        if first.garbled:
            first.garbled, self._resend_due_s = False, self._now + _RESEND_PAUSE_S
            return []
        self._resend_due_s, self._tries = None, 0
        if self._dubious:
            self._send_barrier(self._now)
            return []
        if first.number is not None and self._lines.on_wire < first.number:
            self._lines.on_wire += 1
            self._send_again(self._now)
            return []
        self._flights.popleft()
        if first.line.token is _OWN:
            return []
        if first.refused:
            self._signal(Signal.REFUSED)
            return [Rejected(line=first.line, code="echo:Unknown command", meaning=first.refused)]
        events: list[Event] = [Acknowledged(line=first.line)]
        return events + (self._set_state(MachineState.IDLE) if is_sync(first.line.text) else [])

    def _fence_ok(self) -> list[Event]:
        if not self._named:
            return [StrayAcknowledgement(text="ok")]
        if self._numbering:
            return self._fence_passed()
        self._numbering = True
        self._out += self._lines.count_anew()
        return []

    def _fence_passed(self) -> list[Event]:
        self._signal(Signal.FENCE_PASSED)
        self._stray_oks = 0
        self._set_state(MachineState.IDLE)
        return [Capabilities(firmware=self.firmware, version=self.version, planner_blocks=16)]

    def _resend(self, number: int) -> list[Event]:
        event = ResendAsked(number=number)
        if self._barrier:
            self._owed = self._owed or number == self._lines.on_wire
            return [event]
        self._stray_oks = 1  # the ok that follows belongs to the complaint
        flight = next((f for f in self._flights if f.number is not None), None)
        if self.link is not Link.READY or flight is None or flight.number is None:
            return [event]
        if number > flight.number + 1:
            return [event]  # nonsense, garbled on the way; silence will sort it out
        if number == flight.number + 1:
            while self._flights[0] is not flight:
                self._flights.popleft()
            self._lines.on_wire, self._dubious = flight.number, True
            return [event, *self._taken()]
        if not self._lines.keeps(number):
            self._signal(Signal.REFUSED)
            line = self._flights.popleft().line
            return [event, Rejected(line=line, code=f"Resend: {number}", meaning="that line is long gone")]
        self._lines.on_wire = number
        self._resend_due_s = self._now + _RESEND_PAUSE_S
        return [event]

    def _error(self, text: str) -> list[Event]:
        lower = text.lower()
        if any(fault in lower for fault in _LINE_FAULTS):
            return [Said(text=text)]  # Resend follows
        if "kill" in lower or "halted" in lower:
            self._signal(Signal.KILLED)
            lost = self._empty()
            alarm = AlarmRaised(code=text, meaning="the firmware has stopped itself; reset it", lost_lines=lost)
            return [alarm, *self._set_state(MachineState.DEAD)]
        if not self._flights or self.link is not Link.READY:
            return [Said(text=text)]
        self._signal(Signal.REFUSED)
        return [Rejected(line=self._flights[0].line, code=text, meaning="the firmware reports an error")]

    def _started(self, text: str) -> list[Event]:
        if text != "start" and self.link is Link.LISTENING:
            return [Said(text=text)]
        lost = self._empty()
        self.restarted = True
        self._signal(Signal.BANNER)
        return [Booted(text=text, lost_lines=lost), *self._set_state(MachineState.UNKNOWN)]

    def _position(self, match: re.Match[str]) -> list[Event]:
        position = tuple(float(v) for v in match.groups())
        state = self.machine_state
        return [StatusReported(state=state, raw_state=state.value, work_position=position)]

    def _busy(self, text: str) -> list[Event]:
        waiting = "paused for" in text
        return self._set_state(MachineState.WAITING if waiting else MachineState.RUN)

    def _prompted(self, what: str) -> list[Event]:
        if what == "show":
            return [self._prompt.event, *self._set_state(MachineState.WAITING)]
        if what == "end" and self.machine_state is MachineState.WAITING:
            return self._set_state(MachineState.RUN)
        return []

    # --- small things ---
    def _set_state(self, state: MachineState) -> list[Event]:
        before, self.machine_state = self.machine_state, state
        return [] if before is state else [StateChanged(before=before, after=state)]

    def _empty(self) -> tuple[SentLine, ...]:
        lost = self.in_flight
        self._flights.clear()
        self._lines.clear()
        self._stray_oks, self._resend_due_s, self._tries = 0, None, 0
        self._dubious = self._barrier = self._barrier_named = self._owed = False
        return lost
