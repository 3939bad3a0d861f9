"""`coverage` by the command line: elevation files of odd kinds, towers in odd places, and the files that come of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.coverage.grid import Grid
from cn_planner.geo import WGS84, geodesics, transform

SHAPE = (90, 110)
METRIC = Affine(30.0, 0.0, 400_000.0, 0.0, -30.0, 4_650_000.0)


def _hills() -> np.ndarray:
    row, column = np.indices(SHAPE)
    return np.rint(300.0 + 40.0 * np.sin(row / 9.0) * np.cos(column / 13.0) + column)


def _dem(path: Path, z: np.ndarray, at: Affine = METRIC, crs: str = "EPSG:32631", **more) -> Path:
    rows, columns = z.shape
    with rasterio.open(
        path, "w", "GTiff", height=rows, width=columns, count=1, dtype=z.dtype.name, crs=crs, transform=at, **more
    ) as dataset:
        dataset.write(z, 1)
    return path


def _place(row: float, column: float, at: Affine = METRIC, crs: str = "EPSG:32631") -> str:
    a, b, c, d, e, f = at[:6]
    grid = Grid(crs, (a, b, c + (a + b) / 2, d, e, f + (d + e) / 2), SHAPE, 30.0)
    (latitude,), (longitude,) = grid.centres(np.array([row]), np.array([column]))
    return f"{latitude:.9f},{longitude:.9f},20"


def _run(dem: Path, out: Path, *words, site: str = _place(40, 50), radius: float = 1.0, model: str = "los"):
    return CliRunner().invoke(
        app,
        [
            "coverage", "--dem", str(dem), "--site", site, "--rx-height", "4", "--radius-km", str(radius),
            "--model", model, "--freq-mhz", "900", "--out", str(out), "--json", *map(str, words),
        ],
    )  # fmt: skip


def _band(done, out: Path) -> np.ndarray:
    assert done.exit_code == 0, done.stderr
    with rasterio.open(out) as dataset:
        said = json.loads(done.stdout)["grid"]
        assert (said["rows"], said["columns"]) == dataset.shape
        a, b, c, d, e, f = dataset.transform[:6]
        assert said["transform"] == pytest.approx([a, b, c + (a + b) / 2, d, e, f + (d + e) / 2])
        return dataset.read(1)


@pytest.mark.parametrize("kind", ["float64", "int16", "uint16", "float32"])
@pytest.mark.parametrize("model", ["los", "p526"])
def test_number_kinds_give_the_same_map(tmp_path, kind, model):
    z, void = _hills(), np.zeros(SHAPE, np.bool_)
    void[45:60, 60:70] = True
    plain = np.where(void, np.nan, z).astype(np.float32)
    want = _band(_run(_dem(tmp_path / "a.tif", plain), tmp_path / "o.tif", model=model), tmp_path / "o.tif")
    code = 0 if kind == "uint16" else -32768
    odd = _dem(tmp_path / "b.tif", np.where(void, code, z).astype(kind), nodata=code)
    done = _run(odd, tmp_path / "p.tif", model=model)
    assert np.array_equal(_band(done, tmp_path / "p.tif"), want, equal_nan=model != "los")
    assert (want[void] == 255).all() if model == "los" else np.isnan(want[void]).all()
    assert "void in b.tif" in done.stderr


def test_degrees_are_mapped_on_a_metric_grid_of_their_own(tmp_path):
    at = Affine(1 / 1200, 0.0, 2.0, 0.0, -1 / 1200, 42.0)
    dem = _dem(tmp_path / "z.tif", _hills().astype(np.int16), at, "EPSG:4326")
    done = _run(dem, tmp_path / "o.tif", site="41.96,2.045,20")
    band = _band(done, tmp_path / "o.tif")
    grid = json.loads(done.stdout)["grid"]
    assert "+proj=tmerc" in grid["crs"]
    assert grid["transform"][0] == 23.0  # a third of 69 m
    assert band.shape == (88, 88) and (band != 255).sum() == pytest.approx(np.pi * (1000 / 23) ** 2, rel=0.02)  # noqa: PT018


def test_a_turned_and_stretched_file_is_mapped_on_its_own_grid(tmp_path):
    turn = np.radians(30)
    at = Affine(
        30 * np.cos(turn), 45 * np.sin(turn), 400_000.0, 30 * np.sin(turn), -45 * np.cos(turn), 4_650_000.0
    )  # fmt: skip
    dem = _dem(tmp_path / "z.tif", np.full(SHAPE, 5.0, np.float32), at)
    done = _run(dem, tmp_path / "o.tif", "--out", tmp_path / "o.geojson", site=_place(40, 50, at))
    band = _band(done, tmp_path / "o.tif")
    row, column = np.indices(SHAPE)
    assert np.array_equal(band == 1, np.hypot((row - 40) * 45.0, (column - 50) * 30.0) <= 1000.0)
    (seen,) = json.loads((tmp_path / "o.geojson").read_text())["features"]
    middle = shapely.geometry.shape(seen["geometry"]).centroid
    assert (middle.y, middle.x) == pytest.approx([float(v) for v in _place(40, 50, at).split(",")[:2]], abs=1e-5)


@pytest.mark.parametrize("model", ["los", "fresnel", "min-height", "free-space", "p526", "p1812", "itm"])
def test_a_file_of_one_pixel_is_mapped(tmp_path, model):
    dem = _dem(tmp_path / "z.tif", np.full((1, 1), 7.0, np.float32))
    done = _run(dem, tmp_path / "o.tif", "--out", tmp_path / "o.png", site=_place(0, 0), model=model)
    band = _band(done, tmp_path / "o.tif")
    assert band.shape == (1, 1)
    assert band[0, 0] == 1 if model == "los" else not np.isnan(band[0, 0])
    assert "outside z.tif" in done.stderr
    assert json.loads(done.stdout)["cells"] == 1


@pytest.mark.parametrize(
    ("site", "words"),
    [
        (_place(5, 5), "void in z.tif"),
        (_place(40, 400), "outside z.tif"),
        ("-12.0,100.0,20", "outside z.tif"),
        ("41.9,1.8,-3", "above ground"),
    ],
)
def test_a_tower_where_none_can_stand_is_refused_and_the_old_file_stays(tmp_path, site, words):
    z = _hills().astype(np.float32)
    z[:20, :20] = np.nan
    dem = _dem(tmp_path / "z.tif", z)
    (tmp_path / "o.tif").write_text("old")
    done = _run(dem, tmp_path / "o.tif", site=site)
    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stdout == ""
    assert {one.name for one in tmp_path.iterdir()} == {"z.tif", "o.tif"}
    assert (tmp_path / "o.tif").read_text() == "old"


def test_a_radius_beyond_the_terrain_is_named_and_has_no_answer(tmp_path):
    dem = _dem(tmp_path / "z.tif", _hills().astype(np.float32))
    whole = _run(dem, tmp_path / "o.tif", radius=50.0)
    assert "outside z.tif" in whole.stderr
    assert (_band(whole, tmp_path / "o.tif") != 255).all()
    other = _run(dem, tmp_path / "o.tif", "--cell-m", 25, radius=3.0)
    assert "outside z.tif" in other.stderr
    band = _band(other, tmp_path / "o.tif")
    assert (band[0] == 255).all()
    assert (band != 255).sum() == pytest.approx(SHAPE[0] * SHAPE[1] * 900 / 625, rel=0.03)


def test_several_files_of_one_map(tmp_path):
    dem = _dem(tmp_path / "z.tif", _hills().astype(np.float32))
    (tmp_path / "sites.csv").write_text(
        "ID, Latitude ,longitude,HEIGHT_M\n"  # as people head their tables
        + "".join(
            f"{name},{_place(*at)}\n" for name, at in (("Mill", (20, 20)), ("Hill", (60, 80)), ("Well", (45, 50)))
        )
    )
    asked = [
        "coverage", "--dem", str(dem), "--sites", str(tmp_path / "sites.csv"), "--rx-height", "4", "--radius-km", "1.5",
        "--model", "los",
    ]  # fmt: skip
    outs = [word for end in ("tif", "png", "geojson") for word in ("--out", str(tmp_path / f"o.{end}"))]
    for how, titles in (("count", ["1", "2", "3"]), ("best", ["Mill", "Hill", "Well"])):
        done = CliRunner().invoke(app, [*asked, *outs, "--combine", how])
        assert done.exit_code == 0, done.stderr
        features = json.loads((tmp_path / "o.geojson").read_text())["features"]
        assert [one["properties"]["title"] for one in features] == titles
        with rasterio.open(tmp_path / "o.tif") as raster, rasterio.open(tmp_path / "o.png") as picture:
            top = round((raster.transform.f - picture.transform.f) / 30.0)
            left = round((picture.transform.c - raster.transform.c) / 30.0)
            pixels = picture.read(1)
            band = raster.read(1)[top : top + picture.height, left : left + picture.width]
            # 0 is open: beyond all radii; 1 light grey: no tower reaches; the others are reached.
            assert np.array_equal(pixels <= 1, band == (0 if how == "count" else -1))
            row, column = np.indices(pixels.shape)
            away = [np.hypot(row - r, column - c) * 30.0 for r, c in ((20, 20), (60, 80), (45, 50))]
            assert np.array_equal(pixels == 0, np.min(away, axis=0) > 1500.0)
            assert len(np.unique(pixels[pixels > 1])) == 3
        assert titles[-1] in (tmp_path / "o.legend.svg").read_text()
    # One map a tower: areas say whose they are, a picture cannot.
    done = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "each.geojson")])
    assert done.exit_code == 0
    features = json.loads((tmp_path / "each.geojson").read_text())["features"]
    assert {one["properties"]["site"] for one in features} == {"Mill", "Hill", "Well"}
    done = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "each.png")])
    assert done.exit_code == 1
    assert "one for each of 3 towers" in done.stderr
    assert not (tmp_path / "each.png").exists()


@pytest.mark.parametrize(
    ("crs", "latitude", "longitude"),
    [("EPSG:3857", 60.0, 25.0), ("EPSG:3035", 35.0, 33.0), ("ESRI:54009", -40.0, 170.0), ("EPSG:32633", 60.0, 15.5)],
)
def test_a_kilometre_of_the_map_is_one_on_the_ground_whatever_the_file_calls_a_metre(
    tmp_path: Path, crs: str, latitude: float, longitude: float
) -> None:
    x, y = transform(WGS84, crs, [longitude], [latitude])
    at = Affine(20.0, 0.0, round(x[0]) - 2000.0, 0.0, -20.0, round(y[0]) + 2000.0)
    dem = _dem(tmp_path / "dem.tif", np.full((200, 200), 50.0, np.float32), at, crs)
    out = tmp_path / "map.tif"
    loss = _band(_run(dem, out, site=f"{latitude},{longitude},20", radius=0.7, model="free-space"), out)
    row, column = np.nonzero(np.isfinite(loss))
    with rasterio.open(out) as dataset:
        a, b, c, d, e, f = dataset.transform[:6]
        there_x, there_y = a * (column + 0.5) + b * (row + 0.5) + c, d * (column + 0.5) + e * (row + 0.5) + f
        lon, lat = transform(str(dataset.crs.to_wkt()), WGS84, there_x, there_y)
    _, _, away_m = geodesics(latitude, longitude, lat, lon)
    assert away_m.max() == pytest.approx(700.0, abs=30.0)
    far = away_m > 200.0  # the antenna stands over the centre of its cell, as far as 14 m from where it was asked for
    of_distance = 20.0 * np.log10(np.hypot(away_m[far], 16.0) * 900.0) - 27.55
    assert loss[row, column][far] == pytest.approx(of_distance, abs=0.65)


def test_towers_too_far_apart_for_one_map_are_not_mapped_at_a_wrong_scale(tmp_path: Path) -> None:
    dem = _dem(tmp_path / "dem.tif", np.full((20, 200), 50.0, np.float32), Affine(0.1, 0, 10, 0, -0.1, 51), "EPSG:4326")
    words = "--site", "50,28,20", "--cell-m", "5000"
    done = _run(dem, tmp_path / "map.tif", *words, site="50,11,20", radius=20.0, model="free-space")
    assert done.exit_code == 1
    assert "too far apart" in done.output
    nearer = _run(dem, tmp_path / "map.tif", "--site", "50,20,20", "--cell-m", "5000", site="50,11,20", radius=20.0)
    assert nearer.exit_code == 0, nearer.output
