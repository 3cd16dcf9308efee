"""The chord search: of all chords the best, again and again, lazily; then the weakest out and better ones in."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.plan.model import Indices
from stringart.search.raster import Chords

RENEW_EVERY = 200
"""Chords laid before the cost's terms are computed anew over the whole board."""
_REGAIN_EVERY = 5  # renewals before every chord's gain is computed anew: gains may also have risen
_SLACK = 0.97  # a chord is taken when it is this near to the best; a sixth of the evaluations for 0.001 of SSIM
_LEAST_OF_BUDGET = 0.25
_TURNS = 6  # in which a frame's changes are made: what is weakest depends on what was laid in the turn before


def changes_by_turn(share: float, laid: int, budget: int) -> list[int]:
    """Return how many chords may change from a frame of a clip to the next, turn by turn.

    The ``share`` is reckoned from a quarter of the budget at least: an empty board can be filled.
    """
    most = int(share * max(laid, budget * _LEAST_OF_BUDGET))
    return [most * (turn + 1) // _TURNS - most * turn // _TURNS for turn in range(_TURNS)]


class Cost(Protocol):
    """What a search minimises."""

    @property
    def profile(self) -> NDArray[np.float32]:
        """How a thread's change spreads across it."""

    def renew(self, state: NDArray[np.float32]) -> None:
        """Write the cost's terms round the transmittance in ``state``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Chords laid or taken out, as indices into the search's chords."""

    added: Indices
    removed: Indices


_NONE = np.empty(0, np.int32)


class Search:
    """Chords of one thread, and the ones laid so far.

    Parameters
    ----------
    chords : Chords
    cost : Cost
    size : int
        Of the grid.
    use_mm : (C,) float32 array
        Thread that each chord uses up.
    used : (C,) bool array, optional
        Chords that lie on the board already, in this layer or another that shares the array: no chord is laid twice,
        since one of the two threads would not be seen.
    """

    def __init__(
        self,
        chords: Chords,
        cost: Cost,
        size: int,
        use_mm: NDArray[np.float32],
        used: NDArray[np.bool_] | None = None,
    ) -> None:
        self.chords, self.cost, self._use_mm = chords, cost, use_mm
        self._used = np.zeros(len(chords), np.bool_) if used is None else used
        self.laid: list[int] = []
        self._state = np.zeros((size, size, 4), np.float32)
        self._state[..., _kernels.TRANSMITTANCE] = 1
        self._maps = np.zeros((2, size, size, 2), np.float32)
        self._gains = np.zeros(len(chords), np.float32)
        self._heap = np.zeros(len(chords), np.int32)
        self._favor = np.ones(len(chords), np.float32)

    @property
    def transmittance(self) -> NDArray[np.float32]:
        """What is seen past the threads laid, (size, size)."""
        return np.ascontiguousarray(self._state[..., _kernels.TRANSMITTANCE])

    @property
    def length_mm(self) -> float:
        """Thread used up."""
        return float(self._use_mm[self.laid].sum(dtype=np.float64))

    @property
    def mean_use_mm(self) -> float:
        """Thread that a chord uses up, on the average of all that may be wound."""
        return float(self._use_mm.mean(dtype=np.float64))

    def renew(self) -> None:
        """Compute the cost's terms anew."""
        self.cost.renew(self._state)
        _kernels.refresh_maps(self._state, self._maps)

    def fill(
        self, count: int, length_mm: float = math.inf, least: float = 0.0, renewed: bool = False
    ) -> Iterator[Change]:
        """Lay chords until ``count`` or ``length_mm`` is reached or none gains over ``least``.

        Yields after every renewal of the cost's terms; ``renewed`` says that the first is not needed.
        """
        round_ = 0
        while len(self.laid) < count:
            if not renewed:
                self.renew()
            renewed = False
            fresh = round_ % _REGAIN_EVERY == 0
            if fresh:
                _kernels.all_gains(self._maps, self.chords.walks, self.chords.cover, self._used, self._gains)
                self._gains *= self._favor
                _kernels.build_heap(self._heap, self._gains)
            round_ += 1
            laid, done = self._lay(min(RENEW_EVERY, count - len(self.laid)), length_mm - self.length_mm, least)
            self.laid.extend(laid.tolist())
            if len(laid):
                yield Change(added=laid, removed=_NONE)
            if done and fresh:
                return
            if done:
                round_ = 0

    def _lay(self, count: int, length_mm: float, least: float) -> tuple[Indices, bool]:
        laid, done = _kernels.lay_best(
            count,
            length_mm,
            least,
            _SLACK,
            self.chords.walks,
            self.chords.cover,
            self._use_mm,
            self._favor,
            self._used,
            self._heap,
            self._gains,
            self._state,
            self._maps,
            self.cost.profile,
        )
        return laid, bool(done)

    def favor(self, chosen: Indices, times: float) -> None:
        """Let the gains of these chords count ``times`` as much from now on, and those of all others once."""
        self._favor[:] = 1
        self._favor[chosen] = times

    def worth(self) -> NDArray[np.float32]:
        """What each chord laid gains, in their order; the cost's terms are computed anew."""
        self.renew()
        chosen = np.array(self.laid, np.int32)
        gains: NDArray[np.float32] = _kernels.removal_gains(self._maps, self.chords.walks, self.chords.cover, chosen)
        return -gains

    def thin(self, share: float) -> Change:
        """Take out the ``share`` of the chords laid that matters least."""
        worth = self.worth()
        order = np.argsort(worth, kind="stable")
        return self.take_out(np.sort(order[: int(share * len(order))]))

    def take_out(self, places: NDArray[np.intp]) -> Change:
        """Take out the chords at these places of ``laid``."""
        chosen, chords = np.array(self.laid, np.int32), self.chords
        removed = chosen[places]
        _kernels.take_out(removed, chords.walks, chords.cover, self._state, self._maps, self.cost.profile)
        self._used[removed] = False
        self.laid = np.delete(chosen, places).tolist()
        return Change(added=_NONE, removed=removed)
