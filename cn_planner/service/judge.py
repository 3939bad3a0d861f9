"""The one rule: does a path give a home what it asks for, and if not, why not; and what a home is to the network.

Three words for three things. A home is *seen* where the path from a tower works. It *could join* where such a tower is
on the network and has room for it. It is *connected* where the tower that the plan gives it sees it and is on the
network, and something is left for it on the channels that the plan has.

Whatever asks whether a home is served asks here, with what the budget of a path says: one path or an array of them, at
the height that stands or at every other.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.budget import BudgetArrays
from cn_planner.links.count_range import careful_chance
from cn_planner.links.radio import direction
from cn_planner.links.verdict import VERDICTS, Verdict

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.plan import Plan, Rules

_TOUCH_F1 = 1e-9
"""As `links.verdict` has it: rounding does not count."""


class Why(IntEnum):
    """Why a home is not connected; of several the first. Arrays hold the numbers."""

    NOTHING = 0
    """It works."""
    NO_TOWER = 1
    """No tower of the network is near enough."""
    NO_MAST = 2
    """The tower that the plan gives it has no mast."""
    FAR = 3
    """The tower is further away than any that may serve."""
    NO_BEAM = 4
    """No sector of the tower points at it."""
    NO_DATA = 5
    BLOCKED = 6
    CHECK = 7
    """It must be looked at on site, and the rules do not count that."""
    MARGIN = 8
    """The weaker direction has less to spare than the rules ask for."""
    SLOW = 9
    """The rate to it is less than a home should reach."""
    UNPLANNED = 10
    """A tower could take it; the plan leaves it out."""
    CUT_OFF = 11
    """The tower hangs on no gateway."""
    FULL = 12
    """The sector has not the airtime for it."""
    UNSURE = 13
    """It works as predicted, and not at the careful end of what predictions are off by in common (`certainty_pct`)."""
    UNHEARD = 14
    """Nothing is left for it on the channels that the plan has: its radios disturb each other."""


class Standing(IntEnum):
    """What a home is to the network; each holds what is below it. Arrays hold the numbers."""

    UNSEEN = 0
    SEEN = 1
    """The path from a tower works."""
    COULD_JOIN = 2
    """And a tower from which it works hangs on a gateway and has room for it."""
    CONNECTED = 3
    """The plan serves it: from its own tower, which hangs on a gateway, the path works, on the plan's channels."""


class JudgedFigures(NamedTuple):
    """What a path is judged by; any shapes that go together. Those of a `BudgetArrays`, or of one `LinkBudget`.

    Attributes
    ----------
    verdict : int8 array
        Index of `VERDICTS`.
    margin_db : float64 array
        Of the weaker direction, in the mode that is counted on: where that has less than the rules ask for, none has.
    rate_down_mbps : float64 array
        To the home, with the margin that the rules ask for.
    """

    verdict: ArrayLike
    margin_db: ArrayLike
    rate_down_mbps: ArrayLike


