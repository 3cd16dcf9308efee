"""A photo under the ring: turned, moved, and named as what it is."""

import io

import numpy as np
import pytest
from PIL import Image

from stringart.picture.photo import load_photo, resample
from stringart.plan.model import Board
from stringart.studio.develop import crop_of, developed_png, is_plain, place_of
from stringart.studio.settings import default_settings


@pytest.fixture
def photo():
    pixels = np.full((300, 400, 3), 60, np.uint8)
    pixels[40:80, 300:340] = 250  # a light square up on the right, middle (320, 60)
    return load_photo(pixels, "#000000")


def middle_of_light(photo, crop) -> tuple[float, float]:
    light = resample(photo, crop, (200, 200))[..., 0] > 0.5
    rows, cols = np.nonzero(light)
    return float(cols.mean()), float(rows.mean())


def test_a_photo_that_is_not_changed_is_used_as_it_is(photo) -> None:
    assert is_plain(default_settings())
    assert crop_of(photo, photo, Board(), default_settings() | {"placed": "centre"}) == (50, 0, 350, 300)
    left, top, right, bottom = crop_of(photo, photo, Board(), default_settings())
    corners = np.array([[300, 40], [340, 40], [300, 80], [340, 80]]) - [(left + right) / 2, (top + bottom) / 2]
    assert np.hypot(*corners.T).max() < (right - left) / 2 == (bottom - top) / 2  # the light square is inside the ring


def test_the_page_shows_the_photo_where_it_was_placed(photo) -> None:
    for turn in (0, 30, 90, -145):
        settings = default_settings() | {"turn_deg": turn, "crop": [0.6, 0.4, 0.5]}
        developed = photo if not turn else load_photo(developed_png(photo, settings), "#000000")
        crop = crop_of(photo, developed, Board(), settings)
        assert place_of(crop, photo, developed, settings) == pytest.approx([0.6, 0.4, 0.5], abs=0.005)


def test_the_middle_of_the_crop_stays_put_when_the_photo_turns(photo) -> None:
    for turn in (0, 30, 90, -145, 180):
        settings = default_settings() | {"turn_deg": turn, "crop": [320 / 400, 60 / 400, 0.4]}
        developed = photo if not turn else load_photo(developed_png(photo, settings), "#000000")
        crop = crop_of(photo, developed, Board(), settings)
        assert middle_of_light(developed, crop) == pytest.approx((99.5, 99.5), abs=2)


def test_a_positive_turn_is_clockwise(photo) -> None:
    settings = default_settings() | {"turn_deg": 90, "crop": [0.5, 0.375, 1.0]}
    developed = load_photo(developed_png(photo, settings), "#000000")
    col, row = middle_of_light(developed, crop_of(photo, developed, Board(), settings))
    assert (col > 120, row > 120) == (True, True)  # from the upper right to the lower right


def test_a_stop_more_doubles_the_light(photo) -> None:
    developed = load_photo(developed_png(photo, default_settings() | {"exposure_ev": 1.0}))
    ratio = developed.linear[200, 50, 0] / photo.linear[200, 50, 0]
    assert ratio == pytest.approx(2, rel=0.04)


def test_the_same_settings_give_the_same_bytes(photo) -> None:
    settings = default_settings() | {"turn_deg": 12.5, "contrast": 20}
    assert developed_png(photo, settings) == developed_png(photo, settings)
    assert Image.open(io.BytesIO(developed_png(photo, settings))).size[0] > 400
