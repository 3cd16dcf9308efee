"""The protocol of home-made firmwares, without input or output: a line is sent, a word says that it is done.

What the words are, :class:`Manners` says. One line is on its way at a time, and its acknowledgement is taken for the
proof that what it asked for has been done: such a firmware answers when the motion is over. Nothing is ever sent twice.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from firmware_io.errors import JobError
from firmware_io.events import (
    Acknowledged,
    AcknowledgementOverdue,
    Booted,
    Capabilities,
    Event,
    MachineState,
    Position,
    Rejected,
    Said,
    SentLine,
    StateChanged,
    StatusReported,
    StrayAcknowledgement,
)
from firmware_io.protocol.base import Link, Signal
from firmware_io.protocol.conversation import Conversation

_FENCE_PATIENCE_S = 1.5
_MOVES = (MachineState.RUN, MachineState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a home-made firmware talks.

    Attributes
    ----------
    taken, refused, busy, greeting : str
        With what its lines begin when a line is done, when it is refused, while it works, and after a restart. Empty:
        it never says so.
    ask : str
        A line, or a single character, that asks where it stands; empty where it has no such question.
    place : str
        Its answer, with ``{place}`` where a whole number stands: ``at {place}``. Another text there means that it
        does not know.
    remembers : bool
        Whether it knows through restarts where it stands, and tells if it does not.
    set_place : str
        A line that tells it where it stands, with ``{place}``.
    home : str
        A line that lets it find its own zero.
    stop : str
        What stops it at once.
    patience_s : float
        How long one line may take.
    line_bytes : int
        The longest line that it can read.
    """

    taken: str = "ok"
    refused: str = "error"
    busy: str = "busy"
    greeting: str = ""
    ask: str = ""
    place: str = ""
    remembers: bool = False
    set_place: str = ""
    home: str = ""
    stop: str = ""
    patience_s: float = 60.0
    line_bytes: int = 60


