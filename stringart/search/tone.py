"""The photo's tones, brought into the range that the thread budget can reach, without the user.

The darkest tone that L threads of width d can make is limited. A photo with large dark areas would spend the whole
budget on them and leave eyes and mouths grey. So contrast is scaled round the board's own tone until the depth that
the target asks for, the sum of -ln(transmittance), is what the budget can lay.
"""

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.light import from_lightness, lightness

FITTED_CONTRAST, MAX_CONTRAST = 2.0, 4.0
"""What is asked for at first, and at most where thread is left then. A flat photo gains from more contrast than it has:
threads are coarse, and their grain drowns weak tones."""
_BARE_SHARE = 0.005  # this share of the pixels is nearer to the board's tone than the bare board shows
_CLIPPED = 1.15  # a little of the darkest and brightest may be lost, no more
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


class Tones:
    """A photo's tones between those of a thread and a board.

    Parameters
    ----------
    luminance : ([frames,] rows, cols) float32 array
        The photo's relative luminance; of a clip, some of its frames.
    inside : (rows, cols) bool array
        Where it counts.
    board_y, thread_y : float
        Luminance of the bare board and of the thread.

    Attributes
    ----------
    most : float
        The contrast beyond which tones would be lost, `MAX_CONTRAST` at most.
    """

    def __init__(
        self, luminance: NDArray[np.float32], inside: NDArray[np.bool_], board_y: float, thread_y: float
    ) -> None:
        self._photo = lightness(luminance.astype(np.float64))
        self._inside, self._board_y, self._thread_y = inside, board_y, thread_y
        self._board, self._thread = (float(lightness(y)) for y in (board_y, thread_y))
        dark, bright = (float(np.quantile(self._photo[..., inside], q)) for q in (_BARE_SHARE, 1 - _BARE_SHARE))
        self._bare = bright if thread_y < board_y else dark
        whole = abs(self._board - self._thread) / max(bright - dark, 1.0)  # what spans all that the thread can show
        self.most = min(MAX_CONTRAST, max(_CLIPPED * whole, 0.01))

    def at(self, contrast: float) -> Tone:
        """Return the target with the photo's contrast scaled round the board's tone."""
        contrast = min(round(contrast, 4), self.most)
        # rounded, so that the last bit of a machine's logarithm does not change a plan
        return Tone(target=(np.round(self._target(contrast) * 256) / 256).astype(np.float32), contrast=contrast)

    def like(self, luminance: NDArray[np.float32]) -> "Tones":
        """Return the tones of another photo, scaled as these are."""
        other = copy.copy(self)
        other._photo = lightness(luminance.astype(np.float64))
        return other

    def fit(self, depth: float) -> Tone:
        """Return the target, of `FITTED_CONTRAST` at most, that asks for ``depth``.

        Parameters
        ----------
        depth : float
            Sum over pixels of -ln(transmittance) that the budget lays; of a clip, the mean of its frames.
        """
        low, high = 0.0, min(FITTED_CONTRAST, self.most)
        if self._depth(high) <= depth:
            return self.at(high)
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (low, middle) if self._depth(middle) > depth else (middle, high)
        return self.at(low)

    def _target(self, contrast: float) -> Lightness:
        low, high = sorted((self._thread, self._board))
        return np.clip(self._board + contrast * (self._photo - self._bare), low, high)

    def _depth(self, contrast: float) -> float:
        y = from_lightness(self._target(contrast)[..., self._inside])
        t = (y - self._thread_y) / (self._board_y - self._thread_y)
        return float(-np.log(np.maximum(t, _THINNEST)).sum()) / max(self._photo.size // self._inside.size, 1)
