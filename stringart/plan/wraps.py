"""Which way round each pin the thread goes: from the chord that comes and the chord that goes, nothing else.

A taut thread bears on a pin only if it turns towards it. So the pin lies on the inner side of the turn: a right turn
goes round it clockwise (seen from the front, the pin on the thread's right), a left turn counter-clockwise. It comes in
on one side of the pin and leaves on the other. Where the thread does not turn (straight on along an edge, or straight
back), it passes outside, as seen from the middle of the pins.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from stringart.plan.model import Plan

CLOCKWISE, COUNTERCLOCKWISE, TIED = 1, -1, 0
_STRAIGHT = 1e-9  # sine of the turn below which a thread does not turn
Directions = NDArray[np.int8]


def wrap_directions(plan: "Plan") -> tuple[Directions, ...]:
    """Direction of the wrap round every pin of every layer.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of (S + 1,) int8 arrays, one a layer
        Parallel to the layer's ``pins``: +1 clockwise, -1 counter-clockwise, seen from the front; 0 for the first and
        the last pin, where the thread is tied.
    """
    return tuple(directions(plan.pins.xy_mm, layer.pins) for layer in plan.layers)


def directions(xy_mm: ArrayLike, pins: ArrayLike) -> Directions:
    """Direction of the wrap round every pin of one winding.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        Pin centres, numbered clockwise, x right, y up.
    pins : (S + 1,) int array
        Numbers of the pins in the order of winding.

    Returns
    -------
    (S + 1,) int8 array
        As for `wrap_directions`.

    Examples
    --------
    >>> square = [[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]
    >>> directions(square, [3, 0, 1]).tolist()
    [0, 1, 0]
    """
    xy, order = np.asarray(xy_mm, np.float64), np.asarray(pins, np.intp)
    out = np.zeros(len(order), np.int8)
    if len(order) < 3:
        return out
    before, here, after = order[:-2], order[1:-1], order[2:]
    come, go = xy[here] - xy[before], xy[after] - xy[here]
    sine = _cross(come, go)
    scale = np.hypot(*come.T) * np.hypot(*go.T)
    outside = np.where(_cross(come, xy[here] - xy.mean(0)) >= 0, 1.0, -1.0)
    out[1:-1] = np.where(np.abs(sine) > _STRAIGHT * scale, -np.sign(sine), outside)
    return out


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
