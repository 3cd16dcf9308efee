"""Free outlines and pins from files: SVG and CSV in, corners in the board's frame out (mm, y up, clockwise)."""

import io
import math
import os
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stringart.board.drawing import joined, plain_drawing
from stringart.board.pin_tables import pins_of_table
from stringart.errors import BoardError
from stringart.files import read_bytes, read_text
from stringart.plan.model import Array

MAX_FILE_BYTES = 32 * 2**20
_MM_PER_PX = 25.4 / 96  # CSS: 96 px an inch
_CURVE_POINTS = 4096
_FLAT = 2e-5  # share of the size by which a curve may be flattened: 0.012 mm of 600 mm
_MEETS = 1e-3  # share of the size within which two ends are one corner
DEFAULT_SIZE_MM = (600.0, 600.0)
Size = tuple[float, float] | None


def from_svg(path: str | os.PathLike[str], size_mm: Size = None, chosen: str | None = None) -> Array:
    """Read the one closed outline of an SVG file, packed (.svgz) or not.

    Paths, rects, circles, ellipses, polygons and lines that close count, with their transforms. Among several shapes
    the one with the id or Inkscape's label ``board`` is taken.

    Parameters
    ----------
    path : path-like
    size_mm : (width, height), optional
        Box into which the outline is scaled, its aspect kept. By default it keeps the size that the file gives it; if
        the file is in pixels only, it is scaled into 600 x 600 mm.
    chosen : str, optional
        Another id or label than ``board``: of a shape, a group or a layer.

    Returns
    -------
    (V, 2) float array
        Corners in mm, clockwise from 12 o'clock, the middle of their box at the origin.

    Raises
    ------
    BoardError
        If the file is not SVG or does not hold one closed outline that does not cross itself.
    """
    name = os.fspath(path)
    drawing = plain_drawing(read_bytes(path, BoardError, MAX_FILE_BYTES), name, chosen)
    corners = _only_outline(_svg_shapes(drawing.data, name), name)
    if size_mm is None and drawing.old_inkscape:
        raise _of_90_px(corners, drawing.old_inkscape, name)
    if size_mm is None and not drawing.is_physical:
        size_mm = DEFAULT_SIZE_MM
    corners = _fitted(corners * [_MM_PER_PX, -_MM_PER_PX], None, f"'{name}'")
    corners = _simple(corners, f"'{name}'")
    box = np.ptp(corners, axis=0)
    neat = np.array([float(f"{side:.6g}") for side in box])  # svgelements' inch is 1e-6 off: 600 mm stay 600 mm
    return from_twelve(_fitted(corners * (neat / box), size_mm, f"'{name}'"))


def _svg_shapes(data: bytes, name: str) -> list[object]:
    import svgelements

    try:
        drawing = svgelements.SVG.parse(io.BytesIO(data), reify=True, ppi=96)
        elements = list(drawing.elements()) if isinstance(drawing, svgelements.SVG) else []
    except Exception as error:  # svgelements raises whatever its parts raise
        raise BoardError(
            f"'{name}' is not an SVG file that can be read: {_one_line(error)}", "save the drawing as SVG"
        ) from None
    shapes = [shape for shape in elements if isinstance(shape, svgelements.Shape) and _is_shown(shape)]
    return [abs(svgelements.Path(shape)) for shape in shapes]


def _of_90_px(corners: Array, version: str, name: str) -> BoardError:
    width, height = np.ptp(corners, axis=0)
    sizes = [f"{width * mm:.0f} x {height * mm:.0f} mm" for mm in (25.4 / 90, _MM_PER_PX)]
    return BoardError(
        f"'{name}' was drawn by Inkscape {version}: its outline is {sizes[0]} there, at 90 px an inch, and {sizes[1]} "
        "elsewhere, at 96",
        f"say which: --size {sizes[0].replace(' ', '')}",
    )


