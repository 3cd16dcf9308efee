"""An operator at a terminal: the real command on a pseudo-terminal, keys, a simulated machine at its serial port."""

import contextlib
import os
import re
import select
import time
from collections.abc import Callable, Iterator

import numpy as np
from command import begun
from machine_judge import wraps_of

from firmware_io.sim.host import PseudoTerminal, SimulatedPort
from firmware_io.sim.machine import SimulatedMachine
from stringart.plan.model import Plan

PATIENCE_S = 300.0
TURNS = 3
SPEED, SLOWLY = 25.0, 0.5
"""Of the simulated machines; slowly where a hand acts: nothing is over before it has, however late it is."""


class Console:
    """A command on a terminal of its own; what it says is read, what the operator does is written."""

    def __init__(self, *arguments: str) -> None:
        self.said, self._seen = "", 0
        self._master, slave = os.openpty()
        self.process = begun("machine", *arguments, streams=(slave, slave, slave))
        os.close(slave)

    def _read(self, seconds: float) -> None:
        if select.select([self._master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # the other end is closed
                self.said += os.read(self._master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")

    def expect(self, pattern: str) -> re.Match[str]:
        """Wait until it says this, after what was expected before."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            match = re.compile(pattern).search(self.said, self._seen)
            if match:
                self._seen = match.end()
                return match
            assert time.monotonic() < deadline, (pattern, self.said[-2000:])
            assert self.process.poll() is None or self._more(), (pattern, self.said[-2000:])
            self._read(0.05)

    def _more(self) -> bool:
        before = len(self.said)
        self._read(0.2)
        return len(self.said) > before

    def write(self, text: str) -> None:
        """Keys, as the operator strikes them."""
        os.write(self._master, text.encode())

    def answer(self, question: str, line: str) -> None:
        """Wait for a question, answer it."""
        self.expect(question)
        self.write(line + "\n")

    def end(self) -> int:
        """Wait for the command's end; its exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.said[-2000:]
            self._read(0.05)
        while self._more():
            pass
        return self.process.returncode

    def end_soon(self, terminal: PseudoTerminal) -> int:
        """Nothing more is to be watched: let the machine hurry, wait for the command's end."""
        terminal.port.run_at(400.0)
        return self.end()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)


@contextlib.contextmanager
def console(*arguments: str) -> Iterator[Console]:
    """A command at work."""
    made = Console(*arguments)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def serial_machine(firmware: str = "grbl", speed: float = SPEED, **options: object) -> Iterator[PseudoTerminal]:
    """A simulated machine at a pseudo-terminal; it keeps its position when the port is opened."""
    machine = SimulatedMachine(firmware, resets_on_open=False, **options)  # type: ignore[arg-type]
    terminal = PseudoTerminal(SimulatedPort(machine, speed=speed))
    try:
        yield terminal
    finally:
        terminal.close()


def when(port: SimulatedPort, condition: Callable[[], bool], act: Callable[[], object]) -> None:
    """Let something happen as soon as the machine is where it shall, looked at in the machine's own time."""

    def look() -> None:
        if condition():
            act()
        else:
            port.machine.at(port.machine.now + 0.05, look)

    port.do(lambda machine: machine.at(machine.now + 0.05, look))


def slow_when(port: SimulatedPort, condition: Callable[[], bool]) -> None:
    """Let the machine go slowly from a moment on that is looked for in its own time."""

    def slow() -> None:
        port.speed = SLOWLY  # not run_at: the machine's clock is just being moved
        port._begin_s = port._origin_s()

    when(port, condition, slow)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait, with a limit."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def corners(terminal: PseudoTerminal) -> list[tuple[float, ...]]:
    """Every corner of the tool's physical path so far: x, y, z."""
    found: list[tuple[float, ...]] = []
    terminal.port.do(lambda machine: found.extend(v.position[:3] for v in machine.path))
    return found


def wound(terminal: PseudoTerminal, plan: Plan, center_mm: tuple[float, float] = (500.0, 500.0)) -> list[int]:
    """Pins that the gantry's own record says are wound, below the pins' tops at 25 mm."""
    path, before = [], None
    for corner in corners(terminal):
        if before is not None and min(corner[2], before[2]) < 25.0:
            path.append(corner)
        before = corner
    return [pin for pin, _ in wraps_of(path, plan.pins.xy_mm + np.array(center_mm))]  # type: ignore[arg-type]


def with_anchors(plan: Plan) -> list[int]:
    """Pins in order, with the turns at both ends of every layer."""
    out: list[int] = []
    for layer in plan.layers:
        pins = layer.pins.tolist()
        out += [pins[0]] * TURNS + pins + [pins[-1]] * TURNS
    return out
