"""Photos as light: whatever Pillow opens becomes upright sRGB, is cropped to the board and resampled."""

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stringart import arguments
from stringart.errors import PhotoError
from stringart.files import read_bytes
from stringart.picture import decoding, light
from stringart.plan.model import Board
from stringart.units import parse_color

MIN_CONTRAST = 5.0
"""Spread of L* that a photo needs at least: less is the noise of a blank sheet."""
MAX_FILE_BYTES = 2**30

_MIDDLE = 0.18  # luminance of a tone in the middle

Crop = tuple[int, int, int, int]
Linear = NDArray[np.float32]
_TO_LINEAR = light.to_linear(np.arange(256) / 255.0).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """The bytes of a picture's file, and its name: a picture that needs no disk any more."""

    name: str
    data: bytes


Source = str | os.PathLike[str] | bytes | IO[bytes] | PhotoFile | Image.Image | NDArray[Any] | Sequence[Sequence[Any]]
_WANTED = "a photo's path, its bytes, an open file, a PIL image or an array"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A photo, upright, opaque, in sRGB.

    Parameters
    ----------
    srgb : (rows, cols, 3) uint8 array
        Of a picture beyond 64 megapixels, reduced; what is said in pixels elsewhere are the file's.
    name : str
        Of its file.
    sha256 : str
        Of the file's bytes, or of the array's.
    background : str
        sRGB ``#rrggbb`` that lies under transparent parts and outside the photo.
    notes : tuple of str
        What the user should be told: frames left out, a damaged profile.
    reduced_by : int
        So many pixels of the file, in each direction, are one of ``srgb``.
    whole_px : (cols, rows), optional
        Of the file, upright; by default that of ``srgb``.
    is_clear : bool
        Parts of it are transparent: the background is seen there.
    """

    srgb: NDArray[np.uint8]
    name: str
    sha256: str
    background: str = "#ffffff"
    notes: tuple[str, ...] = ()
    reduced_by: int = 1
    whole_px: tuple[int, int] | None = None
    is_clear: bool = False

    def __post_init__(self) -> None:
        self.srgb.flags.writeable = False

    @property
    def size_px(self) -> tuple[int, int]:
        """(cols, rows) of the file, upright: the pixels in which a crop is given."""
        return self.whole_px or (self.srgb.shape[1], self.srgb.shape[0])

    @property
    def linear(self) -> Linear:
        """The whole photo in linear light, (rows, cols, 3) float32, computed anew at each call."""
        return np.asarray(_TO_LINEAR[self.srgb])


def load_photo(source: Source, background: str = "#ffffff", name: str | None = None) -> Photo:
    """Read a photo.

    Parameters
    ----------
    source : path, bytes of a file, file opened for bytes, PhotoFile, PIL image, array or lists
        Arrays are (rows, cols), (rows, cols, 3) or (rows, cols, 4) of bool, uint8, uint16 or floats within 0..1, in
        sRGB. Lists of whole numbers are taken for uint8.
    background : str
        sRGB ``#rrggbb``, or a CSS name, that shows through where the photo is transparent; mixed in sRGB values, as
        viewers do.
    name : str, optional
        Said in errors and in the plan; by default the file's.

    Raises
    ------
    PhotoError
        If it cannot be read as a picture, or is empty or too large.
    UnitError
        If an argument is of another kind.
    MissingExtraError
        If it is a HEIC photo and the package that reads them is not installed.

    Examples
    --------
    >>> photo = load_photo(np.linspace(0, 1, 12).reshape(3, 4))
    >>> photo.size_px, photo.srgb[0, 0].tolist(), photo.srgb[2, 3].tolist()
    ((4, 3), [0, 0, 0], [255, 255, 255])
    """
    background = parse_color(arguments.text(background, "background"))
    name = None if name is None else arguments.text(name, "name")
    source = in_memory(source)
    if isinstance(source, PhotoFile):
        name, source = name or source.name, source.data
    if isinstance(source, np.ndarray):
        name, found = name or "array", decoding.from_image(decoding.from_array(source), background, is_own=True)
        data = np.ascontiguousarray(source).tobytes()
    elif isinstance(source, Image.Image):
        name, data = name or Path(str(getattr(source, "filename", "") or "image")).name, b""
        found = decoding.from_picture(source, background, name)
    else:
        data = source if isinstance(source, bytes) else read_bytes(source, PhotoError, MAX_FILE_BYTES)
        name = name or ("photo" if isinstance(source, bytes) else Path(source).name)
        found = decoding.decode(data, name, background)
    pixels = np.array(found.image)
    return Photo(
        srgb=pixels,
        name=name,
        sha256=hashlib.sha256(data or pixels.tobytes()).hexdigest(),
        background=background,
        notes=tuple(f"{name}: {note}" for note in found.notes),
        reduced_by=found.reduced_by,
        whole_px=found.size_px,
        is_clear=found.is_clear,
    )


def in_memory(source: Source, argument: str = "photo") -> str | bytes | PhotoFile | Image.Image | NDArray[np.generic]:
    """Return a picture that can be read more than once: of an open file its bytes, of lists an array.

    An array is (rows, cols) or (rows, cols, 3 or 4), sRGB.

    Raises
    ------
    PhotoError
        If it is nothing that a picture is read from.
    """
    if isinstance(source, str | bytes | PhotoFile | Image.Image | np.ndarray):
        return source
    if isinstance(source, os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    if hasattr(source, "read"):
        return _read_file(source, argument)
    try:
        values = np.array(source if isinstance(source, list | tuple) else source.__array__())  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError):
        raise PhotoError(f"{argument} should be {_WANTED}, not {arguments.told(source)}") from None
    return values.astype(np.uint8) if values.dtype.kind == "i" and _fits_a_byte(values) else values


def _read_file(file: Any, argument: str) -> PhotoFile | bytes:
    try:
        data = file.read()
    except (OSError, ValueError) as error:  # closed, or open for writing alone
        raise PhotoError(f"{argument} is a file that cannot be read: {error}", "open it with mode 'rb'") from None
    if not isinstance(data, bytes):
        raise PhotoError(f"{argument} is a file that gives {type(data).__name__}, not bytes", "open it with mode 'rb'")
    name = getattr(file, "name", None)
    return PhotoFile(name=Path(name).name, data=data) if isinstance(name, str) else data


def _fits_a_byte(values: NDArray[np.generic]) -> bool:
    return values.size > 0 and 0 <= values.min() <= values.max() <= 255


def crop_to_board(photo: Photo, board: Board, crop: Crop | None = None) -> Crop:
    """Return the part of the photo that the board shows: left, top, right, bottom in pixels.

    Parameters
    ----------
    photo : Photo
    board : Board
    crop : tuple of 4 int, optional
        The user's choice, with the board's aspect; it may reach beyond the photo. By default the largest centred one.

    Raises
    ------
    PhotoError
        If the crop has no area or another aspect, or is far larger than the photo.
    """
    aspect = board.width_mm / board.height_mm
    if crop is not None:
        return _checked_crop(photo, crop, aspect)
    cols, rows = photo.size_px
    width, height = _within(cols, rows, aspect)
    left, top = (cols - width) // 2, (rows - height) // 2
    return left, top, left + width, top + height


def _within(cols: int, rows: int, aspect: float) -> tuple[int, int]:
    """Largest whole (width, height) of an aspect within a box."""
    if cols > rows * aspect:
        return max(round(rows * aspect), 1), rows
    return cols, max(round(cols / aspect), 1)


def _checked_crop(photo: Photo, crop: Crop, aspect: float) -> Crop:
    left, top, right, bottom = crop
    width, height = right - left, bottom - top
    if width <= 0 or height <= 0:
        raise PhotoError(f"the crop {crop} has no area", "give left, top, right, bottom in pixels")
    cols, rows = photo.size_px
    if left >= cols or top >= rows or right <= 0 or bottom <= 0:
        raise PhotoError(
            f"the crop {crop} lies outside the photo of {cols} x {rows} px",
            "give left, top, right and bottom in pixels",
        )
    if max(width / cols, height / rows) > 10:
        raise PhotoError(
            f"the crop of {width} x {height} px is more than 10 times the photo of {cols} x {rows} px",
            "choose a smaller part",
        )
    if abs(width - height * aspect) > max(1, aspect):
        fits = _within(width, height, aspect)
        raise PhotoError(
            f"the crop of {width} x {height} px has the aspect {width / height:.3f}, the board {aspect:.3f}",
            f"{fits[0]} x {fits[1]} px would fit",
        )
    return crop


def outside_of(photo: Photo, crop: Crop) -> str | None:
    """Return the colour that fills a crop outside the photo; None if all of it is inside."""
    cols, rows = photo.size_px
    inside = crop[0] >= 0 and crop[1] >= 0 and crop[2] <= cols and crop[3] <= rows
    return None if inside else photo.background


def resample(photo: Photo, crop: Crop, shape: tuple[int, int]) -> Linear:
    """Return the cropped photo at another size.

    It is first brought to twice that size in sRGB values, as viewers show it, then 2 x 2 pixels are mixed as light, as
    the eye does from a distance. Against a fine picture blurred by the eye this is off by 0.3 L* (RMS); LANCZOS in
    sRGB values alone takes up to 1 L* from fine bright detail, and in linear light it rings round dark lines.

    Parameters
    ----------
    photo : Photo
    crop : tuple of 4 int
        left, top, right, bottom in pixels.
    shape : (rows, cols)

    Returns
    -------
    (rows, cols, 3) float32 array
        Linear light, 0..1.
    """
    image, by = Image.fromarray(photo.srgb), photo.reduced_by
    box = crop[0] / by, crop[1] / by, crop[2] / by, crop[3] / by
    if outside_of(photo, crop) is not None:
        left, top = math.floor(box[0]), math.floor(box[1])
        canvas = Image.new("RGB", (math.ceil(box[2]) - left, math.ceil(box[3]) - top), photo.background)
        canvas.paste(image, (-left, -top))
        image, box = canvas, (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    rows, cols = shape
    double = _TO_LINEAR.take(np.asarray(image.resize((2 * cols, 2 * rows), Image.Resampling.LANCZOS, box=box)))
    return light.halved(double)


def check_contrast(photo: Photo, crop: Crop, in_color: bool = False) -> None:
    """Refuse a photo in which there is nothing to see.

    Parameters
    ----------
    photo : Photo
    crop : tuple of 4 int
    in_color : bool
        Colours that differ are enough.

    Raises
    ------
    PhotoError
        With the range of L* found and the spread needed.
    """
    picture = resample(photo, crop, (128, 128))
    low, high = _range(light.lightness(light.luminance(picture)))
    if high - low >= MIN_CONTRAST:
        return
    colorful = _differs_in_color(picture)
    if not (in_color and colorful):
        raise PhotoError(
            f"'{photo.name}' has no contrast: L* goes from {low:.1f} to {high:.1f}, a spread of at least "
            f"{MIN_CONTRAST:g} is needed",
            "it differs in colour alone: choose threads with --palette" if colorful else _way_out(photo),
        )


def _way_out(photo: Photo) -> str:
    """What to do about a photo without contrast: a white logo on nothing needs a board that is not white."""
    if not photo.is_clear:
        return "choose another photo or another crop"
    is_light = float(light.luminance(light.linear_color(photo.background))) > _MIDDLE
    other, look = ("dark", "white-on-black") if is_light else ("light", "black-on-white")
    return (
        f"it is transparent, and as {'light' if is_light else 'dark'} as the board: choose a {other} one, --look {look}"
    )


def _range(values: NDArray[Any]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.001, 0.999))
    return float(low), float(high)


def _differs_in_color(picture: Linear) -> bool:
    from skimage.color import rgb2lab

    lab = rgb2lab(light.to_srgb(picture))
    return any(high - low >= MIN_CONTRAST for low, high in (_range(lab[..., 1]), _range(lab[..., 2])))
