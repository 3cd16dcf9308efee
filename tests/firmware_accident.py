"""Runs a job through an accident and back, as a careful operator would: the same for every entry of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from firmware_gap_model import physical_word, walk_back

from firmware_io import Job, JobError, JobHalted, Journal, RecoveryPlan, continue_in_place
from firmware_io.errors import FirmwareError, PortError
from firmware_io.events import MachineState
from firmware_io.protocol.base import Link
from firmware_io.runner import JobState
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine


@dataclass
class Outcome:
    """What came of it."""

    halts: list[str] = field(default_factory=list)
    by_hand: list[tuple[float, ...]] = field(default_factory=list)  # where the tool stood, from where the job began
    problems: list[str] = field(default_factory=list)
    resumes: int = 0
    word: list[tuple[int, int]] = field(default_factory=list)


def run_through(
    machine: SimulatedMachine,
    job: Job,
    folder: Path,
    arrange: Callable[[Bench], None],
    *,
    kill_at_s: float | None = None,
    attempts: int = 8,
) -> Outcome:
    """Start `job`, let `arrange` prepare the accident, and recover until the job is finished.

    With `kill_at_s` the sender dies at that time without a word.
    """
    outcome = Outcome()
    path = folder / "journal"
    bench = Bench(machine)
    bench.connect()
    begin_s = machine.now
    physical_zero = machine.position
    arrange(bench)
    with Journal.create(path, job) as journal:
        bench.start(job, journal)
        if kill_at_s is not None:
            bench.run(lambda: machine.now - begin_s >= kill_at_s or bench._rests(), 2000.0)
            if bench.engine.runner.state is JobState.RUNNING:
                bench.kill()
        else:
            _drive(bench)
    _note(bench, outcome)
    for _ in range(attempts):
        if _finished(path):
            break
        outcome.resumes += 1
        _come_back(machine, bench, job, path, outcome, physical_zero)
        _note(bench, outcome)
    outcome.word = physical_word(machine.path)
    assert _finished(path), (outcome, bench.events[-5:])
    return outcome


def _drive(bench: Bench) -> None:
    engine = bench.engine
    while True:
        state = bench.run(lambda: bench._rests() or _holds(bench), 2000.0)
        if state is JobState.PAUSED:
            engine.runner.resume()
        elif bench._rests():
            return
        else:
            bench.run(lambda: bool(engine.gone) or not _holds(bench) or _waits(bench), 20.0)
            engine.release()
            bench.run(lambda: bench._rests() or not _holds(bench), 20.0)


def _holds(bench: Bench) -> bool:
    """Whether the machine holds and nobody is stopping it: the operator has to notice."""
    held = bench.engine.core.machine_state in (MachineState.HELD, MachineState.DOOR)
    return held and bench.engine.runner.state in (JobState.RUNNING, JobState.PAUSING)


def _waits(bench: Bench) -> bool:
    status = bench.engine.status
    noticed_s = 10.0
    bench.held_since_s = getattr(bench, "held_since_s", bench.machine.now)
    return status is not None and bench.machine.now - bench.held_since_s > noticed_s


def _finished(path: Path) -> bool:
    from firmware_io import read_journal

    return read_journal(path).finished


def _note(bench: Bench, outcome: Outcome) -> None:
    outcome.halts += [e.kind for e in bench.events if isinstance(e, JobHalted)]
    bench.events.clear()


def _come_back(
    machine: SimulatedMachine, bench: Bench, job: Job, path: Path, outcome: Outcome, zero: tuple[float, ...]
) -> None:
    """Everything that the operator does between the accident and the resume."""
    if not machine.powered:
        machine.power_on()
    machine.plug()
    gone = bench._engine is None or bench.engine.gone
    if gone or not bench.engine.connected:
        try:
            bench.connect()
        except PortError:
            return
    engine = bench.engine
    if engine.core.link in (Link.CRITICAL, Link.RESETTING):
        engine.core.reset(machine.now)
    if engine.core.machine_state in (MachineState.HELD, MachineState.DOOR):
        engine.release()
    bench.run(lambda: bool(engine.gone) or _settled(bench), 120.0)
    if engine.core.machine_state is MachineState.ALARM:
        _errand(bench, "$X")
    with Journal.open(path, job) as journal:
        plan = _plan(machine, bench, job, journal, outcome, zero)
        bench.run_for(1.2)
        bench.start(job, journal, plan)
        _drive(bench)


def _settled(bench: Bench) -> bool:
    engine = bench.engine
    resting = engine.core.machine_state in (MachineState.IDLE, MachineState.ALARM)
    return engine.connected and resting and engine.core.link in (Link.READY, Link.LOCKED) and engine.status is not None


def _errand(bench: Bench, line: str) -> None:
    errand = bench.engine.errands.run((line,))
    bench.run(lambda: errand.done, 60.0)
    if errand.error is not None:
        raise errand.error
    bench.run_for(1.5)


def _plan(
    machine: SimulatedMachine, bench: Bench, job: Job, journal: Journal, outcome: Outcome, zero: tuple[float, ...]
) -> RecoveryPlan:
    try:
        return continue_in_place(bench.facts(job, journal))
    except JobError:
        pass
    _zero_by_hand(machine, bench, zero)
    observed = tuple(p - z for p, z in zip(machine.position, zero, strict=True))
    try:
        return continue_in_place(bench.facts(job, journal, observed=observed[:3]))
    except FirmwareError as error:
        outcome.problems.append(str(error))
        return _restart_by_hand(machine, bench, job, journal, outcome, zero)


def _zero_by_hand(machine: SimulatedMachine, bench: Bench, zero: tuple[float, ...]) -> None:
    """The operator touches a pin that he knows and says so: coordinates are right again, the tool stands still."""
    x, y, z = (p - o for p, o in zip(machine.position[:3], zero[:3], strict=True))
    word = "G92" if machine.firmware == "marlin" else "G10 L20 P0"
    _errand(bench, f"{word} X{x:.4f} Y{y:.4f} Z{z:.4f}")
    bench.engine.position.establish()
    bench.engine.poll.soon()
    bench.run_for(1.5)


def _restart_by_hand(
    machine: SimulatedMachine, bench: Bench, job: Job, journal: Journal, outcome: Outcome, zero: tuple[float, ...]
) -> RecoveryPlan:
    """The tool is off its path: the operator leads it back along the thread to where the step began."""
    outcome.by_hand.append(tuple(p - z for p, z in zip(machine.position, zero, strict=True)))
    state = journal.state
    begin = state.begin or (0.0, 0.0, 0.0)
    target = tuple(z + b for z, b in zip(zero, (*begin, *[0.0] * len(zero))[: len(zero)], strict=True))
    walk_back(machine, target, _time_when_last_at(machine, target))
    _zero_by_hand(machine, bench, zero)
    info = bench.facts(job, journal)
    return RecoveryPlan(next_step=info.next_step, lines=info.modal, text="by hand")


def _time_when_last_at(machine: SimulatedMachine, target: tuple[float, ...]) -> float:
    times = [v.time_s for v in machine.path if max(abs(a - b) for a, b in zip(v.position, target, strict=True)) < 0.05]
    return times[-1] if times else 0.0
