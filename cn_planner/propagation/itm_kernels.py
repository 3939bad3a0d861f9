"""The whole Irregular Terrain Model as two kernels: over a profile, and over land known by its roughness alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.propagation.itm_reference import (
    BAD_DELTA_H,
    BAD_DISTANCE,
    BAD_SITING_A,
    BAD_SITING_B,
    DONE,
    DONE_WITH_WARNINGS,
    LINE_OF_SIGHT,
    NO_HEIGHT,
    ItmTerms,
    earth_curvature_kernel,
    reference_kernel,
    refractivity_kernel,
    within_limits_kernel,
)
from cn_planner.propagation.itm_terrain import (
    EqualProfile,
    ItmAntennas,
    ItmFeatures,
    Scratch,
    horizon_angle_kernel,
    horizon_distance_kernel,
    profile_kernel,
    siting_kernel,
)
from cn_planner.propagation.itm_variability import variability_kernel
from cn_planner.propagation.itm_words import UNDEFINED, warnings_in_words
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.message import Message


class ItmLoss(NamedTuple):
    """One prediction, with what it rests on."""

    loss_db: float
    """Basic transmission loss not exceeded, dB."""
    return_code: int
    """0 done, 1 done with warnings, 1000 and more where the model does not apply: the loss is NaN then."""
    warnings: int
    """Bit mask; `warnings_in_words` says what it means."""
    free_space_db: float
    a_ref_db: float
    """Reference attenuation below free space, dB."""
    mode: int
    """1 line of sight, 2 diffraction, 3 troposcatter."""
    delta_h_m: float
    n_s: float
    """Surface refractivity, N-units."""
    theta_hzn_a_rad: float
    theta_hzn_b_rad: float
    d_hzn_a_m: float
    d_hzn_b_m: float
    h_eff_a_m: float
    h_eff_b_m: float

    @property
    def said(self) -> tuple[Message, ...]:
        """The warnings in words."""
        undefined = self.mode != LINE_OF_SIGHT and self.a_ref_db == 0.0
        return warnings_in_words(self.warnings) + ((UNDEFINED,) if undefined else ())


class RoughLand(NamedTuple):
    """A path over land of which only the roughness is known; for many paths arrays with one value each.

    Attributes
    ----------
    distance_m, delta_h_m : float
        Its length, and the terrain irregularity.
    siting_a, siting_b : int
        Whether the place of either antenna is chosen at random (0), with care (1) or with great care (2).
    """

    distance_m: float
    delta_h_m: float
    siting_a: int
    siting_b: int


class ItmProfiles(NamedTuple):
    """Profiles end to end, and which of them paths go over.

    Attributes
    ----------
    ground_m : array_like, shape (points,)
        Ground above sea level, m.
    offsets : array_like of int, shape (profiles + 1,)
        Profile k is points ``offsets[k]`` to ``offsets[k + 1]``, two at least, at equal steps.
    spacing_m : array_like, a number or shape (profiles,)
        Distance between neighbouring points, m.
    profile : array_like of int, shape (paths,), optional
        Which profile each path goes over; path p over profile p where not given.
    """

    ground_m: Any
    offsets: Any
    spacing_m: Any
    profile: Any = None


@kernel
def _free_space_kernel(distance_m: float, freq_mhz: float) -> float:
    """Loss in free space, dB, with the constant of the reference implementation."""
    return 32.45 + 20.0 * math.log10(freq_mhz) + 20.0 * math.log10(distance_m / 1000.0)


@kernel
def itm_path_kernel(
    distance_m: float, antennas: ItmAntennas, features: ItmFeatures, n_s: float, terms: ItmTerms, over_profile: bool
) -> tuple[float, int, int, float, float, int]:
    """What follows from the features of a path: loss, code, warnings, free space, reference attenuation, mode."""
    code, warnings, reference, mode = reference_kernel(distance_m, antennas, features, n_s, terms, over_profile)
    free = _free_space_kernel(distance_m, antennas.freq_mhz)
    if code != DONE:
        return math.nan, code, warnings, free, math.nan, 0
    below, more = variability_kernel(distance_m, antennas.freq_mhz, features, reference, terms)
    return free + below, DONE, warnings | more, free, reference, mode


@kernel
def _predicted(
    distance_m: float,
    antennas: ItmAntennas,
    features: ItmFeatures,
    n_s: float,
    terms: ItmTerms,
    over_profile: bool,
    warned: int,
) -> ItmLoss:
    loss, code, more, free, reference, mode = itm_path_kernel(distance_m, antennas, features, n_s, terms, over_profile)
    warnings = warned | more
    if code == DONE and warnings != 0:
        code = DONE_WITH_WARNINGS
    delta_h, angle_a, angle_b, far_a, far_b, effective_a, effective_b = features
    return ItmLoss(
        loss, code, warnings, free, reference, mode, delta_h, n_s, angle_a, angle_b, far_a, far_b, effective_a,
        effective_b,
    )  # fmt: skip


@kernel
def _refused(code: int, warnings: int) -> ItmLoss:
    x = math.nan
    return ItmLoss(x, code, warnings, x, x, 0, x, x, x, x, x, x, x, x)


@kernel
def itm_kernel(profile: EqualProfile, antennas: ItmAntennas, terms: ItmTerms, scratch: Scratch) -> ItmLoss:
    """Prediction over a profile."""
    code, warnings = within_limits_kernel(antennas, terms)
    if code != DONE:
        return _refused(code, warnings)
    # Mean height without a tenth at either end; the rest is added apart, to notice a height that is missing.
    ground_m, first, last, spacing_m = profile
    steps = last - 1 - first
    tenth = int(0.1 * steps)
    amsl = 0.0
    others = 0.0
    for i in range(first, first + tenth):
        others += ground_m[i]
    for i in range(first + tenth, last - tenth):
        amsl += ground_m[i]
    for i in range(last - tenth, last):
        others += ground_m[i]
    if not math.isfinite(amsl + others):
        return _refused(NO_HEIGHT, warnings)
    n_s = refractivity_kernel(amsl / (steps - 2 * tenth + 1), terms.n0)
    curvature = earth_curvature_kernel(n_s)
    # An earth that is none (beyond N_s 549) is refused by its refractivity; horizons need a radius till then.
    radius = 1.0 / curvature if curvature > 1e-9 else 1e9
    features = profile_kernel(profile, antennas.height_a_m, antennas.height_b_m, radius, scratch)
    return _predicted(steps * spacing_m, antennas, features, n_s, terms, True, warnings)


@kernel
def itm_area_kernel(land: RoughLand, antennas: ItmAntennas, terms: ItmTerms) -> ItmLoss:
    """Prediction over land of which only the roughness is known (Algorithm, section 3)."""
    code, warnings = within_limits_kernel(antennas, terms)
    distance_m, delta_h, siting_a, siting_b = land
    if code == DONE:
        if not 0.0 < distance_m < math.inf:
            code = BAD_DISTANCE
        elif not 0.0 <= delta_h < math.inf:
            code = BAD_DELTA_H
        elif not 0 <= siting_a <= 2:
            code = BAD_SITING_A
        elif not 0 <= siting_b <= 2:
            code = BAD_SITING_B
    if code != DONE:
        return _refused(code, warnings)
    radius = 1.0 / earth_curvature_kernel(terms.n0)
    effective_a = siting_kernel(antennas.height_a_m, siting_a, delta_h)
    effective_b = siting_kernel(antennas.height_b_m, siting_b, delta_h)
    far_a = horizon_distance_kernel(effective_a, radius, delta_h)
    far_b = horizon_distance_kernel(effective_b, radius, delta_h)
    angle_a = horizon_angle_kernel(effective_a, far_a, radius, delta_h)
    angle_b = horizon_angle_kernel(effective_b, far_b, radius, delta_h)
    features = ItmFeatures(delta_h, angle_a, angle_b, far_a, far_b, effective_a, effective_b)
    return _predicted(distance_m, antennas, features, terms.n0, terms, False, warnings)


@kernel
def itm_many_kernel(
    profiles: ItmProfiles, antennas: Any, terms: Any, scratch: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Fill a row of `out` a path, in the order of `ItmLoss`; antennas and terms are arrays with one value each."""
    ground_m, offsets, spacing_m, profile = profiles
    for p in range(len(profile)):
        k = profile[p]
        one = EqualProfile(ground_m, offsets[k], offsets[k + 1], spacing_m[k])
        _keep(itm_kernel(one, _antennas_of(antennas, p), _terms_of(terms, p), scratch), p, out)


