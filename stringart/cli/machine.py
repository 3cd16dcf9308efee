"""``stringart machine``: from a job's file to a wound piece, and back from every accident."""

import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path

import click

from firmware_io import (
    Journal,
    MachineState,
    Session,
    SessionOptions,
    StatusReported,
    list_ports,
    read_journal,
)
from firmware_io.hosts.addresses import is_host
from stringart.cli._machine_common import (
    decode,
    firmware_errors,
    latest_journal,
    load_source,
    machine_option,
    new_journal_path,
    port_option,
    session_on,
    settle,
    talk,
    yes_option,
)
from stringart.cli._machine_console import Visit, converse
from stringart.cli._machine_dry_run import dry_run
from stringart.cli._machine_hand import axis_words, jog_within, make_ready, show_where_short, touch_pins
from stringart.cli._machine_host import home_host, host_for, key_option, resume_on_host, say_host, send_to_host
from stringart.cli._machine_position import (
    axes_text,
    homing_question,
    into_g54,
    know_position,
    place_of,
    position_options,
    refuse_both,
    require_position,
)
from stringart.cli._machine_resume import done_text, say_other_time, say_place, source_of, way_back
from stringart.cli._machine_run import OperatorConsole, show_where
from stringart.cli._machine_settings import believe_settings
from stringart.cli._machine_setup import set_up
from stringart.cli._machine_states import rest, way_out
from stringart.cli._params import PIXELS, check_folders, load_plan, write_output
from stringart.errors import MachineError
from stringart.files import read_bytes
from stringart.machine.estimate import time_of
from stringart.machine.jobfile import read_job
from stringart.machine.own_profile import save_place
from stringart.machine.path_picture import picture_png
from stringart.machine.placement import fit_place
from stringart.machine.profile_files import bundled_names, lasting_name, load_profile, profile_names, user_folder
from stringart.machine.proof import Proof, prove
from stringart.machine.recovery import THREAD_STATES
from stringart.machine.template_guide import guide_of
from stringart.plan.model import MAX_PLAN_BYTES
from stringart.runs.journals import begin_journal
from stringart.runs.machine_runs import count_turns_on
from stringart.units import format_duration


@click.group()
def machine() -> None:
    """Wind a plan by machine: profiles, ports, checks, sending and coming back."""


# --- looking ---


@machine.command()
def ports() -> None:
    """List the serial ports that may be a machine."""
    found = list_ports()
    for port in found:
        ids = f"{port.vendor_id:04x}:{port.product_id:04x}" if port.vendor_id and port.product_id else "-"
        about = " ".join(t for t in (port.manufacturer, port.description) if t)
        click.echo(f"{port.address}\t{ids}\t{port.serial_number or '-'}\t{about}")
    if not found:
        talk("no machine is attached; the simulated controllers are sim://grbl, grblhal, fluidnc, marlin")


@machine.command()
@click.argument("name", required=False)
def profiles(name: str | None) -> None:
    """List the machine profiles, or check the one of this NAME."""
    if name:
        profile = load_profile(name)
        click.echo(f"{name}\t{profile.machine.dialect}\t{profile.machine.kinematics}\t{profile.machine.about}")
        return
    bundled = set(bundled_names())
    for one in profile_names():
        profile = load_profile(one)
        own = "yours" if (user_folder() / f"{one}.toml").is_file() else "bundled" if one in bundled else ""
        click.echo(f"{one}\t{own}\t{profile.machine.about}")
    talk(f"your own go into {user_folder()}")


