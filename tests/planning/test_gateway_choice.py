"""Which ways to the Internet a plan buys: on a plain, where each plan that could be best is made by hand.

Gate and Ash are 10 km apart, the homes stand round Ash. Either a link leads there from Gate, or Ash's own connection is
opened and no link is needed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import UnitCosts, capital, labour_days
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.checks import problems
from cn_planner.model.history import apply_changes, changes
from cn_planner.model.plan import (
    Area,
    Choice,
    Household,
    Plan,
    PowerSource,
    Rules,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.planning.design import design
from cn_planner.planning.result import Design
from cn_planner.report.build import build_report
from cn_planner.report.money import budget_of
from cn_planner.service.joined import gateways, hops
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

_FAR = 400.0
"""More than spares in whole pieces and steps of power can be off what adds up."""
SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
ELM = destination(*GATE, 0.0, 12_000.0)
HOMES = [Household(f"h{n}", "", *destination(*ASH, 40.0 * n, 900.0)) for n in range(4)]
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), power=PowerSource.GRID)


def option(open_cost: float, month: float = 10.0, mbps: float = 50.0, **more: Any) -> Site:
    offer = Uplink(more.pop("kind", "cellular"), mbps, month, open_cost)
    return Site("A", "Ash", *ASH, role=SiteRole.GATEWAY_OPTION, uplink=offer, power=PowerSource.GRID, **more)


def planned(*sites: Site, homes: list[Household] = HOMES, **more: Any) -> Design:
    plan = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(6.0, 12.0, 18.0), max_access_km=8.0))
    return again(edits.put(plan, [*sites, *homes]).plan, **more)


def again(plan: Plan, **more: Any) -> Design:
    return design(Study(plan, GROUND, SHELF), **more)


def of(found: Design) -> Plan:
    assert found.edit is not None
    return found.edit.plan


@cache
def by_link() -> Design:
    return planned(TOWN, replace(option(1e8)))


@cache
def worth() -> float:
    """Return the price to open at which both plans cost the same: a contingency comes on top of it."""
    alone = planned(option(1.0))
    share = 1.0 + Plan().costs.contingency_pct / 100.0
    return (by_link().capex - alone.capex) / share + 1.0


def test_a_connection_is_opened_where_that_is_cheaper_than_the_link_to_another():
    dear, cheap = planned(TOWN, option(worth() + _FAR)), planned(TOWN, option(worth() - _FAR))
    assert [row["id"] for row in dear.as_dict()["gateways"]] == ["G"]
    assert cheap.as_dict()["gateways"] == [{"id": "A", "kind": "cellular", "month": 10.0, "mbps": 50.0}]
    assert (len(of(dear).links), len(of(cheap).links)) == (1, 0)
    assert cheap.capex < dear.capex == by_link().capex
    for found in (dear, cheap):
        assert found.served == 4.0
        assert found.lower_bound is not None
        assert found.lower_bound <= found.capex
        assert found.gap is not None
        assert found.gap < 0.1
        assert found.capex == capital(of(found), SHELF).total.total
    assert hops(of(cheap)) == {"A": 0}
    assert hops(of(dear)) == {"G": 0, "A": 1}


def test_only_what_is_bought_is_paid_for_once_and_each_month():
    dear, cheap = planned(TOWN, option(worth() + _FAR)), planned(TOWN, option(worth() - _FAR))
    assert monthly_cost(of(dear), SHELF, dear.capex).uplink == 90.0
    assert monthly_cost(of(cheap), SHELF, cheap.capex).uplink == 10.0
    # What it costs to open stands with the tower, with the contingency on it.
    free = replace(of(cheap).sites["A"], uplink=Uplink("cellular", 50.0, 10.0, 0.0))
    without = capital(edits.put(of(cheap), [free]).plan, SHELF).total.total
    share = 1.0 + Plan().costs.contingency_pct / 100.0
    assert cheap.capex - without == pytest.approx((worth() - _FAR) * share, abs=0.02)


def test_of_what_is_bought_nobody_makes_up_how_fast_it_is():
    """It counts as enough until it is asked; check asks, and JSON and papers say that nobody knows."""
    found = planned(option(450.0, mbps=0.0, kind=""))
    plan = of(found)
    assert found.served == 4.0
    assert found.as_dict()["gateways"] == [{"id": "A", "kind": None, "month": 10.0, "mbps": None}]
    (asked,) = [one for one in problems(plan) if one.answer == "sites.uplink"]
    assert str(asked.what) == "Nobody said yet how fast the Internet connection at gateway Ash is."
    paper = build_report(Study(plan, GROUND, SHELF), version=1, date="2026-12-03")
    assert [(one.site, one.capacity_mbps) for one in paper.capacity if one.kind == "uplink"] == [("A", None)]
    left = edits.put(plan, [replace(plan.sites["A"], uplink_bought=False)]).plan
    assert not [one for one in problems(left) if one.answer == "sites.uplink"], "of what is not bought it is not asked"


def test_the_bill_has_a_line_for_what_is_opened_and_adds_up():
    found = planned(replace(option(123.0), build_cost=45.0))
    plan = of(found)
    cost = capital(plan, SHELF).total
    money = budget_of(plan, labour_days(UnitCosts(plan, SHELF)), (), cost, monthly_cost(plan, SHELF, found.capex))
    lines = {line.key: line.amount for line in money.budget}
    assert (lines["place"], lines["opening"]) == (45.0, 123.0)
    assert sum(lines.values()) == pytest.approx(found.capex, abs=0.01)


def test_with_no_fixed_gateway_as_many_are_bought_as_the_homes_need():
    """Elm and Ash offer one home's busy hour and three homes' each: neither does for four."""
    small = option(100.0, mbps=3 * 0.75)
    other = Site("E", "Elm", *ELM, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("satellite", 1 * 0.75, 60.0, 500.0))
    both = planned(small, other, cover=1.0)
    assert sorted(gateways(of(both))) == ["A", "E"]
    assert both.served == 4.0
    one = planned(small, other, cover=0.75)
    assert gateways(of(one)) == ("A",)
    assert (one.served, of(one).sites["E"].in_network) == (3.0, False)
    assert {row.id for row in one.unserved} == {key for key, home in of(one).households.items() if home.server is None}
    most = planned(small, other, budget=one.capex)
    assert (most.served, gateways(of(most))) == (3.0, ("A",))


def test_what_was_bought_is_decided_anew_unless_it_is_locked():
    cheap = planned(TOWN, option(worth() - _FAR))
    dearer = edits.put(
        of(cheap), [replace(of(cheap).sites["A"], uplink=Uplink("cellular", 50.0, 10.0, worth() + _FAR))]
    )
    assert gateways(of(again(dearer.plan))) == ("G",)
    locked = edits.put(dearer.plan, [replace(dearer.plan.sites["A"], choice=Choice.LOCKED)])
    kept = again(locked.plan)
    assert gateways(of(kept)) == ("A",)
    assert kept.capex == pytest.approx(cheap.capex + 2.0 * _FAR * 1.1, abs=0.5)
    # A mast that stands is free; the connection that the plan buys there is not.
    stands = replace(option(300.0), status=Status.BUILT, mast_height_m=18.0)
    built = planned(stands)
    cost = capital(of(built), SHELF)
    assert gateways(of(built)) == ("A",)
    assert cost.sites["A"].place_cents == 30_000
    assert built.lower_bound is not None
    assert 300.0 <= built.lower_bound <= built.capex


def test_undoing_the_plan_gives_the_connection_back():
    plan = edits.put(
        Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(6.0, 12.0))), [option(50.0), *HOMES]
    ).plan
    bought = of(again(plan))
    assert gateways(bought) == ("A",)
    back = apply_changes(bought, changes(plan, bought), backwards=True)
    assert (back, gateways(back)) == (plan, ())


def test_an_offer_without_a_price_is_asked_for_and_not_guessed():
    unsaid = replace(option(0.0, 0.0), uplink=None)
    free = option(0.0, month=0.0)
    for site in (unsaid, free):
        with pytest.raises(InputError, match="Ash") as refused:
            planned(site)
        assert "price" in str(refused.value.fix)
        found = planned(TOWN, site)
        assert gateways(of(found)) == ("G",)
        asked = [one for one in problems(of(found)) if one.answer == "sites.uplink.offer"]
        assert [one.where for one in asked] == ["A"]


def test_a_terminal_for_the_sky_is_fed_where_it_is_bought():
    """What a satellite terminal draws needs a larger battery: it is paid where the plan opens it, and not elsewhere."""
    sun = replace(option(50.0, kind="satellite"), power=PowerSource.SOLAR)
    wired = replace(option(50.0, kind="fibre"), power=PowerSource.SOLAR)
    sky, land = planned(sun), planned(wired)
    assert sky.capex > land.capex + 500.0
    assert sky.lower_bound is not None
    assert land.capex < sky.lower_bound <= sky.capex


def test_a_connection_that_must_be_bought_where_nothing_may_stand_is_a_contradiction_and_said():
    """A forbidden place was left out, and with it, in silence, the connection that was locked there."""
    with pytest.raises(InputError, match="Ash is locked into the plan and cannot be in it: Ash is forbidden"):
        planned(TOWN, option(500.0, choice=Choice.FORBIDDEN, uplink_choice=Choice.LOCKED))
