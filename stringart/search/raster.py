"""The board as the search sees it: a square grid of about the eye's resolution, and chords as coverage on it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart import _kernels
from stringart.plan.model import Board, Indices, Pins
from stringart.search.quality import EYE_PX

_PAD = 6
_RIM = 0.985  # what lies outside this share of the ring is all thread and says nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """A square map over the board.

    Parameters
    ----------
    size : int
        Rows and columns, a margin included.
    px_per_mm : float
    shape : (rows, cols)
        Of the board itself, which begins at row and column ``margin``.
    margin : int
    inside : (size, size) bool array
        True where the picture counts: within the ring of pins, slightly shrunk.
    """

    size: int
    px_per_mm: float
    shape: tuple[int, int]
    margin: int
    inside: NDArray[np.bool_]

    @property
    def window(self) -> tuple[slice, slice]:
        """The board's part of a map."""
        rows, cols = self.shape
        return slice(self.margin, self.margin + rows), slice(self.margin, self.margin + cols)

    @property
    def px(self) -> float:
        """Pixels across the board's larger side, margin apart."""
        return float(max(self.shape))

    def embed(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a picture of the board (rows, cols) as a map, its edges continued over the margin."""
        rows, cols = self.shape
        after = (self.size - self.margin - rows, self.size - self.margin - cols)
        return np.pad(picture, ((self.margin, after[0]), (self.margin, after[1])), mode="edge")


def make_grid(board: Board, pins: Pins, thread_mm: float, most_px: int = EYE_PX) -> Grid:
    """Return the grid for a board: ``most_px`` across, fewer where a pixel would be finer than the thread."""
    larger_mm = max(board.width_mm, board.height_mm)
    across = max(min(most_px, math.floor(larger_mm / (1.5 * thread_mm))), 32)
    px_per_mm = across / larger_mm
    rows, cols = (max(round(side * px_per_mm), 1) for side in (board.height_mm, board.width_mm))
    size = across + 2 * _PAD
    outline = _to_px(pins.xy_mm * _RIM, board, px_per_mm)
    image = Image.new("1", (size, size))
    ImageDraw.Draw(image).polygon([(col - 0.5, row - 0.5) for col, row in outline], fill=1)
    inside = np.array(image)
    return Grid(size=size, px_per_mm=px_per_mm, shape=(rows, cols), margin=_PAD, inside=inside)


def _to_px(xy_mm: NDArray[np.float64], board: Board, px_per_mm: float) -> NDArray[np.float64]:
    col = (xy_mm[:, 0] + board.width_mm / 2) * px_per_mm + _PAD
    row = (board.height_mm / 2 - xy_mm[:, 1]) * px_per_mm + _PAD
    return np.column_stack([col, row])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chords:
    """All chords that may be wound with one width of thread.

    Parameters
    ----------
    pairs : (C, 2) int32 array
        Pins, i < j.
    walks : (C, 4) int32 array
        How each crosses the grid; see `_kernels`.
    cover : (C,) float32 array
        Coverage of one step of a walk, in pixels.
    lengths_mm : (C,) float32 array
    """

    pairs: Indices
    walks: Indices
    cover: NDArray[np.float32]
    lengths_mm: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def mean_cover_px(self) -> float:
        """Coverage of an average chord, in pixels."""
        return float((self.cover.astype(np.float64) * self.walks[:, 1]).mean())


def trace(board: Board, pins: Pins, pairs: Indices, grid: Grid, thread_mm: float) -> Chords:
    """Return how the chords ``pairs`` (C, 2) cover the grid when wound with a thread ``thread_mm`` wide."""
    pins_px = _to_px(pins.xy_mm, board, grid.px_per_mm)
    walks, cover = _kernels.trace_chords(pins_px, pairs, thread_mm * grid.px_per_mm, grid.size)
    ends = pins.xy_mm[pairs]
    lengths_mm = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    return Chords(pairs=pairs, walks=walks, cover=cover, lengths_mm=lengths_mm.astype(np.float32))


def as_wound(board: Board, pins: Pins, pairs: Indices, grid: Grid, thread_mm: float) -> NDArray[np.float32]:
    """Return what is seen past chords, (size, size), each on one of its four lines along the two pins.

    Which of them a chord gets is settled when it is wound; until then it is as good as chance, and the same every time.
    """
    ends = pins.xy_mm[pairs]
    along = ends[:, 1] - ends[:, 0]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    number = np.arange(len(pairs), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    sides = np.stack([number >> np.uint64(62) & np.uint64(1), number >> np.uint64(61) & np.uint64(1)], 1) * 2.0 - 1
    reach_mm = (pins.diameter_mm + thread_mm) / 2
    lines = ends + (sides * reach_mm)[..., None] * normal[:, None]
    own = np.arange(2 * len(pairs), dtype=np.int32).reshape(-1, 2)
    return _covered(
        trace(board, Pins(diameter_mm=pins.diameter_mm, xy_mm=lines.reshape(-1, 2)), own, grid, thread_mm), grid
    )


def _covered(chords: Chords, grid: Grid) -> NDArray[np.float32]:
    """What is seen past all of the chords."""
    size = grid.size
    base, steps, start, slope = (column.astype(np.int64)[:, None] for column in chords.walks.T)
    step = np.arange(int(steps.max(initial=0)))
    at = start + step * slope
    steep = base >= 2 * size * size
    major = base // (2 * size) - size * steep + step
    share = (at & 65535) / 65536 * chords.cover[:, None]
    logs = np.zeros(size * size)
    for minor, part in ((at >> 16, chords.cover[:, None] - share), ((at >> 16) + 1, share)):
        seen = (step < steps) & (minor >= 0) & (minor < size) & (major < size)
        places = np.where(steep, major * size + minor, minor * size + major)[seen]
        logs += np.bincount(places, np.log1p(-part[seen].astype(np.float64)), size * size)
    return np.exp(logs).astype(np.float32).reshape(size, size)
