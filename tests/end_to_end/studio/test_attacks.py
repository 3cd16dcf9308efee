"""What a hostile page, file or program may try; all of it on the loopback, and all of it bounded."""

import asyncio
import contextlib
import http.client
import io
import json
import re
import socket
import struct
import time
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from studio_bench import EXAMPLES, PATIENCE_MS, Running, line_to

websockets = pytest.importorskip("websockets")
InvalidStatus = pytest.importorskip("websockets.exceptions").InvalidStatus

PATIENCE_S = PATIENCE_MS / 1000


def ask(studio: Running, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=PATIENCE_S)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def state_of(studio: Running) -> dict:
    with line_to(studio) as line:
        return json.loads(line.recv(PATIENCE_S))["state"]


@pytest.fixture(scope="module", autouse=True)
def _small(studio: Running) -> None:
    """Every photo that is taken in is searched: quickly."""
    tell(studio, json.dumps({"do": "set", "patch": {"lines": 300, "quality": "draft"}}), "nonsense")


def tell(studio: Running, *messages: str) -> str:
    """Send requests; what is said to the last one, which makes no sense."""

    with line_to(studio) as line:
        line.recv(PATIENCE_S)
        for message in messages:
            line.send(message)
        while True:
            answer = line.recv(PATIENCE_S)
            if isinstance(answer, str) and (found := json.loads(answer))["type"] == "error":
                return str(found["message"])


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"])
def test_a_foreign_host_is_refused(studio: Running, host: str) -> None:
    assert ask(studio, "GET", "/", Host=host.format(port=studio.port))[0] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:{port}"])
def test_a_foreign_origin_may_not_post(studio: Running, origin: str) -> None:
    status, _ = ask(studio, "POST", "/photo", b"x", Origin=origin.format(port=studio.port))
    assert status == 403


def test_a_cross_site_form_without_origin_is_refused(studio: Running) -> None:
    assert ask(studio, "POST", "/stop", b"", Sec_Fetch_Site="cross-site")[0] == 403


@pytest.mark.parametrize("path", ["/ws", "/ws/stop"])
@pytest.mark.parametrize("origin", ["https://evil.example", None])
def test_a_foreign_websocket_is_refused(studio: Running, path: str, origin: str | None) -> None:
    async def open_it() -> None:
        address = f"ws://127.0.0.1:{studio.port}{path}"
        async with websockets.connect(address, origin=origin, open_timeout=PATIENCE_S):
            pass

    with pytest.raises(InvalidStatus, match="403"):
        asyncio.run(open_it())


@pytest.mark.parametrize("path", ["/photo", "/plan", "/map", "/outline", "/stop"])
def test_nothing_changes_by_get(studio: Running, path: str) -> None:
    assert ask(studio, "GET", path)[0] in (404, 405)
    assert ask(studio, "PUT", path, b"x")[0] == 403


@pytest.mark.parametrize(
    "path",
    ["/page/../settings.py", "/page/%2e%2e%2fsettings.py", "/page/..%2f..%2fmodel.py", "/plan/..%2fvariants.json",
     "/plan/%2e%2e%2f%2e%2e%2fproject.json", "/photo/..%2f..%2fproject.json", "/thumb/..%2fx.png", "/map/..%2fx", "/outline/..%2fproject.json",
     "/example/..%2fpyproject.toml", "/export/0", "/page/__init__.py"],
)  # fmt: skip
def test_names_are_never_paths(studio: Running, path: str) -> None:
    status, body = ask(studio, "GET", path)
    assert status in (404, 422)
    assert b"import" not in body
    assert b"history" not in body


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\x.png", "/abs/olute.png", "a\x00b.png", "x" * 5000, "\r\nSet-Cookie: a"]
)
def test_an_upload_named_like_a_path_is_a_photo_like_any_other(studio: Running, name: str) -> None:
    before = {p for p in studio.folder.rglob("*") if "exports" not in p.parts}
    status, _ = ask(studio, "POST", "/photo", (EXAMPLES / "camera.png").read_bytes(), x_name=quote(name))
    assert status == 200
    new = {p for p in studio.folder.rglob("*") if "exports" not in p.parts} - before
    assert all(p.parent.name in ("photos", "plans", "project") for p in new if p.is_file() and ".part" not in p.name)
    shown = state_of(studio)["photo"]["name"]
    assert "/" not in shown
    assert len(shown) <= 100
    assert shown.isprintable()