def _is_shown(shape: Any) -> bool:
    return bool(shape.values.get("display") != "none" and shape.values.get("visibility") != "hidden")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _only_outline(paths: list[Any], name: str) -> Array:
    """Return the corners of the one closed line that has any length, in pixels; open ones that meet are one."""
    parts = [_flattened(list(part), name) for path in paths for part in path.as_subpaths()]
    pieces = [points for points in parts if points is not None]
    if not pieces:
        raise BoardError(f"'{name}' has no path, rect, circle or polygon in it", "draw the board's outline as a path")
    slack = _MEETS * max(float(np.ptp(points, axis=0).max()) for points in pieces)
    closed = [points for points in pieces if math.dist(points[0], points[-1]) <= slack and len(points) > 2]
    ends = [points for points in pieces if not any(points is one for one in closed)]
    runs = joined([[complex(x, y) for x, y in points.tolist()] for points in ends], slack)
    pieces = _different([*closed, *(np.array([[point.real, point.imag] for point in run]) for run in runs)], slack)
    if len(pieces) > 1:
        raise BoardError(
            f"'{name}' holds {len(pieces)} outlines, a board has one",
            'delete the others, give the shape that is the board the id or label "board", or name it: FILE.svg#ID',
        )
    if math.dist(pieces[0][0], pieces[0][-1]) > slack:
        raise BoardError(f"the outline in '{name}' is not closed", "close the path: end its d with Z")
    return pieces[0]


def _different(pieces: list[Array], slack: float) -> list[Array]:
    """Leave out what lies on another: a shape drawn once to be filled and once for its edge."""
    kept: list[Array] = []
    for points in pieces:
        if not any(len(one) == len(points) and np.abs(one - points).max() <= slack for one in kept):
            kept.append(points)
    return kept


def _flattened(segments: list[Any], name: str) -> Array | None:
    """Corners of a subpath in pixels, the first again at the end if it is closed; None if it has no length."""
    kinds = [type(segment).__name__ for segment in segments]
    lengths = [
        _rough_length(segment) if kind not in ("Move", "Close") else 0.0
        for kind, segment in zip(kinds, segments, strict=True)
    ]
    total = sum(lengths)
    if total == 0:
        return None
    if not total < math.inf:
        raise BoardError(f"the outline in '{name}' is not finite", "look at its numbers and its transforms")
    corners: list[object] = [[segments[0].end.x, segments[0].end.y]]
    for kind, segment, length in zip(kinds[1:], segments[1:], lengths[1:], strict=True):
        if kind == "Line":
            corners.append([segment.end.x, segment.end.y])
        elif kind == "Close":
            corners.append(corners[0])
        else:
            steps = min(max(math.ceil(_CURVE_POINTS * length / total), 4), 1024)
            corners.extend(segment.npoint(np.linspace(0, 1, steps + 1)[1:]))
    return np.array(corners, np.float64)


def _rough_length(segment: Any) -> float:
    points = np.array([[p.x, p.y] for p in (segment.point(share) for share in (0, 0.25, 0.5, 0.75, 1))])
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _fitted(points: Array, size_mm: Size, name: str) -> Array:
    """Points with the middle of their box at the origin, scaled into a box of this size."""
    box = np.ptp(points, axis=0)
    if not np.isfinite(box).all() or box.min() <= 0:
        raise BoardError(
            f"the outline in {name} has no area: it is {box[0]:g} x {box[1]:g} mm", "draw one closed outline"
        )
    points = points - (points.max(0) + points.min(0)) / 2
    if size_mm is not None:
        points = points * (np.array(size_mm) / box).min()
    return np.round(points, 6) + 0.0


def _simple(corners: Array, name: str) -> Array:
    """Corners without those that a straight line makes needless; refused where the outline crosses itself."""
    import shapely

    polygon = shapely.Polygon(corners)
    if not polygon.is_valid:
        where = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(polygon))
        place = f" at x {float(where[1]):.4g}, y {float(where[2]):.4g} mm from the middle" if where else ""
        raise BoardError(f"the outline in {name} crosses or touches itself{place}", "draw it as one simple loop")
    simple = shapely.Polygon(shapely.simplify(polygon, _FLAT * np.ptp(corners, axis=0).max()))
    return np.asarray(shapely.get_coordinates(simple))[:-1]


def from_csv(path: str | os.PathLike[str], size_mm: Size = None) -> Array:
    """Read the positions of pins, one a row: x, y with y up, in mm; a header may name the columns and their unit.

    Parameters
    ----------
    path : path-like
    size_mm : (width, height), optional
        Box into which they are scaled, their aspect kept.

    Returns
    -------
    (N, 2) float array
        In mm, clockwise from the pin nearest to 12 o'clock; the middle of their box at the origin.

    Raises
    ------
    BoardError
        If a row is not two numbers or can be read in two ways, or the rows do not make a ring.
    """
    name = os.fspath(path)
    return from_places(
        pins_of_table(read_text(path, BoardError, MAX_FILE_BYTES, any_encoding=True), name), size_mm, f"'{name}'"
    )


