"""What falls silent if a tower or a link fails, and the cheapest second way for a tower.

A tower has a second way where two ways lead from it to the Internet that share no link and no tower between: none of
them alone can then cut it off. With several gateways the two ways end at two of them; with one, at that one, which
stays what all rests on.

The cheapest second way is a smallest-cost flow of two units from the tower to the gateways, in which what stands costs
nothing, and a new link, a new tower or a higher mast what it costs (the two paths of J. W. Suurballe, 1974, here with
masts that several links share, hence as a whole-number programme).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Choice, Link, Status
from cn_planner.planning.detours import Overfull, overfull, rates_of
from cn_planner.planning.failures import Failure, failures
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import DesignLink, with_plan
from cn_planner.planning.second_flow import Flow
from cn_planner.progress import part, silent
from cn_planner.service.joined import gateways

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Executor

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.result import Design
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.surface import Surface

_TRIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class SecondWay:
    """The cheapest second way of a tower.

    Attributes
    ----------
    site : str
    homes : float
        That it keeps on the air: its own and those behind it.
    cost : float
        Capital, in the plan's currency.
    links : tuple of Link
        New ones.
    masts : tuple of (str, float)
        Towers that are new or higher, with the mast each then has.
    text : Message
    edit : Edit
    steps : Message or None
        What is built; None where nothing is.
    silent : Message or None
        What carries too little on its channel once the way is built; None where all do.
    """

    site: str
    homes: float
    cost: float
    links: tuple[Link, ...]
    masts: tuple[tuple[str, float], ...]
    text: Message
    edit: Edit
    steps: Message | None = None
    silent: Message | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Resilience:
    """Failures, worst first; second ways by tower; and why a tower has none."""

    failures: tuple[Failure, ...]
    ways: Mapping[str, SecondWay]
    without: Mapping[str, Message]
    safe: tuple[str, ...]
    """Towers that have two ways already."""
    overfull: tuple[Overfull, ...] = ()
    """Links that do not carry what moves to them where something fails."""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``resilience --json`` prints."""
        return {
            "failures": [
                {"kind": one.kind, "id": one.id, "homes_lost": round(one.homes, 3), "sites_lost": list(one.sites)}
                for one in self.failures
            ],
            "second_ways": [
                {
                    "site": one.site,
                    "homes": round(one.homes, 3),
                    "cost": round(one.cost, 2),
                    "links": [[link.from_site, link.to_site] for link in one.links],
                    "masts": [{"site": site, "mast_height_m": height} for site, height in one.masts],
                    "text": str(one.text),
                    "on_the_air": one.silent is None,
                }
                for one in self.ways.values()
            ],
            "without": [{"site": site, "reason": str(reason)} for site, reason in self.without.items()],
            "two_ways_already": list(self.safe),
            "overfull": [
                {
                    "link": one.link,
                    "kind": one.kind,
                    "failed": one.failed,
                    "homes": round(one.homes, 3),
                    "load_mbps": round(one.load_mbps, 2),
                    "rate_mbps": round(one.rate_mbps, 2),
                    "text": str(one.text),
                }
                for one in self.overfull
            ],
        }


