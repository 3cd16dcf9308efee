"""The whole way in one call, with plain words and numbers in place of options.

What each step does is told by the modules that this one calls; the command line and the studio call them themselves.
"""

import os
from collections.abc import Sequence
from dataclasses import replace

from stringart.board.boards import DEFAULT_PIN_DIAMETER_MM
from stringart.errors import BoardError, PaletteError
from stringart.export import ExportOptions, exporter_for
from stringart.order.loaded import LoadedOrder, load_order, options_for
from stringart.order.order import Order
from stringart.picture.photo import Crop, Photo, Source, load_photo
from stringart.plan.model import Board, Plan, Thread
from stringart.search.options import BLACK, Controls, DesignOptions
from stringart.search.pipeline import design as design_with
from stringart.threads.request import AUTO, PaletteRequest, check_threads, parse_palette
from stringart.threads.schedule import Schedule
from stringart.units import parse_color

_NAMES = (str, os.PathLike)


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
    backdrop: str | os.PathLike[str] = "keep",
    unmix: str | None = None,
    crop: str | Crop = "auto",
    zoom_percent: float = 100.0,
    move_percent: tuple[float, float] = (0.0, 0.0),
    seed: int = 0,
    quality: str = "normal",
) -> Plan:
    """Turn a photo into a plan.

    The same photo and choices give the same plan, byte for byte, as ``stringart design`` does.
    `stringart.design_events` does the same and tells of its progress.

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
        From the lowest: ``"white; white,blue,black x3"``; four rounds from light to dark by default, from dark
        to light with ``"reverse"``.
    change_minutes : float, optional
        What a change of thread costs; layers that are not worth it are dropped. By default what a person takes.
    controls : Controls, optional
        Regions, separations, importance for single threads, a matrix of what stands in for what.
    lines : int, optional
        Chords across the board at most, rim moves apart; 4000 by default, 10000 for several threads.
    thread_length_mm : float, optional
        All thread at most, in place of ``lines``.
    importance : str or picture
        ``faces``, ``none``, or a grey picture of the photo, white where it matters.
    backdrop : str or path
        ``keep``; ``fade``: the ground behind a face, or behind what stands out, comes near to the board; or a grey
        picture, white where the photo stays.
    unmix : str, optional
        ``shares``, ``dither`` or ``blurred``: the photo is shared out to several threads first. By default it is aimed
        at itself.
    crop : str or (left, top, right, bottom)
        Part of the photo: ``auto`` has faces, or what stands out, well inside; ``centre``; ``whole``; or pixels.
    zoom_percent : float
        How large the photo is shown, of that.
    move_percent : (right, down)
        How far it is moved, of the board's width and height.
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
    if isinstance(board, Board) and (size_mm is not None or background is not None):
        raise BoardError("a Board has its size and colour already", "leave size_mm and background out")
    order = Order(
        board="circle" if isinstance(board, Board) else os.fspath(board),
        size_mm=(size_mm, size_mm) if isinstance(size_mm, int | float) else size_mm,
        background=board.color if isinstance(board, Board) else _code(background),
        pins=pins,
        pin_diameter_mm=pin_diameter_mm,
        palette=palette if isinstance(palette, str) and palette != BLACK.name else None,
        layers=layers if isinstance(layers, str) else None,
        change_minutes=change_minutes,
        lines=lines,
        thread_length_mm=thread_length_mm,
        backdrop=os.fspath(backdrop),
        unmix=unmix,
        importance=os.fspath(importance) if isinstance(importance, _NAMES) else "none",
        crop=crop,
        zoom_percent=zoom_percent,
        move_percent=move_percent,
        seed=seed,
        quality=quality,
    )
    loaded = load_order(order)
    if isinstance(board, Board):
        loaded = replace(loaded, board=board)
    if not isinstance(palette, str):
        loaded = replace(loaded, palette=_request(palette))
    options, _ = options_for(shown := _loaded(photo, loaded), loaded)
    return design_with(shown, _with_objects(options, photo, board, palette, layers, controls, importance))


def _loaded(photo: Source | Photo, loaded: LoadedOrder) -> Photo:
    return photo if isinstance(photo, Photo) else load_photo(photo, loaded.photo_background)


def _with_objects(
    options: DesignOptions,
    photo: Source | Photo,
    board: Board | str | os.PathLike[str],
    palette: Thread | str | Sequence[Thread | str],
    layers: str | Schedule | None,
    controls: Controls | None,
    importance: Source,
) -> DesignOptions:
    """Return the options with what no command can say; the plan then does not remember one."""
    if controls is not None:
        options = replace(options, controls=controls)
    if layers is not None and not isinstance(layers, str):
        options = replace(options, schedule=layers)
    if not isinstance(importance, _NAMES):
        options = replace(options, importance=importance)
    said = isinstance(photo, _NAMES) and isinstance(palette, str) and isinstance(importance, _NAMES)
    if said and controls is None and not isinstance(board, Board) and (layers is None or isinstance(layers, str)):
        return options
    return replace(options, command="stringart.design()")


def _request(palette: Thread | Sequence[Thread | str]) -> PaletteRequest:
    """Return the threads that are named or to be chosen."""
    wanted = (palette,) if isinstance(palette, Thread) else tuple(palette)
    if not wanted:
        raise PaletteError("the palette has no thread", "give at least one, as in palette='black'")
    requests = [PaletteRequest(text="", threads=(t,)) if isinstance(t, Thread) else parse_palette(t) for t in wanted]
    if len(requests) > 1 and any(request.count or request.board_color for request in requests):
        raise PaletteError("threads are chosen from one text", "write it as in palette='black,white,auto:3'")
    threads = tuple(thread for request in requests for thread in request.threads)
    check_threads(threads, requests[0].count)
    return replace(requests[0], threads=threads)


def _code(background: str | None) -> str | None:
    return background if background in (None, AUTO) else parse_color(str(background))


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
