"""A start that the studio's machine refuses moves nothing and leaves nothing that could be gone on with."""

import multiprocessing
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from machine_boards import plan_on
from machine_console import wait_for

from firmware_io import Job, JobError, JobState, MachineState, Step
from firmware_io.sim.host import forget_simulated_machines, port_for
from firmware_io.sim.machine import SimulatedMachine
from stringart.runs.journals import journal_folder
from stringart.studio.console_process import _Holder, _told
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


def test_the_page_is_told_of_every_hold_so_that_it_shows_the_way_on(holder) -> None:
    """Not of a feed hold alone: also where the machine waits for its operator, here to change the thread."""
    address = "sim://grblhal?name=holds&speed=50&reset=0"
    used_before(address)
    holder.connect(address)
    assert not _told(holder.session.snapshot())["held"]
    port_for(address).do(lambda machine: machine.controller.receive(b"M6\n"))
    wait_for(lambda: _told(holder.session.snapshot())["held"])
    assert holder.session.snapshot().machine_state is MachineState.TOOL


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


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("jog", {"axes": {"x": 50.0}, "feed_mm_min": 3000.0}),
        ("home", {}),
        ("tour", {"pins": [0, 3]}),
        ("start", {"again": False, "thread": "", "meta": {}}),
    ],
)
def test_what_a_stop_has_passed_on_its_way_is_not_carried_out(holder, name: str, arguments: dict[str, Any]) -> None:
    """The stop has a pipe of its own and is faster: what was asked for before it must not move the machine after it."""
    holder.connect(f"sim://grbl?name=passed-{name}&speed=50")
    answers = []
    holder.tell = lambda kind, payload: answers.append(payload)
    ours, theirs = multiprocessing.Pipe()
    threading.Thread(target=holder.mind_the_stop, args=(theirs,), daemon=True).start()
    ours.send(0.0)
    ours.recv()
    holder.obey(1, name, arguments, 0)
    assert "came after this was asked for" in answers[-1][1][0]
    wait_for(holder.session._settled)
    assert len(list(port_for(f"sim://grbl?name=passed-{name}").machine.path)) <= 1
    assert left() == []
    holder.obey(2, "jog", {"axes": {"x": 1.0}, "feed_mm_min": 3000.0}, 1)  # asked for after it
    assert answers[-1] == (2, None, None)
    ours.close()


@pytest.mark.parametrize("when", ["before it begins", "while it is made ready"])
def test_a_jog_ends_when_its_button_is_let_go_whatever_is_faster(holder, monkeypatch, when: str) -> None:
    """The last jog of a held button and the end of it are carried out by two threads: 7.5 mm more might scratch."""
    address = f"sim://grbl?name={when.replace(' ', '-')}"
    holder.connect(address)
    jog = {"axes": {"x": 300.0}, "feed_mm_min": 300.0}
    if when == "before it begins":
        holder.obey(2, "cancel_jog", {}, 0)
    else:
        asked = holder.session.jog
        monkeypatch.setattr(holder.session, "jog", lambda **move: (holder.obey(2, "cancel_jog", {}, 0), asked(**move)))
    holder.obey(1, "jog", jog, 0)
    assert holder.session.wait_until_idle(300.0).work_position[0] < 299.0
    monkeypatch.undo()
    holder.obey(3, "jog", jog | {"axes": {"y": 1.0}}, 0)  # a new one moves
    assert holder.session.wait_until_idle(300.0).work_position[1] == 1.0


@pytest.mark.parametrize("when", ["before it begins", "while it is made ready"])
def test_a_job_stays_paused_where_pause_was_pressed_last_whatever_is_faster(holder, monkeypatch, when: str) -> None:
    holder.connect(f"sim://grbl?name=paused-{when.replace(' ', '-')}")
    session = holder.session
    session.start(Job.from_steps("stairs", [Step(lines=(f"G1 X{k} F120",)) for k in range(1, 401)]), None)
    session.pause()
    wait_for(lambda: session.snapshot().job_state is JobState.PAUSED)
    done = session.snapshot().next_step
    if when == "before it begins":
        holder.obey(2, "pause", {}, 0)
    else:
        asked = session.resume
        monkeypatch.setattr(session, "resume", lambda: (holder.obey(2, "pause", {}, 0), asked()))
    holder.obey(1, "resume", {}, 0)
    assert session.wait(300.0) is JobState.PAUSED
    assert session.snapshot().next_step == done or when == "while it is made ready"
    monkeypatch.undo()
    holder.obey(3, "resume", {}, 0)  # a later one goes on
    wait_for(lambda: session.snapshot().next_step > done)
