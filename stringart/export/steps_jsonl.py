"""The winding as JSON lines: a first line about the piece, then one an instruction."""

import json

from stringart.export import ExportOptions
from stringart.export.steps_csv import DIRECTIONS
from stringart.look.paint import notes_of
from stringart.plan.model import Plan
from stringart.plan.steps import Instruction, steps_or_refuse, with_ties


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return JSON lines, UTF-8; the first has the key ``format``, every other one the key ``kind``.

    Chords and whole walks along the rim have a number, ``step``; tying on and tying off have ``null`` there.
    """
    steps = steps_or_refuse(plan, "a list of its steps")
    lines, laid_mm = [_line(_head(plan, len(steps)))], 0.0
    for step in with_ties(steps):
        laid_mm += step.length_mm
        lines.append(_line(_row(plan, step, laid_mm)))
    return ("\n".join(lines) + "\n").encode()


def _line(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _head(plan: Plan, steps: int) -> dict[str, object]:
    notes = notes_of(plan)
    return {
        "format": "stringart-steps",
        "version": 2,
        "software": notes["Software"],
        "plan": notes["Plan"],
        "command": notes.get("Comment", ""),
        "pins": len(plan.pins),
        "layers": len(plan.layers),
        "steps": steps,
        "pin_numbers": "pin 0 at 12 o'clock, clockwise, seen from the front",
    }


def _row(plan: Plan, step: Instruction, laid_mm: float) -> dict[str, object]:
    thread = plan.threads[step.thread]
    return {
        "step": None if step.is_tie else step.number,
        "kind": str(step.kind),
        "layer": step.layer + 1,
        "thread": thread.name,
        "color": thread.color,
        "from_pin": step.from_pin,
        "to_pin": step.to_pin,
        "direction": DIRECTIONS[step.direction] or None,
        "rim_pins": step.walk,
        "length_mm": round(step.length_mm, 2),
        "laid_mm": round(laid_mm, 2),
    }
