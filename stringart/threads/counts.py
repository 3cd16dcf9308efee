"""A thread's width from the count that stands on its label: tex, dtex, den, Nm, Ne, ticket or weight, with its fibre.

A length of thread weighs what its count says; with the density of its fibre and the share of its section that is fibre,
that is an area, and the area a diameter::

    d = sqrt(4 T / (1000 pi rho phi)) mm        T in tex (g/km), rho in g/cm3

The share phi is 0.6: with cotton's 1.52 g/cm3 this is F. T. Peirce's d = 1/(28 sqrt(Ne)) inch (The Geometry of Cloth
Structure, Journal of the Textile Institute 28, 1937, T45). Densities: W. E. Morton and J. W. S. Hearle, Physical
Properties of Textile Fibres, 4th ed., table 5.1. Laid thread flattens, and labels round: ``stringart calibrate``
measures, and is the truth.

Counts: ISO 2947 (T = 1000/Nm = 590.5/Ne = den/9); a count of plies such as 40/2 is that of one of them. Ticket numbers
are three times the Nm of the whole thread; of cotton, three times its Ne. A weight (40wt) is the Nm of the whole
thread: so many kilometres weigh a kilogram.
"""

import math
import re

from stringart.errors import UnitError
from stringart.units import parse_length_mm

DENSITIES_G_CM3 = {"polyester": 1.39, "cotton": 1.52, "linen": 1.50, "silk": 1.34, "wool": 1.31, "viscose": 1.49,
                   "nylon": 1.14, "acrylic": 1.19, "aramid": 1.44}  # fmt: skip
FIBRE_SHARE = 0.6
DEFAULT_FIBRE = "polyester"
_TEX_OF_NE = 590.5
_NUMBER = r"(?P<count>\d+(?:\.\d+)?)(?:/(?P<plies>\d{1,2}))?"
_COUNT = re.compile(
    rf"(?:{_NUMBER}\s*(?P<unit>tex|dtex|den(?:ier)?|nm|nec?|tkt|ticket|wt)|(?P<before>nm|nec?|tkt|ticket|no\.?)\s*\.?\s*"
    rf"{_NUMBER.replace('count', 'number').replace('plies', 'folds')})(?:[\s\-/]+(?P<fibre>[a-z]+))?",
    re.IGNORECASE,
)
_HINT = "write 0.25mm, or what stands on the label: 27tex, 270dtex, 240den, Nm 80/2, Ne 60/3, tkt120, 40wt"


def parse_width_mm(text: str) -> float:
    """Return the width of a thread: a length, or the count on its label, with its fibre if it is not polyester.

    Raises
    ------
    UnitError
        If it is neither, or the fibre is not known.

    Examples
    --------
    >>> parse_width_mm("0.25mm"), parse_width_mm("27tex"), parse_width_mm("27tex cotton"), parse_width_mm("tkt120")
    (0.25, 0.203, 0.194, 0.195)
    """
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        return parse_length_mm(text)
    unit = (match["unit"] or match["before"]).lower().rstrip(".")
    count, plies = float(match["count"] or match["number"]), int(match["plies"] or match["folds"] or 1)
    fibre = (match["fibre"] or DEFAULT_FIBRE).lower()
    if fibre not in DENSITIES_G_CM3:
        raise UnitError(f"'{text}': the fibre '{fibre}' is not known", f"known are {', '.join(DENSITIES_G_CM3)}")
    if count <= 0 or plies < 1:
        raise UnitError(f"'{text}' is no thread's count", _HINT)
    if unit == "no":
        raise UnitError(f"'{text}': which count?", _HINT)
    return round(width_of_tex_mm(_tex(unit, count, plies, fibre), fibre), 3)


def _tex(unit: str, count: float, plies: int, fibre: str) -> float:
    if unit in ("tkt", "ticket"):
        return 3 * (_TEX_OF_NE if fibre == "cotton" else 1000) / count
    if unit == "wt":
        return 1000 / count
    one = {
        "tex": count, "dtex": count / 10, "den": count / 9, "denier": count / 9, "nm": 1000 / count,
        "ne": _TEX_OF_NE / count, "nec": _TEX_OF_NE / count,
    }[unit]  # fmt: skip
    return one * plies


def width_of_tex_mm(tex: float, fibre: str = DEFAULT_FIBRE) -> float:
    """Return the diameter of a thread of so many grams a kilometre.

    Examples
    --------
    >>> peirce_mm = 25.4 / (28 * (590.5 / 27) ** 0.5)
    >>> abs(width_of_tex_mm(27, "cotton") / peirce_mm - 1) < 0.01
    True
    """
    return math.sqrt(4 * tex / (1000 * math.pi * DENSITIES_G_CM3[fibre] * FIBRE_SHARE))
