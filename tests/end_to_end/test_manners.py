"""How the command behaves towards its surroundings: quick help, exit status, signals, terminals, disks, installs."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import QUICK, STRINGART, measured, stringart
from sample_plans import random_plan

from stringart.cli._table import COMMANDS

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "examples" / "camera.png"
LONG = ("--pins", "400", "--lines", "12000", "--quality", "best", "--importance", "none")
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pseudo-terminals")


def run_quietly(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A folder to mount things on, as root."""
    place = tmp_path / "mounted"
    place.mkdir()
    yield place
    subprocess.run(["umount", str(place)], capture_output=True)


def test_help_answers_at_once_and_imports_nothing_heavy(tmp_path: Path) -> None:
    status, cpu_s, _ = measured(["--help"], tmp_path)
    assert status == 0
    assert cpu_s < 0.3
    code = "from stringart.cli import main; main()"
    told = subprocess.run([sys.executable, "-X", "importtime", "-c", code, "--help"], capture_output=True, text=True)
    assert told.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "click" in loaded
    assert loaded & {"numba", "scipy", "skimage", "numpy", "PIL", "rich", "pydantic", "dask"} == set()


def test_help_lists_every_command_and_each_has_its_own(tmp_path: Path) -> None:
    listed = stringart("--help", cwd=tmp_path).out.decode()
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", listed, re.M)
        own = stringart(name, "--help", cwd=tmp_path)
        assert own.status == 0
        assert own.out.decode().startswith(f"Usage: stringart {name} ")


def test_a_misspelt_command_is_answered_with_its_likes(tmp_path: Path) -> None:
    ended = stringart("desing", "photo.jpg", cwd=tmp_path)
    assert ended.status == 2
    assert ended.err.splitlines()[-1] == "Error: No such command 'desing'. Did you mean design?"


def test_version(tmp_path: Path) -> None:
    assert re.fullmatch(rb"stringart, version \d+\.\d+\.\d+\s*", stringart("--version", cwd=tmp_path).out)


@posix
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_during_a_search_leaves_no_file(tmp_path: Path, times: int) -> None:
    command = [*STRINGART, "design", str(PHOTO), "-o", "plan.json", "-o", "seen.png", *LONG]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert any("400 pins" in line for line in child.stderr)  # a first search says before that it is compiled
        for _ in range(times):
            time.sleep(0.3)
            child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
    assert child.returncode == 130
    assert "interrupted" in rest
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_terminal_shows_a_bar_with_pins_chords_and_seconds_left(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*STRINGART, "design", str(PHOTO), "-o", "plan.json", "--pins", "120", "--lines", "1500"]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=theirs, stdout=subprocess.PIPE) as child:
        os.close(theirs)
        shown = drained(ours)
        assert child.wait(300.0) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"━+ *120 pins, [1-9]\d* chords, 0:00:\d\d left", plain)
    assert "search" in plain
    assert "refine" in plain
    assert plain.rstrip().endswith("wrote plan.json")


def drained(terminal: int) -> str:
    """Return all that a pseudo-terminal shows until the other end is closed."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last process has gone
            break
        if not part:
            break
        parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode(errors="replace")


def test_elsewhere_there_are_plain_lines(tmp_path: Path) -> None:
    ended = stringart("design", PHOTO, "-o", "plan.json", *QUICK, cwd=tmp_path)
    told = [line for line in ended.lines() if "compiled for this computer" not in line]  # as a first search says before
    assert told[0] == "60 pins on a circle of 600 x 600 mm, black 0.25 mm"
    assert "\x1b" not in ended.err
    assert "\r" not in ended.err


@posix
def test_a_reader_that_goes_away_is_no_defect(tmp_path: Path) -> None:
    random_plan().save(tmp_path / "plan.json")
    paint = f"{STRINGART[0]} paint plan.json -o - --width 1000; echo status $? >&2"
    ended = subprocess.run(["sh", "-c", f"({paint}) | true"], cwd=tmp_path, capture_output=True)
    assert ended.stderr.decode().strip() == "status 1"


@posix
def test_a_full_disk_is_named_and_nothing_half_written(tmp_path: Path, mount: Path) -> None:
    if not run_quietly("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)):
        pytest.skip("mounting a small disk needs root on Linux")
    random_plan((400,)).save(tmp_path / "plan.json")
    ended = stringart("paint", "plan.json", "-o", mount / "seen.png", cwd=tmp_path)
    assert ended.status == 1
    assert "the disk is full" in ended.err
    assert "Traceback" not in ended.err
    assert list(mount.iterdir()) == []


def installed(built: Path, place: Path) -> None:
    (package,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), str(package)]
    done = subprocess.run(pip, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def ran_from(place: Path, cwd: Path, *arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "import sys, stringart; print(stringart.__file__); from stringart.cli import main; main()"
    command = [sys.executable, "-B", "-P", "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, env={**env, "PYTHONPATH": str(place)}, capture_output=True, text=True)


def test_the_wheel_holds_every_file_of_the_packages(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "stringart", "firmware_io"], capture_output=True, text=True, check=True
    )
    wanted = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert wanted - packed == set()


@posix
def test_a_read_only_install_without_a_home_works(tmp_path: Path, built: Path, mount: Path) -> None:
    place, out = tmp_path / "site", tmp_path / "out"
    installed(built, place)
    (tmp_path / "tmp").mkdir()
    out.mkdir()
    if os.getuid() == 0:
        if not run_quietly("mount", "--bind", str(place), str(mount)):
            pytest.skip("a read-only folder needs a bind mount where the tests run as root")
        assert run_quietly("mount", "-o", "remount,ro,bind", str(mount))
        place = mount
    else:
        for folder in (place, *(p for p in place.rglob("*") if p.is_dir())):
            folder.chmod(0o555)
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": str(tmp_path / "tmp")}
    random_plan((40,)).save(tmp_path / "plan.json")
    arguments = ("paint", str(tmp_path / "plan.json"), "-o", str(out / "seen.png"), "--width", "200px")  # few kernels
    ended = ran_from(place, place, *arguments, env=env)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[0] == str(place / "stringart" / "__init__.py")
    assert [path.name for path in out.iterdir()] == ["seen.png"]