@machine.command(short_help="Read JOB back and prove what its path winds.")
@click.argument("job_file", metavar="JOB")
@machine_option
@click.option("--plan", "plan_file", metavar="PLAN", help="The plan that the job should wind.")
@click.option("-o", "--output", metavar="PNG", help="Draw the path.")
@click.option("--width", "width_px", type=PIXELS, default="1600px", show_default=True, help="Width of the picture.")
def check(job_file: str, machine_name: str, plan_file: str | None, output: str | None, width_px: int) -> None:
    """Read JOB back and prove from its path alone which pins it winds, in which order and direction.

    Finds a move that was swapped, doubled or lost, pins that are touched, and travel that is left. Exit status 1 if
    anything is wrong.
    """
    check_folders((output,) if output else ())
    profile = load_profile(machine_name)
    data = read_bytes(job_file, MachineError, MAX_PLAN_BYTES)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        raise MachineError(f"{job_file} is a plan, not a job", f"write one: stringart export {job_file} -o job.gcode")
    text = decode(data, job_file)
    plan = load_plan(plan_file) if plan_file else None
    proof = prove(text, profile, plan)
    if output:
        pin_mm = plan.pins.diameter_mm if plan else read_job(text, job_file).pin_diameter_mm
        write_output(output, picture_png(proof, profile, pin_mm, width_px))
    _say_proof(proof)
    if plan is not None:
        from stringart.plan.touches import contacts_of

        click.echo(f"threads: {contacts_of(plan)}")
    if proof.problems:
        raise MachineError(
            f"{job_file}: {len(proof.problems)} problems, the first: {proof.problems[0]}",
            "export the job anew from its plan, and check that",
        )


def _say_proof(proof: Proof) -> None:
    clockwise = sum(w.direction > 0 for w in proof.wound)
    boxes = zip("xyz", proof.box, strict=False)  # a template's job has no axes
    ranges = ", ".join(f"{a} {low:.1f} to {high:.1f}" for a, (low, high) in boxes if low <= high)
    click.echo(f"wraps: {len(proof.wound)} ({clockwise} clockwise, {len(proof.wound) - clockwise} counter-clockwise)")
    click.echo(f"compared with: {proof.source}")
    click.echo(
        f"least clearance: {proof.clearance_mm:.2f} mm at pin {proof.clearance_pin}, line {proof.clearance_line}"
    )
    if ranges:
        click.echo(f"axes: {ranges}")
    click.echo(f"motion: {proof.timing.total_s:.0f} s = {format_duration(proof.timing.total_s)}")
    for problem in proof.problems:
        click.echo(f"PROBLEM {problem}")
    if not proof.problems:
        click.echo("proved: every wrap is there, in order and direction, clear of all pins, inside the travel")


@machine.command(short_help="Say how long PLAN or JOB takes, and each layer's thread.")
@click.argument("source_file", metavar="PLAN|JOB")
@machine_option
def estimate(source_file: str, machine_name: str) -> None:
    """Say how long PLAN or JOB takes on the machine, and the thread of every layer."""
    source = load_source(source_file, machine_name, check=False)
    timing = time_of(source.text, source.profile)
    highest = max(step.wrap_mm for step in source.job.steps)
    click.echo(f"motion: {timing.total_s:.0f} s = {format_duration(timing.total_s)}")
    click.echo(f"stops for the operator: {sum(bool(s.prompt) for s in source.job.steps)}")
    click.echo(f"wraps: {source.job.wraps}, highest {highest:.1f} mm above the board")
    for line in source.text.splitlines():
        note = line.strip("();")
        if note.startswith("thread layer "):
            click.echo(note)


# --- the board's place ---


