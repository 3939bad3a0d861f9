"""The areas of a raster's classes as polygons whose common borders stay common, in few corners.

The stairs of cells are straightened in two steps. Flights of steps of a cell are cut from the middle of one side to the
middle of the next, which makes a straight line of one cell in n; where three areas meet, the corner stays. Then GEOS
simplifies all areas together. A border moves by at most `MOST_CELLS_MOVED`, which is measured each time, and it moves
for both its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.gis.warned import expect_no_place
from cn_planner.gis.worker import OF_OUR_OWN, RASTERIO, sandboxed
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform

MOST_CORNERS = 2_000_000
"""More corners than that are refused: a file of some 50 MB, half a gigabyte while it is made; few programs open it."""
MOST_CELLS_MOVED = 0.5
"""No border lies further than this from that of the cells, in cells."""
_TOLERANCES = (0.35, 0.3, 0.2, 0.1, 0.0)
"""Of the simplification, in cells, tried one after the other until borders move little enough."""
_KNOT_CELLS = 64
"""Long sides get a corner at least every so many cells: a straight side of a grid is not straight in degrees."""


def class_areas(classes: NDArray[np.int16], transform: Transform) -> dict[int, NDArray[np.object_]]:
    """Return the areas of each class of a raster as polygons with their holes.

    Parameters
    ----------
    classes : int16 array of (rows, columns)
        Those below 0 are left out.
    transform : tuple of six floats
        To cell centres.

    Returns
    -------
    dict of int to array of shapely Polygon
        By class, in the raster's coordinates. The areas of all classes are a coverage: they do not overlap, and
        neighbours have the same corners along their common border. No border is further than `MOST_CELLS_MOVED` from
        that of the cells.

    Raises
    ------
    InputError
        Where there would be more than `MOST_CORNERS` corners.
    """
    import shapely

    at, offsets, values = _polygons(classes, MOST_CORNERS)
    if not len(values):
        return {}
    kind = shapely.GeometryType.POLYGON
    cut, corner, rings = _cut_corners(at, offsets[0], _meetings(classes))
    del at
    smooth = _simple(kind, cut, corner, (rings, offsets[1]))
    a, b, c, d, e, f = transform
    c, f = c - (a + b) / 2, f - (d + e) / 2
    placed = shapely.transform(_with_knots(smooth), lambda at: np.column_stack([at @ (a, b) + c, at @ (d, e) + f]))
    return {int(value): placed[values == value] for value in np.unique(values)}


@sandboxed(RASTERIO, OF_OUR_OWN)
def _polygons(
    classes: NDArray[np.int16], most: int
) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], ...], NDArray[np.int16]]:
    """Return areas along the edges of cells, on the lattice of their corners, as a ragged array, and their classes."""
    import shapely
    from rasterio.features import shapes

    expect_no_place()
    found: list[Any] = []
    values: list[float] = []
    corners = 0
    for one, value in shapes(classes, mask=classes >= 0, connectivity=4):
        corners += sum(map(len, one["coordinates"]))
        if corners > most:
            raise InputError(
                msg("The areas of this map would have more than {limit} million corners.", limit=most // 10**6),
                fix=msg("Ask for larger cells or a smaller radius, or for a GeoTIFF."),
            )
        found.append(shapely.Polygon(one["coordinates"][0], one["coordinates"][1:]))
        values.append(value)
    if not found:
        return np.empty((0, 2)), (), np.empty(0, np.int16)
    _, at, offsets = shapely.to_ragged_array(np.array(found, np.object_))
    return at, offsets, np.array(values, np.int16)


def _meetings(classes: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return at which corners of cells more than two borders meet, (rows + 1, columns + 1)."""
    wide = np.pad(np.maximum(classes, -1), 1, constant_values=-1)
    down = wide[1:] != wide[:-1]  # borders that run along rows
    across = wide[:, 1:] != wide[:, :-1]
    count = down[:, 1:].astype(np.uint8)
    count += down[:, :-1]
    count += across[1:]
    count += across[:-1]
    return np.asarray(count > 2)


