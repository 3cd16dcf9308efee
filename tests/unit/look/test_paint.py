"""The honest preview against slow references written anew."""

import io
import math
import sys

import numpy as np
import pytest
from other_painter import painted_anew
from PIL import Image
from sample_plans import ring

from stringart.errors import UnitError
from stringart.look.paint import Canvas, paint, picture_shape, png_bytes, supersampling
from stringart.picture import light
from stringart.plan.model import Board, Layer, Pins, Plan, Provenance, Thread

COLORS = ("#000000", "#c8501e", "#283c78")


def plan_of(
    chords: list[tuple[tuple[float, float], tuple[float, float]]],
    diameter_mm: float = 1.0,
    colors: tuple[str, ...] = COLORS[:1],
    board: Board | None = None,
) -> Plan:
    """One layer a chord, in turn in each colour, with ends where they are asked for."""
    pins = [end for chord in chords for end in chord] + [(0.0, 0.0)] * 3
    threads = tuple(Thread(name=code, color=code, diameter_mm=diameter_mm) for code in colors)
    layers = tuple(Layer(thread=k % len(colors), pins=[2 * k, 2 * k + 1]) for k in range(len(chords)))
    board = board or Board(width_mm=100.0, height_mm=100.0)
    return Plan(board=board, pins=Pins(diameter_mm=2.0, xy_mm=pins), threads=threads, layers=layers)


