"""The chance that a path is clear, the error of the terrain integrated over it.

Along a path the clearance is off by e(x) = (1 - t) g(0) + t g(L) - g(x), with g the error of the ground, t = x / L:
antennas stand on ground that is off as well. With g of standard deviation s and correlation exp(-d / l) that has the
variance

    s(x)^2 = s^2 [1 + (1-t)^2 + t^2 - 2 (1-t) exp(-x/l) - 2 t exp(-(L-x)/l) + 2 t (1-t) exp(-L/l)]

and trees add a share of their height. With z(x) = (clearance - n F1) / s(x) no place stands in the way with the chance

    P = Phi(min z) exp(integral of ln Phi(z) dx / 1.5 l)

The worst place counts whole; what else is near to grazing counts once for each 1.5 l of path: that length brings it to
within 0.13 of draws of such ground, 0.04 in the mean, on level, rolling and real paths (`tests/links/test_sight.py`).
Errors of terrain have heavier tails than a normal one (Höhle and Höhle, ISPRS Journal 64, 2009; Zandbergen, T. in
GIS 12, 2008: strips, voids, edges of woods, houses): one path in ten is taken to lie on ground that is `TAIL_TIMES`
as far off.

Fitted, on two networks (`benchmarks/terrain_error.py`): share and width of the tail. All else is published.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import at_hand, kernel, put_at_hand
from cn_planner.units import MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.terrain.height_error import HeightError

TAIL_SHARE = 0.1
TAIL_TIMES = 4.0
TREE_SHARE = 0.3
"""Error of the height of what stands on the ground, of that height: maps of tree heights have 6 m rms where trees of 20
and more stand (Lang and others, Nature Ecology & Evolution 7, 2023)."""
SURE_M = 0.3
"""No antenna's height is known better."""
_NOTHING = 40.0
"""Reaches after which what two places have in common is nothing: from 1.5, 2 exp(-40) takes not one bit."""
_APART = 1.5
"""Reaches of the error after which another place counts as one of its own."""
_BENDS_MHZ, _BENDS_STEEP = 1200.0, 8.0
_STEPS = 64
_ROOM = 5
"""Numbers a sample that `path_chance_kernel` works with."""
LOWEST, HIGHEST = -8.0, 5.0
"""Standard deviations below which nothing is seen, and from which on everything is."""
_LESS = np.array(
    [-math.log(0.5 * math.erfc(-(LOWEST + i / _STEPS) / math.sqrt(2.0))) for i in range(int(13 * _STEPS) + 2)]
)


class Sight(NamedTuple):
    """How clear paths are; numbers or arrays of one shape.

    Attributes
    ----------
    clearance_f1 : float or ndarray
        Least clearance in first Fresnel radii, on the terrain as it is given; NaN where some is missing.
    clear : float or ndarray
        Chance that the share of the first Fresnel zone that is enough is clear.
    passes : float or ndarray
        Chance that it is not, and that a signal can pass all the same: nothing stands in the line of sight itself, or
        the frequency is so low that it bends over what does (`bends`).
    common_sd_db, local_sd_db : float or ndarray
        Where levels were measured: how far that of a path may still be off, for what it shares with others, and by
        itself. NaN where nothing was: the usual errors hold.
    """

    clearance_f1: float | NDArray[np.float64]
    clear: float | NDArray[np.float64]
    passes: float | NDArray[np.float64]
    common_sd_db: float | NDArray[np.float64] = math.nan
    local_sd_db: float | NDArray[np.float64] = math.nan

    def at(self, index: Any) -> Sight:
        """Return those of some paths."""
        return Sight(*(np.asarray(one)[index] if np.ndim(one) else one for one in self))

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Whether what was measured says how far each level may be off."""
        return ~np.isnan(np.asarray(self.local_sd_db, np.float64))


class ClearChance(NamedTuple):
    """Chance of a clear path, of one on which the signal passes though it is not clear, and the terrain's error, m."""

    clear: float
    passes: float
    terrain_sd_m: float


@kernel
def bends(freq_mhz: float) -> float:
    """Return how far a signal may be counted on that has to bend over a hill, 0 to 1.

    What models promise behind hills is held up by measurements of broadcasting at some hundred MHz; the networks that
    this was tried on have no link through a hill above 2 GHz. 0.97 at 800 MHz, 0.9 at 915, half at 1200, 0.004 at 2400.
    """
    return float(1.0 / (1.0 + (freq_mhz / _BENDS_MHZ) ** _BENDS_STEEP))


