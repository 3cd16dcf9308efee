"""A job that grbl itself runs, as the owner has built it, on a simulated Uno; what is wound is read from its motors.

The project holds nothing of grbl, which is GPL: this runs only where STRINGART_GRBL_ELF names a firmware for the
ATmega328P (``avr-gcc -mmcu=atmega328p -DF_CPU=16000000L -Os *.c -lm -o grbl.elf`` in grbl's own source).
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from arduino_bench import missing
from machine_boards import THREADS, random_winding
from machine_console import Console, console, with_anchors
from machine_judge import wraps_of

from firmware_io import Session, SessionOptions
from stringart.board.boards import place_pins
from stringart.plan.model import Board, Layer, Plan

ELF = os.environ.get("STRINGART_GRBL_ELF", "")
pytestmark = [
    pytest.mark.skipif(not ELF, reason="set STRINGART_GRBL_ELF to a grbl.elf for the ATmega328P"),
    pytest.mark.skipif(shutil.which("gcc") is None or "simavr" in missing(), reason="needs gcc and libsimavr-dev"),
]
CENTER_MM, STEPS_PER_MM, START_MM = 110.0, (80.0, 80.0, 100.0), (110.0, 110.0, 50.0)
SETTINGS = {1: 255, 20: 0, 21: 0, 22: 0, 100: 80, 101: 80, 102: 100, 110: 12000, 111: 12000, 112: 6000, 120: 2000,
            121: 2000, 122: 1000, 130: 220, 131: 220, 132: 90}  # fmt: skip
PROFILE = f"""inherits = "grbl"
[limits]
x_mm = [0, 220]
y_mm = [0, 220]
z_mm = [0, 80]
[motion]
travel_feed_mm_min = 12000
wrap_feed_mm_min = 6000
max_rate_mm_min = [12000, 12000, 6000]
acceleration_mm_s2 = [2000, 2000, 1000]
[board]
center_mm = [{CENTER_MM}, {CENTER_MM}]
"""
PATIENCE_S = 600.0


def small_plan() -> Plan:
    """Forty pins on a board of 200 mm, ten chords."""
    board = Board(shape="circle", width_mm=200.0, height_mm=200.0)
    pins = place_pins(board, 40)
    return Plan(board=board, pins=pins, threads=THREADS, layers=(Layer(thread=0, pins=random_winding(pins, 10, 5)),))


class Gantry:
    """The board, and what its motors did."""

    def __init__(self, folder: Path) -> None:
        source, bench = Path(__file__).parents[1] / "arduino" / "gantry.c", folder / "gantry"
        subprocess.run(["gcc", "-O2", "-Wall", "-Werror", str(source), "-o", str(bench), "-lsimavr"], check=True)
        self._trace = folder / "trace"
        self._process = subprocess.Popen(
            [str(bench), ELF, str(self._trace)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = next(line for line in self._process.stdout if line.startswith("port")).split()[1]

    def set_up(self) -> None:
        with Session.open(self.port, firmware="grbl", options=SessionOptions(keep_awake=False)) as session:
            for key, value in SETTINGS.items():
                session.command(f"${key}={value}")

    def path(self) -> np.ndarray:
        """(n, 3) places in mm; the board is switched off before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        events = np.fromfile(self._trace, np.uint8)
        steps = np.zeros((len(events), 3))
        steps[np.arange(len(events)), events & 3] = np.where(events >> 2, -1.0, 1.0)
        return np.asarray(START_MM) + np.cumsum(steps, 0) / STEPS_PER_MM


@pytest.fixture
def gantry(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gantry]:
    monkeypatch.setenv("COLUMNS", "200")
    (own_folder / "fast.toml").write_text(PROFILE)
    small_plan().save("plan.json")
    board = Gantry(own_folder)
    yield board
    board._process.kill()
    board._process.wait()


def wait_for(operator: Console, pattern: str) -> None:
    """Simavr may be slower than life."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            operator.expect(pattern)
            return
        except AssertionError:
            assert operator.process.poll() is None, operator.said[-2000:]
            assert time.monotonic() < end_s


def test_a_job_that_is_killed_and_resumed_is_wound_as_planned(gantry: Gantry) -> None:
    gantry.set_up()
    place = ",".join(f"{value:g}" for value in START_MM)
    with console(
        "send", "plan.json", "--machine", "fast.toml", "--port", gantry.port, "--at", place, "--no-dry-run"
    ) as operator:
        operator.answer(r"Start\? \[y/N\]", "y")
        wait_for(operator, "paused> ")
        operator.write("go\n")
        wait_for(operator, r"wrap [3-9]/\d+")
        operator.process.kill()
        operator.process.wait()
    with console("resume", "--port", gantry.port, "--yes") as operator:
        wait_for(operator, r"finished: \d+ wraps are on the board")
        assert operator.end() == 0
    path = gantry.path()
    low = path[path[:, 2] < 25.0][::8]
    plan = small_plan()
    assert [pin for pin, _ in wraps_of(low, plan.pins.xy_mm + CENTER_MM)] == with_anchors(plan)
