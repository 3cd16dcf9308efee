"""A plan as a job: steps of G-code, each of which begins and ends with the tool inside the ring and at rest.

A step is one wrap (or the adjacent wraps of a rim move). Its last line is acknowledged only when its motion has ended,
so a journal of steps is a journal of wraps. Between layers the tool parks and the operator is asked for the thread.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from stringart.errors import MachineError
from stringart.machine.dialect import ascii_text
from stringart.machine.height import QUANTUM_MM, Pile
from stringart.machine.kinematics import TRAVEL_TOLERANCE_MM
from stringart.machine.profile import Profile, own_values
from stringart.machine.ring import Point, Ring
from stringart.machine.snippets import render
from stringart.machine.toolpath import Excursion, Loop, Loops, excursions_of
from stringart.machine.writer import Writer
from stringart.plan.materials import DEFAULTS, materials_of, wrap_mm
from stringart.plan.model import Array, Plan

LEAST_CLIMB_MM = 0.1  # of half a turn
_FEWEST_WRAPS, _LEAST_SHARE = 500, 0.5  # what nobody would do is no advice
START, ANCHOR, WRAP, TIE, PARK, RAISE, END = "start", "anchor", "wrap", "tie", "park", "raise", "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStep:
    """A run of lines that is done as a whole.

    Parameters
    ----------
    kind : str
        ``start``, ``anchor`` (a layer's first wrap with its turns), ``wrap``, ``tie`` (a layer's last turns), ``park``,
        ``raise`` or ``end``.
    lines : tuple of str
        As they go over the wire.
    label : str
        What the operator reads.
    prompt : str
        Not empty: the job waits before this step and shows this text.
    layer : int
    first_wrap : int
        Number of the first wrap in it, from 1; in a step without wraps, of the next one.
    pins : tuple of int
        Pins that it winds, anchors' turns apart.
    direction : int
        +1 clockwise, -1 counter-clockwise, 0 without wraps.
    wrap_mm, travel_mm : float
        Heights of the tip above the board.
    thread_mm : float
        Thread used of the layer's thread since the job's start, after this step.
    """

    kind: str
    lines: tuple[str, ...]
    label: str
    prompt: str = ""
    layer: int = 0
    first_wrap: int = 1
    pins: tuple[int, ...] = ()
    direction: int = 0
    wrap_mm: float = 0.0
    travel_mm: float = 0.0
    thread_mm: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class MachineJob:
    """A plan for a machine.

    Parameters
    ----------
    plan : Plan
    profile : Profile
    steps : tuple of JobStep
    """

    plan: Plan
    profile: Profile
    steps: tuple[JobStep, ...]

    @cached_property
    def wraps(self) -> int:
        """Number of wraps, anchors' turns apart."""
        return sum(len(step.pins) for step in self.steps if step.kind in (ANCHOR, WRAP))

    @cached_property
    def highest_mm(self) -> float:
        """Highest wrap above the board."""
        return max((step.wrap_mm for step in self.steps), default=0.0)


def make_job(plan: Plan, profile: Profile) -> MachineJob:
    """Make a plan's job for a machine; everything is checked before there is a line.

    Raises
    ------
    MachineError
        If a gap is too narrow, a chord leaves the board, a way leaves the travel or touches a pin, or the height runs
        out: with the wrap, the pins and the millimetres.
    """
    builder = _Builder(plan, profile)
    steps = tuple(builder.steps())
    return MachineJob(plan=plan, profile=profile, steps=steps)


@dataclass(slots=True)
class _Thread:
    """Thread used so far, by index: altogether, and since the last new spool."""

    used_mm: dict[int, float] = field(default_factory=dict)
    since_spool_mm: dict[int, float] = field(default_factory=dict)

    def use(self, thread: int, length_mm: float) -> None:
        for book in (self.used_mm, self.since_spool_mm):
            book[thread] = book.get(thread, 0.0) + length_mm


