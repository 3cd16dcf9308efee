"""From an order as it is written to the options of a design: files are read first, then a photo is met.

A `LoadedOrder` needs no disk any more: it can be sent to another process or machine, and gives the same design there.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stringart.board.boards import make_board
from stringart.errors import PaletteError, PhotoError
from stringart.files import read_bytes
from stringart.order.command import command_of
from stringart.order.option import is_given
from stringart.order.order import IMPORTANCE_WORDS, TABLE, Order
from stringart.order.rivals import winner
from stringart.picture.backdrop import BACKDROPS, KEEP, LEFT_OVER, keep_map
from stringart.picture.photo import MAX_FILE_BYTES, Crop, Photo, PhotoFile, Source
from stringart.picture.placing import place
from stringart.plan.model import Board, Thread
from stringart.search.controls import read_matrix
from stringart.search.options import BLACK, Controls, DesignOptions
from stringart.threads import palette
from stringart.threads.request import AUTO, PaletteRequest, parse_palette
from stringart.threads.schedule import Schedule, default_schedule, find_thread, parse_schedule

LINES, LINES_IN_COLOR = 4000, 10_000
_WHITE = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedOrder:
    """An order whose files are read.

    Parameters
    ----------
    order : Order
    board : Board
        Its colour is used where neither the order nor a preset gives one.
    palette : PaletteRequest
        Threads that are named or to be chosen.
    stand_in : (K, K) float array, optional
    pictures : mapping of str to PhotoFile
        The pictures that the order names.
    """

    order: Order
    board: Board
    palette: PaletteRequest
    stand_in: NDArray[np.float64] | None = None
    pictures: Mapping[str, PhotoFile] = field(default_factory=dict)

    @property
    def photo_background(self) -> str:
        """What lies under the transparent parts of a photo, sRGB ``#rrggbb``: the board; white where it is chosen."""
        color = self.order.background or self.palette.board_color or self.board.color
        return _WHITE if color == AUTO else color

    @property
    def sha256(self) -> str:
        """Of all that was read from files; the order itself is not in it."""
        seen = hashlib.sha256(repr((self.palette, self.board.width_mm, self.board.height_mm)).encode())
        for array in (self.board.outline_mm, self.stand_in):
            seen.update(b"-" if array is None else repr(array.shape).encode() + array.tobytes())
        for name in sorted(self.pictures):
            seen.update(self.pictures[name].name.encode() + hashlib.sha256(self.pictures[name].data).digest())
        return seen.hexdigest()


def load_order(order: Order) -> LoadedOrder:
    """Read the files of an order.

    Raises
    ------
    BoardError, PaletteError, PhotoError, UnitError
        If a file is missing or is not what it should be, or the palette is not one.
    """
    return load_orders([order])[0]


def load_orders(orders: Iterable[Order]) -> list[LoadedOrder]:
    """Read the files of many orders, each file once: they share what they have in common.

    Raises
    ------
    BoardError, PaletteError, PhotoError, UnitError
        If a file is missing or is not what it should be, or a palette is not one.
    """
    board, threads, matrix, picture = cache(make_board), cache(parse_palette), cache(read_matrix), cache(read_picture)

    def read(order: Order) -> LoadedOrder:
        one = PaletteRequest(text="", threads=(order.thread or BLACK,))
        return LoadedOrder(
            order=order,
            board=board(order.board, order.size_mm, _WHITE),
            palette=one if order.palette is None else threads(order.palette),
            stand_in=None if order.stand_in is None else matrix(order.stand_in),
            pictures={name: picture(name) for name in _pictures_of(order)},
        )

    return [read(order) for order in orders]


def _pictures_of(order: Order) -> set[str]:
    named = {file for pairs in (order.only, order.separation, order.importance_for) for _, file in pairs}
    named |= set() if order.importance in IMPORTANCE_WORDS else {order.importance}
    return named if order.backdrop in BACKDROPS else {*named, order.backdrop}


def read_picture(path: str | os.PathLike[str]) -> PhotoFile:
    """Read the bytes of a picture; whether they are one is seen when it is used.

    Raises
    ------
    PhotoError
        If the file cannot be read.
    """
    return PhotoFile(name=Path(path).name, data=read_bytes(path, PhotoError, MAX_FILE_BYTES))


