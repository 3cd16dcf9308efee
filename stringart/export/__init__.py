"""Exporters: a plan in, the bytes of a file out, one file a format, found by the ending of the output's name.

To add one: a module here with ``export(plan, options) -> bytes``, whose first line of text says what it writes. Its
name is its ending: ``stl.py`` writes ``.stl``, ``pins_json.py`` writes ``.pins.json``. Exporters are imported when they
are used. The same plan and options give the same bytes on every run.

What a user may choose stands beside it: ``OPTIONS``, a tuple of `ExportOption`, each read by ``options[THE_OPTION]``.
The command line, the studio and ``stringart batch`` offer what they find there.

Public: what stands here; `gif` (note_on_frames), `_card` (the calibration card's PDF), `_film_options`, `shopping` (its
options); `_notebook` (how a notebook shows a plan).
"""

import importlib
import math
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from stringart.arguments import choice, instance, number, text, whole
from stringart.errors import OutputError, UnitError
from stringart.export._options import EDGE, FILM, MACHINE, PAINTING, PAPER, SPOOL, WIDTH, ExportOption, ExportOptions
from stringart.picture.photo import Photo, load_photo
from stringart.plan.model import Plan

if TYPE_CHECKING:  # it paints, and brings numba, which half of the exporters do without
    from stringart.look.film import Moving

__all__ = [
    "EDGE", "EXPORTERS", "FILMS", "MACHINE", "PAINTING", "PAPER", "SPOOL", "WIDTH", "ExportOption", "ExportOptions",
    "Exporter", "declared_options", "export_as", "exporter_for", "film_writer_for", "known_endings", "notes_for",
    "options_of",
]  # fmt: skip

_NAMED: dict[str, str] = {
    ".apng": "stringart.export.apng",
    ".book.pdf": "stringart.export.book",
    ".csv": "stringart.export.steps_csv",
    ".drill.gcode": "stringart.export.drill",
    ".drill.nc": "stringart.export.drill",
    ".dxf": "stringart.export.dxf",
    ".gcode": "stringart.export.gcode",
    ".gif": "stringart.export.gif",
    ".h": "stringart.export.header_h",
    ".html": "stringart.export.html",
    ".json": "stringart.export.plan_json",
    ".jsonl": "stringart.export.steps_jsonl",
    ".mp4": "stringart.export.mp4",
    ".nc": "stringart.export.gcode",
    ".ngc": "stringart.export.gcode",
    ".pdf": "stringart.export.book",
    ".pins.csv": "stringart.export.pins_csv",
    ".pins.txt": "stringart.export.pins_txt",
    ".png": "stringart.export.png",
    ".sheet.pdf": "stringart.export.template_sheet",
    ".shopping.csv": "stringart.export.shopping_csv",
    ".shopping.txt": "stringart.export.shopping",
    ".svg": "stringart.export.svg",
    ".swatches.png": "stringart.export.swatches",
    ".template.pdf": "stringart.export.template_pdf",
    ".template.svg": "stringart.export.template_svg",
    ".txt": "stringart.export.steps_txt",
    ".webp": "stringart.export.webp",
}


def _found() -> dict[str, str]:
    """Return the modules here that `_NAMED` does not name, by the ending that their own name says."""
    own = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    modules = {f"{__name__}.{name}": "." + name.replace("_", ".") for name in own}
    return {ending: module for module, ending in modules.items() if module not in _NAMED.values()}


EXPORTERS = _NAMED | _found()
"""Every ending that is known, and the module that writes it."""

FILMS = (".apng", ".gif", ".mp4", ".webp")
"""Endings of films; their modules have ``encode(moving) -> bytes`` as well."""
Exporter = Callable[[Plan, ExportOptions], bytes]


def options_of(name: str) -> tuple[ExportOption[object], ...]:
    """Return what the exporter for a file's name, or for an ending, lets a user choose.

    Raises
    ------
    OutputError
        If its ending is not known.
    """
    return _options_in(_module_for(name))


def _options_in(module: ModuleType) -> tuple[ExportOption[object], ...]:
    found: tuple[ExportOption[object], ...] = getattr(module, "OPTIONS", ())
    return found


def declared_options() -> dict[str, ExportOption[object]]:
    """Return the options of all exporters by their names; of one that several have, as the first declares it."""
    found: dict[str, ExportOption[object]] = {}
    for module in dict.fromkeys(EXPORTERS[ending] for ending in sorted(EXPORTERS)):
        for option in _options_in(importlib.import_module(module)):
            found.setdefault(option.name, option)
    return found


def known_endings() -> dict[str, str]:
    """Every ending that is known, with one line on what is written."""
    lines = {ending: importlib.import_module(module).__doc__ or "" for ending, module in sorted(EXPORTERS.items())}
    return {ending: line.strip().splitlines()[0].rstrip(".:") for ending, line in lines.items()}


