"""Mast height as a decision about money: what each height costs and whom it reaches."""

from __future__ import annotations

from dataclasses import replace

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.model import edits
from cn_planner.planning.mast_heights import HeightStep, costs_by_height, mast_heights, next_height, raised
from cn_planner.service.now import connect_homes
from cn_planner.session.heights import height_steps
from cn_planner.session.project import Project
from cn_planner.session.service import service_now


def test_heights_are_those_allowed_there_with_the_one_that_stands(network: Project) -> None:
    plan = network.plan
    site = replace(plan.sites["C01"], max_height_m=18.0, mast_height_m=15.0)
    assert mast_heights(plan, site) == tuple(sorted({*(h for h in plan.rules.mast_heights_m if h <= 18.0), 15.0}))
    assert mast_heights(plan, replace(site, max_height_m=0.0, mast_height_m=None)) == ()


def test_a_step_reaches_whom_the_service_reaches_from_there(network: Project) -> None:
    """Alone in the network a tower serves exactly the homes that its step promises."""
    site = network.plan.sites["G01"]
    plan = edits.remove(network.plan, "sites", ["C01", "C02"]).plan
    steps = height_steps(network.workspace.snapshot(plan), site)
    assert [one.height_m for one in steps] == list(mast_heights(plan, site))
    for step in (steps[0], steps[-1]):
        raised = edits.put(plan, [replace(site, mast_height_m=step.height_m)]).plan
        now = service_now(network.workspace.snapshot(raised))
        assert step.homes == now.homes.weight[now.works].sum()
    costs = costs_by_height(UnitCosts(plan, network.catalogue), site)
    lower = [one for one in steps if one.height_m <= (site.mast_height_m or 0.0)]
    assert [one.cost for one in lower] == [costs[one.height_m] for one in lower]


def test_a_higher_mast_connects_the_homes_it_gains_and_costs_what_the_plan_then_costs_more(network: Project) -> None:
    """A home that has been given no tower is gained by a mast that reaches it: with its equipment, for one price."""
    plan = edits.remove(network.plan, "sites", ["C01", "C02"]).plan
    low = edits.put(plan, [replace(plan.sites["G01"], mast_height_m=plan.rules.mast_heights_m[0])]).plan
    now = service_now(network.workspace.snapshot(low))
    low = connect_homes(low, now, [now.homes.ids[n] for n in now.works.nonzero()[0].tolist()]).plan
    snapshot = network.workspace.snapshot(low)
    choice = next_height(height_steps(snapshot, low.sites["G01"]), plan.rules.mast_heights_m[0])
    assert choice is not None
    assert choice.gained
    after = network.workspace.snapshot(raised(low, "G01", choice).plan)
    more = capital(after.plan, after.catalogue).total.total - capital(low, after.catalogue).total.total
    assert choice.more_cost is not None
    assert abs(choice.more_cost - more) < 0.005
    gain = service_now(after).connected.astype(int) - service_now(snapshot).connected
    assert gain.sum() == len(choice.gained)


def test_homes_served_elsewhere_are_no_gain(network: Project) -> None:
    snapshot, site = network.snapshot(), network.plan.sites["C01"]
    every = height_steps(snapshot, site)
    none = height_steps(snapshot, site, list(network.plan.households))
    assert max(one.homes for one in every) > 0
    assert all(one.homes == 0 for one in none)
    assert height_steps(snapshot, site, ["no such home"]) == every


def test_without_homes_a_height_still_has_its_price(network: Project) -> None:
    plan = edits.remove(network.plan, "households", list(network.plan.households)).plan
    steps = height_steps(network.workspace.snapshot(plan), plan.sites["C01"])
    assert steps
    assert all(one.homes == 0 and one.cost is not None for one in steps)


def test_the_next_height_is_the_next_that_reaches_more() -> None:
    steps = (HeightStep(6, 100, 3), HeightStep(12, 150, 3), HeightStep(18, 300, 5), HeightStep(24, None, 9))
    found = next_height(steps, 6)
    assert found is not None
    assert (found.height_m, found.more_m, found.more_cost, found.more_homes) == (18, 12, 200, 2)
    priceless = next_height(steps, 18)
    assert priceless is not None
    assert (priceless.height_m, priceless.more_cost, priceless.more_homes) == (24, None, 4)
    assert next_height(steps, 24) is None
    assert next_height((), 6) is None
    flat = next_height((HeightStep(6, 100, 3), HeightStep(12, 150, 3)), 6)
    assert flat is not None
    assert (flat.height_m, flat.more_homes) == (12, 0)
    start = next_height(steps, 0)
    assert start is not None
    assert (start.height_m, start.more_cost, start.more_homes) == (6, 100, 3)
