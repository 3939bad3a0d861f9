"""What falls silent if a tower or a link fails, and the cheapest second way for a tower.

A tower has a second way where two ways lead from it to the Internet that share no link and no tower between: none of
them alone can then cut it off. With several gateways the two ways end at two of them; with one, at that one, which
stays what all rests on.

The cheapest second way is a smallest-cost flow of two units from the tower to the gateways, in which what stands costs
nothing, and a new link, a new tower or a higher mast what it costs (the two paths of J. W. Suurballe, 1974, here with
masts that several links share, hence as a whole-number model). Switches and batteries come in steps, which no sum
knows: the flow leaves out what a link makes them cost, so it costs no more than the way does, and next ones are looked
at until theirs costs more than the cheapest way that was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Link
from cn_planner.planning.backhaul_graph import BackhaulGraph
from cn_planner.planning.detours import Overfull, overfull, rates_of
from cn_planner.planning.dishes import dish_choices, smaller_dishes
from cn_planner.planning.disjoint_flow import DisjointFlow
from cn_planner.planning.failures import PlanFailure, failures
from cn_planner.planning.result import DesignLink, backhaul_link, with_plan
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import as_it_works, gateways

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.coverage.kept import Store
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.study import Study

_TRIES = 8
_LOOKED_AT = 40
"""So many ways at most are priced."""


@dataclass(frozen=True, slots=True, eq=False)
class DisjointPath:
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
    fuller : Message or None
        What does not carry what moves to it where something fails, and only does so once the way is built.
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
    fuller: Message | None = None

    @property
    def instead(self) -> Message | None:
        """What is done in its place where no channel is left for it: it is not built then; None where it may be."""
        if self.silent is None:
            return None
        return msg(
            "Nothing was changed. Say that {site} must have two ways (sites.{site}.two_ways=yes) and plan "
            "again: the planner looks for places and channels for both.",
            site=self.site,
        )

    def taken(self) -> Edit:
        """Return the edit that builds it.

        Raises
        ------
        InputError
            Where no channel is left for it: it would connect nobody, and silence others.
        """
        if self.instead is not None:
            raise InputError(self.text, fix=self.instead)
        return self.edit


@dataclass(frozen=True, slots=True, eq=False)
class Resilience:
    """Failures, worst first; second ways by tower; and why a tower has none."""

    failures: tuple[PlanFailure, ...]
    paths: Mapping[str, DisjointPath]
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
                for one in self.paths.values()
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
    study: Study,
    *,
    sites: Iterable[str] | None = None,
    homes: Mapping[str, float] | None = None,
    keep: tuple[Store, str] | None = None,
    run: Run = ALONE,
) -> Resilience:
    """Return what fails with what, and the cheapest second way of each tower.

    Parameters
    ----------
    sites : iterable of str, optional
        Towers for which a second way is looked for; all of the network where not given.
    homes : mapping of str to float, optional
        Homes by weight that each tower reaches, as who is reached is judged; where not given, those whose server it is.
    keep
        As for `build_problem`.

    Raises
    ------
    InputError
        Where a tower is not of the network, or the plan has no homes or no gateway.
    MissingTerrainError, CancelledError
    """
    plan = study.plan
    network, doors = plan.used_sites, gateways(plan)
    wanted = [key for key in network if key not in doors] if sites is None else list(dict.fromkeys(sites))
    for key in wanted:
        if key not in network or key in doors:
            raise InputError(
                msg("{site} is no tower of the network that could have a second way.", site=key),
                fix=msg("Name a tower that stands or will, and is no gateway."),
            )
    graph = BackhaulGraph(study, keep, run.part(0.0, 0.5))
    failed = failures(as_it_works(plan, graph.down), homes)
    # Of a tower to which nothing gets, its homes as it is drawn: those are what it would keep.
    lost = {one.id: one.homes for one in (*failures(plan), *failed) if one.kind == "site" and one.homes > 0.0}
    paths: dict[str, DisjointPath] = {}
    without: dict[str, Message] = {}
    safe = []
    full = overfull(plan, rates_of(study), run.cancel)
    for number, key in enumerate(wanted):
        run.check()
        run.progress(
            0.5 + 0.5 * number / len(wanted), msg("Looking for a second way for {site}", site=_name(plan, key))
        )
        found = _disjoint_path(graph, key, lost.get(key, 0.0), run)
        if found is None:
            without[key] = _why_not(graph, key)
        elif not found.links:
            safe.append(key)
        else:
            after = found.edit.plan
            then = overfull(after, rates_of(replace(study, plan=after)), run.cancel)
            new = [one.text for one in then if one.link not in {other.link for other in full}]
            paths[key] = _said_anew(replace(found, fuller=new[0]), plan) if new else found
    run.progress(1.0)
    return Resilience(failed, paths, without, tuple(safe), full)


def _name(plan: Plan, key: str) -> str:
    return plan.sites[key].name or key


def _disjoint_path(graph: BackhaulGraph, key: str, homes: float, run: Run) -> DisjointPath | None:
    """Return the cheapest second way of a tower, without links where it has one; None where there is none."""
    banned: list[frozenset[frozenset[str]]] = []
    best: DisjointPath | None = None
    too_long = 0
    for _ in range(_LOOKED_AT):
        found = DisjointFlow(graph, key, banned).solve(run.cancel)
        if found is None or too_long == _TRIES:
            break
        links, masts, long = found
        if long:
            too_long += 1
            banned.append(long)
            continue
        if best is not None and graph.least_cost(links, masts) >= best.cost:
            break
        way = _written(graph, key, homes, links, masts)
        if best is None or way.cost < best.cost:
            best = way
        if not links:
            break
        banned.append(frozenset(links))
    return best


def _new_links(graph: BackhaulGraph, path: DisjointPath) -> list[DesignLink]:
    """Return the new links of a path with their margins and rates."""
    masts = {key: site.mast_height_m or 0.0 for key, site in path.edit.plan.sites.items()}
    kits = {one.kit: one for one in graph.problem.link_options}
    return [
        backhaul_link(graph.problem, (link.from_site, link.to_site), masts, kits.get(link.kit)) for link in path.links
    ]


def _why_not(graph: BackhaulGraph, key: str) -> Message:
    """Return why a tower has no second way."""
    if len(graph.doors) == 1 and not any(
        frozenset((key, other.id)) in graph.pairs for other in graph.problem.sites if other.id != key
    ):
        return msg("No other place that may be built on is in sight of {site}.", site=_name(graph.plan, key))
    return msg(
        "No two ways that share nothing lead from {site} to the Internet, whatever is built at the places given.",
        site=_name(graph.plan, key),
    )


def _capital(study: Study, plan: Plan) -> float:
    return capital(plan, study.catalogue).total.total


def _written(
    graph: BackhaulGraph, key: str, homes: float, links: list[frozenset[str]], masts: list[tuple[str, float]]
) -> DisjointPath:
    plan = graph.plan
    new = [Link(_free(plan, f"L-{a}-{b}"), a, b, plan.kits.backhaul) for a, b in (sorted(ends) for ends in links)]
    sites = [replace(plan.sites[site], mast_height_m=height) for site, height in masts]
    after = edits.put(plan, [*sites, *new]).plan
    # Where the law eats the gain of the plan's dish a smaller one is bought that carries a full sector too.
    lawful = smaller_dishes(after, dish_choices(replace(graph.study, plan=after), {link.id for link in new}))
    if lawful is not None:
        after = lawful.plan
        new = [after.links[link.id] for link in new]
    cost = _capital(graph.study, after) - _capital(graph.study, plan)
    steps = [msg("a link from {a} to {b}", a=_name(plan, link.from_site), b=_name(plan, link.to_site)) for link in new]
    for site, height in masts:
        if site in graph.network:
            now = plan.sites[site].mast_height_m or 0.0
            steps.append(
                msg("{height:g} m instead of {now:g} m at {site}", height=height, now=now, site=_name(plan, site))
            )
        else:
            steps.append(msg("a mast of {height:g} m at {site}", height=height, site=_name(plan, site)))
    if not steps:
        said = msg("{site} has two ways already.", site=_name(plan, key))
        return DisjointPath(key, homes, 0.0, (), (), said, Edit(said, plan))
    label = msg("second way for {site}", site=_name(plan, key))
    way = DisjointPath(key, homes, cost, tuple(new), tuple(masts), label, Edit(label, after), _listed(steps))
    return _said_anew(way, plan)


def _said_anew(path: DisjointPath, plan: Plan) -> DisjointPath:
    """Return a second way with its text as its steps, and what becomes too full, are now."""
    if path.steps is None:
        return path
    text = msg(
        "A second way for {site}: {steps}; +{cost:,.0f} {currency}. Its {homes:,g} homes then keep the network "
        "whatever single tower or link between fails.",
        site=_name(plan, path.site), steps=path.steps, cost=path.cost, currency=plan.info.currency, homes=path.homes,
    )  # fmt: skip
    return replace(path, text=text if path.fuller is None else msg("{way} {full}", way=text, full=path.fuller))


def with_new_channels(path: DisjointPath, after: Plan, plan: Plan) -> DisjointPath:
    """Return a second way with which all radios get channels anew: those that the plan has leave no room for it."""
    if path.steps is None:
        return path
    steps = _listed([path.steps, msg("all radios on new channels")])
    return _said_anew(replace(path, steps=steps, edit=replace(path.edit, plan=after)), plan)


def without_channel(path: DisjointPath, plan: Plan, why: Message) -> DisjointPath:
    """Return a second way for which no channel of a plan is left: it promises nothing, and says why."""
    if path.steps is None:
        return path
    text = msg(
        "A second way for {site}: {steps}; +{cost:,.0f} {currency}. But no channel is left for it: {why}",
        site=_name(plan, path.site), steps=path.steps, cost=path.cost, currency=plan.info.currency, why=why,
    )  # fmt: skip
    return replace(path, text=text, silent=why)


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


def with_disjoint_paths(
    found: Design, study: Study, *, keep: tuple[Store, str] | None = None, run: Run = ALONE
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
        here = run.part(number / len(wanted), (number + 1) / len(wanted))
        graph = BackhaulGraph(replace(study, plan=plan), keep, here, raising=False)
        path = _disjoint_path(graph, key, 0.0, run)
        if path is None:
            notes.append(_why_not(graph, key))
        elif found.budget is not None and _capital(study, path.edit.plan) > found.budget + 1e-6:
            notes.append(
                msg("The budget leaves no money for a second way for {site}: {cost:,.0f} {currency}.",
                    site=_name(plan, key), cost=path.cost, currency=plan.info.currency)
            )  # fmt: skip
        else:
            links += _new_links(graph, path)
            plan = path.edit.plan
    if wanted:
        notes += [one.text for one in overfull(plan, rates_of(replace(study, plan=plan)), run.cancel)]
    if plan is found.edit.plan:
        return replace(found, notes=(*found.notes, *notes))
    more = with_plan(found, plan, study.catalogue, capex=_capital(study, plan), links=links)
    return replace(more, notes=(*more.notes, *notes))
