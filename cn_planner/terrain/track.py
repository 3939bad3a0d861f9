"""Where the samples of a path lie: geodesics of some kilometres as polynomials of the fifth degree.

To ask for every sample's place on the ellipsoid, and then for its place on a projected grid, takes a hundred times as
long as to read the height there. Both are smooth: value, slope and curvature at both ends, which the differential
equations of a geodesic give, fix a polynomial whose error between them is known. A path for which that error could
exceed `LIMIT_M` is asked for sample by sample.

Notes
-----
The polynomial through value, first and second derivative at both ends of a stretch ``h`` is off by at most
``|f6| / 720 (h / 2)^6``. Longitude and latitude along a geodesic are analytic nearer to it than its distance from the
pole, ``R cos(latitude)``; with Cauchy's estimate on a circle of half that radius ``r`` the sixth derivative is at most
``720 * 2 r / r^6``, so that the error is at most ``2 r (h / 2 r)^6``: 1 micrometre for 35 km at 45 degrees,
10 for 51 km.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Places = NDArray[np.float64]
    Transform = Callable[[Places, Places], tuple[Places, Places]]

LIMIT_M = 1e-5
_A = 6_378_137.0
_E2 = 0.00669437999014
_LEAST_RADIUS_M = 6_335_000.0
_STEP_DEG = 0.05
"""Of the differences that give the derivatives of a projection: truncation and rounding are both some 1e-13 of it."""


class TrackMotion(NamedTuple):
    """How paths run, their parameter from 0 to 1: one value a path in every array.

    Attributes
    ----------
    latitude, longitude : float64 arrays of (paths, 7)
        Coefficients of a polynomial from the constant one on, degrees, and the value at the second end.
    start, end : float64 arrays of (4, paths)
        First and second derivative of latitude, then of longitude, at either end.
    fits : bool array
        Whether the polynomials are good to `LIMIT_M`.
    """

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    fits: NDArray[np.bool_]


def motion(
    lat_a: Places, lon_a: Places, lat_b: Places, lon_b: Places, azimuth_deg: Places, back_deg: Places, length_m: Places
) -> TrackMotion:
    """Return how geodesics run that are given by their ends, azimuths and lengths: arrays of one length."""
    start = _rates(lat_a, azimuth_deg, length_m)
    end = _rates(lat_b, back_deg + 180.0, length_m)
    span = (lon_b - lon_a + 180.0) % 360.0 - 180.0
    beyond = np.abs(lon_b - lon_a) > 180.0  # over the meridian of 180 degrees
    latitude = _curve(lat_a, start[0], start[1], lat_b, end[0], end[1])
    longitude = _curve(lon_a, start[2], start[3], np.where(beyond, lon_a + span, lon_b), end[2], end[3])
    # Towards the pole a path bulges beyond its ends by no more than half its length.
    top = np.minimum(np.maximum(np.abs(lat_a), np.abs(lat_b)) + np.degrees(length_m / 2.0 / _LEAST_RADIUS_M), 90.0)
    twice = _LEAST_RADIUS_M * np.maximum(np.cos(np.radians(top)), 1e-9)
    fits = twice * (length_m / twice) ** 6 <= LIMIT_M
    fits &= (length_m > 0.0) & ~beyond & (np.abs(lon_a) < 180.0) & (np.abs(lon_b) < 180.0)
    return TrackMotion(latitude, longitude, start, end, fits)


def _rates(lat: Places, azimuth_deg: Places, length_m: Places) -> NDArray[np.float64]:
    """Return first and second derivatives of latitude and longitude, degrees for the whole length.

    With the radii of curvature M in the meridian and N across it: dlat/ds = cos(az) / M, dlon/ds = sin(az) / (N
    cos(lat)), daz/ds = sin(az) tan(lat) / N.
    """
    phi, az = np.radians(lat), np.radians(azimuth_deg)
    sin, cos = np.sin(phi), np.maximum(np.cos(phi), 1e-9)
    north, east = np.cos(az), np.sin(az)
    w = np.sqrt(1.0 - _E2 * sin * sin)
    per_m, per_n = w**3 / (_A * (1.0 - _E2)), w / _A
    lat1 = north * per_m
    turn = east * (sin / cos) * per_n
    lat2 = -east * turn * per_m - north * 3.0 * w * _E2 * sin * cos / (_A * (1.0 - _E2)) * lat1
    lon1 = east * per_n / cos
    lon2 = north * turn * per_n / cos + east / _A * lat1 * (w * sin / (cos * cos) - _E2 * sin / w)
    scale = np.degrees(length_m)
    return np.stack([lat1 * scale, lat2 * scale * length_m, lon1 * scale, lon2 * scale * length_m])


def _curve(f0: Places, g0: Places, k0: Places, f1: Places, g1: Places, k1: Places) -> NDArray[np.float64]:
    """Return the polynomial with these values, slopes and curvatures at 0 and 1; its value at 1 comes last."""
    half = k0 / 2.0
    rise, slope, bend = f1 - f0 - g0 - half, g1 - g0 - k0, (k1 - k0) / 2.0
    return np.stack(
        [f0, g0, half, 10.0 * rise - 4.0 * slope + bend, -15.0 * rise + 7.0 * slope - 2.0 * bend,
         6.0 * rise - 3.0 * slope + bend, f1],
        axis=1,
    )  # fmt: skip


def along(curve: NDArray[np.float64], t: Places) -> Places:
    """Return the values of polynomials, one a row, at 0 to 1: the same bits as the compiled form that samples."""
    c = curve.T
    value: Places = ((((c[5] * t + c[4]) * t + c[3]) * t + c[2]) * t + c[1]) * t + c[0]
    return np.asarray(np.where(t >= 1.0, c[6], value))


def share_of(distance_m: Places, length_m: Places) -> Places:
    """Return how far along their paths samples lie, 0 to 1: the same bits as the compiled form."""
    return np.where(distance_m >= length_m, 1.0, distance_m * (1.0 / length_m))


class Jets(NamedTuple):
    """A projection near places: x and y, each with its five first and second derivatives by latitude and longitude.

    Attributes
    ----------
    x, y : float64 arrays of (6, places)
        Value, by latitude, by longitude, then twice by latitude, by both, twice by longitude; per degree.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def at(self, index: NDArray[np.int64]) -> Jets:
        """Return those of some places."""
        return Jets(self.x[:, index], self.y[:, index])


