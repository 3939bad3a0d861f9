"""Homes behind trees by radios of 900 MHz, of towers and homes: path, law, channels, capacity and bill of a whole plan.

On a plain with trees of 12 m; what the law opens is that of the United States, and of Spain, which opens nothing there.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import (
    Area,
    Demand,
    Household,
    Info,
    KitChoice,
    Plan,
    PowerSource,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.planning.design import design
from cn_planner.planning.fixes import home_fixes
from cn_planner.service.homes import service
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
HALOW = KitChoice(access="halow-sector-900mhz", client="halow-home-900mhz")
FOREST = KitChoice(access="forest-sector-900mhz", client="forest-home-900mhz")
USUAL = KitChoice()


def study(kits: KitChoice, country: str = "US", **demand: float) -> Study:
    town = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 90.0), power=PowerSource.GRID)
    homes = [Household(f"h{n}", "", *destination(*GATE, 30.0 * n, 600.0), antenna_height_m=9.0) for n in range(12)]
    plan = Plan(
        info=Info(country=country), area=Area(canopy_m=12.0), kits=kits,
        demand=Demand(**{"mbps_per_home": 1.0, "contention": 4.0, "growth_pct": 0.0, **demand}),
        rules=Rules(mast_heights_m=(30.0,), cover=1.0),
    )  # fmt: skip
    return Study(edits.put(plan, [town, *homes]).plan, GROUND, SHELF, load_country_rules(country))


@pytest.fixture(scope="module", params=[HALOW, FOREST], ids=["HaLow", "802.11n"])
def made(request):
    asked = study(request.param)
    return asked, design(asked)


def test_trees_that_end_5_ghz_let_900_mhz_through(made):
    asked, found = made
    usual = design(replace(asked, plan=replace(asked.plan, kits=USUAL)))
    assert usual.served == 0.0
    assert found.served == found.coverable == 12.0
    plan = found.edit.plan
    assert {one.kit for one in plan.sites["G"].sectors} == {asked.plan.kits.access}
    assert all(one.served for one in service(replace(asked, plan=plan)))


def test_the_bill_has_these_radios_and_the_bound_holds(made):
    """By hand: a home costs so much more or less than with the usual radio as its goods do, a tenth of it cut."""
    asked, found = made
    plan, kits = found.edit.plan, asked.plan.kits
    assert found.capex == capital(plan, SHELF).total.total
    assert 0.0 < found.lower_bound <= found.capex
    usual = replace(plan, kits=replace(kits, client=USUAL.client))
    mine, other = (capital(one, SHELF).homes["h0"].total for one in (plan, usual))
    goods = []
    for key in (kits.client, USUAL.client):
        each = [(SHELF.items[part.item], part.quantity) for part in SHELF.kits[key].parts]
        goods.append(sum(n * one.price.amount * (1.1 if one.unit == "m" else 1.0) for one, n in each))
    assert goods[0] != goods[1]
    assert mine - other == pytest.approx((goods[0] - goods[1]) * 1.08 * 1.10, abs=0.05)


def test_each_sector_has_the_time_for_its_homes(made):
    """A quarter of a megabit each at the busy hour, over the rates that the plan says: no more than all of the time."""
    asked, found = made
    rates = [one.rate_down_mbps for one in found.links if one.kind == "access"]
    sectors = len(found.edit.plan.sites["G"].sectors)
    assert sum(0.25 / rate for rate in rates) <= sectors
    crowded = design(replace(asked, plan=replace(asked.plan, demand=replace(asked.plan.demand, contention=1.0))))
    busy = sum(1.0 / one.rate_down_mbps for one in crowded.links if one.kind == "access")
    assert busy <= len(crowded.edit.plan.sites["G"].sectors)


def test_the_channel_is_one_that_the_law_opens(made):
    asked, found = made
    uses = plan_channels(replace(asked, plan=found.edit.plan)).uses
    assert uses
    for one in uses:
        assert one.channel.freq_mhz - one.channel.width_mhz / 2.0 >= 902.0
        assert one.channel.freq_mhz + one.channel.width_mhz / 2.0 <= 928.0


def test_where_the_law_does_not_open_the_band_nothing_is_bought():
    found = design(study(HALOW, "ES"))
    assert found.served == 0.0
    assert found.capex == 0.0 or found.edit is None or not found.edit.plan.sites["G"].sectors


def test_a_home_s_radio_of_another_band_serves_nobody():
    """Radios of one technology have the same modes; what they cannot do is meet on a channel."""
    with pytest.raises(InputError, match="Forest home 900 MHz has channels from 902 to 928 MHz"):
        design(study(replace(USUAL, client="forest-home-900mhz")))
    clear = study(replace(USUAL, more_clients="forest-home-900mhz"))
    clear = replace(clear, plan=replace(clear.plan, area=Area(canopy_m=0.0)))
    found = design(clear).edit.plan
    assert {home.client_kit for home in found.households.values()} == {""}
    forced = edits.put(found, [replace(found.households["h0"], client_kit="forest-home-900mhz")]).plan
    (said,) = service(replace(clear, plan=forced), only=["h0"])
    assert not said.works


def test_no_fix_puts_up_a_sector_that_a_home_cannot_hear():
    asked = study(USUAL)
    bare = edits.put(asked.plan, [replace(asked.plan.sites["G"], mast_height_m=30.0)]).plan
    for home in home_fixes(replace(asked, plan=bare), ["h0"]).values():
        for fix in home.fixes:
            sectors = [one.kit for site in fix.edit(bare).plan.sites.values() for one in site.sectors]
            assert not [kit for kit in sectors if kit.endswith("900mhz")]
