"""Suggestions keep what they promise, and what was rejected stays rejected."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cn_planner.model import edits
from cn_planner.model.checks import Severity, problems
from cn_planner.model.plan import Choice, Sector, Status, Uplink
from cn_planner.planning.suggestions import SuggestionKind, lock, reject
from cn_planner.service.now import connect_homes, sector_loads
from cn_planner.session.heights import height_steps
from cn_planner.session.project import Project
from cn_planner.session.scenarios import scenario_figures
from cn_planner.session.service import service_now
from cn_planner.session.suggestions import suggest
from cn_planner.session.workspace import Snapshot


def errors(project: Project) -> list[str]:
    return [str(one.what) for one in problems(project.plan) if one.severity is Severity.ERROR]


def test_an_empty_valley_is_told_to_begin_at_its_gateway(valley: Project) -> None:
    [first] = suggest(valley.snapshot())
    assert (first.site, first.kind, first.parent) == ("G01", SuggestionKind.MAST, "")
    assert first.homes > 0
    assert str(first.headline).startswith("A mast here reaches")


def test_nothing_is_suggested_where_there_is_nobody_or_no_gateway(valley: Project) -> None:
    plan = valley.plan
    for gone in (edits.remove(plan, "sites", ["G01"]), edits.remove(plan, "households", list(plan.households))):
        assert suggest(valley.workspace.snapshot(gone.plan)) == ()


def test_homes_that_count_for_nothing_are_no_gain(network: Project) -> None:
    nobody = [replace(home, weight=0.0) for home in network.plan.households.values()]
    assert suggest(network.workspace.snapshot(edits.put(network.plan, nobody).plan)) == ()


def test_no_mast_is_raised_for_homes_for_which_its_sectors_have_no_time(network: Project) -> None:
    round_about = tuple(Sector(f"S{n}", network.plan.kits.access, 120.0 * n) for n in range(3))
    much = Uplink("fibre", 1e5, 1.0)
    towers = [replace(site, sectors=round_about, uplink=much) for site in network.plan.used_sites.values()]
    plan = edits.put(network.plan, towers).plan
    plan = replace(plan, demand=replace(plan.demand, mbps_per_home=10.0, contention=5.0))
    before = network.workspace.snapshot(plan)
    raises = [one for one in suggest(before) if one.kind is SuggestionKind.RAISE]
    assert raises

    def loads(snapshot: Snapshot, site: str) -> dict[str, tuple[float, float]]:
        return sector_loads(snapshot.plan, service_now(snapshot), snapshot.plan.sites[site])

    for one in raises:
        had = loads(before, one.site)
        for key, (homes, busy_pct) in loads(network.workspace.snapshot(one.edit.plan), one.site).items():
            assert busy_pct <= 100.0 or homes == had[key][0], f"{one.headline}: {key}"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.lists(st.integers(0, 50), min_size=1, max_size=4), raised=st.sampled_from([6.0, 12.0, 15.0, 30.0]))
def test_what_is_accepted_brings_the_homes_and_costs_the_money_promised(
    network: Project, choices: list[int], raised: float
) -> None:
    """Whatever stands already, and in whatever order suggestions are taken."""
    start = network.version, network.history.done
    network.apply(edits.put(network.plan, [replace(network.plan.sites["C01"], mast_height_m=raised)]))
    for choice in choices:
        found = suggest(network.snapshot())
        if not found:
            break
        one = found[choice % len(found)]
        before = scenario_figures(network.snapshot())
        network.apply(one.edit)
        after = scenario_figures(network.snapshot())
        assert after.homes - before.homes == pytest.approx(one.homes)
        assert after.cost - before.cost == pytest.approx(one.cost, abs=0.01)
        assert errors(network) == []
    while network.history.done > start[1]:
        network.undo()


@pytest.mark.parametrize("certainty", [80.0, 95.0])
def test_where_little_is_to_spare_what_is_promised_is_still_served(network: Project, certainty: float) -> None:
    """A home off the middle of its beam, or below it, gets less than straight ahead."""
    masts = [replace(site, mast_height_m=6.0) for site in network.plan.used_sites.values()]
    rules = replace(network.plan.rules, certainty_pct=certainty, max_sectors=8)
    plan = replace(edits.put(network.plan, masts).plan, rules=rules)
    snapshot = network.workspace.snapshot(plan)
    before = scenario_figures(snapshot)
    found = suggest(snapshot)
    assert found
    for one in found:
        after = scenario_figures(network.workspace.snapshot(one.edit.plan))
        assert (one.id, after.homes - before.homes) == (one.id, pytest.approx(one.homes))
        assert after.cost - before.cost == pytest.approx(one.cost, abs=0.01)


def test_what_was_rejected_is_never_suggested_again(network: Project) -> None:
    found = suggest(network.snapshot())
    mast = next(one for one in found if one.kind is SuggestionKind.MAST)
    network.apply(reject(network.plan, mast))
    assert network.plan.sites[mast.site].status is Status.REJECTED
    assert mast.site not in {one.site for one in suggest(network.snapshot())}
    reopened = Project.open(network.path)
    try:
        assert mast.site not in {one.site for one in suggest(reopened.snapshot())}
    finally:
        reopened.close()
    network.undo()
    assert mast.site in {one.site for one in suggest(network.snapshot())}


def test_a_rejected_raise_stays_rejected(network: Project) -> None:
    raises = [one for one in suggest(network.snapshot()) if one.kind is SuggestionKind.RAISE]
    assert raises
    network.apply(reject(network.plan, raises[0]))
    assert raises[0].id not in {one.id for one in suggest(network.snapshot())}
    assert errors(network) == []


def test_a_raise_says_what_it_costs_and_whom_it_reaches(network: Project) -> None:
    one = next(one for one in suggest(network.snapshot()) if one.kind is SuggestionKind.RAISE)
    assert str(one.headline).startswith("+")
    assert "here costs" in str(one.headline)
    assert one.mast_height_m > (network.plan.sites[one.site].mast_height_m or 0.0)


def test_what_is_locked_stays(network: Project) -> None:
    one = suggest(network.snapshot())[0]
    network.apply(lock(network.plan, one))
    site = network.plan.sites[one.site]
    assert (site.choice, site.mast_height_m) == (Choice.LOCKED, one.mast_height_m)
    assert one.site not in {other.site for other in suggest(network.snapshot())}


def test_the_least_cost_a_home_comes_first(network: Project) -> None:
    found = suggest(network.snapshot())
    assert [one.cost / one.homes for one in found] == sorted(one.cost / one.homes for one in found)


def test_a_higher_mast_costs_the_same_where_it_is_suggested_and_where_its_tower_is_shown(network: Project) -> None:
    """The same homes over the same sectors are the same money; one more sector is said."""
    sites = [replace(site, mast_height_m=6.0) for site in network.plan.used_sites.values()]
    homes = [replace(home, server=None) for home in network.plan.households.values()]
    low = edits.put(network.plan, [*sites, *homes]).plan
    now = service_now(network.workspace.snapshot(low))
    low = connect_homes(low, now, [now.homes.ids[n] for n in now.works.nonzero()[0].tolist()]).plan
    snapshot = network.workspace.snapshot(low)
    served = [key for key, home in low.households.items() if home.server is not None]
    held = 0
    for one in (each for each in suggest(snapshot) if each.kind is SuggestionKind.RAISE):
        before, after = low.sites[one.site], one.edit.plan.sites[one.site]
        assert ("more sector" in str(one.detail)) == (len(after.sectors) > len(before.sectors))
        if after.sectors == before.sectors:
            steps = {step.height_m: step for step in height_steps(snapshot, before, served)}
            there, stands = steps[one.mast_height_m], steps[before.mast_height_m]
            assert set(there.gained) == set(one.home_ids)
            assert there.cost - stands.cost == pytest.approx(one.cost, abs=0.005)
            held += 1
    assert held
