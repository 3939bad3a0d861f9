"""From a plan, its ground and the shelf to the abstract instance that the optimiser solves.

Two instances are made of the same figures (the model and the proof: docs/planning.md). What holds in the plan is a rule
of the plan for both: antennas at the top of the mast, verdict, margins and rates of every path at the heights chosen,
what links and Internet connections carry.

- The *loose* one asks for less than the rules do, and so its bound holds for every plan that keeps them: a pair counts
  from the least height at which it works, whether or not it works at greater ones; a sector carries as many homes as
  if each had the best rate of any (`most_sector_homes`); directions are not looked at.
- The *careful* one asks for more, and what it finds nearly always keeps the rules: a pair counts from the height above
  which it works at every allowed one; a sector carries what it would at the homes' mean airtime (`sector_homes`).
  `design` checks what comes out, and asks again with less where a site cannot have the sectors that it needs.
- A link that is kept costs its own kit. It is not forced on the tree; where it stands unused its cost comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.kept import kept_matrix
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.economics.costs import UnitCosts
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.links.conditions import conditions_of, home_conditions_of
from cn_planner.links.pointing import elevations_deg
from cn_planner.links.radio import RadioEnd, radio_end
from cn_planner.message import msg
from cn_planner.model.clients import demand_of, roof_height_m
from cn_planner.model.gateways import may_be_gateway
from cn_planner.model.plan import Objective, Priority
from cn_planner.planning.client_kits import cheapest_homes, kits_of_homes, unequipped
from cn_planner.planning.link_kits import (
    LinkFigures,
    LinkKit,
    any_kit_works,
    homes_carried,
    kits_for_links,
    link_figures,
    links_of,
    links_that_carry,
    most_carried,
    wider_kits,
)
from cn_planner.planning.link_rows import OptionRows, careful_rows, kept_pairs, option_rows, upwards
from cn_planner.planning.pairs import TOO_MANY, pairs_to_look_at, places_of
from cn_planner.planning.places import allowed_sites
from cn_planner.planning.public_places import share_of_all, weighed
from cn_planner.planning.sector_homes import mean_sector_homes, most_sector_homes
from cn_planner.planning.site_rows import instance_site, least_costs, link_names, no_gateway, tower_steps_of
from cn_planner.planning.whole_pieces import link_kinds, whole_spares
from cn_planner.progress import ALONE, Run
from cn_planner.service.home_kits import HomePaths, cheapest_kits, home_end, other_band
from cn_planner.service.judge import serves
from cn_planner.service.roofs import loads_of, rates_wanted
from cn_planner.solver.instance import Instance, InstanceHome
from cn_planner.solver.network import SolverNetwork, network_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.economics.least_costs import LeastCosts
    from cn_planner.economics.tower_steps import TowerSteps
    from cn_planner.links.budget import BudgetArrays
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.pairs import IndexPairs
    from cn_planner.service.home_kits import Ends
    from cn_planner.study import Study
    from cn_planner.terrain.surface import Surface


class AccessBudget(NamedTuple):
    """What is kept of the budgets of paths to homes, as in `BudgetArrays`: of (pairs, heights)."""

    rate_down_mbps: NDArray[np.float64]
    verdict: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class PlanningProblem:
    """The instance, with what is needed to turn its solution into a plan and to explain it.

    Attributes
    ----------
    instance, network : the careful instance; `loose` makes the one that asks for less.
    sites, homes : those of the plan, in the instances' order.
    access : pairs of site and home within reach, ``access_ends`` the radios by the kits that
        homes may have, ``access_kit`` the first that serves, of (pairs, heights), ``access_elevation_deg`` the angle at
        which a home appears, and ``access_budget`` of (pairs, heights), of a sector that points straight at the home.
        ``access_works`` at just that height, ``access_ok`` there and at every greater one that the site may have.
    backhaul : pairs of sites, with budget and the same of (pairs, heights, heights). ``backhaul_full`` where a link
        carries a full sector, or all homes; ``backhaul_carries`` the load of homes that it carries. Budget and
        ``backhaul_full`` are of the plan's kit for links, the others of the best of the kits.
    link_options : the kits that a link may be bought with, the plan's own first.
    pair_of : number of the access pair of (site, home).
    link_of : number of the backhaul pair of (site, site), first below second.
    left_out : sites that cannot be chosen, with the reason.
    busy_mbps : busy-hour demand of one home that links and Internet connections carry.
    objective : what the amounts of the instance are.
    near_only : why far paths are not among its pairs: there would be too many (`pairs.LookedAt`), or the near ones
        do (`narrower.near_where_enough`); empty where all are.
    reachable : weight of the homes that could be reached by all paths, where some are left out here.
    whole : the problem with all paths, where some are left out here: what is said of a home is true of these.
    link_limit : load of homes that each backhaul pair carries at most, whatever its kit and heights; None where nothing
        is limited.
    apart : (tower, home) of homes that do not hang there, as on a plan's channels nothing came to them.
    losses : what `directions` works out once for this problem and all that `replace` makes of it.
    """

    study: Study
    instance: Instance
    network: SolverNetwork
    costs: UnitCosts
    sites: tuple[Site, ...]
    homes: tuple[Household, ...]
    access: PairMatrix
    access_ends: tuple[tuple[RadioEnd, RadioEnd], ...]
    access_kit: NDArray[np.int8]
    access_elevation_deg: NDArray[np.float64]
    access_budget: AccessBudget
    access_works: NDArray[np.bool_]
    access_ok: NDArray[np.bool_]
    backhaul: PairMatrix
    backhaul_budget: BudgetArrays
    backhaul_works: NDArray[np.bool_]
    backhaul_full: NDArray[np.bool_]
    backhaul_carries: NDArray[np.float64]
    link_options: tuple[LinkKit, ...]
    pair_of: dict[tuple[int, int], int]
    link_of: dict[tuple[int, int], int]
    left_out: dict[str, Message]
    busy_mbps: float
    objective: Objective = Objective.CAPITAL
    near_only: str = ""
    reachable: float | None = None
    whole: PlanningProblem | None = None
    link_limit: NDArray[np.float64] | None = None
    apart: frozenset[tuple[str, str]] = frozenset()
    losses: dict[Any, Any] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan that it was made of."""
        return self.study.plan

    @property
    def least(self) -> LeastCosts:
        """What things cost at least, in what the objective counts."""
        return least_costs(self.costs, self.objective)

    @property
    def towers(self) -> TowerSteps:
        """What towers cost beyond `least`."""
        return tower_steps_of(self.costs, self.objective, self.instance.kinds.names)

    @property
    def coverable(self) -> float:
        """The weight of the homes that could be reached, whatever is left out here."""
        return self.network.coverable if self.reachable is None else self.reachable

    def height_index(self, height_m: float) -> int:
        """Return the index of a height of the instance."""
        return self.instance.heights_m.index(height_m)

    def loose(self) -> Instance:
        """Return the instance that asks for less than the rules do: what the bound comes from."""
        heights = self.instance.heights_m
        allowed = [[heights[k] for k in ks] for ks in self.network.allowed]
        at_mast = rows_at_mast(self.sites, self.homes, allowed, heights)
        loose = self.with_loose_links(self.homes)
        rate = np.where(self.access_works, np.nan_to_num(self.access_budget.rate_down_mbps), 0.0)
        load = self.load
        near = np.zeros(1 + int(at_mast[:, 0].max(initial=0)))
        np.add.at(near, at_mast[:, 0], load[at_mast[:, 1]])
        loose = replace(
            loose,
            serve=serve_rows(self.access, self.access_works, allowed, heights, at_mast),
            sector_homes=self._most_homes(rate, load, near, self.sector_mbps),
            room_homes=self._most_homes(rate, load, near, self.busy_mbps) * self.instance.max_sectors
            if self.grows
            else None,
        )
        # Who is coverable is said by the careful one: the same number of homes is asked of both.
        most = network_of(loose).coverable
        return replace(loose, cover=min(1.0, self.network.goal / most)) if most > 0 else loose

    @staticmethod
    def _most_homes(
        rate: NDArray[np.float64], load: NDArray[np.float64], near: NDArray[np.float64], mbps: float
    ) -> float:
        return most_sector_homes(float(rate.max(initial=0.0)), load, float(near.max()), mbps)

    @property
    def load(self) -> NDArray[np.float64]:
        """What is carried for each home at the busy hour, in homes."""
        return np.array([home.load for home in self.instance.homes], np.float64)

    def wanted_mbps(self, pairs: Any = np.s_[:]) -> NDArray[np.float64]:
        """Return the rate that the home of each pair should reach, of some pairs."""
        found: NDArray[np.float64] = rates_wanted(self.plan, self.homes)[self.access.second[pairs]]
        return found

    @property
    def sector_mbps(self) -> float:
        """Busy-hour demand of one home that sectors are bought for."""
        return max(self.plan.demand.busy_hour_mbps, 1e-6)

    @property
    def grows(self) -> bool:
        """Whether a mast needs room for more sectors than are bought."""
        return self.plan.demand.grow_later

    def with_loose_links(self, homes: tuple[Household, ...]) -> Instance:
        """Return the instance with each link that works at some heights, and what it carries of homes at just these."""
        heights = self.instance.heights_m
        allowed = [[heights[k] for k in ks] for ks in self.network.allowed]
        load, most = loads_of(self.plan, homes), self.link_limit
        options = [
            OptionRows(one.works, homes_carried(one.figures, one.wide, load, self.plan.demand), one.price, one.kit)
            for one in self.link_options
        ]
        if most is not None:
            options = [one._replace(carries=np.minimum(one.carries, most[:, None, None])) for one in options]
        ways = option_rows(self.backhaul, options, self.sites, allowed, heights, self.towers)
        return replace(self.instance, **ways._asdict())

    def with_cover(self, cover: float) -> PlanningProblem:
        """Return the problem of serving another share of the coverable homes."""
        instance = replace(self.instance, cover=cover)
        return replace(self, instance=instance, network=network_of(instance))


