"""A job on the simulated machine: pause, emergency stop under load, reload in mid job, a second tab, a closed tab."""

import dataclasses
import time
from pathlib import Path

import pytest
from studio_bench import (
    EXAMPLES,
    Running,
    chords_shown,
    connect_machine,
    drop_file,
    open_page,
    show,
    wait_for_plan,
)

from firmware_io import read_journal
from stringart.machine.own_profile import save_place
from stringart.machine.profile_files import load_profile

WRAP = "Number(document.querySelector('#m-r_wrap').textContent.split(' ')[0])"
BUSY = ("runs", "pauses after this wrap", "paused", "stops")
LINES = 300  # two minutes at the simulator's pace: no test waits for the end, and none is overtaken by it


@pytest.fixture(scope="module")
def small_plan(studio: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = tmp_path_factory.mktemp("plan") / "small.json"
    studio.command(
        "design", str(EXAMPLES / "chelsea.jpg"), "-o", str(plan), "--lines", str(LINES), "--quality", "draft", "--pins", "120",
        "--size", "300mm",
    )  # fmt: skip
    return plan


def wait_for_job(page, *words: str) -> None:
    page.wait_for_function(
        "(words) => words.some((word) => document.querySelector('#m-job')?.textContent.endsWith(': ' + word))",
        arg=list(words),
    )


def job_word(page) -> str:
    return page.text_content("#m-job").partition(": ")[2]


def wait_for_state(page, *words: str) -> None:
    page.wait_for_function(
        "(words) => words.includes(document.querySelector('#m-state')?.textContent)", arg=list(words)
    )


def confirm(page, name: str) -> None:
    page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()


def number_in(page, cell: str) -> float:
    return float(page.text_content(f"#m-{cell}").replace(",", ""))


def wait_for_place(page, axis: str, mm: float) -> None:
    page.wait_for_function(
        "([id, mm]) => Math.abs(Number(document.querySelector(id).textContent) - mm) < 0.01", arg=[f"#m-r_{axis}", mm]
    )


def connect(page) -> None:
    """Connect the simulator, if that is not done, and take it out of an alarm."""
    show(page, "machine")
    page.wait_for_selector("#m-state")
    if page.locator("#m-connect").is_visible():
        connect_machine(page, "sim://grbl?speed=6&name=bench&homing=1")
    page.wait_for_function(
        "() => !['Not connected', 'Connecting …', ''].includes(document.querySelector('#m-state').textContent)"
    )
    page.wait_for_selector("#m-job:has-text(':')", state="attached")
    if job_word(page) in BUSY:
        return
    wait_for_state(page, "Idle", "Alarm")  # what a reset or a move is followed by
    if page.text_content("#m-state") != "Idle":
        page.get_by_role("button", name="Unlock").click()
        wait_for_state(page, "Idle")
    if page.get_by_text("does not know where it is").is_visible():
        page.get_by_role("button", name="This is X0 Y0").click()
        page.get_by_text("does not know where it is").wait_for(state="hidden")
        wait_for_place(page, "x", 0)  # the controller tells it a moment later
        wait_for_place(page, "y", 0)


def stop_job(page) -> None:
    """End a job that a test before has left running."""
    if job_word(page) in BUSY:
        page.get_by_role("button", name="Stop the job").click()
        confirm(page, "Stop the job")
        wait_for_job(page, "ended early")
        connect(page)


def prepare(page, plan: Path) -> None:
    """Connect, and have the small plan prepared."""
    connect(page)
    if job_word(page) in BUSY or "wraps" in page.text_content("#m-about"):
        return
    drop_file(page, plan, "application/json")
    chords_shown(page, LINES)
    show(page, "machine")
    page.locator("#m-prepare").click()
    page.wait_for_function("() => document.querySelector('#m-about').textContent.includes('wraps')")


def run(page, plan: Path) -> None:
    """Whatever was before: a job that runs."""
    prepare(page, plan)
    if job_word(page) not in BUSY:
        again = page.get_by_role("button", name="Begin anew")
        begun = again if again.is_visible() else page.locator("#m-start")
        name = "Begin anew" if again.is_visible() else "Start"
        begun.click()
        confirm(page, name)
        wait_for_job(page, "paused")  # the job asks for the thread
        assert "put in the thread" in page.text_content("#m-prompt")
    if job_word(page) != "runs":
        wait_for_job(page, "paused")
        page.locator("#m-resume").click()
        wait_for_job(page, "runs")


def test_a_job_is_prepared_checked_and_started(page, studio: Running, small_plan: Path) -> None:
    stop = page.locator(".bar .estop")
    if not page.locator("body.has-machine").count():
        assert not stop.is_visible()  # nothing to stop
    prepare(page, small_plan)
    assert stop.is_visible()
    stop_job(page)
    page.locator("#m-check").click()
    page.wait_for_function("() => document.querySelector('#m-log').textContent.includes('takes them')")
    run(page, small_plan)
    begun = page.evaluate(f"() => {WRAP}")
    page.wait_for_function(f"(begun) => {WRAP} > begun + 1", arg=begun)
    assert page.text_content("#m-r_time").endswith(("min", "s"))
    assert number_in(page, "r_pin") in range(120)


def test_the_machine_is_homed_and_jogged_by_button_and_key(page, studio: Running, small_plan: Path) -> None:
    connect(page)
    stop_job(page)
    page.wait_for_function("() => /\\d/.test(document.querySelector('#m-r_x').textContent)")
    x = number_in(page, "r_x")
    page.get_by_role("button", name="10", exact=True).click()
    page.locator('[data-jog="x1"]').click()
    wait_for_place(page, "x", x + 10)
    page.locator("#m-home").click()
    assert "switches" in page.text_content("dialog[open]")  # asked before anything moves
    confirm(page, "Home")
    wait_for_place(page, "x", 0)  # the simulator has switches
    wait_for_state(page, "Idle")
    page.locator('[data-jog="x1"]').focus()
    page.keyboard.press("ArrowRight")
    wait_for_place(page, "x", 10)


def test_the_tool_moves_while_a_button_is_held_and_speeds_are_overridden(
    page, studio: Running, small_plan: Path
) -> None:
    test_the_machine_is_homed_and_jogged_by_button_and_key(page, studio, small_plan)
    x = number_in(page, "r_x")
    page.locator('[data-jog="x1"]').hover()
    page.mouse.down()
    page.wait_for_function("(x) => Number(document.querySelector('#m-r_x').textContent) > x + 2", arg=x)
    page.mouse.up()
    still = """() => { const x = document.querySelector('#m-r_x').textContent;
        [window.same, window.was] = [x === window.was ? window.same + 1 : 0, x];
        return window.same > 5 && document.querySelector('#m-state').textContent === 'Idle'; }"""
    page.wait_for_function(still)  # it was let go, and stands
    assert number_in(page, "r_x") > x + 2
    page.get_by_role("button", name="This is Z0").click()
    page.wait_for_function("() => Number(document.querySelector('#m-r_z').textContent) === 0")
    for rapid_percent, feed_percent in ((25, 150), (100, 100)):
        rapid = page.locator(".overrides").get_by_role("button", name=f"{rapid_percent} %", exact=True)
        rapid.click()
        page.wait_for_function("(b) => b.getAttribute('aria-pressed') === 'true'", arg=rapid.element_handle())
        feed = page.locator('.overrides input[type="range"]')
        feed.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }", feed_percent)
        shown = "(shown) => document.querySelector('.overrides output').textContent === shown"
        page.wait_for_function(shown, arg=f"{feed_percent} %")


