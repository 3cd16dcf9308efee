"""Threads by their labels, against what makers print and Peirce measured; and palettes of other programs."""

from pathlib import Path

import pytest

from stringart.errors import PaletteError, UnitError
from stringart.threads.counts import parse_width_mm
from stringart.threads.own_threads import load_threads
from stringart.threads.request import parse_palette
from stringart.threads.thread_text import parse_thread

METRO = """GIMP Palette
Name: Ink/Stitch: Metro
Columns: 4
# RGB Value                                 Color Name Number
240     186     212                         Sugar Pink   1624
237     171     194                           Carnatio   1636
0       0       0                             Black      B-800
"""


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("27tex", "270dtex"),
        ("27tex", "243den"),
        ("27 tex", "243 denier"),
        ("25tex", "Nm 40"),
        ("50tex", "Nm 40/2"),
        ("50tex", "40/2Nm"),
        ("59.05tex", "Ne 20/2"),
        ("59.05tex", "20/2 NeC"),
        ("25tex", "tkt120"),
        ("25tex", "Tkt. 120"),
        ("75tex", "ticket 40"),
        ("75tex", "40tkt"),
        ("25tex", "40wt"),
        ("44.2875 tex cotton", "tkt40 cotton"),
        ("27tex", "27tex polyester"),
    ],
)  # fmt: skip
def test_counts_of_one_thread_are_one_width(text: str, same: str) -> None:
    assert parse_width_mm(text) == parse_width_mm(same)


def test_widths_are_those_of_peirce_and_grow_with_the_root_of_the_count() -> None:
    for ne in (10, 30, 60):
        assert parse_width_mm(f"Ne {ne} cotton") == pytest.approx(25.4 / (28 * ne**0.5), rel=0.01)
    assert parse_width_mm("100tex") == pytest.approx(2 * parse_width_mm("25tex"), rel=0.005)
    assert parse_width_mm("27tex nylon") > parse_width_mm("27tex") > parse_width_mm("27tex cotton")


def test_threads_and_palettes_take_counts(tmp_path: Path) -> None:
    assert parse_thread("black@27tex").diameter_mm == 0.203
    rust = parse_thread("rust=#c8501e@tkt40 cotton")
    assert (rust.name, rust.color, rust.diameter_mm) == ("rust", "#c8501e", 0.249)
    assert [thread.diameter_mm for thread in parse_palette("black@27tex,red@Nm 40/2,dmc:310@0.3mm").threads] == [
        0.203, 0.276, 0.3,
    ]  # fmt: skip
    (tmp_path / "t.toml").write_text('[[thread]]\nname = "a"\ncolor = "red"\ncount = "27tex"\n')
    assert load_threads(tmp_path / "t.toml")[0].diameter_mm == 0.203


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("27tex wood", "the fibre 'wood' is not known"),
        ("0tex", "is no thread's count"),
        ("No. 40", "which count?"),
        ("40/2", "is not a length"),
        ("27", "which unit?"),
    ],
)
def test_what_is_no_count_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnitError, match=said):
        parse_width_mm(text)


# --- palettes ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_palette_of_ink_stitch_has_names_and_codes(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "metro.gpl"
    file.write_bytes(METRO.replace("\n", "\r\n").encode(encoding))
    threads = parse_palette(str(file)).threads
    assert [(t.name, t.color) for t in threads] == [
        ("1624 Sugar Pink", "#f0bad4"), ("1636 Carnatio", "#edabc2"), ("B-800 Black", "#000000"),
    ]  # fmt: skip
    for word in ("1636", "carnatio", "1636 Carnatio"):
        assert parse_palette(f"{file}:{word}@27tex").threads[0].name == "1636 Carnatio"
    request = parse_palette(f"{file}:auto:2@0.4mm")
    assert (request.count, len(request.candidates), request.candidates[0].diameter_mm) == (2, 3, 0.4)
    with pytest.raises(PaletteError, match="has no thread '1625'"):
        parse_palette(f"{file}:1625")


def test_a_palette_of_gimp_keeps_its_names_whole(tmp_path: Path) -> None:
    (tmp_path / "x.gpl").write_text("GIMP Palette\nName: mine\n#\n 10  20  30\tNight 7\n200 80 30\n1 2 3\tUntitled\n")
    threads = parse_palette(str(tmp_path / "x.gpl")).threads
    assert [(t.name, t.color) for t in threads] == [
        ("Night 7", "#0a141e"), ("#c8501e (2)", "#c8501e"), ("#010203 (3)", "#010203"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.gpl", "hello", "first line should be 'GIMP Palette'"),
        ("x.gpl", "GIMP Palette\n1 2\n", "line 2: '1 2' is not a colour"),
        ("x.gpl", "GIMP Palette\n1 2 300 a\n", "line 2: '1 2 300 a' is not a colour"),
        ("x.gpl", "GIMP Palette\n# nothing\n", "holds no colours"),
        ("x.ase", "ASEF", "such palettes are not read"),
        ("x.aco", "", "such palettes are not read"),
    ],
)
def test_palettes_that_cannot_be_read_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PaletteError, match=said):
        parse_palette(str(tmp_path / name))
