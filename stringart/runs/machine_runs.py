"""A visit to a machine: the session, what it remembers of the last one, and where a turning board counts on."""

from dataclasses import asdict, replace
from pathlib import Path

from firmware_io import MachineState, Manners, PortError, Session, SessionOptions
from firmware_io.hosts.addresses import is_host
from firmware_io.sim.host import port_for
from stringart.folders import state_folder
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide
from stringart.machine.template_files import load_template

USUAL_BAUDS = (250_000, 57_600, 230_400, 38_400, 9_600)


def count_turns_on(session: Session, guide: ResumeGuide, step: int) -> str:
    """Let a turning board's angle count on from the turn in which the job left it; says so, or nothing.

    For a controller that was homed, or told its place anew.
    """
    position = session.wait_until_idle(30.0).work_position
    if position is None:
        return ""
    axes = guide.profile.axes
    here = axes.of(position)
    turns_deg = guide.whole_turns_deg(step, here)
    if not turns_deg:
        return ""
    session.set_work_position(**{axes.y: here[1] + turns_deg})
    return (
        f"in the job the board is {turns_deg / 360:.0f} turns further: {axes.y} counts from {here[1] + turns_deg:.3f}"
    )


def open_session(
    address: str,
    *,
    firmware: str = "auto",
    options: SessionOptions | None = None,
    silent: bool = False,
    resuming: bool = False,
) -> Session:
    """Open a session that remembers from one visit to the next whether the machine's position is known.

    A simulated machine that was just made stands at its zero and is believed, unless an accident is to be resumed.

    Parameters
    ----------
    address : str
    firmware : str
        Or a dialect's name.
    options : SessionOptions, optional
    silent : bool
        Open it although it says nothing.
    resuming : bool

    Raises
    ------
    firmware_io.FirmwareError
    """
    if is_host(address):
        raise PortError(
            f"{address} runs a job's file by itself: status, home, send and resume work with it",
            "for the rest use its own page, or the controller's serial port",
        )
    new = is_new_simulator(address)
    options = replace(options or SessionOptions(), memory=memory_folder())
    firmware = DIALECTS[firmware].firmware if firmware in DIALECTS else firmware
    session = Session.open(address, firmware=firmware, options=options, silent=silent)
    if new and not resuming and session.snapshot().machine_state is MachineState.IDLE:
        session.trust_position()
    return session


def rates(profile: Profile, options: SessionOptions | None = None) -> SessionOptions:
    """Return the options with the profile's rate, or with all that are usual where it says none."""
    options = options or SessionOptions()
    if speaks_lines(profile):
        manners = Manners(**asdict(load_template(profile.machine.template).answers))
        return replace(options, manners=manners, baud=profile.machine.baud or options.baud, other_bauds=())
    if profile.machine.baud:
        return replace(options, baud=profile.machine.baud, other_bauds=())
    return replace(options, other_bauds=USUAL_BAUDS)


def speaks_lines(profile: Profile) -> bool:
    """Whether the machine has a firmware of its maker's own, which a job template describes."""
    return bool(profile.machine.template) and load_template(profile.machine.template).protocol == "lines"


def firmware_of(profile: Profile) -> str:
    """How ``firmware_io`` calls what the machine speaks; empty where it runs a job's file itself."""
    if not profile.machine.template:
        return DIALECTS[profile.machine.dialect].firmware
    return load_template(profile.machine.template).protocol


def is_new_simulator(address: str) -> bool:
    """Whether an address is that of a simulated machine which nobody has opened yet."""
    try:
        return address.startswith("sim://") and not port_for(address).machine.openings
    except ValueError:  # a bad address is told at its opening
        return False


def memory_folder() -> Path:
    """Where one visit to a machine leaves for the next what is known of its position."""
    return state_folder() / "machines"
