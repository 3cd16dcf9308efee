"""What stands before its ground in a photo, so that the ground can be faded: a person round the face, or a thing.

Patches of the photo are joined the more tightly the more alike they are, and every one is given to whom a random walk
from it reaches first, the subject or the photo's edge (Grady 2006). Whatever the walk says, a head stays whole: hair
and ears are thin, and no walk may cost them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stringart.picture import light
from stringart.picture.importance import Box, Importance, Weights, find_faces, importance_map, part_drawn
from stringart.picture.photo import Crop, Linear, Photo, Source, load_photo, resample

KEEP, FADE = "keep", "fade"
BACKDROPS = (KEEP, FADE)
LEFT_OVER = 0.2
"""Share of its own light that a faded ground keeps beside the board's."""
_ALL_STAYS = (
    "backdrop: no face, and nothing that stands out from one ground, was found: all of it stays; "
    "draw what is to stay, white on black, and give --backdrop that picture"
)
_LOOK_PX = 112
_HEAD = (0.95, 1.3)  # half axes of a head with its hair and ears, in widths and heights of a face's box
_HEAD_UP = 0.12  # of the box: the head's middle lies above the face's
_SURE_HEAD = (0.5, 0.62)  # half axes of what is surely a head
_SHOULDERS, _NECK = 1.0, 0.45  # half widths of the shoulders and of what is surely a body, in widths of the box
_EDGE = 0.03  # of the picture: what lies there is ground, unless it is below a face
_TIGHT = 400.0  # how much likeness counts
_ALIKE = 14.0  # colour difference, CIE dE
_RARE, _COMMON = 0.03, 0.2  # of the edge that is like a patch: it is subject, or ground
_EVEN = 0.25  # of the edge that is like a patch of the edge, on average: less, and there is no one ground
_LEAST = 0.04  # of the picture that is surely subject
_INNER = 0.9
_CLEAR = 9.0  # CIE dE a patch, along an outline


def faded(picture: Linear, keep: Weights, board: NDArray[np.float64]) -> Linear:
    """Return a picture whose ground comes near to the board, so that no thread is spent on it.

    Parameters
    ----------
    picture : (rows, cols, 3) float32 array
        Linear light.
    keep : (rows, cols) float32 array
        1 what stays, 0 what is ground.
    board : (3,) float array
        Linear light.
    """
    stays = (LEFT_OVER + (1 - LEFT_OVER) * keep)[..., None]
    # mixed as tones are seen, not as light: a dark ground on a white board would stay nearly black otherwise
    mixed = stays * light.to_srgb(picture) + (1 - stays) * light.to_srgb(board)
    return np.asarray(light.to_linear(np.round(mixed * 4096) / 4096), np.float32)


def keep_map(
    photo: Photo, crop: Crop, shape: tuple[int, int], choice: Source, importance: Source | Importance
) -> tuple[Weights, tuple[str, ...]]:
    """Return how much of each pixel stays before a faded ground, 0..1, and what to tell the user.

    Parameters
    ----------
    photo : Photo
    crop : (left, top, right, bottom)
        The part of the photo that the board shows, in pixels.
    shape : (rows, cols)
        Of the result.
    choice : str or picture
        ``keep``; ``fade``: what the user's importance says, else a person round each face, else what stands out; or a
        grey picture of the photo or of its crop, white where it stays.
    importance : str, picture or Importance
        The user's, as `importance_map` takes it or made it.

    Raises
    ------
    PhotoError
        If the user's picture cannot be read.
    """
    if choice == KEEP:
        return np.ones(shape, np.float32), ()
    if choice != FADE:
        picture = load_photo(choice, "#000000")
        part, notes = part_drawn(photo, crop, picture)
        keep = light.to_srgb(light.luminance(resample(picture, part, shape)))
        return np.asarray(keep, np.float32), (*picture.notes, *notes)
    made = importance if isinstance(importance, Importance) else importance_map(photo, crop, shape, importance)
    if made.is_drawn:
        return np.asarray(made.weights / made.weights.max(), np.float32), ()
    return subject(photo, crop, shape, made.faces or find_faces(photo, crop))


def subject(
    photo: Photo, crop: Crop, shape: tuple[int, int], faces: Sequence[Box] = ()
) -> tuple[Weights, tuple[str, ...]]:
    """Return how much of each pixel is subject, 0..1: round the faces, else what the photo's edges are not like.

    Parameters
    ----------
    photo : Photo
    crop : (left, top, right, bottom)
    shape : (rows, cols)
        Of the result.
    faces : sequence of (left, top, right, bottom)
        As shares of the crop.
    """
    scale = _LOOK_PX / max(shape)
    small = max(round(shape[0] * scale), 8), max(round(shape[1] * scale), 8)
    lab = _lab(resample(photo, crop, small))
    heads = _heads(faces, small)
    seeds = _seeds_of_people(faces, small) if faces else _seeds_of_what_stands_out(lab)
    if not ((seeds == 1).any() and (seeds == 2).any()):
        return np.ones(shape, np.float32), (_ALL_STAYS,)
    keep = _walked(lab, seeds)
    if not faces and _edge_of(keep, lab) < _CLEAR:
        return np.ones(shape, np.float32), (_ALL_STAYS,)
    return _enlarged(np.maximum(keep, heads), shape), ()


