"""Every command of the README, run as it stands there, in order, in one folder, as a reader would type it.

The reader's own `defaults.toml` asks for quick drafts, and pytest's settings for a single round of a benchmark; nothing
of a command is altered but the photos that `pictures.py` is to judge, `JUDGED`, and how many chords a piece has,
`FEWER`: all six, and all chords, with STRINGART_FULL=1. The photos are there, a fake speaker stands in for the real
one, and where a person answers, `ANSWERS` or a terminal does.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from card_photos import card_photo
from command import warm_program
from pictures import PHOTOS
from PIL import Image
from tmux_terminal import Terminal

from stringart.plan.model import Plan

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"
DEFAULTS = 'quality = "draft"\nlines = 300\nimportance = "none"\ncrop = "centre"\n'
NOT_RUN = {
    "python3.11 -m venv .venv && ": "an installation: .ci/run runs the line, test_readme compares the two",
    '.venv/bin/pip install -c constraints.txt -e ".[test]"': "runs this test: .ci/run runs the line, likewise",
    ".venv/bin/pytest -q tests/unit/threads": "tests, that are run with all others",
    '.venv/bin/pytest -q -n auto -m "not slow"': "tests, that are run with all others",
}
"""How a command begins, and why it is not run here."""
_FULL = bool(os.environ.get("STRINGART_FULL"))
JUDGED = () if _FULL else ("face",)
"""The figures that are compared with the README's."""
FEWER = {"--lines 3000": "--lines 600", "--lines 1000..2000:500": "--lines 200..300:50", "--lines 4000": "--lines 500"}
"""What stands in a command, and what is asked for in its place."""
ANSWERS = {"stringart machine send": "go\ny\n" * 4}
"""What a person would answer."""
Outcome = tuple[int, str]


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (section, text) of the README's code blocks in a language, in order."""
    found = []
    for part in re.split(r"^## ", README, flags=re.M)[1:]:
        section = part.partition("\n")[0]
        found += [(section, text) for text in re.findall(rf"^```{language}\n(.*?)^```", part, re.S | re.M)]
    return found


def commands() -> list[tuple[str, str]]:
    """Return (section, command) of every line of a shell block."""
    return [(section, line) for section, text in blocks("sh") for line in text.splitlines()]


class Reader:
    """Someone who has cloned and installed, and follows the README in a folder of photos."""

    def __init__(self, home: Path) -> None:
        self.home, self.photos, self.clone, programs = home, home / "photos", home / "clone", home / "bin"
        self.linked = home / "linked"
        for folder in (self.photos / "photos", self.photos / "frames", home / "config", programs):
            folder.mkdir(parents=True)
        shutil.copy(EXAMPLES / "astronaut.jpg", self.photos / "photo.jpg")
        for name in ("chelsea.jpg", "coffee.jpg"):
            shutil.copy(EXAMPLES / name, self.photos / "photos")
        self._make_clip()
        (home / "config" / "defaults.toml").write_text(DEFAULTS)
        (programs / "espeak-ng").write_text("#!/bin/sh\nexit 0\n")
        (programs / "espeak-ng").chmod(0o755)
        path = os.pathsep.join([str(warm_program(programs)), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.env = os.environ | {
            "PATH": path, "TERM": "xterm-256color", "BROWSER": "true", "XDG_DATA_HOME": str(home),
            "STRINGART_CONFIG_DIR": str(home / "config"), "STRINGART_STATE_DIR": str(home / "state"),
            "STRINGART_NO_DEFAULTS": "",  # all other tests leave them out
            "PYTEST_ADDOPTS": "--benchmark-min-rounds=1 --benchmark-max-time=0.1",
        }  # fmt: skip

    def _make_clip(self) -> None:
        with Image.open(EXAMPLES / "chelsea.jpg") as photo:
            frames = [photo.crop((x, 0, x + 200, 200)) for x in (0, 8, 16)]
        frames[0].save(self.photos / "clip.gif", save_all=True, append_images=frames[1:], duration=100)
        for number, frame in enumerate(frames):
            frame.save(self.photos / "frames" / f"{number}.png")

    def make_clone(self) -> None:
        """Clone the repository as it is now, with the environment that the tests run in."""
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.clone / name)
        (self.clone / ".venv").symlink_to(sys.prefix)
        self.linked.mkdir()  # what only reads the repository runs here, with the kernels that are compiled already
        (self.linked / ".venv").symlink_to(sys.prefix)
        for name in ("examples", "pyproject.toml", "tests"):
            (self.linked / name).symlink_to(ROOT / name)
        for words in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *words], cwd=self.clone, check=True, capture_output=True)

    def run(self, command: str, folder: Path) -> Outcome:
        """Run a command to its end."""
        answers = next((text for begin, text in ANSWERS.items() if command.startswith(begin)), "")
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=self.env, input=answers,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)  # fmt: skip
        return done.returncode, done.stdout

    def wind_some_steps(self, command: str) -> Outcome:
        """Wind on a terminal: two steps, one back, and quit."""
        terminal = Terminal(Path(tempfile.mkdtemp(dir=self.home)), columns=100, rows=30)
        try:
            names = ("PATH", "STRINGART_CONFIG_DIR", "STRINGART_STATE_DIR")
            exports = "; ".join(f"export {name}='{self.env[name]}'" for name in names)
            terminal.line(f"{exports}; cd '{self.photos}'; PS1='ready> '; clear")
            terminal.wait("ready>")
            terminal.line(command)
            terminal.wait(r"of [\d,]+ steps")
            terminal.keys("Space", "Space", "b", "q")
            terminal.wait("kept: ")
            terminal.line("echo ended with $?")
            screen = terminal.wait(r"ended with \d+")
        finally:
            terminal.close()
        return int(re.findall(r"ended with (\d+)", screen)[-1]), screen

    def look_at_the_studio(self, command: str) -> Outcome:
        """Open its page, then press Ctrl-C."""
        with subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=self.photos, env=self.env,
                              stderr=subprocess.PIPE, text=True) as child:  # fmt: skip
            assert child.stderr is not None
            said = ""
            while not (address := re.search(r"http://[\d.]+:\d+\S*", said)):
                line = child.stderr.readline()
                assert line, said
                said += line
            with urllib.request.urlopen(address[0], timeout=300) as page:
                assert b"stringart" in page.read()
            child.send_signal(signal.SIGINT)
            return child.wait(300.0), said + child.stderr.read()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(tmp_path_factory.mktemp("reader"))


