"""The options of the exporters, for every command that exports; they become `ExportOptions`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from stringart.cli._groups import in_group
from stringart.cli._params import Parsed
from stringart.export import ExportOption, ExportOptions, declared_options

Command = TypeVar("Command", bound=Callable[..., object])
_FIRST = "Options"


def export_options(command: Command) -> Command:
    """Give a command every option that an exporter declares but photos; it gets them as ``export_options``."""
    return _with_options(command, [one for one in _on_command_line() if not one.is_photo])


def export_options_with_photos(command: Command) -> Command:
    """Give a command every option that an exporter declares; files of photos come as ``photo_files``, by option."""
    return _with_options(command, _on_command_line())


def _on_command_line() -> list[ExportOption[object]]:
    """Return the options under headings that stand together, those of no heading first."""
    found = [option for option in declared_options().values() if option.key]
    headings = [_FIRST, *dict.fromkeys(option.heading for option in found)]
    return sorted(found, key=lambda option: headings.index(option.heading))


def _with_options(command: Command, options: list[ExportOption[object]]) -> Command:
    has_photos = any(option.is_photo for option in options)

    @wraps(command)
    def with_options(*args: object, **given: object) -> object:
        found = {one: given.pop(_parameter(one)) for one in options}
        chosen = {one: value for one, value in found.items() if value is not None and value is not False}
        said = {one.name: _value(one, value) for one, value in chosen.items()}
        photos = {one.name: said.pop(one.name) for one in options if one.is_photo and one.name in said}
        if has_photos:
            given["photo_files"] = photos
        return command(*args, export_options=ExportOptions(**said), **given)

    for option in reversed(options):
        _option(option)(with_options)
    return with_options  # type: ignore[return-value]


def _value(option: ExportOption[Any], value: Any) -> Any:
    return option.read(value) if option.choices else value


def _parameter(option: ExportOption[object]) -> str:
    return f"export_{option.name}"


def _option(option: ExportOption[object]) -> Callable[[Any], Any]:
    named = in_group(option.heading)
    if option.is_flag:
        return named(f"--{option.key}", _parameter(option), is_flag=True, help=option.help)
    kind: object = click.Choice(option.choices) if option.choices else Parsed(option.read, option.metavar)
    metavar = None if option.choices else option.metavar
    return named(f"--{option.key}", _parameter(option), type=kind, default=None, metavar=metavar, help=option.help)


def self_contained(options: ExportOptions, endings: tuple[str, ...]) -> ExportOptions:
    """Return the options as another computer can use them: what names a file of this one is read, and checked.

    Parameters
    ----------
    options : ExportOptions
    endings : tuple of str
        Of the files to be written: what no exporter of these reads stays as it is.

    Raises
    ------
    StringartError
        If a file cannot be read.
    """
    from stringart.export import options_of

    read = {one.name: one for ending in endings for one in options_of(ending)}
    given = {name: one for name, one in declared_options().items() if one in options}
    loaded = {name: one.load(options[one]) for name, one in (given | read).items() if one.load is not None}
    return options.replaced(**loaded) if loaded else options
