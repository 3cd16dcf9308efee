"""What a programmer may give wrongly to `firmware_io`, and what its docstring shows."""

import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_io import (
    Disconnected,
    FirmwareError,
    Job,
    JobError,
    JobFinished,
    JobHalted,
    JobStarted,
    Journal,
    JournalError,
    Session,
    Step,
)

JOB = Job.from_steps("squares", [Step(lines=["G21 G90", "G1 X10 F6000"]), Step(lines=("G1 Y10",))])  # type: ignore[arg-type]
FAST = "sim://grbl?speed=max"
ANY: Any = Step
STEPS: Any = Job.from_steps
CODE: Any = Job.from_gcode
OPEN: Any = Session.open

MISUSE: list[tuple[str, Callable[[], object], str]] = [
    ("one line of text", lambda: ANY(lines="G1 X1"), "tuple of lines, not the text 'G1 X1'"),
    ("bytes", lambda: ANY(lines=b"G1 X1"), "not the text b'G1 X1'"),
    ("a number as a line", lambda: ANY(lines=(5,)), "a line of a step should be a str, not int 5"),
    ("steps before the name", lambda: STEPS([], "squares"), "the name of a job should be a str, not list"),
    ("bytes of a file", lambda: CODE("a", b"G1 X1"), "the text of a job should be a str, not bytes"),
    ("nothing", lambda: CODE("a", ""), "'a' holds no line to send"),
    ("comments only", lambda: CODE("a", "(nothing)\n; at all\n%\n"), "'a' holds no line to send"),
    ("no port", lambda: OPEN(None), "a port should be a str, not None"),
    ("an unknown firmware", lambda: OPEN(FAST, firmware="tinyg"), "'tinyg' is not known"),
]


@pytest.mark.parametrize(("make", "said"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_what_is_given_wrongly_is_one_line(make: Callable[[], object], said: str) -> None:
    with pytest.raises(FirmwareError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)
    assert "".join(traceback.format_exception(caught.value)).endswith(f"{caught.value.hint or caught.value}\n")


def test_events_that_were_begun_before_the_job_end_with_it(tmp_path: Path) -> None:
    with Session.open(FAST) as session, Journal.create(tmp_path / "j", JOB) as journal:
        events = session.events(30.0, until=(JobFinished, JobHalted, Disconnected))
        session.start(JOB, journal)
        seen = list(events)
    assert JobStarted in map(type, seen)
    assert isinstance(seen[-1], JobFinished)
    assert list(events) == []


def test_a_job_and_a_journal_of_another_kind_are_refused(tmp_path: Path) -> None:
    anything: Any = tmp_path / "j"
    with Session.open(FAST) as session:
        with pytest.raises(JobError, match="job should be a Job, not "):
            session.start(anything, None)
        with pytest.raises(JobError, match="journal should be a Journal"):
            session.start(JOB, anything)


def test_an_error_in_the_block_stops_the_job_before_its_journal_is_closed(tmp_path: Path) -> None:
    job = Job.from_steps("long", [Step(lines=(f"G1 X{10 * (k % 2)} F100",)) for k in range(50)])
    begun = threading.Event()

    def listen(event: object) -> None:
        if isinstance(event, JobStarted):
            begun.set()

    def work() -> None:
        with Session.open("sim://grbl?speed=20") as session, Journal.create(tmp_path / "j", job) as journal:
            session.subscribe(listen)
            session.start(job, journal)
            assert begun.wait(10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert '"k":"stopped"' in (tmp_path / "j").read_text()


def test_a_closed_journal_is_not_written_to(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", JOB) as journal:
        pass
    with (tmp_path / "other").open("wb") as other:  # has the number that the journal's file had
        with pytest.raises(JournalError, match="is closed"):
            journal.started(None)
        assert other.tell() == 0
    assert (tmp_path / "other").read_bytes() == b""
