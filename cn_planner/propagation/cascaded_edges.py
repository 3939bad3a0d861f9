"""Several hills in one path, each by its name: which ones block, how high they stand, and what each costs.

Two methods of ITU-R P.526-15, section 4.4 (multiple isolated obstacles):

- `cascaded_knife_edge`: the Deygout construction on at most three edges with the Recommendation's correction. A loss.
- `main_edges`: the hills that a string stretched from antenna to antenna over the profile would touch, points within
  250 m, or with no point of the profile between them, being one hill; each hill's own loss is that of its edge over the
  line between its neighbours, and `hills_loss_db` puts them together with the correction for edges that share a path.
  It is for words (which hill, how high) and for the hills' tops as cylinders.

What the program plans by is delta-Bullington (`p526`); these say where that loss comes from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.propagation.checks import check_freq, check_height, checked_profile
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import Floats, kernel
from cn_planner.propagation.knife_edge import knife_edge_kernel
from cn_planner.units import MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

SAME_HILL_M = 250.0
"""Points of the string no further apart than this are one obstacle; so are neighbours in a profile of wider steps, on
which each point of a smooth bulge would be a hill of its own."""
_NU_NO_LOSS = -0.78


class CascadedEdges(NamedTuple):
    """The Deygout construction.

    Attributes
    ----------
    loss_db : float
        In excess of free space.
    main, before, after : int
        Indices of the main edge and of those on both sides of it; -1 where there is none.
    main_nu, before_nu, after_nu : float
        Their diffraction parameters; minus infinity where there is none.
    """

    loss_db: float
    main: int
    before: int
    after: int
    main_nu: float
    before_nu: float
    after_nu: float


class Hill(NamedTuple):
    """A hill, a wood or a house that stands in a path or near its ray.

    Attributes
    ----------
    point : int
        Number of its highest place over the ray, in the profile.
    at_m : float
        Where that is, m from the first end.
    top_m : float
        Its height above sea level, m.
    above_m : float
        How far it stands above the straight ray between the antennas, over the bulge of the earth, m; negative where
        it stays below it.
    loss_db : float
        Its own loss, over the line between its neighbours, as an edge.
    before_m, after_m : float
        Distances to its neighbours (hills or ends), m.
    over_m : float
        How far it stands above the line between them, m.
    first, last : int
        The part of the profile that is this hill.
    """

    point: int
    at_m: float
    top_m: float
    above_m: float
    loss_db: float
    before_m: float
    after_m: float
    over_m: float
    first: int
    last: int

    @property
    def blocks(self) -> bool:
        """Whether it stands above the ray."""
        return self.above_m > 0.0


@kernel
def nu_kernel(
    distance_m: Floats,
    surface_m: Floats,
    at: int,
    a: int,
    b: int,
    height_a_m: float,
    height_b_m: float,
    curve: float,
    wavelength: float,
) -> float:
    """Diffraction parameter of a point over the line between two others (section 4.1); heights above sea level."""
    from_a = distance_m[at] - distance_m[a]
    to_b = distance_m[b] - distance_m[at]
    length = from_a + to_b
    over = surface_m[at] + curve * from_a * to_b - (height_a_m * to_b + height_b_m * from_a) / length
    return over * math.sqrt(2.0 * length / (wavelength * from_a * to_b))


@kernel
def _greatest(
    distance_m: Floats,
    surface_m: Floats,
    a: int,
    b: int,
    height_a_m: float,
    height_b_m: float,
    curve: float,
    wavelength: float,
) -> tuple[int, float]:
    best = -1
    most = -math.inf
    for i in range(a + 1, b):
        nu = nu_kernel(distance_m, surface_m, i, a, b, height_a_m, height_b_m, curve, wavelength)
        if nu > most:
            best = i
            most = nu
    return best, most


@kernel
def cascaded_knife_edge_kernel(
    distance_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
) -> tuple[float, int, int, int, float, float, float]:
    """Loss, indices and parameters of at most three edges (section 4.4.2)."""
    curve = 0.5 / earth_radius_m
    end = last - 1
    main, nu = _greatest(distance_m, surface_m, first, end, amsl_a_m, amsl_b_m, curve, wavelength)
    if main < 0 or nu <= -0.78:
        return 0.0, -1, -1, -1, -math.inf, -math.inf, -math.inf
    top = surface_m[main]
    before, nu_before = _greatest(distance_m, surface_m, first, main, amsl_a_m, top, curve, wavelength)
    after, nu_after = _greatest(distance_m, surface_m, main, end, top, amsl_b_m, curve, wavelength)
    edge = knife_edge_kernel(nu)
    sides = 0.0
    if before >= 0:
        sides += knife_edge_kernel(nu_before)
    if after >= 0:
        sides += knife_edge_kernel(nu_after)
    length_km = (distance_m[end] - distance_m[first]) * 1e-3
    loss = edge + (1.0 - math.exp(-edge / 6.0)) * (sides + 10.0 + 0.04 * length_km)
    return loss, main, before, after, nu, nu_before, nu_after


def _checked(
    distance_m: ArrayLike, surface_m: ArrayLike, amsl_a_m: float, amsl_b_m: float, freq_mhz: float
) -> tuple[list[float], list[float]]:
    check_freq(freq_mhz)
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, surface = checked_profile(distance_m, surface_m)
    return distance.tolist(), surface.tolist()


def cascaded_knife_edge(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
) -> CascadedEdges:
    """Return the loss over at most three edges of a profile, and which points they are.

    Parameters
    ----------
    distance_m, surface_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; heights above sea level, m.
    amsl_a_m, amsl_b_m : float
        Antennas above sea level, m.
    freq_mhz : float
        Frequency, MHz.
    k_factor : float
        Effective earth radius factor.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height.

    References
    ----------
    ITU-R P.526-15, section 4.4.2: ``L = J(nu_p) + T [J(nu_t) + J(nu_r) + C]``, ``T = 1 - exp(-J(nu_p) / 6)``,
    ``C = 10 + 0.04 D``, D in km.
    """
    distance, surface = _checked(distance_m, surface_m, amsl_a_m, amsl_b_m, freq_mhz)
    found = cascaded_knife_edge_kernel(
        distance, surface, 0, len(distance), amsl_a_m, amsl_b_m, effective_earth_radius_m(k_factor),
        wavelength_m(freq_mhz),
    )  # fmt: skip
    return CascadedEdges(*found)


def _string(distance: list[float], heights: list[float], radius: float) -> list[int]:
    """Return the points that a string over the profile touches, both ends with them (section 4.4.1)."""
    at, points, last = 0, [0], len(distance) - 1
    while at < last:
        best, steepest = last, -math.inf
        for i in range(at + 1, last + 1):
            far = distance[i] - distance[at]
            rise = (heights[i] - heights[at]) / far - far / (2.0 * radius)
            if rise >= steepest:
                best, steepest = i, rise
        points.append(best)
        at = best
    return points


def main_edges(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
) -> tuple[Hill, ...]:
    """Return the hills that a path goes over, in its order; the one that costs most is that with the greatest loss.

    Where nothing stands above the ray it is the one place that comes nearest to it, if that costs anything at all.

    Parameters
    ----------
    distance_m, surface_m, amsl_a_m, amsl_b_m, freq_mhz, k_factor
        As for `cascaded_knife_edge`.

    Raises
    ------
    InputError
        As for `cascaded_knife_edge`.

    References
    ----------
    ITU-R P.526-15, section 4.4.1, for the string and for what is one obstacle.
    """
    distance, surface = _checked(distance_m, surface_m, amsl_a_m, amsl_b_m, freq_mhz)
    radius, wavelength = effective_earth_radius_m(k_factor), wavelength_m(freq_mhz)
    end = len(distance) - 1
    heights = [amsl_a_m, *surface[1:-1], amsl_b_m]
    touched = _string(distance, heights, radius)[1:-1]
    if not touched:
        nearest, nu = _greatest(distance, surface, 0, end, amsl_a_m, amsl_b_m, 0.5 / radius, wavelength)
        touched = [nearest] if nearest >= 0 and nu > _NU_NO_LOSS else []
    groups: list[list[int]] = []
    for point in touched:
        last = groups[-1][-1] if groups else -1
        if groups and (point == last + 1 or distance[point] - distance[last] <= SAME_HILL_M):
            groups[-1].append(point)
        else:
            groups.append([point])
    slope = (amsl_b_m - amsl_a_m) / distance[end]

    def above(i: int) -> float:
        return (
            heights[i] + distance[i] * (distance[end] - distance[i]) / (2.0 * radius) - amsl_a_m - slope * distance[i]
        )

    tops = [max(group, key=above) for group in groups]
    stops = [0, *tops, end]
    hills = []
    for n, (group, top) in enumerate(zip(groups, tops, strict=True), start=1):
        a, b = stops[n - 1], stops[n + 1]
        before, after = distance[top] - distance[a], distance[b] - distance[top]
        nu = nu_kernel(distance, heights, top, a, b, heights[a], heights[b], 0.5 / radius, wavelength)
        over = nu / math.sqrt(2.0 * (before + after) / (wavelength * before * after))
        hills.append(
            Hill(top, distance[top], heights[top], above(top), knife_edge_kernel(nu), before, after, over,
                 group[0], group[-1])
        )  # fmt: skip
    return tuple(hills)


def spacing_correction_db(hills: Sequence[Hill]) -> float:
    """Return what edges in one path cost together beyond their own losses: -20 log C_N (section 4.4.1), dB.

    For two edges it is the correction of section 4.3 for double isolated edges.
    """
    if len(hills) < 2:
        return 0.0
    start = hills[0].before_m
    level = math.log10(start) + math.log10(start + sum(hill.after_m for hill in hills))
    level += sum(math.log10(hill.after_m / (hill.before_m + hill.after_m)) for hill in hills)
    return -10.0 * (level - math.log10(start) - math.log10(hills[-1].after_m))


def rounded_loss_db(over_m: float, before_m: float, after_m: float, radius_m: float, freq_mhz: float) -> float:
    """Return the loss over a single rounded top.

    Parameters
    ----------
    over_m : float
        Height of the top above the line between both ends, m; negative below it.
    before_m, after_m : float
        Distances to the ends, m.
    radius_m : float
        Radius of the top, m; 0 is a knife edge.
    freq_mhz : float
        Frequency, MHz.

    Raises
    ------
    InputError
        Where a distance is not above 0 or the radius is below 0.

    References
    ----------
    ITU-R P.526-15, section 4.2: ``A = J(nu) + T(m, n)``.
    """
    check_freq(freq_mhz)
    if not (before_m > 0.0 and after_m > 0.0 and 0.0 <= radius_m < math.inf and math.isfinite(over_m)):
        raise InputError(msg("A rounded hill needs distances above 0 and a radius not below 0."))
    wavelength = wavelength_m(freq_mhz)
    share = (before_m + after_m) / (before_m * after_m)
    edge = knife_edge_kernel(over_m * math.sqrt(2.0 * share / wavelength))
    if radius_m == 0.0:
        return edge
    size = math.pi * radius_m / wavelength
    m = radius_m * share / math.pow(size, 1.0 / 3.0)
    n = over_m * math.pow(size, 2.0 / 3.0) / radius_m
    root = math.sqrt(m)
    if m * n <= 4.0:
        more = 7.2 * root - (2.0 - 12.5 * n) * m + 3.6 * m * root - 0.8 * m * m
    else:
        more = -6.0 - 20.0 * math.log10(m * n) + 7.2 * root - (2.0 - 17.0 * n) * m + 3.6 * m * root - 0.8 * m * m
    return edge + max(more, 0.0)  # a round top never costs less than an edge


def hills_loss_db(hills: Sequence[Hill]) -> float:
    """Return what hills cost together as edges: their own losses and the correction for their spacing, dB.

    Losses under the ray between the hills (the Recommendation's sub-paths) are not in it.
    """
    return sum(hill.loss_db for hill in hills) + spacing_correction_db(hills)
