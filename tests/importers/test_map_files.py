"""Files of map programs: what GDAL wrote is read back; what a stranger wrote does nothing but fail in words."""

from __future__ import annotations

import gzip
import io
import zipfile

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from cn_planner.errors import FileError, InputError
from cn_planner.geo import WGS84, transform
from cn_planner.gis import kinds
from cn_planner.importers import files
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file, open_table
from cn_planner.model.plan import Plan

PLACES = [("H1", "Akello's", 32.33, 2.819), ("H2", "<b>École</b>", 32.36, 2.84), ("H3", "=1+1", 32.30, 2.80)]
UTM = "EPSG:32636"
KML = (
    '<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Up</name>'
    "<Placemark><name>Mast</name><description>On the hill{more}</description><Point><coordinates>32.3,2.8,900"
    "</coordinates></Point></Placemark><Placemark><name>Way</name><LineString><coordinates>32.3,2.8 32.4,2.9"
    "</coordinates></LineString></Placemark></Folder><Folder><name>Down</name><Placemark><name>Field</name><Polygon>"
    "<outerBoundaryIs><LinearRing><coordinates>32.3,2.7 32.4,2.7 32.4,2.8 32.3,2.8 32.3,2.7</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon></Placemark></Folder></Document></kml>"
)


def write(path, driver, crs="EPSG:4326", layer=None, append=False):
    """As another program writes homes."""
    x, y = transform(WGS84, crs, [p[2] for p in PLACES], [p[3] for p in PLACES])
    columns = {"id": [p[0] for p in PLACES], "name": [p[1] for p in PLACES], "weight": [1.0, 2.5, 3.0]}
    if driver in {"KML", "GPX"}:
        columns = {"name": columns["name"]}
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.points(x, y)), [np.array(v) for v in columns.values()],
        np.array(list(columns), dtype=object), driver=driver, geometry_type="Point", crs=crs, append=append,
        layer=layer or "homes",
    )  # fmt: skip
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def homes(path, **how):
    return import_file(Plan(), path, "households", **how)


@pytest.mark.parametrize(
    ("name", "driver", "crs"),
    [
        ("homes.gpkg", "GPKG", UTM),
        ("homes.shp", "ESRI Shapefile", UTM),
        ("homes.fgb", "FlatGeobuf", UTM),
        ("homes.kml", "KML", WGS84),
        ("homes.gpx", "GPX", WGS84),
    ],
)
def test_what_another_program_wrote_comes_as_it_was(tmp_path, name, driver, crs):
    path = write(tmp_path / name, driver, crs, layer="waypoints" if driver == "GPX" else None)
    got = homes(path.rename(path.with_name("other-name" + path.suffix)) if driver != "ESRI Shapefile" else path)
    assert sorted(one.name for one in got.things) == sorted(p[1] for p in PLACES)
    for one in got.things:  # a FlatGeobuf is sorted by place
        key, _, x, y = next(p for p in PLACES if p[1] == one.name)
        assert (one.longitude, one.latitude) == pytest.approx((x, y), abs=1e-7)
        if driver not in {"KML", "GPX"}:
            assert one.id == key
            assert one.weight in {1.0, 2.5, 3.0}


def test_a_shapefile_in_a_zip_and_homes_in_a_packed_list(tmp_path):
    write(tmp_path / "homes.shp", "ESRI Shapefile", UTM)
    parts = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert [one.id for one in homes(zipped(tmp_path / "all.zip", parts)).things] == ["H1", "H2", "H3"]
    del parts["homes.prj"]
    with pytest.raises(FileError, match="which coordinates"):
        homes(zipped(tmp_path / "lost.zip", parts))
    del parts["homes.dbf"]
    del parts["homes.shx"]
    with pytest.raises(FileError, match=r"damaged|coordinates"):
        homes(zipped(tmp_path / "half.zip", parts))
    rows = "latitude,longitude,area_in_meters,confidence\n2.81,32.33,40,0.9\n2.82,32.34,12,0.6\n2.83,32.35,30,\n"
    (tmp_path / "buildings.csv.gz").write_bytes(gzip.compress(rows.encode()))
    got = homes(tmp_path / "buildings.csv.gz", choices=Choices(least={"Confidence": 0.7}))
    assert len(got.things) == 1
    assert [str(one.left_out) for one in got.reasons] == [
        "2 rows were left out (rows 3, 4): Confidence: less than 0.7."
    ]
    with pytest.raises(InputError, match="no column sureness"):
        homes(tmp_path / "buildings.csv.gz", choices=Choices(least={"sureness": 0.7}))


