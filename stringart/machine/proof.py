"""What a job's path winds, proved from the path alone: which pins, in which order and direction, how near to them.

The proof. The pins' centres form a simple polygon; inside it there is nothing to wind round. So a path is known up to
bending by where it crosses the polygon's edges, and by the winding numbers of each of its parts outside, closed along
the inside. A part outside that goes once round pins k to m, all in one direction, and round no other, wraps exactly
these. Whoever wrote the job, from which plan, is not asked: nothing here knows the writer.

Above the pins' tops nothing is wound and nothing is hit; there the path is free.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from stringart.errors import MachineError
from stringart.machine.estimate import Timing, reader_for, time_actions
from stringart.machine.grammar import grammar_problems
from stringart.machine.passages import Crossing, Passages
from stringart.machine.placement import to_machine
from stringart.machine.profile import Profile
from stringart.machine.reader import (
    Action,
    Lift,
    Motion,
    Note,
    Rest,
    Stop,
    fingerprint,
    header_numbers,
    lines_of,
    points_along,
)
from stringart.plan.model import Array, Plan
from stringart.plan.wraps import directions

_ARC_TOLERANCE_MM, _TURN_STEP_DEG = 0.01, 0.5
_ROUNDING_MM = 0.05
_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapSeen:
    """One wrap that the path makes.

    Parameters
    ----------
    pin : int
    direction : int
        +1 clockwise, -1 counter-clockwise, seen from the front.
    line : int
        Of the file, at which it goes out of the ring.
    run : int
        How many times the job waited for the operator before it.
    """

    pin: int
    direction: int
    line: int
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found.

    Parameters
    ----------
    wraps : tuple of WrapSeen
        Every wrap of the path, anchors' turns included, in order.
    wound : tuple of WrapSeen
        The same without the turns of anchors.
    problems : tuple of str
        What is wrong, one line each; empty for a job that is as it should be.
    clearance_mm : float
        Least room between the tool's and a pin's surface.
    clearance_pin, clearance_line : int
        Where that is.
    box : ((x, x), (y, y), (z, z))
        Of the axes.
    timing : Timing
    path : (M, 2) float array
        In the machine's plane.
    lines : (M,) int array
        Line of the file that ends at each point of the path.
    low : (M,) bool array
        Whether the tool comes there below the pins' tops.
    pins_mm : (N, 2) float array
        In the machine's plane.
    source : str
        What the wraps were compared with.
    """

    wraps: tuple[WrapSeen, ...]
    wound: tuple[WrapSeen, ...]
    problems: tuple[str, ...]
    clearance_mm: float
    clearance_pin: int
    clearance_line: int
    box: tuple[tuple[float, float], ...]
    timing: Timing
    path: Array
    lines: NDArray[np.int64]
    low: NDArray[np.bool_]
    pins_mm: Array
    source: str


@dataclass(slots=True)
class _Path:
    points: list[tuple[float, float]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    low: list[bool] = field(default_factory=list)  # on the way there
    high: list[bool] = field(default_factory=list)  # there
    runs: list[int] = field(default_factory=list)
    rests: list[tuple[int, int]] = field(default_factory=list)  # (index of the point, line)
    box: list[list[float]] = field(default_factory=lambda: [[np.inf, -np.inf] for _ in range(3)])
    box_lines: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(3)])


