"""Outlines of the true cells of a raster, as rings; the areas of its classes, as polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.raster import Transform

Ring = tuple[tuple[float, float], ...]
_TOLERANCE_CELLS = 0.75
"""Stairs of single cells are straightened; no point of an outline moves further than this."""


def raster_rings(mask: NDArray[np.bool_], transform: Transform, *, smallest_cells: int = 4) -> tuple[Ring, ...]:
    """Return the outlines of a raster's true cells in the raster's coordinates, holes as rings of their own.

    Parameters
    ----------
    mask : bool array of (rows, columns)
        What to outline.
    transform : tuple of six floats
        To cell centres.
    smallest_cells : int
        Specks and holes of fewer cells are left out.

    Returns
    -------
    tuple of rings
        Each a tuple of (x, y), first and last the same. A place inside an odd number of rings is covered.
    """
    import shapely
    from rasterio.features import shapes, sieve
    from rasterio.transform import Affine

    cells = mask.astype(np.uint8)
    if smallest_cells > 1 and min(cells.shape) > 1:
        cells = sieve(cells, smallest_cells)
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


MOST_CORNERS = 2_000_000
"""More corners than that are refused: a file of some 50 MB, half a gigabyte while it is made; few programs open it."""
_KNOT_CELLS = 64
"""Long sides get a corner at least every so many cells: a straight side of a grid is not straight in degrees."""


def class_polygons(classes: NDArray[np.int16], transform: Transform) -> dict[int, NDArray[np.object_]]:
    """Return the areas of each class of a raster as polygons along the edges of its cells, with their holes.

    Parameters
    ----------
    classes : int16 array of (rows, columns)
        Those below 0 are left out.
    transform : tuple of six floats
        To cell centres.

    Returns
    -------
    dict of int to array of shapely Polygon
        By class, in the raster's coordinates. Every cell's centre lies within a polygon of its own class and in no
        other: nothing but straight sides is made simpler. Polygons of one class touch at corners at most.

    Raises
    ------
    InputError
        Where there would be more than `MOST_CORNERS` corners.
    """
    import shapely
    from rasterio.features import shapes

    found: dict[int, list[Any]] = {}
    corners = 0
    for one, value in shapes(classes, mask=classes >= 0, connectivity=4):
        corners += sum(map(len, one["coordinates"]))
        if corners > MOST_CORNERS:
            raise InputError(
                msg("The areas of this map would have more than {limit} million corners.", limit=MOST_CORNERS // 10**6),
                fix=msg("Ask for larger cells or a smaller radius, or for a GeoTIFF."),
            )
        found.setdefault(int(value), []).append(shapely.Polygon(one["coordinates"][0], one["coordinates"][1:]))
    a, b, c, d, e, f = transform
    c, f = c - (a + b) / 2, f - (d + e) / 2
    return {
        value: shapely.transform(
            _with_knots(np.array(polygons)), lambda at: np.column_stack([at @ (a, b) + c, at @ (d, e) + f])
        )
        for value, polygons in sorted(found.items())
    }


def _with_knots(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons on a lattice with a corner wherever a side crosses one of every so many lines of it."""
    import shapely

    kind, at, (rings, parts) = shapely.to_ragged_array(polygons)
    step = np.diff(at, axis=0, append=at[-1:])
    step[rings[1:] - 1] = 0.0  # from the last corner of a ring there is no side
    # Sides run along rows or columns; which lines lie strictly between their ends?
    along = np.where(step[:, 0] != 0.0, 0, 1)
    here = at[np.arange(len(at)), along]
    there = here + step[np.arange(len(at)), along]
    first = np.floor(np.minimum(here, there) / _KNOT_CELLS) + 1.0
    count = np.maximum(np.ceil(np.maximum(here, there) / _KNOT_CELLS) - first, 0.0).astype(np.int64)
    places = np.arange(len(at)) + np.concatenate([[0], np.cumsum(count)[:-1]])
    out = np.repeat(at, count + 1, axis=0)
    inner = np.ones(len(out), np.bool_)
    inner[places] = False
    side = np.repeat(np.arange(len(at)), count)
    number = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
    back = there[side] < here[side]
    line = first[side] + np.where(back, count[side] - 1 - number, number)
    out[np.flatnonzero(inner), along[side]] = line * _KNOT_CELLS
    return np.asarray(shapely.from_ragged_array(kind, out, (np.append(places, len(out))[rings], parts)))
