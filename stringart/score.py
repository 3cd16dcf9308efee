"""How close a finished piece comes to its photo, seen by an eye at viewing distance.

Painted piece and photo are blurred in linear light by 2/512 and 4/512 of the board's larger side, about what an eye
blurs from three and six metres, and compared inside the ring of pins. ``ssim``: structural similarity of L* (Wang et
al. 2004). ``ssim_fit``: after the best straight line through the tones, so that low contrast with the right drawing is
not punished. ``rmse_lightness``: RMS difference of L*. ``delta_e``: mean CIEDE2000.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart.light import lightness, luminance
from stringart.model import Plan
from stringart.paint import paint, supersampling
from stringart.photo import Photo, crop_to_board, resample

WIDTH_PX = 512
BLURS_PX = (2, 4)
_RIM = 0.97

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Closeness at one blur.

    Parameters
    ----------
    blur_px : int
        Of 512 across the board's larger side.
    ssim, ssim_fit : float
        0..1, higher is better.
    rmse_lightness : float
        0..100, lower is better.
    delta_e : float
        Mean CIEDE2000, lower is better.
    """

    blur_px: int
    ssim: float
    ssim_fit: float
    rmse_lightness: float
    delta_e: float


def score(plan: Plan, photo: Photo, gray: bool | None = None) -> tuple[Score, ...]:
    """Compare the finished piece with its photo.

    Parameters
    ----------
    plan : Plan
    photo : Photo
        Cropped as the plan says; the largest centred part if it does not.
    gray : bool, optional
        Compare lightness only; by default for plans of one thread.

    Returns
    -------
    tuple of Score
        One for each of the two blurs.
    """
    gray = len(plan.threads) == 1 if gray is None else gray
    piece = _piece(plan)
    crop = plan.photo.crop_px if plan.photo else crop_to_board(photo, plan.board)
    wanted = resample(photo, crop, (piece.shape[0], piece.shape[1]))
    if gray:
        piece, wanted = luminance(piece)[..., None], luminance(wanted)[..., None]
    inside = _inside(plan, (piece.shape[0], piece.shape[1]))
    return tuple(_compare(piece, wanted, inside, blur_px) for blur_px in BLURS_PX)


def _piece(plan: Plan) -> NDArray[np.float32]:
    """The finished piece, 512 px along its larger side, each the mean of at least 8 x 8 painted ones.

    Painted twice as large first: what a preview is, so that a design paints once for both.
    """
    from skimage.transform import resize_local_mean

    scale = WIDTH_PX / max(plan.board.width_mm, plan.board.height_mm)
    width_px = max(round(scale * plan.board.width_mm), 1)
    double = paint(plan, 2 * width_px, max(4, supersampling(plan, 2 * width_px)))
    shape = (max(round(scale * plan.board.height_mm), 1), width_px, 3)
    return np.asarray(resize_local_mean(double, shape))  # type: ignore[no-untyped-call]


def _inside(plan: Plan, shape: tuple[int, int]) -> NDArray[np.bool_]:
    board, image = plan.board, Image.new("1", (shape[1], shape[0]))
    scale = shape[1] / board.width_mm
    ring = plan.pins.xy_mm * _RIM
    points = [((x + board.width_mm / 2) * scale, (board.height_mm / 2 - y) * scale) for x, y in ring]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.array(image)


def _compare(piece: Floats, wanted: Floats, inside: NDArray[np.bool_], blur_px: int) -> Score:
    """Compare linear light (rows, cols, 1 or 3)."""
    from scipy.ndimage import gaussian_filter

    seen, target = (gaussian_filter(picture, (blur_px, blur_px, 0), output=np.float64) for picture in (piece, wanted))
    tone, goal = (lightness(light[..., 0] if light.shape[-1] == 1 else luminance(light)) for light in (seen, target))
    slope, offset = _line(tone[inside], goal[inside])
    return Score(
        blur_px=blur_px,
        ssim=_ssim(tone, goal, inside, 1.5 * blur_px),
        ssim_fit=_ssim(slope * tone + offset, goal, inside, 1.5 * blur_px),
        rmse_lightness=float(np.sqrt(((tone - goal)[inside] ** 2).mean())),
        delta_e=_delta_e(seen[inside], target[inside]),
    )


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least-squares slope and offset; a piece without any contrast keeps its tone."""
    spread = float(x.var())
    slope = float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 1e-9 else 1.0
    return slope, float(y.mean() - slope * x.mean())


def _ssim(a: Floats, b: Floats, inside: NDArray[np.bool_], window_px: float) -> float:
    from skimage.metrics import structural_similarity

    _, local = structural_similarity(  # type: ignore[no-untyped-call]
        a, b, data_range=100, gaussian_weights=True, sigma=window_px, use_sample_covariance=False, full=True
    )
    return float(local[inside].mean())


def _delta_e(seen: Floats, target: Floats) -> float:
    """Mean CIEDE2000 of linear light (points, 1 or 3)."""
    from skimage.color import deltaE_ciede2000, xyz2lab
    from skimage.color.colorconv import xyz_from_rgb

    to_xyz = xyz_from_rgb.T.astype(np.float32)
    labs = (xyz2lab(np.broadcast_to(light, (len(light), 3)).astype(np.float32) @ to_xyz) for light in (seen, target))
    return float(deltaE_ciede2000(*labs).mean())  # type: ignore[no-untyped-call]
