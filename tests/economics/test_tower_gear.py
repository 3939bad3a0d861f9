"""What a tower's radios hang on and what feeds it: ports, cables, watts, and amounts that add up and bound."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.economics import power_ladder
from cn_planner.economics.costs import UnitCosts, capital, quantities
from cn_planner.economics.least_costs import LeastCosts
from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.economics.power_ladder import ladder_of, ready_beside
from cn_planner.economics.tower_gear import box_of, load_of, parts_of_end
from cn_planner.economics.tower_steps import MOST_RADIOS, TowerSteps
from cn_planner.economics.whole_price import whole_price
from cn_planner.model import edits
from cn_planner.model.equipment import Task
from cn_planner.model.plan import (
    Costs,
    Household,
    Info,
    Link,
    Plan,
    PowerSource,
    PublicPlace,
    Sector,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.power import Power, Sun
from cn_planner.model.work import Labour
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

SHELF = load_catalogue()
BY_SUN = Sun(clearness=0.6)
KITS = ("village-sector-5ghz", "busy-sector-5ghz", "cheap-sector-5ghz")


def network(sectors: int, links: int, *, high: float = 18.0, sun: Sun = Sun(), power: str = "unknown") -> Plan:  # noqa: B008
    """A tower with sectors, in the middle of links to a gateway on the mains and to towers without sectors."""
    hub = Site("H", "Hub", 1.0, 36.0, mast_height_m=high, power=PowerSource(power),
               sectors=tuple(Sector(f"s{n}", "", 0.0) for n in range(sectors)))  # fmt: skip
    gate = Site("G", "Gate", 1.01, 36.0, role=SiteRole.GATEWAY, mast_height_m=6.0, power=PowerSource.GRID,
                uplink=Uplink(monthly_cost=60.0))  # fmt: skip
    others = [Site(f"T{n}", "", 1.0 + n / 50.0, 36.1, mast_height_m=9.0) for n in range(1, links)]
    pairs = [Link("H-G", "H", "G")] if links else []
    pairs += [Link(f"H-{one.id}", "H", one.id) for one in others]
    plan = Plan(info=Info(currency="USD"), sun=sun, costs=Costs(labour_day=20.0))
    return edits.put(plan, [hub, gate, *others, *pairs]).plan


def pieces(plan: Plan, key: str) -> dict[str, float]:
    found: dict[str, float] = {}
    costs = UnitCosts(plan, SHELF)
    site = plan.sites[key]
    for part in box_of(costs, site, costs.hung(site)).parts:
        found[part.item] = found.get(part.item, 0.0) + part.quantity
    return found


@pytest.mark.parametrize("radios", range(14))
def test_there_is_a_port_for_each_radio_and_the_router(radios: int):
    """The hub at 7 radios once had a switch of 5 ports."""
    plan = network(radios, 0)
    box = pieces(plan, "H")
    assert box["tower-router"] == 1.0
    (switch,) = {"switch-poe", "switch-poe-8"} & box.keys()
    ports = {"switch-poe": 5, "switch-poe-8": 8}[switch] * box[switch]
    between = 2 * (box[switch] - 1) + 1
    assert radios + between <= ports
    assert "poe-injector" not in box, "each of its ports feeds"
    assert box["patch-lead"] == box[switch]


def test_a_switch_more_is_bought_only_where_it_is_cheaper():
    # One of 5 ports is 110, one of 8 is 165, two of 5 are 220: with leads of 3 each.
    assert [next(iter(pieces(network(n, 0), "H").keys() & {"switch-poe", "switch-poe-8"})) for n in (1, 4, 5, 7)] == [
        "switch-poe", "switch-poe", "switch-poe-8", "switch-poe-8",
    ]  # fmt: skip


def test_what_the_switch_does_not_feed_has_its_injector_and_lead():
    plan = network(2, 1)
    fast = edits.put(plan, [replace(plan.links["H-G"], kit="short-fast-24ghz")]).plan
    box = pieces(fast, "H")
    assert box["poe-injector-48v"] == 1.0
    assert box["patch-lead"] == 2.0
    assert pieces(fast, "G")["patch-lead"] == 3.0, "to the router, to the injector, and to the Internet"


def test_a_cable_is_as_long_as_its_run():
    plan = replace(network(1, 1, high=24.0), power=Power(run_m=7.5))
    costs = UnitCosts(plan, SHELF)
    needed = quantities(costs)
    # 24 + 7.5 for the sector and for the link, 6 + 7.5 for its other end: whole metres.
    assert needed["outdoor-cable"] == 2 * 32 + 14
    hung = costs.hung(plan.sites["H"])
    assert {part.item for part in parts_of_end(plan, SHELF, hung[0])} == {
        part.item for part in SHELF.kit("village-sector-5ghz").parts
    } - {"poe-injector"}


def test_a_built_tower_buys_its_new_radio_with_its_injector():
    plan = network(1, 1)
    stands = edits.put(plan, [replace(plan.sites["H"], status=Status.BUILT)]).plan
    needed = quantities(UnitCosts(stands, SHELF))
    assert needed["poe-injector"] == 2.0
    assert needed["tower-router"] == 1.0, "of the gateway"


def test_a_built_tower_buys_each_radio_of_its_new_hotspot_with_its_injector():
    plan = network(1, 1)
    hub = replace(plan.sites["H"], status=Status.BUILT, sectors=())
    before = edits.put(plan, [hub, PublicPlace("school", "School", 1.0, 36.0)]).plan
    after = edits.put(before, [replace(hub, hotspot=True)]).plan
    without, with_it = (quantities(UnitCosts(one, SHELF)) for one in (before, after))
    radio = SHELF.kit(after.kits.hotspot).radio
    assert with_it[radio] - without.get(radio, 0.0) == 3.0
    assert with_it["poe-injector"] - without.get("poe-injector", 0.0) == 3.0
    paid = capital(after, SHELF).total.goods_cents - capital(before, SHELF).total.goods_cents
    bought = {item: count - without.get(item, 0.0) for item, count in with_it.items()}
    assert paid == sum(round(100.0 * SHELF.items[item].price.amount * count) for item, count in bought.items())


def test_a_home_whose_kit_has_no_router_gets_one():
    plan = edits.put(network(1, 1), [Household("h", "", 1.0, 36.0, server="H", weight=3.0)]).plan
    own = replace(SHELF.kit("roof-client-5ghz"), parts=tuple(
        part for part in SHELF.kit("roof-client-5ghz").parts if part.item != "home-router"
    ))  # fmt: skip
    bare = replace(SHELF, kits={**SHELF.kits, own.id: own})
    assert quantities(UnitCosts(plan, bare)) == quantities(UnitCosts(plan, SHELF))
    assert quantities(UnitCosts(plan, bare))["home-router"] == 3.0


@pytest.mark.parametrize("sun", [Sun(), BY_SUN])
def test_the_line_of_power_lies_under_all_its_steps(sun: Sun):
    costs = UnitCosts(network(1, 1, sun=sun), SHELF)
    base, slope = ladder_of(costs).line
    assert base >= 0.0
    assert slope > 0.0
    for tenth in range(1, 6000):
        load = tenth / 10.0
        if tenth < 2000 or tenth % 97 == 0:
            assert base + slope * load <= costs.of(ladder_of(costs).parts(load)).total_cents + 1e-6, load


@settings(max_examples=40, deadline=None)
@given(
    sectors=st.integers(0, 9), links=st.integers(1, 6), high=st.sampled_from([6.0, 12.0, 24.0, 30.0]),
    power=st.sampled_from(["unknown", "grid", "solar"]), by_sun=st.booleans(),
    kit=st.sampled_from(["long-link-5ghz", "short-fast-24ghz", "forest-link-tvws"]),
)  # fmt: skip
def test_what_a_search_adds_up_is_never_above_the_capital(
    sectors: int, links: int, high: float, power: str, by_sun: bool, kit: str
):
    """The bound rests on it."""
    plan = network(sectors, links, high=high, sun=BY_SUN if by_sun else Sun(), power=power)
    plan = edits.put(plan, [replace(one, kit=kit) for one in plan.links.values()]).plan
    costs = UnitCosts(plan, SHELF)
    least = LeastCosts(costs)
    amounts = []
    for site in plan.sites.values():
        own = least.site(site, site.mast_height_m or 0.0)
        assert own is not None
        amounts.append(own)
        one = costs.sector().least + least.sector_beside(site, site.mast_height_m or 0.0)
        amounts += [one] * len(site.sectors)
    for link in plan.links.values():
        ends = [plan.sites[link.from_site], plan.sites[link.to_site]]
        at_ground = costs.end(kit).times(2).least
        amounts.append(least.link(SHELF.kit(kit), at_ground, ends, [site.mast_height_m or 0.0 for site in ends]))
    whole = capital(plan, SHELF).total.total
    assert math.fsum(amounts) <= whole + 1e-6
    assert math.fsum(amounts) > 0.7 * whole
    # With what towers cost by their radios no more than whole spares and training is left out.
    towers = TowerSteps(least, [SHELF.kit(kit)], 9)
    unlike = towers.is_unlike(SHELF.kit(kit))
    for site in plan.sites.values():
        beyond = towers.of(site, site.mast_height_m or 0.0)
        ends = sum(site.id in (link.from_site, link.to_site) for link in plan.links.values())
        own, others = len(site.sectors) + (0 if unlike else ends), ends if unlike else 0
        assert beyond is not None
        more = own + others - MOST_RADIOS
        amounts.append(beyond.of[own][others] if more <= 0 else beyond.many[min(more, len(beyond.many)) - 1])
    needed = quantities(costs)
    more = sum(
        (costs.spare(item, count) - count * plan.costs.spares_pct / 100.0) * costs.price(item)
        for item, count in needed.items() if not costs.by_length(item) and costs.spare(item, 1.0)
    )  # fmt: skip
    rates = plan.costs
    more *= (1.0 + (rates.transport_pct + rates.duty_pct) / 100.0) * (1.0 + rates.contingency_pct / 100.0)
    taught = costs.of((), labour_days=plan.work.training_days).total
    assert math.fsum(amounts) <= whole - taught + 1e-6
    # Of one more it is known too where all of them draw alike.
    if sectors + links <= MOST_RADIOS + (0 if unlike else 1):
        assert math.fsum(amounts) == pytest.approx(whole - taught - more, abs=0.5 + 0.2 * (sectors + 2 * links))


def test_more_load_is_fed_by_more_and_never_for_less():
    costs = UnitCosts(network(1, 1, sun=BY_SUN), SHELF)
    site = costs.plan.sites["H"]
    loads = [load_of(costs, site, costs.hung(site)[:1] * count) for count in range(1, 9)]
    assert loads == sorted(loads)
    prices = [costs.of(ladder_of(costs).parts(load)).total_cents for load in loads]
    assert prices == sorted(prices)


def test_a_link_or_a_sector_more_costs_what_counting_anew_says():
    plan = network(3, 2, sun=BY_SUN)
    marginal, before = MarginalCost(UnitCosts(plan, SHELF)), capital(plan, SHELF).total.total_cents
    hub, other = plan.sites["H"], plan.sites["T1"]
    rows = [
        [replace(hub, sectors=(*hub.sectors, Sector("s9", "", 90.0)))],
        [Link("new", "T1", "G")],
        [replace(other, mast_height_m=24.0)],
        [replace(hub, mast_height_m=30.0), Link("new", "T1", "G"), replace(other, mast_height_m=12.0)],
        [Site("N", "", 1.2, 36.2, mast_height_m=12.0, sectors=(Sector("a", "", 0.0),)), Link("N-H", "N", "H")],
    ]
    for some in rows:
        after = capital(edits.put(plan, some).plan, SHELF).total.total_cents
        assert marginal.cents(some) == after - before > 0


def test_homes_with_kits_and_poles_of_their_own_cost_what_counting_anew_says():
    """One after the other: what the first costs was taken for the second where only their kits differ."""
    usual = Household("usual", "", 1.0, 36.0)
    kits = sorted(key for key, kit in SHELF.kits.items() if kit.task is Task.CLIENT)
    homes = [usual, *(replace(usual, id=key, client_kit=key) for key in kits)]
    homes += [replace(usual, id="low", antenna_height_m=3.0)]
    plan = edits.put(network(1, 1), homes).plan
    plan = replace(plan, demand=replace(plan.demand, antenna_height_m=SHELF.gear.roof_pole_to_m + 1.0))
    marginal, before = MarginalCost(UnitCosts(plan, SHELF)), capital(plan, SHELF).total.total_cents
    found = []
    for one in homes:
        rows = [replace(one, server="H")]
        found.append(marginal.cents(rows))
        assert found[-1] == capital(edits.put(plan, rows).plan, SHELF).total.total_cents - before
    assert len(set(found)) > 2


def test_the_first_tower_of_all_costs_what_counting_anew_says():
    """With the training of those who keep the network, and with homes that the plan has already."""
    homes = [Household(f"h{n}", "", 1.0, 36.0) for n in range(3)]
    bare = edits.put(Plan(info=Info(currency="USD"), costs=Costs(labour_day=20.0)), homes).plan
    place = Site("N", "", 1.2, 36.2, build_cost=70.0)
    plan = edits.put(bare, [place]).plan
    marginal, before = MarginalCost(UnitCosts(plan, SHELF)), capital(plan, SHELF).total.total_cents
    tower = replace(place, mast_height_m=12.0, sectors=(Sector("a", "village-sector-5ghz", 0.0),))
    for rows in ([tower], [tower, replace(homes[0], server="N")]):
        after = capital(edits.put(plan, rows).plan, SHELF).total.total_cents
        assert marginal.cents(rows) == after - before > plan.work.training_days * 20.0 * 100.0


def test_the_parts_of_the_price_are_those_of_the_bill():
    plan = edits.put(network(2, 2), [Household("h", "", 1.0, 36.0, server="H")]).plan
    found = whole_price(plan, SHELF)
    assert found.build == capital(plan, SHELF).total.total
    # Three towers and a home.
    assert found.routers == 3 * 65.0 + 25.0
    # Masts of 18, 6 and 9 m; for each tower a day to look at it and a day and a half for its box, half a day for each
    # of its six radios and for the home, four days of training.
    days = (15 + 3 + 4) + 3 * 2.5 + 6 * 0.5 + 0.5 + 4.0
    assert found.labour == days * 20.0
    assert 0.0 < found.power + found.routers + found.labour < found.build
    helped = replace(plan, work=Labour(volunteer_pct=25.0, trip_cost=30.0, tower_trips=4.0))
    after = whole_price(helped, SHELF)
    assert after.labour == 0.75 * days * 20.0
    # Three towers, four trips of 30 each; a tenth for what nobody foresaw.
    assert after.build - found.build == pytest.approx((3 * 4 * 30.0 - 0.25 * days * 20.0) * 1.1, abs=0.1)
    lines = {
        one.key: one
        for one in build_report(Study(helped, NO_TERRAIN, SHELF, None), version=1, date="2026-11-28").budget
    }
    assert (lines["labour"].quantity, lines["labour"].amount) == (0.75 * days, after.labour)
    assert lines["trips"].amount == 360.0
    assert sum(one.amount for one in lines.values()) == pytest.approx(after.build)


def test_to_open_a_gateways_connection_is_part_of_the_price():
    plan = network(1, 1)
    gate = plan.sites["G"]
    door = replace(gate, uplink=Uplink("fibre", 100.0, 60.0, 200.0))
    after = edits.put(plan, [door]).plan
    more = capital(after, SHELF).total.total - capital(plan, SHELF).total.total
    assert more == pytest.approx(200.0 * 1.1, abs=0.01)
    low, high = (LeastCosts(UnitCosts(one, SHELF)).site(one.sites["G"], 6.0) for one in (plan, after))
    assert (high or 0.0) - (low or 0.0) == pytest.approx(more, abs=0.01)


def test_what_opened_a_gateway_before_is_no_part_of_what_its_mast_costs():
    """Which places become gateways is decided anew: a bound is the same after a plan was accepted as before."""
    door = Uplink("satellite", 50.0, 60.0, 600.0)
    site = Site("O", "", 1.0, 36.0, role=SiteRole.GATEWAY_OPTION, uplink=door, power=PowerSource.SOLAR)
    costs = UnitCosts(edits.put(network(1, 1), [site]).plan, SHELF)
    rows = [
        TowerSteps(LeastCosts(costs), [SHELF.kit("long-link-5ghz")], 4).of(one, 18.0)
        for one in (site, replace(site, uplink_bought=True))
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("way", [-1.0, 1.0])
@pytest.mark.parametrize("middle", [0.03, 0.0])
def test_a_tower_that_moves_the_middle_of_the_plan_waits_for_no_new_sets(
    monkeypatch: pytest.MonkeyPatch, way: float, middle: float
) -> None:
    plan = network(2, 2, sun=BY_SUN)
    plan = edits.put(plan, [replace(one, latitude=one.latitude + way * middle) for one in plan.sites.values()]).plan
    far = replace(plan.sites["T1"], latitude=plan.sites["T1"].latitude + way * (0.1 if middle else 0.2))
    moved = edits.put(plan, [far]).plan
    assert power_ladder.latitude_of(moved) == pytest.approx(power_ladder.latitude_of(plan) + way * 0.1)
    there = ladder_of(UnitCosts(moved, SHELF)).steps
    power_ladder._ladder.cache_clear()
    ready_beside(UnitCosts(plan, SHELF))
    monkeypatch.setattr(power_ladder, "cheapest_sets", lambda *_: pytest.fail("the sets are looked for anew"))
    kept = ladder_of(UnitCosts(moved, SHELF))
    assert kept.steps == there
    assert not kept.prices.plan.sites  # it is kept longer than the plan
