"""``stringart machine setup``: the board is asked, its owner is asked what it cannot know, and a profile is written."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import click

from firmware_io import MachineState, Session
from stringart.cli._machine_common import choose_port, firmware_errors, talk
from stringart.cli._machine_position import homing_question
from stringart.cli._machine_settings import settings_of
from stringart.cli._machine_states import rest
from stringart.errors import MachineError
from stringart.machine.own_profile import NAME, write_profile
from stringart.machine.profile import Profile, Range
from stringart.machine.profile_files import load_profile, profile_names, user_folder
from stringart.runs.machine_runs import open_session, rates

_MOST_WRAP_FEED = 2000.0
TURNTABLE = "turntable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What only the owner knows."""

    name: str
    lift: str
    limits: dict[str, Range]
    tool_mm: float
    pin_mm: float


def set_up(port: str | None) -> None:
    """Ask the board and its owner, tour the limits, write the profile.

    Raises
    ------
    MachineError, OutputError
    """
    plain = load_profile("grbl")
    with firmware_errors(), open_session(choose_port(port, plain), options=rates(plain)) as session:
        shot = session.snapshot()
        base = load_profile(shot.firmware)
        click.echo(f"{shot.firmware} {shot.version} at {shot.port}, {session.baud} baud")
        settings = settings_of(session, marlin=shot.firmware == "marlin")
        answers = _asked(settings, base)
        text = _profile_text(answers, shot.firmware, session.baud, settings, base)
        _tour(session, answers, base, can_home=bool(settings.get(22)) or shot.firmware == "marlin")
        if click.confirm(f"{text}\nWrite this profile?", default=True, err=True):
            _write(answers.name, text)


# --- asking ---


def _asked(settings: Mapping[int, float], base: Profile) -> _Answers:
    name = click.prompt("A name for this machine's profile", err=True, value_proc=_name)
    kinds = click.Choice(["z", "servo", TURNTABLE])
    lift = click.prompt("What lifts the tool, or does a turntable turn the board", type=kinds, default="z", err=True)
    base = load_profile("grbl-turntable") if lift == TURNTABLE else base
    limits: dict[str, Range] = {}
    for axis, (letter, usual) in enumerate(zip("XYZ", (1000.0, 1000.0, 80.0), strict=True)):
        if (letter == "Z" and lift == "servo") or (letter == "Y" and lift == TURNTABLE):
            continue
        travel = settings.get(130 + axis, usual)
        asked, told = f"How far {letter} may go in work coordinates, lowest and highest, mm", f"0 {travel:g}"
        if letter == "X" and lift == TURNTABLE:
            asked = "How near to the axis of rotation the needle (X) may come, and how far from it, mm"
            told = "{:g} {:g}".format(*base.limits.x_mm)
        limits[letter] = click.prompt(asked, default=told, err=True, value_proc=_range)
    tool = click.prompt("Outer diameter of the tube or needle, mm", default=base.tool.diameter_mm, err=True,
                        value_proc=_length)  # fmt: skip
    pin = click.prompt("Height of the pins' tops over the board, mm", default=base.height.pin_mm, err=True,
                       value_proc=_length)  # fmt: skip
    return _Answers(name=name, lift=lift, limits=limits, tool_mm=tool, pin_mm=pin)


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise click.UsageError("a name is made of small letters, digits, - and _")
    if text in profile_names():
        raise MachineError(f"there is a profile '{text}' already", "choose another name, or remove that file")
    return text


def _range(text: str) -> Range:
    try:
        low, high = (float(word) for word in text.replace(",", " ").split())
    except ValueError:
        low = high = math.nan
    if not low < high < math.inf:
        raise click.UsageError("two numbers, the lower first, as in: 0 600")
    return low, high


def _length(text: str | float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1000:
        raise click.UsageError("millimetres, above 0")
    return value


# --- touring ---


def _tour(session: Session, answers: _Answers, base: Profile, *, can_home: bool) -> None:
    """Lead the tool to the corners of the limits, if it is known where it is and its owner likes."""
    state = rest(session, allowed=(MachineState.ALARM,)).state
    if not session.snapshot().position_known or state is MachineState.ALARM:
        if not can_home or not click.confirm(homing_question(base), err=True):
            talk("it is not known where the tool is: the limits are not toured")
            return
        session.home()
    (left, right), (front, back) = answers.limits["X"], answers.limits["Y"]
    if answers.lift == TURNTABLE:
        talk("a turntable has no corners: stringart machine test PLAN --tour 0,10,20 shows whether it stands right")
        return
    if not click.confirm("Move slowly to the four corners of these limits, lift first?", err=True):
        return
    feed = min(_MOST_WRAP_FEED, *base.motion.max_rate_mm_min[:2])
    for x, y in ((left, front), (right, front), (right, back), (left, back), (left, front)):
        session.jog(x=x, y=y, absolute=True, feed_mm_min=feed)
        session.wait_until_idle(600.0)
        talk(f"corner X{x:g} Y{y:g}")


# --- writing ---


def _profile_text(answers: _Answers, firmware: str, baud: int, settings: Mapping[int, float], base: Profile) -> str:
    motion = base.motion
    max_rates = [settings.get(110 + axis, value) for axis, value in enumerate(motion.max_rate_mm_min)]
    accelerations = [settings.get(120 + axis, value) for axis, value in enumerate(motion.acceleration_mm_s2)]
    steps = [settings[number] for number in (100, 101, 102) if number in settings]
    limits = [f"{axis.lower()}_mm = [{low:g}, {high:g}]" for axis, (low, high) in answers.limits.items()]
    base_name = {"servo": "grbl-servo", TURNTABLE: "grbl-turntable"}.get(answers.lift, firmware)
    lift = "z" if answers.lift == TURNTABLE else answers.lift
    plane = max_rates[:1] if answers.lift == TURNTABLE else max_rates[:2]  # the turn is in degrees
    lines = [
        f'inherits = "{base_name}"', "", "[machine]", f'about = "{answers.name}, {firmware}"',
        f'dialect = "{firmware}"', f'lift = "{lift}"', f"baud = {baud}", "",
        "[limits]", *limits, "", "[motion]",
        f"max_rate_mm_min = {_numbers(max_rates)}", f"acceleration_mm_s2 = {_numbers(accelerations)}",
        f"travel_feed_mm_min = {min(motion.travel_feed_mm_min, *plane):g}",
        f"wrap_feed_mm_min = {min(motion.wrap_feed_mm_min, *plane):g}",
        f"junction_deviation_mm = {settings.get(11) or motion.junction_deviation_mm:g}",
        *([f"steps_per_mm = {_numbers(steps)}"] if len(steps) == 3 else []),
        f"arc_tolerance_mm = {settings.get(12) or motion.arc_tolerance_mm:g}", "", "[tool]",
        f"diameter_mm = {answers.tool_mm:g}", "", "[height]", f"pin_mm = {answers.pin_mm:g}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _numbers(values: list[float]) -> str:
    return f"[{', '.join(f'{value:g}' for value in values)}]"


def _write(name: str, text: str) -> None:
    path = user_folder() / f"{name}.toml"
    write_profile(path, text)
    load_profile(name)
    talk(f"wrote {path}; next: stringart machine locate PLAN --machine {name}")
