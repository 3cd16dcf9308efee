"""Winding lists in machine programs: of a controller whose one axis counts pins; other programs are refused."""

import itertools
import re

from stringart.errors import PlanError
from stringart.lists.found import FoundList, Run, refuse

_COMMENTS = re.compile(r"\([^)]*\)|;[^\n]*")
_LINE = re.compile(r"\s*(?:/\s*)?(?:N\s*\d+\s*)?[GMTFS]\s*\d", re.IGNORECASE)
_WORD = re.compile(r"([A-Z])\s*([+-]?\d*\.?\d+)", re.IGNORECASE)
_AXES, _TOOL = "XYABCUVW", "Z"
_SHARE = 0.8  # of a program's lines that begin as such lines do


def is_program(text: str) -> bool:
    """Return whether most lines of a text are those of a machine program."""
    lines = [line for line in _COMMENTS.sub("", text).splitlines() if line.strip() not in ("", "%")]
    return len(lines) > 1 and sum(_LINE.match(line) is not None for line in lines) >= _SHARE * len(lines)


def read_program(text: str, name: str) -> FoundList:
    r"""Read the pins that one axis of a program counts.

    Raises
    ------
    PlanError
        If its words are places and not pins, with the line.

    Examples
    --------
    >>> found = read_program("G90\nG0 X0\nG1 X105 F500\nM3 S90\nG1 X57\n", "wind.nc")
    >>> found.runs[0].numbers, found.kind
    ((0, 105, 57), 'program whose X is the pin')
    """
    told: list[tuple[int, str, float]] = []
    for number, line in enumerate(_COMMENTS.sub("", text).splitlines(), 1):
        words = {key.upper(): float(value) for key, value in _WORD.findall(line)}
        told.extend((number, axis, words[axis]) for axis in _AXES if axis in words and "M" not in words)
    axes = {axis for _, axis, _ in told}
    if len(axes) != 1:
        what = f"its {' and '.join(sorted(axes))} are places" if axes else "it moves no axis that could count pins"
        raise _no_list(name, None, what)
    (axis,) = axes
    for number, _, value in told:
        if value < 0 or value != int(value):
            raise _no_list(name, number, f"{axis}{value:g} is a place")
    numbers = tuple(key for key, _ in itertools.groupby(int(value) for _, _, value in told))
    return FoundList(runs=(Run(numbers=numbers),), kind=f"program whose {axis} is the pin")


def _no_list(name: str, line: int | None, what: str) -> PlanError:
    return refuse(
        name, line, f"is a machine program and no list of pins: {what}",
        "import the list that it was made from; of this program's own jobs the plan is kept: export that again",
    )  # fmt: skip
