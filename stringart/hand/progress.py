"""How far each piece is wound, kept so that a power cut costs at most the last step.

One journal a piece in the user's state folder, named by the plan's hash: a JSON line appended and flushed to the disk
for every change. A line that was torn is dropped when the journal is opened, the line before it counts. The terminal
guide and the studio share it; a lock keeps two windows from winding the same piece.

    with ProgressStore().open(plan, "portrait.json") as progress:
        guide = Guide(plan, progress.place, progress.recent_s)
        if guide.next(now_s):
            progress.record(guide.place, guide.took)

What is kept counts straight pieces of thread, as the plan does (``done``), beside the steps that people count
(``step``): a journal stays right if what counts as one step should ever change, and those of before, which knew pieces
only, are read. A place within a walk along the rim is that walk's beginning.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from filelock import FileLock, Timeout

from stringart.errors import OutputError, StringartError
from stringart.files import write_atomically
from stringart.folders import state_folder
from stringart.hand.guide import TIMED, Standing
from stringart.plan.model import Plan
from stringart.plan.steps import Kind, steps_of

FORMAT, VERSION = "stringart-progress", 1
_RECENT = 60
_LONG_BYTES = 2**20  # a longer journal is cut to its last place when it is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedPiece:
    """A piece in progress.

    Parameters
    ----------
    key : str
        Name of its journal.
    name : str
        Of the copy, if the same plan is wound more than once.
    plan_sha256, plan_file : str
    done, total : int
        Steps on the board and steps of the plan; of a journal of before, straight pieces of thread.
    at_s : float
        Unix time of the last change.
    """

    key: str
    name: str
    plan_sha256: str
    plan_file: str
    done: int
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
        pieces = (0, *(step.stop for step in steps_of(plan)))
        head["steps"] = len(pieces) - 1
        return Progress(self.folder / f"{_key(plan, name)}.jsonl", head, pieces, self._clock, restart=restart)

    def pieces(self) -> list[StartedPiece]:
        """Every piece, the one that was wound last first."""
        found = [_piece(path) for path in self.folder.glob("*.jsonl")] if self.folder.is_dir() else []
        return sorted((piece for piece in found if piece), key=lambda piece: -piece.at_s)


class Progress:
    """The journal of one piece, locked while it is open; a context manager.

    Attributes
    ----------
    place : Standing
        Where the piece stands.
    recent_s : dict of Kind to tuple of float
        Seconds that the last steps of each kind took, oldest first.
    resumed : bool
        True if there was a journal.
    """

    def __init__(
        self, path: Path, head: dict[str, object], pieces: tuple[int, ...], clock: Callable[[], float], *, restart: bool
    ) -> None:
        self._path, self._clock, self._pieces = path, clock, pieces
        self.place = Standing()
        self.recent_s: dict[Kind, tuple[float, ...]] = {}
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

    def _prepared(self, head: dict[str, object]) -> IO[bytes]:
        """Read what is there, drop a torn end, write the head if it is missing."""
        data = self._path.read_bytes() if self._path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        lines = _lines(whole)
        self._check_version(lines)
        places = [line for line in lines if "done" in line]
        if places:
            self.place = self._place(places[-1])
            for kind, seconds in (took for line in places for took in _took(line)):
                self._remember(kind, seconds)
        known = lines[0] if lines and "format" in lines[0] else {}
        if any(known.get(key) != head[key] for key in ("file", "steps")) or len(whole) > _LONG_BYTES:
            kept = [_encoded(self._line(self.place) | {"took_s": self.recent_s})] if places else []
            write_atomically(self._path, b"".join([_encoded(head), *kept]))
        elif len(whole) < len(data):
            os.truncate(self._path, len(whole))
        return self._path.open("ab", buffering=0)

    def _check_version(self, lines: list[dict[str, object]]) -> None:
        version = lines[0].get("version", VERSION) if lines and "format" in lines[0] else VERSION
        if version != VERSION:
            raise StringartError(
                f"the progress in '{self._path}' is of version {version}, this stringart reads version {VERSION}",
                "use the stringart that wound it, or begin anew with --restart (the old progress is kept beside)",
            )

    def _place(self, line: dict[str, Any]) -> Standing:
        """The place of a line, in steps; one within a walk along the rim is the walk's beginning."""
        spools = line.get("spools")
        known = {int(k): self._step(int(v)) for k, v in spools.items()} if isinstance(spools, dict) else {}
        done = self._step(line["done"])
        spool_mm = line.get("spool_mm", 0)
        return Standing(
            done=done,
            tied=line.get("tied") is True or self._pieces[done] < line["done"],
            paused=line.get("paused") is True,
            spools=known,
            spool_mm=float(spool_mm) if isinstance(spool_mm, (int, float)) and spool_mm > 0 else None,
            jumps=self._jumps(line.get("jumps")),
        )

    def _jumps(self, kept: object) -> tuple[tuple[int, bool], ...]:
        pairs = [pair for pair in kept if isinstance(pair, list) and len(pair) == 2] if isinstance(kept, list) else []
        return tuple((self._step(done), tied is True) for done, tied in pairs if type(done) is int)

    def _step(self, pieces: int) -> int:
        """How many whole steps so many pieces are."""
        return bisect_right(self._pieces, min(max(pieces, 0), self._pieces[-1])) - 1

    def _remember(self, kind: Kind, seconds: float) -> None:
        self.recent_s[kind] = (*self.recent_s.get(kind, ()), seconds)[-_RECENT:]

    def record(self, place: Standing, took: tuple[Kind, float] | None = None) -> None:
        """Keep a change; when this returns it is on the disk.

        Parameters
        ----------
        place : Standing
        took : (Kind, float), optional
            What was done since the last record, and its seconds.

        Raises
        ------
        OutputError
            If the disk is full or gone; what was recorded before is safe.
        """
        line = self._line(place)
        if took:
            line["took_s"] = {took[0]: [round(took[1], 2)]}
        try:
            self._file.write(_encoded(line))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _failure(self._path, error) from error
        self.place = place
        if took:
            self._remember(*took)

    def _line(self, place: Standing) -> dict[str, object]:
        line: dict[str, object] = {"done": self._pieces[place.done], "step": place.done, "tied": place.tied}
        line["at_s"] = round(self._clock(), 1)
        if place.paused:
            line["paused"] = True
        if place.spools:
            line["spools"] = {str(thread): self._pieces[done] for thread, done in place.spools.items()}
        if place.spool_mm is not None:
            line["spool_mm"] = place.spool_mm
        if place.jumps:
            line["jumps"] = [[self._pieces[done], tied] for done, tied in place.jumps]
        return line

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


