"""The planner: from a plan to the network that the optimiser chooses for it, as one edit, with what can be said of it.

The optimiser minimises costs that add up: with each unit's share of the spares. What is printed is the capital of the
plan that comes out, its spares in whole pieces: never less than the optimiser's cost, so the bound holds for it.
The optimiser counts sectors by load; here they are pointed. Where a site's homes lie round about it needs more sectors
than its load does, so the true cost can be above the optimiser's: the bound stays valid and the gap is that of the
true cost. The first run is on the loose instance of `problem`: it gives the bound, and the plan too where what it
found keeps every rule, what links and gateways carry among them. Otherwise the plan comes from the careful instance.
Where a budget is then exceeded, or the sectors of a site, the optimiser runs again with less.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost, unsaid_connections
from cn_planner.economics.over_years import months_worth, running_cost
from cn_planner.message import msg
from cn_planner.model.clients import is_place
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Choice, Objective, Outcome, PlanStatus, Priority
from cn_planner.planning.best_share import best_share
from cn_planner.planning.chains import Chains
from cn_planner.planning.directions import MOST_ROWS, Directions
from cn_planner.planning.explain import explain_unserved, left_out_by
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.holding import held
from cn_planner.planning.keeping import kept, plan_with, true_cost
from cn_planner.planning.loads import bought_kits, said_full
from cn_planner.planning.narrower import near_where_enough
from cn_planner.planning.pairs import near_note
from cn_planner.planning.problem import PlanningProblem, build_problem, check_cover
from cn_planner.planning.relays import relay_notes, with_relays
from cn_planner.planning.result import CUT_SHORT, OPTIMAL_GAP, Design, DesignLink, DesignSite, backhaul_link, basis_of
from cn_planner.planning.shortfall import must_missed
from cn_planner.planning.sturdier import sturdier
from cn_planner.planning.verification import pointed_budgets
from cn_planner.progress import ALONE, Clock, Run
from cn_planner.solver.impossible import check_money_and_time
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy
from cn_planner.solver.network import fits
from cn_planner.solver.optimise import optimise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.explain import Unserved
    from cn_planner.solver.instance import Instance
    from cn_planner.solver.sectors import SectorBeam
    from cn_planner.study import Study

_FIRST_SHARE, _ARCS_SHARE = 0.6, 0.8
"""Of the time, for the search that gives the bound; where sectors are arcs, a plan follows from it sooner."""
_LESS = (0.95, 0.85, 0.6)
"""Of the best share, where no plan for it keeps every rule."""


def design(
    study: Study,
    *,
    cover: float | None = None,
    budget: float | None = None,
    time_limit_s: float | None = None,
    run: Run = ALONE,
) -> Design:
    """Choose sites, mast heights, links, sectors and servers.

    Parameters
    ----------
    cover : float, optional
        Least cost for this share of the coverable homes; the plan's rule where not given.
    budget : float, optional
        Most homes for this money, in place of least cost.
    time_limit_s : float, optional
        For all of it, the figures of paths among it; its result then need not repeat. None: limits that repeat.

    Raises
    ------
    InputError
        Where cover, budget or time limit are not what they may be, there is no home or gateway, the plan is too large
        for this memory, what is locked contradicts the rules, or a kit is not on the shelf.
    MissingTerrainError
        Where there is no terrain under every home or every site.
    CancelledError
        Where the work is cancelled before there is a plan.
    """
    began = time.perf_counter()
    check_aim(cover, budget, time_limit_s)
    clock = Clock.of(time_limit_s)
    study = replace(study, plan=with_relays(study.plan))
    least = objective_of(study.plan, budget)
    problem = near_where_enough(build_problem(study, cover=cover, objective=least, run=run.part(0.0, 0.5)))
    found = design_of(problem, budget=budget, time_limit_s=clock.left(), run=run.part(0.5, 1.0))
    return replace(found, seconds=time.perf_counter() - began)


def objective_of(plan: Plan, budget: float | None) -> Objective:
    """Return what is least: by the plan's rule; for a budget, which is money to build, that money."""
    return plan.rules.objective if budget is None else Objective.CAPITAL


