"""What a colour search minimises: the cost of `objective`, with the two colour channels of CIELAB beside lightness.

Seen from one layer, everything above is a filter and everything below a picture, so the colour of a pixel is linear
in the layer's own transmittance t: fixed + span t. The cost is then the same quadratic in t as for black thread on
white, and the same search serves.

Colour counts plainly (an even colour cast is an error), lightness mostly within a window. A metric that is steep near
black makes bright threads unaffordable where dark ones will cover them, so the cube root is made straight below a
``floor``, which the sweeps lower to CIE's own.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.picture.light import to_lab
from stringart.search.objective import C2, Map, Seen, blurred
from stringart.search.raster import Grid

ALPHA = 0.8
_PROHIBITIVE = np.float32(-1e6)  # a slope at which no chord gains
CHROMA = 0.45
"""Weight of squared differences of a* and b* beside a grey, that of L* being 1: the eye draws by lightness."""
_SHRINK = 0.045  # a difference counts less the stronger the colour, as in CIEDE2000


class ColorObjective(Seen):
    """The cost of a piece of several threads, as one layer of it sees it.

    Parameters
    ----------
    grid : Grid
    photo : (size, size, 3) float32 array
        Linear light.
    floor : float
        Below which the cube root is straight.
    alpha : float
        Share of an even error of lightness that is forgiven.
    """

    def __init__(self, grid: Grid, photo: Map, floor: float, alpha: float = ALPHA) -> None:
        super().__init__(grid, alpha)
        self._weights: Map = self._inside
        self._forbidden: NDArray[np.bool_] | None = None
        self._fixed = self._span = np.zeros((3, *grid.inside.shape), np.float32)
        self._cie_floor = floor
        self.aim(photo)

    def aim(self, photo: Map, contrast: float = 1.0) -> None:
        """Take another photo, (size, size, 3), linear light, of so much of its own contrast."""
        self._contrast = contrast
        self._photo = self._blurred(np.ascontiguousarray(np.moveaxis(photo, -1, 0)))
        self.soften(self._cie_floor)

    def soften(self, floor: float) -> None:
        """Make the cube root straight below ``floor``."""
        self._cie_floor = floor
        self._wanted, _ = self._lab(self._photo)
        self._base = np.float32(C2 * self._contrast**2) + self._variance(self._wanted[0])
        strength = np.hypot(self._wanted[1], self._wanted[2])
        self._chroma = (CHROMA / (1 + _SHRINK * strength) ** 2).astype(np.float32)

    def look_at(
        self, fixed: Map, span: Map, weights: Map | None = None, forbidden: NDArray[np.bool_] | None = None
    ) -> None:
        """Search the layer whose pixels are ``fixed + span t``, both (3, size, size), linear light.

        Parameters
        ----------
        fixed, span : (3, size, size) float32 array
        weights : (size, size) float32 array, optional
            Importance to this layer's thread.
        forbidden : (size, size) bool array, optional
            Where the thread must not lie.
        """
        self._fixed, self._span, self._forbidden = fixed, span, forbidden
        self._weights = self._inside if weights is None else weights * self._inside

    def error(self, light: Map, photo: Map) -> float:
        """Return the mean CIEDE2000 of a piece (3, size, size) and a photo (size, size, 3), linear light, blurred."""
        from skimage.color import deltaE_ciede2000

        inside, pixels = self._inside > 0, np.ascontiguousarray(np.moveaxis(photo, -1, 0))
        seen, wanted = (
            to_lab(np.moveaxis(part, 0, -1)[inside]) for part in (self._blurred(light), self._blurred(pixels))
        )
        return float(deltaE_ciede2000(seen, wanted).mean())  # type: ignore[no-untyped-call]

    def costs(self, lights: Iterable[Map], like: Map) -> list[float]:
        """Return the cost of each piece (3, size, size), linear light; errors weigh as they do round ``like``."""
        around, _ = self._lab(self._blurred(like))
        local = self._weights / np.sqrt(self._base + self._variance(around[0]))
        weight = blurred(local, self._scale.window)
        return [self._cost(light, local, weight) for light in lights]

    def _cost(self, light: Map, local: Map, weight: Map) -> float:
        seen, _ = self._lab(self._blurred(light))
        error = (seen - self._wanted) * self._inside
        squares = weight * (error[0] ** 2 + self._chroma * (error[1:] ** 2).sum(0))
        even = self._alpha * local * self._window_mean(error[0]) ** 2 / self._share
        return float(squares.sum(dtype=np.float64) - even.sum(dtype=np.float64))

    def _lab(self, light: Map) -> tuple[Map, Map]:
        values, slopes = np.empty_like(light), np.empty_like(light)
        _kernels.lab(light, self._cie_floor, values, slopes)
        return values, slopes

    def renew(self, state: NDArray[np.float32]) -> None:
        """Write the cost's terms round the transmittance in ``state`` (size, size, 4)."""
        t = np.ascontiguousarray(state[..., _kernels.TRANSMITTANCE])
        seen, slopes = self._lab(self._blurred(self._fixed + self._span * t))
        error = (seen - self._wanted) * self._inside
        local = self._weights / np.sqrt(self._base + self._variance(seen[0]))
        weight = blurred(local, self._scale.window)
        field = error * weight
        field[1:] *= self._chroma
        field[0] -= np.float32(self._alpha) * blurred(self._window_mean(error[0]) * local, self._scale.window)
        pull = np.empty_like(field)
        _kernels.lab_pull(field, slopes, pull)
        reach = np.empty_like(t)
        _kernels.lab_push(self._span, slopes, self._chroma, reach)
        reach *= weight
        state[..., _kernels.SLOPE] = (self._blurred(pull) * self._span).sum(0)
        state[..., _kernels.REACH] = reach
        state[..., _kernels.CURVATURE] = blurred(reach, self._scale.blur) * np.float32(self._scale.own)
        if self._forbidden is not None:
            state[self._forbidden, _kernels.SLOPE] = _PROHIBITIVE
            state[self._forbidden, _kernels.REACH] = state[self._forbidden, _kernels.CURVATURE] = 0

    def _blurred(self, light: Map) -> Map:
        return np.stack([blurred(light[k], self._scale.blur) for k in range(3)])
