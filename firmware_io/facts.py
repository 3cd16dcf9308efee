"""Gathers what is known after an accident: journal, controller and path put together."""

from __future__ import annotations

from firmware_io.events import MachineState, Position
from firmware_io.job import Job
from firmware_io.journal import JournalState
from firmware_io.path import Location, PathModel, legs_of, locate, model_before, standing_places
from firmware_io.recovery import RecoveryInfo

_KEPT_TOLERANCE_MM = 0.05  # motor steps and rounding
_VOUCHED_TOLERANCE_MM = 0.5  # re-zeroed by hand, the tool left where it was
_OBSERVED_TOLERANCE_MM = 5.0  # what the eye and a jog can tell
#: Ends after which the controller went on until it had done all that it had received.
_FINISHED_ALONE = frozenset({"", "disconnected", "silent"})


def gather_facts(
    job: Job,
    state: JournalState,
    *,
    machine_state: MachineState,
    position: Position | None,
    position_kept: bool,
    observed: Position | None = None,
    marlin: bool = False,
) -> RecoveryInfo:
    """Facts for a recovery planner.

    Parameters
    ----------
    job : Job
    state : JournalState
    machine_state : MachineState
    position : Position or None
        The controller's work position, if it can be believed.
    position_kept : bool
        The controller has not restarted since the accident.
    observed : Position or None
        Where the operator says that the tool is; with a `position` that is known again he vouches for it: the tool
        is still on the lines in flight, where the accident left it.
    marlin : bool
        For the dialect of the lines that restore modal state.
    """
    on_way = state.way_lines is not None
    done = min(state.next_step, len(job.steps))
    lines = _lines_in_flight(job, state, done)
    model = model_before(step.lines for step in job.steps[:done])
    modal, motion = model.restoring_lines(marlin), model.motion
    model.position = state.begin
    kept = position_kept and not state.position_lost
    believed = position if kept or observed is not None else None
    tolerance_mm = _KEPT_TOLERANCE_MM if kept else _VOUCHED_TOLERANCE_MM if believed else _OBSERVED_TOLERANCE_MM
    places = _places(lines, model.copy(), state, machine_state, believed, observed, tolerance_mm, alone=kept)
    end_model = model.copy()
    legs_of(lines, end_model)
    return RecoveryInfo(
        job=job,
        next_step=done,
        lines=lines,
        on_way=on_way,
        way_next_step=state.way_next_step,
        acknowledged=min(state.acknowledged, len(lines)),
        sent=min(state.sent, len(lines)),
        position_kept=kept,
        position=position,
        last_seen=state.last_seen,
        observed=observed,
        locations=places,
        state=machine_state,
        reason=state.reason,
        step_begin=state.begin,
        step_end=end_model.position,
        modal=modal,
        motion=motion,
        marlin=marlin,
    )


def _lines_in_flight(job: Job, state: JournalState, done: int) -> tuple[str, ...]:
    if state.way_lines is not None:
        return state.way_lines
    return job.steps[done].lines if done < len(job.steps) else ()


def _places(
    lines: tuple[str, ...],
    model: PathModel,
    state: JournalState,
    machine_state: MachineState,
    position: Position | None,
    observed: Position | None,
    tolerance_mm: float,
    alone: bool,
) -> tuple[Location, ...]:
    begin = model.position
    where = position if position is not None else observed
    if begin is None or where is None:
        return ()
    if _near(begin, where, tolerance_mm) and not state.sent:
        return (Location(line=-1, fraction=1.0, distance_mm=0.0),)
    # without a record of lines sent (a crash of the whole computer) any of them may have been
    sent = min(state.sent, len(lines)) or len(lines)
    if state.kind in _FINISHED_ALONE and machine_state is MachineState.IDLE and alone:
        return standing_places(lines[:sent], model, where, tolerance_mm, min(state.acknowledged, sent))
    legs = legs_of(lines[:sent], model)
    if not legs:
        return (Location(line=-1, fraction=1.0, distance_mm=0.0),) if _near(begin, where, tolerance_mm) else ()
    places = locate(legs, where, tolerance_mm)
    if len(places) > 1 and state.last_seen is not None:
        passed = locate(legs, state.last_seen, _KEPT_TOLERANCE_MM)
        least = min(((p.line, p.fraction) for p in passed), default=(-1, 0.0))
        places = tuple(p for p in places if (p.line, p.fraction) >= (least[0], least[1] - 1e-6)) or places
    return tuple(sorted(places, key=lambda p: round(p.distance_mm, 2)))


def _near(a: Position, b: Position, tolerance_mm: float) -> bool:
    return max(abs(p - q) for p, q in zip(a, b, strict=False)) <= tolerance_mm
