"""What an operator does at the machine: the real command at a terminal, a simulated machine at a serial port."""

import os
import shutil
import signal
import tomllib
from pathlib import Path

import numpy as np
import pytest
import shapely
from machine_boards import plan_on
from machine_console import (
    SLOWLY,
    SPEED,
    TURNS,
    console,
    corners,
    serial_machine,
    wait_for,
    when,
    with_anchors,
    wound,
)

from firmware_io import read_journal
from firmware_io.sim.machine import SimulatedMachine
from stringart import folders

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
AT_ZERO = ("--at", "0,0,0")  # nobody believes a board that was never seen without being told
PLAN = plan_on("circle", (12,))
PINS = PLAN.layers[0].pins.tolist()
RING = shapely.Polygon(PLAN.pins.xy_mm + 500.0)


@pytest.fixture(autouse=True)
def folder(own_folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    PLAN.save("plan.json")
    return own_folder


def steps_done() -> int:
    """As the journal has it."""
    begun = [path for path in Path("state/journals").glob("*.journal") if path.stat().st_size]  # not just opened
    return max((read_journal(path).next_step for path in begun), default=0)


def wait_for_steps(terminal, steps: int) -> None:
    """Until some steps are done; then the machine is slow, so that a hand has its time."""
    wait_for(lambda: steps_done() >= steps)
    terminal.port.run_at(SLOWLY)


def begun(operator, terminal, steps: int = 4) -> None:
    """The job is started, the thread is in, some steps are done: the way to the board, the anchor, wraps."""
    operator.answer(r"Start\? \[y/N\]", "y")
    operator.answer(r"hold its end near pin \d+(?s:.*)paused> ", "go")
    wait_for_steps(terminal, steps)


def paused(operator, terminal) -> int:
    """Strike p; how many wraps are wound."""
    operator.write("p")
    operator.expect("pausing after this wrap")
    terminal.port.run_at(SPEED)
    operator.expect("paused: asked for")
    return int(operator.expect(r"next: wraps? (\d+)")[1]) - 1


def expect_finished(operator, terminal, expected: list[int]) -> None:
    assert operator.end_soon(terminal) == 0
    operator.expect(r"finished: \d+ wraps are on the board")
    assert wound(terminal, PLAN) == expected


def test_pause_leaves_the_tool_inside_between_wraps_and_step_winds_one():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal)
        done = paused(operator, terminal)
        here = shapely.Point(terminal.port.machine.position[:2])
        assert RING.contains(here)
        assert RING.exterior.distance(here) > 3.0  # not in a gap
        assert wound(terminal, PLAN) == with_anchors(PLAN)[: TURNS + done]
        operator.answer("paused> ", "step")
        after = int(operator.expect(r"next: wraps? (\d+)")[1]) - 1
        assert after > done
        assert wound(terminal, PLAN) == with_anchors(PLAN)[: TURNS + after]
        operator.answer("paused> ", "go")
        expect_finished(operator, terminal, with_anchors(PLAN))


def test_back_two_wraps_after_the_thread_broke():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal, 6)
        done = paused(operator, terminal)
        operator.answer("paused> ", "back 2")
        operator.expect("Take 2 wraps off the board by hand")
        operator.answer(r"Is the thread ready\? \[y/N\]", "y")
        operator.expect(rf"next: wrap {done - 1},")
        operator.answer("paused> ", "go")
        again = PINS[done - 3]  # the last wrap that stays holds the new end
        first = with_anchors(PLAN)[: TURNS + done]
        expect_finished(operator, terminal, first + [again] * (TURNS + 1) + with_anchors(PLAN)[TURNS + done - 2 :])


