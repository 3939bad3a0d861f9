"""Towers far apart: their maps are made window by window, and are those of the map that is made at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.export import coverage_windows

COMMAND = [sys.executable, "-c", "from cn_planner.cli.main import main; main()", "coverage"]
CELL, SIZE = 30.0, 900
CORNER = Affine(CELL, 0.0, 500_000.0, 0.0, -CELL, 4_500_000.0)
TOWERS = {"Mill": (150, 200), "Hill": (180, 260), "Far": (760, 700)}


def _hills(rows: int, columns: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    field = np.cumsum(np.cumsum(rng.normal(size=(rows, columns)), axis=0), axis=1)
    return (np.hypot(field / 60.0, 5.0)).astype(np.float32)


def _dem(path: Path, crs: str = "EPSG:32631", at: Affine = CORNER) -> Path:
    z = _hills(SIZE, SIZE)
    with rasterio.open(
        path, "w", "GTiff", height=SIZE, width=SIZE, count=1, dtype="float32", crs=crs, transform=at
    ) as d:
        d.write(z, 1)
    return path


def _sites(path: Path) -> Path:
    rows = [f"{n},{500_000 + CELL * (c + 0.5)},{4_500_000 - CELL * (r + 0.5)},20" for n, (r, c) in TOWERS.items()]
    path.write_text("id,easting,northing,height_m\n" + "\n".join(rows) + "\n")
    return path


def _run(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["coverage", *map(str, words)])
    assert done.exit_code == status, done.stderr
    return done.stderr


ASKED = {
    "los": ("--model", "los"),
    "los count": ("--model", "los", "--combine", "count"),
    "fresnel best": ("--model", "fresnel", "--combine", "best"),
    "p526": ("--model", "p526"),
    "p526 count": ("--model", "p526", "--combine", "count", "--threshold", "120"),
    "p526 best": ("--model", "p526", "--combine", "best", "--threshold", "140"),
    "min-height count": ("--model", "min-height", "--combine", "count", "--threshold", "8"),
}


@pytest.fixture
def by_windows(monkeypatch):
    monkeypatch.setattr(coverage_windows, "LARGE_CELLS", 1)


@pytest.mark.parametrize("name", ASKED)
def test_windows_give_the_map_that_is_made_at_once(tmp_path, monkeypatch, name):
    dem, sites = _dem(tmp_path / "z.tif"), _sites(tmp_path / "sites.csv")
    asked = ("--dem", dem, "--sites", sites, "--rx-height", 5, "--radius-km", 3, "--freq-mhz", 900, *ASKED[name])
    _run(*asked, "--out", tmp_path / "whole.tif")
    monkeypatch.setattr(coverage_windows, "LARGE_CELLS", 1)
    _run(*asked, "--out", tmp_path / "parts.tif")
    with rasterio.open(tmp_path / "whole.tif") as whole, rasterio.open(tmp_path / "parts.tif") as parts:
        want, got = whole.read(), parts.read()
        assert str(whole.profile) == str(parts.profile)  # NaN is not NaN
        assert (whole.descriptions, whole.units, whole.tags()) == (parts.descriptions, parts.units, parts.tags())
        assert [whole.tags(i) for i in whole.indexes] == [parts.tags(i) for i in parts.indexes]
    assert np.array_equal(want, got, equal_nan=want.dtype.kind == "f")
    assert len(np.unique(got[np.isfinite(got)] if got.dtype.kind == "f" else got)) > 1


def test_degrees_too_and_areas_of_each_tower(tmp_path, monkeypatch):
    step = 1 / 1200
    at = Affine(step, 0.0, 9.6, 0.0, -step, 45.6)
    dem = _dem(tmp_path / "z.tif", "EPSG:4326", at)
    places = [f"{45.6 - step * (r + 0.5):.6f},{9.6 + step * (c + 0.5):.6f},20" for r, c in TOWERS.values()]
    sites = [word for place in places for word in ("--site", place)]
    asked = ("--dem", dem, *sites, "--rx-height", 5, "--radius-km", 4, "--model", "los")
    _run(*asked, "--out", tmp_path / "whole.tif", "--out", tmp_path / "whole.geojson")
    monkeypatch.setattr(coverage_windows, "LARGE_CELLS", 1)
    _run(*asked, "--out", tmp_path / "parts.tif", "--out", tmp_path / "parts.geojson")
    with rasterio.open(tmp_path / "whole.tif") as whole, rasterio.open(tmp_path / "parts.tif") as parts:
        assert (whole.transform, whole.shape) == (parts.transform, parts.shape)
        assert np.array_equal(whole.read(), parts.read())
    one, two = (json.loads((tmp_path / f"{n}.geojson").read_text())["features"] for n in ("whole", "parts"))
    assert [f["properties"] for f in one] == [f["properties"] for f in two]
    for whole_one, part_one in zip(one, two, strict=True):
        a, b = shapely.geometry.shape(whole_one["geometry"]), shapely.geometry.shape(part_one["geometry"])
        assert a.symmetric_difference(b).area < 1e-3 * a.area


@pytest.mark.usefixtures("by_windows")
def test_what_needs_the_whole_map_is_refused_in_words(tmp_path):
    dem, sites = _dem(tmp_path / "z.tif"), _sites(tmp_path / "sites.csv")
    asked = ("--dem", dem, "--sites", sites, "--rx-height", 5, "--radius-km", 3, "--model", "los")
    for out in ("o.png", "o.svg", "o.geojson"):
        said = _run(*asked, "--combine", "count", "--out", tmp_path / out, "--out", tmp_path / "o.tif", status=1)
        assert "larger cells" in said
    assert sorted(one.name for one in tmp_path.iterdir()) == ["sites.csv", "z.tif"]


@pytest.mark.usefixtures("by_windows")
def test_a_tower_without_terrain_leaves_no_file(tmp_path):
    dem = _dem(tmp_path / "z.tif")
    asked = ("--site", "40.6,3.1,20", "--site", "10,20,20", "--rx-height", 5, "--radius-km", 3, "--model", "los")
    assert "outside" in _run("--dem", dem, *asked, "--out", tmp_path / "o.tif", status=1)
    assert [one.name for one in tmp_path.iterdir()] == ["z.tif"]


CAPPED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (2_000_000_000, 2_000_000_000))
from cn_planner.cli.main import main
main()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no limit on a process's memory there")
def test_terrain_larger_than_memory(tmp_path):
    """Elevation of 6.4 GB, and a map of 4.8 GB whose towers stand 700 km apart, by a process that may hold 2 GB."""
    size, rows = 40_000, 700
    blocks = {"tiled": True, "blockxsize": 256, "blockysize": 256, "sparse_ok": True, "bigtiff": "yes"}
    with rasterio.open(
        tmp_path / "z.tif", "w", "GTiff", height=size, width=size, count=1, dtype="float32", crs="EPSG:32631",
        transform=Affine(30.0, 0.0, -100_000.0, 0.0, -30.0, 5_400_000.0), nodata=-9999, **blocks,
    ) as dataset:  # fmt: skip
        z = _hills(rows, rows)
        for row, column in ((10_000, 12_000), (28_000, 30_000), (10_200, 12_100)):
            dataset.write(z, 1, window=((row, row + rows), (column, column + rows)))
    places = [(10_350, 12_350), (28_350, 30_350), (10_500, 12_500)]
    lines = [f"{-100_000 + 30 * (c + 0.5)},{5_400_000 - 30 * (r + 0.5)},30" for r, c in places]
    (tmp_path / "sites.csv").write_text("easting,northing,height_m\n" + "\n".join(lines) + "\n")
    asked = ["--dem", tmp_path / "z.tif", "--sites", tmp_path / "sites.csv", "--rx-height", 6, "--radius-km", 8]
    for name, words in (("each", ["--model", "los"]), ("count", ["--model", "los", "--combine", "count"])):
        out = tmp_path / f"{name}.tif"
        command = [sys.executable, "-c", CAPPED, "coverage", *map(str, [*asked, *words, "--out", out, "--json"])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["peak_mb"] < 600
        assert out.stat().st_size < 5_000_000
        with rasterio.open(out) as dataset:
            assert dataset.shape == (size, size)
            seen = [dataset.read(b, window=((10_000, 11_000), (12_000, 13_000))) for b in dataset.indexes]
            far = [dataset.read(b, window=((28_000, 28_700), (30_000, 30_700))) for b in dataset.indexes]
        if name == "each":
            first, second, third = seen[0] == 1, far[1] == 1, seen[2] == 1
            assert first.any()
            assert second.any()
            assert third.any()
            assert (seen[1] == 255).all()
        else:
            assert np.array_equal(seen[0], first.astype(np.uint16) + third)
            assert np.array_equal(far[0], second.astype(np.uint16))