def design_of(
    problem: PlanningProblem,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    prove: bool = True,
    branch: bool = True,
    proof: bool = True,
    fixes: bool = True,
    start: Solution | None = None,
    run: Run = ALONE,
) -> Design:
    """Return what the planner finds for a problem that is built already; all else as in `design`.

    Parameters
    ----------
    problem : Problem
        With the share to serve in it.
    budget, time_limit_s
        As there.
    prove, branch, proof : bool
        As for `optimise`.
    fixes : bool
        False leaves out what would reach the homes that are left out.
    start : Solution, optional
        What was found before, for this problem or one much like it.
    """
    began, clock = time.perf_counter(), Clock.of(time_limit_s)
    plan = problem.plan

    def search(
        instance: Instance, *, budget: float | None, share: float, run: Run, start: Solution | None = None
    ) -> Solution:
        return optimise(
            instance, budget=budget, time_limit_s=clock.left(share), prove=prove, branch=branch, proof=proof,
            start=start, run=run,
        )  # fmt: skip

    loose = problem.loose()
    # Homes at the masts themselves have no direction.
    pointed_at = branch and len(problem.access) > 0 and 0 < len(loose.serve) <= MOST_ROWS
    directions = Directions(problem) if pointed_at else None
    first = (
        _for_nobody(problem, budget)
        or _nobody(problem)
        or search(
            loose if directions is None else directions.loose(),
            budget=budget,
            share=_FIRST_SHARE if directions is None else _ARCS_SHARE,
            run=run.part(0.0, 0.8),
            start=start,
        )
    )
    careful, short = partial(search, run=run.silently()), None
    if first.cost is None and budget is None and not run.cancelled:
        unjoined, little = Chains(problem).unjoined(), _too_little(problem, budget)
        why = None if unjoined is None else (UnservedKind.SHORT, unjoined)
        why = why or (None if little is None else (UnservedKind.SHORT_DOORS, little))
        short = best_share(problem, first, why, clock, prove=prove, run=run.silently())
    solution, pointed = kept(
        problem if short is None else problem.with_cover(short.share),
        first if short is None else short.solution, budget, careful,
        directions=directions if short is None else None, cancelled=run.cancelled,
    )  # fmt: skip
    asked = problem if short is None else problem.with_cover(short.share)
    for share in [] if short is None else [share * short.share for share in _LESS]:
        if solution.cost is not None or run.cancelled:
            break
        # What is careful asks for more than the rules do.
        asked = problem.with_cover(share)
        solution, pointed = kept(asked, first, budget, careful, cancelled=False)
    run.progress(0.8, msg("Writing the plan down"))
    households = math.fsum(home.weight for home in problem.homes)
    if solution.cost is None:
        little = _too_little(problem, budget)
        proven = solution.status is SolutionStatus.INFEASIBLE or (budget is not None and little is not None)
        return Design(
            # Stopped before a plan was found is not the same as none being possible.
            status=PlanStatus.INFEASIBLE if proven else PlanStatus.CANCELLED,
            edit=None,
            households=households,
            served=0.0,
            coverable=problem.coverable,
            capex=0.0,
            lower_bound=None,
            gap=None,
            homes_upper_bound=0.0 if proven and budget is not None else first.upper_bound,
            budget=budget,
            seconds=time.perf_counter() - began,
            stopped_by=solution.stopped_by,
            unserved=_explained(problem, None, plan, fixes),
            reason=Chains(problem).unjoined()
            or little
            or solution.reason
            or msg("The search ended before a plan was found; that there is none is not proven. Give it more time."),
            left_out=problem.left_out,
        )
    solution = sturdier(
        problem, solution, lambda links: true_cost(problem, replace(solution, links=links), pointed),
        lambda: clock.left() == 0.0,
    )  # fmt: skip
    robust = held(problem, solution, pointed, budget=budget, run=replace(run.silently(), cancel=None))
    solution, pointed = robust.solution, dict(robust.pointed)
    written = plan_with(problem, solution, pointed)
    # What would reach those that are left takes its time: where there is none left, each is told why alone.
    unserved = _explained(problem, solution, written, fixes and clock.left() != 0.0)
    found = _written(asked, first, solution, pointed, written, unserved, budget, began)
    found = replace(found, hold_curve=robust.curve)
    return found if short is None else short.told(found)


