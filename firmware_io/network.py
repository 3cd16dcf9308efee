"""Controllers on a network, in the shape of a pyserial port: bytes over TCP (telnet), and over a WebSocket.

A controller that is reached so does not restart when somebody connects, but many greet everybody with the banner that
they say at a restart. A cut connection may look open for ever at either end, so the system is asked to try it.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from firmware_io.errors import PortError

if TYPE_CHECKING:
    from websockets.client import ClientProtocol

_CONNECT_S, _WRITE_S, _READ_S = 5.0, 2.0, 0.1
_CHUNK = 4096
_USUAL_PORTS = {"socket": 23, "telnet": 23, "ws": 81}
#: Seconds of silence until the system tries a connection, between tries, and how many tries.
_KEEP_ALIVE = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 10_000))
_IAC, _SB, _SE = 255, 250, 240  # RFC 854
_WITH_OPTION = (251, 252, 253, 254)
#: What FluidNC and ESP3D say to their own pages, in frames of text beside those of the machine.
_PAGE_WORDS = (b"currentID:", b"CURRENT_ID:", b"activeID:", b"ACTIVE_ID:", b"PING")


def is_network(address: str) -> bool:
    """Whether an address is that of a controller on a network."""
    return address.partition("://")[0] in _USUAL_PORTS and "://" in address


def open_network(address: str, timeout_s: float = _READ_S) -> TcpPort:
    """Connect to ``socket://HOST[:23]`` or ``ws://HOST[:81]``.

    Parameters
    ----------
    address : str
    timeout_s : float
        How long a reader waits for something to come.

    Raises
    ------
    PortError
    """
    parts = urlsplit(address)
    try:
        port = parts.port or _USUAL_PORTS[parts.scheme]
    except ValueError as error:
        raise PortError(f"the port {address} cannot be opened: {error}", "write it like socket://HOST:23") from None
    if not parts.hostname:
        raise PortError(f"the port {address} names no host", f"write it like {parts.scheme}://HOST:{port}")
    try:
        if parts.scheme == "ws":
            return WebSocketPort(parts.hostname, port, parts.path or "/", timeout_s)
        return TelnetPort(parts.hostname, port, timeout_s)
    except OSError as error:
        why, hint = _why_not(error, parts.hostname, port)
        raise PortError(f"the port {address} cannot be opened: {why}", hint) from error


def _why_not(error: OSError, host: str, port: int) -> tuple[str, str]:
    if isinstance(error, socket.gaierror):
        return f"the name {host} is not known", "write the controller's number (192.168.x.y); its own display tells it"
    if error.errno == errno.ECONNREFUSED:
        return f"nothing listens at {host}, port {port}", (
            "switch the service on in the controller (FluidNC: $Telnet/Enable=ON), or write the port that it uses"
        )
    if isinstance(error, TimeoutError) or error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return f"{host} does not answer", "is the controller on, and in this network?"
    return str(error), "is the controller on, and in this network?"


class TcpPort:
    """A TCP connection that is read and written like a serial port.

    Parameters
    ----------
    host : str
    port : int
    timeout_s : float
        How long :meth:`read` waits.

    Raises
    ------
    OSError
        Also by every other method, once the other end has gone.
    """

    def __init__(self, host: str, port: int, timeout_s: float = _READ_S) -> None:
        self.timeout_s = timeout_s
        self.baudrate = 0  # there is none; whoever sets it does no harm
        self._received = bytearray()
        self._socket = socket.create_connection((host, port), _CONNECT_S)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE:
            if hasattr(socket, name):  # not on every system
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def read(self, size: int = 1) -> bytes:
        """Take what has come, at most `size` bytes; waits for the first."""
        if not self._received:
            self._receive(self.timeout_s)
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""
        self._receive(0.0)
        return len(self._received)

    def write(self, data: bytes) -> int:
        """Send all bytes."""
        deadline_s, rest = time.monotonic() + _WRITE_S, memoryview(data)
        while rest:
            with contextlib.suppress(BlockingIOError):
                rest = rest[self._socket.send(rest) :]
                continue
            if not select.select([], [self._socket], [], max(0.0, deadline_s - time.monotonic()))[1]:
                raise TimeoutError(f"nothing could be sent for {_WRITE_S:g} s")
        return len(data)

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _receive(self, timeout_s: float) -> None:
        if not select.select([self._socket], [], [], timeout_s)[0]:
            return
        with contextlib.suppress(BlockingIOError):
            data = self._socket.recv(_CHUNK)
            if not data:
                raise ConnectionResetError(errno.ECONNRESET, "the other end hung up")
            self._received += self._stream_of(data)

    def _stream_of(self, data: bytes) -> bytes:
        """What the controller said, of what came over the wire."""
        return data


class TelnetPort(TcpPort):
    """A TCP connection with a telnet server, whose negotiations are no part of the stream."""

    def __init__(self, host: str, port: int, timeout_s: float = _READ_S) -> None:
        self._command = bytearray()
        super().__init__(host, port, timeout_s)

    def _stream_of(self, data: bytes) -> bytes:
        said = bytearray()
        for byte in data:
            if not self._command and byte != _IAC:
                said.append(byte)
                continue
            self._command.append(byte)
            if _is_whole(self._command):
                said += b"\xff" if self._command == b"\xff\xff" else b""
                self._command.clear()
        return bytes(said)


def _is_whole(command: bytearray) -> bool:
    """Whether a telnet command has all its bytes."""
    if len(command) < 2:
        return False
    if command[1] == _SB:
        return command[-2:] == bytes((_IAC, _SE))
    return len(command) == 3 if command[1] in _WITH_OPTION else True


class WebSocketPort(TcpPort):
    """The stream of a controller in the frames of a WebSocket; what is for the controller's own pages is left out."""

    def __init__(self, host: str, port: int, path: str = "/", timeout_s: float = _READ_S) -> None:
        self._protocol = _protocol_for(f"ws://{host}:{port}{path}")
        self._page = False
        super().__init__(host, port, timeout_s)
        try:
            self._protocol.send_request(self._protocol.connect())
            self._flush()
            self._shake_hands()
        except BaseException:
            super().close()
            raise

    def write(self, data: bytes) -> int:
        """Send all bytes, as one frame."""
        self._protocol.send_binary(data)
        self._flush()
        return len(data)

    def close(self) -> None:
        """Say goodbye and hang up."""
        from websockets.exceptions import WebSocketException

        with contextlib.suppress(OSError, WebSocketException):
            self._protocol.send_close()
            self._flush()
        super().close()

    def _shake_hands(self) -> None:
        deadline_s = time.monotonic() + _CONNECT_S
        while self._protocol.state.name == "CONNECTING" and self._protocol.handshake_exc is None:
            if time.monotonic() > deadline_s:
                raise TimeoutError("it does not answer as a WebSocket does")
            self._receive(_READ_S)
        if self._protocol.handshake_exc is not None:
            raise ConnectionError(f"it is no WebSocket: {self._protocol.handshake_exc}")

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                super().write(data)

    def _stream_of(self, data: bytes) -> bytes:
        from websockets.frames import Frame, Opcode

        self._protocol.receive_data(data)
        self._flush()  # answers to pings
        said = bytearray()
        for event in self._protocol.events_received():
            if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                continue
            if event.opcode is not Opcode.CONT:
                self._page = event.opcode is Opcode.TEXT and bytes(event.data).startswith(_PAGE_WORDS)
            said += b"" if self._page else event.data
        if self._protocol.close_expected() and self._protocol.state.name != "CONNECTING":
            raise ConnectionResetError(errno.ECONNRESET, "the other end closed the WebSocket")
        return bytes(said)


def _protocol_for(address: str) -> ClientProtocol:
    """The WebSocket protocol without input or output."""
    try:
        from websockets.client import ClientProtocol
        from websockets.uri import parse_uri
    except ImportError:
        raise PortError(
            "a WebSocket needs the library websockets", "pip install 'stringart-studio[network]'; or use socket://"
        ) from None
    return ClientProtocol(parse_uri(address))
