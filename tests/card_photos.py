"""Photos of a wound calibration card, painted: taut threads, soft shadows, perspective, uneven light, noise, JPEG.

Nothing here is shared with what fits such photos: tangents, marks, projection and tone curve are written anew. The
printed card is the real one, its PDF page rendered.
"""

import io
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pypdfium2
from PIL import Image, ImageColor
from scipy import ndimage

from stringart.export import ExportOptions
from stringart.export._card import export
from stringart.plan.model import Plan

PAGE_PX_PER_MM = 12
FINE = 3  # threads are laid this many times finer than the page
PINS_X_MM, PINS_Y_MM = 84.0, 45.0  # half the ring of pins, as printed
MARKS_MM = np.array([[-100.0, 59], [100, 59], [100, -59], [-100, -59]])  # as printed, clockwise
SHIFT_MM = 0.5 / PAGE_PX_PER_MM  # half a pixel, by which the page is rendered to the right and down
MIDDLE_MM = np.array([148.5, 79.0])  # of the pins on the A4 page, from its left upper corner
MARGIN_MM = 4.0  # round the pins that threads and shadows reach into


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """Light from one side, past threads that lie above the card.

    ``dark`` of the light is the lamp's. A thread at the height z throws its shadow ``lean`` * z aside, as soft as
    ``soft`` * z (one sigma); heights go from ``low_mm`` to ``high_mm`` in the order of winding.
    """

    dark: float = 0.4
    lean: tuple[float, float] = (0.6, -0.4)
    soft: float = 0.15
    low_mm: float = 0.5
    high_mm: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """How the card is photographed."""

    width_px: int = 1500
    lens_px: float = 0.7  # blur, one sigma
    tilt: float = 0.012  # how much the corners are displaced, of the width
    uneven: float = 0.25  # the light's fall over the picture
    noise: float = 0.02  # of white, and as the root of the light
    jpeg: int | None = 92
    turn: int = 0  # quarter turns
    tint: tuple[float, float, float] = (1.0, 0.98, 0.95)  # what the camera's white balance leaves of the lamp's colour


def card_photo(
    card: Plan,
    color: str,
    diameter_mm: float,
    *,
    pin_mm: float | None = None,
    seed: int = 0,
    camera: Camera | None = None,
    shadows: Shadows | None = None,
):
    """Return (rows, cols, 3) uint8 and where the marks' centres are in it, as (col, row) from the left upper one."""
    camera, rng = camera or Camera(), np.random.default_rng(seed)
    flat = wound_page(card, color, diameter_mm, pin_mm or card.pins.diameter_mm, shadows)
    rows = round(camera.width_px * 0.75)
    corners = np.array([[0.13, 0.2], [0.86, 0.14], [0.9, 0.83], [0.09, 0.78]]) * [camera.width_px, rows]
    corners += rng.normal(0, camera.tilt, (4, 2)) * camera.width_px
    photo = _seen(flat, corners, (rows, camera.width_px), camera.lens_px) * _light(rng, rows, camera)[..., None]
    photo *= np.array(camera.tint) * 0.8  # an exposure that leaves room
    photo += rng.normal(0, camera.noise, photo.shape) * np.sqrt(np.maximum(photo, 0))
    photo = np.round(255 * _encoded(np.clip(photo, 0, 1))).astype(np.uint8)
    for _ in range(camera.turn % 4):
        corners = np.column_stack([corners[:, 1], photo.shape[1] - corners[:, 0]])
        photo = np.rot90(photo)
    return _compressed(photo, camera.jpeg), corners


