"""An order: what is asked for, in the words of the command line, a project file and Python."""

import csv
import io
import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import PurePath
from typing import Any

from stringart.board.boards import DEFAULT_PIN_DIAMETER_MM, shape_words
from stringart.errors import UnitError
from stringart.order.table import TABLE, OrderOption, Pair
from stringart.picture.backdrop import BACKDROPS, KEEP
from stringart.picture.photo import Crop
from stringart.picture.placing import AUTO
from stringart.plan.model import Thread
from stringart.search.quality import QualityName
from stringart.threads.thread_text import split_name

IMPORTANCE_WORDS = ("faces", "none")
EXCLUSIVE = (("lines", "thread_length_mm"), ("thread", "palette"), ("cycles", "layers"))
"""Fields that say the same thing in two ways: at most one of each pair is given."""
NO_DEFAULTS = "--no-defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a user asks for; `TABLE` says what each field is.

    A field that is None, or an empty tuple, is not given. Files are named, not read.
    """

    quality: QualityName = "normal"
    seed: int = 0
    crop: str | Crop = AUTO
    zoom_percent: float = 100.0
    move_percent: tuple[float, float] = (0.0, 0.0)
    board: str = "circle"
    size_mm: tuple[float, float] | None = None
    pins: int | None = None
    pin_diameter_mm: float = DEFAULT_PIN_DIAMETER_MM
    background: str | None = None
    thread: Thread | None = None
    palette: str | None = None
    lines: int | None = None
    thread_length_mm: float | None = None
    limits_mm: tuple[tuple[str, float], ...] = ()
    cycles: int | None = None
    layers: str | None = None
    change_minutes: float | None = None
    only: tuple[Pair, ...] = ()
    separation: tuple[Pair, ...] = ()
    stand_in: str | None = None
    unmix: str | None = None
    importance: str = "faces"
    importance_for: tuple[Pair, ...] = ()
    backdrop: str = KEEP

    def __post_init__(self) -> None:
        for pair in EXCLUSIVE:
            if all(getattr(self, name) is not None for name in pair):
                raise UnitError(f"{exclusive_names(pair)} exclude each other", "choose one")


def exclusive_names(pair: tuple[str, str]) -> str:
    """Return "--lines and --thread-length" for a pair of fields."""
    return " and ".join(f"--{TABLE[name].key}" for name in pair)


def is_given(value: object) -> bool:
    """Return whether a field says something."""
    return value is not None and value != ()


def merged(*layers: Mapping[str, Any]) -> Order:
    """Return the piece of several layers of fields, the weightiest first.

    A layer that says one of a pair that excludes each other silences the other one in the layers below.
    """
    said: dict[str, Any] = {}
    for layer in layers:
        silent = {other for pair in EXCLUSIVE for one, other in (pair, pair[::-1]) if one in said}
        for name, value in layer.items():
            if is_given(value) and name not in said and name not in silent:
                said[name] = value
    return Order(**said)


# --- as a command ---


def command_of(order: Order, photo_name: str) -> str:
    """Return the command that makes the plan of a photo, run where the photo and the piece's files are.

    Files are named without their folders, so that the command, which the plan remembers, does not depend on where the
    plan was made; two of one name keep as much of their folders as tells them apart.

    Parameters
    ----------
    order : Order
    photo_name : str
        Without its folder; ``stdin`` for a photo that came in by a pipe.

    Examples
    --------
    >>> command_of(Order(pins=200, size_mm=(400.0, 300.0), board="rectangle"), "cat.jpg")
    'stringart design cat.jpg -o cat.json --no-defaults --board rectangle --size 400x300mm --pins 200'
    """
    photo, plan = ("-", "-") if photo_name == "stdin" else (photo_name, f"{PurePath(photo_name).stem}.json")
    words = words_without_folders(order, photo_name)
    return shlex.join(["stringart", "design", argument_of(photo), "-o", argument_of(plan), NO_DEFAULTS, *words])


def argument_of(file_name: str) -> str:
    """Return a file's name as it stands in a command: one that looks like an option is guarded."""
    return f"./{file_name}" if file_name.startswith("-") and file_name != "-" else file_name


