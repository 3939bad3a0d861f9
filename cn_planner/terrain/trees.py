"""What stands on the ground by files: tree heights, land cover, and forests of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.cover_raster import CoverRaster

_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class TreeHeights:
    """Heights of trees of several sources, each on its own grid.

    Attributes
    ----------
    rasters : tuple of CoverRaster
        The first that knows a place answers; by the pixel that the place lies in, nothing is smoothed.
    keep_out_m : float
        Trees that were measured do not count nearer than this to either end of a path. Those of a class, whose height
        is assumed, keep the distance of assumed trees.
    """

    rasters: tuple[CoverRaster, ...]
    keep_out_m: float = 30.0

    def at(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return heights in m at places: above 0 measured, below 0 those assumed for a class, NaN where none is known.

        Parameters
        ----------
        latitude, longitude : float64 arrays of one shape
            Degrees, WGS 84.
        """
        return self._look(latitude, longitude)[0]

    def source_at(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return which raster answers at places, -1 where none does."""
        return self._look(latitude, longitude)[1]

    def _look(
        self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        lat, lon = latitude.reshape(-1), longitude.reshape(-1)
        height, which = np.full(len(lat), np.nan), np.full(len(lat), -1, np.int64)
        for start in range(0, len(lat), _BLOCK):
            todo = np.arange(start, min(start + _BLOCK, len(lat)))
            for number, raster in enumerate(self.rasters):
                found = _look_in(raster, lat[todo], lon[todo])
                known = ~np.isnan(found)
                height[todo[known]], which[todo[known]] = found[known], number
                todo = todo[~known]
                if not len(todo):
                    break
        return height.reshape(latitude.shape), which.reshape(latitude.shape)


def _look_in(raster: CoverRaster, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c, d, e, f = raster.transform
    rows, columns = raster.values.shape
    x, y = geo.transform(geo.WGS84, raster.crs, lon, lat)
    if geo.is_geographic(raster.crs):
        middle = a * (columns - 1) / 2 + b * (rows - 1) / 2 + c
        x = x + 360.0 * np.round((middle - x) / 360.0)
    x, y = x - c, y - f
    det = a * e - b * d
    with np.errstate(invalid="ignore"):  # a place that the projection cannot carry over is infinite
        column, row = np.floor((e * x - b * y) / det + 0.5), np.floor((a * y - d * x) / det + 0.5)
        inside = (row >= 0.0) & (row < rows) & (column >= 0.0) & (column < columns)
    out = np.full(len(lat), np.nan)
    out[inside] = raster.values[row[inside].astype(np.intp), column[inside].astype(np.intp)]
    return out
