"""What all hosts have in common: they are given a file, run it by themselves, and say how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from firmware_io.events import Position


class HostState(Enum):
    """What a host does."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # a line was refused
    AWAY = "away"  # the host answers, and its controller does not


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """What a host says of itself.

    Attributes
    ----------
    state : HostState
    file : str
        The file that runs, or was run last.
    file_position : int
        Bytes of it that the host has dealt with.
    position : Position or None
        Work position in mm; None where the host does not know it, or the machine is not homed.
    shift : Position or None
        An offset that is active (Klipper's G-code offset).
    message : str
        What the host says to it.
    """

    state: HostState
    file: str = ""
    file_position: int = 0
    position: Position | None = None
    shift: Position | None = None
    message: str = ""


class Host(Protocol):
    """A host that runs files.

    Every method raises PortError where the host cannot be reached, and HostError where it refuses.
    """

    address: str
    #: The host's own name, for people.
    name: str
    #: Lines beyond those that are done that a host may have read: their number is never taken for a proof.
    lines_ahead: int
    #: Whether a stop leaves the motors on and the position known.
    keeps_position: bool

    def report(self) -> HostReport:
        """How far it is."""
        ...

    def upload(self, name: str, data: bytes) -> None:
        """Give it a file."""
        ...

    def start(self, name: str) -> None:
        """Run a file."""
        ...

    def pause(self) -> None:
        """Stop after the line in hand; nothing else moves."""
        ...

    def resume(self) -> None:
        """Go on after a pause."""
        ...

    def stop(self) -> None:
        """End the job where it stands."""
        ...

    def kill(self) -> None:
        """Stop everything at once; the position is lost."""
        ...

    def run_lines(self, lines: Sequence[str]) -> None:
        """Run lines outside a job."""
        ...
