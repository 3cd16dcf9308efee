"""What a plan uses up: thread by layer and by thread, spools, and the hours of winding, each with its assumptions.

A wrap's thread bends round the pin at the radius of the pin and half a thread. The straight piece between two pins is
counted from centre to centre: the tangents are shorter by less than 2 r^2 / length, under 0.1 % of a chord across the
board, and the real length is what a maker must not run out of.
"""

import math
from dataclasses import dataclass

import numpy as np

from stringart.errors import UnitError
from stringart.plan.model import Layer, Plan


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
    hand_step_s : float
        By hand, to find the next pin and lay the thread round it.
    hand_rim_s : float
        By hand, for a move to the neighbouring pin.
    hand_layer_s : float
        By hand, to cut, knot and begin a layer.
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
    hand_step_s: float = 15.0
    hand_rim_s: float = 5.0
    hand_layer_s: float = 180.0
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
        return (
            f"{self.hand_step_s:g} s a chord, {self.hand_rim_s:g} s a move along the rim, "
            f"{self.hand_layer_s / 60:g} min a layer, without rests"
        )

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
    chords, rim_moves, wraps : int
        Steps across the board, steps to a neighbouring pin, and pins that the thread bends round.
    straight_mm, wraps_mm, knots_mm, waste_mm : float
        Parts of the length.
    """

    thread: int
    layers: tuple[int, ...]
    chords: int
    rim_moves: int
    wraps: int
    straight_mm: float
    wraps_mm: float
    knots_mm: float
    waste_mm: float

    @property
    def wound_mm(self) -> float:
        """Thread that stays on the board between its two knots."""
        return self.straight_mm + self.wraps_mm

    @property
    def total_mm(self) -> float:
        """Thread to have at hand."""
        return self.wound_mm + self.knots_mm + self.waste_mm

    def spools(self, spool_mm: float) -> int:
        """Spools of ``spool_mm`` to buy.

        Raises
        ------
        UnitError
            If the spool's length is not positive.
        """
        if not spool_mm > 0:
            raise UnitError(f"a spool of {spool_mm:g} mm holds no thread", "write its length, as in 500m")
        return math.ceil(self.total_mm / spool_mm) if self.wraps or self.straight_mm else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What a plan uses.

    Parameters
    ----------
    layers : tuple of ThreadUse
        One a layer, in winding order.
    threads : tuple of ThreadUse
        One a thread of the plan, in its order; a thread that no layer uses has zeros.
    hand_s, machine_s : float
        Winding time.
    assumptions : Assumptions
    """

    layers: tuple[ThreadUse, ...]
    threads: tuple[ThreadUse, ...]
    hand_s: float
    machine_s: float
    assumptions: Assumptions

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
    layers = tuple(_of_layer(plan, number, layer, assumptions) for number, layer in enumerate(plan.layers))
    threads = tuple(_sum(k, [use for use in layers if use.thread == k]) for k in range(len(plan.threads)))
    begun = sum(1 for use in layers if use.wraps)
    chords, rim_moves = sum(use.chords for use in layers), sum(use.rim_moves for use in layers)
    straight_mm, wraps = sum(use.straight_mm for use in layers), sum(use.wraps for use in layers)
    a = assumptions
    return Materials(
        layers=layers,
        threads=threads,
        hand_s=chords * a.hand_step_s + rim_moves * a.hand_rim_s + begun * a.hand_layer_s,
        machine_s=straight_mm / a.machine_feed_mm_s + wraps * a.machine_wrap_s + begun * a.machine_layer_s,
        assumptions=assumptions,
    )


def wrap_mm(plan: Plan, thread: int, assumptions: Assumptions = DEFAULTS) -> float:
    """Thread that one wrap takes: a share of the circle at the middle of the thread on the pin."""
    return assumptions.wrap_turn * math.pi * (plan.pins.diameter_mm + plan.threads[thread].diameter_mm)


def _of_layer(plan: Plan, number: int, layer: Layer, assumptions: Assumptions) -> ThreadUse:
    xy_mm, gap = plan.pins.xy_mm[layer.pins], np.abs(np.diff(layer.pins))
    rim_moves = int(((gap <= 1) | (gap == len(plan.pins) - 1)).sum())
    straight_mm = float(np.hypot(*np.diff(xy_mm, axis=0).T).sum())
    wraps = len(layer.pins) if layer.steps else 0
    wraps_mm = wraps * wrap_mm(plan, layer.thread, assumptions)
    return ThreadUse(
        thread=layer.thread,
        layers=(number,),
        chords=layer.steps - rim_moves,
        rim_moves=rim_moves,
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
        rim_moves=sum(use.rim_moves for use in uses),
        wraps=sum(use.wraps for use in uses),
        straight_mm=sum(use.straight_mm for use in uses),
        wraps_mm=sum(use.wraps_mm for use in uses),
        knots_mm=sum(use.knots_mm for use in uses),
        waste_mm=sum(use.waste_mm for use in uses),
    )
