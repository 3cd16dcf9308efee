"""Klipper behind Moonraker: https://moonraker.readthedocs.io, "Printer Administration" and "File Management".

``virtual_sdcard.file_position`` moves on when Klipper has dealt with a line, and it has dealt with ``M400`` when all
motion before it has ended: so the position in the file proves the steps. A pause and a stop are said by ``M25`` and
``SDCARD_RESET_FILE``, which move nothing: the macros PAUSE and CANCEL_PRINT of many set-ups park the tool, across pins
and threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firmware_io.errors import HostError
from firmware_io.events import Position
from firmware_io.hosts.base import HostReport, HostState
from firmware_io.hosts.http import HttpClient

_STATES = {
    "standby": HostState.READY,
    "printing": HostState.RUNNING,
    "paused": HostState.PAUSED,
    "complete": HostState.DONE,
    "cancelled": HostState.CANCELLED,
    "error": HostState.FAILED,
}
_OBJECTS = {
    "webhooks": ["state", "state_message"],
    "print_stats": ["state", "filename", "message"],
    "virtual_sdcard": ["file_position"],
    "pause_resume": ["is_paused"],
    "toolhead": ["homed_axes"],
    "gcode_move": ["gcode_position", "homing_origin"],
}
_AXES = 3
_KLIPPY_AWAY = 503


class MoonrakerHost:
    """``moonraker://HOST[:7125]``."""

    name = "Moonraker"
    lines_ahead = 0
    keeps_position = True

    def __init__(self, address: str, key: str = "") -> None:
        self.address = address
        self._http = HttpClient(address, 7125, key)

    def report(self) -> HostReport:
        """How far it is."""
        try:
            told = self._status()
        except HostError as error:
            if error.status == _KLIPPY_AWAY:
                return HostReport(state=HostState.AWAY, message=str(error))
            raise
        hooks, stats = told.get("webhooks", {}), told.get("print_stats", {})
        if hooks.get("state", "ready") != "ready":
            first = str(hooks.get("state_message", "")).split("\n")[0]
            return HostReport(state=HostState.AWAY, message=f"Klipper is in {hooks['state']}: {first}")
        move = told.get("gcode_move", {})
        homed = set("xyz") <= set(told.get("toolhead", {}).get("homed_axes", ""))
        return HostReport(
            state=_STATES.get(stats.get("state", ""), HostState.READY),
            file=str(stats.get("filename", "")),
            file_position=int(told.get("virtual_sdcard", {}).get("file_position", 0)),
            position=_position(move.get("gcode_position")) if homed else None,
            shift=_position(move.get("homing_origin")),
            message=str(stats.get("message", "")),
        )

    def upload(self, name: str, data: bytes) -> None:
        """Give it a file."""
        self._http.upload("/server/files/upload", name, data, {"root": "gcodes"})

    def start(self, name: str) -> None:
        """Run a file."""
        self._http.post("/printer/print/start", {"filename": name}, is_long=True)

    def pause(self) -> None:
        """Stop after the line in hand."""
        self.run_lines(("M25",))

    def resume(self) -> None:
        """Go on; with Klipper's own word where the pause was made by its own."""
        by_macro = self._status().get("pause_resume", {}).get("is_paused")
        if by_macro:
            self._http.post("/printer/print/resume", is_long=True)
        else:
            self.run_lines(("M24",))

    def stop(self) -> None:
        """End the job where it stands."""
        self.run_lines(("SDCARD_RESET_FILE",))

    def kill(self) -> None:
        """Stop everything at once."""
        self._http.post("/printer/emergency_stop")

    def run_lines(self, lines: Sequence[str]) -> None:
        """Run lines outside a job; returns when they are done."""
        self._http.post("/printer/gcode/script", {"script": "\n".join(lines)}, is_long=True)

    def _status(self) -> dict[str, Any]:
        answer = self._http.post("/printer/objects/query", {"objects": _OBJECTS})
        status: dict[str, Any] = answer["result"]["status"]
        return status


def _position(values: Sequence[float] | None) -> Position | None:
    return tuple(float(value) for value in values[:_AXES]) if values else None
