"""The iron on which a simulated controller hangs: where the tool really is, and everywhere it has been."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """A corner of the path that the tool took.

    ``position`` is physical (it outlives resets), ``spindle`` the spindle or servo value at that moment.
    """

    time_s: float
    position: tuple[float, ...]
    spindle: float


class Gantry:
    """Axes, a tool, and the record of the path. Nothing that happens to the controller changes the record."""

    def __init__(self, axes: int) -> None:
        self.axes = axes
        self.ends: tuple[tuple[float, float], ...] = ()  # of every axis, where the carriage hits its stop
        self.stalled_mm = 0.0
        self.offset = [0.0] * axes  # physical position = what the controller thinks + offset
        self.spindle = 0.0
        self._record = array("d")

    def physical(self, machine_position: Sequence[float]) -> tuple[float, ...]:
        """Where the tool is when the controller thinks that it is at `machine_position`."""
        return tuple(m + o for m, o in zip(machine_position, self.offset, strict=True))

    def put(self, time_s: float, machine_position: Sequence[float]) -> None:
        """Record that the tool is there now; at an end stop the motor loses the steps that lead beyond it."""
        self._stall(machine_position)
        row = (time_s, *self.physical(machine_position), self.spindle)
        if self._record[-len(row) + 1 :] != array("d", row[1:]):
            self._record.extend(row)

    def _stall(self, machine_position: Sequence[float]) -> None:
        for axis, (low, high) in enumerate(self.ends):
            here = machine_position[axis] + self.offset[axis]
            beyond = here - min(max(here, low), high)
            self.offset[axis] -= beyond
            self.stalled_mm += abs(beyond) if abs(beyond) > 1e-6 else 0.0

    def set_spindle(self, time_s: float, machine_position: Sequence[float], value: float) -> None:
        """Turn the spindle (or lift the servo) to `value`."""
        if value != self.spindle:
            self.put(time_s, machine_position)
            self.spindle = value
            self.put(time_s, machine_position)

    def forget_origin(self, machine_position: Sequence[float]) -> None:
        """The controller will think that it is at zero: the iron stays where it is."""
        self.offset = list(self.physical(machine_position))

    @property
    def path(self) -> Iterator[Vertex]:
        """All corners so far, in order of time."""
        width = self.axes + 2
        for i in range(0, len(self._record), width):
            row = self._record[i : i + width]
            yield Vertex(time_s=row[0], position=tuple(row[1:-1]), spindle=row[-1])
