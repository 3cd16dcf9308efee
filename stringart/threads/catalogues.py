"""Catalogues of real threads, shipped as data: one CSV file each in ``catalogue_files``, named like the catalogue.

A file begins with comments that name its source (``# title: DMC stranded cotton`` among them), then a line
``code,name,color`` and one thread a line. A new file there is a new catalogue; nothing else has to be told.
"""

import csv
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from stringart.errors import PaletteError
from stringart.picture import light
from stringart.plan.model import Thread
from stringart.threads.color_names import describe, differences

_FOLDER = resources.files("stringart.threads") / "catalogue_files"
_TITLE = "title:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueThread:
    """One thread of a catalogue.

    Parameters
    ----------
    code, name : str
        The maker's.
    color : str
        sRGB ``#rrggbb``.
    """

    code: str
    name: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The threads of one maker.

    Parameters
    ----------
    key : str
        As in ``dmc:310``.
    title, source : str
        What it lists, and where the numbers come from.
    entries : tuple of CatalogueThread
    """

    key: str
    title: str
    source: str
    entries: tuple[CatalogueThread, ...]

    def thread(self, entry: CatalogueThread, diameter_mm: float) -> Thread:
        """Return an entry as a thread, "DMC 310 Black"."""
        name = " ".join([self.key.upper(), entry.code, *([] if entry.name == entry.code else [entry.name])])
        return Thread(name=name, color=entry.color, diameter_mm=diameter_mm)

    def threads(self, diameter_mm: float) -> tuple[Thread, ...]:
        """Return all of them as threads."""
        return tuple(self.thread(entry, diameter_mm) for entry in self.entries)

    def near(self, color: str) -> CatalogueThread:
        """Return the entry that is nearest to a colour, by CIEDE2000."""
        lab = light.to_lab(light.linear_colors(entry.color for entry in self.entries))
        return self.entries[int(differences(color, lab).argmin())]

    def find(self, text: str) -> CatalogueThread:
        """Return the entry of a code or a name; case does not matter.

        Raises
        ------
        PaletteError
            If there is none, with the nearest three.
        """
        wanted = text.strip().casefold()
        by_word = {entry.name.casefold(): entry for entry in self.entries}
        by_word |= {entry.code.casefold(): entry for entry in self.entries}
        if wanted not in by_word:
            near = (f"{self.key}:{by_word[word].code} ({by_word[word].name})" for word in nearest(wanted, by_word))
            raise PaletteError(f"{self.title} has no thread '{text}'", f"nearest: {', '.join(near)}")
        return by_word[wanted]


BOUGHT_FROM = "dmc"
"""The catalogue that every shop for thread knows."""


@cache
def like(name: str, color: str) -> str:
    """Return which thread of a shop is like a thread, "like DMC 824"; "" for one that is of a catalogue itself.

    A thread that has no name but its colour's code is told as people name it, too.

    Parameters
    ----------
    name : str
        Of the thread.
    color : str
        sRGB ``#rrggbb``.

    Examples
    --------
    >>> like("rust", "#a03010"), like("DMC 310 Black", "#000000")
    ('like DMC 919', '')
    >>> like("#fa5900", "#fa5900")
    'bright orange, like DMC 946'
    """
    if name.partition(" ")[0].lower() in catalogue_names():
        return ""
    alike = f"like {BOUGHT_FROM.upper()} {load_catalogue(BOUGHT_FROM).near(color).code}"
    return f"{describe(color)}, {alike}" if name == color else alike


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the three of ``known`` that look most like ``word``."""
    words = list(dict.fromkeys(known))
    return difflib.get_close_matches(word, words, n=3, cutoff=0.0)


@cache
def catalogue_names() -> tuple[str, ...]:
    """Return the names of all catalogues."""
    files = (file.name for file in _FOLDER.iterdir() if file.name.endswith(".csv"))
    return tuple(sorted(name.removesuffix(".csv") for name in files))


@cache
def load_catalogue(key: str) -> Catalogue:
    """Return a catalogue.

    Raises
    ------
    PaletteError
        If there is none of that name.
    """
    if key not in catalogue_names():
        raise PaletteError(f"there is no thread catalogue '{key}'", f"known: {', '.join(catalogue_names())}")
    lines = (_FOLDER / f"{key}.csv").read_text(encoding="utf-8").splitlines()
    about = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return Catalogue(
        key=key,
        title=next((line.removeprefix(_TITLE).strip() for line in about if line.startswith(_TITLE)), key),
        source=" ".join(line for line in about if not line.startswith(_TITLE)),
        entries=tuple(CatalogueThread(code=row["code"], name=row["name"], color=row["color"]) for row in rows),
    )
