"""Lines of G-code as text: what may go over the wire, and what a line does to the flow."""

from __future__ import annotations

import re

from firmware_io.errors import JobError

#: Acted upon by grbl wherever they stand, even inside a comment: never part of a line.
REALTIME_CHARACTERS = "?!~\x18\x19\x05\x87"

_PARENTHESES = re.compile(r"\([^)]*\)?")
_WORD = re.compile(r"([A-Z])([-+]?[0-9]*\.?[0-9]*)")
_SETTING = re.compile(
    r"^\$(?:\d+=|RST=|N\d*=|SLP|[A-Z/][A-Z0-9/_]*=)|G10(?!\d)|G28\.1|G30\.1|^M500\b|^M502\b|^M92\b|^M20[1356]\b"
)
_SYNC = re.compile(r"^(?:N\d+)?\s*(?:G0*4(?![0-9.])|M400(?!\d)|M0*[026](?![0-9])|M30(?!\d))")


def clean(raw: str, number: int | None = None) -> str:
    """A line as it may go over the wire: no comment, no spaces at the ends, upper case as written.

    Parameters
    ----------
    raw : str
        A line of a file, with or without its line end.
    number : int, optional
        The line's number, for the message.

    Returns
    -------
    str
        Printable ASCII; empty when there was only a comment.

    Raises
    ------
    JobError
        When what is left is not printable ASCII or holds one of ``? ! ~``.
    """
    line = _PARENTHESES.sub("", raw.split(";", 1)[0]).strip()
    where = "" if number is None else f"line {number}: "
    bad = next((c for c in line if not " " <= c <= "~" or c in REALTIME_CHARACTERS), None)
    if bad is not None:
        raise JobError(
            f"{where}{line!r} holds {bad!r}, which the controller would act upon at once",
            "take the character out; only comments may hold it, and they are not sent",
        )
    return line


def words(line: str) -> list[tuple[str, float]]:
    """Letters and numbers of a line, ``G1 X2`` as ``[("G", 1.0), ("X", 2.0)]``."""
    found = []
    for letter, digits in _WORD.findall(line.upper().replace(" ", "")):
        try:
            found.append((letter, float(digits)))
        except ValueError:
            continue
    return found


def is_setting(line: str) -> bool:
    """Whether a line writes the controller's memory; such a line is only ever sent by itself."""
    return bool(_SETTING.search(line.upper().replace(" ", "")))


def is_sync(line: str) -> bool:
    """Whether a line is acknowledged only after all motion before it has ended."""
    return bool(_SYNC.match(line.upper().strip()))


def dwell_s(text: str, p_unit_s: float = 1.0) -> float:
    """Seconds for which a line dwells, 0 for a line that is no dwell."""
    found = words(text)
    if ("G", 4.0) not in found:
        return 0.0
    values = dict(found)
    return values.get("P", 0.0) * p_unit_s + (values.get("S", 0.0) if p_unit_s != 1.0 else 0.0)
