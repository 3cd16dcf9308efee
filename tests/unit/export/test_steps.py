"""Plain steps, read back by the standard library's readers."""

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from sample_plans import random_plan, rim_plan
from steps_reader import pins_of

from stringart.errors import PlanError
from stringart.export import ExportOptions, exporter_for
from stringart.plan.materials import materials_of
from stringart.plan.model import Thread
from stringart.plan.steps import steps_of
from stringart.plan.wraps import wrap_directions

PLAN = random_plan()


def text(ending: str, plan=PLAN) -> str:
    return exporter_for(f"x{ending}")(plan, ExportOptions()).decode()


def counted(rows):
    return [int(row["step"]) for row in rows if row["step"]]


@pytest.mark.parametrize("plan", [PLAN, rim_plan()])
def test_csv_holds_every_step_once_in_order_with_walks_whole(plan):
    rows = list(csv.DictReader(io.StringIO(text(".csv", plan))))
    assert counted(rows) == list(range(1, len(steps_of(plan)) + 1))
    names = ("layer", "from_pin", "to_pin")
    read = [(row["kind"], *(int(row[name]) for name in names), int(row["rim_pins"] or 0)) for row in rows]
    assert pins_of(read, len(plan.pins)) == [(k + 1, layer.pins.tolist()) for k, layer in enumerate(plan.layers)]
    assert float(rows[-1]["laid_mm"]) == pytest.approx(plan.step_lengths_mm.sum(), abs=0.006)
    assert {row["thread"]: row["color"] for row in rows} == {t.name: t.color for t in plan.threads}
    ways = {"clockwise": 1, "counter-clockwise": -1, "": 0}
    assert [ways[row["direction"]] for row in rows if row["step"]] == [step.direction for step in steps_of(plan)]


@pytest.mark.parametrize("plan", [PLAN, rim_plan()])
def test_json_lines_hold_every_step_once_and_say_where_they_come_from(plan):
    head, *rows = [json.loads(line) for line in text(".jsonl", plan).splitlines()]
    assert head["format"] == "stringart-steps"
    assert (head["plan"], head["steps"], head["pins"]) == (plan.sha256, len(steps_of(plan)), len(plan.pins))
    assert head["command"] == "stringart design Пётр.jpg --seed 3"
    assert counted(rows) == list(range(1, head["steps"] + 1))
    read = [tuple(row[name] for name in ("kind", "layer", "from_pin", "to_pin", "rim_pins")) for row in rows]
    assert pins_of(read, head["pins"]) == [(k + 1, layer.pins.tolist()) for k, layer in enumerate(plan.layers)]


@pytest.mark.parametrize("plan", [PLAN, rim_plan()])
def test_numbered_text_can_be_wound_by(plan):
    rows, here, layer = [], None, 0
    for line in text(".txt", plan).splitlines():
        if begin := re.fullmatch(r"Tie the thread on at pin (\d+), then go to pin", line):
            here, layer = int(begin[1]), layer + 1
            rows.append(("tie on", layer, here, here, 0))
        elif step := re.fullmatch(r" *(\d+)\.  (\d+)(?: [↻↺])?", line):
            rows.append(("chord", layer, here, here := int(step[2]), 0))
        elif step := re.fullmatch(r" *(\d+)\.  along the rim ([↻↺]) to (\d+) \((\d+) pins?\)", line):
            rows.append(("rim walk", layer, here, here := int(step[3]), int(step[4]) * (1 if step[2] == "↻" else -1)))
        elif end := re.fullmatch(r"Tie the thread off at pin (\d+), then cut it\.", line):
            rows.append(("tie off", layer, here, int(end[1]), 0))
    found = pins_of(rows, len(plan.pins))
    assert found == [(k + 1, layer.pins.tolist()) for k, layer in enumerate(plan.layers)]


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
    begins = {".csv": r"\d+,", ".jsonl": r'\{"step": \d', ".txt": r" *\d+\.  "}[ending]
    assert sum(bool(re.match(begins, line)) for line in lines) == len(steps_of(plan)) > 19_000


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


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".txt", ".pins.txt", ".h"])
def test_a_plan_without_chords_is_refused(ending):
    with pytest.raises(PlanError, match="no chords"):
        text(ending, PLAN.upto(0))


@pytest.mark.parametrize("plan", [PLAN, rim_plan()])
def test_the_bare_list_is_the_pins_and_nothing_else(plan):
    lines = text(".pins.txt", plan).splitlines()
    assert [[int(pin) for pin in line.split(",")] for line in lines] == [layer.pins.tolist() for layer in plan.layers]


HARNESS = r"""
#include "winding.h"
#include <stdio.h>
int main(void) {
    for (int layer = 0; layer < STRINGART_LAYERS; layer++)
        for (uint32_t k = STRINGART_LAYER_START[layer]; k < STRINGART_LAYER_START[layer + 1]; k++)
            printf("%d %d %d\n", layer, (int)STRINGART_PINS[k], (int)STRINGART_SIDES[k]);
    return STRINGART_LENGTH == STRINGART_LAYER_START[STRINGART_LAYERS] ? 0 : 1;
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("plan", [rim_plan(), random_plan((500, 0, 40), pins=300)])
def test_a_c_compiler_reads_the_header_and_winds_the_same(plan, tmp_path):
    named = replace(plan, threads=(Thread(name="Охра */ // \\ 糸", color="#aa5a28"), *plan.threads[1:]))
    (tmp_path / "winding.h").write_text(text(".h", named))
    (tmp_path / "main.c").write_text(HARNESS)
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", "wind", "main.c"], cwd=tmp_path, check=True)
    ran = subprocess.run([tmp_path / "wind"], capture_output=True, text=True, check=True)
    read = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    layers = [(layer, turns) for layer, turns in zip(plan.layers, wrap_directions(plan), strict=True) if layer.steps]
    meant = [
        (k, pin, turn)
        for k, (layer, turns) in enumerate(layers)
        for pin, turn in zip(layer.pins.tolist(), turns.tolist(), strict=True)
    ]
    assert read == meant
