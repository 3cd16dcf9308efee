"""Simulated machines of this process, in real or accelerated time, shared by threads; and pseudo-terminals to them.

A machine is told the time whenever somebody reads or writes. With ``speed=max`` its clock leaps to the next
event as soon as a reader has nothing to read.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from firmware_io.sim.machine import FIRMWARES, SimulatedMachine

_registry: dict[str, SimulatedPort] = {}
_registry_lock = threading.Lock()
_SHORTEST_NAP_S, _LONGEST_NAP_S = 0.0002, 0.02
_CLOSED_NAP_S = 0.003  # a program that has just opened the device shall not be overlooked
_CFLAG = 2
_LEAPS = 8  # then others have their turn


class SimulatedPort:
    """A simulated machine with a clock of its own, safe to use from several threads.

    Parameters
    ----------
    machine : SimulatedMachine
    speed : float
        Simulated seconds per second; infinite: no waiting at all.
    """

    def __init__(self, machine: SimulatedMachine, speed: float = 1.0) -> None:
        self.machine, self.speed = machine, speed
        self._changed = threading.Condition()
        self._begin_s = self._origin_s()

    def _catch_up(self) -> None:
        if math.isfinite(self.speed):
            self.machine.advance_to(max((time.monotonic() - self._begin_s) * self.speed, self.machine.now))

    def run_at(self, speed: float) -> None:
        """Go on at another speed."""
        with self._changed:
            self._catch_up()
            self.speed = speed
            self._begin_s = self._origin_s()
            self._changed.notify_all()

    def _origin_s(self) -> float:
        """When its clock would have begun at this speed."""
        return time.monotonic() - (self.machine.now / self.speed if math.isfinite(self.speed) else 0.0)

    def open(self) -> None:
        """Open the port; raises OSError."""
        with self._changed:
            self._catch_up()
            self.machine.open()
            self._changed.notify_all()

    def close(self) -> None:
        """Close it."""
        with self._changed:
            self._catch_up()
            self.machine.close()
            self._changed.notify_all()

    def read(self, size: int | None) -> bytes:
        """Take what has come; raises OSError when the cable is out."""
        with self._changed:
            self._catch_up()
            return self.machine.read(size)

    def write(self, data: bytes) -> int:
        """Send bytes; raises OSError when the cable is out."""
        with self._changed:
            self._catch_up()
            count = self.machine.write(data)
            self._changed.notify_all()
            return count

    @property
    def in_waiting(self) -> int:
        """Bytes to read; raises OSError when the cable is out."""
        with self._changed:
            self._catch_up()
            return self.machine.in_waiting

    def wait(self, seconds: float) -> None:
        """Wait until something may have come, at most `seconds`."""
        with self._changed:
            self._catch_up()
            if not self.machine.is_open or self.machine.in_waiting:
                return
            if math.isinf(self.speed):
                if self._leap():
                    return
            elif (event_s := self.machine.next_event_s) is not None:
                seconds = min(seconds, max((event_s - self.machine.now) / self.speed, 0.0005))
            self._changed.wait(seconds)

    def _leap(self) -> bool:
        """From event to event until there is something to read, not for long; whether there was one."""
        leapt = False
        for _ in range(_LEAPS):
            event_s = self.machine.next_event_s
            if event_s is None:
                break
            self.machine.advance_to(event_s)
            leapt = True
            if not self.machine.is_open or self.machine.in_waiting:
                break
        return leapt

    def nap_s(self, longest_s: float) -> float:
        """Seconds of ours until something happens in the machine, at most `longest_s`."""
        with self._changed:
            event_s = self.machine.next_event_s
            if event_s is None:
                return longest_s
            if math.isinf(self.speed):
                return 0.0
            return min(longest_s, max(_SHORTEST_NAP_S, (event_s - self.machine.now) / self.speed))

    def wake(self) -> None:
        """Let a waiting reader look again."""
        with self._changed:
            self._changed.notify_all()

    def do(self, action: Callable[[SimulatedMachine], None]) -> None:
        """Do something to the machine: ``port.do(SimulatedMachine.unplug)``."""
        with self._changed:
            self._catch_up()
            action(self.machine)
            self._changed.notify_all()


def port_for(url: str) -> SimulatedPort:
    """The port of a ``sim://`` address; made at its first use, the same machine ever after.

    Raises
    ------
    ValueError
        For a firmware or an option that does not exist.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    firmware = parts.netloc.lower()
    if firmware not in FIRMWARES:
        raise ValueError(f"there is no simulated '{firmware}'; there are {', '.join(FIRMWARES)}")
    key = f"{firmware}/{options.pop('name', '')}"
    speed = _speed(options.pop("speed", "1"))
    with _registry_lock:
        if key not in _registry:
            _registry[key] = SimulatedPort(_machine(firmware, options), speed)
        return _registry[key]


