"""What the winding guide says when it goes wrong: texts from the guide's own state, for the window and for lines."""

from stringart.hand.guide import Guide
from stringart.hand.trouble import HABITS, TROUBLES, trouble_of
from stringart.plan.steps import Instruction
from stringart.units import format_length

MOST_FITS = 9
_MOST_LISTED = 12


def menu() -> list[str]:
    """The accidents with their keys."""
    rows = [f"{trouble.key}  {trouble.title}" for trouble in TROUBLES]
    return ["When it goes wrong: press its number.", "", *rows, "", *(f"{name}: {text}" for name, text in HABITS)]


def advice(guide: Guide, key: str) -> list[str]:
    """What to do about one accident, with the pins and steps of this moment."""
    trouble = trouble_of(key)
    if trouble is None:
        return menu()
    return [trouble.title, "", *trouble.advice, *_now(guide, key)]


def _now(guide: Guide, key: str) -> list[str]:
    done = guide.place.done
    if key in ("3", "4") and done:
        step = guide.steps[done - 1]
        return ["", f"The last step on the board is {step.number:,}: {told(step)}. j and a number jumps to any other."]
    if key == "6":
        return ["", "Then tell the guide of the new spool: s.", *spools(guide)]
    return []


def told(step: Instruction) -> str:
    """One step as it is listed: ``17 → 45 ↻``, ``12 along the rim ↻ to 30 (18 pins)``."""
    return f"{step.from_pin} {step.text}" if step.is_rim else f"{step.from_pin} → {step.text}"


def spools(guide: Guide) -> list[str]:
    """Where the spools of the thread in hand end."""
    if guide.place.spool_mm is None:
        return ["Say how much thread is on a spool, and the guide says where each one ends: s, or --spool 500m."]
    ends, name = guide.spool_ends(), guide.view().thread.name
    spool = format_length(guide.place.spool_mm)
    if not ends:
        return [f"What is left of {name} on this spool of {spool} lasts to its end."]
    count = f"{len(ends)} join{'' if len(ends) == 1 else 's'}"
    rows = [f"{name}, spools of {spool}: {count}, each two knots and 30 cm of thread. Join at the latest"]
    rows += [f"  before step {step.number:,}, at pin {step.from_pin}" for step in ends[:_MOST_LISTED]]
    return rows + _more(len(ends) - _MOST_LISTED)


def unwinding(guide: Guide, number: int) -> list[str]:
    """What to take off the board until step ``number`` is to be wound again, the last step first.

    Raises
    ------
    PlanError
        If it is not on the board.
    """
    steps = guide.to_unwind(number)
    here = guide.steps[guide.place.done - 1]
    rows = [f"Unwind {_count(len(steps))}, in this order; the thread is at pin {here.to_pin} now:"]
    rows += [
        f"  {step.number:>7,}   off {step.to_pin}, back to {step.from_pin}{_walked(step)}"
        for step in steps[:_MOST_LISTED]
    ]
    rows += _more(len(steps) - _MOST_LISTED)
    return [*rows, f"Then the thread is at pin {steps[-1].from_pin}, and step {number:,} is wound again."]


def _walked(step: Instruction) -> str:
    return f" along the rim ({abs(step.walk)} pins)" if step.is_rim else ""


def fits(guide: Guide, at_pin: int, from_pin: int | None) -> tuple[list[str], tuple[Instruction, ...]]:
    """Steps that end where the thread is, to choose from, and those steps.

    Raises
    ------
    PlanError
        If there is no such pin.
    """
    found = guide.fitting(at_pin, from_pin)[:MOST_FITS]
    where = f"at pin {at_pin}" + ("" if from_pin is None else f", from pin {from_pin}")
    if not found:
        return [f"No step ends {where}. Look again, or give the pin where the thread is only."], ()
    rows = [f"Steps that end {where}, the nearest to step {guide.place.done:,} first:"]
    for letter, step in zip("abcdefghi", found, strict=False):
        name = guide.plan.threads[step.thread].name
        rows.append(f"{letter}  step {step.number:>6,}   {told(step)}   {name}, layer {step.layer + 1}")
    return [*rows, "Press the letter of yours: the step after it is wound next."], found


def _count(steps: int) -> str:
    return f"{steps:,} step{'' if steps == 1 else 's'}"


def _more(left: int) -> list[str]:
    return [f"  and {left:,} more"] if left > 0 else []
