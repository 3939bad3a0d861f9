"""Where to point an antenna: tilt over a curved earth, and azimuth by the compass."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from cn_planner.propagation.fresnel import effective_earth_radius_m

if TYPE_CHECKING:
    from datetime import date


def tilt_deg(distance_m: float, amsl_here_m: float, amsl_there_m: float, k_factor: float) -> float:
    """Return the angle above the horizontal at which the other end appears, degrees; negative is downwards.

    The ray is straight over an earth of 6371 km times k: the far end lies lower by d^2 / (2 k R).
    """
    drop = distance_m * distance_m / (2.0 * effective_earth_radius_m(k_factor))
    return math.degrees(math.atan2(amsl_there_m - amsl_here_m - drop, distance_m))


def magnetic_azimuth_deg(
    azimuth_deg: float, latitude: float, longitude: float, amsl_m: float, day: date
) -> float | None:
    """Return the azimuth by the compass, 0 to 360; None on a day that the World Magnetic Model at hand does not cover.

    References
    ----------
    World Magnetic Model of NOAA/NCEI and BGS, by the pygeomag package.
    """
    declination = _declination_deg(latitude, longitude, amsl_m, day)
    return None if declination is None else float((azimuth_deg - declination) % 360.0)


@lru_cache(maxsize=256)
def _declination_deg(latitude: float, longitude: float, amsl_m: float, day: date) -> float | None:
    """Return by how much a compass points east of north; all antennas of a mast ask for the same."""
    from pygeomag import GeoMag  # 10 ms, and only a link that is printed needs it

    year = day.year + (day.timetuple().tm_yday - 1) / 365.25
    model = GeoMag()  # its own each time: it keeps state while it calculates
    first, last = model.life_span
    if not first <= year <= last:
        return None
    return float(model.calculate(glat=latitude, glon=longitude, alt=amsl_m / 1000.0, time=year).d)
