"""What is physically done, on disk before anything else happens.

One line a record: a checksum, a space, JSON. ``done`` records are flushed to the disk (fsync) before the next
step begins; ``at`` records (lines acknowledged and sent, last position) are written without waiting for the
disk: they survive the death of the process, and sharpen the recovery. A torn last record is cut off at the next
opening. The file is only ever appended to.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from firmware_io.arguments import instance, journal_path
from firmware_io.errors import JournalError
from firmware_io.events import Position
from firmware_io.job import Job

_VERSION = 1
_LOSES_POSITION = frozenset({"alarm", "rebooted", "emergency"})


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
        The step that comes after that way.
    acknowledged, sent : int
        Lines of the step (or way) in flight.
    last_seen : Position or None
        Work position in the last status report.
    begin : Position or None
        Work position where the step (or way) in flight begins.
    reason, kind : str
        Why the job last ended; empty when it did not say (a crash).
    position_lost : bool
        What ended the job put the controller's position in doubt, and nothing has been done since.
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
    begin: Position | None = None
    reason: str = ""
    kind: str = ""
    position_lost: bool = False
    finished: bool = False
    repaired: bool = False

    @property
    def begun(self) -> bool:
        """Whether lines were sent whose end is not on record."""
        return self.way_lines is not None or self.sent > 0


class Journal:
    """An open journal; make it with :meth:`create` or :meth:`open`, close it or use it as a context."""

    def __init__(self, path: Path, descriptor: int, state: JournalState, size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._state = state
        self._size = size
        self._closed = False
        self.before_close: Callable[[], None] | None = None  # set by the session whose job it is of

    @classmethod
    def create(cls, path: Path | str, job: Job, meta: Mapping[str, object] | None = None) -> Journal:
        """Begin a journal.

        Raises
        ------
        JournalError
            When the file exists (resume it or move it away) or cannot be written.
        """
        path = journal_path(path)
        instance(job, Job, "job", "the path comes first, then the job", JournalError)
        state = JournalState(job_name=job.name, job_sha256=job.sha256, step_count=len(job.steps), meta=dict(meta or {}))
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _CLOEXEC, 0o644)
        except FileExistsError:
            raise JournalError(f"the journal {path} exists", "resume that job, or move its journal away") from None
        except OSError as error:
            raise JournalError(f"the journal {path} cannot be made: {error.strerror}") from error
        journal = cls(path, descriptor, state, 0)
        header = {
            "t": "job",
            "version": _VERSION,
            "name": job.name,
            "sha256": state.job_sha256,
            "steps": state.step_count,
            "meta": state.meta,
            "time": time.time(),
        }
        journal._write(header, flush=True)
        _flush_folder(path.parent)
        return journal

    @classmethod
    def open(cls, path: Path | str, job: Job | None = None) -> Journal:
        """Go on with a journal.

        Parameters
        ----------
        path : Path
        job : Job, optional
            Refuse a journal that belongs to other bytes than this job's.

        Raises
        ------
        JournalError
            When it cannot be read, is damaged, or belongs to another job.
        """
        path = journal_path(path)
        if job is not None:
            instance(job, Job, "job", "the path comes first, then the job", JournalError)
        state, size = _read(path)
        if job is not None and job.sha256 != state.job_sha256:
            raise JournalError(
                f"the journal {path} belongs to another job: its lines hash to {state.job_sha256[:12]}, "
                f"this job's to {job.sha256[:12]}",
                "make the job again with the same plan, profile and version, or begin a new journal",
            )
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | _CLOEXEC)
            os.ftruncate(descriptor, size)
        except OSError as error:
            raise JournalError(f"the journal {path} cannot be written: {error.strerror}") from error
        return cls(path, descriptor, state, size)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def state(self) -> JournalState:
        """What it says now."""
        return self._state

    def close(self) -> None:
        """Close the file; a job that still writes to it is stopped first."""
        if self._closed:
            return
        if self.before_close is not None:
            self.before_close()
        self._closed = True
        os.close(self._descriptor)

    # --- what a session writes ---
    def started(self, position: Position | None) -> None:
        """A session takes the job up, the tool at `position`."""
        self._write({"t": "start", "p": position, "time": time.time()}, flush=True)

    def step_done(self, index: int, position: Position | None) -> None:
        """Step `index` is physically done, its end is `position`: on disk when this returns."""
        self._write({"t": "done", "i": index, "p": position}, flush=True)

    def way_begun(self, lines: tuple[str, ...], next_step: int, position: Position | None) -> None:
        """A way (recovery, jump) begins at `position`, after which `next_step` comes."""
        self._write({"t": "way", "l": lines, "n": next_step, "p": position}, flush=True)

    def way_done(self, next_step: int, position: Position | None) -> None:
        """The way is done and ended at `position`; also: go on at `next_step` without a way."""
        self._write({"t": "wayend", "n": next_step, "p": position}, flush=True)

    def progress(self, acknowledged: int, sent: int, position: Position | None) -> None:
        """Lines of the step in flight; not waited for."""
        self._write({"t": "at", "a": acknowledged, "s": sent, "p": position}, flush=False)

    def ended(self, kind: str, reason: str) -> None:
        """The job ends early."""
        self._write({"t": "end", "k": kind, "why": reason}, flush=True)

    def finished(self) -> None:
        """All steps are done."""
        self._write({"t": "finished", "time": time.time()}, flush=True)

    def _write(self, record: dict[str, object], flush: bool) -> None:
        if self._closed:  # its descriptor may be another file's by now
            raise JournalError(f"the journal {self.path} is closed", "keep it open as long as the job runs")
        data = _encode(record)
        try:
            done = os.write(self._descriptor, data)
            if done != len(data):
                raise OSError(28, "No space left on device")
            if flush:
                os.fsync(self._descriptor)
        except OSError as error:
            self._take_back()
            raise JournalError(
                f"the journal {self.path} cannot be written: {error.strerror}",
                "make room on the disk; nothing is lost, the machine stands",
            ) from error
        self._size += len(data)
        self._state = _apply(self._state, record)

    def _take_back(self) -> None:
        """Cut off what a failed write may have left; if that fails too, the next opening does it."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            return


_CLOEXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_journal(path: Path | str) -> JournalState:
    """What the journal at `path` says, without opening it for writing; raises JournalError."""
    return _read(journal_path(path))[0]


def _encode(record: dict[str, object]) -> bytes:
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(line: bytes) -> dict[str, object] | None:
    if len(line) < 10 or line[8:9] != b" ":
        return None
    try:
        if int(line[:8], 16) != zlib.crc32(line[9:]):
            return None
        record = json.loads(line[9:])
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _read(path: Path) -> tuple[JournalState, int]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"the journal {path} cannot be read: {error.strerror}") from error
    good, records, torn = 0, [], False
    for number, (end, record) in enumerate(_records(data), start=1):
        if record is None:
            torn = True
        elif torn:
            raise JournalError(f"the journal {path} is damaged before its record {number}", "restore it from a copy")
        else:
            good = end
            records.append(record)
    if not records or records[0].get("t") != "job":
        raise JournalError(f"{path} is not a journal of a job", "name the journal that was begun with the job")
    if records[0].get("version") != _VERSION:
        raise JournalError(
            f"the journal {path} has version {records[0].get('version')}; this program reads {_VERSION}",
            "finish the job with the version that began it",
        )
    state = _begin(records[0])
    for record in records[1:]:
        state = _apply(state, record)
    return replace(state, repaired=torn), good


def _records(data: bytes) -> Iterator[tuple[int, dict[str, object] | None]]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        stop = len(data) if end < 0 else end
        yield stop + 1, (None if end < 0 else _decode(data[at:stop]))
        at = stop + 1


def _begin(header: dict[str, Any]) -> JournalState:
    return JournalState(
        job_name=str(header["name"]),
        job_sha256=str(header["sha256"]),
        step_count=int(header["steps"]),
        meta=header.get("meta") or {},
    )


def _apply(state: JournalState, record: dict[str, Any]) -> JournalState:
    kind = record.get("t")
    here = tuple(record["p"]) if record.get("p") else None
    if kind == "at":
        lines = {"acknowledged": record["a"], "sent": record["s"]}
        return replace(state, **lines, last_seen=here or state.last_seen, reason="", kind="", position_lost=False)
    if kind == "end":
        lost = state.position_lost or record["k"] in _LOSES_POSITION
        return replace(state, reason=record["why"], kind=record["k"], position_lost=lost)
    fresh = replace(state, acknowledged=0, sent=0, reason="", kind="", position_lost=False, begin=here)
    fresh = replace(fresh, last_seen=here or state.last_seen, way_lines=None, way_next_step=0)
    if kind == "start":
        return replace(state, begin=here) if not state.begun else state
    if kind == "done":
        return replace(fresh, next_step=record["i"] + 1)
    if kind == "way":
        return replace(fresh, way_lines=tuple(record["l"]), way_next_step=record["n"])
    if kind == "wayend":
        return replace(fresh, next_step=record["n"])
    if kind == "finished":
        return replace(fresh, finished=True)
    return state


def _flush_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
