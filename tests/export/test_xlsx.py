"""The workbook as a spreadsheet reads it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import openpyxl
import pytest
from deployment_example import example_deployment
from export_hostile import TEXTS, hostile_deployment

from cn_planner.export.text import xml_safe
from cn_planner.export.xlsx import write_xlsx
from cn_planner.report.tables import tables

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HEADER = 4  # one-based


def read(plan: object, folder: Path, *, values: bool = False) -> Workbook:
    path = folder / "plan.xlsx"
    write_xlsx(plan, path)  # type: ignore[arg-type]
    return openpyxl.load_workbook(path, data_only=values)


def column(sheet: Worksheet, title: str) -> list[object]:
    titles = [cell.value for cell in sheet[HEADER]]
    at = titles.index(title) + 1
    return [sheet.cell(row, at).value for row in range(HEADER + 1, sheet.max_row + 1)]


def test_every_table_has_its_sheet_and_all_its_rows(tmp_path: Path) -> None:
    plan = example_deployment()
    book = read(plan, tmp_path)
    for table in tables(plan):
        name = next(one for one in reversed(book.sheetnames) if str(table.title).startswith(one))
        assert str(table.title)[len(name) : len(name) + 1] in {"", " "}  # no word is cut
        sheet = book[name]
        totals = 1 if table.rows and any(one.total for one in table.columns) else 0
        assert sheet.max_row == HEADER + len(table.rows) + totals
        assert len(sheet[HEADER]) == len(table.columns)


def test_coordinates_and_money_arrive_as_numbers(tmp_path: Path) -> None:
    plan = example_deployment()
    book = read(plan, tmp_path)
    assert column(book["Sites"], "Latitude [°]")[: len(plan.sites)] == [one.latitude for one in plan.sites]
    assert column(book["Budget"], "Amount [EUR]")[: len(plan.budget)] == [one.amount for one in plan.budget]


def test_totals_are_live_sums_over_exactly_the_rows(tmp_path: Path) -> None:
    plan = example_deployment()
    sheet = read(plan, tmp_path)["Budget"]
    last = HEADER + len(plan.budget)
    assert sheet.cell(last + 1, 4).value == f"=SUM(D{HEADER + 1}:D{last})"
    shown = read(plan, tmp_path, values=True)["Budget"].cell(last + 1, 4).value
    assert shown == pytest.approx(6200.5) == pytest.approx(plan.headline.capex)


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12].encode("ascii", "replace").decode() for text in TEXTS])
def test_no_text_of_people_becomes_a_formula_or_breaks_the_file(text: str, tmp_path: Path) -> None:
    plan = hostile_deployment(text)
    sheet = read(plan, tmp_path)["Sites"]
    cells = [sheet.cell(HEADER + 1, at) for at in range(1, len(sheet[HEADER]) + 1)]
    name = cells[1]
    assert name.data_type == "s"
    assert name.hyperlink is None
    wanted = xml_safe(text)
    wanted = wanted if len(wanted) <= 32_767 else wanted[:32_766] + "…"
    assert openpyxl.utils.escape.unescape(str(name.value)) == wanted


def test_the_workbook_says_whose_plan_it_is_and_that_it_is_an_estimate(tmp_path: Path) -> None:
    book = read(example_deployment(), tmp_path)
    assert book.worksheets[0].title == "About"
    said = " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row)
    for word in ("Valle Alto", "Version", "2026-11-12", "Estimate", "SRTM", "public domain", "ODbL"):
        assert word in said
    for sheet in book.worksheets[1:]:
        line = str(sheet.cell(2, 1).value)
        assert "Valle Alto" in line
        assert "Estimate" in line
        assert len(line) < 120
    assert book.properties.created == dt.datetime(2026, 11, 12)  # noqa: DTZ001 - the format has no zone
    assert str(book.properties.creator).startswith("CN Planner")


def test_headers_stay_in_sight(tmp_path: Path) -> None:
    for sheet in read(example_deployment(), tmp_path).worksheets[1:]:
        assert sheet.freeze_panes == "B5"
