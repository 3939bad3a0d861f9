"""The maps of the window: coarse first, then those of `coverage_map` itself; kept a tower, and by the plan's radios."""

from __future__ import annotations

import math
import shutil
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.area.sample import make_sample
from cn_planner.coverage.access import access_of, ends_of_access
from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.coverage.grid import CoverageSite
from cn_planner.coverage.received import Quantity
from cn_planner.errors import CancelledError, InputError, MissingTerrainError
from cn_planner.geo import WGS84, destination, transform
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.jobs import tile_pool
from cn_planner.links.bearing import tilt_deg
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.progress import CancelToken, Run
from cn_planner.session import tower_maps
from cn_planner.session.coverage_maps import MapPicture, coverage_picture, map_values, picture_scale, save_map
from cn_planner.session.map_views import SIGNALS, Asked, View
from cn_planner.session.project import Project
from cn_planner.session.tower_maps import groups_of, radios_of
from cn_planner.terrain.profile import path_profile
from tests.coarse_ground import coarse_ground

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RADIUS_M = 9_000.0
SECTORS = tuple(Sector(f"s{n}", "village-sector-5ghz", 40.0 + 150.0 * n, -3.0) for n in range(2))


@pytest.fixture(scope="module")
def coarse_valley(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample valley on ground of larger cells."""
    valley = make_sample()
    folder = tmp_path_factory.mktemp("coarse")
    coarse, place = coarse_ground(valley.elevation_m, valley.transform)
    write_geotiff(folder / "terrain.tif", coarse, valley.crs, place, nodata=float("nan"))
    with Project.create(folder / "valley.cnplan.gpkg", valley.plan) as made:
        made.add_terrain([folder / "terrain.tif"])
    return folder


@pytest.fixture
def valley(coarse_valley: Path, tmp_path: Path) -> Iterator[Project]:
    """A plan of its own with the homes and places of the valley."""
    folder = shutil.copytree(coarse_valley, tmp_path / "valley")
    with Project.open(folder / "valley.cnplan.gpkg") as project:
        yield project


@pytest.fixture
def project(valley: Project) -> Project:
    """The sample valley with two masts; one has two sectors that are tilted down."""
    first, second = (replace(valley.plan.sites[key], mast_height_m=12.0) for key in ("C01", "G01"))
    valley.apply(edits.put(valley.plan, [replace(first, sectors=SECTORS), second]))
    return valley


def place_of(site) -> CoverageSite:
    return CoverageSite(site.name or site.id, site.latitude, site.longitude, site.mast_height_m)


@pytest.mark.parametrize("view", list(View))
def test_the_map_of_a_tower_is_that_of_coverage_map_by_its_own_antennas(project, view: View) -> None:
    snapshot = project.snapshot()
    site, plan = snapshot.plan.sites["C01"], snapshot.plan
    asked = Asked(view, site="C01")
    found = coverage_picture(snapshot, asked, radius_m=RADIUS_M)
    (group,) = groups_of(snapshot, site, asked.computed_by)
    levels, margins = radios_of(snapshot, group)
    assert len(levels.azimuths_deg) == len(SECTORS)
    show = {View.LEVEL: Quantity.LEVEL, View.MARGIN: Quantity.MARGIN, View.CHANCE: Quantity.PROBABILITY}
    show[View.COUNT] = Quantity.MARGIN  # no home is served with less
    whole = coverage_map(
        snapshot.surface, [place_of(site)], rx_height_m=plan.demand.antenna_height_m, radius_m=RADIUS_M,
        model=asked.computed_by, freq_mhz=group[0].freq_mhz, air=conditions_of(plan),
        show=show.get(view, Quantity.LOSS), radio=levels if view is View.LEVEL else margins,
    )  # fmt: skip
    assert found.coarse_m is None
    assert (found.crs, found.transform, found.ranks.shape) == (whole.grid.crs, whole.grid.transform, whole.grid.shape)
    band = whole.bands[0]
    if view is View.COUNT:
        with np.errstate(invalid="ignore"):
            expected = np.where(band >= plan.rules.access_margin_db, found.ranks, 0)
    else:
        scale = picture_scale(snapshot, asked)
        number = scale.of(band, whole.nodata)
        rank = len(scale.classes) - number if scale.low_is_better else number + 1
        expected = np.where(number < 0, 0, rank)
    assert np.array_equal(found.ranks, expected)
    assert len(np.unique(found.ranks)) > 1


def test_a_count_is_of_the_towers_that_would_serve_a_home(project) -> None:
    """Path by path, on the profile of each: by verdict, margin, rate, beam and distance."""
    snapshot = project.snapshot()
    plan, air = snapshot.plan, conditions_of(snapshot.plan)
    found = map_values(snapshot, Asked(View.COUNT), radius_m=RADIUS_M)[0]
    rows, columns = np.nonzero(np.ones(found.bands[0].shape, np.bool_))
    pick = np.random.default_rng(4).choice(len(rows), 400, replace=False)
    lat, lon = found.grid.centres(rows[pick], columns[pick])
    same = []
    for latitude, longitude, number in zip(lat.tolist(), lon.tolist(), pick.tolist(), strict=True):
        served = 0
        for site in plan.used_sites.values():
            profile = path_profile(
                snapshot.surface, (site.latitude, site.longitude), (latitude, longitude), canopy_m=air.canopy_m,
                keep_out_m=air.canopy_keep_out_m,
            )  # fmt: skip
            mast, roof = site.mast_height_m or 0.0, plan.demand.antenna_height_m
            up = tilt_deg(profile.length_m, profile.ground_m[0] + mast, profile.ground_m[-1] + roof, air.k_factor)
            access = access_of(plan, snapshot.catalogue, site, profile.azimuth_deg, up)
            tower, home = ends_of_access(plan, snapshot.catalogue, snapshot.regulations, access)
            lost = float(access.loss_db(snapshot.catalogue, profile.azimuth_deg, up))
            budget = link_budget(
                profile, mast, roof, replace(tower, pointing_loss_db=lost), home, access.freq_mhz, conditions=air,
                rules=plan.rules,
            )  # fmt: skip
            served += (
                budget.verdict is Verdict.LIKELY
                and budget.fade_margin_db >= plan.rules.access_margin_db
                and budget.rate_down_mbps >= plan.demand.mbps_per_home
                and bool(access.reaches(snapshot.catalogue, profile.azimuth_deg))
                and profile.length_m <= (plan.rules.max_access_km or math.inf) * 1000.0
            )
        same.append(found.bands[0, rows[number], columns[number]] == served)
    assert np.mean(same) >= 0.97
    assert found.bands.max() == 2


def test_a_coarse_picture_comes_first_and_is_right_in_most_cells(project) -> None:
    snapshot = project.snapshot()
    for view, least in ((View.SEEN, 0.93), (View.CLEAR, 0.90), (View.LEVEL, 0.88), (View.COUNT, 0.90)):
        pictures: list[MapPicture] = []
        found = coverage_picture(snapshot, Asked(view), partial=pictures.append)
        rough = [one for one in pictures if one.coarse_m is not None and one.towers == 2]
        assert rough, view
        assert pictures[0].coarse_m is not None
        assert rough[0].coarse_m > snapshot.surface.cell_m(
            *list(snapshot.homes.latitude[:1]), snapshot.homes.longitude[0]
        )
        known = found.ranks > 0
        same = float((rough[0].ranks == found.ranks)[known].mean())
        assert same >= least, (view, same)


def test_towers_together_are_the_best_of_each_and_a_count_of_all(project) -> None:
    snapshot = project.snapshot()
    for view in (View.SEEN, View.HEIGHT, View.MARGIN):
        both = coverage_picture(snapshot, Asked(view), radius_m=6_000.0)
        values = map_values(snapshot, Asked(view), radius_m=6_000.0)[0]
        scale = picture_scale(snapshot, Asked(view))
        number = scale.of(values.bands[0], values.nodata)
        rank = len(scale.classes) - number if scale.low_is_better else number + 1
        assert np.array_equal(both.ranks, np.where(number < 0, 0, rank)), view
    count = coverage_picture(snapshot, Asked(View.COUNT), radius_m=6_000.0)
    assert np.array_equal(count.ranks, map_values(snapshot, Asked(View.COUNT), radius_m=6_000.0)[0].bands[0])
    assert count.ranks.max() == 2


def test_moving_one_tower_computes_that_one_alone(project) -> None:
    asked = Asked(View.CLEAR)
    coverage_picture(project.snapshot(), asked)
    kept = len(project.snapshot().cache)
    site = project.plan.sites["G01"]
    lat, lon = destination(site.latitude, site.longitude, 45.0, 60.0)
    project.apply(edits.put(project.plan, [replace(site, latitude=lat, longitude=lon)]))
    said: list[str] = []
    coverage_picture(project.snapshot(), asked, run=Run(progress=lambda _done, what=None: said.append(str(what))))
    assert len(project.snapshot().cache) == kept + 1
    assert any(site.name in words for words in said)
    assert not any(project.plan.sites["C01"].name in words for words in said)
    again: list[MapPicture] = []
    coverage_picture(project.snapshot(), asked, partial=again.append)
    assert not again  # everything is kept: nothing is coarse


def test_a_tilted_or_turned_sector_is_another_map_and_a_name_is_not(project) -> None:
    asked = Asked(View.LEVEL, site="C01")
    before = coverage_picture(project.snapshot(), asked, radius_m=RADIUS_M)
    site = project.plan.sites["C01"]
    for change in ({"azimuth_deg": 90.0}, {"tilt_deg": -12.0}):
        turned = replace(site, sectors=(replace(SECTORS[0], **change), SECTORS[1]))
        project.apply(edits.put(project.plan, [turned]))
        after = coverage_picture(project.snapshot(), asked, radius_m=RADIUS_M)
        assert (after.ranks != before.ranks).mean() > 0.005, change
    project.apply(edits.put(project.plan, [replace(site, name="another name")]))
    pictures: list[MapPicture] = []
    coverage_picture(project.snapshot(), asked, radius_m=RADIUS_M, partial=pictures.append)
    assert not pictures


def test_a_cancelled_map_keeps_nothing_of_the_tower_under_way(project) -> None:
    snapshot, token = project.snapshot(), CancelToken()
    before = len(snapshot.cache)
    pictures: list[MapPicture] = []

    def partial(one: MapPicture) -> None:
        pictures.append(one)
        token.cancel()

    with pytest.raises(CancelledError):
        coverage_picture(snapshot, Asked(View.CLEAR), partial=partial, run=Run(cancel=token))
    assert len(pictures) == 1
    assert len(snapshot.cache) == before


def test_any_number_of_threads_gives_the_same_picture(project) -> None:
    found = []
    for threads in (1, 3):
        snapshot = project.snapshot()
        snapshot.cache.clear()
        found.append(coverage_picture(snapshot, Asked(View.CHANCE), radius_m=RADIUS_M, run=Run(tile_pool(threads))))
    assert np.array_equal(found[0].ranks, found[1].ranks)


def test_a_tower_without_terrain_is_left_out_by_name_and_alone_refused(project) -> None:
    site = project.plan.sites["G01"]
    project.apply(edits.put(project.plan, [replace(site, latitude=site.latitude + 1.0, name="Far away")]))
    found = coverage_picture(project.snapshot(), Asked(View.SEEN))
    assert (found.towers, found.left_out) == (1, ("Far away",))
    with pytest.raises(MissingTerrainError):
        coverage_picture(project.snapshot(), Asked(View.SEEN, site="G01"))
    with pytest.raises(InputError):
        coverage_picture(project.snapshot(), Asked(View.SEEN, site="nowhere"))


@pytest.mark.parametrize("name", ["map.tif", "map.png", "map.geojson"])
def test_a_map_is_saved_as_a_file_that_opens(project, tmp_path: Path, name: str) -> None:
    import json

    from cn_planner.gis.raster import read_elevation

    paths = save_map(project.snapshot(), Asked(View.HEIGHT, site="C01"), tmp_path / name)
    assert paths[0] == tmp_path / name
    assert all(path.stat().st_size > 0 for path in paths)
    if name.endswith(".tif"):
        values = map_values(project.snapshot(), Asked(View.HEIGHT, site="C01"))[0]
        back = read_elevation(paths[0])
        assert np.array_equal(np.asarray(back.values), values.bands[0], equal_nan=True)
    elif name.endswith(".geojson"):
        features = json.loads(paths[0].read_text("utf-8"))["features"]
        assert {one["properties"]["site"] for one in features} == {project.plan.sites["C01"].name}
    else:
        assert paths[0].read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError):
        save_map(project.snapshot(), Asked(View.HEIGHT), tmp_path / "map.docx")


def test_what_is_kept_of_a_map_is_small(project) -> None:
    snapshot = project.snapshot()
    before = snapshot.cache.bytes_used
    found = coverage_picture(snapshot, Asked(View.CHANCE), radius_m=RADIUS_M)
    assert snapshot.cache.bytes_used - before < len(SIGNALS) * found.ranks.size
    assert math.isclose(found.ranks.size, found.ranks.nbytes)
    assert found.asked.model == "p526"


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory):
    """A tower with a hole in the hills beside it."""
    valley = make_sample()
    folder = tmp_path_factory.mktemp("holed")
    holed = valley.elevation_m.copy()
    site = valley.plan.sites["C01"]
    ground = folder / "terrain.tif"
    x, y = transform(WGS84, valley.crs, [site.longitude], [site.latitude])
    a, _, c, _, e, f = valley.transform
    row, column = round((float(y[0]) - f) / e), round((float(x[0]) - c) / a)
    holed[row + 40 : row + 90, column - 25 : column + 25] = np.nan
    coarse, place = coarse_ground(holed, valley.transform)
    write_geotiff(ground, coarse, valley.crs, place, nodata=float("nan"))
    with Project.create(folder / "holed.cnplan.gpkg", valley.plan) as made:
        made.add_terrain([ground])
        made.apply(edits.put(made.plan, [replace(made.plan.sites["C01"], mast_height_m=12.0)]))
        yield made


def test_where_homes_would_be_served_is_judged_in_parts_and_the_same(project: Project, monkeypatch) -> None:
    """A map of 15 km took 235 MB while it was made: all its cells were judged at once."""
    snapshot = project.snapshot()
    whole = map_values(snapshot, Asked(View.COUNT), radius_m=4_000.0)[0]
    peaks = []
    for cells in (1_000_000, 256):
        monkeypatch.setattr(tower_maps, "_CELLS", cells)
        tracemalloc.start()
        found = map_values(snapshot, Asked(View.COUNT), radius_m=4_000.0)[0]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        np.testing.assert_array_equal(found.bands, whole.bands)
    assert whole.bands.any()
    assert peaks[1] < 0.6 * peaks[0]


@pytest.mark.parametrize("view", [View.SEEN, View.CHANCE, View.COUNT])
def test_missing_terrain_is_marked_in_what_is_saved(holed: Project, tmp_path: Path, view: View) -> None:
    """A hole in the hills beside a tower is grey in the picture, and an area of its own that says why."""
    import json

    areas = save_map(holed.snapshot(), Asked(view), tmp_path / "map.geojson")[0]
    save_map(holed.snapshot(), Asked(view), tmp_path / "map.png")
    legend = (tmp_path / "map.legend.svg").read_text("utf-8")
    assert any(one["properties"].get("no_data") for one in json.loads(areas.read_text("utf-8"))["features"])
    assert "terrain is missing" in legend
