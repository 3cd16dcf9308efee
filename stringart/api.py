"""The whole way in one call, with plain words and numbers in place of options.

What each step does is told by the modules that this one calls; the command line and the studio call them themselves.
"""

import os
from collections.abc import Sequence

from stringart.boards import DEFAULT_PIN_DIAMETER_MM, make_board
from stringart.errors import BoardError, PaletteError, UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.model import Board, Plan, Thread
from stringart.options import DesignOptions
from stringart.photo import Crop, Photo, Source, load_photo
from stringart.pipeline import design as design_with
from stringart.units import parse_color


def design(
    photo: Source | Photo,
    *,
    board: Board | str | os.PathLike[str] = "circle",
    size_mm: float | tuple[float, float] | None = None,
    background: str | None = None,
    pins: int | None = None,
    pin_diameter_mm: float = DEFAULT_PIN_DIAMETER_MM,
    palette: Thread | str | Sequence[Thread | str] = "black",
    lines: int | None = None,
    thread_length_mm: float | None = None,
    importance: Source = "faces",
    crop_px: Crop | None = None,
    seed: int = 0,
    quality: str = "normal",
) -> Plan:
    """Turn a photo into a plan.

    The same photo and choices give the same plan, byte for byte. `stringart.design_events` does the same and tells of
    its progress.

    Parameters
    ----------
    photo : path, bytes, (rows, cols[, 3 or 4]) array, PIL image or Photo
        Arrays are sRGB: uint8, uint16 or floats in 0..1.
    board : str, path or Board
        ``circle``, ``ellipse``, ``rectangle``, an SVG file with one closed outline, or a CSV file with the pins'
        positions in mm.
    size_mm : float or (width, height), optional
        Of the box around the pins' centres, 600 by default; a file keeps its own size.
    background : str, optional
        Colour of the board, white by default.
    pins : int, optional
        288 by default, or as many as a file of pins gives.
    pin_diameter_mm : float
    palette : Thread, str or sequence of these
        Threads; a word or ``#rrggbb`` is a thread of that colour, 0.25 mm wide.
    lines : int, optional
        Chords across the board at most, 4000 by default; rim moves apart.
    thread_length_mm : float, optional
        All thread at most, in place of ``lines``.
    importance : str or picture
        ``faces``, ``none``, or a grey picture of the photo, white where it matters.
    crop_px : (left, top, right, bottom), optional
        Part of the photo, in pixels; the largest centred part by default.
    seed : int
        Kept in the plan.
    quality : str
        ``draft``, ``normal`` or ``best``.

    Returns
    -------
    Plan

    Raises
    ------
    StringartError
        `UnitError`, `BoardError`, `PhotoError` or `PaletteError`: what cannot be used, and what to do.

    Examples
    --------
    >>> import numpy as np, stringart
    >>> rows, cols = np.indices((64, 64)) / 63
    >>> plan = stringart.design((rows + cols) / 2, pins=36, lines=100, quality="draft")
    >>> plan
    <Plan: circle 600 x 600 mm, 36 pins, 100 chords in 1 layers of black>
    >>> plan.board.width_mm, len(plan.layers[0].pins) > 100
    (600.0, True)
    """
    if lines is not None and thread_length_mm is not None:
        raise UnitError(f"lines={lines} and thread_length_mm={thread_length_mm:g} exclude each other", "give one")
    made = _board(board, size_mm, background)
    options = DesignOptions(
        board=made,
        pin_count=pins,
        pin_diameter_mm=pin_diameter_mm,
        threads=_threads(palette),
        lines=4000 if lines is None else lines,
        thread_length_mm=thread_length_mm,
        importance=importance,
        crop_px=crop_px,
        seed=seed,
        quality=quality,
        command="stringart.design()",
    )
    return design_with(photo if isinstance(photo, Photo) else load_photo(photo, made.color), options)


def _board(
    board: Board | str | os.PathLike[str], size_mm: float | tuple[float, float] | None, background: str | None
) -> Board:
    if isinstance(board, Board):
        if size_mm is not None or background is not None:
            raise BoardError("a Board has its size and colour already", "leave size_mm and background out")
        return board
    size = (size_mm, size_mm) if isinstance(size_mm, int | float) else size_mm
    return make_board(os.fspath(board), size, parse_color(background or "white"))


def _threads(palette: Thread | str | Sequence[Thread | str]) -> tuple[Thread, ...]:
    wanted = (palette,) if isinstance(palette, Thread | str) else tuple(palette)
    if not wanted:
        raise PaletteError("the palette has no thread", "give at least one, as in palette='black'")
    return tuple(t if isinstance(t, Thread) else Thread(name=t, color=parse_color(t)) for t in wanted)


def paint_png(plan: Plan, width_px: int = 1000) -> bytes:
    """Return the preview as the bytes of a PNG.

    Parameters
    ----------
    plan : Plan
    width_px : int
        1 to 8000.

    Raises
    ------
    UnitError
        If a side is not within 1 and 8000 px.
    """
    return exporter_for("-.png")(plan, ExportOptions(width_px=width_px))


def paint_svg(plan: Plan) -> str:
    """Return the piece as an SVG in mm: one path a layer, strokes as wide as the thread.

    Parameters
    ----------
    plan : Plan
    """
    return exporter_for("-.svg")(plan, ExportOptions()).decode()