def why_unserved(
    plan: Plan,
    budget: JudgedFigures | BudgetArrays,
    wanted_mbps: ArrayLike | None = None,
    *,
    near: ArrayLike = True,
    in_beam: ArrayLike = True,
) -> NDArray[np.int8]:
    """Return why paths serve no home, as numbers of `Why`: `NOTHING` where they do.

    Parameters
    ----------
    plan : Plan
        What it asks for: `rules.serve_on_check`, `rules.access_margin_db`, `rules.certainty_pct` (of whole budgets
        alone).
    budget : JudgedFigures or BudgetArrays
        Of the paths; NaN where terrain is missing.
    wanted_mbps : array_like, optional
        The rate that each home should reach (`model.clients.wanted_mbps`); `demand.mbps_per_home` where not given.
    near : array_like of bool
        Whether the place is within reach of the tower: `within_range.access_km`.
    in_beam : array_like of bool
        Whether it is within a beam of the tower.

    Notes
    -----
    A home at the mast itself needs no path: do not ask.
    """
    rules = plan.rules
    of_verdict = np.zeros(len(VERDICTS), np.int8)
    of_verdict[VERDICTS.index(Verdict.NO_DATA)] = Why.NO_DATA
    of_verdict[VERDICTS.index(Verdict.BLOCKED)] = Why.BLOCKED
    of_verdict[VERDICTS.index(Verdict.CHECK_ON_SITE)] = Why.NOTHING if rules.serve_on_check else Why.CHECK
    # NaN compares false: what is not known is not enough.
    wanted = plan.demand.mbps_per_home if wanted_mbps is None else wanted_mbps
    slow = ~(np.asarray(budget.rate_down_mbps) >= wanted)
    weak = ~(np.asarray(budget.margin_db) >= rules.access_margin_db)
    found = np.where(weak, np.int8(Why.MARGIN), np.where(slow, np.int8(Why.SLOW), np.int8(Why.NOTHING)))
    if rules.certainty_pct > AS_PREDICTED_PCT and isinstance(budget, BudgetArrays):
        least = rules.blocked_probability if rules.serve_on_check else rules.likely_probability
        found = np.where((found == Why.NOTHING) & ~_sure(rules, budget, least), np.int8(Why.UNSURE), found)
    by_verdict = of_verdict[np.asarray(budget.verdict)]
    found = np.where(by_verdict != Why.NOTHING, by_verdict, found)
    found = np.where(np.asarray(in_beam), found, np.int8(Why.NO_BEAM))
    return np.where(np.asarray(near), found, np.int8(Why.FAR)).astype(np.int8)


AS_PREDICTED_PCT = 50.0
"""So certain are predictions as they stand: as many places are better as worse."""


def _sure(rules: Rules, budget: BudgetArrays, least: float) -> NDArray[np.bool_]:
    """Return which paths are so probable at the careful end of what all have in common."""
    return careful_chance(budget.fallback_db, budget.sight, rules.certainty_pct, budget.model) >= least


def serves(
    plan: Plan,
    budget: JudgedFigures | BudgetArrays,
    wanted_mbps: ArrayLike | None = None,
    *,
    near: ArrayLike = True,
    in_beam: ArrayLike = True,
) -> NDArray[np.bool_]:
    """Return whether paths serve a home: `why_unserved` has no reason."""
    found: NDArray[np.bool_] = why_unserved(plan, budget, wanted_mbps, near=near, in_beam=in_beam) == Why.NOTHING
    return found


def standing(seen: ArrayLike, online: ArrayLike, room: ArrayLike, planned: ArrayLike) -> NDArray[np.int8]:
    """Return what homes are to the network by one tower each, as numbers of `Standing`.

    Parameters
    ----------
    seen : array_like of bool
        Whether the path works: `serves`.
    online : array_like of bool
        Whether the tower hangs on a gateway (`joined.hops`).
    room : array_like of bool
        Whether its sector has the airtime (`room.room_for`); nobody asks that of a home that it serves.
    planned : array_like of bool
        Whether the plan gives the home this tower.
    """
    seen, online, room, planned = (np.asarray(one, np.bool_) for one in (seen, online, room, planned))
    found = np.where(room | planned, np.int8(Standing.COULD_JOIN), np.int8(Standing.SEEN))
    found = np.where(online, np.where(planned, np.int8(Standing.CONNECTED), found), np.int8(Standing.SEEN))
    return np.where(seen, found, np.int8(Standing.UNSEEN)).astype(np.int8)


def least_clearance_f1(plan: Plan) -> float:
    """Return the clearance, in first Fresnel radii, below which no path serves a home, whatever it loses."""
    return -math.inf if plan.rules.serve_on_check else plan.rules.clearance_f1 - _TOUCH_F1


