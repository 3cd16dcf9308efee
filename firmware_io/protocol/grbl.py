"""The protocol of grbl 1.1, grblHAL and FluidNC, without input or output.

Flow control is character counting: the bytes of all lines that are not acknowledged stay one under the receive
buffer that the controller reports. ``?`` and the other real-time bytes never enter that buffer and are not
counted. Acknowledgements carry no name, so the ledger is emptied whenever they can no longer be told apart: at a
banner, an alarm, a reset; and a *fence* (a line that no controller accepts, which also kills the rest of a line
cut short, then ``$G``, whose answer is unmistakable and given in every state) starts it anew.
"""

from __future__ import annotations

import re

from firmware_io.errors import JobError
from firmware_io.events import (
    Acknowledged,
    AcknowledgementOverdue,
    AlarmRaised,
    Booted,
    Capabilities,
    Event,
    Garbled,
    MachineState,
    Position,
    Rejected,
    Said,
    SentLine,
    StateChanged,
    StrayAcknowledgement,
)
from firmware_io.gcode import dwell_s
from firmware_io.protocol.base import Link, Signal
from firmware_io.protocol.codes import CRITICAL_ALARMS, alarm_meaning, error_meaning
from firmware_io.protocol.conversation import Conversation
from firmware_io.protocol.grbl_fence import FENCE, Fences
from firmware_io.protocol.grbl_offsets import WorkOffsets, number
from firmware_io.protocol.grbl_overrides import override_bytes
from firmware_io.protocol.grbl_status import read_status
from firmware_io.protocol.ledger import Ledger

_BANNER = re.compile(r"(Grbl|GrblHAL|grblHAL) (\d\S*) .*for help\]$")
_ERROR = re.compile(r"^error:\s*(\d{1,6})$")
_ALARM = re.compile(r"^ALARM:\s*(\d{1,6})$")
_OPTIONS = re.compile(r"^\[OPT:[^,\]]*,(\d{1,6}),(\d{1,6})")
_PARAMETER = re.compile(r"^\[(G5[4-9]|G92|TLO):([-+0-9.,]+)\]$")
_SETTING = re.compile(r"^\$(\d{1,6})=([-+0-9.]+)")
_UNSAFE = re.compile(r"[^ -~]|[?!~]")
#: States in which an acknowledgement cannot be expected.
_PATIENT = frozenset(MachineState) - {MachineState.IDLE, MachineState.CHECK, MachineState.ALARM}
_MAX_LINE = 79  # grbl keeps that many characters, spaces not counted
RESET, HOLD, DOOR, JOG_CANCEL = b"\x18", b"!", b"\x84", b"\x85"


