"""``python -m firmware_io ports | status | check | send | simulate``: G-code to a machine, without anything else.

Exit codes: 0 done, 1 an error, 2 usage, 3 the job was halted, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from firmware_io.errors import FirmwareError, JobError
from firmware_io.events import HELD_STATES, Event, JobHalted, JobPaused, Noticed, Prompted, StepDone
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.options import SessionOptions
from firmware_io.ports import list_ports
from firmware_io.recovery import RecoveryPlan, continue_in_place
from firmware_io.runner import JobState
from firmware_io.session import Session

OK, ERROR, HALTED, INTERRUPTED = 0, 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except FirmwareError as error:
        _say(f"error: {error}")
        if error.hint:
            _say(f"hint: {error.hint}")
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m firmware_io", description="Send G-code to a machine over serial.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("ports", help="list the serial ports").set_defaults(run=_ports)
    status = commands.add_parser("status", help="ask a machine where it is and what it does")
    check = commands.add_parser("check", help="let the controller read a job without moving")
    reset = commands.add_parser("reset", help="soft reset: the way out of check mode, a hold or a limit alarm")
    send = commands.add_parser("send", help="send a job, or resume it where its journal ends")
    simulate = commands.add_parser("simulate", help="put a simulated machine on a pseudo-terminal")
    for command, run in ((status, _status), (reset, _reset), (check, _check), (send, _send)):
        command.set_defaults(run=run)
        command.add_argument("--port", required=True, help="device or URL; sim://grbl is the simulated machine")
        command.add_argument("--firmware", default="auto", choices=("auto", "grbl", "grblhal", "fluidnc", "marlin"))
        command.add_argument("--baud", type=int, default=115200)
        command.add_argument("--wire-log", type=Path, metavar="FILE", help="log every byte both ways, with times")
    for command in (check, send):
        command.add_argument("job", type=Path, help="G-code file")
        command.add_argument("--lines-per-step", type=int, default=25, help="resume points, in lines (25)")
    send.add_argument("--journal", type=Path, help="what is done (JOB.journal)")
    send.add_argument("--resume", action="store_true", help="go on where the journal ends")
    send.add_argument("--yes", action="store_true", help="do not ask before the machine moves")
    send.add_argument("--no-check", action="store_true", help="skip the controller's own dry run")
    send.add_argument("--notify", default="", metavar="COMMAND", help="run on pause, alarm, halt, end: {event} {text}")
    simulate.add_argument("address", nargs="?", default="sim://grbl", help="sim://grbl?speed=10 (sim://grbl)")
    simulate.set_defaults(run=_simulate)
    return parser


def _ports(_: argparse.Namespace) -> int:
    for port in list_ports():
        ids = "" if port.vendor_id is None else f"{port.vendor_id:04x}:{port.product_id:04x}"
        print("\t".join((port.address, ids, port.serial_number, port.description)))
    return OK


def _open(options: argparse.Namespace, *, silent: bool = False) -> Session:
    return Session.open(
        options.port,
        silent=silent,
        firmware=options.firmware,
        options=SessionOptions(
            baud=options.baud, wire_log=options.wire_log, notify_command=getattr(options, "notify", "")
        ),
    )


def _reset(options: argparse.Namespace) -> int:
    with _open(options, silent=True) as session:
        print(f"state\t{session.reset().raw_state}")
    return OK


def _status(options: argparse.Namespace) -> int:
    with _open(options) as session:
        session.status()
        now = session.snapshot()
        print(f"firmware\t{now.firmware} {now.version}")
        print(f"state\t{now.raw_state}")
        print(f"work position\t{_position(now.work_position)}")
        print(f"machine position\t{_position(now.machine_position)}")
        print(f"position\t{'kept' if now.position_kept else 'unknown since the controller started'}")
    return OK


def _job(options: argparse.Namespace) -> Job:
    try:
        text = options.job.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise JobError(f"{options.job} cannot be read: {error.strerror}") from error
    return Job.from_gcode(options.job.name, text, lines_per_step=options.lines_per_step)


def _check(options: argparse.Namespace) -> int:
    job = _job(options)
    with _open(options) as session:
        return _dry_run(session, job)


def _dry_run(session: Session, job: Job) -> int:
    report = session.check(job)
    for problem in report.problems:
        print(problem)
    who = "the controller takes" if report.done_by_controller else "this firmware has no check mode; we find"
    _say(f"{report.lines_checked} lines: {who} {'all' if not report.problems else 'not all'} of them")
    return ERROR if report.problems else OK


def _send(options: argparse.Namespace) -> int:
    job = _job(options)
    path = options.journal or options.job.with_suffix(options.job.suffix + ".journal")
    with _open(options) as session:
        if not options.resume:
            if not options.no_check and _dry_run(session, job) != OK:
                return ERROR
            _ask(options, f"{job.line_count} lines in {len(job.steps)} steps. The machine will move.")
            journal, plan = Journal.create(path, job, {"port": options.port}), None
        else:
            journal = Journal.open(path, job)
            plan = _plan(session, job, journal)
            _ask(options, plan.text)
        with journal:
            session.start(job, journal, plan)
            return _follow(session)


def _plan(session: Session, job: Job, journal: Journal) -> RecoveryPlan:
    return continue_in_place(session.recovery_info(job, journal))


def _ask(options: argparse.Namespace, text: str) -> None:
    if options.yes:
        return
    print(f"{text} Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise JobError("nothing was sent")


def _follow(session: Session) -> int:
    """Watch the job; Ctrl-C is feed hold and asks, a second one a soft reset."""
    session.subscribe(_tell)
    with _interrupts() as interrupted:
        while True:
            state = session.wait(timeout_s=0.2)
            if interrupted:
                interrupted.clear()
                if not _interrupted(session, interrupted):
                    return INTERRUPTED
            elif state is JobState.PAUSED or session.snapshot().machine_state in HELD_STATES:
                _say(f"{session.snapshot().prompt or 'the machine waits'} - Enter goes on")
                sys.stdin.readline()
                session.resume()
                _wait_for_motion(session)
            elif state is JobState.FINISHED:
                return OK
            elif state is JobState.HALTED:
                return HALTED


def _wait_for_motion(session: Session) -> None:
    """Give a release a moment to show."""
    for _ in range(20):
        time.sleep(0.05)
        if session.snapshot().machine_state not in HELD_STATES:
            return


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collects Ctrl-C instead of raising."""
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(session: Session, again: list[int]) -> bool:
    """Hold, then ask; whether to go on."""
    session.hold()
    _say("feed hold. Enter goes on, s stops the job (it can be resumed), Ctrl-C again is a soft reset")
    answer: list[str] = []
    import threading

    threading.Thread(target=lambda: answer.append(sys.stdin.readline()), daemon=True).start()
    while not answer and not again:
        time.sleep(0.02)
    if again:
        session.emergency_stop()
        _say("soft reset: the position may be lost")
        session.wait(timeout_s=5.0)
        return False
    if answer[0].strip().lower().startswith("s"):
        session.stop()
        session.wait(timeout_s=30.0)
        return False
    session.release()
    return True


def _tell(event: Event) -> None:
    if isinstance(event, StepDone):
        _say(f"step {event.index} done: {event.label}")
    elif isinstance(event, JobHalted):
        _say(f"halted after {event.steps_done} steps: {event.reason}")
        if event.hint:
            _say(f"hint: {event.hint}")
    elif isinstance(event, JobPaused | Noticed | Prompted):
        _say(getattr(event, "text", "") or getattr(event, "reason", ""))


def _simulate(options: argparse.Namespace) -> int:
    from firmware_io.sim.host import PseudoTerminal, port_for

    try:
        terminal = PseudoTerminal(port_for(options.address))
    except ValueError as error:
        raise FirmwareError(str(error)) from error
    print(terminal.name, flush=True)
    try:
        while True:
            time.sleep(3600)
    finally:
        terminal.close()


def _position(position: tuple[float, ...] | None) -> str:
    if position is None:
        return "unknown"
    return " ".join(f"{axis}{value:.3f}" for axis, value in zip("XYZABC", position, strict=False))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
