"""For the plan as it stands: why a home has no tower, as the planner sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.planning.chains import Chains
from cn_planner.planning.explain import Unserved, explain_unserved
from cn_planner.planning.fix_found import HomeFixes
from cn_planner.planning.left_out import reasons_kept
from cn_planner.planning.problem import build_problem
from cn_planner.progress import ALONE, Run
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Plan
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.report.network import BuiltNetwork
    from cn_planner.study import Study


def homes_left_out(
    study: Study, net: BuiltNetwork, fixes: Mapping[str, HomeFixes], *, run: Run = ALONE
) -> dict[str, Unserved]:
    """Return homes without a tower, by id, with reason and cheapest fix.

    Empty where every home has one, and where the planner cannot take the plan as it stands: no gateway, no ground, or
    a mast that no rule allows. What the service of homes says of them then has to do. Why the planner left them out is
    known of a plan that is as it made it.
    """
    plan = study.plan
    kept = reasons_kept(plan)
    if kept:
        ways = {key: fixes.get(key) or HomeFixes(key) for key in kept}
        return {
            key: Unserved(key, one.kind, one.reason, ways[key].words, ways[key].cost) for key, one in kept.items()
        }  # fmt: skip
    if not net.gateways or all(home.server is not None for home in plan.households.values()):
        return {}
    try:
        problem = build_problem(study, run=run)
    except (InputError, MissingTerrainError):
        return {}
    solution = _as_it_stands(plan, net, problem)
    if solution is None:
        return {}
    return {one.id: one for one in explain_unserved(problem, solution, fixes, Chains(problem), chosen=False)}


def _as_it_stands(plan: Plan, net: BuiltNetwork, problem: PlanningProblem) -> Solution | None:
    """Return the plan's own network as the planner would have written it; None where it cannot be its own."""
    known = {site.id for site in problem.sites}
    heights = {key: site.mast_height_m or 0.0 for key, site in net.sites.items()}
    if not known.issuperset(heights) or any(one not in problem.instance.heights_m for one in heights.values()):
        return None
    return Solution(
        status=SolutionStatus.FEASIBLE,
        stopped_by=StoppedBy.DONE,
        seconds=0.0,
        sites=tuple(SolutionSite(key, heights[key], len(site.sectors)) for key, site in net.sites.items()),
        links=tuple((key, up) for key, (up, _) in net.upstream.items()),
        homes={key: home.server for key, home in plan.households.items() if home.server and home.server in heights},
    )
