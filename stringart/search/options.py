"""What is to be made: the options of a design, as every front end fills them in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stringart.board import boards
from stringart.errors import UnitError
from stringart.picture.photo import Crop, Source
from stringart.plan.model import Board, Thread
from stringart.search.quality import QUALITIES
from stringart.threads.schedule import Schedule
from stringart.threads.thread_text import DEFAULT_WIDTH_MM

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
    quality : str
        ``draft`` (a quick look: on a coarser grid, hardly refined), ``normal`` or ``best`` (refined longer).
    command : str
        Goes into the plan's provenance.
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
    quality: str = "normal"
    command: str = ""

    def __post_init__(self) -> None:
        if self.lines < 1:
            raise UnitError(f"{self.lines} lines are not a picture", "choose at least 1")
        if self.thread_length_mm is not None and not self.thread_length_mm > 0:
            raise UnitError(f"a thread of {self.thread_length_mm:g} mm is not long enough", "write it as in 2.5km")
        if self.quality not in QUALITIES:
            raise UnitError(f"the quality '{self.quality}' is not known", f"choose of {', '.join(QUALITIES)}")