def prove(text: str, profile: Profile, plan: Plan | None = None) -> Proof:
    """Read a job back and prove what its path winds.

    Parameters
    ----------
    text : str
        The file.
    profile : Profile
        The machine that it is for.
    plan : Plan, optional
        What should be wound; without it the comments of the file say it.

    Raises
    ------
    MachineError
        If the text cannot be read as G-code of ours, or nothing tells where the pins are.
    """
    header = _Header.of(text)
    pins = header.pins if plan is None else (plan.pins.xy_mm, plan.pins.diameter_mm)
    if pins is None:
        raise MachineError("the job does not say where the pins are", "give its plan with --plan")
    pins_mm = to_machine(profile.board, pins[0])
    actions = list(reader_for(profile).read(text))
    path = _trace(actions, profile)
    points = np.array(path.points).reshape(-1, 2)
    low = np.array(path.low, bool)
    contact = _Contact(pins_mm, pins[1], profile.tool.diameter_mm)
    clearance = contact.least(points, low)
    wraps, problems = contact.wraps(points, low, path)
    line_of = np.array(path.lines, np.int64)
    problems = [
        *_header_problems(header, profile, plan),
        *_limit_problems(path, profile),
        *_clearance_problems(clearance, line_of, profile),
        *contact.rest_problems(points, low, path),
        *problems,
        *contact.passage_problems(points, low, path, profile),
        *grammar_problems(text, actions, profile),
    ]
    if wraps and not wraps[0].run:
        problems.append(f"line {wraps[0].line}: the job does not wait for the thread before its first wrap")
    expected, source = _expected(text, plan)
    wound, more = _compare(wraps, expected, profile.thread.anchor_turns, len(pins_mm))
    problems += more + _sum_problems(text, header)
    return Proof(
        wraps=tuple(wraps), wound=tuple(wound), problems=tuple(problems[:_MOST_FINDINGS]), clearance_mm=clearance[0],
        clearance_pin=clearance[1], clearance_line=int(line_of[clearance[2]]) if len(line_of) else 0,
        box=tuple((b[0], b[1]) for b in path.box), timing=time_actions(actions, profile), path=points, lines=line_of,
        low=low, pins_mm=pins_mm, source=source,
    )  # fmt: skip


# --- the path ---


def _trace(actions: Iterable[Action], profile: Profile) -> _Path:
    """Follow the tool through all actions, in the machine's plane."""
    path, run, servo_mm, raised = _Path(), 0, None, 0.0
    for action in actions:
        if isinstance(action, Stop):
            run += 1
        elif isinstance(action, Note) and action.text.startswith("raise "):
            raised += profile.height.raise_mm
            run -= 1  # the thread goes on
        elif isinstance(action, Lift):
            servo_mm = _servo_height(action.value, profile)
        elif isinstance(action, Rest) and path.points:
            path.rests.append((len(path.points) - 1, action.line))
        elif isinstance(action, Motion) and not np.isnan(action.end[:2]).any():  # a place was said
            _follow(action, path, profile, (run, servo_mm, raised))
    if not path.points:
        raise MachineError("nothing moves in this job")
    path.low[0] = False  # where the tool is before the job is not known
    return path


def _follow(motion: Motion, path: _Path, profile: Profile, state: tuple[int, float | None, float]) -> None:
    """Add the points of one motion; ``state`` is the run, the servo's height and by how much the gantry is raised."""
    run, servo_mm, raised = state
    tops = profile.height.pin_mm + (0.0 if profile.servo_lift else profile.board.surface_z_mm)
    before = motion.start[2]
    for point in _fine_points(motion, rotary=profile.rotary):
        lowest = servo_mm if profile.servo_lift else min(before, point[2]) + raised
        before = point[2]
        path.points.append(_plane(point, rotary=profile.rotary))
        path.lines.append(motion.line)
        path.low.append(lowest is None or not lowest >= tops)
        path.high.append(not path.low[-1] or (not profile.servo_lift and point[2] + raised >= tops))
        path.runs.append(run)
        for axis in range(3):
            _widen(path, axis, point[axis], motion.line)


def _servo_height(value: float, profile: Profile) -> float:
    servo = profile.servo
    share = (value - servo.low_s) / (servo.high_s - servo.low_s)
    return servo.low_mm + share * (servo.high_mm - servo.low_mm)


def _fine_points(motion: Motion, *, rotary: bool) -> list[tuple[float, float, float]]:
    if motion.turn or not rotary or np.isnan(motion.start[:2]).any():
        return points_along(motion, _ARC_TOLERANCE_MM)
    count = max(int(abs(motion.end[1] - motion.start[1]) / _TURN_STEP_DEG), 1)
    a, b = np.array(motion.start), np.array(motion.end)
    return [(float(p[0]), float(p[1]), float(p[2])) for p in (a + (b - a) * k / count for k in range(1, count + 1))]