def _edge_of(keep: NDArray[np.float64], lab: NDArray[np.float64]) -> float:
    """The colour difference across the outline of what stays, in the middle: where it is small, it is no outline."""
    from scipy.ndimage import binary_dilation

    inside = keep > 0.5
    line = binary_dilation(inside, iterations=2) & binary_dilation(~inside, iterations=2)
    down, across = (np.linalg.norm(np.gradient(lab, axis=axis), axis=-1) for axis in (0, 1))
    return float(np.median(np.hypot(down, across)[line])) if line.any() else 0.0


def _lab(picture: Linear) -> NDArray[np.float64]:
    from skimage.color import rgb2lab

    return np.asarray(np.round(rgb2lab(light.to_srgb(picture)), 3), np.float64)


def _places(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, cols = shape
    return ((np.arange(rows) + 0.5) / rows)[:, None], ((np.arange(cols) + 0.5) / cols)[None]


def _heads(faces: Sequence[Box], shape: tuple[int, int]) -> NDArray[np.float64]:
    """1 where a head may reach with hair and ears, softly 0 beyond."""
    return np.clip(2.5 * (1.2 - _from_heads(faces, shape, _HEAD)), 0, 1) if faces else np.zeros(shape)


def _from_heads(faces: Sequence[Box], shape: tuple[int, int], axes: tuple[float, float]) -> NDArray[np.float64]:
    """How far from the middle of the nearest head, in half axes."""
    y, x = _places(shape)
    off = np.full(shape, np.inf)
    for left, top, right, bottom in faces:
        wide, high = right - left, bottom - top
        across = (x - (left + right) / 2) / (axes[0] * wide)
        down = (y - (top + bottom) / 2 + _HEAD_UP * high) / (axes[1] * high)
        off = np.minimum(off, np.hypot(across, down))
    return off


def _seeds_of_people(faces: Sequence[Box], shape: tuple[int, int]) -> NDArray[np.int64]:
    """2 surely a person, 1 surely ground, 0 to be found out."""
    y, x = _places(shape)
    seeds = np.zeros(shape, np.int64)
    below = np.zeros(shape, bool)
    for left, top, right, bottom in faces:
        wide, high, middle = right - left, bottom - top, (left + right) / 2
        under = (y > bottom + 0.1 * high) & np.ones(shape, bool)
        below |= under & (np.abs(x - middle) < _SHOULDERS * wide + 0.9 * np.maximum(y - bottom, 0))
        seeds[under & (np.abs(x - middle) < _NECK * wide)] = 2
    edge = (np.minimum(x, 1 - x) < _EDGE) | (y < _EDGE)
    away = _from_heads(faces, shape, _HEAD) > 1.5
    seeds[edge & ~below & away & (seeds == 0)] = 1
    seeds[_from_heads(faces, shape, _SURE_HEAD) < 1] = 2
    return seeds


def _seeds_of_what_stands_out(lab: NDArray[np.float64]) -> NDArray[np.int64]:
    """As for people: ground is what the photo's edge is like, subject what hardly any of the edge is like."""
    y, x = _places(lab.shape[:2])
    edge = np.concatenate([lab[0], lab[-1], lab[1:-1, 0], lab[1:-1, -1]])
    apart = np.linalg.norm(lab[:, :, None] - edge[None, None, ::2], axis=-1)
    like_edge = (apart < _ALIKE).mean(-1)
    seeds = np.zeros(lab.shape[:2], np.int64)
    inner = np.hypot(2 * x - 1, 2 * y - 1) < _INNER
    seeds[(like_edge < _RARE) & inner] = 2
    seeds[(np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) < _EDGE) & (like_edge > _COMMON)] = 1
    is_even = (like_edge[[0, -1]].mean() + like_edge[:, [0, -1]].mean()) / 2 > _EVEN
    return seeds if is_even and (seeds == 2).mean() > _LEAST else np.zeros_like(seeds)


def _walked(lab: NDArray[np.float64], seeds: NDArray[np.int64]) -> NDArray[np.float64]:
    """The chance that a walk from each patch comes to the subject first."""
    from skimage.segmentation import random_walker

    chances = random_walker(lab / 100, seeds, beta=_TIGHT, mode="bf", return_full_prob=True, channel_axis=-1)
    return np.asarray(np.clip(3 * (np.asarray(chances[1], np.float64) - 0.5) + 0.5, 0, 1), np.float64)


def _enlarged(keep: NDArray[np.float64], shape: tuple[int, int]) -> Weights:
    image = Image.fromarray(np.round(keep * 255).astype(np.float32)).resize(
        (shape[1], shape[0]), Image.Resampling.BICUBIC
    )
    return np.asarray(np.clip(np.asarray(image) / 255, 0, 1), np.float32)
