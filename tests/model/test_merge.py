"""Two people's work comes together: nothing is lost, the order does not matter, and what clashes is named."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from merge_examples import hold, run_of_edits, start

from cn_planner.model import edits
from cn_planner.model.equipment import OwnPrice, Price
from cn_planner.model.measurement import Calibration, Residual
from cn_planner.model.merge import Take, merge_plans
from cn_planner.model.plan import Household, Link, Plan, Sector, Site


@pytest.mark.parametrize("seed", range(300))
def test_random_pairs_of_edit_runs(seed: int) -> None:
    draw = random.Random(seed)
    base = run_of_edits(start(), draw, draw.randrange(3))
    hold(base, *(run_of_edits(base, draw, draw.randrange(1, 9)) for _ in range(2)))


def changed(plan: Plan, key: str, **values: object) -> Plan:
    table = next(name for name in ("sites", "households", "links") if key in getattr(plan, name))
    return edits.put(plan, [replace(getattr(plan, table)[key], **values)]).plan


def test_what_does_not_touch_comes_together_within_one_row_too() -> None:
    base = start()
    found = hold(base, changed(base, "s1", owner="Asha"), changed(base, "s1", mast_height_m=18.0))
    assert found.conflicts == ()
    assert (found.plan.sites["s1"].owner, found.plan.sites["s1"].mast_height_m) == ("Asha", 18.0)


def test_what_both_did_alike_stands_once() -> None:
    base = start()
    one = changed(base, "h1", note="big dog")
    found = hold(base, one, one)
    assert (found.from_mine, found.from_theirs, found.both_alike) == (0, 0, 1)
    assert found.plan == one


def test_a_home_has_the_tower_and_the_kit_of_one_of_both() -> None:
    base = changed(start(), "h1", client_kit="far-home-5ghz")
    mine, theirs = changed(base, "h1", server="s2", client_kit=""), changed(base, "h1", server="s3")
    for take, pair in ((Take.MINE, ("s2", "")), (Take.THEIRS, ("s3", "far-home-5ghz"))):
        home = merge_plans(base, mine, theirs, take).plan.households["h1"]
        assert (home.server, home.client_kit) == pair


def test_whose_tower_goes_loses_the_kit_that_was_chosen_for_it() -> None:
    base = changed(start(), "h1", client_kit="far-home-5ghz")
    gone = edits.remove(base, "sites", ["s1"]).plan
    home = gone.households["h1"]
    assert (home.server, home.client_kit) == (None, "")
    merged = merge_plans(base, gone, changed(base, "h1", note="big dog"), Take.MINE).plan.households["h1"]
    assert (merged.server, merged.client_kit, merged.note) == (None, "", "big dog")


def test_what_both_say_can_be_told_apart_by_who_is_asked() -> None:
    """In words that stand in the plan: sectors by what they are, rows by what differs, what was learned by how much."""
    base = start()
    mine, theirs = (changed(base, "s1", sectors=(Sector("a", "village-sector-5ghz", at),)) for at in (30.0, 120.0))
    (one,) = merge_plans(base, mine, theirs).conflicts
    assert [one.mine, one.theirs] == [f"a village-sector-5ghz {at} 0.0" for at in (30.0, 120.0)]
    (one,) = merge_plans(base, mine, changed(base, "s1", sectors=(Sector("b", "k", 5.0),))).conflicts
    assert "(" not in one.mine + one.theirs
    many = tuple(Sector(f"s{n}", "village-sector-5ghz", 30.0 * n) for n in range(12))  # those that differ come last
    mine, theirs = (changed(base, "s1", sectors=(*many, Sector("z", "k", at))) for at in (30.0, 120.0))
    (one,) = merge_plans(base, mine, theirs).conflicts
    assert [said.rpartition("; ")[2] for said in (one.mine, one.theirs)] == [f"z k {at} 0.0" for at in (30.0, 120.0)]
    assert max(len(one.mine), len(one.theirs)) < 210
    row = Residual(-1.4, 36.5, 0, 5500.0, 900.0, 3.0, 1.0, 2.0, 9.0)
    learned = [replace(base, calibration=Calibration(("s1",), (row,) * n)) for n in (1, 7)]
    (one,) = merge_plans(base, *learned).conflicts
    assert (one.mine, one.theirs) == ("s1 (1)", "s1 (7)")
    learned = [replace(base, calibration=Calibration(("s1",), (row,), range_m=far)) for far in (200.0, 300.0)]
    (one,) = merge_plans(base, *learned).conflicts
    assert (one.mine, one.theirs) == ("range_m 200.0", "range_m 300.0")
    priced = [
        edits.change_section(base, "shelf", prices=(OwnPrice("rope", Price(cost, "USD", "2026-11-29", "shop")),)).plan
        for cost in (2.0, 3.0)
    ]
    (one,) = merge_plans(base, *priced).conflicts
    assert [said[:29] for said in (one.mine, one.theirs)] == [
        f"price {cost} USD 2026-11-29 shop" for cost in (2.0, 3.0)
    ]


def test_one_moved_north_and_the_other_east_is_a_conflict_of_the_place() -> None:
    base = start()
    found = hold(base, changed(base, "h1", latitude=-1.5), changed(base, "h1", longitude=36.6))
    (conflict,) = found.conflicts
    assert str(conflict.what) == "home Home 1, latitude, longitude"
    assert (conflict.mine, conflict.theirs, conflict.taken) == ("-1.5, 36.501", "-1.41, 36.6", None)
    assert (found.from_mine, found.from_theirs, found.both_alike) == (0, 0, 0), "what is undecided came from nobody"
    more = hold(base, changed(base, "h1", latitude=-1.5), changed(base, "h1", longitude=36.6, note="tall"))
    assert (more.from_mine, more.from_theirs, len(more.conflicts)) == (0, 1, 1)


@pytest.mark.parametrize("take", Take)
def test_a_site_that_one_removed_and_the_other_built_on(take: Take) -> None:
    base = start()
    mine = edits.remove(base, "sites", ["s4"]).plan
    theirs = edits.put(base, [Link("new", "s0", "s4"), replace(base.households["h0"], server="s4")]).plan
    assert hold(base, mine, theirs).conflicts
    found = merge_plans(base, mine, theirs, take)
    assert ("s4" in found.plan.sites) == ("new" in found.plan.links) == (take is Take.THEIRS)
    assert found.plan.households["h0"].server == (None if take is Take.MINE else "s4")


def test_two_new_things_of_one_id_stand_beside_each_other_and_keep_what_refers_to_them() -> None:
    base = start()
    mine = edits.put(base, [Site("new", "Church", -1.4, 36.51)]).plan
    mine = edits.put(mine, [Household("a", "A", -1.4, 36.511, server="new")]).plan
    theirs = edits.put(base, [Site("new", "Water tower", -1.45, 36.55)]).plan
    theirs = edits.put(theirs, [Household("b", "B", -1.45, 36.551, server="new")]).plan
    found = hold(base, mine, theirs)
    assert found.conflicts == ()
    names = {home.id: found.plan.sites[home.server or ""].name for home in found.plan.households.values()}
    assert (names["a"], names["b"]) == ("Church", "Water tower")


def test_one_new_thing_that_both_wrote_down_is_one() -> None:
    base = start()
    mine, theirs = (edits.put(base, [Household("new", "Asha", -1.4, 36.51, note=said)]).plan for said in ("", "tall"))
    found = hold(base, mine, theirs)
    assert [str(one.what) for one in found.conflicts] == ["home Asha, note"]
