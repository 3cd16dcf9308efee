"""The winding guide as plain lines, for a terminal that can do no more: a line out, a line in."""

import sys
import time

import click

from stringart.cli import _wind_trouble as trouble
from stringart.cli._wind_screen import Screen, way_round
from stringart.errors import StringartError
from stringart.hand.guide import Guide, Phase, Standing, spoken
from stringart.hand.progress import Progress
from stringart.hand.speech import Speaker
from stringart.units import format_length, parse_length_mm

_HELP = (
    "enter: next   b: back   j 120: go to step 120   u: undo a jump   s: a new spool   q: quit",
    "? 1 to ? 6: when it goes wrong   w 117: unwind back to step 117   l 142 17: I am at 142, the last thread from 17",
)


class Lines:
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

    def run(self) -> Standing:
        """Guide until the person quits or the input ends; return the place that is kept."""
        self._tell(self._screen.title, *(self._screen.about if not self._guide.place.done else ()), *_HELP)
        self._guide.resume(time.monotonic())
        while True:
            self._tell(*self._now())
            if self._speaker:
                self._speaker.say(spoken(self._guide.view()))
            line = sys.stdin.readline()
            if not line or line.strip().lower() in ("q", "quit"):
                break
            before = self._guide.place
            try:
                self._obey(line.strip())
            except StringartError as error:
                self._tell(str(error))
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
        view = self._guide.view()
        step = view.step
        if view.phase is Phase.DONE or step is None:
            return [spoken(view)]
        head = f"step {step.number:,} of {view.total:,}"
        if view.phase is Phase.TIE:
            takes = f"layer {view.layer + 1} of {view.layers}, {view.layer_total:,} steps"
            return [f"{head}: {spoken(view)} ({takes}, {format_length(view.layer_left_mm)})"]
        low = ["the spool ends soon: join at a pin (? 6), then s"] if view.spool_low else []
        last = "; then knot it there, and cut it" if view.layer_done + 1 == view.layer_total and step.way else ""
        return [*low, f"{head}: {step.from_pin} to {step.to_pin}, {way_round(step)}{last}"]

    def _obey(self, line: str) -> None:
        guide, now_s = self._guide, time.monotonic()
        name, *words = line.lower().split() or ["n"]
        numbers = [int(word) for word in words if word.isdecimal()]
        if name in ("n", "next"):
            guide.next(now_s)
        elif name == "b":
            guide.back(now_s)
        elif name == "u":
            self._tell("back to where the jump came from" if guide.undo(now_s) else "there is no jump to undo")
        elif name == "s":
            guide.new_spool(parse_length_mm(words[0]) if words else None)
            self._tell("a full spool of this thread from here on")
        elif name == "?":
            self._tell(*(trouble.advice(guide, words[0]) if words else [*trouble.menu(), *_HELP]))
        elif name in ("j", "w", "l") and numbers:
            self._move(name, numbers, now_s)
        else:
            self._tell(*_HELP)

    def _move(self, name: str, numbers: list[int], now_s: float) -> None:
        if name == "j":
            self._guide.jump(numbers[0], now_s)
        elif name == "w":
            self._tell(*trouble.unwinding(self._guide, numbers[0]))
            self._guide.unwind(numbers[0], now_s)
        else:
            lines, _ = trouble.fits(self._guide, numbers[0], numbers[1] if len(numbers) > 1 else None)
            self._tell(*lines[:-1], "j and the number after that step goes there")


_PLAIN = str.maketrans("→", ">", "↻↺")  # the words beside the arrows say the way


def _ascii(text: str) -> str:
    return text.translate(_PLAIN).encode("ascii", "replace").decode()
