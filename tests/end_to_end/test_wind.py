"""``stringart wind`` in a real terminal (tmux): keys, resize, quit, kill -9 and resume, speech, and what it refuses."""

import json
import os
import pty
import re
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from command import stringart_text
from sample_plans import random_plan, rim_plan
from tmux_terminal import Terminal

from stringart.plan.steps import steps_of

STRINGART = str(Path(sys.executable).with_name("stringart"))
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
PLAN = rim_plan()
STEPS = steps_of(PLAN)
FIRST = sum(step.layer == 0 for step in STEPS)


@pytest.fixture
def folder(tmp_path):
    PLAN.save(tmp_path / "plan.json")
    return tmp_path


@pytest.fixture
def terminal(folder):
    made = Terminal(folder)
    made.line(f"cd {folder}; export STRINGART_STATE_DIR={folder}/state PS1='ready> '; clear")
    made.wait("ready>")
    yield made
    made.close()


def _done(folder):
    """The last place in the only journal."""
    (path,) = (folder / "state" / "progress").glob("*.jsonl")
    return json.loads(path.read_bytes().splitlines()[-1])["step"]


def _at(number):
    return rf"step {number} of {len(STEPS)}\b"


def _type(terminal, text):
    terminal.keys(*text, "Enter")


@needs_tmux
def test_a_person_winds_goes_back_jumps_pauses_quits_and_goes_on(folder, terminal):
    terminal.line(f"{STRINGART} wind plan.json --spool 30m")
    screen = terminal.wait("Press space when it is tied")
    assert "sand" in screen
    assert f"pin {STEPS[0].from_pin}" in screen
    assert "mm above the board" in screen
    terminal.keys("Space")
    screen = terminal.wait("▶ +1 ")
    assert f"{STEPS[0].from_pin} → 14 ↻  rim, 18 pins" in screen
    assert "↻ along the rim, 18 pins, outside" in screen
    for _ in range(3):
        terminal.keys("Space")
    screen = terminal.wait(_at(4))
    assert re.search(rf"\b3\s+{STEPS[2].from_pin} → {STEPS[2].to_pin} .* done", screen)
    assert re.search(rf"▶ +4\s+{STEPS[3].from_pin} → {STEPS[3].to_pin} ", screen)
    assert re.search(rf"\b5\s+{STEPS[4].from_pin} → {STEPS[4].to_pin} ", screen)
    assert "spool" in screen
    assert "…" not in screen
    terminal.keys("b")
    terminal.wait(_at(3))
    terminal.keys("j")
    _type(terminal, f"{FIRST - 1}")
    terminal.wait(_at(FIRST - 1))
    terminal.keys("u")
    terminal.wait(rf"(?s){_at(3)}.*back to where the jump came from")
    terminal.keys("j")
    _type(terminal, f"{FIRST - 1}")
    terminal.keys("p")
    terminal.wait("paused: space or p goes on")
    terminal.keys("Space")
    terminal.wait(rf"(?s){_at(FIRST - 1)}(?!.*paused)")
    terminal.keys("Space")
    terminal.wait("then knot it there, and cut it")
    terminal.keys("Right")
    screen = terminal.wait("Knot the thread it hangs on, then cut it")
    assert "rust" in screen
    terminal.keys("q")
    terminal.wait(f"kept: {FIRST} of {len(STEPS)} steps are wound")
    assert _done(folder) == FIRST
    terminal.line("clear; " + f"{STRINGART} wind --list")
    terminal.wait(rf"(?s){FIRST} of {len(STEPS)} steps .*plan\.json")
    terminal.line(f"{STRINGART} wind plan.json")
    terminal.wait(r"spool: 30 m left")  # the spool is remembered
    terminal.keys("q")


