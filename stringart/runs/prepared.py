"""A job that is ready for the machine: made or read, proved, and as ``firmware_io`` takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_io import Job, Step
from stringart.errors import MachineError
from stringart.machine.estimate import time_of
from stringart.machine.job import make_job
from stringart.machine.job_steps import JobStep
from stringart.machine.jobfile import JobFile, check_profile, read_job
from stringart.machine.profile import Profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.model import Plan


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedJob:
    """A job for a machine.

    Parameters
    ----------
    name : str
        Of the plan or the job's file.
    text : str
        The program.
    job : JobFile
        The program's steps, read back from its text: what is sent is what was proved.
    profile : Profile
    firmware_job : Job
        The same as ``firmware_io`` takes it.
    plan : Plan, optional
    """

    name: str
    text: str
    job: JobFile
    profile: Profile
    firmware_job: Job
    plan: Plan | None = None


def prepare_plan(plan: Plan, profile: Profile, name: str, *, check: bool = True) -> PreparedJob:
    """Make a plan's job; unless told not to, prove it.

    Raises
    ------
    MachineError
        If the machine cannot wind the plan.
    firmware_io.FirmwareError
        If a line may not be sent.
    """
    return prepare_text(program_text(make_job(plan, profile)), profile, name, plan=plan, check=check)


def prepare_text(
    text: str,
    profile: Profile,
    name: str,
    *,
    plan: Plan | None = None,
    check: bool = True,
    job_name: str | None = None,
) -> PreparedJob:
    """Read a job's program; unless told not to, prove it.

    Parameters
    ----------
    text : str
    profile : Profile
    name : str
        Of the file, for messages.
    plan : Plan, optional
    check : bool
    job_name : str, optional
        Of the job, where its file has another.

    Raises
    ------
    MachineError
        If it is damaged, was made for another machine, or does not wind what it says.
    firmware_io.FirmwareError
        If a line may not be sent.
    """
    job = read_job(text, name)
    check_profile(job, profile, name)
    if check:
        problems = prove(text, profile, plan).problems
        if problems:
            raise MachineError(f"{name} is not as it should be: {problems[0]}", "stringart machine check says more")
    name = job_name or name
    firmware_job = to_firmware(name, job, profile)
    return PreparedJob(name=name, text=text, job=job, profile=profile, firmware_job=firmware_job, plan=plan)


def to_firmware(name: str, job: JobFile, profile: Profile, after_s: Sequence[float] | None = None) -> Job:
    """Return the job as ``firmware_io`` takes it; a servo that lifts the tool is not switched off by the program's end.

    Parameters
    ----------
    name : str
        Of the plan or the job's file.
    job : JobFile
    profile : Profile
    after_s : sequence of float, optional
        Seconds of motion to the end of each step, to be kept with it.

    Raises
    ------
    firmware_io.FirmwareError
        If a line may not be sent.
    """
    drop = ("M2", "M30", "M5") if profile.servo_lift else ()
    steps = (
        Step(
            lines=tuple(line for line in step.lines if step.kind != "end" or line not in drop),
            label=step.label,
            kind=step.kind,
            meta=_meta(step) | ({} if after_s is None else {"after_s": after_s[k]}),
            prompt=step.prompt,
        )
        for k, step in enumerate(job.steps)
    )
    return Job.from_steps(Path(name).name, steps)


def _meta(step: JobStep) -> dict[str, object]:
    return {
        "wrap": step.first_wrap, "pins": list(step.pins), "layer": step.layer, "direction": step.direction,
        "height_mm": step.wrap_mm, "thread_mm": step.thread_mm,
    }  # fmt: skip


def seconds_after(job: JobFile, profile: Profile) -> list[float]:
    """Estimated seconds of motion from the job's start to the end of every step."""
    lines = [line for step in job.steps for line in step.lines]
    at_line_s = time_of("\n".join(lines), profile, len(job.pins_mm)).at_line_s
    out, number, last = [], 0, 0.0
    for step in job.steps:
        ends = (at_line_s[k] for k in range(number + 1, number + len(step.lines) + 1) if k in at_line_s)
        last = max(ends, default=last)
        number += len(step.lines)
        out.append(last)
    return out
