"""The whole of P.1812-8 on one path, and on many: from the profile to the loss, with every step in between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.p1812_diffraction import Edge, diffraction_kernel
from cn_planner.propagation.p1812_mechanisms import (
    ducting_kernel,
    enhancement_kernel,
    exceeded_kernel,
    free_space_1812_kernel,
    greater_blend_kernel,
    power_sum_kernel,
    troposcatter_kernel,
)
from cn_planner.propagation.p1812_path import (
    BETA_EARTH_RADIUS_M,
    SEA,
    AmslAntennas,
    CoveredProfile,
    P1812Terms,
    p1812_path_kernel,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class P1812Profiles(NamedTuple):
    """Profiles of many paths, end to end.

    Attributes
    ----------
    distance_m, ground_m : ndarray, shape (points,)
        Distances from the transmitter, m, rising from 0; ground above sea level, m.
    offsets : ndarray of int64, shape (paths + 1,)
        Path p is points ``offsets[p]`` to ``offsets[p + 1]``, three at least.
    surface_m, zone : ndarray, shape (points,), optional
        Ground with its clutter, m above sea level; radio-climatic zones. Bare ground, all inland where not given.
    """

    distance_m: Any
    ground_m: Any
    offsets: Any
    surface_m: Any = None
    zone: Any = None


class P1812Steps(NamedTuple):
    """Every intermediate of a prediction by the Recommendation's symbols, losses in dB.

    Names are those of the Recommendation, ``a`` being the transmitter and ``b`` the receiver; the losses of Bullington
    and of the spherical earth are those of the effective earth radius of beta0.
    """

    fi: float
    fj: float
    fk: float
    lbfs: float
    lb0p: float
    lb0b: float
    lbulla: float
    lbulls: float
    ldsph: float
    ld50: float
    ldb: float
    ldp: float
    lbd50: float
    lbd: float
    lminb0p: float
    lba: float
    lminbap: float
    lbda: float
    lbam: float
    lbs: float
    lbc: float
    lb: float


@kernel
def p1812_kernel(profile: CoveredProfile, antennas: AmslAntennas, terms: P1812Terms) -> P1812Steps:
    """Predict one path; NaN without a height."""
    amsl_a_m, amsl_b_m, freq_mhz, _vertical = antennas
    time_pct = terms.time_pct
    path = p1812_path_kernel(profile, amsl_a_m, amsl_b_m, terms.delta_n, terms.latitude_deg)
    if math.isnan(path.roughness_m):
        x = math.nan
        return P1812Steps(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)
    length, sea, theta, beta0 = path.length_km, path.sea, path.theta_mrad, path.beta0_pct
    freq = freq_mhz * 1e-3
    coast_a_km = terms.coast_a_m * 1e-3
    coast_b_km = terms.coast_b_m * 1e-3
    at_sea = False
    if len(profile.zone) > 0:
        at_sea = profile.zone[profile.last - 1] == SEA
        coast_a_km = 0.0 if profile.zone[profile.first] == SEA else coast_a_km
        coast_b_km = 0.0 if at_sea else coast_b_km

    # Section 4.2
    horizons = path.horizon_a_km + path.horizon_b_km
    lbfs = free_space_1812_kernel(length, amsl_a_m, amsl_b_m, freq)
    lb0p = lbfs + enhancement_kernel(horizons, time_pct)  # eq. 10
    lb0b = lbfs + enhancement_kernel(horizons, beta0)  # eq. 11

    # Section 4.3.5
    edge = Edge(path.slope_a, path.slope_b, path.nu)
    _actual, _smooth, _spherical, ld50 = diffraction_kernel(profile, antennas, path, path.earth_radius_km * 1e3, edge)
    edge = Edge(path.beta_slope_a, path.beta_slope_b, path.beta_nu)
    lbulla, lbulls, ldsph, ldb = diffraction_kernel(profile, antennas, path, BETA_EARTH_RADIUS_M, edge)
    fi = 1.0
    if time_pct > beta0:
        fi = exceeded_kernel(time_pct / 100.0) / exceeded_kernel(beta0 / 100.0)  # eq. 40
    ldp = ld50 + fi * (ldb - ld50)  # eq. 41
    lbd50 = lbfs + ld50  # eq. 42
    lbd = lb0p + ldp  # eq. 43

    # Section 4.4 and 4.5
    lbs = troposcatter_kernel(length, theta, freq, time_pct, terms.n0)
    lba = ducting_kernel(path, antennas, coast_a_km, coast_b_km, time_pct)

    # Section 4.6
    fj = 1.0 - 0.5 * (1.0 + math.tanh(2.4 * (theta - 0.3) / 0.3))  # eq. 57
    fk = 1.0 - 0.5 * (1.0 + math.tanh(1.5 * (length - 20.0) / 20.0))  # eq. 58
    lminb0p = lb0p + (1.0 - sea) * ldp
    if time_pct >= beta0:
        lminb0p = lbd50 + (lb0b + (1.0 - sea) * ldp - lbd50) * fi  # eq. 59
    lminbap = greater_blend_kernel(lba, lb0p)  # eq. 60
    lbda = lbd
    if lminbap <= lbd:
        lbda = lminbap + (lbd - lminbap) * fk  # eq. 61
    lbam = lbda + (lminb0p - lbda) * fj  # eq. 62
    lbc = power_sum_kernel(lbs, lbam)  # eq. 63

    # Sections 4.7 to 4.9; building entry is none, and the sea has no variability from place to place.
    local = 0.0 if at_sea else -exceeded_kernel(terms.location_pct / 100.0) * terms.location_sigma_db
    lb = max(lb0p, lbc + local)
    return P1812Steps(
        fi, fj, fk, lbfs, lb0p, lb0b, lbulla, lbulls, ldsph, ld50, ldb, ldp, lbd50, lbd, lminb0p, lba, lminbap, lbda,
        lbam, lbs, lbc, lb,
    )  # fmt: skip


@kernel
def p1812_many_kernel(profiles: P1812Profiles, antennas: Any, terms: Any, out: NDArray[np.float64]) -> int:
    """Predict path after path; return the first whose distances do not rise, where it ends, or -1.

    Antennas and terms are arrays with one value a path.
    """
    distance_m, ground_m, offsets, surface_m, zone = profiles
    amsl_a_m, amsl_b_m, freq_mhz, vertical = antennas
    for p in range(len(offsets) - 1):
        for i in range(offsets[p] + 1, offsets[p + 1]):
            if not distance_m[i] > distance_m[i - 1]:
                return p
        profile = CoveredProfile(distance_m, ground_m, surface_m, zone, offsets[p], offsets[p + 1])
        ends = AmslAntennas(amsl_a_m[p], amsl_b_m[p], freq_mhz[p], vertical[p])
        out[p] = p1812_kernel(profile, ends, _terms_of(terms, p)).lb
    return -1


@kernel
def _terms_of(many: Any, p: int) -> P1812Terms:
    n0, delta_n, latitude_deg, time_pct, location_pct, location_sigma_db, coast_a_m, coast_b_m = many
    return P1812Terms(
        n0[p], delta_n[p], latitude_deg[p], time_pct[p], location_pct[p], location_sigma_db[p], coast_a_m[p],
        coast_b_m[p],
    )  # fmt: skip
