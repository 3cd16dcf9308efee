"""One continuous thread through all chords: an Eulerian trail over the pins.

Chords are edges of a graph over the pins. Where an odd number of them meets, a step along the rim is added; on a ring
the shortest set of such steps is one of two. Pieces that do not touch are joined along the rim likewise. At every pin
the edges, sorted by direction, are paired with the ones opposite, so that the thread turns as little as it can; the
circuits that this makes are spliced where they meet until one is left (Hierholzer 1873, with the turns chosen first).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stringart.plan.model import Indices

Edge = tuple[int, int]


def wind(xy_mm: NDArray[np.float64], pairs: Indices) -> Indices:
    """Return the winding of a layer: every chord once, joined by as little travel along the rim as possible.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        The pins.
    pairs : (C, 2) int array
        Chords; the same one may occur again.

    Returns
    -------
    (S + 1,) int32 array
        Pins in order. Travel along the rim is written as neighbouring pins in turn.

    Examples
    --------
    >>> ring = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]], float)
    >>> wind(ring, np.array([[0, 2], [1, 3]])).tolist()
    [1, 3, 0, 2]
    """
    if len(pairs) == 0:
        return np.empty(0, np.int32)
    edges: list[Edge] = [(int(i), int(j)) for i, j in pairs]
    gaps_mm = np.hypot(*(xy_mm - np.roll(xy_mm, -1, axis=0)).T)
    joins = _join_pieces(len(xy_mm), edges, gaps_mm)
    rim, ends = _even_out(len(xy_mm), edges + joins, gaps_mm)
    edges += _without_returns(joins + rim)
    if ends is not None:
        edges.append(ends)  # closes the trail; cut again below
    winding = _Trail(xy_mm, edges).closed(len(edges) - 1)
    if ends is not None:
        winding = winding[1:]
    if winding[0] > winding[-1]:
        winding.reverse()
    return np.array(winding, np.int32)


def _degrees(count: int, edges: Sequence[Edge]) -> NDArray[np.int64]:
    return np.bincount(np.array(edges, np.int64).ravel(), minlength=count)


def _along(start: int, stop: int, count: int) -> list[Edge]:
    """Rim steps from a pin clockwise to another."""
    return [(k % count, (k + 1) % count) for k in range(start, stop if stop >= start else stop + count)]


def _join_pieces(count: int, edges: Sequence[Edge], gaps_mm: NDArray[np.float64]) -> list[Edge]:
    """Rim steps, there and back, that join pieces which share no pin: the shortest gaps first (Kruskal)."""
    roots = _Roots(count)
    for i, j in edges:
        roots.join(i, j)
    used = np.flatnonzero(_degrees(count, edges)).tolist()
    rim_mm = np.concatenate([[0.0], np.cumsum(gaps_mm)])
    spans = [(_clockwise_mm(rim_mm, a, b), a, b) for a, b in zip(used, used[1:] + used[:1], strict=True)]
    steps: list[Edge] = []
    for _, a, b in sorted(spans):
        if roots.join(a, b):
            steps += _along(a, b, count) * 2
    return steps


def _without_returns(steps: Sequence[Edge]) -> list[Edge]:
    """Rim steps without going there and back where the same gap is crossed once more anyway."""
    return [step for step, times in Counter(steps).items() for _ in range(times if times < 3 else 2 - times % 2)]


def _clockwise_mm(rim_mm: NDArray[np.float64], start: int, stop: int) -> float:
    return float((rim_mm[stop] - rim_mm[start]) % rim_mm[-1])


def _even_out(count: int, edges: Sequence[Edge], gaps_mm: NDArray[np.float64]) -> tuple[list[Edge], Edge | None]:
    """Rim steps after which only the two ends of the trail are odd, and those ends; None if the trail is closed."""
    odd = np.flatnonzero(_degrees(count, edges) % 2)
    if len(odd) == 0:
        return [], None
    rim_mm = np.concatenate([[0.0], np.cumsum(gaps_mm)])
    ways = [[(a, b) for a, b in np.roll(odd, -shift).reshape(-1, 2).tolist()] for shift in (0, 1)]
    lengths = [[_clockwise_mm(rim_mm, a, b) for a, b in way] for way in ways]
    # the longest stretch of a way stays open: there the trail begins and ends
    way, length = min(zip(ways, lengths, strict=True), key=lambda both: sum(both[1]) - max(both[1]))
    ends = way.pop(length.index(max(length)))
    return [step for a, b in way for step in _along(a, b, count)], ends


class _Roots:
    """Which things are joined (union-find)."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def of(self, item: int) -> int:
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(self, a: int, b: int) -> bool:
        """Join two; False if they were joined already."""
        root_a, root_b = self.of(a), self.of(b)
        self._parent[max(root_a, root_b)] = min(root_a, root_b)
        return root_a != root_b


@dataclass(slots=True)
class _Trail:
    """The turns of a closed trail: at every pin, which end of an edge goes on to which.

    Edge e has the ends 2 e (its first pin) and 2 e + 1.
    """

    xy_mm: NDArray[np.float64]
    edges: list[Edge]
    next_end: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.next_end = [-1] * (2 * len(self.edges))
        at_pin = self._ends_at_pins()
        for ends in at_pin:
            half = len(ends) // 2
            for a, b in zip(ends[:half], ends[half:], strict=True):
                self._turn(a, b)
        self._splice(at_pin)

    def _turn(self, a: int, b: int) -> None:
        self.next_end[a], self.next_end[b] = b, a

    def _ends_at_pins(self) -> list[list[int]]:
        """Ends of edges at every pin, sorted by the direction in which the edge leaves it."""
        at_pin: list[list[tuple[float, int]]] = [[] for _ in self.xy_mm]
        for number, (i, j) in enumerate(self.edges):
            (dx, dy) = (self.xy_mm[j] - self.xy_mm[i]).tolist()
            at_pin[i].append((round(math.atan2(dy, dx), 9), 2 * number))
            at_pin[j].append((round(math.atan2(-dy, -dx), 9), 2 * number + 1))
        return [[end for _, end in sorted(ends)] for ends in at_pin]

    def _splice(self, at_pin: list[list[int]]) -> None:
        """Make the circuits one: where two meet at a pin, they swap partners."""
        roots = self._circuits()
        for ends in at_pin:
            for a, c in pairwise(ends):
                if roots.join(a >> 1, c >> 1):
                    b, d = self.next_end[a], self.next_end[c]
                    self._turn(a, d)
                    self._turn(c, b)

    def _circuits(self) -> _Roots:
        roots = _Roots(len(self.edges))
        for end, other in enumerate(self.next_end):
            roots.join(end >> 1, other >> 1)
        return roots

    def closed(self, last_edge: int) -> list[int]:
        """Pins of the whole circuit; its first step is ``last_edge``, and it ends where it began."""
        end = 2 * last_edge
        winding = [self.edges[last_edge][0]]
        for _ in self.edges:
            winding.append(self.edges[end >> 1][1 - (end & 1)])
            end = self.next_end[end ^ 1]
        return winding