def test_the_board_is_found_by_touching_pins(page, studio: Running, small_plan: Path) -> None:
    """Pin 60 and, 300 mm above it, pin 0: the place that is kept is where the tool was."""
    test_the_machine_is_homed_and_jogged_by_button_and_key(page, studio, small_plan)
    prepare(page, small_plan)
    page.get_by_role("button", name="100 mm", exact=True).click()
    x, y = number_in(page, "r_x"), number_in(page, "r_y")
    for axis, begun, steps, pin in (("x", x, 3, None), ("y", y, 1, "60"), ("y", y + 100, 3, "0")):
        for number in range(1, steps + 1):
            page.locator(f'[data-jog="{axis}1"]').click()
            wait_for_place(page, axis, begun + 100 * number)
        if pin:
            wait_for_state(page, "Idle")  # it is there, and rests
            page.locator("#m-touch-pin").fill(pin)
            page.locator("#m-touch").click()
            page.locator(".touches li", has_text=f"Pin {pin} ").wait_for()
    page.wait_for_function("() => document.querySelector('#m-fit').textContent.includes('turned')")
    page.wait_for_function("() => document.querySelector('#m-fit').textContent.includes('off by 0.00')")
    assert f"Centre {x + 300:.2f}, {y + 250:.2f} mm" in page.text_content("#m-fit").replace("−", "-").replace(",0", "0")
    page.get_by_role("button", name="Keep this place").click()
    page.wait_for_function("() => document.querySelector('#m-log').textContent.includes('place is kept')")
    kept = [path.read_text() for path in (studio.folder / "config").rglob("grbl*.toml")]
    assert any("center_mm" in text for text in kept), kept
    page.wait_for_function("() => document.querySelector('#m-about').textContent.includes('wraps')")  # made anew for it


