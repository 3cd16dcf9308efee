"""Where a photo lies under the board, as a person would place it."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from stringart.board.boards import make_board
from stringart.errors import PhotoError
from stringart.picture.importance import find_faces
from stringart.picture.photo import Photo, crop_to_board, load_photo
from stringart.picture.placing import place

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