_PAIRS_AT_ONCE = 4096
"""The window's thread waits while an array is worked on: some milliseconds for so many."""
_LINKS_AT_ONCE = 500_000
"""Paths times heights of links that are looked at with another kit at once: some 50 MB."""


def check_cover(cover: float | None) -> None:
    """Raise InputError where a share is none: below 0, above 1, or no number."""
    if cover is not None and not 0.0 <= cover <= 1.0:
        raise InputError(
            msg("A share of {cover} of the homes is not between 0 and 1.", cover=cover),
            fix=msg("Give 0.95 for 95 of 100 homes."),
        )


def build_problem(
    study: Study,
    *,
    cover: float | None = None,
    objective: Objective = Objective.CAPITAL,
    keep: tuple[Store, str] | None = None,
    weigh: bool = True,
    run: Run = ALONE,
) -> PlanningProblem:
    """Return the instance of a plan.

    Parameters
    ----------
    cover : float, optional
        Share of the coverable homes to serve; the plan's rule where not given.
    objective : Objective
        What its amounts are: money to build, or that and what five years cost to run.
    keep : (Store, str), optional
        Where the figures of paths are kept for the next time, and the digest of ground, trees and obstacles.
    weigh : bool
        Whether public places that need not be connected count as the people make whom they reach.

    Raises
    ------
    InputError
        Where there is no home or no gateway, what is asked contradicts itself, or a kit is not on the shelf.
    MissingTerrainError
        Where the terrain is missing under every home, every site, or every gateway that there may be.
    """
    plan, surface, catalogue = study.plan, study.surface, study.catalogue
    check_cover(plan.rules.cover if cover is None else cover)
    words = other_band(catalogue, plan.kits.access, plan.kits.client)
    if words is not None:
        raise InputError(words, fix=msg("Choose kits of one band for sectors and homes: kits.access, kits.client."))
    costs = UnitCosts(plan, catalogue)
    left_out: dict[str, Message] = {}
    chosen = allowed_sites(plan, costs, left_out)
    heights = tuple(sorted({h for _, hs in chosen for h in hs}))
    homes = tuple(unequipped(home) for home in plan.households.values())
    if not homes:
        raise InputError(msg("The plan has no homes."), fix=msg("Import them, or add one on the map."))
    if not any(may_be_gateway(site) for site, _ in chosen):
        raise no_gateway(plan, left_out)
    sites = tuple(site for site, _ in chosen)
    _check_terrain(surface, sites, homes)
    looked = pairs_to_look_at(study, sites, homes, heights, run)
    access, access_ends, access_kit, access_elevation, access_budget, access_works = access_figures(
        study, (sites, homes, looked.access), heights, keep, run.part(0.0, 0.6)
    )
    busy, now = max(plan.demand.later_mbps, 1e-6), max(plan.demand.busy_hour_mbps, 1e-6)
    may = np.array([[height in hs for height in heights] for _, hs in chosen], np.bool_)
    if weigh:
        study, homes = weighed(study, homes, access.second[(access_works & may[access.first]).any(axis=1)])
    # What works at a height that a site cannot have is not asked.
    access_ok = upwards(access_works | ~may[access.first], 1)
    backhaul, backhaul_budget, link_options, backhaul_full = _backhaul(
        study, (sites, looked.backhaul), heights, busy, keep, run.part(0.6, 1.0)
    )
    allowed = [hs for _, hs in chosen]
    run.check()
    at_mast = rows_at_mast(sites, homes, allowed, heights)
    towers = tower_steps_of(costs, objective, link_names(costs, link_options))
    least, by_hand = towers.least, set(at_mast[:, 1].tolist())
    may_have = kits_of_homes(least, homes, access, access_kit, access_works, by_hand)
    cheapest = cheapest_homes(least, homes, may_have)
    run.check()
    both = may[backhaul.first][:, :, np.newaxis] & may[backhaul.second][:, np.newaxis, :]
    ways = option_rows(backhaul, [careful_rows(one, both) for one in link_options], sites, allowed, heights, towers)
    carried = partial(mean_sector_homes, access, access_budget.rate_down_mbps, access_ok, len(homes))
    instance = Instance(
        name=plan.info.name,
        heights_m=heights,
        sites=tuple(instance_site(site, hs, heights, towers, busy) for site, hs in chosen),
        homes=tuple(
            InstanceHome(home.id, home.weight, home.latitude, home.longitude, price, takes=_takes(plan, home))
            for home, price in zip(homes, cheapest, strict=True)
        ),
        serve=serve_rows(access, access_ok, allowed, heights, at_mast),
        sector_cost=least.sector(),
        sector_homes=carried(now),
        room_homes=carried(busy) * plan.rules.max_sectors if plan.demand.grow_later else None,
        max_sectors=plan.rules.max_sectors,
        max_hops=plan.rules.max_hops,
        cover=plan.rules.cover if cover is None else cover,
        **ways._asdict(),
        kinds=link_kinds(towers),
        spares=whole_spares(towers, homes, may_have),
    )
    run.check()
    # A home that must be reached and cannot be does not stop the plan: it is reported with its fix.
    reachable = network_of(instance).serve
    instance = replace(
        instance,
        homes=tuple(
            replace(row, must=home.priority is Priority.MUST and bool(reachable[h]))
            for h, (row, home) in enumerate(zip(instance.homes, homes, strict=True))
        ),
        cover=share_of_all(plan, homes, reachable, instance.cover),
    )
    run.check()
    pairs = zip(access.first.tolist(), access.second.tolist(), strict=True)
    joined = zip(backhaul.first.tolist(), backhaul.second.tolist(), strict=True)
    return PlanningProblem(
        study=study,
        instance=instance,
        network=network_of(instance),
        costs=costs,
        sites=sites,
        homes=homes,
        access=access,
        access_ends=access_ends,
        access_kit=access_kit,
        access_elevation_deg=access_elevation,
        access_budget=access_budget,
        access_works=access_works,
        access_ok=access_ok,
        backhaul=backhaul,
        backhaul_budget=backhaul_budget,
        backhaul_works=any_kit_works(link_options),
        backhaul_full=backhaul_full,
        backhaul_carries=most_carried(link_options),
        link_options=link_options,
        pair_of={pair: number for number, pair in enumerate(pairs)},
        link_of={pair: number for number, pair in enumerate(joined)},
        left_out=left_out,
        busy_mbps=busy,
        objective=objective,
        near_only=TOO_MANY if looked.near else "",
    )


