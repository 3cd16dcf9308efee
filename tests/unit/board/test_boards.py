"""Boards from words and files; every refusal is one line with its numbers."""

import csv
import math
import random
from pathlib import Path

import numpy as np
import pytest

from stringart.board.boards import allowed_chords, check_thread, make_board, place_pins
from stringart.board.outlines import is_convex, signed_area
from stringart.errors import BoardError, PlanError
from stringart.plan.model import Board, Pins

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {size}>{shapes}</svg>'
IN_MM = 'width="800mm" height="600mm" viewBox="0 0 800 600"'


def svg(folder: Path, shapes: str, size: str = IN_MM) -> str:
    path = folder / "board.svg"
    path.write_text(SVG.format(size=size, shapes=shapes), encoding="utf-8")
    return str(path)


def table(folder: Path, text: str) -> str:
    path = folder / "pins.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(make: object) -> BoardError:
    with pytest.raises(BoardError) as caught:
        make()  # type: ignore[operator]
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_default_is_a_circle_of_600_mm_with_288_pins_from_twelve() -> None:
    board = make_board()
    pins = place_pins(board)
    assert (board.shape, board.width_mm, board.height_mm, board.color) == ("circle", 600.0, 600.0, "#ffffff")
    assert len(pins) == 288
    assert pins.xy_mm[[0, 72, 144, 216]].tolist() == [[0, 300], [300, 0], [0, -300], [-300, 0]]


def test_a_rectangle_has_pins_on_all_four_sides_and_none_crowd_at_its_corners() -> None:
    pins = place_pins(make_board("rectangle", (800.0, 600.0)), 100)
    x, y = pins.xy_mm.T
    for on_side in (y == 300, x == 400, y == -300, x == -400):
        assert on_side.sum() >= 20
    nearest = np.hypot(*(pins.xy_mm - np.roll(pins.xy_mm, 1, axis=0)).T).min()
    assert nearest >= 28 / math.sqrt(2)  # a pitch of 28 mm, bent round a corner


def test_no_chord_runs_along_an_edge() -> None:
    board = make_board("rectangle", (800.0, 600.0))
    pins = place_pins(board, 200)
    ends = pins.xy_mm[allowed_chords(board, pins)]
    for axis, edge in ((0, 400), (0, -400), (1, 300), (1, -300)):
        assert not (ends[:, :, axis] == edge).all(1).any()


def test_chords_of_a_circle_leave_out_neighbours_and_short_spans_only() -> None:
    board = make_board("circle", (2000.0, 2000.0))
    pins = place_pins(board, diameter_mm=0.5)
    i, j = allowed_chords(board, pins, 0.1).T
    span = np.minimum(j - i, 288 - j + i)
    assert span.min() == 10
    assert len(i) == 288 * (287 - 2 * 9) // 2  # and every pair with that span is there


def test_chords_of_a_circle_leave_out_what_would_touch_the_pins_beside_their_own() -> None:
    pins = place_pins(make_board())  # 2 mm pins, 6.54 mm apart; 0.25 mm thread
    i, j = allowed_chords(make_board(), pins).T
    # on the neighbour's side of its own pin a thread is a pin and a thread nearer to the neighbour than the centre is
    least_turn = math.asin((2.0 + 0.25) / (600 * math.sin(math.pi / 288)))
    assert np.minimum(j - i, 288 - j + i).min() == math.ceil(least_turn / (math.pi / 288)) + 1 == 34


