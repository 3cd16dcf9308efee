"""Winding by hand, step by step, as a state machine without input, output or a clock.

Commands go in with the time at which they are given, a new `Place` comes out; whoever drives the guide keeps the place
(`stringart.hand.progress`) and draws the `View`. All legal moves::

    TIE     --next-->   WIND                the thread of the layer is tied on
    WIND    --next-->   WIND | TIE | DONE   one step further; at a layer's end the next thread, or the end
    WIND    --back-->   WIND | TIE          one step back; before a layer's first step its thread is asked for again
    TIE     --back-->   WIND                the last step of the layer before
    DONE    --back-->   WIND                the last step
    any     --jump-->   WIND | TIE
    any     --pause-->  paused; next, pause or resume end it, and no time is counted
"""

import enum
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from stringart.errors import PlanError
from stringart.plan.materials import DEFAULTS, Assumptions, wrap_mm
from stringart.plan.model import Plan, Thread
from stringart.plan.wraps import wrap_directions

SHORTEST_STEP_S, LONGEST_STEP_S = 0.3, 300.0  # a shorter one was a key held down, a longer one a rest
_PACE_STEPS, _PACE_FEWEST, _UPCOMING = 60, 5, 12
_SPOOL_RESERVE_MM = 2000.0


class Phase(enum.Enum):
    """What the person is asked to do."""

    TIE = "tie"
    WIND = "wind"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One straight piece of thread.

    Parameters
    ----------
    number : int
        From 1, in the order of winding.
    layer, from_pin, to_pin : int
    direction : int
        Round ``to_pin``: +1 clockwise, -1 counter-clockwise, 0 where the thread is tied.
    is_rim : bool
        True if it only moves the thread along the rim.
    """

    number: int
    layer: int
    from_pin: int
    to_pin: int
    direction: int
    is_rim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a piece stands: all that has to be kept.

    Parameters
    ----------
    done : int
        Steps on the board.
    tied : bool
        True if the thread of the layer that comes is tied on.
    paused : bool
    spools : dict of int to int
        For a thread, the steps that were on the board when its present spool was begun.
    """

    done: int = 0
    tied: bool = False
    paused: bool = False
    spools: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that is shown of a moment.

    Parameters
    ----------
    phase : Phase
    paused : bool
    step : Step, optional
        The step to wind now; None when all are done.
    upcoming : tuple of Step
        The next few after it, within the layer.
    done, total : int
        Steps.
    layer, layers : int
        Number from 0, and how many.
    layer_done, layer_total : int
        Steps of the layer.
    thread : Thread
    layer_left_mm : float
        Thread that the layer still takes, its knot included.
    spool_left_mm : float, optional
        Thread left on the spool; None if the spool's length is not known.
    spool_low : bool
        True if the spool may not last for the next steps.
    pace_s : float
        Seconds a step.
    pace_measured : bool
        False if the pace is still a guess.
    left_s : float
        Seconds to the end at this pace.
    """

    phase: Phase
    paused: bool
    step: Step | None
    upcoming: tuple[Step, ...]
    done: int
    total: int
    layer: int
    layers: int
    layer_done: int
    layer_total: int
    thread: Thread
    layer_left_mm: float
    spool_left_mm: float | None
    spool_low: bool
    pace_s: float
    pace_measured: bool
    left_s: float

    @property
    def percent(self) -> float:
        """Share of the steps that are on the board; 100 only when all are."""
        return math.floor(self.done / self.total * 1000) / 10


class Guide:
    """The way through one plan.

    Parameters
    ----------
    plan : Plan
    place : Place, optional
        Where to go on.
    recent_s : iterable of float
        Seconds that the last steps took, oldest first.
    spool_mm : float, optional
        Thread on a full spool.
    assumptions : Assumptions

    Raises
    ------
    PlanError
        If the plan has no step, or the place is not in it.
    """

    def __init__(
        self,
        plan: Plan,
        place: Place | None = None,
        recent_s: Iterable[float] = (),
        spool_mm: float | None = None,
        assumptions: Assumptions = DEFAULTS,
    ) -> None:
        if not len(plan.steps):
            raise PlanError("the plan has no chords: there is nothing to wind", "make the plan again, with chords")
        self.plan, self.place = plan, place or Place()
        if not 0 <= self.place.done <= len(plan.steps):
            raise PlanError(f"step {self.place.done} is not in the plan, which has {len(plan.steps)}")
        self._assumptions, self._spool_mm = assumptions, spool_mm
        self._recent_s = deque(recent_s, _PACE_STEPS)
        self._since_s: float | None = None
        self.counted = 0  # steps whose time was taken
        self._layers = [number for number, layer in enumerate(plan.layers) if layer.steps]
        self._starts = np.concatenate([[0], np.cumsum([plan.layers[number].steps for number in self._layers])])
        self._directions = np.concatenate([turn[1:] for turn in wrap_directions(plan) if len(turn) > 1])
        self._thread_of_step = np.array([layer.thread for layer in plan.layers])[plan.steps[:, 0]]
        self._used_mm = self._thread_used()

    def _thread_used(self) -> np.ndarray:
        """Thread laid before each step, knots and waste included, per thread: (threads, S + 1)."""
        plan, a = self.plan, self._assumptions
        wraps = np.array([wrap_mm(plan, k, a) for k in range(len(plan.threads))])
        step_mm = (plan.step_lengths_mm + wraps[self._thread_of_step]) * (1 + a.waste)
        step_mm[self._starts[:-1]] += a.knot_mm + wraps[self._thread_of_step[self._starts[:-1]]]
        step_mm[self._starts[1:] - 1] += a.knot_mm
        used = np.zeros((len(plan.threads), len(step_mm) + 1))
        for thread in range(len(plan.threads)):
            np.cumsum(np.where(self._thread_of_step == thread, step_mm, 0), out=used[thread, 1:])
        return used

    # --- commands: each returns True if the place changed and should be kept ---

    def next(self, now_s: float) -> bool:
        """Go on: the step is wound, or the thread is tied on, or the pause is over."""
        if self.place.paused:
            return self.resume(now_s)
        phase = self.phase
        if phase is Phase.DONE:
            return False
        if phase is Phase.TIE:
            return self._move(now_s, self.place.done, tied=True)
        self._count(now_s)
        return self._move(now_s, self.place.done + 1)

    def back(self, now_s: float) -> bool:
        """Take one step back, or before a layer's first step ask for its thread again."""
        done, phase = self.place.done, self.phase
        if phase is Phase.WIND and self._begins_layer(done):
            return self._move(now_s, done, tied=False)
        if done == 0:
            return False
        return self._move(now_s, done - 1, tied=True)

    def jump(self, number: int, now_s: float) -> bool:
        """Make ``number`` the step to wind now, from 1.

        Raises
        ------
        PlanError
            If there is no such step.
        """
        total = len(self.plan.steps)
        if not 1 <= number <= total:
            raise PlanError(f"there is no step {number:,}: the plan has steps 1 to {total:,}")
        return self._move(now_s, number - 1)

    def pause(self) -> bool:
        """Stop counting time."""
        self._since_s = None
        changed, self.place = not self.place.paused, replace(self.place, paused=True)
        return changed

    def resume(self, now_s: float) -> bool:
        """Count time again."""
        self._since_s = now_s
        changed, self.place = self.place.paused, replace(self.place, paused=False)
        return changed

    def new_spool(self) -> bool:
        """Begin a full spool of the thread in hand."""
        self.place = replace(self.place, spools=self.place.spools | {self._thread: self.place.done})
        return True

    # --- what is shown ---

    @property
    def phase(self) -> Phase:
        """What the person is asked to do now."""
        if self.place.done == len(self.plan.steps):
            return Phase.DONE
        return Phase.TIE if self._begins_layer(self.place.done) and not self.place.tied else Phase.WIND

    def step(self, number: int) -> Step:
        """Return step ``number``, from 1."""
        layer, from_pin, to_pin = (int(value) for value in self.plan.steps[number - 1])
        turn, is_rim = int(self._directions[number - 1]), bool(self.plan.is_rim[number - 1])
        return Step(number=number, layer=layer, from_pin=from_pin, to_pin=to_pin, direction=turn, is_rim=is_rim)

    def view(self) -> View:
        """Return all that is shown of this moment."""
        done, total, run = self.place.done, len(self.plan.steps), self._run
        start, stop = int(self._starts[run]), int(self._starts[run + 1])
        pace_s, measured = self._pace()
        spool_left_mm = self._spool_left_mm()
        ahead = range(done + 2, min(done + 2 + _UPCOMING, stop + 1))
        used = self._used_mm[self._thread]
        return View(
            phase=self.phase,
            paused=self.place.paused,
            step=self.step(done + 1) if done < total else None,
            upcoming=tuple(self.step(number) for number in ahead),
            done=done,
            total=total,
            layer=run,
            layers=len(self._layers),
            layer_done=done - start,
            layer_total=stop - start,
            thread=self.plan.threads[self._thread],
            layer_left_mm=float(used[stop] - used[done]),
            spool_left_mm=spool_left_mm,
            spool_low=spool_left_mm is not None and spool_left_mm < min(_SPOOL_RESERVE_MM, used[stop] - used[done]),
            pace_s=pace_s,
            pace_measured=measured,
            left_s=self._left_s(pace_s),
        )

    @property
    def recent_s(self) -> tuple[float, ...]:
        """Seconds that the last steps took, oldest first."""
        return tuple(self._recent_s)

    # --- inside ---

    @property
    def _run(self) -> int:
        """Which of the layers that have steps is being wound, from 0."""
        found = int(np.searchsorted(self._starts, self.place.done, side="right")) - 1
        return min(found, len(self._layers) - 1)

    @property
    def _thread(self) -> int:
        return self.plan.layers[self._layers[self._run]].thread

    def _begins_layer(self, done: int) -> bool:
        return done < len(self.plan.steps) and done in self._starts

    def _move(self, now_s: float, done: int, tied: bool | None = None) -> bool:
        tied = not self._begins_layer(done) if tied is None else tied
        self._since_s = now_s
        self.place = replace(self.place, done=done, tied=tied, paused=False)
        return True

    def _count(self, now_s: float) -> None:
        if self._since_s is not None and SHORTEST_STEP_S <= now_s - self._since_s <= LONGEST_STEP_S:
            self._recent_s.append(now_s - self._since_s)
            self.counted += 1

    def _pace(self) -> tuple[float, bool]:
        """Seconds a step, without the odd long one, and whether it was measured."""
        if len(self._recent_s) < _PACE_FEWEST:
            return self._assumptions.hand_step_s, False
        middle = float(np.median(self._recent_s))
        return float(np.mean([s for s in self._recent_s if s <= 4 * middle])), True

    def _left_s(self, pace_s: float) -> float:
        changes = len(self._layers) - self._run - (self.phase is not Phase.TIE)
        return (len(self.plan.steps) - self.place.done) * pace_s + changes * self._assumptions.hand_layer_s

    def _spool_left_mm(self) -> float | None:
        if self._spool_mm is None:
            return None
        used, begun = self._used_mm[self._thread], self.place.spools.get(self._thread, 0)
        return max(self._spool_mm - float(used[self.place.done] - used[min(begun, self.place.done)]), 0.0)