def most_loss_db(plan: Plan, tower: RadioEnd, home: RadioEnd) -> float:
    """Return the most that a path may lose and still have the margin and the rate of the rule; -inf where none may.

    The verdict is not in it: how clear the path is decides that too.
    """
    if not (tower.allowed and home.allowed):
        return -math.inf
    return min(_fast_loss_db(tower, home, plan.demand.mbps_per_home), works_loss_db(tower, home)) - (
        plan.rules.access_margin_db
    )


def in_want_of(
    plan: Plan, verdict: ArrayLike, clearance_f1: ArrayLike, loss_db: ArrayLike, free_db: ArrayLike, most_db: float
) -> NDArray[np.int8]:
    """Return what paths that serve nobody are in want of, as numbers of `Why`.

    `CHECK` where nothing but a look on site is, `UNSURE` where nothing but certainty is; `BLOCKED` where the same way,
    were it clear, would do: ground or trees take the signal; else `MARGIN`: it is too weak however clear the way is.

    Parameters
    ----------
    plan : Plan
        Its rules.
    verdict, clearance_f1, loss_db : array_like
        Of the paths: index of `VERDICTS`, first Fresnel radii, dB.
    free_db : array_like
        What they would lose in free space.
    most_db : float
        The most that they may lose: `most_loss_db`.
    """
    rules, enough, said = plan.rules, np.asarray(loss_db) <= most_db, np.asarray(verdict)
    look = enough & (said == VERDICTS.index(Verdict.CHECK_ON_SITE)) & (not rules.serve_on_check)
    unsure = enough & (said >= VERDICTS.index(Verdict.CHECK_ON_SITE)) & (rules.certainty_pct > AS_PREDICTED_PCT)
    hidden = np.asarray(clearance_f1) < rules.clearance_f1 - _TOUCH_F1
    hidden |= enough & (said == VERDICTS.index(Verdict.BLOCKED))
    blocked = (np.asarray(free_db) <= most_db) & hidden
    found = np.where(unsure, Why.UNSURE, np.where(blocked, Why.BLOCKED, Why.MARGIN))
    return np.where(look, Why.CHECK, found).astype(np.int8)


def _fast_loss_db(here: RadioEnd, there: RadioEnd, mbps: float) -> float:
    """Return the loss that leaves no margin in the modes of a direction that give such a rate; -inf where none does."""
    one_way = direction(here, there)
    fast = one_way.rate_mbps >= mbps
    return float((one_way.level_dbm - one_way.sensitivity_dbm)[fast].max(initial=-math.inf))


def most_link_loss_db(plan: Plan, end: RadioEnd) -> float:
    """Return the most that a link between towers may lose and keep its margin and carry a home; -inf where none may.

    A link that carries less even without loss carries what it can.
    """
    if not end.allowed:
        return -math.inf
    mbps = min(plan.demand.mbps_per_home, float(direction(end, end).rate_mbps.max()))
    return min(_fast_loss_db(end, end, mbps), works_loss_db(end, end)) - plan.rules.backhaul_margin_db


def works_loss_db(tower: RadioEnd, home: RadioEnd) -> float:
    """Return the loss that leaves the weaker direction no margin; -inf where no power is legal."""
    if not (tower.allowed and home.allowed):
        return -math.inf
    both = direction(tower, home), direction(home, tower)
    return min(float(one.level_dbm[one.robust] - one.sensitivity_dbm[one.robust]) for one in both)


def link_is_good(budget: BudgetArrays, rules: Rules) -> NDArray[np.bool_]:
    """Return whether paths between towers are likely, with the margin of links: nobody builds a mast on less.

    The margin is the reserve that the budgets were asked with: a mode holds it, or the margin is less. Where the rules
    ask for certainty, a link has to be likely at the careful end too, as a home's path has.
    """
    good: NDArray[np.bool_] = budget.verdict == VERDICTS.index(Verdict.LIKELY)
    good &= budget.margin_db >= rules.backhaul_margin_db
    if rules.certainty_pct > AS_PREDICTED_PCT:
        good &= _sure(rules, budget, rules.likely_probability)
    return good
