"""Boards of other shapes, the order of layers, and the command that the page shows for what was chosen."""

import json
import shlex
from pathlib import Path

import pytest
from studio_bench import Running, begin, drop_file, plan_where, send_photo, wait_for_plan

from stringart.board.boards import shape_words
from stringart.plan.model import Plan

CURRENT = "project/plans/current.json"
HEART = """<svg xmlns="http://www.w3.org/2000/svg" width="600mm" height="560mm" viewBox="0 0 300 280">
<path d="M150 280 C 20 180, 0 120, 0 80 C 0 30, 40 0, 80 0 C 110 0, 140 20, 150 50 C 160 20, 190 0, 220 0
C 260 0, 300 30, 300 80 C 300 120, 280 180, 150 280 Z"/></svg>"""

# The width, 200.001232 mm, has more digits than the page shows: scaled to what is shown, no pin stays where it was.
PINS = [(0, 100), (60, 90), (100.000616, 30), (95, -40), (50, -95), (-20, -100), (-80, -70), (-100.000616, 0), (-90, 50),
        (-50, 90)]  # fmt: skip


def current(studio: Running) -> Plan:
    return Plan.load(studio.folder / CURRENT)


def open_board(page) -> None:
    page.locator("#g_board").evaluate("e => e.open = true")


# How much of the board covers a point of the picture, 0 to 255; the point as a share of the board's box, from its corner.
COVER = """([x, y]) => {
    const canvas = document.querySelector("#stage"), side = 0.9 * Math.min(canvas.width, canvas.height);
    return canvas.getContext("2d").getImageData(canvas.width / 2 + (x - 0.5) * side, canvas.height / 2 + (y - 0.5) * side, 1, 1).data[3];
}"""


def test_the_ring_is_that_of_the_outline_also_before_there_is_a_plan(page, studio: Running, tmp_path: Path) -> None:
    """The first of this file: its studio has no plan yet."""
    box = '<svg xmlns="http://www.w3.org/2000/svg" width="600mm" height="600mm" viewBox="0 0 6 6"><path d="{}"/></svg>'
    (tmp_path / "square.svg").write_text(box.format("M0 0H6V6H0Z"))
    (tmp_path / "triangle.svg").write_text(box.format("M3 0L6 6H0Z"))
    threads = [{"name": name, "color": name, "diameter_mm": 0.25} for name in ("#000000", "#ffffff")]
    page.evaluate(
        "(threads) => import('/page/server.js').then((server) => server.set({ threads, layers: 'gold' }))", threads
    )
    send_photo(studio, "coffee.jpg")  # there is no thread of gold: no search, no plan
    page.wait_for_function("() => document.querySelector('.stage-state').textContent.includes('gold')")
    drop_file(page, tmp_path / "square.svg", "image/svg+xml")
    page.wait_for_function(f"() => ({COVER})([0.1, 0.1]) === 255")
    drop_file(page, tmp_path / "triangle.svg", "image/svg+xml")  # of the same size
    page.wait_for_function(f"() => ({COVER})([0.1, 0.1]) === 0 && ({COVER})([0.5, 0.9]) === 255")
    assert not (studio.folder / CURRENT).exists()


def test_a_board_comes_from_an_svg_file(page, studio: Running, tmp_path: Path) -> None:
    begin(studio, lines=400)
    (tmp_path / "heart.svg").write_text(HEART)
    page.wait_for_function("() => document.querySelector('#g_photo .now').textContent === 'coffee.jpg'")
    open_board(page)
    with page.expect_file_chooser() as chooser:
        page.locator('[data-control="shape"] [value="file"]').click()
    chooser.value.set_files(tmp_path / "heart.svg")
    plan = plan_where(studio, lambda plan: plan["board"]["shape"] == "outline")
    assert (plan["board"]["width_mm"], plan["board"]["height_mm"]) == pytest.approx((600, 560), abs=0.5)
    page.wait_for_function("() => document.querySelector('#c-width_mm').value === '600'")
    assert "heart.svg" in page.text_content('[data-control="shape"]')
    page.locator("#c-height_mm").fill("700")
    page.locator("#c-height_mm").press("Enter")
    page.locator("#c-width_mm").fill("750")  # larger: the box that it fits into, its aspect kept
    page.locator("#c-width_mm").press("Enter")
    plan_where(
        studio, lambda plan: abs(plan["board"]["width_mm"] - 750) < 1 and abs(plan["board"]["height_mm"] - 700) < 1
    )
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert "heart.svg" in page.text_content('[data-control="shape"]')
    page.locator("#g_board").evaluate("e => e.open = true")
    page.locator('[data-control="shape"] [value="circle"]').click()
    plan_where(studio, lambda plan: plan["board"]["shape"] == "circle")


