"""Terrain larger than memory: only what the towers' circles need is read, and the map is that of the whole file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.coverage.grid import CoverageSite
from cn_planner.errors import MissingTerrainError
from cn_planner.gis.parts import Circle, place_in
from cn_planner.gis.raster import read_elevation
from cn_planner.session.coverage import read_sites
from cn_planner.terrain.surface import Surface

COMMAND = [sys.executable, "-c", "from cn_planner.cli.main import main; main()", "coverage"]
ROWS = 700


def _hills(rows: int, columns: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    field = np.cumsum(np.cumsum(rng.normal(size=(rows, columns)), axis=0), axis=1)
    return (np.hypot(field / 60.0, 5.0)).astype(np.float32)


def _corner(west: float, north: float, cell: float) -> Affine:
    return Affine(cell, 0.0, west, 0.0, -cell, north)


def _write(path: Path, z: np.ndarray, at: Affine, whole: int | None = None, crs: str = "EPSG:32631") -> None:
    """Write heights, in the middle of a sparse raster of `whole` rows and columns where that is given."""
    size = whole or len(z)
    start = (size - len(z)) // 2
    window = ((start, start + len(z)), (start, start + z.shape[1]))
    shape = {"height": size, "width": whole or z.shape[1], "count": 1, "dtype": z.dtype.name}
    blocks = {"tiled": True, "blockxsize": 256, "blockysize": 256, "sparse_ok": True, "bigtiff": "yes"}
    with rasterio.open(path, "w", "GTiff", crs=crs, transform=at, nodata=-9999, **shape, **blocks) as dataset:
        dataset.write(z, 1, window=window)


def _run(*words: object) -> dict:
    done = subprocess.run([*COMMAND, *map(str, words), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell what memory was held")
def test_a_raster_larger_than_memory_gives_the_map_of_its_middle(tmp_path):
    z = _hills(ROWS, ROWS)
    size, offset = 40_000, (40_000 - ROWS) // 2
    near = _corner(500_000.0 - 15.0 * ROWS, 4_500_000.0 + 15.0 * ROWS, 30.0)
    far = near @ Affine.translation(-offset, -offset)
    _write(tmp_path / "near.tif", z, near)
    _write(tmp_path / "far.tif", z, far, size)
    (tmp_path / "sites.csv").write_text("easting,northing,height_m\n500010,4500010,25\n")
    asked = ("--sites", tmp_path / "sites.csv", "--rx-height", 6, "--radius-km", 10, "--freq-mhz", 900)
    surface = Surface.open([tmp_path / "near.tif"])
    towers = read_sites(tmp_path / "sites.csv", [tmp_path / "near.tif"])
    for model in ("los", "fresnel"):
        out = tmp_path / f"{model}.tif"
        said = _run("--dem", tmp_path / "far.tif", *asked, "--model", model, "--out", out)
        want = coverage_map(surface, towers, rx_height_m=6.0, radius_m=10_000.0, model=model, freq_mhz=900.0)
        top, left = place_in((30.0, 0.0, far.c + 15.0, 0.0, -30.0, far.f - 15.0), want.grid.transform)
        with rasterio.open(out) as dataset:
            assert dataset.shape == (size, size), "the elevation file's own grid, all of it"
            assert dataset.transform == far
            rows, columns = want.grid.shape
            got = dataset.read(1, window=((top, top + rows), (left, left + columns)))
            corner = dataset.read(1, window=((0, 2), (0, 2)))
        assert np.array_equal(got, want.bands[0], equal_nan=model == "fresnel")
        assert (corner == 255).all() if model == "los" else np.isnan(corner).all()
        assert (said["grid"]["rows"], said["grid"]["columns"], said["cells"]) == (size, size, want.cells)
        # The raster has 6,400 MB; the program and its libraries hold 200 MB before they read any terrain.
        assert said["peak_mb"] < 500


def test_a_part_fills_the_small_voids_that_the_whole_fills(tmp_path):
    z = _hills(ROWS, ROWS)
    lot = np.random.default_rng(8)
    for row, column in lot.integers(0, ROWS - 6, (900, 2)):
        tall, wide = lot.integers(1, 6, 2)
        z[row : row + tall, column : column + wide] = -9999
    z[330:350, 330:336] = 250.0
    at = _corner(500_000.0 - 15.0 * ROWS, 4_500_000.0 + 15.0 * ROWS, 30.0)
    _write(tmp_path / "z.tif", z, at)
    tower = CoverageSite("T", 40.6506, 2.9987, 20.0)
    whole = Surface.open([tmp_path / "z.tif"])
    part = Surface.open([tmp_path / "z.tif"], circles=[Circle(tower.latitude, tower.longitude, 3_000.0)])
    grid = read_elevation(tmp_path / "z.tif", [Circle(tower.latitude, tower.longitude, 3_000.0)])
    assert grid.values.size < z.size / 4
    assert part.metric_grid() == whole.metric_grid()
    assert part.bounds == whole.bounds
    for model in ("los", "p526"):
        one, two = (
            coverage_map(s, [tower], rx_height_m=5.0, radius_m=3_000.0, model=model, freq_mhz=900.0)
            for s in (whole, part)
        )
        assert np.array_equal(one.bands, two.bands, equal_nan=model == "p526")
        assert (one.grid, one.missing, one.cells) == (two.grid, two.missing, two.cells)


def test_degrees_are_read_in_part_too(tmp_path):
    z = _hills(ROWS, ROWS)
    _write(tmp_path / "z.tif", z, _corner(179.7, 42.0, 0.001), crs="EPSG:4326")
    tower = CoverageSite("T", 41.66, -179.98, 20.0)  # the file counts it as 180.02
    circles = [Circle(tower.latitude, tower.longitude, 6_000.0)]
    grid = read_elevation(tmp_path / "z.tif", circles)
    assert grid.values.size < z.size / 5
    assert place_in(grid.whole[0], grid.transform) is not None
    one, two = (
        coverage_map(s, [tower], rx_height_m=5.0, radius_m=6_000.0, model="fresnel", freq_mhz=900.0)
        for s in (Surface.open([tmp_path / "z.tif"]), Surface.open([tmp_path / "z.tif"], circles=circles))
    )
    assert np.array_equal(one.bands, two.bands, equal_nan=True)
    assert one.missing == two.missing == ()
    assert not np.isnan(one.bands[0, one.grid.shape[0] // 2, 2:-2]).any()


def test_of_many_tiles_only_what_the_circle_touches_is_kept(shared_data):
    names = ("N41E001.hgt.zip", "N42E001.hgt.zip", "S33E018.hgt.zip", "S29W072.hgt.zip")
    files = [shared_data / "terrain" / name for name in names]
    tower = CoverageSite("Seam", 42.0021, 1.87, 20.0)
    circles = [Circle(tower.latitude, tower.longitude, 4_000.0)]
    assert sum(read_elevation(file, circles).values.size for file in files) < 1201 * 1201 / 20
    one, two = (
        coverage_map(s, [tower], rx_height_m=5.0, radius_m=4_000.0, model="fresnel", freq_mhz=900.0)
        for s in (Surface.open(files), Surface.open(files, circles=circles))
    )
    assert np.array_equal(one.bands, two.bands, equal_nan=True)
    assert (one.grid, one.missing, one.cells) == (two.grid, two.missing, two.cells)
    lost = CoverageSite("Lost", 43.5, 1.5, 20.0)
    gone = Surface.open(files, circles=[Circle(43.5, 1.5, 4_000.0)])
    with pytest.raises(MissingTerrainError, match="N43E001"):
        coverage_map(gone, [lost], rx_height_m=5.0, radius_m=4_000.0, cell_m=30.0)


def test_a_radius_too_large_for_memory_is_refused_in_words(tmp_path):
    at = _corner(300_000.0, 4_900_000.0, 30.0)
    _write(tmp_path / "z.tif", _hills(60, 60), at, 20_000)
    words = ["--dem", tmp_path / "z.tif", "--site", "41.5,3.9,20", "--rx-height", 6, "--radius-km", 250]
    done = CliRunner().invoke(app, ["coverage", *map(str, words), "--model", "los", "--out", str(tmp_path / "o.tif")])
    assert done.exit_code == 1
    assert "million" in done.stderr
    assert "smaller radius" in done.stderr
    assert not (tmp_path / "o.tif").exists()


def test_a_tower_beside_the_file_is_told_as_before(tmp_path):
    _write(tmp_path / "z.tif", _hills(60, 60), _corner(500_000.0, 4_500_000.0, 30.0))
    words = ("--dem", tmp_path / "z.tif", "--site", "10,20,30", "--rx-height", 6, "--radius-km", 10, "--model", "los")
    done = subprocess.run(
        [*COMMAND, *map(str, words), "--out", str(tmp_path / "o.tif")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "outside z.tif" in done.stderr
    assert not (tmp_path / "o.tif").exists()
