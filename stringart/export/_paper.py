"""Sizes of paper by name."""

import re

from stringart.errors import OutputError, UnitError
from stringart.units import parse_size_mm

_PAPERS_MM = {
    "A5": (148.0, 210.0),
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
    "A2": (420.0, 594.0),
    "A1": (594.0, 841.0),
    "A0": (841.0, 1189.0),
    "Letter": (215.9, 279.4),
    "Legal": (215.9, 355.6),
    "Tabloid": (279.4, 431.8),
}
PAPERS = tuple(_PAPERS_MM)


def paper_size_mm(text: str) -> tuple[float, float]:
    """Width and height of a sheet of paper, by name or as in ``200x300mm``.

    Raises
    ------
    OutputError
        If it is not known.

    Examples
    --------
    >>> paper_size_mm("letter")
    (215.9, 279.4)
    """
    named = {name.lower(): size for name, size in _PAPERS_MM.items()}.get(text.strip().lower())
    if named:
        return named
    if re.search(r"\dx|\d\s*x|x\s*\d", text):
        try:
            return parse_size_mm(text)
        except UnitError as error:
            raise OutputError(f"paper {error}", error.hint) from None
    raise OutputError(f"the paper '{text}' is not known", f"known: {', '.join(PAPERS)}, or a size as in 200x300mm")


def check_at_least(text: str, size_mm: tuple[float, float], least_mm: tuple[float, float], what: str) -> None:
    """Refuse paper on which ``what`` does not fit.

    Raises
    ------
    OutputError
        With both sizes.
    """
    if size_mm[0] < least_mm[0] or size_mm[1] < least_mm[1]:
        raise OutputError(
            f"the paper '{text}' of {size_mm[0]:g} x {size_mm[1]:g} mm is too small: {what} needs at least "
            f"{least_mm[0]:g} x {least_mm[1]:g} mm",
            "use --paper A4 or Letter",
        )
