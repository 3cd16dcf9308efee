"""The threads that show a photo best: a search over sets of colours for the least error of the finished picture.

A picture is reduced to a few hundred colours with their weights. What a palette and a board can make of each is the
nearest mixture of theirs (`unmixing`); a part of the mixture's variance counts as well, since threads cannot be laid
so evenly that strong colours melt into a soft one: without it the corners of the colour cube would always win.
Threads are added one by one, the best first, then each is exchanged for a better one until none is, and colours that
may be anything are moved in ever smaller steps.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stringart import _kernels
from stringart.picture import light
from stringart.threads import unmixing
from stringart.threads.unmixing import Floats

SPREAD = 0.01
"""Share of a mixture's variance that is still seen."""
BARE = 0.02
"""Share of the board that no amount of thread covers."""
STRAY = 0.7
"""Share of the ground left to the board that threads on their way elsewhere cross, in the picture's mean colour. It is
why dark grounds want a dark thread on top, on a black board too."""
KNEE = 8.0
"""Colour difference from which on it counts evenly, not by its square: a rare strong colour must not cost the rest."""
_MIXING = _kernels.Mixing(spread=SPREAD, floor=unmixing.FLOOR, rounds=2, tolerance=0.05)  # rough: they are many
_MAX_COLORS = 260
_BIN = np.array([5.0, 7.0, 7.0])
_DIGITS = 9  # sums are compared to so many digits: the last bits differ between machines
_STEPS = (40, 20, 10, 5)  # of 255
_MAX_SWEEPS = 4
_CLOSE = 1e-4
_SPREAD_OUT, _NEAR = 100, 24  # of a long list: those that are tried at first, and those near to one that is chosen

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colors:
    """The colours of a picture.

    Parameters
    ----------
    linear : (P, 3) float array
        Linear light.
    weights : (P,) float array
        Shares of the picture; the sum is 1.
    """

    linear: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """A palette on a board.

    Parameters
    ----------
    board : (3,) uint8 array
        sRGB.
    threads : (N, 3) uint8 array
    cost : float
        What the search minimises.
    """

    board: Codes
    threads: Codes
    cost: float


def colors_of(photo: NDArray[np.float32], weights: NDArray[np.float32]) -> Colors:
    """Reduce a picture to its colours.

    Parameters
    ----------
    photo : (rows, cols, 3) float32 array
        Linear light.
    weights : (rows, cols) float32 array
        Importance; 0 where the picture does not count.
    """
    counts = weights.ravel() > 0
    pixels, heavy = photo.reshape(-1, 3)[counts].astype(np.float64), weights.ravel()[counts].astype(np.float64)
    lab, size = np.round(light.to_lab(pixels), 6), _BIN
    while True:
        _, which = np.unique(np.floor(lab / size), axis=0, return_inverse=True)
        bins = which.reshape(-1)
        if bins.max() < _MAX_COLORS:
            break
        size = size * 1.2
    total = np.bincount(bins, heavy)
    linear = np.stack([np.bincount(bins, heavy * pixels[:, k]) / total for k in range(3)], -1)
    return Colors(linear=linear, weights=total / total.sum())


