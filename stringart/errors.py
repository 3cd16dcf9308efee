"""Every error that a user can cause, as one tree.

``StringartError`` is caught by the command line and printed as one line with a hint. Anything else that
escapes is a defect of ours::

    StringartError
    ├── UnitError          a length, a number or a colour that cannot be read
    ├── BoardError         a board or its pins that cannot be built
    ├── PhotoError         a photo or a map that cannot be used
    ├── PaletteError       threads that do not exist or do not differ
    ├── ScheduleError      layers that cannot be ordered as asked
    ├── ConfigError        a project file, or defaults, that cannot be used
    ├── PlanError          a plan file that is not one
    ├── OutputError        a file that cannot be written
    ├── MissingExtraError  an optional package that is not installed
    └── MachineError       a machine, its profile or its job

A hint is seen in a traceback too, as a note, in which options of the command line are the arguments of Python.
"""

import re

_UNITS = {
    "mm": "bed drill-depth edge joint-play kerf pin-diameter ring-thickness size spool thread-length wall",
    "mm_min": "drill-feed",
    "percent": "move zoom",
    "px": "width",
    "s": "hold",
}
_ARGUMENTS = {name: f"{name.replace('-', '_')}_{unit}" for unit, names in _UNITS.items() for name in names.split()}
_ARGUMENTS["price"] = "spool_price"
"""Options whose arguments have a unit, or what they are of, in their name; all others are named alike."""
_OPTION = re.compile(r"--([a-z][a-z-]*)(?:[ =](\d[\d.]*)(?:x(\d[\d.]*))?mm\b)?")


def in_python(hint: str) -> str:
    """Return a hint with arguments in place of a command's options.

    Examples
    --------
    >>> in_python("choose another colour, or --background"), in_python("say which: --size 80x60mm")
    ('choose another colour, or background', 'say which: size_mm=(80, 60)')
    """
    return _OPTION.sub(_argument, hint)


def _argument(option: re.Match[str]) -> str:
    name = _ARGUMENTS.get(option[1], option[1].replace("-", "_"))
    if option[2] is None:
        return name
    return f"{name}={option[2]}" if option[3] is None else f"{name}=({option[2]}, {option[3]})"


class StringartError(Exception):
    """Something the user can mend; the message says what, where and the numbers, ``hint`` what to do.

    Parameters
    ----------
    message : str
        One line.
    hint : str, optional
        What to do about it, one line.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            self.add_note(in_python(hint))


class UnitError(StringartError):
    """A length, a number or a colour that cannot be read."""


class BoardError(StringartError):
    """A board or its pins that cannot be built."""


class PhotoError(StringartError):
    """A photo or a map that cannot be used."""


class PaletteError(StringartError):
    """Threads that do not exist or do not differ."""


class ScheduleError(StringartError):
    """Layers that cannot be ordered as asked."""


class ConfigError(StringartError):
    """A project file, or defaults, that cannot be used."""


class PlanError(StringartError):
    """A plan file that is not one."""


class OutputError(StringartError):
    """A file that cannot be written."""


class MachineError(StringartError):
    """A machine, its profile or its job."""


class MissingExtraError(StringartError):
    """An optional package that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the optional packages of the extra '{extra}', which are not installed",
            f'pip install "stringart-studio[{extra}]"',
        )
