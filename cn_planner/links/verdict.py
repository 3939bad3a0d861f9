"""What to say of a path: how sure the prediction is, with what probability it works, and what that means for building.

Probability that a link works, with m what it has to spare on a path that nothing narrows
    P(clear) Phi(m / sigma) + P(passes) Phi((m - edge) / 12 dB)
P(clear) and P(passes) have the terrain's error in them (`cn_planner.links.sight`): what a map shows as just clear may
be in the way, and the other way round. Edge is what the worst place costs as a knife edge, at least that of 0.3 F1.
Behind a hill that is higher than the terrain's error both chances are nothing above about 1 GHz, whatever the margin.

Sigma by path class and model
    obstructed (nothing of the first Fresnel zone clear): 12 dB, whatever the model. Of 28 models on production rural
    links, Longley-Rice among them, none did better than 12 dB rms, not even tuned by hand (Phillips and others, "The
    efficacy of path loss models for fixed rural wireless links", PAM 2011).
    clear (0.6 F1): 6 dB, the shadow fading of rural line of sight beyond the breakpoint distance, at which the first
    Fresnel zone meets the ground; from 1 F1 on 4 dB, that of shorter paths (ITU-R M.2135-1, table A1-2, RMa; the same
    in 3GPP TR 38.901, table 7.4.1-1). For ITM, which does not follow the profile there, 8 dB: what it says itself of
    the variability between paths with the same parameters on short distances (Hufford, the Algorithm, eq. 5.10: 5 + 3
    exp(-D/100 km)); from 1 F1 on less in the same measure.
    grazing: in between, linear in the clearance, so that a centimetre of mast never makes a jump.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.register import model_of
from cn_planner.message import Message, in_a_row, msg
from cn_planner.model.propagation_models import FREE_SPACE, P526
from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.knife_edge import knife_edge_kernel, knife_edge_loss_db

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.sight import Sight
    from cn_planner.model.plan import Rules
    from cn_planner.propagation.clearance import HeightNeeded

SIGMA_OBSTRUCTED_DB = 12.0
_WIDE_F1, _WIDE_TIMES = 1.0, 2.0 / 3.0
"""From so much clearance on sigma is so much of that at 0.6 F1: 4 dB of 6."""
_GRAZED_F1 = 0.3
_PER_F1 = -math.sqrt(2.0)
"""From clearance in first Fresnel radii to an edge's diffraction parameter (P.526-15, eq. 26)."""
_AT_ONCE = 20_000
_TOUCH = 1e-9
"""A mast of just the height needed clears the path: rounding does not count."""


class Verdict(StrEnum):
    """What a path is good for."""

    LIKELY = "likely"
    CHECK_ON_SITE = "check_on_site"
    BLOCKED = "blocked"
    NO_DATA = "no_data"


VERDICTS = (Verdict.NO_DATA, Verdict.BLOCKED, Verdict.CHECK_ON_SITE, Verdict.LIKELY)
"""Verdicts by the codes that arrays hold, from worst to best."""


def sigma_clear_db(model: str = P526) -> float:
    """Return the standard deviation of a model's error on a clear path, dB."""
    return model_of(model).sigma_clear_db


def sigma_db(clearance_f1: ArrayLike, model: str = P526) -> NDArray[np.float64]:
    """Return the standard deviation of the prediction's error by the path's clearance, dB; NaN where that is NaN."""
    clear = np.asarray(clearance_f1, dtype=np.float64)
    enough = sigma_clear_db(model)
    at = [SIGMA_OBSTRUCTED_DB, enough, _WIDE_TIMES * enough]
    return np.where(np.isnan(clear), np.nan, np.interp(clear, [0.0, ENOUGH_F1, _WIDE_F1], at))


def probability(margin_db: ArrayLike, sigma: ArrayLike) -> NDArray[np.float64]:
    """Return Phi(margin / sigma), in the shape of `margin_db`."""
    margin = np.asarray(margin_db, dtype=np.float64)
    z = np.asarray(margin / (-math.sqrt(2.0) * np.asarray(sigma, dtype=np.float64)))
    # math.erfc one by one: 0.1 s a million, the same bits everywhere, and scipy need not load. In pieces, so that a
    # window beside it is not kept from painting: other threads do not run within one call.
    flat, chance = z.ravel(), np.empty(z.size)
    for start in range(0, z.size, _AT_ONCE):
        piece = flat[start : start + _AT_ONCE].tolist()
        chance[start : start + len(piece)] = np.fromiter(map(math.erfc, piece), np.float64, len(piece))
    return 0.5 * chance.reshape(z.shape)


