"""The same path by three models: what P.526, P.1812 and ITM say, and why where they differ.

All three are asked for the median of time and places, so that what is left between them is what they make of the
ground. The reasons are read off their own intermediates: mechanisms, horizons, clearance, irregularity of the terrain.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.links.conditions import Conditions
from cn_planner.links.losses import amsl, predicted
from cn_planner.links.register import Prediction, model_of
from cn_planner.message import Message, msg
from cn_planner.model.propagation_models import ITM, P526, P1812
from cn_planner.propagation.clearance import path_clearance

if TYPE_CHECKING:
    from cn_planner.terrain.profile import PathProfile

DIFFER_DB = 6.0
"""Models that are further apart than this are said to differ: half the error that each has on an obstructed path."""
COMPARED = (P526, P1812, ITM)

_LINE_OF_SIGHT, _DIFFRACTION, _TROPOSCATTER = 1, 2, 3
_PART_DB = 3.0
"""A cause that is worth this much is named."""
_BARELY_CLEAR_F1 = 1.5
_K_DIFFERS = 0.1


class Opinion(NamedTuple):
    """What one model says of a path.

    Attributes
    ----------
    model : str
    loss_db : float or None
        Basic transmission loss in the median; None where the model does not hold for the path.
    why_not : Message or None
        Why it does not hold.
    """

    model: str
    loss_db: float | None
    why_not: Message | None = None


class ModelComparison(NamedTuple):
    """What the models say of a path, side by side.

    Attributes
    ----------
    opinions : tuple of Opinion
        One a model of `COMPARED`, in that order.
    spread_db : float
        Between the highest and the lowest loss; 0 where fewer than two models hold.
    reasons : tuple of Message
        Why they differ; empty where they do not.
    """

    opinions: tuple[Opinion, ...]
    spread_db: float
    reasons: tuple[Message, ...]

    @property
    def differ(self) -> bool:
        """Whether the models are more than `DIFFER_DB` apart."""
        return self.spread_db > DIFFER_DB

    @property
    def said(self) -> tuple[Message, ...]:
        """That the models differ, and why; nothing where they agree."""
        if not self.differ:
            return ()
        losses = [msg("{model} {loss_db:.0f} dB", model=model_of(one.model).name, loss_db=one.loss_db)
                  for one in self.opinions if one.loss_db is not None]  # fmt: skip
        words = losses[0]
        for more in losses[1:]:
            words = msg("{first}, {second}", first=words, second=more)
        return (
            msg("The models differ by {spread_db:.0f} dB: {losses}.", spread_db=self.spread_db, losses=words),
            *self.reasons,
        )


class _Facts(NamedTuple):
    """What the reasons are read from."""

    length_m: float
    clear_f1: float
    k_factor: float
    found: dict[str, Prediction]

    def loss(self, model: str) -> float:
        return self.found[model].losses.total_db or 0.0

    @property
    def trees_db(self) -> float:
        return self.found[P526].losses.vegetation_db or 0.0


def compare_models(
    profile: PathProfile,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    pol: str = "V",
    conditions: Conditions | None = None,
) -> ModelComparison:
    """Return what P.526, P.1812 and ITM say of a path, in plain Python: no compiler is loaded.

    Parameters
    ----------
    profile : PathProfile
        The ground with what stands on it; no height may be missing.
    height_a_m, height_b_m : float
        Antennas above ground, m.
    freq_mhz : float
        Frequency, MHz.
    pol : {"V", "H"}
        Polarisation.
    conditions : Conditions, optional
        The air. Percentages and model are not looked at.
    """
    air = replace(conditions or Conditions(), time_pct=50.0, location_pct=50.0)
    heights = height_a_m, height_b_m
    found: dict[str, Prediction] = {}
    opinions = []
    for model in COMPARED:
        try:
            found[model] = predicted(profile, heights, freq_mhz, pol, replace(air, model=model))
        except InputError as problem:
            opinions.append(Opinion(model, None, problem.what))
        else:
            opinions.append(Opinion(model, found[model].losses.total_db))
    losses = [one.loss_db for one in opinions if one.loss_db is not None]
    spread = max(losses) - min(losses) if losses else 0.0
    if not spread > DIFFER_DB:
        return ModelComparison(tuple(opinions), spread, ())
    # The bare ground: what the trees do is told apart.
    clear = path_clearance(
        profile.distance_m, profile.ground_m, *amsl(profile, heights), freq_mhz, air.k_factor
    ).clearance_f1
    return ModelComparison(tuple(opinions), spread, _reasons(_Facts(profile.length_m, clear, air.k_factor, found)))


def _reasons(facts: _Facts) -> tuple[Message, ...]:
    said: list[Message] = []
    if ITM in facts.found and P526 in facts.found:
        said += _itm_beside_p526(facts)
    if P1812 in facts.found and P526 in facts.found:
        said += _p1812_beside_p526(facts)
    return tuple(dict.fromkeys(said))


def _itm_beside_p526(facts: _Facts) -> list[Message]:
    itm, over = facts.found[ITM].detail, facts.loss(ITM) - facts.loss(P526)
    if itm is None or abs(over) <= DIFFER_DB:
        return []
    said: list[Message] = []
    if facts.trees_db > _PART_DB and over < 0.0:
        said.append(
            msg(
                "P.526 counts {trees_db:.0f} dB for trees and buildings on the path; ITM sees bare ground.",
                trees_db=facts.trees_db,
            )
        )
        over += facts.trees_db
        if abs(over) <= DIFFER_DB:
            return said
    if itm.mode != _LINE_OF_SIGHT and itm.a_ref_db == 0.0:
        said.append(msg("ITM's formulas have no value for this path, and it falls back on free space."))
    elif over > 0.0:
        said.append(_why_itm_is_gloomier(facts, itm.mode, itm.delta_h_m, itm.d_hzn_a_m, itm.d_hzn_b_m))
    elif itm.mode == _TROPOSCATTER:
        said.append(
            msg("Beyond the horizon ITM counts what the air scatters over the hills; P.526 counts diffraction alone.")
        )
    elif itm.mode == _DIFFRACTION:
        said.append(
            msg(
                "ITM takes the hills for a mean of sharp edges and a round earth, over ground that is irregular by "
                "{delta_h_m:.0f} m; P.526 puts one edge where the lines over the hills cross.",
                delta_h_m=itm.delta_h_m,
            )
        )
    elif facts.clear_f1 < 0.0:
        said.append(
            msg(
                "A hill stands in the line of sight, but the horizons of a smooth earth lie beyond it: ITM takes the "
                "path for one in sight, with a part of what diffraction would cost; P.526 bends the ray over this very "
                "hill."
            )
        )
    elif math.isfinite(facts.clear_f1):  # else no ground lies between the ends
        said.append(
            msg(
                "ITM takes the path for one in sight; P.526 counts the ground that leaves only {f1:.1f} of the first "
                "Fresnel radius clear.",
                f1=facts.clear_f1,
            )
        )
    return said


def _why_itm_is_gloomier(facts: _Facts, mode: int, delta_h_m: float, horizon_a_m: float, horizon_b_m: float) -> Message:
    if mode == _LINE_OF_SIGHT and facts.clear_f1 < 0.0:
        return msg(
            "A hill stands in the line of sight, but nearer than the horizons of a smooth earth. There ITM does not "
            "follow the profile: it draws a curve up to its diffraction at those horizons, over ground that is "
            "irregular by {delta_h_m:.0f} m. P.526 bends the ray over this very hill.",
            delta_h_m=delta_h_m,
        )
    if mode == _LINE_OF_SIGHT and facts.clear_f1 < _BARELY_CLEAR_F1:
        return msg(
            "The path just clears the ground, by {f1:.1f} of the first Fresnel radius. There ITM does not follow the "
            "profile: it draws a curve up to its diffraction at the horizons of a smooth earth, over ground that is "
            "irregular by {delta_h_m:.0f} m. P.526 counts the one point that comes nearest. Look on site.",
            f1=facts.clear_f1,
            delta_h_m=delta_h_m,
        )
    if mode == _LINE_OF_SIGHT:
        return msg(
            "Although the path is clear, ITM adds what the ground reflects, and a part of its diffraction over ground "
            "that is irregular by {delta_h_m:.0f} m. P.526 adds nothing to a clear path.",
            delta_h_m=delta_h_m,
        )
    between_m = facts.length_m - horizon_a_m - horizon_b_m
    if between_m > 0.0:
        return msg(
            "ITM puts an edge at each of two horizons, {between_km:.1f} km apart, and rough ground between them; P.526 "
            "puts one edge where the lines over the hills cross.",
            between_km=between_m / 1000.0,
        )
    return msg(
        "ITM takes this path for one beyond the horizon, and adds edge, round earth and rough ground (irregular by "
        "{delta_h_m:.0f} m); P.526 bends over the one hill that stands highest.",
        delta_h_m=delta_h_m,
    )


def _p1812_beside_p526(facts: _Facts) -> list[Message]:
    p1812, over = facts.found[P1812].detail, facts.loss(P1812) - facts.loss(P526)
    if p1812 is None or abs(over) <= DIFFER_DB:
        return []
    steps, k_there = p1812.steps, p1812.path.earth_radius_km / 6371.0
    said: list[Message] = []
    if over < 0.0 and steps.lbd50 - steps.lbc > _PART_DB:
        if steps.lbs < steps.lbam:
            said.append(
                msg("P.1812 counts what the air scatters over the hills as well; P.526 counts diffraction alone.")
            )
        else:
            said.append(msg("P.1812 lets ducts and layers of the air carry a part; P.526 counts diffraction alone."))
    if abs(k_there - facts.k_factor) > _K_DIFFERS:
        said.append(
            msg(
                "P.526 bends the ray by a k of {k:.2f}, P.1812 by one of {k_there:.2f}, from the air's refractivity.",
                k=facts.k_factor,
                k_there=k_there,
            )
        )
    if not said:
        said.append(
            msg(
                "P.1812 takes its smooth earth and its air from averages over the path; P.526 takes one median k of "
                "{k:.2f}.",
                k=facts.k_factor,
            )
        )
    return said
