"""Homes that pass the signal on: on a plain where a low gateway sees no low roof, and one tall house sees both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.history import apply_changes, changes
from cn_planner.model.plan import (
    Area,
    Choice,
    Costs,
    Household,
    Plan,
    RelayConsent,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.model.rules import Relays
from cn_planner.planning.design import design
from cn_planner.planning.relays import MOST_RELAYS, relay_id, with_relays
from cn_planner.planning.result import Design
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
TALL = destination(*GATE, 0.0, 10_000.0)
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), max_height_m=6.0)
LOW = [Household(f"h{n}", "", *destination(*TALL, 50.0 * n, 900.0)) for n in range(4)]


def planned(consent: RelayConsent, relays: Relays = Relays.WILLING, *things: Any, **rates: Any) -> tuple[Plan, Design]:
    tall = Household("tall", "Mill", *TALL, antenna_height_m=20.0, relay=consent)
    rules = Rules(mast_heights_m=(6.0,), relays=relays, cover=1.0)
    plan = edits.put(Plan(area=Area(canopy_m=0.0), rules=rules, costs=Costs(**rates)), [TOWN, *LOW, tall, *things]).plan
    return plan, design(Study(plan, GROUND, SHELF))


def of(found: Design) -> Plan:
    assert found.edit is not None
    return found.edit.plan


def test_a_willing_home_carries_the_signal_to_those_behind_it():
    before, found = planned(RelayConsent.YES)
    made = of(found)
    told = {row["id"]: row["role"] for row in found.as_dict()["sites"]}
    assert told == {"G": "gateway", relay_id("tall"): "relay"}
    assert {home.server for home in made.households.values() if home.id != "tall"} == {relay_id("tall")}
    site = made.sites[relay_id("tall")]
    assert (site.name, site.mast_height_m) == ("Mill", 20.0)
    assert (site.latitude, site.longitude) == TALL
    assert found.lower_bound is not None
    assert 0.0 < found.lower_bound <= found.capex == capital(made, SHELF).total.total
    # Nobody is to be asked, and going back takes the relay out again.
    assert not any("ask the owner" in str(note) for note in found.notes)
    assert apply_changes(made, changes(before, made), backwards=True) == before
    # Planned again it is the same plan, with the same place.
    again = design(Study(made, GROUND, SHELF))
    assert (of(again).sites, again.capex) == (made.sites, found.capex)


def test_what_the_place_of_a_relay_costs_is_in_the_price():
    _, cheap = planned(RelayConsent.YES, relay_cost=0.0)
    _, dear = planned(RelayConsent.YES, relay_cost=100.0)
    assert dear.capex - cheap.capex == pytest.approx(110.0, abs=0.02)  # with what nobody foresaw


@pytest.mark.parametrize(
    ("consent", "relays", "stands"),
    [
        (RelayConsent.NO, Relays.ASK, False),
        (RelayConsent.ASK, Relays.WILLING, False),
        (RelayConsent.YES, Relays.NO, False),
        (RelayConsent.ASK, Relays.ASK, True),
    ],
)
def test_no_relay_stands_where_the_owner_or_the_rule_says_no(consent, relays, stands):
    _, found = planned(consent, relays)
    if not stands:
        assert found.edit is None or not any(site.role is SiteRole.RELAY for site in of(found).sites.values())
        return
    assert of(found).sites[relay_id("tall")].in_network
    assert any("Mill" in str(note) and "ask the owner" in str(note) for note in found.notes)


def test_a_relay_that_is_forbidden_stays_so_and_one_that_is_not_used_goes():
    _, found = planned(RelayConsent.YES)
    made = of(found)
    never = edits.put(made, [replace(made.sites[relay_id("tall")], choice=Choice.FORBIDDEN)]).plan
    assert with_relays(never).sites[relay_id("tall")].choice is Choice.FORBIDDEN
    # With the owner's no the place is none any more, whoever it served.
    no = edits.put(made, [replace(made.households["tall"], relay=RelayConsent.NO)]).plan
    assert relay_id("tall") not in with_relays(no).sites
    tower = Site("A", "Ash", *destination(*TALL, 90.0, 300.0), max_height_m=30.0)
    rules = replace(made.rules, mast_heights_m=(6.0, 24.0))
    _, other = planned(RelayConsent.YES, Relays.WILLING, relay_cost=50_000.0)
    assert relay_id("tall") in of(other).sites  # dear, and the only way
    both = replace(edits.put(of(other), [tower]).plan, rules=rules)
    assert set(of(design(Study(both, GROUND, SHELF))).sites) == {"A", "G"}


def test_of_very_many_willing_homes_those_far_from_each_other_are_looked_at():
    homes = [
        Household(f"w{n:03}", "", GATE[0] + 0.01 * (n // 10), GATE[1] + 0.01 * (n % 10), relay=RelayConsent.YES)
        for n in range(100)
    ]
    plan = edits.put(Plan(), [TOWN, *homes]).plan
    relays = [site for site in with_relays(plan).sites.values() if site.role is SiteRole.RELAY]
    assert len(relays) == MOST_RELAYS
    # The corners of the square are the furthest from each other.
    assert {relay_id(f"w{n:03}") for n in (0, 9, 90, 99)} <= {site.id for site in relays}
    assert with_relays(with_relays(plan)) == with_relays(plan)
