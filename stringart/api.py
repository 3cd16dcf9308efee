"""The whole way in one call, with plain words and numbers in place of options.

What each step does is told by the modules that this one calls; the command line and the studio call them themselves.
"""

import os
from collections.abc import Sequence
from dataclasses import replace

from stringart.boards import DEFAULT_PIN_DIAMETER_MM, make_board
from stringart.errors import BoardError, PaletteError, UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.model import Board, Plan, Thread
from stringart.options import Controls, DesignOptions
from stringart.palette import AUTO, choose
from stringart.palette_request import check_threads, parse_palette
from stringart.photo import Crop, Photo, Source, load_photo
from stringart.pipeline import design as design_with
from stringart.schedule import Schedule, parse_schedule
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
    layers: str | Schedule | None = None,
    change_minutes: float | None = None,
    controls: Controls | None = None,
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
        Colour of the board, or ``auto``; white by default, or what a preset is made for.
    pins : int, optional
        288 by default, or as many as a file of pins gives.
    pin_diameter_mm : float
    palette : Thread, str or sequence of these
        Threads; a text as ``--palette`` has it: ``black``, ``#c8501e@0.3mm``, ``auto:5``, ``dmc:auto:6``.
    layers : str or Schedule, optional
        From the lowest: ``"white; white,blue,black x3"``; four rounds from light to dark by default.
    change_minutes : float, optional
        What a change of thread costs; layers that are not worth it are dropped.
    controls : Controls, optional
        Regions, separations, importance for single threads, a matrix of what stands in for what.
    lines : int, optional
        Chords across the board at most, rim moves apart; 4000 by default, 10000 for several threads.
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
    photo = photo if isinstance(photo, Photo) else load_photo(photo, made.color)
    made, threads = _choose(photo, made, palette, background)
    options = DesignOptions(
        board=made,
        pin_count=pins,
        pin_diameter_mm=pin_diameter_mm,
        threads=threads,
        lines=lines if lines is not None else 4000 if len(threads) == 1 else 10_000,
        thread_length_mm=thread_length_mm,
        schedule=parse_schedule(layers, threads) if isinstance(layers, str) else layers,
        change_minutes=change_minutes,
        controls=controls or Controls(),
        importance=importance,
        crop_px=crop_px,
        seed=seed,
        quality=quality,
        command="stringart.design()",
    )
    return design_with(photo, options)


def _board(
    board: Board | str | os.PathLike[str], size_mm: float | tuple[float, float] | None, background: str | None
) -> Board:
    if isinstance(board, Board):
        if size_mm is not None or background is not None:
            raise BoardError("a Board has its size and colour already", "leave size_mm and background out")
        return board
    size = (size_mm, size_mm) if isinstance(size_mm, int | float) else size_mm
    color = "white" if background in (None, AUTO) else str(background)
    return make_board(os.fspath(board), size, parse_color(color))


def _choose(
    photo: Photo, board: Board, palette: Thread | str | Sequence[Thread | str], background: str | None
) -> tuple[Board, tuple[Thread, ...]]:
    """Return the board in its colour, and the threads."""
    wanted = (palette,) if isinstance(palette, Thread | str) else tuple(palette)
    if not wanted:
        raise PaletteError("the palette has no thread", "give at least one, as in palette='black'")
    requests = [t if isinstance(t, Thread) else parse_palette(t) for t in wanted]
    named = [r for r in requests if isinstance(r, Thread) or not (r.count or r.board_color)]
    if len(named) == len(requests) and background != AUTO:
        threads = [t for r in named for t in ((r,) if isinstance(r, Thread) else r.threads)]
        check_threads(tuple(threads))
        return board, tuple(threads)
    if len(requests) > 1 or isinstance(requests[0], Thread):
        raise PaletteError("threads are chosen from one text", "write it as in palette='black,white,auto:3'")
    choice = choose(requests[0], photo, board, None if background is None else _code_or_auto(background))
    return replace(board, color=choice.board_color), choice.threads


def _code_or_auto(background: str) -> str:
    return background if background == AUTO else parse_color(background)


def paint_png(plan: Plan, width_px: int = 1024) -> bytes:
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
