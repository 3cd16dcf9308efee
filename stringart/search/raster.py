"""The board as the search sees it: a square grid of about the eye's resolution, and chords as coverage on it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart.board.outlines import is_convex
from stringart.plan.model import Board, Indices, Pins
from stringart.plan.taut import pin_reach_mm, tangents
from stringart.search.quality import EYE_PX

_PAD = 6
_WAYS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.int8)  # left, right at either pin
_LEAST_REACH_PX = 0.1  # below which the four lines of a pair of pins look the same
_MOST_LINES = 4_000_000  # 80 MB
_AT_ONCE = 100_000  # lines
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
    """All lines that may be wound with one width of thread.

    A taut thread passes either pin on its left or its right, seen from that pin towards the middle of the board: a pair
    of pins has four lines.

    Parameters
    ----------
    pairs : (C, 2) int32 array
        Pins, i < j; the lines of a pair follow each other.
    sides : (C, 2) int8 array
        At each pin +1 where the line passes on the left, -1 on the right; 0 where all lines of a pair are one here.
    walks : (C, 4) int32 array
        How each crosses the grid; see `_kernels`.
    cover : (C,) float32 array
        Coverage of one step of a walk, in pixels.
    lengths_mm : (C,) float32 array
    is_convex : bool
        Whether the pins stand on a convex ring: what a line has in it between its pins is all that it has in it.
    """

    pairs: Indices
    sides: NDArray[np.int8]
    walks: Indices
    cover: NDArray[np.float32]
    lengths_mm: NDArray[np.float32]
    is_convex: bool

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def ways(self) -> int:
        """Lines of a pair of pins."""
        return 4 if self.sides[0, 0] else 1

    @property
    def mean_cover_px(self) -> float:
        """Coverage of an average chord, in pixels."""
        return float((self.cover.astype(np.float64) * self.walks[:, 1]).mean())


def trace(
    board: Board, pins: Pins, pairs: Indices, grid: Grid, thread_mm: float, thickest_mm: float | None = None
) -> Chords:
    """Return how the lines of the chords ``pairs`` (P, 2) cover the grid when wound with a thread ``thread_mm`` wide.

    There are as many lines for every thread of a palette: ``thickest_mm`` is the width of its thickest.
    """
    reach_mm, most_mm = (pin_reach_mm(pins.diameter_mm, mm) for mm in (thread_mm, thickest_mm or thread_mm))
    ways = _WAYS if _told_apart(most_mm * grid.px_per_mm, len(pairs)) else np.zeros((1, 2), np.int8)
    sides = np.tile(ways, (len(pairs), 1))
    pairs = np.repeat(pairs, len(ways), axis=0)
    a_mm, b_mm = pins.xy_mm[pairs[:, 0]], pins.xy_mm[pairs[:, 1]]
    ends_mm = tangents(a_mm, b_mm, sides[:, 0] * reach_mm, sides[:, 1] * -reach_mm)
    ends_px = _to_px(ends_mm.reshape(-1, 2), board, grid.px_per_mm).reshape(-1, 2, 2)
    walks, cover = _walks(ends_px, thread_mm * grid.px_per_mm, grid.size)
    lengths_mm = np.hypot(*(a_mm - b_mm).T)
    return Chords(
        pairs=pairs,
        sides=sides,
        walks=walks,
        cover=cover,
        lengths_mm=lengths_mm.astype(np.float32),
        is_convex=is_convex(pins.xy_mm),
    )


def _walks(ends_px: NDArray[np.float64], width_px: float, size: int) -> tuple[Indices, NDArray[np.float32]]:
    """Walks and coverage, as `_kernels` has them, of lines from end to end, (C, 2, 2), each (col, row)."""
    walks, cover = np.empty((len(ends_px), 4), np.int32), np.empty(len(ends_px), np.float32)
    for first in range(0, len(ends_px), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        (c0, r0), (c1, r1) = ends_px[part, 0].T, ends_px[part, 1].T
        steep = np.abs(r1 - r0) > np.abs(c1 - c0)
        x0, y0, x1, y1 = np.where(steep, (r0, c0, r1, c1), (c0, r0, c1, r1))
        back = x0 > x1
        x0, y0, x1, y1 = np.where(back, (x1, y1, x0, y0), (x0, y0, x1, y1))
        slope = (y1 - y0) / (x1 - x0)
        start, stop = np.floor(x0 + 0.5), np.floor(x1 + 0.5)
        walks[part, 0] = (np.where(steep, size, 0) + start) * (2 * size)
        walks[part, 1] = stop - start
        walks[part, 2] = np.rint((y0 + (start + 0.5 - x0) * slope - 0.5) * 65536)
        walks[part, 3] = np.rint(slope * 65536)
        cover[part] = width_px * np.sqrt(1 + slope * slope)
    return walks, cover


def _told_apart(reach_px: float, pairs: int) -> bool:
    return reach_px >= _LEAST_REACH_PX and pairs * len(_WAYS) <= _MOST_LINES
