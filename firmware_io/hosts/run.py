"""A job on a host: given to it in parts, followed by its own reports, written to the journal as they prove it.

The host runs by itself: a lost network, or the death of this program, ends nothing. So nothing here is done once and
believed: every report is compared with what is wanted, and what is wanted is asked for again until it is so.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware_io.errors import HostError, JobError, PortError
from firmware_io.events import (
    Event,
    JobFinished,
    JobHalted,
    JobPaused,
    JobResumed,
    JobStarted,
    Noticed,
    Position,
    StepDone,
    WayDone,
)
from firmware_io.hosts.base import Host, HostReport, HostState
from firmware_io.hosts.part import Part, PartUnit, make_part, part_of
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.path import model_before
from firmware_io.recovery import RecoveryPlan
from firmware_io.runner import JobState

_RESTING = (HostState.READY, HostState.DONE, HostState.CANCELLED, HostState.FAILED)
_START_POLLS = 6
_PASSING = 500  # answers from there on are troubles of the host that may pass
_LOST_HINT = "look at the machine and at the host's own page; home, then resume"


class HostRun:
    """A job on a host; :meth:`poll` does all that is to be done, whenever it is called.

    Parameters
    ----------
    host : Host
    job : Job
    journal : Journal
    emit : callable
        Takes events.
    """

    def __init__(self, host: Host, job: Job, journal: Journal, emit: Callable[[Event], None]) -> None:
        self.host, self.job, self.journal, self._emit = host, job, journal, emit
        self.state = JobState.NONE
        self.report: HostReport | None = None
        self.next_step = journal.state.next_step
        self.prompt = self.problem = self.hint = ""
        self._part: Part | None = None
        self._units: list[PartUnit] = []
        self._started = False
        self._start_waits = 0  # polls, until a start that nobody saw is asked for again
        self._out_of_touch = False
        self._told_progress = (-1, -1)
        self._model = model_before(step.lines for step in job.steps[: self.next_step])
        self._model.position = journal.state.begin

    # --- what is asked for ---
    def begin(self, plan: RecoveryPlan | None = None) -> None:
        """Give the host the job from the journal's step on, or a plan's lines and the job from the plan's step on.

        Raises
        ------
        JobError
            When a step was begun and there is no plan, or the host runs something.
        PortError, HostError
        """
        report = self.host.report()
        if report.state in (HostState.RUNNING, HostState.PAUSED):
            raise JobError(f"{self.host.name} runs '{report.file}'", "end that first, on its own page")
        if report.state is HostState.AWAY:
            raise JobError(f"{self.host.name} is not ready: {report.message}", "look at its own page")
        if plan is None and self.journal.state.begun:
            raise JobError(f"step {self.next_step} was begun and its end is not on record", "resume it")
        self._model.position = report.position or self._model.position
        way: tuple[str, ...] = ()
        if plan is not None:
            self.next_step, way = plan.next_step, plan.lines
        elif self.next_step:
            way = self._model.restoring_lines(True)
        self.journal.started(self._model.position)
        self._emit(JobStarted(name=self.job.name, next_step=self.next_step, step_count=len(self.job.steps)))
        self._give(way)

    def attach(self) -> bool:
        """Follow the job if the host has it under way, or has just ended it; whether that is so."""
        report = self.host.report()
        state = self.journal.state
        part = part_of(report.file, self.job, state.way_lines, self.host.lines_ahead)
        under_way = report.state in (HostState.RUNNING, HostState.PAUSED, HostState.DONE)
        if part is None or not under_way:
            return False
        done = -1 if state.way_lines is not None else self.next_step
        self._part, self._started = part, True
        self._units = [unit for unit in part.units if unit.index >= done or (unit.index < 0 and done < 0)]
        self.state = JobState.RUNNING
        self._take(report)
        return True

    def pause(self) -> None:
        """Stop after the line in hand."""
        if self.state is JobState.RUNNING:
            self.state = JobState.PAUSING

    def resume(self) -> None:
        """Go on after a pause, or after what the operator was asked for."""
        if self.state is JobState.PAUSING:
            self.state = JobState.RUNNING
        elif self.state is JobState.PAUSED and self._units:
            self.state = JobState.RUNNING
            self._emit(JobResumed(next_step=self.next_step))
        elif self.state is JobState.PAUSED:
            self.prompt = ""
            self._give(())
            self._emit(JobResumed(next_step=self.next_step))

    def stop(self) -> None:
        """End the job where it stands."""
        if self.state is JobState.PAUSED and not self._units:
            self._end("stopped", "stopped by the operator")
        elif self.state.under_way:
            self.state = JobState.STOPPING

    def kill(self) -> None:
        """Stop everything at once; the position is lost."""
        self.host.kill()
        self._end("emergency", "emergency stop: the position is lost", _LOST_HINT)

    def poll(self) -> HostReport | None:
        """Ask the host, note what that proves, ask for what is wanted; None while it does not answer."""
        if not self.state.under_way or not self._units:
            return self.report
        try:
            report = self.host.report()
            self._note_touch()
            self._want(report)
            self._take(report)
        except (PortError, HostError) as error:
            if isinstance(error, HostError) and 0 < error.status < _PASSING:
                raise
            if not self._out_of_touch:
                self._out_of_touch = True
                self._emit(Noticed(text=f"{error}; what {self.host.name} has goes on there"))
            return None
        return report

    def _note_touch(self) -> None:
        if self._out_of_touch:
            self._out_of_touch = False
            self._emit(Noticed(text=f"{self.host.name} answers again"))

    # --- parts ---
    def _give(self, way: tuple[str, ...]) -> None:
        """Give the host the next part and let it start; the journal says so before it can move."""
        part = make_part(self.job, self.next_step, way, self.host.lines_ahead)
        self.host.upload(part.name, part.data)
        if part.units[0].index < 0:
            self.journal.way_begun(part.units[0].lines, self.next_step, self._model.position)
        elif self.journal.state.begun or self.journal.state.next_step != self.next_step:
            self.journal.way_done(self.next_step, self._model.position)
        self.journal.progress(0, len(part.units[0].lines), self._model.position)
        self._part, self._units, self._started, self._start_waits = part, list(part.units), False, 0
        self.state = JobState.RUNNING

    def _is_ours(self, report: HostReport) -> bool:
        return self._part is not None and report.file.endswith(self._part.name)

    def _want(self, report: HostReport) -> None:
        """Ask for what is wanted where the report says that it is not so."""
        ours = self._is_ours(report)
        was_paused = self.report is not None and self.report.state is HostState.PAUSED
        if self._part is not None and not self._started and report.state in _RESTING and not self._start_waits:
            self._start_waits = _START_POLLS
            self.host.start(self._part.name)
        elif ours and self.state in (JobState.PAUSING, JobState.STOPPING) and report.state is HostState.RUNNING:
            self.host.pause()
        elif ours and self.state is JobState.RUNNING and report.state is HostState.PAUSED and was_paused:
            self.host.resume()
        self._start_waits = max(0, self._start_waits - 1)

    # --- what a report proves ---
    def _take(self, report: HostReport) -> None:
        before, self.report = self.report, report
        if not self._is_ours(report):
            return self._not_ours(report)
        if report.state is HostState.READY and not self._started:
            return None  # it has the file, and is about to begin
        self._started = True
        if report.state is HostState.AWAY:
            return self._end("rebooted", f"{report.message}: the position is lost", _LOST_HINT)
        assert self._part is not None
        self._prove(len(self._part.data) if report.state is HostState.DONE else report.file_position, report.position)
        if not self._units:
            return self._part_done()
        if report.state is HostState.PAUSED:
            return self._paused(before)
        if report.state is HostState.RUNNING:
            if self.state is JobState.PAUSED and before is not None and before.state is HostState.PAUSED:
                self.state = JobState.RUNNING  # on the host's own page
                self._emit(JobResumed(next_step=self.next_step))
            return None
        if report.state is HostState.FAILED:
            hint = "nothing after it was executed; mend the cause, then resume"
            return self._end("rejected", f"{self.host.name} ended the job: {report.message}", hint)
        return self._end(self._kind_of_stop(), f"the job was ended at {self.host.name}")

    def _kind_of_stop(self) -> str:
        return "stopped" if self.host.keeps_position else "rebooted"

    def _not_ours(self, report: HostReport) -> None:
        if not self._started:
            return None
        if report.state is HostState.AWAY:
            return self._end("rebooted", f"{report.message}: the position is lost", _LOST_HINT)
        if report.file:
            return self._end("rebooted", f"{self.host.name} has another job: '{report.file}'", _LOST_HINT)
        reason = f"{self.host.name} does not know the job any more: it was restarted, or the job was taken away"
        return self._end("rebooted", reason, _LOST_HINT)

    def _paused(self, before: HostReport | None) -> None:
        if self.state is JobState.STOPPING:
            self.host.stop()
            return self._end(self._kind_of_stop(), "stopped by the operator")
        if self.state is JobState.PAUSING:
            self._pause("asked for")
        elif self.state is JobState.RUNNING and (before is None or before.state is not HostState.PAUSED):
            self._pause(f"paused at {self.host.name}")
        return None

    def _pause(self, reason: str, prompt: str = "") -> None:
        self.state, self.prompt = JobState.PAUSED, prompt
        self._emit(JobPaused(next_step=self.next_step, reason=reason, prompt=prompt))

    def _prove(self, dealt_with: int, position: Position | None) -> None:
        """Note every step that ends before a position in the file, and lines of the one after."""
        while self._units and dealt_with >= self._units[0].ends[-1]:
            self._done(self._units.pop(0))
        if not self._units:
            return
        unit = self._units[0]
        taken = sum(dealt_with >= end for end in unit.ends)
        if self._told_progress != (unit.index, taken):
            self._told_progress = (unit.index, taken)
            self.journal.progress(taken, len(unit.lines), position)

    def _done(self, unit: PartUnit) -> None:
        for line in unit.lines:
            if not line.startswith("XX"):
                self._model.take(line)
        self.next_step = unit.next_step
        if unit.index < 0:
            self.journal.way_done(unit.next_step, self._model.position)
            self._emit(WayDone(next_step=unit.next_step))
        else:
            self.journal.step_done(unit.index, self._model.position)
            self._emit(StepDone(index=unit.index, label=self.job.steps[unit.index].label, verified=False))

    def _part_done(self) -> None:
        if self.next_step < len(self.job.steps):
            self._pause("the job asks", self.job.steps[self.next_step].prompt)
            return
        self.journal.finished()
        self.state = JobState.FINISHED
        self._emit(JobFinished(steps_done=self.next_step))

    def _end(self, kind: str, reason: str, hint: str = "") -> None:
        self.state, self.problem, self.hint = JobState.HALTED, reason, hint
        self.journal.ended(kind, reason)
        self._emit(JobHalted(reason=reason, hint=hint, kind=kind, steps_done=self.next_step))
