"""The winding as a table, one row a step: for a spreadsheet or a machine of one's own."""

import csv
import io

from stringart.export import ExportOptions
from stringart.export._steps import steps_of
from stringart.plan.model import Plan

COLUMNS = ("step", "layer", "thread", "color", "from_pin", "to_pin", "kind", "length_mm", "laid_mm")


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return CSV, UTF-8, with one line of column names and no comments: any program reads it."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for step in steps_of(plan):
        kind = "rim" if step.rim else "chord"
        about = (step.number, step.layer, _plain(step.thread.name), step.thread.color)
        lengths = (f"{step.length_mm:.2f}", f"{step.laid_mm:.2f}")
        table.writerow((*about, step.from_pin, step.to_pin, kind, *lengths))
    return file.getvalue().encode()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
