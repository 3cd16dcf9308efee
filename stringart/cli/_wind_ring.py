"""A small picture of the ring with the present step, in half blocks: two pixels in every character."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from stringart.plan.steps import Instruction

Grid = NDArray[np.bool_]
_BLOCKS = (" ", "▄", "▀", "█")  # neither, the lower, the upper, both


def ring_picture(xy_mm: NDArray[np.float64], step: Instruction | None, rows: int) -> list[list[tuple[str, str]]]:
    """Lines of spans, each ``2 * rows`` characters wide: the ring dim, the chord or the walk and its end bright.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        The pins.
    step : Instruction, optional
    rows : int
        Lines of text; a character is taken to be twice as high as wide.
    """
    side = 2 * rows
    low, high = xy_mm.min(0), xy_mm.max(0)
    scale = (side - 1) / max(float((high - low).max()), 1e-9)
    points = ((xy_mm - (low + high) / 2) * [scale, -scale] + (side - 1) / 2).round(3)
    ring, now = np.zeros((side, side), bool), np.zeros((side, side), bool)
    for a, b in pairwise([*points, points[0]]):
        _line(ring, a, b)
    if step is not None:
        for a, b in pairwise(pins_of(step, len(points))):
            _line(now, points[a], points[b])
        _dot(now, points[step.to_pin])
    return [_spans(ring[k : k + 2], now[k : k + 2]) for k in range(0, side, 2)]


def pins_of(step: Instruction, count: int) -> Sequence[int]:
    """Pins that a step passes, its two ends or those of its walk along the rim."""
    if not step.walk:
        return step.from_pin, step.to_pin
    way = 1 if step.walk > 0 else -1
    return [(step.from_pin + way * k) % count for k in range(abs(step.walk) + 1)]


def _line(grid: Grid, a: NDArray[np.float64], b: NDArray[np.float64]) -> None:
    count = int(np.abs(b - a).max() * 2) + 2
    places = np.rint(np.linspace(a, b, count)).astype(int)
    grid[places[:, 1], places[:, 0]] = True


def _dot(grid: Grid, at: NDArray[np.float64]) -> None:
    col, row = (int(v) for v in np.rint(at))
    grid[max(row - 1, 0) : row + 2, max(col - 1, 0) : col + 2] = True


def _spans(ring: Grid, now: Grid) -> list[tuple[str, str]]:
    """One line of text: where the step is, only the step is drawn."""
    bright = [bool(column.any()) for column in now.T]
    upper, lower = np.where(now.any(0), now, ring).tolist()
    chars = [
        (_BLOCKS[2 * up + down], "warn" if lit else "dim") for up, down, lit in zip(upper, lower, bright, strict=True)
    ]
    return [("".join(char for char, _ in run), style) for style, run in groupby(chars, key=lambda char: char[1])]
