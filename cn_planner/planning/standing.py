"""The plan that stands beside one that was searched for: what a short clock finds is no reason to give up a better one.

What stands is held against it where it is as the planner left it (`result.as_planned`) under the same rules: it then
keeps them, as it did when it was made. What was made or changed by hand since is judged first by the rules of today
(`by_hand`). It serves as many of the homes that are asked for and costs no more, or it goes.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import CancelledError
from cn_planner.geo import geodesic
from cn_planner.message import msg
from cn_planner.model.clients import clients, is_place, place_of, roof_height_m
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.by_hand import as_if_planned
from cn_planner.planning.design import plan_notes
from cn_planner.planning.explain import Unserved
from cn_planner.planning.left_out import reasons_kept
from cn_planner.planning.public_places import without_chosen
from cn_planner.planning.result import CUT_SHORT, OPTIMAL_GAP, DesignLink, DesignSite, as_planned, basis_of, order_of
from cn_planner.planning.shortfall import NOT_KNOWN
from cn_planner.planning.tree_outlook import short_of_hold
from cn_planner.progress import ALONE, Run
from cn_planner.service.homes import service
from cn_planner.solver.instance import StoppedBy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.plan import Outcome, Plan
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design

KEPT = msg("The search found nothing better than the plan that stands: it is kept.")


def no_worse(found: Design, stands: Plan, problem: PlanningProblem, goal: float, *, run: Run = ALONE) -> Design:
    """Return a design, or the plan that stands where the search found nothing better.

    Where it found the same network, that is one of which more may be proven already.

    Parameters
    ----------
    found : Design
        Without hotspots on towers, its public places told apart.
    stands : Plan
    problem : PlanningProblem
        What was searched.
    goal : float
        The weight of homes and public places that is asked for; infinite where as many as the money does for.
    run : Run
        Where what was changed by hand is judged; a cancel leaves what was found.
    """
    catalogue = problem.study.catalogue
    proven = None if found.edit is None else found.edit.plan.outcome
    if found.edit is None or proven is None:
        return found
    # What is to be least decides nothing of what may be built: a plan of another aim is held to that of today.
    asked = found.edit.plan.rules
    if replace(stands.rules, objective=asked.objective) != asked:
        return found
    stands = replace(stands, rules=asked)
    bare = without_chosen(stands)  # hotspots on towers come after
    if not as_planned(stands, capital(stands, catalogue).total.total):
        try:
            judged = as_if_planned(bare, problem, proven, run=run)
        except CancelledError:
            return found
        if judged is None:
            return found
        stands = bare = judged
    outcome, new, capex = stands.outcome, found.edit.plan, capital(bare, catalogue).total.total
    if outcome is None or not outcome.served > 0.0:  # that there is no plan is kept too (`left_out_told.why_none`)
        return found
    if _on_channels(new) and not _on_channels(bare):
        return found  # nobody knows whom it serves
    try:
        if not _serves_all(bare, problem, run):
            return found  # fewer than it says: it was made by other rules
    except CancelledError:
        return found
    if found.budget is not None and capex > found.budget + 1e-6:
        return found
    weight = {one.id: one.weight for one in problem.homes if is_place(one.id)}
    with_places, new_places = (
        math.fsum(weight.get(key, 0.0) for key, one in clients(plan).items() if one.server) for plan in (bare, new)
    )
    kept = replace(found, served=outcome.served, capex=capex, running=found.runs_for(bare, catalogue, capex))
    total = outcome.served + with_places
    short, new_short = (short_of_hold(replace(problem.study, plan=plan)) for plan in (bare, new))
    if order_of(total, kept.value, goal, short) > order_of(found.served + new_places, found.value, goal, new_short):
        return found
    enough = total >= goal - 1e-9
    as_many = enough or total >= found.served + new_places - 1e-9
    outcome = _bounded(outcome, kept, proven, enough=enough, as_many=as_many)
    plan = replace(bare, outcome=replace(outcome, basis=basis_of(bare), capex=capex))
    kept = replace(
        kept,
        status=PlanStatus.CANCELLED if found.status is PlanStatus.CANCELLED else outcome.status,
        edit=Edit(found.edit.label, plan),
        lower_bound=outcome.lower_bound,
        gap=outcome.gap,
        homes_upper_bound=outcome.homes_upper_bound,
    )
    if _as_built(bare) == _as_built(new):
        return kept
    fewer = None if found.shortfall is None or total >= goal - 1e-9 else found.shortfall
    same = found.served == outcome.served and total < goal - 1e-9
    return replace(
        kept,
        coverable=outcome.coverable,
        month=monthly_cost(plan, catalogue, capex).total,
        sites=tuple(_sites(plan)),
        links=tuple(_links(plan)),
        unserved=tuple(_unserved(found, stands)),
        reason=fewer.words(outcome.served) if fewer is not None else found.reason if same else None,
        shortfall=fewer,
        notes=(KEPT, *([CUT_SHORT] if found.stopped_by is StoppedBy.TIME else []), *plan_notes(problem, plan)),
        hold_curve=(),
        homes_range=None,
    )


def _serves_all(plan: Plan, problem: PlanningProblem, run: Run) -> bool:
    """Return whether a plan serves everybody whom it gives a tower, as homes are judged today."""
    hung = [key for key, home in plan.households.items() if home.server is not None]
    judged = service(replace(problem.study, plan=plan), only=hung, others=False, run=run)
    return all(one.served for one in judged)


def _as_built(plan: Plan) -> tuple[object, ...]:
    return plan.sites, plan.links, plan.households, plan.places


def _on_channels(plan: Plan) -> bool:
    """Return whether its radios have channels, if there are any; the clock may leave no time for them."""
    given = [one.freq_mhz for site in plan.used_sites.values() for one in site.sectors]
    given += [one.freq_mhz for one in plan.standing_links.values()]
    return not given or any(one is not None for one in given)


def _bounded(stood: Outcome, kept: Design, new: Outcome, *, enough: bool, as_many: bool) -> Outcome:
    """Return what is proven of the plan that stands: when it was made, or by this search.

    ``new``: what this search proved. ``enough``: the plan serves as many as it asked for. ``as_many``: or as many as it
    found a plan for, so that its bound of the cost holds here.
    """
    # What a plan was asked for stands in no plan: its bound of the cost is of as many homes as it serves.
    mine = stood.budget == new.budget and stood.objective is new.objective
    proofs = [*([stood] if mine else []), *([new] if as_many or new.budget is not None else [])]
    lower: float | None = None
    upper: float | None = None
    gap: float | None = None
    if new.budget is None:
        known = [(one.lower_bound, not one.near_only) for one in proofs if one.lower_bound is not None]
        if known:
            lower = min(max(known)[0], kept.value)
            gap = (kept.value - lower) / kept.value if kept.value > 0.0 else 0.0
    else:
        known = [(-one.homes_upper_bound, not one.near_only) for one in proofs if one.homes_upper_bound is not None]
        if known:
            upper = max(-max(known)[0], stood.served)
            gap = (upper - stood.served) / max(stood.served, 1.0)
    status = PlanStatus.INFEASIBLE if kept.status is PlanStatus.INFEASIBLE and not enough else PlanStatus.FEASIBLE
    if gap is not None and gap <= OPTIMAL_GAP and status is PlanStatus.FEASIBLE:
        status = PlanStatus.OPTIMAL
    return replace(
        stood, status=status, lower_bound=lower, gap=gap, homes_upper_bound=upper, budget=new.budget,
        objective=new.objective, near_only=not max(known)[1] if known else stood.near_only,
    )  # fmt: skip


def rows_of_design(plan: Plan) -> tuple[tuple[DesignSite, ...], tuple[DesignLink, ...]]:
    """Return the towers of a plan, and its links and paths, as a design has them; what is heard on them is told later.

    It is that of its channels (`session.network`).
    """
    return tuple(_sites(plan)), tuple(_links(plan))


def _sites(plan: Plan) -> Iterator[DesignSite]:
    homes: dict[str, float] = {}
    for home in plan.households.values():
        if home.server is not None:
            homes[home.server] = homes.get(home.server, 0.0) + home.weight
    for key, one in plan.used_sites.items():
        high = one.mast_height_m or 0.0
        yield DesignSite(key, one.latitude, one.longitude, high, one.role.value, homes.get(key, 0.0))


def _links(plan: Plan) -> Iterator[DesignLink]:
    """Yield its links and paths; margins and rates are those on its channels, which are told later."""
    for link in plan.standing_links.values():
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        high = [
            site.mast_height_m or 0.0 if own is None else own
            for site, own in ((a, link.from_height_m), (b, link.to_height_m))
        ]
        length = geodesic(a.latitude, a.longitude, b.latitude, b.longitude).distance_m
        yield DesignLink(a.id, b.id, "backhaul", high[0], high[1], length, None, None, None)
    for key, home in clients(plan).items():
        if home.server is not None and home.server in plan.sites:
            site, place = plan.sites[home.server], place_of(plan, key)
            length = geodesic(site.latitude, site.longitude, home.latitude, home.longitude).distance_m
            yield DesignLink(
                site.id, key if place is None else place.id, "access", site.mast_height_m or 0.0,
                roof_height_m(plan, home), length, None, None, None,
            )  # fmt: skip


def _unserved(found: Design, stands: Plan) -> Iterator[Unserved]:
    """Yield who is left out and why, as it was kept with the plan; of one of before that was, as the search says it."""
    kept, new = reasons_kept(stands), {one.id: one for one in found.unserved}
    for key, home in stands.households.items():
        if home.server is not None:
            continue
        if key in kept:
            yield Unserved(key, kept[key].kind, kept[key].reason, kept[key].fix, None)
        else:
            yield new.get(key, Unserved(key, UnservedKind.SHORT, NOT_KNOWN, None, None))
