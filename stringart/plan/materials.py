"""What a plan uses up: thread by layer and by thread, spools, and the hours of winding, each with its assumptions.

A wrap's thread bends round the pin at the radius of the pin and half a thread. The straight piece between two pins is
as long as the tangent on which it lies.
"""

import math
from dataclasses import dataclass

import numpy as np

from stringart.arguments import instance
from stringart.errors import UnitError
from stringart.plan.model import Layer, Plan
from stringart.plan.steps import runs
from stringart.units import format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a person winds, for each kind of step.

    Parameters
    ----------
    chord_s : float
        To find the next pin and lay the thread round it.
    rim_walk_s : float
        For a whole walk along the rim.
    change_s : float
        To tie off, cut, and tie the next thread on; once a layer.
    """

    chord_s: float
    rim_walk_s: float
    change_s: float

    def time_s(self, chords: int, rim_walks: int, changes: int) -> float:
        """Seconds for so many of each, without rests.

        Examples
        --------
        >>> Pace(chord_s=15, rim_walk_s=10, change_s=300).time_s(100, 3, 1)
        1830
        """
        return chords * self.chord_s + rim_walks * self.rim_walk_s + changes * self.change_s

    @property
    def text(self) -> str:
        """The three paces, for people."""
        return (
            f"{self.chord_s:g} s a chord, {self.rim_walk_s:g} s a walk along the rim, "
            f"{self.change_s / 60:g} min a thread tied on and off"
        )


BEGINNER = Pace(chord_s=15.0, rim_walk_s=12.0, change_s=300.0)
PRACTISED = Pace(chord_s=8.0, rim_walk_s=6.0, change_s=120.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What cannot be known from the plan; everything that prints a length or a time prints these too.

    Parameters
    ----------
    wrap_turn : float
        Share of a turn that the thread takes round each pin.
    knot_mm : float
        Thread for one knot and its tail; a layer has two.
    waste : float
        Share of the wound length that is lost to slack, stretch and mistakes.
    beginner, practised : Pace
        By hand: of a first piece, and of who has wound some.
    machine_feed_mm_s : float
        By machine, across the board.
    machine_wrap_s : float
        By machine, round a pin, in and out of its gaps.
    machine_layer_s : float
        By machine, for a change of thread by a person.
    """

    wrap_turn: float = 0.5
    knot_mm: float = 150.0
    waste: float = 0.03
    beginner: Pace = BEGINNER
    practised: Pace = PRACTISED
    machine_feed_mm_s: float = 10_000 / 60
    machine_wrap_s: float = 1.2
    machine_layer_s: float = 180.0

    @property
    def about_thread(self) -> str:
        """How thread is counted, one sentence."""
        return (
            f"pin to pin, plus {_turn(self.wrap_turn)} round each pin, {self.knot_mm:g} mm for each of the two knots "
            f"of a layer and {self.waste:.0%} for slack and waste"
        )

    @property
    def about_hand(self) -> str:
        """How the time by hand is counted, one sentence."""
        return f"a first piece {self.beginner.text}; practised {self.practised.text}; without rests"

    @property
    def about_machine(self) -> str:
        """How the time by machine is counted, one sentence."""
        return (
            f"{self.machine_feed_mm_s * 60 / 1000:g} m/min across the board, {self.machine_wrap_s:g} s a wrap, "
            f"{self.machine_layer_s / 60:g} min a change of thread"
        )


def chords_of_length(length_mm: float, layers: int, mean_use_mm: float) -> int:
    """Return how many chords a length of thread is enough for, its knots taken off.

    Raises
    ------
    UnitError
        If it is not enough for one in each layer.
    """
    knots_mm = 2 * DEFAULTS.knot_mm * layers
    if length_mm < knots_mm + layers * mean_use_mm:
        raise UnitError(
            f"{length_mm:g} mm of thread is too short: knots take {knots_mm:g} mm and a chord in each of {layers} "
            f"layers about {layers * mean_use_mm:.0f} mm",
            "give more thread, or wind fewer layers",
        )
    return int((length_mm - knots_mm) / mean_use_mm)


def _turn(share: float) -> str:
    return "half a turn" if share == 0.5 else f"{share:g} turns"


DEFAULTS = Assumptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadUse:
    """What one layer, or all layers of one thread, use.

    Parameters
    ----------
    thread : int
        Index into the plan's threads.
    layers : tuple of int
        Numbers of the layers counted, from 0.
    chords, rim_walks, wraps : int
        Steps across the board, walks along the rim, each whole, and pins that the thread bends round.
    straight_mm, wraps_mm, knots_mm, waste_mm : float
        Parts of the length.
    """

    thread: int
    layers: tuple[int, ...]
    chords: int
    rim_walks: int
    wraps: int
    straight_mm: float
    wraps_mm: float
    knots_mm: float
    waste_mm: float

    @property
    def steps(self) -> int:
        """Steps of a person: chords and rim walks."""
        return self.chords + self.rim_walks

    def hand_s(self, pace: Pace) -> float:
        """Seconds by hand: chords, rim walks, and a change for every layer."""
        return pace.time_s(self.chords, self.rim_walks, len(self.layers) if self.wraps else 0)

    @property
    def wound_mm(self) -> float:
        """Thread that stays on the board between its two knots."""
        return self.straight_mm + self.wraps_mm

    @property
    def total_mm(self) -> float:
        """Thread to have at hand."""
        return self.wound_mm + self.knots_mm + self.waste_mm

    def spools(self, spool_mm: float, spare: float = 0.0) -> int:
        """Spools of ``spool_mm`` to buy, ``spare`` of the thread more than is needed; every join takes two knots.

        Raises
        ------
        UnitError
            If the spool's length is not positive.
        """
        return spools_for(self.total_mm if self.wraps or self.straight_mm else 0.0, spool_mm, spare)

    def joins(self, spool_mm: float) -> int:
        """How often a spool of ``spool_mm`` ends before the thread is wound.

        Raises
        ------
        UnitError
            If the spool's length is not positive.
        """
        return max(self.spools(spool_mm) - 1, 0)


