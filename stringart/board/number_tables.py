"""Tables of numbers as spreadsheets and other programs write them: which mark parts columns is found, not assumed.

Understood are commas, semicolons, tabs, bars and blanks between columns, a first line ``sep=;``, lines that begin with
``#``, decimal commas, the minus of printers (U+2212) and blanks that do not break.
"""

import csv
import re
from dataclasses import dataclass

from stringart.errors import StringartError
from stringart.units import MM_PER_UNIT

_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?", re.IGNORECASE)
_COMMENTS = ("#", "//", "%")
_PLAIN = dict.fromkeys(map(ord, "\u2212\u2013\u2012"), "-") | dict.fromkeys(map(ord, "\xa0\u202f\u2009"), " ")
_DECIMAL_COMMAS_APART = re.compile(r"[+-]?\d+,\d+(?:\s+[+-]?\d+,\d+)+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"(.*?[\d.])\s*([a-zA-Z\"″]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Parameters
    ----------
    line : int
        Its number in the file, from 1.
    cells : tuple of str
        Without the blanks round them, and without empty ones at the end.
    """

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells.

    Parameters
    ----------
    rows : tuple of Row
        Without its header and without empty ones.
    header : Row or None
        The first row, where it is not all numbers.
    """

    rows: tuple[Row, ...]
    header: Row | None = None


def number(cell: str) -> float:
    """Return the number of a cell, whichever its decimal mark.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> number("18,837"), number("-1.234,5"), number("1e3")
    (18.837, -1234.5, 1000.0)
    """
    text = cell.replace(" ", "")
    if "," in text:
        if text.rfind(".") > text.rfind(","):
            text = text.replace(",", "")
        elif "." in text:
            text = text.replace(".", "").replace(",", ".")
        else:
            text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{cell!a} is not a number")
    return float(text)


def length_mm(cell: str, mm_per_unit: float = 1.0) -> float:
    """Return a cell's length in mm: it may have a unit of its own.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> length_mm("30 cm"), length_mm("2", 25.4)
    (300.0, 50.8)
    """
    match = _WITH_UNIT.fullmatch(cell)
    if match is None:
        return number(cell) * mm_per_unit
    unit = MM_PER_UNIT.get(match[2].lower().replace("″", '"'))
    if unit is None:
        raise ValueError(f"{cell!a} is not a length")
    return number(match[1]) * unit


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, or a length with its unit."""
    try:
        length_mm(cell)
    except ValueError:
        return False
    return True


def read_table(text: str, name: str, kind: type[StringartError]) -> Table:
    r"""Part a text into rows and cells.

    Parameters
    ----------
    text : str
    name : str
        Of its file, said in errors.
    kind : type of StringartError
        What to raise.

    Raises
    ------
    StringartError
        Of ``kind``, with the line, where decimal commas and separators cannot be told apart.

    Examples
    --------
    >>> table = read_table("sep=;\nx;y\n18,837;299,408\n", "pins.csv", StringartError)
    >>> table.header.cells, table.rows[0].cells
    (('x', 'y'), ('18,837', '299,408'))
    """
    lines = [(k, line.strip(" \r\n")) for k, line in enumerate(text.translate(_PLAIN).splitlines(), 1)]
    lines = [(k, line) for k, line in lines if line.strip() and not line.lstrip().startswith(_COMMENTS)]
    mark = None
    if lines and (match := _SEPARATOR_LINE.fullmatch(lines[0][1])):
        mark, lines = match[1], lines[1:]
    mark = mark or _mark([line for _, line in lines])
    rows = [Row(line=k, cells=_cells(line, mark)) for k, line in lines]
    rows = [row for row in rows if row.cells]
    header = None
    if rows and not all(is_number(cell) for cell in rows[0].cells if cell):
        header, rows = rows[0], rows[1:]
    if mark == "," and rows:
        rows = _joined(rows, header, name, kind)
    return Table(rows=tuple(rows), header=header)


def _mark(lines: list[str]) -> str:
    for mark in (";", "\t", "|"):
        if any(mark in line for line in lines):
            return mark
    body = lines[1:] or lines
    if any("," in line for line in lines) and not all(_DECIMAL_COMMAS_APART.fullmatch(line.strip()) for line in body):
        return ","
    return " "


def _cells(line: str, mark: str) -> tuple[str, ...]:
    if mark == " ":
        cells = line.split()
    else:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _joined(rows: list[Row], header: Row | None, name: str, kind: type[StringartError]) -> list[Row]:
    """Rows whose decimal commas stand between their halves; as they are where they are none of that.

    Proof is a header of half as many names, or halves such as 05 and 000, which nobody writes for whole numbers.
    """
    width = len(rows[0].cells)
    if width % 2 or any(len(row.cells) != width for row in rows):
        return rows
    columns = list(zip(*(row.cells for row in rows), strict=True))
    if not all(cell.isdigit() for column in columns[1::2] for cell in column):
        return rows
    if not all(cell.lstrip("+-").isdigit() for column in columns[0::2] for cell in column):
        return rows
    is_fixed = all(len({len(cell) for cell in column}) == 1 for column in columns[1::2])
    has_zeros = all(any(len(cell) > 1 and cell[0] == "0" for cell in column) for column in columns[1::2])
    fits_header = header is not None and 2 * len(header.cells) == width
    if (is_fixed and has_zeros and header is None) or (fits_header and (width > 2 or has_zeros)):
        pairs = [zip(row.cells[0::2], row.cells[1::2], strict=True) for row in rows]
        return [
            Row(line=row.line, cells=tuple(f"{whole}.{part}" for whole, part in pair))
            for row, pair in zip(rows, pairs, strict=True)
        ]
    if header is None and width == 4:
        raise kind(
            f"'{name}', line {rows[0].line}: '{','.join(rows[0].cells)[:60]}' may be four numbers, or two with decimal "
            "commas",
            "write ; between the columns, or a header that names them",
        )
    return rows
