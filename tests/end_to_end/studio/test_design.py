"""A photo is dropped, the picture forms, is changed, and is the same after a reload and in a second tab."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from studio_bench import (
    EXAMPLES,
    FINE,
    Running,
    begin,
    chords_shown,
    drop_file,
    open_page,
    plan_where,
    settled,
    show,
    wait_for_plan,
)

from stringart.plan.model import Plan


@pytest.fixture(autouse=True)
def _begun(studio: Running) -> None:
    """Every test finds coffee.jpg and the first settings, whichever tests ran before."""
    begin(studio)


def chords_of(plan: dict) -> int:
    return Plan.from_bytes(json.dumps(plan).encode()).chords


def stage_pixels(page) -> np.ndarray:
    data = page.locator("#stage").screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), float)


def test_a_dropped_photo_forms_thread_by_thread_and_is_the_plan_at_the_end(page, studio: Running) -> None:
    begin(studio, pins=288)  # more than the other tests': so large a search takes its time
    page.locator("#c-lines").fill("4000")
    page.locator("#c-lines").press("Enter")
    chords_shown(page, 4000)  # the page has heard the last of the search before
    page.wait_for_selector(".stage-state:empty", state="attached")
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
    assert len(seen) >= 5, counts  # ten a second and more, of a search that takes half a second
    assert counts[0] <= 1500, counts  # from the first chords on
    assert max(counts) > 3900
    plan = json.loads((studio.folder / "project/plans/current.json").read_text())
    assert plan["photo"]["name"] == "camera.png"


@pytest.mark.parametrize("page", [FINE], indirect=True, ids=["fine"])
def test_the_canvas_shows_what_paint_paints(page, studio: Running, tmp_path: Path) -> None:
    wait_for_plan(page)
    settled(page)
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


def test_the_score_is_that_of_the_command_line(page, studio: Running) -> None:
    page.wait_for_function("() => document.querySelector('#n_score')?.textContent.includes('%')")
    plan = studio.folder / "project/plans/current.json"
    told = json.loads(studio.command("score", str(plan), str(EXAMPLES / "coffee.jpg"), "--json"))
    near, far = (round(100 * seen["ssim_fit"]) for seen in told["scores"])
    assert page.text_content("#n_score") == f"{far} % ({near} %)"


def test_a_change_searches_anew_and_is_undone_by_a_key(page, studio: Running) -> None:
    field = page.locator("#c-lines")
    field.fill("900")
    field.press("Enter")
    chords_shown(page, 900)
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    chords_shown(page, 1200)
    assert page.input_value("#c-lines") == "1200"
    page.keyboard.press("Control+Shift+z")
    chords_shown(page, 900)
    assert page.input_value("#c-lines") == "900"


def test_the_palette_changes_the_piece(page, studio: Running) -> None:
    settled(page)
    before = stage_pixels(page)
    page.get_by_role("button", name="White on black", exact=True).click()
    plan = plan_where(studio, lambda plan: plan["threads"][0]["name"] == "white")
    assert plan["board"]["color"] == "#000000"
    assert [thread["color"] for thread in plan["threads"]] == ["#ffffff"]
    page.wait_for_function("() => document.querySelector('#thread-use').textContent.includes('white')")
    settled(page)
    middle = [size // 2 for size in before.shape]
    corner = slice(middle[0] - 60, middle[0] + 60), slice(middle[1] - 160, middle[1] + 160)
    assert np.abs(stage_pixels(page)[corner] - before[corner]).mean() > 20  # it is seen, too


def test_the_page_speaks_german_and_reads_its_numbers(page, studio: Running) -> None:
    page.goto(f"{studio.url}?lang=de")
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("() => document.documentElement.lang") == "de"
    page.get_by_role("button", name="Wichtiges", exact=True).wait_for()
    page.wait_for_function("() => document.querySelector('#n_chords').textContent === '1.200'")
    long = "M503: " + "echo; M92 X80: Y80; " * 40  # a controller's answer has no end of colons
    assert page.evaluate("async (text) => (await import('/page/words.js')).told(text)", long) == long
    width = page.get_by_label("Breite des Fadens 1 in mm")
    assert width.input_value() == "0,25"
    width.fill("0,3mm")
    width.press("Enter")
    assert (
        plan_where(studio, lambda plan: plan["threads"][0]["diameter_mm"] != 0.25)["threads"][0]["diameter_mm"] == 0.3
    )
    page.locator("#c-lines").fill("1.000")
    page.locator("#c-lines").press("Enter")
    plan_where(studio, lambda plan: 950 < chords_of(plan) <= 1000)
    page.wait_for_function("() => document.querySelector('#n_chords').textContent !== '1.200'")  # the page has it, too
    told = page.evaluate(
        "async (said) => { const { told } = await import('/page/words.js'); return said.map(told); }",
        [
            "'cut.heic': it is cut short: it should have 51,367 bytes at least and has 45,915",
            "wrap 12: X would go to -3.5 mm, but its travel is 0 to 600 mm",
            "Layer 1 of 2: put in the thread 'red' #c02020, hold its end near pin 7, where it is wound 3 times",
            "a sentence of tomorrow",
        ],
    )
    assert told == [
        "'cut.heic': es ist abgeschnitten: Es sollte mindestens 51.367 Bytes haben und hat 45.915",
        "wrap 12: X ginge nach -3,5 mm, ihr Weg ist 0 bis 600 mm",
        "Lage 1 von 2: den Faden „red“ #c02020 einlegen, sein Ende bei Stift 7 halten, wo er 3-mal gewickelt wird",
        "a sentence of tomorrow",
    ]
    page.locator("#c-lines").fill("viele")  # what is no number changes nothing
    page.locator("#c-lines").press("Enter")
    assert page.input_value("#c-lines") == "1000"


def test_a_thread_is_named_by_its_colour_and_kept_in_ones_own_list(page, studio: Running) -> None:
    color = page.get_by_label("Colour of thread 1")
    color.evaluate("(e) => { e.value = '#d01818'; e.dispatchEvent(new Event('input')); }")
    plan_where(studio, lambda plan: plan["threads"][0]["color"] == "#d01818")
    color.evaluate("(e) => e.dispatchEvent(new Event('change'))")
    plan = plan_where(studio, lambda plan: "red" in plan["threads"][0]["name"])
    name = plan["threads"][0]["name"]
    page.locator("#own-threads > summary").click()
    page.locator("#own-keep").click()
    page.locator(".own li", has_text=name).wait_for()
    assert name in (studio.folder / "config/threads.toml").read_text()
    page.get_by_role("button", name=f"Take {name} off the list").click()
    page.locator(".own li", has_text=name).wait_for(state="detached")
    assert name not in (studio.folder / "config/threads.toml").read_text()


def in_two_tones(page, studio: Running) -> list[int]:
    """The threads of the layers of a small piece in two tones, once it stands on the page."""
    page.get_by_role("button", name="Two tone").click()
    plan = plan_where(studio, lambda plan: len(plan["threads"]) == 2 and len(plan["layers"]) > 1)
    chords_shown(page, chords_of(plan))
    wait_for_plan(page)
    page.locator("#g_layers > summary").click()
    page.wait_for_function(
        "(n) => document.querySelectorAll('.layers li[data-row]').length === n", arg=len(plan["layers"])
    )
    return [layer["thread"] for layer in plan["layers"]]


def test_the_picture_is_shared_as_its_file(page, studio: Running) -> None:
    """On a computer whose browser can: this one cannot, and shows no such button; then its system takes what it got."""
    wait_for_plan(page)
    share = page.get_by_role("button", name="Share", exact=True)
    assert share.count() == 0
    page.add_init_script(
        """navigator.canShare = ({ files }) => files.length > 0;
           navigator.share = async ({ files }) => { window.shared = files; };"""
    )
    page.reload()
    share.click()
    page.wait_for_function("() => window.shared")
    name, kind, digest = page.evaluate(
        """async () => { const [file] = window.shared;
            const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
            return [file.name, file.type, [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")]; }"""
    )
    assert (name, kind) == ("coffee.png", "image/png")
    address = page.locator("#save-picture").get_attribute("href")
    saved = page.request.get(f"http://127.0.0.1:{studio.port}{address}").body()
    assert digest == hashlib.sha256(saved).hexdigest()
    assert Image.open(io.BytesIO(saved)).size[0] >= 500


def test_what_has_the_focus_is_seen_on_a_phone(page, studio: Running) -> None:
    """Neither under the picture, which stays while one scrolls, nor under the tabs."""
    wait_for_plan(page)
    hidden = """() => [...document.querySelectorAll('#v-design :is(button, a, input, select, summary)')]
        .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !e.closest('.stage'))
        .filter((e) => { e.focus(); const box = e.getBoundingClientRect();
            const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return document.activeElement === e && seen !== e && !e.contains(seen) && !seen?.closest('label'); })
        .map((e) => e.id || e.textContent.slice(0, 30) || e.name)"""
    for width, height in ((360, 640), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(hidden) == [], (width, height)


def test_layers_are_moved_by_arrow_by_mouse_and_by_thread(page, studio: Running) -> None:
    begun = in_two_tones(page, studio)
    swapped = [begun[1], begun[0], *begun[2:]]

    def moved(order: list[int]) -> dict:
        return plan_where(studio, lambda plan: [layer["thread"] for layer in plan["layers"]] == order)

    page.locator(".layers li").first.get_by_role("button", name="on top").click()
    names = [thread["name"] for thread in moved(swapped)["threads"]]
    page.wait_for_function(
        "(name) => document.querySelector('.layers li').textContent.includes(name)", arg=names[begun[1]]
    )
    page.locator(".layers li").nth(1).scroll_into_view_if_needed()
    first, second = (page.locator(".layers li").nth(k).bounding_box() for k in (0, 1))
    page.mouse.move(first["x"] + 60, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(second["x"] + 60, second["y"] + second["height"] / 2, steps=4)
    page.mouse.up()
    moved(begun)
    page.get_by_role("button", name="By thread").click()  # two rows, each with all of its layers
    page.wait_for_function("() => document.querySelectorAll('.layers li[data-row]').length === 2")
    page.locator(".layers li").first.get_by_role("button", name="on top").click()
    by_thread = moved(sorted(begun, key=lambda thread: thread == begun[0]))
    assert [thread["name"] for thread in by_thread["threads"]] == names  # their order alone has changed


def test_the_threads_are_chosen_from_the_photo_among_those_that_can_be_bought(page, studio: Running) -> None:
    page.locator("#c-auto_threads").fill("2")
    page.locator("#c-auto_threads").press("Enter")
    page.locator('[data-control="auto_source"] [value="dmc"]').click()
    page.wait_for_selector('[data-control="auto_source"] [value="dmc"][aria-pressed="true"]')
    page.locator("#choose-threads").click()
    chosen = plan_where(studio, lambda plan: plan["threads"][0]["name"] != "black" or len(plan["threads"]) > 1)
    bought = Path(__file__).parents[3] / "stringart/threads/catalogue_files/dmc.csv"
    for thread in chosen["threads"]:
        assert thread["color"] in bought.read_text().lower(), thread
    assert 1 <= len(chosen["threads"]) <= 2
    page.locator("#undo").click()  # one change: threads and board together
    plan_where(studio, lambda plan: [thread["name"] for thread in plan["threads"]] == ["black"])


def test_inches_change_the_shown_numbers_and_not_the_board(page, studio: Running) -> None:
    page.locator("#g_board > summary").click()
    page.locator('[data-control="units"] button[value="in"]').click()
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '23.62'")
    page.locator('[data-control="units"] button[value="mm"]').click()
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '600'")
    page.locator('[data-control="units"] button[value="in"]').click()
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '23.62'")
    page.locator("#c-width_mm").fill("20")
    page.locator("#c-width_mm").press("Enter")
    plan = plan_where(studio, lambda plan: plan["board"]["width_mm"] != 600)
    assert plan["board"]["width_mm"] == pytest.approx(508)
    page.wait_for_function("() => document.querySelector('#n_thread').textContent.endsWith('yd')")


def test_the_photo_is_moved_with_mouse_and_keys_and_turned(page, studio: Running) -> None:
    whole = plan_where(studio, lambda plan: True)["photo"]["crop_px"]
    page.get_by_role("button", name="Place photo").click()
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 10, steps=4)
    page.mouse.up()
    moved = plan_where(studio, lambda plan: plan["photo"]["crop_px"] != whole)["photo"]["crop_px"]
    assert whole[0] - moved[0] > 20  # it went right: the ring shows what is left of it
    assert whole[0] - moved[0] > 3 * (whole[1] - moved[1]) > 0
    assert moved[2] - moved[0] == whole[2] - whole[0]
    page.locator("#stage").focus()
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.wait_for_function("() => document.querySelector('#c-turn_deg').value === '2'")
    plan_where(studio, lambda plan: "developed" in plan["photo"]["name"])
    page.get_by_role("button", name="Centre the photo").click()
    plan_where(studio, lambda plan: plan["photo"]["crop_px"] == whole)


@pytest.mark.parametrize("photo_is_late", [False, True])
def test_importance_is_painted_with_a_brush(page, studio: Running, photo_is_late: bool) -> None:
    """Also by a hand that is quicker than the photo: what is painted before the picture is there is not lost."""
    held: list = []
    page.route("**/photo/*", lambda route: held.append(route) if photo_is_late else route.continue_())
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.wait_for_function("() => document.querySelector('#g_photo .now')?.textContent")
    before = set((studio.folder / "project/maps").glob("*.png"))
    page.get_by_role("button", name="Paint importance").click()
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 20 * photo_is_late
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=6)
    page.mouse.up()
    while len(held) < photo_is_late:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    page.wait_for_selector('[data-control="importance"] [value="painted"][aria-pressed="true"]', state="attached")
    (painted,) = set((studio.folder / "project/maps").glob("*.png")) - before
    gray = np.asarray(Image.open(painted).convert("L"))
    assert gray.max() > 200
    assert np.median(gray) == 128
    page.locator("#undo").click()
    page.wait_for_selector('[data-control="importance"] [value="faces"][aria-pressed="true"]', state="attached")


def test_the_camera_takes_a_photo(page, studio: Running) -> None:
    show(page, "design")
    page.locator("#g_photo").get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('dialog video')?.videoWidth > 0")
    page.get_by_role("button", name="Take the photo").click()
    plan = plan_where(studio, lambda plan: plan["photo"]["name"] == "camera.jpg")
    left, top, right, bottom = plan["photo"]["crop_px"]
    assert right - left == bottom - top >= 480  # what the camera gives, square under the ring
    page.wait_for_function("() => document.querySelector('#g_photo .now')?.textContent === 'camera.jpg'")
    assert page.locator("dialog video").count() == 0


def test_a_reload_and_a_second_tab_show_the_same(page, studio: Running) -> None:
    page.reload()
    page.wait_for_selector("body[data-ready]")
    chords_shown(page, 1200)
    other = page.context.new_page()
    open_page(other, studio)
    chords_shown(other, 1200)
    assert other.text_content("#g_photo .now") == page.text_content("#g_photo .now") == "coffee.jpg"
    other.locator("#c-lines").fill("900")
    other.locator("#c-lines").press("Enter")
    page.wait_for_function("() => document.querySelector('#c-lines').value === '900'")
    chords_shown(page, 900)
    other.close()


def test_a_photo_without_contrast_offers_what_helps(page, studio: Running, tmp_path: Path) -> None:
    low = np.asarray(Image.open(EXAMPLES / "camera.png").convert("L").resize((200, 200)), float) * 0.12 + 110
    Image.fromarray(low.astype(np.uint8)).save(tmp_path / "fog.png")
    help_offered = "() => !document.querySelector('#low-contrast').hidden"
    assert not page.evaluate(help_offered)
    drop_file(page, tmp_path / "fog.png", "image/png")
    page.wait_for_function(help_offered)
    page.evaluate("() => document.querySelector('#low-contrast button').click()")  # within the looks, which are closed
    page.wait_for_function("() => Number(document.querySelector('#c-contrast').value) > 0")
    page.wait_for_function("() => document.querySelector('#low-contrast').hidden")


def test_a_file_that_is_no_photo_is_refused_in_words(page, studio: Running, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"not a photo at all")
    drop_file(page, tmp_path / "holiday.jpg", "image/jpeg")
    page.wait_for_selector(".toast.bad")
    assert "holiday.jpg' is not a picture that can be read" in page.text_content(".toast.bad")
    assert page.text_content("#g_photo .now") == "coffee.jpg"


def test_a_look_forms_beside_the_picture_and_one_tap_takes_it(page, studio: Running) -> None:
    """The last one of all: the studio tries the looks that nobody waits for until it ends."""
    page.locator("#looks > summary").click()
    look = page.locator('.look[data-look="white-on-black"]')
    page.wait_for_selector('.look[data-look="white-on-black"][data-state="done"]')
    page.wait_for_function(
        """() => { const c = document.querySelector('[data-look="white-on-black"] canvas');
                   const seen = c.getContext('2d').getImageData(c.width / 4, c.height / 4, c.width / 2, c.height / 2).data;
                   return seen.some((v, k) => k % 4 < 3 && v > 200) && seen.some((v, k) => k % 4 < 3 && v < 60); }"""
    )  # threads on a dark board
    page.locator("#looks > summary").click()
    page.locator("#more").click()  # a few choices are enough
    assert not page.locator("#g_thread").is_visible()
    page.locator("#looks > summary").click()
    look.click()
    plan = plan_where(studio, lambda plan: plan["board"]["color"] == "#000000")
    assert [(thread["color"], thread["diameter_mm"]) for thread in plan["threads"]] == [("#ffffff", 0.25)]
    page.locator("#undo").click()
    plan_where(studio, lambda plan: plan["board"]["color"] == "#ffffff")
