"""What a user would miss: a wage of 25 shillings a day, because the example was in dollars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_network import small_network

from cn_planner.economics.costs import UnitCosts, capital, labour_days, price_notes, site_cost
from cn_planner.economics.prices import amount_of
from cn_planner.i18n import say
from cn_planner.model import edits
from cn_planner.model.plan import Costs, Info, Plan, RelayConsent, SiteRole
from cn_planner.model.settings import change_setting
from cn_planner.planning.relays import with_relays
from cn_planner.planning.result import basis_of
from cn_planner.session.check import check_project
from cn_planner.session.own_entries import add_entry
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue

CATALOGUE = load_catalogue()
RATED = {"currency": "UGX", "exchange_rate": "3600", "exchange_date": "2026-11-20"}


def in_shillings(plan: Plan, **more: str) -> Plan:
    return change_setting(plan, {**RATED, **more}).plan


def test_a_wage_that_nobody_said_is_converted_as_prices_are_and_one_that_was_said_is_not() -> None:
    plan = small_network()
    days = labour_days(UnitCosts(plan, CATALOGUE))
    assert capital(plan, CATALOGUE).total.labour_cents == pytest.approx(days * 25.0 * 100.0, abs=50)
    assert capital(in_shillings(plan), CATALOGUE).total.labour_cents == pytest.approx(
        days * 25.0 * 3600.0 * 100, abs=50
    )
    said = in_shillings(plan, labour_day="20000")
    assert capital(said, CATALOGUE).total.labour_cents == pytest.approx(days * 20_000.0 * 100.0, abs=50)
    assert amount_of(change_setting(said, {"labour_day": ""}).plan, "labour_day") == 90_000.0


def test_the_bill_of_one_tower_in_shillings_is_that_in_dollars_times_the_rate() -> None:
    plan = small_network()
    site = plan.sites["A"]
    dollars, unconfirmed = site_cost(UnitCosts(plan, CATALOGUE), site)
    shillings, _ = site_cost(UnitCosts(in_shillings(plan), CATALOGUE), site)
    assert shillings == pytest.approx(dollars * 3600.0, rel=1e-5)
    said = replace(plan, costs=replace(plan.costs, labour_day=25.0))
    assert site_cost(UnitCosts(said, CATALOGUE), site) == (dollars, unconfirmed - 1)


def test_the_place_of_a_relay_is_converted_too() -> None:
    plan = in_shillings(small_network())
    home = next(iter(plan.households.values()))
    plan = edits.put(plan, [replace(home, relay=RelayConsent.YES)]).plan
    (relay,) = [one for one in with_relays(plan).sites.values() if one.role is SiteRole.RELAY]
    assert relay.build_cost == 60.0 * 3600.0


def test_the_line_under_the_sum_counts_the_wage_among_what_is_an_example() -> None:
    plan = small_network()
    said = replace(plan, costs=replace(plan.costs, labour_day=25.0))
    with_example, without = (int(say(price_notes(one, CATALOGUE)[0]).split()[0]) for one in (plan, said))
    assert with_example == without + 1


def test_prices_that_count_one_to_one_in_another_currency_are_told_with_the_sum() -> None:
    """A plan in Chilean pesos whose price list is in dollars cost 58,154 CLP, some 60 dollars, and said no word."""
    pesos = replace(small_network(), info=replace(small_network().info, currency="CLP"))
    told = [say(one) for one in price_notes(pesos, CATALOGUE)]
    assert told[0] == "Prices in USD are counted one to one as CLP."
    assert told[1] == "Say how many CLP buy one, and of which day that is."
    # Where the rate is said, be it one to one with its day, or all prices are in the plan's own, there is no word.
    for rate in ({"exchange_rate": 950.0}, {"exchange_rate": 1.0, "exchange_date": "2026-12-01"}):
        said = replace(pesos, costs=replace(pesos.costs, **rate))
        assert [say(one) for one in price_notes(said, CATALOGUE)] == told[2:]
    items = {
        key: one if one.price is None else replace(one, price=replace(one.price, currency="CLP"))
        for key, one in CATALOGUE.items.items()
    }
    assert "USD" not in " ".join(say(one) for one in price_notes(pesos, replace(CATALOGUE, items=items)))


def test_what_was_proven_in_dollars_stands_and_in_shillings_the_wage_is_another() -> None:
    plan = small_network()
    said = replace(plan, costs=replace(plan.costs, labour_day=25.0, relay_cost=60.0))
    assert basis_of(plan) == basis_of(said)
    assert basis_of(in_shillings(plan)) != basis_of(in_shillings(plan, labour_day="25"))


def test_check_asks_for_a_wage_that_nobody_said_and_for_the_example_of_another_currency(tmp_path: Path) -> None:
    with Project.create(tmp_path / "one.cnplan.gpkg", in_shillings(small_network())) as project:

        def asked() -> list[str]:
            return [say(one.what) for one in check_project(project) if one.answer == "costs.labour_day"]

        assert asked() == ["What a day of work is paid is not said: an example counts, 90,000 UGX."]
        project.change_settings({"labour_day": "25"})  # as files from before have it
        assert asked() == [
            "Wage for a day of work: 25 UGX stands there, the number of the example in USD. Is it meant?"
        ]
        project.change_settings({"labour_day": "20000"})
        assert asked() == []


def test_check_says_which_prices_count_one_to_one_and_which_do_not_count(tmp_path: Path) -> None:
    """Of a third currency the plan's rate says nothing: such a price is none, and was said to count one to one."""
    pesos = replace(small_network(), info=replace(small_network().info, currency="CLP"))
    with Project.create(tmp_path / "one.cnplan.gpkg", pesos) as project:

        def said() -> list[str]:
            return [what for one in check_project(project) if (what := say(one.what)).startswith("Prices in ")]

        one_to_one, nothing = (
            "Prices in USD are counted one to one as CLP.",
            "Prices in EUR are not counted: no rate to CLP is known.",
        )
        assert said() == [one_to_one]
        mast = {"name": "Mast", "item_class": "mast", "unit": "piece", "price": "90 EUR 2026-11-01 Fair"}
        project.apply(add_entry(project.plan, project.catalogue, "item", mast))
        assert said() == [one_to_one, nothing]
        project.change_settings({"exchange_rate": "950", "exchange_date": "2026-12-01"})
        assert said() == [nothing]


