"""The values that a sweep tries."""

import pytest

from stringart.errors import UnitError
from stringart.many.values import SWEPT, combinations, label_of, parse_values, slug_of
from stringart.order.order import TABLE
from stringart.plan.model import Thread


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("pins", "200,288,360", (200, 288, 360)),
        ("pins", "200; 288", (200, 288)),
        ("lines", "2000..6000:1000", (2000, 3000, 4000, 5000, 6000)),
        ("lines", "2000..5999:2000", (2000, 4000)),
        ("lines", "5..8,20", (5, 6, 7, 8, 20)),
        ("lines", "7..7", (7,)),
        ("lines", "1..1000", tuple(range(1, 1001))),
        ("pins", "9,9,9", (9,)),
        ("size_mm", "400mm,800x600mm", ((400, 400), (800, 600))),
        ("size_mm", "40cm..60cm:100mm", ((400, 400), (500, 500), (600, 600))),
        ("pin_diameter_mm", "1mm..2mm:0.1mm", tuple(round(1 + k / 10, 1) for k in range(11))),
        ("thread_length_mm", "1km..3km:1000m", (1e6, 2e6, 3e6)),
        ("change_minutes", "0..1:0.5", (0, 0.5, 1)),
        ("palette", "auto:3,auto:5", ("auto:3", "auto:5")),
        ("palette", "dmc:auto:6, auto:3@0.3mm ,t.toml:auto:2", ("dmc:auto:6", "auto:3@0.3mm", "t.toml:auto:2")),
        ("palette", "black,white,auto:3", ("black,white,auto:3",)),
        ("palette", "black,white;cmy;auto:5", ("black,white", "cmy", "auto:5")),
        ("background", "white,rgb(20, 30, 40)", ("#ffffff", "#141e28")),
        ("board", "circle,star.svg", ("circle", "star.svg")),
        ("importance", "faces,none,map.png", ("faces", "none", "map.png")),
        ("layers", "white; black x2", ("white; black x2",)),
        ("crop", "0,0,10,10;5,5,20,20", ((0, 0, 10, 10), (5, 5, 20, 20))),
        ("quality", "draft,best", ("draft", "best")),
        ("thread", "black,navy@0.3mm", (Thread(name="black", color="#000000"),
                                         Thread(name="navy", color="#000080", diameter_mm=0.3))),
    ],
)  # fmt: skip
def test_lists_and_ranges(name: str, text: str, values: tuple[object, ...]) -> None:
    assert parse_values(name, text) == values


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("pins", "200,many", "'many' is not a whole number"),
        ("pins", "0..5", "0 is out of range"),
        ("lines", "6000..2000:1000", "does not count up"),
        ("lines", "2000..6000:0", "0 is out of range"),
        ("lines", "1..100000", "has more than 1,000 values"),
        ("lines", "1..1001", "has more than 1,000 values"),
        ("change_minutes", "0..1e6:1e-320", "has more than 1,000 values"),
        ("size_mm", "400..600mm:100mm", "which unit"),
        ("size_mm", "400mm..600mm", "in which steps"),
        ("palette", "black,auto:3,auto:5", "one palette or several"),
        ("quality", "draft,superb", "'superb' is not known"),
        ("pins", "", "is not a whole number"),
    ],
)
def test_what_cannot_be_read_is_told(name: str, text: str, words: str) -> None:
    with pytest.raises(UnitError, match=words):
        parse_values(name, text)


def test_every_other_option_takes_its_own_example() -> None:
    for name in SWEPT:
        assert parse_values(name, TABLE[name].example) == (TABLE[name].read(TABLE[name].example),)


def test_the_product_of_all_the_last_changing_fastest() -> None:
    made = combinations({"pins": (1, 2), "palette": ("a", "b", "c")})
    assert len(made) == 6
    assert made[1] == {"pins": 1, "palette": "b"}
    assert combinations({}) == [{}]
    with pytest.raises(UnitError, match="1,000,000 pieces"):
        combinations({name: tuple(range(100)) for name in ("pins", "lines", "cycles")})


def test_names_say_what_differs() -> None:
    combination = {"pins": 200, "palette": 'black,"#c8501e@0.3mm"', "size_mm": (800.0, 600.0)}
    assert label_of(combination) == 'pins 200, palette black,"#c8501e@0.3mm", size 800x600mm'
    assert slug_of(combination) == "pins-200_palette-black-c8501e-0.3mm_size-800x600mm"
    assert len(slug_of(dict.fromkeys(("palette", "board", "layers", "importance"), "x" * 100))) <= 120
    assert slug_of({"importance": "../../etc/passwd"}) == "importance-..-..-etc-passwd"
