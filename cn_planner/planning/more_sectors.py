"""Sectors of further kits on the towers of a plan, for homes that its usual kit does not serve: cheapest homes first.

The network with the usual kit stands first, on its own channels. Then one sector after the other comes to one of its
towers: that whose homes cost least each, must-have homes before others, until as many are served as are asked for, or
the money is spent. A sector is pointed, tilted and filled as the usual ones are (`verification`), the links on the way
up and the Internet have room for its homes (`way_room`), and the judge of all paths serves whom it is said to serve,
with the airtime that there is (`service.tower`). Where a share of the homes must hold among higher trees
(`hold_share`), nobody is added by whom it would no longer do, or do less. Of choices that cost the same the first by
tower, kit and direction is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.economics.opex import monthly_cost
from cn_planner.links.throughput import airtime_share
from cn_planner.model import edits
from cn_planner.model.clients import is_place, unserved
from cn_planner.model.history import Edit
from cn_planner.model.plan import PlanStatus, Priority, Sector
from cn_planner.planning.mixed_network import paths_to_homes, told_by_all, tower_to_homes
from cn_planner.planning.result import OPTIMAL_GAP, DesignLink, basis_of
from cn_planner.planning.tree_outlook import held_study, homes_held, towers_held, under_trees, weight_held
from cn_planner.planning.verification import pointed_at_homes
from cn_planner.planning.way_room import WayRoom, rates_on_channels
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.links_down import links_down
from cn_planner.service.roofs import home_arrays
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.more_access import MoreAccess
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.progress import Run
    from cn_planner.service.tower import TowerCoverage
    from cn_planner.solver.sectors import SectorBeam
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_ROUNDS = 8
"""So often it is begun anew without those who fall silent on the channels."""
_HAIR = 1e-6


class FurtherSector(NamedTuple):
    """A sector that was added: its tower, itself, and its homes with their kits."""

    site: str
    sector: Sector
    homes: tuple[tuple[str, str], ...]


class AddedSectors(NamedTuple):
    """A plan with what was added to it, and how its homes there are served."""

    plan: Plan
    sectors: tuple[FurtherSector, ...]
    seen: Mapping[str, tuple[tuple[str, ...], TowerCoverage]]
    """What each tower with such sectors is to its homes, which its numbers count."""


class _Hold(NamedTuple):
    """What holds of a plan among the trees that count."""

    study: Study
    up: frozenset[str]
    """The towers that links which hold lead to."""
    share: float
    """Of the homes served, that must hold: what is asked for, or all that did before anything was added."""
    holding: float
    served: float


def _hold_of(more: MoreAccess, plan: Plan, run: Run) -> _Hold | None:
    """Return what holds of a plan; None where its rules do not ask for it."""
    held = held_study(replace(more.usual.study, plan=plan)) if plan.rules.hold_share > 0.0 else None
    if held is None:
        return None
    up, rows = towers_held(held), plan.households
    holding = weight_held(rows, homes_held(held, up, run=run))
    served = weight_held(rows, (key for key, home in rows.items() if home.server is not None))
    now = holding / served if served > 0.0 else 1.0
    return _Hold(held, up, min(plan.rules.hold_share, now), holding, served)


class _Choice(NamedTuple):
    """A sector that may be added; the homes in the order in which they are taken."""

    table: int
    site: str
    beam: SectorBeam
    homes: tuple[tuple[str, str], ...]


def _homes_at(plan: Plan, site: str) -> tuple[str, ...]:
    """Return the homes that a tower serves in a plan, in the order of ids."""
    return tuple(key for key, home in plan.households.items() if home.server == site)


def with_further_sectors(
    more: MoreAccess,
    plan: Plan,
    wanted: float,
    money: float,
    channels: Callable[[Plan], ChannelPlan | None],
    run: Run,
) -> AddedSectors:
    """Return a plan with sectors of the further kits for homes that it does not serve.

    Parameters
    ----------
    more : MoreAccess
    plan : Plan
        With its network, of the problem's homes.
    wanted : float
        The weight of homes that is still asked for; infinite where as many as the money does for.
    money : float
        What may be spent on it.
    channels : callable
        The channels of a plan in which those that stand keep theirs; None where there is no time for them.

    Raises
    ------
    CancelledError
    """
    nothing = AddedSectors(plan, (), {})
    banned, closed = set[tuple[str, str, str]](), set[tuple[str, str]]()
    here = replace(more.usual.study, plan=plan)
    best, carried = nothing, rates_on_channels(here, run=run.silently())
    down = frozenset[str]() if here.surface.empty else links_down(here, run=run.silently())
    hold = _hold_of(more, plan, run.silently())
    for _ in range(_ROUNDS):
        found = _Finder(more, plan, wanted, money, banned, closed, (carried, hold, down), run).all()
        if not found.sectors:
            break
        given = channels(found.plan)
        if given is None:
            return found
        on_air = found._replace(plan=found.plan if given.edit is None else given.edit.plan)
        bad = given.not_served
        if not bad:
            return max(best, on_air, key=_weight)
        new = {key for one in found.sectors for key, _ in one.homes}
        heard = _without(on_air, bad)
        if not bad - new and heard.sectors and _weight(heard) > _weight(best):
            best = heard
        if bad - new:  # it takes from others what they have: the last one that came is not tried again
            closed.add((found.sectors[-1].site, found.sectors[-1].sector.kit))
        banned |= {(one.site, one.sector.kit, key) for one in found.sectors for key, _ in one.homes if key in bad}
    return best


def _weight(found: AddedSectors) -> float:
    rows = found.plan.households
    return math.fsum(rows[key].weight for one in found.sectors for key, _ in one.homes)


def _without(found: AddedSectors, gone: frozenset[str]) -> AddedSectors:
    """Return what was added without some homes, and without the sectors that then serve nobody."""
    plan, sectors = found.plan, []
    for one in found.sectors:
        homes = tuple(row for row in one.homes if row[0] not in gone)
        lost = [unserved(plan.households[key]) for key, _ in one.homes if key in gone]
        rows: list[Site | Household] = [*lost]
        if not homes:
            site = plan.sites[one.site]
            rows.append(replace(site, sectors=tuple(s for s in site.sectors if s.id != one.sector.id)))
        else:
            sectors.append(one._replace(homes=homes))
        plan = edits.put(plan, rows).plan if rows else plan
    return found._replace(plan=plan, sectors=tuple(sectors))


@dataclass(slots=True, eq=False)
class _Finder:
    """Adds sectors to one plan, one by one."""

    more: MoreAccess
    plan: Plan
    wanted: float
    money: float
    banned: set[tuple[str, str, str]]
    closed: set[tuple[str, str]]
    known: tuple[Mapping[str, float], _Hold | None, frozenset[str]]
    """Of the plan as it was: what its links carry on their channels, what holds of it, which links carry nothing."""
    run: Run
    vain: set[tuple[str, str, str]] = field(default_factory=set)
    """Homes that a tower's sectors of a kit do not serve after all."""
    _pointed: dict[tuple[object, ...], tuple[SectorBeam, ...]] = field(default_factory=dict)

    def all(self) -> AddedSectors:
        """Return the plan with all that is added."""
        study = self.more.usual.study
        seen: dict[str, tuple[tuple[str, ...], TowerCoverage]] = {}
        added, full = list[FurtherSector](), set[tuple[object, ...]]()
        left, money = self.wanted, self.money
        carried, hold, down = self.known
        while left > _HAIR:
            self.run.check()
            costs = MarginalCost(UnitCosts(self.plan, study.catalogue))
            room = WayRoom(replace(study, plan=self.plan), carried, down=down)
            best: tuple[tuple[object, ...], _Choice, int] | None = None
            for choice in self._choices(left):
                fitting = self._fitting(choice, costs, room, money)
                if fitting is None:
                    continue
                chosen, cents = fitting
                if (chosen.site, chosen.homes) in full:
                    continue
                rows = [self.plan.households[key] for key, _ in chosen.homes]
                must = any(one.priority is Priority.MUST for one in rows)
                each = cents / math.fsum(one.weight for one in rows)
                order = (not must, each, chosen.site, chosen.table, chosen.beam.azimuth_deg)
                if best is None or order < best[0]:
                    best = order, chosen, cents
            if best is None:
                break
            choice, cents = best[1:]
            plan, sector = self._with(choice)
            mine, judged = tower_to_homes(study, plan, choice.site)
            lost = self._not_served(plan, judged, choice, sector)
            if lost is None:
                full.add((choice.site, choice.homes))  # it takes from the tower's other homes
                continue
            after = hold
            if hold is not None and not lost:
                after, lost = self._held(hold, plan, choice)
            if lost:
                self.vain |= {(choice.site, sector.kit, key) for key in lost}
                continue
            hold = after
            self.plan, seen[choice.site] = plan, (mine, judged)
            added.append(FurtherSector(choice.site, sector, choice.homes))
            left -= math.fsum(plan.households[key].weight for key, _ in choice.homes)
            money -= cents / 100.0
        return AddedSectors(self.plan, tuple(added), seen)

    def _choices(self, left: float) -> Iterator[_Choice]:
        """Yield the sectors that may come next, each with no more homes than are asked for."""
        online = hops(as_it_works(self.plan, self.known[2]))
        for number, table in enumerate(self.more.further):
            site_at = {site.id: n for n, site in enumerate(table.sites)}
            home_at = {home.id: n for n, home in enumerate(table.homes)}
            for key, site in self.plan.used_sites.items():
                height = site.mast_height_m
                if key not in online or key not in site_at or height not in table.instance.heights_m:
                    continue
                if len(site.sectors) >= self.plan.rules.max_sectors or (key, table.plan.kits.access) in self.closed:
                    continue
                level = table.height_index(height)
                homes = self._left(table, key, (site_at[key], home_at), level)
                for beam in self._beams(number, table, (key, height), homes) if homes else ():
                    rows = sorted((table.homes[h].id for h in beam.homes), key=self._order)
                    yield _Choice(number, key, beam, self._asked(table, rows, (site_at[key], home_at, level), left))

    def _order(self, home: str) -> tuple[bool, float, str]:
        row = self.plan.households[home]
        return row.priority is not Priority.MUST, -row.weight, home

    def _left(
        self, table: PlanningProblem, site: str, at: tuple[int, Mapping[str, int]], level: int
    ) -> tuple[str, ...]:
        """Return the homes that nobody serves and that a sector of a tower would."""
        kit, (number, home_at) = table.plan.kits.access, at
        found = []
        for key, home in self.plan.households.items():
            if home.server is not None or home.weight <= 0.0 or key not in home_at:
                continue
            pair = table.pair_of.get((number, home_at[key]))
            if pair is None or not table.access_works[pair, level]:
                continue
            if (site, kit, key) not in self.banned and (site, kit, key) not in self.vain:
                found.append(key)
        return tuple(found)

    def _beams(
        self, number: int, table: PlanningProblem, tower: tuple[str, float], homes: tuple[str, ...]
    ) -> tuple[SectorBeam, ...]:
        """Return the sectors of a kit that a tower needs for homes, as the usual ones are pointed.

        Where more sectors come once demand has grown, these are bought for what it grows to: none is left to come.
        """
        key = (number, tower, homes)
        if key not in self._pointed:
            site, height = tower
            asked = Solution(
                SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, sites=(SolutionSite(site, height, 1),),
                homes=dict.fromkeys(homes, site),
            )  # fmt: skip
            self._pointed[key] = pointed_at_homes(table, asked, table.busy_mbps).get(site, ())
        return self._pointed[key]

    def _asked(
        self, table: PlanningProblem, homes: list[str], at: tuple[int, Mapping[str, int], int], left: float
    ) -> tuple[tuple[str, str], ...]:
        """Return as many of a sector's homes as are asked for, with their kits: empty for the plan's usual one."""
        (site, home_at, level), found = at, []
        for key in homes:
            if left <= _HAIR:
                break
            which = int(table.access_kit[table.pair_of[site, home_at[key]], level])
            kit = table.plan.kits.clients[which]
            found.append((key, "" if kit == self.plan.kits.client else kit))
            left -= self.plan.households[key].weight
        return tuple(found)

    def _fitting(self, choice: _Choice, costs: MarginalCost, room: WayRoom, money: float) -> tuple[_Choice, int] | None:
        """Return as much of a choice as ways and money do for, with its cost in hundredths; None where for none."""
        homes = choice.homes
        while homes:
            now = choice._replace(homes=homes)
            site, rows, _ = self._rows(now)
            if room.full_for_all(rows, choice.site, [site]) is None:
                cents = costs.cents([site, *rows])
                if cents <= 100.0 * money + _HAIR:
                    return now, cents
            homes = homes[:-1]
        return None

    def _rows(self, choice: _Choice) -> tuple[Site, list[Household], Sector]:
        """Return the tower with a sector more, its homes, and the sector."""
        site, kits = self.plan.sites[choice.site], self.more.further[choice.table].plan.kits
        taken, number = {one.id for one in site.sectors}, 1
        while f"{site.id}-S{number}" in taken:
            number += 1
        sector = Sector(
            f"{site.id}-S{number}", kits.access, round(choice.beam.azimuth_deg, 1) % 360.0, choice.beam.tilt_deg
        )
        rows = [replace(self.plan.households[key], server=site.id, client_kit=kit) for key, kit in choice.homes]
        return replace(site, sectors=(*site.sectors, sector)), rows, sector

    def _with(self, choice: _Choice) -> tuple[Plan, Sector]:
        site, rows, sector = self._rows(choice)
        return edits.put(self.plan, [site, *rows]).plan, sector

    def _not_served(self, plan: Plan, judged: TowerCoverage, choice: _Choice, sector: Sector) -> tuple[str, ...] | None:
        """Return the homes of a new sector that the judge does not serve; None where it takes from others of its tower.

        Or where a sector has not the airtime for its homes.
        """
        mine, new = _homes_at(plan, choice.site), {key for key, _ in choice.homes}
        served = {mine[h]: bool(good) for h, good in zip(judged.home.tolist(), judged.answer.served, strict=True)}
        lost = tuple(key for key in sorted(new) if not served.get(key, False))
        if lost:
            return lost
        had, before = tower_to_homes(self.more.usual.study, self.plan, choice.site)
        stood = {had[h] for h, good in zip(before.home.tolist(), before.answer.served, strict=True) if good}
        if any(not served.get(key, False) for key in stood):
            return None
        used, was = self._airtime(plan, judged), self._airtime(self.plan, before)
        for key, (count, share) in used.items():
            if count > 1 and share > 1.0 + _HAIR and share > was.get(key, (0, 0.0))[1] + _HAIR:
                return (max(new, key=self._order),) if key == sector.id else None
        return ()

    def _held(self, hold: _Hold, plan: Plan, choice: _Choice) -> tuple[_Hold, tuple[str, ...]]:
        """Return what holds with a new sector, and those of its homes with whom too few would.

        One that must be reached is added all the same.
        """
        study = replace(hold.study, plan=under_trees(plan, hold.study.plan.area.assumed_canopy_m))
        good = homes_held(study, {choice.site} & hold.up, run=self.run.silently())
        rows, new = plan.households, [key for key, _ in choice.homes]
        holding = hold.holding + weight_held(rows, good.intersection(new))
        served = hold.served + weight_held(rows, new)
        lost = []
        must = {key for key in new if is_place(key) or rows[key].priority is Priority.MUST}
        for key in reversed([key for key in new if key not in good and key not in must]):
            if holding >= hold.share * served - _HAIR:
                break
            served -= rows[key].weight
            lost.append(key)
        return hold._replace(holding=holding, served=served), tuple(lost)

    def _airtime(self, plan: Plan, judged: TowerCoverage) -> dict[str, tuple[int, float]]:
        """Return how many homes each sector of a tower has by radio, and the airtime that they take."""
        mine, answer = _homes_at(plan, judged.site), judged.answer
        homes = home_arrays(plan, mine)
        order = sorted(plan.sites[judged.site].sectors, key=lambda one: one.id)
        busy = np.maximum(plan.demand.busy_hour_mbps * homes.load[judged.home], 0.0)
        share = airtime_share(busy, np.maximum(np.nan_to_num(answer.rate_down_mbps), 1e-6))
        found = {}
        for number, one in enumerate(order):
            those = (answer.which == number) & (judged.distance_m > 0.0)
            found[one.id] = int(those.sum()), float(np.asarray(share)[those].sum())
        return found


