"""A job that a host (Moonraker, OctoPrint) runs by itself: given, followed, paused and ended from here."""

import contextlib
import math
import queue
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import click

from firmware_io import (
    Event,
    FirmwareError,
    JobFinished,
    JobHalted,
    JobPaused,
    JobState,
    Journal,
    MachineState,
    Noticed,
    Position,
    RecoveryPlan,
)
from firmware_io.facts import gather_facts
from firmware_io.hosts.addresses import host_at
from firmware_io.hosts.base import Host, HostReport, HostState
from firmware_io.hosts.run import HostRun
from stringart.cli._machine_common import AlarmRaisedError, firmware_errors, talk
from stringart.cli._machine_paused import wraps_done
from stringart.cli._machine_position import axes_text, homing_question
from stringart.cli._machine_resume import say_place, way_back
from stringart.cli._machine_terminal import Terminal
from stringart.errors import MachineError
from stringart.interrupts import interrupts_go_to
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide
from stringart.runs.prepared import PreparedJob
from stringart.units import format_duration

_POLL_S, _PLAIN_EVERY_S = 0.5, 20.0
_EXACT = ("stopped", "rejected")  # ends at which the host told how far it was
_BUSY = (JobState.RUNNING, JobState.PAUSING, JobState.STOPPING)

key_option = click.option(
    "--key", envvar="STRINGART_KEY", metavar="KEY", help="API key of a host: moonraker:// or octoprint://."
)


def host_for(address: str, key: str | None, profile: Profile) -> Host:
    """The host at an address, if the profile's dialect is one that it runs.

    Raises
    ------
    MachineError
    """
    dialect = profile.machine.dialect
    klipper = address.lower().startswith("moonraker:")
    if klipper != (dialect == "klipper") or DIALECTS[dialect].firmware != "marlin":
        wanted = "klipper" if klipper else "marlin, reprap or smoothie"
        raise MachineError(
            f"the profile '{profile.name}' speaks the dialect of {dialect}, which {address} does not run",
            f"choose a machine profile of {wanted}",
        )
    with firmware_errors():
        return host_at(address, key or profile.machine.api_key)


def say_host(host: Host) -> None:
    """What a host does, on stdout; an error where it is not ready."""
    with firmware_errors():
        report = host.report()
    file = f" '{report.file}'" if report.file else ""
    click.echo(f"{host.name} at {host.address}: {report.state.value}{file}")
    if report.position is not None:
        click.echo(f"work position: {axes_text(report.position)}")
    elif report.state is not HostState.AWAY:
        click.echo("the position is not known: " + ("not homed" if host.keeps_position else f"{host.name} tells none"))
    if report.state is HostState.AWAY:
        raise MachineError(report.message, f"look at {host.name}'s own page: it has to be restarted there")


def home_host(host: Host, profile: Profile, *, yes: bool) -> HostReport:
    """Home by the host, which must be at rest."""
    with firmware_errors():
        _resting(host, host.report())
        if not yes and not click.confirm(homing_question(profile), err=True):
            raise MachineError("it was not homed", "nothing has moved")
        host.run_lines(("G28",))
        return host.report()


def _resting(host: Host, report: HostReport) -> None:
    if report.state in (HostState.RUNNING, HostState.PAUSED):
        raise MachineError(
            f"{host.name} has '{report.file}' under way ({report.state.value})", "end that first, on its own page"
        )
    if report.state is HostState.AWAY:
        raise MachineError(report.message, f"look at {host.name}'s own page: it has to be restarted there")


def _place(
    host: Host, profile: Profile, *, homing: bool, said: Mapping[str, float] | None, yes: bool
) -> Position | None:
    """Where the tool is: nothing moves unless the machine knows it. None: the machine does, and does not tell."""
    if homing:
        return home_host(host, profile, yes=yes).position
    with firmware_errors():
        report = host.report()
        _resting(host, report)
        if report.shift is not None and any(report.shift):
            talk(f"an offset of {axes_text(report.shift)} is active at {host.name} (SET_GCODE_OFFSET)")
        if said is not None and not host.keeps_position:
            host.run_lines(("G92" + "".join(f" {letter}{value:.3f}" for letter, value in said.items()),))
            return tuple(said.values())
    if said is not None:
        raise MachineError("Klipper moves nothing before it is homed: --at is no help there", "write --home")
    if report.position is None:
        way = "--home" if host.keeps_position else "--home, or --at X,Y,Z where the tool stands"
        raise MachineError(f"it is not known where the tool is: {host.name} does not tell", f"add {way}")
    return report.position


def send_to_host(
    host: Host, source: PreparedJob, book: Callable[[], Journal], *, homing: bool, said: Mapping[str, float] | None,
    yes: bool,
) -> None:  # fmt: skip
    """Give a job to a host and follow it to its end."""
    position = _place(host, source.profile, homing=homing, said=said, yes=yes)
    where = f"The tool is at {axes_text(position)}. " if position is not None else ""
    if not yes and not click.confirm(f"{where}{host.name} will move the machine. Start?", err=True):
        return
    with book() as journal:
        HostConsole(host, source, journal, yes=yes).run()


