"""A start that the studio's machine refuses moves nothing and leaves nothing that could be gone on with."""

from collections.abc import Iterator
from typing import Any

import pytest
from machine_boards import plan_on
from machine_console import wait_for

from firmware_io import JobError, MachineState
from firmware_io.sim.host import forget_simulated_machines, port_for
from firmware_io.sim.machine import SimulatedMachine
from stringart.runs.journals import journal_folder
from stringart.studio.console_process import _Holder
from stringart.studio.machine_job import prepared_job


class Pipe:
    """Nobody listens."""

    def send(self, what: Any) -> None: ...


@pytest.fixture
def holder(own_folder) -> Iterator[_Holder]:
    made = _Holder(Pipe())  # type: ignore[arg-type]
    job = prepared_job(plan_on("circle", (6,)), "grbl")
    made.load(job["name"], job["text"], job["profile"], job["after_s"])
    yield made
    made.leave()
    forget_simulated_machines()


def used_before(address: str) -> SimulatedMachine:
    port = port_for(address)
    port.machine.openings = 1  # it is nobody's new simulator, which is believed
    return port.machine


def left() -> list[str]:
    return [path.name for path in journal_folder().glob("*")] if journal_folder().exists() else []


def test_a_start_in_the_dark_is_refused_and_leaves_nothing_behind(holder):
    machine = used_before("sim://grbl?name=dark&speed=50")  # restarts as it is opened
    holder.connect("sim://grbl?name=dark&speed=50")
    with pytest.raises(JobError, match="it is not known where the tool is"):
        holder.start(again=False, thread="", meta={})
    assert left() == []
    assert len(list(machine.path)) <= 1
    assert not holder._begun_before()


def test_a_start_that_the_machine_refuses_leaves_nothing_behind(holder):
    machine = used_before("sim://grbl?name=alarm&speed=50&reset=0")
    holder.connect("sim://grbl?name=alarm&speed=50&reset=0")
    session = holder.session
    assert session is not None
    port_for("sim://grbl?name=alarm").do(lambda m: m.raise_alarm(3))
    wait_for(lambda: session.snapshot().machine_state is MachineState.ALARM)
    session.trust_position()
    with pytest.raises(JobError, match="not idle"):
        holder.start(again=False, thread="", meta={})
    assert left() == []
    assert len(list(machine.path)) <= 1
