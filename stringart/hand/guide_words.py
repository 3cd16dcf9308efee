"""The words of the guide in a person's language: what is shown, what is said, numbers as the language writes them.

The texts stand in ``stringart/words``, section ``guide``; the accidents in section ``options``.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from stringart.errors import PlanError
from stringart.hand.trouble import HABITS, TROUBLES, Trouble
from stringart.plan.nails import Nails
from stringart.plan.steps import Instruction
from stringart.units import format_length
from stringart.words import chosen, table


@dataclass(frozen=True, slots=True)
class GuideWords:
    """The guide's texts in one language.

    Parameters
    ----------
    language : str
        One of `stringart.words.LANGUAGES`.

    Examples
    --------
    >>> GuideWords("de")("step_of", n=1200, total=4000)
    'Schritt 1.200 von 4.000'
    """

    language: str = "en"

    def __call__(self, key: str, **values: str | int) -> str:
        """Return the text of a key with its places filled in; whole numbers are grouped, but for those of pins."""
        text = {
            name: str(value) if isinstance(value, str) or name.endswith("pin") else self.count(value)
            for name, value in values.items()
        }
        return str(table(self.language, "guide")[key]).format_map(text)

    def count(self, number: int) -> str:
        """Return a whole number as the language groups it."""
        return f"{number:,}".replace(",", str(table(self.language, "guide")["group"]))

    def decimal(self, text: str) -> str:
        """Return a number, or one with its unit, with the language's decimal sign in place of the point."""
        return text.replace(".", str(table(self.language, "guide")["decimal"]))

    def length(self, length_mm: float) -> str:
        """Return a length for people: the unit follows the size."""
        return self.decimal(format_length(length_mm))

    def counted(self, what: str, number: int) -> str:
        """Return ``1 pin``, ``18 pins``; ``what`` is ``pin``, ``step``, ``join`` or ``wrap``."""
        return self(f"{what}_one") if number == 1 else self(f"{what}s", n=number)

    def way(self, step: Instruction) -> str:
        """Return the direction of a step, or nothing."""
        return self({1: "clockwise", -1: "counter_clockwise"}[step.way]) if step.way else ""

    def sentence(self, step: Instruction) -> str:
        """Return what is to be done, to be said aloud."""
        if step.is_rim:
            return self("spoken_rim", way=self.way(step), pins=self.counted("pin", abs(step.walk)), pin=step.to_pin)
        if not step.way:
            return self("spoken_pin", pin=step.to_pin)
        return self("spoken_chord", pin=step.to_pin, way=self.way(step))

    def nails(self, nails: Nails) -> tuple[str, ...]:
        """Return what is told before the first step: the nails, and the one that carries most."""
        low, high = nails.stack_mm
        sizes = {
            "size": f"{nails.diameter_mm:g} x {nails.length_mm:g}",
            "above": f"{nails.above_mm:g}",
            "deep": f"{nails.in_mm:g}",
            "board": f"{nails.board_mm:g}",
        }
        load = self(
            "nails_load",
            pin=nails.densest_pin,
            wraps=self.counted("wrap", nails.most_wraps),
            low=f"{low:.0f}",
            high=math.ceil(high),
        )
        return self("nails", **{name: self.decimal(text) for name, text in sizes.items()}), load

    def troubles(self) -> tuple[Trouble, ...]:
        """Return the accidents."""
        texts = table(self.language, "options")
        return tuple(
            Trouble(
                key=one.key,
                title=texts.get(f"trouble.{one.key}", one.title),
                advice=tuple(texts.get(f"trouble.{one.key}.{k}", text) for k, text in enumerate(one.advice, 1)),
                drawing=one.drawing,
            )
            for one in TROUBLES
        )

    def habits(self) -> tuple[tuple[str, str], ...]:
        """Return what makes all of it easier: a name and a sentence each."""
        texts = table(self.language, "options")
        return tuple(
            (texts.get(f"habit.{k}", name), texts.get(f"habit.{k}.1", text)) for k, (name, text) in enumerate(HABITS, 1)
        )

    def error(self, error: Exception) -> str:
        """Return what went wrong; the guide's own refusals in its language."""
        return self(error.key, **error.values) if isinstance(error, StepRefusedError) else str(error)


ENGLISH = GuideWords()


class StepRefusedError(PlanError):
    """A step or a pin that is not there.

    Parameters
    ----------
    key : str
        Of its text in the guide's words.
    **values : int
        What the text tells.
    """

    def __init__(self, key: str, **values: int) -> None:
        super().__init__(ENGLISH(key, **values))
        self.key, self.values = key, values


def language_of(environ: Mapping[str, str] = os.environ) -> str:
    """Return the language that a terminal asks for; English where it asks for none, or for one that is not there.

    Examples
    --------
    >>> language_of({"LANG": "fr_CA.UTF-8"}), language_of({"LC_ALL": "C", "LANG": "fr_CA.UTF-8"})
    ('fr', 'en')
    """
    return chosen(next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), ""))