def _explained(problem: PlanningProblem, solution: Solution | None, plan: Plan, fixes: bool) -> tuple[Unserved, ...]:
    """Return the homes that a plan leaves out, each with what it takes from that plan on."""
    left = left_out_by(problem, solution) if fixes else ()
    # A cancel that came while the search went on keeps the plan, and what there is to say of it.
    found = home_fixes(replace(problem.study, plan=plan), left, only_cheapest=True)
    return explain_unserved(problem, solution, found, Chains(problem))


def untimely(plan: Plan, budget: float | None, seconds: float = 0.0) -> Design:
    """Return what can be said where the time was over before it was known who is reached from where."""
    households = math.fsum(home.weight for home in plan.households.values())
    return Design(
        status=PlanStatus.CANCELLED, edit=None, households=households, served=0.0, coverable=0.0, capex=0.0,
        lower_bound=None, gap=None, homes_upper_bound=None, budget=budget, seconds=seconds, stopped_by=StoppedBy.TIME,
        reason=msg(
            "The time was over before it was known which homes each place can reach. Give it more time, or fewer "
            "places or homes."
        ),
    )  # fmt: skip


def _for_nobody(problem: PlanningProblem, budget: float | None) -> Solution | None:
    """Return the least plan where nobody is asked for or counts: nothing. None where anything has to be in it."""
    inst, coverable = problem.instance, problem.network.coverable
    if (
        budget is not None
        or (inst.cover > 0 and any(row.weight > 0.0 for row in inst.homes))
        or any(row.must for row in inst.sites)
        or any(row.must for row in inst.homes)
    ):
        return None
    return Solution(SolutionStatus.OPTIMAL, StoppedBy.DONE, 0.0, 0.0, 0.0, coverable, lower_bound=0.0, gap=0.0)


def _nobody(problem: PlanningProblem) -> Solution | None:
    """Return that there is no plan where no home can be reached and no tower has to stand; None where one can."""
    if problem.network.coverable > 0.0 or problem.instance.cover <= 0.0 or any(s.must for s in problem.instance.sites):
        return None
    reason = msg("None of the homes can be reached from the places that may be built on: each home says why.")
    return Solution(SolutionStatus.INFEASIBLE, StoppedBy.DONE, 0.0, coverable_weight=0.0, reason=reason)


def _too_little(problem: PlanningProblem, budget: float | None) -> Message | None:
    """Return what the money or the Internet connections do not do for; None where that is not what is missing."""
    carried = math.fsum(
        carries
        for site, carries, allowed in zip(
            problem.instance.sites, problem.network.carries, problem.network.allowed, strict=True
        )
        if site.may_be_root and allowed
    )
    if budget is None and not fits(problem.network.goal, carried):
        return msg(
            "The Internet connections carry only {carried:,g} homes at the busy hour; {goal:,g} are to be reached. "
            "Ask for more Mbit/s there, for a smaller share of the homes, or plan for less demand.",
            carried=carried, goal=problem.network.goal,
        )  # fmt: skip
    if budget is None:
        return None
    least = _cheapest_gateway(problem)
    if least <= budget + 1e-9:
        return None
    return msg(
        "The budget is {budget:,.2f} {currency}; the cheapest gateway alone costs {cost:,.2f} {currency}.",
        budget=budget, cost=least, currency=problem.plan.info.currency,
    )  # fmt: skip


