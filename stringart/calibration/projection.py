"""The projective map between a flat card and its photo."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def homography(source: Array, target: Array) -> Array:
    """The projective map, (3, 3), that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    return np.asarray(np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3), np.float64)


def project(matrix: Array, points: Array) -> Array:
    """Points (N, 2) through a projective map."""
    out: Array = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(out[:, :2] / out[:, 2:], np.float64)
