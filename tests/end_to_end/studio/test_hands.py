"""What hands do on the picture: paste, fingers, the seek bar, the slider before and after, the distance, the zoom."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from other_painter import lines_of
from PIL import Image
from studio_bench import (
    EXAMPLES,
    FINE,
    Running,
    begin,
    drag_fingers,
    drop_file,
    plan_where,
    settled,
    wait_for_plan,
)

from stringart.plan.model import Plan

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture(autouse=True)
def _begun(studio: Running) -> None:
    """Every test finds coffee.jpg and the first settings, whichever tests ran before."""
    begin(studio)


def stage_pixels(page) -> np.ndarray:
    settled(page)
    return np.asarray(Image.open(io.BytesIO(page.locator("#stage").screenshot())).convert("L"), float)


def middle_of(page) -> tuple[float, float, float]:
    """Middle of the picture and a quarter of its height."""
    box = page.locator("#stage").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["height"] / 4


RIM_PX = 2.0  # so near to a thread's rim a pixel is covered in part: its diagonal, and the picture's place in pixels


def covered_by_threads(plan: Plan, rows: int, cols: int, *, px_per_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of a picture of the board's middle that are wholly covered, and those that are not covered at all.

    By nothing but the distance from each thread.
    """
    row, col = np.indices((rows, cols))
    x_mm, y_mm = (col + 0.5 - cols / 2) / px_per_mm, (rows / 2 - row - 0.5) / px_per_mm
    covered, touched, rim_mm = np.zeros((rows, cols), bool), np.zeros((rows, cols), bool), RIM_PX / px_per_mm
    reach_mm = np.hypot(rows, cols) / 2 / px_per_mm
    for layer in plan.layers:
        half_mm = plan.threads[layer.thread].diameter_mm / 2
        lines = lines_of(plan.pins.xy_mm.tolist(), layer.pins.tolist(), plan.pins.diameter_mm / 2 + half_mm)
        for x0, y0, x1, y1 in ((a.real, a.imag, b.real, b.imag) for a, b in lines):
            length_mm = np.hypot(x1 - x0, y1 - y0)
            if abs(x0 * y1 - x1 * y0) <= (reach_mm + half_mm) * length_mm:
                away_mm = np.abs((x_mm - x0) * (y1 - y0) - (y_mm - y0) * (x1 - x0)) / length_mm
                covered |= away_mm < half_mm - rim_mm
                touched |= away_mm < half_mm + rim_mm
    return covered, ~touched


@pytest.mark.parametrize("page", [CLIPBOARD], indirect=True, ids=["clipboard"])
def test_a_photo_is_pasted(page, studio: Running) -> None:
    page.evaluate(
        """async (data) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
        }""",
        base64.b64encode((EXAMPLES / "camera.png").read_bytes()).decode(),
    )
    page.locator("#stage").focus()
    page.keyboard.press("Control+v")
    plan = plan_where(studio, lambda plan: plan["photo"]["name"] != "coffee.jpg")
    assert plan["photo"]["crop_px"] == [0, 0, 512, 512]  # the camera man, not the cup


def test_a_photo_of_an_iphone_is_dropped(page, studio: Running) -> None:
    """HEIC, which no Chromium shows: what is installed with the studio reads it."""
    drop_file(page, Path(__file__).parents[2] / "cases/grid-whole.heic", "")
    plan = plan_where(studio, lambda plan: plan["photo"]["name"] == "grid-whole.heic")
    page.wait_for_function("() => document.querySelector('#g_photo .now').textContent === 'grid-whole.heic'")
    left, top, right, bottom = plan["photo"]["crop_px"]
    assert right - left == bottom - top > 100
    assert page.locator(".toast.bad").count() == 0


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_the_photo_is_moved_by_a_finger_and_sized_and_turned_by_two(page, studio: Running) -> None:
    whole = plan_where(studio, lambda plan: True)["photo"]["crop_px"]
    page.get_by_role("button", name="Place photo").tap()
    page.locator("#stage").scroll_into_view_if_needed()
    x, y, step = middle_of(page)
    drag_fingers(page, [(x, y)], [(x + step, y)])
    moved = plan_where(studio, lambda plan: plan["photo"]["crop_px"] != whole)["photo"]["crop_px"]
    assert moved[0] < whole[0] - 20
    assert moved[2] - moved[0] == whole[2] - whole[0]
    drag_fingers(page, [(x - step / 2, y), (x + step / 2, y)], [(x - step, y), (x + step, y)])  # twice as large
    larger = plan_where(studio, lambda plan: plan["photo"]["crop_px"] != moved)["photo"]["crop_px"]
    assert larger[2] - larger[0] == pytest.approx((whole[2] - whole[0]) / 2, rel=0.15)
    drag_fingers(page, [(x - step, y), (x + step, y)], [(x, y - step), (x, y + step)], steps=12)  # a quarter turn right
    page.wait_for_function("() => Math.abs(Number(document.querySelector('#c-turn_deg').value) - 90) < 8")
    assert page.evaluate("() => scrollY") == page.evaluate("() => scrollY")


