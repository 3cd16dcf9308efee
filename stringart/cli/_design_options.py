"""The options of a design, for every command that makes one; they become a `Piece`."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import click

from stringart.cli._groups import in_group
from stringart.cli._params import Parsed
from stringart.piece import EXCLUSIVE, Piece, exclusive_names, is_given, merged
from stringart.piece_words import WORDS, Word

Command = TypeVar("Command", bound=Callable[..., Any])


def design_options(command: Command) -> Command:
    """Give a command every option of a design; it gets them as ``piece``."""

    @wraps(command)
    def with_piece(*args: Any, no_defaults: bool, **given: Any) -> Any:
        said = {name: given.pop(name) for name in WORDS}
        return command(*args, piece=piece_of(said), **given)

    click.option("--no-defaults", is_flag=True, help="Leave the defaults of your own out.")(with_piece)
    for name, word in reversed(WORDS.items()):
        _option(name, word)(with_piece)
    return with_piece  # type: ignore[return-value]


def _option(name: str, word: Word) -> Callable[[Any], Any]:
    kind = click.Choice(word.choices) if word.choices else Parsed(word.read, word.metavar)
    metavar = None if word.choices else word.metavar
    return in_group(word.group)(
        f"--{word.key}", name, type=kind, multiple=word.many, default=None, metavar=metavar, help=word.help
    )


def piece_of(said: Mapping[str, Any]) -> Piece:
    """Return the piece of what was said on the command line.

    Raises
    ------
    click.UsageError
        If two options exclude each other.
    """
    for pair in EXCLUSIVE:
        if all(is_given(said[name]) for name in pair):
            raise click.UsageError(f"{exclusive_names(pair)} exclude each other: choose one")
    return merged(said)
