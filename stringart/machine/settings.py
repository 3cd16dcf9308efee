"""The controller's own settings beside the profile: where they contradict each other, and what the job's time is then.

A machine moves no faster than its controller is set to, whatever a job asks for. Grbl and its family tell their
settings by number (``$110``), Marlin by command (``M203``); both are read into grbl's numbers and units here.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from stringart.machine.profile import AXIS_ORDER, Profile, Three
from stringart.machine.reach import limits_of

_ALWAYS_ON = 255
_SAME = 0.01  # of a value
_SAME_STEPS = 0.0005  # half a millimetre on a metre
_MARLIN_LINE = re.compile(r"^(?:echo:)?\s*(M92|M201|M203|M204|M205)\b(.*)$")
_WORD = re.compile(r"([A-Z])\s*(-?\d+(?:\.\d+)?)")
_MARLIN_NAMES = {11: "M205 J", 100: "M92", 110: "M203", 120: "M201", 130: "the travel"}


def contradictions(
    settings: Mapping[int, float], profile: Profile, *, wraps: int = 0, marlin: bool = False
) -> list[str]:
    """Say in a line each where a controller is set otherwise than its profile says, or so that thread suffers.

    Parameters
    ----------
    settings : mapping of int to float
        By grbl's numbers; what is missing is not judged.
    profile : Profile
    wraps : int
        Of the job, for what happens with each of them.
    marlin : bool
        Whether the controller names its settings as Marlin does.

    Returns
    -------
    list of str
    """
    found = [_idle(settings, wraps), *_axes(settings, profile, marlin=marlin), *_travel(settings, profile)]
    found += [_corners(settings, profile, marlin=marlin), _arcs(settings, profile), _inches(settings)]
    found += [_reports(settings), *_switches(settings), _steps(settings, profile, marlin=marlin)]
    found += _servo(settings, profile)
    return [line for line in found if line]


def _idle(settings: Mapping[int, float], wraps: int) -> str:
    delay_ms = settings.get(1, _ALWAYS_ON)
    if delay_ms == _ALWAYS_ON:
        return ""
    often = f", so {wraps} times in this job" if wraps else ""
    return (
        f"$1 is {delay_ms:g}: the motors are switched off {delay_ms:g} ms after every stop{often}, and the tool may be "
        "pulled away; $1=255 keeps them on"
    )


def _axes(settings: Mapping[int, float], profile: Profile, *, marlin: bool) -> list[str]:
    motion, out = profile.motion, []
    for first, name, values, unit in (
        (110, "max_rate_mm_min", motion.max_rate_mm_min, "mm/min"),
        (120, "acceleration_mm_s2", motion.acceleration_mm_s2, "mm/s2"),
    ):
        parts, slower = [], False
        for letter, ours in zip(_letters(profile), values, strict=True):
            number = first + AXIS_ORDER.index(letter)
            theirs = settings.get(number)
            if theirs is None or _same(theirs, ours):
                continue
            slower |= theirs < ours
            parts.append(f"{_name(number, first, letter, marlin=marlin)} is {theirs:g} and not {ours:g} {unit}")
        if parts:
            then = "; the machine is slower than the profile has it" if slower else ""
            out.append(f"{', '.join(parts)} as motion.{name} says{then}")
    return out


def _travel(settings: Mapping[int, float], profile: Profile) -> list[str]:
    out, guarded = [], settings.get(20, 0.0) != 0.0
    for letter, (name, (low, high)) in limits_of(profile).items():
        number = 130 + AXIS_ORDER.index(letter)
        travel = settings.get(number)
        if travel is None or high - low <= travel * (1 + 1e-6):
            continue
        then = "a move beyond it ends in ALARM:2" if guarded else "nothing guards it ($20 is 0)"
        out.append(
            f"${number} lets {letter} travel {travel:g} mm, the profile's limits.{name} {low:g} to {high:g}: {then}"
        )
    return out


def _corners(settings: Mapping[int, float], profile: Profile, *, marlin: bool) -> str:
    theirs, ours = settings.get(11), profile.motion.junction_deviation_mm
    if theirs is None or _same(theirs, ours):
        return ""
    name = _MARLIN_NAMES[11] if marlin else "$11"
    return f"{name} is {theirs:g} and not {ours:g} mm as motion.junction_deviation_mm says: corners take another time"


def _arcs(settings: Mapping[int, float], profile: Profile) -> str:
    theirs, ours = settings.get(12), profile.motion.arc_tolerance_mm
    if theirs is None or not profile.machine.arcs or _same(theirs, ours):
        return ""
    least, cost = profile.clearance.pin_mm, ""
    if theirs > least / 10:
        cost = f", more than a tenth of the clearance of {least:g} mm: round moves are cut into corners"
    return f"$12 is {theirs:g} and not {ours:g} mm as motion.arc_tolerance_mm says{cost}"


def _inches(settings: Mapping[int, float]) -> str:
    return "$13 is 1: the controller tells its position in inches (it is read so)" if settings.get(13) else ""


def _reports(settings: Mapping[int, float]) -> str:
    told = settings.get(10)
    if told is None or int(told) & 1:
        return ""
    return f"$10 is {told:g}: the controller tells work positions (they are read so); $10=1 tells the machine's own"


def _switches(settings: Mapping[int, float]) -> list[str]:
    """Limits that rest on a homing which the controller does not have."""
    if settings.get(22, 1):
        return []
    after = "after a restart or a limit alarm it cannot home: say --at X,Y,Z then"
    out = [f"$21 is 1 and $22 is 0: the end stops end a job, and {after}"] if settings.get(21) else []
    if settings.get(20):
        out.append(
            "$20 is 1 and $22 is 0: the soft limits count from where the controller was switched on, not from a switch"
        )
    return out


def _steps(settings: Mapping[int, float], profile: Profile, *, marlin: bool) -> str:
    """Where the profile says steps a millimetre: with others every move has another length."""
    parts = []
    for letter, ours in zip(_letters(profile), profile.motion.steps_per_mm, strict=False):
        number = 100 + AXIS_ORDER.index(letter)
        theirs = settings.get(number)
        if theirs is not None and abs(theirs - ours) > _SAME_STEPS * ours:
            parts.append(f"{_name(number, 100, letter, marlin=marlin)} is {theirs:g} and not {ours:g}")
    if not parts:
        return ""
    return f"{', '.join(parts)} steps/mm as motion.steps_per_mm says: the piece comes out in another size"


def _servo(settings: Mapping[int, float], profile: Profile) -> list[str]:
    if not profile.servo_lift:
        return []
    out, most = [], settings.get(30)
    if settings.get(32):
        out.append("$32 is 1: every hold and every G0 takes the servo's pulses away, and the tool falls; set $32=0")
    for name, value in (("low_s", profile.servo.low_s), ("high_s", profile.servo.high_s)):
        if most is not None and value > most:
            out.append(
                f"$30 is {most:g}: the servo goes no further than S{most:g}, the profile's servo.{name} is {value:g}"
            )
    least = settings.get(31, 0.0)
    if least > min(profile.servo.low_s, profile.servo.high_s):
        out.append(f"$31 is {least:g}: the servo never gets less, the profile's servo.low_s is {profile.servo.low_s:g}")
    return out


def as_controlled(profile: Profile, settings: Mapping[int, float]) -> Profile:
    """Return the profile as its controller lets it move: the slower of both, and the controller's own corners."""
    motion = profile.motion

    def slower(first: int, ours: Three) -> Three:
        told = [settings.get(first + AXIS_ORDER.index(letter), math.inf) for letter in _letters(profile)]
        return min(ours[0], told[0]), min(ours[1], told[1]), min(ours[2], told[2])

    return replace(
        profile,
        motion=replace(
            motion,
            max_rate_mm_min=slower(110, motion.max_rate_mm_min),
            acceleration_mm_s2=slower(120, motion.acceleration_mm_s2),
            junction_deviation_mm=settings.get(11, motion.junction_deviation_mm) or motion.junction_deviation_mm,
            arc_tolerance_mm=settings.get(12, motion.arc_tolerance_mm) or motion.arc_tolerance_mm,
        ),
    )


