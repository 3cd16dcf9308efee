"""A job's path as a picture: the whole ring, and one place near by."""

import io
import math
from dataclasses import dataclass

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
    whole = _View(center=(low + high) / 2, room_mm=float(room), left=0, side=side)
    _draw(image, proof, profile, pin_mm, whole)
    near = _View(center=proof.pins_mm[proof.clearance_pin], room_mm=_NEAR_MM, left=side, side=side, near=True)
    _draw(image, proof, profile, pin_mm, near)
    ImageDraw.Draw(image).line([(side, 0), (side, side)], fill=_INK, width=2 * _FINE)
    file = io.BytesIO()
    image.resize((width_px, width_px // 2), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A square of the picture: what lies in its middle, how much it shows, where it stands (px)."""

    center: Array
    room_mm: float
    left: int
    side: int
    near: bool = False

    @property
    def scale(self) -> float:
        """Pixels of a millimetre."""
        return self.side / self.room_mm

    def place(self, points: Array) -> list[tuple[float, float]]:
        moved = (points - self.center) * [self.scale, -self.scale] + self.side / 2
        return [(float(x), float(y)) for x, y in moved]


def _draw(image: Image.Image, proof: Proof, profile: Profile, pin_mm: float, view: _View) -> None:
    tile = Image.new("RGB", (view.side, view.side), _PAPER)
    pen, near, center, side = ImageDraw.Draw(tile), view.near, view.center, view.side
    xy = view.place(proof.path)
    reach = math.hypot(view.room_mm, view.room_mm)
    visible = np.hypot(*(proof.path - center).T) < reach
    inside = _within(proof)
    for k in range(1, len(xy)):
        if near and not (visible[k] or visible[k - 1]) and not _passes(proof.path[k - 1 : k + 1], center, reach / 2):
            continue
        color = _ROUND if not inside[k] else _INK
        color = color if proof.low[k] else "#d9b84a"
        pen.line([xy[k - 1], xy[k]], fill=color, width=3 * _FINE if near else 1)
    radius = max(pin_mm / 2 * view.scale, 2.0)
    for number, (x, y) in enumerate(view.place(proof.pins_mm)):
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=_PIN)
        if near and -side < x < 2 * side:
            pen.text((x, y), str(number), fill=_PAPER, font_size=radius * 0.8, anchor="mm")
    if near:
        _outline_tool(pen, proof, profile, view)
    image.paste(tile, (view.left, 0))


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


def _outline_tool(pen: ImageDraw.ImageDraw, proof: Proof, profile: Profile, view: _View) -> None:
    """Circles as large as the tool where it is nearest to the pin."""
    here = np.flatnonzero(proof.lines == proof.clearance_line)
    radius = profile.tool.diameter_mm / 2 * view.scale
    for x, y in view.place(proof.path[here]):
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], outline=_BAD, width=_FINE)
