"""Pins of any count on a board of any size: even, clockwise, from 12 o'clock; chords that can be wound."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stringart.board.boards import allowed_chords, place_pins
from stringart.board.outlines import from_twelve, signed_area
from stringart.errors import BoardError
from stringart.plan.model import Board, Pins

COUNTS = st.integers(8, 400)
SIDES = st.floats(1.0, 3000.0)


def along_rectangle(xy: np.ndarray, width: float, height: float) -> np.ndarray:
    """Arc length from 12 o'clock, clockwise, of points on a rectangle's rim, written from its four sides."""
    x, y = xy.T
    right, top = width / 2, height / 2
    near = 1e-5
    return np.select(
        [(abs(y - top) < near) & (x > -near), abs(x - right) < near, abs(y + top) < near, abs(x + right) < near],
        [x, right + top - y, right + height + right - x, right + height + width + top + y],
        right + height + width + height + right + x,
    )


@given(count=COUNTS, width=SIDES)
def test_circle_pins_stand_at_equal_angles_on_the_radius(count: int, width: float) -> None:
    xy = place_pins(Board(width_mm=width, height_mm=width), count, width / 1000).xy_mm
    assert xy[0].tolist() == [0.0, pytest.approx(width / 2, abs=1e-6)]
    assert np.allclose(np.hypot(*xy.T), width / 2, atol=2e-6)
    turn = np.unwrap(np.arctan2(xy[:, 0], xy[:, 1]))  # from 12 o'clock, clockwise
    assert np.allclose(turn, np.arange(count) * 2 * np.pi / count, atol=4e-6 / width)


@given(count=st.integers(8, 200), width=st.floats(10, 1000), ratio=st.floats(0.3, 3))
@settings(max_examples=40)
def test_ellipse_pins_are_evenly_spaced_by_arc_length(count: int, width: float, ratio: float) -> None:
    a, b = width / 2, width * ratio / 2
    xy = place_pins(Board(shape="ellipse", width_mm=2 * a, height_mm=2 * b), count, width / 1e4).xy_mm
    assert xy[0].tolist() == [0.0, pytest.approx(b, abs=1e-6)]
    assert np.allclose((xy[:, 0] / a) ** 2 + (xy[:, 1] / b) ** 2, 1, atol=1e-5)
    assert signed_area(xy) < 0  # clockwise
    turn = np.append(np.unwrap(np.arctan2(xy[:, 0] / a, xy[:, 1] / b)), 2 * np.pi)
    nodes, weights = np.polynomial.legendre.leggauss(24)  # another quadrature than the code's
    lengths = []
    for start, stop in pairwise(turn):
        t = (start + stop) / 2 + (stop - start) / 2 * nodes
        lengths.append((stop - start) / 2 * (weights * np.hypot(a * np.cos(t), b * np.sin(t))).sum())
    assert np.ptp(lengths) < 1e-4 * np.mean(lengths)


@given(count=COUNTS, width=SIDES, ratio=st.floats(0.2, 5))
def test_rectangle_pins_are_evenly_spaced_round_the_corners(count: int, width: float, ratio: float) -> None:
    height = width * ratio
    xy = place_pins(Board(shape="rectangle", width_mm=width, height_mm=height), count, 1e-3).xy_mm
    assert xy[0].tolist() == [0.0, pytest.approx(height / 2, abs=1e-6)]
    length = along_rectangle(xy, width, height)
    assert np.allclose(length, np.arange(count) * 2 * (width + height) / count, atol=2e-5)


@st.composite
def stars(draw: st.DrawFn) -> np.ndarray:
    """Outlines that are seen whole from their middle but are not convex, in either direction, from any corner."""
    corners = draw(st.integers(4, 12))
    radii = np.array(draw(st.lists(st.floats(60, 200), min_size=corners, max_size=corners)))
    turn = np.arange(corners) * 2 * np.pi / corners
    ring = np.column_stack([np.sin(turn), np.cos(turn)]) * radii[:, None]
    ring = np.roll(ring, draw(st.integers(0, corners - 1)), axis=0)
    if draw(st.booleans()):
        ring = ring[::-1]
    return ring - (ring.max(0) + ring.min(0)) / 2


def outline_board(ring: np.ndarray) -> Board:
    ring = from_twelve(ring)
    width, height = np.ptp(ring, axis=0)
    return Board(shape="outline", width_mm=width, height_mm=height, outline_mm=ring)


@given(ring=stars(), count=st.integers(20, 120))
@settings(max_examples=25)
def test_outline_pins_are_even_clockwise_and_begin_on_the_middle_line(ring: np.ndarray, count: int) -> None:
    board = outline_board(ring)
    xy = place_pins(board, count, 1e-3).xy_mm
    assert abs(xy[0, 0]) < 1e-6
    assert signed_area(xy) < 0
    corners = np.vstack([board.outline_mm, board.outline_mm[:1]])
    edges = np.hypot(*np.diff(corners, axis=0).T)
    where = []
    for point in xy:  # arc length of each pin, from its distance to every edge
        on_edge = [
            (abs(np.hypot(*(point - p)) + np.hypot(*(point - q)) - e), edges[:k].sum() + np.hypot(*(point - p)))
            for k, (p, q, e) in enumerate(zip(corners, corners[1:], edges, strict=False))
        ]
        where.append(min(on_edge)[1])
    apart = np.diff([*where, where[0] + edges.sum()]) % edges.sum()
    assert np.allclose(apart, edges.sum() / count, atol=1e-4)


def inside(point: np.ndarray, ring: np.ndarray) -> bool:
    """Even-odd rule."""
    after = np.roll(ring, -1, axis=0)
    between = (ring[:, 1] > point[1]) != (after[:, 1] > point[1])
    start, stop = ring[between], after[between]
    cut = start[:, 0] + (point[1] - start[:, 1]) * (stop[:, 0] - start[:, 0]) / (stop[:, 1] - start[:, 1])
    return bool((cut > point[0]).sum() % 2)


def rim_distance(point: np.ndarray, ring: np.ndarray) -> float:
    after = np.roll(ring, -1, axis=0) - ring
    share = np.clip(((point - ring) * after).sum(1) / (after**2).sum(1), 0, 1)
    return float(np.hypot(*(ring + share[:, None] * after - point).T).min())


@given(ring=stars(), data=st.data())
@settings(max_examples=40)
def test_chords_of_an_outline_stay_on_the_board(ring: np.ndarray, data: st.DataObject) -> None:
    board = outline_board(ring)
    pins = place_pins(board, 60, 0.5)
    try:
        chords = {tuple(c) for c in allowed_chords(board, pins).tolist()}
    except BoardError:
        return
    i = data.draw(st.integers(0, 57))
    for j in range(i + 2, 60):
        points = [pins.xy_mm[i] + s * (pins.xy_mm[j] - pins.xy_mm[i]) for s in np.linspace(0.02, 0.98, 40)]
        leaves = any(not inside(p, board.outline_mm) and rim_distance(p, board.outline_mm) > 0.01 for p in points)
        assert not (leaves and (i, j) in chords)


@given(count=st.integers(8, 60), shape=st.sampled_from(["circle", "ellipse", "rectangle"]), thread=st.floats(0.05, 1))
@settings(max_examples=20)
def test_chords_are_ordered_span_enough_and_are_clear_of_pins(count: int, shape: str, thread: float) -> None:
    width, height = 300.0, 300.0 if shape == "circle" else 200.0
    board = Board(shape=shape, width_mm=width, height_mm=height)
    pins = place_pins(board, count, 2.0)
    chords = allowed_chords(board, pins, thread)
    assert chords.dtype == np.int32
    assert chords.tolist() == sorted(chords.tolist())
    wanted = [(i, j) for i in range(count) for j in range(i + 1, count) if windable(pins, i, j, thread)]
    assert [tuple(c) for c in chords.tolist()] == wanted


def windable(pins: Pins, i: int, j: int, thread: float) -> bool:
    """The rule, one chord at a time, all pins looked at."""
    count, xy = len(pins), pins.xy_mm
    steps = np.hypot(*(np.roll(xy, -1, axis=0) - xy).T)
    between = steps[i:j].sum()
    if j - i in (1, count - 1) or min(between, steps.sum() - between) * 30 < steps.sum() * (1 - 1e-9):
        return False
    others = np.array([xy[k] for k in range(count) if k not in (i, j)])
    reach = (pins.diameter_mm + thread) / 2
    return all(
        nearest(others, *line) >= reach
        for left in (reach, -reach)
        for right in (reach, -reach)
        for line in [tangent(xy[i], xy[j], left, right)]
    )


def tangent(a: np.ndarray, b: np.ndarray, left_a: float, left_b: float) -> tuple[np.ndarray, np.ndarray]:
    """Where a taut thread that passes a and b on their left (negative: right) touches circles round them."""
    along, turn = complex(*(b - a)), math.asin((left_b - left_a) / math.dist(a, b))
    normal = along / abs(along) * np.exp(1j * turn) * 1j
    beside = np.array([normal.real, normal.imag])
    return a + left_a * beside, b + left_b * beside


def nearest(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Smallest distance of the points from a line that ends at a and b."""
    share = np.clip((points - a) @ (b - a) / math.dist(a, b) ** 2, 0, 1)
    return float(np.hypot(*(a + share[:, None] * (b - a) - points).T).min())
