"""A log of every byte both ways, with times."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from firmware_io.errors import FirmwareError


class WireLog:
    """Appends ``seconds > 'sent'`` and ``seconds < 'received'`` lines to a file.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a", encoding="ascii", buffering=1)
        except OSError as error:
            raise FirmwareError(
                f"the log {path} cannot be written: {error.strerror}", "choose another file for it"
            ) from error
        self._lock = threading.Lock()
        self._begin_s = time.monotonic()
        self._write(f"# {time.strftime('%Y-%m-%d %H:%M:%S')}; seconds, direction, bytes\n")

    def sent(self, data: bytes) -> None:
        """Note bytes for the controller."""
        self._note(">", data)

    def received(self, data: bytes) -> None:
        """Note bytes of the controller."""
        self._note("<", data)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # of a full disk
            self._file.close()

    def _note(self, direction: str, data: bytes) -> None:
        self._write(f"{time.monotonic() - self._begin_s:12.6f} {direction} {data!r}\n")

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._file.write(text)
            except (OSError, ValueError):
                return  # a log must never stop a machine (full disk, closed at the end)