def exporter_for(name: str) -> Exporter:
    """Return the exporter for a file's name.

    Raises
    ------
    OutputError
        If its ending is not known.

    Examples
    --------
    >>> exporter_for("plan.template.svg").__module__, exporter_for("plan.svg").__module__
    ('stringart.export.template_svg', 'stringart.export.svg')
    """
    export: Exporter = _module_for(name).export
    return export


def export_as(plan: Plan, ending: str, **options: object) -> bytes:
    """Return the bytes of a plan's file.

    Parameters
    ----------
    plan : Plan
    ending : str
        ``.gif``, ``.template.pdf`` .. , or a name that ends so.
    **options
        Of this format, by the names that its exporter declares.

    Raises
    ------
    OutputError
        If the ending is not known or the plan cannot be written so.
    UnitError
        If the format has no such option, or its value is out of range.

    Examples
    --------
    >>> from stringart import Board, Layer, Plan, Thread, place_pins
    >>> plan = Plan(
    ...     board=Board(), pins=place_pins(Board(), 8), threads=(Thread(name="black", color="black"),),
    ...     layers=(Layer(thread=0, pins=[0, 4, 2]),),
    ... )
    >>> export_as(plan, ".pins.csv").splitlines()[:2]
    [b'pin,x_mm,y_mm,diameter_mm', b'0,0.0000,300.0000,2']
    """
    name = text(ending, "ending", "the ending of a file, as in '.gif'")
    name = f"plan{name}" if name.startswith(".") else name
    export = exporter_for(name)
    known = {option.name: option for option in options_of(name)} | {FILM.name: FILM}
    for key, value in options.items():
        if key not in known:
            raise UnitError(f"{ending} has no option '{key}'", f"it has {', '.join(sorted(known)) or 'none'}")
        _check_option(known[key], value)
    return export(plan, ExportOptions(**{key: _loaded(known[key], value) for key, value in options.items()}))


def _loaded(option: ExportOption[Any], value: Any) -> Any:
    """Return what a name or a path stands for: a machine's profile, a photo."""
    if option.is_photo and value is not None and not isinstance(value, Photo):
        return load_photo(value)
    return value if option.load is None else option.load(value)


def _check_option(option: ExportOption[Any], value: object) -> None:
    """Refuse a value of another kind, or out of the range that a page offers."""
    if option.choices and isinstance(value, str):
        choice(value, option.name, option.choices)
    elif isinstance(option.default, bool):
        instance(value, bool, option.name)
    elif isinstance(option.default, int | float):
        least = -math.inf if option.low is None else option.low
        (number if isinstance(option.default, float) else whole)(value, option.name)
        number(value, option.name, least, math.inf if option.high is None else option.high)
    elif isinstance(option.default, str):
        _check_text(option, value)


def _check_text(option: ExportOption[Any], value: object) -> None:
    if option.load is None:  # what is loaded may be given loaded
        text(value, option.name)


def notes_for(name: str, plan: Plan, options: ExportOptions) -> tuple[str, ...]:
    """Return what a user should be told of a plan in the format of a file's name: its module's ``notes``, if any.

    Raises
    ------
    OutputError
        If its ending is not known.
    """
    notes: Callable[[Plan, ExportOptions], tuple[str, ...]] | None = getattr(_module_for(name), "notes", None)
    return () if notes is None else notes(plan, options)


def _module_for(name: str) -> ModuleType:
    ending = next((e for e in sorted(EXPORTERS, key=len, reverse=True) if name.lower().endswith(e)), None)
    if ending is None:
        raise OutputError(
            f"no exporter for '{name}': {_what_ending(name)}",
            f"known endings: {' '.join(sorted(EXPORTERS))}",
        )
    return importlib.import_module(EXPORTERS[ending])


def film_writer_for(name: str) -> "Callable[[Moving], bytes]":
    """Return what writes any film, for a file's name.

    Raises
    ------
    OutputError
        If its ending is not that of a film.
    MissingExtraError
        If what writes it is not installed.
    """
    if Path(name).suffix.lower() not in FILMS:
        raise OutputError(f"no film for '{name}': {_what_ending(name)}", f"films are {' '.join(FILMS)}")
    writer = importlib.import_module(EXPORTERS[Path(name).suffix.lower()])
    if hasattr(writer, "check_installed"):
        writer.check_installed()
    encode: Callable[[Moving], bytes] = writer.encode
    return encode


def _what_ending(name: str) -> str:
    suffix = Path(name).suffix
    return f"the ending '{suffix}' is not known" if suffix else "its name has no ending"
