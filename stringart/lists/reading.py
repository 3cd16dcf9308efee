"""A winding list from the bytes of another program's file: its format is found, what it tells is kept.

Read are comma, space and line lists, "from to" pairs, CSV of steps, the JSON of web programs, C arrays in sketches, and
the binary lists of controllers. What none of them tells stays None: nothing is guessed.
"""

import itertools
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stringart.board.number_tables import Row, read_table
from stringart.errors import PlanError, StringartError
from stringart.files import decode_text
from stringart.lists import json_lists
from stringart.lists.found import MAX_STEPS, FoundList, Run, refuse, walked, whole
from stringart.lists.program import is_program, read_program
from stringart.lists.sketch import is_sketch, read_sketch

_TOLD = re.compile(
    r"\b(?P<what>nails?|pins?|pegs?|points?|first|start|direction|turns?)\b[\s\w]{0,12}?[:=,\s]\s*(?P<value>[\w.+-]+)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\s*(?:#|//|;|%|--)\s?(.*)$")
_LAYER = re.compile(
    r"\blayer\s+\d+.*?(?:thread|colou?r)\s+(?P<name>.+?)(?:\s+(?P<color>#[0-9a-f]{6}))?\s*$", re.IGNORECASE
)
_FEW = 3  # numbers a line that a table may have
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_PLAIN_LIST = re.compile(r"[\s\d,;:.\[\](){}>→-]*")
_COUNTED = re.compile(r"^\s*(?:step|line)\s*#?\d+\s*[:.)]\s*(?=\D*\d+\D+\d)", re.IGNORECASE)
"""The number of a step before the two pins that it joins."""
_WORDED = re.compile(r"(?:nail|pin|peg|point|step|line|from|to|[npx#])[\s:.]*(?=\d)", re.IGNORECASE)
_TO = ("to", "nail", "pin", "peg", "point", "end", "target", "next", "node", "number", "nagel", "clou", "chiodo")
_FROM = ("from", "start", "von", "begin", "previous")


def read_list(data: bytes, name: str) -> FoundList:
    r"""Read a winding list.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, said in errors.

    Raises
    ------
    PlanError
        With the line, where it is no winding list, or can be read in two ways.

    Examples
    --------
    >>> read_list(b"0,105,57,12", "list.txt").runs[0].numbers
    (0, 105, 57, 12)
    >>> found = read_list(b"# pins: 200\n0 105\n105 57\n", "a.pins")
    >>> found.runs[0].numbers, found.pins
    ((0, 105, 57), 200)
    """
    if not data.strip():
        raise PlanError(f"'{name}' is empty", "export it again")
    if (binary := _binary(data)) is not None:
        return FoundList(runs=(Run(numbers=binary),), kind="binary list")
    text = decode_text(data, name, PlanError, any_encoding=True)
    if text.lstrip()[:1] in ("{", "["):
        found = json_lists.read_json(text, name)
    elif is_sketch(text):
        found = read_sketch(text, name)
    elif is_program(text):
        found = read_program(text, name)
    else:
        found = _read_lines(text, name)
    steps = sum(len(run.numbers) for run in found.runs)
    if steps > MAX_STEPS:
        raise PlanError(f"'{name}' holds {steps:,} pins, more than the {MAX_STEPS:,} that are read")
    if max(len(run.numbers) for run in found.runs) < 2:
        raise PlanError(f"'{name}' holds one pin: that is no winding", "a winding joins two pins at least")
    return found


def _binary(data: bytes) -> tuple[int, ...] | None:
    """Two bytes of a count, then one or two a step: what controllers read from a card; none of it is text."""
    body = data[2:]
    if len(body) < 8 or not re.search(rb"[\x00-\x08\x0e-\x1f\x80-\xff]", data):
        return None
    for order, mark in (("little", "<"), ("big", ">")):
        count = int.from_bytes(data[:2], order)  # type: ignore[arg-type]
        if len(body) == count:
            return tuple(body)
        if len(body) == 2 * count:
            return struct.unpack(f"{mark}{count}H", body)
    return None


# --- text ---