@machine.command(short_help="Fit the board's place to pins that were touched.")
@click.argument("plan_file", metavar="PLAN")
@machine_option
@port_option
@click.option("--pin", "pins", multiple=True, metavar="N=X,Y", help="Pin N is at X,Y (radius,angle); may be repeated.")
@click.option("--surface", "surface_z_mm", type=float, metavar="Z", help="Z at which the tool touches the board.")
@position_options
@yes_option
def locate(
    plan_file: str, machine_name: str, port: str | None, pins: tuple[str, ...], surface_z_mm: float | None,
    homing: bool, tool_at: str | None, yes: bool,
) -> None:  # fmt: skip
    """Fit the board's place to pins that were touched, and keep it in your profile.

    Without --pin the tool is led to the pins by hand: jog it over a pin, write the pin's number.
    """
    from stringart.machine.kinematics import to_plane

    if surface_z_mm is not None and not math.isfinite(surface_z_mm):
        raise MachineError(f"--surface {surface_z_mm} is no height", "write millimetres in work coordinates")
    refuse_both(homing=homing, place=tool_at)
    profile, plan = load_profile(machine_name), load_plan(plan_file)
    said = place_of(tool_at, profile) if tool_at is not None else None
    touched = {pin: to_plane(profile, axes) for pin, axes in map(_pin_at, pins)}
    if not touched:
        with session_on(port, profile) as session:
            make_ready(session, profile, homing=homing, said=said, yes=yes)
            touched = touch_pins(session, profile, len(plan.pins))
    fit = fit_place(plan.pins.xy_mm, touched, profile.board)
    place = fit.place
    click.echo(f"centre {place.center_mm[0]:.3f} {place.center_mm[1]:.3f} mm")
    click.echo(f"turn {place.rotation_deg:.4f} degrees, scale {place.scale:.6f}")
    for pin, residual in fit.residuals_mm.items():
        click.echo(f"pin {pin}: {residual:.3f} mm off")
    click.echo(f"root mean square {fit.rms_mm:.3f} mm")
    if fit.worst[1] > profile.clearance.pin_mm:
        talk(f"warning: pin {fit.worst[0]} is {fit.worst[1]:.2f} mm off, more than the clearance; touch it again")
    if surface_z_mm is not None:
        place = dataclasses.replace(place, surface_z_mm=surface_z_mm)
    if yes or click.confirm(f"Keep it in your profile '{machine_name}'?", default=True, err=True):
        talk(f"wrote {save_place(machine_name, place)}")


def _pin_at(text: str) -> tuple[int, tuple[float, float]]:
    try:
        pin, _, place = text.partition("=")
        x, y = (float(word) for word in place.split(","))
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError
        return int(pin), (x, y)
    except ValueError:
        raise MachineError(f"--pin {text} cannot be read", "write a pin and its place: --pin 0=500.1,799.8") from None


# --- the machine alone ---


@machine.command()
@port_option
def setup(port: str | None) -> None:
    """Make a profile: the board is asked, you are asked five questions, the limits are toured."""
    set_up(port)


@machine.command()
@machine_option
@port_option
@key_option
def status(machine_name: str, port: str | None, key: str | None) -> None:
    """Say what the machine does and where its tool is, and the way out of the state that it is in."""
    profile = load_profile(machine_name)
    if port is not None and is_host(port):
        return say_host(host_for(port, key, profile))
    with session_on(port, profile, SessionOptions(silence_s=_STATUS_SILENCE_S)) as session:
        report, shot = _report_with_place(session), session.snapshot()
        click.echo(f"{shot.firmware} {shot.version} at {shot.port}: {report.raw_state}")
        for name, position in (("work", report.work_position), ("machine", report.machine_position)):
            if position is not None:
                click.echo(f"{name} position: {axes_text(position)}")
        if not shot.position_known:
            click.echo(f"the position is not known: {shot.position_doubt or 'it was lost'}")
        if error := way_out(report):
            raise error
    return None


_STATUS_SILENCE_S = 1.9


def _report_with_place(session: Session) -> StatusReported:
    """A status; with the work position, if that comes soon."""
    deadline = time.monotonic() + 1.0
    while (report := session.status()).work_position is None and time.monotonic() < deadline:
        continue
    return report


@machine.command()
@machine_option
@port_option
@key_option
@yes_option
def home(machine_name: str, port: str | None, key: str | None, yes: bool) -> None:
    """Home all axes. The tool moves: it must be free."""
    profile = load_profile(machine_name)
    if port is not None and is_host(port):
        told = home_host(host_for(port, key, profile), profile, yes=yes).position
        click.echo(f"homed: {axes_text(told)}" if told is not None else "homed")
        return
    with session_on(port, profile) as session:
        rest(session, allowed=(MachineState.ALARM,))
        if yes or click.confirm(homing_question(profile), err=True):
            know_position(session, profile, homing=True, place=None, yes=True)
            click.echo(f"homed: {show_where_short(session)}")


