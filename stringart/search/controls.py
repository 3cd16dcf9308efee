"""Control by pictures: what the user paints to steer a colour piece, resolved onto the search's grid.

Importance for one thread, regions in which only some threads may be wound, the amounts of a thread painted by hand,
and a matrix of how much one thread may stand in for another.
"""

import math
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.board.number_tables import number as read_number
from stringart.board.number_tables import read_table
from stringart.errors import PaletteError, PhotoError
from stringart.files import read_text
from stringart.picture.importance import importance_map
from stringart.picture.light import linear_color, luminance
from stringart.picture.photo import Photo, Source, load_photo, resample
from stringart.plan.model import Plan
from stringart.search.options import Controls
from stringart.search.raster import Grid
from stringart.threads.unmixing import separate
from stringart.threads.unmixings import SHARES

_BLUR = 1.5 / 256  # of the grid: of a dithered photo, a little more than the eye's own
_IN_REGION = 0.5  # a mask's pixel counts as white from here on
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steering:
    """Controls on a grid.

    Parameters
    ----------
    target : (size, size, 3) float32 array
        Linear light to be reached.
    weights : tuple of (size, size) float32 arrays
        Importance for each thread.
    forbidden : tuple of (size, size) bool arrays or None
        For each thread, where it must not lie.
    """

    target: Map
    weights: tuple[Map, ...]
    forbidden: tuple[NDArray[np.bool_] | None, ...]


def steer(controls: Controls, plan: Plan, photo: Photo, grid: Grid, target: Map, weights: Map) -> Steering:
    """Resolve the controls, for a target (size, size, 3) of linear light and weights (size, size).

    Raises
    ------
    PaletteError
        If a region is left without any thread, or the matrix is not K x K.
    PhotoError
        If a picture cannot be used.
    """
    assert plan.photo is not None
    threads = range(len(plan.threads))
    own = {
        number: grid.embed(importance_map(photo, plan.photo.crop_px, grid.shape, source).weights)
        for number, source in controls.importance.items()
    }
    return Steering(
        target=_target(controls, plan, photo, grid, target),
        weights=tuple(own[k] * weights if k in own else weights for k in threads),
        forbidden=_forbidden(controls, plan, photo, grid),
    )


def _painted(source: Source, plan: Plan, photo: Photo, grid: Grid) -> Map:
    """Return a user's picture over the grid, 0..1 of its greys as they are seen; it covers the photo or its crop."""
    picture = load_photo(source, "#000000")
    assert plan.photo is not None
    crop = plan.photo.crop_px
    cols, rows = picture.size_px
    if (cols, rows) != photo.size_px:
        aspect, wanted = cols / rows, (crop[2] - crop[0]) / (crop[3] - crop[1])
        if abs(math.log(aspect / wanted)) > 0.01:
            raise PhotoError(
                f"'{picture.name}' is {cols} x {rows} px, which is neither the photo's {photo.size_px[0]} x "
                f"{photo.size_px[1]} px nor the shape of the board",
                "paint it over the photo, or over the part that the board shows",
            )
        crop = (0, 0, cols, rows)
    light = luminance(resample(picture, crop, grid.shape))
    return grid.embed((light ** (1 / 2.2)).astype(np.float32))


def _forbidden(controls: Controls, plan: Plan, photo: Photo, grid: Grid) -> tuple[NDArray[np.bool_] | None, ...]:
    count = len(plan.threads)
    if not controls.regions:
        return (None,) * count
    barred = np.zeros((count, grid.size, grid.size), bool)
    for allowed, source in controls.regions:
        region = _painted(source, plan, photo, grid) >= _IN_REGION
        for thread in range(count):
            if thread not in allowed:
                barred[thread] |= region
    empty = barred.all(0) & grid.inside
    if empty.any():
        share = 100 * empty.sum() / grid.inside.sum()
        raise PaletteError(
            f"the regions leave {share:.0f} % of the board without any thread", "let one thread into every place"
        )
    return tuple(barred)


def _target(controls: Controls, plan: Plan, photo: Photo, grid: Grid, target: Map) -> Map:
    """Return the photo, or the mixture of threads that it is shared out to, as the user asks."""
    if not controls.separations and controls.stand_in is None and controls.unmix is None:
        return target
    codes = [plan.board.color, *(thread.color for thread in plan.threads)]
    colors = np.array([linear_color(code) for code in codes])
    shares = separate(target, colors, controls.unmix or SHARES, _BLUR * grid.size)
    for number, source in controls.separations.items():
        shares[number + 1] = _painted(source, plan, photo, grid)
    shares = shares / np.maximum(shares[1:].sum(0), 1)
    if controls.stand_in is not None:
        matrix = _checked(controls.stand_in, len(plan.threads))
        shares[1:] = np.einsum("ij,irc->jrc", matrix, shares[1:])
    shares[0] = 1 - shares[1:].sum(0)
    return np.ascontiguousarray(np.einsum("krc,kn->rcn", shares, colors).astype(np.float32))


def _checked(matrix: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    if matrix.shape != (count, count):
        size = " x ".join(map(str, matrix.shape))
        raise PaletteError(f"the matrix is {size}, but the palette has {count} threads", f"make it {count} x {count}")
    if not np.isfinite(matrix).all() or (matrix < 0).any() or (matrix.sum(1) <= 0).any():
        raise PaletteError(
            "every row of the matrix needs amounts of 0 or more that are not all 0",
            "write 1 where a thread stands for itself",
        )
    return np.asarray(matrix / matrix.sum(1, keepdims=True))


def read_matrix(path: str | os.PathLike[str]) -> NDArray[np.float64]:
    """Return the numbers of a CSV file without a header, (rows, columns).

    Raises
    ------
    PaletteError
        If it is missing, not numbers or not a rectangle.
    """
    name = os.fspath(path)
    table = read_table(read_text(path, PaletteError, 2**20, any_encoding=True), name, PaletteError)
    if table.header is not None:
        said = ",".join(table.header.cells)[:60]
        raise _no_matrix(f"'{name}', line {table.header.line}: '{said}' is not a row of numbers")
    width = len(table.rows[0].cells) if table.rows else 0
    for row in table.rows:
        if len(row.cells) != width:
            raise _no_matrix(f"'{name}', line {row.line} has {len(row.cells)} numbers, the first row {width}")
    try:
        return np.array([[read_number(cell) for cell in row.cells] for row in table.rows], np.float64).reshape(
            -1, width
        )
    except ValueError:
        raise _no_matrix(f"'{name}' is not a table of numbers") from None


def _no_matrix(message: str) -> PaletteError:
    return PaletteError(message, "one row a thread, K numbers, commas or semicolons between them")
