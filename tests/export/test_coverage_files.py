"""Coverage maps as pictures and as areas, read back by other libraries than wrote them."""

from __future__ import annotations

import json
import re

import lxml.etree
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from cn_planner.coverage.grid import Grid
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap, map_models
from cn_planner.coverage.received import Quantity
from cn_planner.drawing.coverage_classes import NO_ANSWER, best_scale, count_scale, scale_of, with_none
from cn_planner.errors import FileError, InputError
from cn_planner.export.coverage_files import AreaMap, write_areas, write_picture, write_style
from cn_planner.geo import WGS84, transform
from cn_planner.gis import areas

LOCAL = "+proj=tmerc +lat_0=0 +lon_0=180 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
TURN = np.radians(25)
GRIDS = {
    "utm": ("EPSG:32719", (30.0, 0.0, 300_000.0, 0.0, -30.0, 6_900_000.0)),
    "antimeridian": (LOCAL, (90.0, 0.0, -9_000.0, 0.0, -90.0, 2_000.0)),
    "turned": (
        "EPSG:32632",
        (30 * np.cos(TURN), 40 * np.sin(TURN), 4e5, 30 * np.sin(TURN), -40 * np.cos(TURN), 5.2e6),
    ),
    "half a metre": ("EPSG:32632", (0.5, 0.0, 400_000.25, 0.0, -0.5, 5_200_000.25)),
}


def _grid(name: str, shape: tuple[int, int]) -> Grid:
    crs, to_centre = GRIDS[name]
    return Grid(crs, tuple(map(float, to_centre)), shape, 30.0)


def _loss(shape: tuple[int, int]) -> np.ndarray:
    """Return hills of loss, some specks, a hole without an answer, and nothing beyond a circle."""
    row, column = np.indices(shape)
    rng = np.random.default_rng(2)
    band = 90.0 + 45.0 * np.sin(row / 17.0) * np.cos(column / 23.0) + 0.3 * column + rng.normal(0.0, 2.0, shape)
    band[np.hypot(row - shape[0] / 2, column - shape[1] / 2) > shape[1] / 2] = np.nan
    band[40:50, 60:90] = np.nan
    band[50:60, 90:95] = np.nan  # touches the other at a corner
    return band.astype(np.float32)


def _corners(grid: Grid) -> Affine:
    a, b, c, d, e, f = grid.transform
    return Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)


@pytest.mark.parametrize("name", GRIDS)
def test_areas_give_every_cell_its_class_back(tmp_path, name):
    shape = (150, 240)
    grid, band, scale = _grid(name, shape), _loss(shape), scale_of("p526", Quantity.LOSS, 117.5)
    path = tmp_path / "o.geojson"
    write_areas(path, [AreaMap(band, grid, {"site": "Cerro Ñielol"})], scale, float("nan"))
    found = np.full(shape, NO_ANSWER, int)
    collection = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in collection
    for feature in collection["features"]:
        assert feature["properties"]["site"] == "Cerro Ñielol"
        area = shapely.geometry.shape(feature["geometry"])
        assert area.geom_type == "MultiPolygon"
        assert shapely.is_valid(area)
        west, south, east, north = area.bounds
        assert -180.0 <= west < east <= 180.0
        assert -90.0 <= south < north <= 90.0
        parts = shapely.get_parts(area)
        assert all(one.exterior.is_ccw and not any(hole.is_ccw for hole in one.interiors) for one in parts)
        back = shapely.transform(area, lambda at: np.column_stack(transform(WGS84, grid.crs, at[:, 0], at[:, 1])))
        # Cut at 180 degrees, an area has no cell twice.
        mine = rasterize([back], out_shape=shape, transform=_corners(grid)) == 1
        assert (found[mine] == NO_ANSWER).all()
        low, high = feature["properties"]["low"], feature["properties"]["high"]
        found[mine] = [one.low if np.isfinite(one.low) else None for one in scale.classes].index(low)
        assert high is None or low is None or low < high
    assert np.array_equal(found, scale.of(band, float("nan")))
    want = np.digitize(band, [100, 110, 117.5, 120, 130, 140, 150, 160], right=True)
    assert np.array_equal(found, np.where(np.isnan(band), NO_ANSWER, want))
    if name == "antimeridian":
        all_x = shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in collection["features"]])
        assert (all_x[0], all_x[2]) == (-180.0, 180.0)


