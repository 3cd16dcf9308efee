"""A session over ``sim://``: everything that a user interface calls, from other threads, in accelerated time."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_io import (
    Booted,
    Event,
    Job,
    JobError,
    JobFinished,
    JobHalted,
    JobPaused,
    JobState,
    Journal,
    JournalError,
    LockError,
    MachineState,
    OvertakenError,
    PortError,
    Prompted,
    ProtocolError,
    RecoveryPlan,
    RejectedError,
    Session,
    SessionOptions,
    Step,
    StepDone,
    continue_in_place,
    read_journal,
    restart_step,
)
from firmware_io.lock import MachineLock
from firmware_io.sim.host import PseudoTerminal, SimulatedPort, forget_simulated_machines, port_for
from firmware_io.sim.machine import SimulatedMachine

numbers = itertools.count()


@contextlib.contextmanager
def machine(firmware: str = "grbl", speed: str = "40", options: str = "", **changes: object) -> Iterator[Session]:
    address = f"sim://{firmware}?name=s{next(numbers)}&speed={speed}{options}"
    with Session.open(address, options=SessionOptions(keep_awake=False, **changes)) as session:  # type: ignore[arg-type]
        yield session
    forget_simulated_machines()


def simulated(session: Session) -> SimulatedMachine:
    return port_for(session.port.address).machine


def hurry(session: Session) -> None:
    """Nothing more is to happen at a certain moment."""
    port_for(session.port.address).run_at(400.0)


def stairs(count: int, prompts: dict[int, str] | None = None) -> Job:
    steps = []
    for i in range(count):
        lines = ("G21 G90", "G1 F3000") if i == 0 else ()
        lines += (f"G1 X{10 * i + 10}", f"G1 Y{i + 1}", "G4 P0.01")
        steps.append(
            Step(lines=lines, label=f"stair {i}", kind="stair", meta={"i": i}, prompt=(prompts or {}).get(i, ""))
        )
    return Job.from_steps("stairs", steps)


def until(condition, seconds: float = 300.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


def pass_time(session: Session, seconds: float) -> None:
    """Let the machine's own clock go on by so much, however long that takes here."""
    machine, begin = simulated(session), simulated(session).now
    assert until(lambda: machine.now >= begin + seconds)


def test_job_runs_and_everything_is_told(tmp_path: Path) -> None:
    job = stairs(6)
    with machine() as session, Journal.create(tmp_path / "j", job, {"profile": "x"}) as journal:
        events: list[Event] = []
        session.subscribe(events.append)
        session.start(job, journal)
        assert session.wait(120.0) is JobState.FINISHED
        now = session.snapshot()
        assert (now.next_step, now.step_count, now.lines_acknowledged, now.line_count) == (6, 6, 20, 20)
        assert session.status().work_position == (60.0, 6.0, 0.0)
        assert now.firmware == "grbl"
        assert now.buffer_bytes == 128
        assert until(lambda: any(isinstance(e, JobFinished) for e in events))
        assert [e.index for e in events if isinstance(e, StepDone)] == list(range(6))
    state = read_journal(tmp_path / "j")
    assert state.finished
    assert state.meta == {"profile": "x"}


def test_pause_is_between_steps_and_one_step_is_one(tmp_path: Path) -> None:
    job = stairs(60)  # far longer than a busy computer takes to pause it
    with machine(speed="3") as session:
        session.start(job, None)
        assert until(lambda: session.snapshot().next_step >= 2)
        session.pause()
        assert session.wait(120.0) is JobState.PAUSED
        stopped = session.snapshot().next_step
        assert session.status().work_position == (10.0 * stopped, float(stopped), 0.0)
        pass_time(session, 2.0)
        assert session.snapshot().next_step == stopped
        session.step()
        assert session.wait(120.0) is JobState.PAUSED
        assert session.snapshot().next_step == stopped + 1
        assert session.snapshot().step_meta == {"i": stopped + 1}
        hurry(session)
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED


