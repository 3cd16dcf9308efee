"""How near a plan comes to what no plan of as many chords can beat: python tests/benchmarks/relaxation_bound.py

The continuous relaxation lets each chord be wound any non-negative amount, as much in all as the plan winds. A plan is
one of these, so the relaxation's least RMS error of L* (of the blurred piece, against the target as it was fitted) is a
bound. It is found by projected gradients with momentum (Beck and Teboulle 2009), begun at the plan: the ratio printed
is of the plan's RMS error to the bound's. The descent need not end at the very least, so the true ratio may be larger:
more ``--rounds`` come nearer. Transmittances multiply: D = A n is the depth, T = exp(-D).
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stringart.board import boards
from stringart.light import from_lightness, lightness
from stringart.picture.photo import crop_to_board, load_photo
from stringart.plan.model import PhotoRef, Plan
from stringart.search import one_thread as monochrome
from stringart.search.objective import BLUR_PX, blurred, gaussian_taps
from stringart.search.options import DesignOptions
from stringart.search.problem import pose
from stringart.search.raster import Chords, Grid

EXAMPLES = Path(__file__).parents[2] / "examples"
Vector = NDArray[np.float32]


def depths(chords: Chords, size: int) -> csr_array:
    """Return -ln(1 - coverage) of every chord (rows) at every pixel (columns) that it touches."""
    steps = chords.walks[:, 1].astype(np.int64)
    of = np.repeat(np.arange(len(chords)), steps)
    along = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
    lane = chords.walks[of, 0] // (2 * size) + along
    steep, major = lane >= size, lane % size
    position = chords.walks[of, 2].astype(np.int64) + along * chords.walks[of, 3]
    minor, share = position >> 16, (position & 65535) / 65536
    pixels, values = [], []
    for shift, part in ((0, 1 - share), (1, share)):
        beside = np.clip(minor + shift, 0, size - 1)
        pixels.append(np.where(steep, major * size + beside, beside * size + major).astype(np.int32))
        values.append(-np.log1p(-chords.cover[of] * part).astype(np.float32))
    rows = np.concatenate([of, of]).astype(np.int32)
    return csr_array(
        (np.concatenate(values), (rows, np.concatenate(pixels))), shape=(len(chords), size * size), dtype=np.float32
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """The mean squared error of L* as a function of how much each chord is wound (black thread, white board)."""

    matrix: csr_array
    columns: csr_array
    grid: Grid
    wanted: NDArray[np.float64]

    def at(self, amounts: Vector) -> tuple[float, Vector]:
        """Return the error and its gradient."""
        taps, shape = gaussian_taps(BLUR_PX * self.grid.px / 256), (self.grid.size, self.grid.size)
        t = np.exp(-(self.columns @ amounts)).astype(np.float32).reshape(shape)
        y = np.maximum(blurred(t, taps), 1e-6)
        off = (lightness(y) - self.wanted) * self.grid.inside
        slope = np.where(y > 0.008856, 116 / 3 * y ** (-2 / 3), 903.3)
        count = self.grid.inside.sum()
        back = blurred((2 * off * slope / count).astype(np.float32), taps)
        return float((off**2).sum() / count), np.asarray(self.matrix @ (-t * back).ravel())


def project(amounts: Vector, total: float) -> Vector:
    """Return the nearest non-negative amounts that sum to ``total`` at most."""
    positive = np.maximum(amounts, 0)
    if positive.sum(dtype=np.float64) <= total:
        return positive
    falling = np.sort(amounts.astype(np.float64))[::-1]
    excess = (np.cumsum(falling) - total) / np.arange(1, len(falling) + 1)
    return np.maximum(amounts - excess[np.flatnonzero(falling > excess)[-1]], 0).astype(np.float32)


def relaxed(error: Error, start: Vector, rounds: int) -> tuple[Vector, float]:
    """Return the best amounts found, and their error."""
    total, best = float(start.sum()), start
    least, _ = error.at(start)
    ahead, momentum, step = start, 1.0, 1.0
    for _ in range(rounds):
        here, gradient = error.at(ahead)
        while True:
            trial = project(ahead - np.float32(step) * gradient, total)
            change = (trial - ahead).astype(np.float64)
            found, _ = error.at(trial)
            if found <= here + float(gradient @ change) + float(change @ change) / (2 * step) or step < 1e-9:
                break
            step /= 2
        if found > least:  # overshot: begin the momentum anew
            ahead, momentum = best, 1.0
            continue
        later = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = (trial + np.float32((momentum - 1) / later) * (trial - best)).astype(np.float32)
        best, least, momentum, step = trial, found, later, step * 1.1
    return best, least


def ratio(name: str, lines: int, quality: str, rounds: int) -> tuple[float, float, int]:
    """Return the plan's RMS error, the bound and the number of chords."""
    photo = load_photo(EXAMPLES / name)
    options = DesignOptions(lines=lines, quality=quality, importance="none")
    seen = PhotoRef(name=name, sha256=photo.sha256, crop_px=crop_to_board(photo, options.board))
    pins = boards.place_pins(options.board)
    empty = Plan(board=options.board, pins=pins, threads=options.threads, layers=(), photo=seen)
    work = monochrome.OneThread(pose(empty, photo, options), options)
    for _ in work.run():
        pass
    grid, chords = pose(empty, photo, options).grid, work.search.chords
    matrix = depths(chords, grid.size)
    taps = gaussian_taps(BLUR_PX * grid.px / 256)
    wanted = lightness(blurred(from_lightness(work.tone.target).astype(np.float32), taps))
    error = Error(matrix=matrix, columns=matrix.T.tocsr(), grid=grid, wanted=wanted)
    start = np.bincount(work.search.laid, minlength=len(chords)).astype(np.float32)
    ours, _ = error.at(start)
    _, bound = relaxed(error, start, rounds)
    return ours**0.5, bound**0.5, len(work.search.laid)


def main() -> None:
    """Print the ratio for three photos."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--rounds", type=int, default=300)
    wanted = parser.parse_args()
    print(f"{'photo':<14} {'chords':>6} {'RMS L*':>7} {'bound':>6} {'ratio':>6}")
    for name in ("astronaut.jpg", "camera.png", "chelsea.jpg"):
        ours, bound, chords = ratio(name, wanted.lines, wanted.quality, wanted.rounds)
        print(f"{name:<14} {chords:6d} {ours:7.2f} {bound:6.2f} {ours / bound:6.2f}", flush=True)


if __name__ == "__main__":
    main()
