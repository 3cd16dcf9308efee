"""A job as a home-made machine reads it: the bare lines of a job template, else a pin a line (.lines.txt)."""

from stringart.export import MACHINE, ExportOptions
from stringart.machine.job import make_job
from stringart.machine.profile_files import profile_of
from stringart.plan.model import Plan
from stringart.plan.steps import steps_or_refuse

OPTIONS = (MACHINE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the lines, pure ASCII: those of the profile's job template, or where it has none every pin as it is wound.

    Raises
    ------
    MachineError
        If the template's machine cannot wind the plan.
    """
    steps_or_refuse(plan, "a list of lines")
    profile = profile_of(options[MACHINE])
    if profile.machine.template:
        lines = [line for step in make_job(plan, profile).steps for line in step.lines]
    else:
        lines = [str(pin) for layer in plan.layers for pin in layer.pins.tolist()]
    return ("\n".join(lines) + "\n").encode("ascii")
