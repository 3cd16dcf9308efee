"""Lines of G-code for ways in the machine's plane: axes, height, feed, and the travel that must not be left."""

import math
from collections.abc import Sequence

from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS, dwell_line, number, sync_line
from stringart.machine.kinematics import Target, kinematics_of
from stringart.machine.profile import Profile
from stringart.machine.ring import Point
from stringart.machine.toolpath import PathPiece

Lines = list[str]
_PLACE_HINT = "place the board (board.center_mm, stringart machine locate), correct the limits or make it smaller"
_HEIGHT_HINT = (
    "correct limits.z_mm and board.surface_z_mm; or lower pins (height.pin_mm), less clearance.safe_mm "
    "or a gantry that can be raised (height.raise_mm)"
)
_SAME_PLACE_MM = 1e-3
_WORD = {0: "G1", 1: "G2", -1: "G3"}


class Writer:
    """Turns ways into lines; knows where the tool is.

    Parameters
    ----------
    profile : Profile
    """

    def __init__(self, profile: Profile) -> None:
        self.profile, self.dialect = profile, DIALECTS[profile.machine.dialect]
        self._kinematics = kinematics_of(profile, dialect_has_arcs=self.dialect.arcs)
        self.here: Point | None = None
        self.height_mm: float | None = None
        self.raised_mm = 0.0
        self.where = "the start"
        self._lines: Lines = []
        self._feed: float | None = None
        self._z_said: str | None = None
        self._servo: int | None = None

    def begin(self, where: str) -> None:
        """Begin a step: ``where`` is said in errors, and its first motion says everything anew."""
        self.where, self._lines, self._feed, self._z_said = where, [], None, None

    def take(self) -> tuple[str, ...]:
        """Lines since `begin`."""
        lines = tuple(self._lines)
        self._lines = []
        return lines

    def add(self, *lines: str) -> None:
        """Lines that are not motion."""
        self._lines += lines

    def sync(self) -> None:
        """Wait for the end of all motion."""
        self.add(sync_line(self.dialect, self.profile.dwell.sync_s))

    def rest(self, seconds: float) -> None:
        """Stand still."""
        if seconds > 0:
            self.add(dwell_line(self.dialect, seconds))

    # --- motion ---

    def lift(self, height_mm: float) -> None:
        """Straight up or down to a height over the board."""
        if self.height_mm is not None and abs(height_mm - self.height_mm) < 1e-6:
            return
        self.height_mm = height_mm
        if self.profile.servo_lift:
            self._set_servo(height_mm)
            return
        z = self._z(height_mm)
        self._check("Z", z, self.profile.limits.z_mm)
        self._z_said = number(z)
        self._say(f"G1 {self.profile.axes.z}{self._z_said}", self.profile.motion.max_rate_mm_min[2])

    def go(self, piece: PathPiece, height_mm: float, feed: float, *, fine: bool = True) -> None:
        """Along a piece, to a height that is reached at its end; to the height alone where the tool is there already.

        That is where the thread turns back along the rim, and in a corner that points into the board.
        """
        if self.here is not None and not piece.turn and math.dist(self.here, (piece.x, piece.y)) < _SAME_PLACE_MM:
            self.lift(height_mm)
            return
        servo, before = self.profile.servo_lift, self.height_mm
        if servo and before is not None and height_mm < before - 1e-6:
            self._set_servo(height_mm)
        start = self.here if self.here is not None else (piece.x, piece.y)
        targets = list(self._kinematics.targets(start, piece, feed, fine=fine))
        for k, target in enumerate(targets):
            self._write(target, None if servo else self._z(self._between(before, height_mm, (k + 1) / len(targets))))
        self.here, self.height_mm = (piece.x, piece.y), height_mm
        if servo and before is not None and height_mm > before + 1e-6:
            self._set_servo(height_mm)

    def line_to(self, point: Point, height_mm: float, feed: float, *, fine: bool = True) -> None:
        """Straight to a place."""
        self.go(PathPiece(*point), height_mm, feed, fine=fine)

    @staticmethod
    def _between(before: float | None, after: float, share: float) -> float:
        return after if before is None else before + (after - before) * share

    def _z(self, height_mm: float) -> float:
        return height_mm + self.profile.board.surface_z_mm - self.raised_mm

    def _write(self, target: Target, z: float | None) -> None:
        axes, limits = self.profile.axes, self.profile.limits
        self._check_reach(target)
        a, b = number(target.a), number(target.b)
        text = f"{_WORD[target.turn]} {axes.x}{a} {axes.y}{b}"
        if z is not None and (said := number(z)) != self._z_said:
            self._check("Z", z, limits.z_mm)
            text += f" {axes.z}{said}"
            self._z_said = said
        if target.turn:
            text += f" I{number(target.i)} J{number(target.j)}"
        self._say(text, target.feed)

    def _say(self, text: str, feed: float) -> None:
        feed = round(feed)
        if feed != self._feed:
            text += f" F{feed}"
            self._feed = feed
        self._lines.append(text)

    def _set_servo(self, height_mm: float) -> None:
        servo = self.profile.servo
        if not servo.low_mm - 1e-6 <= height_mm <= servo.high_mm + 1e-6:
            raise MachineError(
                f"{self.where}: the tool must be {height_mm:.1f} mm above the board, but the servo lifts it from "
                f"{servo.low_mm:g} to {servo.high_mm:g} mm",
                "correct servo.low_mm and servo.high_mm, or lower height.pin_mm and clearance.safe_mm",
            )
        share = (height_mm - servo.low_mm) / (servo.high_mm - servo.low_mm)
        value = round(servo.low_s + share * (servo.high_s - servo.low_s))
        if value != self._servo:
            self._servo = value
            self.add(self.dialect.servo.format(s=value))
            self.rest(servo.settle_s)

    def stand(self, here: Point, axes: Sequence[float]) -> None:
        """The tool is at a place of the plane, the axes at these values; the next height is said in any case."""
        self.here, self.height_mm = here, None
        self._kinematics.stand_at(axes)

    def axes_of(self, point: Point) -> tuple[float, float]:
        """Values of the plane's axes at a place."""
        return self._kinematics.axes_of(point)

    # --- limits ---

    def _check_reach(self, target: Target) -> None:
        limits, names = self.profile.limits, self.profile.axes
        reach = math.hypot(target.i, target.j) if target.turn else 0.0
        ca, cb = target.a, target.b
        if target.turn and self.here is not None:
            ca, cb = self.here[0] + target.i, self.here[1] + target.j
        self._check(names.x, ca - reach, limits.x_mm)
        self._check(names.x, ca + reach, limits.x_mm)
        if not self.profile.rotary:
            self._check(names.y, cb - reach, limits.y_mm)
            self._check(names.y, cb + reach, limits.y_mm)

    def _check(self, axis: str, value: float, limits: tuple[float, float]) -> None:
        low, high = limits
        if not low - 5e-4 <= value <= high + 5e-4:
            raise MachineError(
                f"{self.where}: {axis} would go to {value:.1f} mm, but its travel is {low:g} to {high:g} mm",
                _HEIGHT_HINT if axis == "Z" else _PLACE_HINT,
            )