def from_places(points: Array, size_mm: Size = None, name: str = "the array") -> Array:
    """Return places of pins as a ring, (N, 2) in mm.

    It goes clockwise from the pin nearest to 12 o'clock; its box's middle is the origin.

    Parameters
    ----------
    points : (N, 2) float array
        In mm: along the rim, or in any order where the ring is convex; the first may be said again at the end.
    size_mm : (width, height), optional
        Box into which they are scaled, their aspect kept.
    name : str
        Said in errors.

    Raises
    ------
    BoardError
        If they do not make a ring.
    """
    if len(points) > 1 and (points[0] == points[-1]).all():
        points = points[:-1]
    return from_twelve(_ring(_fitted(points, size_mm, name), name), split=False)


def from_corners(points: Array, size_mm: Size = None, name: str = "outline_mm") -> Array:
    """Return the corners of an outline, (V, 2) in mm, clockwise from 12 o'clock, its box's middle at the origin.

    Parameters
    ----------
    points : (V, 2) float array
        In mm, along the outline; the first may be said again at the end.
    size_mm : (width, height), optional
        Box into which it is scaled, its aspect kept.
    name : str
        Said in errors.

    Raises
    ------
    BoardError
        If it has no area or crosses itself.
    """
    return from_twelve(_fitted(_simple(_fitted(points, None, name), name), size_mm, name))


def _ring(points: Array, name: str) -> Array:
    """Points as they follow each other round the ring: as in the file, or round the middle if they are all convex."""
    import shapely

    if shapely.Polygon(points).is_valid:
        return points
    turned = points[np.argsort(np.arctan2(points[:, 0], points[:, 1]), kind="stable")]
    if is_convex(turned) and shapely.Polygon(turned).is_valid:
        return turned
    raise BoardError(
        f"the ring of pins in {name} crosses itself in the order of its rows",
        "write the pins in the order in which they stand along the rim",
    )


def is_convex(ring: Array) -> bool:
    """Whether a ring of corners, (V, 2) in mm, never turns back, to within rounding."""
    edges = np.roll(ring, -1, axis=0) - ring
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    slack = 1e-9 * np.ptp(ring, axis=0).max() ** 2
    return bool((turns <= slack).all() or (turns >= -slack).all())


def signed_area(ring: Array) -> float:
    """Area of a ring of corners, (V, 2) in mm, positive if it goes counter-clockwise (y up); mm²."""
    x, y = ring.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def from_twelve(ring: Array, split: bool = True) -> Array:
    """Turn a ring clockwise and let it begin at 12 o'clock: where it crosses the upward middle line highest.

    Parameters
    ----------
    ring : (V, 2) float array
        Corners in mm, the middle of their box at the origin.
    split : bool
        True puts a corner at the crossing; False begins with the corner nearest to it, clockwise of two equally near.

    Returns
    -------
    (V, 2) or (V + 1, 2) float array
        The corners in mm.
    """
    if signed_area(ring) > 0:
        ring = ring[::-1]
    after = np.roll(ring, -1, axis=0)
    height = _crossing_heights(ring, after)
    if np.isnan(height).all():
        raise BoardError("the outline does not lie round the board's middle", "move the middle of its box to 0, 0")
    edge = int(np.nanargmax(height))
    if not split:
        nearer = edge if abs(ring[edge, 0]) < abs(after[edge, 0]) else edge + 1
        return np.roll(ring, -nearer, axis=0)
    ring = np.roll(ring, -edge - 1, axis=0)
    top = np.array([[0.0, height[edge]]])
    kept = ring[(ring != top).any(1)]
    return np.vstack([top, kept])


def _crossing_heights(ring: Array, after: Array) -> NDArray[np.float64]:
    """Where each edge crosses x = 0; nan where it does not."""
    (x0, y0), (x1, y1) = ring.T, after.T
    crosses = (np.minimum(x0, x1) <= 0) & (np.maximum(x0, x1) >= 0)
    span = np.where(x1 == x0, 1.0, x1 - x0)
    height = np.where(x1 == x0, np.maximum(y0, y1), y0 - x0 * (y1 - y0) / span)
    return np.where(crosses, height, np.nan)
