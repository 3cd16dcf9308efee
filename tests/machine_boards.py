"""Boards of every shape for the machine's tests, and random windings on them; the product only reads files."""

from pathlib import Path

import numpy as np
import shapely

from stringart.board.boards import make_board, place_pins
from stringart.plan.model import Board, Layer, Pins, Plan, Thread

THREADS = (Thread(name="black", color="#000000"), Thread(name="Кармин rosé!", color="#c8501e", diameter_mm=0.3))
SHAPES = ("circle", "ellipse", "rectangle", "star", "cee", "ell")
#: Boards that a user draws or measures; the product reads their files.
ELL_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600mm" height="600mm" viewBox="0 0 600 600">'
    '<path d="M 0 0 H 300 V 300 H 600 V 600 H 0 Z"/></svg>'
)


def bean_csv() -> str:
    """Pins of a bean, measured one by one: they do not stand evenly."""
    t = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 300 + 60 * np.cos(2 * t) - 70 * np.cos(3 * t)
    line = shapely.LinearRing(np.column_stack([radius * np.sin(t), radius * np.cos(t)]))
    count, rng = 260, np.random.default_rng(3)
    at = (np.arange(count) + rng.uniform(-0.12, 0.12, count)) / count
    places = [line.interpolate(share, normalized=True).coords[0] for share in at]
    return "x,y\n" + "".join(f"{x:.2f},{y:.2f}\n" for x, y in places)


def plan_on_file(folder: Path, shape: str, steps: tuple[int, ...], seed: int = 5) -> Plan:
    """A plan of random windings on a board that is read from a file, ``ell.svg`` or ``bean.csv``."""
    file = folder / shape
    file.write_text(ELL_SVG if shape.endswith("svg") else bean_csv())
    board = make_board(str(file))
    pins = place_pins(board)
    layers = tuple(Layer(thread=k % 2, pins=random_winding(pins, n, seed + k)) for k, n in enumerate(steps))
    return Plan(board=board, pins=pins, threads=THREADS, layers=layers)


def outline(shape: str) -> np.ndarray:
    """Corners of a closed outline, clockwise, finely drawn; the first is at 12 o'clock."""
    t = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    if shape == "circle":
        return np.column_stack([300 * np.sin(t), 300 * np.cos(t)])
    if shape == "ellipse":
        return np.column_stack([350 * np.sin(t), 250 * np.cos(t)])
    if shape == "star":  # five soft tips, deep bays
        radius = 280 + 90 * np.cos(5 * t)
        return np.column_stack([radius * np.sin(t), radius * np.cos(t)])
    corners = {
        "rectangle": [(0, 200), (350, 200), (350, -200), (-350, -200), (-350, 200)],
        "cee": [
            (0, 300),
            (300, 300),
            (300, 150),
            (-100, 100),
            (-100, -100),
            (300, -150),
            (300, -300),
            (-300, -300),
            (-300, 300),
        ],
        "ell": [(0, 300), (0, 0), (300, 0), (300, -300), (-300, -300), (-300, 300)],
    }[shape]
    return np.array(corners, float)


def pins_on(shape: str, count: int = 288, diameter_mm: float = 2.0) -> Pins:
    """Pins evenly by arc length."""
    corners = outline(shape)
    line = shapely.LinearRing(corners)
    return Pins(
        diameter_mm=diameter_mm,
        xy_mm=np.array([line.interpolate(line.length * k / count).coords[0] for k in range(count)]),
    )


def random_winding(pins: Pins, steps: int, seed: int, *, rim: float = 0.06) -> list[int]:
    """A winding of chords that stay on the board, with some moves along the rim."""
    rng, count = np.random.default_rng(seed), len(pins)
    room = shapely.buffer(shapely.Polygon(pins.xy_mm), pins.diameter_mm / 2)
    shapely.prepare(room)
    out = [int(rng.integers(count))]
    while len(out) <= steps:
        here = out[-1]
        if rng.random() < rim:
            way = int(rng.choice([-1, 1]))
            out += [(here + way * k) % count for k in range(1, int(rng.integers(2, 5)))]
            continue
        for other in rng.permutation(count).tolist():
            if (other - here) % count in (0, 1, count - 1):
                continue
            if room.covers(shapely.LineString(pins.xy_mm[[here, other]])):
                out.append(other)
                break
    return out[: steps + 1]


def plan_on(shape: str, steps: tuple[int, ...] = (60, 40), count: int = 288, seed: int = 5) -> Plan:
    """A plan of random windings on a shape."""
    pins = pins_on(shape, count)
    corners = outline(shape)
    size = 2 * np.abs(corners).max(0)  # the box round 0, 0: a star's tips are not as far below as above
    kind = shape if shape in ("circle", "ellipse", "rectangle") else "outline"
    board = Board(
        shape=kind, width_mm=float(size[0]), height_mm=float(size[1]), outline_mm=None if kind == shape else corners
    )
    layers = tuple(Layer(thread=k % 2, pins=random_winding(pins, n, seed + k)) for k, n in enumerate(steps))
    return Plan(board=board, pins=pins, threads=THREADS, layers=layers)
