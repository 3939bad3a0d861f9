"""The comparison of cost against homes, written down in the plan so that papers show a smaller and a larger network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.purpose import KeptChoice, KeptChoices
from cn_planner.planning.phases import phases
from cn_planner.planning.result import inputs_of

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.planning.tradeoff import Tradeoff


def keep_choices(plan: Plan, catalogue: Catalogue, curve: Tradeoff) -> Edit:
    """Return the edit that writes a comparison down in the plan that it was made of.

    Raises
    ------
    InputError
        Where no plan was found.
    """
    if not curve.points:
        raise InputError(msg("No plan was found."), fix=msg("Add places for towers, or a gateway."))
    rows = []
    for point in curve.points:
        edit = point.design.edit
        steps = () if edit is None else phases(edit.plan, catalogue)
        months = len(steps) * plan.costs.phase_months
        rows.append(KeptChoice(point.served, point.sites, point.capex, point.design.month, months))
    kept = KeptChoices(tuple(rows), inputs_of(plan))
    return Edit(msg("keep the comparison of cost against homes"), replace(plan, choices=kept))
