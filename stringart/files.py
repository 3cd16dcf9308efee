"""Files that are whole or not there: outputs are written aside and renamed, inputs are read with one clear error."""

import codecs
import contextlib
import errno
import os
import re
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
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter name"),
    errno.EISDIR: ("it is a folder", "name a file in it"),
}


def write_atomically(path: str | os.PathLike[str], data: bytes, mode: int | None = None) -> None:
    """Write ``data`` beside ``path``, flush it to the disk, then rename it: never half a file.

    Parameters
    ----------
    path : path-like
    data : bytes
    mode : int, optional
        Permissions, as in 0o600 for what others of this computer may not read; by default those of the file that is
        replaced, or what a new file of this user gets.

    Raises
    ------
    OutputError
        If the file cannot be written; what stood there before stands there still.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        if target.exists() and not target.is_file():  # /dev/stdout, a pipe: nothing to rename over
            target.write_bytes(data)
        else:
            _write_aside(target.resolve(), data, mode)  # what a link points to is replaced, not the link
    except OSError as error:
        raise _failure(target, error) from error
    except (ValueError, RuntimeError) as error:  # a NUL in the name; a loop of links
        raise OutputError(f"cannot write {str(target)!a}: {error}") from error


def _write_aside(target: Path, data: bytes, mode: int | None) -> None:
    descriptor, aside = tempfile.mkstemp(prefix=".stringart-", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(_mode_for(target) if mode is None else mode)
        Path(aside).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise


def _mode_for(target: Path) -> int:
    """Permissions of the file that is replaced, or what a new file of this user gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def reason_of(error: OSError) -> tuple[str, str]:
    """Return why something could not be written, and what to do about it."""
    return _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))


def make_folder(folder: Path, kind: type[StringartError] = OutputError) -> None:
    """Make a folder of the user's, and those that it lies in, where they are not there.

    Raises
    ------
    StringartError
        Of the kind that is given, if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason, hint = reason_of(error)
        raise kind(f"cannot make '{folder}': {reason}", hint) from error


def _failure(target: Path, error: OSError) -> OutputError:
    reason, hint = reason_of(error)
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
        with source.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > limit else file.read(limit + 1)  # a device has no size beforehand
        if max(size, len(data)) > limit:
            raise kind(f"'{source}' has more than the {limit:,} bytes that are read")
        return data
    except FileNotFoundError:
        raise kind(f"'{source}' does not exist", "check the name and the folder") from None
    except OSError as error:
        raise kind(f"'{source}' cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise kind(f"{str(source)!a} cannot be read: {error}") from error


def readable(name: str) -> str:
    r"""Return a file's name as text: what of it is no text in this system's encoding becomes its mark, U+FFFD.

    Examples
    --------
    >>> ascii(readable("caf\udce9.jpg"))
    "'caf\\ufffd.jpg'"
    """
    return name if name.isascii() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in name)


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_OLD_WINDOWS = "cp1252"


def decode_text(data: bytes, name: str, kind: type[StringartError], *, any_encoding: bool = False) -> str:
    """Text of a file that a user may have edited, its lines ended by a line feed, whatever ended them.

    A byte order mark is taken off, UTF-16 and UTF-32 are read by theirs, UTF-16 also without one.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, said in errors.
    kind : type of StringartError
        What to raise.
    any_encoding : bool
        What is not UTF-8 is read as Windows-1252, in which old spreadsheets save: for files whose meaning is in
        numbers.

    Raises
    ------
    StringartError
        Of ``kind``, with the first byte that is no text.
    """
    encoding, data = next(((code, data[len(mark) :]) for mark, code in _MARKS if data.startswith(mark)), ("", data))
    if not encoding:
        encoding = _without_mark(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or not any_encoding:
            raise kind(
                f"'{name}' is not a text: byte {error.start} is not {encoding.upper()}", "save it as UTF-8"
            ) from None
        text = data.decode(_OLD_WINDOWS, "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if match := _NO_TEXT.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise kind(f"'{name}' is not a text: line {line} holds the control character {ord(match[0]):#04x}")
    return text


def _without_mark(data: bytes) -> str:
    """UTF-16 where every other byte of the beginning is 0, which no text of UTF-8 holds."""
    head = data[:64]
    if len(head) >= 2 and len(data) % 2 == 0 and 0 in head:
        if not any(head[1::2]) and all(head[0::2]):
            return "utf-16-le"
        if not any(head[0::2]) and all(head[1::2]):
            return "utf-16-be"
    return "utf-8"


def read_text(
    path: str | os.PathLike[str], kind: type[StringartError], limit: int = 2**24, *, any_encoding: bool = False
) -> str:
    """Text of a file, as `decode_text` reads it.

    Raises
    ------
    StringartError
        Of ``kind``, with one clear line.
    """
    return decode_text(read_bytes(path, kind, limit), os.fspath(path), kind, any_encoding=any_encoding)
