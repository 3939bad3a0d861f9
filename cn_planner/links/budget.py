"""The budget of a link, both ways: geometry, losses by cause, levels, margins, rates, probability, verdict.

The mode that is counted on
    In each direction the fastest mode whose sensitivity the median level, at the power of that mode, exceeds by the
    reserve that is asked for (that of the rules for a home's link, unless given). Level, margin, rate (at the IP level:
    air rate times efficiency) and availability are those of this mode. Where no mode has the reserve the rate is 0,
    and the rest is that of the most robust mode.
Falling back
    How far the median level of the weaker direction stands above the sensitivity of the most robust mode that both
    radios have: what may be lost before the link stops. The probability that it works is that of this mode, and the
    verdict rests on it: more signal is never a worse verdict.
Loss
    By the model of the conditions; `cn_planner.links.losses` says which surface each one sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.availability import Availability, fading_of
from cn_planner.links.bearing import magnetic_azimuth_deg, tilt_deg
from cn_planner.links.beside import ack_wait_us, below_clutter, beside, of_the_air
from cn_planner.links.conditions import Conditions
from cn_planner.links.known_place import sight_at
from cn_planner.links.losses import predicted_or_p526, seen_through, way_given_back_db
from cn_planner.links.radio import direction
from cn_planner.links.register import Losses
from cn_planner.links.seen import SeenLine, fix_of_seen, path_as_seen, with_what_was_seen
from cn_planner.links.settable import as_set, counted_as_set, least_loss_db, unfit_words
from cn_planner.links.sight import Sight, clear_chance
from cn_planner.links.verdict import (
    VERDICTS,
    Facts,
    Verdict,
    explain,
    no_data_reason,
    sigma_clear_db,
    sigma_db,
    verdict_codes,
    works,
)
from cn_planner.message import joined, msg
from cn_planner.model.propagation_models import P526
from cn_planner.model.rules import Rules
from cn_planner.propagation.checks import check_freq
from cn_planner.propagation.clearance import height_needed, path_clearance
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.propagation.path_clearance_rules import AirClimate, ClearanceRules, p530_clearance

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.message import Message
    from cn_planner.terrain.profile import PathProfile

_TROPICAL = frozenset({1, 3})
"""ITM's radio climates in which the tropical rule of P.530 holds: equatorial, and maritime subtropical."""


