"""Outlines of the true cells of a raster, as rings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.gis.warned import expect_no_place
from cn_planner.gis.worker import OF_OUR_OWN, RASTERIO, sandboxed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform

Ring = tuple[tuple[float, float], ...]
_LEAST_CELLS = 4
_TOLERANCE_CELLS = 0.75
"""Stairs of single cells are straightened; no point of an outline moves further than this."""


@sandboxed(RASTERIO, OF_OUR_OWN)
def raster_rings(mask: NDArray[np.bool_], transform: Transform) -> tuple[Ring, ...]:
    """Return the outlines of a raster's true cells in the raster's coordinates, holes as rings of their own.

    Specks and holes of fewer than `_LEAST_CELLS` cells are left out.

    Parameters
    ----------
    mask : bool array of (rows, columns)
        What to outline.
    transform : tuple of six floats
        To cell centres.

    Returns
    -------
    tuple of rings
        Each a tuple of (x, y), first and last the same. A place inside an odd number of rings is covered.
    """
    import shapely
    from rasterio.features import shapes, sieve
    from rasterio.transform import Affine

    expect_no_place()
    cells = mask.astype(np.uint8)
    if min(cells.shape) > 1:
        cells = sieve(cells, _LEAST_CELLS)
    found = [shapely.geometry.shape(one) for one, value in shapes(cells, mask=cells == 1, connectivity=4) if value == 1]
    rings: list[Ring] = []
    a, b, c, d, e, f = transform
    corner = Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)
    # All at once, so that shared corners stay shared and no outline crosses another.
    for polygon in shapely.coverage_simplify(found, _TOLERANCE_CELLS) if found else ():
        for ring in (polygon.exterior, *polygon.interiors):
            x, y = np.asarray(ring.coords).T
            rings.append(tuple(zip(*(v.tolist() for v in corner @ (x, y)), strict=True)))
    return tuple(rings)
