"""How close a finished piece comes to its photo, seen by an eye at viewing distance.

Painted piece and photo are blurred in linear light by 2/512 and 4/512 of the board's larger side, about what an eye
blurs from three and six metres, and compared inside the ring of pins. ``ssim``: structural similarity of L* (Wang et
al. 2004). ``ssim_fit``: after the best straight line through the tones, so that low contrast with the right drawing is
not punished; where the tones come closer as they are (least squares is not similarity), as they are.
``rmse_lightness``: RMS difference of L*. ``delta_e``: mean CIEDE2000.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart import _kernels
from stringart.arguments import instance
from stringart.interrupts import whole_interrupts
from stringart.look.paint import Painting, supersampling
from stringart.picture.light import halved, lightness, luminance
from stringart.picture.photo import Photo, Source, crop_to_board, load_photo, resample
from stringart.plan.model import Plan

WIDTH_PX = 512
BLURS_PX = (2, 4)
_RIM = 0.97
_C1, _C2 = (0.01 * 100) ** 2, (0.03 * 100) ** 2  # for tones of 0 to 100
_MIDDLE_L = 50.0

Floats = NDArray[np.floating[Any]]


class Score:
    """Closeness at one blur; each figure is computed when it is first asked for.

    Parameters
    ----------
    blur_px : int
        Of 512 across the board's larger side.
    piece, wanted : (rows, cols, 1 or 3) float array
        In linear light, 0..1.
    inside : (rows, cols) bool array
        True where they are compared.
    """

    def __init__(self, blur_px: int, piece: Floats, wanted: Floats, inside: NDArray[np.bool_]) -> None:
        self.blur_px, self._inside = blur_px, inside
        self._seen, self._target = _blurred(piece, blur_px), _blurred(wanted, blur_px)
        self._tone, self._goal = _tone(self._seen), _tone(self._target)

    @cached_property
    def ssim(self) -> float:
        """0..1, higher is better."""
        return self._similarity.after(1.0, 0.0)

    @cached_property
    def ssim_fit(self) -> float:
        """0..1, higher is better; after the best straight line through the tones, and never below `ssim`."""
        slope, offset = _line(self._tone[self._inside], self._goal[self._inside])
        return max(self._similarity.after(slope, offset), self.ssim)

    @cached_property
    def rmse_lightness(self) -> float:
        """RMS difference of L*, 0..100, lower is better."""
        return float(np.sqrt(((self._tone - self._goal)[self._inside] ** 2).mean()))

    @cached_property
    def delta_e(self) -> float:
        """Mean CIEDE2000, lower is better."""
        from skimage.color import deltaE_ciede2000, xyz2lab
        from skimage.color.colorconv import xyz_from_rgb

        to_xyz = xyz_from_rgb.T.astype(np.float32)
        pictures = (light[self._inside].astype(np.float32) for light in (self._seen, self._target))
        labs = (xyz2lab(np.broadcast_to(light, (len(light), 3)) @ to_xyz) for light in pictures)
        return float(deltaE_ciede2000(*labs).mean())  # type: ignore[no-untyped-call]

    @cached_property
    def _similarity(self) -> "_Similarity":
        return _Similarity(self._tone, self._goal, 1.5 * self.blur_px, self._inside)

    def as_dict(self) -> dict[str, float]:
        """All figures by name."""
        return {
            "blur_px": self.blur_px,
            "ssim": self.ssim,
            "ssim_fit": self.ssim_fit,
            "rmse_lightness": self.rmse_lightness,
            "delta_e": self.delta_e,
        }

    def __repr__(self) -> str:
        return f"Score({', '.join(f'{name}={value:.4g}' for name, value in self.as_dict().items())})"


class _Similarity:
    """The structural similarity of two pictures of L*, after any straight line through the tones of the first.

    Means, variances and covariance in a Gaussian window are taken once: a line moves them as it moves the tones.
    """

    def __init__(self, tone: Floats, goal: Floats, sigma_px: float, inside: NDArray[np.bool_]) -> None:
        # round the middle of the scale, so that hardly a digit is lost in the variances
        one, other = tone - _MIDDLE_L, goal - _MIDDLE_L
        both = (one, other, one * one, other * other, one * other)
        mean, wanted, square, wanted_square, product = (gaussian(picture, sigma_px, 3.5)[inside] for picture in both)
        self._mean, self._wanted = mean + _MIDDLE_L, wanted + _MIDDLE_L
        self._variance, self._wanted_variance = square - mean * mean, wanted_square - wanted * wanted
        self._together = product - mean * wanted

    def after(self, slope: float, offset: float) -> float:
        """Return the similarity of ``slope`` times the first picture's tones and ``offset`` more."""
        mean, wanted = slope * self._mean + offset, self._wanted
        light = (2 * mean * wanted + _C1) / (mean * mean + wanted * wanted + _C1)
        spread = slope * slope * self._variance + self._wanted_variance
        return float((light * (2 * slope * self._together + _C2) / (spread + _C2)).mean())


