"""The winding as a C header for a machine of one's own: pins, sides and layers as PROGMEM arrays (Arduino, ESP32)."""

import textwrap
from collections.abc import Sequence

from stringart import __version__
from stringart.export import ExportOptions
from stringart.export.drill import ascii_comment
from stringart.look.paint import notes_of
from stringart.plan.model import Plan
from stringart.plan.steps import steps_or_refuse
from stringart.plan.wraps import wrap_directions

_SMALL = 255

_HEAD = """\
#ifndef STRINGART_WINDING_H
#define STRINGART_WINDING_H

#include <stdint.h>
#if defined(ARDUINO)
#include <Arduino.h>
#else
#define PROGMEM
#endif
"""
_ABOUT = (
    "STRINGART_PINS: every pin in the order of winding, layer after layer; pin 0 is at 12 o'clock, numbers rise "
    "clockwise, seen from the front.",
    "STRINGART_SIDES: how the thread goes round that pin: 1 clockwise, -1 counter-clockwise, 0 tied there.",
    "STRINGART_LAYER_START: where each layer begins in both; the last entry is their length. Tie off, change the "
    "thread and tie on at each.",
    "On AVR boards read with pgm_read_word(&STRINGART_PINS[k]), or pgm_read_byte where the type is 8 bits wide.",
)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the header, ASCII; a C and a C++ compiler take it as it is."""
    steps_or_refuse(plan, "a header of its pins")
    layers = [number for number, layer in enumerate(plan.layers) if layer.steps]
    turns = wrap_directions(plan)
    pins = [pin for number in layers for pin in plan.layers[number].pins.tolist()]
    sides = [turn for number in layers for turn in turns[number].tolist()]
    starts = [0]
    for number in layers:
        starts.append(starts[-1] + len(plan.layers[number].pins))
    kind = "uint8_t" if len(plan.pins) - 1 <= _SMALL else "uint16_t"
    parts = [
        _comment(plan),
        _HEAD,
        f"#define STRINGART_PIN_COUNT {len(plan.pins)}",
        f"#define STRINGART_LENGTH {len(pins)}UL",
        f"#define STRINGART_LAYERS {len(layers)}",
        "",
        *_threads(plan, layers),
        _array(kind, "PINS", pins),
        _array("int8_t", "SIDES", sides),
        _array("uint32_t", "LAYER_START", starts),
        "#endif",
        "",
    ]
    return "\n".join(parts).encode("ascii")


def _comment(plan: Plan) -> str:
    notes = notes_of(plan)
    texts = [f"stringart {__version__}, plan {plan.sha256}", f"command: {notes.get('Comment', 'not known')}", *_ABOUT]
    lines = [line for text in texts for line in textwrap.wrap(ascii_comment(text), 100)]
    return "\n".join(f"// {line}" for line in lines)


def _threads(plan: Plan, layers: Sequence[int]) -> list[str]:
    threads = [plan.threads[plan.layers[number].thread] for number in layers]
    return [
        f"// layer {k}: {ascii_comment(thread.name)[:60]}, {thread.color}, {thread.diameter_mm:g} mm"
        for k, thread in enumerate(threads, 1)
    ]


def _array(kind: str, name: str, values: Sequence[int]) -> str:
    body = textwrap.fill(", ".join(map(str, values)), 100, initial_indent="    ", subsequent_indent="    ")
    return f"static const {kind} STRINGART_{name}[{len(values)}] PROGMEM = {{\n{body}\n}};\n"
