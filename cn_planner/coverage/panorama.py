"""What an eye sees from a place: the ground round it as a picture of bearings and elevation angles.

From the eye a fan of geodesics goes out, one to each column of the picture, and is walked outwards in steps that grow
with the distance. In each row of a column lies the nearest ground whose angle reaches that row: the running greatest
angle along a column only rises, so a row is found in it by bisection. Angles are those of straight lines over an earth
of k times its radius, as for links: light bends somewhat less than radio, some 0.01 degrees at 20 km.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import check_position, fan
from cn_planner.message import msg
from cn_planner.progress import ALONE
from cn_planner.units import EARTH_RADIUS_M, MEDIAN_K_FACTOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.progress import Run
    from cn_planner.terrain.surface import Surface

RANGE_M = 50_000.0
"""So far ground is looked at: beyond that haze hides most."""
_NEAREST_M = 5.0
_NEAR_GROWTH, _PARTS, _GROWTH = 0.02, 4.0, 0.0025
"""A step is a fiftieth of the distance until that is a quarter of the terrain's cell, then such a quarter, and far out
again a share of the distance."""
_MARGIN = 0.06
"""Of the picture's height: sky above the highest ground, and ground below the lowest."""
_LEAST_DEG = 1.0
"""A picture of flat ground is so high at least."""
_DEEPEST_DEG = -12.0
"""What lies steeper below the eye is its own foot."""
_LIGHT_AZIMUTH, _LIGHT_UP = np.radians(315.0), np.radians(45.0)


@dataclass(frozen=True, slots=True, eq=False)
class Panorama:
    """The ground as it is seen from one place.

    Attributes
    ----------
    latitude, longitude, eye_m, ground_m : float
        Where the eye is, its height above the ground there, m, and that ground above sea level, m.
    k_factor : float
        Of the earth's radius.
    azimuth_deg : float64 array of columns
        True bearing of the middle of each column, degrees clockwise from north; may pass 360.
    elevation_deg : float64 array of rows
        Angle of the middle of each row above the horizontal, degrees, the highest first.
    distance_m : float32 array of (rows, columns)
        How far the ground is that is seen there; NaN is sky, or where terrain is missing.
    light : float32 array of (rows, columns)
        How bright that ground is, 0 to 1, lit from the north-west; NaN as above.
    trees : bool array of (rows, columns)
        Where the tops of trees or houses are seen, of those that files know.
    horizon_deg : float64 array of columns
        The highest angle of each column; NaN where there is no ground.
    """

    latitude: float
    longitude: float
    eye_m: float
    ground_m: float
    k_factor: float
    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]
    distance_m: NDArray[np.float32]
    light: NDArray[np.float32]
    trees: NDArray[np.bool_]
    horizon_deg: NDArray[np.float64]

    @property
    def eye_amsl_m(self) -> float:
        """Height of the eye above sea level, m."""
        return self.ground_m + self.eye_m

    def elevation_of(self, distance_m: float, amsl_m: float) -> float:
        """Return the angle at which something so far off and so high stands, degrees above the horizontal."""
        drop = distance_m**2 / (2.0 * self.k_factor * EARTH_RADIUS_M)
        return float(np.degrees(np.arctan2(amsl_m - self.eye_amsl_m - drop, distance_m)))

    def place_of(self, azimuth_deg: float, elevation_deg: float) -> tuple[float, float]:
        """Return where a direction lies, as fractions of the width and, from above, of the height; may lie outside."""
        step = self.azimuth_deg[1] - self.azimuth_deg[0]
        left = self.azimuth_deg[0] - step / 2.0
        span = step * len(self.azimuth_deg)
        # What lies behind the left edge comes in at the right one only where the picture goes all round.
        off = (azimuth_deg - left) % 360.0
        if off > span and off - span > 360.0 - off:
            off -= 360.0
        rise = self.elevation_deg[0] - self.elevation_deg[1]
        top = self.elevation_deg[0] + rise / 2.0
        return off / span, (top - elevation_deg) / (rise * len(self.elevation_deg))

    def seen(self, across: float, down: float) -> tuple[float, float, float | None]:
        """Return bearing, angle and distance, m, of the ground at fractions of the picture; None for sky."""
        column = min(max(int(across * len(self.azimuth_deg)), 0), len(self.azimuth_deg) - 1)
        row = min(max(int(down * len(self.elevation_deg)), 0), len(self.elevation_deg) - 1)
        there = float(self.distance_m[row, column])
        return (
            float(self.azimuth_deg[column]) % 360.0, float(self.elevation_deg[row]), None if np.isnan(there) else there,
        )  # fmt: skip


