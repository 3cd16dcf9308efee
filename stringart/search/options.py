"""What is to be made: the options of a design, as every front end fills them in."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stringart import arguments
from stringart.board import boards
from stringart.errors import PaletteError, ScheduleError, UnitError
from stringart.picture.photo import Crop, Source
from stringart.plan.model import DEFAULT_WIDTH_MM, Board, Thread
from stringart.search.quality import QUALITIES, QualityName
from stringart.threads.schedule import Schedule

MOST_MINUTES = 1e6
MOST_LINES = 10_000_000
BLACK = Thread(name="black", color="#000000", diameter_mm=DEFAULT_WIDTH_MM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What the user painted or wrote.

    Parameters
    ----------
    importance : mapping of int to picture
        For a thread's number: white where it matters to this thread.
    regions : tuple of (threads, picture)
        Where the picture is white, only these threads are wound.
    separations : mapping of int to picture
        For a thread's number: white where all that is seen is this thread, in place of its share by unmixing.
    stand_in : (K, K) float array, optional
        Row i: how much of the share of thread i each thread takes; rows are scaled to a sum of 1.
    unmix : str, optional
        How the photo is shared out to the threads, of `stringart.threads.unmixings.UNMIXINGS`. By default the photo
        itself is aimed at, unless separations or a matrix ask for shares.
    """

    importance: Mapping[int, Source] = field(default_factory=dict)
    regions: tuple[tuple[frozenset[int], Source], ...] = ()
    separations: Mapping[int, Source] = field(default_factory=dict)
    stand_in: NDArray[np.float64] | None = None
    unmix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignOptions:
    """What is to be made.

    Parameters
    ----------
    board : Board
        From `stringart.board.boards.make_board`.
    pin_count : int, optional
        288 by default, or as many as a file of pins gives.
    pin_diameter_mm : float
    threads : tuple of Thread
        The palette.
    lines : int
        Chords across the board at most; rim moves apart.
    thread_length_mm : float, optional
        All thread at most, in place of ``lines``.
    thread_limits_mm : tuple of float or None, optional
        For each thread, how much of it there is at most; None where it does not matter.
    schedule : Schedule, optional
        Layers from the lowest to the one on top; `stringart.threads.schedule.default_schedule` by default.
    change_minutes : float, optional
        What a change of thread costs in a person's time; layers that are not worth it are dropped. By
        default what a person takes, or, with a ``schedule``, nothing.
    controls : Controls
        What the user painted to steer a colour piece.
    importance : str or picture
        ``faces``, ``none``, or the user's map (white is important): whatever `load_photo` reads.
    backdrop : str or picture
        ``keep``, ``fade`` (the ground behind a face, or behind what stands out, comes near to the board), or the
        user's picture, white where the photo stays.
    crop_px : (left, top, right, bottom), optional
        The largest centred part with the board's aspect by default.
    seed : int
        Kept in the plan; nothing in the search is random.
    quality : {"draft", "normal", "best"}
        ``draft`` (a quick look: on a coarser grid, hardly refined), ``normal`` or ``best`` (refined longer).
    command : str
        Goes into the plan's provenance.

    Raises
    ------
    UnitError, PaletteError, ScheduleError
        If a field is of another kind or out of range, or would have no effect.
    """

    board: Board = field(default_factory=boards.make_board)
    pin_count: int | None = None
    pin_diameter_mm: float = boards.DEFAULT_PIN_DIAMETER_MM
    threads: tuple[Thread, ...] = (BLACK,)
    lines: int = 4000
    thread_length_mm: float | None = None
    thread_limits_mm: tuple[float | None, ...] | None = None
    schedule: Schedule | None = None
    change_minutes: float | None = None
    controls: Controls = field(default_factory=Controls)
    importance: Source = "faces"
    backdrop: Source = "keep"
    crop_px: Crop | None = None
    seed: int = 0
    quality: QualityName = "normal"
    command: str = ""

    def __post_init__(self) -> None:
        arguments.instance(self.board, Board, "board", "make one with make_board")
        arguments.instance(self.controls, Controls, "controls")
        _keep(
            self,
            pin_count=None if self.pin_count is None else arguments.whole(self.pin_count, "pin_count"),
            pin_diameter_mm=arguments.number(self.pin_diameter_mm, "pin_diameter_mm"),
            seed=arguments.whole(self.seed, "seed", 0),
            command=arguments.text(self.command, "command"),
            threads=_threads(self.threads),
            crop_px=None if self.crop_px is None else crop_of(self.crop_px, "crop_px"),
        )
        arguments.choice(self.quality, "quality", QUALITIES)
        self._check_amounts()
        self._check_layers()

    def _check_amounts(self) -> None:
        lines = arguments.whole(self.lines, "lines", most=MOST_LINES)
        if lines < 1:
            raise UnitError(f"{lines} lines are not a picture", "choose at least 1")
        length_mm, change = self.thread_length_mm, self.change_minutes
        _keep(
            self,
            lines=lines,
            thread_length_mm=None if length_mm is None else arguments.number(length_mm, "thread_length_mm"),
            change_minutes=None if change is None else arguments.number(change, "change_minutes", 0, MOST_MINUTES),
            thread_limits_mm=_limits(self.thread_limits_mm, len(self.threads)),
        )
        if self.thread_length_mm is not None and not self.thread_length_mm > 0:
            raise UnitError(f"a thread of {self.thread_length_mm:g} mm is not long enough", "write it as in 2.5km")

    def _check_layers(self) -> None:
        """Refuse what one thread would leave without effect, and layers of threads that there are not."""
        if len(self.threads) == 1 and self.change_minutes is not None:
            raise ScheduleError("what a change of thread costs is of several threads", "choose them, or leave it out")
        if self.schedule is None:
            return
        if len(self.threads) == 1:
            raise ScheduleError(
                "layers are of several threads, and the palette has one", "choose more, or leave it out"
            )
        try:
            numbers = [slot.thread for slot in self.schedule]
        except (TypeError, AttributeError):
            raise arguments.refused("schedule", "a tuple of Slot", self.schedule) from None
        for number in numbers:
            if not 0 <= arguments.whole(number, "a slot's thread") < len(self.threads):
                raise ScheduleError(f"a layer is of thread {number}: there are {len(self.threads)}, counted from 0")
        _keep(self, schedule=tuple(self.schedule))


