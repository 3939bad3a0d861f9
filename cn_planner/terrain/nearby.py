"""The highest ground near a place: a tower a few steps away may need a shorter mast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.geo import geodesic, points_along
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.terrain.surface import Surface

_DIRECTIONS = 36
_WORTH_M = 1.0


@dataclass(frozen=True, slots=True)
class HigherGround:
    """A higher place nearby: where it is, how much higher, and the way there (degrees clockwise from north)."""

    latitude: float
    longitude: float
    ground_m: float
    gain_m: float
    distance_m: float
    azimuth_deg: float


def highest_nearby(surface: Surface, latitude: float, longitude: float, radius_m: float) -> HigherGround | None:
    """Return the highest ground within a radius, the nearest of equals.

    Looked at along 36 directions, at steps of half the source's cell at the most.

    Parameters
    ----------
    surface : Surface
        The ground.
    latitude, longitude : float
        Degrees, WGS 84.
    radius_m : float
        How far to look, m.

    Returns
    -------
    HigherGround or None
        None where nothing nearby is at least a metre higher, or the ground here is not known.

    Raises
    ------
    InputError
        Where the radius is not above 0.
    """
    if not radius_m > 0.0:
        raise InputError(msg("The radius is {radius_m:g} m; it must be above 0.", radius_m=radius_m))
    here = float(surface.heights(latitude, longitude))
    if np.isnan(here):
        return None
    steps = int(np.ceil(radius_m / max(surface.cell_m(latitude, longitude) / 2.0, 1.0)))
    distance = np.repeat(np.linspace(radius_m / steps, radius_m, steps), _DIRECTIONS)
    azimuth = np.tile(np.arange(_DIRECTIONS) * (360.0 / _DIRECTIONS), steps)
    count = len(distance)
    there = points_along(np.full(count, latitude), np.full(count, longitude), azimuth.copy(), distance)
    heights = surface.heights(*there)
    if np.isnan(heights).all():
        return None
    best = int(np.nanargmax(heights))  # the first of equals: distances rise
    gain = float(heights[best]) - here
    if gain < _WORTH_M:
        return None
    place = float(there[0][best]), float(there[1][best])
    way = geodesic(latitude, longitude, *place)
    return HigherGround(*place, float(heights[best]), gain, way.distance_m, way.azimuth_deg)
