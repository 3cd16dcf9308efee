"""The process that holds the machine: one session, commands in threads of their own, and a pipe for the stop alone.

Nothing else runs here, so that an emergency stop waits for nothing: its pipe has its own thread, which does one thing.
When the server goes away, a running job pauses after the wrap in flight, and the port is closed.
"""

import contextlib
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import firmware_io
from firmware_io import FirmwareError, Job, Journal, RecoveryPlan, Session, Step
from firmware_io.errors import JobError
from firmware_io.runner import JobState

_LOOK_EVERY_S = 0.1
_QUIET = (
    firmware_io.StatusReported, firmware_io.Acknowledged, firmware_io.StateChanged, firmware_io.StepStarted,
    firmware_io.StepDone,
)  # fmt: skip


def hold_machine(commands: Connection, stop: Connection) -> None:
    """Run until the server is gone: the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    holder = _Holder(commands)
    threading.Thread(target=holder.mind_the_stop, args=(stop,), name="emergency stop", daemon=True).start()
    threading.Thread(target=holder.keep_looking, name="look", daemon=True).start()
    pool = ThreadPoolExecutor(8, thread_name_prefix="command")
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, name, arguments = commands.recv()
            if name == "leave":
                break
            if name == "chunk":
                holder.steps_of_job.extend(arguments["steps"])
            else:
                pool.submit(holder.obey, number, name, arguments)
    holder.leave()
    pool.shutdown(wait=False, cancel_futures=True)


class _Holder:
    """The session and its job."""

    def __init__(self, out: Connection) -> None:
        self._out, self._sending = out, threading.Lock()
        self.session: Session | None = None
        self.steps_of_job: list[dict[str, Any]] = []
        self.job: Job | None = None
        self._journal: Journal | None = None
        self._opening = threading.Lock()

    def tell(self, kind: str, payload: Any) -> None:
        """Send something to the server."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._out.send((kind, payload))

    # --- at once ---

    def mind_the_stop(self, stop: Connection) -> None:
        """Wait for the emergency stop and for nothing else."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                asked_s = stop.recv()
                session = self.session
                if session is not None:
                    session.emergency_stop()
                stop.send((asked_s, session is not None))

    # --- looking ---

    def keep_looking(self) -> None:
        """Tell the server what changed, ten times a second."""
        before: dict[str, Any] = {}
        while True:
            time.sleep(_LOOK_EVERY_S)
            session = self.session
            seen = plain(asdict(session.snapshot())) if session is not None else {"connected": False}
            if seen != before:
                before = seen
                self.tell("snapshot", seen)

    def _heard(self, event: firmware_io.Event) -> None:
        if not isinstance(event, _QUIET):
            self.tell("event", {"kind": type(event).__name__, **plain(asdict(event)), "at_s": time.time()})

    # --- commands ---

    def obey(self, number: int, name: str, arguments: dict[str, Any]) -> None:
        """Carry out one command and answer it."""
        try:
            value = _COMMANDS[name](self, **arguments)
            self.tell("answer", (number, None, value))
        except FirmwareError as error:
            self.tell("answer", (number, (str(error), getattr(error, "hint", "")), None))
        except Exception as error:  # a defect of ours must not leave a machine without its console
            traceback.print_exc(file=sys.stderr)
            self.tell("answer", (number, (f"this failed: {error or type(error).__name__}", "see the terminal"), None))

    @property
    def _open(self) -> Session:
        if self.session is None:
            raise JobError("no machine is connected", "connect one first")
        return self.session

    def connect(self, port: str) -> None:
        """Open a port."""
        with self._opening:
            if self.session is not None:
                raise JobError(f"{self.session.port.address} is connected already", "disconnect it first")
            session = Session.open(port)
            session.subscribe(self._heard)
            self.session = session

    def disconnect(self) -> None:
        """Close the port; not while a job moves."""
        session = self._open
        if session.snapshot().job_state in (JobState.RUNNING, JobState.PAUSING, JobState.STOPPING):
            raise JobError("a job is running", "pause or stop it first")
        self.session = None
        session.close()
        self._put_journal_away()

    def reconnect(self) -> None:
        """After a pulled cable."""
        self._open.reconnect(timeout_s=10.0)

    def load(self, name: str) -> int:
        """Make a job of the steps that came in chunks."""
        steps, self.steps_of_job = self.steps_of_job, []
        self._put_journal_away()
        self.job = Job.from_steps(name, (Step(**step) for step in steps))
        return self.job.line_count

    def check(self) -> dict[str, Any]:
        """Let the controller read the job without moving."""
        return asdict(self._open.check(self._loaded))

    @property
    def _loaded(self) -> Job:
        if self.job is None:
            raise JobError("no job is prepared", "choose a plan and prepare it")
        return self.job

    def start(self, journal: str, again: bool, meta: dict[str, Any]) -> None:
        """Begin the job, or go on where its journal ends."""
        session, job, path = self._open, self._loaded, Path(journal)
        self._put_journal_away()
        if again and path.exists():
            path.replace(path.with_suffix(".old"))
        if not path.exists():
            self._journal = Journal.create(path, job, meta)
            return session.start(job, self._journal)
        self._journal = Journal.open(path, job)
        info = session.recovery_info(job, self._journal)
        session.start(job, self._journal, firmware_io.continue_in_place(info))
        return None

    def step_back(self, lines: list[str], next_step: int, text: str) -> None:
        """From a pause, lead the tool back to an earlier step."""
        self._open.jump(RecoveryPlan(next_step=next_step, lines=tuple(lines), text=text))

    def _put_journal_away(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def leave(self) -> None:
        """The server is gone: pause after the wrap in flight, then close."""
        session, self.session = self.session, None
        if session is None:
            return
        with contextlib.suppress(FirmwareError):
            if session.snapshot().job_state is JobState.RUNNING:
                session.pause()
                session.wait(timeout_s=60.0)
        session.close()
        self._put_journal_away()


def _call(method: str, **fixed: Any) -> Callable[..., Any]:
    def run(holder: _Holder, **arguments: Any) -> None:
        getattr(holder._open, method)(**fixed, **arguments)

    return run


def _jog(holder: _Holder, axes: dict[str, float], feed_mm_min: float) -> None:
    holder._open.jog(feed_mm_min=feed_mm_min, **axes)


def _work_zero(holder: _Holder, axes: dict[str, float]) -> None:
    holder._open.set_work_position(**axes)


def _ports(holder: _Holder) -> list[dict[str, str]]:
    return [{"address": p.address, "text": p.description or p.address} for p in firmware_io.list_ports()]


_COMMANDS: dict[str, Callable[..., Any]] = {
    "ports": _ports,
    "connect": _Holder.connect,
    "disconnect": _Holder.disconnect,
    "reconnect": _Holder.reconnect,
    "load": _Holder.load,
    "check": _Holder.check,
    "start": _Holder.start,
    "step_back": _Holder.step_back,
    "jog": _jog,
    "work_zero": _work_zero,
    "home": _call("home"),
    "unlock": _call("unlock"),
    "cancel_jog": _call("cancel_jog"),
    "pause": _call("pause"),
    "hold": _call("hold"),
    "resume": _call("resume"),
    "step": _call("step"),
    "stop": _call("stop"),
    "override": _call("override"),
}


def plain(value: Any) -> Any:
    """Values that JSON and a pipe know."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
