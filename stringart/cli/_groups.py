"""A command whose many options are listed in groups."""

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Any], Any]


class _Option(click.Option):
    def __init__(self, *args: Any, group: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command that prints its options under the headings that `in_group` gives them."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section a group, in the order in which the groups are first met."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups.setdefault(getattr(parameter, "group", "Options"), []).append(record)
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)


def in_group(group: str) -> Callable[..., Decorator]:
    """Return what makes options of ``group``; otherwise as ``click.option``."""

    def option(*names: str, **settings: object) -> Decorator:
        return click.option(*names, cls=_Option, group=group, **settings)

    return option
