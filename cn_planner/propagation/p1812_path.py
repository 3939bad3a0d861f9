"""What P.1812-8 reads off a path: sea and land, horizons, smooth earth, roughness, and what Bullington's method needs.

One pass over the profile serves both effective earth radii of the model, so that a prediction costs one division and
one root a point. Where a point stands in two equally good places, the horizon is the one nearer to its own end.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

from cn_planner.propagation.kernel import Floats, kernel
from cn_planner.units import EARTH_RADIUS_M


class Zones(Protocol):
    """Radio-climatic zones of points: a flat integer array, or in the plain form also a list; empty for none."""

    def __getitem__(self, index: int, /) -> int: ...

    def __len__(self) -> int: ...


SEA, COASTAL_LAND, INLAND = 1, 3, 4
"""Radio-climatic zones: B, A1 and A2 of section 3.3, by the numbers of the ITU's own profiles."""
BETA_EARTH_RADIUS_M = 3.0 * EARTH_RADIUS_M
"""Effective earth radius exceeded for beta0 per cent of the time, eq. 7b."""
FAR_FROM_COAST_M = 500_000.0


class CoveredProfile(NamedTuple):
    """Points `first` to `last` (not included) of a path, three at least.

    Attributes
    ----------
    distance_m : array
        From the transmitter, rising.
    ground_m, surface_m : array
        Above sea level, m: bare, and with its clutter; the surface is empty where nothing stands on the ground.
    zone : array of int
        Radio-climatic zones; empty where all is inland.
    """

    distance_m: Floats
    ground_m: Floats
    surface_m: Floats
    zone: Zones
    first: int
    last: int


class AmslAntennas(NamedTuple):
    """Transmitter and receiver, above sea level, and the wave between them."""

    amsl_a_m: float
    amsl_b_m: float
    freq_mhz: float
    vertical: bool


class P1812Terms(NamedTuple):
    """What the model takes beside a path and its antennas; for many paths numbers, or arrays with one value each.

    Attributes
    ----------
    n0 : float
        Refractivity at sea level, N-units.
    delta_n : float
        Lapse of the refractivity through the lowest kilometre, N-units/km; a positive quantity.
    latitude_deg : float
        Latitude of the path's centre.
    time_pct, location_pct : float
        Percentages of time (1 to 50) and of locations (1 to 99) for which the loss is not exceeded.
    location_sigma_db : float
        Standard deviation from place to place, dB, as from `p1812.location_sigma_db`.
    coast_a_m, coast_b_m : float
        Distances of both ends from the coast along the path, m; 0 is taken for an end at sea.
    """

    n0: Any
    delta_n: Any
    latitude_deg: Any
    time_pct: Any = 50.0
    location_pct: Any = 50.0
    location_sigma_db: Any = 0.0
    coast_a_m: Any = FAR_FROM_COAST_M
    coast_b_m: Any = FAR_FROM_COAST_M


class P1812Path(NamedTuple):
    """What the model reads off a path: attachment 1, with the quantities of section 3."""

    length_km: float
    sea: float
    land_km: float
    inland_km: float
    beta0_pct: float
    tau: float
    earth_radius_km: float
    horizon_a_km: float
    horizon_b_km: float
    theta_a_mrad: float
    theta_b_mrad: float
    theta_mrad: float
    smooth_a_m: float
    smooth_b_m: float
    effective_a_m: float
    effective_b_m: float
    diffraction_a_m: float
    diffraction_b_m: float
    roughness_m: float
    slope_a: float
    slope_b: float
    nu: float
    beta_slope_a: float
    beta_slope_b: float
    beta_nu: float


class _Scan(NamedTuple):
    """What one pass over the profile finds.

    Attributes
    ----------
    v1, v2 : float
        Sums of the smooth earth (Attachment 1, section 5.6.1), m2 and m3.
    highest : float
        Greatest height of the ground above the line from end to end, m.
    steepest_a, horizon_a, at_a, steepest_b, horizon_b, at_b
        From each end: steepest slope to the ground over a flat earth; tangent of the elevation of the horizon over the
        median earth, and its point.
    at_nu : int
        The point of the ground with the greatest diffraction parameter over the median earth.
    slope_a, slope_b, nu, beta_slope_a, beta_slope_b, beta_nu : float
        Slopes to the surface from both ends (eq. 13, 17) and its greatest diffraction parameter (eq. 15) without the
        factor sqrt(2 length / wavelength): for the median curve, then for that of beta0.
    """

    v1: float
    v2: float
    highest: float
    steepest_a: float
    horizon_a: float
    at_a: int
    steepest_b: float
    horizon_b: float
    at_b: int
    at_nu: int
    slope_a: float
    slope_b: float
    nu: float
    beta_slope_a: float
    beta_slope_b: float
    beta_nu: float


@kernel
def median_earth_radius_kernel(delta_n: float) -> float:
    """Median effective earth radius, m, from the lapse rate of the lowest kilometre (eq. 6, 7a)."""
    return EARTH_RADIUS_M * 157.0 / (157.0 - delta_n)


