"""OctoPrint: https://docs.octoprint.org, "Job operations", "File operations" and "Printer operations".

``progress.filepos`` is where OctoPrint has *read* to. It reads a line when the one before was sent, and sends one when
the one before was acknowledged, with one more in its queue: a line is acknowledged for certain when four more have been
read. It does not tell where the tool is, and switches the motors off after a cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from firmware_io.hosts.base import HostReport, HostState
from firmware_io.hosts.http import HttpClient

_WHOLE = 100.0
_RUNNING = ("Starting", "Printing", "Resuming", "Finishing", "Pausing", "Cancelling", "Sending")


class OctoPrintHost:
    """``octoprint://HOST[:80]``."""

    name = "OctoPrint"
    lines_ahead = 4
    keeps_position = False

    def __init__(self, address: str, key: str = "") -> None:
        self.address = address
        self._http = HttpClient(address, 80, key)

    def report(self) -> HostReport:
        """How far it is."""
        told = self._http.get("/api/job")
        progress, state = told.get("progress") or {}, str(told.get("state", ""))
        return HostReport(
            state=_state(state, progress.get("completion")),
            file=str(told.get("job", {}).get("file", {}).get("name") or ""),
            file_position=int(progress.get("filepos") or 0),
            message=str(told.get("error", "") or state),
        )

    def upload(self, name: str, data: bytes) -> None:
        """Give it a file."""
        self._http.upload("/api/files/local", name, data, {"select": "false", "print": "false"})

    def start(self, name: str) -> None:
        """Run a file."""
        self._http.post(f"/api/files/local/{quote(name)}", {"command": "select", "print": True})

    def pause(self) -> None:
        """Send no more lines."""
        self._http.post("/api/job", {"command": "pause", "action": "pause"})

    def resume(self) -> None:
        """Go on after a pause."""
        self._http.post("/api/job", {"command": "pause", "action": "resume"})

    def stop(self) -> None:
        """End the job."""
        self._http.post("/api/job", {"command": "cancel"})

    def kill(self) -> None:
        """Stop everything at once."""
        self.run_lines(("M112",))

    def run_lines(self, lines: Sequence[str]) -> None:
        """Run lines outside a job; returns when they are queued."""
        self._http.post("/api/printer/command", {"commands": list(lines)})


def _state(text: str, completion: float | None) -> HostState:
    if text.startswith("Paused"):
        return HostState.PAUSED
    if text.startswith(_RUNNING):
        return HostState.RUNNING
    if not text.startswith("Operational"):
        return HostState.AWAY
    return HostState.DONE if completion == _WHOLE else HostState.READY