@pytest.mark.parametrize("page", [FINE], indirect=True, ids=["fine"])
def test_the_seek_bar_shows_the_piece_as_it_was_after_any_step(page, studio: Running, tmp_path: Path) -> None:
    whole = stage_pixels(page)
    total = int(page.get_attribute("#seek", "max"))
    page.locator("#seek").fill(str(total // 4))
    begun = stage_pixels(page)
    assert f"{total // 4:,} of {total:,}" in page.text_content(".seek output")
    plan = studio.folder / "project/plans/current.json"
    painted: list[float] = []
    for name, step in (("begun", total // 4), ("whole", total)):
        target = tmp_path / f"{name}.png"
        studio.command("paint", str(plan), "-o", str(target), "--width", "400px", "--upto", str(step))
        picture = np.asarray(Image.open(target).convert("L"), float)
        painted.append(picture[100:300, 100:300].mean())
    rows, cols = (size // 2 for size in whole.shape)
    part = slice(rows - 100, rows + 100), slice(cols - 100, cols + 100)
    box = page.locator("#stage").bounding_box()
    side = min(box["width"], box["height"]) * 0.9  # of the board on the picture; the middle half of it is compared
    part = (slice(int(rows - side / 4), int(rows + side / 4)), slice(int(cols - side / 4), int(cols + side / 4)))
    assert begun[part].mean() == pytest.approx(painted[0], abs=6)
    assert whole[part].mean() == pytest.approx(painted[1], abs=6)
    assert painted[0] > painted[1] + 20


def test_the_step_that_was_sought_stays_when_the_score_comes(page, studio: Running) -> None:
    page.locator("#c-lines").fill("900")
    page.locator("#c-lines").press("Enter")
    page.wait_for_function("() => Number(document.querySelector('#seek').max) < 950")  # that plan is on the page
    page.locator("#seek").fill("300")  # the score is told some tenths of a second after the plan
    page.wait_for_function("() => document.querySelector('#n_score').textContent.includes('%')")
    settled(page)
    assert page.input_value("#seek") == "300"


def test_the_winding_is_played_and_paused(page, studio: Running) -> None:
    """In the page's own time, which stands still between what the hand does."""
    settled(page)
    total = int(page.get_attribute("#seek", "max"))
    page.clock.install()
    page.clock.pause_at(page.evaluate("() => Date.now()") + 1000)

    def pass_time(ms: int) -> int:
        page.clock.run_for(ms)
        return int(page.input_value("#seek"))

    page.locator("#play").click()
    assert page.get_attribute("#play", "aria-label").startswith("Pause")
    assert 20 < (at := pass_time(2000)) < 900
    page.locator("#play").click()
    assert page.get_attribute("#play", "aria-label").startswith("Play")
    assert pass_time(300) == at < total  # it stands
    page.locator("#play").click()
    assert pass_time(300) > at  # and goes on from there
    page.locator("#seek").fill(str(total))
    page.clock.resume()
    wait_for_plan(page)


@pytest.mark.parametrize("page", [FINE], indirect=True, ids=["fine"])
def test_the_slider_shows_photo_and_piece_side_by_side(page, studio: Running) -> None:
    piece = stage_pixels(page)
    page.locator("#split").fill("0")
    photo = stage_pixels(page)
    page.locator("#split").fill("50")
    both = stage_pixels(page)
    rows, cols = (size // 2 for size in piece.shape)
    left, right = slice(cols - 100, cols - 20), slice(cols + 20, cols + 100)
    band = slice(rows - 80, rows + 80)
    assert np.abs(both[band, left] - photo[band, left]).mean() < 2 < np.abs(both[band, left] - piece[band, left]).mean()
    assert (
        np.abs(both[band, right] - piece[band, right]).mean()
        < 2
        < np.abs(both[band, right] - photo[band, right]).mean()
    )


@pytest.mark.parametrize("page", [FINE], indirect=True, ids=["fine"])
def test_distance_is_true_to_size_and_zoom_shows_single_threads(page, studio: Running) -> None:
    stage_pixels(page)
    page.locator("#distance").fill("5")
    assert "5.00 m" in page.text_content(".view-tools")
    far = stage_pixels(page)
    middle = far[far.shape[0] // 2]  # true to size: 600 mm seen from 5 m, with the screen 0.6 m away
    seen = np.flatnonzero(np.abs(middle - middle[8:40].mean())[8:-8] > 12)
    assert seen[-1] - seen[0] == pytest.approx(600 * 0.6 / 5 * 96 / 25.4, abs=20)  # and its shadow
    page.locator("#distance").fill("0")
    page.locator("#stage").focus()
    for _ in range(30):
        page.keyboard.press("+")
    close = stage_pixels(page)[8:-8, 8:-8]  # within the frame that shows the focus
    rows, cols = close.shape
    board_px = 60 * 0.9 * min(rows + 16, cols + 16)  # 60-fold, with a margin of 5 % on each side
    plan = Plan.load(studio.folder / "project/plans/current.json")
    thread, board = covered_by_threads(plan, rows, cols, px_per_mm=board_px / plan.board.width_mm)
    assert 0.005 < thread.mean() < 0.9  # threads are seen, and the board between them
    assert (close < 40)[thread].mean() > 0.99  # as black and as wide as they are
    assert (close > 215)[board].mean() > 0.99
    assert (thread | board).mean() > 0.8  # all but the rims were judged
    assert float(page.locator(".view-tools output").last.text_content().rstrip("×")) >= 50
    page.keyboard.press("0")
    assert page.locator(".view-tools output").last.text_content() == "1.0×"
