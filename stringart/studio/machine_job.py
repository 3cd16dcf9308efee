"""A plan as a job for the machine console, and where the journals of jobs are kept (as ``stringart machine`` does)."""

import os
import sys
from pathlib import Path
from typing import Any

from firmware_io import Job, Step
from stringart.errors import MachineError
from stringart.machine.estimate import time_of
from stringart.machine.job import JobStep, make_job
from stringart.machine.jobfile import JobFile, read_job
from stringart.machine.profile import Profile, load_profile, user_folder
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.materials import materials_of
from stringart.model import Plan


def prepared_job(plan: Plan, profile_name: str) -> dict[str, Any]:
    """Make a plan's program and prove it, as ``stringart machine send`` does before anything moves.

    Raises
    ------
    MachineError
        If the machine cannot wind the plan.
    """
    profile = load_profile(profile_name)
    if profile.machine.dialect == "linuxcnc":
        raise MachineError("LinuxCNC runs a job's file itself", "export it and open it there")
    job = make_job(plan, profile)
    text = program_text(job)
    problems = prove(text, profile, plan).problems
    if problems:
        raise MachineError(f"the job is not as it should be: {problems[0]}", "stringart machine check says more")
    after_s = seconds_after(read_job(text), profile)
    return {
        "name": plan.photo.name if plan.photo else "string art",
        "text": text,
        "after_s": after_s,
        "profile": profile_name,
        "warnings": list(job.warnings),
        "wraps": job.wraps,
        "highest_mm": job.highest_mm,
        "layer_mm": [use.total_mm for use in materials_of(plan).layers],
        "total_s": after_s[-1],
    }


def to_firmware(name: str, job: JobFile, seconds: list[float]) -> Job:
    """Return the job as ``firmware_io`` takes it, every step with what the console shows of it."""
    return Job.from_steps(name, (_step(step, after_s) for step, after_s in zip(job.steps, seconds, strict=True)))


def _step(step: JobStep, after_s: float) -> Step:
    meta = {
        "wrap": step.first_wrap, "pins": list(step.pins), "layer": step.layer, "direction": step.direction,
        "height_mm": step.wrap_mm, "thread_mm": step.thread_mm, "after_s": after_s,
    }  # fmt: skip
    return Step(lines=step.lines, label=step.label, kind=step.kind, meta=meta, prompt=step.prompt)


def seconds_after(job: JobFile, profile: Profile) -> list[float]:
    """Estimated seconds of motion from the job's start to the end of every step."""
    lines = [line for step in job.steps for line in step.lines]
    at_line_s = time_of("\n".join(lines), profile).at_line_s
    out, number, last = [], 0, 0.0
    for step in job.steps:
        ends = (at_line_s[k] for k in range(number + 1, number + len(step.lines) + 1) if k in at_line_s)
        last = max(ends, default=last)
        number += len(step.lines)
        out.append(last)
    return out


def journal_folder() -> Path:
    """Where journals are kept, with the job that each belongs to beside it; the command line looks there too."""
    if os.environ.get("STRINGART_STATE_DIR"):
        return Path(os.environ["STRINGART_STATE_DIR"]) / "journals"
    if os.environ.get("XDG_STATE_HOME"):
        return Path(os.environ["XDG_STATE_HOME"]) / "stringart" / "journals"
    if os.name == "nt" or sys.platform == "darwin":
        return user_folder().parent / "journals"
    return Path.home() / ".local" / "state" / "stringart" / "journals"


def journal_path(name: str, job: Job) -> Path:
    """Journal of a job."""
    return journal_folder() / f"{Path(name).stem}-{job.sha256[:10]}.journal"


def set_aside(journal: Path) -> None:
    """Keep an old journal under another name."""
    number = 1
    while journal.with_suffix(f".{number}.journal").exists():
        number += 1
    journal.rename(journal.with_suffix(f".{number}.journal"))
