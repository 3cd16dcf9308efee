"""Plain steps, read back by the standard library's readers."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from sample_plans import random_plan

from stringart.errors import PlanError
from stringart.export import ExportOptions, exporter_for
from stringart.plan.materials import materials_of
from stringart.plan.model import Thread

PLAN = random_plan()


def text(ending: str, plan=PLAN) -> str:
    return exporter_for(f"x{ending}")(plan, ExportOptions()).decode()


def from_to(rows) -> list[tuple[int, int]]:
    return [(int(row["from_pin"]), int(row["to_pin"])) for row in rows]


def test_csv_holds_every_step_in_order():
    rows = list(csv.DictReader(io.StringIO(text(".csv"))))
    assert [int(row["step"]) for row in rows] == list(range(1, len(PLAN.steps) + 1))
    assert from_to(rows) == [tuple(pair) for pair in PLAN.steps[:, 1:].tolist()]
    assert [int(row["layer"]) - 1 for row in rows] == PLAN.steps[:, 0].tolist()
    assert [row["kind"] == "rim" for row in rows] == PLAN.is_rim.tolist()
    assert np.allclose([float(row["length_mm"]) for row in rows], PLAN.step_lengths_mm, atol=0.006)
    assert float(rows[-1]["laid_mm"]) == pytest.approx(PLAN.step_lengths_mm.sum(), abs=0.006)
    assert {row["thread"]: row["color"] for row in rows} == {t.name: t.color for t in PLAN.threads}


def test_json_lines_hold_every_step_and_say_where_they_come_from():
    head, *rows = [json.loads(line) for line in text(".jsonl").splitlines()]
    assert head["format"] == "stringart-steps"
    assert (head["plan"], head["steps"], head["pins"]) == (PLAN.sha256, len(PLAN.steps), len(PLAN.pins))
    assert head["command"] == "stringart design Пётр.jpg --seed 3"
    assert from_to(rows) == [tuple(pair) for pair in PLAN.steps[:, 1:].tolist()]
    assert [row["rim"] for row in rows] == PLAN.is_rim.tolist()


def test_numbered_text_can_be_wound_by():
    pins, found = [], []
    for line in text(".txt").splitlines():
        if begin := re.fullmatch(r"Knot the thread to pin (\d+), then go to pin", line):
            pins = [int(begin[1])]
            found.append(pins)
        elif step := re.fullmatch(r" *(\d+)\.  (\d+)", line):
            assert int(step[1]) == sum(len(layer) - 1 for layer in found) + 1
            pins.append(int(step[2]))
    assert found == [layer.pins.tolist() for layer in PLAN.layers]


def test_numbered_text_says_pin_zero_lengths_and_origin():
    words = text(".txt")
    assert "Pin 0 is at 12 o'clock; pins are numbered clockwise,\n" in words
    assert "seen from the front. The board has 60 pins, 0 to 59." in words
    assert PLAN.sha256 in words
    assert materials_of(PLAN).assumptions.about_thread in words
    assert "LAYER 2 of 3: rust (#c8501e)" in words


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".txt"])
def test_twenty_thousand_steps_over_five_hundred_pins(ending):
    plan = random_plan(steps=(7000, 7000, 6000), pins=500)
    lines = text(ending, plan).splitlines()
    begins = {".csv": r"\d+,\d,", ".jsonl": r'\{"step"', ".txt": r" *\d+\.  \d+$"}[ending]
    assert sum(bool(re.match(begins, line)) for line in lines) == 20_000


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".txt"])
def test_names_of_any_script_and_the_same_bytes(ending):
    plan = replace(PLAN, threads=(Thread(name='Охра, "ночь" 糸', color="#aa5a28"), *PLAN.threads[1:]))
    assert text(ending, plan) == text(ending, plan)
    if ending == ".csv":
        assert next(csv.DictReader(io.StringIO(text(".csv", plan))))["thread"] == 'Охра, "ночь" 糸'
    else:
        assert "糸" in text(ending, plan)


def test_a_spreadsheet_takes_no_name_for_a_formula():
    plan = replace(PLAN, threads=(Thread(name="=1+1", color="#aa5a28"), *PLAN.threads[1:]))
    assert next(csv.DictReader(io.StringIO(text(".csv", plan))))["thread"] == "'=1+1"


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".txt"])
def test_a_plan_without_chords_is_refused(ending):
    with pytest.raises(PlanError, match="no chords"):
        text(ending, PLAN.upto(0))