def _takes(plan: Plan, home: Household) -> float | None:
    """Return what is carried for a home, where that is not as much as it counts."""
    load = demand_of(plan, home)
    return None if load == home.weight else load


def _check_terrain(surface: Surface, sites: tuple[Site, ...], homes: tuple[Household, ...]) -> None:
    things: tuple[tuple[Message, tuple[Site, ...] | tuple[Household, ...]], ...] = (
        (msg("every site"), sites),
        (msg("every gateway"), tuple(site for site in sites if may_be_gateway(site))),
        (msg("every home"), homes),
    )
    for kind, rows in things:
        lat, lon = np.array([r.latitude for r in rows]), np.array([r.longitude for r in rows])
        if np.isnan(surface.heights(lat, lon)).all():
            raise MissingTerrainError(
                msg("The terrain is missing under {things}.", things=kind),
                where=", ".join(surface.missing_tiles(lat, lon)[:5]),
                fix=msg("Add elevation files that hold the area."),
            )


def _where(what: str, keep: tuple[Store, str] | None, plan: Plan, freq_mhz: float) -> tuple[Store | None, str]:
    """Return where the figures of paths are kept, and what they depend on beside places and heights."""
    if keep is None:
        return None, ""
    store, ground = keep
    return store, repr(("paths", what, ground, freq_mhz, home_conditions_of(plan), plan.rules.clearance_f1))


