"""What room for year five costs: three plans of the real planner, held against each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.errors import CancelledError, InputError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Choice, Household, Plan, Rules, Site, SiteRole, Uplink
from cn_planner.planning.design import design as plan_design
from cn_planner.planning.year_five import YearFive, YearFiveAir
from cn_planner.progress import CancelToken, Run
from cn_planner.session.growth import WAYS, GrowthWay, growth_advice, growth_ways, no_dearer, with_way
from cn_planner.session.network import plan_clock, plan_network, told_later
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.planning.result import Design


@pytest.fixture(scope="module")
def small() -> Design:
    """A gateway and eight homes on flat ground, planned."""
    gate = Site("G", "", -1.45, 36.55, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 1000.0, 90.0))
    homes = [Household(f"h{n}", "", *destination(-1.45, 36.55, 40.0 * n, 900.0)) for n in range(8)]
    plan = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(12.0,), cover=1.0))
    return plan_design(Study(edits.put(plan, [gate, *homes]).plan, flat_ground(), load_catalogue()))


def test_three_plans_of_which_that_with_room_costs_no_more_than_all_bought_now(valley):
    half = [key for n, key in enumerate(valley.plan.households) if n % 2]
    valley.apply(edits.remove(valley.plan, "households", half))
    free = [site for site in valley.plan.sites.values() if site.role is SiteRole.CANDIDATE]
    plan = edits.put(valley.plan, [replace(site, choice=Choice.FORBIDDEN) for site in free[2:]]).plan
    demand = replace(plan.demand, mbps_per_home=40.0, contention=5.0, growth_pct=100.0, more_homes_pct=20.0)
    valley.apply(edits.change_section(plan, "demand", **{
        name: getattr(demand, name) for name in ("mbps_per_home", "contention", "growth_pct", "more_homes_pct")
    }))  # fmt: skip
    before = valley.plan
    found = growth_ways(valley.snapshot())
    assert tuple(one.key for one in found) == WAYS
    today, room, whole = found
    for less, more in ((today.design, room.design), (room.design, whole.design)):
        assert less.capex <= more.capex or more.served < less.served
    for one in found:
        assert one.design.edit is not None
        assert one.design.capex == pytest.approx(capital(one.design.edit.plan, valley.catalogue).total.total)
        assert one.as_dict()["capex"] == round(one.design.capex, 2)
    assert valley.plan is before
    assert (today.later, whole.later.towers) == (None, ())
    assert room.later.homes == pytest.approx(0.2 * room.design.served)
    demands = [one.design.edit.plan.demand for one in found]
    assert [one.grow_later for one in demands] == [False, True, False]
    assert demands[0].growth == 1.0
    for tower in room.later.towers:
        assert tower.later > tower.now == len(room.design.edit.plan.sites[tower.site].sectors)
        assert tower.cost > 0.0
    said = [str(note) for note in room.design.notes]
    assert any(one.startswith("In five years: ") for one in said)
    # Who is then heard is known of both, and told of; of all bought now it is whom the plan counts as served.
    for one in (room, whole):
        air = one.later.air
        assert one.as_dict()["later"]["air"] == air.as_dict()
        assert air.homes == pytest.approx(one.design.served)
        assert one.heard_then == one.design.served - air.lost
        assert sum("What others send then nobody knows." in str(note) for note in one.design.notes) == 1
    assert whole.later.air.usable
    assert (growth_advice(found, "USD") is None) == room.later.air.usable


def test_what_to_take_is_told_where_room_is_of_no_use_on_air(small):
    def ways(room_lost: float, all_lost: float) -> tuple[GrowthWay, ...]:
        lost = {"room": room_lost, "all": all_lost}
        return tuple(
            GrowthWay(key, replace(small, capex=small.capex + 50.0 * n), None if key == "today" else YearFive(
                air=YearFiveAir(small.served, lost[key], ("h",) if lost[key] else ())))
            for n, key in enumerate(WAYS)
        )  # fmt: skip

    assert growth_advice(ways(0.0, 0.0), "USD") is None
    served = f"{small.served:,.0f}"
    words = str(growth_advice(ways(3.0, 0.0), "USD"))
    assert f"With room left, {small.served - 3.0:,.0f} homes get in year five" in words
    assert f"all bought now {served}: it costs 50 USD more." in words
    words = str(growth_advice(ways(3.0, 3.0), "USD"))
    assert "with all bought now no more" in words
    assert "A kit of another band" in words
    # A plan with all bought now that costs less is one that reaches fewer today.
    today, room, whole = ways(3.0, 0.0)
    fewer = replace(whole, design=replace(whole.design, capex=small.capex, served=small.served - 1.0))
    words = str(growth_advice((today, room, fewer), "USD"))
    assert f"With all bought now {small.served - 1.0:,.0f} do, for 50 USD less" in words
    assert f"fewer homes are reached today: {small.served - 1.0:,.0f} in place of {served}." in words
    unknown = tuple(replace(one, later=YearFive()) for one in ways(3.0, 0.0))
    assert growth_advice(unknown, "USD") is None


def test_where_the_time_ends_first_it_is_said_that_the_channels_were_not_looked_at(network, small):
    plan = replace(network.plan, demand=replace(network.plan.demand, grow_later=True))
    there, token = network.workspace.snapshot(plan), CancelToken()

    def ends(_done: float, doing: object = None) -> None:
        if str(doing).startswith("Looking on which channels"):
            token.cancel()

    told = told_later(there, small, Run(progress=ends, cancel=token))
    assert told.later is not None
    assert told.later.air is None
    assert told.later.as_dict()["air"] is None
    assert "was not looked at: there was no time left" in str(told.notes[-1])


def test_year_five_has_its_share_of_the_clock(valley):
    usual = valley.plan
    later = replace(usual, demand=replace(usual.demand, grow_later=True))
    whole, some = plan_clock(100.0, usual), plan_clock(100.0, later)
    assert whole.end - some.end == pytest.approx(15.0, abs=0.5)
    assert whole.last == pytest.approx(some.last, abs=0.5)
    assert not plan_clock(None, later).running


def test_a_way_that_is_none_and_a_cancel_are_told(valley):
    with pytest.raises(InputError, match="no way tomorrow"):
        with_way(valley.plan, "tomorrow")
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        growth_ways(valley.snapshot(), run=Run(cancel=token))


def test_what_the_search_found_for_less_with_more_bought_is_the_plan_of_the_way_that_asks_for_less(valley):
    """The search stops short of the best: "with room" is never told to cost more than all of it bought now."""

    def planned(key, most_m):
        rules = replace(valley.plan.rules, mast_heights_m=(most_m,), cover=0.3)
        plan = replace(with_way(valley.plan, key), rules=rules)
        return plan_network(valley.workspace.snapshot(plan))

    room, whole = planned("room", 30.0), planned("all", 18.0)
    room = replace(room, served=whole.served)  # as if it had served no more
    assert whole.capex < room.capex
    taken = no_dearer(room, whole, valley.catalogue)
    assert (taken.capex, taken.served, taken.lower_bound) == (whole.capex, whole.served, room.lower_bound)
    made = taken.edit.plan
    assert capital(made, valley.catalogue).total.total == pytest.approx(whole.capex)
    assert made.demand == room.edit.plan.demand
    assert made.demand.grow_later
    assert taken.gap == pytest.approx((whole.capex - room.lower_bound) / whole.capex)
    assert (made.outcome.lower_bound, made.outcome.gap) == (taken.lower_bound, taken.gap)
    assert no_dearer(whole, room, valley.catalogue) is whole
    assert no_dearer(replace(room, served=room.served + 1.0), whole, valley.catalogue).capex == room.capex
