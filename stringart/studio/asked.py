"""What is chosen on the page, as options of a design and as the command that makes the same plan."""

import shlex
from typing import Any

from stringart import units
from stringart.board import boards
from stringart.errors import BoardError, UnitError
from stringart.order.piece import NO_DEFAULTS, Piece, words_of
from stringart.order.piece_words import WORDS
from stringart.picture.photo import Photo
from stringart.plan.model import Board, Thread
from stringart.search.options import DesignOptions
from stringart.studio.settings import has_size_of_file
from stringart.threads.schedule import Schedule, default_schedule, parse_schedule


def board_of(settings: dict[str, Any], outline: str) -> Board:
    """Return the board; ``outline`` is the file where the shape is one.

    Raises
    ------
    BoardError
        If no file was chosen, or it holds no outline.
    """
    shape = settings["shape"]
    if shape == "file":
        if not outline:
            raise BoardError("no outline was chosen", "choose an SVG file with one outline, or a CSV file of pins")
        shape = outline
    return boards.make_board(shape, _size_of(settings), settings["board_color"])


def threads_of(settings: dict[str, Any]) -> tuple[Thread, ...]:
    """Return the palette."""
    return tuple(Thread(**thread) for thread in settings["threads"])


def schedule_of(settings: dict[str, Any]) -> Schedule | None:
    """Return the order of the layers, if one was asked for.

    Raises
    ------
    ScheduleError
        If it names a thread that is not there, or shares of more than 100 %.
    """
    if len(settings["threads"]) == 1:
        return None
    if settings["layers"]:
        return parse_schedule(settings["layers"], threads_of(settings))
    return default_schedule(threads_of(settings), int(settings["cycles"])) if settings["cycles"] else None


def design_options(settings: dict[str, Any], outline: str, drawn: Photo | None) -> DesignOptions:
    """Return the options of a design; ``drawn`` is the painted importance."""
    return DesignOptions(
        board=board_of(settings, outline),
        pin_count=None if _gives_pins(settings) else int(settings["pins"]),
        pin_diameter_mm=settings["pin_diameter_mm"],
        threads=threads_of(settings),
        lines=int(settings["lines"]),
        thread_length_mm=settings["thread_m"] * 1000 if settings["budget"] == "length" else None,
        schedule=schedule_of(settings),
        importance=drawn.srgb if drawn is not None else ("faces" if settings["importance"] == "faces" else "none"),
        seed=int(settings["seed"]),
        quality=settings["quality"],
    )


def command_line(
    photo: str, crop: tuple[int, int, int, int], settings: dict[str, Any], outline: str, map_path: str | None
) -> str:
    """Return the command that makes the same plan, for people who type."""
    piece = piece_of(crop, settings, outline, map_path)
    return shlex.join(["stringart", "design", photo, "-o", "plan.json", NO_DEFAULTS, *words_of(piece)])


def piece_of(crop: tuple[int, int, int, int], settings: dict[str, Any], outline: str, map_path: str | None) -> Piece:
    """Return what is chosen as the command line says it."""
    by_length = settings["budget"] == "length"
    threads = [Thread(**thread | {"name": _said(thread)}) for thread in settings["threads"]]
    layers, cycles = _layers_said(settings), int(settings["cycles"])
    return Piece(
        quality=settings["quality"],
        seed=int(settings["seed"]),
        crop_px=crop,
        board=outline if settings["shape"] == "file" else settings["shape"],
        size_mm=_size_of(settings),
        pins=None if _gives_pins(settings) else int(settings["pins"]),
        pin_diameter_mm=settings["pin_diameter_mm"],
        background=settings["board_color"],
        thread=threads[0] if len(threads) == 1 else None,
        palette=",".join(map(WORDS["thread"].write, threads)) if len(threads) > 1 else None,
        lines=None if by_length else int(settings["lines"]),
        thread_length_mm=settings["thread_m"] * 1000 if by_length else None,
        cycles=cycles if len(threads) > 1 and cycles and not layers else None,
        layers=layers,
        importance=map_path or ("faces" if settings["importance"] == "faces" else "none"),
    )


def _size_of(settings: dict[str, Any]) -> tuple[float, float] | None:
    if has_size_of_file(settings):
        return None
    width_mm = settings["width_mm"]
    return width_mm, width_mm if settings["shape"] == "circle" else settings["height_mm"]


def _gives_pins(settings: dict[str, Any]) -> bool:
    return bool(settings["shape"] == "file" and settings["outline"] and settings["outline"]["pins"])


def _layers_said(settings: dict[str, Any]) -> str | None:
    if not settings["layers"]:
        return None
    slots = schedule_of(settings) or ()
    return ",".join(_said(settings["threads"][slot.thread]) + _share_said(slot.share) for slot in slots) or None


def _share_said(share: float | None) -> str:
    return "" if share is None else f":{100 * share:.10f}".rstrip("0").rstrip(".") + "%"


def _said(thread: dict[str, Any]) -> str:
    """A thread's name where that says its colour, else its colour."""
    name, color = str(thread["name"]), str(thread["color"])
    try:
        return name if "," not in name and units.parse_color(name) == color else color
    except UnitError:
        return color
