"""Winds a small colour piece with every accident, in a real terminal and in the player, and writes what is seen.

``python tests/winding_transcript.py transcript.txt``: to be read, not compared; needs tmux and a Chromium.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from browsers import BROWSER
from playwright.sync_api import Page, sync_playwright
from sample_plans import THREADS, random_plan, rim_plan
from tmux_terminal import Terminal

from stringart.plan.model import Plan
from stringart.plan.steps import steps_of

STRINGART = str(Path(sys.executable).with_name("stringart"))
PINS = 96
ACCIDENTS = {8: "1", 16: "2", 28: "3", 36: "4", 44: "5", 52: "6", 64: "7"}  # steps done: the key of the accident
Log = Callable[[str], None]


def make_piece(folder: Path) -> Path:
    """Save a piece of three threads and some 100 chords, with walks along the rim."""
    walks, chords = rim_plan(PINS), random_plan((38, 40), THREADS[2:4], PINS)
    layers = (walks.layers[0], *(replace(layer, thread=layer.thread + 1) for layer in chords.layers))
    replace(chords, threads=THREADS[1:4], layers=layers).save(folder / "piece.json")
    return folder / "piece.json"


def in_terminal(piece: Path, log: Log) -> None:
    """Wind it in tmux: every accident's screen whole, the steps between in a line each."""
    steps, terminal = steps_of(Plan.load(piece)), Terminal(piece.parent)
    state = f"STRINGART_STATE_DIR={piece.parent / 'state'}"
    terminal.line(f"cd {piece.parent}; {state} {STRINGART} wind piece.json --spool 60m; echo 'it has ended'")
    log(_screen("it begins", terminal.wait("Tie it on")))
    for done, step in enumerate(steps):
        if done in ACCIDENTS:
            _accident(terminal, ACCIDENTS[done], done, steps, log)
        if done == 0 or steps[done - 1].layer != step.layer:
            log(
                _screen(f"space, after step {done}", terminal.wait(f"Tie it on at pin {step.from_pin}")) if done else ""
            )
            terminal.keys("Space")
        seen = terminal.wait(rf"step {done + 1} of (?s:.*)▶ +{done + 1} ")
        row = next(row for row in seen.splitlines() if re.match(rf"▶ +{done + 1} ", row))
        log(" ".join(row[:58].split()))
        if done == 72:
            _over_a_restart(terminal, state, log)
        terminal.keys("Space")
    log(_screen("the end", terminal.wait("The piece is wound")))
    terminal.keys("q")
    log(_screen("q", terminal.wait("it has ended")))
    terminal.close()


def _accident(terminal: Terminal, key: str, done: int, steps: tuple, log: Log) -> None:
    terminal.keys("?")
    terminal.wait("When it goes wrong")
    terminal.keys(key)
    if key == "2":
        terminal.line(str(done - 2))
        log(_screen(f"? 2, back to step {done - 2}", terminal.wait("Then the thread is at pin")))
        terminal.keys("Enter")
        log(_screen("enter: it is unwound", terminal.wait("u takes this back")))
        terminal.keys("u")
        terminal.wait("back to where")
        return
    if key == "7":
        terminal.line(str(steps[done - 1].to_pin))
        terminal.line(str(steps[done - 1].from_pin))
        log(
            _screen(
                f"? 7, at {steps[done - 1].to_pin} from {steps[done - 1].from_pin}", terminal.wait("nearest to step")
            )
        )
        terminal.keys("a")
        terminal.wait("u goes back")
        return
    log(_screen(f"? {key}", terminal.wait("Any key goes back")))
    terminal.keys("x")
    if key == "6":
        terminal.keys("s")
        log(_screen("s", terminal.wait("a full spool")))


def _over_a_restart(terminal: Terminal, state: str, log: Log) -> None:
    terminal.keys("j")
    terminal.line("5")
    terminal.wait("at step 5;")
    terminal.keys("q")
    terminal.wait("it has ended")
    terminal.line(f"clear; {state} {STRINGART} wind piece.json; echo 'it has ended'")
    log(_screen("j 5, q, and the guide begun again", terminal.wait("▶ +5 ")))
    terminal.keys("u")
    log(_screen("u", terminal.wait("back to where the jump came from")))


def _screen(what: str, text: str) -> str:
    rows = [row.rstrip() for row in text.rstrip().splitlines()]
    return "\n".join([f"--- {what}", *(f"    | {row}" for row in rows), ""])


def in_player(piece: Path, log: Log) -> None:
    """Wind it in the page that a phone opens."""
    subprocess.run([STRINGART, "export", str(piece), "-o", str(piece.with_suffix(".html"))], check=True)
    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto(piece.with_suffix(".html").as_uri())
        page.wait_for_function("state.settled")
        page.get_by_role("button", name="Wind by hand").click()
        steps, done = steps_of(Plan.load(piece)), 0
        while "The piece is wound" not in page.locator("#hand-way").inner_text():
            log(_hand(page))
            if "knot" not in page.locator("#said").inner_text().lower() and (key := ACCIDENTS.pop(done, "")):
                _page_accident(page, key, done, steps, log)
            page.locator("#hand-next").click()
            done = page.evaluate("state.step")
        log(_hand(page))
        chromium.close()


def _page_accident(page: Page, key: str, done: int, steps: tuple, log: Log) -> None:
    panel, step = page.locator("#trouble"), steps[done - 1]
    page.keyboard.press("?")
    page.keyboard.press(key)
    if key == "2":
        panel.get_by_label("Unwind back to step").fill(str(done - 2))
    if key == "7":
        panel.get_by_label("The thread is at pin").fill(str(step.to_pin))
        panel.get_by_label("its last piece comes from pin").fill(str(step.from_pin))
    if key in "27":
        panel.get_by_role("button", name="List").click()
    log(_screen(f"? {key}", panel.inner_text()))
    page.keyboard.press("Escape")


def _hand(page: Page) -> str:
    names = ("hand-count", "hand-layer", "hand-from", "hand-pin", "hand-way", "hand-then")
    return " | ".join(text for name in names if (text := page.locator(f"#{name}").inner_text()))


def main(output: str) -> None:
    """Write the transcript."""
    lines: list[str] = []
    os.environ["TERM"] = "xterm-256color"
    with tempfile.TemporaryDirectory() as scratch:
        piece = make_piece(Path(scratch))
        try:
            for title, wind in (("In a terminal of 80 x 24", in_terminal), ("In the player, 390 x 844", in_player)):
                lines.append(f"\n==== {title}\n")
                wind(piece, lines.append)
        finally:
            Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
