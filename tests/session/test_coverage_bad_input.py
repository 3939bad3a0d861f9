"""`coverage` by the command line with what cannot be, said in words, and with what is odd but right, mapped right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from coverage_slow import bilinear, cleared, on_grid
from rasterio.transform import Affine
from typer.testing import CliRunner

from cn_planner.cli.main import app

SHAPE = (90, 110)
METRIC = Affine(30.0, 0.0, 400_000.0, 0.0, -30.0, 4_650_000.0)
SITE = "41.984916,1.811111,20"
ARC = 1 / 1200


def _hills() -> np.ndarray:
    row, column = np.indices(SHAPE)
    return np.rint(300.0 + 40.0 * np.sin(row / 9.0) * np.cos(column / 13.0) + column).astype(np.float32)


def _dem(path: Path, z: np.ndarray, at: Affine = METRIC, crs: str = "EPSG:32631", **more) -> Path:
    size = {"height": z.shape[0], "width": z.shape[1], "count": 1, "dtype": z.dtype.name}
    with rasterio.open(path, "w", "GTiff", crs=crs, transform=at, **size, **more) as dataset:
        dataset.write(z, 1)
    return path


@pytest.fixture
def dem(tmp_path):
    return _dem(tmp_path / "z.tif", _hills())


def _run(dems, out: Path, *words, sites=(SITE,), radius="1", model="los"):
    """Run the command; `words` come last, so that they replace what stands before."""
    towers = ["--sites", str(sites)] if isinstance(sites, Path) else [w for s in sites for w in ("--site", s)]
    files = [word for one in (dems if isinstance(dems, list) else [dems]) for word in ("--dem", str(one))]
    asked = ["--rx-height", "4", "--radius-km", radius, "--model", model, "--freq-mhz", "900", "--out", str(out)]
    return CliRunner().invoke(app, ["coverage", *files, *towers, *asked, "--json", *map(str, words)])


def _bands(done, out: Path) -> np.ndarray:
    assert done.exit_code == 0, done.stderr
    with rasterio.open(out) as dataset:
        return dataset.read()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--k", "0"], 2, "greater than 0"),
        (["--k", "-1"], 2, "greater than 0"),
        (["--k", "4/0"], 2, "such as 4/3"),
        (["--k", "nan"], 2, "such as 4/3"),
        (["--k", "0.001"], 1, "4/3 is the median"),
        (["--radius-km", "0"], 1, "more than 0"),
        (["--radius-km", "-3"], 1, "radius of -3000.0 m"),
        (["--radius-km", "nan"], 1, "radius of nan"),
        (["--radius-km", "inf"], 1, "radius of inf"),
        (["--rx-height", "-1"], 1, "0 or more"),
        (["--rx-height", "nan"], 1, "0 or more"),
        (["--site", "41.98,1.81,-2"], 1, "0 or more"),
        (["--site", "41.98,1.81,nan"], 2, "LAT,LON,HEIGHT"),
        (["--site", "91,1.81,3"], 2, "latitude goes from"),
        (["--cell-m", "0"], 1, "follows the elevation"),
        (["--cell-m", "-30"], 1, "follows the elevation"),
        (["--cell-m", "1e9"], 1, "smaller cells"),
        (["--cell-m", "0.001"], 1, "follows the elevation"),
        (["--cell-m", "0.02"], 1, "larger cells"),
        (["--canopy-m", "nan"], 2, "not a number"),
        (["--time-pct", "nan"], 2, "not a number"),
        (["--combine", "count", "--threshold", "nan"], 2, "not a number"),
        (["--freq-mhz", "0", "--model", "p526"], 1, "such as 5800"),
        (["--dem", "absent.tif"], 1, "Check the name and the folder"),
        (["--site", "-12,100,20"], 1, "outside z.tif"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(dem, tmp_path, words, status, said):
    done = _run(dem, tmp_path / "o.tif", *words)
    assert done.exit_code == status
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""
    assert not (tmp_path / "o.tif").exists()
    assert "Traceback" not in done.stderr


def test_a_radius_round_the_globe_maps_what_terrain_there_is(dem, tmp_path, recwarn):
    done = _run(dem, tmp_path / "o.tif", radius="20000")
    assert "outside z.tif" in done.stderr
    assert (_bands(done, tmp_path / "o.tif") != 255).all()
    degrees = _dem(tmp_path / "d.tif", _hills(), Affine(ARC, 0, 1.8, 0, -ARC, 42.0), "EPSG:4326")
    for radius in ("400", "20000"):
        done = _run(degrees, tmp_path / "p.tif", sites=["41.96,1.84,20"], radius=radius)
        assert done.exit_code == 1
        assert "Ask for a smaller radius, or for larger cells." in done.stderr
    assert not [one for one in recwarn if issubclass(one.category, RuntimeWarning)]


def test_on_either_side_of_the_antimeridian_it_is_the_map_of_anywhere_else(tmp_path):
    z = _hills().astype(np.int16)

    def halves(middle: float) -> list[Path]:
        places = (f"w{middle:.0f}.tif", middle - 110 * ARC), (f"e{middle:.0f}.tif", middle if middle < 180 else -180.0)
        return [
            _dem(tmp_path / name, one, Affine(ARC, 0, west, 0, -ARC, -16.96), "EPSG:4326")
            for (name, west), one in zip(places, (z, z[:, ::-1]), strict=True)
        ]

    here, there = halves(10.0), halves(180.0)
    for a, b in (("10.0", "180.0"), ("10.0", "-180.0"), ("10.01", "-179.99"), ("9.99", "179.99")):
        want, got = (
            _bands(
                _run(dems, tmp_path / "o.tif", sites=[f"-17.0,{lon},20"], radius="2", model=model), tmp_path / "o.tif"
            )
            for dems, lon, model in ((here, a, "fresnel"), (there, b, "fresnel"))
        )
        assert want.shape == got.shape
        assert np.isnan(want).sum() == np.isnan(got).sum() < want.size / 3
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-3)
    # Two towers, one on either side, on one map.
    both = _run(there, tmp_path / "o.tif", sites=["-17.0,179.99,20", "-17.0,-179.99,20"])
    assert (_bands(both, tmp_path / "o.tif") == 1).any(axis=(1, 2)).all()


@pytest.mark.parametrize(("latitude", "radius"), [(70.0, 1.0), (78.3, 0.8), (-78.3, 0.8), (85.0, 0.5)])
def test_far_north_and_south_a_map_is_exact(tmp_path, latitude, radius):
    step, west, north = ARC, 20.0, latitude + 45 * ARC
    dem = _dem(tmp_path / "z.tif", _hills().astype(np.int16), Affine(step, 0, west, 0, -step, north), "EPSG:4326")
    tower = latitude, west + 55 * step
    done = _run(
        dem, tmp_path / "o.tif", "--cell-m", "20", "--exact", sites=[f"{tower[0]},{tower[1]},6"], radius=str(radius)
    )
    band = _bands(done, tmp_path / "o.tif")[0]
    grid = json.loads(done.stdout)["grid"]
    x0, y0 = grid["transform"][2], grid["transform"][5]
    lonlat = pyproj.Transformer.from_crs(grid["crs"], "EPSG:4326", always_xy=True)
    x, y = np.meshgrid(x0 + 20.0 * np.arange(band.shape[1]), y0 - 20.0 * np.arange(band.shape[0]))
    lon, lat = lonlat.transform(x, y)
    # The file holds its outer half cells too.
    row, column = (north - lat) / step - 0.5, (lon - west) / step - 0.5
    ground = bilinear(_hills(), np.clip(row, 0, SHAPE[0] - 1), np.clip(column, 0, SHAPE[1] - 1))
    ground[(row < 0) | (row > SHAPE[0] - 1) | (column < 0) | (column > SHAPE[1] - 1)] = np.nan
    tx, ty = lonlat.transform(tower[1], tower[0], direction="INVERSE")
    at = round((y0 - ty) / 20.0), round((tx - x0) / 20.0)
    cells = np.argwhere(np.hypot(x - x[at], y - y[at]) <= 1000.0 * radius)
    found, want = [], []
    for cell in cells[np.random.default_rng(1).permutation(len(cells))[:1200]].tolist():
        # Looked at closely: within a cell the ground may stand higher than where lines are crossed.
        distance, heights = on_grid(ground, at, tuple(cell), (20.0, 20.0), 1.0)
        clear = cleared(distance, heights, 6.0, 4.0, 900.0).metres if distance[-1] > 40.0 else np.nan
        if abs(clear) > 0.01:  # a centimetre of ground is left to rounding
            found.append(int(band[tuple(cell)]))
            want.append(int(clear > 0.0))
    assert len(want) > 600
    assert {0, 1} == set(want)
    assert found == want


def test_of_files_that_overlap_the_finer_answers_then_the_first(tmp_path):
    z = _hills()
    low, high = _dem(tmp_path / "low.tif", z), _dem(tmp_path / "high.tif", z * 3.0 - 600.0)
    fine = _dem(
        tmp_path / "fine.tif", np.kron(z * 3.0 - 600.0, np.ones((2, 2), np.float32)), METRIC @ Affine.scale(0.5)
    )
    part = _dem(tmp_path / "part.tif", z[:, :60])

    def band(*dems):
        done = _run(list(dems), tmp_path / "o.tif", "--cell-m", "25", model="p526")
        return _bands(done, tmp_path / "o.tif")

    def same(one, two):
        return np.allclose(one, two, rtol=0.0, atol=1e-3, equal_nan=True)

    alone, other = band(low), band(high)
    assert not same(alone, other)
    assert same(band(low, high), alone)
    assert same(band(high, low), other)
    assert same(band(low, low), alone)
    assert same(band(low, fine), band(fine))
    # What the first does not hold the next answers: no seam, no hole.
    assert same(band(part, low), alone)
    assert not np.isnan(band(part, low)[0, 40, 30:50]).any()


@pytest.mark.parametrize("kind", ["nan", "inf", "1e30", "-9999 undeclared", "-32768 undeclared", "declared"])
def test_a_height_that_is_none_is_missing_and_no_depth_or_peak(tmp_path, kind):
    z = _hills()
    hole = np.zeros(SHAPE, np.bool_)
    hole[48:60, 58:70] = True
    value = {"nan": np.nan, "inf": np.inf, "1e30": 1e30, "declared": -5.0}.get(kind)
    code = float(kind.split()[0]) if value is None else value
    plain = _dem(tmp_path / "a.tif", np.where(hole, np.float32(np.nan), z))
    odd = _dem(
        tmp_path / "b.tif",
        np.where(hole, code, z).astype("int16" if "undeclared" in kind else "float64"),
        **({"nodata": code} if kind == "declared" else {}),
    )
    for model in ("los", "min-height"):
        want = _bands(_run(plain, tmp_path / "o.tif", model=model), tmp_path / "o.tif")
        done = _run(odd, tmp_path / "p.tif", model=model)
        assert np.array_equal(_bands(done, tmp_path / "p.tif"), want, equal_nan=model != "los")
        assert "void in b.tif" in done.stderr
        inside = want[0][hole]
        assert (inside == 255).all() if model == "los" else np.isnan(inside).all()


def test_a_file_without_any_height_or_place_is_refused(tmp_path):
    blank = _dem(tmp_path / "z.tif", np.full(SHAPE, np.nan, np.float32))
    done = _run(blank, tmp_path / "o.tif")
    assert done.exit_code == 1
    assert "holds no height" in done.stderr
    for name, content in (("empty.tif", b""), ("text.tif", b"hello")):
        (tmp_path / name).write_bytes(content)
        done = _run(tmp_path / name, tmp_path / "o.tif")
        assert done.exit_code == 1
        assert name in done.stderr
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_a_file_of_a_row_or_a_column_is_mapped(tmp_path, rows, turned):
    z = np.full((rows, 60), 7.0, np.float32)
    dem = _dem(tmp_path / "z.tif", z.T if turned else z)
    x, y = (400_015.0, 4_649_085.0) if turned else (400_915.0, 4_649_985.0)
    lon, lat = pyproj.Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True).transform(x, y)
    done = _run(dem, tmp_path / "o.tif", sites=[f"{lat:.9f},{lon:.9f},20"], radius="0.5")
    band = _bands(done, tmp_path / "o.tif")[0]
    assert band.shape == (z.T if turned else z).shape
    along = band[:, 0] if turned else band[0]
    assert np.array_equal(np.flatnonzero(along == 1), np.arange(30 - 16, 30 + 17))
    assert "outside z.tif" in done.stderr


def _sites(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tower_that_is_there_twice_counts_twice_and_is_named(dem, tmp_path):
    sites = _sites(
        tmp_path / "s.csv", f"id,latitude,longitude,height_m\nMill,{SITE}\nMill,{SITE}\nHill,41.99,1.82,20\n"
    )
    out = tmp_path / "o.tif"
    done = _run(dem, out, "--combine", "count", sites=sites)
    assert "each count: Mill = Mill." in done.stderr
    counted = _bands(done, out)[0]
    each = _bands(_run(dem, out, sites=sites), out)
    assert len(each) == 3
    assert np.array_equal(counted, (each == 1).sum(axis=0))
    best = _bands(_run(dem, out, "--combine", "best", sites=sites), out)[0]
    assert set(np.unique(best)) == {-1, 0, 2}, "of two that are alike the first"
    alone = _run(
        dem, out, "--combine", "count", sites=_sites(tmp_path / "t.csv", sites.read_text().replace("Mill,", "A,", 1))
    )
    assert "A = Mill" in alone.stderr


@pytest.mark.parametrize(
    "text",
    [
        "id;latitude;longitude;height_m\nA;41.984916;1.811111;20\n",
        "id;latitude;longitude;height_m\nA;41,984916;1,811111;20,0\n",
        "id\tlatitude\tlongitude\theight_m\nA\t41,984916\t1,811111\t20\n",
        "\ufeffid,latitude,longitude,height_m\r\nA,41.984916,1.811111,20\r\n",
    ],
)
def test_a_list_of_towers_is_read_as_spreadsheets_write_it(dem, tmp_path, text):
    want = _bands(_run(dem, tmp_path / "o.tif"), tmp_path / "o.tif")
    done = _run(dem, tmp_path / "p.tif", sites=_sites(tmp_path / "s.csv", text))
    assert np.array_equal(_bands(done, tmp_path / "p.tif"), want)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty. Download or copy it again."),
        ("latitude,longitude,height_m\n", "holds no tower"),
        ("latitude,longitude\n41.98,1.81\n", "There is no column height_m among latitude, longitude."),
        ("latitude,longitude,height_m\n41.98,1.81,\n", "line 2: Column height_m is missing or empty."),
        ("latitude,longitude,height_m\n41.98,1.81,tall\n", "line 2: tall is not a number"),
        ("latitude,longitude,height_m\n41.98,1.81,-3\n", "0 or more"),
        ("latitude,longitude,height_m\n41.98,1.81,nan\n", "0 or more"),
        ("latitude,longitude,height_m\n141.98,1.81,3\n", "line 2: Latitude 141.98"),
        ("easting,northing,height_m\n1e12,4648800,20\n", "line 2: Easting and northing lie outside"),
        (f"id,latitude,longitude,height_m\nA,{SITE}\nFar away,10,10,5\n", "Far away (10.000000, 10.000000)"),
    ],
)
def test_a_row_of_towers_that_cannot_be_is_named(dem, tmp_path, text, said):
    done = _run(dem, tmp_path / "o.tif", sites=_sites(tmp_path / "s.csv", text))
    assert done.exit_code == 1
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "o.tif").exists()


def test_no_map_is_written_over_what_it_is_made_from(dem, tmp_path):
    sites = _sites(tmp_path / "s.csv", f"latitude,longitude,height_m\n{SITE}\n")
    before = dem.read_bytes(), sites.read_bytes()
    for out in (dem, sites, tmp_path / ".." / tmp_path.name / "z.tif"):
        done = _run(dem, out, sites=sites)
        assert done.exit_code == 1
        assert "another name" in done.stderr
    assert (dem.read_bytes(), sites.read_bytes()) == before
    done = _run(dem, tmp_path / "o.tif", sites=tmp_path / "none.csv")
    assert done.exit_code == 1
    assert "none.csv: There is no such file." in done.stderr
