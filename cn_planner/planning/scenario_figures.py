"""What ways to build a network are compared by: who is reached, the cost, the weakest link, what one tower loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.economics.costs import capital
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import home_conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.planning.failures import tower_failures, worst_tower
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import as_it_works
from cn_planner.service.now import with_reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Link, Plan, Site
    from cn_planner.service.now import ServiceNow
    from cn_planner.study import Study


@dataclass(frozen=True, slots=True)
class WeakLink:
    """The backhaul link that is nearest to failing: that has least in its slowest mode.

    ``margin_db`` is what it has to spare in the mode counted on, ``fallback_db`` in the slowest.
    """

    id: str
    from_site: str
    to_site: str
    margin_db: float
    fallback_db: float


@dataclass(frozen=True, slots=True)
class ScenarioFigures:
    """What scenarios are compared by. Homes count by weight; money is in the plan's currency.

    Attributes
    ----------
    homes, homes_total : float
        Homes that the plan connects and that are reached by a tower with a way to a gateway; where the plan connects
        none yet, all that are reached so.
    cost : float
        Capital, with the equipment of those homes.
    cost_a_home : float or None
    weakest : WeakLink or None
        None where the plan has no link.
    lost : float
        Most homes that are lost where one tower fails, gateways aside.
    lost_with : str
        That tower; empty where none loses any.
    """

    homes: float
    homes_total: float
    cost: float
    cost_a_home: float | None
    weakest: WeakLink | None
    lost: float
    lost_with: str


def figures_of(study: Study, now: ServiceNow, margins_db: Mapping[str, tuple[float, float]]) -> ScenarioFigures:
    """Return what a plan is compared by, from who is reached and what `link_margins` says of its links."""
    plan = study.plan
    counted = now.has_internet(plan)
    weight = now.homes.weight
    homes = float(weight[counted].sum())
    cost = capital(with_reached(plan, now), study.catalogue).total
    works = as_it_works(plan, now.down)
    worst = worst_tower(plan, tower_failures(works, now.homes_by_tower(plan)))
    return ScenarioFigures(
        homes=homes,
        homes_total=now.total,
        cost=cost.total,
        cost_a_home=cost.total / homes if homes else None,
        weakest=_weakest(plan, margins_db),
        lost=worst.homes if worst is not None else 0.0,
        lost_with=worst.id if worst is not None else "",
    )


def link_margins(study: Study, *, run: Run = ALONE) -> dict[str, tuple[float, float]]:
    """Return the fade margin of every link between towers of the network, dB; NaN where terrain is missing."""
    plan = study.plan
    rows = list(plan.standing_links.values())
    ends = [(plan.sites[link.from_site], plan.sites[link.to_site]) for link in rows]
    rows, ends = _apart(rows, ends)
    margins: dict[str, tuple[float, float]] = {}
    tuned = [study.catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz) for link in rows]
    for kit in dict.fromkeys((one.id, one.freq_mhz, one.width_mhz) for one in tuned):
        those = [n for n, one in enumerate(tuned) if (one.id, one.freq_mhz, one.width_mhz) == kit]
        numbers = np.arange(len(those), dtype=np.int64)
        high = [
            [
                [rows[n].from_height_m if rows[n].from_height_m is not None else ends[n][0].mast_height_m],
                [rows[n].to_height_m if rows[n].to_height_m is not None else ends[n][1].mast_height_m],
            ]
            for n in those
        ]
        matrix = pair_matrix(
            study.surface,
            ([ends[n][0].latitude for n in those], [ends[n][0].longitude for n in those]),
            ([ends[n][1].latitude for n in those], [ends[n][1].longitude for n in those]),
            np.array([one[0] for one in high], np.float64),
            np.array([one[1] for one in high], np.float64),
            tuned[those[0]].freq_mhz,
            home_conditions_of(plan),
            pairs=(numbers, numbers),
            obstacles=tuple(plan.obstacles.values()),
            run=run.silently(),
        )
        end = radio_end(study.catalogue, tuned[those[0]], study.regulations)
        budget = budget_arrays(
            matrix.loss_db[:, 0, 0],
            matrix.sight(np.s_[:, 0, 0]),
            end,
            end,
            plan.rules,
            distance_m=matrix.distance_m,
            rate_margin_db=plan.rules.backhaul_margin_db,
            link_mhz=tuned[those[0]].freq_mhz,
        )
        margins.update(
            {rows[n].id: (float(budget.fallback_db[m]), float(budget.margin_db[m])) for m, n in enumerate(those)}
        )
    return dict(sorted(margins.items()))


def _apart(rows: list[Link], ends: list[tuple[Site, Site]]) -> tuple[list[Link], list[tuple[Site, Site]]]:
    """Return the links whose ends are not at one place."""
    kept = [n for n, (a, b) in enumerate(ends) if (a.latitude, a.longitude) != (b.latitude, b.longitude)]
    return [rows[n] for n in kept], [ends[n] for n in kept]


def _weakest(plan: Plan, margins_db: Mapping[str, tuple[float, float]]) -> WeakLink | None:
    """Return the link with the least margin that is known; None where the plan has none."""
    known = {key: both for key, both in margins_db.items() if both[0] == both[0]}
    if not known:
        return None
    key = min(known, key=lambda one: (known[one], one))
    link = plan.links[key]
    return WeakLink(key, link.from_site, link.to_site, known[key][1], known[key][0])
