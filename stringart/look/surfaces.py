"""What a piece hangs on and is made of: plaster, paint, wood and their grain, as light that comes back from them.

Everything is drawn from numbers, in millimetres, so that a grain keeps its size whatever the picture's.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Map = NDArray[np.float32]
_BIRCH = np.array([0.62, 0.43, 0.25], np.float32)
_DARK = np.array([0.36, 0.21, 0.10], np.float32)


def noise(shape: tuple[int, int], blur_px: tuple[float, float], seed: int) -> Map:
    """Smooth noise of mean 0 and deviation 1, (rows, cols); coarse noise is made small and drawn large."""
    coarse = [max(int(blur / 2), 1) for blur in blur_px]
    small = [side // step + 8 for side, step in zip(shape, coarse, strict=True)]
    field = np.random.default_rng(seed).random(small, np.float32) - np.float32(0.5)
    field = ndimage.gaussian_filter(field, [blur / step for blur, step in zip(blur_px, coarse, strict=True)])
    field = (field - field.mean()) / max(float(field.std()), 1e-6)
    if coarse == [1, 1]:
        return np.asarray(field[: shape[0], : shape[1]])
    large = ndimage.zoom(field, coarse, order=1, prefilter=False)
    return np.asarray(large[: shape[0], : shape[1]])


def relief(height: Map, towards_light: tuple[float, float], strength: float) -> Map:
    """How much lighter a rough face is where it leans to the light; towards_light is (col, row)."""
    col, row = np.gradient(height, axis=1), np.gradient(height, axis=0)
    return np.asarray(1 - strength * (col * towards_light[0] + row * towards_light[1]), np.float32)


def wood(shape: tuple[int, int], px_per_mm: float) -> Map:
    """Planed birch with its grain along the picture's width, albedo (rows, cols, 3)."""
    rows = shape[0]
    away_mm = (np.arange(rows, dtype=np.float32)[:, None] - rows * 0.37) / px_per_mm
    bend = noise(shape, (60 * px_per_mm, 260 * px_per_mm), 1) * 22 + noise(shape, (9 * px_per_mm, 90 * px_per_mm), 2)
    ring = (np.abs(away_mm) ** 1.12 + bend) / 7.5
    year = ring % 1
    late = np.clip((year - 0.55) / 0.4, 0, 1) ** 2 * (year < 0.97)
    fibre = noise(shape, (0.35 * px_per_mm, 14 * px_per_mm), 3)
    pore = np.clip(noise(shape, (0.3 * px_per_mm, 3.2 * px_per_mm), 4) - 1.6, 0, 1)
    share = np.clip(0.12 + 0.42 * late + 0.06 * fibre + 0.3 * pore, 0, 1)[..., None]
    return np.asarray(_BIRCH + (_DARK - _BIRCH) * share, np.float32)
