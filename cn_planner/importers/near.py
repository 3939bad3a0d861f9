"""Which points lie near an earlier one: found in squares of the ground, in a time that grows as their number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

SAME_PLACE_M = {"households": 2.0, "sites": 10.0, "places": 10.0}
"""By kind: what lies nearer than this is taken for the same thing. Roofs stand further apart than 2 m; positions of the
same tower in two lists, taken from a telephone or off a map, differ by some metres."""
SAME_NAME_TIMES = 10.0
"""Of the same name it may lie so many times as far."""
_A_M, _E2 = 6_378_137.0, 0.00669437999014  # WGS 84: half the equator's diameter, first eccentricity squared
_LEAST_SIDE_M = 0.01
_AROUND = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


def metres_a_degree(latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the length of a degree northwards and eastwards, from the radii of curvature of the ellipsoid."""
    angle = np.radians(latitude)
    w2 = 1.0 - _E2 * np.sin(angle) ** 2
    across_m = _A_M / np.sqrt(w2)
    return np.radians(1.0) * across_m * (1.0 - _E2) / w2, np.radians(1.0) * across_m * np.cos(angle)


def apart_m(
    latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike
) -> NDArray[np.float64]:
    """Return the distance of points that lie near each other: within 1 mm up to 1 km, but at the poles."""
    north_m, east_m = metres_a_degree(0.5 * (np.asarray(latitude_a) + np.asarray(latitude_b)))
    east = (np.asarray(longitude_b) - np.asarray(longitude_a) + 180.0) % 360.0 - 180.0
    apart: NDArray[np.float64] = np.hypot((np.asarray(latitude_b) - np.asarray(latitude_a)) * north_m, east * east_m)
    return apart


def squares(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], side_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return row and column of the square that each point lies in, and how many columns go round the earth.

    Squares are nowhere narrower than their side: as wide as needed at the point furthest from the equator. Nor are they
    smaller than 1 cm, or the earth would have more of them than whole numbers.
    """
    side_m = max(side_m, _LEAST_SIDE_M)
    furthest = min(float(np.abs(latitude).max(initial=0.0)), 89.9)
    columns = max(int(360.0 * float(metres_a_degree(furthest)[1]) / side_m), 1)
    row = np.floor(latitude * (float(metres_a_degree(0.0)[0]) / side_m)).astype(np.int64)  # shortest at the equator
    column = np.floor((longitude + 180.0) * (columns / 360.0)).astype(np.int64) % columns
    return row, column, columns


def repeated(
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    within_m: float,
    *,
    names: Sequence[str] | None = None,
    known: int = 0,
) -> NDArray[np.int64]:
    """Return for each point the number of the earlier one that it repeats, -1 where there is none.

    Only points that repeat none are repeated: of a row of points each near the next every second stays.

    Parameters
    ----------
    latitude, longitude : arrays
        Degrees.
    within_m : float
        How near.
    names : sequence of str, optional
        Points repeat only those of the same name; those without one none.
    known : int
        The first so many points repeat none, whatever lies near.
    """
    found = np.full(len(latitude), -1, np.int64)
    if not len(latitude) or within_m <= 0.0:
        return found
    row, column, columns = squares(latitude, longitude, within_m)
    some = _not_alone(row * columns + column, columns) if names is None else np.arange(len(latitude))
    kept: dict[tuple[int, int, str], list[int]] = {}
    at = zip(some.tolist(), row[some].tolist(), column[some].tolist(), strict=True)
    y, x = latitude.tolist(), longitude.tolist()
    north_m, east_m = (metres.tolist() for metres in metres_a_degree(latitude))
    for number, down, right in at:
        name = "" if names is None else names[number]
        if names is not None and not name:
            continue
        first = -1
        if number >= known:
            near = (
                other
                for i, j in _AROUND
                for other in kept.get((down + i, (right + j) % columns, name), ())
                if math.hypot(
                    (y[other] - y[number]) * north_m[number],
                    ((x[other] - x[number] + 180.0) % 360.0 - 180.0) * east_m[number],
                )
                <= within_m
            )
            first = min(near, default=-1)
        found[number] = first
        if first < 0:
            kept.setdefault((down, right, name), []).append(number)
    return found


def _not_alone(key: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """Return the numbers of points in whose square, or in one round it, there are others."""
    there, of_point, counts = np.unique(key, return_inverse=True, return_counts=True)
    others = counts > 1
    column = there % columns
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        # Round the earth the square beside the last one is the first of the same row.
        wanted = there + down * columns + (column + right) % columns - column
        place = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
        met = there[place] == wanted
        others |= met
        others[place[met]] = True
    return np.flatnonzero(others[of_point])
