"""A film of whole pieces, one plan after the other, each painted as it will look."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stringart.errors import UnitError
from stringart.look.film import Frame, OnFrame, whole_ticks
from stringart.look.paint import Painting, paint, paint_srgb, picture_shape, to_levels
from stringart.plan.model import Plan

_LOOK_FINENESS = 2
_EVEN_S = 0.002  # durations that differ by less are all the same: a clip's clock counts in milliseconds
_TICKS_PER_S = 100  # of films whose frames are not


class Flipbook:
    """Plans as the frames of a film.

    Parameters
    ----------
    plans : sequence of Plan
        Of one board.
    durations_s : sequence of float
        How long each is shown.
    width_px : int
    on_frame : callable, optional
        Told of every frame that is painted.

    Raises
    ------
    UnitError
        If there is no plan, or the picture is too large.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        durations_s: Sequence[float],
        width_px: int = 600,
        on_frame: OnFrame | None = None,
    ) -> None:
        if not plans or len(plans) != len(durations_s):
            raise UnitError(f"{len(plans)} plans with {len(durations_s)} durations are not a film", "give one for each")
        rows, cols = picture_shape(plans[0], width_px)
        self._plans, self._durations_s = plans, np.array(durations_s, np.float64)
        self.size_px, self._on_frame = (cols, rows), on_frame

    @property
    def plan(self) -> Plan:
        """The first one."""
        return self._plans[0]

    def ticks(self, per_s: int) -> NDArray[np.intp]:
        """Durations, (F,), in whole ticks of 1 / per_s seconds."""
        return whole_ticks(self._durations_s, per_s)

    @property
    def rate(self) -> Fraction:
        """Frames a second: the clip's own where its frames are all as long, else what divides all durations."""
        if self._even:
            return Fraction(len(self._plans) / float(self._durations_s.sum())).limit_denominator(1001)
        return Fraction(_TICKS_PER_S, self._unit)

    @property
    def repeats(self) -> list[int]:
        """How often each frame is shown at that rate."""
        if self._even:
            return [1] * len(self._plans)
        return [int(ticks) // self._unit for ticks in self.ticks(_TICKS_PER_S)]

    @property
    def _even(self) -> bool:
        return bool(np.ptp(self._durations_s) < _EVEN_S)

    @property
    def _unit(self) -> int:
        return math.gcd(*self.ticks(_TICKS_PER_S).tolist())

    @property
    def one_thread(self) -> bool:
        """True if there is nothing but mixtures of one thread and the board."""
        return len({layer.thread for plan in self._plans for layer in plan.layers}) <= 1

    def frames(self) -> Iterator[Frame]:
        """Every piece in turn, (rows, cols, 3) uint8 sRGB."""
        for number, plan in enumerate(self._plans):
            if self._on_frame is not None:
                self._on_frame(number, len(self._plans))
            yield paint_srgb(Painting(plan), self.size_px[0])

    def looks(self, count: int) -> Iterator[Frame]:
        """Some frames spread over the film, coarsely painted."""
        for number in np.unique(np.linspace(0, len(self._plans) - 1, count).astype(int)):
            yield to_levels(paint(self._plans[number], self.size_px[0], _LOOK_FINENESS))
