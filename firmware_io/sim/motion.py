"""Acceleration-limited motion of the simulated machines, in continuous time.

The physics. A *block* is a straight line with a nominal speed: the programmed feed, lowered until no axis exceeds
its own maximum rate; its acceleration is the largest that exceeds no axis' own. At the junction of two blocks the
tool may go as fast as a circle would allow that stays within the *junction deviation* of the corner::

    sin(theta/2) = sqrt((1 - cos theta) / 2)        cos theta = - u_before . u_after
    v^2 = a_junction * deviation * sin(theta/2) / (1 - sin(theta/2))

where `a_junction` is the largest acceleration along (u_after - u_before) that exceeds no axis' own. The last block
in the queue ends at speed zero. Backwards from there each block may be entered at most at
``sqrt(exit^2 + 2 a length)``; forwards it is driven as an exact trapezoid: up to nominal speed, along, down to the
exit speed. A new block changes the rest of the trapezoid that runs; a feed hold brakes with the block's
acceleration, into the following blocks if it must. This is grbl's own planner without its step quantisation.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_EPSILON = 1e-9
_INSTANT_S = 1e-9  # shorter than what a clock of some hours can tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionLimits:
    """What the machine can do: per axis mm/s and mm/s^2 (degrees for rotary axes), junction deviation in mm."""

    max_rate_mm_s: tuple[float, ...] = (150.0, 150.0, 50.0, 150.0)
    acceleration_mm_s2: tuple[float, ...] = (800.0, 800.0, 300.0, 800.0)
    junction_deviation_mm: float = 0.01


@dataclass(slots=True)
class _Block:
    target: tuple[float, ...]
    start: tuple[float, ...]
    unit: tuple[float, ...]
    length: float
    programmed: float
    rapid: bool
    acceleration: float
    junction2: float  # square of the speed that the corner at its start allows
    nominal: float = 0.0
    entry2: float = 0.0


@dataclass(slots=True)
class MotionPlanner:
    """A queue of blocks and the tool that runs along them.

    Parameters
    ----------
    limits : MotionLimits
    axes : int
    depth : int
        How many blocks fit in.
    on_vertex : callable
        Called with (time in s, position) wherever the tool's path has a corner or ends.
    """

    limits: MotionLimits
    axes: int
    depth: int
    on_vertex: Callable[[float, tuple[float, ...]], None]
    now: float = 0.0
    feed_factor: float = 1.0
    rapid_factor: float = 1.0
    speed: float = 0.0
    holding: bool = False
    held: bool = False
    queue: deque[_Block] = field(default_factory=deque)
    _planned_end: tuple[float, ...] = ()
    _done: float = 0.0
    _phases: list[tuple[float, float]] = field(default_factory=list)
    _last: _Block | None = None

    def __post_init__(self) -> None:
        self._planned_end = (0.0,) * self.axes

    # --- questions ---
    @property
    def full(self) -> bool:
        """Whether another block has to wait."""
        return len(self.queue) >= self.depth

    @property
    def busy(self) -> bool:
        """Whether there is motion to do."""
        return bool(self.queue)

    @property
    def position(self) -> tuple[float, ...]:
        """Where the tool is."""
        if not self.queue:
            return self._planned_end
        block = self.queue[0]
        done = self._done
        return tuple(s + u * done for s, u in zip(block.start, block.unit, strict=True))

    @property
    def planned_end(self) -> tuple[float, ...]:
        """Where the tool will be when the queue is empty."""
        return self._planned_end

    @property
    def next_event_s(self) -> float | None:
        """When a block ends or a hold is complete; None while nothing moves."""
        if not self.queue or self.held:
            return None
        left_s = 0.0
        for duration, _ in self._phases:
            left_s += duration
        return self.now + left_s

    # --- commands ---
    def set_position(self, position: Sequence[float]) -> None:
        """Take `position` for where the tool is; the queue must be empty."""
        self._planned_end = tuple(position)
        self._last = None

    def push(self, target: tuple[float, ...], feed_mm_s: float, rapid: bool = False) -> None:
        """Queue a straight line to `target`; zero length is no block."""
        block = self._block(target, feed_mm_s, rapid)
        if block is None:
            return
        was_empty = not self.queue
        if was_empty:
            self.on_vertex(self.now, block.start)
        self.queue.append(block)
        self._last = block
        self._planned_end = target
        if was_empty:
            self._done, self.speed = 0.0, 0.0
            self._profile()
        else:
            self._replan_from_the_end()

    def hold(self) -> None:
        """Brake to a stop, keeping the queue."""
        self.holding = True
        if not self.queue:
            self.held = True
            return
        self._profile()

    def resume(self) -> None:
        """End a hold that is complete."""
        self.holding = self.held = False
        if self.queue:
            self._replan_all()

    def flush(self) -> tuple[float, ...]:
        """Stop dead, forget the queue; returns where the tool is."""
        position = self.position
        if self.queue:
            self.on_vertex(self.now, position)
        self.queue.clear()
        self._phases.clear()
        self._planned_end, self._last = position, None
        self.speed, self.holding, self.held = 0.0, False, False
        return position

    def set_factors(self, feed: float, rapid: float) -> None:
        """Overrides as factors."""
        self.feed_factor, self.rapid_factor = feed, rapid
        for block in self.queue:
            block.nominal = self._nominal(block)
        if self.queue:
            self._replan_all()

    def advance(self, until_s: float) -> None:
        """Let time pass."""
        while self.queue and not self.held:
            span = until_s - self.now
            if not self._phases:
                self._phases_over()
                continue
            duration, acceleration = self._phases[0]
            if span <= 0.0 and duration > _INSTANT_S:
                break
            if duration > span + _INSTANT_S:
                self._move(span, acceleration)
                self._phases[0] = (duration - span, acceleration)
                self.now = until_s
                return
            self._move(duration, acceleration)
            self.now = max(self.now, min(self.now + duration, until_s))
            self._phases.pop(0)
            if not self._phases:
                self._phases_over()
        if until_s > self.now:
            self.now = until_s

    # --- inside ---
    def _block(self, target: tuple[float, ...], feed_mm_s: float, rapid: bool) -> _Block | None:
        start = self._planned_end
        delta = [t - s for t, s in zip(target, start, strict=True)]
        length = math.sqrt(sum([d * d for d in delta]))
        if length < 1e-7:
            return None
        unit = tuple([d / length for d in delta])
        acceleration = _limit(self.limits.acceleration_mm_s2, unit)
        block = _Block(target, start, unit, length, feed_mm_s, rapid, acceleration, 0.0)
        block.nominal = self._nominal(block)
        if self.queue and self._last is not None:
            block.junction2 = self._junction(self._last.unit, unit)
        return block

    def _nominal(self, block: _Block) -> float:
        top = _limit(self.limits.max_rate_mm_s, block.unit)
        if block.rapid:
            return top * self.rapid_factor
        return max(min(block.programmed * self.feed_factor, top), 1e-3)

    def _junction(self, before: tuple[float, ...], after: tuple[float, ...]) -> float:
        cosine = -sum([b * a for b, a in zip(before, after, strict=True)])
        if cosine > 0.999999:
            return 0.0
        if cosine < -0.999999:
            return math.inf
        change = [a - b for a, b in zip(after, before, strict=True)]
        norm = math.sqrt(sum([c * c for c in change]))
        acceleration = _limit(self.limits.acceleration_mm_s2, [c / norm for c in change])
        sine = math.sqrt(0.5 * (1.0 - cosine))
        return acceleration * self.limits.junction_deviation_mm * sine / (1.0 - sine)

    def _max_entry2(self, before: _Block, block: _Block) -> float:
        slower = min(before.nominal, block.nominal)
        return min(block.junction2, slower * slower)

    def _replan_from_the_end(self) -> None:
        """Set the entry speeds backwards until one does not change: those before it are right already."""
        queue = self.queue
        exit2 = 0.0
        for i in range(len(queue) - 1, 0, -1):
            block = queue[i]
            entry2 = min(self._max_entry2(queue[i - 1], block), exit2 + 2.0 * block.acceleration * block.length)
            if entry2 == block.entry2 and i != len(queue) - 1:
                return
            block.entry2 = exit2 = entry2
        self._profile()

    def _replan_all(self) -> None:
        for block in self.queue:
            block.entry2 = -1.0
        self._replan_from_the_end()
        self._profile()

    def _profile(self) -> None:
        """Make the phases (duration, acceleration) for the rest of the first block."""
        block = self.queue[0]
        rest = block.length - self._done
        v, a = self.speed, block.acceleration
        if self.holding:
            self._phases = [_brake(v, a, rest)]
            return
        exit2 = self.queue[1].entry2 if len(self.queue) > 1 else 0.0
        self._phases = _trapezoid(v, math.sqrt(max(exit2, 0.0)), block.nominal, a, rest)

    def _move(self, span: float, acceleration: float) -> None:
        self._done += self.speed * span + 0.5 * acceleration * span * span
        self.speed = max(0.0, self.speed + acceleration * span)

    def _phases_over(self) -> None:
        block = self.queue[0]
        if self.holding and self.speed < 1e-6 and self._done < block.length - 1e-6:
            self.held, self.speed = True, 0.0
            return
        self.queue.popleft()
        self.on_vertex(self.now, block.target)
        self._done = 0.0
        if not self.queue:
            self.speed = 0.0
            self.held = self.holding
            return
        self.speed = min(self.speed, math.sqrt(max(self.queue[0].entry2, 0.0)))
        self._profile()


def _limit(per_axis: Sequence[float], unit: Sequence[float]) -> float:
    """Largest value along ``unit`` that exceeds no axis' own."""
    least = math.inf
    for value, share in zip(per_axis, unit, strict=False):
        away = abs(share)
        if away > _EPSILON and value / away < least:
            least = value / away
    return least


