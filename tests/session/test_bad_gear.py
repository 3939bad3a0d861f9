"""What a user would miss: an entry, a limit or a price that cannot be, taken in silence or answered by an invention."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from small_network import small_network

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.model.equipment import OwnPrice, OwnShelf, Price
from cn_planner.model.own_entries import with_own
from cn_planner.model.plan import Plan
from cn_planner.model.regulations import own_limits
from cn_planner.session.check import check_project
from cn_planner.session.own_entries import copy_entry
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules

SHELF = load_catalogue()


@pytest.mark.parametrize(
    ("key", "texts", "said"),
    [
        ("litebeam-5ac-gen2", {"most_chain_dbm": "30"}, "do not make 25 dBm together"),
        ("litebeam-5ac-gen2", {"most_chain_dbm": "12"}, "do not make 25 dBm together"),
        ("litebeam-5ac-gen2", {"least_tx_power_dbm": "26"}, "The least power is 26 dBm and the greatest 25"),
        ("litebeam-5ac-gen2", {"idle_power_w": "9"}, "idle_power_w"),
        ("litebeam-5ac-gen2", {"poe_v": "48-24"}, "from low to high"),
        ("litebeam-5ac-gen2-antenna", {"gain_dbi": "8"}, "far too little"),
        ("litebeam-5ac-gen2-antenna", {"gain_dbi": "35"}, "does not go with"),
        ("litebeam-5ac-16-120-antenna", {"stated_at_db": "3"}, "at half power"),
    ],
)
def test_an_own_entry_that_contradicts_itself_is_refused_in_words(key: str, texts: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as refused:
        copy_entry(Plan(), SHELF, key, {"name": "Mine", **texts})
    assert said in str(refused.value)
    assert "Correct the figure" in say(refused.value.fix)


def test_a_limit_for_1_mhz_alone_leaves_each_channel_what_its_width_makes_of_it() -> None:
    (limit,) = own_limits("5150-5350 MHz 10 dBm/MHz EIRP DFS")
    for width in (5.0, 20.0, 80.0):
        assert limit.eirp_dbm(23.0, width) == pytest.approx(10.0 + 10.0 * math.log10(width), abs=0.01)
    assert limit.dfs
    (milliwatts,) = own_limits("5725-5875 MHz 200 mW / MHz EIRP 20 wide")
    assert milliwatts.eirp_dbm(0.0, 20.0) == pytest.approx(23.01 + 13.01, abs=0.02)
    assert not milliwatts.holds(5800.0, 40.0)
    (dipole,) = own_limits("470-694 MHz 10 dBm/MHz ERP")
    assert dipole.density_dbm_mhz == pytest.approx(12.15)


@pytest.mark.parametrize(
    "text", ["5150-5350 MHz 10 dBm/kHz EIRP", "5150-5350 MHz /MHz EIRP", "5150-5150 MHz 1 dBm/MHz EIRP"]
)
def test_a_density_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        own_limits(text)


def test_a_country_without_a_text_is_unknown_and_nothing_stands_in_for_it(tmp_path: Path) -> None:
    assert load_country_rules("CD") is None
    with Project.create(tmp_path / "a.cnplan.gpkg", small_network(country="CD")) as project:
        assert project.country_rules is None
        said = [say(one.what) for one in check_project(project)]
    assert any("CD" in one for one in said), said


def test_a_price_in_a_third_currency_counts_as_nothing_and_is_named() -> None:
    euros = OwnShelf(prices=(OwnPrice("mast-bracket", Price(20.0, "EUR", "2026-11-01", "a shop", example=False)),))
    plan = replace(small_network(currency="UGX"), shelf=euros)
    plan = replace(plan, costs=replace(plan.costs, exchange_rate=3700.0))
    costs = UnitCosts(plan, with_own(SHELF, euros))
    assert costs.price("mast-bracket") == 0.0
    assert "mast-bracket" in costs.unpriced
    assert costs.price("earth-rod") == pytest.approx(18.0 * 3700.0)


def test_prices_of_years_far_apart_are_not_added_up_in_silence(tmp_path: Path) -> None:
    old = OwnPrice("mast-bracket", Price(9.0, "USD", "2019-05-01", "a shop", example=False))
    fresh = OwnPrice("mast-bracket", Price(9.0, "USD", "2025-12-01", "a shop", example=False))
    for number, (price, expected) in enumerate(((old, True), (fresh, False))):
        plan = replace(small_network(country="UG"), shelf=OwnShelf(prices=(price,)))
        with Project.create(tmp_path / f"{number}.cnplan.gpkg", plan) as project:
            said = [say(one.what) for one in check_project(project)]
            assert capital(project.plan, project.catalogue).total.total > 0.0
        assert any("Prices of 2019 are added to prices of 2026: Bracket" in one for one in said) is expected
