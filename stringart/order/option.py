"""What is said of one option of a design, beside its field in an `Order`."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from stringart.order.option_texts import plain_text

Value = TypeVar("Value")
Renamed = Callable[[Any, Callable[[str], str]], Any]
_KEY = "option"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOption:
    """How one option is said.

    Parameters
    ----------
    key : str
        Its name: ``--key`` on the command line, ``key`` in a project file.
    title : str
        Its name on the page.
    about : str
        One line, without its default.
    default : str
        What is meant where it is not given, for people; "" where there is nothing to say.
    group : str
        The heading it stands under.
    metavar : str
        What its value looks like.
    example : str
        A value that may be written; the default where there is one.
    read : callable
        Text to value; raises UnitError.
    write : callable
        Value to text that is read as the same value.
    many : bool
        It may be repeated; the value is a tuple.
    kind : str
        What a project file holds: ``text``, ``whole``, ``number`` or ``place``.
    choices : tuple of str
        All values there are, where they are few.
    low, high : float, optional
        The whole range of a number, ends included.
    usual : (low, high), optional
        What a slider offers; the range by default.
    step : float
        Of a slider.
    unit : str
        Of a number.
    renamed : callable, optional
        Where files stand in the value: it and a function of names, to the value with their names exchanged.
    """

    key: str
    title: str
    about: str
    group: str
    metavar: str
    example: str = ""
    read: Callable[[str], Any] = plain_text
    write: Callable[[Any], str] = str
    many: bool = False
    kind: str = "text"
    choices: tuple[str, ...] = ()
    default: str = ""
    low: float | None = None
    high: float | None = None
    usual: tuple[float, float] | None = None
    step: float = 1
    unit: str = ""
    renamed: Renamed | None = None

    @property
    def help(self) -> str:
        """One line, with its default."""
        return f"{self.about}  [default: {self.default}]" if self.default else self.about


def option(value: Value, said: OrderOption) -> Value:
    """Declare a field of an order with all that is said of it.

    Parameters
    ----------
    value : object
        Of an order that does not say it; None, or an empty tuple, where it is not given then.
    said : OrderOption
        Its default is how the value is written, its example is the default, where they are empty.
    """
    default = said.default or (said.write(value) if is_given(value) else "")
    return field(default=value, metadata={_KEY: replace(said, default=default, example=said.example or default)})


def is_given(value: object) -> bool:
    """Return whether a field says something."""
    return value is not None and value != ()


def options_of(order: Any) -> dict[str, OrderOption]:
    """Return what is said of each field of a dataclass whose fields are declared with `option`, in their order."""
    return {one.name: one.metadata[_KEY] for one in fields(order)}
