"""The winding as an animated PNG: the frames of the GIF, for browsers and editors.

imageio (its Pillow plugin) stores colours without a palette: 40 frames of five threads are 8.6 MB in place of 1.2.
"""

import itertools
import struct
import zlib
from collections.abc import Iterator

import numpy as np

from stringart.export import ExportOptions
from stringart.export._film_options import FILM_OPTIONS, film_options
from stringart.export._indexed import CLEAR, ChangedBox, index_film
from stringart.look.film import Film, Moving
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

_TICKS_PER_S = 1000
_INDEXED, _KEEP, _OVER = 3, 0, 1

OPTIONS = FILM_OPTIONS


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an animated PNG that plays for ever, as wide as its options say."""
    return encode(Film(plan, film_options(options)))


def encode(moving: Moving) -> bytes:
    """Return any film as an animated PNG."""
    film = index_film(moving)
    head = struct.pack(">IIBBBBB", *moving.size_px, 8, _INDEXED, 0, 0, 0)
    colors = film.palette.tobytes().ljust(3 * 256, b"\0")
    frames = list(_frames(film.changes(_TICKS_PER_S)))
    parts = [
        _chunk(b"IHDR", head),
        *(_chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + text.encode()) for key, text in notes_of(moving.plan).items()),
        _chunk(b"acTL", struct.pack(">II", len(frames), 0)),
        _chunk(b"PLTE", colors),
        _chunk(b"tRNS", b"\xff" * CLEAR + b"\0"),
        *frames,
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _frames(changes: Iterator[ChangedBox]) -> Iterator[bytes]:
    numbers = itertools.count()
    for change in changes:
        rows, cols = change.entries.shape
        place = struct.pack(">IIIII", next(numbers), cols, rows, change.left_px, change.top_px)
        delay = struct.pack(">HH", min(change.ticks, 65535), _TICKS_PER_S)
        control = _chunk(b"fcTL", place + delay + bytes([_KEEP, _OVER]))
        packed = zlib.compress(np.pad(change.entries, ((0, 0), (1, 0))).tobytes(), 6)  # filter 0 before every row
        first = place[:4] == b"\0\0\0\0"
        yield control + (
            _chunk(b"IDAT", packed) if first else _chunk(b"fdAT", struct.pack(">I", next(numbers)) + packed)
        )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
