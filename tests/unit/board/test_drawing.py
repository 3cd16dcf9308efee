"""Outlines from the SVG files of other programs: as large as their editor shows them, and the one that is meant."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stringart.board.boards import make_board
from stringart.board.drawing import joined
from stringart.errors import BoardError

CASES = Path(__file__).parents[2] / "cases"
INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
RECT = '<rect x="10" y="20" width="300" height="200"/>'


def size(path: Path, inner: str, root: str = "", chosen: str = "") -> tuple[float, float]:
    file = path / "x.svg"
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {INKSCAPE} {root}>{inner}</svg>', "utf-8")
    board = make_board(f"{file}{chosen}")
    return board.width_mm, board.height_mm


def refusal(path: Path, inner: str, root: str = "", chosen: str = "") -> BoardError:
    with pytest.raises(BoardError) as caught:
        size(path, inner, root, chosen)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("case", "side_mm"),
    [
        ("inkscape_label_board", 500),
        ("lines_four", 500),
        ("mask_pattern_marker_outside_defs", 500),
        ("only_width_mm", 500),
        ("style_width", 480),
        ("tiny_dup_close", 500),
    ],
)
def test_files_of_others_have_the_size_that_their_editor_shows(case: str, side_mm: float) -> None:
    board = make_board(str(CASES / f"svg-{case}.svg"))
    assert (board.width_mm, board.height_mm) == pytest.approx((side_mm, side_mm), abs=0.02)


@pytest.mark.parametrize(
    ("root", "side_mm"),
    [
        ('width="600mm" height="400mm" viewBox="0 0 600 400"', 300),
        ('width="600mm" viewBox="0 0 600 400"', 300),
        ('height="400mm" viewBox="0 0 600 400"', 300),
        ('WIDTH="1" width="60CM" height="40Cm" viewBox="0 0 600 400"', 300),
        ('style="width: 300mm; height:200MM" viewBox="0 0 600 400"', 150),
        ('style="width:600mm" width="10mm" viewBox="0 0 600 400"', 300),
        ('width="600mm" height="auto" viewBox="0 0 600 400"', 300),
        ('width="100%" height="400mm" viewBox="0 0 600 400"', 300),
        ('width="20in" height="20in" viewBox="0 0 600 600"', 254),
        ('width="1700.78740157pt" height="1133.85826772pt" viewBox="0,0,600,400"', 300),
        ('width="6e2mm" height="4e2mm" viewBox=" 0 0 600 400 "', 300),
        ('width="1200mm" height="400mm" viewBox="0 0 600 400"', 300),  # the aspect is kept: the smaller scale counts
        ('width="600mm" height="400mm"', 300 * 25.4 / 96),
        ('width="900" height="600" viewBox="0 0 600 400"', 600),  # pixels alone are no size: into 600 x 600 mm
        ('viewBox="0 0 600 400"', 600),
        ('width="100%" height="100%"', 600),
    ],
)
def test_the_size_is_in_the_root(tmp_path: Path, root: str, side_mm: float) -> None:
    assert size(tmp_path, RECT, root) == pytest.approx((side_mm, side_mm * 2 / 3), rel=1e-5)


def test_the_size_is_on_the_shapes(tmp_path: Path) -> None:
    assert size(tmp_path, '<rect width="300mm" height="20cm"/>') == pytest.approx((300, 200))
    assert size(tmp_path, '<circle r="10in"/>') == pytest.approx((508, 508), abs=0.02)
    assert size(tmp_path, '<rect width="300px" height="200px"/>') == pytest.approx((600, 400))


def test_an_old_inkscapes_pixels_are_told_where_they_matter(tmp_path: Path) -> None:
    old = 'inkscape:version="0.48.4 r9939"'
    error = refusal(tmp_path, RECT, f'{old} width="600mm" height="400mm"')
    assert "Inkscape 0.48: its outline is 85 x 56 mm there, at 90 px an inch, and 79 x 53 mm elsewhere" in str(error)
    assert error.hint == "say which: --size 85x56mm"
    sized = make_board(str(tmp_path / "x.svg"), (85, 56))
    assert sized.width_mm == pytest.approx(84, abs=1)
    assert size(tmp_path, RECT, f'{old} width="600mm" height="400mm" viewBox="0 0 600 400"')[0] == pytest.approx(300)
    assert size(tmp_path, RECT, 'inkscape:version="1.3" width="600mm"')[0] == pytest.approx(300 * 25.4 / 96)


ROOT = 'width="600mm" height="600mm" viewBox="0 0 600 600"'


@pytest.mark.parametrize(
    ("inner", "chosen", "side_mm"),
    [
        ('<rect width="9" height="9"/><g inkscape:label="board"><circle r="50"/></g>', "", 100),
        ('<rect width="9" height="9"/><circle id="rim" r="40"/>', "#rim", 80),
        ('<g id="g1"><g inkscape:label="outer rim" transform="scale(2)"><circle r="40"/></g></g><circle r="9"/>',
         "#outer rim", 160),
        ('<circle id="a" r="40"/><rect width="7" height="8"/><g id="twice"><use href="#a" transform="scale(2)"/></g>',
         "#twice", 160),
        ('<circle id="board" r="50"/><circle id="rim" r="40"/>', "#rim", 80),
        ('<symbol id="s"><rect width="9" height="9"/></symbol><circle r="50"/>', "", 100),
        ('<marker id="m"><path d="M0 0h3v3z"/></marker><filter id="f"/><circle r="50"/>', "", 100),
        ('<circle r="50" fill="red"/><circle r="50" stroke="black"/>', "", 100),
        ('<path d="M0 0z M5 5 M0 0h100v100h-100z m3 3z"/>', "", 100),
        ('<line x1="0" x2="100"/><path d="M100 100V0"/><polyline points="0,0 0,100 100,100"/>', "", 100),
        ("<metadata/><title>t</title><!-- c --><desc/><circle r='50'/>", "", 100),
    ],
)  # fmt: skip
def test_the_outline_that_is_meant(tmp_path: Path, inner: str, chosen: str, side_mm: float) -> None:
    assert size(tmp_path, inner, ROOT, chosen) == pytest.approx((side_mm, side_mm), abs=0.02)


def test_an_id_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    error = refusal(tmp_path, '<circle id="rim" r="50"/><g inkscape:label="Layer 1"/>', ROOT, "#edge")
    assert "has nothing of the id or label 'edge'" in str(error)
    assert error.hint == "it has rim, Layer 1"
    assert "holds 2 outlines" in str(refusal(tmp_path, '<circle r="5"/><circle r="9"/>', ROOT))
    assert "is not closed" in str(refusal(tmp_path, '<line x2="100"/><line x1="100" x2="100" y2="90"/>', ROOT))


def test_a_packed_file_is_read_under_either_name(tmp_path: Path) -> None:
    data = gzip.compress((CASES / "svg-only_width_mm.svg").read_bytes())
    for name in ("x.svgz", "x.svg", "with#hash.svg"):
        (tmp_path / name).write_bytes(data)
        assert make_board(str(tmp_path / name)).width_mm == pytest.approx(500, abs=0.02)
    (tmp_path / "cut.svgz").write_bytes(data[:60])
    with pytest.raises(BoardError, match="is not an SVG file that can be read"):
        make_board(str(tmp_path / "cut.svgz"))


def test_an_svg_in_utf_16_and_with_the_entities_of_illustrator(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>\n<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]>\n'
    text += '<svg xmlns="&ns;" width="600mm" height="600mm" viewBox="0 0 600 600"><circle r="50"/></svg>'
    (tmp_path / "x.svg").write_bytes(text.encode("utf-16"))
    assert make_board(str(tmp_path / "x.svg")).width_mm == pytest.approx(100, abs=0.02)


def test_runs_are_joined_either_way_round() -> None:
    corners = [0, 1, 1 + 1j, 1j]
    runs = [[corners[k], corners[(k + 1) % 4]][:: -1 if k % 2 else 1] for k in (2, 0, 3, 1)]
    (found,) = joined(runs, 1e-3)
    assert len(found) == 5
    assert found[0] == found[-1]
    assert set(found) == set(corners)


@given(st.text(alphabet='<>/"= svgpathdMLZz0123456789.,-', max_size=120))
def test_any_text_is_an_outline_or_one_line(tmp_path_factory: pytest.TempPathFactory, inner: str) -> None:
    path = tmp_path_factory.mktemp("svg")
    try:
        assert np.isfinite(size(path, inner, ROOT)).all()
    except BoardError as error:
        assert str(error).count("\n") == 0  # noqa: PT017
