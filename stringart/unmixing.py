"""A photo as shares of a few colours that lie side by side: what each thread should cover of every pixel."""

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float32]


def unmix(photo: NDArray[np.float32], colors: NDArray[np.floating]) -> Shares:
    """Return the shares of the colours whose mixture is nearest to the photo, pixel by pixel.

    Parameters
    ----------
    photo : (rows, cols, 3) float32 array
        Linear light.
    colors : (K + 1, 3) float array
        Linear light; the board's first.

    Returns
    -------
    (K + 1, rows, cols) float32 array
        Not negative; they sum to 1 in every pixel.
    """
    raise NotImplementedError


def dither(photo: NDArray[np.float32], colors: NDArray[np.floating]) -> Shares:
    """Return one colour a pixel, chosen by error diffusion: the same form as `unmix`, of zeros and ones."""
    raise NotImplementedError
