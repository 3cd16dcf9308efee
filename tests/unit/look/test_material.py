"""The piece on its wall: what the plan's build-up, light and scale make of it."""

import numpy as np
import pytest
from sample_plans import ring

from stringart.errors import UnitError
from stringart.look import material
from stringart.look.material import Real, material_view
from stringart.look.solid import wrap_heights_mm
from stringart.plan.model import Board, Layer, Plan, Thread
from stringart.plan.nails import FIRST_WRAP_MM, nails_of

SIDE_PX = 400
RED, BLUE = Thread(name="red", color="#d02020", diameter_mm=6), Thread(name="blue", color="#2030c0", diameter_mm=6)


def plan_of(*windings: list[int], threads: tuple[Thread, ...] = (RED, BLUE), board: Board | None = None) -> Plan:
    board = board or Board()
    layers = tuple(Layer(thread=k % len(threads), pins=pins) for k, pins in enumerate(windings))
    return Plan(board=board, pins=ring(12, board.width_mm, board.height_mm), threads=threads, layers=layers)


def seen(plan: Plan, **real: object) -> np.ndarray:
    return material_view(plan, Real(**{"width_px": SIDE_PX} | real)).astype(float)  # type: ignore[arg-type]


def px_of(x_mm: float, y_mm: float, wide_mm: float = 600 + 2 * (15 + 72)) -> tuple[int, int]:
    """Row and column of a place on the board's face."""
    scale = SIDE_PX / wide_mm
    return int(SIDE_PX / 2 - y_mm * scale), int(SIDE_PX / 2 + x_mm * scale)


def test_the_thread_that_is_wound_later_lies_on_top() -> None:
    middle = px_of(0, 0)
    red, blue = [0, 6], [3, 9]
    over_red, over_blue = seen(plan_of(red, blue))[middle], seen(plan_of(blue, red, threads=(BLUE, RED)))[middle]
    assert over_red[2] > over_red[0] + 40
    assert over_blue[0] > over_blue[2] + 40


def test_a_thread_darkens_the_board_on_the_side_away_from_the_window() -> None:
    bare, wound = seen(plan_of()), seen(plan_of([9, 3]))
    below, above = px_of(60, -7), px_of(60, 9)
    assert wound[below].mean() < bare[below].mean() - 25
    assert abs(wound[above].mean() - bare[above].mean()) < 6


def test_a_thread_that_lies_higher_has_its_shadow_farther_away() -> None:
    once, often = plan_of([9, 3]), plan_of([9, 3] * 6)
    lowest, highest = wrap_heights_mm(often)[0][0], wrap_heights_mm(often)[0][-1]
    assert lowest == pytest.approx(FIRST_WRAP_MM + 3 / 0.8)
    assert highest > lowest + 5 * 6
    far = px_of(60, -32)
    assert seen(often)[far].mean() < seen(once)[far].mean() - 10


def test_nails_are_as_high_as_the_shopping_list_says_and_stand_outwards_in_the_picture() -> None:
    plan = plan_of()
    distance_mm, above_mm = 2.4 * 600, nails_of(plan).above_mm
    out_mm = 300 * distance_mm / (distance_mm - above_mm)
    dark = Board(color="#000000")
    picture = seen(plan_of(board=dark), width_px=1600)
    rows = np.arange(1600)
    column = picture[:, 800].mean(1)
    on_board = (rows > 800 - 314 * 1600 / 774) & (rows < 800 - 280 * 1600 / 774)
    head = rows[on_board][column[on_board] > 90]
    assert abs((800 - head.mean()) * 774 / 1600 - out_mm) < 1


def test_on_a_wall_of_that_width_the_board_takes_its_share_and_hangs_over_the_floor() -> None:
    picture = seen(plan_of(board=Board(color="#000000")), wall_mm=3000)
    assert picture.shape == (300, SIDE_PX, 3)
    row = round(300 / 2 - 0.2 * 300)
    dark = np.flatnonzero(picture[row].mean(1) < 70)
    assert abs(np.ptp(dark) + 1 - 630 / 3000 * SIDE_PX) <= 2
    assert picture[-1].mean() < picture[150, 5].mean() - 40  # the floor


@pytest.mark.parametrize("shape", ["rectangle", "outline", "pins"])
def test_every_shape_of_board_is_shown(shape: str) -> None:
    outline = [[-200, 150], [200, 150], [200, -150], [-200, -150]] if shape == "outline" else None
    board = Board(shape=shape, width_mm=400, height_mm=300, outline_mm=outline, color="#101010")
    picture = seen(plan_of([0, 5, 2], board=board), width_px=120)
    assert picture[45, 60].mean() < 60 < picture[2, 2].mean()


def test_wood_is_of_wood_and_a_bare_board_of_its_colour() -> None:
    place = px_of(60, 60)
    wood, painted = seen(plan_of(), ground="wood")[place], seen(plan_of())[place]
    assert wood[0] > wood[2] + 40
    assert np.ptp(painted) < 4
    assert painted.min() > 215


def test_the_same_plan_gives_the_same_picture_however_it_is_cut_into_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of([0, 5, 10, 3, 8], [1, 7])
    whole = seen(plan, width_px=200)
    monkeypatch.setattr(material, "_BAND_BYTES", 60_000)
    assert np.array_equal(whole, seen(plan, width_px=200))


def test_what_cannot_be_shown_is_refused_with_the_numbers() -> None:
    with pytest.raises(UnitError, match="a wall of 400 mm is narrower than the board, 630 mm"):
        seen(plan_of(), wall_mm=400)
    with pytest.raises(UnitError, match="5000 x 5000 px is outside 100 to 4000 px"):
        seen(plan_of(), width_px=5000)
    with pytest.raises(UnitError, match="'glass' is not a ground"):
        seen(plan_of(), ground="glass")
