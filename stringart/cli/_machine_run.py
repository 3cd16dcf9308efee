"""A job while it runs: one line of state, keys, the operator's commands, Ctrl-C."""

import math
import time
from collections.abc import Callable
from types import FrameType

from firmware_io import (
    Event,
    FirmwareError,
    JobFinished,
    JobState,
    Journal,
    MachineState,
    Prompted,
    RecoveryPlan,
    Said,
    Session,
)
from firmware_io.events import IN_HOLD
from stringart.cli._machine_common import firmware_errors
from stringart.cli._machine_followed import FollowedJob
from stringart.cli._machine_paused import HELP, PausedCommands, to_plan
from stringart.cli._machine_terminal import POLL_S
from stringart.errors import StringartError
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide, WayBack
from stringart.machine.template_guide import guide_of
from stringart.runs.prepared import PreparedJob, seconds_after
from stringart.units import format_duration, format_length

_RELEASE_PATIENCE_S = 5.0


class OperatorConsole(FollowedJob):
    """Runs a job on a session and talks with the operator.

    Parameters
    ----------
    session : Session
    source : PreparedJob
    journal : Journal
    yes : bool
        Go on at prompts without asking.
    controlled : Profile
        The profile as the controller lets it move, for what is left of the time.
    """

    def __init__(
        self, session: Session, source: PreparedJob, journal: Journal, *, yes: bool, controlled: Profile
    ) -> None:
        super().__init__(source, journal, yes=yes)
        self.session = session
        self.guide = guide_of(source.job, source.profile)
        self._seconds = seconds_after(source.job, controlled)
        self._asked_by_machine = ""
        self._commands = PausedCommands(
            session, source, self.guide, tell=self._tell, confirm=self._confirm, jump=self._jump
        )

    def run(self, plan: RecoveryPlan | None = None) -> None:
        """Run the job to its end.

        Raises
        ------
        MachineError
            If it ended early; with exit status 3 for an alarm.
        """
        end = self.session.subscribe(self._events.put)
        keys = (
            "keys: p pause, b pause to step back, s stop, Ctrl-C feed hold"
            if self._terminal.is_there
            else "Ctrl-C: feed hold"
        )
        self._tell(f"the journal is {self.journal.path}; {keys}")
        try:
            with self._taking_interrupts(), firmware_errors():
                self.session.start(self.source.firmware_job, self.journal, plan)
                self._loop()
        finally:
            end()

    def _loop(self) -> None:
        while not self._finished:
            with self._terminal.keys() as key:
                self._wait(key)
            if self._finished:
                break
            if self._interrupts:
                self._held()
            elif self._asked_by_machine:
                self._held_by_itself()
            elif self.session.snapshot().job_state is JobState.PAUSED:
                self._paused()

    def _wait(self, key: Callable[[], str]) -> None:
        """Until something has to be asked."""
        while not (self._finished or self._interrupts or self._asked_by_machine):
            self._take_events()
            self._press(key())
            self._show()
            if self.session.snapshot().job_state is JobState.PAUSED and self._events.empty():
                return

    def _press(self, key: str) -> None:
        if key in ("p", "b"):
            self._tell("pausing after this wrap, tool inside ...")
            self.session.pause()
        elif key == "s":
            self._tell("stopping ...")
            self.session.stop()

    def _hear(self, event: Event) -> None:
        if isinstance(event, JobFinished):
            self._show(force=True)
        super()._hear(event)
        if isinstance(event, Prompted):
            self._asked_by_machine = event.text
        elif isinstance(event, Said) and _is_news(event.text):
            self._tell(event.text)

    # --- the line of state ---

    def _state_text(self) -> str:
        """Wrap, pin, layer, height, thread left, percent, time left, controller."""
        shot = self.session.snapshot()
        steps, index = self.source.job.steps, min(shot.next_step, len(self.source.job.steps) - 1)
        step = steps[index]
        total = self._seconds[-1] or 1.0
        before = self._seconds[shot.next_step - 1] if shot.next_step else 0.0
        left = max(s.thread_mm for s in steps if s.layer == step.layer) - step.thread_mm
        pin = step.pins[0] if step.pins else "-"
        return (
            f"wrap {min(step.first_wrap, self.source.job.wraps)}/{self.source.job.wraps}  pin {pin}  "
            f"layer {step.layer + 1}  {step.wrap_mm:.1f} mm high  {format_length(left)} of thread left  "
            f"{100 * before / total:.1f} %  {format_duration(total - before)} left  "
            f"{shot.raw_state or shot.machine_state.value}"
        )

    # --- asking ---

    def _paused(self) -> None:
        """The tool is at rest inside: the operator's commands, until the job goes on."""
        shot = self.session.snapshot()
        if self.yes and shot.prompt:
            self.session.resume()
            return
        self._tell(f"next: {shot.step_label}.  {HELP}")
        while not self._finished:
            words = self._terminal.ask("paused> ", abort=self._waits_no_more)
            if self._waits_no_more():
                self._take_events()
                return
            if words is None:
                self.session.stop()
                return
            try:
                with firmware_errors():
                    if self._commands.obey(words):
                        return
            except StringartError as error:
                self._tell(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))

    def _waits_no_more(self) -> bool:
        """Whether nobody waits for the operator any more: Ctrl-C, or an accident that ended the job."""
        return bool(self._interrupts) or self.session.snapshot().job_state is not JobState.PAUSED

    def _jump(self, way: WayBack) -> None:
        self.session.jump(to_plan(way))
        while self.session.wait(timeout_s=POLL_S).busy:
            if self._interrupts:
                self._held()
        self._take_events()
        self._tell(f"next: {self.session.snapshot().step_label}")

    def _confirm(self, question: str) -> bool:
        words = self._terminal.ask(f"{question} [y/N] ", abort=self._waits_no_more)
        return words is not None and words[:1] in (["y"], ["Y"], ["yes"])

    # --- Ctrl-C ---

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        super()._interrupt(number, frame)
        if self._interrupts == 1:
            self.session.hold()
        else:
            self.session.emergency_stop()

    def _held(self) -> None:
        """After Ctrl-C: wait until the machine stands, then ask."""
        self._tell("feed hold ... (Ctrl-C again: soft reset, the position is LOST)")
        held = (MachineState.HELD, MachineState.IDLE, MachineState.DEAD, MachineState.ALARM, MachineState.WAITING)
        while not self._finished and self.session.snapshot().machine_state not in held and self._interrupts == 1:
            time.sleep(POLL_S)
            self._take_events()
        while not self._finished and self._interrupts == 1:
            self._tell("the machine stands; the position is kept.  go: go on | stop: end the job here")
            words = self._terminal.ask("held> ", abort=lambda: self._interrupts > 1)
            if words is not None and words[:1] in (["go"], ["resume"]):
                self._interrupts = 0
                self.session.release()
                return
            if words is None or words[:1] == ["stop"]:
                self.session.stop()
                self._end_of_job()
                return
        if self._interrupts > 1:
            self._tell("soft reset: the motors may have lost steps, home or touch a pin before you go on")
            self._end_of_job()

    def _held_by_itself(self) -> None:
        """The machine's own button, its door, or a stop in the job: it may be ended here or there."""
        text, self._asked_by_machine = self._asked_by_machine, ""
        self._tell(text)
        if self.yes:
            if self.session.snapshot().machine_state is MachineState.WAITING:
                return self.session.release()
            self._tell("it goes on when start is pressed at the machine")
            return self._wait_until_released(math.inf)
        self._tell("go: go on (or press start at the machine) | stop: end the job here")
        while not self._finished and self._stands():
            words = self._terminal.ask("held> ", abort=lambda: bool(self._interrupts) or not self._stands())
            if self._interrupts or not self._stands():
                break
            if words is None or words[:1] == ["stop"]:
                self.session.stop()
                return self._end_of_job()
            if words[:1] in (["go"], ["resume"]):
                self.session.release()
                return self._wait_until_released(_RELEASE_PATIENCE_S)
        self._take_events()
        if not self._finished and not self._interrupts:
            self._tell("it goes on")
        return None

    def _stands(self) -> bool:
        """Whether the machine still stands in the hold and the job is under way."""
        shot = self.session.snapshot()
        return shot.machine_state in IN_HOLD and shot.job_state.goes_on

    def _wait_until_released(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while self._stands() and not self._interrupts and time.monotonic() < deadline:
            time.sleep(POLL_S)
            self._take_events()

    def _end_of_job(self) -> None:
        deadline = time.monotonic() + 20
        while not self._finished and time.monotonic() < deadline:
            self._take_events()
            time.sleep(POLL_S)
        self._finished = True


def _is_news(text: str) -> bool:
    """Whether the controller says something to people; its answers to our own questions are none of theirs."""
    return text.startswith(("[MSG:", "echo:Unknown", "Error")) and "Pgm End" not in text


def show_where(session: Session, guide: ResumeGuide) -> str:
    """State and place of the machine, for people."""
    try:
        status = session.status()
    except FirmwareError as error:
        return str(error)
    position = status.work_position
    where = guide.whereabouts(guide.profile.axes.of(position)).text if position is not None else "place unknown"
    return f"{status.raw_state}, {where}"
