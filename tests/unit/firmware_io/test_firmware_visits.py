"""One visit after the other: what a session finds, what it leaves, and the ways out of every state."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_io import (
    AlarmError,
    Job,
    JobError,
    JobState,
    MachineState,
    Noticed,
    Session,
    SessionOptions,
    SilentError,
    Step,
)
from firmware_io.sim.host import SimulatedPort, forget_simulated_machines, port_for
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

numbers = itertools.count()
JOB = Job.from_steps("line", [Step(lines=("G21 G90", "G1 X10 F6000", "G4 P0.01")), Step(lines=("G1 X20",))])


class Board:
    """A simulated controller that stays there between visits."""

    def __init__(self, options: str = "", speed: str = "50") -> None:
        self.address = f"sim://grbl?name=visit{next(numbers)}&speed={speed}{options}"
        self.port: SimulatedPort = port_for(self.address)

    @property
    def machine(self) -> SimulatedMachine:
        return self.port.machine

    def say(self, data: bytes) -> None:
        """What somebody else sent, over a port that he has closed again."""
        self.port.do(lambda machine: machine.controller.receive(data))
        self.port.do(lambda machine: machine.advance_to(machine.now + 2.0))

    @contextlib.contextmanager
    def visit(self, memory: Path | None = None, silence_s: float = 60.0, **more: object) -> Iterator[Session]:
        options = SessionOptions(keep_awake=False, memory=memory, boot_wait_s=0.2, silence_s=silence_s)
        with Session.open(self.address, firmware="grbl", options=options, **more) as session:  # type: ignore[arg-type]
            yield session


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    forget_simulated_machines()


# --- is the position known ---


def test_the_first_opening_restarts_an_uno_and_later_ones_keep_its_position() -> None:
    board = Board()
    with board.visit() as session:
        assert not session.snapshot().position_known
        assert session.snapshot().position_doubt == "the controller restarted as the port was opened"
        session.jog(x=5.0, feed_mm_min=3000.0)
        session.wait_until_idle(300.0)
    with board.visit() as session:
        assert session.status().machine_position == (5.0, 0.0, 0.0)


def test_a_position_that_was_lost_stays_unknown_at_the_next_visit_until_it_is_told(tmp_path: Path) -> None:
    board = Board()
    for _ in range(2):
        with board.visit(tmp_path) as session:
            assert not session.snapshot().position_known
    with board.visit(tmp_path) as session:
        session.set_work_position(x=100.0, y=50.0, z=30.0)
    with board.visit(tmp_path) as session:
        assert session.snapshot().position_known
        assert session.status().work_position == (100.0, 50.0, 30.0)
        assert session.last_seen == (100.0, 50.0, 30.0)


def test_a_board_that_was_restarted_between_two_visits_is_not_believed(tmp_path: Path) -> None:
    board = Board("&reset=0")
    with board.visit(tmp_path) as session:
        session.jog(x=5.0, feed_mm_min=3000.0)
        session.wait_until_idle(300.0)
    board.port.do(SimulatedMachine.reboot)
    board.port.do(lambda machine: machine.advance_to(machine.now + 5.0))
    with board.visit(tmp_path) as session:
        assert not session.snapshot().position_known
        assert "restarted since" in session.snapshot().position_doubt


def test_a_board_whose_g92_a_reset_has_cleared_is_not_believed(tmp_path: Path) -> None:
    board = Board("&reset=0")
    with board.visit(tmp_path) as session:
        session.jog(x=5.0, feed_mm_min=3000.0)
        session.wait_until_idle(300.0)
        session.set_work_position(x=300.0)
    board.say(b"\x18")
    with board.visit(tmp_path) as session:
        assert "G92" in session.snapshot().position_doubt


def test_what_was_told_is_not_stored_in_the_controller() -> None:
    board = Board()
    with board.visit() as session:
        session.set_work_position(x=100.0)
        assert "[G54:0.000,0.000,0.000]" in session.command("$#")


# --- offsets over resets of ours ---


def test_a_stop_resets_the_controller_and_the_work_offset_is_put_back() -> None:
    board = Board(speed="5")
    with board.visit() as session:
        session.set_work_position(x=100.0, y=0.0, z=0.0)
        session.start(Job.from_steps("long", [Step(lines=("G21 G90", "G1 X300 F300"))]), None)
        while (session.snapshot().work_position or (0.0,))[0] < 110.0:
            session.status()
        session.stop()
        assert session.wait(300.0) is JobState.HALTED
        status = session.wait_until_idle(300.0)
        assert status.work_position is not None
        assert status.machine_position is not None
        assert status.work_position[0] - status.machine_position[0] == pytest.approx(100.0, abs=0.002)
        assert session.snapshot().position_known


def test_a_dry_run_brings_g92_and_the_coordinate_system_back() -> None:
    board = Board()
    board.say(b"G10 L2 P2 X-40\n")
    with board.visit() as session:
        session.command("G55 G92 X7 Y3")
        before = session.wait_until_idle(300.0)
        session.check(JOB)
        assert session.status().work_position == before.work_position == (7.0, 3.0, 0.0)
        assert "G55" in session.command("$G")[0]
        assert "[G92:33.000,-3.000,0.000]" in session.command("$#")


def test_a_reset_out_of_a_hold_brings_g92_back() -> None:
    board = Board("&reset=0", speed="5")
    board.say(b"G92 X7 Y3\nG1 X50 F600\n")
    board.say(b"!")
    board.say(b"?")
    with board.visit() as session:
        while (before := session.status()).work_position is None:
            pass
        after = session.reset()
        assert after.raw_state == "Idle"
        assert after.work_position == pytest.approx(before.work_position, abs=0.01)
        assert session.snapshot().position_known


def test_a_dry_run_leaves_the_board_idle_and_the_offset_as_it_was() -> None:
    board = Board()
    with board.visit() as session:
        session.set_work_position(x=100.0)
        told: list[object] = []
        session.subscribe(lambda event: told.append(event.text) if isinstance(event, Noticed) else None)
        seen: list[tuple[int, int]] = []
        report = session.check(JOB, lambda done, count: seen.append((done, count)))
        assert (report.lines_checked, report.problems) == (4, ())
        status = session.status()
        assert (status.state, status.work_position) == (MachineState.IDLE, (100.0, 0.0, 0.0))
        assert any("work offset" in str(text) for text in told)
        assert session.snapshot().position_known
    assert board.machine.position[0] == 0.0


def test_a_line_that_the_dry_run_took_and_that_is_refused_then_is_called_garbled() -> None:
    board = Board()
    with board.visit() as session:
        session.check(JOB)
        board.port.do(lambda machine: machine.garble_to_machine(nth=2, at=0, byte=ord("%")))
        session.start(JOB, None)
        assert session.wait(300.0) is JobState.HALTED
        assert "'G1 X10 F6000' of step 0 was refused" in session.snapshot().problem
        assert "in the dry run it was taken: it was garbled on its way" in session.snapshot().problem
        assert "loose cable" in session.snapshot().hint


def test_a_dry_run_that_is_broken_off_leaves_check_mode() -> None:
    lines = tuple(f"G1 X{k % 9} F600" for k in range(3000))
    board = Board("&line_time=0.5", speed="20")

    def stop(done: int, count: int) -> None:
        raise KeyboardInterrupt

    with board.visit() as session:
        with pytest.raises(KeyboardInterrupt):
            session.check(Job.from_steps("long", [Step(lines=lines)]), stop)
        assert session.status().state is MachineState.IDLE
    assert board.machine.position[0] == 0.0


def test_a_dry_run_never_toggles_check_mode_off() -> None:
    board = Board("&reset=0")
    board.say(b"$C\n")
    with board.visit() as session:
        with pytest.raises(JobError, match="the machine is in Check, not idle"):
            session.check(JOB)
        assert session.status().state is MachineState.CHECK
    assert board.machine.position[0] == 0.0


def test_a_dry_run_beyond_the_travel_names_the_line() -> None:
    board = Board("&reset=0&homing=1")
    board.port.do(lambda machine: machine.configure({20: 1, 130: 15}))
    with board.visit() as session:
        session.home()
        session.command("G10 L2 P1 X-15")
        with pytest.raises(AlarmError, match=r"ALARM:2.*'G1 X20'") as raised:
            session.check(JOB)
        assert (raised.value.code, raised.value.index) == ("ALARM:2", 3)


# --- every state, told soon, and its way out ---

STATES = {
    "Check": (b"$C\nG1 X5 F100\n", ""),
    "Hold:0": (b"G1 X50 F600\n!", ""),
    "Door:0": (b"G1 X50 F600\n\x84", ""),
    "Sleep": (b"$SLP\n", ""),
    "Alarm": (b"", "&homing=1"),
    "Idle": (b"G1 X5 F600 Y", ""),  # in the middle of a line
}


def soonest(look: Callable[[], bool]) -> float:
    """Seconds that a look takes which must succeed; the best of many, since others use this computer too."""
    took = []
    for _ in range(30):
        begin = time.monotonic()
        assert look()
        took.append(time.monotonic() - begin)
        if took[-1] < 2.0:
            break
    return min(took)


def told_state(board: Board) -> str:
    with board.visit() as session:
        return session.status().raw_state


def is_called_silent(board: Board) -> bool:
    with pytest.raises(SilentError, match="says nothing") as raised, board.visit(silence_s=0.9):
        pass
    return "reset" in raised.value.hint


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_told_within_two_seconds_and_a_reset_ends_it(state: str) -> None:
    said, options = STATES[state]
    board = Board("&reset=0" + options, speed="5")
    board.say(said)
    assert soonest(lambda: told_state(board) == state) < 2.0
    with board.visit() as session:
        after = session.reset()
        assert after.raw_state == ("Alarm" if state in ("Sleep", "Alarm") else "Idle")
        if state in ("Check", "Hold:0", "Door:0"):
            assert session.snapshot().position_known
        if after.raw_state == "Alarm":
            session.unlock()
            assert session.status().state is MachineState.IDLE


@pytest.mark.parametrize("code", [1, 2])
def test_a_limit_alarm_is_silent_is_told_so_and_is_left_by_a_reset(code: int) -> None:
    board = Board("&reset=0", speed="5")
    board.port.do(lambda machine: machine.raise_alarm(code))
    assert soonest(lambda: is_called_silent(board)) < 2.0
    with board.visit(silence_s=0.9, silent=True) as session:
        assert session.reset().state is MachineState.ALARM
        session.unlock()
        assert session.status().state is MachineState.IDLE
        assert not session.snapshot().position_known


def test_in_hold_the_work_position_is_asked_for_more_often_until_it_is_told() -> None:
    """Only each thirtieth report tells it: at five a second that were six seconds."""
    machine = SimulatedMachine("grbl", resets_on_open=False)
    machine.open()
    machine.controller.receive(b"G10 L2 P1 X-7\nG1 X50 F600\n")
    machine.advance_to(2.0)
    machine.controller.receive(b"!?")  # this report has it, the thirtieth from here again
    machine.advance_to(4.0)
    machine.close()
    bench = Bench(machine)
    bench.connect()
    begun_s = machine.now
    bench.run(lambda: bench.engine.status is not None and bench.engine.status.work_position is not None, 60.0)
    assert machine.now - begun_s < 3.0
