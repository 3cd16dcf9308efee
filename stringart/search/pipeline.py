"""From a photo to a plan, as an iterator of events.

Closing the iterator cancels the job. The same photo and options give the same plan, byte for byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stringart._version import __version__
from stringart.board import boards
from stringart.errors import PaletteError
from stringart.picture.photo import Photo, check_contrast, crop_to_board, outside_of
from stringart.plan.materials import materials_of
from stringart.plan.model import Indices, Layer, PhotoRef, Plan, Provenance
from stringart.search.events import Event, Finished, Prepared, Searched
from stringart.search.many_threads import ManyThreads
from stringart.search.one_thread import OneThread
from stringart.search.options import BLACK, DesignOptions
from stringart.search.piece import PieceSearch
from stringart.search.problem import Problem, pose
from stringart.search.quality import QUALITIES
from stringart.search.winding import wind

__all__ = [
    "BLACK",
    "QUALITIES",
    "DesignOptions",
    "Event",
    "Finished",
    "Prepared",
    "Searched",
    "design",
    "design_events",
]


def design_events(photo: Photo, options: DesignOptions) -> Iterator[Event]:
    """Search a plan; yields `Prepared`, many `Searched`, `Finished`.

    Parameters
    ----------
    photo : Photo
        From `stringart.picture.photo.load_photo`.
    options : DesignOptions

    Raises
    ------
    BoardError, PhotoError, PaletteError
        Before anything is searched.

    Examples
    --------
    >>> import numpy as np
    >>> from stringart import DesignOptions, load_photo
    >>> photo = load_photo(np.linspace(0, 1, 4096).reshape(64, 64))
    >>> options = DesignOptions(pin_count=36, lines=100, quality="draft", importance="none")
    >>> list(dict.fromkeys(type(event).__name__ for event in design_events(photo, options)))
    ['Prepared', 'Searched', 'Finished']
    """
    plan = empty_plan(photo, options)
    assert plan.photo is not None
    check_contrast(photo, plan.photo.crop_px, in_color=len(options.threads) > 1)
    frame = pose(plan, photo, options)
    notes = (*photo.notes, *frame.notes)
    yield Prepared(plan=plan, notes=notes)
    work = _search_of(frame, options)
    yield from work.run()
    plan = without_unused(_fitted(plan, work, options))
    empty = () if plan.layers else ("no chord helps: the plan is empty; take a finer thread, or more of it",)
    yield Finished(plan=plan, notes=(*notes, *work.notes(), *empty))


def design(photo: Photo, options: DesignOptions) -> Plan:
    """Search a plan and return it; `design_events` tells of the progress.

    Raises
    ------
    BoardError, PhotoError, PaletteError
        As `design_events`.
    """
    for event in design_events(photo, options):
        if isinstance(event, Finished):
            return event.plan
    raise AssertionError("a design ends in a plan")


def sketch(photo: Photo, options: DesignOptions, most_px: int | None = None) -> tuple[float, int]:
    """Search a piece quickly, on a grid of ``most_px`` across, without what makes it one that can be wound.

    Returns
    -------
    float, int
        How well it draws the photo in lightness, 0..1 (the structural similarity of two viewing distances); its chords.

    Raises
    ------
    BoardError, PhotoError, PaletteError
        As `design_events`.
    """
    work = _search_of(pose(empty_plan(photo, options), photo, options, most_px), options)
    return work.sketch(), sum(len(chords) for _, chords in work.layers())


def _search_of(frame: Problem, options: DesignOptions) -> PieceSearch:
    return OneThread(frame, options) if len(frame.plan.threads) == 1 else ManyThreads(frame, options)


def empty_plan(photo: Photo, options: DesignOptions) -> Plan:
    """Return board, pins, threads and photo, checked; no layers yet.

    Raises
    ------
    BoardError, PhotoError, PaletteError
        If they cannot be used.
    """
    pins = boards.place_pins(options.board, options.pin_count, options.pin_diameter_mm)
    for thread in options.threads:
        boards.check_thread(pins, thread.diameter_mm)
    if all(thread.color == options.board.color for thread in options.threads):
        color = options.board.color
        raise PaletteError(f"the thread and the board are both {color}: nothing would be seen", "choose another colour")
    crop = crop_to_board(photo, options.board, options.crop_px)
    return Plan(
        board=options.board,
        pins=pins,
        threads=options.threads,
        layers=(),
        photo=PhotoRef(name=photo.name, sha256=photo.sha256, crop_px=crop, outside=outside_of(photo, crop)),
        provenance=Provenance(version=__version__, command=options.command, seed=options.seed),
    )


def wound(plan: Plan, layers: Sequence[tuple[int, Indices]]) -> Plan:
    """Return a plan with layers of one continuous thread each.

    Parameters
    ----------
    plan : Plan
    layers : sequence of (thread, (C, 2) or (C, 4) int array)
        Chords as numbers of pins, and sides, as `wind` takes them; a layer without any is left out.
    """
    pins = plan.pins.xy_mm
    made = tuple(Layer(thread=thread, pins=wind(pins, pairs)) for thread, pairs in layers if len(pairs))
    return replace(plan, layers=made)


def without_unused(plan: Plan) -> Plan:
    """Return a plan whose threads are all wound: nobody has to buy one that no layer has.

    Parameters
    ----------
    plan : Plan
        One without any layer keeps its threads.
    """
    used = sorted({layer.thread for layer in plan.layers})
    if len(used) in (0, len(plan.threads)):
        return plan
    layers = tuple(replace(layer, thread=used.index(layer.thread)) for layer in plan.layers)
    return replace(plan, threads=tuple(plan.threads[k] for k in used), layers=layers)


def _fitted(plan: Plan, work: PieceSearch, options: DesignOptions) -> Plan:
    """Wind the layers; where rim moves and knots make a thread too long, some chords less."""
    limits: list[tuple[int | None, float]] = [(k, mm) for k, mm in enumerate(options.thread_limits_mm or ()) if mm]
    limits += [(None, options.thread_length_mm)] if options.thread_length_mm else []
    while True:
        done = wound(plan, work.layers())
        use = materials_of(done)
        used_mm = {None: use.total_mm} | {thread.thread: thread.total_mm for thread in use.threads}
        over = [(used_mm[thread] - limit_mm, thread) for thread, limit_mm in limits if used_mm[thread] > limit_mm]
        if not over or not done.layers:
            return done
        work.shorten(*max(over, key=lambda pair: pair[0]))
