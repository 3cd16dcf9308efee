"""From a photo to a plan, as an iterator of events: read by the command line's bar, the studio and the tests alike.

Closing the iterator cancels the job. The same photo and options give the same plan, byte for byte.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stringart import boards
from stringart.model import Board, Indices, Plan, Thread
from stringart.photo import Crop, Photo

BLACK = Thread(name="black", color="#000000", diameter_mm=0.25)
QUALITIES = ("draft", "normal", "best")


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignOptions:
    """What is to be made.

    Parameters
    ----------
    board : Board
        From `stringart.boards.make_board`.
    pin_count : int, optional
        288 by default, or as many as a file of pins gives.
    pin_diameter_mm : float
    threads : tuple of Thread
        The palette.
    lines : int
        Chords across the board at most; rim moves apart.
    thread_length_mm : float, optional
        All thread at most, in place of ``lines``.
    importance : str or Photo
        ``faces``, ``none``, or the user's map (white is important).
    crop_px : (left, top, right, bottom), optional
        The largest centred part with the board's aspect by default.
    seed : int
    quality : str
        ``draft`` (search only), ``normal`` or ``best`` (more refinement).
    command : str
        Goes into the plan's provenance.
    """

    board: Board = field(default_factory=boards.make_board)
    pin_count: int | None = None
    pin_diameter_mm: float = boards.DEFAULT_PIN_DIAMETER_MM
    threads: tuple[Thread, ...] = (BLACK,)
    lines: int = 4000
    thread_length_mm: float | None = None
    importance: str | Photo = "faces"
    crop_px: Crop | None = None
    seed: int = 0
    quality: str = "normal"
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The first event: what is fixed before the search.

    Parameters
    ----------
    plan : Plan
        Board, pins, threads and photo; no layers yet.
    notes : tuple of str
        Things to tell the user.
    """

    plan: Plan
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """Some more chords are found, or taken out to be found anew.

    Parameters
    ----------
    stage : str
        ``search``, ``refine`` or ``sweep``, for people.
    added, removed : (n, 3) int array
        Rows of thread, pin, pin (pins in rising order). Applied in order they give the chords held now; the order
        of painting is settled only in the plan.
    done, total : int
        Progress of the whole job, in steps of equal work.
    """

    stage: str
    added: Indices
    removed: Indices
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event.

    Parameters
    ----------
    plan : Plan
    notes : tuple of str
        What the tone fit did, threads that were dropped and the like.
    """

    plan: Plan
    notes: tuple[str, ...] = ()


Event = Prepared | Searched | Finished


def design_events(photo: Photo, options: DesignOptions) -> Iterator[Event]:
    """Search a plan; yields `Prepared`, many `Searched`, `Finished`.

    Parameters
    ----------
    photo : Photo
        From `stringart.photo.load_photo`.
    options : DesignOptions

    Raises
    ------
    BoardError, PhotoError, PaletteError
        Before anything is searched.
    """
    job = _prepare(photo, options)
    yield Prepared(plan=job.plan, notes=job.notes)
    budget = _Budget.of(options)
    for stage, change in _searched(job.search, options.quality, budget):
        yield Searched(
            stage=stage,
            added=_rows(0, job.search.chords.pairs[change.added]),
            removed=_rows(0, job.search.chords.pairs[change.removed]),
            done=budget.done(job.search),
            total=budget.total,
        )
    plan = _wound(job, budget)
    yield Finished(plan=plan, notes=(*job.notes, *_what_became(job, plan, budget)))


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
