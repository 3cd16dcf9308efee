"""Files that are whole or not there: outputs are written aside and renamed, inputs are read with one clear error."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from stringart.errors import OutputError, StringartError

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space or write to another disk"),
    errno.EDQUOT: ("your disk quota is used up", "free some space or write to another disk"),
    errno.EACCES: ("permission is denied", "choose a folder that you may write to"),
    errno.EPERM: ("permission is denied", "choose a folder that you may write to"),
    errno.EROFS: ("the disk is read-only", "choose a folder that you may write to"),
    errno.ENOENT: ("the folder does not exist", "make the folder first"),
    errno.ENOTDIR: ("its folder is a file", "choose another folder"),
    errno.EISDIR: ("it is a folder", "name a file in it"),
}


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write ``data`` beside ``path``, flush it to the disk, then rename it: never half a file.

    Raises
    ------
    OutputError
        If the file cannot be written; what stood there before stands there still.
    """
    target = Path(path)
    if target.is_dir():
        raise _failure(target, IsADirectoryError(errno.EISDIR, ""))
    if target.exists() and not target.is_file():  # /dev/stdout, a pipe: nothing to rename over
        _write_through(target, data)
        return
    aside = ""
    try:
        descriptor, aside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(_mode_for(target))
        Path(aside).replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        if isinstance(error, OSError):
            raise _failure(target, error) from error
        raise


def _write_through(target: Path, data: bytes) -> None:
    try:
        target.write_bytes(data)
    except OSError as error:
        raise _failure(target, error) from error


def _mode_for(target: Path) -> int:
    """Permissions of the file that is replaced, or what a new file of this user gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _failure(target: Path, error: OSError) -> OutputError:
    reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    return OutputError(f"cannot write '{target}': {reason}", hint)


def read_bytes(path: str | os.PathLike[str], kind: type[StringartError], limit: int = 2**31) -> bytes:
    """All bytes of a file, or ``kind`` with one clear line.

    Parameters
    ----------
    path : path-like
    kind : type of StringartError
        What to raise.
    limit : int
        Bytes at most; a larger file is refused before it is read.
    """
    source = Path(path)
    try:
        size = source.stat().st_size
        if size > limit:
            raise kind(f"'{source}' has {size:,} bytes, more than the {limit:,} that are read")
        return source.read_bytes()
    except FileNotFoundError:
        raise kind(f"'{source}' does not exist", "check the name and the folder") from None
    except OSError as error:
        raise kind(f"'{source}' cannot be read: {error.strerror}") from error
