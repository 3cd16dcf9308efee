"""The whole way in one call, with plain words and numbers in place of options.

What each step does is told by the modules that this one calls; the command line and the studio call them themselves.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from inspect import signature
from typing import Any, Literal, ParamSpec

from stringart import arguments
from stringart.board.boards import DEFAULT_PIN_DIAMETER_MM, Places, make_board, size_of
from stringart.errors import BoardError, PaletteError, ScheduleError, UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.interrupts import whole_interrupts
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.picture.photo import Crop, Photo, Source, in_memory, load_photo
from stringart.picture.placing import PLACES
from stringart.plan.model import Board, Plan, Thread
from stringart.search import pipeline
from stringart.search.events import Event, Finished
from stringart.search.options import BLACK, MOST_MINUTES, Controls, DesignOptions, crop_of
from stringart.search.quality import QUALITIES, QualityName
from stringart.threads.request import AUTO, PaletteRequest, check_threads, parse_palette
from stringart.threads.schedule import Schedule, Slot
from stringart.threads.unmixings import UNMIXINGS
from stringart.units import parse_color

_NAMES = (str, os.PathLike)
_P = ParamSpec("_P")
CropWord = Literal["auto", "centre", "whole"]


def design(
    photo: Source | Photo,
    options: DesignOptions | None = None,
    *,
    board: Board | str | os.PathLike[str] | Places = "circle",
    size_mm: float | Sequence[float] | None = None,
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
    backdrop: Source = "keep",
    unmix: Literal["shares", "dither", "blurred"] | None = None,
    crop: CropWord | Crop | Sequence[int] = "auto",
    zoom_percent: float = 100.0,
    move_percent: tuple[float, float] | Sequence[float] = (0.0, 0.0),
    seed: int = 0,
    quality: QualityName = "normal",
) -> Plan:
    """Turn a photo into a plan.

    The same photo and choices give the same plan, byte for byte, as ``stringart design`` does.
    `stringart.design_events` takes the same arguments and tells of its progress.

    Parameters
    ----------
    photo : path, bytes, open file, (rows, cols[, 3 or 4]) array, PIL image or Photo
        Arrays are sRGB: uint8, uint16 or floats in 0..1.
    options : DesignOptions, optional
        All choices in one value, in place of those below.
    board : str, path, Board or (N, 2) array
        ``circle``, ``ellipse``, ``rectangle``, a drawn shape such as ``heart``, an SVG file with one closed outline, a
        CSV file with the pins' positions in mm, or these positions as an array; `make_board` says more.
    size_mm : float or (width, height), optional
        Of the box around the pins' centres, in mm; 600 by default; a file or an array keeps its own size.
    background : str, optional
        Colour of the board, or ``auto``; white by default, or what a preset is made for.
    pins : int, optional
        288 by default, or as many as a file of pins or an array gives.
    pin_diameter_mm : float
    palette : Thread, str or sequence of these
        Threads; a text as ``--palette`` has it: ``black``, ``#c8501e@0.3mm``, ``auto:5``, ``dmc:auto:6``.
    layers : str or Schedule, optional
        Of several threads, from the lowest: ``"white; white,blue,black x3"``; four rounds from light to dark by
        default, from dark to light with ``"reverse"``.
    change_minutes : float, optional
        Of several threads, what a change costs; layers that are not worth it are dropped. By default what a person
        takes.
    controls : Controls, optional
        Regions, separations, importance for single threads, a matrix of what stands in for what.
    lines : int, optional
        Chords across the board at most, rim moves apart; 4000 by default, 10000 for several threads.
    thread_length_mm : float, optional
        All thread at most, in place of ``lines``.
    importance : str or picture
        ``faces``, ``none``, or a grey picture of the photo, white where it matters: what a photo may be.
    backdrop : str or picture
        ``keep``; ``fade``: the ground behind a face, or behind what stands out, comes near to the board; or a grey
        picture, white where the photo stays.
    unmix : str, optional
        ``shares``, ``dither`` or ``blurred``: the photo is shared out to several threads first. By default it is aimed
        at itself.
    crop : str or (left, top, right, bottom)
        Part of the photo: ``auto`` has faces, or what stands out, well inside; ``centre``; ``whole``; or pixels.
    zoom_percent : float
        How large the photo is shown, of that; 10 to 1000.
    move_percent : (right, down)
        How far it is moved, of the board's width and height; -100 to 100.
    seed : int
        A number of your own that is kept in the plan; nothing in the search is random.
    quality : str
        ``draft``, ``normal`` or ``best``.

    Returns
    -------
    Plan

    Raises
    ------
    StringartError
        `UnitError`, `BoardError`, `PhotoError`, `PaletteError` or `ScheduleError`: what cannot be used, and what to do.

    Examples
    --------
    >>> import numpy as np, stringart
    >>> rows, cols = np.indices((64, 64)) / 63
    >>> plan = stringart.design((rows + cols) / 2, pins=36, lines=100, quality="draft")
    >>> plan
    <Plan: circle 600 x 600 mm, 36 pins, 100 chords in 1 layer of black>
    >>> plan.board.width_mm, len(plan.layers[0].pins) > 100
    (600.0, True)
    """
    choices = {name: value for name, value in locals().items() if name not in ("photo", "options")}
    *_, last = design_events(photo, options, **choices)
    assert isinstance(last, Finished)
    return last.plan


def _with_arguments_of(
    model: Callable[_P, Plan],
) -> Callable[[Callable[..., Iterator[Event]]], Callable[_P, Iterator[Event]]]:
    """Return the decorator that gives a function the arguments of another one, told once."""

    def decorated(events: Callable[..., Iterator[Event]]) -> Callable[_P, Iterator[Event]]:
        parameters = (model.__doc__ or "").partition("    ----------\n")[2].partition("\n    Returns\n")[0]
        events.__doc__ = (events.__doc__ or "").replace("    As of `design`.\n", parameters)
        events.__signature__ = signature(model).replace(return_annotation=Iterator[Event])  # type: ignore[attr-defined]
        return events

    return decorated


@_with_arguments_of(design)
def design_events(photo: Source | Photo, options: DesignOptions | None = None, **choices: object) -> Iterator[Event]:
    """Turn a photo into a plan, and tell how far it is.

    What is wrong is refused at the call; the search begins with the first event that is asked for. Closing the
    iterator ends it.

    Parameters
    ----------
    As of `design`.

    Returns
    -------
    iterator of Event
        `Prepared`, many `Searched`, `Finished`, which has the plan.

    Raises
    ------
    StringartError
        As `design`.

    Examples
    --------
    >>> import numpy as np, stringart
    >>> ramp = np.linspace(0, 1, 4096).reshape(64, 64)
    >>> for event in stringart.design_events(ramp, pins=36, lines=100, quality="draft", importance="none"):
    ...     if isinstance(event, stringart.Finished):
    ...         print(event.plan)
    <Plan: circle 600 x 600 mm, 36 pins, 100 chords in 1 layer of black>
    """
    defaults = {one.name: one.default for one in signature(design).parameters.values() if one.kind is one.KEYWORD_ONLY}
    unknown = [name for name in choices if name not in defaults]
    if unknown:
        raise TypeError(f"design_events() got an unexpected keyword argument '{unknown[0]}'")
    if options is None:
        with whole_interrupts():
            events = _events(photo, defaults | choices)
        return _with_whole_interrupts(events)
    arguments.instance(options, DesignOptions, "options", "give single choices by their names, as in pins=240")
    given = [name for name, value in choices.items() if value is not defaults[name]]
    if given:
        raise UnitError(f"{given[0]} is given beside options", "write it into them: dataclasses.replace(options, ...)")
    shown = photo if isinstance(photo, Photo) else load_photo(photo, options.board.color)
    return _with_whole_interrupts(pipeline.design_events(shown, options))


def _with_whole_interrupts(events: Iterator[Event]) -> Iterator[Event]:
    """Every event, found while Ctrl-C is a KeyboardInterrupt wherever it comes."""
    while True:
        with whole_interrupts():
            event = next(events, None)
        if event is None:
            return
        yield event


def _events(photo: Source | Photo, asked: Mapping[str, Any]) -> Iterator[Event]:
    """Check what is asked for and begin."""
    board, palette, importance = _board(asked), asked["palette"], in_memory(asked["importance"], "importance")
    layers, backdrop = _layers(asked["layers"]), in_memory(asked["backdrop"], "backdrop")
    order = Order(
        board=board if isinstance(board, str) else "circle",
        size_mm=None if asked["size_mm"] is None else size_of(asked["size_mm"]),
        background=board.color if isinstance(board, Board) and board is asked["board"] else _code(asked["background"]),
        palette=palette if isinstance(palette, str) and palette != BLACK.name else None,
        layers=layers if isinstance(layers, str) else None,
        backdrop=backdrop if isinstance(backdrop, str) else "keep",
        unmix=None if asked["unmix"] is None else arguments.choice(asked["unmix"], "unmix", UNMIXINGS),
        importance=importance if isinstance(importance, str) else "none",
        **_amounts(asked),
        **_placed(asked),
    )
    loaded = load_order(order)
    if isinstance(board, Board):
        loaded = replace(loaded, board=board)
    if not isinstance(palette, str):
        loaded = replace(loaded, palette=_request(palette))
    _refuse_without_effect(loaded.palette, asked)
    photo = in_memory(photo) if not isinstance(photo, Photo) else photo
    shown = photo if isinstance(photo, Photo) else load_photo(photo, loaded.photo_background)
    options, _ = options_for(shown, loaded)
    return pipeline.design_events(
        shown, _with_objects(options, {**asked, "importance": importance, "backdrop": backdrop, "photo": photo})
    )


def _board(asked: Mapping[str, Any]) -> Board | str:
    board, size_mm = asked["board"], asked["size_mm"]
    if isinstance(board, Board):
        if size_mm is not None or asked["background"] is not None:
            raise BoardError("a Board has its size and colour already", "leave size_mm and background out")
        return board
    if isinstance(board, _NAMES):
        return os.fspath(board)
    return make_board(board, size_mm)


def _amounts(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers that are counted, checked; what a board or a thread allows is seen later."""
    pins, lines, length_mm, change = (asked[k] for k in ("pins", "lines", "thread_length_mm", "change_minutes"))
    if lines is not None and length_mm is not None:
        raise UnitError("lines and thread_length_mm exclude each other", "choose one")
    return {
        "pins": None if pins is None else arguments.whole(pins, "pins"),
        "pin_diameter_mm": arguments.number(asked["pin_diameter_mm"], "pin_diameter_mm"),
        "lines": None if lines is None else arguments.whole(lines, "lines"),
        "thread_length_mm": None if length_mm is None else arguments.number(length_mm, "thread_length_mm"),
        "change_minutes": None if change is None else arguments.number(change, "change_minutes", 0, MOST_MINUTES),
        "seed": arguments.whole(asked["seed"], "seed"),
        "quality": arguments.choice(asked["quality"], "quality", QUALITIES),
    }


