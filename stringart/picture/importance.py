"""Which parts of a photo matter most: faces found offline, a picture by the user, or everything alike."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stringart.picture import light
from stringart.picture.photo import Crop, Photo, Source, crop_to_board, load_photo, resample
from stringart.plan.model import Board

FACE_WEIGHT = 3.0
"""How much more the middle of a face counts than the ground."""
FEATURE_WEIGHT = 1.7
"""How much more eyes and mouth count than the rest of a face, which they carry: their share of its area is small."""
_FEATURES = ((0.31, 0.39, 0.2, 0.15), (0.69, 0.39, 0.2, 0.15), (0.5, 0.81, 0.25, 0.14))
"""Middle and half axes of eyes and mouth, as shares of a face's box, in which they differ from face to face."""
MAP_FLOOR = 0.1
"""What black in a user's picture still counts, against 1 of white: ground left to itself fills with stray threads."""
_SEARCH_PX = 256
_SURE = 8  # windows that must agree on a face; with fewer, clocks and pebbles look like faces
_SMALLEST = 0.1  # of the picture's larger side
_SAME_ASPECT = 0.01

Weights = NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Importance:
    """How much each pixel of the target counts.

    Parameters
    ----------
    weights : (rows, cols) float32 array
        Positive; scaled to 1 on average.
    faces : tuple of (left, top, right, bottom)
        Where faces were found, as shares of the target's width and height.
    notes : tuple of str
        What the user should be told.
    is_drawn : bool
        It is the user's picture.
    """

    weights: Weights
    faces: tuple[Box, ...] = ()
    notes: tuple[str, ...] = ()
    is_drawn: bool = False

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights / self.weights.mean(dtype=np.float64), np.float32)
        weights.flags.writeable = False
        object.__setattr__(self, "weights", weights)


def importance_map(photo: Photo, crop: Crop, shape: tuple[int, int], choice: Source | Photo = "faces") -> Importance:
    """Return how much each pixel of a target counts.

    Parameters
    ----------
    photo : Photo
    crop : tuple of 4 int
        The part of the photo that the board shows, in pixels.
    shape : (rows, cols)
        Of the target.
    choice : str or picture
        ``none``, ``faces``, or a `Photo` or anything that `load_photo` reads: a grey picture of the
        photo or of its crop, white where it matters.

    Raises
    ------
    PhotoError
        If the user's picture cannot be read.
    """
    if isinstance(choice, str) and choice == "none":
        return Importance(weights=np.ones(shape, np.float32))
    if isinstance(choice, str) and choice == "faces":
        return _around(find_faces(photo, crop), shape)
    drawn = choice if isinstance(choice, Photo) else load_photo(choice, "#000000")
    return _as_drawn(photo, crop, shape, drawn)


def find_faces(photo: Photo, crop: Crop, fineness_px: int = _SEARCH_PX) -> tuple[Box, ...]:
    """Find frontal faces within a crop, with the classifier that scikit-image brings along; no network.

    Parameters
    ----------
    photo : Photo
    crop : (left, top, right, bottom)
    fineness_px : int
        How finely the crop's larger side is looked at; faces of 26 px at least are found.

    Returns
    -------
    tuple of (left, top, right, bottom)
        From the brows to the chin, as shares of the crop's width and height, from the upper left.
    """
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    scale = fineness_px / max(width, height)
    cols, rows = max(round(width * scale), 1), max(round(height * scale), 1)
    gray = light.to_bytes(light.luminance(resample(photo, crop, (rows, cols))))
    least = round(_SEARCH_PX * _SMALLEST)
    if min(rows, cols) <= least:
        return ()
    return _faces_in(np.ascontiguousarray(gray).tobytes(), rows, cols)


