"""How many towers serve a roof antenna at each place, as one raster in degrees: from the places as they were judged."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.service.served_cells import ServedCells

CELL_DEG = 1.0 / 1200.0
"""90 m from south to north, as the places of which outlines are made."""
_MOST_CELLS = 4_000_000
_MOST_COUNTED = 254
"""A byte's last number says that there is no answer."""
_ROUND_DEG, _HALF_ROUND_DEG = 360.0, 180.0


class ReachCounts(NamedTuple):
    """The raster.

    Attributes
    ----------
    counts : uint8 array of (rows, columns)
    transform : tuple of six floats
        To cell centres, longitude and latitude in degrees; east of 180 where the plan lies across the antimeridian.
    """

    counts: NDArray[np.uint8]
    transform: Transform

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """South, west, north, east, of the cells' outer sides."""
        a, _, c, _, e, f = self.transform
        rows, columns = self.counts.shape
        return f + (rows - 0.5) * e, c - a / 2.0, f - e / 2.0, c + (columns - 0.5) * a


def reach_counts(plan: DeploymentPlan) -> ReachCounts | None:
    """Return how many towers serve a roof antenna at each place; None where none serves any."""
    return _counted(tuple(one.cells for one in plan.outlines if one.cells is not None))


@lru_cache(maxsize=1)
def _counted(towers: tuple[ServedCells, ...]) -> ReachCounts | None:
    """Return the raster: each of its cells is asked of each tower where its centre lies; two formats want the same."""
    if not towers:
        return None
    rims = [one.rim() for one in towers]
    latitudes, longitudes = (np.concatenate([rim[axis] for rim in rims]) for axis in (0, 1))
    if np.ptp(longitudes) > _HALF_ROUND_DEG:  # across the antimeridian
        rims = [(latitude, longitude % _ROUND_DEG) for latitude, longitude in rims]
        longitudes = longitudes % _ROUND_DEG
    south, north = float(latitudes.min()), float(latitudes.max())
    west, east = float(longitudes.min()), float(longitudes.max())
    cell = max(CELL_DEG, math.sqrt((north - south) * (east - west) / _MOST_CELLS))
    rows, columns = math.ceil((north - south) / cell), math.ceil((east - west) / cell)
    place = (cell, 0.0, west + cell / 2.0, 0.0, -cell, north - cell / 2.0)
    counts = np.zeros((rows, columns), np.uint16)
    for one, (latitude, longitude) in zip(towers, rims, strict=True):
        top, bottom = (north - float(latitude.max())) / cell, (north - float(latitude.min())) / cell
        left, right = (float(longitude.min()) - west) / cell, (float(longitude.max()) - west) / cell
        part = slice(int(top), math.ceil(bottom)), slice(int(left), math.ceil(right))
        row, column = np.mgrid[part]
        counts[part] += one.at(place[5] - cell * row, place[2] + cell * column)
    return ReachCounts(np.minimum(counts, _MOST_COUNTED).astype(np.uint8), place)