def starting(table: dict[str, object], command: str) -> object:
    return next((value for begin, value in table.items() if command.startswith(begin)), None)


def prepare(reader: Reader, command: str) -> None:
    """Do what the text asks of the reader before a command."""
    if "card-photo.jpg" in command:
        card = Plan.load(reader.photos / "card.json")
        Image.fromarray(card_photo(card, "#202024", 0.25)[0]).save(reader.photos / "card-photo.jpg", quality=95)


def do(reader: Reader, command: str) -> Outcome:
    prepare(reader, command)
    if command.startswith("stringart wind "):
        return reader.wind_some_steps(command)
    if "pictures.py" in command:
        command = " ".join([command, *JUDGED])
    for stated, fewer in () if _FULL else FEWER.items():
        command = command.replace(stated, fewer)
    if command.startswith("stringart studio"):
        return reader.look_at_the_studio(command)
    return reader.run(command, folder_for(reader, command))


def folder_for(reader: Reader, command: str) -> Path:
    """Return where a command is typed: with the photos, or in the repository."""
    if command.startswith((".venv/bin/pre-commit", ".venv/bin/python -m stringart.cli")):
        return reader.clone
    return reader.linked if command.startswith((".venv/", "python tests/")) else reader.photos


@pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux, the terminal that the guide is used on, is not installed"
)
def test_every_command_runs_as_it_stands(reader: Reader) -> None:
    reader.make_clone()
    told = {}
    for section, command in commands():
        if starting(NOT_RUN, command) is None:
            begin = time.monotonic()
            status, said = do(reader, command)
            told[command] = said
            print(f"{time.monotonic() - begin:5.1f} s  {section}: {command}")
            assert status == 0, f"{section}: {command}\n{said}"
            folder = folder_for(reader, command)
            assert [name for name in outputs(command) if not (folder / name).stat().st_size] == []
    check_figures(next(said for command, said in told.items() if "pictures.py" in command))
    assert "finished:" in next(said for command, said in told.items() if command.startswith("stringart machine send"))
    assert "proved" in next(said for command, said in told.items() if command.startswith("stringart machine check"))


def outputs(command: str) -> list[str]:
    """Return the files and folders that a command says it writes."""
    return (
        re.findall(r"(?:-o|--save-config|--plans|>) ([\w./-]+\.?\w+)", command) if "stringart" in command[:60] else []
    )


def check_figures(printed: str) -> None:
    """Compare the README's table with what the benchmark prints, to a unit of the last digit."""
    rows = re.findall(r"^\| \**(\w+)\** \|((?: \**\d\.\d{3}\** \|){4})$", README, re.M)
    assert [name for name, _ in rows] == [*PHOTOS, "mean"]
    for name, cells in rows:
        if JUDGED and name not in JUDGED:
            continue
        stated = [float(cell) for cell in re.findall(r"\d\.\d{3}", cells)]
        line = re.search(rf"^{name} (.*)$", printed, re.M)
        assert line, name
        measured = [float(cell) for cell in re.findall(r"\d\.\d{3}", line[1])]
        assert measured == pytest.approx(stated, abs=0.0015), name


def test_the_python_of_the_readme_runs(reader: Reader) -> None:
    code = next(text for section, text in blocks("python") if section == "Sixty seconds")
    command = [sys.executable, "-c", code + "\nassert plan._repr_png_()"]
    done = subprocess.run(command, cwd=reader.photos, env=reader.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Plan.load(reader.photos / "plan.json").chords > 3000


def test_what_is_not_run_says_why_and_there_is_no_other_kind_of_shell_block() -> None:
    lines = [command for _, command in commands()]
    assert [begin for begin in NOT_RUN if not any(line.startswith(begin) for line in lines)] == []
    assert [stated for stated in FEWER if not any(stated in line for line in lines)] == []
    assert set(re.findall(r"^```(\w+)$", README, re.M)) == {"sh", "python", "svg", "toml", "csv"}
    assert not re.search(r"^```\n(?=(?:stringart|python|pip|\.venv) )", README, re.M)
