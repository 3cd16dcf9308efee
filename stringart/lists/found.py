"""What is found in another program's list."""

import re
from dataclasses import dataclass

from stringart.errors import PlanError

MAX_STEPS = 1_000_000
_WHOLE = re.compile(r"\+?(\d{1,7})(?:\.0*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Pins of one thread, in the order of winding, in the list's own numbers.

    Parameters
    ----------
    numbers : tuple of int
    thread : str
        The thread's name, empty if none is told.
    color : str, optional
        sRGB ``#rrggbb``.
    """

    numbers: tuple[int, ...]
    thread: str = ""
    color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """A list and what its file tells of it; None where it does not.

    Parameters
    ----------
    runs : tuple of Run
    kind : str
        What the file is, for people.
    pins : int, optional
        How many there are.
    first : int, optional
        The number of the first pin, 0 or 1.
    start : str, optional
        Where that one stands: a word such as ``top``.
    direction : str, optional
        ``cw`` or ``ccw``, seen from the front.
    places : tuple of (x, y)
        Of the pins, in the file's own units; empty if it gives none.
    y_axis : str, optional
        Where y grows there: ``up`` or ``down``.
    is_mm : bool
        Those units are millimetres.
    """

    runs: tuple[Run, ...]
    kind: str
    pins: int | None = None
    first: int | None = None
    start: str | None = None
    direction: str | None = None
    places: tuple[tuple[float, float], ...] = ()
    y_axis: str | None = None
    is_mm: bool = False


def refuse(name: str, line: int | None, message: str, hint: str = "") -> PlanError:
    """Return the error for a list that is none."""
    where = f"'{name}'" if line is None else f"'{name}', line {line}:"
    return PlanError(f"{where} {message}", hint or "a list of pins in their order, as in 0,105,57: one a line is fine")


def walked(start: int, end: int, by: int) -> tuple[int, ...]:
    """Return the pins of a walk along the rim after its first one; past the last number they go on from 0.

    Examples
    --------
    >>> walked(12, 15, 3), walked(1, 198, -3)
    ((13, 14, 15), (0, 199, 198))
    """
    if by == 0:
        return (end,)
    way = 1 if by > 0 else -1
    count = abs(start + by - end)
    steps = range(start + way, start + by + way, way)
    return tuple(pin % count for pin in steps) if count else tuple(steps)


def whole(text: str, line: int | None, name: str) -> int:
    """Return a pin's number.

    Raises
    ------
    PlanError
        If it is none.
    """
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        raise refuse(name, line, f"{text[:30]!a} is not the number of a pin")
    return int(match[1])