def access_figures(
    study: Study,
    looked: tuple[tuple[Site, ...], tuple[Household, ...], IndexPairs],
    heights: tuple[float, ...],
    keep: tuple[Store, str] | None,
    run: Run,
) -> tuple[PairMatrix, tuple[Ends, ...], NDArray[np.int8], NDArray[np.float64], AccessBudget, NDArray[np.bool_]]:
    """Return the paths from sites to homes, the radios of both by kit of homes, and whom they serve."""
    plan, surface, catalogue = study.plan, study.surface, study.catalogue
    sites, homes, pairs = looked
    run.progress(0.0, msg("Looking from every site to every home"))
    freq = catalogue.kit(plan.kits.access).freq_mhz
    matrix = kept_matrix(
        *_where("access", keep, plan, freq),
        surface,
        places_of(sites),
        places_of(homes),
        heights,
        np.array([[roof_height_m(plan, home)] for home in homes]),
        freq,
        pairs,
        conditions=home_conditions_of(plan),
        enough_f1=plan.rules.clearance_f1,
        obstacles=tuple(plan.obstacles.values()),
        run=run,
    )
    tower = radio_end(catalogue, plan.kits.access, study.regulations)
    ends = tuple((tower, home_end(study, plan.kits.access, kit)) for kit in plan.kits.clients)
    shape = matrix.loss_db.shape[:2]
    kept = AccessBudget(np.empty(shape), np.empty(shape, np.int8))
    works, which = np.empty(shape, np.bool_), np.empty(shape, np.int8)
    wanted = rates_wanted(plan, homes)[matrix.second, np.newaxis]
    for start in range(0, len(matrix), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        paths = HomePaths(
            matrix.loss_db[some, :, 0], matrix.sight(np.s_[some, :, 0]), matrix.distance_m[some, np.newaxis],
            wanted_mbps=wanted[some],
        )  # fmt: skip
        which[some], budget = cheapest_kits(plan, ends, paths)
        kept.rate_down_mbps[some], kept.verdict[some] = budget.rate_down_mbps, budget.verdict
        works[some] = serves(plan, budget, wanted[some])
        run.check()
    tops = surface.heights(*places_of(homes)) + np.array([roof_height_m(plan, home) for home in homes])
    here = surface.heights(*places_of(sites))[matrix.first, np.newaxis] + np.array(heights)[np.newaxis, :]
    elevation = elevations_deg(
        matrix.distance_m[:, np.newaxis], here, tops[matrix.second, np.newaxis], conditions_of(plan).k_factor
    )
    return matrix, ends, which, elevation, kept, works


def _backhaul(
    study: Study,
    looked: tuple[tuple[Site, ...], IndexPairs],
    heights: tuple[float, ...],
    busy: float,
    keep: tuple[Store, str] | None,
    run: Run,
) -> tuple[PairMatrix, BudgetArrays, tuple[LinkKit, ...], NDArray[np.bool_]]:
    plan, catalogue = study.plan, study.catalogue
    sites, looked_at = looked
    run.progress(0.0, msg("Looking from every site to every other"))
    freq = catalogue.kit(plan.kits.backhaul).freq_mhz
    matrix = kept_matrix(
        *_where("backhaul", keep, plan, freq),
        study.surface,
        places_of(sites),
        places_of(sites),
        heights,
        heights,
        freq,
        looked_at,
        conditions=conditions_of(plan),
        needs=False,
        enough_f1=plan.rules.clearance_f1,
        obstacles=tuple(plan.obstacles.values()),
        run=run,
    )
    budget, works = links_of(study, matrix, plan.kits.backhaul, plan.demand.mbps_per_home)
    _, full = links_that_carry(study, matrix, busy)
    pairs = {pair: n for n, pair in enumerate(zip(matrix.first.tolist(), matrix.second.tolist(), strict=True))}
    for pair, kit in _own_kits(plan, catalogue, sites).items():
        if pair in pairs:
            one, (here, there) = np.zeros(1, np.int64), (places_of((sites[end],)) for end in pair)
            path = pair_matrix(
                study.surface, here, there, heights, heights, kit.freq_mhz, conditions_of(plan),
                pairs=(one, one), enough_f1=plan.rules.clearance_f1, needs=False,
                obstacles=tuple(plan.obstacles.values()),
            )  # fmt: skip
            own, good = links_of(study, path, kit, plan.demand.mbps_per_home)
            for whole, mine in zip(budget.arrays, own.arrays, strict=True):
                whole[pairs[pair]] = mine[0]
            works[pairs[pair]] = good[0]
            full[pairs[pair]] = links_that_carry(study, path, busy, kit)[1][0]
    kept = [pairs[pair] for pair in kept_pairs(plan, sites) if pair in pairs]
    return matrix, budget, _link_options(study, matrix, budget, works, kept), full


def _link_options(
    study: Study, matrix: PairMatrix, budget: BudgetArrays, works: NDArray[np.bool_], kept: list[int]
) -> tuple[LinkKit, ...]:
    """Return what each kit does on each path, that of the plan first; links that are kept have their own kit alone."""
    plan, costs = study.plan, UnitCosts(study.plan, study.catalogue)
    load = loads_of(plan, plan.households.values())
    found = []
    for number, kit in enumerate(kits_for_links(study)):
        figures, good = (link_figures(budget), works) if number == 0 else _in_parts(study, matrix, kit)
        if number:
            good[kept] = False
        wide = _widest(study, matrix, kit, figures, kept) if plan.demand.grow_later else None
        carries = homes_carried(figures, wide, load, plan.demand)
        found.append(LinkKit(kit.id, costs.end(kit).times(2).least, figures, good, carries, wide))
    return tuple(found)


def _widest(study: Study, matrix: PairMatrix, kit: Kit, own: LinkFigures, kept: list[int]) -> LinkFigures | None:
    """Return what a kit does on its own channel or a wider one, whichever carries more; kept links stay as they are.

    None where it has no wider one.
    """
    best: LinkFigures | None = None
    for wider in wider_kits(study, kit):
        figures, good = _in_parts(study, matrix, wider)
        before = own if best is None else best
        more = good & (figures.mbps > before.mbps)
        more[kept] = False
        best = LinkFigures(*(np.where(more, new, old) for new, old in zip(figures, before, strict=True)))
    return best


def _in_parts(study: Study, matrix: PairMatrix, kit: Kit) -> tuple[LinkFigures, NDArray[np.bool_]]:
    """Return what links with a kit do, some pairs at a time: whole budgets of one kit more would double the memory."""
    shape = matrix.loss_db.shape
    found, good = LinkFigures(*(np.empty(shape) for _ in LinkFigures._fields)), np.empty(shape, np.bool_)
    step = max(1, _LINKS_AT_ONCE // max(1, shape[1] * shape[2]))
    for start in range(0, len(matrix), step):
        some = slice(start, start + step)
        budget, good[some] = links_of(study, matrix, kit, study.plan.demand.mbps_per_home, some)
        for whole, part in zip(found, link_figures(budget), strict=True):
            whole[some] = part
    return found, good


def _own_kits(plan: Plan, catalogue: Catalogue, sites: tuple[Site, ...]) -> dict[tuple[int, int], Kit]:
    """Return the kits of links that are kept and have another than the plan's, or a channel of their own, by sites."""
    usual = catalogue.kit(plan.kits.backhaul)
    found = {
        pair: catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)
        for pair, link in kept_pairs(plan, sites).items()
    }
    return {pair: kit for pair, kit in found.items() if kit != usual}


def rows_at_mast(
    sites: tuple[Site, ...], homes: tuple[Household, ...], allowed: list[list[float]], heights: tuple[float, ...]
) -> NDArray[np.int32]:
    """Return rows of `serve` for homes at a mast itself: they need no radio path."""
    here: dict[tuple[float, float], list[int]] = {(h.latitude, h.longitude): [] for h in homes}
    for number, home in enumerate(homes):
        here[home.latitude, home.longitude].append(number)
    rows = [
        [s, h, heights.index(min(allowed[s]))]
        for s, site in enumerate(sites)
        for h in here.get((site.latitude, site.longitude), [])
    ]
    return np.array(rows, np.int32).reshape(-1, 3)


def serve_rows(
    matrix: PairMatrix,
    good: NDArray[np.bool_],
    allowed: list[list[float]],
    heights: tuple[float, ...],
    at_mast: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return (site, home, least height index) of each pair that is good at an allowed height, and of those at masts."""
    rows = [at_mast]
    for site, levels in enumerate(allowed):
        index = np.array([heights.index(h) for h in levels], np.int64)
        pairs = np.flatnonzero(matrix.first == site)
        fits = good[np.ix_(pairs, index)]
        pairs, fits = pairs[fits.any(axis=1)], fits[fits.any(axis=1)]
        least = index[fits.argmax(axis=1)] if len(pairs) else index[:0]
        rows.append(np.stack([matrix.first[pairs], matrix.second[pairs], least], axis=1).astype(np.int32))
    serve = np.concatenate(rows)
    return serve[np.lexsort((serve[:, 2], serve[:, 1], serve[:, 0]))]
