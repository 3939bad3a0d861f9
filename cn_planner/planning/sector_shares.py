"""The sectors on which the homes of a tower hang, and the share of its time that each takes, by the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.throughput import airtime_share
from cn_planner.planning.mixed_network import tower_to_homes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Plan
    from cn_planner.planning.problem import PlanningProblem


class Hangs(NamedTuple):
    """The sector that a home hangs on, and the share of its time that it takes."""

    sector: str
    share: float


def hanging(problem: PlanningProblem, number: Mapping[str, int], plan: Plan, site: str) -> dict[str, Hangs]:
    """Return the homes that a tower serves in a plan by the judge; by cable they take no time.

    ``number``: of the homes of the problem, by id.
    """
    mine, judged = tower_to_homes(problem.study, plan, site)
    answer = judged.answer
    names = sorted(one.id for one in plan.sites[site].sectors) or [""]
    load = np.array([problem.load[number[key]] if key in number else 0.0 for key in mine])[judged.home]
    rate = np.maximum(np.nan_to_num(answer.rate_down_mbps), 1e-6)
    share = np.where(judged.distance_m > 0.0, airtime_share(problem.sector_mbps * load, rate), 0.0)
    return {
        mine[home]: Hangs(names[max(which, 0)], part)
        for home, which, part, good in zip(
            judged.home.tolist(), answer.which.tolist(), share.tolist(), answer.served.tolist(), strict=True
        )
        if good
    }