def test_tool_moved_during_the_pause_is_not_driven_from_there() -> None:
    with machine() as session:
        session.start(stairs(4, {2: "new thread"}), None)
        assert session.wait(120.0) is JobState.PAUSED
        assert session.snapshot().prompt == "new thread"
        session.jog(z=5.0, feed_mm_min=1000.0)
        session.wait_until_idle(300.0)
        with pytest.raises(JobError, match=r"moved 5\.00 mm"):
            session.resume()
        session.jog(z=-5.0, feed_mm_min=1000.0)
        session.wait_until_idle(300.0)
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED


def test_back_two_steps_by_a_jump(tmp_path: Path) -> None:
    job = stairs(6)
    with machine() as session, Journal.create(tmp_path / "j", job) as journal:
        session.start(stairs(6, {4: "thread broke"}), None)
        assert session.wait(120.0) is JobState.PAUSED
        session.jump(RecoveryPlan(next_step=2, lines=("G1 Y2", "G1 X20 Y2")))
        assert session.wait(120.0) is JobState.PAUSED
        assert session.snapshot().next_step == 2
        assert session.status().work_position == (20.0, 2.0, 0.0)
        with pytest.raises(JobError, match="does not exist"):
            session.jump(RecoveryPlan(next_step=7))
        session.resume()
        session.wait(120.0)
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED
        assert journal.state.next_step == 0


def test_stop_keeps_the_position_and_resume_finishes_the_line(tmp_path: Path) -> None:
    job = Job.from_steps(
        "long", [Step(lines=("G21 G90", "G1 X100 F120", "G1 Y50", "G4 P0.01")), Step(lines=("G1 X0",))]
    )
    with machine(speed="15") as session:
        with Journal.create(tmp_path / "j", job) as journal:
            session.start(job, journal)
            assert until(lambda: (session.snapshot().work_position or (0.0,))[0] > 20.0)
            port_for(session.port.address).run_at(1.0)  # 40 s to the end of the line
            session.stop()
            assert session.wait(120.0) is JobState.HALTED
            hurry(session)
            assert session.snapshot().problem_kind == "stopped"
            x = session.status().work_position[0]
            assert 20.0 < x < 100.0
            info = session.recovery_info(job, journal)
            assert info.position_kept
            assert [place.line for place in info.locations] == [1]
            with pytest.raises(JobError, match="its end is not on record"):
                session.start(job, journal)
            plan = continue_in_place(info)
            assert plan.lines[-3:] == ("G1 X100 F120", "G1 Y50", "G4 P0.01")
            session.start(job, journal, plan)
            assert session.wait(300.0) is JobState.FINISHED
        assert simulated(session).position[:2] == pytest.approx((0.0, 50.0))
        corners = [v.position[:2] for v in simulated(session).path]
        assert (100.0, 50.0) in corners


def test_first_error_stops_the_machine_and_names_the_line() -> None:
    job = Job.from_steps("bad", [Step(lines=("G21 G90", "G1 X1 F600", "G1 X2 X3", "G1 X50", "G4 P0"), label="bad one")])
    with machine() as session:
        report = session.check(job)
        assert report.problems == ("line 3 'G1 X2 X3': error:25, a word is repeated in the line",)
        session.start(job, None)
        assert session.wait(120.0) is JobState.HALTED
        now = session.snapshot()
        assert "line 3 'G1 X2 X3' of step 0 (bad one) was refused: error:25" in now.problem
        assert session.status().work_position[0] < 45.0
        assert now.machine_state is not MachineState.ALARM


@pytest.mark.parametrize("firmware", ["grbl", "grblhal", "fluidnc"])
def test_hold_release_override_and_emergency(firmware: str) -> None:
    job = Job.from_steps("long", [Step(lines=("G21 G90", "G1 X500 F300"))])
    with machine(firmware, speed="4") as session:
        session.start(job, None)
        assert until(lambda: session.snapshot().machine_state is MachineState.RUN)
        session.override("feed", 50)
        assert until(lambda: session.snapshot().overrides == (50, 100, 100))
        session.hold()
        assert until(lambda: session.snapshot().machine_state is MachineState.HELD)
        here = session.snapshot().work_position
        pass_time(session, 1.2)
        assert session.status().work_position == here
        session.resume()
        assert until(lambda: session.snapshot().machine_state is MachineState.RUN)
        session.emergency_stop()
        assert session.wait(300.0) is JobState.HALTED
        assert session.snapshot().problem_kind == "emergency"
        assert until(lambda: session.snapshot().machine_state is MachineState.ALARM)
        with pytest.raises(RejectedError, match="error:9"):
            session.command("G1 X1")
        session.unlock()
        assert session.status().state is MachineState.IDLE
        assert not session.snapshot().position_known