def _encoded(line: dict[str, object]) -> bytes:
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


def _took(line: dict[str, Any]) -> list[tuple[Kind, float]]:
    """Kinds and seconds of a line; a journal of before does not tell kinds apart, and most of its steps are chords."""
    took = line.get("took_s")
    by_kind = took if isinstance(took, dict) else {Kind.CHORD: line.get("recent_s", [])}
    return [
        (kind, float(s))
        for kind in TIMED
        for s in (by_kind.get(kind) if isinstance(by_kind.get(kind), list) else []) or []
        if type(s) in (int, float)
    ]


def _piece(path: Path) -> StartedPiece | None:
    try:
        lines = _lines(path.read_bytes())
    except OSError:
        return None
    places = [line for line in lines if "done" in line]
    if not lines or lines[0].get("format") != FORMAT:
        return None
    head, last = lines[0], places[-1] if places else {"done": 0, "step": 0}
    return StartedPiece(
        key=path.stem,
        name=str(head.get("name", "")),
        plan_sha256=str(head.get("plan", "")),
        plan_file=str(head.get("file", "")),
        done=int(last["step"] if "step" in last and "steps" in head else last["done"]),
        total=int(head["steps"] if "step" in last and "steps" in head else head.get("total", 0)),
        at_s=float(last.get("at_s", path.stat().st_mtime)),
    )
