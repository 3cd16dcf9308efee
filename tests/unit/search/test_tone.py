import numpy as np
import pytest

from stringart.light import from_lightness
from stringart.search.tone import FITTED_CONTRAST, Tones

INSIDE = np.ones((40, 40), bool)


def fit_tone(luminance, inside, board_y, thread_y, depth):
    return Tones(luminance, inside, board_y, thread_y).fit(depth)


def photo(low, high):
    return from_lightness(np.linspace(low, high, 1600).reshape(40, 40)).astype(np.float32)


def depth_asked_for(tone):
    return float(-np.log(np.maximum(from_lightness(tone.target.astype(float)), 1e-3)).sum())


def test_a_dark_photo_is_brought_into_the_budget():
    tone = fit_tone(photo(0, 40), INSIDE, 1.0, 0.0, depth=500.0)
    assert tone.contrast < 1.2
    assert depth_asked_for(tone) == pytest.approx(500.0, rel=0.01)


def test_more_thread_makes_more_contrast():
    few, many = (fit_tone(photo(5, 95), INSIDE, 1.0, 0.0, depth).contrast for depth in (300.0, 900.0))
    assert few < many


def test_a_flat_photo_gets_more_contrast_but_not_without_end():
    assert fit_tone(photo(60, 70), INSIDE, 1.0, 0.0, depth=1e6).contrast == FITTED_CONTRAST


def test_the_lightest_part_is_the_bare_board():
    tone = fit_tone(photo(0, 60), INSIDE, 1.0, 0.0, depth=500.0)
    assert tone.target.max() == pytest.approx(100, abs=0.5)


def test_white_thread_on_black_leaves_the_darkest_part_bare():
    tone = fit_tone(photo(30, 100), INSIDE, 0.0, 1.0, depth=400.0)
    assert tone.target.min() == pytest.approx(0, abs=1)
    assert tone.target[-1, -1] > tone.target[0, 0]


def test_tones_keep_their_order():
    tone = fit_tone(photo(0, 100), INSIDE, 1.0, 0.0, depth=700.0)
    assert (np.diff(tone.target.ravel()) >= 0).all()
