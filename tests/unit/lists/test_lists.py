"""Winding lists of other programs: every format comes in as the same winding, and what is open is asked."""

import itertools
import json
import math
import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_plans import random_plan

from stringart.errors import PlanError, StringartError
from stringart.export import ExportOptions, exporter_for
from stringart.lists.building import STARTS, ListOptions, plan_of_list
from stringart.lists.reading import read_list
from stringart.plan.model import Plan, Thread

WINDING = (0, 105, 57, 160, 3, 88, 199, 41, 120)
PAIRS = list(itertools.pairwise(WINDING))
FULL = ListOptions(pins=200, start="top", direction="cw")
STEPS = [{"nailIndex": pin, "direction": "cw"} for pin in WINDING]

LISTS: dict[str, str] = {
    "commas": ",".join(map(str, WINDING)),
    "commas and blanks": ", ".join(map(str, WINDING)) + ",",
    "blanks": " ".join(map(str, WINDING)),
    "semicolons": ";".join(map(str, WINDING)),
    "lines": "\n".join(map(str, WINDING)) + "\n",
    "lines of Windows": "\r\n".join(map(str, WINDING)),
    "wrapped lines": "0,105,57,160,\n3,88,199,\n41,120\n",
    "brackets": f"[{', '.join(map(str, WINDING))}]",
    "arrows": " -> ".join(map(str, WINDING)),
    "arrows in print": "→".join(map(str, WINDING)),
    "pairs": "\n".join(f"{a} {b}" for a, b in PAIRS),
    "pairs with commas": "\n".join(f"{a},{b}" for a, b in PAIRS),
    "pairs with words": "\n".join(f"from {a} to {b}" for a, b in PAIRS),
    "pairs with a dash": "\n".join(f"{a}-{b}" for a, b in PAIRS),
    "pins file": "200\n" + "\n".join(f"{a} {b}" for a, b in PAIRS),
    "pins file with a head": "from to\n" + "\n".join(f"{a} {b}" for a, b in PAIRS),
    "step, nail": "step,nail\n" + "\n".join(f"{k},{pin}" for k, pin in enumerate(WINDING)),
    "step, nail without a head": "\n".join(f"{k},{pin}" for k, pin in enumerate(WINDING, 1)),
    "step, nail with nails told": "# nails,200\nstep,nail\n" + "\n".join(f"{k},{p}" for k, p in enumerate(WINDING)),
    "step; from; to": "Step;From;To\n" + "\n".join(f"{k};{a};{b}" for k, (a, b) in enumerate(PAIRS, 1)),
    "step, from, to without a head": "\n".join(f"{k},{a},{b}" for k, (a, b) in enumerate(PAIRS, 1)),
    "a CSV with lengths": "step,start_nail,end_nail,length_mm,angle\n"
    + "\n".join(f"{k},{a},{b},{3.5 * k},{k / 7:.3f}" for k, (a, b) in enumerate(PAIRS, 1)),
    "words": "\n".join(f"Nail {pin}" for pin in WINDING),
    "numbered words": "\n".join(f"{k}: pin {pin}" for k, pin in enumerate(WINDING, 1)),
    "comments": "# made by a web page\n# 200 of them\n" + ",".join(map(str, WINDING)) + "\n// end\n",
    "JSON list": json.dumps(WINDING),
    "JSON pairs": json.dumps(PAIRS),
    "JSON of floats": json.dumps([float(pin) for pin in WINDING]),
    "JSON texts": json.dumps([str(pin) for pin in WINDING]),
    "JSON steps": json.dumps({"nailCount": 200, "steps": STEPS}),
    "JSON in depth": json.dumps({"data": {"config": {"num_pins": 200}, "result": {"pegOrder": WINDING}}}),
    "JSON from to": json.dumps({"pins": 200, "lines": [{"from": a, "to": b} for a, b in PAIRS]}),
    "JSON nails": json.dumps({"name": "cat", "nails": 200, "sequence": WINDING, "settings": {"lines": 8}}),
    "sketch": f"// art\n#define NUM_NAILS 200\nconst int STEP_PIN = 3;\n"
    f"const uint16_t NAIL_LIST[] PROGMEM = {{ {', '.join(map(str, WINDING))} }};\nvoid setup() {{ }}\n",
    "steps in words": "\n".join(f"Step {k}: {a} -> {b}" for k, (a, b) in enumerate(PAIRS, 1)),
    "steps in words to": "\n".join(f"{k}. from {a} to {b}" for k, (a, b) in enumerate(PAIRS, 1)),
    "cells in quotes": ",".join(f'"{pin}"' for pin in WINDING),
    "rows in quotes": '"step","nail"\n' + "\n".join(f'"{k}","{pin}"' for k, pin in enumerate(WINDING)),
    "Python": f"# made by a notebook\nimport numpy as np\n\nnails = 200\nsequence = {list(WINDING)}\n",
    "Python pairs": f"lines = {PAIRS}\n",
    "JavaScript": f"export const order: number[] = [\n  {', '.join(map(str, WINDING))},\n];\n",
    "sketch of rows": "int steps[9][1] = {" + ", ".join(f"{{{pin}}}" for pin in WINDING) + "};",
    "sketch of pairs": "const uint16_t lines[][2] PROGMEM = {" + ", ".join(f"{{{a}, {b}}}" for a, b in PAIRS) + "};",
    "sketch of hex": f"int nails = 200;\nshort list[9] = {{{','.join(map(hex, WINDING))}}};",
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_format_is_the_same_winding(kind: str, encoding: str) -> None:
    found = read_list(LISTS[kind].encode(encoding), "x")
    assert [run.numbers for run in found.runs] == [WINDING]
    assert found.pins in (None, 200)
    plan, notes = plan_of_list(found, FULL)
    assert (plan.layers[0].pins.tolist(), notes) == (list(WINDING), ())
    told = ("pins file", "step, nail with nails told", "JSON steps", "JSON in depth", "JSON from to", "JSON nails",
            "sketch", "sketch of hex", "Python")  # fmt: skip
    assert (found.pins == 200) == (kind in told)


def test_a_binary_list_of_a_card() -> None:
    for order in "<>":
        found = read_list(struct.pack(f"{order}H", len(WINDING)) + bytes(WINDING), "LIST.BIN")
        assert (found.kind, found.runs[0].numbers) == ("binary list", WINDING)


@pytest.mark.parametrize(("rows", "mark"), [(2, "Step {}: {} -> {}"), (2, "{},{},{}"), (3, "Line #{}. {} {}")])
def test_a_few_numbered_steps_are_no_pins(rows: int, mark: str) -> None:
    """Before, "Step 1: 0 -> 105" above "Step 2: 105 -> 57" was a winding of six pins."""
    text = "\n".join(mark.format(k, *pair) for k, pair in enumerate(PAIRS[:rows], 1))
    assert read_list(text.encode(), "x").runs[0].numbers == WINDING[: rows + 1]


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_binary_list_of_two_bytes_a_step(order: str) -> None:
    data = struct.pack(f"{order}{len(WINDING) + 1}H", len(WINDING), *WINDING)
    assert read_list(data, "list.bin").runs[0].numbers == WINDING


def test_what_is_open_is_asked_in_one_line() -> None:
    with pytest.raises(PlanError) as caught:
        plan_of_list(read_list(b"5,105,57", "cat.txt"), ListOptions(), "cat.txt")
    assert str(caught.value) == (
        "'cat.txt' does not say how many pins there are (its numbers go from 5 to 105), where the first pin stands and "
        "which way they are numbered, seen from the front"
    )
    assert caught.value.hint == "add --pins N --start top|top-right|right... --direction cw|ccw"
    with pytest.raises(PlanError, match="whether the first pin is 0 or 1"):
        plan_of_list(read_list(b"5,105,57", "x"), FULL)
    told = b"# pins: 200 first: 1 start: right direction: ccw\n5,105,57"
    plan, _ = plan_of_list(read_list(told, "x"), ListOptions())
    assert plan.layers[0].pins.tolist() == [46, 146, 194]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("0,105,300", FULL, "has numbers from 0 to 300, but 200 pins go from 0 to 199"),
        ("0,105,12.5", FULL, "line 1: '12.5' is not the number of a pin"),
        ("0,105,-3", FULL, "line 1: '-3' is not the number of a pin"),
        ("0\nhello\n5", FULL, "line 2: 'hello' is no list of pins"),
        ("0 105\n57 160\n3 88\n", FULL, "line 2: begins at pin 57, but the line above ends at 105"),
        ("from,to\n0,105\n106,3\n", FULL, "line 3: begins at pin 106, but the line above ends at 105"),
        ("7", FULL, "holds one pin"),
        ("", FULL, "is empty"),
        ("# nothing\n", FULL, "holds no numbers of pins"),
        ('{"a": 1}', FULL, "holds no list of steps; its keys are a"),
        ('{"sequence": [0, null]}', FULL, "step 2 is null, not the number of a pin"),
        ("[0, 1", FULL, "is not JSON"),
        ("int a[] = {0,1,2}; int b[] = {3,4,5};", FULL, "holds 2 lists: a (3), b (3)"),
        ("0,1,2", ListOptions(pins=200, start="north", direction="cw"), "'north' is no place for the first pin"),
        ('{"format": "stringart-plan"}', FULL, "is a plan already"),
    ],
)
def test_what_is_no_winding_is_refused_with_its_line(text: str, options: ListOptions, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_of_list(read_list(text.encode(), "x"), options, "x")
    assert said in str(caught.value)


# --- where the pins stand ---


@pytest.mark.parametrize("count", [8, 200, 201])
@pytest.mark.parametrize("start", [*STARTS, "30deg"])
@pytest.mark.parametrize("direction", ["cw", "ccw"])
def test_every_pin_of_a_circle_stands_where_the_other_program_has_it(count: int, start: str, direction: str) -> None:
    winding = [0, count // 3, count - 1, count // 2]
    options = ListOptions(pins=count, start=start, direction=direction)
    plan, _ = plan_of_list(read_list(",".join(map(str, winding)).encode(), "x"), options)
    turn = math.radians(30) if start == "30deg" else math.atan2(*STARTS[start])
    angles = turn + np.array(winding) * (1 if direction == "cw" else -1) * 2 * math.pi / count
    want = 300 * np.column_stack([np.sin(angles), np.cos(angles)])
    assert np.abs(plan.pins.xy_mm[plan.layers[0].pins] - want).max() < 1e-5
    top = plan.pins.xy_mm[0]
    assert top[1] == plan.pins.xy_mm[:, 1].max()  # pin 0 stands next to 12 o'clock, and they run clockwise
    assert plan.pins.xy_mm[1, 0] > top[0]


def test_a_rectangle_is_numbered_from_its_corner() -> None:
    """As a program with a square does: from the upper right corner, clockwise, 4 x 25 pins."""
    options = ListOptions(pins=100, start="top-right", direction="cw", shape="rectangle", size_mm=(400.0, 400.0))
    plan, _ = plan_of_list(read_list(b"0,25,50,75,99,10", "x"), options)
    want = [[200, 200], [200, -200], [-200, -200], [-200, 200], [184, 200], [200, 40]]
    assert np.abs(plan.pins.xy_mm[plan.layers[0].pins] - want).max() < 0.1
    ellipse, _ = plan_of_list(read_list(b"0,25,50,75", "x"), ListOptions(pins=100, start="right", direction="ccw",
                              shape="ellipse", size_mm=(600.0, 400.0)))  # fmt: skip
    want = [[300, 0], [0, 200], [-300, 0], [0, -200]]
    assert np.abs(ellipse.pins.xy_mm[ellipse.layers[0].pins] - want).max() < 0.1


def test_places_in_the_file_are_used_and_only_y_is_asked() -> None:
    xy = [(round(400 + 380 * math.cos(k / 10 * 2 * math.pi), 3), round(400 + 380 * math.sin(k / 10 * 2 * math.pi), 3))
          for k in range(10)]  # fmt: skip
    for nails in ([{"x": x, "y": y} for x, y in xy], xy):
        found = read_list(json.dumps({"nails": nails, "sequence": [0, 4, 7]}).encode(), "x")
        with pytest.raises(PlanError, match="does not say whether y grows up or down"):
            plan_of_list(found, ListOptions(), "x")
        for axis, sign in (("up", 1), ("down", -1)):
            plan, _ = plan_of_list(found, ListOptions(y_axis=axis, size_mm=(760.0, 760.0)))
            places = plan.pins.xy_mm[plan.layers[0].pins]
            want = np.array([xy[k] for k in (0, 4, 7)])
            moved = (places - places[0]) * [1, sign]
            assert np.abs(moved - (want - want[0])).max() < 2e-3


def test_threads_of_a_list() -> None:
    layers = [{"color": "#aa0000", "name": "red", "sequence": [0, 9, 3]}, {"color": "#0000aa", "order": [5, 1]}]
    found = read_list(json.dumps({"pins": 12, "layers": layers}).encode(), "x")
    plan, _ = plan_of_list(found, ListOptions(start="top", direction="cw"))
    assert [(t.name, t.color) for t in plan.threads] == [("red", "#aa0000"), ("thread 2", "#0000aa")]
    assert [(layer.thread, layer.pins.tolist()) for layer in plan.layers] == [(0, [0, 9, 3]), (1, [5, 1])]
    table = b"step,nail,color\n1,0,#aa0000\n2,9,#aa0000\n3,5,#0000aa\n4,1,#0000aa\n"
    assert [run.color for run in read_list(table, "x").runs] == ["#aa0000", "#0000aa"]
    own = ListOptions(pins=12, start="top", direction="cw", threads=(Thread(name="a", color="#010203"),) * 3)
    with pytest.raises(PlanError, match="winds 2 threads, 3 are given"):
        plan_of_list(found, own)


def test_a_thread_that_returns_is_one_thread() -> None:
    table = b"step,nail,color\n1,0,#aa0000\n2,9,#aa0000\n3,5,#0000aa\n4,1,#0000aa\n5,2,#aa0000\n6,8,#aa0000\n"
    plan, _ = plan_of_list(read_list(table, "x"), FULL)
    assert [layer.thread for layer in plan.layers] == [0, 1, 0]
    assert [thread.color for thread in plan.threads] == ["#aa0000", "#0000aa"]


def test_a_step_from_a_pin_to_itself_is_left_out_and_told() -> None:
    plan, notes = plan_of_list(read_list(b"0,5,5,9,9,9,0", "x"), FULL)
    assert plan.layers[0].pins.tolist() == [0, 5, 9, 0]
    assert notes == ("3 steps from a pin to itself are left out",)


# --- out and in ---


def same_winding(plan: Plan, other: Plan) -> bool:
    return [layer.pins.tolist() for layer in plan.layers] == [layer.pins.tolist() for layer in other.layers] and bool(
        np.abs(plan.pins.xy_mm - other.pins.xy_mm).max() < 1e-5
    )


@pytest.mark.parametrize("ending", [".pins", ".nails.json", ".pins.txt", ".h", ".csv", ".jsonl"])
def test_a_list_written_and_read_is_the_same_winding(ending: str) -> None:
    for steps in ((50,), (20, 30, 9)):
        plan = random_plan(steps)
        data = exporter_for(f"x{ending}")(plan, ExportOptions())
        found = read_list(data, f"x{ending}")
        again, notes = plan_of_list(found, ListOptions(pins=60, start="top", direction="cw", y_axis="up"))
        assert same_winding(plan, again)
        assert notes == ()
        if ending in (".pins", ".nails.json", ".h", ".jsonl"):  # what they tell is enough
            assert same_winding(plan, plan_of_list(found, ListOptions())[0])
            if len(steps) > 1:
                assert [(t.name, t.color) for t in plan_of_list(found, ListOptions())[0].threads] == [
                    (t.name, t.color) for t in plan.threads
                ]


@given(st.lists(st.integers(0, 199), min_size=2, max_size=60), st.sampled_from([",", " ", "\n", ";", ", ", " -> "]))
def test_any_list_comes_back(numbers: list[int], mark: str) -> None:
    found = read_list(mark.join(map(str, numbers)).encode(), "x")
    assert found.runs[0].numbers == tuple(numbers)


@given(st.binary(max_size=120) | st.text('0123456789,; \n->[]{}":abcnailpt#/=_', max_size=160).map(str.encode))
def test_any_bytes_are_a_list_or_one_line(data: bytes) -> None:
    try:
        plan_of_list(read_list(data, "x"), FULL, "x")
    except StringartError as error:
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("G21\nG90\nG0 X0\nG1 X105 F500\nG1 Z5\nG1 X57.0\nG0 X57\nG1 X12\nM2\n", "X"),
        ("%\n(wound by pins)\nN10 G0 A0\nN20 M3 S90\nN30 G1 A105 F2000 ; there\nN40 G1 A57\nN50 A12\nN60 M30\n%", "A"),
    ],
)
def test_a_program_that_counts_pins_on_one_axis_is_a_list(text: str, axis: str) -> None:
    found = read_list(text.encode(), "wind.nc")
    assert (found.runs[0].numbers, found.kind) == ((0, 105, 57, 12), f"program whose {axis} is the pin")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("G21\nG0 X0 Y300\nG1 X10 Y20\nM2", "'wind.nc' is a machine program and no list of pins: its X and Y are"),
        ("G21\nG0 X0\nG1 X10.5\nM2", "'wind.nc', line 3: is a machine program and no list of pins: X10.5 is a place"),
        ("G21\nG90\nM3\nM2", "'wind.nc' is a machine program and no list of pins: it moves no axis"),
    ],
)
def test_another_machine_program_is_named_and_no_list(text: str, told: str) -> None:
    with pytest.raises(PlanError, match="^" + re.escape(told)) as caught:
        read_list(text.encode(), "wind.nc")
    assert "import the list that it was made from" in caught.value.hint
