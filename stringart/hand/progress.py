"""How far each piece is wound, kept so that a power cut costs at most the last step.

One journal a piece in the user's state folder, named by the plan's hash: a JSON line appended and flushed to the disk
for every change. A line that was torn is dropped when the journal is opened, the line before it counts. The terminal
guide and the studio share it; a lock keeps two windows from winding the same piece.

    with ProgressStore().open(plan, "portrait.json") as progress:
        guide = Guide(plan, progress.place, progress.recent_s)
        if guide.next(now_s):
            progress.record(guide.place, guide.recent_s[-1:])
"""

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from filelock import FileLock, Timeout

from stringart.errors import OutputError, StringartError
from stringart.files import write_atomically
from stringart.folders import state_folder
from stringart.hand.guide import Place
from stringart.plan.model import Plan

FORMAT, VERSION = "stringart-progress", 1
_RECENT = 60
_LONG_BYTES = 2**20  # a longer journal is cut to its last place when it is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece in progress.

    Parameters
    ----------
    key : str
        Name of its journal.
    name : str
        Of the copy, if the same plan is wound more than once.
    plan_sha256, plan_file : str
    place : Place
    total : int
        Steps of the plan.
    at_s : float
        Unix time of the last change.
    """

    key: str
    name: str
    plan_sha256: str
    plan_file: str
    place: Place
    total: int
    at_s: float


class ProgressStore:
    """All pieces of this user.

    Parameters
    ----------
    folder : path-like, optional
        By default ``progress`` in the user's state folder; the environment variable ``STRINGART_STATE_DIR`` names
        another.
    clock : callable
        Unix time.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = Path(folder) if folder else state_folder() / "progress"
        self._clock = clock

    def open(self, plan: Plan, plan_file: str = "", name: str = "", *, restart: bool = False) -> "Progress":
        """Open a piece's journal, or begin it, and lock it.

        Parameters
        ----------
        plan : Plan
        plan_file : str
            Shown in lists.
        name : str
            Tells copies of the same plan apart.
        restart : bool
            Forget what is there; it is kept beside, as ``.old``.

        Raises
        ------
        OutputError
            If it cannot be kept.
        StringartError
            If the piece is open in another window.
        """
        head = {
            "format": FORMAT,
            "version": VERSION,
            "plan": plan.sha256,
            "file": plan_file,
            "name": name,
            "total": len(plan.steps),
        }
        return Progress(self.folder / f"{_key(plan, name)}.jsonl", head, self._clock, restart)

    def pieces(self) -> list[Piece]:
        """Every piece, the one that was wound last first."""
        found = [_piece(path) for path in self.folder.glob("*.jsonl")] if self.folder.is_dir() else []
        return sorted((piece for piece in found if piece), key=lambda piece: -piece.at_s)


class Progress:
    """The journal of one piece, locked while it is open; a context manager.

    Attributes
    ----------
    place : Place
        Where the piece stands.
    recent_s : tuple of float
        Seconds that the last steps took, oldest first.
    resumed : bool
        True if there was a journal.
    """

    def __init__(self, path: Path, head: dict[str, Any], clock: Callable[[], float], restart: bool) -> None:
        self._path, self._clock = path, clock
        self.place, self.resumed = Place(), False
        self.recent_s: tuple[float, ...] = ()
        self._lock = _locked(path)
        try:
            if restart and path.exists():
                path.replace(path.with_suffix(".jsonl.old"))
            self._file = self._prepared(head)
        except BaseException as error:
            self._lock.release()
            if isinstance(error, OSError):
                raise _failure(path, error) from error
            raise

    def _prepared(self, head: dict[str, Any]) -> IO[bytes]:
        """Read what is there, drop a torn end, write the head if it is missing."""
        data = self._path.read_bytes() if self._path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        lines = _lines(whole)
        places = [line for line in lines if "done" in line]
        if places:
            self.place, self.resumed = _place(places[-1]), True
            recent = [s for line in places[-_RECENT:] for s in line.get("recent_s", [])]
            self.recent_s = tuple(recent[-_RECENT:])
        if not lines or "format" not in lines[0] or lines[0].get("file") != head["file"] or len(whole) > _LONG_BYTES:
            kept = [self._line(self.place, self.recent_s)] if places else []
            write_atomically(self._path, b"".join([_encoded(head), *kept]))
        elif len(whole) < len(data):
            os.truncate(self._path, len(whole))
        return self._path.open("ab", buffering=0)

    def record(self, place: Place, recent_s: Iterable[float] = ()) -> None:
        """Keep a change; when this returns it is on the disk.

        Parameters
        ----------
        place : Place
        recent_s : iterable of float
            Seconds of the steps that were done since the last record.

        Raises
        ------
        OutputError
            If the disk is full or gone; what was recorded before is safe.
        """
        seconds = tuple(recent_s)
        try:
            self._file.write(self._line(place, seconds))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _failure(self._path, error) from error
        self.place, self.recent_s = place, (*self.recent_s, *seconds)[-_RECENT:]

    def _line(self, place: Place, recent_s: tuple[float, ...]) -> bytes:
        line: dict[str, Any] = {"done": place.done, "tied": place.tied, "at_s": round(self._clock(), 1)}
        if recent_s:
            line["recent_s"] = [round(s, 2) for s in recent_s]
        if place.paused:
            line["paused"] = True
        if place.spools:
            line["spools"] = {str(thread): done for thread, done in place.spools.items()}
        return _encoded(line)

    def close(self) -> None:
        """Close the journal and free the piece."""
        self._file.close()
        self._lock.release()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _key(plan: Plan, name: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:40]
    if not name:
        return plan.sha256
    return f"{plan.sha256}-{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _locked(path: Path) -> FileLock:
    lock = FileLock(path.with_suffix(".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise StringartError(
            "this piece is being wound in another window", "close it there, or name a copy with --piece NAME"
        ) from None
    except OSError as error:
        raise _failure(path, error) from error
    return lock


def _failure(path: Path, error: OSError) -> OutputError:
    hint = "free some space, or set STRINGART_STATE_DIR to a folder that can be written"
    return OutputError(f"progress cannot be kept in '{path}': {error.strerror or error}", hint)


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _lines(data: bytes) -> list[dict[str, Any]]:
    """Every line that can be read; a damaged one is passed over."""
    found = []
    for line in data.splitlines():
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict) and ("format" in value or type(value.get("done")) is int):
                found.append(value)
    return found


def _place(line: dict[str, Any]) -> Place:
    spools = line.get("spools")
    known = {int(k): int(v) for k, v in spools.items()} if isinstance(spools, dict) else {}
    return Place(done=line["done"], tied=line.get("tied") is True, paused=line.get("paused") is True, spools=known)


def _piece(path: Path) -> Piece | None:
    try:
        lines = _lines(path.read_bytes())
    except OSError:
        return None
    places = [line for line in lines if "done" in line]
    if not lines or lines[0].get("format") != FORMAT:
        return None
    head, last = lines[0], places[-1] if places else {"done": 0}
    return Piece(
        key=path.stem,
        name=str(head.get("name", "")),
        plan_sha256=str(head.get("plan", "")),
        plan_file=str(head.get("file", "")),
        place=_place(last),
        total=int(head.get("total", 0)),
        at_s=float(last.get("at_s", path.stat().st_mtime)),
    )
