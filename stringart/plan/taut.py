"""Where a taut thread lies: on the tangents of the pins that it bends round.

The thread's middle line touches a circle of half a pin and half a thread round every pin's centre. With a pin on the
thread's right (a clockwise wrap) the line passes on the left of the centre, with a pin on its left on the right, and
at a knot, where the thread is tied, through the centre. A step from centre ``a`` to centre ``b``, which lie ``length``
apart, with offsets ``r_a`` and ``r_b`` to the left of the line (negative: to its right), runs along the direction
``u`` that solves::

    (b - a) . n = r_a - r_b,    n = the left normal of u

that is the direction of ``b - a``, turned left by the angle whose sine is (r_b - r_a) / length: the outer tangent
where both pins are on one side, the inner one where they are not.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stringart.plan.wraps import directions

Ends = NDArray[np.float64]


def pin_reach_mm(pin_mm: float, thread_mm: float) -> float:
    """Distance of a thread's middle line from the centre of a pin that it bends round: half of both diameters."""
    return (pin_mm + thread_mm) / 2


def step_ends(xy_mm: ArrayLike, pins: ArrayLike, reach_mm: float, ways: ArrayLike | None = None) -> Ends:
    """Where each step of one winding begins and ends.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        Pin centres, x right, y up.
    pins : (S + 1,) int array
        Numbers of the pins in the order of winding.
    reach_mm : float
        As `pin_reach_mm` gives it; 0 for a thread from centre to centre.
    ways : (S + 1,) int array, optional
        Direction of the wrap round each of ``pins``, without unit: +1 clockwise, -1 counter-clockwise, 0 tied; what a
        taut thread does (`wraps.directions`) by default.

    Returns
    -------
    (S, 2, 2) float64 array
        For every step the (x, y) in mm where it leaves one pin and where it comes to the next.

    Examples
    --------
    >>> square = [[0.0, 10.0], [10.0, 0.0], [0.0, -10.0], [-10.0, 0.0]]
    >>> step_ends(square, [0, 2], 1.0).tolist()
    [[[0.0, 10.0], [0.0, -10.0]]]
    >>> step_ends(square, [3, 0, 2, 1], 1.0)[1].round(3).tolist()  # over pin 0 to the right, round pin 2 from the left
    [[0.995, 9.9], [-0.995, -9.9]]
    """
    xy, order = np.asarray(xy_mm, np.float64), np.asarray(pins, np.intp)
    sides = np.asarray(directions(xy, order) if ways is None else ways, np.float64) * reach_mm
    return tangents(xy[order[:-1]], xy[order[1:]], sides[:-1], sides[1:])


def tangents(a_mm: ArrayLike, b_mm: ArrayLike, left_a_mm: ArrayLike, left_b_mm: ArrayLike) -> Ends:
    """Ends of the lines that pass the points ``a`` and ``b`` at given distances.

    Parameters
    ----------
    a_mm, b_mm : (S, 2) float array
        Pin centres.
    left_a_mm, left_b_mm : (S,) float array
        How far to the left of the centre the line passes; negative: to the right, which is where a counter-clockwise
        wrap puts it.

    Returns
    -------
    (S, 2, 2) float64 array
        The feet of ``a`` and ``b`` on their line. Where circles on different sides overlap there is no inner tangent:
        the line then stands across.
    """
    a, b = np.asarray(a_mm, np.float64), np.asarray(b_mm, np.float64)
    left_a, left_b = np.asarray(left_a_mm, np.float64), np.asarray(left_b_mm, np.float64)
    along = b - a
    length = np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-9)
    tilt = np.clip((left_b - left_a) / length, -1, 1)
    straight, across = np.sqrt(1 - tilt**2), along / length[..., None]
    normal = np.stack(
        [-(across[..., 0] * tilt + across[..., 1] * straight), across[..., 0] * straight - across[..., 1] * tilt], -1
    )
    return np.stack([a + normal * left_a[..., None], b + normal * left_b[..., None]], -2)
