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
from cn_planner.model.clients import is_place, who_refuse
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Priority
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.result import basis_of
from cn_planner.planning.shortfall import must_missed
from cn_planner.planning.standing import rows_of_design
from cn_planner.planning.way_room import rates_on_channels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.coverage.kept import Store
    from cn_planner.model.plan import Outcome, Plan
    from cn_planner.planning.fix_found import Fix
    from cn_planner.planning.result import Design
    from cn_planner.progress import Run
    from cn_planner.study import Study

_AS_IT_STANDS = frozenset({FixKind.CONNECT, FixKind.TURN, FixKind.SECTOR})
"""What is done for a share of the homes, and first of all: it adds no mast."""
_WITH_MONEY = frozenset(FixKind) - {FixKind.POLE}
"""What is done then for a budget: a pole at a house is that house's own decision, and no bound counts whom it reaches.
"""
_MOST_LEFT, _AT_ONCE = 400, 20
"""So many homes are looked at, the most urgent first; and so many at once, as a clock may end it there."""
_ROUNDS, _ALL_EARS = 3, 10**9


def filled(found: Design, study: Study, goal: float, *, store: tuple[Store, str], run: Run) -> tuple[Design, bool]:
    """Return a design with homes that are left out and that its network would serve, and whether that was cut short.

    Parameters
    ----------
    found : Design
        On its own channels. What is proven of it is not told anew.
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
        return found, False
    if plan.rules.hold_share > 0.0:  # who is added may not hold among the trees
        return found, False
    filling, cut = _Filling(found, plan, study, goal, store, run), False
    try:
        for kinds in (_AS_IT_STANDS, _WITH_MONEY) if found.budget is not None else (_AS_IT_STANDS,):
            for _ in range(_ROUNDS):
                before = filling.plan
                filling.round(kinds)
                if filling.plan is before:
                    break
    except CancelledError:
        cut = True
    return (found if filling.plan is plan else _told(found, filling.plan, study, plan.outcome)), cut


class _Filling:
    """One plan that is filled; `plan` is how far it has come."""

    def __init__(
        self, found: Design, plan: Plan, study: Study, goal: float, store: tuple[Store, str], run: Run
    ) -> None:
        self.plan, self._outcome = plan, plan.outcome
        self._carried: Mapping[str, float] | None = None
        self._budget, self._study, self._goal, self._store, self._run = found.budget, study, goal, store, run
        self._settled = {*who_refuse(plan), *(one.id for one in found.unserved if one.kind is UnservedKind.SILENT)}

    def round(self, kinds: frozenset[FixKind]) -> None:
        """Add homes by what is of some kinds, some at a time, those first that must be reached.

        Raises
        ------
        CancelledError
            Where the time is over; `plan` has what was done.
        """
        left = [one for one in self.plan.households.values() if one.server is None and one.id not in self._settled]
        left.sort(key=lambda one: (one.priority is not Priority.MUST, -one.weight, one.id))
        keys = [one.id for one in left if one.weight > 0.0][:_MOST_LEFT]
        for start in range(0, len(keys), _AT_ONCE):
            # Which come first; whether each holds on the channels is asked in the plan with those before it.
            likely = self._fixes(keys[start : start + _AT_ONCE], kinds, on_air=None)
            for fix in sorted(likely, key=self._order):
                if _weight(self.plan) >= self._goal - 1e-9:
                    return
                if fix.cost <= self._room() + 1e-6:
                    self._add(fix.home, kinds)

    def _add(self, home: str, kinds: frozenset[FixKind]) -> None:
        study = replace(self._study, plan=replace(self.plan, outcome=None))
        on_air = HeldOnAir(study, store=self._store, most_ears=_ALL_EARS, run=self._run)
        if not on_air.known():  # then nobody could say whom it disturbs
            return
        for fix in self._fixes([home], kinds, on_air=on_air):
            if fix.cost <= self._room() + 1e-6:
                self.plan = replace(edits.put(self.plan, fix.rows).plan, outcome=self._outcome)
                self._carried = None

    def _order(self, fix: Fix) -> tuple[bool, float, str]:
        home = self.plan.households[fix.home]
        return home.priority is not Priority.MUST, fix.cost / home.weight, fix.home

    def _fixes(self, keys: list[str], kinds: frozenset[FixKind], *, on_air: HeldOnAir | None) -> list[Fix]:
        """Return for each home that has one the cheapest fix of some kinds."""
        self._run.check()
        study = replace(self._study, plan=replace(self.plan, outcome=None))
        try:
            if self._carried is None:
                self._carried = rates_on_channels(study, run=self._run)
            found = home_fixes(
                study, keys, only_cheapest=True, kinds=kinds, on_channels=self._carried, on_air=on_air, down=(),
                run=self._run,
            )  # fmt: skip
        except InputError:  # the check of the plan says so
            return []
        return [one.fixes[0] for one in found.values() if one.fixes and self._is_right(one.fixes[0])]

    def _is_right(self, fix: Fix) -> bool:
        """Return whether a fix has all its prices; a tower that must have two ways it would give one."""
        site = self._study.plan.sites.get(fix.site)
        return not fix.unpriced and not (fix.kind is FixKind.TOWER and site is not None and site.two_ways)

    def _room(self) -> float:
        """Return the money that is left, without end where there is no budget."""
        return (
            math.inf if self._budget is None else self._budget - capital(self.plan, self._study.catalogue).total.total
        )


def _weight(plan: Plan) -> float:
    return math.fsum(one.weight for one in plan.households.values() if one.server is not None)


def _told(found: Design, plan: Plan, study: Study, was: Outcome) -> Design:
    """Return the design of a plan that was filled; what is proven of it is told by who looks for its bound."""
    catalogue = study.catalogue
    served, capex = _weight(plan), capital(plan, catalogue).total.total
    plan = replace(plan, outcome=replace(was, served=served, capex=capex, basis=basis_of(plan)))
    sites, links = rows_of_design(plan)
    # What is known of links and paths that stay is not forgotten; of the others it is told later.
    known = {(one.from_id, one.to_id, one.kind, one.from_height_m, one.to_height_m): one for one in found.links}
    links = tuple(
        known.get((one.from_id, one.to_id, one.kind, one.from_height_m, one.to_height_m), one) for one in links
    )
    added = {key for key, one in plan.households.items() if one.server is not None}
    missed = [
        key for key, one in plan.households.items()
        if one.priority is Priority.MUST and one.server is None and not is_place(key)
    ]  # fmt: skip
    notes = [one for one in found.notes if one.key != must_missed(missed).key]
    if missed and len(notes) < len(found.notes):
        notes.append(must_missed(missed))
    return replace(
        found, edit=None if found.edit is None else Edit(found.edit.label, plan), served=served, capex=capex,
        running=found.runs_for(plan, catalogue, capex), month=monthly_cost(plan, catalogue, capex).total,
        sites=sites, links=links, homes_range=None, hold_curve=(), notes=tuple(notes),
        unserved=tuple(one for one in found.unserved if one.id not in added),
    )  # fmt: skip
