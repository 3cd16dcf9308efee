"""What the user asks for as a palette, read once, at the edge.

The text of ``--palette``::

    auto  auto:5                      colours of any kind
    dmc:auto:6  dmc:310               from a catalogue: chosen, or one by its code or name
    threads.toml  threads.toml:auto:4 all threads of a list, or the best of them
    mine:auto:4  mine:Red             the same from the user's own list
    metro.gpl:1624  metro.gpl:auto:5  from a palette of GIMP, Inkscape or Ink/Stitch, by name or code
    black  "#c8501e@0.3mm"  red@27tex a colour, with its width, or the count on its label, if need be
    "rust=#c8501e"                    a colour with a name of its own
    cmy  cmyk  rgb  rgbw  two-tone    presets, with a board of their own; `PRESETS` has them all

Several are joined by commas: ``black,white,dmc:auto:3``; a name with a comma in it is quoted.
"""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import ImageColor

from stringart import units
from stringart.errors import PaletteError, UnitError
from stringart.plan.model import DEFAULT_WIDTH_MM, Thread
from stringart.threads import catalogues, palette_files
from stringart.threads import own_threads as threadlist
from stringart.threads.counts import parse_width_mm
from stringart.threads.thread_text import split_name

AUTO = "auto"
MAX_THREADS = 32
DEFAULT_COUNT = 5
OWN_LIST = "mine"

_WHITE, _BLACK = ("white", "#ffffff"), ("black", "#000000")
_INKS = (("cyan", "#00aeef"), ("magenta", "#ec008c"), ("yellow", "#fff200"))
_LIGHTS = (("red", "#ff0000"), ("green", "#00ff00"), ("blue", "#0000ff"))
PRESETS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "black-on-white": ("#ffffff", (_BLACK,)),
    "white-on-black": ("#000000", (_WHITE,)),
    "two-tone": ("#808080", (_WHITE, _BLACK)),
    "indigo-on-linen": ("#efe6d3", (("indigo", "#1f2a5a"),)),
    "cmy": ("#ffffff", _INKS),
    "cmyk": ("#ffffff", (*_INKS, _BLACK)),
    "rgb": ("#000000", _LIGHTS),
    "rgbw": ("#000000", (*_LIGHTS, _WHITE)),
}
"""The board's colour, and names and colours of the threads."""


def preset_title(name: str) -> str:
    """Return a preset's name for people: "CMYK", "White on black"."""
    return name.upper() if len(name) <= 4 else name.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteRequest:
    """What the user asks for.

    Parameters
    ----------
    text : str
        As it was written.
    threads : tuple of Thread
        Named by the user.
    count : int
        Threads to choose beside them; 0 if all are named. Where the number is to be found, the one to begin with.
    source : str
        Where the chosen ones come from: "" for any colour, else a catalogue's name or a file.
    candidates : tuple of Thread
        What may be chosen; empty for any colour.
    diameter_mm : float
        Width of the chosen threads, where the list does not say.
    board_color : str, optional
        sRGB ``#rrggbb`` that a preset is made for; used unless the user gives ``--background``.
    finds_count : bool
        The number of chosen threads is to be found, too: ``auto`` stands without one.
    """

    text: str
    threads: tuple[Thread, ...] = ()
    count: int = 0
    source: str = ""
    candidates: tuple[Thread, ...] = ()
    diameter_mm: float = DEFAULT_WIDTH_MM
    board_color: str | None = None
    finds_count: bool = False


def parse_palette(text: str, diameter_mm: float = DEFAULT_WIDTH_MM) -> PaletteRequest:
    """Read what ``--palette`` says.

    Parameters
    ----------
    text : str
    diameter_mm : float
        Width of threads that are given without one.

    Raises
    ------
    PaletteError, UnitError
        For an unknown colour, catalogue or thread, a thread that is there twice, a number out of range, a list that
        cannot be read.

    Examples
    --------
    >>> request = parse_palette("black,#c8501e@0.3mm,auto:3")
    >>> [(thread.name, thread.diameter_mm) for thread in request.threads], request.count
    ([('black', 0.25), ('#c8501e', 0.3)], 3)
    """
    try:
        items = next(csv.reader([text.strip()], skipinitialspace=True), [])
    except csv.Error as error:
        raise PaletteError(f"the palette cannot be read: {error}", "write it in one line") from None
    if not any(item.strip() for item in items):
        raise PaletteError("the palette is empty", "write auto:5, or colours as in black,white,#c8501e")
    request = PaletteRequest(text=text, diameter_mm=diameter_mm)
    for item in items:
        request = _joined(request, _parse_item(item.strip(), diameter_mm), item)
    check_threads(request.threads, request.count)
    return request


