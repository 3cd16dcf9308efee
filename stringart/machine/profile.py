"""Machine profiles: TOML, the bundled ones and the user's over them by name.

A profile is read with suspicion: an unknown key, a wrong type or a number out of its range is one clear line with
the file and the key. ``inherits = "grbl"`` takes everything that a profile does not say from another one.
"""

import hashlib
import json
import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, get_args, get_origin

from stringart.errors import MachineError, OutputError
from stringart.files import read_text, write_atomically
from stringart.folders import config_folder
from stringart.machine.dialect import DIALECTS
from stringart.machine.template import load_template, template_names

Numbers = tuple[float, ...]
Range = tuple[float, float]
Lines = tuple[str, ...]
_MAX_BYTES = 2**20
AXIS_ORDER = "XYZABC"  # in which controllers tell their position


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineKind:
    """What kind of machine it is.

    Parameters
    ----------
    dialect : str
        ``grbl``, ``grblhal``, ``fluidnc``, ``marlin``, ``klipper``, ``reprap``, ``smoothie``, ``linuxcnc`` or another
        file of ``dialects``.
    kinematics : str
        ``gantry`` (X, Y), ``rotary`` (a board that turns under a radial arm that reaches its middle) or ``turntable``
        (a board that turns beside a needle that only goes in and out between the pins).
    lift : str
        ``z`` for an axis, ``servo`` for a servo driven by the spindle output.
    arcs : bool
        Whether round moves are written as G2 and G3; else as short lines.
    about : str
        One line.
    template : str
        A job template, for a firmware of one's own (see `stringart.machine.template`); empty: G-code of the dialect.
    baud : int
        Bits per second; 0: what the controller answers at, 115200 first.
    api_key : str
        Of a host (Moonraker, OctoPrint).
    """

    dialect: str = "grbl"
    kinematics: str = "gantry"
    lift: str = "z"
    arcs: bool = True
    about: str = ""
    baud: int = 0
    api_key: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Letters of the axes; on a rotary machine ``x`` is the arm's radius and ``y`` the board's angle in degrees."""

    x: str = "X"
    y: str = "Y"
    z: str = "Z"

    def of(self, position: Sequence[float]) -> tuple[float, ...]:
        """Values of these axes in a controller's position, which tells all that it has from X on.

        Raises
        ------
        MachineError
            If the controller does not have one of the plane's axes.
        """
        if len(position) < 2:  # a firmware of one's own, which counts in pins
            return tuple(position)
        told = dict(zip(AXIS_ORDER, position, strict=False))
        for letter in (self.x, self.y):
            if letter not in told:
                raise MachineError(
                    f"the profile moves the axis {letter}, but the controller tells only of {', '.join(told)}",
                    "correct axes.x, axes.y and axes.z of the profile, or the controller's own settings",
                )
        return tuple(told[letter] for letter in (self.x, self.y, self.z) if letter in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Travel in work coordinates, millimetres (the angle of a rotary board is not limited)."""

    x_mm: Range = (0.0, 1000.0)
    y_mm: Range = (0.0, 1000.0)
    z_mm: Range = (0.0, 80.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionRules:
    """Feeds, and what the controller is set to (grbl's $110.., $120.., $11).

    Parameters
    ----------
    travel_feed_mm_min, wrap_feed_mm_min : float
        Of the tool's tip, across the board and round the pins.
    max_rate_mm_min, acceleration_mm_s2 : 3 floats
        X, Y, Z (degrees for a board that turns).
    junction_deviation_mm : float
    steps_per_mm : floats
        As the controller is set, to be compared; empty: not judged.
    arc_tolerance_mm, arc_segment_mm : float
        How finely the controller cuts arcs: within a tolerance (grbl's $12) or, if above 0, by length (Marlin).
    """

    travel_feed_mm_min: float = 9000.0
    wrap_feed_mm_min: float = 2000.0
    max_rate_mm_min: Numbers = (9000.0, 9000.0, 3000.0)
    acceleration_mm_s2: Numbers = (800.0, 800.0, 300.0)
    junction_deviation_mm: float = 0.01
    arc_tolerance_mm: float = 0.002
    arc_segment_mm: float = 0.0
    steps_per_mm: Numbers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The tube or needle that carries the thread."""

    diameter_mm: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Room around things, millimetres.

    Parameters
    ----------
    pin_mm : float
        Least room between the tool's and a pin's surface, on any move.
    loop_mm : float
        Extra room round a pin, where the gaps leave it.
    inside_mm : float
        How far inside the pins' line the tool goes before it crosses the board.
    wrap_mm, travel_mm : float
        Above the threads, round a pin and across the board.
    safe_mm : float
        Above the pins' tops, where the tool passes over everything.
    """

    pin_mm: float = 0.5
    loop_mm: float = 1.0
    inside_mm: float = 6.0
    wrap_mm: float = 1.0
    travel_mm: float = 2.0
    safe_mm: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlace:
    """Where the board is: its centre, turn (counter-clockwise) and scale on the machine.

    On a rotary machine the plane's origin is the axis of rotation, and 12 o'clock of the plane passes under the arm
    at angle 0; angles grow clockwise along the board.
    """

    center_mm: Range = (500.0, 500.0)
    rotation_deg: float = 0.0
    scale: float = 1.0
    surface_z_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """The thread's height over the board, millimetres.

    Parameters
    ----------
    first_wrap_mm : float
        At which the first thread lies on the pins.
    pin_mm : float
        Height of the pins' tops.
    packing : float
        How densely wraps stack: n wraps of a thread d are n * d / packing high.
    slanted : bool
        Pins that lean outwards: thread slides down, the wrap height stays.
    raise_mm : float
        By how much the gantry can be raised by hand where the axis runs out; 0 where it cannot.
    """

    first_wrap_mm: float = 4.0
    pin_mm: float = 25.0
    packing: float = 0.9
    slanted: bool = False
    raise_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Servo:
    """A servo that lifts the tool: its value (S) and the tool's height over the board at two points."""

    low_s: float = 150.0
    low_mm: float = 0.0
    high_s: float = 850.0
    high_mm: float = 40.0
    settle_s: float = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRules:
    """How thread begins, ends and is supplied.

    Parameters
    ----------
    anchor_turns : int
        Full turns round a layer's first and last pin.
    spool_m : float
        Thread on a spool; the job stops for a new one before it is used up. 0 for no planned stops.
    reserve_m : float
        Thread that is left on the spool at such a stop.
    """

    anchor_turns: int = 3
    spool_m: float = 0.0
    reserve_m: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwell:
    """Rests in seconds: after every wrap (its acknowledgement proves the wrap), and before the board is crossed.

    ``host_s`` is what the host needs to hear that a wrap is done and to send the next; only the estimate knows it.
    """

    sync_s: float = 0.01
    host_s: float = 0.02
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Where the tool waits for the operator, work coordinates; empty for the middle of the board, over the threads."""

    xy_mm: Numbers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippets:
    """Lines of G-code of the user's, with ``{fields}``: see `stringart.machine.snippets`."""

    start: Lines = ()
    end: Lines = ()
    change: Lines = ()
    layer: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A machine; one part for each section of the TOML file."""

    name: str = "grbl"
    machine: MachineKind = field(default_factory=MachineKind)
    axes: Axes = field(default_factory=Axes)
    limits: Limits = field(default_factory=Limits)
    motion: MotionRules = field(default_factory=MotionRules)
    tool: Tool = field(default_factory=Tool)
    clearance: Clearance = field(default_factory=Clearance)
    board: BoardPlace = field(default_factory=BoardPlace)
    height: Heights = field(default_factory=Heights)
    servo: Servo = field(default_factory=Servo)
    thread: ThreadRules = field(default_factory=ThreadRules)
    dwell: Dwell = field(default_factory=Dwell)
    park: Park = field(default_factory=Park)
    snippets: Snippets = field(default_factory=Snippets)

    @property
    def rotary(self) -> bool:
        """Whether the board turns: its angle is an axis."""
        return self.machine.kinematics in ("rotary", "turntable")

    @property
    def turntable(self) -> bool:
        """Whether the thread is laid by turning, because the needle does not reach across the board."""
        return self.machine.kinematics == "turntable"

    @property
    def servo_lift(self) -> bool:
        """Whether a servo lifts the tool."""
        return self.machine.lift == "servo"

    @property
    def sha256(self) -> str:
        """Hash of everything that shapes a job."""
        document = asdict(self)
        document.pop("name")
        for key in ("baud", "api_key"):  # that shape no job
            document["machine"].pop(key)
        document["motion"].pop("steps_per_mm")
        if not self.machine.template:
            document["machine"].pop("template")
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


_SECTIONS: dict[str, Any] = {f.name: f.type for f in fields(Profile) if f.name != "name"}
_POSITIVE = {
    "motion.travel_feed_mm_min", "motion.wrap_feed_mm_min", "motion.max_rate_mm_min", "motion.acceleration_mm_s2",
    "motion.junction_deviation_mm", "motion.arc_tolerance_mm", "motion.steps_per_mm", "tool.diameter_mm",
    "clearance.inside_mm", "board.scale", "height.packing", "height.pin_mm", "thread.anchor_turns",
}  # fmt: skip
_NOT_NEGATIVE = {
    "clearance.pin_mm", "clearance.loop_mm", "clearance.wrap_mm", "clearance.travel_mm", "clearance.safe_mm",
    "height.first_wrap_mm", "height.raise_mm", "thread.spool_m", "thread.reserve_m",
    "machine.baud", "dwell.sync_s", "dwell.settle_s", "motion.arc_segment_mm", "dwell.host_s", "servo.settle_s",
}  # fmt: skip
_LENGTHS = {
    "motion.max_rate_mm_min": (3,),
    "motion.acceleration_mm_s2": (3,),
    "motion.steps_per_mm": (0, 3),
    "park.xy_mm": (0, 2),
}


# --- finding ---


def user_folder() -> Path:
    """Where the user's own profiles are: ``machines`` in the user's folder of settings."""
    return config_folder() / "machines"


def bundled_names() -> list[str]:
    """Names of the profiles that come with the program."""
    folder = resources.files("stringart.machine") / "profiles"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def profile_names() -> list[str]:
    """Names of all profiles, the user's and the bundled ones; a job template is one of a turntable's, by its name."""
    own = [path.stem for path in user_folder().glob("*.toml")] if user_folder().is_dir() else []
    return sorted({*own, *bundled_names(), *template_names()})


def own_values(profile: Profile) -> str:
    """Where the user writes values of his own, for hints."""
    if profile.name.endswith(".toml"):
        return f"the profile is {profile.name}"
    return f"your own values go into {user_folder() / profile.name}.toml"


def load_profile(name: str) -> Profile:
    """Read a profile by its name, or by the name of a TOML file.

    Parameters
    ----------
    name : str
        ``grbl``, a profile of the user's, or a path that ends in ``.toml``.

    Raises
    ------
    MachineError
        If it is not known, or a key, a type or a number in it is wrong.
    """
    table, source = _resolved(name, ())
    return _built(table, source, Path(name).stem if name.endswith(".toml") else name)


def _read(name: str, bundled_only: bool) -> tuple[str, str]:
    """Text and the name to blame."""
    own = Path(name) if name.endswith(".toml") else user_folder() / f"{name}.toml"
    if not bundled_only and own.is_file():
        return read_text(own, MachineError, _MAX_BYTES), os.fspath(own)
    if name in template_names() and name not in bundled_names():
        return _of_template(name), f"{name}.toml"
    if name.endswith(".toml") or name not in bundled_names():
        raise MachineError(
            f"the machine profile '{name}' is not known",
            f"known: {', '.join(profile_names())}; your own go into {user_folder()}",
        )
    return (resources.files("stringart.machine") / "profiles" / f"{name}.toml").read_text("utf-8"), f"{name}.toml"


def _of_template(name: str) -> str:
    """The profile of a turntable whose firmware understands a job template: only its jobs are told apart by it."""
    about = load_template(name).about.replace("\\", "/").replace('"', "'")
    return f'inherits = "grbl-turntable"\n[machine]\ntemplate = "{name}"\nabout = "{about}"\n'


def _resolved(name: str, seen: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """The tables of a profile over those that it inherits from."""
    if len(seen) > 8:
        raise MachineError(f"profiles inherit in a circle: {' -> '.join((*seen, name))}")
    bundled_only = bool(seen) and seen[-1] == name  # the user's "grbl" may inherit from the bundled "grbl"
    text, source = _read(name, bundled_only)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MachineError(f"{source}: not TOML: {error}") from None
    parent = table.pop("inherits", None)
    _check_keys(table, source)
    if parent is None:
        return table, source
    if not isinstance(parent, str):
        raise MachineError(f"{source}: inherits should be a profile's name, found {parent!r}")
    base, _ = _resolved(parent, (*seen, name))
    return {key: {**base.get(key, {}), **table.get(key, {})} for key in {**base, **table}}, source


def _check_keys(table: Mapping[str, Any], source: str) -> None:
    for section, values in table.items():
        if section not in _SECTIONS:
            raise MachineError(f"{source}: '{section}' is not known", f"known: inherits, {', '.join(_SECTIONS)}")
        if not isinstance(values, dict):
            raise MachineError(f"{source}: {section} should be a table, as in [{section}], found {values!r}")
        known = {f.name: f.type for f in fields(_SECTIONS[section]())}
        for key, value in values.items():
            if key not in known:
                raise MachineError(f"{source}: '{section}.{key}' is not known", f"known there: {', '.join(known)}")
            _checked(value, known[key], f"{source}: {section}.{key}", f"{section}.{key}")


# --- checking ---


def _checked(value: Any, kind: Any, where: str, key: str) -> Any:
    """The value as the profile holds it."""
    if get_origin(kind) is tuple:
        return _checked_list(value, kind, where, key)
    if kind is bool or kind is str:
        if type(value) is not kind:
            raise MachineError(f"{where} should be {'true or false' if kind is bool else 'a text'}, found {value!r}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MachineError(f"{where} should be a number, found {value!r}")
    if kind is int and not isinstance(value, int):
        raise MachineError(f"{where} should be a whole number, found {value!r}")
    if key in _POSITIVE and value <= 0:
        raise MachineError(f"{where} should be above 0, found {value:g}")
    if key in _NOT_NEGATIVE and value < 0:
        raise MachineError(f"{where} should be 0 or more, found {value:g}")
    return value if kind is int else float(value)


def _checked_list(value: Any, kind: Any, where: str, key: str) -> Any:
    inner = get_args(kind)
    counts = _LENGTHS.get(key, () if inner[-1] is Ellipsis else (len(inner),))
    if not isinstance(value, list | tuple) or (counts and len(value) not in counts):
        raise MachineError(f"{where} should be a list{_how_many(counts)}, found {value!r}")
    out = tuple(_checked(item, inner[0], f"{where}[{k}]", key) for k, item in enumerate(value))
    if kind == Range and key.startswith("limits.") and out[0] >= out[1]:
        raise MachineError(f"{where} should be [low, high], found {value!r}")
    return out


def _how_many(counts: tuple[int, ...]) -> str:
    return f" of {' or '.join(map(str, counts))}" if counts else ""


def _built(table: Mapping[str, Any], source: str, name: str) -> Profile:
    parts: dict[str, Any] = {}
    for section, values in table.items():
        part = _SECTIONS[section]
        kinds = {f.name: f.type for f in fields(part())}
        parts[section] = part(
            **{k: _checked(v, kinds[k], f"{source}: {section}.{k}", f"{section}.{k}") for k, v in values.items()}
        )
    profile = Profile(name=name, **parts)
    _check_whole(profile, source)
    return profile


def _check_whole(profile: Profile, source: str) -> None:
    """What one value alone cannot tell."""
    kind, axes = profile.machine, profile.axes
    for key, value, known in (
        ("dialect", kind.dialect, tuple(DIALECTS)),
        ("kinematics", kind.kinematics, ("gantry", "rotary", "turntable")),
        ("lift", kind.lift, ("z", "servo")),
    ):
        if value not in known:
            raise MachineError(f"{source}: machine.{key} is '{value}'", f"known: {', '.join(known)}")
    if kind.template:
        load_template(kind.template)
    letters = (axes.x, axes.y, axes.z)
    if len(set(letters)) < 3 or any(letter not in "XYZABCUVW" or len(letter) != 1 for letter in letters):
        raise MachineError(f"{source}: axes are {', '.join(letters)}; they should be three different letters of XYZABC")
    if profile.servo_lift and profile.servo.low_mm >= profile.servo.high_mm:
        raise MachineError(f"{source}: servo.low_mm {profile.servo.low_mm:g} should be below servo.high_mm")
    if profile.height.first_wrap_mm >= profile.height.pin_mm:
        raise MachineError(
            f"{source}: height.first_wrap_mm {profile.height.first_wrap_mm:g} should be below "
            f"height.pin_mm {profile.height.pin_mm:g}"
        )


# --- keeping ---


def save_place(name: str, place: BoardPlace) -> Path:
    """Keep the board's place in the user's profile ``name``; what else it says stays.

    Returns
    -------
    Path
        Of the profile that was written.

    Raises
    ------
    MachineError, OutputError
    """
    import tomlkit

    if not all(map(math.isfinite, (*place.center_mm, place.rotation_deg, place.scale, place.surface_z_mm))):
        raise MachineError("the board's place holds what is no number, and is not kept", "touch the pins again")
    load_profile(name)  # so that nothing is written that cannot be read
    path = user_folder() / f"{name}.toml"
    document = tomlkit.parse(read_text(path, MachineError, _MAX_BYTES) if path.is_file() else f'inherits = "{name}"\n')
    document.setdefault("board", tomlkit.table()).update(_rounded(place))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make '{path.parent}': {error.strerror}") from error
    write_atomically(path, document.as_string().encode())
    return path


def _rounded(place: BoardPlace) -> dict[str, object]:
    return {
        "center_mm": [round(value, 4) for value in place.center_mm],
        "rotation_deg": round(place.rotation_deg, 6),
        "scale": round(place.scale, 8),
        "surface_z_mm": round(place.surface_z_mm, 4),
    }
