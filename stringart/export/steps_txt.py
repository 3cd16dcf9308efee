"""The winding as numbered text, to print or to have read aloud: where each layer begins, then pin after pin."""

from collections.abc import Iterator

from stringart.export import ExportOptions
from stringart.export._steps import Step, steps_of
from stringart.look.paint import notes_of
from stringart.plan.materials import Materials, materials_of
from stringart.plan.model import Plan
from stringart.units import format_duration, format_length

_DIAGRAM = """\
            0
        .-------.
      /     |     \\  >
     |      |      |    Pin 0 is at 12 o'clock; pins are numbered clockwise,
     |      +      |    seen from the front. The board has {pins} pins, 0 to {last}.
      \\           /
        '-------'
"""


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the text, UTF-8; every step is a line of its own: its number, then the pin to go to."""
    steps, materials = list(steps_of(plan)), materials_of(plan)
    return ("\n".join([*_head(plan, materials), *_body(plan, steps, materials)]) + "\n").encode()


def _head(plan: Plan, materials: Materials) -> Iterator[str]:
    yield plan.photo.name if plan.photo else "String art"
    yield from (f"{key}: {text}" for key, text in notes_of(plan).items())
    yield ""
    yield _DIAGRAM.format(pins=len(plan.pins), last=len(plan.pins) - 1)
    rim_moves = len(plan.steps) - plan.chords
    yield f"{plan.chords:,} chords and {rim_moves:,} moves along the rim: {len(plan.steps):,} steps."
    yield f"Thread: {format_length(materials.total_mm)} ({materials.assumptions.about_thread})."
    yield f"By hand: {format_duration(materials.hand_s)} ({materials.assumptions.about_hand})."


def _body(plan: Plan, steps: list[Step], materials: Materials) -> Iterator[str]:
    width, layer = len(f"{len(steps)}"), 0
    for step in steps:
        if step.layer != layer:
            layer = step.layer
            use = materials.layers[layer - 1]
            yield ""
            yield f"LAYER {layer} of {len(plan.layers)}: {step.thread.name} ({step.thread.color})"
            yield f"{use.chords + use.rim_moves:,} steps, {format_length(use.total_mm)} of thread"
            yield f"Knot the thread to pin {step.from_pin}, then go to pin"
        yield f"{step.number:>{width}}.  {step.to_pin}"
