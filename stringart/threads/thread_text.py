"""A thread as it is written: ``black``, ``#c8501e@0.3mm``, ``red@27tex``, or named, ``warm black=#101010@0.25mm``."""

import re

from stringart import units
from stringart.errors import UnitError
from stringart.plan.model import DEFAULT_WIDTH_MM, Thread
from stringart.threads.counts import parse_width_mm

"""Of sewing thread as it lies; what is meant where no width is written."""
_THREAD = re.compile(r"\s*([^@]+?)\s*(?:@\s*(.+))?")


def parse_thread(text: str) -> Thread:
    """Return the thread of "black@0.25mm", "#c8501e@0.3mm", "black" or "warm black=#101010@0.25mm".

    Raises
    ------
    UnitError
        If the colour or the width cannot be read.
    """
    name, said = split_name(text)
    match = _THREAD.fullmatch(said)
    if match is None:
        raise UnitError(f"'{text}' is not a thread", "write a colour and a width, as in black@0.25mm")
    width_mm = parse_width_mm(match[2]) if match[2] else DEFAULT_WIDTH_MM
    if width_mm <= 0:
        raise UnitError(f"'{text}': a thread {width_mm:g} mm wide covers nothing", "write its width, as in 0.25mm")
    return Thread(name=name or match[1], color=units.parse_color(match[1]), diameter_mm=width_mm)


def split_name(text: str) -> tuple[str, str]:
    """Return the name that a thread is given, "" if none, and the rest of its text.

    Examples
    --------
    >>> split_name("warm black=#101010@0.25mm"), split_name("black")
    (('warm black', '#101010@0.25mm'), ('', 'black'))
    """
    name, equals, rest = text.rpartition("=")
    color = rest.rpartition("@")[0] or rest
    if not equals or not name.strip() or not _is_color(color):
        return "", text  # a file or a thread of a list may have = in its name
    return name.strip(), rest.strip()


def _is_color(text: str) -> bool:
    try:
        units.parse_color(text)
    except UnitError:
        return False
    return True


def write_thread(thread: Thread) -> str:
    """Return the text that `parse_thread` reads as the same thread; its colour alone where its name cannot be said."""
    width = f"@{write_mm(thread.diameter_mm)}"
    for said in (thread.name, f"{thread.name}={thread.color}"):
        if _is_read_as(said + width, thread):
            return said + width
    return thread.color + width


def _is_read_as(text: str, thread: Thread) -> bool:
    try:
        return parse_thread(text) == thread
    except UnitError:
        return False


def write_number(value: float) -> str:
    """Return the shortest text that is read as the same number."""
    return repr(value).removesuffix(".0")


def write_mm(value_mm: float) -> str:
    """Return the shortest text that is read as the same length."""
    return f"{write_number(value_mm)}mm"