def _plane(point: tuple[float, float, float], *, rotary: bool) -> tuple[float, float]:
    if not rotary:
        return point[0], point[1]
    angle = np.radians(point[1])
    return float(point[0] * np.sin(angle)), float(point[0] * np.cos(angle))


def _widen(path: _Path, axis: int, value: float, line: int) -> None:
    low, high = path.box[axis]
    if value < low:
        path.box[axis][0], path.box_lines[axis][0] = value, line
    if value > high:
        path.box[axis][1], path.box_lines[axis][1] = value, line


# --- pins ---


class _Contact:
    """The path against the pins."""

    def __init__(self, pins_mm: Array, pin_mm: float, tool_mm: float) -> None:
        self.pins, self.tool, self.touch = pins_mm, tool_mm, (pin_mm + tool_mm) / 2
        after = np.roll(pins_mm, -1, axis=0)
        along = after - pins_mm
        self._lengths = np.hypot(*along.T)
        self._along = along / self._lengths[:, None]
        self._inward = np.column_stack([self._along[:, 1], -self._along[:, 0]])
        self._edges = shapely.STRtree(shapely.linestrings(np.stack([pins_mm, after], axis=1)))
        self._ring = shapely.Polygon(pins_mm)
        outward = -(np.roll(self._inward, 1, axis=0) + self._inward)
        outward /= np.maximum(np.hypot(*outward.T), 1e-9)[:, None]
        self._probes = pins_mm + outward * 0.02  # a hair outside the centre, where the closing line does not pass

    def _segments(self, points: Array, low: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Numbers of the points that low segments end at, and the segments."""
        ends = np.flatnonzero(low[1:]) + 1
        return ends, np.asarray(shapely.linestrings(np.stack([points[ends - 1], points[ends]], axis=1)))

    def least(self, points: Array, low: NDArray[np.bool_]) -> tuple[float, int, int]:
        """Least room between surfaces, the pin and the point of the path."""
        ends, segments = self._segments(points, low)
        if not len(ends):
            return np.inf, 0, 0
        tree = shapely.STRtree(shapely.points(self.pins))
        near = self.touch + 6.0
        which, pin = tree.query(segments, predicate="dwithin", distance=near)
        if not len(which):
            return near - self.touch, 0, 0
        distance = shapely.distance(segments[which], shapely.points(self.pins[pin]))
        best = int(np.argmin(distance))
        return float(distance[best]) - self.touch, int(pin[best]), int(ends[which[best]])

    def _crossings(self, points: Array, low: NDArray[np.bool_]) -> list[tuple[int, float, int, bool]]:
        """(point of the path, share of its segment, gap, whether it goes out) of every crossing, in order."""
        ends, segments = self._segments(points, low)
        if not len(ends):
            return []
        which, edge = self._edges.query(segments, predicate="dwithin", distance=0.01)
        a, b = points[ends[which] - 1] - self.pins[edge], points[ends[which]] - self.pins[edge]
        side_a, side_b = (a * self._inward[edge]).sum(1), (b * self._inward[edge]).sum(1)
        crosses = (side_a >= 0) != (side_b >= 0)
        which, edge, a, b, side_a, side_b = (v[crosses] for v in (which, edge, a, b, side_a, side_b))
        share = side_a / (side_a - side_b)
        place = ((a + (b - a) * share[:, None]) * self._along[edge]).sum(1)
        on = (place >= 0) & (place < self._lengths[edge])
        found = zip(ends[which][on], share[on], edge[on], side_a[on] >= 0, strict=True)
        return sorted((int(p), float(s), int(e), bool(out)) for p, s, e, out in found)

    def passage_problems(self, points: Array, low: NDArray[np.bool_], path: _Path, profile: Profile) -> list[str]:
        """Where the tool does not pass the gaps as it should."""
        crossings = []
        for point, share, gap, outward in self._crossings(points, low):
            x, y = points[point - 1] + (points[point] - points[point - 1]) * share
            crossings.append(Crossing(point=point, xy_mm=(float(x), float(y)), gap=gap, outward=outward))
        rests = [point for point, _ in path.rests if not path.high[point]]
        passages = Passages(
            points=points, lines=path.lines, low=low, rests=rests, crossings=crossings, pins_mm=self.pins,
            touch_mm=self.touch, profile=profile,
        )  # fmt: skip
        return list(passages.problems())

    def wraps(self, points: Array, low: NDArray[np.bool_], path: _Path) -> tuple[list[WrapSeen], list[str]]:
        """Every wrap in order, and what is no wrap."""
        wraps: list[WrapSeen] = []
        problems: list[str] = []
        left: tuple[int, float, int] | None = None
        for point, share, gap, outward in self._crossings(points, low):
            line = path.lines[point]
            if outward:
                if left is not None:
                    problems.append(f"line {line}: the tool goes out of the ring where it is outside already")
                left = (point, share, gap)
            elif left is None:
                problems.append(f"line {line}: the tool comes into the ring at pin {gap} without having gone out")
            else:
                if not low[left[0] : point + 1].all():
                    problems.append(f"line {line}: the tool was lifted over the pins while it was outside")
                pins, direction, problem = self._enclosed(points, left, (point, share, gap))
                out_line, run = path.lines[left[0]], path.runs[left[0]]
                wraps += [WrapSeen(pin=p, direction=direction, line=out_line, run=run) for p in pins]
                problems += [f"line {out_line}: {problem}"] if problem else []
                left = None
        if left is not None:
            problems.append(f"line {path.lines[left[0]]}: the tool goes out of the ring and does not come back")
        return wraps, problems

    def _enclosed(
        self, points: Array, out: tuple[int, float, int], back: tuple[int, float, int]
    ) -> tuple[list[int], int, str]:
        """Pins that a part outside goes round, in its order, and its direction."""
        begin = points[out[0] - 1] + (points[out[0]] - points[out[0] - 1]) * out[1]
        end = points[back[0] - 1] + (points[back[0]] - points[back[0] - 1]) * back[1]
        closing = self._along_ring(back[2], out[2])
        loop = np.vstack([begin, points[out[0] : back[0]], end, closing])
        low, high = loop.min(0) - 1, loop.max(0) + 1
        near = np.flatnonzero(((self._probes > low) & (self._probes < high)).all(1))
        turns = _winding_numbers(loop, self._probes[near])
        pins, around = near[turns != 0], turns[turns != 0]
        gap_out, gap_back = _gap_name(out[2], len(self.pins)), _gap_name(back[2], len(self.pins))
        if not len(pins):
            return [], 0, f"the tool goes out at {gap_out} and in at {gap_back}: it wraps no pin"
        if len(set(around.tolist())) > 1 or abs(around[0]) != 1:
            names = ", ".join(f"{p} ({-t:+d})" for p, t in zip(pins, around, strict=True))
            return [], 0, f"the tool goes out at {gap_out} and in at {gap_back}: turns round pins {names}"
        direction = -int(around[0])
        first = (out[2] + 1) % len(self.pins) if direction > 0 else out[2]
        order = [(first + direction * k) % len(self.pins) for k in range(len(pins))]
        if sorted(order) != sorted(pins.tolist()):
            return [], 0, f"the tool goes round pins {pins.tolist()}, which do not stand side by side"
        return order, direction, ""

    def _along_ring(self, from_gap: int, to_gap: int) -> Array:
        """Pins on the way along the ring from one gap to another, the shorter way."""
        count = len(self.pins)
        ahead = (to_gap - from_gap) % count
        if ahead <= count // 2:
            order = [(from_gap + 1 + k) % count for k in range(ahead)]
        else:
            order = [(from_gap - k) % count for k in range(count - ahead)]
        return self.pins[order].reshape(-1, 2)

    def rest_problems(self, points: Array, low: NDArray[np.bool_], path: _Path) -> list[str]:
        """Rests at which the tool is not inside."""
        indices = np.array([k for k, _ in path.rests if low[k]], np.intp)
        if not len(indices):
            return []
        shapely.prepare(self._ring)
        inside = shapely.contains(self._ring, shapely.points(points[indices]))
        _, beside = self._edges.query_nearest(shapely.points(points[indices]), return_distance=True, all_matches=False)
        inside &= beside > self.tool / 2 + 0.2
        lines = [line for k, line in path.rests if low[k]]
        bad = [line for line, ok in zip(lines, inside, strict=True) if not ok]
        return [
            f"line {line}: the tool does not rest inside the ring, but in a gap or outside, where it cannot be resumed"
            for line in bad[:3]
        ]


def _winding_numbers(loop: Array, probes: Array) -> NDArray[np.int64]:
    """How many times a closed polyline goes round each point, counter-clockwise positive."""
    a, b = loop, np.roll(loop, -1, axis=0)
    px, py = probes[:, 0][:, None], probes[:, 1][:, None]
    cross = (b[:, 0] - a[:, 0]) * (py - a[:, 1]) - (px - a[:, 0]) * (b[:, 1] - a[:, 1])
    up = (a[:, 1] <= py) & (b[:, 1] > py) & (cross > 0)
    down = (a[:, 1] > py) & (b[:, 1] <= py) & (cross < 0)
    return np.asarray(up.sum(1) - down.sum(1), np.int64)


def _gap_name(gap: int, count: int) -> str:
    return f"the gap of pins {gap} and {(gap + 1) % count}"


# --- what it should be ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What the file says of itself."""

    pins: tuple[Array, float] | None
    plan: str
    place: tuple[float, ...]
    total: tuple[int, str] | None

    @classmethod
    def of(cls, text: str) -> "_Header":
        notes = [line.comment for line in lines_of(text) if line.comment and not line.code]
        found: dict[str, re.Match[str]] = {}
        patterns = {
            "pins": r"pins (\d+) diameter (\S+) mm", "plan": r"plan ([0-9a-f]{64})",
            "place": r"place center (\S+) (\S+) turn (\S+) scale (\S+)", "total": r"lines (\d+) sum ([0-9a-f]{8})",
        }  # fmt: skip
        for note in notes:
            for key, pattern in patterns.items():
                match = re.match(pattern, note)
                if match and key not in found:
                    found[key] = match
        values = [v for note in notes if re.match(r"pin \d+ -?[\d.]", note) for v in note.split()[2:]]
        pins = None
        if "pins" in found and len(values) == 2 * int(found["pins"][1]):
            places = np.array(header_numbers(values, "the place of a pin"), np.float64).reshape(-1, 2)
            pins = places, header_numbers([found["pins"][2]], "the pins' diameter")[0]
        return cls(
            pins=pins,
            plan=found["plan"][1] if "plan" in found else "",
            place=tuple(header_numbers(found["place"].groups(), "the board's place") if "place" in found else ()),
            total=(int(found["total"][1]), found["total"][2]) if "total" in found else None,
        )


def _header_problems(header: _Header, profile: Profile, plan: Plan | None) -> list[str]:
    problems = []
    if plan is not None and header.plan and header.plan != plan.sha256:
        problems.append(f"the job was made for plan {header.plan[:12]}..., this plan is {plan.sha256[:12]}...")
    place = profile.board
    now = (*place.center_mm, place.rotation_deg, place.scale)
    if header.place and not np.allclose(header.place, now, atol=2e-3, rtol=0):
        problems.append(
            f"the job has the board at {header.place[0]:g}, {header.place[1]:g} turned by {header.place[2]:g} degrees, "
            f"the profile at {now[0]:g}, {now[1]:g} turned by {now[2]:g}: make it again"
        )
    return problems


def _limit_problems(path: _Path, profile: Profile) -> list[str]:
    problems = []
    limits = (profile.limits.x_mm, profile.limits.y_mm, profile.limits.z_mm)
    names = (profile.axes.x, profile.axes.y, profile.axes.z)
    for axis, (low, high) in enumerate(limits):
        if (profile.rotary and axis == 1) or (profile.servo_lift and axis == 2):
            continue
        for end, bad in ((0, path.box[axis][0] < low - 1e-3), (1, path.box[axis][1] > high + 1e-3)):
            if bad:
                problems.append(
                    f"line {path.box_lines[axis][end]}: {names[axis]} goes to {path.box[axis][end]:.2f} mm, "
                    f"its travel is {low:g} to {high:g} mm"
                )
    return problems


def _clearance_problems(clearance: tuple[float, int, int], lines: NDArray[np.int64], profile: Profile) -> list[str]:
    room, pin, point = clearance
    if room >= profile.clearance.pin_mm - _ROUNDING_MM:
        return []
    what = "hits" if room < 0 else "comes too near to"
    return [
        f"line {lines[point]}: the tool {what} pin {pin}: {room:.2f} mm of room, "
        f"{profile.clearance.pin_mm:.2f} mm needed"
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A wrap that should be there; direction 0 where any is right, ``new`` where an operator's stop comes before."""

    pin: int
    direction: int


def _expected(text: str, plan: Plan | None) -> tuple[list[list[_Wanted]], str]:
    """Wraps by layer."""
    if plan is not None:
        return [_of_layer(plan, layer.pins.tolist()) for layer in plan.layers if len(layer.pins)], "the plan"
    layers: list[list[_Wanted]] = []
    pattern = re.compile(r"(anchor|wrap) \d+(?:\.\.\d+)? pin (\d+)(?:\.\.(\d+))? (cw|ccw)")
    header = _Header.of(text)
    count = len(header.pins[0]) if header.pins else 0
    for line in lines_of(text):
        match = pattern.match(line.comment) if line.comment and not line.code else None
        if match is None:
            continue
        way = 1 if match[4] == "cw" else -1
        first, last = int(match[2]), int(match[3] or match[2])
        pins = [(first + way * k) % count for k in range((way * (last - first)) % count + 1)]
        if match[1] == "anchor" or not layers:
            layers.append([])
        layers[-1] += [_Wanted(pin, way) for pin in pins]
    return layers, "the job's comments"


def _of_layer(plan: Plan, pins: list[int]) -> list[_Wanted]:
    ways = directions(plan.pins.xy_mm, pins)
    count = len(plan.pins)
    wanted = []
    for k, pin in enumerate(pins):
        gaps = [(pin - pins[j]) % count for j in (k - 1, k + 1) if 0 <= j < len(pins)]
        free = any(gap in (0, 1, count - 1) for gap in gaps)  # along the rim the order says it
        wanted.append(_Wanted(pin, 0 if free else int(ways[k])))
    return wanted


def _compare(
    wraps: Sequence[WrapSeen], layers: Sequence[Sequence[_Wanted]], turns: int, count: int
) -> tuple[list[WrapSeen], list[str]]:
    """The wraps without anchors' turns, and where they are not what they should be."""
    if not layers:
        return list(wraps), ["nothing says which wraps the job should have: give its plan with --plan"]
    seen, problems = _without_turns(wraps, layers, turns)
    wanted = [w for layer in layers for w in layer]
    for k in range(max(len(seen), len(wanted))):
        if k >= len(seen) or k >= len(wanted) or seen[k].pin != wanted[k].pin:
            return seen, [*problems, _difference(seen, wanted, k)]
    for k, (wrap, want) in enumerate(zip(seen, wanted, strict=True)):
        if want.direction and want.direction != wrap.direction:
            names = {1: "clockwise", -1: "counter-clockwise"}
            problems.append(
                f"line {wrap.line}: wrap {k + 1} goes {names[wrap.direction]} round pin {wrap.pin}, "
                f"it should go {names[want.direction]}"
            )
    return seen, problems


def _without_turns(
    wraps: Sequence[WrapSeen], layers: Sequence[Sequence[_Wanted]], turns: int
) -> tuple[list[WrapSeen], list[str]]:
    """Take the turns of anchors away: at both ends of what is wound between two stops of the operator."""
    runs: dict[int, list[WrapSeen]] = {}
    for wrap in wraps:
        runs.setdefault(wrap.run, []).append(wrap)
    out: list[WrapSeen] = []
    problems: list[str] = []
    bounds = np.cumsum([len(layer) for layer in layers]).tolist()
    for run in runs.values():
        # a new spool: the pin is anchored again, not wound
        in_layer_begun = bool(out) and out[-1].pin == run[0].pin and len(out) not in bounds
        if len({w.pin for w in run}) == 1 and len(run) == 2 * turns + 1 and not in_layer_begun:
            out += run[:1]
            continue
        problems += _anchor_problems(run, turns, in_layer_begun)
        middle = run[turns + (1 if in_layer_begun else 0) : len(run) - turns]
        out += middle
    return out, problems


def _anchor_problems(run: Sequence[WrapSeen], turns: int, begun: bool) -> list[str]:
    ends = (("begins", [w.pin for w in run[: turns + 1]]), ("ends", [w.pin for w in run[-turns - 1 :]]))
    return [
        f"line {run[0].line if what == 'begins' else run[-1].line}: a run of thread {what} with pins {pins}, "
        f"not with {turns} turns round one pin"
        for what, pins in ends
        if len(set(pins)) > 1 or len(pins) <= turns
    ]


def _difference(seen: Sequence[WrapSeen], wanted: Sequence[_Wanted], k: int) -> str:
    """Say how two lists of wraps differ from the k-th on: what is left between equal beginnings and equal ends."""
    found, want = [w.pin for w in seen[k:]], [w.pin for w in wanted[k:]]
    while found and want and found[-1] == want[-1]:
        found.pop()
        want.pop()
    line = f"line {seen[k].line}: " if k < len(seen) else ""
    if not found:
        return f"{line}missing from wrap {k + 1} on: {_pins(want)}"
    if not want:
        return f"{line}one too many, or doubled, from wrap {k + 1} on: {_pins(found)}"
    if sorted(found) == sorted(want):
        return f"{line}swapped from wrap {k + 1} on: {_pins(found)} in place of {_pins(want)}"
    return f"{line}from wrap {k + 1} on the tool goes round {_pins(found)}, it should be {_pins(want)}"


def _pins(pins: Sequence[int]) -> str:
    more = f" and {len(pins) - 6} more" if len(pins) > 6 else ""
    return f"pin{'s' if len(pins) > 1 else ''} {', '.join(map(str, pins[:6]))}{more}"


def _sum_problems(text: str, header: _Header) -> list[str]:
    """Where the lines are not those that were written."""
    if header.total is None or fingerprint(text) == header.total:
        return []
    count, _ = fingerprint(text)
    problems = []
    import zlib

    step: tuple[int, str, str] | None = None
    codes: list[str] = []
    for line in [*lines_of(text), None]:
        comment = line.comment if line and not line.code else ""
        match = re.search(r"^(\w+.*) layer .* sum ([0-9a-f]{4})$", comment)
        ends = line is None or match is not None or comment.startswith("prompt ")
        if ends and step is not None:
            if f"{zlib.crc32(chr(10).join(codes).encode()) & 0xFFFF:04x}" != step[2]:
                problems.append(f"line {step[0]}: the moves of '{step[1]}' are not those that were written")
            step = None
        if line is not None and match is not None:
            step, codes = (line.number, match[1], match[2]), []
        elif line is not None and line.code:
            codes.append(line.code)
    if count != header.total[0]:
        problems.append(f"the job has {count} lines, {header.total[0]} were written")
    return problems or ["the job's lines are not those that were written"]
