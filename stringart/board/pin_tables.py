"""Pins from a table: which columns are x and y, and in which unit, is in the file; what is left open is refused."""

import itertools
import math
import re
from collections.abc import Sequence

import numpy as np

from stringart.board.number_tables import Row, length_mm, number, read_table
from stringart.errors import BoardError
from stringart.plan.model import Array
from stringart.units import MM_PER_UNIT

MAX_ROWS = 5_000
_OTHER_UNITS = frozenset(
    {"px", "pixel", "pixels", "pt", "pts", "pc", "ft", "foot", "feet", "yd", "um", "µm", "mil", "deg"}
)
_WORDS_OF_UNITS = MM_PER_UNIT | {
    "zoll": 25.4,
    "millimeter": 1.0,
    "millimetre": 1.0,
    "centimeter": 10.0,
    "meter": 1000.0,
}
_TOKEN = re.compile(r"[^\W\d_]+|\"", re.UNICODE)
Columns = tuple[int, int]


def pins_of_table(text: str, name: str) -> Array:
    r"""Return the places of the pins that a table gives.

    Parameters
    ----------
    text : str
        One row a pin, x and y; a header may name the columns and their unit. Without one, a first column that counts
        the rows is passed over.
    name : str
        Of the file, said in errors.

    Returns
    -------
    (N, 2) float array
        In mm, in the order of the rows.

    Raises
    ------
    BoardError
        With the line, where a row can be read in more ways than one, or in none.

    Examples
    --------
    >>> pins_of_table("x (cm);y\n0;30\n30;0\n0;-30\n", "pins.csv").tolist()
    [[0.0, 300.0], [300.0, 0.0], [0.0, -300.0]]
    """
    table = read_table(text, name, BoardError)
    rows = table.rows
    if len(rows) > MAX_ROWS:
        raise BoardError(f"'{name}' gives {len(rows):,} pins, more than {MAX_ROWS:,}")
    columns, units = (0, 1), (1.0, 1.0)
    if table.header is not None:
        columns, units = _named(table.header, name)
    if len(rows) < 3:
        raise BoardError(f"'{name}' gives {len(rows)} pins, which is no ring", "one row a pin: x,y in mm")
    if table.header is None:
        columns = _unnamed(rows, name)
    else:
        _check_widths(rows, len(table.header.cells), name)
    return np.array([_point(row, columns, units, name) for row in rows])


def _named(header: Row, name: str) -> tuple[Columns, tuple[float, float]]:
    tokens = [[token.lower() for token in _TOKEN.findall(cell)] for cell in header.cells]
    where = [_column(tokens, letter) for letter in "xy"]
    if min(where) < 0:
        said = ", ".join(header.cells)[:80]
        raise BoardError(
            f"'{name}', line {header.line}: the header names no columns x and y: {said!a}", "name them x and y"
        )
    found = [_unit(tokens[column], header, name) for column in where]
    units = [unit or found[1 - k] or 1.0 for k, unit in enumerate(found)]
    return (where[0], where[1]), (units[0], units[1])


def _column(tokens: Sequence[Sequence[str]], letter: str) -> int:
    """The one column that is called x or y, else the one whose name begins so; -1 if there is none, or several."""
    exact = [k for k, words in enumerate(tokens) if letter in words]
    columns = exact or [k for k, words in enumerate(tokens) if any(word.startswith(letter) for word in words)]
    return columns[0] if len(columns) == 1 else -1


def _unit(words: Sequence[str], header: Row, name: str) -> float | None:
    for word in words:
        plain = word.removeprefix("x").removeprefix("y") if word not in _WORDS_OF_UNITS else word
        if plain in _OTHER_UNITS:
            raise BoardError(
                f"'{name}', line {header.line}: the unit '{plain}' is no length of a board", "write mm, cm, m or in"
            )
        if plain in _WORDS_OF_UNITS:
            return _WORDS_OF_UNITS[plain]
    return None


def _unnamed(rows: Sequence[Row], name: str) -> Columns:
    _check_widths(rows, len(rows[0].cells), name)
    width = len(rows[0].cells)
    if width == 2 or width < 2:
        return 0, 1
    if width == 3 and _counts(rows):
        return 1, 2
    first = rows[0]
    raise BoardError(
        f"'{name}', line {first.line}: '{','.join(first.cells)[:60]}' has {width} cells: which are x and y?",
        "write a first line that names the columns, as in pin,x,y",
    )


def _counts(rows: Sequence[Row]) -> bool:
    """Whether the first cells count the rows, from any number on."""
    try:
        first = [number(row.cells[0]) for row in rows]
    except ValueError:
        return False
    return all(after - before == 1 for before, after in itertools.pairwise(first))


def _check_widths(rows: Sequence[Row], width: int, name: str) -> None:
    for row in rows:
        if len(row.cells) > width:
            raise BoardError(
                f"'{name}', line {row.line}: '{','.join(row.cells)[:60]}' has {len(row.cells)} cells, the first row "
                f"{width}",
                "part the columns by ; where the numbers have decimal commas",
            )


def _point(row: Row, columns: Columns, units: tuple[float, float], name: str) -> tuple[float, float]:
    where = f"'{name}', line {row.line}"
    try:
        x, y = (length_mm(row.cells[column], unit) for column, unit in zip(columns, units, strict=True))
    except (ValueError, IndexError):
        raise BoardError(f"{where}: '{','.join(row.cells)[:60]}' is not a pin", "write x,y in mm") from None
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) < 1e9 and abs(y) < 1e9):
        raise BoardError(f"{where}: {x:g}, {y:g} is not a place in mm", "every row is x and y in mm")
    return x, y
