"""The workbook computes: as it is written the plan's own figures, and after a change those of the plan so changed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from small_network import flat_ground, small_network

from cn_planner.export.xlsx import write_xlsx
from cn_planner.model.plan import Costs
from cn_planner.report.build import build_report
from cn_planner.report.tables import tables
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook

    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
FIRST = 5
RATES = Costs(
    exchange_rate=129.35, exchange_date="2026-11-12", labour_day=1500.0, customs_pct=16.0, radio_years=5.0,
    battery_years=8.0, wages_month=9000.0, site_rent_month=500.0, electricity_kwh=25.0, licences_month=750.0,
    grant=1e6, loan=5e5, loan_interest_pct=12.0, loan_years=3, inflation_pct=5.0, phases=2,
)  # fmt: skip
OTHER_FINANCE = {
    "uptake_pct": 80.0, "fee_month": 2100.0, "grant": 250_000.0, "loan": 900_000.0, "loan_interest_pct": 0.0,
    "loan_years": 4, "inflation_pct": 2.5, "phase_months": 9,
}  # fmt: skip


def report(costs: Costs) -> DeploymentPlan:
    """The small network in shillings."""
    plan = replace(small_network(currency="KES"), costs=costs)
    return build_report(Study(plan, flat_ground(), load_catalogue(), None), version=3, date="2026-11-26")


def sheet_of(book: Workbook, table: Table) -> Any:
    return book[next(name for name in reversed(book.sheetnames) if str(table.title).startswith(name))]


def cell(book: Workbook, table: Table, row: int, column: str) -> Any:
    return sheet_of(book, table).cell(FIRST + row, table.column(column) + 1)


def setting(book: Workbook, plan: DeploymentPlan, key: str) -> Any:
    row = next(n for n, one in enumerate(plan.assumptions) if one.key == key)
    table = next(one for one in tables(plan) if one.key == "assumptions")
    return cell(book, table, row, "value")


def computed(files: list[Path], into: Path) -> list[Workbook]:
    """The files as LibreOffice computes them."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed: nothing here computes a workbook")
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={(into / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(into), *map(str, files)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [openpyxl.load_workbook(into / file.name, data_only=True) for file in files]


def assert_same(book: Workbook, plan: DeploymentPlan, keys: set[str]) -> None:
    for table in tables(plan):
        if table.key not in keys:
            continue
        assert table.rows
        for n, row in enumerate(table.rows):
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(value, int | float):
                    got = cell(book, table, n, column.key).value
                    assert got == pytest.approx(value, abs=0.011), (table.key, n, column.key)


MONEY = {"bom", "bom_by_site", "spares", "budget", "monthly", "fees", "phases", "cash", "cash_months"}


def test_the_workbook_counts_as_the_plan_does_and_follows_what_is_changed_in_it(tmp_path: Path) -> None:
    plan = report(RATES)
    assert plan.cash is not None
    assert plan.headline.homes_reached == 10.0
    files = [tmp_path / name for name in ("same.xlsx", "finance.xlsx", "goods.xlsx")]
    write_xlsx(plan, files[0])
    every = {one.key: one for one in tables(plan)}

    book = openpyxl.load_workbook(files[0])
    for key, value in OTHER_FINANCE.items():
        setting(book, plan, f"costs.{key}").value = value
    book.save(files[1])

    book = openpyxl.load_workbook(files[0])
    line = next(n for n, one in enumerate(plan.bom) if one.item == "enclosure")
    cell(book, every["bom"], line, "list_price").value += 100.0
    cell(book, every["bom"], line, "quantity").value += 2
    setting(book, plan, "costs.labour_day").value = 2000.0
    setting(book, plan, "costs.contingency_pct").value = 20.0
    book.save(files[2])

    bare = openpyxl.load_workbook(files[0])  # without the values beside the formulas
    bare.save(files[0])
    same, finance, goods = computed(files, tmp_path / "computed")

    assert_same(same, plan, MONEY)
    assert_same(finance, report(replace(RATES, **OTHER_FINANCE)), MONEY)

    def amounts(table: str, column: str = "amount") -> list[float]:
        rows = range(len(every[table].rows))
        return [float(cell(goods, every[table], n, column).value or 0.0) for n in rows]

    keys = [one.key for one in plan.budget]
    was = dict(zip(keys, (one.amount for one in plan.budget), strict=True))
    now = dict(zip(keys, amounts("budget"), strict=True))
    old = plan.bom[line]
    assert old.list_price is not None
    dearer = ((old.list_price + 100.0) * (old.quantity + 2.0) - old.list_price * old.quantity) * 129.35
    days = next(one.quantity for one in plan.budget if one.key == "labour")
    assert days is not None
    assert now["enclosure"] == pytest.approx(was["enclosure"] + dearer, abs=0.02)
    assert now["labour"] == pytest.approx(days * 2000.0)
    assert now["customs"] == pytest.approx(was["customs"] + 0.16 * dearer, abs=0.02)
    above = sum(amount for key, amount in now.items() if key not in ("contingency", "rounding"))
    assert now["contingency"] == pytest.approx(0.2 * above, abs=0.02)
    total = sum(now.values())
    aged = [one.quantity or 0.0 for one in plan.monthly if one.key in ("radios", "batteries")]
    month = dict(zip((one.key for one in plan.monthly), amounts("monthly"), strict=True))
    assert month["maintenance"] == pytest.approx((total - sum(aged)) * 0.08 / 12.0, abs=0.02)
    assert sum(amounts("phases", "cost")) == pytest.approx(total, abs=0.05)
    front = {row[0].value: row[1].value for row in goods.worksheets[0].iter_rows(max_col=2)}
    assert front["To build, KES"] == pytest.approx(total, abs=0.01)
    assert front["A month, KES"] == pytest.approx(sum(month.values()), abs=0.01)


def test_what_has_no_price_has_no_formula_and_is_named(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    catalogue = replace(
        catalogue, items={**catalogue.items, "enclosure": replace(catalogue.items["enclosure"], price=None)}
    )
    plan = build_report(
        Study(replace(small_network(), costs=RATES), NO_TERRAIN, catalogue, None), version=3, date="2026-11-26"
    )
    assert "enclosure" in str(next(one.what for one in plan.missing if one.key == "prices")).lower()
    write_xlsx(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    table = next(one for one in tables(plan) if one.key == "bom")
    line = next(n for n, one in enumerate(plan.bom) if one.item == "enclosure")
    assert cell(book, table, line, "unit_price").value is None
    assert cell(book, table, line, "total").value is None
    assert str(cell(book, table, line + 1, "total").value).startswith("=ROUND(")
    assert not [one for one in plan.budget if one.key == "enclosure"]
