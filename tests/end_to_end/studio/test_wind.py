"""Winding by hand on the page: ten steps by key, tap and pedal, spoken, and the same progress as on the terminal."""

import itertools
import json
import os
import shutil
import subprocess
import time
from importlib import resources
from pathlib import Path

import pytest
from studio_bench import COMMAND, EXAMPLES, PATIENCE_MS, Running, drop_file, open_page, show

from stringart.plan.model import Plan
from stringart.plan.steps import steps_of

_lines = itertools.count(100)

SMALL = ("--quality", "draft", "--pins", "120", "--importance", "none", "--crop", "centre")
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def piece(studio: Running, tmp_path: Path) -> dict:
    """A small plan that no other test winds."""
    path, lines = tmp_path / "small.json", next(_lines)
    studio.command("design", str(EXAMPLES / "chelsea.jpg"), "-o", str(path), "--lines", str(lines), *SMALL)
    plan = Plan.load(path)
    steps = steps_of(plan)
    pins = [steps[0].from_pin, *(step.to_pin for step in steps)]
    return {"file": path, "chords": str(plan.chords), "pins": pins, "said": [step.sentence for step in steps]}


def open_winding(page, piece: dict) -> None:
    """Put the small plan on the page, full screen, to be wound."""
    if page.locator("#w-leave").count():  # a test before has left its piece open
        page.locator("#w-leave").click()
    drop_file(page, piece["file"], "application/json")
    page.wait_for_function("(n) => document.querySelector('#n_chords')?.textContent === n", arg=piece["chords"])
    show(page, "wind")
    page.locator("#wind-begin").click()


@pytest.fixture
def pins(page, piece: dict) -> list[int]:
    """The pins of the small plan, once it is to be wound on the page."""
    open_winding(page, piece)
    pins = piece["pins"]
    page.wait_for_function("(n) => document.querySelector('#w-ask')?.textContent.includes('to pin ' + n)", arg=pins[0])
    return pins


def wait_for_pin(page, pin: int, done: int | None = None) -> None:
    page.wait_for_function("(pin) => document.querySelector('#w-pin')?.textContent === String(pin)", arg=pin)
    if done is not None:
        page.wait_for_function(
            "(step) => document.querySelector('.winding .facts').textContent.startsWith('step ' + step)", arg=done + 1
        )


def in_dialog(page, name: str):
    return page.locator("dialog[open]").get_by_role("button", name=name, exact=True)


def steps_kept(studio: Running) -> int:
    """Done steps of the last line of the journal that the terminal reads."""
    newest = max((studio.folder / "state/progress").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text().splitlines()[-1])["step"]


