"""The fit of a photo of the wound card: the thread's width and colour, and the pins and shadows along with them.

The dense cells say the thread's colour, the sparse ones its width, and where the threads cross each other says how far
beside the pins they run. Shadows darken the ground like wider threads, but aside of them: width, pins and shadows are
fitted together by least squares, first coarsely from many starts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from stringart.calibration.cells import read_cells
from stringart.calibration.forward import Forward, Match, Shape
from stringart.errors import PhotoError
from stringart.picture.light import to_bytes
from stringart.plan.model import Plan

_COARSE_PX_PER_MM, _FINE_PX_PER_MM = 4.0, 6.0
_THINNEST_MM, _WIDEST_MM = 0.05, 1.2
_PINS_MM = np.arange(0.6, 4.05, 0.1)
_REACHES_MM, _TURNS = (0.3, 0.8, 1.6), 6
_WORST_RMS, _HOPELESS = 0.005, 4
_BETTER = 0.95  # of the squares without shadows: what a fit with shadows must come below to be believed
_DARKEST = 0.8
_CAST, _BLACKEST = 0.006, 0.004  # linear light
_TOGETHER = 6.0  # cells overlap, channels see the same light: so many of them say one thing
_ALWAYS = 0.01  # of the width: marks, camera and JPEG
_SHADED = 0.1  # of the width, for light that is all shadow: threads lie at more heights than one
_COVER = 1.645  # standard errors that cover the truth in 9 of 10 tries
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a photo of the card says.

    Parameters
    ----------
    diameter_mm : float
        Effective width of the laid thread.
    error_mm : float
        The true width is within this of it in 9 of 10 photos.
    color : str
        sRGB ``#rrggbb`` of the thread against white paper.
    rms : float
        Root mean square of what the model does not explain, as a share of the paper's light.
    pin_mm : float
        Diameter of the pins round which the thread runs.
    shadow : float
        Share of the light that casts shadows.
    """

    diameter_mm: float
    error_mm: float
    color: str
    rms: float
    pin_mm: float
    shadow: float


def fit_card(linear: NDArray[np.float32], card: Plan, corners_px: Array) -> Fit:
    """Fit the width and the colour of the thread to a photo of the wound card.

    Parameters
    ----------
    linear : (rows, cols, 3) float array
        The photo in linear light.
    card : Plan
        As it was made by `card.card_plan`.
    corners_px : (4, 2) float array
        Column and row of the corner marks' centres, clockwise from the left upper one.

    Raises
    ------
    PhotoError
        If the photo is too small, overexposed, shows too little contrast, or does not look like the card.
    """
    cells = read_cells(linear, card, corners_px)
    coarse = Forward(card, cells, _COARSE_PX_PER_MM)
    shape = _roughly(coarse, card.pins.diameter_mm)
    _check_contrast(coarse.match(shape))
    _check_likeness(coarse.match(shape), _HOPELESS * _WORST_RMS)  # before time is spent on the last digits
    fine = Forward(card, cells, _FINE_PX_PER_MM)
    found, error = _shaded_or_plain(coarse, fine, shape)
    best = fine.match(found)
    _check(best, found)
    return Fit(
        diameter_mm=found.thread_mm,
        error_mm=_COVER * math.hypot(error, _ALWAYS * found.thread_mm, _SHADED * found.dark * found.thread_mm),
        color=_code(_believed(best.thread)),
        rms=best.rms,
        pin_mm=found.pin_mm,
        shadow=found.dark,
    )


# --- the search for the best shape ---


def _roughly(forward: Forward, pin_mm: float) -> Shape:
    """A width and a pin near the best: each scanned in turn with the other held."""
    shape, widths, pins = Shape(thread_mm=0.3, pin_mm=pin_mm), np.geomspace(_THINNEST_MM, _WIDEST_MM, 16), _PINS_MM
    for _ in range(2):
        shape = _least(forward, [replace(shape, thread_mm=float(width)) for width in widths])
        shape = _least(forward, [replace(shape, pin_mm=float(pin)) for pin in pins])
        widths = shape.thread_mm * np.geomspace(1 / 1.25, 1.25, 9)
        pins = shape.pin_mm + np.linspace(-0.15, 0.15, 7)
    return shape


def _least(forward: Forward, shapes: list[Shape]) -> Shape:
    return min(shapes, key=lambda shape: _squares(forward, shape))


def _squares(forward: Forward, shape: Shape) -> float:
    return float(np.square(forward.match(shape).misfit).sum())


def _refined(forward: Forward, shape: Shape) -> tuple[Shape, float]:
    """The best width and pin beside ``shape``, and the width's standard error."""

    def at(x: Array) -> Shape:
        return replace(shape, thread_mm=math.exp(x[0]), pin_mm=float(x[1]))

    low, high = [math.log(_THINNEST_MM), 0.3], [math.log(_WIDEST_MM), 4.5]
    return _minimised(forward, at, [math.log(shape.thread_mm), shape.pin_mm], (low, high))


def _shaded_or_plain(coarse: Forward, fine: Forward, shape: Shape) -> tuple[Shape, float]:
    """The best shape, with a shadow where that explains clearly more, and the width's standard error.

    A shadow too faint to tell from none still widens the thread: by how much is part of the error.
    """
    plain, error = _refined(fine, shape)
    start, left = _first_shadow(coarse, plain)
    if left < _BETTER:
        shaded = _refined_with_shadow(coarse, fine, start)
        if _squares(fine, shaded[0]) < _BETTER * _squares(fine, plain):
            return shaded
    return plain, math.hypot(error, start.thread_mm - plain.thread_mm)


