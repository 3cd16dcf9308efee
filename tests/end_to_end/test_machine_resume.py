import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from machine_boards import plan_on
from machine_judge import wraps_of

from firmware_io.sim.host import PseudoTerminal, SimulatedPort
from firmware_io.sim.machine import SimulatedMachine

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
COMMAND = [sys.executable, "-c", "from stringart.cli import main; main()", "machine"]
PLAN = plan_on("circle", (12, 6))
TURNS = 3


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("STRINGART_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    PLAN.save(tmp_path / "plan.json")
    return tmp_path


@pytest.fixture
def simulated():
    machine = SimulatedMachine("grbl", resets_on_open=False)
    terminal = PseudoTerminal(SimulatedPort(machine, speed=12.0))
    yield machine, terminal.plug()
    terminal.close()


def wanted() -> list[int]:
    out: list[int] = []
    for layer in PLAN.layers:
        pins = layer.pins.tolist()
        out += [pins[0]] * TURNS + pins + [pins[-1]] * TURNS
    return out


def wound(machine: SimulatedMachine) -> list[int]:
    """What the gantry's own record says is wound."""
    path = []
    before = None
    for vertex in machine.path:
        x, y, z = vertex.position[:3]
        if before is not None and min(z, before[2]) < 25.0:
            path.append((x, y, z))
        before = (x, y, z)
    return [pin for pin, _ in wraps_of(path, PLAN.pins.xy_mm + np.array([500.0, 500.0]))]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sender_that_is_killed_is_resumed_and_nothing_is_wound_twice_or_left_out(folder, simulated, seed):
    machine, port = simulated
    rng = random.Random(seed)
    begin = [*COMMAND, "send", "plan.json", "--port", port, "--yes", "--no-dry-run"]
    sender = subprocess.Popen(begin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(rng.uniform(5.0, 7.5))
    kills = 0
    for _ in range(6):
        if sender.poll() is not None:
            break
        sender.kill()
        sender.communicate()
        kills += 1
        time.sleep(rng.uniform(0.2, 1.0))
        again = [*COMMAND, "resume", "--yes"]
        sender = subprocess.Popen(again, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(
            rng.uniform(3.0, 6.0) if kills < 2 else 60 if sender.poll() is None and not _ended(sender, 60) else 0
        )
    said, _ = sender.communicate(timeout=60)
    assert kills >= 1
    assert sender.returncode == 0, said.decode()[-800:]
    assert wound(machine) == wanted()


def _ended(process: subprocess.Popen, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
