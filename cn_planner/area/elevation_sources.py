"""Where terrain comes from, and of which box: words alone, so that commands and the window have them at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from cn_planner.errors import InputError
from cn_planner.message import msg

MOST_TILES = 64
_RADIUS_KM = 6371.0088
"""IUGG mean radius."""


class ElevationSource(StrEnum):
    """Where terrain comes from."""

    GLO30 = "glo30"
    SRTM = "srtm"


ADDRESSES = {
    ElevationSource.GLO30: "https://copernicus-dem-30m.s3.amazonaws.com",
    ElevationSource.SRTM: "https://elevation-tiles-prod.s3.amazonaws.com/skadi",
}
"""Of the public servers; any other of the same layout may take their place."""


@dataclass(frozen=True, slots=True)
class GeoBox:
    """A piece of the globe, degrees WGS 84; ``east`` is less than ``west`` where it crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        inside = -90.0 <= self.south < self.north <= 90.0 and all(-180.0 <= x <= 180.0 for x in (self.west, self.east))
        if not inside or self.west == self.east:
            raise InputError(
                msg("This is no box: {box}.", box=f"{self.south:g}, {self.west:g}, {self.north:g}, {self.east:g}"),
                fix=msg("Give south, west, north, east in degrees: 41.9,1.6,42.2,2.0."),
            )

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """West and east of the box, and of what lies beyond the antimeridian."""
        if self.west < self.east:
            return ((self.west, self.east),)
        return ((self.west, 180.0), (-180.0, self.east))

    def meets(self, south: int, west: int) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of what the box has of a tile of one degree, or None."""
        low, high = max(self.south, south), min(self.north, south + 1)
        for left, right in self.parts:
            first, last = max(left, west), min(right, west + 1)
            if first < last and low < high:
                return first, low, last, high
        return None


def box_area_km2(box: GeoBox) -> float:
    """Return how large a box is, on a sphere of the earth's mean radius."""
    high = math.sin(math.radians(box.north)) - math.sin(math.radians(box.south))
    return _RADIUS_KM**2 * high * math.radians(sum(east - west for west, east in box.parts))


def tiles(box: GeoBox) -> tuple[tuple[int, int], ...]:
    """Return the south-western corners of the tiles of one degree that a box meets, from the south-west on.

    Raises
    ------
    InputError
        Where there are more than `MOST_TILES`.
    """
    found = tuple(
        (south, west)
        for south in range(math.floor(box.south), math.ceil(box.north))
        for left, right in box.parts
        for west in range(math.floor(left), math.ceil(right))
    )
    if len(found) > MOST_TILES:
        raise InputError(
            msg("The box meets {count} squares of one degree; the limit is {most}.", count=len(found), most=MOST_TILES),
            fix=msg("Choose a smaller box."),
        )
    return found
