"""A plan as a job for the machine console: made, proved and measured."""

from dataclasses import replace

from stringart.errors import MachineError
from stringart.machine.profile import BoardPlace
from stringart.machine.profile_files import load_profile
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.runs.prepared import prepare_plan, seconds_after


def prepared_job(plan: Plan, profile_name: str, place: BoardPlace | None = None) -> dict[str, object]:
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
    name = plan.photo.name if plan.photo else "string art"
    prepared = prepare_plan(plan, profile, name)
    job, after_s = prepared.job, seconds_after(prepared.job, profile)
    return {
        "name": name,
        "text": prepared.text,
        "after_s": after_s,
        "profile": profile_name,
        "wraps": job.wraps,
        "highest_mm": max(step.wrap_mm for step in job.steps),
        "pins": len(plan.pins),
        "needs": {
            "tool_mm": profile.tool.diameter_mm,
            "pin_mm": profile.height.pin_mm,
            "threads": [
                {"name": thread.name, "color": thread.color, "mm": use.total_mm}
                for thread, use in zip(plan.threads, materials_of(plan).threads, strict=True)
            ],
        },
        "layer_mm": [use.total_mm for use in materials_of(plan).layers],
        "total_s": after_s[-1],
    }
