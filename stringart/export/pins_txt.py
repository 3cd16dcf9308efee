"""The bare list of pins in the order of winding, "0,105,57,...": what most string-art machines and programs take.

One line a layer. What is told about the piece stands in a file beside it, not here: a list that anything reads has no
comments.
"""

from stringart.export import ExportOptions
from stringart.plan.model import Plan
from stringart.plan.steps import steps_or_refuse


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the pins of every layer on a line of its own, comma between them, every pin that the thread passes."""
    steps_or_refuse(plan, "a list of its pins")
    return "".join(",".join(map(str, layer.pins.tolist())) + "\n" for layer in plan.layers if layer.steps).encode()
