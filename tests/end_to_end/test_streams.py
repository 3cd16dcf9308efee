"""Standard streams that are closed or full, and names that are no text: the work is done, one line says the rest."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command import QUICK, STRINGART
from sample_plans import random_plan

from stringart.plan.model import Plan

PHOTO = Path(__file__).parents[1] / "cases" / "photo.jpg"
pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no stream that is always full here")


def shell(command: str, cwd: Path, *, unbuffered: bool = False) -> tuple[int, str, str]:
    """Run a command of a shell, with its redirections; `stringart` in it is the real one."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    env |= {"PYTHONUNBUFFERED": "1"} if unbuffered else {}
    text = command.replace("stringart", shlex.quote(STRINGART[0]), 1)
    ended = subprocess.run(["sh", "-c", text], cwd=cwd, capture_output=True, env=env, timeout=300)
    return (
        ended.returncode,
        ended.stdout.decode(errors="surrogateescape"),
        ended.stderr.decode(errors="surrogateescape"),
    )


@pytest.mark.parametrize("streams", ["2>/dev/full", "<&- >&- 2>&-"])
def test_a_plan_is_written_whatever_the_streams_are(tmp_path: Path, streams: str) -> None:
    command = f"stringart design {PHOTO} -o plan.json {' '.join(QUICK)} {streams}"
    status, out, err = shell(command, tmp_path, unbuffered=streams == "2>/dev/full")
    assert (status, out, err) == (0, "", "")
    assert Plan.load(tmp_path / "plan.json").chords > 20


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("stringart paint plan.json -o - >/dev/full", "error: cannot write to stdout: the disk is full"),
        ("stringart paint plan.json -o - >&-", "error: stdout is closed"),
        ("stringart help >/dev/full", "error: cannot write to stdout: the disk is full"),
        ("stringart --help >/dev/full", "error: cannot write to stdout: the disk is full"),
        ("stringart paint - -o x.png <&-", "error: stdin is closed"),
        ("stringart design - -o x.json <&-", "error: stdin is closed"),
        ("stringart export --list >&-", "error: stdout is closed: what was to be told there is lost"),
    ],
)
def test_a_stream_that_is_needed_and_cannot_be_used_is_one_line(tmp_path: Path, command: str, said: str) -> None:
    random_plan().save(tmp_path / "plan.json")
    status, _, err = shell(command, tmp_path, unbuffered="help" in command)
    assert status == 1
    assert [line for line in err.splitlines() if not line.startswith("hint: ")] == [said]


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux")
def test_names_that_are_no_text_work_to_the_end(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    photo, plan = b"caf\xe9.jpg", b"pi\xe8ce.json"
    with open(os.path.join(folder, photo), "wb") as file:  # noqa: PTH123, PTH118 (a name of bytes)
        file.write(PHOTO.read_bytes())
    stringart = os.fsencode(STRINGART[0])
    quick = [os.fsencode(word) for word in QUICK]
    design = [stringart, b"design", photo, b"-o", plan, b"--save-config", b"\xe9.toml", *quick]
    done = subprocess.run(design, cwd=folder, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"wrote " + plan in done.stderr
    read = Plan.load(tmp_path / os.fsdecode(plan))
    assert read.photo is not None
    assert read.photo.name == "caf\ufffd.jpg"
    for command in ([b"paint", plan, b"-o", b"\xff.png", b"--width", b"100"], [b"export", plan, b"-o", b"\xff.svg"]):
        done = subprocess.run([stringart, *command], cwd=folder, capture_output=True)
        assert done.returncode == 0, done.stderr
    lost = subprocess.run([stringart, b"paint", b"no\xe9.json", b"-o", b"x.png"], cwd=folder, capture_output=True)
    assert lost.stderr.splitlines()[0] == b"error: 'no\xe9.json' does not exist"


def test_what_an_encoding_lacks_is_written_in_other_letters(tmp_path: Path) -> None:
    random_plan().save(tmp_path / "плàn.json")
    env = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([*STRINGART, "paint", "нет.json", "-o", "x.png"], cwd=tmp_path, capture_output=True, env=env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == rb"error: '\u043d\u0435\u0442.json' does not exist"
