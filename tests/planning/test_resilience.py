"""What fails with what, by removal one by one; and second ways, against everything that could be built instead."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from cn_planner.economics.costs import capital
from cn_planner.errors import CancelledError, InputError
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Link, Plan, SiteRole
from cn_planner.planning.design import design
from cn_planner.planning.failures import failures
from cn_planner.planning.problem import build_problem
from cn_planner.planning.resilience import resilience, with_disjoint_paths
from cn_planner.progress import CancelToken, Run
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface


@pytest.fixture(scope="module")
def valley(sample_ground):
    (plan, surface), catalogue = sample_ground, load_catalogue()
    return design(Study(plan, surface, catalogue), cover=0.8).edit.plan, surface, catalogue


@pytest.fixture(scope="module")
def found(valley):
    return resilience(Study(*valley))


def _online(plan: Plan, sites: set[str], links: list[Link]) -> set[str]:
    """Its own walk: again and again over the links, until nothing is added."""
    seen = {key for key in sites if plan.sites[key].role is SiteRole.GATEWAY}
    while True:
        more = {
            there
            for link in links
            for here, there in ((link.from_site, link.to_site), (link.to_site, link.from_site))
            if here in seen and there in sites
        }
        if more <= seen:
            return seen
        seen |= more


def _homes(plan: Plan, sites: set[str]) -> float:
    return sum(home.weight for home in plan.households.values() if home.server in sites)


def test_failures_are_what_is_missing_when_each_thing_is_taken_away(valley, found):
    plan = valley[0]
    sites, links = set(plan.used_sites), list(plan.standing_links.values())
    all_online = _online(plan, sites, links)
    assert {(one.kind, one.id) for one in found.failures} == {("site", key) for key in sites} | {
        ("link", link.id) for link in links
    }
    for one in found.failures:
        left = (
            _online(plan, sites - {one.id}, links)
            if one.kind == "site"
            else _online(plan, sites, [link for link in links if link.id != one.id])
        )
        gone = all_online - left
        assert one.homes == pytest.approx(_homes(plan, gone))
        assert set(one.sites) == gone - ({one.id} if one.kind == "site" else set())
    assert [one.homes for one in found.failures] == sorted((one.homes for one in found.failures), reverse=True)


def _survives(plan: Plan, site: str) -> bool:
    """Whether a tower stays on the air whatever other tower (but the only gateway) or link is taken away."""
    sites, links = set(plan.used_sites), list(plan.standing_links.values())
    doors = [key for key in sites if plan.sites[key].role is SiteRole.GATEWAY]
    spared = set(doors) if len(doors) == 1 else set()
    return all(site in _online(plan, sites - {key}, links) for key in sites - spared - {site}) and all(
        site in _online(plan, sites, [other for other in links if other is not link]) for link in links
    )


def test_a_second_way_is_one_and_costs_what_it_says(valley, found):
    plan, _, catalogue = valley
    assert found.paths
    for key, way in found.paths.items():
        assert not _survives(plan, key)
        assert _survives(way.edit.plan, key)
        assert way.cost == pytest.approx(
            capital(way.edit.plan, catalogue).total.total - capital(plan, catalogue).total.total
        )
        assert way.homes == pytest.approx(next(one.homes for one in found.failures if one.id == key))
        assert f"{way.cost:,.0f}" in str(way.text)
        for home in plan.households.values():
            assert way.edit.plan.households[home.id].server == home.server


class _Whatever:
    """All that could be built with one tower new or higher, by the tables of the planner alone."""

    def __init__(self, plan: Plan, surface: Surface, catalogue) -> None:
        self.plan, self.shelf = plan, catalogue
        self.problem = problem = build_problem(Study(plan, surface, catalogue, None))
        self.heights = problem.instance.heights_m
        self.works = {
            frozenset((problem.sites[a].id, problem.sites[b].id)): (problem.sites[a].id, problem.backhaul_works[pair])
            for (a, b), pair in problem.link_of.items()
            if problem.backhaul_works[pair].any()
        }
        self.standing = {frozenset((link.from_site, link.to_site)) for link in plan.standing_links.values()}
        self.now = {key: site.mast_height_m for key, site in plan.used_sites.items()}

    def holds(self, masts: dict[str, float], ends: frozenset[str]) -> bool:
        first, table = self.works[ends]
        other = next(one for one in ends if one != first)
        return bool(table[self.heights.index(masts[first]), self.heights.index(masts[other])])

    def leaves_all(self, masts: dict[str, float]) -> bool:
        """Whether homes and links that are there are left as they are."""
        at = {site.id: n for n, site in enumerate(self.problem.sites)}
        for number, home in enumerate(self.problem.homes):
            if home.server in masts and masts[home.server] != self.now[home.server]:
                pair = self.problem.pair_of.get((at[home.server], number))
                if pair is not None and not self.problem.access_works[pair, self.heights.index(masts[home.server])]:
                    return False
        return all(self.holds(masts, ends) for ends in self.standing)

    def masts(self) -> list[dict[str, float]]:
        found = [dict(self.now)]
        for number, site in enumerate(self.problem.sites):
            for k, height in enumerate(self.heights):
                new = {**self.now, site.id: height}
                if self.problem.instance.sites[number].cost[k] is None or height <= self.now.get(site.id, 0.0):
                    continue
                if site.id not in self.now or self.leaves_all(new):
                    found.append(new)
        return found

    def built(self, masts: dict[str, float], links: tuple[frozenset[str], ...]) -> Plan:
        sites = [replace(self.plan.sites[k], mast_height_m=up) for k, up in masts.items() if self.now.get(k) != up]
        new = [Link(f"new-{n}", *sorted(ends), self.plan.kits.backhaul) for n, ends in enumerate(links)]
        return edits.put(self.plan, [*sites, *new]).plan


def test_no_link_tower_or_higher_mast_would_do_it_for_less(valley, found):
    """Brute force: every one or two links, between towers as they stand or with one tower new or higher."""
    plan, _, catalogue = valley
    all_of = _Whatever(*valley)
    base = capital(plan, catalogue).total.total
    tried = 0
    for masts in all_of.masts():
        may = [
            ends for ends in all_of.works
            if ends not in all_of.standing and ends <= set(masts) and all_of.holds(masts, ends)
        ]  # fmt: skip
        for links in (links for count in (1, 2) for links in combinations(may, count)):
            after = all_of.built(masts, links)
            cost = capital(after, catalogue).total.total - base
            for key, way in found.paths.items():
                if way.cost > cost + 0.02 and any(key in ends for ends in links):
                    tried += 1
                    assert not _survives(after, key), (key, links, masts)
    assert tried > 10


def test_a_tower_with_two_ways_is_left_as_it_is(valley, found):
    key, way = next(iter(found.paths.items()))
    again = resilience(Study(way.edit.plan, *valley[1:]), sites=[key])
    assert again.safe == (key,)
    assert not again.paths


def test_where_no_link_is_allowed_the_reason_is_said(valley):
    plan = valley[0]
    standing = {frozenset((link.from_site, link.to_site)) for link in plan.standing_links.values()}
    key = next(one for one in plan.used_sites if sum(one in ends for ends in standing) == 1 and one != "G01")
    refused = [
        Link(f"no-{other}", key, other, choice=Choice.FORBIDDEN)
        for other in plan.sites
        if other != key and frozenset((key, other)) not in standing
    ]
    alone = resilience(Study(edits.put(plan, refused).plan, *valley[1:]), sites=[key])
    assert plan.sites[key].name in str(alone.without[key])
    assert not alone.paths


def test_the_planner_gives_two_ways_to_those_that_must_have_them(valley):
    plan, surface, catalogue = valley
    keys = [key for key, site in plan.used_sites.items() if site.role is not SiteRole.GATEWAY][:2]
    asked = edits.put(plan, [replace(plan.sites[key], two_ways=True) for key in keys]).plan
    base = design(Study(asked, surface, catalogue), cover=0.8)
    more = with_disjoint_paths(base, Study(asked, surface, catalogue))
    built = [key for key in keys if key in more.edit.plan.used_sites]
    assert built
    assert all(_survives(more.edit.plan, key) for key in built)
    assert more.capex == pytest.approx(capital(more.edit.plan, catalogue).total.total)
    assert more.capex >= base.capex
    assert more.lower_bound == base.lower_bound
    assert more.gap == pytest.approx((more.capex - more.lower_bound) / more.capex)
    joined = {frozenset((one.from_id, one.to_id)) for one in more.links if one.kind == "backhaul"}
    assert joined == {frozenset((one.from_site, one.to_site)) for one in more.edit.plan.standing_links.values()}
    assert more.served == base.served
    # And a budget is kept: what it leaves no money for is said.
    poor = with_disjoint_paths(replace(base, budget=base.capex), Study(asked, surface, catalogue))
    assert poor.capex == base.capex
    assert any("leaves no money" in str(note) for note in poor.notes)


@pytest.mark.parametrize("key", ["nowhere", "G01"])
def test_what_is_no_tower_or_a_gateway_is_refused(valley, key):
    with pytest.raises(InputError, match=key):
        resilience(Study(*valley), sites=[key])


def test_a_cancel_leaves_nothing(valley):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        resilience(Study(*valley), run=Run(cancel=cancel))


def test_a_plan_without_a_network_has_no_failures(sample_ground):
    assert failures(sample_ground[0]) == ()
