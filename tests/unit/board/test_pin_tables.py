"""Pins from the tables of other programs and countries: the right places, or one line that names the row."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stringart.board.boards import make_board, place_pins
from stringart.errors import BoardError

CASES = Path(__file__).parents[2] / "cases"
RING = np.round([[300 * math.sin(2 * math.pi * k / 12), 200 * math.cos(2 * math.pi * k / 12)] for k in range(12)], 3)


def pins(path: Path, text: str | bytes, name: str = "pins.csv") -> np.ndarray:
    (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return place_pins(make_board(str(path / name))).xy_mm


def refusal(path: Path, text: str | bytes) -> str:
    with pytest.raises(BoardError) as caught:
        pins(path, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def lines(form: str, ring: np.ndarray = RING, comma: bool = False) -> str:
    rows = [form.format(k=k, x=f"{x:.3f}", y=f"{y:.3f}") for k, (x, y) in enumerate(ring.tolist())]
    return "\n".join(row.replace(".", ",") if comma else row for row in rows)


@pytest.mark.parametrize(
    "case", ["decimal-comma-as-separator", "excel_sep_line", "index-no-header", "utf16_excel_unicode_text"]
)
def test_a_ring_of_600_mm_comes_in_whole_from_every_program(case: str) -> None:
    board = make_board(str(CASES / f"csv-{case}.csv"))
    assert (board.width_mm, board.height_mm) == pytest.approx((600, 600), abs=0.01)
    xy = place_pins(board).xy_mm
    assert np.abs(np.hypot(*xy.T) - 300).max() < 0.01
    assert len(xy) == 100


@pytest.mark.parametrize(
    ("head", "form", "comma"),
    [
        ("", "{k},{x},{y}", False),
        ("", "{k}\t{x}\t{y}", True),
        ("sep=;\n", "{x};{y}", True),
        ('"sep=;"\nx;y\n', "{x};{y}", True),
        ("# made by hand\n# pins, mm\nx,y\n", "{x},{y}", False),
        ("// mm\n", "{x} {y}", True),
        ("x,y\n", "{x},{y}", True),
        ("x y\n", "{x} {y}", True),
        ("Nagel;X;Y;Bemerkung\n", "{k};{x};{y};gesägt", True),
        ("pin|x|y\n", "{k} | {x} | {y}", False),
        ("pos_x,pos_y\n", "{x},{y}", False),
        ("", '"{x}","{y}"', True),
        ("x;y\n", "{x} mm;{y} mm", False),
        ("", "{x},{y},", False),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_heads_and_encodings(tmp_path: Path, head: str, form: str, comma: bool, encoding: str, end: str) -> None:
    text = (head + lines(form, comma=comma) + "\n").replace("\n", end)
    assert np.allclose(pins(tmp_path, text.encode(encoding)), RING, atol=1e-6)


@pytest.mark.parametrize(
    ("head", "factor"),
    [
        ("x_cm,y_cm", 10), ("X (cm),Y (cm)", 10), ("x [in],y [in]", 25.4), ('x/",y/"', 25.4), ("x (Zoll),y", 25.4),
        ("x_mm,y_mm", 1), ("x,y", 1), ("xcm,ycm", 10),
    ],
)  # fmt: skip
def test_the_heads_unit_counts(tmp_path: Path, head: str, factor: float) -> None:
    small = np.round(RING / 20, 3)
    assert np.allclose(pins(tmp_path, f"{head}\n{lines('{x},{y}', small)}"), small * factor, atol=1e-6)


def test_the_minus_of_printers_and_blanks_that_do_not_break(tmp_path: Path) -> None:
    text = "x;y\n" + lines("{x};{y}").replace("-", "−").replace("300.000", "300.000\xa0")
    assert np.allclose(pins(tmp_path, text), RING)
    thousands = "x;y\n" + lines("{x};{y}", RING * 10).replace("3000.000", "3 000.000").replace("2000.000", "2 000.000")
    assert np.allclose(pins(tmp_path, thousands), RING * 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lines("{x},{y},0,1"), "line 1: '0.000,200.000,0,1' has 4 cells: which are x and y?"),
        (lines("{x},{y},5"), "line 1: '0.000,200.000,5' has 3 cells: which are x and y?"),
        ("x,y\n" + lines("{x},{y},5"), "line 2: '0.000,200.000,5' has 3 cells, the first row 2"),
        (lines("{x},{y}") + "\n1,2,3", "line 13: '1,2,3' has 3 cells, the first row 2"),
        ("12,30,40,25\n13,34,50,16\n17,18,60,10", "line 1: '12,30,40,25' may be four numbers, or two with decimal"),
        ("x (px),y (px)\n" + lines("{x},{y}"), "line 1: the unit 'px' is no length of a board"),
        ("x1,y1,x2,y2\n" + lines("{x},{y},{x},{y}"), "line 1: the header names no columns x and y"),
        ("x,y\n" + lines("{x},{y}") + "\n1e400,0", "line 14: inf, 0 is not a place"),
        ("x,y\n1_0,5\n", "gives 1 pins"),
        ("x,y\n1_0,5\n2,2\n3,3\n", "line 2: '1_0,5' is not a pin"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


@given(st.binary(max_size=200) | st.text(alphabet="0123456789.,;\t \n-+xymc#e\"'=spn", max_size=200).map(str.encode))
def test_any_bytes_are_pins_or_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("pins") / "p.csv"
    path.write_bytes(data)
    try:
        board = make_board(str(path))
    except BoardError as error:
        assert str(error).count("\n") == 0  # noqa: PT017
    else:
        assert np.isfinite(board.outline_mm).all()
