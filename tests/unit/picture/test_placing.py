"""Where a photo lies under the board, as a person would place it."""

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw

from stringart.board.boards import make_board
from stringart.errors import PhotoError
from stringart.picture.importance import find_faces
from stringart.picture.photo import Photo, crop_to_board, load_photo
from stringart.picture.placing import _counting, place

ASTRONAUT = Image.fromarray(skimage.data.astronaut())
BUST = ASTRONAUT.crop((60, 0, 400, 512))
ROUND, WIDE = make_board("circle"), make_board("rectangle", (800, 400))


def scene(size: tuple[int, int], *pieces: tuple[Image.Image, tuple[int, int]]) -> Photo:
    rows = np.linspace(170, 90, size[1])[:, None, None]
    picture = Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8))
    for piece, corner in pieces:
        picture.paste(piece, corner)
    return load_photo(picture, "#ffffff", "scene.png")


HEAD = ASTRONAUT.crop((100, 0, 400, 330))
PORTRAITS = {
    "on end": scene((340, 512), (BUST, (0, 0))),
    "high": scene((600, 900), (BUST, (130, 20))),
    "low": scene((600, 900), (BUST, (130, 380))),
    "at the right": scene((1000, 600), (BUST, (660, 88))),
    "at the edge": scene((600, 900), (BUST, (330, 120))),
    "a by-stander": scene((600, 900), (HEAD, (150, 100)), (HEAD.resize((100, 110)), (480, 700))),
}


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_face_lies_inside_the_ring_with_the_eyes_above_the_middle(name: str) -> None:
    photo = PORTRAITS[name]
    placed = place(photo, ROUND)
    (left, top, right, bottom), *_ = find_faces(photo, placed.crop_px)
    eyes = top + 0.32 * (bottom - top)
    assert 0.25 < eyes < 0.5
    for x in (left, right):  # from above the hair's line to the chin, well inside the ring
        for y in (top - 0.2 * (bottom - top), bottom):
            assert np.hypot(2 * x - 1, 2 * y - 1) < 0.97
    assert "lies well inside" in placed.note
    assert "--crop centre" in placed.note


@pytest.mark.parametrize("board", [ROUND, WIDE])
def test_what_lies_well_stays_where_it_was(board) -> None:
    for picture in (skimage.data.astronaut(), skimage.data.camera(), skimage.data.coffee(), skimage.data.chelsea()):
        photo = load_photo(picture)
        if board is ROUND:
            assert place(photo, board).crop_px == crop_to_board(photo, board)
        assert place(photo, board, "centre").crop_px == crop_to_board(photo, board)


def test_without_a_face_what_stands_out_is_inside() -> None:
    cat = Image.fromarray(skimage.data.chelsea()).resize((300, 200))
    placed = place(scene((900, 300), (cat, (580, 50))), ROUND)
    assert placed.crop_px[0] < 600
    assert placed.crop_px[2] > 860
    assert "what stands out" in placed.note
    assert place(scene((900, 300)), ROUND).crop_px == (300, 0, 600, 300)  # nothing does


def test_two_faces_are_both_inside_where_they_can_be() -> None:
    near = scene((600, 900), (HEAD.resize((280, 308)), (10, 60)), (HEAD.resize((280, 308)), (310, 140)))
    assert len(find_faces(near, place(near, ROUND).crop_px)) == 2
    far = scene((1000, 500), (HEAD, (0, 60)), (HEAD, (700, 100)))
    assert len(find_faces(far, place(far, ROUND).crop_px)) == 1  # not two halves


def test_of_two_faces_that_do_not_fit_one_is_whole_and_the_other_is_not_halved() -> None:
    photo = scene((800, 500), (HEAD.resize((380, 418)), (10, 60)), (HEAD.resize((380, 418)), (410, 60)))
    placed = place(photo, ROUND)
    assert len(find_faces(photo, placed.crop_px)) == 1
    assert placed.crop_px[0] > 265 or placed.crop_px[2] < 475  # where the other's hair ends or begins
    assert "1 of 2 faces lie well inside" in placed.note
    assert "--crop whole" in placed.note


def test_a_face_that_is_found_twice_is_one() -> None:
    found = [(0.13, 0.36, 0.36, 0.73), (0.16, 0.39, 0.35, 0.68), (0.66, 0.38, 0.86, 0.70), (0.4, 0.8, 0.48, 0.9)]
    assert _counting(found) == [found[0], found[2]]


def test_a_profile_on_end_keeps_its_hair() -> None:
    profile = load_photo(Image.fromarray(skimage.data.camera()).crop((100, 20, 330, 500)))
    assert find_faces(profile, (0, 0, 230, 480)) == ()
    _, top, _, bottom = place(profile, ROUND).crop_px
    assert 20 < top < 40  # the hair begins at 48
    assert bottom - top == 230


def test_a_thing_on_plain_ground_is_whole_and_as_large_as_the_board() -> None:
    def drawn(ground: str) -> Photo:
        logo = Image.new("RGB", (600, 300), ground)
        ImageDraw.Draw(logo).polygon([(380, 40), (540, 260), (220, 260)], fill="#143ca0")
        return load_photo(logo, "#ffffff")

    left, top, right, bottom = place(drawn("#ffffff"), ROUND).crop_px  # white goes on beyond the photo
    corners = np.hypot(*(2 * (np.array([(380, 40), (540, 260), (220, 260)]) - (left, top)) / (right - left) - 1).T)
    assert corners.max() < 0.95
    assert corners.min() > 0.8
    assert bottom > 300
    _, top, _, bottom = place(drawn("#909090"), ROUND).crop_px  # grey would end there
    assert (top, bottom) == (0, 300)
    dot = Image.new("RGB", (120, 120), "#ffffff")
    dot.paste("#000000", (58, 58, 62, 62))
    assert place(load_photo(dot), ROUND).crop_px == (0, 0, 120, 120)  # no finer than it is
    far = Image.new("RGB", (1200, 700), "#78966e")
    far.paste("#403020", (900, 400, 1040, 600))
    left, top, right, bottom = place(load_photo(far), ROUND).crop_px
    assert 250 < bottom - top < 330
    assert abs((left + right) / 2 - 970) < 15


def test_the_whole_photo_lies_inside_a_round_board() -> None:
    left, top, right, bottom = place(scene((400, 300)), ROUND, "whole").crop_px
    assert (right - left, bottom - top) == (500, 500)
    assert (left, top) == (-50, -100)


def test_zoom_and_move_are_of_what_was_placed() -> None:
    photo = scene((400, 400))
    assert place(photo, ROUND, "centre", 2.0).crop_px == (100, 100, 300, 300)
    assert place(photo, ROUND, "centre", 2.0, (0.25, -0.1)).crop_px == (50, 120, 250, 320)
    assert place(photo, ROUND, (0, 0, 100, 100), 0.5).crop_px == (-50, -50, 150, 150)
    with pytest.raises(PhotoError, match="outside the photo"):
        place(photo, ROUND, (0, 0, 100, 100), 1.0, (1.0, 0.0))
