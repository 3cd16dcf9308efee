"""Bytes to and from a port, whatever it is; the only file that talks to pyserial."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

import serial

from firmware_io.errors import PortError
from firmware_io.network import is_network, open_network
from firmware_io.wirelog import WireLog

if "firmware_io.urls" not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append("firmware_io.urls")


_CFLAG = 2  # of what termios.tcgetattr gives
PORTS_HINT = "see: python -m firmware_io ports"
MEND_CABLE, MEND_NETWORK = "plug it in again", "bring the network back"


def mend_hint(address: str) -> str:
    """What to do when the port at an address is gone."""
    return MEND_NETWORK if is_network(address) else MEND_CABLE


class Transport(Protocol):
    """What the engine needs of a port."""

    def take(self) -> bytes:
        """Bytes that have come since the last call; raises PortError once the port is gone."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; raises PortError when the port is gone."""
        ...

    def close(self) -> None:
        """Give the port back."""
        ...


class SerialTransport:
    """A port of this computer or of the network, read by a thread of its own.

    Parameters
    ----------
    address : str
        Device name or URL.
    baud : int
    wake : callable
        Called by the reading thread when something has come.
    log : WireLog, optional

    Raises
    ------
    PortError
        When the port cannot be opened.
    """

    def __init__(self, address: str, baud: int, wake: Callable[[], None], log: WireLog | None = None) -> None:
        self.address = address
        self._wake, self._log = wake, log
        self._received = bytearray()
        self._lock = threading.Lock()
        self._write_lock = threading.RLock()  # a second Ctrl-C may come while the first one's hold is being written
        self._gone = ""
        self._closing = False
        self._blocked = False
        self._port = _open(address, baud)
        self._thread = threading.Thread(target=self._read_for_ever, name=f"read {address}", daemon=True)
        self._thread.start()

    def take(self) -> bytes:
        """Bytes that have come since the last call."""
        with self._lock:
            data = bytes(self._received)
            self._received.clear()
        if not data and self._gone:
            raise PortError(f"the port {self.address} is gone: {self._gone}", f"{mend_hint(self.address)} and resume")
        return data

    def write(self, data: bytes) -> None:
        """Send bytes; nothing while an emergency stop holds the line."""
        with self._write_lock:
            if not self._blocked:
                self._write(data)

    def write_at_once(self, data: bytes) -> None:
        """Send bytes ahead of everybody, and hold all others back until :meth:`unblock`."""
        self._blocked = True
        with self._write_lock:
            self._write(data)

    def unblock(self) -> None:
        """Let others write again."""
        self._blocked = False

    def _write(self, data: bytes) -> None:
        if self._gone:
            raise PortError(f"the port {self.address} is gone: {self._gone}", f"{mend_hint(self.address)} and resume")
        try:
            self._port.write(data)
        except (OSError, ValueError, TypeError) as error:
            self._gone = self._gone or str(error)
            raise PortError(
                f"the port {self.address} is gone: {error}", f"{mend_hint(self.address)} and resume"
            ) from error
        if self._log is not None:
            self._log.sent(data)

    def set_baud(self, baud: int) -> None:
        """Go on at another rate, without opening the port anew (which restarts many boards)."""
        with self._write_lock, contextlib.suppress(OSError, ValueError):
            self._port.baudrate = baud

    def close(self) -> None:
        """Give the port back."""
        self._closing = True
        with contextlib.suppress(OSError, AttributeError, ValueError):
            self._port.cancel_read()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)
        with contextlib.suppress(OSError, ValueError):
            self._port.close()

    def _read_for_ever(self) -> None:
        while not self._closing:
            try:
                data = self._port.read(1)
                if data:
                    data += self._port.read(self._port.in_waiting)
            except Exception as error:  # drivers raise what they like, and nobody else would notice
                if not self._closing:
                    self._gone = _why_gone(error)
                    self._wake()
                return
            if data:
                if self._log is not None:
                    self._log.received(data)
                with self._lock:
                    self._received += data
                self._wake()


def _open(address: str, baud: int) -> Any:
    if is_network(address):
        return open_network(address)
    options: dict[str, object] = {"baudrate": baud, "timeout": 0.1, "write_timeout": 2.0}
    if "://" not in address:
        options["exclusive"] = True
    try:
        port = serial.serial_for_url(address, **options)
    except (OSError, ValueError) as error:
        why, hint = _why_not(error)
        raise PortError(f"the port {address} cannot be opened: {why}", hint) from error
    _keep_dtr(port)
    return port


def _keep_dtr(port: Any) -> None:
    """Leave DTR up when the port is closed, so that the next opening does not restart an Uno-class board.

    The system keeps that (HUPCL) from one opening to the next, where it is POSIX.
    """
    if hasattr(port, "keep_dtr"):
        port.keep_dtr()
    elif os.name == "posix" and isinstance(getattr(port, "fd", None), int):
        import termios

        with contextlib.suppress(termios.error, OSError):
            settings = termios.tcgetattr(port.fd)
            settings[_CFLAG] &= ~termios.HUPCL
            termios.tcsetattr(port.fd, termios.TCSANOW, settings)


def _why_gone(error: Exception) -> str:
    """Why a port that was open is not there any more, in a few words."""
    if "returned no data" in str(error):
        return "it was unplugged, or another program reads it too"
    if getattr(error, "errno", None) in (errno.EIO, errno.ENXIO, errno.ENODEV):
        return "it was unplugged"
    if isinstance(error, (ConnectionError, TimeoutError)) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _why_not(error: OSError | ValueError) -> tuple[str, str]:
    """Why a port cannot be opened, in a few words, and what to do."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return "there is no such device", PORTS_HINT
    if number in (errno.EACCES, errno.EPERM):
        return "you may not use it", "join the group that owns the device (often dialout), then log in again"
    if number in (errno.EBUSY, errno.EAGAIN):
        return "another program uses it", "close that program"
    if "configure port" in str(error):
        return "it is no serial port", PORTS_HINT
    return str(error), PORTS_HINT