@kernel
def less_kernel(z: float) -> float:
    """Return -ln Phi(z), by a table: within 1e-4; 0 from z = 5 on."""
    if z >= HIGHEST:
        return 0.0
    at = (max(z, LOWEST) - LOWEST) * _STEPS
    i = int(at)
    return float(_LESS[i] + (_LESS[i + 1] - _LESS[i]) * (at - i))


@kernel
def slope_kernel(distance: Any, ground: Any, first: int, last: int) -> float:
    """Return the root mean square of a path's slope."""
    total = 0.0
    for i in range(first, last - 1):
        rise = ground[i + 1] - ground[i]
        step = distance[i + 1] - distance[i]
        if step > 0.0:
            total += rise * rise / step
    return math.sqrt(total / max(distance[last - 1] - distance[first], 1e-9))


@kernel
def weigh_kernel(
    distance: Any,
    cover: Any,
    first: int,
    last: int,
    sd_m: float,
    reach_m: float,
    wavelength: float,
    per: Any,
    zone: Any,
    part: Any,
) -> None:
    """Fill in what the inner points of a path are to antennas of any height.

    One over the standard deviation of the clearance; 0.6 F1 by it; how much of an independent error each stands for.
    """
    start = distance[first]
    length = distance[last - 1] - start
    apart = math.exp(-length / reach_m)
    for i in range(last - first - 2):
        at = first + 1 + i
        d = distance[at] - start
        near, far = in_common_kernel(d, length, reach_m)
        per[i], zone[i] = weigh_point_kernel(d, length, cover[at], sd_m, near, far, apart, wavelength)
        part[i] = part_kernel(distance[at - 1], distance[at + 1], reach_m)


@kernel
def in_common_kernel(d: float, length: float, reach_m: float) -> tuple[float, float]:
    """Return how much the error at a point has in common with those at either end."""
    if min(d, length - d) >= _NOTHING * reach_m:
        return 0.0, 0.0
    return math.exp(-d / reach_m), math.exp(-(length - d) / reach_m)


@kernel
def weigh_point_kernel(
    d: float, length: float, cover: float, sd_m: float, near: float, far: float, apart: float, wavelength: float
) -> tuple[float, float]:
    """Return one over the standard deviation of the clearance at a point, and 0.6 F1 by it.

    `near`, `far`: of `in_common_kernel`; `apart`: how much the errors at both ends have in common.
    """
    t = d / length
    shape = 1.0 + (1.0 - t) ** 2 + t * t + 2.0 * t * (1.0 - t) * apart
    shape -= 2.0 * ((1.0 - t) * near + t * far)
    tree = TREE_SHARE * cover
    per = 1.0 / math.sqrt(sd_m * sd_m * max(shape, 0.0) + tree * tree + SURE_M * SURE_M)
    return per, ENOUGH_F1 * math.sqrt(wavelength * d * (length - d) / length) * per


@kernel
def part_kernel(before: float, after: float, reach_m: float) -> float:
    """Return how much of an independent error a point stands for, by the distances of those on either side of it."""
    return (after - before) / (2.0 * _APART * reach_m)


@kernel
def chance_kernel(z: Any, zone: Any, part: Any, count: int) -> tuple[float, float]:
    """Return the chances that 0.6 F1 is clear, and that the line of sight is.

    `z`: the clearance of each point by its standard deviation; `zone` and `part` as `weigh_kernel` fills them in.
    """
    least = math.inf
    least_zone = math.inf
    for i in range(count):
        least = min(least, z[i])
        least_zone = min(least_zone, z[i] - zone[i])
    wide = 1.0 / TAIL_TIMES
    if least * wide < LOWEST:
        return 0.0, 0.0
    clear = less_kernel(least_zone)
    seen = less_kernel(least)
    clear_tail = less_kernel(least_zone * wide)
    seen_tail = less_kernel(least * wide)
    if least_zone < HIGHEST * TAIL_TIMES:
        for i in range(count):
            low = z[i] - zone[i]
            if low < HIGHEST * TAIL_TIMES:
                clear += less_kernel(low) * part[i]
                seen += less_kernel(z[i]) * part[i]
                clear_tail += less_kernel(low * wide) * part[i]
                seen_tail += less_kernel(z[i] * wide) * part[i]
    rest = 1.0 - TAIL_SHARE
    return (
        rest * math.exp(-clear) + TAIL_SHARE * math.exp(-clear_tail),
        rest * math.exp(-seen) + TAIL_SHARE * math.exp(-seen_tail),
    )