def _cheapest_gateway(problem: PlanningProblem) -> float:
    """Return what a plan costs at least: that of one gateway alone, with what stands and counts in every plan."""
    found = []
    for i, site in enumerate(problem.instance.sites):
        if site.may_be_root and problem.network.allowed[i]:
            height = problem.instance.heights_m[problem.network.allowed[i][0]]
            alone = SolutionSite(site.id, height, 0, opened=problem.network.open_cost(i) > 0.0)
            found.append(
                true_cost(problem, Solution(SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, 0.0, sites=(alone,)), {})
            )
    return min(found, default=0.0)


def check_aim(cover: float | None, budget: float | None, time_limit_s: float | None) -> None:
    """Raise InputError where a share, a budget or a time limit is none."""
    check_cover(cover)
    check_money_and_time(budget, time_limit_s)


def _links(
    problem: PlanningProblem, solution: Solution, access: Mapping[str, tuple[float, float, float]]
) -> tuple[DesignLink, ...]:
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    height = {site.id: site.height_m for site in solution.sites}
    bought = bought_kits(problem, solution)
    found = [backhaul_link(problem, ends, height, bought.get(frozenset(ends))) for ends in solution.links]
    for home, site in sorted(solution.homes.items()):
        known = problem.pair_of.get((site_at[site], home_at[home]))
        roof = problem.homes[home_at[home]].antenna_height_m
        roof = problem.plan.demand.antenna_height_m if roof is None else roof
        if known is None:
            found.append(DesignLink(site, home, "access", height[site], roof, 0.0, None, None, None))
            continue
        found.append(
            DesignLink(
                site, home, "access", height[site], roof, float(problem.access.distance_m[known]), *access[home]
            )
        )  # fmt: skip
    return tuple(found)


def _written(
    problem: PlanningProblem,
    first: Solution,
    solution: Solution,
    pointed: Mapping[str, tuple[SectorBeam, ...]],
    plan: Plan,
    unserved: tuple[Unserved, ...],
    budget: float | None,
    began: float,
) -> Design:
    capex = capital(plan, problem.costs.catalogue).total.total
    running = running_cost(plan, problem.costs.catalogue, capex) if problem.objective is Objective.FIVE_YEARS else 0.0
    value = capex + running
    served = solution.served_weight or 0.0
    # The first run asks for the least: later ones only tighten what a sector carries or what may be spent.
    lower, upper = first.lower_bound, first.upper_bound
    if plan.more_access:  # of plans in the usual kit alone: what holds of others `more_access` says
        lower = upper = None
    gap: float | None = None
    if budget is None and served < problem.network.goal - 1e-9:
        lower = None  # it bounds what serves the whole goal; a plan that serves less may cost less
    elif budget is None and lower is not None:
        lower = min(lower + always(problem), value)
        gap = (value - lower) / value if value > 0 else 0.0
    elif upper is not None:
        gap = (upper - served) / max(served, 1.0)
    status = PlanStatus.OPTIMAL if gap is not None and gap <= OPTIMAL_GAP else PlanStatus.FEASIBLE
    if solution.stopped_by is StoppedBy.CANCEL:
        status = PlanStatus.CANCELLED
    coverable = problem.coverable
    households = math.fsum(home.weight for home in problem.homes)
    outcome = Outcome(
        status, households, served, coverable, capex, lower, gap, budget, upper, basis_of(plan), problem.objective,
        near_only=bool(problem.near_only),
    )  # fmt: skip
    plan = replace(plan, outcome=outcome)
    weight = {home.id: home.weight for home in problem.homes}
    carried: dict[str, float] = {}
    for home, site in solution.homes.items():
        carried[site] = carried.get(site, 0.0) + weight[home]
    built = {site.id: site.height_m for site in solution.sites}
    access, homes_range = pointed_budgets(problem, solution, pointed)
    label = msg("plan for a budget") if budget is not None else msg("plan for least cost")
    return Design(
        status=status,
        edit=Edit(label, plan),
        households=households,
        served=served,
        coverable=coverable,
        capex=capex,
        lower_bound=lower,
        gap=gap,
        homes_upper_bound=upper,
        budget=budget,
        seconds=time.perf_counter() - began,
        stopped_by=solution.stopped_by,
        sites=tuple(
            DesignSite(s.id, s.latitude, s.longitude, built[s.id], s.role.value, carried.get(s.id, 0.0))
            for s in problem.sites
            if s.id in built
        ),
        links=_links(problem, solution, access),
        unserved=unserved,
        notes=(*plan_notes(problem, plan), *_notes(problem, solution)),
        left_out=problem.left_out,
        homes_range=homes_range,
        searched=first,
        objective=problem.objective,
        running=running,
        month=monthly_cost(plan, problem.costs.catalogue, capex).total,
    )