def jets(project: Transform, lat: Places, lon: Places) -> Jets:
    """Return a projection's derivatives at places, by central differences of the fourth order.

    Parameters
    ----------
    project : callable
        From longitudes and latitudes in degrees to x and y.
    lat, lon : float64 arrays
        The places, degrees.
    """
    reach = np.array([-2.0, -1.0, 1.0, 2.0]) * _STEP_DEG
    none = np.zeros(4)
    up = np.concatenate([[0.0], reach, none, reach, reach])[:, np.newaxis]
    right = np.concatenate([[0.0], none, reach, reach, -reach])[:, np.newaxis]
    found = project(lon + right, lat + up)
    return Jets(*(_differences(np.asarray(values)) for values in found))


def _differences(values: NDArray[np.float64]) -> NDArray[np.float64]:
    h = _STEP_DEG
    middle = values[0]

    def first(f: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((8.0 * (f[2] - f[1]) - (f[3] - f[0])) / (12.0 * h))

    def second(f: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(
            (16.0 * ((f[1] - middle) + (f[2] - middle)) - ((f[0] - middle) + (f[3] - middle))) / (12.0 * h * h)
        )

    lat, lon, rising, falling = values[1:5], values[5:9], values[9:13], values[13:17]
    with np.errstate(invalid="ignore"):  # far from where it holds a projection gives infinity; such a path is no curve
        both = (second(rising) - second(falling)) / 4.0
        return np.stack([middle, first(lat), first(lon), second(lat), both, second(lon)])


def projected(run: TrackMotion, a: Jets, b: Jets) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the polynomials of x and y of paths on a projection whose derivatives at both ends are given."""
    x = _curve(a.x[0], *_chain(a.x, run.start), b.x[0], *_chain(b.x, run.end))
    y = _curve(a.y[0], *_chain(a.y, run.start), b.y[0], *_chain(b.y, run.end))
    return x, y


def _chain(jet: NDArray[np.float64], rates: NDArray[np.float64]) -> tuple[Places, Places]:
    lat1, lat2, lon1, lon2 = rates
    slope = jet[1] * lat1 + jet[2] * lon1
    bend = jet[3] * lat1 * lat1 + 2.0 * jet[4] * lat1 * lon1 + jet[5] * lon1 * lon1 + jet[1] * lat2 + jet[2] * lon2
    return slope, bend


def is_smooth(project: Transform, bounds: tuple[float, float, float, float], metre: float) -> bool:
    """Return whether a projection is so smooth within bounds that polynomials carry paths over it to `LIMIT_M`.

    Some 60 paths of up to 30 km are tried: a shift of datum by a grid of corrections has edges in it.

    ``project``: callable, from longitudes and latitudes in degrees to x and y. ``bounds``: (south, west, north, east),
    degrees. ``metre``: how much of x or y is a metre.
    """
    south, west, north, east = bounds
    rng = np.random.default_rng(11)
    count = 60
    lat, lon = rng.uniform(max(south, -84.0), min(north, 84.0), count), rng.uniform(west, east, count)
    lon = (lon + 180.0) % 360.0 - 180.0
    azimuth, length = rng.uniform(0.0, 360.0, count), rng.uniform(1e3, 30e3, count)
    lat_b, lon_b = geo.points_along(lat.copy(), lon.copy(), azimuth.copy(), length)
    azimuth, back, length = geo.geodesics(lat, lon, lat_b, lon_b)
    run = motion(lat, lon, lat_b, lon_b, azimuth, back, length)
    if not run.fits.any():
        return False
    x, y = projected(run, jets(project, lat, lon), jets(project, lat_b, lon_b))
    for share in (0.2, 0.5, 0.7):
        at = geo.points_along(lat.copy(), lon.copy(), azimuth.copy(), share * length)
        want_x, want_y = project(at[1], at[0])
        t = np.full(count, share)
        off = np.hypot(along(x, t) - want_x, along(y, t) - want_y)[run.fits]
        if not (off <= LIMIT_M * metre).all():  # NaN where the projection ends
            return False
    return True
