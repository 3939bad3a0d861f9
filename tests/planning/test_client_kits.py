"""Each home gets the cheapest of the plan's kits that serves it, in plan, price, bound and service alike.

On a plain, masts and roofs so high that nothing is in the way; radios of homes and sectors send so little that the dish
of 23 dBi ends some way out and that of 25 dBi goes further. By hand: free space against power, gains and sensitivity.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Demand, Household, KitChoice, Plan, Rules, Site, SiteRole
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.planning.design import design
from cn_planner.planning.problem import build_problem
from cn_planner.service.homes import service
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.small_network import flat_ground

GATE = (-1.45, 36.55)
KM = [1.0 + 0.5 * n for n in range(20)]
FAR = "far-home-5ghz"


def shelf():
    """The shelf with radios that send 30 dB less."""
    found = load_catalogue()
    radios = dict(found.radios)
    for key in ("village-sector-5ghz", "roof-client-5ghz", FAR):
        radio = found.radios[found.kits[key].radio]
        modes = tuple(replace(one, tx_power_dbm=TotalDbm(one.tx_power_dbm - 30.0)) for one in radio.modes)
        radios[radio.id] = replace(radio, modes=modes, least_tx_power_dbm=None)
    return replace(found, radios=radios)


SHELF = shelf()


def study(more: str, **rules) -> Study:
    homes = [
        Household(f"H{n:02}", "", *destination(*GATE, 0.1 * n, 1000.0 * km), antenna_height_m=20.0)
        for n, km in enumerate(KM)
    ]
    gate = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY)
    plan = Plan(
        area=Area(canopy_m=0.0), demand=Demand(mbps_per_home=3.0), kits=KitChoice(more_clients=more),
        rules=Rules(mast_heights_m=(30.0,), cover=1.0, **rules),
    )  # fmt: skip
    return Study(edits.put(plan, [gate, *homes]).plan, flat_ground(), SHELF)


@pytest.fixture(scope="module")
def plans():
    return {more: design(study(more)) for more in ("", FAR)}


def test_homes_that_the_usual_kit_does_not_reach_get_the_dish_and_no_others(plans):
    usual, both = (plans[key].edit.plan for key in ("", FAR))
    served = {key for key, home in usual.households.items() if home.server}
    assert 3 < len(served) < len(KM) - 3
    more = {key for key, home in both.households.items() if home.server}
    assert more > served
    assert {key for key, home in both.households.items() if home.client_kit} == more - served
    assert {home.client_kit for home in both.households.values()} == {"", FAR}
    # The last home with the dish stands a quarter further or so: 2 dB more gain, and what the radios differ by.
    ends = [KM[int(max(keys)[1:])] for keys in (served, more)]
    assert 1.1 < ends[1] / ends[0] < 1.7


def test_the_price_has_each_home_s_own_kit_and_the_bound_holds(plans):
    both = plans[FAR]
    plan = both.edit.plan
    assert capital(plan, SHELF).total.total == pytest.approx(both.capex)
    dishes = [home for home in plan.households.values() if home.client_kit == FAR]
    bare = edits.put(plan, [replace(home, client_kit="") for home in dishes]).plan
    costs = UnitCosts(plan, SHELF)
    dish, usual = (costs.kit(key).total for key in (FAR, "roof-client-5ghz"))
    more = (dish - usual) * len(dishes)
    # Beside them one dish in store, as there is one for the usual kit already.
    assert more < both.capex - capital(bare, SHELF).total.total < more + 2.0 * dish
    assert both.lower_bound <= both.capex
    assert both.lower_bound == pytest.approx(both.capex, rel=0.05), "but for whole spares"


def test_the_instance_asks_the_least_that_a_home_can_cost():
    problem = build_problem(study(FAR))
    costs = UnitCosts(problem.plan, SHELF)
    near, far = (
        problem.instance.homes[0],
        problem.instance.homes[int(problem.access.second[problem.access_kit.any(1)][0])],
    )
    assert near.cost == costs.home(problem.homes[0]).least
    assert far.cost == costs.home(replace(problem.homes[0], client_kit=FAR)).least
    assert far.cost > near.cost


def test_service_says_the_same_of_homes_with_their_kits(plans):
    plan = plans[FAR].edit.plan
    seen = {one.home: one.served for one in service(Study(plan, flat_ground(), SHELF))}
    assert {key for key, good in seen.items() if good} == {key for key, home in plan.households.items() if home.server}
    # With the usual kit in its place a far home is not reached.
    far = next(home for home in plan.households.values() if home.client_kit)
    swapped = edits.put(plan, [replace(far, client_kit="roof-client-5ghz")]).plan
    assert not service(Study(swapped, flat_ground(), SHELF), only=[far.id])[0].served


def test_a_new_plan_chooses_again(plans):
    plan = plans[FAR].edit.plan
    again = design(Study(plan, flat_ground(), SHELF))
    assert again.capex == pytest.approx(plans[FAR].capex)
    back = edits.change_section(plan, "kits", more_clients="").plan
    assert not any(home.client_kit for home in design(Study(back, flat_ground(), SHELF)).edit.plan.households.values())
