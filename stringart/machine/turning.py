"""Ways of a needle over a board that turns: in or out along a radius, and the board turns under it.

A needle of short travel cannot cross the board. It stays at one side, a little inside the pins, while the board turns
the next gap to it; the thread from the last pin swings across the board and is laid by that turning. Seen from the
board the needle goes along a circle round the axis of rotation. Inside the ring there is nothing to wind round, so this
way is the same for the thread as the straight one.
"""

import math

import numpy as np
import shapely

from stringart.errors import MachineError
from stringart.machine.ring import Point, Ring
from stringart.machine.toolpath import PathPiece, flatten

_SAME_MM = 1e-6
_SLACK_MM = 0.01
_FLAT_MM = 0.05


def turn_to(start: Point, end: Point) -> PathPiece | None:
    """Return the turn that brings the radius of ``end`` under a needle, the shorter way; None where it is there.

    The needle stays at its own radius, that of ``start``.
    """
    radius, far = math.hypot(*start), math.hypot(*end)
    if radius < _SAME_MM or far < _SAME_MM:
        return None
    target = (end[0] * radius / far, end[1] * radius / far)
    if math.dist(start, target) < 1e-3:
        return None
    clockwise = start[0] * target[1] - start[1] * target[0] < 0
    return PathPiece(*target, 1 if clockwise else -1)


class Turning:
    """Ways inside one ring that never cross the board.

    Parameters
    ----------
    ring : Ring

    Raises
    ------
    MachineError
        If the axis of rotation does not lie inside the ring.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        axis = shapely.Point(0.0, 0.0)
        if not ring.polygon.contains(axis):
            x, y = ring.polygon.centroid.coords[0]
            raise MachineError(
                f"the axis of rotation lies outside the board, whose middle is at {x:.1f}, {y:.1f} mm from it",
                "correct board.center_mm of the profile: it is counted from the axis of rotation",
            )
        to_pins = float(np.hypot(*ring.xy_mm.T).min()) - ring.reach_mm
        self.radius_mm = min(to_pins, float(ring.polygon.exterior.distance(axis)) - ring.reach_mm / 2) - _SLACK_MM
        """Of the largest circle on which the needle touches nothing while the board turns."""
        if self.radius_mm <= 0:
            raise MachineError(
                f"a pin comes within {to_pins:.1f} mm of the axis of rotation: the board cannot turn under the needle",
                "correct board.center_mm, or take a board whose middle is free",
            )

    def between(self, start: Point, end: Point, name: str) -> tuple[PathPiece, ...]:
        """Pieces of the way inside from one place to another, which is left out itself.

        Raises
        ------
        MachineError
            If the needle cannot go in along its radius without touching a pin.
        """
        radius = min(math.hypot(*start), math.hypot(*end), self.radius_mm)
        pieces: list[PathPiece] = []
        here = start
        if math.hypot(*start) > radius + _SLACK_MM:
            here = _at_radius(start, radius)
            pieces.append(PathPiece(*here))
        turn = turn_to(here, end)
        if turn is not None:
            pieces.append(turn)
        self._check(start, pieces, end, name)
        return tuple(pieces)

    def _check(self, start: Point, pieces: list[PathPiece], end: Point, name: str) -> None:
        line = np.vstack([flatten(start, pieces, _FLAT_MM), end])
        if shapely.covers(self._ring.free, shapely.linestrings(line)):
            return
        pin, room = self._ring.clearance_of(line)
        raise MachineError(
            f"{name}: turned under the needle, the board comes within {max(room, 0.0):.2f} mm of it at pin {pin}, "
            f"{self._ring.clearance_mm:.2f} mm are needed",
            "centre the board on its axis (board.center_mm), or take a thinner needle or fewer pins",
        )


def _at_radius(point: Point, radius: float) -> Point:
    share = radius / math.hypot(*point)
    return point[0] * share, point[1] * share