@kernel
def passes_kernel(clear: float, seen: float, bend: float) -> float:
    """Return the chance that a path is not clear and the signal passes, by the chances of `chance_kernel`."""
    return (seen - clear) + bend * (1.0 - seen)


@kernel
def share_chance_kernel(
    clearance_f1: float, length_m: float, sd_m: float, wavelength: float, bend: float
) -> tuple[float, float]:
    """Return clear and passes by the worst clearance alone, for maps: it is taken to be in the middle of the path."""
    radius = 0.5 * math.sqrt(wavelength * max(length_m, 1e-6))
    per = radius / math.sqrt(1.5 * sd_m * sd_m + SURE_M * SURE_M)
    wide = per / TAIL_TIMES
    low = clearance_f1 - ENOUGH_F1
    rest = 1.0 - TAIL_SHARE
    clear = rest * math.exp(-less_kernel(low * per)) + TAIL_SHARE * math.exp(-less_kernel(low * wide))
    seen = rest * math.exp(-less_kernel(clearance_f1 * per))
    seen += TAIL_SHARE * math.exp(-less_kernel(clearance_f1 * wide))
    return clear, passes_kernel(clear, seen, bend)


@kernel
def path_chance_kernel(
    distance: Any,
    ground: Any,
    cover: Any,
    first: int,
    last: int,
    a: float,
    b: float,
    earth_radius_m: float,
    wavelength: float,
    error: Any,
    work: Any,
) -> tuple[float, float, float]:
    """Return the chances of `chance_kernel` for one path, and the terrain's error; `work`: room for it five times."""
    slope_m = error[1] * slope_kernel(distance, ground, first, last)
    sd = math.sqrt(error[0] * error[0] + slope_m * slope_m)
    d, top, per, zone, part = work[0], work[1], work[2], work[3], work[4]
    length = distance[last - 1] - distance[first]
    for i in range(last - first - 2):
        at = first + 1 + i
        d[i] = distance[at] - distance[first]
        top[i] = ground[at] + cover[at] + d[i] * (length - d[i]) * 0.5 / earth_radius_m
    weigh_kernel(distance, cover, first, last, sd, error[2], wavelength, per, zone, part)
    z, slope = top, (b - a) / length
    for i in range(last - first - 2):
        z[i] = (a - top[i] + slope * d[i]) * per[i]
    clear, seen = chance_kernel(z, zone, part, last - first - 2)
    return clear, seen, sd


def clear_chance(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    cover_m: NDArray[np.float64],
    amsl_m: tuple[float, float],
    freq_mhz: float,
    error: HeightError,
    k_factor: float = MEDIAN_K_FACTOR,
) -> ClearChance:
    """Return the chance that one path is clear: no compiler is loaded for it, and where one was for many, it is used.

    Parameters
    ----------
    distance_m, ground_m, cover_m : float64 arrays of one length
        Distances from the first end, rising from 0; ground above sea level, none missing; what stands on it, m.
    amsl_m : (float, float)
        Antennas above sea level, m.
    freq_mhz, k_factor : float
        Frequency, effective earth radius factor.
    error : HeightError
        How far the ground is off.
    """
    count, fast = len(distance_m), at_hand(path_chance_kernel)
    ways: Any = [np.array(one, np.float64) for one in (distance_m, ground_m, cover_m)]
    off: Any = np.array(error, np.float64)
    work: Any = np.zeros((_ROOM, count))
    if fast is None:
        ways, off, work = [one.tolist() for one in ways], off.tolist(), work.tolist()
    d, g, c = ways
    a, b, radius, wave = map(float, (*amsl_m, effective_earth_radius_m(k_factor), wavelength_m(freq_mhz)))
    clear, seen, sd_m = (fast or path_chance_kernel)(d, g, c, 0, count, a, b, radius, wave, off, work)
    return ClearChance(clear, passes_kernel(clear, seen, bends(freq_mhz)), sd_m)


def put_chance_at_hand() -> None:
    """Have machine code for single paths from now on."""
    three, error = np.arange(3.0), np.ones(3)
    put_at_hand(path_chance_kernel, three, three, three, 0, 3, 1.0, 1.0, 1.0, 1.0, error, np.empty((_ROOM, 3)))
