"""A film in at most 255 colours: one palette for all frames, and only the pixels that changed.

The palette is chosen from looks at the whole film, with every thread's own colour and the board's among it. A colour
always becomes the same entry, without dithering: what does not change does not flicker. A pixel is written again when
it has moved by more than a tolerance since it was last written; the last frame is written without tolerance.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

from stringart import _kernels
from stringart.look.film import Moving

CLEAR = 255  # the entry of pixels that stay as they are
_LOOKS, _BITS = 7, 6
_FINE_PER_S = 1000
_OWN_COLORS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChangedBox:
    """The rectangle of a frame in which something changed.

    Parameters
    ----------
    left_px, top_px : int
        Its corner.
    entries : (rows, cols) uint8 array
        Palette entries, `CLEAR` where nothing changed.
    ticks : int
        How long the frame stays.
    """

    left_px: int
    top_px: int
    entries: NDArray[np.uint8]
    ticks: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndexedFilm:
    """A film, its palette (N <= 255, 3) uint8, and the entry of every colour of `_BITS` bits a channel.

    ``tolerance`` is how many levels a pixel may move before it is written again.
    """

    film: Moving
    tolerance: int
    palette: NDArray[np.uint8]
    entry_of: NDArray[np.uint8]

    def changes(self, ticks_per_s: int, least_ticks: int = 1) -> Iterator[ChangedBox]:
        """Every frame's change in turn; the first is the whole frame.

        None is shorter than ``least_ticks``: a frame that comes too soon is passed over, and its time is its
        successor's; the last is always shown.
        """
        ticks = ticks_of(self.film, ticks_per_s, least_ticks)
        width, height = self.film.size_px
        shown, entries = np.zeros((height, width, 3), np.uint8), np.empty((height, width), np.uint8)
        held, kept = 0, None
        for number, frame in enumerate(self.film.frames()):
            if kept is not None and held < least_ticks and number < len(ticks) - 1:
                held += int(ticks[number])
                continue
            tolerance = -1 if number == 0 else 0 if number == len(ticks) - 1 else self.tolerance
            box = _kernels.changed_entries(frame, shown, self.entry_of, _BITS, tolerance, CLEAR, entries)
            if box[0] >= box[2]:  # nothing to see: the frame before stays longer
                held += int(ticks[number])
                continue
            if kept is not None:
                yield replace(kept, ticks=max(held, least_ticks))
            top, left, bottom, right = box
            kept = ChangedBox(left_px=left, top_px=top, entries=entries[top:bottom, left:right].copy(), ticks=0)
            held = int(ticks[number])
        if kept is not None:
            yield replace(kept, ticks=max(held, least_ticks))


def ticks_of(film: Moving, ticks_per_s: int, least_ticks: int) -> NDArray[np.intp]:
    """How long each frame lasts, (F,), in ticks; where frames may be passed over, some have none."""
    if least_ticks <= 1:
        return film.ticks(ticks_per_s)
    ends = np.rint(np.cumsum(film.ticks(_FINE_PER_S)) * (ticks_per_s / _FINE_PER_S)).astype(np.intp)
    return np.asarray(np.diff(ends, prepend=0), np.intp)


def index_film(film: Moving, colors: int = 250, tolerance: int = 6) -> IndexedFilm:
    """Choose the palette of a film.

    Parameters
    ----------
    film : Moving
    colors : int
        Entries beside the own colours of threads and board; fewer make a smaller file.
    tolerance : int
        How many levels a pixel may move before it is written again.

    Returns
    -------
    IndexedFilm
    """
    pixels = _looks(film)
    own = list(dict.fromkeys([film.plan.board.color, *(thread.color for thread in film.plan.threads)]))[:_OWN_COLORS]
    pure = np.array([[int(code[k : k + 2], 16) for k in (1, 3, 5)] for code in own], np.uint8)
    asked = Image.fromarray(pixels[None]).quantize(colors, Image.Quantize.MAXCOVERAGE, kmeans=2)
    found = np.array(asked.getpalette(), np.uint8).reshape(-1, 3)[: len(asked.getcolors() or ())]
    palette = np.unique(np.concatenate([pure, found])[:CLEAR], axis=0)
    return IndexedFilm(film=film, tolerance=tolerance, palette=palette, entry_of=_entries(palette, pure))


def _looks(film: Moving) -> NDArray[np.uint8]:
    """Pixels of some frames spread over the film, coarsely painted, (M, 3)."""
    looks = enumerate(film.looks(_LOOKS))
    return np.concatenate([frame[number % 3 :: 3, ::3].reshape(-1, 3) for number, frame in looks])


def _entries(palette: NDArray[np.uint8], pure: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the nearest entry of every colour of `_BITS` bits a channel; the pure colours are met exactly."""
    levels = (np.arange(1 << _BITS) + 0.5) * (256 >> _BITS) - 0.5
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    colors = cKDTree(palette.astype(np.float64))
    entries = np.asarray(colors.query(grid)[1], np.uint8)
    cells = (pure.astype(np.intp) >> (8 - _BITS)) @ [1 << 2 * _BITS, 1 << _BITS, 1]
    entries[cells[::-1]] = colors.query(pure.astype(np.float64))[1][::-1]  # the board's colour, the first, wins
    return entries
