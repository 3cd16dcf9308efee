"""An order as a command: the words that say it again, on any computer."""

import os
import shlex
from collections.abc import Iterable
from dataclasses import fields
from pathlib import PurePath
from typing import Any

from stringart.order.option import OrderOption
from stringart.order.order import TABLE, Order, files_of, with_files

NO_DEFAULTS = "--no-defaults"


def command_of(order: Order, photo_name: str) -> str:
    """Return the command that makes the plan of a photo, run where the photo and the order's files are.

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
    """Return the options of a command that say this order, its files named as shortly as tells them apart.

    Parameters
    ----------
    order : Order
    source_name : str
        Of the photo or clip, which stands in the same command.
    """
    short = _short_names(files_of(order), source_name)
    return words_of(with_files(order, short.__getitem__))


def words_of(order: Order) -> list[str]:
    """Return the options of a command that say this order, in the order of `TABLE`."""
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
