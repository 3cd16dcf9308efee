"""Plan files: every number comes back bit for bit; whatever is wrong is one line of PlanError, never another error."""

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stringart.errors import PlanError
from stringart.plan.model import Board, Layer, PhotoRef, Pins, Plan, Provenance, Thread

MM = st.floats(0.001, 1e9)
PLACE = st.floats(-1e9, 1e9)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
COLOR = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    pins = draw(st.lists(st.tuples(PLACE, PLACE), min_size=3, max_size=12))
    threads = draw(st.lists(st.builds(Thread, name=TEXT, color=COLOR, diameter_mm=MM), min_size=1, max_size=3))
    layer = st.builds(
        Layer,
        thread=st.integers(0, len(threads) - 1),
        pins=st.lists(st.integers(0, len(pins) - 1), max_size=8),
    )
    width_mm, height_mm = draw(MM), draw(MM)
    place = st.tuples(st.floats(-width_mm / 2, width_mm / 2), st.floats(-height_mm / 2, height_mm / 2))
    outline = st.none() | st.lists(place, min_size=3, max_size=5)
    corner, side = st.integers(-999, 999), st.integers(1, 9999)
    left, top = draw(corner), draw(corner)
    photo = st.builds(
        PhotoRef,
        name=TEXT,
        sha256=TEXT,
        crop_px=st.tuples(st.just(left), st.just(top), side.map(left.__add__), side.map(top.__add__)),
        outside=st.none() | COLOR,
    )
    made = st.builds(Provenance, version=TEXT, command=TEXT, seed=st.integers())
    return Plan(
        board=Board(
            shape=draw(TEXT), width_mm=width_mm, height_mm=height_mm, color=draw(COLOR), outline_mm=draw(outline)
        ),
        pins=Pins(diameter_mm=draw(MM), xy_mm=pins),
        threads=tuple(threads),
        layers=tuple(draw(st.lists(layer, max_size=4))),
        photo=draw(st.none() | photo),
        provenance=draw(st.none() | made),
    )


def sample() -> Plan:
    turn = np.arange(12) * np.pi / 6
    return Plan(
        board=Board(outline_mm=[[0, 300], [260, -150], [-260, -150]], shape="outline"),
        pins=Pins(diameter_mm=2.0, xy_mm=np.column_stack([np.sin(turn), np.cos(turn)]) * 300),
        threads=(Thread(name="schwärz ✂", color="#000000"), Thread(name="red", color="#ff0000", diameter_mm=0.3)),
        layers=(Layer(thread=0, pins=[0, 5, 6, 1]), Layer(thread=1, pins=[3, 9, 2])),
        photo=PhotoRef(name="кот.png", sha256="ab" * 32, crop_px=(-4, 0, 100, 104), outside="#ffffff"),
        provenance=Provenance(version="0.1.0", command="stringart design", seed=7),
    )


def refused(data: bytes) -> str:
    with pytest.raises(PlanError) as caught:
        Plan.from_bytes(data, "my plan.json")
    message = str(caught.value)
    assert message.startswith("my plan.json: ")
    assert "\n" not in message + caught.value.hint
    assert len(message) < 400
    return message


def plan_or_error(data: bytes) -> Plan | PlanError:
    try:
        return Plan.from_bytes(data)
    except PlanError as error:
        return error


@given(plan=plans())
def test_a_plan_comes_back_bit_for_bit(plan: Plan) -> None:
    data = plan.to_bytes()
    again = Plan.from_bytes(data)
    assert again.to_bytes() == data
    assert again == plan
    assert again.sha256 == plan.sha256
    assert again.pins.xy_mm.tobytes() == plan.pins.xy_mm.tobytes()
    assert [layer.pins.tolist() for layer in again.layers] == [layer.pins.tolist() for layer in plan.layers]
    assert (again.photo, again.provenance, again.threads) == (plan.photo, plan.provenance, plan.threads)


def test_a_plan_cut_at_any_place_is_refused() -> None:
    data = sample().to_bytes()
    whole = len(data.rstrip())
    for end in range(whole):
        refused(data[:end])
    assert Plan.from_bytes(data[:whole]) == sample()


