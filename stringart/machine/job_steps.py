"""What a job consists of: steps of G-code, each of which begins and ends with the tool inside the ring and at rest.

A step is one wrap (or the adjacent wraps of a rim move). Its last line is acknowledged only when its motion has ended,
so a journal of steps is a journal of wraps. Between layers the tool parks and the operator is asked for the thread.
"""

from dataclasses import dataclass
from functools import cached_property

from stringart.machine.profile import Profile
from stringart.plan.model import Plan

START, ANCHOR, WRAP, TIE, PARK, RAISE, END = "start", "anchor", "wrap", "tie", "park", "raise", "end"
LEAST_CLIMB_MM = 0.1  # of half a turn


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