@dataclass(frozen=True, slots=True)
class LinkBudget:
    """All that can be said of a link. "From" is the first end, "to" the second; "down" goes from first to second.

    Attributes
    ----------
    clearance_m, clearance_least_at_m : float or None
        Least vertical clearance, m; negative where something stands above the ray; and where, m from the first end.
    clearance_f1, clearance_at_m : float or None
        Least clearance in first Fresnel radii, and where, m from the first end.
    worst_latitude, worst_longitude, worst_clear_m, worst_cover_m : float or None
        That place, the vertical clearance there, and the height of trees or buildings there.
    height_needed_from_m, height_needed_to_m, raise_both_m : float or None
        Least height of one end that leaves enough clear, the other kept; and by how much both would have to rise.
    mode : str or None
        Mode that is counted on in the direction with the lesser margin, down where they are alike.
    power_from_dbm, power_to_dbm : float or None
        What the radios send from the first and from the second end, in the modes counted on.
    rsl_to_dbm, rsl_from_dbm, snr_to_db, snr_from_db : float or None
        Median levels at the second and at the first end, and over the noise there, in the modes counted on.
    margin_down_db, margin_up_db, fade_margin_db : float or None
        Margins over these modes, and the lesser of them.
    fallback_margin_db, fallback_mbps : float or None
        Margin of the weaker direction over its most robust mode, and the rate of that.
    rate_down_mbps, rate_up_mbps, mcs_down, mcs_up
        Rates at the IP level and their modes; 0 and None where no mode has the reserve.
    availability_pct, availability : float, Availability or None
        Percentage of the average year in which fading leaves both directions working, and its causes: on a path in
        sight, with radios that have a margin.
    sigma_db, probability_works : float or None
        Standard deviation of the prediction's error; probability that the link holds in its most robust mode.
    probability_clear, terrain_sd_m : float or None
        Chance that the first 0.6 F1 is clear, and the standard deviation of the terrain's error that is in it, m.
    explanation, fix : Message, Message or None
        The verdict's reason, and what to do.
    ack_timeout_us : float or None
        How long a Wi-Fi radio of either end must wait for the start of an answer; None for other radios.
    clearance_rules : ClearanceRules or None
        How a link between towers stands by the rules of P.530 for usual and for bad air.
    warnings : tuple of Message
        Where the model is near or beyond its limits, and what of the conditions it ignores.

    What cannot be said is None; without radios that is all that rests on levels.
    """

    distance_m: float
    azimuth_deg: float
    back_azimuth_deg: float
    azimuth_magnetic_deg: float | None
    tilt_from_deg: float | None
    tilt_to_deg: float | None
    ground_from_m: float | None
    ground_to_m: float | None
    line_of_sight: bool | None
    clearance_m: float | None
    clearance_f1: float | None
    clearance_at_m: float | None
    clearance_least_at_m: float | None
    worst_latitude: float | None
    worst_longitude: float | None
    worst_clear_m: float | None
    worst_cover_m: float | None
    height_needed_from_m: float | None
    height_needed_to_m: float | None
    raise_both_m: float | None
    model: str
    losses: Losses
    mode: str | None
    power_from_dbm: float | None
    power_to_dbm: float | None
    rsl_to_dbm: float | None
    rsl_from_dbm: float | None
    margin_down_db: float | None
    margin_up_db: float | None
    fade_margin_db: float | None
    fallback_margin_db: float | None
    fallback_mbps: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    mcs_down: str | None
    mcs_up: str | None
    snr_to_db: float | None
    snr_from_db: float | None
    availability_pct: float | None
    availability: Availability | None
    sigma_db: float | None
    probability_works: float | None
    probability_clear: float | None
    terrain_sd_m: float | None
    canopy_assumed: bool
    verdict: Verdict
    explanation: Message
    fix: Message | None
    ack_timeout_us: float | None = None
    clearance_rules: ClearanceRules | None = None
    warnings: tuple[Message, ...] = ()
    measured_db: float | None = None
    seen: SeenLine | None = None

    @property
    def rate_mbps(self) -> float | None:
        """The lesser rate: what a link carries both ways. None without radios."""
        ways = self.rate_down_mbps, self.rate_up_mbps
        return None if ways[0] is None or ways[1] is None else min(ways[0], ways[1])

    @property
    def said(self) -> tuple[Message, ...]:
        """All that is to be said of the link: the verdict's reason, what to do, and what to mind."""
        return (self.explanation, *(() if self.fix is None else (self.fix,)), *self.warnings)

    def fields(self, explanation: str | None = None) -> dict[str, Any]:
        """Return what ``link --json`` prints, with the explanation in words given, or else in English."""
        said = joined(*map(str, self.said))
        geometry = (
            "distance_m azimuth_deg back_azimuth_deg azimuth_magnetic_deg tilt_from_deg tilt_to_deg ground_from_m "
            "ground_to_m line_of_sight clearance_m clearance_least_at_m clearance_f1 clearance_at_m "
            "height_needed_from_m height_needed_to_m"
        )
        levels = (
            "mode rsl_to_dbm rsl_from_dbm fade_margin_db fallback_margin_db rate_down_mbps rate_up_mbps "
            "availability_pct probability_works probability_clear terrain_sd_m"
        )
        loss = self.losses
        return {
            **{name: getattr(self, name) for name in geometry.split()},
            "clearance_there_m": self.worst_clear_m,
            "model": self.model,
            "loss_db": {
                "free_space": loss.free_space_db,
                "diffraction": loss.diffraction_db,
                "vegetation": loss.vegetation_db,
                "gas": loss.gas_db,
                "rain": loss.rain_db,
                "total": loss.total_db,
            },
            **{name: getattr(self, name) for name in levels.split()},
            "verdict": self.verdict.value,
            "explanation": said if explanation is None else explanation,
        }


