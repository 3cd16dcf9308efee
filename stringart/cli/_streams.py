"""The three standard streams, any of which may be closed, full or of an odd encoding: the work goes on, and it is said.

stderr is talk: what cannot be said is left out, and no work ends for it. stdout is data: where it cannot be written,
that is an error of one line. Names of files that are no text go out as the bytes that they came in as.
"""

import codecs
import errno
import io
import os
import sys
from typing import TextIO

from stringart.errors import OutputError
from stringart.files import reason_of

_ERRORS = "stringart-names"
_CLOSED: set[str] = set()
_KEPT: list[TextIO] = []


class _Talk(io.RawIOBase):
    """Bytes that are written if they can be."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: object) -> int:
        size = len(memoryview(data).cast("B"))  # type: ignore[arg-type]
        try:
            return self._raw.write(data) or size  # type: ignore[arg-type]
        except OSError:  # full, hung up, closed at the other end
            return size


class _Nowhere(io.TextIOWrapper):
    """In place of a stdout that is closed: keeps in mind whether anything was to be told there."""

    is_missed = False

    def write(self, text: str) -> int:
        self.is_missed = self.is_missed or bool(text)
        return super().write(text)


def prepare_streams() -> None:
    """Give the process three streams that can be used, whatever it was begun with."""
    codecs.register_error(_ERRORS, _as_they_came)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # in the order of the lowest free numbers
        if getattr(sys, name) is None:
            _CLOSED.add(name)
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 (open while we are)
    if "stdout" in _CLOSED:
        _KEPT.append(sys.stdout)  # as below
        sys.stdout = _Nowhere(sys.stdout.buffer, encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_ERRORS)
    buffer = getattr(sys.stderr, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # there is none between under PYTHONUNBUFFERED
    if isinstance(raw, io.RawIOBase):
        _KEPT.append(sys.stderr)  # it would close what it stands on
        talk = io.BufferedWriter(_Talk(raw))
        sys.stderr = io.TextIOWrapper(talk, sys.stderr.encoding, _ERRORS, line_buffering=True)


def _as_they_came(error: UnicodeError) -> tuple[str | bytes, int]:
    """Encode what an encoding lacks: the bytes of file names as they were, the rest as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if "\udc80" <= letter <= "\udcff":
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    return letter.encode("ascii", "backslashreplace").decode(), error.start + 1


def read_stdin(limit: int, kind: type[Exception]) -> bytes:
    """All bytes of stdin, at most one more than ``limit``.

    Raises
    ------
    Exception
        Of ``kind``, if it is closed or cannot be read.
    """
    if "stdin" in _CLOSED:
        raise kind("stdin is closed")
    try:
        return sys.stdin.buffer.read(limit + 1)
    except OSError as error:
        raise kind(f"stdin cannot be read: {error.strerror}") from error


def write_stdout(data: bytes) -> None:
    """Write all of ``data`` to stdout.

    Raises
    ------
    BrokenPipeError
        If who reads it is gone.
    OutputError
        If it is closed or full.
    """
    if "stdout" in _CLOSED:
        raise OutputError("stdout is closed", "name a file: -o FILE")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        forget(sys.stdout)
        raise
    except OSError as error:
        forget(sys.stdout)
        raise failure_of_stdout(error) from error


def failure_of_stdout(error: OSError) -> OutputError:
    """Say in one line why stdout could not be written."""
    reason, hint = reason_of(error)
    return OutputError(f"cannot write to stdout: {reason}", hint)


def flush_stdout() -> OutputError | None:
    """Write what is left; what went wrong, if anything did that is not said by who reads us being gone."""
    if isinstance(sys.stdout, _Nowhere) and sys.stdout.is_missed:
        return OutputError("stdout is closed: what was to be told there is lost", "leave it open, or send it to a file")
    try:
        sys.stdout.flush()
    except OSError as error:
        forget(sys.stdout)
        return None if error.errno == errno.EPIPE else failure_of_stdout(error)
    return None


def forget(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, so that the flush at exit does not fail again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):  # it is none of the system's
        return
