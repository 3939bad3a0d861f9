"""How far the heights of an elevation source are off: its published error, more of it on slopes.

What counts on a path is how heights are off against each other. An error that all of them share (datum, tilt of a
strip) lifts antennas and hills alike and is none.

Sources of the figures, as standard deviations; 90 % of a normal error lie within 1.645 of them. What was read of each,
on 2026-11-29, stands behind it
    SRTM, 3 and 1 arc-second: relative height error, 90 %: Australia, the levellest, 4.7 m; South America 5.5, islands
    6.2, North America 7.0, Eurasia 8.7, Africa 9.8 m, which has slopes in it and what hundreds of km add; geolocation
    7.2 to 12.6 m, and 9 m is 4.2 m by each axis (Rodríguez, Morris, Belz, "A global assessment of the SRTM
    performance", PE&RS 72, 2006, table 1: read as github.com/mrihtar/SRTM1-Global quotes it). NASADEM, from the same
    radar, has the same here.
    Copernicus GLO-30 and GLO-90: relative, point to point within a degree, 90 %: 2 m on slopes to 20 %, 4 m above
    (Copernicus DEM product handbook: read as geosaber.gitlab.io quotes it).
    ALOS AW3D30: 4.4 m rms (Tadono and others, ISPRS Archives XLI-B4, 2016: not read). On 36 runways 1.78 m (Bayık and
    others, 2018: abstract), against GPS in Nigeria 5.4 m (Apeh and others, J. of Geographic Information System 11,
    2019: abstract).
    ASTER GDEM: 8.68 m rms of version 2, 8.52 m of version 3, both on benchmarks in the United States (Gesch and others,
    ISPRS Archives XXXIX-B4, 2012, and XLI-B4, 2016: the latter read in part).
    National models with cells of some metres: 1.55 m rms, the one of the United States before lidar (Gesch, Oimoen,
    Evans, USGS Open-File Report 2014-1008: read as usgs.gov quotes it, 3.04 m at 95 %).
    Lidar: 0.1 m rms on open ground, 0.3 m with 95 % under plants (USGS Lidar Base Specification, quality level 2: not
    read).
On slopes a bilinear surface leaves out what lies between its samples: a tenth of a cell times the slope. SRTM3 laid on
a grid of its own cells elsewhere differs by that much (2.8 m rms on slopes of 30 %).
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_BETWEEN_SAMPLES = 0.1
_REACH_CELLS, _LEAST_REACH_M = 2.0, 100.0
_LIDAR_CELL_M, _NATIONAL_CELL_M = 2.5, 15.0


class HeightError(NamedTuple):
    """Error of a source's heights against each other.

    Attributes
    ----------
    sd_m : float
        Standard deviation on level ground, m.
    slope_m : float
        What each unit of slope (1: 45 degrees) adds to it, as the other side of a right angle, m.
    reach_m : float
        Distance over which the error of one place says something of the next: two places so far apart share 1/e of it.
    """

    sd_m: float
    slope_m: float
    reach_m: float


EXACT = HeightError(0.0, 0.0, _LEAST_REACH_M)
"""Ground that was made up, as in a test."""

_KNOWN: tuple[tuple[re.Pattern[str], float, float], ...] = tuple(
    (re.compile(words, re.IGNORECASE), sd_m, slope_m)
    for words, sd_m, slope_m in (
        (r"\binvented\b|^sample-valley", 0.0, 0.0),
        (r"lidar|laser|\bmdt0?[125]\b", 0.3, 0.0),
        (r"copernicus|glo.?[39]0|cop.?dem|world.?dem|tandem.?x|fabdem", 1.2, 6.9),
        (r"srtm|nasadem|\b[ns]\d\d[ew]\d{3}\b.*\bhgt\b", 2.9, 4.2),
        (r"aw3d|alos", 4.4, 4.2),
        (r"aster|gdem", 8.7, 4.2),
    )
)
"""Words in a file's name, or in what it says of itself; the standard deviation; what slopes add beside the cells. Of
ground that somebody invented it is as it was invented."""


def height_error(text: str, cell_m: float) -> HeightError:
    """Return the error of an elevation file.

    Parameters
    ----------
    text : str
        Its name and what it says of its source.
    cell_m : float
        How far its samples are apart, m: where the words say nothing it tells lidar, national model and radar apart.
    """
    reach_m = max(_REACH_CELLS * cell_m, _LEAST_REACH_M)
    between_m = _BETWEEN_SAMPLES * cell_m
    for words, sd_m, slope_m in _KNOWN:
        if words.search(text):
            return HeightError(sd_m, math.hypot(slope_m, between_m), reach_m)
    if cell_m <= _LIDAR_CELL_M:
        return HeightError(0.3, between_m, reach_m)
    if cell_m <= _NATIONAL_CELL_M:
        return HeightError(1.55, between_m, reach_m)
    return HeightError(2.9, math.hypot(4.2, between_m), reach_m)
