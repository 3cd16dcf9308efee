"""Light as numbers: sRGB, linear light, CIE L* and CIELAB.

Threads mix in linear light; eyes compare in L*. Formulas: IEC 61966-2-1 (sRGB), CIE 15 (L*, CIELAB).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[Any]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_DELTA3 = (6 / 29) ** 3
_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_TO_WHITE = _XYZ / _XYZ.sum(1, keepdims=True)


def to_linear(srgb: ArrayLike) -> Floats:
    """Linear light (0..1) of sRGB values (0..1), any shape."""
    values = np.asarray(srgb)
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: ArrayLike) -> Floats:
    """sRGB values (0..1) of linear light, clipped to 0..1, any shape."""
    values = np.clip(np.asarray(linear), 0, 1)
    return np.asarray(np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055))


def to_bytes(linear: ArrayLike) -> NDArray[np.uint8]:
    """8-bit sRGB (...) of linear light (...), 0..1, rounded."""
    return (to_srgb(linear) * 255 + 0.5).astype(np.uint8)


def linear_color(code: str) -> NDArray[np.float64]:
    """Linear light (3,) of ``#rrggbb``."""
    return np.asarray(to_linear(np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0), np.float64)


def linear_colors(codes: Iterable[str]) -> NDArray[np.float64]:
    """Linear light (N, 3) of many ``#rrggbb``."""
    levels = np.frombuffer(bytes.fromhex("".join(code[1:] for code in codes)), np.uint8)
    return np.asarray(to_linear(levels.reshape(-1, 3) / 255.0), np.float64)


def halved(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light (R, C, 3) of a picture twice as large, (2 R, 2 C, 3): the mean of each four pixels.

    By slices: a mean over two axes of a reshaped picture takes four times as long.
    """
    upper, lower = linear[::2], linear[1::2]
    mixed = upper[:, ::2] + upper[:, 1::2] + lower[:, ::2] + lower[:, 1::2]
    return np.asarray(mixed / np.float32(4), np.float32)


def luminance(linear: ArrayLike) -> Floats:
    """Relative luminance Y (...) of linear light (..., 3)."""
    return np.asarray(np.asarray(linear) @ LUMINANCE)


def lightness(y: ArrayLike) -> Floats:
    """CIE L* (0..100) of relative luminance (0..1), any shape."""
    values = np.asarray(y)
    return np.where(values > _DELTA3, 116 * np.cbrt(values) - 16, values * (116 / 3 / (6 / 29) ** 2))


def from_lightness(lstar: ArrayLike) -> Floats:
    """Relative luminance (0..1) of CIE L* (0..100), any shape."""
    values = np.asarray(lstar)
    return np.where(values > 8, ((values + 16) / 116) ** 3, values * (3 * (6 / 29) ** 2 / 116))


def to_white(linear: ArrayLike) -> NDArray[np.float64]:
    """X, Y and Z (..., 3) of linear light (..., 3), each over white's."""
    light = np.asarray(linear, np.float64)
    out: NDArray[np.float64] = np.stack([light @ _TO_WHITE[k] for k in range(3)], -1)
    return out


def to_lab(linear: ArrayLike) -> NDArray[np.float64]:
    """CIELAB (..., 3) of linear light (..., 3)."""
    light = to_white(linear)
    root = np.where(light > _DELTA3, np.cbrt(light), light / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = (root[..., k] for k in range(3))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)
