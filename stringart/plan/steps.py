"""The winding as a person does it: one instruction after another, the same for guide, book, player and files.

A plan's layer is a row of pins; every two of them are a straight piece of thread. A person does fewer things: a chord
is one step, and a walk along the rim is one step as well, however many pins it passes. Steps are numbered from 1
through all layers. Tying on and tying off stand between them and have no number of their own. ::

    pins     12 13 14 15 180 40     pieces   12-13 13-14 14-15 15-180 180-40
    steps    tie on at 12 | 1: along the rim, clockwise, to 15 (3 pins) | 2: to 180 | 3: to 40 | tie off at 40
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stringart.errors import PlanError
from stringart.plan.model import Indices, Plan
from stringart.plan.wraps import wrap_directions

CLOCKWISE_SIGN, COUNTERCLOCKWISE_SIGN = "↻", "↺"


class Kind(enum.StrEnum):
    """What a person does."""

    TIE_ON = "tie on"
    CHORD = "chord"
    RIM_WALK = "rim walk"
    TIE_OFF = "tie off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction.

    Parameters
    ----------
    kind : Kind
    number : int
        From 1. A tie has the number of the step that it stands beside: the next one when tying on, the last one when
        tying off.
    layer, thread : int
        Indices into the plan's layers and threads.
    from_pin, to_pin : int
        The same pin where the thread is tied.
    direction : int
        Round ``to_pin``: +1 clockwise, -1 counter-clockwise, seen from the front; 0 where the thread is tied.
    walk : int
        Pins that a rim walk passes on, + clockwise, - counter-clockwise; 0 for everything else.
    first, stop : int
        Its straight pieces in the plan's ``steps``, from 0, ``stop`` not included.
    length_mm : float
        Straight, as the thread lies.
    """

    kind: Kind
    number: int
    layer: int
    thread: int
    from_pin: int
    to_pin: int
    direction: int
    walk: int = 0
    first: int
    stop: int
    length_mm: float = 0.0

    @property
    def is_rim(self) -> bool:
        """True if it only moves the thread along the rim."""
        return self.kind is Kind.RIM_WALK

    @property
    def is_tie(self) -> bool:
        """True for tying on and tying off: no step that is counted."""
        return self.kind in (Kind.TIE_ON, Kind.TIE_OFF)

    @property
    def way(self) -> int:
        """The direction that is shown: of the walk, or round the pin; +1 clockwise, -1 counter-clockwise, 0 none."""
        return int(np.sign(self.walk)) if self.walk else self.direction

    @property
    def sign(self) -> str:
        """``↻``, ``↺`` or nothing."""
        return {1: CLOCKWISE_SIGN, -1: COUNTERCLOCKWISE_SIGN}.get(self.way, "")

    @property
    def text(self) -> str:
        """What is to be done, short: ``along the rim ↻ to 250 (18 pins)``.

        Examples
        --------
        >>> walk = Instruction(kind=Kind.RIM_WALK, number=7, layer=0, thread=0, from_pin=232, to_pin=250, direction=1,
        ...             walk=18, first=6, stop=24)
        >>> walk.text
        'along the rim ↻ to 250 (18 pins)'
        """
        if self.is_tie:
            return f"{self.kind} at {self.to_pin}"
        if self.is_rim:
            return f"along the rim {self.sign} to {self.to_pin} ({pins_text(self.walk)})"
        return f"{self.to_pin} {self.sign}".rstrip()

    @property
    def sentence(self) -> str:
        """What is to be done, to be said aloud.

        Examples
        --------
        >>> Instruction(kind=Kind.CHORD, number=1, layer=0, thread=0, from_pin=3, to_pin=90, direction=-1, first=0,
        ...      stop=1).sentence
        'Pin 90, counter-clockwise.'
        """
        way = {1: ", clockwise", -1: ", counter-clockwise"}.get(self.way, "")
        if self.is_tie:
            return f"{self.kind.capitalize()} at pin {self.to_pin}."
        if self.is_rim:
            return f"Along the rim{way}, {pins_text(self.walk)}, to pin {self.to_pin}."
        return f"Pin {self.to_pin}{way}."


