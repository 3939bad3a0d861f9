"""KMZ, GeoJSON, GPX and GeoPackage, each read back by another library than wrote it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import gpxpy
import numpy as np
import pyogrio
import pytest
import shapely
from deployment_example import example_deployment
from export_hostile import TEXTS, hostile_deployment
from lxml import etree

from cn_planner.export.geojson import write_geojson
from cn_planner.export.gpkg import write_gpkg
from cn_planner.export.gpx import write_gpx
from cn_planner.export.kmz import write_kmz
from cn_planner.export.text import clean
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
    assert [(p.y, p.x) for p in points] == [(round(one.latitude, 6), round(one.longitude, 6)) for one in plan.sites]  # type: ignore[attr-defined]
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
    assert len(shapes) == len(plan.outlines) + len(plan.links) + len(plan.sites) + len(plan.homes)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert "ODbL" in content["attribution"]
    assert "Estimate" in content["description"]
    hole = next(one for one in content["features"] if one["properties"].get("site") == "coll")
    outer, inner = hole["geometry"]["coordinates"][0]
    assert shapely.LinearRing(outer).is_ccw  # RFC 7946, 3.1.6
    assert not shapely.LinearRing(inner).is_ccw
    first = next(one for one in content["features"] if one["properties"]["layer"] == "site")
    assert first["geometry"]["coordinates"] == [round(plan.sites[0].longitude, 6), round(plan.sites[0].latitude, 6)]


def test_gpx_has_each_site_with_the_bearing_of_its_antennas(tmp_path: Path) -> None:
    plan = example_deployment()
    write_gpx(plan, tmp_path / "plan.gpx")
    read = gpxpy.parse((tmp_path / "plan.gpx").read_text(encoding="utf-8"))
    assert read.version == "1.1"
    assert [(one.latitude, one.longitude) for one in read.waypoints] == [
        (round(one.latitude, 6), round(one.longitude, 6)) for one in (*plan.sites, *plan.homes)
    ]
    vila = next(one for one in read.waypoints if one.name == "Vila")
    assert vila.elevation == 812.3
    assert "To Serra: 48.2° true, compass 28.5°" in str(vila.description)
    assert "ODbL" in str(read.description)
    assert "ODbL" in str(read.copyright_author)
    # The schema fixes the order of a waypoint's children.
    order = ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type"]
    for one in etree.parse(tmp_path / "plan.gpx").getroot().findall("g:wpt", GPX):
        places = [order.index(etree.QName(child).localname) for child in one]
        assert places == sorted(places)


def test_kmz_has_folders_by_status_and_fetches_nothing(tmp_path: Path) -> None:
    plan = example_deployment()
    write_kmz(plan, tmp_path / "plan.kmz")
    root = kml(tmp_path / "plan.kmz")
    folders = [one.text for one in root.findall("k:Document/k:Folder/k:name", KML)]
    assert folders == ["idea", "agreed", "Homes", "Coverage"]
    with zipfile.ZipFile(tmp_path / "plan.kmz") as archive:
        names = set(archive.namelist())
    hrefs = {one.text for one in root.iter("{http://www.opengis.net/kml/2.2}href")}
    assert hrefs <= names
    marks = root.findall(".//k:Placemark", KML)
    assert len(marks) == len(plan.sites) + len(plan.homes) + len(plan.links) + len(plan.outlines)
    layers = pyogrio.list_layers(tmp_path / "plan.kmz")
    assert len(layers) > 0


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
    wanted = clean(text)
    columns, _ = layer(tmp_path / "plan.gpkg", "sites")
    assert columns["name"] == [wanted] * len(plan.sites)
    content = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))
    assert [one["properties"]["title"] for one in content["features"] if one["properties"]["layer"] == "site"] == [
        wanted
    ] * len(plan.sites)
    marks = kml(tmp_path / "plan.kmz").findall(".//k:Placemark", KML)
    assert sum(one.findtext("k:name", namespaces=KML) == wanted for one in marks) == len(plan.sites) + len(plan.homes)
    for one in marks:  # descriptions are shown as HTML: nothing of people's may be markup there
        assert "<script" not in (one.findtext("k:description", namespaces=KML) or "")
        for value in one.findall(".//k:value", KML):
            assert "<script" not in (value.text or "")
    points = gpxpy.parse((tmp_path / "plan.gpx").read_text(encoding="utf-8")).waypoints
    assert {one.name for one in points} == {wanted}