class BudgetArrays(NamedTuple):
    """Budgets of many links, one value each in the shape of the loss.

    Attributes
    ----------
    level_down_dbm, level_up_dbm : ndarray
        Median levels at the second and the first end, in the modes counted on.
    margin_down_db, margin_up_db, margin_db : ndarray
        Margins over these modes, and the lesser of them.
    fallback_db : ndarray
        Margin of the weaker direction over its most robust mode.
    rate_down_mbps, rate_up_mbps : ndarray
        Rates at the IP level with the margin asked for; 0 where no mode has it.
    mode_down, mode_up : ndarray of int
        Index of the mode in its `Direction`, -1 where none has the margin: level and margin are then those of the most
        robust one.
    verdict : ndarray of int8
        Index of `cn_planner.links.verdict.VERDICTS`.
    sight, model : Sight, str
        As they were given.
    """

    level_down_dbm: NDArray[np.float64]
    level_up_dbm: NDArray[np.float64]
    margin_down_db: NDArray[np.float64]
    margin_up_db: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    fallback_db: NDArray[np.float64]
    rate_down_mbps: NDArray[np.float64]
    rate_up_mbps: NDArray[np.float64]
    mode_down: NDArray[np.int64]
    mode_up: NDArray[np.int64]
    verdict: NDArray[np.int8]
    sight: Sight
    model: str

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Those of one value a link, without how clear the paths are."""
        return self[:-2]

    @property
    def probability(self) -> NDArray[np.float64]:
        """As in `LinkBudget`: the verdict rests on it."""
        return works(self.fallback_db, self.sight, self.model)


def budget_arrays(
    loss_db: ArrayLike,
    sight: Sight,
    end_a: RadioEnd,
    end_b: RadioEnd,
    rules: Rules,
    *,
    distance_m: ArrayLike | None = None,
    rate_margin_db: float | None = None,
    model: str = P526,
    link_mhz: ArrayLike | None = None,
) -> BudgetArrays:
    """Return the budgets of many links between the same two kinds of radio, the same numbers as `link_budget`.

    Parameters
    ----------
    loss_db : array_like
        Basic transmission loss, dB, any shape; NaN where terrain is missing.
    sight : Sight
        How clear the paths are, the same shape.
    end_a, end_b : RadioEnd
        The radios; "down" goes from A to B.
    rules : Rules
        The limits of the verdict.
    distance_m : array_like, optional
        Lengths of the paths, of a shape that goes with the loss: radios that listen before they send wait by them.
    rate_margin_db : float, optional
        What the level must exceed a mode's sensitivity by; the rules' margin of a home's link where not given.
    model : str
        What the losses were predicted by: it decides how sure they are.
    link_mhz : array_like, optional
        Of links between towers, their frequencies: radios are as `cn_planner.links.settable.as_set` has them.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    loss = np.asarray(loss_db, dtype=np.float64)
    wanted = rules.access_margin_db if rate_margin_db is None else rate_margin_db
    ways = (end_a, end_b), (end_b, end_a)
    down, up = (counted_as_set(*way, loss, wanted, distance_m, link_mhz) for way in ways)
    fallback = np.minimum(down.fallback_db, up.fallback_db)
    return BudgetArrays(
        down.level_dbm,
        up.level_dbm,
        down.margin_db,
        up.margin_db,
        np.minimum(down.margin_db, up.margin_db),
        fallback,
        down.rate_mbps,
        up.rate_mbps,
        down.mode,
        up.mode,
        verdict_codes(sight, works(fallback, sight, model), rules, allowed=end_a.allowed and end_b.allowed),
        sight,
        model,
    )


class _Levels(NamedTuple):
    """The part of a budget that rests on radios; all None without them."""

    mode: str | None = None
    power_from_dbm: float | None = None
    power_to_dbm: float | None = None
    rsl_to_dbm: float | None = None
    rsl_from_dbm: float | None = None
    margin_down_db: float | None = None
    margin_up_db: float | None = None
    fade_margin_db: float | None = None
    fallback_margin_db: float | None = None
    fallback_mbps: float | None = None
    rate_down_mbps: float | None = None
    rate_up_mbps: float | None = None
    mcs_down: str | None = None
    mcs_up: str | None = None
    snr_to_db: float | None = None
    snr_from_db: float | None = None
    probability_works: float | None = None


