"""A job on the simulated machine: pause, emergency stop under load, reload in mid job, a second tab, a closed tab."""

import time

import pytest
from studio_bench import EXAMPLES, Running, drop_file, open_page, show, wait_for_plan


@pytest.fixture(scope="module")
def small_plan(studio: Running, tmp_path_factory: pytest.TempPathFactory):
    plan = tmp_path_factory.mktemp("plan") / "small.json"
    studio.command(
        "design", str(EXAMPLES / "chelsea.jpg"), "-o", str(plan), "--lines", "60", "--quality", "draft", "--pins", "120"
    )
    return plan


def wait_for_job(page, word: str) -> None:
    page.wait_for_function(f"() => document.querySelector('#m-job').textContent.endsWith(': {word}')", timeout=180_000)


def confirm(page, name: str) -> None:
    page.locator("dialog[open]").get_by_role("button", name=name).click()


def test_a_job_is_prepared_checked_and_started(page, studio: Running, small_plan) -> None:
    drop_file(page, small_plan, "application/json")
    page.wait_for_function("() => document.querySelector('#n_chords')?.textContent === '60'")
    show(page, "machine")
    assert (
        page.locator("#estop").is_hidden()
        or page.locator("#estop").evaluate("e => getComputedStyle(e).visibility") == "hidden"
    )
    page.evaluate(
        "() => { const s = document.querySelector('#m-port'); s.append(new Option('fast', 'sim://grbl?speed=6&name=bench')); s.value = s.lastChild.value; }"
    )
    page.locator("#m-connect").click()
    page.wait_for_function("() => document.querySelector('#m-state').textContent === 'Idle'", timeout=180_000)
    assert page.locator("#estop").evaluate("e => getComputedStyle(e).visibility") == "visible"
    page.locator("#m-prepare").click()
    page.wait_for_function("() => document.querySelector('#m-about').textContent.includes('wraps')", timeout=180_000)
    page.locator("#m-check").click()
    page.wait_for_function("() => document.querySelector('#m-log').textContent.includes('takes them')", timeout=180_000)
    page.locator("#m-start").click()
    confirm(page, "Start")
    wait_for_job(page, "paused")  # the job asks for the thread
    assert "put in the thread" in page.text_content("#m-prompt")
    page.locator("#m-resume").click()
    wait_for_job(page, "runs")


def test_a_closed_tab_a_reload_and_a_second_tab_change_nothing(page, studio: Running) -> None:
    show(page, "machine")
    wait_for_job(page, "runs")
    wrap = "() => Number(document.querySelector('#m-r_wrap').textContent.split(' ')[0])"
    page.wait_for_function(wrap + " >= 3")
    before = page.evaluate(wrap)
    page.goto("about:blank")  # nobody looks
    time.sleep(2)
    open_page(page, studio, "machine")
    wait_for_job(page, "runs")
    assert page.evaluate(wrap) > before
    other = page.context.new_page()
    open_page(other, studio, "machine")
    wait_for_job(other, "runs")
    other.locator("#m-pause").click()
    wait_for_job(page, "paused")
    wait_for_job(other, "paused")
    x = page.text_content("#m-r_x")
    time.sleep(0.6)
    assert page.text_content("#m-r_x") == x  # it stands
    page.locator("#m-resume").click()
    wait_for_job(other, "runs")
    other.close()


def test_the_stop_works_from_another_view_while_everything_is_busy(page, studio: Running) -> None:
    show(page, "machine")
    wait_for_job(page, "runs")
    show(page, "export")
    page.locator('.tile[data-ending=".gif"]').click()
    page.evaluate(
        "() => { window.upload = fetch('/photo', { method: 'POST', headers: { 'x-name': 'noise' }, body: new Blob([new Uint8Array(40e6)]) }); }"
    )
    show(page, "design")
    page.locator("#g_photo .examples button").first.click()
    begun = time.monotonic()
    page.keyboard.press("Shift+Escape")
    show(page, "machine")
    page.wait_for_function(
        "() => document.querySelector('#m-log').textContent.includes('emergency stop, handed to the port')"
    )
    assert time.monotonic() - begun < 3
    page.wait_for_function("() => document.querySelector('#m-job').textContent.endsWith('ended early')")
    wait_for_plan(page)


def test_after_the_stop_the_job_goes_on_where_it_was(page, studio: Running) -> None:
    show(page, "machine")
    page.wait_for_function("() => !document.querySelector('#m-problem').hidden")
    if page.text_content("#m-state") != "Idle":
        page.get_by_role("button", name="Unlock").click()
        page.wait_for_function("() => document.querySelector('#m-state').textContent === 'Idle'")
    assert page.text_content("#m-start").startswith("Go on at step")