def test_goto_a_wrap_further_on():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal, 3)
        done = paused(operator, terminal)
        wrap = next(k for k in range(done + 2, 13) if (PINS[k - 1] - PINS[k - 2]) % 288 not in (1, 287))
        operator.answer("paused> ", "goto 99")
        operator.expect("there is no wrap 99: they are numbered 1 to")
        operator.answer("paused> ", f"goto {wrap}")
        operator.answer(r"Is the thread ready\? \[y/N\]", "y")
        operator.answer("paused> ", "go")
        first = with_anchors(PLAN)[: TURNS + done]
        expect_finished(
            operator, terminal, first + [PINS[wrap - 2]] * (TURNS + 1) + with_anchors(PLAN)[TURNS + wrap - 1 :]
        )


def test_retouch_puts_a_drift_right():
    """Lost steps: the controller thinks that it is 2 mm to the left of where it is."""
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal)
        done = paused(operator, terminal)
        x, y, z = terminal.port.machine.position[:3]
        terminal.port.do(lambda machine: machine.move_by_hand(x + 2.0, y, z))
        pin_x, pin_y = PLAN.pins.xy_mm[PINS[done - 1]] + 500.0
        operator.answer("paused> ", f"jog Z{30 - z:.3f}")
        operator.answer("paused> ", f"jog X{pin_x - x - 2.0:.3f} Y{pin_y - y:.3f}")
        operator.answer("paused> ", f"retouch {PINS[done - 1]}")
        operator.answer(r"(1\.99|2\.0\d) mm beside where the profile has it. Correct the position\? \[y/N\]", "y")
        operator.answer(r"Go there\? \[y/N\]", "y")
        operator.answer("paused> ", "go")
        assert operator.end_soon(terminal) == 0
        operator.expect("finished")
        low = [c for c in corners(terminal) if 0.0 < c[2] < 25.0]
        assert all(RING.buffer(8).contains(shapely.Point(c[:2])) for c in low)
        assert np.allclose(terminal.port.machine.position[:2], (500.0, 500.0), atol=0.02)  # parked where the board is
        assert wound(terminal, PLAN) == with_anchors(PLAN)


def test_a_dry_tour_from_a_pause_stays_above_the_pins_and_comes_back():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal)
        paused(operator, terminal)
        before = len(corners(terminal))
        operator.answer("paused> ", "tour 0 72 144")
        operator.answer(r"go over pins 0, 72, 144\? \[y/N\]", "y")
        operator.expect("next: wraps? ")
        toured = corners(terminal)[before:]
        places = PLAN.pins.xy_mm[[0, 72, 144]] + 500.0
        for place in places:
            assert any(np.allclose(c[:2], place, atol=0.01) and c[2] >= 30.0 for c in toured)
        operator.answer("paused> ", "go")
        expect_finished(operator, terminal, with_anchors(PLAN))


def test_one_wrap_and_a_tour_are_tried_before_the_job():
    with serial_machine() as terminal:
        with console("test", "plan.json", "--pin", "17", "--ccw", "--port", terminal.name) as operator:
            operator.answer(r"wrap pin 17 once\? \[y/N\]", "y")
            assert operator.end() == 0
        assert wound(terminal, PLAN) == [17]
        assert terminal.port.machine.position[2] == 30.0
        before = len(corners(terminal))
        with console("test", "plan.json", "--tour", "0,72", "--port", terminal.name) as operator:
            operator.answer(r"go over pins 0,72\? \[y/N\]", "y")
            assert operator.end() == 0
        assert min(c[2] for c in corners(terminal)[before:]) >= 30.0


