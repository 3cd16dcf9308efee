"""A simulated controller of the grbl family.

The firmware's main loop is a generator that yields a condition to wait for, so that it blocks exactly where the
real one blocks: a full planner, a sync, a dwell, a hold. What the real one does in its receive interrupt (pick
real-time bytes off, anywhere; drop what does not fit into the ring) happens in :meth:`GrblController.receive`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace

from firmware_io.sim import parser
from firmware_io.sim.controller import Controller
from firmware_io.sim.gantry import Gantry
from firmware_io.sim.motion import MotionLimits, MotionPlanner
from firmware_io.sim.parser import Block, Modal, RefusedError
from firmware_io.sim.traits import Traits

Condition = Callable[[], bool]
Steps = Iterator[Condition]
#: A piece of the main loop that ends with a status code.
Answer = Generator[Condition, None, int]

_DWELL_TICK_S = 0.05  # grbl waits in whole ticks
_EEPROM_S = 0.02  # interrupts are off while settings are written
_REALTIME = frozenset(b"?!~\x18") | frozenset(range(0x80, 0x100))
_UNLOCK_HINT = "[MSG:'$H'|'$X' to unlock]\r\n"
_IDLE_ERROR, _LOCKED, _NO_HOMING, _OVERFLOW, _TRAVEL, _BAD_JOG, _BAD_STATEMENT = 8, 9, 5, 11, 15, 16, 3

_PLAIN_LINE = re.compile(rb"[A-Za-z0-9 .-]*")
_DEFAULT_SETTINGS: dict[int, float] = {
    0: 10, 1: 25, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 10: 1, 11: 0.01, 12: 0.002, 13: 0, 20: 0, 21: 0, 22: 0, 23: 0,
    24: 25, 25: 500, 26: 250, 27: 1, 30: 1000, 31: 0, 32: 0,
}  # fmt: skip
_STEPS_PER_MM = (80.0, 80.0, 400.0, 80.0)
_TRAVEL_MM = (1000.0, 1000.0, 100.0, 100_000.0)
_MOTORS_STAY_ON = 255  # $1
_WCO_EVERY_BUSY, _WCO_EVERY = 30, 10  # reports
_BUSY_STATES = ("Run", "Hold", "Home", "Jog", "Door")


class GrblController(Controller):
    """grbl, grblHAL or FluidNC, by its `traits`.

    Parameters
    ----------
    traits : Traits
    gantry : Gantry
    limits : MotionLimits
    transmit : callable
        Takes text for the host.
    homing : bool
        Homing is enabled (``$22=1``): the controller is locked after power-up.
    line_time_s : float
        Time that the main loop needs for a line: a slow reader.
    """

    def __init__(
        self,
        traits: Traits,
        gantry: Gantry,
        limits: MotionLimits,
        transmit: Callable[[str], None],
        *,
        homing: bool = False,
        line_time_s: float = 0.0,
    ) -> None:
        self.traits, self.gantry, self.limits, self._transmit = traits, gantry, limits, transmit
        self.line_time_s = line_time_s
        self.lost_bytes = 0
        self.soft_limits = False
        self.motor_releases = 0
        self._letters = traits.axis_letters
        self._axes = len(self._letters)
        self.settings = _settings(limits, self._axes)
        self.settings[22] = float(homing)
        self.travel_mm: tuple[float, ...] = _TRAVEL_MM[: self._axes]
        self._start_lines = ["", ""]
        self.planner = MotionPlanner(limits, self._axes, traits.planner_blocks, gantry.put)
        self._stored: dict[float, tuple[float, ...]] = {}
        self._offsets: dict[int, tuple[float, ...]] = {}
        self._now = 0.0
        self._report_interval_s = 0.0
        self._clear()

    def _clear(self) -> None:
        zero = (0.0,) * self._axes
        self.state = "Idle"
        self.modal = Modal()
        self._g92 = zero
        self._overrides = [100, 100, 100]
        self._ring = bytearray()
        self._partial = bytearray()
        self._skip_lf = False
        self._latched = 0
        self._critical = False
        self._jog_cancel = False
        self._report_asked = False
        self._reset_asked = False
        self._wco_in, self._ov_in = 0, 0
        self._timer: float | None = None
        self._deaf_until = -1.0
        self._next_report = 0.0
        self._in_line = False
        self._checked: tuple[float, ...] | None = None  # where the tool would be, in check mode
        self._main = self._loop()
        self._waiting: Condition | None = None

    # --- power and time ---
    def power_on(self) -> None:
        """Boot: the position is zero wherever the gantry stands."""
        self._forget_position()
        self._clear()
        self.alive = True
        if self.settings[22]:
            self.state = "Alarm"
        self._say_hello()

    @property
    def next_event_s(self) -> float | None:
        """When something happens if the host stays silent; None for never."""
        if not self.alive:
            return None
        event = self.planner.next_event_s
        if self._timer is not None and (event is None or self._timer < event):
            event = self._timer
        if self._report_interval_s and self.state in ("Run", "Jog", "Home"):
            event = self._next_report if event is None else min(event, self._next_report)
        if self._deaf_until > self.now:  # else a clock that leaps from event to event would never come there
            event = self._deaf_until if event is None else min(event, self._deaf_until)
        return event

    def advance(self, until_s: float) -> None:
        """Let time pass."""
        while True:
            event = self.next_event_s
            if event is None or event > until_s:
                break
            self.planner.advance(event)
            if self._timer is not None and event >= self._timer:
                self._timer = None
            self._auto_report()
            self._service()
        self.planner.advance(until_s)

    def _auto_report(self) -> None:
        if self._report_interval_s and self.now >= self._next_report:
            self._next_report = self.now + self._report_interval_s
            self._report_asked = True

    # --- the receive interrupt ---
    def receive(self, data: bytes) -> None:
        """Bytes from the host, one interrupt each."""
        for byte in data:
            if not self.alive or self.now < self._deaf_until:
                self.lost_bytes += 1
            elif byte in _REALTIME:
                self._realtime(byte)
            elif len(self._ring) >= self.traits.rx_bytes:
                self.lost_bytes += 1
            else:
                self._ring.append(byte)
                if byte in b"\r\n":
                    self._service()
        if self.alive:
            self._service()

    def _realtime(self, byte: int) -> None:
        if byte == 0x18:
            self._reset_asked = True
            self._service()
        elif byte == ord("?") or (byte == 0x87 and self.traits.error_latches):
            self._report_asked = True
        elif self._critical:
            return
        elif byte == ord("!"):
            self._feed_hold("Hold")
        elif byte == ord("~"):
            self._cycle_start()
        elif byte == 0x84:
            self._feed_hold("Door")
        elif byte == 0x85 and self.state == "Jog":
            self._jog_cancel = True
            self.planner.hold()
        elif 0x90 <= byte <= 0xA1:
            self._override(byte)

    def _feed_hold(self, state: str) -> None:
        if self.state in ("Alarm", "Check", "Sleep", "Home"):
            return
        if state == "Door":
            self._say("[MSG:Check Door]\r\n")
        if self.state == "Jog":
            self._jog_cancel = True
            self.planner.hold()
            if state == "Hold":
                return
        if self.state == "Door":
            return
        self.planner.hold()
        self.state = state

    def _cycle_start(self) -> None:
        self._service()  # a hold of just now comes first
        if self.state in ("Hold", "Door", "Tool") and self.planner.held:
            if self.settings[32] and self.modal.spindle_mode != 5:
                self.gantry.set_spindle(self.now, self.planner.position, self.modal.spindle)
            self.planner.resume()
            self.state = "Run" if self.planner.busy else "Idle"

    def press(self, button: str) -> None:
        """A button on the machine itself, ``"hold"``, ``"start"``, ``"door"`` or ``"abort"``: nobody sends a byte."""
        self._realtime({"hold": ord("!"), "start": ord("~"), "door": 0x84, "abort": 0x18}[button])
        self._service()

    def _override(self, byte: int) -> None:
        feed, rapid, spindle = self._overrides
        feed = {0x90: 100, 0x91: feed + 10, 0x92: feed - 10, 0x93: feed + 1, 0x94: feed - 1}.get(byte, feed)
        rapid = {0x95: 100, 0x96: 50, 0x97: 25}.get(byte, rapid)
        spindle = {0x99: 100, 0x9A: spindle + 10, 0x9B: spindle - 10, 0x9C: spindle + 1, 0x9D: spindle - 1}.get(
            byte, spindle
        )
        self._overrides = [min(200, max(10, feed)), rapid, min(200, max(10, spindle))]
        self._ov_in = 0
        self.planner.set_factors(self._overrides[0] / 100, rapid / 100)

    # --- the main loop ---
    def _service(self) -> None:
        """Everything that the firmware does without time passing."""
        if self._reset_asked:
            self._reset_asked = False
            self._soft_reset()
        if self._report_asked:
            self._report_asked = False
            if self.state != "Home" and not self._critical:
                self._report()
        self._settle()
        while self._may_run() and (self._waiting is None or self._waiting()):
            try:
                self._waiting = next(self._main)
            except _RestartError:
                self._in_line = False
                self._soft_reset()
            self._settle()

    def _may_run(self) -> bool:
        return not (self._critical or self.state in ("Hold", "Door", "Tool", "Sleep"))

    def _settle(self) -> None:
        """State changes that follow from the motion."""
        self._laser_rests()
        if self.planner.busy:
            if self.state == "Idle":
                self.state = "Run"
            if not (self._jog_cancel and self.planner.held):
                return
        if self.state == "Jog" and self._jog_cancel and self.planner.held:
            self.planner.flush()
            self._jog_cancel = False
            self.state = "Idle"
        elif self.state in ("Run", "Jog") and not self.planner.busy:
            self.state = "Idle"
            self._motors_rest()
            if self.planner.holding:
                self.planner.resume()

    def _motors_rest(self) -> None:
        """The motor drivers are switched off after a stop, unless $1 keeps them on."""
        self.motor_releases += self.settings[1] != _MOTORS_STAY_ON

    def _laser_rests(self) -> None:
        """With $32=1 a hold takes the pulse width away."""
        if self.settings[32] and self.state == "Hold" and self.planner.held:
            self.gantry.set_spindle(self.now, self.planner.position, 0.0)

    def _loop(self) -> Steps:
        while True:
            line = yield from self._next_line()
            self._in_line = True
            if self.line_time_s:
                yield from self._pause(self.line_time_s)
            code = yield from self._execute_line(line)
            self._in_line = False
            self._answer(code)

    def _next_line(self) -> Generator[Condition, None, bytes]:
        while True:
            end = min((i for i in (self._ring.find(b"\n"), self._ring.find(b"\r")) if i >= 0), default=-1)
            if end >= 0:
                ending = self._ring[end]
                line = bytes(self._partial + self._ring[:end])
                del self._ring[: end + 1]
                self._partial.clear()
                if self.traits.crlf_is_one_line and ending == 10 and self._skip_lf and not line:
                    self._skip_lf = False
                    continue
                self._skip_lf = ending == 13
                return line
            self._partial += self._ring[: 4096 - len(self._partial)]
            self._ring.clear()
            yield lambda: bool(self._ring)

    def _pause(self, seconds: float) -> Steps:
        until = self.now + seconds
        self._timer = until if self._timer is None else min(self._timer, until)
        yield lambda: self.now >= until - 1e-9

    def _answer(self, code: int) -> None:
        self._transmit("ok\r\n" if code == 0 else f"error:{code}\r\n")

    def _execute_line(self, raw: bytes) -> Answer:
        line = _strip(raw)
        if not line:
            self._latched = 0
            return 0
        if len(line) > self.traits.line_characters:
            return _OVERFLOW
        if line.startswith("$"):
            self._latched = 0
            return (yield from self._system(line))
        if self._latched:
            return self._latched
        if self.state in ("Alarm", "Jog"):
            return _LOCKED
        code = yield from self._gcode(line)
        if code and self.traits.error_latches:
            self._latched = code
        return code

    def _gcode(self, line: str) -> Answer:
        try:
            block = parser.parse(line, self.modal, self._letters, self.traits.tool_change)
            yield from self._execute(block)
        except RefusedError as refused:
            return refused.code
        return 0

    def _execute(self, block: Block) -> Steps:
        points = self._points(block)  # refusals come before anything is done
        modal, checking = self.modal, self.state == "Check"
        modal.feed = block.values.get("F", modal.feed)
        modal.spindle = block.values.get("S", modal.spindle)
        yield from self._spindle(block, checking)
        modal.coolant = block.m.get(108, modal.coolant)
        if "dwell" in block.values and not checking:
            yield from self._sync()
            yield from self._pause(math.ceil(block.values["dwell"] / _DWELL_TICK_S - 1e-9) * _DWELL_TICK_S)
        self._set_modes(block)
        yield from self._special(block, checking)
        if points:
            if block.motion is not None:
                modal.motion = block.motion
            yield from self._move(points, block.motion == 0.0, checking)
        elif 1 in block.g:
            modal.motion = block.g[1]
        if block.tool_change and not checking:
            yield from self._stand("Tool")
        yield from self._program_flow(block.m.get(104), checking)

    def _spindle(self, block: Block, checking: bool) -> Steps:
        modal = self.modal
        if 107 not in block.m and "S" not in block.values:
            return
        modal.spindle_mode = block.m.get(107, modal.spindle_mode)
        if checking:
            return
        value = 0.0 if modal.spindle_mode == 5 else modal.spindle
        if value != self.gantry.spindle:
            yield from self._sync()
            self.gantry.set_spindle(self.now, self.planner.position, value)

    def _set_modes(self, block: Block) -> None:
        modal, g = self.modal, block.g
        modal.plane = int(g.get(2, modal.plane))
        modal.inches = g.get(6, 20.0 if modal.inches else 21.0) == 20.0
        modal.coordinate_system = int(g.get(12, modal.coordinate_system))
        modal.incremental = g.get(3, 91.0 if modal.incremental else 90.0) == 91.0

    def _points(self, block: Block) -> list[tuple[float, ...]]:
        """Where the line's motion goes, in machine coordinates."""
        special = block.g.get(0)
        if block.motion is None and special not in (28.0, 30.0):
            return []
        start = self._parsed_end
        if special in (28.0, 30.0):
            home = self._stored.get(special, (0.0,) * self._axes)
            return [self._target(block), home] if block.axis_words else [home]
        target = self._target(block)
        if block.motion in (2.0, 3.0):
            plane = int(block.g.get(2, self.modal.plane))
            return parser.arc_points(start, target, block, plane, block.motion == 2.0)
        return [target] if block.axis_words else []

    def _target(self, block: Block) -> tuple[float, ...]:
        incremental = block.g.get(3, 91.0 if self.modal.incremental else 90.0) == 91.0
        system = int(block.g.get(12, self.modal.coordinate_system))
        in_machine = block.g.get(0) == 53.0
        offset = (0.0,) * self._axes if in_machine else self._offset(system)
        target = list(self._parsed_end)
        for axis, value in block.axis_words.items():
            target[axis] = target[axis] + value if incremental else value + offset[axis]
        return tuple(target)

    def _offset(self, system: int | None = None) -> tuple[float, ...]:
        system = self.modal.coordinate_system if system is None else system
        base = self._offsets.get(system, (0.0,) * self._axes)
        return tuple(a + b for a, b in zip(base, self._g92, strict=True))

    def _move(self, points: list[tuple[float, ...]], rapid: bool, checking: bool) -> Steps:
        for point in points:
            if self.soft_limits and not self._inside(point):  # in check mode too
                yield from self._soft_limit()
            if checking:
                self._checked = point
                continue
            while self.planner.full:
                yield lambda: not self.planner.full
            self._turn_spindle_again()
            self.planner.push(point, self.modal.feed / 60.0, rapid)
            self._settle()

    def _turn_spindle_again(self) -> None:
        """Every motion brings the pulse width back that homing or a laser's hold took away."""
        wanted = 0.0 if self.modal.spindle_mode == 5 else self.modal.spindle
        if wanted != self.gantry.spindle and not self.planner.busy:
            self.gantry.set_spindle(self.now, self.planner.position, wanted)

    @property
    def _parsed_end(self) -> tuple[float, ...]:
        """Where the parser thinks that the tool will be."""
        return self.planner.planned_end if self._checked is None else self._checked

    def _inside(self, point: tuple[float, ...]) -> bool:
        return all(-travel - 1e-6 <= p <= 1e-6 for p, travel in zip(point, self.travel_mm, strict=False))

    def _soft_limit(self) -> Steps:
        self.planner.hold()
        while self.planner.busy and not self.planner.held:
            yield lambda: not self.planner.busy or self.planner.held
        self._alarm(2)
        while True:  # until the reset
            yield lambda: False

    def _special(self, block: Block, checking: bool) -> Steps:
        special = block.g.get(0)
        position = self._parsed_end
        if special in (28.1, 30.1):
            self._stored[special - 0.1 if special == 30.1 else 28.0] = position
            self._write_eeprom()
        elif special == 92.0:
            base = self._offsets.get(self.modal.coordinate_system, (0.0,) * self._axes)
            g92 = list(self._g92)
            for axis, value in block.axis_words.items():
                g92[axis] = position[axis] - base[axis] - value
            self._g92, self._wco_in = tuple(g92), 0
        elif special == 92.1:
            self._g92, self._wco_in = (0.0,) * self._axes, 0
        elif special == 10.0:
            if not checking:
                yield from self._sync()
            self._set_offset(block, position)

    def _set_offset(self, block: Block, position: tuple[float, ...]) -> None:
        number = int(block.values["G10P"])
        system = self.modal.coordinate_system if number == 0 else 53 + number
        offset = list(self._offsets.get(system, (0.0,) * self._axes))
        for axis, value in block.axis_words.items():
            offset[axis] = value if block.values["G10L"] == 2 else position[axis] - self._g92[axis] - value
        self._offsets[system] = tuple(offset)
        self._wco_in = 0
        self._write_eeprom()

    def _write_eeprom(self) -> None:
        self._deaf_until = self.now + _EEPROM_S

    def _program_flow(self, flow: int | None, checking: bool) -> Steps:
        if flow is None or flow == 1:
            return
        if not checking:
            yield from self._sync()
        if flow == 0:
            if not checking:
                yield from self._stand("Hold")
            return
        modal = self.modal
        modal.motion, modal.plane, modal.incremental = 1.0, 17, False
        modal.coordinate_system, modal.spindle_mode, modal.coolant = 54, 5, 9
        if not checking:
            self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self._say("[MSG:Pgm End]\r\n")

    def _stand(self, state: str) -> Steps:
        """Drain, then stand until a cycle start: the acknowledgement waits as long."""
        yield from self._sync()
        self.planner.hold()
        self.state = state
        yield lambda: self.state != state

    def _sync(self) -> Steps:
        if self.planner.busy:
            yield lambda: not self.planner.busy

    # --- $ commands ---
    def _system(self, line: str) -> Answer:
        if line.startswith("$J="):
            return (yield from self._jog(line[3:]))
        if line in ("$", "$G", "$C", "$X"):
            return self._simple(line)
        if line == "$$":
            if self.state in ("Run", "Hold"):
                return _IDLE_ERROR
            self._say("".join(f"${k}={_number(v)}\r\n" for k, v in sorted(self.settings.items())))
            return 0
        if self.state not in ("Idle", "Alarm"):
            return _IDLE_ERROR
        if line == "$H":
            return (yield from self._home())
        return self._when_idle(line)

    def _when_idle(self, line: str) -> int:
        if line == "$I":
            self._say(self.traits.build_info.format(planner=self.traits.planner_blocks, rx=self.traits.rx_bytes))
            return 0
        if line == "$#":
            self._parameters()
            return 0
        if line == "$N":
            self._say("".join(f"$N{k}={text}\r\n" for k, text in enumerate(self._start_lines)))
            return 0
        if line == "$CD" and self.traits.build_info.find("FluidNC") >= 0:
            self._say(_configuration(self.settings))
            return 0
        if line == "$SLP":
            self.state = "Sleep"
            return 0
        return self._write_setting(line)

    def _simple(self, line: str) -> int:
        if line == "$":
            self._say("[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]\r\n")
        elif line == "$G":
            self._say(f"[GC:{self._modes()}]\r\n")
        elif line == "$X":
            if self.state == "Alarm":
                self._say("[MSG:Caution: Unlocked]\r\n")
                self.state = "Idle"
        elif self.state == "Check":
            self._say("[MSG:Disabled]\r\n")
            self._transmit("ok\r\n")
            raise _RestartError
        elif self.state != "Idle":
            return _IDLE_ERROR
        else:
            self._say("[MSG:Enabled]\r\n")
            self.state = "Check"
            self._checked = self.planner.position
        return 0

    def _modes(self) -> str:
        m = self.modal
        return (
            f"G{m.motion:g} G{m.coordinate_system} G{m.plane} G{20 if m.inches else 21} "
            f"G{91 if m.incremental else 90} G94 M{m.spindle_mode} M{m.coolant} T{m.tool} F{m.feed:g} S{m.spindle:g}"
        )

    def _parameters(self) -> None:
        zero = (0.0,) * self._axes
        for system in range(54, 60):
            self._say(f"[G{system}:{_join(self._offsets.get(system, zero))}]\r\n")
        for number in (28.0, 30.0):
            self._say(f"[G{number:.0f}:{_join(self._stored.get(number, zero))}]\r\n")
        self._say(f"[G92:{_join(self._g92)}]\r\n[TLO:0.000]\r\n[PRB:{_join(zero)}:0]\r\n")

    def _write_setting(self, line: str) -> int:
        name, equals, value = line[1:].partition("=")
        if name.upper() in ("REPORT/INTERVAL", "RI") and self.traits.auto_report:
            self._report_interval_s = float(value or 0) / 1000.0
            self._next_report = self.now
            return 0
        if not equals:
            return _BAD_STATEMENT
        if name in ("N0", "N1"):
            self._start_lines[int(name[1])] = value
            self._write_eeprom()
            return 0
        try:
            key, number = int(name), float(value)
        except ValueError:
            return _BAD_STATEMENT if name != "RST" else 0
        if key not in self.settings:
            return _BAD_STATEMENT
        self.settings[key] = number
        self._write_eeprom()
        self._apply_settings()
        return 0

    def configure(self, settings: Mapping[int, float]) -> None:
        """Settings as the owner has them stored: ``{1: 255, 110: 5000}``."""
        self.settings.update(settings)
        self._apply_settings()

    def _apply_settings(self) -> None:
        s = self.settings
        self.soft_limits = bool(s[20])
        rates, accelerations = list(self.limits.max_rate_mm_s), list(self.limits.acceleration_mm_s2)
        for axis in range(self._axes):
            rates[axis], accelerations[axis] = s[110 + axis] / 60.0, s[120 + axis]
        self.travel_mm = tuple(s[130 + axis] for axis in range(self._axes))
        self.limits = replace(
            self.limits,
            max_rate_mm_s=tuple(rates),
            acceleration_mm_s2=tuple(accelerations),
            junction_deviation_mm=s[11],
        )
        self.planner.limits = self.limits

    def _home(self) -> Answer:
        if not self.settings[22]:
            return _NO_HOMING
        self.state = "Home"
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        real = self.gantry.physical(self.planner.position)
        self.gantry.offset = [0.0] * self._axes  # the switches are where they are
        self.planner.set_position(real)
        up = (real[0], real[1], 0.0, *real[3:])
        for point in (up, (0.0,) * self._axes):
            self.planner.push(point, self.settings[25] / 60.0)
            yield from self._sync()
        self.state = "Idle"
        self._motors_rest()
        return 0

    def _jog(self, text: str) -> Answer:
        if self.state not in ("Idle", "Jog"):
            return _IDLE_ERROR
        modal = replace(self.modal, motion=1.0, feed=0.0)
        try:
            block = parser.parse(text, modal, self._letters)
        except RefusedError as refused:
            return refused.code
        if set(block.g) - {0, 3, 6} or block.m or "F" not in block.values or not block.axis_words:
            return _BAD_JOG
        target = self._target(block)
        if self.soft_limits and not self._inside(target):
            return _TRAVEL
        while self.planner.full:
            yield lambda: not self.planner.full
        self._turn_spindle_again()
        self.planner.push(target, block.values["F"] / 60.0)
        if self.planner.busy:
            self.state = "Jog"
        return 0

    # --- resets, alarms, reports ---
    def raise_alarm(self, code: int) -> None:
        """Stop dead and lock; 1 and 2 lock everything until a reset, the others come with one."""
        self._alarm(code)
        if not self._critical:
            self._soft_reset()

    def _alarm(self, code: int) -> None:
        self.planner.flush()
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self.state = "Alarm"
        self._say(f"ALARM:{code}\r\n")
        if code in (1, 2):
            self._critical = True
            self._say("[MSG:Reset to continue]\r\n")

    def _soft_reset(self) -> None:
        moving = self.planner.busy and not self.planner.held and self.planner.speed > 0
        if self.state == "Home" or moving:
            self._alarm(6 if self.state == "Home" else 3)
        if self._in_line:
            self._transmit("ok\r\n")  # the killed line's, just before the banner
        alarmed, held = self.state in ("Alarm", "Sleep"), self.state == "Hold"
        self.planner.flush()
        self.planner.set_position(self._in_steps(self.planner.position))
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self._clear()
        if alarmed:
            self.state = "Alarm"
        if held:
            self._wco_in = _WCO_EVERY
        self.planner.set_factors(1.0, 1.0)
        self._say_hello()

    def _say_hello(self) -> None:
        self._say(f"\r\n{self.traits.banner}\r\n")
        if self.state == "Alarm":
            self._say(_UNLOCK_HINT)

    def _say(self, text: str) -> None:
        self._transmit(text)

    def _state_text(self) -> str:
        if self.state == "Hold":
            return "Hold:0" if self.planner.held else "Hold:1"
        if self.state == "Door":
            return "Door:0" if self.planner.held else "Door:2"
        return self.state

    def _report(self) -> None:
        position, offset = self._in_steps(self.planner.position), self._offset()
        scale = 1 / 25.4 if self.settings[13] else 1.0
        machine = int(self.settings[10]) & 1
        shown = position if machine else tuple(p - o for p, o in zip(position, offset, strict=True))
        text = f"<{self._state_text()}|{'MPos' if machine else 'WPos'}:{_join([p * scale for p in shown])}"
        if int(self.settings[10]) & 2:
            text += f"|Bf:{self.traits.planner_blocks - len(self.planner.queue)},{self._free()}"
        speed = self.planner.speed * 60.0 * scale
        text += f"|FS:{speed:.0f},{self.gantry.spindle:.0f}"
        if self._wco_in <= 0:
            text += f"|WCO:{_join([o * scale for o in offset])}"
            self._wco_in = _WCO_EVERY_BUSY if self.state in _BUSY_STATES else _WCO_EVERY
        elif self._ov_in <= 0:
            text += "|Ov:" + ",".join(map(str, self._overrides))
            self._ov_in = 20 if self.state in _BUSY_STATES else 10
        self._wco_in -= 1
        self._ov_in -= 1
        self._say(text + ">\r\n")

    def _in_steps(self, position: tuple[float, ...]) -> tuple[float, ...]:
        """The controller counts motor steps; it knows its position no better."""
        per_mm = [self.settings.get(100 + axis, 80.0) for axis in range(len(position))]
        return tuple(round(p * s) / s for p, s in zip(position, per_mm, strict=True))

    def _free(self) -> int:
        return self.traits.rx_bytes - len(self._ring)


