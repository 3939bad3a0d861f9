"""Imports: what people would lose if a file were read wrongly, by halves, or refused without saying where."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file, open_table
from cn_planner.importers.result import RowError
from cn_planner.model.checks import problems
from cn_planner.model.history import changes
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    HomeKind,
    Household,
    Plan,
    Priority,
    RelayConsent,
    Site,
    SiteRole,
    Status,
    TerrainFile,
    Uplink,
)
from cn_planner.model.settings import change_setting
from cn_planner.progress import CancelToken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(content: str | bytes, name: str = "homes.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def homes(path: Path, **options: Any) -> tuple[Household, ...]:
    return import_file(Plan(), path, "households", **options).things


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("id,lat,lon", "a,42.09,-1.81"),
        ("ID;Latitude_deg;LNG", "a;42,09;-1,81"),
        ("id\tY\tX", "a\t42.09\t-1.81"),
        ("Código,Latitud,Longitud", '"a","42.09","-1.81"'),
        ("id,latitude,longitude", "a,42.09N,1.81W"),
        ("id;latitude;longitude", "a; 42,09 ;\u22121,81"),
    ],
)
def test_headers_delimiters_and_decimal_commas_as_people_write_them(write: Write, header: str, row: str) -> None:
    mapping = {"id": "Código"} if "Código" in header else {}
    (home,) = homes(write(f"{header}\n{row}\n"), mapping=mapping)
    assert (home.id, home.latitude, home.longitude) == ("a", 42.09, -1.81)


def test_every_field_of_a_home(write: Write) -> None:
    path = write(
        "id,name,latitude,longitude,weight,antenna_height_m,priority,kind\n"
        '1,"Escola, vella",1,2,3,4.5,must,School\n'
        "2,,1.5,2.5,,,,\n"
    )
    school, home = homes(path)
    assert school == Household(
        "1", "Escola, vella", 1.0, 2.0, weight=3.0, antenna_height_m=4.5, kind=HomeKind.SCHOOL, priority=Priority.MUST
    )
    assert home == Household("2", "", 1.5, 2.5)


def test_every_field_of_a_site(write: Write) -> None:
    path = write("id,name,latitude,longitude,role,status,max_height_m,cost\ng,Vila,1,2,gateway,agreed,18,750\n")
    (site,) = import_file(Plan(), path, "sites").things
    assert site == Site(
        "g", "Vila", 1.0, 2.0, role=SiteRole.GATEWAY, status=Status.AGREED, max_height_m=18.0, build_cost=750.0
    )


@pytest.mark.parametrize(
    ("columns", "values", "expected"),
    [("uplink_month", "50", ("", 0.0, 50.0, 0.0)), ("uplink_mbps", "80", ("", 80.0, 0.0, 0.0)),
     ("uplink_kind", "satellite", ("satellite", 0.0, 0.0, 0.0)), ("uplink_open", "450", ("", 0.0, 0.0, 450.0))],
)  # fmt: skip
def test_of_a_connection_nothing_is_known_but_what_was_written(write: Write, columns, values, expected) -> None:
    """A monthly cost alone made of it 100 Mbit/s of fibre, which nobody had written."""
    result = import_file(Plan(), write(f"id,latitude,longitude,role,{columns}\ng,1,2,gateway,{values}\n"), "sites")
    plan = result.edit.plan
    assert plan.sites["g"].uplink == Uplink(*expected)
    asked = [str(one.what) for one in problems(plan) if one.answer == "sites.uplink"]
    assert ("how fast" in " ".join(asked)) == (expected[1] == 0.0)


def test_set_writes_of_a_connection_what_was_typed_alone() -> None:
    plan = Plan(sites=Items([Site("g", "G", 1.0, 2.0, role=SiteRole.GATEWAY)]))
    made = change_setting(plan, {"sites.g.uplink.monthly_cost": "50"}).plan
    assert made.sites["g"].uplink == Uplink("", 0.0, 50.0, 0.0)


@pytest.mark.parametrize("column", ["cost", "uplink_open", "uplink_month"])
@pytest.mark.parametrize("mark", [".", ","])
def test_money_of_which_a_point_or_comma_may_part_the_thousands_is_not_guessed(
    write: Write, column: str, mark: str
) -> None:
    path = write(f"id;latitude;longitude;max_height_m;{column}\ns;1,5;2,5;12.125;1{mark}200\n")
    with pytest.raises(InputError, match=r"may be 1200 or 1.2"):
        import_file(Plan(), path, "sites")
    path = write(f"id;latitude;longitude;max_height_m;{column}\ns;1,5;2,5;12.125;1200{mark}50\n")
    (site,) = import_file(Plan(), path, "sites").things
    costs = (site.build_cost, *(() if site.uplink is None else (site.uplink.open_cost, site.uplink.monthly_cost)))
    assert (site.max_height_m, max(costs)) == (12.125, 1200.5)


def test_a_gateways_connection_and_who_lives_where_are_read_as_the_contract_says(write: Write) -> None:
    path = write(
        "id,latitude,longitude,role,uplink_kind,uplink_mbps,uplink_month,uplink_open\ng,1,2,gateway,fibre,200,90,450\n"
    )
    (site,) = import_file(Plan(), path, "sites").things
    assert site.uplink == Uplink("fibre", 200.0, 90.0, 450.0)
    path = write(
        "id,latitude,longitude,role,uplink_kind,uplink_mbps,uplink_month,uplink_open\n"
        "s,1,2,gateway_option,satellite,80,60,500\n"
    )
    (site,) = import_file(Plan(), path, "sites").things
    assert (site.role, site.uplink_bought) == (SiteRole.GATEWAY_OPTION, False)
    assert site.uplink == Uplink("satellite", 80.0, 60.0, 500.0)
    first, second = homes(write("id,latitude,longitude,relay,people\na,1,2,yes,5\nb,1,2.1,,\n"))
    assert (first.relay, first.people) == (RelayConsent.YES, 5.0)
    assert (second.relay, second.people) == (RelayConsent.ASK, None)
    (third, fourth) = homes(write("id,latitude,longitude,relay\na,1,2,perhaps\nb,1,2.1,not asked\n"))
    assert (third.relay, third.note) == (RelayConsent.ASK, "relay: perhaps")
    assert (fourth.relay, fourth.note) == (RelayConsent.ASK, "")


@pytest.mark.parametrize(
    ("kind", "column", "cell"),
    [("sites", "cost", "12,000"), ("households", "weight", "1,500"), ("sites", "cost", " 1,234 ")],
)
def test_a_comma_that_may_part_thousands_is_asked_about_and_not_guessed(
    write: Write, kind: str, column: str, cell: str
) -> None:
    with pytest.raises(InputError) as caught:
        import_file(Plan(), write(f"id;lat;lon;{column}\na;1;2;{cell}\n"), kind)
    assert "without a comma" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [("cost", "12,5", 12.5), ("cost", "12,0005", 12.0005), ("cost", "0,125", 0.125), ("max_height_m", "12,500", 12.5)],
)
def test_a_comma_that_can_only_stand_for_the_point_is_read(write: Write, column: str, cell: str, value: float) -> None:
    (site,) = import_file(Plan(), write(f"id;lat;lon;{column}\na;1,234;2,345;{cell}\n"), "sites").things
    assert (site.latitude, site.longitude) == (1.234, 2.345)
    assert value in (site.build_cost, site.max_height_m)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("42°30'36\"N", "1° 31′ 30″ W"), ("N 42° 30.6'", "-1°31.5'"), ("42°30'36''", "W 1°31,5′"), ("42.51", "1.525W")],
)
def test_degrees_minutes_and_seconds_are_read_as_telephones_and_gps_write_them(
    write: Write, lat: str, lon: str
) -> None:
    (home,) = homes(write(f"id;lat;lon\na;{lat};{lon}\n"))
    assert (home.latitude, home.longitude) == pytest.approx((42.51, -1.525), abs=1e-9)


@pytest.mark.parametrize("cell", ["13,4 O", "13.4O", "O 13.4", "13.4° o"])
def test_an_o_that_is_east_in_one_language_and_west_in_another_is_asked_about(write: Write, cell: str) -> None:
    with pytest.raises(InputError) as caught:
        homes(write(f"id;lat;lon\na;47,2;{cell}\n"))
    assert "Write E or W" in str(caught.value)


def test_measurements(write: Write) -> None:
    path = write("id,lat,lon,frequency,rssi,site\nm1,1,2,5560,-71.5,tower\n")
    (measured,) = import_file(Plan(), path, "measurements").things
    assert (measured.freq_mhz, measured.level_dbm, measured.site) == (5560.0, -71.5, "tower")


@pytest.mark.parametrize(
    ("encoding", "warned"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("latin-1", True)]
)
def test_accents_survive_and_a_guessed_encoding_is_said(write: Write, encoding: str, warned: bool) -> None:
    path = write("id,name,lat,lon\n1,Camí de l'Àliga,42,1.8\n".encode(encoding))
    result = import_file(Plan(), path, "households")
    assert result.things[0].name == "Camí de l'Àliga"
    assert any("not UTF-8" in str(warning) for warning in result.warnings) == warned


def test_names_stay_plain_text_without_control_characters(write: Write) -> None:
    path = write('id,name,lat,lon\n1,"=HYPERLINK(""http://x"")",1,1\n2,<b>a</b>,1,2\n3,"a\x07b\u202ec\nd",1,3\n')
    assert [home.name for home in homes(path)] == ['=HYPERLINK("http://x")', "<b>a</b>", "a bc d"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("\ufeff \n", "empty"),
        ("id,lat,lon\n", "no rows"),
        (b"PK\x03\x04" + bytes(100), "damaged or cut short"),
        (b"SQLite format 3\x00" + bytes(100), "no points or areas"),
        ("<html><body>", "web page"),
        (b"id,lat,lon\n1,2,3\n1,\x00,3\n", "Row 3 of the file holds a character that no text has"),
        ('id,lat,lon\n1,2,"3\n', "Row 2"),
        ("1,42.0,1.8\n2,42.1,1.9\n", "names of the columns"),
        ("id,name,lat\n1,a,2\n", "No column holds longitude"),
        ("id,lat,lon,lat\n1,2,3,4\n", "Two columns are called lat"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused_in_words(write: Write, content: str | bytes, says: str) -> None:
    path = write(content)
    with pytest.raises((FileError, InputError)) as caught:
        homes(path)
    assert says in str(caught.value)
    assert "homes.csv" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        homes(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("b,91.5,1,1", "lat", "91.5 is not between -90 and 90"),
        ("b,42,181,1", "lon", "181 is not between -180 and 180"),
        ("b,4660000,1,1", "lat", "metres"),
        ("b,nan,1,1", "lat", "finite"),
        ("b,1_0,1,1", "lat", "not a number"),
        ("b,42°75',1,1", "lat", "decimal degrees"),
        ("b,-42°5'N,1,1", "lat", "'-42°5'N' is not in decimal degrees"),
        ("b,42,1N,1", "lon", "other axis"),
        ("b,,1,1", "lat", "empty"),
        ("b,0,0,1", "lat", "sea off Africa"),
        ("b,42,1,-3", "weight", "-3"),
        ("b,42,1,many", "weight", "not a number"),
        (",42,1,1", "id", "empty"),
        ("a,42,1,1", "id", "in row 2 already"),
        ("b,42,1", "", "3 cells where the header has 4"),
        ("b,42,09,1,81", "", "5 cells where the header has 4"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(write: Write, row: str, column: str, says: str) -> None:
    path = write(f"id,lat,lon,weight\na,42,1,1\n{row}\nc,42.1,1.1,1\n")
    with pytest.raises(RowError) as caught:
        homes(path)
    assert caught.value.row == 3
    assert caught.value.column == column
    assert says in str(caught.value)
    assert "homes.csv" in str(caught.value)
    result = import_file(Plan(), path, "households", choices=Choices(skip_bad=True))
    assert [home.id for home in result.things] == ["a", "c"]
    assert [(error.row, error.column) for error in result.left_out] == [(3, column)]


def test_many_bad_rows_are_named_up_to_twenty(write: Write) -> None:
    path = write("id,lat,lon\n" + "".join(f"{n},x,1\n" for n in range(30)))
    with pytest.raises(InputError) as caught:
        homes(path)
    text = str(caught.value)
    assert "30 rows" in text
    assert text.count("homes.csv, row") == 20
    assert "and 10 more" in text


def test_a_file_of_bad_rows_alone_is_refused_even_if_they_may_be_skipped(write: Write) -> None:
    with pytest.raises(InputError):
        homes(write("id,lat,lon\n1,x,1\n2,x,1\n"), choices=Choices(skip_bad=True))


def test_turned_coordinates_are_said_and_the_words_to_turn_them_work(write: Write) -> None:
    path = write("id,lat,lon\n" + "".join(f"{n},121.{n},14.{n}\n" for n in range(10, 20)))
    with pytest.raises(InputError, match="turned round") as caught:
        homes(path)
    assert "--map latitude=lon --map longitude=lat" in str(caught.value)
    turned = homes(path, mapping={"latitude": "lon", "longitude": "lat"})
    assert turned[0].latitude == 14.10


@pytest.mark.parametrize("by", ["sites", "terrain", "places"])
def test_turned_coordinates_are_known_by_the_plans_place(write: Write, by: str) -> None:
    path = write("id,lat,lon\n1,1.80,42.09\n2,1.81,42.10\n")
    plan = Plan()
    if by == "sites":
        plan = Plan(sites=Items([Site("s", "S", 42.0, 1.7)]))
    elif by == "terrain":
        plan = Plan(terrain=Items([TerrainFile("N42E001.hgt.zip", "N42E001.hgt.zip", "", 92.0)]))
    places = ((42.0, 1.0, 43.0, 2.0),) if by == "places" else ()
    with pytest.raises(InputError, match="turned round"):
        import_file(plan, path, "households", places=places)
    import_file(plan, path, "households", {"latitude": "lon", "longitude": "lat"}, places=places)


def test_one_slip_beside_a_home_that_lies_where_the_plan_is_turns_neither_round(write: Write) -> None:
    plan = Plan(sites=Items([Site("s", "S", 42.0, 1.7)]))
    with pytest.raises(InputError, match="row 3, column lat: 95 is not between -90 and 90"):
        import_file(plan, write("id,lat,lon\n1,42.0,1.8\n2,95,1.8\n"), "households")


def test_positions_elsewhere_than_the_plan_are_warned_of(write: Write) -> None:
    plan = Plan(sites=Items([Site("s", "S", 42.0, 1.7)]))
    result = import_file(plan, write("id,lat,lon\n1,-33.1,18.5\n"), "households")
    assert any("elsewhere than the plan" in str(warning) for warning in result.warnings)


@pytest.mark.parametrize("by", ["sites", "places"])
def test_a_place_across_180_degrees_is_one_place(write: Write, by: str) -> None:
    """Half of its homes had a longitude of -179.9, and all of them lay elsewhere, "about -16.80, -0.01"."""
    rows = "1,-16.80,179.98\n2,-16.81,-179.97\n3,-16.79,-179.99\n"
    plan = Plan(sites=Items([Site("s", "S", -16.80, 179.99)])) if by == "sites" else Plan()
    places = ((-16.86, 179.93, -16.74, -179.95),) if by == "places" else ()
    found = import_file(plan, write(f"id,lat,lon\n{rows}"), "households", places=places)
    assert not [one for one in found.warnings if "elsewhere" in str(one)]
    far = import_file(Plan(sites=Items([Site("s", "S", 42.0, 1.7)])), write(f"id,lat,lon\n{rows}"), "households")
    assert any("about -16.80, -179.99" in str(one) for one in far.warnings)


def test_ids_in_the_plan_are_updated_in_what_the_file_says(write: Write) -> None:
    site = Site("t", "Tower", 42.0, 1.8, owner="Maria", mast_height_m=12.0, max_height_m=12.0)
    plan = Plan(sites=Items([site]))
    result = import_file(plan, write("id,lat,lon,max_height_m,owner\nt,42.1,1.8,18,\nu,42.2,1.8,,\n"), "sites")
    assert (result.added, result.updated) == (1, 1)
    new = result.edit.plan.sites["t"]
    assert (new.latitude, new.max_height_m, new.name, new.owner, new.mast_height_m) == (
        42.1,
        18.0,
        "Tower",
        "Maria",
        12.0,
    )
    assert any("changed" in str(warning) for warning in result.warnings)
    assert len(changes(plan, result.edit.plan)) == 2
    assert plan.sites["t"] is site


def test_rows_without_ids_are_numbered_beside_what_is_there(write: Write) -> None:
    plan = Plan(households=Items([Household("home-00001", "", 42.0, 1.8)]))
    result = import_file(plan, write("lat,lon\n42,1.9\n42.1,1.9\n"), "households")
    assert [home.id for home in result.things] == ["home-00002", "home-00003"]
    assert any("No column holds an id" in str(warning) for warning in result.warnings)


def test_words_that_mean_nothing_are_kept_as_notes_and_said(write: Write) -> None:
    path = write("id,lat,lon,status\n1,42,1,Working\n2,42.1,1,Reserved\n3,42.2,1,Planned\n")
    result = import_file(Plan(), path, "sites")
    assert [(site.status, site.note) for site in result.things] == [
        (Status.BUILT, ""),
        (Status.IDEA, "status: Reserved"),
        (Status.IDEA, ""),
    ]
    assert any("Reserved" in str(warning) for warning in result.warnings)


def test_an_unknown_role_is_not_taken_for_a_candidate(write: Write) -> None:
    with pytest.raises(RowError, match="gateway, gateway_option, candidate, relay, existing"):
        import_file(Plan(), write("id,lat,lon,role\n1,42,1,gatway\n"), "sites")


def test_mapping_names_what_is_not_there(write: Write) -> None:
    path = write("a,b,c\n1,2,3\n")
    with pytest.raises(InputError, match="no field heigth"):
        homes(path, mapping={"heigth": "a"})
    with pytest.raises(InputError, match="no column z") as caught:
        homes(path, mapping={"latitude": "z"})
    assert "a, b, c" in str(caught.value)
    (home,) = homes(path, mapping={"id": "a", "latitude": "b", "longitude": "c"})
    assert (home.latitude, home.longitude) == (2.0, 3.0)


def test_an_import_can_be_cancelled(write: Write) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        homes(write("id,lat,lon\n1,2,3\n"), cancel=token)


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(x: object, y: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": [x, y]}


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


def test_geojson_by_what_is_in_it_whatever_its_name(write: Write) -> None:
    square = {"type": "Polygon", "coordinates": [[[1, 42], [1.2, 42], [1.2, 42.2], [1, 42.2], [1, 42]]]}
    path = write(
        collection(
            feature(point(1.8, 42.1), id=7, name="A\u202eb", weight=2, priority=True, tags={"x": 1}),
            feature(square, id="house"),
        ),
        "homes.csv",
    )
    first, second = homes(path)
    assert (first.id, first.name, first.weight, first.priority) == ("7", "Ab", 2.0, Priority.MUST)
    assert (first.latitude, first.longitude) == (42.1, 1.8)
    assert (second.latitude, second.longitude) == (pytest.approx(42.1), pytest.approx(1.1))


def test_geojson_with_turned_coordinates(write: Write) -> None:
    path = write(collection(*(feature(point(14.5 + n / 100, 121.0), id=n) for n in range(5))), "homes.geojson")
    with pytest.raises(InputError, match="--map latitude=x --map longitude=y"):
        homes(path)
    assert homes(path, mapping={"latitude": "x", "longitude": "y"})[0].latitude == 14.5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (collection(feature(point(1, 2), id=1))[:-9], "not JSON in row 1"),
        ("[" * 100_000, "not JSON"),
        ("[1, 2]", "not a GeoJSON"),
        ('{"features": [' + "[" * 100_000, "not JSON"),
        (collection(feature(point(1, 2), id=1))[:-9].replace(", ", ",\n"), "not JSON in row 6"),
        ('{"type": "FeatureCollection", "features": [{"id": Infinity}]}', "not finite"),
        ('{"type": "FeatureCollection", "features": [{"id": 1e999}]}', "not finite"),
        ("{}", "not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": {}}', "not a GeoJSON FeatureCollection"),
        (collection(), "no features"),
        (collection(feature(None, id=1)), "no position"),
        (collection(feature(point("1", 2), id=1)), "no position"),
        (collection(feature(point(10**400, 2), id=1)), "no position"),
        (collection(feature({"type": "Polygon", "coordinates": [[1]]}, id=1)), "no position"),
        (collection(feature({"type": "LineString", "coordinates": [[10**400, 2], [1, 2]]}, id=1)), "no position"),
        (collection(3), "not a feature"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "not finite"),
        (
            collection(
                feature(point(1, 2), id=1), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25831"}}
            ),
            "EPSG::25831",
        ),
    ],
)
def test_damaged_geojson_is_refused_in_words(write: Write, content: str, says: str) -> None:
    with pytest.raises((FileError, InputError)) as caught:
        homes(write(content, "homes.geojson"))
    assert says in str(caught.value)
    assert "homes.geojson" in str(caught.value)


def test_a_large_geojson_is_not_held_in_memory_as_values(write: Write) -> None:
    many = [feature(point(1 + n / 1e4, 42), id=n, name=f"home {n}", tags=[n] * 20) for n in range(5000)]
    path = write(collection(*many), "homes.geojson")
    tracemalloc.start()
    try:
        table = open_table(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * path.stat().st_size
    assert sum(1 for _ in table.rows) == len(many)


def test_bergueda(shared_data: Path) -> None:
    result = import_file(Plan(), shared_data / "networks" / "bergueda_nodes.csv", "sites")
    assert len(result.things) == 322
    assert sum(site.status is Status.BUILT for site in result.things) == 224
    assert not result.left_out


def test_andoain_masts_stand_where_something_is_built(shared_data: Path) -> None:
    path = shared_data / "networks" / "andoain_nodes.csv"
    sites = import_file(Plan(), path, "sites").edit.plan.sites
    assert len(sites) == 29
    assert (sites["N001"].mast_height_m, sites["N001"].role) == (12.0, SiteRole.EXISTING)
    assert sites["N006"].mast_height_m is None  # reserved, not built
    assert all(site.mast_height_m is None or site.mast_height_m <= site.max_height_m for site in sites.values())
    assert import_file(Plan(), path, "households").edit.plan.households["N004"].antenna_height_m == 20.0


def test_gulu(shared_data: Path) -> None:
    result = import_file(Plan(), shared_data / "households" / "gulu_buildings.csv", "households")
    assert len(result.edit.plan.households) == 26_946
    assert result.edit.plan.households["B00001"].latitude == 2.778224
    assert any("roof_area_m2" in str(warning) for warning in result.warnings)
