"""A list of 3,000 chords that another program found becomes a plan: scored, exported, proved and wound."""

import json
import os
from pathlib import Path

import pytest
from command import stringart

from stringart.plan.model import Plan

LIST = Path(__file__).parents[1] / "cases" / "list-of-another-program.txt"
"""Numbers only, of 200 pins from the right, clockwise, for ``examples/camera.png``; a greedy walk from pin to pin."""
PHOTO = Path(__file__).parents[2] / "examples" / "camera.png"
TOLD = ("--pins", "200", "--start", "right", "--direction", "cw")


@pytest.fixture(scope="module")
def plan_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import")
    ended = stringart("import", LIST, *TOLD, "-o", "plan.json", cwd=folder)
    assert (ended.status, ended.out) == (0, b"")
    assert ended.lines() == ["list of numbers: 3000 chords of 1 thread on 200 pins", "wrote plan.json"]
    return folder


def test_it_is_the_photo_and_no_other_way_round(plan_folder: Path) -> None:
    scores = {}
    for start, direction in (("right", "cw"), ("top", "cw"), ("right", "ccw")):
        name = f"{start}-{direction}.json"
        told = ("--pins", "200", "--start", start, "--direction", direction)
        assert stringart("import", LIST, *told, "-o", name, cwd=plan_folder).status == 0
        ended = stringart("score", name, PHOTO, "--json", cwd=plan_folder)
        scores[start, direction] = json.loads(ended.out)["scores"][1]["ssim_fit"]
    assert scores["right", "cw"] > 0.55
    assert max(scores["top", "cw"], scores["right", "ccw"]) < scores["right", "cw"] - 0.08


def test_it_is_exported_and_its_job_proved(plan_folder: Path) -> None:
    outputs = [word for name in ("job.gcode", "book.pdf", "steps.csv", "piece.svg") for word in ("-o", name)]
    assert stringart("export", "plan.json", *outputs, "--machine", "grbl", cwd=plan_folder).status == 0
    ended = stringart("machine", "check", "job.gcode", "--machine", "grbl", "--plan", "plan.json", cwd=plan_folder)
    assert ended.status == 0
    assert "proved: every wrap is there" in ended.out.decode()


def test_it_comes_back_from_every_list_that_is_written(plan_folder: Path) -> None:
    plan = Plan.load(plan_folder / "plan.json")
    for name in ("again.pins", "again.nails.json"):
        assert stringart("export", "plan.json", "-o", name, cwd=plan_folder).status == 0
        assert stringart("import", name, "-o", "again.json", cwd=plan_folder).status == 0
        again = Plan.load(plan_folder / "again.json")
        assert (again.layers[0].pins == plan.layers[0].pins).all()


def test_what_is_not_told_is_asked_and_other_commands_say_import(plan_folder: Path) -> None:
    ended = stringart("import", LIST, "-o", "x.json", cwd=plan_folder)
    assert (ended.status, len(ended.lines())) == (1, 2)
    assert "does not say how many pins there are (its numbers go from 0 to 199), where the first pin" in ended.err
    for command in (("paint", LIST, "-o", "x.png"), ("export", LIST, "-o", "x.svg"), ("wind", LIST)):
        ended = stringart(*command, cwd=plan_folder)
        assert ended.status == 1
        assert ended.lines() == [
            f"error: '{LIST}' is a winding list (list of numbers), not a plan",
            f"hint: make one of it: stringart import {LIST} -o plan.json",
        ]
    assert not (plan_folder / "x.png").exists()


def test_a_list_comes_through_a_pipe_and_goes_on(plan_folder: Path) -> None:
    ended = stringart("import", "-", *TOLD, "-o", "-", cwd=plan_folder, stdin=LIST.read_bytes())
    assert (Plan.from_bytes(ended.out).layers[0].pins == Plan.load(plan_folder / "plan.json").layers[0].pins).all()


@pytest.mark.skipif(os.name != "posix", reason="as the other tests of machines")
def test_it_is_wound_on_the_simulator(plan_folder: Path) -> None:
    short = LIST.read_text().split(",")[:61]
    told = (*TOLD, "-o", "short.json")
    assert stringart("import", "-", *told, cwd=plan_folder, stdin=",".join(short).encode()).status == 0
    send = ("machine", "send", "short.json", "--port", "sim://grbl?speed=max", "--yes", "--journal", "short.journal")
    ended = stringart(*send, cwd=plan_folder)
    assert ended.status == 0, ended.err
    assert "finished: 61 wraps are on the board" in ended.err
