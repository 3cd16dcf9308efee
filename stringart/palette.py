"""Which threads to wind with: what the user asks for, and the choice of the threads that show a photo best.

`parse_palette` reads the text of ``--palette`` once, at the edge; `choose` turns what it asks for into threads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.model import Board, Thread
from stringart.photo import Crop, Photo

AUTO = "auto"
MAX_THREADS = 32
DEFAULT_WIDTH_MM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteRequest:
    """What the user asks for.

    Parameters
    ----------
    text : str
        As it was written.
    threads : tuple of Thread
        Named by the user.
    count : int
        Threads to choose beside them; 0 if all are named.
    source : str
        Where the chosen ones come from: "" for any colour, else a catalogue's name or a file.
    candidates : tuple of Thread
        What may be chosen; empty for any colour.
    diameter_mm : float
        Width of the chosen threads.
    board_color : str, optional
        sRGB ``#rrggbb`` that a preset is made for; used unless the user gives ``--background``.
    """

    text: str
    threads: tuple[Thread, ...] = ()
    count: int = 0
    source: str = ""
    candidates: tuple[Thread, ...] = ()
    diameter_mm: float = DEFAULT_WIDTH_MM
    board_color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The palette of a piece.

    Parameters
    ----------
    threads : tuple of Thread
    board_color : str
        sRGB ``#rrggbb``.
    shares : tuple of float
        Of the finished picture: the board's first, then each thread's; the sum is 1.
    error : float
        Mean colour difference to expect, in units of CIE dE.
    notes : tuple of str
        What the user should be told.
    """

    threads: tuple[Thread, ...]
    board_color: str
    shares: tuple[float, ...]
    error: float
    notes: tuple[str, ...] = ()


def parse_palette(text: str, diameter_mm: float = DEFAULT_WIDTH_MM) -> PaletteRequest:
    """Read ``auto:5``, ``black,white,#c8501e@0.3mm``, ``threads.toml``, ``dmc:auto:6``, ``cmy`` ...

    Raises
    ------
    PaletteError
        For an unknown colour, catalogue or thread, a thread twice, or a number out of range.
    """
    raise NotImplementedError


def choose(
    request: PaletteRequest,
    photo: Photo,
    board: Board,
    background: str | None = None,
    crop: Crop | None = None,
    weights: NDArray[np.float32] | None = None,
) -> Choice:
    """Return the threads and the board's colour.

    Parameters
    ----------
    request : PaletteRequest
    photo : Photo
    board : Board
        Its shape and size; its colour is not read.
    background : str, optional
        sRGB ``#rrggbb``, or ``auto``; by default the preset's, else white.
    crop : (left, top, right, bottom), optional
        The largest centred part by default.
    weights : (rows, cols) float array, optional
        Importance over the board's box, any size.

    Raises
    ------
    PaletteError
        If no thread differs from the board.
    """
    raise NotImplementedError
