"""Moonraker and OctoPrint as their documents say that they answer, with a machine that winds as it is asked.

Time goes on with each request: so many lines of the file are done then. Every request may be cut, before it is obeyed
or after. What was executed is on record, and what a journal says can be held against it.
"""

from __future__ import annotations

import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

KEY = "4F7A"


@dataclass
class Card:
    """Files, and the one that runs."""

    lines_a_request: int = 3
    read_ahead: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)  # lines outside a job
    state: str = "standby"
    file: str = ""
    lines: list[str] = field(default_factory=list)
    done: int = 0
    ready: bool = True
    homed: str = "xyz"
    starts: int = 0
    fails_at: str = ""  # a line that is refused

    def start(self, name: str) -> None:
        self.file, self.state, self.done = name, "printing", 0
        self.lines = self.files[name].decode().splitlines()
        self.starts += 1

    def advance(self) -> None:
        for _ in range(self.lines_a_request):
            if self.state != "printing":
                return
            if self.done < len(self.lines) and self.lines[self.done] == self.fails_at:
                self.state = "error"
                return
            if self.done < len(self.lines):
                self.executed.append(self.lines[self.done])
                self.done += 1
            if self.done == len(self.lines):
                self.state = "complete"

    @property
    def file_position(self) -> int:
        read = min(len(self.lines), self.done + self.read_ahead)
        return sum(len(line) + 1 for line in self.lines[:read])

    @property
    def position(self) -> list[float]:
        """Where the lines executed so far end."""
        place = {"X": 0.0, "Y": 0.0, "Z": 0.0}
        for line in self.executed:
            place |= {a: float(v) for a, v in re.findall(r"([XYZ])(-?[\d.]+)", line) if not line.startswith("M")}
        return [*place.values(), 0.0]


class Handler(BaseHTTPRequestHandler, ABC):
    """One request; subclasses know the paths."""

    card: ClassVar[Card]
    cuts: ClassVar[dict[int, str]]
    count: ClassVar[list[int]]
    lock: ClassVar[threading.Lock]

    def log_message(self, format: str, *args: object) -> None: ...

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.lock:
            self.count[0] += 1
            cut = self.cuts.get(self.count[0], "")
            if cut == "before":
                return self._hang_up()
            if self.headers.get("X-Api-Key") != KEY:
                return self._answer(401, {"error": {"code": 401, "message": "Unauthorized"}})
            status, answer = self.obey(self.path, body)
            self.card.advance()
            if cut == "after":
                return self._hang_up()
            if cut == "half":
                self.send_response(status)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"result": ')
                return self._hang_up()
        return self._answer(status, answer)

    def _hang_up(self) -> None:
        self.close_connection = True

    def _answer(self, status: int, answer: object) -> None:
        data = json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @abstractmethod
    def obey(self, path: str, body: bytes) -> tuple[int, Any]:
        """Do what is asked for; returns the status and the answer."""

    def _uploaded(self, body: bytes) -> str:
        border = re.search(r"boundary=(\S+)", self.headers["Content-Type"])
        assert border is not None
        for form in body.split(b"--" + border[1].encode()):
            head, _, data = form.partition(b"\r\n\r\n")
            if name := re.search(rb'filename="([^"]+)"', head):
                self.card.files[name[1].decode()] = data[:-2]
                return name[1].decode()
        raise AssertionError("no file in the form")


class MoonrakerHandler(Handler):
    """https://moonraker.readthedocs.io/en/latest/external_api/printer/ and file_manager/."""

    def obey(self, path: str, body: bytes) -> tuple[int, Any]:
        card = self.card
        if path == "/server/files/upload":
            return 201, {"result": {"item": {"path": self._uploaded(body), "root": "gcodes"}, "print_started": False}}
        if not card.ready:
            return 503, {"error": {"code": 503, "message": "Klippy Host not connected"}}
        asked = json.loads(body or b"{}")
        if path == "/printer/objects/query":
            return 200, {"result": {"eventtime": 1.0, "status": self._status(asked["objects"])}}
        if path == "/printer/print/start":
            if card.state in ("printing", "paused"):
                return 400, {"error": {"code": 400, "message": "SD busy"}}
            card.start(asked["filename"])
        elif path == "/printer/gcode/script":
            self._script(asked["script"].split("\n"))
        elif path == "/printer/emergency_stop":
            card.ready = False
        else:
            return 404, {"error": {"code": 404, "message": "Not Found"}}
        return 200, {"result": "ok"}

    def _script(self, lines: list[str]) -> None:
        for line in lines:
            if line == "M25" and self.card.state == "printing":
                self.card.state = "paused"
            elif line == "M24" and self.card.state == "paused":
                self.card.state = "printing"
            elif line == "SDCARD_RESET_FILE":
                self.card.state, self.card.file, self.card.lines, self.card.done = "standby", "", [], 0
            else:
                self.card.by_hand.append(line)
                self.card.homed = "xyz" if line == "G28" else self.card.homed

    def _status(self, wanted: dict[str, list[str] | None]) -> dict[str, Any]:
        card = self.card
        known = {
            "webhooks": {"state": "ready", "state_message": "Printer is ready"},
            "print_stats": {"state": card.state, "filename": card.file, "message": f"refused '{card.fails_at}'"},
            "virtual_sdcard": {"file_position": card.file_position, "is_active": card.state == "printing"},
            "pause_resume": {"is_paused": False},
            "toolhead": {"homed_axes": card.homed, "position": card.position},
            "gcode_move": {"gcode_position": card.position, "homing_origin": [0.0, 0.0, 0.0, 0.0]},
        }
        return {name: known[name] for name in wanted if name in known}


class OctoPrintHandler(Handler):
    """https://docs.octoprint.org/en/master/api/: job, files and printer."""

    _TEXTS: ClassVar = {"printing": "Printing", "paused": "Paused", "complete": "Operational", "standby": "Operational"}

    def obey(self, path: str, body: bytes) -> tuple[int, Any]:
        card = self.card
        if path == "/api/files/local":
            return 201, {"files": {"local": {"name": self._uploaded(body)}}, "done": True}
        if path == "/api/job" and not body:
            whole = sum(len(line) + 1 for line in card.lines) or None
            progress = {"filepos": card.file_position or None}
            progress["completion"] = 100.0 * card.file_position / whole if whole and card.done else None
            if card.state == "standby":
                progress = {"filepos": None, "completion": None}
            return 200, {
                "job": {"file": {"name": card.file or None, "size": whole}},
                "progress": progress,
                "state": self._TEXTS[card.state] if card.ready else "Offline after error",
            }
        asked = json.loads(body)
        if path.startswith("/api/files/local/"):
            if card.state in ("printing", "paused"):
                return 409, {"error": "Printer is already printing"}
            card.start(path.rpartition("/")[2])
        elif path == "/api/job":
            if card.state not in ("printing", "paused"):
                return 409, {"error": "Printer is not printing"}
            action = asked.get("action", asked["command"])
            card.state = {"pause": "paused", "resume": "printing", "cancel": "standby"}[action]
        elif path == "/api/printer/command":
            card.by_hand += asked["commands"]
        else:
            return 404, {"error": "not found"}
        return 204, None


@contextmanager
def serving(kind: type[Handler], card: Card, cuts: dict[int, str] | None = None) -> Iterator[str]:
    """Serve; gives ``HOST:PORT``. `cuts`: which requests are cut, and when ("before", "after", "half")."""
    fields = {"card": card, "cuts": cuts if cuts is not None else {}, "count": [0], "lock": threading.Lock()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Serving", (kind,), fields))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