def bomb(side: int) -> bytes:
    """A true PNG of side x side black pixels: a few kilobytes a gigapixel... packed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, packed = zlib.compressobj(9), io.BytesIO()
    row = b"\0" * (side // 8 + 1)
    for _ in range(side):
        packed.write(packer.compress(row))
    packed.write(packer.flush())
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed.getvalue()) + chunk(b"IEND", b"")


def most_memory_mb(pid: int) -> float:
    """The most that a process, or one below it, has ever held."""
    own = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max([own, *(most_memory_mb(int(child)) for child in below)])


@pytest.mark.parametrize("side", [40_000, 12_000])
def test_a_picture_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(studio: Running, side: int) -> None:
    data = bomb(side)
    status, body = ask(studio, "POST", "/photo", data, x_name="bomb.png")
    assert status == 422
    assert b"pixels" in body
    assert ask(studio, "GET", "/")[0] == 200
    assert ask(studio, "POST", "/map", data)[0] == 422
    if Path("/proc").is_dir():  # no process has ever held a tenth of what it unpacks to
        assert most_memory_mb(studio.process.pid) < 1000


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(studio: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=PATIENCE_S)
    connection.putrequest("POST", "/photo")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_an_upload_in_pieces_is_cut_at_the_limit(studio: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=PATIENCE_S)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", "/plan", (b"x" * 2**20 for _ in range(40)), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    with contextlib.suppress(ConnectionResetError, http.client.RemoteDisconnected):
        assert connection.getresponse().status == 413
    connection.close()
    assert ask(studio, "GET", "/")[0] == 200


@pytest.mark.parametrize(
    "message",
    ["", "not json", "[]", "null", '{"do": 1}', '{"do": "set"}', '{"do": "set", "patch": {"pins": 1e99}}',
     '{"do": "set", "patch": {"pins": NaN}}', '{"do": "set", "patch": {"threads": []}}', '{"do": "set", "patch": 3}',
     '{"do": "open", "id": "../../x"}', '{"do": "export", "ending": ".exe"}', '{"do": "__class__"}',
     '{"do": "export", "ending": ".png", "id": "../../../etc/passwd"}', '{"do": "machine", "what": "hold_machine"}',
     '{"do": "machine", "what": "jog", "arguments": {"axes": {"x": 1e9}}}', '{"do": "wind", "move": "close"}',
     '{"do": "machine", "what": "connect", "arguments": {"port": 5}}', '{"do": "reorder", "order": [0, 0]}',
     '{"do": "export", "ending": ".png", "options": {"width_px": 1e9}}', '{"do": "keep", "name": 7}'],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_answered_in_words(studio: Running, message: str) -> None:
    said = tell(studio, message)
    assert said
    assert "Traceback" not in said


def raw_websocket(studio: Running, path: str = "/ws") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", studio.port), timeout=PATIENCE_S)
    line.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\nOrigin: http://127.0.0.1:{studio.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b"101" in line.recv(4096)
    return line


def stopped_by(line: socket.socket) -> bool:
    """Send the stop; whether it is answered. A question whether the line is alive may come before."""
    line.sendall(b"\x81\x84\0\0\0\0stop")
    answer = b""
    while b"sent" not in answer and (more := line.recv(100)):
        answer += more
    return b"sent" in answer


@pytest.mark.parametrize(
    "frame",
    [b"\xff\xff\xff\xff", b"\x81\x05hello", b"\x81\xff" + struct.pack(">Q", 2**62) + b"\0\0\0\0", b"\x83\x80\0\0\0\0",
     b"\x89\xfe\x10\x00" + b"\0" * 4100, b"\xc1\x80\0\0\0\0", b"\x81\x81\0\0\0\0\xff", b"\x82\x81\0\0\0\0x"],
)  # fmt: skip
def test_a_malformed_frame_ends_its_own_connection_alone(studio: Running, frame: bytes) -> None:
    line = raw_websocket(studio)
    with contextlib.suppress(OSError):
        line.sendall(frame)
        until = time.monotonic() + PATIENCE_S
        while line.recv(65536) and time.monotonic() < until:
            pass
        assert time.monotonic() < until  # it was hung up on
    line.close()
    assert state_of(studio)["controls"]


def test_connections_without_end_leave_the_stop_and_the_page_working(studio: Running) -> None:
    stop = raw_websocket(studio, "/ws/stop")
    idle = []
    for _ in range(1000):
        with contextlib.suppress(OSError):
            line = socket.create_connection(("127.0.0.1", studio.port), timeout=2)
            line.sendall(b"GET / HTTP/1.1\r\nHost:")  # and never more
            idle.append(line)
    assert stopped_by(stop)
    for line in idle[:500]:
        line.close()
    until = time.monotonic() + PATIENCE_S  # those that stay are hung up on
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(studio, "GET", "/")[0] == 200:
                break
        time.sleep(0.3)
    else:
        raise AssertionError("the page does not come back")
    for line in idle:
        line.close()
    stop.close()


def test_a_page_that_does_not_read_does_not_hold_the_others_up(studio: Running) -> None:
    slow = raw_websocket(studio)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)

    with line_to(studio) as line:
        line.recv(PATIENCE_S)
        for number in range(600):
            line.send(json.dumps({"do": "set", "patch": {"spool_m": 100 + number}}))
        seen = 0
        while not isinstance(answer := line.recv(PATIENCE_S), str) or '"spool_m": 699' not in answer:
            seen += 1
    assert seen > 100
    slow.close()


def test_uploads_that_never_end_are_given_up_and_hold_nobody_up(studio: Running) -> None:
    head = f"POST /photo HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\nContent-Length: 1000000\r\n\r\n".encode()
    slow = []
    for _ in range(60):
        line = socket.create_connection(("127.0.0.1", studio.port), timeout=PATIENCE_S)
        line.sendall(head + b"\xff\xd8\xff")  # the beginning of a photo, and never more
        slow.append(line)
    assert ask(studio, "POST", "/photo", (EXAMPLES / "camera.png").read_bytes(), x_name="camera.png")[0] == 200
    stop = raw_websocket(studio, "/ws/stop")
    assert stopped_by(stop)
    stop.close()
    for line in slow:
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 422
        assert b"the upload has stopped" in answer.read()
        line.close()


def test_the_network_needs_the_token(tmp_path) -> None:
    running = Running(tmp_path, "--lan")
    try:
        assert "?token=" in running.url
        token = running.url.partition("?token=")[2]
        assert ask(running, "GET", "/")[0] == 403
        assert ask(running, "GET", "/?token=wrong")[0] == 403
        assert ask(running, "POST", f"/stop?token={token}", b"")[0] == 403  # a token alone changes nothing
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE_S)
        connection.request("GET", f"/?token={token}")
        answer = connection.getresponse()
        cookie = answer.getheader("set-cookie") or ""
        connection.close()
        assert (answer.status, answer.getheader("location")) == (303, "/")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ask(running, "GET", "/", Cookie=cookie.partition(";")[0])[0] == 200
    finally:
        running.end()