@kernel
def zones_kernel(distance_m: Floats, zone: Zones, first: int, last: int) -> tuple[float, float, float]:
    """Fraction over sea, longest stretch of land, longest inland stretch, m (sections 3.2, 3.6); no zones: all inland.

    A point stands for the ground to half way to its neighbours.
    """
    length = distance_m[last - 1] - distance_m[first]
    if len(zone) == 0:
        return 0.0, length, length
    sea = 0.0
    land = 0.0
    inland = 0.0
    longest_land = 0.0
    longest_inland = 0.0
    begin = distance_m[first]
    for i in range(first, last):
        end = distance_m[i] if i == last - 1 else 0.5 * (distance_m[i] + distance_m[i + 1])
        kind = zone[i]
        if kind == SEA:
            sea += end - begin
            land = 0.0
        else:
            land += end - begin
            longest_land = max(longest_land, land)
        if kind == INLAND:
            inland += end - begin
            longest_inland = max(longest_inland, inland)
        else:
            inland = 0.0
        begin = end
    return sea / length, longest_land, longest_inland


@kernel
def ducting_incidence_kernel(latitude_deg: float, land_km: float, inland_km: float) -> tuple[float, float]:
    """Return beta0, the percentage of time with ducts (eq. 2 to 5), and tau (eq. 3)."""
    tau = 1.0 - math.exp(-4.12e-4 * math.pow(inland_km, 2.41))  # eq. 3
    mu1 = math.pow(10.0, -land_km / (16.0 - 6.6 * tau)) + math.pow(10.0, -5.0 * (0.496 + 0.354 * tau))
    mu1 = min(math.pow(mu1, 0.2), 1.0)  # eq. 2
    latitude = abs(latitude_deg)
    if latitude <= 70.0:
        mu4 = math.pow(mu1, -0.935 + 0.0176 * latitude)  # eq. 4
        return math.pow(10.0, -0.015 * latitude + 1.67) * mu1 * mu4, tau  # eq. 5
    return 4.17 * mu1 * math.pow(mu1, 0.3), tau


@kernel
def cover_kernel(ground_m: Floats, surface_m: Floats, first: int, last: int) -> float:
    """Return the sum of what stands on the ground, m: 0 on bare ground, NaN where a height is missing."""
    cover = 0.0
    for i in range(first, last):
        cover += abs(surface_m[i] - ground_m[i])
    return cover


@kernel
def _scan(
    profile: CoveredProfile, covered: bool, amsl_a_m: float, amsl_b_m: float, curve: float, curve_beta: float
) -> _Scan:
    """Read everything off the profile in one pass; curves are 1 / (2 earth radius) of the median and of beta0."""
    distance_m, ground_m, surface_m, _zone, first, last = profile
    start = distance_m[first]
    length = distance_m[last - 1] - start
    slope = (amsl_b_m - amsl_a_m) / length
    v1 = 0.0
    v2 = 0.0
    highest = -math.inf
    steepest_a = -math.inf
    steepest_b = -math.inf
    horizon_a = -math.inf
    horizon_b = -math.inf
    bare_nu = -math.inf
    slope_a = -math.inf
    slope_b = -math.inf
    nu = -math.inf
    beta_slope_a = -math.inf
    beta_slope_b = -math.inf
    beta_nu = -math.inf
    at_a = first
    at_b = first
    at_nu = first
    before = 0.0
    ground_before = ground_m[first]
    for i in range(first + 1, last - 1):
        d = distance_m[i] - start
        ground = ground_m[i]
        step = d - before
        v1 += step * (ground + ground_before)
        v2 += step * (ground * (2.0 * d + before) + ground_before * (d + 2.0 * before))
        before = d
        ground_before = ground
        rest = length - d
        product = d * rest
        inverse = 1.0 / product
        root = math.sqrt(product)
        inverse_root = root * inverse
        line = amsl_a_m + slope * d
        from_a = (ground - amsl_a_m) * (rest * inverse)
        from_b = (ground - amsl_b_m) * (d * inverse)
        scaled = (ground - line) * inverse_root
        highest = max(highest, ground - line)
        steepest_a = max(steepest_a, from_a)
        steepest_b = max(steepest_b, from_b)
        tangent = from_a - curve * d
        if tangent > horizon_a:
            horizon_a = tangent
            at_a = i
        tangent = from_b - curve * rest
        if tangent >= horizon_b:
            horizon_b = tangent
            at_b = i
        value = scaled + curve * root
        if value >= bare_nu:
            bare_nu = value
            at_nu = i
        if covered:
            surface = surface_m[i]
            from_a = (surface - amsl_a_m) * (rest * inverse)
            from_b = (surface - amsl_b_m) * (d * inverse)
            scaled = (surface - line) * inverse_root
            slope_a = max(slope_a, from_a + curve * rest)
            slope_b = max(slope_b, from_b + curve * d)
            nu = max(nu, scaled + curve * root)
        beta_slope_a = max(beta_slope_a, from_a + curve_beta * rest)
        beta_slope_b = max(beta_slope_b, from_b + curve_beta * d)
        beta_nu = max(beta_nu, scaled + curve_beta * root)
    step = length - before
    ground = ground_m[last - 1]
    v1 += step * (ground + ground_before)
    v2 += step * (ground * (2.0 * length + before) + ground_before * (length + 2.0 * before))
    if not covered:
        slope_a = horizon_a + curve * length
        slope_b = horizon_b + curve * length
        nu = bare_nu
    return _Scan(
        v1, v2, highest, steepest_a, horizon_a, at_a, steepest_b, horizon_b, at_b, at_nu, slope_a, slope_b, nu,
        beta_slope_a, beta_slope_b, beta_nu,
    )  # fmt: skip


