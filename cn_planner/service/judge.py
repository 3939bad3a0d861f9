"""The rule: does a path give a home what it asks for, by its verdict, its margin and its rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.links.verdict import VERDICTS, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.links.budget import BudgetArrays
    from cn_planner.model.plan import Plan


def good(plan: Plan, budget: BudgetArrays, margin_db: float, *, on_check: bool) -> NDArray[np.bool_]:
    """Return whether paths are likely, or to be checked where the plan allows that, with such a margin."""
    fine: NDArray[np.bool_] = budget.verdict == VERDICTS.index(Verdict.LIKELY)
    if on_check and plan.rules.serve_on_check:
        fine = fine | (budget.verdict == VERDICTS.index(Verdict.CHECK_ON_SITE))
    enough: NDArray[np.bool_] = budget.margin_db >= margin_db
    return fine & enough


def serves(plan: Plan, budget: BudgetArrays) -> NDArray[np.bool_]:
    """Return whether a path serves a home: its verdict, its margin, and the rate down that a home asks for."""
    fast: NDArray[np.bool_] = budget.rate_down_mbps >= plan.demand.mbps_per_home
    return good(plan, budget, plan.rules.access_margin_db, on_check=True) & fast