def options_for(photo: Photo, loaded: LoadedOrder, with_rivals: bool = True) -> tuple[DesignOptions, tuple[str, ...]]:
    """Return the options of a design, and what to tell the user about the threads that were chosen.

    Parameters
    ----------
    photo : Photo
        Read with ``loaded.photo_background``.
    loaded : LoadedOrder
    with_rivals : bool
        Where threads are chosen, one black or white thread is tried as well, and taken if it comes closer.

    Raises
    ------
    PaletteError, ScheduleError, PhotoError, UnitError
        If threads are named that the palette does not have, or threads cannot be chosen.
    """
    order = loaded.order
    right, down = order.move_percent
    placed = place(photo, loaded.board, order.crop, order.zoom_percent / 100, (right / 100, down / 100))
    board, threads, notes = _choose_threads(photo, loaded, placed.crop_px)
    lines = LINES if len(threads) == 1 else LINES_IN_COLOR
    options = DesignOptions(
        board=board,
        pin_count=order.pins,
        pin_diameter_mm=order.pin_diameter_mm,
        threads=threads,
        lines=lines if order.lines is None else order.lines,
        thread_length_mm=order.thread_length_mm,
        thread_limits_mm=_limits(order, threads),
        schedule=None if len(threads) == 1 else _schedule(order, threads),
        change_minutes=None if len(threads) == 1 else order.change_minutes,
        controls=_controls(loaded, threads),
        importance=loaded.pictures.get(order.importance, order.importance),
        backdrop=loaded.pictures.get(order.backdrop, order.backdrop),
        crop_px=placed.crop_px,
        seed=order.seed,
        quality=order.quality,
        command=command_of(order, photo.name),
    )
    if with_rivals and _may_be_plain(loaded):
        best = winner(photo, options, order.background not in (None, AUTO))
        options, notes = best.options, (*notes, best.note) if best.note else notes
    told = (placed.note, *notes, *_without_effect(order, threads))
    return options, tuple(note for note in told if note)


def _may_be_plain(loaded: LoadedOrder) -> bool:
    """Whether all threads are chosen freely, and none of them is spoken of: others may take their place."""
    order, request = loaded.order, loaded.palette
    named = (order.limits_mm, order.layers, order.only, order.separation, order.importance_for)
    is_free = not request.threads and request.source == "" and order.stand_in is None and order.unmix is None
    return is_free and request.count > 0 and not any(named)


def _choose_threads(photo: Photo, loaded: LoadedOrder, crop: Crop) -> tuple[Board, tuple[Thread, ...], tuple[str, ...]]:
    """Return the board in its colour, the threads, and what to say about them."""
    request, background = loaded.palette, loaded.order.background
    if not request.count and background != AUTO:
        color = background or request.board_color or loaded.board.color
        return replace(loaded.board, color=color), request.threads, ()
    choice = palette.choose(request, photo, loaded.board, background, crop, _seen_of(photo, loaded, crop))
    told = "threads: " + ", ".join(f"{thread.name} {thread.color}" for thread in choice.threads)
    return replace(loaded.board, color=choice.board_color), choice.threads, (*choice.notes, told)


def _seen_of(photo: Photo, loaded: LoadedOrder, crop: Crop) -> NDArray[np.float32] | None:
    """How much of each part of the photo is left to be shown in colour, where its backdrop is faded."""
    order, pictures = loaded.order, loaded.pictures
    if order.backdrop == KEEP:
        return None
    choice, importance = (pictures.get(name, name) for name in (order.backdrop, order.importance))
    height_px = max(round(palette.ACROSS * loaded.board.height_mm / loaded.board.width_mm), 1)
    keep, _ = keep_map(photo, crop, (height_px, palette.ACROSS), choice, importance)
    return LEFT_OVER + (1 - LEFT_OVER) * keep


def _limits(order: Order, threads: tuple[Thread, ...]) -> tuple[float | None, ...] | None:
    by_thread = {find_thread(name, threads): length_mm for name, length_mm in order.limits_mm}
    return tuple(by_thread.get(k) for k in range(len(threads))) if by_thread else None


def _schedule(order: Order, threads: tuple[Thread, ...]) -> Schedule | None:
    if order.layers is not None:
        return parse_schedule(order.layers, threads)
    return default_schedule(threads, order.cycles) if order.cycles else None


def _without_effect(order: Order, threads: tuple[Thread, ...]) -> Iterator[str]:
    """Say what one thread leaves without effect: a project's defaults may hold it for pieces in colour."""
    if len(threads) == 1:
        given = [TABLE[name].key for name in ("layers", "cycles", "change_minutes") if is_given(getattr(order, name))]
        if given:
            yield f"{' and '.join(given)}: without effect, since there is one thread"


def _controls(loaded: LoadedOrder, threads: tuple[Thread, ...]) -> Controls:
    order, pictures = loaded.order, loaded.pictures

    def by_thread(pairs: tuple[tuple[str, str], ...]) -> dict[int, Source]:
        return {find_thread(name, threads): pictures[file] for name, file in pairs}

    regions = tuple(
        (frozenset(find_thread(name.strip(), threads) for name in names.split(",")), pictures[file])
        for names, file in order.only
    )
    controls = Controls(
        importance=by_thread(order.importance_for),
        regions=regions,
        separations=by_thread(order.separation),
        stand_in=loaded.stand_in,
        unmix=order.unmix,
    )
    in_color = regions or controls.separations or order.unmix or loaded.stand_in is not None
    if len(threads) == 1 and in_color:
        raise PaletteError(
            "regions, separations, unmixing and a matrix need several threads", "choose them with --palette"
        )
    return controls
