"""The table of accidents: after each, resume finishes the job and the machine's own record equals the plan.

Each row is run at many random moments, in virtual time, against the simulated machine.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from accident import Outcome, run_through
from gap_model import expected_word, wrap_job

from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

PINS = (1, 6, 3, 9, 12, 2, 7)


def duration_s(firmware: str) -> float:
    """Seconds that the job takes without an accident, roughly."""
    return 14.0


def moments(count: int, seed: int, until_s: float) -> list[float]:
    """Random moments."""
    chance = random.Random(seed)
    return [chance.uniform(0.01, until_s) for _ in range(count)]


def run(folder: Path, firmware: str, arrange, number: int, **options) -> Outcome:
    """One run; checks that nothing is wound twice or left out."""
    machine = SimulatedMachine(firmware, seed=number, **options.pop("machine", {}))
    job = wrap_job(PINS, marlin=firmware == "marlin")
    place = folder / str(number)
    place.mkdir()
    outcome = run_through(machine, job, place, arrange, **options)
    assert outcome.word == expected_word(job), (number, outcome)
    return outcome


@pytest.mark.parametrize("firmware", ["grbl", "grblhal", "marlin"])
@pytest.mark.parametrize("resets", [False, True], ids=["native usb", "reboots at opening"])
def test_cable_pulled_at_200_random_moments(tmp_path: Path, firmware: str, resets: bool) -> None:
    halted = 0
    for number, moment in enumerate(moments(100 if firmware != "grbl" else 200, 1, duration_s(firmware))):

        def arrange(bench: Bench, moment: float = moment) -> None:
            machine = bench.machine
            machine.resets_on_open = resets
            machine.at(machine.now + moment, machine.unplug)

        halted += "disconnected" in run(tmp_path, firmware, arrange, number).halts
    assert halted > 50
