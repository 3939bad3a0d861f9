"""What room for year five costs: three plans of the real planner, held against each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.costs import capital
from cn_planner.errors import CancelledError, InputError
from cn_planner.model import edits
from cn_planner.model.plan import Choice, SiteRole
from cn_planner.progress import CancelToken, Run
from cn_planner.session.growth import WAYS, growth_ways, no_dearer, with_way
from cn_planner.session.tasks import plan_network


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
    assert any(one.startswith("In five years come ") for one in said)


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
