"""The last step of a search: chords that are almost right become chords that one thread can be wound along.

A pin that is met an odd number of times would send the thread along the rim, and so would chords that share no pin
with the others. Both are mended by moving a chord's end to another pin, wherever the picture suffers least. Then the
ends at every pin change sides until they pair like brackets (see `_kernels`), at the least cost again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search
from stringart.search.winding import Roots

_NEAR = 12  # odd pins on the rim that a chord's end may move to
_AROUND = 4  # pins on either side to which a piece's end may move to reach another piece; more where none is there


def settle(search: Search) -> Iterator[Change]:
    """Leave nothing that must walk the rim, and no end on a side where it cannot be wound."""
    if not search.laid:
        return
    yield from _even_out(search)
    yield from _join_pieces(search)
    if search.sided:
        yield _change_sides(search)


def _even_out(search: Search) -> Iterator[Change]:
    """Move ends between odd pins until two are left at most: there the thread begins and ends."""
    while True:
        ends = _Ends.of(search)
        odd = np.flatnonzero(ends.degrees % 2).astype(np.int32)
        if len(odd) <= 2:
            return
        moves = search.moved_ends(ends.degrees, ends.places, odd, min(_NEAR, len(odd) - 1))
        gone, come = _cheapest_moves(search, *moves, most=len(odd) // 2 - 1)
        if not gone:
            return
        yield search.swap(np.array(gone), np.array(come, np.int32))


def _cheapest_moves(
    search: Search, cost: NDArray[np.float32], out: Indices, into: Indices, most: int
) -> tuple[list[int], list[int]]:
    """Of the moves between odd pins (M, near) the cheapest ones that leave each other alone."""
    done: set[int] = set()
    gone: list[int] = []
    come: dict[int, int] = {}  # of each chord its line
    for flat in np.argsort(cost, axis=None, kind="stable").tolist():
        m, step = divmod(flat, cost.shape[1])
        both = {m, (m + step + 1) % len(cost)}
        if len(gone) == most or not np.isfinite(cost[m, step]):
            break
        if both & done or out[m, step] in gone or search.chord(int(into[m, step])) in come:
            continue
        done |= both
        gone.append(int(out[m, step]))
        come[search.chord(int(into[m, step]))] = int(into[m, step])
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
        roots = Roots(search.pins)
        for i, j in pins.tolist():
            roots.join(i, j)
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
        opens, paired = side[ends] > 0, np.zeros(len(ends), np.bool_)
        _kernels.paired_sides(opens, costs[ends], paired)
        for end in ends[(paired != opens) & (ends < 2 * len(laid))].tolist():
            new[end >> 1] ^= 1 if end & 1 else 2
    places = np.flatnonzero(new != laid)
    return search.swap(places, new[places])
