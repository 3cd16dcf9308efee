"""Measuring a thread: a small card of known coverages to wind, and the fit of a photo of it.

The card is a plan like any other, with patches from sparse to dense. A photo of it is straightened by its four corner
marks and averaged over small cells. A cell of the card that lets the share T of its ground through is seen as

    light(x, y) * (T * ground + (1 - T) * thread)

with T painted by the same code as every preview, at a width of thread d; the light is a smooth surface over the card,
known from bare paper. The dense cells say the thread's colour, the sparse ones its width: d, the colour and the light
are fitted together by least squares.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from stringart.errors import PhotoError
from stringart.light import linear_color, to_bytes
from stringart.look.paint import paint
from stringart.plan.model import Board, Layer, Pins, Plan, Provenance, Thread

PITCH_MM, COLUMNS, HEIGHT_MM, PIN_MM = 4.0, 43, 90.0, 2.0
MARK_MM, MARK_X_MM, MARK_Y_MM = 12.0, 16.0, 14.0  # side of a corner mark; its centre beyond the pins
_PATCHES = ((0, 6, 1), (9, 17, 2), (20, 27, 6), (31, 43, 11))  # first and last column, farthest offset top to bottom
_CELL_MM, _NEAR_PINS_MM = 5.0, 7.5
_COARSE_PX_PER_MM, _FINE_PX_PER_MM = 6, 12
_SAMPLES = 64  # along a window's side: finer than the pixels of any phone's photo of the card
_THINNEST_MM, _WIDEST_MM = 0.03, 1.5
_WORST_RMS = 0.05
Array = NDArray[np.float64]


def card_plan(thread: Thread, board_color: str = "#ffffff", version: str = "", command: str = "") -> Plan:
    """Return the test card as a plan: pins in two rows, four patches of rising coverage.

    Parameters
    ----------
    thread : Thread
        The thread to be measured, with a first guess of its width.
    board_color : str
        sRGB ``#rrggbb`` of the ground.
    version, command : str
        Named in the plan.
    """
    width_mm = PITCH_MM * (COLUMNS - 1)
    x = (np.arange(COLUMNS) - COLUMNS // 2) * PITCH_MM
    top = np.column_stack([x, np.full(COLUMNS, HEIGHT_MM / 2)])
    bottom = np.column_stack([x[::-1], np.full(COLUMNS, -HEIGHT_MM / 2)])
    xy_mm = np.roll(np.concatenate([top, bottom]), -(COLUMNS // 2), axis=0)
    layer = Layer(thread=0, pins=np.array([_pin(row, column) for row, column in _trail()], np.int32))
    return Plan(
        board=Board(shape="rectangle", width_mm=width_mm, height_mm=HEIGHT_MM, color=board_color),
        pins=Pins(diameter_mm=PIN_MM, xy_mm=xy_mm),
        threads=(thread,),
        layers=(layer,),
        provenance=Provenance(version=version, command=command) if version else None,
    )


def marks_mm(card: Plan) -> Array:
    """Centres of the four corner marks in the board's frame, (4, 2), clockwise from the left upper one."""
    x, y = card.board.width_mm / 2 + MARK_X_MM, card.board.height_mm / 2 + MARK_Y_MM
    return np.array([[-x, y], [x, y], [x, -y], [-x, -y]])


