"""The winding as numbered text, to print or to have read aloud: where each layer begins, then step after step."""

from collections.abc import Iterator

from stringart.export import ExportOptions
from stringart.look.paint import notes_of
from stringart.plan.materials import Materials, materials_of
from stringart.plan.model import Plan
from stringart.plan.steps import Instruction, Kind, steps_or_refuse, with_ties
from stringart.units import format_length

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
    """Return the text, UTF-8; every step is a line of its own: its number, the pin to go to, which way round it."""
    steps, materials = steps_or_refuse(plan, "the text"), materials_of(plan)
    return ("\n".join([*_head(plan, materials), *_body(plan, steps, materials)]) + "\n").encode()


def _head(plan: Plan, materials: Materials) -> Iterator[str]:
    yield plan.photo.name if plan.photo else "String art"
    yield from (f"{key}: {text}" for key, text in notes_of(plan).items())
    yield ""
    yield _DIAGRAM.format(pins=len(plan.pins), last=len(plan.pins) - 1)
    rim_walks = materials.steps - plan.chords
    yield f"{plan.chords:,} chords and {rim_walks:,} walks along the rim: {materials.steps:,} steps."
    yield "↻ goes round the pin clockwise, ↺ counter-clockwise, seen from the front."
    yield "A walk along the rim passes outside the pins and is one step."
    yield f"Thread: {format_length(materials.total_mm)} ({materials.assumptions.about_thread})."
    yield f"By hand: {materials.hand_text} ({materials.assumptions.about_hand})."


def _body(plan: Plan, steps: tuple[Instruction, ...], materials: Materials) -> Iterator[str]:
    width = len(f"{len(steps)}")
    for step in with_ties(steps):
        if step.kind is Kind.TIE_ON:
            thread, use = plan.threads[step.thread], materials.layers[step.layer]
            yield ""
            yield f"LAYER {step.layer + 1} of {len(plan.layers)}: {thread.name} ({thread.color})"
            yield f"{use.steps:,} steps, {format_length(use.total_mm)} of thread"
            yield f"Tie the thread on at pin {step.to_pin}, then go to pin"
        elif step.kind is Kind.TIE_OFF:
            yield f"Tie the thread off at pin {step.to_pin}, then cut it."
        else:
            yield f"{step.number:>{width}}.  {step.text}"
