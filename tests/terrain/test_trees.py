"""Trees that files know stand on paths where they grow, and where the ground has them already they do not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import FileError, InputError, UnknownPlaceError, UnknownUnitError
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.conditions import Conditions
from cn_planner.model.ground import FileKind, Holds
from cn_planner.model.plan import Obstacle, Plan
from cn_planner.model.settings import change_setting
from cn_planner.session.link import link_between
from cn_planner.terrain.asked import Answers, likely_crs
from cn_planner.terrain.files import add_terrain, open_surface, put_first
from cn_planner.terrain.overview import data_of
from cn_planner.terrain.profile import path_profile, path_profiles

if TYPE_CHECKING:
    from pathlib import Path

UTM = "EPSG:32631"
TREES, COVER = Answers(FileKind.TREES), Answers(FileKind.LAND_COVER)
NAN = float("nan")


def raster(path: Path, values: np.ndarray, cell: float = 30.0, crs: str | None = UTM, **more: object) -> Path:
    rows, columns = values.shape
    profile = {"driver": "GTiff", "dtype": values.dtype, "count": 1, "height": rows, "width": columns, "crs": crs}
    with rasterio.open(path, "w", transform=Affine(cell, 0, 4e5, 0, -cell, 4.6e6), **profile, **more) as dataset:
        dataset.write(values, 1)
    return path


def ground(folder: Path, name: str = "dem.tif", height: float = 100.0) -> Path:
    path = folder / name
    write_geotiff(path, np.full((200, 200), height, np.float32), UTM, (30.0, 0, 4e5 + 15, 0, -30.0, 4.6e6 - 15), NAN)
    return path


def forest(height: int = 20) -> np.ndarray:
    """A wood from column 80 to 99; nothing known beyond column 150."""
    values = np.zeros((200, 200), np.uint8)
    values[:, 80:100] = height
    values[:, 150:] = 255
    return values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def made(folder: Path, *files: tuple[Path, Answers]) -> Plan:
    plan = add_terrain(Plan(), folder / "p.cnplan.gpkg", [ground(folder)]).plan
    for path, answers in files:
        plan = add_terrain(plan, folder / "p.cnplan.gpkg", [path], answers).plan
    return plan


def place(x: float, y: float = 4.597e6) -> tuple[float, float]:
    from cn_planner import geo

    lon, lat = geo.transform(UTM, geo.WGS84, [4e5 + x], [y])
    return float(lat[0]), float(lon[0])


def test_trees_stand_where_the_raster_has_them_and_assumed_ones_where_it_knows_nothing(folder: Path) -> None:
    plan = made(folder, (raster(folder / "canopy.tif", forest()), TREES))
    surface = open_surface(plan, folder / "p.cnplan.gpkg")
    profile = path_profile(surface, place(1000.0), place(5900.0), canopy_m=10.0)
    east = 1000.0 + profile.distance_m
    assert set(profile.cover_m[(east > 2405) & (east < 2995)]) == {20.0}
    assert set(profile.cover_m[(east < 2395) | ((east > 3005) & (east < 4495))]) == {0.0}
    assert set(profile.cover_m[(east > 4505) & (east < 5695)]) == {10.0}
    assert set(profile.cover_m[east > 5705]) == {0.0}
    assert profile.cover_assumed
    assert not path_profile(surface, place(1000.0), place(4000.0), canopy_m=10.0).cover_assumed
    # Measured trees count up to 30 m from an end: a mast at the wood's edge looks over them.
    beside = path_profile(surface, place(2390.0), place(4000.0), canopy_m=10.0)
    assert set(beside.cover_m[beside.distance_m <= 30.0]) == {0.0}
    assert beside.cover_m[beside.distance_m > 31.0][0] == 20.0


def test_what_was_seen_on_site_comes_before_the_raster(folder: Path) -> None:
    surface = open_surface(made(folder, (raster(folder / "canopy.tif", forest()), TREES)), folder / "p.cnplan.gpkg")
    clearing = Obstacle("O1", *place(2700.0), 3.0, 100.0)
    profile = path_profile(surface, place(1000.0), place(4000.0), canopy_m=10.0, obstacles=[clearing])
    near = np.abs(1000.0 + profile.distance_m - 2700.0)
    assert set(profile.cover_m[near < 99.0]) == {3.0}
    assert set(profile.cover_m[(near > 101.0) & (near < 295.0)]) == {20.0}


def test_the_matrix_of_many_paths_sees_the_same_trees(folder: Path) -> None:
    surface = open_surface(made(folder, (raster(folder / "canopy.tif", forest()), TREES)), folder / "p.cnplan.gpkg")
    air = Conditions(canopy_m=10.0)
    ends = np.array([place(1000.0), place(1200.0, 4.5965e6)]), np.array([place(4000.0), place(5800.0, 4.5972e6)])
    matrix = pair_matrix(surface, ends[0].T, ends[1].T, [12.0], [8.0], 5800.0, air, max_km=10.0)
    for row, (i, j) in enumerate(zip(matrix.first, matrix.second, strict=True)):
        profile = path_profiles(surface, *ends[0][i], *ends[1][j], canopy_m=10.0)
        d, length = profile.distance_m, profile.length_m[0]
        ray = 112.0 + (108.0 - 112.0) * d / length - d * (length - d) / (2 * 8_494_667.0)
        assert matrix.clearance_m[row, 0, 0] == pytest.approx((ray - 100.0 - profile.cover_m).min(), abs=0.05)


def test_fine_trees_are_joined_to_their_tallest_so_that_no_path_steps_over_one(folder: Path) -> None:
    fine = np.zeros((1200, 1200), np.float32)
    fine[::3, 601] = 25.0  # single trees, 5 m wide, in a row 15 m apart
    surface = open_surface(made(folder, (raster(folder / "lidar.tif", fine, 5.0), TREES)), folder / "p.cnplan.gpkg")
    profile = path_profile(surface, place(1000.0), place(5000.0))
    assert profile.cover_m.max() == 25.0
    assert surface.trees is not None
    assert surface.trees.rasters[0].values.shape == (400, 400)


def test_classes_of_land_cover_have_the_heights_of_their_table_until_the_plan_says_others(folder: Path) -> None:
    classes = np.full((200, 200), 30, np.uint8)
    classes[:, 80:100], classes[:, 100:110], classes[:, 110:120] = 10, 50, 95
    plan = made(folder, (raster(folder / "worldcover.tif", classes, nodata=0), COVER))
    path = folder / "p.cnplan.gpkg"
    assert plan.terrain["worldcover.tif"].source == "ESA WorldCover"

    def heights(plan: Plan) -> list[float]:
        profile = path_profile(open_surface(plan, path), place(1000.0), place(5000.0), canopy_m=10.0)
        return [float(profile.cover_m[np.argmin(np.abs(1000.0 + profile.distance_m - x))]) for x in
                (2000.0, 2700.0, 3150.0, 3450.0)]  # fmt: skip

    assert heights(plan) == [0.0, 15.0, 10.0, 15.0]
    own = change_setting(plan, {"terrain.worldcover.tif.class_heights": "10=8; 50=4"}).plan
    assert heights(own) == [0.0, 8.0, 4.0, 15.0]
    with pytest.raises(InputError, match="no height of a class"):
        change_setting(plan, {"terrain.worldcover.tif.class_heights": "trees=8"})


def test_land_cover_is_not_taken_for_the_ground(folder: Path) -> None:
    classes = np.full((200, 200), 30, np.uint8)
    classes[:, 80:100] = 10
    with pytest.raises(InputError, match="classes of land cover \\(ESA WorldCover\\)"):
        made(folder, (raster(folder / "worldcover.tif", classes, nodata=0), Answers()))
    low = made(folder, (raster(folder / "low.tif", classes, nodata=0), Answers(unit="m")))
    assert "low.tif" in low.terrain  # who says that they are metres is believed
    island = made(folder, (raster(folder / "island.tif", classes.astype(np.int16)), Answers()))
    assert "island.tif" in island.terrain


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int32])
def test_classes_of_no_known_table_are_asked_for(folder: Path, kind: type[np.integer]) -> None:
    classes = raster(folder / "own.tif", np.full((200, 200), 77, kind))
    with pytest.raises(InputError, match="classes 77 are of no table"):
        made(folder, (classes, COVER))
    plan = made(folder, (classes, replace(COVER, class_heights="77=6")))
    surface = open_surface(plan, folder / "p.cnplan.gpkg")
    assert path_profile(surface, place(1000.0), place(3000.0)).cover_m.max() == 6.0


def test_trees_are_not_added_to_treetops_unless_it_is_asked_for(folder: Path) -> None:
    plan = made(folder, (raster(folder / "canopy.tif", forest()), TREES))
    path = folder / "p.cnplan.gpkg"
    tops = change_setting(plan, {"terrain.dem.tif.holds": "surface"}).plan
    profile = path_profile(open_surface(tops, path), place(1000.0), place(5900.0), canopy_m=10.0)
    east = 1000.0 + profile.distance_m
    assert set(profile.cover_m[east < 4495]) == {0.0}
    assert profile.cover_m[(east > 4505) & (east < 5695)].min() == 10.0  # nothing is known there: as ever
    (note,) = data_of(tops, open_surface(tops, path)).notes
    assert "not added to dem.tif" in str(note)
    both = change_setting(tops, {"area.trees_on_surfaces": "yes"}).plan
    assert path_profile(open_surface(both, path), place(1000.0), place(3500.0)).cover_m.max() == 20.0


def test_the_surface_model_of_copernicus_is_known_by_its_name(folder: Path) -> None:
    path = folder / "p.cnplan.gpkg"
    dsm = ground(folder, "Copernicus_DSM_COG_10_N41_00_E001_00_DEM.tif")
    (row,) = add_terrain(Plan(), path, [dsm]).plan.terrain.values()
    assert row.holds is Holds.SURFACE
    (row,) = add_terrain(Plan(), path, [dsm], Answers(holds=Holds.GROUND, datum="EGM2008")).plan.terrain.values()
    assert (row.holds, row.vertical_datum) == (Holds.GROUND, "EGM2008")


def test_the_file_put_first_answers(folder: Path) -> None:
    plan = made(folder, (raster(folder / "a.tif", forest(20)), TREES), (raster(folder / "b.tif", forest(9)), TREES))
    path = folder / "p.cnplan.gpkg"

    def tallest(plan: Plan) -> float:
        return float(path_profile(open_surface(plan, path), place(1000.0), place(4000.0)).cover_m.max())

    assert tallest(plan) == 20.0
    assert tallest(put_first(plan, "b.tif").plan) == 9.0
    with pytest.raises(InputError, match=r"no file c\.tif"):
        put_first(plan, "c.tif")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"just words", "not a raster of tree heights"),
        ("cut", "damaged or cut short"),
        ("high", "holds no height of trees"),
    ],
)
@pytest.mark.parametrize("answers", [TREES, COVER])
def test_a_file_of_trees_that_cannot_be_used_is_refused(
    folder: Path, content: bytes | str, words: str, answers: Answers
) -> None:
    path = folder / "bad.tif"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "cut":
        raster(path, np.random.default_rng(1).integers(0, 30, (400, 400), np.uint8))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        raster(path, np.full((50, 50), 400.5, np.float32))
        words = words if answers is TREES else "measured numbers, not classes"
    with pytest.raises(FileError, match=words):
        made(folder, (path, answers))


@pytest.mark.parametrize("answers", [TREES, COVER])
def test_a_raster_of_another_place_is_refused(folder: Path, answers: Answers) -> None:
    far = raster(folder / "far.tif", np.full((50, 50), 10, np.uint8), crs="EPSG:32636")
    with pytest.raises(FileError, match="elsewhere than the terrain"):
        made(folder, (far, answers))


def test_trees_need_ground_to_stand_on(folder: Path) -> None:
    with pytest.raises(InputError, match="no elevation yet"):
        add_terrain(Plan(), folder / "p.cnplan.gpkg", [raster(folder / "canopy.tif", forest())], TREES)


def test_a_raster_without_a_system_is_asked_for_one_and_takes_the_answer(folder: Path) -> None:
    path, plan_path = raster(folder / "nowhere.tif", np.full((200, 200), 100, np.int16), crs=None), folder / "p.gpkg"
    with pytest.raises(UnknownPlaceError, match="EPSG:32636 for UTM") as problem:
        add_terrain(Plan(), plan_path, [path])
    lat, lon = place(3000.0)
    likely = likely_crs(*problem.value.corner, [(lat, lon)])
    assert (likely[0].crs, likely[0].name) == (UTM, "UTM 31N")
    plan = add_terrain(Plan(), plan_path, [path], Answers(crs=UTM)).plan
    assert plan.terrain["nowhere.tif"].crs == UTM
    assert float(open_surface(plan, plan_path).heights(lat, lon)) == 100.0
    for wrong in ("EPSG:4978", "EPSG:99999", "somewhere"):
        with pytest.raises(InputError):
            add_terrain(Plan(), plan_path, [path], Answers(crs=wrong))


def test_heights_in_feet_are_suspected_and_asked_for(folder: Path) -> None:
    plan_path = folder / "p.gpkg"
    rough = np.random.default_rng(2).uniform(200.0, 900.0, (200, 200)).astype(np.float32)
    metres = raster(folder / "m.tif", rough)
    feet = raster(folder / "ft.tif", rough / np.float32(0.3048))
    plan = add_terrain(Plan(), plan_path, [metres]).plan
    with pytest.raises(UnknownUnitError, match=r"3\.3 times .* Are they feet"):
        add_terrain(plan, plan_path, [feet])
    taken = add_terrain(plan, plan_path, [feet], Answers(unit="ft")).plan
    only = replace(taken, terrain=taken.terrain.changed(remove=["m.tif"]))
    here = place(3000.0)
    assert float(open_surface(only, plan_path).heights(*here)) == pytest.approx(
        float(open_surface(plan, plan_path).heights(*here)), abs=1e-3
    )
    # Alone, they are told by being higher than any ground.
    high = raster(folder / "high.tif", rough * 20.0)
    with pytest.raises(UnknownUnitError, match="higher than any ground"):
        add_terrain(Plan(), plan_path, [high])
    with pytest.raises(InputError, match="no unit of height"):
        add_terrain(plan, plan_path, [feet], Answers(unit="cubit"))


OSM = """<?xml version="1.0"?><osm version="0.6" generator="hand">
{nodes}
<way id="9" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="landuse" v="forest"/></way>
</osm>"""


def test_forests_of_the_map_stand_at_the_height_that_is_given_where_no_file_knows_better(folder: Path) -> None:
    corners = [place(2400.0, 4.5965e6), place(3000.0, 4.5965e6), place(3000.0, 4.5975e6), place(2400.0, 4.5975e6)]
    nodes = "\n".join(f'<node id="{n}" version="1" lat="{p[0]}" lon="{p[1]}"/>' for n, p in enumerate(corners, 1))
    (folder / "map.osm").write_text(OSM.format(nodes=nodes), encoding="utf-8")
    path = folder / "p.cnplan.gpkg"
    plan = change_setting(made(folder), {"area.base_map": "map.osm", "area.forest_m": "18"}).plan
    surface = open_surface(plan, path)
    profile = path_profile(surface, place(1000.0), place(5000.0), canopy_m=4.0)
    east = 1000.0 + profile.distance_m
    assert set(profile.cover_m[(east > 2430) & (east < 2970)]) == {18.0}
    assert set(profile.cover_m[(east > 3030) & (east < 4790)]) == {4.0}
    assert [one.kind for one in data_of(plan, surface).rows] == [FileKind.ELEVATION, FileKind.TREES]
    known = np.full((200, 200), 7, np.uint8)
    plan = add_terrain(plan, path, [raster(folder / "canopy.tif", known)], TREES).plan
    assert path_profile(open_surface(plan, path), place(1000.0), place(5000.0)).cover_m.max() == 7.0
    assert open_surface(change_setting(plan, {"area.forest_m": "none"}).plan, path).trees is not None


def test_the_command_line_adds_asks_orders_and_lists(folder: Path) -> None:
    run = CliRunner()
    plan = str(folder / "p.cnplan.gpkg")
    assert run.invoke(app, ["new", plan, "--name", "P", "--country", "UG"]).exit_code == 0
    coarse, fine = ground(folder), ground(folder, "fine.tif", 112.0)
    assert run.invoke(app, ["terrain", plan, str(coarse), str(fine)]).exit_code == 0
    nowhere = raster(folder / "canopy.tif", forest(), crs=None)
    asked = run.invoke(app, ["terrain", plan, str(nowhere), "--as", "trees"])
    assert asked.exit_code == 1
    assert "--crs EPSG" in asked.output
    assert run.invoke(app, ["terrain", plan, str(nowhere), "--as", "trees", "--crs", UTM]).exit_code == 0
    assert run.invoke(app, ["terrain", plan, "--first", "fine.tif"]).exit_code == 0
    listed = json.loads(run.invoke(app, ["terrain", plan, "--json"]).stdout)
    assert [one["file"] for one in listed["sources"]] == ["fine.tif", "dem.tif", "canopy.tif"]
    assert listed["seams"] == [
        {"first": "fine.tif", "second": "dem.tif", "median_m": 12.0, "p95_m": 12.0, "blend_m": 0.0, "samples": 40_000}
    ]
    checked = run.invoke(app, ["check", plan])
    assert "differ by +12.0 m" in checked.output


def test_a_link_without_a_plan_takes_trees_too(folder: Path) -> None:
    dem, canopy = ground(folder), raster(folder / "canopy.tif", forest(30))
    ends = (*place(1000.0), 20.0), (*place(4000.0), 20.0)
    bare, grown = (
        link_between([dem], *ends, 5800.0, conditions=Conditions(), trees=trees)
        for trees in ((), [(canopy, TREES)])
    )  # fmt: skip
    assert bare.clearance_f1 is not None
    assert bare.clearance_f1 > 1.0
    assert grown.clearance_f1 is not None
    assert grown.clearance_f1 < 0.0
