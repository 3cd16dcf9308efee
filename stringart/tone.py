"""The photo's tones, brought into the range that the thread budget can reach, without the user.

The darkest tone that L threads of width d can make is limited. A photo with large dark areas would spend the whole
budget on them and leave eyes and mouths grey. So contrast is scaled round the board's own tone until the depth that
the target asks for, the sum of -ln(transmittance), is what the budget can lay.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.light import from_lightness, lightness

MAX_CONTRAST = 2.0
"""A flat photo gains from more contrast than it has: threads are coarse, and their grain drowns weak tones."""
_BARE_SHARE = 0.005  # this share of the pixels is nearer to the board's tone than the bare board shows
_THINNEST = 1e-3  # transmittance that nobody tells from none

Lightness = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tone:
    """The target and how it was fitted.

    Parameters
    ----------
    target : (rows, cols) float32 array
        L* to be reached.
    contrast : float
        1 leaves the photo's contrast as it is.
    """

    target: NDArray[np.float32]
    contrast: float


def fit_tone(
    luminance: NDArray[np.float32],
    inside: NDArray[np.bool_],
    board_y: float,
    thread_y: float,
    depth: float,
) -> Tone:
    """Fit a photo to what ``depth`` can reach.

    Parameters
    ----------
    luminance : (rows, cols) float32 array
        The photo's relative luminance.
    inside : (rows, cols) bool array
        Where it counts.
    board_y, thread_y : float
        Luminance of the bare board and of the thread.
    depth : float
        Sum over pixels of -ln(transmittance) that the budget lays.
    """
    photo = lightness(luminance.astype(np.float64))
    board, thread = (float(lightness(y)) for y in (board_y, thread_y))
    darker = thread < board
    bare = float(np.quantile(photo[inside], 1 - _BARE_SHARE if darker else _BARE_SHARE))

    def target_of(contrast: float) -> Lightness:
        low, high = sorted((thread, board))
        return np.clip(board + contrast * (photo - bare), low + 0.5 * darker, high)

    def depth_of(contrast: float) -> float:
        t = (from_lightness(target_of(contrast)[inside]) - thread_y) / (board_y - thread_y)
        return float(-np.log(np.maximum(t, _THINNEST)).sum())

    contrast = round(_bisect(depth_of, depth), 4)
    # rounded, so that the last bit of a machine's logarithm does not change a plan
    return Tone(target=(np.round(target_of(contrast) * 256) / 256).astype(np.float32), contrast=contrast)


def _bisect(depth_of: Callable[[float], float], depth: float) -> float:
    """Return the contrast, at most `MAX_CONTRAST`, that asks for ``depth``."""
    low, high = 0.0, MAX_CONTRAST
    if depth_of(high) <= depth:
        return high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if depth_of(middle) > depth else (middle, high)
    return low