def resilience(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    regulations: CountryRules | None = None,
    *,
    sites: Iterable[str] | None = None,
    keep: tuple[Store, str] | None = None,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Resilience:
    """Return what fails with what, and the cheapest second way of each tower.

    Parameters
    ----------
    plan, surface, catalogue, regulations
        As everywhere: the network as it stands in the plan.
    sites : iterable of str, optional
        Towers for which a second way is looked for; all of the network where not given.
    keep, pool, progress, cancel
        As for `build_problem`.

    Raises
    ------
    InputError
        Where a tower is not of the network, or the plan has no homes or no gateway.
    MissingTerrainError, CancelledError
    """
    network, doors = plan.used_sites, gateways(plan)
    wanted = [key for key in network if key not in doors] if sites is None else list(dict.fromkeys(sites))
    for key in wanted:
        if key not in network or key in doors:
            raise InputError(
                msg("{site} is no tower of the network that could have a second way.", site=key),
                fix=msg("Name a tower that stands or will, and is no gateway."),
            )
    failed = failures(plan)
    lost = {one.id: one.homes for one in failed if one.kind == "site"}
    finder = Finder(plan, surface, catalogue, regulations, keep, pool, part(progress, 0.0, 0.5), cancel)
    ways: dict[str, SecondWay] = {}
    without: dict[str, Message] = {}
    safe = []
    full = overfull(plan, rates_of(surface, catalogue, regulations, plan), cancel)
    for number, key in enumerate(wanted):
        if cancel is not None:
            cancel.check()
        progress(0.5 + 0.5 * number / len(wanted), msg("Looking for a second way for {site}", site=_name(plan, key)))
        found = finder.way(key, lost.get(key, 0.0), cancel)
        if found is None:
            without[key] = finder.why_not(key)
        elif not found.links:
            safe.append(key)
        else:
            after = found.edit.plan
            then = overfull(after, rates_of(surface, catalogue, regulations, after), cancel)
            new = [one.text for one in then if one.link not in {other.link for other in full}]
            ways[key] = replace(found, text=msg("{way} {full}", way=found.text, full=new[0])) if new else found
    progress(1.0)
    return Resilience(failed, ways, without, tuple(safe), full)


def _name(plan: Plan, key: str) -> str:
    return plan.sites[key].name or key


class Finder:
    """The graph of what stands and what could, shared by all towers that ask."""

    def __init__(
        self,
        plan: Plan,
        surface: Surface,
        catalogue: Catalogue,
        regulations: CountryRules | None,
        keep: tuple[Store, str] | None,
        pool: Executor | None,
        progress: Progress,
        cancel: CancelToken | None,
        *,
        raising: bool = True,
    ) -> None:
        self.plan, self.catalogue, self._raising = plan, catalogue, raising
        self.network, self.doors = plan.used_sites, gateways(plan)
        # Masts as they stand are among the heights to choose from, whoever chose them.
        own = {site.mast_height_m for site in self.network.values() if site.mast_height_m}
        heights = tuple(sorted({*plan.rules.mast_heights_m, *own}))
        asked = replace(plan, rules=replace(plan.rules, mast_heights_m=heights))
        self.problem = build_problem(
            asked, surface, catalogue, regulations, keep=keep, pool=pool, progress=progress, cancel=cancel
        )
        self.at = {site.id: n for n, site in enumerate(self.problem.sites)}
        self.pairs = self._pairs()
        homes = {home.id: n for n, home in enumerate(self.problem.homes)}
        self._served: dict[str, list[int]] = {}
        for key, home in plan.households.items():
            if home.server is not None:
                self._served.setdefault(home.server, []).append(homes[key])
        self.levels = [self._levels_of(site) for site in self.problem.sites]
        self.price = self.problem.costs.link().total_cents / 100.0

    def _levels_of(self, site: Site) -> list[tuple[int, float]]:
        """Return heights that a tower could have, by their number, with what each costs more than now."""
        problem, heights = self.problem, self.problem.instance.heights_m
        costs = {}
        for k, height in enumerate(heights):
            cost = problem.costs.site(site, height)
            if problem.instance.sites[self.at[site.id]].cost[k] is not None and cost is not None:
                costs[k] = cost.total_cents / 100.0
        now = self.network.get(site.id)
        if now is None or now.mast_height_m is None:
            return sorted(costs.items())
        at = heights.index(now.mast_height_m) if now.mast_height_m in heights else None
        if at is None:
            return []
        if not self._raising:
            return [(at, 0.0)]
        base = costs.get(at, 0.0)
        higher = [k for k in costs if k > at and self._still_serves(site.id, k)]
        return [(at, 0.0), *((k, costs[k] - base) for k in sorted(higher))]

    def _still_serves(self, key: str, level: int) -> bool:
        """Return whether a higher mast keeps the tower's homes and links as they are."""
        problem, here = self.problem, self.at[key]
        rows = [problem.pair_of.get((here, home)) for home in self._served.get(key, ())]
        return all(bool(problem.access_works[pair, level]) for pair in rows if pair is not None)

    def way(self, key: str, homes: float, cancel: CancelToken | None) -> SecondWay | None:
        """Return the cheapest second way of a tower, without links where it has one; None where there is none."""
        banned: list[frozenset[frozenset[str]]] = []
        for _ in range(_TRIES):
            found = Flow(self, key, banned).solve(cancel)
            if found is None:
                return None
            links, masts, long = found
            if not long:
                return self._written(key, homes, links, masts)
            banned.append(long)
        return None

    def figures(self, way: SecondWay) -> list[DesignLink]:
        """Return the new links of a way with their margins and rates."""
        problem, after = self.problem, way.edit.plan
        found = []
        for link in way.links:
            a, b = sorted((link.from_site, link.to_site), key=self.at.__getitem__)
            pair = problem.link_of[self.at[a], self.at[b]]
            high = [after.sites[one].mast_height_m or 0.0 for one in (a, b)]
            at = (pair, problem.height_index(high[0]), problem.height_index(high[1]))
            budget = problem.backhaul_budget
            found.append(
                DesignLink(
                    a, b, "backhaul", high[0], high[1], float(problem.backhaul.distance_m[pair]),
                    float(budget.margin_db[at]), float(budget.rate_down_mbps[at]), float(budget.rate_up_mbps[at]),
                )
            )  # fmt: skip
        return found

    def why_not(self, key: str) -> Message:
        """Return why a tower has no second way."""
        if len(self.doors) == 1 and not any(
            frozenset((key, other.id)) in self.pairs for other in self.problem.sites if other.id != key
        ):
            return msg("No other place that may be built on is in sight of {site}.", site=_name(self.plan, key))
        return msg(
            "No two ways that share nothing lead from {site} to the Internet, whatever is built at the places given.",
            site=_name(self.plan, key),
        )

    def _pairs(self) -> dict[frozenset[str], NDArray[np.bool_]]:
        """Return at which heights of either end a link works, first end first by its place in the list, by its ends."""
        problem = self.problem
        refused = {
            frozenset((link.from_site, link.to_site))
            for link in self.plan.links.values()
            if link.choice is Choice.FORBIDDEN or link.status is Status.REJECTED
        }
        found = {}
        for (a, b), pair in problem.link_of.items():
            ends = frozenset((problem.sites[a].id, problem.sites[b].id))
            if problem.backhaul_full[pair].any() and ends not in refused:
                found[ends] = problem.backhaul_full[pair]
        return found

    def standing(self) -> set[frozenset[str]]:
        """Return the ends of the links that stand or will."""
        return {frozenset((link.from_site, link.to_site)) for link in self.plan.standing_links.values()}

    def _written(
        self, key: str, homes: float, links: list[frozenset[str]], masts: list[tuple[str, float]]
    ) -> SecondWay:
        plan = self.plan
        new = [Link(_free(plan, f"L-{a}-{b}"), a, b, plan.kits.backhaul) for a, b in (sorted(ends) for ends in links)]
        sites = [replace(plan.sites[site], mast_height_m=height) for site, height in masts]
        after = edits.put(plan, [*sites, *new]).plan
        cost = capital(after, self.catalogue).total.total - capital(plan, self.catalogue).total.total
        currency = plan.info.currency
        steps = [
            msg("a link from {a} to {b}", a=_name(plan, link.from_site), b=_name(plan, link.to_site)) for link in new
        ]
        for site, height in masts:
            if site in self.network:
                now = plan.sites[site].mast_height_m or 0.0
                steps.append(
                    msg("{height:g} m instead of {now:g} m at {site}", height=height, now=now, site=_name(plan, site))
                )
            else:
                steps.append(msg("a mast of {height:g} m at {site}", height=height, site=_name(plan, site)))
        if not steps:
            said = msg("{site} has two ways already.", site=_name(plan, key))
            return SecondWay(key, homes, 0.0, (), (), said, Edit(said, plan))
        text = msg(
            "A second way for {site}: {steps}; +{cost:,.0f} {currency}. Its {homes:g} homes then stay on the air "
            "whatever single tower or link between fails.",
            site=_name(plan, key), steps=_listed(steps), cost=cost, currency=currency, homes=homes,
        )  # fmt: skip
        label = msg("second way for {site}", site=_name(plan, key))
        return SecondWay(key, homes, cost, tuple(new), tuple(masts), text, Edit(label, after), _listed(steps))


def without_channel(way: SecondWay, plan: Plan, why: Message) -> SecondWay:
    """Return a second way for which no channel of a plan is left: it promises nothing, and says why."""
    if way.steps is None:
        return way
    text = msg(
        "A second way for {site}: {steps}; +{cost:,.0f} {currency}. But no channel is left for it: {why}",
        site=_name(plan, way.site), steps=way.steps, cost=way.cost, currency=plan.info.currency, why=why,
    )  # fmt: skip
    return replace(way, text=text, silent=why)


def _listed(steps: list[Message]) -> Message:
    said = steps[0]
    for one in steps[1:]:
        said = msg("{some}, {more}", some=said, more=one)
    return said


def _free(plan: Plan, wanted: str) -> str:
    key, number = wanted, 2
    while key in plan.links:
        key, number = f"{wanted}-{number}", number + 1
    return key


def with_second_ways(
    found: Design,
    surface: Surface,
    catalogue: Catalogue,
    regulations: CountryRules | None = None,
    *,
    keep: tuple[Store, str] | None = None,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Design:
    """Return a design in which each tower that must have two ways has them, where that can be.

    Masts that the design has stay as they are. Each second way is the cheapest for the plan with those before it; all
    together need not be the cheapest, so that the design's bound stays a bound and its gap may grow. With a budget, a
    way that would pass it is left out. What could not be had is said in the notes.
    """
    if found.edit is None:
        return found
    plan = found.edit.plan
    doors = gateways(plan)
    wanted = [key for key, site in plan.used_sites.items() if site.two_ways and key not in doors]
    notes: list[Message] = []
    links: list[DesignLink] = []
    for number, key in enumerate(wanted):
        here = part(progress, number / len(wanted), (number + 1) / len(wanted))
        finder = Finder(plan, surface, catalogue, regulations, keep, pool, here, cancel, raising=False)
        way = finder.way(key, 0.0, cancel)
        if way is None:
            notes.append(finder.why_not(key))
        elif found.budget is not None and capital(way.edit.plan, catalogue).total.total > found.budget + 1e-6:
            notes.append(
                msg("The budget leaves no money for a second way for {site}: {cost:,.0f} {currency}.",
                    site=_name(plan, key), cost=way.cost, currency=plan.info.currency)
            )  # fmt: skip
        else:
            links += finder.figures(way)
            plan = way.edit.plan
    if wanted:
        notes += [one.text for one in overfull(plan, rates_of(surface, catalogue, regulations, plan), cancel)]
    if plan is found.edit.plan:
        return replace(found, notes=(*found.notes, *notes))
    more = with_plan(found, plan, catalogue, capex=capital(plan, catalogue).total.total, links=links)
    return replace(more, notes=(*more.notes, *notes))
