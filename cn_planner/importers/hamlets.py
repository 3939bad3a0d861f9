"""Homes that lie near each other as hamlets: whoever can go from house to house by short ways lives in the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.importers.near import apart_m, metres_a_degree, squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_HOMES = 3
"""Fewer than these are single farms and no hamlet."""
_AT_ONCE = 2_000_000
# Squares are half as wide as homes of a hamlet may be apart: so those of one square belong together, also where squares
# are wider by the latitude, and what is near lies at most two squares away. One half of the squares round each.
_AROUND = tuple((down, right) for down in range(3) for right in range(-2, 3) if (down, right) > (0, 0))


def hamlets(latitude: NDArray[np.float64], longitude: NDArray[np.float64], within_m: float) -> list[NDArray[np.int64]]:
    """Return the hamlets as numbers of homes, the largest first, in each in their order.

    Single linkage: a chain of homes, each at most `within_m` from the next, is one hamlet, however long it is.

    Parameters
    ----------
    latitude, longitude : arrays
        Degrees, of one region.
    within_m : float
        More than 0.
    """
    if not len(latitude):
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row, column, columns = squares(latitude, longitude, within_m / 2.0)
    key, square = np.unique(row * columns + column, return_inverse=True)
    homes = np.argsort(square, kind="stable")
    start = np.searchsorted(square[homes], np.arange(len(key) + 1))
    ends = [
        pairs[_near(pairs, latitude, longitude, homes, start, within_m)] for pairs in _neighbours(key, columns)
    ]  # fmt: skip
    joined = np.concatenate(ends)
    graph = coo_array((np.ones(len(joined), bool), (joined[:, 0], joined[:, 1])), shape=(len(key), len(key)))
    _, part = connected_components(graph, directed=False)
    hamlet = part[square]
    homes = np.argsort(hamlet, kind="stable")
    groups = np.split(homes, np.cumsum(np.bincount(hamlet))[:-1])
    return sorted((one for one in groups if len(one) >= LEAST_HOMES), key=lambda one: (-len(one), int(one[0])))


def _neighbours(key: NDArray[np.int64], columns: int) -> list[NDArray[np.int64]]:
    """Return pairs of squares that hold homes and lie near each other, each pair once; by how they lie."""
    column, found = key % columns, []
    for down, right in _AROUND:
        wanted = key + down * columns + (column + right) % columns - column
        place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        met = np.flatnonzero(key[place] == wanted)
        found.append(np.stack((met, place[met]), axis=1))
    return found


def _near(
    pairs: NDArray[np.int64],
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    homes: NDArray[np.int64],
    start: NDArray[np.int64],
    within_m: float,
) -> NDArray[np.bool_]:
    """Return which pairs of squares hold a home each that are near enough to each other."""
    counts = np.diff(start)
    ways = counts[pairs[:, 0]] * counts[pairs[:, 1]]
    near = np.zeros(len(pairs), bool)
    many = ways > _AT_ONCE
    for number in np.flatnonzero(many).tolist():
        a, b = (homes[start[one] : start[one + 1]] for one in pairs[number])
        near[number] = _any_near(latitude, longitude, a, b, within_m)
    few = np.flatnonzero(~many)
    for some in np.array_split(few, int(ways[few].sum() // _AT_ONCE) + 1):
        if not len(some):
            continue
        pair = np.repeat(np.arange(len(some)), ways[some])
        turn = np.arange(len(pair)) - np.repeat(np.cumsum(ways[some]) - ways[some], ways[some])
        a, b = pairs[some, 0][pair], pairs[some, 1][pair]
        i, j = homes[start[a] + turn // counts[b]], homes[start[b] + turn % counts[b]]
        apart = apart_m(latitude[i], longitude[i], latitude[j], longitude[j])
        near[some] = np.bincount(pair[apart <= within_m], minlength=len(some)) > 0
    return near


def _any_near(
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    within_m: float,
) -> bool:
    """Return whether two crowds have homes near each other: what would be too many pairs to look at one by one."""
    from scipy.spatial import cKDTree

    north_m, east_m = metres_a_degree(latitude[a[0]])
    first = longitude[a[0]]

    def on_ground(homes: NDArray[np.int64]) -> NDArray[np.float64]:
        east = (longitude[homes] - first + 180.0) % 360.0 - 180.0
        return np.stack((latitude[homes] * north_m, east * east_m), axis=1)

    apart, _ = cKDTree(on_ground(a)).query(on_ground(b), distance_upper_bound=within_m * (1.0 + 1e-9))
    return bool(np.isfinite(apart).any())
