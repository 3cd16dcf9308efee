"""Nothing moves, winds or vanishes that one did not mean: two browsers, a connection that fails, what undo brings back."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import stringart
from patient_studio import BEATS
from studio_bench import (
    EXAMPLES,
    Running,
    begin,
    chords_shown,
    connect_machine,
    drop_file,
    line_to,
    new_page,
    open_page,
    plan_where,
    show,
    wait_for_plan,
)  # fmt: skip

from stringart.plan.model import Plan


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A studio with two small plans in its project, as ones that were put there by hand."""
    folder = tmp_path_factory.mktemp("studio")
    plans = folder / "project/plans"
    plans.mkdir(parents=True)
    for name, lines in (("first", "60"), ("second", "61")):
        ended = stringart(
            "design", EXAMPLES / "chelsea.jpg", "-o", plans / f"{name}.json", "--lines", lines, "--quality", "draft",
            "--pins", "120", "--size", "300mm", cwd=folder,
        )  # fmt: skip
        assert ended.status == 0, ended.err
    running = Running(folder)
    yield running
    running.end()


def restarted(studio: Running) -> None:
    """End the studio and begin it anew on its port."""
    studio.stop()
    studio.begin_anew()


def wind(page, piece: str) -> None:
    show(page, "wind")
    page.locator("#wind-plan").select_option(piece)
    page.locator("#wind-begin").click()
    page.locator("#w-next").click()  # tied
    page.wait_for_function("() => document.querySelector('#w-pin')?.textContent")


def facts(page) -> str:
    return page.text_content(".winding .facts")


def wait_for_step(page, number: int) -> None:
    page.wait_for_function(
        "(n) => document.querySelector('.winding .facts')?.textContent.startsWith(`step ${n} `)", arg=number
    )


class Line:
    """The page's connection, which can be cut: neither side hears of it, as on a radio that fails."""

    def __init__(self, page) -> None:
        self.is_cut, self.sent = False, []
        page.route_web_socket(lambda url: url.endswith("/ws"), self._join)

    def _join(self, socket) -> None:
        server = socket.connect_to_server()

        def up(message: Any) -> None:
            if not self.is_cut:
                self.sent.append(json.loads(message))
                server.send(message)

        socket.on_message(up)
        server.on_message(lambda message: None if self.is_cut else socket.send(message))


def test_the_tour_leads_from_the_photo_to_the_winding(page) -> None:
    page.get_by_role("button", name="Show me round").click()
    tour = page.locator(".tour")
    for number in range(1, 7):
        assert tour.inner_text().startswith(f"{number}/6")
        tour.locator(".button.main").click()
    tour.wait_for(state="detached")


@pytest.mark.skipif(not os.environ.get("STRINGART_FULL"), reason="eleven servers in a row")
def test_a_server_killed_at_ten_moments_comes_back_with_all_that_was_said_kept(browser, tmp_path: Path) -> None:
    studio = Running(tmp_path)
    begin(studio, "chelsea.jpg", lines=300, pins=120)
    page, took_s = new_page(browser), []
    open_page(page, studio)
    wait_for_plan(page)

    def killed_after(act: Callable[[], object], has: Callable[[], object]) -> None:
        act()
        studio.stop(signal.SIGKILL)
        page.wait_for_selector('body[data-online="no"]', state="attached")
        begun_s = time.monotonic()
        studio.begin_anew()
        page.wait_for_selector('body[data-online="yes"]')
        took_s.append(round(time.monotonic() - begun_s, 2))
        has()

    def change(name: str, value: int) -> None:
        page.locator(f"#c-{name}").evaluate("(e) => { e.closest('details').open = true; }")
        page.locator(f"#c-{name}").fill(str(value))
        page.locator(f"#c-{name}").press("Enter")

    def holds(name: str, *values: int) -> None:
        page.wait_for_function("([id, all]) => all.includes(document.querySelector(id).value)",
                               arg=[f"#c-{name}", [str(value) for value in values]])  # fmt: skip

    def one_photo() -> None:
        page.wait_for_function("() => /chelsea|camera/.test(document.querySelector('#g_photo summary').textContent)")

    def keep() -> None:
        wait_for_plan(page)
        page.locator("#keep").click()
        page.get_by_text("Kept on this computer").first.wait_for()

    def rename() -> None:
        show(page, "variants")
        page.locator(".variant input[type=text]").first.fill("mine")
        page.locator(".variant input[type=text]").first.press("Enter")
        page.get_by_role("button", name="Star mine").wait_for()

    def tap() -> None:
        page.locator("#w-next").click()
        wait_for_step(page, 2)

    def export() -> None:
        page.locator("#w-leave").click()
        show(page, "export")
        page.locator('.tile[data-ending=".gif"]').click()
        page.wait_for_selector("#jobs li")

    killed_after(lambda: drop_file(page, EXAMPLES / "camera.png", "image/png"), one_photo)
    killed_after(lambda: change("lines", 310), lambda: holds("lines", 300, 310))
    killed_after(lambda: (change("lines", 2900), page.wait_for_function(
        "() => /\\d/.test(document.querySelector('.stage-state').textContent)")), lambda: holds("lines", 2900))  # fmt: skip
    killed_after(lambda: (change("lines", 320), chords_shown(page, 320)), lambda: chords_shown(page, 320))
    killed_after(lambda: (change("pins", 130), page.wait_for_timeout(300)), lambda: holds("pins", 120, 130))
    killed_after(keep, lambda: json.loads((tmp_path / "project/variants.json").read_text())[0])
    killed_after(rename, lambda: page.get_by_role("button", name="Star mine").wait_for())
    killed_after(lambda: wind(page, page.locator("#wind-plan option").nth(1).get_attribute("value")),
                 lambda: wait_for_step(page, 1))  # fmt: skip
    killed_after(tap, lambda: wait_for_step(page, 2))
    killed_after(export, lambda: page.wait_for_selector("#jobs li", state="detached"))
    print("seconds until the page was back:", took_s)
    assert len(took_s) == 10
    page.context.close()
    studio.end()