@kernel
def chance_of_margin_kernel(
    margin_db: float, clearance_f1: float, clear: float, passes: float, sigma_clear: float
) -> float:
    """Return `works` for one path whose loss counts what stands in the way; `sigma_clear` is that at 0.6 F1."""
    edge = knife_edge_kernel(_PER_F1 * clearance_f1)
    wide = min(max((clearance_f1 - ENOUGH_F1) / (_WIDE_F1 - ENOUGH_F1), 0.0), 1.0)
    sigma = sigma_clear * (1.0 - (1.0 - _WIDE_TIMES) * wide)
    free = margin_db + edge
    hidden = free - max(edge, knife_edge_kernel(_PER_F1 * _GRAZED_F1))
    root = math.sqrt(2.0)
    return 0.5 * (
        clear * math.erfc(-free / (sigma * root)) + passes * math.erfc(-hidden / (SIGMA_OBSTRUCTED_DB * root))
    )


def works(margin_db: ArrayLike, sight: Sight, model: str = P526) -> NDArray[np.float64]:
    """Return the probability that links work: over the errors of terrain and of the prediction.

    Parameters
    ----------
    margin_db : array_like
        What the weaker direction has to spare on the path as the model has it.
    sight : Sight
        How clear the paths are, in the shape of the margin; where levels were measured, how far they may be off.
    model : str
        What predicted the loss. Free space alone does not count what stands in the way: that is taken off here.
    """
    margin, clearance = np.asarray(margin_db, dtype=np.float64), np.asarray(sight.clearance_f1, dtype=np.float64)
    edge = knife_edge_loss_db(_PER_F1 * clearance)
    free = margin if model == FREE_SPACE else margin + edge
    hidden = free - np.maximum(edge, knife_edge_loss_db(_PER_F1 * _GRAZED_F1))
    chance = probability(free, sigma_db(np.maximum(clearance, ENOUGH_F1), model)) * sight.clear
    chance = chance + probability(hidden, SIGMA_OBSTRUCTED_DB) * sight.passes
    measured = sight.measured
    if not measured.any():
        return chance
    # What was measured holds all that bends and blocks there; where nothing can pass it still does not.
    sd = np.where(measured, np.hypot(sight.common_sd_db, sight.local_sd_db), 1.0)
    known = probability(margin, sd) * np.minimum(np.add(sight.clear, sight.passes), 1.0)
    return np.where(measured, known, chance)


