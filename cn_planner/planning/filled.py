"""Homes that a network found would serve with little more than their own equipment, and that the search left out.

A search that ends on its clock, or whose channels silence a part of what was planned, may leave homes out that hear a
tower of its plan while fewer are served than were asked for, or while money is left. Each is looked at as the list of
homes does (`planning.fixes`), in the plan with those before it, on its channels: nobody loses by it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import CancelledError, InputError
from cn_planner.model import edits
from cn_planner.model.clients import who_refuse
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Priority
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.result import basis_of
from cn_planner.planning.standing import rows_of_design
from cn_planner.planning.way_room import rates_on_channels

if TYPE_CHECKING:
    from cn_planner.coverage.kept import Store
    from cn_planner.model.plan import Outcome, Plan
    from cn_planner.planning.fix_found import Fix
    from cn_planner.planning.result import Design
    from cn_planner.progress import Run
    from cn_planner.study import Study

_AS_IT_STANDS = frozenset({FixKind.CONNECT, FixKind.TURN, FixKind.SECTOR})
"""What is done for a share of the homes: it adds no mast. For a budget all that the money does for."""
_MOST_LEFT = 400
"""So many homes are looked at, the most urgent first."""
_ROUNDS = 3


def filled(found: Design, study: Study, goal: float, *, store: tuple[Store, str], run: Run) -> Design:
    """Return a design with homes that are left out and that its network would serve, as many as are asked for.

    What is proven of it is not told anew.

    Parameters
    ----------
    found : Design
        On its own channels.
    study : Study
        With the plan that was searched.
    goal : float
        The weight of homes that is asked for; infinite where as many as the money does for.
    store : (Store, str)
        As for `HeldOnAir`.
    run : Run
        A cancel, or the end of its time, keeps what was done until then.
    """
    plan = None if found.edit is None else found.edit.plan
    if plan is None or plan.outcome is None or found.served >= goal - 1e-9:
        return found
    if plan.rules.hold_share > 0.0:  # who is added may not hold among the trees
        return found
    stood, was, filling = plan, plan.outcome, _Filling(found, study, store, run)
    try:
        for _ in range(_ROUNDS):
            more = filling.round(plan, goal)
            if more is plan:
                break
            plan = more
    except CancelledError:
        plan = filling.plan
    return found if plan is stood else _told(found, plan, study, was)


class _Filling:
    """One plan that is filled; `plan` is how far it has come."""

    def __init__(self, found: Design, study: Study, store: tuple[Store, str], run: Run) -> None:
        self._found, self._study, self._store, self._run = found, study, store, run
        self._silent = {one.id for one in found.unserved if one.kind is UnservedKind.SILENT}
        self._may = frozenset(FixKind) if found.budget is not None else _AS_IT_STANDS

    def round(self, plan: Plan, goal: float) -> Plan:
        """Return a plan with homes more; itself where none is found.

        Raises
        ------
        CancelledError
            Where the time is over; `plan` has what was found.
        """
        self.plan = plan
        settled = {*who_refuse(plan), *self._silent}
        left = [one for one in plan.households.values() if one.server is None and one.id not in settled]
        left.sort(key=lambda one: (one.priority is not Priority.MUST, -one.weight, one.id))
        keys = [one.id for one in left if one.weight > 0.0][:_MOST_LEFT]
        first = self._fixes(plan, keys)
        must = {one.id for one in left if one.priority is Priority.MUST}
        for fix in sorted(first, key=lambda one: self._order(one, must)):
            if _weight(self.plan) >= goal - 1e-9:
                break
            room = self._room(self.plan)
            if fix.cost > room + 1e-6:
                continue
            now = [fix] if self.plan is plan else self._fixes(self.plan, [fix.home])
            if now and now[0].cost <= room + 1e-6:
                self.plan = replace(edits.put(self.plan, now[0].rows).plan, outcome=plan.outcome)
        return self.plan

    def _order(self, fix: Fix, must: set[str]) -> tuple[bool, float, str]:
        weight = self.plan.households[fix.home].weight
        return fix.home not in must, fix.cost / weight, fix.home

    def _fixes(self, plan: Plan, keys: list[str]) -> list[Fix]:
        """Return the cheapest fix of each home that has one of a kind that may be."""
        self._run.check()
        study = replace(self._study, plan=replace(plan, outcome=None))
        on_air = HeldOnAir(study, store=self._store, run=self._run)
        try:
            carried = rates_on_channels(study, run=self._run)
            found = home_fixes(
                study, keys, only_cheapest=True, on_channels=carried, on_air=on_air, run=self._run
            )  # fmt: skip
        except InputError:  # the check of the plan says so
            return []
        return [one.fixes[0] for one in found.values() if one.fixes and self._is_right(one.fixes[0])]

    def _is_right(self, fix: Fix) -> bool:
        """Return whether a fix is of a kind that may be; a tower that must have two ways it would give one."""
        site = self._study.plan.sites.get(fix.site)
        one_way = fix.kind is FixKind.TOWER and site is not None and site.two_ways
        return fix.kind in self._may and not fix.unpriced and not one_way

    def _room(self, plan: Plan) -> float:
        """Return the money that is left, without end where there is no budget."""
        if self._found.budget is None:
            return math.inf
        return self._found.budget - capital(plan, self._study.catalogue).total.total


def _weight(plan: Plan) -> float:
    return math.fsum(one.weight for one in plan.households.values() if one.server is not None)


def _told(found: Design, plan: Plan, study: Study, was: Outcome) -> Design:
    """Return the design of a plan that was filled; what is proven of it is told by who looks for its bound."""
    catalogue = study.catalogue
    served, capex = _weight(plan), capital(plan, catalogue).total.total
    plan = replace(plan, outcome=replace(was, served=served, capex=capex, basis=basis_of(plan)))
    sites, links = rows_of_design(plan)
    added = {key for key, one in plan.households.items() if one.server is not None}
    return replace(
        found, edit=None if found.edit is None else Edit(found.edit.label, plan), served=served, capex=capex,
        running=found.runs_for(plan, catalogue, capex), month=monthly_cost(plan, catalogue, capex).total,
        sites=sites, links=links, unserved=tuple(one for one in found.unserved if one.id not in added),
    )  # fmt: skip
