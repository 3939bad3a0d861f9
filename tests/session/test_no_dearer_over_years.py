"""Where no plan stands, one for five years costs no more over them than the one for least capital.

What it costs over five years is worked out here from what it costs to build and its gateways' months alone: repair is
8 % of the capital a year, 40 % of it in five; power of the sun and towers without rent cost no month.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cn_planner.economics.costs import capital
from cn_planner.geo import destination
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model import edits
from cn_planner.model.aims import Objective
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Area,
    Choice,
    Costs,
    Demand,
    Household,
    Info,
    Plan,
    PlanStatus,
    PowerSource,
    Rules,
    Site,
    SiteRole,
    Uplink,
)  # fmt: skip
from cn_planner.planning.design import design_of
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import Design
from cn_planner.planning.standing import KEPT
from cn_planner.progress import ALONE, Clock
from cn_planner.session import network
from cn_planner.session.project import Project

GATE = (-1.45, 36.55)


def village(month: float, discount: float = 0.0) -> Plan:
    """A gateway, a place that may have a connection of its own, one that is dear to build on, and homes round them."""
    far = destination(*GATE, 90.0, 2500.0)
    homes = [Household(f"h{n}", "", *destination(*far, 120.0 * n, 900.0)) for n in range(3)]
    homes.append(Household("g", "", *destination(*GATE, 200.0, 700.0)))
    sun = PowerSource.SOLAR
    sites = [
        Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 90.0), power=sun),
        Site(
            "T", "Tower", *far, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("cellular", 100.0, month, 30.0), power=sun
        ),
        Site("U", "Upper", *destination(*far, 0.0, 300.0), build_cost=900.0, power=sun),
    ]
    return Plan(
        info=Info(), area=Area(canopy_m=0.0), demand=Demand(mbps_per_home=1.0, contention=4.0, growth_pct=0.0),
        rules=Rules(mast_heights_m=(12.0,), cover=1.0, max_access_km=1.5), sites=Items(sites),
        households=Items(homes), costs=Costs(discount_pct=discount),
    )  # fmt: skip


def opened(path: Path, plan: Plan) -> Project:
    project = Project.create(path / "village.cnplan.gpkg", plan)
    write_geotiff(path / "plain.tif", np.full((40, 40), 1200.0, np.float32), "EPSG:4326",
                  (0.005, 0.0, 36.45, 0.0, -0.005, -1.35), None)  # fmt: skip
    project.add_terrain([path / "plain.tif"])
    return project


def by_hand(plan: Plan, project: Project) -> float:
    """What a plan costs over five years: the capital, 8 % of it a year, and the months of connections in use."""
    rate = 1.0 + plan.costs.discount_pct / 100.0
    months = sum(rate ** (-n / 12.0) for n in range(1, 61))
    capex = capital(plan, project.catalogue).total.total
    feeds = [
        one for one in plan.sites.values()
        if one.mast_height_m is not None and (one.role is SiteRole.GATEWAY or one.uplink_bought)
    ]  # fmt: skip
    month = math.fsum(one.uplink.monthly_cost for one in feeds if one.uplink is not None)
    return capex + months * (0.08 / 12.0 * capex + month)


@pytest.mark.parametrize(("month", "discount"), [(0.5, 0.0), (12.0, 0.0), (60.0, 0.0), (60.0, 15.0), (200.0, 8.0)])
def test_of_both_aims_the_one_for_five_years_costs_no_more_over_them(
    tmp_path: Path, month: float, discount: float
) -> None:
    with opened(tmp_path, village(month, discount)) as project:
        snapshot = project.snapshot()
        made = {one: network.plan_network(snapshot, objective=one) for one in Objective}
        years, least = (made[one].edit.plan for one in (Objective.FIVE_YEARS, Objective.CAPITAL))
        assert made[Objective.FIVE_YEARS].value == pytest.approx(by_hand(years, project), abs=0.01)
        assert by_hand(years, project) <= by_hand(least, project) + 0.01
        assert made[Objective.FIVE_YEARS].lower_bound <= by_hand(years, project) + 0.01


def dearer(project: Project) -> tuple[Design, network._Asked]:
    """What a search for five years that ends too soon may find, by the dear place; with a bound of its own."""
    rules = replace(project.plan.rules, objective=Objective.FIVE_YEARS)
    snapshot = project.workspace.snapshot(replace(project.plan, rules=rules))
    problem = build_problem(snapshot.study, objective=Objective.FIVE_YEARS)
    without = edits.put(snapshot.plan, [replace(snapshot.plan.sites["T"], choice=Choice.FORBIDDEN)]).plan
    found = design_of(build_problem(replace(snapshot.study, plan=without), objective=Objective.FIVE_YEARS))
    proven = design_of(problem).lower_bound
    outcome = replace(found.edit.plan.outcome, lower_bound=proven, gap=0.5)
    plan = replace(found.edit.plan, outcome=outcome, rules=rules)
    return (
        replace(found, edit=replace(found.edit, plan=plan), lower_bound=proven, gap=0.5),
        network._Asked(snapshot, problem, None, rules.cover, None, None),
    )


def test_what_the_search_for_five_years_missed_comes_from_that_for_least_capital(tmp_path: Path) -> None:
    with opened(tmp_path, village(12.0)) as project:
        found, asked = dearer(project)
        least = network.plan_network(project.snapshot(), objective=Objective.CAPITAL).edit.plan
        assert by_hand(found.edit.plan, project) > by_hand(least, project) + 100.0
        better = network._no_dearer(found, asked, asked.snapshot.study, Clock(), ALONE)
        plan = better.edit.plan
        assert better.value == pytest.approx(by_hand(plan, project), abs=0.01)
        assert better.value == pytest.approx(by_hand(least, project), abs=0.01)
        assert {one.id for one in better.sites} == set(least.used_sites) == set(plan.used_sites)
        assert KEPT not in better.notes, "no plan stood"
        assert (better.objective, plan.outcome.objective) == (Objective.FIVE_YEARS, Objective.FIVE_YEARS)
        assert plan.rules.objective is Objective.FIVE_YEARS
        # What was proven of all plans for five years holds of this one.
        assert better.lower_bound == found.lower_bound
        assert better.gap == pytest.approx(1.0 - better.lower_bound / better.value)
        assert better.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)
        assert better.month == pytest.approx((better.value - better.capex) / 60.0, abs=0.01)


def test_what_is_least_over_five_years_stays_where_least_capital_is_dearer(tmp_path: Path) -> None:
    with opened(tmp_path, village(200.0)) as project:
        found, asked = dearer(project)
        best = design_of(asked.problem)
        assert by_hand(best.edit.plan, project) < by_hand(found.edit.plan, project)
        better = network._no_dearer(best, asked, asked.snapshot.study, Clock(), ALONE)
        assert better.value <= best.value + 1e-6


def test_a_clock_is_not_halved_for_it() -> None:
    import time

    now = time.perf_counter()
    assert network._as_long_again(Clock(), now - 1000.0)
    assert network._as_long_again(Clock.of(60.0), now - 1.0)
    assert not network._as_long_again(Clock.of(10.0), now - 30.0)
