"""G-code: what a block does, in grbl's order, blocking where grbl blocks."""

from __future__ import annotations

import math

from firmware_io.sim import parser
from firmware_io.sim.grbl.board import Answer, Electronics, Steps
from firmware_io.sim.parser import Block, RefusedError

_DWELL_TICK_S = 0.05  # grbl waits in whole ticks


class Program:
    """The executor of blocks.

    Parameters
    ----------
    board : Electronics
    """

    def __init__(self, board: Electronics) -> None:
        self._board = board

    def run(self, line: str) -> Answer:
        """Execute a line."""
        board = self._board
        try:
            block = parser.parse(line, board.modal, board.traits.axis_letters, board.traits.tool_change)
            yield from self._execute(block)
        except RefusedError as refused:
            return refused.code
        return 0

    def _execute(self, block: Block) -> Steps:
        board = self._board
        points = self._points(block)  # refusals come before anything is done
        modal, checking = board.modal, board.state == "Check"
        modal.feed, modal.tool = block.feed, int(block.values.get("T", 0.0))  # a tool is forgotten by the next line
        modal.spindle = block.values.get("S", modal.spindle)
        yield from self._spindle(block, checking)
        yield from self._coolant(block, checking)
        if "dwell" in block.values and not checking:
            yield from board.sync()
            yield from board.pause(math.ceil(block.values["dwell"] / _DWELL_TICK_S - 1e-9) * _DWELL_TICK_S)
        self._set_modes(block)
        yield from self._special(block, checking)
        if points:
            if block.motion is not None:
                modal.motion = block.motion
            yield from self._move(points, block.motion in (0.0, None), checking)
        elif 1 in block.g:
            modal.motion = block.g[1]
        if block.tool_change and not checking:
            yield from self._stand("Tool")
        yield from self._program_flow(block.m.get(104), checking)

    def _spindle(self, block: Block, checking: bool) -> Steps:
        board = self._board
        modal = board.modal
        if 107 not in block.m and "S" not in block.values:
            return
        modal.spindle_mode = block.m.get(107, modal.spindle_mode)
        if checking:
            return
        if board.spindle_wanted != board.gantry.spindle:
            yield from board.sync()
            board.gantry.set_spindle(board.now, board.planner.position, board.spindle_wanted)
            board.ov_in = 0

    def _coolant(self, block: Block, checking: bool) -> Steps:
        board = self._board
        wanted = block.m.get(108, board.modal.coolant)
        if wanted != board.modal.coolant and not checking:
            yield from board.sync()
            board.flood, board.ov_in = wanted == 8, 0
        board.modal.coolant = wanted

    def _set_modes(self, block: Block) -> None:
        modal, g = self._board.modal, block.g
        modal.plane = int(g.get(2, modal.plane))
        modal.inverse_time = parser.inverse_time(block, modal)
        modal.inches = g.get(6, 20.0 if modal.inches else 21.0) == 20.0
        system = int(g.get(12, modal.coordinate_system))
        if system != modal.coordinate_system:
            modal.coordinate_system, self._board.wco_in = system, 0
        modal.incremental = g.get(3, 91.0 if modal.incremental else 90.0) == 91.0

    def _points(self, block: Block) -> list[tuple[float, ...]]:
        """Where the line's motion goes, in machine coordinates."""
        board = self._board
        special = block.g.get(0)
        if block.motion is None and special not in (28.0, 30.0):
            return []
        start = board.parsed_end
        if special in (28.0, 30.0):
            home = board.eeprom.places.get(special, (0.0,) * board.axes)
            if not block.axis_words:
                return [home]
            via = self.target(block)
            return [via, tuple(home[k] if k in block.axis_words else start[k] for k in range(board.axes))]
        target = self.target(block)
        if block.motion in (2.0, 3.0):
            plane = int(block.g.get(2, board.modal.plane))
            return parser.arc_points(start, target, block, plane, block.motion == 2.0)
        return [target] if block.axis_words else []

    def target(self, block: Block) -> tuple[float, ...]:
        """Where a block goes, in machine coordinates."""
        board = self._board
        incremental = block.g.get(3, 91.0 if board.modal.incremental else 90.0) == 91.0
        system = int(block.g.get(12, board.modal.coordinate_system))
        in_machine = block.g.get(0) == 53.0
        offset = (0.0,) * board.axes if in_machine else board.offset(system)
        target = list(board.parsed_end)
        for axis, value in block.axis_words.items():
            target[axis] = target[axis] + value if incremental else value + offset[axis]
        return tuple(target)

    def _move(self, points: list[tuple[float, ...]], rapid: bool, checking: bool) -> Steps:
        board = self._board
        for point in points:
            if board.eeprom.soft_limits and not board.inside(point):  # in check mode too
                yield from self._soft_limit()
            if checking:
                board.checked = point
                continue
            while board.planner.full:
                yield lambda: not board.planner.full
            board.turn_spindle_again()
            board.planner.push(point, self._speed(point, len(points)), rapid)
            board.settle()

    def _speed(self, point: tuple[float, ...], parts: int) -> float:
        """mm/s of a move: the feed, or with G93 what a line of so many moves needs to end in a minute's part."""
        modal = self._board.modal
        if not modal.inverse_time:
            return modal.feed / 60.0
        return modal.feed * parts * math.dist(point, self._board.planner.planned_end) / 60.0

    def _soft_limit(self) -> Steps:
        board = self._board
        board.planner.hold()
        while board.planner.busy and not board.planner.held:
            yield lambda: not board.planner.busy or board.planner.held
        board.alarm(2)
        while True:  # until the reset
            yield lambda: False

    def _special(self, block: Block, checking: bool) -> Steps:
        board = self._board
        special = block.g.get(0)
        position = board.parsed_end
        if special in (28.1, 30.1):
            board.eeprom.places[special - 0.1 if special == 30.1 else 28.0] = position
            board.burn()
        elif special == 92.0:
            base = board.eeprom.offsets.get(board.modal.coordinate_system, (0.0,) * board.axes)
            g92 = list(board.g92)
            for axis, value in block.axis_words.items():
                g92[axis] = position[axis] - base[axis] - value - (board.tool_length if axis == 2 else 0.0)
            board.g92, board.wco_in = tuple(g92), 0
        elif special == 92.1:
            board.g92, board.wco_in = (0.0,) * board.axes, 0
        length = block.axis_words[2] if block.g.get(8) == 43.1 else 0.0
        if 8 in block.g and length != board.tool_length:
            board.tool_length, board.wco_in = length, 0
        if special == 10.0:
            if not checking:
                yield from board.sync()
            self._set_offset(block, position)

    def _set_offset(self, block: Block, position: tuple[float, ...]) -> None:
        board = self._board
        number = int(block.values["G10P"])
        system = board.modal.coordinate_system if number == 0 else 53 + number
        offset = list(board.eeprom.offsets.get(system, (0.0,) * board.axes))
        for axis, value in block.axis_words.items():
            offset[axis] = (
                value
                if block.values["G10L"] == 2
                else (position[axis] - board.g92[axis] - value - (board.tool_length if axis == 2 else 0.0))
            )
        board.eeprom.offsets[system] = tuple(offset)
        if system == board.modal.coordinate_system:
            board.wco_in = 0
        board.burn()

    def _program_flow(self, flow: int | None, checking: bool) -> Steps:
        board = self._board
        if flow is None or flow == 1:
            return
        if not checking:
            yield from board.sync()
        if flow == 0:
            if not checking:
                yield from self._stand("Hold")
            return
        modal = board.modal
        modal.motion, modal.plane, modal.incremental, modal.inverse_time = 1.0, 17, False, False
        board.overrides = [100, 100, 100]
        board.planner.set_factors(1.0, 1.0)
        modal.coordinate_system, modal.spindle_mode, modal.coolant = 54, 5, 9
        if not checking:
            board.gantry.set_spindle(board.now, board.planner.position, 0.0)
            board.flood, board.wco_in, board.ov_in = False, 0, 0
        board.say("[MSG:Pgm End]\r\n")

    def _stand(self, state: str) -> Steps:
        """Drain, then stand until a cycle start: the acknowledgement waits as long."""
        board = self._board
        yield from board.sync()
        board.planner.hold()
        board.state = state
        yield lambda: board.state != state
