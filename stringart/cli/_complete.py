"""Shell completion: the commands as a skeleton that is read from a table, so that a Tab imports none of them.

``completions.json`` holds every command's options and what they take. It is made from the commands themselves:
``python -m stringart.cli._complete`` writes it anew.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from stringart.cli._table import COMMANDS

VARIABLE = "_STRINGART_COMPLETE"
_TABLE = "completions.json"
Table = dict[str, Any]


class _Words(click.ParamType[Any]):
    """A value of a few words, or a file."""

    name = "words"

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self._words = words

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the words that fit, and files."""
        fitting = [CompletionItem(word) for word in self._words() if word.startswith(incomplete)]
        return fitting or [CompletionItem(incomplete, type="file")]


class _Output(click.ParamType[Any]):
    """A file to be written: after its first dot, the endings that are known."""

    name = "output"

    def __init__(self, endings: Sequence[str]) -> None:
        self._endings = endings

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the name with every ending that it may have."""
        folder, name = os.path.split(incomplete)
        stem, dot, begun = name.partition(".")
        if not dot or not stem:
            return [CompletionItem(incomplete, type="file")]
        fitting = [ending for ending in self._endings if ending.startswith(dot + begun)]
        return [CompletionItem(os.path.join(folder, stem + ending)) for ending in fitting]  # noqa: PTH118


def respond(instruction: str) -> int:
    """Answer the shell: ``bash_source`` asks for its script, ``bash_complete`` for what fits."""
    table: Table = json.loads((resources.files("stringart.cli") / _TABLE).read_text("utf-8"))
    return shell_complete(_skeleton("stringart", table["stringart"], table), {}, "stringart", VARIABLE, instruction)


def script(shell: str) -> str:
    """Return what a shell must run to complete our commands.

    Parameters
    ----------
    shell : str
        ``bash``, ``zsh`` or ``fish``.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(click.Group("stringart"), {}, "stringart", VARIABLE).source()


def _skeleton(name: str, entry: Table, table: Table) -> click.Command:
    parameters: list[click.Parameter] = [_option(option, table) for option in entry["options"]]
    parameters += [
        click.Argument([f"argument{k}"], type=_type(takes, table), nargs=-1 if takes == "files" else 1)
        for k, takes in enumerate(entry["arguments"])
    ]
    if "commands" not in entry:
        return click.Command(name, params=parameters, help=entry["help"])
    commands = {child: _skeleton(child, below, table) for child, below in entry["commands"].items()}
    return click.Group(name, commands, params=parameters, help=entry["help"])


def _option(option: Table, table: Table) -> click.Option:
    takes = option["takes"]
    settings = {"is_flag": True} if takes is None else {"type": _type(takes, table)}
    return click.Option([*option["names"], "value"], multiple=option["many"], help=option["help"], **settings)


def _type(takes: str | list[str], table: Table) -> click.ParamType[Any]:
    if isinstance(takes, list):
        return click.Choice(takes)
    if takes in ("output", "film"):
        return _Output(table["endings"] if takes == "output" else table["films"])
    if takes == "machine":
        return _Words(_profiles)
    if takes in table["words"]:
        return _Words(lambda: table["words"][takes])
    return click.Path() if takes in ("file", "files") else click.STRING


def _profiles() -> list[str]:
    from stringart.machine.profile_files import profile_names

    return profile_names()


# --- making the table ---

_BY_NAME = {
    "--importance": "importance",
    "--backdrop": "backdrop",
    "--machine": "machine",
    "--palette": "palette",
    "board": "board",
    "profile": "machine",
    "shape": "board",
    "topic": "topic",
}
_FILES = {
    "PHOTO",
    "PHOTOS...",
    "PLAN",
    "PLAN|JOB",
    "JOB",
    "CLIP",
    "FILE",
    "CSV",
    "CARD",
    "PNG",
    "FOLDER",
    "DIR",
    "TOML",
}


def make_table() -> Table:
    """Return the table of the commands as they are."""
    from stringart.board.boards import shape_words
    from stringart.cli._main import group
    from stringart.cli.help import TOPICS
    from stringart.export import EXPORTERS, FILMS
    from stringart.threads.catalogues import catalogue_names
    from stringart.threads.request import PRESETS

    commands = {name: load_command(entry.target) for name, entry in COMMANDS.items()}
    whole = _entry(group) | {"commands": {name: _entry(command) for name, command in commands.items()}}
    for name, entry in COMMANDS.items():
        whole["commands"][name]["help"] = entry.help
    words = {
        "board": list(shape_words()),
        "importance": ["faces", "none"],
        "backdrop": ["keep", "fade"],
        "palette": ["auto:5", *PRESETS, *(f"{name}:auto:5" for name in catalogue_names())],
        "topic": [*dict.fromkeys([*TOPICS, *COMMANDS])],
    }
    return {"stringart": whole, "words": words, "endings": sorted(EXPORTERS), "films": sorted(FILMS)}


def load_command(target: str) -> click.Command:
    """Return the command that a table names as ``module:function``."""
    module, _, function = target.partition(":")
    command = getattr(importlib.import_module(module), function)
    assert isinstance(command, click.Command)
    return command


def fresh_context(command: click.Command, name: str | None = None) -> click.Context:
    """Return the context of a command that has none yet, as the whole program gives it one, 100 columns wide."""
    command._help_option = None  # click keeps the one of the first context that asked, a single command's in a test
    return click.Context(command, info_name=name, terminal_width=100, help_option_names=["-h", "--help"])


def _entry(command: click.Command) -> Table:
    options = [p for p in command.get_params(fresh_context(command)) if isinstance(p, click.Option) and not p.hidden]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    entry: Table = {
        "help": command.get_short_help_str(),
        "options": [
            {"names": [*o.opts, *o.secondary_opts], "takes": _takes(o, command), "many": o.multiple, "help": o.help}
            for o in options
        ],
        "arguments": [_argument(argument, command) for argument in arguments],
    }
    if isinstance(command, click.Group) and command.commands:
        entry["commands"] = {name: _entry(child) for name, child in sorted(command.commands.items())}
    return entry


def _argument(argument: click.Argument, command: click.Command) -> str | list[str] | None:
    takes = _takes(argument, command)
    return "files" if argument.nargs == -1 and takes == "file" else takes


def _takes(parameter: click.Parameter, command: click.Command) -> str | list[str] | None:
    """What a parameter takes: nothing, a choice, one of our lists, a file, or a text that nobody can complete."""
    if isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count):
        return None
    if isinstance(parameter.type, click.Choice):
        return [str(choice) for choice in parameter.type.choices]
    if "-o" in parameter.opts and command.name in ("design", "export", "film", "paint"):
        return "film" if command.name == "film" else "output"
    for name in (*parameter.opts, "profile" if command.name == "profiles" else parameter.name or ""):
        if name in _BY_NAME:
            return _BY_NAME[name]
    is_file = isinstance(parameter.type, click.Path | click.File) or (parameter.metavar or "") in _FILES
    return "file" if is_file or "-o" in parameter.opts else "text"


def table_text() -> str:
    """Return the table as it lies in its file."""
    return json.dumps(make_table(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(_TABLE).write_text(table_text(), encoding="utf-8")
    sys.exit(0)