def _keep(options: object, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(options, name, value)


def _threads(given: object) -> tuple[Thread, ...]:
    if isinstance(given, str | Thread) or not isinstance(given, Iterable):
        raise arguments.refused("threads", "a tuple of Thread", given, "as in threads=(Thread(name='a', color='red'),)")
    threads = tuple(given)
    for thread in threads:
        arguments.instance(thread, Thread, "a thread")
    if not threads:
        raise PaletteError("the palette has no thread", "give at least one")
    return threads


def _limits(given: object, threads: int) -> tuple[float | None, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise arguments.refused("thread_limits_mm", "a length or None for each thread", given)
    limits = tuple(None if one is None else arguments.number(one, "thread_limits_mm", above=0) for one in given)
    if len(limits) != threads:
        raise UnitError(
            f"thread_limits_mm has {len(limits)} values for {threads} threads", "give one, or None, for each"
        )
    return limits


def crop_of(given: object, name: str) -> Crop:
    """Return left, top, right and bottom in whole pixels.

    Raises
    ------
    UnitError
        If they are not four whole numbers.
    """
    if isinstance(given, bytes | Set | Mapping):  # numbers they are, but no edges
        raise arguments.refused(name, "left, top, right and bottom in whole pixels", given)
    try:
        left, top, right, bottom = (arguments.whole(edge, name) for edge in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError, UnitError):
        raise arguments.refused(name, "left, top, right and bottom in whole pixels", given) from None
    return left, top, right, bottom
