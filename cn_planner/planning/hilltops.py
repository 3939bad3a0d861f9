"""Places in the terrain where a mast sees far: hilltops, and shoulders and rims above what is round them."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from cn_planner.geo import WGS84, local_transverse_mercator, transform
from cn_planner.terrain.knots import Knots, knots_along

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.terrain.surface import Surface

_F = TypeVar("_F", np.float32, np.float64)
CELLS = 4_000_000
"""Of the grid that is looked at: with more its cells are wider."""
_LEAST_CELL_M = 30.0
TOP_RADIUS_M = 300.0
"""A hilltop is the highest place so far round it."""
STANDS_OUT_M = 20.0
"""By so much it stands above the lowest ground within `ROUND_M`."""
ROUND_M = 500.0
SHOULDER_M = 8.0
"""A shoulder or rim stands so much above the mean of the ground within `ROUND_M`."""


class Form(StrEnum):
    """What a place is in the terrain."""

    HILLTOP = "hilltop"
    SHOULDER = "shoulder"


class Hilltop(NamedTuple):
    """A place that stands out. ``stands_out_m``: above the lowest ground round it, or above the mean for a shoulder."""

    latitude: float
    longitude: float
    ground_m: float
    form: Form
    stands_out_m: float


def places_that_stand_out(
    surface: Surface, south: float, west: float, north: float, east: float, most: int, *, cells: int = CELLS
) -> tuple[Hilltop, ...]:
    """Return hilltops and shoulders of a box, hilltops first, each kind by how much it stands out.

    Parameters
    ----------
    surface : Surface
        The ground; where it is missing there is no place.
    south, west, north, east : float
        The box, degrees WGS 84; `east` may lie beyond 180 across the antimeridian.
    most : int
        So many of each kind at most.
    cells : int
        Of the grid that is looked at.

    References
    ----------
    A. D. Weiss, "Topographic position and landforms analysis", 2001: the height over the mean of a neighbourhood.
    """
    crs = local_transverse_mercator((south + north) / 2.0, ((west + east) / 2.0 + 180.0) % 360.0 - 180.0)
    x, y = transform(WGS84, crs, np.array([west, west, east, east]), np.array([south, north, south, north]))
    width, height = float(np.ptp(x)), float(np.ptp(y))
    cell = max(_LEAST_CELL_M, math.sqrt(max(width * height, 1.0) / cells))
    columns, rows = math.ceil(width / cell) + 1, math.ceil(height / cell) + 1
    place = (cell, 0.0, float(x.min()), 0.0, -cell, float(y.max()))
    (down, at_row), (across, at_column) = knots_along(rows), knots_along(columns)
    lon, lat = transform(crs, WGS84, *np.meshgrid(place[2] + cell * across, place[5] - cell * down))
    heights = surface.on_raster(Knots(lat, lon, at_row, at_column), np.float32)
    known = np.isfinite(heights)
    if not known.any():
        return ()
    # The least and the greatest are samples as they stand: single precision holds them.
    low, high = (np.where(known, heights, np.float32(gone)) for gone in (np.inf, -np.inf))
    ground = heights.astype(np.float64)

    def window(radius_m: float) -> int:
        return 2 * max(1, round(radius_m / cell)) + 1

    out = ground - extremes_round(low, window(ROUND_M), np.minimum)
    top = known & (ground >= extremes_round(high, window(TOP_RADIUS_M), np.maximum)) & (out >= STANDS_OUT_M)
    # Of ones the running sums are exact, and their mean is one.
    share = np.ones(1) if known.all() else means_round(known.astype(np.float64), window(ROUND_M))
    mean = means_round(np.where(known, ground, 0.0), window(ROUND_M)) / np.maximum(share, 1e-9)
    over = np.where(known & (share > 0.5), ground - mean, -np.inf)
    rim = known & ~top & (over >= SHOULDER_M) & (over >= extremes_round(over, window(TOP_RADIUS_M), np.maximum))
    found: list[Hilltop] = []
    for mask, form, figure in ((top, Form.HILLTOP, out), (rim, Form.SHOULDER, over)):
        row, column = np.nonzero(mask)
        order = np.lexsort((column, row, -figure[row, column]))[:most]
        row, column = row[order], column[order]
        lon, lat = transform(crs, WGS84, place[2] + cell * column, place[5] - cell * row)
        found += [
            Hilltop(float(a), float(b), float(ground[r, c]), form, float(figure[r, c]))
            for a, b, r, c in zip(lat, lon, row, column, strict=True)
        ]
    return tuple(_apart(found))


def extremes_round(values: NDArray[_F], cells: int, best: np.ufunc) -> NDArray[_F]:
    """Return the least or greatest value of the square round each cell; beyond the edge stands what stands on it.

    `scipy.ndimage` has it too, and stays in the memory of a window with 20 MB once it is loaded.

    Parameters
    ----------
    values : float array of (rows, columns)
        None of them NaN.
    cells : int
        Side of the square, odd.
    best : np.ufunc
        `np.minimum` or `np.maximum`.
    """
    for axis in (0, 1):
        runs, size, length = _beyond(values, cells, axis), 1, values.shape[axis]
        other, have = np.empty_like(runs), runs.shape[axis]
        while 2 * size <= cells:  # of runs of so many cells two make one twice as long
            have -= size
            first, second = _lines(runs, 0, have, axis), _lines(runs, size, have + size, axis)
            best(first, second, out=_lines(other, 0, have, axis))  # two arrays in turn: new ones are new pages
            runs, other, size = other, runs, 2 * size
        values = best(_lines(runs, 0, length, axis), _lines(runs, cells - size, cells - size + length, axis))
    return values


def means_round(values: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Return the mean of the square round each cell, bit for bit as `scipy.ndimage.uniform_filter` ("nearest").

    Parameters
    ----------
    values : float64 array of (rows, columns)
    cells : int
        Side of the square, odd.
    """
    for axis in (0, 1):
        line, length = _beyond(values, cells, axis), values.shape[axis]
        # A running sum: what comes in less what goes out.
        steps = np.empty_like(values)
        first = np.cumsum(_lines(line, 0, cells, axis), axis=axis)
        _lines(steps, 0, 1, axis)[...] = _lines(first, cells - 1, cells, axis)
        coming, going = _lines(line, cells, cells + length - 1, axis), _lines(line, 0, length - 1, axis)
        np.subtract(coming, going, out=_lines(steps, 1, length, axis))
        values = np.cumsum(steps, axis=axis, out=steps)
        values /= cells
    return values