def _refined_with_shadow(coarse: Forward, fine: Forward, start: Shape) -> tuple[Shape, float]:
    """The best shape with a shadow, and the width's standard error."""

    def at(x: Array) -> Shape:
        return Shape(
            thread_mm=math.exp(x[0]), pin_mm=float(x[1]), dark=float(x[2]),
            aside_mm=(float(x[3]), float(x[4])), soft_mm=math.exp(x[5]),
        )  # fmt: skip

    first = [math.log(start.thread_mm), start.pin_mm, start.dark, *start.aside_mm, math.log(start.soft_mm)]
    low = [math.log(_THINNEST_MM), 0.3, 0.0, -4.0, -4.0, math.log(0.05)]
    high = [math.log(_WIDEST_MM), 4.5, _DARKEST, 4.0, 4.0, math.log(2.0)]
    nearby, _ = _minimised(coarse, at, first, (low, high))
    again = [math.log(nearby.thread_mm), nearby.pin_mm, nearby.dark, *nearby.aside_mm, math.log(nearby.soft_mm)]
    return _minimised(fine, at, again, (low, high), most_rounds=5)


def _first_shadow(forward: Forward, shape: Shape) -> tuple[Shape, float]:
    """The shadow whose first trace explains most of what the plain shape leaves, of many places where it could fall.

    Also the share of the squares that it leaves; 1 where none explains anything.
    """
    step = 0.02
    left = forward.match(shape).misfit
    wider = forward.match(replace(shape, thread_mm=shape.thread_mm * (1 + step))).misfit
    thicker = forward.match(replace(shape, pin_mm=shape.pin_mm + step)).misfit
    own = [(wider - left) / step, (thicker - left) / step]
    best, all_left = shape, float(left @ left)
    least = all_left
    for reach in _REACHES_MM:
        for turn in np.arange(_TURNS) * math.tau / _TURNS:
            aside = (reach * math.cos(turn), reach * math.sin(turn))
            tried = replace(shape, dark=0.1, aside_mm=aside, soft_mm=0.1 + 0.2 * reach)
            rows = np.column_stack([*own, (forward.match(tried).misfit - left) / 0.1])
            move = np.linalg.lstsq(rows, -left, rcond=None)[0]
            rest = left + rows @ move
            if move[2] > 0 and rest @ rest < least:
                thread_mm = shape.thread_mm * math.exp(float(np.clip(move[0], -0.5, 0.5)))
                dark = float(np.clip(move[2], 0.02, 0.9 * _DARKEST))
                best, least = replace(tried, thread_mm=thread_mm, dark=dark), float(rest @ rest)
    return best, least / all_left


def _minimised(
    forward: Forward,
    at: Callable[[Array], Shape],
    first: list[float],
    bounds: tuple[list[float], list[float]],
    most_rounds: int = 12,
) -> tuple[Shape, float]:
    """The shape of least squares, and the standard error of its width, whose logarithm is the first unknown."""
    found = optimize.least_squares(
        lambda x: forward.match(at(x)).misfit,
        np.clip(first, bounds[0], bounds[1]),
        bounds=bounds,
        x_scale=[0.1, 0.1, 0.2, 0.5, 0.5, 0.5][: len(first)],
        diff_step=2e-3,
        xtol=5e-4,
        ftol=1e-4,
        max_nfev=most_rounds,
    )
    shape = at(found.x)
    variance = _TOGETHER * 2 * found.cost / max(len(found.fun) - len(first), 1)
    return shape, shape.thread_mm * math.sqrt(variance * float(np.linalg.pinv(found.jac.T @ found.jac)[0, 0]))


# --- what cannot be believed ---


def _check_contrast(match: Match) -> None:
    contrast = float(np.abs(match.ground - match.thread).max())
    if contrast < 0.03:
        raise PhotoError(
            f"the thread differs from the card by {contrast:.1%} of white: too little to measure",
            "print the card with a ground that differs, as in --board black",
        )


def _check(match: Match, shape: Shape) -> None:
    """Say why a fit cannot be believed."""
    _check_contrast(match)
    _check_likeness(match, _WORST_RMS)
    if not _THINNEST_MM * 1.05 < shape.thread_mm < _WIDEST_MM * 0.95:
        raise PhotoError(
            f"the fit ends at a width of {shape.thread_mm:.2f} mm, the edge of what is possible",
            "is it the card of this photo? Photograph it from the front, in even light",
        )


def _check_likeness(match: Match, most: float) -> None:
    if match.rms > most:
        raise PhotoError(
            f"the photo does not look like the card: {match.rms:.1%} of its light is unexplained, more than "
            f"{_WORST_RMS:.1%}",
            "check that it is this card, wound as its plan says, the right way up, whole and sharp, in light without "
            "hard shadows; or give --corners",
        )


def _believed(thread: Array) -> Array:
    """The thread's light without a cast that is no larger than what JPEG leaves of a thin thread's colour.

    A black one would be blue or red by it. Green is measured best; and no thread is blacker than `_BLACKEST`.
    """
    cast = thread - thread[1]
    return np.asarray(np.clip(thread[1] + cast * cast**2 / (cast**2 + _CAST**2), _BLACKEST, 1), np.float64)


def _code(linear: Array) -> str:
    red, green, blue = (int(value) for value in to_bytes(linear))
    return f"#{red:02x}{green:02x}{blue:02x}"
