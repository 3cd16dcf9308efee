"""Completion in the real shells: the script that we print is run, a command line is begun, Tab is pressed."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import STRINGART, measured, stringart

from stringart.cli._complete import table_text

TABLE = Path(__file__).parents[2] / "stringart" / "cli" / "completions.json"
CASES = [
    ("stringart de", {"design"}),
    ("stringart design cat.jpg --qual", {"--quality"}),
    ("stringart design cat.jpg --quality ", {"draft", "normal", "best"}),
    ("stringart design cat.jpg --board he", {"heart", "hexagon"}),
    ("stringart design cat.jpg -o plan.te", {"plan.template.pdf", "plan.template.svg"}),
    ("stringart export plan.json --machine grbl-s", {"grbl-servo"}),
    ("stringart export plan.json -o job.gc", {"job.gcode"}),
    ("stringart film clip.gif -o out.m", {"out.mp4"}),
    ("stringart machine se", {"send", "setup"}),
    ("stringart machine send job.gcode --machine my", {"my-gantry"}),
    ("stringart help pi", {"pins"}),
    ("stringart sc", {"score"}),
]
ENV = {**os.environ, "PATH": f"{Path(STRINGART[0]).parent}:{os.environ['PATH']}", "TERM": "xterm"}


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def own_profile(tmp_path: Path) -> dict[str, str]:
    """A machine profile of the user's, beside the bundled ones."""
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "my-gantry.toml").write_text('inherits = "grbl"\n')
    return ENV | {"STRINGART_CONFIG_DIR": str(tmp_path)}


@needs("bash")
def test_bash_completes(tmp_path: Path, own_profile: dict[str, str]) -> None:
    ask = '''COMP_WORDS=({words}); COMP_CWORD={last}; COMPREPLY=()
    _stringart_completion stringart; echo "${{COMPREPLY[@]}}"'''
    lines = ['eval "$(stringart completion bash)"', "compopt() { :; }"]  # compopt works only while Tab is handled
    for line, _ in CASES:
        words = line.split(" ")
        lines.append(ask.format(words=" ".join(f"'{word}'" for word in words), last=len(words) - 1))
    told = subprocess.run(["bash", "--norc", "-c", "\n".join(lines)], env=own_profile, cwd=tmp_path,
                          capture_output=True, text=True, timeout=300)  # fmt: skip
    assert told.stderr == ""
    assert [set(answer.split()) for answer in told.stdout.splitlines()] == [expected for _, expected in CASES]


@needs("fish")
def test_fish_completes(tmp_path: Path, own_profile: dict[str, str]) -> None:
    lines = ["stringart completion fish | source"]
    lines += [f"echo (complete -C '{line}' | string replace -r '\\t.*' '')" for line, _ in CASES]
    env = own_profile | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    told = subprocess.run(["fish", "--no-config", "-c", "\n".join(lines)], env=env, cwd=tmp_path,
                          capture_output=True, text=True, timeout=300)  # fmt: skip
    assert [set(answer.split()) for answer in told.stdout.splitlines()] == [expected for _, expected in CASES]


@pytest.mark.parametrize(
    ("command", "begin"),
    [
        pytest.param(["bash", "--norc", "--noprofile", "-i"], "bind 'set bell-style none'", marks=needs("bash")),
        pytest.param(["zsh", "-f", "-i"], "autoload -Uz compinit && compinit -u -D", marks=needs("zsh")),
    ],
    ids=["bash", "zsh"],
)
def test_tab_on_a_terminal(tmp_path: Path, own_profile: dict[str, str], command: list[str], begin: str) -> None:
    with terminal(command, own_profile | {"HOME": str(tmp_path), "PS1": "$ "}, tmp_path) as shell:
        os.write(shell, f'{begin}; eval "$(stringart completion {command[0]})"; echo rea""dy\n'.encode())
        shown_until(shell, r"ready")
        os.write(shell, b"stringart des\t")
        shown_until(shell, r"stringart design ")
        os.write(shell, b"cat.jpg --board hex\t")
        shown_until(shell, r"--board hexagon ")
        os.write(shell, b"-o plan.templ\tp\t")
        assert "plan.template.pdf" in shown_until(shell, r"plan\.template\.pdf ")


@contextmanager
def terminal(command: list[str], env: dict[str, str], cwd: Path) -> Iterator[int]:
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=cwd,
                             start_new_session=True, close_fds=True)  # fmt: skip
    os.close(theirs)
    try:
        yield ours
    finally:
        child.kill()
        child.wait()
        os.close(ours)


def shown_until(terminal: int, wanted: str, timeout_s: float = 300) -> str:
    """Return what the terminal shows, read until it holds what is wanted."""
    shown, end = "", time.monotonic() + timeout_s
    while not re.search(wanted, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08]", "", shown)):
        left = end - time.monotonic()
        assert left > 0, f"waited for {wanted!r}, saw {shown!r}"
        if select.select([terminal], [], [], left)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


def test_an_answer_comes_at_once_and_imports_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ("stringart ", "stringart design cat.jpg --boa", "stringart machine send --machine "):
        monkeypatch.setenv("_STRINGART_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
        status, cpu_s, _ = measured([], tmp_path)
        assert status == 0
        assert cpu_s < 0.3
        code = "from stringart.cli import main; main()"
        told = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True)
        loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
        assert "stringart.cli._complete" in loaded
        assert loaded & {"numba", "scipy", "skimage", "numpy", "PIL", "rich"} == set()


def test_the_table_is_that_of_the_commands_as_they_are() -> None:
    hint = "python -m stringart.cli._complete writes it anew"
    assert TABLE.read_text(encoding="utf-8") == table_text(), hint


def test_a_shell_that_is_not_known_is_a_usage_error(tmp_path: Path) -> None:
    ended = stringart("completion", "tcsh", cwd=tmp_path)
    assert ended.status == 2
    assert "'bash', 'zsh', 'fish'" in ended.err
    assert stringart("completion", "bash", cwd=tmp_path).out.startswith(b"_stringart_completion() {")
