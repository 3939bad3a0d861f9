"""What a user would miss: a plan from files of the program's own that is another plan than the one that wrote them."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from small_network import flat_ground, small_network

from cn_planner.errors import InputError
from cn_planner.export.csv_files import write_csv
from cn_planner.export.geojson import write_geojson
from cn_planner.export.gpkg import write_gpkg
from cn_planner.export.gpx import write_gpx
from cn_planner.export.kmz import write_kmz
from cn_planner.export.text import header
from cn_planner.export.xlsx import write_xlsx
from cn_planner.i18n import use_catalogues
from cn_planner.importers.files import import_file
from cn_planner.model import edits
from cn_planner.model.plan import HomeKind, PlaceKind, Plan, Priority, RelayConsent, Status, Uplink
from cn_planner.model.public_place import PublicPlace
from cn_planner.paths import resources
from cn_planner.report.build import build_report
from cn_planner.report.tables import tables
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

WRITERS = {"geojson": write_geojson, "kmz": write_kmz, "gpx": write_gpx, "gpkg": write_gpkg, "xlsx": write_xlsx}
HOME = ("id", "name", "latitude", "longitude", "weight", "antenna_height_m", "kind", "priority", "note", "on_pole",
        "hamlet", "relay", "people")  # fmt: skip
SITE = (
    "id",
    "name",
    "latitude",
    "longitude",
    "role",
    "status",
    "power",
    "owner",
    "consent",
    "access",
    "hazard",
    "note",
    "max_height_m",
    "mast_carries_n",
    "build_cost",
    "uplink",
)
PLACE = ("id", "name", "kind", "latitude", "longitude", "people", "must", "busy_mbps", "antenna_height_m", "note")
DEMAND_M = 6.25
"""The usual height of a roof in this plan: a home without one of its own gets it on paper."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The small network with figures that no table shows in full, all of which XLSX can hold (15 digits)."""
    plan = small_network()
    plan = replace(plan, demand=replace(plan.demand, antenna_height_m=DEMAND_M))
    home = plan.households["A1"]
    homes = [
        replace(home, weight=1.23456789, latitude=-1.449123456789, longitude=36.55123456789, antenna_height_m=4.123,
                people=5.5, priority=Priority.MUST, hamlet="Upper", relay=RelayConsent.YES, note="red, door; A=1"),
        replace(plan.households["A2"], weight=0.333333333333333, antenna_height_m=DEMAND_M + 0.001),
        replace(plan.households["A3"], weight=1e-05, on_pole=True, kind=HomeKind.SHOP),
        replace(plan.households["A4"], weight=0.0, people=0.0, relay=RelayConsent.NO),
        replace(plan.households["B1"], weight=12345.678901, antenna_height_m=0.0),
    ]  # fmt: skip
    sites = [
        replace(plan.sites["G"], max_height_m=12.25, mast_carries_n=812.5, build_cost=1234.5678,
                uplink=Uplink("Fibre, =ours", 123.456, 45.678, 0.005)),
        replace(plan.sites["D"], max_height_m=0.0, build_cost=0.333333333333333),  # nothing is built there
        replace(plan.sites["A"], name="Ash & hill"),  # KMZ takes markup out of a name, for those that would show it
        replace(plan.sites["C"], status=Status.BUILT, mast_height_m=9.123456, max_height_m=31.0, owner="Ana",
                consent="yes", access="on foot", hazard="wasps", latitude=-1.550000123456),
    ]  # fmt: skip
    places = [PublicPlace("p1", "School", -1.451234567891, 36.55, PlaceKind.SCHOOL, people=12.25, must=True,
                          busy_mbps=0.123456789, antenna_height_m=5.678, note="two rooms")]  # fmt: skip
    return edits.put(plan, [*homes, *sites, *places]).plan


@pytest.fixture(scope="module")
def report(plan: Plan) -> DeploymentPlan:
    return build_report(Study(plan, flat_ground(), load_catalogue()), version=1, date="2026-12-03")


