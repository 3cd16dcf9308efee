"""From "something went wrong" to "go on here": facts in, lines out.

The session knows the facts (:class:`RecoveryInfo`): what the journal holds, whether the controller kept its
position, where on the lines in flight the tool is. Only the caller knows the geometry of the work, so the way
back is the caller's (:data:`RecoveryPlanner`). :func:`continue_in_place` is the way back for any work whose
position was kept: finish the line where the tool stopped, then the rest.

Nothing here moves anything: a plan is shown to the operator and then handed to :meth:`Session.start`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firmware_io.arguments import instance
from firmware_io.errors import JobError
from firmware_io.events import MachineState, Position
from firmware_io.gcode import words
from firmware_io.job import Job
from firmware_io.path import Location, PathModel, finishing_line


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryInfo:
    """What is known after an accident, or after a stop.

    Attributes
    ----------
    job : Job
    next_step : int
        Steps before it are physically done (as the journal says); it may be begun.
    lines : tuple of str
        The lines that were in flight: those of step `next_step`, or of an unfinished way (see `on_way`).
    on_way : bool
        Whether `lines` are those of an unfinished way (recovery, jump) instead of the step's.
    way_next_step : int
        With `on_way`: the step at which that way was to end.
    acknowledged, sent : int
        How many of `lines` were acknowledged (taken by the controller) and sent. All lines that were sent may be
        executed; no other can be.
    position_kept : bool
        The controller did not restart since, and no alarm put its position in doubt.
    position : Position or None
        Work position now: kept, or known again because the machine was homed or zeroed since; else None.
    last_seen : Position or None
        Work position in the last status before the accident.
    observed : Position or None
        Where the operator says the tool is, in work coordinates. Together with a `position` that is known again
        (zeroed by hand) it vouches that the tool is still where the accident left it.
    locations : tuple of Location
        Where the tool is on `lines`, the likeliest first, as far as `position` or `observed` tell. Empty: it is
        off the path, or nothing is known. More than one: the path passes there several times.
    state : MachineState
        What the controller does now.
    reason : str
        Why the job ended, from the journal; empty after a crash of the sender itself.
    step_begin : Position or None
        Where `lines` begin, in work coordinates.
    step_end : Position or None
        Where `lines` end.
    modal : tuple of str
        Lines that bring back units, distance mode, plane, spindle and feed as they are before `lines`.
    motion : float
        The motion mode (0 to 3 for G0 to G3) before `lines`.
    marlin : bool
        The controller speaks Marlin's dialect.
    """

    job: Job
    next_step: int
    lines: tuple[str, ...]
    on_way: bool = False
    way_next_step: int = 0
    acknowledged: int = 0
    sent: int = 0
    position_kept: bool = False
    position: Position | None = None
    last_seen: Position | None = None
    observed: Position | None = None
    locations: tuple[Location, ...] = ()
    state: MachineState = MachineState.UNKNOWN
    reason: str = ""
    step_begin: Position | None = None
    step_end: Position | None = None
    modal: tuple[str, ...] = ()
    motion: float = 0.0
    marlin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPlan:
    """The way back: `lines` are streamed first, then the job goes on with step `next_step`.

    Attributes
    ----------
    next_step : int
        May lie after the step in flight, when `lines` finish it; may lie before, to step back.
    lines : tuple of str
        Cleaned and checked like a step's; a sync line is added where the last is none.
    text : str
        What will happen, for the operator, in one or two sentences.
    """

    next_step: int
    lines: tuple[str, ...] = ()
    text: str = ""


#: Facts in, the way back out. Raises :class:`~firmware_io.errors.JobError` when there is none, saying what to do.
RecoveryPlanner = Callable[[RecoveryInfo], RecoveryPlan]


def continue_in_place(info: RecoveryInfo) -> RecoveryPlan:
    """The way back when the tool stands where it stopped: finish the line, then the rest of the step.

    Raises
    ------
    JobError
        When it is not known, or not unique, where on the path the tool is.
    """
    instance(info, RecoveryInfo, "info", "session.recovery_info(job, journal) makes one")
    after = info.way_next_step if info.on_way else info.next_step + 1
    if info.position is None or not (info.position_kept or info.observed is not None):
        raise JobError(
            "the controller's position is lost: it is not known where the tool is",
            "home or zero the machine; say where the tool is, or lead it to where the step begins",
        )
    if not info.lines:
        return RecoveryPlan(next_step=info.next_step, text="Every step is done.")
    if len(info.locations) != 1:
        where = "is off its path" if not info.locations else "may be at several places of its path"
        raise JobError(
            f"the tool at {_show(info.position)} {where}, {_step_name(info, info.next_step)}",
            "say where it is, or choose a step to restart",
        )
    place = info.locations[0]
    rest = rest_of(info, place)
    return RecoveryPlan(
        next_step=after,
        lines=rest,
        text=f"The tool is at {_show(info.position)}, {_where(info, place)}; the rest of it is done from there, then "
        f"{_step_name(info, after)} follows.",
    )


def continue_by_place(info: RecoveryInfo, before: int | None, after: Sequence[int | None]) -> RecoveryPlan:
    """The way back for a firmware that counts in places (pins): what it has not done yet is sent, and nothing else.

    Such a firmware does one line at a time, so that the line in flight is done, or was never begun.

    Parameters
    ----------
    info : RecoveryInfo
    before : int or None
        The place at which ``info.lines`` begin; None where that is not known.
    after : sequence of int or None
        For each of these lines the place that the firmware tells after it; None for one that does not move it.

    Raises
    ------
    JobError
        When it is not known where it stands, or it stands where none of these lines leads.
    """
    next_step = info.way_next_step if info.on_way else info.next_step + 1
    if not info.position:
        raise JobError("it is not known where the machine stands", "look at it, and say where it stands")
    if not info.lines:
        return RecoveryPlan(next_step=info.next_step, text="Every step is done.")
    here = round(info.position[0])
    places = [before]
    for place in after:
        places.append(places[-1] if place is None else place)
    last = info.sent or len(info.lines)  # without a record of lines sent any of them may have been
    done = next((k for k in range(info.acknowledged, last + 1) if places[k] == here), None)
    if done is None:
        expected = " or ".join(str(places[k]) for k in (info.acknowledged, last) if places[k] is not None)
        raise JobError(
            f"the machine stands at {here}, but {_step_name(info, info.next_step)} leads to {expected}",
            "look at the thread, and say what is wound",
        )
    left = info.lines[done:]
    does = f"{len(left)} of its {len(info.lines)} lines are sent" if left else "it is done"
    return RecoveryPlan(
        next_step=next_step,
        lines=left,
        text=f"The machine stands at {here}. Of {_step_name(info, info.next_step)} {does}, then the job goes on.",
    )


def _where(info: RecoveryInfo, place: Location) -> str:
    name = "the way back that was begun" if info.on_way else _step_name(info, info.next_step)
    if place.line < 0:
        return f"where {name} begins"
    return f"on line {place.line + 1} of {len(info.lines)} of {name}"


def _step_name(info: RecoveryInfo, step: int) -> str:
    if step >= len(info.job.steps):
        return "the end of the job"
    label = info.job.steps[step].label
    return f"step {step}" + (f" ({label})" if label else "")


def restart_step(info: RecoveryInfo, safe_z_mm: float, feed_mm_min: float = 1000.0) -> RecoveryPlan:
    """The way back for work that may be done twice (drawing): lift, go to the step's begin, do it again.

    Never the way for thread. The position must be known: kept, or homed or zeroed since.
    """
    begin = info.step_begin
    if begin is None or info.position is None:
        raise JobError("it is not known where the step begins or where the tool is", "home or zero the machine first")
    x, y, z = begin[:3]
    up = f"G1 Z{max(safe_z_mm, z):.3f} F{feed_mm_min:g}"
    lines = ("G21 G90", up, f"G1 X{x:.3f} Y{y:.3f}", f"G1 Z{z:.3f}", *info.modal)
    return RecoveryPlan(
        next_step=info.next_step,
        lines=lines,
        text=f"Lift to Z {max(safe_z_mm, z):g}, go to where step {info.next_step} begins, and do it from there.",
    )


def rest_of(info: RecoveryInfo, place: Location) -> tuple[str, ...]:
    """Lines that are left of ``info.lines`` when the tool is at `place`, for a controller that was reset.

    Units, distance mode, plane, spindle and feed come first; a line that is cut in two is completed.
    """
    model = PathModel(position=info.step_begin)
    for line in info.modal:
        model.take(line)
    model.position, model.motion = info.step_begin, info.motion
    first = place.line if place.fraction < 1.0 else place.line + 1
    for line in info.lines[:first]:
        model.take(line)
    rest = info.lines[first:]
    restoring = model.restoring_lines(info.marlin)
    if not rest or info.position is None:
        return (*restoring, *rest)
    whole = place.fraction >= 1.0
    done: list[str] = list(restoring)
    for number, line in enumerate(rest):
        ready = finishing_line(line, model, info.position, whole)
        if any(letter in "XYZABC" for letter, _ in words(line)):
            return (*done, *ready, *rest[number + 1 :])
        done.append(line)
        model.take(line)
    return tuple(done)


def _show(position: Position) -> str:
    return " ".join(f"{letter}{value:.3f}" for letter, value in zip("XYZABC", position, strict=False))