def with_more_access(
    found: Design,
    more: MoreAccess,
    channels: Callable[[Plan], ChannelPlan | None],
    run: Run,
) -> Design:
    """Return a design of the usual kit with sectors of the further ones, without a bound: `with_bounds` has it.

    Parameters
    ----------
    found : Design
        On its own channels.
    more : MoreAccess
    channels
        As for `with_further_sectors`.

    Raises
    ------
    CancelledError
    """
    if found.edit is None or found.edit.plan.outcome is None:
        return found
    catalogue, budget = more.usual.study.catalogue, found.budget
    wanted = math.inf if budget is not None else more.goal - found.served
    money = math.inf if budget is None else budget - found.capex
    added = with_further_sectors(more, found.edit.plan, wanted, money, channels, run)
    plan, homes = added.plan, [key for one in added.sectors for key, _ in one.homes]
    served = found.served + math.fsum(plan.households[key].weight for key in homes)
    capex = capital(plan, catalogue).total.total if homes else found.capex
    status, reason, shortfall = found.status, found.reason, found.shortfall
    status = PlanStatus.FEASIBLE if status is PlanStatus.OPTIMAL else status
    if budget is None and homes and served >= more.goal - 1e-9:
        reason = shortfall = None
        status = PlanStatus.FEASIBLE if status is PlanStatus.INFEASIBLE else status
    plan = replace(
        plan,
        outcome=replace(
            found.edit.plan.outcome, served=served, coverable=more.coverable, capex=capex, status=status,
            lower_bound=None, gap=None, homes_upper_bound=None, basis=basis_of(plan),
        ),
    )  # fmt: skip
    weight: dict[str, float] = {}
    for one in added.sectors:
        of_it = math.fsum(plan.households[key].weight for key, _ in one.homes)
        weight[one.site] = weight.get(one.site, 0.0) + of_it
    return replace(
        found, edit=Edit(found.edit.label, plan), status=status, served=served, coverable=more.coverable, capex=capex,
        lower_bound=None, gap=None, homes_upper_bound=None, reason=reason, shortfall=shortfall,
        month=monthly_cost(plan, catalogue, capex).total, running=found.runs_for(plan, catalogue, capex),
        sites=tuple(replace(site, homes=site.homes + weight.get(site.id, 0.0)) for site in found.sites),
        links=(*found.links, *_links(added)),
        unserved=tuple(told_by_all(more, (one for one in found.unserved if one.id not in set(homes)))),
    )  # fmt: skip


