"""What is chosen on the page, as the order that the command line would make of it, and as that command."""

import csv
import io
import shlex

from stringart.board import boards
from stringart.errors import BoardError
from stringart.order.command import NO_DEFAULTS, words_of
from stringart.order.order import Order
from stringart.picture.photo import Crop
from stringart.plan.model import Board, Thread
from stringart.studio.controls import NO_UNMIXING
from stringart.studio.settings import Values, has_size_of_file
from stringart.threads.thread_text import write_thread


def board_of(settings: Values, outline: str) -> Board:
    """Return the board; ``outline`` is the file where the shape is one.

    Raises
    ------
    BoardError
        If no file was chosen, or it holds no outline.
    """
    return boards.make_board(_shape_of(settings, outline), _size_of(settings), settings["board_color"])


def order_of(settings: Values, outline: str = "", map_path: str | None = None, crop: Crop | None = None) -> Order:
    """Return what is chosen, as the command line says it.

    Parameters
    ----------
    settings : dict
    outline : str
        The board's file, where the shape is one.
    map_path : str, optional
        The painted importance.
    crop : (left, top, right, bottom), optional

    Raises
    ------
    BoardError
        If the shape is a file and none was chosen.
    """
    by_length = settings["budget"] == "length"
    threads = [Thread(**thread) for thread in settings["threads"]]
    is_one, cycles = len(threads) == 1, int(settings["cycles"])
    layers = None if is_one else settings["layers"] or None
    return Order(
        quality=settings["quality"],
        seed=int(settings["seed"]),
        crop=settings["placed"] if crop is None else crop,
        board=_shape_of(settings, outline),
        size_mm=_size_of(settings),
        pins=None if _gives_pins(settings) else int(settings["pins"]),
        pin_diameter_mm=settings["pin_diameter_mm"],
        background=settings["board_color"],
        thread=threads[0] if is_one else None,
        palette=None if is_one else _palette_said(threads),
        lines=None if by_length else int(settings["lines"]),
        thread_length_mm=settings["thread_m"] * 1000 if by_length else None,
        cycles=None if is_one or layers else cycles or None,
        layers=layers,
        unmix=None if is_one or settings["unmix"] == NO_UNMIXING else settings["unmix"],
        backdrop=settings["backdrop"],
        importance=map_path or ("faces" if settings["importance"] == "faces" else "none"),
    )


def command_line(photo: str, order: Order) -> str:
    """Return the command that makes the same plan, for people who type; its files stand with their folders."""
    return shlex.join(["stringart", "design", photo, "-o", "plan.json", NO_DEFAULTS, *words_of(order)])


def _palette_said(threads: list[Thread]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow([write_thread(thread) for thread in threads])
    return file.getvalue()


def _shape_of(settings: Values, outline: str) -> str:
    if settings["shape"] != "file":
        return str(settings["shape"])
    if not outline:
        raise BoardError("no outline was chosen", "choose an SVG file with one outline, or a CSV file of pins")
    return outline


def _size_of(settings: Values) -> tuple[float, float] | None:
    if has_size_of_file(settings):
        return None
    width_mm = settings["width_mm"]
    return width_mm, width_mm if settings["shape"] == "circle" else settings["height_mm"]


def _gives_pins(settings: Values) -> bool:
    return bool(settings["shape"] == "file" and settings["outline"] and settings["outline"]["pins"])
