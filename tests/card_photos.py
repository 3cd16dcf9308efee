"""Photos of a wound calibration card, painted: perspective, uneven light, noise, camera blur."""

import numpy as np
import pypdfium2
from scipy import ndimage

from stringart.calibration.fit import homography, marks_mm, project
from stringart.export import ExportOptions
from stringart.export._card import export
from stringart.light import linear_color, to_bytes, to_linear
from stringart.plan.model import Plan

_PX_PER_MM = 16


def card_photo(card: Plan, color: str, diameter_mm: float, *, seed: int = 0, width_px: int = 1500, turn: int = 0):
    """Return (rows, cols, 3) uint8 and the marks' places in it: the printed card with threads laid on."""
    flat, to_page = _wound(card, linear_color(color), diameter_mm)
    rng = np.random.default_rng(seed)
    rows = round(width_px * 0.75)
    marks = marks_mm(card)
    corners = np.array([[0.13, 0.2], [0.86, 0.14], [0.9, 0.83], [0.09, 0.78]]) * [width_px, rows]
    corners += rng.normal(0, 0.012, (4, 2)) * width_px
    photo = _seen(flat, to_page @ homography(corners, marks), (rows, width_px))
    y, x = np.mgrid[0:rows, 0:width_px] / [[[rows]], [[width_px]]]
    light = 0.72 - 0.22 * x + 0.1 * y - 0.12 * (x - 0.4) ** 2
    photo = ndimage.gaussian_filter(photo * light[..., None], (0.8, 0.8, 0)) * [1.0, 0.94, 0.86]
    photo += rng.normal(0, 0.02, photo.shape) * np.sqrt(photo)  # shot noise
    for _ in range(turn):  # the camera held the other way
        corners = np.column_stack([corners[:, 1], photo.shape[1] - corners[:, 0]])
        photo = np.rot90(photo)
    return to_bytes(photo), corners


def _wound(card: Plan, color, diameter_mm: float):
    """The flat card in linear light, and the map from its board's frame to (col, row)."""
    page = pypdfium2.PdfDocument(export(card, ExportOptions()))[0]
    printed = np.asarray(page.render(scale=_PX_PER_MM * 25.4 / 72).to_pil().convert("RGB"))
    flat = to_linear(np.arange(256) / 255).astype(np.float32)[printed]
    centre = np.array([297 / 2, 10 + 4 + marks_mm(card)[0, 1] + 6])
    to_page = np.array([[1, 0, centre[0]], [0, -1, centre[1]], [0, 0, 1 / _PX_PER_MM]]) * _PX_PER_MM
    bare = _bare(card, diameter_mm)
    left, top = (
        round(_PX_PER_MM * v) for v in (centre[0] - card.board.width_mm / 2, centre[1] - card.board.height_mm / 2)
    )
    window = flat[top : top + bare.shape[0], left : left + bare.shape[1]]
    window[:] = color + bare[..., None] * (window - color)
    return flat, to_page


def _bare(card: Plan, diameter_mm: float):
    """Share of every pixel between the rows of pins that no thread covers: drawn three times finer, row by row."""
    fine = 3 * _PX_PER_MM
    rows, cols = round(card.board.height_mm * fine), round(card.board.width_mm * fine)
    bare = np.ones((rows, cols), np.float32)
    y = card.board.height_mm / 2 - (np.arange(rows) + 0.5) / fine
    for (x0, y0), (x1, y1) in card.pins.xy_mm[card.steps[:, 1:]]:
        if abs(y1 - y0) < abs(x1 - x0):
            continue  # along the rim, where nothing is measured
        middle = (x0 + (x1 - x0) * (y - y0) / (y1 - y0) + card.board.width_mm / 2) * fine
        upright = abs(y1 - y0) / np.hypot(x1 - x0, y1 - y0)
        reach = int(diameter_mm / 2 * fine / upright) + 2
        col = np.floor(middle)[:, None].astype(int) + np.arange(-reach, reach + 1)
        cover = np.clip(diameter_mm / 2 * fine + 0.5 - np.abs(col + 0.5 - middle[:, None]) * upright, 0, 1)
        inside = (col >= 0) & (col < cols)
        bare[np.nonzero(inside)[0], col[inside]] *= 1 - cover[inside]
    return bare.reshape(rows // 3, 3, cols // 3, 3).mean((1, 3))


def _seen(flat, to_flat, shape):
    """The flat card as a camera sees it; two samples a pixel."""
    out = np.zeros((*shape, 3))
    for shift in ((0.25, 0.25), (0.75, 0.75)):
        row, col = np.mgrid[0 : shape[0], 0 : shape[1]]
        points = project(to_flat, np.column_stack([col.ravel() + shift[1], row.ravel() + shift[0]]))
        at = points[:, ::-1].T.reshape(2, *shape) - 0.5
        for k in range(3):
            out[..., k] += ndimage.map_coordinates(flat[..., k], at, order=1, cval=0.25) / 2
    return out
