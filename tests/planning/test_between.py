"""A tower between two others: splitting a link, and a place that both ends see, over ground made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cn_planner.economics.costs import capital
from cn_planner.errors import CancelledError, InputError
from cn_planner.geo import WGS84, geodesic
from cn_planner.gis.raster import RasterGrid
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.plan import Area, Choice, Link, Plan, Site, SiteRole, Uplink, Zone
from cn_planner.planning import between
from cn_planner.planning.between import find_relays, split_link
from cn_planner.progress import CancelToken, Run
from cn_planner.service.joined import hops
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

STEP = 0.001
ROWS = COLUMNS = 161
WEST, NORTH = 36.45, -1.42
SHELF = load_catalogue()
MIDDLE = NORTH - STEP * 80


def ground(heights: np.ndarray) -> Surface:
    corner = (STEP, 0.0, WEST, 0.0, -STEP, NORTH)
    return Surface([RasterGrid("made", heights.astype(np.float32), WGS84, corner, "", "invented", "CC0")])


def plain() -> np.ndarray:
    return np.full((ROWS, COLUMNS), 500.0)


def ridge(top_m: float = 560.0, hill_m: float = 640.0) -> np.ndarray:
    """A wall from north to south in the middle, with a hill upon it some way north of the straight line."""
    made = plain()
    across = np.abs(np.arange(COLUMNS) - 80.0)
    made += np.maximum(0.0, (top_m - 500.0) * (1.0 - across / 6.0))
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    away = np.hypot(row - 60.0, column - 80.0)
    return np.maximum(made, 500.0 + np.maximum(0.0, (hill_m - 500.0) * (1.0 - away / 14.0)))


def study(heights: np.ndarray, *more: object) -> Study:
    sites = [
        Site("A", "Ash", MIDDLE, WEST + 30 * STEP, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=12.0),
        Site("B", "Birch", MIDDLE, WEST + 130 * STEP, mast_height_m=12.0),
    ]
    plan = edits.put(Plan(area=Area(canopy_m=0.0)), [*sites, Link("L1", "A", "B", freq_mhz=5510.0), *more]).plan
    return Study(plan, ground(heights), SHELF)


def test_a_link_is_split_where_it_is_pointed_at():
    asked = study(plain())
    found = split_link(asked, "L1", 0.25, "Half way")
    plan, site = found.edit.plan, found.site
    whole = geodesic(MIDDLE, WEST + 30 * STEP, MIDDLE, WEST + 130 * STEP).distance_m
    there = geodesic(MIDDLE, WEST + 30 * STEP, site.latitude, site.longitude).distance_m
    assert there == pytest.approx(0.25 * whole, abs=1.0)
    assert "L1" not in plan.links
    first, second = (plan.links[key] for key in found.links)
    assert (first.from_site, first.to_site, second.from_site, second.to_site) == ("A", site.id, site.id, "B")
    assert (first.freq_mhz, second.freq_mhz) == (5510.0, None)
    assert plan.sites[site.id].name == "Half way"
    assert plan.sites[site.id].mast_height_m in plan.rules.mast_heights_m
    assert str(found.edit.label) == "split link Ash – Birch at Half way"
    # By hand, on a plain: with a mast m higher or lower nothing but the middle of each half counts.
    for length, here in ((0.25 * whole, first), (0.75 * whole, second)):
        middle = (12.0 + site.mast_height_m) / 2.0 - (length / 2.0) ** 2 / (2.0 * 4.0 / 3.0 * 6.371e6)
        radius = math.sqrt(299.792458 / 5510.0 * length / 4.0)
        assert middle >= asked.plan.rules.clearance_f1 * radius, here
    assert found.clearance_f1 >= asked.plan.rules.clearance_f1


def test_on_a_ridge_the_lowest_mast_that_clears_is_suggested():
    asked = study(ridge(540.0, 540.0))
    found = split_link(asked, "L1", 0.5, "Top")
    assert found.site.mast_height_m == min(asked.plan.rules.mast_heights_m)
    assert "both halves are clear" in str(found.note)
    # A third of the way the ridge hides the far end whatever the mast: that is said, with why.
    behind = split_link(asked, "L1", 0.3, "Foot")
    assert behind.verdict is Verdict.BLOCKED
    assert "No mast of the rules clears both halves" in str(behind.note)


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.002, 0.999, 1.0, 7.0])
def test_at_an_end_nothing_is_split(share):
    with pytest.raises(InputError, match="itself"):
        split_link(study(plain()), "L1", share, "x")


def test_where_nothing_may_be_built_nothing_is_split():
    lon = WEST + 80 * STEP
    ring = tuple((MIDDLE + a * 0.01, lon + b * 0.01) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1)))
    with pytest.raises(InputError, match="nothing may be built"):
        split_link(study(plain(), Zone("Z", "Grove", ring=ring, no_build=True)), "L1", 0.5, "x")


def test_no_such_link():
    with pytest.raises(InputError, match="no link"):
        split_link(study(plain()), "L9", 0.5, "x")


def test_a_hill_that_both_see_is_found_and_taken_in_one_edit():
    asked = study(ridge())
    found = find_relays(asked, "B", "A", name="Hill")
    best = found.options[0]
    hill = NORTH - STEP * 60.5, WEST + 80.5 * STEP
    assert geodesic(*hill, best.site.latitude, best.site.longitude).distance_m < 600.0
    assert (best.known, best.site.name) == (False, "Hill")
    assert found.miss is None
    costs = [one.cost for one in found.options if one.clearance_f1 >= asked.plan.rules.clearance_f1]
    assert costs == sorted(costs)
    plan = best.edit.plan
    assert {frozenset((one.from_site, one.to_site)) for one in plan.links.values()} == {
        frozenset(("A", best.site.id)), frozenset((best.site.id, "B")),
    }  # fmt: skip
    assert str(best.edit.label) == "lead Ash – Birch over Hill"
    # The same, bit for bit.
    again = find_relays(asked, "A", "B", name="Hill")
    assert [(one.site, one.cost, one.clearance_f1) for one in again.options] == [
        (one.site, one.cost, one.clearance_f1) for one in found.options
    ]


def test_places_of_the_plan_count_and_what_stands_is_not_lowered():
    lat, lon = NORTH - STEP * 60.5, WEST + 80.5 * STEP
    found = find_relays(study(ridge(), Site("C", "Cedar", lat, lon, mast_height_m=24.0)), "A", "B")
    best = found.options[0]
    assert (best.site.id, best.known, best.site.mast_height_m) == ("C", True, 24.0)
    forbidden = Site("C", "Cedar", lat, lon, choice=Choice.FORBIDDEN)
    assert all(one.site.id != "C" for one in find_relays(study(ridge(), forbidden), "A", "B").options)


def test_where_no_relay_is_the_nearest_miss_is_told():
    deep = plain()
    deep[:, 70:91] = 1500.0  # a table mountain, whose top sees neither foot
    found = find_relays(study(deep, Site("C", "Cedar", MIDDLE + 0.01, WEST + 60 * STEP)), "A", "B")
    assert found.options == ()
    assert str(found.miss).startswith("The nearest miss is ")
    assert found.looked > 0


def test_on_a_plain_without_places_there_is_nothing_to_look_at():
    found = find_relays(study(plain()), "A", "B")
    assert (found.options, found.looked) == ((), 0)
    assert str(found.miss) == "No hilltop and no place of the plan lies between them."


def test_ends_at_one_place():
    asked = study(plain())
    sites = [replace(asked.plan.sites["B"], latitude=MIDDLE, longitude=WEST + 30 * STEP)]
    there = replace(asked, plan=edits.put(asked.plan, sites).plan)
    for ask in (lambda: find_relays(there, "A", "B"), lambda: split_link(there, "L1", 0.5, "x")):
        with pytest.raises(InputError, match="stand at one place"):
            ask()
    with pytest.raises(InputError, match="stand at one place"):
        find_relays(asked, "A", "A")
    with pytest.raises(InputError, match="no place"):
        find_relays(asked, "A", "Z")


def test_missing_terrain_is_said_not_guessed():
    hole = ridge()
    hole[:, 60:] = np.nan
    asked = study(hole, Site("C", "Cedar", MIDDLE + 0.01, WEST + 70 * STEP))
    with pytest.raises(InputError, match="terrain on the way is not known"):
        split_link(asked, "L1", 0.5, "x")
    found = find_relays(asked, "A", "B")
    assert found.options == ()
    assert "not known" in str(found.miss)
    nowhere = replace(asked, surface=Surface([]))
    assert "not known" in str(find_relays(nowhere, "A", "B").miss)


def test_a_cancel_ends_the_search():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        find_relays(study(ridge()), "A", "B", run=Run(cancel=cancel))


def test_the_cheapest_is_first_though_many_are_clearer():
    """Of more than thirty-six that are clear only the clearest were priced: a mast that stands already was left out."""
    many = [
        Site(f"P{n:02d}", "", MIDDLE + STEP * (n % 7 - 3), WEST + STEP * (77 + n // 7)) for n in range(42)
    ]  # fmt: skip
    stands = Site("C", "Cedar", MIDDLE + STEP * 30, WEST + STEP * 80, mast_height_m=6.0)
    found = find_relays(study(plain(), *many, stands), "A", "B")
    assert found.looked == 43
    first, *rest = found.options
    assert first.site.id == "C"
    assert all(one.cost > first.cost and one.clearance_f1 > first.clearance_f1 for one in rest)


@pytest.mark.parametrize("heights", [ridge(), ridge(640.0, 640.0)])
def test_what_is_clear_is_the_same_where_nothing_else_is_judged(heights, monkeypatch):
    """The page of a link offers what is clear, or nothing: the rest is not judged for it."""
    low = Site("C", "Cedar", MIDDLE + STEP * 60, WEST + STEP * 60, max_height_m=6.0)
    asked = study(heights, low)
    every = find_relays(asked, "A", "B").options
    clear = [one for one in every if one.clearance_f1 >= asked.plan.rules.clearance_f1 - 1e-9]
    seen = []
    whole = between.path_view
    monkeypatch.setattr(between, "path_view", lambda *ends, **more: seen.append(ends[2]) or whole(*ends, **more))
    found = find_relays(asked, "A", "B", only_clear=True)
    assert [(one.site, one.cost, one.clearance_f1) for one in found.options] == [
        (one.site, one.cost, one.clearance_f1) for one in clear
    ]
    assert found.miss is None
    assert len(seen) == 2 * len(set(seen))  # from either end, with one mast
    assert bool(seen) == bool(clear)


def test_what_it_costs_is_what_the_bill_grows_by():
    """Counted anew, bill by bill: with places of the plan, one that stands, and the link that goes."""
    places = [Site("C", "Cedar", MIDDLE, WEST + 80 * STEP, mast_height_m=6.0), Site("D", "", MIDDLE, WEST + 70 * STEP)]
    for link in ((), ("L1",)):
        asked = study(plain(), *places)
        asked = replace(asked, plan=edits.remove(asked.plan, "links", list(link)).plan if link else asked.plan)
        before = capital(asked.plan, SHELF).total.total
        options = find_relays(asked, "A", "B").options
        assert {one.site.id for one in options} == {"C", "D"}
        for one in options:
            assert one.cost == pytest.approx(capital(one.edit.plan, SHELF).total.total - before, abs=0.001)
            assert one.unpriced == ()


def test_what_has_no_price_is_said():
    radio = SHELF.radios[SHELF.kit(Plan().kits.backhaul).radio]
    free = {key: replace(one, price=None) if key == radio.id else one for key, one in SHELF.items.items()}
    shelf = replace(SHELF, items=free)
    found = find_relays(replace(study(ridge()), catalogue=shelf), "A", "B")
    assert {one.unpriced for one in found.options} == {(radio.id,)}


def test_a_relay_for_a_link_that_was_forbidden_is_one():
    """The straight way was left out by hand; the way over a hill inherited that, and its links counted for nothing."""
    asked = study(ridge(), Link("L1", "A", "B", choice=Choice.FORBIDDEN))
    best = find_relays(asked, "A", "B", name="Hill").options[0]
    plan = best.edit.plan
    assert {one.choice for one in plan.links.values()} == {Choice.FREE}
    assert len(plan.standing_links) == len(plan.links) == 2
    assert hops(plan) == {"A": 0, best.site.id: 1, "B": 2}
    split = split_link(asked, "L1", 0.5, "Top").edit.plan
    assert len(split.standing_links) == 2


def test_towers_beyond_the_rules_links_are_told_and_come_last():
    """C hangs on B: with a tower between A and B it is three links from the gateway, and two are allowed."""
    lon = WEST + 130 * STEP
    more = [Site("C", "Cedar", MIDDLE + 10 * STEP, lon, mast_height_m=12.0), Link("L2", "B", "C")]
    asked = study(plain(), *more, Site("P", "Pine", MIDDLE, WEST + 80 * STEP))
    assert [one.warning for one in find_relays(asked, "A", "B").options] == [None, None]
    asked = replace(asked, plan=replace(asked.plan, rules=replace(asked.plan.rules, max_hops=2)))
    found = find_relays(asked, "A", "B").options
    assert [one.site.id for one in found] == ["C", "P"]  # over Cedar nobody is further than before
    said = "Cedar is then 3 links from a gateway; the rules of the plan allow 2."
    assert [one.warning and str(one.warning) for one in found] == [None, said]
    assert str(split_link(asked, "L1", 0.5, "x").note).endswith(said)
