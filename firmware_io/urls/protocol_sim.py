"""``sim://grbl``, ``sim://grblhal``, ``sim://fluidnc``, ``sim://marlin``: simulated machines as pyserial ports.

Options after ``?``: ``speed=100`` (times real time, or ``max``), ``name=bench`` (which machine: two openings of one
name reach the same gantry, as two openings of one device do), ``reset=0`` (opening the port does not reboot),
``homing=1`` (locked after power-up until homed), ``boot=1.6`` (seconds to the banner), ``baud=250000`` (nothing else
is understood; any, if it is not given), ``rx=``, ``planner=``, ``line_time=``, ``seed=``.
"""

from __future__ import annotations

import time
from typing import Any

import serial
from serial.serialutil import SerialBase

from firmware_io.sim.host import SimulatedPort, port_for


class Serial(SerialBase):  # type: ignore[misc]
    """A pyserial port with a simulated machine behind it."""

    is_open: bool

    def open(self) -> None:
        """Open the port; the machine may reboot."""
        if self.is_open:
            raise serial.SerialException("the port is open already")
        try:
            self._sim: SimulatedPort = port_for(str(self.portstr))
            self._reconfigure_port()
            self._sim.open()
        except (OSError, ValueError) as error:
            raise serial.SerialException(f"could not open port {self.portstr}: {error}") from error
        self.is_open = True

    def close(self) -> None:
        """Close the port."""
        if self.is_open:
            self.is_open = False
            self._sim.close()

    @property
    def in_waiting(self) -> int:
        """Bytes that wait to be read."""
        self._check()
        try:
            return self._sim.in_waiting
        except OSError as error:
            raise serial.SerialException(f"read failed: {error}") from error

    def read(self, size: int = 1) -> bytes:
        """Read up to `size` bytes within the timeout."""
        self._check()
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        data = b""
        try:
            while len(data) < size and self.is_open:
                data += self._sim.read(size - len(data))
                left = None if deadline is None else deadline - time.monotonic()
                if len(data) >= size or (left is not None and left <= 0):
                    break
                self._sim.wait(0.05 if left is None else min(left, 0.05))
        except OSError as error:
            raise serial.SerialException(f"read failed: {error}") from error
        return data

    def write(self, data: Any) -> int:
        """Write all of `data`."""
        self._check()
        try:
            return self._sim.write(bytes(data))
        except OSError as error:
            raise serial.SerialException(f"write failed: {error}") from error

    def _check(self) -> None:
        if not self.is_open:
            raise serial.PortNotOpenError

    def flush(self) -> None:
        """Nothing is buffered on this side."""

    def reset_input_buffer(self) -> None:
        """Forget what has come."""
        self._check()
        self._sim.read(None)

    def reset_output_buffer(self) -> None:
        """Nothing is buffered on this side."""

    def cancel_read(self) -> None:
        """Wake a reader."""
        if self.is_open:
            self._sim.wake()

    def keep_dtr(self) -> None:
        """What clearing HUPCL does at a real port: DTR stays up at the closing."""
        self._sim.do(lambda machine: setattr(machine, "hangs_up", False))

    def _reconfigure_port(self, force_update: bool = False) -> None:
        """Bytes at another rate than the controller's are garbled."""
        self._sim.do(lambda machine: setattr(machine, "host_baud", int(self._baudrate)))

    def _update_dtr_state(self) -> None:
        """The reboot happens at opening."""

    def _update_rts_state(self) -> None:
        """Not wired."""

    def _update_break_state(self) -> None:
        """Not wired."""

    @property
    def cts(self) -> bool:
        """Clear to send."""
        return True

    @property
    def dsr(self) -> bool:
        """Data set ready."""
        return True

    @property
    def ri(self) -> bool:
        """Ring indicator."""
        return False

    @property
    def cd(self) -> bool:
        """Carrier detect."""
        return True
