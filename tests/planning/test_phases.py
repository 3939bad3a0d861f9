"""Phases: each works alone, the money adds up, and no order makes homes wait for less."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import permutations

import pytest
from small_network import small_network

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import Choice, SiteRole
from cn_planner.planning.phases import PhaseJob, best_order, phases, together
from cn_planner.storage.catalogue import load_catalogue


@pytest.fixture(scope="module")
def valley(designed):
    return designed.edit.plan, load_catalogue()


def _waiting(order, jobs: dict[str, PhaseJob]) -> float:
    spent = waiting = 0.0
    for key in order:
        spent += jobs[key].cost
        waiting += jobs[key].weight * spent
    return waiting


@pytest.mark.parametrize("seed", range(30))
def test_no_order_makes_homes_wait_for_less_money(seed):
    """Every order of seven jobs in which each comes after what it needs, one by one."""
    rng = random.Random(seed)
    keys = "abcdefg"
    jobs = {
        key: PhaseJob(
            rng.choice([None, *keys[:n]]) if n else None,
            rng.choice([0.0, 1.0, 3.0, 7.0, 20.0]),
            rng.choice([0.0, 1.0, 5.0, 30.0]),
        )
        for n, key in enumerate(keys)
    }
    order = best_order(jobs)
    assert sorted(order) == sorted(jobs)
    for n, key in enumerate(order):
        assert jobs[key].after is None or jobs[key].after in order[:n]
    least = min(
        _waiting(one, jobs)
        for one in permutations(keys)
        if all(jobs[key].after is None or one.index(jobs[key].after) < n for n, key in enumerate(one))
    )
    assert _waiting(order, jobs) == pytest.approx(least)


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_each_phase_works_alone_and_all_together_are_the_plan(valley, count):
    plan, catalogue = valley
    found = phases(plan, catalogue, count=count)
    assert [one.number for one in found] == list(range(1, count + 1))
    assert sum(one.cost for one in found) == pytest.approx(capital(plan, catalogue).total.total)
    assert sum(one.weight for one in found) == sum(h.weight for h in plan.households.values() if h.server)
    assert {key for one in found for key in one.links} == set(plan.standing_links)
    built: set[str] = set()
    for one in found:
        assert one.sites
        assert one.cost > 0.0
        built |= set(one.sites)
        links = [plan.links[key] for phase in found[: one.number] for key in phase.links]
        reached = {key for key in built if plan.sites[key].role is SiteRole.GATEWAY}
        for _ in built:
            reached |= {
                b
                for link in links
                for a, b in ((link.from_site, link.to_site), (link.to_site, link.from_site))
                if a in reached
            }
        assert built <= reached
        assert all(plan.households[key].server in built for key in one.homes)


@pytest.mark.parametrize("count", range(1, 7))
def test_no_phase_builds_what_reaches_nobody(count):
    """Nobody hangs on the gateway: alone it is no phase, though there are as many towers as phases are asked for."""
    plan = small_network()
    found = phases(plan, load_catalogue(), count=count)
    assert [one.number for one in found] == list(range(1, min(count, 3) + 1))
    assert all(one.weight > 0.0 for one in found)
    assert sum(one.weight for one in found) == sum(home.weight for home in plan.households.values())
    assert found[0].sites[0] == "G"
    assert found[-1].cost_so_far == pytest.approx(capital(plan, load_catalogue()).total.total)


def test_a_gateway_to_whose_hotspot_people_come_is_a_phase():
    plan = small_network()
    plan = edits.put(plan, [replace(plan.sites["G"], hotspot=True, hotspot_choice=Choice.LOCKED)]).plan
    found = phases(plan, load_catalogue(), count=4)
    assert len(found) == 4
    assert found[0].sites == ("G",)


def test_towers_on_which_nobody_hangs_are_phases_all_the_same():
    plan = small_network()
    plan = edits.remove(plan, "households", list(plan.households)).plan
    assert len(phases(plan, load_catalogue(), count=4)) == 4


def test_money_for_each_phase_is_kept_where_one_tower_alone_does_not_pass_it(valley):
    plan, catalogue = valley
    found = phases(plan, catalogue, budget=20_000.0)
    assert len(found) > 1
    for one in found:
        assert one.cost <= 20_000.01 or len(one.sites) == 1
    assert found[-1].cost_so_far == pytest.approx(capital(plan, catalogue).total.total)


def test_a_plan_without_a_network_has_no_phases(sample_ground):
    assert phases(sample_ground[0], load_catalogue()) == ()


def test_numbers_that_are_none_are_refused(valley):
    for wrong in ({"count": 0}, {"count": 21}, {"budget": 0.0}, {"budget": -1.0}, {"count": 2, "budget": 9.0}):
        with pytest.raises(InputError):
            phases(*valley, **wrong)


def test_homes_that_are_counted_together_cost_what_they_cost_one_by_one(valley):
    plan, catalogue = valley
    few = together(plan)
    assert len(few.households) < len(plan.households) / 3
    assert capital(few, catalogue).total == capital(plan, catalogue).total


def test_what_nothing_joins_to_a_gateway_is_a_last_phase_that_reaches_nobody(valley):
    """Whoever removes a link finds the whole bill in the phases, and the homes behind it in none that works."""
    plan, catalogue = valley
    whole = phases(plan, catalogue)
    assert all(one.joined for one in whole)
    link = next(iter(plan.standing_links))
    cut = edits.remove(plan, "links", [link]).plan
    found = phases(cut, catalogue)
    assert [one.joined for one in found] == [True] * (len(found) - 1) + [False]
    assert found[-1].weight == 0.0
    assert sum(one.weight for one in found) < sum(one.weight for one in whole)
    assert found[-1].cost > 0.0
    assert sorted(key for one in found for key in one.sites) == sorted(cut.used_sites)
    assert math.fsum(one.cost for one in found) == pytest.approx(capital(cut, catalogue).total.total)
    assert found[-1].cost_so_far == capital(cut, catalogue).total.total
