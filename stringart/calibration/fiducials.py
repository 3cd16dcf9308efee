"""The four corner marks of a test card, found in a photo: black frames, the left upper one with a filled core."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import filters, measure, transform

from stringart.calibration.card import MARK_MM, marks_mm
from stringart.calibration.projection import homography, project
from stringart.errors import PhotoError
from stringart.plan.model import Plan

_WORK_PX = 1600  # the longer side of the picture in which marks are sought
_MOST = 40
_TRIED = 200  # fours of marks
_LARGER = 1.8  # times as large, at most, as a mark is on a card that lies as the four say, or as small
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A frame: its centre (col, row), its area in px and whether its core is filled."""

    centre: Array
    area: float
    filled: bool


def find_marks(grey: NDArray[np.float32], card: Plan) -> Array:
    """Centres of the four marks, (4, 2) as column and row in px, clockwise from the left upper one.

    Parameters
    ----------
    grey : (rows, cols) float array
        Any monotone lightness, 0..1.
    card : Plan
        As it was made by `card.card_plan`.

    Raises
    ------
    PhotoError
        If there are not four, or the one with the filled core is not among them.
    """
    scale = min(_WORK_PX / max(grey.shape), 1.0)
    small = transform.rescale(grey, scale, anti_aliasing=True) if scale < 1 else grey
    block = max(small.shape) // 12 * 2 + 1
    dark = small < filters.threshold_local(small, block, method="mean", offset=0.06)
    marks = [
        mark for region in measure.regionprops(measure.label(dark, connectivity=1)) if (mark := _mark(region, dark))
    ]
    if len(marks) < 4:
        raise _failure(f"found {len(marks)} of the 4 corner marks")
    fours = [four for four in combinations(sorted(marks, key=lambda m: -m.area)[:_MOST], 4) if _worth(four) > 0]
    likely = sorted(fours, key=_worth, reverse=True)[:_TRIED]
    best = next((four for four in likely if _has_size_of_marks(four, card)), None)
    if best is None:
        raise _failure("no four of the marks that were found fit together as the card's corners")
    return _in_perspective(np.array([_refined(grey, mark, scale) for mark in best])[_order(best)], card)


def _failure(what: str) -> PhotoError:
    return PhotoError(
        f"{what} in the photo",
        "photograph all of the card, sharp and evenly lit; or give the marks' centres, clockwise from the one with the "
        "filled core: --corners 'x,y x,y x,y x,y'",
    )


def _mark(region: Any, dark: NDArray[np.bool_]) -> _Mark | None:
    """The region as a mark, or None: a four-sided frame of the right thickness."""
    if region.area < 40 or region.area > dark.size / 20:
        return None
    outer = float(region.area_filled)
    top, left, bottom, right = region.bbox
    if not 0.5 < (right - left) / (bottom - top) < 2 or not 0.38 < region.area / outer < 0.72:
        return None
    solid = region.image_filled
    if outer / measure.regionprops(solid.astype(np.uint8))[0].area_convex < 0.9:
        return None
    row, col = np.argwhere(solid).mean(0) + [top, left] + 0.5
    reach = max(round(np.sqrt(outer) / 12), 1)
    core = dark[int(row) - reach : int(row) + reach + 1, int(col) - reach : int(col) + reach + 1]
    return _Mark(centre=np.array([col, row]), area=outer, filled=bool(core.mean() > 0.5))


def _worth(marks: Sequence[_Mark]) -> float:
    """How well four marks serve as corners: the area between them, 0 if they cannot be."""
    if sum(mark.filled for mark in marks) != 1:
        return 0.0
    x, y = _ordered(marks).T
    turns = (np.roll(x, -1) - x) * (np.roll(y, -2) - np.roll(y, -1)) - (np.roll(y, -1) - y) * (
        np.roll(x, -2) - np.roll(x, -1)
    )
    if not (turns > 0).all():
        return 0.0
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _has_size_of_marks(marks: Sequence[_Mark], card: Plan) -> bool:
    """Whether each is as large as a mark is, were the four the corners of the card: aslant, the nearest is largest."""
    places, order = marks_mm(card), _order(marks)
    to_photo = homography(places, np.array([marks[k].centre for k in order]))
    depth = np.column_stack([places, np.ones(4)]) @ to_photo[2]
    larger = np.array([marks[k].area for k in order]) / (MARK_MM**2 * np.abs(np.linalg.det(to_photo) / depth**3))
    return bool(((larger < _LARGER) & (larger > 1 / _LARGER)).all())


def _ordered(marks: Sequence[_Mark]) -> Array:
    """Centres clockwise as seen, from the filled one."""
    return np.array([mark.centre for mark in marks])[_order(marks)]


def _order(marks: Sequence[_Mark]) -> NDArray[np.intp]:
    centres = np.array([mark.centre for mark in marks])
    middle = centres.mean(0)
    order = np.argsort(np.arctan2(*(centres - middle).T[::-1]))
    first = next(k for k, index in enumerate(order) if marks[index].filled)
    return np.roll(order, -first)


def _refined(grey: NDArray[np.float32], mark: _Mark, scale: float) -> Array:
    """Centre of a mark in the whole photo, to a fraction of a pixel: pixels weighted by how dark they are."""
    col, row = mark.centre / scale
    reach = 0.85 * np.sqrt(mark.area) / scale
    top, left = max(int(row - reach), 0), max(int(col - reach), 0)
    window = grey[top : int(row + reach) + 1, left : int(col + reach) + 1]
    black, white = np.percentile(window, (5, 80))
    weight = np.clip((white - window) / max(white - black, 1e-6), 0, 1)
    parts, _ = measure.label(weight > 0.5, return_num=True)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    frame = ndimage.binary_dilation(parts == sizes.argmax(), iterations=2)  # and not what stands beside it
    weight = np.where(frame, weight, 0)
    at_row, at_col = (np.arange(size) + 0.5 for size in window.shape)
    total = weight.sum()
    return np.array([left + (weight.sum(0) @ at_col) / total, top + (weight.sum(1) @ at_row) / total])


def _in_perspective(middles: Array, card: Plan) -> Array:
    """Where the marks' centres are seen, from the middles of their dark pixels: what is nearer to the camera is larger.

    On a card held aslant the middle of a mark lies a pixel or two beside its centre.
    """
    side = (np.arange(24) + 0.5) / 24 - 0.5
    x, y = (MARK_MM * along.ravel() for along in np.meshgrid(side, side))
    away = np.maximum(np.abs(x), np.abs(y))
    centres_mm, centres = marks_mm(card), middles
    for _ in range(3):
        to_photo, off = homography(centres_mm, centres), []
        for number, (place, centre) in enumerate(zip(centres_mm, centres, strict=True)):
            dark = (away > MARK_MM / 3) | ((away < MARK_MM / 6) & (number == 0))
            points = np.column_stack([x, y])[dark] + place
            size = (
                np.column_stack([points, np.ones(len(points))]) @ to_photo[2]
            ) ** -3.0  # a point's area in the photo
            off.append(np.abs(size) @ project(to_photo, points) / size.sum() - centre)
        centres = middles - np.array(off)
    return centres
