"""A plan as a job for the machine console: made, proved and measured."""

from dataclasses import replace
from typing import Any

from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile import BoardPlace, load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.runs.machine_runs import seconds_after


def prepared_job(plan: Plan, profile_name: str, place: BoardPlace | None = None) -> dict[str, Any]:
    """Make a plan's program and prove it, as ``stringart machine send`` does before anything moves.

    ``place`` stands for the board's place in the profile: to prove one before it is kept.

    Raises
    ------
    MachineError
        If the machine cannot wind the plan.
    """
    profile = load_profile(profile_name)
    if place is not None:
        profile = replace(profile, board=place)
    if profile.machine.dialect == "linuxcnc":
        raise MachineError("LinuxCNC runs a job's file itself", "export it and open it there")
    if profile.machine.template:
        raise MachineError(
            f"'{profile_name}' is a firmware of your own, which this page does not drive",
            f"write: stringart machine send PLAN --machine {profile_name}",
        )
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
        "wraps": job.wraps,
        "highest_mm": job.highest_mm,
        "layer_mm": [use.total_mm for use in materials_of(plan).layers],
        "total_s": after_s[-1],
    }