def _placed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Where the photo lies, checked."""
    crop, move = asked["crop"], arguments.pair(asked["move_percent"], "move_percent", "(right, down) in per cent")
    for share in move:
        arguments.number(share, "move_percent", -100, 100)
    return {
        "crop": arguments.choice(crop, "crop", PLACES) if isinstance(crop, str) else crop_of(crop, "crop"),
        "zoom_percent": arguments.number(asked["zoom_percent"], "zoom_percent", 10, 1000),
        "move_percent": move,
    }


def _layers(layers: object) -> str | Schedule | None:
    if layers is None or isinstance(layers, str):
        return layers
    if not isinstance(layers, Sequence) or not all(isinstance(slot, Slot) for slot in layers):
        raise arguments.refused("layers", "a text such as 'white; white,blue x3', or a tuple of Slot", layers)
    return tuple(layers)


def _refuse_without_effect(palette: PaletteRequest, asked: Mapping[str, object]) -> None:
    """Refuse what is of several threads; a project's defaults may hold it, an argument means something."""
    given = [name for name in ("layers", "change_minutes", "unmix") if asked[name] is not None]
    if palette.count + len(palette.threads) == 1 and given:
        raise ScheduleError(
            f"{given[0]} is of several threads, and there is one: it would have no effect",
            f"leave {given[0]} out, or give a palette such as 'black,white,red'",
        )


