"""A photo of the card, straightened by its corner marks and averaged over small cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from stringart.calibration.card import marks_mm
from stringart.calibration.projection import homography
from stringart.errors import PhotoError
from stringart.plan.model import Plan

CELL_MM, NEAR_PINS_MM = 5.0, 7.5
LEAST_PX_PER_MM = 4.0  # below, threads of 0.15 mm are lost in what a camera and JPEG do to a pixel
_SAMPLES = 64  # along a window's side: finer than the pixels of any phone's photo of the card
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """The mean light of small cells of the card and of the paper around it.

    Parameters
    ----------
    across_mm, down_mm : (C,), (R,) float array
        Middles of the cells over the threads, in the board's frame; those cells are listed row by row.
    xy_mm : (N, 2) float array
        Middles of all cells; those on the paper come last.
    seen : (N, 3) float array
        Mean linear light.
    surface : (N, 10) float array
        Terms of the smooth surface that the light is.
    """

    across_mm: Array
    down_mm: Array
    xy_mm: Array
    seen: Array
    surface: Array

    @property
    def inner(self) -> int:
        """Number of the cells over the threads."""
        return len(self.across_mm) * len(self.down_mm)


def read_cells(linear: NDArray[np.float32], card: Plan, corners_px: Array) -> Cells:
    """Straighten a photo (rows, cols, 3) by its corner marks and average it.

    Raises
    ------
    PhotoError
        If it is too small, does not hold the whole card, or is overexposed.
    """
    _check_size(card, corners_px)
    board = card.board
    across, down = _middles(board.width_mm / 2), _middles(board.height_mm / 2 - NEAR_PINS_MM)
    inner = np.array([(x, y) for y in down for x in across])
    xy = np.concatenate([inner, _paper_cells(board.width_mm / 2, board.height_mm / 2)])
    return Cells(
        across_mm=across,
        down_mm=down,
        xy_mm=xy,
        seen=_means(linear, xy, homography(marks_mm(card), corners_px)),
        surface=_surface(xy / [board.width_mm / 2, board.height_mm / 2]),
    )


def _check_size(card: Plan, corners_px: Array) -> None:
    sides_px, sides_mm = (
        np.hypot(*(np.roll(at, -1, axis=0) - at).T) for at in (np.asarray(corners_px), marks_mm(card))
    )
    least = float((sides_px / sides_mm).min())
    if least < LEAST_PX_PER_MM:
        raise PhotoError(
            f"the photo is too small: {least:.1f} pixels to a millimetre of the card, {LEAST_PX_PER_MM:g} are needed",
            f"let the card fill the picture, at {round(1.3 * LEAST_PX_PER_MM * sides_mm.max(), -2):.0f} pixels or more "
            "across",
        )


def _means(linear: NDArray[np.float32], xy_mm: Array, to_photo: Array) -> Array:
    """Mean light of every cell, (cells, 3)."""
    offsets = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5) * 2 * CELL_MM
    dx, dy = (along.ravel() for along in np.meshgrid(offsets, offsets))
    # before it is divided by the depth, the map is linear: the middles are mapped, and what lies aside of each
    middles = np.column_stack([xy_mm, np.ones(len(xy_mm))]) @ to_photo.T
    aside = np.column_stack([dx, dy]) @ to_photo[:, :2].T
    x, y, depth = (middles[:, None, k] + aside[:, k] for k in range(3))
    row, col = y / depth, x / depth
    inside = (row >= 0) & (row <= linear.shape[0] - 1) & (col >= 0) & (col <= linear.shape[1] - 1)
    if not inside.all():
        raise PhotoError(
            f"{1 - inside.mean():.0%} of the card lies outside the photo",
            "photograph all four marks, with a margin",
        )
    at = np.stack([row, col]) - 0.5
    seen = [ndimage.map_coordinates(linear[..., k], at, order=1, mode="nearest") for k in range(3)]
    blown = float((np.maximum.reduce(seen) > 0.995).mean())
    if blown > 0.02:
        raise PhotoError(
            f"{blown:.0%} of the card is overexposed (white without detail), 2% is allowed", "take it darker"
        )
    window = hann(dx) * hann(dy)
    return np.column_stack([channel @ (window / window.sum()) for channel in seen])


def hann(away_mm: Array) -> Array:
    """Weight of what lies that far from a cell's middle: a smooth window, so that small misplacements do not matter."""
    return np.asarray(np.cos(np.pi / 2 * np.clip(away_mm / CELL_MM, -1, 1)) ** 2)


def _middles(half_mm: float) -> Array:
    """Middles of cells within ``half_mm`` of 0."""
    count = int(2 * half_mm / CELL_MM)
    return np.asarray((np.arange(count) - (count - 1) / 2) * CELL_MM, np.float64)


def _paper_cells(half_x: float, half_y: float) -> Array:
    """Cells on the bare paper around the pins: beyond the numbers above and below, and at both sides."""
    beside = [(side * (half_x + far), y) for side in (-1, 1) for far in (5.0, 8.0) for y in _middles(half_y - 4)]
    over = [(x, side * (half_y + 10.5)) for side in (-1, 1) for x in _middles(half_x - 4)]
    return np.array(beside + over)


def _surface(unit: Array) -> Array:
    """Terms of a smooth surface of third order, (cells, 10): lamps and perspective need no more."""
    x, y = unit.T
    return np.column_stack([x**i * y**j for i in range(4) for j in range(4 - i)])
