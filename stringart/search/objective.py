"""What the search minimises: how much the blurred piece differs from the target, as an eye at viewing distance sees it.

With e the difference in L* of the blurred piece and the target, the cost is

    sum over p of  w(p) / D(p)^(3/8) * (e(p)^2 - ALPHA * mean(e)(p)^2),   D = var(piece) + var(target) + C2 contrast^2

where mean and variance are taken in a Gaussian window round p: errors that are even over a window (a tone that is
slightly off) count little, errors of drawing count in full, and more where the target is smooth. This is what SSIM
measures, at three eighths of its exponent (at 1/2 SSIM is 0.002 higher, at 1/4 0.013 lower; HaarPSI, which follows what
people say of pictures, rises from 1/2 to 3/8 by 0.006 from near and 0.003 from afar, and hardly any more at 1/4).

Around the current piece the cost is a quadratic of the transmittance t of the thread that is searched, pixel by pixel
and through the blur (Gauss-Newton). `Objective.renew` writes its terms into the search's state.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.picture.light import from_lightness
from stringart.plan.model import Plan
from stringart.search.raster import Grid
from stringart.search.tone import Tone

BLUR_PX = 1.0  # of 256: the eye's blur, 1/256 of the board
WINDOW_PX = 3.5  # of 256: within which an even error counts little
ALPHA = 0.98  # of an even error that is forgiven, at most
DARK_ALPHA = 0.95  # on a dark board: a little less, or its darks, which are the picture, turn grey
_GRAIN = 48.0  # threads side by side below which nothing is forgiven
CIE_FLOOR = 0.008856
DARK_FLOORS = (1.0, 1.0, 0.3, 0.3)
"""On a dark board the cube root of L* is made straight below this luminance, at first everywhere, then less from round
to round: one bright thread on black is a leap in L*, and a metric that is steep there would not lay the first. Down to
0.03 the scores were the same, and what led round the dark of hair and hats crossed the faces below as streaks."""
C1, C2 = 1.0, 9.0  # L*^2, as SSIM's constants
_LINEAR_SHARE = 2 / 3  # mean of (1 - f)^2 + f^2: what linear interpolation leaves of a thread's own square

MOST_STRETCH, MOST_STRETCH_OF_FACES = 2.2, 1.5
"""How much more contrast than it has a piece is seen with: an eye adapts to its range, and finds pale what is paler. A
score without it (0.61 in place of 0.58, a portrait in white on black) is had by 29 % of contrast, all but white. Of a
face less is forgiven, as of all that is to count more than the rest: with pale hair and eyes it is a mask."""

Map = NDArray[np.float32]


def forgiven(plan: Plan, most: float = ALPHA) -> float:
    """Return the share of an even error that is forgiven: less where few threads fit side by side on the board.

    A coarse piece that need not be as dark as the photo is best with hardly a thread at all, by this measure and not by
    eye.
    """
    thickest_mm = max(thread.diameter_mm for thread in plan.threads)
    return max(min(most, 1 - _GRAIN * thickest_mm / max(plan.board.width_mm, plan.board.height_mm)), 0.0)


def gaussian_taps(sigma_px: float) -> Map:
    """Taps of a Gaussian, centre first, cut at 3 sigma; rounded, so that they are the same on every machine."""
    weights = [math.exp(-0.5 * (k / sigma_px) ** 2) for k in range(math.ceil(3 * sigma_px) + 1)]
    total = weights[0] + 2 * sum(weights[1:])
    return np.array([round(weight / total, 7) for weight in weights], np.float32)


def blurred(image: Map, taps: Map) -> Map:
    """Return a map (Q, Q) blurred by symmetric taps."""
    out, across = np.empty_like(image), len(image) + 2 * (len(taps) - 1)
    _kernels.blur(image, taps, np.zeros((across + 1, across), np.float32), out)
    return out


def _peak(sigma: float) -> float:
    return 1 / (math.sqrt(2 * math.pi) * sigma)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """Widths on a grid: the eye's blur, the window, and a thread's profile after both passes of either."""

    blur: Map
    window: Map
    profile: Map
    own: float
    blur_px: float

    @classmethod
    def of(cls, grid: Grid, alpha: float) -> "Scale":
        """Return the widths on a grid, for a share ``alpha`` of even errors that is forgiven."""
        sigma, window = (max(px * grid.px / 256, 0.5) for px in (BLUR_PX, WINDOW_PX))
        narrow = math.sqrt(2) * sigma
        wide = math.sqrt(2 * sigma**2 + 2 * window**2)
        entries = [k * 2 / 32 for k in range(math.ceil(3 * wide * 16) + 1)]
        profile = [
            _peak(narrow) * math.exp(-0.5 * (x / narrow) ** 2) - alpha * _peak(wide) * math.exp(-0.5 * (x / wide) ** 2)
            for x in entries
        ]
        return cls(
            blur_px=sigma,
            blur=gaussian_taps(sigma),
            window=gaussian_taps(window),
            profile=np.array([round(value, 7) for value in profile], np.float32),
            own=(_peak(narrow) - alpha * _peak(wide)) / _LINEAR_SHARE,
        )


def similarity(light: Map, photo: Map, inside: Map, blur_px: float, most_stretch: float = math.inf) -> float:
    """Return the structural similarity of L* (Wang et al. 2004) of two lights (Q, Q), after the best straight line.

    The mean of two blurs, ``blur_px`` and twice that, each in a window half as wide again; within ``inside`` alone. The
    line is not steeper than ``most_stretch``.
    """
    found = []
    for sigma in (blur_px, 2 * blur_px):
        taps, window = gaussian_taps(sigma), gaussian_taps(1.5 * sigma)
        seen, wanted = (_cie(blurred(picture, taps)) for picture in (light, photo))
        slope, offset = _line(seen[inside > 0], wanted[inside > 0], most_stretch)
        local = _similarity(seen * np.float32(slope) + np.float32(offset), wanted, inside, window)
        found.append(float(local[inside > 0].mean(dtype=np.float64)))
    return round((found[0] + found[1]) / 2, 4)


def _cie(light: Map) -> Map:
    lstar, slope = np.empty_like(light), np.empty_like(light)
    _kernels.lightness(light, CIE_FLOOR, lstar, slope)
    return lstar


def _line(x: Map, y: Map, most: float) -> tuple[float, float]:
    """Least-squares slope, ``most`` at most, and offset; what has no contrast keeps its tone."""
    a, b = x.astype(np.float64), y.astype(np.float64)
    spread = float(((a - a.mean()) ** 2).mean())
    slope = float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 1e-9 else 1.0
    slope = min(slope, most)
    return slope, float(b.mean() - slope * a.mean())


def _similarity(a: Map, b: Map, inside: Map, window: Map) -> Map:
    share = np.maximum(blurred(inside, window), np.float32(1e-3))

    def mean(image: Map) -> Map:
        return np.asarray(blurred(image * inside, window) / share, np.float32)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    tone = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return np.asarray(tone * (2 * both + C2) / (var_a + var_b + C2), np.float32)


class Seen:
    """What every cost knows of the eye on a board: its blur, and what an even error within a window is forgiven.

    Parameters
    ----------
    grid : Grid
    alpha : float
        Share of an even error of lightness that is forgiven.
    """

    def __init__(self, grid: Grid, alpha: float) -> None:
        self._alpha = alpha
        self._scale = Scale.of(grid, alpha)
        self._inside = grid.inside.astype(np.float32)
        self._share: Map = (1 / np.maximum(blurred(self._inside, self._scale.window), 1e-3)).astype(np.float32)

    @property
    def profile(self) -> Map:
        """How a thread's change spreads across it, 16 entries a pixel; for `_kernels.lay_best`."""
        return self._scale.profile

    def similarity(self, light: Map, photo: Map, most_stretch: float = math.inf) -> float:
        """Return how alike two pictures (size, size) of relative luminance are inside the ring; see `similarity`."""
        return similarity(light, photo, self._inside, self._scale.blur_px, most_stretch)

    def _window_mean(self, image: Map) -> Map:
        mean: Map = blurred(image * self._inside, self._scale.window) * self._share
        return mean

    def _variance(self, image: Map) -> Map:
        mean = self._window_mean(image)
        return np.maximum(self._window_mean(image * image) - mean * mean, np.float32(0)).astype(np.float32)


