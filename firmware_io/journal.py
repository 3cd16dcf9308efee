"""What is physically done, on disk before anything else happens.

One line a record: a checksum, a space, JSON. ``done`` records are flushed to the disk (fsync) before the next
step begins; ``at`` records (lines acknowledged and sent, last position) are written without waiting for the
disk: they survive the death of the process, and sharpen the recovery. A torn last line is cut off at the next
opening. The file is only ever appended to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from firmware_io.events import Position
from firmware_io.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """What a journal says.

    Attributes
    ----------
    job_name, job_sha256, step_count
        Of the job that it belongs to.
    meta : mapping
        What the caller put into the header (profile, plan hash, port, serial number ...).
    next_step : int
        The first step that is not known to be done.
    way_lines : tuple of str or None
        Lines of a recovery or jump that was begun and not finished.
    way_next_step : int
    acknowledged, sent : int
        Lines of the step (or way) in flight.
    last_seen : Position or None
        Last work position.
    reason : str
        Why the job last ended; empty when it did not say.
    finished : bool
        All steps are done.
    repaired : bool
        A torn last record was left out.
    """

    job_name: str
    job_sha256: str
    step_count: int
    meta: Mapping[str, object] = field(default_factory=dict)
    next_step: int = 0
    way_lines: tuple[str, ...] | None = None
    way_next_step: int = 0
    acknowledged: int = 0
    sent: int = 0
    last_seen: Position | None = None
    reason: str = ""
    finished: bool = False
    repaired: bool = False


class Journal:
    """An open journal; make it with :meth:`create` or :meth:`open`."""

    @classmethod
    def create(cls, path: Path, job: Job, meta: Mapping[str, object] | None = None) -> Journal:
        """Begin a journal; refuses a path that exists (resume it or move it away)."""
        raise NotImplementedError

    @classmethod
    def open(cls, path: Path, job: Job | None = None) -> Journal:
        """Go on with a journal; with `job`, refuses one that belongs to other bytes."""
        raise NotImplementedError

    @property
    def state(self) -> JournalState:
        """What it says now."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError


def read_journal(path: Path) -> JournalState:
    """What the journal at `path` says, without opening it for writing."""
    raise NotImplementedError
