"""The folder of a batch: which files are made and unchanged, kept in one small record beside them.

A file counts as done if the record says what it was made from, that is what is asked for now, and its bytes are those
that were written. Without the record, or with a damaged one, everything is made again.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from stringart.errors import OutputError
from stringart.files import make_folder, write_atomically

RECORD, _LOCK = ".stringart-batch.json", ".stringart-one-batch-at-a-time.lock"
SHEET, PIECES = "contact-sheet", "pieces"
"""Names, without ending, of what tells the owner of all pieces."""
_FORMAT, _VERSION = "stringart-batch", 1
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be kept.

    Parameters
    ----------
    name : str
        In the folder.
    key : str
        What it was made from.
    data : bytes
    told : mapping
        What else is recorded of it.
    """

    name: str
    key: str
    data: bytes
    told: Mapping[str, object] = field(default_factory=dict)


class BatchFolder:
    """A folder that only one batch writes to at a time; a context manager.

    What sees to that is the lock of an empty file in it, which stays there.

    Parameters
    ----------
    path : Path
        Made if it is not there.

    Raises
    ------
    OutputError
        If it cannot be written, or another batch is at work in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path / _LOCK)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"another batch is at work in '{path}'", "wait for it, or name another folder") from None
        except OSError as error:
            raise OutputError(
                f"cannot write to '{path}': {error.strerror}", "choose a folder that you may write to"
            ) from error
        self._entries = _read_record(path / RECORD)

    def __enter__(self) -> "BatchFolder":
        return self

    def __exit__(self, *about: object) -> None:
        self._lock.release()  # its empty file stays: who unlinked it might unlink the one that another batch has locked

    def entry(self, name: str, key: str) -> Entry | None:
        """Return what is recorded of a file that is there, unchanged, and made from ``key``; else None."""
        entry = self._entries.get(name)
        if entry is None or entry.get("made_from") != key or _digest(self.path / name) != entry.get("sha256"):
            return None
        return entry

    def others(self, wanted: Sequence[str]) -> dict[str, Entry]:
        """Return what is recorded of plans that are there and not among the names ``wanted``."""
        return {
            name: entry
            for name, entry in self._entries.items()
            if "about" in entry and name not in wanted and (self.path / name).is_file()
        }

    def recorded(self, name: str) -> Entry:
        """Return what is recorded of a file; nothing if nothing is."""
        return self._entries.get(name, {})

    def keep(self, files: Sequence["File"]) -> list[str]:
        """Write files and record them.

        A file of that name which this folder's batches did not make, or which was changed since, is kept aside.

        Returns
        -------
        list of str
            Sentences about files that are kept under another name.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        said = [self._kept(file) for file in files]
        self._write_record()
        return [sentence for sentence in said if sentence]

    def _kept(self, file: "File") -> str:
        target, sha256 = self.path / file.name, hashlib.sha256(file.data).hexdigest()
        before, aside = _digest(target), ""
        if before is not None and before != sha256 and before != self._entries.get(file.name, {}).get("sha256"):
            aside = f"the '{file.name}' that was there is kept as '{_set_aside(target)}'"
        if before != sha256:
            make_folder(target.parent)
            write_atomically(target, file.data)
        self._entries[file.name] = {"made_from": file.key, "sha256": sha256, **file.told}
        return aside

    def _write_record(self) -> None:
        """A line a file: json's indenting encoder takes 18 ms for 500 pieces, this 6, and it is written with each."""
        lines = (f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(self._entries.items()))
        files = ",\n".join(lines)
        head = f'"format": {json.dumps(_FORMAT)}, "version": {json.dumps(_VERSION)}'
        write_atomically(self.path / RECORD, f'{{{head}, "files": {{\n{files}\n}}}}\n'.encode())


def _read_record(path: Path) -> dict[str, Entry]:
    try:
        record = json.loads(path.read_bytes())
        if record["format"] != _FORMAT or record["version"] != _VERSION:
            return {}
        return {name: entry for name, entry in record["files"].items() if isinstance(entry, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # made again


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _set_aside(target: Path) -> str:
    number = 0
    while (aside := target.with_name(f"{target.name}.old{number or ''}")).exists():
        number += 1
    try:
        target.replace(aside)
    except OSError as error:
        raise OutputError(f"cannot keep '{target}' as '{aside.name}': {error.strerror}") from error
    return aside.name


def plan_names(photos: Sequence[str]) -> list[str]:
    """Return a name without ending for the plan of each photo, no two alike.

    A plan is called as its photo, without the ending. Photos that would share a name get their whole name, ending and
    all, and then as much of their folders as tells them apart: ``a/cat.jpg`` and ``b/cat.jpg`` are ``a-cat.jpg`` and
    ``b-cat.jpg``.

    Examples
    --------
    >>> plan_names(["cat.jpg", "x/dog.jpg", "x/dog.png", "a/owl.jpg", "b/owl.jpg"])
    ['cat', 'dog.jpg', 'dog.png', 'a-owl.jpg', 'b-owl.jpg']
    """
    paths = [Path(os.path.abspath(photo)) for photo in photos]  # noqa: PTH100 (links are not followed)
    names = [path.stem for path in paths]
    for depth in range(1, max((len(path.parts) for path in paths), default=0)):
        places: dict[str, set[str]] = {}
        for name, path in zip(names, paths, strict=True):
            places.setdefault(name.casefold(), set()).add(os.fspath(path).casefold())
        longer = ["-".join(path.parts[-depth:]) for path in paths]
        names = [long if len(places[name.casefold()]) > 1 else name for name, long in zip(names, longer, strict=True)]
    return numbered(names)


def numbered(names: Sequence[str]) -> list[str]:
    """Return names of which no two are alike, and none is that of a record or of what tells of all pieces."""
    taken = {Path(RECORD).stem.casefold(), SHEET, PIECES}
    numbered = []
    for name in names:
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{name}-{number}"
        taken.add(free.casefold())
        numbered.append(free)
    return numbered
