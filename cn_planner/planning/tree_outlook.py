"""Which homes of a plan hold if the trees that nobody measured are higher or lower than planned, and what to measure.

A home holds in a scenario where its own tower serves it by the one judge, with the masts and sectors of the plan, and
links that hold there lead to a gateway. Links that are built stand among the trees as they are. What sectors carry is
not counted anew: paths that hold are clear, and give the rates that they give without trees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.clients import is_place
from cn_planner.model.plan import Status
from cn_planner.model.tree_scenarios import held_canopy_m, tree_scenarios
from cn_planner.planning.link_kits import links_that_carry
from cn_planner.planning.loads import standing_matrix
from cn_planner.progress import ALONE
from cn_planner.service.joined import homes_behind, hops
from cn_planner.service.judge import link_is_good
from cn_planner.service.roofs import home_arrays
from cn_planner.service.tower import tower_coverage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from cn_planner.model.plan import Household, Plan
    from cn_planner.progress import Run
    from cn_planner.service.roofs import HomeArrays
    from cn_planner.study import Study

_MOST_NAMED = 10


class HoldPoint(NamedTuple):
    """A network on the way from the cheapest to one that more trees may grow round.

    Attributes
    ----------
    homes : float
        That hold, by weight.
    capex : float
    """

    homes: float
    capex: float


class TreeCount(NamedTuple):
    """Homes that hold in a scenario, by weight."""

    canopy_m: float
    weight: float
    homes: float


class TreeQuestion(NamedTuple):
    """A path that some of the scenarios cut, so that it matters how high its trees are.

    Attributes
    ----------
    kind : str
        "backhaul" or "access".
    from_id, to_id : str
    homes : float
        That fall silent with it, by weight.
    holds_m : float or None
        The highest trees of the scenarios with which it holds; None where it holds in none.
    """

    kind: str
    from_id: str
    to_id: str
    homes: float
    holds_m: float | None


@dataclass(frozen=True, slots=True)
class TreeOutlook:
    """What trees that nobody measured mean to a plan.

    Attributes
    ----------
    planned_m : float
        Height of trees that the plan assumes.
    served : float
        Homes that it serves, by weight.
    counts : tuple of TreeCount
        By rising height.
    certainty_pct, certain : float
        Homes that hold in so many of 100, by weight.
    questions : tuple of TreeQuestion
        What to measure before building: links first, the most homes first.
    curve : tuple of HoldPoint
        What it costs to let more homes hold in so many of 100, from the cheapest network on.
    """

    planned_m: float
    served: float
    counts: tuple[TreeCount, ...]
    certainty_pct: float
    certain: float
    questions: tuple[TreeQuestion, ...]
    curve: tuple[HoldPoint, ...] = ()

    @property
    def expected(self) -> float:
        """Homes that hold on average, by weight."""
        return math.fsum(one.weight * one.homes for one in self.counts)

    def as_dict(self) -> dict[str, Any]:
        """Return what stands under "trees" in ``plan --json``."""
        return {
            "planned_m": self.planned_m,
            "scenarios": [
                {"canopy_m": one.canopy_m, "weight": round(one.weight, 6), "homes": round(one.homes, 3)}
                for one in self.counts
            ],
            "expected": round(self.expected, 3),
            "certainty_pct": self.certainty_pct,
            "certain": round(self.certain, 3),
            "curve": [{"homes": round(one.homes, 3), "capex": round(one.capex, 2)} for one in self.curve],
            "measure": [
                {"kind": one.kind, "from": one.from_id, "to": one.to_id, "homes": round(one.homes, 3),
                 "holds_m": one.holds_m}
                for one in self.questions
            ],
        }  # fmt: skip

    def words(self) -> tuple[Message, ...]:
        """Return in sentences who holds, what more would cost, and where to look before building."""
        said = [
            msg(
                "Planned with trees of {planned:g} m. If trees are {height:g} m, {homes:,g} of {served:,g} homes hold.",
                planned=self.planned_m, height=one.canopy_m, homes=one.homes, served=self.served,
            )
            for one in self.counts
            if one.canopy_m != self.planned_m
        ]  # fmt: skip
        said.append(
            msg(
                "On average {expected:,.0f} hold; in {pct:g} of 100 cases {certain:,g} do.",
                expected=self.expected, pct=self.certainty_pct, certain=self.certain,
            )
        )  # fmt: skip
        if len(self.curve) > 1 and self.curve[0].capex > 0.0:
            first = self.curve[0]
            said += [
                msg(
                    "For {pct:.1f} % more money than the cheapest network {homes:,g} homes hold in {cases:g} of 100 "
                    "cases.",
                    pct=100.0 * (one.capex / first.capex - 1.0), homes=one.homes, cases=self.certainty_pct,
                )
                for one in _few(self.curve[1:])
            ]  # fmt: skip
        if self.questions:
            said.append(
                msg(
                    "Before you build, look how high the trees are on: {paths}.",
                    paths=", ".join(f"{one.from_id} – {one.to_id}" for one in self.questions[:_MOST_NAMED])
                    + (", …" if len(self.questions) > _MOST_NAMED else ""),
                )
            )
        return tuple(said)


def _few(points: tuple[HoldPoint, ...]) -> tuple[HoldPoint, ...]:
    """Return at most three points: the first, one in the middle, the last."""
    return tuple(points[n] for n in sorted({0, (len(points) - 1) // 2, len(points) - 1}))


def under_trees(plan: Plan, canopy_m: float) -> Plan:
    """Return a plan with trees of another height wherever none are known."""
    return replace(plan, area=replace(plan.area, canopy_m=canopy_m))


def tree_outlook(study: Study, *, run: Run = ALONE) -> TreeOutlook | None:
    """Return what trees that nobody measured mean to a plan as it stands; None where it declares no scenarios.

    Raises
    ------
    InputError
        Where the scenarios contradict each other, or a kit is not in the catalogue.
    MissingTerrainError, FileError, CancelledError
    """
    plan = study.plan
    scenarios = tree_scenarios(plan)
    if not scenarios:
        return None
    homes = home_arrays(plan)
    servers = [home.server or "" for home in plan.households.values()]
    seen = np.zeros((len(scenarios), len(homes)), np.bool_)
    joined = np.zeros_like(seen)
    links: list[dict[str, bool]] = []
    for number, one in enumerate(scenarios):
        share = run.part(number / len(scenarios), (number + 1) / len(scenarios))
        share.check()
        there = replace(study, plan=under_trees(plan, one.canopy_m))
        seen[number] = _served(there, homes, servers, share)
        links.append({key: _link_holds(there, key) for key in plan.standing_links})
        up = _joined(plan, links[-1])
        joined[number] = [server in up for server in servers]
    hold = seen & joined
    weights = np.array([one.weight for one in scenarios])
    pct = plan.rules.trees_certainty_pct
    certain = weights @ hold >= pct / 100.0 - 1e-9
    served = np.array([bool(server) for server in servers], np.bool_)
    counts = tuple(
        TreeCount(one.canopy_m, one.weight, float(homes.weight[row].sum()))
        for one, row in zip(scenarios, hold, strict=True)
    )
    heights = [one.canopy_m for one in scenarios]
    return TreeOutlook(
        plan.area.assumed_canopy_m, float(homes.weight[served].sum()), counts, pct,
        float(homes.weight[certain].sum()),
        (*_asked_links(plan, heights, links), *_asked_homes(plan, homes, heights, seen)),
    )  # fmt: skip


def _joined(plan: Plan, links: Mapping[str, bool]) -> Mapping[str, int]:
    """Return the towers that links which hold lead to from a gateway."""
    broken = [key for key, fine in links.items() if not fine]
    return hops(edits.remove(plan, "links", broken).plan if broken else plan)


def _served(study: Study, homes: HomeArrays, servers: list[str], run: Run) -> NDArray[np.bool_]:
    """Return which homes their own towers serve."""
    found = np.zeros(len(homes), np.bool_)
    for key, site in study.plan.used_sites.items():
        mine = np.array([number for number, server in enumerate(servers) if server == key], np.int64)
        if len(mine):
            seen = tower_coverage(study, homes, site, only=mine, beside=mine, run=run.silently())
            found[seen.home] = seen.answer.served
    return found


def _link_holds(study: Study, key: str) -> bool:
    plan, link = study.plan, study.plan.links[key]
    kit = study.catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)
    matrix = None if link.status is Status.BUILT else standing_matrix(study, link, kit)
    if matrix is None:
        return True
    budget, _ = links_that_carry(study, matrix, plan.demand.later_mbps, kit)
    return bool(link_is_good(budget, plan.rules)[0, 0, 0])


def _asked_links(plan: Plan, heights: list[float], links: list[dict[str, bool]]) -> list[TreeQuestion]:
    behind = homes_behind(plan)
    found = []
    for key, link in plan.standing_links.items():
        fine = [row[key] for row in links]
        if not all(fine):
            holds = max((high for high, good in zip(heights, fine, strict=True) if good), default=None)
            found.append(TreeQuestion("backhaul", link.from_site, link.to_site, behind.get(key, 0.0), holds))
    return sorted(found, key=lambda one: (-one.homes, one.from_id, one.to_id))


def _asked_homes(plan: Plan, homes: HomeArrays, heights: list[float], seen: NDArray[np.bool_]) -> list[TreeQuestion]:
    found = []
    for key, home in plan.households.items():
        number = homes.number[key]
        if home.server and not seen[:, number].all():
            holds = max(
                (high for high, good in zip(heights, seen[:, number].tolist(), strict=True) if good), default=None
            )
            found.append(TreeQuestion("access", home.server, key, home.weight, holds))
    return sorted(found, key=lambda one: (-one.homes, one.from_id, one.to_id))


def towers_held(held: Study) -> frozenset[str]:
    """Return the towers that links which hold lead to from a gateway; of a study as `held_study` has it."""
    plan = held.plan
    return frozenset(_joined(plan, {key: _link_holds(held, key) for key in plan.standing_links}))


def homes_held(held: Study, towers: Collection[str], *, run: Run = ALONE) -> frozenset[str]:
    """Return the homes that hold where links hold that lead to their towers, these alone; as `towers_held`.

    Raises
    ------
    CancelledError
    """
    homes = home_arrays(held.plan)
    servers = [home.server if home.server in towers else "" for home in held.plan.households.values()]
    found = _served(held, homes, [one or "" for one in servers], run)
    return frozenset(homes.ids[n] for n in np.flatnonzero(found).tolist())


def weight_held(rows: Mapping[str, Household], keys: Iterable[str]) -> float:
    """Return the weight of the homes among clients: public places, which stand among them in a search, are none."""
    return math.fsum(rows[key].weight for key in sorted(keys) if not is_place(key))


def short_of_hold(study: Study, *, run: Run = ALONE) -> float:
    """Return the weight of homes that does not hold though `hold_share` asks for it; 0 where nothing is asked.

    Raises
    ------
    CancelledError
    """
    held, rows = held_study(study) if study.plan.rules.hold_share > 0.0 else None, study.plan.households
    if held is None:
        return 0.0
    holding = homes_held(held, towers_held(held), run=run)
    served = weight_held(rows, (key for key, home in rows.items() if home.server is not None))
    return max(0.0, study.plan.rules.hold_share * served - weight_held(rows, holding))


def nothing_to_hold_among(plan: Plan) -> tuple[Message, ...]:
    """Return in words that homes are to hold among trees of which no heights are declared; nothing else."""
    if plan.rules.hold_share <= 0.0 or tree_scenarios(plan):
        return ()
    return (
        msg(
            "{pct:g} % of the homes are to hold among trees that nobody measured, and no heights of these are said: "
            "so no home had to hold. Say them (rules.trees).",
            pct=100.0 * plan.rules.hold_share,
        ),
    )


def too_few_hold(plan: Plan, trees: TreeOutlook | None) -> tuple[Message, ...]:
    """Return in words that fewer homes hold among trees than must; nothing where as many do, or nobody looked."""
    if trees is None or trees.certain >= plan.rules.hold_share * trees.served - 1e-6:
        return ()
    return (
        msg(
            "Of {served:,g} homes {pct:g} % must hold among trees that nobody measured; in {cases:g} of 100 cases "
            "{certain:,g} do. No plan was found of which more do: look how high the trees are, or add places.",
            served=trees.served,
            pct=100.0 * plan.rules.hold_share,
            cases=trees.certainty_pct,
            certain=trees.certain,
        ),
    )


def held_study(study: Study) -> Study | None:
    """Return the study among the highest trees with which a home must hold; None where no scenarios are declared."""
    scenarios = tree_scenarios(study.plan)
    if not scenarios:
        return None
    canopy_m = held_canopy_m(scenarios, study.plan.rules.trees_certainty_pct)
    return replace(study, plan=under_trees(study.plan, canopy_m))
