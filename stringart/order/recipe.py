"""From a piece as it is written to the options of a design: files are read first, then a photo is met.

A `Recipe` needs no disk any more: it can be sent to another process or machine, and gives the same design there.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stringart.board.boards import make_board
from stringart.errors import PaletteError, PhotoError
from stringart.files import read_bytes
from stringart.order.piece import IMPORTANCE_WORDS, Piece, command_of
from stringart.picture.photo import MAX_FILE_BYTES, Photo, PhotoFile, Source
from stringart.plan.model import Board, Thread
from stringart.search.controls import read_matrix
from stringart.search.options import BLACK, Controls, DesignOptions
from stringart.threads import palette
from stringart.threads.request import AUTO, PaletteRequest, parse_palette
from stringart.threads.schedule import Schedule, default_schedule, find_thread, parse_schedule

LINES, LINES_IN_COLOR = 4000, 10_000
_WHITE = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """A piece whose files are read.

    Parameters
    ----------
    piece : Piece
    board : Board
        Its colour is used where neither the piece nor a preset gives one.
    palette : PaletteRequest
        Threads that are named or to be chosen.
    stand_in : (K, K) float array, optional
    pictures : mapping of str to PhotoFile
        The pictures that the piece names.
    """

    piece: Piece
    board: Board
    palette: PaletteRequest
    stand_in: NDArray[np.float64] | None = None
    pictures: Mapping[str, PhotoFile] = field(default_factory=dict)

    @property
    def photo_background(self) -> str:
        """What lies under the transparent parts of a photo, sRGB ``#rrggbb``: the board; white where it is chosen."""
        color = self.piece.background or self.palette.board_color or self.board.color
        return _WHITE if color == AUTO else color

    @property
    def sha256(self) -> str:
        """Of all that was read from files; the piece itself is not in it."""
        seen = hashlib.sha256(repr((self.palette, self.board.width_mm, self.board.height_mm)).encode())
        for array in (self.board.outline_mm, self.stand_in):
            seen.update(b"-" if array is None else repr(array.shape).encode() + array.tobytes())
        for name in sorted(self.pictures):
            seen.update(self.pictures[name].name.encode() + hashlib.sha256(self.pictures[name].data).digest())
        return seen.hexdigest()


def read_piece(piece: Piece) -> Recipe:
    """Read the files of a piece.

    Raises
    ------
    BoardError, PaletteError, PhotoError, UnitError
        If a file is missing or is not what it should be, or the palette is not one.
    """
    return read_pieces([piece])[0]


def read_pieces(pieces: Iterable[Piece]) -> list[Recipe]:
    """Read the files of many pieces, each file once: the recipes share what they have in common.

    Raises
    ------
    BoardError, PaletteError, PhotoError, UnitError
        If a file is missing or is not what it should be, or a palette is not one.
    """
    board, threads, matrix, picture = cache(make_board), cache(parse_palette), cache(read_matrix), cache(read_picture)

    def read(piece: Piece) -> Recipe:
        one = PaletteRequest(text="", threads=(piece.thread or BLACK,))
        return Recipe(
            piece=piece,
            board=board(piece.board, piece.size_mm, _WHITE),
            palette=one if piece.palette is None else threads(piece.palette),
            stand_in=None if piece.stand_in is None else matrix(piece.stand_in),
            pictures={name: picture(name) for name in _pictures_of(piece)},
        )

    return [read(piece) for piece in pieces]


def _pictures_of(piece: Piece) -> set[str]:
    named = {file for pairs in (piece.only, piece.separation, piece.importance_for) for _, file in pairs}
    return named if piece.importance in IMPORTANCE_WORDS else {*named, piece.importance}


def read_picture(path: str | os.PathLike[str]) -> PhotoFile:
    """Read the bytes of a picture; whether they are one is seen when it is used.

    Raises
    ------
    PhotoError
        If the file cannot be read.
    """
    return PhotoFile(name=Path(path).name, data=read_bytes(path, PhotoError, MAX_FILE_BYTES))


def options_for(photo: Photo, recipe: Recipe) -> tuple[DesignOptions, tuple[str, ...]]:
    """Return the options of a design, and what to tell the user about the threads that were chosen.

    Parameters
    ----------
    photo : Photo
        Read with ``recipe.photo_background``.
    recipe : Recipe

    Raises
    ------
    PaletteError, ScheduleError, PhotoError, UnitError
        If threads are named that the palette does not have, or threads cannot be chosen.
    """
    piece = recipe.piece
    board, threads, notes = _choose_threads(photo, recipe)
    lines = LINES if len(threads) == 1 else LINES_IN_COLOR
    options = DesignOptions(
        board=board,
        pin_count=piece.pins,
        pin_diameter_mm=piece.pin_diameter_mm,
        threads=threads,
        lines=lines if piece.lines is None else piece.lines,
        thread_length_mm=piece.thread_length_mm,
        thread_limits_mm=_limits(piece, threads),
        schedule=_schedule(piece, threads),
        change_minutes=piece.change_minutes,
        controls=_controls(recipe, threads),
        importance=recipe.pictures.get(piece.importance, piece.importance),
        crop_px=piece.crop_px,
        seed=piece.seed,
        quality=piece.quality,
        command=command_of(piece, photo.name),
    )
    return options, notes


def _choose_threads(photo: Photo, recipe: Recipe) -> tuple[Board, tuple[Thread, ...], tuple[str, ...]]:
    """Return the board in its colour, the threads, and what to say about them."""
    request, background = recipe.palette, recipe.piece.background
    if not request.count and background != AUTO:
        color = background or request.board_color or recipe.board.color
        return replace(recipe.board, color=color), request.threads, ()
    choice = palette.choose(request, photo, recipe.board, background, recipe.piece.crop_px)
    told = "threads: " + ", ".join(f"{thread.name} {thread.color}" for thread in choice.threads)
    return replace(recipe.board, color=choice.board_color), choice.threads, (*choice.notes, told)


def _limits(piece: Piece, threads: tuple[Thread, ...]) -> tuple[float | None, ...] | None:
    by_thread = {find_thread(name, threads): length_mm for name, length_mm in piece.limits_mm}
    return tuple(by_thread.get(k) for k in range(len(threads))) if by_thread else None


def _schedule(piece: Piece, threads: tuple[Thread, ...]) -> Schedule | None:
    if piece.layers is not None:
        return parse_schedule(piece.layers, threads)
    return default_schedule(threads, piece.cycles) if piece.cycles else None


def _controls(recipe: Recipe, threads: tuple[Thread, ...]) -> Controls:
    piece, pictures = recipe.piece, recipe.pictures

    def by_thread(pairs: tuple[tuple[str, str], ...]) -> dict[int, Source]:
        return {find_thread(name, threads): pictures[file] for name, file in pairs}

    regions = tuple(
        (frozenset(find_thread(name.strip(), threads) for name in names.split(",")), pictures[file])
        for names, file in piece.only
    )
    controls = Controls(
        importance=by_thread(piece.importance_for),
        regions=regions,
        separations=by_thread(piece.separation),
        stand_in=recipe.stand_in,
    )
    if len(threads) == 1 and (regions or controls.separations or recipe.stand_in is not None):
        raise PaletteError("regions, separations and a matrix need several threads", "choose them with --palette")
    return controls