@dataclass(slots=True)
class _Told:
    """What comments and heads say."""

    pins: int | None = None
    start: str | None = None
    direction: str | None = None
    first: int | None = None

    def read(self, text: str) -> None:
        for match in _TOLD.finditer(text):
            self._take(match["what"].lower(), match["value"].lower())
        if re.search(r"\b(?:anti|counter)[- ]?clockwise\b|\bccw\b", text, re.IGNORECASE):
            self.direction = self.direction or "ccw"
        if re.search(r"\bpin 0\b.*12 o.clock", text):
            self.start, self.first = "top", 0
        if self.direction is None and re.search(r"\bclockwise\b|\bcw\b", text, re.IGNORECASE):
            self.direction = self.direction or "cw"

    def _take(self, what: str, value: str) -> None:
        if what.rstrip("s") in ("nail", "pin", "peg", "point") and value.isdigit():
            self.pins = self.pins or (int(value) if int(value) > 2 else None)
        elif what == "start" and value.rstrip(",;.") in ("top", "right", "bottom", "left", "top-right", "top-left"):
            self.start = value.rstrip(",;.")
        elif what == "first" and value in ("0", "1"):
            self.first = int(value)


@dataclass(slots=True)
class _Block:
    """Lines of one layer."""

    name: str = ""
    color: str | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)


def _read_lines(text: str, name: str) -> FoundList:
    told, blocks = _Told(), [_Block()]
    for number, line in enumerate(text.splitlines(), 1):
        if match := _COMMENT.match(line):
            told.read(match[1])
            if layer := _LAYER.search(match[1]):
                blocks.append(_Block(layer["name"].strip(), layer["color"]))
        elif line.strip():
            blocks[-1].lines.append((number, line))
    blocks = [block for block in blocks if block.lines]
    if not blocks:
        raise refuse(name, None, "holds no numbers of pins")
    runs = [
        replace(run, thread=block.name or run.thread, color=block.color or run.color)
        for block in blocks
        for run in _runs(block.lines, told, name)
    ]
    return FoundList(
        runs=tuple(runs),
        kind="list of numbers",
        pins=told.pins,
        first=told.first,
        start=told.start,
        direction=told.direction,
    )


def _runs(lines: list[tuple[int, str]], told: _Told, name: str) -> list[Run]:
    head, lines = _head(lines, told)
    if head is not None and (runs := _by_columns(head, lines, name)):
        return runs
    cells = [(number, _numbers(line, number, name)) for number, line in lines]
    cells = [(number, found) for number, found in cells if found]
    if not cells:
        raise refuse(name, None, "holds no numbers of pins")
    widths = {len(found) for _, found in cells}
    if len(cells) > 1 and len(widths - {2}) == 1 and len(cells[0][1]) == 1 and widths == {1, 2}:
        told.pins, cells = told.pins or cells[0][1][0], cells[1:]  # a count on a line of its own, above pairs
        widths = {2}
    if widths == {2} and (len(cells) > 1 or "," not in lines[0][1]):
        return [Run(numbers=_chained([found for _, found in cells], [number for number, _ in cells], name))]
    if widths == {3} and len(cells) > 1 and _is_numbered([found for _, found in cells]):
        return [Run(numbers=_chained([found[1:] for _, found in cells], [n for n, _ in cells], name))]
    if (
        len(cells) > 1
        and min(widths) > _FEW
        and all("," in line and not line.rstrip().endswith(",") for _, line in lines)
    ):
        return [Run(numbers=tuple(found)) for _, found in cells]  # a thread a line, as `.pins.txt` has it
    return [Run(numbers=tuple(number for _, found in cells for number in found))]


def _head(lines: list[tuple[int, str]], told: _Told) -> tuple[str | None, list[tuple[int, str]]]:
    """A first line of words, and the rest; what it tells is kept."""
    first = lines[0][1]
    if _PLAIN_LIST.fullmatch(_plain(first)) and re.search(r"\d", first):
        return None, lines
    told.read(first)
    return first, lines[1:]


def _plain(line: str) -> str:
    """A line without what stands before its pins: quotes, words such as ``Nail``, the number of a step."""
    return _WORDED.sub("", _COUNTED.sub("", line.replace('"', "")))


def _numbers(line: str, number: int, name: str) -> list[int]:
    """Whole numbers of a line; words that are not known are refused."""
    plain = _plain(line)
    if not _PLAIN_LIST.fullmatch(plain):
        raise refuse(name, number, f"{line.strip()[:40]!a} is no list of pins")
    spaced = re.sub(r"(?<=\d)\s*(?:->|→|>|-)\s*(?=\d)", " ", plain)
    return [whole(text, number, name) for text in _NUMBER.findall(spaced)]


