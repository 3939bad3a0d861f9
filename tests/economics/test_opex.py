"""What a network costs to run, added up by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.opex import monthly_cost
from cn_planner.model import edits
from cn_planner.model.plan import Costs, Site, SiteRole, Uplink
from cn_planner.storage.catalogue import load_catalogue
from tests.plan_examples import village


def test_a_month_is_the_connection_repairs_rent_and_wages():
    plan = replace(village(), costs=Costs(maintenance_pct_year=12.0, wages_month=150.0, site_rent_month=20.0))
    towers = len(plan.used_sites)
    month = monthly_cost(plan, load_catalogue(), 10_000.0)
    assert month.uplink == 90.0
    assert month.maintenance == pytest.approx(100.0)
    assert month.rent == 20.0 * towers
    assert month.wages == 150.0
    assert month.total == pytest.approx(90.0 + 100.0 + 20.0 * towers + 150.0)
    assert month.five_years == pytest.approx(60.0 * month.total)


def test_a_gateway_that_is_not_built_costs_nothing_and_a_second_one_its_own():
    plan = village()
    idle = edits.put(
        plan, [Site("gw2", "Far", -1.3, 36.7, role=SiteRole.GATEWAY, uplink=Uplink("radio", 50.0, 40.0))]
    ).plan
    assert monthly_cost(idle, load_catalogue(), 0.0).uplink == 90.0
    both = edits.put(idle, [replace(idle.sites["gw2"], mast_height_m=6.0)]).plan
    assert monthly_cost(both, load_catalogue(), 0.0).uplink == 130.0
    assert monthly_cost(both, load_catalogue(), 0.0).gateways == 2
