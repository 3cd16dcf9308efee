"""The protocol of grbl 1.1, grblHAL and FluidNC, without input or output.

Flow control is character counting: the bytes of all lines that are not acknowledged stay one under the receive
buffer that the controller reports. ``?`` and the other real-time bytes never enter that buffer and are not
counted. Acknowledgements carry no name, so the ledger is emptied whenever they can no longer be told apart: at a
banner, an alarm, a reset; and a *fence* (a line that no controller accepts, which also kills the rest of a line
cut short, then ``$G``, whose answer is unmistakable and given in every state) starts it anew.
"""

from __future__ import annotations

import math
import re
from collections import deque

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
    StatusReported,
    StrayAcknowledgement,
)
from firmware_io.gcode import words
from firmware_io.protocol.base import Link, Signal
from firmware_io.protocol.codes import CRITICAL_ALARMS, alarm_meaning, error_meaning
from firmware_io.protocol.conversation import Conversation
from firmware_io.protocol.grbl_offsets import WorkOffsets, floats, number

_BANNER = re.compile(r"(Grbl|GrblHAL|grblHAL) (\d\S*) .*for help\]$")
_STATUS = re.compile(r"^<([A-Z][a-z]+)(?::(\d+))?((?:\|[A-Za-z]+:?[^|<>]*)*)>$")
_ERROR = re.compile(r"^error:\s*(\d{1,6})$")
_ALARM = re.compile(r"^ALARM:\s*(\d{1,6})$")
_OPTIONS = re.compile(r"^\[OPT:[^,\]]*,(\d{1,6}),(\d{1,6})")
_PARAMETER = re.compile(r"^\[(G5[4-9]|G92|TLO):([-+0-9.,]+)\]$")
_SETTING = re.compile(r"^\$(\d{1,6})=([-+0-9.]+)")
_UNSAFE = re.compile(r"[^ -~]|[?!~]")
_STATES = {
    "Idle": MachineState.IDLE,
    "Run": MachineState.RUN,
    "Jog": MachineState.JOG,
    "Home": MachineState.HOME,
    "Check": MachineState.CHECK,
    "Alarm": MachineState.ALARM,
    "Sleep": MachineState.SLEEP,
    "Tool": MachineState.TOOL,
    "Door": MachineState.DOOR,
}
#: States in which an acknowledgement cannot be expected.
_PATIENT = frozenset(MachineState) - {MachineState.IDLE, MachineState.CHECK, MachineState.ALARM}
#: A line that no firmware takes (it also spoils the rest of a line that was cut short), then settings, offsets, build
#: info and, for its unmistakable answer that check mode gives too, the modes.
_FENCE = b"@@@@\n$$\n$#\n$I\n$G\n"
_MAX_LINE = 79  # grbl keeps that many characters, spaces not counted
_FENCE_PATIENCE_S = 2.0
_ROUND_TRIPS = 1.5  # that more than one answer may be waited for

