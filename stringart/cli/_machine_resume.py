"""Going on with a job: what its journal and the controller know, and the way back that follows from it."""

import dataclasses
from pathlib import Path

from firmware_io import JobError, RecoveryInfo, RecoveryPlan, continue_by_place, continue_in_place, read_journal
from stringart.cli._machine_common import decode, firmware_errors, talk
from stringart.cli._machine_paused import to_plan
from stringart.errors import MachineError
from stringart.files import read_bytes
from stringart.machine.estimate import time_of
from stringart.machine.job_steps import ANCHOR, TIE
from stringart.machine.jobfile import OtherProfileError
from stringart.machine.profile import Profile
from stringart.machine.profile_files import load_profile
from stringart.machine.recovery import ResumeGuide
from stringart.machine.template_guide import TemplateGuide
from stringart.plan.model import MAX_PLAN_BYTES
from stringart.runs.journals import job_beside
from stringart.runs.prepared import PreparedJob, prepare_text
from stringart.units import format_duration

_OTHER_TIME = 0.03  # of the job's


def source_of(journal: Path, machine_name: str) -> PreparedJob:
    copy = job_beside(journal)
    text = decode(read_bytes(copy, MachineError, MAX_PLAN_BYTES), str(copy))
    profile = load_profile(machine_name)
    with firmware_errors():
        name = read_journal(journal).job_name
        try:
            return prepare_text(text, profile, str(copy), check=False, job_name=name)
        except OtherProfileError as error:
            raise MachineError(
                str(error),
                f"put the profile '{machine_name}' back as it was; where the board itself was moved: export the plan "
                "again, send that job, and at its first stop write goto WRAP",
            ) from error


def done_text(source: PreparedJob, next_step: int) -> str:
    steps = source.job.steps
    done = steps[next_step].first_wrap - 1 if next_step < len(steps) else source.job.wraps
    last = next((s for s in reversed(steps[:next_step]) if s.pins), None)
    where = f", the last round pin {last.pins[-1]}" if last else ""
    return f"{done} of {source.job.wraps} wraps are on the board{where}"


def say_place(info: RecoveryInfo, guide: ResumeGuide) -> None:
    kept = "kept its position" if info.position_kept else "was restarted: its position is lost"
    if not info.position_kept and info.position is not None:
        kept = "was restarted, and knows its position again"
    axes = guide.profile.axes
    where = guide.whereabouts(axes.of(info.position)).text if info.position is not None else "unknown"
    talk(f"the controller {kept}; the tool is {where}")


def _turns_only(info: RecoveryInfo, guide: ResumeGuide) -> bool:
    """Whether the lines in flight wind an anchor's turns, several times over the same place."""
    return info.on_way or guide.job.steps[min(info.next_step, len(guide.job.steps) - 1)].kind in (ANCHOR, TIE)


def way_back(info: RecoveryInfo, guide: ResumeGuide, thread_state: str | None) -> RecoveryPlan:
    """Where the tool stopped, if that is known; else by where the thread is."""
    if isinstance(guide, TemplateGuide) and guide.template.protocol == "lines":
        return _by_place(info, guide, thread_state)
    step = info.way_next_step if info.on_way else info.next_step
    if len(info.locations) > 1 and _turns_only(info, guide):
        # which of an anchor's turns it is cannot be told: one more holds as well, one less would not
        info = dataclasses.replace(info, locations=(min(info.locations, key=lambda p: (p.line, p.fraction)),))
    if info.position is None:
        raise MachineError(
            "the controller's position is lost: it is not known where the tool is",
            "add --home, or --at X,Y,Z where the tool stands since it stopped (or --at 'over pin K')",
        )
    if thread_state is None:
        try:
            return continue_in_place(info)
        except JobError as error:
            raise MachineError(
                str(error),
                f"look at the thread at '{guide.job.steps[min(step, len(guide.job.steps) - 1)].label}' and say "
                "--thread before, between or after",
            ) from error
    here = guide.profile.axes.of(info.position)
    return to_plan(guide.by_thread(step, "before" if info.on_way else thread_state, here))


def _by_place(info: RecoveryInfo, guide: TemplateGuide, thread_state: str | None) -> RecoveryPlan:
    """A firmware of its maker's own: by where it says that it stands, or by where the thread is."""
    step = info.way_next_step if info.on_way else info.next_step
    if thread_state is not None:
        return to_plan(guide.by_thread(step, thread_state, None))
    try:
        plan = continue_by_place(info, guide.place_before(info.next_step), guide.places_after(info.lines))
    except JobError as error:
        hint = "look at the thread and say --thread before or after"
        if info.position is None:
            hint = "add --at 'pin K', after which the needle stands inside, and say --thread before or after"
        raise MachineError(str(error), hint) from error
    return dataclasses.replace(plan, lines=(*guide.start_lines, *plan.lines))


def say_other_time(source: PreparedJob, controlled: Profile) -> None:
    """Say how long it takes where the controller is set to be slower than the profile says."""
    if controlled == source.profile:
        return
    seconds, told = time_of(source.text, controlled, len(source.job.pins_mm)).total_s, source.job.seconds
    if abs(seconds - told) > _OTHER_TIME * told:
        talk(f"as the controller is set it takes {format_duration(seconds)}, not {format_duration(told)}")