def resume_on_host(
    host: Host, source: PreparedJob, path: Path, *, homing: bool, said: Mapping[str, float] | None, wraps: int | None,
    thread_state: str | None, yes: bool,
) -> None:  # fmt: skip
    """Follow a job that the host still has; else go on from what is on the board."""
    with Journal.open(path, source.firmware_job) as journal:
        console = HostConsole(host, source, journal, yes=yes)
        with firmware_errors():
            under_way = console.job.attach()
        if under_way:
            talk(f"{host.name} has the job under way: it is followed from here")
            return console.run(attached=True)
        _count(host, source, journal, wraps)
        kept = host.keeps_position and not journal.state.position_lost
        position = _place(host, source.profile, homing=homing, said=said, yes=yes)
        if position is None:
            raise MachineError(
                f"{host.name} does not tell where the tool is after homing",
                "lead it to a place that you know, and write --at X,Y,Z",
            )
        guide = ResumeGuide(source.job, source.profile)
        info = gather_facts(
            source.firmware_job, journal.state, machine_state=MachineState.IDLE, position=position,
            position_kept=kept and not homing, observed=None if kept and not homing else position, marlin=True,
        )  # fmt: skip
        say_place(info, guide)
        plan = way_back(info, guide, thread_state)
        talk(plan.text)
        if yes or click.confirm("Go on so?", err=True):
            HostConsole(host, source, journal, yes=yes).run(plan)


def _count(host: Host, source: PreparedJob, journal: Journal, wraps: int | None) -> None:
    """What is on the board may be more than what was followed: nobody but the owner can tell."""
    state, steps = journal.state, source.job.steps
    proved = wraps_done(source, state.next_step)
    if wraps is None:
        if state.kind not in _EXACT and state.begun:
            raise MachineError(
                f"{proved} wraps are proved; {host.name} may have wound more that nobody followed",
                "count the wraps that are on the board, and write --wraps N",
            )
        return
    step = next((k for k, s in enumerate(steps) if s.pins and s.first_wrap == wraps + 1), None)
    if step is None or step < state.next_step:
        raise MachineError(
            f"--wraps {wraps}: no step begins after it, or it is less than the {proved} that are proved",
            f"write {proved} to {source.job.wraps - 1}",
        )
    if step != state.next_step:
        journal.way_done(step, None)


class HostConsole:
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
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.job = HostRun(host, source.firmware_job, journal, self._events.put)
        self._host, self._source, self._yes = host, source, yes
        self._terminal = Terminal()
        self._interrupts = 0
        self._finished = self._left = False
        self._said_at = self._polled_at = -math.inf

    def run(self, plan: RecoveryPlan | None = None, *, attached: bool = False) -> None:
        """Begin (unless it is under way) and follow to the end.

        Raises
        ------
        MachineError
            If it ended early.
        """
        self._terminal.tell(f"the journal is {self.job.journal.path}; Ctrl-C: pause there, and ask")
        with interrupts_go_to(self._interrupt), firmware_errors():
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
        if time.monotonic() - self._polled_at >= _POLL_S or self.job.state not in _BUSY:
            self._polled_at = time.monotonic()
            self.job.poll()
        with contextlib.suppress(queue.Empty):
            while True:
                self._hear(self._events.get_nowait())

    def _hear(self, event: Event) -> None:
        if isinstance(event, JobFinished):
            self._finished = True
            self._terminal.tell(f"finished: {self._source.job.wraps} wraps are on the board")
        elif isinstance(event, JobHalted):
            self._finished = True
            self._terminal.end_line()
            done = wraps_done(self._source, event.steps_done)
            kind = AlarmRaisedError if event.kind == "emergency" else MachineError
            raise kind(
                f"{event.reason}; {done} of {self._source.job.wraps} wraps are on the board",
                f"{event.hint}; then: stringart machine resume" if event.hint else "stringart machine resume",
            )
        elif isinstance(event, JobPaused):
            self._terminal.tell(f"paused: {event.prompt or event.reason}")
        elif isinstance(event, Noticed):
            self._terminal.tell(event.text)

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._said_at < (_POLL_S if self._terminal.is_there else _PLAIN_EVERY_S):
            return
        self._said_at = now
        steps, total = self._source.job.steps, self._source.job.wraps
        step = steps[min(self.job.next_step, len(steps) - 1)]
        done = wraps_done(self._source, self.job.next_step)
        left = self._source.job.seconds * (1 - done / total)
        pin = step.pins[0] if step.pins else "-"
        self._terminal.show(
            f"wrap {done + 1 if done < total else total}/{total}  pin {pin}  layer {step.layer + 1}  "
            f"{format_duration(left)} left  {self._host.name}: {self.job.state.value}"
        )

    # --- asking ---

    def _paused(self) -> None:
        if self._yes and self.job.prompt:
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
                return self._terminal.tell(f"left to {self._host.name}; follow it again: stringart machine resume")
            if words[:1] in (["go"], ["g"], ["resume"]):
                self._interrupts = 0
                return self.job.resume()
            if words[:1] in (["stop"], ["s"]):
                self._interrupts = 0
                return self.job.stop()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupts += 1

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
