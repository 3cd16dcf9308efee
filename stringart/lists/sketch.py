"""Winding lists in program texts: the array of a sketch in C, a list in Python or JavaScript, the count of nails."""

import itertools
import re

from stringart.lists.found import FoundList, Run, refuse, whole

_TYPE = r"(?:unsigned\s+|signed\s+)?(?:u?int(?:_fast|_least)?(?:8|16|32)?(?:_t)?|short|long|byte|word|char)"
_ARRAY = re.compile(
    rf"\b{_TYPE}\s+(?:PROGMEM\s+)?(?P<name>\w+)\s*(?:\[[^\]]*\])+(?:\s*PROGMEM)?"
    r"\s*=\s*(?:PROGMEM\s*)?\{(?P<body>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
)
_SCRIPT_LIST = re.compile(
    r"^[ \t]*(?:(?:const|let|var|export)\s+)*(?P<name>[A-Za-z_]\w*)\s*(?::\s*[\w\[\]<>, ]+)?=\s*"
    r"(?:np\.array\()?\[(?P<body>[\d\s,]*(?:[\[(][\d\s,]*[\])][\d\s,]*)*)\]",
    re.MULTILINE,
)
"""A list in Python or JavaScript."""
_COUNT = re.compile(
    rf"(?:#\s*define\s+(?P<macro>\w+)\s+\(?(?P<value>\d+)\)?|\b{_TYPE}\s+(?P<variable>\w+)\s*=\s*(?P<number>\d+)\s*;"
    r"|^[ \t]*(?:(?:const|let|var)\s+)?(?P<script>\w+)\s*=\s*(?P<all>\d+)\s*;?\s*$)",
    re.MULTILINE,
)
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_NAILS = re.compile(
    r"nails|pegs|(?:num|count|total|number|n)_?(?:of_?)?(?:pin|nail|peg)s?|(?:pin|nail|peg)s?_?(?:num|count|total)|pins$",
    re.IGNORECASE,
)
_ROW = re.compile(r"[\[{(]([^\[\]{}()]*)[\]})]")
_FEWEST = 8
_THREADS = re.compile(r"^// layer \d+: (.+), (#[0-9a-f]{6}), [\d.]+ mm$", re.MULTILINE)


def is_sketch(text: str) -> bool:
    """Return whether a text holds an array of C, or a list of Python or JavaScript."""
    return _ARRAY.search(text) is not None or _SCRIPT_LIST.search(text) is not None


def read_sketch(text: str, name: str) -> FoundList:
    r"""Read the one winding that a sketch holds.

    Raises
    ------
    PlanError
        If it holds several lists, or one that is cut.

    Examples
    --------
    >>> found = read_sketch("#define NAILS 200\nconst int NAIL_LIST[] = {0, 105, 57};", "wind.ino")
    >>> found.runs[0].numbers, found.pins
    ((0, 105, 57), 200)
    """
    plain = _COMMENTS.sub(" ", text)
    arrays = {match["name"]: match["body"] for kind in (_ARRAY, _SCRIPT_LIST) for match in kind.finditer(plain)}
    lists = {key: _numbers(body, name) for key, body in arrays.items() if not re.search(r"[.\-]", body)}
    lists = {key: numbers for key, numbers in lists.items() if numbers}
    longest = max((len(numbers) for numbers in lists.values()), default=0)
    likely = {key: numbers for key, numbers in lists.items() if 2 * len(numbers) > longest}
    parts = [one for one in lists.values() if len(one) > 2 and one[0] == 0 and _rises(one) and one[-1] == longest]
    if len(likely) != 1:
        told = ", ".join(f"{key} ({len(numbers)})" for key, numbers in likely.items())
        raise refuse(name, None, f"holds {len(likely)} lists: {told}", "leave the one that is the winding")
    (numbers,) = likely.values()
    counts = [
        (match["macro"] or match["variable"] or match["script"], int(match["value"] or match["number"] or match["all"]))
        for match in _COUNT.finditer(plain)
    ]
    most = max(numbers, default=0)
    told_pins = {count for key, count in counts if _NAILS.search(key) and count >= max(most, _FEWEST)}
    is_ours = "pin 0 is at 12 o'clock" in text
    return FoundList(
        runs=_runs(numbers, parts[0] if len(parts) == 1 else (0, longest), _THREADS.findall(text)),
        kind="sketch",
        pins=told_pins.pop() if len(told_pins) == 1 else None,
        first=0 if is_ours else None,
        start="top" if is_ours else None,
        direction="cw" if is_ours else None,
    )


def _rises(numbers: tuple[int, ...]) -> bool:
    return all(before < after for before, after in itertools.pairwise(numbers))


def _runs(numbers: tuple[int, ...], parts: tuple[int, ...], threads: list[tuple[str, str]]) -> tuple[Run, ...]:
    """Runs between the places where each layer begins, with the threads that comments name."""
    ends = list(itertools.pairwise(parts))
    if len(threads) != len(ends):
        return tuple(Run(numbers=numbers[a:b]) for a, b in ends)
    return tuple(
        Run(numbers=numbers[a:b], thread=title, color=color)
        for (a, b), (title, color) in zip(ends, threads, strict=True)
    )


def _numbers(body: str, name: str) -> tuple[int, ...]:
    """Pins of an array: one after another, one a row or two a row; none of rows that are something else."""
    rows = [_cells(row, name) for row in _ROW.findall(body)]
    if not rows:
        return _cells(body, name)
    if all(len(row) == 1 for row in rows):
        return tuple(row[0] for row in rows)
    pairs = [(row[0], row[1]) for row in rows if len(row) == 2]
    if len(pairs) < len(rows) or any(after[0] != before[1] for before, after in itertools.pairwise(pairs)):
        return ()
    return (pairs[0][0], *(end for _, end in pairs))


def _cells(text: str, name: str) -> tuple[int, ...]:
    cells = [cell.strip().rstrip("uUlL") for cell in text.split(",") if cell.strip()]
    return tuple(int(cell, 16) if cell.lower().startswith("0x") else whole(cell, None, name) for cell in cells)
