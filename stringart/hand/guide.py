"""Winding by hand, step by step, as a state machine without input, output or a clock.

Commands go in with the time at which they are given, a new `Standing` comes out; whoever drives the guide keeps it
(`stringart.hand.progress`) and draws the `View`. Steps are those of `stringart.plan.steps`: chords and whole rim
walks. All legal moves::

    TIE     --next-->   WIND                the thread of the layer is tied on
    WIND    --next-->   WIND | TIE | DONE   one step further; at a layer's end the next thread, or the end
    WIND    --back-->   WIND | TIE          one step back; before a layer's first step its thread is asked for again
    TIE     --back-->   WIND                the last step of the layer before
    DONE    --back-->   WIND                the last step
    any     --jump-->   WIND | TIE          and --undo--> where it was before
    any     --pause-->  paused; next, pause or resume end it, and no time is counted
"""

import enum
import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from stringart.errors import PlanError
from stringart.hand.guide_words import ENGLISH, GuideWords, StepRefusedError
from stringart.plan.materials import DEFAULTS, Assumptions, Pace, wrap_mm
from stringart.plan.model import Plan, Thread
from stringart.plan.steps import Instruction, Kind, steps_or_refuse

SHORTEST_S = 0.3  # a shorter step was a key held down
LONGEST_S = {Kind.CHORD: 300.0, Kind.RIM_WALK: 300.0, Kind.TIE_ON: 1800.0}  # a longer one was a rest
TIMED = tuple(LONGEST_S)
"""Kinds whose pace is measured; tying on stands for the whole change of thread."""
_PACE_STEPS, _UPCOMING, _BEFORE = 60, 12, 12
_FEWEST = {Kind.CHORD: 5, Kind.RIM_WALK: 3, Kind.TIE_ON: 2}
_SPOOL_RESERVE_MM = 2000.0
_MOST_UNDO = 20


