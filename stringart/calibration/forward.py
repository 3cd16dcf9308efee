"""What the cells of a card should look like: threads on their tangents, soft shadows, a smooth light.

A cell of the card that lets the share A of its ground's light through, shadows taken off, and shows thread on the share
B, is seen as

    light(x, y) * (A * ground + B * thread)

A and B come from the picture that every preview is painted by, averaged over the cell. Of the light, the share
``dark`` comes from one side: a thread above the card keeps it from the ground that lies ``aside`` of it, softly; the
later it was wound, the higher it lies, and the farther aside and the softer its shadow falls. With t the share of a
point that no thread covers and s its share of shadow, A is the mean of t * (1 - dark * s), and B that of
(1 - t) * (1 - dark * s / 2): half of the threads lie above half of the others.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from stringart.calibration.cells import CELL_MM, Cells, hann
from stringart.look.paint import Canvas
from stringart.picture.light import linear_color
from stringart.plan.model import Layer, Plan

_MARGIN_MM = 6.0  # round the pins, so that shadows at the edge come from somewhere
_ROUNDS = 12
_HEIGHTS = (0.4, 0.8, 1.2, 1.6)  # of the mean height: of the quarters of the winding, which climbs up the pins
_KEPT = 3  # pictures of each kind: of the shape that a fit stands at, and of those one step beside it
_TRUST = np.array([0.5, 1.0, 0.25])
"""In red, green and blue: JPEG keeps colour at half the resolution, which changes fine threads least in green."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is unknown of a wound card, colours and light apart.

    Parameters
    ----------
    thread_mm, pin_mm : float
        Diameters.
    dark : float
        Share of the light that casts shadows.
    aside_mm : (x, y)
        How far a shadow falls from a thread at the mean height.
    soft_mm : float
        How blurred it is there, one sigma.
    """

    thread_mm: float
    pin_mm: float
    dark: float = 0.0
    aside_mm: tuple[float, float] = (0.0, 0.0)
    soft_mm: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match:
    """How well a shape explains the cells, with the best colours and light for it.

    Parameters
    ----------
    left : (N, 3) float array
        What is not explained, as a share of the paper's mean light.
    thread, ground : (3,) float array
        Linear light against white paper.
    """

    left: Array
    thread: Array
    ground: Array

    @property
    def misfit(self) -> Array:
        """What the fit makes small, (3 N,): what is left, weighted by how far a photo's channels can be trusted."""
        return np.asarray((self.left * _TRUST).ravel(), np.float64)

    @property
    def rms(self) -> float:
        """Root mean square of what is left."""
        return float(np.sqrt((self.left**2).mean()))


