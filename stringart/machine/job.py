"""A plan becomes a job: the walk through its layers, wrap by wrap, that writes the steps."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from stringart.errors import MachineError
from stringart.machine.headroom import Headroom
from stringart.machine.job_steps import ANCHOR, END, LEAST_CLIMB_MM, PARK, RAISE, START, TIE, WRAP, JobStep, MachineJob
from stringart.machine.kinematics import TRAVEL_TOLERANCE_MM
from stringart.machine.profile import Profile
from stringart.machine.ring import Point, Ring
from stringart.machine.snippets import render
from stringart.machine.spools import Spools
from stringart.machine.template_job import make_template_job
from stringart.machine.toolpath import Excursion, Loop, Loops, PathPiece, excursions_of, flatten
from stringart.machine.ways import Ways, check_chords, park_place
from stringart.machine.writer import Writer
from stringart.plan.model import Array, Plan

_FLAT_MM = 0.5  # of a way that is only looked at for its height


def make_job(plan: Plan, profile: Profile) -> MachineJob:
    """Make a plan's job for a machine; everything is checked before there is a line.

    Raises
    ------
    MachineError
        If a gap is too narrow, a chord leaves the board, a way leaves the travel or touches a pin, or the height runs
        out: with the wrap, the pins and the millimetres.
    """
    if profile.machine.template:
        return make_template_job(plan, profile)
    builder = _Builder(plan, profile)
    steps = tuple(builder.steps())
    return MachineJob(plan=plan, profile=profile, steps=steps)


class _Builder:
    """Walks through a plan once."""

    def __init__(self, plan: Plan, profile: Profile) -> None:
        self.plan, self.profile = plan, profile
        self.ring = Ring.of(plan, profile)
        self.loops = Loops(self.ring)
        self.ways = Ways(self.ring, self.loops, turns=profile.turntable)
        self.room = Headroom(plan, profile, self.ring)
        self.spools = Spools(plan, profile)
        self.writer = Writer(profile)
        self.wraps = sum(len(layer.pins) for layer in plan.layers)
        self._feeds = profile.motion.travel_feed_mm_min, profile.motion.wrap_feed_mm_min
        self.park_mm: Point = park_place(profile, self.ring)

    def steps(self) -> Iterator[JobStep]:
        """All steps in order."""
        if not self.wraps:
            raise MachineError("the plan has no wraps", "design it first")
        excursions = list(excursions_of(self.plan))
        for excursion in excursions:  # everything is feasible before there is a line
            self.loops.around(excursion)
        check_chords(self.plan, self.ring)
        ways = self.ways.to_each(excursions, self.park_mm)
        yield self._start()
        for number in range(len(self.plan.layers)):
            picked = [k for k, e in enumerate(excursions) if e.layer == number]
            if picked:
                yield from self._layer(number, [excursions[k] for k in picked], [ways[k] for k in picked])
        yield self._end()

    # --- steps ---

    def _values(self, layer: int, excursion: Excursion | None = None) -> dict[str, object]:
        thread = self.plan.threads[self.plan.layers[layer].thread]
        return {
            "thread": thread.name, "color": thread.color.lstrip("#"), "layer": layer + 1,
            "layers": len(self.plan.layers), "wrap": excursion.first_wrap if excursion else self.wraps,
            "wraps": self.wraps, "pin": excursion.pins[0] if excursion else "",
            "x": float(self.park_mm[0]), "y": float(self.park_mm[1]), "z": float(self.room.safe_mm),
        }  # fmt: skip

    def _start(self) -> JobStep:
        writer = self.writer
        writer.begin("the start")
        writer.add(*writer.dialect.preamble, *render(self.profile, "start", self._values(0)))
        over_pins = self.room.safe_mm >= self.profile.height.pin_mm
        if not over_pins and self.profile.park.xy_mm:
            raise MachineError(
                f"the tool reaches {self.room.safe_mm:.1f} mm, the pins are {self.profile.height.pin_mm:.1f} mm high: "
                "it cannot park outside",
                "leave park.xy_mm empty, or give Z more travel",
            )
        writer.lift(self.room.safe_mm)
        writer.line_to(self.park_mm, self.room.safe_mm, self._feeds[0], fine=False)
        writer.sync()
        prompt = "" if over_pins else "Put the tool inside the ring by hand: it cannot pass over the pins"
        return JobStep(kind=START, lines=writer.take(), label="to the board", prompt=prompt)

    def _layer(
        self, number: int, excursions: Sequence[Excursion], ways: Sequence[tuple[PathPiece, ...]]
    ) -> Iterator[JobStep]:
        for k, excursion in enumerate(excursions):
            yield from self._raises(excursion)
            following = None
            if k + 1 < len(excursions):
                a, b = self.loops.around(excursion), self.loops.around(excursions[k + 1])
                following = _line(a.inner_back, ways[k + 1], b.inner_out)
            if k == 0:
                yield self._anchor(excursion, self._thread_prompt(number, excursion), following)
            else:
                yield self._wrap(excursion, ways[k], following)
                if k + 1 < len(excursions) and self.spools.is_low(excursions[k + 1].layer):
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
        writer.lift(self.room.safe_mm)
        corners = () if self.profile.park.xy_mm else self.ways.between(self.park_mm, loop.inner_out, excursion.name)
        if writer.here is not None and math.dist(writer.here, self.park_mm) > 1e-6:
            writer.line_to(self.park_mm, self.room.safe_mm, self._feeds[0], fine=False)
        for piece in (*corners, PathPiece(*loop.inner_out)):
            writer.go(piece, self.room.safe_mm, self._feeds[0], fine=False)
        writer.lift(self.room.travel_mm(np.array([loop.inner_out, loop.inner_out])))

    def _wrap(self, excursion: Excursion, corners: tuple[PathPiece, ...], following: Array | None) -> JobStep:
        loop, writer = self.loops.around(excursion), self.writer
        writer.begin(excursion.name)
        assert writer.here is not None
        line = _line(writer.here, corners, loop.inner_out)
        travel = self.room.travel_mm(line)
        writer.lift(max(travel, writer.height_mm or 0.0))
        writer.rest(self.profile.dwell.settle_s)
        fine = self.profile.rotary and self.ring.passes_near(line, TRAVEL_TOLERANCE_MM)
        for piece in (*corners, PathPiece(*loop.inner_out)):
            writer.go(piece, travel, self._feeds[0], fine=fine)
        heights = self._round(excursion, loop, 0, excursion.pins, following)
        return self._step(WRAP, (travel, heights[1]), excursion, excursion.name, "")

    def _round(
        self, excursion: Excursion, loop: Loop, turns: int, pins: tuple[int, ...], following: Array | None = None
    ) -> tuple[float, float]:
        """Out, round and in, up to the height of the ``following`` way; the thread is laid and counted.

        Returns the heights of travel and wrap.
        """
        writer, feed = self.writer, self._feeds[1]
        before = self.room.wrap_mm(excursion.pins)
        self.room.lay(excursion, turns)
        wrap = self.room.wrap_mm(excursion.pins)
        self.room.check(excursion, wrap)
        if self.profile.servo_lift and wrap > (writer.height_mm or 0.0):
            writer.lift(wrap)  # inside: nothing rests in a gap
        self._turn(loop, turns, before, wrap)
        for piece in loop.pieces:
            writer.go(piece, wrap, feed)
        rest = np.array([loop.inner_back, loop.inner_back])
        travel = self.room.travel_mm(rest if following is None else following)
        writer.line_to(loop.inner_back, max(travel, wrap), feed)
        writer.sync()
        self.spools.count(excursion.layer, excursion.first_wrap, len(pins), knotted=turns > 0)
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

    def _tie(self, excursion: Excursion) -> JobStep:
        """A layer's end: back out of the ring and several turns round the last pin."""
        last = excursion.last
        loop, writer = self.loops.around(last), self.writer
        assert writer.here is not None
        writer.begin(f"the end at pin {last.pins[0]}")
        turns = max(self.profile.thread.anchor_turns - 1, 0)
        corners = self.ways.between(writer.here, loop.inner_out, writer.where)
        heights = writer.height_mm or self.room.safe_mm
        for piece in (*corners, PathPiece(*loop.inner_out)):
            writer.go(piece, heights, self._feeds[0])
        pair = self._round(last, loop, turns, ())
        return self._step(TIE, pair, last, f"end: {turns + 1} turns round pin {last.pins[0]}", "", pins=())

    def _park(self, layer: int, next_wrap: int) -> JobStep:
        writer = self.writer
        writer.begin(f"the end of layer {layer + 1}")
        self._to_park()
        writer.add(*render(self.profile, "change", self._values(min(layer + 1, len(self.plan.layers) - 1))))
        if self.profile.snippets.change:
            writer.sync()
        self.room.begin_at(None)
        return JobStep(
            kind=PARK, lines=writer.take(), label="park for the thread", layer=layer, first_wrap=next_wrap,
            travel_mm=self.room.safe_mm, thread_mm=self.spools.used_of_layer_mm(layer),
        )  # fmt: skip

    def _end(self) -> JobStep:
        writer, layer = self.writer, len(self.plan.layers) - 1
        writer.begin("the end")
        self._to_park()
        writer.add(*render(self.profile, "end", self._values(layer)), *self._end_words())
        return JobStep(
            kind=END, lines=writer.take(), label="the end", layer=layer, first_wrap=self.wraps + 1,
            travel_mm=self.room.safe_mm, thread_mm=self.spools.used_of_layer_mm(layer),
        )  # fmt: skip

    def _end_words(self) -> tuple[str, ...]:
        """Last lines; a servo that lifts the tool is not switched off."""
        end = self.writer.dialect.end
        return tuple(line for line in end if line != "M5") if self.profile.servo_lift else end

    def _to_park(self) -> None:
        """Up, and to where the tool waits; inside the ring if it waits there, although it is above the pins."""
        writer = self.writer
        writer.lift(self.room.safe_mm)
        here = writer.here or self.park_mm
        corners = () if self.profile.park.xy_mm else self.ways.between(here, self.park_mm, writer.where)
        for piece in (*corners, PathPiece(*self.park_mm)):
            writer.go(piece, self.room.safe_mm, self._feeds[0], fine=False)
        writer.sync()

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
            thread_mm=self.spools.used_of_layer_mm(excursion.layer),
        )

    def _new_spool(self, excursion: Excursion) -> Iterator[JobStep]:
        yield self._tie(excursion)
        yield self._park(excursion.layer, excursion.first_wrap + len(excursion.pins))
        last = excursion.last
        prompt = f"{self.spools.renew(excursion.layer)}, hold its end near pin {last.pins[0]}"
        self.room.begin_at(last.pins[0])
        yield self._anchor(last, prompt, turns_only=True)

    def _raises(self, excursion: Excursion) -> Iterator[JobStep]:
        """Stops at which the gantry is raised by hand, where the axis runs out before the pins do."""
        rules = self.profile.height
        if not rules.raise_mm or self.profile.servo_lift:
            return
        while self.room.is_short:
            writer = self.writer
            writer.begin("the raising of the gantry")
            self.room.raised_mm += rules.raise_mm
            writer.raised_mm = self.room.raised_mm
            writer.sync()
            yield JobStep(
                kind=RAISE, lines=writer.take(), label=f"gantry raised to +{writer.raised_mm:g} mm",
                prompt=f"Raise the gantry by {rules.raise_mm:g} mm, leave Z as the controller shows it",
                layer=excursion.layer, first_wrap=excursion.first_wrap,
                thread_mm=self.spools.used_of_layer_mm(excursion.layer),
            )  # fmt: skip


def _line(start: Point, pieces: Sequence[PathPiece], end: Point) -> Array:
    """Corners of a way, for the height that it needs."""
    return flatten(start, (*pieces, PathPiece(*end)), _FLAT_MM)
