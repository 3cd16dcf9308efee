"""A connection to one controller, and the job that runs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from firmware_io.events import Event, MachineState, Position, StatusReported
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.recovery import RecoveryInfo, RecoveryPlan


class JobState(Enum):
    """What the job does."""

    NONE = "none"
    RUNNING = "running"
    PAUSING = "pausing"  # the step in flight is finished first
    PAUSED = "paused"
    STOPPING = "stopping"
    HALTED = "halted"  # ended early: see the journal
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves.

    Attributes
    ----------
    baud : int
        Bits per second.
    boot_wait_s : float
        How long a silent controller is given to boot after the port was opened.
    poll_s : float
        Seconds between status queries while something moves; never below 0.2.
    acknowledgement_timeout_s : float
        Patience for an acknowledgement while nothing moves.
    path_tolerance_mm : float
        How far the reported position may be from the path of the lines in flight; 0 switches the watch off.
    verify_steps : bool
        Ask for the position at the end of each step and compare it.
    wire_log : Path or None
        Where every byte, both ways, is written with its time.
    notify_command : str
        Run by the shell on pause, alarm, halt and end; ``{event}`` and ``{text}`` are put in (quoted).
    keep_awake : bool
        Ask the computer to stay awake while a job runs.
    """

    baud: int = 115200
    boot_wait_s: float = 2.5
    poll_s: float = 0.4
    acknowledgement_timeout_s: float = 10.0
    path_tolerance_mm: float = 0.5
    verify_steps: bool = True
    wire_log: Path | None = None
    notify_command: str = ""
    keep_awake: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole state at one moment: all that a user interface needs to draw itself after a reconnect."""

    connected: bool = False
    port: str = ""
    firmware: str = ""
    version: str = ""
    position_kept: bool = False
    machine_state: MachineState = MachineState.UNKNOWN
    raw_state: str = ""
    machine_position: Position | None = None
    work_position: Position | None = None
    feed_mm_min: float | None = None
    spindle: float | None = None
    overrides: tuple[int, int, int] = (100, 100, 100)
    job_state: JobState = JobState.NONE
    job_name: str = ""
    next_step: int = 0
    step_count: int = 0
    step_label: str = ""
    step_kind: str = ""
    step_meta: Mapping[str, object] = field(default_factory=dict)
    lines_acknowledged: int = 0
    line_count: int = 0
    bytes_in_flight: int = 0
    buffer_bytes: int = 0
    elapsed_s: float = 0.0
    prompt: str = ""
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """Result of a dry run in the controller's own check mode.

    ``problems`` holds one line of text per refused line; empty means that the controller takes every line.
    ``done_by_controller`` is False where the firmware has no check mode (Marlin).
    """

    lines_checked: int
    problems: tuple[str, ...] = ()
    done_by_controller: bool = True


class Session:
    """A connection to one controller, and the job that runs on it. All methods may be called from any thread.

    Methods that only ask for something (`pause`, `hold` ...) return at once and report by events; methods
    that return a value (`command`, `home`, `run_lines`, `check`, `recovery_info`) wait for it.

    The lines of one step at a time are on the wire, by character counting; the next step begins when the
    acknowledgement of the step's sync line has proved that the motion ended and the journal has it on disk.
    """

    @classmethod
    def open(cls, port: str, *, firmware: str = "auto", options: SessionOptions | None = None) -> Session:
        """Open a port, find out what answers, and lock the machine for this process.

        Parameters
        ----------
        port : str
            Any address that pyserial opens: ``/dev/ttyUSB0``, ``COM3``, ``socket://..``, ``sim://grbl``.
        firmware : str
            ``"grbl"``, ``"grblhal"``, ``"fluidnc"``, ``"marlin"``, or ``"auto"`` to ask the controller.

        Raises
        ------
        PortError, LockError, ProtocolError
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the port. A running job is stopped by feed hold first."""

    def snapshot(self) -> Snapshot:
        """The whole state now."""
        raise NotImplementedError

    def events(self, timeout_s: float | None = None) -> Iterator[Event]:
        """Events from now on; ends at close, or when nothing came for `timeout_s`."""
        raise NotImplementedError

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event, in the session's thread; the result ends it."""
        raise NotImplementedError

    # --- the machine, no job running ---
    def status(self, timeout_s: float = 2.0) -> StatusReported:
        """Ask where the machine is and what it does."""
        raise NotImplementedError

    def command(self, line: str, timeout_s: float = 10.0) -> tuple[str, ...]:
        """Send one line by itself, also one that writes settings; returns what was said before its ``ok``.

        Raises RejectedError when it is refused, JobError while a job runs.
        """
        raise NotImplementedError

    def run_lines(self, lines: Iterable[str], timeout_s: float | None = None) -> None:
        """Stream lines and wait until their motion has ended (dry tours, touching pins, tests)."""
        raise NotImplementedError

    def home(self, timeout_s: float = 120.0) -> None:
        """Home all axes (``$H``, ``G28``)."""
        raise NotImplementedError

    def unlock(self) -> None:
        """Leave the alarm lock (``$X``). Never sent by itself: the position may be wrong."""
        raise NotImplementedError

    def jog(self, *, feed_mm_min: float, absolute: bool = False, **axes_mm: float) -> None:
        """Move ``x=``, ``y=``, ``z=`` .. by (or with `absolute`, to) millimetres; returns when it is queued."""
        raise NotImplementedError

    def cancel_jog(self) -> None:
        """End a jog where it is."""

    def wait_until_idle(self, timeout_s: float | None = None) -> StatusReported:
        """Wait until nothing moves."""
        raise NotImplementedError

    def check(self, job: Job) -> CheckReport:
        """Let the controller read the whole job without moving (``$C``), and leave check mode again."""
        raise NotImplementedError

    # --- at once, whatever goes on ---
    def hold(self) -> None:
        """Feed hold, now."""

    def release(self) -> None:
        """End a feed hold; waits until the machine stands before it sends the resume."""

    def door(self) -> None:
        """Safety door: hold and spindle off."""

    def override(self, what: str, percent: int) -> None:
        """Set an override, ``"feed"`` (10 to 200), ``"rapid"`` (25, 50, 100) or ``"spindle"`` (10 to 200)."""

    def emergency_stop(self) -> None:
        """Soft reset (``M112`` on Marlin), within milliseconds. The position may be lost."""

    # --- the job ---
    def recovery_info(self, job: Job, journal: Journal, observed: Position | None = None) -> RecoveryInfo:
        """Facts for a :data:`RecoveryPlanner`: after a crash, or after :meth:`stop`. Moves nothing.

        `observed` is where the operator says the tool is, when the controller does not know.
        """
        raise NotImplementedError

    def start(self, job: Job, journal: Journal | None, plan: RecoveryPlan | None = None) -> None:
        """Run a job: its plan's lines first, if there is one, then from the plan's (or the journal's) step on.

        Without `plan` the journal must be fresh or finished-in-order: a journal with a begun step needs a plan.
        """
        raise NotImplementedError

    def pause(self) -> None:
        """Stop after the step in flight, everything still, and stay there."""

    def resume(self) -> None:
        """Go on after :meth:`pause` or a prompt."""

    def step(self) -> None:
        """From a pause: one step, then pause again."""

    def jump(self, plan: RecoveryPlan) -> None:
        """From a pause: run the plan's lines and pause before its step (``back K``, ``goto``)."""

    def stop(self) -> None:
        """Brake now, throw away what the controller has queued, end the job. The position is kept."""

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until the job is paused, halted or finished; returns which."""
        raise NotImplementedError
