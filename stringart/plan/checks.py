"""What a value of the plan may be: each check gives the value as it is kept, or one line that names it."""

import math
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stringart import arguments
from stringart.arguments import told
from stringart.errors import PlanError, UnitError
from stringart.files import readable
from stringart.plan.file import MAX_LENGTH_MM, MIN_LENGTH_MM
from stringart.units import parse_color


def length_mm(value: object, name: str) -> float:
    """Return a length above nothing as a plain float.

    Raises
    ------
    PlanError
        If it is no number from a micrometre to a thousand kilometres.
    """
    number = _number(value, name)
    if not MIN_LENGTH_MM <= number <= MAX_LENGTH_MM:
        raise PlanError(f"{name} is {number:g} mm", f"give {MIN_LENGTH_MM:g} to {MAX_LENGTH_MM:g} mm")
    return number


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise PlanError(f"{name} should be a number, not {told(value)}", "lengths of a plan are numbers of millimetres")


@contextmanager
def _of_plan() -> Iterator[None]:
    """Let what is wrong with an argument be an error of the plan."""
    try:
        yield
    except UnitError as error:
        raise PlanError(str(error), error.hint) from None


def whole(value: object, name: str, least: int | None = None) -> int:
    """Return a whole number as a plain int.

    Raises
    ------
    PlanError
        If it is not whole, or less than the least.
    """
    with _of_plan():
        return arguments.whole(value, name, least)


def text(value: object, name: str, *, one_line: bool = True) -> str:
    """Return a text, with what cannot be written escaped.

    Raises
    ------
    PlanError
        If it is no text, or holds a line break or another control character where one line is wanted.
    """
    with _of_plan():
        plain = arguments.text(value, name)
    if one_line and any(unicodedata.category(character) == "Cc" for character in plain):
        raise PlanError(f"{name} {told(plain)} holds a line break or another control character", "write it on one line")
    return readable(plain)


def color(value: object, name: str) -> str:
    """Return the ``#rrggbb`` of a colour's code or CSS name.

    Raises
    ------
    PlanError
        If it is neither.
    """
    try:
        return parse_color(text(value, name))
    except UnitError as error:
        raise PlanError(f"{name}: {error}", error.hint) from None


def points_mm(value: object, name: str, least: int) -> NDArray[np.float64]:
    """Return places as a read-only (N, 2) array of their own.

    Raises
    ------
    PlanError
        If they are not (N, 2) finite numbers of at most a thousand kilometres, or fewer than the least.
    """
    array = _array(value, np.float64, name, "numbers")
    if array.ndim != 2 or array.shape[1] != 2:
        raise PlanError(f"{name} has the shape {array.shape}", "give (N, 2): x and y of each, in mm")
    if len(array) < least:
        raise PlanError(f"{name} has {len(array)} places, and needs at least {least}")
    if not (np.abs(array) <= MAX_LENGTH_MM).all():
        row = int(np.flatnonzero(~(np.abs(array) <= MAX_LENGTH_MM).all(1))[0])
        place = array[row].tolist()
        raise PlanError(f"{name}[{row}] is {place}: not finite, or too far", f"give at most {MAX_LENGTH_MM:g} mm")
    return array


def pin_numbers(value: object, name: str) -> NDArray[np.int32]:
    """Return numbers of pins as a read-only (N,) array of their own.

    Raises
    ------
    PlanError
        If they are not whole numbers from 0 on.
    """
    if not isinstance(value, Iterable):
        raise PlanError(f"{name} should be whole numbers of pins, not {told(value)}")
    given = np.asarray(value if hasattr(value, "__len__") else list(value))
    if given.size and not (np.issubdtype(given.dtype, np.number) and (given == np.floor(given)).all()):
        raise PlanError(f"{name} should be whole numbers of pins, not {told(value)}")
    if given.ndim != 1:
        raise PlanError(f"{name} has the shape {given.shape}", "give the pins in the order of winding, (N,)")
    if given.size and not 0 <= given.min() <= given.max() < 2**31:
        raise PlanError(f"{name} names pins {given.min()} to {given.max()}", "pins are numbered from 0")
    return _array(given, np.int32, name, "whole numbers")


def _array(value: object, dtype: type[Any], name: str, what: str) -> NDArray[Any]:
    try:
        array = np.array(value, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        raise PlanError(f"{name} should be {what}, not {told(value)}") from None
    array.flags.writeable = False
    return array


def instance(value: object, kind: type[object], name: str) -> None:
    """Refuse what is not of a kind.

    Raises
    ------
    PlanError
        With the kind that is wanted and the one that came.
    """
    with _of_plan():
        arguments.instance(value, kind, name)
