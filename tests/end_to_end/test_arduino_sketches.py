"""The Arduino sketches among the examples, as real firmware on a simulated Uno, against ``firmware_io``.

What is wound is read from the motor's steps and the servo's pulses, which no program of ours makes up.
"""

import re
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from arduino_bench import SKETCHES, Bench, build, missing
from click.testing import CliRunner
from machine_boards import plan_on

from firmware_io import FirmwareError, Job, Journal, Manners, Session, SessionOptions, Step, continue_by_place
from firmware_io.runner import JobState
from stringart.cli.machine import machine
from stringart.export import ExportOptions, exporter_for
from stringart.machine.job import make_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.model import Layer

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}")
PINS, STEPS, WRAPS = 120, 800, 120
MANNERS = Manners(
    greeting="turntable", ask="?", place="at {place}", remembers=True, set_place="at {place}", stop="!", patience_s=20.0
)


def winding(count: int) -> list[tuple[int, int]]:
    """(pin, side), no pin twice in a row."""
    rng = np.random.default_rng(7)
    pins = np.cumsum(rng.integers(1, PINS, count)) % PINS
    return [(int(pin), int(side)) for pin, side in zip(pins, rng.choice([-1, 1], count), strict=True)]


def job_of(wraps: list[tuple[int, int]]) -> Job:
    steps = [Step(lines=(f"pins {PINS}",)), *(Step(lines=(f"{p} {s}",), label=f"pin {p}") for p, s in wraps)]
    return Job.from_steps("wound", steps)


def gap_after(line: str) -> int | None:
    """Where the board stands after a line, as the sketch says it."""
    words = line.split()
    return None if words[0] == "pins" else (int(words[0]) + (0 if words[1] == "1" else -1)) % PINS


def wind(port: str, path: Path, wraps: int = WRAPS) -> JobState:
    """Wind the job to its end, from its beginning or from where its journal is."""
    job = job_of(winding(wraps))
    options = SessionOptions(manners=MANNERS, keep_awake=False)
    with Session.open(port, firmware="lines", options=options) as session:
        if not path.exists():
            session.command("at 0")
            with Journal.create(path, job) as journal:
                session.start(job, journal)
                return session.wait()
        with Journal.open(path, job) as journal:
            info = session.recovery_info(job, journal)
            wound = [gap_after(line) for step in job.steps[: info.next_step] for line in step.lines]
            before = next((gap for gap in reversed(wound) if gap is not None), 0)
            plan = continue_by_place(info, before, [gap_after(line) for line in info.lines])
            session.command(f"pins {PINS}")
            session.start(job, journal, plan)
            return session.wait()


