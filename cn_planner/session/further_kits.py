"""A plan with sectors of further kits beside the usual one, and what is proven of it: `plan_network` asks it once."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import CancelledError
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.plan import Outcome, PlanStatus
from cn_planner.planning.design import always
from cn_planner.planning.left_out_told import told_left
from cn_planner.planning.mixed_network import mixed_network, told_by_all
from cn_planner.planning.more_access import best_of_any, more_access_of, of_some_homes
from cn_planner.planning.more_sectors import with_bounds, with_more_access
from cn_planner.planning.narrower import links_with_kits, small_dishes
from cn_planner.planning.on_air import best_heard
from cn_planner.planning.result import basis_of, order_of
from cn_planner.planning.tree_outlook import short_of_hold
from cn_planner.progress import ALONE
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.solver.instance import SolutionStatus
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.plan import Plan
    from cn_planner.planning.air_limits import OnAir
    from cn_planner.planning.more_access import MoreAccess
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.progress import Clock, Run
    from cn_planner.session.workspace import Snapshot
    from cn_planner.solver.instance import Solution
    from cn_planner.spectrum.channel_plan import ChannelPlan

_BOUND_SHARE = 0.7
"""Of the time that is left, for the bound of such plans; the rest for a network that it leads to."""


_MONEY_ROUNDS = 4
"""Networks that are sought for less money, as their bill is above the budget."""


def with_further_kits(
    snapshot: Snapshot,
    design: Design,
    asked: tuple[PlanningProblem, float, Solution | None],
    clock: Clock,
    on_channels: Callable[[Design], OnAir],
    more_of_it: Callable[[float], Design | None],
    *,
    run: Run = ALONE,
) -> Design:
    """Return a design with sectors of the further kits of its plan, and with what is proven of such plans.

    Sectors are added to the network of the usual kit; beside it stands the network that a search for any of the kits
    leads to, and where neither serves as many as are asked for, one of the usual kit for more homes. The one that
    serves more of what is asked for is taken, then the cheaper.

    Parameters
    ----------
    snapshot, design
        The plan as it was, and its network of the usual kit on its own channels.
    asked : (PlanningProblem, float, Solution or None)
        The problem of the usual kit, the share of the homes, and what the search for that kit proved, if it did.
    clock : Clock
        Of the whole job.
    on_channels : callable
        A design with second ways and channels.
    more_of_it : callable
        The network of the usual kit on its own channels for so many homes; None where it was asked for as many.

    Raises
    ------
    CancelledError
    """
    problem, share, proven = asked
    watch = run.until(clock.last)
    more = more_access_of(problem, share, run=watch)
    goal = math.inf if design.budget is not None else more.goal

    def channels(plan: Plan) -> ChannelPlan | None:
        if all(one.freq_mhz is None for site in plan.used_sites.values() for one in site.sectors):
            return None  # there was no time for any
        return plan_channels(replace(snapshot.study, plan=plan), keep=True, settled=True, run=watch)

    found, like = with_more_access(design, more, channels, watch), _asked_of(design, problem)
    if more.further or proven is None:
        proven = best_of_any(more, design.budget, clock.left(_BOUND_SHARE), watch) if clock.left() != 0.0 else None
    if proven is None:
        return _unfound(_told(found, more, goal), more)
    with suppress(CancelledError):  # what was found before the time was over stays
        other = _mixed(snapshot, like, (more, proven), on_channels, watch) if more.further else None
        found = _better(found, other, (more, goal), channels, watch)
        if found.served < goal - 1e-9:
            # The usual kit was asked for its own share of the homes that it reaches itself.
            found = _better(found, more_of_it(goal), (more, goal), channels, watch)
    if proven.status is SolutionStatus.INFEASIBLE and found.edit is None:
        return found  # why there is none is known
    lower = None if proven.lower_bound is None else proven.lower_bound + always(problem)
    return with_bounds(_unfound(_told(found, more, goal), more), more.goal, lower, proven.upper_bound)


def _better(
    found: Design,
    other: Design | None,
    asked: tuple[MoreAccess, float],
    channels: Callable[[Plan], ChannelPlan | None],
    run: Run,
) -> Design:
    """Return a design or another with further sectors: that which serves most of what is asked, then costs least."""
    more, goal = asked
    if other is None:
        return found
    there = [one for one in (found, with_more_access(other, more, channels, run)) if one.edit is not None]

    def order(one: Design) -> tuple[float, ...]:
        plan = more.usual.plan if one.edit is None else one.edit.plan
        short = short_of_hold(replace(more.usual.study, plan=plan), run=run.silently())
        return order_of(one.served, one.value, goal, short)

    return min(there, key=order, default=found)


NOT_LOOKED = msg("Sectors of further kits were not looked at: there was no time left.")


def not_looked(found: Design, problem: PlanningProblem, run: Run) -> Design:
    """Return a design of the usual kit that says of further sectors that there was no time for them.

    Who is left out is told why by all kits, and counts as one who can be reached where any of them does.
    """
    found = replace(found, notes=(*found.notes, NOT_LOOKED))
    left = {one.id for one in found.unserved}
    if not left or found.edit is None or found.edit.plan.outcome is None:
        return found
    try:
        some = of_some_homes(problem, left)
        more = more_access_of(some, problem.plan.rules.cover, run=run)
    except CancelledError:
        return found
    coverable = found.coverable + more.coverable - some.network.coverable
    plan = replace(found.edit.plan, outcome=replace(found.edit.plan.outcome, coverable=coverable))
    return replace(
        found, edit=replace(found.edit, plan=plan), coverable=coverable,
        unserved=tuple(told_by_all(more, found.unserved)),
    )  # fmt: skip


def _told(found: Design, more: MoreAccess, goal: float) -> Design:
    """Return a design that says where sectors of further kits stand, how many homes they reach, and what is lacking."""
    if found.edit is None:
        return found
    plan, catalogue = found.edit.plan, more.usual.study.catalogue
    reached = {one.plan.kits.access for one in more.further}
    notes = tuple(
        msg("{kit} reaches no home here: its channel is not allowed, or no path works with it.",
            kit=catalogue.kit(one).name)
        for one in plan.more_access if one not in reached
    )  # fmt: skip
    found = told_left(replace(found, notes=(*found.notes, *notes)), goal)
    if found.served < goal < math.inf and found.reason is None:
        words = msg(
            "{goal:,g} homes were asked for; {served:,g} are reached, also by sectors of further kits.",
            goal=math.ceil(goal - 1e-9), served=found.served,
        )  # fmt: skip
        found = replace(found, reason=words)
    kits = {one.kit for site in plan.used_sites.values() for one in site.sectors} & set(plan.more_access)
    sites = [site.name or key for key, site in plan.used_sites.items() if any(one.kit in kits for one in site.sectors)]
    if not kits:
        return found
    of = {(key, one.id) for key, site in plan.used_sites.items() for one in site.sectors if one.kit in kits}
    hung_on = sectors_of_clients(replace(more.usual.study, plan=plan), plan.households.values())
    homes = [one for one in plan.households.values() if (one.server, hung_on.get(one.id)) in of]
    said = msg(
        "Of these homes, reached with {kits} at {sites}: {homes:,g}.",
        homes=math.fsum(one.weight for one in homes), kits=", ".join(catalogue.kit(one).name for one in sorted(kits)),
        sites=", ".join(sites),
    )  # fmt: skip
    return replace(found, notes=(*found.notes, said))


def _unfound(found: Design, more: MoreAccess) -> Design:
    """Return a design without a plan that says no more than is known: a further kit may reach homes all the same."""
    if found.edit is not None or not more.further:
        return found
    reason = msg("The search ended before a plan was found; that there is none is not proven. Give it more time.")
    unserved = tuple(told_by_all(more, found.unserved))
    return replace(found, status=PlanStatus.CANCELLED, coverable=more.coverable, reason=reason, unserved=unserved)


def _asked_of(design: Design, problem: PlanningProblem) -> Design:
    """Return a design that says what was asked for; where the usual kit has no plan, one in which nothing stands."""
    if design.edit is not None:
        return design
    outcome = Outcome(
        PlanStatus.FEASIBLE, design.households, 0.0, design.coverable, 0.0, None, None, design.budget, None,
        basis_of(problem.plan), problem.objective,
    )  # fmt: skip
    label = msg("plan for least cost") if design.budget is None else msg("plan for a budget")
    edit = Edit(label, replace(problem.plan, outcome=outcome))
    return replace(design, edit=edit, status=PlanStatus.FEASIBLE, objective=problem.objective, reason=None)


def _mixed(
    snapshot: Snapshot,
    like: Design,
    asked: tuple[MoreAccess, Solution],
    on_channels: Callable[[Design], OnAir],
    run: Run,
) -> Design | None:
    """Return a network with sectors of several kits from the start, on its own channels; None where there is none.

    Where some homes are silent it is tried with larger dishes on its links, and with as many homes as the usual kit
    serves on that.
    """
    more, solution = asked
    if snapshot.plan.rules.hold_share > 0.0:  # what holds among trees is sought with the usual kit
        return None
    tried: list[OnAir] = []
    dearest = max(more.usual.link_options, key=lambda one: one.price).kit
    for usual_first in (False, True):
        made = _for_the_money(more, solution, like, run, usual_first=usual_first)
        if made is None or made.edit is None:
            continue
        tried.append(on_channels(made))
        if not _lacks(tried[-1]):
            break
        larger = links_with_kits(more.usual, made, dict.fromkeys(made.edit.plan.standing_links, dearest))
        tried += [] if larger is None else [on_channels(larger)]
        if not _lacks(tried[-1]):
            break
    if not tried:
        return None
    goal = math.inf if like.budget is not None else more.goal
    heard = best_heard(tried, goal, snapshot.study)
    return told_left(small_dishes(more.usual, heard, run), goal)


def _for_the_money(more: MoreAccess, solution: Solution, like: Design, run: Run, *, usual_first: bool) -> Design | None:
    """Return a network of a solution, or of one for less money where the bill is above the budget; None where none is.

    The search counts less than the bill does.
    """
    budget, money = like.budget, like.budget
    for _ in range(_MONEY_ROUNDS):
        made = mixed_network(more, solution, like, usual_first=usual_first)
        if made is None or budget is None or money is None or made.capex <= budget + 1e-6:
            return made
        money -= made.capex - budget
        if money <= 0.0:
            return None
        solution = best_of_any(more, money, None, run)
    return None


def _lacks(one: OnAir) -> bool:
    """Return whether some homes of a design are not served on its channels."""
    return one.channels is not None and bool(one.channels.not_served)
