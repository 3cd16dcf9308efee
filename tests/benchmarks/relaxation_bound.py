"""How much a search has left to gain: python tests/benchmarks/relaxation_bound.py [--quality best]

The relaxation lets each chord be wound by any share from 0 to 1 along any of its lines, as many in all as the plan may
wind. A plan is one of these, so the least cost of the relaxation is below the cost of every plan: what lies between is
the most that a better search could gain, with the same cost, grid and budget. The cost is the one that is minimised
(`stringart.search.objective`), of the target as it was fitted, on the search's own grid.

The least is found by conditional gradients (Frank and Wolfe 1956): the chords that gain most at the present mixture are
as many as may be wound; the mixture moves towards them as far as the cost falls. What it can still fall is at most what
they gain more than the mixture's own (the gap), where the cost is convex; so printed are the plan's cost, the
relaxation's, that less the gap, and both as shares of the plan's. Threads that cross multiply: T = exp(-depth).
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.picture.photo import load_photo
from stringart.search.objective import Objective
from stringart.search.one_thread import OneThread
from stringart.search.options import DesignOptions
from stringart.search.pipeline import empty_plan
from stringart.search.problem import pose
from stringart.search.raster import Chords

EXAMPLES = Path(__file__).parents[2] / "examples"
Map = NDArray[np.float32]
_TRIED = 12  # halvings of a step


def depth_of(chords: Chords, lines: NDArray[np.int32], size: int) -> Map:
    """Return -ln of what these lines together let through, (size, size), to the second order of their coverage."""
    steps = chords.walks[lines, 1].astype(np.int64)
    of = np.repeat(lines, steps)
    along = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
    lane = chords.walks[of, 0] // (2 * size) + along
    steep, major = lane >= size, lane % size
    position = chords.walks[of, 2].astype(np.int64) + along * chords.walks[of, 3]
    minor, share = position >> 16, (position & 65535) / 65536
    total = np.zeros(size * size)
    for shift, part in ((0, 1 - share), (1, share)):
        covered = chords.cover[of] * part
        place = np.where(steep, major * size + minor + shift, (minor + shift) * size + major)
        total += np.bincount(place, covered + covered * covered / 2, size * size)
    return total.astype(np.float32).reshape(size, size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The cost of mixtures of chords, each a depth (size, size)."""

    cost: Objective
    chords: Chords
    budget: int

    def at(self, depth: Map) -> float:
        """Return the cost of a depth."""
        return self.cost.cost(np.exp(-depth))

    def best_at(self, depth: Map) -> tuple[NDArray[np.int32], float, Map]:
        """Return the lines that gain most at a depth, what they gain together, and what a depth of 1 gains anywhere."""
        state = np.zeros((*depth.shape, 4), np.float32)
        state[..., _kernels.TRANSMITTANCE] = np.exp(-depth)
        self.cost.renew(state)
        gain = 2 * state[..., _kernels.TRANSMITTANCE] * state[..., _kernels.SLOPE]
        maps = np.stack(
            [np.stack([turned, -turned / 2], -1) for turned in (gain.T, gain)]
        )  # a (g - a h) = g (a + a^2 / 2)
        chords = self.chords
        lines = _kernels.Lines(chords.pairs, chords.sides, chords.walks, chords.cover, chords.lengths_mm)
        every = np.arange(len(chords), dtype=np.int32)
        gains = np.empty((len(every) // chords.ways, chords.ways), np.float32)
        _kernels.line_gains(np.ascontiguousarray(maps, np.float32), lines, every, gains.reshape(-1))
        way, most = gains.argmax(1), gains.max(1)
        order = np.argsort(-most, kind="stable")[: self.budget]
        order = order[most[order] > 0]
        return (order * chords.ways + way[order]).astype(np.int32), float(most[order].sum(dtype=np.float64)), gain

    def descended(self, depth: Map, rounds: int) -> Iterator[tuple[float, float]]:
        """Yield cost and gap, round by round, from a depth on."""
        now = self.at(depth)
        for _ in range(rounds):
            lines, gained, gain = self.best_at(depth)
            yield now, gained - float((gain * depth).sum(dtype=np.float64))
            towards = depth_of(self.chords, lines, depth.shape[0]) - depth
            step = 1.0
            for _ in range(_TRIED):
                cost = self.at(depth + np.float32(step) * towards)
                if cost < now:
                    half = self.at(depth + np.float32(step / 2) * towards)
                    step, cost = (step / 2, half) if half < cost else (step, cost)
                    break
                step /= 2
            else:
                return
            depth, now = depth + np.float32(step) * towards, cost


def left(name: str, lines: int, quality: str, rounds: int) -> tuple[int, float, float, float]:
    """Return how many chords a plan has, its cost, and of the relaxation the least cost and the greatest bound."""
    photo = load_photo(EXAMPLES / name)
    options = DesignOptions(lines=lines, quality=quality, importance="none")
    frame = pose(empty_plan(photo, options), photo, options)
    work = OneThread(frame, options)
    for _ in work.run():
        pass
    laid = np.array(work.search.laid, np.int32)
    relaxation = Relaxation(cost=work.cost, chords=work.search.chords, budget=lines)
    depth = depth_of(work.search.chords, laid, frame.grid.size)
    steps = list(relaxation.descended(depth, rounds))
    return len(laid), steps[0][0], min(cost for cost, _ in steps), max(cost - gap for cost, gap in steps)


def main() -> None:
    """Print what is left for three photos."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--rounds", type=int, default=100)
    wanted = parser.parse_args()
    print(f"{'photo':<14} {'chords':>6} {'cost':>9} {'relaxed':>9} {'bound':>9}   shares of the plan's cost")
    for name in ("astronaut.jpg", "camera.png", "chelsea.jpg"):
        chords, ours, relaxed, bound = left(name, wanted.lines, wanted.quality, wanted.rounds)
        shares = f"{relaxed / ours:6.3f} {bound / ours:6.3f}"
        print(f"{name:<14} {chords:6d} {ours:9.0f} {relaxed:9.0f} {bound:9.0f}   {shares}", flush=True)


if __name__ == "__main__":
    main()
