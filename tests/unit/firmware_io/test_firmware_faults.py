"""The table of accidents: after each, resume finishes the job and the machine's own record equals the plan.

Each row is run at many random moments, in virtual time, against the simulated machine. What the operator has to do
by hand (zero the machine again, lead the tool back) is done as an operator would, see ``accident.py``.
"""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from firmware_accident import Outcome, run_through
from firmware_gap_model import expected_word, passes_twice, physical_word, wrap_job

from firmware_io import Job, JobState, Journal, read_journal
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

PINS = (1, 6, 3, 9)
JOB_S = 8.0
Arrange = Callable[[Bench], None]


def some(count: int, of: int = 5) -> int:
    """A fifth of so many accidents, or another part; with STRINGART_ALL_ACCIDENTS=1, all."""
    return count if os.environ.get("STRINGART_ALL_ACCIDENTS") else max(count // of, 12)


def moments(count: int, seed: int) -> list[float]:
    """Random moments of the job."""
    chance = random.Random(seed)
    return [chance.uniform(0.01, JOB_S) for _ in range(count)]


def checked_run(
    folder: Path, firmware: str, arrange: Arrange, number: int, job: Job | None = None, **options: float
) -> Outcome:
    """One run; checks that nothing is wound twice or left out."""
    machine = SimulatedMachine(firmware, seed=number)
    job = job or wrap_job(PINS, marlin=firmware == "marlin")
    place = folder / str(number)
    place.mkdir()
    outcome = run_through(machine, job, place, arrange, **options)
    assert outcome.word == expected_word(job), (number, outcome)
    for spot in outcome.by_hand:  # nobody is led back by hand who could have been told where he is
        assert passes_twice(job, spot) or set(outcome.halts) & {"off path", "rejected"}, (number, outcome)
    return outcome


def later(moment: float, action: Callable[[SimulatedMachine], None], resets: bool = True) -> Arrange:
    """Arrange for `action` that many seconds into the job."""

    def arrange(bench: Bench) -> None:
        bench.machine.resets_on_open = resets
        bench.machine.at(bench.machine.now + moment, lambda: action(bench.machine))

    return arrange


@pytest.mark.parametrize(
    ("firmware", "count"), [("grbl", some(200)), ("grblhal", some(40)), ("fluidnc", some(40)), ("marlin", some(100))]
)
@pytest.mark.parametrize("resets", [False, True], ids=["position kept", "reboots at opening"])
def test_cable_pulled(tmp_path: Path, firmware: str, count: int, resets: bool) -> None:
    halts = 0
    for number, moment in enumerate(moments(count, 1)):
        arrange = later(moment, SimulatedMachine.unplug, resets)
        outcome = checked_run(tmp_path, firmware, arrange, number)
        halts += "disconnected" in outcome.halts
    assert halts > 0.6 * count


@pytest.mark.parametrize(("firmware", "count"), [("grbl", some(200)), ("marlin", some(60))])
def test_power_cut(tmp_path: Path, firmware: str, count: int) -> None:
    halts = 0
    for number, moment in enumerate(moments(count, 2)):
        outcome = checked_run(tmp_path, firmware, later(moment, SimulatedMachine.power_cut), number)
        halts += "disconnected" in outcome.halts
    assert halts > 0.6 * count


@pytest.mark.parametrize(("firmware", "count"), [("grbl", some(200)), ("grblhal", some(60)), ("marlin", some(60))])
def test_sender_killed(tmp_path: Path, firmware: str, count: int) -> None:
    for number, moment in enumerate(moments(count, 3)):
        resets = bool(number % 2)
        checked_run(tmp_path, firmware, later(0.0, lambda m: None, resets), number, kill_at_s=moment)


@pytest.mark.parametrize(("firmware", "count"), [("grbl", some(100)), ("marlin", some(40))])
def test_controller_reboots_by_itself(tmp_path: Path, firmware: str, count: int) -> None:
    halts = 0
    for number, moment in enumerate(moments(count, 4)):
        outcome = checked_run(tmp_path, firmware, later(moment, SimulatedMachine.reboot), number)
        halts += "rebooted" in outcome.halts
    assert halts > 0.6 * count


@pytest.mark.parametrize("code", [1, 2, 3])
def test_alarm(tmp_path: Path, code: int) -> None:
    halts = 0
    count = some(40)
    for number, moment in enumerate(moments(count, 5)):
        outcome = checked_run(tmp_path, "grbl", later(moment, lambda m: m.raise_alarm(code)), number)
        halts += "alarm" in outcome.halts
    assert halts > count / 2


@pytest.mark.parametrize("firmware", ["grbl", "grblhal", "marlin"])
def test_lost_acknowledgement(tmp_path: Path, firmware: str) -> None:
    """The job goes on by itself: the machine stands where the lines end, so nothing else can have been lost."""
    for nth in range(1, 21):
        outcome = checked_run(tmp_path, firmware, lambda bench, nth=nth: bench.machine.lose_acknowledgement(nth), nth)
        assert outcome.halts == []


@pytest.mark.parametrize(("firmware", "count"), [("grbl", some(200)), ("marlin", some(100))])
def test_line_to_the_host_garbled(tmp_path: Path, firmware: str, count: int) -> None:
    chance = random.Random(6)
    for number in range(count):
        nth = chance.randrange(1, 60)
        checked_run(tmp_path, firmware, lambda bench, nth=nth: bench.machine.garble_to_host(nth), number)


def test_line_to_a_marlin_garbled(tmp_path: Path) -> None:
    """Number and checksum: the line is asked for again, and nobody else notices."""
    chance = random.Random(7)
    for number in range(some(100)):
        nth, at = chance.randrange(1, 20), chance.randrange(0, 20)
        outcome = checked_run(
            tmp_path, "marlin", lambda bench, nth=nth, at=at: bench.machine.garble_to_machine(nth, at), number
        )
        assert outcome.halts == []


def test_line_to_a_grbl_garbled(tmp_path: Path) -> None:
    """No checksum. Most are errors; many change nothing (a space, a feed, a longer dwell), and every job ends exact.

    Of 200, six are moves as good as the right ones that go elsewhere: the watch over the path sees them all. What
    it sees, and what not, is in ``test_firmware_path_watch.py``.
    """
    chance = random.Random(8)
    outcomes = []
    count = some(200, 3)  # fewer hold no move that goes elsewhere
    for number in range(count):
        nth, at = chance.randrange(1, 20), chance.randrange(0, 12)
        outcomes.append(
            checked_run(
                tmp_path, "grbl", lambda bench, nth=nth, at=at: bench.machine.garble_to_machine(nth, at), number
            )
        )
    assert sum("rejected" in o.halts for o in outcomes) > count / 2
    assert sum("off path" in o.halts for o in outcomes) >= 6 * count // 200


@pytest.mark.parametrize("moment", [0.5, 1.5, 3.0])
def test_hold_and_unplugged_while_it_holds(tmp_path: Path, moment: float) -> None:
    def arrange(bench: Bench) -> None:
        machine = bench.machine
        machine.resets_on_open = False
        machine.at(machine.now + moment, bench.engine.hold)
        machine.at(machine.now + moment + 5.0, machine.unplug)

    outcome = checked_run(tmp_path, "grbl", arrange, 0)
    assert outcome.halts == ["disconnected"]
    assert outcome.by_hand == []


@pytest.mark.parametrize(("firmware", "count"), [("grbl", some(60)), ("marlin", some(30))])
def test_hold_and_unplugged_during_a_change(tmp_path: Path, firmware: str, count: int) -> None:
    """A job that asks for another thread in its middle is held, and loses its cable, before, in or after the change."""
    plain = wrap_job(PINS, marlin=firmware == "marlin")
    steps = [replace(step, prompt="another thread" if k == 2 else "") for k, step in enumerate(plain.steps)]
    job = replace(plain, steps=tuple(steps))

    def arrange(bench: Bench, moment: float) -> None:
        machine = bench.machine
        machine.resets_on_open = False
        machine.at(machine.now + moment, bench.engine.hold)
        machine.at(machine.now + moment + 5.0, machine.unplug)

    for number, moment in enumerate(moments(count, 9)):
        outcome = checked_run(tmp_path, firmware, lambda bench, moment=moment: arrange(bench, moment), number, job)
        assert outcome.by_hand == []


def test_full_disk_for_the_journal(tmp_path: Path) -> None:
    """The system lets the journal grow no further, at a random size: the machine stands, and goes on with room."""
    job, chance, stood, count = wrap_job(PINS), random.Random(10), 0, some(60)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for number in range(count):
        path = tmp_path / f"journal{number}"
        bench = Bench(SimulatedMachine("grbl", seed=number))
        bench.connect()
        with Journal.create(path, job) as journal:
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + chance.randrange(60, 1500), hard))
            try:
                bench.start(job, journal)
                state = bench.run()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            if state is JobState.PAUSED:
                stood += 1
                assert "cannot be written" in bench.engine.runner.problem
                assert read_journal(path).next_step == bench.engine.runner.next_step
                bench.engine.runner.resume()
            assert bench.run() is JobState.FINISHED
        assert read_journal(path).finished
        assert physical_word(bench.machine.path) == expected_word(job)
    assert stood > 2 * count / 3


def test_slow_reader_never_overflows(tmp_path: Path) -> None:
    for number, line_time_s in enumerate((0.05, 0.3, 2.0)):
        machine = SimulatedMachine("grbl", line_time_s=line_time_s)
        job = wrap_job(PINS)
        place = tmp_path / str(number)
        place.mkdir()
        outcome = run_through(machine, job, place, lambda bench: None)
        assert outcome.word == expected_word(job)
        assert outcome.halts == []
