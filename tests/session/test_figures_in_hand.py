"""Homes and cost follow a tower that is carried: they are those of the plan in which it stands there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.service.now import connect_homes
from cn_planner.session.figures_in_hand import CarriedTower
from cn_planner.session.live import live_coverage
from cn_planner.session.project import Project
from cn_planner.session.scenarios import scenario_figures
from cn_planner.session.service import service_now

STEPS = ((0.0, 0.0), (40.0, 250.0), (200.0, 2500.0))


@pytest.mark.parametrize(("decided", "linked"), [(True, False), (False, True)])
def test_the_figures_are_those_of_the_plan_in_which_it_stands_there(
    network: Project, decided: bool, linked: bool
) -> None:
    plan = network.plan
    if not linked:
        plan = edits.remove(plan, "links", ["L2"]).plan
    if decided:
        plan = connect_homes(plan, service_now(network.workspace.snapshot(plan))).plan
    snapshot = network.workspace.snapshot(plan)
    now = service_now(snapshot)
    counts = set()
    for key in list(plan.used_sites)[:3]:
        carried = CarriedTower(snapshot, now, key)
        for bearing, away in STEPS:
            old = plan.sites[key]
            latitude, longitude = destination(old.latitude, old.longitude, bearing, away)
            site = replace(old, latitude=latitude, longitude=longitude)
            found = carried.at(site, live_coverage(snapshot, site).homes)
            there = scenario_figures(network.workspace.snapshot(edits.put(plan, [site]).plan))
            assert found.homes == there.homes
            assert found.homes_total == there.homes_total
            assert found.cost == pytest.approx(there.cost, abs=0.01)
            counts.add(found.homes)
    assert len(counts) > 2, "the count followed nothing"