class Judge:
    """The cost of palettes for one picture."""

    def __init__(self, colors: Colors) -> None:
        self._targets = light.to_white(colors.linear)
        self._chroma = unmixing.chroma_weights(colors.linear)
        self._weights = colors.weights
        self._stray = colors.weights @ self._targets

    def solve(self, board: ArrayLike, threads: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return the mixed colours (N + 1, 3), every target's shares of them (P, N + 1) and squared errors (P,)."""
        mixed = self._palette_light(board, threads)
        shares, errors = np.empty((len(self._targets), len(mixed))), np.empty(len(self._targets))
        _kernels.unmix(self._targets, self._chroma, mixed, _MIXING, shares, errors)
        return mixed, shares, errors

    def cost(self, board: ArrayLike, threads: ArrayLike) -> float:
        """Return the cost of a palette."""
        return self._cost(self.solve(board, threads)[2])

    def _cost(self, errors: Floats) -> float:
        return float(self._weights @ (errors / (np.sqrt(errors) + KNEE)))

    def error(self, board: ArrayLike, threads: ArrayLike) -> float:
        """Return the mean colour difference to expect."""
        return float(self._weights @ np.sqrt(self.solve(board, threads)[2]))

    def shares(self, board: ArrayLike, threads: ArrayLike) -> Floats:
        """Return how much of the picture the board and each thread make, (N + 1,)."""
        _, shares, _ = self.solve(board, threads)
        mean = self._weights @ shares
        bare = (1 - STRAY) * mean[0] + BARE * (1 - mean[0])
        laid = mean[1:] / mean[1:].sum() if mean[1:].sum() > 0 else mean[1:] + 1 / max(len(mean) - 1, 1)
        return np.concatenate([[bare], laid * (1 - bare)])

    def _palette_light(self, board: ArrayLike, threads: ArrayLike) -> Floats:
        """Return what the board and each thread look like at most: neither is ever alone."""
        bare = light.to_white(light.to_linear(np.asarray(board) / 255.0))
        laid = light.to_white(light.to_linear(np.asarray(threads).reshape(-1, 3) / 255.0))
        crossed = (1 - STRAY) * bare + STRAY * self._stray
        return np.concatenate([crossed[None], BARE * bare + (1 - BARE) * laid])

    def joined(self, board: ArrayLike, threads: ArrayLike, candidates: Codes) -> Floats:
        """Return the cost with each of the candidates (C, 3) as one more thread, (C,); infinite where it is there."""
        mixed, shares, errors = self.solve(board, threads)
        more, totals = self._palette_light(board, candidates)[1:], np.empty(len(candidates))
        pixels = self._targets, self._chroma, self._weights
        _kernels.try_colors(pixels, mixed, (shares, errors), more, _MIXING, KNEE, totals)
        taken = np.asarray(threads).reshape(-1, 3)
        totals[(candidates[:, None] == taken[None]).all(2).any(1)] = np.inf
        return totals


def least(totals: Floats) -> int:
    """Return the index of the least, the first of those that differ by rounding only."""
    rounded = [float(f"{value:.{_DIGITS}g}") for value in totals]
    return rounded.index(min(rounded))


def grown(judge: Judge, found: Found, candidates: Codes) -> Found:
    """Return the palette with the best candidate as one more thread."""
    totals = judge.joined(found.board, found.threads, candidates)
    best = least(totals)
    return replace(
        found, threads=np.concatenate([found.threads, candidates[best : best + 1]]), cost=float(totals[best])
    )


def exchanged(judge: Judge, found: Found, candidates: Codes, fixed: int) -> Found:
    """Return the palette after every thread but the first ``fixed`` was exchanged for a better one, till none is."""
    return _in_turn(found, fixed, lambda one, number: _exchanged_one(judge, one, candidates, number), is_best_then=True)


def _in_turn(found: Found, fixed: int, exchange: Callable[[Found, int], Found], is_best_then: bool) -> Found:
    """Exchange thread by thread, round by round, until there is none that another one has changed since it was tried.

    ``is_best_then`` says that one that was exchanged need not be tried again itself.
    """
    count = len(found.threads) - fixed
    settled = 0
    for turn in range(_MAX_SWEEPS * count):
        if settled == count:
            break
        before, found = found, exchange(found, fixed + turn % count)
        settled = settled + 1 if found is before else int(is_best_then)
    return found


def _exchanged_one(judge: Judge, found: Found, candidates: Codes, number: int) -> Found:
    """Try the candidates and the thread itself alike: a short cut's cost compares with its own kind only."""
    others, own = np.delete(found.threads, number, axis=0), found.threads[number : number + 1]
    tried = np.concatenate([own, candidates])
    totals = judge.joined(found.board, others, tried)
    best = least(totals)
    if totals[best] >= totals[0] * (1 - _CLOSE):
        return found
    return replace(found, threads=np.insert(others, number, tried[best], axis=0), cost=float(totals[best]))


def thinned(candidates: Codes, count: int = _SPREAD_OUT) -> Codes:
    """Return ``count`` of the candidates at most, as far from each other as can be, in their order."""
    lab = np.round(light.to_lab(light.to_linear(candidates / 255.0)), 6)
    apart = np.full(len(lab), np.inf)
    kept: list[int] = []
    chosen = 0
    while len(kept) < min(count, len(lab)):
        kept.append(chosen)
        apart = np.minimum(apart, np.round(((lab - lab[chosen]) ** 2).sum(1), 6))
        chosen = int(apart.argmax())
    return np.asarray(candidates[np.sort(kept)])


def settled(judge: Judge, found: Found, candidates: Codes, fixed: int) -> Found:
    """Return the palette after every thread but the first ``fixed`` was tried against its near ones in a long list."""
    lab = light.to_lab(light.to_linear(candidates / 255.0))

    def exchange(one: Found, number: int) -> Found:
        own = light.to_lab(light.to_linear(one.threads[number] / 255.0))
        apart = np.round(((lab - own) ** 2).sum(1), 6)
        near = np.argsort(apart, kind="stable")[1 : _NEAR + 1]
        return _exchanged_one(judge, one, candidates[near], number)

    return _in_turn(found, fixed, exchange, is_best_then=False)


def polished(judge: Judge, found: Found, fixed: int) -> Found:
    """Return the palette after every thread but the first ``fixed`` was moved through the colour cube to its best."""
    ways = np.array([(r, g, b) for r in (-1, 0, 1) for g in (-1, 0, 1) for b in (-1, 0, 1) if r or g or b])
    for step in _STEPS:
        for number in range(fixed, len(found.threads)):
            around = np.clip(found.threads[number].astype(np.int64) + step * ways, 0, 255).astype(np.uint8)
            found = _exchanged_one(judge, found, around, number)
    return found


def heaviest(colors: Colors, count: int) -> Floats:
    """Return the ``count`` colours that make most of the picture, linear light (count, 3)."""
    return colors.linear[np.argsort(-np.round(colors.weights, _DIGITS), kind="stable")[:count]]


def free_candidates(colors: Colors) -> Codes:
    """Return colours that a thread may have where any can be bought: black, white, a grid and the picture's own."""
    levels = np.array([0, 64, 128, 192, 255], np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    own = light.to_bytes(heaviest(colors, 40))
    return np.concatenate([np.array([[0, 0, 0], [255, 255, 255]], np.uint8), own, grid])
