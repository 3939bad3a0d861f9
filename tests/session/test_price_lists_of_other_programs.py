"""Price lists as other programs save them: a shop's list is read as it was meant, or asked about, never guessed."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from cn_planner.errors import FileError
from cn_planner.importers.price_list import decimal_mark
from cn_planner.session.own_entries import read_prices, write_prices
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "id;price;currency;date;source;name;class;unit"
ROWS = (
    "roof-pole;65000;UGX;2026-11-20;Kámpala;;;",
    "fixings;1234567,5;UGX;2026-11-20;a, b and c;;;",
    ';12,125;USD;2026-11-20;Müller & Søn "x";Rope 3 mm;tool;m',
    ";0,125;USD;2026-11-20;'=half of it;Sand;tool;kg",
)
MEANT = {
    "roof-pole": (65000.0, "UGX", "2026-11-20", "Kámpala"),
    "fixings": (1234567.5, "UGX", "2026-11-20", "a, b and c"),
    "own-rope-3-mm": (12.125, "USD", "2026-11-20", 'Müller & Søn "x"'),
}

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{locale}</value></prop></item></oor:items>
"""
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="UG") as made:
        made.change_settings({"info.currency": "UGX", "exchange_rate": "3700", "exchange_date": "2026-11-01"})
        yield made


def prices(project: Project, path: Path) -> dict[str, tuple[float, str, str, str]]:
    found = read_prices(project.plan, project.catalogue, path).found
    return {row.item: (row.price.amount, row.price.currency, row.price.date, row.price.source) for row in found.prices}


def left_out(project: Project, path: Path) -> list[str]:
    return [str(row.what) for row in read_prices(project.plan, project.catalogue, path).found.left_out]


def saved(path: Path, rows: tuple[str, ...], encoding: str = "utf-8", head: str = HEAD, end: str = "\r\n") -> Path:
    path.write_bytes(end.join([head, *rows, ""]).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_semicolons_decimal_commas_and_any_encoding(project: Project, tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path / "list.csv", ROWS[:3], encoding)
    assert prices(project, path) == MEANT
    warned = [str(one) for one in read_prices(project.plan, project.catalogue, path).found.warnings]
    assert bool(warned) == (encoding in ("cp1252", "latin-1"))  # guessed, and said


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\r\n', "\ufeffsep=;\r\n"])
def test_a_first_line_that_says_what_parts_the_cells(project: Project, tmp_path: Path, first: str) -> None:
    assert prices(project, saved(tmp_path / "list.csv", ROWS[:3], head=first + HEAD)) == MEANT


def test_tabs_in_utf_16_as_unicode_text(project: Project, tmp_path: Path) -> None:
    rows = tuple(row.replace(";", "\t") for row in ROWS[:3])
    path = saved(tmp_path / "list.txt", rows, "utf-16", HEAD.replace(";", "\t"))
    assert prices(project, path) == MEANT


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (("1.250,00", "65.000"), (1250.0, 65000.0)), (("1,250.00", "65,000"), (1250.0, 65000.0)),
        (("12,5", "1.500"), (12.5, 1500.0)), (("12.5", "1.500"), (12.5, 1.5)), (("12.5", "1,500"), (12.5, 1500.0)),
        (("1 250 000", "1 250,5"), (1250000.0, 1250.5)), (("1'250.00", "12"), (1250.0, 12.0)),
        (("1\u202f250,00", "3.000"), (1250.0, 3000.0)), (("1.250.000", "1.500"), (1250000.0, 1500.0)),
        (("1,25,000", "2,500"), (125000.0, 2500.0)), (("12,34,567.50", "7"), (1234567.5, 7.0)),
        (("0.125", "1.125"), (0.125, 1.125)), (("12345.678", "1.125"), (12345.678, 1.125)),
    ],
)  # fmt: skip
def test_thousands_and_decimals_are_told_from_all_prices_of_a_file(
    project: Project, tmp_path: Path, cells: tuple[str, str], amounts: tuple[float, float]
) -> None:
    path = saved(tmp_path / "list.csv", (f"roof-pole;{cells[0]}", f"fixings;{cells[1]}"), head="id;price")
    found = prices(project, path)
    assert (found["roof-pole"][0], found["fixings"][0]) == amounts


@pytest.mark.parametrize("cells", [("1.500", "12"), ("1,500", "12"), ("12.5", "12,5", "1.500")])
def test_what_nothing_tells_is_asked_about(project: Project, tmp_path: Path, cells: tuple[str, ...]) -> None:
    rows = tuple(f"{item};{cell}" for item, cell in zip(("roof-pole", "fixings", "guy-4mm"), cells, strict=False))
    path = saved(tmp_path / "list.csv", rows, head="id;price")
    asked = next(cell for cell in cells if cell in ("1.500", "1,500"))
    assert left_out(project, path) == [f"“{asked}” may be thousands or decimals."]


