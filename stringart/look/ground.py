"""The wall and the board, with the shadows that the piece casts on them."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from stringart import _kernels
from stringart.look import surfaces
from stringart.look.camera import HANGS_MM, SKIRTING_MM, TOWARDS, Camera, window_views
from stringart.look.solid import Strands
from stringart.picture.light import linear_color
from stringart.plan.model import Array

Map = NDArray[np.float32]
_VIEWS = 8  # points of the window from which shadows are cast
_AMBIENT = 0.36  # of the light on a flat face: what comes from the room
_SHUT_OUT = 0.4  # of the room's light, by threads that cover all; they pass on light, too
_ROOM_MM, _SOFT_MM = 5.0, 0.35  # how far the room's light comes in below the threads; a shadow's own softness
_WALL, _TRIM = (0.60, 0.585, 0.56), (0.74, 0.73, 0.71)
_PAINT = (0.012, 0.80)  # what black and white paint give back
_SHEEN = 0.006
_TO_LIGHT = (float(TOWARDS[0]), -float(TOWARDS[1]))  # col, row


def falloff(shape: tuple[int, int]) -> Map:
    """How the light of a window at the upper left falls off over the picture, (rows, cols)."""
    u = np.linspace(0, 1, shape[1], dtype=np.float32)[None]
    v = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    return np.asarray(1.1 - 0.2 * u - 0.12 * v - 0.06 * ((u - 0.5) ** 2 + (v - 0.5) ** 2), np.float32)


def board_mask(camera: Camera) -> Map:
    """How much of each pixel is board, (rows, cols)."""
    fine = 4 if max(camera.shape) <= 2000 else 2
    image = Image.new("L", (camera.shape[1] * fine, camera.shape[0] * fine))
    corners = camera.flat_px(np.asarray(camera.outline.exterior.coords)) * fine - 0.5
    ImageDraw.Draw(image).polygon([(float(col), float(row)) for col, row in corners], fill=255)
    return np.asarray(image.reduce(fine), np.float32) * np.float32(1 / 255)


def wall(camera: Camera, mask: Map, board_mm: float) -> Map:
    """Plaster with the shadow of a board of that thickness; below it skirting and floor, where they are seen."""
    px = camera.px_per_mm
    away = -TOWARDS[:2] / TOWARDS[2] * board_mm * px
    shadow = ndimage.gaussian_filter(mask, max(board_mm * 0.28 * px, 0.5))
    shadow = ndimage.shift(shadow, (-away[1], away[0]), order=1, mode="nearest")
    light = (1 - _AMBIENT) * (1 - shadow)
    light += _AMBIENT * (1 - 0.55 * ndimage.gaussian_filter(mask, max(board_mm * 1.1 * px, 0.5)))
    plaster = surfaces.noise(camera.shape, (1.6 * px, 1.6 * px), 11)
    plaster += 2.2 * surfaces.noise(camera.shape, (9 * px, 12 * px), 12)
    light *= surfaces.relief(plaster, _TO_LIGHT, 0.012)
    light *= falloff(camera.shape)
    return np.asarray(light[..., None] * np.array(_WALL, np.float32))


def lay_floor(picture: Map, camera: Camera) -> None:
    """Draw skirting and floor into a wall (rows, cols, 3), as far as they are seen."""
    px, rows = camera.px_per_mm, camera.shape[0]
    floor = round(camera.middle_px[1] + HANGS_MM * px)
    trim, edge = max(round(floor - SKIRTING_MM * px), 0), max(round(3 * px), 1)
    if trim >= rows:
        return
    light = falloff(camera.shape)[..., None]
    picture[trim:floor] = light[trim:floor] * np.array(_TRIM, np.float32)
    picture[trim : trim + edge] *= 1.2
    picture[trim + edge : trim + 2 * edge] *= 0.85
    if floor < rows:
        down_mm = np.arange(rows - floor, dtype=np.float32)[:, None, None] / px
        planks = surfaces.wood((rows - floor, camera.shape[1]), px * 0.6)
        picture[floor:] = planks * 0.55 * light[floor:] * (1 - 0.55 * np.exp(-down_mm / 40))


def board_face(camera: Camera, mask: Map, color: str | None, strands: Strands) -> Map:
    """The board's face in the camera's window, painted or (color None) of wood, in the light that comes through."""
    px = camera.px_per_mm
    if color is None:
        albedo = surfaces.wood(mask.shape, px)
    else:
        albedo = (_PAINT[0] + (_PAINT[1] - _PAINT[0]) * linear_color(color)).astype(np.float32)
    skin = surfaces.noise(mask.shape, (0.9 * px, 0.9 * px), 21) + surfaces.noise(mask.shape, (5 * px, 5 * px), 22)
    light = _light_through(camera, strands, mask.shape)
    light *= (
        surfaces.relief(skin, _TO_LIGHT, 0.008) * _rounded(mask, max(px, 0.8)) * falloff(camera.shape)[camera.window]
    )
    return np.asarray((albedo + np.float32(_SHEEN)) * light[..., None], np.float32)


def _rounded(mask: Map, radius_px: float) -> Map:
    """How much lighter or darker the board's rounded edge is."""
    soft = ndimage.gaussian_filter(mask, radius_px)
    lean = -(np.gradient(soft, axis=1) * _TO_LIGHT[0] + np.gradient(soft, axis=0) * _TO_LIGHT[1]) * radius_px
    return np.asarray(np.clip(1 + 1.5 * lean, 0.3, 1.6), np.float32)


def _light_through(camera: Camera, strands: Strands, shape: tuple[int, int]) -> Map:
    """Light that comes through threads and nails to the board, of the light on a bare one."""
    direct = np.zeros(shape, np.float32)
    for towards in window_views(_VIEWS):
        direct += _shadow(camera, strands, towards, shape)
    direct = ndimage.gaussian_filter(direct / _VIEWS, _SOFT_MM * camera.px_per_mm)
    open_above = ndimage.gaussian_filter(
        _shadow(camera, strands, np.array([0.0, 0.0, 1.0]), shape), _ROOM_MM * camera.px_per_mm
    )
    return np.asarray(_AMBIENT * (1 - _SHUT_OUT * (1 - open_above)) + (1 - _AMBIENT) * direct, np.float32)


def _shadow(camera: Camera, strands: Strands, towards: Array, shape: tuple[int, int]) -> Map:
    """Share of the light from one side that comes down to the board, (rows, cols) of the window."""
    rows, cols = camera.window
    ends = camera.foot_px(strands.ends_mm, towards) - [cols.start, rows.start]
    canvas = np.ones((*shape, 1), np.float32)
    half_px = strands.radius_mm * camera.px_per_mm
    dark = np.zeros((len(ends), 1), np.float32)
    _kernels.lay_threads(canvas, np.ascontiguousarray(ends.reshape(-1, 4)), half_px, dark, 0, (0,))
    return canvas[..., 0]
