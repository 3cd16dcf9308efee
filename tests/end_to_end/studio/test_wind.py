"""Winding by hand on the page: ten steps by key, tap and pedal, spoken, and the same progress as on the terminal."""

import json

import pytest
from studio_bench import EXAMPLES, Running, open_page, show


@pytest.fixture
def begun(page, studio: Running, tmp_path):
    plan = tmp_path / "small.json"
    studio.command("design", str(EXAMPLES / "chelsea.jpg"), "-o", str(plan), "--lines", "120", "--quality", "draft")
    page.set_input_files('#welcome input[accept*="json"]', str(plan))
    page.wait_for_function("() => document.querySelector('#n_chords')?.textContent === '120'")
    show(page, "wind")
    page.locator("#wind-begin").click()
    page.wait_for_selector("#w-step")
    return json.loads(plan.read_text())


def journal(studio: Running) -> list[dict]:
    (path,) = (studio.folder / "state/progress").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_ten_steps_are_wound_spoken_kept_and_shared(page, studio: Running, begun: dict) -> None:
    pins = begun["layers"][0]["pins"]
    assert f"to pin {pins[0]}" in page.text_content("#w-ask")  # the thread is tied first
    page.get_by_role("button", name="Voice and pace").first.click()
    page.get_by_label("Say every pin").check()
    page.locator("dialog").get_by_role("button", name="Close").click()
    page.locator("#w-step").focus()
    for step, way in enumerate(
        ["Enter", "Space", "PageDown", "tap", "ArrowRight", "button", "Enter", "Space", "tap", "Enter"]
    ):
        if way == "tap":
            page.locator("#w-step").click()
        elif way == "button":
            page.locator("#w-next").click()
            page.locator("#w-step").focus()
        else:
            page.keyboard.press(way)
        page.wait_for_function(f"() => document.querySelector('#w-pin').textContent === '{pins[step + 1]}'")
    said = [text for text, _ in page.evaluate("() => window.said")]
    assert said[-10:] == [str(pin) for pin in pins[1:11]]
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => document.querySelector('#w-pin').textContent === '{pins[9]}'")
    assert journal(studio)[-1]["done"] == 8

    page.reload()  # in the middle of a piece: it is there again
    page.wait_for_selector("#w-step")
    page.wait_for_function(f"() => document.querySelector('#w-pin').textContent === '{pins[9]}'")
    other = page.context.new_page()
    open_page(other, studio)
    other.wait_for_function(f"() => document.querySelector('#w-pin')?.textContent === '{pins[9]}'")
    other.locator("#w-next").click()
    page.wait_for_function(f"() => document.querySelector('#w-pin').textContent === '{pins[10]}'")
    other.close()

    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#w-step')")
    listed = studio.command("wind", "--list").stdout.decode()
    assert "9 of " in listed


def test_the_rhythm_goes_on_by_itself_until_a_hand_moves(page, studio: Running) -> None:
    show(page, "wind")
    page.locator("#wind-begin").click()
    page.wait_for_selector("#w-step")
    begin = page.text_content("#w-pin")
    page.get_by_role("button", name="Voice and pace").first.click()
    page.locator("#s-every").fill("1")
    page.locator("#s-every").press("Tab")
    page.get_by_label("Go on by itself").check()
    page.locator("dialog").get_by_role("button", name="Close").click()
    page.wait_for_function(f"() => document.querySelector('#w-pin').textContent !== '{begin}'")
    page.keyboard.press("p")
    page.wait_for_function("() => document.querySelector('.winding .next').textContent === 'Paused'")
    page.keyboard.press("Escape")