def _beyond(values: NDArray[_F], cells: int, axis: int) -> NDArray[_F]:
    """Return the values with what stands on either edge repeated beyond it, half a square far."""
    more, length = cells // 2, values.shape[axis]
    shape = tuple(size + 2 * more * (n == axis) for n, size in enumerate(values.shape))
    found = np.empty(shape, values.dtype)
    _lines(found, more, more + length, axis)[...] = values
    _lines(found, 0, more, axis)[...] = _lines(values, 0, 1, axis)
    _lines(found, more + length, shape[axis], axis)[...] = _lines(values, length - 1, length, axis)
    return found


def _lines(values: NDArray[_F], first: int, end: int, axis: int) -> NDArray[_F]:
    return values[first:end] if axis == 0 else values[:, first:end]


def _apart(found: list[Hilltop]) -> list[Hilltop]:
    """Return the places without a second one of the same flat top: equal heights side by side are one place."""
    kept: list[Hilltop] = []
    seen: NDArray[np.float64] = np.zeros((0, 2))
    for one in found:
        scale = math.cos(math.radians(one.latitude))
        here = np.array([one.latitude, one.longitude * scale])
        if len(seen) and (np.abs(seen - here) < TOP_RADIUS_M / 2.0 / 111_000.0).all(axis=1).any():
            continue
        kept.append(one)
        seen = np.vstack([seen, here])
    return kept