def forget_simulated_machines() -> None:
    """Take all simulated machines away: the next opening finds new ones."""
    with _registry_lock:
        _registry.clear()


def _speed(text: str) -> float:
    speed = math.inf if text == "max" else float(text)
    if not speed > 0:
        raise ValueError(f"speed={text}: the simulated machine's speed must be above 0, or 'max'")
    return speed


def _machine(firmware: str, options: dict[str, str]) -> SimulatedMachine:
    known = {"reset", "homing", "boot", "baud", "rx", "planner", "line_time", "latency", "seed"}
    unknown = set(options) - known
    if unknown:
        raise ValueError(f"the option '{min(unknown)}' is not known; known are name, speed, {', '.join(sorted(known))}")
    return SimulatedMachine(
        firmware,
        resets_on_open=options.get("reset", "1") != "0",
        homing=options.get("homing", "0") != "0",
        boot_s=float(options.get("boot", "1.6")),
        baud=int(options.get("baud", "0")),
        rx_bytes=int(options["rx"]) if "rx" in options else None,
        planner_blocks=int(options["planner"]) if "planner" in options else None,
        line_time_s=float(options.get("line_time", "0")),
        latency_s=float(options.get("latency", "0")),
        seed=int(options.get("seed", "0")),
    )


class PseudoTerminal:
    """A pseudo-terminal with a simulated machine behind it: a real device for any program.

    Each :meth:`plug` makes a new device, usually under another name. Its DTR rises when a program opens it, and falls
    when the last one closes it unless HUPCL was cleared: as at a real serial port.

    Parameters
    ----------
    port : SimulatedPort
    """

    def __init__(self, port: SimulatedPort) -> None:
        self.port = port
        self.name = ""
        self._master = -1
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.plug()

    def plug(self) -> str:
        """Make a device, in place of the one that is there; returns its name."""
        import termios
        import tty

        self.close()
        self._master, slave = os.openpty()
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[_CFLAG] |= termios.HUPCL  # as serial ports are born
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        os.set_blocking(self._master, False)  # nobody may be reading: the bridge must not wait for him
        self.name = os.ttyname(slave)
        os.close(slave)
        self.port.do(SimulatedMachine.plug)
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._bridge, args=(self._master, self._stop), name=f"pty {self.name}", daemon=True
        )
        self._thread.start()
        return self.name

    def unplug(self) -> None:
        """Take the device away: whoever has it open gets an input/output error."""
        if self._thread is None:
            return
        self._stop.set()
        self._thread.join()
        self._thread = None
        self.port.do(SimulatedMachine.unplug)
        os.close(self._master)

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def _bridge(self, master: int, stop: threading.Event) -> None:
        """Carry bytes both ways until told to stop; what the reader has no room for waits."""
        waiting, is_open = b"", False
        poll = select.poll()
        poll.register(master, select.POLLIN)
        while not stop.is_set():
            happened = dict(poll.poll(0)).get(master, 0)
            is_there = not happened & select.POLLHUP or bool(happened & select.POLLIN)
            if is_there != is_open:
                is_open = is_there
                self._mind_line(master, is_open)
            if not is_open:
                waiting = b""
                stop.wait(self.port.nap_s(_CLOSED_NAP_S))
                self.port.wait(0.0001)
                continue
            with contextlib.suppress(OSError):
                waiting, moved = self._pass_on(master, waiting)
                if moved:
                    continue
            if not poll.poll(1000 * self.port.nap_s(_LONGEST_NAP_S)):
                self.port.wait(0.0001)

    def _mind_line(self, master: int, is_open: bool) -> None:
        """A program opened the device, or the last one closed it."""
        import termios

        if is_open:
            with contextlib.suppress(OSError):  # it is being unplugged
                self.port.open()
            return
        hangs_up = bool(termios.tcgetattr(master)[_CFLAG] & termios.HUPCL)
        self.port.do(lambda machine: setattr(machine, "hangs_up", hangs_up))
        self.port.close()

    def _pass_on(self, master: int, waiting: bytes) -> tuple[bytes, bool]:
        """Carry what is there; what is left for the reader, and whether anything was carried."""
        moved = False
        if select.select([master], [], [], 0.0)[0]:
            self.port.write(os.read(master, 4096))
            moved = True
        waiting += self.port.read(None)
        if waiting:
            with contextlib.suppress(BlockingIOError):
                waiting = waiting[os.write(master, waiting) :]
                moved = True
        return waiting, moved