def test_what_was_asked_for_before_an_emergency_stop_moves_nothing_after_it(monkeypatch) -> None:
    """A stop passes everything else: a start that is still read, a dry run that is about to send its lines."""
    job = Job.from_steps("long", [Step(lines=("G21 G90", "G1 X500 F3000"))])
    with machine(speed="50") as session:
        with session.unless_stopped():
            session.emergency_stop()
            for late in (
                lambda: session.jog(feed_mm_min=3000, x=50),
                session.home,
                lambda: session.command("G1 X5 F900"),
            ):
                with pytest.raises(OvertakenError, match="came after this was asked for"):
                    late()
        assert until(lambda: session.snapshot().machine_state is MachineState.IDLE)

        read = session._check_lines
        monkeypatch.setattr(session, "_check_lines", lambda job: (read(job), session.emergency_stop()))
        with pytest.raises((OvertakenError, ProtocolError)):
            session.start(job, None)
        monkeypatch.undo()
        assert until(lambda: session.snapshot().machine_state is MachineState.IDLE)

        command = session.command
        monkeypatch.setattr(session, "command", lambda line: (said := command(line), session.emergency_stop()) and said)
        with pytest.raises((OvertakenError, ProtocolError)):
            session.check(job)
        monkeypatch.undo()
        pass_time(session, 2.0)
        assert session.status().work_position[0] == 0.0  # out of check mode, the lines would have moved it
        session.jog(feed_mm_min=3000, x=1)  # what is asked for afterwards is carried out
        assert session.wait_until_idle(300.0).work_position[0] == 1.0


def test_a_stop_while_a_place_is_told_leaves_it_unknown(monkeypatch) -> None:
    address = f"sim://grbl?name=s{next(numbers)}&speed=50"
    port_for(address).machine.openings = 1  # it restarts as it is opened: where it stands is not known
    with Session.open(address, options=SessionOptions(keep_awake=False)) as session:
        command, last = session.command, session._engine.core.offset_questions[-1]
        monkeypatch.setattr(session, "command", lambda line: (command(line), line == last and session.emergency_stop()))
        with pytest.raises(OvertakenError):
            session.set_work_position(x=100.0)
        assert not session.snapshot().position_known
    forget_simulated_machines()


def test_commands_home_and_zero() -> None:
    with machine(options="&homing=1") as session:
        assert session.snapshot().machine_state is MachineState.ALARM
        with pytest.raises(JobError, match="in Alarm, not idle"):
            session.start(stairs(1), None)
        session.home()
        assert session.snapshot().position_known
        assert "$110=9000.000" in session.command("$$")
        session.set_work_position(x=100.0, y=50.0)
        assert session.status().work_position == (100.0, 50.0, 0.0)
        session.run_lines(["G90 G1 X110 F6000 (to the right)", "; nothing"])
        assert session.status().work_position == (110.0, 50.0, 0.0)
        with pytest.raises(RejectedError, match="error:20"):
            session.command("M117")
        with pytest.raises(JobError, match="would act upon"):
            session.command("G1 X1 !")


