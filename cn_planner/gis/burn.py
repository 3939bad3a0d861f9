"""Areas laid on a raster: which cells they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform


def burn_areas(areas: Iterable[Any], shape: tuple[int, int], transform: Transform) -> NDArray[np.bool_]:
    """Return which cells have their centre in one of the areas.

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

    shapes = [(area, 1) for area in areas if not area.is_empty]
    if not shapes:
        return np.zeros(shape, np.bool_)
    return np.asarray(rasterize(shapes, shape, transform=_corner(transform), dtype="uint8"), np.bool_)


def _corner(transform: Transform) -> Any:
    from rasterio.transform import Affine

    a, b, c, d, e, f = transform
    return Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)
