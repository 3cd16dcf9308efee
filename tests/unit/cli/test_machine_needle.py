"""A turntable of one motor and one servo on the simulated grbl: the commands, a pulled cable, what was wound."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from machine_boards import plan_on
from machine_judge import polar_to_plane, wraps_of

from firmware_io.sim.host import forget_simulated_machines, port_for
from firmware_io.sim.machine import SimulatedMachine
from stringart.cli.machine import machine as command
from stringart.plan.model import Layer

PINS = [5, 65, 118, 2, 61, 20]
PLAN = replace(plan_on("circle", (1,), 120), layers=(Layer(thread=0, pins=np.array(PINS)),))
IN_MM, OUT_MM, BETWEEN_S = 290.0, 310.0, 500.0
numbers = itertools.count()


@pytest.fixture(autouse=True)
def folder(own_folder, asks_often):
    PLAN.save("plan.json")
    yield own_folder
    forget_simulated_machines()


def wound(machine: SimulatedMachine) -> list[int]:
    """Pins that the needle went round, from the board's angle and the servo's pulses."""
    polar, before = [], 0.0
    for vertex in machine.path:
        radius = OUT_MM if vertex.spindle > BETWEEN_S else IN_MM
        polar += [(radius, before, 0.0), (radius, vertex.position[0], 0.0)]
        before = vertex.position[0]
    return [pin for pin, _ in wraps_of(polar_to_plane(np.array(polar)), PLAN.pins.xy_mm)]


@pytest.mark.parametrize("needle", ["inside", "outside"])
def test_a_board_with_one_motor_and_a_servo_winds_the_plan_over_a_pulled_cable(needle):
    address = f"sim://grbl?name=needle{next(numbers)}&speed=max&reset=0"
    port = port_for(address)
    machine = port.machine
    pulled = []

    def look() -> None:
        out = machine.gantry.spindle > BETWEEN_S
        if len(list(machine.path)) > 20 and out == (needle == "outside"):
            pulled.append(machine.position[0])
            machine.unplug()
        else:
            machine.at(machine.now + 0.02, look)

    port.do(lambda one: one.at(one.now + 0.02, look))
    options = ["--machine", "grbl-needle", "--port", address, "--yes"]
    sent = CliRunner().invoke(command, ["send", "plan.json", *options])
    assert pulled, (sent.output, sent.exception)
    assert sent.exit_code != 0
    port.do(SimulatedMachine.plug)
    port.do(lambda one: one.advance_to(one.now + 30.0))
    done = CliRunner().invoke(command, ["resume", "--yes"])
    assert done.exit_code == 0, (done.output, done.exception)
    # the servo's place is not told by grbl: it may be sent out once more through the gap where it is, round no pin
    assert [pin for pin in wound(machine) if pin >= 0] == [PINS[0]] * 3 + PINS + [PINS[-1]] * 3
