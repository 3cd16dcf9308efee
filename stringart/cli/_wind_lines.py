"""The winding guide as plain lines, for a terminal that can do no more: a line out, a line in."""

import sys
import time

import click

from stringart.cli import _wind_trouble as trouble
from stringart.cli._wind_screen import Screen, latin, way_round
from stringart.errors import StringartError
from stringart.hand.guide import Guide, Phase, Standing, spoken
from stringart.hand.progress import Progress
from stringart.hand.speech import Speaker
from stringart.units import parse_length_mm


class GuideInLines:
    """One person winding one piece, by lines.

    Parameters
    ----------
    guide : Guide
    progress : Progress
    screen : Screen
        Of it, the title and what is said before the first step.
    speaker : Speaker, optional
    """

    def __init__(self, guide: Guide, progress: Progress, screen: Screen, speaker: Speaker | None) -> None:
        self._guide, self._progress, self._screen, self._speaker = guide, progress, screen, speaker
        self._words = screen.words
        self._help = (self._words("lines_keys"), self._words("lines_trouble"))

    def run(self) -> Standing:
        """Guide until the person quits or the input ends; return the place that is kept."""
        self._tell(self._screen.title, *(self._screen.about if not self._guide.place.done else ()), *self._help)
        self._guide.resume(time.monotonic())
        while True:
            self._tell(*self._now())
            if self._speaker:
                self._speaker.say(spoken(self._guide.view(), self._words))
            line = sys.stdin.readline()
            if not line or line.strip().lower() in ("q", "quit"):
                break
            before = self._guide.place
            try:
                self._obey(line.strip())
            except StringartError as error:
                self._tell(self._words.error(error))
            if self._guide.place != before:
                self._progress.record(self._guide.place, self._guide.took)
        if self._speaker:
            self._speaker.stop()
        return self._guide.place

    def _tell(self, *lines: str) -> None:
        plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        for line in lines:
            click.echo(_ascii(line) if plain else line)

    def _now(self) -> list[str]:
        view, words = self._guide.view(), self._words
        step = view.step
        if view.phase is Phase.DONE or step is None:
            return [spoken(view, words)]
        head = words("step_of", n=step.number, total=view.total)
        if view.phase is Phase.TIE:
            layer = words("layer_of", n=view.layer + 1, total=view.layers)
            takes = f"{layer}, {words.counted('step', view.layer_total)}, {words.length(view.layer_left_mm)}"
            return [f"{head}: {spoken(view, words)} ({takes})"]
        low = [words("lines_spool")] if view.spool_low else []
        last = f"; {words('then_knot')}" if view.layer_done + 1 == view.layer_total and step.way else ""
        now = words("lines_step", from_pin=step.from_pin, to_pin=step.to_pin, way=way_round(step, words))
        return [*low, f"{head}: {now}{last}"]

    def _obey(self, line: str) -> None:
        guide, now_s = self._guide, time.monotonic()
        name, *words = line.lower().split() or ["n"]
        numbers = [int(word) for word in words if word.isdecimal()]
        if name in ("n", "next"):
            guide.next(now_s)
        elif name == "b":
            guide.back(now_s)
        elif name == "u":
            self._tell(self._words("undone" if guide.undo(now_s) else "no_jump"))
        elif name == "s":
            guide.new_spool(parse_length_mm(words[0]) if words else None)
            self._tell(self._words("new_spool"))
        elif name == "?":
            self._tell(
                *(trouble.advice(guide, self._words, words[0]) if words else [*trouble.menu(self._words), *self._help])
            )
        elif name in ("j", "w", "l") and numbers:
            self._move(name, numbers, now_s)
        else:
            self._tell(*self._help)

    def _move(self, name: str, numbers: list[int], now_s: float) -> None:
        if name == "j":
            self._guide.jump(numbers[0], now_s)
        elif name == "w":
            self._tell(*trouble.unwinding(self._guide, self._words, numbers[0]))
            self._guide.unwind(numbers[0], now_s)
        else:
            from_pin = numbers[1] if len(numbers) > 1 else None
            lines, found = trouble.fits(self._guide, self._words, numbers[0], from_pin)
            self._tell(*(lines[:-1] if found else lines), *([self._words("lines_fit")] if found else []))


_PLAIN = str.maketrans("→", ">", "↻↺")  # the words beside the arrows say the way


def _ascii(text: str) -> str:
    return latin(text.translate(_PLAIN))
