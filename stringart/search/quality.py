"""How much a search is given at each quality: one table for grid, rounds, sweeps and cycles."""

from dataclasses import dataclass

EYE_PX = 256
"""Pixels across the board. Threads blur away at this size; a finer grid costs more and scores no better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a search is given.

    Parameters
    ----------
    grid_px : int
        Pixels across the board. At 192, SSIM and colour are within 0.01 of 256's, at two thirds of the time.
    rounds : tuple of float
        One thread: share of the chords that each round of refinement takes out and searches anew.
    sweeps : int
        Several threads: how often every layer is searched anew.
    cycles : int, optional
        Several threads: how often they take turns where the user does not say; None for `default_schedule`'s own.
    """

    grid_px: int = EYE_PX
    rounds: tuple[float, ...]
    sweeps: int
    cycles: int | None = None


QUALITY = {
    "draft": Quality(grid_px=192, rounds=(), sweeps=1, cycles=2),
    "normal": Quality(rounds=(0.3, 0.2, 0.1), sweeps=4),
    "best": Quality(rounds=(0.3, 0.3, 0.3, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1), sweeps=10),
}
QUALITIES = tuple(QUALITY)
