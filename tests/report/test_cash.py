"""Money over five years and by month, counted again in another way; nothing is guessed where prices are not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import small_network

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.model import edits
from cn_planner.model.equipment import OwnShelf, Part, Price
from cn_planner.model.plan import Costs, PowerSource, Status
from cn_planner.planning.phases import five_years, phases
from cn_planner.report.build import build_report
from cn_planner.report.cash import cash_flow, repayment
from cn_planner.report.money_notes import cash_notes, phase_notes, rate_notes
from cn_planner.report.work_records import PhaseRecord
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

SHELF = load_catalogue()


def phase(number: int, homes: float, so_far: float, cost: float, begins: int, on_air: int, month: float) -> PhaseRecord:
    return PhaseRecord(number, (f"T{number}",), (), homes, so_far, cost, 0.0, begins, on_air, month, 10.0 * number)


TWO = (phase(1, 40.0, 40.0, 9_000.0, 1, 7, 200.0), phase(2, 23.0, 63.0, 4_000.55, 7, 13, 260.0))


def cash_by_hand(costs: Costs, two: tuple[PhaseRecord, ...], fee: float) -> list[float]:
    """The same five years as a ledger of dated payments."""
    dearer = 1 + costs.inflation_pct / 100
    ledger = [(1, costs.grant + costs.loan)]
    ledger += [(one.begins, -one.cost * dearer ** ((one.begins - 1) // 12)) for one in two]
    for month in range(1, 61):
        up = [one for one in two if one.on_air <= month]
        if up:
            ledger.append((month, int(up[-1].homes_so_far * costs.uptake_pct / 100) * fee))
            ledger.append((month, -up[-1].month * dearer ** ((month - 1) // 12)))
    owed, rate = costs.loan, costs.loan_interest_pct / 1200
    for month in range(1, 12 * costs.loan_years + 1):
        back = repayment(costs.loan, costs.loan_interest_pct, costs.loan_years)
        owed = owed * (1 + rate) - back
        if month <= 60:
            ledger.append((month, -back))
    assert owed == pytest.approx(0.0, abs=1e-6)  # after its years the loan is paid
    return [sum(amount for when, amount in ledger if when <= month) for month in range(1, 61)]


@pytest.mark.parametrize(
    "costs",
    [
        Costs(),
        Costs(grant=5_000.0, loan=8_000.0, loan_interest_pct=9.0, loan_years=3, inflation_pct=6.0, uptake_pct=70.0),
        Costs(loan=13_000.0, loan_years=10, fee_month=11.37, uptake_pct=35.0),
    ],
)
def test_five_years_are_what_a_ledger_of_dated_payments_says(costs: Costs):
    found = cash_flow(costs, TWO, 260.0)
    assert found is not None
    assert found.fee is not None
    by_hand = cash_by_hand(costs, TWO, found.fee)
    assert [one.cash for one in found.months] == pytest.approx(by_hand, abs=0.6)  # sixty months of cents
    assert found.lowest == min(one.cash for one in found.months)
    assert found.months[found.lowest_month - 1].cash == found.lowest
    assert len(found.years) == 5
    for year in found.years:
        rows = found.months[12 * year.number - 12 : 12 * year.number]
        assert year.cash == rows[-1].cash
        assert year.lowest == min(one.cash for one in rows)
        spent = year.build + year.running + year.set_aside + year.repaid
        assert year.result == pytest.approx(year.given + year.fees - spent, abs=0.005)


def test_the_fee_that_covers_the_month_covers_it_once_all_is_built():
    found = cash_flow(Costs(uptake_pct=50.0), TWO, 260.0)
    assert found is not None
    assert found.months[30].homes == 31.0  # of 63 homes, half, whole ones
    assert all(after.cash >= before.cash for before, after in zip(found.months[12:], found.months[13:], strict=False))
    given = cash_flow(Costs(fee_month=5.0), TWO, 260.0)
    assert given is not None
    assert given.fee_given
    assert given.months[-1].cash < found.months[-1].cash


def test_nothing_to_build_is_no_cash_flow_and_no_home_pays_no_fee():
    assert cash_flow(Costs(), (), 0.0) is None
    nobody = cash_flow(Costs(), (phase(1, 0.0, 0.0, 100.0, 1, 7, 20.0),), 20.0)
    assert nobody is not None
    assert nobody.fee is None
    assert nobody.months[-1].fees == 0.0


def test_replacement_by_age_is_set_aside_and_not_repaired_as_well():
    plan = small_network()
    before = monthly_cost(plan, SHELF, 10_000.0)
    assert before.set_aside == 0.0
    aged = replace(plan, costs=replace(plan.costs, radio_years=5.0, battery_years=8.0, customs_pct=20.0))
    month = monthly_cost(aged, SHELF, 10_000.0)
    # By hand: radios and batteries of every kit, site and home that the village has.
    names = []
    for site in plan.used_sites.values():
        names += [part for sector in site.sectors for part in SHELF.kit(sector.kit).parts]
        if site.power is PowerSource.GRID:
            names += SHELF.grid_parts
    # The batteries of the others stand in the chapter of power, which a test of its own counts.
    batteries = {"battery-24v-20ah": 20.0, "battery-24v-100ah": 100.0}
    report = build_report(Study(plan, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    for line in report.site_bom:
        off_grid = line.site in plan.sites and plan.sites[line.site].power is not PowerSource.GRID
        if line.item in batteries and off_grid:
            names.append(Part(line.item, line.quantity))
    assert sum(one.battery_ah or 0.0 for one in report.power) == sum(
        batteries[part.item] * part.quantity for part in names if part.item in batteries
    ) - 20.0 * sum(site.power is PowerSource.GRID for site in plan.used_sites.values())
    for link in plan.standing_links.values():
        names += 2 * list(SHELF.kit(link.kit or plan.kits.backhaul).parts)
    for home in plan.households.values():
        names += list(SHELF.kit(plan.kits.client).parts if home.server is not None else ())
    worth = {"radio": 0.0, "battery": 0.0}
    for part in names:
        item = SHELF.items[part.item]
        if item.item_class.value in worth:
            assert item.price is not None
            worth[item.item_class.value] += part.quantity * item.price.amount * (1.0 + 0.08 + 0.20)
    assert worth["battery"] > 0.0
    assert month.radios == pytest.approx(worth["radio"] / 60.0, abs=0.005)
    assert month.batteries == pytest.approx(worth["battery"] / 96.0, abs=0.005)
    assert month.maintenance == pytest.approx((10_000.0 - sum(worth.values())) * 0.08 / 12.0, abs=0.01)


def test_what_stands_grows_old_too_and_draws_power_from_the_mains():
    plan = small_network()
    rates = replace(plan.costs, radio_years=5.0, electricity_kwh=0.25, licences_month=12.5)
    plan = replace(plan, costs=rates)
    stands = edits.put(plan, [replace(site, status=Status.BUILT) for site in plan.sites.values()]).plan
    assert monthly_cost(stands, SHELF, 0.0).radios == monthly_cost(plan, SHELF, 0.0).radios > 0.0
    on_mains = edits.put(plan, [replace(site, power=PowerSource.GRID) for site in plan.sites.values()]).plan
    month = monthly_cost(on_mains, SHELF, 0.0)
    report = build_report(Study(on_mains, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    watts = sum(site.power_w for site in report.sites)
    assert watts > 0.0
    assert month.power == pytest.approx(watts * 24.0 * 365.25 / 12.0 / 1000.0 * 0.25, abs=0.01)
    assert month.licences == 12.5
    lines = {one.key: one for one in report.monthly}
    assert lines["power"].amount == month.power
    assert report.headline.monthly == pytest.approx(sum(one.amount for one in report.monthly), abs=1e-9)


def test_phases_cost_and_reach_what_the_whole_plan_does():
    plan = replace(small_network(), costs=replace(small_network().costs, phases=2, phase_months=4))
    report = build_report(Study(plan, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    assert len(report.phases) == len(phases(plan, SHELF)) == 2
    assert sum(one.cost for one in report.phases) == pytest.approx(capital(plan, SHELF).total.total)
    assert report.phases[-1].month == report.headline.monthly
    assert [(one.begins, one.on_air) for one in report.phases] == [(1, 5), (5, 9)]
    assert {site.id: site.phase for site in report.sites if site.phase} == {
        key: one.number for one in report.phases for key in one.sites
    }


@pytest.mark.parametrize("months", [4, 25, 40])
def test_the_planner_and_the_report_say_one_sum_of_five_years(months):
    """Also where the last phase ends, or begins, after the five years."""
    plan = small_network()
    plan = replace(plan, costs=replace(plan.costs, phases=2, phase_months=months, inflation_pct=7.0, radio_years=6.0))
    years = build_report(Study(plan, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26").cash.years
    spent = sum(year.build + year.running + year.set_aside for year in years)
    assert five_years(plan, SHELF) == pytest.approx(spent, abs=1.0)  # sixty months of cents


def test_a_price_in_a_third_currency_counts_as_nothing_and_is_said():
    plan = small_network()
    item = SHELF.items["enclosure"]
    foreign = replace(item, price=Price(80.0, "GBP", "2026-11-01", "the shop", example=False))
    shelf = replace(SHELF, items={**SHELF.items, "enclosure": foreign})
    plan = replace(plan, info=replace(plan.info, currency="KES"), shelf=OwnShelf(items=(foreign,)),
                   costs=replace(plan.costs, exchange_rate=129.35, exchange_date="2026-11-12"))  # fmt: skip
    report = build_report(Study(plan, NO_TERRAIN, shelf, None), version=1, date="2026-11-26")
    line = next(one for one in report.bom if one.item == "enclosure")
    assert line.total is None
    assert (line.list_price, line.list_currency) == (80.0, "GBP")
    said = next(one for one in report.missing if one.key == "currencies")
    assert "GBP" in str(said.what)
    assert "KES" in str(said.what)
    assert "1 USD = 129.35 KES, rate of 2026-11-12." in [str(one) for one in rate_notes(report)]
    without = replace(SHELF, items={**SHELF.items, "enclosure": replace(item, price=None)})
    assert report.headline.capex == capital(plan, without).total.total


def test_the_notes_say_what_has_to_be_found_or_that_it_suffices():
    plan = small_network()
    short = build_report(Study(plan, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    assert short.cash is not None
    assert f"{-short.cash.lowest:,.2f}" in " ".join(map(str, cash_notes(short)))
    rich = replace(plan, costs=replace(plan.costs, grant=1e6))
    enough = build_report(Study(rich, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    assert "suffices" in " ".join(map(str, cash_notes(enough)))


def test_what_hangs_on_nothing_is_paid_for_and_reaches_nobody():
    """Budget, phases and the five years hold the same money, and say of which nobody knows yet what joins it."""
    plan = small_network()
    cut = edits.put(plan, [replace(plan.links["G-A"], status=Status.REJECTED)]).plan
    report = build_report(Study(cut, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    *joined, last = report.phases
    assert {key for one in joined for key in one.sites} == {"G", "C"}
    assert set(last.sites) == {"A", "B"}
    assert not last.joined
    assert last.homes == 0.0
    assert [site.phase for site in report.sites if site.id in "ABD"] == [last.number, last.number, None]
    assert last.cost_so_far == pytest.approx(report.headline.capex)
    assert sum(one.build for one in report.cash.months) == pytest.approx(report.headline.capex, abs=0.05)
    assert last.month == pytest.approx(report.headline.monthly)
    assert [str(one) for one in phase_notes(report)][-1].startswith(f"Phase {last.number} reaches nobody")
    whole = build_report(Study(plan, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    assert not any("reaches nobody" in str(one) for one in phase_notes(whole))
