"""Places for towers found in the terrain: on hilltops that are known, seeing what they say, none without a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.errors import CancelledError, InputError
from cn_planner.geo import geodesic
from cn_planner.gis.raster import read_elevation
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.plan import Household, Plan, SiteRole, Zone
from cn_planner.planning.candidates import find_candidates
from cn_planner.planning.design import design
from cn_planner.planning.hilltops import Form, places_that_stand_out
from cn_planner.progress import CancelToken, Run
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface


@pytest.fixture(scope="module")
def valley(sample_ground):
    """The sample with its gateway alone."""
    sample, surface = sample_ground
    rest = [key for key, site in sample.sites.items() if site.role is not SiteRole.GATEWAY]
    plan = edits.remove(sample, "sites", rest).plan
    return plan, surface, load_catalogue(), [sample.sites[key] for key in rest]


@pytest.fixture(scope="module")
def found(valley):
    return find_candidates(Study(*valley[:3]))


@pytest.fixture(scope="module")
def close(valley):
    """The same where no link is longer than 6 km: a tenth of the paths to look along."""
    plan, *rest = valley
    return replace(plan, rules=replace(plan.rules, max_backhaul_km=6.0)), *rest


@pytest.fixture(scope="module")
def found_close(close):
    return find_candidates(Study(*close[:3]))


def _cone(folder, tops, *, step_m: float = 50.0, size: int = 400):
    """A plain at 100 m with cones on it, at the equator in UTM 31N."""
    x, y = np.meshgrid(np.arange(size) * step_m, np.arange(size) * step_m)
    ground = np.full(x.shape, 100.0)
    for east, south, height in tops:
        ground = np.maximum(ground, 100.0 + height - 0.2 * np.hypot(x - east, y - south))
    path = folder / "cones.tif"
    write_geotiff(
        path,
        ground.astype(np.float32),
        "EPSG:32631",
        (step_m, 0.0, 500_000.0, 0.0, -step_m, 20_000.0),
        nodata=float("nan"),
    )
    return Surface([read_elevation(path)])


def test_the_tops_of_cones_are_found_and_nothing_else(tmp_path):
    surface = _cone(tmp_path, [(5_000.0, 5_000.0, 150.0), (14_000.0, 12_000.0, 60.0)])
    south, west, north, east = surface.bounds
    places = places_that_stand_out(surface, south, west, north, east, 50)
    tops = [one for one in places if one.form is Form.HILLTOP]
    assert [round(one.ground_m, -1) for one in tops] == [250, 160]
    assert all(one.stands_out_m > 20.0 for one in tops)


def test_the_hilltops_of_the_sample_are_among_what_is_found(valley, found):
    """The sample's own places are hilltops and shoulders that its maker chose: most were looked at."""
    every = [one.place for one in (*found.kept, *found.removed)]
    near = [
        min(geodesic(site.latitude, site.longitude, one.latitude, one.longitude)[2] for one in every)
        for site in valley[3]
    ]
    assert sum(length < 100.0 for length in near) >= 8


def test_the_homes_that_a_place_sees_are_those_that_single_paths_say(valley, found):
    plan, surface, catalogue, _ = valley
    air, high = conditions_of(plan), max(plan.rules.mast_heights_m)
    freq = catalogue.kit(plan.kits.access).freq_mhz
    for one in found.kept[:4]:
        seen = 0.0
        for home in plan.households.values():
            here, there = (one.place.latitude, one.place.longitude), (home.latitude, home.longitude)
            length = geodesic(*here, *there)[2]
            if not 0.0 < length <= (plan.rules.max_access_km or 8.0) * 1000.0:
                continue
            profile = path_profile(surface, here, there, canopy_m=air.canopy_m, keep_out_m=air.canopy_keep_out_m)
            budget = link_budget(profile, high, roof_height_m(plan, home), None, None, freq, conditions=air)
            seen += home.weight * (budget.clearance_f1 >= plan.rules.clearance_f1)
        assert one.homes == pytest.approx(seen)


