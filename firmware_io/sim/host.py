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
    known = {"reset", "homing", "boot", "rx", "planner", "line_time", "latency", "seed"}
    unknown = set(options) - known
    if unknown:
        raise ValueError(f"the option '{min(unknown)}' is not known; known are name, speed, {', '.join(sorted(known))}")
    return SimulatedMachine(
        firmware,
        resets_on_open=options.get("reset", "1") != "0",
        homing=options.get("homing", "0") != "0",
        boot_s=float(options.get("boot", "1.6")),
        rx_bytes=int(options["rx"]) if "rx" in options else None,
        planner_blocks=int(options["planner"]) if "planner" in options else None,
        line_time_s=float(options.get("line_time", "0")),
        latency_s=float(options.get("latency", "0")),
        seed=int(options.get("seed", "0")),
    )


class PseudoTerminal:
    """A pseudo-terminal with a simulated machine behind it: a real device for any program.

    Each :meth:`plug` makes a new device, usually under another name. What a real serial port does with DTR is done
    when the device is plugged in.

    Parameters
    ----------
    port : SimulatedPort
    """

    def __init__(self, port: SimulatedPort) -> None:
        self.port = port
        self.name = ""
        self._master = -1
        self._slave = -1
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.plug()

    def plug(self) -> str:
        """Make a device, in place of the one that is there; returns its name."""
        import tty

        self.close()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)  # nobody may be reading: the bridge must not wait for him
        self.name = os.ttyname(self._slave)
        self.port.do(SimulatedMachine.plug)
        self.port.open()
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
        for descriptor in (self._slave, self._master):
            os.close(descriptor)

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def _bridge(self, master: int, stop: threading.Event) -> None:
        """Carry bytes both ways until told to stop; what the reader has no room for waits."""
        waiting = b""
        while not stop.is_set():
            with contextlib.suppress(OSError):
                waiting, moved = self._pass_on(master, waiting)
                if moved:
                    continue
            ready, _, _ = select.select([master], [], [], self.port.nap_s(_LONGEST_NAP_S))
            if not ready:
                self.port.wait(0.0001)

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