def panorama(
    surface: Surface,
    latitude: float,
    longitude: float,
    eye_m: float,
    *,
    towards_deg: float = 180.0,
    span_deg: float = 360.0,
    shape: tuple[int, int] = (360, 1440),
    range_m: float = RANGE_M,
    k_factor: float = MEDIAN_K_FACTOR,
    run: Run = ALONE,
) -> Panorama:
    """Return what is seen from a place.

    Parameters
    ----------
    surface : Surface
        The ground, with the trees and houses that files know.
    latitude, longitude : float
        Degrees, WGS 84.
    eye_m : float
        Height of the eye above the ground, m; more than 0.
    towards_deg, span_deg : float
        True bearing of the middle of the picture, and how much of the round it shows; more than 0, at most 360.
    shape : (int, int)
        Rows and columns.
    range_m : float
        How far is looked, m.
    k_factor : float
        Of the earth's radius.
    run : Run
        Parts of the picture are looked at on its pool.

    Raises
    ------
    InputError
        Where a figure is not what it may be.
    MissingTerrainError
        Where there is no terrain at the place.
    CancelledError
    """
    check_position(latitude, longitude)
    if not 0.0 < eye_m <= 500.0:
        raise InputError(msg("An eye {m:g} m above the ground sees nothing that helps.", m=eye_m),
                         fix=msg("Give more than 0 and at most 500 m."))  # fmt: skip
    if not math.isfinite(towards_deg) or not 0.0 < span_deg <= 360.0 or not 100.0 <= range_m <= 500_000.0:
        raise InputError(msg("Look at more than 0 and at most 360 degrees, 0.1 to 500 km far."))
    ground = float(surface.heights(np.array([latitude]), np.array([longitude]))[0])
    if np.isnan(ground):
        tiles = ", ".join(surface.missing_tiles(latitude, longitude))
        raise MissingTerrainError(msg("There is no terrain where the eye stands."), where=tiles)
    rows, columns = shape
    step = span_deg / columns
    azimuth = np.asarray(towards_deg % 360.0 - span_deg / 2.0 + step * (np.arange(columns) + 0.5), np.float64)
    distance = _distances(surface.cell_m(latitude, longitude), range_m)
    drop = distance**2 / (2.0 * k_factor * EARTH_RADIUS_M)
    height, cover, risen = (np.empty((columns, len(distance))) for _ in range(3))
    parts = [slice(start, min(start + _COLUMNS, columns)) for start in range(0, columns, _COLUMNS)]

    def look(part: slice) -> None:
        lat, lon = fan(latitude, longitude, azimuth[part], distance)
        height[part] = surface.heights(lat, lon)
        cover[part] = 0.0 if surface.trees is None else np.abs(np.nan_to_num(surface.trees_at(lat, lon)))
        # An eye in a wood would see its own tree: the nearest ones are looked past.
        cover[part, distance < _PAST_M] = 0.0
        angle = np.degrees(np.arctan((height[part] + cover[part] - (ground + eye_m) - drop) / distance))
        np.maximum.accumulate(np.where(np.isnan(angle), -90.0, angle), axis=1, out=risen[part])

    run_tasks([partial(look, part) for part in parts], run.part(0.0, 0.5))
    horizon = np.where(risen[:, -1] > -90.0, risen[:, -1], np.nan)
    known = horizon[~np.isnan(horizon)]
    top = float(known.max()) if known.size else _LEAST_DEG
    low = max(float(np.percentile(risen[:, np.searchsorted(distance, _FOOT_M)], 10.0)), _DEEPEST_DEG)
    low = min(low, top - _LEAST_DEG)
    top, low = top + _MARGIN * (top - low), low - _MARGIN * (top - low)
    elevation = top - (top - low) * (np.arange(rows) + 0.5) / rows
    far, light = np.empty(shape, np.float32), np.empty(shape, np.float32)
    trees = np.empty(shape, np.bool_)

    def paint(part: slice) -> None:
        first = np.stack([np.searchsorted(risen[column], elevation) for column in range(part.start, part.stop)], axis=1)
        sky = first == len(distance)
        at = np.arange(part.stop - part.start), np.minimum(first, len(distance) - 1)
        # With a column to each side, for the slope across.
        wide = slice(max(part.start - 1, 0), part.stop + 1)
        lit = _light(height[wide], azimuth[wide], step, distance)[part.start - wide.start :]
        far[:, part] = np.where(sky, np.nan, distance[at[1]])
        light[:, part] = np.where(sky, np.nan, lit[at])
        trees[:, part] = ~sky & (cover[part][at] > _TREE_M)

    run_tasks([partial(paint, part) for part in parts], run.part(0.5, 1.0))
    return Panorama(
        latitude, longitude, eye_m, ground, k_factor, azimuth, elevation, far, light, trees, horizon
    )  # fmt: skip