def _joined(first: PaletteRequest, second: PaletteRequest, item: str) -> PaletteRequest:
    if first.count and second.count:
        raise PaletteError(f"'{item}': threads are chosen automatically once", "write one auto with the whole number")
    chosen = second if second.count else first
    return replace(
        chosen,
        text=first.text,
        threads=(*first.threads, *second.threads),
        board_color=second.board_color or first.board_color,
    )


def check_threads(threads: tuple[Thread, ...], count: int = 0) -> None:
    """Refuse too many threads, and a thread that is there twice.

    Raises
    ------
    PaletteError
    """
    if not 1 <= len(threads) + count <= MAX_THREADS:
        raise PaletteError(f"a palette of {len(threads) + count} threads is not possible", f"choose 1 to {MAX_THREADS}")
    seen: dict[object, Thread] = {}
    for thread in threads:
        for mark in (thread.name.casefold(), (thread.color, thread.diameter_mm)):
            if mark in seen and seen[mark] is not thread:
                names = f"'{seen[mark].name}' and '{thread.name}'" if thread.name != seen[mark].name else ""
                raise PaletteError(
                    f"{names} are the same thread, {thread.color}" if names else f"'{thread.name}' is there twice",
                    "name each thread once",
                )
            seen[mark] = thread


def _parse_item(item: str, diameter_mm: float) -> PaletteRequest:
    """Read one of the items between the commas."""
    name, said = split_name(item)
    body, width_mm = _split_width(said)
    default_mm = diameter_mm if width_mm is None else width_mm
    if name:
        made = Thread(name=name, color=units.parse_color(body), diameter_mm=default_mm)
        return PaletteRequest(text=item, threads=(made,))
    if body in PRESETS:
        board_color, colors = PRESETS[body]
        inks = tuple(Thread(name=name, color=color, diameter_mm=default_mm) for name, color in colors)
        return PaletteRequest(text=item, threads=inks, board_color=board_color)
    if body == AUTO or body.startswith(f"{AUTO}:"):
        count = _count(body, item)
        return PaletteRequest(text=item, count=count, diameter_mm=default_mm, finds_count=body == AUTO)
    source, rest = _split_source(body)
    if source is not None:
        return _from_list(source, rest, item, default_mm, width_mm)
    return PaletteRequest(text=item, threads=(_color_thread(body, default_mm),))


def _split_width(item: str) -> tuple[str, float | None]:
    body, at, width = item.rpartition("@")
    if not at:
        return item, None
    width_mm = parse_width_mm(width)
    if not 0 < width_mm < 100:
        raise UnitError(f"'{item}': a thread cannot be {width_mm:g} mm wide", "write its width, as in 0.25mm")
    return body.strip(), width_mm


def _split_source(body: str) -> tuple[str | None, str]:
    """Return the list that an item names, None if it is a colour, and what it asks of the list."""
    lower = body.lower()
    for ending in (".toml", *palette_files.ENDINGS):
        if ending in lower:
            end = lower.index(ending) + len(ending)
            return body[:end], body[end:].removeprefix(":")
    if Path(lower.partition(":")[0]).suffix in palette_files.OTHERS:
        raise PaletteError(f"'{body}': such palettes are not read", "save it as .gpl, as GIMP and Inkscape have it")
    source, colon, rest = body.partition(":")
    known = (*catalogues.catalogue_names(), OWN_LIST)
    if colon:
        if source.lower() not in known:
            near = ", ".join(f"{word}:{rest}" for word in catalogues.nearest(source.lower(), [*known, AUTO]))
            raise PaletteError(f"'{body}': there is no catalogue '{source}'", f"nearest: {near}")
        return source.lower(), rest.strip()
    return (source.lower(), "") if source.lower() in known else (None, "")


