"""Plans for the tests: small random ones, and ones that look like a photo, made by a plain greedy walk."""

import numpy as np
from PIL import Image

from stringart.plan.model import Board, Layer, PhotoRef, Pins, Plan, Provenance, Thread

THREADS = (
    Thread(name="white", color="#ffffff"),
    Thread(name="sand", color="#e0ac8c"),
    Thread(name="rust", color="#c8501e"),
    Thread(name="navy", color="#283c78"),
    Thread(name="black", color="#000000"),
)
PROVENANCE = Provenance(version="0.1.0", command="stringart design Пётр.jpg --seed 3", seed=3)


def ring(pins: int = 60, width_mm: float = 600.0, height_mm: float | None = None, diameter_mm: float = 2.0) -> Pins:
    """Return pins on an ellipse, from 12 o'clock, clockwise."""
    angle = 2 * np.pi * np.arange(pins) / pins
    height_mm = width_mm if height_mm is None else height_mm
    xy_mm = np.column_stack([np.sin(angle) * width_mm / 2, np.cos(angle) * height_mm / 2])
    return Pins(diameter_mm=diameter_mm, xy_mm=xy_mm)


def random_plan(
    steps: tuple[int, ...] = (40, 60, 30),
    threads: tuple[Thread, ...] = THREADS[1:4],
    pins: int = 60,
    board: Board | None = None,
    seed: int = 1,
) -> Plan:
    """Return a plan with one layer of random chords and a few rim moves for each of ``steps``."""
    rng = np.random.default_rng(seed)
    board = board or Board(color="#f4f0e8")
    layers = []
    for number, count in enumerate(steps):
        jumps = rng.integers(2, pins - 1, count)
        jumps[rng.random(count) < 0.05] = 1
        winding = (rng.integers(pins) + np.concatenate([[0], np.cumsum(jumps)])) % pins
        layers.append(Layer(thread=number % len(threads), pins=winding))
    shape = ring(pins, board.width_mm, board.height_mm)
    return Plan(board=board, pins=shape, threads=threads, layers=tuple(layers), provenance=PROVENANCE)


def rim_plan(pins: int = 60, seed: int = 1) -> Plan:
    """Return a plan of three layers with walks of every kind: first, last, over pin 0, there and back, one pin."""
    rng = np.random.default_rng(seed)
    layers = []
    for thread in range(3):
        order = [pins - 4 + thread]
        for stretch in (18, 0, -7, 1, -1, 0, 0, -12, 3):  # a walk of so many pins, then three chords
            order += [order[-1] + int(np.sign(stretch)) * k for k in range(1, abs(stretch) + 1)]
            order += (order[-1] + np.cumsum(rng.integers(10, pins - 10, 3))).tolist() if stretch != 3 else []
        layers.append(Layer(thread=thread, pins=np.array(order) % pins))
    return Plan(board=Board(), pins=ring(pins), threads=THREADS[1:4], layers=tuple(layers), provenance=PROVENANCE)


def photo_plan(photo: str, steps: int = 4000, pins: int = 288, threads: tuple[Thread, ...] = THREADS[4:]) -> Plan:
    """Return a plan in which each thread walks greedily where the photo is nearer to its colour than to the others."""
    with Image.open(photo) as picture:
        side = min(picture.size)
        crop = (0, 0, side, side)
        small = np.asarray(picture.convert("RGB").crop(crop).resize((160, 160)), np.float64) / 255
    board = Board(color="#ffffff" if len(threads) == 1 else "#000000")
    shape, rng, layers = ring(pins), np.random.default_rng(0), []
    col_row = (shape.xy_mm * [1, -1] / 600 + 0.5) * 159
    share = max(steps // len(threads), 1)
    for number, thread in enumerate(threads):
        color = np.array([int(thread.color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        want = np.maximum(1 - np.abs(small - color).mean(2) * 1.6, 0)
        layers.append(Layer(thread=number, pins=_walk(want, col_row, share, rng)))
    return Plan(
        board=board,
        pins=shape,
        threads=threads,
        layers=tuple(layers),
        photo=PhotoRef(name="photo.jpg", sha256="0" * 64, crop_px=crop),
        provenance=PROVENANCE,
    )


def _walk(want: np.ndarray, col_row: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
    along = np.linspace(0, 1, 80)[:, None]
    left, pins = want.copy(), [0]
    for _ in range(steps):
        near = rng.choice(len(col_row), 24, replace=False)
        near = near[np.abs((near - pins[-1] + len(col_row) // 2) % len(col_row) - len(col_row) // 2) > 8]
        points = np.rint(col_row[pins[-1]] * (1 - along) + col_row[near][:, None] * along).astype(int)
        worth = left[points[..., 1], points[..., 0]].mean(1)
        best = int(worth.argmax())
        pins.append(int(near[best]))
        left[points[best, :, 1], points[best, :, 0]] -= 0.12
    return np.array(pins)
