"""A plan of points looked at home by home: who of each point is reached, on its own path and in its sector's time.

A home that its point's tower does not reach is tried at the other towers of the plan, while homes are still asked for.
No tower takes more than its points promised where a link or a gateway can be full: none carries more than was planned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import CancelledError
from cn_planner.geo import geodesics
from cn_planner.links.throughput import airtime_share
from cn_planner.message import msg
from cn_planner.model.clients import demand_of, roof_height_m
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import PlanStatus, Priority
from cn_planner.planning.explain import Unserved, UnservedKind
from cn_planner.planning.pairs import TOO_MANY, near_note
from cn_planner.planning.result import DesignLink, basis_of
from cn_planner.progress import ALONE, Run
from cn_planner.service.homes import service
from cn_planner.service.joined import loads_at
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Household, Plan
    from cn_planner.planning.home_points import HomePoints
    from cn_planner.planning.home_reach import HomeReach
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.progress import CancelToken

_AT_ONCE = 10_000
_TOWERS = 3
"""Further towers that a home is tried at."""


class _Path(NamedTuple):
    """A home's path from a tower of the plan that keeps every rule of it, and what it takes of which sector's time."""

    server: str
    sector: str
    share: float
    length_m: float
    margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None


@dataclass(slots=True)
class _Room:
    """What is taken of sectors' time, and of towers where links can be full."""

    most: Mapping[str, float]
    used: dict[tuple[str, str], float] = field(default_factory=dict)
    carried: dict[str, float] = field(default_factory=dict)

    def take(self, path: _Path, load: float) -> bool:
        """Take a home where there is room for it; say whether there is."""
        key, used = (path.server, path.sector), self.used.get((path.server, path.sector))
        # One home that alone needs more has a sector of its own.
        if used is not None and used + path.share > 1.0 + 1e-9 and path.share > 0.0:
            return False
        carried = self.carried.get(path.server, 0.0) + load
        if carried > self.most.get(path.server, math.inf) + 1e-9:
            return False
        self.used[key], self.carried[path.server] = (used or 0.0) + path.share, carried
        return True


