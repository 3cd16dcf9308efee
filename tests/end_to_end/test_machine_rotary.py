"""A board that turns under a radial arm: the real command at a terminal, a simulated machine that turns it by A."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from machine_boards import plan_on
from machine_console import SLOWLY, TURNS, Console, console, serial_machine, wait_for, with_anchors
from machine_judge import polar_to_plane, wraps_of

from firmware_io import read_journal
from firmware_io.sim.host import PseudoTerminal
from firmware_io.sim.machine import SimulatedMachine
from stringart.machine.job import make_job
from stringart.machine.profile_files import load_profile
from stringart.plan.model import Layer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
PROFILE = 'inherits = "grbl-rotary"\n[machine]\ndialect = "grblhal"\n[axes]\ny = "A"\n'
ROUND_AND_ROUND = 8  # chords that go on clockwise by a bit less than half a turn each: the board turns several times


@pytest.fixture(autouse=True)
def plan(own_folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    (own_folder / "config" / "machines").mkdir(parents=True)
    (own_folder / "config" / "machines" / "turner.toml").write_text(PROFILE)
    made = plan_on("circle", (1,))
    made = replace(made, layers=(Layer(thread=0, pins=np.arange(ROUND_AND_ROUND + 1) * 130 % 288),))
    made.save("plan.json")
    return made


def corners(terminal: PseudoTerminal) -> np.ndarray:
    """Radius, angle and height of every corner so far."""
    found: list[tuple[float, ...]] = []
    terminal.port.do(lambda machine: found.extend((v.position[0], v.position[3], v.position[2]) for v in machine.path))
    return np.array(found)


def wound(terminal: PseudoTerminal, plan) -> list[int]:
    polar = corners(terminal)
    low = np.concatenate([[False], np.minimum(polar[1:, 2], polar[:-1, 2]) < 25.0])
    path = np.vstack([polar_to_plane(polar[k - 1 : k + 1]) for k in np.flatnonzero(low)])
    return [pin for pin, _ in wraps_of(path, plan.pins.xy_mm)]


def steps_done() -> int:
    return max((read_journal(path).next_step for path in Path("state/journals").glob("*.journal")), default=0)


def started(operator: Console) -> None:
    operator.answer(r"Start\? \[y/N\]", "y")
    operator.answer(r"hold its end near pin \d+(?s:.*)paused> ", "go")


def test_the_job_of_a_turning_board_goes_on_beyond_a_turn(plan):
    steps = make_job(plan, load_profile("turner")).steps
    angles = [float(word[1:]) for step in steps for line in step.lines for word in line.split() if word[0] == "A"]
    assert max(map(abs, angles)) > 720


def test_pause_where_retouch_and_back_on_a_turning_board(plan):
    with (
        serial_machine("grblhal", speed=60.0) as terminal,
        console("send", "plan.json", "--machine", "turner", "--port", terminal.name, "--no-dry-run") as operator,
    ):
        started(operator)
        wait_for(lambda: steps_done() >= 3)
        terminal.port.run_at(SLOWLY)
        operator.write("p")
        operator.expect("pausing after this wrap")
        terminal.port.run_at(60.0)
        operator.expect("paused: asked for")
        done = int(operator.expect(r"next: wraps? (\d+)")[1]) - 1
        pins = plan.layers[0].pins.tolist()
        operator.answer("paused> ", "where")
        assert int(operator.expect(r"inside the ring, nearest to pin (\d+)")[1]) in [
            (pins[done - 1] + near) % 288 for near in (-1, 0, 1)
        ]
        x, _, z, angle = terminal.port.machine.position[:4]
        terminal.port.do(lambda machine: machine.move_by_hand(x, 0.0, z, angle + 0.3))  # the belt slipped a tooth
        nearest = 360.0 * pins[done - 1] / 288
        nearest += 360.0 * round((angle - nearest) / 360.0)
        operator.answer("paused> ", f"jog Z{30 - z:.3f}")
        operator.answer("paused> ", f"jog X{300 - x:.3f} A{nearest - angle - 0.3:.3f}")
        operator.answer("paused> ", f"retouch {pins[done - 1]}")
        operator.answer(r"1\.5\d mm beside where the profile has it. Correct the position\? \[y/N\]", "y")
        operator.answer(r"Go there\? \[y/N\]", "y")
        operator.answer("paused> ", "back 1")
        operator.answer(r"Is the thread ready\? \[y/N\]", "y")
        operator.answer("paused> ", "go")
        assert operator.end_soon(terminal) == 0
        whole = with_anchors(plan)
        again = [pins[done - 2]] * (TURNS + 1) if done > 1 else []
        assert wound(terminal, plan) == whole[: TURNS + done] + again + whole[TURNS + done - 1 :]


def test_after_a_restart_the_board_does_not_turn_back_by_what_the_job_counted(plan):
    """The operator reads the angle off the board, which has no number of turns on it."""
    with serial_machine("grblhal", speed=60.0) as terminal:
        with console(
            "send",
            "plan.json",
            "--machine",
            "turner",
            "--port",
            terminal.name,
            "--no-dry-run",
            "--yes",
            "--at",
            "0,0,0",
        ) as operator:
            wait_for(lambda: steps_done() >= 6)
            terminal.port.run_at(SLOWLY)
            terminal.port.do(SimulatedMachine.reboot)
            terminal.port.run_at(60.0)
            assert operator.end() == 1
        x, _, z, angle = terminal.port.machine.position[:4]
        before = len(corners(terminal))
        with console("resume", "--at", f"{x:.3f},{angle % 360:.3f},{z:.3f}") as operator:
            operator.answer(r"Go on so\? \[y/N\]", "y")
            assert operator.end_soon(terminal) == 0
        assert angle > 400
        turned = np.abs(np.diff(corners(terminal)[before - 1 :, 1]))
        assert turned.max() < 180.0
        assert wound(terminal, plan) == with_anchors(plan)
