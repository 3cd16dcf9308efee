"""The process that holds the machine: one session, commands in threads of their own, and a pipe for the stop alone.

Nothing else runs here, so that an emergency stop waits for nothing: its pipe has its own thread, which does one thing.
When the server goes away, a running job pauses after the wrap in flight, and the port is closed.
"""

import collections
import contextlib
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from enum import Enum
from multiprocessing.connection import Connection
from typing import Any

import firmware_io
from firmware_io import FirmwareError, Job, Journal, RecoveryPlan, Session, Snapshot
from firmware_io.errors import JobError, OvertakenError
from firmware_io.events import IN_HOLD
from firmware_io.runner import JobState
from stringart.errors import StringartError
from stringart.machine.job_steps import ANCHOR, WRAP
from stringart.machine.jobfile import read_job
from stringart.machine.profile import AXIS_ORDER
from stringart.machine.profile_files import load_profile
from stringart.machine.reach import check_jog
from stringart.machine.recovery import ResumeGuide, WayBack
from stringart.runs.journals import begin_journal, job_beside, journal_path, unfinished
from stringart.runs.machine_runs import count_turns_on, open_session
from stringart.runs.prepared import to_firmware
from stringart.studio.console import JOB_UNDER_WAY
from stringart.studio.worker import be_urgent, raise_priority

_LOOK_EVERY_S = 0.1
_QUIET = (
    firmware_io.StatusReported, firmware_io.Acknowledged, firmware_io.StateChanged, firmware_io.StepStarted,
    firmware_io.StepDone, firmware_io.Capabilities,
)  # fmt: skip


