"""How much a search is given at each quality: one table for grid, rounds, sweeps and cycles."""

from dataclasses import dataclass
from typing import Literal

EYE_PX = 256
"""Pixels across the board at which single threads blur away, unless a quality asks for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a search is given.

    Parameters
    ----------
    grid_px : int
        One thread: pixels across the board. On which side of its pins a thread lies is half a pixel of 256, and finer
        grids see it better: at 256, 320, 384 and 512 SSIM from near was 0.644, 0.656, 0.666 and 0.674 in 1, 1.3, 2 and
        3.3 times the time. A large board gains as much, whatever its pins: 3 m and 30,000 chords at 320 and 512 are
        0.698 and 0.710 with 1,000 pins, 0.687 and 0.704 with 2,000; so that the eye's blur, not the grid, is what
        more pins cannot pass.
    colors_px : int
        Several threads: pixels across the board.
    rounds : tuple of float
        One thread: share of the chords that each round of refinement takes out and searches anew.
    trials : int
        One thread: how often at most a part is then taken out by chance and searched anew, kept where that is better.
    sweeps : int
        Several threads: how often every layer is searched anew.
    closing : int
        Several threads: how often every layer is searched anew once its thread can be wound along it.
    cycles : int, optional
        Several threads: how often they take turns where the user does not say; None for `default_schedule`'s own.
    """

    grid_px: int = EYE_PX
    colors_px: int = EYE_PX
    rounds: tuple[float, ...]
    trials: int = 0
    sweeps: int
    closing: int = 1
    cycles: int | None = None


QualityName = Literal["draft", "normal", "best"]
QUALITY: dict[QualityName, Quality] = {
    "draft": Quality(grid_px=192, colors_px=192, rounds=(), sweeps=1, cycles=2),
    "normal": Quality(grid_px=320, rounds=(0.3, 0.2, 0.1), sweeps=5, closing=2),
    "best": Quality(grid_px=512, rounds=(0.3, 0.3, 0.3, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1), trials=24, sweeps=10, closing=4),
}
QUALITIES = tuple(QUALITY)
