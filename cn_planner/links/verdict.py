"""What to say of a path: how sure the prediction is, with what probability it works, and what that means for building.

Probability that a link works = Phi(margin / sigma): the margin is that of the weaker direction in the most robust mode.

Sigma by path class and model
    obstructed (nothing of the first Fresnel zone clear): 12 dB, whatever the model. Of 28 models on production rural
    links, Longley-Rice among them, none did better than 12 dB rms, not even tuned by hand (Phillips and others, "The
    efficacy of path loss models for fixed rural wireless links", PAM 2011).
    clear (0.6 F1 and more): 6 dB, the shadow fading of rural line of sight beyond the breakpoint distance (ITU-R
    M.2135-1, table A1-2, RMa; the same in 3GPP TR 38.901, table 7.4.1-1). Nearer than that both say 4 dB: 6 is the
    careful figure. For ITM, which does not follow the profile there, 8 dB: what it says itself of the variability
    between paths with the same parameters on short distances (Hufford, the Algorithm, eq. 5.10: 5 + 3 exp(-D/100 km)).
    grazing: in between, linear in the clearance, so that a centimetre of mast never makes a jump.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.register import model_of
from cn_planner.message import Message, msg
from cn_planner.model.propagation_models import P526
from cn_planner.propagation.clearance import ENOUGH_F1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.plan import Rules
    from cn_planner.propagation.clearance import HeightNeeded

SIGMA_OBSTRUCTED_DB = 12.0
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
    sigma = np.interp(clear, [0.0, ENOUGH_F1], [SIGMA_OBSTRUCTED_DB, sigma_clear_db(model)])
    return np.where(np.isnan(clear), np.nan, sigma)


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


def verdict_codes(
    clearance_f1: ArrayLike, works: ArrayLike | None, rules: Rules, *, allowed: bool = True
) -> NDArray[np.int8]:
    """Return verdicts as indices of `VERDICTS`.

    Parameters
    ----------
    clearance_f1 : array_like
        Least clearance in first Fresnel radii over terrain and trees; NaN where terrain is missing.
    works : array_like or None
        Probability that the link works; None judges the path alone.
    rules : Rules
        The limits.
    allowed : bool
        False where no power is legal: what is not without data is then blocked.
    """
    clear = np.asarray(clearance_f1, dtype=np.float64)
    enough = clear >= rules.clearance_f1 - _TOUCH
    if works is None:
        chance = np.where(np.isnan(clear), np.nan, 1.0)
        blocked = clear < 0.0
    else:
        chance = np.asarray(works, dtype=np.float64)
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
        reason = msg(
            "{reason} Trees of {canopy_m:.0f} m are assumed on the path, as no tree heights are known.",
            reason=reason,
            canopy_m=facts.canopy_m,
        )
    return reason, None if verdict is Verdict.LIKELY else _fix(facts, rules)


def _reason(verdict: Verdict, facts: Facts, rules: Rules) -> Message:
    if not facts.allowed:
        if facts.closed is not None:
            return facts.closed
        return msg("The law allows no power outdoors at {freq_mhz:.0f} MHz.", freq_mhz=facts.freq_mhz)
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
    """Return a probability in percent as it is said of a link: nothing is certain."""
    return min(100.0 * probability, 99.0)


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
    if raised:
        parts.append(_raise(facts, rules))
    gain = _gain_missing(facts, rules, raised=raised)
    if gain > 0.0:
        parts.append(
            msg("Use antennas with {gain_db:.0f} dB more gain in all, or shorten the path.", gain_db=math.ceil(gain))
        )
    if facts.cover_assumed and raised and _only_trees(facts):
        parts.append(
            msg("Look whether trees stand {at_km:.1f} km from {name}.", at_km=facts.at_m / 1000.0, name=facts.names[0])
        )
    if not parts:
        return None
    said = parts[0]
    for more in parts[1:]:
        said = msg("{first} {second}", first=said, second=more)
    return said


def _raise(facts: Facts, rules: Rules) -> Message:
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
        return msg(
            "No mast up to {tallest_m:.0f} m clears this path: look for another site, or for a place for a relay.",
            tallest_m=tallest,
        )
    said = ways[0]
    for way in ways[1:]:
        said = msg("{first}, or {second}", first=said, second=way)
    return msg("Raise {ways}.", ways=said)


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
