"""Photos as light: whatever Pillow opens becomes upright sRGB, is cropped to the board and resampled."""

import hashlib
import io
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from stringart import light
from stringart.errors import MissingExtraError, PhotoError
from stringart.files import read_bytes
from stringart.plan.model import Board

MIN_CONTRAST = 5.0
"""Spread of L* that a photo needs at least: less is the noise of a blank sheet."""
MAX_PIXELS = 178_956_970  # Pillow's own limit against files that unpack to more than a computer holds
MAX_FILE_BYTES = 2**30

Crop = tuple[int, int, int, int]
Linear = NDArray[np.float32]
T = TypeVar("T")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_TO_LINEAR = light.to_linear(np.arange(256) / 255.0).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """The bytes of a picture's file, and its name: a picture that needs no disk any more."""

    name: str
    data: bytes


Source = str | os.PathLike[str] | bytes | PhotoFile | Image.Image | NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A photo, upright, opaque, in sRGB.

    Parameters
    ----------
    srgb : (rows, cols, 3) uint8 array
    name : str
        Of its file.
    sha256 : str
        Of the file's bytes, or of the array's.
    background : str
        sRGB ``#rrggbb`` that lies under transparent parts and outside the photo.
    notes : tuple of str
        What the user should be told: frames left out, a damaged profile.
    """

    srgb: NDArray[np.uint8]
    name: str
    sha256: str
    background: str = "#ffffff"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.srgb.flags.writeable = False

    @property
    def size_px(self) -> tuple[int, int]:
        """(cols, rows)."""
        return self.srgb.shape[1], self.srgb.shape[0]

    @property
    def linear(self) -> Linear:
        """The whole photo in linear light, (rows, cols, 3) float32, computed anew at each call."""
        return np.asarray(_TO_LINEAR[self.srgb])


def load_photo(source: Source, background: str = "#ffffff", name: str | None = None) -> Photo:
    """Read a photo.

    Parameters
    ----------
    source : path, bytes of a file, PhotoFile, PIL image or array
        Arrays are (rows, cols), (rows, cols, 3) or (rows, cols, 4) of uint8, uint16 or floats within 0..1, in sRGB.
    background : str
        sRGB ``#rrggbb`` that shows through where the photo is transparent; mixed in sRGB values, as viewers do.
    name : str, optional
        Said in errors and in the plan; by default the file's.

    Raises
    ------
    PhotoError
        If it cannot be read as a picture, or is empty or too large.
    MissingExtraError
        If it is a HEIC photo and the package that reads them is not installed.

    Examples
    --------
    >>> photo = load_photo(np.linspace(0, 1, 12).reshape(3, 4))
    >>> photo.size_px, photo.srgb[0, 0].tolist(), photo.srgb[2, 3].tolist()
    ((4, 3), [0, 0, 0], [255, 255, 255])
    """
    notes: list[str] = []
    if isinstance(source, PhotoFile):
        name, source = name or source.name, source.data
    if isinstance(source, np.ndarray):
        image, data = _from_array(source), np.ascontiguousarray(source).tobytes()
        name = name or "array"
    elif isinstance(source, Image.Image):
        image, data = source, None
        name = name or Path(str(getattr(source, "filename", "") or "image")).name
    else:
        data = source if isinstance(source, bytes) else read_bytes(source, PhotoError, MAX_FILE_BYTES)
        name = name or ("photo" if isinstance(source, bytes) else Path(source).name)
        image = _open(data, name)
        frames = _read(lambda: getattr(image, "n_frames", 1), name)
        if frames > 1:
            notes.append(f"it holds {frames} frames; only the first is used")
    upright = _read(lambda: _upright_srgb(image, background, notes), name)
    pixels = np.array(upright)
    return Photo(
        srgb=pixels,
        name=name,
        sha256=hashlib.sha256(pixels.tobytes() if data is None else data).hexdigest(),
        background=background,
        notes=tuple(f"{name}: {note}" for note in notes),
    )


def _from_array(values: NDArray[Any]) -> Image.Image:
    shape = values.shape
    if values.ndim == 3 and shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)) or 0 in shape:
        raise PhotoError(
            f"an array of shape {shape} is not a photo", "give (rows, cols), (rows, cols, 3) or 4 channels"
        )
    if values.dtype == np.bool_:
        values = values * np.uint8(255)
    elif values.dtype == np.uint16:
        values = _from_16_bit(values)
    elif values.dtype.kind == "f":
        low, high = float(values.min()), float(values.max())
        if not (low >= 0 and high <= 1):
            raise PhotoError(
                f"an array of floats from {low:g} to {high:g} is not a photo", "scale it to 0..1, without NaN"
            )
        values = (values * 255 + 0.5).astype(np.uint8)
    elif values.dtype != np.uint8:
        raise PhotoError(f"an array of {values.dtype} is not a photo", "give uint8, uint16 or floats within 0..1")
    return Image.fromarray(np.ascontiguousarray(values))


def _from_16_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _open(data: bytes, name: str) -> Image.Image:
    if not data:
        raise PhotoError(f"'{name}' is empty")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS and b"avif" not in data[8:64]:
        _teach_heic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large ones are read up to MAX_PIXELS; odd metadata harms no photo
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError:
            raise PhotoError(f"'{name}' is not a picture that can be read", "save it as JPEG, PNG or TIFF") from None
        except Image.DecompressionBombError:
            raise PhotoError(
                f"'{name}' has more than the {MAX_PIXELS:,} pixels that are read", "make it smaller"
            ) from None
        except Exception as error:  # the readers of damaged files raise whatever their parts raise
            raise _damaged(name, error) from error


def _teach_heic() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtraError("reading HEIC photos", "heic") from None
    pillow_heif.register_heif_opener()


def _read(read: Callable[[], T], name: str) -> T:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in _open
            return read()
    except PhotoError as error:
        raise PhotoError(f"'{name}': {error}", error.hint) from None
    except MemoryError:
        raise PhotoError(f"'{name}' is larger than this computer's memory", "make it smaller") from None
    except Exception as error:  # as above: decoding happens here
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> PhotoError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return PhotoError(f"'{name}' is damaged or cut short: {reason}", "open and save it anew in a viewer")


def _upright_srgb(image: Image.Image, background: str, notes: list[str]) -> Image.Image:
    profile = image.info.get("icc_profile")
    image = _eight_bit(_upright(image, notes))
    if image.mode in ("RGBa", "La"):
        image = image.convert(image.mode.upper())
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    if image.mode in ("P", "PA", "RGBA", "RGBX"):
        image = image.convert("RGB")
    elif image.mode in ("1", "LA"):
        image = image.convert("L")
    image = _to_srgb(image, profile, notes)
    if alpha is not None:
        image = Image.composite(image, Image.new("RGB", image.size, background), alpha)
    return image


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    image.load()  # so that what fails after this is the EXIF block alone
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # its reader raises whatever its parts raise; a photo is worth more than its EXIF block
        notes.append("its EXIF data is damaged; it is not turned")
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or floats, scaled to 8 bits; other pictures as they are."""
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return image
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())
    top = (1.0 if high <= 1 else 255.0) if image.mode == "F" else 65535.0
    if not (low >= 0 and high <= top):
        raise PhotoError(f"its grey values go from {low:g} to {high:g}; 0 to {top:g} can be read")
    return Image.fromarray((values * (255 / top) + 0.5).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    if profile:
        try:
            return _through_profile(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append("its colour profile cannot be used and is ignored")
    return image.convert("RGB")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(own):
        return image
    converted = ImageCms.profileToProfile(
        image,
        own,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    return converted


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
        raise PhotoError(f"the crop {crop} lies outside the photo of {cols} x {rows} px")
    if max(width / cols, height / rows) > 10:
        raise PhotoError(f"the crop of {width} x {height} px is more than 10 times the photo of {cols} x {rows} px")
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
    image = Image.fromarray(photo.srgb)
    if outside_of(photo, crop) is not None:
        canvas = Image.new("RGB", (crop[2] - crop[0], crop[3] - crop[1]), photo.background)
        canvas.paste(image, (-crop[0], -crop[1]))
        image, crop = canvas, (0, 0, *canvas.size)
    rows, cols = shape
    double = np.asarray(image.resize((2 * cols, 2 * rows), Image.Resampling.LANCZOS, box=crop))
    return np.asarray(_TO_LINEAR[double].reshape(rows, 2, cols, 2, 3).mean((1, 3), dtype=np.float32))


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
            "it differs in colour alone: choose threads with --palette"
            if colorful
            else "choose another photo or another crop",
        )


def _range(values: NDArray[Any]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.001, 0.999))
    return float(low), float(high)


def _differs_in_color(picture: Linear) -> bool:
    from skimage.color import rgb2lab

    lab = rgb2lab(light.to_srgb(picture))
    return any(high - low >= MIN_CONTRAST for low, high in (_range(lab[..., 1]), _range(lab[..., 2])))
