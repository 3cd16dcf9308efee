"""The layering scheduler: which thread is wound when. Order is what the eye sees: the last layer lies on top.

By default the threads go round in cycles, light ones lowest and dark ones on top in each: what is found first is wound
last, since the best chords of a colour belong on top. An explicit schedule is a text: ``"white,blue,black x4"`` is
four cycles; parts are joined by ``;``; ``white:30%`` gives a layer its share of all chords. ``reverse`` is the default
from dark to light.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stringart.errors import ScheduleError
from stringart.picture.light import lightness, linear_color, luminance
from stringart.plan.model import Thread

REVERSE = "reverse"
CYCLES, MOST_LAYERS = 4, 20
_PART = re.compile(r"\s*(.+?)\s*(?:[x×]\s*(\d+))?\s*")
_LAYER = re.compile(r"\s*(.+?)\s*(?::\s*([0-9.]+)\s*%)?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One layer to be filled.

    Parameters
    ----------
    thread : int
        Index into the palette.
    share : float, optional
        Of all chords, 0..1; None leaves it to the search.
    """

    thread: int
    share: float | None = None


Schedule = tuple[Slot, ...]


def default_schedule(threads: Sequence[Thread], cycles: int | None = None) -> Schedule:
    """Return ``cycles`` rounds of all threads, from light to dark.

    Parameters
    ----------
    threads : sequence of Thread
    cycles : int, optional
        4 by default, fewer where that would be more than 20 layers.

    Raises
    ------
    ScheduleError
        If ``cycles`` is not positive.

    Examples
    --------
    >>> black, white = (Thread(name=n, color=c) for n, c in (("black", "#000000"), ("white", "#ffffff")))
    >>> [slot.thread for slot in default_schedule([black, white], 2)]
    [1, 0, 1, 0]
    """
    if cycles is not None and cycles < 1:
        raise ScheduleError(f"{cycles} cycles wind nothing", "choose at least 1")
    rounds = cycles or max(min(CYCLES, MOST_LAYERS // len(threads)), 1)
    order = sorted(range(len(threads)), key=lambda k: (-_lightness_of(threads[k]), k))
    return tuple(Slot(thread=k) for _ in range(rounds) for k in order)


def _lightness_of(thread: Thread) -> float:
    return round(float(lightness(luminance(linear_color(thread.color)))), 6)


def names_layers(schedule: Schedule | None, threads: Sequence[Thread]) -> bool:
    """Whether a schedule says which layers are wound; ``reverse`` asks for an order alone."""
    return schedule is not None and schedule != tuple(reversed(default_schedule(threads)))


def parse_schedule(text: str, threads: Sequence[Thread]) -> Schedule:
    """Return the schedule of a text such as "white; white,blue,black:10% x3".

    Parameters
    ----------
    text : str
        From the lowest layer to the one on top; or ``reverse``.
    threads : sequence of Thread
        Named in the text by name or colour.

    Raises
    ------
    ScheduleError
        If it names an absent thread, a share is not within 0 and 100 %, or the shares are over 100 % together.

    Examples
    --------
    >>> threads = (Thread(name="white", color="#ffffff"), Thread(name="black", color="#000000"))
    >>> [slot.thread for slot in parse_schedule("white; white,black x2", threads)]
    [0, 0, 1, 0, 1]
    """
    if text.strip().lower() == REVERSE and not any(thread.name.lower() == REVERSE for thread in threads):
        return tuple(reversed(default_schedule(threads)))
    slots: list[Slot] = []
    for part in text.split(";"):
        match = _PART.fullmatch(part)
        if match is None:
            raise ScheduleError(f"the schedule '{text}' has an empty part", 'write it as in "white,blue,black x4"')
        cycle = [_slot(layer, threads, text) for layer in match[1].split(",")]
        slots += cycle * _rounds(match[2], text)
    total = sum(slot.share or 0 for slot in slots)
    if total > 1 + 1e-9:
        raise ScheduleError(f"the shares of '{text}' are {100 * total:g} % together", "100 % at most, cycles counted")
    return tuple(slots)


def _rounds(text: str | None, schedule: str) -> int:
    rounds = int(text) if text else 1
    if not 1 <= rounds <= 100:
        raise ScheduleError(f"'{schedule}': {rounds} cycles are outside 1 to 100", "write it as in x4")
    return rounds


def _slot(text: str, threads: Sequence[Thread], schedule: str) -> Slot:
    match = _LAYER.fullmatch(text)
    if match is None:
        raise ScheduleError(f"the schedule '{schedule}' has an empty layer", 'write it as in "white,blue,black x4"')
    share = None if match[2] is None else float(match[2]) / 100
    if share is not None and not 0 < share <= 1:
        raise ScheduleError(f"'{text.strip()}': a share must lie within 0 and 100 %", "write it as in black:10%")
    return Slot(thread=find_thread(match[1], threads), share=share)


def find_thread(name: str, threads: Sequence[Thread]) -> int:
    """Return the number of the thread of that name or colour.

    Raises
    ------
    ScheduleError
        If the palette does not have it; the hint names the nearest three.
    """
    wanted = name.lower()
    for number, thread in enumerate(threads):
        if wanted in (thread.name.lower(), thread.color):
            return number
    names = [thread.name for thread in threads]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0) or names[:3]
    raise ScheduleError(f"the palette does not have the thread '{name}'", _did_you_mean(near))


def _did_you_mean(names: Sequence[str]) -> str:
    return f"did you mean {', '.join(names)}?"
