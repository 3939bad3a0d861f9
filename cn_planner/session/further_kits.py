"""A plan with sectors of further kits beside the usual one, and what is proven of it: `plan_network` asks it once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.planning.design import always
from cn_planner.planning.left_out_told import told_left
from cn_planner.planning.mixed_network import mixed_network
from cn_planner.planning.more_access import best_of_any, more_access_of
from cn_planner.planning.more_sectors import with_bounds, with_more_access
from cn_planner.planning.narrower import links_with_kits, small_dishes
from cn_planner.planning.on_air import best_heard
from cn_planner.progress import ALONE
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


def with_further_kits(
    snapshot: Snapshot,
    design: Design,
    asked: tuple[PlanningProblem, float, Solution | None],
    clock: Clock,
    on_channels: Callable[[Design], OnAir],
    *,
    run: Run = ALONE,
) -> Design:
    """Return a design with sectors of the further kits of its plan, and with what is proven of such plans.

    Sectors are added to the network of the usual kit; beside it stands the network that a search for any of the kits
    leads to. The one that serves more of what is asked for is taken, then the cheaper.

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
        return plan_channels(replace(snapshot.study, plan=plan), keep=True, run=watch)

    found = with_more_access(design, more, channels, watch)
    if more.further or proven is None:
        proven = best_of_any(more, design.budget, clock.left(_BOUND_SHARE), watch) if clock.left() != 0.0 else None
    if proven is None:
        return found
    other = _mixed(snapshot, design, (more, proven), on_channels, watch) if more.further else None
    if other is not None:
        other = with_more_access(other, more, channels, watch)
        found = min(found, other, key=lambda one: (-min(one.served, goal), one.value))
    lower = None if proven.lower_bound is None else proven.lower_bound + always(problem)
    return with_bounds(found, more.goal, lower, proven.upper_bound)


def _mixed(
    snapshot: Snapshot,
    like: Design,
    asked: tuple[MoreAccess, Solution],
    on_channels: Callable[[Design], OnAir],
    run: Run,
) -> Design | None:
    """Return a network with sectors of several kits from the start, on its own channels; None where there is none.

    Where all of its links have the smaller dishes that do and some homes are silent, it is tried with the larger ones.
    """
    more, solution = asked
    if snapshot.plan.rules.hold_share > 0.0:  # what holds among trees is sought with the usual kit
        return None
    made = mixed_network(more, solution, like)
    if made is None or made.edit is None:
        return None
    tried, options = [on_channels(made)], more.usual.link_options
    if tried[0].channels is not None and tried[0].channels.not_served and len(options) > 1:
        dearest = max(options, key=lambda one: one.price).kit
        larger = links_with_kits(more.usual, made, dict.fromkeys(made.edit.plan.standing_links, dearest))
        tried += [] if larger is None else [on_channels(larger)]
    goal = math.inf if like.budget is not None else more.goal
    heard = best_heard(tried, goal, snapshot.catalogue)
    return told_left(small_dishes(more.usual, heard, run), goal)
