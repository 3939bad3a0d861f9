"""The pole on a roof: that of the kit up to 5 m, one of 3 m where the plan's usual antenna is higher."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.costs import UnitCosts, parts_of_home
from cn_planner.model.plan import Demand, Household, Plan
from cn_planner.session.project import NEW_ROOF_M, Project
from cn_planner.storage.catalogue import load_catalogue

SHELF = load_catalogue()
HOME = Household("H", "", 0.0, 0.0)


def items(antenna_m: float, home: Household = HOME) -> dict[str, float]:
    costs = UnitCosts(Plan(demand=Demand(antenna_height_m=antenna_m)), SHELF)
    return {part.item: part.quantity for part in parts_of_home(costs, home)}


def test_a_plan_of_before_keeps_its_short_poles_and_a_new_one_has_those_of_3_m(tmp_path):
    assert items(5.0)["roof-pole"] == 1.0
    assert "roof-pole-3m" not in items(5.0)
    assert items(NEW_ROOF_M)["roof-pole-3m"] == 1.0
    assert "roof-pole" not in items(NEW_ROOF_M)
    with Project.new(tmp_path / "new", name="New", country="KE") as project:
        assert project.plan.demand.antenna_height_m == NEW_ROOF_M == 5.0 + (3.0 - 1.5)
    assert Plan().demand.antenna_height_m == 5.0


def test_the_price_is_that_of_the_other_pole():
    low, high = (UnitCosts(Plan(demand=Demand(antenna_height_m=m)), SHELF).home(HOME).total for m in (5.0, 6.5))
    poles = [SHELF.items[key].price.amount for key in ("roof-pole", "roof-pole-3m")]
    assert poles[1] > poles[0]
    # With 8 % for transport, and 10 % of all that for what is not foreseen.
    assert high - low == pytest.approx((poles[1] - poles[0]) * 1.08 * 1.1, abs=0.02)


def test_a_height_that_was_given_and_a_mast_of_its_own_change_nothing():
    for home in (replace(HOME, antenna_height_m=8.0), replace(HOME, on_pole=True)):
        assert "roof-pole-3m" not in items(6.5, home)