def test_the_board_is_located_by_leading_the_tool_to_pins(folder):
    """The board lies elsewhere, turned by half a degree."""
    turn, center = np.radians(0.5), np.array([480.0, 510.0])
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    with serial_machine() as terminal, console("locate", "plan.json", "--port", terminal.name) as operator:
        operator.expect("jog with e.g.")
        here = np.zeros(2)
        for pin in (0, 96, 192):
            target = np.round(turned @ PLAN.pins.xy_mm[pin] + center, 3)
            step = target - here
            operator.write(f"X{step[0]:.3f} Y{step[1]:.3f}\n")
            operator.expect(r"\nX\d+\.\d{3} Y\d+\.\d{3} Z0\.000")
            operator.write(f"{pin}\n")
            operator.expect(rf"pin {pin} is at X\d+\.\d{{3}} Y\d+\.\d{{3}}")
            here = target
        operator.write("\n")
        operator.expect(r"root mean square 0\.0[01]\d mm")
        operator.answer(r"Keep it in your profile 'grbl'\? \[Y/n\]", "")
        assert operator.end() == 0
    board = tomllib.loads((folder / "config" / "machines" / "grbl.toml").read_text())["board"]
    assert board["center_mm"] == pytest.approx([480.0, 510.0], abs=0.01)
    assert board["rotation_deg"] == pytest.approx(0.5, abs=0.001)


def test_the_operator_says_where_the_tool_is_after_the_controller_restarted():
    with serial_machine() as terminal:
        with console("send", "plan.json", "--port", terminal.name, "--no-dry-run", "--yes", *AT_ZERO) as operator:
            wait_for_steps(terminal, 4)
            terminal.port.do(SimulatedMachine.reboot)
            terminal.port.run_at(SPEED)
            assert operator.end() == 1
            assert "its position is lost" in operator.said
        place = ",".join(f"{v:.3f}" for v in terminal.port.machine.position[:3])
        with console("resume", "--at", place) as operator:
            operator.answer(r"Go on so\? \[y/N\]", "y")
            expect_finished(operator, terminal, with_anchors(PLAN))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_sender_of_a_marlin_that_is_killed_is_resumed(seed):
    rng = np.random.default_rng(seed)
    with serial_machine("marlin") as terminal:
        arguments = (
            "send",
            "plan.json",
            "--machine",
            "marlin",
            "--port",
            terminal.name,
            "--yes",
            "--no-dry-run",
            *AT_ZERO,
        )
        for _ in range(2):
            before = len(corners(terminal)) + int(rng.integers(30, 120))
            with console(*arguments) as operator:
                when(
                    terminal.port,
                    lambda many=before: len(list(terminal.port.machine.path)) > many,
                    operator.process.kill,
                )
                assert operator.end() != 0
            arguments = ("resume", "--yes")
        with console(*arguments) as operator:
            expect_finished(operator, terminal, with_anchors(PLAN))


def test_a_long_job_through_the_simulator_as_a_user_runs_it(folder):
    """Made, proved, read by the controller and wound: 24,000 lines within a minute of processor time, fewer in less."""
    chords = 5300 if os.environ.get("STRINGART_FULL") else 900
    plan_on("circle", (chords,)).save(folder / "long.json")
    with console("send", "long.json", "--port", "sim://grbl?speed=max", "--yes") as operator:
        lines = int(operator.expect(r"the controller has read all (\d+) lines")[1])
        operator.expect(f"finished: {chords + 1} wraps")
        assert operator.end() == 0
    assert lines > 4.5 * chords
    used_s = getattr(operator.process, "cpu_s", 1.0)  # the real command's, where there is no warm one, is not told
    assert 0.5 < used_s < 60.0 * chords / 5300


def test_stop_and_resume_with_a_journal_of_ones_own_are_said_for_people():
    with serial_machine() as terminal:
        with console(
            "send", "plan.json", "--port", terminal.name, "--no-dry-run", "--journal", "mine.journal"
        ) as operator:
            operator.answer(r"Start\? \[y/N\]", "y")
            operator.answer("paused> ", "go")
            wait_for(lambda: len(corners(terminal)) > 60)
            terminal.port.run_at(SLOWLY)
            operator.write("s")
            operator.expect("stopped by the operator")
            terminal.port.run_at(SPEED)
            assert operator.end() == 1
        assert "$110" not in operator.said  # what the controller answers to our own questions
        assert "go on with: stringart machine resume --journal 'mine.journal'" in operator.said
        with console("resume", "--journal", "mine.journal") as operator:
            operator.expect(r"(on line \d of \d+ of|where) step \d+ \(.*\)")
            operator.answer(r"Go on so\? \[y/N\]", "y")
            expect_finished(operator, terminal, with_anchors(PLAN))


