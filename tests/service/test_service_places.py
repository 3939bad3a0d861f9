"""Who serves a home, on real ground of five places: as a slow way of its own finds it, path by path, on any threads."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from coverage_places import ONE_FILE
from coverage_slow import alike, cleared, heights_along, p526_db, with_trees

from cn_planner.area.sample import make_sample
from cn_planner.gis.raster import read_elevation
from cn_planner.links.budget import budget_arrays
from cn_planner.links.radio import radio_end
from cn_planner.links.sight import Sight, clear_chance
from cn_planner.links.verdict import VERDICTS
from cn_planner.model.plan import Household, Site
from cn_planner.progress import Run
from cn_planner.service.homes import HomeService, service
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

KM, CANOPY = 4.0, 5.0


@cache
def _sample():
    return make_sample().plan, load_catalogue()


@pytest.fixture(scope="module", params=ONE_FILE)
def village(request, shared_data):
    name, (latitude, longitude) = ONE_FILE[request.param]
    rng = np.random.default_rng(9)
    east = 1.0 / np.cos(np.radians(latitude))
    plan, _ = _sample()
    sites = [
        Site(f"T{n}", f"Tower {n}", latitude + a, longitude + b * east, mast_height_m=8.0 + 7 * n)
        for n, (a, b) in enumerate(rng.uniform(-0.02, 0.02, (4, 2)))
    ]
    homes = [
        Household(f"H{n:02}", f"Home {n}", latitude + a, longitude + b * east)
        for n, (a, b) in enumerate(rng.uniform(-0.035, 0.035, (50, 2)))
    ]
    homes.append(Household("H98", "Under the mast", sites[1].latitude, sites[1].longitude))
    homes.append(Household("H99", "Far", latitude + 0.2, longitude))
    plan = dataclasses.replace(
        plan,
        sites=type(plan.sites)(sites),
        households=type(plan.households)(homes),
        links=type(plan.links)(),
        obstacles=type(plan.obstacles)(),
        area=dataclasses.replace(plan.area, canopy_m=CANOPY),
        rules=dataclasses.replace(plan.rules, max_access_km=KM),
    )
    return plan, Surface.open([shared_data / name]), read_elevation(shared_data / name)


def _slow(plan, surface, grid):
    """Return for each home its towers from best to worst: (verdict, rate, margin, site, down, up, height needed)."""
    catalogue = _sample()[1]
    kit = catalogue.kit(plan.kits.access)
    ends = radio_end(catalogue, plan.kits.access), radio_end(catalogue, plan.kits.client)
    found = {}
    for home in plan.households.values():
        ranked = []
        roof = home.antenna_height_m if home.antenna_height_m is not None else plan.demand.antenna_height_m
        for site in plan.sites.values():
            a, b = (site.latitude, site.longitude), (home.latitude, home.longitude)
            profile = path_profile(surface, a, b)
            if not 0.0 < profile.length_m <= 1000.0 * KM:
                continue
            distance = profile.distance_m
            edge = plan.area.canopy_keep_out_m + 1e-3  # just within the wood, where it begins
            if profile.length_m > 2.0 * edge:
                distance = np.unique(np.concatenate([distance, [edge, profile.length_m - edge]]))
            ground = heights_along(grid, a, profile.azimuth_deg, distance)
            top = with_trees(distance, ground, CANOPY, plan.area.canopy_keep_out_m)
            clear = cleared(distance, top, site.mast_height_m, roof, kit.freq_mhz)
            loss = p526_db(distance, ground, top, site.mast_height_m, roof, kit.freq_mhz)
            tops = ground[0] + site.mast_height_m, ground[-1] + roof
            chance = clear_chance(distance, ground, top - ground, tops, kit.freq_mhz, surface.error_at(*a))
            sight = Sight(*(np.array([value]) for value in (clear.f1, chance.clear, chance.passes)))
            one = budget_arrays([loss], sight, *ends, plan.rules)
            down, up = float(one.rate_down_mbps[0]), float(one.rate_up_mbps[0])
            key = int(one.verdict[0]), min(down, up), float(one.margin_db[0])
            ranked.append((*key, site.id, down, up, clear.needed_b_m))
        found[home.id] = sorted(ranked, key=lambda r: (-r[0], -r[1], -r[2], r[3]))
    return found


def test_each_home_has_the_tower_that_the_slow_way_finds_best(village):
    plan, surface, grid = village
    want = _slow(plan, surface, grid)
    verdicts = set()
    for home in service(Study(plan, surface, _sample()[1])):
        if home.home == "H98":  # by cable
            assert (home.site, home.works, home.verdict, home.margin_db) == ("T1", True, None, None)
            continue
        ranked = want[home.home]
        if not ranked:
            assert (home.site, home.verdict, home.margin_db, home.second_choice) == (None, None, None, None)
            continue
        verdict, _, margin, site, down, up, needed = ranked[0]
        assert home.site == site
        assert home.verdict == VERDICTS[verdict]
        assert home.margin_db == pytest.approx(margin, abs=0.01)
        assert (home.rate_down_mbps, home.rate_up_mbps) == (down, up)
        assert home.height_needed_m == pytest.approx(needed, rel=1e-4, abs=0.02)
        assert not home.served, "nobody is planned to serve it"
        second = ranked[1] if len(ranked) > 1 else None
        assert home.second_choice == (second and second[3])
        if second:
            assert home.second_verdict == VERDICTS[second[0]]
            assert home.second_margin_db == pytest.approx(second[2], abs=0.01)
        verdicts.add(home.verdict)
    assert len(verdicts) > 1


def test_any_number_of_threads_and_two_jobs_at_once_find_the_same(village):
    plan, surface, _ = village
    names = [one.name for one in dataclasses.fields(HomeService) if not one.name.startswith("_")]

    def job(pool):
        return [
            [getattr(one, name) for name in names] for one in service(Study(plan, surface, _sample()[1]), run=Run(pool))
        ]

    assert {"site", "margin_db", "height_needed_m"} <= set(names)
    alike(job, lambda one, two: one == two)