def words_without_folders(order: Order, source_name: str) -> list[str]:
    """Return the options of a command that say this piece, its files named as shortly as tells them apart.

    Parameters
    ----------
    order : Order
    source_name : str
        Of the photo or clip, which stands in the same command.
    """
    short = _short_names(files_of(order), source_name)
    return words_of(with_files(order, short.__getitem__))


def words_of(order: Order) -> list[str]:
    """Return the options of a command that say this piece, in the order of `TABLE`."""
    said = []
    for one in fields(Order):
        value, word = getattr(order, one.name), TABLE[one.name]
        if value != one.default:
            for text in texts_of(word, value):
                said += [f"--{word.key}={text}"] if text.startswith("-") else [f"--{word.key}", text]
    return said


def texts_of(word: OrderOption, value: Any) -> list[str]:
    """Return the texts that a value is said with; more than one where the option is repeated."""
    return [word.write(one) for one in value] if word.many else [word.write(value)]


def _short_names(names: Iterable[str], photo_name: str) -> dict[str, str]:
    """Return the last parts of each name, as few as tell it from the other files and from the photo."""
    whole = {name: PurePath(os.path.abspath(name)).parts for name in names}  # noqa: PTH100 (links are not followed)
    return {name: _short_name(parts, set(whole.values()) - {parts}, photo_name) for name, parts in whole.items()}


def _short_name(parts: tuple[str, ...], others: set[tuple[str, ...]], photo_name: str) -> str:
    for count in range(1, len(parts)):
        short = PurePath(*parts[-count:]).as_posix()
        taken = {photo_name.casefold(), *(PurePath(*other[-count:]).as_posix().casefold() for other in others)}
        if short.casefold() not in taken:
            return short
    return PurePath(*parts).as_posix()


# --- its files ---


def files_of(order: Order) -> tuple[str, ...]:
    """Return the names of all files that a piece needs, each once."""
    found: dict[str, None] = {}

    def note(name: str) -> str:
        found[name] = None
        return name

    with_files(order, note)
    return tuple(found)


def with_files(order: Order, renamed: Callable[[str], str]) -> Order:
    """Return the piece with the name of every file in it exchanged for what ``renamed`` makes of it."""

    def in_pairs(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        return tuple((thread, renamed(file)) for thread, file in pairs)

    return replace(
        order,
        board=_renamed_unless(order.board, shape_words(), renamed),
        importance=_renamed_unless(order.importance, IMPORTANCE_WORDS, renamed),
        backdrop=_renamed_unless(order.backdrop, BACKDROPS, renamed),
        stand_in=None if order.stand_in is None else renamed(order.stand_in),
        palette=None if order.palette is None else _renamed_lists(order.palette, renamed),
        only=in_pairs(order.only),
        separation=in_pairs(order.separation),
        importance_for=in_pairs(order.importance_for),
    )


def _renamed_unless(name: str, words: tuple[str, ...], renamed: Callable[[str], str]) -> str:
    if name in words:
        return name
    new = renamed(name)
    return new if new not in words else f"./{new}"


def _renamed_lists(palette: str, renamed: Callable[[str], str]) -> str:
    """Rename the lists of threads in a palette; the rest of its text stays as it is."""
    if ".toml" not in palette.lower():
        return palette
    items = next(csv.reader([palette.strip()], skipinitialspace=True), [])
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow([_renamed_list(item, renamed) for item in items])
    return file.getvalue()


def _renamed_list(item: str, renamed: Callable[[str], str]) -> str:
    if ".toml" not in item.lower() or split_name(item)[0]:
        return item
    item = item.strip()
    end = item.lower().index(".toml") + len(".toml")
    return renamed(item[:end]) + item[end:]
