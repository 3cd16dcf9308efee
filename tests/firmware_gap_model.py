"""A row of pins, a job that wraps some of them, and the physical truth of which were wrapped.

Pins stand at (10 k, 0). The tool crosses the row only through gaps, so the thread's course is a word: a letter for
every crossing of the row, with the gap's number and the direction. Going back the way one came cancels letters, as
it does for thread. The word of the whole physical path, reduced, tells which pins are wrapped, in which order
and direction, whatever accidents happened on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from firmware_io import Job, Step
from firmware_io.sim.gantry import Vertex
from firmware_io.sim.machine import SimulatedMachine

_ROW_MM = 1.0  # the tool rests at 0 at first
Word = list[tuple[int, int]]


def wrap_job(pins: Iterable[int], *, marlin: bool = False, feed: int = 6000, wrap_feed: int = 1500) -> Job:
    """A job that wraps `pins`, one step each; neighbours in the list must not be neighbours in the row."""
    sync = "M400" if marlin else "G4 P0.01"
    steps = []
    for pin in pins:
        left, right = 10.0 * pin - 5.0, 10.0 * pin + 5.0
        lines = (
            "G21 G90" if not steps and not marlin else "G21" if not steps else "",
            f"G1 X{left:.3f} Y-6.000 F{feed}",
            f"G1 Y6.000 F{wrap_feed}",
            f"G2 X{right:.3f} Y6.000 I5.000 J0.000",
            "G1 Y-10.000",
            sync,
        )
        steps.append(Step(lines=lines, label=f"pin {pin}", kind="wrap", meta={"pin": pin}))
    return Job.from_steps("row", steps)


def expected_word(job: Job) -> Word:
    """The reduced word of the job done without an accident."""
    word: Word = []
    for step in job.steps:
        pin = int(str(step.meta["pin"]))
        for letter in ((pin - 1, +1), (pin, -1)):
            _add(word, letter)
    return word


def physical_word(path: Iterable[Vertex]) -> Word:
    """The reduced word of everything the tool has done."""
    word: Word = []
    before: Vertex | None = None
    for vertex in path:
        if before is not None:
            (x0, y0), (x1, y1) = before.position[:2], vertex.position[:2]
            if (y0 < _ROW_MM) != (y1 < _ROW_MM):
                x = x0 + (x1 - x0) * (_ROW_MM - y0) / (y1 - y0)
                _add(word, (math.floor(x / 10.0), +1 if y1 >= _ROW_MM else -1))
        before = vertex
    return word


def passes_twice(job: Job, place: tuple[float, ...], tolerance_mm: float = 1.0) -> bool:
    """Whether the way of some step comes by a place two times: there a position alone cannot tell how far it is."""
    start = (0.0, 0.0)
    for step in job.steps:
        left, right = 10.0 * int(str(step.meta["pin"])) - 5.0, 10.0 * int(str(step.meta["pin"])) + 5.0
        ways = [(start, (left, -6.0)), ((left, -6.0), (left, 6.0)), ((right, 6.0), (right, -10.0))]
        start = (right, -10.0)
        if sum(_distance(a, b, place) < tolerance_mm for a, b in ways) > 1:
            return True
    return False


def _distance(a: tuple[float, float], b: tuple[float, float], place: tuple[float, ...]) -> float:
    length2 = math.dist(a, b) ** 2
    share = ((place[0] - a[0]) * (b[0] - a[0]) + (place[1] - a[1]) * (b[1] - a[1])) / length2
    share = min(max(share, 0.0), 1.0)
    return math.dist((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])), place[:2])


def _add(word: Word, letter: tuple[int, int]) -> None:
    if word and word[-1] == (letter[0], -letter[1]):
        word.pop()
    else:
        word.append(letter)


def walk_back(machine: SimulatedMachine, target: tuple[float, ...], since_s: float) -> None:
    """The operator takes the tool back by hand, along the way that it came, to `target` (physical)."""
    vertices = [v for v in machine.path if v.time_s >= since_s - 1e-6]
    for vertex in reversed(vertices):
        machine.move_by_hand(*vertex.position)
    machine.move_by_hand(*target)
