"""When a first way fails the second carries what moves to it, or it is said which link is too full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.model import edits
from cn_planner.model.plan import Household, Link, PlaceKind, Plan, PublicPlace, Site, SiteRole
from cn_planner.planning.detours import overfull, rates_of
from cn_planner.planning.loads import standing_mbps
from cn_planner.planning.resilience import resilience
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study


@pytest.fixture
def ring() -> Plan:
    """A gateway and two towers, each linked to both others: 10 homes at A, 20 at B; each wants 0.75 Mbit/s."""
    sites = [Site(key, key, 0.0, at, mast_height_m=10.0) for key, at in (("A", 0.01), ("B", 0.02), ("G", 0.0))]
    sites[2] = replace(sites[2], role=SiteRole.GATEWAY)
    homes = [Household(f"H{n}", "", 0.0, 0.03, server="A" if n < 10 else "B") for n in range(30)]
    links = [Link("GA", "G", "A"), Link("GB", "G", "B"), Link("AB", "A", "B")]
    plan = edits.put(Plan(), [*sites, *homes, *links]).plan
    assert plan.demand.busy_hour_mbps == 0.75
    return plan


@pytest.mark.parametrize(
    ("mbps", "full"),
    [
        ({"GA": 23.0, "GB": 23.0, "AB": 16.0}, {}),
        # All 30 over one of them want 22.5.
        ({"GA": 20.0, "GB": 23.0, "AB": 16.0}, {"GA": ("link", "GB", 30.0)}),
        # 20 of B over A want 15; 10 of A over B want 7.5, less than what one home should reach.
        ({"GA": 23.0, "GB": 23.0, "AB": 11.0}, {"AB": ("link", "GB", 20.0)}),
        # What is too full as it stands is told elsewhere.
        ({"GA": 5.0, "GB": 14.0, "AB": 16.0}, {}),
        ({"GA": None, "GB": 23.0, "AB": None}, {}),
    ],
)
def test_links_are_too_full_where_more_moves_to_them_than_they_carry(ring, mbps, full):
    found = overfull(ring, lambda link: mbps[link.id])
    assert {one.link: (one.kind, one.failed, one.homes) for one in found} == full
    for one in found:
        assert one.load_mbps == 0.75 * one.homes
        assert f"each gets {mbps[one.link] / one.homes:.2f} Mbit/s instead of 0.75" in str(one.text)


def test_a_gateway_that_fails_moves_more_than_any_link(ring):
    other = replace(ring.sites["G"], id="G2", name="Other", longitude=0.03)
    plan = edits.put(ring, [other, Link("BG2", "B", "G2")]).plan
    (one,) = overfull(plan, lambda link: 16.0 if link.id == "BG2" else 100.0)
    assert (one.link, one.kind, one.failed, one.homes) == ("BG2", "site", "G", 30.0)
    assert str(one.text).startswith("If the tower G fails, the link B – Other is too full: it carries 16 Mbit/s")


def test_a_second_way_that_would_be_too_full_says_so_before_it_is_built(sample_ground, designed):
    """With more demand than a detour carries: on real ground, by each link's own rate."""
    plan, surface, catalogue = designed.edit.plan, sample_ground[1], load_catalogue()
    busy = replace(plan, demand=replace(plan.demand, mbps_per_home=60.0, contention=24.0))
    found = resilience(Study(busy, surface, catalogue))
    told = [way for way in found.paths.values() if "is too full" in str(way.text)]
    assert told
    for way in told:
        after = way.edit.plan
        new = overfull(after, rates_of(Study(after, surface, catalogue, None)))
        assert any(str(one.text) in str(way.text) for one in new)
        for one in new:
            assert one.rate_mbps == standing_mbps(Study(after, surface, catalogue, None), after.links[one.link])
            assert one.rate_mbps < one.load_mbps
    assert found.as_dict()["overfull"] == []  # nothing moves yet


def test_a_school_that_moves_without_a_home_is_told_by_what_it_takes(ring):
    """Behind AB hangs a school alone: no home to share with."""
    school = PublicPlace("S", "School", 0.0, 0.03, PlaceKind.SCHOOL, server="B", busy_mbps=20.0)
    gone = [key for key, home in ring.households.items() if home.server == "B"]
    plan = edits.put(edits.remove(ring, "households", gone).plan, [school]).plan
    (one,) = overfull(plan, lambda link: 25.0 if link.id == "AB" else 100.0)
    assert (one.link, one.failed, one.homes) == ("AB", "GB", 0.0)
    assert one.load_mbps == pytest.approx(30.0)  # 20 Mbit/s, and half as much more in five years
    assert "carries 25 Mbit/s of the 30" in str(one.text)
