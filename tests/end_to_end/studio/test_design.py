"""A photo is dropped, the picture forms, is changed, kept, exported, and survives a reload and a restart."""

import io
import json
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from studio_bench import EXAMPLES, Running, drop_file, open_page, plan_where, show, wait_for_plan

from stringart.model import Plan


@pytest.fixture(scope="module", autouse=True)
def _photo(studio: Running) -> None:
    """A photo is there for every test, whichever is run."""
    request = urllib.request.Request(
        f"{studio.url}photo", (EXAMPLES / "coffee.jpg").read_bytes(), {"x-name": "coffee.jpg"}
    )
    urllib.request.urlopen(request).close()
    plan_where(studio, lambda plan: True)


def stage_pixels(page) -> np.ndarray:
    data = page.locator("#stage").screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), float)


def test_a_dropped_photo_forms_thread_by_thread_and_is_the_plan_at_the_end(page, studio: Running) -> None:
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => {
            const text = document.querySelector('.stage-state').textContent;
            const n = Number((text.match(/[\\d,]+/) || ['0'])[0].replace(/,/g, ''));
            if (n && seen.at(-1)?.[1] !== n) seen.push([performance.now(), n]);
        }).observe(document.querySelector('.stage-state'), { childList: true, characterData: true, subtree: true }); }"""
    )
    drop_file(page, EXAMPLES / "camera.png", "image/png")
    plan_where(studio, lambda plan: plan["photo"]["name"] == "camera.png")
    wait_for_plan(page)
    seen = page.evaluate("() => window.seen")
    counts = [n for _, n in seen]
    assert len(seen) >= 10
    assert counts[0] <= 600  # from the first chords on
    assert max(counts) == 4000
    assert page.text_content("#n_chords") == "4,000"
    plan = json.loads((studio.folder / "project/plans/current.json").read_text())
    assert plan["photo"]["name"] == "camera.png"


def test_the_canvas_shows_what_paint_paints(page, studio: Running, tmp_path: Path) -> None:
    wait_for_plan(page)
    page.wait_for_timeout(1500)
    box = page.locator("#stage").bounding_box()
    shot = stage_pixels(page)
    side = int(min(box["width"], box["height"]) * 0.9)
    left, top = int(box["width"] / 2 - side / 2), int(box["height"] / 2 - side / 2)
    studio.command(
        "paint",
        str(studio.folder / "project/plans/current.json"),
        "-o",
        str(tmp_path / "p.png"),
        "--width",
        f"{side}px",
    )
    painted = np.asarray(Image.open(tmp_path / "p.png").convert("L"), float)
    middle = slice(side // 5, 4 * side // 5)
    ours, theirs = shot[top : top + side, left : left + side][middle, middle], painted[middle, middle]
    blocks = [
        x[: len(x) // 8 * 8, : len(x) // 8 * 8].reshape(len(x) // 8, 8, -1, 8).mean((1, 3)) for x in (ours, theirs)
    ]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.97
    assert abs(blocks[0].mean() - blocks[1].mean()) < 8


def test_a_change_searches_anew_and_is_undone_by_a_key(page, studio: Running) -> None:
    wait_for_plan(page)
    field = page.locator("#c-lines")
    field.fill("1500")
    field.press("Enter")
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '1,500'")
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '4,000'")
    assert page.input_value("#c-lines") == "4000"
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '1,500'")


def test_the_palette_changes_the_piece(page, studio: Running) -> None:
    wait_for_plan(page)
    page.get_by_role("button", name="White on black", exact=True).click()
    plan = plan_where(studio, lambda plan: plan["threads"][0]["name"] == "white")
    assert plan["board"]["color"] == "#101010"
    assert [thread["color"] for thread in plan["threads"]] == ["#f4f4f0"]


def test_layers_are_moved_and_the_threads_chosen_from_the_photo(page, studio: Running) -> None:
    page.get_by_role("button", name="Two tones on grey").click()
    page.locator("#c-lines").fill("600")
    page.locator("#c-lines").press("Enter")
    begin = [
        layer["thread"]
        for layer in plan_where(studio, lambda plan: len(plan["threads"]) == 2 and len(plan["layers"]) > 1)["layers"]
    ]
    wait_for_plan(page)
    page.locator("#g_layers > summary").click()
    page.locator(".layers li").first.get_by_role("button", name="on top").click()
    moved = plan_where(studio, lambda plan: [layer["thread"] for layer in plan["layers"]][:2] == begin[:2][::-1])
    assert len(moved["layers"]) == len(begin)
    page.locator("#c-auto_threads").fill("2")
    page.locator("#c-auto_threads").press("Enter")
    page.locator('[data-control="auto_source"] [value="dmc"]').click()
    page.locator("#choose-threads").click()
    chosen = plan_where(studio, lambda plan: plan["threads"][0]["name"] not in ("white", "black"), timeout_s=120)
    assert len(chosen["threads"]) <= 2
    page.get_by_role("button", name="White on black", exact=True).click()
    page.locator("#c-lines").fill("4000")
    page.locator("#c-lines").press("Enter")
    plan_where(studio, lambda plan: len(plan["threads"]) == 1)


def test_inches_change_the_shown_numbers_and_not_the_board(page, studio: Running) -> None:
    page.locator("#g_board > summary").click()
    page.locator('[data-control="units"] button[value="in"]').click()
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '23.62'")
    page.locator('[data-control="units"] button[value="mm"]').click()
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '600'")


def test_the_photo_is_moved_with_mouse_and_keys_and_turned(page, studio: Running) -> None:
    wait_for_plan(page)
    page.get_by_role("button", name="Place photo").click()
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 10, steps=4)
    page.mouse.up()
    plan_where(
        studio, lambda plan: plan["photo"]["crop_px"][0] < -20
    )  # it went right: the ring shows what is left of it
    page.locator("#stage").focus()
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.wait_for_function("() => document.querySelector('#c-turn_deg').value === '2'")
    plan_where(studio, lambda plan: "developed" in plan["photo"]["name"])
    page.get_by_role("button", name="Centre the photo").click()
    plan_where(studio, lambda plan: plan["photo"]["crop_px"][0] == 0)
    page.get_by_role("button", name="Piece", exact=True).click()


@pytest.mark.parametrize("photo_is_late", [False, True])
def test_importance_is_painted_with_a_brush(page, studio: Running, photo_is_late: bool) -> None:
    """Also by a hand that is quicker than the photo: what is painted before the picture is there is not lost."""
    held: list = []
    page.route("**/photo/*", lambda route: held.append(route) if photo_is_late else route.continue_())
    page.reload()
    page.wait_for_selector("body[data-ready]")
    before = set((studio.folder / "project/maps").glob("*.png"))
    page.get_by_role("button", name="Paint importance").click()
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 20 * photo_is_late
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=6)
    page.mouse.up()
    assert len(held) == photo_is_late
    for route in held:
        route.continue_()
    page.wait_for_selector('[data-control="importance"] [value="painted"][aria-pressed="true"]', state="attached")
    (painted,) = set((studio.folder / "project/maps").glob("*.png")) - before
    gray = np.asarray(Image.open(painted).convert("L"))
    assert gray.max() > 200
    assert np.median(gray) == 128
    page.locator("#undo").click()
    page.wait_for_selector('[data-control="importance"] [value="faces"][aria-pressed="true"]', state="attached")


def test_a_variant_is_kept_starred_renamed_deleted_and_brought_back(page, studio: Running) -> None:
    wait_for_plan(page)
    page.locator("#keep").click()
    show(page, "variants")
    card = page.locator(".variant").first
    card.wait_for()
    card.locator(".star").click()
    page.wait_for_selector('.variant .star[aria-pressed="true"]')
    card.locator('input[type="text"]').fill("Größe ./../x")
    card.locator('input[type="text"]').press("Enter")
    page.wait_for_function("() => document.querySelector('.variant input[type=text]').value === 'Größe ./../x'")
    card.get_by_role("button", name="Delete").click()
    page.wait_for_function("() => !document.querySelector('.variant')")
    page.get_by_role("button", name="Undo", exact=True).last.click()
    page.wait_for_selector(".variant")
    known = json.loads((studio.folder / "project/variants.json").read_text())
    assert [(v["name"], v["starred"]) for v in known] == [("Größe ./../x", True)]


def test_two_variants_stand_side_by_side(page, studio: Running) -> None:
    show(page, "design")
    page.locator("#keep").click()
    show(page, "variants")
    page.wait_for_function("() => document.querySelectorAll('.variant').length === 2")
    for box in page.locator('.variant input[type="checkbox"]').all():
        box.check()
    page.wait_for_selector(".compare table")
    assert page.locator(".compare img").count() == 2


@pytest.mark.parametrize("ending", [".gif", ".png", ".svg", ".json", ".book.pdf", ".gcode"])
def test_an_export_has_the_bytes_of_the_command_line(page, studio: Running, tmp_path: Path, ending: str) -> None:
    if ending == ".gcode":  # a plan that fits under any gantry, whatever the tests before have chosen
        small = tmp_path / "small.json"
        studio.command("design", str(EXAMPLES / "camera.png"), "-o", str(small), "--lines", "300", "--quality", "draft")
        drop_file(page, small, "application/json")
        page.wait_for_function("() => document.querySelector('#n_chords')?.textContent === '300'")
    wait_for_plan(page)
    show(page, "export")
    begun = page.locator("#jobs li").count()
    page.locator(f'.tile[data-ending="{ending}"]').click()
    page.wait_for_function(f"() => document.querySelectorAll('#jobs li').length === {begun + 1}")
    page.wait_for_function(
        "() => ['done', 'failed'].includes(document.querySelector('#jobs li').dataset.state)", timeout=90_000
    )
    assert page.locator("#jobs li").first.get_attribute("data-state") == "done", page.text_content("#jobs")
    with page.expect_download() as waited:
        page.locator("#jobs li").first.get_by_role("link", name="Save").click()
    saved = tmp_path / "page"
    waited.value.save_as(saved)
    plan = studio.folder / "project/plans/current.json"
    target = tmp_path / f"command{ending}"
    studio.command("export", str(plan), "-o", str(target))
    assert saved.read_bytes() == target.read_bytes()


def test_a_plan_of_the_command_line_opens_on_the_page(page, studio: Running, tmp_path: Path) -> None:
    plan = tmp_path / "from-the-shell.json"
    studio.command("design", str(EXAMPLES / "chelsea.jpg"), "-o", str(plan), "--lines", "700", "--quality", "draft")
    drop_file(page, plan, "application/json")
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '700'")
    show(page, "variants")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.variant input[type=text]')].some((i) => i.value === 'from-the-shell')"
    )


def test_the_camera_takes_a_photo(page, studio: Running) -> None:
    show(page, "design")
    page.locator("#g_photo").get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('dialog video')?.videoWidth > 0")
    page.get_by_role("button", name="Take the photo").click()
    page.wait_for_function("() => document.querySelector('#g_photo .now').textContent === 'camera.jpg'")
    wait_for_plan(page)


def begin_with(page, studio: Running, photo: str) -> None:
    """A photo is on the page, and its plan: a plan that was opened from a file has none to search anew."""
    drop_file(page, EXAMPLES / photo, "image/jpeg" if photo.endswith("jpg") else "image/png")
    plan = plan_where(studio, lambda plan: plan["photo"]["name"] == photo)
    chords = f"{Plan.from_bytes(json.dumps(plan).encode()).chords:,}"
    page.wait_for_function("(n) => document.querySelector('#n_chords').textContent === n", arg=chords)
    wait_for_plan(page)


def test_a_reload_and_a_second_tab_show_the_same(page, studio: Running) -> None:
    begin_with(page, studio, "chelsea.jpg")
    chords = page.text_content("#n_chords")
    page.reload()
    wait_for_plan(page)
    other = page.context.new_page()
    open_page(other, studio)
    wait_for_plan(other)
    assert page.text_content("#n_chords") == other.text_content("#n_chords") == chords
    other.locator("#c-lines").fill("900")
    other.locator("#c-lines").press("Enter")
    page.wait_for_function("() => document.querySelector('#c-lines').value === '900'")
    wait_for_plan(page)
    page.wait_for_function("(before) => document.querySelector('#n_chords').textContent !== before", arg=chords)
    other.close()


def test_a_file_that_is_no_photo_is_refused_in_words(page, studio: Running, tmp_path: Path) -> None:
    begin_with(page, studio, "coffee.jpg")
    before = page.text_content("#g_photo .now")
    (tmp_path / "holiday.jpg").write_bytes(b"not a photo at all")
    drop_file(page, tmp_path / "holiday.jpg", "image/jpeg")
    page.wait_for_selector(".toast.bad")
    assert "holiday.jpg' is not a picture that can be read" in page.text_content(".toast.bad")
    assert page.text_content("#g_photo .now") == before != ""


def test_everything_survives_a_restart(browser, studio: Running, tmp_path: Path) -> None:
    running = Running(tmp_path)
    context = browser.new_context()
    page = context.new_page()
    open_page(page, running)
    page.locator(".welcome .examples button").nth(1).click()
    wait_for_plan(page)
    page.locator("#c-lines").fill("1200")
    page.locator("#c-lines").press("Enter")
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '1,200'")
    wait_for_plan(page)
    page.locator("#keep").click()
    page.wait_for_selector(".toast")
    context.close()
    assert running.end() == 0
    again = Running(tmp_path)
    context = browser.new_context()
    page = context.new_page()
    open_page(page, again)
    wait_for_plan(page)
    assert (page.text_content("#n_chords"), page.input_value("#c-lines")) == ("1,200", "1200")
    page.locator("#undo").click()
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '4,000'")
    show(page, "variants")
    assert page.locator(".variant").count() == 1
    context.close()
    assert again.end() == 0
