"""Third pins that threads run into, and walks along the rim: what makes a piece harder to wind than it looks."""

from dataclasses import dataclass

import numpy as np

from stringart import _kernels
from stringart.plan.model import Indices, Plan
from stringart.plan.taut import pin_reach_mm

_SLACK_MM = 1e-6  # a thread that just touches is not bent


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """What the lines of a plan run into.

    Parameters
    ----------
    chords : int
        Steps across the board.
    touching : int
        Those that come nearer to a third pin than half a pin and half a thread.
    rim_moves : int
        Steps along the rim to the next pin.
    longest_rim : int
        Rim moves in the longest unbroken walk.
    """

    chords: int
    touching: int
    rim_moves: int
    longest_rim: int

    def __str__(self) -> str:
        """One line for people."""
        share = self.touching / max(self.chords, 1)
        return (
            f"{self.touching:,} of {self.chords:,} chords ({share:.1%}) run into a third pin; "
            f"{self.rim_moves:,} moves along the rim, the longest walk {self.longest_rim}"
        )


def contacts_of(plan: Plan) -> Contacts:
    """Count what the lines of ``plan`` run into.

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Thread
    >>> pins = Pins(diameter_mm=4, xy_mm=[[0, 50], [50, 50], [50, 0], [50, -50], [0, -50], [-50, 0]])
    >>> black = Thread(name="black", color="#000000", diameter_mm=1)
    >>> plan = Plan(board=Board(), pins=pins, threads=(black,), layers=(Layer(thread=0, pins=[1, 3, 4, 0]),))
    >>> print(contacts_of(plan))  # from the corner 1 to the corner 3 the pin 2 is in the way
    1 of 2 chords (50.0%) run into a third pin; 1 moves along the rim, the longest walk 1
    """
    return Contacts(
        chords=plan.chords,
        touching=int((touched_pins(plan) >= 0).sum()),
        rim_moves=int(plan.is_rim.sum()),
        longest_rim=max((_longest(plan, number) for number in range(len(plan.layers))), default=0),
    )


def touched_pins(plan: Plan) -> Indices:
    """For every step of ``plan``, (S,), the number of the third pin that its line runs into, the nearest; -1 for none.

    A rim move runs into nothing.
    """
    reach_mm = np.array([pin_reach_mm(plan.pins.diameter_mm, thread.diameter_mm) for thread in plan.threads])
    of_step = np.array([layer.thread for layer in plan.layers], np.intp)[plan.steps[:, 0]]
    pairs, room_mm = np.ascontiguousarray(plan.steps[:, 1:]), reach_mm[of_step] - _SLACK_MM
    found = _kernels.third_pins(plan.step_ends_mm, pairs, plan.pins.xy_mm, room_mm)
    return np.asarray(np.where(plan.is_rim, -1, found), np.int32)


def _longest(plan: Plan, layer: int) -> int:
    """Rim moves of the longest unbroken walk of a layer."""
    rim = plan.is_rim[plan.steps[:, 0] == layer]
    walk = np.flatnonzero(np.diff(np.concatenate([[False], rim, [False]]).astype(np.int8)))
    return int((walk[1::2] - walk[::2]).max()) if len(walk) else 0