def _with_objects(options: DesignOptions, asked: Mapping[str, Any]) -> DesignOptions:
    """Return the options with what no command can say; the plan then does not remember one."""
    controls, layers = asked["controls"], asked["layers"]
    if controls is not None:
        arguments.instance(controls, Controls, "controls")
        unmix = asked["unmix"] or controls.unmix
        options = replace(options, controls=replace(controls, unmix=unmix))
    if layers is not None and not isinstance(layers, str):
        options = replace(options, schedule=tuple(layers))
    for name in ("importance", "backdrop"):
        if not isinstance(asked[name], str):
            options = replace(options, **{name: asked[name]})
    said = all(isinstance(asked[name], str) for name in ("photo", "palette", "importance", "backdrop"))
    if said and controls is None and isinstance(asked["board"], _NAMES) and isinstance(layers, str | None):
        return options
    return replace(options, command="stringart.design()")


def _request(palette: Any) -> PaletteRequest:
    """Return the threads that are named or to be chosen."""
    is_several = isinstance(palette, Iterable) and not isinstance(palette, Set | Mapping)  # a set has any order
    wanted = (palette,) if isinstance(palette, Thread) else tuple(palette) if is_several else (None,)
    if not all(isinstance(one, Thread | str) for one in wanted):
        raise arguments.refused("palette", "a text, a Thread or several of them", palette, "as in palette='black,red'")
    if not wanted:
        raise PaletteError("the palette has no thread", "give at least one, as in palette='black'")
    requests = [PaletteRequest(text="", threads=(t,)) if isinstance(t, Thread) else parse_palette(t) for t in wanted]
    if len(requests) > 1 and any(request.count or request.board_color for request in requests):
        raise PaletteError("threads are chosen from one text", "write it as in palette='black,white,auto:3'")
    threads = tuple(thread for request in requests for thread in request.threads)
    check_threads(threads, requests[0].count)
    return replace(requests[0], threads=threads)


def _code(background: object) -> str | None:
    if background is None or (isinstance(background, str) and background == AUTO):
        return background
    return parse_color(arguments.text(background, "background", "a colour as text, or 'auto'"))


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
        If a side is not within 1 and 8000 px, or an argument is of another kind.
    """
    arguments.instance(plan, Plan, "plan", "read one with Plan.load")
    width_px = arguments.whole(width_px, "width_px")
    return exporter_for("-.png")(plan, ExportOptions(width_px=width_px))


def paint_svg(plan: Plan) -> str:
    """Return the piece as an SVG in mm: one path a layer, strokes as wide as the thread.

    Parameters
    ----------
    plan : Plan
    """
    arguments.instance(plan, Plan, "plan", "read one with Plan.load")
    return exporter_for("-.svg")(plan, ExportOptions()).decode()