def hold_machine(commands: Connection, stop: Connection) -> None:
    """Run until the server is gone: the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(0.0005)  # a job that is read does not hold the stop up
    raise_priority()
    holder = _Holder(commands)
    threading.Thread(target=holder.mind_the_stop, args=(stop,), name="emergency stop", daemon=True).start()
    threading.Thread(target=holder.keep_looking, name="look", daemon=True).start()
    pool = ThreadPoolExecutor(8, thread_name_prefix="command")
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, name, arguments, stops = commands.recv()
            if name == "leave":
                break
            pool.submit(holder.obey, number, name, arguments, stops)
    holder.leave()
    pool.shutdown(wait=False, cancel_futures=True)


class _Holder:
    """The session and its job."""

    def __init__(self, out: Connection) -> None:
        self._out, self._sending = out, threading.Lock()
        self.session: Session | None = None
        self.job: Job | None = None
        self.guide: ResumeGuide | None = None
        self._text = ""
        self._journal: Journal | None = None
        self._opening = threading.Lock()
        self._stops = 0
        self._ended: dict[str, int] = {}  # of what ends a move: the number of the last
        self._shows_raw, self._raw = False, collections.deque[str](maxlen=200)

    def tell(self, kind: str, payload: object) -> None:
        """Send something to the server."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._out.send((kind, payload))

    # --- at once ---

    def mind_the_stop(self, stop: Connection) -> None:
        """Wait for the emergency stop and for nothing else."""
        be_urgent()
        with contextlib.suppress(EOFError, OSError):
            while True:
                asked_s = stop.recv()
                self._stops += 1  # before the session's: what is asked now is refused by the one or by the other
                session = self.session
                if session is not None:
                    session.emergency_stop()
                stop.send((asked_s, time.time(), session is not None))

    # --- looking ---

    def keep_looking(self) -> None:
        """Tell the server what changed, ten times a second."""
        before: dict[str, object] = {}
        while True:
            time.sleep(_LOOK_EVERY_S)
            session = self.session
            seen: dict[str, object] = _told(session.snapshot()) if session is not None else {"connected": False}
            if seen != before:
                before = seen
                self.tell("snapshot", seen)
            if self._raw:
                self.tell("raw", [self._raw.popleft() for _ in range(len(self._raw))])

    def _heard(self, event: firmware_io.Event) -> None:
        if self._shows_raw:
            self._raw.extend(raw_lines(event))
        chatter = isinstance(event, firmware_io.Said) and re.match(r"\[(?!MSG)|ok$|\$", event.text)
        if not (chatter or isinstance(event, _QUIET)):
            self.tell("event", {"kind": type(event).__name__, **plain(asdict(event)), "at_s": time.time()})

    # --- commands ---

    def obey(self, number: int, name: str, arguments: dict[str, object], stops: int) -> None:
        """Carry out one command and answer it; not one that moves, asked for before an emergency stop that came first.

        `stops` counts the stops before it.
        """
        session = self.session
        try:
            with session.unless_stopped() if session is not None else contextlib.nullcontext():
                if name in _MOVING and stops != self._stops:
                    raise OvertakenError
                value = self._carry_out(number, name, arguments)
            self.tell("answer", (number, None, value))
        except (FirmwareError, StringartError) as error:
            self.tell("answer", (number, (str(error), getattr(error, "hint", "")), None))
        except Exception as error:  # a defect of ours must not leave a machine without its console
            traceback.print_exc(file=sys.stderr)
            self.tell("answer", (number, (f"this failed: {error or type(error).__name__}", "see the terminal"), None))

    def _carry_out(self, number: int, name: str, arguments: Mapping[str, Any]) -> object:
        """Call a command; a move that was ended since it was asked for ends, whichever of the two threads is faster."""
        end = _ENDS.get(name, "")
        if name in _ENDS.values():
            self._ended[name] = number
        if number < self._ended.get(end, 0):
            return None
        value = _COMMANDS[name](self, **arguments)
        if number < self._ended.get(end, 0):
            _COMMANDS[end](self)
        return value

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
            session = open_session(port)
            session.subscribe(self._heard)
            self.session = session

    def disconnect(self) -> None:
        """Close the port; not while a job moves."""
        session = self._open
        if session.snapshot().job_state.busy:
            raise JobError("a job is running", "pause or stop it first")
        self.session = None
        session.close()
        self._put_journal_away()

    def reconnect(self) -> None:
        """After a pulled cable."""
        self._open.reconnect(timeout_s=10.0)

    def load(self, name: str, text: str, profile: str, after_s: list[float]) -> dict[str, object]:
        """Take a program that was made and proved; says what its journal knows."""
        if self.session is not None and self.session.snapshot().job_state.under_way:
            raise JobError(*JOB_UNDER_WAY)
        self._put_journal_away()
        file, rules = read_job(text, name), load_profile(profile)
        self.job = to_firmware(name, file, rules, after_s)
        self.guide, self._text = ResumeGuide(file, rules), text
        return {"steps": len(self.job.steps), "done": self._done_before(), "begun": self._begun_before()}

    def _done_before(self) -> int:
        """Steps that an unfinished run of this job has done; 0 if there is none."""
        state = unfinished(journal_path(self._loaded.name, self._loaded))
        return 0 if state is None else state.next_step

    def _begun_before(self) -> bool:
        """Whether a run of this job has a journal that is not finished: it is gone on with, or begun anew."""
        return unfinished(journal_path(self._loaded.name, self._loaded)) is not None

    def check(self) -> dict[str, object]:
        """Let the controller read the job without moving."""
        return asdict(self._open.check(self._loaded))

    @property
    def _loaded(self) -> Job:
        if self.job is None:
            raise JobError("no job is prepared", "choose a plan and prepare it")
        return self.job

    def start(self, again: bool, thread: str, meta: dict[str, object]) -> None:
        """Begin the job; or go on where its journal ends, ``thread`` saying where the thread is if it asks for that."""
        session, job = self._open, self._loaded
        _require_position(session)
        path = journal_path(job.name, job)
        self._put_journal_away()
        if again or unfinished(path) is None:
            self._journal = begin_journal(path, self._text, job, meta | {"port": session.port.address})
            try:
                return session.start(job, self._journal)
            except BaseException:  # refused: nothing has moved, and nothing is to be gone on with
                self._put_journal_away()
                path.unlink(missing_ok=True)
                job_beside(path).unlink(missing_ok=True)
                raise
        self._journal = Journal.open(path, job)
        return session.start(job, self._journal, self._way_back(self._journal, thread))

    def _way_back(self, journal: Journal, thread: str) -> RecoveryPlan:
        assert self.guide is not None
        if journal.state.position_lost or not self._open.snapshot().position_kept:
            count_turns_on(self._open, self.guide, journal.state.next_step)
        info = self._open.recovery_info(self._loaded, journal)
        if not thread:
            return firmware_io.continue_in_place(info)
        if info.position is None:
            raise JobError("the controller's position is lost", "home the machine first")
        step = info.way_next_step if info.on_way else info.next_step
        here = self.guide.profile.axes.of(info.position)
        return _as_plan(self.guide.by_thread(step, "before" if info.on_way else thread, here))

    def step_back(self, wraps: int) -> None:
        """From a pause, lead the tool to where an earlier wrap begins; the job waits there."""
        session, guide = self._open, self.guide
        shot = session.snapshot()
        if shot.job_state is not JobState.PAUSED or guide is None:
            raise JobError("stepping back needs a paused job", "pause it first")
        now = min(shot.next_step, len(guide.job.steps) - 1)
        wound = [k for k, step in enumerate(guide.job.steps[:now]) if step.kind in (ANCHOR, WRAP)]
        if not wound:
            raise JobError("nothing is wound yet")
        target = wound[max(len(wound) - wraps, 0)]
        here = None if shot.work_position is None else guide.profile.axes.of(shot.work_position)
        session.jump(_as_plan(guide.to_step(target, here)))

    def tour(self, pins: list[int]) -> None:
        """Go over pins above their tops, and wait until the tool stands."""
        session, guide, shot = self._open, self.guide, self._open.snapshot()
        if guide is None:
            raise JobError("no job is prepared", "choose a plan and prepare it")
        _require_position(session)
        here = None if shot.work_position is None else guide.profile.axes.of(shot.work_position)
        session.run_lines(guide.tour(pins, here))

    def command(self, line: str) -> list[str]:
        """Send one line as it is; what was said to it."""
        return list(self._open.command(line))

    def show_raw(self, on: bool) -> None:
        """Tell every line both ways, or no longer."""
        self._shows_raw = on

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


