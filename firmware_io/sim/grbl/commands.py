"""The ``$`` commands: settings, parameters, homing, jogs, check mode."""

from __future__ import annotations

from dataclasses import replace

from firmware_io.sim import parser
from firmware_io.sim.grbl.board import Answer, Electronics
from firmware_io.sim.grbl.program import Program
from firmware_io.sim.grbl.report import join
from firmware_io.sim.parser import RefusedError

_IDLE_ERROR, _NO_HOMING, _TRAVEL, _BAD_JOG, _BAD_STATEMENT = 8, 5, 15, 16, 3


class RestartError(Exception):
    """Unwinds the main loop: leaving check mode restarts it."""


class Commands:
    """What begins with ``$``.

    Parameters
    ----------
    board : Electronics
    program : Program
        Knows where a jog goes.
    """

    def __init__(self, board: Electronics, program: Program) -> None:
        self._board, self._program = board, program

    def run(self, line: str) -> Answer:
        """Execute a ``$`` line."""
        board = self._board
        if line.startswith("$J="):
            return (yield from self._jog(line[3:]))
        if line in ("$", "$G", "$C", "$X"):
            return self._simple(line)
        if line == "$$":
            if board.state in ("Run", "Hold"):
                return _IDLE_ERROR
            board.say(board.eeprom.told())
            return 0
        if board.state not in ("Idle", "Alarm"):
            return _IDLE_ERROR
        if line == "$H":
            return (yield from self._home())
        return self._when_idle(line)

    def _when_idle(self, line: str) -> int:
        board = self._board
        if line == "$I":
            board.say(board.traits.build_info.format(planner=board.traits.planner_blocks, rx=board.traits.rx_bytes))
            return 0
        if line == "$#":
            self._parameters()
            return 0
        if line == "$N":
            board.say("".join(f"$N{k}={text}\r\n" for k, text in enumerate(board.eeprom.start_lines)))
            return 0
        if line == "$CD" and board.traits.build_info.find("FluidNC") >= 0:
            board.say(board.eeprom.configuration())
            return 0
        if line == "$SLP":
            board.state = "Sleep"
            return 0
        return self._write_setting(line)

    def _simple(self, line: str) -> int:
        board = self._board
        if line == "$":
            board.say("[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]\r\n")
        elif line == "$G":
            board.say(f"[GC:{self._modes()}]\r\n")
        elif line == "$X":
            if board.state == "Alarm":
                board.say("[MSG:Caution: Unlocked]\r\n")
                board.state = "Idle"
        elif board.state == "Check":
            board.say("[MSG:Disabled]\r\n")
            board.say("ok\r\n")
            raise RestartError
        elif board.state != "Idle":
            return _IDLE_ERROR
        else:
            board.say("[MSG:Enabled]\r\n")
            board.state = "Check"
            board.checked = board.planner.position
        return 0

    def _modes(self) -> str:
        m = self._board.modal
        return (
            f"G{m.motion:g} G{m.coordinate_system} G{m.plane} G{20 if m.inches else 21} "
            f"G{91 if m.incremental else 90} G94 M{m.spindle_mode} M{m.coolant} T{m.tool} F{m.feed:g} S{m.spindle:g}"
        )

    def _parameters(self) -> None:
        board = self._board
        zero = (0.0,) * board.axes
        for system in range(54, 60):
            board.say(f"[G{system}:{join(board.eeprom.offsets.get(system, zero))}]\r\n")
        for number in (28.0, 30.0):
            board.say(f"[G{number:.0f}:{join(board.eeprom.places.get(number, zero))}]\r\n")
        board.say(f"[G92:{join(board.g92)}]\r\n[TLO:0.000]\r\n[PRB:{join(zero)}:0]\r\n")

    def _write_setting(self, line: str) -> int:
        board = self._board
        name, equals, value = line[1:].partition("=")
        if name.upper() in ("REPORT/INTERVAL", "RI") and board.traits.auto_report:
            board.report_interval_s = float(value or 0) / 1000.0
            board.next_report = board.now
            return 0
        if not equals:
            return _BAD_STATEMENT
        if name in ("N0", "N1"):
            board.eeprom.start_lines[int(name[1])] = value
            board.burn()
            return 0
        try:
            key, number = int(name), float(value)
        except ValueError:
            return _BAD_STATEMENT if name != "RST" else 0
        if key not in board.eeprom.settings:
            return _BAD_STATEMENT
        board.burn()
        board.configure({key: number})
        return 0

    def _home(self) -> Answer:
        board = self._board
        if not board.eeprom.settings[22]:
            return _NO_HOMING
        board.state = "Home"
        board.gantry.set_spindle(board.now, board.planner.position, 0.0)
        real = board.gantry.physical(board.planner.position)
        board.gantry.offset = [0.0] * board.axes  # the switches are where they are
        board.planner.set_position(real)
        up = (real[0], real[1], 0.0, *real[3:])
        for point in (up, (0.0,) * board.axes):
            board.planner.push(point, board.eeprom.settings[25] / 60.0)
            yield from board.sync()
        board.state = "Idle"
        board.motors_rest()
        return 0

    def _jog(self, text: str) -> Answer:
        board = self._board
        if board.state not in ("Idle", "Jog"):
            return _IDLE_ERROR
        modal = replace(board.modal, motion=1.0, feed=0.0)
        try:
            block = parser.parse(text, modal, board.traits.axis_letters)
        except RefusedError as refused:
            return refused.code
        if set(block.g) - {0, 3, 6} or block.m or "F" not in block.values or not block.axis_words:
            return _BAD_JOG
        target = self._program.target(block)
        if board.eeprom.soft_limits and not board.inside(target):
            return _TRAVEL
        while board.planner.full:
            yield lambda: not board.planner.full
        board.turn_spindle_again()
        board.planner.push(target, block.values["F"] / 60.0)
        if board.planner.busy:
            board.state = "Jog"
        return 0
