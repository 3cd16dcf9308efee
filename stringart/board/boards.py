"""Boards and their pins: from the words of the command line to a ring of pins, and the chords that may be wound on it.

Pins stand on the outline, evenly by arc length, from 12 o'clock (the topmost crossing of the vertical line through the
middle of the board's box) clockwise, seen from the front. Coordinates are rounded to a nanometre, so that the last bit
of a machine's sine does not change a plan.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stringart import arguments
from stringart.board import outlines
from stringart.errors import BoardError
from stringart.plan.model import DEFAULT_WIDTH_MM, Array, Board, Indices, Pins
from stringart.plan.taut import pin_reach_mm

DEFAULT_PINS, DEFAULT_PIN_DIAMETER_MM = 288, 2.0
MIN_PINS, MAX_PINS = 8, 5_000
MAX_SIZE_MM = 100_000.0
MIN_SPAN = 1 / 30
"""Share of the rim's length that a chord spans at least: 12 degrees of a circle, where a chord is 0.3 % of the width
deep. Shorter ones darken nothing but the rim, and pull the thread up the pins."""

_BOX_SLACK = 1e-6  # of the larger side: what rounding may cost

PLAIN_SHAPES = ("circle", "ellipse", "rectangle")
_DRAWN = Path(__file__).with_name("drawings")

MAX_CORNERS = 100_000

Mask = NDArray[np.bool_]
Places = NDArray[np.generic] | Sequence[Sequence[float]]
"""What Python gives as (N, 2) places."""


def make_board(
    shape: str | os.PathLike[str] | Places = "circle",
    size_mm: float | Sequence[float] | None = None,
    color: str = "#ffffff",
    *,
    outline_mm: Places | None = None,
) -> Board:
    """Return the board of a shape's word, of a file with an outline or with pins, or of places in mm.

    Parameters
    ----------
    shape : str, path or (N, 2) array
        ``circle``, ``ellipse``, ``rectangle``, a drawn shape such as ``heart``, or the name of an SVG file with one
        closed outline (``FILE.svg#ID``: with the one of this id or label) or of a CSV file with the pins' positions in
        mm (x right, y up). An array is the pins' positions in mm: in the order in which they stand along the rim, or
        in any order where no side of the ring bends inwards. They are moved to the board's middle and renumbered
        from 12 o'clock, clockwise.
    size_mm : float or (width, height), optional
        Of the box around the pins' centres, in mm; 600 x 600 by default. An outline or pins of one's own keep their
        size, or are scaled to fit into this box with their aspect kept.
    color : str
        sRGB ``#rrggbb`` or a CSS name.
    outline_mm : (V, 2) array, optional
        In place of a shape: the corners of a closed outline in mm, wherever it lies and begins.

    Raises
    ------
    BoardError
        If the shape is not known, a size is not positive, or there is not one closed outline.
    UnitError
        If an argument is of another kind.

    Examples
    --------
    >>> board = make_board("rectangle", (800, 600))
    >>> board.shape, board.width_mm, board.height_mm
    ('rectangle', 800.0, 600.0)
    >>> make_board("heart").width_mm
    600.0
    >>> hexagon = [(25, 43), (50, 0), (25, -43), (-25, -43), (-50, 0), (-25, 43)]
    >>> make_board(outline_mm=hexagon, size_mm=(400, 400))
    <Board: outline 400 x 344 mm #ffffff, 7 corners>
    """
    size_mm = None if size_mm is None else size_of(size_mm)
    if outline_mm is not None:
        if shape != "circle":
            raise BoardError("an outline takes the place of a shape", "leave shape out")
        return _board_of("outline", outlines.from_corners(_places(outline_mm, "outline_mm"), size_mm), color)
    if not isinstance(shape, str | os.PathLike):
        return _board_of("pins", outlines.from_places(_places(shape, "board"), size_mm), color)
    shape = os.fspath(shape)
    if shape in PLAIN_SHAPES:
        width_mm, height_mm = size_mm or outlines.DEFAULT_SIZE_MM
        if shape == "circle" and width_mm != height_mm:
            raise BoardError(f"a circle cannot be {width_mm:g} x {height_mm:g} mm", "choose the ellipse, or one size")
        return Board(shape=shape, width_mm=width_mm, height_mm=height_mm, color=color)
    kind, outline = _read_outline(shape, size_mm)
    return _board_of(kind, outline, color)


def _board_of(kind: str, outline: Array, color: str) -> Board:
    width_mm, height_mm = (float(side) for side in np.ptp(outline, axis=0))
    _check_size(width_mm, height_mm)
    return Board(shape=kind, width_mm=width_mm, height_mm=height_mm, color=color, outline_mm=outline)


def size_of(size_mm: object) -> tuple[float, float]:
    """Return width and height of a board, of one number or of two.

    Raises
    ------
    BoardError, UnitError
        If they are not numbers above 0, or too large.
    """
    both = (size_mm, size_mm) if isinstance(size_mm, int | float | np.number) else size_mm
    width_mm, height_mm = arguments.pair(both, "size_mm", "a number of mm, or (width, height)", finite=False)
    _check_size(width_mm, height_mm)
    return width_mm, height_mm


def _places(xy_mm: object, name: str) -> Array:
    """Return places that Python gives as an array of their own."""
    wanted = "(N, 2) places in mm" if name != "board" else "a shape, a file, a Board or (N, 2) places of pins in mm"
    hint = "give board=pins.xy_mm and pin_diameter_mm=pins.diameter_mm" if isinstance(xy_mm, Pins) else ""
    try:
        given = np.array(xy_mm)
        if given.dtype.kind == "c":
            raise TypeError
        points = given.astype(np.float64)
    except (TypeError, ValueError):
        raise arguments.refused(name, wanted, xy_mm, hint) from None
    if points.ndim != 2 or points.shape[1] != 2:
        raise arguments.refused(name, wanted, xy_mm, hint)
    if not (np.abs(points) < 1e9).all():
        row = int(np.flatnonzero(~(np.abs(points) < 1e9).all(1))[0])
        raise BoardError(
            f"{name}[{row}] is {points[row].tolist()}: not a place in mm",
            "every row is x and y in mm",
        )
    if not 3 <= len(points) <= MAX_CORNERS:
        raise BoardError(f"{name} has {len(points)} places", f"give 3 to {MAX_CORNERS}")
    return points


def shape_words() -> tuple[str, ...]:
    """Return every word for a shape."""
    return (*PLAIN_SHAPES, *drawn_shapes())


def drawn_shapes() -> tuple[str, ...]:
    """Return the shapes that are drawn: an SVG file each in ``board/drawings``, named like the shape."""
    return tuple(sorted(path.stem for path in _DRAWN.glob("*.svg")))


def _read_outline(name: str, size_mm: tuple[float, float] | None) -> tuple[str, Array]:
    if name in drawn_shapes():
        return "outline", outlines.from_svg(_DRAWN / f"{name}.svg", size_mm)
    file, _, chosen = name.rpartition("#") if "#" in name and not Path(name).exists() else (name, "", None)
    ending = Path(file).suffix.lower()
    if ending in (".svg", ".svgz"):
        return "outline", outlines.from_svg(file, size_mm, chosen)
    if ending in (".csv", ".tsv", ".txt"):
        return "pins", outlines.from_csv(name, size_mm)
    raise BoardError(
        f"the board '{name}' is not known",
        f"choose {', '.join(shape_words())}, an .svg file with an outline or a .csv file with the pins' x,y in mm",
    )


def _check_size(width_mm: float, height_mm: float) -> None:
    if not (0 < width_mm <= MAX_SIZE_MM and 0 < height_mm <= MAX_SIZE_MM):
        raise BoardError(
            f"a board of {width_mm:g} x {height_mm:g} mm cannot be made",
            f"both sides must be above 0 and at most {MAX_SIZE_MM / 1000:g} m",
        )


def place_pins(board: Board, count: int | None = None, diameter_mm: float = DEFAULT_PIN_DIAMETER_MM) -> Pins:
    """Return the board's pins, evenly by arc length, pin 0 at 12 o'clock, clockwise.

    Parameters
    ----------
    board : Board
    count : int, optional
        288 by default. A board of given pins has as many as were given.
    diameter_mm : float
        Of a pin.

    Raises
    ------
    BoardError
        If there are fewer than 8 pins, or they stand closer together than their diameter.
    UnitError
        If an argument is of another kind.

    Examples
    --------
    >>> pins = place_pins(make_board("circle", (400, 400)), 200)
    >>> len(pins), pins.xy_mm[0].tolist(), pins.xy_mm[50].tolist()
    (200, [0.0, 200.0], [200.0, 0.0])
    """
    arguments.instance(board, Board, "board", "make one with make_board")
    count = None if count is None else arguments.whole(count, "pins")
    diameter_mm = arguments.number(diameter_mm, "pin_diameter_mm", finite=False)
    _check_size(board.width_mm, board.height_mm)
    if not 0 < diameter_mm < math.inf:
        raise BoardError(f"pins of {diameter_mm:g} mm cannot be made", "the diameter must be above 0")
    if board.shape == "pins" and board.outline_mm is not None:
        given = _given_pins(board.outline_mm, count, diameter_mm)
        check_within(board, given)
        return given
    count = DEFAULT_PINS if count is None else count
    _check_count(count)
    xy_mm = _evenly(board, count)
    nearest_mm = _nearest_mm(xy_mm)
    if nearest_mm < diameter_mm:
        fits = _largest_count(board, count, diameter_mm)
        raise BoardError(
            f"{count} pins of {diameter_mm:g} mm stand only {nearest_mm:.3g} mm apart, centre to centre",
            f"at most {fits} such pins fit" if fits >= MIN_PINS else "make the board larger or the pins thinner",
        )
    return Pins(diameter_mm=diameter_mm, xy_mm=xy_mm)


def _given_pins(xy_mm: Array, count: int | None, diameter_mm: float) -> Pins:
    _check_count(len(xy_mm))
    if count is not None and count != len(xy_mm):
        raise BoardError(
            f"the board's file gives {len(xy_mm)} pins, but {count} are asked for", "leave the number of pins out"
        )
    if not np.array_equal(outlines.from_twelve(xy_mm, split=False), xy_mm):
        raise BoardError(
            "the board's pins are not numbered from 12 o'clock, clockwise", "make_board(xy) renumbers them"
        )
    nearest_mm = _nearest_mm(xy_mm)
    if nearest_mm < diameter_mm:
        raise BoardError(
            f"pins of {diameter_mm:g} mm stand only {nearest_mm:.3g} mm apart, centre to centre",
            f"choose pins thinner than {nearest_mm:.3g} mm or move them apart",
        )
    return Pins(diameter_mm=diameter_mm, xy_mm=xy_mm)


def _check_count(count: int) -> None:
    if not MIN_PINS <= count <= MAX_PINS:
        raise BoardError(f"{count} pins cannot be wound", f"choose {MIN_PINS} to {MAX_PINS} pins")


def check_thread(pins: Pins, thread_mm: float) -> None:
    """Refuse a thread that does not pass between two pins.

    Raises
    ------
    BoardError
        With the thread's width and the smallest gap between two pins.
    """
    if not 0 < thread_mm < math.inf:
        raise BoardError(f"a thread of {thread_mm:g} mm cannot be wound", "its width must be above 0")
    nearest_mm = _nearest_mm(pins.xy_mm)
    if thread_mm >= nearest_mm - pins.diameter_mm:
        raise BoardError(
            f"a thread of {thread_mm:g} mm does not pass between pins of {pins.diameter_mm:g} mm "
            f"that stand {nearest_mm:.3g} mm apart: the gap is {max(nearest_mm - pins.diameter_mm, 0):.3g} mm",
            "take fewer or thinner pins, a larger board or a thinner thread",
        )


def _evenly(board: Board, count: int) -> Array:
    half = np.array([board.width_mm / 2, board.height_mm / 2])
    if board.shape == "circle":
        turn = np.arange(count) * (2 * np.pi / count)
        xy = np.column_stack([np.sin(turn), np.cos(turn)]) * half
    elif board.shape == "ellipse":
        xy = _on_ellipse(half, count)
    else:
        xy = _on_polygon(outlines.from_twelve(_corners(board)), count)
    return np.asarray(np.round(xy, 6) + 0.0)  # no minus zero


def _corners(board: Board) -> Array:
    if board.outline_mm is not None and len(board.outline_mm) >= 3:
        return board.outline_mm
    if board.shape != "rectangle":
        raise BoardError(
            f"a board of the shape '{board.shape}' needs an outline of at least 3 corners",
            "choose one of the named shapes, or give outline_mm",
        )
    half = np.array([board.width_mm / 2, board.height_mm / 2])
    return np.asarray(np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * half)


def _on_ellipse(half: Array, count: int) -> Array:
    turn = np.linspace(0, 2 * np.pi, 2**16 + 1)
    speed = np.hypot(half[0] * np.cos(turn), half[1] * np.sin(turn))
    length = np.concatenate([[0], np.cumsum(speed[1:] + speed[:-1])])
    turn = np.interp(np.arange(count) * (length[-1] / count), length, turn)
    return np.asarray(np.column_stack([np.sin(turn), np.cos(turn)]) * half)


def _on_polygon(ring: Array, count: int) -> Array:
    closed = np.vstack([ring, ring[:1]])
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.arange(count) * (length[-1] / count)
    return np.asarray(np.column_stack([np.interp(at, length, closed[:, 0]), np.interp(at, length, closed[:, 1])]))


def _nearest_mm(xy_mm: Array) -> float:
    """Smallest distance between two pins, neighbours or not (an outline may come near to itself)."""
    order = np.argsort(xy_mm[:, 0], kind="stable")
    xy = xy_mm[order]
    best = float(np.hypot(*(xy_mm - np.roll(xy_mm, 1, axis=0)).T).min())
    for step in range(1, len(xy)):  # pins sorted by x: stop when x alone keeps them apart
        apart = xy[step:] - xy[:-step]
        if apart[:, 0].min() >= best:
            break
        best = min(best, float(np.hypot(*apart.T).min()))
    return best


def _largest_count(board: Board, count: int, diameter_mm: float) -> int:
    """Largest number of pins below ``count`` that stand a diameter apart; 0 if 8 do not."""
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        fits = middle < MIN_PINS or _nearest_mm(_evenly(board, middle)) >= diameter_mm
        low, high = (middle, high) if fits else (low, middle)
    return low


def allowed_chords(board: Board, pins: Pins, thread_mm: float = DEFAULT_WIDTH_MM) -> Indices:
    """Return the chords that may be wound.

    Left out are neighbouring pins (steps along the rim), chords that span less than a thirtieth of the rim, chords that
    run along an edge or otherwise so close to another pin that the thread would catch on it, whichever way it goes
    round its own two, and chords that leave the board. A thread that leaves a pin at a flat angle, on the side away
    from the neighbour, could not be wound either: it would have to come from beyond that neighbour.

    Parameters
    ----------
    board : Board
    pins : Pins
    thread_mm : float
        Width of the thread.

    Returns
    -------
    (C, 2) int32 array
        Numbers of pins i < j, in lexicographic order.

    Raises
    ------
    BoardError
        If no chord is left.
    """
    from stringart import _kernels  # numba: what only speaks of boards begins without it

    check_within(board, pins)
    i, j = (side.astype(np.int32) for side in np.triu_indices(len(pins), 2))
    rim = np.concatenate([[0], np.cumsum(np.hypot(*(pins.xy_mm - np.roll(pins.xy_mm, -1, axis=0)).T))])
    along = rim[j] - rim[i]
    far = (np.minimum(along, rim[-1] - along) >= rim[-1] * MIN_SPAN * (1 - 1e-9)) & (j - i < len(pins) - 1)
    i, j = i[far], j[far]
    is_convex = board.outline_mm is None or outlines.is_convex(board.outline_mm)
    if not is_convex:
        inside = _stays_inside(board, pins.xy_mm[i], pins.xy_mm[j])
        i, j = i[inside], j[inside]
    reach_mm = pin_reach_mm(pins.diameter_mm, thread_mm)
    free = np.ones(len(i), np.bool_)
    _kernels.chords_clear_of_pins(pins.xy_mm, i, j, reach_mm, not is_convex, free)
    if not free.any():
        raise BoardError(f"no chord of {len(pins)} pins can be wound on this board", "take thinner pins")
    return np.column_stack([i[free], j[free]])


def check_within(board: Board, pins: Pins) -> None:
    """Refuse pins outside their board's box: the grids of search and score reach as far as the box.

    Raises
    ------
    BoardError
        With the pin, its place and the box.
    """
    beyond_mm = np.abs(pins.xy_mm) - np.array([board.width_mm, board.height_mm]) / 2
    pin = int(beyond_mm.max(1).argmax())
    if beyond_mm[pin].max() > max(board.width_mm, board.height_mm) * _BOX_SLACK:
        x_mm, y_mm = pins.xy_mm[pin]
        raise BoardError(
            f"pin {pin} stands at {x_mm:.1f}, {y_mm:.1f} mm, outside the board's box of {board.width_mm:g} x "
            f"{board.height_mm:g} mm round its centre",
            "give the board the size of the box round the pins, and the pins with 0, 0 in its middle",
        )


def _stays_inside(board: Board, start_mm: Array, end_mm: Array) -> Mask:
    import shapely

    slack_mm = max(board.width_mm, board.height_mm) * 1e-6  # pins lie on the edge, to within rounding
    polygon = shapely.Polygon(board.outline_mm).buffer(slack_mm, join_style="mitre")
    shapely.prepare(polygon)
    inside: Mask = shapely.covers(polygon, shapely.linestrings(np.stack([start_mm, end_mm], axis=1)))
    return inside