def test_two_browsers_wind_a_piece_each_and_a_restart_reopens_both(browser, studio: Running) -> None:
    one, other = new_page(browser), new_page(browser)
    for page, piece in ((one, "first"), (other, "second")):
        open_page(page, studio)
        wind(page, piece)
    for _ in range(3):
        one.locator("#w-next").click()
    wait_for_step(one, 4)
    assert facts(other).startswith("step 1 ")
    restarted(studio)
    one.wait_for_selector('body[data-online="yes"]')
    one.locator("#w-next").click()
    wait_for_step(one, 5)
    other.locator("#w-leave").click()
    other.wait_for_selector("#w-step", state="detached")
    one.locator("#w-next").click()
    wait_for_step(one, 6)
    one.go_back()  # leaves the winding, not the page
    one.wait_for_selector("#w-step", state="detached")
    assert one.locator("#wind-begin").is_visible()
    one.context.close()
    other.context.close()


def test_taps_on_a_dead_line_are_neither_lost_nor_doubled(browser, studio: Running) -> None:
    page = new_page(browser)
    line = Line(page)
    open_page(page, studio)
    wind(page, "first")
    step = int(facts(page).split()[1])
    pins = Plan.load(studio.folder / "project/plans/first.json")
    line.is_cut = True
    for _ in range(3):
        page.locator("#w-next").click()  # the first is on its way to nobody
    wait_for_step(page, step + 3)  # the hand goes on
    page.wait_for_selector('body[data-online="no"]')
    page.get_by_text(re.compile("moves that wait: [34]")).wait_for()  # the knot's answer may have been cut, too
    line.is_cut = False
    page.wait_for_selector('body[data-online="yes"]')
    page.get_by_text("moves that wait").wait_for(state="hidden")
    page.locator("#w-next").click()
    wait_for_step(page, step + 4)
    page.reload()
    page.wait_for_function("() => document.querySelector('#w-pin')?.textContent")
    wait_for_step(page, step + 4)  # and so it is kept
    assert len(pins.steps) > step + 4
    page.context.close()


def test_a_jog_on_a_dead_line_is_refused_and_never_sent_later(browser, studio: Running) -> None:
    page = new_page(browser)
    line = Line(page)
    open_page(page, studio, "machine")
    connect_machine(page, "sim://grbl?name=safety")
    page.wait_for_function("() => /\\d/.test(document.querySelector('#m-r_x').textContent)")
    line.is_cut = True
    page.wait_for_selector('body[data-online="no"]')
    assert page.get_by_text("Not connected: what is shown is of").is_visible()
    page.locator('[data-jog="x1"]').click()
    page.get_by_text("nothing will be sent later").wait_for()
    line.is_cut = False
    page.wait_for_selector('body[data-online="yes"]')
    page.locator("#m-connect").wait_for(state="hidden")
    assert [asked for asked in line.sent if asked.get("what") == "jog"] == []
    page.context.close()


