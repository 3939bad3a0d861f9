"""What could be built next: places and heights with what they bring, cost and need, from the planner's own tables.

Nothing is solved anew: the tables say who is served from where at which height, and which links are possible. They are
kept as long as places, homes, heights and rules stay, so that accepting, rejecting and raising masts cost no more than
asking the channels.

A suggestion promises homes and money; its edit keeps that promise: mast, link, sectors, who serves whom, and where all
that stands has its channels those of what is new, on which these homes are heard and nobody falls silent. Where the
plan allows sectors of further kits (`more_access`), each place is looked at with these too, and towers that stand as
high as they are: their homes then have the kit of that band.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.economics.prices import Cost
from cn_planner.errors import InputError
from cn_planner.links.throughput import airtime_share
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.gateways import is_gateway
from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, Link, Sector, SiteRole, Status
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.sector_shares import hanging
from cn_planner.planning.suggestion_words import SuggestionKind, Told, two_lines
from cn_planner.planning.verification import pointed_at_homes
from cn_planner.planning.way_room import WayRoom
from cn_planner.progress import ALONE, Run
from cn_planner.service.hanging import sectors_at
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.now import with_reached
from cn_planner.service.room import all_have_room, most_airtime
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.mast_heights import HeightStep
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.service.now import ServiceNow
    from cn_planner.study import Study

_MOST = 20
"""So many are shown: those that cost least for each home."""


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """Something that could be built next.

    Attributes
    ----------
    id : str
        Of this suggestion: kind and site.
    kind : Kind
    site : str
    latitude, longitude : float
    mast_height_m : float
        The mast that it takes.
    parent, parent_height_m : str, float or None
        The tower that it is linked to, and the mast needed there where that is higher than the one planned.
    homes : float
        Homes gained, by weight.
    home_ids : tuple of str
    cost : float
        Capital for all of it, in the plan's currency: masts, link, sectors, equipment of the homes gained.
    headline, detail : Message
        The reason in two lines.
    edit : Edit
        What Accept does.
    """

    id: str
    kind: SuggestionKind
    site: str
    latitude: float
    longitude: float
    mast_height_m: float
    parent: str
    parent_height_m: float | None
    homes: float
    home_ids: tuple[str, ...]
    cost: float
    headline: Message
    detail: Message
    edit: Edit

    @property
    def reason(self) -> Message:
        """Both lines in one."""
        return msg("{headline}; {detail}", headline=self.headline, detail=self.detail)


def suggestions(
    study: Study,
    problem: PlanningProblem,
    now: ServiceNow,
    steps_of: Callable[[Plan, Site, Collection[str]], tuple[HeightStep, ...]],
    *,
    on_channels: Mapping[str, float] | None = None,
    further: tuple[PlanningProblem, ...] = (),
    store: tuple[Store, str] | None = None,
    partial: Callable[[tuple[Suggestion, ...]], None] | None = None,
    run: Run = ALONE,
) -> tuple[Suggestion, ...]:
    """Return what could be built next, that which costs least a home first; the first alone goes to `partial` before.

    What would fill a link or an Internet connection beyond what it carries is not among it.

    Parameters
    ----------
    problem : PlanningProblem
        The tables: of the plan as `undecided` gives it.
    now : ServiceNow
        Who is reached by the plan as it stands.
    steps_of : callable
        What each height of a mast that stands costs and whom it reaches, for homes that no other tower serves.
    on_channels : mapping of str to float, optional
        What links carry on their channels, where that is known already (`way_room.rates_on_channels`).
    further : tuple of PlanningProblem
        The same tables as if each further kit of sectors were the usual one (`more_access.further_tables`).
    store : (Store, str), optional
        As for `radio_network`.

    Raises
    ------
    CancelledError
    """
    finder = _Finder(study, (problem, *further), now, steps_of, on_channels, run)
    on_air = HeldOnAir(replace(study, plan=finder.base), store=store, run=run.silently())
    options: list[_Option] = []
    for number in range(len(problem.sites)):
        run.check()
        options += finder.best(number)
    options.sort(key=lambda one: (one.cost / one.weight, finder.key(one)))
    found: list[Suggestion] = []
    at: set[int] = set()
    for one in options:
        run.check()
        if one.site in at:
            continue
        kept = finder.kept(one)
        if kept is None or finder.way_room.full_for_all(*finder.taken(kept)) is not None:
            continue
        heard = finder.heard(kept, on_air)
        if heard is None:
            continue
        found.append(finder.written(heard))
        at.add(one.site)
        if partial is not None and len(found) == 1:
            partial(tuple(found))
        if len(found) == _MOST:
            break
    run.progress(1.0)
    return tuple(sorted(found, key=lambda one: one.cost / one.homes))  # some hold fewer homes than they seemed to


def reject(plan: Plan, what: Suggestion | str) -> Edit:
    """Reject a suggestion, or a site by its id; it is not suggested again.

    A place is rejected; where a mast stands in the plan already, no higher one is allowed there; a tower that shall
    have no sectors of a further kit is locked as it is.

    Raises
    ------
    InputError
        Where the site is not there any more.
    """
    site = _site(plan, what if isinstance(what, str) else what.site)
    name = site.name or site.id
    if not isinstance(what, str) and what.kind is SuggestionKind.SECTOR:
        return edits.put(plan, [replace(site, choice=Choice.LOCKED)], msg("lock {site}", site=name))
    if site.mast_height_m is not None:
        label = msg("no higher mast at {site}", site=name)
        return edits.put(plan, [replace(site, max_height_m=site.mast_height_m)], label)
    return edits.put(plan, [replace(site, status=Status.REJECTED)], msg("reject {site}", site=name))


def lock(plan: Plan, suggestion: Suggestion) -> Edit:
    """Take what was suggested into the plan and lock the site, so that the planner keeps it.

    Raises
    ------
    InputError
        Where the site is not there any more.
    """
    site = _site(suggestion.edit.plan, suggestion.site)
    _site(plan, suggestion.site)
    locked = edits.put(suggestion.edit.plan, [replace(site, choice=Choice.LOCKED)])
    return replace(locked, label=msg("lock {site}", site=site.name or site.id))


def _site(plan: Plan, key: str) -> Site:
    if key not in plan.sites:
        raise InputError(msg("There is no site {id}.", id=key))
    return plan.sites[key]


def refused(site: Site) -> bool:
    """Return whether nothing may be built at a site."""
    return site.status is Status.REJECTED or site.choice is Choice.FORBIDDEN


def _more(weight: float) -> Message:
    return counted("{count:,g} more home", "{count:,g} more homes", weight)


def _fixed(site: Site) -> bool:
    """Whether the mast of a site is what it is."""
    return site.status is Status.BUILT or site.choice is Choice.LOCKED or site.role is SiteRole.EXISTING


def undecided(plan: Plan) -> Plan:
    """Return the plan as if nothing had been decided: its tables hold for any decision."""
    sites = []
    for site in plan.sites.values():
        built = site.status is Status.BUILT
        sites.append(
            replace(
                site,
                status=Status.BUILT if built else Status.IDEA,
                choice=Choice.FREE,
                mast_height_m=site.mast_height_m if built else None,
                sectors=(), uplink=None, owner="", consent="", access="", hazard="", note="",
            )
        )  # fmt: skip
    masts = {site.mast_height_m for site in plan.sites.values() if site.mast_height_m}
    heights = tuple(sorted({*plan.rules.mast_heights_m, *(one for one in masts if one is not None)}))
    homes = [home if home.server is None else replace(home, server=None) for home in plan.households.values()]
    return replace(
        plan, rules=replace(plan.rules, mast_heights_m=heights), outcome=None, links=Items(), sites=Items(sites),
        households=Items(homes), measurements=Items(), notes=Items(),
    )  # fmt: skip


class _Join(NamedTuple):
    """How a new mast is linked: the tower, the mast needed there (None: that which stands), and what that costs."""

    parent: int
    parent_height_m: float | None
    cost: Cost


class _Option(NamedTuple):
    """What could be done at a site, by numbers: homes are those of the tables, `raises` a mast that the plan uses.

    ``table``: number of the tables that it is of; those after the first are of further kits of sectors. ``rows``: what
    of the plan is another with it, with the channels of what is new; None: what the option says, without channels.
    ``unsure``: nobody has looked whether it is heard.
    """

    site: int
    height_m: float
    join: _Join | None
    sectors: tuple[Sector, ...]
    homes: NDArray[np.int64]
    weight: float
    cost: float
    raises: bool
    table: int = 0
    rows: tuple[PlanRow, ...] | None = None
    unsure: bool = False


class _Finder:
    """The plan as it stands on the tables."""

    def __init__(
        self,
        study: Study,
        tables: tuple[PlanningProblem, ...],
        now: ServiceNow,
        steps_of: Callable[[Plan, Site, Collection[str]], tuple[HeightStep, ...]],
        on_channels: Mapping[str, float] | None,
        run: Run,
    ) -> None:
        self.tables, self.problem, self.run = tables, tables[0], run
        problem = self.problem
        self.now, self.plan, self.steps_of, self.study = now, study.plan, steps_of, study
        self.costs = UnitCosts(self.plan, study.catalogue)
        self.heights = problem.instance.heights_m
        self.allowed = [[k for k, cost in enumerate(one.cost) if cost is not None] for one in problem.instance.sites]
        self.site = [self.plan.sites[one.id] for one in problem.sites]
        self.level = [self._level(number) for number in range(len(self.site))]
        # Whom the channels silence no mast helps: other channels do.
        self.counted = now.has_internet(self.plan) | now.is_unheard
        self.counted_ids = [now.homes.ids[n] for n in np.flatnonzero(self.counted).tolist()]
        self.base = with_reached(self.plan, now)
        self.way_room = WayRoom(replace(study, plan=self.base), on_channels, down=now.down)
        based = UnitCosts(self.base, study.catalogue)
        self.marginal_cost = MarginalCost(based)
        self.hops = hops(as_it_works(self.plan, now.down))
        self.number = {one.id: n for n, one in enumerate(problem.homes)}
        self.weight = np.array([self.plan.households[one.id].weight for one in problem.homes])
        self.link_cost = self.costs.link()
        links = problem.instance.links
        self.links_of = {n: links[(links[:, 0] == n) | (links[:, 1] == n)].tolist() for n in range(len(self.site))}
        self.pair_at = np.searchsorted(problem.access.first, np.arange(len(self.site) + 1))
        self.barred = {
            frozenset((link.from_site, link.to_site))
            for link in self.plan.links.values()
            if link.choice is Choice.FORBIDDEN or link.status is Status.REJECTED
        }

    def _level(self, number: int) -> int:
        """Return the greatest height of the tables that the planned mast of a site has; -1 where none is planned."""
        mast = self.site[number].mast_height_m
        if mast is None:
            return -1
        return max((k for k in range(len(self.heights)) if self.heights[k] <= mast + 1e-9), default=-1)

    def kind(self, option: _Option) -> SuggestionKind:
        """Return what an option is."""
        if not option.raises:
            return SuggestionKind.MAST
        higher = option.height_m > (self.site[option.site].mast_height_m or 0.0) + 1e-9
        return SuggestionKind.RAISE if higher else SuggestionKind.SECTOR

    def key(self, option: _Option) -> str:
        """Return the id of the suggestion that an option becomes."""
        return f"{self.kind(option).value}:{self.site[option.site].id}"

    def best(self, number: int) -> list[_Option]:
        """Return the best that can be done at a site with each kit of sectors; none where nothing is gained."""
        site = self.site[number]
        if refused(site) or (site.in_network and site.id not in self.hops):
            return []
        found = (self._best_of(number, table) for table in range(len(self.tables)))
        return [one for one in found if one is not None]

    def _best_of(self, number: int, table: int) -> _Option | None:
        site, steps, least = self.site[number], self.allowed[number], -1
        if site.in_network:
            higher = [] if _fixed(site) else [k for k in steps if k > self.level[number]]
            if table == 0:
                steps, least = higher, self.level[number]
            else:  # also who is reached from as high as it stands, for its sectors are of another kit
                stands = site.choice is not Choice.LOCKED and self.level[number] >= 0 and bool(site.sectors)
                steps = [self.level[number], *higher] if stands else []
        serve = self.tables[table].instance.serve
        rows = serve[(serve[:, 0] == number) & (serve[:, 2] > least)]
        found = [one for k in steps if (one := self._option(number, k, rows, table)) is not None]
        if site.in_network and table == 0 and not _fixed(site):
            found += self._raises(number)
        found = [one for one in found if one.weight > 0.0]  # homes that count for nothing are no gain
        return min(found, key=lambda one: (one.cost / one.weight, one.height_m), default=None)

    def _raises(self, number: int) -> list[_Option]:
        """Return what higher masts bring with the sectors that stand: as the window's panel offers and prices them."""
        site = self.site[number]
        steps = self.steps_of(self.base, site, self.counted_ids)
        stands = next((one.cost for one in steps if one.height_m == site.mast_height_m), None)
        found = []
        for step in steps:
            mine = np.array(sorted(self.number[one] for one in step.gained if one in self.number), np.int64)
            if step.cost is None or stands is None:
                continue
            if len(mine) and self._has_time(number, step.height_m, mine):
                cost, weight = round(step.cost - stands, 2), float(self.weight[mine].sum())
                found.append(_Option(number, step.height_m, None, site.sectors, mine, weight, cost, True))
        return found

    def _has_time(self, number: int, height_m: float, gained: NDArray[np.int64]) -> bool:
        """Return whether the sectors that stand have the time for homes gained, beside those that they serve."""
        site, problem = self.site[number], self.problem
        if not site.sectors or height_m not in self.heights:
            return True
        first, last = self.pair_at[number], self.pair_at[number + 1]
        there = problem.access.second[first:last]  # ascending; who lives at the mast itself comes by cable
        clients = (one.id for one in self.base.households.values() if one.server == site.id)
        served = {self.number[key] for key in clients if key in self.number}
        homes = np.intersect1d(np.array(sorted(served | set(gained.tolist())), np.int64), there)
        pair = first + np.searchsorted(there, homes)
        rate = problem.access_budget.rate_down_mbps[pair, list(self.heights).index(height_m)]
        share = airtime_share(problem.sector_mbps * problem.load[homes], rate)
        names = [one.id for one in site.sectors]
        raised, mine = replace(site, mast_height_m=height_m), [problem.homes[home] for home in homes.tolist()]
        which = np.array([names.index(one) for one in sectors_at(self.study, raised, mine)], np.int64)
        before = np.array([home in served for home in homes.tolist()], np.bool_)
        return all_have_room(which, share, which[before], share[before], most_airtime(self.plan, site))

    def _option(self, number: int, k: int, rows: NDArray[np.int32], table: int) -> _Option | None:
        site, height = self.site[number], self.heights[k]
        mine = (rows[:, 2] <= k) & ~self.counted[rows[:, 1]]
        gained = rows[mine, 1].astype(np.int64)
        if table:  # who lives at the mast itself needs no sector
            there = self.tables[table].pair_of
            gained = np.array([home for home in gained.tolist() if (number, home) in there], np.int64)
        if not len(gained):
            return None
        join: _Join | None = None
        if not site.in_network and not is_gateway(site):
            join = self._join(number, k, self.base.households[self.problem.homes[int(gained[0])].id])
            if join is None:
                return None
        sectors, kept = self._sectors(number, k, gained, table)
        if not len(kept):
            return None
        if self.costs.site(site, height) is None:
            return None
        raises, weight = site.in_network, float(self.weight[kept].sum())
        option = _Option(number, height, join, sectors, kept, weight, 0.0, raises, table)
        return option._replace(cost=self.marginal_cost.cents(self._rows(option)) / 100.0)

    def _joined(self, site: Site, join: _Join) -> list[Site | Link]:
        """Return the link that joins a new mast to the network, and the mast that is raised for it."""
        there = self.site[join.parent]
        key = f"L-{min(site.id, there.id)}-{max(site.id, there.id)}"
        while key in self.plan.links:
            key += "'"
        link = Link(key, site.id, there.id)
        return [link] if join.parent_height_m is None else [replace(there, mast_height_m=join.parent_height_m), link]

    def _connected(self, option: _Option) -> list[Household]:
        """Return the homes that an option gains as they then are: on its tower, with the kit of its band."""
        site, of = self.site[option.site], self.tables[option.table]
        found = []
        for n in option.homes.tolist():
            home = replace(self.base.households[self.problem.homes[n].id], server=site.id)
            if option.table and not home.client_kit:
                pair = of.pair_of[option.site, n]
                kit = of.plan.kits.clients[int(of.access_kit[pair, self.heights.index(option.height_m)])]
                home = replace(home, client_kit="" if kit == self.plan.kits.client else kit)
            found.append(home)
        return found

    def _join(self, number: int, k: int, home: Household) -> _Join | None:
        """Return the cheapest link from a new mast of a height to where the network has room for one home at least."""
        best: _Join | None = None
        for a, b, ka, kb in self.links_of[number]:
            other, mine, theirs = (b, ka, kb) if a == number else (a, kb, ka)
            there = self.site[other]
            if mine > k or there.id not in self.hops or self.hops[there.id] >= self.plan.rules.max_hops:
                continue
            if frozenset((self.site[number].id, there.id)) in self.barred or self.way_room.full_for(home, there):
                continue
            cost, raised = self.link_cost, None
            if self.level[other] < theirs:
                if _fixed(there) or refused(there):
                    continue
                raised = self.heights[theirs]
                before = self.costs.site(there, there.mast_height_m or 0.0) or Cost()
                after = self.costs.site(there, raised)
                if after is None:
                    continue
                cost += after + before.times(-1)
            if best is None or (cost.total_cents, other) < (best.cost.total_cents, best.parent):
                best = _Join(other, raised, cost)
        return best

    def _sectors(
        self, number: int, k: int, gained: NDArray[np.int64], table: int
    ) -> tuple[tuple[Sector, ...], NDArray[np.int64]]:
        """Return the site's sectors with those for the homes gained, and the homes that they hold.

        Sectors that stand are left as they are: the homes gained get beams of their own, pointed and tilted as the
        planner does. A tower that was set up by hand without sectors shines all round, and goes on to.
        """
        site, problem = self.site[number], self.tables[table]
        if site.in_network and not site.sectors:
            return (), gained
        there = SolutionSite(site.id, self.heights[k], 0)
        homes = {problem.homes[home].id: site.id for home in gained.tolist()}
        asked = Solution(SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, sites=(there,), homes=homes)
        room = self.plan.rules.max_sectors - len(site.sectors)
        new = sorted(
            pointed_at_homes(problem, asked, run=self.run).get(site.id, ()),
            key=lambda beam: (-float(self.weight[list(beam.homes)].sum()), beam.azimuth_deg),
        )[: max(room, 0)]
        names = (f"{site.id}-S{n}" for n in range(1, 1000) if f"{site.id}-S{n}" not in {s.id for s in site.sectors})
        added = [
            Sector(next(names), problem.plan.kits.access, round(beam.azimuth_deg, 1) % 360.0, beam.tilt_deg)
            for beam in sorted(new, key=lambda beam: beam.azimuth_deg)
        ]
        return (*site.sectors, *added), np.array(sorted(n for beam in new for n in beam.homes), np.int64)

    def kept(self, option: _Option) -> _Option | None:
        """Return an option with the homes that the judge serves by it; None where there are none, or others lose.

        A home hangs on the sector that points nearest, be it an older one; one that stood may hang on a new one. None
        also where a sector then has not the time for its homes.
        """
        site = self.site[option.site]
        before = hanging(self.problem, self.number, self.base, site.id) if site.in_network else {}
        after = hanging(self.problem, self.number, edits.put(self.base, self._rows(option)).plan, site.id)
        number = {key: n for n, key in enumerate(sorted({one.sector for one in (*before.values(), *after.values())}))}
        (was, had), (which, share) = (
            (np.array([number[one.sector] for one in those.values()], np.int64),
             np.array([one.share for one in those.values()]))
            for those in (before, after)
        )  # fmt: skip
        most = most_airtime(self.plan, replace(site, sectors=option.sectors))
        if before.keys() - after.keys() or not all_have_room(which, share, was, had, most):
            return None
        return self._with_homes(option, [n for n in option.homes.tolist() if self.problem.homes[n].id in after])

    def _with_homes(self, option: _Option, held: list[int]) -> _Option | None:
        """Return an option with some of its homes, at what it then costs; None where that is no option."""
        if len(held) == len(option.homes):
            return option
        if option.raises and option.sectors == self.site[option.site].sectors:
            return None  # its money is of the very homes that the step gains
        homes = np.array(held, np.int64)
        fewer = option._replace(homes=homes, weight=float(self.weight[homes].sum()) if held else 0.0)
        if fewer.weight <= 0.0:
            return None
        return fewer._replace(cost=self.marginal_cost.cents(self._rows(fewer)) / 100.0)

    def heard(self, option: _Option, on_air: HeldOnAir) -> _Option | None:
        """Return an option with its channels and the homes that are served on them; None where others fall silent.

        Where nobody knows who is heard in the plan it is returned as it is.
        """
        if not on_air.known():
            return option
        for _ in range(2):
            rows = self._rows(option)
            judged = on_air.judged(edits.put(self.base, rows).plan) if on_air.open else None
            if judged is None:
                return option._replace(unsure=True)
            if judged.lost - {self.problem.homes[n].id for n in option.homes.tolist()}:
                return None
            held = [n for n in option.homes.tolist() if self.problem.homes[n].id not in judged.silent]
            if len(held) == len(option.homes):
                return option._replace(rows=judged.tuned(rows))
            fewer = self._with_homes(option, held)
            if fewer is None:
                return None
            option = fewer
        return None

    def _rows(self, option: _Option) -> list[PlanRow]:
        """Return what of the plan is another with an option: its tower, its way to the Internet, its homes."""
        site = self.site[option.site]
        rows: list[PlanRow] = [replace(site, mast_height_m=option.height_m, sectors=option.sectors)]
        if option.join is not None:
            rows += self._joined(site, option.join)
        return [*rows, *self._connected(option)]

    def taken(self, option: _Option) -> tuple[list[Household], str, list[Site | Link]]:
        """Return the homes that an option gains, its tower, and what is built for it."""
        site = self.site[option.site]
        built: list[Site | Link] = [replace(site, mast_height_m=option.height_m)]
        if option.join is not None:
            built += self._joined(site, option.join)
        return self._connected(option), site.id, built

    def written(self, option: _Option) -> Suggestion:
        """Return an option in words, with the edit that takes it into the plan."""
        site, plan, height, join = self.site[option.site], self.plan, option.height_m, option.join
        name, currency = site.name or site.id, plan.info.currency
        homes = [self.problem.homes[n].id for n in option.homes.tolist()]
        parent, raised = ("", None) if join is None else (self.site[join.parent].id, join.parent_height_m)
        weight, money, kind = option.weight, option.cost, self.kind(option)
        kit = self.study.catalogue.kit(self.tables[option.table].plan.kits.access).name if option.table else ""
        told = Told(
            name, plan.sites[parent].name or parent if parent else "", height, height - (site.mast_height_m or 0.0),
            raised, money, currency, _more(weight), len(option.sectors) - len(site.sectors), kit,
        )  # fmt: skip
        headline, detail, label = two_lines(kind, told)
        if option.unsure:
            detail = msg("{detail}; nobody has looked whether a channel is left for it", detail=detail)
        edit = edits.put(self.base, option.rows or self._rows(option), label)
        return Suggestion(
            f"{kind.value}:{site.id}", kind, site.id, site.latitude, site.longitude, height, parent, raised, weight,
            tuple(homes), money, headline, detail, edit,
        )  # fmt: skip
