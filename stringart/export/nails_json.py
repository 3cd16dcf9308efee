"""The nails and the winding as the JSON of web programs: places in mm, steps with the nail and the way round it.

    {"nailCount": 288, "unit": "mm", "yAxis": "up",
     "nails": [{"x": 0.0, "y": 300.0}, ...],
     "layers": [{"thread": "black", "color": "#000000", "steps": [{"nailIndex": 0, "direction": "cw"}, ...]}]}

Where the thread is tied the direction is null. ``stringart import`` reads it back.
"""

import json

from stringart.errors import PlanError
from stringart.export import ExportOptions
from stringart.plan.model import Plan
from stringart.plan.wraps import CLOCKWISE, COUNTERCLOCKWISE, wrap_directions

_SAID = {CLOCKWISE: "cw", COUNTERCLOCKWISE: "ccw"}


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return JSON, UTF-8."""
    if not len(plan.steps):
        raise PlanError("the plan has no chords: there are no nails to write", "make a plan with stringart design")
    layers = []
    for layer, ways in zip(plan.layers, wrap_directions(plan), strict=True):
        thread = plan.threads[layer.thread]
        steps = [
            {"nailIndex": nail, "direction": _SAID.get(way)}
            for nail, way in zip(layer.pins.tolist(), ways.tolist(), strict=True)
        ]
        layers.append({"thread": thread.name, "color": thread.color, "steps": steps})
    nails = [{"x": x, "y": y} for x, y in plan.pins.xy_mm.tolist()]
    head = {"nailCount": len(nails), "unit": "mm", "yAxis": "up", "firstNail": "top", "numbering": "cw"}
    return (json.dumps(head | {"nails": nails, "layers": layers}, ensure_ascii=False) + "\n").encode()
