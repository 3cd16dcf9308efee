"""Variants are kept, compared and sent on, plans come and go as files, and all of it survives a restart."""

import io
import itertools
import json
import zipfile
from pathlib import Path

import pytest
from studio_bench import EXAMPLES, Running, begin, chords_shown, drop_file, new_page, open_page, show, wait_for_plan


@pytest.fixture(autouse=True)
def _begun(studio: Running) -> None:
    """Every test finds coffee.jpg and the first settings, whichever tests ran before."""
    begin(studio)


def keep(page, count: int = 1) -> None:
    """Keep the plan on the page as so many variants; the newest stand first."""
    show(page, "design")
    before = page.locator(".variant").count()
    for number in range(count):
        page.locator("#keep").click()
        page.wait_for_function("(n) => document.querySelectorAll('.variant').length === n", arg=before + number + 1)


def variants(studio: Running) -> dict[str, dict]:
    return {entry["name"]: entry for entry in json.loads((studio.folder / "project/variants.json").read_text())}


def test_everything_survives_a_restart(browser, studio: Running) -> None:
    page = new_page(browser)
    open_page(page, studio)
    page.evaluate("() => import('/page/server.js').then((server) => server.set({ lines: 1000, quality: 'draft' }))")
    page.locator("#g_photo .examples button").nth(1).click()
    chords_shown(page, 1000)
    page.locator("#c-lines").fill("800")
    page.locator("#c-lines").press("Enter")
    chords_shown(page, 800)
    wait_for_plan(page)
    page.locator("#keep").click()
    page.wait_for_selector(".variant", state="attached")
    page.context.close()
    assert studio.stop() == 0
    studio.begin_anew()
    page = new_page(browser)
    open_page(page, studio)
    chords_shown(page, 800)
    assert page.input_value("#c-lines") == "800"
    page.locator("#undo").click()
    chords_shown(page, 1000)
    assert page.locator(".variant").count() == 1
    page.context.close()


def test_a_variant_is_kept_starred_renamed_deleted_and_brought_back(page, studio: Running) -> None:
    keep(page)
    show(page, "variants")
    card = page.locator(".variant").first
    card.locator('input[type="text"]').fill("Größe ./../x")
    card.locator('input[type="text"]').press("Enter")
    named = page.locator(".variant", has=page.get_by_role("button", name="Star Größe ./../x"))
    named.locator(".star").click()
    page.get_by_role("button", name="Star Größe ./../x", pressed=True).wait_for()
    assert variants(studio)["Größe ./../x"]["starred"]
    named.get_by_role("button", name="Delete").click()
    named.wait_for(state="detached")
    assert "Größe ./../x" not in variants(studio)
    page.locator(".toast").get_by_role("button", name="Undo", exact=True).click()
    named.wait_for()
    assert variants(studio)["Größe ./../x"]["starred"]
    assert (studio.folder / "project/plans" / f"{variants(studio)['Größe ./../x']['id']}.json").is_file()
    name = card.locator('input[type="text"]')
    name.fill("W" * 40)  # a name without a place to break it
    name.press("Enter")
    page.get_by_role("button", name=f"Star {'W' * 40}").wait_for()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for view in ("design", "variants", "export", "wind", "machine"):
            show(page, view)
            page.wait_for_selector(f"#v-{view}:not([hidden])")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width, (view, width)


def test_two_variants_stand_side_by_side(page, studio: Running) -> None:
    keep(page, 2)
    show(page, "variants")
    for number in (0, 1):
        page.locator('.variant input[type="checkbox"]').nth(number).check()
    page.wait_for_function("() => document.querySelectorAll('.compare tbody tr:first-child td').length === 2")
    assert page.locator(".compare canvas").count() == 3  # and the photo of both beside them
    tones = """() => [...document.querySelectorAll('.compare canvas')].slice(0, 2).map((c) => {
        const seen = c.getContext('2d').getImageData(c.width / 4, c.height / 4, c.width / 2, c.height / 2).data;
        const reds = seen.filter((v, k) => k % 4 === 0);
        return { many: new Set(reds).size, sum: reds.reduce((a, b) => a + b, 0) }; })"""
    page.wait_for_function(f"() => ({tones})().every(({{ many }}) => many > 20)")  # threads, not an empty board
    before = page.evaluate(tones)
    page.locator("#compare-zoom").fill("2.5")  # both at once
    page.wait_for_function(f"(before) => ({tones})().every(({{ sum }}, k) => sum !== before[k].sum)", arg=before)
    chords = page.locator(".compare tbody tr", has_text="Chords").locator("td").all_text_contents()
    assert len(chords) == 2
    assert chords[0] == chords[1]
    assert 1150 <= int(chords[0].replace(",", "")) <= 1200
    name = page.locator(".variant input[type=text]").first.input_value()
    page.locator(".variant").first.get_by_role("link", name="Send to the machine").click()
    assert page.locator("#m-plan option:checked").text_content() == name