def pins_text(walk: int) -> str:
    """``1 pin``, ``18 pins``."""
    count = abs(walk)
    return f"{count:,} pin{'' if count == 1 else 's'}"


def steps_of(plan: Plan) -> tuple[Instruction, ...]:
    """Every step of a plan, chords and whole rim walks, in the order of winding.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of Step
        Numbered 1, 2, 3 ...; together their straight pieces are the plan's ``steps``, each once.

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> ring = [[0, 3], [2, 2], [3, 0], [2, -2], [0, -3], [-2, -2], [-3, 0], [-2, 2]]
    >>> plan = Plan(
    ...     board=Board(), pins=Pins(diameter_mm=1, xy_mm=ring), threads=(Thread(name="black", color="#000000"),),
    ...     layers=(Layer(thread=0, pins=[0, 4, 5, 6, 2]),),
    ... )
    >>> [step.text for step in steps_of(plan)]
    ['4 ↻', 'along the rim ↻ to 6 (2 pins)', '2']
    """
    found: list[Instruction] = []
    offset = 0
    for number, turns in enumerate(wrap_directions(plan)):
        found += _of_layer(plan, number, turns.tolist(), offset, len(found))
        offset += plan.layers[number].steps
    return tuple(found)


def _of_layer(plan: Plan, number: int, turns: list[int], offset: int, before: int) -> Iterator[Instruction]:
    layer, lengths = plan.layers[number], plan.step_lengths_mm
    for count, (first, stop, walk) in enumerate(runs(layer.pins, len(plan.pins)), before + 1):
        is_rim = bool(plan.is_rim[offset + first])
        yield Instruction(
            kind=Kind.RIM_WALK if is_rim else Kind.CHORD,
            number=count,
            layer=number,
            thread=layer.thread,
            from_pin=int(layer.pins[first]),
            to_pin=int(layer.pins[stop]),
            direction=turns[stop],
            walk=walk,
            first=offset + first,
            stop=offset + stop,
            length_mm=float(lengths[offset + first : offset + stop].sum()),
        )


def runs(pins: Indices, count: int) -> list[tuple[int, int, int]]:
    """First and last place of every step in a layer's numbers of pins (W,), and how far it walks (+ clockwise)."""
    if len(pins) < 2:
        return []
    way = rim_way(pins, count)
    begins = np.flatnonzero(np.r_[True, (way[1:] == 0) | (way[1:] != way[:-1])])
    stops = np.r_[begins[1:], len(way)]
    return [(a, b, w * (b - a)) for a, b, w in zip(begins.tolist(), stops.tolist(), way[begins].tolist(), strict=True)]


def rim_way(pins: Indices, count: int) -> NDArray[np.int8]:
    """Return which way every straight piece of a layer's pins goes, (W - 1,) of their numbers (W,).

    Without unit: +1 to the next pin clockwise, -1 to the one before, 0 across the board.
    """
    gap = np.mod(np.diff(pins.astype(np.int64)), count)
    return np.where(gap == 1, 1, np.where(gap == count - 1, -1, 0)).astype(np.int8)


def with_ties(steps: tuple[Instruction, ...]) -> Iterator[Instruction]:
    """Every step with the knots between them: each layer begins with tying on and ends with tying off."""
    for number, step in enumerate(steps):
        if number == 0 or steps[number - 1].layer != step.layer:
            yield replace(_bare(step), kind=Kind.TIE_ON, to_pin=step.from_pin, stop=step.first)
        yield step
        if number + 1 == len(steps) or steps[number + 1].layer != step.layer:
            yield replace(_bare(step), kind=Kind.TIE_OFF, from_pin=step.to_pin, first=step.stop)


def _bare(step: Instruction) -> Instruction:
    return replace(step, direction=0, walk=0, length_mm=0.0)


def steps_or_refuse(plan: Plan, what: str) -> tuple[Instruction, ...]:
    """Every step; a plan without any is refused, saying that ``what`` would be empty.

    Raises
    ------
    PlanError
        If there is none.
    """
    steps = steps_of(plan)
    if not steps:
        raise PlanError(f"the plan has no chords: {what} would be empty", "make a plan with stringart design")
    return steps
