"""Plain English names for colours that nobody has named: "dark blue", "light brown", "grey"."""

import numpy as np

from stringart import light
from stringart.threads import unmixing

_HUES = (
    (20, "pink"), (48, "red"), (78, "orange"), (108, "yellow"), (128, "lime"), (168, "green"), (218, "teal"),
    (300, "blue"), (325, "violet"), (345, "purple"), (360, "pink"),
)  # fmt: skip
_GRAY, _MUTED = 5.0, 22.0  # chroma of CIELAB


def describe(color: str) -> str:
    """Return a name for sRGB ``#rrggbb``.

    Examples
    --------
    >>> describe("#283c78")
    'dark blue'
    """
    lightness, a, b = (float(v) for v in np.round(unmixing.to_lab(light.linear_color(color)), 4))
    chroma, hue = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360)
    if chroma < _GRAY:
        return _gray(lightness)
    if lightness < 8:
        return f"{_hue_name(hue, lightness, chroma)} black"
    return f"{_depth(lightness)}{_hue_name(hue, lightness, chroma)}"


def _gray(lightness: float) -> str:
    if lightness < 8:
        return "black"
    return "white" if lightness > 96 else f"{_depth(lightness)}grey"


def _depth(lightness: float) -> str:
    limits = ((20, "very dark "), (40, "dark "), (70, ""), (88, "light "))
    return next((word for limit, word in limits if lightness < limit), "very light ")


def _hue_name(hue: float, lightness: float, chroma: float) -> str:
    """Return the word for a hue; orange and yellow are brown when dark, tan or beige when pale."""
    name = next(word for limit, word in _HUES if hue <= limit)
    if name == "red" and lightness < 50 and hue > 40 and chroma < 45:
        return "red brown"
    if name in ("orange", "yellow") and chroma < 50 and lightness >= 60:
        return "beige" if chroma < 28 else "tan"
    if (name == "orange" and lightness < 60) or (name == "yellow" and lightness < 50 and chroma < 40):
        return "brown" if chroma > 12 else "grey brown"
    if name in ("red", "pink") and lightness > 65:
        return "pink"
    return f"greyish {name}" if chroma < _MUTED else name
