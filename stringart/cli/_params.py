"""Parameter types: texts become values with units here, once; and the files that commands read and write."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from stringart import units
from stringart.cli._streams import read_stdin, write_stdout
from stringart.errors import OutputError, PhotoError, PlanError, StringartError, UnitError
from stringart.files import read_bytes, write_atomically
from stringart.picture.photo import MAX_FILE_BYTES, Photo, load_photo
from stringart.plan.model import MAX_PLAN_BYTES, Plan


class Parsed(click.ParamType[Any]):
    """A parameter that a function of `stringart.units` reads; its error becomes a usage error with the hint.

    Parameters
    ----------
    parse : callable
        str -> value, raises UnitError.
    name : str
        Shown in the help.
    """

    def __init__(self, parse: Callable[[str], object], name: str) -> None:
        self._parse, self.name = parse, name

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read the text; a value that is read already comes back as it is."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except UnitError as error:
            self.fail(f"{error}; {error.hint}" if error.hint else str(error), param, ctx)


PERCENT = Parsed(units.parse_share, "percent")
LENGTH = Parsed(units.parse_length_mm, "length")
SIZE = Parsed(units.parse_size_mm, "size")
PIXELS = Parsed(units.parse_pixels, "pixels")
COLOR = Parsed(units.parse_color, "color")


def load_plan(name: str) -> Plan:
    """Read the plan file ``name``, ``-`` for stdin; say on stderr where threads of another program's run into pins.

    Raises
    ------
    PlanError
        If it is missing or not a plan.
    """
    plan = _read_plan(name)
    made_by = plan.provenance.command if plan.provenance else ""
    if not made_by.startswith("stringart") or made_by.startswith("stringart import"):
        from stringart.plan.touches import contacts_of

        contacts = contacts_of(plan)
        if contacts.touching:
            click.echo(f"note: {name}: {contacts}", err=True)
    return plan


def _read_plan(name: str) -> Plan:
    data = read_input(name, PlanError, MAX_PLAN_BYTES)
    try:
        return Plan.from_bytes(data, name if name != "-" else "stdin")
    except PlanError as error:
        if (kind := _list_kind(data, name)) is not None:
            raise PlanError(
                f"'{name}' is a winding list ({kind}), not a plan",
                f"make one of it: stringart import {name} -o plan.json",
            ) from None
        raise error


def _list_kind(data: bytes, name: str) -> str | None:
    """What another program's list is called, None if it is none."""
    from stringart.lists.reading import read_list

    try:
        return read_list(data, name).kind
    except StringartError:
        return None


def read_input(name: str, kind: type[StringartError], limit: int) -> bytes:
    """All bytes of the file ``name``, ``-`` for stdin.

    Raises
    ------
    StringartError
        Of ``kind``, if it cannot be read or is larger than ``limit``.
    """
    if name != "-":
        return read_bytes(name, kind, limit)
    data = read_stdin(limit, kind)
    if len(data) > limit:
        raise kind(f"stdin holds more than the {limit:,} bytes that are read")
    return data


def read_photo(name: str, background: str) -> Photo:
    """Read the photo ``name``, ``-`` for stdin; what is transparent shows ``background``.

    Raises
    ------
    PhotoError
        If it cannot be used.
    """
    if name == "-":
        return load_photo(read_stdin(MAX_FILE_BYTES, PhotoError), background, name="stdin")
    return load_photo(name, background)


def write_output(name: str, data: bytes) -> None:
    """Write ``data`` to the file ``name``, ``-`` for stdout; never half a file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if name != "-":
        write_atomically(name, data)
        return
    try:
        write_stdout(data)
    except BrokenPipeError:  # click would make a success of it
        raise click.exceptions.Exit(1) from None


def check_folders(names: tuple[str, ...]) -> None:
    """Refuse outputs whose folder is missing or read-only, before hours are spent on making them.

    Raises
    ------
    OutputError
        For the first such name.
    """
    for name in names:
        if name != "-" and not Path(name).parent.is_dir():
            raise OutputError(f"cannot write '{name}': the folder does not exist", f"mkdir -p '{Path(name).parent}'")
        if name != "-" and not Path(name).exists() and not os.access(Path(name).parent, os.W_OK):
            raise OutputError(
                f"cannot write '{name}': its folder is read-only", "choose a folder that you may write to"
            )


def load_matching_photo(name: str, plan: Plan) -> Photo:
    """Read the photo of a plan, ``-`` for stdin; say on stderr where it is another file than the plan was made from.

    What is transparent shows the board.

    Raises
    ------
    PhotoError
        If it cannot be read.
    """
    photo = read_photo(name, plan.board.color)
    for note in photo.notes:
        click.echo(f"note: {note}", err=True)
    if plan.photo is not None and plan.photo.sha256 != photo.sha256:
        click.echo(f"warning: '{name}' is not the file that the plan was made from ('{plan.photo.name}')", err=True)
    return photo