def spools_for(thread_mm: float, spool_mm: float, spare: float = 0.0) -> int:
    """Spools of ``spool_mm`` to buy for a length of one thread; every join takes two knots.

    Parameters
    ----------
    thread_mm : float
        0 takes no spool.
    spool_mm : float
    spare : float
        Share of the thread that is bought and not needed.

    Raises
    ------
    UnitError
        If the spool's length is not positive.
    """
    if not spool_mm > 0:
        raise UnitError(f"a spool of {spool_mm:g} mm holds no thread", "write its length, as in 500m")
    if not thread_mm:
        return 0
    need_mm, join_mm = thread_mm * (1 + spare), 2 * DEFAULTS.knot_mm
    if spool_mm <= join_mm:  # too short to join at all: count the thread only
        return math.ceil(need_mm / spool_mm)
    return 1 + max(math.ceil((need_mm - spool_mm) / (spool_mm - join_mm)), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What a plan uses.

    Parameters
    ----------
    layers : tuple of ThreadUse
        One a layer, in winding order.
    threads : tuple of ThreadUse
        One a thread of the plan, in its order; a thread that no layer uses has zeros.
    hand_s, practised_s, machine_s : float
        Winding time: by hand at a beginner's and at a practised pace, and by machine.
    assumptions : Assumptions
    """

    layers: tuple[ThreadUse, ...]
    threads: tuple[ThreadUse, ...]
    hand_s: float
    practised_s: float
    machine_s: float
    assumptions: Assumptions

    @property
    def steps(self) -> int:
        """Steps of a person, all layers: what guide, book, player and files count."""
        return sum(use.steps for use in self.layers)

    @property
    def hand_text(self) -> str:
        """The hours by hand, for people."""
        return f"{format_duration(self.hand_s)} for a first piece, {format_duration(self.practised_s)} practised"

    @property
    def total_mm(self) -> float:
        """Thread to have at hand, all colours."""
        return sum(use.total_mm for use in self.threads)


def materials_of(plan: Plan, assumptions: Assumptions = DEFAULTS) -> Materials:
    """Count what ``plan`` uses.

    Parameters
    ----------
    plan : Plan
    assumptions : Assumptions

    Returns
    -------
    Materials

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> pins = Pins(diameter_mm=2, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
    >>> black = Thread(name="black", color="#000000")
    >>> plan = Plan(board=Board(), pins=pins, threads=(black,), layers=(Layer(thread=0, pins=[0, 2, 0]),))
    >>> use = materials_of(plan)
    >>> use.threads[0].chords, use.total_mm > 1200
    (2, True)
    """
    instance(plan, Plan, "plan", "read one with Plan.load")
    instance(assumptions, Assumptions, "assumptions")
    straight_mm = np.bincount(plan.steps[:, 0], plan.step_lengths_mm, len(plan.layers))
    layers = tuple(
        _of_layer(plan, number, layer, float(straight_mm[number]), assumptions)
        for number, layer in enumerate(plan.layers)
    )
    threads = tuple(_sum(k, [use for use in layers if use.thread == k]) for k in range(len(plan.threads)))
    begun = sum(1 for use in layers if use.wraps)
    wraps, a = sum(use.wraps for use in layers), assumptions
    return Materials(
        layers=layers,
        threads=threads,
        hand_s=sum(use.hand_s(a.beginner) for use in layers),
        practised_s=sum(use.hand_s(a.practised) for use in layers),
        machine_s=float(straight_mm.sum()) / a.machine_feed_mm_s + wraps * a.machine_wrap_s + begun * a.machine_layer_s,
        assumptions=assumptions,
    )


def wrap_mm(plan: Plan, thread: int, assumptions: Assumptions = DEFAULTS) -> float:
    """Thread that one wrap takes: a share of the circle at the middle of the thread on the pin."""
    return assumptions.wrap_turn * math.pi * (plan.pins.diameter_mm + plan.threads[thread].diameter_mm)


def _of_layer(plan: Plan, number: int, layer: Layer, straight_mm: float, assumptions: Assumptions) -> ThreadUse:
    steps = runs(layer.pins, len(plan.pins))
    rim_walks = sum(1 for first, _, walk in steps if walk or layer.pins[first] == layer.pins[first + 1])
    wraps = len(layer.pins) if layer.steps else 0
    wraps_mm = wraps * wrap_mm(plan, layer.thread, assumptions)
    return ThreadUse(
        thread=layer.thread,
        layers=(number,),
        chords=len(steps) - rim_walks,
        rim_walks=rim_walks,
        wraps=wraps,
        straight_mm=straight_mm,
        wraps_mm=wraps_mm,
        knots_mm=2 * assumptions.knot_mm if wraps else 0.0,
        waste_mm=assumptions.waste * (straight_mm + wraps_mm),
    )


def _sum(thread: int, uses: list[ThreadUse]) -> ThreadUse:
    return ThreadUse(
        thread=thread,
        layers=tuple(number for use in uses for number in use.layers if use.wraps),
        chords=sum(use.chords for use in uses),
        rim_walks=sum(use.rim_walks for use in uses),
        wraps=sum(use.wraps for use in uses),
        straight_mm=sum(use.straight_mm for use in uses),
        wraps_mm=sum(use.wraps_mm for use in uses),
        knots_mm=sum(use.knots_mm for use in uses),
        waste_mm=sum(use.waste_mm for use in uses),
    )
