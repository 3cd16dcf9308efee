"""What the machine's commands share: their options, a job from a plan or a file, a session, journals, errors."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import click

from firmware_io import (
    AlarmError,
    FirmwareError,
    Session,
    SessionOptions,
    list_ports,
    read_journal,
)
from firmware_io.events import IN_HOLD
from firmware_io.sim.host import port_for
from firmware_io.sim.machine import SimulatedMachine
from stringart.cli._params import load_plan
from stringart.cli._streams import read_stdin
from stringart.errors import MachineError
from stringart.files import decode_text, read_bytes
from stringart.machine.profile import AXIS_ORDER, Profile
from stringart.machine.profile_files import load_profile
from stringart.plan.model import MAX_PLAN_BYTES, Plan
from stringart.runs.journals import job_beside, journal_folder, journal_path, unfinished
from stringart.runs.machine_runs import firmware_of, is_new_simulator, open_session, rates, speaks_lines
from stringart.runs.prepared import PreparedJob, prepare_plan, prepare_text

_F = TypeVar("_F", bound=Callable[..., object])


class AlarmRaisedError(MachineError):
    """The controller is in alarm: exit status 3."""

    exit_status = 3


machine_option = click.option(
    "--machine", "machine_name", default="grbl", show_default=True, metavar="PROFILE", help="Profile of the machine."
)
port_option = click.option(
    "--port", metavar="PORT", help="Serial port or URL; the simulator sim://... where no machine is attached."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask; for scripts.")


@contextlib.contextmanager
def firmware_errors() -> Iterator[None]:
    """Errors of ``firmware_io`` as ours: one line, a hint, exit status 3 for an alarm."""
    try:
        yield
    except AlarmError as error:
        raise AlarmRaisedError(str(error), error.hint) from error
    except FirmwareError as error:
        raise MachineError(str(error), error.hint.replace("python -m firmware_io", "stringart machine")) from error


class Lender:
    """Of a visit with several commands: keeps one session open for all of them."""

    @contextlib.contextmanager
    def borrow(self, open_one: Callable[[], Session]) -> Iterator[Session]:
        """Lend the open session, or the one that ``open_one`` opens."""
        with open_one() as session:
            yield session


def talk(text: str) -> None:
    """Say something; stdout is for data."""
    click.echo(text, err=True)


# --- ports and sessions ---


def choose_port(port: str | None, profile: Profile) -> str:
    """The port asked for; else the simulator, if no machine is attached.

    Raises
    ------
    MachineError
        If machines are attached and none was chosen.
    """
    if port:
        return port
    attached = list_ports()
    if attached:
        names = ", ".join(p.address for p in attached)
        raise MachineError(
            f"which port? attached: {names}", f"write --port {attached[0].address}, or --port sim://grbl"
        )
    if speaks_lines(profile):
        raise MachineError(
            "no machine is attached, and a firmware of one's own has no simulator here",
            "plug it in, or write --port PORT (a sketch of the examples runs on simavr too)",
        )
    simulated = f"sim://{firmware_of(profile)}"
    talk(f"no machine is attached: this is the SIMULATED controller {simulated} (another: --port)")
    return simulated


@contextlib.contextmanager
def session_on(
    port: str | None,
    profile: Profile,
    options: SessionOptions | None = None,
    *,
    silent: bool = False,
    resuming: bool = False,
) -> Iterator[Session]:
    """A session with the machine, which remembers from one to the next whether the position is known.

    The simulator is set as the profile says; one that was just made knows where it is, unless an accident is to be
    resumed.

    Parameters
    ----------
    silent : bool
        Open it although it says nothing.
    resuming : bool
    """
    if not firmware_of(profile):
        raise MachineError("LinuxCNC runs a job's file itself", "export it and open it there")

    def opened() -> Session:
        address = choose_port(port, profile)
        if is_new_simulator(address):
            _set_simulator(address, profile)
        rated = rates(profile, options)
        session = open_session(address, firmware=firmware_of(profile), options=rated, silent=silent, resuming=resuming)
        if session.baud != rated.baud:
            talk(f"the controller speaks at {session.baud} baud: write  baud = {session.baud}  under [machine] in the "
                 f"profile '{profile.name}'")  # fmt: skip
        return session

    context = click.get_current_context(silent=True)
    visit = context.find_object(Lender) if context is not None else None
    with firmware_errors():
        if visit is not None:
            with visit.borrow(opened) as session:
                yield session
            return
        with opened() as session:
            yield session


def _set_simulator(address: str, profile: Profile) -> None:
    """The simulated controller's settings are what the profile says of the machine."""
    motion, limits = profile.motion, profile.limits
    travels = (limits.x_mm, limits.y_mm, limits.z_mm)
    axes = tuple(zip(
        (profile.axes.x, profile.axes.y, profile.axes.z), motion.max_rate_mm_min, motion.acceleration_mm_s2, travels,
        strict=True,
    ))  # fmt: skip

    def set_up(machine: SimulatedMachine) -> None:
        if firmware_of(profile) != "marlin":
            settings = {1: 255.0, 11: motion.junction_deviation_mm}
            for letter, rate, acceleration, (low, high) in axes:
                place = AXIS_ORDER.index(letter)
                settings |= {110 + place: rate, 120 + place: acceleration, 130 + place: high - low}
            machine.configure(settings)
            return
        planner = machine.controller.planner
        rates, accelerations = list(planner.limits.max_rate_mm_s), list(planner.limits.acceleration_mm_s2)
        for letter, rate, acceleration, _ in axes:
            place = AXIS_ORDER.index(letter)
            rates[place], accelerations[place] = rate / 60, acceleration
        planner.limits = replace(
            planner.limits,
            max_rate_mm_s=tuple(rates),
            acceleration_mm_s2=tuple(accelerations),
            junction_deviation_mm=motion.junction_deviation_mm,
        )

    if ("marlin" in urlsplit(address).netloc) == (firmware_of(profile) == "marlin"):  # else opening it says which
        port_for(address).do(set_up)


