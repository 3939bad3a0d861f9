"""Areas laid over each other on a raster: how many of them hold each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform


def count_areas(areas: Iterable[Any], shape: tuple[int, int], transform: Transform) -> NDArray[np.uint8]:
    """Return for each cell how many areas its centre lies in, 255 at most.

    Parameters
    ----------
    areas : iterable of shapely Polygon or MultiPolygon
        In the raster's coordinates.
    shape : (int, int)
        Rows and columns.
    transform : tuple of six floats
        To cell centres.
    """
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    a, b, c, d, e, f = transform
    corner = Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)
    found = np.zeros(shape, np.uint16)
    for area in areas:
        if not area.is_empty:
            found += rasterize([(area, 1)], shape, transform=corner, dtype="uint8")
    return np.minimum(found, 255).astype(np.uint8)
