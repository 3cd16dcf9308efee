"""Marlin as OctoPrint's virtual printer understands it, over a pseudo-terminal: resends, busy, prompts."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from firmware_io import Job, JobFinished, JobState, Journal, ResendAsked, Session, SessionOptions, Step

USUAL = Path(tempfile.gettempdir()) / "stringart-octoprint" / "bin" / "python"  # where .ci/octoprint-venv puts it
PYTHON = os.environ.get("STRINGART_OCTOPRINT_PYTHON", str(USUAL))
pytestmark = pytest.mark.skipif(
    not Path(PYTHON).exists(), reason="no OctoPrint: run .ci/octoprint-venv and set STRINGART_OCTOPRINT_PYTHON"
)
OPTIONS = SessionOptions(boot_wait_s=3.0, keep_awake=False, acknowledgement_timeout_s=1.5)


@dataclass
class Printer:
    """A running virtual printer."""

    port: str
    record: Path
    process: subprocess.Popen[str]

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def moves(self, wanted: int) -> list[str]:
        """The moves performed; waits a moment for the last."""
        for _ in range(100):
            lines = self.record.read_text().splitlines()
            if len(lines) >= wanted:
                break
            time.sleep(0.05)
        return lines


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Printer]:
    record = tmp_path / "moves"
    record.touch()
    script = Path(__file__).parent / "octoprint_printer.py"
    with subprocess.Popen(
        [PYTHON, str(script), str(record)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield Printer(process.stdout.readline().strip(), record, process)
        process.kill()


def zigzag(steps: int) -> Job:
    """Different lines throughout, so that a line twice or left out shows."""
    made = []
    for i in range(steps):
        lines = ("G21", "G90") if i == 0 else ()
        lines += tuple(f"G1 X{i + 0.1 * k:.3f} Y{(i * 7 + k) % 50:.3f} F60000" for k in range(5))
        made.append(Step(lines=(*lines, "M400"), label=f"zigzag {i}"))
    return Job.from_steps("zigzag", made)


def moves_of(job: Job) -> list[str]:
    return [line for step in job.steps for line in step.lines if line.startswith("G1")]


def test_whole_job_with_resends_and_lost_answers(printer: Printer, tmp_path: Path) -> None:
    job = zigzag(60)
    seen: list[object] = []
    options = replace(OPTIONS, acknowledgement_timeout_s=0.6)  # four answers will be waited for in vain
    with Session.open(printer.port, options=options) as session, Journal.create(tmp_path / "j", job) as journal:
        assert session.snapshot().firmware == "marlin"
        session.subscribe(seen.append)
        session.start(job, journal)
        for step in (5, 17, 31, 50):
            while journal.state.next_step < step and session.snapshot().job_state is JobState.RUNNING:
                time.sleep(0.01)
            printer.tell("lose_ok")
        assert session.wait(300.0) is JobState.FINISHED, session.snapshot().problem
    assert printer.moves(len(moves_of(job))) == moves_of(job)
    assert sum(isinstance(e, ResendAsked) for e in seen) >= 40
    assert any(isinstance(e, JobFinished) for e in seen)


def test_busy_is_not_silence(printer: Printer, tmp_path: Path) -> None:
    job = Job.from_steps("slow", [Step(lines=("G90", "G1 X1 F6000", "G4 S4")), Step(lines=("G1 X2", "M400"))])
    seen: list[object] = []
    options = replace(OPTIONS, acknowledgement_timeout_s=3.0)  # it says that it is busy twice a second, or a bit later
    with Session.open(printer.port, firmware="marlin", options=options) as session:
        session.subscribe(seen.append)
        session.start(job, None)
        assert session.wait(300.0) is JobState.FINISHED
    assert not any(isinstance(e, ResendAsked) for e in seen)
    assert printer.moves(2) == ["G1 X1 F6000", "G1 X2"]


def test_prompt_waits_for_the_answer(printer: Printer, tmp_path: Path) -> None:
    """M600 asks; the job waits as long as it takes and goes on when it is told to."""
    job = Job.from_steps("change", [Step(lines=("G90", "G1 X1 F6000", "M600", "M400")), Step(lines=("G1 X2", "M400"))])
    with Session.open(printer.port, firmware="marlin", options=OPTIONS) as session:
        asked = threading.Event()
        session.subscribe(lambda e: asked.set() if type(e).__name__ == "Prompted" else None)
        session.start(job, None)
        assert asked.wait(300.0)
        time.sleep(2.0)  # longer than an acknowledgement may take
        assert session.snapshot().machine_state.value == "waiting"
        session.resume()
        assert session.wait(300.0) is JobState.FINISHED
    assert printer.moves(2) == ["G1 X1 F6000", "G1 X2"]


def test_job_survives_the_printers_death(printer: Printer, tmp_path: Path) -> None:
    job = zigzag(400)  # nobody waits for its end
    with Session.open(printer.port, options=OPTIONS) as session, Journal.create(tmp_path / "j", job) as journal:
        session.start(job, journal)
        while journal.state.next_step < 10:
            time.sleep(0.01)
        printer.process.kill()
        assert session.wait(300.0) is JobState.HALTED
        assert session.snapshot().problem_kind == "disconnected"
        assert journal.state.next_step >= 10


def test_an_emergency_stop_in_the_middle_of_a_job_kills_it(printer: Printer) -> None:
    seen: list[object] = []
    with Session.open(printer.port, firmware="marlin", options=OPTIONS) as session:
        session.subscribe(seen.append)
        session.start(zigzag(400), None)
        while session.snapshot().next_step < 3 and session.snapshot().job_state is JobState.RUNNING:
            time.sleep(0.01)
        session.emergency_stop()
        assert session.wait(300.0) is JobState.HALTED
        assert session.snapshot().problem_kind == "emergency"
        deadline = time.monotonic() + 300.0
        while not any("KILLED" in str(event) for event in list(seen)) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert any("KILLED" in str(event) for event in seen)
