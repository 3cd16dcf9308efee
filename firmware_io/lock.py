"""One process per machine: a lock file, held by the operating system's own file lock.

A lock of a process that died is free at once, because the system lets go of it; the text in the file only
serves the message.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import IO

from firmware_io.errors import LockError


class MachineLock:
    """Holds the machine `identity` until :meth:`release`; raises LockError when another process has it."""

    def __init__(self, identity: str) -> None:
        folder = Path(tempfile.gettempdir()) / "firmware-io-locks"
        name = re.sub(r"[^A-Za-z0-9._-]", "_", identity)[:100]
        self.path = folder / f"{name}.lock"
        try:
            folder.mkdir(mode=0o1777, exist_ok=True)
            self._file: IO[str] = self.path.open("a+", encoding="ascii")
        except OSError as error:
            raise LockError(
                f"the lock {self.path} cannot be made: {error.strerror}", "may this user write there?"
            ) from error
        if not _lock(self._file):
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise LockError(f"process {holder} is running the machine at {identity}", "stop it there first")
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let go."""
        if not self._file.closed:
            self._file.truncate(0)
            self._file.close()


def _lock(file: IO[str]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 20)  # a byte that nobody reads
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
