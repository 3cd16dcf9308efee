"""The program's own mistakes: an exception in the thread that drives the machine, or in a listener."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_io import (
    Job,
    JobHalted,
    JobState,
    Journal,
    PortError,
    ProtocolError,
    Session,
    SessionOptions,
    Step,
    StepDone,
    continue_in_place,
    read_journal,
)
from firmware_io.sim.host import SimulatedPort, port_for

numbers = itertools.count()
STEPS = 40
JOB = Job.from_steps("stairs", (
    Step(lines=(*(("G21 G90", "G1 F3000") if i == 0 else ()), f"G1 X{10 * i + 10}", f"G1 Y{i + 1}", "G4 P0.01"))
    for i in range(STEPS)
))  # fmt: skip


def opened(address: str) -> Session:
    return Session.open(address, options=SessionOptions(keep_awake=False, boot_wait_s=0.3))


def fresh_address(firmware: str = "grbl", speed: int = 3) -> str:
    return f"sim://{firmware}?name=f{next(numbers)}&speed={speed}&boot=0.2&reset=0"


def port_of(session: Session) -> SimulatedPort:
    return port_for(session.port.address)


def after(steps: int, session: Session) -> None:
    end = time.monotonic() + 300.0
    while session.snapshot().next_step < steps:
        assert time.monotonic() < end
        time.sleep(0.005)


def failing(times: int, real: Callable[..., object]) -> Callable[..., object]:
    """A function that fails so many times before it does what it should."""
    left = itertools.chain(range(times))

    def fails(*arguments: object, **named: object) -> object:
        if next(left, None) is not None:
            raise ZeroDivisionError("a mistake of ours")
        return real(*arguments, **named)

    return fails


def corners(session: Session) -> list[tuple[float, ...]]:
    found: list[tuple[float, ...]] = []
    port_of(session).do(lambda machine: found.extend(v.position[:2] for v in machine.path))
    return [b for a, b in itertools.pairwise([(-1.0, -1.0), *found]) if a != b]


@pytest.mark.parametrize("firmware", ["grbl", "marlin"])
def test_a_mistake_in_the_middle_of_a_job_stops_it_in_good_order_and_it_is_resumed(
    firmware: str, tmp_path: Path
) -> None:
    address = fresh_address(firmware)
    with opened(address) as session, Journal.create(tmp_path / "j", JOB) as journal:
        session.start(JOB, journal)
        after(3, session)
        runner = session._engine.runner
        runner.pump = failing(1, runner.pump)  # type: ignore[method-assign]
        assert session.wait(300.0) is JobState.HALTED
        now = session.snapshot()
        assert now.problem_kind == "failed"
        assert "ZeroDivisionError: a mistake of ours (test_firmware_failures.py, line " in now.problem
        assert "resume" in now.hint
        port_of(session).run_at(400.0)
        session.wait_until_idle(300.0)  # the session is of use still
    assert read_journal(tmp_path / "j").kind == "failed"
    with opened(address) as session, Journal.open(tmp_path / "j", JOB) as journal:
        session.wait_until_idle(300.0)
        session.start(JOB, journal, continue_in_place(session.recovery_info(JOB, journal)))
        assert session.wait(300.0) is JobState.FINISHED
        places = [c for c in corners(session) if c[0] % 10 == 0 and c[1] == int(c[1])]
        wanted = [(0.0, 0.0), *((10.0 * i + 10, float(i + k)) for i in range(STEPS) for k in (0, 1))]
        assert list(dict.fromkeys(places)) == wanted


def test_a_mistake_again_and_again_leaves_the_machine_held_and_everybody_told(tmp_path: Path) -> None:
    with opened(fresh_address()) as session, Journal.create(tmp_path / "j", JOB) as journal:
        halts: list[str] = []
        session.subscribe(lambda event: halts.append(event.reason) if isinstance(event, JobHalted) else None)
        session.start(JOB, journal)
        after(2, session)
        session._engine._pump = failing(1000, session._engine._pump)  # type: ignore[method-assign]
        assert session.wait(300.0) is JobState.HALTED
        with pytest.raises(PortError, match="ZeroDivisionError"):
            session.status()
        port, end_s = port_of(session), time.monotonic() + 300.0
        seen: list[tuple[float, tuple[float, ...]]] = []  # (time, place) once it stands; "Hold" is told while it brakes
        while not seen or seen[-1][0] < seen[0][0] + 2.0:
            assert time.monotonic() < end_s
            port.do(
                lambda machine: (
                    seen.append((machine.now, machine.position)) if machine.controller.board.planner.held else None
                )
            )
        assert port.machine.controller.state == "Hold"
    assert len(halts) == 1
    assert {place for _, place in seen} == {seen[0][1]}  # not going on
    assert seen[0][1][0] < 10.0 * STEPS
    assert read_journal(tmp_path / "j").kind == "failed"


def test_whoever_waits_for_an_answer_is_told_at_once() -> None:
    with opened(fresh_address()) as session:
        session.wait_until_idle(300.0)
        core = session._engine.core
        core.receive = failing(1, core.receive)  # type: ignore[method-assign]
        with pytest.raises(ProtocolError, match="a mistake of ours"):  # not that nothing was heard in time
            session.command("G4 P30", timeout_s=300.0)


def test_a_listener_that_fails_stops_the_job(tmp_path: Path) -> None:
    def listener(event: object) -> None:
        if isinstance(event, StepDone) and event.index == 2:
            raise KeyError("no such widget")

    with opened(fresh_address()) as session, Journal.create(tmp_path / "j", JOB) as journal:
        session.subscribe(listener)
        session.start(JOB, journal)
        assert session.wait(300.0) is JobState.HALTED
        assert "KeyError: 'no such widget'" in session.snapshot().problem
        assert session.status().raw_state


@pytest.mark.parametrize(
    ("port", "why"), [("/dev/ttyNOWHERE", "there is no such device"), ("/dev/null", "it is no serial port")]
)
def test_why_a_port_cannot_be_opened_is_said_once_and_in_words(port: str, why: str) -> None:
    with pytest.raises(PortError) as caught:
        opened(port)
    assert str(caught.value) == f"the port {port} cannot be opened: {why}"


@pytest.mark.parametrize(("there", "asked"), [("marlin", "grbl"), ("grbl", "marlin"), ("marlin", "fluidnc")])
def test_a_controller_of_another_dialect_is_named(there: str, asked: str) -> None:
    options = SessionOptions(keep_awake=False, boot_wait_s=0.3)
    with pytest.raises(ProtocolError, match=f"speaks the dialect of {there}, not that of {asked}"):
        Session.open(fresh_address(there, speed=20), firmware=asked, options=options)
