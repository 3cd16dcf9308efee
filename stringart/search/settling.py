"""The last step of a search: chords that are almost right become chords that one thread can be wound along.

A pin that is met an odd number of times would send the thread along the rim. So odd pins are paired, and each pair is
settled by a chord between them, laid or taken out, or by one whose end moves from one to the other: the pairs, and the
ways, of which the picture suffers least (a T-join of low cost, with the odd pins as T). Chords that share no pin with
the others swap ends with some that do. Then the ends at every pin change sides until they pair like brackets (see
`_kernels`), at the least cost again.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search
from stringart.search.winding import Roots, paired_sides

_NEAR = 12  # odd pins on the rim that a chord's end may move to
_ROUNDS = 6  # in which odd pins are paired: two pairs may want the same chord, and one has to wait
_IMPOSSIBLE = np.float32(1e12)  # the cost of a pair that nothing settles
_DEAR = 20  # times the middling cost of a pair: a price for laying chords beyond which more of it changes nothing
_AROUND = 4  # pins on either side to which a piece's end may move to reach another piece; more where none is there


def settle(search: Search, room: int = 0, price: float = 0.0, most: int | None = None) -> Iterator[Change]:
    """Leave nothing that must walk the rim far, and no end on a side where it cannot be wound.

    Parameters
    ----------
    search : Search
    room : int
        Chords that may be laid more than are taken out.
    price : float
        What a chord must gain to be worth its place.
    most : int, optional
        Chords that may change, those apart that only change sides; the thread walks the rim where that is too few.
    """
    if not search.laid:
        return
    for change in _even_out(search, room, price, most):
        most = None if most is None else most - max(len(change.added), len(change.removed))
        yield change
    if most is None:
        yield from _join_pieces(search)
    if search.sided:
        yield _change_sides(search)


def _even_out(search: Search, room: int, price: float, most: int | None) -> Iterator[Change]:
    """Let pins be met an even number of times, all but two: there the thread begins and ends."""
    for _ in range(_ROUNDS):
        ends = _Ends.of(search)
        odd = np.flatnonzero(ends.degrees % 2).astype(np.int32)
        if len(odd) <= 2 or most == 0:
            return
        ways = _Ways.of(search, ends, odd)
        gone, come = ways.chosen(search, odd, room, price, len(odd) // 2 - 1 if most is None else most)
        if not len(gone) and not len(come):
            return
        room -= len(come) - len(gone)
        most = None if most is None else most - max(len(come), len(gone))
        yield search.swap(gone, come)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ways:
    """Ways to settle two odd pins at once, (M, M) for the first and the second of them.

    A chord between them is laid or taken out, or the end of one moves from the first to the second, or back: what it
    ``cost``s, the place in ``laid`` of the chord to take ``out`` and the line to lay ``into`` the piece, -1 for none.
    """

    cost: NDArray[np.float32]
    out: Indices
    into: Indices

    @classmethod
    def of(cls, search: Search, ends: "_Ends", odd: Indices, lays: bool = True) -> "_Ways":
        cost, out, into = search.joins(odd)
        if not lays:
            cost[into >= 0], into[into >= 0] = np.inf, -1
        near = min(_NEAR, len(odd) - 1)
        moves = search.moved_ends(ends.degrees, ends.places, odd, near)
        for step in range(near):
            one = np.arange(len(odd))
            other = (one + step + 1) % len(odd)
            cheaper = moves[0][:, step] < cost[one, other]
            for a, b in ((one[cheaper], other[cheaper]), (other[cheaper], one[cheaper])):
                for whole, part in zip((cost, out, into), moves, strict=True):
                    whole[a, b] = part[cheaper, step]
        return cls(cost=cost, out=out, into=into)

    def chosen(
        self, search: Search, odd: Indices, room: float, price: float, most: int
    ) -> tuple[NDArray[np.intp], Indices]:
        """Return places to take out and lines to lay, ``room`` more at most; what is laid must gain the ``price``.

        At most so many pairs of pins are settled, the cheapest; two pins are left in any case.
        """
        more = (self.into >= 0).astype(np.float32) - (self.out >= 0)
        step = float(np.median(self.cost[np.isfinite(self.cost)])) if np.isfinite(self.cost).any() else 0.0
        while True:
            cost = self.cost + np.float32(price) * more
            cost[~np.isfinite(self.cost)] = _IMPOSSIBLE
            partner = np.full(len(cost), -1, np.int32)
            _kernels.matched(cost, np.argsort(cost, axis=None, kind="stable"), partner)
            pairs = [(m, int(n)) for m, n in enumerate(partner) if m < n]
            pairs.sort(key=lambda pair: float(cost[pair]))
            gone, come = self._apart(search, pairs[: min(most, len(pairs) - 1)])
            if len(come) - len(gone) > room and price > _DEAR * step:
                return _Ways.of(search, _Ends.of(search), odd, lays=False).chosen(search, odd, math.inf, price, most)
            if len(come) - len(gone) <= room:
                return np.array(gone, np.intp), np.array(come, np.int32)
            price += abs(step) / 4 + 1e-6

    def _apart(self, search: Search, pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
        """Of these pairs those that leave each other's chords alone."""
        gone: list[int] = []
        come: dict[int, int] = {}  # of each chord its line
        for pair in pairs:
            out, into = int(self.out[pair]), int(self.into[pair])
            if (out >= 0 and out in gone) or (into >= 0 and search.chord(into) in come):
                continue
            if out >= 0:
                gone.append(out)
            if into >= 0:
                come[search.chord(into)] = into
        return gone, list(come.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ends:
    """The ends of the lines laid, pin by pin.

    ``degrees`` (N,) tells how many there are, ``places`` (2 n,) whose they are, as places in ``laid``.
    """

    degrees: NDArray[np.int64]
    places: Indices

    @classmethod
    def of(cls, search: Search) -> "_Ends":
        pins = search.chosen[:, :2].ravel()
        order = np.argsort(pins, kind="stable")
        return cls(degrees=np.bincount(pins, minlength=search.pins), places=(order // 2).astype(np.int32))


def _join_pieces(search: Search) -> Iterator[Change]:
    """Let two chords of pieces that share no pin swap ends on neighbouring pins, until all hang together."""
    while True:
        pins = search.chosen[:, :2]
        roots = Roots(search.pins, pins)
        piece = np.array([roots.of(pin) for pin in range(search.pins)])
        met = np.bincount(pins.ravel(), minlength=search.pins) > 0
        pieces, sizes = np.unique(piece[met], return_counts=True)
        if len(pieces) == 1:
            return
        own, around, swap = piece == pieces[np.argmin(sizes)], _AROUND, None
        while swap is None and around < search.pins:
            swap = _cheapest_swap(search, own, met, around)
            around *= 2
        if swap is None:
            return
        yield search.swap(*swap)


def _cheapest_swap(
    search: Search, own: NDArray[np.bool_], met: NDArray[np.bool_], around: int
) -> tuple[NDArray[np.intp], Indices] | None:
    """Two chords, one of the piece on the pins ``own``, and the two lines that join it to another piece instead."""
    chosen, worth = search.chosen, search.worth()
    best: tuple[float, list[int], list[int]] | None = None
    for here in np.flatnonzero(own & met).tolist():
        for step in (*range(-around, 0), *range(1, around + 1)):
            there = (here + step) % search.pins
            if own[there] or not met[there]:
                continue
            for a in _lines_at(chosen, here):
                for b in _lines_at(chosen, there):
                    come = [
                        search.line(*_far(chosen[a], here), *_near(chosen[b], there)),
                        search.line(*_far(chosen[b], there), *_near(chosen[a], here)),
                    ]
                    if min(come) < 0 or search.lies(come):
                        continue
                    cost = float(worth[a] + worth[b] - search.gains_of(np.array(come, np.int32)).sum())
                    if best is None or cost < best[0]:
                        best = cost, [a, b], come
    return None if best is None else (np.array(best[1]), np.array(best[2], np.int32))


def _lines_at(chosen: Indices, pin: int) -> list[int]:
    found: list[int] = np.flatnonzero((chosen[:, :2] == pin).any(1)).tolist()
    return found


def _near(line: Indices, pin: int) -> tuple[int, int]:
    """Pin and side of the end at a pin."""
    end = 0 if line[0] == pin else 1
    return int(line[end]), int(line[2 + end])


def _far(line: Indices, pin: int) -> tuple[int, int]:
    """Pin and side of the end that is not at a pin."""
    end = 1 if line[0] == pin else 0
    return int(line[end]), int(line[2 + end])


def _change_sides(search: Search) -> Change:
    """Let ends change sides where they do not pair like brackets, as cheaply as that can be."""
    search.renew()
    laid, chosen = np.array(search.laid, np.int32), search.chosen
    other_side = np.column_stack([laid ^ 2, laid ^ 1]).ravel()
    costs = np.maximum(np.repeat(search.gains_of(laid), 2) - search.gains_of(other_side), 0).astype(np.float64)
    pin, other, side = chosen[:, :2].ravel(), chosen[:, 1::-1].ravel(), chosen[:, 2:].ravel()
    tied = np.flatnonzero(np.bincount(pin, minlength=search.pins) % 2).astype(
        np.int32
    )  # where the thread begins and ends
    pin, other = np.concatenate([pin, tied]), np.concatenate([other, tied[::-1]])
    side, costs = np.concatenate([side, np.ones_like(tied)]), np.concatenate([costs, np.zeros(len(tied))])
    order = np.lexsort([side, (other - pin) % search.pins, pin])
    new = laid.copy()
    for ends in np.split(order, np.flatnonzero(np.diff(pin[order])) + 1):
        opens = side[ends] > 0
        paired = paired_sides(opens, costs[ends])
        for end in ends[(paired != opens) & (ends < 2 * len(laid))].tolist():
            new[end >> 1] ^= 1 if end & 1 else 2
    places = np.flatnonzero(new != laid)
    return search.swap(places, new[places])
