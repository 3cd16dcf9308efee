"""A job's path as a picture: the whole ring, and one place near by."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw

from stringart.machine.profile import Profile
from stringart.machine.proof import Proof
from stringart.plan.model import Array

_FINE = 2
_INK, _PAPER, _PIN, _ROUND, _BAD = "#5a6b7c", "#ffffff", "#b3541e", "#1667b7", "#d1002c"
_NEAR_MM = 24.0


def picture_png(proof: Proof, profile: Profile, pin_mm: float, width_px: int = 1600) -> bytes:
    """Draw the path of a job.

    Parameters
    ----------
    proof : Proof
    profile : Profile
    pin_mm : float
        Diameter of the pins.
    width_px : int

    Returns
    -------
    bytes
        PNG: on the left the whole path, seen from the front; on the right the place where the tool is nearest to a
        pin, with the tool's outline.
    """
    side = width_px * _FINE // 2
    image = Image.new("RGB", (2 * side, side), _PAPER)
    low, high = proof.pins_mm.min(0), proof.pins_mm.max(0)
    room = max(*(high - low), 1.0) * 1.08
    _draw(image, proof, profile, pin_mm, (low + high) / 2, float(room), 0, side)
    at = proof.pins_mm[proof.clearance_pin]
    _draw(image, proof, profile, pin_mm, at, _NEAR_MM, side, side, near=True)
    ImageDraw.Draw(image).line([(side, 0), (side, side)], fill=_INK, width=2 * _FINE)
    file = io.BytesIO()
    image.resize((width_px, width_px // 2), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _draw(
    image: Image.Image, proof: Proof, profile: Profile, pin_mm: float, center: Array, room: float, left: int,
    side: int, *, near: bool = False,
) -> None:  # fmt: skip
    """One view of ``room`` millimetres across."""
    tile = Image.new("RGB", (side, side), _PAPER)
    pen, scale = ImageDraw.Draw(tile), side / room

    def place(points: Array) -> list[tuple[float, float]]:
        moved = (points - center) * [scale, -scale] + side / 2
        return [(float(x), float(y)) for x, y in moved]

    xy = place(proof.path)
    reach = math.hypot(room, room)
    visible = np.hypot(*(proof.path - center).T) < reach
    inside = _within(proof)
    for k in range(1, len(xy)):
        if near and not (visible[k] or visible[k - 1]) and not _passes(proof.path[k - 1 : k + 1], center, reach / 2):
            continue
        color = _ROUND if not inside[k] else _INK
        color = color if proof.low[k] else "#d9b84a"
        pen.line([xy[k - 1], xy[k]], fill=color, width=3 * _FINE if near else 1)
    radius = max(pin_mm / 2 * scale, 2.0)
    for number, (x, y) in enumerate(place(proof.pins_mm)):
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=_PIN)
        if near and -side < x < 2 * side:
            pen.text((x, y), str(number), fill=_PAPER, font_size=radius * 0.8, anchor="mm")
    if near:
        _outline_tool(pen, proof, profile, place, scale)
    image.paste(tile, (left, 0))


def _within(proof: Proof) -> np.ndarray:
    """For every point of the path whether it is inside the ring."""
    import shapely

    ring = shapely.Polygon(proof.pins_mm)
    shapely.prepare(ring)
    return np.asarray(shapely.contains_xy(ring, proof.path[:, 0], proof.path[:, 1]))


def _passes(segment: Array, center: Array, reach: float) -> bool:
    a, b = segment - center
    along = b - a
    length2 = float(along @ along)
    share = 0.0 if length2 == 0 else min(max(float(-a @ along) / length2, 0.0), 1.0)
    return float(np.hypot(*(a + along * share))) < reach


def _outline_tool(pen: ImageDraw.ImageDraw, proof: Proof, profile: Profile, place, scale: float) -> None:  # type: ignore[no-untyped-def]
    """Circles as large as the tool where it is nearest to the pin."""
    here = np.flatnonzero(proof.lines == proof.clearance_line)
    radius = profile.tool.diameter_mm / 2 * scale
    for x, y in place(proof.path[here]):
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], outline=_BAD, width=_FINE)
