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
    PortError,
    Session,
    Step,
    continue_in_place,
    find_again,
    find_port,
    read_journal,
)

JOB = Job.from_steps("squares", [Step(lines=["G21 G90", "G1 X10 F6000"]), Step(lines=("G1 Y10",))])  # type: ignore[arg-type]
FAST = "sim://grbl?speed=max"
ANY: Any = Step
STEPS: Any = Job.from_steps
CODE: Any = Job.from_gcode
OPEN: Any = Session.open
MADE: Any = Job
CREATE: Any = Journal.create
READ: Any = read_journal
PORT: Any = find_port
AGAIN: Any = find_again
PLANNER: Any = continue_in_place

MISUSE: list[tuple[str, Callable[[], object], str]] = [
    ("one line of text", lambda: ANY(lines="G1 X1"), "tuple of lines, not the text 'G1 X1'"),
    ("bytes", lambda: ANY(lines=b"G1 X1"), "not the text b'G1 X1'"),
    ("a number as a line", lambda: ANY(lines=(5,)), "a line of a step should be a str, not int 5"),
    ("steps before the name", lambda: STEPS([], "squares"), "the name of a job should be a str, not list"),
    ("bytes of a file", lambda: CODE("a", b"G1 X1"), "the text of a job should be a str, not bytes"),
    ("nothing", lambda: CODE("a", ""), "'a' holds no line to send"),
    ("comments only", lambda: CODE("a", "(nothing)\n; at all\n%\n"), "'a' holds no line to send"),
    ("no lines", lambda: ANY(lines=None), "tuple of lines, not NoneType"),
    ("lines in any order", lambda: ANY(lines={"G1 X1", "G1 X2"}), "tuple of lines, not set"),
    ("a label of a number", lambda: ANY(lines=("G1",), label=5), "the label of a step should be a str, not 5"),
    ("no steps", lambda: STEPS("a", None), "the steps of a job should be several Steps, not NoneType"),
    ("a text for steps", lambda: STEPS("a", "G1 X1"), "the steps of a job should be several Steps, not str"),
    ("texts for steps", lambda: STEPS("a", ["G1 X1"]), "step 0 of a job should be a Step, not 'G1 X1'"),
    ("a job made by hand", lambda: MADE(name="a", steps="G1"), "the steps of a job should be several Steps"),
    ("the text before the name", lambda: CODE("G1 X1\nG1 X2", "a"), "the name of a job should be one line"),
    ("a journal nowhere", lambda: CREATE(None, JOB), "the path of a journal should be a Path, not None"),
    ("a journal at bytes", lambda: CREATE(b"j", JOB), "the path of a journal should be a Path, not bytes"),
    ("a journal of a name", lambda: CREATE("j", "squares"), "job should be a Job, not 'squares'"),
    ("a job before its journal", lambda: CREATE(JOB, "j"), "the path of a journal should be a Path, not Job"),
    ("no journal to read", lambda: READ(None), "the path of a journal should be a Path, not None"),
    ("a port of a number", lambda: PORT(5), "address should be a str, not 5"),
    ("no port to find again", lambda: AGAIN(None), "port should be a Port, not None"),
    ("no facts", lambda: PLANNER(None), "info should be a RecoveryInfo, not None"),
    ("options by name", lambda: OPEN(FAST, options={"a": 1}), "options should be a SessionOptions, not dict"),
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


def test_a_session_asks_for_what_it_can_use(tmp_path: Path) -> None:
    with Session.open(FAST) as session:
        given: Any = session
        for wrong, said in (
            (lambda: given.events("long"), "timeout_s should be a number of seconds"),
            (lambda: given.events(-1), "timeout_s should be a number of seconds"),
            (lambda: given.events(1, until="JobFinished"), "until should be kinds of events"),
            (lambda: given.subscribe(None), "listener should be a function"),
            (lambda: given.command(5), "line should be a str, not 5"),
            (lambda: given.run_lines("G1 X1"), "lines should be several lines, not the text"),
            (lambda: given.check(None), "job should be a Job, not NoneType"),
            (lambda: given.recovery_info(JOB, None), "journal should be a Journal, not None"),
            (lambda: given.start(JOB, None, 5), "plan should be a RecoveryPlan, not 5"),
        ):
            with pytest.raises(JobError, match=said):
                wrong()
    with pytest.raises(PortError, match="the session is closed"), Journal.create(tmp_path / "j", JOB) as journal:
        session.start(JOB, journal)


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
            assert begun.wait(300.0)
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