RESET, HOLD, DOOR, JOG_CANCEL = b"\x18", b"!", b"\x84", b"\x85"
_FEED_STEPS = ((b"\x91", 10), (b"\x92", -10), (b"\x93", 1), (b"\x94", -1))
_SPINDLE_STEPS = ((b"\x9a", 10), (b"\x9b", -10), (b"\x9c", 1), (b"\x9d", -1))
_RAPID = {100: b"\x95", 50: b"\x96", 25: b"\x97"}


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
        self._ledger: deque[SentLine] = deque()
        self._bytes = 0
        self._offsets = WorkOffsets()
        self._modes_seen = False
        self._fences_out = 0  # fences sent and not answered: a slow controller may answer two
        self._fence_answered = False
        self._fence_sent_s = self._first_fence_s = -math.inf
        self._round_trip_s = 0.0  # of a fence: a slow link
        self._reset_was_ours = False
        self._idle_since_s: float | None = None

    # --- sending ---
    @property
    def in_flight(self) -> tuple[SentLine, ...]:
        """Lines that wait for their acknowledgement, oldest first."""
        return tuple(self._ledger)

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of these lines, line ends included."""
        return self._bytes

    def fits(self, text: str) -> bool:
        """Whether a line can be sent now without any risk of an overflow."""
        if self.link not in (Link.READY, Link.LOCKED):
            return False
        return self._bytes + len(text) + 1 < self.buffer_bytes

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
                f"line '{text}' of {len(text) + 1} bytes does not fit: {self._bytes} of {self.buffer_bytes} bytes are "
                f"on their way and the link is {self.link.value}"
            )
        line = SentLine(text=text, token=token, sent_s=now_s)
        self._ledger.append(line)
        self._bytes += len(text) + 1
        self._out += text.encode("ascii") + b"\n"
        self._idle_since_s = None
        return line

    def fence(self, now_s: float) -> None:
        """Send a line that is refused by all, then questions; the last one's answer ends everything older."""
        self._signal(Signal.FENCE_SENT)
        self._empty_ledger()
        self._modes_seen = False
        self._first_fence_s = self._first_fence_s if self._fences_out else now_s
        self._fences_out += 1
        self._fence_sent_s = now_s
        self._offsets.ask_anew()
        self._out += _FENCE

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
        self._fence_sent_s = now_s

    def override(self, what: str, percent: int) -> None:
        """Bring the ``feed``, ``rapid`` or ``spindle`` override to `percent`."""
        feed, _, spindle = self.overrides
        if what == "rapid":
            if percent not in _RAPID:
                raise JobError(f"the rapid override is 25, 50 or 100 %, not {percent}")
            self._out += _RAPID[percent]
        elif what in ("feed", "spindle") and 10 <= percent <= 200:
            steps, now = (_FEED_STEPS, feed) if what == "feed" else (_SPINDLE_STEPS, spindle)
            self._out += _override_bytes(steps, percent - now)
        else:
            raise JobError(f"an override of {what} to {percent} % does not exist: feed and spindle go from 10 to 200 %")

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
        patience_s = _FENCE_PATIENCE_S + _ROUND_TRIPS * self._round_trip_s
        if self.link is Link.FENCING and now_s - max(self._fence_sent_s, self._heard_s) > patience_s:
            if self._fence_answered:
                return self._fence_passed()  # the others were never received
            self._signal(Signal.FENCE_FAILED)
        if not self._ledger or self._idle_since_s is None or self.link not in (Link.READY, Link.LOCKED):
            return []
        waited = now_s - self._idle_since_s
        if waited < self.acknowledgement_timeout_s + self._dwell_in_flight_s():
            return []
        oldest = self._ledger[0]
        self._signal(Signal.OVERDUE)
        return [AcknowledgementOverdue(line=oldest, waited_s=waited)]

    def _dwell_in_flight_s(self) -> float:
        return sum(dwell_s(line.text) for line in self._ledger)

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
            if not self._modes_seen:
                return [StrayAcknowledgement(text="ok")]
            if not self._fence_answered:
                self._round_trip_s = self._now - self._first_fence_s
            self._modes_seen, self._fence_answered = False, True
            self._fences_out -= 1
            return self._fence_passed() if self._fences_out <= 0 else []
        if not self._ledger or self.link not in (Link.READY, Link.HALTED, Link.LOCKED):
            return [StrayAcknowledgement(text="ok")]
        return [Acknowledged(line=self._take())]

    def _fence_passed(self) -> list[Event]:
        self._fences_out, self._fence_answered = 0, False
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
        self._fences_out, self._fence_answered = 0, False
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
            self._modes_seen = True
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
        match = _STATUS.match(text)
        if match is None:
            return [Garbled(text=text)]
        name, sub, rest = match.groups()
        state = _state_of(name, sub)
        fields = dict(part.partition(":")[::2] for part in rest.split("|")[1:])
        machine, work = self._offsets.positions(fields)
        if state is None or (machine is None and work is None):
            return [Garbled(text=text)]
        self._note_overrides(fields.get("Ov", ""))
        speeds = floats(fields.get("FS") or fields.get("F", "")) or ()
        report = StatusReported(
            state=state,
            raw_state=name if sub is None else f"{name}:{sub}",
            machine_position=machine,
            work_position=work,
            feed_mm_min=speeds[0] * self._offsets.scale if speeds else None,
            spindle=speeds[1] if len(speeds) > 1 else None,
            limits=fields.get("Pn", ""),
        )
        return [report, *self._state(state)]

    def _note_overrides(self, text: str) -> None:
        values = floats(text)
        if values is not None and len(values) == 3:
            self.overrides = (int(values[0]), int(values[1]), int(values[2]))

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
        line = self._ledger.popleft()
        self._offsets.note(line.text)
        self._bytes -= len(line.text) + 1
        self._idle_since_s = None
        return line

    def _empty_ledger(self) -> tuple[SentLine, ...]:
        lost = tuple(self._ledger)
        self._ledger.clear()
        self._bytes = 0
        self._idle_since_s = None
        return lost


def check_line(text: str) -> None:
    """Refuse a line that no controller of the family can take; raises JobError."""
    if _UNSAFE.search(text):
        raise JobError(f"line {text!r} holds a character that must not go over the wire")
    kept = len(text.replace(" ", ""))
    if kept > _MAX_LINE:
        raise JobError(
            f"line '{text[:30]}...' has {kept} characters; the controller keeps {_MAX_LINE}", "shorten its numbers"
        )


def dwell_s(text: str, p_unit_s: float = 1.0) -> float:
    """Seconds for which a line dwells, 0 for a line that is no dwell."""
    found = words(text)
    if ("G", 4.0) not in found:
        return 0.0
    values = dict(found)
    return values.get("P", 0.0) * p_unit_s + (values.get("S", 0.0) if p_unit_s != 1.0 else 0.0)


def _override_bytes(steps: tuple[tuple[bytes, int], ...], change: int) -> bytes:
    """The fewest bytes that make up `change`: tens first, then ones."""
    up10, down10, up1, down1 = (byte for byte, _ in steps)
    tens, ones = divmod(abs(change), 10)
    ten, one = (up10, up1) if change > 0 else (down10, down1)
    return ten * tens + one * ones


def _state_of(name: str, sub: str | None) -> MachineState | None:
    if name == "Hold":
        return MachineState.HOLDING if sub == "1" else MachineState.HELD
    return _STATES.get(name)
