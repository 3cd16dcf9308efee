"""The player page in a real browser, opened from the disk: played, scrubbed, and its picture compared with paint."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from browsers import BROWSER
from PIL import Image
from sample_plans import THREADS, random_plan, rim_plan
from steps_reader import pins_of

from stringart.export import ExportOptions, exporter_for
from stringart.hand.trouble import TROUBLES
from stringart.look.paint import paint
from stringart.picture.light import to_bytes
from stringart.plan.model import Board
from stringart.plan.steps import steps_of, with_ties

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium on this computer: apt install chromium")

BOARD = Board(width_mm=300, height_mm=300, color="#f4f0e8")
PLAN = random_plan(steps=(60, 100, 80), threads=THREADS[2:], pins=90, board=BOARD)
STEPS = steps_of(PLAN)
TOTAL = len(STEPS)
BEGINS = [next(step.number - 1 for step in STEPS if step.layer == k) for k in range(3)]
RIM = rim_plan()


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


@pytest.fixture(scope="module")
def rim_address(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("rim") / "rim.html"
    file.write_bytes(exporter_for("x.html")(RIM, ExportOptions()))
    return file.as_uri()


@pytest.fixture
def open_page(browser, address):
    """Opens the page; fails the test if the page reports an error or asks for anything but itself."""
    troubles, pages = [], []

    def opened(fragment: str = "", size: tuple[int, int] = (900, 640), at: str = address, **settings):
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **settings)
        page.set_default_timeout(300_000)
        pages.append(page)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or troubles.append(asked.url))
        page.goto(at + fragment)
        settled(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert not troubles


def settled(page) -> None:
    page.wait_for_function("state.settled", timeout=300_000, polling=50)  # not at every frame


def scrub(page, step: int) -> None:
    page.locator("#scrub").evaluate(
        "(slider, step) => { slider.value = step; slider.dispatchEvent(new Event('input')); }", step
    )
    settled(page)


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
    page = open_page(f"#draw={way}", size=(600, 420))
    kind = page.evaluate("painter.constructor.name")
    if way == "webgl" and kind != "GpuPainter":
        pytest.skip("this browser has no WebGL 2")
    assert rms_to_paint(page, PLAN) < 2.5
    for step in (150, 77, 0, 78):  # on and back
        scrub(page, step)
        assert rms_to_paint(page, PLAN.upto(STEPS[step - 1].stop if step else 0)) < 2.5


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
    page.get_by_role("button", name="Play").click()
    assert page.evaluate("state.playing") is True
    page.get_by_role("combobox", name="Speed").select_option("500")
    page.wait_for_function(f"state.step === {TOTAL} && !state.playing && state.settled", timeout=300_000, polling=50)
    assert rms_to_paint(page, PLAN) < 2.5


def test_the_current_step_is_said(open_page):
    page = open_page("#step=70")
    step = STEPS[69]
    start, end = step.from_pin, step.to_pin
    assert page.locator("#from").inner_text() == str(start)
    assert page.locator("#to").inner_text() == str(end)
    assert page.locator("#thread-name").inner_text() == PLAN.threads[step.thread].name
    assert page.locator("#layer").inner_text() == "layer 2 of 3"
    assert page.locator("#step").inner_text() == f"70 of {TOTAL}"
    way = "↻ clockwise" if step.direction > 0 else "↺ counter-clockwise"
    assert page.locator("#way").inner_text() == way
    assert page.locator("#said").inner_text() == f"Step 70: from pin {start} to pin {end}, {way}, navy, layer 2"
    meters = PLAN.step_lengths_mm[: step.stop].sum() / 1000
    assert page.locator("#laid").inner_text().startswith(f"{meters:.0f} m of ")


def test_keys(open_page):
    page = open_page("#step=40")
    presses = [
        ("ArrowRight", 41),
        ("Shift+ArrowRight", 51),
        ("ArrowLeft", 50),
        ("]", BEGINS[1]),
        ("]", BEGINS[2]),
        ("[", BEGINS[1]),
    ]
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


def shown_by_hand(page) -> tuple[str, ...]:
    names = ["hand-count", "hand-layer", "hand-from", "hand-pin", "hand-way", "said"]
    return tuple(page.evaluate("names => names.map(name => document.getElementById(name).innerText.trim())", names))


def test_it_winds_from_the_first_knot_to_the_last_and_every_step_is_the_plans(open_page, rim_address):
    page = open_page(size=(390, 844), at=rim_address)
    page.get_by_role("button", name="Wind by hand").click()
    rows, shown = [], []
    for order in with_ties(steps_of(RIM)):
        now = shown_by_hand(page)
        shown.append(now)
        kind = "tie on" if "Tie it on" in now[4] else "tie off" if "Knot the thread" in now[4] else "chord"
        rim = re.fullmatch(r"([↻↺]) along the rim, (?:counter-)?clockwise, pins: (\d+)", now[4])
        here = int(now[2].removeprefix("from pin ") or now[3])
        walk = int(rim[2]) * (1 if rim[1] == "↻" else -1) if rim else 0
        rows.append(("rim walk" if rim else kind, order.layer, here, int(now[3]), walk))
        if order.direction and not rim:
            assert now[4] == ("↻ clockwise" if order.direction > 0 else "↺ counter-clockwise")
        page.keyboard.press("Space")
    assert pins_of(rows, len(RIM.pins)) == [(k, layer.pins.tolist()) for k, layer in enumerate(RIM.layers)]
    assert shown[1][0] == f"step 1 of {len(steps_of(RIM))}"
    assert shown[1][5] == "Along the rim, clockwise, 18 pins, to pin 14."
    assert page.locator("#hand-way").inner_text() == "The piece is wound."


def test_the_place_is_kept_on_reload_and_back_goes_back(open_page, rim_address):
    page = open_page(size=(390, 844), at=rim_address)
    page.keyboard.press("w")
    for _ in range(5):
        page.get_by_role("button", name="Next", exact=True).last.click()
    before = shown_by_hand(page)
    page.reload()
    settled(page)
    assert shown_by_hand(page) == before
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Next", exact=True).last.click()
    assert shown_by_hand(page) == before
    assert page.locator("#hand-pin").bounding_box()["height"] > 90
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    assert page.locator("#hand").is_hidden()
    page.reload()
    settled(page)
    page.keyboard.press("w")
    assert shown_by_hand(page) == before


def test_it_speaks_whole_sentences_and_goes_on_in_a_rhythm_but_not_past_a_knot(open_page, rim_address):
    page = open_page(at=rim_address)
    page.evaluate("() => { window.saidAloud = []; speechSynthesis.speak = (words) => saidAloud.push(words.text); }")
    page.clock.install()
    page.keyboard.press("w")
    page.get_by_role("checkbox", name="Speak").check()
    page.get_by_role("combobox", name="Goes on").select_option("5")
    page.clock.run_for(20_000)
    steps = steps_of(RIM)
    said = page.evaluate("saidAloud")
    assert said == [f"Take sand, and tie it on at pin {steps[0].from_pin}."]  # a knot waits for a hand
    page.keyboard.press("ArrowRight")
    page.clock.run_for(5_500)
    assert page.evaluate("saidAloud.length") == 2  # a walk over 18 pins has 3.6 s more
    page.clock.run_for(3_500)
    page.clock.run_for(5_100)
    assert page.evaluate("saidAloud")[1:] == [step.sentence for step in steps[:3]]


def test_no_two_pin_numbers_overlap(open_page, rim_address):
    for size in ((320, 568), (900, 640)):
        page = open_page(size=size, at=rim_address)
        for step in (1, 2, 9, 40):
            scrub(page, step)
            rooms = page.evaluate("labelRooms()")
            assert len(rooms) > 8
            for k, a in enumerate(rooms):
                for b in rooms[:k]:
                    apart_x = a["right"] <= b["left"] or b["right"] <= a["left"]
                    apart_y = a["bottom"] <= b["top"] or b["bottom"] <= a["top"]
                    assert apart_x or apart_y


def test_the_screen_is_kept_awake_while_one_winds(open_page, rim_address):
    page = open_page(at=rim_address)
    page.keyboard.press("w")
    page.wait_for_function("document.getElementById('hand-awake').textContent !== ''")
    assert page.locator("#hand-awake").inner_text() == "The screen stays awake."


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


def by_hand(page) -> str:
    return " | ".join(page.locator(f"#{name}").inner_text() for name in ("hand-count", "hand-from", "hand-pin"))


def test_when_it_goes_wrong_the_player_helps_as_the_guide_does(open_page, rim_address):
    page, steps = open_page(at=rim_address), steps_of(RIM)
    page.keyboard.press("w")
    for _ in range(10):  # the thread is tied on, then nine steps
        page.keyboard.press("Space")
    at_ten = by_hand(page)
    page.keyboard.press("?")
    panel = page.locator("#trouble")
    for trouble in TROUBLES:
        assert f"{trouble.key}  {trouble.title}" in panel.inner_text()
    page.keyboard.press("6")
    assert "Stop at a pin while 15 cm are left" in panel.inner_text()
    panel.get_by_role("button", name="All of them").click()
    page.keyboard.press("2")
    panel.get_by_label("Unwind back to step").fill("7")
    panel.get_by_role("button", name="List").click()
    told = panel.get_by_role("listitem").all_inner_texts()
    walked = f"off {steps[7].to_pin}, back along the rim to {steps[7].from_pin} ({abs(steps[7].walk)} pins)"
    assert steps[7].walk
    assert told == [
        f"step 9: off {steps[8].to_pin}, back to {steps[8].from_pin}", f"step 8: {walked}",
        f"step 7: off {steps[6].to_pin}, back to {steps[6].from_pin}",
    ]  # fmt: skip
    panel.get_by_role("button", name="It is unwound").click()
    assert by_hand(page).startswith(f"step 7 of {len(steps)} | from pin {steps[6].from_pin}")
    page.reload()
    settled(page)
    page.keyboard.press("u")  # also after a reload
    assert by_hand(page) == at_ten
    page.keyboard.press("?")
    page.keyboard.press("7")
    panel.get_by_label("The thread is at pin").fill(str(steps[20].to_pin))
    panel.get_by_label("its last piece comes from pin").fill(str(steps[20].from_pin))
    panel.get_by_role("button", name="List").click()
    panel.get_by_role("button", name="step 21 ").click()
    assert by_hand(page).startswith("step 22 of")
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.locator("#hand").is_visible()
