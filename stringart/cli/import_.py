"""``stringart import``: a winding list of another program becomes a plan."""

import shlex
import sys
from pathlib import Path

import click

from stringart.board.boards import shape_words
from stringart.cli._params import COLOR, LENGTH, SIZE, Parsed, check_folders, read_input, write_output
from stringart.errors import OutputError, PlanError
from stringart.lists.building import DIRECTIONS, STARTS, ListOptions, plan_of_list
from stringart.lists.reading import read_list
from stringart.plan.model import MAX_PLAN_BYTES, Thread
from stringart.threads.thread_text import parse_thread


@click.command("import")
@click.argument("list_file", metavar="LIST")
@click.option("-o", "--output", required=True, metavar="FILE", help="plan.json; - is stdout.")
@click.option("--pins", type=click.IntRange(8, 5000), metavar="N", help="How many pins the board has.")
@click.option("--start", metavar="|".join((*STARTS, "DEG")), help="Where the first pin stands, seen from the front; "
              "45deg is clockwise from the top.")  # fmt: skip
@click.option("--direction", type=click.Choice(DIRECTIONS), help="Which way the numbers grow, seen from the front.")
@click.option("--first", type=click.IntRange(0, 1), help="Number of the first pin.  [default: as the list shows]")
@click.option("--y-axis", type=click.Choice(("up", "down")), help="Where y grows, if LIST gives the pins' places.")
@click.option("--board", "shape", default="circle", show_default=True, metavar="|".join((*shape_words(), "FILE")))
@click.option("--size", "size_mm", type=SIZE, help="600mm, 800x600mm; the box round the pins.  [default: 600mm]")
@click.option("--pin", "pin_mm", type=LENGTH, default="2mm", show_default=True, help="Diameter of a pin.")
@click.option(
    "--thread", "threads", type=Parsed(parse_thread, "thread"), metavar="THREAD", multiple=True,
    help="black, #c8501e@0.3mm, black@27tex; once, or once for each thread of LIST.  [default: black, or as LIST says]",
)  # fmt: skip
@click.option("--color", type=COLOR, default="white", show_default=True, help="Of the board.")
def import_(
    list_file: str,
    output: str,
    pins: int | None,
    start: str | None,
    direction: str | None,
    first: int | None,
    y_axis: str | None,
    shape: str,
    size_mm: tuple[float, float] | None,
    pin_mm: float,
    threads: tuple[Thread, ...],
    color: str,
) -> None:
    """Make a plan of LIST, a winding that another program found: pins in their order, however they are written.

    Numbers apart by commas, blanks or lines, "from to" pairs, CSV of steps, the JSON of web programs, a C array in a
    sketch, a controller's binary list. What LIST does not tell is asked for.
    """
    if output != "-" and not output.lower().endswith(".json"):
        raise OutputError(f"cannot write '{output}': a plan is JSON", "name it as in plan.json")
    check_folders((output,))
    found = read_list(read_input(list_file, PlanError, MAX_PLAN_BYTES), list_file if list_file != "-" else "stdin")
    options = ListOptions(
        pins=pins, first=first, start=start, direction=direction, y_axis=y_axis, shape=shape, size_mm=size_mm,
        pin_diameter_mm=pin_mm, color=color, threads=threads,
    )  # fmt: skip
    command = shlex.join(["stringart", *sys.argv[1:]])
    plan, notes = plan_of_list(found, options, list_file, command)
    write_output(output, plan.to_bytes())
    for note in notes:
        click.echo(f"note: {note}", err=True)
    threads_used = f"{len(plan.layers)} thread{'s' * (len(plan.layers) != 1)}"
    chords = f"{plan.chords} chord{'s' * (plan.chords != 1)}"
    click.echo(f"{found.kind}: {chords} of {threads_used} on {len(plan.pins)} pins", err=True)
    click.echo(f"wrote {Path(output).name if output != '-' else 'stdout'}", err=True)