def test_a_cut_plan_is_said_to_be_cut() -> None:
    data = sample().to_bytes()
    assert "the file is empty" in refused(b"")
    assert "ends in the middle" in refused(data[: len(data) // 2])


@given(data=st.data())
@settings(max_examples=300)
def test_a_plan_with_damaged_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(sample().to_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert "\n" not in str(plan_or_error(bytes(content)))


PATHS: list[list[Any]] = [
    ["format"],
    ["version"],
    ["board"],
    ["board", "shape"],
    ["board", "width_mm"],
    ["board", "height_mm"],
    ["board", "color"],
    ["board", "outline_mm"],
    ["board", "outline_mm", 1],
    ["board", "outline_mm", 1, 0],
    ["pins"],
    ["pins", "diameter_mm"],
    ["pins", "xy_mm"],
    ["pins", "xy_mm", 3],
    ["pins", "xy_mm", 3, 1],
    ["threads"],
    ["threads", 0],
    ["threads", 0, "name"],
    ["threads", 0, "color"],
    ["threads", 1, "diameter_mm"],
    ["layers"],
    ["layers", 1],
    ["layers", 1, "thread"],
    ["layers", 1, "pins"],
    ["layers", 1, "pins", 0],
    ["photo", "name"],
    ["photo", "crop_px"],
    ["photo", "crop_px", 2],
    ["photo", "outside"],
    ["provenance", "seed"],
    ["provenance", "command"],
]


def changed(path: list[Any], value: Any) -> bytes:
    document = json.loads(sample().to_bytes())
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    return json.dumps(document).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**300, 10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from(PATHS), value=JSON)
@settings(max_examples=400)
def test_any_field_of_any_kind_is_read_or_refused(path: list[Any], value: Any) -> None:
    found = plan_or_error(changed(path, value))
    assert "\n" not in str(found)
    if isinstance(found, Plan):
        assert Plan.from_bytes(found.to_bytes()) == found


@pytest.mark.parametrize("path", [p for p in PATHS if p[0] not in ("photo", "provenance") and "outline_mm" not in p])
def test_no_field_may_be_null(path: list[Any]) -> None:
    owner = [key for key in path if not isinstance(key, int)][-1]
    assert re.search(rf"\b{owner}\b.* found (None|a list of 2)$|of version None", refused(changed(path, None)))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["version"], 2, "the plan is of version 2, this program reads version 1"),
        (["version"], "1", "version '1'"),
        (["version"], True, "version True"),
        (["format"], "gcode", "not a stringart plan"),
        (["layers", 1, "pins", 0], 12, "layers[1].pins[0] is 12, but the plan has 12 pins (0 to 11)"),
        (["layers", 1, "pins", 2], -1, "layers[1].pins[2] is -1"),
        (["layers", 0, "pins", 1], 5.0, "should be a pin's number"),
        (["layers", 0, "pins", 1], True, "should be a pin's number"),
        (["layers", 1, "thread"], 2, "layers[1].thread is 2, but the plan has 2 threads (0 to 1)"),
        (["pins", "xy_mm", 3], [1, 2, 3], "pins.xy_mm[3] should be two numbers"),
        (["pins", "xy_mm"], [[0, 1]] * 2, "a ring needs at least 3"),
        (["pins", "xy_mm"], [[0, 1]] * 30_000, "more than the 20,000"),
        (["pins", "diameter_mm"], -2, "pins.diameter_mm should be a number of millimetres from"),
        (["board", "width_mm"], 0, "board.width_mm"),
        (["board", "width_mm"], 10**400, "board.width_mm"),
        (["board", "color"], "red", 'a colour like "#c8501e"'),
        (["board", "outline_mm"], [], "0 corners"),
        (["layers"], [{"thread": 0, "pins": []}] * 1_000_000, "layers has 1,000,000 entries"),
        (["threads"], [{}] * 5000, "threads has 5,000 entries"),
        (["threads", 0, "name"], "\ud800", "half a character"),
        (["photo", "crop_px"], [5, 5, 5, 9], "has no area"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_numbers(path: list[Any], value: Any, said: str) -> None:
    assert said in refused(changed(path, value))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("path", [p for p in PATHS if p[-1] in ("width_mm", "diameter_mm", 1, 0)], ids=str)
def test_numbers_that_are_not_finite_are_refused(path: list[Any], word: str) -> None:
    said = refused(changed(path, "@").replace(b'"@"', word.encode()))
    assert re.search(r"(NaN|Infinity) is not a number|found (-?inf|a list of 2)$", said)


@pytest.mark.parametrize("depth", [*range(900, 1000, 3), 20_000, 1_000_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    for nest in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        assert re.search("nested too deeply|not a stringart plan", refused(nest))
        inside = refused(changed(["board", "shape"], "@").replace(b'"@"', nest))
        assert re.search(r"nested too deeply|board\.shape should be a text", inside)


@pytest.mark.parametrize(
    "other",
    [
        b'{"type": "FeatureCollection", "features": []}',
        b"[[0, 1], [5, 7]]",
        b'"hello"',
        b"17",
        b"null",
        b"1" * 5000,
        b'{"pins": [0, 144, 12], "lines": 3}',
        b"0 144 12 200\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"G21\nG90\nM3 S0\n",
        b"\0" * 1000,
        b"  \n \n",
    ],
)
def test_files_of_other_programs_are_refused(other: bytes) -> None:
    assert re.search("not a stringart plan|not JSON|is not UTF-8|file is empty|thousands of digits", refused(other))


@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert re.search("not a stringart plan|not JSON|is not UTF-8|file is empty|ends in the middle", refused(data))


def test_unknown_fields_are_ignored() -> None:
    document = json.loads(sample().to_bytes())
    for owner in (document, document["board"], document["pins"], document["threads"][0], document["layers"][0]):
        owner["of another program"] = {"x": [1, 2]}
    document["photo"]["lens"] = "50 mm"
    assert Plan.from_bytes(json.dumps(document).encode()) == sample()