def always(problem: PlanningProblem) -> float:
    """Return what the objective counts whatever is built: who keeps it is taught; of five years, wages and licences."""
    rates, costs = problem.plan.costs, problem.costs
    taught = costs.of((), labour_days=problem.plan.work.training_days).total if problem.network.goal > 0.0 else 0.0
    if problem.objective is Objective.CAPITAL:
        return taught
    return taught + months_worth(rates) * (rates.wages_month + rates.licences_month)


def plan_notes(problem: PlanningProblem, plan: Plan) -> tuple[Message, ...]:
    """Return what is to be known of a plan, however it was found."""
    return (
        *_not_kept(plan),
        *_unsaid_months(plan, problem.objective),
        *relay_notes(plan),
        *([near_note(problem.near_only)] if problem.near_only else []),
    )


def _not_kept(plan: Plan) -> Iterator[Message]:
    """Yield what was asked for and is not in the plan: links locked to a place without a mast, homes that must be."""
    standing = plan.standing_links
    for link in plan.links.values():
        idle = [end for end in (link.from_site, link.to_site) if end not in plan.used_sites]
        if link.choice is Choice.LOCKED and link.id not in standing and idle:
            yield msg(
                "The link {a} – {b} is locked, but the plan has no mast at {idle}: it is not built. Lock that place "
                "too, or unlock the link.",
                a=link.from_site, b=link.to_site, idle=", ".join(idle),
            )  # fmt: skip
    missed = [
        key
        for key, home in plan.households.items()
        if home.priority is Priority.MUST and home.server is None and not is_place(key)
    ]
    if missed:
        yield must_missed(missed)


def _unsaid_months(plan: Plan, objective: Objective) -> Iterator[Message]:
    """Yield the gateways of a plan for five years whose connection has no price a month."""
    unsaid = [plan.sites[key].name or key for key in unsaid_connections(plan)]
    if unsaid and objective is Objective.FIVE_YEARS:
        yield msg(
            "Nobody said what the Internet connection costs a month at {sites}: it counts as free. Ask the provider "
            "and plan again.",
            sites=", ".join(unsaid),
        )  # fmt: skip


def _notes(problem: PlanningProblem, solution: Solution) -> tuple[Message, ...]:
    """Return what is to be known: a run cut by a clock, prices that are missing, links and gateways that are full."""
    notes: list[Message] = []
    served = solution.served_weight or 0.0
    if solution.lower_bound is not None and served < problem.network.goal:
        notes.append(
            msg("Sectors cannot be pointed at all homes: {served:,g} are served of {goal:,g} asked for.",
                served=served, goal=problem.network.goal)
        )  # fmt: skip
    if solution.stopped_by is StoppedBy.TIME:
        notes.append(CUT_SHORT)
    if problem.costs.unpriced:
        notes.append(msg("No price is known for {items}.", items=", ".join(sorted(problem.costs.unpriced))))
    return (*notes, *said_full(problem, solution))