def test_the_tool_goes_over_pins_and_a_line_of_ones_own_is_answered(page, studio: Running, small_plan: Path) -> None:
    prepare(page, small_plan)
    stop_job(page)
    assert "pins" in page.text_content("#m-needs")  # what the job needs before it starts
    assert page.input_value("#m-tour-pins") == "0, 30, 60, 90"
    page.locator("#m-tour-pins").fill("0 30")
    page.locator("#m-tour").click()
    confirm(page, "Go on the tour")
    page.wait_for_function("() => document.querySelector('#m-log').textContent.includes('went over pins 0, 30')")
    page.wait_for_function("() => Number(document.querySelector('#m-r_z').textContent) > 0")
    page.locator(".log-card summary").click()
    page.locator("#m-line").fill("$I")
    page.locator("#m-line").press("Enter")
    page.locator("#m-log li", has_text="$I").first.wait_for()


def test_a_profile_is_made_with_the_wizards_questions(page, studio: Running) -> None:
    show(page, "machine")
    page.locator("#m-profile-new").click()
    page.locator("#p-name").fill("my-gantry")
    page.get_by_label("X highest").fill("75 cm")
    page.locator("#p-keep").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('#m-profile option')].some((o) => o.value === 'my-gantry')"
    )
    made = (studio.folder / "config/machines/my-gantry.toml").read_text()
    assert 'inherits = "grbl"' in made
    assert "x_mm = [0, 750]" in made


def test_a_job_of_another_place_is_never_started(page, studio: Running, small_plan: Path, monkeypatch) -> None:
    """The board was moved, and its new place told, from another terminal; then the profile is changed on the page."""
    connect(page)
    stop_job(page)
    prepare(page, small_plan)
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(studio.folder / "config"))
    place = load_profile("grbl").board
    save_place("grbl", dataclasses.replace(place, center_mm=(place.center_mm[0] + 1, place.center_mm[1])))
    start = page.locator("#m-start")
    name = start.text_content()
    start.click()
    confirm(page, name)
    page.locator(".toast").get_by_text("has changed since this job was prepared").wait_for()
    page.wait_for_selector("#m-start:disabled")
    page.locator("#m-prepare").click()
    page.wait_for_selector("#m-start:enabled")
    page.locator("#m-profile-change").click()
    page.get_by_label("X highest").fill("81 cm")
    page.locator("#p-keep").click()
    page.wait_for_selector("#m-start:disabled")
    assert job_word(page) not in BUSY


def test_a_paused_job_steps_back_and_goes_on(page, studio: Running, small_plan: Path) -> None:
    run(page, small_plan)
    page.wait_for_function(f"() => {WRAP} >= 4")
    page.locator("#m-pause").click()
    wait_for_job(page, "paused")
    before = page.evaluate(f"() => {WRAP}")
    page.get_by_role("button", name="Step back").click()
    assert "Is the way free?" in page.text_content("dialog[open]")
    confirm(page, "Step back")
    page.wait_for_function(f"(before) => {WRAP} < before", arg=before)
    wait_for_job(page, "paused")
    page.locator("#m-resume").click()
    wait_for_job(page, "runs")
    page.wait_for_function(f"(before) => {WRAP} > before", arg=before)