def _brake(v: float, a: float, rest: float) -> tuple[float, float]:
    """Time to brake from `v`, or to the block's end if that comes first."""
    if v * v <= 2.0 * a * rest:
        return v / a, -a
    return (v - math.sqrt(v * v - 2.0 * a * rest)) / a, -a


def _trapezoid(v: float, exit_speed: float, nominal: float, a: float, rest: float) -> list[tuple[float, float]]:
    """Phases from speed `v` over `rest` mm to `exit_speed`, not above `nominal` for longer than braking takes."""
    phases: list[tuple[float, float]] = []
    if v > nominal:  # an override was lowered
        distance = min((v * v - nominal * nominal) / (2.0 * a), rest)
        slower = math.sqrt(max(v * v - 2.0 * a * distance, 0.0))
        phases.append(((v - slower) / a, -a))
        v, rest = slower, rest - distance
    exit_speed = min(exit_speed, math.sqrt(v * v + 2.0 * a * rest))
    if v * v - exit_speed * exit_speed >= 2.0 * a * rest:
        slower = math.sqrt(max(v * v - 2.0 * a * rest, 0.0))
        return [*phases, ((v - slower) / a, -a)] if rest > 0.0 else phases
    peak = min(nominal, math.sqrt((2.0 * a * rest + v * v + exit_speed * exit_speed) / 2.0))
    up, down = (peak - v) / a, (peak - exit_speed) / a
    cruise = rest - (peak * peak - v * v) / (2.0 * a) - (peak * peak - exit_speed * exit_speed) / (2.0 * a)
    if up > 0.0:
        phases.append((up, a))
    if cruise > _EPSILON:
        phases.append((cruise / peak, 0.0))
    if down > 0.0:
        phases.append((down, -a))
    return phases
