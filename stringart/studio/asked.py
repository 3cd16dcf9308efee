"""What is chosen on the page, as options of a design and as the command that makes the same plan."""

import shlex
from typing import Any

from stringart import boards, units
from stringart.errors import BoardError, UnitError
from stringart.model import Board, Thread
from stringart.options import DesignOptions
from stringart.photo import Photo
from stringart.schedule import Schedule, default_schedule, parse_schedule


def board_of(settings: dict[str, Any], outline: str) -> Board:
    """Return the board; ``outline`` is the file where the shape is one.

    Raises
    ------
    BoardError
        If no file was chosen, or it holds no outline.
    """
    shape = settings["shape"]
    height_mm = settings["width_mm"] if shape == "circle" else settings["height_mm"]
    if shape == "file":
        if not outline:
            raise BoardError("no outline was chosen", "choose an SVG file with one outline, or a CSV file of pins")
        shape = outline
    return boards.make_board(shape, (settings["width_mm"], height_mm), settings["board_color"])


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
    gives_pins = settings["shape"] == "file" and settings["outline"] and settings["outline"]["pins"]
    return DesignOptions(
        board=board_of(settings, outline),
        pin_count=None if gives_pins else int(settings["pins"]),
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
    words = ["stringart", "design", photo, "--no-defaults", "-o", "plan.json", *_board_words(settings, outline)]
    by_length = settings["budget"] == "length"
    words += ["--thread-length", f"{settings['thread_m']:g}m"] if by_length else ["--lines", f"{settings['lines']:g}"]
    threads = [f"{_said(thread)}@{thread['diameter_mm']:g}mm" for thread in settings["threads"]]
    words += (
        ["--thread", threads[0]] if len(threads) == 1 else ["--palette", ",".join(threads), *_layer_words(settings)]
    )
    words += ["--background", settings["board_color"]]
    words += ["--importance", map_path or ("faces" if settings["importance"] == "faces" else "none")]
    words += ["--crop", ",".join(map(str, crop)), "--seed", f"{settings['seed']:g}", "--quality", settings["quality"]]
    return shlex.join(words)


def _board_words(settings: dict[str, Any], outline: str) -> list[str]:
    size = f"{settings['width_mm']:g}mm"
    if settings["shape"] != "circle":
        size = f"{settings['width_mm']:g}x{settings['height_mm']:g}mm"
    shape = outline if settings["shape"] == "file" else settings["shape"]
    words = ["--board", shape, "--size", size, "--pin-diameter", f"{settings['pin_diameter_mm']:g}mm"]
    if settings["shape"] == "file" and settings["outline"] and settings["outline"]["pins"]:
        return words
    return [*words, "--pins", f"{settings['pins']:g}"]


def _layer_words(settings: dict[str, Any]) -> list[str]:
    if not settings["layers"]:
        return ["--cycles", f"{settings['cycles']:g}"] if settings["cycles"] else []
    slots = schedule_of(settings) or ()
    said = [_said(settings["threads"][slot.thread]) for slot in slots]
    shares = ["" if slot.share is None else f":{100 * slot.share:.10g}%" for slot in slots]
    return ["--layers", ",".join(name + share for name, share in zip(said, shares, strict=True))]


def _said(thread: dict[str, Any]) -> str:
    """A thread's name where that says its colour, else its colour."""
    name, color = str(thread["name"]), str(thread["color"])
    try:
        return name if units.parse_color(name) == color else color
    except UnitError:
        return color
