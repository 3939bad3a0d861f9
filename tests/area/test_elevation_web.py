"""Terrain from a server with the layout of the public ones, made of a real tile south of the equator."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import rasterio
from terrain_server import glo30

from cn_planner.area.elevation_sources import ElevationSource, GeoBox, tiles
from cn_planner.area.elevation_web import fetch_elevation
from cn_planner.area.web import TRIES, Web
from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.gis.kinds import read_zip
from cn_planner.gis.raster import read_elevation
from cn_planner.message import msg
from cn_planner.progress import CancelToken
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.tile import tile_name

STEM = "Copernicus_DSM_COG_10_S33_00_E018_00_DEM"
GLO30 = f"/{STEM}/{STEM}.tif"
SKADI = "/S33/S33E018.hgt.gz"
BOX = GeoBox(-32.60, 18.90, -32.52, 19.05)  # reaches into the tile to the east, which the server does not have


@pytest.fixture(scope="module")
def ground(shared_data):
    return read_elevation(shared_data / "terrain/S33E018.hgt.zip")


@pytest.fixture(scope="module")
def cog(ground):
    return glo30(ground.values[:1200, :1200], -33, 18)[1]


@pytest.fixture
def client():
    with Web() as made:
        yield made


def test_only_the_blocks_round_the_box_come_and_heights_are_those_of_the_tile(client, catalogue, cog, ground, tmp_path):
    catalogue.files[GLO30] = cog
    found = fetch_elevation(client, BOX, ElevationSource.GLO30, tmp_path, server=catalogue.address)
    assert found.none_at == ("S33E019",)
    assert len(found.files) == 1
    assert catalogue.sent[GLO30] < len(cog) / 3
    got = read_elevation(found.files[0])
    assert got.vertical_datum == "EGM2008"
    assert (got.source, "Airbus" in got.licence) == ("Copernicus DEM GLO-30", True)
    mine, whole = Surface([got]), Surface([ground])
    lats, lons = np.linspace(BOX.south, BOX.north, 60), np.linspace(BOX.west, 18.998, 60)
    np.testing.assert_allclose(mine.heights(lats, lons), whole.heights(lats, lons), atol=1e-3)
    asked = catalogue.asked.total()
    again = fetch_elevation(client, BOX, ElevationSource.GLO30, tmp_path, server=catalogue.address)
    assert again == found
    assert catalogue.asked.total() == asked + 1  # the tile that is not there is asked for again
    with rasterio.open(found.files[0]) as file:
        assert file.crs.to_epsg() is None or file.crs.is_geographic


def test_windows_of_neighbours_are_joined(client, catalogue, cog, tmp_path):
    catalogue.files[GLO30] = cog
    low = fetch_elevation(
        client, GeoBox(-32.6, 18.2, -32.5, 18.5), ElevationSource.GLO30, tmp_path, server=catalogue.address
    )
    high = fetch_elevation(
        client, GeoBox(-32.5, 18.2, -32.4, 18.5), ElevationSource.GLO30, tmp_path, server=catalogue.address
    )
    assert low.files != high.files
    joined = Surface.open([*low.files, *high.files])
    assert np.isfinite(joined.heights(np.linspace(-32.6, -32.4, 200), np.full(200, 18.35))).all()


def test_srtm_tiles_come_whole(client, catalogue, ground, shared_data, tmp_path):
    name, data = read_zip(shared_data / "terrain/S33E018.hgt.zip", (".hgt",), msg("terrain"))
    assert name.endswith(".hgt")
    catalogue.files[SKADI] = gzip.compress(data, 1)
    catalogue.faults[SKADI] = ["503", "cut"]
    found = fetch_elevation(client, BOX, ElevationSource.SRTM, tmp_path, server=catalogue.address + "/")
    assert [one.name for one in found.files] == ["S33E018.hgt.gz"]
    np.testing.assert_array_equal(read_elevation(found.files[0]).values, ground.values)


@pytest.mark.parametrize("fault", ["login", "redirect", "403", "whole"])
def test_what_goes_wrong_within_the_raster_library_is_said_as_it_was(client, catalogue, cog, tmp_path, fault):
    catalogue.files[GLO30] = cog
    catalogue.faults[GLO30] = ["", fault]  # the head comes, then
    with pytest.raises(FileError) as caught:
        fetch_elevation(client, BOX, ElevationSource.GLO30, tmp_path, server=catalogue.address)
    assert "GeoTIFF" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "body",
    [b"", b"no terrain at all" * 9, gzip.compress(b"x" * 1000, mtime=0), gzip.compress(b"", mtime=0)],
    ids=["empty", "text", "packed text", "packed nothing"],
)
def test_what_is_no_terrain_is_not_kept(client, catalogue, tmp_path, body):
    catalogue.files[SKADI] = catalogue.files[GLO30] = body
    for source in ElevationSource:
        with pytest.raises(FileError):
            fetch_elevation(client, BOX, source, tmp_path, server=catalogue.address)
    assert not [one for one in tmp_path.iterdir() if not one.name.startswith(".")]


def test_cancel_keeps_what_has_come(catalogue, cog, tmp_path):
    catalogue.files[GLO30] = cog
    catalogue.faults[f"/{STEM.replace('E018', 'E019')}/{STEM.replace('E018', 'E019')}.tif"] = ["500"] * TRIES
    cancel = CancelToken()

    def watch(done, _doing=None):
        if done >= 0.5:
            cancel.cancel()

    with Web(cancel=cancel) as client, pytest.raises(CancelledError):
        fetch_elevation(
            client, BOX, ElevationSource.GLO30, tmp_path, server=catalogue.address, progress=watch, cancel=cancel
        )
    assert len(list(tmp_path.iterdir())) == 1


def test_tiles_by_their_corners():
    assert [tile_name(*one) for one in tiles(BOX)] == ["S33E018", "S33E019"]
    assert [tile_name(*one) for one in tiles(GeoBox(-0.1, 179.9, 0.1, -179.9))] == [
        "S01E179", "S01W180", "N00E179", "N00W180",
    ]  # fmt: skip
    assert [tile_name(*one) for one in tiles(GeoBox(42.0, 1.0, 43.0, 2.0))] == ["N42E001"]


@pytest.mark.parametrize(
    "box", [(1.0, 2.0, 1.0, 3.0), (2.0, 2.0, 1.0, 3.0), (0.0, 5.0, 1.0, 5.0), (-91.0, 0.0, 0.0, 1.0), (0, 0, 1, 181)]
)
def test_no_box(box):
    with pytest.raises(InputError, match="no box"):
        GeoBox(*box)


def test_a_box_too_large_is_refused():
    with pytest.raises(InputError, match="limit"):
        tiles(GeoBox(0.0, 0.0, 10.0, 10.0))
