"""A day's job through the simulator, as fast as it goes: ``pytest --benchmark-only tests/benchmarks``."""

from __future__ import annotations

import math
import resource
import time
from pathlib import Path

import pytest

from firmware_io import Job, JobState, Session, SessionOptions, Step
from firmware_io.sim.host import forget_simulated_machines, port_for
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

LINES = 24_000


def long_job(lines: int) -> Job:
    """Wraps on a ring: across the board, in through a gap, round a pin, out through the next."""
    steps = []
    for i in range(lines // 6):
        angle = math.radians((i * 137.5) % 360.0)
        x, y = 300 * math.cos(angle), 300 * math.sin(angle)
        lines_of_wrap = (
            f"G1 X{0.95 * x:.3f} Y{0.95 * y:.3f} F9000",
            f"G1 X{x:.3f} Y{y:.3f} F2400",
            f"G2 X{x + 3:.3f} Y{y:.3f} I1.500 J0.000",
            f"G1 X{1.02 * x:.3f} Y{1.02 * y:.3f}",
            f"G1 X{0.95 * x:.3f} Y{0.95 * y:.3f}",
            "G4 P0.01",
        )
        steps.append(Step(lines=("G21 G90", *lines_of_wrap[:-2], "G4 P0.01") if i == 0 else lines_of_wrap))
    return Job.from_steps("day", steps)


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def test_24000_lines_in_virtual_time(benchmark: pytest.FixtureRequest) -> None:
    job = long_job(LINES)

    def stream() -> None:
        bench = Bench(SimulatedMachine("grbl"))
        bench.connect()
        bench.engine._emit = bench.engine.runner._emit = lambda event: None
        eaten = bench.machine.lost_bytes  # while it booted
        bench.start(job)
        assert bench.run() is JobState.FINISHED
        assert bench.machine.lost_bytes == eaten

    benchmark.pedantic(stream, rounds=1)


def test_24000_lines_through_a_port(benchmark: pytest.FixtureRequest) -> None:
    """With all threads, over ``sim://grbl?speed=max``; memory is flat."""
    job = long_job(LINES)

    def stream() -> None:
        forget_simulated_machines()
        options = SessionOptions(keep_awake=False)
        with Session.open("sim://grbl?speed=max&name=benchmark", options=options) as session:
            begin = resource.getrusage(resource.RUSAGE_SELF)
            begin_s = time.monotonic()
            session.start(job, None)
            sizes = []
            while session.wait(1.0) is JobState.RUNNING:
                sizes.append(resident_mb())
            assert session.snapshot().job_state is JobState.FINISHED, session.snapshot().problem
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = used.ru_utime - begin.ru_utime + used.ru_stime - begin.ru_stime
        record_mb = len(port_for("sim://grbl?name=benchmark").machine.gantry._record) * 8 / 1e6
        print(f"{cpu_s:.1f} s of CPU, {time.monotonic() - begin_s:.1f} s on the clock")
        print(f"memory {sizes[0]:.1f} to {sizes[-1]:.1f} MB, of which the gantry's own record {record_mb:.1f} MB")
        assert sizes[-1] - sizes[0] < record_mb * 1.2 + 3
        assert cpu_s < 60.0

    benchmark.pedantic(stream, rounds=1)
