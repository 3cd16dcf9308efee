"""The options of a design, for every command that makes one; they become a `Order`."""

import itertools
import os
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from stringart.cli._groups import in_group
from stringart.cli._params import Parsed, check_folders, write_output
from stringart.order.option import OrderOption, is_given
from stringart.order.order import EXCLUSIVE, TABLE, Order, exclusive_names, merged

Command = TypeVar("Command", bound=Callable[..., object])
_file = in_group("Project file")
_FILE_OPTIONS = (
    _file(
        "--config", "config_file", metavar="FILE",
        help="Take options from a TOML file. A flag wins over the file, the file over your own defaults.toml, and that "
        "over what is built in.",
    ),
    _file(
        "--look", "look_name", metavar="NAME",
        help="Take options from a look: one that stringart looks shows, or one of your own; auto takes the best of "
        "them for the photo. Flags and --config win over it.",
    ),
    _file("--hours", type=float, metavar="N", help="With --look auto: the best that takes no more of them by hand."),
    _file("--save-config", "saved_file", metavar="FILE", help="Write every option to a TOML file, as --config reads."),
    _file(
        "--no-defaults", is_flag=True,
        help="Leave your own defaults.toml (in your config folder) out, as STRINGART_NO_DEFAULTS=1 does.",
    ),
)  # fmt: skip


def design_options(command: Command) -> Command:
    """Give a command every option of a design; it gets them as ``order``."""

    @wraps(command)
    def with_order(
        *args: object,
        config_file: str | None,
        look_name: str | None,
        hours: float | None,
        saved_file: str | None,
        no_defaults: bool,
        **given: Any,
    ) -> object:
        said = {name: given.pop(name) for name in TABLE}
        if look_name == "auto":
            look_name = _best_look(given.get("photo_file"), said, hours)
        elif hours is not None:
            raise click.UsageError("--hours chooses among looks: write --look auto with it")
        order = order_of(said, config_file, no_defaults, look_name)
        if saved_file is not None:
            _save(order, saved_file)
        return command(*args, order=order, **given)

    for option in reversed(_FILE_OPTIONS):
        option(with_order)
    for name, word in reversed(TABLE.items()):
        _option(name, word, _kind(word), word.many)(with_order)
    return with_order  # type: ignore[return-value]


def sweep_options(command: Command) -> Command:
    """Give a command every option of a design, most of them with several values.

    It gets ``order``, and ``choices``: the values of those fields that have more than one.
    """
    from stringart.many.values import SWEPT, parse_values

    @wraps(command)
    def with_choices(*args: object, config_file: str | None, no_defaults: bool, **given: Any) -> object:
        said = {name: given.pop(name) for name in TABLE}
        values = {name: tuple(dict.fromkeys(itertools.chain(*said[name]))) for name in SWEPT}
        said |= {name: found[0] if found else None for name, found in values.items()}
        order = order_of(said, config_file, no_defaults)
        choices = {name: found for name, found in values.items() if len(found) > 1}
        return command(*args, order=order, choices=choices, **given)

    for option in (_FILE_OPTIONS[4], _FILE_OPTIONS[0]):
        option(with_choices)
    for name, word in reversed(TABLE.items()):
        swept = name in SWEPT
        kind = Parsed(partial(parse_values, name), word.metavar) if swept else _kind(word)
        _option(name, word, kind, word.many or swept)(with_choices)
    return with_choices  # type: ignore[return-value]


def _kind(word: OrderOption) -> object:
    return click.Choice(word.choices) if word.choices else Parsed(word.read, word.metavar)


def _option(name: str, word: OrderOption, kind: object, many: bool) -> Callable[[Any], Any]:
    metavar = None if isinstance(kind, click.Choice) else word.metavar
    return in_group(word.group)(
        f"--{word.key}", name, type=kind, multiple=many, default=None, metavar=metavar, help=word.help
    )


def order_of(
    said: Mapping[str, object],
    config_file: str | None = None,
    no_defaults: bool = False,
    look_name: str | None = None,
) -> Order:
    """Return the order of what was said on the command line, in a project file and in the user's defaults.

    Raises
    ------
    click.UsageError
        If two options exclude each other.
    ConfigError
        If a file is wrong.
    """
    for pair in EXCLUSIVE:
        if all(is_given(said.get(name)) for name in pair):
            raise click.UsageError(f"{exclusive_names(pair)} exclude each other: choose one")
    from_file: Mapping[str, object] = {}
    if config_file is not None:
        from stringart.order.project_file import read_project_file

        read = read_project_file(config_file)
        from_file, no_defaults = read.said, no_defaults or read.no_defaults
    from_look: Mapping[str, object] = {}
    if look_name is not None:
        from stringart.order.look_files import find_look

        from_look = find_look(look_name).file.said
    own = {} if no_defaults else _defaults()
    order = merged(said, from_file, from_look, own)
    if own:
        _tell_defaults(own, merged(said, from_file, from_look), order)
    return order


def _best_look(photo_file: str | None, said: Mapping[str, object], hours: float | None) -> str:
    """Return the name of the look that suits a photo best, and say which it is."""
    from stringart.cli._progress import steps_shown
    from stringart.many.trials import best_of, try_looks
    from stringart.order.loaded import read_picture
    from stringart.order.look_files import offered_looks

    if photo_file is None or photo_file == "-":
        raise click.UsageError("--look auto looks at one photo, in a file: name a look")
    given = {name: value for name, value in said.items() if is_given(value)}
    with steps_shown("looks") as shown:
        trials = try_looks(read_picture(photo_file), offered_looks(), given, shown)
    best, told = best_of(trials, hours)
    click.echo(told, err=True)
    return best.look.name


def _defaults() -> Mapping[str, object]:
    from stringart.order.project_file import read_defaults

    return read_defaults()


def _tell_defaults(own: Mapping[str, object], without: Order, order: Order) -> None:
    """Say which of the user's defaults count."""
    from stringart.order.project_file import defaults_path

    used = [TABLE[name].key for name in TABLE if name in own and getattr(order, name) != getattr(without, name)]
    if used:
        click.echo(f"your defaults from {defaults_path()}: {', '.join(used)}", err=True)


def _save(order: Order, name: str) -> None:
    from stringart.order.project_file import project_file_text

    check_folders((name,))
    write_output(name, project_file_text(order, os.fspath(Path(name).parent)))
    click.echo(f"wrote {name}", err=True)
