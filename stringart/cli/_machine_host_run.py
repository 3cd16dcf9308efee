"""A job on a host (Moonraker, OctoPrint) as the operator follows it: one line of state, questions, Ctrl-C."""

import contextlib
import math
import time

from firmware_io import FirmwareError, JobState, Journal, RecoveryPlan
from firmware_io.hosts.base import Host
from firmware_io.hosts.run import HostRun
from stringart.cli._machine_common import firmware_errors
from stringart.cli._machine_followed import FollowedJob
from stringart.cli._machine_paused import wraps_done
from stringart.runs.prepared import PreparedJob
from stringart.units import format_duration

_POLL_S = 0.5


class HostConsole(FollowedJob):
    """Follows a job on a host and talks with the operator.

    Parameters
    ----------
    host : Host
    source : PreparedJob
    journal : Journal
    yes : bool
        Go on at prompts without asking.
    """

    def __init__(self, host: Host, source: PreparedJob, journal: Journal, *, yes: bool) -> None:
        super().__init__(source, journal, yes=yes)
        self.job = HostRun(host, source.firmware_job, journal, self._events.put)
        self._host = host
        self._left = False
        self._polled_at = -math.inf

    def run(self, plan: RecoveryPlan | None = None, *, attached: bool = False) -> None:
        """Begin (unless it is under way) and follow to the end.

        Raises
        ------
        MachineError
            If it ended early.
        """
        self._terminal.tell(f"the journal is {self.job.journal.path}; Ctrl-C: pause there, and ask")
        with self._taking_interrupts(), firmware_errors():
            if not attached:
                self.job.begin(plan)
            while not self._finished and not self._left:
                self._look()
                if self._interrupts:
                    self._interrupted()
                elif self.job.state is JobState.PAUSED:
                    self._paused()

    def _look(self) -> None:
        with self._terminal.keys() as key:
            while True:
                self._poll()
                self._show()
                if self._finished or self._interrupts or self.job.state is JobState.PAUSED:
                    return
                pressed = key()
                if pressed == "p":
                    self.job.pause()
                elif pressed == "s":
                    self.job.stop()

    def _poll(self) -> None:
        if time.monotonic() - self._polled_at >= _POLL_S or not self.job.state.busy:
            self._polled_at = time.monotonic()
            self.job.poll()
        self._take_events()

    def _state_text(self) -> str:
        steps, total = self.source.job.steps, self.source.job.wraps
        step = steps[min(self.job.next_step, len(steps) - 1)]
        done = wraps_done(self.source, self.job.next_step)
        left = self.source.job.seconds * (1 - done / total)
        pin = step.pins[0] if step.pins else "-"
        return (
            f"wrap {done + 1 if done < total else total}/{total}  pin {pin}  layer {step.layer + 1}  "
            f"{format_duration(left)} left  {self._host.name}: {self.job.state.value}"
        )

    # --- asking ---

    def _paused(self) -> None:
        if self.yes and self.job.prompt:
            return self.job.resume()
        self._ask("paused> ")
        return None

    def _ask(self, question: str) -> None:
        """Until the operator lets it go on, ends it, or leaves it to the host."""
        self._terminal.tell(
            f"go: go on | stop: end the job here | leave: {self._host.name} keeps it as it is, resume follows it again"
        )
        before = self._interrupts
        while True:
            words = self._terminal.ask(question, abort=lambda: self._interrupts > before)
            if self._interrupts > before:
                return None
            if words is None or words[:1] == ["leave"]:
                self._left = True
                return self._terminal.tell(f"left to {self._host.name}; follow it again: {self._resume_command()}")
            if words[:1] in (["go"], ["g"], ["resume"]):
                self._interrupts = 0
                return self.job.resume()
            if words[:1] in (["stop"], ["s"]):
                self._interrupts = 0
                return self.job.stop()

    def _interrupted(self) -> None:
        """Ctrl-C: it pauses after the line in hand; a second one stops everything at once."""
        self._terminal.tell("pausing there ... (Ctrl-C again: emergency stop, the position is LOST)")
        self.job.pause()
        while self._interrupts == 1 and not self._finished and self.job.state is not JobState.PAUSED:
            self._poll()
            time.sleep(_POLL_S / 5)
        if self._interrupts == 1 and not self._finished:
            self._ask("held> ")
        if self._interrupts > 1:
            with contextlib.suppress(FirmwareError):
                self.job.kill()
            self._poll()
            self._finished = True
