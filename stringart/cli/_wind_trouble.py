"""What the winding guide says when it goes wrong: texts from the guide's own state, for the window and for lines."""

from stringart.hand.guide import Guide
from stringart.hand.guide_words import GuideWords
from stringart.plan.steps import Instruction

MOST_FITS = 9
_MOST_LISTED = 12


def menu(words: GuideWords) -> list[str]:
    """The accidents with their keys."""
    rows = [f"{trouble.key}  {trouble.title}" for trouble in words.troubles()]
    return [words("trouble_title"), "", *rows, "", *(f"{name}: {text}" for name, text in words.habits())]


def advice(guide: Guide, words: GuideWords, key: str) -> list[str]:
    """What to do about one accident, with the pins and steps of this moment."""
    trouble = next((trouble for trouble in words.troubles() if trouble.key == key), None)
    if trouble is None:
        return menu(words)
    return [trouble.title, "", *trouble.advice, *_now(guide, words, key)]


def _now(guide: Guide, words: GuideWords, key: str) -> list[str]:
    done = guide.place.done
    if key in ("3", "4") and done:
        step = guide.steps[done - 1]
        return ["", words("last_step", n=step.number, step=told(step, words))]
    if key == "6":
        return ["", words("tell_spool"), *spools(guide, words)]
    return []


def told(step: Instruction, words: GuideWords) -> str:
    """One step as it is listed: ``17 → 45 ↻``, ``12 along the rim ↻ to 30 (18 pins)``."""
    if not step.is_rim:
        return f"{step.from_pin} → {step.text}"
    pins = words.counted("pin", abs(step.walk))
    return words("rim_step", from_pin=step.from_pin, sign=step.sign, to_pin=step.to_pin, pins=pins)


def spools(guide: Guide, words: GuideWords) -> list[str]:
    """Where the spools of the thread in hand end."""
    if guide.place.spool_mm is None:
        return [words("say_spool")]
    ends, name = guide.spool_ends(), guide.view().thread.name
    spool = words.length(guide.place.spool_mm)
    if not ends:
        return [words("spool_lasts", thread=name, spool=spool)]
    rows = [words("joins_head", thread=name, spool=spool, joins=words.counted("join", len(ends)))]
    rows += [f"  {words('join_before', n=step.number, pin=step.from_pin)}" for step in ends[:_MOST_LISTED]]
    return rows + _more(len(ends) - _MOST_LISTED, words)


def unwinding(guide: Guide, words: GuideWords, number: int) -> list[str]:
    """What to take off the board until step ``number`` is to be wound again, the last step first.

    Raises
    ------
    PlanError
        If it is not on the board.
    """
    steps = guide.to_unwind(number)
    here = guide.steps[guide.place.done - 1]
    rows = [words("unwind", steps=words.counted("step", len(steps)), pin=here.to_pin)]
    rows += [f"  {words.count(step.number):>7}   {_off(step, words)}" for step in steps[:_MOST_LISTED]]
    rows += _more(len(steps) - _MOST_LISTED, words)
    return [*rows, words("again", pin=steps[-1].from_pin, n=number)]


def _off(step: Instruction, words: GuideWords) -> str:
    if not step.is_rim:
        return words("off", to_pin=step.to_pin, from_pin=step.from_pin)
    pins = words.counted("pin", abs(step.walk))
    return words("off_rim", to_pin=step.to_pin, from_pin=step.from_pin, pins=pins)


def fits(
    guide: Guide, words: GuideWords, at_pin: int, from_pin: int | None
) -> tuple[list[str], tuple[Instruction, ...]]:
    """Steps that end where the thread is, to choose from, and those steps.

    Raises
    ------
    PlanError
        If there is no such pin.
    """
    found = guide.fitting(at_pin, from_pin)[:MOST_FITS]
    ends, pins = ("", {}) if from_pin is None else ("_from", {"from_pin": from_pin})
    if not found:
        return [words(f"no_fit{ends}", pin=at_pin, **pins)], ()
    rows = [words(f"fits{ends}", pin=at_pin, n=guide.place.done, **pins)]
    for letter, step in zip("abcdefghi", found, strict=False):
        name, number = guide.plan.threads[step.thread].name, f"{words.count(step.number):>6}"
        rows.append(f"{letter}  {words('fit', n=number, step=told(step, words), thread=name, layer=step.layer + 1)}")
    return [*rows, words("press_letter")], found


def _more(left: int, words: GuideWords) -> list[str]:
    return [f"  {words('and_more', n=left)}"] if left > 0 else []