def exported(page, ending: str, saved: Path) -> bytes:
    begun = page.locator("#jobs li").count()
    page.locator(f'.tile[data-ending="{ending}"]').click()
    page.wait_for_function(f"() => document.querySelectorAll('#jobs li').length === {begun + 1}")
    page.wait_for_function("() => ['done', 'failed'].includes(document.querySelector('#jobs li').dataset.state)")
    assert page.locator("#jobs li").first.get_attribute("data-state") == "done", page.text_content("#jobs")
    with page.expect_download() as waited:
        page.locator("#jobs li").first.get_by_role("link", name="Save").click()
    waited.value.save_as(saved)
    return saved.read_bytes()


def small_film(page) -> None:
    """Ask for a GIF of 240 px: of a kilopixel it takes two seconds, three times."""
    gif = page.locator('.tile-box[data-box=".gif"]')
    gif.locator("summary").click()
    gif.locator('[name="width_px"]').fill("240")
    gif.locator('[name="width_px"]').press("Tab")


def test_exports_have_the_bytes_of_the_command_line(page, studio: Running, tmp_path: Path) -> None:
    small = tmp_path / "small.json"  # fits under any gantry
    studio.command("design", str(EXAMPLES / "camera.png"), "-o", str(small), "--lines", "300", "--quality", "draft")
    drop_file(page, small, "application/json")
    chords_shown(page, 300)
    wait_for_plan(page)
    show(page, "export")
    plan = studio.folder / "project/plans/current.json"
    small_film(page)
    endings = (".gif", ".png", ".svg", ".json", ".book.pdf", ".gcode")
    files = {e: ("-o", str(tmp_path / f"command{e}")) for e in endings}
    studio.command("export", str(plan), *files.pop(".gif"), "--width", "240px")
    studio.command("export", str(plan), *itertools.chain(*files.values()))
    for ending in endings:
        ours = exported(page, ending, tmp_path / f"page{ending}")
        assert ours == (tmp_path / f"command{ending}").read_bytes(), ending
    with zipfile.ZipFile(io.BytesIO(exported(page, ".zip", tmp_path / "all.zip"))) as archive:
        book = next(name for name in archive.namelist() if name.endswith(".book.pdf"))
        assert archive.read(book) == (tmp_path / "command.book.pdf").read_bytes()
        assert len(archive.namelist()) == 6
    png = page.locator('.tile-box[data-box=".png"]')  # its options stand beside it, and are its own
    png.locator("summary").click()
    png.locator('[name="width_px"]').fill("1,200")
    png.locator('[name="width_px"]').press("Tab")
    studio.command("export", str(plan), "--width", "1200px", "-o", str(tmp_path / "wide.png"))
    assert exported(page, ".png", tmp_path / "page-wide.png") == (tmp_path / "wide.png").read_bytes()
    assert page.locator('.tile-box[data-box=".gif"] [name="width_px"]').input_value() == "240"
    show(page, "design")
    page.locator("#as-it-hangs").click()
    page.wait_for_function("() => document.querySelector('dialog.hanging img').naturalWidth > 1000")
    page.locator("dialog[open]").get_by_role("button", name="Close", exact=True).click()
    show(page, "export")
    image = page.locator('.tile[data-ending=".png"] img')
    page.wait_for_function("(image) => image.naturalWidth > 0", arg=image.element_handle())  # what comes out, small


def test_a_plan_of_the_command_line_opens_on_the_page(page, studio: Running, tmp_path: Path) -> None:
    plan = tmp_path / "from-the-shell.json"
    studio.command("design", str(EXAMPLES / "chelsea.jpg"), "-o", str(plan), "--lines", "700", "--quality", "draft")
    drop_file(page, plan, "application/json")
    chords_shown(page, 700)
    show(page, "variants")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.variant input[type=text]')].some((i) => i.value === 'from-the-shell')"
    )
    assert plan.read_bytes() in [kept.read_bytes() for kept in (studio.folder / "project/plans").glob("*.json")]
