"""How clear a link between towers has to be: the rules of ITU-R P.530-18, section 2.2.2, for both kinds of air.

Usual air
    The earth curves with the median k (4/3 where nothing better is known): the whole first Fresnel zone is to be clear.
Bad air
    With the k that is exceeded for all but 0.1 % of the worst month, the earth bulges higher: then nothing, 0.3 or 0.6
    of the zone is to be clear, by climate and by how long the obstruction is.

The antennas have to be high enough for both. A second, lower antenna (space diversity) may see less.

The k of bad air is figure 2 of the Recommendation, for a continental temperate climate. The figure has no formula;
``157 / (144 + 2670 / d)``, d in km, is the fit to it that planning practice uses. It was not read off the figure again
here: give ``effective_k`` where the k of a place is known.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.checks import check_freq, check_height, checked_profile
from cn_planner.propagation.clearance import Clearance, height_needed, path_clearance
from cn_planner.propagation.fresnel import effective_earth_radius_m, fresnel_radius_m
from cn_planner.units import MEDIAN_K_FACTOR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MEDIAN_SHARE_F1 = 1.0
_ISOLATED_F1, _EXTENDED_F1, _TROPICAL_F1 = 0.0, 0.3, 0.6
TROPICAL_FROM_KM = 30.0
_FIGURE_KM = 200.0
EXTENDED_SHARE = 0.1
"""A part of the path of more than this share that has less than 0.3 F1 clear is an extended obstruction; the
Recommendation gives no figure."""


class AirClimate(StrEnum):
    """Which rule for bad air holds."""

    TEMPERATE = "temperate"
    TROPICAL = "tropical"


class ClearanceRules(NamedTuple):
    """A path by the two rules.

    Attributes
    ----------
    effective_k : float
        The k of bad air.
    extended : bool
        Whether the obstruction is extended along a part of the path.
    median_f1, effective_f1 : float
        Shares of the first Fresnel radius that the rules ask for.
    median, effective : Clearance
        What there is at both k.
    median_ok, effective_ok : bool
        Whether that is enough.
    needed_amsl_m : float64 array, one value a sample
        Least height of the straight ray above sea level, on a chart without bulge, that keeps both rules.
    short_m, short_at_m : float
        How much the ray is too low where it is worst by these, and where, m; negative where it is high enough.
    height_needed_a_m, height_needed_b_m : float
        Least height of that antenna above ground that keeps both rules, the other kept.
    raise_both_m : float
        By how much both would have to rise together; negative where both may come down.
    """

    effective_k: float
    extended: bool
    median_f1: float
    effective_f1: float
    median: Clearance
    effective: Clearance
    median_ok: bool
    effective_ok: bool
    needed_amsl_m: NDArray[np.float64]
    short_m: float
    short_at_m: float
    height_needed_a_m: float
    height_needed_b_m: float
    raise_both_m: float

    @property
    def ok(self) -> bool:
        """Whether both rules are kept."""
        return self.median_ok and self.effective_ok

    def words(self) -> Message:
        """Return in one sentence how the path stands by the rules."""
        if self.ok:
            return msg("Clear enough in ordinary weather and in the unusual weather of some hours a year (P.530).")
        if self.median_ok:
            return msg(
                "Clear enough in ordinary weather. In unusual weather, some hours a year, the ray passes {short_m:.1f} "
                "m too low, {at_km:.1f} km from the first end (P.530).",
                short_m=self.short_m, at_km=self.short_at_m / 1e3,
            )  # fmt: skip
        return msg(
            "For a link between towers the ray passes {short_m:.1f} m too low, {at_km:.1f} km from the first end "
            "(P.530: the whole Fresnel zone clear in ordinary weather).",
            short_m=self.short_m, at_km=self.short_at_m / 1e3,
        )  # fmt: skip


def effective_k(distance_m: float) -> float:
    """Return the k exceeded for about 99.9 % of the worst month on a path, in a continental temperate climate.

    Parameters
    ----------
    distance_m : float
        Length of the path, m, above 0; beyond 200 km that of 200 km.

    Raises
    ------
    InputError
        Where the length is not above 0.

    References
    ----------
    ITU-R P.530-18, figure 2, by the fit that the module states.
    """
    if not 0.0 < distance_m < math.inf:
        raise InputError(msg("The length of the path is {value} m; it must be above 0.", value=distance_m))
    return 157.0 / (144.0 + 2670.0 / min(distance_m / 1e3, _FIGURE_KM))


def effective_share_f1(distance_m: float, climate: AirClimate, *, extended: bool) -> float:
    """Return the share of the first Fresnel radius that is to be clear at the k of bad air.

    Temperate: none over a single isolated obstruction, 0.3 over an extended one. Tropical: 0.6 on paths of more than
    about 30 km; shorter ones are taken as temperate.
    """
    if climate is AirClimate.TROPICAL and distance_m > TROPICAL_FROM_KM * 1e3:
        return _TROPICAL_F1
    return _EXTENDED_F1 if extended else _ISOLATED_F1


def diversity_shares_f1(*, extended: bool) -> tuple[float, float]:
    """Return the least and the most that the lower of two antennas needs clear at the median k (section 2.2.2.2)."""
    return (0.3, 0.6) if extended else (0.0, 0.3)


def p530_clearance(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    ground_m: tuple[float, float],
    heights_m: tuple[float, float],
    freq_mhz: float,
    climate: AirClimate = AirClimate.TEMPERATE,
    *,
    median_k: float = MEDIAN_K_FACTOR,
    bad_k: float | None = None,
    extended: bool | None = None,
    lower_antenna: bool = False,
) -> ClearanceRules:
    """Return how a path stands by the rules of P.530.

    Parameters
    ----------
    distance_m, surface_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; what must be cleared, m above sea level.
    ground_m, heights_m : (float, float)
        Ground at both ends above sea level, and antennas above it, m.
    freq_mhz : float
        Frequency, MHz. Below 2 GHz the Recommendation lets the shares be smaller, above 10 GHz larger; here they stay.
    climate : AirClimate
        Temperate or tropical.
    median_k, bad_k : float
        Effective earth radius factors; the second by `effective_k` where it is not given.
    extended : bool, optional
        Whether the obstruction is extended; judged by `EXTENDED_SHARE` where not given.
    lower_antenna : bool
        For the lower of two antennas: the median rule alone, with the greater of its shares.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height; where a k is not above 0.

    References
    ----------
    ITU-R P.530-18, sections 2.2.2.1 and 2.2.2.2.
    """
    check_freq(freq_mhz)
    for height in (*ground_m, *heights_m):
        check_height(height)
    distance, surface = checked_profile(distance_m, surface_m)
    length = float(distance[-1])
    bad = effective_k(length) if bad_k is None else bad_k
    if not (0.0 < median_k < math.inf and 0.0 < bad < math.inf):
        raise InputError(msg("An effective earth radius factor is {value}; it must be above 0.", value=bad))
    amsl = ground_m[0] + heights_m[0], ground_m[1] + heights_m[1]
    ray = amsl[0] + (amsl[1] - amsl[0]) * distance / length
    product = distance * (length - distance)
    zone = np.zeros_like(distance)
    inner = slice(1, -1)
    zone[inner] = fresnel_radius_m(distance[inner], length - distance[inner], freq_mhz)

    def top(k: float) -> NDArray[np.float64]:
        raised: NDArray[np.float64] = surface + product / (2.0 * effective_earth_radius_m(k))
        return raised

    if extended is None:
        low = (ray - top(bad) < _EXTENDED_F1 * zone)[inner]
        weight = np.gradient(distance)[inner]
        extended = bool((weight * low).sum() > EXTENDED_SHARE * length) if len(low) else False
    share = effective_share_f1(length, climate, extended=extended)
    median_share = diversity_shares_f1(extended=extended)[1] if lower_antenna else MEDIAN_SHARE_F1
    rules = [(median_k, median_share)] if lower_antenna else [(median_k, median_share), (bad, share)]
    needed = np.stack([top(k) + part * zone for k, part in rules]).max(axis=0)
    short = (needed - ray)[inner]
    at = int(np.argmax(short)) + 1 if len(short) else 0
    found = [path_clearance(distance, surface, *amsl, freq_mhz, k) for k in (median_k, bad)]
    heights = [height_needed(distance, surface, *ground_m, *heights_m, freq_mhz, k, part) for k, part in rules]
    return ClearanceRules(
        bad,
        extended,
        median_share,
        share,
        found[0],
        found[1],
        found[0].clearance_f1 >= median_share - 1e-9,
        lower_antenna or found[1].clearance_f1 >= share - 1e-9,
        needed,
        float(short.max(initial=-math.inf)),
        float(distance[at]),
        max(one.a_m for one in heights),
        max(one.b_m for one in heights),
        max(one.both_m for one in heights),
    )