def connect_to(page, address: str) -> None:
    """Connect a simulator; the one before is let go, which fills the list of ports anew."""
    page.wait_for_selector("#m-state:not(:empty)")
    if page.get_by_role("button", name="Disconnect").is_visible():
        page.get_by_role("button", name="Disconnect").click()
    connect_machine(page, address)


def test_touches_are_forgotten_before_there_is_a_job(page) -> None:
    show(page, "machine")
    connect_to(page, "sim://grbl?name=forget")
    page.get_by_text("Idle", exact=True).first.wait_for()
    page.locator("#m-plan").select_option("first")
    assert page.text_content("#m-about") == ""  # no job
    forget = page.get_by_role("button", name="Forget touches")
    assert forget.is_disabled()
    for pin in ("0", "30"):  # the second at the same place: refused, and the first stays
        page.locator("#m-touch-pin").fill(pin)
        page.locator("#m-touch").click()
        page.wait_for_function("() => document.querySelectorAll('.touches li').length === 1")
    page.locator(".toast").get_by_text("stood in one place for all 2 pins").wait_for()
    forget.click()
    page.locator(".touches li").wait_for(state="detached")
    assert page.text_content("#m-fit") == ""
    assert page.locator("#m-start").is_disabled()


def test_a_first_run_says_that_it_gets_ready_and_how_far_it_is(browser, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "nothing is compiled"))
    studio, page = Running(tmp_path), new_page(browser)
    try:
        open_page(page, studio)
        said = """(least) => { const said = document.querySelector('.stage-state').textContent;
            const done = Number(/Getting ready: (\\d+) of about \\d\\d parts. Only the first time/.exec(said)?.[1]);
            return done >= least ? done : 0; }"""
        begun = page.wait_for_function(said, arg=1).json_value()
        drop_file(page, EXAMPLES / "chelsea.jpg", "image/jpeg")
        later = page.wait_for_function(said, arg=3).json_value()  # it goes on, and says so beside the photo too
        assert 1 <= begun <= later
    finally:
        page.context.close()
        studio.end(signal.SIGKILL)  # it has enough to do still


def test_a_start_in_the_dark_is_refused_and_leaves_nothing_behind(page, studio: Running) -> None:
    """Stopped in the middle of a jog, nobody knows where the tool is."""
    show(page, "machine")
    connect_to(page, "sim://grbl?name=dark")
    page.get_by_role("button", name="Disconnect").wait_for()
    ask_machine(studio, "command", line="$110=100")  # a jog of a minute
    page.get_by_role("button", name="100 mm", exact=True).click()
    page.locator('[data-jog="x1"]').click()
    page.locator("#m-state").get_by_text("Jog").wait_for()
    page.keyboard.press("Shift+Escape")
    page.get_by_text("Where the tool stands is unknown").first.wait_for()
    page.locator("#m-plan").select_option("first")
    page.locator("#m-prepare").click()
    page.wait_for_function("() => document.querySelector('#m-about').textContent.includes('wraps')")
    page.locator("#m-start").click()
    page.locator("dialog[open]").get_by_role("button", name="Start", exact=True).click()
    page.locator(".toast").get_by_text("does not know where it is").wait_for()
    assert list((studio.folder / "state").rglob("*.journal*")) == []
    assert not page.get_by_role("button", name="Begin anew").is_visible()
    page.locator("#m-touch").click()
    # after a reset the controller tells its place late
    page.get_by_text(re.compile("the tool is not at rest|the controller does not say where it is", re.I)).wait_for()
    assert page.get_by_role("button", name="Keep this place").is_disabled()


def test_a_jog_that_the_stop_has_passed_moves_nothing(page) -> None:
    """The stop has a connection of its own; what was pressed before it may reach the server after it."""
    held: list[str] = []

    def hold_jogs(route) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: held.append(message) if '"jog"' in message else server.send(message))
        held_back.append(server)

    held_back: list[Any] = []
    page.route_web_socket("**/ws", hold_jogs)
    page.reload()
    show(page, "machine")
    connect_to(page, "sim://grbl?name=passed")
    page.get_by_role("button", name="Disconnect").wait_for()
    before = page.locator("#m-log .EmergencyStop").count()  # of other tests
    page.locator('[data-jog="x1"]').click()
    page.keyboard.press("Shift+Escape")
    page.locator("#m-log .EmergencyStop").nth(before).wait_for()
    while not held:
        page.wait_for_timeout(50)
    held_back[-1].send(held[0])
    page.locator(".toast").get_by_text("An emergency stop came after this was asked for").wait_for()
    page.wait_for_function("() => /\\d/.test(document.querySelector('#m-r_x').textContent)")
    assert float(page.text_content("#m-r_x")) == 0.0


