"""Bytes of a picture's file to an upright, opaque sRGB picture; refused in one line where that cannot be done."""

import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from stringart.errors import MissingExtraError, PhotoError
from stringart.picture import kinds, levels
from stringart.picture.coded_colors import codes_of
from stringart.picture.color import CODES, to_srgb
from stringart.picture.wholeness import check_whole

MAX_PIXELS = 2 * 178_956_970  # where Pillow itself refuses what may unpack to more than a computer holds
MAX_WHOLE_PIXELS = 64_000_000
"""A picture of more is brought to a half, a third or less on its way in: a phone's 200 megapixels are 600 MB, and a
piece shows some 0.1 megapixels of them."""
MAX_UNPACKED_PIXELS = 128_000_000
"""The same of those kinds whose readers know no reduced decoding: 512 MB as they are unpacked."""
_ICC_PROFILE_TAG, _PLANES_TAG, _BITS_TAG = 34675, 284, 258
_STACKS = {"TIFF": "pages", "MPO": "pictures", "PSD": ""}  # a PSD's first frame is all of its layers
_DRAFTED = ("JPEG", "MPO")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture as it is used.

    Parameters
    ----------
    image : PIL image
        Upright, RGB, opaque.
    reduced_by : int
        So many pixels of the file, in each direction, are one here.
    size_px : (cols, rows)
        Upright, of the file.
    notes : tuple of str
    is_clear : bool
        Parts of the file are transparent: the background is seen there.
    """

    image: Image.Image
    reduced_by: int
    size_px: tuple[int, int]
    notes: tuple[str, ...]
    is_clear: bool = False


def decode(data: bytes, name: str, background: str) -> Decoded:
    """Read a picture's file.

    Parameters
    ----------
    data : bytes
    name : str
        Said in errors.
    background : str
        sRGB ``#rrggbb`` that shows through where the picture is transparent.

    Raises
    ------
    PhotoError
        If it is empty, damaged, too large, of a kind that is not read, or no picture.
    MissingExtraError
        If an optional package has to read it and is not installed.
    """
    if not data:
        raise PhotoError(f"'{name}' is empty", "copy the photo again")
    if kinds.is_heic(data):
        _teach_heic()
    if kinds.read_kind(data):
        _guarded(lambda: check_whole(data), data, name)
    image = _open(data, name)
    if codes := codes_of(data, is_boxed=kinds.is_boxed(data)):
        image.info[CODES] = codes
    return _guarded(lambda: from_image(image, background, is_own=True), data, name)


def _open(data: bytes, name: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large ones are read up to MAX_PIXELS; odd metadata harms no photo
        try:
            image = Image.open(io.BytesIO(data))
            return _other_tiff(data, name) if _has_deep_planes(image) else image
        except PhotoError:
            raise
        except UnidentifiedImageError:
            if kinds.read_kind(data) == "TIFF":
                return _other_tiff(data, name)
            raise kinds.refusal(data, name, None, was_opened=False) from None
        except Image.DecompressionBombError:
            raise PhotoError(
                f"'{name}' has more than the {MAX_PIXELS:,} pixels that are read", "make it smaller"
            ) from None
        except Exception as error:  # the readers of damaged files raise whatever their parts raise
            raise kinds.refusal(data, name, error, was_opened=True) from error


def _has_deep_planes(image: Image.Image) -> bool:
    """Whether a TIFF holds colours of 16 bits in planes apart, which Pillow takes for planes of 8."""
    return image.format == "TIFF" and levels.tag(image, _PLANES_TAG) == 2 and levels.tag(image, _BITS_TAG) == 16


def _other_tiff(data: bytes, name: str) -> Image.Image:
    """Read a TIFF whose numbers Pillow does not know: floats in colour, 16 bits big end first, planes apart."""
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it finds is said once, by us
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            assert isinstance(page, tifffile.TiffPage)
            if page.photometric not in (0, 1, 2):
                raise kinds.UnknownKindError(f"its colours are {page.photometric!s}, unknown here")
            values = page.asarray()
            if int(page.planarconfig or 1) == 2 and values.ndim == 3:
                values = np.moveaxis(values, 0, -1)
            if values.dtype.kind == "f":
                values = levels.from_floats(values)
            found = from_array(255 - _bytes_of(values) if page.photometric == 0 else values)
            profile = page.tags.get(_ICC_PROFILE_TAG)
            if profile is not None:
                found.info["icc_profile"] = bytes(profile.value)
            return found
    except Exception as error:  # as in _open
        if isinstance(error, kinds.UnknownKindError | NotImplementedError | PhotoError) or "imagecodecs" in str(error):
            error = kinds.UnknownKindError(_why_unknown(data))
        raise kinds.refusal(data, name, error, was_opened=True) from error


def _why_unknown(data: bytes) -> str:
    """Why Pillow does not know a TIFF, which Image.open keeps to itself."""
    try:
        TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    except Exception as error:
        return str(error)
    return "its packing is not known"


def _teach_heic() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtraError("reading HEIC photos", "heic") from None
    pillow_heif.register_heif_opener()


def _guarded(read: Callable[[], T], data: bytes, name: str) -> T:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in _open
            return read()
    except PhotoError as error:
        raise PhotoError(f"'{name}': {error}", error.hint) from None
    except MemoryError:
        raise PhotoError(f"'{name}' is larger than this computer's memory", "make it smaller") from None
    except Exception as error:  # as in _open: decoding happens here
        raise kinds.refusal(data, name, error, was_opened=True) from error


# --- pictures and arrays in memory ---


def from_picture(image: Image.Image, background: str, name: str) -> Decoded:
    """Return another program part's picture as `decode` does; it stays as it is.

    Raises
    ------
    PhotoError
        If it cannot be read.
    """
    return _guarded(lambda: from_image(image, background), b"", name)


def from_image(image: Image.Image, background: str, *, is_own: bool = False) -> Decoded:
    """Return a picture upright, opaque and in sRGB; a large one reduced.

    Parameters
    ----------
    image : PIL image
    background : str
        sRGB ``#rrggbb`` that shows through where it is transparent.
    is_own : bool
        Nobody else uses the picture: it may be turned in its place.
    """
    notes = [note] if (note := _frames_note(image)) else []
    about, whole_px = image, image.size
    factor = _reduction(*whole_px)
    if factor in (2, 4, 8) and image.format in _DRAFTED:
        image.draft(None, (whole_px[0] // factor, whole_px[1] // factor))
    elif is_own and image.format and whole_px[0] * whole_px[1] > MAX_UNPACKED_PIXELS:
        raise PhotoError(
            f"its {whole_px[0] * whole_px[1]:,} pixels are too many for a {image.format}: "
            f"{MAX_UNPACKED_PIXELS:,} are unpacked at once, {MAX_PIXELS:,} of a JPEG",
            "save it smaller, or as JPEG",
        )
    is_deep_color = levels.is_deep_color(image)
    image.load()  # so that what fails after this is the EXIF block alone
    is_drafted = image.size != whole_px
    flat_px = image.size
    image = _upright(image, is_own, notes)
    if image.size != flat_px:
        whole_px = whole_px[::-1]
    if levels.is_deep_gray(image):
        image = levels.from_deep_gray(image, about, notes)
    elif is_deep_color and (note := levels.few_color_bits_note(image)):
        notes.append(note)
    if factor > 1 and not is_drafted:
        image = _reduced(image, factor)
    is_clear = bool(image.has_transparency_data)
    return Decoded(
        image=_opaque(image, about, background, notes),
        reduced_by=factor,
        size_px=whole_px,
        notes=tuple(notes),
        is_clear=is_clear,
    )


def _frames_note(image: Image.Image) -> str:
    frames = getattr(image, "n_frames", 1)
    called = _STACKS.get(image.format or "", "frames")
    return f"it holds {frames} {called}; only the first is used" if frames > 1 and called else ""


def _reduction(cols: int, rows: int) -> int:
    factor = 1
    while -(-cols // factor) * -(-rows // factor) > MAX_WHOLE_PIXELS:
        factor *= 2
    return factor


def _upright(image: Image.Image, is_own: bool, notes: list[str]) -> Image.Image:
    try:
        if not is_own:
            return ImageOps.exif_transpose(image)
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # its reader raises whatever its parts raise; a photo is worth more than its EXIF block
        notes.append("its EXIF data is damaged; it is not turned")
    return image


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    if image.mode in ("1", "P", "PA"):
        image = image.convert("L" if image.mode == "1" else "RGBA")
    return image.reduce(factor)


def _opaque(image: Image.Image, about: Image.Image, background: str, notes: list[str]) -> Image.Image:
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
    image = to_srgb(image, about, notes)
    if alpha is not None:
        image = Image.composite(image, Image.new("RGB", image.size, background), alpha)
    return image


def from_array(values: NDArray[np.generic]) -> Image.Image:
    """Return (rows, cols), (rows, cols, 3) or (rows, cols, 4) of bool, uint8, uint16 or floats as a picture.

    Raises
    ------
    PhotoError
        If it is of another shape or kind, or its floats lie outside of what can be read.
    """
    shape = values.shape
    if values.ndim == 3 and shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)) or 0 in shape:
        raise PhotoError(
            f"an array of shape {shape} is not a photo", "give (rows, cols), (rows, cols, 3) or 4 channels"
        )
    if shape[0] * shape[1] > MAX_PIXELS:
        raise PhotoError(
            f"an array of {shape[0]:,} x {shape[1]:,} has more than {MAX_PIXELS:,} pixels", "make it smaller"
        )
    return Image.fromarray(np.ascontiguousarray(_bytes_of(values)))


def _bytes_of(values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype == np.bool_:
        return np.asarray(values * np.uint8(255))
    if values.dtype == np.uint16:
        return levels.from_16_bit(values)
    if values.dtype.kind == "f":
        return levels.from_floats(values, tops=(1.0,))
    if values.dtype != np.uint8:
        raise PhotoError(f"an array of {values.dtype} is not a photo", "give uint8, uint16 or floats within 0..1")
    return values
