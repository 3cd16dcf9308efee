"""Whatever a function of the face is given wrongly is one line of ours: the argument, what came, what is wanted."""

import io
import pickle
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_plans import random_plan

import stringart
from stringart import (
    Board,
    DesignOptions,
    Layer,
    Plan,
    StringartError,
    Thread,
    design,
    load_photo,
    make_board,
    materials_of,
    paint,
    paint_png,
    paint_svg,
    place_pins,
    score,
)
from stringart.errors import in_python
from stringart.export import declared_options
from stringart.order.order import TABLE
from stringart.threads.schedule import Slot

GREY: Any = np.linspace(0, 1, 400).reshape(20, 20)
RING: Any = place_pins(Board(), 24).xy_mm
ANY: Any = design
NOWHERE: Any = make_board
PLAN: Any = random_plan((5,))
TWO = (Thread(name="a", color="red"), Thread(name="b", color="blue"))


def asked(**choices: Any) -> Callable[[], object]:
    return lambda: ANY(GREY, **choices)


def options(**fields: Any) -> Callable[[], object]:
    return lambda: DesignOptions(**fields)


def board(*given: Any, **named: Any) -> Callable[[], object]:
    return lambda: NOWHERE(*given, **named)


def call(function: Any, *given: Any, **named: Any) -> Callable[[], object]:
    return lambda: function(*given, **named)


def layer(pins: Any) -> object:
    return Layer(thread=0, pins=pins)


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"x")
    file.close()
    return file