def written(report: DeploymentPlan, form: str, table: str, folder: Path) -> Path:
    if form == "csv":
        return next(one for one in write_csv(report, folder) if one.stem == table)
    path = folder / f"plan.{form}"
    WRITERS[form](report, path)
    return path


@pytest.mark.parametrize("form", ["csv", *WRITERS])
@pytest.mark.parametrize(
    ("kind", "table", "names"),
    [("households", "homes", HOME), ("sites", "sites", SITE), ("places", "places", PLACE)],
    ids=["homes", "sites", "places"],
)
def test_what_a_file_holds_is_read_back_to_the_last_bit(
    plan: Plan, report: DeploymentPlan, tmp_path: Path, form: str, kind: str, table: str, names: tuple[str, ...]
) -> None:  # fmt: skip
    path = written(report, form, table, tmp_path)
    was = getattr(plan, kind)
    for into in (Plan(), plan):  # into an empty plan, and into the one that wrote it
        now = getattr(import_file(into, path, kind).edit.plan, kind)
        assert now.keys() == was.keys()
        for key, one in was.items():
            same_bits = {name: getattr(now[key], name) for name in names}
            if form == "xlsx":  # its writer keeps 16 digits, of which Excel itself keeps 15
                same_bits |= {name: getattr(one, name) for name in ("latitude", "longitude")}
                assert (now[key].latitude, now[key].longitude) == pytest.approx(
                    (one.latitude, one.longitude), rel=1e-15
                )
            assert same_bits == {name: getattr(one, name) for name in names}
    if kind == "sites":
        assert now["C"].mast_height_m == was["C"].mast_height_m
    assert len(was) > 0


@pytest.mark.parametrize("language", ["en", "ar", "hi"])
@pytest.mark.parametrize(
    ("kind", "sheet", "names"),
    [("households", "homes", HOME), ("sites", "sites", SITE), ("places", "places", PLACE)],
    ids=["homes", "sites", "places"],
)
def test_a_sheet_that_was_saved_as_csv_has_only_titles_and_is_read_by_them(
    plan: Plan, report: DeploymentPlan, tmp_path: Path, language: str, kind: str, sheet: str, names: tuple[str, ...]
) -> None:  # fmt: skip
    use_catalogues(resources() / "translations")
    printed = replace(report, meta=replace(report.meta, language=language))
    book = openpyxl.load_workbook(written(printed, "xlsx", sheet, tmp_path))
    (titles,) = ([header(one, language) for one in t.columns] for t in tables(printed) if t.key == sheet)
    pages = ([*page.iter_rows(values_only=True)] for page in book.worksheets)
    (rows,) = (page[at:] for page in pages for at, row in enumerate(page) if [*row[: len(titles)]] == titles)
    was = getattr(plan, kind)
    saved = tmp_path / "saved.csv"
    with saved.open("w", newline="", encoding="utf-8") as file:
        for row in rows[: len(was) + 1]:  # without the line of sums
            # A spreadsheet shows 45.678 as 45.6780 where it is told to: else it is asked whether that is 45,678.
            csv.writer(file).writerow([f"{one}0" if isinstance(one, float) and "." in f"{one}" else one for one in row])
    empty = replace(Plan(), info=replace(Plan().info, language=language, currency=plan.info.currency))
    now = getattr(import_file(empty, saved, kind).edit.plan, kind)
    assert now.keys() == was.keys()
    for key, one in was.items():
        for name in names:
            read, given = getattr(now[key], name), getattr(one, name)
            assert read == pytest.approx(given, rel=1e-12) if isinstance(given, float) else read == given
    if language != "en" and sheet != "sites":  # these say their places as MGRS, too, which is one in all languages
        with pytest.raises(InputError, match="the plan's language"):
            import_file(Plan(), saved, kind)


def test_pages_round_what_files_hold_whole(report: DeploymentPlan, tmp_path: Path) -> None:
    text = written(report, "csv", "homes", tmp_path).read_text("utf-8-sig")
    assert "1.23456789" in text
    assert ",0.00001," in text  # and not 1e-05, which GPX bars and people do not read
    assert ",12345.678901," in text
