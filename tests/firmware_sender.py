"""A sender in a process of its own, to be killed: starts or resumes a job on a port, and finishes it if let.

Usage: firmware_sender.py JOURNAL PORT FIRMWARE. As a forking server (no arguments) it reads such lines from its
standard input, forks a sender for each, and prints the sender's process id; the sender prints ``started`` when lines
flow, the server ``exit CODE`` in the end.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from firmware_gap_model import wrap_job

from firmware_io import JobState, Journal, Session, SessionOptions, continue_in_place

PINS = tuple((7 * i) % 41 + (0 if i % 2 else 45) for i in range(60))


def make_job(firmware: str):
    """The job of both sides."""
    return wrap_job(PINS, marlin=firmware == "marlin", feed=9000, wrap_feed=6000)


def send(journal_path: str, port: str, firmware: str) -> int:
    """Start or resume; 0 when the job is finished, 2 when it is halted."""
    job = make_job(firmware)
    path = Path(journal_path)
    options = SessionOptions(boot_wait_s=0.5, keep_awake=False)
    with Session.open(port, firmware=firmware, options=options) as session:
        session.wait_until_idle(timeout_s=300.0)
        session._wait_for(lambda: session._engine.connected, 300.0)
        fresh = not path.exists()
        with Journal.create(path, job) if fresh else Journal.open(path, job) as journal:
            if journal.state.finished:
                return 0
            plan = None if fresh else continue_in_place(session.recovery_info(job, journal))
            session.start(job, journal, plan)
            print("started", flush=True)
            state = session.wait()
            if state is not JobState.FINISHED:
                print("halted:", session.snapshot().problem, file=sys.stderr, flush=True)
            return 0 if state is JobState.FINISHED else 2


def serve() -> None:
    """Fork a sender for each line read."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 3
            try:
                code = send(*line.split())
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
            finally:
                os._exit(code)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print("exit", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise SystemExit(send(*sys.argv[1:]))
    serve()