@pytest.mark.parametrize("firmware", ["grbl", "marlin"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_no_number_reaches_no_controller(firmware: str, value: float) -> None:
    with machine(firmware) as session:
        simulated(session).reboot()
        assert until(lambda: not session.snapshot().position_known)
        with pytest.raises(JobError, match="x is"):
            session.set_work_position(x=value)
        with pytest.raises(JobError, match="y is"):
            session.jog(feed_mm_min=1000.0, x=1.0, y=value)
        with pytest.raises(JobError, match="feed_mm_min is"):
            session.jog(feed_mm_min=value, x=1.0)
        assert not session.snapshot().position_known


def test_settings_are_refused_in_a_job() -> None:
    for line in ("$110=5", "G10 L20 P1 X0", "G28.1", "$RST=*"):
        with pytest.raises(JobError, match="settings"):
            Job.from_steps("bad", [Step(lines=(line,))])


def test_hash_and_cutting() -> None:
    job = Job.from_gcode("job", "(c)\nG21\nG1 X1 F1 ; c\n%\nM0\nG1 X2\n", lines_per_step=10)
    assert [step.lines for step in job.steps] == [("G21", "G1 X1 F1", "M0"), ("G1 X2",)]
    assert [step.label for step in job.steps] == ["lines 2 to 5", "lines 6 to 6"]
    assert job.sha256 != Job.from_gcode("job", "G21\nG1 X1 F1\nM0\nG1 X3\n").sha256
    with pytest.raises(JobError, match="line 2"):
        Job.from_gcode("job", "G21\nG1 X1 Ü\n")


def test_journal_of_another_job_is_refused(tmp_path: Path) -> None:
    Journal.create(tmp_path / "j", stairs(2)).close()
    with pytest.raises(JournalError, match="another job"):
        Journal.open(tmp_path / "j", stairs(3))
    with pytest.raises(JournalError, match="exists"):
        Journal.create(tmp_path / "j", stairs(2))


def test_full_disk_pauses_and_loses_nothing(tmp_path: Path) -> None:
    """The system refuses to let the journal grow: the machine stands, says why, and goes on when there is room."""
    job = stairs(60)
    path = tmp_path / "j"
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with machine(speed="3") as session, Journal.create(path, job) as journal:
        session.start(job, journal)
        assert until(lambda: journal.state.next_step >= 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, hard))
        try:
            assert session.wait(120.0) is JobState.PAUSED
            assert "cannot be written" in session.snapshot().problem
            stopped = session.snapshot().next_step
            assert read_journal(path).next_step == stopped
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        hurry(session)
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED
    assert read_journal(path).finished
    assert [round(v.position[1]) for v in simulated_corners(session)] == sorted(
        round(v.position[1]) for v in simulated_corners(session)
    )


def simulated_corners(session: Session) -> list:
    return list(port_for(session.port.address).machine.path)


def test_full_disk_and_then_a_crash(tmp_path: Path) -> None:
    """The step is done and not on record: the position tells."""
    job = stairs(4)
    with machine(options="&reset=0") as session:
        with Journal.create(tmp_path / "j", job) as journal:
            session.start(job, journal)
            session.wait(120.0)
        lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
        done = [i for i, line in enumerate(lines) if b'"done"' in line]
        (tmp_path / "j").write_bytes(b"".join(lines[: done[-1]]))
        with Journal.open(tmp_path / "j", job) as journal:
            assert journal.state.next_step == 3
            plan = continue_in_place(session.recovery_info(job, journal))
            assert plan.next_step == 4
            assert not any("X" in line for line in plan.lines)


def test_restart_of_a_step_lifts_first(tmp_path: Path) -> None:
    first, second, third = stairs(3).steps
    job = Job.from_steps("slow in the middle", [first, replace(second, lines=("F60", *second.lines)), third])
    with machine(speed="5") as session, Journal.create(tmp_path / "j", job) as journal:
        session.start(job, journal)
        assert until(lambda: journal.state.next_step == 1 and session.snapshot().lines_acknowledged > 6)
        session.stop()
        session.wait(120.0)
        hurry(session)
        plan = restart_step(session.recovery_info(job, journal), safe_z_mm=8.0)
        assert plan.lines[1].startswith("G1 Z8.000")
        session.start(job, journal, plan)
        assert session.wait(120.0) is JobState.FINISHED


def test_one_job_per_machine(tmp_path: Path) -> None:
    port = PseudoTerminal(SimulatedPort(SimulatedMachine("grbl", boot_s=0.0), speed=20.0))
    code = (
        "import sys; from firmware_io import Session, LockError\n"
        "try: Session.open(sys.argv[1], firmware='grbl')\nexcept LockError as e: print(e); sys.exit(7)"
    )
    try:
        with Session.open(port.name, options=SessionOptions(keep_awake=False)):
            done = subprocess.run([sys.executable, "-c", code, port.name], capture_output=True, text=True, timeout=300)
            assert done.returncode == 7, done.stderr
            assert str(os.getpid()) in done.stdout
    finally:
        port.close()
    held = MachineLock("test-machine")
    with pytest.raises(LockError, match=str(os.getpid())):
        MachineLock("test-machine")
    held.release()
    MachineLock("test-machine").release()


def test_wire_log_and_notifications(tmp_path: Path) -> None:
    command = f"echo {{event}} {{text}} >> {tmp_path / 'notes'}"
    with machine(wire_log=tmp_path / "wire", notify_command=command) as session:
        session.start(stairs(2, {1: "it's time; rm -rf"}), None)
        assert session.wait(120.0) is JobState.PAUSED
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED
        assert until(lambda: (tmp_path / "notes").exists() and "end" in (tmp_path / "notes").read_text())
    assert "pause it's time; rm -rf" in (tmp_path / "notes").read_text()
    log = (tmp_path / "wire").read_text()
    assert "> b'G21 G90\\n" in log
    assert "< b" in log


def test_vanished_port_is_told_and_found_again(tmp_path: Path) -> None:
    job = stairs(60)
    with machine(options="&reset=0", speed="3") as session, Journal.create(tmp_path / "j", job) as journal:
        port = port_for(session.port.address)
        session.start(job, journal)
        assert until(lambda: journal.state.next_step >= 3)
        port.do(SimulatedMachine.unplug)
        assert session.wait(120.0) is JobState.HALTED
        with pytest.raises(PortError):
            session.command("G0")
        with pytest.raises(PortError, match="did not come back"):
            session.reconnect(timeout_s=0.3)
        port.do(SimulatedMachine.plug)
        hurry(session)
        session.reconnect(timeout_s=300.0)
        session.wait_until_idle(300.0)
        session.start(job, journal, continue_in_place(session.recovery_info(job, journal)))
        assert session.wait(300.0) is JobState.FINISHED
    assert [v.position[0] for v in port.machine.path] == sorted(v.position[0] for v in port.machine.path)


def test_events_end_with_the_session() -> None:
    with machine() as session:
        stream = session.events()
        session.start(stairs(2), None)
        session.wait(120.0)
    kinds = [type(event) for event in stream]
    assert JobFinished in kinds
    assert JobHalted not in kinds
    assert JobPaused not in kinds


def test_addresses_that_do_not_exist() -> None:
    with pytest.raises(PortError, match="there is no simulated 'nonsense'"):
        Session.open("sim://nonsense")
    with pytest.raises(PortError, match="'colour' is not known"):
        Session.open("sim://grbl?colour=red")
    with pytest.raises(PortError, match="cannot be opened"):
        Session.open("/dev/does-not-exist")
    with pytest.raises(PortError, match="firmware"):
        Session.open("sim://grbl", firmware="windows")


def test_m0_in_a_job_is_told_and_resumed() -> None:
    with machine() as session:
        stream = session.events(timeout_s=300.0)
        session.start(Job.from_gcode("job", "G21 G90\nG1 X5 F3000\nM0\nG1 X9\nM2\n"), None)
        asked = next(event for event in stream if isinstance(event, Prompted))
        assert "'M0'" in asked.text
        pass_time(session, 12.0)
        assert session.snapshot().job_state is JobState.RUNNING
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED
        assert session.status().work_position == (9.0, 0.0, 0.0)


def test_hold_of_a_marlin_is_to_feed_no_more() -> None:
    job = Job.from_steps("slow", [Step(lines=tuple(f"G1 X{i} F60" for i in range(60)))])
    with machine("marlin", speed="5") as session:
        session.start(job, None)
        assert until(lambda: session.snapshot().lines_acknowledged > 20)
        session.hold()
        hurry(session)
        pass_time(session, 25)
        taken = session.snapshot().lines_acknowledged
        pass_time(session, 25)
        assert session.snapshot().lines_acknowledged == taken < 60
        session.resume()
        assert session.wait(120.0) is JobState.FINISHED


def test_marlin_stop_and_resume(tmp_path: Path) -> None:
    job = Job.from_steps("long", [Step(lines=("G21", "G90", "G1 X100 F120", "G1 Y20", "M400"))])
    with machine("marlin", speed="15") as session, Journal.create(tmp_path / "j", job) as journal:
        session.start(job, journal)
        pass_time(session, 15)
        port_for(session.port.address).run_at(1.0)  # 35 s to the end of the line
        session.stop()
        assert session.wait(120.0) is JobState.HALTED
        hurry(session)
        info = session.recovery_info(job, journal)
        assert info.position is not None
        assert 5.0 < info.position[0] < 100.0
        session.start(job, journal, continue_in_place(info))
        assert session.wait(120.0) is JobState.FINISHED
        assert simulated(session).position[:2] == pytest.approx((100.0, 20.0))


def test_a_simulator_at_full_speed_hears_again_after_a_settings_write() -> None:
    with machine(speed="max") as session:
        for x in (10.0, 20.0, 30.0):
            session.set_work_position(x=x)
            assert session.status().work_position == (x, 0.0, 0.0)
        session.start(stairs(3), None)
        assert session.wait(120.0) is JobState.FINISHED


def test_a_terminal_that_is_plugged_in_twice_is_one_device_and_a_reader_that_sleeps_holds_nothing_up() -> None:
    port = PseudoTerminal(SimulatedPort(SimulatedMachine("grbl", boot_s=0.0), speed=20.0))
    first = port.name
    before = threading.active_count()
    second = port.plug()
    assert threading.active_count() == before
    if first != second:
        assert not Path(first).exists()
    descriptor = os.open(second, os.O_RDWR | os.O_NOCTTY)
    try:
        for _ in range(40):  # some ten thousand bytes of answers that nobody reads
            os.write(descriptor, b"$$\n")
        begin_s = port.port.machine.now
        assert until(lambda: port.port.machine.now >= begin_s + 5.0)
        closing = threading.Thread(target=port.close, daemon=True)
        closing.start()
        closing.join(300.0)
        assert not closing.is_alive()
    finally:
        os.close(descriptor)
    port.close()


def test_an_emergency_stop_in_the_middle_of_a_write_waits_for_nobody() -> None:
    """A second Ctrl-C interrupts the thread that is just writing the first one's feed hold."""
    with machine() as session:
        port, written = session._transport._port, []
        write = port.write

        def interrupted(data: bytes) -> int:
            written.append(data)
            if len(written) == 1:
                session.emergency_stop()
            return write(data)

        port.write = interrupted
        hold = threading.Thread(target=session.hold, daemon=True)
        hold.start()
        hold.join(timeout=300.0)
        assert not hold.is_alive()
        assert b"\x18" in written


def test_a_reset_that_is_answered_before_the_thread_which_sent_it_goes_on_is_ours() -> None:
    """A busy computer: the banner is read before whoever sent the reset runs again."""
    with machine(options="&reset=0") as session:
        session.command("G92 X5")
        session.wait_until_idle(300.0)
        heard: list[Booted] = []
        session.subscribe(lambda event: heard.append(event) if isinstance(event, Booted) else None)
        write = session._transport.write_at_once

        def preempted(data: bytes) -> None:
            write(data)
            assert until(lambda: heard)

        session._transport.write_at_once = preempted  # type: ignore[method-assign]
        after = session.reset()
        assert [event.asked_for for event in heard] == [True]
        assert session.snapshot().position_known
        assert after.work_position == (5.0, 0.0, 0.0)  # the offset that it cleared was put back


def test_an_emergency_stop_in_the_middle_of_a_line_is_a_line_of_its_own() -> None:
    with machine("marlin") as session:
        port, write = session._transport._port, session._transport._port.write

        def interrupted(data: bytes) -> int:
            port.write = write
            half = len(data) // 2
            write(data[:half])
            session.emergency_stop()
            return half + int(write(data[half:]))

        port.write = interrupted
        with pytest.raises(ProtocolError, match="emergency stop"):
            session.command("G1 X10 F600", timeout_s=300.0)
        assert until(lambda: simulated(session).controller.state == "Dead")
