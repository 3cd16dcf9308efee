"""A connection to one controller, and the job that runs on it."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from firmware_io.arguments import instance
from firmware_io.awake import Awake
from firmware_io.connection import Connection
from firmware_io.engine.errands import Errand
from firmware_io.errors import JobError, OvertakenError, ProtocolError
from firmware_io.events import HELD_STATES, IN_HOLD, MachineState, Position, StatusReported
from firmware_io.facts import gather_facts
from firmware_io.gcode import clean, is_sync
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.options import SessionOptions
from firmware_io.ports import Port
from firmware_io.protocol.base import Link
from firmware_io.recovery import RecoveryInfo, RecoveryPlan
from firmware_io.runner import JobState

_OFFSET_PATIENCE_S = 8.0  # grbl tells its work offset with every tenth to thirtieth report
_MOVED_MM = 0.2
_PROGRESS_S = 0.25
_RESET_PATIENCE_S = 6.0
_LATE_OFFSET_S = 2.5
_Method = TypeVar("_Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """Result of a dry run in the controller's own check mode.

    ``problems`` holds one line of text per refused line; empty means that the controller takes every line.
    ``done_by_controller`` is False where the firmware has no check mode (Marlin).
    """

    lines_checked: int
    problems: tuple[str, ...] = ()
    done_by_controller: bool = True


def _unless_stopped(method: _Method) -> _Method:
    @functools.wraps(method)
    def run(session: Session, *arguments: Any, **named: Any) -> Any:
        with session.unless_stopped():
            return method(session, *arguments, **named)

    return cast("_Method", run)


class Session(Connection):
    """A connection to one controller, and the job that runs on it. All methods may be called from any thread.

    Methods that only ask for something (`pause`, `hold` ...) return at once and report by events; methods
    that return a value (`command`, `home`, `run_lines`, `check`, `recovery_info`) wait for it.

    The lines of one step at a time are on the wire, by character counting; the next step begins when the
    acknowledgement of the step's sync line has proved that the motion ended and the journal has it on disk.
    Make it with :meth:`open`.
    """

    def __init__(self, port: Port, firmware: str, options: SessionOptions) -> None:
        super().__init__(port, firmware, options)
        self._stops = 0
        self._asked = threading.local()  # how many stops there had been when this thread asked for what it asks for

    @contextlib.contextmanager
    def unless_stopped(self) -> Iterator[None]:
        """What this thread asks for within the block is refused once an emergency stop has come after its beginning.

        An emergency stop passes everything else, also what was asked for before it: that must not move the machine
        afterwards. Every method is such a block by itself; one of your own joins several, or what leads up to one.
        """
        if hasattr(self._asked, "stops"):
            yield
            return
        self._asked.stops = self._stops
        try:
            yield
        finally:
            del self._asked.stops

    def _refuse_after_stop(self) -> None:
        if self._asked.stops != self._stops:
            raise OvertakenError

    # --- the machine, no job running ---
    @property
    def settings(self) -> dict[int, float]:
        """The controller's own settings by number, of the grbl family; empty where it has none or did not say."""
        with self._lock:
            return dict(self._engine.core.settings)

    @property
    def coordinate_system(self) -> str:
        """The work coordinate system that is active, as it was last told (``G54``)."""
        with self._lock:
            return self._engine.core.coordinate_system

    @property
    def shift(self) -> Position | None:
        """What G92 shifts the work coordinates by, until the next restart; as it was last told."""
        with self._lock:
            return self._engine.core.shift

    def trust_position(self) -> None:
        """Take what the controller says of its position for true, as of a simulated machine that was just made."""
        with self._lock:
            self._engine.position.establish()
            self._engine.position.kept = True
            self._visit.note(self._engine, anew=True)

    def command(self, line: str, timeout_s: float = 10.0) -> tuple[str, ...]:
        """Send one line by itself, also one that writes settings; returns what was said before its ``ok``.

        Raises RejectedError when it is refused, JobError while a job runs.
        """
        return tuple(self._errand((clean_command(line),), timeout_s).said)

    @_unless_stopped
    def run_lines(self, lines: Iterable[str], timeout_s: float | None = None) -> None:
        """Stream lines and wait until their motion has ended (dry tours, touching pins, tests)."""
        if isinstance(lines, str | bytes):
            raise JobError(f"lines should be several lines, not the text {lines!r:.60}", "split it")
        ready = [line for line in map(clean, lines) if line]
        if ready and not is_sync(ready[-1]):
            ready.append(self._engine.core.sync_line)
        self._errand(tuple(ready), timeout_s)

    @_unless_stopped
    def _errand(
        self,
        lines: tuple[str, ...],
        timeout_s: float | None,
        tolerant: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Errand:
        for line in lines:
            self._engine.core.check_line(line)
        with self._changed:
            self._check_free()
            errand = self._engine.errands.run(lines, tolerant)
            self._wake.set()
        if not self._follow(errand, timeout_s, progress):
            with self._lock:
                self._engine.errands.drop()
            raise ProtocolError(
                f"'{lines[-1]}' was not acknowledged within {timeout_s:g} s",
                "is it homing, or locked? Look at the machine",
            )
        if errand.error is not None:
            raise errand.error
        self._check_port()
        return errand

    def _follow(self, errand: Errand, timeout_s: float | None, progress: Callable[[int, int], None] | None) -> bool:
        """Wait for an errand's end, telling how far it is; whether it came in time."""
        if progress is None:
            return self._wait_for(lambda: errand.done or self._lost(), timeout_s)
        while not self._wait_for(lambda: errand.done or self._lost(), _PROGRESS_S):
            progress(errand.acknowledged, len(errand.lines))
        return True

    @_unless_stopped
    def home(self, timeout_s: float = 120.0) -> None:
        """Home all axes (``$H``, ``G28``); afterwards the position is known."""
        self._errand((self._engine.core.home_line,), timeout_s)
        with self._lock:
            self._refuse_after_stop()
            self._engine.position.establish()
        self.status()

    def unlock(self) -> None:
        """Leave the alarm lock (``$X``). Never sent by itself: the position may be wrong."""
        if self._engine.core.can_check:  # Marlin knows no lock
            self.command("$X")

    @_unless_stopped
    def set_work_position(self, **axes_mm: float) -> None:
        """Say that the tool is now at ``x=``, ``y=``, ``z=`` .. in work coordinates; the position is known then.

        By G92, which leaves what the controller has stored alone and is gone when it restarts.
        """
        where = _axis_words(axes_mm)
        self.command(f"G92{where}")
        for question in self._engine.core.offset_questions:
            self.command(question)
        with self._lock:
            self._refuse_after_stop()
            self._engine.position.establish()
            self._visit.note(self._engine, anew=True)
        self.status()

    def jog(self, *, feed_mm_min: float, absolute: bool = False, **axes_mm: float) -> None:
        """Move ``x=``, ``y=``, ``z=`` .. by (or with `absolute`, to) millimetres; returns when it is queued."""
        _check_number("feed_mm_min", feed_mm_min)
        self._errand(self._engine.core.jog_lines(_axis_words(axes_mm), feed_mm_min, absolute), 30.0)

    def cancel_jog(self) -> None:
        """End a jog where it is."""
        with self._lock:
            self._engine.core.cancel_jog()
            self._wake.set()

    def wait_until_idle(self, timeout_s: float | None = None) -> StatusReported:
        """Wait until nothing moves; raises ProtocolError when that takes longer than `timeout_s`."""
        begin_s, waited_s = time.monotonic(), 0.0
        deadline_s = None if timeout_s is None else begin_s + timeout_s
        if (
            self._engine.core.sync_line
            and self._engine.core.asks_in_turn
            and self.snapshot().machine_state is MachineState.RUN
        ):
            self._errand((self._engine.core.sync_line,), timeout_s)  # Marlin does not say when it is idle
        while True:
            status = self.status()
            resting = status.state in (MachineState.IDLE, MachineState.ALARM, MachineState.CHECK)
            tells_none = not self._engine.core.follows_gcode  # what it does not know now it will not know later
            if resting and (tells_none or status.work_position is not None or waited_s > _OFFSET_PATIENCE_S):
                return status
            if deadline_s is not None and time.monotonic() > deadline_s:
                if resting:
                    return status
                raise ProtocolError(
                    f"the machine is still in {status.raw_state} after {timeout_s:g} s",
                    "look at the machine; a reset ends what it does",
                )
            time.sleep(0.05)
            waited_s = time.monotonic() - begin_s

    @_unless_stopped
    def check(self, job: Job, progress: Callable[[int, int], None] | None = None) -> CheckReport:
        """Let the controller read the whole job without moving (``$C``), and leave check mode again.

        However it ends, also by an exception of `progress`, the controller is reset, the one way out that can never
        run a line for real; the work offset that the reset clears is put back.

        Parameters
        ----------
        job : Job
        progress : callable, optional
            Called now and then with lines taken and lines in all.

        Raises
        ------
        JobError
            When the machine is not idle.
        AlarmError
            When a line leads beyond the soft limits; its ``index`` tells which.
        """
        _check_kinds(job, None)
        self._check_lines(job)
        lines = tuple(line for step in job.steps for line in step.lines)
        if not self._engine.core.can_check:
            return CheckReport(lines_checked=len(lines), done_by_controller=False)
        status = self.status()
        if status.state is not MachineState.IDLE:
            raise JobError(f"the machine is in {status.raw_state}, not idle", "bring it to rest first")
        with self._lock:
            self._engine.offsets.freeze()
        try:
            said = self.command("$C")
            if not any("Enabled" in text for text in said):
                raise ProtocolError("the controller did not go into check mode", "look at it, then reset it")
            errand = self._errand(lines, None, tolerant=True, progress=progress)
        finally:
            self._leave_check_mode()
        with self._lock:
            self._engine.taken_in_check = frozenset(lines).difference(lines[index] for index, _ in errand.refused)
        problems = tuple(f"line {index + 1} '{lines[index]}': {why}" for index, why in errand.refused)
        return CheckReport(lines_checked=len(lines), problems=problems)

    def _leave_check_mode(self) -> None:
        """A reset: in check mode nothing moves, so it costs no position. After a limit alarm it is the caller's."""
        if self._engine.gone or self._engine.core.link is Link.CRITICAL:
            return
        with self._changed:
            self._engine.errands.fail(JobError("the dry run was broken off"))
        self.emergency_stop()
        self._wait_for(self._settled, _RESET_PATIENCE_S)

    def _settled(self) -> bool:
        """Whether a reset of ours is over, and what it cleared is put back."""
        engine = self._engine
        if engine.gone:
            return True
        answered = engine.core.link in (Link.READY, Link.LOCKED) and engine.status is not None and not self._emergency
        return answered and (engine.core.link is Link.LOCKED or not engine.offsets.pending)

    def reset(self) -> StatusReported:
        """Soft reset, the way out of check mode, a hold, a tool change, sleep and limit alarms.

        Lines that the controller had are gone. The position is kept where nothing moved; the work offset is put back
        then. After a limit alarm, and with homing enabled after sleep, the controller is locked: unlock or home it.

        Raises
        ------
        JobError
            On a firmware that has no soft reset (Marlin).
        ProtocolError
            When it does not answer afterwards.
        """
        if self._engine.core.loses_position_by_reset:
            raise JobError("this firmware has no soft reset", "use the reset button of the board")
        if self._engine.core.machine_state in HELD_STATES:  # in a hold the work offset is told late
            self._wait_for(lambda: self._engine.core.work_offset is not None or self._lost(), _LATE_OFFSET_S)
        self.emergency_stop()
        if not self._wait_for(self._settled, _RESET_PATIENCE_S):
            raise ProtocolError(
                f"the controller says nothing after a reset ({_RESET_PATIENCE_S:g} s)",
                "check power, cable and baud rate",
            )
        return self.status()

    # --- at once, whatever goes on ---
    def hold(self) -> None:
        """Feed hold, now."""
        with self._lock:
            self._engine.hold()
            self._wake.set()

    def release(self) -> None:
        """End a feed hold; waits until the machine stands before it sends the resume."""
        with self._lock:
            self._engine.release()
            self._wake.set()

    def door(self) -> None:
        """Safety door: hold and spindle off."""
        with self._lock:
            self._engine.core.door()
            self._wake.set()

    def override(self, what: str, percent: int) -> None:
        """Set an override, ``"feed"`` (10 to 200), ``"rapid"`` (25, 50, 100) or ``"spindle"`` (10 to 200)."""
        with self._lock:
            self._engine.core.override(what, percent)
            self._wake.set()

    def emergency_stop(self) -> None:
        """Soft reset (``M112`` on Marlin), within milliseconds, past everything else. The position may be lost.

        Also the way out of a hard alarm, which answers to nothing but a reset.
        """
        self._stops += 1
        self._engine.reset_goes_out = True
        self._transport.write_at_once(self._engine.core.kill_bytes)
        self._emergency = True
        self._wake.set()

    # --- the job ---
    def recovery_info(self, job: Job, journal: Journal, observed: Position | None = None) -> RecoveryInfo:
        """Facts for a :data:`RecoveryPlanner`: after a crash, or after :meth:`stop`. Moves nothing.

        `observed` is where the operator says the tool is, when the controller does not know.
        """
        _check_kinds(job, journal)
        instance(journal, Journal, "journal", "Journal.open(path, job) reads one")
        status = self.status() if not self._lost() and self._engine.core.link is not Link.CRITICAL else None
        if status is not None and status.work_position is None and status.state is MachineState.IDLE:
            status = self.wait_until_idle(_OFFSET_PATIENCE_S)
        with self._lock:
            engine = self._engine
            return gather_facts(
                job,
                journal.state,
                machine_state=engine.core.machine_state,
                position=engine.believed_position(lost_before=journal.state.position_lost) if status else None,
                position_kept=engine.position.kept,
                observed=observed,
                marlin=self._engine.core.firmware == "marlin",
            )

    @_unless_stopped
    def start(self, job: Job, journal: Journal | None, plan: RecoveryPlan | None = None) -> None:
        """Run a job: its plan's lines first, if there is one, then from the plan's (or the journal's) step on.

        Raises
        ------
        JobError
            When the machine is not idle, a line could never be sent, or the journal has a begun step and there is
            no plan.
        """
        _check_kinds(job, journal)
        if plan is not None:
            instance(plan, RecoveryPlan, "plan", "a planner such as continue_in_place(info) makes one")
        with self._lock:
            self._check_port()
        self._check_lines(job)
        status = self.wait_until_idle(timeout_s=_OFFSET_PATIENCE_S)
        if status.state is not MachineState.IDLE:
            raise JobError(f"the machine is in {status.raw_state}, not idle", "unlock or home it first")
        with self._changed:
            self._check_free()
            if self._engine.runner.active:
                raise JobError("a job is under way already", "stop it first")
            self._engine.begin(job, journal, plan, time.monotonic())
            if journal is not None:
                journal.before_close = lambda: self._end_job("its journal was closed")
            if self.options.keep_awake and self._awake is None:
                self._awake = Awake(f"job {job.name}")
                self._notice(self._awake.note)
            self._wake.set()

    def pause(self) -> None:
        """Stop after the step in flight, everything still, and stay there."""
        with self._lock:
            self._engine.runner.pause()
            self._wake.set()

    def resume(self, *, force: bool = False) -> None:
        """Go on after :meth:`pause`, a prompt or a feed hold.

        Raises
        ------
        JobError
            When the tool has been moved since the pause (unless `force`), or there is nothing to resume.
        """
        self._resume(once=False, force=force)

    def step(self) -> None:
        """From a pause: one step, then pause again."""
        self._resume(once=True, force=False)

    @_unless_stopped
    def _resume(self, once: bool, force: bool) -> None:
        with self._lock:
            self._refuse_after_stop()
            runner, core = self._engine.runner, self._engine.core
            if core.machine_state in IN_HOLD or self._engine.brakes.held_by_us:
                self._engine.release()
                self._wake.set()
                if runner.state is not JobState.PAUSED:
                    return
            paused = runner.state is JobState.PAUSED
        if paused:
            position = self.wait_until_idle(timeout_s=5.0).work_position
            moved_mm = runner.moved_away_mm(position)
            if moved_mm > _MOVED_MM and not force:
                raise JobError(
                    f"the tool has been moved {moved_mm:.2f} mm since the pause",
                    "move it back",
                )
        with self._lock:
            self._refuse_after_stop()
            runner.resume(once)
            self._wake.set()

    @_unless_stopped
    def jump(self, plan: RecoveryPlan) -> None:
        """From a pause: run the plan's lines and pause before its step (``back K``, ``goto``)."""
        with self._lock:
            self._refuse_after_stop()
            self._engine.runner.jump(plan, self._engine.status.work_position if self._engine.status else None)
            self._wake.set()

    def stop(self) -> None:
        """Brake now, throw away what the controller has queued, end the job. The position is kept."""
        with self._lock:
            self._engine.stop()
            self._wake.set()

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until the job is paused, halted or finished; returns which (or what it does when time is up)."""
        self._wait_for(lambda: not self._engine.runner.state.busy, timeout_s)
        return self._engine.runner.state

    # --- small things ---
    def _check_free(self) -> None:
        self._check_port()
        self._refuse_after_stop()
        if self._engine.runner.state.busy:
            raise JobError("a job is running", "pause it first")
        if self._engine.errands.current is not None:
            raise JobError("the machine is busy with another command", "wait for it")

    def _check_lines(self, job: Job) -> None:
        check, number = self._engine.core.check_line, 0
        for step in job.steps:
            for line in step.lines:
                number += 1
                try:
                    check(line)
                except JobError as error:
                    raise JobError(f"line {number}: {error}", error.hint) from None


def _check_kinds(job: Job, journal: Journal | None) -> None:
    if not isinstance(job, Job):
        raise JobError(f"job should be a Job, not {type(job).__name__}", "make one with Job.from_steps or from_gcode")
    if journal is not None and not isinstance(journal, Journal):
        raise JobError(
            f"journal should be a Journal, not {type(journal).__name__}", "Journal.create(path, job) makes one"
        )


def clean_command(line: str) -> str:
    """A line for :meth:`Session.command`."""
    instance(line, str, "line", "one line of G-code")
    return line.strip() if line.strip().startswith("$") else clean(line)


def _axis_words(axes_mm: Mapping[str, float]) -> str:
    unknown = [name for name in axes_mm if name.upper() not in ("X", "Y", "Z", "A", "B", "C")]
    if unknown or not axes_mm:
        raise JobError(f"the axes are x, y, z, a, b, c, not {', '.join(unknown) or 'none at all'}")
    for name, value in axes_mm.items():
        _check_number(name, value)
    return "".join(f" {name.upper()}{value:.3f}" for name, value in axes_mm.items())


def _check_number(what: str, value: float) -> None:
    """Some controllers read ``Xnan`` as X, and X as 0."""
    if not math.isfinite(value):
        raise JobError(f"{what} is {value:g}, which no controller understands", "write a number")
