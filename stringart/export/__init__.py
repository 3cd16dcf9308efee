"""Exporters: a plan in, the bytes of a file out, one file a format, found by the ending of the output's name.

To add one: a module here with ``export(plan, options) -> bytes``, and its line in `EXPORTERS`. Exporters are imported
when they are used. The same plan and options give the same bytes on every run.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stringart.errors import OutputError
from stringart.film import FilmOptions
from stringart.model import Plan

EXPORTERS: dict[str, str] = {
    ".apng": "stringart.export.apng",
    ".book.pdf": "stringart.export.book",
    ".csv": "stringart.export.steps_csv",
    ".drill.gcode": "stringart.export.drill",
    ".drill.nc": "stringart.export.drill",
    ".dxf": "stringart.export.dxf",
    ".gcode": "stringart.export.gcode",
    ".gif": "stringart.export.gif",
    ".html": "stringart.export.html",
    ".json": "stringart.export.plan_json",
    ".jsonl": "stringart.export.steps_jsonl",
    ".mp4": "stringart.export.mp4",
    ".nc": "stringart.export.gcode",
    ".ngc": "stringart.export.gcode",
    ".pdf": "stringart.export.book",
    ".pins.csv": "stringart.export.pins_csv",
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

_DEFAULT_FILM = FilmOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What a user may choose; an exporter reads what concerns it.

    Parameters
    ----------
    width_px : int
        Of a picture.
    machine : str
        Name of the machine's profile, for a machine's program.
    film : FilmOptions
        How an animation is cut.
    spool_mm : float
        Thread on a spool, for the shopping list.
    paper : str
        Of the winding book and the tiled template: a name such as A4 or Letter, or a size as in 200x300mm.
    edge_mm : float
        From the pins' centres to the edge of the board, on templates; 0 leaves the edge out.
    drill_depth_mm, drill_feed_mm_min, drill_rpm : float
        Of the drill program.
    """

    width_px: int = 1024
    machine: str = "grbl"
    film: FilmOptions = _DEFAULT_FILM
    spool_mm: float = 500_000.0
    paper: str = "A4"
    edge_mm: float = 15.0
    drill_depth_mm: float = 10.0
    drill_feed_mm_min: float = 120.0
    drill_rpm: float = 8000.0


Exporter = Callable[[Plan, ExportOptions], bytes]


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
    """
    ending = next((e for e in sorted(EXPORTERS, key=len, reverse=True) if name.lower().endswith(e)), None)
    if ending is None:
        raise OutputError(
            f"no exporter for '{name}': {_what_ending(name)}",
            f"known endings: {' '.join(sorted(EXPORTERS))}",
        )
    export: Exporter = importlib.import_module(EXPORTERS[ending]).export
    return export


def _what_ending(name: str) -> str:
    suffix = Path(name).suffix
    return f"the ending '{suffix}' is not known" if suffix else "its name has no ending"
