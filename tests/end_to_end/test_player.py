"""The player page in a real browser, opened from the disk: played, scrubbed, and its picture compared with paint."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sample_plans import THREADS, random_plan

from stringart.export import ExportOptions, exporter_for
from stringart.light import to_bytes
from stringart.look.paint import paint
from stringart.plan.model import Board

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this computer: apt install chromium")

BOARD = Board(width_mm=300, height_mm=300, color="#f4f0e8")
PLAN = random_plan(steps=(120, 200, 160), threads=THREADS[2:], pins=90, board=BOARD)
TOTAL = len(PLAN.steps)


@pytest.fixture(scope="module")
def browser():
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=BROWSER, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("плеер") / "piece's page.html"
    file.write_bytes(exporter_for("x.html")(PLAN, ExportOptions()))
    return file.as_uri()


@pytest.fixture
def open_page(browser, address):
    """Opens the page; fails the test if the page reports an error or asks for anything but itself."""
    troubles, pages = [], []

    def opened(fragment: str = "", size: tuple[int, int] = (900, 640), **settings):
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **settings)
        pages.append(page)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or troubles.append(asked.url))
        page.goto(address + fragment)
        settled(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert not troubles


def settled(page) -> None:
    page.wait_for_function("state.settled", timeout=60_000)


def picture(page) -> np.ndarray:
    data = page.evaluate("document.getElementById('piece').toDataURL('image/png')")
    with Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def rms_to_paint(page, plan) -> float:
    shown = picture(page)
    painted = to_bytes(paint(plan, shown.shape[1])).astype(int)
    assert shown.shape == painted.shape
    return float(np.sqrt(((shown - painted) ** 2).mean()))


@pytest.mark.parametrize("way", ["plain", "webgl"])
def test_the_picture_is_what_paint_shows(open_page, way):
    page = open_page(f"#draw={way}")
    kind = page.evaluate("painter.constructor.name")
    if way == "webgl" and kind != "GpuPainter":
        pytest.skip("this browser has no WebGL 2")
    assert rms_to_paint(page, PLAN) < 2.5
    for step in (300, 77, 0, 78):  # on and back
        page.locator("#scrub").evaluate(
            "(slider, step) => { slider.value = step; slider.dispatchEvent(new Event('input')); }", step
        )
        settled(page)
        assert rms_to_paint(page, PLAN.upto(step)) < 2.5


def test_single_colours(open_page):
    page = open_page()
    page.get_by_role("button", name="Show only navy").click()
    settled(page)
    assert rms_to_paint(page, PLAN.only_layer(2)) < 2.5
    page.get_by_role("button", name="Show all threads").click()
    page.get_by_role("checkbox", name="black").uncheck()
    settled(page)
    assert rms_to_paint(page, PLAN.after_layer(2)) < 2.5


def test_zoom_shows_a_part_of_the_same_picture(open_page):
    page = open_page()
    whole = page.evaluate("box.width")
    for _ in range(3):
        page.keyboard.press("+")
    settled(page)
    large = round(whole * page.evaluate("state.zoom"))
    top, left = page.evaluate("[box.first[1] - box.top, box.first[0] - box.left]")
    shown = picture(page)
    painted = to_bytes(paint(PLAN, large)).astype(int)[top : top + shown.shape[0], left : left + shown.shape[1]]
    assert np.sqrt(((shown - painted) ** 2).mean()) < 12  # to a fraction of a pixel
    page.keyboard.press("0")
    settled(page)
    assert rms_to_paint(page, PLAN) < 2.5


def test_it_plays_to_the_end(open_page):
    page = open_page()
    page.get_by_role("combobox", name="Speed").select_option("500")
    page.get_by_role("button", name="Play").click()
    assert page.evaluate("state.playing") is True
    page.wait_for_function(f"state.step === {TOTAL} && !state.playing && state.settled", timeout=60_000)
    assert rms_to_paint(page, PLAN) < 2.5


def test_the_current_step_is_said(open_page):
    page = open_page("#step=130")
    layer, start, end = PLAN.steps[129].tolist()
    assert page.locator("#from").inner_text() == str(start)
    assert page.locator("#to").inner_text() == str(end)
    assert page.locator("#thread-name").inner_text() == PLAN.threads[layer].name
    assert page.locator("#layer").inner_text() == "layer 2 of 3"
    assert page.locator("#step").inner_text() == f"130 of {TOTAL}"
    assert page.locator("#said").inner_text() == f"Step 130: from pin {start} to pin {end}, navy, layer 2"
    meters = PLAN.step_lengths_mm[:130].sum() / 1000
    assert page.locator("#laid").inner_text().startswith(f"{meters:.0f} m of ")


def test_keys(open_page):
    page = open_page("#step=100")
    presses = [("ArrowRight", 101), ("Shift+ArrowRight", 111), ("ArrowLeft", 110), ("]", 120), ("]", 320), ("[", 120)]
    for key, step in [*presses, ("Home", 0), ("End", TOTAL)]:
        page.keyboard.press(key)
        assert page.evaluate("state.step") == step, key
    page.keyboard.press("Space")
    assert page.evaluate("state.playing") is True
    page.keyboard.press("Space")
    assert page.evaluate("state.playing") is False
    page.get_by_label("Go to step").fill("42")
    page.get_by_role("button", name="Go", exact=True).click()
    assert page.evaluate("state.step") == 42


def test_everything_has_a_name_and_a_focus(open_page):
    page = open_page()
    for element in page.locator("button, input, select, canvas[role], [role=group]").all():
        named = element.evaluate(
            "e => e.getAttribute('aria-label') || [...(e.labels ?? [])].map(l => l.innerText).join() || e.innerText"
        )
        assert named, element.evaluate("e => e.outerHTML")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"stage", "play", "scrub", "speed", "jump-to", "theme", "zoom-in"} <= reached


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1280, 800), (3840, 2160)])
def test_it_fits_every_window(open_page, size):
    page = open_page(size=size)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    stage, piece = (page.locator(name).bounding_box() for name in ("#stage", "#piece"))
    assert piece["width"] > 0.7 * min(stage["width"], stage["height"])
    assert piece["x"] >= stage["x"]
    assert piece["y"] + piece["height"] <= stage["y"] + stage["height"]


def test_dark_and_light(open_page):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = open_page(color_scheme="dark")
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Dark or light").click()
    assert page.evaluate(ground) != dark


def test_a_plan_without_steps_is_an_empty_board(browser, tmp_path: Path):
    file = tmp_path / "empty.html"
    file.write_bytes(exporter_for("x.html")(PLAN.upto(0), ExportOptions()))
    page = browser.new_page()
    page.goto(file.as_uri())
    settled(page)
    page.get_by_role("button", name="Play").click()
    assert page.locator("#said").inner_text() == "The plan has no steps"
    page.close()