def settle(session: Session, *, yes: bool, patience_s: float = 120.0) -> None:
    """Wait until the machine has done what it still had, and its work position is known; a hold is ended if allowed.

    Raises
    ------
    MachineError
        If it stands in a hold and shall stay there.
    """
    if session.status().state in IN_HOLD:
        question = "The machine stands in a hold. Let it do the lines that it has (one wrap at most)?"
        if not yes and not click.confirm(question, err=True):
            raise MachineError("the machine stands in a hold", "end it at the machine, or let it go on")
        session.release()
        session.wait_until_idle(patience_s)


# --- jobs ---


def load_source(name: str, machine_name: str, *, check: bool = True) -> PreparedJob:
    """Read a plan or a job's file for a machine; unless told not to, prove the job before it is used.

    Raises
    ------
    MachineError, PlanError
    """
    profile = load_profile(machine_name)
    data = read_stdin(MAX_PLAN_BYTES, MachineError) if name == "-" else read_bytes(name, MachineError, MAX_PLAN_BYTES)
    with firmware_errors():
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
            plan = Plan.from_bytes(data, name) if name == "-" else load_plan(name)
            return prepare_plan(plan, profile, name, check=check)
        return prepare_text(decode(data, name), profile, name, check=check)


def decode(data: bytes, name: str) -> str:
    """The text of a job's file.

    Raises
    ------
    MachineError
        If it is not ASCII.
    """
    text = decode_text(data, name, MachineError)
    if not text.isascii():
        wrong = next(k for k, c in enumerate(text) if not c.isascii())
        line = text.count("\n", 0, wrong) + 1
        raise MachineError(f"{name}, line {line}: {text[wrong]!a} is not ASCII, which a controller may act upon")
    return text


# --- journals ---


def new_journal_path(source: PreparedJob, chosen: str | None) -> Path:
    """Where the journal of a new run will be, with a copy of the job beside it; nothing is written yet.

    Raises
    ------
    MachineError
        If a run of the same job is unfinished, or the copy would replace a file of the user's.
    """
    path = Path(chosen) if chosen else journal_path(source.name, source.firmware_job)
    if chosen:
        _check_copy(path, source.text.encode("ascii"))
    with firmware_errors():
        state = unfinished(path)
    if state is not None:
        raise MachineError(
            f"an unfinished run of this job is on record ({state.next_step} of {state.step_count} steps are done)",
            f"stringart machine resume --journal '{path}'; or delete that file to begin anew",
        )
    return path


def _check_copy(journal: Path, data: bytes) -> None:
    """Refuse a journal the copy of whose job would replace the journal itself or another file."""
    copy = job_beside(journal)
    if journal.suffix.lower() == copy.suffix:
        raise MachineError(
            f"--journal {journal} is no journal's name: the copy of the job is kept as {copy.name}",
            f"write --journal {journal.with_suffix('.journal')}",
        )
    if copy.exists() and read_bytes(copy, MachineError, MAX_PLAN_BYTES) != data:
        raise MachineError(
            f"the copy of the job is kept as '{copy}' beside the journal, and that file holds something else",
            "choose another --journal, or move that file away",
        )


def latest_journal() -> Path:
    """The journal of the run that was last left unfinished.

    Raises
    ------
    MachineError
        If there is none.
    """
    folder = journal_folder()
    found = sorted(folder.glob("*.journal"), key=lambda p: p.stat().st_mtime, reverse=True) if folder.is_dir() else []
    for path in found:
        with firmware_errors():
            if not read_journal(path).finished:
                return path
    raise MachineError("no unfinished job is on record", f"journals are kept in {folder}; another: --journal FILE")
