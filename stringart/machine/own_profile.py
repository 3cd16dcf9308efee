"""A profile of the user's own: made from answers, its board's place kept; what else its file says stays."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stringart.errors import MachineError
from stringart.files import make_folder, read_text, write_atomically
from stringart.machine.profile import BoardPlace, Profile, Range
from stringart.machine.profile_files import MAX_BYTES, load_profile, own_path, profile_names, user_folder

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileAnswers:
    """What only the owner of a machine knows.

    Parameters
    ----------
    name : str
        Of the profile.
    base : str
        The profile that says all the rest, as ``grbl``.
    x_mm, y_mm, z_mm : (lowest, highest)
        How far each axis may go, in work coordinates; ``z_mm`` is not used where a servo lifts.
    tool_mm, pin_mm : float
        Outer diameter of the tube or needle; height of the pins' tops over the board.
    """

    name: str
    base: str
    x_mm: Range
    y_mm: Range
    z_mm: Range
    tool_mm: float
    pin_mm: float


def answers_of(profile: Profile) -> dict[str, object]:
    """Return what a profile says to the questions, in plain values."""
    limits = profile.limits
    return {
        "name": profile.name, "lift": profile.machine.lift, "x_mm": list(limits.x_mm), "y_mm": list(limits.y_mm),
        "z_mm": list(limits.z_mm), "tool_mm": profile.tool.diameter_mm, "pin_mm": profile.height.pin_mm,
    }  # fmt: skip


def keep_answers(answers: ProfileAnswers) -> Path:
    """Write a profile, or change the one of that name; it is proved to be one before it is kept.

    Raises
    ------
    MachineError, OutputError
        If the name or a value cannot be, or the file cannot be written.
    """
    _check(answers)
    path = user_folder() / f"{answers.name}.toml"
    known = answers.name in profile_names()
    base = load_profile(answers.name if known else answers.base)
    letters = "xy" if base.servo_lift else "xyz"
    tables: dict[str, Mapping[str, object]] = {
        "limits": {f"{letter}_mm": _plain(*getattr(answers, f"{letter}_mm")) for letter in letters},
        "tool": {"diameter_mm": _plain(answers.tool_mm)[0]},
        "height": {"pin_mm": _plain(answers.pin_mm)[0]},
    }
    text = _with_values(path, base.name, tables)
    _prove(text, answers.name)
    write_profile(path, text)
    return path


def _check(answers: ProfileAnswers) -> None:
    if not NAME.fullmatch(answers.name):
        raise MachineError(f"'{answers.name[:40]}' is no name of a profile", "small letters, digits, - and _")
    for letter, (low, high) in zip("XYZ", (answers.x_mm, answers.y_mm, answers.z_mm), strict=True):
        if not low < high < math.inf or not math.isfinite(low):
            raise MachineError(f"{letter} goes from {low:g} to {high:g} mm", "two numbers, the lower first")
    for what, value in (("tool's diameter", answers.tool_mm), ("height of the pins", answers.pin_mm)):
        if not 0 < value < 1000:
            raise MachineError(f"the {what} is {value:g} mm", "millimetres, above 0 and below 1000")


def _plain(*values: float) -> list[int | float]:
    """Numbers as a person would write them."""
    return [int(short) if (short := float(f"{value:g}")).is_integer() else short for value in values]


def _with_values(path: Path, base: str, tables: Mapping[str, Mapping[str, object]]) -> str:
    """The user's file with some values set, or a new one over ``base``; comments and all else stay."""
    import tomlkit

    old = read_text(path, MachineError, MAX_BYTES) if path.is_file() else f'inherits = "{base}"\n'
    document = tomlkit.parse(old)
    for section, values in tables.items():
        document.setdefault(section, tomlkit.table()).update(values)
    return document.as_string()


def write_profile(path: Path, text: str) -> None:
    """Write the file of a profile; its folder is made where it is not there.

    Raises
    ------
    OutputError
    """
    make_folder(path.parent)
    write_atomically(path, text.encode())


def _prove(text: str, name: str) -> None:
    """Read what would be written, under its name, before it is."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        load_profile(str(path))


# --- the board's place ---


def save_place(name: str, place: BoardPlace) -> Path:
    """Keep the board's place in the user's profile ``name``, or in the file of that name; what else it says stays.

    Returns
    -------
    Path
        Of the profile that was written.

    Raises
    ------
    MachineError, OutputError
    """
    if not all(map(math.isfinite, (*place.center_mm, place.rotation_deg, place.scale, place.surface_z_mm))):
        raise MachineError("the board's place holds what is no number, and is not kept", "touch the pins again")
    load_profile(name)  # so that nothing is written that cannot be read
    path = own_path(name)
    write_profile(path, _with_values(path, name, {"board": _rounded(place)}))
    return path


def _rounded(place: BoardPlace) -> dict[str, object]:
    return {
        "center_mm": [round(value, 4) for value in place.center_mm],
        "rotation_deg": round(place.rotation_deg, 6),
        "scale": round(place.scale, 8),
        "surface_z_mm": round(place.surface_z_mm, 4),
    }