def test_long_straight_sides_stay_on_the_grid(tmp_path):
    shape = (4, 3_000)
    crs = "+proj=tmerc +lat_0=62 +lon_0=10 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    grid = Grid(crs, (30.0, 0.0, -45_000.0, 0.0, -30.0, 0.0), shape, 30.0)
    band = np.ones(shape, np.uint8)
    write_areas(tmp_path / "o.geojson", [AreaMap(band, grid, {})], scale_of(GroundMap.LOS, Quantity.LOSS), 255.0)
    (feature,) = json.loads((tmp_path / "o.geojson").read_text())["features"]
    area = shapely.segmentize(shapely.geometry.shape(feature["geometry"]), 1e-3)
    back = shapely.transform(area, lambda at: np.column_stack(transform(WGS84, crs, at[:, 0], at[:, 1])))
    north = shapely.get_coordinates(back)[:, 1]
    # Both long sides, 90 km: one straight line in degrees would leave them by 140 m.
    assert np.minimum(abs(north - 15.0), abs(north + 105.0))[1:-1].min() < 0.3
    ends = np.abs(shapely.get_coordinates(back)[:, 0]) < 44_900.0
    assert np.minimum(abs(north - 15.0), abs(north + 105.0))[ends].max() < 0.3


def test_too_many_corners_are_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(areas, "MOST_CORNERS", 1_000)
    grid, band = _grid("utm", (150, 240)), _loss((150, 240))
    (tmp_path / "o.geojson").write_text("old")
    with pytest.raises(InputError, match="corners"):
        write_areas(tmp_path / "o.geojson", [AreaMap(band, grid, {})], scale_of("itm", Quantity.LOSS), float("nan"))
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("name", GRIDS)
def test_a_picture_lies_where_its_map_lies_and_is_open_where_there_is_no_answer(tmp_path, name):
    shape = (150, 240)
    grid, band, scale = _grid(name, shape), _loss(shape), scale_of("p1812", Quantity.LOSS)
    files = write_picture(tmp_path / "map.png", band, grid, scale, float("nan"))
    assert {one.name for one in files} == {one.name for one in tmp_path.iterdir()}
    with rasterio.open(files[0], driver="PNG") as picture:
        assert np.allclose(picture.transform, _corners(grid), rtol=1e-9)
        assert picture.crs == rasterio.CRS.from_user_input(grid.crs)
        ink = picture.colormap(1)
        pixels = np.array([ink[value] for value in range(len(ink))])[picture.read(1)]
    classes = scale.of(band, float("nan"))
    assert np.array_equal(pixels[..., 3] == 0, np.isnan(band))
    for number, one in enumerate(scale.classes):
        want = [int(one.colour[k : k + 2], 16) for k in (1, 3, 5)] + [255]
        assert (pixels[classes == number] == want).all()
    words = (tmp_path / "map.legend.svg").read_text()
    assert "Loss by ITU-R P.1812, dB" in words
    assert words.index("Up to 100") < words.index("110 to 120") < words.index("Over 160")
    assert re.match(r"PROJCS\[", (tmp_path / "map.prj").read_text())
    first = {one: one.read_bytes() for one in files}
    write_picture(tmp_path / "map.png", band, grid, scale, float("nan"))
    assert {one: one.read_bytes() for one in files} == first


def test_a_picture_that_cannot_be_written_leaves_the_old_files(tmp_path):
    grid, scale = _grid("utm", (10, 12)), scale_of(GroundMap.LOS, Quantity.LOSS)
    write_picture(tmp_path / "map.png", np.zeros((10, 12), np.uint8), grid, scale, 255.0)
    old = {one: one.read_bytes() for one in tmp_path.iterdir()}
    # A folder of the name of a file that is to be: no part of the picture may be replaced.
    next(tmp_path.glob("*.legend.svg")).unlink()
    (tmp_path / "map.legend.svg").mkdir()
    (tmp_path / "map.legend.svg" / "mine").touch()
    with pytest.raises(FileError):
        write_picture(tmp_path / "map.png", np.ones((10, 12), np.uint8), grid, scale, 255.0)
    kept = {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}
    assert kept == {one: data for one, data in old.items() if one.name != "map.legend.svg"}


