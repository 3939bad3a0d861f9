"""Problems with less to choose from, for plans whose own channels do not carry what the cheapest plan needs of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.model import edits
from cn_planner.model.plan import Choice, PlanStatus, Status
from cn_planner.planning.dishes import dishes_on_air
from cn_planner.planning.link_kits import any_kit_works, most_carried
from cn_planner.planning.link_rows import careful_rows, option_rows
from cn_planner.planning.pairs import ENOUGH
from cn_planner.planning.result import backhaul_link, with_plan
from cn_planner.planning.tree_outlook import short_of_hold
from cn_planner.progress import ALONE
from cn_planner.service.joined import homes_behind
from cn_planner.service.within_range import NEAR_HOME_KM, NEAR_LINK_KM
from cn_planner.solver.network import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from cn_planner.model.plan import Link
    from cn_planner.planning.air_limits import Narrowed
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.progress import Run
    from cn_planner.solver.instance import Instance, Solution


def narrowed(problem: PlanningProblem, limits: Narrowed) -> PlanningProblem:
    """Return a problem in which a plan may not choose what `limits` say."""
    of = with_own_dish(problem) if limits.own_dish else problem
    of = within_usual_range(of) if limits.near else of
    of = with_apart(of, limits.apart, limits.full) if limits.apart or limits.full else of
    of = with_standing(of, limits.masts, limits.joined) if limits.masts else of
    of = of if limits.most_radios is None else with_radios(of, limits.most_radios)
    of = with_carries(of, limits.carries) if limits.carries else of
    if limits.share >= 1.0:
        return of
    most, goal = of.network.coverable, limits.share * problem.network.goal
    return of.with_cover(min(1.0, goal / most) if most > 0.0 else of.instance.cover)


def with_radios(problem: PlanningProblem, most: int) -> PlanningProblem:
    """Return a problem with so many sectors and links on a mast at most."""
    instance = replace(problem.instance, max_radios=most)
    return replace(problem, instance=instance, network=network_of(instance))


def with_sector_homes(problem: PlanningProblem, sector_homes: float) -> PlanningProblem:
    """Return a problem with sectors that carry another number of homes; where they grow, then as many more."""
    inst = problem.instance
    room = inst.room_homes
    if room is not None:
        room = max(1.0, math.floor(room * sector_homes / inst.sector_homes))
    instance = replace(inst, sector_homes=sector_homes, room_homes=room)
    return replace(problem, instance=instance, network=network_of(instance))


def with_carries(problem: PlanningProblem, carries: Iterable[tuple[str, str, float]]) -> PlanningProblem:
    """Return a problem in which links between two sites carry no more than a load of homes; those that it has."""
    at = {site.id: n for n, site in enumerate(problem.sites)}
    instance, room = problem.instance, problem.backhaul_carries.copy()
    of_row = np.full(len(instance.links), np.inf) if instance.link_carries is None else instance.link_carries.copy()
    limit = np.full(len(room), np.inf)
    for one, other, most in carries:
        a, b = sorted((at.get(one, -1), at.get(other, -1)))
        pair = problem.link_of.get((a, b))
        if pair is None:  # where far paths are not looked at
            continue
        mine = (instance.links[:, 0] == a) & (instance.links[:, 1] == b)
        of_row[mine] = np.minimum(of_row[mine], most)
        room[pair] = np.minimum(room[pair], most)
        limit[pair] = most
    instance = replace(instance, link_carries=of_row)
    return replace(
        problem, instance=instance, network=network_of(instance), backhaul_carries=room, link_limit=limit
    )  # fmt: skip


def with_apart(
    problem: PlanningProblem, apart: Iterable[tuple[str, str]], full: Iterable[tuple[str, str]] = ()
) -> PlanningProblem:
    """Return a problem in which homes do not hang on towers, given as (tower, home), unless no other reaches them.

    As many homes are asked of it. What stands at a mast hangs there by a cable. ``full``: likewise, but that they heard
    the tower, and nothing was left for them there: of those alone to whom nothing came is that told.
    """
    apart = tuple(apart)
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    inst = problem.instance
    reach = [{s for s, _ in options} for options in problem.network.serve]
    gone = dict[tuple[int, int], tuple[str, str]]()
    for site, home in (*apart, *full):
        s, h = site_at.get(site, -1), home_at.get(home, -1)
        if (s, h) in problem.pair_of and s in reach[h] and len(reach[h]) > 1:
            reach[h].remove(s)
            gone[s, h] = site, home
    kept = np.array([(s, h) not in gone for s, h, _ in inst.serve.tolist()], np.bool_)
    instance = _asking(replace(inst, serve=inst.serve[kept]), problem.network.goal)
    works, ok = problem.access_works.copy(), problem.access_ok.copy()
    rows = [problem.pair_of[one] for one in gone]
    works[rows], ok[rows] = False, False
    return replace(
        problem, instance=instance, network=network_of(instance), whole=problem.whole or problem,
        access_works=works, access_ok=ok, apart=problem.apart | (frozenset(gone.values()) & frozenset(apart)),
    )  # fmt: skip


def with_standing(
    problem: PlanningProblem, masts: Iterable[tuple[str, float]], links: Iterable[tuple[str, str]]
) -> PlanningProblem:
    """Return a problem in which towers stand as high as in a plan before, joined by its links; others may come.

    As many homes are asked of it.
    """
    site_at = {site.id: n for n, site in enumerate(problem.sites)}
    level = {site_at[key]: problem.height_index(height) for key, height in masts if key in site_at}
    joined = {tuple(sorted((site_at[a], site_at[b]))) for a, b in links if a in site_at and b in site_at}
    gone = {pair for (a, b), pair in problem.link_of.items() if {a, b} <= level.keys() and (a, b) not in joined}
    inst = problem.instance
    sites = tuple(
        replace(row, must=True, cost=tuple(cost if k == level[n] else None for k, cost in enumerate(row.cost)))
        if n in level else row
        for n, row in enumerate(inst.sites)
    )  # fmt: skip
    kept = np.array([problem.link_of[a, b] not in gone for a, b, _, _ in inst.links.tolist()], np.bool_)
    left = np.ones(len(problem.backhaul.first), np.bool_)
    left[sorted(gone)] = False
    options = tuple(one._replace(works=one.works & left[:, np.newaxis, np.newaxis]) for one in problem.link_options)
    instance = _asking(_linked(replace(inst, sites=sites), kept), problem.network.goal)
    return replace(
        problem, instance=instance, network=network_of(instance), link_options=options, whole=problem.whole or problem,
        backhaul_works=any_kit_works(options), backhaul_carries=most_carried(options),
    )  # fmt: skip


def _linked(inst: Instance, kept: NDArray[np.bool_]) -> Instance:
    """Return an instance with some of its rows of links alone."""
    return replace(
        inst, links=inst.links[kept], link_cost=inst.link_cost[kept],
        link_carries=None if inst.link_carries is None else inst.link_carries[kept],
        link_kind=None if inst.link_kind is None else inst.link_kind[kept],
    )  # fmt: skip


def _asking(instance: Instance, goal: float) -> Instance:
    """Return an instance that asks for a weight of homes, or for all that it can reach."""
    most = network_of(instance).coverable
    return replace(instance, cover=min(1.0, goal / most) if most > 0.0 else instance.cover)


def reached_from(problem: PlanningProblem) -> dict[str, frozenset[str]]:
    """Return the towers that reach each home by radio and are joined to a gateway, by id."""
    return {
        home.id: frozenset(problem.sites[s].id for s, _ in options if (s, h) in problem.pair_of)
        for h, (home, options) in enumerate(zip(problem.homes, problem.network.serve, strict=True))
    }


def with_own_dish(problem: PlanningProblem) -> PlanningProblem:
    """Return a problem whose new links are bought with the plan's own kit, though the law eats the gain of its dish."""
    heights, options = problem.instance.heights_m, problem.link_options[:1]
    allowed = [[heights[k] for k in ks] for ks in problem.network.allowed]
    may = np.array([[k in ks for k in range(len(heights))] for ks in problem.network.allowed], np.bool_)
    both = may[problem.backhaul.first][:, :, np.newaxis] & may[problem.backhaul.second][:, np.newaxis, :]
    rows = [careful_rows(one, both) for one in options]
    ways = option_rows(problem.backhaul, rows, problem.sites, allowed, heights, problem.towers)
    instance = replace(problem.instance, **ways._asdict())
    return replace(
        problem, instance=instance, network=network_of(instance), link_options=options,
        backhaul_works=any_kit_works(options), backhaul_carries=most_carried(options),
    )  # fmt: skip