def _levels(budget: BudgetArrays, end_a: RadioEnd, end_b: RadioEnd, loss_db: float) -> _Levels:
    down, up = direction(end_a, end_b), direction(end_b, end_a)
    at_down, at_up = int(budget.mode_down), int(budget.mode_up)
    by_down, by_up = (at if at >= 0 else way.robust for at, way in ((at_down, down), (at_up, up)))
    robust = min(down, up, key=lambda way: float(way.level_dbm[way.robust] - way.sensitivity_dbm[way.robust]))
    return _Levels(
        down.mcs[by_down] if budget.margin_down_db <= budget.margin_up_db else up.mcs[by_up],
        down.power_dbm[by_down],
        up.power_dbm[by_up],
        float(budget.level_down_dbm),
        float(budget.level_up_dbm),
        float(budget.margin_down_db),
        float(budget.margin_up_db),
        float(budget.margin_db),
        float(budget.fallback_db),
        float(robust.rate_mbps[robust.robust]),
        float(budget.rate_down_mbps),
        float(budget.rate_up_mbps),
        down.mcs[at_down] if at_down >= 0 else None,
        up.mcs[at_up] if at_up >= 0 else None,
        float(down.snr_db(loss_db, by_down)),
        float(up.snr_db(loss_db, by_up)),
        float(budget.probability),
    )


class _Judged(NamedTuple):
    """What is said of a path that is so clear and loses so much; its levels with what was measured."""

    sight: Sight
    shift_db: float
    levels: _Levels
    sigma: float
    verdict: Verdict


def _allowed(ends: tuple[RadioEnd | None, RadioEnd | None]) -> bool:
    return all(end is None or end.allowed for end in ends)


