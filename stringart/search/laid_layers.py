"""Layers of thread as they lie on a board, the lowest first: what is seen of them, and what each is worth."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.picture.light import linear_color
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search
from stringart.search.color_objective import ColorObjective
from stringart.search.objective import Map
from stringart.search.problem import Problem

Light = NDArray[np.float32]


@dataclass(slots=True)
class LaidLayer:
    """A layer while it is searched."""

    thread: int
    color: Light
    search: Search
    share: float | None

    @property
    def count(self) -> int:
        """Chords laid."""
        return len(self.search.laid)


class LaidLayers:
    """All layers of a piece while it is searched.

    Parameters
    ----------
    frame : Problem
        Whose photo, and importance to each thread, is looked at; another one for the next frame of a clip.
    cost : ColorObjective
    """

    def __init__(self, frame: Problem, cost: ColorObjective) -> None:
        self.frame, self._cost = frame, cost
        self._ground = light_of(frame.plan.board.color)
        self.layers: list[LaidLayer] = []

    @property
    def count(self) -> int:
        """Chords laid."""
        return sum(layer.count for layer in self.layers)

    def seen(self, stack: list[LaidLayer], heir: int | None = None, through: Map | None = None) -> Light:
        """What the layers look like, one of them (``heir``) with more threads, which let ``through`` that share."""
        below = self.bare()
        for k, layer in enumerate(stack):
            t = layer.search.transmittance
            if k == heir and through is not None:
                t = t * through
            below = layer.color + t * (below - layer.color)
        return below

    def runs(self) -> list[slice]:
        """Layers of the stack that are wound as one, since they are neighbours of one thread."""
        threads = [layer.thread for layer in self.layers]
        starts = [k for k in range(len(threads)) if k == 0 or threads[k] != threads[k - 1]]
        return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(threads)], strict=True)]

    def costs_without(self, runs: list[slice]) -> list[float]:
        """Cost of the piece without each of the layers, and last of the whole piece."""
        below = [self.bare()]
        for layer in self.layers:
            below.append(laid_over(layer, below[-1]))
        *costs, whole = self._cost.costs(self._pictures_without(below, runs), below[-1])
        return [*reversed(costs), whole]

    def _pictures_without(self, below: list[Light], runs: list[slice]) -> Iterator[Light]:
        """What is seen without the top layer, the next ..., and last of the whole piece."""
        above, through = np.zeros_like(below[0]), np.ones(below[0].shape[1:], np.float32)
        for run in reversed(runs):
            yield above + through * below[run.start]
            for layer in reversed(self.layers[run]):
                t = layer.search.transmittance
                above, through = above + through * (1 - t) * layer.color, through * t
        yield below[-1]

    def looks(self) -> Iterator[LaidLayer]:
        """Let the cost look at each layer in its place, from the top down."""
        pictures = [self.bare()]
        for layer in self.layers[:-1]:
            pictures.append(laid_over(layer, pictures[-1]))
        above, through = np.zeros_like(pictures[0]), np.ones(pictures[0].shape[1:], np.float32)
        for layer, below in zip(reversed(self.layers), reversed(pictures), strict=True):
            self.look(layer, above + through * layer.color, through * (below - layer.color))
            yield layer
            t = layer.search.transmittance
            above = above + through * (1 - t) * layer.color
            through = through * t

    def look(self, layer: LaidLayer, fixed: Light, span: Light) -> None:
        """Let the cost look at a layer whose pixels are ``fixed + span t``."""
        frame = self.frame
        self._cost.look_at(fixed, span, frame.weights[layer.thread], frame.forbidden[layer.thread])

    def worth_of_layers(self) -> list[NDArray[np.float32]]:
        """What each chord is worth in the finished piece, for every layer that has any, from the top."""
        return [layer.search.worth() for layer in self.looks() if layer.count]

    def bare(self) -> Light:
        """What is seen of the board alone, (3, size, size)."""
        size = self.frame.grid.size
        return np.ascontiguousarray(np.broadcast_to(self._ground, (3, size, size)))

    def pairs_laid(self) -> set[tuple[int, int]]:
        """Thread and number of every chord laid."""
        return {(layer.thread, pair) for layer in self.layers for pair in layer.search.pairs_laid}

    def wound(self) -> list[tuple[int, Indices]]:
        """Thread and chords (C, 4), pins and sides, of every layer as wound; neighbours of one thread are one layer."""
        merged: list[tuple[int, Indices]] = []
        for layer in self.layers:
            pairs = layer.search.chosen
            if merged and merged[-1][0] == layer.thread:
                merged[-1] = (layer.thread, np.concatenate([merged[-1][1], pairs]))
            elif len(pairs):
                merged.append((layer.thread, pairs))
        return merged

    def error(self, stack: list[LaidLayer] | None = None) -> float:
        """Return the mean CIEDE2000 of the piece, or of other layers than its own, and its photo."""
        return self._cost.error(self.seen(self.layers if stack is None else stack), self.frame.target)

    def without(
        self, over: int, worth: list[NDArray[np.float32]], thread: int | None = None
    ) -> Iterator[tuple[LaidLayer, Change]]:
        """Take out so many chords: the least worthy of all layers, or of those of one thread."""
        stack = [layer for layer in reversed(self.layers) if layer.count]
        if thread is not None:
            worth = [of for of, layer in zip(worth, stack, strict=True) if layer.thread == thread]
            stack = [layer for layer in stack if layer.thread == thread]
        if over <= 0 or not stack:
            return
        poorest = np.sort(np.argsort(np.concatenate(worth), kind="stable")[:over])
        edges = np.cumsum([0, *map(len, worth)])
        for layer, first, stop in zip(stack, edges, edges[1:], strict=False):
            poor = poorest[(poorest >= first) & (poorest < stop)] - first
            if len(poor):
                yield layer, layer.search.take_out(poor)


def rows_of(layer: LaidLayer, chosen: Indices) -> Indices:
    """Return thread, pins and sides of these lines, (n, 5), as `Searched` has them."""
    return np.column_stack([np.full(len(chosen), layer.thread, np.int32), layer.search.ends_of(chosen)])


def light_of(color: str) -> Light:
    """Linear light of a colour, (3, 1, 1)."""
    return linear_color(color).astype(np.float32)[:, None, None]


def spread(color: Light, like: Light) -> Map:
    """A colour all over a picture."""
    return np.ascontiguousarray(np.broadcast_to(color, like.shape))


def laid_over(layer: LaidLayer, below: Light) -> Light:
    """What is seen when the layer lies on ``below``."""
    return layer.color + layer.search.transmittance * (below - layer.color)
