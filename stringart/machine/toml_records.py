"""TOML tables and the frozen records that they fill: what is wrong with a user's table, and the record it makes.

A record is a dataclass whose fields are values or records themselves; its types and ranges are all there is to say.
pydantic stands at this border only: a file that comes with the program makes its record without it, and is held to
the same model by a test.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from annotated_types import Predicate

from stringart.errors import MachineError

Table = Mapping[str, Any]
Record = TypeVar("Record")
_NAME = "name"  # of the file, not in it
_LENGTH = ("missing", "too_long")  # what pydantic says of a list that is too short or too long


@dataclass(frozen=True, slots=True)
class Rule(Predicate):
    """What a list should be that its type does not say, and the words for it."""

    words: str


# --- the record ---


def record_of(kind: Callable[..., Record], table: Table, name: str) -> Record:
    """Return the record that a table fills whose values are known to be right: numbers are floats, lists tuples.

    Parameters
    ----------
    kind : type
        A dataclass whose field ``name`` is not in the file.
    table : mapping
        Of a TOML file.
    name : str
        Of the record.
    """
    return kind(name=name, **_values(kind, table))


def _values(kind: Any, table: Table) -> dict[str, Any]:
    columns = _columns(kind)
    return {key: _held(columns[key], value) for key, value in table.items()}


def _held(column: "Field[Any]", value: Any) -> Any:
    if is_dataclass(column.type):
        return column.type(**_values(column.type, value))  # type: ignore[operator]
    if isinstance(value, list):
        return tuple(one if isinstance(one, str) else float(one) for one in value)
    return float(value) if isinstance(column.default, float) else value


def _columns(kind: Any) -> dict[str, "Field[Any]"]:
    return {column.name: column for column in fields(kind) if column.name != _NAME}


# --- what is wrong ---


def check_table(kind: type, table: Table, source: str, besides: Collection[str] = ()) -> None:
    """Refuse what one value of a file alone tells: an unknown key, a wrong type, a number out of its range.

    Parameters
    ----------
    kind : type
        The dataclass that it fills.
    table : mapping
        Of a TOML file.
    source : str
        The file to blame.
    besides : collection of str
        Keys that the file may have as well, for hints.

    Raises
    ------
    MachineError
        Of the first value that is wrong.
    """
    from pydantic import ValidationError

    try:
        _model(kind).model_validate(_with_tuples(table))
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: _place_of(one, table))
        raise _explained(_Wrong.of(first, kind, table), source, besides) from None


@cache
def _model(kind: Any) -> Any:
    """Return the pydantic model of a table, made from the dataclass that it fills; that takes longer than its use."""
    from pydantic import ConfigDict, create_model

    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    columns: dict[str, Any] = {
        name: (_model(column.type) if is_dataclass(column.type) else column.type, None)  # type: ignore[arg-type]
        for name, column in _columns(kind).items()
    }
    return create_model(kind.__name__, __config__=strict, **columns)


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(one) for key, one in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _place_of(wrong: Mapping[str, Any], table: Table) -> list[int]:
    """Return what sorts errors as they stand in the file; of a list, its length comes before what is in it."""
    at: list[int] = []
    inside: Any = table
    for part in wrong["loc"]:
        if not isinstance(inside, Mapping):
            return [*at, wrong["type"] not in _LENGTH, part]
        at.append(list(inside).index(part))
        inside = inside[part]
    return at


class _Wrong(NamedTuple):
    """A value that is wrong: its key, all keys there are beside it, its place in a list, and what pydantic says."""

    key: str
    known: tuple[str, ...]
    item: int | None
    found: Any
    column: Any
    said: Mapping[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any], kind: Any, table: Table) -> "_Wrong":
        keys = [part for part in said["loc"] if isinstance(part, str)]
        items = [part for part in said["loc"] if isinstance(part, int) and said["type"] not in _LENGTH]
        inside: Any = table
        for name in keys[:-1]:
            inside, kind = inside[name], _columns(kind)[name].type
        found, columns = inside[keys[-1]], _columns(kind)
        column = get_type_hints(kind, include_extras=True).get(keys[-1]) if keys[-1] in columns else None
        item = items[0] if items else None
        return cls(".".join(keys), tuple(columns), item, found if item is None else found[item], column, said)


def _explained(wrong: _Wrong, source: str, besides: Collection[str]) -> MachineError:
    """Return one error of pydantic's in our words."""
    if wrong.said["type"] == "extra_forbidden":
        there, known = (" there", wrong.known) if "." in wrong.key else ("", (*besides, *wrong.known))
        return MachineError(f"{source}: '{wrong.key}' is not known", f"known{there}: {', '.join(known)}")
    where = f"{source}: {wrong.key}"
    if is_dataclass(wrong.column):
        return MachineError(f"{where} should be a table, as in [{wrong.key}], found {wrong.found!r}")
    if wrong.said["type"] == "literal_error":
        return MachineError(f"{where} is {wrong.found!r}", f"known: {', '.join(get_args(wrong.column))}")
    where += "" if wrong.item is None else f"[{wrong.item}]"
    return MachineError(f"{where} should be {_should_be(wrong)}")


_ENDS = {"greater_than": "above {gt:g}", "greater_than_equal": "{ge:g} or more", "less_than_equal": "{le:g} or less"}
_KINDS = {"bool_type": "true or false", "string_type": "a text"}


def _should_be(wrong: _Wrong) -> str:
    kind, found = wrong.said["type"], wrong.found
    if kind in _ENDS:
        return f"{_ENDS[kind].format(**wrong.said['ctx'])}, found {found:g}"
    if kind in _KINDS:
        return f"{_KINDS[kind]}, found {found!r}"
    if kind in (*_LENGTH, "tuple_type", "predicate_failed"):
        return f"{_list_of(wrong.column, kind == 'predicate_failed')}, found {found!r}"
    whole = kind in ("int_type", "int_from_float") and type(found) is float and math.isfinite(found)
    return f"a {'whole ' if whole else ''}number, found {found!r}"


def _list_of(column: Any, breaks_rule: bool) -> str:
    words = next((rule.words for rule in getattr(column, "__metadata__", ()) if isinstance(rule, Rule)), "")
    kinds = get_args(get_args(column)[0] if get_origin(column) is Annotated else column)
    if breaks_rule or (words and Ellipsis in kinds):
        return words
    return f"a list{' of texts' if kinds[0] is str else ''}" if Ellipsis in kinds else f"a list of {len(kinds)}"
