"""What a caller in Python gives: each check gives the value as it is used, or one line that names the argument.

Numbers are told by the abstract classes that numpy's are registered with: Tab and ``--help`` do not wait for numpy.
"""

import math
import numbers
import operator
import os
from collections.abc import Collection, Mapping, Set, Sized
from typing import Any, TypeVar

from stringart.errors import StringartError, UnitError

Word = TypeVar("Word", bound=str)


def told(value: object) -> str:
    """Return a value as an error tells it: short, whatever it is, on one line.

    Examples
    --------
    >>> told(2.5), told([1, 2]), told("a" * 99)[-5:]
    ('2.5', 'list [1, 2]', 'aa...')
    """
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is not None and dtype is not None and isinstance(value, Sized) and not isinstance(value, str):
        return f"an array of the shape {shape} and the type {dtype}"
    text = repr(value) if value is None or isinstance(value, str | int | float) else f"{type(value).__name__} {value!r}"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def refused(name: str, wanted: str, value: object, hint: str = "") -> UnitError:
    """Return the error for an argument that is not what is wanted."""
    return UnitError(f"{name} should be {wanted}, not {told(value)}", hint)


def number(
    value: Any,
    name: str,
    least: float = -math.inf,
    most: float = math.inf,
    *,
    above: float | None = None,
    finite: bool = True,
) -> float:
    """Return a number within a range as a plain float; ``above`` is not in it. What is not finite has no range.

    Raises
    ------
    UnitError
        With the argument, what came and what is wanted.
    """
    wanted = _number_wanted(least, most, above)
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        plain = float(value) if is_number else math.nan
    except OverflowError:  # an int of hundreds of digits
        is_number, plain = False, math.nan
    if not is_number or (finite and not math.isfinite(plain)):
        raise refused(name, wanted, value)
    if not finite:
        return plain
    if not least <= plain <= most or (above is not None and plain <= above):
        raise refused(name, wanted, value if isinstance(value, int) else plain)
    return plain


def _number_wanted(least: float, most: float, above: float | None) -> str:
    if above is not None:
        return f"a number above {above:g}" + (f", at most {most:g}" if most < math.inf else "")
    if least == -math.inf:
        return "a number"
    return f"a number of {least:g} to {most:g}" if most < math.inf else f"a number of at least {least:g}"


def whole(value: Any, name: str, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number within a range as a plain int; 4e3 is one too.

    Raises
    ------
    UnitError
        With the argument, what came and what is wanted.
    """
    wanted = "a whole number"
    if least is not None:
        wanted += f" of {least} to {most}" if most is not None else f" of at least {least}"
    elif most is not None:
        wanted += f" of at most {most}"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational) and float(value).is_integer():
        value = int(float(value))
    try:
        plain = operator.index(value)
    except TypeError:
        raise refused(name, wanted, value) from None
    if isinstance(value, bool) or (least is not None and plain < least) or (most is not None and plain > most):
        raise refused(name, wanted, value)
    return plain


def pair(value: Any, name: str, wanted: str, *, finite: bool = True) -> tuple[float, float]:
    """Return two numbers, of a tuple, a list or an array; of a set or a dict they would come in any order.

    Raises
    ------
    UnitError
        With the argument, what came and what is wanted.
    """
    if isinstance(value, Set | Mapping):
        raise refused(name, wanted, value)
    try:
        one, other = value
        return number(one, name, finite=finite), number(other, name, finite=finite)
    except (TypeError, ValueError, StringartError):
        raise refused(name, wanted, value) from None


def choice(value: object, name: str, words: Collection[Word]) -> Word:
    """Return one of a few words.

    Raises
    ------
    UnitError
        With the argument, what came and the words there are.
    """
    if not isinstance(value, str):
        raise refused(name, "one of " + ", ".join(words), value)
    for word in words:
        if word == value:
            return word
    raise UnitError(f"the {name} '{value}' is not known", f"choose of {', '.join(words)}")


def text(value: object, name: str, wanted: str = "a text") -> str:
    """Return a text.

    Raises
    ------
    UnitError
        With the argument, what came and what is wanted.
    """
    if not isinstance(value, str):
        raise refused(name, wanted, value)
    return value


def instance(value: object, kind: type[object], name: str, hint: str = "") -> None:
    """Refuse what is not of a kind.

    Raises
    ------
    UnitError
        With the argument, what came and the kind that is wanted.
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise refused(name, f"{article} {kind.__name__}", value, hint)


def path(value: object, name: str, hint: str = "") -> str:
    """Return a path as text.

    Raises
    ------
    UnitError
        With the argument, what came and what is wanted.
    """
    plain = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(plain, str):
        raise refused(name, "a path, as text or a pathlib.Path", value, hint)
    return plain