class Forward:
    """Matches of shapes with the cells of a photo, at one fineness.

    Parameters
    ----------
    card : Plan
    cells : Cells
    px_per_mm : float
        Of the pictures that are averaged.
    """

    def __init__(self, card: Plan, cells: Cells, px_per_mm: float) -> None:
        board = replace(
            card.board,
            color="#ffffff",
            width_mm=card.board.width_mm + 2 * _MARGIN_MM,
            height_mm=card.board.height_mm + 2 * _MARGIN_MM,
        )
        self._card, self._cells, self._px_per_mm = replace(card, board=board), cells, px_per_mm
        self._parts = _parts(card.layers[0].pins)
        self._ground = linear_color(card.board.color)
        self._ground_is_paper = card.board.color == "#ffffff"
        self._width_px = round(board.width_mm * px_per_mm)
        scale = self._width_px / board.width_mm
        rows = round(board.height_mm * scale)
        x = (np.arange(self._width_px) + 0.5) / scale - board.width_mm / 2
        y = board.height_mm / 2 - (np.arange(rows) + 0.5) / scale
        self._across, self._down = (
            (hann(along - middles[:, None]) / (CELL_MM * scale)).astype(np.float32)
            for along, middles in ((x, cells.across_mm), (y, cells.down_mm))
        )
        # whoever tries one place of the shadow after another, or its darkness, asks for the same pictures again
        self._bare, self._penumbras = lru_cache(_KEPT)(self._wound), lru_cache(_KEPT)(self._blurred)

    def match(self, shape: Shape) -> Match:
        """The best colours and light for a shape, and what they leave."""
        through, cover = self._shares(shape)
        return self._solved(through, cover)

    def _shares(self, shape: Shape) -> tuple[Array, Array]:
        """Shares A and B of the cells over the threads."""
        bare = self._bare(shape.thread_mm, shape.pin_mm)
        covered = 1 - bare
        if not shape.dark > 0:
            return self._mean(bare), self._mean(covered)
        shadow = np.float32(shape.dark) * (1 - self._lamp(shape))
        return self._mean(bare * (1 - shadow)), self._mean(covered * (1 - shadow / 2))

    def _lamp(self, shape: Shape) -> NDArray[np.float32]:
        """Share of the light from one side that comes to every pixel, past threads that lie higher the later."""
        lamp = np.ones(1, np.float32)
        soft = self._penumbras(shape.thread_mm, shape.pin_mm, shape.soft_mm)
        for part, height in zip(soft, _HEIGHTS, strict=True):
            aside_mm = (height * shape.aside_mm[0], height * shape.aside_mm[1])
            lamp = lamp * _moved(part, aside_mm, self._px_per_mm)
        return np.asarray(lamp, np.float32)

    def _blurred(self, thread_mm: float, pin_mm: float, soft_mm: float) -> list[NDArray[np.float32]]:
        """Share of every pixel that no thread of a quarter of the winding covers, as soft as the quarter is high."""
        return [
            ndimage.gaussian_filter(
                self._painted(thread_mm, pin_mm, layer, fineness=1), height * soft_mm * self._px_per_mm, truncate=3
            )
            for layer, height in zip(self._parts, _HEIGHTS, strict=True)
        ]

    def _wound(self, thread_mm: float, pin_mm: float) -> NDArray[np.float32]:
        """Share of every pixel that no thread covers."""
        return self._painted(thread_mm, pin_mm, self._card.layers[0], fineness=2)

    def _painted(self, thread_mm: float, pin_mm: float, layer: Layer, fineness: int) -> NDArray[np.float32]:
        thread = replace(self._card.threads[0], color="#000000", diameter_mm=thread_mm)
        pins = replace(self._card.pins, diameter_mm=pin_mm)
        wound = replace(self._card, threads=(thread,), pins=pins, layers=(layer,))
        canvas = Canvas(wound, self._width_px, fineness=fineness)
        canvas.lay(0, len(wound.steps))
        return canvas.seen()[..., 0]

    def _mean(self, picture: NDArray[np.floating[Any]]) -> Array:
        return np.asarray(self._down @ picture @ self._across.T, np.float64).ravel()

    def _solved(self, through: Array, cover: Array) -> Match:
        """Light, thread and ground by Gauss-Newton, channel by channel: the product of two linear models."""
        cells, inner = self._cells, self._cells.inner
        paper, a, b = np.ones(len(cells.seen)), np.zeros(len(cells.seen)), np.zeros(len(cells.seen))
        paper[:inner], a[:inner], b[:inner] = 0.0, through, cover
        left, thread, ground = np.empty_like(cells.seen), np.empty(3), np.array(self._ground, np.float64)
        for k in range(3):
            light: Array = np.asarray(
                np.linalg.lstsq(cells.surface[inner:], cells.seen[inner:, k], rcond=None)[0], np.float64
            )
            thread[k] = ground[k] * 0.3
            for _ in range(_ROUNDS):
                lit, shade = cells.surface @ light, paper + a * ground[k] + b * thread[k]
                columns = [cells.surface * shade[:, None], (lit * b)[:, None], (lit * a)[:, None]]
                rows = np.hstack(columns[:2] if self._ground_is_paper else columns)
                step = np.linalg.lstsq(rows, cells.seen[:, k] - lit * shade, rcond=None)[0]
                light = np.asarray(light + step[:10], np.float64)
                thread[k] += step[10]
                ground[k] += step[11:].sum()
                if np.abs(step[10:]).max() < 1e-7:
                    break
            lit = cells.surface @ light
            left[:, k] = (cells.seen[:, k] - lit * (paper + a * ground[k] + b * thread[k])) / lit.mean()
        return Match(left=left, thread=thread, ground=ground)


def _parts(pins: NDArray[np.int32]) -> list[Layer]:
    """The winding in as many parts as there are heights, each beginning where the one before ends."""
    cuts = np.linspace(0, len(pins) - 1, len(_HEIGHTS) + 1).round().astype(int)
    return [Layer(thread=0, pins=pins[first : last + 1]) for first, last in pairwise(cuts)]


def _moved(picture: NDArray[np.float32], aside_mm: tuple[float, float], px_per_mm: float) -> NDArray[np.float32]:
    """The picture moved to the right and up by millimetres, between pixels linearly, its edge continued.

    One side after the other: a quarter of the time of ``scipy.ndimage.shift``, to the last digit but one.
    """
    for axis, by_px in enumerate((-aside_mm[1] * px_per_mm, aside_mm[0] * px_per_mm)):
        whole_px, last = math.floor(by_px), picture.shape[axis] - 1
        around = picture.take(np.clip(np.arange(-1, last + 1) - whole_px, 0, last), axis)
        before, at = (around[:-1], around[1:]) if axis == 0 else (around[:, :-1], around[:, 1:])
        picture = at * np.float32(1 + whole_px - by_px)
        picture += before * np.float32(by_px - whole_px)
    return picture
