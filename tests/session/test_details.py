"""What a panel says of a site, a link and a home agrees with the rest of the program, and a fix does what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.economics.costs import UnitCosts, capital, site_cost
from cn_planner.links.throughput import airtime_share
from cn_planner.model import edits
from cn_planner.model.plan import Link, Sector, Status
from cn_planner.planning.home_rows import home_rows
from cn_planner.report.build import build_report
from cn_planner.service.now import connect_homes, sector_loads
from cn_planner.session.details import (
    link_budget_of,
    link_budgets,
    site_details,
)
from cn_planner.session.project import Project
from cn_planner.session.service import fixes_of_home, service_now


def test_a_fix_reaches_the_home_for_the_money_it_names(network: Project) -> None:
    now = service_now(network.snapshot())
    lost = [now.homes.ids[n] for n in np.flatnonzero(~now.works)]
    before = capital(network.plan, network.snapshot().catalogue).total.total
    fixed = 0
    for key in lost[:6]:
        for fix in fixes_of_home(network.snapshot(), key).fixes:
            plan = fix.edit(network.plan).plan
            after = service_now(network.workspace.snapshot(plan))
            assert after.connected[after.homes.number[key]], str(fix.words)
            assert after.online[after.sites.index(fix.site)], str(fix.words)
            rise = capital(plan, network.snapshot().catalogue).total.total - before
            assert rise == pytest.approx(fix.cost, abs=1e-6)
            fixed += 1
    assert fixed


def test_the_same_home_has_the_same_fix_in_window_report_and_plan(network: Project) -> None:
    """People read one figure on the wall and another on the screen else."""
    half = [key for n, key in enumerate(network.plan.households) if n % 2]
    network.apply(edits.remove(network.plan, "households", half))
    made = network.make_plan(cover=0.4)
    snapshot = network.snapshot()
    report = build_report(snapshot.study, version=1, date="2026-03-01")
    records = {one.id: one for one in report.homes}
    listed = {row.home: row for row in home_rows(snapshot.study)}
    assert made.unserved
    priced = 0
    for one in made.unserved:
        window = fixes_of_home(snapshot, one.id)
        assert (one.fix, one.fix_cost) == (window.words, window.cost)
        assert (records[one.id].fix, records[one.id].fix_cost) == (window.words, window.cost)
        assert (listed[one.id].fix, listed[one.id].fix_cost) == (window.words, window.cost)
        priced += window.cost is not None
    assert priced


def test_a_home_has_no_fix_without_terrain_or_sites(network: Project) -> None:
    key = next(iter(network.plan.households))
    bare = replace(network.plan, terrain=type(network.plan.terrain)())
    assert fixes_of_home(network.workspace.snapshot(bare), key).fixes == ()
    empty = edits.remove(network.plan, "sites", list(network.plan.sites)).plan
    assert fixes_of_home(network.workspace.snapshot(empty), key).fixes == ()


def test_the_budget_of_a_link_is_kept_until_what_it_depends_on_changes(network: Project) -> None:
    link = network.plan.links["L1"]
    first = link_budget_of(network.snapshot(), link)
    assert first is not None
    assert link_budget_of(network.snapshot(), link) is first
    named = edits.put(network.plan, [replace(network.plan.sites["C02"], note="x")]).plan
    assert link_budget_of(network.workspace.snapshot(named), link) is first
    raised = edits.put(network.plan, [replace(network.plan.sites["C01"], mast_height_m=30.0)]).plan
    assert link_budget_of(network.workspace.snapshot(raised), link) is not first


def test_a_link_that_cannot_be_computed_is_left_out_of_the_table(network: Project) -> None:
    there = network.plan.sites["C01"]
    same = replace(network.plan.sites["C02"], latitude=there.latitude, longitude=there.longitude)
    plan = edits.put(network.plan, [same]).plan
    assert set(link_budgets(network.workspace.snapshot(plan))) == {"L1"}


def test_details_of_a_site_are_those_of_its_parts(network: Project) -> None:
    snapshot = network.snapshot()
    found = site_details(snapshot, "C01")
    assert set(found.links) == {"L1", "L2"}
    assert found.ground_m == pytest.approx(float(snapshot.surface.heights(*_place(network, "C01"))))
    own = UnitCosts(network.plan, snapshot.catalogue).site(network.plan.sites["C01"], 12.0)
    assert own is not None
    assert found.cost == pytest.approx(own.total)
    bare = replace(network.plan, terrain=type(network.plan.terrain)())
    blind = site_details(network.workspace.snapshot(bare), "C01")
    assert (blind.ground_m, blind.links) == (None, {})
    assert [one.height_m for one in blind.steps] == [one.height_m for one in found.steps]


def _place(project: Project, key: str) -> tuple[float, float]:
    site = project.plan.sites[key]
    return site.latitude, site.longitude


def test_a_site_costs_its_sectors_too_and_a_mast_that_stands_nothing(network: Project) -> None:
    snapshot = network.snapshot()
    site, kit = network.plan.sites["C01"], network.plan.kits.access
    alone, unconfirmed = site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), site)
    two = replace(site, sectors=(Sector("S1", kit, 0.0), Sector("S2", kit, 120.0)))
    sector = UnitCosts(network.plan, snapshot.catalogue).sector(kit, site.mast_height_m or 0.0).total
    # And what feeds them: two sectors more draw 14 W and what their cables take.
    assert site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), two)[0] > alone + 2 * sector
    assert site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), two)[0] == pytest.approx(
        UnitCosts(snapshot.plan, snapshot.catalogue).tower(two).total
    )
    assert site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), two)[1] >= unconfirmed
    assert site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), replace(site, status=Status.BUILT))[0] == 0.0
    assert site_cost(UnitCosts(snapshot.plan, snapshot.catalogue), replace(site, mast_height_m=None)) == (0.0, 0)


def test_every_home_of_a_tower_loads_one_of_its_sectors(network: Project) -> None:
    kit = network.plan.kits.access
    site = replace(network.plan.sites["C01"], sectors=tuple(Sector(f"S{n}", kit, 120.0 * n) for n in range(3)))
    plan = edits.put(network.plan, [site]).plan
    now = service_now(network.workspace.snapshot(plan))
    loads = sector_loads(plan, now, site)
    assert set(loads) == {"S0", "S1", "S2"}
    mine = now.works & (now.site == now.sites.index("C01"))
    assert sum(weight for weight, _ in loads.values()) == pytest.approx(now.homes.weight[mine].sum())
    assert all((weight > 0) == (busy > 0) for weight, busy in loads.values())
    # By the rate to the home, as the planner and the report count: what a home asks for is what it takes.
    shares = airtime_share(plan.demand.busy_hour_mbps * now.homes.weight[mine], now.down_mbps[mine])
    assert sum(busy for _, busy in loads.values()) == pytest.approx(100.0 * shares.sum())
    assert sector_loads(plan, now, replace(site, sectors=())) == {}


def test_a_sector_counts_the_homes_that_the_plan_serves_by_it_as_the_papers_do(network: Project) -> None:
    """The window said 5 + 7 homes of a tower whose table of the busy hour, and whose map, had 4 + 5."""
    kit = network.plan.kits.access
    tower = replace(network.plan.sites["C01"], sectors=tuple(Sector(f"S{n}", kit, 120.0 * n) for n in range(3)))
    plan = edits.put(network.plan, [tower]).plan
    all_of = connect_homes(plan, service_now(network.workspace.snapshot(plan))).plan
    given = [key for key, home in all_of.households.items() if home.server == "C01"]
    plan = edits.put(all_of, [replace(all_of.households[key], server=None) for key in given[::3]]).plan
    snapshot = network.workspace.snapshot(plan)
    now = service_now(snapshot)
    loads = sector_loads(plan, now, tower)
    planned = sum(home.weight for home in plan.households.values() if home.server == "C01")
    assert 0 < planned < now.homes.weight[now.works & (now.site == now.sites.index("C01"))].sum()
    assert sum(homes for homes, _ in loads.values()) == planned == now.weight_of(plan, "C01")
    papers = {one.id: one for one in build_report(snapshot.study, version=1, date="2026-03-01").capacity}
    for key, (homes, busy) in loads.items():
        assert homes == (papers[key].homes if key in papers else 0.0)
        assert busy == pytest.approx((papers[key].load_pct or 0.0) if key in papers else 0.0)


def test_a_link_between_towers_is_added_with_a_new_tower_under_a_free_name(network: Project) -> None:
    names = [f"L-{min(a, b)}-{max(a, b)}" for a in network.plan.sites for b in ("G01", "C01", "C02") if a != b]
    taken = [Link(key, "G01", "C02") for key in dict.fromkeys(names)]
    plan = edits.put(network.plan, taken).plan
    snapshot = network.workspace.snapshot(plan)
    now = service_now(snapshot)
    added = 0
    for number in np.flatnonzero(~now.works)[:6].tolist():
        for fix in fixes_of_home(snapshot, now.homes.ids[number]).fixes:
            after = fix.edit(plan).plan
            assert all(after.links[one.id] == one for one in taken)
            added += len(after.links) > len(plan.links)
    assert added
