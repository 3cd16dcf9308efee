import numpy as np
import pytest

from stringart.picture.light import from_lightness, luminance
from stringart.search.tone import FITTED_CONTRAST, Tones, of_negative

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


def on_black(low=0, high=100):
    return Tones(photo(low, high), INSIDE, 0.0, 1.0)


def test_on_a_dark_board_the_darkest_tone_may_be_lifted_and_the_order_stays():
    lifted = on_black().lifted(0.6)
    tone = lifted.fit(2000.0)
    assert tone.target.min() == pytest.approx(60, abs=0.5)
    assert (np.diff(tone.target.ravel()) >= 0).all()
    assert "L* 60" in lifted.about


def test_what_is_lifted_asks_for_as_much_thread_as_there_is():
    for share in (0.0, 0.3, 0.5):
        tone = on_black().lifted(share).fit(900.0)
        left = np.maximum(1 - from_lightness(tone.target.astype(float)), 1e-3)
        assert -np.log(left).sum() == pytest.approx(900.0, rel=0.02)


def test_the_negative_of_a_photo_is_dark_where_the_photo_is_bright():
    tone = on_black().negative().fit(900.0)
    assert (np.diff(tone.target.ravel()) <= 0).all()
    again = on_black().negative().like(photo(0, 100)).at(tone.contrast)  # as for the next frame of a clip
    assert (again.target == tone.target).all()


def test_the_negative_of_coloured_light_is_that_of_each_channel():
    """A blue and a grey that are as light as each other: one's negative is a yellow, lighter than the other's grey."""
    light = np.array([[[0.05, 0.05, 0.9], [0.1114, 0.1114, 0.1114]]], np.float32)
    assert np.ptp(luminance(light)) < 1e-3
    blue, gray = of_negative(light)[0]
    assert blue == pytest.approx(0.488, abs=0.001)
    assert gray == pytest.approx(0.358, abs=0.001)
    (alone,) = of_negative(light[:, 1:, :1])  # grey light may come as one channel
    assert alone == pytest.approx(gray, abs=1e-6)


def test_no_candidate_is_too_faint_to_be_seen_but_one_is_always_there():
    assert len(on_black().candidates(1200.0)) > 4
    assert [tone.lift for _, tone in on_black().candidates(5.0)] == [0.0, 0.0]
