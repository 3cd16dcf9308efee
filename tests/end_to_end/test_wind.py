"""``stringart wind`` in a real terminal (tmux): keys, resize, quit, kill -9 and resume, speech, and what it refuses."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sample_plans import THREADS, random_plan
from tmux_terminal import Terminal

STRINGART = str(Path(sys.executable).with_name("stringart"))
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
PLAN = random_plan((40, 60), THREADS[1:3])


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
    return json.loads(path.read_bytes().splitlines()[-1])["done"]


@needs_tmux
def test_a_person_winds_goes_back_jumps_pauses_quits_and_goes_on(folder, terminal):
    terminal.line(f"{STRINGART} wind plan.json --spool 30m")
    screen = terminal.wait("Press space when it is tied")
    assert "sand" in screen
    assert f"pin {PLAN.steps[0, 1]}" in screen
    terminal.keys("Space")
    terminal.wait(r"\b0 of 100 steps")
    for _ in range(3):
        terminal.keys("Space")
    screen = terminal.wait(r"\b3 of 100 steps\s+3\.0 %")
    assert len([line for line in screen.splitlines() if "█" in line and "layer" not in line]) == 5
    assert re.search(rf"\b5\s+{PLAN.steps[4, 1]} → {PLAN.steps[4, 2]} ", screen)
    assert "spool" in screen
    terminal.keys("b")
    terminal.wait(r"\b2 of 100 steps")
    terminal.keys("j", "3", "9", "Enter")
    terminal.wait(r"\b38 of 100 steps")
    terminal.keys("p")
    terminal.wait("paused: space or p goes on")
    terminal.keys("Space")
    terminal.wait(r"(?s)\b38 of 100 steps(?!.*paused)")
    terminal.keys("Space", "Right")
    screen = terminal.wait("Knot and cut the thread")
    assert "rust" in screen
    terminal.keys("q")
    terminal.wait("kept: 40 of 100 steps are wound")
    assert _done(folder) == 40
    terminal.line("clear; " + f"{STRINGART} wind --list")
    terminal.wait(r"(?s)40 of 100 steps .*plan\.json")
    terminal.line(f"{STRINGART} wind plan.json")
    terminal.wait("Knot and cut the thread")
    terminal.keys("q")


@needs_tmux
def test_a_kill_at_any_moment_loses_at_most_the_last_step(folder, terminal):
    shown = 0
    for round_number in range(3):
        terminal.line(f"clear; {STRINGART} wind plan.json & echo pid $!; fg")
        terminal.wait("Press space" if round_number == 0 else rf"\b{shown} of 100")
        if round_number == 0:
            terminal.keys("Space")
        for _ in range(4):
            terminal.keys("Space")
        shown = (round_number + 1) * 4
        terminal.wait(rf"\b{shown} of 100 steps")
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
    terminal.wait(r"\b10 of 100 steps")
    terminal.resize(40, 12)
    screen = terminal.wait("window too small")
    assert "40 x 12, needs 50 x 14" in screen
    assert f"{PLAN.steps[10, 1]} → {PLAN.steps[10, 2]}" in screen
    terminal.keys("Space")
    terminal.wait("step 12 of 100")
    terminal.resize(120, 44)
    screen = terminal.wait(r"\b11 of 100 steps")
    assert len([line for line in screen.splitlines() if "██" in line and "layer" not in line]) == 10
    terminal.keys("q")
    terminal.wait("kept: 11 of 100")


@needs_tmux
def test_it_says_each_pin_at_the_pace_that_is_asked_for_and_stops_at_a_change_of_thread(folder, terminal):
    (folder / "bin").mkdir()
    speaker = folder / "bin" / "espeak-ng"
    speaker.write_text(f'#!/bin/sh\necho "$@" >> {folder}/said\n')
    speaker.chmod(0o755)
    terminal.line(f"PATH={folder}/bin:$PATH {STRINGART} wind plan.json --step 37 --say --voice de --every 0.5s")
    terminal.wait("Knot and cut the thread")
    time.sleep(1.2)
    assert "Knot and cut" in terminal.screen()
    terminal.keys("q")
    terminal.wait("kept: 40 of 100")
    pins = [f"-v de {pin}" for pin in PLAN.steps[36:40, 2]]
    assert (folder / "said").read_text().splitlines() == [*pins, "-v de now rust"]


def _refused(*arguments, folder, **environment):
    env = os.environ | {"STRINGART_STATE_DIR": str(folder / "state")} | environment
    ran = subprocess.run([STRINGART, "wind", *arguments], capture_output=True, text=True, env=env, cwd=folder)
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
