"""A simulated controller, its gantry and the cable to it, with everything that can go wrong on the way.

Time is given from outside (:meth:`SimulatedMachine.advance_to`), so that a job of hours runs in milliseconds. The
gantry's record of the path (:attr:`SimulatedMachine.path`) outlives every accident: what it holds is what is
physically on the board.
"""

from __future__ import annotations

import errno
import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from firmware_io.sim.gantry import Gantry, Vertex
from firmware_io.sim.grbl.controller import GrblController
from firmware_io.sim.marlin import MarlinController
from firmware_io.sim.motion import MotionLimits
from firmware_io.sim.traits import GRBL_FAMILY, Traits

FIRMWARES = (*GRBL_FAMILY, "marlin")


def _resized(traits: Traits, rx_bytes: int | None, planner_blocks: int | None) -> Traits:
    return replace(traits, rx_bytes=rx_bytes or traits.rx_bytes, planner_blocks=planner_blocks or traits.planner_blocks)


class SimulatedMachine:
    """One machine on one cable.

    Parameters
    ----------
    firmware : {"grbl", "grblhal", "fluidnc", "marlin"}
    limits : MotionLimits, optional
        Rates, accelerations and junction deviation per axis.
    resets_on_open : bool
        The controller reboots when the port's DTR rises, as Uno-class boards do: at every opening, unless the
        closing before left it up (see :attr:`hangs_up`).
    boot_s : float
        Seconds from power to banner; bytes sent meanwhile are eaten.
    homing : bool
        The machine has limit switches: it is locked after power-up until ``$H``.
    rx_bytes, planner_blocks : int, optional
        Other than the firmware's usual.
    line_time_s : float
        Seconds that the controller needs for each line: a slow reader.
    baud : int
        Bits per second of the controller's end; 0: whatever the host's end has.
    latency_s : float
        Seconds that an answer is on the way (a USB adapter waits up to 0.016).
    seed : int
        For the bytes that are garbled.
    """

    def __init__(
        self,
        firmware: str = "grbl",
        *,
        limits: MotionLimits | None = None,
        resets_on_open: bool = True,
        boot_s: float = 1.6,
        homing: bool = False,
        rx_bytes: int | None = None,
        planner_blocks: int | None = None,
        line_time_s: float = 0.0,
        latency_s: float = 0.0,
        baud: int = 0,
        advanced_ok: bool = False,
        emergency_parser: bool = True,
        seed: int = 0,
    ) -> None:
        limits = limits or MotionLimits()
        self.firmware, self.resets_on_open, self.boot_s, self.latency_s = firmware, resets_on_open, boot_s, latency_s
        self.controller: GrblController | MarlinController
        if firmware == "marlin":
            self.controller = MarlinController(
                Gantry(4), limits, self._to_host,
                advanced_ok=advanced_ok, emergency_parser=emergency_parser, line_time_s=line_time_s,
            )  # fmt: skip
        else:
            traits = _resized(GRBL_FAMILY[firmware], rx_bytes, planner_blocks)
            gantry = Gantry(len(traits.axis_letters))
            self.controller = GrblController(
                traits, gantry, limits, self._to_host, homing=homing, line_time_s=line_time_s
            )  # fmt: skip
        self.gantry = self.controller.gantry
        self._wire(baud, seed)
        self.controller.power_on()
        self._out.clear()

    def _wire(self, baud: int, seed: int) -> None:
        """The cable, which is plugged in, and what may befall it."""
        self.plugged, self.powered, self.is_open = True, True, False
        self.hangs_up = True  # HUPCL: DTR falls when the port is closed
        self._dtr = False
        self.openings = 0
        self.baud, self.host_baud = baud, baud
        self._random = Random(seed)
        self._out: list[tuple[float, bytes]] = []
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._agenda_count = self.actions_done = 0
        self._lose_ok_in = self._garble_host_in = self._garble_machine_in = 0
        self._garbled_byte: int | None = None
        self._garble_at: int | None = None
        self._line_to_machine = bytearray()

    # --- time ---
    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.controller.now

    @property
    def next_event_s(self) -> float | None:
        """When something happens if the host stays silent; None for never."""
        event = self.controller.next_event_s
        if self._agenda and (event is None or self._agenda[0][0] < event):
            event = self._agenda[0][0]
        if self._out and self._out[0][0] > self.now and (event is None or self._out[0][0] < event):
            event = self._out[0][0]
        return event

    def advance_to(self, time_s: float) -> None:
        """Let time pass until `time_s`."""
        while self._agenda and self._agenda[0][0] <= time_s:
            when, _, action = heapq.heappop(self._agenda)
            self.controller.advance(max(when, self.now))
            self.actions_done += 1
            action()
        self.controller.advance(time_s)

    def at(self, time_s: float, action: Callable[[], None]) -> None:
        """Do `action` at that time: ``machine.at(3.5, machine.unplug)``."""
        self._agenda_count += 1
        heapq.heappush(self._agenda, (time_s, self._agenda_count, action))

    # --- the host's end of the cable ---
    def open(self) -> None:
        """Open the port; raises OSError when it is not there."""
        if not self.plugged:
            raise OSError(errno.ENOENT, "no such port")
        self.is_open = True
        self.openings += 1
        self._out.clear()
        rises, self._dtr = not self._dtr, True
        if rises and self.resets_on_open and self.powered:
            self.reboot()

    def close(self) -> None:
        """Close the port: the controller neither knows nor cares, but for DTR."""
        self.is_open = False
        self._dtr = self._dtr and not self.hangs_up
        self._out.clear()

    def write(self, data: bytes) -> int:
        """Send bytes; raises OSError when the cable is out."""
        self._check_cable()
        if self.powered:
            self.controller.receive(self._at_rate(self._garble_to_machine(data)))
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        """Take what has come; raises OSError when the cable is out."""
        self._check_cable()
        ready = bytearray()
        while self._out and self._out[0][0] <= self.now:
            when, chunk = self._out.pop(0)
            ready += chunk
            if size is not None and len(ready) >= size:
                if ready[size:]:
                    self._out.insert(0, (when, bytes(ready[size:])))
                return bytes(ready[:size])
        return bytes(ready)

    @property
    def in_waiting(self) -> int:
        """How many bytes have come."""
        self._check_cable()
        if not self._out:  # most of the time
            return 0
        now = self.now
        return sum(len(chunk) for when, chunk in self._out if when <= now)

    def _check_cable(self) -> None:
        if not (self.plugged and self.is_open):
            raise OSError(errno.EIO, "input/output error")

    # --- accidents ---
    def unplug(self) -> None:
        """Pull the cable; the controller goes on with what it has."""
        self.plugged = self.is_open = self._dtr = False
        self.hangs_up = True  # the system forgets the settings of a device that is gone
        self._out.clear()

    def plug(self) -> None:
        """Put the cable back (the port may be opened again)."""
        self.plugged = True

    def power_cut(self) -> None:
        """Take controller and motors off the power; the gantry stays where it is."""
        self.powered = False
        self.controller.power_off()
        if self.plugged:
            self.unplug()

    def power_on(self) -> None:
        """Give power back; boots."""
        self.powered = self.plugged = True
        self._boot()

    def reboot(self) -> None:
        """Restart the controller: brown-out, DTR, reset button."""
        self.controller.power_off()
        self._boot()

    def _boot(self) -> None:
        if self.boot_s:
            self.at(self.now + self.boot_s, self._finish_boot)
        else:
            self.controller.power_on()

    def _finish_boot(self) -> None:
        if self.powered:
            self.controller.power_on()

    def raise_alarm(self, code: int = 1) -> None:
        """A limit switch is hit (1), a soft limit (2), a reset in motion (3) ..."""
        self.controller.raise_alarm(code)

    def press(self, button: str) -> None:
        """A button on the machine of the grbl family: ``"hold"``, ``"start"``, ``"door"``, ``"abort"``."""
        assert isinstance(self.controller, GrblController)
        self.controller.press(button)

    def configure(self, settings: Mapping[int, float]) -> None:
        """Settings of the grbl family as the owner has them stored: ``{1: 255, 110: 5000}``."""
        assert isinstance(self.controller, GrblController)
        self.controller.configure(settings)

    def lose_acknowledgement(self, nth: int = 1) -> None:
        """The `nth` next ``ok`` never arrives."""
        self._lose_ok_in = nth

    def garble_to_host(self, nth: int = 1) -> None:
        """One byte of the `nth` next line to the host is wrong."""
        self._garble_host_in = nth

    def garble_to_machine(self, nth: int = 1, at: int | None = None, byte: int | None = None) -> None:
        """One byte of the `nth` next line to the machine is wrong: which, and what it becomes, or random."""
        self._garble_machine_in, self._garble_at, self._garbled_byte = nth, at, byte

    def move_by_hand(self, *physical: float) -> None:
        """Push the gantry (motors off or not holding) to a physical position; the controller does not know."""
        here = self.controller.planner.position
        before = self.gantry.physical(here)
        self.gantry.put(self.now, here)
        target = [*physical, *before[len(physical) :]]
        self.gantry.offset = [o + t - b for o, t, b in zip(self.gantry.offset, target, before, strict=True)]
        self.gantry.put(self.now, here)

    # --- what happened ---
    @property
    def path(self) -> Iterator[Vertex]:
        """Every corner of the tool's physical path since the beginning."""
        return self.gantry.path

    @property
    def position(self) -> tuple[float, ...]:
        """Where the tool physically is."""
        return self.gantry.physical(self.controller.planner.position)

    @property
    def stalled_mm(self) -> float:
        """Millimetres that the motors were driven against the end stops."""
        return self.gantry.stalled_mm

    @property
    def lost_bytes(self) -> int:
        """Bytes that the controller could not take."""
        return self.controller.lost_bytes

    # --- the cable ---
    def _to_host(self, text: str) -> None:
        if not self.is_open:
            return
        when = self.now + self.latency_s
        for line in text.splitlines(keepends=True):
            data = self._at_rate(self._spoil(line.encode("latin-1")))
            if data:
                self._out.append((when, data))

    def _spoil(self, line: bytes) -> bytes:
        if self._lose_ok_in and line.startswith(b"ok"):
            self._lose_ok_in -= 1
            if not self._lose_ok_in:
                return b""
        if self._garble_host_in and line.strip():
            self._garble_host_in -= 1
            if not self._garble_host_in:
                at = self._random.randrange(len(line.strip()))
                return _with_byte(line, at, self._other_byte(line[at]))
        return line

    def _at_rate(self, data: bytes) -> bytes:
        """What the other end makes of it when its rate is another."""
        if not self.baud or self.baud == self.host_baud:
            return data
        return bytes(0xE0 | (byte * 37 & 0x0F) for byte in data)

    def _other_byte(self, byte: int) -> int:
        return byte ^ (1 << self._random.randrange(7))

    def _garble_to_machine(self, data: bytes) -> bytes:
        if not self._garble_machine_in:
            return data
        out = bytearray()
        for byte in data:
            at = len(self._line_to_machine)
            self._line_to_machine.append(byte)
            if self._garble_machine_in == 1 and at == (self._garble_at or 0):
                byte = self._other_byte(byte) if self._garbled_byte is None else self._garbled_byte
                self._garble_machine_in = 0
            elif byte == 10:
                self._line_to_machine.clear()
                self._garble_machine_in = max(1, self._garble_machine_in - 1)
            out.append(byte)
            if not self._garble_machine_in:
                self._line_to_machine.clear()
                return bytes(out) + data[len(out) :]
        return bytes(out)


def _with_byte(line: bytes, at: int, byte: int) -> bytes:
    return line[:at] + bytes([byte]) + line[at + 1 :]
