"""What every search starts from: the board as a grid, its chords, the photo on that grid and its importance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart import raster
from stringart.boards import allowed_chords
from stringart.importance import importance_map
from stringart.model import Indices, Plan
from stringart.options import DesignOptions
from stringart.photo import Photo, resample
from stringart.raster import Chords, Grid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """The fixed part of a search.

    Parameters
    ----------
    plan : Plan
        Board, pins and threads; no layers.
    grid : Grid
    pairs : (C, 2) int32 array
        Chords that may be wound.
    photo : (size, size, 3) float32 array
        Linear light over the grid.
    weights : (size, size) float32 array
        Importance, 1 on average.
    notes : tuple of str
    """

    plan: Plan
    grid: Grid
    pairs: Indices
    photo: NDArray[np.float32]
    weights: NDArray[np.float32]
    notes: tuple[str, ...]

    def chords(self, thread: int) -> Chords:
        """Return the chords as the thread of that number covers the grid."""
        plan = self.plan
        return raster.trace(plan.board, plan.pins, self.pairs, self.grid, plan.threads[thread].diameter_mm)


def make_frame(plan: Plan, photo: Photo, options: DesignOptions) -> Frame:
    """Return the frame of a design.

    Raises
    ------
    BoardError
        If no chord can be wound.
    PhotoError
        If the importance map cannot be read.
    """
    assert plan.photo is not None
    thickest_mm = max(thread.diameter_mm for thread in plan.threads)
    grid = raster.make_grid(plan.board, plan.pins, thickest_mm)
    pairs = allowed_chords(plan.board, plan.pins, thickest_mm)
    picture = resample(photo, plan.photo.crop_px, grid.shape)
    importance = importance_map(photo, plan.photo.crop_px, grid.shape, options.importance)
    return Frame(
        plan=plan,
        grid=grid,
        pairs=pairs,
        photo=np.stack([grid.embed(picture[..., k]) for k in range(3)], axis=-1),
        weights=grid.embed(importance.weights),
        notes=importance.notes,
    )