def marlin_settings(said: Iterable[str], *, per_minute: bool = False) -> dict[int, float]:
    """Read what Marlin answers to M503 into grbl's numbers: mm/min, mm/s2, mm.

    Parameters
    ----------
    said : iterable of str
    per_minute : bool
        Whether its M203 is in mm/min, as RepRapFirmware's is.

    Examples
    --------
    >>> marlin_settings(["echo:  M203 X150.00 Y150.00 Z5.00 E25.00", "echo:  M204 P500.00 R500.00 T400.00"])[110]
    9000.0
    """
    found: dict[int, float] = {}
    most = None
    for line in said:
        match = _MARLIN_LINE.match(line)
        if match is None:
            continue
        values = {letter: float(value) for letter, value in _WORD.findall(match[2])}
        if match[1] == "M204":
            most = min((values[letter] for letter in "PT" if letter in values), default=most)
        elif match[1] == "M205":
            found |= {11: values["J"]} if "J" in values else {}
        else:
            first, scale = {"M92": (100, 1.0), "M201": (120, 1.0), "M203": (110, 1.0 if per_minute else 60.0)}[match[1]]
            found |= {first + k: values[a] * scale for k, a in enumerate("XYZ") if a in values}
    if most is not None:
        found |= {k: min(found[k], most) for k in (120, 121, 122) if k in found}
    return found


