"""How high the thread lies, predicted from the winding: on every pin and everywhere across the board.

The physics. A wrap lies on the wraps before it, so n wraps of a thread of diameter d reach n * d / packing above the
first. A thread across the board is taut: it lies on the straight line between its two ends, or on what is beneath it
where that is higher; and it adds its own volume, d * d / cell / packing over a cell as wide as ``cell``. So the top of
the pile over a cell after one more thread is::

    top = max(top + d * d / (cell * packing), height of the taut line there + d)

Pieces grow by their pins: 14 wraps of 0.25 mm are 4 mm, while the volume of 4,000 threads, spread over the board, is
0.3 mm. The tool's tip passes over the top everywhere on its way: by ``wrap_mm`` round a pin, by ``travel_mm`` across
the board. Where pins lean outwards (``slanted``) the thread slides down to the foot: wraps do not climb.

All heights are millimetres above the board's surface.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stringart.machine.profile import Profile
from stringart.plan.model import Array
from stringart.plan.nails import stack_mm

CELL_MM = 5.0
QUANTUM_MM = 0.1
_AROUND = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])


class WrapPile:
    """The thread that lies on the board so far.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        Pin centres in the machine's plane.
    profile : Profile
    """

    def __init__(self, xy_mm: Array, profile: Profile) -> None:
        self._xy, self._rules, self._room = xy_mm, profile.height, profile.clearance
        margin = 4 * CELL_MM
        self._corner = xy_mm.min(0) - margin
        self._shape = tuple(int(v) for v in np.ceil((np.ptp(xy_mm, axis=0) + 2 * margin) / CELL_MM) + 1)
        self._top = np.zeros(self._shape[0] * self._shape[1])
        self._top_beside = self._top.copy()  # over a cell and the eight round it
        self._beside = [int(step) for step in _AROUND @ [self._shape[1], 1]]
        self._innermost = np.array([1, 1]), np.array(self._shape) - 2
        self.stacks_mm = np.full(len(xy_mm), self._rules.first_wrap_mm)
        self._last_line: Array | None = None  # ways are asked for twice
        self._last_cells = np.zeros(0, np.intp)
        self._pin_cells: list[int] = self._cells_at(xy_mm).tolist()

    def _cells(self, line: Array) -> NDArray[np.intp]:
        """Cells along a polyline, one entry for every half cell of way; the last one's are kept."""
        if self._last_line is not None and np.array_equal(line, self._last_line):
            return self._last_cells
        self._last_line, self._last_cells = line, self._new_cells(line)
        return self._last_cells

    def _new_cells(self, line: Array) -> NDArray[np.intp]:
        pieces = []
        for a, b in pairwise(line):
            count = max(int(math.dist(a, b) / (CELL_MM / 2)), 1)
            pieces.append(a + (b - a) * (np.arange(count + 1) / count)[:, None])
        return self._cells_at(pieces[0] if len(pieces) == 1 else np.concatenate(pieces))

    def _cells_at(self, places: Array) -> NDArray[np.intp]:
        grid = ((places - self._corner) / CELL_MM).astype(np.intp)
        np.minimum(np.maximum(grid, self._innermost[0], out=grid), self._innermost[1], out=grid)
        return np.asarray(grid[:, 0] * self._shape[1] + grid[:, 1], np.intp)

    def top_mm(self, line: Array) -> float:
        """Highest thread on or beside a polyline."""
        return float(self._top_beside[self._cells(line)].max())

    @property
    def highest_mm(self) -> float:
        """Highest thread anywhere."""
        return float(self._top.max())

    def near_pin_mm(self, pin: int) -> float:
        """Highest thread round a pin."""
        return float(self._top_beside[self._pin_cells[pin]])

    def wrap(self, pin: int, thread_mm: float, turns: float = 1.0) -> None:
        """One more wrap on a pin, or several turns."""
        if not self._rules.slanted:
            self.stacks_mm[pin] += stack_mm(turns, thread_mm, self._rules.packing)

    def lay(self, pins: Sequence[int], ends_mm: Array, thread_mm: float) -> None:
        """A thread from one pin to the next, straight, between the heights of its ends.

        ``ends_mm`` (S, 2, 2) says in the machine's plane where each of its steps lies.
        """
        for (a, b), ends in zip(pairwise(pins), ends_mm, strict=True):
            if a == b:
                continue
            cells = self._cells(ends)
            line = np.linspace(self.stacks_mm[a], self.stacks_mm[b], len(cells)) + thread_mm
            first = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))  # a line comes to no cell twice
            share = thread_mm * thread_mm / (CELL_MM * self._rules.packing)
            cells = cells[first]
            self._top[cells] = tops = np.maximum(self._top[cells] + share, line[first])
            for step in self._beside:
                beside = cells + step
                self._top_beside[beside] = np.maximum(self._top_beside[beside], tops)

    def wrap_height_mm(self, pins: Sequence[int], count: int) -> float:
        """Of the tip round pins: over their wraps, their neighbours' and the threads that leave them."""
        top = float(max(self.stacks_mm[(p + s) % count] for p in pins for s in (-1, 0, 1)))
        if not self._rules.slanted:
            top = max(top, *(self.near_pin_mm(p) for p in pins))
        return _up(top + self._room.wrap_mm)

    def travel_height_mm(self, line: Array) -> float:
        """Of the tip on its way across the board: over all threads there."""
        return _up(max(self.top_mm(line), self._rules.first_wrap_mm) + self._room.travel_mm)


def _up(height_mm: float) -> float:
    """To the next tenth, so that the axis does not move for nothing."""
    return math.ceil(height_mm / QUANTUM_MM - 1e-9) * QUANTUM_MM
