"""A plan as a machine's program: G-code of the profile's dialect, checked before a line is written."""

from stringart.export import MACHINE, ExportOptions
from stringart.machine.job import make_job
from stringart.machine.profile_files import profile_of
from stringart.machine.program import program_text
from stringart.plan.model import Plan

OPTIONS = (MACHINE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the job for the machine that is chosen, pure ASCII.

    Raises
    ------
    MachineError
        If the profile is wrong or the machine cannot wind the plan.
    """
    return program_text(make_job(plan, profile_of(options[MACHINE]))).encode("ascii")
