"""Areas laid on a raster: which cells they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.gis.worker import OF_OUR_OWN, RASTERIO, sandboxed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform


@sandboxed(RASTERIO, OF_OUR_OWN)
def burn_areas(areas: Sequence[Any], shape: tuple[int, int], transform: Transform) -> NDArray[np.bool_]:
    """Return which cells have their centre in one of the areas.

    Parameters
    ----------
    areas : sequence of shapely Polygon or MultiPolygon
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