def wound_page(card: Plan, color: str, diameter_mm: float, pin_mm: float, shadows: Shadows | None):
    """Return the page in linear light, (rows, cols, 3) float32, with threads, pins and shadows."""
    page = _printed(card.to_bytes()).copy()
    left, top = ((MIDDLE_MM - [PINS_X_MM, PINS_Y_MM] - MARGIN_MM) * PAGE_PX_PER_MM).round().astype(int)
    lines = _lines(card, (pin_mm + diameter_mm) / 2) + complex(SHIFT_MM, -SHIFT_MM)
    bare = _uncovered(lines.tobytes(), diameter_mm)
    window = page[top : top + bare.shape[0], left : left + bare.shape[1]]
    ground, thread = window.copy(), _decoded(np.array(ImageColor.getrgb(color)) / 255).astype(np.float32)
    if shadows:
        lit = 1 - shadows.dark * (1 - _lamp(lines.tobytes(), diameter_mm, replace(shadows, dark=1)))
        ground, thread = ground * lit, thread * (0.5 + 0.5 * lit)  # half of the threads lie above half of the others
    window[:] = bare * ground + (1 - bare) * thread
    _put_pins(window, card, pin_mm)
    return page


@lru_cache(maxsize=2)
def _printed(plan_bytes: bytes):
    page = pypdfium2.PdfDocument(export(Plan.from_bytes(plan_bytes), ExportOptions()))[0]
    picture = np.asarray(page.render(scale=PAGE_PX_PER_MM * 25.4 / 72).to_pil().convert("RGB"))
    return _decoded(np.arange(256) / 255).astype(np.float32)[picture]


def _lines(card: Plan, reach_mm: float):
    """Begin and end of every step as complex mm: beside each pin on the side that the thread bends away from."""
    pins = card.pins.xy_mm @ [1, 1j]
    (layer,) = card.layers
    at = pins[layer.pins]
    way = np.diff(at)
    bend = (np.conj(way[:-1]) * way[1:]).imag
    straight = np.sign((np.conj(way[:-1]) * at[1:-1]).imag)  # outside, as seen from the middle
    side = np.where(np.abs(bend) > 1e-6, -np.sign(bend), straight)  # +1: the thread passes on the left of the pin
    side = reach_mm * np.concatenate([[0], side, [0]])
    turned = np.exp(1j * (np.angle(way) + np.arcsin((side[1:] - side[:-1]) / np.abs(way))))
    return np.column_stack([at[:-1] + 1j * turned * side[:-1], at[1:] + 1j * turned * side[1:]])


def _bare(lines, diameter_mm: float, px_per_mm: int, shift_mm=(0.0, 0.0)):
    """Share of every pixel that no thread covers, over the ring of pins and the margin round it."""
    half_x, half_y = PINS_X_MM + MARGIN_MM, PINS_Y_MM + MARGIN_MM
    bare = np.ones((round(2 * half_y * px_per_mm), round(2 * half_x * px_per_mm)), np.float32)
    for begin, end in lines + complex(*shift_mm):
        a = np.array([begin.real + half_x, half_y - begin.imag]) * px_per_mm
        b = np.array([end.real + half_x, half_y - end.imag]) * px_per_mm
        if abs(b[1] - a[1]) > abs(b[0] - a[0]):
            _lay(bare, a, b, diameter_mm * px_per_mm / 2)
        else:
            _lay(bare.T, a[::-1], b[::-1], diameter_mm * px_per_mm / 2)
    return bare


def _lay(bare, a, b, half: float):
    """Cover what an upright thread hides; a and b are (across, along) in pixels."""
    (x0, y0), (x1, y1) = sorted((a, b), key=lambda end: end[1])
    along = np.arange(max(int(y0), 0), min(int(np.ceil(y1)), bare.shape[0]))
    middle = x0 + (x1 - x0) * (along + 0.5 - y0) / (y1 - y0)
    upright = (y1 - y0) / np.hypot(x1 - x0, y1 - y0)
    reach = int(half / upright) + 2
    across = np.floor(middle).astype(int)[:, None] + np.arange(-reach, reach + 1)
    cover = np.clip(half + 0.5 - np.abs(across + 0.5 - middle[:, None]) * upright, 0, min(1, 2 * half))
    row, col = np.broadcast_to(along[:, None], across.shape), across
    inside = (col >= 0) & (col < bare.shape[1])
    bare[row[inside], col[inside]] *= 1 - cover[inside].astype(np.float32)