def step_of(half: int) -> int:
    return (half * STEPS // PINS + 1) // 2


def steps_of(wraps: list[tuple[int, int]]) -> int:
    """Steps of the motor for these wraps, from the gap after pin 0, by the shorter way each time."""
    halves = [1, *(half % (2 * PINS) for pin, side in wraps for half in (2 * pin - side, 2 * pin + side))]
    ahead = [(step_of(b) - step_of(a)) % STEPS for a, b in pairwise(halves)]
    return sum(min(a, STEPS - a) for a in ahead)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arduino")
    return folder, build(folder)


def test_a_job_over_serial_killed_and_unplugged_at_20_moments_is_wound_once(workshop, tmp_path):
    folder, compile_sketch = workshop
    bench = Bench(folder, compile_sketch("turntable_serial", tmp_path))
    wraps, journal = winding(WRAPS), tmp_path / "journal"
    total = steps_of(wraps)
    try:
        for moment in range(20):
            if moment % 2:  # the cable is pulled at a step of the motor, wherever that is
                bench.tell(f"unplug {total * moment // 21}")
                with pytest.raises((FirmwareError, AssertionError)):
                    assert wind(bench.port, journal) is JobState.FINISHED
                bench.tell("plug")
                bench.expect("port")
                continue
            host = get_context("fork").Process(target=wind, args=(bench.port, journal))
            host.start()
            while len(bench.events) < 2 * WRAPS * (moment + 1) // 21:
                bench.take()
            host.kill()
            host.join()
        assert wind(bench.port, journal) is JobState.FINISHED
        assert bench.count() == total
        assert bench.wraps(PINS, STEPS) == wraps
    finally:
        bench.close()


def test_after_a_power_cut_in_motion_nothing_turns_until_the_operator_has_said_where_the_board_stands(
    workshop, tmp_path
):
    folder, compile_sketch = workshop
    bench = Bench(folder, compile_sketch("turntable_serial", tmp_path))
    wraps, journal = winding(12), tmp_path / "journal"
    options = SessionOptions(manners=MANNERS, keep_awake=False)
    try:
        bench.tell(f"cut {steps_of(wraps[:6]) + 5}")  # five steps on the way to the seventh
        assert wind(bench.port, journal, 12) is JobState.HALTED
        with pytest.raises(FirmwareError, match="not known where the machine stands"):
            wind(bench.port, journal, 12)
        with Session.open(bench.port, firmware="lines", options=options) as session:
            assert "does not know where it stands" in session.snapshot().position_doubt
            session.command(f"pins {PINS}")
            with pytest.raises(FirmwareError, match="it is not known where the needle stands"):
                session.command("5 1")
            gap = gap_after(f"{wraps[5][0]} {wraps[5][1]}")  # turned back by hand to where the sixth ended
            bench.tell(f"place {step_of(2 * gap + 1) - step_of(1)}")
            session.command(f"at {gap}")
        assert wind(bench.port, journal, 12) is JobState.FINISHED
        bench.count()
        assert bench.wraps(PINS, STEPS) == wraps
    finally:
        bench.close()


def test_the_sketch_with_the_list_winds_the_header_that_is_exported_and_knows_through_power_cuts_what_is_wound(
    workshop, tmp_path
):
    folder, compile_sketch = workshop
    pins = [pin for pin, _ in winding(60)]
    layers = (Layer(thread=0, pins=np.array(pins[:40])), Layer(thread=0, pins=np.array(pins[40:])))
    plan = replace(plan_on("circle", (1,), PINS), layers=layers)
    (tmp_path / "winding.h").write_bytes(exporter_for("winding.h")(plan, ExportOptions()))
    bench = Bench(folder, compile_sketch("turntable_list", tmp_path))
    try:
        bench.expect("lost at 0")
        bench.tell("press")
        for moment in (1, 2, 3):
            bench.tell(f"cut {900 * moment}")
            bench.expect("lost at")
            bench.tell("place 0")
            bench.tell("press")
        bench.expect("thread at 40")
        bench.tell("press")
        bench.expect("finished 60")
        wound = bench.wraps(PINS, STEPS)
        assert [pin for pin, _ in wound] == pins
    finally:
        bench.close()


def test_both_sketches_share_one_turntable():
    assert (SKETCHES / "turntable_serial" / "turntable.h").read_bytes() == (
        SKETCHES / "turntable_list" / "turntable.h"
    ).read_bytes()


def test_the_command_winds_by_the_sketch_and_resumes_after_a_kill_and_a_power_cut(workshop, tmp_path, own_folder):
    folder, compile_sketch = workshop
    bench = Bench(folder, compile_sketch("turntable_serial", tmp_path))
    plan = replace(plan_on("circle", (1,), PINS), layers=(Layer(thread=0, pins=np.array([p for p, _ in winding(30)])),))
    plan.save("plan.json")
    wanted = [(w.pin, w.direction) for w in prove(program_of(plan), load_profile("turntable-serial"), plan).wraps]
    send = ["send", "plan.json", "--machine", "turntable-serial", "--port", bench.port, "--yes", "--at", "pin 0"]
    try:
        for words, moment in ((send, 12), (["resume", "--yes"], 28)):  # of 60 and more
            host = get_context("fork").Process(target=command, args=(words,))
            host.start()
            while len(bench.events) < moment:
                bench.take()
            host.kill()
            host.join()
        bench.tell("cut 0")
        bench.expect("cut")
        lost = CliRunner().invoke(machine, ["resume", "--yes"])
        words = ["resume", "--yes"]
        if lost.exit_code:  # the power went while the board turned
            assert "--at 'pin K'" in str(getattr(lost.exception, "hint", "")), lost
            wraps = bench.wraps(PINS, STEPS)
            assert wraps == wanted[: len(wraps)]
            pin, side = wraps[-1]
            gap = gap_after(f"{pin} {side}")
            bench.tell(f"place {step_of(2 * gap + 1) - step_of(1)}")
            # the operator looks at the thread: the power may have gone between the end of a wrap and its "ok"
            told = int(re.findall(r"(\d+) of \d+ wraps are on the board", lost.output)[-1])
            thread = "after" if len(wraps) > told else "before"
            done = CliRunner().invoke(machine, [*words, "--at", f"pin {gap}", "--thread", thread])
            assert done.exit_code == 0, (done.output, done.exception)
        bench.count()
        assert bench.wraps(PINS, STEPS) == wanted
    finally:
        bench.close()


def command(words: list[str]) -> None:
    machine(words)


def program_of(plan) -> str:
    return program_text(make_job(plan, load_profile("turntable-serial")))
