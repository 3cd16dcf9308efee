"""The winding as an animated WebP, lossless: the frames of the GIF in less space.

imageio (its Pillow plugin) stores colours without a palette: 40 frames of five threads are 3.2 MB in place of 1.0.
"""

import io
import struct
from html import escape

import numpy as np
from PIL import Image

from stringart.errors import OutputError
from stringart.export import ExportOptions
from stringart.export._film_options import FILM_OPTIONS, film_options
from stringart.export._indexed import CLEAR, ChangedBox, index_film
from stringart.look.film import Film, Moving
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

_TICKS_PER_S = 1000
_MAX_SIDE_PX = 16384
_HAS_XMP, _HAS_ALPHA, _ANIMATED = 4, 16, 2

OPTIONS = FILM_OPTIONS


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a WebP that plays for ever, as wide as its options say."""
    return encode(Film(plan, film_options(options)))


def encode(moving: Moving) -> bytes:
    """Return any film as an animated WebP."""
    film = index_film(moving)
    width, height = moving.size_px
    if max(width, height) > _MAX_SIDE_PX:
        raise OutputError(f"a WebP of {width} x {height} px is larger than its {_MAX_SIDE_PX} px", "choose --width")
    head = struct.pack("<I", _HAS_XMP | _HAS_ALPHA | _ANIMATED) + _uint24(width - 1) + _uint24(height - 1)
    chunks = [_chunk(b"VP8X", head), _chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))]
    colors = np.zeros((256, 4), np.uint8)
    colors[: len(film.palette), :3], colors[: len(film.palette), 3] = film.palette, 255
    chunks.extend(_chunk(b"ANMF", _frame(change, colors)) for change in film.changes(_TICKS_PER_S))
    chunks.append(_chunk(b"XMP ", _xmp(moving.plan)))
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _frame(change: ChangedBox, colors: np.ndarray) -> bytes:
    """Return a frame's corner (even, as WebP has it), size, duration, and its picture blended over what is shown."""
    odd = change.top_px % 2, change.left_px % 2
    entries = np.pad(change.entries, ((odd[0], 0), (odd[1], 0)), constant_values=CLEAR)
    rows, cols = entries.shape
    corner = _uint24((change.left_px - odd[1]) // 2) + _uint24((change.top_px - odd[0]) // 2)
    file = io.BytesIO()
    Image.fromarray(colors[entries]).save(file, "WEBP", lossless=True, quality=20, method=1)
    picture = file.getvalue()[12:]  # without the header of a file of its own
    return corner + _uint24(cols - 1) + _uint24(rows - 1) + _uint24(min(change.ticks, 2**24 - 1)) + b"\0" + picture


def _uint24(value: int) -> bytes:
    return struct.pack("<I", value)[:3]


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _xmp(plan: Plan) -> bytes:
    notes = notes_of(plan)
    about = escape("; ".join(f"{key}: {value}" for key, value in notes.items()))
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:CreatorTool="{escape(notes["Software"])}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{about}</rdf:li></rdf:Alt></dc:description>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
