"""The price list: what a shop's prices do to a plan, and that a spreadsheet cannot bring in more than prices."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.economics.costs import UnitCosts
from cn_planner.errors import FileError, InputError
from cn_planner.session.own_entries import read_prices, write_prices
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = ("id", "name", "price", "currency", "date", "source", "class", "unit")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="UG") as made:
        made.change_settings({"info.currency": "UGX", "exchange_rate": "3700", "exchange_date": "2026-11-01"})
        yield made


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.reader(text.splitlines())
        csv.writer(file).writerows([HEAD, *([*row, *[""] * (len(HEAD) - len(row))] for row in rows)])
    return path


def prices(project: Project) -> dict[str, tuple[float, str, str]]:
    return {row.item: (row.price.amount, row.price.currency, row.price.date) for row in project.plan.shelf.prices}


def take(project: Project, path: Path, *, replace_all: bool = False) -> list[str]:
    found = read_prices(project.plan, project.catalogue, path, replace_all=replace_all)
    project.apply(found.edit)
    return [str(one.what) for one in found.found.left_out]


def test_own_currency_and_day_count_and_are_undone_by_name(project: Project, tmp_path: Path) -> None:
    assert UnitCosts(project.plan, project.catalogue).price("roof-pole") == 14.0 * 3700
    take(project, listed(tmp_path, "roof-pole,,65000,UGX,2026-11-20,Kampala\noutdoor-cable,,0.9,USD,2026-11-20,\n"))
    costs = UnitCosts(project.plan, project.catalogue)
    assert costs.price("roof-pole") == 65000.0
    assert costs.price("outdoor-cable") == pytest.approx(0.9 * 3700)
    price = project.catalogue.items["roof-pole"].price
    assert price is not None
    assert (price.example, price.source) == (False, "Kampala")
    assert str(project.undo_label) == "price list with 2 prices"
    project.undo()
    assert prices(project) == {}


def test_merge_keeps_and_replace_drops_what_the_list_does_not_have(project: Project, tmp_path: Path) -> None:
    take(project, listed(tmp_path, "roof-pole,,65000,UGX,2026-11-20,\nfixings,,9000,UGX,2026-11-20,\n"))
    take(project, listed(tmp_path, "fixings,,9500,UGX,2026-11-25,\n"))
    assert prices(project) == {"fixings": (9500.0, "UGX", "2026-11-25"), "roof-pole": (65000.0, "UGX", "2026-11-20")}
    take(project, listed(tmp_path, "fixings,,9500,UGX,2026-11-25,\n"), replace_all=True)
    assert list(prices(project)) == ["fixings"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_list_goes_out_and_comes_back_the_same(project: Project, tmp_path: Path, suffix: str) -> None:
    take(project, listed(tmp_path, ',"=HYPERLINK(""http://x"")",1,UGX,2026-11-20,,tool,piece\n'
                         ',Local pole,40000,UGX,2026-11-20,"-5 % at Moses\'",mast,piece\n'))  # fmt: skip
    catalogue = project.catalogue
    assert catalogue.items["own-local-pole"].name == "Local pole"
    out = tmp_path / f"out{suffix}"
    write_prices(catalogue, out)
    first = out.read_bytes()
    write_prices(catalogue, out)
    assert out.read_bytes() == first
    found = read_prices(project.plan, catalogue, out)
    assert not found.found.left_out
    assert not found.found.items
    back = {row.item: row.price for row in found.found.prices}
    examples = [item for item in catalogue.items.values() if item.price is not None and item.price.example]
    assert not {item.id for item in examples} & {*back}  # nobody confirmed them by looking at the list
    assert any(f"{len(examples)} prices are the program's examples" in str(one) for one in found.found.warnings)
    for key, item in catalogue.items.items():
        if item.price is not None and not item.price.example:
            kept = back[key]
            assert (kept.amount, kept.currency, kept.date) == (item.price.amount, item.price.currency, item.price.date)
            assert kept.source == item.price.source


def test_another_program_reads_and_writes_the_spreadsheet(project: Project, tmp_path: Path) -> None:
    """As a spreadsheet program would: opened, one price changed, one formula put in, saved again."""
    out = tmp_path / "list.xlsx"
    write_prices(project.catalogue, out)
    book = openpyxl.load_workbook(out)
    sheet = book.active
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    rows["roof-pole"][4].value, rows["roof-pole"][5].value = 70000, "UGX"
    rows["fixings"][4].value = "=2*4500"
    book.save(out)
    left = take(project, out)
    assert left == [f"Cell E{rows['fixings'][0].row} holds a formula."]
    assert prices(project) == {"roof-pole": (70000.0, "UGX", "2026-11-01")}  # the others were not touched
    assert project.plan.shelf.prices[0].price.source == ""  # no longer "example price"
    assert "fixings" not in prices(project)


def test_two_prices_of_one_item_and_two_items_of_one_name_are_asked_about(project: Project, tmp_path: Path) -> None:
    left = take(project, listed(tmp_path, "roof-pole,,65000,,2026-11-20,\nroof-pole,,70000,,2026-11-20,\n"
                                "fixings,,1,,2026-11-20,\nfixings,,1,,2026-11-20,\n"))  # fmt: skip
    assert left == ["roof-pole has several prices, in rows 2, 3."] * 2
    assert prices(project) == {"fixings": (1.0, "UGX", "2026-11-20")}
    take(project, listed(tmp_path, "a,Twin,1,,2026-11-20,,tool,piece\n"))
    catalogue = project.catalogue
    from dataclasses import replace

    twin = replace(catalogue.items["own-a"], id="own-b")
    doubled = replace(catalogue, items=catalogue.items | {"own-b": twin})
    found = read_prices(project.plan, doubled, listed(tmp_path, ",Twin,5,,2026-11-20,\nfixings,,2,,2026-11-20,\n"))
    assert str(found.found.left_out[0].what) == "Several items are called Twin: own-a, own-b."


@pytest.mark.parametrize(
    "row",
    [
        "roof-pole,,=1+1,UGX,2026-11-20,", "roof-pole,,-5,UGX,2026-11-20,", "roof-pole,,free,UGX,2026-11-20,",
        'roof-pole,,"1,500",UGX,2026-11-20,', "roof-pole,,5,EUR,2026-11-20,", "roof-pole,,5,UGX,20.11.2026,",
        "roof-pole,,5,UGX,2026-02-30,", "roof-pole,,1e99,UGX,2026-11-20,", "no-such-thing,,5,UGX,2026-11-20,",
        "roof-pole,,5,UGX,2026-11-20,@SUM(A1)", "new,New,5,UGX,2026-11-20,,gold,piece",
        "new,New,5,UGX,2026-11-20,,tool,",
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_left_out_with_its_number(project: Project, tmp_path: Path, row: str) -> None:
    good = "fixings,,7000,UGX,2026-11-20,\n"
    found = read_prices(project.plan, project.catalogue, listed(tmp_path, good + row + "\n"))
    assert [one.item for one in found.found.prices] == ["fixings"]
    assert [one.row for one in found.found.left_out] == [3]
    with pytest.raises(InputError):
        read_prices(project.plan, project.catalogue, listed(tmp_path, row + "\n"))


def test_semicolons_and_decimal_commas_are_read(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("id;price;currency\nroof-pole;12,5;USD\n", encoding="utf-8")
    found = read_prices(project.plan, project.catalogue, path)
    assert found.found.prices[0].price.amount == 12.5
    assert str(found.found.warnings[0]) == "1 price has no day."


def test_damaged_and_hostile_files_are_refused_in_words(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    write_prices(project.catalogue, out)
    whole = out.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 30):
        out.write_bytes(whole[:cut])
        with pytest.raises((FileError, InputError)):
            read_prices(project.plan, project.catalogue, out)
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"<sheetData>", b"<sheetData>" + b" " * (65 << 20))
            new.writestr(name, data)
    out.write_bytes(bomb.getvalue())
    with pytest.raises(FileError, match="too large"):
        read_prices(project.plan, project.catalogue, out)
    lines = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/sharedStrings.xml":
                data = lines + data.split(b"?>", 1)[1].replace(b"roof-pole", b"&x;")
            new.writestr(name, data)
    with pytest.raises(FileError, match="defines texts"):
        read_prices(project.plan, project.catalogue, out)
    empty = tmp_path / "none.csv"
    empty.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_prices(project.plan, project.catalogue, empty)


def test_by_command_line(project: Project, tmp_path: Path) -> None:
    path = str(project.path)
    project.close()
    out = tmp_path / "list.csv"
    assert CliRunner().invoke(app, ["shelf", "prices", path, "--out", str(out)]).exit_code == 0
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert {"id", "price", "currency", "date"} <= rows[0].keys()
    out.write_text("id,price,date\nroof-pole,65000,2026-11-20\nnothing,1,2026-11-20\n", encoding="utf-8")
    look = CliRunner().invoke(app, ["shelf", "prices", path, "--in", str(out), "--look"])
    assert look.exit_code == 0
    assert look.stdout == "roof-pole: 14.00 USD, an example -> 65,000.00 UGX, 2026-11-20\n"
    result = CliRunner().invoke(app, ["shelf", "prices", path, "--in", str(out)])
    assert result.stdout == look.stdout
    assert result.exit_code == 0
    assert "row 3" in result.stderr
    assert "price list with 1 price" in result.stderr
    assert CliRunner().invoke(app, ["shelf", "prices", path]).exit_code == 2
    assert CliRunner().invoke(app, ["shelf", "prices", path, "--out", str(tmp_path / "no" / "x.csv")]).exit_code == 1
