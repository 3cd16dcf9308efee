"""A photo as shares of a few colours that lie side by side: what each thread should cover of every pixel.

Opaque threads side by side mix in linear light, so the colours that a palette can show are the convex hull of its
threads' and the board's. The nearest of them, as CIELAB sees it, is found pixel by pixel.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stringart import _kernels
from stringart.picture.light import to_lab, to_white
from stringart.threads.unmixings import DITHER, SHARES

Shares = NDArray[np.float32]
Floats = NDArray[np.float64]

FLOOR = 0.008856
"""Relative light below which CIELAB's cube root is straight."""
_ROUNDS, _TOLERANCE = 4, 1e-4
_SHRINK = 0.045  # CIE94: a difference of chroma counts the less the stronger the colour


def chroma_weights(linear: ArrayLike) -> Floats:
    """How much a difference of chroma counts beside one of lightness, (...) of linear light (..., 3)."""
    lab = to_lab(linear)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return np.asarray(np.round(1 / (1 + _SHRINK * chroma), 6))


def least_mixture(points: ArrayLike, spread: float = 0.0) -> Floats:
    """Return the weights of the mixture of ``points`` that is nearest to the origin.

    Parameters
    ----------
    points : (K, 3) array
        Without unit, as `to_white` makes them.
    spread : float
        Weight of the mixture's variance beside its squared distance, 0..1.

    Returns
    -------
    (K,) float array
        Shares: not negative, sum 1.
    """
    vectors = np.array(points, np.float64)
    shares = np.zeros(len(vectors))
    shares[0] = 1.0
    scale = float((vectors**2).sum(1).max()) or 1.0
    _kernels.least_mixture(vectors, spread, shares, 1e-10 * scale)
    return np.asarray(shares / shares.sum())


def unmix(photo: NDArray[np.float32], colors: ArrayLike, spread: float = 0.0) -> Shares:
    """Return the shares of the colours whose mixture is nearest to the photo, pixel by pixel.

    Parameters
    ----------
    photo : (rows, cols, 3) float32 array
        Linear light.
    colors : (K + 1, 3) array
        Linear light; the board's first.
    spread : float
        How much a mixture of colours that are far apart is avoided, 0..1; 0 asks for the nearest mean alone.

    Returns
    -------
    (K + 1, rows, cols) float32 array
        Not negative; they sum to 1 in every pixel. No single colour is nearer than the mixture.
    """
    rows, cols, _ = photo.shape
    shares, _ = unmix_list(photo.reshape(-1, 3), colors, spread)
    return np.ascontiguousarray(shares.T.reshape(-1, rows, cols), np.float32)


def unmix_list(
    light: ArrayLike, colors: ArrayLike, spread: float = 0.0, rounds: int = _ROUNDS
) -> tuple[Floats, Floats]:
    """As `unmix` for a list of colours (P, 3): shares (P, K + 1) and the squared differences (P,)."""
    targets, mixed = to_white(light), to_white(colors)
    shares, errors = np.empty((len(targets), len(mixed))), np.empty(len(targets))
    how = _kernels.Mixing(spread=spread, floor=FLOOR, rounds=rounds, tolerance=_TOLERANCE)
    _kernels.unmix(targets, chroma_weights(light), mixed, how, shares, errors)
    return shares / shares.sum(1, keepdims=True), errors


def dither(photo: NDArray[np.float32], colors: ArrayLike) -> Shares:
    """Return one colour a pixel by error diffusion, in the form of `unmix`: shares of 0 and 1, (K, rows, cols).

    The photo is linear light, (rows, cols, 3), the colours (K, 3).

    What a pixel's colour is off, in linear light, goes to the pixels to come (Floyd and Steinberg), row by row, to
    and fro.
    """
    mixed = np.asarray(colors, np.float64)
    chosen = np.empty(photo.shape[:2], np.int64)
    _kernels.diffuse(photo.astype(np.float64, order="C"), mixed, chosen)  # of one kind: each is compiled for itself
    shares = chosen[None] == np.arange(len(mixed))[:, None, None]
    return np.asarray(shares, np.float32)


def separate(photo: NDArray[np.float32], colors: ArrayLike, way: str, blur_px: float) -> Shares:
    """Return a photo's shares by one of the ways there are, as `unmix` does.

    Parameters
    ----------
    photo : (rows, cols, 3) float32 array
        Linear light.
    colors : (K + 1, 3) array
        Linear light; the board's first.
    way : str
        Of `unmixings.UNMIXINGS`: ``shares``, the nearest mixture in every pixel; ``dither``, one colour a pixel, right
        on average; ``blurred``, that, blurred again, as thread is.
    blur_px : float
        Standard deviation of that blur.
    """
    if way == SHARES:
        return unmix(photo, colors)
    dithered = dither(photo, colors)
    if way == DITHER:
        return dithered
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(dithered, (0, blur_px, blur_px)), np.float32)
