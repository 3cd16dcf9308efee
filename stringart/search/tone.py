"""The photo's tones, brought into the range that the thread budget can reach, without the user.

The darkest tone that L threads of width d can make is limited. A photo with large dark areas would spend the whole
budget on them and leave eyes and mouths grey. So contrast is scaled round the board's own tone until the depth that
the target asks for, the sum of -ln(transmittance), is what the budget can lay.

On a board that is darker than its thread that is not enough. A single bright thread on black is a leap in L*, so the
tones between the bare board and about the middle are all noise: nothing can be drawn there. The target is lifted out
of them, as a viewer adapts to the piece's own range; how far is tried out (`search.one_thread`): it differs by photo.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.picture import light
from stringart.picture.light import from_lightness, lightness, to_linear, to_srgb

FITTED_CONTRAST, MAX_CONTRAST = 2.0, 4.0
"""What is asked for at first, and at most where thread is left then. A flat photo gains from more contrast than it has:
threads are coarse, and their grain drowns weak tones."""
LIFTS, LIFTS_OF_FACES = (0.0, 0.45, 0.55, 0.6, 0.65, 0.75), (0.0, 0.45, 0.5, 0.55)
"""Shares of the way from a dark board's L* to its thread's at which the photo's darkest tone may be shown. Below 0.45
threads cross a face as streaks, above 0.55 it is a mask."""
REACHES = (None, 1.0, 1.4)
"""What the best of them is then tried with, of what the budget lays: less, and more, than it was first."""
_REACH = 1.15
_LIFTS_IN_COLOR = (0.5, 0.4, 0.3)
_RANGE_IN_COLOR = 30.0  # L* from the darkest to the brightest that a lift has to leave
_NEUTRAL = 0.02
_FAINTEST = 0.1  # contrast below which nothing is seen
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
    lift : float
        L* of the darkest tone above the board's.
    """

    target: NDArray[np.float32]
    contrast: float
    lift: float = 0.0


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
    photo : ([frames,] rows, cols, 1 or 3) float32 array, optional
        Its linear light, of which the negative is made where one is tried; grey by default.
    """

    def __init__(
        self,
        luminance: NDArray[np.float32],
        inside: NDArray[np.bool_],
        board_y: float,
        thread_y: float,
        photo: NDArray[np.float32] | None = None,
    ) -> None:
        self._photo = lightness(luminance.astype(np.float64))
        self._inside, self._board_y, self._thread_y = inside, board_y, thread_y
        self._board, self._thread = (float(lightness(y)) for y in (board_y, thread_y))
        dark, bright = (float(np.quantile(self._photo[..., inside], q)) for q in (_BARE_SHARE, 1 - _BARE_SHARE))
        self._bare = bright if thread_y < board_y else dark
        self._range = max(bright - dark, 1.0)
        self._lift = 0.0
        self._light = luminance[..., None] if photo is None else photo
        self.is_negative = False

    @property
    def most(self) -> float:
        """The contrast beyond which tones would be lost, `MAX_CONTRAST` at most."""
        whole = (abs(self._board - self._thread) - self._lift / _CLIPPED) / self._range  # spans all that can be shown
        return min(MAX_CONTRAST, max(_CLIPPED * whole, 0.01))

    @property
    def range(self) -> float:
        """L* from the photo's darkest tone to its brightest."""
        return self._range

    @property
    def on_dark(self) -> bool:
        """True where the thread is the lighter of the two."""
        return self._thread_y > self._board_y

    @property
    def about(self) -> str:
        """What is done beside setting the contrast, for people."""
        if self.is_negative:
            return ", drawn as its negative in dark thread would be"
        return f" and its darkest tone lifted to L* {self._board + self._lift:.0f}" if self._lift else ""

    def candidates(self, depth: float, lifts: Sequence[float] = LIFTS) -> list[tuple["Tones", Tone]]:
        """Return what may be tried on a dark board: the photo lifted ever further, and its negative."""
        found = [self.lifted(share).reaching(_REACH, depth) for share in lifts]
        seen = [pair for pair in found if pair[1].contrast >= _FAINTEST or not pair[1].lift]
        return [*seen, self.negative().reaching(1.0, depth)]

    def reaching(self, reach: float, depth: float) -> tuple["Tones", Tone]:
        """Return these tones, asking for ``reach`` times what the budget lays."""
        return self, self.fit(reach * depth)

    def negative(self) -> "Tones":
        """Return the tones of the photo's negative, for the search to see the thread as black and the board as white.

        Where much is covered the eye tells tones apart best: this draws a few bright things on a dark ground sharper.
        """
        other = Tones(of_negative(self._light), self._inside, 1.0, 0.0, self._light)
        other.is_negative = True
        return other

    def lifted(self, share: float) -> "Tones":
        """Return the tones with the darkest at a share of the way from a dark board's L* to its thread's."""
        other = copy.copy(self)
        other._lift = share * (self._thread - self._board)
        return other

    def at(self, contrast: float) -> Tone:
        """Return the target with the photo's contrast scaled round the board's tone."""
        contrast = min(round(contrast, 4), self.most)
        # rounded, so that the last bit of a machine's logarithm does not change a plan
        target = (np.round(self._target(contrast, self._photo) * 256) / 256).astype(np.float32)
        return Tone(target=target, contrast=contrast, lift=self._lift)

    def like(self, luminance: NDArray[np.float32], photo: NDArray[np.float32] | None = None) -> "Tones":
        """Return the tones of another photo, scaled as these are; its arguments are those of `Tones`."""
        other = copy.copy(self)
        other._light = luminance[..., None] if photo is None else photo
        other._photo = lightness((of_negative(other._light) if self.is_negative else luminance).astype(np.float64))
        return other

    def fit(self, depth: float) -> Tone:
        """Return the target, of `FITTED_CONTRAST` at most, that asks for ``depth``.

        Parameters
        ----------
        depth : float
            Sum over pixels of -ln(transmittance) that the budget lays; of a clip, the mean of its frames.
        """
        low, high, counts = 0.0, min(FITTED_CONTRAST, self.most), self._photo[..., self._inside]
        if self._depth(high, counts) <= depth:
            return self.at(high)
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (low, middle) if self._depth(middle, counts) > depth else (middle, high)
        return self.at(low)

    def _target(self, contrast: float, photo: Lightness) -> Lightness:
        low, high = sorted((self._thread, self._board))
        return np.clip(self._board + self._lift + contrast * (photo - self._bare), low, high)

    def _depth(self, contrast: float, counts: Lightness) -> float:
        """How much thread a contrast asks for, of the photo where it ``counts``."""
        y = from_lightness(self._target(contrast, counts))
        t = (y - self._thread_y) / (self._board_y - self._thread_y)
        return float(-np.log(np.maximum(t, _THINNEST)).sum()) / max(self._photo.size // self._inside.size, 1)


def lift_of_colors(tones: Tones, depth: float) -> tuple[Tones, float] | None:
    """Return how far a photo is lifted on a board that is darker than all threads, and its contrast.

    As far as leaves enough contrast; None where no lift does.

    Parameters
    ----------
    tones : Tones
        Between the board and the brightest thread.
    depth : float
        As for `Tones.fit`.
    """
    for share in _LIFTS_IN_COLOR:
        lifted, tone = tones.lifted(share).reaching(_REACH, depth)
        if tone.contrast * tones.range >= _RANGE_IN_COLOR:
            return lifted, tone.contrast
    return None


def lifted_colors(tones: Tones, contrast: float, photo: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a photo (rows, cols, 3), linear light, in the tones of a lift; its colours stay beside them."""
    gray = light.luminance(photo).astype(np.float32)
    wanted = from_lightness(tones.like(gray).at(contrast).target.astype(np.float64))
    own = (photo + _NEUTRAL) / (gray + _NEUTRAL)[..., None]  # of black, a colour is noise
    return np.asarray(np.clip(own * wanted[..., None], 0, 1), np.float32)


def of_negative(photo: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the luminance (...) of a photo's negative, whose sRGB values are turned round, channel by channel.

    Parameters
    ----------
    photo : (..., 1 or 3) float32 array
        Linear light.
    """
    turned = to_linear(1 - to_srgb(photo.astype(np.float64)))
    return np.asarray(light.luminance(np.broadcast_to(turned, (*photo.shape[:-1], 3))), np.float32)
