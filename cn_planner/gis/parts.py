"""Parts of rasters: which of a file's pixels lie within circles on the ground, and where a part lies in its whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from cn_planner import geo
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Transform: TypeAlias = tuple[float, float, float, float, float, float]

MARGIN_CELLS = 24
"""Pixels beyond the circles that are read too: what is interpolated there, and small voids with their whole rim."""
_STRETCH = 1.02
"""By how much a map's projection may stretch the ground within a circle."""
_SAME_CELLS = 1e-6


class Circle(NamedTuple):
    """A place on the ground, degrees WGS 84, and how far round it, m."""

    latitude: float
    longitude: float
    radius_m: float


class FileAnswers(NamedTuple):
    """What a person answered of a raster that does not say it itself.

    Attributes
    ----------
    crs : str
        ``EPSG:n`` or WKT; empty: what the file says.
    unit : str
        Of its heights: m, ft or us-ft; empty: what the file says, else m.
    """

    crs: str = ""
    unit: str = ""


class RasterPart(NamedTuple):
    """Where a part lies in a raster.

    Attributes
    ----------
    transform : tuple of six floats
        To pixel centres of the whole.
    shape : (int, int)
        Rows, columns of the whole.
    top, left : int
        First row and column of the part.
    held : (int, int)
        Rows, columns of the part.
    """

    transform: Transform
    shape: tuple[int, int]
    top: int
    left: int
    held: tuple[int, int]


def moved(transform: Transform, top: int, left: int) -> Transform:
    """Return the transform of a part that begins at a row and a column."""
    a, b, c, d, e, f = transform
    return (a, b, a * left + b * top + c, d, e, d * left + e * top + f) if top or left else transform


def place_in(whole: Transform, part: Transform) -> tuple[int, int] | None:
    """Return row and column of a part's first pixel in another raster, None where its pixels are not that one's."""
    a, b, c, d, e, f = whole
    if part[:2] != (a, b) or part[3:5] != (d, e):
        return None
    x, y = part[2] - c, part[5] - f
    det = a * e - b * d
    column, row = (e * x - b * y) / det, (a * y - d * x) / det
    if max(abs(column - round(column)), abs(row - round(row))) > _SAME_CELLS:
        return None
    return round(row), round(column)


def part_in_box(
    crs: str, transform: Transform, shape: tuple[int, int], box: tuple[float, float, float, float], margin: int
) -> RasterPart | None:
    """Return the part of a raster that holds all that lies in a box, None where nothing does.

    ``crs``: of the raster. ``transform``: tuple of six floats, to pixel centres. ``shape``: (int, int), rows, columns.
    ``box``: (south, west, north, east), degrees. ``margin``: pixels beyond it on each side.
    """
    south, west, north, east = box
    t = np.linspace(0.0, 1.0, 17)
    span = (east - west) % 360.0 or 360.0
    lon = np.concatenate([west + span * t] * 2 + [np.full(17, west), np.full(17, west + span)])
    lat = np.concatenate([np.full(17, south), np.full(17, north)] + [south + (north - south) * t] * 2)
    a, b, c, d, e, f = transform
    if geo.is_geographic(crs):
        middle = a * (shape[1] - 1) / 2 + b * (shape[0] - 1) / 2 + c
        x, y = lon + 360.0 * round((middle - west - span / 2) / 360.0), lat
    else:
        x, y = geo.transform(geo.WGS84, crs, lon, lat)
    det = a * e - b * d
    columns, rows = (e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det
    known = np.isfinite(columns) & np.isfinite(rows)
    if not known.any():
        return None
    top, left = (max(math.floor(v[known].min()) - margin, 0) for v in (rows, columns))
    bottom, right = (
        min(math.ceil(v[known].max()) + margin + 1, count) for v, count in ((rows, shape[0]), (columns, shape[1]))
    )
    return (
        RasterPart(transform, shape, top, left, (bottom - top, right - left)) if top < bottom and left < right else None
    )


def part_round(crs: str, transform: Transform, shape: tuple[int, int], circles: Sequence[Circle]) -> RasterPart | None:
    """Return the part of a raster that holds all that lies within circles; None for all of it.

    Parameters
    ----------
    crs : str
        Of the raster.
    transform : tuple of six floats
        To pixel centres.
    shape : (int, int)
        Rows, columns.
    circles : sequence of Circle
        A radius is meant on the ground, and in the raster's own metres where it has any. None: all of it.

    Returns
    -------
    Part or None
        At least a pixel, wherever the circles lie; `MARGIN_CELLS` more than the circles on each side.
    """
    rows, columns = _frame(crs, transform, shape, circles)
    if not (np.isfinite(rows).all() and np.isfinite(columns).all() and len(rows)):
        return None
    top, bottom = _range(rows, shape[0])
    left, right = _range(columns, shape[1])
    if (top, left, bottom, right) == (0, 0, *shape):
        return None
    return RasterPart(transform, shape, top, left, (bottom - top, right - left))


def _range(at: NDArray[np.float64], count: int) -> tuple[int, int]:
    first = max(math.floor(float(at.min())) - MARGIN_CELLS, 0)
    last = min(math.ceil(float(at.max())) + MARGIN_CELLS + 1, count)
    return (min(first, count - 1), last) if first < last else ((0, 1) if last < 1 else (count - 1, count))


def _frame(
    crs: str, transform: Transform, shape: tuple[int, int], circles: Sequence[Circle]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows and columns of places all round the circles."""
    t = np.linspace(-1.0, 1.0, 17)
    side = np.full(17, 1.0)
    east, north = np.concatenate([t, t, side, -side]), np.concatenate([side, -side, t, t])
    a, b, c, d, e, f = transform
    geographic = geo.is_geographic(crs)
    middle = a * (shape[1] - 1) / 2 + b * (shape[0] - 1) / 2 + c
    all_x, all_y = [np.empty(0)], [np.empty(0)]
    for latitude, longitude, radius_m in circles:
        if geographic and abs(latitude) + math.degrees(2.0 * _STRETCH * radius_m / EARTH_RADIUS_M) > 90.0:
            return np.full(1, np.nan), np.full(1, np.nan)  # round a pole there is no east and west side
        local, far = geo.local_transverse_mercator(latitude, longitude), _STRETCH * radius_m
        lon, lat = geo.transform(local, geo.WGS84, far * east, far * north)
        x, y = geo.transform(geo.WGS84, crs, lon, lat)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):  # so large a circle that the projection has no end
            return np.full(1, np.nan), np.full(1, np.nan)
        if geographic:
            x = x + 360.0 * np.round((middle - x) / 360.0)
        elif geo.is_metric(crs):
            at_x, at_y = geo.transform(geo.WGS84, crs, [longitude], [latitude])
            x, y = np.concatenate([x, at_x + far * east]), np.concatenate([y, at_y + far * north])
        all_x.append(x)
        all_y.append(y)
    x, y = np.concatenate(all_x) - c, np.concatenate(all_y) - f
    det = a * e - b * d
    return (a * y - d * x) / det, (e * x - b * y) / det