def test_a_rate_of_exchange_does_not_outlive_its_currency() -> None:
    plan = in_shillings(Plan(info=Info(currency="USD")))
    assert (plan.costs.exchange_rate, plan.costs.exchange_date) == (3600.0, "2026-11-20")
    none = (Costs().exchange_rate, Costs().exchange_date)
    for changed in (change_setting(plan, {"info.currency": "EUR"}), edits.change_section(plan, "info", currency="EUR")):
        assert (changed.plan.costs.exchange_rate, changed.plan.costs.exchange_date) == none
    # Whichever comes first in the edit: a rate of the same edit is the new one, and without a day it has none.
    both = change_setting(plan, {"exchange_rate": "0.9", "currency": "EUR"}).plan.costs
    assert (both.exchange_rate, both.exchange_date) == (0.9, "")
    same = change_setting(plan, {"currency": "UGX"}).plan.costs
    assert (same.exchange_rate, same.exchange_date) == (3600.0, "2026-11-20")


def test_check_asks_for_the_rate_anew_and_undo_brings_the_old_one_back(tmp_path: Path) -> None:
    with Project.create(tmp_path / "one.cnplan.gpkg", in_shillings(small_network())) as project:

        def asked() -> bool:
            return any(one.answer == "costs.exchange_rate" for one in check_project(project))

        assert not asked()
        project.change_settings({"currency": "EUR"})
        assert asked()
        assert project.undo()
        assert (project.plan.info.currency, project.plan.costs.exchange_rate) == ("UGX", 3600.0)
        assert not asked()
