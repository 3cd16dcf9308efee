"""The ring of pins as an obstacle: gaps, the room round every pin, ways across the board that keep clear.

All in the machine's plane, millimetres. The pins' centres form a simple polygon. The tool's centre may be anywhere
inside it that is at least ``reach`` (pin radius + tool radius + clearance) from every pin: since the polygon has no
holes, all such ways between two places are the same for the thread. It leaves the polygon only to go round a pin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from stringart.errors import MachineError
from stringart.machine.placement import to_machine
from stringart.machine.profile import Profile
from stringart.plan.model import Array, Plan

_SHARP = 0.3  # sine of a bend that one place beside the pin does not serve
_SLACK_MM = 1e-3  # what a rounding to three decimals may take from a clearance
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ring:
    """Pins on the machine and the tool that passes between them.

    Parameters
    ----------
    xy_mm : (N, 2) float array
        Pin centres in the machine's plane, numbered clockwise.
    pin_diameter_mm, tool_diameter_mm : float
    clearance_mm, loop_mm, inside_mm : float
        As the profile's ``clearance`` says.

    Raises
    ------
    MachineError
        If the pins are not numbered clockwise round a simple outline.
    """

    xy_mm: Array
    pin_diameter_mm: float
    tool_diameter_mm: float
    clearance_mm: float
    loop_mm: float
    inside_mm: float

    def __post_init__(self) -> None:
        polygon = shapely.Polygon(self.xy_mm)
        if not polygon.is_valid:
            why = shapely.is_valid_reason(polygon)
            raise MachineError(f"the line from pin to pin crosses itself ({why})", "number the pins along the outline")
        if shapely.is_ccw(polygon.exterior):
            raise MachineError("the pins are numbered counter-clockwise", "number them clockwise, seen from the front")

    @classmethod
    def of(cls, plan: Plan, profile: Profile) -> "Ring":
        """The ring of a plan where the profile puts the board."""
        return cls(
            xy_mm=to_machine(profile.board, plan.pins.xy_mm),
            pin_diameter_mm=plan.pins.diameter_mm,
            tool_diameter_mm=profile.tool.diameter_mm,
            clearance_mm=profile.clearance.pin_mm,
            loop_mm=profile.clearance.loop_mm,
            inside_mm=profile.clearance.inside_mm,
        )

    def __len__(self) -> int:
        return len(self.xy_mm)

    @property
    def reach_mm(self) -> float:
        """Least distance between the tool's and a pin's centre."""
        return (self.pin_diameter_mm + self.tool_diameter_mm) / 2 + self.clearance_mm

    @cached_property
    def nearest(self) -> tuple[Array, NDArray[np.intp]]:
        """For every pin the distance to the nearest other one, and which that is."""
        from scipy.spatial import cKDTree  # a third of a second, which most commands of a machine do not need

        distance, index = cKDTree(self.xy_mm).query(self.xy_mm, k=2)
        return distance[:, 1], index[:, 1]

    @cached_property
    def radius_mm(self) -> Array:
        """Of the tool's way round every pin: half the way to the nearest pin, not more than is needed."""
        return np.minimum(self.nearest[0] / 2, self.reach_mm + self.loop_mm)

    @cached_property
    def polygon(self) -> shapely.Polygon:
        """The pins' outline."""
        return shapely.Polygon(self.xy_mm)

    @cached_property
    def inward(self) -> Array:
        """Unit normals into the board, (N, 2), of the edges from pin k to pin k + 1."""
        along = np.roll(self.xy_mm, -1, axis=0) - self.xy_mm
        along = along / np.hypot(*along.T)[:, None]
        return np.column_stack([along[:, 1], -along[:, 0]])

    @cached_property
    def free(self) -> shapely.Geometry:
        """Where the tool's centre may be inside the ring."""
        discs = shapely.buffer(shapely.points(self.xy_mm), self.reach_mm - _SLACK_MM, quad_segs=16)
        apart = self.nearest[0].min() >= 2 * self.reach_mm  # then there is nothing to unite, which takes the longest
        taken = shapely.multipolygons(discs) if apart else shapely.union_all(discs)
        free = shapely.difference(shapely.buffer(self.polygon, 1e-6), taken)
        shapely.prepare(free)
        return free

    @cached_property
    def _core(self) -> shapely.Polygon:
        """Inside of the outline without its very edge: no way outside may touch it."""
        core = shapely.buffer(self.polygon, -1e-3)
        shapely.prepare(core)
        return core

    def check_gap(self, pin: int, wrap: str) -> None:
        """Refuse a pin that the tool cannot go round.

        Raises
        ------
        MachineError
            With the pins' numbers and the millimetres.
        """
        distance, other = float(self.nearest[0][pin]), int(self.nearest[1][pin])
        gap, needed = distance - self.pin_diameter_mm, self.tool_diameter_mm + 2 * self.clearance_mm
        if gap < needed - 1e-9:
            raise MachineError(
                f"{wrap}: pins {min(pin, other)} and {max(pin, other)} leave a gap of {gap:.2f} mm, but the tool of "
                f"{self.tool_diameter_mm:.2f} mm and 2 x {self.clearance_mm:.2f} mm clearance need {needed:.2f} mm",
                "take a thinner tool, thinner or fewer pins, a larger board or less clearance.pin_mm",
            )

    def clearance_of(self, line: Array) -> tuple[int, float]:
        """The pin nearest to a polyline, and the room between the tool's and its surface in mm."""
        distance = shapely.distance(shapely.linestrings(line), shapely.points(self.xy_mm))
        pin = int(np.argmin(distance))
        return pin, float(distance[pin]) - (self.pin_diameter_mm + self.tool_diameter_mm) / 2

    def is_clear_outside(self, line: Array) -> bool:
        """Whether a polyline outside the ring keeps clear of all pins and does not cross into it."""
        _, room = self.clearance_of(line)
        return room >= self.clearance_mm - 0.05 and not bool(shapely.intersects(self._core, shapely.linestrings(line)))

    @cached_property
    def _all_pins(self) -> shapely.MultiPoint:
        return shapely.multipoints(self.xy_mm)

    def passes_near(self, line: Array, slack_mm: float) -> bool:
        """Whether a polyline leaves less than ``slack_mm`` beyond the least distance from some pin."""
        distance = shapely.distance(shapely.linestrings(line), self._all_pins)
        return float(distance) < self.reach_mm + slack_mm

    # --- ways inside ---

    def inner_point(self, gap: int, crossing: Point) -> Point | None:
        """Where the tool goes from a crossing of gap (k, k + 1) straight into the board; None where it cannot."""
        for candidate in self._inner_candidates(gap, crossing):
            if shapely.covers(self.free, shapely.linestrings([crossing, candidate])):
                return candidate
        return None

    @cached_property
    def _depths(self) -> Array:
        """How far inside the tool turns, the deepest first."""
        return np.linspace(self.inside_mm, min(self.reach_mm, self.inside_mm), 4)

    @cached_property
    def _insets(self) -> list[shapely.Geometry]:
        """The outline that far inside."""
        return [shapely.buffer(self.polygon, -depth) for depth in self._depths]

    def _inner_candidates(self, gap: int, crossing: Point) -> Iterator[Point]:
        """Places to try, the best first: straight inside and far from the outline, far from it, straight inside."""
        here, normal = np.array(crossing), self.inward[gap]
        straight = [(float(x), float(y)) for x, y in (here + normal * depth for depth in self._depths)]
        for place in straight:
            if shapely.distance(self.polygon.exterior, shapely.points(place)) >= self.reach_mm - 1e-6:
                yield place
        for inset in self._insets:
            if not inset.is_empty:
                near = shapely.ops.nearest_points(inset, shapely.Point(crossing))[0]
                yield float(near.x), float(near.y)
        yield from straight

    def are_clear(self, starts: Array, ends: Array) -> NDArray[np.bool_]:
        """Whether the straight lines between points inside, (M, 2) each, keep clear of pins and inside."""
        if not len(starts):
            return np.zeros(0, bool)
        return np.asarray(shapely.covers(self.free, shapely.linestrings(np.stack([starts, ends], axis=1))))

    @cached_property
    def _nodes(self) -> Array:
        """Points beside the pins at which the outline bends inwards: shortest ways bend only there."""
        before = self.xy_mm - np.roll(self.xy_mm, 1, axis=0)
        after = np.roll(self.xy_mm, -1, axis=0) - self.xy_mm
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        bisector = np.roll(self.inward, 1, axis=0) + self.inward
        bisector /= np.maximum(np.hypot(*bisector.T), 1e-9)[:, None]
        turn /= np.hypot(*before.T) * np.hypot(*after.T)
        found = []
        for pin in np.flatnonzero(turn > 1e-6):
            for angle in (-0.7, 0.0, 0.7) if turn[pin] > _SHARP else (0.0,):
                c, s = np.cos(angle), np.sin(angle)
                way = np.array([[c, -s], [s, c]]) @ bisector[pin]
                found += [self.xy_mm[pin] + way * self.reach_mm * share for share in (1.15, 1.9)]
        nodes = np.array(found).reshape(-1, 2)
        return nodes[shapely.covers(self.free, shapely.points(nodes))] if len(nodes) else nodes

    @cached_property
    def _node_ways(self) -> tuple[Array, NDArray[np.int32]]:
        """Shortest ways between all nodes: lengths and predecessors."""
        from scipy.sparse.csgraph import dijkstra

        nodes = self._nodes
        count = len(nodes)
        a, b = np.triu_indices(count, 1)
        seen = self.are_clear(nodes[a], nodes[b])
        lengths = np.zeros((count, count))
        lengths[a[seen], b[seen]] = np.hypot(*(nodes[a[seen]] - nodes[b[seen]]).T)
        distance, before = dijkstra(lengths, directed=False, return_predecessors=True)
        return distance, before

    def way_around(self, start: Point, end: Point) -> list[Point] | None:
        """Corners of the shortest way inside from ``start`` to ``end``; None where there is none."""
        nodes = self._nodes
        if not len(nodes):
            return None
        p, q = np.broadcast_to(start, nodes.shape), np.broadcast_to(end, nodes.shape)
        from_start, to_end = self.are_clear(p, nodes), self.are_clear(nodes, q)
        distance, before = self._node_ways
        total = (
            np.where(from_start, np.hypot(*(nodes - p).T), np.inf)[:, None]
            + distance
            + np.where(to_end, np.hypot(*(nodes - q).T), np.inf)[None, :]
        )
        first, last = np.unravel_index(int(np.argmin(total)), total.shape)
        if not np.isfinite(total[first, last]):
            return None
        chain = [int(last)]
        while chain[-1] != first:
            chain.append(int(before[first, chain[-1]]))
        return [(float(nodes[k, 0]), float(nodes[k, 1])) for k in reversed(chain)]

    # --- places ---

    @cached_property
    def middle(self) -> Point:
        """A place inside, as far from the pins as can be."""
        if self.polygon.contains(self.polygon.centroid):
            center = self.polygon.centroid
            if self.polygon.exterior.distance(center) > 4 * self.reach_mm:
                return float(center.x), float(center.y)
        best = shapely.ops.polylabel(self.polygon, 0.5)
        return float(best.x), float(best.y)

    def side_of(self, point: Point) -> tuple[str, int]:
        """Where a point is: ``inside``, ``gap`` or ``outside``, with the nearest pin (the gap's first pin)."""
        here = shapely.Point(point)
        distances = np.hypot(*(self.xy_mm - point).T)
        nearest = int(np.argmin(distances))
        edges = shapely.linestrings(np.stack([self.xy_mm, np.roll(self.xy_mm, -1, axis=0)], axis=1))
        to_edge = shapely.distance(edges, here)
        if to_edge.min() < self.tool_diameter_mm / 2 + 0.2:
            return "gap", int(np.argmin(to_edge))
        return ("inside" if self.polygon.contains(here) else "outside"), nearest