class LineProtocol(Conversation):
    """One end of a conversation with a home-made firmware.

    Parameters
    ----------
    manners : Manners
    boot_wait_s : float
        How long a firmware that has no question and no greeting is given to boot.
    """

    dwell_p_s = 1.0
    can_hold = can_check = tells_place = False
    asks_in_turn = True
    sends_again = True  # silence in the end means that it is gone
    loses_position_by_reset = True
    goes_on_after_errors = True
    follows_gcode = False
    work_offset = None
    shift = None
    coordinate_system = ""
    sync_line = ""
    offset_questions: tuple[str, ...] = ()

    def __init__(self, manners: Manners, *, boot_wait_s: float = 2.5) -> None:
        super().__init__("lines")
        self.manners, self._boot_wait_s = manners, boot_wait_s
        self.buffer_bytes = manners.line_bytes + 1
        self.kill_bytes = manners.stop.encode("ascii")
        self.home_line = manners.home
        self.vouches = manners.remembers
        self._place = re.compile(_pattern(manners.place)) if manners.place else None
        self._flight: SentLine | None = None
        self._asked = False
        self._status_wanted = False
        self._fence_sent_s = -math.inf

    # --- sending ---
    @property
    def in_flight(self) -> tuple[SentLine, ...]:
        """The line that waits for its acknowledgement."""
        return () if self._flight is None else (self._flight,)

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of that line."""
        return 0 if self._flight is None else len(self._flight.text) + 1

    @property
    def halting_bytes(self) -> bytes:
        """What stops it although nothing else is known."""
        return self.kill_bytes

    def fits(self, text: str) -> bool:
        """Whether nothing is on its way."""
        return self.link is Link.READY and self._flight is None and not self._asked

    def send(self, text: str, now_s: float, token: object = None) -> SentLine:
        """Put a line on the wire; raises JobError when it does not fit."""
        self.check_line(text)
        if not self.fits(text):
            raise JobError(f"line '{text}' does not fit: the link is {self.link.value}, one line is on its way")
        self._flight = SentLine(text=text, token=token, sent_s=now_s)
        self._heard_s = now_s
        self._out += text.encode("ascii") + b"\n"
        self.machine_state = MachineState.RUN
        return self._flight

    def fence(self, now_s: float) -> None:
        """Ask where it stands: the answer proves that it has done all that it was told."""
        self._signal(Signal.FENCE_SENT)
        self._flight = None
        self._fence_sent_s = now_s
        if self.manners.ask:
            self._asked = True
            self._out += self.manners.ask.encode("ascii") + b"\n"

    def ask_status(self, now_s: float) -> None:
        """Ask where it stands, where nothing is on its way; else do nothing: it answers in turn only."""
        if not self.fits(""):
            return
        if self.manners.ask:
            self._asked, self._heard_s = True, now_s
            self._out += self.manners.ask.encode("ascii") + b"\n"
        else:
            self._status_wanted = True

    def release(self) -> None:
        """Do nothing: it never waits for us."""

    def brake(self) -> bool:
        """Send nothing: the line in flight is finished, and no other follows."""
        return False

    def reset(self, now_s: float) -> None:
        """Stop it at once, if it has a word for that."""
        self._out += self.kill_bytes
        self.reset_was_sent(now_s)

    def reset_was_sent(self, now_s: float) -> None:
        """Note that it was stopped on another way; it is asked again where it stands."""
        self._flight, self._asked = None, False
        self._signal(Signal.BANNER)

    def override(self, what: str, percent: int) -> None:
        """Raise JobError: there is none."""
        raise JobError(f"this firmware has no override of {what}")

    def check_line(self, text: str) -> None:
        """Refuse a line that is longer than it can read; raises JobError."""
        if len(text) > self.manners.line_bytes:
            raise JobError(
                f"the line '{text[:30]}...' has {len(text)} characters, this firmware reads {self.manners.line_bytes}",
                "shorten it, or raise answers.line_bytes if the firmware takes more",
            )

    def jog_lines(self, where: str, feed_mm_min: float, absolute: bool) -> tuple[str, ...]:
        """Raise JobError: it knows pins, not axes."""
        raise JobError("this firmware knows pins, not axes: it cannot be jogged", "turn the board by hand")

    # --- receiving ---
    def receive(self, data: bytes, now_s: float) -> list[Event]:
        """Bytes from the firmware, in pieces of any size; nothing that arrives raises."""
        events: list[Event] = []
        for line in self._whole_lines(data, now_s):
            if line:
                self._heard_s = now_s
                events += self._line(line.decode("latin-1"))
        self._take_endless()
        return events

    def _line(self, text: str) -> list[Event]:
        manners = self.manners
        if manners.greeting and text.startswith(manners.greeting):
            return self._greeted(text)
        if self._asked and self._place is not None and (match := self._place.match(text)):
            return self._placed(match[1], text)
        if _begins(text, manners.taken):
            return self._taken(text)
        if _begins(text, manners.refused):
            return self._refused(text)
        return [Said(text=text)]

    def _greeted(self, text: str) -> list[Event]:
        lost = self.in_flight
        begins = self.link in (Link.LISTENING, Link.FENCING)
        self._flight, self._asked = None, False
        self._signal(Signal.BANNER)
        self.restarted = True
        if begins and self.vouches:  # what it says of its place counts
            return [Said(text=text)]
        return [Booted(text=text, lost_lines=lost)]

    def _placed(self, told: str, text: str) -> list[Event]:
        self._asked = False
        place = (float(told),) if told.isdigit() else None
        if self.link is Link.FENCING:
            return [*self._fenced(), self._status(place, text)]
        return [self._status(place, text)]

    def _fenced(self) -> list[Event]:
        self._signal(Signal.FENCE_PASSED)
        before, self.machine_state = self.machine_state, MachineState.IDLE
        changed = [StateChanged(before=before, after=MachineState.IDLE)] if before is not MachineState.IDLE else []
        return [*changed, Capabilities(firmware=self.firmware, version="", buffer_bytes=self.buffer_bytes)]

    def _status(self, place: Position | None, text: str) -> StatusReported:
        return StatusReported(state=self.machine_state, raw_state=text, work_position=place)

    def _taken(self, text: str) -> list[Event]:
        line, self._flight = self._flight, None
        if line is None or self.link not in (Link.READY, Link.HALTED):
            return [StrayAcknowledgement(text=text)]
        self.machine_state = MachineState.IDLE
        return [Acknowledged(line=line)]

    def _refused(self, text: str) -> list[Event]:
        line, self._flight = self._flight, None
        if self.link is not Link.READY:
            return [Said(text=text)]
        self.machine_state = MachineState.IDLE
        self._signal(Signal.REFUSED)
        return [Rejected(line=line, code=self.manners.refused, meaning=text)]

    def tick(self, now_s: float) -> list[Event]:
        """Time has passed: give up what nobody answered."""
        self._now = now_s
        if self.link is Link.FENCING:
            return self._tick_fence(now_s)
        if self.link is Link.READY and self._status_wanted:
            self._status_wanted = False
            return [self._status((), "")]
        if self._asked and now_s - self._heard_s > _FENCE_PATIENCE_S:
            self._asked = False
        waited_s = now_s - self._heard_s
        if self._flight is None or self.link is not Link.READY or waited_s < self.manners.patience_s:
            return []
        line, self._flight = self._flight, None
        self._signal(Signal.OVERDUE)
        return [AcknowledgementOverdue(line=line, waited_s=waited_s)]

    def _tick_fence(self, now_s: float) -> list[Event]:
        waited_s = now_s - self._fence_sent_s
        if not self.manners.ask and waited_s > self._boot_wait_s:  # nothing to ask: it has had its time
            return [*self._fenced(), self._status((), "")]
        if self.manners.ask and waited_s > _FENCE_PATIENCE_S:
            self._asked = False
            self._signal(Signal.FENCE_FAILED)
        return []


def _pattern(place: str) -> str:
    """The regular expression of an answer with ``{place}`` in it."""
    before, _, after = place.partition("{place}")
    return rf"{re.escape(before)}\s*(\S+){re.escape(after.rstrip())}"


def _begins(text: str, word: str) -> bool:
    """Whether a line begins with a word, and not with a longer one."""
    return bool(word) and text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()
