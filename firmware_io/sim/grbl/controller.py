"""The controller as a whole: real-time bytes, the main loop, resets and alarms.

The firmware's main loop is a generator that yields a condition to wait for, so that it blocks exactly where the
real one blocks: a full planner, a sync, a dwell, a hold. What the real one does in its receive interrupt (pick
real-time bytes off, anywhere; drop what does not fit into the ring) happens in :meth:`GrblController.receive`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware_io.sim.controller import Controller
from firmware_io.sim.gantry import Gantry
from firmware_io.sim.grbl.board import Answer, Condition, Electronics, Steps
from firmware_io.sim.grbl.commands import Commands, RestartError
from firmware_io.sim.grbl.lines import ReceiveBuffer, strip
from firmware_io.sim.grbl.program import Program
from firmware_io.sim.grbl.report import report
from firmware_io.sim.motion import MotionLimits
from firmware_io.sim.traits import Traits

_REALTIME = frozenset(b"?!~\x18") | frozenset(range(0x80, 0x100))
_UNLOCK_HINT = "[MSG:'$H'|'$X' to unlock]\r\n"
_LOCKED, _OVERFLOW = 9, 11


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
        self.board = Electronics(traits, gantry, limits, transmit)
        self.gantry, self.planner = gantry, self.board.planner
        self.lines = ReceiveBuffer(traits)
        self._program = Program(self.board)
        self._commands = Commands(self.board, self._program)
        self.board.eeprom.settings[22] = float(homing)
        self.line_time_s = line_time_s
        self.lost_bytes = 0
        self._clear()

    def _clear(self) -> None:
        self.board.clear()
        self.lines.clear()
        self._latched = 0
        self._report_asked = self._reset_asked = self._in_line = False
        self._main = self._loop()
        self._waiting: Condition | None = None

    @property
    def state(self) -> str:
        """As a report names it."""
        return self.board.state

    @property
    def settings(self) -> dict[int, float]:
        """``$$``."""
        return self.board.eeprom.settings

    @property
    def motor_releases(self) -> int:
        """How often the motors were switched off after a stop."""
        return self.board.motor_releases

    # --- power and time ---
    def power_on(self) -> None:
        """Boot: the position is zero wherever the gantry stands."""
        self._forget_position()
        self._clear()
        self.alive = True
        if self.board.eeprom.settings[22]:
            self.board.state = "Alarm"
        self._say_hello()

    @property
    def next_event_s(self) -> float | None:
        """When something happens if the host stays silent; None for never."""
        board = self.board
        if not self.alive:
            return None
        event = board.planner.next_event_s
        if board.timer is not None and (event is None or board.timer < event):
            event = board.timer
        if board.report_interval_s and board.state in ("Run", "Jog", "Home"):
            event = board.next_report if event is None else min(event, board.next_report)
        if board.deaf_until > board.now:  # else a clock that leaps from event to event would never come there
            event = board.deaf_until if event is None else min(event, board.deaf_until)
        return event

    def _happen(self, event_s: float) -> None:
        if self.board.timer is not None and event_s >= self.board.timer:
            self.board.timer = None
        self._auto_report()
        self._service()

    def _auto_report(self) -> None:
        board = self.board
        if board.report_interval_s and board.now >= board.next_report:
            board.next_report = board.now + board.report_interval_s
            self._report_asked = True

    # --- the receive interrupt ---
    def receive(self, data: bytes) -> None:
        """Bytes from the host, one interrupt each."""
        board = self.board
        for byte in data:
            if not self.alive or board.now < board.deaf_until:
                self.lost_bytes += 1
            elif byte in _REALTIME:
                self._realtime(byte)
            elif not self.lines.free:
                self.lost_bytes += 1
            else:
                self.lines.put(byte)
                if byte in b"\r\n":
                    self._service()
        if self.alive:
            self._service()

    def _realtime(self, byte: int) -> None:
        board = self.board
        if byte == 0x18:
            self._reset_asked = True
            self._service()
        elif byte == ord("?") or (byte == 0x87 and board.traits.error_latches):
            self._report_asked = True
        elif board.critical:
            return
        elif byte == ord("!"):
            self._feed_hold("Hold")
        elif byte == ord("~"):
            self._cycle_start()
        elif byte == 0x84:
            self._feed_hold("Door")
        elif byte == 0x85 and board.state == "Jog":
            board.jog_cancel = True
            board.planner.hold()
        elif 0x90 <= byte <= 0xA1:
            self._override(byte)

    def _feed_hold(self, state: str) -> None:
        board = self.board
        if board.state in ("Alarm", "Check", "Sleep", "Home"):
            return
        if state == "Door":
            board.say("[MSG:Check Door]\r\n")
        if board.state == "Jog":
            board.jog_cancel = True
            board.planner.hold()
            if state == "Hold":
                return
        if board.state == "Door":
            return
        board.planner.hold()
        board.state = state

    def _cycle_start(self) -> None:
        board = self.board
        self._service()  # a hold of just now comes first
        if board.state in ("Hold", "Door", "Tool") and board.planner.held:
            if board.eeprom.settings[32]:
                board.gantry.set_spindle(board.now, board.planner.position, board.spindle_wanted)
            board.planner.resume()
            board.state = "Run" if board.planner.busy else "Idle"

    def press(self, button: str) -> None:
        """A button on the machine itself, ``"hold"``, ``"start"``, ``"door"`` or ``"abort"``: nobody sends a byte."""
        self._realtime({"hold": ord("!"), "start": ord("~"), "door": 0x84, "abort": 0x18}[button])
        self._service()

    def _override(self, byte: int) -> None:
        board = self.board
        feed, rapid, spindle = board.overrides
        feed = {0x90: 100, 0x91: feed + 10, 0x92: feed - 10, 0x93: feed + 1, 0x94: feed - 1}.get(byte, feed)
        rapid = {0x95: 100, 0x96: 50, 0x97: 25}.get(byte, rapid)
        spindle = {0x99: 100, 0x9A: spindle + 10, 0x9B: spindle - 10, 0x9C: spindle + 1, 0x9D: spindle - 1}.get(
            byte, spindle
        )
        wanted = [min(200, max(10, feed)), rapid, min(200, max(10, spindle))]
        if byte == 0xA0 and board.state in ("Idle", "Run", "Hold", "Jog"):
            board.flood = board.modal.coolant != 8
            board.modal.coolant, board.ov_in = 8 if board.flood else 9, 0
        if wanted == board.overrides:
            return
        board.overrides, board.ov_in = wanted, 0
        board.planner.set_factors(wanted[0] / 100, rapid / 100)
        if board.state == "Idle":
            board.turn_spindle_again()

    # --- the main loop ---
    def _service(self) -> None:
        """Everything that the firmware does without time passing."""
        board = self.board
        if self._reset_asked:
            self._reset_asked = False
            self._soft_reset()
        self._tell()
        board.settle()
        while self._may_run() and (self._waiting is None or self._waiting()):
            try:
                self._waiting = next(self._main)
            except RestartError:
                self._in_line = False
                self._soft_reset()
            board.settle()
        self._tell()

    def _tell(self) -> None:
        """Report, where that was asked: while it homes that waits, after a limit alarm it is forgotten."""
        if self._report_asked and self.board.state != "Home":
            self._report_asked = False
            if not self.board.critical:
                report(self.board, self.lines.free)

    def _may_run(self) -> bool:
        return not (self.board.critical or self.board.state in ("Hold", "Door", "Tool", "Sleep"))

    def _loop(self) -> Steps:
        if self.board.state == "Idle":
            yield from self._commands.start()
        while True:
            line = yield from self.lines.next_line()
            self._in_line = True
            if self.line_time_s:
                yield from self.board.pause(self.line_time_s)
            code = yield from self._execute_line(line)
            self._in_line = False
            self._answer(code)

    def _answer(self, code: int) -> None:
        self.board.say("ok\r\n" if code == 0 else f"error:{code}\r\n")
        if self.board.state == "Sleep":
            self.board.say("[MSG:Sleeping]\r\n")

    def _execute_line(self, raw: bytes) -> Answer:
        board = self.board
        line = strip(raw)
        if not line:
            self._latched = 0
            return 0
        if len(line) > board.traits.line_characters:
            return _OVERFLOW
        if line.startswith("$"):
            self._latched = 0
            return (yield from self._commands.run(line))
        if self._latched:
            return self._latched
        if board.state in ("Alarm", "Jog"):
            return _LOCKED
        code = yield from self._program.run(line)
        if code and board.traits.error_latches:
            self._latched = code
        return code

    # --- resets and alarms ---
    def configure(self, settings: Mapping[int, float]) -> None:
        """Settings as the owner has them stored: ``{1: 255, 110: 5000}``."""
        self.board.configure(settings)

    def raise_alarm(self, code: int) -> None:
        """Stop dead and lock; 1 and 2 lock everything until a reset, the others come with one."""
        self.board.alarm(code)
        if not self.board.critical:
            self._soft_reset()

    def _soft_reset(self) -> None:
        board = self.board
        moving = board.planner.busy and not board.planner.held and board.planner.speed > 0
        if board.state == "Home" or moving:
            board.alarm(6 if board.state == "Home" else 3)
        if self._in_line:
            board.say("ok\r\n")  # the killed line's, just before the banner
        alarmed = board.state in ("Alarm", "Sleep")
        board.planner.flush()
        board.planner.set_position(board.in_steps(board.planner.position))
        board.gantry.set_spindle(board.now, board.planner.position, 0.0)
        self._clear()
        if alarmed:
            board.state = "Alarm"
        board.planner.set_factors(1.0, 1.0)
        self._say_hello()

    def _say_hello(self) -> None:
        board = self.board
        board.say(f"\r\n{board.traits.banner}\r\n")
        if board.state == "Alarm":
            board.say(_UNLOCK_HINT)
