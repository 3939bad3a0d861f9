"""Sectors of further kits: whom they reach from each place, and what no plan that may have them does better.

A plan's rule `more_access` names kits of sectors that may stand beside the usual one, of any band. For each the tables
of the problem are made once more, as if it were the usual kit. The optimiser knows the usual kit alone; what is added
to its network `more_sectors` says. Here is the bound that holds for plans with sectors of all these kits (the proof:
docs/planning.md, "Sectors of further kits").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.errors import InputError
from cn_planner.links.one_band import NO_CLIENT, clients_of_sector, why_unheard
from cn_planner.planning.client_kits import cheapest_homes, kits_of_homes
from cn_planner.planning.link_rows import upwards
from cn_planner.planning.pairs import pairs_to_look_at
from cn_planner.planning.problem import access_figures, rows_at_mast, serve_rows
from cn_planner.planning.public_places import share_of_all
from cn_planner.planning.site_rows import least_costs
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.progress import Run
    from cn_planner.solver.instance import Instance, Solution
    from cn_planner.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class MoreAccess:
    """A problem with the tables of further kits of sectors.

    Attributes
    ----------
    usual : Problem
        With all paths that are looked at.
    further : tuple of Problem
        The same as if each of the kits were the usual one; those alone with which any path works.
    coverable, goal : float
        The weight of the homes that any of the kits reaches, and what is asked for of it.
    """

    usual: PlanningProblem
    further: tuple[PlanningProblem, ...]
    coverable: float
    goal: float

    @property
    def share(self) -> float:
        """What is asked for, of the homes that can be reached."""
        return self.goal / self.coverable if self.coverable > 0.0 else 0.0


def check_more_access(study: Study) -> None:
    """Raise InputError where a further kit of sectors is not on the shelf, or no kit of homes is of its band."""
    plan, catalogue = study.plan, study.catalogue
    for kit in plan.more_access:
        catalogue.kit(kit)
        words = why_unheard(plan, catalogue, kit)
        if words is not None:
            raise InputError(words, fix=NO_CLIENT)


def more_access_of(problem: PlanningProblem, cover: float, *, run: Run) -> MoreAccess:
    """Return a problem with the tables of the further kits of its plan.

    Parameters
    ----------
    problem : Problem
        Of the usual kit.
    cover : float
        The share of the homes that can be reached which is asked for.

    Raises
    ------
    InputError
        As `check_more_access`.
    CancelledError
    """
    usual = problem.whole or problem
    further = further_tables(usual, run=run)
    serve = _together([usual.instance, *(one.instance for one in further)])
    reached = network_of(replace(usual.instance, serve=serve)).serve
    share = share_of_all(problem.plan, usual.homes, reached, cover)
    both = network_of(replace(usual.instance, serve=serve, cover=share))
    return MoreAccess(usual, further, both.coverable, both.goal)


def further_tables(problem: PlanningProblem, *, run: Run) -> tuple[PlanningProblem, ...]:
    """Return a problem as if each of the further kits of its plan were the usual one; those alone that reach anybody.

    Raises
    ------
    InputError
        As `check_more_access`.
    CancelledError
    """
    check_more_access(problem.study)
    kits = problem.plan.more_access
    found = (
        _as_usual(problem, kit, run.part(number / len(kits), (number + 1) / len(kits)))
        for number, kit in enumerate(kits)
    )
    return tuple(one for one in found if one.access_works.any())


def of_some_homes(problem: PlanningProblem, homes: Collection[str]) -> PlanningProblem:
    """Return a problem of some of its homes, for the further kits alone: its own paths to homes are those of all."""
    usual = problem.whole or problem
    kept = [n for n, home in enumerate(usual.homes) if home.id in homes]
    number = np.full(len(usual.homes), -1, np.int32)
    number[kept] = np.arange(len(kept))
    serve = usual.instance.serve.copy()
    serve[:, 1] = number[serve[:, 1]]
    instance = replace(
        usual.instance, homes=tuple(usual.instance.homes[n] for n in kept), serve=serve[serve[:, 1] >= 0]
    )  # fmt: skip
    return replace(
        usual, homes=tuple(usual.homes[n] for n in kept), instance=instance, network=network_of(instance), whole=None
    )  # fmt: skip


def _as_usual(problem: PlanningProblem, kit: str, run: Run) -> PlanningProblem:
    """Return a problem as if another kit of sectors were the usual one: its paths to homes, by kits of its band."""
    plan = problem.plan
    first, *more = clients_of_sector(plan, problem.study.catalogue, kit)
    kits = replace(plan.kits, access=kit, client=first, more_clients=",".join(more))
    study = replace(problem.study, plan=replace(plan, kits=kits))
    sites, homes, heights = problem.sites, problem.homes, problem.instance.heights_m
    pairs = pairs_to_look_at(study, sites, homes, heights, run.part(0.0, 0.3)).access
    access, ends, which, elevation, budget, works = access_figures(
        study, (sites, homes, pairs), heights, None, run.part(0.3, 1.0)
    )
    may = np.zeros((len(sites), len(heights)), np.bool_)
    for number, allowed in enumerate(problem.network.allowed):
        may[number, list(allowed)] = True
    good = upwards(works | ~may[access.first], 1)
    allowed_m = [[heights[k] for k in ks] for ks in problem.network.allowed]
    serve = serve_rows(access, good, allowed_m, heights, rows_at_mast(sites, homes, allowed_m, heights))
    instance = replace(problem.instance, serve=serve)
    each = zip(access.first.tolist(), access.second.tolist(), strict=True)
    return replace(
        problem, study=study, instance=instance, network=network_of(instance),
        costs=UnitCosts(study.plan, study.catalogue), access=access, access_ends=ends, access_kit=which,
        access_elevation_deg=elevation, access_budget=budget, access_works=works, access_ok=good,
        pair_of={pair: number for number, pair in enumerate(each)}, whole=None,
    )  # fmt: skip


def _together(instances: Sequence[Instance]) -> NDArray[np.int32]:
    """Return the rows of `serve` of instances of the same places: each pair from the least height of any."""
    rows = np.concatenate([one.serve for one in instances])
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
    found: NDArray[np.int32] = rows[first]
    return found


def loosest(more: MoreAccess) -> Instance:
    """Return the instance of which each plan with sectors of any of the kits is a solution that costs no more.

    A pair counts from the least height at which any kit serves it, a home costs what the cheapest kit does with which
    a path to it works, a sector the least of all at each place, and carries what the one that carries most does. What
    towers cost by their radios beyond the line, and whole spares, are left out: they rest on the usual kit.
    """
    tables = (more.usual, *more.further)
    loose = [one.loose() for one in tables]
    least = [least_costs(one.costs, one.objective) for one in tables]
    by_hand = set(rows_at_mast(more.usual.sites, more.usual.homes, *_allowed(more.usual))[:, 1].tolist())
    prices = []
    for one, of in zip(tables, least, strict=True):
        may = kits_of_homes(of, one.homes, one.access, one.access_kit, one.access_works, by_hand)
        # With this kit alone: where no path works with it, the usual one of its band is no choice.
        works = np.zeros(len(one.homes), np.bool_)
        works[one.access.second[one.access_works.any(axis=1)]] = True
        works[sorted(by_hand)] = True
        price = np.array(cheapest_homes(of, one.homes, may))
        prices.append(np.where(works, price, np.inf))
    cheapest = np.min(prices, axis=0)
    usual = loose[0].without_steps()
    homes = tuple(
        replace(row, cost=float(price)) if np.isfinite(price) else row
        for row, price in zip(usual.homes, cheapest.tolist(), strict=True)
    )
    sites = tuple(
        replace(
            row,
            sector_beside=min(
                of.sector_beside(site, min(one.instance.heights_m[k] for k in ks))
                for one, of in zip(tables, least, strict=True)
            ),
        )
        for row, site, ks in zip(usual.sites, more.usual.sites, more.usual.network.allowed, strict=True)
    )
    rooms = [one.room_homes for one in loose if one.room_homes is not None]
    found = replace(
        usual, sites=sites, homes=homes, serve=_together(loose), sector_cost=min(of.sector() for of in least),
        sector_homes=max(one.sector_homes for one in loose), room_homes=max(rooms, default=None),
    )  # fmt: skip
    most = network_of(found).coverable
    return replace(found, cover=min(1.0, more.goal / most) if most > 0.0 else found.cover)


def _allowed(problem: PlanningProblem) -> tuple[list[list[float]], tuple[float, ...]]:
    heights = problem.instance.heights_m
    return [[heights[k] for k in ks] for ks in problem.network.allowed], heights


def best_of_any(more: MoreAccess, budget: float | None, time_limit_s: float | None, run: Run) -> Solution:
    """Return what the optimiser says of plans with sectors of any of the kits: its bounds hold for them."""
    return optimise(loosest(more), budget=budget, time_limit_s=time_limit_s, run=run)
