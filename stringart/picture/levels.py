"""Numbers of a picture to 8-bit sRGB values: what 0 and the brightest number mean is taken from the file."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stringart.errors import PhotoError

_ROUNDING = 0.005
"""Share of the whole range by which floats may lie outside of it: filters overshoot by that little."""
_SURELY_BYTES = 16.0  # floats that go beyond 1, but not so far, are light beyond white, or who knows
_WHITE_IS_ZERO, _PHOTOMETRIC, _MAX_SAMPLE, _BITS = 0, 262, 281, 258
_FEW_BITS = 14
Levels = NDArray[np.uint8]


def from_floats(values: NDArray[np.generic], tops: tuple[float, ...] = (1.0, 255.0)) -> Levels:
    """Return floats as bytes; what lies outside of their range by rounding is cut.

    Parameters
    ----------
    values : array of floats
    tops : tuple of float
        Their range begins at 0 and ends at one of these; where they go beyond 1 by little more than rounding they fit
        neither.

    Raises
    ------
    PhotoError
        With the range, if it is none of those.
    """
    low, high = float(values.min()), float(values.max())
    top = next((top for top in tops if high <= top * (1 + _ROUNDING)), math.nan)
    if not (low >= -_ROUNDING * top and (top == 1 or high >= _SURELY_BYTES)):
        raise PhotoError(
            f"an array of floats from {low:g} to {high:g} is not a photo: "
            f"{' or '.join(f'0 to {top:g}' for top in tops)} can be read",
            "scale them to 0..1, without NaN",
        )
    return np.asarray((np.clip(values, 0, top) * (255 / top) + 0.5).astype(np.uint8))


def from_16_bit(values: NDArray[np.generic], top: int = 65535) -> Levels:
    """Return whole numbers of 0..top as bytes."""
    scaled: Levels = ((values.astype(np.uint32) * 255 + top // 2) // top).astype(np.uint8)
    return scaled


def few_bits_note(high: int, top: int = 65535) -> str:
    """Return what to say of 16-bit numbers that fill a corner of their range only; empty if they do not."""
    if not 0 < high < 2**_FEW_BITS or top != 65535:
        return ""
    likely = next(bits for bits in (8, 10, 12, _FEW_BITS) if high < 2**bits)
    return (
        f"its largest value is {high:,} of 65,535: if it holds {likely} bits in 16, and not a picture without any "
        "light, save it scaled to 16"
    )


def is_deep_gray(image: Image.Image) -> bool:
    """Return whether a picture is grey of more than 8 bits."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def is_deep_color(image: Image.Image) -> bool:
    """Return whether a picture that is not loaded yet holds colours of 16 bits, of which 8 will be kept."""
    return image.mode in ("RGB", "RGBA", "RGBX") and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def few_color_bits_note(image: Image.Image) -> str:
    """Return `few_bits_note` of colours of 16 bits of which the upper 8 were kept."""
    bands = image.getextrema()[:3]
    return few_bits_note(max(int(band[1]) for band in bands if isinstance(band, tuple)) * 257)


def tag(image: Image.Image, number: int) -> object:
    """Return a TIFF's field, None if there is none or it is no TIFF."""
    tags = getattr(image, "tag_v2", None)
    value = None if tags is None else tags.get(number)
    return value[0] if isinstance(value, tuple) and value else value


def from_deep_gray(image: Image.Image, about: Image.Image, notes: list[str]) -> Image.Image:
    """Return grey of 16 or 32 bits or floats as L, or LA where the file names a transparent value.

    Parameters
    ----------
    image : PIL image
        Upright.
    about : PIL image
        Of the file, with what it says.
    notes : list of str
        What the user should be told is appended.

    Raises
    ------
    PhotoError
        If the numbers lie outside of what can be read.
    """
    values = np.asarray(image)
    clear = about.info.get("transparency")
    levels = from_floats(values) if image.mode == "F" else _from_whole(values, about, notes)
    if tag(about, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        levels = 255 - levels
    gray = Image.fromarray(levels)
    if not isinstance(clear, int):
        return gray
    return Image.merge("LA", (gray, Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8))))


def _from_whole(values: NDArray[np.generic], about: Image.Image, notes: list[str]) -> Levels:
    low, high = int(values.min()), int(values.max())
    top = 4095 if tag(about, _BITS) == 12 else 65535
    told = tag(about, _MAX_SAMPLE)
    if isinstance(told, int) and 255 < told < top and high <= told and told & (told + 1) == 0:
        top = told
        notes.append(f"its values go to {told:,}, as the file says: that is its full range")
    if not (low >= 0 and high <= top):
        raise PhotoError(
            f"its grey values go from {low:g} to {high:g}; 0 to {top:g} can be read",
            "save it with 8 or 16 bits a channel",
        )
    if note := few_bits_note(high, top):
        notes.append(note)
    return from_16_bit(values, top)
