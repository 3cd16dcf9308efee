"""What the controller keeps through a power cut: settings, offsets, places, start-up lines."""

from __future__ import annotations

from dataclasses import replace

from firmware_io.sim.motion import MotionLimits

_DEFAULT_SETTINGS: dict[int, float] = {
    0: 10, 1: 25, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 10: 1, 11: 0.01, 12: 0.002, 13: 0, 20: 0, 21: 0, 22: 0, 23: 0,
    24: 25, 25: 500, 26: 250, 27: 1, 30: 1000, 31: 0, 32: 0,
}  # fmt: skip
#: Settings that are kept in a byte, and those of them that are only on or off.
WHOLE = frozenset((0, 1, 2, 3, 4, 5, 6, 10, 13, 20, 21, 22, 23, 26, 32))
FLAGS = frozenset((4, 5, 6, 13, 20, 21, 22, 32))
_SPEEDS = (30, 31)  # told without decimals
_STEPS_PER_MM = (80.0, 80.0, 400.0, 80.0)
_TRAVEL_MM = (1000.0, 1000.0, 100.0, 100_000.0)


class Eeprom:
    """Settings and all else that is stored.

    Parameters
    ----------
    limits : MotionLimits
        The firmware is built with: the defaults of its settings.
    axes : int
    """

    def __init__(self, limits: MotionLimits, axes: int) -> None:
        self.axes, self._built_limits = axes, limits
        self.restore("*")

    def restore_settings(self) -> None:
        """The settings of the firmware as it was built."""
        self.limits, self.settings = self._built_limits, _settings(self._built_limits, self.axes)
        self.travel_mm: tuple[float, ...] = _TRAVEL_MM[: self.axes]
        self.soft_limits = False

    def restore_places(self) -> None:
        """No offsets, and G28 and G30 go to the machine's zero."""
        self.places: dict[float, tuple[float, ...]] = {}  # of G28 and G30
        self.offsets: dict[int, tuple[float, ...]] = {}  # of G54 and on

    def restore(self, what: str) -> None:
        """``$`` restores the settings, ``#`` the places, ``*`` all that is stored."""
        if what in "$*":
            self.restore_settings()
        if what in "#*":
            self.restore_places()
        if what == "*":
            self.start_lines = ["", ""]
            self.build_info = ""  # of $I=

    def apply(self) -> MotionLimits:
        """Take what the settings say; returns how fast it may move now."""
        s = self.settings
        self.soft_limits = bool(s[20])
        rates, accelerations = list(self.limits.max_rate_mm_s), list(self.limits.acceleration_mm_s2)
        for axis in range(self.axes):
            rates[axis], accelerations[axis] = s[110 + axis] / 60.0, s[120 + axis]
        self.travel_mm = tuple(s[130 + axis] for axis in range(self.axes))
        self.limits = replace(
            self.limits,
            max_rate_mm_s=tuple(rates),
            acceleration_mm_s2=tuple(accelerations),
            junction_deviation_mm=s[11],
        )
        return self.limits

    def told(self) -> str:
        """What it answers to ``$$``."""
        return "".join(
            f"${k}={v:.{0 if k in WHOLE or k in _SPEEDS else 3}f}\r\n" for k, v in sorted(self.settings.items())
        )

    def configuration(self) -> str:
        """What FluidNC answers to ``$CD``: its configuration file, as it is in use."""
        settings = self.settings

        lines = ["name: simulated", "stepping:", f"  idle_ms: {settings[1]:.0f}", "axes:"]
        for k, axis in enumerate("xyz"):
            lines += [
                f"  {axis}:", f"    steps_per_mm: {settings[100 + k]:.3f}",
                f"    max_rate_mm_per_min: {settings[110 + k]:.3f}",
                f"    acceleration_mm_per_sec2: {settings[120 + k]:.3f}", f"    max_travel_mm: {settings[130 + k]:.3f}",
                f"    soft_limits: {'true' if settings[20] else 'false'}",
            ]  # fmt: skip
        lines += [f"arc_tolerance_mm: {settings[12]:.3f}", f"junction_deviation_mm: {settings[11]:.3f}"]
        return "".join(f"{line}\r\n" for line in lines)


def _settings(limits: MotionLimits, axes: int) -> dict[int, float]:
    settings = dict(_DEFAULT_SETTINGS)
    settings[11] = limits.junction_deviation_mm
    for axis in range(axes):
        settings[100 + axis], settings[130 + axis] = _STEPS_PER_MM[axis], _TRAVEL_MM[axis]
        settings[110 + axis] = limits.max_rate_mm_s[axis] * 60.0
        settings[120 + axis] = limits.acceleration_mm_s2[axis]
    return settings
