"""Position is known or nothing moves: what the commands that move a machine ask before they do."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click

from firmware_io import MachineState, Session
from stringart.cli._machine_common import firmware_errors, talk
from stringart.cli._machine_states import rest
from stringart.errors import MachineError
from stringart.machine.profile import AXIS_ORDER, Profile
from stringart.machine.recovery import ResumeGuide
from stringart.machine.template_files import load_template
from stringart.runs.machine_runs import speaks_lines

_F = TypeVar("_F", bound=Callable[..., object])
_OVER_PIN = re.compile(r"^(?:over\s+)?pin\s*(\d{1,6})(?:\s*,\s*(.+))?$", re.IGNORECASE)


def position_options(command: _F) -> _F:
    """``--home`` and ``--at``, of every command that moves the tool."""
    command = click.option(
        "--at", "tool_at", metavar="X,Y,Z", help="The tool is at these work coordinates now, or 'over pin K'."
    )(command)
    return click.option("--home", "homing", is_flag=True, help="Home first: where the position is not known.")(command)


def refuse_both(*, homing: bool, place: str | None) -> None:
    """Refuse ``--home`` together with ``--at``."""
    if homing and place is not None:
        raise click.UsageError(
            "--home and --at exclude each other: homing moves the tool away from where --at says that it is"
        )


def axes_text(position: Sequence[float]) -> str:
    """Axis values in millimetres (a turning board's in degrees), with their letters."""
    return " ".join(f"{letter}{value:.3f}" for letter, value in zip("XYZABC", position, strict=False))


def place_of(text: str, profile: Profile, guide: ResumeGuide | None = None) -> dict[str, float]:
    """The value of every axis of the machine, by its letter, from what stands after ``--at``.

    Raises
    ------
    MachineError
    """
    axes = profile.axes
    if speaks_lines(profile):
        return _own_place(text, profile, guide)
    letters = (axes.x, axes.y) if profile.servo_lift else (axes.x, axes.y, axes.z)
    over = _OVER_PIN.match(text.strip())
    if over is not None:
        return _over_pin(over, text, profile, guide)
    try:
        values = [float(word) for word in text.split(",")]
    except ValueError:
        values = []
    if len(values) != len(letters) or not all(map(math.isfinite, values)):
        raise MachineError(
            f"--at {text} cannot be read",
            f"write a number for each of {', '.join(letters)}, in work coordinates, or 'over pin K'",
        )
    return dict(zip(letters, values, strict=True))


def _own_place(text: str, profile: Profile, guide: ResumeGuide | None) -> dict[str, float]:
    """Where a firmware of its maker's own stands, as it counts: a whole number."""
    over = _OVER_PIN.match(text.strip())
    number = over[1] if over is not None and over[2] is None else text.strip()
    count = len(guide.ring) if guide is not None else None
    if not number.isdigit() or (count is not None and int(number) >= count):
        most = "" if count is None else f" of 0 to {count - 1}"
        raise MachineError(
            f"--at {text} cannot be read",
            f"write 'pin K'{most}: the needle stands inside, in the gap after that pin",
        )
    return {profile.axes.x: float(number)}


def _over_pin(over: re.Match[str], text: str, profile: Profile, guide: ResumeGuide | None) -> dict[str, float]:
    """The tool's tip stands on a pin's top; another height may follow."""
    if guide is None:
        raise MachineError(f"--at {text}: this command knows no pins", "write X,Y,Z in work coordinates")
    pin = int(over[1])
    if pin >= len(guide.ring):
        raise MachineError(f"--at {text}: there is no pin {pin}, they are numbered 0 to {len(guide.ring) - 1}")
    x, y = guide.axes_over(pin, None)
    found = {profile.axes.x: x, profile.axes.y: y}
    if profile.servo_lift:
        return found
    try:
        z = profile.board.surface_z_mm + profile.height.pin_mm if over[2] is None else float(over[2])
    except ValueError:
        z = math.nan
    if not math.isfinite(z):
        raise MachineError(f"--at {text} cannot be read", "write 'over pin K', or 'over pin K,Z' with the tip's Z")
    return found | {profile.axes.z: z}


def know_position(
    session: Session,
    profile: Profile,
    *,
    homing: bool,
    place: Mapping[str, float] | None,
    yes: bool,
    kept: bool | None = None,
) -> None:
    """Home, or take the operator's word, before anything is asked of the position; the machine rests afterwards.

    Parameters
    ----------
    kept : bool, optional
        Whether what the controller says is to be believed; the session's own knowledge by default.

    Raises
    ------
    MachineError
        If the operator's word contradicts a controller that kept its position, or nobody is allowed to move it.
    """
    kept = session.snapshot().position_known if kept is None else kept
    if homing:
        rest(session, allowed=(MachineState.ALARM,))
        _home(session, profile, yes=yes)
        return
    if place is None:
        return
    rest(session)
    if speaks_lines(profile):
        _tell_place(session, profile, place)
        return
    status = session.wait_until_idle(30)
    if kept and any(status.machine_position or ()):  # at its zero stands also one that was just switched on
        _check_agreement(place, status.work_position)
    else:
        with firmware_errors():
            session.set_work_position(**place)
        talk("noted; the controller forgets it when it restarts")


def _tell_place(session: Session, profile: Profile, place: Mapping[str, float]) -> None:
    """Tell a firmware of its maker's own where it stands, in its own words; one that knows it is not overruled."""
    answers = load_template(profile.machine.template).answers
    said, told = round(place[profile.axes.x]), session.status().work_position
    if told and round(told[0]) != said:
        raise MachineError(
            f"--at says pin {said}, but the board itself knows that it stands at {told[0]:.0f}",
            "leave --at out; where the board is wrong, switch it off and on",
        )
    with firmware_errors():
        if answers.set_place:
            session.command(answers.set_place.format(place=said))
            session.status()
    if not answers.ask:
        session.trust_position()


def require_position(session: Session) -> None:
    """Refuse to go on while the position is not known.

    Raises
    ------
    MachineError
    """
    shot = session.snapshot()
    if shot.position_known:
        return
    last = session.last_seen
    seen = f"; the tool was last seen at {axes_text(last)}" if last is not None else ""
    raise MachineError(
        f"it is not known where the tool is: {shot.position_doubt or 'the controller lost its position'}{seen}",
        "add --at 'pin K', after which the needle stands"
        if len(last or ()) < 2 and shot.firmware == "lines"
        else "add --home, or --at X,Y,Z where the tool stands",
    )


def into_g54(session: Session) -> None:
    """Jobs run in G54: choose it, and say so where the controller was in another system or G92 is active."""
    before = session.coordinate_system
    if before not in ("", "G54"):
        with firmware_errors():
            session.command("G54")
        position = session.wait_until_idle(10).work_position
        where = f": there the tool is at {axes_text(position)}" if position is not None else ""
        talk(f"the controller was in {before}; the job runs in G54{where}")
    shift = session.shift
    if shift is not None and any(shift):
        talk(f"G92 shifts the work coordinates by {axes_text(shift)}, until the controller restarts")


def _home(session: Session, profile: Profile, *, yes: bool) -> None:
    if not yes and not click.confirm(homing_question(profile), err=True):
        raise MachineError("it was not homed", "nothing has moved")
    if profile.servo_lift and yes:
        talk("homing: the servo gets no pulses meanwhile, the tool falls to its rest")
    session.home()


def homing_question(profile: Profile) -> str:
    """What homing does, as a question."""
    if profile.servo_lift:
        return (
            "All axes move to their switches. The servo gets no pulses meanwhile: the tool falls to its rest and is "
            "dragged there. Is it outside all pins and threads? Home?"
        )
    return "All axes move to their switches, the lift usually first. Is the way free? Home?"


def _check_agreement(said: Mapping[str, float], position: Sequence[float] | None) -> None:
    """Do not let a slip of the pen overrule a controller that knows where it is."""
    told = dict(zip(AXIS_ORDER, position or (), strict=False))
    if all(abs(value - told.get(letter, value)) <= 1.0 for letter, value in said.items()):
        return
    known = " ".join(f"{told.get(letter, 0.0):.1f}" for letter in said)
    claimed = " ".join(f"{value:.1f}" for value in said.values())
    raise MachineError(
        f"--at says {claimed}, but the controller kept its position and says {known}",
        "leave --at out; where the controller is wrong: --home, or retouch a pin",
    )
