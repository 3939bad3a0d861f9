"""Heights of a raster whose places are projected at knots alone, every so many pixels: between them lines run straight.

To project a place takes longer than all the rest of its height. How far the lines are off is looked at in the middle of
the knots; where that is more than a small part of a file's cell, each place is projected by itself. Within the raster
lines run straight in degrees as well, off by a hundredth of a pixel or two at 45 degrees, of pixels of a kilometre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.terrain.tile import ElevationTile

_EACH = 16
"""Pixels from one knot to the next."""
_OFF_CELLS = 0.05
_AT_ONCE = 1 << 14
"""Pixels looked up at once: their arrays stay in the processor's cache."""


class Knots(NamedTuple):
    """A raster by the places of its knots.

    Attributes
    ----------
    latitude, longitude : float64 arrays of (knots down, knots across)
        Degrees, two each way at least.
    rows, columns : float64 arrays of the raster's rows and columns
        Where they lie among the knots: 1.5 is halfway from the second to the third.
    """

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    rows: NDArray[np.float64]
    columns: NDArray[np.float64]

    def places(self, mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitudes and longitudes of some pixels."""
        at = np.nonzero(mask)
        turned = _in_one_piece(self.longitude)
        latitude, longitude = (_at(one, self.rows[at[0]], self.columns[at[1]]) for one in (self.latitude, turned))
        return latitude, longitude


def knots_along(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pixels of a row or column, as fractions, at which its knots lie; and each pixel among the knots."""
    knots = max(2, count // _EACH + 1)
    among = np.arange(count, dtype=np.float64) * ((knots - 1) / max(count - 1, 1))
    return np.linspace(0.0, count - 1.0, knots), among


def heights_by_knots(
    tiles: Sequence[ElevationTile], raster: Knots, dtype: type[np.float32 | np.float64] = np.float64
) -> NDArray[np.floating]:
    """Return heights of a raster, m, of (rows, columns): of each pixel by the first file that knows it, else NaN.

    Parameters
    ----------
    tiles : sequence of ElevationTile
        In the order in which they are asked.
    raster : Knots
        Where the pixels lie.
    dtype : float type
        Of the heights.
    """
    height = np.full((len(raster.rows), len(raster.columns)), np.nan, dtype)
    longitude = _in_one_piece(raster.longitude)
    laid = [_on_file(tile, raster.latitude, longitude) for tile in tiles]
    step = max(1, _AT_ONCE // max(len(raster.columns), 1))
    for first in range(0, len(raster.rows), step):
        part = slice(first, min(first + step, len(raster.rows)))
        rows, block = raster.rows[part], height[part]
        left = np.ones(block.shape, np.bool_)
        for tile, places in zip(tiles, laid, strict=True):
            if not left.any():
                break
            if places is None:
                lat, lon = (_between(one, rows, raster.columns)[left] for one in (raster.latitude, longitude))
                near = tile.maybe_inside(lat, lon)
                if near is None:
                    continue
                found = np.full(len(lat), np.nan)
                found[near] = tile.look(lat[near], lon[near], fills=False)[0]
            elif _beside(tile, places, rows):
                continue
            else:
                x, y = (_between(one, rows, raster.columns)[left] for one in places)
                found = tile.look_at(*tile.cells(x, y), fills=False)[0]
            block[left] = found
            left = np.isnan(block)
    return height


def _on_file(
    tile: ElevationTile, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return the knots in a file's own coordinates; None where lines between them are too far off."""
    x, y = geo.transform(geo.WGS84, tile.grid.crs, longitude, latitude)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    if tile.geographic:
        x = _in_one_piece(x)
    middle = geo.transform(geo.WGS84, tile.grid.crs, _middles(longitude), _middles(latitude))
    off_x, off_y = (there - _middles(one) for there, one in zip(middle, (x, y), strict=True))
    if tile.geographic:
        off_x -= 360.0 * np.round(off_x / 360.0)
    a, b, _, d, e, _ = tile.grid.transform
    cell = min(np.hypot(a, d), np.hypot(b, e))
    off = np.hypot(off_x, off_y)
    return (x, y) if float(np.nan_to_num(off, nan=np.inf).max()) <= _OFF_CELLS * cell else None


def _beside(
    tile: ElevationTile, places: tuple[NDArray[np.float64], NDArray[np.float64]], rows: NDArray[np.float64]
) -> bool:
    """Return whether rows of a raster lie beside a file for certain: all between the knots before and after them."""
    top, bottom = int(rows[0]), int(np.ceil(rows[-1])) + 1
    x, y = (one[top:bottom] for one in places)
    if tile.geographic and np.ptp(x) >= 180.0:
        return False
    if tile.geographic:
        x = x + 360.0 * np.round((tile.middle - 0.5 * (x.min() + x.max())) / 360.0)
    (a, b, c, d, e, f), (high, wide) = tile.grid.transform, tile.grid.values.shape
    column, row = np.array([-1.0, wide, -1.0, wide]), np.array([-1.0, -1.0, high, high])
    sides = (x, a * column + b * row + c), (y, d * column + e * row + f)
    return any(at.max() < file.min() or at.min() > file.max() for at, file in sides)


def _in_one_piece(longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes without a jump: all within half a turn of the first."""
    first = float(longitude[0, 0])
    return first + (longitude - first + 180.0) % 360.0 - 180.0


def _middles(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.25 * (knots[1:, 1:] + knots[1:, :-1] + knots[:-1, 1:] + knots[:-1, :-1])


def _parted(at: NDArray[np.float64], count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    before = np.minimum(at.astype(np.intp), count - 2)
    return before, at - before


def _at(knots: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values at places among knots, each a row and a column."""
    (i, v), (j, u) = _parted(rows, knots.shape[0]), _parted(columns, knots.shape[1])
    with np.errstate(invalid="ignore"):  # knots beyond the end of a projection are infinite: no place of the file
        north = knots[i, j] * (1.0 - u) + knots[i, j + 1] * u
        south = knots[i + 1, j] * (1.0 - u) + knots[i + 1, j + 1] * u
        found: NDArray[np.float64] = north * (1.0 - v) + south * v
    return found


def _between(
    knots: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return values at every one of rows and columns among knots."""
    (i, v), (j, u) = _parted(rows, knots.shape[0]), _parted(columns, knots.shape[1])
    top, bottom = int(i[0]), int(i[-1]) + 2
    below = v[:, np.newaxis]
    with np.errstate(invalid="ignore"):
        knots = knots[top:bottom, j] * (1.0 - u) + knots[top:bottom, j + 1] * u
        found: NDArray[np.float64] = knots[i - top] * (1.0 - below) + knots[i - top + 1] * below
    return found
