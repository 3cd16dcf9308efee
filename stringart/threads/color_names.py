"""Names for colours that nobody has named, as people name them: "dark blue", "bright orange", "brick red"."""

import csv
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stringart.picture import light

_LIST = resources.files("stringart") / "threads" / "color_names.csv"
_AS_NEAR = 1.0  # CIEDE2000: of names that are as near as that, the one that is used most


def differences(one: str, others: ArrayLike) -> NDArray[np.float64]:
    """Return the CIEDE2000 between sRGB ``#rrggbb`` and each of some colours in CIELAB (N, 3)."""
    from skimage.color import deltaE_ciede2000  # takes 0.1 s to import, which few commands need

    there = np.asarray(others, np.float64)
    lab = np.broadcast_to(light.to_lab(light.linear_color(one)), there.shape)
    apart = deltaE_ciede2000(there, lab)  # type: ignore[no-untyped-call]
    return np.asarray(np.round(apart, 4), np.float64)


@cache
def _names() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names, the most used first, and their colours in CIELAB (N, 3)."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    lab = light.to_lab(light.linear_colors(row["color"] for row in rows))
    lab.flags.writeable = False
    return tuple(row["name"] for row in rows), lab


@cache
def describe(color: str) -> str:
    """Return the name of the list that is nearest to sRGB ``#rrggbb``, by CIEDE2000.

    Examples
    --------
    >>> describe("#fa5900"), describe("#190000")
    ('bright orange', 'very dark brown')
    """
    names, lab = _names()
    apart = differences(color, lab)
    return names[int(np.argmax(apart <= apart.min() + _AS_NEAR))]
