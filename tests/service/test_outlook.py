"""Other ends in a panorama: what hides them is what their profiles say, recomputed here, and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.panorama import panorama
from cn_planner.drawing.display import Marker, Symbol, Text
from cn_planner.drawing.palette import Theme
from cn_planner.drawing.panorama_chart import panorama_chart, panorama_pixels
from cn_planner.geo import geodesic
from cn_planner.gis.raster import RasterGrid
from cn_planner.model.plan import Household, Plan, Site, SiteRole
from cn_planner.service.outlook import SightLine, hills_ahead, named_hills, other_ends
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

EYE = (0.05, 10.05, 10.0)


@pytest.fixture(scope="module")
def study() -> Study:
    """Flat ground with a wall of 60 m to the east, a hill to the north, towers on every side and one home."""
    ground = np.zeros((200, 200), np.float32)
    ground[:, 120] = 60.0
    row, column = np.indices(ground.shape)
    ground += 200.0 * np.exp(-((row - 20) ** 2 + (column - 50) ** 2) / 60.0).astype(np.float32)
    surface = Surface([RasterGrid("made", ground, "EPSG:4326", (0.001, 0.0, 10.0, 0.0, -0.001, 0.2))])

    def tower(key: str, latitude: float, longitude: float, mast: float | None) -> Site:
        return Site(key, key.title(), latitude, longitude, role=SiteRole.CANDIDATE, mast_height_m=mast)

    plan = Plan()
    plan = replace(
        plan,
        area=replace(plan.area, canopy_m=0.0),
        sites={one.id: one for one in (
            tower("behind", 0.05, 10.15, 12.0), tower("near", 0.05, 10.08, 12.0), tower("west", 0.06, 10.01, None),
            tower("outside", 0.05, 30.0, 12.0), tower("here", 0.05, 10.05, 12.0),
        )},
        households={"h": Household("h", "Ana", 0.02, 10.05)},
    )  # fmt: skip
    return Study(plan, surface, load_catalogue())


@pytest.fixture(scope="module")
def seen(study: Study):
    return panorama(study.surface, *EYE, towards_deg=0.0, shape=(90, 720), range_m=20_000.0)


@pytest.fixture(scope="module")
def ends(study: Study, seen):
    return {one.id: one for one in other_ends(study, seen, homes=("h",))}


def test_ends_stand_by_bearing_and_those_here_or_too_far_are_left_out(ends):
    assert set(ends) == {"near", "behind", "h", "west"}
    assert list(ends)[-2:] == ["h", "west"]
    way = geodesic(*EYE[:2], 0.05, 10.15)
    assert ends["behind"].azimuth_deg == pytest.approx(way.azimuth_deg)
    assert ends["behind"].distance_m == pytest.approx(way.distance_m)


def test_what_hides_an_end_is_recomputed_by_hand(ends):
    """The ray from 10 to 12 m over the wall's top of 60 m at 7/10 of 11.1 km, with the bulge of 4/3 of the earth."""
    behind, length = ends["behind"], ends["behind"].distance_m
    at = 0.7 * length
    ray = 10.0 + 2.0 * 0.7 - at * (length - at) / (2.0 * 6_371_000.0 * 4.0 / 3.0)
    assert behind.sight is SightLine.HIDDEN
    assert behind.clearance_m == pytest.approx(ray - 60.0, abs=0.2)
    assert behind.at_m == pytest.approx(at, abs=60.0)
    assert str(behind.words) == f"Hidden: the ground at 7.8 km stands {60.0 - ray:.0f} m above the line."
    near = ends["near"]
    assert near.sight is SightLine.SEEN
    assert str(near.words).startswith("In sight, ")
    assert near.elevation_deg == pytest.approx(
        np.degrees(np.arctan2(2.0 - near.distance_m**2 / (2.0 * 6_371_000.0 * 4.0 / 3.0), near.distance_m)), abs=1e-6
    )


def test_a_wood_before_an_end_makes_it_doubtful(study: Study, seen):
    plan = replace(study.plan, area=replace(study.plan.area, canopy_m=25.0))
    there = {one.id: one for one in other_ends(replace(study, plan=plan), seen)}
    assert there["near"].sight is SightLine.DOUBTFUL
    assert str(there["near"].words).startswith("Trees or roofs at ")
    assert there["behind"].sight is SightLine.HIDDEN


def test_the_hill_of_the_skyline_has_its_bearing_its_distance_and_its_height(study: Study, seen):
    top = max(hills_ahead(seen), key=lambda one: one.amsl_m)
    way = geodesic(*EYE[:2], 0.18, 10.05)
    assert (top.azimuth_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1.0)
    assert top.distance_m == pytest.approx(way.distance_m, rel=0.03)
    assert top.amsl_m == pytest.approx(200.0, abs=6.0)


def test_the_picture_marks_each_end_by_shape_and_says_how_many_are_hidden(ends, seen):
    drawn = panorama_chart(seen, tuple(ends.values()), hills_ahead(seen))

    def every(items):
        for item in items:
            yield item
            yield from every(getattr(item, "items", ()))

    found = list(every(drawn.items))
    signs = {one.key: one.symbol for one in found if isinstance(one, Marker)}
    assert signs == {"behind": Symbol.CROSS, "near": Symbol.TOWER, "west": Symbol.SUGGESTED, "h": Symbol.HOME}
    texts = {one.text for one in found if isinstance(one, Text)}
    assert {"Near, 3.3 km", "Behind, 11.1 km", "90° E", "0° N"} <= texts
    assert drawn.description == "4 other ends in the picture, 1 of them hidden by the ground."


def test_for_paper_the_ground_is_grey_and_light(seen):
    colour, grey = panorama_pixels(seen), panorama_pixels(seen, Theme.BLACK_AND_WHITE)
    assert colour.shape == grey.shape == (90, 720, 3)
    assert (grey[..., 0] == grey[..., 1]).all()
    assert grey.mean() > 150
    assert (grey[np.isnan(seen.distance_m)] == 255).all()


def test_a_hill_has_the_name_of_the_peak_that_it_is(seen) -> None:
    """The made hill stands at row 20, column 50: 0.18 north, 10.05 east; another name lies 2 km beside it."""
    found = hills_ahead(seen)
    north = min(found, key=lambda one: min(one.azimuth_deg, 360.0 - one.azimuth_deg))
    peaks = [("Beside", 0.1795, 10.0685), ("Mount North", 0.1795, 10.0505), ("Far", 0.05, 10.0)]
    named = {one.azimuth_deg: one.name for one in named_hills(seen, found, peaks)}
    assert named[north.azimuth_deg] == "Mount North"
    assert all(not name for azimuth, name in named.items() if azimuth != north.azimuth_deg)
    assert named_hills(seen, found, []) == found
    picture = panorama_chart(seen, (), named_hills(seen, found, peaks))
    texts = [one.text for one in picture.items[0].items if isinstance(one, Text)]
    assert any("Mount North, " in one for one in texts)
