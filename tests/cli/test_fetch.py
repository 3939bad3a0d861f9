"""`fetch` brings terrain from a server into the plan, and says what came and what did not."""

from __future__ import annotations

import pytest
from terrain_server import glo30, serving
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.gis.raster import read_elevation
from cn_planner.session.project import Project


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def tile(shared_data):
    return glo30(read_elevation(shared_data / "terrain/S33E018.hgt.zip").values[:1200, :1200], -33, 18)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "cape.cnplan.gpkg"
    assert run("new", path, "--name", "Cape", "--country", "ZA").exit_code == 0
    return path


@pytest.fixture
def homes(tmp_path):
    path = tmp_path / "homes.csv"
    path.write_text("id,latitude,longitude\nH1,-32.55,18.95\nH2,-32.56,18.96\n")
    return path


def test_the_terrain_round_the_homes_comes_and_stays(plan, homes, tile):
    assert run("import", plan, homes, "--as", "households").exit_code == 0
    with serving() as catalogue:
        catalogue.files[tile[0]] = tile[1]
        first = run("fetch", plan, "--server", catalogue.address)
        again = run("fetch", plan, "--server", catalogue.address)
    assert first.exit_code == 0, first.output
    assert "Copernicus DEM GLO-30" in first.output
    assert "S33E019" in first.output  # 5 km to the east there is none on this server
    assert again.exit_code == 0, again.output
    assert "already" in again.output
    with Project.open(plan) as project:
        (row,) = project.plan.terrain.values()
        assert (row.vertical_datum, "Airbus" in row.licence) == ("EGM2008", True)
        assert row.path.startswith("cape-terrain/")


MAP = b"""<?xml version="1.0"?><osm version="0.6"><node id="1" lat="-32.55" lon="18.95"><tag k="place" v="village"/>
<tag k="name" v="Algeria"/></node><node id="2" lat="-32.55" lon="18.96"/><way id="3"><nd ref="1"/><nd ref="2"/>
<tag k="highway" v="track"/></way></osm>"""


def test_the_map_of_the_box_that_the_plan_is_of_comes_too(plan, tile):
    class Both(dict):
        def __contains__(self, path):
            return path.startswith("/map?") or super().__contains__(path)

        def __getitem__(self, path):
            return MAP if path.startswith("/map?") else super().__getitem__(path)

    assert run("set", plan, "box=-32.6,18.9,-32.5,18.99").exit_code == 0
    with serving() as catalogue:
        catalogue.files = Both({tile[0]: tile[1]})
        done = run("fetch", plan, "--server", catalogue.address, "--map", "--map-server", f"{catalogue.address}/map")
    assert done.exit_code == 0, done.output
    with Project.open(plan) as project:
        assert len(project.plan.terrain) == 1
        assert project.plan.area.base_map.startswith("cape-terrain/map_")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 1, "has no place yet"),
        (("--box", "-32.6,18.9,-32.5"), 2, "SOUTH,WEST,NORTH,EAST"),
        (("--box", "-32.5,18.9,-32.6,19.0"), 1, "no box"),
        (("--box", "0,0,20,20"), 1, "smaller box"),
        (("--box", "-32.6,18.9,-32.5,19.0", "--server", "http://example.org"), 1, "https://"),
        (("--box", "-32.6,18.9,-32.5,19.0", "--source", "moon"), 2, "moon"),
    ],
)
def test_what_cannot_be_asked(plan, words, status, said):
    done = run("fetch", plan, *words)
    assert (done.exit_code, said in done.output) == (status, True), done.output


def test_a_server_without_terrain_there(plan):
    with serving() as catalogue:
        done = run("fetch", plan, "--box", "-32.6,18.9,-32.5,19.0", "--server", catalogue.address)
    assert done.exit_code == 1
    assert "no terrain there: S33E018" in done.output
