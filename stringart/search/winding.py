"""One continuous thread through all chords: an Eulerian trail over the pins.

Chords are edges of a graph over the pins. Where an odd number of them meets, a step along the rim is added; on a ring
the shortest set of such steps is one of two. Pieces that do not touch are joined along the rim likewise.

A taut thread passes a pin on its outer side: of the two ends of a turn, the left one, seen from the pin, lies on the
left of the pin and the right one on its right. So the ends at a pin, from left to right, pair like brackets, and any
sides that do can be wound. They are paired so that the thread turns as little as it can; the circuits that this makes
are spliced where they meet until one is left (Hierholzer 1873, with the turns chosen first).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.plan.model import Indices

Edge = tuple[int, int]
_Turn = tuple[int, int, bool]
"""End on the left of a pin, end on its right, and whether all ends of the turns before lie further to the left."""
_FREE, _WISHED, _BOUND = 1e-3, 1.0, 1e6  # what a wrong side costs: where none is wished, one is, there is no other


def wind(xy_mm: NDArray[np.float64], pairs: Indices) -> Indices:
    """Return the winding of a layer: every chord once, joined by as little travel along the rim as possible.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        The pins.
    pairs : (C, 2) or (C, 4) int array
        Chords; the same one may occur again. Two more columns say on which side of either pin it lies, seen from that
        pin: +1 left, -1 right, 0 either. The winding keeps as many of these sides as it can.

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
    edges: list[Edge] = [(int(i), int(j)) for i, j in pairs[:, :2]]
    gaps_mm = np.hypot(*(xy_mm - np.roll(xy_mm, -1, axis=0)).T)
    joins = _join_pieces(len(xy_mm), edges, gaps_mm)
    rim, ends = _even_out(len(xy_mm), edges + joins, gaps_mm)
    steps = _without_returns(joins + rim)
    closing = [] if ends is None else [ends]  # closes the trail; cut again below
    opens, costs = _wishes(len(xy_mm), pairs, np.array(steps, np.int64).reshape(-1, 2), np.array(closing, np.int64))
    edges += steps + closing
    winding = _Trail(len(xy_mm), edges, opens, costs).closed(len(edges) - 1)
    if ends is not None:
        winding = winding[1:]
    if winding[0] > winding[-1]:
        winding.reverse()
    return np.array(winding, np.int32)


