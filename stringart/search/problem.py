"""What every search starts from: the board as a grid, its chords, the photo on that grid and its importance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.board.boards import allowed_chords
from stringart.picture.backdrop import KEEP, faded, keep_map
from stringart.picture.importance import importance_map
from stringart.picture.light import linear_color
from stringart.picture.photo import Photo, resample
from stringart.plan.model import Indices, Plan
from stringart.search import raster
from stringart.search.controls import steer
from stringart.search.options import DesignOptions
from stringart.search.quality import QUALITY
from stringart.search.raster import Chords, Grid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """The fixed part of a search.

    Parameters
    ----------
    plan : Plan
        Board, pins and threads; no layers.
    grid : Grid
    pairs : (C, 2) int32 array
        Chords that may be wound.
    target : (size, size, 3) float32 array
        Linear light over the grid.
    weights : tuple of (size, size) float32 arrays
        Importance to each thread.
    forbidden : tuple of (size, size) bool arrays or None
        For each thread, where it must not lie.
    notes : tuple of str
    """

    plan: Plan
    grid: Grid
    pairs: Indices
    target: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    forbidden: tuple[NDArray[np.bool_] | None, ...]
    notes: tuple[str, ...]

    def chords(self, thread: int) -> Chords:
        """Return the lines of the chords as the thread of that number covers the grid."""
        plan = self.plan
        thickest_mm = max(thread.diameter_mm for thread in plan.threads)
        width_mm = plan.threads[thread].diameter_mm
        return raster.trace(plan.board, plan.pins, self.pairs, self.grid, width_mm, thickest_mm)


def pose(plan: Plan, photo: Photo, options: DesignOptions, most_px: int | None = None) -> Problem:
    """Return the frame of a design, on a grid of ``most_px`` across where that is less than its quality has.

    Raises
    ------
    BoardError
        If no chord can be wound.
    PhotoError
        If the importance map cannot be read.
    """
    thickest_mm = max(thread.diameter_mm for thread in plan.threads)
    quality = QUALITY[options.quality]
    across = quality.colors_px if len(plan.threads) > 1 else quality.grid_px
    grid = raster.make_grid(plan.board, plan.pins, thickest_mm, min(most_px or across, across))
    pairs = allowed_chords(plan.board, plan.pins, thickest_mm)
    return _seen(plan, grid, pairs, photo, options)


def look_again(frame: Problem, plan: Plan, photo: Photo, options: DesignOptions) -> Problem:
    """Return the frame with another photo; board, pins and threads of ``plan`` are those of the frame's.

    Raises
    ------
    PhotoError
        If the importance map cannot be read.
    """
    return _seen(plan, frame.grid, frame.pairs, photo, options)


def _seen(plan: Plan, grid: Grid, pairs: Indices, photo: Photo, options: DesignOptions) -> Problem:
    assert plan.photo is not None
    picture = resample(photo, plan.photo.crop_px, grid.shape)
    importance = importance_map(photo, plan.photo.crop_px, grid.shape, options.importance)
    keep, notes = keep_map(photo, plan.photo.crop_px, grid.shape, options.backdrop, importance)
    if options.backdrop != KEEP:
        picture = faded(picture, keep, linear_color(plan.board.color))
    target = np.stack([grid.embed(picture[..., k]) for k in range(3)], axis=-1)
    steering = steer(options.controls, plan, photo, grid, target, grid.embed(importance.weights))
    return Problem(
        plan=plan,
        grid=grid,
        pairs=pairs,
        target=steering.target,
        weights=steering.weights,
        forbidden=steering.forbidden,
        notes=(*importance.notes, *notes),
    )
