"""Least over five years: on the plain of `test_gateway_choice`, with figures worked by hand.

Two homes stand round Gate and two round Ash, 10 km off. Gate is a gateway at 90 a month. Ash hangs on Gate by a link,
or has a connection of its own at so much a month. Repair is 8 % of the capital a year: 40 % of it in five years.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import load_w, monthly_cost
from cn_planner.economics.over_years import months_worth
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.aims import Objective
from cn_planner.model.costs import Costs
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import Area, Household, Plan, PowerSource, Rules, Site, SiteRole, Uplink
from cn_planner.planning.design import design
from cn_planner.planning.result import Design, bound_words, still_proven
from cn_planner.service.joined import gateways
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
HOMES = [
    *(Household(f"g{n}", "", *destination(*GATE, 100.0 * n, 700.0)) for n in range(2)),
    *(Household(f"a{n}", "", *destination(*ASH, 100.0 * n, 700.0)) for n in range(2)),
]
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), power=PowerSource.GRID)
FIVE = Objective.FIVE_YEARS


def option(month: float, open_cost: float = 20.0) -> Site:
    offer = Uplink("cellular", 50.0, month, open_cost)
    return Site("A", "Ash", *ASH, role=SiteRole.GATEWAY_OPTION, uplink=offer, power=PowerSource.GRID)


def planned(ash: Site, objective: Objective = FIVE, *, budget: float | None = None, **rates: Any) -> Design:
    rules = Rules(mast_heights_m=(6.0, 12.0, 18.0), cover=1.0, objective=objective, max_access_km=8.0)
    plan = Plan(area=Area(canopy_m=0.0), rules=rules, costs=Costs(**rates))
    return design(Study(edits.put(plan, [TOWN, ash, *HOMES]).plan, GROUND, SHELF), budget=budget)


def of(found: Design) -> Plan:
    assert found.edit is not None
    return found.edit.plan


@cache
def pays_under() -> float:
    """Return what Ash's connection may cost a month: what is saved to build, and its repair, over sixty months."""
    apart = planned(option(1.0), Objective.CAPITAL)
    linked = planned(option(1.0, open_cost=1e8), Objective.CAPITAL)
    assert (gateways(of(apart)), gateways(of(linked))) == (("A", "G"), ("G",))
    return 1.4 * (linked.capex - apart.capex) / 60.0


def test_a_second_connection_is_bought_where_it_pays_over_five_years():
    """Spares in whole pieces and steps of power blur it by some money a month, not more."""
    pays, not_any_more = planned(option(0.75 * pays_under())), planned(option(1.1 * pays_under()))
    assert gateways(of(pays)) == ("A", "G")
    assert gateways(of(not_any_more)) == ("G",)
    # Capital alone knows no months: it buys the same dear connection.
    assert gateways(of(planned(option(1.1 * pays_under()), Objective.CAPITAL))) == ("A", "G")
    for found, months in ((pays, 90.0 + 0.75 * pays_under()), (not_any_more, 90.0)):
        assert found.value == pytest.approx(1.4 * found.capex + 60.0 * months, abs=0.01)
        assert found.lower_bound is not None
        assert found.capex < found.lower_bound <= found.value
        assert found.gap == pytest.approx(1.0 - found.lower_bound / found.value)
        assert found.gap < 0.1
        told = found.as_dict()
        assert (told["objective"], told["capex"]) == ("five_years", capital(of(found), SHELF).total.total)
        assert told["objective_value"] == round(found.value, 2)
        said = still_proven(of(found), found.capex)
        assert said is not None
        assert "run for five years" in str(said)


def test_a_discount_makes_months_cheaper_so_what_does_not_pay_at_once_pays_later():
    worth = sum(1.12 ** (-month / 12.0) for month in range(1, 61))
    assert months_worth(Costs(discount_pct=12.0)) == pytest.approx(worth)
    assert months_worth(Costs()) == 60.0
    # Without repair the link costs no month: its money against the months of the connection alone.
    free = {"maintenance_pct_year": 0.0}
    month = 60.0 * pays_under() / 1.4 * 1.1 / 60.0
    assert gateways(of(planned(option(month), **free))) == ("G",)
    later = planned(option(month), discount_pct=25.0, **free)
    assert gateways(of(later)) == ("A", "G")
    worth = sum(1.25 ** (-n / 12.0) for n in range(1, 61))
    assert later.value == pytest.approx(later.capex + worth * (90.0 + month), abs=0.01)


@pytest.mark.parametrize(
    "rates",
    [
        {"site_rent_month": 15.0, "electricity_kwh": 0.4, "wages_month": 100.0, "licences_month": 7.0},
        {"radio_years": 4.0, "battery_years": 3.0, "customs_pct": 20.0},
        {"radio_years": 30.0, "battery_years": 30.0, "electricity_kwh": 1.0, "discount_pct": 6.0},
    ],
)
def test_the_bound_is_under_every_plan_whatever_runs(rates):
    """The plan that is least to build, and that which is least over five years, both cost more than the bound says."""
    found = planned(option(40.0), **rates)
    assert found.lower_bound is not None
    assert found.gap is not None
    assert found.gap < 0.12
    for ash in (option(40.0), option(40.0, open_cost=1e8)):
        other = of(planned(ash, Objective.CAPITAL, **rates))
        assert found.lower_bound <= _by_hand(other, **rates) + 1e-6
    assert found.value == pytest.approx(_by_hand(of(found), **rates), abs=0.02)


def _by_hand(plan: Plan, **rates: float) -> float:
    """Return what a plan costs to build and in sixty months, from its things alone."""
    capex, sites = capital(plan, SHELF).total.total, plan.used_sites
    bought: dict[ItemClass, float] = {ItemClass.RADIO: 0.0, ItemClass.BATTERY: 0.0}
    month = monthly_cost(plan, SHELF, capex)
    bought[ItemClass.RADIO], bought[ItemClass.BATTERY] = month.radio_goods, month.battery_goods
    aged = {ItemClass.RADIO: rates.get("radio_years"), ItemClass.BATTERY: rates.get("battery_years")}
    months = 90.0 + (40.0 if "A" in gateways(plan) else 0.0) + rates.get("wages_month", 0.0)
    months += rates.get("licences_month", 0.0) + len(sites) * rates.get("site_rent_month", 0.0)
    watts = sum(load_w(plan, SHELF, key) for key in sites)
    months += watts * 730.5 / 1000.0 * rates.get("electricity_kwh", 0.0)
    rest = capex
    for kind, years in aged.items():
        if years is not None:
            months += bought[kind] / (12.0 * years)
            rest -= bought[kind]
    months += rest * 0.08 / 12.0
    worth = sum((1.0 + rates.get("discount_pct", 0.0) / 100.0) ** (-n / 12.0) for n in range(1, 61))
    return capex + worth * months


def test_a_budget_is_money_to_build_whatever_the_rule_says():
    found = planned(option(40.0), budget=1e5)
    assert found.as_dict()["objective"] == "capital"
    assert found.value == found.capex
    outcome = of(found).outcome
    assert outcome is not None
    assert outcome.objective is Objective.CAPITAL
    assert bound_words(outcome, "USD") is not None