MISUSE: list[tuple[str, Callable[[], object], str]] = [
    ("a photo that is a number", call(ANY, 5), "photo should be a photo's path, its bytes, an open file.*not 5"),
    ("no photo", call(ANY, None), "photo should be .*not None"),
    ("a photo as a dict", call(load_photo, {"a": 1}), "photo should be .*not dict"),
    ("a ragged list", call(load_photo, [[0, 1], [2]]), "photo should be .*not list"),
    ("a file of text", call(load_photo, io.StringIO("x")), "a file that gives str, not bytes"),
    ("words of a photo", call(load_photo, [["a", "b"]]), "not a photo"),
    ("a name that is none", call(load_photo, GREY, name=3), "name should be a text, not 3"),
    ("a colour that is none", call(load_photo, GREY, background=0), "background should be a text, not 0"),
    ("an unknown colour", call(load_photo, GREY, "blakc"), "'blakc' is not"),
    ("half a pin", asked(pins=288.5), "pins should be a whole number, not 288.5"),
    ("pins as text", asked(pins="288"), "pins should be a whole number, not '288'"),
    ("pins as places", asked(pins=RING), "pins should be a whole number, not an array of the shape"),
    ("True pins", asked(pins=True), "pins should be a whole number, not True"),
    ("lines as text", asked(lines="100"), "lines should be a whole number, not '100'"),
    ("half a line", asked(lines=1.5), "lines should be a whole number, not 1.5"),
    ("no line", asked(lines=0), "0 lines"),
    ("a length as text", asked(thread_length_mm="2km"), "thread_length_mm should be a number, not '2km'"),
    ("an endless thread", asked(thread_length_mm=np.inf), "thread_length_mm should be a number, not inf"),
    ("lines and a length", asked(lines=5, thread_length_mm=5e5), "lines and thread_length_mm exclude each other"),
    ("a size as text", asked(size_mm="600mm"), r"size_mm should be a number of mm, or \(width, height\), not '600mm'"),
    ("a size of three", asked(size_mm=(1, 2, 3)), r"size_mm should be .*not tuple \(1, 2, 3\)"),
    ("a size of texts", asked(size_mm=["600", "400"]), "size_mm should be .*not list"),
    ("a size that is none", asked(size_mm=np.nan), "a board of nan x nan mm"),
    ("a size below nothing", asked(size_mm=-1), "a board of -1 x -1 mm"),
    ("a board that is a number", asked(board=5), "board should be a shape, a file, a Board or .*not 5"),
    ("no board", asked(board=None), "board should be a shape, a file, a Board or .*not None"),
    ("pins for a board", asked(board=PLAN.pins), "board should be .*not Pins"),
    ("places in a row", asked(board=[0, 1, 2, 3]), "board should be .*not list"),
    ("places in space", asked(board=np.zeros((9, 3))), r"board should be .*array of the shape \(9, 3\)"),
    ("places that are texts", asked(board=[["a", "b"]] * 9), "board should be .*not list"),
    ("a place that is none", asked(board=[*RING.tolist(), [np.nan, 0]]), r"board\[24\] is \[nan, 0.0\]"),
    ("two places", asked(board=RING[:2]), "board has 2 places"),
    (
        "a knot of pins",
        asked(board=[(0, 0), (99, 90), (90, 0), (0, 90), (40, 20), (10, 50), (60, 60), (30, 70)]),
        "the ring of pins in the array crosses itself",
    ),
    ("an unknown shape", asked(board="triangle"), "'triangle' is not known"),
    ("a Board and a size", asked(board=Board(), size_mm=4), "its size and colour already"),
    ("pins not from twelve", asked(board=Board(shape="pins", outline_mm=np.roll(RING, 5, 0))), "from 12 o'clock"),
    ("a thick pin", asked(pin_diameter_mm=50.0), "pins of 50 mm stand only"),
    ("a pin as text", asked(pin_diameter_mm="2mm"), "pin_diameter_mm should be a number, not '2mm'"),
    ("no palette", asked(palette=None), "palette should be a text, a Thread or several of them, not None"),
    ("a palette of numbers", asked(palette=(0, 0, 0)), "palette should be .*not tuple"),
    ("a number as palette", asked(palette=5), "palette should be .*not 5"),
    ("an empty palette", asked(palette=[]), "the palette has no thread"),
    ("an unknown thread", asked(palette=["blakc"]), "'blakc' is not a colour"),
    ("a colour of numbers", asked(background=(0, 0, 0)), "background should be a colour as text, or 'auto', not"),
    ("layers of one thread", asked(layers="black"), "layers is of several threads, and there is one"),
    ("a change of one thread", asked(change_minutes=5), "change_minutes is of several threads"),
    ("minutes below nothing", asked(change_minutes=-1), "change_minutes should be a number of 0 to 1e.06, not -1"),
    ("layers of numbers", asked(palette=TWO, layers=[0, 1]), "layers should be a text such as"),
    ("a layer of no thread", asked(palette=TWO, layers=(Slot(thread=7),)), "a layer is of thread 7: there are 2"),
    ("controls of a dict", asked(controls={}), "controls should be a Controls, not dict"),
    ("importance as a number", asked(importance=3), "importance should be a photo's path"),
    ("importance nowhere", asked(importance="nofile.png"), "nofile.png"),
    ("a crop of two", asked(crop=(1, 2)), r"crop should be left, top, right and bottom in whole pixels, not tuple \(1"),
    ("a crop of halves", asked(crop=(0, 0, 9.5, 9)), "crop should be left, top, right and bottom"),
    ("an unknown crop", asked(crop="middle"), "the crop 'middle' is not known"),
    ("no crop", asked(crop=None), "crop should be left, top"),
    ("a zoom as text", asked(zoom_percent="130%"), "zoom_percent should be a number of 10 to 1000, not '130%'"),
    ("no zoom", asked(zoom_percent=0), "zoom_percent should be a number of 10 to 1000, not 0"),
    ("one number as move", asked(move_percent=5), r"move_percent should be \(right, down\) in per cent, not 5"),
    ("a move too far", asked(move_percent=(0, 900)), "move_percent should be a number of -100 to 100, not 900"),
    ("a seed as text", asked(seed="x"), "seed should be a whole number, not 'x'"),
    ("an unknown quality", asked(quality="superb"), "the quality 'superb' is not known"),
    ("a quality of numbers", asked(quality=3), "quality should be one of draft, normal, best, not 3"),
    ("options and a choice", asked(options=DesignOptions(), pins=60), "pins is given beside options"),
    ("a plan as options", asked(options=PLAN), "options should be a DesignOptions, not Plan"),
    ("threads as text", options(threads="black"), "threads should be a tuple of Thread, not 'black'"),
    ("threads of texts", options(threads=("black",)), "a thread should be a Thread, not 'black'"),
    ("no threads", options(threads=()), "no thread"),
    ("options with half a line", options(lines=1.5), "lines should be a whole number"),
    ("options with a word", options(board="circle"), "board should be a Board, not 'circle'"),
    ("options of an unknown quality", options(quality="x"), "the quality 'x' is not known"),
    ("limits for others", options(thread_limits_mm=(1.0, 2.0)), "thread_limits_mm has 2 values for 1 threads"),
    ("a crop in options", options(crop_px="auto"), "crop_px should be left"),
    ("a shape that is a number", board(5), "board should be a shape"),
    ("a size that is a word", board("circle", "600mm"), "size_mm should be"),
    ("a round oblong", board("circle", (600, 400)), "a circle cannot be 600 x 400 mm"),
    ("a shape and an outline", board("heart", outline_mm=RING), "takes the place of a shape"),
    ("an outline that crosses", board(outline_mm=[[0, 0], [9, 9], [9, 0], [0, 9]]), "crosses or touches itself"),
    ("an outline of two", board(outline_mm=[[0, 0], [9, 9]]), "outline_mm has 2 places"),
    ("a board in no colour", board("circle", color=3), "color should be a text, not 3"),
    ("pins of a word", call(place_pins, "circle"), "board should be a Board, not 'circle'"),
    ("pins of a text", call(place_pins, Board(), "9"), "pins should be a whole number"),
    ("too few pins", call(place_pins, Board(), 3), "3 pins cannot be wound"),
    ("pins too thin", call(place_pins, Board(), 9, None), "pin_diameter_mm should be a number, not None"),
    ("a score of a file's name", call(score, "plan.json", GREY), "plan should be a Plan, not 'plan.json'"),
    ("a score of no photo", call(score, PLAN, 5), "photo should be a photo's path"),
    ("a gray that is a word", call(score, PLAN, GREY, "yes"), "gray should be a bool, not 'yes'"),
    ("a picture of no plan", call(paint, "plan.json"), "plan should be a Plan"),
    ("a picture of half pixels", call(paint, PLAN, 99.5), "width_px should be a whole number, not 99.5"),
    ("a picture without pixels", call(paint, PLAN, 0), "outside 1 to 8000 px"),
    ("fineness of nothing", call(paint, PLAN, 9, 0), "fineness should be a whole number of 1 to 16, not 0"),
    ("a PNG as wide as a word", call(paint_png, PLAN, "wide"), "width_px should be a whole number"),
    ("an SVG of no plan", call(paint_svg, None), "plan should be a Plan, not None"),
    ("a photo of complex numbers", call(ANY, GREY + 1j), "an array of complex128 is not a photo"),
    ("a photo of objects", call(ANY, np.array([[None] * 5] * 5)), "an array of object is not a photo"),
    ("a photo of times", call(ANY, np.zeros((9, 9), "M8[s]")), "datetime64.* is not a photo"),
    ("a photo of large integers", call(ANY, np.arange(400).reshape(20, 20)), "an array of int64 is not a photo"),
    ("a photo that is not finite", call(ANY, GREY * np.nan), "nan|finite"),
    ("a photo beyond white", call(ANY, GREY * 300), "floats from 0 to 300 is not a photo"),
    ("a photo of five channels", call(ANY, np.zeros((9, 9, 5))), r"an array of shape \(9, 9, 5\) is not a photo"),
    ("a photo in a row", call(ANY, np.zeros(9)), r"an array of shape \(9,\) is not a photo"),
    ("a photo of no rows", call(ANY, np.zeros((0, 9))), r"an array of shape \(0, 9\) is not a photo"),
    ("a photo larger than memory", call(ANY, np.broadcast_to(np.uint8(3), (300_000, 300_000))), "300,000 x 300,000"),
    ("rows that come one by one", call(ANY, iter(GREY)), "photo should be .*not "),
    ("no bytes", call(ANY, b""), "empty"),
    ("a path as bytes", call(ANY, b"photo.jpg"), "photo"),
    ("a closed file", call(ANY, closed_file()), "photo is a file that cannot be read: I/O operation on closed file"),
    ("a photo's class", call(ANY, stringart.Photo), "photo should be .*not type"),
    ("a path with a zero byte", call(ANY, "a\0b.png"), "a.*b.png"),
    ("endless pins", asked(pins=np.inf), "pins should be a whole number, not inf"),
    ("pins in a list", asked(pins=[24]), "pins should be a whole number, not list"),
    ("pins without end", asked(pins=10**30), "pins"),
    ("lines without end", asked(lines=10**25), "lines should be a whole number of at most 10000000, not 10"),
    ("lines beyond all", asked(lines=1e300), "lines should be a whole number of at most 10000000"),
    ("a size of 400 digits", asked(size_mm=10**400), "size_mm should be"),
    ("a size in any order", asked(size_mm={300, 400}), "size_mm should be .*not set"),
    ("a complex size", asked(size_mm=1j), "size_mm should be"),
    ("threads in any order", asked(palette={"black", "red"}), "palette should be .*not set"),
    ("threads by name", asked(palette={"black": 1}), "palette should be .*not dict"),
    ("a palette of bytes", asked(palette=b"black"), "palette should be .*not bytes"),
    ("threads in lists", asked(palette=[["black"]]), "palette should be .*not list"),
    ("five hundred threads", asked(palette=["black"] * 500), "threads"),
    ("a crop without end", asked(crop=(0, 0, 10**30, 9)), "crop"),
    ("a crop of no number", asked(crop=(0, 0, np.nan, 9)), "crop should be"),
    ("a crop turned round", asked(crop=(9, 9, 1, 1)), "has no area"),
    ("a crop of bytes", asked(crop=b"auto"), "crop should be"),
    ("a seed below nothing", asked(seed=-1), "seed should be a whole number of at least 0, not -1"),
    ("a move by name", asked(move_percent={0: 1, 1: 2}), "move_percent should be .*not dict"),
    ("complex places", asked(board=np.zeros((9, 2), complex)), "board should be"),
    ("pins in one place", asked(board=np.zeros((9, 2))), "has no area"),
    ("pins in a line", asked(board=np.c_[np.arange(30) * 10.0, np.zeros(30)]), "board|pins|area|ring"),
    ("a layer of no pins", call(layer, None), "pins should be whole numbers of pins, not None"),
    ("a layer of halves", call(layer, [0, 1.5]), "pins should be whole numbers of pins"),
    ("a layer of no number", call(layer, [0, np.nan]), "pins should be whole numbers|pins names"),
    ("a layer beyond all", call(layer, [0, 2**70]), "pins"),
    ("a layer of letters", call(layer, "01"), "pins should be whole numbers of pins"),
    ("a plan of other pins", lambda: replace(PLAN, pins=place_pins(Board(), 4)), "pin"),
    ("a plan of no threads", lambda: replace(PLAN, threads=()), "thread"),
    ("nowhere to save", call(PLAN.save, None), "path should be a path, as text or a pathlib.Path, not None"),
    ("a number to save to", call(PLAN.save, 5), "path should be a path.*not 5"),
    ("bytes to save to", call(PLAN.save, b"x"), "path should be a path.*not bytes"),
    ("nothing to load", call(Plan.load, None), "path should be a path.*not None"),
    ("an open file to load", call(Plan.load, io.BytesIO()), "path should be a path.*not BytesIO"),
    ("a plan's text", call(Plan.from_bytes, "{}"), "data should be the bytes of a plan file, not '{}'"),
    ("no plan's bytes", call(Plan.from_bytes, None), "data should be the bytes of a plan file, not None"),
    ("a plan nested deeply", call(Plan.from_bytes, b"[" * 100_000), "nested too deeply"),
    ("an ending that is none", call(PLAN.export, None), "ending should be the ending of a file"),
    ("a film's photo nowhere", call(PLAN.export, ".gif", photo="none.jpg"), "none.jpg"),
    ("a film in no time", call(PLAN.export, ".gif", seconds=None), "seconds should be a number, not None"),
    ("half a frame", call(PLAN.export, ".gif", frames=2.5), "frames should be a whole number, not 2.5"),
    ("a picture of no width", call(PLAN.export, ".png", width_px=None), "width_px should be a whole number, not None"),
    ("a machine that is none", call(PLAN.gcode, None), "machine should be a path, as text|machine"),
    ("a machine of a number", call(PLAN.export, ".gcode", machine=3), "machine"),
    ("a machine's file nowhere", call(PLAN.gcode, Path("none.toml")), "'none.toml' is not known"),
    ("materials of no plan", call(materials_of, None), "plan should be a Plan, not None"),
    ("materials of a word", call(materials_of, PLAN, "fast"), "assumptions should be an Assumptions"),
]


