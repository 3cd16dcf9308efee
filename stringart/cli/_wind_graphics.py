"""The picture of the ring where a terminal shows pixels: kitty's graphics, or sixels; nothing is asked of it.

What a terminal can is known by what it calls itself; ``STRINGART_GRAPHICS`` says ``kitty``, ``sixel`` or ``none`` where
that is wrong. Within tmux or screen half blocks are shown. No library that is kept writes sixels without asking the
terminal first, which is what this guide never does: the dozen lines are our own.
"""

import io
import os
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart.cli._wind_ring import pins_of
from stringart.plan.steps import Instruction

KITTY, SIXEL = "kitty", "sixel"
_KITTY_TERMS, _SIXEL_TERMS = ("kitty", "ghostty", "wezterm"), ("sixel", "foot", "mlterm", "mintty", "contour")
_COLORS = ((0, 0, 0), (128, 128, 128), (224, 160, 32))  # nothing, the ring, the step: entries of the palette
_RING, _STEP = 1, 2
_CHUNK = 4096
_KITTY_SIDE_PX = 320
_NUMBER = 7  # of the guide's picture among those of the terminal


def graphics_of(environ: Mapping[str, str] = os.environ) -> str:
    """Return ``kitty``, ``sixel`` or nothing: how pixels are shown on this terminal.

    Examples
    --------
    >>> graphics_of({"TERM": "xterm-kitty"}), graphics_of({"TERM": "foot"}), graphics_of({"TERM": "xterm-256color"})
    ('kitty', 'sixel', '')
    >>> graphics_of({"TERM": "tmux-256color", "TMUX": "/tmp/tmux", "KITTY_WINDOW_ID": "1"})
    ''
    """
    told = environ.get("STRINGART_GRAPHICS", "").lower()
    if told:
        return told if told in (KITTY, SIXEL) else ""
    if "TMUX" in environ or "STY" in environ:
        return ""
    names = f"{environ.get('TERM', '')} {environ.get('TERM_PROGRAM', '')}".lower()
    if "KITTY_WINDOW_ID" in environ or any(name in names for name in _KITTY_TERMS):
        return KITTY
    return SIXEL if any(name in names for name in _SIXEL_TERMS) else ""


def ring_graphics(kind: str, xy_mm: NDArray[np.float64], step: Instruction | None, cells: tuple[int, int]) -> str:
    """Return what shows the ring and the step at the cursor, as large as so many (columns, rows) of text; else nothing.

    Nothing, too, where sixels have to have a size and the terminal does not tell that of its characters.
    """
    if kind == KITTY:
        return _kitty(_ring_pixels(xy_mm, step, (_KITTY_SIDE_PX, _KITTY_SIDE_PX)), cells)
    size_px = cell_px()
    return _sixel(_ring_pixels(xy_mm, step, (cells[0] * size_px[0], cells[1] * size_px[1]))) if size_px else ""


def removed(kind: str) -> str:
    """Return what takes the picture away: sixels go where text is written."""
    return f"\x1b_Ga=d,d=i,i={_NUMBER},q=2\x1b\\" if kind == KITTY else ""


def cell_px() -> tuple[int, int] | None:
    """Width and height of a character in pixels, as the terminal's driver knows them; None if it does not."""
    with suppress(ImportError, OSError, ValueError):
        import fcntl
        import termios

        answer = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
        rows, cols, wide, high = np.frombuffer(answer, np.uint16).tolist()
        if rows and cols and wide >= cols and high >= rows:
            return wide // cols, high // rows
    return None


def _ring_pixels(xy_mm: NDArray[np.float64], step: Instruction | None, size_px: tuple[int, int]) -> Image.Image:
    """The ring and the step as a picture of palette entries."""
    side = min(size_px)
    image = Image.new("P", size_px, 0)
    image.putpalette([level for color in _COLORS for level in color])
    low, high = xy_mm.min(0), xy_mm.max(0)
    scale = 0.94 * side / max(float((high - low).max()), 1e-9)
    places = (xy_mm - (low + high) / 2) * [scale, -scale] + np.array(size_px) / 2
    points = [(float(x), float(y)) for x, y in places]
    draw, dot, wide = ImageDraw.Draw(image), max(side // 110, 1), max(side // 90, 2)
    for x, y in points:
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=_RING)
    if step is not None:
        draw.line([points[pin] for pin in pins_of(step, len(points))], fill=_STEP, width=wide)
        x, y = points[step.to_pin]
        draw.ellipse((x - 3 * wide, y - 3 * wide, x + 3 * wide, y + 3 * wide), fill=_STEP)
    return image


def _kitty(image: Image.Image, cells: tuple[int, int]) -> str:
    """A picture in kitty's protocol: it takes the place of the last one, and nothing is answered."""
    file = io.BytesIO()
    image.save(file, "PNG", transparency=0)
    data = b64encode(file.getvalue()).decode()
    parts = [data[k : k + _CHUNK] for k in range(0, len(data), _CHUNK)]
    head = f"a=T,f=100,i={_NUMBER},p=1,c={cells[0]},r={cells[1]},C=1,q=2,"
    return "".join(
        f"\x1b_G{head if k == 0 else ''}m={int(k + 1 < len(parts))};{part}\x1b\\" for k, part in enumerate(parts)
    )


def _sixel(image: Image.Image) -> str:
    """A picture in sixels, six rows of pixels a line; entry 0 is left as it is."""
    pixels = np.asarray(image)
    rows, cols = pixels.shape
    colors = [
        f"#{k};2;" + ";".join(str(round(level * 100 / 255)) for level in _COLORS[k]) for k in range(1, len(_COLORS))
    ]
    lines = [_sixel_line(pixels[top : top + 6]) for top in range(0, rows, 6)]
    return f'\x1bP0;1;0q"1;1;{cols};{rows}{"".join(colors)}{"-".join(lines)}\x1b\\'


def _sixel_line(pixels: NDArray[np.uint8]) -> str:
    weights = 1 << np.arange(len(pixels))
    parts = []
    for entry in range(1, len(_COLORS)):
        codes: Sequence[int] = (weights @ (pixels == entry)).tolist()
        if any(codes):
            parts.append(
                f"#{entry}" + "".join(_repeated(chr(63 + code), len(list(run))) for code, run in groupby(codes))
            )
    return "$".join(parts)


def _repeated(char: str, count: int) -> str:
    return f"!{count}{char}" if count > 3 else char * count
