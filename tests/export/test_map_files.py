"""KMZ, GeoJSON, GPX and GeoPackage, each read back by another library than wrote it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import gpxpy
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from deployment_example import example_deployment
from export_hostile import TEXTS, hostile_deployment
from lxml import etree
from pyproj import Geod
from rasterio.errors import NotGeoreferencedWarning

from cn_planner.export.geojson import write_geojson
from cn_planner.export.geotiff import write_reach
from cn_planner.export.gpkg import write_gpkg
from cn_planner.export.gpx import write_gpx
from cn_planner.export.kmz import write_kmz
from cn_planner.export.linkplanner import write_linkplanner
from cn_planner.export.text import xml_safe
from cn_planner.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

KML = {"k": "http://www.opengis.net/kml/2.2"}
GPX = {"g": "http://www.topografix.com/GPX/1/1"}
WRITERS: dict[str, Callable[[DeploymentPlan, Path], None]] = {
    "geojson": write_geojson,
    "gpkg": write_gpkg,
    "gpx": write_gpx,
    "kmz": write_kmz,
}
IDS = [text[:12].encode("ascii", "replace").decode() for text in TEXTS]


def layer(path: Path, name: str) -> tuple[dict[str, list[object]], list[object]]:
    meta, _, geometry, fields = pyogrio.raw.read(path, layer=name)
    return dict(zip(meta["fields"], (list(one) for one in fields), strict=True)), list(shapely.from_wkb(geometry))


def kml(path: Path) -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("doc.kml"))


def test_geopackage_holds_every_thing_at_its_place(tmp_path: Path) -> None:
    plan = example_deployment()
    write_gpkg(plan, tmp_path / "plan.gpkg")
    columns, points = layer(tmp_path / "plan.gpkg", "sites")
    assert columns["id"] == [one.id for one in plan.sites]
    assert [(p.y, p.x) for p in points] == [(one.latitude, one.longitude) for one in plan.sites]  # type: ignore[attr-defined]
    columns, _ = layer(tmp_path / "plan.gpkg", "homes")
    margins = [np.nan if one.margin_db is None else one.margin_db for one in plan.homes]
    assert np.array_equal(np.array(columns["margin_db"], float), np.array(margins), equal_nan=True)
    columns, lines = layer(tmp_path / "plan.gpkg", "links")
    assert len(lines) == len(plan.links)
    assert columns["verdict"] == ["check on site", "likely"]
    _, areas = layer(tmp_path / "plan.gpkg", "coverage")
    assert [len(shapely.get_rings(shapely.get_parts(area))) for area in areas] == [1, 2]  # the second has a hole
    about, _ = layer(tmp_path / "plan.gpkg", "about")
    assert any("ODbL" in str(text) for text in about["text"])


def test_geojson_is_read_by_gdal_and_keeps_order_and_hole(tmp_path: Path) -> None:
    plan = example_deployment()
    path = tmp_path / "plan.geojson"
    write_geojson(plan, path)
    _, _, geometry, _ = pyogrio.raw.read(path)
    shapes = list(shapely.from_wkb(geometry))
    assert len(shapes) == len(plan.outlines) + len(plan.links) + len(plan.sites) + len(plan.homes) + len(plan.places)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert "ODbL" in content["attribution"]
    assert "Estimate" in content["description"]
    hole = next(one for one in content["features"] if one["properties"].get("site") == "coll")
    outer, inner = hole["geometry"]["coordinates"][0]
    assert shapely.LinearRing(outer).is_ccw  # RFC 7946, 3.1.6
    assert not shapely.LinearRing(inner).is_ccw
    first = next(one for one in content["features"] if one["properties"]["layer"] == "site")
    assert first["geometry"]["coordinates"] == [plan.sites[0].longitude, plan.sites[0].latitude]


def test_gpx_has_each_site_with_the_bearing_of_its_antennas(tmp_path: Path) -> None:
    plan = example_deployment()
    write_gpx(plan, tmp_path / "plan.gpx")
    read = gpxpy.parse((tmp_path / "plan.gpx").read_text(encoding="utf-8"))
    assert read.version == "1.1"
    assert [(one.latitude, one.longitude) for one in read.waypoints] == [
        (one.latitude, one.longitude) for one in (*plan.sites, *plan.homes, *plan.places)
    ]
    vila = next(one for one in read.waypoints if one.name == "Vila")
    assert vila.elevation == 812.3
    assert "To Serra: 48.2° true, compass 28.5°" in str(vila.description)
    assert "ODbL" in str(read.description)
    assert "ODbL" in str(read.copyright_author)
    # The schema fixes the order of a waypoint's children.
    order = ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type", "extensions"]
    for one in etree.parse(tmp_path / "plan.gpx").getroot().findall("g:wpt", GPX):
        places = [order.index(etree.QName(child).localname) for child in one]
        assert places == sorted(places)


def test_kmz_has_folders_by_status_and_fetches_nothing(tmp_path: Path) -> None:
    plan = example_deployment()
    write_kmz(plan, tmp_path / "plan.kmz")
    root = kml(tmp_path / "plan.kmz")
    folders = [one.text for one in root.findall("k:Document/k:Folder/k:name", KML)]
    assert folders == ["idea", "agreed", "Homes", "Public places", "Coverage"]
    with zipfile.ZipFile(tmp_path / "plan.kmz") as archive:
        names = set(archive.namelist())
    hrefs = {one.text for one in root.iter("{http://www.opengis.net/kml/2.2}href")}
    assert hrefs <= names
    marks = root.findall(".//k:Placemark", KML)
    sectors = [one for one in plan.antennas if one.task == "access"]
    points = len(plan.sites) + len(plan.homes) + len(plan.places)
    assert len(marks) == points + len(plan.links) + len(plan.outlines) + len(sectors)
    layers = pyogrio.list_layers(tmp_path / "plan.kmz")
    assert len(layers) > 0


def test_kmz_shows_sectors_as_wedges_of_their_beam_to_the_farthest_home(tmp_path: Path) -> None:
    plan = example_deployment()
    write_kmz(plan, tmp_path / "plan.kmz")
    root = kml(tmp_path / "plan.kmz")
    folder = next(one for one in root.iter(f"{{{KML['k']}}}Folder") if one[0].text == "Sectors")
    marks = {one.findtext("k:name", namespaces=KML): one for one in folder.findall("k:Placemark", KML)}
    assert set(marks) == {"Serra, sector s1", "Coll, sector s1"}
    text = marks["Serra, sector s1"].findtext(".//k:coordinates", namespaces=KML) or ""
    (x0, y0), *rim, last = (tuple(map(float, pair.split(","))) for pair in text.split())
    serra = next(one for one in plan.sites if one.id == "serra")
    assert last == (x0, y0) == (round(serra.longitude, 6), round(serra.latitude, 6))
    geod = Geod(ellps="WGS84")  # by another way than the one that made them
    ways = [geod.inv(x0, y0, x, y) for x, y in rim]
    assert min(way[0] for way in ways) == pytest.approx(-15.0, abs=0.1)  # 30 degrees, 45 to either side
    assert max(way[0] for way in ways) == pytest.approx(75.0, abs=0.1)
    assert all(way[2] == pytest.approx(1234.5, abs=1.0) for way in ways)


def test_the_overlay_and_the_geotiff_count_the_towers_of_the_outlines(tmp_path: Path) -> None:
    plan = example_deployment()
    write_kmz(plan, tmp_path / "plan.kmz")
    write_reach(plan, tmp_path / "reach.tif")
    with rasterio.open(tmp_path / "reach.tif") as file:
        counts, bounds, tags = file.read(1), file.bounds, file.tags()
        assert file.crs.to_epsg() == 4326
        places = {one.id: (one.longitude, one.latitude) for one in plan.sites}
        (in_hole,), (at_serra,) = (tuple(file.sample([places[key]])) for key in ("coll", "serra"))
        assert int(in_hole[0]) == 0
        assert int(at_serra[0]) == 1
    assert "ODbL" in tags["TIFFTAG_COPYRIGHT"]
    assert "Estimate" in " ".join(tags.values())
    # The areas by the raster are those of the places, each cell so large as the parallel of latitude makes it.
    rings = [shapely.Polygon([(lon, lat) for lat, lon in ring]).area for one in plan.outlines for ring in one.rings]
    wanted = rings[0] + rings[1] - rings[2]
    assert counts.sum() / 1200.0**2 == pytest.approx(wanted, rel=0.01)
    box = kml(tmp_path / "plan.kmz").find(".//k:GroundOverlay/k:LatLonBox", KML)
    assert box is not None
    sides = [float(box.findtext(f"k:{side}", namespaces=KML) or "nan") for side in ("west", "south", "east", "north")]
    assert sides == pytest.approx(list(bounds), abs=1e-7)
    with zipfile.ZipFile(tmp_path / "plan.kmz") as archive:
        picture = archive.read("overlays/coverage.png")
    with rasterio.MemoryFile(picture) as memory, pytest.warns(NotGeoreferencedWarning):  # the document places it
        shown = memory.open().read(1)
    assert shown.shape == counts.shape
    assert np.array_equal(shown > 0, counts > 0)


def test_qgis_finds_a_style_for_each_layer_in_the_words_of_the_plan(tmp_path: Path) -> None:
    plan = example_deployment()
    write_gpkg(plan, tmp_path / "plan.gpkg")
    meta, _, _, columns = pyogrio.raw.read(tmp_path / "plan.gpkg", layer="layer_styles")
    fields = dict(zip(meta["fields"], (list(one) for one in columns), strict=True))
    assert fields["f_table_name"] == ["sites", "homes", "places", "links", "coverage"]
    assert all(fields["useAsDefault"])
    by_layer = dict(zip(fields["f_table_name"], fields["styleQML"], strict=True))
    roots = {name: etree.fromstring(str(style).encode()) for name, style in by_layer.items()}
    links, _ = layer(tmp_path / "plan.gpkg", "links")
    values = set(roots["links"].xpath("//category/@value"))
    assert set(links["verdict"]) <= values
    assert set(roots["homes"].xpath("//category/@value")) == {"yes", "no"}
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as database:
        styled = set(database.execute("SELECT f_table_name, f_geometry_column FROM layer_styles"))
        assert styled <= set(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))


def test_linkplanner_reads_sites_as_its_manual_says(tmp_path: Path) -> None:
    plan = example_deployment()
    south = replace(plan.sites[0], latitude=-1.5, longitude=-70.25, name="=1+1, hill")
    write_linkplanner(replace(plan, sites=(south, *plan.sites[1:])), tmp_path / "sites.csv")
    text = (tmp_path / "sites.csv").read_bytes().decode("utf-8")
    assert text.startswith("Name, Latitude, Longitude, Maximum Height, Description, Node Type\r\n")
    rows = list(csv.reader(io.StringIO(text), skipinitialspace=True))[1:]
    assert rows[0][:4] == ["'=1+1, hill", "1.500000S", "70.250000W", "24"]
    assert all(re.fullmatch(r"\d+\.\d{6}[NS]", row[1]) and re.fullmatch(r"\d+\.\d{6}[EW]", row[2]) for row in rows)
    assert [row[5] for row in rows] == ["DN", "", "DN", "POP"]
    assert all("Estimate" in row[4] and "ODbL" in row[4] for row in rows)


def test_kmz_folder_follows_the_status(tmp_path: Path) -> None:
    plan = example_deployment()
    built = replace(plan, sites=tuple(replace(one, status=Status.BUILT) for one in plan.sites))
    write_kmz(built, tmp_path / "plan.kmz")
    folder = next(
        one for one in kml(tmp_path / "plan.kmz").findall("k:Document/k:Folder", KML) if one[0].text == "built"
    )
    assert len(folder.findall(".//k:Point", KML)) == len(plan.sites)


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_any_name_arrives_as_it_was_written(text: str, tmp_path: Path) -> None:
    plan = hostile_deployment(text)
    for suffix, write in WRITERS.items():
        write(plan, tmp_path / f"plan.{suffix}")
    wanted = xml_safe(text)
    columns, _ = layer(tmp_path / "plan.gpkg", "sites")
    assert columns["name"] == [wanted] * len(plan.sites)
    content = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))
    assert [one["properties"]["title"] for one in content["features"] if one["properties"]["layer"] == "site"] == [
        wanted
    ] * len(plan.sites)
    marks = kml(tmp_path / "plan.kmz").findall(".//k:Placemark", KML)
    assert sum(one.findtext("k:name", namespaces=KML) == wanted for one in marks) == (
        len(plan.sites) + len(plan.homes) + len(plan.places)
    )
    for one in marks:  # descriptions are shown as HTML: nothing of people's may be markup there
        assert "<script" not in (one.findtext("k:description", namespaces=KML) or "")
        for value in one.findall(".//k:value", KML):
            assert "<script" not in (value.text or "")
    points = gpxpy.parse((tmp_path / "plan.gpx").read_text(encoding="utf-8")).waypoints
    assert {one.name for one in points} == {wanted}


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_on_the_antimeridian_no_line_and_no_area_runs_round_the_world(form: str, tmp_path: Path) -> None:
    plan = example_deployment()
    middle = sum(site.longitude for site in plan.sites) / len(plan.sites)

    def moved(longitude: float) -> float:
        return (longitude - middle + 360.0) % 360.0 - 180.0

    there = replace(
        plan,
        sites=tuple(replace(one, longitude=moved(one.longitude)) for one in plan.sites),
        homes=tuple(replace(one, longitude=moved(one.longitude)) for one in plan.homes),
        outlines=tuple(
            replace(one, rings=tuple(tuple((lat, moved(lon)) for lat, lon in ring) for ring in one.rings))
            for one in plan.outlines
        ),
    )
    found = []
    for name, one in (("here", plan), ("there", there)):
        WRITERS[form](one, tmp_path / f"{name}.{form}")
        names = ["links", "coverage"] if form == "gpkg" else [None]
        read = [pyogrio.raw.read(tmp_path / f"{name}.{form}", layer=layer)[2] for layer in names]
        shapes = [shape for geometry in read for shape in shapely.from_wkb(geometry) if shape.geom_type != "Point"]
        found.append(shapes)
    parts = shapely.get_parts([*found[1]])
    west, _, east, _ = shapely.bounds(parts).T
    assert (east - west).max() < 1.0
    assert west.min() >= -180.0
    assert east.max() <= 180.0
    assert len(parts) > len(shapely.get_parts([*found[0]])), "something crosses"
    for measure in (shapely.area, shapely.length):
        lines = [
            [one for one in shapes if ("Line" in one.geom_type) is (measure is shapely.length)] for shapes in found
        ]
        assert measure(lines[1]) == pytest.approx(measure(lines[0]), rel=1e-3, abs=1e-9)