@whole_interrupts()
def score(plan: Plan, photo: Photo | Source, gray: bool | None = None) -> tuple[Score, ...]:
    """Compare the finished piece with its photo.

    Parameters
    ----------
    plan : Plan
    photo : Photo, or path, bytes, file, array or PIL image
        Whatever `load_photo` reads. Cropped as the plan says; the largest centred part if it does not. What is
        transparent shows the board.
    gray : bool, optional
        Compare lightness only; by default for plans of one thread.

    Returns
    -------
    tuple of Score
        One for each of the two blurs: near, far.

    Raises
    ------
    PhotoError
        If the photo cannot be read.
    UnitError
        If an argument is of another kind.

    Examples
    --------
    >>> import stringart
    >>> photo = stringart.load_photo(np.linspace(0, 1, 4096).reshape(64, 64))
    >>> plan = stringart.design(photo, pins=60, lines=400, quality="draft", importance="none")
    >>> near, far = score(plan, photo)
    >>> near.blur_px < far.blur_px, 0 < near.ssim_fit < far.ssim_fit < 1
    (True, True)
    """
    instance(plan, Plan, "plan", "read one with Plan.load")
    if gray is not None:
        instance(gray, bool, "gray")
    return score_of(Painting(plan), photo, gray)


def score_of(painting: Painting, photo: Photo | Source, gray: bool | None = None) -> tuple[Score, ...]:
    """Compare a finished piece, which may be painted already, with its photo; as `score`."""
    plan = painting.plan
    photo = photo if isinstance(photo, Photo) else load_photo(photo, plan.board.color)
    gray = len(plan.threads) == 1 if gray is None else gray
    piece = _piece(painting)
    crop = plan.photo.crop_px if plan.photo else crop_to_board(photo, plan.board)
    wanted = resample(photo, crop, (piece.shape[0], piece.shape[1]))
    if gray:
        piece, wanted = luminance(piece)[..., None], luminance(wanted)[..., None]
    inside = _inside(plan, (piece.shape[0], piece.shape[1]))
    return tuple(Score(blur_px, piece, wanted, inside) for blur_px in BLURS_PX)


def closeness(painting: Painting, photo: Photo) -> float:
    """Return how close a piece comes to its photo in one figure, in shape and colour; 1 is the photo.

    The mean SSIM of both distances, less a hundredth of it for each CIEDE2000 from afar.

    Parameters
    ----------
    painting : Painting
    photo : Photo
    """
    near, far = score_of(painting, photo, gray=False)
    return (near.ssim_fit + far.ssim_fit) / 2 * (1 - min(far.delta_e, 100.0) / 100)


def shape(scores: Sequence[Score]) -> float:
    """Return how well a piece draws its photo, compared by lightness: the mean SSIM of both distances, 1 at best."""
    near, far = scores
    return (near.ssim_fit + far.ssim_fit) / 2


def _piece(painting: Painting) -> NDArray[np.float32]:
    """The finished piece, so wide along its larger side; of 512 px, each is the mean of at least 8 x 8 painted ones.

    Painted twice as large first: what a preview is, so that a design paints once for both.
    """
    plan = painting.plan
    scale = WIDTH_PX / max(plan.board.width_mm, plan.board.height_mm)
    cols = max(round(scale * plan.board.width_mm), 1)
    rows = max(round(scale * plan.board.height_mm), 1)
    return halved(painting.at((2 * rows, 2 * cols), 2 * scale, max(4, supersampling(plan, 2 * cols))))


def _inside(plan: Plan, shape: tuple[int, int]) -> NDArray[np.bool_]:
    board, image = plan.board, Image.new("1", (shape[1], shape[0]))
    scale, middle = WIDTH_PX / max(board.width_mm, board.height_mm), np.array([shape[1], shape[0]]) / 2
    ring = (plan.pins.xy_mm * [1, -1] + [board.width_mm / 2, board.height_mm / 2]) * scale
    points = [(x, y) for x, y in (middle + (ring - middle) * _RIM).tolist()]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.array(image)


def _blurred(light: Floats, blur_px: float) -> Floats:
    return np.stack([gaussian(light[..., k], blur_px) for k in range(light.shape[-1])], axis=-1)


def gaussian(picture: Floats, sigma_px: float, reach: float = 4.0) -> Floats:
    """Return a picture (R, C) of any numbers, blurred by a Gaussian cut at ``reach`` times its width.

    Its edges are mirrored. What `scipy.ndimage.gaussian_filter` gives, to some 1e-6; that takes 0.1 s to import.
    """
    far = int(reach * sigma_px + 0.5)
    weights = np.exp(-0.5 * (np.arange(far + 1) / sigma_px) ** 2)
    taps = (weights / (weights[0] + 2 * weights[1:].sum())).astype(np.float32)
    padded = np.pad(picture.astype(np.float32), far, mode="symmetric")
    rows, cols = padded.shape
    out = np.empty_like(padded)
    _kernels.blur(padded, taps, np.zeros((rows + 2 * far + 1, cols + 2 * far), np.float32), out)
    return out[far : rows - far, far : cols - far].astype(np.float64)


def _tone(light: Floats) -> Floats:
    return lightness(light[..., 0] if light.shape[-1] == 1 else luminance(light))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least-squares slope and offset; a piece without any contrast keeps its tone."""
    spread = float(x.var())
    slope = float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 1e-9 else 1.0
    return slope, float(y.mean() - slope * x.mean())
