"""A machine's profile: what each section of its file holds, in which unit and in which range.

``profile_files`` finds and reads them, ``profile_check`` holds a user's file against the ranges that stand here.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated

from annotated_types import Ge, Gt

from stringart.errors import MachineError
from stringart.machine.toml_records import Rule


def _none_or_two(values: tuple[float, ...]) -> bool:
    return len(values) in (0, 2)


def _none_or_three(values: tuple[float, ...]) -> bool:
    return len(values) in (0, 3)


def _rises(ends: tuple[float, float]) -> bool:
    return ends[0] < ends[1]


Above0 = Annotated[float, Gt(0)]
NotBelow0 = Annotated[float, Ge(0)]
Numbers = tuple[float, ...]
Range = tuple[float, float]
Travel = Annotated[Range, Rule(_rises, "[low, high]")]
Three = tuple[Above0, Above0, Above0]
NoneOrThree = Annotated[tuple[Above0, ...], Rule(_none_or_three, "a list of 0 or 3")]
NoneOrTwo = Annotated[Numbers, Rule(_none_or_two, "a list of 0 or 2")]
Lines = tuple[str, ...]
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
    baud: Annotated[int, Ge(0)] = 0
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

    x_mm: Travel = (0.0, 1000.0)
    y_mm: Travel = (0.0, 1000.0)
    z_mm: Travel = (0.0, 80.0)


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

    travel_feed_mm_min: Above0 = 9000.0
    wrap_feed_mm_min: Above0 = 2000.0
    max_rate_mm_min: Three = (9000.0, 9000.0, 3000.0)
    acceleration_mm_s2: Three = (800.0, 800.0, 300.0)
    junction_deviation_mm: Above0 = 0.01
    arc_tolerance_mm: Above0 = 0.002
    arc_segment_mm: NotBelow0 = 0.0
    steps_per_mm: NoneOrThree = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The tube or needle that carries the thread."""

    diameter_mm: Above0 = 2.0


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

    pin_mm: NotBelow0 = 0.5
    loop_mm: NotBelow0 = 1.0
    inside_mm: Above0 = 6.0
    wrap_mm: NotBelow0 = 1.0
    travel_mm: NotBelow0 = 2.0
    safe_mm: NotBelow0 = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlace:
    """Where the board is: its centre, turn (counter-clockwise) and scale on the machine.

    On a rotary machine the plane's origin is the axis of rotation, and 12 o'clock of the plane passes under the arm
    at angle 0; angles grow clockwise along the board.
    """

    center_mm: Range = (500.0, 500.0)
    rotation_deg: float = 0.0
    scale: Above0 = 1.0
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

    first_wrap_mm: NotBelow0 = 4.0
    pin_mm: Above0 = 25.0
    packing: Above0 = 0.9
    slanted: bool = False
    raise_mm: NotBelow0 = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Servo:
    """A servo that lifts the tool: its value (S) and the tool's height over the board at two points."""

    low_s: float = 150.0
    low_mm: float = 0.0
    high_s: float = 850.0
    high_mm: float = 40.0
    settle_s: NotBelow0 = 0.15


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

    anchor_turns: Annotated[int, Gt(0)] = 3
    spool_m: NotBelow0 = 0.0
    reserve_m: NotBelow0 = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwell:
    """Rests in seconds: after every wrap (its acknowledgement proves the wrap), and before the board is crossed.

    ``host_s`` is what the host needs to hear that a wrap is done and to send the next; only the estimate knows it.
    """

    sync_s: NotBelow0 = 0.01
    host_s: NotBelow0 = 0.02
    settle_s: NotBelow0 = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Where the tool waits for the operator, work coordinates; empty for the middle of the board, over the threads."""

    xy_mm: NoneOrTwo = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippets:
    """Lines of G-code of the user's, with ``{fields}``: see `stringart.machine.snippets`."""

    start: Lines = ()
    end: Lines = ()
    change: Lines = ()
    layer: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A machine; one part for each section of the TOML file.

    Parameters
    ----------
    name : str
        As it was given: the profile's name, or the path of its TOML file.
    """

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