class _Builder:
    """Walks through a plan once."""

    def __init__(self, plan: Plan, profile: Profile) -> None:
        self.plan, self.profile = plan, profile
        self.ring = Ring.of(plan, profile)
        self.loops = Loops(self.ring)
        self.pile = Pile(self.ring.xy_mm, profile)
        self.writer = Writer(profile)
        self.thread = _Thread()
        self.wraps = sum(len(layer.pins) for layer in plan.layers)
        self._feeds = profile.motion.travel_feed_mm_min, profile.motion.wrap_feed_mm_min
        self._lengths = plan.step_lengths_mm * profile.board.scale
        self._ways: dict[tuple[Point, Point], tuple[Point, ...]] = {}
        self._last_pin: int | None = None
        self.park_mm: Point = (profile.park.xy_mm[0], profile.park.xy_mm[1]) if profile.park.xy_mm else self.ring.middle
        if profile.rotary and profile.park.xy_mm:
            turn = math.radians(profile.park.xy_mm[1])
            self.park_mm = profile.park.xy_mm[0] * math.sin(turn), profile.park.xy_mm[0] * math.cos(turn)

    @property
    def safe_mm(self) -> float:
        """Height at which the tool passes over the pins, or the highest that the axis reaches."""
        wanted = self.profile.height.pin_mm + self.profile.clearance.safe_mm
        if self.profile.servo_lift or not self.profile.height.raise_mm:
            return wanted
        return min(wanted, self._z_reach_mm)

    @property
    def _z_reach_mm(self) -> float:
        return self.profile.limits.z_mm[1] - self.profile.board.surface_z_mm + self.writer.raised_mm

    def steps(self) -> Iterator[JobStep]:
        """All steps in order."""
        if not self.wraps:
            raise MachineError("the plan has no wraps", "design it first")
        excursions = list(excursions_of(self.plan))
        for excursion in excursions:  # everything is feasible before there is a line
            self.loops.around(excursion)
        self._check_chords()
        ways = self._ways_between(excursions)
        yield self._start()
        for number in range(len(self.plan.layers)):
            picked = [k for k, e in enumerate(excursions) if e.layer == number]
            if picked:
                yield from self._layer(number, [excursions[k] for k in picked], [ways[k] for k in picked])
        yield self._end()

    # --- ways across the board ---

    def _ways_between(self, excursions: Sequence[Excursion]) -> list[tuple[Point, ...]]:
        """For every excursion the corners of the way to it from the one before; empty where it is straight."""
        loops = [self.loops.around(e) for e in excursions]
        starts = np.array([self.park_mm, *(loop.inner_back for loop in loops[:-1])])
        ends = np.array([loop.inner_out for loop in loops])
        clear = self.ring.are_clear(starts, ends)
        out: list[tuple[Point, ...]] = []
        for k, excursion in enumerate(excursions):
            straight = bool(clear[k]) or k == 0 or excursions[k - 1].layer != excursion.layer
            a, b = (float(starts[k, 0]), float(starts[k, 1])), (float(ends[k, 0]), float(ends[k, 1]))
            out.append(() if straight else self.way(a, b, excursion.name))
        return out

    def way(self, start: Point, end: Point, name: str) -> tuple[Point, ...]:
        """Corners of a way inside from one place to another, both left out."""
        if (start, end) not in self._ways:
            clear = bool(self.ring.are_clear(np.array([start]), np.array([end]))[0])
            found = [] if clear else self.ring.way_around(start, end)
            if found is None:
                pin, room = self.ring.clearance_of(np.array([start, end]))
                raise MachineError(
                    f"{name}: there is no way across the board that keeps {self.ring.clearance_mm:.2f} mm from all "
                    f"pins; the straight one comes within {room:.2f} mm of pin {pin}",
                    "take a thinner tool, fewer pins or less clearance",
                )
            self._ways[start, end] = tuple(found)
        return self._ways[start, end]

    def _check_chords(self) -> None:
        """Refuse chords that leave the board: over a bay the thread would lie against pins that the plan does not name.

        Boards exclude such chords; only a plan that was made for another board has them.
        """
        import shapely

        plan, allowed_mm = self.plan, self.ring.pin_diameter_mm / 2 + 0.01
        room = shapely.buffer(self.ring.polygon, allowed_mm)
        shapely.prepare(room)
        chords = shapely.linestrings(self.ring.xy_mm[plan.steps[:, 1:]])
        outside = np.flatnonzero(~plan.is_rim & ~shapely.covers(room, chords))
        if not len(outside):
            return
        layer, a, b = (int(v) for v in plan.steps[outside[0]])
        wrap = int(outside[0]) + 2 + sum(1 for one in plan.layers[:layer] if len(one.pins))
        beyond = shapely.get_coordinates(shapely.segmentize(chords[outside[0]], 1.0))
        away_mm = float(shapely.distance(shapely.points(beyond), self.ring.polygon).max())
        raise MachineError(
            f"wrap {wrap}: the chord from pin {a} to pin {b} leaves the board by {away_mm:.1f} mm "
            f"({allowed_mm:.1f} mm, half a pin, are allowed; {len(outside)} of {len(chords)} do): the thread would lie "
            "against pins that the plan does not name",
            "design the plan for this board; such chords are left out then",
        )

    # --- steps ---

    def _values(self, layer: int, excursion: Excursion | None = None) -> dict[str, object]:
        thread = self.plan.threads[self.plan.layers[layer].thread]
        return {
            "thread": thread.name, "color": thread.color.lstrip("#"), "layer": layer + 1,
            "layers": len(self.plan.layers), "wrap": excursion.first_wrap if excursion else self.wraps,
            "wraps": self.wraps, "pin": excursion.pins[0] if excursion else "",
            "x": float(self.park_mm[0]), "y": float(self.park_mm[1]), "z": float(self.safe_mm),
        }  # fmt: skip

    def _start(self) -> JobStep:
        writer = self.writer
        writer.begin("the start")
        writer.add(*writer.dialect.preamble, *render(self.profile, "start", self._values(0)))
        over_pins = self.safe_mm >= self.profile.height.pin_mm
        if not over_pins and self.profile.park.xy_mm:
            raise MachineError(
                f"the tool reaches {self.safe_mm:.1f} mm, the pins are {self.profile.height.pin_mm:.1f} mm high: "
                "it cannot park outside",
                "leave park.xy_mm empty, or give Z more travel",
            )
        writer.lift(self.safe_mm)
        writer.line_to(self.park_mm, self.safe_mm, self._feeds[0], fine=False)
        writer.sync()
        prompt = "" if over_pins else "Put the tool inside the ring by hand: it cannot pass over the pins"
        return JobStep(kind=START, lines=writer.take(), label="to the board", prompt=prompt)

    def _layer(
        self, number: int, excursions: Sequence[Excursion], ways: Sequence[tuple[Point, ...]]
    ) -> Iterator[JobStep]:
        for k, excursion in enumerate(excursions):
            yield from self._raises(excursion)
            following = None
            if k + 1 < len(excursions):
                a, b = self.loops.around(excursion), self.loops.around(excursions[k + 1])
                following = np.array([a.inner_back, *ways[k + 1], b.inner_out])
            if k == 0:
                yield self._anchor(excursion, self._thread_prompt(number, excursion), following)
            else:
                yield self._wrap(excursion, ways[k], following)
                if k + 1 < len(excursions) and self._spool_is_low(excursions[k + 1]):
                    yield from self._new_spool(excursion)
        yield self._tie(excursions[-1])
        if number + 1 < len(self.plan.layers):
            yield self._park(number, excursions[-1].first_wrap + len(excursions[-1].pins))

    def _thread_prompt(self, layer: int, excursion: Excursion) -> str:
        thread = self.plan.threads[self.plan.layers[layer].thread]
        return (
            f"Layer {layer + 1} of {len(self.plan.layers)}: put in the thread '{thread.name}' {thread.color}, "
            f"hold its end near pin {excursion.pins[0]}, where it is wound {self.profile.thread.anchor_turns} times"
        )

    def _anchor(
        self, excursion: Excursion, prompt: str, following: Array | None = None, *, turns_only: bool = False
    ) -> JobStep:
        """From the park to a pin, down, several turns and the wrap."""
        loop, writer = self.loops.around(excursion), self.writer
        turns = self.profile.thread.anchor_turns
        writer.begin(excursion.name)
        writer.add(*([] if turns_only else render(self.profile, "layer", self._values(excursion.layer, excursion))))
        self._over_to(loop, excursion)
        step = self._round(excursion, loop, turns, () if turns_only else excursion.pins, following)
        if turns_only:
            return self._step(TIE, step, excursion, f"start: {turns} turns round pin {excursion.pins[0]}", prompt, ())
        return self._step(ANCHOR, step, excursion, f"start: {turns} turns and {excursion.name}", prompt)

    def _over_to(self, loop: Loop, excursion: Excursion) -> None:
        """From the park to inside the gap, at the safe height; then down."""
        writer = self.writer
        writer.lift(self.safe_mm)
        corners = () if self.profile.park.xy_mm else self.way(self.park_mm, loop.inner_out, excursion.name)
        if writer.here is not None and math.dist(writer.here, self.park_mm) > 1e-6:
            writer.line_to(self.park_mm, self.safe_mm, self._feeds[0], fine=False)
        for corner in (*corners, loop.inner_out):
            writer.line_to(corner, self.safe_mm, self._feeds[0], fine=False)
        writer.lift(self.pile.travel_height_mm(np.array([loop.inner_out, loop.inner_out])))

    def _wrap(self, excursion: Excursion, corners: tuple[Point, ...], following: Array | None) -> JobStep:
        loop, writer = self.loops.around(excursion), self.writer
        writer.begin(excursion.name)
        assert writer.here is not None
        line = np.array([writer.here, *corners, loop.inner_out])
        travel = self.pile.travel_height_mm(line)
        writer.lift(max(travel, writer.height_mm or 0.0))
        writer.rest(self.profile.dwell.settle_s)
        fine = self.profile.rotary and self.ring.passes_near(line, TRAVEL_TOLERANCE_MM)
        for corner in (*corners, loop.inner_out):
            writer.line_to(corner, travel, self._feeds[0], fine=fine)
        heights = self._round(excursion, loop, 0, excursion.pins, following)
        return self._step(WRAP, (travel, heights[1]), excursion, excursion.name, "")

    def _round(
        self, excursion: Excursion, loop: Loop, turns: int, pins: tuple[int, ...], following: Array | None = None
    ) -> tuple[float, float]:
        """Out, round and in, up to the height of the ``following`` way; the thread is laid and counted.

        Returns the heights of travel and wrap.
        """
        writer, feed = self.writer, self._feeds[1]
        thread_mm = self._thread_mm(excursion.layer)
        before = self.pile.wrap_height_mm(excursion.pins, len(self.ring))
        self._lay(excursion, turns, thread_mm)
        wrap = self.pile.wrap_height_mm(excursion.pins, len(self.ring))
        self._check_height(excursion, wrap)
        if self.profile.servo_lift and wrap > (writer.height_mm or 0.0):
            writer.lift(wrap)  # inside: nothing rests in a gap
        self._turn(loop, turns, before, wrap)
        for piece in loop.pieces:
            writer.go(piece, wrap, feed)
        rest = np.array([loop.inner_back, loop.inner_back])
        travel = self.pile.travel_height_mm(rest if following is None else following)
        writer.line_to(loop.inner_back, max(travel, wrap), feed)
        writer.sync()
        self._count(excursion, turns, pins)
        return travel, wrap

    def _turn(self, loop: Loop, turns: int, before: float, wrap: float) -> None:
        """Out into the gap, and full turns round the pin that climb to the wrap's height.

        No two places of the turns are the same, so that after an accident the position alone says how many are done.
        A servo does not climb: it would rest in the gap.
        """
        writer, pieces = self.writer, loop.turns * turns
        climb = max(wrap - before, LEAST_CLIMB_MM * len(pieces))
        if self.profile.servo_lift or not pieces:
            climb = 0.0
        writer.line_to(loop.crossing_out, wrap - climb, self._feeds[1])
        for k, piece in enumerate(pieces, 1):
            writer.go(piece, wrap - climb * (1 - k / len(pieces)), self._feeds[1])

    def _lay(self, excursion: Excursion, turns: int, thread_mm: float) -> None:
        chain = [excursion.pins[0]] if self._last_pin is None else [self._last_pin, excursion.pins[0]]
        for k, pin in enumerate(excursion.pins):
            self.pile.wrap(pin, thread_mm, 1 + (turns if k == 0 else 0))
        self.pile.lay([*chain, *excursion.pins[1:]], thread_mm)
        self._last_pin = excursion.pins[-1]

    def _count(self, excursion: Excursion, turns: int, pins: tuple[int, ...]) -> None:
        layer, straight = self.plan.layers[excursion.layer], 0.0
        if pins:
            inner = excursion.first_wrap - 1 - self._wraps_before(excursion.layer)
            begin = self._steps_before(excursion.layer) + max(inner - 1, 0)
            end = self._steps_before(excursion.layer) + inner + len(pins) - 1
            straight = float(self._lengths[begin:end].sum())
        around = len(pins) * wrap_mm(self.plan, layer.thread)
        knot = DEFAULTS.knot_mm if turns else 0.0
        self.thread.use(layer.thread, (straight + around) * (1 + DEFAULTS.waste) + knot)

    def _wraps_before(self, layer: int) -> int:
        return sum(len(one.pins) for one in self.plan.layers[:layer])

    def _steps_before(self, layer: int) -> int:
        return sum(one.steps for one in self.plan.layers[:layer])

    def _tie(self, excursion: Excursion) -> JobStep:
        """A layer's end: back out of the ring and several turns round the last pin."""
        last = Excursion(
            layer=excursion.layer,
            first_wrap=excursion.first_wrap + len(excursion.pins) - 1,
            pins=(excursion.pins[-1],),
            direction=excursion.direction,
        )
        loop, writer = self.loops.around(last), self.writer
        assert writer.here is not None
        writer.begin(f"the end at pin {last.pins[0]}")
        turns = max(self.profile.thread.anchor_turns - 1, 0)
        corners = self.way(writer.here, loop.inner_out, writer.where)
        heights = writer.height_mm or self.safe_mm
        for corner in (*corners, loop.inner_out):
            writer.line_to(corner, heights, self._feeds[0])
        pair = self._round(last, loop, turns, ())
        return self._step(TIE, pair, last, f"end: {turns + 1} turns round pin {last.pins[0]}", "", pins=())

    def _park(self, layer: int, next_wrap: int) -> JobStep:
        writer = self.writer
        writer.begin(f"the end of layer {layer + 1}")
        self._to_park()
        writer.add(*render(self.profile, "change", self._values(min(layer + 1, len(self.plan.layers) - 1))))
        if self.profile.snippets.change:
            writer.sync()
        self._last_pin = None
        return JobStep(
            kind=PARK, lines=writer.take(), label="park for the thread", layer=layer, first_wrap=next_wrap,
            travel_mm=self.safe_mm, thread_mm=self._used(layer),
        )  # fmt: skip

    def _end(self) -> JobStep:
        writer, layer = self.writer, len(self.plan.layers) - 1
        writer.begin("the end")
        self._to_park()
        writer.add(*render(self.profile, "end", self._values(layer)), *self._end_words())
        return JobStep(
            kind=END, lines=writer.take(), label="the end", layer=layer, first_wrap=self.wraps + 1,
            travel_mm=self.safe_mm, thread_mm=self._used(layer),
        )  # fmt: skip

    def _end_words(self) -> tuple[str, ...]:
        """Last lines; a servo that lifts the tool is not switched off."""
        end = self.writer.dialect.end
        return tuple(line for line in end if line != "M5") if self.profile.servo_lift else end

    def _to_park(self) -> None:
        """Up, and to where the tool waits; inside the ring if it waits there, although it is above the pins."""
        writer = self.writer
        writer.lift(self.safe_mm)
        here = writer.here or self.park_mm
        corners = () if self.profile.park.xy_mm else self.way(here, self.park_mm, writer.where)
        for corner in (*corners, self.park_mm):
            writer.line_to(corner, self.safe_mm, self._feeds[0], fine=False)
        writer.sync()

    def _used(self, layer: int) -> float:
        return self.thread.used_mm.get(self.plan.layers[layer].thread, 0.0)

    def _step(
        self, kind: str, heights: tuple[float, float], excursion: Excursion, label: str, prompt: str,
        pins: tuple[int, ...] | None = None,
    ) -> JobStep:  # fmt: skip
        return JobStep(
            kind=kind,
            lines=self.writer.take(),
            label=label,
            prompt=prompt,
            layer=excursion.layer,
            first_wrap=excursion.first_wrap,
            pins=excursion.pins if pins is None else pins,
            direction=excursion.direction,
            travel_mm=round(heights[0], 3),
            wrap_mm=round(heights[1], 3),
            thread_mm=self._used(excursion.layer),
        )

    # --- spools ---

    def _spool_is_low(self, following: Excursion) -> bool:
        rules = self.profile.thread
        if not rules.spool_m:
            return False
        thread = self.plan.layers[following.layer].thread
        longest = float(self._lengths.max()) * (1 + DEFAULTS.waste)
        left = rules.spool_m * 1000 - self.thread.since_spool_mm.get(thread, 0.0)
        return left - longest - DEFAULTS.knot_mm < rules.reserve_m * 1000

    def _new_spool(self, excursion: Excursion) -> Iterator[JobStep]:
        thread = self.plan.layers[excursion.layer].thread
        name, used = self.plan.threads[thread].name, self.thread.since_spool_mm.get(thread, 0.0) / 1000
        yield self._tie(excursion)
        yield self._park(excursion.layer, excursion.first_wrap + len(excursion.pins))
        self.thread.since_spool_mm[thread] = 0.0
        last = Excursion(
            layer=excursion.layer,
            first_wrap=excursion.first_wrap + len(excursion.pins) - 1,
            pins=(excursion.pins[-1],),
            direction=excursion.direction,
        )
        prompt = f"New spool of '{name}': {used:.0f} m are used, hold its end near pin {last.pins[0]}"
        self._last_pin = last.pins[0]
        yield self._anchor(last, prompt, turns_only=True)

    # --- height ---

    def _check_height(self, excursion: Excursion, wrap: float) -> None:
        tops = self.profile.height.pin_mm
        if wrap > tops + 1e-6:
            self._out_of_height(excursion, wrap, tops, f"the pins end at {tops:.1f} mm")
        if not self.profile.servo_lift and wrap > self._z_reach_mm + 1e-6:
            why = f"the Z axis reaches {self._z_reach_mm:.1f} mm above the board"
            self._out_of_height(excursion, wrap, self._z_reach_mm, why)

    def _out_of_height(self, excursion: Excursion, wrap: float, room_mm: float, why: str) -> None:
        thread = self.plan.threads[self.plan.layers[excursion.layer].thread].name
        raise MachineError(
            f"Z runs out at {excursion.name} of {self.wraps}, layer {excursion.layer + 1} '{thread}': "
            f"the tool must be {wrap:.1f} mm above the board there, but {why}",
            self._height_remedies(excursion, room_mm),
        )

    def _height_remedies(self, excursion: Excursion, room_mm: float) -> str:
        """What would do, with its number: each of these alone."""
        needed_mm, rules = self._highest_in_the_end_mm(excursion), self.profile.height
        ground_mm = rules.first_wrap_mm + self.profile.clearance.wrap_mm
        share = (room_mm - QUANTUM_MM - ground_mm) / (needed_mm - ground_mm)
        out = []
        if rules.pin_mm < needed_mm:
            out.append(f"pins that end {math.ceil(needed_mm)} mm above the board (height.pin_mm)")
        else:
            out.append(f"{math.ceil(needed_mm - self._z_reach_mm)} mm more travel of Z or a gantry that can be raised "
                       "(limits.z_mm, height.raise_mm)")  # fmt: skip
        if share > _LEAST_SHARE:
            out.append(self._thinner(share))
        if excursion.first_wrap > _FEWEST_WRAPS:
            out.append(f"fewer chords, up to {(excursion.first_wrap - 1) // 100 * 100} wraps fit (design --lines)")
        if room_mm > ground_mm:
            out.append("slanted pins (height.slanted)")
        return f"any one of these is enough: {'; '.join(out)}; {own_values(self.profile)}"

    def _highest_in_the_end_mm(self, excursion: Excursion) -> float:
        """How high the tool would have to be if pins and axis were as long as need be; the pile is used up by it."""
        turns, highest = self.profile.thread.anchor_turns, 0.0
        left = [e for e in excursions_of(self.plan) if e.first_wrap > excursion.first_wrap]
        layer = excursion.layer
        for e in (*left, None):
            if e is None or e.layer != layer:
                self.pile.wrap(self._last_pin or 0, self._thread_mm(layer), turns)  # the layer's end
                highest = max(highest, self.pile.wrap_height_mm((self._last_pin or 0,), len(self.ring)))
            if e is not None:
                self._lay(e, turns if e.layer != layer else 0, self._thread_mm(e.layer))
                highest, layer = max(highest, self.pile.wrap_height_mm(e.pins, len(self.ring))), e.layer
        return highest

    def _thinner(self, share: float) -> str:
        diameters = {self._thread_mm(number) for number in range(len(self.plan.layers))}
        if len(diameters) > 1:
            return f"threads of {math.floor(100 * share)} % of their thickness"
        return f"thread of {math.floor(100 * share * max(diameters)) / 100:.2f} mm in place of {max(diameters):g} mm"

    def _thread_mm(self, layer: int) -> float:
        return self.plan.threads[self.plan.layers[layer].thread].diameter_mm

    def _raises(self, excursion: Excursion) -> Iterator[JobStep]:
        """Stops at which the gantry is raised by hand, where the axis runs out before the pins do."""
        rules = self.profile.height
        if not rules.raise_mm or self.profile.servo_lift:
            return
        highest = float(max(self.pile.stacks_mm.max() + 1.0, self.pile.highest_mm)) + max(
            self.profile.clearance.travel_mm, self.profile.clearance.wrap_mm
        )
        while highest > self._z_reach_mm and self._z_reach_mm < rules.pin_mm:
            writer = self.writer
            writer.begin("the raising of the gantry")
            writer.raised_mm += rules.raise_mm
            writer.sync()
            yield JobStep(
                kind=RAISE, lines=writer.take(), label=f"gantry raised to +{writer.raised_mm:g} mm",
                prompt=f"Raise the gantry by {rules.raise_mm:g} mm, leave Z as the controller shows it",
                layer=excursion.layer, first_wrap=excursion.first_wrap, thread_mm=self._used(excursion.layer),
            )  # fmt: skip


def thread_by_layer(plan: Plan) -> list[tuple[str, float]]:
    """Name and length in mm of what every layer uses, by the product's one way of counting."""
    uses = materials_of(plan).layers
    return [(ascii_text(plan.threads[u.thread].name), u.total_mm) for u in uses]