def _counts(numbers: Sequence[int]) -> bool:
    return all(after - before == 1 for before, after in itertools.pairwise(numbers))


def _is_numbered(rows: Sequence[Sequence[int]]) -> bool:
    """Whether rows are "step, from, to": numbers that count, and, in a few rows, pins that go on as well."""
    chained = all(after[1] == before[2] for before, after in itertools.pairwise(rows))
    return _counts([row[0] for row in rows]) and (chained or len(rows) > _FEW)


def _chained(pairs: Sequence[Sequence[int]], lines: Sequence[int], name: str) -> tuple[int, ...]:
    """The run of pairs each of which begins where the last one ends; or of steps that are numbered."""
    breaks = [k for k in range(1, len(pairs)) if pairs[k][0] != pairs[k - 1][1]]
    if not breaks:
        return (pairs[0][0], *(pair[1] for pair in pairs))
    if _counts([pair[0] for pair in pairs]):
        return tuple(pair[1] for pair in pairs)
    k = breaks[0]
    raise refuse(
        name, lines[k], f"begins at pin {pairs[k][0]}, but the line above ends at {pairs[k - 1][1]}",
        "a winding goes on where it was: pairs from - to, or step,nail"
    )  # fmt: skip


def _by_columns(head: str, lines: list[tuple[int, str]], name: str) -> list[Run]:
    """Runs of a table whose head names what its columns are; none if it names no pins."""
    if not lines:
        return []
    try:
        table = read_table("\n".join([head, *(line for _, line in lines)]), name, PlanError)
    except StringartError:
        return []
    if table.header is None:
        return []
    titles = [re.sub(r"[^a-z#]+", " ", title.lower()).split() for title in table.header.cells]
    to = _titled(titles, _TO, ("to", "end", "target", "next"))
    if to < 0:
        return []
    columns = _Columns(
        start=_titled(titles, _FROM, ("from",)), to=to, rim=_titled(titles, (), ("rim",)),
        kind=_titled(titles, (), ("kind",)),
    )  # fmt: skip
    parts = [_titled(titles, (), words) for words in (("layer",), ("thread", "string"), ("color", "colour", "farbe"))]
    numbers = {row.line: lines[row.line - 2][0] for row in table.rows}
    groups: list[tuple[tuple[str, ...], list[Row]]] = []
    for row in table.rows:
        key = tuple(_cell(row, column) for column in parts)
        if not groups or groups[-1][0] != key:
            groups.append((key, []))
        groups[-1][1].append(row)
    return [_run_of(rows, columns, key, numbers, name) for key, rows in groups]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Which columns of a table say what; -1 for none."""

    start: int
    to: int
    rim: int
    kind: int


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if 0 <= column < len(row.cells) else ""


def _titled(titles: Sequence[Sequence[str]], words: Sequence[str], best: Sequence[str]) -> int:
    """The column whose title has one of these words, the better ones first; -1 for none."""
    for wanted in (best, words):
        for k, title in enumerate(titles):
            if any(word in wanted or (len(word) > 2 and word.rstrip("s") in wanted) for word in title):
                return k
    return -1


def _run_of(rows: list[Row], columns: _Columns, key: tuple[str, ...], numbers: dict[int, int], name: str) -> Run:
    def pin(row: Row, column: int) -> int:
        found = _NUMBER.search(_cell(row, column))
        if found is None:
            raise refuse(name, numbers[row.line], f"{','.join(row.cells)[:40]!a} names no pin")
        return whole(found[0], numbers[row.line], name)

    rows = [row for row in rows if not _cell(row, columns.kind).startswith("tie ")]
    _, thread, color = key
    is_code = re.fullmatch(r"#[0-9a-fA-F]{6}", color) is not None
    told = {"thread": thread or ("" if is_code else color), "color": color.lower() if is_code else None}
    if not 0 <= columns.start != columns.to:
        return Run(numbers=tuple(pin(row, columns.to) for row in rows), **told)  # type: ignore[arg-type]
    pairs = [(pin(row, columns.start), pin(row, columns.to)) for row in rows]
    ends = _chained(pairs, [numbers[row.line] for row in rows], name)
    walks = [int(_cell(row, columns.rim) or 0) for row in rows]
    steps = (walked(*pair, walk) for pair, walk in zip(pairs, walks, strict=True))
    return Run(numbers=(ends[0], *itertools.chain.from_iterable(steps)) if any(walks) else ends, **told)  # type: ignore[arg-type]