class GrblProtocol(Conversation):
    """One end of a conversation with a controller of the grbl family.

    Parameters
    ----------
    buffer_bytes : int
        Receive buffer until the controller has said how large it is.
    acknowledgement_timeout_s : float
        Patience for an acknowledgement while the controller says that it is idle.
    """

    dwell_p_s = 1.0
    can_hold = True
    can_check = True
    tells_place = True
    follows_gcode = True
    vouches = False
    asks_in_turn = False
    sends_again = False
    loses_position_by_reset = False
    kill_bytes = RESET
    blanks = b"\r\x00 "
    sync_line = "G4 P0"
    home_line = "$H"
    offset_questions: tuple[str, ...] = ("$#", "$G")

    def __init__(self, *, buffer_bytes: int = 128, acknowledgement_timeout_s: float = 5.0) -> None:
        super().__init__("grbl")
        self.buffer_bytes = buffer_bytes
        self.planner_blocks = 15
        self.acknowledgement_timeout_s = acknowledgement_timeout_s
        self._ledger = Ledger()
        self._offsets = WorkOffsets()
        self._fences = Fences()
        self._reset_was_ours = False
        self._idle_since_s: float | None = None

    # --- sending ---
    @property
    def in_flight(self) -> tuple[SentLine, ...]:
        """Lines that wait for their acknowledgement, oldest first."""
        return self._ledger.lines

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of these lines, line ends included."""
        return self._ledger.bytes

    def fits(self, text: str) -> bool:
        """Whether a line can be sent now without any risk of an overflow."""
        if self.link not in (Link.READY, Link.LOCKED):
            return False
        return self._ledger.bytes + len(text) + 1 < self.buffer_bytes

    def send(self, text: str, now_s: float, token: object = None) -> SentLine:
        """Put a line on the wire.

        Raises
        ------
        JobError
            When the line does not fit now (ask :meth:`fits`), or could never be taken.
        """
        check_line(text)
        if not self.fits(text):
            raise JobError(
                f"line '{text}' of {len(text) + 1} bytes does not fit: {self._ledger.bytes} of {self.buffer_bytes} "
                f"bytes are on their way and the link is {self.link.value}"
            )
        line = SentLine(text=text, token=token, sent_s=now_s)
        self._ledger.add(line)
        self._out += text.encode("ascii") + b"\n"
        self._idle_since_s = None
        return line

    def fence(self, now_s: float) -> None:
        """Send a line that is refused by all, then questions; the last one's answer ends everything older."""
        self._signal(Signal.FENCE_SENT)
        self._empty_ledger()
        self._fences.sent(now_s)
        self._offsets.ask_anew()
        self._out += FENCE

    def ask_status(self, now_s: float) -> None:
        """Send ``?``."""
        self._out += b"?"

    @property
    def halting_bytes(self) -> bytes:
        """What stops the machine although nothing else is known."""
        return HOLD

    @property
    def goes_on_after_errors(self) -> bool:
        """grblHAL refuses everything after an error until it is cleared."""
        return self.firmware != "grblhal"

    @property
    def work_offset(self) -> Position | None:
        """Machine position less work position, as far as it is known."""
        return self._offsets.offset

    @property
    def shift(self) -> Position | None:
        """G92, the part of the work offset that the next reset clears; None where it is not known."""
        return self._offsets.parameters.get("G92")

    @property
    def coordinate_system(self) -> str:
        """The one that is active (``G54``); empty where it is not known."""
        return self._offsets.system

    def check_line(self, text: str) -> None:
        """Refuse a line that no controller of the family can take; raises JobError."""
        check_line(text)

    def jog_lines(self, where: str, feed_mm_min: float, absolute: bool) -> tuple[str, ...]:
        """A jog command: soft limits refuse it, a jog cancel ends it."""
        return (f"$J=G21 {'G90' if absolute else 'G91'}{where} F{feed_mm_min:g}",)

    def brake(self) -> bool:
        """Feed hold."""
        self.hold()
        return True

    def hold(self) -> None:
        """Send ``!``."""
        self._out += HOLD

    def release(self) -> None:
        """Send ``~``; lost while the hold still brakes, so wait for HELD."""
        self._out += b"~"

    def door(self) -> None:
        """Send the safety-door byte."""
        self._out += DOOR

    def cancel_jog(self) -> None:
        """Send the jog-cancel byte."""
        self._out += JOG_CANCEL

    def reset(self, now_s: float) -> None:
        """Send ctrl-X."""
        self._out += RESET
        self.reset_was_sent(now_s)

    def reset_was_sent(self, now_s: float) -> None:
        """Note that ctrl-X went out on another way (an emergency stop waits for nobody)."""
        self._reset_was_ours = True
        self._signal(Signal.RESET_SENT)
        self._fences.wait_from(now_s)

    def override(self, what: str, percent: int) -> None:
        """Bring the ``feed``, ``rapid`` or ``spindle`` override to `percent`."""
        self._out += override_bytes(what, percent, self.overrides)

    # --- receiving ---
    def receive(self, data: bytes, now_s: float) -> list[Event]:
        """Bytes from the controller, in pieces of any size; nothing that arrives raises."""
        events: list[Event] = []
        for line in self._whole_lines(data, now_s):
            events += self._line(line)
        if endless := self._take_endless():
            events.append(Garbled(text=repr(endless[:40])))
        return events

    def tick(self, now_s: float) -> list[Event]:
        """Look at the clock: an acknowledgement may be overdue, a fence unanswered."""
        self._now = now_s
        if self.link is Link.FENCING and self._fences.is_overdue(now_s, self._heard_s):
            if self._fences.answered:
                return self._fence_passed()  # the others were never received
            self._signal(Signal.FENCE_FAILED)
        if not self._ledger or self._idle_since_s is None or self.link not in (Link.READY, Link.LOCKED):
            return []
        waited = now_s - self._idle_since_s
        if waited < self.acknowledgement_timeout_s + self._dwell_in_flight_s():
            return []
        self._signal(Signal.OVERDUE)
        return [AcknowledgementOverdue(line=self._ledger.oldest, waited_s=waited)]

    def _dwell_in_flight_s(self) -> float:
        return sum(dwell_s(line.text) for line in self._ledger.lines)

    def _line(self, raw: bytes) -> list[Event]:
        if not raw:
            return []
        text = raw.decode("latin-1")
        if not text.startswith("<"):
            self._heard_s = self._now
        if text == "ok":
            return self._ok()
        if text.startswith("<"):
            return self._status(text)
        return self._sentence(text)

    def _sentence(self, text: str) -> list[Event]:
        """Everything but the two kinds of line that come all the time."""
        if match := _ERROR.match(text):
            return self._error(int(match.group(1)))
        if match := _ALARM.match(text):
            return self._alarm(int(match.group(1)))
        if match := _BANNER.search(text):
            return self._banner(text, match)
        if text.startswith("["):
            return self._bracket(text)
        if match := _SETTING.match(text):
            return self._setting(text, match)
        if text.startswith((">", "$")):
            return [Said(text=text)]
        return [Garbled(text=text)]

    def _ok(self) -> list[Event]:
        if self.link is Link.FENCING:
            ends = self._fences.take_ok(self._now)
            if ends is None:
                return [StrayAcknowledgement(text="ok")]
            return self._fence_passed() if ends else []
        if not self._ledger or self.link not in (Link.READY, Link.HALTED, Link.LOCKED):
            return [StrayAcknowledgement(text="ok")]
        return [Acknowledged(line=self._take())]

    def _fence_passed(self) -> list[Event]:
        self._fences.forget()
        self._signal(Signal.FENCE_PASSED)
        if self.machine_state is MachineState.ALARM:
            self._signal(Signal.LOCK_SEEN)
        return [
            Capabilities(
                firmware=self.firmware,
                version=self.version,
                buffer_bytes=self.buffer_bytes,
                planner_blocks=self.planner_blocks,
            )
        ]

    def _error(self, code: int) -> list[Event]:
        if self.link is Link.FENCING:
            return [StrayAcknowledgement(text=f"error:{code}")]
        if not self._ledger or self.link not in (Link.READY, Link.HALTED, Link.LOCKED):
            return [StrayAcknowledgement(text=f"error:{code}")]
        line = self._take()
        self._signal(Signal.REFUSED)
        return [Rejected(line=line, code=f"error:{code}", meaning=error_meaning(code))]

    def _alarm(self, code: int) -> list[Event]:
        lost = self._empty_ledger()
        self._signal(Signal.CRITICAL_ALARM if code in CRITICAL_ALARMS else Signal.ALARM)
        alarm = AlarmRaised(code=f"ALARM:{code}", meaning=alarm_meaning(code), lost_lines=lost)
        return [alarm, *self._state(MachineState.ALARM)]

    def _banner(self, text: str, match: re.Match[str]) -> list[Event]:
        lost = self._empty_ledger()
        self.restarted = True
        self.version = match.group(2)
        if "HAL" in match.group(1):
            self.firmware = "grblhal"
        elif "FluidNC" in text:
            self.firmware = "fluidnc"
        self._fences.forget()
        asked, self._reset_was_ours = self._reset_was_ours, False
        self._offsets.restart()
        self.overrides = (100, 100, 100)
        self._signal(Signal.BANNER)
        booted = Booted(text=match.group(0), asked_for=asked, lost_lines=lost)
        return [booted, *self._state(MachineState.UNKNOWN)]

    def _bracket(self, text: str) -> list[Event]:
        if not text.endswith("]"):
            return [Garbled(text=text)]
        if "to unlock" in text:
            return [Said(text=text), *self._state(MachineState.ALARM)]
        if "Caution: Unlocked" in text:
            self._signal(Signal.UNLOCKED)
        elif match := _PARAMETER.match(text):
            self._offsets.take(match.group(1), match.group(2))
        elif text.startswith("[GC:"):
            self._fences.see_modes()
            self._offsets.take_modes(text)
        else:
            self._build_info(text)
        return [Said(text=text)]

    def _build_info(self, text: str) -> None:
        if text.startswith("[VER:"):
            self.version = text[5:].split(":")[0].strip() or self.version
            if "FluidNC" in text:
                self.firmware = "fluidnc"
        elif match := _OPTIONS.match(text):
            planner, size = int(match.group(1)), int(match.group(2))
            self.planner_blocks = max(1, planner)
            if size >= 32:
                self.buffer_bytes = size
        elif text.startswith("[FIRMWARE:") and "grblHAL" in text:
            self.firmware = "grblhal"

    def _setting(self, text: str, match: re.Match[str]) -> list[Event]:
        value = number(match.group(2))
        if value is None:
            return [Garbled(text=text)]
        self.settings[int(match.group(1))] = value
        self._offsets.scale = 25.4 if self.settings.get(13) else 1.0
        return [Said(text=text)]

    # --- status ---
    def _status(self, text: str) -> list[Event]:
        told = read_status(text, self._offsets)
        if told is None:
            return [Garbled(text=text)]
        self.overrides = told.overrides or self.overrides
        return [told.report, *self._state(told.report.state)]

    def _state(self, state: MachineState) -> list[Event]:
        if state in _PATIENT:
            self._idle_since_s = None
        elif self._ledger and self._idle_since_s is None:
            self._idle_since_s = self._now
        if state is MachineState.ALARM:
            self._signal(Signal.LOCK_SEEN)
        elif state is MachineState.IDLE and self.link is Link.LOCKED:
            self._signal(Signal.UNLOCKED)
        before, self.machine_state = self.machine_state, state
        return [] if before is state else [StateChanged(before=before, after=state)]

    # --- the ledger and the link ---
    def _take(self) -> SentLine:
        line = self._ledger.take()
        self._offsets.note(line.text)
        self._idle_since_s = None
        return line

    def _empty_ledger(self) -> tuple[SentLine, ...]:
        self._idle_since_s = None
        return self._ledger.empty()


def check_line(text: str) -> None:
    """Refuse a line that no controller of the family can take; raises JobError."""
    if _UNSAFE.search(text):
        raise JobError(f"line {text!r} holds a character that must not go over the wire")
    kept = len(text.replace(" ", ""))
    if kept > _MAX_LINE:
        raise JobError(
            f"line '{text[:30]}...' has {kept} characters; the controller keeps {_MAX_LINE}", "shorten its numbers"
        )