@kernel
def itm_areas_kernel(land: Any, antennas: Any, terms: Any, out: NDArray[np.float64]) -> None:
    """Fill a row of `out` a path, in the order of `ItmLoss`; all else are arrays with one value each."""
    distance_m, delta_h_m, siting_a, siting_b = land
    for p in range(len(distance_m)):
        one = RoughLand(distance_m[p], delta_h_m[p], siting_a[p], siting_b[p])
        _keep(itm_area_kernel(one, _antennas_of(antennas, p), _terms_of(terms, p)), p, out)


@kernel
def _antennas_of(many: Any, p: int) -> ItmAntennas:
    height_a_m, height_b_m, freq_mhz, vertical = many
    return ItmAntennas(height_a_m[p], height_b_m[p], freq_mhz[p], vertical[p])


@kernel
def _terms_of(many: Any, p: int) -> ItmTerms:
    climate, n0, epsilon_r, sigma_s_per_m, mdvar, time_pct, location_pct, situation_pct = many
    return ItmTerms(
        climate[p], n0[p], epsilon_r[p], sigma_s_per_m[p], mdvar[p], time_pct[p], location_pct[p], situation_pct[p]
    )


@kernel
def _keep(found: ItmLoss, p: int, out: NDArray[np.float64]) -> None:
    out[p, 0] = found[0]
    out[p, 1] = found[1]
    out[p, 2] = found[2]
    out[p, 3] = found[3]
    out[p, 4] = found[4]
    out[p, 5] = found[5]
    out[p, 6] = found[6]
    out[p, 7] = found[7]
    out[p, 8] = found[8]
    out[p, 9] = found[9]
    out[p, 10] = found[10]
    out[p, 11] = found[11]
    out[p, 12] = found[12]
    out[p, 13] = found[13]