def wait_until_kept(studio: Running, done: int) -> None:
    """The page shows a step before the server has it."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while steps_kept(studio) != done:
        assert time.monotonic() < until, steps_kept(studio)
        time.sleep(0.02)


def test_ten_steps_are_wound_spoken_kept_and_shared(page, studio: Running, piece: dict, pins: list[int]) -> None:
    page.get_by_role("button", name="Voice and pace").first.click()
    page.get_by_label("Say every pin").check()
    in_dialog(page, "Close").click()
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
        wait_for_pin(page, pins[step + 1], step)
    said = [words[0] for words in page.evaluate("() => window.said")]
    assert said[-10:] == piece["said"][:10]
    page.keyboard.press("ArrowLeft")
    wait_for_pin(page, pins[9], 8)
    wait_until_kept(studio, 8)

    page.reload()  # in the middle of a piece: it is there again
    wait_for_pin(page, pins[9], 8)
    other = page.context.new_page()
    open_page(other, studio)
    wait_for_pin(other, pins[9], 8)
    other.locator("#w-next").click()
    wait_for_pin(page, pins[10], 9)
    other.close()

    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#w-step')")
    listed = studio.command("wind", "--list").decode()
    assert f"9 of {len(pins) - 1}" in listed


def test_fifty_steps_are_wound_by_keyboard_and_each_is_read_out(page, piece: dict, pins: list[int]) -> None:
    """By one who sees nothing: the keys alone, and what the live region says."""
    assert page.evaluate("() => document.activeElement.id") == "w-step"
    page.keyboard.press("Space")  # tied
    for step, said in enumerate(piece["said"][:50]):
        page.wait_for_function(
            "(said) => document.querySelector('#w-live').textContent === said", arg=f"{said} step {step + 1} of "
            f"{len(piece['said'])}"
        )  # fmt: skip
        page.keyboard.press("Space" if step % 2 else "Enter")
    tree = page.locator(".winding").aria_snapshot()
    for name in ("Leave", "Back", "Next", "Where is pin …", "Trouble", "STOP"):
        assert f'button "{name}"' in tree or name == "STOP", tree
    assert "Steps that are wound" in tree
    page.keyboard.press("f")
    page.locator("dialog[open] input").fill("42")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pin 42 is marked").click()
    page.get_by_role("button", name="Trouble").click()
    page.get_by_text("The thread snapped").click()
    page.get_by_text("Hold the end on the board").wait_for()
    in_dialog(page, "Close").click()


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 1280, "height": 900}}, PHONE], indirect=True, ids=["desk", "phone"]
)
def test_axe_finds_nothing_on_any_view(page, studio: Running, piece: dict) -> None:
    source = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    found = {}

    def judge(view: str) -> None:
        seen = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
        found.update({f"{view}: {one['id']}": [node["target"] for node in one["nodes"]] for one in seen})

    drop_file(page, piece["file"], "application/json")
    page.wait_for_function("(n) => document.querySelector('#n_chords')?.textContent === n", arg=piece["chords"])
    page.evaluate(source)
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((box) => { if (box.id !== 'looks') box.open = true; })"
    )
    for view in ("design", "variants", "export", "wind", "machine"):
        show(page, view)
        page.wait_for_selector(f"#v-{view}:not([hidden])")
        judge(view)
    show(page, "wind")
    page.locator("#wind-begin").click()
    page.wait_for_selector("#w-step")
    judge("winding")
    page.locator("#w-leave").click()
    assert found == {}


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_what_the_terminal_has_wound_the_page_goes_on_with(page, studio: Running, piece: dict, tmp_path: Path) -> None:
    def tmux(*words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull, *words],
            check=True, capture_output=True, text=True, env=studio.environment | {"LC_ALL": "C.UTF-8", "TMUX": ""},
        ).stdout  # fmt: skip

    def wait_for(said: str) -> None:
        until = time.monotonic() + PATIENCE_MS / 1000
        while said not in tmux("capture-pane", "-p"):
            assert time.monotonic() < until, tmux("capture-pane", "-p")
            time.sleep(0.1)

    tmux("new-session", "-d", "-x", "80", "-y", "24", f"{COMMAND} wind {piece['file']}; echo it has ended; sleep 600")
    try:
        wait_for("space")
        for _ in range(4):
            tmux("send-keys", "Space")
        wait_for("3 of ")
        tmux("send-keys", "q")
        wait_for("it has ended")
    finally:
        tmux("kill-server")
    done = steps_kept(studio)
    assert done >= 2
    open_winding(page, piece)
    wait_for_pin(page, piece["pins"][done + 1], done)


def test_the_rhythm_says_and_goes_on_by_itself_until_a_hand_moves(page, piece: dict, pins: list[int]) -> None:
    page.get_by_role("button", name="Voice and pace").first.click()
    page.get_by_label("Say every pin").check()
    page.locator("#s-lang").select_option("en-GB")
    page.locator("#s-voice").select_option("daniel")
    page.locator("#s-rate").fill("1.5")
    page.locator("#s-every").fill("1")
    page.locator("#s-every").press("Tab")
    page.get_by_label("Go on by itself").check()
    in_dialog(page, "Close").click()
    page.locator("#w-next").click()  # tied: and the hand that moved has ended the rhythm
    wait_for_pin(page, pins[1], 0)
    auto = page.locator(".winding .top").get_by_role("button", name="Go on by itself")
    assert auto.get_attribute("aria-pressed") == "false"
    begun = page.evaluate("() => window.said.length")
    auto.click()
    page.wait_for_function("(count) => window.said.length >= count", arg=begun + 3)
    said = page.evaluate("() => window.said")[begun : begun + 3]
    assert [(text, rate, voice) for text, rate, voice, _ in said] == [
        (text, 1.5, "Daniel") for text in piece["said"][1:4]
    ]
    assert all(later[3] - before[3] > 990 for before, later in itertools.pairwise(said))
    page.keyboard.press("p")
    page.wait_for_function("() => document.querySelector('.winding .next').textContent === 'Paused'")
    assert auto.get_attribute("aria-pressed") == "false"


def test_the_screen_is_kept_awake_and_the_picture_shows_what_is_done(page, studio: Running, pins: list[int]) -> None:
    page.get_by_text("The screen stays awake.").wait_for()
    painted = "() => { const c = document.querySelector('.winding canvas'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce((a, b) => a + b, 0); }"
    page.get_by_role("button", name="Go to step").click()
    page.locator("dialog[open] input").fill("2")
    in_dialog(page, "OK").click()
    wait_for_pin(page, pins[2], 1)
    page.wait_for_function(f"() => ({painted})() > 0")
    before = page.evaluate(painted)
    page.get_by_role("button", name="Go to step").click()
    page.locator("dialog[open] input").fill("90")
    in_dialog(page, "OK").click()
    wait_for_pin(page, pins[90], 89)
    page.wait_for_function(f"(before) => ({painted})() < before - 1e5", arg=before)  # black threads on white
    assert page.locator(".winding .facts").text_content().startswith("step 90 ")


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_a_finger_on_the_step_goes_on(page, studio: Running, pins: list[int]) -> None:
    for step in range(3):
        page.locator("#w-step").tap()
        wait_for_pin(page, pins[step + 1], step)
    page.locator("#w-back").tap()
    wait_for_pin(page, pins[2], 1)
    number, step = page.locator("#w-pin").bounding_box(), page.locator("#w-step").bounding_box()
    assert number["height"] >= 70  # read from across the room
    assert step["width"] >= 350
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    for width, height, tall in ((844, 390, 60), (360, 640, 60)):  # on its side, and a small one
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => document.body.classList.add('has-machine')")  # then the stop is shown
        for part in ("#w-pin", "#w-next", "#w-back", "#w-leave", ".winding .estop"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (part, width, box)  # noqa: PT018
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, (part, width, box)  # noqa: PT018
        assert page.locator("#w-pin").bounding_box()["height"] >= tall
