"""Line of sight written a second time, slowly and plainly: no code of the program, no array operation.

It reads the tiles with zipfile and struct, walks the geodesic with pyproj, interpolates by hand, and compares samples
with the straight ray over an earth of 4/3 radius. The program's answers are held against it.
"""

from __future__ import annotations

import math
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyproj

_GEOD = pyproj.Geod(ellps="WGS84")
_RADIUS_M = 6_371_000.0 * 4.0 / 3.0
_VOID = -32768


class Tiles:
    """The samples of SRTM tiles, by whole arc-seconds."""

    def __init__(self, *paths: Path) -> None:
        self._tiles: dict[tuple[int, int], tuple[int, bytes]] = {}
        for path in paths:
            name = path.name
            south = int(name[1:3]) * (1 if name[0] == "N" else -1)
            west = int(name[4:7]) * (1 if name[3] == "E" else -1)
            with zipfile.ZipFile(path) as archive:
                data = archive.read(archive.namelist()[0])
            self._tiles[south, west] = (math.isqrt(len(data) // 2), data)

    def _sample(self, tile: tuple[int, int], row: int, column: int) -> int:
        size, data = self._tiles[tile]
        return int(struct.unpack_from(">h", data, 2 * (row * size + column))[0])

    def height(self, latitude: float, longitude: float) -> float | None:
        """Return the bilinear height, None at a void or beside the tiles."""
        tile = (math.floor(latitude), math.floor(longitude))
        if tile not in self._tiles:
            return None
        last = self._tiles[tile][0] - 1
        y, x = (tile[0] + 1 - latitude) * last, (longitude - tile[1]) * last
        row, column = min(int(y), last - 1), min(int(x), last - 1)
        down, right = y - row, x - column
        corners = [self._sample(tile, row + i, column + j) for i in (0, 1) for j in (0, 1)]
        if _VOID in corners:
            return None
        top = corners[0] * (1 - right) + corners[1] * right
        bottom = corners[2] * (1 - right) + corners[3] * right
        return top * (1 - down) + bottom * down


@dataclass(frozen=True)
class Sight:
    """``clearance_m``: least height of the ray above the ground between the ends; None where a sample is missing."""

    distance_m: float
    clearance_m: float | None


def sight(
    tiles: Tiles, a: tuple[float, float], b: tuple[float, float], height_a: float, height_b: float, step_m: float = 30.0
) -> Sight:
    """Return how far the ray between two antennas stays above the ground."""
    azimuth, _, distance = _GEOD.inv(a[1], a[0], b[1], b[0])
    steps = max(2, math.ceil(distance / step_m))
    ground_a, ground_b = tiles.height(*a), tiles.height(*b)
    if ground_a is None or ground_b is None:
        return Sight(distance, None)
    top_a, top_b = ground_a + height_a, ground_b + height_b
    least = math.inf
    for i in range(1, steps):
        d = distance * i / steps
        lon, lat, _ = _GEOD.fwd(a[1], a[0], azimuth, d)
        ground = tiles.height(lat, lon)
        if ground is None:
            return Sight(distance, None)
        bulge = d * (distance - d) / (2.0 * _RADIUS_M)
        ray = top_a + (top_b - top_a) * i / steps
        least = min(least, ray - ground - bulge)
    return Sight(distance, least)
