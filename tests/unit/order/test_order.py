"""A piece as it is written: layers of fields, the command that says it, the files that it names."""

import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from stringart.errors import UnitError
from stringart.order.command import command_of, words_of
from stringart.order.option_texts import parse_crop
from stringart.order.order import TABLE, Order, files_of, merged, with_files
from stringart.plan.model import Thread


def test_every_field_has_its_word_in_the_same_order() -> None:
    assert [one.name for one in fields(Order)] == list(TABLE)


@pytest.mark.parametrize("name", list(TABLE))
def test_what_is_written_as_an_example_is_read_and_written_the_same(name: str) -> None:
    word = TABLE[name]
    value = word.read(word.example)
    assert word.read(word.write(value)) == value


@pytest.mark.parametrize("name", [name for name in TABLE if getattr(Order(), name) not in (None, ())])
def test_an_example_is_the_default_where_there_is_one(name: str) -> None:
    assert TABLE[name].read(TABLE[name].example) == getattr(Order(), name)
    assert f"[default: {TABLE[name].example}]" in TABLE[name].help


def test_the_first_layer_wins() -> None:
    order = merged({"pins": 100, "lines": None}, {"pins": 200, "lines": 900, "only": ()}, {"seed": 3})
    assert order == Order(pins=100, lines=900, seed=3)


def test_one_of_a_pair_silences_the_other_below() -> None:
    assert merged({"lines": 900}, {"thread_length_mm": 1e6}) == Order(lines=900)
    assert merged({"palette": "cmy"}, {"thread": Thread(name="red", color="#ff0000")}) == Order(palette="cmy")
    assert merged({"cycles": 2}, {"layers": "white"}) == Order(cycles=2)


def test_two_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(UnitError, match="--lines and --thread-length exclude each other"):
        merged({"lines": 900, "thread_length_mm": 1e6})


def test_a_command_names_what_is_not_the_default() -> None:
    assert command_of(Order(), "cat.jpg") == "stringart design cat.jpg -o cat.json --no-defaults"
    order = Order(thread=Thread(name="#c8501e", color="#c8501e", diameter_mm=0.3), limits_mm=(("red", 1500.5),))
    assert words_of(order) == ["--thread", "#c8501e@0.3mm", "--limit", "red=1500.5mm"]
    assert words_of(Order(size_mm=(600.0, 600.0), crop=(-10, 0, 90, 100))) == [
        "--crop=-10,0,90,100",
        "--size",
        "600mm",
    ]


def test_awkward_names_of_photos_stay_photos() -> None:
    assert shlex.split(command_of(Order(), "my cat's.jpg"))[2:5] == ["my cat's.jpg", "-o", "my cat's.json"]
    assert shlex.split(command_of(Order(), "-o.jpg"))[2:5] == ["./-o.jpg", "-o", "./-o.json"]
    assert shlex.split(command_of(Order(), "stdin"))[2:5] == ["-", "-o", "-"]


def test_a_command_does_not_depend_on_folders() -> None:
    here = Order(
        board="star.svg", importance="map.png", only=(("red", "map.png"),), palette="black,threads.toml:auto:3"
    )
    there = with_files(here, lambda name: f"/home/someone/pieces/{name}")
    assert command_of(there, "cat.jpg") == command_of(here, "cat.jpg")
    assert "/home" not in command_of(there, "cat.jpg")


def test_files_of_one_name_keep_what_tells_them_apart() -> None:
    order = Order(
        stand_in="a/k.csv", importance="maps/cat.jpg", importance_for=(("red", "red/Map.png"), ("blue", "blue/map.png"))
    )
    words = command_of(order, "cat.jpg").split()
    assert words[words.index("--importance") + 1] == "maps/cat.jpg"
    assert words[words.index("--stand-in") + 1] == "k.csv"
    assert [word for word in words if word.lower().endswith("map.png")] == ["red=red/Map.png", "blue=blue/map.png"]


def test_every_kind_of_file_is_found() -> None:
    order = Order(
        board="b.svg", palette='"my threads.TOML:auto:3@0.3mm",black', only=(("a,b", "o.png"),), stand_in="k.csv",
        separation=(("a", "s.png"),), importance="i.png", importance_for=(("a", "f.png"), ("b", "i.png")),
    )  # fmt: skip
    assert set(files_of(order)) == {"b.svg", "my threads.TOML", "o.png", "k.csv", "s.png", "i.png", "f.png"}
    assert files_of(Order(palette="auto:5,black")) == ()
    moved = with_files(order, lambda name: f"x/{name}")
    assert moved.palette == "x/my threads.TOML:auto:3@0.3mm,black"
    assert with_files(Order(importance="f"), lambda name: "faces").importance == "./faces"  # a file of that name


@pytest.mark.parametrize("text", ["1,2,3", "0,0,0,10", "10,0,5,10", "a,b,c,d", "1.5,0,10,10"])
def test_what_is_no_crop_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="crop"):
        parse_crop(text)


def test_a_crop_may_reach_beyond_the_photo() -> None:
    assert parse_crop(" -10, -5 ,410,415") == (-10, -5, 410, 415)


def test_relative_names_are_those_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    order = Order(importance=str(tmp_path / "sub" / "map.png"), stand_in="sub/../map.png")
    words = command_of(order, "cat.jpg").split()
    assert words[-1] == "sub/map.png"