@needs_tmux
def test_every_accident_has_a_key_and_an_answer_with_its_pins(folder, terminal):
    terminal.line(f"{STRINGART} wind plan.json --step 9 --spool 5m")
    terminal.wait(_at(9))
    for key, said in {
        "1": "go on from where you are",
        "3": "last step on the board is 8",
        "4": r"half\s+hitches",
        "5": "first taut",
        "6": "joins?, each two knots",
    }.items():
        terminal.keys("?")
        terminal.wait("7  I lost the place")
        terminal.keys(key)
        terminal.wait(said)
        terminal.keys("x")
        terminal.wait("▶ +9 ")
    terminal.keys("?")
    terminal.wait("7  I lost the place")
    terminal.keys("2")
    _type(terminal, "6")
    screen = terminal.wait("Unwind 3 steps, in this order")
    order = [f"off {step.to_pin}, back to {step.from_pin}" for step in (STEPS[7], STEPS[6], STEPS[5])]
    assert re.search("(?s)" + ".*".join(order), screen)
    assert f"along the rim ({abs(STEPS[7].walk)} pins)" in screen
    terminal.keys("Enter")
    terminal.wait(_at(6))
    assert _done(folder) == 5
    terminal.keys("u")
    terminal.wait(_at(9))
    terminal.keys("?")
    terminal.wait("7  I lost the place")
    terminal.keys("7")
    _type(terminal, f"{STEPS[3].to_pin}")
    _type(terminal, f"{STEPS[3].from_pin}")
    terminal.wait(rf"a  step +4   {STEPS[3].from_pin} → {STEPS[3].to_pin}")
    terminal.keys("a")
    terminal.wait(_at(5))
    terminal.keys("?", "7")
    _type(terminal, "60")
    _type(terminal, "")
    terminal.wait("there is no pin 60: the board has pins 0 to 59")
    terminal.keys("q")


@needs_tmux
def test_a_kill_at_any_moment_loses_at_most_the_last_step(folder, terminal):
    for round_number in range(3):
        terminal.line(f"clear; {STRINGART} wind plan.json & echo pid $!; fg")
        terminal.wait("Press space" if round_number == 0 else _at(round_number * 4 + 1))
        if round_number == 0:
            terminal.keys("Space")
        for _ in range(4):
            terminal.keys("Space")
        shown = (round_number + 1) * 4
        terminal.wait(_at(shown + 1))
        (child,) = _children(folder)
        os.kill(child, signal.SIGKILL)
        assert _done(folder) == shown
        terminal.line("reset; stty sane; clear")
        terminal.wait("ready>")


def _children(folder):
    """Processes that have our state folder in their environment and run the guide."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"STRINGART_STATE_DIR={folder}/state".encode() in (path / "environ").read_bytes().split(b"\0")
            if mine and b"wind" in (path / "cmdline").read_bytes().split(b"\0"):
                found.append(int(path.name))
        except OSError:
            continue
    return found


@needs_tmux
def test_the_window_may_change_its_size_and_be_too_small(terminal):
    terminal.line(f"{STRINGART} wind plan.json --step 11")
    terminal.wait(_at(11))
    terminal.resize(40, 14)
    screen = terminal.wait(rf"from pin {STEPS[10].from_pin} to pin")
    assert "█████" in screen
    assert "…" not in screen
    terminal.resize(39, 12)
    screen = terminal.wait("window too small")
    assert "39 x 12, needs 40 x 14" in screen
    assert f"{STEPS[10].from_pin} → {STEPS[10].to_pin}" in screen
    terminal.keys("Space")
    terminal.wait(_at(12))
    terminal.resize(130, 44)
    screen = terminal.wait(r"██████████")
    terminal.keys("q")
    terminal.wait("kept: 11 of")


@needs_tmux
def test_it_says_whole_sentences_at_the_pace_that_is_asked_for_and_stops_at_a_change_of_thread(folder, terminal):
    (folder / "bin").mkdir()
    speaker = folder / "bin" / "espeak-ng"
    speaker.write_text(f'#!/bin/sh\necho "$@" >> {folder}/said\n')
    speaker.chmod(0o755)
    begin = FIRST - 3
    say = f"--step {begin} --say --voice de --every 1s"  # a speaker that has not spoken by then is cut off
    terminal.line(f"PATH={folder}/bin:$PATH {STRINGART} wind plan.json {say}")
    terminal.wait("Knot the thread it hangs on")
    time.sleep(1.2)
    assert "Knot the thread" in terminal.screen()
    change = f"-v de Knot the thread, then cut it. Take rust, and tie it on at pin {STEPS[FIRST].from_pin}."
    until = time.monotonic() + 300.0
    while change not in (folder / "said").read_text() and time.monotonic() < until:
        time.sleep(0.05)
    terminal.keys("q")
    terminal.wait(f"kept: {FIRST} of")
    said = [f"-v de {step.sentence}" for step in STEPS[begin - 1 : FIRST]]
    assert (folder / "said").read_text().splitlines() == [*said, change]


def test_a_terminal_that_answers_nothing_shows_the_first_step_at_once(folder):
    """A pseudo-terminal on which nobody answers: no question is asked, the first screen comes, the first key counts."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        env = os.environ | {"STRINGART_STATE_DIR": f"{folder}/state", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        os.execve(STRINGART, [STRINGART, "wind", "plan.json"], env)
    seen, pressed = b"", False
    while b"kept:" not in seen:
        assert select.select([terminal], [], [], 300)[0], seen
        seen += os.read(terminal, 65536)
        if b"when it is tied" in seen and not pressed:
            pressed = bool(os.write(terminal, b" q"))
    os.waitpid(child, 0)
    for question in (b"\x1bP+q", b"\x1b[6n", b"\x1b[>q", b"\x1b[c"):
        assert question not in seen
    assert _done(folder) == 0
    assert b'"tied":true' in next((folder / "state").rglob("*.jsonl")).read_bytes()


