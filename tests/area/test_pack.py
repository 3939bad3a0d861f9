"""An area pack: made from a server, used where there is no net, and never taken for whole where it is not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pyogrio
import pytest
import rasterio
from terrain_server import glo30
from typer.testing import CliRunner

from cn_planner.area.elevation_sources import GeoBox
from cn_planner.area.pack import join_grids, make_pack
from cn_planner.cli.main import app
from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.gis.pack import read_pack
from cn_planner.gis.pack_facts import is_pack, read_facts
from cn_planner.gis.parts import Circle
from cn_planner.gis.raster import read_elevation
from cn_planner.model.ground import FileKind
from cn_planner.model.plan import Plan
from cn_planner.progress import CancelToken
from cn_planner.session.packing import TerrainFrom, pack_area
from cn_planner.terrain.asked import Answers
from cn_planner.terrain.files import add_terrain, open_surface
from cn_planner.terrain.surface import Surface

DATE = "2026-11-26"
BOX = GeoBox(41.95, 1.60, 42.55, 1.72)  # over the seam of two tiles, and into the extract of Andorra


@pytest.fixture(scope="module")
def tiles(shared_data):
    return [shared_data / f"terrain/{name}.hgt.zip" for name in ("N41E001", "N42E001")]


@pytest.fixture(scope="module")
def extract(shared_data):
    return shared_data / "osm/andorra.osm.pbf"


@pytest.fixture(scope="module")
def pack(tiles, extract, tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "berga.cnpack.gpkg"
    made = make_pack(path, BOX, tiles, extract, name="Bergued\u00e0", date=DATE)
    assert made.size_bytes == path.stat().st_size
    assert made.cells > 100_000
    return path


def test_heights_are_those_of_the_tiles_and_the_same_pack_has_the_same_bytes(pack, tiles, extract, tmp_path):
    lats, lons = (np.linspace(*ends, 400) for ends in ((BOX.south, BOX.north), (BOX.west, BOX.east)))
    of_pack, of_tiles = Surface.open([pack]), Surface.open(tiles)
    for across in (lons, lons[::-1]):
        np.testing.assert_allclose(of_pack.heights(lats, across), of_tiles.heights(lats, across), atol=1e-6)
    np.testing.assert_array_equal(
        read_pack(pack)[0].values, join_grids([read_elevation(one) for one in tiles], BOX).values
    )
    assert of_pack.sources[0].vertical_datum == "EGM96"
    near = Surface.open([pack], circles=[Circle(42.2, 1.66, 3000.0)])
    assert near.heights(42.2, 1.66) == pytest.approx(of_tiles.heights(42.2, 1.66))
    again = tmp_path / pack.name
    make_pack(again, BOX, tiles, extract, name="Bergued\u00e0", date=DATE)
    assert again.read_bytes() == pack.read_bytes()


def test_any_gis_reads_it(pack):
    with rasterio.open(pack) as data:
        assert data.dtypes == ("float32",)
        assert data.bounds.left < BOX.west < BOX.east < data.bounds.right
    layers = {name for name, _ in pyogrio.list_layers(pack)}
    assert {"base_roads", "base_places", "base_forests"} <= layers
    meta, _, shapes, _ = pyogrio.raw.read(pack, layer="base_roads")
    assert len(shapes) > 20
    assert set(meta["fields"]) == {"class", "name"}
    grid, read, facts = read_pack(pack)
    assert facts["box"] == [BOX.south, BOX.west, BOX.north, BOX.east]
    assert len(read["roads"]) == len(shapes)
    assert grid.licence


@pytest.mark.parametrize("what", ["height", "road", "newer", "view", "cut", "table"])
def test_a_damaged_or_newer_pack_is_not_taken_for_whole(pack, tmp_path, what):
    path = tmp_path / "a.cnpack.gpkg"
    shutil.copyfile(pack, path)
    if what == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(
                {
                    "height": "DELETE FROM elevation WHERE id = (SELECT max(id) FROM elevation)",
                    "road": "UPDATE base_roads SET name = 'elsewhere' WHERE fid = 3",
                    "newer": "UPDATE cn_pack SET value = '99' WHERE key = 'format'",
                    "view": "ALTER TABLE cn_pack RENAME TO other",
                    "table": "UPDATE cn_pack SET value = 'no json' WHERE key = 'name'",
                }[what]
            )
            if what == "view":
                database.execute("CREATE VIEW cn_pack AS SELECT * FROM other")
    with pytest.raises(FileError) as caught:
        read_pack(path)
    assert str(path) in caught.value.where
    assert is_pack(path) == (what in {"height", "road"})


def test_files_that_do_not_fit_together_are_said(shared_data, tiles, tmp_path):
    other = read_elevation(shared_data / "terrain/gulu_elevation_155m.tif")
    with pytest.raises(InputError, match="different cells"):
        join_grids([read_elevation(tiles[0]), other], BOX)
    with pytest.raises(InputError, match="lies in the box"):
        make_pack(tmp_path / "x.cnpack.gpkg", GeoBox(0.0, 0.0, 1.0, 1.0), tiles[:1], None, name="", date=DATE)
    with pytest.raises(InputError, match="called NAME"):
        pack_area(tmp_path / "x.gpkg", BOX, terrain=TerrainFrom(tiles), date=DATE, told=print)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        make_pack(tmp_path / "x.cnpack.gpkg", BOX, tiles, None, name="", date=DATE, cancel=cancel)
    assert not list(tmp_path.iterdir())


VILLAGE = """
import sys
from typer.testing import CliRunner
from cn_planner.cli.main import app
for words in {commands!r}:
    done = CliRunner().invoke(app, words)
    print(done.output)
    if done.exit_code:
        sys.exit(str(words))