@pytest.mark.parametrize("cell", ["1.250.00", "1,2,3", "1.25,000.5", "1,000,50", "USD 12", "12 $", "1..5", ",5", "١٢a"])
def test_what_is_no_amount_is_left_out_and_tells_nothing(project: Project, tmp_path: Path, cell: str) -> None:
    path = saved(tmp_path / "list.csv", ("fixings;7", f"roof-pole;{cell}"), head="id;price")
    assert left_out(project, path) == [f"“{cell}” is not a price."]
    assert decimal_mark([cell]) == ""


def workbook(path: Path, cells: dict[str, object]) -> Path:
    book = openpyxl.Workbook()
    for at, name in enumerate(("id", "price", "currency", "date"), 1):
        book.active.cell(1, at, name)
    for place, value in cells.items():
        book.active[place] = value
    book.save(path)
    return path


def test_numbers_and_days_that_are_stored_as_text_in_a_workbook(project: Project, tmp_path: Path) -> None:
    cells = {"A2": "roof-pole", "B2": "65,000", "D2": "2026-11-20", "A3": "fixings", "B3": "12.50", "D3": "2026-11-21"}
    assert prices(project, workbook(tmp_path / "a.xlsx", cells)) == {
        "roof-pole": (65000.0, "UGX", "2026-11-20", ""), "fixings": (12.5, "UGX", "2026-11-21", "")}  # fmt: skip


def test_a_formula_is_named_whatever_its_program_computed_for_it(project: Project, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"A2": "roof-pole", "B2": 1, "A3": "fixings", "B3": 2})
    whole = {}
    with zipfile.ZipFile(path) as book:
        whole = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    whole[sheet] = whole[sheet].replace(b'<c r="B3" t="n"><v>2</v>', b'<c r="B3" t="n"><f>B2*2</f><v>2</v>')
    assert b"<f>" in whole[sheet]
    with zipfile.ZipFile(path, "w") as book:
        for name, data in whole.items():
            book.writestr(name, data)
    assert left_out(project, path) == ["Cell B3 holds a formula."]
    assert list(prices(project, path)) == ["roof-pole"]


def test_days_count_from_1904_where_the_workbook_says_so(project: Project, tmp_path: Path) -> None:
    import datetime as dt

    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["id", "price", "date"])
    book.active.append(["roof-pole", 5, dt.date(2026, 11, 20)])
    book.save(tmp_path / "mac.xlsx")
    assert prices(project, tmp_path / "mac.xlsx")["roof-pole"][2] == "2026-11-20"


def test_an_open_document_and_an_old_workbook_are_refused_in_words(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", "<x/>")
    with pytest.raises(FileError, match="OpenDocument") as refused:
        prices(project, path)
    assert str(refused.value.fix) == "Save it as XLSX or as CSV (UTF-8)."
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(FileError, match="XLS"):
        prices(project, path)


def converted(tmp_path: Path, kind: str, *files: Path, locale: str = "") -> list[Path]:
    """Return what a spreadsheet program makes of files: opened, and saved as another kind."""
    suffix = kind.partition(":")[0]
    profile, out = tmp_path / f"profile{locale}", tmp_path / f"out{locale}-{suffix}"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    if locale:
        (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS.format(locale=locale), encoding="utf-8")
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind, "--outdir",
         str(out), *map(str, files)],
        check=True, capture_output=True, timeout=300, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    return [out / f"{one.stem}.{suffix}" for one in files]


@pytest.mark.skipif(OFFICE is None, reason="no spreadsheet program is installed: LibreOffice Calc is asked for")
def test_a_list_goes_through_a_spreadsheet_program_and_comes_back_the_same(project: Project, tmp_path: Path) -> None:
    """Our XLSX and our CSV, opened and saved by LibreOffice: as XLSX, and as CSV with the commas of two languages."""
    given = saved(tmp_path / "given.csv", ROWS)
    assert left_out(project, given) == []
    project.apply(read_prices(project.plan, project.catalogue, given).edit)
    book, text = tmp_path / "book.xlsx", tmp_path / "text.csv"
    write_prices(project.catalogue, book)
    write_prices(project.catalogue, text)
    meant = prices(project, text)
    assert meant == prices(project, book)
    assert MEANT.items() <= meant.items()
    assert meant["own-sand"] == (0.125, "USD", "2026-11-20", "=half of it")
    # The program's examples stay examples, to the cent and the day, whatever program the list went through.
    own = [one for one in project.catalogue.items.values() if one.price is not None and not one.price.example]
    assert len(meant) == len(own)
    shown = "csv:Text - txt - csv (StarCalc):{mark},34,{charset},1,,{language},false,true"
    back = [*converted(tmp_path, "xlsx", book, text), *converted(tmp_path, "csv", book)]
    windows = shown.format(mark=59, charset=1, language=1031)  # semicolons, Windows-1252, as it is shown in German
    back += converted(tmp_path, windows, book, locale="de-DE")
    for path in back:
        assert prices(project, path) == meant, path
        assert left_out(project, path) == []
    assert "1.234.567,50" in back[-1].read_text(encoding="cp1252")
    (ods,) = converted(tmp_path, "ods", book)
    with pytest.raises(FileError, match="OpenDocument"):
        prices(project, ods)