@needs_tmux
def test_a_terminal_of_plain_lines_gets_plain_lines(folder, terminal):
    terminal.line(f"TERM=dumb {STRINGART} wind plan.json")
    terminal.wait("Take sand, and tie it on at pin")
    terminal.keys("Enter")
    terminal.wait(rf"{_at(1)}: \d+ to 14, ↻ along the rim, 18 pins, outside")
    terminal.keys("Enter", "Enter", "Enter")
    terminal.wait(_at(4))
    terminal.line("w 2")
    terminal.wait(r"(?s)Unwind 2 steps.*" + _at(2))
    terminal.line("u")
    terminal.wait(r"(?s)came from.*" + _at(4))
    terminal.line(f"l {STEPS[5].to_pin} {STEPS[5].from_pin}")
    terminal.wait("step +6 ")
    terminal.line("? 3")
    terminal.wait("The thread snapped")
    terminal.line("q")
    terminal.wait("kept: 3 of")
    assert "\x1b" not in terminal.screen()
    terminal.line(f"clear; TERM=dumb {STRINGART} wind plan.json --lang de")
    terminal.wait(rf"Schritt 4 von {len(STEPS)}: {STEPS[3].from_pin} zu {STEPS[3].to_pin}, .* Stift (rechts|links)")
    terminal.line("j 999")
    terminal.wait(rf"es gibt keinen Schritt 999: Der Plan hat die Schritte 1 bis {len(STEPS)}")
    terminal.line("q")
    terminal.wait(rf"bewahrt: 3 von {len(STEPS)} Schritten")


def _refused(*arguments, folder, **environment):
    env = {"STRINGART_STATE_DIR": str(folder / "state")} | environment
    ran = stringart_text("wind", *arguments, env=env, cwd=folder)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr


def test_what_cannot_be_done_is_refused_in_one_line(folder):
    assert _refused("plan.json", folder=folder)[1].startswith("error: the guide needs a terminal")
    assert "which plan" in _refused(folder=folder)[1]
    assert "does not exist" in _refused("none.json", folder=folder)[1]
    assert "espeak-ng" in _refused("plan.json", "--say", folder=folder, PATH=str(folder))[1]
    assert "0.5 s to 10 min" in _refused("plan.json", "--every", "0.01s", folder=folder)[1]
    assert "not a duration" in _refused("plan.json", "--every", "8", folder=folder)[1]
    random_plan(()).save(folder / "empty.json")
    code, said = _refused("empty.json", folder=folder)
    assert code == 1
    assert "no chords" in said
    assert not list((folder / "state").rglob("*.jsonl"))