@pytest.mark.parametrize(("make", "said"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_what_is_given_wrongly_is_one_line_of_ours(make: Callable[[], object], said: str) -> None:
    with pytest.raises(StringartError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_the_table_is_long_enough() -> None:
    assert len(MISUSE) >= 150


def test_a_hint_is_seen_in_a_traceback_and_names_arguments() -> None:
    with pytest.raises(StringartError) as caught:
        ANY(GREY, palette="#fefefe")
    said = "".join(traceback.format_exception(caught.value))
    assert said.endswith("choose a darker or a lighter thread, or background\n")
    assert pickle.loads(pickle.dumps(caught.value)).__notes__ == caught.value.__notes__


def test_every_option_of_a_command_is_an_argument_in_a_hint() -> None:
    named = {option.key: name for name, option in TABLE.items() if not option.many}
    exported = {option.key: name for name, option in declared_options().items() if option.key}
    assert {key: in_python(f"--{key}") for key in exported | named} == exported | named


def test_what_is_a_number_is_a_number_whoever_made_it() -> None:
    few: dict[str, Any] = {"quality": "draft", "importance": "none"}
    plain = ANY(GREY, pins=24, lines=20, size_mm=(300, 300), crop=(0, 0, 20, 20), **few)
    odd = ANY(
        GREY.tolist(), pins=np.int16(24), lines=2e1, size_mm=np.array([300, 300]), crop=[0, 0, 20, 20],
        move_percent=[0, 0], palette=["black"], seed=np.int64(0), **few,
    )  # fmt: skip
    assert odd.layers == plain.layers
    assert stringart.design(GREY, replace(DesignOptions(**few), pin_count=24, lines=20)).chords == 20
