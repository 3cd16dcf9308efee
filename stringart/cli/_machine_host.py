"""A job that a host (Moonraker, OctoPrint) runs by itself: given, followed, paused and ended from here."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from firmware_io import (
    Journal,
    MachineState,
    Position,
)
from firmware_io.facts import gather_facts
from firmware_io.hosts.addresses import host_at
from firmware_io.hosts.base import Host, HostReport, HostState
from stringart.cli._machine_common import firmware_errors, talk
from stringart.cli._machine_host_run import HostConsole
from stringart.cli._machine_paused import wraps_done
from stringart.cli._machine_position import axes_text, homing_question
from stringart.cli._machine_resume import say_place, way_back
from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide
from stringart.runs.prepared import PreparedJob

_EXACT = ("stopped", "rejected")  # ends at which the host told how far it was

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