class Phase(enum.Enum):
    """What the person is asked to do."""

    TIE = "tie"
    WIND = "wind"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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
    spool_mm : float, optional
        Thread on a full spool; None if it is not known.
    jumps : tuple of (int, bool)
        Where the last jumps came from, the last one last: steps on the board, and whether the thread was tied on.
    """

    done: int = 0
    tied: bool = False
    paused: bool = False
    spools: dict[int, int] = field(default_factory=dict)
    spool_mm: float | None = None
    jumps: tuple[tuple[int, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that is shown of a moment.

    Parameters
    ----------
    phase : Phase
    paused : bool
    step : Instruction, optional
        The step to wind now; None when all are done.
    upcoming, before : tuple of Instruction
        The next few after it and the last few before it, in order, within the layer.
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
    pace : Pace
        Seconds for each kind of step.
    pace_measured : bool
        False if the pace of chords is still a guess.
    left_s : float
        Seconds to the end at this pace.
    """

    phase: Phase
    paused: bool
    step: Instruction | None
    upcoming: tuple[Instruction, ...]
    before: tuple[Instruction, ...]
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
    pace: Pace
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
    place : Standing, optional
        Where to go on.
    recent_s : mapping of Kind to iterable of float
        Seconds that the last steps of each kind took, oldest first.
    spool_mm : float, optional
        Thread on a full spool; by default the one that the place remembers.
    assumptions : Assumptions

    Attributes
    ----------
    took : (Kind, float) or None
        Kind and seconds of the step that the last command ended, if its time was taken.

    Raises
    ------
    PlanError
        If the plan has no step, or the place is not in it.
    """

    def __init__(
        self,
        plan: Plan,
        place: Standing | None = None,
        recent_s: Mapping[Kind, Iterable[float]] | None = None,
        spool_mm: float | None = None,
        assumptions: Assumptions = DEFAULTS,
    ) -> None:
        self.steps = steps_or_refuse(plan, "the winding")
        self.plan, self.place = plan, place or Standing()
        if not 0 <= self.place.done <= len(self.steps):
            raise PlanError(f"step {self.place.done} is not in the plan, which has {len(self.steps)}")
        if spool_mm is not None:
            self.place = replace(self.place, spool_mm=spool_mm)
        self._assumptions = assumptions
        self._recent_s = {kind: deque((recent_s or {}).get(kind, ()), _PACE_STEPS) for kind in TIMED}
        self._since_s: float | None = None
        self.took: tuple[Kind, float] | None = None
        layers = np.array([step.layer for step in self.steps])
        self._starts = np.r_[0, np.flatnonzero(np.diff(layers)) + 1, len(layers)]
        self._rim_walks = np.r_[0, np.cumsum([step.is_rim for step in self.steps])]
        self._used_mm = self._thread_used()

    def _thread_used(self) -> np.ndarray:
        """Thread laid before each step, knots and waste included, per thread: (threads, S + 1)."""
        plan, a = self.plan, self._assumptions
        wraps = np.array([wrap_mm(plan, k, a) for k in range(len(plan.threads))])
        thread = np.array([step.thread for step in self.steps])
        pieces = np.array([step.stop - step.first for step in self.steps])
        step_mm = (np.array([step.length_mm for step in self.steps]) + pieces * wraps[thread]) * (1 + a.waste)
        step_mm[self._starts[:-1]] += a.knot_mm + wraps[thread[self._starts[:-1]]]
        step_mm[self._starts[1:] - 1] += a.knot_mm
        used = np.zeros((len(plan.threads), len(step_mm) + 1))
        for number in range(len(plan.threads)):
            np.cumsum(np.where(thread == number, step_mm, 0), out=used[number, 1:])
        return used

    # --- commands: each returns True if the place changed and should be kept ---

    def next(self, now_s: float) -> bool:
        """Go on: the step is wound, or the thread is tied on, or the pause is over."""
        if self.place.paused:
            return self.resume(now_s)
        phase = self.phase
        if phase is Phase.DONE:
            return False
        took = self._took(now_s, Kind.TIE_ON if phase is Phase.TIE else self.steps[self.place.done].kind)
        if phase is Phase.TIE:
            moved = self._move(now_s, self.place.done, tied=True)
        else:
            moved = self._move(now_s, self.place.done + 1)
        self.took = took
        return moved

    def back(self, now_s: float) -> bool:
        """Take one step back, or before a layer's first step ask for its thread again."""
        done, phase = self.place.done, self.phase
        if phase is Phase.WIND and self._begins_layer(done):
            return self._move(now_s, done, tied=False)
        if done == 0:
            return False
        return self._move(now_s, done - 1, tied=True)

    def jump(self, number: int, now_s: float) -> bool:
        """Make ``number`` the step to wind now, from 1; `undo` takes it back.

        Raises
        ------
        PlanError
            If there is no such step.
        """
        total = len(self.steps)
        if not 1 <= number <= total:
            raise StepRefusedError("no_step", n=number, total=total)
        self._remember_jump()
        return self._move(now_s, number - 1)

    def unwind(self, number: int, now_s: float) -> bool:
        """Take steps off the board until ``number`` is to be wound again; `undo` takes it back.

        Raises
        ------
        PlanError
            If step ``number`` is not on the board.
        """
        same_layer = self.to_unwind(number)[-1].layer == self.steps[min(self.place.done, len(self.steps) - 1)].layer
        self._remember_jump()
        return self._move(now_s, number - 1, tied=True if same_layer and self.place.tied else None)

    def undo(self, now_s: float) -> bool:
        """Go back to where the last jump came from, one before a restart, too; False if there was none."""
        if not self.place.jumps:
            return False
        *jumps, (done, tied) = self.place.jumps
        self.place = replace(self.place, jumps=tuple(jumps))
        return self._move(now_s, done, tied=tied)

    def _remember_jump(self) -> None:
        jumps = (*self.place.jumps, (self.place.done, self.place.tied))
        self.place = replace(self.place, jumps=jumps[-_MOST_UNDO:])

    def pause(self) -> bool:
        """Stop counting time."""
        self._since_s, self.took = None, None
        changed, self.place = not self.place.paused, replace(self.place, paused=True)
        return changed

    def resume(self, now_s: float) -> bool:
        """Count time again."""
        self._since_s, self.took = now_s, None
        changed, self.place = self.place.paused, replace(self.place, paused=False)
        return changed

    def new_spool(self, spool_mm: float | None = None) -> bool:
        """Begin a full spool of the thread in hand; ``spool_mm`` where it is not as long as the one before."""
        self.took = None
        spools = self.place.spools | {self._thread: self.place.done}
        self.place = replace(self.place, spools=spools, spool_mm=spool_mm or self.place.spool_mm)
        return True

    # --- when it goes wrong ---

    def to_unwind(self, number: int) -> tuple[Instruction, ...]:
        """Steps to take off the board, the last one first, until step ``number`` is to be wound again.

        Raises
        ------
        PlanError
            If step ``number`` is not on the board.
        """
        done = self.place.done
        if not 1 <= number <= done:
            if not done:
                raise StepRefusedError("nothing_wound", n=number)
            raise StepRefusedError("not_on_board", n=number, total=done)
        return self.steps[number - 1 : done][::-1]

    def fitting(self, at_pin: int, from_pin: int | None = None) -> tuple[Instruction, ...]:
        """Steps that end at a pin, or pass it along the rim, the nearest to the place first.

        Parameters
        ----------
        at_pin : int
            Where the thread is now.
        from_pin : int, optional
            Where the last thread comes from.

        Raises
        ------
        PlanError
            If the board has no such pin.
        """
        count = len(self.plan.pins)
        for pin in (at_pin, *(() if from_pin is None else (from_pin,))):
            if not 0 <= pin < count:
                raise StepRefusedError("no_pin", pin=pin, last_pin=count - 1)
        found = [step for step in self.steps if _ends_at(step, at_pin, count) and from_pin in (None, step.from_pin)]
        return tuple(sorted(found, key=lambda step: (abs(step.number - self.place.done), step.number)))

    def spool_ends(self) -> tuple[Instruction, ...]:
        """Steps during which the present spool, and then each full one, runs out: a join is needed at their beginning.

        Of the thread in hand, to the end of the piece; none if the spool's length is not known.
        """
        left, spool = self._spool_left_mm(), self.place.spool_mm
        if left is None or spool is None:
            return ()
        used, done, knots = self._used_mm[self._thread], self.place.done, 2 * self._assumptions.knot_mm
        found: list[Instruction] = []
        while spool > knots:
            end = int(np.searchsorted(used, used[done] + left, side="right")) - 1
            if end == len(self.steps) or (found and end <= done):
                break
            done, left = end, spool - knots
            found.append(self.steps[end])
        return tuple(found)

    # --- what is shown ---

    @property
    def phase(self) -> Phase:
        """What the person is asked to do now."""
        if self.place.done == len(self.steps):
            return Phase.DONE
        return Phase.TIE if self._begins_layer(self.place.done) and not self.place.tied else Phase.WIND

    def step(self, number: int) -> Instruction:
        """Return step ``number``, from 1."""
        return self.steps[number - 1]

    def view(self) -> View:
        """Return all that is shown of this moment."""
        done, total, run = self.place.done, len(self.steps), self._run
        start, stop = int(self._starts[run]), int(self._starts[run + 1])
        pace, measured = self._pace()
        spool_left_mm = self._spool_left_mm()
        used = self._used_mm[self._thread]
        return View(
            phase=self.phase,
            paused=self.place.paused,
            step=self.steps[done] if done < total else None,
            upcoming=self.steps[done + 1 : min(done + 1 + _UPCOMING, stop)],
            before=self.steps[max(start, done - _BEFORE) : done],
            done=done,
            total=total,
            layer=run,
            layers=len(self._starts) - 1,
            layer_done=done - start,
            layer_total=stop - start,
            thread=self.plan.threads[self._thread],
            layer_left_mm=float(used[stop] - used[done]),
            spool_left_mm=spool_left_mm,
            spool_low=spool_left_mm is not None and spool_left_mm < min(_SPOOL_RESERVE_MM, used[stop] - used[done]),
            pace=pace,
            pace_measured=measured,
            left_s=self._left_s(pace),
        )

    @property
    def recent_s(self) -> dict[Kind, tuple[float, ...]]:
        """Seconds that the last steps of each kind took, oldest first."""
        return {kind: tuple(seconds) for kind, seconds in self._recent_s.items()}

    # --- inside ---

    @property
    def _run(self) -> int:
        """Which of the layers that have steps is being wound, from 0."""
        found = int(np.searchsorted(self._starts, self.place.done, side="right")) - 1
        return min(found, len(self._starts) - 2)

    @property
    def _thread(self) -> int:
        return self.steps[int(self._starts[self._run])].thread

    def _begins_layer(self, done: int) -> bool:
        return done < len(self.steps) and done in self._starts

    def _move(self, now_s: float, done: int, tied: bool | None = None) -> bool:
        tied = not self._begins_layer(done) if tied is None else tied
        self._since_s, self.took = now_s, None
        self.place = replace(self.place, done=done, tied=tied, paused=False)
        return True

    def _took(self, now_s: float, kind: Kind) -> tuple[Kind, float] | None:
        """Take the time of what has just been done."""
        if self._since_s is None or not SHORTEST_S <= now_s - self._since_s <= LONGEST_S[kind]:
            return None
        self._recent_s[kind].append(now_s - self._since_s)
        return kind, now_s - self._since_s

    def _pace(self) -> tuple[Pace, bool]:
        """Seconds for each kind, measured where there is enough, and whether that of chords was measured."""
        known = self._assumptions.beginner
        chord_s, walk_s, change_s = (
            _typical(self._recent_s[kind]) if len(self._recent_s[kind]) >= _FEWEST[kind] else None for kind in TIMED
        )
        pace = Pace(
            chord_s=known.chord_s if chord_s is None else chord_s,
            rim_walk_s=known.rim_walk_s if walk_s is None else walk_s,
            change_s=known.change_s if change_s is None else change_s,
        )
        return pace, chord_s is not None

    def _left_s(self, pace: Pace) -> float:
        left = len(self.steps) - self.place.done
        walks = int(self._rim_walks[-1] - self._rim_walks[self.place.done])
        changes = len(self._starts) - 1 - self._run - (self.phase is not Phase.TIE)
        return pace.time_s(left - walks, walks, changes)

    def _spool_left_mm(self) -> float | None:
        if self.place.spool_mm is None:
            return None
        used, begun = self._used_mm[self._thread], self.place.spools.get(self._thread, 0)
        return max(self.place.spool_mm - float(used[self.place.done] - used[min(begun, self.place.done)]), 0.0)


def _typical(seconds: Iterable[float]) -> float:
    """The mean, without the odd long one."""
    values = list(seconds)
    most = 4 * float(np.median(values))
    return float(np.mean([s for s in values if s <= most]))


def _ends_at(step: Instruction, pin: int, count: int) -> bool:
    """True if a step ends at a pin, or passes it on its walk along the rim."""
    if not step.walk:
        return step.to_pin == pin
    gone = (pin - step.from_pin) * (1 if step.walk > 0 else -1) % count
    return 0 < gone <= abs(step.walk)


def spoken(view: View, words: GuideWords = ENGLISH) -> str:
    """What is said of a moment, in whole sentences; in English unless other words are given."""
    if view.phase is Phase.DONE:
        knot = f" {words('knot_at', pin=view.before[-1].to_pin)}" if view.before else ""
        return words("wound") + knot
    assert view.step is not None
    if view.phase is Phase.TIE:
        tie = words("spoken_tie", thread=view.thread.name, pin=view.step.from_pin)
        return f"{words('spoken_knot')} {tie}" if view.done else tie
    return words.sentence(view.step)
