"""A piece in three dimensions: how high every thread lies, its nails, and all of it as strands to lay a picture of.

Heights are millimetres above the board's face, by the rule that the nails are bought by (`plan.nails`): every wrap lies
on the wraps before it, and a thread across the board is straight between the wraps at its ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.picture.light import linear_color
from stringart.plan.model import Plan
from stringart.plan.nails import FIRST_WRAP_MM, LOOSE_PACKING, TIGHT_PACKING, nails_of

Floats = NDArray[np.float64]
HEAD = 1.5  # diameter of a nail's head, of its shaft's
_PACKING = (TIGHT_PACKING + LOOSE_PACKING) / 2
_STEEL = (0.42, 0.41, 0.39)
_BLACKEST, _WHITEST = 0.018, 0.86  # dyed cotton is neither black nor white
_UNEVEN = 0.1  # how much lighter one stretch of thread is than another


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strands:
    """Round straight things in the order in which one lies on the other.

    Parameters
    ----------
    ends_mm : (S, 2, 3) float array
        x, y and height of both ends.
    radius_mm : (S,) float array
    looks : (S, 6) float32 array
        As ``_kernels.lay_strands`` takes them.
    """

    ends_mm: Floats
    radius_mm: Floats
    looks: NDArray[np.float32]

    @classmethod
    def joined(cls, *parts: "Strands") -> "Strands":
        """All of these, one after the other."""
        return cls(
            ends_mm=np.concatenate([part.ends_mm for part in parts]),
            radius_mm=np.concatenate([part.radius_mm for part in parts]),
            looks=np.concatenate([part.looks for part in parts]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """What stands and lies on the board.

    Parameters
    ----------
    shafts, threads, collars, tips : Strands
        Nails, the threads in winding order, the wraps on each nail, and what of each nail stands above its wraps.
    heads_mm : (N, 3) float array
        Middle of every nail's head.
    head_mm : float
        Its radius.
    """

    shafts: Strands
    threads: Strands
    collars: Strands
    tips: Strands
    heads_mm: Floats
    head_mm: float


def wrap_heights_mm(plan: Plan) -> tuple[Floats, ...]:
    """How high every wrap of every layer lies, (S + 1,) a layer, parallel to its pins.

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> pins = Pins(diameter_mm=2, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
    >>> black = Thread(name="black", color="#000000", diameter_mm=0.4)
    >>> plan = Plan(board=Board(), pins=pins, threads=(black,), layers=(Layer(thread=0, pins=[0, 2, 0, 1]),))
    >>> wrap_heights_mm(plan)[0].round(2).tolist()  # pin 0 carries two wraps: the second lies on the first
    [2.25, 2.25, 2.75, 2.25]
    """
    layers = plan.layers
    if not layers:
        return ()
    pins = np.concatenate([layer.pins for layer in layers])
    own_mm = np.repeat([plan.threads[layer.thread].diameter_mm for layer in layers], [len(x.pins) for x in layers])
    by_pin = np.argsort(pins, kind="stable")
    sums = np.cumsum(own_mm[by_pin])
    first = np.flatnonzero(np.diff(pins[by_pin], prepend=-1))
    before = np.repeat(sums[first] - own_mm[by_pin][first], np.diff(first, append=len(pins)))
    heights = np.empty(len(pins))
    heights[by_pin] = FIRST_WRAP_MM + (sums - before - own_mm[by_pin] / 2) / _PACKING
    return tuple(np.split(heights, np.cumsum([len(layer.pins) for layer in layers])[:-1]))


def solid_of(plan: Plan) -> Solid:
    """Return the piece in three dimensions; the same plan gives the same on every run."""
    nails, xy = nails_of(plan), plan.pins.xy_mm
    heights = wrap_heights_mm(plan)
    above = np.full(len(xy), nails.above_mm)
    top = np.full(len(xy), FIRST_WRAP_MM)
    for layer, high in zip(plan.layers, heights, strict=True):
        np.maximum.at(top, layer.pins, high)
    return Solid(
        shafts=_upright(xy, np.zeros(len(xy)), above, plan.pins.diameter_mm / 2, _STEEL, 0.55),
        threads=_threads(plan, heights),
        collars=_collars(plan, heights),
        tips=_upright(xy, top, above, plan.pins.diameter_mm / 2, _STEEL, 0.55),
        heads_mm=np.column_stack([xy, above]),
        head_mm=plan.pins.diameter_mm * HEAD / 2,
    )


def _upright(
    xy: Floats, low: Floats, high: Floats, radius_mm: float, color: tuple[float, ...], gloss: float
) -> Strands:
    ends = np.stack([np.column_stack([xy, low]), np.column_stack([xy, high])], 1)
    looks = np.tile(np.array([*color, gloss, 0.0, 0.0], np.float32), (len(xy), 1))
    return Strands(ends_mm=ends, radius_mm=np.full(len(xy), radius_mm), looks=looks)


def _albedo(code: str) -> Floats:
    return np.asarray(_BLACKEST + (_WHITEST - _BLACKEST) * linear_color(code))


def _threads(plan: Plan, heights: tuple[Floats, ...]) -> Strands:
    of_step = np.array([layer.thread for layer in plan.layers], np.intp)[plan.steps[:, 0]]
    pairs = [np.column_stack([high[:-1], high[1:]]) for high in heights if len(high) > 1]
    z = np.concatenate(pairs) if pairs else np.empty((0, 2))
    rng = np.random.default_rng(0)
    uneven = 1 + _UNEVEN * (rng.random((len(of_step), 1)) - 0.5)
    albedo = np.array([_albedo(thread.color) for thread in plan.threads]).reshape(-1, 3)[of_step] * uneven
    rest = np.column_stack([np.full(len(of_step), 0.05), np.full(len(of_step), 0.17), rng.random(len(of_step))])
    return Strands(
        ends_mm=np.concatenate([plan.step_ends_mm, z[..., None]], -1),
        radius_mm=np.array([thread.diameter_mm / 2 for thread in plan.threads])[of_step],
        looks=np.column_stack([albedo, rest]).astype(np.float32),
    )


def _collars(plan: Plan, heights: tuple[Floats, ...]) -> Strands:
    """Return the wraps of every layer on every pin: from the lowest of them to the highest."""
    parts = [_upright(np.empty((0, 2)), np.empty(0), np.empty(0), 0.0, _STEEL, 0.0)]
    for layer, high in zip(plan.layers, heights, strict=True):
        thread, pins = plan.threads[layer.thread], np.unique(layer.pins)
        low, top = np.full(len(plan.pins), np.inf), np.zeros(len(plan.pins))
        np.minimum.at(low, layer.pins, high)
        np.maximum.at(top, layer.pins, high)
        half = thread.diameter_mm / 2
        radius_mm = plan.pins.diameter_mm / 2 + thread.diameter_mm
        color = tuple(_albedo(thread.color) * 0.9)
        parts.append(_upright(plan.pins.xy_mm[pins], low[pins] - half, top[pins] + half, radius_mm, color, 0.03))
    return Strands.joined(*parts)
