"""The winding as an animated GIF: one palette, no dithering, only what changed is stored.

imageio (its Pillow plugin) chooses a palette a frame: 40 frames of five threads are 2.8 MB in place of 1.0, and 12 % of
the pixels that stand still flicker (here 0.1 %).
"""

import struct
from collections.abc import Iterator

from PIL import GifImagePlugin, Image

from stringart.export import ExportOptions
from stringart.export._film_options import FILM_OPTIONS, film_options
from stringart.export._indexed import CLEAR, ChangedBox, index_film, ticks_of
from stringart.look.film import Film, Moving
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

_TICKS_PER_S = 100
_LEAST_TICKS, _MOST_TICKS = 2, 65535  # browsers play a shorter frame as if it were of 100 ms
_ONE_THREAD, _MANY_THREADS = (250, 6), (144, 12)  # colours, tolerance: its packing is weak, and mixtures cost most

OPTIONS = FILM_OPTIONS


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a GIF that plays for ever, as wide as its options say."""
    return encode(Film(plan, film_options(options)))


def encode(moving: Moving) -> bytes:
    """Return any film as a GIF."""
    film = index_film(moving, *(_ONE_THREAD if moving.one_thread else _MANY_THREADS))
    colors = film.palette.tobytes().ljust(3 * 256, b"\0")
    screen = struct.pack("<HHBBB", *moving.size_px, 0xF7, 0, 0)  # a global table of 256 colours
    again = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    parts = [b"GIF89a", screen, colors, again, _comment(moving.plan)]
    for change in film.changes(_TICKS_PER_S, _LEAST_TICKS):
        parts.extend(_frame(change))
    return b"".join([*parts, b";"])


def note_on_frames(moving: Moving) -> str:
    """What is to be said of frames that are passed over because they would be too short; else nothing."""
    ticks = ticks_of(moving, _TICKS_PER_S, _LEAST_TICKS).tolist()
    shown, held = 0, _LEAST_TICKS
    for number, ticks_here in enumerate(ticks):
        if held >= _LEAST_TICKS or number == len(ticks) - 1:
            shown, held = shown + 1, 0
        held += ticks_here
    if shown == len(ticks):
        return ""
    return (
        f"the GIF shows {shown} of {len(ticks)} frames: browsers play frames shorter than {10 * _LEAST_TICKS} ms at "
        "100 ms; --frames fewer, --seconds more, or a .webp show them all"
    )


def _comment(plan: Plan) -> bytes:
    text = "\n".join(f"{key}: {value}" for key, value in notes_of(plan).items()).encode()
    blocks = [text[k : k + 255] for k in range(0, len(text), 255)]
    return b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _frame(change: ChangedBox) -> Iterator[bytes]:
    image = Image.fromarray(change.entries, "P")
    yield b"\x21\xf9\x04" + struct.pack("<BHBB", 0x05, min(change.ticks, _MOST_TICKS), CLEAR, 0)  # stays; CLEAR
    yield from GifImagePlugin.getdata(image, (change.left_px, change.top_px))
