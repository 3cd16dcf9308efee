"""The winding guide on a terminal: keys in, screens out, every change kept before the next key is read."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType

import blessed
from blessed.keyboard import Keystroke

from stringart.cli import _wind_trouble as trouble
from stringart.cli._wind_graphics import graphics_of, removed, ring_graphics
from stringart.cli._wind_screen import Screen, compose, ring_cells
from stringart.errors import StringartError
from stringart.hand.guide import Guide, Phase, Standing, View, spoken
from stringart.hand.keys import Does, meant_by
from stringart.hand.progress import Progress
from stringart.hand.speech import Speaker
from stringart.units import parse_length_mm

_TICK_S = 0.25  # a change of the window's size is seen within this time
_WALK_S = 0.2  # in a rhythm, a walk along the rim has so much longer for every pin that it passes


class SilentTerminal(blessed.Terminal):
    """A terminal that is asked nothing: one that does not answer would show nothing for ten seconds and eat keys."""

    def _query_boundary_multiple(self, *_args: object, **_options: object) -> None:
        return None

    def _query_with_boundary(self, *_args: object, **_options: object) -> None:
        return None


@dataclass(slots=True, kw_only=True)
class Question:
    """Words that are asked for, one after another; ``then`` takes them all."""

    prompts: tuple[str, ...]
    then: Callable[[list[str]], None]
    letters: bool = False
    given: list[str] = field(default_factory=list)
    typed: str = ""


class Window:
    """One person winding one piece.

    Parameters
    ----------
    guide : Guide
    progress : Progress
    screen : Screen
        What stands around the step: title, pace, the pins.
    speaker : Speaker, optional
    """

    def __init__(self, guide: Guide, progress: Progress, screen: Screen, speaker: Speaker | None) -> None:
        self._guide, self._progress, self._screen = guide, progress, screen
        self._speaker, self._words = speaker, screen.words
        self._terminal = SilentTerminal()
        self._graphics = graphics_of()
        self._message, self._panel = "", ()  # type: tuple[str, tuple[str, ...]]
        self._question: Question | None = None
        self._choices: dict[str, Callable[[], None]] = {}
        self._open, self._warned = True, False
        self._beat_s = time.monotonic()

    def run(self) -> Standing:
        """Guide until the person quits; return the place that is kept."""
        terminal = self._terminal
        with _terminated(self._words("by_signal")), terminal.fullscreen(), terminal.cbreak(), terminal.hidden_cursor():
            self._guide.resume(time.monotonic())
            self._say()
            shown: object = None
            while self._open:
                now = (self._guide.view(), self._text(), self._panel, self._size())
                if now != shown:
                    self._draw(now[0])
                    shown = now
                key = terminal.inkey(timeout=self._wait_s())
                self._keep(self._took(key) if key else self._beat())
        if self._speaker:
            self._speaker.stop()
        return self._guide.place

    def _text(self) -> str:
        asked = self._question
        if asked is None:
            return self._message
        return f"{asked.prompts[len(asked.given)]}: {asked.typed}_  {self._words('ask_keys')}"

    def _size(self) -> tuple[int, int]:
        """Columns and rows; a terminal that does not know its own has the usual ones."""
        return self._terminal.width or 80, self._terminal.height or 24

    # --- the rhythm ---

    def _every_s(self) -> float | None:
        """Seconds for the present step, where the guide goes on by itself."""
        every_s, step = self._screen.every_s, self._guide.view().step
        return every_s if every_s is None or step is None else every_s + _WALK_S * abs(step.walk)

    def _wait_s(self) -> float:
        every_s = self._every_s()
        if every_s is None:
            return _TICK_S
        return min(max(self._beat_s + every_s - time.monotonic(), 0.01), _TICK_S)

    def _beat(self) -> Standing:
        """The pace that was asked for: go on when its time has come, never by itself past a change of thread."""
        before, every_s = self._guide.place, self._every_s()
        due = every_s is not None and time.monotonic() >= self._beat_s + every_s
        busy = self._question is not None or self._panel
        if due and not busy and not self._guide.place.paused and self._guide.phase is Phase.WIND:
            self._message = ""
            self._guide.next(time.monotonic())
        return before

    def _keep(self, before: Standing) -> None:
        """Write what changed to the disk, then speak."""
        if self._guide.place == before:
            return
        self._progress.record(self._guide.place, self._guide.took)
        self._beat_s = time.monotonic()
        self._say()

    # --- keys ---

    def _took(self, key: Keystroke) -> Standing:
        before = self._guide.place
        name = key.name or str(key).lower()
        try:
            self._key(name, key)
        except StringartError as error:
            self._message = self._words.error(error)
        return before

    def _key(self, name: str, key: Keystroke) -> None:
        if self._question is not None:
            self._answer(self._question, key)
            return
        self._message = ""
        if self._panel:
            self._choose(name)
            return
        does = meant_by(name)
        if does is not None:
            self._do(does, time.monotonic())

    def _choose(self, name: str) -> None:
        """A key while a panel is open: one of its choices, or it closes."""
        choice = self._choices.get(name)
        self._panel, self._choices = (), {}
        if choice is not None:
            choice()

    def _do(self, does: Does, now_s: float) -> None:
        guide = self._guide
        if does is Does.NEXT:
            guide.next(now_s)
        elif does is Does.BACK:
            guide.back(now_s)
        elif does is Does.PAUSE:
            if not guide.resume(now_s):
                guide.pause()
        elif does is Does.JUMP:
            self._ask((self._words("ask_step"),), lambda given: self._jump(_number(given[0])))
        elif does is Does.UNDO:
            self._message = self._words("undone" if guide.undo(now_s) else "no_jump")
        elif does is Does.SPOOL:
            self._new_spool()
        elif does is Does.TROUBLE:
            self._menu()
        else:
            self._open = does is not Does.QUIT
            self._message = self._words("quit_by_q")

    def _jump(self, number: int) -> None:
        self._guide.jump(number, time.monotonic())
        self._message = self._words("jumped", n=number)

    def _new_spool(self, length: str = "") -> None:
        if self._guide.place.spool_mm is None and not length:
            self._ask((self._words("ask_spool"),), lambda given: self._new_spool(given[0] or "500m"), True)
            return
        self._guide.new_spool(parse_length_mm(length) if length else None)
        self._message = self._words("new_spool")

    # --- when it goes wrong ---

    def _menu(self) -> None:
        self._panel = tuple(trouble.menu(self._words))
        special = {"2": self._wrong_pin, "7": self._lost}
        self._choices = {key: special.get(key, self._shows(key)) for key in "1234567"}

    def _shows(self, key: str) -> Callable[[], None]:
        def show() -> None:
            self._panel = (*trouble.advice(self._guide, self._words, key), "", self._words("any_key"))

        return show

    def _wrong_pin(self) -> None:
        self._ask((self._words("ask_unwind"),), lambda given: self._unwind(_number(given[0])))

    def _unwind(self, number: int) -> None:
        self._panel = (*trouble.unwinding(self._guide, self._words, number), "", self._words("unwound_keys"))
        self._choices = {"KEY_ENTER": lambda: self._unwound(number)}

    def _unwound(self, number: int) -> None:
        self._guide.unwind(number, time.monotonic())
        self._message = self._words("unwound", n=number)

    def _lost(self) -> None:
        prompts = (self._words("ask_at"), self._words("ask_from"))
        self._ask(prompts, lambda given: self._found(_number(given[0]), _number(given[1]) if given[1] else None))

    def _found(self, at_pin: int, from_pin: int | None) -> None:
        lines, steps = trouble.fits(self._guide, self._words, at_pin, from_pin)
        self._panel = tuple(lines)
        after = [min(step.number + 1, len(self._guide.steps)) for step in steps]
        self._choices = {letter: self._goes(number) for letter, number in zip("abcdefghi", after, strict=False)}

    def _goes(self, number: int) -> Callable[[], None]:
        return lambda: self._jump(number)

    # --- questions ---

    def _ask(self, prompts: tuple[str, ...], then: Callable[[list[str]], None], letters: bool = False) -> None:
        self._question = Question(prompts=prompts, then=then, letters=letters)

    def _answer(self, asked: Question, key: Keystroke) -> None:
        """One key of what was asked for."""
        name = key.name or str(key)
        if name == "KEY_ESCAPE":
            self._question, self._message = None, ""
        elif name in ("KEY_BACKSPACE", "KEY_DELETE"):
            asked.typed = asked.typed[:-1]
        elif name == "KEY_ENTER":
            asked.given, asked.typed = [*asked.given, asked.typed], ""
            if len(asked.given) == len(asked.prompts):
                self._question, self._message = None, ""
                asked.then(asked.given)
        elif len(name) == 1 and name.isascii() and (name.isdecimal() or asked.letters) and len(asked.typed) < 9:
            asked.typed += name

    # --- out ---

    def _say(self) -> None:
        if self._speaker is None or self._guide.place.paused:
            return
        view = self._guide.view()
        low = view.spool_low and not self._warned
        self._warned = view.spool_low
        self._speaker.say(spoken(view, self._words) + (f" {self._words('spoken_spool')}" if low else ""))

    def _draw(self, view: View) -> None:
        terminal = self._terminal
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        screen = replace(self._screen, message=self._text(), panel=self._panel, unicode=unicode)
        picture = self._picture(view, screen)
        lines = compose(view, replace(screen, drawn=bool(picture)), *self._size())
        out = [str(terminal.home)]
        for row, line in enumerate(lines):
            spans = "".join(self._styled(*span) for span in line)
            out.append(f"{terminal.move_xy(0, row)}{spans}{terminal.clear_eol}")
        print("".join(out) + terminal.clear_eos + (picture or removed(self._graphics)), end="", flush=True)

    def _picture(self, view: View, screen: Screen) -> str:
        """The ring in pixels at its place, where the terminal shows such; else nothing."""
        cells = ring_cells(screen, *self._size()) if self._graphics else None
        if cells is None or screen.xy_mm is None:
            return ""
        step = view.step if view.phase is Phase.WIND else None
        drawn = ring_graphics(self._graphics, screen.xy_mm, step, cells[2:])
        return f"{self._terminal.move_xy(*cells[:2])}{drawn}" if drawn else ""

    def _styled(self, text: str, style: str) -> str:
        terminal = self._terminal
        if not text or style == "plain":
            return text
        if style.startswith("#"):
            red, green, blue = (int(style[k : k + 2], 16) for k in (1, 3, 5))
            return str(terminal.color_rgb(red, green, blue)(text))
        looks = {
            "dim": terminal.bright_black,
            "bold": terminal.bold,
            "big": terminal.bold,
            "good": terminal.green,
            "warn": terminal.bold_yellow,
            "key": terminal.reverse,
        }
        return str(looks[style](text))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


@contextmanager
def _terminated(message: str) -> Iterator[None]:
    """A polite end by a signal leaves the terminal as it was."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise StringartError(message)

    before = {}
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, ValueError):
            before[name] = signal.signal(getattr(signal, name), end)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