def test_a_dropped_csv_file_gives_the_pins(page, studio: Running, tmp_path: Path) -> None:
    begin(studio, lines=400)
    (tmp_path / "pins.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in PINS))
    drop_file(page, tmp_path / "pins.csv", "text/csv")
    plan = plan_where(studio, lambda plan: plan["board"]["shape"] == "pins")
    assert len(plan["pins"]["xy_mm"]) == 10
    placed = {tuple(xy) for xy in plan["pins"]["xy_mm"]}
    assert placed == {(x, y) for x, y in PINS}  # not one is moved
    assert "--size" not in plan["provenance"]["command"]
    open_board(page)
    page.locator('[data-control="pins"]').wait_for(state="hidden")  # as many as the file gives


NO_BOARDS = {
    "open.svg": ("<svg>", "open.svg"),
    "two.svg": (HEART.replace("Z", "M 0 0 L 9 9"), "two.svg"),
    "words.csv": ("a,b\n1\n", "words.csv"),
    "large.svg": (HEART.replace("600mm", "3600mm").replace("560mm", "3360mm"), "3,600 x 3,360 mm"),
    "small.csv": (
        "".join(f"{0.4 * x},{0.4 * y}\n" for x, y in PINS),
        "80 x 80 mm; a side in the studio is 100 to 3,000",
    ),
}


def test_a_file_without_a_board_is_refused_in_words(page, studio: Running, tmp_path: Path) -> None:
    begin(studio, lines=400)
    before = set((studio.folder / "project/outlines").iterdir())
    for name, (data, said) in NO_BOARDS.items():
        (tmp_path / name).write_text(data)
        drop_file(page, tmp_path / name, "application/octet-stream")
        refused = page.locator(".toast.bad", has_text=said)
        refused.wait_for()
        assert str(studio.folder) not in refused.text_content()
        assert current(studio).board.shape == "circle"
        assert set((studio.folder / "project/outlines").iterdir()) == before


def test_a_drawn_shape_is_chosen_by_its_name(page, studio: Running) -> None:
    begin(studio, lines=400)
    open_board(page)
    for shape in shape_words():  # each has a name of its own
        button = page.locator(f'[data-control="shape"] [value="{shape}"]')
        assert button.text_content() == shape.capitalize()
    page.get_by_role("button", name="Heart", exact=True).click()
    plan = plan_where(studio, lambda plan: plan["board"]["shape"] == "outline")
    assert plan["board"]["width_mm"] == 600
    assert "--board heart --size 600mm" in plan["provenance"]["command"]
    page.get_by_role("button", name="Place photo").click()
    page.wait_for_function(f"() => ({COVER})([0.5, 0.5]) === 255 && ({COVER})([0.02, 0.95]) < 255")
    assert page.evaluate(COVER, [0.98, 0.95]) < 255  # a heart ends in a point


def test_the_order_of_layers_is_chosen(page, studio: Running) -> None:
    begin(studio, lines=400, threads=[{"name": "white", "color": "#ffffff", "diameter_mm": 0.25},
                           {"name": "black", "color": "#000000", "diameter_mm": 0.25}], board_color="#808080")  # fmt: skip
    page.locator("#g_layers").evaluate("e => e.open = true")
    page.locator("#c-cycles").fill("1")
    page.locator("#c-cycles").press("Enter")
    plan = plan_where(studio, lambda plan: len(plan["layers"]) == 2)
    assert [layer["thread"] for layer in plan["layers"]] == [0, 1]
    page.locator("#c-layers").fill("black; white; black")
    page.locator("#c-layers").press("Enter")
    plan_where(studio, lambda plan: [layer["thread"] for layer in plan["layers"]] == [1, 0, 1])
    page.locator("#c-layers").fill("gold")
    page.locator("#c-layers").press("Enter")
    page.wait_for_function("() => document.querySelector('.stage-state').textContent.includes('gold')")
    page.keyboard.press("Tab")
    page.locator("#undo").click()
    plan_where(studio, lambda plan: [layer["thread"] for layer in plan["layers"]] == [1, 0, 1])
    wait_for_plan(page)


CHOSEN = {
    "as it begins": {},
    "another board": {"shape": "rectangle", "width_mm": 500, "height_mm": 400, "pins": 200, "pin_diameter_mm": 1.5,
                      "budget": "length", "thread_m": 300, "importance": "none", "seed": 7, "board_color": "#f0e8d8"},
    "colour": {"threads": [{"name": "snow", "color": "#fdfdfd", "diameter_mm": 0.3},
                           {"name": "black", "color": "#000000", "diameter_mm": 0.25}],
               "board_color": "#8c8c8c", "layers": "snow; black, snow:20% x2"},
    "moved and turned": {"crop": [0.45, 0.3, 0.5], "turn_deg": 12, "contrast": 10},
}  # fmt: skip


@pytest.mark.parametrize("chosen", CHOSEN)
def test_the_command_that_is_shown_gives_the_same_plan(page, studio: Running, tmp_path: Path, chosen: str) -> None:
    placed = {key: value for key, value in CHOSEN[chosen].items() if key in ("crop", "turn_deg")}
    begin(studio, lines=400, **{key: value for key, value in CHOSEN[chosen].items() if key not in placed})
    if placed:  # a new photo is centred and upright: it is moved afterwards
        page.evaluate("(placed) => import('/page/server.js').then((server) => server.set(placed))", placed)
        whole = [100, 0, 500, 400]
        plan_where(studio, lambda plan: plan["photo"]["crop_px"] != whole)
    provenance = json.loads((studio.folder / CURRENT).read_text())["provenance"]
    page.wait_for_function(
        "(command) => document.querySelector('#g_search code').textContent === command", arg=provenance["command"]
    )
    words = shlex.split(page.locator("#g_search code").text_content())
    assert words[:2] == ["stringart", "design"]
    place = words.index("-o") + 1
    assert words[place] == "plan.json"
    words[place] = str(tmp_path / "plan.json")
    studio.command(*words[1:])
    typed, ours = (json.loads(path.read_text()) for path in (tmp_path / "plan.json", studio.folder / CURRENT))
    for plan in (typed, ours):  # all but what things are called is the same
        del plan["provenance"], plan["photo"]["name"]
        for thread in plan["threads"]:
            del thread["name"]
    assert typed == ours
