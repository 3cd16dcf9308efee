"""From a plan to a finished piece on the simulated machine, in a minute: every step that a real one takes.

Run it anywhere; it makes a folder ``wound`` beside you::

    python examples/wind_on_the_simulator.py

With a plan of your own: ``python examples/wind_on_the_simulator.py portrait.json``.
"""

import sys
from pathlib import Path

import numpy as np

from firmware_io import (
    Job,
    JobFinished,
    JobHalted,
    JobPaused,
    Journal,
    Session,
    SessionOptions,
    Step,
    StepDone,
)
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.path_picture import picture_png
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.model import Board, Layer, Pins, Plan, Thread
from stringart.units import format_duration


def small_plan() -> Plan:
    """An envelope of a circle in two colours, 120 pins: small enough to watch."""
    angle = 2 * np.pi * np.arange(120) / 120
    pins = Pins(diameter_mm=2.0, xy_mm=np.column_stack([300 * np.sin(angle), 300 * np.cos(angle)]))
    layers = []
    for thread, jump in enumerate((47, 31)):
        layers.append(Layer(thread=thread, pins=np.cumsum([0, *[jump] * 60]) % 120))
    threads = (Thread(name="navy", color="#283c78"), Thread(name="rust", color="#c8501e"))
    return Plan(board=Board(), pins=pins, threads=threads, layers=tuple(layers))


def main() -> None:
    """Plan, job, proof, machine."""
    plan = Plan.load(sys.argv[1]) if len(sys.argv) > 1 else small_plan()
    folder = Path("wound")
    folder.mkdir(exist_ok=True)

    # 1. The machine, and the job for it. Nothing is written that the machine cannot do.
    profile = load_profile("grbl")
    text = program_text(make_job(plan, profile))
    (folder / "job.gcode").write_text(text)

    # 2. Read it back, independently: the path alone must wind the plan.
    proof = prove(text, profile, plan)
    if proof.problems:
        sys.exit("\n".join(proof.problems))
    (folder / "path.png").write_bytes(picture_png(proof, profile, plan.pins.diameter_mm))
    print(f"proved: {len(proof.wound)} wraps, {format_duration(proof.timing.total_s)} of motion")

    # 3. Send it. The journal holds what is physically done; an accident would be resumed from it.
    steps = (Step(lines=s.lines, label=s.label, kind=s.kind, prompt=s.prompt) for s in read_job(text).steps)
    job = Job.from_steps("example", steps)
    journal_file = folder / "job.journal"
    journal_file.unlink(missing_ok=True)
    options = SessionOptions(keep_awake=False)
    with Session.open("sim://grbl?speed=max", firmware="grbl", options=options) as session:
        report = session.check(job)
        print(f"the controller has read {report.lines_checked} lines, {len(report.problems)} are refused")
        with Journal.create(journal_file, job) as journal:
            events = session.events()
            session.start(job, journal)
            for event in events:
                if isinstance(event, JobPaused):
                    print(f"the operator: {event.prompt} ... done")
                    session.resume()
                elif isinstance(event, StepDone) and event.index % 25 == 0:
                    print(f"{100 * event.index / len(job.steps):3.0f} %  {event.label}")
                elif isinstance(event, JobHalted):
                    sys.exit(f"{event.reason}; {event.hint}")
                elif isinstance(event, JobFinished):
                    break
    print(f"finished: {len(proof.wound)} wraps are on the board; look at {folder / 'path.png'}")


if __name__ == "__main__":
    main()