def _pin(row: int, column: int) -> int:
    """Number of a pin: row 0 is the upper one, columns from the left."""
    place = column if row == 0 else 2 * COLUMNS - 1 - column
    return (place - COLUMNS // 2) % (2 * COLUMNS)


def _trail() -> list[tuple[int, int]]:
    """The winding of all patches as (row, column), joined along the rows of pins."""
    trail: list[tuple[int, int]] = []
    for first, stop, farthest in _PATCHES:
        for number, offset in enumerate(range(farthest, -farthest, -2)):
            sweep = list(_sweep(first, stop, offset))
            for point in sweep if number % 2 == 0 else sweep[::-1]:
                trail += [*_walk(trail[-1], point), point] if trail else [point]
    return [point for number, point in enumerate(trail) if number == 0 or trail[number - 1] != point]


def _sweep(first: int, stop: int, offset: int) -> Iterator[tuple[int, int]]:
    """A zigzag over the chords whose lower end lies ``offset`` or one less to the right of the upper end."""
    chords = [(t, t + o) for t in range(first, stop) for o in (offset - 1, offset) if first <= t + o < stop]
    chords.sort(key=sum)
    row = 1 if chords[0][0] == chords[1][0] else 0  # begin at the end that the second chord does not share
    yield row, chords[0][row]
    for chord in chords:
        row = 1 - row
        yield row, chord[row]


def _walk(here: tuple[int, int], there: tuple[int, int]) -> list[tuple[int, int]]:
    """Along the row to the column of ``there``, or where ``there`` is a chord's other end, nothing."""
    row, column = here
    if row != there[0] and abs(column - there[1]) <= COLUMNS // 3:
        return []
    step = 1 if there[1] > column else -1
    return [(row, c) for c in range(column + step, there[1] + step, step)]


# --- the fit ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a photo of the card says.

    Parameters
    ----------
    diameter_mm : float
        Effective width of the laid thread.
    error_mm : float
        Its standard error.
    color : str
        sRGB ``#rrggbb`` of the thread against white paper.
    rms : float
        Root mean square of what the model does not explain, as a share of the paper's light.
    """

    diameter_mm: float
    error_mm: float
    color: str
    rms: float


def fit_card(linear: NDArray[np.float32], card: Plan, corners_px: Array) -> Fit:
    """Fit the width and the colour of the thread to a photo of the wound card.

    Parameters
    ----------
    linear : (rows, cols, 3) float array
        The photo in linear light.
    card : Plan
        As it was made by `card_plan`.
    corners_px : (4, 2) float array
        Column and row of the corner marks' centres, clockwise from the left upper one.

    Raises
    ------
    PhotoError
        If the photo is overexposed, shows too little contrast, or does not look like the card.
    """
    cells = _Cells(linear, card, corners_px)
    roughly_mm = cells.best_mm(_THINNEST_MM, _WIDEST_MM, 0.01)
    _check(cells, roughly_mm)  # before time is spent on the last digits
    cells.px_per_mm = _FINE_PX_PER_MM
    diameter_mm = cells.best_mm(roughly_mm / 1.1, roughly_mm * 1.1, 0.0005)
    thread, rms = _check(cells, diameter_mm)
    return Fit(
        diameter_mm=diameter_mm, error_mm=cells.error_mm(diameter_mm), color=_code(np.clip(thread, 0, 1)), rms=rms
    )


def _check(cells: "_Cells", diameter_mm: float) -> tuple[Array, float]:
    """Return the thread's colour and the rms at this width, or say why they cannot be believed."""
    _, thread, rms = cells.solve(diameter_mm)
    contrast = float(np.abs(cells.ground - thread).max())
    if contrast < 0.03:
        raise PhotoError(
            f"the thread differs from the card by {contrast:.1%} of white: too little to measure",
            "print the card with a ground that differs, as in --board black",
        )
    if rms > _WORST_RMS:
        raise PhotoError(
            f"the photo does not look like the card: {rms:.1%} of its light is unexplained, more than {_WORST_RMS:.0%}",
            "check that it is this card, the right way up, whole, sharp and without shadows; or give --corners",
        )
    if not _THINNEST_MM * 1.05 < diameter_mm < _WIDEST_MM * 0.95:
        raise PhotoError(f"the fit ends at a width of {diameter_mm:.2f} mm, the edge of what is possible")
    return thread, rms


def _code(linear: Array) -> str:
    red, green, blue = (int(value) for value in to_bytes(linear))
    return f"#{red:02x}{green:02x}{blue:02x}"


class _Cells:
    """The photo, straightened and averaged over small cells of the card and of the paper around it."""

    def __init__(self, linear: NDArray[np.float32], card: Plan, corners_px: Array) -> None:
        self.px_per_mm = _COARSE_PX_PER_MM
        self._card = replace(card, board=replace(card.board, color="#ffffff"))
        self._to_photo = homography(marks_mm(card), corners_px)
        board = card.board
        inner_x, inner_y = _grid(board.width_mm / 2), _grid(board.height_mm / 2 - _NEAR_PINS_MM)
        self._axes = inner_x, inner_y
        self._inner = np.array([(x, y) for y in inner_y for x in inner_x])
        paper = _paper_cells(board.width_mm / 2, board.height_mm / 2)
        self._xy = np.concatenate([self._inner, paper])
        self._is_paper = np.arange(len(self._xy)) >= len(self._inner)
        self._seen = self._sample(linear)
        self._white_ground = board.color == "#ffffff"
        self.ground = linear_color(board.color)
        self._surface = _surface(self._xy / [board.width_mm / 2, board.height_mm / 2])

    def _sample(self, linear: NDArray[np.float32]) -> Array:
        """Mean light of every cell, (cells, 3)."""
        offsets = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5) * 2 * _CELL_MM
        dx, dy = np.meshgrid(offsets, offsets)
        window = (_hann(dx) * _hann(dy)).ravel()
        points = self._xy[:, None, :] + np.column_stack([dx.ravel(), dy.ravel()])
        col_row = project(self._to_photo, points.reshape(-1, 2))
        inside = (col_row >= 0).all(1) & (col_row <= np.array(linear.shape[1::-1]) - 1).all(1)
        if not inside.all():
            raise PhotoError(
                f"{1 - inside.mean():.0%} of the card lies outside the photo",
                "photograph all four marks, with a margin",
            )
        at = col_row[:, ::-1].T - 0.5
        seen = np.stack([ndimage.map_coordinates(linear[..., k], at, order=1, mode="nearest") for k in range(3)], -1)
        blown = float((seen.max(1) > 0.995).mean())
        if blown > 0.02:
            raise PhotoError(
                f"{blown:.0%} of the card is overexposed (white without detail), 2% is allowed", "take it darker"
            )
        means = np.einsum("cwk,w->ck", seen.reshape(len(self._xy), -1, 3), window / window.sum())
        return np.asarray(means, np.float64)

    def through(self, diameter_mm: float) -> Array:
        """Share of the ground that each cell shows, (cells,); 1 on the paper around."""
        thread = replace(self._card.threads[0], color="#000000", diameter_mm=diameter_mm)
        board = self._card.board
        width_px = round(board.width_mm * self.px_per_mm)
        picture = paint(replace(self._card, threads=(thread,)), width_px, fineness=2)[..., 0]
        x = (np.arange(picture.shape[1]) + 0.5) / picture.shape[1] * board.width_mm - board.width_mm / 2
        y = board.height_mm / 2 - (np.arange(picture.shape[0]) + 0.5) / picture.shape[0] * board.height_mm
        across, down = (
            _hann(along - middles[:, None]) / (_CELL_MM * self.px_per_mm)
            for along, middles in zip((x, y), self._axes, strict=True)
        )
        share = 1 - down @ (1 - picture) @ across.T  # beyond the picture is bare paper
        return np.concatenate([share.ravel(), np.ones(len(self._xy) - len(self._inner))])

    def best_mm(self, low_mm: float, high_mm: float, tolerance: float) -> float:
        """The width of least misfit between two, to a relative tolerance."""
        found = optimize.minimize_scalar(
            lambda log_d: self.misfit(math.exp(log_d)),
            bounds=(math.log(low_mm), math.log(high_mm)),
            method="bounded",
            options={"xatol": tolerance},
        )
        return math.exp(found.x)

    def misfit(self, diameter_mm: float) -> float:
        """Sum of squares that is left at this width."""
        rms = self.solve(diameter_mm)[2]
        return rms * rms * len(self._xy)

    def solve(self, diameter_mm: float) -> tuple[Array, Array, float]:
        """Light surface, thread colour (3,) and rms at this width: each solved in turn with the other held."""
        share = self.through(diameter_mm)
        thread, light = self.ground * 0.3, np.ones((len(self._xy), 3))
        for _ in range(40):
            color = self._colors(share, thread)
            for k in range(3):
                weights, *_ = np.linalg.lstsq(self._surface * color[:, k : k + 1], self._seen[:, k], rcond=None)
                light[:, k] = self._surface @ weights
            before, thread = thread, self._thread(share, light)
            if np.abs(thread - before).max() < 1e-7:
                break
        left = self._seen - light * self._colors(share, thread)
        return light, thread, float(np.sqrt((left**2).mean()) / light.mean())

    def _thread(self, share: Array, light: Array) -> Array:
        """The thread's colour by least squares, and the ground's where it is not the paper itself."""
        inner = ~self._is_paper
        cover, through = (1 - share[inner])[:, None], share[inner][:, None]
        seen, lit = self._seen[inner] / light[inner], np.hstack([through, cover])
        if self._white_ground:
            return np.asarray((cover * (seen - through)).sum(0) / (cover**2).sum())
        both, *_ = np.linalg.lstsq(lit, seen, rcond=None)
        self.ground = both[0]
        return np.asarray(both[1])

    def _colors(self, share: Array, thread: Array) -> Array:
        color = share[:, None] * self.ground + (1 - share[:, None]) * thread
        color[self._is_paper] = 1.0
        return color

    def error_mm(self, diameter_mm: float) -> float:
        """Standard error of the width, from how fast the misfit rises beside it."""
        step = 0.05 * diameter_mm
        low, best, high = (self.misfit(diameter_mm + k * step) for k in (-1, 0, 1))
        bend = (low - 2 * best + high) / step**2
        return math.sqrt(2 * best / max(len(self._xy) - 10, 1) / bend) if bend > 0 else math.inf


