"""What one session leaves for the next: whether the position was known, and where the controller said that it was.

A controller that has restarted since says zero, wherever its tool stands, and nothing else tells where the opening of
the port did not restart it. So a session marks the machine as under way at its beginning, and says where it stands at
its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from firmware_io.events import Position

_SAME_MM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A machine as it was left.

    Attributes
    ----------
    known : bool
        Its position was known.
    machine_position : Position or None
        Where it stood; None: a session was under way and did not come to its end.
    shift : Position or None
        The part of the work offset that a reset clears (G92).
    work_position : Position or None
        Where the tool was last seen, for people.
    """

    known: bool
    machine_position: Position | None = None
    shift: Position | None = None
    work_position: Position | None = None

    def doubt(self, machine_position: Position | None, shift: Position | None) -> str:
        """Why the position that a controller tells now cannot be believed; empty if it can."""
        if not self.known:
            return "the position was not known when the last session ended"
        at_zero = is_at_zero(machine_position)
        stood_there = self.machine_position is not None and _same(machine_position, self.machine_position)
        if at_zero and not stood_there:
            return "the controller has restarted since it was last used: it stands at its zero, wherever the tool is"
        if self.shift is not None and any(self.shift) and shift is not None and not _same(shift, self.shift):
            return "what the controller was told of the tool's place (G92) was cleared by a reset since"
        return ""


def doubt_of_greeting(machine_position: Position | None) -> str:
    """Why a controller that greets everybody as after a restart cannot be believed; empty if it can."""
    if not is_at_zero(machine_position):
        return ""
    return "the controller stands at its zero and greets as after a restart: nobody knows where the tool is"


def is_at_zero(position: Position | None) -> bool:
    """Whether a controller stands at its zero, as after a restart."""
    return position is not None and _same(position, (0.0,) * len(position))


def _same(a: Position | None, b: Position) -> bool:
    return a is not None and len(a) == len(b) and all(abs(p - q) <= _SAME_MM for p, q in zip(a, b, strict=True))


class Memory:
    """The record of one machine, a small file in `folder`.

    Parameters
    ----------
    folder : Path
    identity : str
        The machine's name that outlives another device name.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.path = folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', identity)[:100]}.json"

    def read(self) -> Remembered | None:
        """What the last session left; None if there was none, or its record cannot be read."""
        try:
            record = json.loads(self.path.read_text("ascii"))
            return Remembered(
                known=record["known"] is True,
                machine_position=_position(record["machine"]),
                shift=_position(record["shift"]),
                work_position=_position(record["work"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, machine: Remembered) -> None:
        """Keep a record, whole or not at all; a disk that is full does not stop a machine."""
        record = {
            "known": machine.known, "machine": machine.machine_position, "shift": machine.shift,
            "work": machine.work_position,
        }  # fmt: skip
        beside = self.path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(record), "ascii")
            beside.replace(self.path)


def _position(values: list[float] | None) -> Position | None:
    return None if values is None else tuple(float(value) for value in values)