class Objective(Seen):
    """The cost of a piece of one thread on a board.

    Parameters
    ----------
    grid : Grid
    tone : Tone
        The target (size, size), L*.
    weights : (size, size) float32 array
        Importance.
    board_y, thread_y : float
        Relative luminance.
    alpha : float
        Share of an even error that is forgiven.
    """

    def __init__(
        self, grid: Grid, tone: Tone, weights: Map, board_y: float, thread_y: float, alpha: float = ALPHA
    ) -> None:
        super().__init__(grid, alpha)
        self.weigh(weights)
        self._thread_y, self._span = np.float32(thread_y), np.float32(board_y - thread_y)
        self._softness = CIE_FLOOR if thread_y < board_y else DARK_FLOORS[0]
        self.aim(tone)

    def weigh(self, weights: Map) -> None:
        """Take another importance."""
        self._weights = weights * self._inside

    def soften(self, floor: float) -> None:
        """Make the cube root of L* straight below ``floor``; `aim` has to follow."""
        self._softness = floor

    def aim(self, tone: Tone) -> None:
        """Take another target."""
        light = from_lightness(tone.target.astype(np.float64)).astype(np.float32)
        self._wanted, _ = self._lightness(blurred(light, self._scale.blur))
        self._floor = np.float32(C2 * tone.contrast**2) + self._variance(self._wanted)

    def closeness(self, t: Map, photo: Map, most_stretch: float = MOST_STRETCH) -> float:
        """Return how close a piece comes to a photo, 0..1, higher is better.

        As `stringart.score`: structural similarity of L* after the best straight line through the tones, the mean of
        two viewing distances.

        Parameters
        ----------
        t : (size, size) float32 array
            Transmittance of the thread.
        photo : (size, size) float32 array
            Relative luminance.
        most_stretch : float
            How steep the line may be.
        """
        light = (self._thread_y + self._span * t).astype(np.float32)
        return self.similarity(light, photo, most_stretch)

    def _local(self, seen: Map) -> Map:
        """How much errors count round a pixel: the less, the more there is to see."""
        root = np.sqrt(np.sqrt(self._floor + self._variance(seen)))
        return np.asarray(self._weights / (root * np.sqrt(root)), np.float32)

    def _lightness(self, light: Map) -> tuple[Map, Map]:
        lstar, slope = np.empty_like(light), np.empty_like(light)
        _kernels.lightness(light, self._softness, lstar, slope)
        return lstar, slope

    def cost(self, t: Map) -> float:
        """Return the cost of a piece with the transmittance ``t`` (size, size) of its thread."""
        seen, _ = self._lightness(blurred(self._thread_y + self._span * t, self._scale.blur))
        error = (seen - self._wanted) * self._inside
        local = self._local(seen)
        weight = blurred(local, self._scale.window)
        even = self._alpha * local * self._window_mean(error) ** 2 / self._share
        return float((weight * error**2).sum(dtype=np.float64) - even.sum(dtype=np.float64))

    def renew(self, state: NDArray[np.float32]) -> None:
        """Write the cost's terms round the transmittance in ``state`` (size, size, 4)."""
        t = np.ascontiguousarray(state[..., _kernels.TRANSMITTANCE])
        light = self._thread_y + self._span * t
        seen, slope = self._lightness(blurred(light, self._scale.blur))
        error = (seen - self._wanted) * self._inside
        local = self._local(seen)
        weight = blurred(local, self._scale.window)
        field = weight * error - np.float32(self._alpha) * blurred(self._window_mean(error) * local, self._scale.window)
        reach = weight * slope * slope * self._inside * self._span**2
        state[..., _kernels.SLOPE] = blurred(field * slope * self._inside, self._scale.blur) * self._span
        state[..., _kernels.REACH] = reach
        state[..., _kernels.CURVATURE] = blurred(reach, self._scale.blur) * np.float32(self._scale.own)
