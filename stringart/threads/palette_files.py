"""Threads from palette files of other programs: GIMP's and Inkscape's .gpl, and Ink/Stitch's, with names and codes."""

import os
import re
from dataclasses import dataclass

from stringart.errors import PaletteError
from stringart.files import read_text
from stringart.plan.model import Thread

ENDINGS = (".gpl",)
OTHERS = (".ase", ".aco", ".act", ".acb", ".kpl", ".colors", ".xml")
"""Palettes of programs whose files are not read; they write .gpl as well."""
_HEAD = re.compile(r"GIMP Palette\s*", re.IGNORECASE)
_COLOR = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?:\s+(.*))?")
_CODED = re.compile(r"(.+?)\s+(\S*\d\S*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteThread:
    """One colour of a palette.

    Parameters
    ----------
    name : str
        The palette's, without the code.
    code : str
        The maker's number, empty if there is none.
    color : str
        sRGB ``#rrggbb``.
    """

    name: str
    code: str
    color: str

    def as_thread(self, diameter_mm: float) -> Thread:
        """Return it as a thread, "1624 Sugar Pink"."""
        return Thread(name=f"{self.code} {self.name}".strip(), color=self.color, diameter_mm=diameter_mm)


def read_palette(path: str | os.PathLike[str]) -> tuple[PaletteThread, ...]:
    """Read a .gpl file; codes are taken apart from the names where it is one of Ink/Stitch.

    Raises
    ------
    PaletteError
        With the line, where it is none.
    """
    lines = read_text(path, PaletteError, any_encoding=True).splitlines()
    name = os.fspath(path)
    if not lines or not _HEAD.fullmatch(lines[0]):
        raise PaletteError(
            f"'{name}' is not a palette: its first line should be 'GIMP Palette'", "save it as a GIMP palette (.gpl)"
        )
    has_codes = any(line.startswith("Name: Ink/Stitch") for line in lines[1:6])
    found: list[PaletteThread] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.lstrip().startswith("#") or re.match(r"[A-Za-z]+:", line):
            continue
        match = _COLOR.fullmatch(line)
        if match is None or max(int(match[k]) for k in (1, 2, 3)) > 255:
            raise PaletteError(
                f"'{name}', line {number}: '{line.strip()[:40]}' is not a colour", "as in 200 80 30 Rust"
            )
        found.append(_thread(match, has_codes, len(found) + 1))
    if not found:
        raise PaletteError(f"'{name}' holds no colours", "export the palette again")
    return tuple(found)


def _thread(match: re.Match[str], has_codes: bool, number: int) -> PaletteThread:
    red, green, blue = (int(match[k]) for k in (1, 2, 3))
    color = f"#{red:02x}{green:02x}{blue:02x}"
    said = " ".join((match[4] or "").split())
    coded = _CODED.fullmatch(said) if has_codes else None
    if coded is not None:
        return PaletteThread(name=coded[1], code=coded[2], color=color)
    untitled = not said or said.lower() == "untitled"
    return PaletteThread(name=f"{color} ({number})" if untitled else said, code="", color=color)


def different(threads: tuple[PaletteThread, ...]) -> tuple[PaletteThread, ...]:
    """Leave out what is there before, by name and code."""
    return tuple({(one.name.casefold(), one.code.casefold()): one for one in reversed(threads)}.values())[::-1]
