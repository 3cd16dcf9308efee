"""What a caller in Python gives, checked where it is given: one line that names the argument."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from firmware_io.errors import FirmwareError, JobError, JournalError

T = TypeVar("T")


def instance(
    value: object, kind: type[T], name: str, hint: str = "", error: type[FirmwareError] = JobError, article: str = "a"
) -> T:
    """Return what is of a kind.

    Raises
    ------
    FirmwareError
        With the argument, the kind that is wanted and the one that came.
    """
    if not isinstance(value, kind):
        raise error(f"{name} should be {article} {kind.__name__}, not {_told(value)}", hint)
    return value


def journal_path(value: object) -> Path:
    """Return the path of a journal.

    Raises
    ------
    JournalError
        If it is none.
    """
    if not isinstance(value, str | os.PathLike):
        raise JournalError(f"the path of a journal should be a Path, not {_told(value)}")
    return Path(value)


def seconds(value: object, name: str) -> float | None:
    """Return a time to wait, in seconds; None is for ever.

    Raises
    ------
    JobError
        If it is none.
    """
    if value is None or (isinstance(value, int | float) and 0 <= value < float("inf")):
        return value
    raise JobError(f"{name} should be a number of seconds from 0 on, or None for ever, not {_told(value)}")


def _told(value: object) -> str:
    plain = value is None or isinstance(value, str | int | float)
    return f"{value!r:.60}" if plain else type(value).__name__