def _hann(away_mm: Array) -> Array:
    """Weight of what lies that far from a cell's middle: a smooth window, so that small misplacements do not matter."""
    return np.asarray(np.cos(np.pi / 2 * np.clip(away_mm / _CELL_MM, -1, 1)) ** 2)


def _grid(half_mm: float) -> Array:
    """Middles of cells within ``half_mm`` of 0."""
    count = int(2 * half_mm / _CELL_MM)
    return np.asarray((np.arange(count) - (count - 1) / 2) * _CELL_MM, np.float64)


def _paper_cells(half_x: float, half_y: float) -> Array:
    """Cells on the bare paper around the pins: beyond the numbers above and below, and at both sides."""
    beside = [(side * (half_x + far), y) for side in (-1, 1) for far in (5.0, 8.0) for y in _grid(half_y - 4)]
    over = [(x, side * (half_y + 10.5)) for side in (-1, 1) for x in _grid(half_x - 4)]
    return np.array(beside + over)


def _surface(unit: Array) -> Array:
    """Terms of a smooth surface of third order, (cells, 10): lamps and perspective need no more."""
    x, y = unit.T
    return np.column_stack([x**i * y**j for i in range(4) for j in range(4 - i)])


def homography(source: Array, target: Array) -> Array:
    """The projective map, (3, 3), that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    return np.asarray(np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3), np.float64)


def project(matrix: Array, points: Array) -> Array:
    """Points (N, 2) through a projective map."""
    out: Array = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(out[:, :2] / out[:, 2:], np.float64)
