"""The winding as "from to" pairs of pins, one a line under a head: what many machines and web programs read.

    # pins: 288 first: 0 start: top direction: cw
    # layer 1 thread black #000000
    0 105
    105 57

Pins count from 0 at 12 o'clock, clockwise, seen from the front. A piece of several threads has a head a layer.
``stringart import`` reads it back.
"""

import itertools

from stringart.errors import PlanError
from stringart.export import ExportOptions
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the pairs, UTF-8."""
    if not len(plan.steps):
        raise PlanError("the plan has no chords: there are no pins to write", "make a plan with stringart design")
    lines = [f"# pins: {len(plan.pins)} first: 0 start: top direction: cw"]
    for number, layer in enumerate(plan.layers, 1):
        thread, pins = plan.threads[layer.thread], layer.pins.tolist()
        lines.append(f"# layer {number} thread {' '.join(thread.name.split())} {thread.color}")
        lines += [f"{start} {end}" for start, end in itertools.pairwise(pins)]
    return ("\n".join(lines) + "\n").encode()