def verdict_codes(sight: Sight, chance: ArrayLike | None, rules: Rules, *, allowed: bool = True) -> NDArray[np.int8]:
    """Return verdicts as indices of `VERDICTS`.

    Parameters
    ----------
    sight : Sight
        How clear the paths are over terrain and trees; NaN where terrain is missing.
    chance : array_like or None
        Probability that the link works; None judges the path alone, as if nothing else could be in want.
    rules : Rules
        The limits.
    allowed : bool
        False where no power is legal: what is not without data is then blocked.
    """
    clear = np.asarray(sight.clearance_f1, dtype=np.float64)
    enough = clear >= rules.clearance_f1 - _TOUCH
    chance = np.asarray(np.add(sight.clear, sight.passes) if chance is None else chance, dtype=np.float64)
    blocked = chance < rules.blocked_probability
    likely = enough & (chance >= rules.likely_probability)
    codes = np.where(likely, 3, 2)
    codes = np.where(blocked | (not allowed), 1, codes)
    return np.where(np.isnan(clear) | np.isnan(chance), 0, codes).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a verdict's words are made from.

    Attributes
    ----------
    names : (str, str)
        What the two ends are called.
    heights_m : (float, float)
        Their antennas above ground, m.
    at_m : float
        Worst place, m from the first end.
    clear_m, clearance_f1 : float
        Vertical clearance there, m and in first Fresnel radii.
    cover_m : float
        Height of what stands on the ground there, m.
    cover_assumed : bool
        Whether the trees are assumed.
    canopy_m : float
        How high they are assumed, m.
    needed : HeightNeeded
        Heights that leave enough clear.
    margin_db, excess_db, sigma, sigma_clear, probability : float or None
        Fade margin of the weaker direction in the mode counted on, loss beyond free space, sigma, what it were on a
        clear path, and probability; None without radios.
    allowed : bool
        Whether any power is legal.
    freq_mhz : float
        Frequency.
    closed : Message, optional
        Which law allows none, and what it leaves.
    fallback_db : float, optional
        Margin in the most robust mode, where that is not the one counted on.
    clear, terrain_sd_m : float
        Chance that the path is clear, and the standard deviation of the terrain's error, m.
    """

    names: tuple[str, str]
    heights_m: tuple[float, float]
    at_m: float
    clear_m: float
    clearance_f1: float
    cover_m: float
    cover_assumed: bool
    canopy_m: float
    needed: HeightNeeded
    margin_db: float | None
    excess_db: float
    sigma: float
    sigma_clear: float
    probability: float | None
    allowed: bool
    freq_mhz: float
    closed: Message | None = None
    fallback_db: float | None = None
    clear: float = 1.0
    terrain_sd_m: float = 0.0


def no_data_reason(missing: Sequence[str]) -> tuple[Message, Message]:
    """Return why nothing can be said where terrain is missing, and what to do."""
    return (
        msg("Terrain is missing on the path: {tiles}.", tiles=", ".join(missing)),
        msg("Add elevation files that cover the path."),
    )


def explain(verdict: Verdict, facts: Facts, rules: Rules) -> tuple[Message, Message | None]:
    """Return the reason of a verdict, and the fix: what to build or to look at; None where nothing need be done."""
    reason = _reason(verdict, facts, rules)
    if facts.margin_db is None:
        reason = msg("{reason} No radio was given: this judges the path alone.", reason=reason)
    if facts.cover_assumed:
        reason = trees_assumed(reason, facts.canopy_m)
    return reason, None if verdict is Verdict.LIKELY else _fix(facts, rules)


def trees_assumed(reason: Message, canopy_m: float) -> Message:
    """Return a reason with the trees that are assumed on its path, so high, m."""
    return msg(
        "{reason} Trees of {canopy_m:.0f} m are assumed on the path, as no tree heights are known.",
        reason=reason,
        canopy_m=canopy_m,
    )


def _reason(verdict: Verdict, facts: Facts, rules: Rules) -> Message:
    if not facts.allowed:
        if facts.closed is not None:
            return facts.closed
        return msg("The rules of the country allow no sending outdoors at {freq_mhz:.0f} MHz.", freq_mhz=facts.freq_mhz)
    if facts.clearance_f1 < rules.clearance_f1 - _TOUCH:
        place = _obstacle(facts, rules)
        if facts.margin_db is None:
            return place
        if facts.margin_db < 0.0:
            return msg("{place} {short_db:.0f} dB are missing.", place=place, short_db=-facts.margin_db)
        return msg(
            "{place} The fade margin is {margin_db:.0f} dB; it works with a probability of {percent:.0f} %.",
            place=place,
            margin_db=facts.margin_db,
            percent=chance_pct(facts.probability or 0.0),
        )
    if verdict is not Verdict.LIKELY and facts.clear < rules.likely_probability:
        return msg(
            "The path is clear by {clear_m:.0f} m {at_km:.1f} km from {name}, but heights of this terrain are off by "
            "{sd_m:.0f} m: it is clear with a probability of {percent:.0f} %.",
            clear_m=facts.clear_m,
            at_km=facts.at_m / 1000.0,
            name=facts.names[0],
            sd_m=max(facts.terrain_sd_m, 1.0),
            percent=chance_pct(facts.clear),
        )
    if facts.margin_db is None and math.isinf(facts.clearance_f1):  # no ground lies between the ends
        return msg("The path is clear.")
    if facts.margin_db is None:
        return msg("The path is clear: {f1:.1f} of the first Fresnel radius at the worst place.", f1=_said(facts))
    if facts.margin_db < 0.0:
        return msg(
            "The path is clear but too long for these radios: {short_db:.0f} dB are missing.", short_db=-facts.margin_db
        )
    if verdict is Verdict.LIKELY:
        return msg(
            "The path is clear, the fade margin {margin_db:.0f} dB; it works with a probability of {percent:.0f} %.",
            margin_db=facts.margin_db,
            percent=chance_pct(facts.probability or 0.0),
        )
    return msg(
        "The path is clear but the margin is only {margin_db:.0f} dB; it works with a probability of {percent:.0f} %.",
        margin_db=facts.margin_db,
        percent=chance_pct(facts.probability or 0.0),
    )


def _only_trees(facts: Facts) -> bool:
    """Whether the ground alone would leave the line of sight free at the worst place."""
    return facts.cover_m > 0.0 and facts.clear_m + facts.cover_m >= 0.0


def chance_pct(probability: float) -> float:
    """Return a probability in whole percent, as it is said of a link wherever it is said: nothing is certain."""
    return min(math.floor(100.0 * probability + 0.5), 99.0)


def chance_words(probability: float) -> Message:
    """Return a probability as one says it of a link: the same number that tables and sentences have."""
    return msg("{chance:.0f} chances in 100 that it works as drawn", chance=chance_pct(probability))


def _said(facts: Facts) -> float:
    return min(facts.clearance_f1, 99.0)


def _over_m(height_m: float) -> float:
    """Return how far something stands above the line, to be said in whole metres: what stands in it is never 0 m."""
    return max(height_m, 1.0)


def _obstacle(facts: Facts, rules: Rules) -> Message:
    name, at_km = facts.names[0], facts.at_m / 1000.0
    if facts.clear_m < 0.0:
        if _only_trees(facts):
            return msg(
                "Trees or buildings {at_km:.1f} km from {name} reach {over_m:.0f} m above the line of sight.",
                at_km=at_km,
                name=name,
                over_m=_over_m(-facts.clear_m),
            )
        return msg(
            "The ground {at_km:.1f} km from {name} stands {over_m:.0f} m above the line of sight.",
            at_km=at_km,
            name=name,
            over_m=_over_m(-(facts.clear_m + facts.cover_m)),
        )
    return msg(
        "{at_km:.1f} km from {name} only {f1:.2f} of the first Fresnel radius is clear; it should be {wanted:.1f}.",
        at_km=at_km,
        name=name,
        f1=facts.clearance_f1,
        wanted=rules.clearance_f1,
    )


def _fix(facts: Facts, rules: Rules) -> Message | None:
    if not facts.allowed:
        return msg("Choose a kit for a band that the country allows.")
    parts: list[Message] = []
    raised = facts.clearance_f1 < rules.clearance_f1 - _TOUCH
    ways = _ways_to_raise(facts, rules) if raised else None
    if ways is not None:
        parts.append(ways)
    elif raised:
        parts.append(
            msg(
                "No mast up to {tallest_m:.0f} m clears this path: look for another site, or for a place for a tower "
                "in between.",
                tallest_m=max(rules.mast_heights_m, default=0.0),
            )
        )
    elif facts.clear < rules.likely_probability:
        parts.append(msg("Look along the path from both ends, or put the antennas higher."))
    # Behind what no mast clears no dish helps.
    gain = 0.0 if raised and ways is None else _gain_missing(facts, rules, raised=raised)
    if gain > 0.0:
        parts.append(
            msg("Use antennas with {gain_db:.0f} dB more gain in all, or shorten the path.", gain_db=math.ceil(gain))
        )
    if facts.cover_assumed and raised and _only_trees(facts):
        parts.append(
            msg("Look whether trees stand {at_km:.1f} km from {name}.", at_km=facts.at_m / 1000.0, name=facts.names[0])
        )
    return in_a_row(*parts) if parts else None


def _ways_to_raise(facts: Facts, rules: Rules) -> Message | None:
    tallest = max(rules.mast_heights_m, default=0.0)
    # Whole metres, upwards; a hair above a whole metre is that metre.
    to_a, to_b, both = (math.ceil(height - 1e-6) if math.isfinite(height) else 0 for height in facts.needed)
    ways: list[Message] = [
        msg("{name} to {height_m} m", name=name, height_m=height)
        for name, height in zip(facts.names, (to_a, to_b), strict=True)
        if height <= tallest
    ]
    if max(facts.heights_m) + both <= tallest:
        ways.append(msg("both ends by {height_m} m", height_m=both))
    if not ways:
        return None
    said = ways[0]
    for way in ways[1:]:
        said = msg("{first}, or {second}", first=said, second=way)
    return msg("Put the antenna higher: {ways}.", ways=said)


def _gain_missing(facts: Facts, rules: Rules, *, raised: bool) -> float:
    """Return the decibels that are missing for "likely" once the path is clear."""
    if facts.margin_db is None:
        return 0.0
    from statistics import NormalDist  # 10 ms, for paths that need a fix alone

    margin = facts.margin_db if facts.fallback_db is None else facts.fallback_db
    sigma = facts.sigma
    if raised:
        margin, sigma = margin + facts.excess_db, facts.sigma_clear
    likely = min(rules.likely_probability, 0.9999)
    return sigma * NormalDist().inv_cdf(likely) - margin
