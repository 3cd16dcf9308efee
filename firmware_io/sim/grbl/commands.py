"""The ``$`` commands: settings, parameters, homing, jogs, check mode."""

from __future__ import annotations

import re
from dataclasses import replace

from firmware_io.sim import parser
from firmware_io.sim.grbl.board import Answer, Electronics, Steps
from firmware_io.sim.grbl.eeprom import FLAGS, WHOLE
from firmware_io.sim.grbl.program import Program
from firmware_io.sim.grbl.report import join
from firmware_io.sim.parser import RefusedError

_BAD_NUMBER, _BAD_STATEMENT, _NEGATIVE, _NO_HOMING, _SHORT_PULSE, _IDLE_ERROR, _NEEDS_HOMING = 2, 3, 4, 5, 6, 8, 10
_TRAVEL, _BAD_JOG, _NO_FEED, _UNUSED_WORDS = 15, 16, 22, 36
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


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
        if line.startswith("$J"):
            return (yield from self._jog(line))
        if line[:2] in ("$$", "$G", "$C", "$X") or line == "$":
            return self._simple(line) if len(line) <= 2 else _BAD_STATEMENT
        if board.state not in ("Idle", "Alarm"):
            return _IDLE_ERROR
        if line.startswith("$H"):
            return (yield from self._home(line))
        if line.startswith("$N") and line != "$N":
            return (yield from self._store_start_line(line))
        return self._when_idle(line)

    def _when_idle(self, line: str) -> int:
        board = self._board
        if line.startswith("$I"):
            return self._build_info(line)
        if line.startswith("$#"):
            return self._parameters() if line == "$#" else _BAD_STATEMENT
        if line == "$N":
            board.say("".join(f"$N{k}={text}\r\n" for k, text in enumerate(board.eeprom.start_lines)))
            return 0
        if line == "$CD" and board.traits.build_info.find("FluidNC") >= 0:
            board.say(board.eeprom.configuration())
            return 0
        if line == "$SLP":
            board.state = "Sleep"
            return 0
        if line[:2] in ("$S", "$R") and not board.traits.auto_report:
            return self._restore(line[5:]) if line.startswith("$RST=") else _BAD_STATEMENT
        return self._write_setting(line)

    def _build_info(self, line: str) -> int:
        board = self._board
        if line == "$I":
            told = board.traits.build_info.format(planner=board.traits.planner_blocks, rx=board.traits.rx_bytes)
            board.say(told.replace(":]", f":{board.eeprom.build_info}]", 1))
            return 0
        if not line.startswith("$I="):
            return _BAD_STATEMENT
        board.eeprom.build_info = line[3:]
        board.burn()
        return 0

    def _restore(self, what: str) -> int:
        """Defaults of the settings ($), the offsets (#) or all (*), and a restart."""
        board = self._board
        if what not in ("$", "#", "*"):
            return _BAD_STATEMENT
        board.eeprom.restore(what)
        board.configure({})
        board.say("[MSG:Restoring defaults]\r\nok\r\n")
        raise RestartError

    def _store_start_line(self, line: str) -> Answer:
        """A line that is run at each start: it is run now, and kept where it can be."""
        board = self._board
        if board.state != "Idle":
            return _IDLE_ERROR
        number = _NUMBER.match(line, 2)
        if number is None:
            return _BAD_NUMBER
        if line[number.end() : number.end() + 1] != "=":
            return _BAD_STATEMENT
        text, index = line[number.end() + 1 :], int(float(number.group()))
        if code := (yield from self._program.run(text)):
            return code
        if 0 <= index < len(board.eeprom.start_lines):
            board.eeprom.start_lines[index] = text
        board.burn()
        return 0

    def start(self) -> Steps:
        """Run the start lines: after a start that is not locked, and after homing."""
        for text in self._board.eeprom.start_lines:
            if text:
                code = yield from self._program.run(text)
                self._board.say(f">{text}:" + ("ok\r\n" if code == 0 else f"error:{code}\r\n"))

    def _simple(self, line: str) -> int:
        board = self._board
        if line == "$$":
            if board.state in ("Run", "Hold"):
                return _IDLE_ERROR
            board.say(board.eeprom.told())
        elif line == "$":
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
        units, distance, feed = 20 if m.inches else 21, 91 if m.incremental else 90, 93 if m.inverse_time else 94
        return (
            f"G{m.motion:g} G{m.coordinate_system} G{m.plane} G{units} G{distance} G{feed} "
            f"M{m.spindle_mode} M{m.coolant} T{m.tool} F{m.feed:.0f} S{m.spindle:.0f}"
        )

    def _parameters(self) -> int:
        board = self._board
        zero = (0.0,) * board.axes
        for system in range(54, 60):
            board.say(f"[G{system}:{join(board.eeprom.offsets.get(system, zero))}]\r\n")
        for number in (28.0, 30.0):
            board.say(f"[G{number:.0f}:{join(board.eeprom.places.get(number, zero))}]\r\n")
        board.say(f"[G92:{join(board.g92)}]\r\n[TLO:{board.tool_length:.3f}]\r\n[PRB:{join(zero)}:0]\r\n")
        return 0

    def _write_setting(self, line: str) -> int:
        board = self._board
        name, equals, value = line[1:].partition("=")
        if name.upper() in ("REPORT/INTERVAL", "RI") and board.traits.auto_report:
            board.report_interval_s = float(value or 0) / 1000.0
            board.next_report = board.now
            return 0
        key = _NUMBER.match(name)
        if key is None:
            return _BAD_NUMBER
        number = _NUMBER.match(value)
        if not equals or key.end() < len(name):
            return _BAD_STATEMENT
        if number is None:
            return _BAD_NUMBER
        if number.end() < len(value) or float(key.group()) > 255:
            return _BAD_STATEMENT
        return self._store(int(float(key.group())), float(number.group()))

    def _store(self, key: int, value: float) -> int:
        board = self._board
        if value < 0:
            return _NEGATIVE
        if key not in board.eeprom.settings:
            return _BAD_STATEMENT
        if key == 0 and value < 3:
            return _SHORT_PULSE
        if key == 20 and int(value) and not board.eeprom.settings[22]:
            return _NEEDS_HOMING
        kept = float(int(value) & 0xFF) if key in WHOLE else value
        board.burn()
        board.configure({key: float(bool(kept)) if key in FLAGS else kept})
        if key == 22 and not kept:
            board.configure({20: 0.0})
        if key == 13:
            board.wco_in = 0
        return 0

    def _home(self, line: str) -> Answer:
        board = self._board
        if not board.eeprom.settings[22]:
            return _NO_HOMING
        if line != "$H":
            return _BAD_STATEMENT
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
        yield from self.start()
        return 0

    def _jog(self, line: str) -> Answer:
        board = self._board
        if board.state not in ("Idle", "Jog"):
            return _IDLE_ERROR
        if not line.startswith("$J="):
            return _BAD_STATEMENT
        modal = replace(board.modal, motion=1.0, feed=0.0, inverse_time=False)
        try:
            block = parser.parse(line[3:], modal, board.traits.axis_letters)
        except RefusedError as refused:
            return refused.code
        if "F" not in block.values:
            return _NO_FEED
        if {"S", "T"} & set(block.values):
            return _UNUSED_WORDS
        if set(block.g) - {0, 3, 6} or block.m or block.g.get(0, 53.0) != 53.0:
            return _BAD_JOG
        # without axis words it goes to the machine's zero, as grbl does
        target = self._program.target(block) if block.axis_words else (0.0,) * board.axes
        if board.eeprom.soft_limits and not board.inside(target):
            return _TRAVEL
        while board.planner.full:
            yield lambda: not board.planner.full
        board.turn_spindle_again()
        board.planner.push(target, block.values["F"] / 60.0)
        if board.planner.busy:
            board.state = "Jog"
        return 0