def _judged(
    sight: Sight, lost_db: float, air: Conditions, profile: PathProfile, heights_m: tuple[float, float],
    ends: tuple[RadioEnd | None, RadioEnd | None], freq_mhz: float, limits: Rules, rate_margin_db: float | None,
) -> _Judged:  # fmt: skip
    sight, shift_db = sight_at(air.place, profile, heights_m, freq_mhz, lost_db, sight)
    lost_db -= shift_db
    levels, codes = _Levels(), verdict_codes(sight, None, limits, allowed=_allowed(ends))
    end_a, end_b = ends
    if end_a is not None and end_b is not None:
        arrays = budget_arrays(
            lost_db, sight, end_a, end_b, limits,
            distance_m=profile.length_m, rate_margin_db=rate_margin_db, model=air.model,
        )  # fmt: skip
        levels, codes = _levels(arrays, end_a, end_b, lost_db), arrays.verdict
    sigma = float(sigma_db(sight.clearance_f1, air.model))
    if sight.measured:
        sigma = float(np.hypot(sight.common_sd_db, sight.local_sd_db))
    return _Judged(sight, shift_db, levels, sigma, VERDICTS[int(codes)])


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def link_budget(
    profile: PathProfile,
    height_a_m: float,
    height_b_m: float,
    end_a: RadioEnd | None,
    end_b: RadioEnd | None,
    freq_mhz: float,
    pol: str = "V",
    conditions: Conditions | None = None,
    rules: Rules | None = None,
    *,
    names: tuple[str, str] = ("A", "B"),
    rate_margin_db: float | None = None,
    between_towers: bool = False,
    day: date | None = None,
) -> LinkBudget:
    """Return the budget of one link, in plain Python: no compiler is loaded.

    Parameters
    ----------
    profile : PathProfile
        The ground from the first end to the second, with trees.
    height_a_m, height_b_m : float
        Antennas above ground, m.
    end_a, end_b : RadioEnd, optional
        The radios. Where one is not given the verdict judges the path alone: likely with enough of the Fresnel zone
        clear, blocked where something stands above the ray, to be checked on site else.
    freq_mhz : float
        Frequency, MHz.
    pol : {"V", "H"}
        Polarisation.
    conditions : Conditions, optional
        Air and model; the defaults where not given. Trees are those of the profile.
    rules : Rules, optional
        The limits of the verdict; the defaults where not given.
    names : (str, str)
        What the two ends are called.
    rate_margin_db : float, optional
        As for `budget_arrays`.
    between_towers : bool
        Whether the path is judged by the clearance rules of P.530 as well; the verdict does not rest on them. And each
        radio is then set to no more than the other bears; a sector, which others hear too, is not.
    day : date, optional
        For the compass; without it there is no magnetic azimuth.

    Raises
    ------
    InputError
        Where both ends are at one place, a value is out of its range, or the radios have no mode in common.
    """
    air, limits = conditions or Conditions(), rules or Rules()
    if not profile.length_m > 0.0:
        raise InputError(msg("{a} and {b} are at the same place.", a=names[0], b=names[1]))
    check_freq(freq_mhz)
    if pol not in ("V", "H"):
        raise InputError(msg("The polarisation is {pol}; it must be V or H.", pol=pol))
    if not (0.0 <= height_a_m < math.inf and 0.0 <= height_b_m < math.inf):
        raise InputError(msg("An antenna's height above ground must not be below 0."))
    ground_a, ground_b = float(profile.ground_m[0]), float(profile.ground_m[-1])
    amsl = (ground_a + height_a_m, ground_b + height_b_m)
    tilt_a = _number(tilt_deg(profile.length_m, *amsl, air.k_factor))
    tilt_b = _number(tilt_deg(profile.length_m, amsl[1], amsl[0], air.k_factor))
    compass = None
    if day is not None:
        amsl_a = amsl[0] if math.isfinite(amsl[0]) else 0.0  # a kilometre moves the needle by some hundredths
        compass = magnetic_azimuth_deg(
            profile.azimuth_deg, float(profile.latitude[0]), float(profile.longitude[0]), amsl_a, day
        )

    def budget(**found: Any) -> LinkBudget:
        every: dict[str, Any] = dict.fromkeys(LinkBudget.__dataclass_fields__)
        every.update(
            distance_m=profile.length_m,
            azimuth_deg=profile.azimuth_deg,
            back_azimuth_deg=profile.back_azimuth_deg,
            azimuth_magnetic_deg=compass,
            tilt_from_deg=tilt_a,
            tilt_to_deg=tilt_b,
            ground_from_m=_number(ground_a),
            ground_to_m=_number(ground_b),
            model=air.model,
            canopy_assumed=profile.cover_assumed,
            losses=Losses(),
            warnings=(),
        )
        return LinkBudget(**{**every, **found})

    gone = np.isnan(profile.ground_m)
    if profile.missing or gone.any():
        reason, fix = no_data_reason(profile.missing or _places(profile, gone))
        return budget(verdict=Verdict.NO_DATA, explanation=reason, fix=fix)

    least_db = least_loss_db(profile.length_m, freq_mhz)
    if between_towers and end_a is not None and end_b is not None:
        end_a, end_b = as_set(end_a, end_b, profile.length_m, freq_mhz)
    surface = profile.ground_m + profile.cover_m
    clear = path_clearance(profile.distance_m, surface, *amsl, freq_mhz, air.k_factor)
    needed = height_needed(
        profile.distance_m, surface, ground_a, ground_b, height_a_m, height_b_m, freq_mhz, air.k_factor,
        limits.clearance_f1,
    )  # fmt: skip
    air, (losses, warnings, _) = predicted_or_p526(profile, (height_a_m, height_b_m), freq_mhz, pol, air)
    found = clear_chance(
        profile.distance_m, profile.ground_m, profile.cover_m, amsl, freq_mhz, profile.height_error, air.k_factor
    )
    as_mapped = Sight(clear.clearance_f1, found.clear, found.passes), losses.total_db or 0.0
    judged = partial(
        _judged, air=air, profile=profile, heights_m=(height_a_m, height_b_m), ends=(end_a, end_b), freq_mhz=freq_mhz,
        limits=limits, rate_margin_db=rate_margin_db,
    )  # fmt: skip
    by_map = judged(*as_mapped)
    weather_db = (losses.gas_db or 0.0) + (losses.rain_db or 0.0)
    as_seen = path_as_seen(air.seen, profile, (height_a_m, height_b_m), *as_mapped, freq_mhz, weather_db)
    seen = as_seen[2]
    sight, shift_db, levels, sigma, verdict = by_map if seen is None else judged(*as_seen[:2])
    clear_there = clear.clearance_m
    if 0.0 < clear.at_m < profile.length_m:
        clear_there = clear.clearance_f1 * fresnel_radius_m(clear.at_m, profile.length_m - clear.at_m, freq_mhz)
    facts = Facts(
        names=names,
        heights_m=(height_a_m, height_b_m),
        at_m=clear.at_m,
        clear_m=clear_there,
        clearance_f1=clear.clearance_f1,
        cover_m=float(profile.cover_m[clear.at_index]),
        cover_assumed=profile.cover_assumed,
        canopy_m=air.canopy_m or float(profile.cover_m.max()),
        needed=needed,
        margin_db=by_map.levels.fade_margin_db,
        fallback_db=by_map.levels.fallback_margin_db,
        excess_db=way_given_back_db(losses, profile, (height_a_m, height_b_m), freq_mhz),
        sigma=by_map.sigma,
        sigma_clear=sigma_clear_db(air.model),
        probability=by_map.levels.probability_works,
        allowed=_allowed((end_a, end_b)),
        freq_mhz=freq_mhz,
        clear=found.clear,
        terrain_sd_m=found.terrain_sd_m,
        closed=next((end.closed for end in (end_a, end_b) if end is not None and end.closed is not None), None),
    )
    reason, fix_or_none = explain(by_map.verdict, facts, limits)
    if seen is not None:
        reason = with_what_was_seen(seen, reason)
        fix_or_none = None if verdict is Verdict.LIKELY else fix_or_none or fix_of_seen(seen)
        losses = seen_through(losses, as_seen[1])
    fading: Availability | None = None
    told = beside(air, clear.clearance_f1, limits, profile.length_m, amsl, freq_mhz, pol)
    told = (*told, *below_clutter(profile, (height_a_m, height_b_m), freq_mhz, names, losses.vegetation_db))
    if clear.line_of_sight and levels.margin_down_db is not None and levels.margin_up_db is not None:
        fading, more = fading_of(profile, amsl, freq_mhz, pol, (levels.margin_down_db, levels.margin_up_db), air)
        told = (*told, *more)
    if end_a is not None and end_b is not None:
        ways = (levels.rate_down_mbps or 0.0, levels.mcs_down), (levels.rate_up_mbps or 0.0, levels.mcs_up)
        told = (*told, *of_the_air(end_a, end_b, *min(ways, key=lambda way: way[0]), profile.length_m))
        told = (*told, *unfit_words(end_a, end_b, least_db))
    by_rules: ClearanceRules | None = None
    if between_towers:
        climate = AirClimate.TROPICAL if air.climate in _TROPICAL else AirClimate.TEMPERATE
        by_rules = p530_clearance(
            profile.distance_m, surface, (ground_a, ground_b), (height_a_m, height_b_m), freq_mhz, climate,
            median_k=air.k_factor,
        )  # fmt: skip
        if not by_rules.ok:
            told = (*told, by_rules.words())
    return budget(
        line_of_sight=clear.line_of_sight,
        clearance_m=clear.clearance_m,
        clearance_f1=_number(clear.clearance_f1),
        clearance_at_m=clear.at_m,
        clearance_least_at_m=clear.least_at_m,
        worst_latitude=float(profile.latitude[clear.at_index]),
        worst_longitude=float(profile.longitude[clear.at_index]),
        worst_clear_m=clear_there,
        worst_cover_m=facts.cover_m,
        probability_clear=float(sight.clear),
        terrain_sd_m=found.terrain_sd_m,
        height_needed_from_m=needed.a_m,
        height_needed_to_m=needed.b_m,
        raise_both_m=_number(needed.both_m),
        losses=losses,
        **levels._asdict(),
        availability_pct=fading.pct if fading is not None else None,
        availability=fading,
        sigma_db=sigma if levels.probability_works is not None else None,
        verdict=verdict,
        explanation=reason,
        fix=fix_or_none,
        ack_timeout_us=ack_wait_us(end_a, end_b, profile.length_m),
        clearance_rules=by_rules,
        warnings=(*warnings, *told),
        measured_db=shift_db if sight.measured else None,
        seen=seen,
    )


def _places(profile: PathProfile, gone: NDArray[np.bool_]) -> tuple[str, ...]:
    at = int(np.argmax(gone))
    return (f"{profile.latitude[at]:.5f}, {profile.longitude[at]:.5f}",)
