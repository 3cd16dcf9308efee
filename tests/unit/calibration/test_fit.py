"""Calibration: painted photos of wound cards, with perspective, uneven light and noise, give back what was wound."""

from dataclasses import replace

import numpy as np
import pytest
from card_photos import Camera, Shadows, card_photo
from skimage.color import deltaE_ciede2000, rgb2lab

from stringart.calibration.card import card_plan, marks_mm
from stringart.calibration.fiducials import find_marks
from stringart.calibration.fit import fit_card
from stringart.calibration.projection import homography, project
from stringart.errors import OutputError, PhotoError
from stringart.export import ExportOptions
from stringart.export._card import export
from stringart.picture.light import to_linear
from stringart.plan.model import Plan, Thread

THREAD = Thread(name="to measure", color="#000000")


def _linear(photo):
    return to_linear(photo / np.float32(255)).astype(np.float32)


def _difference(one, other):
    lab = [rgb2lab(np.array([[[int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)]]])) for code in (one, other)]
    return deltaE_ciede2000(*lab).item()


@pytest.fixture(scope="module")
def rust():
    """A card, and a photo of it held on its side."""
    card = card_plan(THREAD)
    return card, *card_photo(card, "#c8501e", 0.3, camera=Camera(turn=1))


def test_the_marks_are_found_the_right_way_round(rust):
    card, photo, corners = rust
    assert np.abs(find_marks(photo.mean(2, dtype=np.float32) / 255, card) - corners).max() < 0.3


def test_marks_of_a_card_held_aslant_are_told_from_small_ones_among_the_threads():
    """The nearest is five times as large as the farthest; between white threads on black are dark frames as well."""
    card, aslant = card_plan(THREAD, "#000000"), Camera(width_px=1600, lens_px=0.6, tilt=0.04, uneven=0.2, turn=1)
    photo, corners = card_photo(card, "#f0f0e8", 0.3, pin_mm=2.0, seed=6, camera=aslant)
    assert np.abs(find_marks(photo.mean(2, dtype=np.float32) / 255, card) - corners).max() < 0.3


def _is_the_truth(found, diameter_mm, color):
    assert found.diameter_mm == pytest.approx(diameter_mm, rel=0.03)
    assert abs(found.diameter_mm - diameter_mm) <= found.error_mm < 0.06 * diameter_mm
    assert _difference(found.color, color) < 3
    assert found.rms < 0.004


def test_width_and_colour_come_back(rust):
    card, photo, _ = rust
    found = fit_card(_linear(photo), card, find_marks(photo.mean(2, dtype=np.float32) / 255, card))
    _is_the_truth(found, 0.3, "#c8501e")
    assert found.pin_mm == pytest.approx(2, abs=0.05)
    assert found.shadow < 0.06


@pytest.mark.parametrize(
    ("ground", "color", "diameter_mm", "pin_mm"),
    [("#ffffff", "#101014", 0.18, 1.2), ("#000000", "#e0ac8c", 0.42, 2.8)],
)
def test_thin_and_thick_threads_round_pins_that_are_not_the_cards(ground, color, diameter_mm, pin_mm):
    card = card_plan(THREAD, ground)
    photo, corners = card_photo(card, color, diameter_mm, pin_mm=pin_mm, seed=4, camera=Camera(width_px=2000))
    found = fit_card(_linear(photo), card, corners)
    _is_the_truth(found, diameter_mm, color)
    assert found.pin_mm == pytest.approx(pin_mm, abs=0.06)


def test_soft_shadows_are_taken_off():
    card = card_plan(THREAD)
    photo, corners = card_photo(card, "#283c78", 0.3, seed=2, shadows=Shadows(dark=0.12))
    found = fit_card(_linear(photo), card, corners)
    _is_the_truth(found, 0.3, "#283c78")
    assert found.shadow == pytest.approx(0.12, abs=0.04)


def test_hard_light_is_refused():
    card = card_plan(THREAD)
    photo, corners = card_photo(card, "#283c78", 0.3, seed=2, shadows=Shadows(dark=0.6))
    with pytest.raises(PhotoError, match=r"unexplained, more than 0\.5%"):
        fit_card(_linear(photo), card, corners)


def test_a_photo_too_small_says_so(rust):
    card, photo, corners = rust
    with pytest.raises(PhotoError, match=r"too small: 2\.. pixels to a millimetre of the card, 4 are needed"):
        fit_card(_linear(photo[::2, ::2]), card, corners / 2)


def test_the_card_is_a_plan_like_any_other_with_patches_of_rising_coverage():
    card = card_plan(THREAD, version="1", command="x")
    assert Plan.from_bytes(card.to_bytes()) == card
    xy = card.pins.xy_mm
    assert xy[0].tolist() == [0, 45]
    assert xy[1, 0] > 0
    assert (card.steps[:, 1] != card.steps[:, 2]).all()
    across = card.steps[np.abs(xy[card.steps[:, 1], 1] - xy[card.steps[:, 2], 1]) > 80]
    middles = xy[across[:, 1:]].mean(1)[:, 0]
    counts, _ = np.histogram(middles, np.array([-86, -60, -20, 30, 90]))
    assert (np.diff(counts) > 0).all()


def test_a_photo_without_the_card_is_refused():
    with pytest.raises(PhotoError, match="of the 4 corner marks"):
        find_marks(np.full((300, 400), 0.7, np.float32), card_plan(THREAD))


def test_a_photo_of_something_else_is_refused(rust):
    card, photo, corners = rust
    mixed = _linear(photo).copy()
    mixed[350:900, 250:750] = np.random.default_rng(0).random((550, 500, 1), np.float32) * 0.5
    with pytest.raises(PhotoError, match="does not look like the card"):
        fit_card(mixed, card, corners)


def test_an_overexposed_photo_is_refused(rust):
    card, photo, corners = rust
    with pytest.raises(PhotoError, match="overexposed"):
        fit_card(np.minimum(_linear(photo) * 3, 1), card, corners)


def test_a_card_that_leaves_the_photo_is_refused(rust):
    card, photo, corners = rust
    with pytest.raises(PhotoError, match="outside the photo"):
        fit_card(_linear(photo), card, corners - [600, 0])


def test_a_thread_of_the_cards_own_colour_is_refused():
    card = card_plan(THREAD)
    photo, corners = card_photo(card, "#ffffff", 0.3)
    with pytest.raises(PhotoError, match="too little to measure"):
        fit_card(_linear(photo), card, corners)


def test_four_points_fix_a_projective_map():
    source = marks_mm(card_plan(THREAD))
    target = np.array([[10.0, 20], [500, 40], [480, 300], [30, 280]])
    np.testing.assert_allclose(project(homography(source, target), source), target, atol=1e-6)


def test_paper_too_small_for_the_card_is_refused_and_letter_is_not():
    card = card_plan(THREAD)
    assert export(card, ExportOptions(paper="Letter")) == export(card, ExportOptions(paper="Letter"))
    with pytest.raises(OutputError, match="too small"):
        export(replace(card, threads=(THREAD,)), ExportOptions(paper="A5"))
