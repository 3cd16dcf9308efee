"""grbl has no checksum: a line may arrive as another line that is as good. What the watch over the path then does.

The judge is the simulated gantry's own record: where the tool was beside the path of the job, for how long, and whether
the step ended where it should. The watch sees four reports a second and wants two that agree, so it must catch

- every step that ends beside its place, before the next one begins;
- every way beside the path that lasts half a second.

It cannot catch what is over between two reports and comes back to the path (1 to 2 mm at the feed of a wrap), nor a
garbled feed. Most other garblings are errors (no word, a number less, an arc whose centre does not fit), see
``test_firmware_faults.py``.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import shapely
from machine_boards import plan_on

from firmware_io import Job, JobHalted, JobState, MachineState, StateChanged, StepStarted
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.runs.prepared import to_firmware

TRIALS = 400 if os.environ.get("STRINGART_ALL_ACCIDENTS") else 80
SIDES = ([0, 1], [0, 2], [1, 2])  # from above, from the front, from the side
Path = tuple[shapely.LineString, ...]
TOLERANCE_MM = 0.5  # of the watch
SEEN_FOR_CERTAIN_S = 0.5
_DIGIT = re.compile(r"(?<=[XYZIJ])-?\d+\.\d+")


class NoisyCable(SimulatedMachine):
    """Passes the n-th line to come that reads so on as another one."""

    said = heard = b"\n"
    nth = 0

    def write(self, data: bytes) -> int:
        passed = b""
        for line in data.splitlines(keepends=True):
            self.nth -= line.endswith(self.said)
            hit = self.nth == 0 and line.endswith(self.said)
            passed += line.removesuffix(self.said) + self.heard if hit else line
        super().write(passed)
        return len(data)


@dataclass
class Trial:
    """One job with one garbled line."""

    line: str
    became: str
    step: int
    halt: JobHalted | None
    begun: int  # the last step that was begun
    beside_s: float


def garbled_number(chance: random.Random, job: Job) -> tuple[int, str, str]:
    """A line of the job, its step, and the line with one digit of one coordinate changed."""
    step, line = chance.choice([(k, x) for k, s in enumerate(job.steps) for x in s.lines if _DIGIT.search(x)])
    number = chance.choice(list(_DIGIT.finditer(line)))
    at = chance.choice([k for k in range(number.start(), number.end()) if line[k].isdigit()])
    digit = chance.choice([d for d in "0123456789" if d != line[at]])
    return step, line, line[:at] + digit + line[at + 1 :]


def planned_path(job: Job) -> Path:
    """The tool's way when nothing goes wrong."""
    bench = Bench(SimulatedMachine("grbl", resets_on_open=False))
    bench.connect()
    bench.start(job)
    assert bench.run() is JobState.FINISHED
    corners = np.array([v.position for v in bench.machine.path])
    return tuple(shapely.LineString(corners[:, sides]) for sides in SIDES)


def beside(machine: SimulatedMachine, planned: Path) -> float:
    """Seconds for which the tool was further from the path than the tolerance, as three drawings of it show."""
    corners = list(machine.path)
    times, places = np.array([v.time_s for v in corners]), np.array([v.position for v in corners])
    moments = np.arange(times[0], times[-1], 0.01)
    here = np.column_stack([np.interp(moments, times, axis) for axis in places.T])
    drawings = zip(planned, SIDES, strict=True)
    near = [shapely.dwithin(way, shapely.points(here[:, sides]), TOLERANCE_MM) for way, sides in drawings]
    return 0.01 * float((~np.all(near, axis=0)).sum())


def one_trial(job: Job, planned: Path, seed: int) -> Trial:
    step, line, became = garbled_number(random.Random(seed), job)
    machine = NoisyCable("grbl", resets_on_open=False)
    bench = Bench(machine)
    bench.connect()
    machine.said, machine.heard = line.encode() + b"\n", became.encode() + b"\n"
    machine.nth = sum(step_.lines.count(line) for step_ in job.steps[: step + 1])
    bench.start(job)
    halted = bench.run() is JobState.HALTED
    begun = max(e.index for e in bench.events if isinstance(e, StepStarted))
    halt = next((e for e in bench.events if isinstance(e, JobHalted)), None)
    assert halted == (halt is not None)
    return Trial(line, became, step, halt, begun, beside(machine, planned))


def kind_of(trial: Trial) -> str:
    """In a word."""
    if trial.halt is not None:
        return trial.halt.kind
    return "not seen" if trial.beside_s > 0.0 else "as good"


def wound_job() -> Job:
    """A job as the product writes it, without its stops."""
    profile = load_profile("grbl")
    job = to_firmware("plan", read_job(program_text(make_job(plan_on("circle", (6,)), profile))), profile)
    return replace(job, steps=tuple(replace(step, prompt="") for step in job.steps))


def test_a_wrong_move_is_noticed_and_halted_before_it_is_wound_over() -> None:
    job = wound_job()
    planned = planned_path(job)
    trials = [one_trial(job, planned, seed) for seed in range(TRIALS)]
    counts = Counter(map(kind_of, trials))
    for trial in trials:
        if trial.halt is not None:
            assert trial.halt.kind in ("off path", "rejected"), trial
            assert trial.begun == trial.step, trial  # nothing was wound over it
        else:
            assert trial.beside_s < SEEN_FOR_CERTAIN_S, trial
    assert counts["rejected"] > 0.3 * TRIALS, counts  # arcs whose centre does not fit, most of all
    assert counts["off path"] > 0.15 * TRIALS, counts
    assert counts["not seen"] < 0.03 * TRIALS, counts


def test_the_watch_says_where_the_tool_is_and_stops_it_by_a_feed_hold() -> None:
    job = wound_job()
    machine = NoisyCable("grbl", resets_on_open=False)
    bench = Bench(machine)
    bench.connect()
    travel = next(x for step in job.steps[3:] for x in step.lines if x.endswith("F9000"))
    x_mm = float(travel.split()[1][1:])
    machine.said, machine.nth = travel.encode() + b"\n", 1
    machine.heard = travel.replace(f"X{x_mm:.3f}", f"X{1000 - x_mm:.3f}").encode() + b"\n"
    bench.start(job)
    assert bench.run() is JobState.HALTED
    halt = next(e for e in bench.events if isinstance(e, JobHalted))
    assert "off the path of step" in halt.reason
    assert "tolerance 0.5 mm" in halt.reason
    assert "garbled" in halt.hint
    assert any(isinstance(e, StateChanged) and e.after is MachineState.HELD for e in bench.events)
    assert bench.engine.position.kept
