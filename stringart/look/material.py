"""The piece as it will hang there: nails, board, thread with light and shadow, on a wall at its size.

A picture to decide by, computed from the plan and its build-up, and never one to measure by: `paint` is that. The light
falls from the upper left, as from a window; the camera stands in front of the middle. What lies higher is nearer to it,
and so a little larger and farther out. A shadow on the board is seen from several points of the window and so grows
softer with the height of its thread; threads darken what lies under and beside them.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from stringart import _kernels
from stringart.errors import UnitError
from stringart.look.camera import BETWEEN, TOWARDS, Camera, camera_for
from stringart.look.ground import board_face, board_mask, falloff, lay_floor, wall
from stringart.look.paint import mean_of_squares, notes_of, to_levels
from stringart.look.solid import Solid, Strands, solid_of
from stringart.plan.model import DEFAULT_WIDTH_MM, Array, Plan
from stringart.plan.nails import nails_of

PAINTED, WOOD = "painted", "wood"
GROUNDS = (PAINTED, WOOD)
WIDTH_PX = 1600
Map = NDArray[np.float32]
_PLY_MM, _LEAST_PLY_PX = 0.7, 3
_BAND_BYTES = 12 * 2**20
_DOME, _HEAD = 0.7, (0.44, 0.43, 0.41)


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """How the piece is shown.

    Parameters
    ----------
    width_px : int
        Of the picture, 100 to 4000.
    ground : str
        ``painted`` in the board's colour, or ``wood``.
    wall_mm : float, optional
        Width of the wall that is seen; by default a little more than the board.
    edge_mm : float
        Board beyond its pins.

    Raises
    ------
    UnitError
        If the ground is not known.
    """

    width_px: int = WIDTH_PX
    ground: str = PAINTED
    wall_mm: float | None = None
    edge_mm: float = 15.0

    def __post_init__(self) -> None:
        if self.ground not in GROUNDS:
            raise UnitError(f"'{self.ground}' is not a ground", f"it is {' or '.join(GROUNDS)}")


def material_view(plan: Plan, real: Real | None = None) -> NDArray[np.uint8]:
    """Show the finished piece as a photograph of it would.

    Parameters
    ----------
    plan : Plan
    real : Real, optional

    Returns
    -------
    (rows, cols, 3) uint8 array
        sRGB; the same plan gives the same bytes on every run.

    Raises
    ------
    UnitError
        If the wall is narrower than the board, or the picture larger than 4000 px.

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> pins = Pins(diameter_mm=2, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
    >>> black = Thread(name="black", color="#000000", diameter_mm=6)
    >>> plan = Plan(board=Board(), pins=pins, threads=(black,), layers=(Layer(thread=0, pins=[0, 2]),))
    >>> material_view(plan, Real(width_px=200, wall_mm=1200)).shape
    (150, 200, 3)
    """
    real, nails = real or Real(), nails_of(plan)
    camera = camera_for(
        plan, width_px=real.width_px, wall_mm=real.wall_mm, edge_mm=real.edge_mm, above_mm=nails.above_mm
    )
    solid = solid_of(plan)
    ground = _ground(camera, solid, plan.board.color if real.ground == PAINTED else None, nails.board_mm)
    out = to_levels(ground)
    cols = camera.window[1]
    for first, seen in _bands(camera, solid, _fineness(plan, camera)):
        place = slice(first, first + len(seen)), cols
        out[place] = to_levels(seen[..., :3] + (1 - seen[..., 3:]) * ground[place])
    return out


def material_png(plan: Plan, real: Real | None = None) -> bytes:
    """Return `material_view` as a PNG that names the program, the command and the plan's hash."""
    notes = PngImagePlugin.PngInfo()
    for key, value in notes_of(plan).items():
        notes.add_itxt(key, value)
    file = io.BytesIO()
    Image.fromarray(material_view(plan, real)).save(file, "PNG", pnginfo=notes)
    return file.getvalue()


def _ground(camera: Camera, solid: Solid, color: str | None, board_mm: float) -> Map:
    """Wall and board with all shadows on them, (rows, cols, 3) linear light."""
    mask = board_mask(camera)
    out = wall(camera, mask, board_mm)
    lay_floor(out, camera)
    part = mask[camera.window]
    face = board_face(camera, part, color, Strands.joined(solid.shafts, solid.threads))
    out[camera.window] += part[..., None] * (face - out[camera.window])
    return out


def _fineness(plan: Plan, camera: Camera) -> int:
    thinnest_mm = min((thread.diameter_mm for thread in plan.threads), default=DEFAULT_WIDTH_MM)
    return min(max(int(np.ceil(1 / (camera.px_per_mm * 0.6 * thinnest_mm))), 2), 8)


def _bands(camera: Camera, solid: Solid, fine: int) -> Iterator[tuple[int, Map]]:
    """Band by band of the window: its first row and (rows, cols, 4), light of threads and nails and their cover."""
    rows, cols = camera.window
    strands = Strands.joined(solid.shafts, solid.threads, solid.collars, solid.tips)
    ends = ((camera.px(strands.ends_mm) - [cols.start, 0]) * fine).reshape(-1, 4)
    half_px = strands.radius_mm * camera.px_per_mm * fine
    light = np.array([TOWARDS, BETWEEN]) * [1, -1, 1]
    ply_px = _PLY_MM * camera.px_per_mm * fine
    ply_px = ply_px if ply_px >= _LEAST_PLY_PX else 0.0
    width = (cols.stop - cols.start) * fine
    dimmed = falloff(camera.shape)[:, cols, None]
    for first in range(rows.start, rows.stop, band := max(_BAND_BYTES // (width * fine * fine * 16), 1)):
        stop = min(first + band, rows.stop)
        canvas = np.zeros(((stop - first) * fine, width, 4), np.float32)
        _kernels.lay_strands(canvas, ends, half_px, strands.looks, light, first * fine, ply_px)
        _lay_heads(canvas, (camera.px(solid.heads_mm) - [cols.start, first]) * fine, _head_px(camera, solid) * fine)
        seen = mean_of_squares(canvas, fine)
        seen[..., :3] *= dimmed[first:stop]
        yield first, seen


def _head_px(camera: Camera, solid: Solid) -> float:
    nearer = camera.distance_mm / (camera.distance_mm - solid.heads_mm[0, 2])
    return float(solid.head_mm * nearer * camera.px_per_mm)


def _lay_heads(canvas: Map, middles: Array, radius: float) -> None:
    """Lay domed heads of steel at (col, row) of a canvas of light and cover."""
    for col, row in middles[(middles[:, 1] > -radius - 1) & (middles[:, 1] < len(canvas) + radius + 1)]:
        top, left = max(int(row - radius - 1), 0), max(int(col - radius - 1), 0)
        part = canvas[top : max(int(row + radius + 2), 0), left : max(int(col + radius + 2), 0)]
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        alpha, light = _head((x + 0.5 - col) / radius, (y + 0.5 - row) / radius, radius)
        part += alpha[..., None] * (np.dstack([light, np.ones_like(alpha)]) - part)


def _head(x: Array, y: Array, radius: float) -> tuple[Array, Array]:
    """Cover (rows, cols) and light (rows, cols, 3) of a head, x and y in its radii from its middle."""
    away = np.hypot(x, y)
    up, lean = np.sqrt(np.clip(1 - _DOME * away**2, 0.05, 1)), np.sqrt(_DOME)
    direct = np.clip(lean * (x * TOWARDS[0] - y * TOWARDS[1]) + up * TOWARDS[2], 0, None)
    shine = np.clip(lean * (x * BETWEEN[0] - y * BETWEEN[1]) + up * BETWEEN[2], 0, 1) ** 30
    light = np.array(_HEAD) * (0.28 + 0.85 * direct)[..., None] + 1.1 * shine[..., None]
    return np.clip((1 - away) * radius + 0.5, 0, 1), light
