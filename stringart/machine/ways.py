"""Ways of the tool across the board: straight where the pins let it pass, round them where not; or by turning it."""

import math
from collections.abc import Sequence

import numpy as np

from stringart.errors import MachineError
from stringart.machine.profile import Profile
from stringart.machine.ring import Point, Ring
from stringart.machine.toolpath import Excursion, Loops, PathPiece
from stringart.machine.turning import Turning
from stringart.plan.model import Plan


def park_place(profile: Profile, ring: Ring) -> Point:
    """Return where the tool waits, in the board's plane, mm: the profile's place, or the ring's middle.

    A needle that does not reach the middle waits inside, where the board can turn under it.
    """
    if not profile.park.xy_mm:
        return (0.0, Turning(ring).radius_mm) if profile.turntable else ring.middle
    x, y = profile.park.xy_mm
    if profile.rotary:
        return x * math.sin(math.radians(y)), x * math.cos(math.radians(y))
    return x, y


class Ways:
    """The ways of one job.

    Parameters
    ----------
    ring : Ring
    loops : Loops
    turns : bool
        Whether the board is turned to the needle: nothing goes across then.
    """

    def __init__(self, ring: Ring, loops: Loops, *, turns: bool = False) -> None:
        self._ring, self._loops = ring, loops
        self._turning = Turning(ring) if turns else None
        self._found: dict[tuple[Point, Point], tuple[PathPiece, ...]] = {}

    def to_each(self, excursions: Sequence[Excursion], begin: Point) -> list[tuple[PathPiece, ...]]:
        """For every excursion the pieces of the way to it from the one before; empty where it is straight."""
        loops = [self._loops.around(e) for e in excursions]
        starts = np.array([begin, *(loop.inner_back for loop in loops[:-1])])
        ends = np.array([loop.inner_out for loop in loops])
        clear = self._ring.are_clear(starts, ends)
        out: list[tuple[PathPiece, ...]] = []
        for k, excursion in enumerate(excursions):
            straight = (
                (bool(clear[k]) and self._turning is None) or k == 0 or excursions[k - 1].layer != excursion.layer
            )
            a, b = (float(starts[k, 0]), float(starts[k, 1])), (float(ends[k, 0]), float(ends[k, 1]))
            out.append(() if straight else self.between(a, b, excursion.name))
        return out

    def between(self, start: Point, end: Point, name: str) -> tuple[PathPiece, ...]:
        """Pieces of a way inside from one place to another, both left out."""
        if self._turning is not None:
            return self._turning.between(start, end, name)
        if (start, end) not in self._found:
            clear = bool(self._ring.are_clear(np.array([start]), np.array([end]))[0])
            found = [] if clear else self._ring.way_around(start, end)
            if found is None:
                pin, room = self._ring.clearance_of(np.array([start, end]))
                raise MachineError(
                    f"{name}: there is no way across the board that keeps {self._ring.clearance_mm:.2f} mm from all "
                    f"pins; the straight one comes within {room:.2f} mm of pin {pin}",
                    "take a thinner tool, fewer pins or less clearance",
                )
            self._found[start, end] = tuple(PathPiece(*corner) for corner in found)
        return self._found[start, end]


def check_chords(plan: Plan, ring: Ring) -> None:
    """Refuse chords that leave the board: over a bay the thread would lie against pins that the plan does not name.

    Boards exclude such chords; only a plan that was made for another board has them.
    """
    import shapely

    allowed_mm = ring.pin_diameter_mm / 2 + 0.01
    room = shapely.buffer(ring.polygon, allowed_mm)
    shapely.prepare(room)
    chords = shapely.linestrings(ring.xy_mm[plan.steps[:, 1:]])
    outside = np.flatnonzero(~plan.is_rim & ~shapely.covers(room, chords))
    if not len(outside):
        return
    layer, a, b = (int(v) for v in plan.steps[outside[0]])
    wrap = int(outside[0]) + 2 + sum(1 for one in plan.layers[:layer] if len(one.pins))
    beyond = shapely.get_coordinates(shapely.segmentize(chords[outside[0]], 1.0))
    away_mm = float(shapely.distance(shapely.points(beyond), ring.polygon).max())
    raise MachineError(
        f"wrap {wrap}: the chord from pin {a} to pin {b} leaves the board by {away_mm:.1f} mm "
        f"({allowed_mm:.1f} mm, half a pin, are allowed; {len(outside)} of {len(chords)} do): the thread would lie "
        "against pins that the plan does not name",
        "design the plan for this board; such chords are left out then",
    )
