"""Where the camera stands before a piece on its wall, where the light comes from, and where things are seen."""

from dataclasses import dataclass

import numpy as np
import shapely

from stringart.errors import UnitError
from stringart.plan.model import Array, Board, Plan

MAX_SIDE_PX = 4000
_LIGHT = np.array([-0.46, 0.58, 0.67])  # towards the window: x right, y up, z to the eye
TOWARDS = _LIGHT / np.sqrt((_LIGHT**2).sum())
_HALF = TOWARDS + np.array([0.0, 0.0, 1.0])
BETWEEN = _HALF / np.sqrt((_HALF**2).sum())  # half-way from the eye to the light
_DISTANCE = 2.4  # of the camera, in larger sides of the board
_MARGIN = 0.12  # wall round the board, of its larger side
_WALL_ASPECT, _LOWER = (
    0.75,
    0.2,
)  # of a wall whose width is given: its height, and how far the piece is above the middle where the floor is seen
HANGS_MM, SKIRTING_MM = 1500.0, 80.0  # the piece's middle and the skirting's edge, above the floor
_WINDOW = 0.16  # how wide the window is, of its distance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """What is seen, and at which scale.

    Parameters
    ----------
    shape : (rows, cols)
        Of the picture.
    px_per_mm : float
        Of the board's face.
    middle_px : (col, row)
        Where the board's middle is.
    distance_mm : float
        From the board's middle, straight in front of it.
    outline : shapely.Polygon
        Of the board, mm.
    window : (slice, slice)
        Rows and columns in which the piece is.
    """

    shape: tuple[int, int]
    px_per_mm: float
    middle_px: tuple[float, float]
    distance_mm: float
    outline: shapely.Polygon
    window: tuple[slice, slice]

    def px(self, xyz_mm: Array) -> Array:
        """Columns and rows of points (..., 3) above the board: what is higher is nearer to the camera."""
        return self.flat_px(xyz_mm[..., :2] * (self.distance_mm / (self.distance_mm - xyz_mm[..., 2:])))

    def flat_px(self, xy_mm: Array) -> Array:
        """Columns and rows of points (..., 2) of the board's face."""
        return np.asarray(xy_mm * [1, -1] * self.px_per_mm + np.array(self.middle_px))

    def foot_px(self, xyz_mm: Array, towards: Array) -> Array:
        """Columns and rows of where the shadows of points (..., 3) fall on the board, in light from one side."""
        return self.flat_px(xyz_mm[..., :2] - xyz_mm[..., 2:] * (towards[:2] / towards[2]))


def camera_for(plan: Plan, *, width_px: int, wall_mm: float | None, edge_mm: float, above_mm: float) -> Camera:
    """Stand before a plan's piece, whose nails are ``above_mm`` high.

    Raises
    ------
    UnitError
        If the wall is narrower than the board, or the picture is larger than 4000 px.
    """
    outline = _outline(plan, edge_mm)
    wide_mm, tall_mm, lower_mm = _seen_mm(plan.board, wall_mm, edge_mm)
    scale = width_px / wide_mm
    shape = (max(round(tall_mm * scale), 1), width_px)
    if not 100 <= width_px <= MAX_SIDE_PX or shape[0] > MAX_SIDE_PX:
        raise UnitError(f"a picture of {width_px} x {shape[0]} px is outside 100 to {MAX_SIDE_PX} px", "--width 1600px")
    middle = (shape[1] / 2, shape[0] / 2 - lower_mm * scale)
    return Camera(
        shape=shape,
        px_per_mm=scale,
        middle_px=middle,
        distance_mm=_DISTANCE * max(plan.board.width_mm, plan.board.height_mm),
        outline=outline,
        window=_window(outline, scale, middle, shape, above_mm),
    )


def _seen_mm(board: Board, wall_mm: float | None, edge_mm: float) -> tuple[float, float, float]:
    """Width and height of the wall that is seen, and how far the piece hangs above its middle."""
    larger_mm = max(board.width_mm, board.height_mm)
    pad_mm = 2 * (edge_mm + _MARGIN * larger_mm)
    if wall_mm is None:
        return board.width_mm + pad_mm, board.height_mm + pad_mm, 0.0
    least_mm = board.width_mm + 2 * edge_mm
    if wall_mm < least_mm:
        raise UnitError(
            f"a wall of {wall_mm:g} mm is narrower than the board, {least_mm:g} mm",
            "choose a wider --wall, or leave it out",
        )
    tall_mm = max(_WALL_ASPECT * wall_mm, board.height_mm + pad_mm)
    lower_mm = min(_LOWER * tall_mm, (tall_mm - board.height_mm - pad_mm) / 2)
    return wall_mm, tall_mm, lower_mm if lower_mm + tall_mm / 2 > HANGS_MM - SKIRTING_MM else 0.0


def _outline(plan: Plan, edge_mm: float) -> shapely.Polygon:
    """The board with its edge beyond the pins."""
    board = plan.board
    half = np.array([board.width_mm, board.height_mm]) / 2
    if board.shape in ("circle", "ellipse"):
        angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
        return shapely.Polygon(np.column_stack([np.sin(angle), np.cos(angle)]) * (half + edge_mm))
    if board.shape == "rectangle":
        return shapely.box(*(-half - edge_mm), *(half + edge_mm))
    ring = plan.pins.xy_mm if board.outline_mm is None else board.outline_mm
    wide = shapely.Polygon(ring).buffer(edge_mm, join_style="mitre", mitre_limit=2)
    return max(getattr(wide, "geoms", [wide]), key=lambda part: part.area)


def _window(
    outline: shapely.Polygon, scale: float, middle: tuple[float, float], shape: tuple[int, int], above_mm: float
) -> tuple[slice, slice]:
    left, low, right, high = (side * scale for side in outline.bounds)
    far = int(np.ceil(2 + above_mm * scale))
    rows = slice(max(int(middle[1] - high) - far, 0), min(int(middle[1] - low) + far, shape[0]))
    return rows, slice(max(int(middle[0] + left) - far, 0), min(int(middle[0] + right) + far, shape[1]))


def window_views(count: int) -> list[Array]:
    """Directions towards so many points of the window: a sunflower's seeds on a disc across the light."""
    side = np.cross(TOWARDS, [0.0, 0.0, 1.0])
    side /= np.sqrt((side**2).sum())
    other, seeds = np.cross(TOWARDS, side), np.arange(count) + 0.5
    away, turn = _WINDOW * np.sqrt(seeds / count), np.pi * (3 - np.sqrt(5)) * seeds
    return list(TOWARDS + (away * np.cos(turn))[:, None] * side + (away * np.sin(turn))[:, None] * other)
