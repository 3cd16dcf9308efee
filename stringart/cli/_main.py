"""The entry point: finds a command, turns every error into one line and an exit status.

0 ok, 1 our error, 2 usage, 3 machine alarm, 130 interrupted. stdout is data, stderr is talk.
"""

import gc
import importlib
import os
import sys
import traceback
from difflib import get_close_matches

import click

from stringart._version import __version__
from stringart.cli._streams import failure_of_stdout, flush_stdout, forget, prepare_streams
from stringart.cli._table import COMMANDS
from stringart.errors import StringartError
from stringart.interrupts import end_on_interrupt

EXIT_ERROR, EXIT_INTERRUPTED = 1, 130
_BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # more of them wait busily for small work: 0.4 s a design
_GARBAGE_THRESHOLD = 100_000
"""Imports make many objects that stay: to look through them every 700 costs a tenth of a short command."""


class _LazyGroup(click.Group):
    """A group that imports a command's module when the command is run, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].target.partition(":")
        command = getattr(importlib.import_module(module), function)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(name, COMMANDS)
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"No such command '{name}'.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stringart")
@click.option("-v", "--verbose", count=True, help="Say more; -vv shows the traceback of an error.")
@click.pass_context
def group(context: click.Context, verbose: int) -> None:
    """Turn a photo into string art: plan it, see it, wind it by hand or by machine."""
    context.obj = verbose


def main() -> None:
    """Run the command line and exit; where a shell asks what fits, answer it."""
    if instruction := os.environ.get("_STRINGART_COMPLETE"):
        from stringart.cli._complete import respond

        sys.exit(respond(instruction))
    gc.set_threshold(_GARBAGE_THRESHOLD)
    for name in _BLAS_THREADS:
        os.environ.setdefault(name, "1")
    prepare_streams()
    end_on_interrupt()
    status = run(sys.argv[1:])
    if (failure := flush_stdout()) is not None:
        _tell(failure, 0)
        status = status or EXIT_ERROR
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run the command line with ``arguments``; return the exit status."""
    verbose = sum(len(a) - 1 for a in arguments if a.startswith("-v") and set(a[1:]) == {"v"})
    try:
        code = group.main(arguments, prog_name="stringart", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except StringartError as error:
        _tell(error, verbose)
        return int(getattr(error, "exit_status", EXIT_ERROR))
    except OSError as error:  # what is written beside files: stdout
        _tell(failure_of_stdout(error) if error.filename is None else _failure_of(error), verbose)
        forget(sys.stdout)
        return EXIT_ERROR
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: nothing was left half written", err=True)
        return EXIT_INTERRUPTED


def _failure_of(error: OSError) -> StringartError:
    return StringartError(f"'{error.filename}': {error.strerror}")


def _tell(error: StringartError, verbose: int) -> None:
    click.echo(f"error: {error}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
    if verbose >= 2:
        traceback.print_exception(error, file=sys.stderr)
