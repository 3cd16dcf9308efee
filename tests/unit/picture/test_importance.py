"""Importance maps: faces of real photos, the user's pictures, or none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stringart.errors import PhotoError
from stringart.picture.importance import FACE_WEIGHT, FEATURE_WEIGHT, MAP_FLOOR, find_faces, importance_map
from stringart.picture.photo import Photo, crop_to_board, load_photo
from stringart.plan.model import Board

EXAMPLES = Path(__file__).parents[3] / "examples"
SHAPE = (120, 120)


@pytest.fixture(scope="module")
def astronaut() -> Photo:
    return load_photo(EXAMPLES / "astronaut.jpg")


def test_none_weighs_all_alike(astronaut: Photo) -> None:
    found = importance_map(astronaut, (0, 0, 512, 512), SHAPE, "none")
    assert (found.weights == 1).all()
    assert (found.weights.shape, found.weights.dtype, found.notes) == (SHAPE, np.float32, ())


def test_the_astronauts_face_is_found_and_weighs_most_round_her_eyes_and_mouth(astronaut: Photo) -> None:
    found = importance_map(astronaut, (0, 0, 512, 512), SHAPE, "faces")
    (box,) = found.faces
    left, top, right, bottom = (round(edge * 512) for edge in box)
    assert left < 205 < 250 < right  # her eyes, by hand, in the photo of 512 px
    assert top < 100 < 145 < bottom  # her eyes' row, and her mouth's
    middle = round((box[1] + box[3]) * 60), round((box[0] + box[2]) * 60)
    assert found.weights[middle] > 0.99 * FACE_WEIGHT * found.weights.min()
    for eye_or_mouth in ((100, 206), (100, 248), (144, 228)):  # row and column, by hand, in the photo of 512 px
        at = tuple(round(edge * 120 / 512) for edge in eye_or_mouth)
        assert found.weights[at] > 1.2 * found.weights[middle]
    assert found.weights.max() == pytest.approx(FACE_WEIGHT * FEATURE_WEIGHT * found.weights.min(), rel=1e-3)
    assert found.weights.mean() == pytest.approx(1, abs=1e-5)
    assert np.abs(np.diff(found.weights, axis=0)).max() < 0.7  # the steepest rise is the rim of the mouth


def test_the_face_is_found_in_a_part_and_on_a_broad_board(astronaut: Photo) -> None:
    (whole,) = find_faces(astronaut, (0, 0, 512, 512))
    (part,) = find_faces(astronaut, (100, 0, 400, 300))
    (broad,) = find_faces(astronaut, crop_to_board(astronaut, Board(width_mm=800, height_mm=600)))
    middle = (whole[0] + whole[2]) / 2 * 512
    assert (part[0] + part[2]) / 2 * 300 + 100 == pytest.approx(middle, abs=12)
    assert (broad[0] + broad[2]) / 2 * 512 == pytest.approx(middle, abs=12)


@pytest.mark.parametrize("name", ["camera.png", "coffee.jpg", "chelsea.jpg"])
def test_where_no_face_is_all_weighs_alike_and_that_is_said(name: str) -> None:
    photo = load_photo(EXAMPLES / name)
    found = importance_map(photo, crop_to_board(photo, Board()), SHAPE, "faces")
    assert (found.weights == 1).all()
    assert found.notes == ("no face was found: all parts of the photo count alike",)


def test_a_photo_too_narrow_for_a_face_is_no_error() -> None:
    assert find_faces(load_photo(np.zeros((300, 4), np.uint8)), (0, 0, 4, 300)) == ()


def test_a_users_picture_of_the_whole_photo_is_cropped_with_it(astronaut: Photo, tmp_path: Path) -> None:
    drawn = np.zeros((256, 256), np.uint8)
    drawn[:, 128:] = 255  # the right half, drawn at half the photo's size
    Image.fromarray(drawn).save(tmp_path / "map.png")
    found = importance_map(astronaut, (128, 0, 384, 256), SHAPE, tmp_path / "map.png")
    assert found.notes == ()
    left, right = found.weights[:, :58], found.weights[:, 62:]
    assert np.allclose(right / left[:, :1], 1 / MAP_FLOOR, rtol=1e-3)
    assert found.weights.mean() == pytest.approx(1, abs=1e-5)


def test_a_users_picture_of_the_crop_alone_lies_on_it() -> None:
    photo = load_photo(np.tile(np.arange(200, dtype=np.uint8), (100, 1)))
    drawn = np.zeros((50, 50), np.uint8)
    drawn[:25] = 255
    found = importance_map(photo, (50, 0, 150, 100), SHAPE, drawn)
    assert found.notes == ()
    assert found.weights[:58].min() > 5 * found.weights[62:].max()
    read_before = importance_map(photo, (50, 0, 150, 100), SHAPE, load_photo(drawn))
    assert (read_before.weights == found.weights).all()


def test_a_users_picture_of_another_aspect_is_cut_and_that_is_said(astronaut: Photo) -> None:
    drawn = np.zeros((50, 150), np.uint8)
    drawn[:, 50:100] = 200
    drawn[:25, 50:100] = 100
    found = importance_map(astronaut, (0, 0, 512, 512), SHAPE, drawn)
    assert "its middle 50 x 50 px are used" in found.notes[0]
    assert found.weights.min() > 0.5  # only the middle part, which is grey all over
    assert found.weights[0, 0] == pytest.approx(found.weights[0, -1])


def test_a_users_picture_of_one_grey_changes_nothing_and_that_is_said(astronaut: Photo) -> None:
    found = importance_map(astronaut, (0, 0, 512, 512), SHAPE, np.zeros((40, 40), np.uint8))
    assert np.allclose(found.weights, 1)
    assert "of one grey" in found.notes[0]


def test_a_picture_that_cannot_be_read_is_refused(astronaut: Photo, tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="does not exist"):
        importance_map(astronaut, (0, 0, 512, 512), SHAPE, tmp_path / "no.png")