def _cut_corners(
    at: NDArray[np.float64], rings: NDArray[np.int64], meets: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return rings with their corners cut off.

    Returns
    -------
    at : array of (n, 2)
        Old corners and new, ring by ring, the first corner again at the end of its ring.
    corner : bool array of n
        Which belong to the new ring; the others are what was cut off.
    rings : int array
        Where each ring begins, and the end.
    """
    # A corner wherever three areas meet, in the side that goes by there too.
    step = np.diff(at, axis=0, append=at[-1:])
    step[rings[1:] - 1] = 0.0  # from the last corner of a ring there is no side
    length = np.abs(step).sum(axis=1).astype(np.int64)
    side = np.repeat(np.arange(len(at)), length)
    far = np.arange(len(side)) - np.repeat(np.cumsum(length) - length, length)
    unit = np.sign(step[side])
    point = at[side] + unit * far[:, np.newaxis]
    column, row = point.astype(np.int64).T
    fixed = meets[row, column]
    keep = fixed | (far == 0)
    ring = np.repeat(np.arange(len(rings) - 1), np.diff(rings))[side][keep]
    point, fixed = point[keep], fixed[keep]
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    last = np.append(first[1:], len(ring)) - 1
    before, after = np.arange(len(ring)) - 1, np.arange(len(ring)) + 1
    before[first], after[last] = last, first
    back, on = point[before] - point, point[after] - point
    stair = ~fixed & (np.minimum(np.abs(back).sum(axis=1), np.abs(on).sum(axis=1)) == 1.0)
    # Only of a flight of stairs, where one corner turns to the left and the next to the right: else nothing is won.
    turn = np.where(stair, np.sign(on[:, 0] * back[:, 1] - on[:, 1] * back[:, 0]), 0.0)
    stair = (turn * turn[before] < 0.0) | (turn * turn[after] < 0.0)
    # Three a corner: where it is cut before it, itself, where it is cut after it.
    new = np.repeat(point[:, np.newaxis], 3, axis=1)
    for place, way in ((0, back), (2, on)):
        new[:, place] += way / 2.0
    kept = np.column_stack([stair, ~stair, stair])
    straight = (~fixed) & ((back * on).sum(axis=1) != 0.0)  # a ring may begin within a side
    kept[straight] = False
    flat, corner, ring = new.reshape(-1, 2), kept.ravel(), np.repeat(ring, 3)
    return _closed(flat, corner, ring)


def _closed(
    at: NDArray[np.float64], corner: NDArray[np.bool_], ring: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return rings each turned to begin at one of its corners, without doubles, and closed there."""
    number = np.arange(len(at))
    begin = np.flatnonzero(np.diff(ring, prepend=-1))
    size = np.diff(np.append(begin, len(at)))
    first = np.minimum.reduceat(np.where(corner, number, len(at)), begin)
    place = number - begin[ring]
    turned = begin[ring] + (place + (first - begin)[ring]) % size[ring]
    at, corner = at[turned], corner[turned].copy()
    # The middle of a side that is cut from both its ends comes twice.
    kept = np.flatnonzero(corner)
    same = (at[kept[1:]] == at[kept[:-1]]).all(axis=1) & (ring[kept[1:]] == ring[kept[:-1]])
    corner[kept[1:][same]] = False
    ends = np.append(begin[1:], len(at))
    final = np.maximum.reduceat(np.where(corner, number, -1), begin)
    again = (at[final] == at[begin]).all(axis=1) & (final != begin)
    corner[final[again]] = False
    at, corner = np.insert(at, ends, at[begin], axis=0), np.insert(corner, ends, True)
    return at, corner, np.append(begin, len(number)) + np.arange(len(begin) + 1)


def _simple(
    kind: Any, at: NDArray[np.float64], corner: NDArray[np.bool_], offsets: tuple[NDArray[np.int64], Any]
) -> NDArray[np.object_]:
    """Return the polygons of cut rings in as few corners as the limit allows."""
    import shapely

    rings, parts = offsets
    counts = np.add.reduceat(corner, rings[:-1])
    starts = np.concatenate([[0], np.cumsum(counts)])
    cut = shapely.from_ragged_array(kind, at[corner], (starts, parts))
    for tolerance in _TOLERANCES:
        smooth = shapely.coverage_simplify(cut, tolerance)
        _, corners, (there, _parts) = shapely.to_ragged_array(smooth)
        if _moved(at, rings, corners, there) <= MOST_CELLS_MOVED + 1e-9:
            return np.asarray(smooth)
    return np.asarray(cut)


def _moved(
    at: NDArray[np.float64], rings: NDArray[np.int64], corners: NDArray[np.float64], there: NDArray[np.int64]
) -> float:
    """Return how far any corner of rings lies from the side that stands for it in rings of fewer corners."""
    width, height = (int(2 * v) + 1 for v in at.max(axis=0))

    def keys(places: NDArray[np.float64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
        # All lie on halves of cells, and no ring passes a place twice but where areas meet, which stays.
        x, y = (2.0 * places).astype(np.int64).T
        ring = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        return np.asarray((ring * height + y) * width + x)

    kept = np.isin(keys(at, rings), keys(corners, there))
    number, ring = np.arange(len(at)), np.repeat(np.arange(len(rings) - 1), np.diff(rings))
    begin, end = rings[:-1], rings[1:] - 1
    before = np.maximum.accumulate(np.where(kept, number, -1))
    after = np.minimum.accumulate(np.where(kept, number, len(at))[::-1])[::-1]
    # What lies before the first corner that is left of a ring, or after the last, has its side across the ring's end.
    first = np.minimum.reduceat(np.where(kept, number, len(at)), begin)
    last = np.maximum.reduceat(np.where(kept, number, -1), begin)
    before = np.where(before < begin[ring], last[ring], before)
    after = np.where(after > end[ring], first[ring], after)
    low, side, off = at[before], at[after] - at[before], at - at[before]
    length2 = (side * side).sum(axis=1)
    share = np.clip((off * side).sum(axis=1) / np.where(length2 > 0.0, length2, 1.0), 0.0, 1.0)
    away = at - (low + side * share[:, np.newaxis])
    return float(np.sqrt((away * away).sum(axis=1).max()))


def _with_knots(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons with a corner wherever a side crosses one of every so many lines of the lattice.

    A side crosses rows or columns, whichever it crosses more of. Its two neighbours find the same places.
    """
    import shapely

    kind, at, (rings, parts) = shapely.to_ragged_array(polygons)
    to = np.roll(at, -1, axis=0)
    to[rings[1:] - 1] = at[rings[1:] - 1]  # from the last corner of a ring there is no side
    number = np.arange(len(at))
    step = np.abs(to - at)
    along = np.where(step[:, 0] >= step[:, 1], 0, 1)
    here, there = at[number, along], to[number, along]
    first = np.floor(np.minimum(here, there) / _KNOT_CELLS) + 1.0
    count = np.maximum(np.ceil(np.maximum(here, there) / _KNOT_CELLS) - first, 0.0).astype(np.int64)
    places = number + np.concatenate([[0], np.cumsum(count)[:-1]])
    out = np.repeat(at, count + 1, axis=0)
    inner = np.ones(len(out), np.bool_)
    inner[places] = False
    side = np.repeat(number, count)
    order = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
    back = (there < here)[side]
    line = (first[side] + np.where(back, count[side] - 1 - order, order)) * _KNOT_CELLS
    # From the lower end, whichever way the side runs: the same numbers for both neighbours.
    low, high = np.where(back[:, np.newaxis], to[side], at[side]), np.where(back[:, np.newaxis], at[side], to[side])
    one = np.arange(len(side)), along[side]
    share = (line - low[one]) / (high[one] - low[one])
    new = low + (high - low) * share[:, np.newaxis]
    new[one] = line
    out[inner] = new
    return np.asarray(shapely.from_ragged_array(kind, out, (np.append(places, len(out))[rings], parts)))
