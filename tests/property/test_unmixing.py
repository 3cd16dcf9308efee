"""Unmixing: shares are shares, and no other mixture is nearer."""

from itertools import combinations

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stringart.picture.light import to_lab
from stringart.threads.unmixing import chroma_weights, dither, least_mixture, unmix

unit = st.floats(0, 1, width=32)
photos = arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3)), elements=unit)
palettes = arrays(np.float64, st.tuples(st.integers(1, 7), st.just(3)), elements=unit)
clouds = arrays(np.float64, st.tuples(st.integers(1, 6), st.just(3)), elements=st.integers(-40, 40).map(float))


def difference(seen, wanted):
    """The squared difference that unmixing makes least: CIELAB with chroma weighed."""
    apart = to_lab(seen) - to_lab(wanted)
    return apart[..., 0] ** 2 + chroma_weights(wanted) ** 2 * (apart[..., 1:] ** 2).sum(-1)


@settings(max_examples=60)
@given(photos, palettes)
def test_shares_sum_to_one_and_no_single_colour_is_nearer(photo, colors):
    shares = unmix(photo, colors)
    assert shares.shape == (len(colors), *photo.shape[:2])
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(0), 1, atol=1e-6)
    mixed = np.tensordot(shares, colors, (0, 0))
    alone = np.min([difference(np.broadcast_to(color, photo.shape), photo) for color in colors], 0)
    assert (difference(mixed, photo) <= alone * (1 + 1e-4) + 1e-2).all()


@settings(max_examples=60)
@given(palettes, st.data())
def test_a_mixture_of_the_palette_is_found_again(colors, data):
    parts = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(colors), max_size=len(colors))), float)
    assume(parts.sum() > 0)
    wanted = ((parts / parts.sum()) @ colors).astype(np.float32)[None, None]
    seen = np.tensordot(unmix(wanted, colors), colors, (0, 0))
    assert float(np.sqrt(difference(seen, wanted)).max()) < 0.2


@given(clouds)
@example(np.array([[0.0, 1.0, 10.0], [0.0, 0.0, 0.0], [0.0, 0.0, -11.0]]))  # shares went to and fro, and never arrived
def test_the_least_mixture_is_that_of_all_faces(points):
    """Against every face of the hull, each solved on its own."""
    found = ((least_mixture(points) @ points) ** 2).sum()
    best = min((points**2).sum(1))
    for size in range(2, min(len(points), 4) + 1):
        for face in combinations(range(len(points)), size):
            corner, edges = points[face[0]], points[list(face[1:])] - points[face[0]]
            along = np.linalg.lstsq(edges.T, -corner, rcond=None)[0]
            if (along >= 0).all() and along.sum() <= 1:
                best = min(best, ((corner + along @ edges) ** 2).sum())
    assert found <= best + 1e-5 * max((points**2).sum(1).max(), 1)


@settings(max_examples=40)
@given(photos, palettes)
def test_dithering_gives_every_pixel_one_colour(photo, colors):
    shares = dither(photo, colors)
    assert set(np.unique(shares)) <= {0.0, 1.0}
    assert (shares.sum(0) == 1).all()