def paired_sides(opens: NDArray[np.bool_], costs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose for every end at a pin, from left to right, whether it opens: so that all pair like brackets, cheaply.

    Parameters
    ----------
    opens : (n,) bool array
        What is wished; n is even.
    costs : (n,) float array
        What each costs on the other side.
    """
    chosen, many = np.zeros(len(opens), np.bool_), len(opens)
    _kernels.paired_sides(opens, costs, np.full((many + 1, many // 2 + 2), np.inf), chosen)
    return chosen


def _wishes(
    count: int, chords: Indices, rim: NDArray[np.int64], closing: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """For both ends of every edge whether it lies on the left of its pin, and what it costs if not."""
    pins = np.concatenate([chords[:, :2], rim, closing.reshape(-1, 2)]).astype(np.int64)
    opens = (pins[:, ::-1] - pins) % count < count / 2
    costs = np.full(pins.shape, _FREE)
    if chords.shape[1] == 4:
        sided = chords[:, 2:] != 0
        opens[: len(chords)][sided] = chords[:, 2:][sided] > 0
        costs[: len(chords)][sided] = _WISHED
    costs[len(chords) : len(chords) + len(rim)] = _BOUND
    return opens.ravel(), costs.ravel()


def _degrees(count: int, edges: Sequence[Edge]) -> NDArray[np.int64]:
    return np.bincount(np.array(edges, np.int64).ravel(), minlength=count)


def _along(start: int, stop: int, count: int) -> list[Edge]:
    """Rim steps from a pin clockwise to another."""
    return [(k % count, (k + 1) % count) for k in range(start, stop if stop >= start else stop + count)]


def _join_pieces(count: int, edges: Sequence[Edge], gaps_mm: NDArray[np.float64]) -> list[Edge]:
    """Rim steps, there and back, that join pieces which share no pin: the shortest gaps first (Kruskal)."""
    roots = Roots(count, np.array(edges, np.int64))
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


class Roots:
    """Which things are joined (union-find); the first of them stands for all.

    Parameters
    ----------
    count : int
        Of the things.
    joined : (n, 2) int array
        Pairs that are joined from the beginning.
    """

    def __init__(self, count: int, joined: NDArray[np.integer[Any]]) -> None:
        self._parent: list[int] = _first_of_all(count, joined).tolist()

    def of(self, item: int) -> int:
        """Return the one that stands for all that are joined with it."""
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


def _first_of_all(count: int, joined: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return for every thing the first of those that it hangs together with: the lower of two wins, pair by pair."""
    first = np.arange(count)
    one, other = joined.T
    while True:
        lower = np.minimum(first[one], first[other])
        new = first.copy()
        for things in (one, other, first[one], first[other]):  # and what stood for them until now
            np.minimum.at(new, things, lower)
        new = new[new]
        if (new == first).all():
            return first
        first = new


@dataclass(slots=True)
class _Trail:
    """The turns of a closed trail: at every pin, which end of an edge goes on to which.

    Edge e has the ends 2 e (its first pin) and 2 e + 1. ``opens`` says of every end whether it is wished on the left of
    its pin, ``costs`` what it costs to lie on the right, or the other way round.
    """

    count: int
    edges: list[Edge]
    opens: NDArray[np.bool_]
    costs: NDArray[np.float64]
    next_end: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.next_end = [-1] * (2 * len(self.edges))
        turns = [self._paired(ends) for ends in self._ends_at_pins()]
        self._splice(turns)

    def _turn(self, a: int, b: int) -> None:
        self.next_end[a], self.next_end[b] = b, a

    def _ends_at_pins(self) -> list[NDArray[np.intp]]:
        """Ends of edges at every pin, from left to right as seen from it.

        Of two that go the same way the one on the right comes first, since they make no turn.
        """
        pins = np.array(self.edges, np.int64)
        pin, other = pins.ravel(), pins[:, ::-1].ravel()
        order = np.lexsort([self.opens, (other - pin) % self.count, pin])
        return np.split(order, np.searchsorted(pin[order], np.arange(1, self.count)))

    def _paired(self, ends: NDArray[np.intp]) -> list[_Turn]:
        """Pair the ends at a pin, the first on the left with the first on the right: so the thread turns least."""
        chosen = np.arange(len(ends)) < len(ends) // 2
        if (self.costs[ends] == _WISHED).any():
            chosen = paired_sides(self.opens[ends], self.costs[ends])
        left, right = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        apart = np.concatenate([[False], right[:-1] < left[1:]]) if len(left) else np.zeros(0, np.bool_)
        turns = list(zip(ends[left].tolist(), ends[right].tolist(), apart.tolist(), strict=True))
        for a, b, _ in turns:
            self._turn(a, b)
        return turns

    def _splice(self, turns_at_pins: list[list[_Turn]]) -> None:
        """Make the circuits one: where two meet at a pin, they swap partners; else two ends there change sides."""
        roots = self._circuits()
        for turns in turns_at_pins:
            first = -1  # the left end that is tied to the last right end seen
            for k, (left, right, apart) in enumerate(turns):
                if k and not apart and roots.join(first >> 1, left >> 1):
                    self._turn(left, turns[k - 1][1])
                    self._turn(first, right)
                else:
                    first = left
        for turns in turns_at_pins:
            for (_, right, _), (left, _, apart) in pairwise(turns):
                if apart and roots.join(right >> 1, left >> 1):
                    before, after = self.next_end[right], self.next_end[left]
                    self._turn(before, left)
                    self._turn(right, after)

    def _circuits(self) -> Roots:
        ends = np.arange(len(self.next_end))
        return Roots(len(self.edges), np.column_stack([ends, self.next_end]) >> 1)

    def closed(self, last_edge: int) -> list[int]:
        """Pins of the whole circuit; its first step is ``last_edge``, and it ends where it began."""
        end = 2 * last_edge
        winding = [self.edges[last_edge][0]]
        for _ in self.edges:
            winding.append(self.edges[end >> 1][1 - (end & 1)])
            end = self.next_end[end ^ 1]
        return winding
