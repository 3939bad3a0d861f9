"""The plan that stands is kept where a search finds nothing better under the same rules, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.economics.over_years import running_cost
from cn_planner.geo import destination
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model import edits
from cn_planner.model.aims import Objective
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Choice, Demand, Household, Info, Plan, Rules, Site, SiteRole, Uplink
from cn_planner.planning.design import design_of
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import basis_of
from cn_planner.planning.standing import KEPT, no_worse
from cn_planner.progress import CancelToken, Run
from cn_planner.session.network import plan_network
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)


def village() -> Plan:
    """A gateway, two places of which the second is dearer to build on, and three homes that either sees."""
    far = destination(*GATE, 90.0, 2500.0)
    homes = [Household(f"h{n}", "", *destination(*far, 120.0 * n, 900.0)) for n in range(3)]
    sites = [
        Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 90.0)),
        Site("T", "Tower", *far),
        Site("U", "Upper", *destination(*far, 0.0, 300.0), build_cost=900.0),
    ]
    return Plan(
        info=Info(), area=Area(canopy_m=0.0), demand=Demand(mbps_per_home=1.0, contention=4.0, growth_pct=0.0),
        rules=Rules(mast_heights_m=(12.0,), cover=1.0, max_access_km=1.5), sites=Items(sites), households=Items(homes),
    )  # fmt: skip


@pytest.fixture(scope="module")
def both():
    """The problem, its best network, and a dearer one as a search that was cut short may find it."""
    plan = village()
    problem = build_problem(Study(plan, GROUND, SHELF))
    without = edits.put(plan, [replace(plan.sites["T"], choice=Choice.FORBIDDEN)]).plan
    worse = design_of(build_problem(Study(without, GROUND, SHELF)))
    made = worse.edit.plan
    unproven = replace(made, outcome=replace(made.outcome, lower_bound=None, gap=None))
    return problem, design_of(problem), replace(worse, edit=replace(worse.edit, plan=unproven), lower_bound=None)


def test_where_the_search_finds_less_the_plan_that_stands_is_offered_as_it_is(both):
    problem, best, worse = both
    assert (worse.served, best.served) == (3.0, 3.0)
    assert worse.capex > best.capex
    found = no_worse(worse, best.edit.plan, problem, 3.0)
    assert found.edit.plan == best.edit.plan
    assert found.notes[0] == KEPT
    assert (found.served, found.capex, found.month) == (best.served, best.capex, best.month)
    assert (found.lower_bound, found.gap, found.status) == (best.lower_bound, best.gap, best.status)
    assert found.sites == best.sites
    assert {(one.kind, *sorted((one.from_id, one.to_id))) for one in found.links} == {
        (one.kind, *sorted((one.from_id, one.to_id))) for one in best.links
    }


def test_of_the_same_network_what_was_proven_before_stands(both):
    problem, best, _ = both
    made = best.edit.plan
    unproven = replace(made, outcome=replace(made.outcome, lower_bound=None, gap=None))
    again = replace(best, edit=replace(best.edit, plan=unproven), lower_bound=None, gap=None)
    found = no_worse(again, made, problem, 3.0)
    assert (found.lower_bound, found.gap, found.edit.plan) == (best.lower_bound, best.gap, made)
    assert KEPT not in found.notes


def test_it_goes_where_the_search_finds_better_or_it_is_not_what_was_asked_for(both):
    problem, best, worse = both
    assert no_worse(best, worse.edit.plan, problem, 3.0) is best
    stands = best.edit.plan
    by_hand = edits.put(stands, [replace(stands.sites["T"], mast_height_m=15.0)]).plan
    other_rules = replace(stands, rules=replace(stands.rules, max_hops=1))
    for plan in (by_hand, other_rules):
        assert no_worse(worse, plan, problem, 3.0) is worse
    fewer = replace(stands, outcome=replace(stands.outcome, served=2.0))
    assert no_worse(worse, fewer, problem, 3.0) is worse
    assert no_worse(replace(worse, budget=best.capex - 1.0), stands, problem, np.inf).capex == worse.capex
    on_channels = edits.put(
        worse.edit.plan, [replace(one, freq_mhz=5500.0) for one in worse.edit.plan.links.values()]
    ).plan
    there = replace(worse, edit=replace(worse.edit, plan=on_channels))
    assert no_worse(there, stands, problem, 3.0) is there, "of one without channels nobody knows whom it serves"


def test_over_five_years_a_plan_that_was_made_for_less_capital_stands_where_it_costs_less(both):
    """Within its gap a search may end with a plan that costs more over five years than the one that stands."""
    _, best, _ = both
    rules = replace(village().rules, objective=Objective.FIVE_YEARS)
    wanted = replace(village(), rules=rules)
    problem = build_problem(Study(wanted, GROUND, SHELF), objective=Objective.FIVE_YEARS)
    without = edits.put(wanted, [replace(wanted.sites["T"], choice=Choice.FORBIDDEN)]).plan
    worse = design_of(build_problem(Study(without, GROUND, SHELF), objective=Objective.FIVE_YEARS))
    stands = best.edit.plan
    assert stands.rules.objective is Objective.CAPITAL
    assert worse.value > best.capex + running_cost(stands, SHELF, best.capex)
    found = no_worse(worse, stands, problem, 3.0)
    assert found.notes[0] == KEPT
    assert set(found.edit.plan.used_sites) == set(stands.used_sites)
    assert found.value == pytest.approx(best.capex + running_cost(stands, SHELF, best.capex))
    assert found.edit.plan.rules.objective is found.edit.plan.outcome.objective is Objective.FIVE_YEARS
    other_rules = replace(stands, rules=replace(stands.rules, max_hops=1))
    assert no_worse(worse, other_rules, problem, 3.0) is worse


def turned(tower: Site, number: int, deg: float = 2.0) -> Site:
    """Return a tower with one of its sectors turned: the first has a home at each edge, the last one in its middle."""
    sectors = list(tower.sectors)
    sectors[number] = replace(sectors[number], azimuth_deg=round(sectors[number].azimuth_deg + deg, 1) % 360.0)
    return replace(tower, sectors=tuple(sectors))


def asked_again(plan: Plan, **demand: float):
    """The problem of a plan as it stands, under another demand."""
    plan = replace(plan, demand=replace(plan.demand, **demand))
    return build_problem(Study(plan, GROUND, SHELF)), plan


def test_what_was_changed_by_hand_and_keeps_the_rules_is_kept_where_it_is_better(both):
    problem, best, worse = both
    stands = best.edit.plan
    tower = stands.sites["T"]
    by_hand = edits.put(stands, [turned(tower, -1)]).plan
    assert basis_of(by_hand) != stands.outcome.basis
    for plan in (by_hand, replace(stands, outcome=None)):
        found = no_worse(worse, plan, problem, 3.0)
        assert found.notes[0] == KEPT
        assert (found.served, found.capex) == (3.0, best.capex)
        made = found.edit.plan
        assert [replace(one, freq_mhz=None, width_mhz=None) for one in made.sites["T"].sectors] == [
            replace(one, freq_mhz=None, width_mhz=None) for one in plan.sites["T"].sectors
        ]
        assert made.households == plan.households
        assert made.outcome.basis == basis_of(made), "it counts as the planner's own from here on"
        assert (found.lower_bound, made.outcome.lower_bound) == (None, None), "nothing is proven of what others found"


def test_what_was_changed_by_hand_and_breaks_a_rule_of_today_is_not(both):
    _, best, worse = both
    stands = best.edit.plan
    tower, home = stands.sites["T"], stands.households["h0"]
    cases = {
        "a home at the edge of its beam falls out": [turned(tower, 0)],
        "no sector at all": [replace(tower, sectors=())],
        "a home of a tower that is not joined": [replace(home, server="U")],
        "a home out of reach": [replace(home, latitude=GATE[0] + 0.2)],
        "a tower that nothing is linked to": [replace(stands.sites["U"], mast_height_m=12.0, sectors=tower.sectors)],
        "a place that is forbidden now": [replace(tower, choice=Choice.FORBIDDEN)],
        "more sectors than may be": [replace(tower, sectors=tuple(
            replace(tower.sectors[0], id=f"s{n}", azimuth_deg=20.0 * n) for n in range(stands.rules.max_sectors + 1)
        ))],
    }  # fmt: skip
    for name, rows in cases.items():
        plan = edits.put(stands, rows).plan
        problem = build_problem(Study(plan, GROUND, SHELF))
        assert no_worse(worse, plan, problem, 3.0) is worse, name
    gone = edits.remove(stands, "links", list(stands.links)).plan
    assert no_worse(worse, gone, build_problem(Study(gone, GROUND, SHELF)), 3.0) is worse


def test_under_more_demand_it_is_kept_only_where_it_carries_that(both):
    _, best, worse = both
    for mbps, kept in ((2.0, True), (60.0, False)):
        problem, plan = asked_again(best.edit.plan, mbps_per_home=mbps, contention=1.0)
        new = replace(worse.edit.plan, demand=plan.demand)
        found = no_worse(replace(worse, edit=replace(worse.edit, plan=new)), plan, problem, 3.0)
        assert (KEPT in found.notes) == kept, mbps


def test_a_cancel_while_it_is_judged_leaves_what_was_found(both):
    problem, best, worse = both
    cancel = CancelToken()
    cancel.cancel()
    by_hand = replace(best.edit.plan, outcome=None)
    assert no_worse(worse, by_hand, problem, 3.0, run=Run(cancel=cancel)) is worse


@pytest.fixture
def project(tmp_path):
    """The village on a plain of its own."""
    with Project.create(tmp_path / "village.cnplan.gpkg", village()) as project:
        plain = np.full((40, 40), 1200.0, np.float32)
        write_geotiff(tmp_path / "plain.tif", plain, "EPSG:4326", (0.005, 0.0, 36.45, 0.0, -0.005, -1.35), None)
        project.add_terrain([tmp_path / "plain.tif"])
        yield project


def test_a_sector_turned_by_hand_stays_turned_where_no_network_is_better(project):
    first = plan_network(project.snapshot())
    made = first.edit.plan
    tower = next(one for one in made.used_sites.values() if one.role is SiteRole.CANDIDATE)
    by_hand = edits.put(made, [turned(tower, -1)]).plan
    found = plan_network(project.workspace.snapshot(by_hand))
    assert KEPT in found.notes
    assert found.edit.plan.sites == by_hand.sites
    assert found.lower_bound == first.lower_bound is not None, "what the search proves holds for it too"


def test_the_planner_asks_it(project):
    """What stands has a mast of a height that may not be chosen: it serves all for less, and is said to be its own."""
    first = plan_network(project.snapshot())
    assert KEPT not in first.notes
    again = plan_network(project.workspace.snapshot(first.edit.plan))
    assert KEPT not in again.notes, "the same network is no other"
    made = first.edit.plan
    tower = next(one for one in made.used_sites.values() if one.role is SiteRole.CANDIDATE)
    made = edits.put(made, [replace(tower, mast_height_m=tower.mast_height_m - 1.0)]).plan
    capex = capital(made, SHELF).total.total
    assert capex < first.capex
    stands = replace(made, outcome=replace(made.outcome, basis=basis_of(made), capex=capex, lower_bound=None))
    found = plan_network(project.workspace.snapshot(stands))
    assert KEPT in found.notes
    assert found.edit.plan.sites == stands.sites
    assert found.capex == capex
