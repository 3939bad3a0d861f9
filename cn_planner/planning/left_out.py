"""Why homes are left out of a plan: as the planner said it, kept with the plan, for all who are asked afterwards.

What no plan can carry, what the clock cut short and whom the channels silence is seen in no plan. Where a plan was
changed since, that is not known any more, and only what the plan itself shows is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.planning.basis import basis_of

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.left_out import LeftOut
    from cn_planner.model.plan import Plan


def reasons_kept(plan: Plan) -> dict[str, LeftOut]:
    """Return why homes are left out, by id; empty where the plan was changed since it was made, or does not say it."""
    outcome = plan.outcome
    if outcome is None or not outcome.left_out or outcome.basis != basis_of(plan):
        return {}
    return {key: one for one in outcome.left_out for key in one.homes if key in plan.households}


def silenced(plan: Plan) -> dict[str, Message]:
    """Return what helps the homes that the channels of a plan silence: what its towers could do for them does not."""
    return {key: one.fix for key, one in reasons_kept(plan).items() if one.fix is not None}