@pytest.mark.parametrize(("count", "pin_mm"), [(200, 3.0), (600, 2.0)], ids=["3 mm nails", "600 pins on 600 mm"])
def test_dense_pins_lose_only_chords_that_no_thread_can_come_from(count: int, pin_mm: float) -> None:
    """Of two ends at a pin the outer one lies on its outer side: where that touches the neighbour, there is no turn.

    Every chord further out than one that is lost is lost too, so none of these could be the outer end for another.
    """
    board = make_board("circle", (600, 600))
    pins = place_pins(board, count, pin_mm)
    left = allowed_chords(board, pins, 0.25)
    spans = np.bincount(np.minimum(left[:, 1] - left[:, 0], count - left[:, 1] + left[:, 0]), minlength=count // 2 + 1)
    least = int(np.flatnonzero(spans)[0])
    assert (spans[least : count // 2] == count).all()
    gap_mm = 600 * math.sin(math.pi / count)
    # the outer line of a chord that spans n pins leaves its pin at (n - 1) / N of half a turn from the neighbour
    clear_mm = [gap_mm * math.sin(math.pi * (span - 1) / count) - (pin_mm + 0.25) for span in (least - 1, least)]
    assert clear_mm[0] < 0.02
    assert clear_mm[1] > -0.05


def test_svg_shapes_keep_their_millimetres_and_transforms(tmp_path: Path) -> None:
    name = svg(tmp_path, '<g transform="translate(50 20) scale(2)"><rect width="300" height="200" x="5" y="7"/></g>')
    board = make_board(name)
    assert (board.shape, board.width_mm, board.height_mm) == ("outline", 600.0, 400.0)
    corners = {tuple(corner) for corner in board.outline_mm.tolist()}
    assert corners == {(0, 200), (300, 200), (300, -200), (-300, -200), (-300, 200)}


def test_svg_sizes_in_inches_in_pixels_and_into_a_box(tmp_path: Path) -> None:
    circle = '<circle cx="5" cy="5" r="5"/>'
    inches = make_board(svg(tmp_path, circle, 'width="10in" height="10in" viewBox="0 0 10 10"'))
    assert (inches.width_mm, inches.height_mm) == (254.0, 254.0)
    assert (make_board(svg(tmp_path, circle, "")).width_mm) == 600.0
    wide = make_board(svg(tmp_path, '<rect width="30" height="20"/>'), (900.0, 900.0))
    assert (wide.width_mm, wide.height_mm) == (900.0, 600.0)


def test_svg_curves_stay_within_a_fiftieth_of_a_millimetre(tmp_path: Path) -> None:
    board = make_board(svg(tmp_path, '<path d="M100 300 A200 200 0 0 1 500 300 A200 200 0 0 1 100 300 Z"/>'))
    after = np.roll(board.outline_mm, -1, axis=0)
    for points in (board.outline_mm, (board.outline_mm + after) / 2):
        assert abs(np.hypot(*points.T) - 200).max() < 0.02
    pins = place_pins(board, 100)
    round_pins = place_pins(make_board("circle", (400.0, 400.0)), 100)
    assert abs(pins.xy_mm - round_pins.xy_mm).max() < 0.02


def test_y_of_an_svg_points_down(tmp_path: Path) -> None:
    board = make_board(svg(tmp_path, '<polygon points="0,0 100,0 50,80"/>'))  # a triangle that stands on its tip
    assert board.outline_mm[board.outline_mm[:, 1].argmin()].tolist() == [0.0, -40.0]


def test_hidden_shapes_and_definitions_do_not_count(tmp_path: Path) -> None:
    hidden = '<g style="display:none"><rect width="9" height="9"/></g><rect width="8" height="9" display="none"/>'
    clip = '<defs><clipPath id="c"><circle r="3"/></clipPath></defs>'
    assert make_board(svg(tmp_path, hidden + clip + '<rect width="70" height="50"/>')).width_mm == 70.0


def test_among_several_shapes_the_one_named_board_is_taken(tmp_path: Path) -> None:
    shapes = '<rect width="800" height="600"/><ellipse id="board" cx="300" cy="300" rx="200" ry="100"/>'
    assert make_board(svg(tmp_path, shapes)).width_mm == pytest.approx(400, abs=0.02)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ('<circle r="5"/><circle r="6"/>', "holds 2 outlines"),
        ('<path d="M0 0h10v10h-10z M2 2h2v2z"/>', "holds 2 outlines"),
        ('<path d="M0 0 L100 0 L100 100"/>', "is not closed"),
        ('<path d="M0 0 L100 0 z"/>', "has no area"),
        ('<path d="M0 0 L100 100 L100 0 L0 100z"/>', "crosses or touches itself at x 0, y 0 mm"),
        ('<path d="M0 0 L1e999 5 L3 3z"/>', "not finite"),
        ("<text>heart</text>", "no path, rect, circle or polygon"),
        ("<g>", "is not an SVG file that can be read"),
    ],
)
def test_svg_refusals(tmp_path: Path, shapes: str, said: str) -> None:
    assert said in str(refusal(lambda: make_board(svg(tmp_path, shapes))))


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n\0\0", b"<html></html>", "<svg".encode("utf-16")]
)
def test_files_that_are_no_svg_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.svg").write_bytes(content)
    assert "x.svg" in str(refusal(lambda: make_board(str(tmp_path / "x.svg"))))