"""


def test_made_in_town_and_used_in_a_village_without_internet(catalogue, tiles, extract, tmp_path):
    """Two tiles come from a server, once cut; a plan is made, computed and printed in a network that leads nowhere."""
    unshare = shutil.which("unshare")
    # Root needs no other user's rights for it, which nobody is given within a changed root.
    alone = "-n" if os.name == "posix" and os.geteuid() == 0 else "-rn"
    if unshare is None or subprocess.run([unshare, alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no network of one's own")
    for path, (south, west) in zip(tiles, ((41, 1), (42, 1)), strict=True):
        catalogue.files.update([glo30(read_elevation(path).values[:1200, :1200], south, west)])
    catalogue.faults[next(iter(catalogue.files))] = ["", "cut", "503"]
    told = []
    town = tmp_path / "town.cnpack.gpkg"
    made, none_at = pack_area(
        town, BOX, terrain=TerrainFrom(server=catalogue.address), extract=extract, date=DATE, told=told.append
    )
    assert (none_at, made.missing_pct < 1.0) == ((), True)
    assert "MB of terrain come from" in str(told[0])
    assert sorted(one.name for one in tmp_path.iterdir()) == [town.name]
    assert read_facts(town)["vertical_datum"] == "EGM2008"
    village = tmp_path / "stick"
    village.mkdir()
    shutil.move(town, village / town.name)
    sites, homes = village / "sites.csv", village / "homes.csv"
    sites.write_text("id,name,latitude,longitude,role\nG,Gate,42.10,1.66,gateway\nS,Hill,42.12,1.65,candidate\n")
    homes.write_text(
        "id,latitude,longitude\n" + "".join(f"H{n},{42.1 + n * 1e-3},{1.66 + n * 1e-3}\n" for n in range(6))
    )
    plan = str(village / "v.cnplan.gpkg")
    commands = [
        ["new", plan, "--name", "Village", "--country", "ES"],
        ["terrain", plan, str(village / town.name)],
        ["import", plan, str(sites), "--as", "sites"],
        ["import", plan, str(homes), "--as", "households"],
        ["plan", plan],
        ["export", plan, "--to", str(village / "out"), "--formats", "geojson", "--date", DATE],
        ["set", plan],
    ]
    script = [unshare, alone, sys.executable, "-c", VILLAGE.format(commands=commands)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "base_map = town.cnpack.gpkg" in done.stdout
    assert [one.suffix for one in (village / "out").iterdir()] == [".geojson"]


def test_words_of_the_command(pack, tmp_path):
    said = CliRunner().invoke(app, ["pack", str(pack), "--check"])
    assert said.exit_code == 0
    assert "Bergued\u00e0" in said.stdout
    assert CliRunner().invoke(app, ["pack", str(tmp_path / "a.cnpack.gpkg")]).exit_code == 2


def test_trees_and_land_cover_travel_in_the_pack_and_stand_where_their_files_have_them(shared_data, tmp_path):
    dem, cover = (shared_data / f"terrain/gulu_{name}.tif" for name in ("elevation_155m", "landcover"))
    path, box = tmp_path / "gulu.cnpack.gpkg", GeoBox(2.80, 32.35, 2.85, 32.42)
    files = [(cover, Answers(FileKind.LAND_COVER, class_heights="1=9"))]
    made = make_pack(path, box, [dem], None, name="Gulu", date=DATE, trees=files)
    assert made.trees_pct is not None
    assert made.trees_pct > 90.0
    plan_path = tmp_path / "p.cnplan.gpkg"
    plan = add_terrain(Plan(), plan_path, [path]).plan
    assert [(row.kind.value, row.path) for row in plan.terrain.values()] == [
        ("elevation", path.name), ("trees", path.name),
    ]  # fmt: skip
    of_files = add_terrain(add_terrain(Plan(), plan_path, [dem]).plan, plan_path, [cover], files[0][1])
    lat, lon = np.meshgrid(np.linspace(2.81, 2.84, 60), np.linspace(32.36, 32.41, 60))
    packed, given = (open_surface(one, plan_path).trees_at(lat, lon) for one in (plan, of_files.plan))
    assert set(np.unique(given[~np.isnan(given)])) >= {-9.0, 0.0}
    # Laid on cells of half the elevation's, at their middles: alike but at the edges of woods.
    assert ((packed == given) | (np.isnan(packed) & np.isnan(given))).mean() > 0.8
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE cn_pack SET value = replace(value, 'trees\": \"', 'trees\": \"0') WHERE key = 'sums'")
    with pytest.raises(FileError, match="damaged on its way"):
        read_pack(path)
