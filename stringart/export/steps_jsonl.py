"""The winding as JSON lines: a first line about the piece, then one a step."""

import json

from stringart.export import ExportOptions
from stringart.export._steps import Step, steps_of
from stringart.look.paint import notes_of
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return JSON lines, UTF-8; the first has the key ``format``, every other one the key ``step``."""
    lines = [_line(_head(plan)), *(_line(_row(step)) for step in steps_of(plan))]
    return ("\n".join(lines) + "\n").encode()


def _line(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _head(plan: Plan) -> dict[str, object]:
    notes = notes_of(plan)
    return {
        "format": "stringart-steps",
        "version": 1,
        "software": notes["Software"],
        "plan": notes["Plan"],
        "command": notes.get("Comment", ""),
        "pins": len(plan.pins),
        "layers": len(plan.layers),
        "steps": len(plan.steps),
        "pin_numbers": "pin 0 at 12 o'clock, clockwise, seen from the front",
    }


def _row(step: Step) -> dict[str, object]:
    return {
        "step": step.number,
        "layer": step.layer,
        "thread": step.thread.name,
        "color": step.thread.color,
        "from_pin": step.from_pin,
        "to_pin": step.to_pin,
        "rim": step.rim,
        "length_mm": round(step.length_mm, 2),
        "laid_mm": round(step.laid_mm, 2),
    }