def _told(shot: Snapshot) -> dict[str, object]:
    """A snapshot for the page, and what its states mean: of the job, and whether the machine stands in a hold."""
    seen: dict[str, object] = plain(asdict(shot))
    job, held = shot.job_state, shot.machine_state in IN_HOLD
    return {**seen, "busy": job.busy, "under_way": job.under_way, "held": held}


def _as_plan(way: WayBack) -> RecoveryPlan:
    return RecoveryPlan(next_step=way.next_step, lines=way.lines, text=way.text)


def _call(method: str, **fixed: object) -> Callable[..., object]:
    def run(holder: _Holder, **arguments: object) -> None:
        getattr(holder._open, method)(**fixed, **arguments)

    return run


def _require_position(session: Session) -> None:
    """Position is known or nothing moves."""
    shot = session.snapshot()
    if not shot.position_known:
        raise JobError(
            f"it is not known where the tool is: {shot.position_doubt or 'the controller lost its position'}",
            "home the machine, or say where the tool is",
        )


def _jog(holder: _Holder, axes: dict[str, float], feed_mm_min: float) -> None:
    shot, guide = holder._open.snapshot(), holder.guide
    if guide is not None and shot.position_known and shot.work_position is not None:
        here = dict(zip(AXIS_ORDER, shot.work_position, strict=False))
        check_jog(guide.profile, here, {axis.upper(): mm for axis, mm in axes.items()})
    holder._open.jog(feed_mm_min=feed_mm_min, absolute=False, **axes)


def _work_zero(holder: _Holder, axes: dict[str, float]) -> None:
    holder._open.set_work_position(**axes)


def _ports(holder: _Holder) -> list[dict[str, str]]:
    return [{"address": p.address, "text": p.description or p.address} for p in firmware_io.list_ports()]


_MOVING = frozenset(
    {"check", "start", "step_back", "tour", "command", "jog", "work_zero", "home", "unlock", "resume", "step"}
)
_ENDS = {"jog": "cancel_jog", "resume": "pause", "step": "pause"}
_COMMANDS: dict[str, Callable[..., object]] = {
    "ports": _ports,
    "connect": _Holder.connect,
    "disconnect": _Holder.disconnect,
    "reconnect": _Holder.reconnect,
    "load": _Holder.load,
    "check": _Holder.check,
    "start": _Holder.start,
    "step_back": _Holder.step_back,
    "tour": _Holder.tour,
    "command": _Holder.command,
    "raw": _Holder.show_raw,
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


def raw_lines(event: firmware_io.Event) -> list[str]:
    """What an event says of the line, as it went over it: ``> `` for what was sent, ``< `` for what came."""
    if isinstance(event, firmware_io.Acknowledged):
        return [f"> {event.line.text}", "< ok"]
    if isinstance(event, firmware_io.Rejected):
        return [*([f"> {event.line.text}"] if event.line else []), f"< {event.code} {event.meaning}"]
    text = getattr(event, "text", "")
    return [f"< {text}"] if text else []


def plain(value: Any) -> Any:
    """Values that JSON and a pipe know."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