def within_usual_range(problem: PlanningProblem) -> PlanningProblem:
    """Return a problem without paths that are longer than those that are looked at in any case, as many homes asked.

    A network of few towers that see far has many radios on each, which drown each other; more towers have less.
    """
    rules = problem.plan.rules  # what somebody set stands as it is
    far = problem.access.distance_m > (NEAR_HOME_KM * 1000.0 if rules.max_access_km is None else np.inf)
    long = problem.backhaul.distance_m > (NEAR_LINK_KM * 1000.0 if rules.max_backhaul_km is None else np.inf)
    inst = problem.instance
    serve = [not far[problem.pair_of[s, h]] if (s, h) in problem.pair_of else True for s, h, _ in inst.serve.tolist()]
    links = np.array([not long[problem.link_of[a, b]] for a, b, _, _ in inst.links.tolist()], np.bool_)
    options = tuple(one._replace(works=one.works & ~long[:, np.newaxis, np.newaxis]) for one in problem.link_options)
    instance = _linked(replace(inst, serve=inst.serve[np.array(serve, np.bool_)]), links)
    instance = _asking(instance, problem.network.goal)
    near = ~far[:, np.newaxis]
    return replace(
        problem, instance=instance, network=network_of(instance), link_options=options, whole=problem.whole or problem,
        access_works=problem.access_works & near, access_ok=problem.access_ok & near,
        backhaul_works=any_kit_works(options), backhaul_carries=most_carried(options),
    )  # fmt: skip


