"""How much of a satellite's sky the ground hides: by hand, of a wall, a bowl and a plain; in the check too."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cn_planner.geo import WGS84
from cn_planner.gis.raster import RasterGrid
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model import edits
from cn_planner.model.plan import Plan, Site, SiteRole, Uplink
from cn_planner.service.open_sky import FELT, by_satellite, open_sky
from cn_planner.session.check import check_project
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

HERE = (0.0, 36.0)
STEP = 1.0 / 3600.0 / 2.0
"""Some 15 m on the equator."""
COUNT = 401
NORTH, EAST = np.meshgrid(
    STEP * 110_574.0 * (COUNT // 2 - np.arange(COUNT)),
    STEP * 111_320.0 * (np.arange(COUNT) - COUNT // 2),
    indexing="ij",
)
DISH = Site("D", "Dish", *HERE, role=SiteRole.GATEWAY, uplink=Uplink("Starlink", 100.0, 60.0), mast_height_m=3.0)


def study(rise: np.ndarray, site: Site = DISH, **rules: float) -> Study:
    """Ground of 500 m, and what rises over it."""
    corner = (STEP, 0.0, HERE[1] - STEP * (COUNT // 2), 0.0, -STEP, HERE[0] + STEP * (COUNT // 2))
    grid = RasterGrid("made", (500.0 + rise).astype(np.float32), WGS84, corner, "", "invented", "CC0")
    plan = edits.put(Plan(), [site]).plan
    plan = replace(plan, rules=replace(plan.rules, **rules))
    return Study(plan, Surface([grid]), load_catalogue())


def test_on_a_plain_the_sky_is_open():
    sky = open_sky(study(np.zeros((COUNT, COUNT))), DISH)
    assert sky.hidden == 0.0
    assert "The sky above 25° is open" in str(sky.words())


def test_a_ridge_to_the_north_hides_what_stands_above_25_degrees_of_it():
    """An endless wall, 1,003 m high and 1,000 m north: towards a bearing b it stands atan(1000 cos b / 1000) high."""
    wall = np.where(NORTH >= 1_000.0, 1_003.0, 0.0)
    sky = open_sky(study(wall), DISH)
    low, hidden = math.sin(math.radians(25.0)), 0.0
    bearings = np.radians(np.arange(-90.0, 90.0, 0.05))
    for one in bearings.tolist():
        up = math.atan(math.cos(one))
        # The made ground ends 3.3 km off: beyond that there is no wall.
        if 1_000.0 * math.tan(abs(one)) < 3_300.0:
            hidden += max(math.sin(up) - low, 0.0)
    expected = hidden / (360.0 / 0.05) / (1.0 - low)
    assert sky.hidden == pytest.approx(expected, rel=0.05)
    assert sky.highest_deg == pytest.approx(45.0, abs=1.0)
    assert min(sky.bearing_deg, 360.0 - sky.bearing_deg) < 5.0
    assert f"hides {100.0 * sky.hidden:.1f} % of the sky above 25°" in str(sky.words())
    higher = open_sky(study(wall), replace(DISH, mast_height_m=30.0))
    assert higher.hidden < sky.hidden


def test_in_a_bowl_the_share_is_that_of_the_zones_of_a_sphere():
    """Ground that rises 35 degrees on all sides: (sin 35 - sin 25) / (1 - sin 25), and nothing of what is above 40."""
    bowl = np.hypot(NORTH, EAST) * math.tan(math.radians(35.0))
    sky = open_sky(study(bowl), DISH)
    sines = [math.sin(math.radians(deg)) for deg in (35.0, 25.0)]
    assert sky.hidden == pytest.approx((sines[0] - sines[1]) / (1.0 - sines[1]), rel=0.03)
    assert open_sky(study(bowl, sky_from_deg=40.0), DISH).hidden == 0.0


def test_only_connections_from_the_sky_are_asked_about_and_only_over_known_ground():
    assert by_satellite(DISH)
    assert not by_satellite(replace(DISH, uplink=Uplink("fibre")))
    assert not by_satellite(replace(DISH, uplink=None))
    assert not by_satellite(replace(DISH, role=SiteRole.CANDIDATE))
    asked = study(np.zeros((COUNT, COUNT)))
    assert open_sky(asked, replace(DISH, latitude=5.0)) is None
    assert open_sky(replace(asked, surface=Surface([])), DISH) is None
    assert FELT == 0.01


def test_the_check_warns_of_a_connection_that_breaks_off(tmp_path):
    """The ground is a file of the plan, as people have it."""
    high = np.hypot(NORTH, EAST) * math.tan(math.radians(35.0))
    corner = (STEP, 0.0, HERE[1] - STEP * (COUNT // 2), 0.0, -STEP, HERE[0] + STEP * (COUNT // 2))
    for rise, warned in ((high, True), (0.0 * high, False)):
        name = f"bowl{int(warned)}"
        write_geotiff(tmp_path / f"{name}.tif", (500.0 + rise).astype(np.float32), "EPSG:4326", corner, None)
        with Project.create(tmp_path / f"{name}.cnplan.gpkg", edits.put(Plan(), [DISH]).plan) as project:
            project.add_terrain([tmp_path / f"{name}.tif"])
            said = [str(one.what) for one in check_project(project)]
        words = "The satellite connection at Dish breaks off at times. The ground hides 2"
        assert any(words in one for one in said) is warned
