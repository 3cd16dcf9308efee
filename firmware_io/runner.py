"""The job on its way: which line comes next, what is proved to be done. No input or output but the journal.

One *unit* is in flight at a time: a step, or a way (recovery, jump). Its last line is a sync line, so that its
acknowledgement proves that the motion ended; then the position is asked for once more where the rate of
status queries allows it, the journal is written, and only then the next unit begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from firmware_io.errors import JobError, JournalError
from firmware_io.events import (
    Event,
    JobFinished,
    JobHalted,
    JobPaused,
    JobResumed,
    JobStarted,
    MachineState,
    Noticed,
    Position,
    SentLine,
    StatusReported,
    StepDone,
    StepStarted,
    WayDone,
)
from firmware_io.gcode import clean, is_setting, is_sync, words
from firmware_io.job import Job, Step
from firmware_io.journal import Journal
from firmware_io.path import Leg, PathModel, distance_to, model_before
from firmware_io.protocol.base import ProtocolCore
from firmware_io.recovery import RecoveryPlan


class JobState(Enum):
    """What the job does."""

    NONE = "none"
    RUNNING = "running"
    PAUSING = "pausing"  # the step in flight is finished first
    PAUSED = "paused"
    STOPPING = "stopping"
    HALTED = "halted"  # ended early: see the journal
    FINISHED = "finished"

    @property
    def goes_on(self) -> bool:
        """Whether the lines of a step are sent."""
        return self in (JobState.RUNNING, JobState.PAUSING)

    @property
    def busy(self) -> bool:
        """Whether it comes to rest, or to its end, by itself."""
        return self.goes_on or self is JobState.STOPPING

    @property
    def under_way(self) -> bool:
        """Whether it has begun and not ended."""
        return self.busy or self is JobState.PAUSED


_OFF_PATH_REPORTS = 2  # one may have been garbled on its way
_ANSWER_PATIENCE_S = 2.0
_STAND_TOLERANCE_MM = 0.1


class ProofStage(Enum):
    """How far the end of a unit is proved."""

    OPEN = "open"
    TAKEN = "taken"  # its sync line was acknowledged
    ASKED = "asked"  # the position was asked for


@dataclass(slots=True)
class Unit:
    """Lines in flight that are done as a whole."""

    lines: tuple[str, ...]
    next_step: int  # after it
    index: int = -1  # of the step; -1 for a way
    sent: int = 0
    acknowledged: int = 0
    proof: ProofStage = ProofStage.OPEN
    proof_s: float = 0.0
    off_path: int = 0
    legs: list[Leg] = field(default_factory=list)
    begin: Position | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """Marks a line of a unit, so that a late acknowledgement of another unit is never counted."""

    unit: int
    line: int


class Runner:
    """Runs one job after the other over a protocol core.

    Parameters
    ----------
    emit : callable
        Takes events.
    path_tolerance_mm : float
        How far the tool may be from its path; 0 switches the watch off.
    verify : bool
        Ask for the position at the end of each step.
    """

    def __init__(self, emit: Callable[[Event], None], path_tolerance_mm: float, verify: bool) -> None:
        self._emit = emit
        self.path_tolerance_mm, self.verify = path_tolerance_mm, verify
        self.state = JobState.NONE
        self.job: Job | None = None
        self.journal: Journal | None = None
        self.unit: Unit | None = None
        self.next_step = 0
        self.prompt, self.problem, self.hint, self.problem_kind = "", "", "", ""
        self.lines_before = self.line_count = 0
        self.started_s = 0.0
        self.wants_status = False
        self.halt_wanted = ""  # kind of a trouble that the engine must brake for
        self._serial = 0
        self._way: RecoveryPlan | None = None
        self._prompt_done = -1
        self._once = False
        self._model = PathModel()
        self._last_progress = (-1, -1)
        self._last_seen: Position | None = None
        self._sync_line = "G4 P0"
        self._tells_place = True
        self.follows_gcode = True  # else lines are opaque, and no path is known

    @property
    def active(self) -> bool:
        """Whether a job is under way."""
        return self.state.under_way

    @property
    def in_doubt(self) -> bool:
        """Whether the last report had the tool off its path, and one more is needed to be sure."""
        return self.unit is not None and 0 < self.unit.off_path < _OFF_PATH_REPORTS

    # --- commands ---
    def start(
        self,
        job: Job,
        journal: Journal | None,
        plan: RecoveryPlan | None,
        position: Position | None,
        now_s: float,
        *,
        marlin: bool = False,
    ) -> None:
        """Begin a job, or go on with it."""
        if self.active:
            raise JobError("a job is running already", "stop it first")
        begun = journal is not None and journal.state.begun
        if begun and plan is None:
            raise JobError(
                f"step {journal.state.next_step if journal else 0} was begun and its end is not on record",
                "resume it, which finds the way back",
            )
        self.job, self.journal = job, journal
        self.next_step = journal.state.next_step if journal is not None else 0
        self.unit, self._way, self._prompt_done, self._once = None, None, -1, False
        self.prompt = self.problem = self.hint = self.problem_kind = self.halt_wanted = ""
        self.started_s = now_s
        self._model = model_before(step.lines for step in job.steps[: self.next_step])
        self._model.position = position
        self._last_seen = position
        if plan is not None:
            self._set_way(plan)
        elif self.next_step and self.follows_gcode:
            self._set_way(RecoveryPlan(next_step=self.next_step, lines=self._model.restoring_lines(marlin)))
        self.lines_before = job.first_line_of(self.next_step)
        self.line_count = job.line_count
        if journal is not None:
            journal.started(position)
        self.state = JobState.RUNNING
        self._emit(JobStarted(name=job.name, next_step=self.next_step, step_count=len(job.steps)))

    def _set_way(self, plan: RecoveryPlan) -> None:
        assert self.job is not None
        if not 0 <= plan.next_step <= len(self.job.steps):
            raise JobError(
                f"step {plan.next_step} does not exist: the job has {len(self.job.steps)} steps",
                "is the journal that of this job?",
            )
        lines = tuple(line for line in map(clean, plan.lines) if line)
        bad = next((line for line in lines if is_setting(line)), None)
        if bad is not None:
            raise JobError(f"the way holds '{bad}', which writes settings", "send it by itself")
        if lines:
            self._way = RecoveryPlan(next_step=plan.next_step, lines=lines, text=plan.text)
        else:
            if self.journal is not None and (self.next_step != plan.next_step or self.journal.state.begun):
                self.journal.way_done(plan.next_step, self._model.position)
            self.next_step = plan.next_step

    def pause(self) -> None:
        """Stop after the unit in flight."""
        if self.state is JobState.RUNNING:
            self.state = JobState.PAUSING

    def moved_away_mm(self, position: Position | None) -> float:
        """How far the tool is from where the job left it; 0 when that is not known."""
        left = self._model.position if self.follows_gcode else None
        if left is None or position is None or self._way is not None or self.unit is not None:
            return 0.0
        axes = min(len(left), len(position))
        return math.dist(left[:axes], position[:axes])

    def resume(self, once: bool = False) -> None:
        """Go on from a pause."""
        if self.state is JobState.PAUSING:
            self.state = JobState.RUNNING
        elif self.state is JobState.PAUSED:
            self.state, self._once = JobState.RUNNING, once
            self._prompt_done = self.next_step
            self.prompt = self.problem = self.hint = ""
            self._emit(JobResumed(next_step=self.next_step))
        else:
            raise JobError(f"there is nothing to resume: the job is {self.state.value}")

    def jump(self, plan: RecoveryPlan, position: Position | None) -> None:
        """From a pause, the tool at `position`: the plan's lines, then pause again."""
        if self.state is not JobState.PAUSED or self.unit is not None:
            raise JobError(f"a jump needs a paused job; it is {self.state.value}", "pause it first")
        self._model.position = position or self._model.position
        self._set_way(plan)
        self._prompt_done = -1
        if self._way is not None:
            self.state, self._once = JobState.RUNNING, True
        else:
            self._pause("jumped")

    def end(self, kind: str, reason: str, hint: str = "") -> None:
        """End the job early, for good."""
        if not self.active:
            return
        self.state = JobState.HALTED
        self.problem, self.hint, self.problem_kind, self.halt_wanted = reason, hint, kind, ""
        if self.journal is not None:
            try:
                self._progress(force=True)
                self.journal.ended(kind, reason)
            except JournalError as error:
                self._emit(Noticed(text=str(error)))
        self._emit(JobHalted(reason=reason, hint=hint, kind=kind, steps_done=self.next_step))

    # --- the flow ---
    def pump(self, core: ProtocolCore, now_s: float, may_feed: bool) -> None:
        """Send what fits; note what is proved."""
        self._sync_line = "" if not core.sync_line else "M400" if not core.can_hold else "G4 P0"
        self._tells_place = core.tells_place
        if not self.state.goes_on:
            return
        if self.unit is None and not self._begin_unit(core):
            return
        unit = self.unit
        if unit is None:
            return
        while may_feed and unit.sent < len(unit.lines) and core.fits(unit.lines[unit.sent]):
            core.send(unit.lines[unit.sent], now_s, Token(self._serial, unit.sent))
            unit.sent += 1
        self._progress()
        if not unit.lines and unit.proof is ProofStage.OPEN:
            unit.proof = ProofStage.TAKEN  # what has no lines is done
        if unit.proof is ProofStage.TAKEN:
            self._prove(unit, now_s)

    def _begin_unit(self, core: ProtocolCore) -> bool:
        assert self.job is not None
        if self.state is JobState.PAUSING and self._way is None:
            self._pause("asked for")
            return False
        if self._way is not None:
            way, self._way = self._way, None
            begin = self._model.position or self._last_seen
            if not self._journal(lambda journal: journal.way_begun(way.lines, way.next_step, begin)):
                self._way = way
                return False
            self._open(self._synced(way.lines), way.next_step, -1)
            return True
        if self.next_step >= len(self.job.steps):
            self._finish()
            return False
        step = self.job.steps[self.next_step]
        if step.prompt and self._prompt_done != self.next_step:
            self._pause("the job asks", step.prompt)
            return False
        self._emit(StepStarted(index=self.next_step, label=step.label))
        self._open(self._synced(step.lines), self.next_step + 1, self.next_step)
        return True

    def _synced(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return lines if not self._sync_line or (lines and is_sync(lines[-1])) else (*lines, self._sync_line)

    def _open(self, lines: tuple[str, ...], next_step: int, index: int) -> None:
        self._serial += 1
        if self._model.position is None:
            self._model.position = self._last_seen
        self.unit = Unit(lines=lines, next_step=next_step, index=index, begin=self._model.position)
        for number, line in enumerate(lines if self.follows_gcode else ()):
            leg = self._model.take(line, number)
            if leg is not None:
                self.unit.legs.append(leg)

    def acknowledged(self, line: SentLine, now_s: float) -> None:
        """A line was taken."""
        unit = self.unit
        if unit is None or not isinstance(line.token, Token) or line.token.unit != self._serial:
            return
        unit.acknowledged = max(unit.acknowledged, line.token.line + 1)
        if unit.acknowledged == len(unit.lines):
            unit.proof, unit.proof_s = ProofStage.TAKEN, now_s
            self._prove(unit, now_s)

    def _prove(self, unit: Unit, now_s: float) -> None:
        """The sync line is acknowledged: ask for the position, or believe it."""
        if not self.follows_gcode or not self.verify or self._model.position is None or not self.path_tolerance_mm:
            self._done(verified=False)
        else:
            unit.proof, unit.proof_s = ProofStage.ASKED, now_s
            self.wants_status = True

    def ask_again(self, now_s: float) -> None:
        """An answer to the question for the position may have been lost."""
        unit = self.unit
        if unit is not None and unit.proof is ProofStage.ASKED and now_s - unit.proof_s > _ANSWER_PATIENCE_S:
            unit.proof_s, self.wants_status = now_s, True

    def status_refused(self) -> None:
        """The rate of queries does not allow one now: the acknowledgement alone must do."""
        self.wants_status = False
        if self.unit is not None and self.unit.proof is ProofStage.ASKED:
            self._done(verified=False)

    def status_seen(self, status: StatusReported) -> None:
        """Take a status report, and look whether the tool is where it must be."""
        position, unit = status.work_position, self.unit
        if position is None:
            return
        if self._tells_place or unit is None or unit.proof is not ProofStage.OPEN:
            self._last_seen = position
        if unit is None or not self.follows_gcode or not self.state.goes_on:
            return
        if unit.proof is ProofStage.ASKED:
            self._compare_end(unit, status.state, position)
        elif unit.legs and self.path_tolerance_mm and unit.sent:
            begin = unit.legs[0].points[0]
            off = math.dist(begin[: len(position)], position[: len(begin)])
            if off > self.path_tolerance_mm:
                off = min(off, distance_to(unit.legs, position, self.path_tolerance_mm))
            self._count_off_path(unit, off, position)

    def _compare_end(self, unit: Unit, state: MachineState, position: Position) -> None:
        if state not in (MachineState.IDLE, MachineState.CHECK):
            self.wants_status = True  # something still moves, or the operator holds
            return
        end = self._model.position
        if end is None:
            return self._done(verified=False)
        axes = min(len(end), len(position))
        off = math.dist(end[:axes], position[:axes])
        if off <= max(_STAND_TOLERANCE_MM, self.path_tolerance_mm):
            return self._done(verified=True)
        self.wants_status = True
        self._count_off_path(unit, off, position)
        return None

    def _count_off_path(self, unit: Unit, off_mm: float, position: Position) -> None:
        if off_mm <= self.path_tolerance_mm:
            unit.off_path = 0
            return
        unit.off_path += 1
        if unit.off_path >= _OFF_PATH_REPORTS:
            where = " ".join(f"{a}{v:.3f}" for a, v in zip("XYZABC", position, strict=False))
            self.problem = (
                f"the tool is at {where}, {off_mm:.2f} mm off the path of {self._unit_name(unit)} "
                f"(tolerance {self.path_tolerance_mm:g} mm)"
            )
            self.hint = "a line was garbled on its way, or the machine was moved; look before going on"
            self.halt_wanted = "off path"

    def _done(self, verified: bool) -> None:
        unit = self.unit
        assert unit is not None
        self.wants_status = False
        if unit.index >= 0:
            written = self._journal(lambda journal: journal.step_done(unit.index, self._model.position))
        else:
            written = self._journal(lambda journal: journal.way_done(unit.next_step, self._model.position))
        if not written:
            unit.proof = ProofStage.TAKEN  # tried again after the pause
            return
        self.unit, self.next_step = None, unit.next_step
        self._last_progress = (-1, -1)
        if self.job is not None:
            self.lines_before = (
                self.job.first_line_of(self.next_step)
                if unit.index < 0
                else (self.lines_before + len(self.job.steps[unit.index].lines))
            )
        if unit.index >= 0 and self.job is not None:
            self._emit(StepDone(index=unit.index, label=self.job.steps[unit.index].label, verified=verified))
        else:
            self._emit(WayDone(next_step=unit.next_step))
        if self._once:
            self._once = False
            self._pause("asked for")

    def _journal(self, write: Callable[[Journal], None]) -> bool:
        if self.journal is None:
            return True
        try:
            write(self.journal)
        except JournalError as error:
            self.problem, self.hint = str(error), error.hint
            self._pause(str(error))
            return False
        return True

    def _progress(self, force: bool = False) -> None:
        unit = self.unit
        if self.journal is None or unit is None:
            return
        now = (unit.acknowledged, unit.sent)
        if now == self._last_progress and not force:
            return
        self._last_progress = now
        try:
            self.journal.progress(unit.acknowledged, unit.sent, self._last_seen)
        except JournalError:
            return  # the step's own record will fail too, and pause the job there

    def _pause(self, reason: str, prompt: str = "") -> None:
        self.state, self.prompt = JobState.PAUSED, prompt
        self._emit(JobPaused(next_step=self.next_step, reason=reason, prompt=prompt))

    def _finish(self) -> None:
        if not self._journal(lambda journal: journal.finished()):
            return
        self.state = JobState.FINISHED
        self._emit(JobFinished(steps_done=self.next_step))

    # --- a lost acknowledgement ---
    def lines_stand(self, position: Position | None) -> bool:
        """Whether `position` proves that all lines sent were executed although an acknowledgement is missing.

        It does when the tool stands where they end and no two of them could have been read as one valid line.
        """
        unit = self.unit
        if unit is None or position is None:
            return False
        if any(_could_merge(a, b) for a, b in zip(unit.lines[: unit.sent], unit.lines[1 : unit.sent], strict=False)):
            return False
        legs = [leg for leg in unit.legs if leg.line < unit.sent]
        end = legs[-1].points[-1] if legs else unit.begin
        if end is None:
            return False
        axes = min(len(end), len(position))
        return math.dist(end[:axes], position[:axes]) <= _STAND_TOLERANCE_MM

    def believe_sent(self) -> None:
        """Take all lines sent for executed; the sync line is sent again for its proof."""
        unit = self.unit
        if unit is None:
            return
        self._serial += 1
        unit.acknowledged = unit.sent = min(unit.sent, len(unit.lines) - 1)
        unit.proof = ProofStage.OPEN

    def line_name(self, line: SentLine | None) -> str:
        """How to call a line in a message."""
        if line is None:
            return "a line"
        if isinstance(line.token, Token) and self.unit is not None and line.token.unit == self._serial:
            number = self.lines_before + line.token.line + 1
            where = f"line {number}" if self.unit.index >= 0 else f"line {line.token.line + 1} of the way"
            return f"{where} '{line.text}' of {self._unit_name(self.unit)}"
        return f"'{line.text}'"

    def _unit_name(self, unit: Unit) -> str:
        if unit.index < 0 or self.job is None:
            return "the way"
        label = self.job.steps[unit.index].label
        return f"step {unit.index}" + (f" ({label})" if label else "")

    @property
    def step(self) -> Step | None:
        """The step that is in flight or comes next."""
        if self.job is None or self.next_step >= len(self.job.steps):
            return None
        return self.job.steps[self.next_step]


def _could_merge(first: str, second: str) -> bool:
    """Whether two lines without the line end between them would be one valid line that moves differently."""
    a, b = words(first), words(second)
    axes_a = {letter for letter, _ in a if letter in "XYZABCIJKR"}
    axes_b = {letter for letter, _ in b if letter in "XYZABCIJKR"}
    motion_a = any(letter == "G" and v in (0, 1, 2, 3) for letter, v in a)
    motion_b = any(letter == "G" and v in (0, 1, 2, 3) for letter, v in b)
    return bool(axes_a and axes_b) and not (motion_a and motion_b) and not axes_a & axes_b
