"""The cost's terms are the derivatives of the cost, checked against an independent computation of it."""

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from stringart import _kernels
from stringart.board.boards import make_board, place_pins
from stringart.picture.light import from_lightness, lightness
from stringart.search.objective import ALPHA, C2, CIE_FLOOR, WINDOW_PX, Objective, blurred, gaussian_taps, similarity
from stringart.search.raster import make_grid
from stringart.search.tone import Tone


@pytest.fixture
def setting():
    board = make_board("circle", (100.0, 100.0))
    grid = make_grid(board, place_pins(board, 40, 1.0), 0.5)
    rng = np.random.default_rng(3)
    target = gaussian_filter(rng.random((grid.size, grid.size)) * 900, 6).astype(np.float32)
    t = np.clip(gaussian_filter(rng.random(target.shape), 2) * 1.2, 0.05, 1).astype(np.float32)
    return grid, target, t


def blur(image, sigma):
    return gaussian_filter(image, sigma, truncate=np.ceil(3 * sigma) / sigma, mode="constant")


def cost_with_fixed_weights(grid, target, t, reference):
    """Return the cost, its weights taken at ``reference`` as the search does between two renewals."""
    scale = grid.px / 256
    sigma, window = max(scale, 0.5), max(WINDOW_PX * scale, 0.5)
    inside = grid.inside.astype(float)
    share = blur(inside, window)

    def mean(image):
        return blur(image * inside, window) / np.maximum(share, 1e-3)

    def variance(image):
        return np.maximum(mean(image**2) - mean(image) ** 2, 0)

    wanted, seen = (
        lightness(blur(from_lightness(target.astype(float)), sigma)),
        lightness(blur(reference.astype(float), sigma)),
    )
    local = inside / (C2 + variance(wanted) + variance(seen)) ** 0.375
    weight = blur(local, window)
    error = (lightness(blur(t.astype(float), sigma)) - wanted) * inside
    return (weight * error**2).sum() - ALPHA * (local * share * mean(error) ** 2).sum()


def test_the_slope_is_half_the_derivative_of_the_cost(setting):
    grid, target, t = setting
    state = np.zeros((*t.shape, 4), np.float32)
    state[..., _kernels.TRANSMITTANCE] = t
    Objective(grid, Tone(target=target, contrast=1.0), np.ones_like(t), 1.0, 0.0).renew(state)
    rng = np.random.default_rng(0)
    step = gaussian_filter(rng.standard_normal(t.shape), 3) * grid.inside * 0.01
    rise = (cost_with_fixed_weights(grid, target, t + step, t) - cost_with_fixed_weights(grid, target, t - step, t)) / 2
    foretold = (2 * state[..., _kernels.SLOPE] * step).sum()
    assert foretold == pytest.approx(rise, rel=0.03)


def test_lightness_and_its_slope_agree_with_cie():
    light = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    lstar, slope = np.empty_like(light), np.empty_like(light)
    _kernels.lightness(light, CIE_FLOOR, lstar, slope)
    np.testing.assert_allclose(lstar, lightness(light.astype(float)), atol=4e-4)
    y = light.astype(float)
    expected = (lightness(y + 1e-6) - lightness(y - 1e-6)) / 2e-6
    away = np.abs(y - 0.008856) > 1e-4
    np.testing.assert_allclose(slope[away][1:], expected[away][1:], rtol=1e-3)


def test_the_blur_is_a_gaussian():
    image = np.random.default_rng(0).random((50, 50)).astype(np.float32)
    out = blurred(image, gaussian_taps(2.0))
    np.testing.assert_allclose(out, blur(image.astype(float), 2.0), atol=1e-5)


def test_lab_is_cielab_and_its_derivatives_are_right():
    from skimage.color import rgb2lab

    from stringart.picture.light import to_srgb

    rng = np.random.default_rng(1)
    light = (rng.random((3, 8, 8)) * 0.9 + 0.05).astype(np.float32)
    values, slopes = np.empty_like(light), np.empty_like(light)
    _kernels.lab(light, CIE_FLOOR, values, slopes)
    expected = np.moveaxis(rgb2lab(to_srgb(np.moveaxis(light.astype(float), 0, -1))), -1, 0)
    np.testing.assert_allclose(values, expected, atol=0.05)

    step = (rng.standard_normal(light.shape) * 1e-3).astype(np.float32)
    moved, _ = np.empty_like(light), None
    _kernels.lab(light + step, CIE_FLOOR, moved, np.empty_like(light))
    squared, chroma = np.empty((8, 8), np.float32), rng.random((8, 8), np.float32)
    _kernels.lab_push(step, slopes, chroma, squared)
    lightness_, *chroma_ = (moved - values) ** 2
    by_hand = lightness_ + chroma * sum(chroma_)
    np.testing.assert_allclose(squared, by_hand, rtol=0.05, atol=1e-4)

    field = rng.standard_normal(light.shape).astype(np.float32)
    pull = np.empty_like(light)
    _kernels.lab_pull(field, slopes, pull)
    assert (pull * step).sum() == pytest.approx(
        ((moved - values) * field).sum(), abs=0.02 * float(np.abs(pull * step).sum())
    )


def test_the_similarity_of_a_piece_is_that_of_the_score_but_for_contrast_that_nobody_sees():
    from skimage.metrics import structural_similarity

    rng = np.random.default_rng(2)
    photo = np.clip(gaussian_filter(rng.random((160, 160)) * 6 - 2.5, 4), 0, 1).astype(np.float32)
    piece = np.clip(0.3 * photo + 0.4 + 0.02 * gaussian_filter(rng.standard_normal(photo.shape), 1), 0, 1)
    expected = []
    for sigma in (1.0, 2.0):
        seen, wanted = (lightness(blur(p.astype(float), sigma))[20:-20, 20:-20] for p in (piece, photo))
        slope, offset = np.polyfit(seen.ravel(), wanted.ravel(), 1)
        window = {"gaussian_weights": True, "sigma": 1.5 * sigma, "use_sample_covariance": False}
        expected.append(structural_similarity(slope * seen + offset, wanted, data_range=100, **window))
    inside = np.zeros_like(photo)
    inside[20:-20, 20:-20] = 1
    found = similarity(piece.astype(np.float32), photo, inside, 1.0)
    assert found == pytest.approx(np.mean(expected), abs=0.02)
    assert similarity(piece.astype(np.float32), photo, inside, 1.0, most_stretch=1.0) < found - 0.05


def test_a_pale_piece_is_forgiven_less_where_a_face_is_looked_at(setting):
    grid, target, _ = setting
    objective = Objective(grid, Tone(target=target, contrast=1.0), grid.inside.astype(np.float32), 0.0, 1.0)
    photo = from_lightness(target.astype(np.float64)).astype(np.float32)
    pale = from_lightness(0.4 * target.astype(np.float64) + 55).astype(np.float32)
    deep = from_lightness(0.8 * target.astype(np.float64) + 15).astype(np.float32)
    close = [[objective.closeness(1 - piece, photo, most) for piece in (pale, deep)] for most in (math.inf, 1.5)]
    assert close[0][0] == pytest.approx(close[0][1], abs=0.02)
    assert close[1][0] < close[1][1] - 0.02