def test_a_chord_of_a_u_does_not_bridge_its_mouth(tmp_path: Path) -> None:
    board = make_board(svg(tmp_path, '<path d="M0 0h60v400h280v-400h60v600h-400z"/>'))
    pins = place_pins(board, 160)
    assert pins.xy_mm[0].tolist() == [0.0, -100.0]  # the topmost crossing of the middle line is the inner floor
    chords = allowed_chords(board, pins)
    ends = pins.xy_mm[chords]
    left, right = ends[:, :, 0] < -141, ends[:, :, 0] > 141
    high = ends[:, :, 1] > 0
    assert not ((left & high).any(1) & (right & high).any(1)).any()
    assert (left.any(1) & right.any(1)).sum() > 100  # but arm to arm through the floor they do run


def star_points(count: int, turn: int = 0, clockwise: bool = True) -> list[tuple[float, float]]:
    angles = [2 * math.pi * ((k if clockwise else -k) + turn) / count for k in range(count)]
    return [(250 * math.sin(a) + 12, 150 * math.cos(a) - 7) for a in angles]


@pytest.mark.parametrize(("turn", "clockwise"), [(0, True), (17, True), (5, False)])
def test_csv_pins_are_renumbered_from_twelve_clockwise(tmp_path: Path, turn: int, clockwise: bool) -> None:
    text = "\n".join(f"{x!r},{y!r}" for x, y in star_points(40, turn, clockwise))
    board = make_board(table(tmp_path, text))
    pins = place_pins(board)
    assert (board.shape, len(pins)) == ("pins", 40)
    assert (board.width_mm, board.height_mm) == (500.0, 300.0)
    assert np.allclose(pins.xy_mm, [(x - 12, y + 7) for x, y in star_points(40)], atol=1e-6)


def test_csv_pins_of_a_convex_ring_may_come_in_any_order(tmp_path: Path) -> None:
    points = star_points(30)
    random.Random(4).shuffle(points)
    pins = place_pins(make_board(table(tmp_path, "\n".join(f"{x},{y}" for x, y in points))))
    assert np.allclose(pins.xy_mm, [(x - 12, y + 7) for x, y in star_points(30)], atol=1e-6)


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("", "{x},{y}"),
        ("x,y\n", "{x},{y}"),
        ("pin;y_mm;x_mm\n", "7;{y};{x}"),
        ("﻿X (mm)\tY (mm)\n", "{x}\t{y}"),
        ("", "{x}  {y}"),
    ],
)
def test_csv_headers_columns_and_delimiters(tmp_path: Path, head: str, row: str) -> None:
    text = head + "\n".join(row.format(x=round(x, 3), y=round(y, 3)) for x, y in star_points(20)) + "\n\n"
    assert make_board(table(tmp_path, text)).width_mm == pytest.approx(500.0)


def test_csv_decimal_commas_and_a_closing_row(tmp_path: Path) -> None:
    points = star_points(20)
    text = "\n".join(f"{x:.3f};{y:.3f}".replace(".", ",") for x, y in [*points, points[0]])
    assert len(place_pins(make_board(table(tmp_path, text)))) == 20


def test_csv_pins_go_through_a_spreadsheet_and_come_back(tmp_path: Path) -> None:
    pins = place_pins(make_board("ellipse", (400.0, 300.0)), 64)
    with (tmp_path / "pins.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("pin", "x_mm", "y_mm"), *((k, x, y) for k, (x, y) in enumerate(pins.xy_mm))])
    assert (place_pins(make_board(str(tmp_path / "pins.csv"))).xy_mm == pins.xy_mm).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "gives 0 pins"),
        ("1,2\n3,4\n", "gives 2 pins"),
        ("1,2\nnan,3\n4,5\n9,0", "line 2: nan, 3 is not a place"),
        ("1,2\n3,4\n4,five\n9,0", "line 3: '4,five' is not a pin"),
        ("1,2\n3\n4,5\n9,0", "line 2: '3' is not a pin"),
        ("name,size\n1,2\n3,4\n5,9", "names no columns x and y"),
        ("0,0\n1,0\n2,0\n3,0", "has no area"),
        ("0,0\n10,0\n0,10\n10,10\n5,-3\n5,30\n5,5", "crosses itself in the order of its rows"),
        ("\n".join(f"{k},{k * k}" for k in range(6000)), "gives 6,000 pins, more than 5,000"),
    ],
)
def test_csv_refusals(tmp_path: Path, text: str, said: str) -> None:
    assert said in str(refusal(lambda: make_board(table(tmp_path, text))))


def test_a_csv_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pins.csv").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1")
    assert "is not a text: line 1 holds the control character" in str(
        refusal(lambda: make_board(str(tmp_path / "pins.csv")))
    )


