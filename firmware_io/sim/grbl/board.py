"""What all parts of the firmware share: motion, EEPROM, and the memory that a reset clears."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping

from firmware_io.sim.gantry import Gantry
from firmware_io.sim.grbl.eeprom import Eeprom
from firmware_io.sim.motion import MotionLimits, MotionPlanner
from firmware_io.sim.parser import Modal
from firmware_io.sim.traits import Traits

Condition = Callable[[], bool]
Steps = Iterator[Condition]
#: A piece of the main loop that ends with a status code.
Answer = Generator[Condition, None, int]

_EEPROM_S = 0.02  # interrupts are off while settings are written
_MOTORS_STAY_ON = 255  # $1


class Electronics:
    """The controller's parts and its memory.

    Parameters
    ----------
    traits : Traits
    gantry : Gantry
    limits : MotionLimits
    say : callable
        Takes text for the host.
    """

    def __init__(self, traits: Traits, gantry: Gantry, limits: MotionLimits, say: Callable[[str], None]) -> None:
        self.traits, self.gantry, self.say = traits, gantry, say
        self.axes = len(traits.axis_letters)
        self.eeprom = Eeprom(limits, self.axes)
        self.planner = MotionPlanner(limits, self.axes, traits.planner_blocks, gantry.put)
        self.motor_releases = 0
        self.report_interval_s = 0.0
        self.clear()

    def clear(self) -> None:
        """As after a reset."""
        self.state = "Idle"
        self.modal = Modal()
        self.g92 = (0.0,) * self.axes
        self.tool_length = 0.0  # G43.1, along Z
        self.flood = False  # the pin; check mode changes only what the parser holds
        self.overrides = [100, 100, 100]
        self.critical = False
        self.jog_cancel = False
        self.wco_in, self.ov_in = 0, 0  # reports until the next one with work offset, overrides
        self.timer: float | None = None
        self.deaf_until = -1.0
        self.next_report = 0.0
        self.checked: tuple[float, ...] | None = None  # where the tool would be, in check mode

    @property
    def now(self) -> float:
        """Time in seconds."""
        return self.planner.now

    def burn(self) -> None:
        """Write the EEPROM: nothing is heard meanwhile."""
        self.deaf_until = self.now + _EEPROM_S

    def configure(self, settings: Mapping[int, float]) -> None:
        """Take settings, and move by them."""
        self.eeprom.settings.update(settings)
        self.planner.limits = self.eeprom.apply()

    def settle(self) -> None:
        """State changes that follow from the motion."""
        self.laser_rests()
        if self.planner.busy:
            if self.state == "Idle":
                self.state = "Run"
            if not (self.jog_cancel and self.planner.held):
                return
        if self.state == "Jog" and self.jog_cancel and self.planner.held:
            self.planner.flush()
            self.jog_cancel = False
            self.state = "Idle"
        elif self.state in ("Run", "Jog") and not self.planner.busy:
            self.state = "Idle"
            self.motors_rest()
            if self.planner.holding:
                self.planner.resume()

    def motors_rest(self) -> None:
        """The motor drivers are switched off after a stop, unless $1 keeps them on."""
        self.motor_releases += self.eeprom.settings[1] != _MOTORS_STAY_ON

    def laser_rests(self) -> None:
        """With $32=1 a hold takes the pulse width away."""
        if self.eeprom.settings[32] and self.state == "Hold" and self.planner.held:
            self.gantry.set_spindle(self.now, self.planner.position, 0.0)

    def sync(self) -> Steps:
        """Wait until nothing moves."""
        if self.planner.busy:
            yield lambda: not self.planner.busy

    def pause(self, seconds: float) -> Steps:
        """Wait."""
        until = self.now + seconds
        self.timer = until if self.timer is None else min(self.timer, until)
        yield lambda: self.now >= until - 1e-9

    def alarm(self, code: int) -> None:
        """Stop dead and lock."""
        self.planner.flush()
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self.state = "Alarm"
        self.say(f"ALARM:{code}\r\n")
        if code in (1, 2):
            self.critical = True
            self.say("[MSG:Reset to continue]\r\n")

    def turn_spindle_again(self) -> None:
        """Every motion brings the pulse width back that homing or a laser's hold took away."""
        wanted = self.spindle_wanted
        if wanted != self.gantry.spindle and not self.planner.busy:
            self.gantry.set_spindle(self.now, self.planner.position, wanted)

    @property
    def spindle_wanted(self) -> float:
        """The speed that S asks for: with the override, from $31 to $30."""
        speed = self.modal.spindle * self.overrides[2] / 100.0
        if self.modal.spindle_mode == 5 or speed == 0.0:
            return 0.0
        return min(max(speed, self.eeprom.settings[31]), self.eeprom.settings[30])

    @property
    def parsed_end(self) -> tuple[float, ...]:
        """Where the parser thinks that the tool will be."""
        return self.planner.planned_end if self.checked is None else self.checked

    def inside(self, point: tuple[float, ...]) -> bool:
        """Whether a place is within the travel."""
        return all(-travel - 1e-6 <= p <= 1e-6 for p, travel in zip(point, self.eeprom.travel_mm, strict=False))

    def offset(self, system: int | None = None) -> tuple[float, ...]:
        """Machine position less work position, in the active system or another."""
        system = self.modal.coordinate_system if system is None else system
        base = self.eeprom.offsets.get(system, (0.0,) * self.axes)
        length = (0.0, 0.0, self.tool_length, 0.0)
        return tuple(a + b + c for a, b, c in zip(base, self.g92, length, strict=False))

    def in_steps(self, position: tuple[float, ...]) -> tuple[float, ...]:
        """The controller counts motor steps; it knows its position no better."""
        per_mm = [self.eeprom.settings.get(100 + axis, 80.0) for axis in range(len(position))]
        return tuple(round(p * s) / s for p, s in zip(position, per_mm, strict=True))
