"""``stringart palette`` as a user runs it."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command import stringart_text
from PIL import Image

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMAND = [sys.executable, "-c", "from stringart.cli import main; main()", "palette"]


def run(*arguments, cwd, **env):
    return stringart_text("palette", *map(str, arguments), cwd=cwd, env=env)


def test_a_proposal_in_plain_text_with_a_card(tmp_path):
    ran = run(EXAMPLES / "coffee.jpg", "--n", 5, "-o", "карта.png", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "\x1b" not in ran.stdout
    lines = ran.stdout.splitlines()
    assert re.match(r"board, [a-z ]+ +#[0-9a-f]{6} +\d+%", lines[0])
    threads = [re.search(r"(#[0-9a-f]{6}) +(\d+)% +like DMC \S+ .+ \(dE00 \d+\)$", line) for line in lines[1:6]]
    assert all(threads)
    assert lines[6].startswith("expected error: dE ")
    counts = [int(line.split()[0].rstrip("*")) for line in lines[9:]]
    assert counts == list(range(2, 9))
    card = np.asarray(Image.open(tmp_path / "карта.png").convert("RGB"))
    color = [int(threads[2][1][k : k + 2], 16) for k in (1, 3, 5)]
    assert (card == color).all(-1).sum() > 10_000
    used = re.search(r"--palette '([^']+)' --background '?(#\w+)", ran.stderr)
    assert [thread[1] for thread in threads] == used[1].split(",")


def test_blocks_of_true_colour_on_a_terminal(tmp_path):
    here, there = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "100"}
    env.pop("NO_COLOR", None)
    arguments = [*COMMAND, str(EXAMPLES / "coffee.jpg"), "--palette", "dmc:310,#c8501e,white", "--background", "navy"]
    with subprocess.Popen(arguments, stdout=there, stderr=subprocess.PIPE, cwd=tmp_path, env=env) as process:
        os.close(there)
        seen = b""
        while True:
            try:
                part = os.read(here, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait(300.0)
    os.close(here)
    for color in (b"48;2;0;0;128", b"48;2;0;0;0", b"48;2;200;80;30", b"48;2;255;255;255"):
        assert color in seen
    assert b"DMC 310 Black" in seen


def test_json_of_a_catalogue(tmp_path):
    ran = run(EXAMPLES / "chelsea.jpg", "--from", "dmc", "--n", 4, "--background", "black", "--json", cwd=tmp_path)
    found = json.loads(ran.stdout)
    assert found["board"]["color"] == "#000000"
    assert [thread["name"].split()[0] for thread in found["threads"]] == ["DMC"] * 4
    assert found["board"]["share"] + sum(thread["share"] for thread in found["threads"]) == pytest.approx(1, abs=0.001)
    assert list(found["by_count"]) == [str(n) for n in range(2, 9)]
    assert found["by_count"]["4"]["threads"] == found["threads"]
    assert re.search(r"--palette dmc:\w+,dmc:\w+,dmc:\w+,dmc:\w+ ", ran.stderr)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--palette", "blakc"], 1, "nearest: black"),
        (["--palette", "dmx:310"], 1, "no catalogue 'dmx'"),
        (["--palette", "dmc:999999"], 1, "nearest: dmc:"),
        (["--palette", "black,black"], 1, "there twice"),
        (["--palette", "black", "--background", "black"], 1, "differs from the board"),
        (["--n", "33"], 1, "choose 1 to 32"),
        (["--n", "0"], 1, "choose 1 to 32"),
        (["--from", "madeira"], 1, "no catalogue 'madeira'"),
        (["--from", "bad.toml"], 1, "line 1"),
        (["--palette", "black", "--n", "3"], 2, "leave --n and --from out"),
        (["--background", "blakc"], 1, "colour 'blakc'"),
        (["-o", "card.pdf"], 1, "swatches are a PNG"),
        (["-o", "missing/card.png"], 1, "folder does not exist"),
    ],
)
def test_human_errors_are_one_clear_line(tmp_path, arguments, status, said):
    (tmp_path / "bad.toml").write_text("[[thread\n")
    ran = run(EXAMPLES / "coffee.jpg", *arguments, cwd=tmp_path)
    assert ran.returncode == status
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]