@machine.command()
@machine_option
@port_option
@yes_option
def unlock(machine_name: str, port: str | None, yes: bool) -> None:
    """Leave the alarm lock without homing. The position may be wrong afterwards."""
    profile = load_profile(machine_name)
    with session_on(port, profile) as session:
        if rest(session, allowed=(MachineState.ALARM,)).state is not MachineState.ALARM:
            click.echo("nothing is locked")
        elif yes or click.confirm("The position may be wrong. Unlock?", err=True):
            session.unlock()
            click.echo(session.status().raw_state)


@machine.command()
@machine_option
@port_option
@yes_option
def reset(machine_name: str, port: str | None, yes: bool) -> None:
    """Soft reset: the way out of check mode, a hold, a tool change, sleep and limit alarms. Nothing moves."""
    profile = load_profile(machine_name)
    with session_on(port, profile, SessionOptions(silence_s=_STATUS_SILENCE_S), silent=True) as session:
        state = session.snapshot().machine_state
        raw = session.snapshot().raw_state or "silent"
        if not yes and not click.confirm(f"The controller is {raw}. {_reset_cost(state)} Reset?", err=True):
            return
        after = session.reset()
        click.echo(after.raw_state)
        shot = session.snapshot()
        if not shot.position_known:
            talk(f"the position is not known: {shot.position_doubt or 'it was lost'}")
        if error := way_out(after):
            talk(f"{error}; {error.hint}")


def _reset_cost(state: MachineState) -> str:
    if state in (MachineState.CHECK, MachineState.IDLE):
        return "Nothing moves: the position is kept."
    if state in (MachineState.HELD, MachineState.DOOR, MachineState.TOOL):
        return "It stands: the position is kept, the lines that it still has are thrown away."
    if state in (MachineState.RUN, MachineState.JOG, MachineState.HOME, MachineState.HOLDING):
        return "It moves: steps are lost, and with them the position."
    return "Its position counts as lost: home afterwards, or unlock and say where the tool is."


@machine.command()
@click.argument("moves", nargs=-1, required=True, metavar="X10 Y-0.5 ...")
@machine_option
@port_option
@click.option("--to", "absolute", is_flag=True, help="To these coordinates, not by these distances.")
@click.option("--feed", type=click.FloatRange(min=1), help="mm/min; the profile's wrap feed by default.")
@position_options
@yes_option
def jog(
    moves: tuple[str, ...], machine_name: str, port: str | None, absolute: bool, feed: float | None,
    homing: bool, tool_at: str | None, yes: bool,
) -> None:  # fmt: skip
    """Move the axes by (or --to) millimetres, within the profile's limits. Negative: stringart machine jog -- X-5."""
    refuse_both(homing=homing, place=tool_at)
    profile = load_profile(machine_name)
    said, axes = place_of(tool_at, profile) if tool_at is not None else None, axis_words(moves)
    with session_on(port, profile) as session:
        if not homing:
            rest(session)
        know_position(session, profile, homing=homing, place=said, yes=yes)
        if absolute:
            require_position(session)
        elif not session.snapshot().position_known and not (yes or _may_jog_blindly(session, moves)):
            return
        jog_within(session, profile, axes, feed or profile.motion.wrap_feed_mm_min, absolute=absolute)
        click.echo(show_where_short(session))


def _may_jog_blindly(session: Session, moves: Sequence[str]) -> bool:
    why = session.snapshot().position_doubt or "the controller lost its position"
    return click.confirm(
        f"It is not known where the tool is ({why}): no limit can be kept. Move by {' '.join(moves)}?", err=True
    )


