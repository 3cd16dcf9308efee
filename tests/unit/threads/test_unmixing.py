"""Unmixing and dithering on pictures whose answer is known."""

import numpy as np

from stringart.picture.light import to_lab
from stringart.threads.unmixing import chroma_weights, dither, unmix

BLACK, WHITE, RED = [0, 0, 0], [1, 1, 1], [1, 0, 0]


def flat(*light):
    return np.broadcast_to(np.array(light, np.float32), (32, 32, 3))


def test_half_light_is_half_of_each():
    shares = unmix(flat(0.5, 0.5, 0.5), [BLACK, WHITE])
    np.testing.assert_allclose(shares[:, 0, 0], [0.5, 0.5], atol=2e-3)


def test_a_colour_out_of_reach_is_shown_by_the_nearest():
    shares = unmix(flat(0, 0, 1), [BLACK, WHITE, RED])
    mixed = np.tensordot(shares, np.array([BLACK, WHITE, RED], float), (0, 0))[0, 0]
    white, red = np.meshgrid(np.linspace(0, 1, 201), np.linspace(0, 1, 201))
    every = np.stack([white + red, white, white], -1)[white + red <= 1]
    weight = np.array([1, *[chroma_weights([0, 0, 1.0])] * 2])
    apart = [(((to_lab(seen) - to_lab([0, 0, 1.0])) * weight) ** 2).sum(-1) for seen in (every, mixed)]
    assert apart[1] < apart[0].min() * 1.05


def test_with_spread_near_colours_are_mixed_in_place_of_far_ones():
    colors = [BLACK, WHITE, [0.2] * 3, [0.3] * 3]
    far, near = unmix(flat(0.25, 0.25, 0.25), colors[:2]), unmix(flat(0.25, 0.25, 0.25), colors, spread=0.1)
    assert far[1].mean() > 0.2
    assert near[2:].sum(0).min() > 0.99


def test_dithering_keeps_the_light_of_the_picture():
    for value in (0.1, 0.25, 0.5, 0.8):
        assert abs(dither(flat(value, value, value), [BLACK, WHITE])[1].mean() - value) < 0.02


def test_dithering_mixes_as_unmixing_does():
    rng = np.random.default_rng(1)
    colors = np.array([BLACK, WHITE, RED, [0, 0.2, 0.6]])
    photo = np.broadcast_to((rng.dirichlet(np.ones(4)) @ colors).astype(np.float32), (64, 64, 3))
    dots = np.tensordot(dither(photo, colors).mean((1, 2)), colors, (0, 0))
    np.testing.assert_allclose(dots, photo[0, 0], atol=0.02)
