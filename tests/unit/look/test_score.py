import numpy as np
import pytest
from PIL import Image
from sample_plans import random_plan

from stringart.look.paint import Canvas, Painting, paint, png_bytes
from stringart.look.score import _line, gaussian, score, score_of
from stringart.picture.light import to_bytes
from stringart.picture.photo import load_photo
from stringart.plan.model import Board


def photo_of(plan):
    """Return a photo that is the finished piece itself."""
    return load_photo(Image.fromarray(to_bytes(paint(plan, 512, fineness=8))))


def test_a_piece_is_its_own_photo():
    plan = random_plan((300, 200))
    for result in score(plan, photo_of(plan)):
        assert result.ssim > 0.99
        assert result.ssim_fit > 0.99
        assert result.rmse_lightness < 0.5
        assert result.delta_e < 0.5


def test_the_negative_is_no_likeness():
    plan = random_plan((300, 200))
    negative = load_photo(255 - photo_of(plan).srgb)
    assert score(plan, negative)[0].ssim < 0.3


def test_the_tone_fit_forgives_contrast_and_nothing_else():
    plan = random_plan((900,))
    faint = load_photo((photo_of(plan).srgb * 0.5 + 60).astype(np.uint8))
    near = score(plan, faint)[0]
    assert near.ssim_fit > near.ssim
    assert near.ssim_fit == pytest.approx(0.95, abs=0.05)


def test_a_preview_and_its_score_are_painted_once(monkeypatch):
    plan, laid, lay = random_plan((300, 200)), [], Canvas.lay
    photo, painting = photo_of(plan), Painting(plan)
    monkeypatch.setattr(Canvas, "lay", lambda canvas, *steps: (laid.append(canvas), lay(canvas, *steps)))
    preview = png_bytes(plan, painting=painting)
    assert laid
    laid.clear()
    near, far = score_of(painting, photo)
    assert not laid
    assert preview == png_bytes(plan)
    assert [near.as_dict(), far.as_dict()] == [seen.as_dict() for seen in score(plan, photo)]


@pytest.mark.parametrize("board", [Board(), Board(width_mm=800, height_mm=500, shape="ellipse")])
def test_similarity_is_that_of_scikit_image(board):
    from scipy.ndimage import gaussian_filter
    from skimage.metrics import structural_similarity

    plan = random_plan((300, 200), board=board)
    near = score(plan, load_photo((photo_of(plan).srgb * 0.5 + 60).astype(np.uint8)))[0]
    slope, offset = _line(near._tone[near._inside], near._goal[near._inside])
    window = {"gaussian_weights": True, "sigma": 3.0, "use_sample_covariance": False, "full": True}
    for tone, found in ((near._tone, near.ssim), (slope * near._tone + offset, near.ssim_fit)):
        _, local = structural_similarity(tone, near._goal, data_range=100, **window)
        assert found == pytest.approx(local[near._inside].mean(), abs=1e-5)
    picture = np.random.default_rng(0).random((60, 90))
    assert np.abs(gaussian(picture, 3.0) - gaussian_filter(picture, 3.0)).max() < 1e-6