_PAST_M = 60.0
_TREE_M = 1.0
_COLUMNS = 96
"""So many are looked at at a time: their heights stay near the processor."""
_FOOT_M = 150.0
"""Below the ground so far off the picture ends."""


def _distances(cell_m: float, range_m: float) -> NDArray[np.float64]:
    """Return distances to look at, m: at first by a share of the distance, then of the cell, then of the distance."""
    even = max(cell_m / _PARTS, _NEAREST_M)
    bends = [min(one, range_m) for one in (even / _NEAR_GROWTH, even / _GROWTH)]
    near = _risen(_NEAREST_M, bends[0], _NEAR_GROWTH)
    middle = np.linspace(bends[0], bends[1], int(np.ceil((bends[1] - bends[0]) / even)) + 1)
    return np.unique(np.concatenate([near, middle, _risen(bends[1], range_m, _GROWTH)]))


def _risen(start_m: float, end_m: float, growth: float) -> NDArray[np.float64]:
    count = int(np.ceil(np.log(max(end_m / start_m, 1.0)) / np.log1p(growth)))
    return np.geomspace(start_m, end_m, count + 1) if count else np.array([end_m])


def _light(
    height: NDArray[np.float64], azimuth_deg: NDArray[np.float64], step_deg: float, distance_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how bright ground of (columns, distances) is: Lambert's law, by the slopes along and across the rays."""
    along = np.gradient(height, distance_m, axis=1)
    across = np.gradient(height, axis=0) / (np.radians(step_deg) * distance_m)
    bearing = np.radians(azimuth_deg)[:, np.newaxis]
    north = along * np.cos(bearing) - across * np.sin(bearing)
    east = along * np.sin(bearing) + across * np.cos(bearing)
    up, flat = np.sin(_LIGHT_UP), np.cos(_LIGHT_UP)
    dot = up - east * np.sin(_LIGHT_AZIMUTH) * flat - north * np.cos(_LIGHT_AZIMUTH) * flat
    found: NDArray[np.float64] = np.clip(np.nan_to_num(dot / np.sqrt(1.0 + north**2 + east**2), nan=up), 0.0, 1.0)
    return found
