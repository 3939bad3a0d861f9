"""A slow way to clearance, heights needed, P.526 and verdicts: pyproj and plain numpy, one path at a time.

It shares no code with the program, so that a mistake there is not made here as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj

if TYPE_CHECKING:
    from collections.abc import Callable

EARTH_M = 6_371_000.0
LIGHT_M_PER_US = 299.792458


def bilinear(z: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    """Return heights at fractional places; NaN where one of the cells that it lies between is missing."""
    r, c = np.floor(row).astype(int), np.floor(col).astype(int)
    v, u = row - r, col - c
    total = np.zeros(np.shape(row))
    for down, across, weight in ((0, 0, (1 - v) * (1 - u)), (0, 1, (1 - v) * u), (1, 0, v * (1 - u)), (1, 1, v * u)):
        height = z[np.minimum(r + down, z.shape[0] - 1), np.minimum(c + across, z.shape[1] - 1)].astype(np.float64)
        total = total + np.where(weight == 0.0, 0.0, weight * height)
    return total


def heights_along(grid, a: tuple[float, float], azimuth_deg: float, distance_m: np.ndarray) -> np.ndarray:
    """Return heights of an elevation file along the geodesic from `a`, one place at a time."""
    count = len(distance_m)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(
        np.full(count, a[1]), np.full(count, a[0]), np.full(count, azimuth_deg), distance_m
    )
    x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    step_x, _, west, _, step_y, north = grid.transform
    return bilinear(grid.values, (np.asarray(y) - north) / step_y, (np.asarray(x) - west) / step_x)


def with_trees(d: np.ndarray, ground: np.ndarray, canopy_m: float, keep_out_m: float = 200.0) -> np.ndarray:
    """Return the ground with trees on it, none within the keep-out of either end."""
    return ground + np.where((d > keep_out_m) & (d[-1] - d > keep_out_m), canopy_m, 0.0)


class Cleared(NamedTuple):
    """Least clearance in m and in F1; least height above ground of either end that leaves 0.6 F1, the other kept."""

    metres: float
    f1: float
    needed_a_m: float
    needed_b_m: float


def cleared(d: np.ndarray, surface: np.ndarray, up_a: float, up_b: float, mhz: float, k: float = 4 / 3) -> Cleared:
    """Return how clear a path is."""
    length = d[-1]
    a, b = surface[0] + up_a, surface[-1] + up_b
    x, top = d[1:-1], surface[1:-1] + d[1:-1] * (length - d[1:-1]) / (2 * EARTH_M * k)
    if not len(x):
        return Cleared(min(up_a, up_b), math.inf, 0.0, 0.0)
    share = x / length
    zone = np.sqrt(LIGHT_M_PER_US / mhz * x * (1 - share))
    over = a * (1 - share) + b * share - top
    wanted = top + 0.6 * zone
    needed_a = ((wanted - b * share) / (1 - share)).max() - surface[0]
    needed_b = ((wanted - a * (1 - share)) / share).max() - surface[-1]
    return Cleared(min(over.min(), up_a, up_b), (over / zone).min(), max(needed_a, 0.0), max(needed_b, 0.0))


def _knife_edge(nu: float) -> float:
    return 6.9 + 20 * math.log10(math.hypot(nu - 0.1, 1) + nu - 0.1) if nu > -0.78 else 0.0


def _bullington(d: np.ndarray, h: np.ndarray, a: float, b: float, ae: float, wavelength: float) -> float:
    """P.526-15, section 4.5.1; all in m."""
    length, x, top = d[-1], d[1:-1], h[1:-1] + d[1:-1] * (d[-1] - d[1:-1]) / (2 * ae)
    up_a, up_b, straight = ((top - a) / x).max(), ((top - b) / (length - x)).max(), (b - a) / length
    if up_a < straight:
        nu = ((top - a - straight * x) * np.sqrt(2 * length / (wavelength * x * (length - x)))).max()
    else:
        at = (b - a + up_b * length) / (up_a + up_b)
        over = a + up_a * at - (a + straight * at)
        nu = over * math.sqrt(2 * length / (wavelength * at * (length - at)))
    edge = _knife_edge(nu)
    return edge + (1 - math.exp(-edge / 6)) * (10 + 0.02e-3 * length)


def _first_term(length: float, a: float, b: float, ae: float, mhz: float, vertical: bool) -> float:
    """P.526-15, section 3.1.1.2, over land."""
    permittivity, conductivity = 22.0, 0.003
    lossy = (18_000 * conductivity / mhz) ** 2
    k = 0.36 * (ae / 1e3 * mhz) ** (-1 / 3) * ((permittivity - 1) ** 2 + lossy) ** -0.25
    if vertical:
        k *= math.sqrt(permittivity**2 + lossy)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 2.188 * beta * mhz ** (1 / 3) * (ae / 1e3) ** (-2 / 3) * length / 1e3
    away = 11 + 10 * math.log10(x) - 17.6 * x if x >= 1.6 else -20 * math.log10(x) - 5.6488 * x**1.425

    def gain(height: float) -> float:
        y = beta * 9.575e-3 * beta * mhz ** (2 / 3) * (ae / 1e3) ** (-1 / 3) * height
        high = 17.6 * math.sqrt(y - 1.1) - 5 * math.log10(y - 1.1) - 8 if y > 2 else 20 * math.log10(y + 0.1 * y**3)
        return max(high, 2 + 20 * math.log10(k))

    return -(away + gain(a) + gain(b))


def _round_earth(length: float, a: float, b: float, ae: float, mhz: float, vertical: bool) -> float:
    """P.526-15, section 3.2."""
    roots = math.sqrt(a) + math.sqrt(b)
    if length >= math.sqrt(2 * ae) * roots:
        return _first_term(length, a, b, ae, mhz, vertical)
    c, m = (a - b) / (a + b), length**2 / (4 * ae * (a + b))
    turn = math.acos(3 * c / 2 * math.sqrt(3 * m / (m + 1) ** 3))
    near = length / 2 * (1 + 2 * math.sqrt((m + 1) / (3 * m)) * math.cos(math.pi / 3 + turn / 3))
    far = length - near
    over = ((a - near**2 / (2 * ae)) * far + (b - far**2 / (2 * ae)) * near) / length
    enough = 0.552 * math.sqrt(near * far * LIGHT_M_PER_US / mhz / length)
    if over > enough:
        return 0.0
    loss = _first_term(length, a, b, 0.5 * (length / roots) ** 2, mhz, vertical)
    return max((1 - over / enough) * loss, 0.0)


def _smooth(d: np.ndarray, h: np.ndarray, a: float, b: float) -> tuple[float, float]:
    """P.526-15, section 4.5.2: heights of the smooth surface under either end."""
    length, x = d[-1], d[1:-1]
    steps, (d0, d1), (h0, h1) = np.diff(d), (d[:-1], d[1:]), (h[:-1], h[1:])
    v1 = (steps * (h1 + h0)).sum()
    v2 = (steps * (h1 * (2 * d1 + d0) + h0 * (d1 + 2 * d0))).sum()
    under_a, under_b = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    over = h[1:-1] - (a * (length - x) + b * x) / length
    if over.max() > 0.0:
        tilt_a, tilt_b = (over / x).max(), (over / (length - x)).max()
        under_a -= over.max() * tilt_a / (tilt_a + tilt_b)
        under_b -= over.max() * tilt_b / (tilt_a + tilt_b)
    return min(under_a, h[0]), min(under_b, h[-1])


def p526_db(
    d: np.ndarray,
    ground: np.ndarray,
    surface: np.ndarray,
    up_a: float,
    up_b: float,
    mhz: float,
    k: float = 4 / 3,
    *,
    vertical: bool = True,
) -> float:
    """Return free space and delta-Bullington over the ground, and what the surface adds to Bullington's part."""
    ae, wavelength = EARTH_M * k, LIGHT_M_PER_US / mhz
    a, b, length = ground[0] + up_a, ground[-1] + up_b, d[-1]
    free = 20 * math.log10(4 * math.pi * math.hypot(length, a - b) / wavelength)
    bare = _bullington(d, ground, a, b, ae, wavelength)
    under_a, under_b = _smooth(d, ground, a, b)
    level = _bullington(d, np.zeros(len(d)), a - under_a, b - under_b, ae, wavelength)
    earth = _round_earth(length, a - under_a, b - under_b, ae, mhz, vertical)
    trees = max(_bullington(d, surface, a, b, ae, wavelength) - bare, 0.0)
    return free + bare + max(earth - level, 0.0) + trees


