"""Project files: what they say, what is refused and where, what is written back, the user's own defaults."""

import tomllib
from pathlib import Path

import pytest

from stringart.errors import ConfigError
from stringart.order.order import TABLE, Order
from stringart.order.project_file import defaults_path, project_file_text, read_defaults, read_project_file
from stringart.plan.model import Thread

ALL = """
quality = "best"
seed = 7
crop = [-1, 2, 31, 34]
zoom = "130%"
move = "5%,-2.5%"
board = "rectangle"
size = "80x60cm"
pins = 200
pin-diameter = "1.5mm"
background = "Black"
palette = "white,red"
thread-length = "2.5km"
limit = ["red=400m", "white=1km"]
layers = "white; red"
change-minutes = 2.5
only = ["red,white=a.png"]
separation = ["red=b.png"]
stand-in = "k.csv"
importance = "none"
importance-for = ["red=sub/c.png"]
unmix = "dither"
backdrop = "d.png"
"""


def said(tmp_path: Path, text: str) -> Order:
    (tmp_path / "piece.toml").write_text(text, "utf-8")
    return Order(**read_project_file(tmp_path / "piece.toml").said)


def refused(tmp_path: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        said(tmp_path, text)
    assert "\n" not in str(caught.value)
    return caught.value


def test_every_option_may_be_said(tmp_path: Path) -> None:
    order = said(tmp_path, ALL)
    assert (order.size_mm, order.crop, order.background) == ((800, 600), (-1, 2, 31, 34), "#000000")
    assert order.limits_mm == (("red", 400_000.0), ("white", 1_000_000.0))
    assert order.thread_length_mm == 2_500_000
    assert order.only == (("red,white", str(tmp_path / "a.png")),)
    assert order.importance_for == (("red", str(tmp_path / "sub" / "c.png")),)
    assert order.stand_in == str(tmp_path / "k.csv")
    assert order.backdrop == str(tmp_path / "d.png")
    rest = {"thread", "lines", "cycles"}
    assert {name for name in TABLE if getattr(order, name) == getattr(Order(), name)} == rest
    other = said(tmp_path, 'thread = "red@0.3mm"\nlines = 5\ncycles = 2\n')
    assert other == Order(thread=Thread(name="red", color="#ff0000", diameter_mm=0.3), lines=5, cycles=2)


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("\npinz = 3\n", 2, "'pinz' is not known", "did you mean pins"),
        ("pin_diameter = '2mm'", 1, "'pin_diameter' is not known", "pin-diameter"),
        ("xyzzy = 1", 1, "'xyzzy' is not known", "known: quality,"),
        ("seed = 1\n[board]\nshape = 'circle'", 2, 'board = {"shape": "circle"}: should be a text', 'board = "circle"'),
        ("[[thread]]\nname = 'x'", 1, "should be a text in quotes", 'thread = "black@0.25mm"'),
        ("pins = '288'", 1, 'pins = "288": should be a whole number without quotes', "as in pins = 288"),
        ("seed = 1\npins = 288.5", 2, "pins = 288.5: should be a whole number", "as in pins = 288"),
        ("pins = true", 1, "pins = true: should be a whole number", "as in pins = 288"),
        ("pins = 0", 1, "pins = 0: 0 is out of range", "8 to 5000"),
        ("size = 600", 1, "size = 600: should be a text in quotes", 'size = "600mm"'),
        ("size = '600'", 1, "size = \"600\": '600': which unit?", "600mm"),
        ("# a\n\nsize = '800x600 leagues'", 3, "the unit 'leagues' is not known", "mm, cm"),
        ("quality = 'superb'", 1, "the quality 'superb' is not known", "draft, normal, best"),
        ("thread = 'blakc'", 1, "the colour 'blakc' is not known", "CSS name"),
        ("crop = [1, 2, 3]", 1, "is not a crop", "10,20,410,420"),
        ("crop = 1.5", 1, "or four whole numbers in brackets", 'crop = "auto"'),
        ("limit = 'red=4m'", 1, "should be a list of texts", 'limit = ["red=400m"]'),
        ("limit = ['red']", 1, "'red' is not NAME=VALUE", "a thread's name"),
        ("palette = ''", 1, "it is empty", "leave it out"),
        ('layers = "a\\nb"', 1, "holds a control character", "one line"),
        ("no-defaults = 1", 1, "should be true or false", "without quotes"),
        ("seed = 1\nlines = 4\nthread-length = '4m'", 3, "lines (line 2) and thread-length exclude", "choose one"),
        ("only = ['''\npinz=3\n''']\npinz = 3", 4, "'pinz' is not known", "pins"),
        ("limit = [\n 'red=1m',\n 'blue'\n]\n", 1, "'blue' is not NAME=VALUE", "="),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str, hint: str) -> None:
    error = refused(tmp_path, text)
    assert str(error).startswith(f"'{tmp_path / 'piece.toml'}', line {line}: ")
    assert words in str(error)
    assert hint in error.hint


def test_the_first_of_several_mistakes_is_told(tmp_path: Path) -> None:
    assert "line 2" in str(refused(tmp_path, "seed = 1\nzebra = 2\npins = 'x'\naardvark = 1"))


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "is not TOML" in str(error := refused(tmp_path, "pins = 3\nboard = circle\n"))
    assert "line 2" in str(error)
    assert "line 2" in str(refused(tmp_path, "pins = 3\npins = 4\n"))


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_project_file(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"palette = '\xe9'")
    with pytest.raises(ConfigError, match="byte 11 is not UTF-8"):
        read_project_file(tmp_path / "latin.toml")


def test_an_editor_s_mark_at_the_beginning_is_no_mistake(tmp_path: Path) -> None:
    assert said(tmp_path, "\ufeffpins = 50\r\n") == Order(pins=50)


def test_what_is_written_says_every_option_in_a_line(tmp_path: Path) -> None:
    text = project_file_text(Order(pins=50), tmp_path).decode()
    for word in TABLE.values():
        assert f"\n{word.key} = " in text or f"\n# {word.key} = " in text
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line]
    assert len(lines) == len(TABLE) + 1
    for line in lines:
        tomllib.loads(line)
    everything = said(
        tmp_path, "\n".join(line for line in lines if not line.startswith(("thread =", "lines", "cycles")))
    )
    assert everything.layers == TABLE["layers"].example


def test_files_are_named_from_where_the_file_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    order = Order(importance="a/map.png", stand_in=str(tmp_path / "k.csv"))
    text = project_file_text(order, "b")
    assert 'importance = "../a/map.png"' in text.decode()
    assert 'stand-in = "../k.csv"' in text.decode()
    (tmp_path / "b" / "piece.toml").write_bytes(text)
    read = read_project_file("b/piece.toml")
    assert (read.said["importance"], read.said["stand_in"]) == ("a/map.png", "k.csv")
    assert read.no_defaults


def test_defaults_are_read_from_the_user_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("STRINGART_NO_DEFAULTS")
    assert read_defaults() == {}
    defaults_path().write_text("pins = 50\n")
    assert read_defaults() == {"pins": 50}
    monkeypatch.setenv("STRINGART_NO_DEFAULTS", "1")
    assert read_defaults() == {}
    monkeypatch.setenv("STRINGART_NO_DEFAULTS", "0")
    defaults_path().write_text("pinz = 50\n")
    with pytest.raises(ConfigError, match=r"defaults\.toml', line 1: 'pinz'") as caught:
        read_defaults()
    assert "--no-defaults" in caught.value.hint
