"""A simulated Marlin 2: line numbers, checksums, ``Resend``, ``busy``, prompts, emergency parser.

``ok`` comes when a command was processed: at once for a move that fits into the planner, after the motion for
``G4`` and ``M400``. After a bad line the receive buffer is flushed and the line is asked for again.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterator

from firmware_io.gcode import words
from firmware_io.sim.controller import Controller
from firmware_io.sim.gantry import Gantry
from firmware_io.sim.motion import MotionLimits, MotionPlanner

Condition = Callable[[], bool]
Steps = Iterator[Condition]

_RX_BYTES, _COMMANDS, _PLANNER_BLOCKS = 128, 4, 16
_BUSY_S = 2.0
_STEPS_PER_MM = (80.0, 80.0, 400.0, 93.0)
_NUMBERED = re.compile(r"^N(-?\d+)\s*")
_EMERGENCY = re.compile(rb"^\s*(?:N\d+\s*)?M(108|112|410|876)\b")
_HELLO = (
    "start\nMarlin 2.1.2.4\n\necho: Last Updated: 2024-08-12 | Author: (none, default config)\n"
    "echo: Compiled: Aug 12 2024\necho: Free Memory: 2870  PlannerBufferBytes: 1536\n"
    "echo:Hardcoded Default Settings Loaded\n"
)
_IGNORED_M = frozenset((17, 18, 73, 82, 83, 84, 104, 106, 107, 111, 117, 140, 155, 201, 203, 204, 205, 220, 221, 900))


class MarlinController(Controller):
    """Marlin 2 on a gantry.

    Parameters
    ----------
    gantry : Gantry
    limits : MotionLimits
    transmit : callable
        Takes text for the host.
    advanced_ok, emergency_parser : bool
        Compile-time options of the firmware.
    line_time_s : float
        Time that a command needs before anything else: a slow reader.
    """

    def __init__(
        self,
        gantry: Gantry,
        limits: MotionLimits,
        transmit: Callable[[str], None],
        *,
        advanced_ok: bool = False,
        emergency_parser: bool = True,
        line_time_s: float = 0.0,
    ) -> None:
        self.gantry, self._transmit = gantry, transmit
        self.advanced_ok, self.emergency_parser, self.line_time_s = advanced_ok, emergency_parser, line_time_s
        self.lost_bytes = 0
        self.planner = MotionPlanner(limits, 4, _PLANNER_BLOCKS, gantry.put)
        self._clear()

    def _clear(self) -> None:
        self.state = "Idle"
        self._offset = [0.0] * 4  # logical = machine + offset
        self._feed_mm_s = 25.0
        self._scale, self._relative, self._motion = 1.0, False, 0.0
        self._ring, self._emergency_line, self._partial = bytearray(), bytearray(), bytearray()
        self._commands: deque[str] = deque()
        self._last_n = 0
        self._user_went_on = False
        self._timer: float | None = None
        self._busy_at: float | None = None
        self._busy_text = "processing"
        self._busy_interval_s = _BUSY_S
        self._report_s, self._next_report = 0.0, 0.0
        self._plain: dict[int, Callable[[], None]] = {
            112: self._kill,
            114: self._report_position,
            115: self._identify,
            410: self._quick_stop,
            503: self._report_settings,
        }
        self._main = self._loop()
        self._waiting: Condition | None = None

    # --- power and time ---
    def power_on(self) -> None:
        """Boot: the position is zero wherever the gantry stands."""
        self._forget_position()
        self._clear()
        self.alive = True
        self._transmit(_HELLO)

    @property
    def next_event_s(self) -> float | None:
        """When something happens if the host stays silent; None for never."""
        if not self.alive or self.state == "Dead":
            return None
        reports = self._next_report if self._report_s and self.planner.busy else None
        times = (self.planner.next_event_s, self._timer, self._busy_at, reports)
        return min((t for t in times if t is not None), default=None)

    def _happen(self, event_s: float) -> None:
        if self._timer is not None and event_s >= self._timer:
            self._timer = None
        if self._busy_at is not None and event_s >= self._busy_at:
            self._transmit(f"echo:busy: {self._busy_text}\n")
            self._busy_at = event_s + self._busy_interval_s
        if self._report_s and event_s >= self._next_report:
            self._next_report = event_s + self._report_s
            self._report_position()
        self._service()

    # --- receiving ---
    def receive(self, data: bytes) -> None:
        """Bytes from the host, one interrupt each."""
        for byte in data:
            if not self.alive or self.state == "Dead":
                self.lost_bytes += 1
                continue
            if self.emergency_parser:
                self._scan(byte)
            if len(self._ring) >= _RX_BYTES:
                self.lost_bytes += 1
                continue
            self._ring.append(byte)
            if byte in b"\r\n":
                self._service()

    def _scan(self, byte: int) -> None:
        """The emergency parser looks at bytes as they come in, before any queue."""
        if byte not in b"\r\n":
            self._emergency_line.append(byte)
            return
        match = _EMERGENCY.match(bytes(self._emergency_line))
        self._emergency_line.clear()
        if match is None:
            return
        code = int(match.group(1))
        if code == 112:
            self._kill()
        elif code == 410:
            self._quick_stop()
        else:
            self._user_went_on = True

    def _kill(self) -> None:
        self.planner.flush()
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self.state = "Dead"
        self._transmit("Error:Printer halted. kill() called!\n")

    def _quick_stop(self) -> None:
        self.planner.flush()

    def raise_alarm(self, code: int) -> None:
        """What comes nearest to an alarm: the firmware kills itself."""
        self._kill()

    def _read_serial(self) -> None:
        """Move whole lines from the ring to the command queue, as long as that has room."""
        while len(self._commands) < _COMMANDS and self._ring:
            ends = [i for i in (self._ring.find(b"\n"), self._ring.find(b"\r")) if i >= 0]
            if not ends:
                self._partial += self._ring[: max(0, 95 - len(self._partial))]
                self._ring.clear()
                return
            line = bytes(self._partial + self._ring[: min(ends)]).decode("latin-1").strip()
            del self._ring[: min(ends) + 1]
            self._partial.clear()
            if line:
                self._take(line)

    def _take(self, line: str) -> None:
        match = _NUMBERED.match(line)
        if match is None:
            self._commands.append(line.split(";", 1)[0])
            return
        number, star = int(match.group(1)), line.rfind("*")
        sets_number = "M110" in line
        if number != self._last_n + 1 and not sets_number:
            return self._line_error("Line Number is not Last Line Number+1, Last Line: ")
        if star < 0:
            return self._line_error("No Checksum with line number, Last Line: ")
        if _checksum(line[:star]) != _integer(line[star + 1 :]):
            return self._line_error("checksum mismatch, Last Line: ")
        self._last_n = number
        self._commands.append(line[match.end() : star].strip())
        return None

    def _line_error(self, text: str) -> None:
        self._transmit(f"Error:{text}{self._last_n}\n")
        self._ring.clear()
        self._transmit(f"Resend: {self._last_n + 1}\n")
        self._ok()

    def _ok(self) -> None:
        if self.advanced_ok:
            free = self.planner.depth - len(self.planner.queue) - 1
            self._transmit(f"ok N{self._last_n} P{free} B{_COMMANDS - len(self._commands)}\n")
        else:
            self._transmit("ok\n")

    # --- the main loop ---
    def _service(self) -> None:
        self._read_serial()
        while self.state != "Dead" and (self._waiting is None or self._waiting()):
            self._waiting = next(self._main)
            self._read_serial()

    def _loop(self) -> Steps:
        while True:
            while not self._commands:
                yield lambda: bool(self._commands)
            command = self._commands.popleft()
            self._busy_at = self.now + self._busy_interval_s if self._busy_interval_s else None
            if self.line_time_s:
                yield from self._pause(self.line_time_s)
            yield from self._execute(command)
            self._busy_at, self._busy_text = None, "processing"
            self._ok()

    def _pause(self, seconds: float) -> Steps:
        until = self.now + seconds
        self._timer = until
        yield lambda: self.now >= until - 1e-9

    def _sync(self) -> Steps:
        if self.planner.busy:
            yield lambda: not self.planner.busy

    def _execute(self, command: str) -> Steps:
        found = words(command)
        if not found:
            self._unknown(command)
            return
        letter, number = found[0]
        values = dict(reversed(found[1:]))
        if letter == "G":
            yield from self._g(number, values, command)
        elif letter == "M":
            yield from self._m(int(number), values, command)
        elif letter != "T":
            self._unknown(command)

    def _unknown(self, command: str) -> None:
        self._transmit(f'echo:Unknown command: "{command}"\n')

    def _g(self, number: float, values: dict[str, float], command: str) -> Steps:
        if number in (0.0, 1.0, 2.0, 3.0):
            yield from self._move(number, values)
        elif number == 4.0:
            yield from self._sync()
            yield from self._pause(values.get("S", 0.0) + values.get("P", 0.0) / 1000.0)
        elif number in (20.0, 21.0):
            self._scale = 25.4 if number == 20.0 else 1.0
        elif number in (90.0, 91.0):
            self._relative = number == 91.0
        elif number == 28.0:
            yield from self._home()
        elif number == 92.0:
            end = self.planner.planned_end
            for axis, letter in enumerate("XYZE"):
                if letter in values:
                    self._offset[axis] = values[letter] * self._scale - end[axis]
        elif number not in (17.0, 94.0, 80.0):
            self._unknown(command)

    def _m(self, number: int, values: dict[str, float], command: str) -> Steps:
        if number in (0, 1):
            yield from self._wait_for_user(command)
        elif number == 400:
            yield from self._sync()
        elif number in (3, 4, 280):
            yield from self._set_spindle(values.get("S", self.gantry.spindle))
        elif number == 5:
            yield from self._set_spindle(0.0)
        elif number == 110:
            self._last_n = int(values.get("N", self._last_n))
        elif number in (113, 154):
            self._set_interval(number, values.get("S", 0.0))
        elif number in self._plain:
            self._plain[number]()
        elif number not in _IGNORED_M and number not in (108, 876):
            self._unknown(command)

    def _set_interval(self, number: int, seconds: float) -> None:
        if number == 113:
            self._busy_interval_s = seconds
        else:
            self._report_s, self._next_report = seconds, self.now + seconds

    def _identify(self) -> None:
        parser = int(self.emergency_parser)
        self._transmit(
            "FIRMWARE_NAME:Marlin 2.1.2.4 (Aug 12 2024 12:00:00) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin "
            "PROTOCOL_VERSION:1.0 MACHINE_TYPE:Simulated gantry EXTRUDER_COUNT:1\n"
            f"Cap:EMERGENCY_PARSER:{parser}\nCap:PROMPT_SUPPORT:1\nCap:AUTOREPORT_POS:1\nCap:ARCS:1\n"
        )

    def _report_settings(self) -> None:
        limits = self.planner.limits
        rates = " ".join(f"{a}{v:.2f}" for a, v in zip("XYZE", limits.max_rate_mm_s, strict=True))
        accelerations = " ".join(f"{a}{v:.2f}" for a, v in zip("XYZE", limits.acceleration_mm_s2, strict=True))
        most = max(limits.acceleration_mm_s2)
        self._transmit(
            f"echo:; Maximum feedrates (units/s):\necho:  M203 {rates}\n"
            f"echo:; Maximum Acceleration (units/s2):\necho:  M201 {accelerations}\n"
            f"echo:; Acceleration (units/s2) (P<print-accel> R<retract-accel> T<travel-accel>):\n"
            f"echo:  M204 P{most:.2f} R{most:.2f} T{most:.2f}\n"
            f"echo:; Advanced (B<min_segment_time_us> S<min_feedrate> T<min_travel_feedrate> J<junc_dev>):\n"
            f"echo:  M205 B20000.00 S0.00 T0.00 J{limits.junction_deviation_mm:.3f}\n"
        )

    def _report_position(self) -> None:
        end = self.planner.planned_end
        shown = [e + o for e, o in zip(end, self._offset, strict=True)]
        steps = [round(p * s) for p, s in zip(self.planner.position, _STEPS_PER_MM, strict=True)]
        logical = " ".join(f"{a}:{v:.2f}" for a, v in zip("XYZE", shown, strict=True))
        self._transmit(f"{logical} Count X:{steps[0]} Y:{steps[1]} Z:{steps[2]}\n")

    def _set_spindle(self, value: float) -> Steps:
        yield from self._sync()
        self.gantry.set_spindle(self.now, self.planner.position, value)

    def _wait_for_user(self, command: str) -> Steps:
        yield from self._sync()
        text = command.split(None, 1)[1] if " " in command else "M0/1 Break Called"
        self._transmit(
            f"//action:prompt_end\n//action:prompt_begin {text}\n"
            "//action:prompt_button Continue\n//action:prompt_show\n"
        )
        self._busy_text, self._user_went_on = "paused for user", False
        while not self._user_went_on:
            self._listen_for_the_user()
            if not self._user_went_on:
                yield lambda: self._user_went_on or self._user_has_spoken()
        self._transmit("//action:prompt_end\n")

    def _user_has_spoken(self) -> bool:
        return any(c.startswith(("M108", "M876")) for c in self._commands)

    def _listen_for_the_user(self) -> None:
        if self._user_has_spoken():
            self._user_went_on = True

    def _home(self) -> Steps:
        yield from self._sync()
        real = self.gantry.physical(self.planner.position)
        self.gantry.offset = [0.0] * 4
        self.planner.set_position(real)
        for point in ((real[0], real[1], 0.0, real[3]), (0.0, 0.0, 0.0, real[3])):
            self.planner.push(point, 50.0)
            yield from self._sync()
        self._offset = [0.0, 0.0, 0.0, self._offset[3]]

    def _move(self, motion: float, values: dict[str, float]) -> Steps:
        if values.get("F", 0.0) > 0.0:
            self._feed_mm_s = values["F"] * self._scale / 60.0
        start = self.planner.planned_end
        target = list(start)
        for axis, letter in enumerate("XYZE"):
            if letter in values:
                value = values[letter] * self._scale
                target[axis] = start[axis] + value if self._relative else value - self._offset[axis]
        points = [tuple(target)]
        if motion in (2.0, 3.0):
            offsets = values.get("I", 0.0) * self._scale, values.get("J", 0.0) * self._scale
            points = _arc(start, tuple(target), offsets, values.get("R", 0.0) * self._scale, motion == 2.0)
        for point in points:
            while self.planner.full:
                yield lambda: not self.planner.full
            self.planner.push(point, self._feed_mm_s)


def _arc(
    start: tuple[float, ...], target: tuple[float, ...], offset: tuple[float, float], radius: float, clockwise: bool
) -> list[tuple[float, ...]]:
    """Points of an arc in chords of about 1 mm, without the start."""
    dx, dy = target[0] - start[0], target[1] - start[1]
    if radius:
        half = math.hypot(dx, dy) / 2
        h = math.sqrt(max(radius * radius - half * half, 0.0)) / (2 * half) if half else 0.0
        sign = (1 if radius > 0 else -1) * (1 if clockwise else -1)
        offset = (dx / 2 + sign * dy * h, dy / 2 - sign * dx * h)
    cx, cy = start[0] + offset[0], start[1] + offset[1]
    a0 = math.atan2(start[1] - cy, start[0] - cx)
    sweep = math.atan2(target[1] - cy, target[0] - cx) - a0
    if clockwise and sweep >= -1e-9:
        sweep -= 2 * math.pi
    elif not clockwise and sweep <= 1e-9:
        sweep += 2 * math.pi
    r = math.hypot(*offset)
    count = max(1, math.ceil(abs(sweep) * r))
    points = []
    for i in range(1, count):
        share = i / count
        rest = (s + (t - s) * share for s, t in zip(start[2:], target[2:], strict=True))
        points.append((cx + r * math.cos(a0 + sweep * share), cy + r * math.sin(a0 + sweep * share), *rest))
    return [*points, target]


def _checksum(text: str) -> int:
    result = 0
    for c in text.encode("latin-1"):
        result ^= c
    return result


def _integer(text: str) -> int:
    match = re.match(r"\s*(\d+)", text)
    return int(match.group(1)) if match else -1