def random_plan(steps: int = 60, colors: tuple[str, ...] = COLORS, board: Board | None = None) -> Plan:
    rng = np.random.default_rng(5)
    board = board or Board(width_mm=100.0, height_mm=80.0, shape="ellipse", color="#f0e0c0")
    turn = np.arange(40) * 2 * np.pi / 40
    xy_mm = np.column_stack([np.sin(turn) * board.width_mm / 2, np.cos(turn) * board.height_mm / 2])
    threads = tuple(Thread(name=code, color=code, diameter_mm=0.4) for code in colors)
    layers = tuple(Layer(thread=k % len(colors), pins=rng.permutation(40)[: steps // 6 + 1]) for k in range(6))
    return Plan(board=board, pins=Pins(diameter_mm=2, xy_mm=xy_mm), threads=threads, layers=layers)


def exact_cover(plan: Plan, width_px: int, fine: int = 24) -> np.ndarray:
    """Share of every pixel that the plan's only chord hides: counted at a random point in each cell of a lattice."""
    rows, cols = picture_shape(plan, width_px)
    pixel_mm = plan.board.width_mm / cols
    (x0, y0), (x1, y1) = plan.pins.xy_mm[:2]
    row, col = np.indices((rows * fine, cols * fine)) + np.random.default_rng(3).random((2, rows * fine, cols * fine))
    x, y = col * pixel_mm / fine - plan.board.width_mm / 2, plan.board.height_mm / 2 - row * pixel_mm / fine
    length = math.hypot(x1 - x0, y1 - y0)
    off = np.abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length
    share = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length**2
    hidden = (off <= plan.threads[0].diameter_mm / 2) & (share >= 0) & (share <= 1)
    return hidden.reshape(rows, fine, cols, fine).mean((1, 3))


@pytest.mark.parametrize("turn_deg", [0, 7, 30, 44, 46, 60, 90, 134, 171])
@pytest.mark.parametrize("diameter_mm", [0.3, 1.0, 3.0])
def test_one_thread_hides_its_exact_area(turn_deg: float, diameter_mm: float) -> None:
    x, y = 40 * math.cos(math.radians(turn_deg)), 40 * math.sin(math.radians(turn_deg))
    plan = plan_of([((-x, -y), (x, y))], diameter_mm)
    seen, exact = 1 - paint(plan, 61)[..., 0], exact_cover(plan, 61)
    pixel_mm = 100 / 61
    assert seen.sum() * pixel_mm**2 == pytest.approx(80 * diameter_mm, rel=0.04)  # its length times its width
    row, col = np.indices(seen.shape) + 0.5
    middle = (
        np.hypot(col - 30.5, row - 30.5) * pixel_mm < 38 - diameter_mm
    )  # its ends, behind the pins, are cut slanted
    assert seen[middle].sum() == pytest.approx(exact[middle].sum(), rel=0.03)
    assert np.abs(seen - exact)[middle].max() < 0.05


def test_threads_cover_each_other_in_winding_order_as_opaque_layers() -> None:
    """A slow painter: thread by thread over the fine picture, the upper replacing what is under it."""
    plan, fine = random_plan(), 6
    rows, cols = picture_shape(plan, 60)
    ground = light.linear_color(plan.board.color)
    canvas = np.broadcast_to(ground, (rows * fine, cols * fine, 3)).copy()
    px = plan.board.width_mm / (cols * fine)
    x = (np.arange(cols * fine) + 0.5) * px - plan.board.width_mm / 2
    y = plan.board.height_mm / 2 - (np.arange(rows * fine) + 0.5) * px
    for layer, ((x0, y0), (x1, y1)) in zip(plan.steps[:, 0], plan.step_ends_mm.tolist(), strict=True):
        thread = plan.threads[plan.layers[layer].thread]
        length = math.hypot(x1 - x0, y1 - y0)
        off = np.abs((x[None] - x0) * (y1 - y0) - (y[:, None] - y0) * (x1 - x0)) / length
        share = ((x[None] - x0) * (x1 - x0) + (y[:, None] - y0) * (y1 - y0)) / length**2
        cover = np.clip((thread.diameter_mm / 2 - off) / px + 0.5, 0, 1) * ((share >= 0) & (share <= 1))
        canvas += cover[..., None] * (light.linear_color(thread.color) - canvas)
    slow = canvas.reshape(rows, fine, cols, fine, 3).mean((1, 3))
    assert np.abs(paint(plan, 60, fine) - slow).max() < 0.06  # their ends differ by a fine pixel
    assert np.abs(paint(plan, 60, fine) - slow).mean() < 0.001


BOARDS = {
    "circle": (Board(), ring(120), COLORS[:1], 0.25),
    "five colours on a board of odd proportions": (Board(width_mm=613, height_mm=397), ring(90, 613, 397), COLORS, 0.4),
    "thick nails, upright": (Board(width_mm=200, height_mm=301), ring(60, 200, 301, 3.0), COLORS[1:], 0.3),
}


@pytest.mark.parametrize("name", BOARDS)
def test_paint_agrees_with_a_painter_that_shares_nothing_with_it(name: str) -> None:
    board, pins, colors, diameter_mm = BOARDS[name]
    threads = tuple(Thread(name=code, color=code, diameter_mm=diameter_mm) for code in colors)
    rng, layers = np.random.default_rng(8), []
    for number in range(len(colors)):
        chords = np.cumsum(rng.integers(5, len(pins) - 5, 60)) % len(pins)
        rim = (chords[-1] + np.arange(1, 5)) % len(pins)  # a walk along the rim, and straight back
        layers.append(Layer(thread=number, pins=[*chords, *rim, *rim[:-1][::-1], chords[0]]))
    plan = Plan(board=board, pins=pins, threads=threads, layers=tuple(layers))
    painted, other = paint(plan, 80, 10), painted_anew(plan.to_bytes(), 80, 16)
    assert painted.shape == other.shape
    assert np.sqrt(((painted - other) ** 2).mean()) < 0.01
    centres = painted_anew(plan.to_bytes(), 80, centres=True)
    assert np.sqrt(((painted - centres) ** 2).mean()) > 0.02  # what it was when threads lay on centre lines


def test_the_upper_thread_is_seen_where_two_cross() -> None:
    across, down = ((-40.0, 0.0), (40.0, 0.0)), ((0.0, -40.0), (0.0, 40.0))
    for chords, top in (([across, down], 1), ([down, across], 1)):
        plan = plan_of(chords, 6.0, ("#ff0000", "#0000ff"))
        middle = paint(plan, 100)[50, 50]
        assert np.allclose(middle, light.linear_color(plan.threads[top].color), atol=1e-6)


def test_bands_equal_the_whole() -> None:
    plan = random_plan(300)
    whole = paint(plan, 97, 3)
    rows = whole.shape[0]
    for first, stop in ((0, 1), (0, 13), (13, 50), (50, rows), (rows - 1, rows)):
        canvas = Canvas(plan, 97, (first, stop), 3)
        canvas.lay(0, len(plan.steps))
        assert np.abs(canvas.picture() - whole[first:stop]).max() < 1e-6


def test_memory_bands_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = random_plan(300)
    whole = paint(plan, 97)
    monkeypatch.setattr(sys.modules[paint.__module__], "_BAND_BYTES", 97 * 64 * 12 * 5)
    assert np.abs(paint(plan, 97) - whole).max() < 1e-6


def test_laying_step_by_step_equals_all_at_once() -> None:
    plan = random_plan()
    canvas = Canvas(plan, 80)
    for step in range(len(plan.steps)):
        canvas.lay(step, step + 1)
    assert (canvas.picture() == paint(plan, 80)).all()


def test_the_gray_path_equals_the_path_in_color() -> None:
    board = Board(width_mm=100, height_mm=100)
    gray = random_plan(300, ("#000000", "#808080"), board)
    never_wound = Thread(name="red", color="#ff0000", diameter_mm=0.4)
    in_color = Plan(board=board, pins=gray.pins, threads=(*gray.threads, never_wound), layers=gray.layers)
    assert np.abs(paint(gray, 80) - paint(in_color, 80)).max() < 1e-6


def test_white_thread_on_black_is_black_on_white_turned_over() -> None:
    black = random_plan(300, ("#000000",), Board(width_mm=100, height_mm=100, color="#ffffff"))
    white = random_plan(300, ("#ffffff",), Board(width_mm=100, height_mm=100, color="#000000"))
    assert np.abs(paint(black, 80) + paint(white, 80) - 1).max() < 1e-5


def test_an_empty_plan_is_the_board() -> None:
    plan = plan_of([], board=Board(width_mm=100, height_mm=50, color="#c8501e"))
    picture = paint(plan, 40)
    assert picture.shape == (20, 40, 3)
    assert np.allclose(picture, light.linear_color("#c8501e"), atol=1e-6)


def test_up_is_up_and_right_is_right() -> None:
    picture = paint(plan_of([((30.0, 20.0), (40.0, 20.0))], 4.0), 100)[..., 0]
    rows, cols = np.nonzero(picture < 0.5)
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (28, 31, 80, 89)


@pytest.mark.parametrize("width_px", [0, -5, 8001])
def test_pictures_of_impossible_sizes_are_refused(width_px: int) -> None:
    with pytest.raises(UnitError, match="outside 1 to 8000 px"):
        paint(random_plan(), width_px)


def test_a_tall_board_is_refused_by_its_height() -> None:
    tall = plan_of([], board=Board(width_mm=10, height_mm=1000))
    assert picture_shape(tall, 80) == (8000, 80)
    with pytest.raises(UnitError):
        picture_shape(tall, 81)


def test_supersampling_resolves_the_thread_within_bounds() -> None:
    plan = plan_of([], 0.25)  # 100 mm
    assert [supersampling(plan, width) for width in (10, 200, 333, 4000)] == [8, 4, 3, 2]


def test_a_png_says_how_it_was_made() -> None:
    plan = random_plan()
    made = Provenance(version="0.1.0", command="stringart design Пётр.jpg", seed=0)
    plan = Plan(board=plan.board, pins=plan.pins, threads=plan.threads, layers=plan.layers, provenance=made)
    data = png_bytes(plan, 50)
    assert data == png_bytes(plan, 50)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (50, 40)
        assert image.text == {"Software": "stringart 0.1.0", "Plan": plan.sha256, "Comment": made.command}
        assert image.info["dpi"][0] == pytest.approx(50 / (100 / 25.4), abs=0.01)
        assert np.abs(np.asarray(image, np.int16) - light.to_bytes(paint(plan, 50))).max() <= 1
