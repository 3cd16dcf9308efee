"""How a session behaves: rates, patience, what is watched, written down and told to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from firmware_io.protocol.lines import Manners


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves.

    Attributes
    ----------
    baud : int
        Bits per second.
    other_bauds : tuple of int
        Rates that are tried when nothing that can be read comes at `baud`.
    silence_s : float
        How long a controller may say nothing at all, not even a greeting, until it is called silent.
    boot_wait_s : float
        How long a silent controller is given to boot after the port was opened.
    poll_s : float
        Seconds between status queries while something moves; never below 0.2.
    acknowledgement_timeout_s : float
        Patience for an acknowledgement while nothing moves.
    path_tolerance_mm : float
        How far the reported position may be from the path of the lines in flight; 0 switches the watch off.
    verify_steps : bool
        Ask for the position at the end of each step and compare it.
    wire_log : Path or None
        Where every byte, both ways, is written with its time.
    notify_command : str
        Run by the shell on pause, alarm, halt and end; ``{event}`` and ``{text}`` are put in (quoted).
    keep_awake : bool
        Ask the computer to stay awake while a job runs.
    manners : Manners
        How a home-made firmware (``"lines"``) talks.
    memory : Path or None
        Folder for what one session leaves for the next: whether a machine's position is known. Without it a controller
        that did not restart at the opening of the port is believed.
    """

    baud: int = 115200
    other_bauds: tuple[int, ...] = ()
    boot_wait_s: float = 2.5
    silence_s: float = 4.5
    poll_s: float = 0.25
    acknowledgement_timeout_s: float = 5.0
    path_tolerance_mm: float = 0.5
    verify_steps: bool = True
    wire_log: Path | None = None
    notify_command: str = ""
    keep_awake: bool = True
    manners: Manners = field(default_factory=Manners)
    memory: Path | None = None
