"""Whether the threads of a piece suit its photo: quick drafts of plain looks are compared with it.

Colours are chosen for what they can show side by side, not for what thread draws: with few of them, a piece of one
thread can be the better picture, and is taken. Where a look that was asked for shows next to nothing, one that shows
the photo is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stringart.errors import StringartError
from stringart.look.paint import Painting
from stringart.look.score import closeness, shape
from stringart.picture.photo import Photo
from stringart.plan.model import Thread
from stringart.search.options import Controls, DesignOptions
from stringart.search.pipeline import design
from stringart.threads.request import PRESETS

MOST = 3
"""Threads that are chosen, at most, for which it is tried: with more of them, a black and a white one are always among
them, and of ten photos none came closer in one thread."""
_PLAIN = ("black-on-white", "white-on-black")
_OFFERED = (*_PLAIN, "two-tone")
_USED = 0.3  # of the chords that are asked for: less, and hardly anything of the photo is drawn
_MANY = 2000  # chords that show a photo, if a look can
_POOR, _GOOD, _CLEARLY = 0.45, 0.7, 0.08  # likeness in shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """The palette that is taken.

    Parameters
    ----------
    options : DesignOptions
    note : str
        What the user should be told; "" where the chosen threads stay.
    """

    options: DesignOptions
    note: str = ""


def winner(photo: Photo, chosen: DesignOptions, board_is_given: bool) -> Winner:
    """Return the chosen threads, or a plain piece where a draft of that comes closer to the photo.

    Parameters
    ----------
    photo : Photo
    chosen : DesignOptions
    board_is_given : bool
        The board keeps its colour.
    """
    plain = [options for options in _plain(chosen) if not board_is_given or options.board.color == chosen.board.color]
    tried = [chosen, *(one for one in plain if (one.threads, one.board.color) != (chosen.threads, chosen.board.color))]
    if len(tried) < 2:
        return Winner(options=chosen)
    found = [_closeness(photo, options) for options in tried]
    best = max(range(len(tried)), key=lambda k: (round(found[k], 4), -k))
    if best == 0:
        return Winner(options=chosen)
    taken = tried[best]
    name = taken.threads[0].name
    board = "white" if name == "black" else "black"
    return Winner(
        options=taken,
        note=f"palette: {name} on {board} comes closer to this photo than {_names(chosen.threads)} "
        f"(closeness {found[best]:.2f}, not {found[0]:.2f}) and is taken; name the threads to have them all the same",
    )


def better_look(photo: Photo, painting: Painting, options: DesignOptions) -> str:
    """Return a line that names a look which shows a photo, where a finished piece does not; "" where it does.

    Parameters
    ----------
    photo : Photo
    painting : Painting
        Of the finished piece.
    options : DesignOptions
        That it was made with.
    """
    if options.thread_length_mm is not None:
        return ""
    plan = painting.plan
    own = _likeness(painting, photo, options.lines)
    shows_little = plan.chords < _USED * options.lines or (plan.chords >= _MANY and own < _POOR)
    if not shows_little or own >= _GOOD:
        return ""
    found = {}
    for name in _OFFERED:
        board, colors = PRESETS[name]
        if (board, tuple(code for _, code in colors)) != (plan.board.color, tuple(t.color for t in plan.threads)):
            found[name] = _shape_of_draft(photo, _with_palette(options, board, colors))
    best = max(found, key=lambda name: round(found[name], 4))
    if found[best] < own + _CLEARLY:
        return ""
    return (
        f"this look shows little of this photo (likeness {own:.2f}): "
        f"--look {best} shows more ({found[best]:.2f} in a draft)"
    )


def _with_palette(options: DesignOptions, board: str, colors: Sequence[tuple[str, str]]) -> DesignOptions:
    width_mm = options.threads[0].diameter_mm
    return replace(
        options,
        board=replace(options.board, color=board),
        threads=tuple(Thread(name=name, color=color, diameter_mm=width_mm) for name, color in colors),
        schedule=None,
        change_minutes=None if len(colors) == 1 else options.change_minutes,
        thread_limits_mm=None,
        controls=Controls(),
        quality="draft",
    )


def _shape_of_draft(photo: Photo, options: DesignOptions) -> float:
    try:
        plan = design(photo, options)
    except StringartError:
        return -1.0
    return _likeness(Painting(plan), photo, options.lines)


def _likeness(painting: Painting, photo: Photo, lines: int) -> float:
    """How well a piece draws a photo; a board that is all but bare draws none, whatever its tones are like."""
    if not painting.plan.layers:
        return 0.0
    return shape(painting, photo) * min(painting.plan.chords / (_USED * lines), 1.0)


def _plain(chosen: DesignOptions) -> list[DesignOptions]:
    plain = (_with_palette(chosen, *PRESETS[name]) for name in _PLAIN)
    return [replace(options, quality=chosen.quality) for options in plain]


def _closeness(photo: Photo, options: DesignOptions) -> float:
    try:
        return closeness(Painting(design(photo, replace(options, quality="draft"))), photo)
    except StringartError:  # a photo without contrast of lightness can be shown in colours alone
        return -1.0


def _names(threads: Sequence[Thread]) -> str:
    return ", ".join(
        thread.name if thread.color in thread.name else f"{thread.name} {thread.color}" for thread in threads
    )