class _RestartError(Exception):
    """Unwinds the main loop: leaving check mode restarts it."""


def _settings(limits: MotionLimits, axes: int) -> dict[int, float]:
    settings = dict(_DEFAULT_SETTINGS)
    settings[11] = limits.junction_deviation_mm
    for axis in range(axes):
        settings[100 + axis], settings[130 + axis] = _STEPS_PER_MM[axis], _TRAVEL_MM[axis]
        settings[110 + axis] = limits.max_rate_mm_s[axis] * 60.0
        settings[120 + axis] = limits.acceleration_mm_s2[axis]
    return settings


def _strip(raw: bytes) -> str:
    """What grbl keeps of a line: no spaces, comments, control characters or block delete; upper case."""
    if _PLAIN_LINE.fullmatch(raw):  # most lines
        return raw.replace(b" ", b"").decode().upper()
    kept, depth = [], 0
    for c in raw.decode("latin-1"):
        if c == ";" and depth != 1:
            break
        if c == "(":
            depth = 1
        elif c == ")" and depth:
            depth = 0
        elif not depth and c > " " and c != "/":
            kept.append(c.upper())
    text = "".join(kept)
    return text if not text.startswith("$REPORT") else raw.decode("latin-1").strip()


def _configuration(settings: dict[int, float]) -> str:
    """What FluidNC answers to ``$CD``: its configuration file, as it is in use."""
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


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() and value < 100 else f"{value:.3f}"


def _join(values: tuple[float, ...] | list[float]) -> str:
    return ",".join(f"{v:.3f}" for v in values)
