"""Whether a user's machine profile can be: every wrong value is one clear line with the file and the key.

pydantic stands at this border only. The sections of `Profile` are what it checks against; what comes with the program
is held to the same model by a test.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.template import load_template

Tables = Mapping[str, Any]
SECTIONS: dict[str, Any] = {f.name: f.type for f in fields(Profile) if f.name != "name"}
_COUNTS = {"motion.steps_per_mm": "0 or 3", "park.xy_mm": "0 or 2"}
_LENGTH = ("missing", "too_long")  # what pydantic says of a list that is too short or too long


def check_values(tables: Tables, source: str) -> None:
    """Refuse what one value of a file alone tells: an unknown key, a wrong type, a number out of its range.

    Parameters
    ----------
    tables : mapping
        Sections of a TOML file, without ``inherits``.
    source : str
        The file to blame.

    Raises
    ------
    MachineError
        Of the first value that is wrong.
    """
    from pydantic import ValidationError

    try:
        _model().model_validate(_with_tuples(tables))
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: _place_of(one, tables))
        raise _explained(first, tables, source) from None


def _model() -> Any:
    """Return the pydantic model of a profile's file, made from the sections of `Profile`."""
    from pydantic import ConfigDict, create_model

    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    sections: dict[str, Any] = {
        name: (create_model(name, __config__=strict, **_columns(section)), None) for name, section in SECTIONS.items()
    }
    return create_model("profile", __config__=strict, **sections)


def _with_tuples(tables: Tables) -> dict[str, Any]:
    return {
        section: {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
        if isinstance(values, dict)
        else values
        for section, values in tables.items()
    }


def _columns(section: Any) -> dict[str, Any]:
    return {f.name: (f.type, None) for f in fields(section)}


def _place_of(wrong: Mapping[str, Any], tables: Tables) -> tuple[int, int, bool, int]:
    """Return what sorts errors as they stand in the file; of a list, its length comes before what is in it."""
    section, *key = wrong["loc"]
    line = list(tables[section]).index(key[0]) if key else -1
    return list(tables).index(section), line, wrong["type"] not in _LENGTH, key[1] if key[1:] else -1


def _explained(wrong: Mapping[str, Any], tables: Tables, source: str) -> MachineError:
    """Return one error of pydantic's in our words."""
    section, *key = wrong["loc"]
    if not key and wrong["type"] == "extra_forbidden":
        return MachineError(f"{source}: '{section}' is not known", f"known: inherits, {', '.join(SECTIONS)}")
    values = tables[section]
    if not key:
        return MachineError(f"{source}: {section} should be a table, as in [{section}], found {values!r}")
    name, *number = key
    if wrong["type"] == "extra_forbidden":
        known = ", ".join(f.name for f in fields(SECTIONS[section]))
        return MachineError(f"{source}: '{section}.{name}' is not known", f"known there: {known}")
    found, where = values[name], f"{source}: {section}.{name}"
    if number and wrong["type"] not in _LENGTH:
        found, where = found[number[0]], f"{where}[{number[0]}]"
    return MachineError(f"{where} should be {_should_be(wrong, found, f'{section}.{name}')}")


def _should_be(wrong: Mapping[str, Any], found: Any, key: str) -> str:
    kind = wrong["type"]
    if kind == "greater_than":
        return f"above 0, found {found:g}"
    if kind == "greater_than_equal":
        return f"0 or more, found {found:g}"
    if kind == "bool_type":
        return f"true or false, found {found!r}"
    if kind == "string_type":
        return f"a text, found {found!r}"
    if kind == "predicate_failed" and key.startswith("limits."):
        return f"[low, high], found {found!r}"
    if kind in (*_LENGTH, "tuple_type", "predicate_failed"):
        return f"a list{_how_many(key)}, found {found!r}"
    whole = kind in ("int_type", "int_from_float") and type(found) is float and math.isfinite(found)
    return f"a {'whole ' if whole else ''}number, found {found!r}"


def _how_many(key: str) -> str:
    section, _, name = key.partition(".")
    kinds = get_args(get_type_hints(SECTIONS[section])[name])
    count = _COUNTS.get(key) or ("" if Ellipsis in kinds else str(len(kinds)))
    return f" of {count}" if count else ""


def check_whole(profile: Profile, source: str) -> None:
    """Refuse what only several values together tell, or what is there to be named.

    Raises
    ------
    MachineError
    """
    kind, axes = profile.machine, profile.axes
    for key, value, known in (
        ("dialect", kind.dialect, tuple(DIALECTS)),
        ("kinematics", kind.kinematics, ("gantry", "rotary", "turntable")),
        ("lift", kind.lift, ("z", "servo")),
    ):
        if value not in known:
            raise MachineError(f"{source}: machine.{key} is '{value}'", f"known: {', '.join(known)}")
    if kind.template:
        load_template(kind.template)
    letters = (axes.x, axes.y, axes.z)
    if len(set(letters)) < 3 or any(letter not in "XYZABCUVW" or len(letter) != 1 for letter in letters):
        raise MachineError(f"{source}: axes are {', '.join(letters)}; they should be three different letters of XYZABC")
    if profile.servo_lift and profile.servo.low_mm >= profile.servo.high_mm:
        raise MachineError(f"{source}: servo.low_mm {profile.servo.low_mm:g} should be below servo.high_mm")
    if profile.height.first_wrap_mm >= profile.height.pin_mm:
        raise MachineError(
            f"{source}: height.first_wrap_mm {profile.height.first_wrap_mm:g} should be below "
            f"height.pin_mm {profile.height.pin_mm:g}"
        )
