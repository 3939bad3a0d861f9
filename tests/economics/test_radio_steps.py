"""What the optimiser counts for a tower is never more than its price, steps and all, and little less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.economics.least_costs import LeastCosts
from cn_planner.economics.over_years import running_cost, years_factors
from cn_planner.economics.power_ladder import ladder_of
from cn_planner.economics.prices import Prices
from cn_planner.economics.radio_steps import RadioSteps
from cn_planner.model import edits
from cn_planner.model.plan import Link, Plan, PowerSource, Sector, Site, SiteRole, Status, Uplink
from cn_planner.storage.catalogue import load_catalogue

SHELF = load_catalogue()
KITS = ("village-sector-5ghz", "short-link-5ghz", "long-link-5ghz", "forest-link-tvws")
SKY = Uplink("satellite", 50.0, 60.0, 300.0)
TOWERS = [
    Site("hill", "hill", 0.1, 30.0),
    Site("town", "town", 0.1, 30.0, power=PowerSource.GRID),
    Site("sky", "sky", 0.1, 30.0, role=SiteRole.GATEWAY_OPTION, uplink=SKY),
    Site("gate", "gate", 0.1, 30.0, role=SiteRole.GATEWAY, uplink=SKY),
    Site("old", "old", 0.1, 30.0, role=SiteRole.EXISTING),
    Site("kept", "kept", 0.1, 30.0),
]


def _plan(site: Site, height: float, sectors: int, links: list[str]) -> Plan:
    """Return a plan of one tower with radios, and of built ones at the other ends of its links."""
    own = replace(site, mast_height_m=height, sectors=tuple(Sector(f"s{n}", KITS[0], 0.0) for n in range(sectors)))
    ends = [
        Site(f"e{n}", f"e{n}", 0.2, 30.0, status=Status.BUILT, mast_height_m=6.0, role=SiteRole.GATEWAY)
        for n in range(len(links))
    ]
    joined = [Link(f"l{n}", site.id, f"e{n}", kit) for n, kit in enumerate(links)]
    plan = edits.put(Plan(), [own, *ends, *joined]).plan
    # A set that was chosen for it stays as long as it keeps the load, though a cheaper one would do.
    chosen = replace(ladder_of(Prices(plan, SHELF)).step(45.0)[1], site="kept")
    return replace(plan, power=replace(plan.power, sets=(chosen,))) if site.id == "kept" else plan


@pytest.mark.parametrize("site", TOWERS, ids=lambda one: one.id)
@pytest.mark.parametrize("years", [False, True], ids=["build", "five years"])
def test_the_sum_of_the_optimiser_is_never_more_than_the_price_of_a_tower(site, years):
    """A bound that is above what a plan costs would call a dear plan the cheapest."""
    rng = np.random.default_rng(7)
    bare = _plan(site, 6.0, 0, [])
    known = LeastCosts(UnitCosts(bare, SHELF), years_factors(bare) if years else None)
    exact = RadioSteps(known, [SHELF.kit(kit) for kit in KITS]).of(site)
    # An existing mast that nobody uses is no part of the plan.
    for count in [*range(site.role is SiteRole.EXISTING, 9), 11, 15, 22, 52]:
        links = [str(one) for one in rng.choice(KITS[1 : 3 + count % 2], count - min(count, 2 + count % 3))]
        sectors, height = count - len(links), float(rng.choice([6.0, 12.0, 30.0]))
        plan = _plan(site, height, sectors, links)
        if site.role is SiteRole.GATEWAY_OPTION and count % 2:
            plan = edits.put(plan, [replace(plan.sites[site.id], uplink_bought=True)]).plan
        costs = UnitCosts(plan, SHELF)
        least, steps = LeastCosts(costs, known.years), exact
        while len(steps) <= count:
            steps = (*steps, 2 * steps[-1] - steps[-2])
        found = least.site(site, height) + steps[count]
        found += sectors * (least.sector() + least.sector_beside(site, height))
        if plan.sites[site.id].uplink_bought:
            found += least.door(site, (6.0, 12.0, 30.0))
        ends = [plan.sites[f"e{n}"] for n in range(len(links))]
        for kit, end in zip(links, ends, strict=True):
            price = costs.end(kit).times(2).least
            found += least.link(SHELF.kit(kit), price, (site, end), (height, 6.0))
        # The radios at the other ends are bought too: they are part of both sums.
        true = capital(plan, SHELF).total.total
        if years:
            true += running_cost(plan, SHELF, true)
        assert found <= true + 0.01


def test_steps_are_the_whole_difference_where_radios_are_the_lightest():
    """Three sectors on a low mast: what is bought for them is counted to a few euros."""
    site = TOWERS[0]
    for count in (1, 2, 5):
        plan = _plan(site, 6.0, count, [])
        costs = UnitCosts(plan, SHELF)
        least = LeastCosts(costs)
        steps = RadioSteps(least, [SHELF.kit(KITS[0])]).of(site)
        found = least.site(site, 6.0) + count * (least.sector() + least.sector_beside(site, 6.0)) + steps[count]
        true = costs.tower(plan.sites[site.id]).least
        assert true - 1.0 <= found <= true
        rises = np.diff(steps[9:])  # from here on few columns of the model say all
        assert np.all(np.diff(rises) >= -1e-9)
        assert rises[-1] > 0.0
