"""A controller's network side, in the thread and the time of a test: telnet and WebSockets on a real socket.

What these servers do was read in the sources of FluidNC and grblHAL: everybody who connects by telnet is greeted with
the controller's banner, though nothing restarts; answers go to whoever is connected, and are lost if nobody is; a
WebSocket carries the controller's lines in binary frames, and words for the controller's own page in frames of text.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from firmware_io.errors import PortError
from firmware_io.network import TcpPort, open_network
from firmware_io.sim.machine import SimulatedMachine


class Bridge:
    """A telnet server before a simulated machine; everything happens in :meth:`pump`."""

    scheme = "socket"

    def __init__(self, machine: SimulatedMachine, *, greets: bool = True, latency_s: float = 0.0) -> None:
        self.machine, self.greets, self.latency_s = machine, greets, latency_s
        machine.resets_on_open = False
        machine.open()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._client: socket.socket | None = None
        self._lost: list[socket.socket] = []  # half-open ones: nobody closed them
        self.connections = 0

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._listening.getsockname()[1]}"

    def pump(self) -> None:
        """Carry what is there both ways."""
        self._accept()
        if self._client is not None:
            try:
                data = self._client.recv(4096)
                self._from_client(data)
                if not data:
                    self.hang_up()
            except BlockingIOError:
                pass
            except ConnectionError:
                self.hang_up()
        said = self.machine.read()
        if self._client is not None and said:
            self._send(self._framed(said))

    def hang_up(self) -> None:
        """Close the connection, as a controller does whose network goes down in good order."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def lose_touch(self) -> None:
        """Nothing comes through any more, and neither end is told."""
        if self._client is not None:
            self._lost.append(self._client)
        self._client = None

    def close(self) -> None:
        for one in (self._listening, self._client, *self._lost):
            if one is not None:
                one.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            client, _ = self._listening.accept()
            client.setblocking(False)
            self.hang_up()
            self._client = client
            self.connections += 1
            self._welcome()

    def _welcome(self) -> None:
        if self.greets:
            self._send(b"\xff\xfb\x01\xff\xfb\x03\r\nGrbl 1.1f ['$' or '$HELP' for help]\r\n")  # and telnet's will echo

    def _send(self, data: bytes) -> None:
        assert self._client is not None
        with contextlib.suppress(ConnectionError):
            self._client.sendall(data)

    def _from_client(self, data: bytes) -> None:
        if data:
            self.machine.at(self.machine.now + self.latency_s, lambda: self._deliver(data))

    def _deliver(self, data: bytes) -> None:
        self.machine.write(data)

    def _framed(self, data: bytes) -> bytes:
        return data


class WebSocketBridge(Bridge):
    """The same by WebSocket; every line is a frame."""

    scheme = "ws"
    _protocol: ServerProtocol

    def _welcome(self) -> None:
        self._protocol = ServerProtocol()

    def _from_client(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
                for word in (b"currentID:1", b"CURRENT_ID:1", b"PING:60000:60000"):
                    self._protocol.send_text(word)
                self._protocol.send_ping(b"still there?")
            elif isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                super()._from_client(bytes(event.data))
        self._flush()

    def _framed(self, data: bytes) -> bytes:
        if self._protocol.state.name == "OPEN":
            for line in data.splitlines(keepends=True):
                self._protocol.send_binary(line)
        return b"".join(self._protocol.data_to_send())

    def _flush(self) -> None:
        self._send(b"".join(self._protocol.data_to_send()))


class NetworkWire:
    """The engine's end of a bridge, in the test's own thread and time."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self._port = self._open()

    def _open(self) -> TcpPort:
        if isinstance(self.bridge, WebSocketBridge):
            done = threading.Event()  # its handshake wants an answer while it waits for it

            def answer() -> None:
                while not done.is_set():
                    self.bridge.pump()

            thread = threading.Thread(target=answer)
            thread.start()
            try:
                return open_network(self.bridge.address, timeout_s=0.0)
            finally:
                done.set()
                thread.join()
        return open_network(self.bridge.address, timeout_s=0.0)

    def take(self) -> bytes:
        self.bridge.pump()
        try:
            return self._port.read(self._port.in_waiting)
        except OSError as error:
            raise PortError(f"the port is gone: {error}") from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except OSError as error:
            raise PortError(f"the port is gone: {error}") from error
        self.bridge.pump()

    def close(self) -> None:
        self._port.close()

    def __del__(self) -> None:
        self.close()  # a sender that was killed


@contextlib.contextmanager
def running(bridge: Bridge, speed: float = 50.0) -> Iterator[Bridge]:
    """The bridge and its machine in a thread of their own, so many times as fast as the clock."""
    done, begin_s, origin_s = threading.Event(), time.monotonic(), bridge.machine.now

    def live() -> None:
        while not done.wait(0.0005):
            bridge.machine.advance_to(origin_s + (time.monotonic() - begin_s) * speed)
            bridge.pump()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield bridge
    finally:
        done.set()
        thread.join()
        bridge.close()