def steps_done(studio: Running) -> int:
    """As the journals have it, that are written on whether somebody looks or not."""
    journals = (studio.folder / "state").rglob("*.journal")
    return sum(read_journal(path).next_step for path in journals)


def test_a_closed_tab_a_reload_and_a_second_tab_change_nothing(page, studio: Running, small_plan: Path) -> None:
    run(page, small_plan)
    page.goto("about:blank")  # nobody looks
    before = steps_done(studio)
    while steps_done(studio) < before + 3:
        time.sleep(0.05)
    open_page(page, studio, "machine")
    wait_for_job(page, "runs")
    page.reload()
    wait_for_job(page, "runs")
    other = page.context.new_page()
    open_page(other, studio, "machine")
    wait_for_job(other, "runs")
    other.locator("#m-pause").click()
    for one in (page, other):
        wait_for_job(one, "paused")
        wait_for_state(one, "Idle")  # it stands
    x = page.text_content("#m-r_x")
    time.sleep(0.6)
    assert page.text_content("#m-r_x") == other.text_content("#m-r_x") == x
    page.locator("#m-resume").click()
    wait_for_job(other, "runs")
    other.close()


def log_entries(page) -> int:
    return page.locator("#m-log .EmergencyStop").count()


def expect_stopped(page, before: int) -> None:
    page.wait_for_function("(n) => document.querySelectorAll('#m-log .EmergencyStop').length > n", arg=before)
    assert "handed to the port" in page.locator("#m-log .EmergencyStop").last.text_content()
    wait_for_job(page, "ended early")


def test_the_stop_works_from_another_view_while_everything_is_busy(page, studio: Running, small_plan: Path) -> None:
    run(page, small_plan)
    before = log_entries(page)
    show(page, "export")
    page.locator('.tile[data-ending=".gif"]').click()
    page.evaluate(
        "() => { window.upload = fetch('/photo', { method: 'POST', headers: { 'x-name': 'noise' }, body: new Blob([new Uint8Array(40e6)]) }); }"
    )
    show(page, "design")
    page.locator("#g_photo .examples button").first.click()
    page.keyboard.press("Shift+Escape")
    show(page, "machine")
    expect_stopped(page, before)
    wait_for_plan(page)


@pytest.mark.parametrize("where", ["view", "dialog", "winding"])
def test_the_stop_button_is_there_whatever_is_open(page, studio: Running, small_plan: Path, where: str) -> None:
    run(page, small_plan)
    before = log_entries(page)
    if where == "view":
        show(page, "variants")
        page.locator(".bar .estop").click()
    elif where == "dialog":
        page.get_by_role("button", name="Stop the job").click()
        page.locator("dialog[open] .estop").click()
        confirm(page, "Cancel")
    else:
        show(page, "wind")
        page.locator("#wind-begin").click()
        page.locator(".winding .estop").click()
        page.locator("#w-leave").click()
    show(page, "machine")
    expect_stopped(page, before)


def test_after_the_stop_the_job_goes_on_from_the_page_or_from_the_terminal(
    page, studio: Running, small_plan: Path
) -> None:
    run(page, small_plan)
    page.wait_for_function(f"() => {WRAP} >= 3")
    page.keyboard.press("Shift+Escape")
    wait_for_job(page, "ended early")
    page.wait_for_function("() => !document.querySelector('#m-problem').hidden")
    connect(page)
    plan_wraps = page.text_content("#m-about").split(" wraps")[0]
    go_on = page.text_content("#m-start")
    assert go_on.startswith("Go on at step")
    page.get_by_role("button", name="Disconnect").click()
    page.wait_for_selector("#m-connect")
    asked = studio.begin_command("machine", "resume", "--port", "sim://grbl?speed=max", answer="n\n")
    wraps = f"of {plan_wraps} wraps are on the board"
    assert wraps in asked, asked  # the same journal
    assert "emergency stop: the position may be lost" in asked