@kernel
def roughness_kernel(
    distance_m: Floats, ground_m: Floats, first: int, near: int, far: int, smooth_a_m: float, smooth_slope: float
) -> float:
    """Greatest height of the ground above the smooth earth between the horizons, m (Attachment 1, section 5.6.3)."""
    start = distance_m[first]
    highest = -math.inf
    for i in range(near, far + 1):
        highest = max(highest, ground_m[i] - (smooth_a_m + smooth_slope * (distance_m[i] - start)))
    return highest


@kernel
def p1812_path_kernel(
    profile: CoveredProfile, amsl_a_m: float, amsl_b_m: float, delta_n: float, latitude_deg: float
) -> P1812Path:
    """Analyse a path; the roughness is NaN where a height is missing."""
    distance_m, ground_m, surface_m, zone, first, last = profile
    start = distance_m[first]
    length = distance_m[last - 1] - start
    radius = median_earth_radius_kernel(delta_n)
    curve = 0.5 / radius
    curve_beta = 0.5 / BETA_EARTH_RADIUS_M
    sea, land, inland = zones_kernel(distance_m, zone, first, last)
    beta0, tau = ducting_incidence_kernel(latitude_deg, land * 1e-3, inland * 1e-3)
    cover = cover_kernel(ground_m, surface_m, first, last) if len(surface_m) > 0 else 0.0
    scan = _scan(profile, cover > 0.0, amsl_a_m, amsl_b_m, curve, curve_beta)

    # Attachment 1, section 4: trans-horizon where the steepest ray leaves above the one to the other end.
    slope = (amsl_b_m - amsl_a_m) / length
    straight = slope - curve * length
    if scan.horizon_a > straight:
        horizon_a_m = distance_m[scan.at_a] - start
        horizon_b_m = distance_m[last - 1] - distance_m[scan.at_b]
        near, far = scan.at_a, scan.at_b
        tangent_a, tangent_b = scan.horizon_a, scan.horizon_b
    else:
        horizon_a_m = distance_m[scan.at_nu] - start
        horizon_b_m = length - horizon_a_m
        near, far = scan.at_nu, scan.at_nu
        tangent_a, tangent_b = straight, -slope - curve * length
    theta_a = 1000.0 * math.atan(tangent_a)
    theta_b = 1000.0 * math.atan(tangent_b)
    theta = 1000.0 * length / radius + theta_a + theta_b

    # Attachment 1, section 5.6.1: the smooth earth.
    smooth_a = (2.0 * scan.v1 * length - scan.v2) / (length * length)
    smooth_b = (scan.v2 - scan.v1 * length) / (length * length)
    # Section 5.6.2: for diffraction it goes down where the ground stands above the line from end to end.
    under_a = smooth_a
    under_b = smooth_b
    if scan.highest > 0.0:
        above_a = scan.steepest_a - slope
        above_b = scan.steepest_b + slope
        under_a -= scan.highest * above_a / (above_a + above_b)
        under_b -= scan.highest * above_b / (above_a + above_b)
    ground_a = ground_m[first]
    ground_b = ground_m[last - 1]
    # Section 5.6.3: for ducting; the smooth earth does not stand above the ground at an end.
    smooth_a = min(smooth_a, ground_a)
    smooth_b = min(smooth_b, ground_b)
    roughness = roughness_kernel(distance_m, ground_m, first, near, far, smooth_a, (smooth_b - smooth_a) / length)

    return P1812Path(
        length * 1e-3,
        sea,
        land * 1e-3,
        inland * 1e-3,
        beta0,
        tau,
        radius * 1e-3,
        horizon_a_m * 1e-3,
        horizon_b_m * 1e-3,
        theta_a,
        theta_b,
        theta,
        smooth_a,
        smooth_b,
        amsl_a_m - smooth_a,
        amsl_b_m - smooth_b,
        amsl_a_m - min(under_a, ground_a),
        amsl_b_m - min(under_b, ground_b),
        roughness + (cover + scan.v1) * 0.0,
        scan.slope_a,
        scan.slope_b,
        scan.nu,
        scan.beta_slope_a,
        scan.beta_slope_b,
        scan.beta_nu,
    )
