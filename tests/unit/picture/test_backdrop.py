"""A faded backdrop: the ground goes, whoever stands before it stays whole."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from stringart.picture.backdrop import faded, keep_map
from stringart.picture.photo import Photo, load_photo

SIDE = 160


@pytest.fixture(scope="module")
def portrait() -> Photo:
    return load_photo(skimage.data.astronaut()[0:320, 64:384])


def kept(photo: Photo, choice, importance="faces"):
    cols, rows = photo.size_px
    return keep_map(photo, (0, 0, cols, rows), (SIDE, SIDE), choice, importance)


def test_a_person_stays_with_hair_and_ears_and_the_ground_goes(portrait: Photo) -> None:
    keep, notes = kept(portrait, "fade")
    assert notes == ()
    head = keep[2:68, 57:106]  # hair from side to side, down to the chin
    rows, cols = np.indices(head.shape)
    oval = np.hypot(rows / head.shape[0] * 2 - 1, cols / head.shape[1] * 2 - 1) < 1
    assert head[oval].min() > 0.9
    assert keep[-8:, 70:100].min() > 0.9  # the body below
    assert keep[:40, :12].max() < 0.1  # a flag
    assert keep[:40, -25:].max() < 0.2  # a shuttle


def test_a_thing_on_one_ground_stays() -> None:
    rows, cols = np.indices((200, 200)) - 100
    picture = np.full((200, 200, 3), (150, 160, 170), np.uint8)
    picture[np.hypot(rows, cols) < 55] = (190, 60, 30)
    keep, notes = kept(load_photo(picture), "fade")
    assert notes == ()
    assert keep[SIDE // 2 - 30 : SIDE // 2 + 30, SIDE // 2 - 30 : SIDE // 2 + 30].min() > 0.95
    assert keep[:12].max() < 0.05


def test_an_animal_that_fills_the_picture_is_left_alone_and_that_is_said() -> None:
    keep, notes = kept(load_photo(skimage.data.chelsea()[:, 75:375]), "fade")
    assert keep.min() == 1
    assert "all of it stays" in notes[0]


def test_a_picture_of_the_users_says_what_stays() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:, 50:] = 255
    photo = load_photo(np.full((100, 100), 128, np.uint8))
    keep, _ = kept(photo, Image.fromarray(mask))
    assert keep[:, : SIDE // 2 - 4].max() < 0.02
    assert keep[:, SIDE // 2 + 4 :].min() > 0.98
    by_importance, _ = kept(photo, "fade", Image.fromarray(mask))
    assert by_importance[:, : SIDE // 2 - 4].max() < 0.15
    assert by_importance[:, SIDE // 2 + 4 :].min() > 0.98


def test_ground_comes_near_to_the_board_and_the_rest_stays_as_it_is() -> None:
    picture = np.full((4, 4, 3), 0.1, np.float32)
    keep = np.zeros((4, 4), np.float32)
    keep[:, 2:] = 1
    seen = faded(picture, keep, np.ones(3))
    np.testing.assert_allclose(seen[:, 2:], 0.1, atol=1e-3)
    assert seen[:, :2].min() > 0.7
