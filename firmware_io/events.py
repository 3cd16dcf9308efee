"""Everything that a protocol core or a session tells its listeners, as frozen values.

The first half comes from the protocol cores (bytes in, events out), the second from the session that runs a
job. A user interface reads them all from :meth:`firmware_io.Session.events`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: Axis values in millimetres (degrees for rotary axes), X Y Z first.
Position = tuple[float, ...]


class MachineState(Enum):
    """What the controller does, in one word for every firmware."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    RUN = "run"
    HOLDING = "holding"  # still braking: a resume sent now would be lost
    HELD = "held"
    DOOR = "door"
    JOG = "jog"
    HOME = "home"
    CHECK = "check"
    TOOL = "tool"  # grblHAL: waits for a tool (thread) change
    WAITING = "waiting"  # Marlin: paused for the user
    ALARM = "alarm"
    SLEEP = "sleep"
    DEAD = "dead"  # killed, or the port is gone


#: It stands in the middle of what it does, until somebody lets it go on.
HELD_STATES = frozenset({MachineState.HELD, MachineState.DOOR, MachineState.TOOL, MachineState.WAITING})
#: It stands so, or brakes for it.
IN_HOLD = HELD_STATES | {MachineState.HOLDING}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A line on the wire, and whose it is.

    Attributes
    ----------
    text : str
        Without its line end.
    token : object
        What the sender gave with it and gets back with the acknowledgement.
    sent_s : float
        Clock time at which it was handed to the port.
    """

    text: str
    token: object = None
    sent_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""


# --- from the protocol cores ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted(Event):
    """The controller started or was reset; all lines on their way are gone.

    ``asked_for`` is true when a soft reset of ours came just before.
    """

    text: str
    asked_for: bool = False
    lost_lines: tuple[SentLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """A line was taken (parsed and queued, not done)."""

    line: SentLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Event):
    """A line was refused. ``line`` is None when it cannot be told which."""

    line: SentLine | None
    code: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    """The controller stopped itself; it answers to nothing but a reset or an unlock."""

    code: str
    meaning: str
    lost_lines: tuple[SentLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReported(Event):
    """One status report.

    Attributes
    ----------
    state : MachineState
    raw_state : str
        As the firmware says it, ``Hold:0``.
    machine_position, work_position : Position or None
        Millimetres; the work position is known once the work offset has been seen.
    feed_mm_min, spindle : float or None
    limits : str
        Letters of the pins that are active (``Pn:``).
    """

    state: MachineState
    raw_state: str
    machine_position: Position | None = None
    work_position: Position | None = None
    feed_mm_min: float | None = None
    spindle: float | None = None
    limits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """The machine's state changed."""

    before: MachineState
    after: MachineState


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Any other text of the controller (``[MSG:..]``, ``echo:..``), in plain words where we know them."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled(Event):
    """Bytes that no firmware says: something broke on the way."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayAcknowledgement(Event):
    """An acknowledgement for which no line waits; it is counted for nothing."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementOverdue(Event):
    """A line waits longer for its acknowledgement than its motion can explain."""

    line: SentLine
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities(Event):
    """What the controller says of itself."""

    firmware: str
    version: str = ""
    buffer_bytes: int = 128
    planner_blocks: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted(Event):
    """The firmware asks the operator something (Marlin's ``M0 text``, ``//action:prompt_..``)."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendAsked(Event):
    """Marlin did not get a line whole and asks for it again."""

    number: int
    reason: str = ""


# --- from the session ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    """The port is open and the controller answers.

    ``position_kept`` is true when the controller did not restart at the opening of the port.
    """

    port: str
    firmware: str
    version: str
    position_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(Event):
    """The port went away."""

    port: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStarted(Event):
    """A job runs, from ``next_step`` on."""

    name: str
    next_step: int
    step_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """The first line of a step is about to be sent."""

    index: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Event):
    """A step is physically done and in the journal (``verified``: the position was asked for and agrees)."""

    index: int
    label: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayDone(Event):
    """The lines of a recovery or a jump are done; ``next_step`` comes next."""

    next_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPaused(Event):
    """Nothing moves; the job waits for :meth:`Session.resume`. ``prompt`` is what to do meanwhile."""

    next_step: int
    reason: str
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResumed(Event):
    """The job goes on."""

    next_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHalted(Event):
    """The job ended early; the journal says how far it came.

    Attributes
    ----------
    reason : str
        One line: what happened, with the line's number and text where one is to blame.
    hint : str
        What to do.
    kind : str
        ``"stopped"``, ``"rejected"``, ``"alarm"``, ``"rebooted"``, ``"disconnected"``, ``"silent"``,
        ``"off path"``, ``"emergency"``, ``"journal"`` or ``"failed"`` (this program itself, or a listener).
    """

    reason: str
    hint: str = ""
    kind: str = "stopped"
    steps_done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFinished(Event):
    """All steps are done."""

    steps_done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed(Event):
    """Something worth a line on the screen that changes nothing."""

    text: str
