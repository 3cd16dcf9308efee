"""Safe ways back: where the tool is between the pins, and how to get from there to where a step begins.

Nothing here moves anything; it makes lines and says in words what they do. Over the pins the tool goes only above
their tops; inside the ring it keeps clear of them as every move does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stringart.errors import MachineError
from stringart.machine.estimate import reader_for
from stringart.machine.job_steps import ANCHOR, LEAST_CLIMB_MM, WRAP, JobStep
from stringart.machine.jobfile import JobFile
from stringart.machine.kinematics import to_plane
from stringart.machine.placement import to_machine
from stringart.machine.profile import Profile
from stringart.machine.reader import Motion
from stringart.machine.ring import Point, Ring
from stringart.machine.toolpath import Excursion, Loops, PathPiece
from stringart.machine.turning import turn_to
from stringart.machine.writer import Writer

_MOST_DRIFT_MM = 10.0
THREAD_STATES = ("before", "between", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Lines that lead to where the step ``next_step`` begins, and what they do in words."""

    next_step: int
    lines: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the tool is.

    Parameters
    ----------
    side : str
        ``inside``, ``gap``, ``outside`` or ``above`` (the pins' tops).
    pin : int
        The nearest pin; of a gap, its first.
    room_mm : float
        Between the tool's and that pin's surface, seen from above.
    text : str
        In words.
    """

    side: str
    pin: int
    room_mm: float
    text: str


class ResumeGuide:
    """Knows a job's geometry and finds ways in it.

    Parameters
    ----------
    job : JobFile
    profile : Profile
    """

    def __init__(self, job: JobFile, profile: Profile) -> None:
        self.job, self.profile = job, profile
        self.ring = Ring(
            xy_mm=to_machine(profile.board, job.pins_mm),
            pin_diameter_mm=job.pin_diameter_mm,
            tool_diameter_mm=profile.tool.diameter_mm,
            clearance_mm=profile.clearance.pin_mm,
            loop_mm=profile.clearance.loop_mm,
            inside_mm=profile.clearance.inside_mm,
        )
        self.loops = Loops(self.ring)
        self._ends: list[tuple[float, ...]] | None = None

    # --- where ---

    def whereabouts(self, axes: Sequence[float]) -> Whereabouts:
        """Where the tool is, for axis values in work coordinates."""
        point = to_plane(self.profile, axes)
        side, pin = self.ring.side_of(point)
        distances = np.hypot(*(self.ring.xy_mm - point).T)
        room = float(distances.min()) - (self.ring.pin_diameter_mm + self.ring.tool_diameter_mm) / 2
        count = len(self.ring)
        texts = {
            "inside": f"inside the ring, nearest to pin {pin}",
            "gap": f"in the gap of pins {pin} and {(pin + 1) % count}",
            "outside": f"outside the ring, nearest to pin {pin}",
        }
        height = axes[2] - self.profile.board.surface_z_mm if len(axes) > 2 else 0.0
        if not self.profile.servo_lift and height >= self.profile.height.pin_mm:
            return Whereabouts(side="above", pin=pin, room_mm=room, text=f"above the pins' tops, {texts[side]}")
        about = f"{room:.1f} mm of room" if room > 0 or not self.profile.servo_lift else "over a pin: it must be lifted"
        return Whereabouts(side=side, pin=pin, room_mm=room, text=f"{texts[side]}, {about}")

    def end_of(self, step: int) -> tuple[float, ...]:
        """Axis values at the end of a step."""
        if self._ends is None:
            reader, ends = reader_for(self.profile), []
            text = "\n".join(f"(# {k})\n" + "\n".join(s.lines) for k, s in enumerate(self.job.steps))
            last: tuple[float, ...] = (math.nan,) * 3
            for action in reader.read(text):
                if isinstance(action, Motion):
                    last = action.end
                elif getattr(action, "text", "").startswith("# "):
                    ends.append(last)
            self._ends = [*ends[1:], last]
        return self._ends[step]

    def whole_turns_deg(self, step: int, axes: Sequence[float]) -> float:
        """How far a turning board's angle is, in whole turns, from where the job has it at the begin of a step.

        A job never turns the board back, so its angles grow beyond a full turn; a controller that was homed or told
        its place anew begins to count at none. Driven from there it would wind the thread round the whole board.
        """
        if not self.profile.rotary:
            return 0.0
        expected = self.end_of(max(step - 1, 0))[1]
        return 0.0 if math.isnan(expected) else 360.0 * round((expected - axes[1]) / 360.0)

    # --- ways ---

    @property
    def safe_mm(self) -> float:
        """Height at which the tool passes over the pins."""
        return self.profile.height.pin_mm + self.profile.clearance.safe_mm

    def _writer(self, axes: Sequence[float] | None) -> Writer:
        writer = Writer(self.profile)
        writer.begin("the way back")
        writer.add(*writer.dialect.preamble)
        if axes is not None:
            writer.stand(to_plane(self.profile, axes), axes)
        return writer

    def _over(self, writer: Writer, target: Point) -> None:
        """Up, over there, inside the ring where there is a way; a turntable turns there."""
        writer.lift(self.safe_mm)
        here, corners = writer.here, []
        if self.profile.turntable:
            self._turn_over(writer, target)
            return
        if here is not None and self.ring.polygon.contains(_shape(here)):
            clear = bool(self.ring.are_clear(np.array([here]), np.array([target]))[0])
            corners = [] if clear else self.ring.way_around(here, target) or []
        for corner in (*corners, target):
            writer.line_to(corner, self.safe_mm, self.profile.motion.travel_feed_mm_min, fine=False)

    def _turn_over(self, writer: Writer, target: Point) -> None:
        """Above the pins' tops the board turns wherever the needle stands."""
        feed = self.profile.motion.travel_feed_mm_min
        turn = None if writer.here is None else turn_to(writer.here, target)
        for piece in (*(() if turn is None else (turn,)), PathPiece(*target)):
            writer.go(piece, self.safe_mm, feed, fine=False)

    def to_step(self, step: int, axes: Sequence[float] | None) -> WayBack:
        """To where a step begins, over the pins' tops, then down: the step is done from there."""
        writer, begin = self._writer(axes), self.end_of(max(step - 1, 0))
        self._over(writer, to_plane(self.profile, begin))
        self._down(writer, begin)
        writer.sync()
        name = self.job.steps[step].label
        return WayBack(
            next_step=step,
            lines=writer.take(),
            text=f"Lift to {self.safe_mm:g} mm, go over to where '{name}' begins, down inside the ring, and do it.",
        )

    def _down(self, writer: Writer, axes: Sequence[float]) -> None:
        """To the height of a place of the job."""
        if self.profile.servo_lift:
            writer.lift(self.safe_mm)  # the next step sets it
            return
        writer.lift(axes[2] - self.profile.board.surface_z_mm)

    def by_thread(self, step: int, state: str, axes: Sequence[float] | None) -> WayBack:
        """Go on with a step whose thread is before its pin, half round it (between), or round it (after).

        Raises
        ------
        MachineError
            If the state is not known.
        """
        if state == "before":
            return self.to_step(step, axes)
        if state == "after":
            back = self.to_step(step + 1, axes)
            return WayBack(next_step=step + 1, lines=back.lines, text="The wrap is on the board. " + back.text)
        if state != "between":
            raise MachineError(f"the thread is '{state}'", f"known: {', '.join(THREAD_STATES)}")
        lines, first = self.job.steps[step].lines, self._first_outside(step)
        writer, begin = self._writer(axes), self._axes_before(step, first)
        self._over(writer, to_plane(self.profile, begin))
        self._down(writer, begin)
        rest = [line for line in lines[first:] if line not in writer.dialect.preamble]
        rest[0] = rest[0] if " F" in rest[0] else f"{rest[0]} F{self.profile.motion.wrap_feed_mm_min:.0f}"
        return WayBack(
            next_step=step + 1,
            lines=(*writer.take(), *rest),
            text=f"Lift to {self.safe_mm:g} mm, go over to the gap through which '{self.job.steps[step].label}' left "
            "the ring, down into it, and finish the way round the pin.",
        )

    def _first_outside(self, step: int) -> int:
        """Index of the first line of a step that begins in the gap and goes out."""
        text = "\n".join((*reader_preamble(self.profile), *self.job.steps[step].lines))
        skip = len(reader_preamble(self.profile))
        for action in reader_for(self.profile).read(text):
            if isinstance(action, Motion) and not math.isnan(action.end[0]):
                point = _shape(to_plane(self.profile, action.end))
                if not self.ring.polygon.buffer(-0.05).contains(point):
                    return action.line - skip  # the line after the one that reached the gap
        raise MachineError(f"'{self.job.steps[step].label}' does not leave the ring", "say before or after")

    def _axes_before(self, step: int, index: int) -> tuple[float, ...]:
        """Axis values before line ``index`` of a step."""
        text = "\n".join((*reader_preamble(self.profile), *self.job.steps[step].lines[:index]))
        ends = [a.end for a in reader_for(self.profile).read(text) if isinstance(a, Motion)]
        return ends[-1]

    def re_anchor(self, wrap: int, axes: Sequence[float] | None) -> WayBack:
        """Go on with a wrap after its thread was tied anew: several turns round the pin before it, then the wrap.

        Raises
        ------
        MachineError
            If there is no such wrap.
        """
        step = self._step_of_wrap(wrap)
        if self.job.steps[step].kind == ANCHOR:
            back = self.to_step(step, axes)
            return WayBack(next_step=step, lines=back.lines, text="Its layer begins there. " + back.text)
        before = self._wound_before(step)
        pin, turns = before.pins[-1], self.profile.thread.anchor_turns
        loop = self.loops.around(
            Excursion(layer=before.layer, first_wrap=wrap - 1, pins=(pin,), direction=before.direction)
        )
        writer, feed = self._writer(axes), self.profile.motion.wrap_feed_mm_min
        self._over(writer, loop.inner_out)
        height = max(s.wrap_mm for s in self.job.steps[: step + 1])
        writer.lift(height)
        writer.line_to(loop.crossing_out, height, feed)
        climb = 0.0 if self.profile.servo_lift else LEAST_CLIMB_MM
        for piece in loop.turns * turns:
            height += climb
            writer.go(piece, height, feed)
        for piece in loop.pieces:
            writer.go(piece, height, feed)
        writer.line_to(loop.inner_back, height + self.profile.clearance.travel_mm, feed)
        writer.sync()
        return WayBack(
            next_step=step,
            lines=writer.take(),
            text=f"Lift, go over to pin {pin}, {turns} turns round it to hold the new end, then "
            f"{self.job.steps[step].label}.",
        )

    def _step_of_wrap(self, wrap: int) -> int:
        for index, step in enumerate(self.job.steps):
            if step.kind in (ANCHOR, WRAP) and step.first_wrap <= wrap < step.first_wrap + len(step.pins):
                return index
        raise MachineError(f"there is no wrap {wrap}: they are numbered 1 to {self.job.wraps}")

    def _wound_before(self, step: int) -> JobStep:
        return next(s for s in reversed(self.job.steps[:step]) if s.kind in (ANCHOR, WRAP))

    def axes_over(self, pin: int, axes: Sequence[float] | None) -> tuple[float, float]:
        """Values of the plane's axes over a pin; an angle is the one nearest to where the board stands."""
        writer = self._writer(axes)
        x, y = self.ring.xy_mm[pin]
        return writer.axes_of((float(x), float(y)))

    def offset_text(self, where: Sequence[float], axes: Sequence[float] | None) -> str:
        """How far the tool is from a place, for people."""
        if axes is None:
            return "an unknown way"
        return f"{math.dist(to_plane(self.profile, where), to_plane(self.profile, axes)):.2f} mm"

    def check_drift(self, pin: int, where: Sequence[float], axes: Sequence[float] | None) -> None:
        """Refuse to take for drift what is another place.

        Raises
        ------
        MachineError
            If the tool is too far from the pin, or where it is is not known.
        """
        if axes is None:
            raise MachineError(
                "the controller does not say where the tool is",
                "ask again when it stands",
            )
        off = math.dist(to_plane(self.profile, where), to_plane(self.profile, axes))
        if off > _MOST_DRIFT_MM:
            raise MachineError(
                f"the tool is {off:.1f} mm away from pin {pin}, more than the {_MOST_DRIFT_MM:g} mm that drift may be",
                "jog it over the pin first; where the board was moved: stringart machine locate",
            )

    def tour(self, pins: Sequence[int], axes: Sequence[float] | None) -> tuple[str, ...]:
        """Lines over chosen pins, above their tops: to see whether the board is where the profile says."""
        writer = self._writer(axes)
        writer.lift(self.safe_mm)
        for pin in pins:
            if not 0 <= pin < len(self.ring):
                raise MachineError(f"there is no pin {pin}: they are numbered 0 to {len(self.ring) - 1}")
            writer.where = f"over pin {pin}"
            x, y = self.ring.xy_mm[pin]
            if self.profile.turntable:
                self._turn_over(writer, (float(x), float(y)))
            else:
                feed = self.profile.motion.travel_feed_mm_min
                writer.line_to((float(x), float(y)), self.safe_mm, feed, fine=False)
            writer.sync()
        return writer.take()

    def try_wrap(self, pin: int, direction: int, axes: Sequence[float] | None) -> tuple[str, ...]:
        """Lines of one wrap from above: over to the pin, down inside, out, round, in, up again."""
        if not 0 <= pin < len(self.ring):
            raise MachineError(f"there is no pin {pin}: they are numbered 0 to {len(self.ring) - 1}")
        loop = self.loops.around(Excursion(layer=0, first_wrap=1, pins=(pin,), direction=direction))
        writer, rules = self._writer(axes), self.profile
        writer.lift(self.safe_mm)
        if rules.turntable:
            self._turn_over(writer, loop.inner_out)
        else:
            writer.line_to(loop.inner_out, self.safe_mm, rules.motion.travel_feed_mm_min, fine=False)
        height = rules.height.first_wrap_mm + rules.clearance.wrap_mm
        writer.lift(height)
        writer.line_to(loop.crossing_out, height, rules.motion.wrap_feed_mm_min)
        for piece in loop.pieces:
            writer.go(piece, height, rules.motion.wrap_feed_mm_min)
        writer.line_to(loop.inner_back, height, rules.motion.wrap_feed_mm_min)
        writer.lift(self.safe_mm)
        writer.sync()
        return writer.take()


def reader_preamble(profile: Profile) -> tuple[str, ...]:
    """Lines that make a part of a job readable by itself."""
    return ("G21 G90", f"G1 F{profile.motion.wrap_feed_mm_min:.0f}")


def _shape(point: Point):  # type: ignore[no-untyped-def]
    import shapely

    return shapely.Point(point)
