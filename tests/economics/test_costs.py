"""What a network costs to build, each amount worked by hand.

Prices in USD count 2.5 times; 8 % for transport, 5 % customs, 10 % for what nobody foresaw, 10 % spares.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from priced_by_hand import CATALOGUE, PLAN, parts, with_rates

from cn_planner.economics.costs import (
    UnitCosts,
    capital,
    home_kits,
    needed_parts,
    parts_of_site,
    quantities,
)
from cn_planner.economics.prices import Cost
from cn_planner.economics.solar_sets import parts_of_set
from cn_planner.economics.tower_gear import power_parts
from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import (
    Choice,
    HomeKind,
    Household,
    Link,
    Power,
    PowerSource,
    Sector,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.power import SolarSet

COSTS = UnitCosts(PLAN, CATALOGUE)
SECTOR = (Sector("s", "", 0.0),)
GATEWAY = Site("G", "Gate", -1.5, 36.5, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 90.0), mast_height_m=12.0,
               power=PowerSource.GRID, build_cost=55.5)  # fmt: skip
STANDS = Site("E", "Silo", -1.4, 36.5, role=SiteRole.EXISTING, mast_height_m=9.0, sectors=SECTOR, build_cost=12.34)


def network():
    """A new gateway, a silo that stands, a link, a home on its roof, one of 2.5 homes on a pole, a school, one left."""
    homes = [
        Household("roof", "Roof", -1.41, 36.5, server="E"),
        Household("hamlet", "Hamlet", -1.42, 36.5, server="E", weight=2.5, on_pole=True),
        Household("school", "School", -1.43, 36.5, server="E", weight=40.0, kind=HomeKind.SCHOOL),
        Household("left", "Left out", -1.44, 36.5),
    ]
    return edits.put(PLAN, [GATEWAY, STANDS, Link("G-E", "G", "E"), *homes]).plan


def test_a_price_is_that_of_the_plans_currency():
    assert COSTS.price("cpe") == 120.0
    assert COSTS.price("ap") == 250.0
    assert (COSTS.rate("KES"), COSTS.rate("USD"), COSTS.rate("GBP")) == (1.0, 2.5, None)


def test_what_has_no_price_that_counts_is_nothing_and_is_named():
    costs = UnitCosts(PLAN, CATALOGUE)
    assert costs.of(parts(box=1.0)).goods_cents == 1500
    assert costs.unpriced == set()
    assert costs.price("gift") == costs.price("pounds") == 0.0
    assert costs.unpriced == {"gift", "pounds"}


def test_a_sector_by_its_parts():
    # 250 + 10 m at 3 = 280; a tenth more cable, 3; of 283 8 % and 5 %; a tenth of 319.79. The spare access point is
    # whole and counted once in the plan; its share is 25 with 13 % and then 10 %: 31.075, rounded down.
    assert COSTS.sector() == Cost(28000, 300, 2264, 1415, 0, 0, 3198, 3107)
    assert COSTS.sector("sector").total_cents == 35177
    assert COSTS.sector().total == 351.77
    assert COSTS.sector().least_cents == 35177 + 3107
    assert COSTS.sector().least == 382.84
    assert COSTS.sector("other").goods_cents == 12000


def test_labour_and_place_are_not_carried_but_something_unforeseen_is():
    # 40 of goods, 3.20 and 2.00 on the way, 5 of wages, 7.77 for the place: a tenth of 57.97.
    cost = COSTS.of(parts(pipe=1.0), labour_days=0.25, place=7.77)
    assert cost == Cost(4000, 0, 320, 200, 500, 777, 580, 0)
    assert cost.total_cents == 6377


def test_amounts_are_rounded_to_the_hundredth_halves_up():
    free = UnitCosts(with_rates(transport_pct=0.0, customs_pct=0.0, contingency_pct=0.0), CATALOGUE)
    assert free.of((), place=0.125).place_cents == 13
    assert free.of((), place=0.124).place_cents == 12


def test_costs_add_up_part_by_part():
    two = Cost(1, 2, 3, 4, 5, 6, 7, 8) + Cost(10, 20, 30, 40, 50, 60, 70, 80)
    assert two == Cost(11, 22, 33, 44, 55, 66, 77, 88)
    assert two.times(3) == Cost(33, 66, 99, 132, 165, 198, 231, 264)
    assert two.total_cents == 11 + 22 + 33 + 44 + 55 + 66 + 77
    assert two.least_cents == two.total_cents + 88


def test_a_link_is_a_kit_at_either_end_and_a_built_one_is_paid_for():
    # 250 + 2 at 11 = 272; 21.76, 13.60; a tenth of 307.36. Twice.
    assert COSTS.link() == Cost(54400, 0, 4352, 2720, 0, 0, 6148, 6760)
    assert COSTS.link(Link("L", "G", "E")) == COSTS.link()
    assert COSTS.link(Link("L", "G", "E", kit="other")).goods_cents == 24000
    assert COSTS.link(Link("L", "G", "E", status=Status.BUILT)) == Cost()


def test_a_home_has_its_kit_and_its_pole_as_often_as_it_counts():
    roof, hamlet, school = (network().households[key] for key in ("roof", "hamlet", "school"))
    # 131 of goods, 10.48, 6.55, a tenth of 148.03; a pole 40, 3.20, 2.00, 5 of wages, a tenth of 50.20.
    client = Cost(13100, 0, 1048, 655, 0, 0, 1480, 1628)
    pole = Cost(4000, 0, 320, 200, 500, 0, 502, 0)
    assert COSTS.home(roof) == client
    assert COSTS.home(hamlet) == (client + pole).times(3)
    assert COSTS.home(school) == client
    assert [home_kits(home) for home in (roof, hamlet, school)] == [1, 3, 1]
    assert home_kits(replace(roof, weight=0.0)) == 1


def test_a_pole_is_as_high_as_the_homes_antenna():
    home = Household("h", "H", -1.4, 36.5, on_pole=True)
    low, high, usual = COSTS.home_mast(replace(home, antenna_height_m=5.5)), COSTS.mast(7.0), COSTS.home_mast(home)
    assert (low and low.id, high and high.id, usual and usual.id) == ("low", "high", "pole")
    assert COSTS.home_mast(replace(home, antenna_height_m=12.5)) is None
    assert COSTS.home_mast(replace(home, on_pole=False)) is None
    assert COSTS.pole(5.0) == Cost(4000, 0, 320, 200, 500, 0, 502, 0)
    assert COSTS.pole(12.1) is None


def test_the_lowest_mast_that_is_high_enough():
    heights = {wanted: COSTS.mast(wanted) for wanted in (0.0, 5.0, 5.01, 6.0, 11.0, 12.0, 12.01)}
    assert {wanted: mast and mast.height_m for wanted, mast in heights.items()} == {
        0.0: 5.0, 5.0: 5.0, 5.01: 6.0, 6.0: 6.0, 11.0: 12.0, 12.0: 12.0, 12.01: None,
    }  # fmt: skip


def test_a_new_tower_pays_for_its_mast_and_one_that_stands_does_not():
    # 4 pipes, 3 guys, a box, a plug: 216.75; 17.34, 10.84; 3.5 days 70; the place 55.50; a tenth of 370.43.
    assert COSTS.site(GATEWAY, 12.0) == Cost(21675, 0, 1734, 1084, 7000, 5550, 3704, 0)
    # A box and the usual set from the sun: 900; 72, 45; the place 12.34; a tenth of 1029.34.
    assert COSTS.site(STANDS, 9.0) == Cost(90000, 0, 7200, 4500, 0, 1234, 10293, 0)
    assert COSTS.site(STANDS, 40.0) == COSTS.site(STANDS, 9.0)
    assert COSTS.site(GATEWAY, 12.5) is None
    assert COSTS.site(replace(GATEWAY, status=Status.BUILT), 12.0) == Cost()


def test_a_tower_is_its_site_and_its_sectors():
    assert COSTS.tower(STANDS) == COSTS.site(STANDS, 9.0) + COSTS.sector()
    assert COSTS.tower(replace(STANDS, status=Status.BUILT)) == COSTS.sector()
    bare = COSTS.tower(replace(GATEWAY, mast_height_m=None))
    assert bare.labour_cents == 500, "no height is a mast of the least: the pole"
    assert COSTS.tower(replace(GATEWAY, mast_height_m=50.0)) == Cost(), "no mast so high"


def test_what_feeds_a_tower_is_what_is_known_of_it():
    assert power_parts(COSTS, GATEWAY, ()) == parts(plug=1.0)
    unknown = replace(GATEWAY, power=PowerSource.UNKNOWN)
    assert power_parts(COSTS, unknown, ()) == CATALOGUE.solar_parts
    chosen = SolarSet("E", "panel", 5, "battery", 3, "controller", 2)
    other = replace(chosen, site="X", panels=9)
    plan = replace(PLAN, power=Power(sets=(other, chosen)))
    # Five panels take three mounts of two; each of the two controllers has a breaker.
    five = parts(panel=5, mount=3, battery=3, controller=2, breaker=2.0)
    own = UnitCosts(plan, CATALOGUE)
    assert power_parts(own, STANDS, own.hung(STANDS)) == parts_of_set(own, chosen) == five
    assert power_parts(own, unknown, ()) == CATALOGUE.solar_parts, "a set is for its own site"
    gone = replace(plan, power=Power(sets=(replace(chosen, battery="sold out"),)))
    assert power_parts(UnitCosts(gone, CATALOGUE), STANDS, ()) == CATALOGUE.solar_parts
    bare = replace(CATALOGUE, items={**CATALOGUE.items, "panel": replace(CATALOGUE.items["panel"], mount="")})
    assert parts_of_set(UnitCosts(plan, bare), chosen)[:2] == parts(panel=5, battery=3)


def test_spares_are_whole_pieces_of_radios_and_of_what_is_cut_a_length():
    assert COSTS.spare("ap", 3.0) == 1.0
    assert COSTS.spare("ap", 10.0) == 1.0
    assert COSTS.spare("ap", 11.0) == 2.0
    assert COSTS.spare("ap", 0.0) == 0.0
    assert COSTS.spare("jumper", 21.0) == 3.0
    assert COSTS.spare("cable", 25.0) == 2.5
    assert COSTS.spare("pipe", 100.0) == 0.0
    assert (COSTS.by_length("cable"), COSTS.by_length("jumper")) == (True, False)


def test_spares_of_the_whole_plan_are_rounded_up():
    # One access point 250 and one jumper 11: 261; 20.88, 13.05; a tenth of 294.93 is 29.493. Cable is with its sector.
    assert COSTS.spares({"ap": 3.0, "jumper": 4.0, "cable": 10.0, "pipe": 4.0}) == Cost(
        0, 26100, 2088, 1305, 0, 0, 2950
    )
    assert COSTS.spares({}) == Cost()


def test_the_bill_of_things_says_where_each_goes():
    needed = needed_parts(UnitCosts(network(), CATALOGUE))
    assert needed == {
        "G": {"pipe": 4.0, "guy": 3.0, "box": 1.0, "plug": 1.0, "ap": 1.0, "jumper": 2.0},
        "E": {"ap": 2.0, "cable": 10.0, "box": 1.0, "panel": 2.0, "mount": 1.0, "battery": 1.0, "controller": 1.0,
              "breaker": 1.0, "jumper": 2.0},
        "": {"cpe": 5.0, "jumper": 5.0, "pipe": 3.0},
    }  # fmt: skip
    total = quantities(UnitCosts(network(), CATALOGUE))
    assert (total["ap"], total["jumper"], total["pipe"], total["cpe"]) == (3.0, 9.0, 7.0, 5.0)
    assert sum(total.values()) == sum(sum(own.values()) for own in needed.values())


def test_what_is_built_needs_nothing_but_new_sectors():
    built = replace(STANDS, status=Status.BUILT)
    assert parts_of_site(COSTS, built) == list(CATALOGUE.kits["sector"].parts)
    assert parts_of_site(COSTS, replace(GATEWAY, mast_height_m=99.0, sectors=SECTOR)) == list(
        CATALOGUE.kits["sector"].parts
    ), "no mast is so high: only its radios are counted"
    plan = edits.put(network(), [replace(built, sectors=()), Link("G-E", "G", "E", status=Status.BUILT)]).plan
    needed = needed_parts(UnitCosts(plan, CATALOGUE))
    assert set(needed) == {"G", ""}
    assert "ap" not in needed["G"]


def test_the_capital_is_the_sum_of_all_that_is_built():
    found = capital(network(), CATALOGUE)
    assert {key: cost.total_cents for key, cost in found.sites.items()} == {"G": 40747, "E": 113227 + 35177}
    assert {key: cost.total_cents for key, cost in found.links.items()} == {"G-E": 67620}
    assert {key: cost.total_cents for key, cost in found.homes.items()} == {
        "roof": 16283, "hamlet": 3 * (16283 + 5522), "school": 16283,
    }  # fmt: skip
    # Spares: of 3 access points, 5 of homes and 9 jumpers one each: 381, 30.48, 19.05, a tenth of 430.53 rounded up.
    spares = 38100 + 3048 + 1905 + 4306
    assert found.total.total_cents == 40747 + 148404 + 67620 + 16283 + 65415 + 16283 + spares
    assert found.total.total == found.total.total_cents / 100


def test_what_people_ruled_out_is_not_paid_for():
    ruled_out = edits.put(network(), [Link("G-E", "G", "E", choice=Choice.FORBIDDEN)]).plan
    assert capital(ruled_out, CATALOGUE).links == {}


def test_a_kit_that_nobody_sells_is_named():
    with pytest.raises(InputError, match="no-such-kit"):
        COSTS.sector("no-such-kit")