@dataclass(frozen=True, slots=True, eq=False)
class PointHomes:
    """The homes behind points, and what reaches them."""

    points: HomePoints
    problem: PlanningProblem
    reach: HomeReach
    plan: Plan
    """As it was asked for: points have the usual kit, and are near."""

    def as_asked(self, found: Design) -> Design:
        """Return a design whose plan has the kits and rules that were asked for, and says what was left out."""
        if found.edit is None:
            return found
        made, notes = found.edit.plan, found.notes
        if made.kits == self.plan.kits and made.rules == self.plan.rules:
            return found
        made = replace(made, kits=self.plan.kits, rules=self.plan.rules)
        if made.outcome is not None:
            made = replace(made, outcome=replace(made.outcome, basis=basis_of(made)))
        if self.plan.kits.more_clients or self.plan.more_access:
            notes = (*notes, msg("Where so many homes are planned together all have the plan's usual kit."))
        if None in (self.plan.rules.max_access_km, self.plan.rules.max_backhaul_km):
            notes = (*notes, near_note(TOO_MANY))
        return replace(found, edit=replace(found.edit, plan=made), notes=notes)

    def asked(self, cover: float) -> float:
        """Return the weight of the homes that a share of those that can be reached is."""
        goal = cover * self.coverable
        goal -= 1e-9 * max(1.0, goal)
        return float(math.ceil(goal)) if bool((self.reach.weight == np.floor(self.reach.weight)).all()) else goal

    @property
    def coverable(self) -> float:
        """The weight of the homes that can be reached."""
        return math.fsum(self.reach.weight[self.reach.coverable])

    def seen(self, found: Design, cover: float, *, run: Run = ALONE) -> Design:
        """Return a design for points as one for their homes, without a bound.

        Parameters
        ----------
        found : Design
            Of points.
        cover : float
            The share that is asked for; where the design has a budget, as many as that pays for.

        Raises
        ------
        CancelledError
        """
        run.check()
        edit = found.edit
        if edit is None:
            return replace(
                found, coverable=self.coverable, homes_upper_bound=None, unserved=_all_alike(found, self.points, None)
            )
        run.progress(0.0, msg("Looking at each home of a point"))
        paths = self._chosen(found, edit.plan, cover, run)
        # Its parts are each too short to be asked; together, of very many homes, they take seconds.
        written = run_in_worker(lambda: self._written(found, edit, paths), run.cancel)
        if written is None:
            raise CancelledError(msg("Cancelled."))
        return written

    def _chosen(self, found: Design, made: Plan, cover: float, run: Run) -> dict[str, _Path]:
        """Return the homes that are served, each with its path."""
        weight = {home.id: home.weight for home in self.reach.homes}
        full = self.problem.network.limited
        room = _Room(loads_at(made) if full else {})
        coverable = {self.reach.homes[n].id for n in np.flatnonzero(self.reach.coverable).tolist()}
        wanted = {
            home.id: server
            for key, group in self.points.members.items()
            if (server := made.households[key].server) is not None
            for home in group
            if home.id in coverable
        }
        served = self._taken(self._paths(made, wanted, run.part(0.0, 0.7)), room, weight, math.inf)
        others = self._others(made, wanted)
        for number in range(_TOWERS):
            more = self._still(found, made, served, cover, weight)
            wanted = {key: row[number] for key, row in others.items() if key not in served and number < len(row)}
            if more <= 0.0 or not wanted:
                break
            watch = run.part(0.7 + 0.1 * number, 0.8 + 0.1 * number)
            served |= self._taken(self._paths(made, wanted, watch), room, weight, more)
        return self._paid(found, made, served, run.cancel)

    def _paid(
        self, found: Design, made: Plan, served: dict[str, _Path], cancel: CancelToken | None
    ) -> dict[str, _Path]:
        """Return the homes that the budget pays for: spares come in whole pieces, so the last few may not be."""
        order = list(served)
        while found.budget is not None and order:
            if cancel is not None:
                cancel.check()
            kept = {key: served[key] for key in order}
            if capital(self._with(made, kept), self.problem.study.catalogue).total.total <= found.budget + 1e-6:
                return kept
            del order[-max(1, len(order) // 100) :]
        return served

    def _still(
        self, found: Design, made: Plan, served: Mapping[str, _Path], cover: float, weight: Mapping[str, float]
    ) -> float:
        """Return the weight of homes that are still asked for, or that there is still money for."""
        if found.budget is None:
            return self.asked(cover) - math.fsum(weight[key] for key in served)
        left = found.budget - capital(self._with(made, served), self.problem.study.catalogue).total.total
        each = self.problem.costs.home(self.reach.homes[0]).total / max(self.reach.homes[0].weight, 1.0)
        return math.floor(left / each) if each > 0.0 else math.inf

    def _others(self, made: Plan, first: Mapping[str, str]) -> dict[str, list[str]]:
        """Return the towers of the plan that may reach each home beside its point's, the nearest first."""
        sites, heights = self.problem.sites, self.problem.instance.heights_m
        level, towers = np.full(len(sites), -1), made.used_sites
        for number, site in enumerate(sites):
            there = towers.get(site.id)
            mast = None if there is None else there.mast_height_m
            if there is not None and there.sectors and mast is not None:
                allowed = [heights[k] for k in self.problem.network.allowed[number]]
                level[number] = sum(height <= mast + 1e-9 for height in allowed) - 1
        may = (self.reach.least <= level[np.newaxis, :]) & self.reach.coverable[:, np.newaxis]
        home, tower = np.nonzero(may)
        lat, lon = np.array([[s.latitude, s.longitude] for s in sites]).T
        at = np.array([[h.latitude, h.longitude] for h in self.reach.homes])
        off = np.hypot(at[home, 0] - lat[tower], (at[home, 1] - lon[tower]) * np.cos(np.radians(lat[tower])))
        found: dict[str, list[str]] = {}
        for n in np.lexsort((tower, off, home)).tolist():
            key, server = self.reach.homes[int(home[n])].id, sites[int(tower[n])].id
            if first.get(key) != server:
                found.setdefault(key, []).append(server)
        return found

    def _paths(self, made: Plan, wanted: Mapping[str, str], run: Run) -> dict[str, _Path]:
        """Return the paths of homes from these towers, of those that keep the rules."""
        home_of = {home.id: home for home in self.reach.homes}
        keys, found = sorted(wanted), dict[str, _Path]()
        for start in range(0, len(keys), _AT_ONCE):
            some = [replace(home_of[key], server=wanted[key]) for key in keys[start : start + _AT_ONCE]]
            watch = run.part(start / len(keys), min(1.0, (start + _AT_ONCE) / len(keys)))
            study = replace(self.problem.study, plan=replace(made, households=Items(some)))
            rows = service(study, others=False, down=(), run=watch)  # paths alone
            for home, one, length in zip(some, rows, _lengths(made, some), strict=True):
                share, sector = 0.0, ""
                if length > 0.0 and made.sites[wanted[home.id]].sectors:  # else by cable
                    if not one.works:
                        continue
                    sector = one.sector
                    demand = made.demand.later_mbps * demand_of(made, home)
                    share = float(airtime_share(demand, one.rate_down_mbps or 0.0))
                found[home.id] = _Path(
                    wanted[home.id], sector, share, length, one.margin_db, one.rate_down_mbps, one.rate_up_mbps
                )
        return found

    def _taken(
        self, paths: Mapping[str, _Path], room: _Room, weight: Mapping[str, float], most: float
    ) -> dict[str, _Path]:
        """Return the homes that there is room for: those that must be reached first, then those of least time."""
        must = {home.id for home in self.reach.homes if home.priority is Priority.MUST}
        load = {home.id: load for home, load in zip(self.reach.homes, self.reach.load.tolist(), strict=True)}
        found: dict[str, _Path] = {}
        for key in sorted(paths, key=lambda key: (key not in must, paths[key].share, key)):
            if weight[key] <= most + 1e-9 and room.take(paths[key], load[key]):
                found[key] = paths[key]
                most -= weight[key]
        return found

    def _with(self, made: Plan, served: Mapping[str, _Path]) -> Plan:
        homes = (
            replace(home, server=served[home.id].server if home.id in served else None) for home in self.reach.homes
        )
        return replace(made, households=Items(homes))

    def _written(self, found: Design, edit: Edit, paths: Mapping[str, _Path]) -> Design:
        made = edit.plan
        after = self._with(made, paths)
        capex = capital(after, self.problem.study.catalogue).total.total
        weight = {home.id: home.weight for home in self.reach.homes}
        served = math.fsum(weight[key] for key in sorted(paths))
        status = PlanStatus.FEASIBLE if found.status is PlanStatus.OPTIMAL else found.status
        if made.outcome is not None:
            outcome = replace(
                made.outcome, served=served, coverable=self.coverable, capex=capex, status=status, lower_bound=None,
                gap=None, homes_upper_bound=None, basis=basis_of(after),
            )  # fmt: skip
            after = replace(after, outcome=outcome)
        carried: dict[str, float] = {}
        for key in sorted(paths):
            carried[paths[key].server] = carried.get(paths[key].server, 0.0) + weight[key]
        note = msg(
            "{homes:,} homes were planned as {points:,} points, each of homes in a square of {side:.0f} m, which "
            "promised {promised:,g} homes. Looked at one by one, the towers reach {served:,g}.",
            homes=len(self.reach.homes), points=len(self.points.members), side=self.points.side_m,
            promised=found.served, served=served,
        )  # fmt: skip
        masts = {key: site.mast_height_m or 0.0 for key, site in made.sites.items()}
        left = {home.id: home for home in self.reach.homes if home.id not in paths}
        return replace(
            found,
            edit=Edit(edit.label, after),
            status=status, served=served, coverable=self.coverable, capex=capex, lower_bound=None, gap=None,
            homes_upper_bound=None, month=monthly_cost(after, self.problem.study.catalogue, capex).total,
            running=found.runs_for(after, self.problem.study.catalogue, capex),
            sites=tuple(replace(site, homes=carried.get(site.id, 0.0)) for site in found.sites),
            links=(
                *(link for link in found.links if link.kind == "backhaul"),
                *(
                    DesignLink(
                        paths[home.id].server, home.id, "access", masts[paths[home.id].server],
                        roof_height_m(made, home), *paths[home.id][3:],
                    )
                    for home in self.reach.homes if home.id in paths
                ),
            ),
            unserved=_all_alike(found, self.points, left),
            notes=(*found.notes, note),
        )  # fmt: skip


def _lengths(made: Plan, homes: list[Household]) -> list[float]:
    """Return how far each home is from its server, m."""
    sites = [made.sites[str(home.server)] for home in homes]
    length: list[float] = geodesics(
        [site.latitude for site in sites], [site.longitude for site in sites],
        [home.latitude for home in homes], [home.longitude for home in homes],
    )[2].tolist()  # fmt: skip
    return length


def _all_alike(found: Design, points: HomePoints, left: Mapping[str, Household] | None) -> tuple[Unserved, ...]:
    """Return each home that is left, of all where none is given: with the reason of its point, or its own."""
    rows = [
        replace(one, id=home.id)
        for one in found.unserved
        for home in points.members[one.id]
        if left is None or home.id in left
    ]
    known = {one.id for one in rows}
    made = None if found.edit is None else found.edit.plan
    for key, group in points.members.items():
        site = None if made is None else made.households[key].server
        reason = msg(
            "Its neighbours are reached from {site}; its own path does not do, or the sector has no time left.",
            site=site or "",
        )  # fmt: skip
        rows += [
            Unserved(home.id, UnservedKind.WEAK, reason, None, None)
            for home in group
            if left is not None and home.id in left and home.id not in known
        ]
    return tuple(sorted(rows, key=lambda one: one.id))