@lru_cache(maxsize=1)  # cards of all colours, in any light, are wound alike
def _uncovered(lines: bytes, diameter_mm: float):
    """Share of every pixel of the page's window that no thread covers, (rows, cols, 1)."""
    bare = _bare(np.frombuffer(lines, complex).reshape(-1, 2), diameter_mm, PAGE_PX_PER_MM * FINE)
    return bare.reshape(bare.shape[0] // FINE, FINE, bare.shape[1] // FINE, FINE).mean((1, 3))[..., None]


@lru_cache(maxsize=1)
def _lamp(lines: bytes, diameter_mm: float, shadows: Shadows):
    """Share of the lamp's light that comes to every pixel of the page's window, (rows, cols, 1)."""
    parts = np.array_split(np.frombuffer(lines, complex).reshape(-1, 2), 5)
    lamp = 1.0
    for part, height in zip(parts, np.linspace(shadows.low_mm, shadows.high_mm, 5), strict=True):
        shift = (shadows.lean[0] * height, shadows.lean[1] * height)
        bare = _bare(part, diameter_mm, PAGE_PX_PER_MM, shift)
        lamp = lamp * ndimage.gaussian_filter(bare, shadows.soft * height * PAGE_PX_PER_MM)
    return lamp[..., None]


def _put_pins(window, card: Plan, pin_mm: float):
    """Nails seen from above: grey discs with a light middle."""
    for x, y in card.pins.xy_mm:
        middle = np.array([y_mm * PAGE_PX_PER_MM for y_mm in (PINS_Y_MM + MARGIN_MM - y, PINS_X_MM + MARGIN_MM + x)])
        reach = int(pin_mm * PAGE_PX_PER_MM) + 2
        top, left = (middle - reach).astype(int)
        row, col = np.mgrid[top : top + 2 * reach, left : left + 2 * reach] + 0.5
        away = np.hypot(row - middle[0], col - middle[1]) / PAGE_PX_PER_MM
        cover = np.clip((pin_mm / 2 - away) * PAGE_PX_PER_MM + 0.5, 0, 1)[..., None]
        metal = np.where(away < pin_mm / 5, 0.7, 0.3)[..., None].astype(np.float32)
        part = window[top : top + 2 * reach, left : left + 2 * reach]
        part += cover.astype(np.float32) * (metal - part)


def _seen(flat, corners, shape: tuple[int, int], lens_px: float):
    """The page as a camera sees it: blurred by lens and pixel, then looked up through the projection."""
    to_page = _projection(corners, (MARKS_MM * [1, -1] + MIDDLE_MM + SHIFT_MM) * PAGE_PX_PER_MM)
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    scale = PAGE_PX_PER_MM * 200 / sides[[0, 2]].mean()  # page pixels in a pixel of the photo
    sigma = scale * np.hypot(lens_px, 0.29)  # a pixel's square has a sigma of 0.29
    row, col = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    x, y, w = np.einsum("ij,jrc->irc", to_page, np.stack([col, row, np.ones(shape)]))
    at = np.stack([y / w, x / w]) - 0.5
    planes = [ndimage.gaussian_filter(flat[..., k], (sigma, sigma)) for k in range(3)]
    return np.stack([ndimage.map_coordinates(plane, at, order=1, cval=0.25) for plane in planes], -1)


def _projection(source, target):
    """The projective map of four points to four others, its last entry 1."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), right), 1).reshape(3, 3)


def _light(rng, rows: int, camera: Camera):
    """A lamp aside, falling off with the square of its distance, and the lens darker towards its corners."""
    row, col = np.mgrid[0:rows, 0 : camera.width_px] / camera.width_px - [[[rows / camera.width_px / 2]], [[0.5]]]
    turn, away = rng.uniform(0, 2 * np.pi), 1.6 / max(camera.uneven, 1e-6) ** 0.5
    lamp = 1 / (1 + ((col - away * np.cos(turn) / 2) ** 2 + (row - away * np.sin(turn) / 2) ** 2) / away**2)
    vignette = 1 - camera.uneven * 0.3 * (col**2 + row**2)
    light = lamp * vignette
    return light / light.max()


def _compressed(photo, quality: int | None):
    if quality is None:
        return photo
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def _decoded(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _encoded(linear):
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