def test_a_network_of_them_reaches_as_many_homes_as_the_places_of_the_sample(valley, found):
    plan, surface, catalogue, own = valley
    theirs = design(Study(edits.put(plan, own).plan, surface, catalogue))
    ours = design(Study(found.edit.plan, surface, catalogue))
    assert ours.coverable >= theirs.coverable
    assert ours.served >= theirs.served


def test_every_place_has_its_reason_and_ids_are_free(valley, found):
    assert found.kept
    assert all(str(one.reason) for one in (*found.kept, *found.removed))
    assert len({one.id for one in found.kept}) == len(found.kept)
    assert set(found.edit.plan.sites) == set(valley[0].sites) | {one.id for one in found.kept}


def test_what_is_in_the_plan_already_is_not_found_again(close, found_close):
    again = find_candidates(Study(found_close.edit.plan, *close[1:3]))
    for one in again.kept:
        for old in found_close.kept:
            apart = geodesic(one.place.latitude, one.place.longitude, old.place.latitude, old.place.longitude)[2]
            assert apart >= 250.0
    assert any("is there already" in str(one.reason) for one in again.removed)
    assert not {one.id for one in again.kept} & set(found_close.edit.plan.sites)


def test_zones_where_nothing_may_be_built_are_kept_free(close, found_close):
    plan, surface, catalogue, _ = close
    first = found_close.kept[0].place
    side = 0.004
    ring = tuple(
        (first.latitude + a * side, first.longitude + b * side) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))
    )
    zoned = edits.put(plan, [Zone("grove", "Sacred grove", ring)]).plan
    there = find_candidates(Study(zoned, surface, catalogue))
    assert all(
        max(abs(one.place.latitude - first.latitude), abs(one.place.longitude - first.longitude)) > side
        for one in there.kept
    )
    assert any("Sacred grove" in str(one.reason) for one in there.removed)


def test_no_more_are_kept_than_asked_for_and_the_best_first(close, found_close):
    few = find_candidates(Study(*close[:3]), most=5)
    assert len(few.kept) == 5
    assert [one.place for one in few.kept] == [one.place for one in found_close.kept[:5]]


def test_many_homes_are_put_together_by_squares(close, found_close):
    """Sixteen for each home at its place: the same places see the same weight, but at the edges of squares."""
    plan, surface, catalogue, _ = close
    many = [
        replace(
            home,
            id=f"{home.id}-{n}",
            weight=home.weight / 16,
        )
        for home in plan.households.values()
        for n in range(16)
    ]
    crowd = edits.put(edits.remove(plan, "households", list(plan.households)).plan, many).plan
    assert len(crowd.households) > 2_000
    there = find_candidates(Study(crowd, surface, catalogue))
    weight = {one.place: one.homes for one in (*found_close.kept, *found_close.removed)}
    assert {one.place for one in there.kept} <= set(weight)
    alike = [abs(one.homes - weight[one.place]) <= 0.1 * max(weight[one.place], 10.0) for one in there.kept]
    assert np.mean(alike) > 0.8


def test_where_the_terrain_is_missing_there_is_no_place(valley):
    _, surface, catalogue, _ = valley
    away = Plan(households=edits.put(Plan(), [Household("h", "h", 60.0, 10.0)]).plan.households)
    there = find_candidates(Study(away, surface, catalogue))
    assert there.kept == ()
    assert there.edit is None
    assert there.unseen == 1.0


def test_a_plan_without_homes_and_a_number_that_is_none_are_refused(valley):
    plan, surface, catalogue, _ = valley
    with pytest.raises(InputError, match="no homes"):
        find_candidates(Study(Plan(), surface, catalogue))
    for most in (0, -3, 501):
        with pytest.raises(InputError, match="cannot be looked for"):
            find_candidates(Study(plan, surface, catalogue), most=most)


def test_a_cancel_leaves_nothing(valley):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        find_candidates(Study(*valley[:3]), run=Run(cancel=cancel))
