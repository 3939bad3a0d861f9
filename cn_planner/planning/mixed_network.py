"""A network in which sectors of several kits stand from the start: where the optimiser puts towers for any of them.

What is searched for the bound of such plans (`more_access.loosest`) says where towers stand, how high, and who hangs
where, as if a sector of the cheapest kit served whoever any kit does. Here it becomes a plan: each tower gives its
homes the kits that reach them at just its height, by the mix of kits that costs least, and has the sectors that this
takes. Who has no place in them is left out; `more_sectors` may take them in again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import PlanStatus, Sector
from cn_planner.planning.chains import Chains
from cn_planner.planning.design import plan_notes
from cn_planner.planning.explain import explain_unserved
from cn_planner.planning.keeping import plan_with
from cn_planner.planning.loads import bought_kits, loads
from cn_planner.planning.result import DesignLink, DesignSite, backhaul_link, basis_of
from cn_planner.planning.shortfall import NOT_KNOWN
from cn_planner.planning.verification import pointed_at_homes, solution_works
from cn_planner.service.roofs import home_arrays
from cn_planner.service.tower import tower_coverage
from cn_planner.solver.network import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.more_access import MoreAccess
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.service.tower import TowerCoverage
    from cn_planner.solver.instance import Solution
    from cn_planner.solver.sectors import SectorBeam
    from cn_planner.study import Study

    _Mix = tuple[tuple[SectorBeam, ...], ...]
    """The beams of a tower, by the number of their kit: the usual one first."""


def mixed_network(more: MoreAccess, solution: Solution, like: Design, *, usual_first: bool = False) -> Design | None:
    """Return a design of the sites, heights and links of a solution for any of the kits, with sectors of several.

    Its bound is not in it, and it may cost more than there is. None where links of it do not work or carry what they
    must.

    Parameters
    ----------
    more : MoreAccess
    solution : Solution
        Of `more_access.loosest`.
    like : Design
        Of the usual kit: what was asked for.
    usual_first : bool
        Whether further kits serve those alone whom the usual one does not: it may be dearer, and leaves the channels of
        their bands to few.
    """
    if solution.cost is None or like.edit is None or like.edit.plan.outcome is None:
        return None
    sound = solution_works(more.usual, replace(solution, homes={}))
    if not sound or not all(fits(row.load, row.carries) for row in loads(more.usual, solution)):
        return None
    maker = _Maker(more, solution, like)
    mixes = maker.mixes(usual_first=usual_first)
    plan, served = maker.plan_of(mixes), maker.served(mixes)
    catalogue = more.usual.study.catalogue
    capex = capital(plan, catalogue).total.total
    if not served:
        return None
    weight = {home.id: home.weight for home in more.usual.homes}
    carried: dict[str, float] = {}
    for key, site in served.items():
        carried[site] = carried.get(site, 0.0) + weight[key]
    total = math.fsum(weight[key] for key in served)
    outcome = replace(
        like.edit.plan.outcome, status=PlanStatus.FEASIBLE, served=total, coverable=more.coverable, capex=capex,
        lower_bound=None, gap=None, homes_upper_bound=None, basis=basis_of(plan),
    )  # fmt: skip
    plan = replace(plan, outcome=outcome)
    heights = {site.id: site.height_m for site in solution.sites}
    bought = bought_kits(more.usual, solution)
    left = explain_unserved(more.usual, replace(solution, homes=served), {}, Chains(more.usual))
    unpriced = maker.problem.costs.unpriced
    return replace(
        like, edit=Edit(like.edit.label, plan), status=PlanStatus.FEASIBLE, served=total, coverable=more.coverable,
        capex=capex, running=like.runs_for(plan, catalogue, capex), month=monthly_cost(plan, catalogue, capex).total,
        lower_bound=None, gap=None, homes_upper_bound=None, reason=None, shortfall=None, searched=None,
        sites=tuple(
            DesignSite(s.id, s.latitude, s.longitude, heights[s.id], s.role.value, carried.get(s.id, 0.0))
            for s in more.usual.sites if s.id in heights and s.id in plan.used_sites
        ),
        links=tuple(
            backhaul_link(more.usual, ends, heights, bought.get(frozenset(ends))) for ends in solution.links
            if set(ends) <= plan.used_sites.keys()
        ) + tuple(
            row for site in sorted(set(served.values()))
            for row in paths_to_homes(plan, site, *tower_to_homes(more.usual.study, plan, site))
        ),
        unserved=tuple(told_by_all(more, left)),
        notes=(
            *plan_notes(more.usual, plan),
            *([msg("No price is known for {items}.", items=", ".join(sorted(unpriced)))] if unpriced else []),
        ),
    )  # fmt: skip


def tower_to_homes(study: Study, plan: Plan, site: str) -> tuple[tuple[str, ...], TowerCoverage]:
    """Return the homes that a plan gives a tower, in the order of ids, and what the judge says that it is to them."""
    mine = tuple(key for key, home in plan.households.items() if home.server == site)
    every = np.arange(len(mine), dtype=np.int64)
    study = replace(study, plan=plan)
    return mine, tower_coverage(study, home_arrays(plan, mine), plan.sites[site], only=every, beside=every)


def paths_to_homes(plan: Plan, site: str, homes: tuple[str, ...], judged: TowerCoverage) -> Iterator[DesignLink]:
    """Yield the paths from a tower to its homes, as `tower_to_homes` has them; none to one at the mast itself."""
    answer, mast = judged.answer, plan.sites[site].mast_height_m or 0.0
    for n, number in enumerate(judged.home.tolist()):
        if judged.distance_m[n] > 0.0:
            home = plan.households[homes[number]]
            yield DesignLink(
                site, home.id, "access", mast, roof_height_m(plan, home), float(judged.distance_m[n]),
                float(answer.margin_db[n]), float(answer.rate_down_mbps[n]), float(answer.rate_up_mbps[n]),
            )  # fmt: skip


def told_by_all(more: MoreAccess, unserved: Iterable[Unserved]) -> Iterator[Unserved]:
    """Yield homes that are left out, each with a reason that holds of all kits, not of the usual one alone."""
    number = {home.id: n for n, home in enumerate(more.usual.homes)}
    reached = (UnservedKind.LEFT_OUT, UnservedKind.SHORT, UnservedKind.SILENT)
    for one in unserved:
        by_others = one.id in number and any(table.network.serve[number[one.id]] for table in more.further)
        told = by_others and one.kind not in reached
        yield replace(one, kind=UnservedKind.LEFT_OUT, reason=NOT_KNOWN, fix=None, fix_cost=None) if told else one


_MOVES, _FEW = 8, 3
"""Sectors that are emptied into others at most, and how many homes such a one has."""


@dataclass(slots=True, eq=False)
class _Maker:
    """Makes a plan of a solution for any of several kits."""

    more: MoreAccess
    solution: Solution
    like: Design
    tables: tuple[PlanningProblem, ...] = field(init=False)
    level: dict[str, int] = field(init=False)
    number: tuple[dict[str, int], dict[str, int]] = field(init=False)
    """Of sites and homes, the same in all tables."""

    def __post_init__(self) -> None:
        self.tables = (self.more.usual, *self.more.further)
        rows = self.problem.sites, self.problem.homes
        self.number = {one.id: n for n, one in enumerate(rows[0])}, {one.id: n for n, one in enumerate(rows[1])}
        self.level = {site.id: self.problem.height_index(site.height_m) for site in self.solution.sites}

    @property
    def problem(self) -> PlanningProblem:
        """That of the usual kit."""
        return self.more.usual

    def mixes(self, *, usual_first: bool) -> dict[str, _Mix]:
        """Return the sectors of each tower: most homes first, then least money, one tower after the other."""
        homes: dict[str, list[str]] = {}
        for key, site in sorted(self.solution.homes.items()):
            homes.setdefault(site, []).append(key)
        found = self._chosen(homes, {}, usual_first=usual_first)
        worth = (-self._weight(found), self._value(found))
        for _ in range(_MOVES):
            moved = self._moved(found, worth, usual_first=usual_first)
            if moved is None:
                break
            found, worth = moved
        return found

    def _moved(
        self, mixes: dict[str, _Mix], worth: tuple[float, float], *, usual_first: bool
    ) -> tuple[dict[str, _Mix], tuple[float, float]] | None:
        """Return sectors without one of few homes, which another tower takes for less money; None where none does."""
        few = sorted(
            (len(beam.homes), site, table, beam.azimuth_deg, beam.homes)
            for site, mix in mixes.items() for table, row in enumerate(mix) for beam in row
            if len(beam.homes) <= _FEW
        )  # fmt: skip
        served = self.served(mixes)
        for _, site, _, _, numbers in few:
            own = [self.problem.homes[h].id for h in numbers]
            for other in sorted(mixes):
                if other == site or not all(self._any_works(other, key) for key in own):
                    continue
                after = {**served, **dict.fromkeys(own, other)}
                if not all(fits(row.load, row.carries) for row in
                           loads(self.problem, replace(self.solution, homes=after))):  # fmt: skip
                    continue
                both = {at: [key for key, where in after.items() if where == at] for at in (site, other)}
                made = self._chosen(both, mixes, usual_first=usual_first)
                now = (-self._weight(made), self._value(made))
                if now < (worth[0], worth[1] - 0.01):
                    return made, now
        return None

    def _any_works(self, site: str, home: str) -> bool:
        return any(self._works(n, site, home) for n in range(len(self.tables)))

    def _chosen(self, homes: dict[str, list[str]], beside: dict[str, _Mix], *, usual_first: bool) -> dict[str, _Mix]:
        """Return the sectors of towers with their homes, and those of others as they are."""
        options = {site: [self._mix(site, own, first) for first in range(len(self.tables))] for site, own in
                   sorted(homes.items())}  # fmt: skip
        found = {**beside, **{site: mixes[0] for site, mixes in options.items()}}
        for site, mixes in options.items() if not usual_first else ():
            tried = [({**found, site: mix}, n) for n, mix in enumerate(mixes)]
            worth = [(-self._weight(one), self._value(one), n) for one, n in tried]
            found = tried[min(worth)[-1]][0]
        return found

    def _weight(self, mixes: dict[str, _Mix]) -> float:
        return math.fsum(
            self.problem.homes[h].weight for mix in mixes.values() for row in mix for beam in row for h in beam.homes
        )

    def _value(self, mixes: dict[str, _Mix]) -> float:
        plan, catalogue = self.plan_of(mixes), self.problem.study.catalogue
        capex = capital(plan, catalogue).total.total
        return capex + self.like.runs_for(plan, catalogue, capex)

    def _mix(self, site: str, homes: list[str], first: int) -> _Mix:
        """Return the sectors of a tower where each home has the first kit that serves it, one kit before the others.

        Where they are too many the sector of fewest homes goes, with them.
        """
        order = [first, *(n for n in range(len(self.tables)) if n != first)]
        of: list[list[str]] = [[] for _ in self.tables]
        for key in homes:
            which = next((n for n in order if self._works(n, site, key)), None)
            if which is not None:
                of[which].append(key)
        rows = [list(self._beams(n, site, own)) for n, own in enumerate(of)]
        while self._needs(rows, site) > self.problem.plan.rules.max_sectors:
            weight = [home.weight for home in self.problem.homes]
            every = [(sum(weight[h] for h in one.homes), n, one) for n, row in enumerate(rows) for one in row]
            _, n, least = min(every, key=lambda one: (one[0], one[1], one[2].azimuth_deg))
            rows[n] = [one for one in rows[n] if one is not least]
        return tuple(tuple(row) for row in rows)

    def _needs(self, rows: list[list[SectorBeam]], site: str) -> int:
        """Return how many sectors a tower needs, or will once demand has grown."""
        grown = len(rows[0])
        if self.problem.grows:
            homes = [self.problem.homes[h].id for one in rows[0] for h in one.homes]
            grown = max(grown, len(self._beams(0, site, homes, self.problem.busy_mbps)))
        return grown + sum(len(row) for row in rows[1:])

    def _works(self, table: int, site: str, home: str) -> bool:
        of = self.tables[table]
        s, h = self.number[0][site], self.number[1][home]
        if (of.sites[s].latitude, of.sites[s].longitude) == (of.homes[h].latitude, of.homes[h].longitude):
            return table == 0  # by cable, with the usual kit
        pair = of.pair_of.get((s, h))
        return pair is not None and bool(of.access_works[pair, self.level[site]])

    def _beams(self, table: int, site: str, homes: list[str], mbps: float | None = None) -> tuple[SectorBeam, ...]:
        if not homes:
            return ()
        of = self.tables[table]
        mast = tuple(one for one in self.solution.sites if one.id == site)
        asked = replace(self.solution, sites=mast, links=(), homes=dict.fromkeys(homes, site))
        mbps = of.busy_mbps if table and mbps is None else mbps
        return pointed_at_homes(of, asked, mbps).get(site, ())

    def served(self, mixes: dict[str, _Mix]) -> dict[str, str]:
        """Return the tower of each home that has a place."""
        rows = (
            (self.problem.homes[h].id, site) for site, mix in mixes.items() for row in mix for one in row
            for h in one.homes
        )  # fmt: skip
        return dict(sorted(rows))

    def plan_of(self, mixes: dict[str, _Mix]) -> Plan:
        """Return the plan with these sectors."""
        solution = replace(self.solution, homes=self.served(mixes))
        plan = plan_with(self.problem, solution, {site: mix[0] for site, mix in mixes.items()})
        rows: list[Site | Household] = []
        for key, mix in mixes.items():
            site, sectors, s = plan.sites[key], list[Sector](), self.number[0][key]
            for table, beams in zip(self.tables[1:], mix[1:], strict=True):
                kits = table.plan.kits
                for beam in beams:
                    number = len(site.sectors) + len(sectors) + 1
                    azimuth = round(beam.azimuth_deg, 1) % 360.0
                    sectors.append(Sector(f"{key}-S{number}", kits.access, azimuth, beam.tilt_deg))
                    for h in beam.homes:
                        own = kits.clients[int(table.access_kit[table.pair_of[s, h], self.level[key]])]
                        home = plan.households[table.homes[h].id]
                        rows.append(replace(home, client_kit="" if own == plan.kits.client else own))
            if sectors:
                rows.append(replace(site, sectors=(*site.sectors, *sectors)))
        return edits.put(plan, rows).plan if rows else plan
