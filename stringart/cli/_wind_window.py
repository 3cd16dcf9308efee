"""The winding guide on a terminal: keys in, screens out, every change kept before the next key is read."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import blessed
from blessed.keyboard import Keystroke

from stringart.cli._wind_screen import Screen, compose
from stringart.errors import PlanError, StringartError
from stringart.hand.guide import Guide, Phase, Place, View
from stringart.hand.progress import Progress
from stringart.hand.speech import Speaker

_TICK_S = 0.25  # a change of the window's size is seen within this time
_NEXT, _BACK = (
    {" ", "n", "KEY_RIGHT", "KEY_ENTER", "KEY_DOWN", "KEY_PGDOWN"},
    {"b", "KEY_LEFT", "KEY_BACKSPACE", "KEY_UP"},
)


class Window:
    """One person winding one piece.

    Parameters
    ----------
    guide : Guide
    progress : Progress
    title : str
    speaker : Speaker, optional
    every_s : float, optional
        Go on by itself at this pace.
    """

    def __init__(
        self, guide: Guide, progress: Progress, title: str, speaker: Speaker | None, every_s: float | None
    ) -> None:
        self._guide, self._progress, self._title = guide, progress, title
        self._speaker, self._every_s = speaker, every_s
        self._terminal = blessed.Terminal()
        self._message, self._asked = "", ""
        self._asking, self._open = False, True
        self._beat_s = time.monotonic()

    def run(self) -> Place:
        """Guide until the person quits; return the place that is kept."""
        terminal = self._terminal
        with _terminated(), terminal.fullscreen(), terminal.cbreak(), terminal.hidden_cursor():
            self._guide.resume(time.monotonic())
            self._say()
            shown: object = None
            while self._open:
                now = (self._guide.view(), self._text(), terminal.width, terminal.height)
                if now != shown:
                    self._draw(now[0])
                    shown = now
                key = terminal.inkey(timeout=self._wait_s())
                self._keep(self._took(key) if key else self._beat())
        if self._speaker:
            self._speaker.stop()
        return self._guide.place

    def _text(self) -> str:
        return f"go to step: {self._asked}_   (enter, or esc)" if self._asking else self._message

    def _wait_s(self) -> float:
        if self._every_s is None:
            return _TICK_S
        return min(max(self._beat_s + self._every_s - time.monotonic(), 0.01), _TICK_S)

    def _keep(self, before: tuple[Place, int]) -> None:
        """Write what changed to the disk, then speak."""
        place, counted = before
        if self._guide.place == place:
            return
        recent_s = self._guide.recent_s
        self._progress.record(self._guide.place, recent_s[-1:] if self._guide.counted > counted else ())
        self._beat_s = time.monotonic()
        self._say()

    def _beat(self) -> tuple[Place, int]:
        """The pace that was asked for: go on when its time has come, never by itself past a change of thread."""
        before = self._guide.place, self._guide.counted
        due = self._every_s is not None and time.monotonic() >= self._beat_s + self._every_s
        if due and not self._asking and not self._guide.place.paused and self._guide.phase is Phase.WIND:
            self._message = ""
            self._guide.next(time.monotonic())
        return before

    def _took(self, key: Keystroke) -> tuple[Place, int]:
        before = self._guide.place, self._guide.counted
        name = key.name or str(key).lower()
        if self._asking:
            self._digit(key)
            return before
        self._message = ""
        now_s = time.monotonic()
        if name in _NEXT:
            self._guide.next(now_s)
        elif name in _BACK:
            self._guide.back(now_s)
        else:
            self._other(name, now_s)
        return before

    def _other(self, name: str, now_s: float) -> None:
        guide = self._guide
        if name == "p":
            if not guide.resume(now_s):
                guide.pause()
        elif name == "j":
            self._asking, self._asked = True, ""
        elif name == "s":
            guide.new_spool()
            self._message = "a full spool of this thread from here on"
        elif name in ("q", "KEY_ESCAPE"):
            self._open = name != "q"
            self._message = "press q to quit; every step is kept"

    def _digit(self, key: Keystroke) -> None:
        """One key of the number to jump to."""
        name = key.name or str(key)
        if name == "KEY_ESCAPE":
            self._asking, self._message = False, ""
        elif name in ("KEY_BACKSPACE", "KEY_DELETE"):
            self._asked = self._asked[:-1]
        elif name == "KEY_ENTER":
            self._asking = False
            try:
                self._guide.jump(int(self._asked or "0"), time.monotonic())
                self._message = ""
            except PlanError as error:
                self._message = str(error)
        elif name.isdecimal() and name.isascii() and len(self._asked) < 7:
            self._asked += name

    def _say(self) -> None:
        if self._speaker is None or self._guide.place.paused:
            return
        view = self._guide.view()
        texts = {Phase.DONE: "done", Phase.TIE: f"now {view.thread.name}"}
        pin = str(view.step.to_pin) if view.step else ""
        self._speaker.say(texts.get(view.phase, pin))

    def _draw(self, view: View) -> None:
        terminal = self._terminal
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        screen = Screen(title=self._title, message=self._text(), every_s=self._every_s, unicode=unicode)
        lines = compose(view, screen, terminal.width, terminal.height)
        out = [str(terminal.home)]
        for row, line in enumerate(lines):
            spans = "".join(self._styled(*span) for span in line)
            out.append(f"{terminal.move_xy(0, row)}{spans}{terminal.clear_eol}")
        print("".join(out) + terminal.clear_eos, end="", flush=True)

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


@contextmanager
def _terminated() -> Iterator[None]:
    """A polite end by a signal leaves the terminal as it was."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise StringartError("ended by a signal; every step up to the last is kept")

    before = {}
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, ValueError):
            before[name] = signal.signal(getattr(signal, name), end)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
