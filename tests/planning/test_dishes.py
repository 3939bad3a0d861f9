"""What a user would miss: money for a dish whose gain the law eats, or a small dish where the large one is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.geo import destination
from cn_planner.links.country_channels import with_country_channels
from cn_planner.links.regulatory_limits import eaten_gain_db
from cn_planner.model import edits
from cn_planner.model.law import CountryRules
from cn_planner.model.plan import Area, Household, Info, Link, Plan, Sector, Site, SiteRole, Status, Uplink
from cn_planner.planning.dishes import DishChoice, dish_choices, dish_notes, dishes_on_air, room_notes, smaller_dishes
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study


def study(km: float, country: str = "UG", status: Status = Status.IDEA, homes: int = 8) -> Study:
    rules = load_country_rules(country)
    catalogue = with_country_channels(load_catalogue(), rules)
    far = km / 110.574  # degrees of latitude near the equator
    sites = [
        Site("G", "Town", -1.50, 36.55, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), mast_height_m=30.0),
        Site("A", "Ash", -1.50 + far, 36.55, sectors=(Sector("s1", "village-sector-5ghz", 0.0),), mast_height_m=30.0),
    ]
    people = [Household(f"h{n}", "", -1.499 + far, 36.55 + 0.0005 * n, server="A") for n in range(homes)]
    empty = Plan(info=Info(name="Two", country=country), area=Area(canopy_m=0.0))
    plan = edits.put(empty, [*sites, *people, Link("G-A", "G", "A", status=status)]).plan
    return Study(plan, flat_ground(), catalogue, rules)


def only(found: tuple[DishChoice, ...]) -> DishChoice:
    (one,) = found
    return one


def test_what_the_law_eats_is_the_power_that_it_takes() -> None:
    at = study(2.0)
    kit = at.catalogue.kits["long-link-5ghz"]
    # 30 dBm EIRP with 29 dBi are 1 dBm; the radio could send its greatest power.
    most = max(mode.tx_power_dbm for mode in at.catalogue.radios[kit.radio].modes_at(kit.width_mhz))
    assert eaten_gain_db(kit, at.catalogue, at.regulations) == pytest.approx(most - 1.0)
    usa = load_country_rules("US")
    assert usa is not None
    assert eaten_gain_db(replace(kit, freq_mhz=5795.0), at.catalogue, usa) == 0.0  # point to point: not less for gain
    # In Brazil 1 W enters the antenna, less 1 dB for each dB over 6 dBi: 7 dBm with 29 dBi.
    brazil = load_country_rules("BR")
    assert brazil is not None
    assert eaten_gain_db(replace(kit, freq_mhz=5795.0), at.catalogue, brazil) == pytest.approx(most - 7.0)


def test_a_short_link_gets_the_cheapest_dish_that_carries_the_same_and_a_long_one_keeps_its_own() -> None:
    near, far = study(2.0), study(12.0, homes=100)
    one = only(dish_choices(near))
    assert (one.link, one.kit, one.smaller) == ("G-A", "long-link-5ghz", "short-link-5ghz")
    edit = smaller_dishes(near.plan, (one,))
    assert edit is not None
    # The prices of the two radios with what freight and customs add; the large one's spare falls away on top.
    saved = capital(near.plan, near.catalogue).total.total - capital(edit.plan, near.catalogue).total.total
    assert 2 * (230.0 - 65.0) <= one.saved <= 1.25 * 2 * (230.0 - 65.0)
    # What it draws less may take a battery less, which no price of a kit knows.
    assert saved >= one.saved * (2 * (230.0 - 65.0) + 230.0) / (2 * (230.0 - 65.0)) - 0.01
    after = replace(near, plan=edit.plan)
    assert all(not choice.smaller for choice in dish_choices(after))
    assert only(dish_choices(study(20.0, homes=60))).smaller == "middle-link-5ghz"
    kept = only(dish_choices(far))
    assert kept.smaller == ""
    assert "reception needs the dish" in str(kept.words)
    assert smaller_dishes(far.plan, (kept,)) is None


def test_where_the_law_takes_nothing_or_is_not_known_or_the_link_stands_nothing_is_said() -> None:
    assert dish_choices(study(2.0, status=Status.BUILT)) == ()
    at = study(2.0)
    assert dish_choices(replace(at, regulations=None)) == ()
    rules = load_country_rules("UG")
    assert rules is not None
    assert isinstance(rules, CountryRules)
    assert dish_choices(replace(at, regulations=replace(rules, caps=False))) == ()
    assert dish_choices(study(2.0, "US")) == ()


def side_by_side(second_mhz: float) -> Study:
    """Two links of 8 km, half a kilometre from each other, from a gateway each; the first on 5805 MHz."""
    rules = load_country_rules("UG")
    catalogue = with_country_channels(load_catalogue(), rules)
    here, fibre = (-1.5, 36.55), Uplink("fibre", 500.0, 90.0)
    items: list[Site | Household | Link] = []
    for gate, tower, start, mhz in (
        ("G", "A", here, 5805.0), ("H", "B", destination(*here, 90.0, 500.0)[:2], second_mhz)
    ):  # fmt: skip
        end = destination(*start, 0.0, 8000.0)[:2]
        beam = Sector("s1", "village-sector-5ghz", 0.0, freq_mhz=5180.0 if tower == "A" else 5220.0, width_mhz=20.0)
        items += [
            Site(gate, "", *start, role=SiteRole.GATEWAY, uplink=fibre, mast_height_m=30.0),
            Site(tower, "", *end, sectors=(beam,), mast_height_m=30.0),
            Link(f"{gate}-{tower}", gate, tower, freq_mhz=mhz, width_mhz=20.0),
        ]
        for n in range(8):
            home = destination(*end, 0.0, 200.0 + 30.0 * n)[:2]
            items.append(Household(f"{tower}{n}", "", *home, antenna_height_m=6.0, server=tower))
    plan = edits.put(Plan(info=Info(name="Two", country="UG"), area=Area(canopy_m=0.0)), items).plan
    return Study(plan, flat_ground(), catalogue, rules)


def test_where_both_small_dishes_would_drown_each_other_one_link_keeps_the_large_one() -> None:
    at = side_by_side(5805.0)
    assert [one.smaller for one in dish_choices(at)] == ["short-link-5ghz"] * 2
    both = smaller_dishes(at.plan, dish_choices(at))
    assert both is not None
    assert not plan_channels(at, keep=True).silent
    assert len(plan_channels(replace(at, plan=both.plan), keep=True).silent) == 16

    found = dishes_on_air(at)
    assert [one.smaller for one in found] == ["short-link-5ghz", ""]
    assert "reception needs the dish" in str(found[1].words)
    edit = smaller_dishes(at.plan, found)
    assert edit is not None
    assert not plan_channels(replace(at, plan=edit.plan), keep=True).silent
    assert [str(note) for note in dish_notes(at)][-1] == str(found[0].words)


def test_on_channels_of_their_own_both_links_do_with_a_small_dish() -> None:
    assert [one.smaller for one in dishes_on_air(side_by_side(5745.0))] == ["short-link-5ghz"] * 2


def test_a_plan_whose_air_is_full_is_told_of_channels_where_its_links_send_less() -> None:
    """In Argentina two channels of 40 MHz are open at 30 dBm; another six at 24, with radar detection."""
    (note,) = room_notes(study(2.0, "AR"))
    assert "8 channels in place of 2 where they send 6 dB less and look for radars" in str(note)
    assert "5510 MHz" in str(note)
    assert room_notes(study(2.0, "UG")) == ()
    assert room_notes(replace(study(2.0, "AR"), regulations=None)) == ()
