"""A photo as it is placed under the ring: turned, lightened, cropped.

A plan names a photo and an upright part of it. A photo that was turned or lightened on the page becomes a photo of its
own, kept in the project by its hash: the plan names that one, and the command line gives the same plan from it.
"""

import io
import math
from typing import Any

import numpy as np
from PIL import Image

from stringart.picture import light
from stringart.picture.photo import Crop, Photo, crop_to_board
from stringart.picture.placing import place
from stringart.plan.model import Board

LONGEST_PX = 2400
"""Of a developed photo: ten times as fine as the search looks."""


def is_plain(settings: dict[str, object]) -> bool:
    """Whether the photo is used as it is."""
    return not (settings["turn_deg"] or settings["exposure_ev"] or settings["contrast"])


def developed_png(photo: Photo, settings: dict[str, Any]) -> bytes:
    """Return the photo turned (clockwise), lightened and with its contrast changed, as a PNG; the same bytes always."""
    image = _reduced(Image.fromarray(photo.srgb))
    image = image.point(_curve(settings["exposure_ev"], settings["contrast"]))
    file = io.BytesIO()
    _turned(image, settings["turn_deg"], photo.background).save(file, "PNG", compress_level=1)
    return file.getvalue()


def developed_map_png(drawn: Photo, turn_deg: float) -> bytes:
    """Return a painted map turned like its photo, as a PNG; what is outside counts as black."""
    file = io.BytesIO()
    _turned(Image.fromarray(drawn.srgb), turn_deg, "#000000").save(file, "PNG", compress_level=1)
    return file.getvalue()


def crop_of(photo: Photo, developed: Photo, board: Board, settings: dict[str, Any]) -> Crop:
    """Return the part of the developed photo that the board shows, in its pixels."""
    crop = settings["crop"]
    if crop is None:
        return place(developed, board, settings["placed"]).crop_px
    cols, rows = photo.size_px
    scale = min(1.0, LONGEST_PX / max(cols, rows)) if developed is not photo else 1.0
    x, y = (crop[0] - 0.5) * cols * scale, crop[1] * cols * scale - rows * scale / 2
    turn = math.radians(settings["turn_deg"])
    middle_x = x * math.cos(turn) - y * math.sin(turn) + developed.size_px[0] / 2
    middle_y = x * math.sin(turn) + y * math.cos(turn) + developed.size_px[1] / 2
    width = max(round(crop[2] * cols * scale), 2)
    height = max(round(width * board.height_mm / board.width_mm), 2)
    left, top = round(middle_x - width / 2), round(middle_y - height / 2)
    return crop_to_board(developed, board, (left, top, left + width, top + height))


def place_of(crop: Crop, photo: Photo, developed: Photo, settings: dict[str, Any]) -> list[float]:
    """Return middle (x, y) and width of a crop of the developed photo, as shares of the upright photo's width."""
    cols, rows = photo.size_px
    scale = min(1.0, LONGEST_PX / max(cols, rows)) if developed is not photo else 1.0
    x = (crop[0] + crop[2]) / 2 - developed.size_px[0] / 2
    y = (crop[1] + crop[3]) / 2 - developed.size_px[1] / 2
    turn = math.radians(settings["turn_deg"])
    across, down = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    whole = cols * scale
    return [across / whole + 0.5, (down + rows * scale / 2) / whole, (crop[2] - crop[0]) / whole]


def _reduced(image: Image.Image) -> Image.Image:
    scale = LONGEST_PX / max(image.size)
    if scale >= 1:
        return image
    cols, rows = (max(round(side * scale), 1) for side in image.size)
    return image.resize((cols, rows), Image.Resampling.LANCZOS)


def _turned(image: Image.Image, turn_deg: float, fill: str) -> Image.Image:
    quarter = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    turn = turn_deg % 360
    if turn in quarter:
        return image.transpose(quarter[int(turn)])
    if not turn:
        return image
    return image.rotate(-turn_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)


def _curve(exposure_ev: float, contrast: float) -> list[int]:
    """Table for three channels: stops of light, then contrast in L* round its middle."""
    linear = np.clip(light.to_linear(np.arange(256) / 255.0) * 2**exposure_ev, 0, 1)
    shown = light.to_srgb(linear)
    shown = np.clip(0.5 + (shown - 0.5) * (1 + contrast / 50 if contrast > 0 else 1 + contrast / 100), 0, 1)
    return [int(value) for value in np.floor(shown * 255 + 0.5)] * 3
