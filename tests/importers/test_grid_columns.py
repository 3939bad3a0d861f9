"""Lists whose places stand in metres of a UTM zone, or in one column, as surveyors and telephones write them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyproj
import pytest

from cn_planner.errors import InputError, PlannerError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.model.plan import Plan
from cn_planner.session.import_preview import preview

KENYA, SPAIN = (-1.45, 36.55), (42.0931, 1.8082)


def listed(folder: Path, *lines: str, kind: str = "households", **choices: object) -> dict:
    file = folder / "list.csv"
    file.write_text("\n".join(lines), "utf-8")
    return import_file(Plan(), file, kind, choices=Choices(**choices)).edit.plan.households


def metres(latitude: float, longitude: float, epsg: int) -> tuple[float, float]:
    return pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(longitude, latitude)


@pytest.mark.parametrize("zone", ["37S", "37 s", "37 South", "Zone 37 Sur", "EPSG:32737", "32737", "37M", "UTM 37M"])
def test_metres_of_a_zone_become_degrees(tmp_path, zone) -> None:
    east, north = metres(*KENYA, 32737)
    home = listed(tmp_path, "id,Easting,Northing,UTM zone", f"A,{east:.2f},{north:.2f},{zone}")["A"]
    assert (home.latitude, home.longitude) == pytest.approx(KENYA, abs=2e-7)


def test_each_row_has_its_own_zone_and_commas_for_points(tmp_path) -> None:
    rows = [(KENYA, 32737, "37S"), (KENYA, 32736, "36S")]
    lines = ["id;zona;este;norte"]
    for number, (place, epsg, zone) in enumerate(rows):
        east, north = (f"{one:.1f}".replace(".", ",") for one in metres(*place, epsg))
        lines.append(f"{number};{zone};{east};{north}")
    for home in listed(tmp_path, *lines).values():
        assert (home.latitude, home.longitude) == pytest.approx(KENYA, abs=2e-6)


def test_metres_without_a_zone_are_refused_with_what_to_do(tmp_path) -> None:
    with pytest.raises(InputError) as told:
        listed(tmp_path, "id,easting,northing", "A,412345,4660123")
    assert "easting, northing are metres of a grid" in str(told.value.what)
    assert "36N" in str(told.value.fix)


@pytest.mark.parametrize("row", ["A,412345,4660123,", "A,412345,4660123,99N", "A,far,4660123,31N", "A,,4660123,31N"])
def test_a_row_that_names_no_place_is_named(tmp_path, row) -> None:
    good = "B,412345,4660123,31N"
    with pytest.raises(PlannerError) as told:
        listed(tmp_path, "id,easting,northing,zone", good, row)
    assert "row 3" in f"{told.value}"
    assert set(listed(tmp_path, "id,easting,northing,zone", good, row, skip_bad=True)) == {"B"}


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("coordinates", '"42.0931, 1.8082"'), ("GPS", "\"42°05'35.2\"\"N 1°48'29.5\"\"E\""),
        ("mgrs", "31TDG0143260584"), ("location", '"geo:42.0931,1.8082"'), ("UTM", "31T 401432 4660584"),
    ],
)  # fmt: skip
def test_a_place_in_one_column_is_read_as_it_is_typed(tmp_path, column, text) -> None:
    home = listed(tmp_path, f"id,{column},note", f"A,{text},by the well")["A"]
    assert (home.latitude, home.longitude) == pytest.approx(SPAIN, abs=2e-3)
    assert home.note == "by the well"


def test_a_plus_code_is_read(tmp_path) -> None:
    """The example of the specification of open location codes."""
    home = listed(tmp_path, "id,plus code", "A,8FVC9G8F+6X")["A"]
    assert (home.latitude, home.longitude) == pytest.approx((47.365590, 8.524997), abs=1e-4)


def test_cells_of_a_workbook_are_numbers_or_nothing(tmp_path) -> None:
    """An empty cell ended in a mistake of the program, and the number of a zone was read as 32737.0."""
    book, file = openpyxl.Workbook(), tmp_path / "list.xlsx"
    east, north = metres(*KENYA, 32737)
    for row in (["id", "easting", "northing", "zone"], ["A", east, north, 32737], ["B", None, north, 32737],
                ["C", east, None, 32737], ["D", east, north, None]):  # fmt: skip
        book.active.append(row)
    book.save(file)
    found = import_file(Plan(), file, "households", choices=Choices(skip_bad=True))
    home = found.edit.plan.households["A"]
    assert (home.latitude, home.longitude) == pytest.approx(KENYA, abs=2e-7)
    assert [f"row {row}" in one.where for row, one in zip((3, 4, 5), found.left_out, strict=True)] == [True] * 3


def test_names_of_places_are_none_and_degrees_go_before_all_else(tmp_path) -> None:
    with pytest.raises(InputError, match="No column holds latitude"):
        listed(tmp_path, "id,location", "A,Upper village", "B,By the river")
    home = listed(tmp_path, "id,latitude,longitude,easting,northing", "A,42.0931,1.8082,1,2")["A"]
    assert (home.latitude, home.longitude) == SPAIN


def test_who_looks_at_the_file_first_sees_the_degrees(tmp_path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id,easting,northing,zone\nA,412345,4660123,31N\n", "utf-8")
    seen = preview(file, "households")
    assert seen.columns == ("id", "easting", "northing", "zone", "latitude", "longitude")
    assert seen.mapping["latitude"] == "latitude"
    assert seen.rows[0][4].startswith("42.08")


@pytest.mark.parametrize("zone", ["", ",zone"])
def test_the_columns_that_a_person_names_go_before_metres(tmp_path, zone) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        f"id,north of here,east of here,easting,northing{zone}\nA,42.0931,1.8082,1,2{zone and ',A'}\n", "utf-8"
    )
    mapping = {"latitude": "north of here", "longitude": "east of here"}
    home = import_file(Plan(), file, "households", mapping).edit.plan.households["A"]
    assert (home.latitude, home.longitude) == SPAIN


def test_metres_without_a_zone_can_be_looked_at_and_their_columns_named(tmp_path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id,easting,northing\nA,412345,4660123\n", "utf-8")
    assert preview(file, "households").columns == ("id", "easting", "northing")


@pytest.mark.parametrize("row", ["zone,easting,northing\nA,31N,412345,4660123", "mgrs,x\nA,31TDG0143260584,1"])
def test_columns_that_say_where_a_place_is_are_not_told_as_unused(tmp_path, row) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"id,{row}\n", "utf-8")
    said = [str(one) for one in import_file(Plan(), file, "households").warnings]
    unused = [one for one in said if "not used" in one]
    assert unused == (["Columns that were not used: x."] if "mgrs" in row else [])