_FLUIDNC_AXES = {
    "steps_per_mm": 100, "max_rate_mm_per_min": 110, "acceleration_mm_per_sec2": 120, "max_travel_mm": 130,
}  # fmt: skip
_FLUIDNC_ALL = {"idle_ms": 1, "junction_deviation_mm": 11, "arc_tolerance_mm": 12}
_FLUIDNC_LINE = re.compile(r"^(\s*)(\w+):\s*(\S*)\s*$")


def fluidnc_settings(said: Iterable[str]) -> dict[int, float]:
    """Read FluidNC's configuration, as it answers to ``$CD``, into grbl's numbers.

    Examples
    --------
    >>> lines = ["stepping:", "  idle_ms: 250", "axes:", "  x:", "    max_rate_mm_per_min: 3000.000"]
    >>> fluidnc_settings(lines)
    {1: 250.0, 110: 3000.0}
    """
    found: dict[int, float] = {}
    above: list[tuple[int, str]] = []
    for line in said:
        match = _FLUIDNC_LINE.match(line)
        if match is None:
            continue
        depth, key, text = len(match[1]), match[2], match[3].lower()
        above = [entry for entry in above if entry[0] < depth]
        if not text:
            above.append((depth, key))
            continue
        axis = next((name for _, name in above if len(name) == 1 and name in "xyzabc"), "")
        found |= _fluidnc_value(key, text, axis)
    return found


def _fluidnc_value(key: str, text: str, axis: str) -> dict[int, float]:
    """What one line says, by grbl's number; a switch that any axis has counts for all."""
    if text in ("true", "false"):
        number = {"soft_limits": 20, "hard_limits": 21}.get(key)
        return {number: 1.0} if number is not None and text == "true" else {}
    try:
        value = float(text)
    except ValueError:
        return {}
    if axis and key in _FLUIDNC_AXES:
        return {_FLUIDNC_AXES[key] + "xyzabc".index(axis): value}
    if key == "cycle" and value > 0:
        return {22: 1.0}
    return {_FLUIDNC_ALL[key]: value} if key in _FLUIDNC_ALL else {}


def _letters(profile: Profile) -> tuple[str, str, str]:
    return profile.axes.x, profile.axes.y, profile.axes.z


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _SAME * max(abs(a), abs(b))


def _name(number: int, first: int, letter: str, *, marlin: bool) -> str:
    return f"{_MARLIN_NAMES[first]} {letter}" if marlin else f"${number}"
