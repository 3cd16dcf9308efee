"""A profile of the user's own: made from answers, changed value by value; what else its file says stays."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stringart.errors import MachineError, OutputError
from stringart.files import read_text, write_atomically
from stringart.machine.profile import Profile, Range, load_profile, profile_names, user_folder

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MAX_BYTES = 2**20
_KEY = re.compile(r"\s*(\w+)\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
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


def keep_answers(answers: Answers) -> Path:
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
    text = read_text(path, MachineError, _MAX_BYTES) if path.is_file() else f'inherits = "{base.name}"\n'
    values = {
        "limits": {"x_mm": _pair(answers.x_mm), "y_mm": _pair(answers.y_mm)}
        | ({} if base.servo_lift else {"z_mm": _pair(answers.z_mm)}),
        "tool": {"diameter_mm": f"{answers.tool_mm:g}"},
        "height": {"pin_mm": f"{answers.pin_mm:g}"},
    }
    for section, pairs in values.items():
        text = _with_values(text, section, pairs)
    _prove(text, answers.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make '{path.parent}': {error.strerror}") from error
    write_atomically(path, text.encode())
    return path


def _check(answers: Answers) -> None:
    if not NAME.fullmatch(answers.name):
        raise MachineError(f"'{answers.name[:40]}' is no name of a profile", "small letters, digits, - and _")
    for letter, (low, high) in zip("XYZ", (answers.x_mm, answers.y_mm, answers.z_mm), strict=True):
        if not low < high < math.inf or not math.isfinite(low):
            raise MachineError(f"{letter} goes from {low:g} to {high:g} mm", "two numbers, the lower first")
    for what, value in (("tool's diameter", answers.tool_mm), ("height of the pins", answers.pin_mm)):
        if not 0 < value < 1000:
            raise MachineError(f"the {what} is {value:g} mm", "millimetres, above 0 and below 1000")


def _pair(ends: Range) -> str:
    return f"[{ends[0]:g}, {ends[1]:g}]"


def _with_values(text: str, section: str, pairs: Mapping[str, str]) -> str:
    """A TOML text with some values of a section set; comments and all else stay."""
    lines: list[str] = []
    inside, left = False, dict(pairs)
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            if inside:
                lines += _set_lines(lines, left)
            inside = line.strip().startswith(f"[{section}]")
        found = _KEY.match(line) if inside else None
        if found and found[1] in pairs:
            left.pop(found[1], None)
            line = f"{found[1]} = {pairs[found[1]]}"
        lines.append(line)
    if inside:
        lines += _set_lines(lines, left)
    elif left:
        lines += ["", f"[{section}]", *_set_lines([], left)]
    return "\n".join(lines) + "\n"


def _set_lines(before: list[str], left: dict[str, str]) -> list[str]:
    """The values that are still to be set, before the blank lines that end a section."""
    blank = []
    while before and not before[-1].strip():
        blank.append(before.pop())
    made = [f"{key} = {left.pop(key)}" for key in list(left)]
    return [*made, *blank]


def _prove(text: str, name: str) -> None:
    """Read what would be written, under its name, before it is."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        load_profile(str(path))