@pytest.mark.parametrize(
    ("shape", "size", "said"),
    [
        ("circle", (800.0, 600.0), "a circle cannot be 800 x 600 mm"),
        ("circle", (0.0, 0.0), "0 x 0 mm"),
        ("rectangle", (-5.0, 600.0), "-5 x 600 mm"),
        ("ellipse", (math.nan, 600.0), "nan x 600 mm"),
        ("ellipse", (600.0, math.inf), "600 x inf mm"),
        ("triangle", None, "the board 'triangle' is not known"),
        ("missing.svg", None, "'missing.svg' does not exist"),
    ],
)
def test_board_refusals(shape: str, size: tuple[float, float] | None, said: str) -> None:
    assert said in str(refusal(lambda: make_board(shape, size)))


def test_too_few_and_too_many_pins_are_refused() -> None:
    assert "7 pins" in str(refusal(lambda: place_pins(make_board(), 7)))
    assert "5001 pins" in str(refusal(lambda: place_pins(make_board(), 5001)))
    assert len(place_pins(make_board(), 8)) == 8


@pytest.mark.parametrize("diameter", [0.0, -1.0, math.nan, math.inf])
def test_pins_need_a_diameter(diameter: float) -> None:
    assert f"pins of {diameter:g} mm cannot be made" in str(refusal(lambda: place_pins(make_board(), 100, diameter)))


def test_crowded_pins_are_refused_with_both_numbers_and_the_count_that_fits() -> None:
    error = refusal(lambda: place_pins(make_board(), 1000, 2.0))
    assert "1000 pins of 2 mm stand only 1.88 mm apart" in str(error)
    assert error.hint == "at most 942 such pins fit"
    assert len(place_pins(make_board(), 942, 2.0)) == 942
    refusal(lambda: place_pins(make_board(), 943, 2.0))


def test_pins_on_both_sides_of_a_narrow_neck_are_crowded_too(tmp_path: Path) -> None:
    neck = '<path d="M0 0h200v100h-99.5v200h99.5v100h-200v-100h99.5v-200h-99.5z"/>'  # 1 mm wide, 200 mm long
    assert "1 mm apart" in str(refusal(lambda: place_pins(make_board(svg(tmp_path, neck)), 60, 2.0)))


def test_given_pins_cannot_be_another_number_or_thicker_than_their_distance(tmp_path: Path) -> None:
    board = make_board(table(tmp_path, "\n".join(f"{x},{y}" for x, y in star_points(40))))
    assert "gives 40 pins, but 288 are asked for" in str(refusal(lambda: place_pins(board, 288)))
    assert "pins of 60 mm stand only" in str(refusal(lambda: place_pins(board, None, 60.0)))


def test_a_thread_that_does_not_pass_between_the_pins_is_refused_with_the_gap() -> None:
    pins = place_pins(make_board(), 900, 2.0)  # 2.094 mm apart
    check_thread(pins, 0.09)
    error = refusal(lambda: check_thread(pins, 0.25))
    assert "a thread of 0.25 mm" in str(error)
    assert "the gap is 0.0944 mm" in str(error)
    refusal(lambda: check_thread(pins, 0.0))
    refusal(lambda: check_thread(pins, math.nan))


def test_an_outline_that_is_not_round_its_middle_is_refused() -> None:
    with pytest.raises(PlanError, match=r"needs 120\.0 x 120\.0 mm round its centre") as caught:
        Board(shape="outline", width_mm=10, height_mm=10, outline_mm=[[50, 50], [60, 50], [55, 60]])
    assert "middle" in caught.value.hint
    inside = Board(shape="outline", width_mm=130, height_mm=130, outline_mm=[[50, 50], [60, 50], [55, 60]])
    assert "middle" in str(refusal(lambda: place_pins(inside, 20, 0.1)))
    assert "needs an outline" in str(refusal(lambda: place_pins(Board(shape="heart"), 20)))


def test_a_board_on_which_nothing_can_be_wound_is_refused() -> None:
    pins = Pins(diameter_mm=700.0, xy_mm=place_pins(make_board(), 8).xy_mm)
    assert "no chord" in str(refusal(lambda: allowed_chords(make_board(), pins)))


def test_ring_helpers() -> None:
    square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], float)
    assert signed_area(square) == -1
    assert is_convex(square)
    assert is_convex(square[::-1])
    assert not is_convex(np.insert(square, 2, [0.5, 0.2], axis=0))
