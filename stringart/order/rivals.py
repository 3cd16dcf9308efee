"""Whether the threads of a piece suit its photo: quick drafts of plain looks are compared with it.

Colours are chosen for what they can show side by side, not for what thread draws: a piece of one thread can be the
better picture, and is taken. Where a look shows next to nothing, or the plain one draws less than another would, the
one that shows more of the photo is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from stringart.errors import StringartError
from stringart.look.paint import Painting
from stringart.look.score import Score, closeness, score_of, shape
from stringart.picture.backdrop import KEEP
from stringart.picture.photo import Photo
from stringart.plan.model import Plan, Thread
from stringart.search.options import Controls, DesignOptions
from stringart.search.pipeline import design, sketch
from stringart.threads.request import PRESETS

Designer = Callable[[Photo, DesignOptions], Plan]
_PLAIN = ("black-on-white", "white-on-black")
_OFFERED = (*_PLAIN, "two-tone")
_USED = 0.3  # of the chords that are asked for: less, and hardly anything of the photo is drawn
_MANY = 2000  # chords that show a photo, if a look can
_POOR, _GOOD, _CLEARLY = 0.45, 0.7, 0.08  # likeness in shape
_COARSER, _COARSE_PINS = 2, 200
"""A small draft has so many times fewer chords of so many times wider threads, which cover as much, and no more pins
than that. It ranks looks; it is not what a piece looks like: of a bright thread on a dark board the tones differ."""
_SURELY = 0.04  # closeness: a small draft that is so far ahead is ahead in full
_FINER = "two-tone"
"""White on black was tried for dark photos as well: it had a likeness of 0.39 to 0.54 where this had 0.59 to 0.69."""
_SKETCH_PIN_MM, _SKETCH_PX = 0.01, 144
"""A sketch is a small draft on pins without a width, whose two sides are one line, on a coarse grid; it is neither
wound nor painted, but compared as the search sees it. Two take 0.3 s of CPU in place of 1.9, and say the same of eight
of nine photos; of the ninth, paint has the other look ahead by 0.024, the search the own one by 0.03."""


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
    # a piece with a faded backdrop is meant to differ from its photo: all are compared with all of it
    compared = [replace(options, backdrop=KEEP) for options in tried]
    drafts = compared if chosen.lines < _MANY else [_coarse(options) for options in compared]
    rough = [_closeness(photo, options) for options in drafts]
    near = [k for k in range(1, len(tried)) if drafts is compared or rough[k] + _SURELY >= rough[0]]
    if rough[0] > 0 and not near:
        return Winner(options=chosen)
    found = {k: rough[k] if drafts is compared else _closeness(photo, compared[k]) for k in (0, *near)}
    best = max(found, key=lambda k: (round(found[k], 4), -k))
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


def better_look(
    photo: Photo,
    painting: Painting,
    options: DesignOptions,
    scores: Sequence[Score] = (),
    designed: Designer = design,
) -> str:
    """Return a line that names a look which shows more of a photo than a finished piece does; "" where none does.

    Parameters
    ----------
    photo : Photo
    painting : Painting
        Of the finished piece.
    options : DesignOptions
        That it was made with.
    scores : sequence of Score
        Of the piece, where it was compared by lightness already.
    designed : callable
        Makes the drafts of other looks.
    """
    if options.thread_length_mm is not None or options.backdrop != KEEP:
        return ""
    plan = painting.plan
    if _USED * options.lines <= plan.chords < _MANY:
        return ""  # it draws what it was asked for, and is too small to judge a look by
    own = _likeness(painting, scores or score_of(painting, photo, gray=True), options.lines)
    shows_little = plan.chords < _USED * options.lines or own < _POOR
    if own >= _GOOD:
        return ""
    if not shows_little:
        return _finer_look(photo, plan, options)
    others = _others(plan, options, _OFFERED)
    found = {name: _shape_of_draft(photo, other, designed) for name, other in others.items()}
    best = max(found, key=lambda name: round(found[name], 4))
    if found[best] < own + _CLEARLY:
        return ""
    return (
        f"this look shows little of this photo (likeness {own:.2f}): "
        f"--look {best} shows more ({found[best]:.2f} in a draft)"
    )


def _finer_look(photo: Photo, plan: Plan, options: DesignOptions) -> str:
    """Return a line that names a look which draws a photo more finely than one black thread on white, by sketches.

    Other looks are asked for by their names, and are left alone where they show the photo.
    """
    board, colors = PRESETS[_PLAIN[0]]
    if (plan.board.color, *(thread.color for thread in plan.threads)) != (board, colors[0][1]):
        return ""
    found = _others(plan, options, [_FINER])
    own, other = (_shape_of_sketch(photo, look) for look in (options, found[_FINER]))
    if other < own:
        return ""
    return (
        f"--look {_FINER} draws this photo more finely (by small drafts); stringart looks shows all looks side by side"
    )


def _others(plan: Plan, options: DesignOptions, names: Sequence[str]) -> dict[str, DesignOptions]:
    """Return the options of those looks that are not the piece's own."""
    own = (plan.board.color, tuple(thread.color for thread in plan.threads))
    presets = {name: PRESETS[name] for name in names}
    return {
        name: _with_palette(options, board, colors)
        for name, (board, colors) in presets.items()
        if (board, tuple(code for _, code in colors)) != own
    }


def _coarse(options: DesignOptions) -> DesignOptions:
    """Return options that show in a second about what a piece would be."""
    length_mm = options.thread_length_mm
    return replace(
        options,
        threads=tuple(replace(t, diameter_mm=t.diameter_mm * _COARSER) for t in options.threads),
        pin_count=min(options.pin_count or _COARSE_PINS, _COARSE_PINS),
        lines=max(options.lines // _COARSER, 1),
        thread_length_mm=None if length_mm is None else length_mm / _COARSER,
        change_minutes=None if len(options.threads) == 1 else 0.0,
        quality="draft",
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


def _shape_of_draft(photo: Photo, options: DesignOptions, designed: Designer) -> float:
    try:
        plan = designed(photo, options)
    except StringartError:
        return -1.0
    painting = Painting(plan)
    return _likeness(painting, score_of(painting, photo, gray=True), options.lines)


def _shape_of_sketch(photo: Photo, options: DesignOptions) -> float:
    small = replace(_coarse(options), pin_diameter_mm=_SKETCH_PIN_MM)
    try:
        likeness, chords = sketch(photo, small, _SKETCH_PX)
    except StringartError:
        return -1.0
    return likeness * min(chords / (_USED * small.lines), 1.0)


def _likeness(painting: Painting, scores: Sequence[Score], lines: int) -> float:
    """How well a piece draws a photo; a board that is all but bare draws none, whatever its tones are like."""
    if not painting.plan.layers:
        return 0.0
    return shape(scores) * min(painting.plan.chords / (_USED * lines), 1.0)


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
