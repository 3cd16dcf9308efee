import os
import random
import tempfile
import time

import numpy as np
import pytest
import shapely
from command import begun
from machine_boards import plan_on
from machine_console import SLOWLY, SPEED, when
from machine_judge import wraps_of

from firmware_io import Session
from firmware_io.sim.host import PseudoTerminal, SimulatedPort
from firmware_io.sim.machine import SimulatedMachine

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
AT_ZERO = ("--at", "0,0,0")  # nobody believes a board that was never seen without being told
PLAN = plan_on("circle", (12, 6))
TURNS = 3


@pytest.fixture
def folder(own_folder):
    PLAN.save("plan.json")
    return own_folder


@pytest.fixture
def terminal():
    made = PseudoTerminal(SimulatedPort(SimulatedMachine("grbl", resets_on_open=False), speed=SPEED))
    yield made
    made.close()


def wanted() -> list[int]:
    out: list[int] = []
    for layer in PLAN.layers:
        pins = layer.pins.tolist()
        out += [pins[0]] * TURNS + pins + [pins[-1]] * TURNS
    return out


def wound(machine: SimulatedMachine, top: float = 25.0) -> list[int]:
    """What the gantry's own record says is wound."""
    path = []
    before = None
    for vertex in machine.path:
        x, y, z = vertex.position[:3]
        if before is not None and min(z, before[2]) < top:
            path.append((x, y, z))
        before = (x, y, z)
    return [pin for pin, _ in wraps_of(path, PLAN.pins.xy_mm + np.array([500.0, 500.0]))]


class Sender:
    """``stringart machine ...`` that runs by itself."""

    def __init__(self, *arguments: str) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        streams = (os.open(os.devnull, os.O_RDONLY), self._said.fileno(), self._said.fileno())
        self.process = begun("machine", *arguments, streams=streams)
        os.close(streams[0])
        self.kill, self.poll, self.send_signal = self.process.kill, self.process.poll, self.process.send_signal

    @property
    def returncode(self) -> int | None:
        return self.process.returncode

    def communicate(self, timeout: float = 600) -> tuple[bytes, None]:
        """Wait for its end; what it said."""
        self.process.wait(timeout)
        self._said.seek(0)
        with self._said:
            return self._said.read(), None


def start(*arguments: str) -> Sender:
    return Sender(*arguments)


def finish(process: Sender) -> None:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()[-800:]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_sender_that_is_killed_is_resumed_and_nothing_is_wound_twice_or_left_out(folder, terminal, seed):
    """Killed at moments of the machine's own time, however late we are."""
    machine, rng = terminal.port.machine, random.Random(seed)
    sender = start("send", "plan.json", "--port", terminal.name, "--yes", "--no-dry-run", *AT_ZERO)
    for _ in range(2):
        enough, after_s = many_corners(machine) + 60, rng.uniform(0.0, 10.0)
        when(
            terminal.port,
            lambda enough=enough: many_corners(machine) >= enough,
            lambda after_s=after_s, sender=sender: machine.at(machine.now + after_s, sender.kill),
        )
        said, _ = sender.communicate()
        assert many_corners(machine) >= enough, said.decode()
        pass_time(machine, rng.uniform(0.0, 12.0))
        sender = start("resume", "--yes")
    finish(sender)
    assert wound(machine) == wanted()


def many_corners(machine: SimulatedMachine) -> int:
    return len(list(machine.path))


def pass_time(machine: SimulatedMachine, seconds: float) -> None:
    """Let so many seconds of the machine's own time pass."""
    until_s = machine.now + seconds
    wait_for(lambda: machine.now >= until_s)


@pytest.mark.parametrize("state", ["before", "between"])
def test_after_a_restart_of_the_controller_the_machine_is_homed_and_led_back_by_where_the_thread_is(folder, state):
    machine = SimulatedMachine("grbl", resets_on_open=False, homing=True)
    terminal = PseudoTerminal(SimulatedPort(machine, speed=SPEED))
    port = terminal.name
    try:
        with Session.open(port, firmware="grbl") as session:
            session.home()
            session.command("G10 L2 P1 Z-80")  # the axis homes at its top, 80 mm above the board
        sender = start("send", "plan.json", "--port", port, "--yes", "--no-dry-run", "--home")
        ring = shapely.Polygon(PLAN.pins.xy_mm + 500.0)
        when(
            terminal.port,
            lambda: many_corners(machine) > 150 and is_there(machine, ring, state),
            machine.reboot,
        )
        said, _ = sender.communicate(timeout=300)
        assert sender.returncode != 0
        assert b"resume" in said
        lost = start("resume", "--yes")
        said, _ = lost.communicate(timeout=300)
        assert lost.returncode == 3, said.decode()  # it never homes or unlocks by itself
        finish(start("resume", "--home", "--thread", state, "--yes"))
        assert wound(machine, top=-80.0 + 25.0) == wanted()
    finally:
        terminal.close()


def is_there(machine: SimulatedMachine, ring: shapely.Polygon, state: str) -> bool:
    """Whether the tool is on its way across the board, or half round a pin."""
    here = shapely.Point(machine.position[:2])
    first = PLAN.pins.xy_mm[PLAN.layers[0].pins[0]] + 500.0
    low = machine.position[2] < -80.0 + 15.0 and here.distance(shapely.Point(first)) > 20
    return low and (ring.buffer(-20).contains(here) if state == "before" else not ring.buffer(1.5).contains(here))


def wait_for(condition) -> None:
    deadline = time.monotonic() + 300.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_an_alarm_ends_the_job_with_status_3_and_is_not_unlocked_by_itself(folder, terminal):
    machine = terminal.port.machine
    when(terminal.port, lambda: many_corners(machine) > 60, lambda: machine.raise_alarm(3))
    sender = start("send", "plan.json", "--port", terminal.name, "--yes", "--no-dry-run", *AT_ZERO)
    said, _ = sender.communicate(timeout=300)
    assert sender.returncode == 3, said.decode()
    again = start("resume", "--yes")
    said, _ = again.communicate(timeout=300)
    assert again.returncode == 3, said.decode()
    assert b"alarm" in said


def test_a_pulled_cable_ends_the_job_and_it_goes_on_at_the_new_name(folder, terminal):
    machine = terminal.port.machine
    sender = start("send", "plan.json", "--port", terminal.name, "--yes", "--no-dry-run", *AT_ZERO)
    wait_for(lambda: many_corners(machine) > 150)
    terminal.port.run_at(SLOWLY)
    terminal.unplug()
    said, _ = sender.communicate(timeout=300)
    assert sender.returncode == 1, said.decode()
    assert b"machine resume" in said
    terminal.port.run_at(SPEED)
    finish(start("resume", "--port", terminal.plug(), "--yes"))
    assert wound(machine) == wanted()


def test_a_board_that_was_never_seen_and_stands_at_its_zero_moves_nothing_unasked(folder, terminal):
    sender = start("send", "plan.json", "--port", terminal.name, "--yes", "--no-dry-run")
    said, _ = sender.communicate()
    assert sender.returncode == 1
    assert b"stands at its zero" in said
    assert b"--home, or --at X,Y,Z" in said
    assert many_corners(terminal.port.machine) <= 1
    assert not list(folder.rglob("*.journal"))