@machine.command()
@click.argument("source_file", metavar="PLAN|JOB")
@machine_option
@port_option
@click.option("--pin", default=0, show_default=True, help="Wrap this pin once.")
@click.option("--ccw", is_flag=True, help="Counter-clockwise.")
@click.option("--tour", metavar="PIN,PIN,...", help="Go over these pins at the safe height, no wrap.")
@position_options
@yes_option
def test(
    source_file: str, machine_name: str, port: str | None, pin: int, ccw: bool, tour: str | None,
    homing: bool, tool_at: str | None, yes: bool,
) -> None:  # fmt: skip
    """Try one wrap, or a dry tour over chosen pins above their tops."""
    refuse_both(homing=homing, place=tool_at)
    source = load_source(source_file, machine_name)
    guide = guide_of(source.job, source.profile)
    said = place_of(tool_at, source.profile, guide) if tool_at is not None else None
    with session_on(port, source.profile) as session:
        make_ready(session, source.profile, homing=homing, said=said, yes=yes)
        told = session.wait_until_idle(30).work_position
        position = None if told is None else source.profile.axes.of(told)
        if tour:
            try:
                chosen = [int(p) for p in tour.split(",")]
            except ValueError:
                raise MachineError(f"--tour {tour} cannot be read", "write pins, as in --tour 0,72,144") from None
            lines, what = guide.tour(chosen, position), f"go over pins {tour}"
        else:
            lines, what = guide.try_wrap(pin, -1 if ccw else 1, position), f"wrap pin {pin} once"
        lift = "Shall it " if source.profile.machine.template else f"Lift to {guide.safe_mm:g} mm and "
        if yes or click.confirm(f"{lift}{what}?", err=True):
            session.run_lines(lines)
            click.echo(f"done: {show_where(session, guide)}")


@machine.command(name="console")
@machine_option
@port_option
def visit(machine_name: str, port: str | None) -> None:
    """Home, jog, locate, test, send and resume at one prompt, over one connection."""
    converse(machine, Visit(port=port, machine_name=machine_name), load_profile(machine_name))


# --- a job ---

wire_option = click.option("--wire-log", metavar="FILE", help="Write every byte, both ways, with its time.")
notify_option = click.option("--notify", metavar="COMMAND", help="Run on pause, alarm, end; {event}, {text}.")
journal_option = click.option("--journal", metavar="FILE", help="The journal; kept in the state folder by default.")


def _options(wire_log: str | None, notify: str | None) -> SessionOptions:
    return SessionOptions(wire_log=Path(wire_log) if wire_log else None, notify_command=notify or "")


@machine.command(short_help="Wind PLAN, or run JOB, on the machine.")
@click.argument("source_file", metavar="PLAN|JOB")
@machine_option
@port_option
@journal_option
@wire_option
@notify_option
@click.option(
    "--dry-run/--no-dry-run", "checking", default=True, help="Let the controller read the whole job first ($C)."
)
@key_option
@position_options
@yes_option
def send(
    source_file: str, machine_name: str, port: str | None, journal: str | None, wire_log: str | None,
    notify: str | None, checking: bool, key: str | None, homing: bool, tool_at: str | None, yes: bool,
) -> None:  # fmt: skip
    """Wind PLAN, or run JOB, on the machine; stays in charge until the end.

    PORT may be a network's: socket://HOST:23, ws://HOST:81, moonraker://HOST, octoprint://HOST (help network).
    """
    refuse_both(homing=homing, place=tool_at)
    source = load_source(source_file, machine_name)
    said = place_of(tool_at, source.profile, guide_of(source.job, source.profile)) if tool_at is not None else None
    talk(f"proved: {source.job.wraps} wraps, {format_duration(source.job.seconds)} of motion")
    meta = {
        "source": str(Path(source_file).resolve()), "machine": lasting_name(machine_name), "port": port or "",
        "profile": source.profile.sha256, "wraps": source.job.wraps,
    }  # fmt: skip
    if port is not None and is_host(port):
        host, path = host_for(port, key, source.profile), new_journal_path(source, journal)
        return send_to_host(
            host,
            source,
            lambda: begin_journal(path, source.text, source.firmware_job, meta),
            homing=homing,
            said=said,
            yes=yes,
        )
    with session_on(port, source.profile, _options(wire_log, notify)) as session:
        path = new_journal_path(source, journal)
        make_ready(session, source.profile, homing=homing, said=said, yes=yes)
        into_g54(session)
        controlled = believe_settings(session, source.profile, wraps=source.job.wraps)
        say_other_time(source, controlled)
        if checking:
            dry_run(session, source)
        real = not session.port.address.startswith("sim://")
        where = f"The tool is at {show_where_short(session)}, as the controller has it"
        if source.profile.machine.template:
            where = f"The board stands {show_where(session, guide_of(source.job, source.profile)).partition(', ')[2]}"
        if real and not yes and not click.confirm(f"{where}. The machine will move. Start?", err=True):
            return None
        with begin_journal(path, source.text, source.firmware_job, meta | {"port": session.port.address}) as book:
            OperatorConsole(session, source, book, yes=yes, controlled=controlled).run()
    return None