def _from_list(source: str, rest: str, item: str, diameter_mm: float, width_mm: float | None) -> PaletteRequest:
    """Read ``dmc:310``, ``dmc:auto:6``, ``threads.toml``, ``mine:Red``."""
    is_catalogue = source in catalogues.catalogue_names()
    threads = catalogues.load_catalogue(source).threads(diameter_mm) if is_catalogue else _listed(source, width_mm)
    if rest == AUTO or rest.startswith(f"{AUTO}:"):
        count = min(_count(rest, item), len(threads)) if rest == AUTO else _count(rest, item)
        if count > len(threads):
            raise PaletteError(f"'{item}': the list has {len(threads)} threads", "choose fewer, or add some to it")
        return PaletteRequest(
            text=item,
            count=count,
            source=source,
            candidates=threads,
            diameter_mm=diameter_mm,
            finds_count=rest == AUTO,
        )
    if rest:
        return PaletteRequest(text=item, threads=(_named(source, threads, rest, diameter_mm),))
    if is_catalogue:
        raise PaletteError(
            f"'{item}' is a catalogue of {len(threads)} threads", f"write {source}:auto:5 or {source}:CODE"
        )
    return PaletteRequest(text=item, threads=threads)


def _listed(source: str, width_mm: float | None) -> tuple[Thread, ...]:
    """Return the threads of a list of the user's."""
    path = threadlist.list_path() if source == OWN_LIST else source
    if source != OWN_LIST and not Path(path).exists():
        raise PaletteError(f"'{path}' does not exist", "check the name and the folder")
    if source.lower().endswith(palette_files.ENDINGS):
        listed = palette_files.different(palette_files.read_palette(path))
        return tuple(one.as_thread(DEFAULT_WIDTH_MM if width_mm is None else width_mm) for one in listed)
    threads = threadlist.load_threads(path)
    if not threads:
        raise PaletteError(f"there are no threads in '{path}'", "add [[thread]] with name, color and diameter_mm")
    return threads if width_mm is None else tuple(replace(thread, diameter_mm=width_mm) for thread in threads)


def _named(source: str, threads: tuple[Thread, ...], word: str, diameter_mm: float) -> Thread:
    """Return one thread of a list by its name, of a catalogue by its code or name."""
    if source in catalogues.catalogue_names():
        catalogue = catalogues.load_catalogue(source)
        return catalogue.thread(catalogue.find(word), diameter_mm)
    by_name = {thread.name.casefold(): thread for thread in threads}
    if source.lower().endswith(palette_files.ENDINGS):
        listed = palette_files.different(palette_files.read_palette(source))
        for words in ((one.name for one in listed), (one.code for one in listed)):
            by_name |= {word.casefold(): thread for word, thread in zip(words, threads, strict=True) if word}
    if word.casefold() not in by_name:
        near = ", ".join(f"'{by_name[name].name}'" for name in catalogues.nearest(word.casefold(), by_name))
        raise PaletteError(f"'{source}' has no thread '{word}'", f"nearest: {near}")
    return by_name[word.casefold()]


def _count(text: str, item: str) -> int:
    """Return the number in ``auto:N``."""
    number = text.removeprefix(AUTO).removeprefix(":").strip()
    if text == AUTO:
        return DEFAULT_COUNT
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:9]) <= MAX_THREADS:
        raise PaletteError(
            f"'{item}': '{number}' is not a number of threads", f"choose 1 to {MAX_THREADS}, as in auto:5"
        )
    return int(number)


def _color_thread(word: str, diameter_mm: float) -> Thread:
    """Return a thread of a colour, or of the user's own list by its name."""
    try:
        color = units.parse_color(word)
    except UnitError as error:
        own = {thread.name.casefold(): thread for thread in threadlist.load_threads()}
        if word.casefold() in own:
            return own[word.casefold()]
        near = ", ".join(catalogues.nearest(word.casefold(), [*ImageColor.colormap, *own, *PRESETS]))
        raise PaletteError(f"'{word}' is not a colour, a thread of your own or a preset", f"nearest: {near}") from error
    return Thread(name=word, color=color, diameter_mm=diameter_mm)


def write_palette(threads: tuple[Thread, ...], source: str = "") -> str:
    """Return a text that `parse_palette` reads as these threads; their names only where a list has them.

    Parameters
    ----------
    threads : tuple of Thread
    source : str
        The list or catalogue that has them; "" for colours.
    """
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow([_written(thread, source) for thread in threads])
    return file.getvalue()


def _written(thread: Thread, source: str) -> str:
    width = "" if thread.diameter_mm == DEFAULT_WIDTH_MM else f"@{thread.diameter_mm:g}mm"
    if source in catalogues.catalogue_names():
        catalogue = catalogues.load_catalogue(source)
        codes = {catalogue.thread(entry, thread.diameter_mm).name: entry.code for entry in catalogue.entries}
        if thread.name in codes:
            return f"{source}:{codes[thread.name]}{width}"
    elif source and any(thread.name == known.name for known in _listed(source, None)):
        return f"{source}:{thread.name}"
    return f"{thread.color}{width}"