def near_where_enough(problem: PlanningProblem) -> PlanningProblem:
    """Return a problem without far paths where near ones reach all that must be, and as many homes as asked for.

    Few towers that see far cost less by their prices alone, but have many radios each, which drown each other: what the
    search then finds is heard by few, and mending it takes the time of the search.
    """
    rules = problem.plan.rules
    if problem.near_only or None not in (rules.max_access_km, rules.max_backhaul_km):
        return problem
    near = within_usual_range(problem)
    reached = near.network.serve
    enough = near.network.coverable >= problem.network.goal - 1e-9
    if not enough or any(row.must and not reached[h] for h, row in enumerate(near.instance.homes)):
        return problem
    return replace(near, near_only=ENOUGH, reachable=problem.coverable)


def as_coverable(found: Design, coverable: float) -> Design:
    """Return a design with the homes that could be reached where nothing is left out."""
    plan = None if found.edit is None else found.edit.plan
    if found.edit is None or plan is None or plan.outcome is None:
        return replace(found, coverable=coverable)
    whole = replace(plan, outcome=replace(plan.outcome, coverable=coverable))
    return replace(found, coverable=coverable, edit=replace(found.edit, plan=whole))


def unproven(found: Design) -> Design:
    """Return a design for less to choose from as what it is for all plans: that there is no better one is not said."""
    status = PlanStatus.FEASIBLE if found.status in (PlanStatus.INFEASIBLE, PlanStatus.OPTIMAL) else found.status
    found = replace(found, status=status, lower_bound=None, gap=None, homes_upper_bound=None)
    if found.edit is None or found.edit.plan.outcome is None:
        return found
    outcome = replace(found.edit.plan.outcome, status=status, lower_bound=None, gap=None, homes_upper_bound=None)
    return replace(found, edit=replace(found.edit, plan=replace(found.edit.plan, outcome=outcome)))


def keeps_within(problem: PlanningProblem, solution: Solution) -> bool:
    """Return whether what was found before has no path that a problem leaves out: a search may begin from it."""
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    pairs = (problem.pair_of.get((site_at[site], home_at[home])) for home, site in solution.homes.items())
    ends = (sorted((site_at[a], site_at[b])) for a, b in solution.links)
    links = (problem.link_of.get((a, b)) for a, b in ends)
    return all(one is None or bool(problem.access_works[one].any()) for one in pairs) and all(
        one is None or bool(problem.backhaul_works[one].any()) for one in links
    )


def small_dishes(problem: PlanningProblem, found: Design, run: Run = ALONE) -> Design:
    """Return a design with a smaller dish on those of its new links that carry the same with it on its channels.

    What mends a plan's channels gives every link that disturbs another its large dish; not all of them need it. Where
    fewer homes would then hold than are to (`hold_share`), all stay.

    Raises
    ------
    CancelledError
    """
    plan = None if found.edit is None else found.edit.plan
    if plan is None or len(problem.link_options) < 2:
        return found
    # What a second way will carry is not known.
    used = {key for key, homes in homes_behind(plan).items() if homes > 0.0}
    mine = {link.id for link in plan.standing_links.values() if _is_new(link)} & used
    choices = dishes_on_air(replace(problem.study, plan=plan), mine, run=run)
    better = links_with_kits(problem, found, {one.link: one.smaller for one in choices if one.smaller})
    if better is None or better.edit is None:
        return found
    now, then = (short_of_hold(replace(problem.study, plan=one), run=run) for one in (plan, better.edit.plan))
    return better if then <= now else found


def _is_new(link: Link) -> bool:
    return link.choice is Choice.FREE and link.status is not Status.BUILT


def links_with_kits(problem: PlanningProblem, found: Design, kits: Mapping[str, str]) -> Design | None:
    """Return a design with other kits on some of its new links, where they keep the rules; None where none changes."""
    if found.edit is None:
        return None
    plan, options = found.edit.plan, {one.kit: one for one in problem.link_options}
    at = {site.id: n for n, site in enumerate(problem.sites)}
    masts = {site.id: site.mast_height_m for site in found.sites}
    changed, told = [], {}
    for key, kit in sorted(kits.items()):
        link, option = plan.standing_links.get(key), options.get(kit)
        if link is None or option is None or link.kit in ("", kit) or not _is_new(link):
            continue
        a, b = sorted((link.from_site, link.to_site), key=at.__getitem__)
        where = problem.link_of[at[a], at[b]], problem.height_index(masts[a]), problem.height_index(masts[b])
        if option.works[where]:
            changed.append(replace(link, kit=kit))
            told[a, b] = backhaul_link(problem, (a, b), masts, option)
    if not changed:
        return None
    catalogue = problem.costs.catalogue
    better = edits.put(plan, changed).plan
    capex = capital(better, catalogue).total.total
    if found.budget is not None and capex > found.budget + 1e-6:
        return None
    rows = tuple(told.get((link.from_id, link.to_id), link) for link in found.links)
    return with_plan(replace(found, links=rows), better, catalogue, capex=capex)
