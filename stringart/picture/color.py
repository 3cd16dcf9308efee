"""What a picture's numbers mean as colours, from its file: profiles, PNG's gamma and primaries, a camera's mark."""

import io
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from stringart.picture import coded_colors, light

Matrix = NDArray[np.float64]
CODES = "stringart_color_codes"
"""In a picture's ``info``: numbers of its primaries and its transfer, where its file names them."""
_SRGB_GAMMA = 1 / 2.2
_SAME_GAMMA = 0.05  # share by which a PNG's gamma may differ from that of sRGB and mean it
_SRGB_XY = (0.3127, 0.329, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADOBE_XY = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_ADOBE_GAMMA = 256 / 563
_SAME_XY = 0.002
_PROBE_STEPS = 9
_STRIP_ROWS = 256
_EXIF_IFD, _INTEROP_IFD, _COLOR_SPACE, _INTEROP_INDEX, _UNCALIBRATED = 0x8769, 0xA005, 0xA001, 1, 65535


def to_srgb(image: Image.Image, about: Image.Image, notes: list[str]) -> Image.Image:
    """Return an opaque picture's colours as sRGB.

    Parameters
    ----------
    image : RGB, L, CMYK, YCbCr or LAB picture
    about : PIL image
        Of the file, with what it says.
    notes : list of str
        What the user should be told is appended.
    """
    profile, codes = about.info.get("icc_profile"), about.info.get(CODES)
    if codes and (about.format == "PNG" or not profile):  # a PNG's cICP is above its profile
        return _through_codes(image.convert("RGB"), codes, notes)
    if profile:
        try:
            return _through_profile(image, profile)
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            notes.append("its colour profile cannot be used and is ignored")
            return image.convert("RGB")
    image = image.convert("RGB")
    gamma, primaries = _said(about)
    return image if gamma is None and primaries is None else _through_gamma(image, gamma or _SRGB_GAMMA, primaries)


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if image.mode == "L" and own.profile.xcolor_space.strip() == "RGB":
        image = image.convert("RGB")  # a grey picture that was saved with the profile of its colours
    srgb = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(
        own, srgb, image.mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    )
    if image.mode == "RGB" and _changes_nothing(transform):
        return image
    converted = transform.apply(image)
    assert isinstance(converted, Image.Image)
    return converted


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours all over the cube stay where they are, to within rounding: the profile is that of sRGB."""
    steps = np.linspace(0, 255, _PROBE_STEPS).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(_PROBE_STEPS, -1, 3)
    moved = np.asarray(transform.apply(Image.fromarray(cube)))
    return int(np.abs(moved.astype(int) - cube).max()) <= 1


def _said(about: Image.Image) -> tuple[float | None, Sequence[float] | None]:
    """Gamma and primaries that a PNG or a camera's photo names; None for those of sRGB."""
    if "srgb" in about.info:  # a PNG's own word for sRGB is above its numbers
        return None, None
    if _is_adobe_rgb(about):
        return _ADOBE_GAMMA, _ADOBE_XY
    gamma = about.info.get("gamma") if about.format == "PNG" else None
    if not isinstance(gamma, float) or not 0.02 < gamma < 50:
        return None, None
    primaries = about.info.get("chromaticity")
    if primaries is not None and np.allclose(primaries, _SRGB_XY, atol=_SAME_XY):
        primaries = None
    if abs(gamma / _SRGB_GAMMA - 1) <= _SAME_GAMMA:
        return (None, None) if primaries is None else (_SRGB_GAMMA, primaries)
    return gamma, primaries


def _is_adobe_rgb(about: Image.Image) -> bool:
    """Whether a camera marks its photo as Adobe RGB: DCF 2.0, where a profile is left out."""
    if about.format not in ("JPEG", "MPO"):
        return False
    try:
        exif = about.getexif()
        if exif.get_ifd(_EXIF_IFD).get(_COLOR_SPACE) not in (2, _UNCALIBRATED):
            return False
        return str(exif.get_ifd(_INTEROP_IFD).get(_INTEROP_INDEX, "")).startswith("R03")
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error):
        return False


def _through_gamma(image: Image.Image, gamma: float, primaries: Sequence[float] | None) -> Image.Image:
    """Return RGB of a gamma and primaries as sRGB, a strip at a time."""
    linear = ((np.arange(256) / 255) ** (1 / gamma)).astype(np.float32)
    if primaries is None:
        curve = light.to_bytes(linear) if gamma != _SRGB_GAMMA else np.arange(256, dtype=np.uint8)
        return image.point([int(v) for v in curve] * 3)
    matrix = (np.linalg.inv(_to_xyz(_SRGB_XY)) @ _to_xyz(primaries)).astype(np.float32)
    values = np.array(image)
    for top in range(0, len(values), _STRIP_ROWS):
        strip = values[top : top + _STRIP_ROWS]
        strip[:] = light.to_bytes(np.clip(linear[strip] @ matrix.T, 0, 1))
    return Image.fromarray(values)


def _through_codes(image: Image.Image, codes: tuple[int, int], notes: list[str]) -> Image.Image:
    """Return RGB of numbered primaries and transfer as sRGB, a strip at a time."""
    primaries, transfer = codes
    if transfer in coded_colors.NAMES:
        notes.append(
            f"it is HDR ({coded_colors.NAMES[transfer]}): paper white is {coded_colors.PAPER_WHITE:g} cd/m2, "
            "what is brighter is white"
        )
    to_xyz = _to_xyz(coded_colors.PRIMARIES.get(primaries, _SRGB_XY))
    matrix = (np.linalg.inv(_to_xyz(_SRGB_XY)) @ to_xyz).astype(np.float32)
    values = np.array(image)
    for top in range(0, len(values), _STRIP_ROWS):
        strip = values[top : top + _STRIP_ROWS]
        linear = coded_colors.to_light(strip, transfer, to_xyz[1].astype(np.float32))
        strip[:] = light.to_bytes(np.clip(linear @ matrix.T, 0, 1))
    return Image.fromarray(values)


def _to_xyz(primaries: Sequence[float]) -> Matrix:
    """Return the matrix from linear RGB of white, red, green and blue at (x, y) to XYZ, white's Y at 1."""
    xy: NDArray[Any] = np.array(primaries, np.float64).reshape(4, 2)
    xyz = np.column_stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    return np.asarray(xyz[1:].T * np.linalg.solve(xyz[1:].T, xyz[0]))