@lru_cache(maxsize=32)
def _faces_in(gray: bytes, rows: int, cols: int) -> tuple[Box, ...]:
    """Return the faces of a small grey picture; the same one is often asked for, by every look and every search."""
    import skimage
    from skimage.feature import Cascade

    least = round(_SEARCH_PX * _SMALLEST)
    trained = Path(skimage.__file__).parent / "data" / "lbpcascade_frontalface_opencv.xml"
    found = Cascade(str(trained)).detect_multi_scale(
        img=np.frombuffer(gray, np.uint8).reshape(rows, cols),
        scale_factor=1.1,
        step_ratio=1,
        min_size=(least, least),
        max_size=(rows, cols),
        min_neighbor_number=_SURE,
    )
    boxes = [(f["c"] / cols, f["r"] / rows, (f["c"] + f["width"]) / cols, (f["r"] + f["height"]) / rows) for f in found]
    return tuple(sorted(boxes))


def _around(faces: tuple[Box, ...], shape: tuple[int, int]) -> Importance:
    """Weights that rise softly from the ground to the middle of each face."""
    rows, cols = shape
    y, x = ((np.arange(rows) + 0.5) / rows)[:, None], (np.arange(cols) + 0.5) / cols
    face_share, feature_share = np.zeros(shape), np.zeros(shape)
    for left, top, right, bottom in faces:
        across, down = 0.75 * (right - left), 0.95 * (bottom - top)  # half axes: the box leaves out hair and chin
        off = np.hypot((x - (left + right) / 2) / across, (y - (top + bottom) / 2) / down)
        face_share = np.maximum(face_share, _smooth_step(1.5 - off))
        for at, height, across, down in _FEATURES:
            side, rise = left + at * (right - left), top + height * (bottom - top)
            off = np.hypot((x - side) / (across * (right - left)), (y - rise) / (down * (bottom - top)))
            feature_share = np.maximum(feature_share, _smooth_step(1.5 - off))
    note = "" if faces else "no face was found: all parts of the photo count alike"
    weights = (1 + (FACE_WEIGHT - 1) * face_share) * (1 + (FEATURE_WEIGHT - 1) * feature_share)
    return Importance(weights=weights.astype(np.float32), faces=faces, notes=(note,) if note else ())


def _smooth_step(values: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(values, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped))


def _as_drawn(photo: Photo, crop: Crop, shape: tuple[int, int], drawn: Photo) -> Importance:
    """Weights of the user's grey picture, of the whole photo or of the crop alone."""
    part, notes = part_drawn(photo, crop, drawn)
    gray = light.to_srgb(light.luminance(resample(drawn, part, shape)))
    if np.ptp(gray) < 1 / 255:
        notes += (f"{drawn.name}: the map is of one grey, so that it changes nothing",)
    weights = MAP_FLOOR + (1 - MAP_FLOOR) * gray
    return Importance(weights=weights.astype(np.float32), notes=(*drawn.notes, *notes), is_drawn=True)


def part_drawn(photo: Photo, crop: Crop, drawn: Photo) -> tuple[Crop, tuple[str, ...]]:
    """Return the part of a user's picture, of the whole photo or of the crop alone, that lies on the crop.

    Parameters
    ----------
    photo : Photo
    crop : (left, top, right, bottom)
        Of the photo.
    drawn : Photo
        The user's picture.

    Returns
    -------
    (left, top, right, bottom), tuple of str
        In its pixels, and what to say about it.
    """
    (cols, rows), (photo_cols, photo_rows) = drawn.size_px, photo.size_px
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    if abs(cols * photo_rows / (rows * photo_cols) - 1) <= _SAME_ASPECT:
        left, right = (round(edge * cols / photo_cols) for edge in crop[::2])
        top, bottom = (round(edge * rows / photo_rows) for edge in crop[1::2])
        return (left, top, max(right, left + 1), max(bottom, top + 1)), ()
    part = crop_to_board(drawn, Board(width_mm=width, height_mm=height))
    if abs(cols * height / (rows * width) - 1) <= _SAME_ASPECT:
        return part, ()
    note = (
        f"{drawn.name}: the map of {cols} x {rows} px has neither the photo's aspect ({photo_cols} x {photo_rows} px) "
        f"nor its crop's ({width} x {height} px): its middle {part[2] - part[0]} x {part[3] - part[1]} px are used"
    )
    return part, (note,)
