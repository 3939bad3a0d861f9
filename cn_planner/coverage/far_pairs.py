"""Pairs that are worth a profile: those that are near, and of those that are far the ones that may be clear.

Pairs grow with the square of the range, and most that are far have a hill between them. The least clearance of a path
is no more than that at any of its points: where a few points, read before any profile is cut, leave less than enough
between the highest antennas, no mast helps. Nothing that could work is left out; heights are those of the bare ground.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.matrix import near_pairs
from cn_planner.geo import geodesics
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.terrain.track import along, motion
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.progress import Run
    from cn_planner.terrain.surface import Surface

    Places = tuple[ArrayLike, ArrayLike]

_SLACK_M = 1.0
"""A sampled path may be off by some centimetres in place where it is long (`terrain.track`): on a cliff by this."""
_LOOKS = (4, 16, 64)
"""Each look has so many points, those of the looks before between them; most paths are blocked at the first."""
_AT_ONCE = 4096


class Sightline(NamedTuple):
    """What is asked of a line between two antennas.

    Attributes
    ----------
    freq_mhz, k_factor : float
    least_f1 : float
        Clearance in first Fresnel radii without which it is of no use; -inf where it may be behind hills.
    near_km : float
        Shorter ones are looked at whatever stands in the way: people ask why a tower so near does not serve.
    """

    freq_mhz: float
    k_factor: float
    least_f1: float
    near_km: float


def hopeful_pairs(
    surface: Surface,
    first: Places,
    second: Places,
    tops_m: tuple[ArrayLike, ArrayLike],
    asked: Sightline,
    max_km: float,
    *,
    upper: bool = False,
    run: Run,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of pairs no further apart than `max_km` that are near, or may be clear.

    Parameters
    ----------
    surface : Surface
        The ground.
    first, second : (latitudes, longitudes)
        Degrees, WGS 84.
    tops_m : (array_like, array_like)
        The highest antenna at each place of either list, m above ground; one for all, or one a place.
    asked : Sightline
        What a path must leave clear.
    max_km : float
        Greatest distance.
    upper : bool
        As for `near_pairs`.
    run : Run
        Who may stop it.
    """
    i, j = near_pairs(first, second, max_km, upper=upper)
    if max_km <= asked.near_km or not len(i):
        return i, j
    a, b = (_of(places, tops) for places, tops in zip((first, second), tops_m, strict=True))
    keep = np.empty(len(i), np.bool_)
    for start in range(0, len(i), _AT_ONCE):
        run.check()
        some = slice(start, start + _AT_ONCE)
        keep[some] = may_be_clear(surface, a.T[i[some]].T, b.T[j[some]].T, asked)
    return i[keep], j[keep]


def _of(places: Places, tops_m: ArrayLike) -> NDArray[np.float64]:
    """Return latitude, longitude and highest antenna of places, a row each."""
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, np.float64)) for one in (*places, tops_m))))


def may_be_clear(
    surface: Surface, a: NDArray[np.float64], b: NDArray[np.float64], asked: Sightline
) -> NDArray[np.bool_]:
    """Return which paths are near, or may leave enough clear; not those over missing ground.

    Parameters
    ----------
    surface : Surface
        The ground.
    a, b : float64 arrays of (3, paths)
        Latitude and longitude, degrees, and the highest antenna above ground, m, of either end.
    asked : Sightline
        What a path must leave clear.
    """
    azimuth, back, length = geodesics(a[0], a[1], b[0], b[1])
    keep = np.ones(len(length), np.bool_)
    if asked.least_f1 == -math.inf:
        return keep
    far = np.flatnonzero(length > asked.near_km * 1000.0)
    if not len(far):
        return keep
    way = motion(a[0][far], a[1][far], b[0][far], b[1][far], azimuth[far], back[far], length[far])
    tops = [surface.heights(end[0][far], end[1][far]) + end[2][far] for end in (a, b)]
    left = np.arange(len(far))
    seen: set[float] = set()
    for points in _LOOKS:
        shares = np.array([n / points for n in range(1, points) if n / points not in seen])
        seen.update(shares.tolist())
        m = left[:, np.newaxis]
        latitude, longitude = (_along_each(curve[left], shares) for curve in (way.latitude, way.longitude))
        ground = surface.heights(latitude, (longitude + 180.0) % 360.0 - 180.0)
        d = length[far][m] * shares
        rest = length[far][m] - d
        ray = tops[0][m] + (tops[1][m] - tops[0][m]) * shares
        bulge = d * rest / (2.0 * effective_earth_radius_m(asked.k_factor))
        zone = np.sqrt(wavelength_m(asked.freq_mhz) * d * rest / length[far][m])
        # Missing ground compares false.
        enough = ray - ground - bulge + _SLACK_M >= asked.least_f1 * zone
        left = left[enough.all(axis=1)]
    keep[far] = False
    keep[far[left]] = True
    return keep


def _along_each(curves: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of polynomials, one a row, at the same shares of each: (paths, shares)."""
    return np.stack([along(curves, np.full(len(curves), share)) for share in shares.tolist()], axis=1)