def with_bounds(found: Design, goal: float, lower: float | None, upper: float | None) -> Design:
    """Return a design with bounds that hold for plans with sectors of its further kits.

    Parameters
    ----------
    found : Design
    goal : float
        The weight of homes that a plan serves for which the first holds.
    lower, upper : float, optional
        What none that serves it costs less than; how many homes none serves more than for the money.
    """
    if found.edit is None or found.edit.plan.outcome is None:
        return found
    gap = None
    if found.budget is None:
        lower, upper = None if lower is None or found.served < goal - 1e-9 else min(lower, found.value), None
        gap = None if lower is None else (found.value - lower) / found.value if found.value > 0.0 else 0.0
    else:
        lower, upper = None, None if upper is None else max(upper, found.served)
        gap = None if upper is None else (upper - found.served) / max(found.served, 1.0)
    status = found.status
    if status is PlanStatus.FEASIBLE and gap is not None and gap <= OPTIMAL_GAP:
        status = PlanStatus.OPTIMAL
    outcome = replace(found.edit.plan.outcome, status=status, lower_bound=lower, gap=gap, homes_upper_bound=upper)
    return replace(
        found, edit=Edit(found.edit.label, replace(found.edit.plan, outcome=outcome)), status=status,
        lower_bound=lower, gap=gap, homes_upper_bound=upper,
    )  # fmt: skip


def _links(added: AddedSectors) -> Iterator[DesignLink]:
    """Yield the paths to the homes that were added."""
    new = {key for one in added.sectors for key, _ in one.homes}
    for site, (mine, judged) in added.seen.items():
        yield from (row for row in paths_to_homes(added.plan, site, mine, judged) if row.to_id in new)