def test_after_a_second_ctrl_c_the_position_is_not_believed():
    """A reset in motion may cost steps: nobody is told that the position is known, and nothing moves."""
    with serial_machine() as terminal:
        with console("send", "plan.json", "--port", terminal.name, "--no-dry-run", "--yes", *AT_ZERO) as operator:
            wait_for_steps(terminal, 4)
            operator.process.send_signal(signal.SIGINT)
            operator.expect(r"feed hold \.\.\.")
            operator.process.send_signal(signal.SIGINT)
            operator.expect("the position may be lost")
            assert operator.end() == 3
        before = terminal.port.machine.position
        with console("resume", "--yes") as operator:
            assert operator.end() in (1, 3)
            assert "knows its position again" not in operator.said
        assert terminal.port.machine.position == before


def test_a_cable_that_is_pulled_at_a_prompt_ends_it_with_the_truth():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        operator.answer(r"Start\? \[y/N\]", "y")
        operator.expect(r"hold its end near pin \d+(?s:.*)paused> ")
        terminal.unplug()
        assert operator.end() == 1
        operator.expect(r"the port .* is gone: it was unplugged.*; 0 of \d+ wraps are on the board")
        operator.expect("stringart machine resume")


def test_a_board_that_reboots_while_it_waits_for_a_thread_ends_the_prompt_with_the_truth():
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        operator.answer(r"Start\? \[y/N\]", "y")
        operator.expect(r"hold its end near pin \d+(?s:.*)paused> ")
        terminal.port.do(SimulatedMachine.reboot)
        assert operator.end() == 1
        operator.expect("the controller restarted by itself: its position is lost")


@pytest.mark.parametrize("ended_at", ["keyboard", "machine"])
def test_a_hold_from_the_machines_own_button_is_a_prompt_that_can_be_ended(ended_at):
    with (
        serial_machine() as terminal,
        console("send", "plan.json", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        begun(operator, terminal)
        terminal.port.do(lambda machine: machine.press("hold"))
        operator.expect(r"the machine holds \(held\) and was not asked to(?s:.*)held> ")
        if ended_at == "keyboard":
            operator.write("go\n")
        else:
            terminal.port.do(lambda machine: machine.press("start"))
            operator.expect("it goes on")
        expect_finished(operator, terminal, with_anchors(PLAN))


def test_ctrl_c_ends_a_dry_run_and_leaves_the_board_idle():
    with (
        serial_machine(line_time_s=4.0) as terminal,
        console("send", "plan.json", "--port", terminal.name) as operator,
    ):
        operator.expect(r"dry run: [1-9]\d* of \d+ lines")
        os.killpg(operator.process.pid, signal.SIGINT)
        assert operator.end() == 130
        operator.expect("the dry run was stopped; the controller rests, nothing has moved")
        assert terminal.port.machine.controller.state == "Idle"
    shutil.rmtree(folders.state_folder() / "machines")  # the next machine may get this one's name
    with serial_machine(line_time_s=4.0) as terminal:
        with console("send", "plan.json", "--port", terminal.name) as killed:
            killed.expect(r"dry run: [1-9]\d* of \d+ lines")
            killed.process.kill()
            killed.process.wait()
        with console("status", "--port", terminal.name) as asked:
            asked.expect("is in check mode, where a dry run that was broken off leaves it")
        with console("reset", "--port", terminal.name, "--yes") as asked:
            assert asked.end() == 0
        assert terminal.port.machine.controller.state == "Idle"
        assert all(corner == (0.0, 0.0, 0.0) for corner in corners(terminal))