@machine.command(short_help="Go on with the job that was last left unfinished.")
@journal_option
@port_option
@wire_option
@notify_option
@position_options
@click.option(
    "--thread", "thread_state", type=click.Choice(THREAD_STATES),
    help="Whether the thread of the wrap in flight is before its pin, half round it, or round it.",
)  # fmt: skip
@click.option("--wraps", type=click.IntRange(min=0), help="Of a host's job: so many wraps are on the board.")
@key_option
@yes_option
def resume(
    journal: str | None, port: str | None, wire_log: str | None, notify: str | None, homing: bool, tool_at: str | None,
    thread_state: str | None, wraps: int | None, key: str | None, yes: bool,
) -> None:  # fmt: skip
    """Go on with the job that was last left unfinished: says what it will do, and asks."""
    refuse_both(homing=homing, place=tool_at)
    path = Path(journal) if journal else latest_journal()
    with firmware_errors():
        state = read_journal(path)
    machine_name = str(state.meta.get("machine", "grbl"))
    source = source_of(path, machine_name)
    guide = guide_of(source.job, source.profile)
    said = place_of(tool_at, source.profile, guide) if tool_at is not None else None
    ended = f"; it ended: {state.reason}" if state.reason else ""
    talk(f"{state.job_name}: {done_text(source, state.next_step)}{ended}")
    address = port or str(state.meta.get("port", "")) or None
    if address is not None and is_host(address):
        host = host_for(address, key, source.profile)
        return resume_on_host(
            host, source, path, homing=homing, said=said, wraps=wraps, thread_state=thread_state, yes=yes
        )
    with (
        session_on(address, source.profile, _options(wire_log, notify), resuming=True) as session,
        Journal.open(path, source.firmware_job) as book,
    ):
        shot = session.snapshot()
        kept = shot.position_kept and not book.state.position_lost
        if not kept and book.state.last_seen is not None:
            last = book.state.last_seen
            talk(f"the tool was last seen at {axes_text(last)}, {guide.whereabouts(source.profile.axes.of(last)).text}")
        settle(session, yes=yes)
        know_position(session, source.profile, homing=homing, place=said, yes=yes, kept=kept)
        rest(session)
        session.wait_until_idle(10)
        if not kept and (counted := count_turns_on(session, guide, book.state.next_step)):
            talk(counted)
        told = session.status().work_position
        info = session.recovery_info(source.firmware_job, book, told if said else None)
        say_place(info, guide)
        plan = way_back(info, guide, thread_state)
        talk(plan.text)
        if yes or click.confirm("Go on so?", err=True):
            controlled = believe_settings(session, source.profile, wraps=source.job.wraps)
            OperatorConsole(session, source, book, yes=yes, controlled=controlled).run(plan)
    return None