def on_grid(
    z: np.ndarray, tower: tuple[int, int], cell: tuple[int, int], sides_m: tuple[float, float], step_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and heights of the straight way from a tower's cell to another, two steps at least."""
    down, across = cell[0] - tower[0], cell[1] - tower[1]
    length = math.hypot(down * sides_m[0], across * sides_m[1])
    t = np.arange((n := max(math.ceil(length / step_m - 1e-9), 2)) + 1) / n
    return t * length, bilinear(z, tower[0] + down * t, tower[1] + across * t)


def alike(job: Callable, same: Callable[[object, object], bool]) -> None:
    """Assert that a job gives one result alone, on one, two and three threads, and beside another of its kind."""
    from concurrent.futures import ThreadPoolExecutor

    alone = job(None)
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert same(job(pool), alone), f"{threads} threads"
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as jobs:
        assert all(same(found, alone) for found in jobs.map(job, [pool, pool])), "two jobs at once"


def chances_by_hand(d, ground, cover, ends_m, error, mhz, k=4 / 3):
    """Return the chances that 0.6 F1 of a path is clear, and the line of sight, ground and trees being off."""
    sd0, slope_m, reach = error
    length, x = d[-1], d[1:-1]
    t, step = x / length, np.diff(d)
    sd = math.hypot(sd0, slope_m * math.sqrt((np.diff(ground) ** 2 / step).sum() / length))
    shape = 1 + (1 - t) ** 2 + t**2 + 2 * t * (1 - t) * np.exp(-length / reach)
    shape -= 2 * ((1 - t) * np.exp(-x / reach) + t * np.exp(-(length - x) / reach))
    off = np.sqrt(sd**2 * shape + (0.3 * cover[1:-1]) ** 2 + 0.3**2)
    over = ends_m[0] * (1 - t) + ends_m[1] * t - ground[1:-1] - cover[1:-1] - x * (length - x) / (2 * EARTH_M * k)
    zone = np.sqrt(LIGHT_M_PER_US / mhz * x * (length - x) / length)
    part = (d[2:] - d[:-2]) / (2 * 1.5 * reach)

    def one(z):
        less = -np.log(np.maximum([0.5 * math.erfc(-v / math.sqrt(2.0)) for v in np.maximum(z, -8.0)], 1e-300))
        return math.exp(-less.max() - (less * part).sum())

    return [0.9 * one(z / off) + 0.1 * one(z / off / 4.0) for z in (over - 0.6 * zone, over)]


def works_by_chances(margin_db, clearance_f1, clear, seen, mhz):
    """Return the probability that a link works by P.526, by the chances that 0.6 F1 and the line of sight are clear."""

    def phi(z):
        return 0.5 * math.erfc(-z / math.sqrt(2.0))

    def edge(f1):
        nu = -math.sqrt(2.0) * f1
        return 0.0 if nu <= -0.78 else 6.9 + 20.0 * math.log10(math.hypot(nu - 0.1, 1.0) + nu - 0.1)

    passes = seen - clear + (1.0 - seen) / (1.0 + (mhz / 1200.0) ** 8)
    free = margin_db + edge(clearance_f1)
    sigma = 6.0 - 2.0 * min(max((clearance_f1 - 0.6) / 0.4, 0.0), 1.0)
    return clear * phi(free / sigma) + passes * phi((free - max(edge(clearance_f1), edge(0.3))) / 12.0)


def works_by_hand(margin_db, clearance_f1, length_m, sd_m, mhz):
    """Return the probability of a cell of a map: its worst place half way, the ground off by `sd_m`; sigma by P.526."""

    def phi(z):
        return 0.5 * math.erfc(-z / math.sqrt(2.0))

    def edge(f1):
        nu = max(-math.sqrt(2.0) * f1, -0.78) - 0.1
        return 0.0 if -math.sqrt(2.0) * f1 <= -0.78 else 6.9 + 20.0 * math.log10(math.sqrt(nu * nu + 1.0) + nu)

    def one(margin, f1, length):
        per = 0.5 * math.sqrt(299.792458 / mhz * length) / math.hypot(math.sqrt(1.5) * sd_m, 0.3)
        clear, seen = (0.9 * phi(z * per) + 0.1 * phi(z * per / 4.0) for z in (f1 - 0.6, f1))
        passes = seen - clear + (1.0 - seen) / (1.0 + (mhz / 1200.0) ** 8)
        free = margin + edge(f1)
        hidden = free - max(edge(f1), edge(0.3))
        sigma = 6.0 - 2.0 * min(max((f1 - 0.6) / 0.4, 0.0), 1.0)
        return clear * phi(free / sigma) + passes * phi(hidden / 12.0)

    return np.vectorize(one, otypes=[float])(margin_db, clearance_f1, length_m)
