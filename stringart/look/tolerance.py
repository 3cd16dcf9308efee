"""The piece as people wind it: pins a little off their place, and now and then a pin that the thread missed."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from stringart.errors import UnitError
from stringart.look.paint import paint
from stringart.picture.light import lightness, luminance
from stringart.plan.model import Layer, Pins, Plan

_COMPARED_PX = 512
_BLUR_PX = 4.0  # of an eye at viewing distance, in those pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What goes wrong.

    Parameters
    ----------
    pin_error_mm : float
        Standard deviation of a pin's place, along x and along y.
    missed : float
        Share of the wraps that are missed, 0 to below 1: the thread goes on from the pin before.
    """

    pin_error_mm: float = 0.0
    missed: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.pin_error_mm < 1e6:
            raise UnitError(f"a pin error of {self.pin_error_mm:g} mm is not a length", "write it as in 0.5mm")
        if not 0 <= self.missed < 1:
            raise UnitError(f"a share of {self.missed:.3g} missed wraps is outside 0 to below 1", "write it as in 1%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """A plan with its errors, and their count.

    Parameters
    ----------
    plan : Plan
        What would be wound.
    missed : int
        Wraps left out.
    wraps : int
        Wraps that could be missed: all but the first and the last of a layer, where the thread is tied.
    mean_pin_error_mm : float
        Mean distance of the pins from their places.
    """

    plan: Plan
    missed: int
    wraps: int
    mean_pin_error_mm: float


def with_errors(plan: Plan, errors: Errors, rng: np.random.Generator) -> Mistakes:
    """Make the errors of a person.

    Parameters
    ----------
    plan : Plan
    errors : Errors
    rng : numpy.random.Generator
        The same state makes the same mistakes.

    Returns
    -------
    Mistakes
    """
    off_mm = rng.normal(0.0, 1.0, plan.pins.xy_mm.shape) * errors.pin_error_mm
    pins = Pins(diameter_mm=plan.pins.diameter_mm, xy_mm=plan.pins.xy_mm + off_mm)
    kept = [_kept(layer, errors.missed, rng) for layer in plan.layers]
    layers = tuple(replace(layer, pins=_wound(layer.pins[keep])) for layer, keep in zip(plan.layers, kept, strict=True))
    return Mistakes(
        plan=replace(plan, pins=pins, layers=layers),
        missed=sum(int((~keep).sum()) for keep in kept),
        wraps=sum(max(len(layer.pins) - 2, 0) for layer in plan.layers),
        mean_pin_error_mm=float(np.hypot(*off_mm.T).mean()),
    )


def _kept(layer: Layer, missed: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    keep = rng.random(len(layer.pins)) >= missed
    keep[:1] = keep[-1:] = True
    return keep


def _wound(pins: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pins in turn, without going from a pin to itself where the one between was missed."""
    return np.asarray(pins[np.concatenate([[True], pins[1:] != pins[:-1]])] if len(pins) else pins)


def seen_difference(plan: Plan, other: Plan) -> float:
    """How far two pieces are apart for an eye at viewing distance.

    Parameters
    ----------
    plan, other : Plan
        On boards of one size.

    Returns
    -------
    float
        Root of the mean squared difference in L* (0..100) after the blur of the distance.
    """
    first, second = _seen(plan), _seen(other)
    return float(np.sqrt(np.mean((first - second) ** 2)))


def _seen(plan: Plan) -> NDArray[np.float64]:
    board = plan.board
    width_px = max(round(_COMPARED_PX * board.width_mm / max(board.width_mm, board.height_mm)), 1)
    light = luminance(paint(plan, width_px))
    return np.asarray(lightness(gaussian_filter(light, _BLUR_PX)), np.float64)
