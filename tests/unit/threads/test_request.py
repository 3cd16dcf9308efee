"""What a palette's text means, and what is refused."""

import pytest

from stringart.errors import PaletteError, StringartError, UnitError
from stringart.plan.model import Thread
from stringart.threads.request import PRESETS, parse_palette, write_palette

OWN = (
    Thread(name="Sewing 120, black", color="#1a1a1c", diameter_mm=0.231),
    Thread(name="Rust", color="#a03010", diameter_mm=0.3),
)
TOML = "".join(f'[[thread]]\nname = "{t.name}"\ncolor = "{t.color}"\ndiameter_mm = {t.diameter_mm}\n' for t in OWN)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threads.toml").write_text(TOML)
    return tmp_path


def test_colours_with_and_without_a_width():
    threads = parse_palette('black, white,"#c8501e@0.3mm",navy @ 0.4mm', 0.2).threads
    assert [(t.name, t.color, t.diameter_mm) for t in threads] == [
        ("black", "#000000", 0.2),
        ("white", "#ffffff", 0.2),
        ("#c8501e", "#c8501e", 0.3),
        ("navy", "#000080", 0.4),
    ]


@pytest.mark.parametrize(("text", "count"), [("auto", 5), ("auto:1", 1), ("auto:32", 32), ("AUTO", None)])
def test_auto(text, count):
    if count is None:
        with pytest.raises(PaletteError, match="not a colour"):
            parse_palette(text)
        return
    request = parse_palette(text)
    assert (request.count, request.threads, request.candidates) == (count, (), ())


def test_a_catalogue_gives_one_thread_or_all_to_choose_from():
    assert parse_palette("dmc:310@0.4mm").threads == (Thread(name="DMC 310 Black", color="#000000", diameter_mm=0.4),)
    assert parse_palette("DMC:black").threads[0].name == "DMC 310 Black"
    request = parse_palette("dmc:auto:6", 0.3)
    assert (request.count, request.source, len(request.candidates)) == (6, "dmc", 489)
    assert {t.diameter_mm for t in request.candidates} == {0.3}


def test_named_and_chosen_threads_together():
    request = parse_palette("black,white,dmc:auto:3")
    assert ([t.name for t in request.threads], request.count) == (["black", "white"], 3)
    assert parse_palette("dmc:auto:3,black,white").candidates == request.candidates


def test_the_users_own_list_whole_in_part_and_by_name():
    assert parse_palette("threads.toml").threads == OWN
    assert parse_palette("mine").threads == OWN
    assert parse_palette("threads.toml:auto:1").candidates == OWN
    assert parse_palette('"mine:sewing 120, BLACK"').threads == OWN[:1]
    assert parse_palette("Rust").threads == OWN[1:]
    assert parse_palette("mine:rust@0.5mm").threads[0].diameter_mm == 0.5


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_a_board_of_their_own(name):
    request = parse_palette(name)
    assert request.board_color == PRESETS[name][0]
    assert [t.color for t in request.threads] == [color for _, color in PRESETS[name][1]]


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("blakc", "'blakc' is not a colour", "black"),
        ("rsut", "'rsut' is not a colour", "rust"),
        ("dmx:310", "no catalogue 'dmx'", "nearest: dmc:310, mine:310"),
        ("dmc:3100", "has no thread '3100'", "dmc:310 (Black)"),
        ("mine:Rost", "has no thread 'Rost'", "'Rust'"),
        ("auto:0", "'0' is not a number of threads", "1 to 32"),
        ("auto:33", "'33' is not a number", "1 to 32"),
        ("auto:x", "'x' is not a number", "1 to 32"),
        ("dmc:auto:", "'' is not a number", "1 to 32"),
        ("threads.toml:auto:3", "the list has 2 threads", "fewer"),
        ("dmc", "is a catalogue of 489 threads", "dmc:auto:5"),
        ("black,black", "'black' is there twice", "once"),
        ("black,#000", "'black' and '#000' are the same thread, #000000", "once"),
        ("dmc:310,DMC:310", "'DMC 310 Black' is there twice", "once"),
        ("auto:2,auto:3", "chosen automatically once", "one auto"),
        ("black,auto:32", "33 threads", "1 to 32"),
        ("", "empty", "auto:5"),
        ("other.toml", "'other.toml' does not exist", "name"),
    ],
)
def test_refused_with_a_hint(text, said, hint):
    with pytest.raises(PaletteError) as caught:
        parse_palette(text)
    assert said in str(caught.value)
    assert hint in caught.value.hint


def test_unknown_names_come_with_the_nearest_three():
    for text in ("blakc", "dmc:3100", "grean"):
        with pytest.raises(PaletteError) as caught:
            parse_palette(text)
        assert len(caught.value.hint.removeprefix("nearest: ").split(", ")) == 3


@pytest.mark.parametrize("text", ["black@0mm", "black@-1mm", "black@3", "black@wide"])
def test_a_width_that_is_none_is_refused(text):
    with pytest.raises(UnitError):
        parse_palette(text)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[[thread]\n", "not TOML.*line 1"),
        ('[[thread]]\nname = "a"\ncolor = "red"\n', "thread 1 .a.: diameter_mm"),
        ('[[thread]]\nname = "a"\ncolor = "redd"\ndiameter_mm = 1\n', "thread 1 .a.: the colour 'redd'"),
        ("", "no threads in 'bad.toml'"),
    ],
)
def test_a_list_with_an_error_says_where(folder, toml, said):
    (folder / "bad.toml").write_text(toml)
    with pytest.raises(PaletteError, match=said):
        parse_palette("bad.toml")


@pytest.mark.parametrize("text", ["black,#c8501e@0.3mm", "dmc:310,dmc:Blanc@0.4mm", "cmyk"])
def test_what_is_written_is_read_again(text):
    threads = parse_palette(text).threads
    source = "dmc" if "dmc" in text else ""
    again = parse_palette(write_palette(threads, source)).threads
    assert [(t.color, t.diameter_mm) for t in again] == [(t.color, t.diameter_mm) for t in threads]
    if source:
        assert again == threads


def test_names_with_commas_are_written_so_that_they_are_read_again():
    assert parse_palette(write_palette(OWN, "mine")).threads == OWN


def test_every_error_is_ours():
    for text in ("@", ",", '"', "black@@1mm", "dmc:", ":", "auto::", "a" * 5000, "\x00", "ß,雨"):
        with pytest.raises(StringartError):
            parse_palette(text)


def test_a_line_break_is_refused_in_one_line() -> None:
    with pytest.raises(PaletteError, match="cannot be read"):
        parse_palette("black\rwhite")
