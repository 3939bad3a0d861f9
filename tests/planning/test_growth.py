"""Room for year five: sectors bought for today, masts, links and connections for what demand grows to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import (
    Area,
    Choice,
    Demand,
    Household,
    Link,
    Plan,
    PowerSource,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.planning.design import design
from cn_planner.planning.link_kits import wider_kits
from cn_planner.planning.loads import standing_kit, standing_mbps
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import basis_of
from cn_planner.planning.year_five import wider_links, year_five, year_five_words
from cn_planner.service.homes import whole_service
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 2000.0, 90.0), power=PowerSource.GRID)
HOMES = [Household(f"h{n}", "", *destination(*GATE, 4.0 * n, 900.0)) for n in range(8)]
"""All within one beam."""


def plan_of(sectors: int, **demand: object) -> Plan:
    rules = Rules(mast_heights_m=(12.0,), max_sectors=sectors, cover=1.0)
    wanted = Demand(mbps_per_home=8.0, contention=1.0, **demand)
    return edits.put(Plan(area=Area(canopy_m=0.0), rules=rules, demand=wanted), [TOWN, *HOMES]).plan


def found(sectors: int, **demand: object):
    return design(Study(plan_of(sectors, **demand), GROUND, SHELF))


def bill(plan: Plan) -> float:
    return capital(plan, SHELF).total.total


def test_the_words_of_demand_are_what_they_were_where_nothing_comes_later():
    """The load of a busy hour, by hand; a plan of before has its digest."""
    usual = Demand()
    assert usual.busy_hour_mbps == usual.later_mbps == 10.0 / 20.0 * 1.5
    grown = Demand(mbps_per_home=10.0, contention=20.0, growth_pct=100.0, more_homes_pct=30.0, grow_later=True)
    assert grown.busy_hour_mbps == 0.5
    assert grown.later_mbps == pytest.approx(0.5 * 2.0 * 1.3)
    assert replace(grown, grow_later=False).busy_hour_mbps == grown.later_mbps
    assert "more_homes_pct" in repr(Plan())
    assert basis_of(Plan()) != basis_of(Plan(demand=Demand(more_homes_pct=1.0)))


def test_sectors_are_bought_for_today_and_those_of_year_five_are_listed_with_their_price():
    today = found(2, growth_pct=0.0)
    room = found(2, growth_pct=100.0, grow_later=True)
    whole = found(2, growth_pct=100.0)
    assert [len(one.edit.plan.sites["G"].sectors) for one in (today, room, whole)] == [1, 1, 2]
    assert today.capex == room.capex < whole.capex
    for one in (today, room, whole):
        assert one.served == 8.0
        assert one.lower_bound <= one.capex == bill(one.edit.plan)
    study = Study(room.edit.plan, GROUND, SHELF)
    later = year_five(study, whole_service(study).now)
    (tower,) = later.towers
    assert (tower.site, tower.now, tower.later, later.homes) == ("G", 1, 2, 0.0)
    site = room.edit.plan.sites["G"]
    more = edits.put(room.edit.plan, [replace(site, sectors=(*site.sectors, replace(site.sectors[0], id="x")))]).plan
    assert later.cost == pytest.approx(bill(more) - bill(room.edit.plan), abs=0.01)
    assert "In five years: 1 sector more, for" in str(year_five_words(later, study.plan))
    study = Study(whole.edit.plan, GROUND, SHELF)
    assert year_five_words(year_five(study, whole_service(study).now), study.plan) is None


def test_a_mast_that_has_no_room_for_year_five_serves_no_more_than_it_then_can():
    """By hand, of the rates that the plan says: what the homes take then fits into the one sector that there may be."""
    room = found(1, growth_pct=100.0, grow_later=True)
    whole = found(1, growth_pct=100.0)
    today = found(1, growth_pct=0.0)
    assert today.served == 8.0
    assert room.served == whole.served < 8.0
    rates = [one.rate_down_mbps for one in room.links if one.kind == "access"]
    assert sum(16.0 / rate for rate in rates) <= 1.0 + 1e-9
    assert sum(16.0 / rate for rate in rates) + 16.0 / min(rates) > 1.0  # one more would not fit


def test_a_second_tower_stands_where_one_mast_has_no_room_for_year_five():
    """The gateway takes all homes today, and not in year five; bound and plan alike ask for the room."""
    beech = Site("B", "Beech", *destination(*GATE, 14.0, 1_500.0), power=PowerSource.GRID)
    plan = edits.put(plan_of(1, growth_pct=100.0, grow_later=True), [beech]).plan
    study = Study(plan, GROUND, SHELF)
    best = design(study)
    assert best.served == 8.0
    assert set(best.edit.plan.used_sites) == {"G", "B"}
    assert best.lower_bound <= best.capex
    problem = build_problem(study)
    assert problem.loose().most_homes >= problem.instance.most_homes
    assert all(len(site.sectors) == 1 for site in best.edit.plan.used_sites.values())
    without = design(replace(study, plan=replace(plan, demand=replace(plan.demand, growth_pct=0.0))))
    assert set(without.edit.plan.used_sites) == {"G"}
    assert without.lower_bound <= without.capex < best.lower_bound  # room is what the second tower is for


def test_links_and_connections_carry_what_there_is_in_year_five():
    narrow = replace(TOWN, uplink=Uplink("fibre", 100.0, 90.0))

    def served(**demand: object) -> float:
        return design(Study(edits.put(plan_of(2, **demand), [narrow]).plan, GROUND, SHELF)).served

    assert served(growth_pct=0.0) == 8.0  # 64 Mbit/s
    assert served(growth_pct=100.0, grow_later=True) == 6.0  # 16 Mbit/s each
    assert served(more_homes_pct=100.0, growth_pct=0.0, grow_later=True) == 6.0


BEECH = Site("B", "Beech", *destination(*GATE, 14.0, 6_000.0), power=PowerSource.GRID)
BEYOND = [Household(f"h{n}", "", *destination(BEECH.latitude, BEECH.longitude, 4.0 * n, 900.0)) for n in range(8)]
"""All behind one link."""


def beyond(growth_pct: float, regulations=None, *, later: bool = True, **more: object) -> Study:
    demand = {"growth_pct": growth_pct, "grow_later": later}
    plan = edits.put(plan_of(4, **demand), [BEECH, *BEYOND]).plan
    plan = replace(plan, rules=replace(plan.rules, max_access_km=2.0), **more)
    return Study(plan, GROUND, SHELF, regulations)


def test_a_link_widens_where_its_radios_then_carry_what_they_do_not_now():
    """By hand, of the rates that the radios have at both widths: 64 Mbit/s today, and 256 in five years."""
    study = beyond(300.0)
    made = design(study)
    plan = made.edit.plan
    (link,) = plan.standing_links.values()
    kit = standing_kit(study, link)
    there = replace(study, plan=plan)
    rates = {width: standing_mbps(there, link, kit.on(None, width)) for width in (40.0, 80.0)}
    assert 64.0 <= rates[40.0] < 256.0 <= rates[80.0]
    (wider,) = year_five(there, whole_service(there).now).links
    assert (wider.link, wider.from_mhz, wider.to_mhz, wider.mbps) == (link.id, 40.0, 80.0, rates[80.0])
    words = str(year_five_words(year_five(there, whole_service(there).now), plan))
    assert f"{link.id} widens from 40 to 80 MHz in five years" in words
    assert made.served == 8.0
    today = design(beyond(0.0, later=False))
    assert made.capex == today.capex, "nothing is bought for it"
    assert made.lower_bound <= made.capex


def test_a_link_that_is_wide_enough_or_has_nothing_wider_is_not_told_of():
    for growth in (0.0, 100.0):
        study = beyond(growth)
        plan = design(study).edit.plan
        assert wider_links(replace(study, plan=plan)) == ()
    whole = beyond(300.0, later=False)
    assert wider_links(replace(whole, plan=design(whole).edit.plan)) == ()
    # Beyond what 80 MHz carries homes are left out: as many are served as it then takes.
    much = design(beyond(900.0))
    (link,) = much.edit.plan.standing_links.values()
    there = replace(beyond(900.0), plan=much.edit.plan)
    most = standing_mbps(there, link, standing_kit(there, link).on(None, 80.0))
    assert much.served == most // 80.0 < 8.0


def test_a_width_that_the_law_does_not_open_is_not_counted_on():
    """Channels of 40 MHz at most: the network is that of links that stay as they are."""
    narrow = replace(load_country_rules("ES"), country="ES")
    limits = tuple(replace(one, max_width_mhz=min(one.max_width_mhz or 40.0, 40.0)) for one in narrow.limits)
    narrow = replace(narrow, limits=limits)
    study = beyond(300.0, narrow)
    assert not wider_kits(study, SHELF.kit(study.plan.kits.backhaul))
    assert [one.width_mhz for one in wider_kits(beyond(300.0), SHELF.kit(study.plan.kits.backhaul))] == [80.0]
    made = design(study)
    assert made.served < 8.0
    assert wider_links(replace(study, plan=made.edit.plan)) == ()


def test_a_link_that_is_kept_stays_as_it_is():
    study = beyond(300.0)
    kept = edits.put(study.plan, [replace(BEECH, choice=Choice.LOCKED), Link("K", "G", "B", choice=Choice.LOCKED)]).plan
    made = design(replace(study, plan=kept))
    rate = standing_mbps(replace(study, plan=made.edit.plan), made.edit.plan.links["K"])
    assert made.served == rate // 32.0 < 8.0
