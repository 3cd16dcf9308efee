"""What exporters let a user choose: each option told once, by the exporters that read it.

The command line's options, the fields of the page and the checks of both are made from what the exporters declare.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stringart import units
from stringart.errors import UnitError

if TYPE_CHECKING:
    from stringart.look.film import FilmOptions
    from stringart.look.paint import Painting
    from stringart.machine.profile import Profile

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOption(Generic[T]):
    """One thing that can be chosen.

    Parameters
    ----------
    name : str
        Of the value in `ExportOptions`, with its unit.
    key : str
        ``--key`` on the command line; "" for what only Python can give.
    default : object
        What is meant where it is not given; a bool makes a flag of it.
    title : str
        Its name on the page.
    about : str
        One line.
    read, write : callable
        Text to value and back; ``read`` raises UnitError.
    metavar : str
        What its value looks like.
    said : str
        The default as people read it; written by ``write`` unless it is given.
    heading : str
        Options that belong together.
    choices : tuple of str
        All words that it takes, where they are few.
    offers : tuple of str
        Values that a page offers in a list, where a text may be anything.
    low, high : float, optional
        Range of a number on the page.
    is_photo : bool
        The value is the plan's `Photo`; the command line reads it from a file.
    load : callable, optional
        Makes a value of it that needs no file of this computer, to be sent to another.
    """

    name: str
    key: str
    default: T
    title: str
    about: str = ""
    read: Callable[[str], T]
    write: Callable[[T], str] = str
    metavar: str = "TEXT"
    said: str = ""
    heading: str = "Options"
    choices: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    is_photo: bool = False
    load: Callable[[T], T] | None = None

    @property
    def is_flag(self) -> bool:
        """Whether it is on or off."""
        return isinstance(self.default, bool)

    @property
    def help(self) -> str:
        """One line, with its default."""
        said = self.said or ("" if self.default is None or self.is_flag else self.write(self.default))
        return "  ".join(part for part in (self.about, f"[default: {said}]" if said else "") if part)


class ExportOptions:
    """What a user chose; an exporter asks for what concerns it: ``options[PAPER]``.

    Parameters
    ----------
    **given
        By the names that the exporters declare; what is not given is as they say.

    Raises
    ------
    UnitError
        For a name that no exporter declares.
    """

    __slots__ = ("_given",)

    def __init__(self, **given: Any) -> None:
        own = [name for name in given if name not in _COMMON]
        if own:
            from stringart.export import declared_options

            known = declared_options()
            for name in own:
                if name not in known:
                    raise UnitError(f"no exporter has the option '{name}'", f"known: {', '.join(sorted(known))}")
        self._given = dict(sorted(given.items()))

    def __getitem__(self, option: ExportOption[T]) -> T:
        value: T = self._given.get(option.name, option.default)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __contains__(self, option: ExportOption[Any]) -> bool:
        return option.name in self._given

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExportOptions) and self._given == other._given

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ExportOptions({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"

    def replaced(self, **given: object) -> "ExportOptions":
        """Return the options with others in place of these."""
        return ExportOptions(**self._given | given)


def read_whole(text: str) -> int:
    """Return a whole number.

    Raises
    ------
    UnitError
    """
    return int(_read(int, text, "a whole number"))


def read_number(text: str) -> float:
    """Return a number.

    Raises
    ------
    UnitError
    """
    return float(_read(float, text, "a number"))


def _read(kind: Callable[[str], float], text: str, what: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise UnitError(f"'{text}' is not {what}", "write it without a unit") from None


def write_number(value: float) -> str:
    """Return the shortest text of a number."""
    return repr(value).removesuffix(".0")


def write_mm(value: float) -> str:
    """Return a length as the command line reads it."""
    return f"{write_number(value)}mm"


def _load_machine(machine: "str | Profile") -> "str | Profile":
    from stringart.machine.profile_files import profile_of

    return profile_of(machine)


_SHEETS, _DRILL = "Winding book, templates and shopping list", "Drill program"
WIDTH = ExportOption(
    name="width_px", key="width", default=1024, title="Width of pictures (px)", about="Of the piece.",
    read=units.parse_pixels, write="{}px".format, metavar="PIXELS", low=16, high=8000,
    said="1024px, in films 600px, on a wall 1600px",
)  # fmt: skip
PAPER = ExportOption(
    name="paper", key="paper", default="A4", title="Paper", about="Of books and tiles: A4, Letter, ... or 200x300mm.",
    read=str, heading=_SHEETS, offers=("A4", "Letter", "A3", "Legal"),
)  # fmt: skip
EDGE = ExportOption(
    name="edge_mm", key="edge", default=15.0, title="Board beyond pins (mm)", about="Board beyond the pins; 0mm: none.",
    read=units.parse_length_mm, write=write_mm, metavar="LENGTH", heading=_SHEETS, low=0, high=200,
)  # fmt: skip
SPOOL = ExportOption(
    name="spool_mm", key="spool", default=500_000.0, title="Thread on a spool (mm)", about="Thread on a spool.",
    read=units.parse_length_mm, write=write_mm, metavar="LENGTH", said="500m", heading=_SHEETS, low=1000, high=1e8,
)  # fmt: skip
MACHINE: "ExportOption[str | Profile]" = ExportOption(
    name="machine", key="machine", default="grbl", title="Machine profile", about="Its profile.",
    read=str, metavar="PROFILE", heading="Machine program (.gcode .nc .ngc)", load=_load_machine,
)  # fmt: skip
FILM: "ExportOption[FilmOptions | None]" = ExportOption(
    name="film", key="", default=None, title="", read=lambda text: None,
    about="How an animation is cut, all at once; for Python.",
)  # fmt: skip
PAINTING: "ExportOption[Painting | None]" = ExportOption(
    name="painting", key="", default=None, title="", read=lambda text: None,
    about="The plan's pictures, where one was painted already or will be looked at again; for Python.",
)  # fmt: skip
_COMMON = {one.name for one in (WIDTH, PAPER, EDGE, SPOOL, MACHINE, FILM, PAINTING)}


def with_default(option: ExportOption[T], default: T) -> ExportOption[T]:
    """Return the option with another default, for an exporter that has its own."""
    return replace(option, default=default)
