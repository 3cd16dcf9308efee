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

from stringart.arguments import instance
from stringart.interrupts import whole_interrupts
from stringart.look.paint import Painting, supersampling
from stringart.picture.light import lightness, luminance
from stringart.picture.photo import Photo, Source, crop_to_board, load_photo, resample
from stringart.plan.model import Plan

WIDTH_PX = 512
BLURS_PX = (2, 4)
_RIM = 0.97

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
    width_px : int
        Of the board's larger side in these.
    """

    def __init__(
        self, blur_px: int, piece: Floats, wanted: Floats, inside: NDArray[np.bool_], width_px: int = WIDTH_PX
    ) -> None:
        self.blur_px, self._inside, self._sigma = blur_px, inside, blur_px * width_px / WIDTH_PX
        self._seen, self._target = _blurred(piece, self._sigma), _blurred(wanted, self._sigma)
        self._tone, self._goal = _tone(self._seen), _tone(self._target)

    @cached_property
    def ssim(self) -> float:
        """0..1, higher is better."""
        return self._ssim(self._tone)

    @cached_property
    def ssim_fit(self) -> float:
        """0..1, higher is better; after the best straight line through the tones, and never below `ssim`."""
        slope, offset = _line(self._tone[self._inside], self._goal[self._inside])
        return max(self._ssim(slope * self._tone + offset), self.ssim)

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

    def _ssim(self, tone: Floats) -> float:
        from skimage.metrics import structural_similarity

        _, local = structural_similarity(  # type: ignore[no-untyped-call]
            tone,
            self._goal,
            data_range=100,
            gaussian_weights=True,
            sigma=1.5 * self._sigma,
            use_sample_covariance=False,
            full=True,
        )
        return float(local[self._inside].mean())

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


def score_of(
    painting: Painting, photo: Photo | Source, gray: bool | None = None, width_px: int = WIDTH_PX
) -> tuple[Score, ...]:
    """Compare a finished piece, which may be painted already, with its photo; as `score`.

    A smaller ``width_px`` is quicker and coarser; the eye stays where it is.
    """
    plan = painting.plan
    photo = photo if isinstance(photo, Photo) else load_photo(photo, plan.board.color)
    gray = len(plan.threads) == 1 if gray is None else gray
    piece = _piece(painting, width_px)
    crop = plan.photo.crop_px if plan.photo else crop_to_board(photo, plan.board)
    wanted = resample(photo, crop, (piece.shape[0], piece.shape[1]))
    if gray:
        piece, wanted = luminance(piece)[..., None], luminance(wanted)[..., None]
    inside = _inside(plan, (piece.shape[0], piece.shape[1]), width_px)
    return tuple(Score(blur_px, piece, wanted, inside, width_px) for blur_px in BLURS_PX)


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


def _piece(painting: Painting, width_px: int) -> NDArray[np.float32]:
    """The finished piece, so wide along its larger side; of 512 px, each is the mean of at least 8 x 8 painted ones.

    Painted twice as large first: what a preview is, so that a design paints once for both.
    """
    plan = painting.plan
    scale = width_px / max(plan.board.width_mm, plan.board.height_mm)
    cols = max(round(scale * plan.board.width_mm), 1)
    rows = max(round(scale * plan.board.height_mm), 1)
    least = 4 if width_px == WIDTH_PX else 2
    double = painting.at((2 * rows, 2 * cols), 2 * scale, max(least, supersampling(plan, 2 * cols)))
    return np.asarray(double.reshape(rows, 2, cols, 2, 3).mean((1, 3), dtype=np.float32))


def _inside(plan: Plan, shape: tuple[int, int], width_px: int) -> NDArray[np.bool_]:
    board, image = plan.board, Image.new("1", (shape[1], shape[0]))
    scale, middle = width_px / max(board.width_mm, board.height_mm), np.array([shape[1], shape[0]]) / 2
    ring = (plan.pins.xy_mm * [1, -1] + [board.width_mm / 2, board.height_mm / 2]) * scale
    points = [(x, y) for x, y in (middle + (ring - middle) * _RIM).tolist()]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.array(image)


def _blurred(light: Floats, blur_px: float) -> Floats:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(light, (blur_px, blur_px, 0), output=np.float64))


def _tone(light: Floats) -> Floats:
    return lightness(light[..., 0] if light.shape[-1] == 1 else luminance(light))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least-squares slope and offset; a piece without any contrast keeps its tone."""
    spread = float(x.var())
    slope = float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 1e-9 else 1.0
    return slope, float(y.mean() - slope * x.mean())