def test_a_jog_that_was_long_on_its_way_moves_nothing(studio: Running) -> None:
    for late, word in ((2 * BEATS, "late"), (0, "")):
        told = ask_machine(studio, "jog", late=late, axes={"x": 9999})
        assert ("late and was not carried out" in told) == bool(word), told


def ask_machine(studio: Running, what: str, late: int = 0, **arguments: Any) -> str:
    """Ask for something as a page does; what is wrong with it, or nothing when the log tells of it."""
    with line_to(studio) as line:
        messages = (json.loads(message) for message in line if isinstance(message, str))
        state = next(message for message in messages if message.get("whole"))
        beat = state["beat"] - late
        line.send(json.dumps({"do": "machine", "what": what, "arguments": arguments, "beat": beat}))
        for message in messages:
            if message["type"] == "error":
                return message["message"]
            log = message.get("state", {}).get("machine_log", state["state"]["machine_log"])
            if log != state["state"]["machine_log"]:
                return ""
        raise AssertionError("the studio hung up")


def test_undo_brings_back_photo_and_order_with_their_plans(page, studio: Running) -> None:
    two = [{"name": name, "color": color, "diameter_mm": 0.3} for name, color in (("a", "#000000"), ("b", "#c02020"))]
    begin(studio, "coffee.jpg", threads=two, lines=300, pins=120)
    open_page(page, studio)
    wait_for_plan(page)
    coffee = json.loads((studio.folder / "project/plans/current.json").read_text())
    page.locator("#g_layers > summary").click()
    page.locator('.layers button[aria-label="Move layer 2 down, towards the board"]').click()
    turned = plan_where(studio, lambda plan: plan["layers"] != coffee["layers"])
    drop_file(page, EXAMPLES / "camera.png", "image/png")
    plan_where(studio, lambda plan: plan["photo"]["name"] == "camera.png")
    wait_for_plan(page)
    show(page, "export")
    page.keyboard.press("Control+z")  # nothing of this view
    show(page, "design")
    page.locator("#undo").click()
    plan_where(studio, lambda plan: plan == turned)
    page.wait_for_function("() => document.querySelector('#g_photo .now').textContent === 'coffee.jpg'")
    page.locator("#undo").click()
    plan_where(studio, lambda plan: plan == coffee)
    page.locator("#redo").click()
    assert plan_where(studio, lambda plan: plan == turned)["photo"]["name"] == "coffee.jpg"


def test_a_file_that_is_no_photo_leaves_the_one_before_with_its_name_and_its_search(page, studio: Running) -> None:
    begin(studio, "coffee.jpg", lines=300)
    page.locator("#c-lines").fill("900")
    page.locator("#c-lines").press("Enter")  # a search that is on its way
    page.evaluate(
        "() => fetch('/photo', { method: 'POST', headers: { 'x-name': 'noise.jpg' }, body: new Blob([new Uint8Array(5000)]) })"
    )
    chords_shown(page, 900)
    page.wait_for_selector(".stage-state:empty", state="attached")
    assert page.text_content("#g_photo .now") == "coffee.jpg"


def test_a_photo_is_seen_before_the_server_has_it(page, studio: Running) -> None:
    begin(studio, "coffee.jpg", lines=300, pins=120)
    late: list[Any] = []
    page.route("**/photo", lambda route: None)  # the server takes its time
    page.route("**/lines/current*", lambda route: late.append(route))  # and so does the piece before
    page.reload()
    page.wait_for_selector("body[data-ready]")
    drop_file(page, EXAMPLES / "chelsea.jpg", "image/jpeg")
    is_cat = """() => { const c = document.querySelector('#stage');
        const [r, g, b] = c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data;
        return r - b > 30; }"""
    page.wait_for_function(is_cat)  # an orange cat, where black threads were
    page.get_by_text("Reading the photo …").wait_for()
    while not late:
        page.wait_for_timeout(50)
    with page.expect_response("**/lines/current*"):
        late[0].continue_()
    page.wait_for_timeout(500)
    assert page.evaluate(is_cat)  # the piece before comes late, and is not shown


if sys.platform == "win32":
    pytestmark = pytest.mark.skip(reason="ends the studio by a signal")