def test_missing_terrain_is_grey_and_an_area_of_its_own(tmp_path):
    shape = (150, 240)
    grid, band, scale = _grid("utm", shape), _loss(shape), scale_of("p526", Quantity.LOSS)
    missing = np.isnan(band)
    missing[:, :30] = False
    write_picture(tmp_path / "m.png", band, grid, scale, float("nan"), missing=missing)
    with rasterio.open(tmp_path / "m.png") as picture:
        pixels, table = picture.read(1), picture.colormap(1)
    assert np.array_equal(np.array([table[i][3] for i in range(len(table))])[pixels] == 0, np.isnan(band) & ~missing)
    (grey,) = np.unique(pixels[missing])
    assert len(set(table[grey][:3])) == 1
    assert "terrain is missing" in (tmp_path / "m.legend.svg").read_text()
    write_areas(tmp_path / "m.geojson", [AreaMap(band, grid, {}, missing)], scale, float("nan"))
    features = json.loads((tmp_path / "m.geojson").read_text())["features"]
    (lost,) = [one for one in features if one["properties"].get("no_data")]
    assert lost["properties"]["low"] is lost["properties"]["high"] is None
    every = [shapely.geometry.shape(one["geometry"]) for one in features]
    for one in every:
        for other in every:
            assert one is other or one.intersection(other).area < 1e-9, "none lies over another"


@pytest.mark.parametrize("show", [Quantity.LOSS, Quantity.MARGIN])
def test_the_style_of_a_map_shows_each_value_in_its_class(tmp_path, show):
    scale = scale_of("p526", show, 117.5)
    write_style(tmp_path / "o.qml", scale)
    items = lxml.etree.parse(tmp_path / "o.qml").iter("item")
    tops, inks = zip(*((float(item.get("value")), item.get("color")) for item in items), strict=True)
    values = np.array([*range(-20, 200), 117.5, 117.4999, 117.5001], np.float32)[np.newaxis]
    # QGIS: the first class whose value is not below.
    got = [inks[i] for i in np.searchsorted(tops, values[0], side="left")]
    assert got == [scale.classes[i].colour for i in scale.of(values, None)[0]]


def test_the_style_of_whole_numbers(tmp_path):
    scale = with_none(count_scale(40), 0.0)
    write_style(tmp_path / "o.qml", scale, whole=True)
    items = list(lxml.etree.parse(tmp_path / "o.qml").iter("item"))
    assert [float(item.get("value")) for item in items] == [0, 1, 2, 3, 5, 8, 12, 19, 40]
    assert items[0].get("label") == "No tower"


def test_every_map_has_classes_and_a_threshold_is_a_limit_of_them():
    kinds = [
        (model, show)
        for model in map_models()
        for show in Quantity
        if model not in GROUND_MAPS or show is Quantity.LOSS
    ]
    for model, show in kinds:
        for threshold in (None, 0.42, 205.0):
            scale = scale_of(model, show, threshold)
            edges = [one.low for one in scale.classes] + [scale.classes[-1].high]
            assert edges == sorted(edges)
            assert len({one.colour for one in scale.classes}) == len(scale.classes), (model, show, threshold)
            assert threshold is None or model == GroundMap.LOS or threshold in edges
    # What is reached is one side of the threshold: at most a loss, at least a clearance.
    assert scale_of("itm", Quantity.LOSS, 120.0).of(np.array([[120.0, 120.001]]), None).tolist() == [[2, 3]]
    assert scale_of(GroundMap.FRESNEL, Quantity.LOSS).of(np.array([[0.6, 0.599, np.inf]]), None).tolist() == [[3, 2, 4]]


def test_counts_and_best_towers_have_classes_of_their_own():
    counts = np.array([[0, 1, 2, 5, 40]], np.uint16)
    assert count_scale(40, each=True).of(counts, None).tolist() == [[NO_ANSWER, 0, 1, 4, 39]]
    few = count_scale(40)
    assert len(few.classes) == 8
    assert few.of(counts, None)[0, 0] == NO_ANSWER
    assert [str(one.words) for one in few.classes][-2:] == ["13 to 19", "20 to 40"]
    best = best_scale([f"T{i}" for i in range(20)])
    assert best.of(np.array([[-1, 0, 19]], np.int16), -1.0).tolist() == [[NO_ANSWER, 0, 19]]
    assert len({one.colour for one in best.classes}) == 20
    assert [str(one.words) for one in best.listed][:2] == ["T0", "T1"]
