"""The user's own threads: a TOML file of names, colours and widths, written by calibration and by hand.

    [[thread]]
    name = "Sewing 120, black"
    color = "#1a1a1c"
    diameter_mm = 0.231

In place of the width, ``count = "27tex"`` gives the count on the label.

Comments, order and fields of the owner's are kept when a thread is added or replaced.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

from stringart.errors import PaletteError, UnitError
from stringart.files import make_folder, read_text, write_atomically
from stringart.folders import config_folder
from stringart.plan.model import Thread
from stringart.threads.counts import parse_width_mm
from stringart.units import parse_color

_HEAD = "# Threads of your own, used by name.\n"


def list_path() -> Path:
    """The file of the user's threads."""
    return config_folder() / "threads.toml"


def load_threads(path: str | os.PathLike[str] | None = None) -> tuple[Thread, ...]:
    """Read the user's threads; none if there is no file.

    Raises
    ------
    PaletteError
        If the file cannot be read, with the thread and the field that is wrong.
    """
    source = Path(path) if path else list_path()
    if not source.exists():
        return ()
    return _parsed(_text(source), source)


def save_thread(thread: Thread, path: str | os.PathLike[str] | None = None, *, replace: bool = False) -> Path:
    """Add a thread to the user's list.

    Parameters
    ----------
    thread : Thread
    path : path-like, optional
    replace : bool
        Put it in the place of one of the same name.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PaletteError
        If there is one of that name and it may not be replaced, or the file cannot be read.
    OutputError
        If it cannot be written.
    """
    target = Path(path) if path else list_path()
    text = _text(target) if target.exists() else _HEAD
    names = [entry.name for entry in _parsed(text, target)]
    if not thread.name.strip():
        raise PaletteError("a thread needs a name", "as in --name 'Sewing 120, black'")
    if thread.name in names and not replace:
        raise PaletteError(
            f"'{target}' has a thread '{thread.name}' already", "choose another --name, or add --replace"
        )
    text = _with_thread(text, thread, names)
    make_folder(target.parent)
    write_atomically(target, text.encode())
    return target


def forget_thread(name: str, path: str | os.PathLike[str] | None = None) -> None:
    """Take a thread off the user's list; what else the file says stays.

    Raises
    ------
    PaletteError
        If there is none of that name, or the file cannot be read.
    OutputError
        If it cannot be written.
    """
    target = Path(path) if path else list_path()
    text = _text(target) if target.exists() else _HEAD
    names = [entry.name for entry in _parsed(text, target)]
    if name not in names:
        raise PaletteError(f"'{target}' has no thread '{name}'", f"it has: {', '.join(names) or 'none'}")
    import tomlkit

    document = tomlkit.parse(text)
    del document["thread"][names.index(name)]
    write_atomically(target, document.as_string().encode())


def _text(source: Path) -> str:
    return read_text(source, PaletteError)


def _parsed(text: str, source: Path) -> tuple[Thread, ...]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PaletteError(f"'{source}' is not TOML: {error}", "mend the line, or move the file away") from None
    entries = document.get("thread", [])
    if not isinstance(entries, list):
        raise PaletteError(f"'{source}': write [[thread]] with two brackets on each side")
    return tuple(_thread(entry, f"'{source}': thread {number}") for number, entry in enumerate(entries, 1))


def _thread(entry: Any, where: str) -> Thread:
    name, color, width = (entry.get(key) for key in ("name", "color", "diameter_mm"))
    if width is None and isinstance(count := entry.get("count"), str):
        width = _width_of(count, f"{where} ({name})")
    if not isinstance(name, str) or not name.strip():
        raise PaletteError(f"{where} has no name", 'write name = "..." under its [[thread]]')
    if not isinstance(color, str):
        raise PaletteError(f"{where} ({name}) has no color", 'as in color = "#1a1a1c"')
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width < 100:
        raise PaletteError(f"{where} ({name}): diameter_mm should be a width in mm, found {width!r}")
    try:
        return Thread(name=name, color=parse_color(color), diameter_mm=float(width))
    except UnitError as error:
        raise PaletteError(f"{where} ({name}): {error}", error.hint) from None


def _width_of(count: str, where: str) -> float:
    try:
        return parse_width_mm(count)
    except UnitError as error:
        raise PaletteError(f"{where}: {error}", error.hint) from None


def _with_thread(text: str, thread: Thread, names: list[str]) -> str:
    """The text with a thread added, or put in the place of the one of its name; all else stays as it was."""
    import tomlkit.items

    document = tomlkit.parse(text)
    if thread.name in names:
        document["thread"][names.index(thread.name)].update(_fields(thread))
        document["thread"][names.index(thread.name)].pop("count", None)  # the width is told now
        return document.as_string()
    if isinstance(document.get("thread"), tomlkit.items.Array):
        document["thread"].append(_fields(thread))
        return document.as_string()
    table = tomlkit.aot()
    table.append(tomlkit.item(_fields(thread)))
    return f"{text.rstrip()}\n\n{tomlkit.dumps({'thread': table})}"


def _fields(thread: Thread) -> dict[str, str | float]:
    return {"name": thread.name, "color": thread.color, "diameter_mm": float(thread.diameter_mm)}
