"""A connection to one controller, and the job that runs on it."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from firmware_io.awake import Awake
from firmware_io.detect import NAME_QUERY, detect_firmware, speaks_another
from firmware_io.engine import Core, Engine, Errand
from firmware_io.errors import JobError, PortError, ProtocolError
from firmware_io.events import Event, JobHalted, MachineState, Noticed, Position, StatusReported
from firmware_io.facts import gather_facts
from firmware_io.gcode import clean, is_sync
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.lock import MachineLock
from firmware_io.notify import Notifier
from firmware_io.ports import Port, find_again, find_port
from firmware_io.protocol.base import Link
from firmware_io.protocol.grbl import RESET, GrblProtocol, check_line
from firmware_io.protocol.marlin import KILL, MarlinProtocol, check_marlin_line
from firmware_io.recovery import RecoveryInfo, RecoveryPlan
from firmware_io.runner import JobState
from firmware_io.transport import SerialTransport
from firmware_io.wirelog import WireLog

_SILENCE_S = 2.0  # once it has booted
_CONNECT_PATIENCE_S = 15.0
_OFFSET_PATIENCE_S = 8.0  # grbl tells its work offset with every tenth to thirtieth report
_MOVED_MM = 0.2
_FAILURES = 2  # of this program itself: after the first one it stops in good order
_FAILED_HINT = "please report this; look at the machine before you resume"
_BUSY_STATES = (JobState.RUNNING, JobState.PAUSING, JobState.STOPPING)
_FAMILY = ("grbl", "grblhal", "fluidnc")
_HELD_STATES = (MachineState.HELD, MachineState.DOOR, MachineState.TOOL, MachineState.WAITING)


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
    poll_s: float = 0.25
    acknowledgement_timeout_s: float = 5.0
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
    position_known: bool = False
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
    problem_kind: str = ""
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


class EventStream:
    """Events from the moment of its making, as an iterator; see :meth:`Session.events`."""

    def __init__(self, session: Session, timeout_s: float | None) -> None:
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._timeout_s = timeout_s
        self._end = session.subscribe(self._queue.put)
        session._streams.append(self._queue)

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        try:
            event = self._queue.get(timeout=self._timeout_s)
        except queue.Empty:
            event = None
        if event is None:
            self._end()
            raise StopIteration
        return event


class Session:
    """A connection to one controller, and the job that runs on it. All methods may be called from any thread.

    Methods that only ask for something (`pause`, `hold` ...) return at once and report by events; methods
    that return a value (`command`, `home`, `run_lines`, `check`, `recovery_info`) wait for it.

    The lines of one step at a time are on the wire, by character counting; the next step begins when the
    acknowledgement of the step's sync line has proved that the motion ended and the journal has it on disk.
    Make it with :meth:`open`.
    """

    def __init__(self, port: Port, firmware: str, options: SessionOptions) -> None:
        self.port, self.options = port, options
        self._firmware = firmware
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._wake = threading.Event()
        self._outbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._listeners: list[Callable[[Event], None]] = []
        self._streams: list[queue.SimpleQueue[Event | None]] = []
        self._closing = self._emergency = False
        self._failures = 0
        self._awake: Awake | None = None
        self._log = WireLog(options.wire_log) if options.wire_log is not None else None
        self._machine_lock = None if "://" in port.address else MachineLock(port.identity)
        self._listeners.append(Notifier(options.notify_command, self._notice))
        self._thread: threading.Thread | None = None

    # --- opening and closing ---
    @classmethod
    def open(cls, port: str, *, firmware: str = "auto", options: SessionOptions | None = None) -> Session:
        """Open a port, find out what answers, and lock the machine for this process.

        Parameters
        ----------
        port : str
            Any address that pyserial opens: ``/dev/ttyUSB0``, ``COM3``, ``socket://..``, ``sim://grbl``.
        firmware : str
            ``"grbl"``, ``"grblhal"``, ``"fluidnc"``, ``"marlin"``, or ``"auto"`` to ask the controller.
        options : SessionOptions, optional

        Returns
        -------
        Session
            In touch with the controller. A machine that moves or holds (from before) is left alone; look at
            :meth:`snapshot`.

        Raises
        ------
        PortError, LockError, ProtocolError
        """
        if firmware not in ("auto", "marlin", *_FAMILY):
            raise PortError(f"the firmware '{firmware}' is not known", "known are grbl, grblhal, fluidnc, marlin, auto")
        session = cls(find_port(port), firmware, options or SessionOptions())
        try:
            session._connect(position_kept=True)
        except BaseException:
            session._give_back()
            raise
        return session

    def _connect(self, position_kept: bool) -> None:
        self._failures = 0
        self._transport = SerialTransport(self.port.address, self.options.baud, self._wake.set, self._log)
        try:
            heard, firmware = b"", self._firmware
            if firmware == "auto":
                firmware, heard = detect_firmware(self._transport, self.options.boot_wait_s)
            self._make_engine(firmware, heard, position_kept)
        except BaseException:
            self._transport.close()
            raise
        self._thread = threading.Thread(target=self._run_for_ever, name=f"drive {self.port.address}", daemon=True)
        self._thread.start()
        self._wait_for_touch()

    def _make_engine(self, firmware: str, heard: bytes, position_kept: bool) -> None:
        core: Core
        if firmware == "marlin":
            core = MarlinProtocol(acknowledgement_timeout_s=self.options.acknowledgement_timeout_s)
        else:
            core = GrblProtocol(acknowledgement_timeout_s=self.options.acknowledgement_timeout_s)
            core.firmware = firmware
        self._engine = Engine(
            self._transport,
            core,
            self.port.address,
            self._outbox.put,
            poll_s=self.options.poll_s,
            path_tolerance_mm=self.options.path_tolerance_mm,
            verify_steps=self.options.verify_steps,
        )
        self._engine.position_kept = self._engine.position_known = position_kept
        self._engine.hear(heard, time.monotonic())

    def _wait_for_touch(self) -> None:
        def in_touch() -> bool:
            status = self._engine.status
            held = status is not None and status.state in (*_HELD_STATES, MachineState.RUN, MachineState.HOME)
            return self._engine.connected or held or bool(self._engine.gone) or self._misfit() is not None

        patience_s = self.options.boot_wait_s + _CONNECT_PATIENCE_S
        asks_after_s = self.options.boot_wait_s + _SILENCE_S
        if not (self._wait_for(in_touch, asks_after_s) or self._asked_its_name(in_touch, patience_s - asks_after_s)):
            raise ProtocolError(
                f"the controller at {self.port.address} does not answer within {patience_s:g} s",
                f"does it speak {self._own_name}? check that, power, cable and baud rate; "
                "after a hard alarm reset the controller",
            )
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)
        if (other := self._misfit()) and not self._engine.connected:
            raise ProtocolError(
                f"the controller at {self.port.address} speaks the dialect of {other}, not that of {self._own_name}",
                f"choose a machine profile (or --firmware) for {other}",
            )

    def _asked_its_name(self, in_touch: Callable[[], bool], patience_s: float) -> bool:
        """Ask a controller that is silent for its name: Marlin tells it, Grbl refuses the line; neither moves."""
        if self._own_name != "marlin":  # the core for Marlin asks by itself
            self._transport.write(NAME_QUERY)
        return self._wait_for(in_touch, patience_s)

    @property
    def _own_name(self) -> str:
        return self._engine.core.firmware or "grbl"

    def _misfit(self) -> str | None:
        return speaks_another(self._own_name, self._engine.greeting)

    def reconnect(self, timeout_s: float = 60.0) -> None:
        """After a disconnection: wait until the same device is there again, under whatever name, and open it.

        Moves nothing and resumes nothing; raises PortError when it does not come back in time.
        """
        kept = self._engine.position_kept
        self._stop_thread()
        self._transport.close()
        deadline_s = time.monotonic() + timeout_s
        while True:
            port = find_again(self.port)
            if port is not None:
                self.port = port
                try:
                    self._closing = False
                    return self._connect(position_kept=kept)
                except PortError:
                    self._stop_thread()
            if time.monotonic() > deadline_s:
                raise PortError(f"the device at {self.port.address} did not come back within {timeout_s:g} s")
            time.sleep(0.2)

    def close(self) -> None:
        """Close the port. A running job is stopped by feed hold first."""
        if self._thread is not None and self._engine.runner.state in _BUSY_STATES and not self._engine.gone:
            self.stop()
            with contextlib.suppress(JobError):
                self.wait(timeout_s=20.0)
        with self._lock:
            self._engine.runner.end("stopped", "the session was closed")
        self._give_back()

    def _give_back(self) -> None:
        self._stop_thread()
        if hasattr(self, "_transport"):
            self._transport.close()
        self._deliver()
        for stream in self._streams:
            stream.put(None)
        if self._awake is not None:
            self._awake.release()
            self._awake = None
        if self._machine_lock is not None:
            self._machine_lock.release()
        if self._log is not None:
            self._log.close()

    def _stop_thread(self) -> None:
        self._closing = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the thread ---
    def _run_for_ever(self) -> None:
        while not self._closing and self._failures < _FAILURES:
            with self._changed:
                try:
                    again_s = self._turn()
                except Exception as error:  # whatever it is, the machine must not go on with nobody at the wheel
                    again_s = self._failed(error)
                self._changed.notify_all()
            self._deliver()
            self._wake.wait(max(0.0, min(again_s - time.monotonic(), 0.05)))
            self._wake.clear()

    def _turn(self) -> float:
        if self._emergency:
            self._emergency = False
            self._engine.emergency(time.monotonic())
            self._transport.unblock()
        again_s = self._engine.pump(time.monotonic())
        self._mind_sleep()
        return again_s

    def _failed(self, error: Exception) -> float:
        """Stop in good order after an exception of our own or of a listener; after a second one, at any price."""
        self._failures += 1
        reason = f"firmware_io itself failed: {_described(error)}"
        if self._failures < _FAILURES:
            try:
                self._engine.fail(reason, _FAILED_HINT)
                return time.monotonic()
            except Exception as again:  # not even that
                self._failures = _FAILURES
                reason += f"; then {_described(again)}"
        try:
            self._engine.abandon(reason, _FAILED_HINT)
        except Exception as last:
            self._outbox.put(JobHalted(reason=f"{reason}; then {_described(last)}", hint=_FAILED_HINT, kind="failed"))
        return time.monotonic()

    def _mind_sleep(self) -> None:
        """Let the computer sleep when the job is over."""
        if self._awake is not None and not self._engine.runner.active:
            self._awake.release()
            self._awake = None

    def _deliver(self) -> None:
        while not self._outbox.empty():
            event = self._outbox.get()
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except Exception as error:  # it was to watch the machine, and does not any more
                    self._listeners.remove(listener)
                    with self._changed:
                        self._failed(error)
                        self._changed.notify_all()

    def _notice(self, text: str) -> None:
        self._outbox.put(Noticed(text=text))
        self._wake.set()

    def _wait_for(self, condition: Callable[[], bool], timeout_s: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    # --- looking ---
    def snapshot(self) -> Snapshot:
        """The whole state now."""
        with self._lock:
            engine, runner, core = self._engine, self._engine.runner, self._engine.core
            status, step, job = engine.status, runner.step, runner.job
            in_flight = runner.unit.acknowledged if runner.unit is not None and runner.unit.index >= 0 else 0
            return Snapshot(
                connected=engine.connected,
                port=self.port.address,
                firmware=core.firmware,
                version=core.version,
                position_kept=engine.position_kept,
                position_known=engine.position_known,
                machine_state=core.machine_state,
                raw_state=status.raw_state if status is not None else "",
                machine_position=status.machine_position if status is not None else None,
                work_position=status.work_position if status is not None else None,
                feed_mm_min=status.feed_mm_min if status is not None else None,
                spindle=status.spindle if status is not None else None,
                overrides=core.overrides,
                job_state=runner.state,
                job_name=job.name if job is not None else "",
                next_step=runner.next_step,
                step_count=len(job.steps) if job is not None else 0,
                step_label=step.label if step is not None else "",
                step_kind=step.kind if step is not None else "",
                step_meta=step.meta if step is not None else {},
                lines_acknowledged=runner.lines_before + in_flight,
                line_count=runner.line_count,
                bytes_in_flight=core.bytes_in_flight,
                buffer_bytes=core.buffer_bytes,
                elapsed_s=time.monotonic() - runner.started_s if runner.active else 0.0,
                prompt=runner.prompt,
                problem=runner.problem,
                problem_kind=runner.problem_kind,
                hint=runner.hint,
            )

    def events(self, timeout_s: float | None = None) -> EventStream:
        """Events from now on, as an iterator; it ends at close, or when nothing came for `timeout_s`."""
        return EventStream(self, timeout_s)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event, in the session's thread; calling the result ends it.

        A listener may ask for things (`pause`, `hold` ...) but must not wait: the thread that it would wait for is
        its own. Use :meth:`events` for that.
        """
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    # --- the machine, no job running ---
    def status(self, timeout_s: float = 3.0) -> StatusReported:
        """Ask where the machine is and what it does; raises ProtocolError when it does not answer."""
        with self._changed:
            self._check_port()
            before = self._engine.status
            self._engine.ask_soon()
            self._wake.set()
            if not self._changed.wait_for(lambda: self._engine.status is not before or self._lost(), timeout_s):
                raise ProtocolError(
                    f"the controller does not answer within {timeout_s:g} s", "is it homing, or locked?"
                )
            self._check_port()
            status = self._engine.status
        if status is None:
            raise ProtocolError("the controller restarted while it was asked")
        return status

    def command(self, line: str, timeout_s: float = 10.0) -> tuple[str, ...]:
        """Send one line by itself, also one that writes settings; returns what was said before its ``ok``.

        Raises RejectedError when it is refused, JobError while a job runs.
        """
        return tuple(self._errand((clean_command(line),), timeout_s).said)

    def run_lines(self, lines: Iterable[str], timeout_s: float | None = None) -> None:
        """Stream lines and wait until their motion has ended (dry tours, touching pins, tests)."""
        ready = [line for line in map(clean, lines) if line]
        if ready and not is_sync(ready[-1]):
            ready.append("M400" if self._is_marlin else "G4 P0")
        self._errand(tuple(ready), timeout_s)

    def _errand(self, lines: tuple[str, ...], timeout_s: float | None, tolerant: bool = False) -> Errand:
        check = check_marlin_line if self._is_marlin else check_line
        for line in lines:
            check(line)
        with self._changed:
            self._check_free()
            errand = self._engine.run(lines, tolerant)
            self._wake.set()
            if not self._changed.wait_for(lambda: errand.done or self._lost(), timeout_s):
                self._engine.errand = None
                raise ProtocolError(f"'{lines[-1]}' was not acknowledged within {timeout_s:g} s")
            if errand.error is not None:
                raise errand.error
            self._check_port()
        return errand

    def home(self, timeout_s: float = 120.0) -> None:
        """Home all axes (``$H``, ``G28``); afterwards the position is known."""
        self._errand(("G28" if self._is_marlin else "$H",), timeout_s)
        with self._lock:
            self._engine.set_position()
        self.status()

    def unlock(self) -> None:
        """Leave the alarm lock (``$X``). Never sent by itself: the position may be wrong."""
        if not self._is_marlin:
            self.command("$X")

    def set_work_position(self, **axes_mm: float) -> None:
        """Say that the tool is now at ``x=``, ``y=``, ``z=`` .. in work coordinates; the position is known then."""
        where = _axis_words(axes_mm)
        self.command(f"G92{where}" if self._is_marlin else f"G10 L20 P0{where}")
        with self._lock:
            self._engine.set_position()
        self.status()

    def jog(self, *, feed_mm_min: float, absolute: bool = False, **axes_mm: float) -> None:
        """Move ``x=``, ``y=``, ``z=`` .. by (or with `absolute`, to) millimetres; returns when it is queued."""
        _check_number("feed_mm_min", feed_mm_min)
        mode, where = "G90" if absolute else "G91", _axis_words(axes_mm)
        if self._is_marlin:
            self._errand(("G21", mode, f"G1{where} F{feed_mm_min:g}", "G90"), 30.0)
        else:
            self._errand((f"$J=G21 {mode}{where} F{feed_mm_min:g}",), 30.0)

    def cancel_jog(self) -> None:
        """End a jog where it is."""
        with self._lock:
            if isinstance(self._engine.core, GrblProtocol):
                self._engine.core.cancel_jog()
            self._wake.set()

    def wait_until_idle(self, timeout_s: float | None = None) -> StatusReported:
        """Wait until nothing moves; raises ProtocolError when that takes longer than `timeout_s`."""
        begin_s, waited_s = time.monotonic(), 0.0
        deadline_s = None if timeout_s is None else begin_s + timeout_s
        if self._is_marlin and self.snapshot().machine_state is MachineState.RUN:
            self._errand(("M400",), timeout_s)  # Marlin does not say when it is idle
        while True:
            status = self.status()
            resting = status.state in (MachineState.IDLE, MachineState.ALARM, MachineState.CHECK)
            if resting and (status.work_position is not None or waited_s > _OFFSET_PATIENCE_S):
                return status
            if deadline_s is not None and time.monotonic() > deadline_s:
                if resting:
                    return status
                raise ProtocolError(f"the machine is still in {status.raw_state} after {timeout_s:g} s")
            time.sleep(0.05)
            waited_s = time.monotonic() - begin_s

    def check(self, job: Job) -> CheckReport:
        """Let the controller read the whole job without moving (``$C``), and leave check mode again."""
        self._check_lines(job)
        lines = tuple(line for step in job.steps for line in step.lines)
        if self._is_marlin:
            return CheckReport(lines_checked=len(lines), done_by_controller=False)
        self.command("$C")
        try:
            errand = self._errand(lines, None, tolerant=True)
        finally:
            self._leave_check_mode()
        problems = tuple(f"line {index + 1} '{lines[index]}': {why}" for index, why in errand.refused)
        return CheckReport(lines_checked=len(lines), problems=problems)

    def _leave_check_mode(self) -> None:
        """``$C`` again; grbl restarts for it, and its banner is no accident."""
        with self._changed:
            assert isinstance(self._engine.core, GrblProtocol)
            self._engine.core.expect_banner()
            self._engine.status = None
        with contextlib.suppress(ProtocolError):
            self._errand(("$C",), 5.0)
        self._wait_for(lambda: self._engine.core.link is Link.READY and self._engine.status is not None, 10.0)

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
        self._transport.write_at_once(KILL if self._is_marlin else RESET)
        self._emergency = True
        self._wake.set()

    # --- the job ---
    def recovery_info(self, job: Job, journal: Journal, observed: Position | None = None) -> RecoveryInfo:
        """Facts for a :data:`RecoveryPlanner`: after a crash, or after :meth:`stop`. Moves nothing.

        `observed` is where the operator says the tool is, when the controller does not know.
        """
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
                position_kept=engine.position_kept,
                observed=observed,
                marlin=self._is_marlin,
            )

    def start(self, job: Job, journal: Journal | None, plan: RecoveryPlan | None = None) -> None:
        """Run a job: its plan's lines first, if there is one, then from the plan's (or the journal's) step on.

        Raises
        ------
        JobError
            When the machine is not idle, a line could never be sent, or the journal has a begun step and there is
            no plan.
        """
        self._check_lines(job)
        status = self.wait_until_idle(timeout_s=_OFFSET_PATIENCE_S)
        if status.state is not MachineState.IDLE:
            raise JobError(f"the machine is in {status.raw_state}, not idle", "unlock or home it first")
        with self._changed:
            self._check_free()
            if self._engine.runner.active:
                raise JobError("a job is under way already", "stop it first")
            self._engine.begin(job, journal, plan, time.monotonic())
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

    def _resume(self, once: bool, force: bool) -> None:
        with self._lock:
            runner, core = self._engine.runner, self._engine.core
            held = core.machine_state in _HELD_STATES or core.machine_state is MachineState.HOLDING
            if held or self._engine.held_by_us:
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
                    "move it back, or jump() with the lines that lead back",
                )
        with self._lock:
            runner.resume(once)
            self._wake.set()

    def jump(self, plan: RecoveryPlan) -> None:
        """From a pause: run the plan's lines and pause before its step (``back K``, ``goto``)."""
        with self._lock:
            self._engine.runner.jump(plan, self._engine.status.work_position if self._engine.status else None)
            self._wake.set()

    def stop(self) -> None:
        """Brake now, throw away what the controller has queued, end the job. The position is kept."""
        with self._lock:
            self._engine.stop()
            self._wake.set()

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until the job is paused, halted or finished; returns which (or what it does when time is up)."""
        self._wait_for(lambda: self._engine.runner.state not in _BUSY_STATES, timeout_s)
        return self._engine.runner.state

    # --- small things ---
    @property
    def _is_marlin(self) -> bool:
        return isinstance(self._engine.core, MarlinProtocol)

    def _lost(self) -> bool:
        return bool(self._engine.gone) or self._closing

    def _check_port(self) -> None:
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)

    def _check_free(self) -> None:
        self._check_port()
        if self._engine.runner.state in _BUSY_STATES:
            raise JobError("a job is running", "pause it first")
        if self._engine.errand is not None:
            raise JobError("the machine is busy with another command", "wait for it")

    def _check_lines(self, job: Job) -> None:
        check = check_marlin_line if self._is_marlin else check_line
        number = 0
        for step in job.steps:
            for line in step.lines:
                number += 1
                try:
                    check(line)
                except JobError as error:
                    raise JobError(f"line {number}: {error}", error.hint) from None


def _described(error: BaseException) -> str:
    """An exception in one line, with the place where it came from."""
    places = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(places[-1].filename).name}, line {places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"


def clean_command(line: str) -> str:
    """A line for :meth:`Session.command`."""
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
