"""How many towers serve a roof antenna at each place, as one raster in degrees: from the towers' outlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.gis.burn import count_areas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform
    from cn_planner.report.deployment import CoverageOutline, DeploymentPlan

CELL_DEG = 1.0 / 1200.0
"""90 m from south to north, as the places of which outlines are made."""
_MOST_CELLS = 4_000_000


class Reach(NamedTuple):
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


def reach(plan: DeploymentPlan) -> Reach | None:
    """Return how many towers serve a roof antenna at each place; None where no outline is known."""
    rings = [np.asarray(ring, np.float64) for outline in plan.outlines for ring in outline.rings if len(ring) > 3]
    if not rings:
        return None
    corners = np.vstack(rings)
    across = bool(np.ptp(corners[:, 1]) > 180.0)
    if across:
        corners[:, 1] %= 360.0
    south, west = corners.min(axis=0) - CELL_DEG
    north, east = corners.max(axis=0) + CELL_DEG
    cell = max(CELL_DEG, math.sqrt((north - south) * (east - west) / _MOST_CELLS))
    rows, columns = math.ceil((north - south) / cell), math.ceil((east - west) / cell)
    place = (cell, 0.0, float(west) + cell / 2.0, 0.0, -cell, float(north) - cell / 2.0)
    areas = (_area(outline, across=across) for outline in plan.outlines)
    return Reach(count_areas(areas, (rows, columns), place), place)


def _area(outline: CoverageOutline, *, across: bool) -> object:
    import shapely

    area = shapely.Polygon()
    for ring in outline.rings:
        if len(ring) > 3:
            places = np.asarray(ring, np.float64)[:, ::-1]
            if across:
                places[:, 0] %= 360.0
            area = area.symmetric_difference(shapely.make_valid(shapely.Polygon(places)))
    return area
