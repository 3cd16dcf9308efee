"""The pins as nails to buy: how high the thread climbs, and so how long they are and how deep they go.

Every wrap lies on the wraps before it. So a pin with n wraps of threads of diameter d carries ``sum(d) / packing`` of
thread; how tightly it packs is not known beforehand, so a range is told. The nail stands as high as the higher of both,
and some more for a finger and for loops that would ride off; what is in the board holds it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.plan.model import Plan

TIGHT_PACKING, LOOSE_PACKING = 0.9, 0.7
FIRST_WRAP_MM, FREE_MM = 2.0, 3.0  # the lowest wrap above the board; what stays free above the highest
TIGHT_PITCH_MM, GOOD_PITCH_MM = 7.0, 8.0  # below: tight for fingers; from here on to 12 mm it is comfortable
_LENGTHS_MM = (16, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 80, 90, 100, 120, 150, 200)
_BOARDS_MM = (9, 12, 15, 18, 22, 25, 28, 32, 38, 40, 50, 60, 80, 100)
_LEAST_ABOVE_MM, _LEAST_IN_MM = 10.0, 9.0
_HOLD = 0.5  # of what stands above the board, in it
_GLUED_ABOVE_MM = 18.0  # a hammered nail that stands higher than this bends under the threads' pull
_UNDER_HOLE_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nails:
    """What to buy and how to set it.

    Parameters
    ----------
    count : int
    diameter_mm : float
    length_mm, above_mm, in_mm : float
        Of the nail; of it, what stands above the board and what is in it.
    board_mm : float
        Least thickness of the board.
    glued : bool
        True if the nails are glued into holes of their own width, False if they are hammered.
    drill_mm : float
        Drill bit; the hole is ``in_mm`` deep.
    densest_pin, most_wraps : int
        The pin that carries most thread, and how often the thread goes round it.
    stack_mm : (float, float)
        Thread on that pin, packed tightly and loosely.
    pitch_mm : (float, float)
        Between neighbouring pins' centres: least and most.
    rim_mm : float
        Along all pins.
    """

    count: int
    diameter_mm: float
    length_mm: float
    above_mm: float
    in_mm: float
    board_mm: float
    glued: bool
    drill_mm: float
    densest_pin: int
    most_wraps: int
    stack_mm: tuple[float, float]
    pitch_mm: tuple[float, float]
    rim_mm: float

    @property
    def text(self) -> str:
        """What to buy, one line."""
        return (
            f"{self.diameter_mm:g} x {self.length_mm:g} mm, {self.above_mm:g} mm above the board and {self.in_mm:g} mm "
            f"in it; board {self.board_mm:g} mm or thicker"
        )

    @property
    def setting(self) -> str:
        """How to set them, one line."""
        hole = f"drill {self.drill_mm:g} mm, {self.in_mm:g} mm deep"
        return f"{hole}, and glue them in" if self.glued else f"{hole}, and hammer them in"

    @property
    def load(self) -> str:
        """What the densest pin carries, one line."""
        low, high = round(self.stack_mm[0]), math.ceil(self.stack_mm[1])
        stack = f"{low} to {high}" if low < high else f"{high}"
        wraps = f"{self.most_wraps:,} wrap{'' if self.most_wraps == 1 else 's'}"
        return f"pin {self.densest_pin} carries most: {wraps}, {stack} mm of thread"

    @property
    def tight(self) -> str:
        """What is said of pins that stand too close for fingers, with the number that would do; else nothing."""
        least = self.pitch_mm[0]
        if least >= TIGHT_PITCH_MM - 0.05:
            return ""
        fitting = int(self.rim_mm / GOOD_PITCH_MM)
        return (
            f"{least:.1f} mm from pin to pin is tight for fingers (8 to 12 mm are comfortable): "
            f"{fitting} pins would be {GOOD_PITCH_MM:g} mm apart"
        )


def stack_mm(wraps: float, thread_mm: float, packing: float) -> float:
    """Height of so many wraps on one pin.

    Examples
    --------
    >>> stack_mm(18, 0.25, 0.9)
    5.0
    """
    return wraps * thread_mm / packing


def wraps_on_pins(plan: Plan) -> NDArray[np.int64]:
    """How often each thread goes round each pin, counts (threads, N)."""
    count = len(plan.pins)
    found = np.zeros((len(plan.threads), count), np.int64)
    for layer in plan.layers:
        if layer.steps:
            found[layer.thread] += np.bincount(layer.pins, minlength=count)
    return found


def nails_of(plan: Plan) -> Nails:
    """Nails for a plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Nails

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> pins = Pins(diameter_mm=1.4, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
    >>> black = Thread(name="black", color="#000000")
    >>> plan = Plan(board=Board(), pins=pins, threads=(black,), layers=(Layer(thread=0, pins=[0, 2] * 7),))
    >>> nails_of(plan).text
    '1.4 x 20 mm, 10 mm above the board and 10 mm in it; board 15 mm or thicker'
    """
    wraps, diameter_mm = wraps_on_pins(plan), plan.pins.diameter_mm
    thread_mm = np.array([thread.diameter_mm for thread in plan.threads]) @ wraps
    densest = int(thread_mm.argmax())
    stack = stack_mm(1, float(thread_mm[densest]), TIGHT_PACKING), stack_mm(1, float(thread_mm[densest]), LOOSE_PACKING)
    above_mm = max(math.ceil(FIRST_WRAP_MM + stack[1] + FREE_MM), _LEAST_ABOVE_MM)
    in_mm = max(math.ceil(above_mm * _HOLD), _LEAST_IN_MM)
    length_mm = _at_least(above_mm + in_mm, _LENGTHS_MM)
    in_mm = length_mm - above_mm
    glued = above_mm > _GLUED_ABOVE_MM
    gaps_mm = np.hypot(*(plan.pins.xy_mm - np.roll(plan.pins.xy_mm, 1, axis=0)).T)
    return Nails(
        count=len(plan.pins),
        diameter_mm=diameter_mm,
        length_mm=length_mm,
        above_mm=above_mm,
        in_mm=in_mm,
        board_mm=_at_least(in_mm + _UNDER_HOLE_MM, _BOARDS_MM),
        glued=glued,
        drill_mm=round(diameter_mm if glued else max(diameter_mm - 0.3, diameter_mm * 0.8), 1),
        densest_pin=densest,
        most_wraps=int(wraps[:, densest].sum()),
        stack_mm=stack,
        pitch_mm=(float(gaps_mm.min()), float(gaps_mm.max())),
        rim_mm=float(gaps_mm.sum()),
    )


def _at_least(need_mm: float, sold_mm: tuple[int, ...]) -> float:
    """The next larger size that is sold."""
    return float(next((size for size in sold_mm if size >= need_mm - 1e-9), math.ceil(need_mm)))
