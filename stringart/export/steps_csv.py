"""The winding as a table, one row an instruction: for a spreadsheet or a machine of one's own.

Chords and whole walks along the rim are the steps that are counted; tying on and tying off stand between them as rows
without a number. ``direction`` is how the thread goes round ``to_pin``, seen from the front; ``rim_pins`` is how far a
walk along the rim goes, + clockwise, - counter-clockwise.
"""

import csv
import io

from stringart.export import ExportOptions
from stringart.plan.model import Plan
from stringart.plan.steps import Instruction, steps_or_refuse, with_ties

COLUMNS = (
    "step", "kind", "layer", "thread", "color", "from_pin", "to_pin", "direction", "rim_pins", "length_mm", "laid_mm",
)  # fmt: skip
DIRECTIONS = {1: "clockwise", -1: "counter-clockwise", 0: ""}


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return CSV, UTF-8, with one line of column names and no comments: any program reads it."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    laid_mm = 0.0
    for step in with_ties(steps_or_refuse(plan, "a table of its steps")):
        laid_mm += step.length_mm
        table.writerow(_row(plan, step, laid_mm))
    return file.getvalue().encode()


def _row(plan: Plan, step: Instruction, laid_mm: float) -> tuple[object, ...]:
    thread = plan.threads[step.thread]
    number = "" if step.is_tie else step.number
    way = (step.from_pin, step.to_pin, DIRECTIONS[step.direction], step.walk or "")
    lengths = (f"{step.length_mm:.2f}", f"{laid_mm:.2f}")
    return (number, str(step.kind), step.layer + 1, _plain(thread.name), thread.color, *way, *lengths)


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
