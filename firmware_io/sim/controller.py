"""What every simulated controller has: a gantry, a planner, power and time."""

from __future__ import annotations

from abc import ABC, abstractmethod

from firmware_io.sim.gantry import Gantry
from firmware_io.sim.motion import MotionPlanner


class Controller(ABC):
    """Base of the simulated controllers; they make `gantry` and `planner` and say what their firmware does."""

    gantry: Gantry
    planner: MotionPlanner
    alive: bool = False

    def power_off(self) -> None:
        """The motors stop where they are and the memory is gone."""
        self.planner.flush()
        self.gantry.set_spindle(self.now, self.planner.position, 0.0)
        self.alive = False

    def _forget_position(self) -> None:
        """As at a boot: the position is zero wherever the gantry stands."""
        self.power_off()
        self.gantry.forget_origin(self.planner.position)
        self.planner.set_position((0.0,) * self.gantry.axes)

    @property
    def now(self) -> float:
        """Time in seconds."""
        return self.planner.now

    @property
    @abstractmethod
    def next_event_s(self) -> float | None:
        """When something happens if the host stays silent; None for never."""

    @abstractmethod
    def _happen(self, event_s: float) -> None:
        """Do what is due at a moment, and the firmware's next steps."""

    def advance(self, until_s: float) -> None:
        """Let time pass."""
        while (event_s := self.next_event_s) is not None and event_s <= until_s:
            self.planner.advance(event_s)
            self._happen(event_s)
        self.planner.advance(until_s)
