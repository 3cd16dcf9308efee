"""``stringart help``: topics that fit a screen, name what exists, and import nothing heavy."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from command import measured, stringart

from stringart.board.boards import shape_words
from stringart.cli import help as help_
from stringart.cli._complete import load_command
from stringart.cli._table import COMMANDS
from stringart.cli.help import TOPICS
from stringart.export import exporter_for
from stringart.threads.request import PRESETS


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_screen(topic: str, tmp_path: Path) -> None:
    ended = stringart("help", topic, cwd=tmp_path)
    lines = ended.out.decode().splitlines()
    assert (ended.status, ended.err, lines[0]) == (0, "", topic.capitalize())
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 79


def test_help_alone_lists_the_topics(tmp_path: Path) -> None:
    assert sorted(TOPICS) == sorted(path.stem for path in (Path(help_.__file__).parent / "topics").glob("*.txt"))
    told = stringart("help", cwd=tmp_path).out.decode()
    assert re.findall(r"stringart help ([a-z]+) ", told) == [*TOPICS]


def test_help_of_a_command_is_its_own_help(tmp_path: Path) -> None:
    assert stringart("help", "score", cwd=tmp_path).out == stringart("score", "--help", cwd=tmp_path).out
    assert stringart("help", "nothing", cwd=tmp_path).status == 2


def test_help_answers_at_once(tmp_path: Path) -> None:
    status, cpu_s, _ = measured(["help", "layers"], tmp_path)
    assert status == 0
    assert cpu_s < 0.3


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_topic_names_exists(topic: str, tmp_path: Path) -> None:
    """Options, commands, endings, boards and presets: a text does not promise what is not there."""
    text = stringart("help", topic, cwd=tmp_path).out.decode()
    known = {"--help"} | {name for entry in COMMANDS.values() for name in options_of(load_command(entry.target))}
    named = set(re.findall(r"(?<!\S)--[a-z-]+", text))
    assert named
    assert named - known == set()
    for line in re.findall(r"(stringart [a-z].*?)(?=  |\.$|:|$)", text, re.M):
        command, *rest = shlex.split(line)[1:]
        assert command in COMMANDS
        for name, value in pairwise(rest):
            if name == "-o" and command not in ("batch", "sweep"):  # they write folders
                exporter_for(value)
    if topic == "pins":
        assert [word for word in shape_words() if word not in text] == []
    if topic == "threads":
        assert [word for word in PRESETS if word not in text] == []


def options_of(command: object) -> set[str]:
    found = {name for parameter in command.params for name in parameter.opts}
    return found.union(*(options_of(child) for child in getattr(command, "commands", {}).values()))