def test_folders_of_a_kml_come_together_lines_do_not_and_a_kmz_is_the_same(tmp_path):
    text = KML.format(doctype="", more="")
    (tmp_path / "a.kml").write_text(text)
    zipped(tmp_path / "a.kmz", {"doc.kml": text, "icon.png": b"\x89PNG"})
    for name in ("a.kml", "a.kmz"):
        got = import_file(Plan(), tmp_path / name, "sites")
        assert [one.name for one in got.things] == ["Mast", "Field"]
        assert (got.things[1].longitude, got.things[1].latitude) == pytest.approx((32.35, 2.75))
        assert "On the hill" in got.things[0].note
        assert any("line was left out" in str(one) for one in got.warnings)
    assert [
        one.name for one in import_file(Plan(), tmp_path / "a.kml", "sites", choices=Choices(layer="Down")).things
    ] == ["Field"]


def test_of_several_layers_one_is_named(tmp_path):
    path = write(tmp_path / "two.gpkg", "GPKG", layer="houses")
    write(path, "GPKG", layer="masts", append=True)
    with pytest.raises(InputError, match="several layers") as caught:
        homes(path)
    assert "houses, masts" in str(caught.value.fix)
    assert len(homes(path, choices=Choices(layer="masts")).things) == 3
    with pytest.raises(InputError, match="no layer roofs"):
        homes(path, choices=Choices(layer="roofs"))
    write(path, "GPKG", layer="homes", append=True)  # called what is asked for: no question
    assert len(homes(path).things) == 3


def test_homes_from_a_spreadsheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Code", "Lat", "Lon", "Familles"])
    book.active.append(["H1", 2.81, 32.33, 2])
    book.active.append([7, "2,82", "32,34", None])
    book.active.append(["H3", "=1+1", 32.35, 1])
    book.save(tmp_path / "homes.xlsx")
    with pytest.raises(InputError, match="formula"):
        homes(tmp_path / "homes.xlsx", mapping={"weight": "Familles"})
    got = homes(tmp_path / "homes.xlsx", mapping={"weight": "Familles"}, choices=Choices(skip_bad=True))
    assert [(one.id, one.weight) for one in got.things] == [("H1", 2.0), ("7", 1.0)]


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)


@pytest.mark.parametrize(
    "data",
    [
        KML.format(doctype="<!--<OGRVRTDataSource/>-->", more="").encode(),
        KML.format(doctype='<!DOCTYPE kml [<!ENTITY a "b">]>', more="&a;").encode(),
        KML.format(doctype='<!DOCTYPE kml SYSTEM "file:///etc/passwd">', more="").encode("utf-16"),
        VRT.encode(),
        KML.format(doctype="", more="").encode()[:300],
        b"SQLite format 3\0" + bytes(200),
        b"\0\0\x27\x0a" + bytes(96),
        b"fgb\3" + bytes(60),
        b"<gpx></gpx>",
        b"<kml><Document/></kml>",
    ],
    ids=["vrt in a comment", "entity", "external", "vrt", "cut", "sqlite", "shp", "fgb", "gpx", "nothing in it"],
)
def test_files_that_are_damaged_or_point_elsewhere_fail_in_words(tmp_path, data):
    path = tmp_path / "homes.csv"  # what counts is what is in it
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        homes(path)
    assert str(path) in caught.value.where
    assert "root:" not in str(caught.value)


def test_archives_that_climb_grow_or_hold_no_map(tmp_path):
    text = KML.format(doctype="", more="")
    with pytest.raises(FileError, match="climbs out"):
        homes(zipped(tmp_path / "climb.kmz", {"../doc.kml": text}))
    with pytest.raises(FileError, match="unpacks to more"):
        homes(zipped(tmp_path / "big.kmz", {"doc.kml": text + " " * kinds.LARGEST_MEMBER_BYTES}))
    with pytest.raises(FileError, match="holds 2 maps"):
        homes(zipped(tmp_path / "two.zip", {"a.shp": b"\0", "b.shp": b"\0"}))
    inner = io.BytesIO()
    zipped(inner, {"doc.kml": text})
    with pytest.raises(FileError):
        homes(zipped(tmp_path / "nested.zip", {"inner.zip": inner.getvalue()}))


def test_a_real_file_of_another_program(shared_data):
    table = open_table(shared_data / "projectfiles/mesh_sites.kml")
    ((_, cells),) = [row for row in table.rows if row[1][-1]]
    assert cells[table.columns.index("Name")] == "Harrisburg TX"
    assert cells[-2:] == pytest.approx((-76.883611, 40.264444))
    assert ".kmz" in files.suffixes()
